"""Funnels reckoned by hand: what counts as getting there, to the minute."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from analytics import journeys
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.journeys import Exclusion, Step
from analytics.store import Store
from tests.journeys.conftest import Event, Fill, Line

DAY = 24 * 60
VIEW_CART = ["view", "cart"]
THREE = ["view", "cart", "purchase"]


def counts(frame: pd.DataFrame) -> list[int]:
    return [int(count) for count in frame["customers"]]


def test_counts_rates_intervals_and_medians(fill: Fill) -> None:
    """Four look, three take, one buys; times to the cart 10, 20 and 60 minutes.

    Wilson for 3 of 4: centre (0.75 + 1.9207 / 4) / (1 + 3.8415 / 4) = 0.6275, half 0.3269; for 1 of
    4: 0.3725 ± 0.3269; for 1 of 3: 0.4269 ± 0.3653.
    """
    store = fill(
        [
            *(Event(customer, 0, "view") for customer in "abcd"),
            *(Event("a", 10, "cart"), Event("b", 20, "cart"), Event("c", 60, "cart")),
            Event("b", 90, "purchase"),
        ]
    )
    found = journeys.funnel(store, THREE)
    assert list(found["step"]) == THREE
    assert counts(found) == [4, 3, 1]
    assert found["rate_previous"].tolist()[1:] == [0.75, 1 / 3]
    assert found["rate_overall"].tolist() == [1.0, 0.75, 0.25]
    assert found.loc[0, ["rate_previous", "lo", "hi", "median_hours"]].isna().all()
    lo, hi = found["lo"].tolist(), found["hi"].tolist()
    assert lo[1:] == pytest.approx([0.3006, 0.0456], abs=2e-4)
    assert hi[1:] == pytest.approx([0.9544, 0.6994], abs=2e-4)
    assert found["lo_previous"][2] == pytest.approx(0.0615, abs=2e-4)
    assert found["hi_previous"][2] == pytest.approx(0.7923, abs=2e-4)
    assert found["median_hours"].tolist()[1:] == [20 / 60, 1.5]


def test_a_later_beginning_counts_where_the_first_is_too_old(fill: Fill) -> None:
    """The first view lies ten days before the cart, the second two hours."""
    store = fill(
        [Event("a", 0, "view"), Event("a", 10 * DAY, "view"), Event("a", 10 * DAY + 120, "cart")]
    )
    found = journeys.funnel(store, VIEW_CART, 7)
    assert counts(found) == [1, 1]
    assert found["median_hours"][1] == 2.0


def test_the_window_ends_after_exactly_so_many_days(fill: Fill) -> None:
    store = fill(
        [
            *(Event("a", 0, "view"), Event("a", 7 * DAY, "cart")),
            *(Event("b", 0, "view"), Event("b", 7 * DAY + 1 / 60, "cart")),
        ]
    )
    assert counts(journeys.funnel(store, VIEW_CART, 7)) == [2, 1]
    assert counts(journeys.funnel(store, VIEW_CART, 7.5)) == [2, 2]


def test_the_window_runs_from_the_first_step_not_from_the_one_before(fill: Fill) -> None:
    """Five days to the cart and five more to the purchase are ten, not five."""
    store = fill(
        [Event("a", 0, "view"), Event("a", 5 * DAY, "cart"), Event("a", 10 * DAY, "purchase")]
    )
    assert counts(journeys.funnel(store, THREE, 7)) == [1, 1, 0]
    assert counts(journeys.funnel(store, THREE, 10)) == [1, 1, 1]


def test_the_order_matters_unless_it_does_not(fill: Fill) -> None:
    store = fill([Event("a", 0, "cart"), Event("a", 5, "view"), Event("b", 0, "view")])
    assert counts(journeys.funnel(store, VIEW_CART)) == [2, 0]
    assert counts(journeys.funnel(store, VIEW_CART, order="any")) == [2, 1]


def test_strict_allows_nothing_between(fill: Fill) -> None:
    """B searches in between; C views twice, and the second view is followed at once."""
    store = fill(
        [
            *(Event("a", 0, "view"), Event("a", 5, "cart")),
            *(Event("b", 0, "view"), Event("b", 1, "search"), Event("b", 5, "cart")),
            *(Event("c", 0, "view"), Event("c", 1, "view"), Event("c", 5, "cart")),
            *(Event("d", 0, "view"), Event("d", 5, "search"), Event("d", 5, "cart")),
        ]
    )
    assert counts(journeys.funnel(store, VIEW_CART, order="strict")) == [4, 3]
    assert counts(journeys.funnel(store, VIEW_CART)) == [4, 4]


def test_steps_of_one_moment_count_in_the_order_asked(fill: Fill) -> None:
    store = fill([Event("a", 0, "cart"), Event("a", 0, "view"), Event("a", 0, "purchase")])
    assert counts(journeys.funnel(store, THREE)) == [1, 1, 1]
    assert counts(journeys.funnel(store, THREE, order="strict")) == [1, 1, 1]
    assert journeys.funnel(store, THREE)["median_hours"].tolist()[1:] == [0.0, 0.0]


def test_no_event_counts_twice(fill: Fill) -> None:
    """A views once, twice over in the file; B views again a minute later."""
    store = fill(
        [Event("a", 0, "view"), Event("a", 0, "view"), Event("b", 0, "view"), Event("b", 1, "view")]
    )
    assert counts(journeys.funnel(store, ["view", "view"])) == [2, 1]
    store = fill([Event("a", 0, "view"), Event("a", 0, "cart"), Event("b", 3, "view")])
    assert counts(journeys.funnel(store, ["view", "cart", "view"])) == [2, 1, 0]


def test_the_furthest_attempt_counts(fill: Fill) -> None:
    """The first attempt ends in the cart, the second with a purchase; the first cart is timed."""
    store = fill(
        [
            *(Event("a", 0, "view"), Event("a", 30, "cart")),
            *(Event("a", 20 * DAY, "view"), Event("a", 20 * DAY + 60, "cart")),
            Event("a", 20 * DAY + 180, "purchase"),
        ]
    )
    found = journeys.funnel(store, THREE)
    assert counts(found) == [1, 1, 1]
    assert found["median_hours"].tolist()[1:] == [0.5, 3.0]


def test_an_exclusion_disqualifies_only_between_its_steps(fill: Fill) -> None:
    """A leaves between view and cart, B between cart and purchase, C after it all."""
    store = fill(
        [
            *(Event(customer, 0, "view") for customer in "abc"),
            *(Event(customer, 10, "cart") for customer in "abc"),
            *(Event(customer, 20, "purchase") for customer in "abc"),
            *(Event("a", 5, "leave"), Event("b", 15, "leave"), Event("c", 20, "leave")),
        ]
    )
    assert counts(journeys.funnel(store, THREE, exclude=["leave"])) == [3, 2, 1]
    one = [Exclusion(Step("leave"), after=1)]
    assert counts(journeys.funnel(store, THREE, exclude=one)) == [3, 2, 2]
    two = [Exclusion(Step("leave"), after=2)]
    assert counts(journeys.funnel(store, THREE, exclude=two)) == [3, 3, 2]


def test_a_step_may_ask_for_channel_campaign_product_and_category(fill: Fill) -> None:
    store = fill(
        [
            Event("a", 0, "view", channel="mail", product="tea", campaign="may"),
            Event("b", 0, "view", channel="search", product="tea"),
            Event("a", 5, "cart", product="tea"),
            Event("b", 5, "cart", product="cup"),
        ]
    )
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM products")
        cursor.execute(
            "INSERT INTO products (product_id, category) VALUES ('tea', 'drinks'), ('cup', 'ware')"
        )
    mail, may = Step("view", channel="mail"), Step("view", campaign="may")
    tea, ware = Step("cart", product_id="tea"), Step("cart", category="ware")
    assert counts(journeys.funnel(store, [mail, "cart"])) == [1, 1]
    assert counts(journeys.funnel(store, [may, "cart"])) == [1, 1]
    assert counts(journeys.funnel(store, ["view", tea])) == [2, 1]
    assert counts(journeys.funnel(store, [mail, ware])) == [1, 0]
    assert counts(journeys.funnel(store, ["view", ware])) == [2, 1]
    assert list(journeys.funnel(store, [mail, ware])["step"]) == [
        "view (channel mail)",
        "cart (category ware)",
    ]
    by = journeys.funnel(store, ["view", "cart"], by="category")
    assert by["category"].tolist() == ["drinks", "drinks"]
    assert counts(by) == [2, 2]


def test_a_breakdown_by_the_first_the_last_and_all(fill: Fill) -> None:
    """A comes by mail, then by search and buys soon after that: mail was too long ago."""
    store = fill(
        [
            Event("a", 0, "view", channel="mail"),
            Event("a", 9 * DAY, "view", channel="search"),
            Event("a", 9 * DAY + 5, "cart"),
            Event("b", 0, "view", channel="search"),
            Event("c", 0, "view"),
        ]
    )

    def by(attribution: str) -> dict[str, list[int]]:
        found = journeys.funnel(store, VIEW_CART, by="channel", attribution=attribution)
        found["channel"] = found["channel"].fillna("unknown")
        return {name: counts(part) for name, part in found.groupby("channel")}

    assert by("first") == {"mail": [1, 1], "search": [1, 0], "unknown": [1, 0]}
    assert by("last") == {"search": [2, 1], "unknown": [1, 0]}
    assert by("all") == {"mail": [1, 0], "search": [2, 1], "unknown": [1, 0]}


def test_sessions_end_by_their_id_or_by_silence(fill: Fill) -> None:
    """A: 30 minutes of silence do not end a session, 31 do. B's session goes by its name."""
    store = fill(
        [
            *(Event("a", 0, "view"), Event("a", 30, "cart"), Event("a", 61, "purchase")),
            *(Event("b", 0, "view", "s1"), Event("b", 1, "cart", "s2")),
            *(Event("b", 300, "purchase", "s1"), Event(None, 0, "view", "s9")),
        ]
    )
    assert counts(journeys.funnel(store, VIEW_CART, unit="session")) == [3, 1]
    assert counts(journeys.funnel(store, ["view", "purchase"], unit="session")) == [3, 1]
    assert counts(journeys.funnel(store, ["view", "purchase"])) == [2, 2]


