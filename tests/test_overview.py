"""The shop at a glance, of a shop reckoned by hand."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import overview
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Policy, Store, inspect, load

ORDERS = """order_id,customer_id,ordered_at,quantity,amount,refunded,status
1,anna,2024-01-30 23:59:59,1,10.00,,paid
1,anna,2024-01-31 00:00:01,1,5.00,,paid
2,ben,2024-02-01 00:00:00,1,20.00,,paid
3,,2024-02-01 12:00:00,1,7.77,,paid
4,anna,2024-02-05 12:00:00,1,30.00,4.50,paid
C5,ben,2024-02-06 12:00:00,-1,-20.00,,paid
6,carl,2024-02-12 12:00:00,1,100.00,,cancelled
7,dora,2024-02-20 12:00:00,1,12.3456,,paid
8,anna,2024-03-01 12:00:00,1,1.00,,paid
"""
"""Order 1 runs over midnight, 3 is a guest's, 4 partly refunded, C5 a return, 6 no order."""

FIRST, AFTER = date(2024, 1, 30), date(2024, 3, 2)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The shop; read from it only."""
    path = tmp_path_factory.mktemp("overview") / "orders.csv"
    path.write_text(ORDERS, encoding="utf-8")
    with Store() as filled:
        load(filled, path, inspect(path, table="orders"), import_day=date(2024, 12, 31))
        yield filled


def day(text: str) -> date:
    """`0205` is 5 February 2024."""
    return date(2024, int(text[:2]), int(text[2:]))


def test_a_month_by_hand(shop: Store) -> None:
    found = overview.period(shop, day("0201"), day("0301"))
    # Known customers: 20.00 + 30.00 − 4.50 − 20.00 + 12.3456; the guest's 7.77 on top.
    assert found == overview.Period(
        from_day=day("0201"),
        until_day=day("0301"),
        revenue=Decimal("45.6156"),
        identified_revenue=Decimal("37.8456"),
        guest_revenue=Decimal("7.77"),
        orders=4,
        customers=3,
    )
    assert found.average_order_value == pytest.approx(45.6156 / 4)


def test_the_first_day_counts_and_the_last_does_not(shop: Store) -> None:
    assert overview.period(shop, day("0201"), day("0202")).revenue == Decimal("27.77")
    assert overview.period(shop, day("0131"), day("0201")).revenue == Decimal("5.00")


def test_an_order_over_midnight_is_one_order(shop: Store) -> None:
    assert overview.period(shop, day("0130"), day("0201")).orders == 1


def test_a_period_without_sales(shop: Store) -> None:
    found = overview.period(shop, date(2025, 1, 1), date(2025, 2, 1))
    assert (found.revenue, found.orders, found.customers) == (0, 0, 0)
    assert np.isnan(found.average_order_value)


def test_the_policy_decides_on_guests_and_returns(store: Store, write: Callable[..., Path]) -> None:
    path = write("orders.csv", ORDERS)
    load(store, path, inspect(path, table="orders"), import_day=date(2024, 12, 31))
    store.set_policy(Policy(guests="leave_out", returns="leave_out"))
    found = overview.period(store, day("0201"), day("0301"))
    assert (found.revenue, found.guest_revenue, found.orders) == (Decimal("57.8456"), 0, 3)


def test_a_period_beside_the_one_before(shop: Store) -> None:
    # 6 to 12 February beside 30 January to 5 February.
    found = overview.summary(shop, day("0206"), day("0213"))
    assert found.before
    assert (found.before.from_day, found.before.until_day) == (FIRST, day("0206"))
    assert found.now.revenue == Decimal("-20.00")
    assert found.before.revenue == Decimal("68.27")
    assert found.change("revenue") == pytest.approx(-20 / 68.27 - 1)
    assert found.change("orders") == -1
    assert found.change("identified_revenue") == pytest.approx(-20 / 60.5 - 1)


def test_there_is_no_change_from_nothing(shop: Store) -> None:
    # 13 to 19 February: the week before brought nothing but a return.
    found = overview.summary(shop, day("0213"), day("0220"))
    assert found.before
    assert found.before.revenue == Decimal("-20.00")
    assert np.isnan(found.change("revenue"))
    assert np.isnan(found.change("customers"))
    assert np.isnan(found.change("average_order_value"))


@pytest.mark.parametrize(("start", "reaches"), [("0206", True), ("0205", False), ("0130", False)])
def test_nothing_is_compared_with_days_before_the_data(
    shop: Store, start: str, reaches: bool
) -> None:
    found = overview.summary(shop, day(start), day(start) + timedelta(days=7))
    assert (found.before is not None) == reaches
    assert np.isnan(found.change("revenue")) != reaches


def rows(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    return [
        (row.start.strftime("%m%d"), row.revenue, row.orders, row.complete)
        for row in frame.itertuples()
    ]


def test_over_time_by_day(shop: Store) -> None:
    found = overview.over_time(shop, FIRST, day("0204"), "day")
    assert rows(found) == [
        ("0130", Decimal("10.00"), 1, True),
        ("0131", Decimal("5.00"), 0, True),
        ("0201", Decimal("27.77"), 2, True),
        ("0202", 0, 0, True),
        ("0203", 0, 0, True),
    ]
    assert found["start"].iloc[0] == pd.Timestamp(FIRST)


def test_over_time_by_week_from_monday_to_sunday(shop: Store) -> None:
    # 1 February 2024 is a Thursday, 1 March a Friday.
    assert rows(overview.over_time(shop, day("0201"), day("0301"), "week")) == [
        ("0129", Decimal("27.77"), 2, False),
        ("0205", Decimal("5.50"), 1, True),
        ("0212", 0, 0, True),
        ("0219", Decimal("12.3456"), 1, True),
        ("0226", 0, 0, False),
    ]
    whole = overview.over_time(shop, day("0129"), day("0205"), "week")
    assert rows(whole) == [("0129", Decimal("42.77"), 3, True)]


def test_over_time_by_month(shop: Store) -> None:
    assert rows(overview.over_time(shop, FIRST, AFTER, "month")) == [
        ("0101", Decimal("15.00"), 1, False),
        ("0201", Decimal("45.6156"), 4, True),
        ("0301", Decimal("1.00"), 1, False),
    ]
    assert rows(overview.over_time(shop, day("0201"), day("0229"), "month"))[0][3] is False


def test_the_year_is_no_part_of_a_week(shop: Store) -> None:
    # Monday 30 December 2024 to Sunday 5 January 2025 is one week.
    found = overview.over_time(shop, date(2024, 12, 30), date(2025, 1, 6), "week")
    assert rows(found) == [("1230", 0, 0, True)]


@pytest.mark.parametrize(
    ("days", "every"), [(1, "day"), (100, "day"), (101, "week"), (750, "week"), (751, "month")]
)
def test_the_step_fits_the_period(shop: Store, days: int, every: Any) -> None:
    until = FIRST + timedelta(days=days)
    pd.testing.assert_frame_equal(
        overview.over_time(shop, FIRST, until), overview.over_time(shop, FIRST, until, every)
    )


@settings(deadline=None, max_examples=60)
@given(st.integers(-40, 60), st.integers(1, 120), st.sampled_from(["day", "week", "month"]))
def test_the_steps_add_up_to_the_period(shop: Store, start: int, days: int, every: Any) -> None:
    from_day = FIRST + timedelta(days=start)
    until_day = from_day + timedelta(days=days)
    whole = overview.period(shop, from_day, until_day)
    steps = overview.over_time(shop, from_day, until_day, every)
    assert sum(steps["revenue"], Decimal(0)) == whole.revenue
    assert steps["orders"].sum() == whole.orders
    assert steps["start"].is_monotonic_increasing
    # Whole steps are those that neither begin before the period nor end after it.
    assert steps["complete"][1:-1].all()
    if every == "day":
        assert len(steps) == days
        assert steps["complete"].all()


def test_first_and_last_day(shop: Store) -> None:
    assert overview.first_and_last_day(shop) == (FIRST, day("0301"))


def test_without_orders_there_is_no_first_day(store: Store, write: Callable[..., Path]) -> None:
    with pytest.raises(NotEnoughDataError, match="no orders yet"):
        overview.first_and_last_day(store)
    path = write("events.csv", "customer_id,occurred_at,event\nanna,2024-01-05 09:55:00,view\n")
    load(store, path, inspect(path, table="events"), import_day=date(2024, 12, 31))
    with pytest.raises(NotEnoughDataError, match="no orders yet"):
        overview.first_and_last_day(store)
    with pytest.raises(NotEnoughDataError, match="no orders yet"):
        overview.summary(store, day("0101"), day("0201"))


@pytest.mark.parametrize("ask", [overview.period, overview.summary, overview.over_time])
@pytest.mark.parametrize("until", ["0205", "0204"])
def test_a_period_without_a_day_is_refused(shop: Store, ask: Any, until: str) -> None:
    with pytest.raises(AnalyticsError) as caught:
        ask(shop, day("0205"), day(until))
    assert caught.value.problem == "The period ends before it begins."
    assert caught.value.fix == "Choose a later end."
