"""What a shop's earlier new products tell of whom to tell about the next one.

Nobody has bought a new product, so its customers can be told only by what it is like. For each of
the shop's earlier ones, what each customer had bought (or looked at) of the like before its first
week is set beside who bought it in its first four weeks: a logistic regression learns how much each
part tells. It is judged on the later three quarters of the launches, each quarter by what was
learnt from those before it, beside the rules a shopkeeper would use (the RFM score; how much
customers bought lately). It is used only where its lead over the better rule leaves out 0.

Every part is brought to mean 0 and spread 1 among the customers of that moment, so that what holds
for a product of a common kind holds for one of a rare kind. Intervals are Student's, over products.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats
from sklearn.linear_model import LogisticRegression

from analytics.evaluate import auc
from analytics.recommend.history import Floats, check_signals
from analytics.recommend.moments import FIRST_DAYS, STEP_DAYS, Launch, launches
from analytics.store import Store

FEWEST = 4
"""New products to learn from, and to be judged on, at least."""
TURNS = 4
OTHERS = 2_000
"""Customers who did not buy, of whom a launch is learnt from at most."""
TOP_SHARE = 0.05
SEED = 0

LABELS: Mapping[str, str] = {
    "blend": "What customers bought of the like",
    "rfm": "RFM score",
    "activity": "How much they bought lately",
}
WORDS: Mapping[str, str] = {"rfm": "their RFM score", "activity": "how much they bought lately"}
EVIDENCE = (
    *("method", "label", "auc", "auc_lo", "auc_hi"),
    *("lift_top_5", "lift_top_5_lo", "lift_top_5_hi", "products", "buyers"),
)


@dataclass(frozen=True)
class PastLaunches:
    """What earlier new products tell.

    Attributes:
        as_of: Only what happened before this day counts.
        evidence: Methods judged on the later three quarters of the earlier new products: method
            (blend, rfm, activity), label, auc, auc_lo, auc_hi (0.5 is chance), lift_top_5,
            lift_top_5_lo, lift_top_5_hi (buyers among the first 5% of the list ÷ as many by
            chance), products, buyers; with 95% intervals over products. Empty where there were too
            few.
        used: The method in use.
        rule: The rule it was held against: the RFM score, unless how much customers bought lately
            is clearly better.
        verdict: Why.
        weights: What each of `FEATURES` is worth in the blend; None where it is not in use.
    """

    as_of: date
    evidence: pd.DataFrame
    used: str
    rule: str
    verdict: str
    weights: Floats | None


def past_launches(
    store: Store, as_of: date | None = None, signals: Mapping[str, float] | None = None
) -> PastLaunches:
    """Learn from the shop's earlier new products whom to tell about the next.

    Args:
        store: The shop.
        as_of: Only what happened before this day counts; by default the day after the last order.
        signals: The weight of purchases and events, as for `fit`.
    """
    day = as_of or store.default_as_of()
    steps = launches(store, day, check_signals(signals))
    everything = [launch for _, each in steps for launch in each]
    tested: list[Launch] = []
    blended: list[Floats] = []
    for learnt, judged in _turns(steps):
        weights = _learn(learnt)
        tested += judged
        blended += [launch.features @ weights for launch in judged]
    has_orders = len(store.query("customer_totals", as_of=day)) > 0
    if len(tested) < FEWEST:
        rule = "rfm" if has_orders else "activity"
        verdict = _too_few(len(everything), rule)
        return PastLaunches(day, pd.DataFrame(columns=list(EVIDENCE)), rule, rule, verdict, None)
    scores = {"blend": blended}
    if has_orders:
        scores["rfm"] = [launch.rfm for launch in tested]
    scores["activity"] = [launch.activity for launch in tested]
    bought = [launch.bought for launch in tested]
    aucs = {name: _each(auc, bought, each) for name, each in scores.items()}
    lifts = {name: _each(lift, bought, each) for name, each in scores.items()}
    buyers = int(sum(each.sum() for each in bought))
    evidence = pd.DataFrame(
        [
            (name, LABELS[name], *interval(aucs[name]), *interval(lifts[name]), len(tested), buyers)
            for name in scores
        ],
        columns=list(EVIDENCE),
    )
    better = not has_orders or interval(aucs["activity"] - aucs["rfm"])[1] > 0
    rule = "activity" if better else "rfm"
    lead = interval(aucs["blend"] - aucs[rule])
    used = "blend" if lead[1] > 0 else rule
    verdict = _sentence(evidence.set_index("method"), used, rule, lead)
    return PastLaunches(
        day, evidence, used, rule, verdict, _learn(everything) if used == "blend" else None
    )


def lift(bought: npt.NDArray[np.bool_], score: Floats, share: float = TOP_SHARE) -> float:
    """Buyers among the first of a list ÷ as many by chance; equal scores share their buyers.

    >>> lift(np.array([True, False, False, False]), np.array([9.0, 5.0, 5.0, 5.0]), 0.5)
    2.0
    """
    size = max(1, round(share * len(score)))
    last = -np.sort(-score)[size - 1]
    above, level = score > last, score == last
    held = bought[above].sum() + bought[level].sum() * (size - above.sum()) / level.sum()
    return float(held / bought.sum() / (size / len(score)))


def interval(values: Floats) -> tuple[float, float, float]:
    """The mean of some products' values, and its 95% interval (Student's t)."""
    mean, count = float(values.mean()), len(values)
    reach = float(stats.t.ppf(0.975, count - 1) * values.std(ddof=1) / np.sqrt(count))
    return mean, mean - reach, mean + reach


def _each(
    measure: Callable[[npt.NDArray[np.bool_], Floats], float],
    bought: Sequence[npt.NDArray[np.bool_]],
    scores: Sequence[Floats],
) -> Floats:
    return np.array([measure(who, score) for who, score in zip(bought, scores, strict=True)])


def _turns(
    steps: Sequence[tuple[date, list[Launch]]],
) -> Iterator[tuple[list[Launch], list[Launch]]]:
    """For each later quarter of the launches, those to learn from, and itself.

    To be learnt from, all buyers of a launch must have been known before the quarter began.
    """
    before = np.cumsum([0, *(len(each) for _, each in steps)])
    starts = [int(np.searchsorted(before, before[-1] * turn / TURNS)) for turn in range(1, TURNS)]
    for start, stop in zip(starts, [*starts[1:], len(steps)], strict=True):
        if start < stop:
            known_by = steps[start][0] - timedelta(days=FIRST_DAYS + STEP_DAYS)
            learnt = [launch for day, each in steps for launch in each if day <= known_by]
            if len(learnt) >= FEWEST:
                yield learnt, [launch for _, each in steps[start:stop] for launch in each]


def _learn(among: Sequence[Launch]) -> Floats:
    """What each feature is worth; each launch counts the same however many bought it."""
    rng = np.random.default_rng(SEED)
    parts, labels, weights = [], [], []
    for launch in among:
        buyers, others = np.flatnonzero(launch.bought), np.flatnonzero(~launch.bought)
        drawn = others
        if len(others) > OTHERS:
            drawn = np.sort(rng.choice(others, OTHERS, replace=False))
        parts.append(launch.features[np.concatenate([buyers, drawn])])
        labels.append(np.repeat([True, False], [len(buyers), len(drawn)]))
        weights.append(
            np.repeat([1.0, len(others) / len(drawn)], [len(buyers), len(drawn)]) / len(buyers)
        )
    weight = np.concatenate(weights)
    model = LogisticRegression(C=1.0, max_iter=500)
    model.fit(np.concatenate(parts), np.concatenate(labels), sample_weight=weight / weight.mean())
    return np.asarray(model.coef_[0], dtype=float)


def _too_few(count: int, rule: str) -> str:
    many = {0: "No earlier new product was", 1: "Only one earlier new product was"}.get(
        count, f"Only {count} earlier new products were"
    )
    return (
        f"{many} bought by enough known customers in the first four weeks to try out whom to tell; "
        f"it takes some ten. So customers come by {WORDS[rule]}, until there are more."
    )


def _sentence(
    evidence: pd.DataFrame, used: str, rule: str, lead: tuple[float, float, float]
) -> str:
    blend, other = (evidence.astype(object).loc[name] for name in ("blend", rule))
    figures = (
        f"the first 5% of such lists held {blend['lift_top_5']:.1f} times as many buyers as "
        f"chance, against {other['lift_top_5']:.1f} times (a buyer stood above another customer in "
        f"{blend['auc']:.0%} against {other['auc']:.0%} of cases; the difference lies between "
        f"{100 * lead[1]:+.1f} and {100 * lead[2]:+.1f} points)"
    )
    begin = (
        f"Tried on the {blend['products']} latest new products, what customers bought of the like"
    )
    if used == "blend":
        return f"{begin} told buyers best: {figures}. So it is used."
    return (
        f"{begin} did not tell buyers clearly better than {WORDS[rule]}: {figures}. So customers "
        f"come by {WORDS[rule]}."
    )
