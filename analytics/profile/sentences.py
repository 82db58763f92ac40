"""A record in words: who it is, when they order, what happened."""

from collections import Counter
from typing import Any

import pandas as pd

from analytics.profile import words
from analytics.profile.record import Record

FEW = 3
"""Below so many orders there is no habit to speak of; nor with more than so many equal hours."""
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LEFT_OUT = "left out, as chosen on the Data page"
FATES = {
    "analysed": "counts",
    "test": "test order, does not count",
    "cancelled": "cancelled, does not count",
    "cancelled_invoice": LEFT_OUT,
    "return": LEFT_OUT,
    "free": LEFT_OUT,
    "other_currency": "left out: no exchange rate yet",
}
"""What became of an order."""


def headline(found: Record, unit: str = "") -> str:
    """Who a customer is to the shop, in a sentence without its segment.

    Args:
        found: The record.
        unit: What money is called, or empty.
    """
    orders = found.feature("orders")
    if pd.isna(orders):
        return f"Nothing is known of this customer before {words.day(found.as_of)}."
    revenue = words.amount(found.feature("revenue"), unit)
    if orders:
        return (
            f"Customer since {words.day(found.feature('first_order_day'))}: "
            f"{words.count(int(orders), 'order')} and {revenue} of revenue; the last order was "
            f"{words.count(int(found.feature('recency_days')), 'day')} ago."
        )
    if found.feature("revenue"):
        return f"No order of theirs counts before this day; their returns come to {revenue}."
    seen = found.feature("days_since_event")
    if pd.isna(seen):
        return "Has not ordered yet, and nothing they did is recorded before this day."
    return f"Has not ordered yet; was last seen {words.count(int(seen), 'day')} ago."


def usual_time(orders: pd.DataFrame) -> str:
    """On which weekday and at what hour they order most; empty where there is no habit.

    Args:
        orders: day, hour; as of `Record.orders`.
    """
    if len(orders) < FEW:
        return ""
    weekdays: Counter[int] = Counter(pd.to_datetime(orders["day"]).dt.day_of_week)
    hours: Counter[int] = Counter(map(int, orders["hour"]))
    days, times = _most(weekdays), _most(hours)
    said = []
    if len(days) <= FEW:
        each = " each" if len(days) > 1 else ""
        many = f"{weekdays[days[0]]:,} of {len(orders):,} orders{each}"
        said.append(f"on {_and([f'{WEEKDAYS[day]}s' for day in days])} ({many})")
    if set(hours) != {0} and len(times) <= FEW and hours[times[0]] > 1:
        clock = _and([f"{hour}:00" for hour in times])
        one, each = ("hour", "") if len(times) == 1 else ("hours", " each")
        said.append(f"in the {one} from {clock} ({hours[times[0]]:,} orders{each})")
    return f"They order most often {' and '.join(said)}." if said else ""


def months(orders: pd.DataFrame) -> pd.DataFrame:
    """The orders of each month in which there is one.

    Args:
        orders: day, revenue; as of `Record.orders`.

    Returns:
        DataFrame month (its first day), orders, revenue (money as floats, for a picture).
    """
    days = pd.to_datetime(orders["day"])
    each = pd.DataFrame(
        {
            "month": days.dt.to_period("M").dt.to_timestamp(),
            "orders": 1,
            "revenue": orders["revenue"].astype(object).astype(float),
        }
    )
    return each.groupby("month", as_index=False).sum()


def readable(timeline: pd.DataFrame) -> pd.DataFrame:
    """A timeline in words.

    Args:
        timeline: As of `Timeline.frame`.

    Returns:
        DataFrame when (shop time), kind, what, product, items (pieces), revenue (money, exact),
        channel, campaign_or_variant, counts (whether an order does, else why not).
    """
    products = [
        f"{name} and {int(different) - 1} more" if pd.notna(different) and different > 1 else name
        for name, different in zip(timeline["product"], timeline["products"], strict=True)
    ]
    return pd.DataFrame(
        {
            "when": timeline["happened_at"],
            "kind": timeline["kind"].str.capitalize(),
            "what": timeline["what"],
            "product": pd.Series(products, index=timeline.index, dtype=object),
            "items": [float(one) if pd.notna(one) else None for one in timeline["items"]],
            "revenue": timeline["revenue"],
            "channel": timeline["channel"],
            "campaign_or_variant": timeline["detail"],
            "counts": [FATES.get(fate, fate) for fate in timeline["fate"]],
        }
    ).astype({"items": "float64"})


def _most(counts: Counter[Any]) -> list[Any]:
    """The commonest ones, in order."""
    most = max(counts.values())
    return sorted(one for one, count in counts.items() if count == most)


def _and(parts: list[str]) -> str:
    """A list in words.

    >>> _and(["Mondays", "Tuesdays", "Fridays"])
    'Mondays, Tuesdays and Fridays'
    """
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
