"""Scores and segments of shops small enough to reckon by hand."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics import rfm
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Policy, Store, inspect, load

NONE = None


def rows(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    """The rows of a frame as plain values, None for what is missing."""
    return [
        tuple(None if pd.isna(value) else value for value in row)
        for row in frame.itertuples(index=False, name=None)
    ]


def one(frame: pd.DataFrame, customer: str) -> dict[str, Any]:
    """The row of one customer."""
    return frame.set_index("customer_id").loc[customer].to_dict()


def ordered(totals: Any, column: int, values: list[Any]) -> Any:
    """Customers who differ in one column only: 1 recency, 2 frequency, 3 monetary."""
    made = []
    for place, value in enumerate(values):
        row: list[Any] = [f"c{place:02}", 7, 1, Decimal(1)]
        row[column] = value
        made.append(tuple(row))
    return totals(made)


def test_every_customer_of_a_small_shop(shop: Store) -> None:
    # The last order is of 1 March 2024, so the day is 2 March; February has 29 days.
    # Five customers ordered, so each customer strictly worse is worth one step.
    assert rows(rfm.score(shop)) == [
        # 70.00 less 5.50 refunded; the refunded order is an order, but brings nothing.
        ("anna", 1, 2, Decimal("64.50"), 5, 4, 5, "Champions"),
        # The return takes 10.00 off and is neither an order nor a later visit.
        ("ben", 30, 1, Decimal("10.00"), 2, 1, 2, "Hibernating"),
        # The cancelled order is none.
        ("carl", 47, 1, Decimal("40.00"), 1, 1, 4, "At risk"),
        # Nor is the test order.
        ("dora", 6, 1, Decimal("25.25"), 3, 1, 3, "About to sleep"),
        ("emil", NONE, 0, Decimal("-12.00"), NONE, NONE, NONE, "Returns only"),
        # Three customers have fewer orders: 1 + floor(5 × 3 / 5) = 4.
        ("fay", 2, 2, Decimal("0.30"), 4, 4, 1, "Potential loyalists"),
    ]


def test_columns_are_as_documented(shop: Store) -> None:
    scores = rfm.score(shop)
    assert list(scores.columns) == [
        *("customer_id", "recency_days", "frequency", "monetary", "r", "f", "m", "segment"),
    ]
    assert isinstance(scores["monetary"].iloc[0], Decimal)


def test_only_what_happened_before_the_day_counts(shop: Store) -> None:
    scores = rfm.score(shop, date(2024, 2, 29), bins=3)
    assert rows(scores[["customer_id", "recency_days", "frequency", "monetary"]]) == [
        ("anna", 50, 1, Decimal("64.50")),
        ("ben", 28, 1, Decimal("10.00")),
        ("carl", 45, 1, Decimal("40.00")),
        ("dora", 4, 1, Decimal("25.25")),
        ("emil", NONE, 0, Decimal("-12.00")),
    ]


def test_a_later_day_moves_recency_and_no_score(shop: Store) -> None:
    last, later = rfm.score(shop), rfm.score(shop, date(2024, 3, 2) + timedelta(days=1000))
    known = last["recency_days"].notna()
    assert (later["recency_days"][known] - last["recency_days"][known] == 1000).all()
    pd.testing.assert_frame_equal(
        later.drop(columns="recency_days"), last.drop(columns="recency_days")
    )


def test_a_return_is_taken_off_its_own_day_and_a_refund_off_the_orders(shop: Store) -> None:
    the_day, the_day_after = (rfm.score(shop, date(2024, 2, day), bins=3) for day in (20, 21))
    assert one(the_day, "ben")["monetary"] == Decimal("20.00")
    assert one(the_day_after, "ben")["monetary"] == Decimal("10.00")
    assert one(the_day, "anna")["monetary"] == Decimal("64.50")


def test_the_policy_decides_on_returns(own_shop: Store) -> None:
    own_shop.set_policy(Policy(returns="leave_out"))
    scores = rfm.score(own_shop)
    assert one(scores, "ben")["monetary"] == Decimal("20.00")
    assert "emil" not in set(scores["customer_id"])


def test_a_customer_of_free_lines_has_ordered(store: Store, write: Callable[..., Path]) -> None:
    path = write(
        "orders.csv",
        "order_id,customer_id,ordered_at,amount\n"
        "1,a,2024-01-01,5\n2,b,2024-01-02,6\n3,c,2024-01-03,7\n4,d,2024-01-04,0\n",
    )
    load(store, path, inspect(path, table="orders"), import_day=date(2024, 12, 31))
    found = one(rfm.score(store, bins=3), "d")
    assert (found["frequency"], found["r"], found["m"]) == (1, 3, 1)
    store.set_policy(Policy(zero_price="leave_out"))
    assert list(rfm.score(store, bins=3)["customer_id"]) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("bins", "scores"),
    [
        (3, [1, 1, 1, 1, 2, 2, 2, 3, 3, 3]),
        (4, [1, 1, 1, 2, 2, 3, 3, 3, 4, 4]),
        (5, [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]),
        (6, [1, 1, 2, 2, 3, 4, 4, 5, 5, 6]),
        (7, [1, 1, 2, 3, 3, 4, 5, 5, 6, 7]),
        (8, [1, 1, 2, 3, 4, 5, 5, 6, 7, 8]),
        (9, [1, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (10, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    ],
)
def test_ten_different_customers_in_three_to_ten_scores(
    totals: Any, bins: int, scores: list[int]
) -> None:
    # The k-th worst of ten has k - 1 strictly worse: 1 + floor(bins × (k - 1) / 10).
    oldest_first = ordered(totals, 1, [100 - 9 * place for place in range(10)])
    assert list(rfm.score(oldest_first, bins=bins)["r"]) == scores
    rarest_first = ordered(totals, 2, [1 + place for place in range(10)])
    assert list(rfm.score(rarest_first, bins=bins)["f"]) == scores
    smallest_first = ordered(totals, 3, [Decimal(place) / 10_000 - 5 for place in range(10)])
    assert list(rfm.score(smallest_first, bins=bins)["m"]) == scores


def test_equal_values_on_the_border_of_scores_stay_together(totals: Any) -> None:
    # Five of ten ordered once, three twice: a cut into fifths would split both. None is worse
    # than the once-buyers (1), five than the twice-buyers (1 + floor(2.5)), eight than the next
    # (1 + floor(4.0)), nine than the best (1 + floor(4.5)).
    shop = ordered(totals, 2, [1, 1, 1, 1, 1, 2, 2, 2, 3, 9])
    assert list(rfm.score(shop)["f"]) == [1, 1, 1, 1, 1, 3, 3, 3, 5, 5]


def test_customers_who_are_all_alike_score_1(totals: Any) -> None:
    scores = rfm.score(ordered(totals, 2, [4] * 6))
    assert set(scores["r"]) == set(scores["f"]) == set(scores["m"]) == {1}


def test_own_limits(shop: Store) -> None:
    # Recency gains a step for each limit it is at or below: 47 none, 30 two, 6 three, 2 and 1
    # four. The others gain one for each limit they reach, exactly reached ones included.
    scores = rfm.score(
        shop,
        thresholds={
            "recency_days": [2, 6, 30, 40],
            "frequency": [1, 2, 3, 4],
            "monetary": [0.3, 10, 25.25, 64.5],
        },
    )
    assert rows(scores[["customer_id", "r", "f", "m", "segment"]]) == [
        ("anna", 5, 3, 5, "Champions"),
        ("ben", 3, 2, 3, "Needs attention"),
        ("carl", 1, 2, 4, "At risk"),
        ("dora", 4, 2, 4, "Potential loyalists"),
        ("emil", NONE, NONE, NONE, "Returns only"),
        ("fay", 5, 3, 2, "Potential loyalists"),
    ]


def test_the_number_of_own_limits_sets_the_best_score(shop: Store) -> None:
    scores = rfm.score(
        shop,
        thresholds={"recency_days": [1, 6], "frequency": [2, 3], "monetary": [-1, 64.5001]},
    )
    assert rows(scores[["r", "f", "m"]]) == [
        (3, 2, 2),
        (1, 1, 2),
        (1, 1, 2),
        (2, 1, 2),
        (NONE, NONE, NONE),
        (2, 2, 2),
    ]


LIMITS = {"recency_days": [10, 20], "frequency": [2, 4], "monetary": [5, 50]}


@pytest.mark.parametrize("made_by", [rfm.score, rfm.keep])
@pytest.mark.parametrize(
    "arguments",
    [
        {"bins": 2},
        {"bins": 11},
        {"thresholds": {}},
        {"thresholds": {"recency_days": [10, 20]}},
        {"thresholds": LIMITS | {"frequency": [2, 4, 6]}},
        {"thresholds": LIMITS | {"monetary": [50, 5]}},
        {"thresholds": LIMITS | {"recency_days": [10, 10]}},
        {"thresholds": LIMITS | {"monetary": [5, float("nan")]}},
        {"thresholds": {name: [1] for name in LIMITS}},
        {"thresholds": {name: list(range(10)) for name in LIMITS}},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_said(shop: Store, made_by: Any, arguments: dict[str, Any]) -> None:
    with pytest.raises(AnalyticsError) as caught:
        made_by(shop, **arguments)
    assert caught.value.problem.endswith(".")
    assert "3 to 10" in caught.value.fix or "2 to 9" in caught.value.fix


@pytest.mark.parametrize("made_by", [rfm.score, rfm.keep])
@pytest.mark.parametrize(
    ("day", "problem"),
    [
        (date(2024, 1, 10), "No customer ordered before 10 January 2024."),
        (date(2024, 1, 11), "Only one customer ordered before 11 January 2024."),
        # Emil only returned, and the guest is nobody.
        (date(2024, 2, 29), "Only 4 customers ordered before 29 February 2024."),
    ],
)
def test_too_few_customers_is_said(shop: Store, made_by: Any, day: date, problem: str) -> None:
    with pytest.raises(NotEnoughDataError) as caught:
        made_by(shop, day)
    assert caught.value.problem == problem
    assert caught.value.fix == "Choose a later day: 5 scores need at least 5 customers."


def test_an_empty_store_says_what_is_missing(store: Store) -> None:
    with pytest.raises(NotEnoughDataError, match="no orders yet"):
        rfm.score(store)
    with pytest.raises(NotEnoughDataError, match="No customer"):
        rfm.score(store, date(2024, 1, 1))
