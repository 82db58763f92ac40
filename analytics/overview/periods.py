"""A period's figures beside those of earlier periods, and over time."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store, money

Every = Literal["day", "week", "month"]
Against = Literal["before", "year_before"]

DAY = timedelta(days=1)
OFFSETS: dict[str, str] = {"day": "D", "week": "W-SUN", "month": "M"}
NEEDS_HISTORY = {
    *("new_customers", "returning_customers", "repeat_customers", "repeat_rate"),
    "earlier_customers_revenue",
}
"""Figures that depend on who had ordered before the period."""


@dataclass(frozen=True)
class Period:
    """The shop's figures from one day up to, not including, another.

    Attributes:
        from_day: The first day.
        until_day: The day after the last.
        revenue: Money of all lines that count, returns and refunds taken off.
        identified_revenue: Of which from known customers.
        guest_revenue: Of which from guests.
        earlier_customers_revenue: Of which from customers who had ordered before the period.
        orders: Orders placed in the period.
        customers: Known customers who placed one.
        new_customers: Of which had never ordered before.
        returning_customers: Of which had ordered before the period.
        repeat_customers: Of which had placed at least two orders by the period's end.
    """

    from_day: date
    until_day: date
    revenue: Decimal
    identified_revenue: Decimal
    guest_revenue: Decimal
    earlier_customers_revenue: Decimal
    orders: int
    customers: int
    new_customers: int
    returning_customers: int
    repeat_customers: int

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.until_day - self.from_day

    @property
    def average_order_value(self) -> float:
        """Revenue per order; NaN without orders."""
        return float(self.revenue) / self.orders if self.orders else np.nan

    @property
    def repeat_rate(self) -> float:
        """Share of the customers with at least two orders by the period's end; NaN without any."""
        return self.repeat_customers / self.customers if self.customers else np.nan


@dataclass(frozen=True)
class Summary:
    """A period beside the one just before it and the same dates a year earlier.

    Attributes:
        now: The period.
        before: The one of the same length before it; None where the data do not reach back.
        year_before: The same dates a year earlier; None where the data do not reach back. Of a
            period of a whole year it is the one before.
        first_day: The day of the first order in the store.
    """

    now: Period
    before: Period | None
    year_before: Period | None
    first_day: date

    @property
    def base(self) -> Period | None:
        """What the period is compared with first: the one before, or else the year before."""
        return self.before or self.year_before

    @property
    def is_a_year(self) -> bool:
        """Whether the period is a whole year, so that both comparisons are the same."""
        return a_year_earlier(self.now.until_day, end=True) == self.now.from_day

    def has_history(self, shown: Period) -> bool:
        """Whether the data reach back far enough to tell who was new in a period.

        They do where they hold at least the period's own length before it.
        """
        return shown.from_day - self.first_day >= shown.length

    def change(self, measure: str, against: Against = "before") -> float:
        """How much a figure changed; NaN where that cannot be said.

        Args:
            measure: A figure of `Period`.
            against: With what it is compared.

        Returns:
            The relative change (0.1 is 10% more); of `repeat_rate`, which is a share already,
            the difference (0.1 is 10 percentage points more).
        """
        earlier: Period | None = getattr(self, against)
        if earlier is None or (measure in NEEDS_HISTORY and not self.has_history(earlier)):
            return np.nan
        then, now = float(getattr(earlier, measure)), float(getattr(self.now, measure))
        if measure == "repeat_rate":
            return now - then
        return now / then - 1 if then > 0 else np.nan


def first_and_last_day(store: Store) -> tuple[date, date]:
    """The days of the first and the last order in the store.

    Raises:
        NotEnoughDataError: There are no orders.
    """
    orders = store.tables().set_index("table").to_dict("index")["orders"]
    if not orders["rows"]:
        raise NotEnoughDataError(
            "There are no orders yet.", "Import an order file on the Data page first."
        )
    return pd.Timestamp(orders["first_day"]).date(), pd.Timestamp(orders["last_day"]).date()


