"""What is wrong with a rule, in the user's words."""

from collections.abc import Callable
from datetime import date
from typing import Any, get_args

from analytics.errors import AnalyticsError
from analytics.profile.catalogue import BY_NAME, Kind
from analytics.store.compile import conditions
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
)  # fmt: skip

ORDERED: tuple[Operator, ...] = (
    "at_least", "at_most", "more_than", "less_than", "between", "is", "is_not", "one_of",
    "not_one_of",
)  # fmt: skip
WORDED: tuple[Operator, ...] = (
    "is", "is_not", "one_of", "not_one_of", "contains", "starts_with",
)  # fmt: skip
KNOWN: tuple[Operator, ...] = ("known", "unknown")
OPERATORS: dict[Kind, tuple[Operator, ...]] = {
    "number": (*ORDERED, *KNOWN),
    "share": (*ORDERED, *KNOWN),
    "money": (*ORDERED, *KNOWN),
    "text": (*WORDED, *KNOWN),
    "flag": ("is", *KNOWN),
    "day": ("at_least", "at_most", "more_than", "less_than", "between", "is", "is_not", *KNOWN),
}
"""Which comparisons fit a feature of each kind."""

MOST_CONDITIONS, DEEPEST = 100, 20
MOST_VALUES = 1_000
LONGEST_TEXT = 100_000
LARGEST = 1_000_000_000_000_000
MOST_TIMES, MOST_DAYS = 1_000_000, 36_500


def check(rule: Rule) -> Rule:
    """The rule itself, if it makes sense.

    Raises:
        AnalyticsError: What does not, and what to do about it.
    """
    _check_groups(rule, 0)
    if sum(1 for _ in conditions(rule)) > MOST_CONDITIONS:
        raise AnalyticsError(
            f"The rule has more than {MOST_CONDITIONS} conditions.",
            "Save parts of it as audiences and refer to them.",
        )
    for one in conditions(rule):
        CHECKS[type(one)](one)
    return rule


def too_deep() -> AnalyticsError:
    return AnalyticsError(
        f"The rule has groups within groups more than {DEEPEST} deep.",
        "Save inner groups as audiences and refer to them.",
    )


def _check_groups(rule: Rule, depth: int) -> None:
    if depth > DEEPEST:
        raise too_deep()
    match rule:
        case All(parts) | AnyOf(parts):
            if not parts and (depth or isinstance(rule, AnyOf)):
                raise AnalyticsError(
                    "A group has no condition.", "Add a condition, or remove the group."
                )
            for part in parts:
                _check_groups(part, depth + 1)
        case Not(part):
            _check_groups(part, depth + 1)


def _check_feature(one: Feature) -> None:
    if one.name not in BY_NAME:
        raise AnalyticsError(f"“{one.name[:80]}” is not known of customers.", "Choose another.")
    feature = BY_NAME[one.name]
    _check_comparison(feature.label, one.operator, one.values, OPERATORS[feature.kind])
    wanted: tuple[type, ...] = {
        "text": (str,), "flag": (bool,), "day": (date,)
    }.get(feature.kind, (int, float))  # fmt: skip
    for value in one.values:
        if type(value) not in wanted:
            raise AnalyticsError(
                f"“{feature.label}” cannot be compared with “{str(value)[:80]}”.",
                f"Give {_WANTED[wanted[0]]}.",
            )
    _check_order(feature.label, one.operator, one.values)


_WANTED = {str: "a text", bool: "yes or no", date: "a day", int: "a number"}


def _check_attribute(one: Attribute) -> None:
    _check_text("The field's name", one.name)
    numeric = all(type(value) in (int, float) for value in one.values)
    if not numeric and not all(isinstance(value, str) for value in one.values):
        raise AnalyticsError(
            f"“{one.name[:80]}” cannot be compared with texts and numbers at once.",
            "Give only texts, or only numbers.",
        )
    fitting = (*ORDERED, *KNOWN) if numeric else WORDED
    _check_comparison(one.name[:80], one.operator, one.values, fitting)
    _check_order(one.name[:80], one.operator, one.values)


def _check_order(label: str, operator: Operator, values: tuple[Any, ...]) -> None:
    """The first of two limits must be the smaller."""
    if operator == "between" and values[0] > values[1]:
        raise AnalyticsError(
            f"“{label}” cannot be between these: the first is the greater.",
            "Give the smaller one first.",
        )


