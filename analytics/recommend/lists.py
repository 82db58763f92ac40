"""Each customer's list: the method's products, then what the shopkeeper's rules would name.

Below three baskets a customer's history tells a model less than the best sellers do (on the
dunnhumby households best sellers won after one and two baskets), so until then the rules are used,
or what did better for this shop's past newcomers.
Whatever place a method leaves empty, the rules fill, and the list says so.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from analytics.recommend.history import History, Ints, Job, Scores
from analytics.recommend.scorer import Again, Popular, Scorer

FEWEST_BASKETS = 3
AT_A_TIME = 10_000
SOURCES = ("method", "again", "popular", "newcomer")


@dataclass(frozen=True)
class Lists:
    """Recommendations by place.

    Attributes:
        products: Places of products, best first, -1 for none; shape (customers, n).
        scores: The method's score, NaN where a rule filled the place.
        source: For each place 0 (the method), 1 (buy again), 2 (best sellers) or 3 (what is known
            of a newcomer).
    """

    products: Ints
    scores: Scores
    source: Ints


@dataclass(frozen=True)
class Lister:
    """Makes lists of one method.

    Attributes:
        history: What the method has learnt from.
        job: What the lists are for.
        method: The method's name.
        scorer: The method.
        popular: Recent best sellers.
        again: Buy again.
        newcomers: What takes the place of best sellers for customers below three baskets: methods,
            each with where it does, shape (customers,).
    """

    history: History
    job: Job
    method: str
    scorer: Scorer
    popular: Popular
    again: Again
    newcomers: tuple[tuple[Scorer, npt.NDArray[np.bool_]], ...] = ()

    def lists(
        self,
        rows: Ints,
        n: int,
        *,
        barred: Any = None,
        allowed: npt.NDArray[np.bool_] | None = None,
    ) -> Lists:
        """The lists of some customers.

        Args:
            rows: Their places, shape (m,).
            n: The length of a list.
            barred: Matrix (m, products), non-zero where a product must not be named.
            allowed: Products that may be named, shape (products,).
        """
        starts = range(0, max(len(rows), 1), AT_A_TIME)
        parts = [
            self._part(rows[start : start + AT_A_TIME], n, barred, allowed, start)
            for start in starts
        ]
        products, scores, source = (np.vstack(each) for each in zip(*parts, strict=True))
        return Lists(products, scores, source)

    def _part(
        self, rows: Ints, n: int, barred: Any, allowed: npt.NDArray[np.bool_] | None, start: int
    ) -> tuple[Ints, Scores, Ints]:
        hidden = sparse.csr_matrix((len(rows), self.history.shape[1]), dtype=np.float32)
        if self.job == "discover":
            hidden = self.history.purchases[rows]
        if barred is not None:
            hidden = (hidden + barred[start : start + len(rows)]).tocsr()
        products = np.full((len(rows), n), -1, np.int64)
        scores = np.full((len(rows), n), np.nan, np.float32)
        source = np.zeros((len(rows), n), np.int64)
        known = np.ones(len(rows), bool)
        if self.method not in ("popular", "again"):
            known = self.history.customers["baskets"].to_numpy()[rows] >= FEWEST_BASKETS
        elif self.method == "popular":
            for _, where in self.newcomers:
                known &= ~where[rows]
        if known.any():
            products[known], scores[known] = self.scorer.top(rows[known], n, hidden[known], allowed)
        everyone = np.ones(len(rows), bool)
        rules: list[tuple[int, Scorer, npt.NDArray[np.bool_]]] = [(2, self.popular, everyone)]
        rules = [*((3, scorer, where[rows]) for scorer, where in self.newcomers), *rules]
        if self.job == "again" and self.method != "popular":
            rules = [(1, self.again, everyone), *rules]
        for mark, rule, where in rules:
            short = np.flatnonzero((products < 0).any(axis=1) & where)
            if len(short):
                shown = _matrix(products[short], self.history.shape[1])
                more, _ = rule.top(rows[short], n, (hidden[short] + shown).tocsr(), allowed)
                products[short], source[short] = _filled(products[short], source[short], more, mark)
        return products, scores, source


def lister(history: History, job: Job, method: str, scorer: Scorer) -> Lister:
    """Lists of a method, with the rules that fill them."""
    return Lister(history, job, method, scorer, Popular(history), Again(history))


def _matrix(products: Ints, width: int) -> Any:
    """1 where a product is on a list."""
    row, column = np.nonzero(products >= 0)
    ones = np.ones(len(row), np.float32)
    return sparse.csr_matrix((ones, (row, products[row, column])), shape=(len(products), width))


def _filled(products: Ints, source: Ints, more: Ints, mark: int) -> tuple[Ints, Ints]:
    """The empty places of lists, which are their last, filled in order."""
    held = (products >= 0).sum(axis=1)
    place = np.arange(products.shape[1])[None, :] - held[:, None]
    taken = np.take_along_axis(more, np.maximum(place, 0), axis=1)
    empty = place >= 0
    return np.where(empty, taken, products), np.where(empty & (taken >= 0), mark, source)