def a_year_earlier(day: date, *, end: bool = False) -> date:
    """The same date a year earlier; 29 February becomes 28 February.

    Args:
        day: A day.
        end: It is the day after a period's last; then 29 February becomes 1 March.

    >>> a_year_earlier(date(2024, 2, 29)), a_year_earlier(date(2024, 2, 29), end=True)
    (datetime.date(2023, 2, 28), datetime.date(2023, 3, 1))
    """
    if (day.month, day.day) == (2, 29):
        return date(day.year - 1, 3, 1) if end else date(day.year - 1, 2, 28)
    return day.replace(year=day.year - 1)


def period(store: Store, from_day: date, until_day: date) -> Period:
    """The shop's figures of the days from `from_day` up to, not including, `until_day`.

    Raises:
        AnalyticsError: The period has no day.
    """
    _check(from_day, until_day)
    row = store.query("overview", from_day=from_day, until_day=until_day).iloc[0]
    return Period(
        from_day,
        until_day,
        money(row["revenue"]),
        money(row["identified_revenue"]),
        money(row["guest_revenue"]),
        money(row["earlier_customers_revenue"]),
        int(row["orders"]),
        int(row["customers"]),
        int(row["new_customers"]),
        int(row["returning_customers"]),
        int(row["repeat_customers"]),
    )


def summary(store: Store, from_day: date, until_day: date) -> Summary:
    """A period beside the one before it and the same dates a year earlier.

    Raises:
        AnalyticsError: The period has no day.
        NotEnoughDataError: There are no orders.
    """
    _check(from_day, until_day)
    first, _ = first_and_last_day(store)
    spans: list[tuple[date, date]] = [
        (from_day - (until_day - from_day), from_day),
        (a_year_earlier(from_day), a_year_earlier(until_day, end=True)),
    ]
    if spans[1][1] == from_day:
        spans[0] = spans[1]
    found = {
        span: period(store, *span) if span[0] >= first else None for span in dict.fromkeys(spans)
    }
    return Summary(period(store, from_day, until_day), found[spans[0]], found[spans[1]], first)


def over_time(
    store: Store, from_day: date, until_day: date, every: Every | None = None
) -> pd.DataFrame:
    """The figures by day, week (Monday to Sunday) or month.

    Args:
        store: The shop.
        from_day: The first day.
        until_day: The day after the last.
        every: The step; by default one that gives up to about a hundred.

    Returns:
        DataFrame start (timestamp), revenue (money, exact), orders, average_order_value (NaN
        without orders), customers, new_customers, returning_customers, repeat_rate (NaN without
        customers), complete (whether the whole step lies in the period); steps without sales are
        there with zero. Customers of several steps count in each.

    Raises:
        AnalyticsError: The period has no day.
    """
    _check(from_day, until_day)
    days = pd.date_range(from_day, until_day - DAY)
    every = every or ("day" if len(days) <= 100 else "week" if len(days) <= 750 else "month")
    places, starts = pd.factorize(days.to_period(OFFSETS[every]))
    calendar = pa.table(
        {"step": pa.array(places, pa.int64()), "day": pa.array(days.date, pa.date32())}
    )
    found = store.query("overview_steps", tables={"calendar": calendar})
    steps = pd.PeriodIndex(starts)
    revenue = [money(value) for value in found["revenue"]]
    orders, customers = found["orders"].to_numpy(float), found["customers"].to_numpy(float)
    return pd.DataFrame(
        {
            "start": steps.start_time,
            "revenue": revenue,
            "orders": found["orders"],
            "average_order_value": np.array(revenue, float) / np.where(orders, orders, np.nan),
            "customers": found["customers"],
            "new_customers": found["new_customers"],
            "returning_customers": found["returning_customers"],
            "repeat_rate": found["repeat_customers"] / np.where(customers, customers, np.nan),
            "complete": (steps.start_time.date >= from_day) & (steps.end_time.date < until_day),
        }
    )


def _check(from_day: date, until_day: date) -> None:
    if until_day <= from_day:
        raise AnalyticsError("The period ends before it begins.", "Choose a later end.")
