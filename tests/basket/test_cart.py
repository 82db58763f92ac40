"""Carts, sequences and bundles by hand and on the sample shop."""

from collections.abc import Callable
from datetime import date
from math import exp, log2

import numpy as np
import pandas as pd
import pytest

from analytics import basket
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store
from tests.basket.conftest import FIRST_DAY


def test_a_cart_by_hand(fill: Callable[..., Store]) -> None:
    orders = [(day, None, "ab") for day in range(20)]
    orders += [(day, None, "c") for day in range(40)]
    orders += [(day, None, "d") for day in range(20)]
    orders += [(day, None, "xy") for day in range(2)]
    shop = fill(orders)
    found = basket.complete(shop, ["a", "x"], n=3)
    assert found["item"].tolist() == ["b", "c", "d"]
    best = found.iloc[0]
    assert (best["because_of"], best["count"], best["confidence"]) == ("a", 20, 1.0)
    assert best["lift"] == pytest.approx(82 / 20)
    assert best["score"] == pytest.approx(log2(82 / 20))
    # y came with x only twice, which is not enough; c and d are the best sellers.
    assert found["because_of"].isna().tolist() == [False, True, True]
    assert found["order_share"].tolist() == pytest.approx([20 / 82, 40 / 82, 20 / 82])


def test_a_cart_of_unknown_things_gets_best_sellers(fill: Callable[..., Store]) -> None:
    shop = fill([(0, None, "ab"), (1, None, "b"), (2, None, "c")])
    found = basket.complete(shop, ["zebra"], n=2)
    assert found["item"].tolist() == ["b", "a"]
    assert found["score"].isna().all()


def test_a_cart_that_holds_everything_gets_nothing(fill: Callable[..., Store]) -> None:
    shop = fill([(0, None, "ab"), (1, None, "b")])
    assert basket.complete(shop, ["a", "b"]).empty


def test_an_empty_cart_is_refused(fill: Callable[..., Store]) -> None:
    with pytest.raises(AnalyticsError, match="The cart is empty"):
        basket.complete(fill([(0, None, "ab")]), [])


def test_orders_on_the_day_itself_do_not_count(fill: Callable[..., Store]) -> None:
    orders = [(day, None, "ab") for day in range(20)] + [(day, None, "c") for day in range(20)]
    found = basket.complete(fill(orders), ["a"], as_of=date(2024, 1, 6))
    assert found["order_share"].tolist() == [0.5, 0.5]


def test_the_sample_shops_kit_asks_for_its_coffee(
    sample_shop: Store, number_of: dict[str, str]
) -> None:
    found = basket.complete(sample_shop, [number_of["Harbour Pour-over Kit"]])
    assert found["item"].iloc[0] == number_of["Harbour Filter Coffee"]
    assert len(found) == 10


def test_hit_rate_by_construction(fill: Callable[..., Store]) -> None:
    """Pairs that always come together are always completed; best sellers only by their share."""
    pairs = [f"{letter}{end}" for letter in "abcdefgh" for end in "12"]
    orders = [(day, None, [pairs[2 * (day % 8)], pairs[2 * (day % 8) + 1]]) for day in range(160)]
    found = basket.hit_rate(fill(orders), n=1)
    assert (found.carts, found.split_day) == (28, date(2024, 5, 12))
    assert found.hit_rate == 1.0
    assert found.best_seller_hit_rate < 0.5


def test_hit_rate_beats_best_sellers_in_the_sample_shop(sample_shop: Store) -> None:
    found = basket.hit_rate(sample_shop, test_days=180)
    assert found.hit_rate > found.best_seller_hit_rate


def test_hit_rate_needs_orders_on_both_sides(fill: Callable[..., Store]) -> None:
    with pytest.raises(NotEnoughDataError, match="too few orders of two products"):
        basket.hit_rate(fill([(0, None, "ab"), (1, None, "ab")]))


# In sequence


def test_a_sequence_by_hand(fill: Callable[..., Store]) -> None:
    """Ten buy x, and y ten days later; ten buy w, and v ten days later."""
    orders = [(0, f"x{n}", "x") for n in range(10)] + [(10, f"x{n}", "y") for n in range(10)]
    orders += [(0, f"w{n}", "w") for n in range(10)] + [(10, f"w{n}", "v") for n in range(10)]
    orders += [(80, "late", "x")]
    found = basket.sequences(fill(orders)).set_index(["antecedent", "consequent"])
    assert list(found.index) == [("w", "v"), ("x", "y")]
    after = found.loc[("x", "y")]
    # The late buyer of x has no 30 days yet. Of the 20 orders followed by one purchase, half by y.
    assert (after["count"], after["antecedent_count"], after["mean_days"]) == (10, 10, 10)
    assert after["confidence"] == 1.0
    assert after["support"] == pytest.approx(10 / 21)
    assert after["lift"] == pytest.approx(2.0)
    below = sum(exp(-5) * 5**k / np.prod(range(1, k + 1)) for k in range(10))
    assert after["p_value"] == pytest.approx(1 - below)


