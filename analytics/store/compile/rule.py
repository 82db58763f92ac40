"""What an audience rule is made of: conditions on one customer, joined by and, or, not.

A condition that compares with a missing value is not fulfilled, and its negation is: there is no
third answer. The days a condition looks back on end with the day before the as-of day.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Value = bool | int | float | str | date
Operator = Literal[
    "is", "is_not", "at_least", "at_most", "more_than", "less_than", "between", "one_of",
    "not_one_of", "contains", "starts_with", "known", "unknown",
]  # fmt: skip


@dataclass(frozen=True)
class All:
    """Every part is fulfilled; without parts, everybody."""

    parts: tuple["Rule", ...] = ()


@dataclass(frozen=True)
class AnyOf:
    """At least one part is fulfilled."""

    parts: tuple["Rule", ...]


@dataclass(frozen=True)
class Not:
    """The part is not fulfilled."""

    part: "Rule"


@dataclass(frozen=True)
class Feature:
    """A comparison of a column of the customer features.

    Attributes:
        name: The column.
        operator: How to compare; `between` includes both ends; texts are compared letter by letter.
        values: With what: none for `known` and `unknown`, two for `between`, else one or more.
    """

    name: str
    operator: Operator
    values: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Attribute:
    """A comparison of a further column the shop uploaded of its customers.

    Attributes:
        name: The column's header.
        operator: How to compare.
        values: With what: texts, or numbers, which are compared where the text reads as one.
    """

    name: str
    operator: Operator
    values: tuple[int | float | str, ...] = ()


@dataclass(frozen=True)
class Segment:
    """Is in one of these segments by recency, frequency and value."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Cluster:
    """Is in one of these clusters."""

    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Bought:
    """Has at least so many orders of something; returns are no orders.

    Attributes:
        what: Which orders count: any, those with a product, or those with a category.
        name: The product's number or the category's name.
        times: At least so many different orders.
        days: In so many days before the as-of day.
        first_day: Instead of `days`: from this day on.
        last_day: Up to and including this day.
    """

    what: Literal["anything", "product", "category"] = "anything"
    name: str = ""
    times: int = 1
    days: int | None = None
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True)
class Step:
    """A kind of event, if wanted only of one product, category or channel."""

    event: str
    product: str | None = None
    category: str | None = None
    channel: str | None = None


@dataclass(frozen=True)
class Did:
    """Has at least so many events of a kind, in so many days before the as-of day or ever."""

    step: Step
    times: int = 1
    days: int | None = None


@dataclass(frozen=True)
class Sequence:
    """Did one thing and then, within some days, another; or then did not.

    An order counts as a `purchase`; one without a time of day counts as the last moment of its
    day. Only first steps count whose days to react were over before the as-of day. What happened
    at the same moment counts as after it; where both steps are of the same kind of event, the
    second counts from the next day on.

    Attributes:
        first: The first step.
        then: The second.
        within_days: How long after the first the second counts, to the microsecond.
        happened: Whether the second must have followed or, for one first step, must not have.
        days: Only first steps of so many days before the as-of day, or ever.
    """

    first: Step
    then: Step
    within_days: int
    happened: bool
    days: int | None = None


@dataclass(frozen=True)
class InList:
    """Is in an uploaded list of customer numbers."""

    name: str


@dataclass(frozen=True)
class InAudience:
    """Is in another saved audience."""

    name: str


Rule = (
    All | AnyOf | Not | Feature | Attribute | Segment | Cluster | Bought | Did | Sequence | InList
    | InAudience
)  # fmt: skip
