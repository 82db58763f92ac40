"""Funnels beside a slow reference that follows every attempt, and what must not matter."""

import random
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import journeys
from analytics.journeys import Exclusion, Step
from tests.journeys import reference
from tests.journeys.conftest import Event, Fill

quick = settings(deadline=None, max_examples=8, suppress_health_check=list(HealthCheck))
NAMES = ["view", "cart", "buy", "leave"]
MOMENTS = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 6), st.integers(0, 200)),
        st.sampled_from(NAMES),
        st.sampled_from([None, None, "s1"]),
    ),
    min_size=1,
    max_size=12,
)
PEOPLE = 20
"""A shop in each example has so many, since writing a shop takes longer than following people."""
EVENTS = st.lists(MOMENTS, min_size=PEOPLE, max_size=PEOPLE).map(
    lambda people: [
        Event(f"c{number}", *moment) for number, theirs in enumerate(people) for moment in theirs
    ]
)
STEPS = st.lists(st.sampled_from(NAMES[:3]), min_size=1, max_size=4)
WINDOWS = st.sampled_from([2, 5, 30, 500])
"""Minutes."""


def ours(fill: Fill, events: list[Event], **asked: object) -> list[tuple[int, int]]:
    """Every step reached as (place, hours in seconds)."""
    store = fill(events)
    kept = journeys.keep(store, journeys.ask(**asked))
    found = store.query("funnel_kept", tables={"reached": kept.table})
    return sorted(zip(found["place"], (found["hours"] * 3600).round().astype(int), strict=True))


def theirs(events: list[Event], *asked: object) -> list[tuple[int, int]]:
    found = reference.reached(events, *asked)
    return sorted(
        (place, round((at - start) * 60))
        for places in found.values()
        for place, (at, start) in places.items()
    )


@quick
@given(EVENTS, STEPS, WINDOWS, st.sampled_from(["sequential", "strict"]))
def test_in_order_it_agrees_with_the_reference(
    fill: Fill, events: list[Event], steps: list[str], minutes: int, order: str
) -> None:
    days = minutes / reference.MINUTES_A_DAY
    found = ours(fill, events, steps=steps, window_days=days, order=order)
    assert found == theirs(events, steps, days, order)


@quick
@given(EVENTS, STEPS, WINDOWS, st.sampled_from([1, 2, 3]))
def test_with_exclusions_it_agrees_with_the_reference(
    fill: Fill, events: list[Event], steps: list[str], minutes: int, after: int
) -> None:
    days = minutes / reference.MINUTES_A_DAY
    exclude = [Exclusion(Step("leave"), after)] if after < len(steps) else []
    found = ours(fill, events, steps=steps, window_days=days, exclude=exclude)
    assert found == theirs(events, steps, days, "sequential", [("leave", after)])


@quick
@given(EVENTS, st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True), WINDOWS)
def test_in_any_order_it_agrees_with_the_reference(
    fill: Fill, events: list[Event], steps: list[str], minutes: int
) -> None:
    days = minutes / reference.MINUTES_A_DAY
    found = ours(fill, events, steps=steps, window_days=days, order="any")
    assert found == theirs(events, steps, days, "any")


@quick
@given(EVENTS, STEPS, WINDOWS)
def test_sessions_agree_with_the_reference(
    fill: Fill, events: list[Event], steps: list[str], minutes: int
) -> None:
    days = minutes / reference.MINUTES_A_DAY
    found = ours(fill, events, steps=steps, window_days=days, unit="session")
    assert found == theirs(events, steps, days, "sequential", (), "session")


@quick
@given(EVENTS, STEPS, st.sampled_from(["sequential", "strict"]), st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_copies_of_them_matter(
    fill: Fill, events: list[Event], steps: list[str], order: str, rng: random.Random
) -> None:
    plain = journeys.funnel(fill(events), steps, 1, order=order)
    shuffled = [*events, *rng.sample(events, len(events))]
    rng.shuffle(shuffled)
    pd.testing.assert_frame_equal(journeys.funnel(fill(shuffled), steps, 1, order=order), plain)


@settings(quick, max_examples=3)
@given(EVENTS, STEPS)
def test_the_parts_of_a_breakdown_add_up(fill: Fill, events: list[Event], steps: list[str]) -> None:
    by_time = [each._replace(channel="odd" if each.minute % 2 else "even") for each in events]
    store = fill(by_time)
    whole = journeys.funnel(store, steps, 0.01)
    for attribution in ("first", "last"):
        parts = journeys.funnel(store, steps, 0.01, by="channel", attribution=attribution)
        for place, step in enumerate(steps):
            assert parts["customers"][place :: len(steps)].sum() == whole["customers"][place], step
    every = journeys.funnel(store, steps, 0.01, by="channel", attribution="all")
    for place in range(len(steps)):
        assert every["customers"][place :: len(steps)].sum() >= whole["customers"][place]


@pytest.mark.parametrize("order", ["sequential", "strict", "any"])
def test_more_time_never_loses_anybody(fill: Fill, order: str) -> None:
    rng = random.Random(7)
    events = [
        Event(rng.choice("abcdefgh"), rng.randrange(10_000), rng.choice(NAMES)) for _ in range(300)
    ]
    store = fill(events)
    found = [
        journeys.funnel(store, NAMES[:3], days, order=order)["customers"]
        for days in (0.01, 0.1, 1, 5)
    ]
    for fewer, more in pairwise(found):
        assert (fewer <= more).all()