def test_the_same_day_is_no_sequence(fill: Callable[..., Store]) -> None:
    orders = [(0, f"c{n}", "xy") for n in range(10)] + [(60, "c0", "z")]
    assert basket.sequences(fill(orders)).empty


def test_later_than_the_days_is_no_sequence(fill: Callable[..., Store]) -> None:
    orders = [(0, f"c{n}", "x") for n in range(10)] + [(31, f"c{n}", "y") for n in range(10)]
    shop = fill([*orders, (90, "c0", "z")])
    assert basket.sequences(shop).empty
    assert len(basket.sequences(shop, 31)) == 1


def test_orders_of_one_product_still_follow_each_other(fill: Callable[..., Store]) -> None:
    orders = [(0, f"c{n}", "x") for n in range(10)] + [(3, f"c{n}", "y") for n in range(10)]
    assert len(basket.sequences(fill([*orders, (50, "c0", "z")]))) == 1


def test_a_planted_sequence_is_found_and_a_shuffled_one_is_not(fill: Callable[..., Store]) -> None:
    rng = np.random.default_rng(11)
    orders = []
    for customer in range(300):
        days = np.sort(rng.choice(300, 8, replace=False))
        for day in days:
            items = [f"p{item:02}" for item in rng.choice(20, 2, replace=False)]
            orders.append((int(day), f"c{customer}", items))
            if "p00" in items and rng.random() < 0.5:
                other = f"p{rng.integers(2, 20):02}"
                orders.append((int(day) + 7, f"c{customer}", ["p01", other]))
    found = basket.sequences(fill(orders), min_confidence=0.0)
    clear = found[found["q_value"] <= basket.LEVEL]
    assert list(zip(clear["antecedent"], clear["consequent"], strict=True)) == [("p00", "p01")]
    assert found["consequent"].iloc[0] == "p01"


def tastes(seed: int, customers: int = 200) -> list[tuple[int, str, list[str]]]:
    """Everyone has one of four tastes, of six products each, and buys two a day, in any order."""
    rng = np.random.default_rng(seed)
    return [
        (int(day), f"c{customer}", [f"p{6 * (customer % 4) + item:02}"
                                    for item in rng.choice(6, 2, replace=False)])
        for customer in range(customers)
        for day in rng.choice(300, 8, replace=False)
    ]  # fmt: skip


def test_taste_is_no_sequence(fill: Callable[..., Store]) -> None:
    """Whoever buys one product of a taste buys another within 30 days: before it as often."""
    found = basket.sequences(fill(tastes(7)), min_confidence=0.0)
    assert (found["lift"] > 0.5).all()
    assert not (found["q_value"] <= basket.LEVEL).any()


def test_a_sequence_is_found_among_tastes(fill: Callable[..., Store]) -> None:
    rng = np.random.default_rng(3)
    orders = tastes(8, customers=500)
    orders += [(day + 9, who, ["p23", "p12"]) for day, who, items in orders
               if "p00" in items and rng.random() < 0.5]  # fmt: skip
    found = basket.sequences(fill(orders), min_confidence=0.0)
    clear = found[found["q_value"] <= basket.LEVEL]
    assert {("p00", "p12"), ("p00", "p23")} <= set(
        zip(clear["antecedent"], clear["consequent"], strict=True)
    )
    assert set(clear["consequent"]) == {"p12", "p23"}


def test_the_sample_shop_and_its_shuffled_days_hold_no_clear_sequence(
    sample_shop: Store, fill: Callable[..., Store]
) -> None:
    """None is planted; and none is found once each customer's days have changed places."""
    assert not (basket.sequences(sample_shop)["q_value"] <= basket.LEVEL).any()
    lines = sample_shop.query(
        "basket_lines", by="product_id", from_day=None, until_day=date(2026, 9, 1)
    ).dropna()
    lines["day"] = pd.to_datetime(lines["day"])
    days = lines[["customer_id", "day"]].drop_duplicates()
    rng = np.random.default_rng(5)
    days["moved"] = days.groupby("customer_id")["day"].transform(rng.permutation)
    moved = lines.merge(days, on=["customer_id", "day"])
    since = (moved["moved"] - pd.Timestamp(FIRST_DAY)).dt.days
    orders = [
        (int(day), who, [item])
        for day, who, item in zip(since, moved["customer_id"], moved["item"], strict=True)
    ]
    assert not (basket.sequences(fill(orders))["q_value"] <= basket.LEVEL).any()


