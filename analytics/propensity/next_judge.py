"""How well the next action was foretold at the judged steps, all ways on the same ones.

The log-loss is minus the mean logarithm of the probability given to what came. For each action
apart: recall is how many of the steps it followed had it as the likeliest; AUC, how often of a step
it followed and one it did not the first was given more (Hanley & McNeil 1982); and found, how many
it followed are among as many steps likeliest to be followed by it. Macro-F1 is the mean of the
actions' F1. Intervals come from drawing customers with replacement, all their steps together, the
same draws for all ways (Field & Welsh, Bootstrapping clustered data, 2007).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from analytics.evaluate import SO_USED, Verdict, winner
from analytics.propensity.next_chain import Floats
from analytics.propensity.next_moments import Flags, Ints

RESAMPLES, ORDER_RESAMPLES = 400, 60
GROUPS = np.r_[np.linspace(0, 0.9, 200), 1 - np.geomspace(0.1, 1e-4, 200)]
"""For the draws, steps of about equal score are put together at these quantiles, the highest most
finely: how far an order may be off needs no more."""
FEWEST_CUSTOMERS = 10
"""Fewer customers tell nothing of how others differ: no interval, and the rule is used."""
SEED = 0


@dataclass(frozen=True)
class Judged:
    """The judged steps.

    Attributes:
        actions: What each action is called.
        customer: Whose each step is, 0 to customers - 1, shape (n,).
        follows: Which action came next, shape (n,).
        draws: How often each customer is drawn, the first draw everyone once, shape (draws,
            customers).
    """

    actions: tuple[str, ...]
    customer: Ints
    follows: Ints
    draws: Floats

    @classmethod
    def make(cls, actions: tuple[str, ...], customer: Ints, follows: Ints) -> "Judged":
        """Number the customers, and draw them."""
        folk, code = np.unique(customer, return_inverse=True)
        rng, count = np.random.default_rng(SEED), len(folk)
        draws = np.ones((RESAMPLES + 1, count))
        for place in range(1, RESAMPLES + 1):
            draws[place] = np.bincount(rng.integers(0, count, count), minlength=count)
        return cls(actions, np.asarray(code, np.int64), follows, draws)

    @property
    def enough(self) -> bool:
        """Whether there are customers enough for intervals."""
        return bool(self.draws.shape[1] >= FEWEST_CUSTOMERS)

    def sums(self, values: Any) -> Floats:
        """The sum of a figure of the steps in each draw, shape (draws,)."""
        own = np.bincount(self.customer, np.asarray(values, float), self.draws.shape[1])
        return np.asarray(self.draws @ own)


def losses(chances: Floats, follows: Ints) -> Floats:
    """Minus the logarithm of what was given to the action that came, shape (n,)."""
    return np.asarray(-np.log(chances[np.arange(len(follows)), follows]))


def _over(above: Floats, below: Floats) -> Floats:
    whole = np.full(np.shape(above), np.nan)
    return np.asarray(np.divide(above, below, out=whole, where=below > 0))


def measures(judged: Judged, chances: Mapping[str, Floats]) -> pd.DataFrame:
    """Every way's measures, each with _lo and _hi (95%; missing with too few customers).

    Args:
        judged: The steps.
        chances: Of each way the probability of each action, shape (n, actions).

    Returns:
        DataFrame method, log_loss, macro_f1, and of each action that came recall_…, auc_…, found_…;
        last accuracy.
    """
    rows = []
    for name, each in chances.items():
        row: dict[str, Any] = {"method": name}
        row |= _value(judged, "log_loss", _over(
            judged.sums(losses(each, judged.follows)), judged.sums(np.ones(len(each)))
        ))  # fmt: skip
        named = each.argmax(axis=1)
        scores: list[Floats] = []
        parts: dict[str, float] = {}
        for code, action in enumerate(judged.actions):
            came = judged.follows == code
            if not came.any():
                continue
            right, all_came = judged.sums(came & (named == code)), judged.sums(came)
            scores.append(_over(2 * right, all_came + judged.sums(named == code)))
            parts |= _value(judged, f"recall_{action}", _over(right, all_came))
            parts |= _order(judged, action, came, each[:, code])
        row |= _value(judged, "macro_f1", np.nan_to_num(np.asarray(scores)).mean(axis=0)) | parts
        right = judged.sums(named == judged.follows)
        row |= _value(judged, "accuracy", right / judged.sums(np.ones(len(each))))
        rows.append(row)
    return pd.DataFrame(rows)


def _value(judged: Judged, name: str, values: Floats) -> dict[str, float]:
    """A measure and its interval, from its value in each draw."""
    known = values[1:][~np.isnan(values[1:])]
    lo, hi = (np.nan, np.nan)
    if judged.enough and len(known):
        lo, hi = np.percentile(known, [2.5, 97.5])
    return {name: float(values[0]), f"{name}_lo": float(lo), f"{name}_hi": float(hi)}


def _order(judged: Judged, action: str, came: Flags, scores: Floats) -> dict[str, float]:
    """How well steps are ordered by the probability of one action."""
    once = np.ones((1, len(came)))
    whole = ordered(came, once, scores)
    drawn: list[Floats] = [np.empty(0), np.empty(0)]
    if judged.enough:
        groups = np.searchsorted(np.unique(np.quantile(scores, GROUPS)), scores).astype(float)
        weights = judged.draws[1 : ORDER_RESAMPLES + 1][:, judged.customer]
        rough = zip(ordered(came, weights, groups), ordered(came, once, groups), strict=True)
        # What putting steps together takes off is the same in all draws.
        drawn = [
            np.clip(some + (exact - every), 0, 1)
            for (some, every), exact in zip(rough, whole, strict=True)
        ]
    auc, found = (np.r_[every, some] for every, some in zip(whole, drawn, strict=True))
    return _value(judged, f"auc_{action}", auc) | _value(judged, f"found_{action}", found)


def ordered(came: Flags, weights: Floats, scores: Floats) -> tuple[Floats, Floats]:
    """AUC, and what is found among as many of the highest as it followed, in each draw.

    Args:
        came: Whether the action followed each step, shape (n,).
        weights: How often each step counts, shape (draws, n).
        scores: The higher the likelier; steps of equal score share their places, shape (n,).

    Returns:
        Shape (draws,) each; NaN where it followed all steps or none.
    """
    order = np.argsort(-scores, kind="stable")
    ranked, sorted_weights = scores[order], weights[:, order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    people = np.add.reduceat(sorted_weights, starts, axis=1)
    hits = np.add.reduceat(sorted_weights * came[order], starts, axis=1)
    others, all_hits = people - hits, hits.sum(axis=1)
    reached = np.cumsum(hits, axis=1)
    auc = _over(
        (others * (reached - hits / 2)).sum(axis=1), all_hits * (people.sum(axis=1) - all_hits)
    )
    among = np.cumsum(people, axis=1)
    first = [
        np.interp(wanted, np.r_[0.0, along], np.r_[0.0, up])
        for wanted, along, up in zip(all_hits, among, reached, strict=True)
    ]
    return auc, _over(np.asarray(first), all_hits)


def verdict(
    judged: Judged, model: Floats, rule: Floats, *, of_model: str, of_rule: str, models: int = 1
) -> Verdict:
    """Whether a model foretells what came clearly better than the rule, by log-loss.

    Args:
        judged: The steps.
        model: The model's probabilities, shape (n, actions).
        rule: The rule's.
        of_model: What the model is called.
        of_rule: What the rule is called.
        models: Of how many models it is the best: its lead must be the surer (Bonferroni).
    """
    each = [losses(chances, judged.follows) for chances in (model, rule)]
    steps = judged.sums(np.ones(len(model)))
    reached, against = (float(judged.sums(loss)[0] / steps[0]) for loss in each)
    leads = judged.sums(each[1] - each[0]) / steps
    half = float(norm.ppf(1 - 0.025 / models) * leads[1:].std()) if judged.enough else np.nan
    lo, hi = float(leads[0]) - half, float(leads[0]) + half
    better = winner(lo, hi)
    way = "below" if reached <= against else "above"
    how_sure = (
        f"the difference lies between {_percent(lo / against)} and {_percent(hi / against)}"
        if judged.enough
        else "of too few customers to be sure"
    )
    sentence = (
        f"To what really came next, {of_model} gave a chance of {np.exp(-reached):.1%} on average, "
        f"the rule ({of_rule}) {np.exp(-against):.1%}: its log-loss of {reached:.3f} is "
        f"{abs(1 - reached / against):.1%} {way} {against:.3f} ({how_sure}), {SO_USED[better]}."
    )
    return Verdict(
        of_model, of_rule, "mean log-likelihood", -reached, -against, lo, hi, better, sentence
    )


def _percent(share: float) -> str:
    """A share with its sign.

    >>> _percent(0.0123), _percent(-0.0001)
    ('+1.2%', '+0.0%')
    """
    return f"{round(100 * share, 1) + 0.0:+.1f}%"