def test_a_purchase_is_an_order_where_there_are_orders(fill: Fill) -> None:
    """A's order and purchase event are one; B's event was no order; C bought without an event."""
    events = [
        *(Event(customer, 0, "view", f"s{customer}") for customer in "abc"),
        *(Event("a", 10, "purchase", "sa"), Event("b", 10, "purchase", "sb")),
    ]
    orders = [Line("a", 10, "o1", "tea"), Line("a", 10, "o1", "cup"), Line("c", 99, "o2")]
    steps = ["view", "purchase"]
    store = fill(events, orders)
    assert counts(journeys.funnel(store, steps)) == [3, 2]
    assert counts(journeys.funnel(store, ["purchase", "purchase"])) == [2, 0]
    assert counts(journeys.funnel(store, steps, unit="session")) == [3, 2]
    assert list(journeys.kinds(store)["source"]) == ["event", "order"]
    assert counts(journeys.funnel(fill(events), steps)) == [3, 2]
    long_ago = [Line("c", -400 * DAY, "o1")]
    assert counts(journeys.funnel(fill(events, long_ago), steps)) == [3, 2]
    assert counts(journeys.funnel(fill(events[:3], orders), steps, unit="session")) == [3, 1]


def test_orders_without_a_time_of_day_come_after_the_days_events(fill: Fill) -> None:
    """The order says only the first of March, and the view was at noon of that day."""
    store = fill([Event("a", 12 * 60, "view")], [Line("a", 0, "o1")])
    assert counts(journeys.funnel(store, ["view", "purchase"])) == [1, 1]
    store = fill([Event("a", 12 * 60, "view")], [Line("a", 0, "o1"), Line("b", 99, "o2")])
    assert counts(journeys.funnel(store, ["view", "purchase"])) == [1, 0]


