"""What a funnel asks for: its steps, what must not come between them, and what a purchase is."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import pandas as pd
import pyarrow as pa

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store

Order = Literal["sequential", "strict", "any"]
Unit = Literal["customer", "session"]
Source = Literal["order", "event"]

MOST_STEPS = 8
PURCHASE = "purchase"
USUAL_ORDER = (
    *("impression", "open", "click", "search", "view", "favourite", "cart", "checkout", PURCHASE),
)
"""The order in which a shop's events usually come; others stand before the cart."""
FILTERS = ("channel", "campaign", "product_id", "category")


@dataclass(frozen=True)
class Step:
    """A kind of event, or `purchase`, which is an order wherever the shop has orders.

    Attributes:
        event: The kind of event, as in `cart`.
        channel: Only through this channel; any by default.
        campaign: Only through this campaign.
        product_id: Only of this product.
        category: Only of products of this category.
    """

    event: str
    channel: str | None = None
    campaign: str | None = None
    product_id: str | None = None
    category: str | None = None

    @property
    def label(self) -> str:
        """The step in words.

        >>> Step("view", category="Tea").label
        'view (category Tea)'
        """
        told = [
            f"{name.removesuffix('_id')} {value}"
            for name in FILTERS
            if (value := getattr(self, name)) is not None
        ]
        return f"{self.event} ({', '.join(told)})" if told else self.event


@dataclass(frozen=True)
class Exclusion:
    """What must not lie strictly between two steps in time.

    Attributes:
        step: The kind of event.
        after: Between the step of this number (from 1) and the next; between any two by default.
    """

    step: Step
    after: int | None = None


@dataclass(frozen=True)
class Asked:
    """A funnel as it is asked for.

    Attributes:
        steps: Its steps in order.
        window_days: The most days from the first step to the last.
        order: `sequential` (other events may lie between), `strict` (none may) or `any`.
        unit: Whether persons or sessions are counted.
        by: What it is broken down by: a field of the first step's event, or of the person.
        attribution: Whose value counts: that of the first or the last such event of the person, or
            all of them, each with the attempts that began with it.
        exclude: What must not lie between steps.
        from_day: Only what happened on or after this day counts.
        as_of: Only what happened before this day counts.
    """

    steps: tuple[Step, ...]
    window_days: float
    order: Order
    unit: Unit
    by: str | None
    attribution: Literal["first", "last", "all"]
    exclude: tuple[Exclusion, ...]
    from_day: date | None
    as_of: date | None


BREAKDOWNS = ("channel", "campaign", "product_id", "category", "city", "country", "gender")


def as_step(step: str | Step) -> Step:
    """A step from its event's name, or as it is."""
    return Step(step) if isinstance(step, str) else step


def check(asked: Asked) -> None:
    """Complain where what is asked makes no sense.

    Raises:
        AnalyticsError: There are no steps or too many, the window is none, …
    """
    if not 1 <= len(asked.steps) <= MOST_STEPS:
        raise AnalyticsError(
            f"A funnel of {len(asked.steps)} steps is not possible.",
            f"Choose 1 to {MOST_STEPS}.",
        )
    if not asked.window_days > 0:
        raise AnalyticsError(
            f"{asked.window_days:g} days leave no time for the steps.", "Choose more than 0 days."
        )
    for value, known in (
        (asked.order, ("sequential", "strict", "any")),
        (asked.unit, ("customer", "session")),
        (asked.attribution, ("first", "last", "all")),
        (asked.by, (None, *BREAKDOWNS)),
    ):
        if value not in known:
            raise AnalyticsError(
                f"“{value}” is not possible here.",
                f"Choose among {', '.join(str(each) for each in known if each)}.",
            )
    if asked.order == "any":
        if len({step.event for step in asked.steps}) < len(asked.steps):
            raise AnalyticsError(
                "A kind of event stands in two steps, and their order does not matter.",
                "Choose different kinds of event, or an order.",
            )
        if asked.exclude:
            raise AnalyticsError(
                "In any order, nothing lies between two steps.",
                "Choose an order, or leave nothing out.",
            )
    for exclusion in asked.exclude:
        if exclusion.after is not None and not 1 <= exclusion.after < len(asked.steps):
            raise AnalyticsError(
                f"No step follows step {exclusion.after}.",
                f"Choose a step from 1 to {len(asked.steps) - 1}.",
            )