def _check_comparison(
    label: str, operator: str, values: tuple[Any, ...], fitting: tuple[Operator, ...]
) -> None:
    if operator not in fitting:
        raise AnalyticsError(
            f"“{label}” cannot be compared in this way.", "Choose another comparison."
        )
    many = {"known": 0, "unknown": 0, "between": 2}.get(operator, 1)
    more = operator in ("one_of", "not_one_of") and 1 <= len(values) <= MOST_VALUES
    if len(values) != many and not more:
        if len(values) > MOST_VALUES:
            raise AnalyticsError(
                f"“{label}” is compared with more than {MOST_VALUES:,} values.",
                "Upload a list of customers instead.",
            )
        raise AnalyticsError(f"“{label}” is compared with nothing yet.", "Give a value.")
    for value in values:
        if isinstance(value, str):
            _check_text(f"The value of “{label}”", value)
        elif isinstance(value, int | float) and not abs(value) <= LARGEST:
            raise AnalyticsError(
                f"“{label}” is compared with a number without sense.",
                f"Give one from −{LARGEST:,} to {LARGEST:,}.",
            )


def _check_text(what: str, text: str) -> None:
    if not isinstance(text, str) or not text:
        raise AnalyticsError(f"{what} is missing.", "Fill it in.")
    if len(text) > LONGEST_TEXT:
        raise AnalyticsError(
            f"{what} is longer than {LONGEST_TEXT:,} characters.", "Give a shorter one."
        )
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise AnalyticsError(
            f"{what} has half a character, which cannot be kept.", "Type it again."
        ) from error


def _check_whole(what: str, number: int | None, most: int) -> None:
    if number is not None and not (type(number) is int and 1 <= number <= most):
        raise AnalyticsError(f"The number of {what} makes no sense.", f"Give 1 to {most:,}.")


def _check_segment(one: Segment) -> None:
    _check_comparison("Segment", "one_of", one.names, ("one_of",))
    for name in one.names:
        _check_text("The segment", name)


def _check_cluster(one: Cluster) -> None:
    _check_comparison("Group", "one_of", one.numbers, ("one_of",))
    if any(type(number) is not int for number in one.numbers):
        raise AnalyticsError("The number of a group is a whole number.", "Choose a group.")


def _check_bought(one: Bought) -> None:
    if one.what not in ("anything", "product", "category"):
        raise AnalyticsError(
            f"“{str(one.what)[:80]}” cannot be bought.", "Choose a product or category."
        )
    if one.what != "anything":
        _check_text(f"The {one.what}", one.name)
    elif one.name:
        raise AnalyticsError("“Anything” has no name.", "Choose a product or a category.")
    _check_whole("times", one.times, MOST_TIMES)
    _check_whole("days", one.days, MOST_DAYS)
    if one.days is not None and (one.first_day or one.last_day):
        raise AnalyticsError(
            "A condition has both a number of days and a first or last day.", "Choose one of them."
        )
    if one.first_day and one.last_day and one.first_day > one.last_day:
        raise AnalyticsError(
            "The first day lies after the last one.", "Give the earlier day first."
        )


def _check_step(step: Step) -> None:
    _check_text("The event", step.event)
    for what in ("product", "category", "channel"):
        if (value := getattr(step, what)) is not None:
            _check_text(f"The {what}", value)


def _check_did(one: Did) -> None:
    _check_step(one.step)
    _check_whole("times", one.times, MOST_TIMES)
    _check_whole("days", one.days, MOST_DAYS)


def _check_sequence(one: Sequence) -> None:
    _check_step(one.first)
    _check_step(one.then)
    _check_whole("days", one.within_days, MOST_DAYS)
    _check_whole("days", one.days, MOST_DAYS)


CHECKS: dict[type, Callable[[Any], None]] = {
    Feature: _check_feature,
    Attribute: _check_attribute,
    Segment: _check_segment,
    Cluster: _check_cluster,
    Bought: _check_bought,
    Did: _check_did,
    Sequence: _check_sequence,
    InList: lambda one: _check_text("The list", one.name),
    InAudience: lambda one: _check_text("The audience", one.name),
}
assert set(CHECKS) | {All, AnyOf, Not} == set(get_args(Rule))