def test_days_that_make_no_sense_and_too_few_days(fill: Callable[..., Store]) -> None:
    shop = fill([(0, "c", "x"), (5, "c", "y")])
    with pytest.raises(AnalyticsError, match="0 days are not possible"):
        basket.sequences(shop, 0)
    with pytest.raises(NotEnoughDataError, match="Choose fewer days"):
        basket.sequences(shop, 30)


# Bundles


@pytest.fixture
def two_products(fill: Callable[..., Store]) -> Store:
    """a for 10 and b for 20: 10 orders with both, 30 with a, 20 with b, 120 with c for 5."""
    orders = [(day % 30, None, "ab") for day in range(10)]
    orders += [(day % 30, None, "a") for day in range(30)]
    orders += [(day % 30, None, "b") for day in range(20)]
    orders += [(day % 30, None, "c") for day in range(120)]
    products = "product_id,name,cost\na,Ale,4\nb,Bun,8\nc,Cola,1\n"
    return fill(orders, {"a": 10, "b": 20, "c": 5}, products)


def test_a_bundle_by_hand(two_products: Store) -> None:
    found = basket.bundles(two_products, 0.1, 0.2)
    assert len(found) == 1
    bundle = found.iloc[0]
    assert (bundle["first"], bundle["second"]) == ("a", "b")
    assert (bundle["both_count"], bundle["one_count"]) == (10, 50)
    assert (bundle["price"], bundle["bundle_price"]) == (30.0, 27.0)
    # The discount is 3; a fifth of 30 pay 17 more, of 20 pay 7 more; 10 pay 3 less.
    assert bundle["extra_revenue"] == pytest.approx(0.2 * (30 * 17 + 20 * 7) - 30)
    assert bundle["extra_margin"] == pytest.approx(0.2 * (30 * 9 + 20 * 3) - 30)
    assert bundle["break_even_share"] == pytest.approx(30 / 330)


def test_at_the_break_even_share_nothing_is_won_or_lost(two_products: Store) -> None:
    share = basket.bundles(two_products, 0.1)["break_even_share"].iloc[0]
    found = basket.bundles(two_products, 0.1, share)
    assert found["extra_margin"].iloc[0] == pytest.approx(0, abs=0.01)


def test_a_discount_too_deep_never_pays(two_products: Store) -> None:
    found = basket.bundles(two_products, 0.6)
    assert found["break_even_share"].isna().all()


def test_without_costs_revenue_is_what_counts(fill: Callable[..., Store]) -> None:
    orders = [(day, None, "ab") for day in range(10)] + [(day, None, "c") for day in range(10)]
    found = basket.bundles(fill(orders, {"a": 3, "b": 7}))
    assert found["extra_margin"].isna().all()
    assert found["extra_revenue"].tolist() == [-10.0]


@pytest.mark.parametrize("wrong", [{"discount": 1.0}, {"uptake": 1.1}, {"days": 0}])
def test_bundles_that_make_no_sense_are_refused(
    two_products: Store, wrong: dict[str, float]
) -> None:
    with pytest.raises(AnalyticsError):
        basket.bundles(two_products, **wrong)  # type: ignore[arg-type]


# People


def test_people_who_have_one_and_not_the_other(fill: Callable[..., Store]) -> None:
    orders = [(0, "has", "x"), (1, "has", "x"), (0, "both", "x"), (5, "both", "y")]
    orders += [(0, "other", "y"), (0, None, "x"), (2, "two", "xz"), (3, "two", "z")]
    shop = fill(orders)
    lines = {"lines": basket.keep(shop)}

    def found(item_1: str, item_2: str | None) -> dict[str, int]:
        people: pd.DataFrame = shop.query(
            "basket_people", tables=lines, item_1=item_1, item_2=item_2, without="y"
        )
        return dict(zip(people["customer_id"], people["orders_with"], strict=True))

    assert found("x", None) == {"has": 2, "two": 1}
    assert found("x", "z") == {"two": 2}
    assert found("zebra", None) == {}
