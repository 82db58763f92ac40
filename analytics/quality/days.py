"""Days unlike the rest, and runs of days without orders.

A day is compared with the same weekday of the four weeks before it and the four after: the
median of their revenue is what was to be expected. The deviation is ln((revenue + s) ÷ (expected +
s)) with s worth five orders: a started logarithm (Tukey, Exploratory Data Analysis, 1977), as the
plain one makes too much of days with one order instead of three. Over all days its spread is
1.4826 × the median absolute deviation, and a day more than 3.5 of these from the median is unusual
(the modified z-score of Iglewicz & Hoaglin, How to Detect and Handle Outliers, 1993). The same is
done with the number of orders, which scatters less than money, and a day is unusual by either. The
spread counts as 0.05 at least, so that within a sixth of the expected nothing is unusual; and what
more than 2% of the days do is usual, so that the limits are moved out until no more than that
(or one day) lie beyond either of them.

A run of days without orders is no coincidence where the shop would hardly ever leave just these
days empty: the chances of its days multiply to less than 1 in 1,000. The chance of a day is that
of a count which has the mean of its weekday's orders, m, and a variance f times the mean, to be 0:
f^(-m / (f - 1)). That is e^-m for independent orders (f = 1), more for a shop with ups and downs
(negative binomial) and less for one that sells like clockwork (binomial). Both come from the
eight weeks before the run and the eight after. So Sundays in a shop that is closed on Sundays,
and dry spells of a shop with a few orders a week, are nobody's gap.
"""

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store, money

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

WEEK = 7
NEIGHBOUR_WEEKS = 4
"""How many weeks before and after a day it is compared with."""
LEAST_NEIGHBOURS, LEAST_BEFORE = 4, 2
"""How many of these there must be in all, and before the day; else it is not judged."""
AROUND_WEEKS = 8
LEAST_AROUND_DAYS = 14
COINCIDENCE = 0.001
LEAST_DISPERSION = 0.0005
FENCE = 3.5
NORMAL = 1.4826
LEAST_SPREAD = 0.05
MOST_UNUSUAL = 0.02
START_ORDERS = 5


def unusual_days(
    store: Store, from_day: date | None = None, until_day: date | None = None
) -> pd.DataFrame:
    """Days whose revenue is far from what their weekday brings in the weeks around.

    Days are judged that have at least four of the eight days they are compared with, two of them
    before: so not the first two weeks. Days of a run without orders that is no coincidence are
    not compared with. The whole history is the measure, whichever days are asked for.

    Args:
        store: The shop.
        from_day: The first day to report; by default the first with an order.
        until_day: The day after the last to report; by default after the last with an order.

    Returns:
        DataFrame, by day: day (timestamp), revenue (money, exact: returns and refunds taken off),
        expected, low, high (money: usual is what lies between), reason (`far above`, `far
        below`, `no sales`), and the same of orders: orders, expected_orders, low_orders,
        high_orders. Where revenue lies between its limits, the reason is of the orders.

    Raises:
        NotEnoughDataError: There are no orders.
        AnalyticsError: The period has no day.
    """
    if from_day and until_day and until_day <= from_day:
        raise AnalyticsError("The period ends before it begins.", "Choose a later end.")
    daily = _daily(store)
    empty = (daily["orders"] == 0).to_numpy()
    outage = np.zeros(len(daily), dtype=bool)
    for first, last in _runs(empty):
        outage[first : last + 1] = _is_no_coincidence(daily, first, last)
    money_in, counts = (daily[name].to_numpy(dtype=float) for name in ("revenue", "orders"))
    an_order = float(np.median(np.abs(money_in[~empty]) / counts[~empty]))
    revenue = _compare(money_in, START_ORDERS * an_order, empty, outage)
    orders = _compare(counts, START_ORDERS, empty, outage)
    found = pd.concat([daily[["day", "revenue"]], revenue], axis="columns")
    found["reason"] = np.where(revenue["reason"] != "", revenue["reason"], orders["reason"])
    found["orders"] = daily["orders"]
    for name in ("expected", "low", "high"):
        found[f"{name}_orders"] = orders[name]
    reason = found["reason"].to_numpy()
    chosen = reason != ""
    if from_day:
        chosen &= (daily["day"] >= pd.Timestamp(from_day)).to_numpy()
    if until_day:
        chosen &= (daily["day"] < pd.Timestamp(until_day)).to_numpy()
    days: pd.DataFrame = found[chosen].reset_index(drop=True)
    return days


def gaps(store: Store) -> pd.DataFrame:
    """Runs of days without any order that are longer than usual for the shop.

    Usual is every length that such runs reach at least once in four weeks on average, so a
    weekly day of rest is no gap, nor the weekend; and a run is a gap only where it is no
    coincidence (see the module). Only days between the first and the last order count.

    Returns:
        DataFrame, by day: first_day, last_day (timestamps), days.

    Raises:
        NotEnoughDataError: There are no orders.
    """
    daily = _daily(store)
    runs = _runs((daily["orders"] == 0).to_numpy())
    often = max(len(daily) / WEEK / NEIGHBOUR_WEEKS, 2)
    lengths = sorted((last - first + 1 for first, last in runs), reverse=True)
    usual = lengths[int(np.ceil(often)) - 1] if len(lengths) >= often else 0
    rows = [
        (daily["day"].iloc[first], daily["day"].iloc[last], last - first + 1)
        for first, last in runs
        if last - first + 1 > usual and _is_no_coincidence(daily, first, last)
    ]
    frame = pd.DataFrame(rows, columns=["first_day", "last_day", "days"])
    return frame.astype(
        {"first_day": "datetime64[us]", "last_day": "datetime64[us]", "days": "int64"}
    )


