"""Paths reckoned by hand, beside the funnel's figures, and beside a slow reference."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import journeys
from analytics.errors import AnalyticsError
from analytics.journeys.paths import OTHER
from tests.journeys import reference
from tests.journeys.conftest import Event, Fill, Line

USUAL = ["view", "buy", "leave", "cart"]
"""Kinds the house does not know stand before the cart."""
Moves = dict[tuple[int, str | None, str | None], int]


def told(found: pd.DataFrame) -> Moves:
    return {
        (
            row.step,
            None if pd.isna(row.from_event) else row.from_event,
            None if pd.isna(row.to_event) else row.to_event,
        ): row.sessions
        for row in found.itertuples(index=False)
    }


def visit(customer: str, *events: str, session: str | None = None, at: float = 0) -> list[Event]:
    """A session, an event a minute."""
    return [Event(customer, at + n, event, session) for n, event in enumerate(events)]


def test_from_the_first_event_to_the_end_of_the_session(fill: Fill) -> None:
    store = fill([*visit("a", "view", "cart"), *visit("b", "view", "search")])
    assert told(journeys.paths(store)) == {
        (1, "view", "cart"): 1, (1, "view", "search"): 1,
        (2, "cart", None): 1, (2, "search", None): 1,
    }  # fmt: skip
    assert journeys.paths(store)["share"].tolist() == [0.5] * 4


def test_repeats_in_a_row_count_as_one(fill: Fill) -> None:
    store = fill(visit("a", "view", "view", "cart", "view", "view"))
    assert told(journeys.paths(store)) == {
        (1, "view", "cart"): 1, (2, "cart", "view"): 1, (3, "view", None): 1,
    }  # fmt: skip


def test_from_a_start_only_sessions_that_have_it_count(fill: Fill) -> None:
    store = fill([*visit("a", "search", "view", "cart"), *visit("b", "search")])
    assert told(journeys.paths(store, "view")) == {(1, "view", "cart"): 1, (2, "cart", None): 1}


def test_to_an_end_it_goes_backwards_from_the_last_one(fill: Fill) -> None:
    store = fill([*visit("a", "view", "cart", "view", "cart"), *visit("b", "cart", "search")])
    assert told(journeys.paths(store, end="cart", steps=2)) == {
        (-1, "view", "cart"): 1, (-1, None, "cart"): 1, (-2, "cart", "view"): 1,
    }  # fmt: skip


def test_between_a_start_and_an_end(fill: Fill) -> None:
    """A's path ends with the cart, though there is more; B never gets to it."""
    store = fill([*visit("a", "view", "search", "cart", "view"), *visit("b", "view", "search")])
    assert told(journeys.paths(store, "view", "cart")) == {
        (1, "view", "search"): 1, (2, "search", "cart"): 1,
    }  # fmt: skip


def test_no_more_moves_than_asked_for(fill: Fill) -> None:
    store = fill(visit("a", "view", "search", "cart", "purchase"))
    assert set(told(journeys.paths(store, steps=2))) == {
        (1, "view", "search"), (2, "search", "cart"),
    }  # fmt: skip


def test_thirty_minutes_of_silence_end_a_session_without_a_name(fill: Fill) -> None:
    store = fill([Event("a", 0, "view"), Event("a", 30, "cart"), Event("a", 60.5, "view")])
    assert told(journeys.paths(store)) == {
        (1, "view", "cart"): 1, (1, "view", None): 1, (2, "cart", None): 1,
    }  # fmt: skip


def test_a_named_session_lasts_however_silent(fill: Fill) -> None:
    store = fill(
        [
            *(Event("a", 0, "view", "s1"), Event("a", 500, "cart", "s1")),
            *(Event("a", 501, "view", "s2"), Event(None, 0, "view", "s3")),
        ]
    )
    assert told(journeys.paths(store, steps=1)) == {(1, "view", "cart"): 1, (1, "view", None): 2}


def test_events_of_one_moment_come_in_their_usual_order(fill: Fill) -> None:
    store = fill([Event("a", 0, "purchase"), Event("a", 0, "cart"), Event("a", 0, "view")])
    assert told(journeys.paths(store, steps=2)) == {
        (1, "view", "cart"): 1, (2, "cart", "purchase"): 1,
    }  # fmt: skip
    assert told(journeys.paths(store, "purchase", "view")) == {(1, "purchase", "cart"): 1,
                                                               (2, "cart", "view"): 1}  # fmt: skip


