"""Orders that are odd or say too little: every call gives an answer or a sentence."""

from collections.abc import Callable

import pytest

from analytics import basket
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store

CALLS: dict[str, Callable[[Store], object]] = {
    "rules": basket.rules,
    "confirm": lambda store: basket.confirm(store, basket.rules(store)),
    "sequences": basket.sequences,
    "bundles": basket.bundles,
    "hit_rate": basket.hit_rate,
    "complete": lambda store: basket.complete(store, ["a"]),
}
ALONE = ("confirm", "rules", "bundles", "hit_rate")
"""What needs two products in one order."""


@pytest.mark.parametrize("name", CALLS)
def test_without_a_products_column_it_is_a_sentence(name: str, fill: Callable[..., Store]) -> None:
    shop = fill([(day, f"c{day % 5}", [""]) for day in range(60)])
    with pytest.raises(NotEnoughDataError, match="No order says which product") as error:
        CALLS[name](shop)
    assert error.value.fix.endswith(".")


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(
    "orders",
    [
        [(day, f"c{day % 5}", "a") for day in range(60)],
        [(day, "c", "ab"[day % 2 :]) for day in range(60)],
        [(day, f"c{day % 5}", "abc"[day % 3]) for day in range(60)],
        [(0, "c", "ab")],
    ],
    ids=["one product", "one customer", "baskets of one", "one order"],
)
def test_a_poor_shop_gets_an_answer_or_a_sentence(
    name: str, orders: list[tuple[int, str, str]], fill: Callable[..., Store]
) -> None:
    told: AnalyticsError | None = None
    shop = fill(orders)
    try:
        assert CALLS[name](shop) is not None
    except AnalyticsError as error:
        told = error
    assert told is None or (told.problem.endswith(".") and told.fix.endswith("."))


@pytest.mark.parametrize("name", ALONE)
def test_baskets_of_one_are_a_sentence(name: str, fill: Callable[..., Store]) -> None:
    shop = fill([(day, f"c{day % 5}", "abc"[day % 3]) for day in range(60)])
    with pytest.raises(NotEnoughDataError, match="Every order holds only one product"):
        CALLS[name](shop)


def test_a_product_number_with_decimals_is_the_same_product(fill: Callable[..., Store]) -> None:
    shop = fill([(day, f"c{day % 5}", ["17.0", "18.0"]) for day in range(20)])
    found = basket.rules(shop, 0.5, 0.0)
    assert set(found["consequent"]) == {"17", "18"}
    assert basket.complete(shop, ["17"])["item"].tolist() == ["18"]


def test_ten_thousand_products_in_one_order_are_an_answer(fill: Callable[..., Store]) -> None:
    """With the fewest orders there are, it is asked how; else the common pair is found."""
    whole = [(0, "w", [f"p{n}" for n in range(10_000)])]
    shop = fill([*whole, *((day, f"c{day % 5}", ["p1", "p2"]) for day in range(1, 40))])
    assert len(basket.rules(shop)) == 2
    with pytest.raises(AnalyticsError, match="alone holds 10,000 different products") as error:
        basket.rules(shop, min_count=1)
    assert error.value.fix.endswith(".")
    assert len(basket.rules(shop, min_count=1, largest_basket=100)) == 2
