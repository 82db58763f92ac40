"""Rules drawn at random."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from analytics.audience import (
    OPERATORS,
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
    Rule,
    Segment,
    Sequence,
    Step,
)  # fmt: skip
from analytics.profile import FEATURES
from tests.audience.conftest import CHANNELS, CITIES, EVENTS, PRODUCTS

HOSTILE = [
    "'", '"', '"; DROP TABLE orders; --', "'; DELETE FROM orders; --", "$p0", "%", "_", "\\",
    "\x00", "a\x00b", "null", "NULL", "$.a", "東京 🫖", "\u202e", "x" * 10_000, "/* */", "{{ }}",
    "\n",
]  # fmt: skip
TEXTS = st.one_of(
    st.integers(0, len(HOSTILE) - 1).map(lambda place: HOSTILE[place]),
    st.sampled_from([text for text in (*CITIES, *PRODUCTS, *CHANNELS, "gold", "web", "o") if text]),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8),
)
NUMBERS = st.one_of(
    st.integers(-3, 130),
    st.sampled_from([0.5, 0.25, 1 / 3, 12.5, 10, 27.5, 3, 3.0, 12, 1e15, -1e15, 0.1 + 0.2]),
    st.floats(-1e9, 1e9),
)
DAYS = st.dates(date(2024, 3, 5), date(2024, 5, 3))
SPANS = st.none() | st.integers(1, 60) | st.just(36_500)


@st.composite
def values_for(draw: st.DrawFn, how: str, one: "st.SearchStrategy[Any]") -> tuple[Any, ...]:
    """As many values as a comparison takes."""
    if how in ("known", "unknown"):
        return ()
    if how == "between":
        return tuple(sorted((draw(one), draw(one))))
    if how in ("one_of", "not_one_of"):
        return tuple(draw(st.lists(one, min_size=1, max_size=4)))
    return (draw(one),)


@st.composite
def features(draw: st.DrawFn) -> Feature:
    feature = draw(st.sampled_from(FEATURES))
    how = draw(st.sampled_from(OPERATORS[feature.kind]))
    money = st.decimals(-100, 200, places=4).map(float)
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "text": TEXTS, "flag": st.booleans(), "day": DAYS, "money": st.integers(-9, 200) | money,
    }  # fmt: skip
    return Feature(feature.name, how, draw(values_for(how, kinds.get(feature.kind, NUMBERS))))


@st.composite
def attributes(draw: st.DrawFn) -> Attribute:
    name = draw(st.sampled_from(["loyalty", 'we"ird; $.name', "none such"]) | TEXTS)
    numeric = draw(st.booleans())
    how = draw(st.sampled_from(OPERATORS["number" if numeric else "text"]))
    return Attribute(name, how, draw(values_for(how, NUMBERS if numeric else TEXTS)))


@st.composite
def bought(draw: st.DrawFn) -> Bought:
    what = draw(st.sampled_from(("anything", "product", "category")))
    name = {
        "anything": st.just(""),
        "product": st.sampled_from([*PRODUCTS, "unlisted"]) | TEXTS,
        "category": st.sampled_from(["drinks", "ware", PRODUCTS["rum"]]) | TEXTS,
    }[what]
    times = draw(st.integers(1, 4))
    if draw(st.booleans()):
        return Bought(what, draw(name), times, draw(SPANS))
    first, last = sorted((draw(DAYS), draw(DAYS)))
    since, until = draw(st.sampled_from(((first, last), (first, None), (None, last))))
    return Bought(what, draw(name), times, first_day=since, last_day=until)


STEPS = st.builds(
    Step,
    st.sampled_from(EVENTS) | TEXTS,
    product=st.none() | st.sampled_from([*PRODUCTS]) | TEXTS,
    category=st.none() | st.sampled_from(["drinks", "ware"]) | TEXTS,
    channel=st.none() | st.sampled_from(["web", "app"]) | TEXTS,
)
WITHIN = st.integers(1, 12) | st.integers(1, 40)
PLAIN_STEPS = st.builds(Step, st.sampled_from(EVENTS))


def some(one: "st.SearchStrategy[Any]") -> "st.SearchStrategy[tuple[Any, ...]]":
    return st.lists(one, min_size=1, max_size=4).map(tuple)


ANY_STEP = PLAIN_STEPS | PLAIN_STEPS | STEPS
LEAVES: "st.SearchStrategy[Rule]" = st.one_of(
    features(), features(), attributes(), bought(),
    st.builds(Segment, some(st.sampled_from(["At risk", "Loyal"]) | TEXTS)),
    st.builds(Cluster, some(st.integers(-1, 4))),
    st.builds(Did, ANY_STEP, st.integers(1, 4), SPANS),
    st.builds(Sequence, ANY_STEP, ANY_STEP, WITHIN, st.booleans(), SPANS),
    st.builds(InList, st.sampled_from(["vip", HOSTILE[2]])),
    st.builds(InAudience, st.sampled_from(["outer", "inner"])),
)  # fmt: skip


BUSY = st.builds(Step, st.sampled_from(("view", "cart", "purchase")))
SEQUENCES = st.builds(Sequence, BUSY, BUSY, st.integers(1, 9), st.booleans(), st.none())
"""Sequences that find some, and not all, of the customers of a busy shop."""


def groups(parts: "st.SearchStrategy[Rule]") -> "st.SearchStrategy[Rule]":
    return st.one_of(
        st.builds(All, some(parts)), st.builds(AnyOf, some(parts)), st.builds(Not, parts)
    )


RULES: "st.SearchStrategy[Rule]" = st.recursive(LEAVES, groups, max_leaves=8)
