"""Carts reckoned by hand: who left what, and what it is worth."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from analytics import journeys
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store
from tests.journeys.conftest import Event, Fill, Line

DAY = 24 * 60
AS_OF = date(2024, 3, 31)
"""Thirty days after the first of March."""


@pytest.fixture
def priced(shared: Store) -> Iterator[None]:
    with shared.transaction() as cursor:
        cursor.execute("DELETE FROM products")
        cursor.execute(
            "INSERT INTO products (product_id, name, price) "
            "VALUES ('tea', 'Green tea', 4.50), ('pot', 'Pot', 30.00)"
        )
    yield
    with shared.transaction() as cursor:
        cursor.execute("DELETE FROM products")


def fates(store: Store, **asked: object) -> dict[str, list[str]]:
    found = journeys.carts(store, as_of=AS_OF, **asked)
    listed = {
        fate: list(
            store.query("cart_list", tables={"carts": found.table}, fate=fate)["customer_id"]
        )
        for fate in ("left", "later", "bought")
    }
    counts = [len(each) for each in listed.values()]
    assert [found.left, found.later, found.bought] == counts
    assert found.customers == sum(counts)
    return listed


def test_who_bought_in_time_later_or_never(fill: Fill) -> None:
    """B buys after exactly seven days, C a minute after that; D's purchase came before."""
    store = fill(
        [Event(customer, 60, "cart") for customer in "abcd"],
        [
            *(Line("b", 60 + 7 * DAY, "o1"), Line("c", 61 + 7 * DAY, "o2")),
            Line("d", 0, "o3"),
        ],
    )
    assert fates(store) == {"left": ["a", "d"], "later": ["c"], "bought": ["b"]}


def test_a_cart_of_late_still_has_time(fill: Fill) -> None:
    """The day before the last seven counts, a minute later does not."""
    store = fill([Event("a", 23 * DAY, "cart"), Event("b", 23 * DAY + 1, "cart")])
    assert fates(store)["left"] == ["a"]
    assert fates(store, within_days=6)["left"] == ["a", "b"]


def test_the_latest_cart_counts(fill: Fill) -> None:
    """A bought after the first cart, and not after the second."""
    store = fill([Event("a", 0, "cart"), Event("a", 10 * DAY, "cart")], [Line("a", 60, "o1")])
    assert fates(store)["left"] == ["a"]


def test_a_purchase_of_the_same_moment_comes_after(fill: Fill) -> None:
    store = fill([Event("a", 600, "cart")], [Line("a", 600, "o1")])
    assert fates(store)["bought"] == ["a"]


def test_purchase_events_count_only_without_orders(fill: Fill) -> None:
    events = [Event("a", 0, "cart"), Event("a", 5, "purchase"), Event("b", 0, "cart")]
    assert fates(fill(events))["bought"] == ["a"]
    assert fates(fill(events, [Line("b", 700, "o1")]))["bought"] == ["b"]


@pytest.mark.usefixtures("priced")
def test_the_value_is_that_of_what_was_added_since_the_purchase_before(fill: Fill) -> None:
    """A: the pot was bought; tea twice and an unpriced mug since: 4.50. B: 30.00 + 4.50."""
    store = fill(
        [
            Event("a", 0, "cart", product="pot"),
            *(Event("a", 700 + n, "cart", product="tea") for n in range(2)),
            Event("a", 800, "cart", product="mug"),
            *(Event("b", n, "cart", product=each) for n, each in enumerate(["tea", "pot"])),
            Event("c", 0, "cart", product="mug"),
        ],
        [Line("a", 650, "o1", "pot")],
    )
    found = journeys.carts(store, as_of=AS_OF)
    assert (found.left, found.with_value, found.value) == (3, 2, Decimal("39.0000"))
    listed = store.query("cart_list", tables={"carts": found.table}, fate="left")
    listed = listed.set_index("customer_id")
    assert listed["products"].to_dict() == {"a": 2, "b": 2, "c": 1}
    assert listed["dearest"].to_dict() == {"a": "Green tea", "b": "Pot", "c": "mug"}
    assert listed["value"].isna().to_dict() == {"a": False, "b": False, "c": True}


def test_without_prices_the_value_is_not_known(fill: Fill) -> None:
    assert journeys.carts(fill([Event("a", 0, "cart", product="tea")]), as_of=AS_OF).value is None


def test_copies_and_guests_change_nothing(fill: Fill) -> None:
    store = fill([Event("a", 0, "cart"), Event("a", 0, "cart"), Event(None, 0, "cart")])
    assert fates(store) == {"left": ["a"], "later": [], "bought": []}


def test_the_days_asked_for(fill: Fill) -> None:
    store = fill([Event("a", 0, "cart"), Event("b", 2 * DAY, "cart")])
    assert fates(store, from_day=date(2024, 3, 2))["left"] == ["b"]


def test_what_cannot_be_told_is_said(fill: Fill) -> None:
    store = fill([Event("a", 0, "view")])
    with pytest.raises(NotEnoughDataError, match="cart"):
        journeys.carts(store, as_of=AS_OF)
    with pytest.raises(AnalyticsError, match="no time"):
        journeys.carts(store, 0)
