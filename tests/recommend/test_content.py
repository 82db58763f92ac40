"""What products are: words, category, brand and price, across catalogues that share little."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import sparse

from analytics.recommend.content import PARTS, Content, Kin, price_bands, price_of, traits


def catalogue() -> pd.DataFrame:
    """Five products of one shop, and five of another that names, sorts and prices them its way.

    Only the words of the names are shared, product by product.
    """
    words = ["copper kettle", "linen towel", "walnut clock", "garden lantern", "wool blanket"]
    return pd.DataFrame(
        {
            "name": [f"{text} no" for text in words] + [f"new {text}" for text in words],
            "category": [f"A{n}" for n in range(5)] + [f"B{n % 2}" for n in range(5)],
            "brand": ["Oak"] * 5 + [None] * 5,
            "price": [10.0] * 5 + [90.0] * 5,
        }
    )


def test_words_alone_carry_taste_from_one_catalogue_to_another() -> None:
    """Customer n bought product n of the first; their best of the second is its namesake."""
    bought = sparse.csr_matrix(np.hstack([np.eye(5), np.zeros((5, 5))]).astype(np.float32))
    found = Content(bought, catalogue()).scores(np.arange(5))[:, 5:]
    assert np.argmax(found, axis=1).tolist() == [0, 1, 2, 3, 4]
    namesake = found[np.arange(5), np.arange(5)]
    found[np.arange(5), np.arange(5)] = -np.inf
    assert (namesake > 0).all()
    assert np.isneginf(found).all(), "nothing else is shared"


def test_content_explains_its_score() -> None:
    bought = sparse.csr_matrix(np.array([[2, 1, 0, 0, 0, 0, 0, 0, 0, 1]], dtype=np.float32))
    found = Content(bought, catalogue())
    for product in range(10):
        parts = found.parts(0, product)
        assert parts is not None
        score = float(found.scores(np.array([0]))[0, product])
        assert parts.sum() == pytest.approx(score if np.isfinite(score) else 0.0, abs=1e-6)


def test_kin_by_hand() -> None:
    products = pd.DataFrame(
        {
            "name": ["Green tea", "Black tea", "Green pot", None],
            "category": ["Drinks", "drinks", "Ware", None],
            "brand": ["Oak", "Oak", "Oak", None],
            "price": [4.0, 4.0, 30.0, np.nan],
        }
    )
    found = pd.DataFrame(Kin(products).to(0), columns=list(PARTS))
    # Of three names, two hold "tea", two "green", one "black": ln(5 / (1 + 2)) + 1, ln(5 / 2) + 1.
    common, rare = np.log(5 / 3) + 1, np.log(5 / 2) + 1
    near = common / np.sqrt(2) / np.sqrt(common**2 + rare**2)
    assert found["words"].tolist() == pytest.approx([0.0, near, near, 0.0])
    assert found["category"].tolist() == [0, 1, 0, 0]
    assert found["brand"].tolist() == [0, 1, 1, 0]
    assert found["category_and_brand"].tolist() == [0, 1, 0, 0]
    assert found["price"].tolist() == [0, 1, 0, 0]
    assert not Kin(products).to(3).any(), "of a product of which nothing is known"


def test_names_alone_are_traits() -> None:
    products = catalogue()
    assert traits(products, ("name",)).shape[1] == 12  # two words each, and "no" and "new"
    assert traits(products, ("brand",)).shape[1] == 1


def test_exact_prices_with_gaps() -> None:
    """As the store gives them: a missing one stays in its place."""
    prices = pd.Series([1.5, None, 3.0, 2.0]).astype(pd.ArrowDtype(pa.decimal128(18, 4)))
    products = pd.DataFrame({"price": prices})
    np.testing.assert_array_equal(price_of(products), [1.5, np.nan, 3.0, 2.0])
    assert price_bands(products) == ["1", "", "5", "3"]
    assert np.isnan(price_of(pd.DataFrame({"price": [None, None]}))).all()
