"""When a product was out of stock: what was marked, and what looks like it.

A run of days without a sale is suspected where chance hardly explains it: with the share p of days
that had a sale in the eight weeks before and after, a run of n days is expected
days × p × (1 - p)ⁿ times; it is suggested where that is below one in a hundred over all products.
A run that another year has at the same time is the product's season. Nothing is marked by itself.
"""

from datetime import date

import numpy as np
import pandas as pd

from analytics.forecast.series import Days, _day, _ordinals, _until
from analytics.store import Store
from analytics.store.stock_outs import delete_stock_outs, write_stock_out

SHORTEST_DAYS = 14
AROUND_DAYS = 56
FALSE_FINDS = 0.01
YEAR_DAYS = 364
HARDLY_SHARE = 0.1


def suspected_stock_outs(store: Store, as_of: date | None = None) -> pd.DataFrame:
    """Runs of days on which a product that sells otherwise did not, the most lost first.

    Args:
        store: The shop.
        as_of: Only what happened before this day counts; by default the day after the last order.

    Returns:
        DataFrame product_id, name, first_day, last_day (dates, both within), days, sales_days_share
        (of the days around, those with a sale, 0 to 1), lost_revenue (money: the revenue a day
        around it times the days), marked (whether it was marked as out of stock).
    """
    until = _until(store, as_of)
    sold = store.query("demand_days", by="product", until_day=until)
    sold = sold[(sold["orders"] > 0) & (sold["series"] != "not given")]
    calendar, days = np.unique(_ordinals(sold["day"]), return_inverse=True)
    groups = sold.groupby("series", sort=True).indices
    revenue = sold["revenue"].astype(float).to_numpy()
    rows = []
    for key, where in groups.items():
        own = np.sort(days[where])
        for place in np.flatnonzero(np.diff(own) > SHORTEST_DAYS):
            first, last = int(own[place]) + 1, int(own[place + 1]) - 1
            share = _share_around(own, first, last, len(calendar))
            missing = last - first + 1
            expected = len(calendar) * share * (1 - share) ** missing
            if expected > FALSE_FINDS / len(groups) or _is_season(own, first, last, len(calendar)):
                continue
            near = where[(days[where] >= first - AROUND_DAYS) & (days[where] <= last + AROUND_DAYS)]
            around = _days_around(first, last, len(calendar))
            rows.append((key, calendar[first], calendar[last], missing, share,
                         revenue[near].sum() / around * missing))  # fmt: skip
    found = pd.DataFrame(
        rows,
        columns=["product_id", "first", "last", "days", "sales_days_share", "lost_revenue"],
    )
    names = store.query("demand_products").set_index("product_id")["name"]
    marks = store.query("demand_stock_outs")
    starts, ends = _ordinals(marks["first_day"]), _ordinals(marks["last_day"])
    found["name"] = found["product_id"].map(names)
    found["marked"] = [
        bool(((marks["product_id"] == key).to_numpy() & (starts <= last) & (ends >= first)).any())
        for key, first, last in zip(found["product_id"], found["first"], found["last"], strict=True)
    ]
    found["first_day"] = pd.to_datetime([_day(day) for day in found["first"]])
    found["last_day"] = pd.to_datetime([_day(day) for day in found["last"]])
    columns = ["product_id", "name", "first_day", "last_day", "days", "sales_days_share",
               "lost_revenue", "marked"]  # fmt: skip
    return found.sort_values("lost_revenue", ascending=False)[columns].reset_index(drop=True)


def mark_out_of_stock(store: Store, product_id: str, first_day: date, last_day: date) -> None:
    """Mark a product as out of stock: those days then count as not known instead of as zero.

    Raises:
        AnalyticsError: The last day is before the first.
    """
    write_stock_out(store, product_id, first_day, last_day)


def unmark_out_of_stock(store: Store, product_id: str) -> None:
    """Take all marks of a product away."""
    delete_stock_outs(store, product_id)


def _days_around(first: int, last: int, count: int) -> int:
    """How many days before and after a run are looked at."""
    return min(first, AROUND_DAYS) + min(count - 1 - last, AROUND_DAYS)


def _share_around(own: Days, first: int, last: int, count: int) -> float:
    """The share of days with a sale before or after a run, whichever is lower.

    The lower one, since a product that begins or fades sells rarely on one side anyway.
    """
    before = ((own >= first - AROUND_DAYS) & (own < first)).sum() / max(min(first, AROUND_DAYS), 1)
    left = min(count - 1 - last, AROUND_DAYS)
    after = ((own > last) & (own <= last + AROUND_DAYS)).sum() / max(left, 1)
    return float(min(before, after))


def _is_season(own: Days, first: int, last: int, count: int) -> bool:
    """Whether the same days of another year, as far as the data know them, had hardly a sale."""
    for shift in (-YEAR_DAYS, YEAR_DAYS):
        begin, end = max(first + shift, int(own[0])), min(last + shift, count - 1)
        known = end - begin + 1
        if known < max(SHORTEST_DAYS, (last - first + 1) / 3):
            continue
        if ((own >= begin) & (own <= end)).sum() <= HARDLY_SHARE * known:
            return True
    return False
