"""Steps in a row: worked out by hand, and the order of the file does not matter."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import NotEnoughDataError
from analytics.propensity.next_moments import UNKNOWN, Steps, read, steps
from analytics.store import Store
from tests.propensity.next_logs import BEGIN_US, MINUTE_US, moments


def told(found: Steps) -> list[tuple[str, float, str, str | None]]:
    """Customer, minute, action, and what follows."""
    return [
        (
            str(found.customers[who]),
            (at - BEGIN_US) / MINUTE_US,
            found.actions[kind],
            found.actions[after] if after != UNKNOWN else None,
        )
        for who, at, kind, after in zip(
            found.customer, found.at_us, found.kind, found.follows, strict=True
        )
    ]


def test_a_visit_ends_after_half_an_hour_of_silence() -> None:
    found = steps(
        moments(
            [("ann", 0, "view"), ("ann", 5, "cart"), ("ann", 35, "view"), ("ann", 66, "purchase"),
             ("ben", 60, "view"), ("ben", 70, "view")]
        )
    )  # fmt: skip
    assert found.actions == ("view", "cart", "buy", "leave")
    assert told(found) == [
        ("ann", 0, "view", "cart"),
        ("ann", 5, "cart", "view"),  # 30 minutes later is still the same visit.
        ("ann", 35, "view", "leave"),
        ("ann", 65, "leave", "buy"),  # Known when the silence was over.
        ("ann", 66, "buy", None),  # The log ends four minutes later.
        ("ben", 60, "view", "view"),
        ("ben", 70, "view", None),
    ]
    minutes = (found.known_us[found.follows != UNKNOWN] - BEGIN_US) / MINUTE_US
    assert minutes.tolist() == [5, 35, 65, 66, 70]


def test_who_has_not_come_back_has_left_and_no_more_is_known() -> None:
    found = steps(moments([("ann", 0, "view"), ("ben", 30, "view"), ("cy", 29, "view")]))
    assert told(found) == [
        ("ann", 0, "view", "leave"),
        ("ann", 30, "leave", None),
        ("ben", 30, "view", None),
        ("cy", 29, "view", None),
    ]
    assert found.last.tolist() == [1, 2, 3]


def test_messages_are_no_actions_and_a_click_is_a_view_where_there_are_no_views() -> None:
    log = [("ann", 0, "impression"), ("ann", 1, "click"), ("ann", 2, "open"), ("ann", 3, "cart")]
    assert told(steps(moments(log))) == [("ann", 1, "view", "cart"), ("ann", 3, "cart", None)]
    with_views = steps(moments([*log, ("ann", 4, "view")]))
    assert told(with_views) == [("ann", 3, "cart", "view"), ("ann", 4, "view", None)]


def test_what_hardly_occurs_is_other() -> None:
    log = [("ann", minute, "view") for minute in range(2_000)]
    found = steps(moments([*log, ("ann", 2_001, "wave"), ("ann", 2_002, "shout")]))
    assert found.actions == ("view", "other", "leave")
    assert found.kind[-2:].tolist() == [1, 1]


def test_a_shops_own_leave_is_an_event_of_that_name() -> None:
    found = steps(moments([("ann", 0, "leave"), ("ann", 1, "other"), ("ann", 2, "view")]))
    assert sorted(found.actions) == ["leave", "leave event", "other event", "view"]


def test_actions_of_one_moment_stand_as_they_usually_come() -> None:
    found = steps(moments([("ann", 0, "purchase"), ("ann", 0, "cart"), ("ann", 0, "view")]))
    assert [row[2] for row in told(found)] == ["view", "cart", "buy"]


def test_nothing_that_counts_is_said() -> None:
    with pytest.raises(NotEnoughDataError, match="no known customer who did anything"):
        steps(moments([("ann", 0, "open")]))


ORDERS = """order_id,customer_id,ordered_at,product_id,quantity,unit_price
1,ann,2024-03-04 09:03:00,tea,1,5
1,ann,2024-03-04 09:03:00,cup,1,5
2,ben,2024-03-05 09:00:00,tea,1,5
"""
EVENTS = """customer_id,occurred_at,event,product_id
ann,2024-03-04 09:01:00,cart,tea
ann,2024-03-04 09:00:00,view,tea
ann,2024-03-04 09:00:00,view,tea
ben,2024-03-05 08:58:00,view,tea
,2024-03-05 08:59:00,view,tea
"""
PRODUCTS = "product_id,name,category\ntea,Tea,drinks\ncup,Cup,ware\n"


def test_an_order_is_one_purchase_and_identical_events_are_one(
    shop_of: Callable[..., Store],
) -> None:
    store = shop_of(orders=ORDERS, events=EVENTS, products=PRODUCTS)
    found = read(store, date(2024, 3, 6))
    assert told(found)[:4] == [
        ("ann", 0, "view", "cart"),
        ("ann", 1, "cart", "buy"),
        ("ann", 3, "buy", "leave"),
        ("ann", 33, "leave", None),
    ]
    assert [row[2] for row in told(found)[4:]] == ["view", "buy"]
    assert [str(found.categories[code]) for code in found.category[:2]] == ["drinks", "drinks"]
    assert len(read(store, date(2024, 3, 5))) == 3  # The log then ends with the order.


def test_a_purchase_event_and_its_order_do_not_count_twice(shop_of: Callable[..., Store]) -> None:
    bought = EVENTS + "ann,2024-03-04 09:03:00,purchase,tea\n"
    found = read(shop_of(orders=ORDERS, events=bought), date(2024, 3, 6))
    assert [row[2] for row in told(found) if row[0] == "ann"] == ["view", "cart", "buy", "leave"]


def test_orders_alone_do_not_tell_it(shop_of: Callable[..., Store]) -> None:
    with pytest.raises(NotEnoughDataError, match="nothing is known before this day") as error:
        read(shop_of(orders=ORDERS), date(2024, 3, 6))
    assert "Import the shop's event file" in error.value.fix


LOGS = st.lists(
    st.tuples(
        st.sampled_from(["ann", "ben", "cy"]),
        st.integers(0, 200),
        st.sampled_from(["view", "cart", "purchase"]),
        st.sampled_from(["tea", "cup"]),
    ),
    min_size=1,
    max_size=25,
    unique=True,
)


@settings(deadline=None, max_examples=60)
@given(LOGS, st.randoms(use_true_random=False))
def test_the_order_of_the_file_does_not_matter(done: list[tuple[str, int, str, str]], rng) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(done)
    rng.shuffle(shuffled)
    first, second = steps(moments(done)), steps(moments(shuffled))
    for name in ("customer", "at_us", "kind", "product", "follows", "known_us"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


@settings(deadline=None, max_examples=60)
@given(LOGS)
def test_nobody_leaves_twice_and_every_action_stays(done: list[tuple[str, int, str, str]]) -> None:
    found = steps(moments(done))
    leave = len(found.actions) - 1
    assert (found.kind != leave).sum() == len(done)
    assert not ((found.kind == leave) & (found.follows == leave)).any()
    frame = pd.DataFrame({"customer": found.customer, "at": found.at_us})
    assert frame.sort_values(["customer", "at"], kind="stable").equals(frame)
