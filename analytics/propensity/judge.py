"""How good scores and probabilities are on the judged days, models and rules on the same customers.

AUC is how often, of one who did it and one who did not, the first is put before the second (Hanley
& McNeil 1982); average precision is the mean share of hits down the list; the calibration error is
how far probabilities lie from what happened, over ten groups of equal size. Intervals come from
resampling the customers, with the same draws for all methods (paired bootstrap, Efron & Tibshirani
1993). What a budget finds follows from one curve: how many of those who did it are among the first
so many of the list. Customers of equal score share their places.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.evaluate import SO_USED, Verdict, wilson, winner

Floats = npt.NDArray[np.float64]

RESAMPLES = 200
RESAMPLED_CUSTOMERS = 20_000
"""Of more customers a random part is resampled; its intervals are the wider ones."""
BINS = 10
MEASURES = ("auc", "average_precision", "log_loss", "calibration_error")
AT_A_BUDGET = ("precision", "recall", "f1", "accuracy")


@dataclass(frozen=True)
class Draws:
    """The judged customers, and how often each draw holds each of them.

    Attributes:
        did: 1 or 0, shape (n,).
        weights: Shape (draws, n); the first draw is everyone once.
    """

    did: Floats
    weights: Floats

    @classmethod
    def make(cls, did: Floats, resamples: int = RESAMPLES, seed: int = 0) -> "Draws":
        """Draw customers with replacement."""
        rng = np.random.default_rng(seed)
        count = len(did)
        weights = np.ones((resamples + 1, count))
        for place in range(1, resamples + 1):
            weights[place] = np.bincount(rng.integers(0, count, count), minlength=count)
        return cls(did, weights)


def _by_score(draws: Draws, scores: Floats) -> tuple[Floats, Floats]:
    """People, and those of them who did it, at each score, best first; (draws, scores) each."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    weights = draws.weights[:, order]
    people = np.add.reduceat(weights, starts, axis=1)
    hits = np.add.reduceat(weights * draws.did[order], starts, axis=1)
    return people, hits


def _over(above: Floats, below: Floats) -> Floats:
    """A quotient that is NaN where there is nothing to divide by."""
    return np.asarray(
        np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0)
    )


def order_measures(draws: Draws, scores: Floats) -> tuple[Floats, Floats]:
    """AUC and average precision of each draw; shape (draws,) each."""
    people, hits = _by_score(draws, scores)
    others = people - hits
    above = np.cumsum(hits, axis=1) - hits / 2
    all_hits, all_others = hits.sum(axis=1), others.sum(axis=1)
    auc = _over((others * above).sum(axis=1), all_hits * all_others)
    share = _over(np.cumsum(hits, axis=1), np.cumsum(people, axis=1))
    precision = _over((hits * np.nan_to_num(share)).sum(axis=1), all_hits)
    return auc, precision


def bins_of(chances: Floats, bins: int = BINS) -> npt.NDArray[np.int64]:
    """The group of about equal size each probability falls in; equal ones in the same."""
    _, inverse, counts = np.unique(chances, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts + 1) / 2
    groups = np.minimum((middle * bins / len(chances)).astype(np.int64), bins - 1)
    _, again = np.unique(groups[inverse], return_inverse=True)
    return np.asarray(again, dtype=np.int64)


def chance_measures(draws: Draws, chances: Floats) -> tuple[Floats, Floats]:
    """Log-loss and calibration error of each draw; shape (draws,) each."""
    clipped = np.clip(chances, 1e-12, 1 - 1e-12)
    losses = -np.where(draws.did > 0, np.log(clipped), np.log1p(-clipped))
    totals = draws.weights.sum(axis=1)
    groups = bins_of(chances)
    gaps = np.zeros(len(draws.weights))
    for group in range(groups.max() + 1):
        within = groups == group
        gaps += np.abs(draws.weights[:, within] @ (draws.did[within] - chances[within]))
    return draws.weights @ losses / totals, gaps / totals


def measures(
    did: Floats, scores: Mapping[str, Floats], chances: Mapping[str, Floats]
) -> pd.DataFrame:
    """Every method's measures on the same customers, with 95% intervals.

    Args:
        did: 1 or 0, shape (n,).
        scores: Of each method, shape (n,); the higher the likelier.
        chances: Their probabilities.

    Returns:
        DataFrame method, and for each of `MEASURES` its value, _lo and _hi.
    """
    draws = _some(did)
    rows = []
    for name in scores:
        row: dict[str, Any] = {"method": name}
        once = Draws(did, np.ones((1, len(did))))
        exact = (*order_measures(once, scores[name]), *chance_measures(once, chances[name]))
        part = _places(did)
        drawn = (
            *order_measures(draws, scores[name][part]),
            *chance_measures(draws, chances[name][part]),
        )
        for measure, value, values in zip(MEASURES, exact, drawn, strict=True):
            row |= {measure: float(value[0])} | _interval(measure, values[1:])
        rows.append(row)
    return pd.DataFrame(rows)


