"""Channels: how many click and buy, what an order costs, and to whom the credit goes.

An order's credit is shared among the touches before it by five usual rules: all to the first, all
to the last, equally, 40% to first and last each with 20% for those between, and halving with every
seven days before the order. None of them proves that a touch caused the order: that takes a test
with people who were not reached.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.journeys import steps as asking
from analytics.store import Store

CODE_VERSION = 1
DAY_US = 86_400_000_000
HALF_LIFE_DAYS = 7
By = Literal["channel", "campaign"]
Floats = npt.NDArray[np.float64]
MODELS = {
    "first": "First touch",
    "last": "Last touch",
    "linear": "Equal shares",
    "position": "40-20-40",
    "time_decay": "The later, the more",
}
NOT_PROVED = (
    "None of these rules proves that a channel caused an order: people who were about to buy "
    "anyway click as well. Only a test with a group that is not reached shows what a channel adds."
)


@dataclass(frozen=True)
class KeptTouches:
    """Orders with the touches before them, kept in the store.

    Attributes:
        table: The name to hand to `store.query(tables={"touched": …})`.
        lookback_days: The oldest a touch may be.
        from_day: Only orders on or after this day count.
        as_of: Only what happened before this day counts.
    """

    table: str
    lookback_days: float
    from_day: date | None
    as_of: date | None


def keep_touches(
    store: Store,
    lookback_days: float = 30,
    *,
    from_day: date | None = None,
    as_of: date | None = None,
) -> KeptTouches:
    """The touches before each order as a kept table of the store, made only if not there yet.

    Raises:
        AnalyticsError: There is no time to look back on.
        NotEnoughDataError: There is neither an event nor an order, or nobody has bought.
    """
    if not lookback_days > 0:
        raise AnalyticsError(
            f"{lookback_days:g} days are no time to look back on.", "Choose more than 0 days."
        )
    stamp = f"{store.version}_{lookback_days}_{from_day}_{as_of}_{CODE_VERSION}"
    table = store.kept("touches", stamp)
    if table is None:
        found = store.query("journey_kinds", until_day=as_of)
        asking.check_known(found)
        touched = store.arrow(
            "touches",
            purchases=asking.purchases(found, "customer"),
            lookback_us=round(lookback_days * DAY_US),
            from_day=from_day,
            until_day=as_of,
        )
        if touched.num_rows == 0:
            raise NotEnoughDataError(
                "Nobody has bought anything in this time.",
                "Import orders or events of the kind “purchase”, or choose a longer time.",
            )
        table = store.keep("touches", stamp, touched)
    return KeptTouches(table, lookback_days, from_day, as_of)


def attribution(
    store: Store,
    by: By = "channel",
    lookback_days: float = 30,
    *,
    from_day: date | None = None,
    as_of: date | None = None,
) -> pd.DataFrame:
    """What each channel, or campaign, is credited with by each rule, and what it cost.

    Args:
        store: The shop.
        by: `channel` or `campaign`.
        lookback_days: Touches count up to so many days before the order.
        from_day: Only orders and costs on or after this day count.
        as_of: Only what happened before this day counts; by default everything.

    Returns:
        DataFrame, a row a rule and a channel or campaign (missing: no touch, or not told): model
        (a key of `MODELS`), the column named like `by`, orders, new_customers, revenue (money,
        shared, so no exact one), cost (money; missing where the `spend` table has none),
        return_on_spend (revenue over cost), cost_per_order, cost_per_new_customer. Missing where
        undefined. Over all rows of a rule orders, customers and revenue add up to the shop's.

    Raises:
        AnalyticsError, NotEnoughDataError: As for `keep_touches`.
    """
    return credited(store, keep_touches(store, lookback_days, from_day=from_day, as_of=as_of), by)


def credited(store: Store, kept: KeptTouches, by: By = "channel") -> pd.DataFrame:
    """What `attribution` returns, of kept touches."""
    if by not in ("channel", "campaign"):
        raise AnalyticsError(f"“{by}” is not possible here.", "Choose channel or campaign.")
    told = store.arrow("touches_kept", tables={"touched": kept.table}, by=by)
    parts = told["part"].combine_chunks().dictionary_encode()
    names = [*parts.dictionary.to_pylist(), None]
    part = pd.array(parts.indices.to_numpy(zero_copy_only=False)).astype("Int64")
    numbers = part.fillna(len(names) - 1).to_numpy(dtype=np.int64)
    revenue = told["revenue"].cast("double").fill_null(0.0).to_numpy()
    is_new = told["is_new"].to_numpy(zero_copy_only=False).astype(float)
    order = told["number"].to_numpy()
    place, touches = told["place"].to_numpy(), np.maximum(told["touches"].to_numpy(), 1)
    age_days = told["age_us"].fill_null(0).to_numpy() / DAY_US
    costs = store.query("spend_sums", by=by, from_day=kept.from_day, until_day=kept.as_of)
    cost = {
        None if pd.isna(each) else each: float(amount)
        for each, amount in zip(costs["part"], costs["cost"], strict=True)
    }
    cost.pop(None, None)
    every = [*names, *(each for each in cost if each not in names)]
    frames = []
    for model, weight in _weights(place, touches, age_days, order).items():
        sums = {
            name: np.bincount(numbers, weight * value, minlength=len(every))
            for name, value in (
                ("orders", np.ones(len(weight))), ("new_customers", is_new), ("revenue", revenue),
            )
        }  # fmt: skip
        frames.append(pd.DataFrame({"model": model, by: every, **sums}))
    found = pd.concat(frames, ignore_index=True).astype({by: "str"})
    found["cost"] = found[by].map(cost).astype(float)
    spent = found["cost"].where(found["cost"] > 0)
    orders, new = (found[name].where(found[name] > 0) for name in ("orders", "new_customers"))
    found["return_on_spend"] = found["revenue"] / spent
    found["cost_per_order"] = spent / orders
    found["cost_per_new_customer"] = spent / new
    is_used = (found["orders"] > 0) | found["cost"].notna()
    return found[is_used | found[by].notna()].reset_index(drop=True)


def _weights(
    place: npt.NDArray[np.int64],
    touches: npt.NDArray[np.int64],
    age_days: Floats,
    order: npt.NDArray[np.int64],
) -> dict[str, Floats]:
    """What share of its order each touch is credited with, by each rule; they add up to 1."""
    is_first, is_last = place == 1, place == touches
    between = 0.2 / np.maximum(touches - 2, 1)
    position = np.where(is_first | is_last, 0.4, between)
    position = np.where(touches == 1, 1.0, np.where(touches == 2, 0.5, position))
    _, group = np.unique(order, return_inverse=True)
    youngest = np.full(group.max() + 1, np.inf)
    np.minimum.at(youngest, group, age_days)
    decayed = np.exp2((youngest[group] - age_days) / HALF_LIFE_DAYS)
    return {
        "first": is_first.astype(float),
        "last": is_last.astype(float),
        "linear": 1.0 / touches,
        "position": position,
        "time_decay": decayed / np.bincount(group, decayed)[group],
    }


def rates(
    store: Store, by: Literal["channel", "campaign", "product_id"], kept: KeptTouches
) -> pd.DataFrame:
    """How many click on what they see, and buy after that.

    Args:
        store: The shop.
        by: Channel, campaign or product.
        kept: The orders with the touches before them, and the days that count.

    Returns:
        DataFrame, a row a channel, campaign or product: the column named like `by`, impressions,
        clicks, views, orders (by last touch; of a product, orders that hold it), click_rate
        (clicks over impressions; missing where views came without any click, since clicks are not
        recorded there), conversion_rate (orders over clicks, or over views where it has
        no clicks), per (click or view: what the conversion rate is of). Missing where undefined.
    """
    found = store.query("journey_kinds", until_day=kept.as_of)
    seen = store.query(
        "channel_events",
        by=by,
        purchases=asking.purchases(found, "customer"),
        from_day=kept.from_day,
        until_day=kept.as_of,
    )
    seen = seen[seen["part"].notna()]
    wide = seen.pivot_table("moments", "part", "event", aggfunc="sum", fill_value=0)
    wide = wide.reindex(columns=["impression", "click", "view", "purchase"], fill_value=0)
    if by != "product_id":
        credit = credited(store, kept, by)
        last = credit[(credit["model"] == "last") & credit[by].notna()].set_index(by)["orders"]
        wide = wide.reindex(wide.index.union(last.index), fill_value=0)
        wide["purchase"] = last.reindex(wide.index, fill_value=0.0)
        wide = wide[(wide > 0).any(axis=1)]
    clicks, views = wide["click"].astype(float), wide["view"].astype(float)
    shown = wide["impression"].astype(float)
    base = clicks.where(clicks > 0, views)
    is_told = (clicks > 0) | (views == 0)
    per = np.select([clicks > 0, views > 0], ["click", "view"], "")
    return pd.DataFrame(
        {
            by: wide.index.astype("str"),
            "impressions": shown.astype("int64").to_numpy(),
            "clicks": clicks.astype("int64").to_numpy(),
            "views": views.astype("int64").to_numpy(),
            "orders": wide["purchase"].round().astype("int64").to_numpy(),
            "click_rate": (clicks / shown.where((shown > 0) & is_told)).to_numpy(),
            "conversion_rate": (wide["purchase"] / base.where(base > 0)).to_numpy(),
            "per": pd.Series(per, dtype="str").replace("", None).to_numpy(),
        }
    ).sort_values(["orders", by], ascending=[False, True], ignore_index=True)