def test_only_the_days_asked_for_count(fill: Fill) -> None:
    store = fill([Event("a", 0, "view"), Event("a", DAY, "cart"), Event("b", DAY, "view")])
    second = date(2024, 3, 2)
    assert counts(journeys.funnel(store, VIEW_CART, as_of=second)) == [1, 0]
    assert counts(journeys.funnel(store, VIEW_CART, from_day=second)) == [1, 0]
    assert counts(journeys.funnel(store, VIEW_CART)) == [2, 1]


def test_a_step_nobody_took_has_no_rate_after_it(fill: Fill) -> None:
    found = journeys.funnel(fill([Event("a", 0, "search")]), THREE)
    assert counts(found) == [0, 0, 0]
    assert found.drop(columns=["step", "customers"]).isna().all(axis=None)
    by = journeys.funnel(fill([Event("a", 0, "search")]), THREE, by="channel")
    assert by.empty
    assert "channel" in by.columns


def test_who_completed_and_who_dropped_are_lists(fill: Fill) -> None:
    store = fill(
        [
            *(Event(customer, 0, "view", channel="mail") for customer in "abc"),
            *(Event("a", 10, "cart"), Event("b", 20, "cart"), Event("b", 30, "purchase")),
            Event("d", 40, "view", channel="search"),
        ]
    )
    kept = journeys.keep(store, journeys.ask(THREE, by="channel"))
    pd.testing.assert_frame_equal(
        journeys.rates(store, kept), journeys.funnel(store, THREE, by="channel")
    )

    def listed(place: int, completed: bool, value: str | None = None) -> list[str]:
        return sorted(
            store.query(
                "funnel_list", tables={"reached": kept.table},
                place=place, completed=completed, value=value,
            )["customer_id"]
        )  # fmt: skip

    assert listed(1, True) == ["a", "b", "c", "d"]
    assert listed(2, True) == ["a", "b"]
    assert listed(2, False) == ["c", "d"]
    assert listed(2, False, "mail") == ["c"]
    assert listed(3, False) == ["a"]
    assert listed(3, True) == ["b"]
    times = journeys.durations(store, kept)
    cart = times[times["step"] == "cart"].set_index("within")["customers"]
    assert cart.to_dict() == {"1 minute": 0, "10 minutes": 1, "1 hour": 2}


