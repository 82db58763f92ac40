"""What a test can start from: how customers bought lately, and who is in which group."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import nan, sqrt

from analytics.store import Store

__all__ = ["Usual", "keep_groups", "usual"]

CODE_VERSION = 1


@dataclass(frozen=True)
class Usual:
    """How customers bought in the last days, if all of them were in a test.

    Attributes:
        days: How many days.
        customers: Those who came by (an order or any event), or, where the shop has no events, all
            whom it knows.
        is_seen: Whether it is those who came by.
        buyers: Those with an order.
        rate: Buyers ÷ customers, 0 to 1; NaN without customers.
        revenue: Revenue a customer (money), non-buyers as zero.
        standard_deviation: Of the revenue between customers; NaN with fewer than two.
    """

    days: int
    customers: int
    is_seen: bool
    buyers: int
    rate: float
    revenue: float
    standard_deviation: float

    @property
    def weekly(self) -> float:
        """Customers who come by in a week; NaN where the shop has no events to tell."""
        return self.customers / self.days * 7 if self.is_seen else nan


def usual(store: Store, as_of: date | None = None, days: int = 28) -> Usual:
    """How customers bought in the days before the as-of day."""
    day = as_of or store.default_as_of()
    found = store.query("experiment_usual", from_day=day - timedelta(days=days), as_of=day)
    row = found.iloc[0]
    is_seen = bool(row["with_events"])
    n, buyers = int(row["seen"] if is_seen else row["known"]), int(row["buyers"])
    if not n:
        return Usual(days, 0, is_seen, 0, nan, nan, nan)
    mean = float(row["revenue"]) / n
    variance = (float(row["squared_revenue"]) - n * mean**2) / (n - 1) if n > 1 else nan
    return Usual(
        days, n, is_seen, buyers, buyers / n, mean, sqrt(variance) if variance >= 0 else nan
    )


def keep_groups(store: Store, name: str, by: str) -> str:
    """Who of an experiment is in which group, as a kept table: customer_id, segment.

    Args:
        store: The shop.
        name: The experiment.
        by: One of `arms.GROUPS`.
    """
    stamp = f"{store.version}_{name}_{by}_{CODE_VERSION}"
    table = store.kept("experiment_groups", stamp)
    if table is None:
        found = store.arrow("experiment_groups", experiment=name, by=by)
        table = store.keep("experiment_groups", stamp, found)
    return table
