"""Every feature of a customer: its name, what it means and its unit. Used by every later model."""

# ruff: noqa: E501 - a table is read by its rows

from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "share", "money", "text", "flag", "day"]


@dataclass(frozen=True)
class Feature:
    """One column of the customer features.

    Attributes:
        name: The column, as of a day; nothing on or after that day goes into it.
        label: What a marketer calls it.
        meaning: How it is worked out, and when it is missing.
        unit: `days`, `orders`, `0 to 1`, `money`, … ; empty for texts and flags.
        kind: What it holds.
        group: What it is about: orders, money, habits, events, or the person.
    """

    name: str
    label: str
    meaning: str
    unit: str
    kind: Kind
    group: str


def _rows(group: str, *rows: tuple[str, str, str, str, Kind]) -> tuple[Feature, ...]:
    return tuple(
        Feature(name, label, meaning, unit, kind, group)
        for name, label, meaning, unit, kind in rows
    )


ORDERS = _rows(
    "Orders",
    ("recency_days", "Days since the last order", "from the last order to the as-of day; missing without an order", "days", "number"),
    ("orders", "Orders", "different orders; returns are none", "orders", "number"),
    ("tenure_days", "Days since the first order", "from the first order to the as-of day; missing without an order", "days", "number"),
    ("mean_gap_days", "Days between orders", "mean days between the days with an order; missing below two such days", "days", "number"),
    ("gap_spread_days", "Spread of days between orders", "standard deviation (n - 1) of the days between days with an order; missing below three such days", "days", "number"),
    ("first_order_day", "First order", "day of the first order", "", "day"),
    ("last_order_day", "Last order", "day of the last order", "", "day"),
)  # fmt: skip

MONEY = _rows(
    "Money",
    ("revenue", "Revenue", "revenue less returns and refunds, as on every page", "money", "money"),
    ("average_order_value", "Average order", "revenue over orders; missing without an order", "money", "number"),
    ("discount_order_share", "Orders on discount", "share of orders with a discount or a coupon; missing without an order", "0 to 1", "share"),
    ("refund_share", "Given back", "money refunded or returned over money ordered, above 1 where more came back than the data know was ordered; missing where nothing was ordered for money", "0 to 1", "share"),
    ("items", "Items", "pieces bought on order lines; a line without a quantity counts as one", "pieces", "number"),
    ("items_per_order", "Items per order", "pieces over orders; missing without an order", "pieces", "number"),
)  # fmt: skip

HABITS = _rows(
    "Habits",
    ("products", "Different products", "different products ordered", "products", "number"),
    ("categories", "Different categories", "different known categories ordered from", "categories", "number"),
    ("favourite_category", "Favourite category", "the category with most order lines; of equal ones the one with more revenue, then the first by name", "", "text"),
    ("favourite_category_share", "Share of the favourite category", "its share of the order lines of a known category", "0 to 1", "share"),
    ("favourite_channel", "Favourite channel", "the channel with most orders; of equal ones the one with more revenue, then the first by name", "", "text"),
    ("favourite_channel_share", "Share of the favourite channel", "its share of the orders of a known channel", "0 to 1", "share"),
    ("store_orders", "Orders in a store", "orders through a channel that is a store, as far as channels say so", "orders", "number"),
    ("online_orders", "Orders online", "orders through any other known channel", "orders", "number"),
    ("buys_both_ways", "Buys online and in a store", "has orders of both kinds", "", "flag"),
    ("weekend_order_share", "Orders at the weekend", "share of orders on a Saturday or Sunday, by their first line; missing without an order", "0 to 1", "share"),
    ("evening_order_share", "Orders in the evening", "share of orders from 18:00 to 24:00, by their first line; missing without an order and where order times have no hours", "0 to 1", "share"),
)  # fmt: skip

KINDS_OF_EVENT = {
    "view": "views", "search": "searches", "favourite": "favourites", "cart": "carts",
    "checkout": "checkouts", "purchase": "purchases", "click": "clicks", "open": "opens",
}  # fmt: skip
"""Kinds of event that are counted one by one, and what they are called in a feature's name."""

WINDOWS_DAYS = (7, 30, 90)

EVENTS = _rows(
    "Events",
    ("days_since_event", "Days since the last event", "from the last event to the as-of day; missing without one", "days", "number"),
    *(
        (f"events_{days}_days", f"Events in {days} days", f"all events in the {days} days before the as-of day", "events", "number")
        for days in WINDOWS_DAYS
    ),
    *(
        (f"{plural}_{days}_days", f"{plural.capitalize()} in {days} days", f"“{event}” events in the {days} days before the as-of day", "events", "number")
        for event, plural in KINDS_OF_EVENT.items()
        for days in WINDOWS_DAYS
    ),
    ("sessions_90_days", "Sessions in 90 days", "different sessions in the 90 days before the as-of day; of a customer without a named session, days with an event", "sessions", "number"),
    ("mean_session_minutes", "Minutes a session", "mean time from first to last event of the named sessions in those 90 days; missing without one", "minutes", "number"),
    ("cart_without_purchase", "Left something in the cart", "put something into the cart in the last 30 days and has neither ordered nor had a purchase event since; on the same day counts as since where order times have no hours", "", "flag"),
)  # fmt: skip

PERSON = _rows(
    "Person",
    ("days_since_signup", "Days since sign-up", "from sign-up to the as-of day; missing where unknown", "days", "number"),
    ("age_years", "Age", "whole years on the as-of day, from the birth date, else the age the shop gave; missing below 0 and above 120", "years", "number"),
    ("gender", "Gender", "as the shop gave it", "", "text"),
    ("city", "City", "as the shop gave it", "", "text"),
    ("country", "Country", "as the shop gave it", "", "text"),
    ("consent", "May be contacted", "as the shop gave it; missing where unknown", "", "flag"),
)  # fmt: skip

FEATURES: tuple[Feature, ...] = (*ORDERS, *MONEY, *HABITS, *EVENTS, *PERSON)
"""All of them, in the order of the columns. Beside them stand customer_id and attributes: the
further columns the shop uploaded of its customers, a JSON object of texts."""
BY_NAME: dict[str, Feature] = {feature.name: feature for feature in FEATURES}
