"""Lines and customers unlike the rest, by three methods; nothing is ever taken out of the store.

Quantities, prices and totals of a shop are skewed: many small ones and a long tail. On their
logarithms the tail is about as long as the other side, so that fences and distances mean the
same on both, and a factor of ten counts the same whether from 2 to 20 or from 20 to 200. A line
is compared with its product: each value is taken relative to the median over the product's lines
where there are at least five of them, else relative to the median over all lines of the shop.

- Interquartile range: outside Tukey's inner fences (Exploratory Data Analysis, 1977), more than
  1.5 ranges below the first or above the third quartile. The score is that distance in ranges.
  We differ in that a range counts as ln 3 at least: where most lines have one quantity, the
  range is 0 and every other line would lie outside.
- Isolation forest (Liu, Ting & Zhou, Isolation Forest, ICDM 2008): 100 trees of 256 lines; the
  score is the paper's s, and above 0.65 is outside: at the paper's 0.6, "potential anomalies", one
  line in seventeen of an ordinary shop would be.
- Local outlier factor (Breunig, Kriegel, Ng & Sander, SIGMOD 2000): how much thinner a line's
  neighbourhood is than its neighbours'. The score is the factor, and more than 2 is outside. We
  take each combination of values once, as in the paper's k-distinct-distance, and one that more
  lines share than there are neighbours is no outlier.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store

Method = Literal["interquartile", "isolation_forest", "local_outlier_factor"]
By = Literal["line", "customer"]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

METHODS: tuple[Method, ...] = get_args(Method)
LIMITS: dict[Method, float] = {
    "interquartile": 1.5,
    "isolation_forest": 0.65,
    "local_outlier_factor": 2.0,
}
"""From which score on a method calls something an outlier."""
LEAST_RANGE = float(np.log(3))
LEAST_ROWS = 10
SAMPLE: dict[Method, int] = {
    "interquartile": 0,
    "isolation_forest": 200_000,
    "local_outlier_factor": 50_000,
}
"""How many rows a method learns from at most; 0 where it needs none."""
DECIMALS = 9
"""To how many decimals logarithms are the same point."""
LINE_COLUMNS = [
    "order_id", "customer_id", "product_id", "ordered_at", "quantity", "unit_price", "amount",
]  # fmt: skip
NAMES = {
    "quantity": "quantity",
    "price": "unit price",
    "amount": "line total",
    "orders": "orders",
    "revenue": "revenue",
    "order_value": "average order",
}


@dataclass(frozen=True)
class Outliers:
    """What a method flags.

    Attributes:
        frame: DataFrame of the outliers, most money first. By line: order_id, customer_id,
            product_id, ordered_at, quantity, unit_price, amount (money, exact: line total), score,
            reason. By customer: customer_id, orders, amount (money, exact: revenue), score, reason.
        looked_at: How many lines or customers were judged.
        of: How many there are: lines that count, bring money and are no return; customers whose
            orders brought money.
        learned_from: How many the method's idea of the usual comes from.
        method: The method.
        by: `line` or `customer`.
    """

    frame: pd.DataFrame
    looked_at: int
    of: int
    learned_from: int
    method: Method
    by: By


@dataclass(frozen=True)
class _Rows:
    """What is judged: the rows, and for each measure its value, the usual one, how far beyond.

    Attributes:
        frame: The rows as they are shown.
        values: For each measure the values; NaN where unknown.
        usual: For each measure the usual values.
        beyond: For each measure the distance from the nearer quartile in interquartile ranges.
        whose: What the usual value is of, a row.
        sampled: Which rows belong to the even sample.
        of: How many rows there are in all.
    """

    frame: pd.DataFrame
    values: Mapping[str, Floats]
    usual: Mapping[str, Floats]
    beyond: Mapping[str, Floats]
    whose: list[str]
    sampled: Flags
    of: int


def outliers(
    store: Store,
    method: Method = "interquartile",
    by: By = "line",
    *,
    sample: int | None = None,
    neighbours: int = 20,
    seed: int = 0,
) -> Outliers:
    """Lines or customers unlike the rest, most money first. The store stays as it is.

    The interquartile range looks at everything. The other two learn from an even sample where
    there are more than `sample` rows, and then judge the sample and every row outside of Tukey's
    fences: `looked_at` and `learned_from` say how many.

    Args:
        store: The shop.
        method: `interquartile`, `isolation_forest` or `local_outlier_factor`.
        by: `line`: order lines by quantity, price and total, each relative to the product's
            usual one. `customer`: customers by orders, revenue and average order.
        sample: How many rows to learn from at most; 200,000 for the forest and 50,000 for the
            local outlier factor.
        neighbours: How many neighbours the local outlier factor compares with.
        seed: Of the forest's draws; the same seed gives the same answer.

    Raises:
        NotEnoughDataError: Fewer than ten rows.
        AnalyticsError: There is no such method, or a number is too small.
    """
    if method not in METHODS or by not in get_args(By):
        raise AnalyticsError(
            f"Outliers cannot be looked for by “{method}” and “{by}”.",
            f"Choose among {', '.join(METHODS)}, by line or customer.",
        )
    sample = SAMPLE[method] if sample is None else sample
    if sample < 0 or neighbours < 1 or (method != "interquartile" and sample < LEAST_ROWS):
        raise AnalyticsError(
            "The sample or the number of neighbours is too small.",
            f"Take at least {LEAST_ROWS} rows and 1 neighbour.",
        )
    rows = _lines(store, sample) if by == "line" else _customers(store, sample)
    if rows.of < LEAST_ROWS:
        things = "order lines" if by == "line" else "customers"
        raise NotEnoughDataError(
            f"There are only {rows.of} {things} with money to compare.",
            f"Import more orders: it takes {LEAST_ROWS}.",
        )
    return _judge(rows, method, by, neighbours, seed)


def _judge(rows: _Rows, method: Method, by: By, neighbours: int, seed: int) -> Outliers:
    learned = rows.of if method == "interquartile" else int(rows.sampled.sum())
    looked_at = rows.of if method == "interquartile" else len(rows.frame)
    if method == "interquartile":
        scores = np.fmax.reduce([*rows.beyond.values(), np.zeros(len(rows.frame))])
    elif method == "isolation_forest":
        scores = _isolation(_features(rows), rows.sampled, seed)
    else:
        scores = _local_factor(_features(rows), rows.sampled, neighbours)
    flagged = np.flatnonzero(scores > LIMITS[method])
    frame = rows.frame.iloc[flagged].copy()
    frame["score"] = scores[flagged]
    frame["reason"] = [_reason(rows, int(place)) for place in flagged]
    keys = ["customer_id"] if by == "customer" else ["order_id", "product_id", "quantity"]
    frame = frame.sort_values(["amount", *keys], ascending=[False, *(True for _ in keys)])
    return Outliers(frame.reset_index(drop=True), looked_at, rows.of, learned, method, by)


def _lines(store: Store, sample: int) -> _Rows:
    """The lines in the sample and those outside the fences."""
    found = store.query("quality_lines", limit=max(sample, LEAST_ROWS))
    quantity, amount = _floats(found["quantity"]), _floats(found["amount"])
    quantity = np.where(quantity > 0, quantity, np.nan)
    given = _floats(found["unit_price"])
    price = np.where(given > 0, given, np.where(np.isnan(given), amount / quantity, np.nan))
    measures = {"quantity": quantity, "price": price, "amount": amount}
    return _Rows(
        found[LINE_COLUMNS],
        measures,
        {name: _floats(found[f"usual_{name}"]) for name in measures},
        {name: _floats(found[f"{name}_beyond"]) for name in measures},
        ["for this product" if own else "of the shop" for own in found["is_own"]],
        found["is_sampled"].to_numpy(dtype=bool),
        int(found["lines"].iloc[0]) if len(found) else 0,
    )


def _customers(store: Store, sample: int) -> _Rows:
    """The customers in the sample and those outside the fences."""
    found = store.query("customer_totals", as_of=store.default_as_of())
    found = found[(found["frequency"] > 0) & (_floats(found["monetary"]) > 0)]
    found = found.reset_index(drop=True)
    orders, revenue = _floats(found["frequency"]), _floats(found["monetary"])
    measures = {"orders": orders, "revenue": revenue, "order_value": revenue / orders}
    beyond = {name: _beyond(np.log(values)) for name, values in measures.items()}
    place = np.arange(len(found), dtype=np.int64) * 2654435769 % 2**32
    sampled = place * len(found) < sample * 2**32
    outside = np.fmax.reduce(list(beyond.values())) > LIMITS["interquartile"]
    kept = np.flatnonzero(sampled | outside)
    shown = found[["customer_id", "frequency", "monetary"]].iloc[kept]
    return _Rows(
        shown.rename(columns={"frequency": "orders", "monetary": "amount"}),
        {name: values[kept] for name, values in measures.items()},
        {
            name: np.full(len(kept), _quantile(values, 0.5) if len(values) else np.nan)
            for name, values in measures.items()
        },
        {name: values[kept] for name, values in beyond.items()},
        ["of a customer"] * len(kept),
        sampled[kept],
        len(found),
    )


def _quantile(values: Floats, share: float) -> float:
    """The smallest value with that share of the values at or below it."""
    return float(np.quantile(values, share, method="inverted_cdf"))


def _beyond(logs: Floats) -> Floats:
    """How far values lie below the first or above the third quartile, in interquartile ranges."""
    if not len(logs):
        return logs
    first, third = _quantile(logs, 0.25), _quantile(logs, 0.75)
    distance = np.maximum(np.maximum(logs - third, first - logs), 0)
    beyond: Floats = distance / max(third - first, LEAST_RANGE)
    return beyond


def _floats(column: "pd.Series[Any]") -> Floats:
    if isinstance(column.dtype, pd.ArrowDtype):
        numbers = pa.array(column).cast(pa.float64()).to_numpy(zero_copy_only=False)
        return np.asarray(numbers, dtype=float)
    return column.to_numpy(dtype=float)


def _features(rows: _Rows) -> Floats:
    """Logarithms of the values, and of the values over the usual ones where those vary.

    An unknown value counts as the usual one; a measure that no row has is left out.
    """
    columns = []
    for name, values in rows.values.items():
        usual = rows.usual[name]
        if np.isnan(values).all():
            continue
        usual = np.where(np.isnan(usual), np.nanmedian(values), usual)
        known = np.log(np.where(np.isnan(values), usual, values))
        columns.append(known)
        if (usual != usual[0]).any():
            columns.append(known - np.log(usual))
    return np.round(np.column_stack(columns), DECIMALS)


def _isolation(features: Floats, sampled: Flags, seed: int) -> Floats:
    """The paper's s = 2^(-E(h) / c(n)): 1 is easily isolated, below 0.5 is usual."""
    from sklearn.ensemble import IsolationForest

    forest = IsolationForest(n_estimators=100, max_samples=256, random_state=seed)
    if sampled.sum() < 256:
        forest.set_params(max_samples=int(sampled.sum()))
    # Sorted, as the draws go by place and the database returns lines in any order.
    learned, copies = np.unique(features[sampled], axis=0, return_counts=True)
    forest.fit(np.repeat(learned, copies, axis=0))
    points, place = np.unique(features, axis=0, return_inverse=True)
    scores: Floats = -forest.score_samples(points)[place.ravel()]
    return scores


