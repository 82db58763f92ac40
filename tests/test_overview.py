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
    assert (found.from_day, found.until_day) == (day("0201"), day("0301"))
    assert found.revenue == Decimal("45.6156")
    assert found.identified_revenue == Decimal("37.8456")
    assert found.guest_revenue == Decimal("7.77")
    assert (found.orders, found.customers) == (4, 3)
    assert found.average_order_value == pytest.approx(45.6156 / 4)


def test_the_first_day_counts_and_the_last_does_not(shop: Store) -> None:
    assert overview.period(shop, day("0201"), day("0202")).revenue == Decimal("27.77")
    assert overview.period(shop, day("0131"), day("0201")).revenue == Decimal("5.00")


def test_an_order_over_midnight_is_one_order(shop: Store) -> None:
    assert overview.period(shop, day("0130"), day("0201")).orders == 1


def test_an_order_belongs_to_the_day_of_its_first_line(shop: Store) -> None:
    found = overview.period(shop, day("0131"), day("0201"))
    assert (found.revenue, found.orders, found.customers) == (Decimal("5.00"), 0, 0)


@pytest.mark.parametrize(
    ("start", "end", "new", "returning", "repeat"),
    [
        ("0130", "0302", 3, 0, 1),  # all of the data: nobody had ordered before
        ("0201", "0202", 1, 0, 0),  # ben's only order
        ("0205", "0206", 0, 1, 1),  # anna's second
        ("0205", "0302", 1, 1, 1),  # dora's first, anna's second and third
        ("0206", "0213", 0, 0, 0),  # a return and a cancelled order make no customer
    ],
)
def test_who_is_new_and_who_returns(
    shop: Store, start: str, end: str, new: int, returning: int, repeat: int
) -> None:
    found = overview.period(shop, day(start), day(end))
    assert (found.new_customers, found.returning_customers) == (new, returning)
    assert found.repeat_customers == repeat
    assert found.customers == new + returning
    assert np.isnan(found.repeat_rate) == (found.customers == 0)


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


@pytest.mark.parametrize(
    ("moment", "end", "expected"),
    [
        (date(2024, 2, 29), False, date(2023, 2, 28)),
        (date(2024, 2, 29), True, date(2023, 3, 1)),
        (date(2024, 3, 1), True, date(2023, 3, 1)),
        (date(2025, 2, 28), False, date(2024, 2, 28)),
    ],
)
def test_a_year_earlier(moment: date, end: bool, expected: date) -> None:
    assert overview.a_year_earlier(moment, end=end) == expected


def test_the_same_dates_a_year_earlier(store: Store, write: Callable[..., Path]) -> None:
    days = ["2022-12-01", "2023-02-05", "2024-01-20", "2024-02-05", "2024-02-29"]
    body = "".join(f"{n},ann,{one},{n + 1}0\n" for n, one in enumerate(days))
    path = write("orders.csv", "order_id,customer_id,ordered_at,amount\n" + body)
    load(store, path, inspect(path, table="orders"), import_day=date(2024, 12, 31))
    found = overview.summary(store, date(2024, 2, 1), date(2024, 3, 1))
    assert found.before
    assert found.year_before
    assert not found.is_a_year
    assert (found.before.from_day, found.before.until_day) == (date(2024, 1, 3), date(2024, 2, 1))
    year = (found.year_before.from_day, found.year_before.until_day)
    assert year == (date(2023, 2, 1), date(2023, 3, 1))
    assert found.change("revenue") == pytest.approx(90 / 30 - 1)
    assert found.change("revenue", "year_before") == pytest.approx(90 / 20 - 1)


def test_of_a_whole_year_both_comparisons_are_one(store: Store, write: Callable[..., Path]) -> None:
    path = write(
        "orders.csv",
        "order_id,customer_id,ordered_at,amount\n1,ann,2022-03-01,10\n2,ann,2024-02-29,20\n",
    )
    load(store, path, inspect(path, table="orders"), import_day=date(2024, 12, 31))
    found = overview.summary(store, date(2023, 3, 1), date(2024, 3, 1))
    assert found.is_a_year
    assert found.before == found.year_before
    assert found.before
    assert found.before.from_day == date(2022, 3, 1)
    assert found.change("revenue") == found.change("revenue", "year_before") == 1


def test_who_was_new_is_not_compared_where_the_data_begin(shop: Store) -> None:
    # 6 to 12 February: the week before begins on the data's first day.
    early = overview.summary(shop, day("0206"), day("0213"))
    assert early.before
    assert not early.has_history(early.before)
    assert np.isnan(early.change("new_customers"))
    assert np.isnan(early.change("repeat_rate"))
    # 20 to 26 February: a whole week lies before the earlier one.
    later = overview.summary(shop, day("0213"), day("0220"))
    assert later.before
    assert later.has_history(later.before)


def test_the_change_of_a_rate_is_a_difference(shop: Store) -> None:
    # 14 to 22 February, dora alone; before it, 5 to 13 February, anna for the second time.
    found = overview.summary(shop, day("0214"), day("0223"))
    assert found.before
    assert not found.has_history(found.before)
    whole = overview.Summary(found.now, found.before, None, day("0101"))
    assert whole.change("repeat_rate") == -1
    assert whole.change("returning_customers") == -1
    assert np.isnan(whole.change("new_customers"))


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
    assert steps["new_customers"].sum() == whole.new_customers
    assert (steps["new_customers"] + steps["returning_customers"] == steps["customers"]).all()
    if len(steps) == 1:
        only = steps.iloc[0]
        assert only["customers"] == whole.customers
        assert only["returning_customers"] == whole.returning_customers
        np.testing.assert_equal(only["repeat_rate"], whole.repeat_rate)
        np.testing.assert_allclose(only["average_order_value"], whole.average_order_value)
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
