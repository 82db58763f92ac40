"""Carts: who put something into the cart and did not buy, and what it would have cost.

Each customer counts once, by their latest cart event that lies long enough back. What has been
removed from a cart again is not known, and the shop's present prices stand for those of the day.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.journeys import steps as asking
from analytics.store import Store, money

CODE_VERSION = 1


@dataclass(frozen=True)
class Carts:
    """What became of carts.

    Attributes:
        table: The kept table, to hand to `store.query(tables={"carts": …})`.
        within_days: Days to buy in.
        customers: Who put something into the cart at least so long ago: the next three, added up.
        bought: Of these, who bought anything within those days.
        later: Who did so only later.
        left: Who has not bought since.
        value: What the products in the carts of those cost, as far as prices are known; missing
            where none is.
        with_value: Of those who have not bought since, with a known value.
    """

    table: str
    within_days: int
    customers: int
    bought: int
    later: int
    left: int
    value: Decimal | None
    with_value: int


def carts(
    store: Store,
    within_days: int = 7,
    *,
    from_day: date | None = None,
    as_of: date | None = None,
) -> Carts:
    """What became of what was put into the cart.

    Args:
        store: The shop.
        within_days: Days to buy in, 1 or more; later cart events still have time.
        from_day: Only cart events on or after this day count.
        as_of: Only what happened before this day counts; by default all.

    Raises:
        AnalyticsError: There is no day to buy in.
        NotEnoughDataError: Nobody known has put anything into a cart so long ago.
    """
    if within_days < 1:
        raise AnalyticsError(f"{within_days} days leave no time to buy.", "Choose 1 or more.")
    found = store.query("journey_kinds", until_day=as_of)
    asking.check_known(found)
    last = pd.Timestamp(found["last_day"].max()) + pd.Timedelta(days=1)
    day = as_of or last.date()
    stamp = f"{store.version}_{within_days}_{from_day}_{day}_{CODE_VERSION}"
    table = store.kept("carts", stamp)
    if table is None:
        people = store.query(
            "cart_people",
            as_of=day,
            from_day=from_day,
            within_days=within_days,
            purchases=asking.purchases(found, "customer"),
        )
        if people.empty:
            raise NotEnoughDataError(
                "Nobody known put anything into a cart that long before this day.",
                "Import events of the kind “cart”, or choose fewer days or a longer time.",
            )
        took = people["bought_us"] - people["cart_us"]
        people["fate"] = np.select(
            [took.isna(), took <= within_days * 86_400_000_000], ["left", "bought"], "later"
        )
        made = pa.Table.from_pandas(people.drop(columns=["bought_us"]), preserve_index=False)
        moment = made["cart_us"].cast(pa.timestamp("us"))
        made = made.drop_columns(["cart_us"]).append_column("cart_at", moment)
        table = store.keep("carts", stamp, made)
    fates = store.query("cart_fates", tables={"carts": table})
    by_fate: dict[Any, Any] = {row.fate: row for row in fates.itertuples(index=False)}
    bought, later, left = (
        int(by_fate[fate].customers) if fate in by_fate else 0
        for fate in ("bought", "later", "left")
    )
    priced = int(by_fate["left"].with_value) if left else 0
    return Carts(
        table,
        within_days,
        bought + later + left,
        bought,
        later,
        left,
        value=money(by_fate["left"].value) if priced else None,
        with_value=priced,
    )
