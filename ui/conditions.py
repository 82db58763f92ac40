"""The conditions of audience rules as rows of widgets."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any, Literal

import streamlit as st

from analytics import audience
from analytics.audience import (
    Attribute,
    Bought,
    Cluster,
    Did,
    Feature,
    InAudience,
    InList,
    Rule,
    Segment,
    Sequence,
    Step,
)  # fmt: skip
from analytics.errors import AnalyticsError
from analytics.profile import BY_NAME, FEATURES

WIDE, MIDDLE, NARROW = 230, 160, 110
MOST_DAYS, MOST_TIMES = 36_500, 1_000_000


@dataclass(frozen=True)
class Choices:
    """What the shop offers for conditions to ask about.

    Attributes:
        categories, products, events, channels: The most frequent first; products by number.
        attributes: Fields the shop uploaded of its customers.
        segments: Names by recency, frequency and value; empty where there are none.
        clusters: Names by number; empty where there are none.
        lists: Uploaded lists of customers.
        audiences: Saved audiences.
        texts: The most frequent texts of a feature.
        as_of: The day everything is as of.
    """

    categories: list[str]
    products: dict[str, str]
    events: list[str]
    channels: list[str]
    attributes: list[str]
    segments: list[str]
    clusters: dict[int, str]
    lists: list[str]
    audiences: list[str]
    texts: Callable[[str], list[str]]
    as_of: date


# Small pieces


def _pick(
    label: str, options: list[Any], value: Any, key: str, width: int = MIDDLE, **more: Any
) -> Any:
    """A choice that also keeps what is no longer offered."""
    if value not in ("", None) and value not in options:
        options = [*options, value]
    place = options.index(value) if value in options else None
    return st.selectbox(label, options, place, key=key, width=width, **more)


def _number(label: str, value: Any, key: str, **more: Any) -> Any:
    return st.number_input(label, value=value, key=key, width=NARROW, **more)


def _times(label: str, times: int, key: str) -> int:
    most = {"min_value": 1, "max_value": MOST_TIMES}
    return int(_number(label, times, f"{key}_times", **most) or 1)


def _span(days: int | None, key: str) -> int | None:
    """How many days a condition looks back, or ever."""
    lately = st.selectbox(
        "When", (True, False), int(days is None), key=f"{key}_when", width=MIDDLE,
        format_func=lambda one: "last … days" if one else "ever",
    )  # fmt: skip
    if not lately:
        return None
    return int(_number("Days", days or 90, f"{key}_days", min_value=1, max_value=MOST_DAYS))


def _product(choices: Choices, value: str | None, key: str, label: str = "Product") -> str | None:
    return _pick(  # type: ignore[no-any-return]
        label, list(choices.products), value, f"{key}_product", WIDE, accept_new_options=True,
        format_func=lambda one: f"{choices.products.get(one, one)} ({one})",
        help="The 500 most bought and viewed are listed; any other number can be typed.",
    )  # fmt: skip


def _compare(
    label: str, kind: Any, rule: Feature | Attribute, key: str, offered: list[str]
) -> tuple[Any, tuple[Any, ...]]:
    """The comparison of a field and what it is compared with."""
    operators = list(audience.OPERATORS[kind])
    place = operators.index(rule.operator) if rule.operator in operators else 0
    operator = st.selectbox(
        "Comparison", operators, place, key=f"{key}_how", width=MIDDLE,
        format_func=lambda one: audience.operator_words(one, kind),
    )  # fmt: skip
    if operator in ("known", "unknown"):
        return operator, ()
    former: list[Any] = list(rule.values) if rule.operator not in ("known", "unknown") else []
    key = f"{key}_{operator}"
    first = former[0] if former else None
    if operator in ("one_of", "not_one_of"):
        numeric = kind in ("number", "money", "share")
        shown = [f"{one:g}" if numeric else one for one in former]
        typed = st.multiselect(
            "Values", list(dict.fromkeys([*offered, *shown])), shown, key=key, width=WIDE,
            accept_new_options=True, placeholder="Type or choose",
        )  # fmt: skip
        return operator, tuple(_to_number(one) if numeric else one for one in typed)
    match kind:
        case "flag":
            yes = st.selectbox(
                "Value", (True, False), int(first is False), key=key, width=NARROW,
                format_func=lambda one: "yes" if one else "no",
            )  # fmt: skip
            return operator, (yes,)
        case "text" if operator in ("is", "is_not") and offered:
            chosen = _pick("Value", offered, first, key, accept_new_options=True)
            return operator, (chosen or "",)
        case "text":
            return operator, (st.text_input("Value", first or "", key=key, width=MIDDLE),)
    many = 2 if operator == "between" else 1
    found: list[Any] = []
    for place in range(many):
        value = former[place] if place < len(former) else None
        name = "Value" if many == 1 else ("From", "To")[place]
        if kind == "day":
            found.append(st.date_input(name, value, key=f"{key}_{place}", width=MIDDLE))
        elif kind == "share":
            percent = None if value is None else round(float(value) * 100, 6)
            share = _number(f"{name}, %", percent, f"{key}_{place}", step=1.0, format="%g")
            found.append(None if share is None else round(share / 100, 8))
        else:
            amount = None if value is None else float(value)
            number = _number(name, amount, f"{key}_{place}", step=1.0, format="%g")
            whole = number is not None and number.is_integer()
            found.append(int(number) if whole else number)
    if None in found:
        raise AnalyticsError(f"“{label}” is compared with nothing yet.", "Give a value.")
    return operator, tuple(found)


def _to_number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise AnalyticsError(f"“{text[:80]}” is no number.", "Type a number.") from error


# One function a kind of condition: its widgets, and the condition they make


def _feature(rule: Any, choices: Choices, key: str) -> Rule:
    names = [feature.name for feature in FEATURES]
    name = st.selectbox(
        "Field", names, names.index(rule.name), key=f"{key}_name", width=WIDE,
        format_func=lambda one: BY_NAME[one].label,
    )  # fmt: skip
    feature = BY_NAME[name]
    same = rule if rule.name == name else Feature(name, audience.OPERATORS[feature.kind][0])
    offered = choices.texts(name) if feature.kind == "text" else []
    operator, values = _compare(feature.label, feature.kind, same, f"{key}_{name}", offered)
    return Feature(name, operator, values)


def _attribute(rule: Any, choices: Choices, key: str) -> Rule:
    name = _pick("Field", choices.attributes, rule.name, f"{key}_name")
    numeric = st.selectbox(
        "As", (False, True), int(bool(rule.values) and not isinstance(rule.values[0], str)),
        format_func=lambda one: "a number" if one else "a text", key=f"{key}_as", width=NARROW,
    )  # fmt: skip
    fits = all(isinstance(value, str) != numeric for value in rule.values)
    same = rule if fits else Attribute(rule.name, "is")
    kind = "number" if numeric else "text"
    operator, values = _compare(name or "", kind, same, f"{key}_{numeric}", [])
    return Attribute(name or "", operator, values)


def _segment(rule: Any, choices: Choices, key: str) -> Rule:
    options = list(dict.fromkeys([*choices.segments, *rule.names]))
    return Segment(
        tuple(st.multiselect("Is one of", options, list(rule.names), key=key, width=WIDE))
    )


def _cluster(rule: Any, choices: Choices, key: str) -> Rule:
    options = list(dict.fromkeys([*choices.clusters, *rule.numbers]))
    chosen = st.multiselect(
        "Is one of", options, list(rule.numbers), key=key, width=WIDE,
        format_func=lambda one: choices.clusters.get(one, f"group {one}"),
    )  # fmt: skip
    return Cluster(tuple(chosen))


def _bought(rule: Any, choices: Choices, key: str) -> Rule:
    kinds: tuple[Literal["anything", "category", "product"], ...] = (
        "anything", "category", "product",
    )  # fmt: skip
    what = st.selectbox("What", kinds, kinds.index(rule.what), key=f"{key}_what", width=NARROW)
    former = rule.name if rule.what == what else ""
    name = ""
    if what == "product":
        name = _product(choices, former, key) or ""
    if what == "category":
        name = _pick("Category", choices.categories, former, f"{key}_category") or ""
    times = _number(
        "Orders, at least", rule.times, f"{key}_times", min_value=1, max_value=1_000_000
    )
    whens = ("last … days", "ever", "between two days")
    dated = rule.first_day is not None or rule.last_day is not None
    place = 2 if dated else 0 if rule.days is not None else 1
    when = st.selectbox("When", whens, place, key=f"{key}_when", width=MIDDLE)
    if when == whens[1]:
        return Bought(what, name, times)
    if when == whens[0]:
        days = _number("Days", rule.days or 90, f"{key}_days", min_value=1, max_value=MOST_DAYS)
        return Bought(what, name, times, days=int(days))
    last = rule.last_day or choices.as_of - timedelta(days=1)
    first = rule.first_day or last - timedelta(days=30)
    first = st.date_input("From", first, key=f"{key}_first", width=MIDDLE)
    last = st.date_input("To", last, key=f"{key}_last", width=MIDDLE)
    return Bought(what, name, times, first_day=first, last_day=last)


def _step(label: str, step: Step, choices: Choices, key: str) -> Step:
    """One step: the event and, if wanted, of what and by which channel."""
    event = _pick(label, choices.events, step.event, f"{key}_event", accept_new_options=True)
    narrow = ("anything", "category", "product", "channel")
    now = next((one for one in narrow[1:] if getattr(step, one) is not None), narrow[0])
    what = st.selectbox("Of", narrow, narrow.index(now), key=f"{key}_of", width=NARROW)
    value: str | None = None
    if what == "product":
        value = _product(choices, step.product, key)
    elif what != "anything":
        options = choices.categories if what == "category" else choices.channels
        value = _pick(what.capitalize(), options, getattr(step, what), f"{key}_{what}")
    plain = replace(step, event=event or "")
    if what == now and what != "anything":
        return replace(plain, **{what: value or ""})
    chosen = {} if what == "anything" else {what: value or ""}
    return Step(plain.event, **chosen)


def _did(rule: Any, choices: Choices, key: str) -> Rule:
    step = _step("Did", rule.step, choices, key)
    times = _times("Times, at least", rule.times, key)
    return Did(step, times, _span(rule.days, key))


def _sequence(rule: Any, choices: Choices, key: str) -> Rule:
    first = _step("Did", rule.first, choices, f"{key}_first")
    days = _span(rule.days, key)
    happened = st.selectbox(
        "And then", (True, False), int(not rule.happened), key=f"{key}_happened", width=NARROW,
        format_func=lambda one: "did" if one else "did not",
    )  # fmt: skip
    then = _step("This", rule.then, choices, f"{key}_then")
    within = _number("Within days", rule.within_days, f"{key}_in", min_value=1, max_value=MOST_DAYS)
    return Sequence(first, then, int(within), happened, days)


def _named(kind: type[InList] | type[InAudience], rule: Any, choices: Choices, key: str) -> Rule:
    options = choices.lists if kind is InList else choices.audiences
    return kind(_pick("Name", options, rule.name, key, WIDE) or "")


KINDS: dict[type, tuple[str, Callable[[Choices], Any]]] = {
    Feature: ("What we know", lambda _: True),
    Bought: ("Bought", lambda _: True),
    Did: ("Did", lambda choices: choices.events),
    Sequence: ("Did, and then", lambda choices: choices.events),
    Segment: ("Segment", lambda choices: choices.segments),
    Cluster: ("Group (by behaviour)", lambda choices: choices.clusters),
    Attribute: ("Your own fields", lambda choices: choices.attributes),
    InList: ("Uploaded list", lambda choices: choices.lists),
    InAudience: ("Another audience", lambda choices: choices.audiences),
}
"""What conditions are about, and whether the shop has any of it."""

BEGINNINGS: dict[type, Callable[[Choices], Rule]] = {
    Feature: lambda _: Feature("orders", "at_least", (1,)),
    Bought: lambda _: Bought(days=90),
    Did: lambda choices: Did(Step(choices.events[0]), days=30),
    Sequence: lambda choices: Sequence(Step(choices.events[0]), Step("purchase"), 7, False, 30),
    Segment: lambda choices: Segment(tuple(choices.segments[:1])),
    Cluster: lambda choices: Cluster(tuple(choices.clusters)[:1]),
    Attribute: lambda choices: Attribute(choices.attributes[0], "known"),
    InList: lambda choices: InList(choices.lists[0]),
    InAudience: lambda choices: InAudience(choices.audiences[0]),
}

SHOWN: dict[type, Callable[[Any, Choices, str], Rule]] = {
    Feature: _feature,
    Bought: _bought,
    Did: _did,
    Sequence: _sequence,
    Segment: _segment,
    Cluster: _cluster,
    Attribute: _attribute,
    InList: partial(_named, InList),
    InAudience: partial(_named, InAudience),
}