@pytest.mark.parametrize(
    "asked",
    [
        {"steps": []},
        {"steps": ["view"] * 9},
        {"steps": VIEW_CART, "window_days": 0},
        {"steps": VIEW_CART, "window_days": np.nan},
        {"steps": VIEW_CART, "order": "backwards"},
        {"steps": VIEW_CART, "by": "shoe size"},
        {"steps": ["view", "view"], "order": "any"},
        {"steps": VIEW_CART, "order": "any", "exclude": ["leave"]},
        {"steps": VIEW_CART, "exclude": [Exclusion(Step("leave"), after=2)]},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(fill: Fill, asked: dict[str, object]) -> None:
    store = fill([Event("a", 0, "view")])
    with pytest.raises(AnalyticsError):
        journeys.funnel(store, **asked)


def test_nothing_at_all_is_said(store: Store) -> None:
    with pytest.raises(NotEnoughDataError, match="no events"):
        journeys.funnel(store, VIEW_CART)


def test_the_moment_is_kept_to_the_microsecond(fill: Fill) -> None:
    store = fill([Event("a", 0, "view"), Event("a", 1.5 / 60, "cart")])
    assert timedelta(hours=journeys.funnel(store, VIEW_CART)["median_hours"][1]) == timedelta(
        seconds=1.5
    )
