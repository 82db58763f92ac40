"""What the Overview says happened, in every case it may meet."""

from datetime import date, timedelta
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import overview
from analytics.overview.sentences import _cause

NOW, FIRST = date(2024, 3, 1), date(2023, 1, 1)
DAYS = timedelta(days=30)


def period(
    from_day: date, revenue: str, orders: int, customers: int = 0, new: int = 0, earlier: str = "0"
) -> overview.Period:
    return overview.Period(
        from_day=from_day,
        until_day=from_day + DAYS,
        revenue=Decimal(revenue),
        identified_revenue=Decimal(revenue),
        guest_revenue=Decimal(0),
        earlier_customers_revenue=Decimal(earlier),
        orders=orders,
        customers=customers,
        new_customers=new,
        returning_customers=customers - new,
        repeat_customers=customers - new,
    )


def beside(now: tuple[str, int], before: tuple[str, int] | None) -> overview.Summary:
    earlier = period(NOW - DAYS, *before) if before else None
    return overview.Summary(period(NOW, *now), earlier, None, FIRST)


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (
            ("860246", 11090),
            ("746000", 10000),
            "Revenue rose by 15.3% against the 30 days before, by 114,246 EUR to 860,246 EUR: "
            "mostly because of more orders (+10.9%); the average order grew by 4.0%.",
        ),
        (
            ("900", 90),
            ("1000", 100),
            "Revenue fell by 10.0% against the 30 days before, by 100.00 EUR to 900.00 EUR: "
            "because of fewer orders (−10.0%); the average order stayed the same.",
        ),
        (
            ("900", 120),
            ("1000", 100),
            "Revenue fell by 10.0% against the 30 days before, by 100.00 EUR to 900.00 EUR: "
            "because of a smaller average order (−25.0%), although orders rose by 20.0%.",
        ),
        (
            ("2250", 150),
            ("1000", 100),
            "Revenue rose by 125% against the 30 days before, by 1,250 EUR to 2,250 EUR: because "
            "of both more orders (+50.0%) and a larger average order (+50.0%).",
        ),
        (
            ("1000", 125),
            ("1000", 100),
            "Revenue stayed at 1,000 EUR against the 30 days before: more orders (+25.0%) and a "
            "smaller average order (−20.0%) cancel out.",
        ),
        (
            ("1000", 100),
            ("1000", 100),
            "Revenue stayed at 1,000 EUR against the 30 days before.",
        ),
        (
            ("12.5", 1),
            None,
            "The shop took 12.50 EUR in one order; the data begin on 1 January 2023, so nothing "
            "earlier compares.",
        ),
        (
            ("70", 7),
            ("0", 0),
            "The shop took 70.00 EUR in 7 orders, 10.00 EUR each on average; in the 30 days before "
            "there was no order.",
        ),
        (
            ("70", 7),
            ("-20", 0),
            "The shop took 70.00 EUR in 7 orders, 10.00 EUR each on average, after −20.00 EUR in "
            "the 30 days before.",
        ),
        (
            ("-20", 1),
            ("70", 7),
            "Returns and refunds outweighed the sales of 1 order: −20.00 EUR, after 70.00 EUR in "
            "the 30 days before.",
        ),
        (("0", 0), ("70", 7), "No order was placed, after 70.00 EUR in the 30 days before."),
        (
            ("-5", 0),
            ("70", 7),
            "No order was placed; returns and lines of earlier orders come to −5.00 EUR, after "
            "70.00 EUR in the 30 days before.",
        ),
    ],
)
def test_what_happened_to_revenue(
    now: tuple[str, int], before: tuple[str, int] | None, said: str
) -> None:
    assert overview.sentences(beside(now, before), None, "EUR")[0] == said


def test_money_without_a_currency() -> None:
    assert overview.sentences(beside(("1000", 100), ("1000", 100)))[0].startswith(
        "Revenue stayed at 1,000 against"
    )


def test_where_only_a_year_earlier_compares() -> None:
    year = period(date(2023, 3, 1), "500", 100)
    found = overview.Summary(period(NOW, "1000", 100), None, year, FIRST)
    assert overview.sentences(found, None, "EUR")[0] == (
        "Revenue rose by 100% against the same dates a year earlier, by 500.00 EUR to 1,000 EUR: "
        "because of a larger average order (+100%); the number of orders stayed the same."
    )


@given(st.integers(1, 10**6), st.integers(1, 10**9), st.integers(1, 10**6), st.integers(1, 10**9))
def test_the_cause_named_contributes_most(
    orders: int, cents: int, orders_before: int, cents_before: int
) -> None:
    found = beside((str(cents / 100), orders), (str(cents_before / 100), orders_before))
    said = overview.sentences(found, None, "EUR")[0]
    change = cents / cents_before - 1
    if "stayed" not in said:
        assert ("rose by" in said.split("against")[0]) == (change > 0)
    for words, up in (("more orders", True), ("fewer orders", False)):
        if words in said and "0.0%" not in said:
            assert (orders > orders_before) == up