def test_orders_take_part_where_there_are_no_purchase_events(fill: Fill) -> None:
    events = [Event("a", 600, "view", "s1"), Event("a", 605, "cart", "s1")]
    store = fill(events, [Line("a", 609, "o1", "tea"), Line("a", 609, "o1", "cup")])
    assert told(journeys.paths(store, "cart")) == {
        (1, "cart", "purchase"): 1, (2, "purchase", None): 1,
    }  # fmt: skip
    store = fill([*events, Event("a", 609, "purchase", "s1")], [Line("a", 608, "o1")])
    assert told(journeys.paths(store, "cart")) == {
        (1, "cart", "purchase"): 1, (2, "purchase", None): 1,
    }  # fmt: skip


def test_rarer_events_are_gathered(fill: Fill) -> None:
    visits = [
        *(["view", "cart", "view"],) * 3,
        *(["view", "search", "cart"],) * 2,
        ["view", "open"],
    ]
    store = fill([event for n, each in enumerate(visits) for event in visit(f"c{n}", *each)])
    found = journeys.paths(store, steps=2)
    shown = journeys.gathered(found, 1)
    assert told(shown) == {
        (1, "view", "cart"): 3, (1, "view", OTHER): 3,
        (2, "cart", "view"): 3, (2, OTHER, OTHER): 2, (2, OTHER, None): 1,
    }  # fmt: skip
    pd.testing.assert_series_equal(
        shown.groupby("step")["sessions"].sum(), found.groupby("step")["sessions"].sum()
    )
    assert journeys.gathered(found.head(0)).empty


def test_who_made_a_move_is_a_list(fill: Fill) -> None:
    store = fill([*visit("a", "view", "cart"), *visit("a", "view", "cart", at=2000),
                  *visit("b", "view")])  # fmt: skip
    kept = journeys.keep_paths(store, "view")
    listed = store.query(
        "path_list", tables={"moves": kept.table}, place=0, event="view", next_event="cart"
    )
    assert listed[["customer_id", "sessions_with_it"]].to_numpy().tolist() == [["a", 2]]
    assert str(listed["last_day"][0])[:10] == "2024-03-02"
    left = store.query(
        "path_list", tables={"moves": kept.table}, place=0, event="view", next_event=None
    )
    assert left["customer_id"].tolist() == ["b"]


def test_what_makes_no_sense_is_refused(fill: Fill) -> None:
    store = fill(visit("a", "view"))
    for asked in ({"start": "view", "end": "view"}, {"steps": 0}, {"steps": 11}):
        with pytest.raises(AnalyticsError):
            journeys.paths(store, **asked)
    assert journeys.paths(store, "never").empty


quick = settings(deadline=None, max_examples=8, suppress_health_check=list(HealthCheck))
MOMENTS = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 6), st.integers(0, 300)),
        st.sampled_from(USUAL),
        st.sampled_from([None, None, "s1"]),
    ),
    min_size=1,
    max_size=12,
)
EVENTS = st.lists(MOMENTS, min_size=20, max_size=20).map(
    lambda people: [
        Event(f"c{number}", *moment) for number, theirs in enumerate(people) for moment in theirs
    ]
)
ASKED = st.one_of(st.none(), st.sampled_from(USUAL))


def slow(events: Sequence[Event], start: str | None, end: str | None, steps: int) -> Moves:
    """The same by walking every session."""
    order = sorted(USUAL, key=lambda each: (each == end) - (each == start))
    moves: Counter[tuple[int, str | None, str | None]] = Counter()
    for theirs in reference.units(events, "session").values():
        walk: list[str | None] = []
        for event in sorted(theirs, key=lambda each: (each.minute, order.index(each.event))):
            if not walk or walk[-1] != event.event:
                walk.append(event.event)
        backwards = start is None and end is not None
        if backwards:
            walk.reverse()
        anchor = end if backwards else start
        if anchor is not None:
            if anchor not in walk:
                continue
            walk = walk[walk.index(anchor) :]
        if start is not None and end is not None:
            if end not in walk:
                continue
            walk = walk[: walk.index(end) + 1]
        else:
            walk.append(None)
        for place, (event, after) in enumerate(pairwise(walk)):
            if place < steps:
                key = (-place - 1, after, event) if backwards else (place + 1, event, after)
                moves[key] += 1
    return dict(moves)


@quick
@given(EVENTS, ASKED, ASKED, st.integers(1, 5))
def test_it_agrees_with_the_reference_and_with_the_funnel(
    fill: Fill, events: list[Event], start: str | None, end: str | None, steps: int
) -> None:
    end = None if start == end else end
    store = fill(events)
    found = journeys.paths(store, start, end, steps)
    assert told(found) == slow(events, start, end, steps)
    named = [each for each in (start, end) if each is not None]
    if named:
        counted = journeys.funnel(store, named, 400, unit="session")["customers"]
        assert found.loc[found["step"].abs() == 1, "sessions"].sum() == counted.iloc[-1]
