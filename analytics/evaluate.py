"""Whether a model beats the simple rule on what neither has seen.

Rankings of customers by what they will bring are judged by the normalised Gini coefficient: how
much of the money lies with those ranked first, 1 for the best possible order and 0 for chance. It
is the accuracy ratio of Engelmann, Hayden & Tasche (Testing rating accuracy, Risk 16, 2003) with
money in the place of defaults. Model and rule are compared on the same customers, and the interval
of their difference comes from resampling those customers (paired bootstrap, Efron & Tibshirani
1993).
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

Floats = npt.NDArray[np.float64]
Winner = Literal["model", "rule", "neither"]
Z95 = 1.959963984540054
"""So many standard errors to each side make a 95% interval."""
SO_USED: dict[Winner, str] = {
    "model": "so the model is used",
    "rule": "so the rule is used",
    "neither": "which may be chance, so the rule is used",
}
"""How a sentence on a model beside the rule ends."""

RESAMPLES = 300
RESAMPLED_CUSTOMERS = 20_000
"""Of more customers a random part is resampled; its interval is the wider one."""


@dataclass(frozen=True)
class Verdict:
    """A model beside the rule.

    Attributes:
        model: What the model is called.
        rule: What the rule is called.
        measure: What both are judged by.
        model_score: The model's, the higher the better.
        rule_score: The rule's.
        lo: Lower end of the 95% interval of the model's lead.
        hi: Upper end.
        winner: `model` or `rule` where the interval leaves out 0, else `neither`.
        sentence: The same in words.
    """

    model: str
    rule: str
    measure: str
    model_score: float
    rule_score: float
    lo: float
    hi: float
    winner: Winner
    sentence: str


def winner(lo: float, hi: float) -> Winner:
    """Which is better, by the interval of the model's lead over the rule."""
    return "model" if lo > 0 else "rule" if hi < 0 else "neither"


def paired_lead(model: Floats, rule: Floats) -> tuple[float, float, float]:
    """By how much the model was less wrong than the rule, on the same customers.

    Args:
        model: Its errors, shape (n,).
        rule: Those of the rule.

    Returns:
        The mean difference, and its 95% interval by the standard error of the differences.
    """
    lead = rule - model
    mean, half = float(lead.mean()), Z95 * float(lead.std(ddof=1)) / len(lead) ** 0.5
    return mean, mean - half, mean + half


def auc(did: npt.ArrayLike, score: npt.ArrayLike) -> float:
    """The chance that one who did it stands above one who did not; equal scores count half.

    Source: Hanley & McNeil, Radiology 143 (1982). NaN where all or none did it.

    >>> auc([False, True, False], [1.0, 2.0, 2.0])
    0.75
    """
    those = np.asarray(did, dtype=float) > 0
    ranks, hits = rankdata(np.asarray(score, dtype=float)), int(those.sum())
    if not 0 < hits < len(those):
        return float("nan")
    above = ranks[those].sum() - hits * (hits + 1) / 2
    return float(above / (hits * (len(those) - hits)))


def wilson(successes: npt.ArrayLike, n: npt.ArrayLike, reach: float = Z95) -> tuple[Any, Any]:
    """Wilson's interval of a rate, or of each of several; 95% by default.

    Args:
        successes: How many did it.
        n: Of how many.
        reach: So many standard errors to each side.

    Source: Wilson, Journal of the American Statistical Association 22 (1927).

    >>> [float(round(end, 4)) for end in wilson(81, 263)]
    [0.2553, 0.3662]
    """
    count = np.asarray(n, dtype=float)
    p, z = np.asarray(successes, dtype=float) / count, reach * reach / count
    half = np.sqrt(p * (1 - p) * z + z * z / 4)
    return (p + z / 2 - half) / (1 + z), (p + z / 2 + half) / (1 + z)


def normalised_gini(
    value: npt.ArrayLike, score: npt.ArrayLike, weight: npt.ArrayLike | None = None
) -> float:
    """How well a score orders customers by a value: 1 at best, 0 for chance, negative if reversed.

    Customers of equal score share what they bring, so that their order does not matter.

    Args:
        value: What each customer brought, shape (n,).
        score: What was expected, shape (n,).
        weight: How often each customer counts; once by default.

    Returns:
        NaN where the values do not differ or do not add up to more than nothing.

    >>> normalised_gini([0, 1, 5], [1, 2, 3]), normalised_gini([0, 1, 5], [7, 7, 7])
    (1.0, 0.0)
    """
    values, scores = np.asarray(value, dtype=float), np.asarray(score, dtype=float)
    weights = np.ones(len(values)) if weight is None else np.asarray(weight, dtype=float)
    best = _gini(values, values, weights)
    return _gini(values, scores, weights) / best if best > 1e-12 else float("nan")


def _gini(values: Floats, scores: Floats, weights: Floats) -> float:
    """Twice the area between the curve of money over customers, best first, and the diagonal."""
    _, group = np.unique(-scores, return_inverse=True)
    people = np.bincount(group, weights)
    money = np.bincount(group, weights * values)
    if not money.sum() > 0:
        return float("nan")
    across = np.concatenate([[0.0], np.cumsum(people) / people.sum()])
    up = np.concatenate([[0.0], np.cumsum(money) / money.sum()])
    return float(np.sum(np.diff(across) * (up[1:] + up[:-1])) - 1.0)


def compare(
    value: npt.ArrayLike,
    model_score: npt.ArrayLike,
    rule_score: npt.ArrayLike,
    *,
    model: str,
    rule: str,
    outcome: str,
    seed: int = 0,
) -> Verdict:
    """Judge a model's ranking beside the rule's on the same customers.

    Args:
        value: What each customer brought afterwards, shape (n,).
        model_score: What the model expected of each.
        rule_score: What the rule expected of each.
        model: What the model is called, as the plural subject of a sentence.
        rule: What the rule is called, likewise.
        outcome: What was to be ranked, as in `revenue of the next 90 days`.
        seed: For the resampling.
    """
    values = np.asarray(value, dtype=float)
    scores = [np.asarray(each, dtype=float) for each in (model_score, rule_score)]
    reached, of_rule = (normalised_gini(values, each) for each in scores)
    rng = np.random.default_rng(seed)
    if len(values) > RESAMPLED_CUSTOMERS:
        part = rng.choice(len(values), RESAMPLED_CUSTOMERS, replace=False)
        values, scores = values[part], [each[part] for each in scores]
    leads = np.empty(RESAMPLES)
    for place in range(RESAMPLES):
        weights = np.bincount(rng.integers(0, len(values), len(values)), minlength=len(values))
        leads[place] = normalised_gini(values, scores[0], weights) - normalised_gini(
            values, scores[1], weights
        )
    lo, hi = (float(end) for end in np.nanpercentile(leads, [2.5, 97.5]))
    better = winner(lo, hi)
    words = {"model": "better than", "rule": "worse than", "neither": "no better than"}[better]
    sentence = (
        f"{model} rank customers by the {outcome} {words} {rule}: {reached:.2f} against "
        f"{of_rule:.2f}, where 1 is the best possible order and 0 chance "
        f"(the difference lies between {lo:+.2f} and {hi:+.2f})."
    )
    return Verdict(
        model, rule, "normalised Gini coefficient", reached, of_rule, lo, hi, better, sentence
    )
