"""Questions, cut-offs and outcomes, reckoned by hand."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise

import pytest

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.propensity import features, targets
from analytics.propensity.targets import Target
from analytics.store import Store

ORDERS = """order_id,customer_id,ordered_at,product_id,quantity,unit_price,amount
1,anna,2024-01-05 10:00:00,tea,1,4,4
2,ben,2024-02-10 10:00:00,cup,1,7,7
3,anna,2024-03-01 12:00:00,cup,1,7,7
3,anna,2024-03-01 12:00:00,tea,1,4,4
4,carl,2024-03-02 23:59:59,cup,-1,7,-7
5,dora,2024-03-31 00:00:00,tea,1,4,4
6,ben,2024-04-01 00:00:00,tea,1,4,4
"""
PRODUCTS = "product_id,name,category\ntea,Green tea,drinks\ncup,Cup,ware\n"


def shop(shop_of: Callable[..., Store]) -> Store:
    return shop_of(orders=ORDERS, products=PRODUCTS)


def test_what_they_did_by_hand(shop_of: Callable[..., Store]) -> None:
    store, march = shop(shop_of), date(2024, 3, 1)

    def did(kind: targets.Kind, of: str | None = None, days: int = 31) -> list[str]:
        target = Target(kind, of, days)
        asked = features.frame(store, target, march)["customer_id"]
        found = targets.outcomes(store, target, march, asked)
        return [who for who, each in zip(asked, found, strict=True) if each]

    # Carl's return is no order, dora is not known yet, ben's April order comes a day too late.
    assert did("order") == ["anna"]
    assert did("order", days=32) == ["anna", "ben"]
    assert did("product", "cup") == ["anna"]
    assert did("category", "drinks", days=32) == ["anna", "ben"]
    assert did("category", "ware", days=32) == ["anna"]
    assert did("lapse") == ["ben"]


def test_counts_of_what_is_asked_about(shop_of: Callable[..., Store]) -> None:
    rows = features.frame(shop(shop_of), Target("product", "tea", 30), date(2024, 4, 1))
    own = rows.set_index("customer_id")
    assert list(own.index) == ["anna", "ben", "carl", "dora"]
    counts = ["wanted_orders", "wanted_orders_90_days", "orders_365_days"]
    assert own.loc["anna", counts].tolist() == [2, 2, 2]
    assert own.loc["anna", "wanted_recency_days"] == 31
    assert own.loc["ben", "wanted_orders"] == 0
    assert own["wanted_recency_days"].isna().tolist() == [False, True, True, False]
    assert own.loc["anna", "revenue_90_days"] == 15
    assert own.loc["carl", ["orders_90_days", "revenue_90_days"]].tolist() == [0, -7]


def test_people_without_a_past_are_asked_about_only_if_they_had_signed_up(
    shop_of: Callable[..., Store],
) -> None:
    store = shop_of(
        orders=ORDERS,
        customers="customer_id,signed_up_at\nanna,\nemil,2024-02-01\nfritz,2024-06-01\ngerd,\n",
    )
    asked = features.frame(store, Target("order", None, 30), date(2024, 4, 1))
    assert list(asked["customer_id"]) == ["anna", "ben", "carl", "dora", "emil"]


def test_cut_offs_leave_the_judged_days_unseen(sample_shop: Store) -> None:
    day = date(2026, 9, 1)
    for days in (7, 30, 90):
        target = Target("order", None, days)
        *learnt, judged = targets.cut_offs(sample_shop, target, day)
        assert judged == day - timedelta(days=days)
        assert learnt == sorted(learnt)
        assert len(learnt) == targets.LEARNT_FROM
        assert all(each + timedelta(days=days) <= judged for each in learnt)


def test_with_a_short_past_windows_stand_closer(shop_of: Callable[..., Store]) -> None:
    store = shop(shop_of)
    found = targets.cut_offs(store, Target("order", None, 7), date(2024, 4, 2))
    assert found[-2:] == [date(2024, 3, 19), date(2024, 3, 26)]
    assert {(b - a).days for a, b in pairwise(found)} == {7}


def test_too_few_days_say_how_many_are_needed(shop_of: Callable[..., Store]) -> None:
    with pytest.raises(NotEnoughDataError, match=r"go back 88 days .* takes 210"):
        targets.cut_offs(shop(shop_of), Target("order", None, 90), date(2024, 4, 2))
    with pytest.raises(NotEnoughDataError, match="go back 0 days"):
        targets.cut_offs(shop(shop_of), Target("order", None, 7), date(2023, 1, 1))


@pytest.mark.parametrize(
    ("asked", "days", "problem"),
    [
        ("order", 0, "0 days"),
        ("order", 1000, "1000 days"),
        ("leave", 30, "cannot be foretold"),
        (("category", "toys"), 30, "category called “toys”"),
        (("product", "drinks"), 30, "product called “drinks”"),
        (("brand", "x"), 30, "cannot be foretold"),
    ],
)
def test_questions_nobody_can_answer(
    shop_of: Callable[..., Store], asked: targets.Asked, days: int, problem: str
) -> None:
    with pytest.raises(AnalyticsError, match=problem):
        targets.parse(shop(shop_of), asked, days, date(2024, 4, 2))
