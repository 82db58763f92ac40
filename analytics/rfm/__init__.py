"""Recency, frequency and monetary value: who is best, who is slipping away.

Each customer gets three scores from 1 (worst) to `bins` (best). Equal values always get equal
scores: score = 1 + floor(bins × customers strictly worse ÷ all customers). This differs from the
usual quantile cut (Hughes, Strategic Database Marketing, 1994), which splits customers of the
same value over two scores by the order of their rows.

Segments follow from R and FM = (F + M) / 2, rounded half up, on a grid of five by five; with
other numbers of bins a score stands at the middle of its share of the five. The eight names of
Chinese practice follow from whether R, F and M lie above the mean score.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.rfm.vocabulary import VOCABULARIES, Segment, Vocabulary
from analytics.store import Store, money

__all__ = [
    "NO_ORDER",
    "VOCABULARIES",
    "Kept",
    "Names",
    "Thresholds",
    "grid",
    "keep",
    "moves",
    "score",
    "segments",
]

Names = Literal["eleven", "six", "eight"]
Thresholds = Mapping[str, Sequence[float]]
Scores = npt.NDArray[np.int64]

CODE_VERSION = 1
MONEY_SCALE = 10_000
"""Money has four decimals."""
MEASURES = {"recency_days": "r", "frequency": "f", "monetary": "m"}
NO_ORDER = Segment(
    "Returns only",
    "no order before the day, only returns",
    "Nothing: what they returned was bought before the data begin.",
)
"""Customers without an order of their own: their returns count, but they have no scores."""


@dataclass(frozen=True)
class Kept:
    """Scores of all customers, kept in the store.

    Attributes:
        table: The name to hand to `store.query(tables={"scores": …})`.
        as_of: The day they are as of.
        bins: The best score.
        vocabulary: The segments' names, rules and advice, best first.
    """

    table: str
    as_of: date
    bins: int
    vocabulary: Vocabulary


def score(
    store: Store,
    as_of: date | None = None,
    bins: int = 5,
    thresholds: Thresholds | None = None,
    names: Names = "eleven",
) -> pd.DataFrame:
    """Score every customer who ordered before the as-of day.

    Args:
        store: The shop.
        as_of: Only what happened before this day counts; by default the day after the last order.
        bins: The best score, 3 to 10.
        thresholds: Own limits instead of equal shares: for each of `recency_days`, `frequency`
            and `monetary` as many rising numbers as there are steps between scores. A customer
            gains a step in R for each limit their recency is at or below, in F and M for each
            limit they reach.
        names: Which segment names, `eleven`, `six` or `eight`.

    Returns:
        DataFrame, a row a customer, sorted by customer_id: customer_id, recency_days (days),
        frequency (orders), monetary (money, exact), r, f, m (1 to bins; missing where all orders
        are gone), segment.

    Raises:
        NotEnoughDataError: Fewer customers than bins ordered before that day.
        AnalyticsError: Bins or thresholds make no sense.
    """
    columns = ["customer_id", *MEASURES, "r", "f", "m", "segment"]
    return _score(store, as_of or store.default_as_of(), bins, thresholds, names)[columns]


def keep(
    store: Store,
    as_of: date | None = None,
    bins: int = 5,
    thresholds: Thresholds | None = None,
    names: Names = "eleven",
) -> Kept:
    """The same scores as a kept table of the store, made only if it is not there yet.

    Raises:
        NotEnoughDataError, AnalyticsError: As for `score`.
    """
    day = as_of or store.default_as_of()
    best = _check(bins, thresholds)
    stamp = f"{store.version}_{day}_{best}_{_digest(thresholds)}_{names}_{CODE_VERSION}"
    table = store.kept("rfm", stamp)
    if table is None:
        scores = _score(store, day, bins, thresholds, names)
        table = store.keep("rfm", stamp, pa.Table.from_pandas(scores, preserve_index=False))
    return Kept(table, day, best, VOCABULARIES[names])


def segments(store: Store, kept: Kept) -> pd.DataFrame:
    """What each segment is worth.

    Returns:
        DataFrame, best segment first: segment, customers, customer_share (0 to 1), revenue
        (money, exact), revenue_share (0 to 1), median_recency_days, median_orders,
        average_order_value (money), rule, advice.
    """
    found = store.query("rfm_segments", tables={"scores": kept.table})
    by_name = {row.segment: row for row in found.itertuples(index=False)}
    counts = store.query("rfm_value_counts", tables={"scores": kept.table})
    medians = {
        (segment, measure): _weighted_median(group["value"], group["customers"])
        for (segment, measure), group in counts.groupby(["segment", "measure"])
    }
    customers, revenue = found["customers"].sum(), money(found["revenue"].sum())
    rows: list[dict[str, Any]] = []
    for segment in [*kept.vocabulary.segments, NO_ORDER]:
        if segment.name not in by_name:
            continue
        row: Any = by_name[segment.name]
        worth = money(row.revenue)
        rows.append(
            {
                "segment": segment.name,
                "customers": int(row.customers),
                "customer_share": row.customers / customers,
                "revenue": worth,
                "revenue_share": float(worth / revenue) if revenue else np.nan,
                "median_recency_days": medians.get((segment.name, "recency_days"), np.nan),
                "median_orders": medians.get((segment.name, "frequency"), np.nan),
                "average_order_value": float(worth) / row.orders if row.orders else np.nan,
                "rule": segment.rule,
                "advice": segment.advice,
            }
        )
    return pd.DataFrame(rows)


def grid(store: Store, kept: Kept) -> pd.DataFrame:
    """How many customers have which R and FM: DataFrame r, fm, customers, revenue (money)."""
    return store.query("rfm_grid", tables={"scores": kept.table})


def moves(store: Store, earlier: Kept, later: Kept) -> pd.DataFrame:
    """Who moved where between two as-of days.

    Returns:
        DataFrame from_segment (`Not yet a customer` for new ones), to_segment, customers, revenue
        (money by the later day).
    """
    return store.query("rfm_moves", tables={"earlier": earlier.table, "later": later.table})


def _score(
    store: Store, as_of: date, bins: int, thresholds: Thresholds | None, names: Names
) -> pd.DataFrame:
    bins = _check(bins, thresholds)
    frame = store.query("customer_totals", as_of=as_of)
    ordered = frame["frequency"].to_numpy() > 0
    if (customers := int(ordered.sum())) < bins:
        many = {0: "No customer", 1: "Only one customer"}.get(
            customers, f"Only {customers} customers"
        )
        raise NotEnoughDataError(
            f"{many} ordered before {as_of.day} {as_of:%B %Y}.",
            f"Choose a later day: {bins} scores need at least {bins} customers.",
        )
    scored: dict[str, Scores] = {}
    for measure, letter in MEASURES.items():
        values = _numbers(frame[measure])[ordered]
        limits = None if thresholds is None else np.asarray(thresholds[measure], dtype=float)
        scores = steps(-values if letter == "r" else values, bins, limits, negated=letter == "r")
        scored[letter] = scores
    scored["fm"] = (scored["f"] + scored["m"] + 1) // 2
    for letter, scores in scored.items():
        spread = np.zeros(len(frame), dtype=np.int64)
        spread[ordered] = scores
        frame[letter] = pd.arrays.IntegerArray(spread, ~ordered)
    frame["recency_days"] = frame["recency_days"].astype("Int64")
    named = np.full(len(frame), NO_ORDER.name, dtype=object)
    named[ordered] = VOCABULARIES[names].name(scored["r"], scored["f"], scored["m"], bins)
    frame["segment"] = named
    return frame


def _numbers(column: "pd.Series[Any]") -> npt.NDArray[np.float64]:
    """A column as floats; money as the nearest ones, which Arrow's own cast misses at times."""
    if not isinstance(column.dtype, pd.ArrowDtype):
        return column.to_numpy(dtype=float)
    near = pa.array(column).cast(pa.float64()).to_numpy()
    return np.rint(near * MONEY_SCALE) / MONEY_SCALE  # type: ignore[no-any-return]


