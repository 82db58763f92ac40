"""Conditions on products, by hand."""

from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from analytics import recommend
from analytics.errors import NotEnoughDataError

PRODUCTS = pd.DataFrame(
    {
        "product_id": ["tea", "cup", "pot", "hat"],
        "category": ["drinks", "ware", "ware", None],
        "brand": ["Oak", "Elm", None, "Oak"],
        "price": [4.0, 8.0, 30.0, None],
        "cost": [2.0, 6.0, None, 1.0],
        "stock": [5, 0, None, 2],
    }
)


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, ["tea", "cup", "pot", "hat"]),
        ({"in_stock": True}, ["tea", "pot", "hat"]),
        ({"categories": ["ware"]}, ["cup", "pot"]),
        ({"brands": ["Oak"]}, ["tea", "hat"]),
        ({"not_brands": ["Oak"]}, ["cup", "pot"]),
        ({"least_price": 5, "most_price": 30}, ["cup", "pot"]),
        ({"least_margin": 0.25}, ["tea", "cup"]),
        ({"least_margin": 0.3}, ["tea"]),
        ({"in_stock": True, "categories": ["ware"]}, ["pot"]),
    ],
)
def test_conditions(conditions: dict[str, Any], expected: list[str]) -> None:
    assert recommend.allowed(PRODUCTS, **conditions) == expected


def test_nothing_left_is_a_sentence() -> None:
    with pytest.raises(NotEnoughDataError, match="All products are out of stock"):
        recommend.allowed(PRODUCTS[PRODUCTS["product_id"] == "cup"], in_stock=True)
    with pytest.raises(NotEnoughDataError, match="No product fulfils"):
        recommend.allowed(PRODUCTS, categories=["shoes"])


def test_conditions_on_exact_prices_with_gaps() -> None:
    """As the store gives them."""
    money = pd.ArrowDtype(pa.decimal128(18, 4))
    exact = PRODUCTS.assign(
        **{name: PRODUCTS[name].astype(float).astype(money) for name in ("price", "cost", "stock")}
    )
    assert recommend.allowed(exact, least_price=5) == ["cup", "pot"]
    assert recommend.allowed(exact, least_margin=0.25, in_stock=True) == ["tea"]