def test_causes_add_up_in_logarithms() -> None:
    assert "mostly because of more orders (+10.5%)" in _cause(0.15, 0.10, 0.05)
    assert "although the average order fell" in _cause(0.05, 0.10, -0.05)


def frame(*rows: tuple[str | None, str, str | None]) -> pd.DataFrame:
    """Parts: what they are, what they brought, and by how much that changed."""
    whole = sum(float(brought) for _, brought, _ in rows)
    return pd.DataFrame(
        {
            "label": [name or "not given" for name, _, _ in rows],
            "part": pd.Series([name for name, _, _ in rows], dtype="str"),
            "revenue": [Decimal(brought) for _, brought, _ in rows],
            "revenue_share": [float(brought) / whole for _, brought, _ in rows],
            "revenue_change": [None if by is None else Decimal(by) for _, _, by in rows],
        }
    )


@pytest.mark.parametrize(
    ("now", "before", "parts", "said"),
    [
        (
            "1000",
            "900",
            frame(("Tea", "600", "80"), ("Toys", "400", "20")),
            "Most of the rise came from the category “Tea” (+80.00 EUR); no category lost.",
        ),
        (
            "1000",
            "900",
            frame(("Tea", "600", "190"), ("Toys", "400", "-90")),
            "The category “Tea” gained most (+190.00 EUR); the category “Toys” lost most "
            "(−90.00 EUR).",
        ),
        (
            "900",
            "1000",
            frame(("Tea", "600", "-80"), ("Toys", "300", "-20")),
            "Most of the fall came from the category “Tea” (−80.00 EUR); no category gained.",
        ),
        (
            "900",
            "1000",
            frame(("Tea", "600", "-110"), ("Toys", "300", "10")),
            "The category “Tea” lost most (−110.00 EUR); the category “Toys” gained most "
            "(+10.00 EUR).",
        ),
        (
            "1000",
            "900",
            frame(("Tea", "600", "20"), (None, "400", "80")),
            "Most of the rise came from what has no category given (+80.00 EUR); no category lost.",
        ),
        ("900", "900", frame(("Tea", "600", "0"), ("Toys", "300", "0")), None),
        ("900", "800", frame(("Tea", "900", "100")), None),
        (
            "1000",
            None,
            frame(("Tea", "930", None), ("Toys", "70", None)),
            "The category “Tea” brought most, 930.00 EUR or 93% of revenue, ahead of the category "
            "“Toys” with 7.0%.",
        ),
        ("-10", None, frame(("Tea", "-4", None), ("Toys", "-6", None)), None),
    ],
)
def test_which_part(now: str, before: str | None, parts: pd.DataFrame, said: str | None) -> None:
    found = beside((now, 10), (before, 10) if before else None)
    without = overview.sentences(found, None, "EUR")
    said_now = overview.sentences(found, ("category", parts), "EUR")
    assert [one for one in said_now if one not in without] == ([said] if said else [])


def customers(
    from_day: date, orders: int, known: int, new: int, earlier: str = "0", revenue: str = "1000"
) -> list[str]:
    now = period(from_day, revenue, orders, known, new, earlier)
    return overview.sentences(overview.Summary(now, None, None, FIRST), None, "EUR")[1:]


def test_with_whom() -> None:
    assert customers(NOW, 3000, 2800, 1203, "710") == [
        "1,203 of 2,800 known customers were new (43%); customers who had ordered before brought "
        "71% of the revenue of known customers."
    ]
    assert customers(NOW, 3, 2, 1, "2", "-1") == ["1 of 2 known customers was new (50%)."]
    assert customers(NOW, 1, 1, 1) == ["1 of 1 known customer was new (100%)."]
    assert customers(NOW, 3, 0, 0) == [
        "All orders were guests’, so nobody can be told as new or returning."
    ]
    assert customers(NOW, 1, 0, 0) == [
        "The only order was a guest’s, so nobody can be told as new or returning."
    ]
    assert customers(NOW, 0, 0, 0) == []


def test_who_is_new_where_the_data_begin() -> None:
    assert customers(FIRST, 9, 5, 3) == [
        "The data begin with this period, so all 5 known customers count as new; 40% of them "
        "ordered at least twice."
    ]
    assert customers(FIRST, 1, 1, 1) == [
        "The data begin with this period, so its one known customer counts as new."
    ]
    assert customers(FIRST + timedelta(days=5), 9, 5, 3, "500") == [
        "3 of 5 known customers were new (60%); customers who had ordered before brought 50% of "
        "the revenue of known customers. The data begin only on 1 January 2023: some of the new "
        "may be older."
    ]