def _daily(store: Store) -> pd.DataFrame:
    """Every day from the first with an order to the last: day, revenue (Decimal), orders."""
    found = store.query("quality_days")
    ordered = found[found["orders"] > 0]
    if ordered.empty:
        raise NotEnoughDataError(
            "There are no orders yet.", "Import an order file on the Data page first."
        )
    days = pd.to_datetime(found["day"]).dt.date
    by_day = {
        day: (money(revenue), int(orders))
        for day, revenue, orders in zip(days, found["revenue"], found["orders"], strict=True)
    }
    first, last = days[ordered.index[0]], days[ordered.index[-1]]
    every = [first + timedelta(days=place) for place in range((last - first).days + 1)]
    rows = [(pd.Timestamp(day), *by_day.get(day, (money(None), 0))) for day in every]
    return pd.DataFrame(rows, columns=["day", "revenue", "orders"])


def _runs(empty: Flags) -> list[tuple[int, int]]:
    """The first and last place of each run of empty days."""
    edges = np.diff(np.concatenate([[0], empty.astype(np.int8), [0]]))
    firsts, afters = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return [(int(first), int(after) - 1) for first, after in zip(firsts, afters, strict=True)]


def _is_no_coincidence(daily: pd.DataFrame, first: int, last: int) -> bool:
    """Whether a run of empty days from `first` to `last` would hardly ever be."""
    orders = daily["orders"].to_numpy(dtype=float)
    reach = AROUND_WEEKS * WEEK
    around = np.r_[max(first - reach, 0) : first, last + 1 : min(last + 1 + reach, len(orders))]
    if len(around) < LEAST_AROUND_DAYS:
        return False
    weekday = around % WEEK
    counts = np.bincount(weekday, minlength=WEEK)
    sums = np.bincount(weekday, orders[around], WEEK)
    means = np.divide(sums, counts, out=np.zeros(WEEK), where=counts > 0)
    trading = means[weekday] > 0
    deviations = (orders[around] - means[weekday])[trading] ** 2 / means[weekday][trading]
    freedom = trading.sum() - (means > 0).sum()
    dispersion = max(deviations.sum() / freedom, LEAST_DISPERSION) if freedom else 1.0
    exponent = np.log(dispersion) / (dispersion - 1) if abs(dispersion - 1) > 1e-6 else 1.0
    lost = means[np.arange(first, last + 1) % WEEK].sum()
    return bool(np.exp(-lost * exponent) < COINCIDENCE)


def _compare(values: Floats, start: float, empty: Flags, outage: Flags) -> pd.DataFrame:
    """Each day beside what its weekday brings: expected, low, high, reason (empty if usual)."""
    expected = _expected(values, ~outage)
    judged = expected > 0
    trading = judged & ~empty
    ratio = np.full(len(values), -np.inf)
    positive = judged & (values + start > 0)
    ratio[positive] = np.log((values[positive] + start) / (expected[positive] + start))
    low, high = _limits(ratio[trading])
    reason = np.full(len(values), "", dtype=object)
    reason[trading & (ratio > high)] = "far above"
    reason[trading & (ratio < low)] = "far below"
    reason[judged & outage] = "no sales"
    compared = np.where(judged, expected, np.nan) + start
    return pd.DataFrame(
        {
            "expected": expected,
            "low": np.maximum(compared * np.exp(low) - start, 0),
            "high": compared * np.exp(high) - start,
            "reason": reason,
        }
    )


def _expected(revenue: Floats, usable: Flags) -> Floats:
    """The median of the same weekday in the weeks around; NaN where these are too few."""
    days = len(revenue)
    weeks = [week for week in range(-NEIGHBOUR_WEEKS, NEIGHBOUR_WEEKS + 1) if week]
    beside = np.full((len(weeks), days), np.nan)
    for row, week in enumerate(weeks):
        places = np.arange(days) + week * WEEK
        there = (places >= 0) & (places < days)
        there[there] &= usable[places[there]]
        beside[row, there] = revenue[places[there]]
    known = ~np.isnan(beside)
    enough = (known.sum(axis=0) >= LEAST_NEIGHBOURS) & (
        known[:NEIGHBOUR_WEEKS].sum(axis=0) >= LEAST_BEFORE
    )
    expected = np.full(days, np.nan)
    if enough.any():
        expected[enough] = np.nanmedian(beside[:, enough], axis=0)
    return expected


def _limits(ratios: Floats) -> tuple[float, float]:
    """The deviations between which a day is usual."""
    finite = ratios[np.isfinite(ratios)]
    if len(finite) < 2:
        return -np.inf, np.inf
    middle = float(np.median(finite))
    spread = max(NORMAL * float(np.median(np.abs(finite - middle))), LEAST_SPREAD)
    ascending = np.sort(ratios)
    unusual = max(int(MOST_UNUSUAL * len(ratios)), 1)
    return (
        min(middle - FENCE * spread, float(ascending[unusual])),
        max(middle + FENCE * spread, float(ascending[-1 - unusual])),
    )
