"""What a test may be judged by: each metric, what it counts of a customer, and its unit.

The customer is always the unit: a rate is the share of the assigned customers, "per visitor" is per
assigned customer, and those who did nothing count as zero. Ratios (average order value,
click-through rate) are sums over sums.

Open and unsubscribe rates are shares of the assigned customers with at least one such event (the
"unique open rate"): a shop's files seldom say what was delivered, and whoever was assigned was
meant to get the message. The satisfaction score is the mean over all answers, not over customers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from analytics.errors import AnalyticsError
from analytics.experiment.moments import Kind
from analytics.store import Store

__all__ = [
    "BUILT_IN",
    "DEFAULT",
    "HEADLINE",
    "Measure",
    "Metric",
    "available",
    "event_count",
    "metric",
    "ratio",
    "retention_rate",
    "satisfaction_score",
]

Counted = Literal["count", "value", "answers", "whether"]


@dataclass(frozen=True)
class Measure:
    """What is summed of each customer.

    Attributes:
        of: `revenue`, `orders`, `buyer` (1 with an order), `returned` (1 with an order or event so
            many days on), or `event`.
        event: The event's name.
        counted: Of an event: how many (`count`), the sum of their values (`value`), how many carry
            a value (`answers`), or 1 with any (`whether`).
    """

    of: Literal["revenue", "orders", "buyer", "returned", "event"]
    event: str = ""
    counted: Counted = "count"


REVENUE, ORDERS, BUYER = Measure("revenue"), Measure("orders"), Measure("buyer")


@dataclass(frozen=True)
class Metric:
    """One way to judge a test.

    Attributes:
        name: What it is called in frames and saved plans.
        label: What a marketer calls it.
        kind: `proportion`, `mean` or `ratio`.
        unit: `share`, `money`, `orders`, `events`, `points`, ….
        value: What is summed of each customer; of a ratio, above the line.
        denominator: Of a ratio, below the line.
        higher_is_better: Whether more of it is what one wants.
        retention_days: Of a retention rate, the days.
        about: How it is worked out, in a sentence.
    """

    name: str
    label: str
    kind: Kind
    unit: str
    value: Measure
    denominator: Measure | None = None
    higher_is_better: bool = True
    retention_days: int | None = None
    about: str = ""


def _did(event: str) -> Measure:
    return Measure("event", event, "whether")


def _count(event: str) -> Measure:
    return Measure("event", event, "count")


HEADLINE = "revenue_per_visitor"
DEFAULT = (HEADLINE, "conversion_rate", "average_order_value", "orders_per_visitor")
"""What a test is judged by if nothing is said."""

BUILT_IN: Mapping[str, Metric] = {
    one.name: one
    for one in (
        Metric(
            HEADLINE, "Revenue per visitor", "mean", "money", REVENUE,
            about="Revenue less refunds over all assigned customers, buyers or not.",
        ),
        Metric(
            "conversion_rate", "Conversion rate", "proportion", "share", BUYER,
            about="Share of the assigned customers with at least one order.",
        ),
        Metric(
            "average_order_value", "Average order value", "ratio", "money", REVENUE, ORDERS,
            about="Revenue over orders, with the customer as unit.",
        ),
        Metric(
            "orders_per_visitor", "Orders per visitor", "mean", "orders", ORDERS,
            about="Orders over all assigned customers.",
        ),
        Metric(
            "click_through_rate", "Click-through rate", "ratio", "share",
            _count("click"), _count("impression"),
            about="Clicks over impressions, with the customer as unit.",
        ),
        Metric(
            "open_rate", "Open rate", "proportion", "share", _did("open"),
            about="Share of the assigned customers who opened at least one message.",
        ),
        Metric(
            "unsubscribe_rate", "Unsubscribe rate", "proportion", "share", _did("unsubscribe"),
            higher_is_better=False,
            about="Share of the assigned customers who unsubscribed.",
        ),
    )
}  # fmt: skip
"""The metrics that need nothing to be said; by name."""


def retention_rate(days: int) -> Metric:
    """Share of the assigned customers who came back: an order or event at least `days` days after.

    It counts from the day that lies `days` × 24 hours after the first exposure to the end of the
    window, so that the window must be longer.

    Raises:
        AnalyticsError: It is less than a day.
    """
    if days < 1:
        raise AnalyticsError(
            "Retention is asked for less than a day.", "Ask for 1 day or more after the exposure."
        )
    return Metric(
        f"retention_rate:{days}",
        f"Retention after {days} {'day' if days == 1 else 'days'}",
        "proportion",
        "share",
        Measure("returned"),
        retention_days=days,
        about=f"Share with an order or event {days} days or more after the first exposure.",
    )


def event_count(event: str) -> Metric:
    """Events of a kind over all assigned customers."""
    return Metric(
        f"event_count:{event}",
        f"“{event}” per visitor",
        "mean",
        "events",
        _count(event),
        about=f"Events “{event}” over all assigned customers.",
    )


def satisfaction_score(event: str) -> Metric:
    """Mean value over all answers: events of a kind that carry a value."""
    return Metric(
        f"satisfaction_score:{event}",
        f"Mean of “{event}”",
        "ratio",
        "points",
        Measure("event", event, "value"),
        Measure("event", event, "answers"),
        about=f"Mean value over all events “{event}” with a value; who gave none says nothing.",
    )


def ratio(
    above: Measure, below: Measure, name: str, label: str = "", *, higher_is_better: bool = True
) -> Metric:
    """A ratio of one's own: the sum of one measure over the sum of another.

    Args:
        above: What is above the line, such as `Measure("event", "cart")`.
        below: What is below.
        name: What to call it.
        label: What to call it in sentences; by default its name.
        higher_is_better: Whether more of it is what one wants.
    """
    unit = "money" if above.of == "revenue" else "ratio"
    return Metric(
        name, label or name, "ratio", unit, above, below, higher_is_better,
        about="The sum of one over the sum of the other, with the customer as unit.",
    )  # fmt: skip


def metric(name: str | Metric) -> Metric:
    """A metric by its name: a built-in one, or `retention_rate:7`, `event_count:view`, ….

    Raises:
        AnalyticsError: There is none of that name.
    """
    if isinstance(name, Metric):
        return name
    kind, _, detail = name.partition(":")
    if name in BUILT_IN:
        return BUILT_IN[name]
    if kind == "retention_rate" and detail.isdecimal():
        return retention_rate(int(detail))
    if kind == "event_count" and detail:
        return event_count(detail)
    if kind == "satisfaction_score" and detail:
        return satisfaction_score(detail)
    raise AnalyticsError(
        f"There is no metric “{name}”.",
        f"Choose among {', '.join(BUILT_IN)}, retention_rate:7, event_count:view and "
        "satisfaction_score:rating.",
    )


def available(store: Store) -> Sequence[Metric]:
    """The metrics that the shop's data can give, the headline first."""
    tables = store.tables().set_index("table")
    events = store.query("experiment_events")
    names = set(events["event"])
    found = [BUILT_IN[name] for name in DEFAULT] if tables.loc["orders", "rows"] else []
    for name in ("click_through_rate", "open_rate", "unsubscribe_rate"):
        one = BUILT_IN[name]
        needed = {part.event for part in (one.value, one.denominator) if part is not None}
        if needed <= names:
            found.append(one)
    found.append(retention_rate(7))
    found += [event_count(name) for name in events["event"]]
    found += [satisfaction_score(name) for name in events["event"][events["with_value"] > 0]]
    return tuple(found)
