"""The shop at a glance: one period beside the one before, and revenue over time."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

import numpy as np
import pandas as pd

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store, money

Every = Literal["day", "week", "month"]
OFFSETS: dict[str, str] = {"day": "D", "week": "W-SUN", "month": "M"}


@dataclass(frozen=True)
class Period:
    """The shop's figures from one day up to, not including, another.

    Attributes:
        from_day: The first day.
        until_day: The day after the last.
        revenue: Money of all lines that count, returns and refunds taken off.
        identified_revenue: Of which from known customers.
        guest_revenue: Of which from guests.
        orders: Orders.
        customers: Known customers with an order.
    """

    from_day: date
    until_day: date
    revenue: Decimal
    identified_revenue: Decimal
    guest_revenue: Decimal
    orders: int
    customers: int

    @property
    def average_order_value(self) -> float:
        """Revenue per order; NaN without orders."""
        return float(self.revenue) / self.orders if self.orders else np.nan


@dataclass(frozen=True)
class Summary:
    """A period beside the one of the same length before it.

    Attributes:
        now: The period.
        before: The one before; None where the data do not reach back that far.
    """

    now: Period
    before: Period | None

    def change(self, measure: str) -> float:
        """How much a figure changed (0.1 is 10% more); NaN where that cannot be said."""
        if self.before is None:
            return np.nan
        earlier = float(getattr(self.before, measure))
        return float(getattr(self.now, measure)) / earlier - 1 if earlier > 0 else np.nan


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
        int(row["orders"]),
        int(row["customers"]),
    )


def summary(store: Store, from_day: date, until_day: date) -> Summary:
    """A period beside the one of the same length just before it."""
    now = period(store, from_day, until_day)
    earlier = from_day - (until_day - from_day)
    first, _ = first_and_last_day(store)
    return Summary(now, period(store, earlier, from_day) if earlier >= first else None)


def over_time(
    store: Store, from_day: date, until_day: date, every: Every | None = None
) -> pd.DataFrame:
    """Revenue and orders by day, week (Monday to Sunday) or month.

    Args:
        store: The shop.
        from_day: The first day.
        until_day: The day after the last.
        every: The step; by default one that gives up to about a hundred.

    Returns:
        DataFrame start (timestamp), revenue (money, exact), orders, complete (whether the whole
        step lies in the period); steps without sales are there with zero.

    Raises:
        AnalyticsError: The period has no day.
    """
    _check(from_day, until_day)
    days = (until_day - from_day).days
    every = every or ("day" if days <= 100 else "week" if days <= 750 else "month")
    found = store.query("sales_by_day", from_day=from_day, until_day=until_day)
    steps = pd.period_range(from_day, until_day - timedelta(days=1), freq=OFFSETS[every])
    belongs = pd.PeriodIndex(pd.to_datetime(found["day"]), freq=OFFSETS[every])
    sums: dict[pd.Period, Decimal] = dict.fromkeys(steps, Decimal(0))
    orders = dict.fromkeys(steps, 0)
    for step, revenue, count in zip(belongs, found["revenue"], found["orders"], strict=True):
        sums[step] += money(revenue)
        orders[step] += int(count)
    return pd.DataFrame(
        {
            "start": steps.start_time,
            "revenue": list(sums.values()),
            "orders": list(orders.values()),
            "complete": (steps.start_time.date >= from_day) & (steps.end_time.date < until_day),
        }
    )


def _check(from_day: date, until_day: date) -> None:
    if until_day <= from_day:
        raise AnalyticsError("The period ends before it begins.", "Choose a later end.")