def _check(bins: int, thresholds: Thresholds | None) -> int:
    """The best score; complains where the arguments make no sense."""
    if thresholds is None:
        if not 3 <= bins <= 10:
            raise AnalyticsError(f"{bins} scores are not possible.", "Choose 3 to 10.")
        return bins
    lengths = {len(thresholds.get(measure, ())) for measure in MEASURES}
    rising = all(
        (np.diff(np.asarray(limits, dtype=float)) > 0).all() for limits in thresholds.values()
    )
    if len(lengths) != 1 or not 2 <= max(lengths) <= 9 or not rising:
        raise AnalyticsError(
            "The limits do not fit together.",
            "Give recency, frequency and monetary value the same number of rising limits, 2 to 9.",
        )
    return lengths.pop() + 1


def _digest(thresholds: Thresholds | None) -> str:
    """What tells own limits from any others in the name of a kept table."""
    if thresholds is None:
        return "shares"
    limits = [[float(limit) for limit in thresholds[measure]] for measure in MEASURES]
    return hashlib.sha256(str(limits).encode()).hexdigest()[:16]


def steps(
    values: npt.NDArray[np.floating[Any]],
    bins: int,
    limits: npt.NDArray[np.floating[Any]] | None = None,
    *,
    negated: bool = False,
) -> Scores:
    """Scores of values of which more is better; equal values get equal scores.

    Args:
        values: One a customer, shape (n,).
        bins: The best score.
        limits: Own limits instead of equal shares, as for `score`.
        negated: Whether values and limits are of a measure of which less is better.

    Returns:
        1 to `bins`, shape (n,).
    """
    if limits is not None:
        ascending = np.sort(-limits) if negated else limits
        return 1 + np.searchsorted(ascending, values, side="right").astype(np.int64)
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    strictly_worse = np.cumsum(counts) - counts
    steps: Scores = (1 + bins * strictly_worse // len(values))[inverse]
    return steps


def _weighted_median(values: "pd.Series[Any]", weights: "pd.Series[Any]") -> float:
    """The median of values that occur so many times."""
    order = np.argsort(values.to_numpy(dtype=float))
    ascending = values.to_numpy(dtype=float)[order]
    reached = np.cumsum(weights.to_numpy(dtype=np.int64)[order])
    last = reached[-1]
    low, high = np.searchsorted(reached, [(last + 1) // 2, last // 2 + 1])
    return float((ascending[low] + ascending[high]) / 2)
