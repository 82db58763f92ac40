"""More variety in the lists, for an accuracy that is measured: not everyone gets the best seller.

From a longer list of what suits a customer, the places are filled one by one, each by what is worth
most after those before it: maximal marginal relevance (Carbonell & Goldstein, The use of MMR,
diversity-based reranking, 1998). Two things are weighed against how well a product suits:

- variety within the list: the next product of a category is worth 1, 1/2, 1/3 … of the first one's
  variety, a sum of which filling place by place reaches at least 63% of the best (Nemhauser, Wolsey
  & Fisher 1978);
- concentration over all customers: a product costs the root of the share of customers who are
  shown it. That share is found by letting a sample of customers choose again and again at the
  prices of all rounds so far, as in fictitious play of a congestion game (Monderer & Shapley 1996).

Prices depend on the shop alone, so a customer's list is the same whoever else is asked for. Where
two products suit equally well, as best sellers do, a draw that is always the same for a customer
and a product lets customers differ.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.utils.extmath import randomized_svd
from threadpoolctl import threadpool_limits

from analytics.errors import AnalyticsError
from analytics.recommend import judge
from analytics.recommend.history import Floats, History, Ints, Scores
from analytics.recommend.lists import Lister, Lists
from analytics.recommend.scorer import logged

SPREADS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""What is measured."""
LONGER = 5
LEAST_LONG = 50
"""The longer list has five times the places, and at least fifty."""
CELLS = 1_000_000
SAMPLE = 2_000
ROUNDS = 12
LEAST_SUITS = 0.1
"""How much it counts how well a product suits, where variety counts most (with a weight of 1)."""
DRAW = 0.05
"""How much the draw counts then."""
SEED = 0
BEST_SELLERS = 10


def check_spread(spread: float) -> None:
    """Refuse what is no share.

    Raises:
        AnalyticsError: It is not between 0 and 1.
    """
    if not 0 <= spread <= 1:
        raise AnalyticsError(
            f"A variety of {spread:g} is not possible.",
            "Choose 0 (only what suits best) to 1 (as much variety as there is).",
        )


