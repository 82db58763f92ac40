"""What every method can do once it has learnt, and the two rules a shopkeeper would use."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.recommend.history import Floats, History, Ints, Scores

NOTHING = -np.inf
"""The score of a product of which a method has nothing to say."""
CELLS = 12_000_000
"""Scores of customers by products that are held at a time."""


class Scorer(ABC):
    """A method that has learnt from a history.

    Attributes:
        chosen: Its parameters in words; empty where it has none.
    """

    chosen = ""

    @abstractmethod
    def scores(self, rows: Ints) -> Scores:
        """How well each product suits each of some customers, the higher the better.

        Args:
            rows: Places of customers in the history, shape (n,).

        Returns:
            Shape (n, products); `NOTHING` where the method has nothing to say.
        """

    def parts(self, row: int, product: int) -> Floats | None:  # noqa: ARG002
        """What each product that a customer bought adds to the score of one; adds up to it.

        Returns:
            Shape (products,); None where the score is no such sum.
        """
        return None

    def beside(self, row: int, product: int) -> Mapping[str, float]:  # noqa: ARG002
        """What else adds to the score of a product, by what it is in words."""
        return {}

    @abstractmethod
    def column(self, product: int) -> Scores:
        """How well one product suits each customer, shape (customers,)."""

    def similar(self, product: int) -> Scores | None:  # noqa: ARG002
        """How near each product is to one, shape (products,); None where that is not known."""
        return None

    def top(
        self, rows: Ints, n: int, barred: Any, allowed: npt.NDArray[np.bool_] | None
    ) -> tuple[Ints, Scores]:
        """The best products of each of some customers.

        Args:
            rows: Places of customers, shape (m,).
            n: How many, at most.
            barred: Matrix (m, products), non-zero where a product must not be named; None: nowhere.
            allowed: Products that may be named, shape (products,); None: all.

        Returns:
            Places of products and their scores, both of shape (m, n); where there are fewer, the
            place is -1 and the score NaN.
        """
        found = [
            best(self.scores(rows[part]), n, None if barred is None else barred[part], allowed)
            for part in self.chunks(len(rows))
        ]
        if not found:
            return np.empty((0, n), np.int64), np.empty((0, n), np.float32)
        return np.vstack([each[0] for each in found]), np.vstack([each[1] for each in found])

    def chunks(self, count: int) -> Iterator[slice]:
        """Parts of so many customers whose scores fit into memory together."""
        size = max(1, CELLS // max(self.products, 1))
        return (slice(start, min(start + size, count)) for start in range(0, count, size))

    @property
    @abstractmethod
    def products(self) -> int:
        """How many products there are."""


def best(
    scores: Scores, n: int, barred: Any, allowed: npt.NDArray[np.bool_] | None
) -> tuple[Ints, Scores]:
    """The `n` highest scores of each row; equal ones in the order of the products.

    >>> best(np.array([[1, 3, 2]], np.float32), 2, None, None)[0].tolist()
    [[1, 2]]
    """
    scores = np.array(scores, dtype=np.float32)
    if barred is not None:
        rows, columns = barred.nonzero()
        scores[rows, columns] = NOTHING
    if allowed is not None:
        scores[:, ~allowed] = NOTHING
    places = np.full((len(scores), n), -1, dtype=np.int64)
    reached = np.full((len(scores), n), np.nan, dtype=np.float32)
    kept = min(n, scores.shape[1])
    if kept == 0 or not len(scores):
        return places, reached
    least = np.partition(scores, scores.shape[1] - kept, axis=1)[:, scores.shape[1] - kept]
    for row, line in enumerate(scores):
        candidates = np.flatnonzero((line >= least[row]) & (line > NOTHING))
        order = np.argsort(-line[candidates], kind="stable")[:kept]
        places[row, : len(order)] = candidates[order]
        reached[row, : len(order)] = line[candidates[order]]
    return places, reached


def or_nothing(scores: npt.NDArray[Any]) -> Scores:
    """Scores whose zeros and negatives mean that nothing is known."""
    return np.where(scores > 0, scores, NOTHING).astype(np.float32)


def logged(matrix: Any) -> Any:
    """ln(1 + count) of each entry: the tenth purchase tells less than the first."""
    found = matrix.astype(np.float32)
    found.data = np.log1p(found.data)
    return found


def bm25(matrix: Any, k1: float = 100.0, b: float = 0.8) -> Any:
    """Entries weighted as BM25 weights words: less for what everyone buys or who buys a lot.

    Robertson & Zaragoza, The probabilistic relevance framework (2009), with customers as documents
    and products as words; the other way round named new products far worse.
    """
    found = matrix.tocsr().astype(np.float64)
    customers, products = found.shape
    lengths = np.asarray(found.sum(axis=1)).ravel()
    mean = lengths.mean() or 1.0
    norm = (1 - b) + b * lengths / mean
    rarity = np.log(customers) - np.log1p(np.bincount(found.indices, minlength=products))
    row = np.repeat(np.arange(customers), np.diff(found.indptr))
    found.data = found.data * (k1 + 1) / (k1 * norm[row] + found.data) * rarity[found.indices]
    return found.astype(np.float32)


class Popular(Scorer):
    """Recent best sellers: the same for everyone, by how many bought each in the last 28 days.

    Products of equal number come in the order of how many ever bought them.
    """

    def __init__(self, history: History) -> None:
        self.recent, self.buyers = history.recent, history.buyers
        self.customers = history.shape[0]
        self._score = self.recent + self.buyers / (1 + self.buyers.max(initial=0))

    @property
    def products(self) -> int:
        return len(self._score)

    def scores(self, rows: Ints) -> Scores:
        return np.tile(or_nothing(self._score), (len(rows), 1))

    def column(self, product: int) -> Scores:
        return np.full(self.customers, or_nothing(self._score)[product], dtype=np.float32)

    def top(
        self, rows: Ints, n: int, barred: Any, allowed: npt.NDArray[np.bool_] | None
    ) -> tuple[Ints, Scores]:
        able = self._score > 0 if allowed is None else (self._score > 0) & allowed
        order = np.argsort(-self._score, kind="stable")
        order = order[able[order]]
        places = np.full((len(rows), n), -1, np.int64)
        most = n if barred is None else n + int(np.diff(barred.indptr).max(initial=0))
        order = order[:most]
        for part in self.chunks(len(rows)):
            count = part.stop - part.start
            open_ = np.ones((count, len(order)), bool)
            if barred is not None:
                open_ = barred[part][:, order].toarray() == 0
            # The first n open ones of each row, in order: their running number is their rank.
            row, place = np.nonzero(open_ & (np.cumsum(open_, axis=1) <= n))
            rank = np.cumsum(open_, axis=1)[row, place] - 1
            places[part.start + row, rank] = order[place]
        reached = np.where(places >= 0, self._score[places], np.nan)
        return places, reached.astype(np.float32)


class Again(Scorer):
    """Buy again: a customer's own orders of a product, each at exp(-days / 112).

    Products of equal score come in the order of how many bought them lately.
    """

    def __init__(self, history: History) -> None:
        self.history = history
        self._tie = (1e-4 * history.recent / (1 + history.recent.max(initial=0))).astype(np.float32)

    @property
    def products(self) -> int:
        return self.history.shape[1]

    def scores(self, rows: Ints) -> Scores:
        own = self.history.decayed[rows].toarray()
        return np.where(own > 0, own + self._tie, NOTHING).astype(np.float32)

    def column(self, product: int) -> Scores:
        own = self.history.decayed[:, [product]].toarray().ravel()
        return np.where(own > 0, own + self._tie[product], NOTHING).astype(np.float32)

    def top(
        self, rows: Ints, n: int, barred: Any, allowed: npt.NDArray[np.bool_] | None
    ) -> tuple[Ints, Scores]:
        places = np.full((len(rows), n), -1, np.int64)
        reached = np.full((len(rows), n), np.nan, np.float32)
        own = self.history.decayed[rows]
        for row in range(len(rows)):
            part = slice(own.indptr[row], own.indptr[row + 1])
            columns, values = own.indices[part], own.data[part]
            able = values > 0 if allowed is None else (values > 0) & allowed[columns]
            if barred is not None:
                hidden = slice(barred.indptr[row], barred.indptr[row + 1])
                able &= ~np.isin(columns, barred.indices[hidden])
            columns, values = columns[able], (values + self._tie[columns])[able]
            order = np.lexsort((columns, -values))[:n]
            places[row, : len(order)] = columns[order]
            reached[row, : len(order)] = values[order]
        return places, reached

    def parts(self, row: int, product: int) -> Floats | None:
        found = np.zeros(self.products)
        score = float(self.scores(np.array([row]))[0, product])
        found[product] = score if score > NOTHING else 0.0
        return found
