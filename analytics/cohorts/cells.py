"""Cohorts as a table of cells, and as one curve over all of them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from analytics.cohorts.kept import By, Counts, Every, Kept, Start, keep, number_of, start_of
from analytics.errors import AnalyticsError
from analytics.evaluate import wilson
from analytics.store import Store, money

Measure = Literal["customers", "orders", "revenue", "revenue_so_far"]
Ints = npt.NDArray[np.int64]

COLUMNS = {"customers": "came", "orders": "orders", "revenue": "revenue"}
MONEY_SCALE = 10_000
"""Money has four decimals."""


def retention(
    store: Store,
    start: Start = "first_order",
    period: Every = "month",
    measure: Measure = "customers",
    *,
    as_of: date | None = None,
    counts: Counts | None = None,
    by: By = "none",
    or_later: bool = False,
) -> pd.DataFrame:
    """What each cohort did in each period after its start.

    Args:
        store: The shop.
        start: What starts a customer: `first_order`, `first_event` or `signed_up`.
        period: `day`, `week` or `month`.
        measure: `customers` who came back, `orders`, `revenue`, or `revenue_so_far`: from the start
            to the end of the period.
        as_of: As for `keep`, and so are `counts` and `by`.
        counts: What coming back is.
        by: What cohorts are split by.
        or_later: Of customers, count those who came in that period or in any later one.

    Returns:
        DataFrame, a row a cell: part (where split; None if not known), cohort (timestamp of the
        first day), period (0 is the one of the start), size (customers who started), value
        (customers, orders, or money, exact), rate (value ÷ size: a share of 0 to 1, or orders or
        money a customer), complete (whether the period was over on the as-of day).

    Raises:
        NotEnoughDataError: Nobody has started by then.
        AnalyticsError: There is no such choice, or the choices contradict each other.
    """
    kept = keep(store, start, period, as_of=as_of, counts=counts, by=by)
    return table(store, kept, measure, or_later=or_later)


def table(
    store: Store, kept: Kept, measure: Measure = "customers", *, or_later: bool = False
) -> pd.DataFrame:
    """As `retention`, of activity that is kept already."""
    if measure not in get_args(Measure):
        raise AnalyticsError(
            f"There is no measure “{measure}”.", f"Choose {', '.join(get_args(Measure))}."
        )
    if kept.counts == "events" and measure != "customers":
        raise AnalyticsError(
            "Events bring neither orders nor revenue.",
            "Look at customers, or let orders count as coming back.",
        )
    found = store.query("cohort_cells", tables={"activity": kept.table})
    column = "ended" if or_later and measure == "customers" else COLUMNS.get(measure, "revenue")
    in_money = column == "revenue"
    whole = found[column].map(_ten_thousandths) if in_money else found[column]
    # Each cohort's periods lie one after the other in one long array, whatever came in them.
    first = np.flatnonzero(found["period"].to_numpy() == 0)
    number = found["cohort"].to_numpy(dtype=np.int64)[first]
    lengths = number_of(kept.as_of - timedelta(days=1), kept.every) - number + 1
    begin = np.cumsum(lengths) - lengths
    of_row = np.repeat(begin, np.diff(np.append(first, len(found))))
    values = np.zeros(lengths.sum(), dtype=np.int64)
    values[of_row + found["period"].to_numpy(dtype=np.int64)] = whole.to_numpy(dtype=np.int64)
    if measure == "revenue_so_far":
        values = _running(values, begin, lengths)
    elif column == "ended":
        values = _running(values[::-1], (len(values) - begin - lengths)[::-1], lengths[::-1])[::-1]
    period = np.arange(len(values)) - np.repeat(begin, lengths)
    cohort, size = np.repeat(number, lengths), found["customers"].to_numpy(dtype=np.int64)[first]
    starts = pd.DatetimeIndex([start_of(int(each), kept.every) for each in number])
    parts = found["part"].astype(object).where(found["part"].notna(), None).to_numpy()[first]
    cells = pd.DataFrame(
        {
            "part": pd.Series(np.repeat(parts, lengths), dtype=object),
            "cohort": starts.repeat(lengths),
            "period": period,
            "size": np.repeat(size, lengths),
            "value": _as_money(values) if in_money else values,
            "rate": values / (MONEY_SCALE if in_money else 1) / np.repeat(size, lengths),
            "complete": cohort + period < number_of(kept.as_of, kept.every),
        }
    )
    return cells if kept.by != "none" else cells.drop(columns=["part"])


def _ten_thousandths(amount: Any) -> int:
    """Money as a whole number, which adds up exactly in numpy."""
    return int(money(amount) * MONEY_SCALE)


def _as_money(values: Ints) -> "pd.Series[Any]":
    exact = [Decimal(int(each)) / MONEY_SCALE for each in values]
    return pd.Series(exact, dtype=pd.ArrowDtype(pa.decimal128(38, 4)))


def _running(values: Ints, begin: Ints, lengths: Ints) -> Ints:
    """Running sums that start anew where each cohort begins."""
    sums = np.cumsum(values)
    before: Ints = np.repeat(sums[begin] - values[begin], lengths)
    return sums - before


def curve(cells: pd.DataFrame, *, shares: bool = True) -> pd.DataFrame:
    """All cohorts together: of those for whom a period is over, what they did in it.

    Cells that are not complete are left out, and with them their customers, so that nothing falls
    for lack of time.

    Args:
        cells: What `retention` returned.
        shares: Whether the values are customers, so that rates are shares with an interval.

    Returns:
        DataFrame, a row a period (and part, where split): period, cohorts, size, value, rate (NaN
        where nobody is left), lo, hi (Wilson's 95% interval; NaN for orders and revenue).
    """
    over = cells[cells["complete"]].copy()
    over["value"] = over["value"].astype(object).map(float).astype(float)
    split = ["part"] if "part" in cells else []
    found = (
        over.groupby([*split, "period"], dropna=False)
        .agg(cohorts=("size", "size"), size=("size", "sum"), value=("value", "sum"))
        .reset_index()
    )
    n, rate = found["size"].to_numpy(float), (found["value"] / found["size"]).to_numpy(float)
    found["rate"] = rate
    if shares:
        lo, hi = wilson(found["value"], n)
        # Rounding may leave an end of 0 or 1 a hair outside.
        found["lo"], found["hi"] = np.maximum(lo, 0), np.minimum(hi, 1)
    else:
        found["lo"] = found["hi"] = np.nan
    return found