def _places(did: Floats) -> npt.NDArray[np.int64]:
    """The customers that are resampled: all, or of very many a random part."""
    if len(did) <= RESAMPLED_CUSTOMERS:
        return np.arange(len(did))
    return np.sort(
        np.random.default_rng(1).choice(len(did), RESAMPLED_CUSTOMERS, replace=False)
    )  # fmt: skip


def _some(did: Floats) -> Draws:
    return Draws.make(did[_places(did)])


def _interval(name: str, values: Floats) -> dict[str, float]:
    known = values[~np.isnan(values)]
    lo, hi = np.percentile(known, [2.5, 97.5]) if len(known) else (np.nan, np.nan)
    return {f"{name}_lo": float(lo), f"{name}_hi": float(hi)}


def gains(did: Floats, scores: Mapping[str, Floats]) -> pd.DataFrame:
    """How many of those who did it are among the first of each method's list.

    Returns:
        DataFrame method, share (of the customers, 0 to 1, first on the list), found_share (of
        those who did it), lo and hi (95% interval).
    """
    part, draws = _places(did), _some(did)
    steps = np.unique(np.r_[np.geomspace(1 / len(did), 1, 40), np.linspace(0, 1, 51)])
    frames = []
    for name, each in scores.items():
        once = Draws(did, np.ones((1, len(did))))
        found = _found(*_by_score(once, each), steps)[0]
        drawn = _found(*_by_score(draws, each[part]), steps)[1:]
        lo, hi = np.nanpercentile(drawn, [2.5, 97.5], axis=0)
        frames.append(
            pd.DataFrame({"method": name, "share": steps, "found_share": found, "lo": lo, "hi": hi})
        )
    return pd.concat(frames, ignore_index=True)


def _found(people: Floats, hits: Floats, steps: Floats) -> Floats:
    rows = []
    for folk, mine in zip(people, hits, strict=True):
        across = np.r_[0.0, np.cumsum(folk) / folk.sum()]
        up = np.r_[0.0, np.cumsum(mine) / mine.sum()] if mine.sum() else across * np.nan
        rows.append(np.interp(steps, across, up))
    return np.asarray(rows)


def at_budget(curve: pd.DataFrame, share: float, customers: int, did: int) -> pd.DataFrame:
    """What each method's list is worth where only its first are addressed.

    Args:
        curve: As `gains` returns it.
        share: How many of the customers are addressed, 0 to 1.
        customers: How many were judged.
        did: How many of them did it.

    Returns:
        DataFrame method, and for each of `AT_A_BUDGET` its value, _lo and _hi; lift (how much more
        often than the average customer the addressed did it).
    """
    addressed = share * customers
    rows = []
    for name, own in curve.groupby("method", sort=False):
        row: dict[str, Any] = {"method": name}
        for ending, column in (("", "found_share"), ("_lo", "lo"), ("_hi", "hi")):
            recall = float(np.interp(share, own["share"], own[column]))
            hits = recall * did
            row[f"precision{ending}"] = hits / addressed if addressed else np.nan
            row[f"recall{ending}"] = recall
            row[f"f1{ending}"] = 2 * hits / (addressed + did)
            row[f"accuracy{ending}"] = (customers - did - addressed + 2 * hits) / customers
        row["lift"] = row["recall"] / share if share else np.nan
        rows.append(row)
    return pd.DataFrame(rows)


def calibration(did: Floats, chances: Floats) -> pd.DataFrame:
    """What was foretold beside what happened, in ten groups of about equal size.

    Returns:
        DataFrame foretold_share, happened_share, lo and hi (95% interval of Wilson 1927),
        customers.
    """
    groups = bins_of(chances)
    count = np.bincount(groups).astype(float)
    rate = np.bincount(groups, did) / count
    lo, hi = wilson(np.bincount(groups, did), count)
    return pd.DataFrame(
        {
            "foretold_share": np.bincount(groups, chances) / count,
            "happened_share": rate,
            "lo": lo,
            "hi": hi,
            "customers": count.astype(int),
        }
    )


def verdict(
    did: Floats, model: Floats, rule: Floats, *, of_model: str, of_rule: str, words: str
) -> Verdict:
    """Whether the model orders customers better than the rule, by AUC.

    Args:
        did: 1 or 0, shape (n,).
        model: The model's scores.
        rule: The rule's.
        of_model: What the model is called.
        of_rule: What the rule is called.
        words: What they do, as in `order in the next 30 days`.
    """
    once = Draws(did, np.ones((1, len(did))))
    reached, against = (float(order_measures(once, each)[0][0]) for each in (model, rule))
    part, draws = _places(did), _some(did)
    leads = order_measures(draws, model[part])[0][1:] - order_measures(draws, rule[part])[0][1:]
    interval = _interval("lead", leads)
    lo, hi = interval["lead_lo"], interval["lead_hi"]
    better = winner(lo, hi)
    sentence = (
        f"Of a customer who did {words} and one who did not, {of_model} put the right one first in "
        f"{100 * reached:.1f} of 100 pairs, the best rule ({of_rule}) in {100 * against:.1f} "
        f"(the difference lies between {100 * lo:+.1f} and {100 * hi:+.1f}), {SO_USED[better]}."
    )
    return Verdict(of_model, of_rule, "AUC", reached, against, lo, hi, better, sentence)