@dataclass(frozen=True)
class Spreader:
    """Makes lists of more variety out of a method's.

    Attributes:
        lister: Makes the method's lists.
    """

    lister: Lister

    def lists(
        self,
        rows: Ints,
        n: int,
        spread: float,
        *,
        barred: Any = None,
        allowed: npt.NDArray[np.bool_] | None = None,
    ) -> Lists:
        """The lists of some customers; without any spread exactly the method's.

        Args:
            rows: Their places, shape (m,).
            n: The length of a list.
            spread: How much variety counts, 0 to 1.
            barred: Matrix (m, products), non-zero where a product must not be named.
            allowed: Products that may be named, shape (products,).

        Raises:
            AnalyticsError: The spread is not possible.
        """
        check_spread(spread)
        if spread == 0 or not len(rows):
            return self.lister.lists(rows, n, barred=barred, allowed=allowed)
        prices = self._prices(n, spread)
        size = max(1, CELLS // long(n))
        parts = []
        for start in range(0, len(rows), size):
            part = slice(start, start + size)
            hidden = None if barred is None else barred[part]
            longer = self.lister.lists(rows[part], long(n), barred=hidden, allowed=allowed)
            parts.append(self._picked(longer, rows[part], n, spread, prices))
        return Lists(
            np.vstack([part.products for part in parts]),
            np.vstack([part.scores for part in parts]),
            np.vstack([part.source for part in parts]),
        )

    def _picked(self, longer: Lists, rows: Ints, n: int, spread: float, prices: Floats) -> Lists:
        """The places of the shorter lists filled from the longer ones."""
        at = pick(longer, self.groups, prices, draws(rows, longer.products), n, spread)
        held = at >= 0

        def taken(values: npt.NDArray[Any], empty: float) -> Any:
            found = np.take_along_axis(values, np.maximum(at, 0), axis=1)
            return np.where(held, found, np.asarray(empty, values.dtype))

        return Lists(
            taken(longer.products, -1), taken(longer.scores, np.nan), taken(longer.source, 0)
        )

    @cached_property
    def groups(self) -> Ints:
        """What counts as alike, shape (products,): categories, or what the same people bought."""
        return groups(self.lister.history)

    @cached_property
    def _found(self) -> dict[tuple[int, float], Floats]:
        return {}

    @cached_property
    def _samples(self) -> dict[int, Lists]:
        return {}

    @cached_property
    def _sample(self) -> Ints:
        """Customers whose choices make the prices."""
        customers = self.lister.history.shape[0]
        rng = np.random.default_rng(SEED)
        return np.sort(rng.choice(customers, min(SAMPLE, customers), replace=False))

    def _prices(self, n: int, spread: float) -> Floats:
        """The price of each product, 0 to 1: the root of the share of customers shown it."""
        if (n, spread) in self._found:
            return self._found[n, spread]
        if n not in self._samples:
            self._samples[n] = self.lister.lists(self._sample, long(n))
        longer, products = self._samples[n], self.lister.history.shape[1]
        drawn = draws(self._sample, longer.products)
        shown = np.zeros(products)
        for played in range(ROUNDS):
            prices = np.sqrt(shown / max(played, 1) / len(self._sample))
            at = pick(longer, self.groups, prices, drawn, n, spread)
            named = np.take_along_axis(longer.products, np.maximum(at, 0), axis=1)[at >= 0]
            shown += np.bincount(named, minlength=products)
        prices = np.sqrt(shown / ROUNDS / len(self._sample))
        self._found[n, spread] = prices
        return prices


def long(n: int) -> int:
    """The length of the list that so many places are filled from."""
    return max(LEAST_LONG, LONGER * n)


def pick(longer: Lists, groups: Ints, prices: Floats, drawn: Scores, n: int, spread: float) -> Ints:
    """Fill the places of shorter lists, each with what is worth most after those before it.

    Args:
        longer: What may be picked, shape (m, length).
        groups: What counts as alike, shape (products,).
        prices: 0 to 1, shape (products,).
        drawn: 0 to 1, shape (m, length).
        n: How many places.
        spread: How much variety counts, 0 to 1.

    Returns:
        Places in the longer lists, -1 where there is nothing left; shape (m, n).
    """
    there = longer.products >= 0
    group = groups[longer.products]
    worth = (1 - spread * (1 - LEAST_SUITS)) * suits(longer) + spread * DRAW * drawn
    worth -= spread / 2 * prices[longer.products].astype(np.float32)
    worth[~there] = -np.inf
    same = np.zeros(group.shape, np.float32)
    rows = np.arange(len(group))
    found = np.full((len(group), n), -1, np.int64)
    for place in range(min(n, group.shape[1])):
        at = np.argmax(worth + spread / 2 / (1 + same), axis=1)
        left = worth[rows, at] > -np.inf
        found[left, place] = at[left]
        worth[rows, at] = -np.inf
        same += group == group[rows, at][:, None]
    return found


def suits(longer: Lists) -> Scores:
    """How well each product of a list suits, 1 for the best and 0 or more for the others.

    A method's scores, whatever their scale, from its lowest in the list to its highest; where the
    rules filled places, which have no score on it, these fall as the gains of NDCG do, and the
    method's lie above them.
    """
    count, length = longer.products.shape
    fall = (1 / np.log2(np.arange(2, length + 3))).astype(np.float32)
    scored = ~np.isnan(longer.scores)
    some = scored.any(axis=1)
    lowest, highest = np.zeros((2, count, 1), np.float32)
    lowest[some, 0] = np.nanmin(longer.scores[some], axis=1)
    highest[some, 0] = np.nanmax(longer.scores[some], axis=1)
    range_ = np.where(highest > lowest, highest - lowest, 1)
    floor = fall[scored.sum(axis=1)][:, None]
    found = floor + (1 - floor) * (longer.scores - lowest) / range_
    return np.where(scored, found, fall[None, :length]).astype(np.float32)


def draws(rows: Ints, products: Ints) -> Scores:
    """A draw from 0 to 1 for each customer and product, always the same (splitmix64)."""
    with np.errstate(over="ignore"):
        mixed = rows[:, None].astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        mixed = mixed + (products.astype(np.uint64) + np.uint64(1)) * np.uint64(0xD1B54A32D192ED03)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed = mixed ^ (mixed >> np.uint64(31))
    return (mixed >> np.uint64(40)).astype(np.float32) / np.float32(1 << 24)


def groups(history: History) -> Ints:
    """What counts as alike: products of a category, or those that the same customers bought.

    Where the shop tells the category of fewer than half of its products, products are grouped by
    who bought them: k-means on the decomposed purchases, as many groups as the root of half the
    products. A product whose category alone is missing is like no other.

    Returns:
        Shape (products,).
    """
    texts = history.products["category"].astype(object)
    codes, _ = pd.factorize(texts.where(texts.notna() & (texts != ""), None))
    unknown = codes < 0
    if unknown.mean() <= 0.5:
        codes = codes.astype(np.int64)
        codes[unknown] = codes.max(initial=-1) + 1 + np.arange(int(unknown.sum()))
        return codes
    size = max(1, min(16, min(history.shape) - 1))
    count = max(1, min(int(np.sqrt(history.shape[1] / 2)), history.shape[1]))
    with threadpool_limits(limits=1):
        _, values, turned = randomized_svd(logged(history.purchases), size, random_state=SEED)
        vectors = turned.T * values
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit = vectors / np.where(lengths > 0, lengths, 1.0)
        count = min(count, len(np.unique(unit.round(6), axis=0)))
        found = KMeans(count, n_init=1, random_state=SEED).fit_predict(unit)
    return np.asarray(found, dtype=np.int64)


def measure(spreader: Spreader, rows: Ints, wanted: Any, n: int) -> pd.DataFrame:
    """What variety costs, on what customers bought afterwards.

    Args:
        spreader: Lists of the history before.
        rows: The customers who can be judged, shape (m,).
        wanted: What each of them bought, shape (m, products).
        n: The length of a list.

    Returns:
        DataFrame spread; ndcg; ndcg_lost, ndcg_lost_lo, ndcg_lost_hi (against no spread, with 95%
        intervals); catalogue_share, best_seller_share (of all places, those of the ten products
        shown most), each 0 to 1; categories_per_list (NaN where no category is known).
    """
    history = spreader.lister.history
    category, _ = pd.factorize(history.products["category"])
    found = []
    at_none: Any = None
    for spread in SPREADS:
        top = spreader.lists(rows, n, spread).products
        ndcg = judge.per_customer(top, wanted)["ndcg"]
        at_none = ndcg if at_none is None else at_none
        lost, lo, hi = judge.lead(at_none, ndcg)
        shown = np.sort(np.bincount(top[top >= 0], minlength=history.shape[1]))[::-1]
        found.append(
            {
                "spread": spread,
                "ndcg": float(ndcg.mean()),
                "ndcg_lost": lost,
                "ndcg_lost_lo": lo,
                "ndcg_lost_hi": hi,
                "catalogue_share": judge.catalogue_share(top, history.shape[1]),
                "best_seller_share": float(shown[:BEST_SELLERS].sum() / max(shown.sum(), 1)),
                "categories_per_list": categories_per_list(top, category),
            }
        )
    return pd.DataFrame(found)


def categories_per_list(top: Ints, category: Ints) -> float:
    """How many different categories a list names in the mean; NaN where none is known.

    Args:
        top: Places of products, -1 for none; shape (m, n).
        category: Each product's, -1 where it is not known; shape (products,).
    """
    if not len(top) or category.max(initial=-1) < 0:
        return float("nan")
    each = np.sort(np.where(top >= 0, category[top], -1), axis=1)
    new = np.diff(each, axis=1, prepend=-1) != 0
    return float((new & (each >= 0)).sum() / len(top))
