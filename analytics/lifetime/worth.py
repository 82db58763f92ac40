"""What customers are worth: orders and revenue of the next 30, 90 and 365 days, each and in all."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.lifetime.fitting import DAYS, Lifetime, fit, needs_past
from analytics.lifetime.history import DAY
from analytics.lifetime.model import WIDE, Foreseen, alive, foresee
from analytics.lifetime.testing import by_rule, usual_pause
from analytics.store import Store

CODE_VERSION = 1
AHEAD_DAYS = (30, 90, 365)
EDGES = {"": "", "low": "_at_least", "high": "_at_most"}


@dataclass(frozen=True)
class Worth:
    """What is expected of all customers, kept in the store.

    Attributes:
        table: The name to hand to `store.query(tables={"worth": …})`: customer_id,
            first_order_day, last_order_day, orders_so_far (days with an order), spent_so_far
            (money), still_customer_share (the chance, 0 to 1; NaN where a rule is used), and for
            30, 90 and 365 days orders_next_30_days, orders_next_30_days_at_least, …_at_most, and
            the same of revenue (money; NaN where unknown).
        totals: DataFrame days, orders, orders_at_least, orders_at_most, revenue,
            revenue_at_least, revenue_at_most.
        found: What was fitted, and how it fared.
        stamp: What the table was made from.
    """

    table: str
    totals: pd.DataFrame
    found: Lifetime
    stamp: str

    def is_held(self, store: Store) -> bool:
        """Whether the table is still there, or later results have taken its place."""
        return store.kept("lifetime", self.stamp) is not None


def keep(store: Store, as_of: date | None = None) -> Worth:
    """Fit, foresee and keep what is foreseen of each customer.

    Ranges hold in nine of ten cases. Those of the totals come from chance, from how unsure the
    parameters are, and from how far the total was off in the test.

    Args:
        store: The shop.
        as_of: Only what happened before this day counts; by default the day after the last order.

    Raises:
        NotEnoughDataError: There are too few customers, or nobody has come back.
    """
    day = as_of or store.default_as_of()
    found = fit(store, until=day - DAY)
    each, totals = _foresee(found)
    stamp = f"{store.version}_{day}_{CODE_VERSION}"
    table = store.kept("lifetime", stamp) or store.keep(
        "lifetime", stamp, pa.Table.from_pandas(each, preserve_index=False)
    )
    return Worth(table, totals, found, stamp)


def _foresee(found: Lifetime) -> tuple[pd.DataFrame, pd.DataFrame]:
    past = needs_past(found)
    frame = past.frame
    each = pd.DataFrame(
        {
            "customer_id": frame["customer_id"],
            "first_order_day": frame["first_day"],
            "last_order_day": frame["last_day"],
            "orders_so_far": frame["frequency"].astype("int64") + 1,
            "spent_so_far": frame["spent"],
            "still_customer_share": alive(found.model, frame)
            if found.method == "model"
            else np.nan,
        }
    )
    totals = []
    for days in AHEAD_DAYS:
        ahead = days / DAYS[found.period]
        expected = _expected(found, ahead)
        for name, values in expected.each.items():
            measure, _, edge = str(name).partition("_")
            each[f"{measure}_next_{days}_days{EDGES[edge]}"] = values.to_numpy()
        totals.append({"days": days, **_total(found, expected)})
    return each, pd.DataFrame(totals)


def _expected(found: Lifetime, ahead: float) -> Foreseen:
    past = needs_past(found)
    if found.method == "model":
        return foresee(found.model, past.frame, ahead)
    pause = usual_pause(past) if found.method == "recent" else np.inf
    return by_rule(past, ahead, pause)


def _total(found: Lifetime, expected: Foreseen) -> dict[str, float]:
    """Orders and revenue of all, each with its range."""
    shown: dict[str, float] = {}
    for name, spread, missed in (
        ("orders", expected.orders_spread, found.test.missed_orders if found.test else np.nan),
        ("revenue", expected.revenue_spread, found.test.missed_revenue if found.test else np.nan),
    ):
        total = float(expected.each[name].sum(skipna=False))
        wide = WIDE * float(np.hypot(spread, total * np.nan_to_num(missed)))
        shown |= {
            name: total,
            f"{name}_at_least": max(total - wide, 0.0),
            f"{name}_at_most": total + wide,
        }
    return shown
