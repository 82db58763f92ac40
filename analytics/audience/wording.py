"""A rule as a sentence in plain words."""

from collections.abc import Mapping
from datetime import date

from analytics.audience.checks import check
from analytics.profile.catalogue import BY_NAME, Kind
from analytics.store.compile.rule import (
    All,
    AnyOf,
    Attribute,
    Bought,
    Cluster,
    Did,
    Feature,
    InAudience,
    InList,
    Not,
    Operator,
    Rule,
    Segment,
    Sequence,
    Step,
    Value,
)  # fmt: skip

WORDS: dict[Operator, str] = {
    "is": "is",
    "is_not": "is not",
    "at_least": "is at least",
    "at_most": "is at most",
    "more_than": "is more than",
    "less_than": "is less than",
    "between": "is between",
    "one_of": "is one of",
    "not_one_of": "is not one of",
    "contains": "contains",
    "starts_with": "starts with",
    "known": "is known",
    "unknown": "is not known",
}
DAY_WORDS: dict[Operator, str] = {
    "at_least": "is on or after",
    "at_most": "is on or before",
    "more_than": "is after",
    "less_than": "is before",
    "is": "is on",
    "is_not": "is not on",
}
LONGEST_QUOTE = 60


def operator_words(operator: Operator, kind: Kind) -> str:
    """A comparison as people say it of that kind of field."""
    return DAY_WORDS.get(operator, WORDS[operator]) if kind == "day" else WORDS[operator]


def describe(rule: Rule, groups: Mapping[int, str] | None = None) -> str:
    """A rule in plain words.

    Args:
        rule: The rule.
        groups: The names of the groups of customers (clusters) by number, where they are known.

    >>> bought = Bought("category", "Tea", times=2, days=90)
    >>> describe(All((Feature("orders", "at_least", (3,)), Not(bought))))
    'Customers: “Orders” is at least 3 and did not buy the category “Tea” at least 2 times in the last 90 days.'

    Raises:
        AnalyticsError: The rule makes no sense.
    """  # noqa: E501
    check(rule)
    return (
        "Every customer." if rule == All() else f"Customers: {_say(rule, groups or {}, top=True)}."
    )


def _say(rule: Rule, groups: Mapping[int, str], *, top: bool = False) -> str:
    match rule:
        case All(parts) | AnyOf(parts):
            joint = " and " if isinstance(rule, All) else " or "
            said = joint.join(_say(part, groups) for part in parts)
            return said if top or len(parts) == 1 else f"({said})"
        case Not(part):
            return _denied(part, groups)
        case Feature(name, operator, values):
            feature = BY_NAME[name]
            return _compared(feature.label, operator_words(operator, feature.kind), values)
        case Attribute(name, operator, values):
            return _compared(name, WORDS[operator], values)
        case Segment(names):
            return f"is in the segment {_either(names)}"
        case Cluster(numbers):
            named = tuple(groups.get(number, number) for number in numbers)
            the = "the " if isinstance(named[0], str) else ""
            return f"is in {the}group {_either(named)}"
        case Bought():
            return f"bought {_bought(rule)}"
        case Did(step, times, days):
            return f"did {_did(step, times, days)}"
        case Sequence():
            return _sequence(rule)
        case InList(name):
            return f"is in the uploaded list {_quote(name)}"
        case InAudience(name):
            return f"is in the audience {_quote(name)}"


def _denied(rule: Rule, groups: Mapping[int, str]) -> str:
    """The negation of a rule."""
    match rule:
        case Bought():
            return f"did not buy {_bought(rule)}"
        case Did(step, times, days):
            return f"did not do {_did(step, times, days)}"
        case Segment() | Cluster() | InList() | InAudience():
            return _say(rule, groups).replace("is in", "is not in", 1)
    return f"not ({_say(rule, groups, top=True)})"


def _compared(label: str, words: str, values: tuple[Value, ...]) -> str:
    if words == WORDS["between"]:
        return f"{_quote(label)} {words} {_value(values[0])} and {_value(values[1])}"
    said = f" {_either(values)}" if values else ""
    return f"{_quote(label)} {words}{said}"


def _either(values: tuple[Value, ...]) -> str:
    said = [_value(value) for value in values[:10]]
    if len(values) > len(said):
        return f"{', '.join(said)} or {len(values) - len(said):,} others"
    return " or ".join([", ".join(said[:-1]), said[-1]]) if len(said) > 1 else said[0]


def _value(value: Value) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return _quote(value)
        case date():
            return f"{value.day} {value:%B %Y}"
        case float() if not value.is_integer():
            return f"{value:,.10g}"
        case _:
            return f"{int(value):,}"


def _quote(text: str) -> str:
    """A text in quotation marks, long ones cut."""
    shown = text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"
    return f"“{shown}”"


def _times(times: int) -> str:
    return "" if times == 1 else f" at least {times:,} times"


def _before(days: int | None) -> str:
    if days is None:
        return ""
    return f" in the last {days:,} days" if days > 1 else " on the last day"


def _bought(rule: Bought) -> str:
    what = rule.what if rule.what == "anything" else f"the {rule.what} {_quote(rule.name)}"
    since = f" from {_value(rule.first_day)}" if rule.first_day else ""
    until = f" until {_value(rule.last_day)}" if rule.last_day else ""
    return f"{what}{_times(rule.times)}{_before(rule.days)}{since}{until}"


def _step(step: Step) -> str:
    said = _quote(step.event)
    if step.product is not None:
        said += f" of the product {_quote(step.product)}"
    if step.category is not None:
        said += f" of the category {_quote(step.category)}"
    if step.channel is not None:
        said += f" through {_quote(step.channel)}"
    return said


def _did(step: Step, times: int, days: int | None) -> str:
    return f"{_step(step)}{_times(times)}{_before(days)}"


def _sequence(rule: Sequence) -> str:
    then = "and then" if rule.happened else "and then not"
    days = f"{rule.within_days:,} days" if rule.within_days > 1 else "one day"
    return f"did {_step(rule.first)}{_before(rule.days)} {then} {_step(rule.then)} within {days}"
