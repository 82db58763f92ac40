"""What a product is: its category, brand, price band and the words of its name.

A customer's profile is the sum of what they bought, each by ln(1 + count); a product's score is the
cosine between the two. Traits are weighted by their rarity (inverse document frequency, Salton &
Buckley 1988), so that a word most names have tells little. It needs no purchases of a product, so
that new ones can be placed too.
"""

import re
from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from analytics.recommend.history import Floats, Ints, Scores
from analytics.recommend.scorer import Scorer, logged, or_nothing

WORD = re.compile(r"[\u4e00-\u9fff]|[^\W\d_\u4e00-\u9fff]{2,}")
"""A word, or one Chinese character: names in Chinese have no spaces."""
PRICE_BANDS = 5
KINDS = ("name", "category", "brand", "price")


def traits(products: pd.DataFrame, kinds: Collection[str] = KINDS) -> Any:
    """A row a product, a column a trait, each row of length 1 (or 0 where nothing is known).

    Args:
        products: Columns name, category, brand, price; each may be missing.
        kinds: Which of `KINDS` count.
    """
    labels = [_labels(products, kind) for kind in kinds if kind != "name"]
    names = _texts(products, "name") if "name" in kinds else [""] * len(products)
    rows: list[int] = []
    words: list[str] = []
    for place, name in enumerate(names):
        found = {f"word {word}" for word in WORD.findall(name.casefold())}
        found |= {label[place] for label in labels if label[place]}
        rows += [place] * len(found)
        words += sorted(found)
    codes, _ = pd.factorize(np.array(words, dtype=object))
    size = int(codes.max(initial=-1)) + 1
    held = np.bincount(codes, minlength=size)
    rarity = np.log((1 + len(products)) / (1 + held)) + 1
    matrix = sparse.csr_matrix((rarity[codes], (rows, codes)), shape=(len(products), max(size, 1)))
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return (sparse.diags(1 / np.where(lengths > 0, lengths, 1.0)) @ matrix).tocsr()


def _labels(products: pd.DataFrame, kind: str) -> list[str]:
    """What a product is of one kind, the same text for the same; empty where not known."""
    texts = price_bands(products) if kind == "price" else _texts(products, kind)
    return [f"{kind} {text.casefold()}" if text else "" for text in texts]


def _texts(products: pd.DataFrame, column: str) -> list[str]:
    return ["" if pd.isna(value) else str(value) for value in products[column]]


def price_of(products: pd.DataFrame) -> Floats:
    """Each product's price as a float, NaN where not known.

    Not by `pd.to_numeric`, which loses the rows without a price where prices are exact decimals.
    """
    return products["price"].to_numpy(dtype=float, na_value=np.nan)


def price_bands(products: pd.DataFrame) -> list[str]:
    """The fifth of the prices that each product's lies in, `1` to `5`; empty where not known."""
    prices = price_of(products)
    known = prices[~np.isnan(prices)]
    if not len(known):
        return [""] * len(prices)
    edges = np.quantile(known, np.linspace(0, 1, PRICE_BANDS + 1)[1:-1])
    return [
        "" if np.isnan(price) else str(1 + int(np.searchsorted(edges, price, side="left")))
        for price in prices
    ]


class Content(Scorer):
    """Products like those a customer bought, by what they are rather than by who buys them."""

    def __init__(self, strength: Any, products: pd.DataFrame) -> None:
        self.weights = logged(strength).tocsr()
        self.traits = traits(products)
        self.profiles = (self.weights @ self.traits).tocsr()
        lengths = np.sqrt(np.asarray(self.profiles.multiply(self.profiles).sum(axis=1)).ravel())
        self.lengths = np.where(lengths > 0, lengths, 1.0)
        self.chosen = "category, brand, price band, words of the name"

    @property
    def products(self) -> int:
        return int(self.traits.shape[0])

    def scores(self, rows: Ints) -> Scores:
        found = (self.profiles[rows] @ self.traits.T).toarray()
        return or_nothing(found / self.lengths[rows][:, None])

    def column(self, product: int) -> Scores:
        found = (self.profiles @ self.traits[product].T).toarray().ravel()
        return or_nothing(found / self.lengths)

    def parts(self, row: int, product: int) -> Floats | None:
        near = (self.traits @ self.traits[product].T).toarray().ravel()
        own = self.weights[row].toarray().ravel()
        return np.asarray(own * near / self.lengths[row], dtype=float)

    def similar(self, product: int) -> Scores | None:
        near = (self.traits @ self.traits[product].T).toarray().ravel()
        near[product] = 0.0
        return or_nothing(near)


PARTS = ("words", "category", "brand", "category_and_brand", "price")


class Kin:
    """How near products are to one of them, by each part of what they are.

    Args:
        products: Columns name, category, brand, price; each may be missing.
    """

    def __init__(self, products: pd.DataFrame) -> None:
        self.words = traits(products, ("name",))
        category, brand, price = (
            np.array(_labels(products, kind), dtype=object) for kind in KINDS[1:]
        )
        both = np.where((category != "") & (brand != ""), category + brand, "")
        self.codes = [pd.factorize(labels)[0] for labels in (category, brand, both, price)]
        self.known = [labels != "" for labels in (category, brand, both, price)]

    def to(self, product: int) -> Floats:
        """The nearness of each product to one, itself left out; shape (products, parts).

        The cosine of the words of the names, and 1 for the same category, brand, both, price band.
        """
        near = (self.words @ self.words[product].T).toarray().ravel()
        found = [near] + [
            ((codes == codes[product]) & known[product]).astype(float)
            for codes, known in zip(self.codes, self.known, strict=True)
        ]
        columns = np.column_stack(found)
        columns[product] = 0.0
        return columns
