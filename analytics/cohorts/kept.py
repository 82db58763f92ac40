"""What each customer did in each period after their start, kept in the store."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store

Start = Literal["first_order", "first_event", "signed_up"]
Every = Literal["day", "week", "month"]
Counts = Literal["orders", "lines", "events"]
By = Literal["none", "product", "category", "channel", "discount"]

CODE_VERSION = 1
MONDAY, EPOCH = date(1970, 1, 5), date(1970, 1, 1)
CHOICES = {
    "start": ("first_order", "first_event", "signed_up"),
    "period": ("day", "week", "month"),
    "counts": ("orders", "lines", "events"),
    "split": ("none", "product", "category", "channel", "discount"),
}


@dataclass(frozen=True)
class Kept:
    """Customers' activity, kept in the store.

    Attributes:
        table: The name to hand to `store.query(tables={"activity": …})`: customer_id, start_day,
            cohort (its number), part, period, came, orders, revenue.
        as_of: The day it is as of.
        every: The period.
        start: What starts a customer.
        counts: What coming back is.
        by: What cohorts are split by.
    """

    table: str
    as_of: date
    every: Every
    start: Start
    counts: Counts
    by: By


def keep(
    store: Store,
    start: Start = "first_order",
    period: Every = "month",
    *,
    as_of: date | None = None,
    counts: Counts | None = None,
    by: By = "none",
) -> Kept:
    """Read the activity of all who started before the as-of day, unless it is kept already.

    Args:
        store: The shop.
        start: What starts a customer: `first_order`, `first_event` or `signed_up`.
        period: `day`, `week` (Monday to Sunday) or `month`.
        as_of: Only what happened before this day counts; by default the day after the last order.
        counts: What coming back is: placing an order (`orders`), any line that counts, returns too
            (`lines`), or any event (`events`). By default orders, in a shop that has any.
        by: Split by what the first order was: its `product` (of the most money) or that product's
            `category`, its `channel`, or whether it had a `discount`.

    Raises:
        NotEnoughDataError: Nobody has started by then.
        AnalyticsError: There is no such choice.
    """
    day = as_of or store.default_as_of()
    counts = counts or _usual(store)
    for name, chosen in (("start", start), ("period", period), ("counts", counts), ("split", by)):
        if chosen not in CHOICES[name]:
            raise AnalyticsError(
                f"There is no {name} “{chosen}”.", f"Choose {', '.join(CHOICES[name])}."
            )
    stamp = f"{store.version}_{day}_{start}_{period}_{counts}_{by}_{CODE_VERSION}"
    table = store.kept("cohorts", stamp)
    if table is None:
        found = store.arrow(
            "cohort_activity", as_of=day, begins=start, every=period, counts=counts, by=by
        )
        if not found.num_rows:
            raise _nobody(start, day)
        table = store.keep("cohorts", stamp, found)
    return Kept(table, day, period, start, counts, by)


def _usual(store: Store) -> Counts:
    rows = store.tables().set_index("table")["rows"]
    return "orders" if rows["orders"] or not rows["events"] else "events"


def _nobody(start: Start, day: date) -> NotEnoughDataError:
    before = f"before {day.day} {day:%B %Y}"
    if start == "first_order":
        return NotEnoughDataError(
            f"No known customer ordered {before}.",
            "Choose a later day, import orders with customer numbers, or start at the first event.",
        )
    if start == "first_event":
        return NotEnoughDataError(
            f"There is no event of a known customer {before}.",
            "Choose a later day, import an event file, or start at the first order.",
        )
    return NotEnoughDataError(
        f"No customer has a sign-up date {before}.",
        "Import a customer file with sign-up dates, or start at the first order.",
    )


def number_of(day: date, every: Every) -> int:
    """The number of the period a day lies in.

    >>> number_of(date(2024, 2, 29), "month") - number_of(date(2023, 12, 1), "month")
    2
    """
    if every == "month":
        return day.year * 12 + day.month - 1
    if every == "week":
        return (day - MONDAY).days // 7
    return (day - EPOCH).days


def start_of(number: int, every: Every) -> date:
    """The first day of a period.

    >>> start_of(number_of(date(2024, 2, 29), "week"), "week")
    datetime.date(2024, 2, 26)
    """
    if every == "month":
        return date(number // 12, number % 12 + 1, 1)
    if every == "week":
        return MONDAY + timedelta(days=7 * number)
    return EPOCH + timedelta(days=number)
