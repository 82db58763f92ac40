"""What each customer had done by a day: the figures that the models learn from."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.errors import NotEnoughDataError
from analytics.store import Store

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Past:
    """Customers' histories by a day, and what they did afterwards.

    Attributes:
        frame: DataFrame, a row a customer, by customer_id: customer_id, first_day, last_day,
            frequency (days with an order after the first such day), recency, age (periods),
            monetary (mean money of those days; NaN without any), spent (money of all their
            orders), later_orders, later_revenue.
        kept_share: What remains of the money of orders once returns are taken off.
        days: The period, in days.
    """

    frame: pd.DataFrame
    kept_share: float
    days: float


def read(store: Store, as_of: date, until_day: date, days: float) -> Past:
    """Read the histories by `as_of`, and what came from then up to, not including, `until_day`.

    Orders of one day count as one. Money leaves the store exact and becomes a float here, as it is
    for models only.

    Args:
        store: The shop.
        as_of: Only what happened before this day is known.
        until_day: The end of what came afterwards.
        days: The period, in days.

    Raises:
        NotEnoughDataError: Nobody had ordered by then.
    """
    found = store.query("lifetime_history", as_of=as_of, until_day=until_day)
    if found.empty:
        last = as_of - DAY
        raise NotEnoughDataError(
            f"No known customer had ordered by {last.day} {last:%B %Y}.",
            "Choose a later day, or import older orders.",
        )
    amounts = {
        name: pa.array(found[name]).cast(pa.float64()).to_numpy(zero_copy_only=False)
        for name in ("spent", "spent_first", "returned", "later_revenue")
    }
    frequency = found["frequency"].to_numpy(dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        monetary = (amounts["spent"] - amounts["spent_first"]) / frequency
    spent, returned = amounts["spent"].sum(), amounts["returned"].sum()
    frame = pd.DataFrame(
        {
            "customer_id": found["customer_id"],
            "first_day": found["first_day"],
            "last_day": found["last_day"],
            "frequency": frequency,
            "recency": found["recency_days"].to_numpy(dtype=float) / days,
            "age": found["age_days"].to_numpy(dtype=float) / days,
            "monetary": np.where(frequency > 0, monetary, np.nan),
            "spent": amounts["spent"],
            "later_orders": found["later_orders"].to_numpy(dtype=float),
            "later_revenue": amounts["later_revenue"],
        }
    )
    kept = float(np.clip((spent + returned) / spent, 0.0, 1.0)) if spent > 0 else 1.0
    return Past(frame, kept, days)