def table(asked: Asked, kinds: pd.DataFrame) -> pa.Table:
    """The steps as the query reads them.

    Two steps of one moment count in the order asked; but a kind of event that already stood in an
    earlier step must come strictly later than the step before, so that no event counts twice.
    """
    steps = asked.steps
    rows = [
        (place, "step", step, int(step.event in {other.event for other in steps[: place - 1]}))
        for place, step in enumerate(steps, start=1)
    ]
    excluded = list(asked.exclude)
    if asked.order == "strict":
        excluded += [Exclusion(Step(event)) for event in kinds["event"].unique()]
    rows += [
        (place, "between", exclusion.step, 0)
        for exclusion in excluded
        for place in range(2, len(steps) + 1)
        if exclusion.after in (None, place - 1)
    ]
    return pa.table(
        {
            "row_no": pa.array(range(len(rows)), pa.int64()),
            "place": pa.array([place for place, _, _, _ in rows], pa.int64()),
            "role": pa.array([role for _, role, _, _ in rows], pa.string()),
            "event": pa.array([step.event for _, _, step, _ in rows], pa.string()),
            **{
                name: pa.array([getattr(step, name) for _, _, step, _ in rows], pa.string())
                for name in FILTERS
            },
            "gap_us": pa.array([gap for _, _, _, gap in rows], pa.int64()),
        }
    )


def kinds(store: Store, as_of: date | None = None) -> pd.DataFrame:
    """The kinds of event of the shop, its orders among them, in the order they usually come.

    Where a purchase is an order (see `purchases`), purchase events are left out, and the other
    way round.

    Args:
        store: The shop.
        as_of: Only what happened before this day counts.

    Returns:
        DataFrame: source (event or order), event, moments (how many), of_known (of these, of a
        known customer), with_session, with_product, with_channel, with_campaign, first_day,
        last_day.

    Raises:
        NotEnoughDataError: There is neither an event nor an order.
    """
    found = store.query("journey_kinds", until_day=as_of)
    check_known(found)
    unused = "event" if purchases(found, "customer") == "order" else "order"
    found = found[(found["event"] != PURCHASE) | (found["source"] != unused)]
    places = sorted(range(len(found)), key=lambda row: usual_place(found["event"].iloc[row]))
    return found.iloc[places].reset_index(drop=True)


def usual_place(event: str) -> tuple[float, str]:
    """Where a kind of event usually stands among the others.

    >>> sorted(["purchase", "wish", "view", "cart"], key=usual_place)
    ['view', 'wish', 'cart', 'purchase']
    """
    usual = {known: float(place) for place, known in enumerate(USUAL_ORDER)}
    return usual.get(event, usual["cart"] - 0.5), event


def check_known(found: pd.DataFrame) -> None:
    """Complain where there is neither an event nor an order.

    Raises:
        NotEnoughDataError: There is none.
    """
    if found.empty:
        raise NotEnoughDataError(
            "There are no events before this day.",
            "Import the shop's event file on the Data page, or choose a later day.",
        )


def purchases(found: pd.DataFrame, unit: Unit) -> Source:
    """Whether a purchase is an order or a `purchase` event; never both, so that none counts twice.

    Persons buy what the orders say, wherever orders and events overlap in time, since orders know
    of cancellations and of what was bought elsewhere. A session's purchases are its events, where
    there are any: an order belongs to no session by name.

    Args:
        found: What the query `journey_kinds` returns.
        unit: Whether persons or sessions are counted.
    """
    is_order, is_purchase = found["source"] == "order", found["event"] == PURCHASE
    orders, events = found[is_order], found[~is_order]
    if orders.empty or (unit == "session" and (is_purchase & ~is_order).any()):
        return "event"
    if events.empty or not (is_purchase & ~is_order).any():
        return "order"
    overlap = (
        orders["first_day"].min() <= events["last_day"].max()
        and events["first_day"].min() <= orders["last_day"].max()
    )
    return "order" if overlap else "event"