def _local_factor(features: Floats, sampled: Flags, neighbours: int) -> Floats:
    """The local outlier factor: about 1 is as dense as the neighbours, more is thinner."""
    from sklearn.neighbors import LocalOutlierFactor

    points, place, copies = np.unique(
        features[sampled], axis=0, return_inverse=True, return_counts=True
    )
    scores = np.ones(len(features))
    if len(points) < 3:
        return scores
    factor = LocalOutlierFactor(n_neighbors=min(neighbours, len(points) - 1), novelty=True)
    factor.fit(points)
    of_points = np.where(copies > neighbours, 1.0, -factor.negative_outlier_factor_)
    scores[sampled] = of_points[place.ravel()]
    if not sampled.all():
        scores[~sampled] = -factor.score_samples(features[~sampled])
    return scores


def _reason(rows: _Rows, place: int) -> str:
    """What about a row is furthest from the usual, in words."""
    distances = {name: beyond[place] for name, beyond in rows.beyond.items()}
    known = {name: distance for name, distance in distances.items() if not np.isnan(distance)}
    limit = LIMITS["interquartile"]
    causes = {part: known[part] for part in ("quantity", "price") if known.get(part, 0) > limit}
    name = max(causes or known, key=lambda part: known[part])
    if known[name] < 1e-6:
        parts = (f"{NAMES[part]} {_number(part, rows.values[part][place])}" for part in known)
        return f"unusual together: {', '.join(parts)}"
    value, usual = rows.values[name][place], rows.usual[name][place]
    times, than = (value / usual, "the") if value >= usual else (usual / value, "less than the")
    return (
        f"{NAMES[name]} {_number(name, value)} is {_times(times)} times {than} usual "
        f"{_number(name, usual)} {rows.whose[place]}"
    )


def _number(name: str, value: float) -> str:
    """A count without needless decimals, money with two or, where that says nothing, four."""
    if name in ("quantity", "orders"):
        return f"{value:,.4f}".rstrip("0").rstrip(".")
    return f"{value:,.2f}" if value >= 0.005 else f"{value:,.4f}"


def _times(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:,.1f}"
