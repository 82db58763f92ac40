"""Candidates from several methods, put in order by gradient boosting.

As in Covington et al. (Deep neural networks for YouTube recommendations, 2016) with trees in the
place of the network: each method names its best products for a customer, and scikit-learn's
histogram gradient boosting learns from an earlier window which of those were bought. Everything it
looks at is scale-free or a share, so that what it learnt on one window holds on the next.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse, stats
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from analytics.errors import NotEnoughDataError
from analytics.recommend.content import price_of
from analytics.recommend.history import Floats, History, Ints, Job, Scores
from analytics.recommend.scorer import NOTHING, Scorer, best

CANDIDATES = 60
"""Products that each method names for each customer."""
LEARNT_FROM = 5_000
"""Customers with a purchase in the window that the trees are learnt from, at most."""
ONE_THREAD = 100_000
SEED = 0

OWN = {
    "own_purchases": "bought it before",
    "own_decayed": "bought it before",
    "own_days_since": "bought it before",
    "own_due": "bought it before",
    "recent_share": "sells well at the moment",
    "buyer_share": "sells well",
    "repeat_rate": "is bought again and again",
    "category_share": "buys in its category",
    "category_lift": "buys in its category",
    "brand_share": "buys its brand",
    "price_ratio": "its price suits them",
    "baskets": "how often they order",
    "variety": "how much they try",
}
"""What the trees look at beside the methods, and what each says in a reason."""


class Features:
    """What is known of a customer and a product at the moment of a history."""

    def __init__(self, history: History) -> None:
        self.history = history
        customers = max(history.shape[0], 1)
        buyers = history.buyers
        self.recent_share = history.recent / customers
        self.buyer_share = buyers / customers
        orders = np.asarray(history.purchases.sum(axis=0)).ravel()
        self.repeat_rate = np.divide(orders, buyers, out=np.zeros(len(buyers)), where=buyers > 0)
        self.lines = np.maximum(np.asarray(history.purchases.sum(axis=1)).ravel(), 1.0)
        self.variety = np.diff(history.purchases.indptr) / self.lines
        self.category, self.in_category = self._shares("category")
        self.brand, self.in_brand = self._shares("brand")
        everyone = np.asarray(history.purchases.sum(axis=0)).ravel()
        self.category_usual = np.bincount(self.category, everyone, self.in_category.shape[1]) / max(
            everyone.sum(), 1.0
        )
        prices = price_of(history.products)
        self.log_price = np.log(np.where(prices > 0, prices, np.nan))
        known = np.nan_to_num(self.log_price)
        weight = np.asarray(history.purchases @ (~np.isnan(self.log_price)).astype(float))
        self.usual_price = np.divide(
            np.asarray(history.purchases @ known), weight,
            out=np.full(len(weight), np.nan), where=weight > 0,
        )  # fmt: skip

    def _shares(self, column: str) -> tuple[Ints, Any]:
        """Each product's group, and each customer's purchases by group."""
        texts = self.history.products[column].astype(object)
        codes, _ = pd.factorize(texts.where(texts.notna(), None))
        codes = codes.astype(np.int64) + 1
        size = int(codes.max(initial=0)) + 1
        groups = sparse.csr_matrix(
            (np.ones(len(codes), np.float32), (np.arange(len(codes)), codes)),
            shape=(len(codes), size),
        )
        return codes, (self.history.purchases @ groups).tocsr()

    def of(self, rows: Ints, customer: Ints, product: Ints) -> dict[str, Floats]:
        """The columns of `OWN` for pairs: places into `rows`, and places of products."""
        own = rows[customer]
        purchases = _at(self.history.purchases, own, product)
        since = _at(self.history.days_since, own, product)
        since = np.where(purchases > 0, since, np.nan)
        span = _at(self.history.decayed, own, product)
        share = _at(self.in_category, own, self.category[product]) / self.lines[own]
        share = np.where(self.category[product] > 0, share, np.nan)
        usual = self.category_usual[self.category[product]]
        by_brand = _at(self.in_brand, own, self.brand[product]) / self.lines[own]
        return {
            "own_purchases": purchases,
            "own_decayed": span,
            "own_days_since": since,
            "own_due": since * purchases,
            "recent_share": self.recent_share[product],
            "buyer_share": self.buyer_share[product],
            "repeat_rate": self.repeat_rate[product],
            "category_share": share,
            "category_lift": share / np.maximum(usual, 1e-9),
            "brand_share": np.where(self.brand[product] > 0, by_brand, np.nan),
            "price_ratio": self.log_price[product] - self.usual_price[own],
            "baskets": self.history.customers["baskets"].to_numpy(dtype=float)[own],
            "variety": self.variety[own],
        }


def _at(matrix: Any, rows: Ints, columns: Ints) -> Floats:
    """Entries of a sparse matrix, one for each pair of places."""
    return np.asarray(matrix[rows, columns], dtype=float).ravel()


@dataclass(frozen=True)
class Ranker:
    """Trees that put candidates in order.

    Attributes:
        model: The gradient boosting.
        names: The methods whose candidates and scores it looks at.
        columns: All it looks at, in order.
    """

    model: Any
    names: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Candidates:
    """Pairs of a customer and a product: places into the rows asked for, and of products."""

    customer: Ints
    product: Ints
    features: npt.NDArray[np.float32]


def candidates(
    history: History,
    known: Features,
    scorers: Mapping[str, Scorer],
    rows: Ints,
    job: Job,
    named: int = CANDIDATES,
) -> Candidates:
    """What the methods name for some customers, and all that is known of each pair."""
    barred = history.purchases[rows] if job == "discover" else None
    width = history.shape[1]
    dense = {name: _steady(scorer.scores(rows)) for name, scorer in scorers.items()}
    keys = [np.empty(0, np.int64)]
    for scores in dense.values():
        places, _ = best(scores, named, barred, None)
        row, column = np.nonzero(places >= 0)
        keys.append(row * width + places[row, column])
    pairs = np.unique(np.concatenate(keys))
    customer, product = pairs // width, pairs % width
    columns: dict[str, Floats] = {}
    starts = np.searchsorted(customer, np.arange(len(rows)))
    for name, scores in dense.items():
        value = scores[customer, product].astype(float)
        value[np.isneginf(value)] = np.nan
        columns[f"{name}_rank"] = _ranks(value, customer, starts)
        columns[f"{name}_score"] = value
    columns |= known.of(rows, customer, product)
    features = np.column_stack(list(columns.values())).astype(np.float32)
    return Candidates(customer, product, features)


def _steady(scores: Scores) -> Scores:
    """Scores to 1/65,536 of each row's range, so that equal ones stay equal.

    Digits beyond depend on how many rows are worked out at once, and a rank must not.
    """
    highest = np.max(np.abs(scores), axis=1, initial=1e-30, where=np.isfinite(scores))
    _, exponent = np.frexp(highest)
    step = np.ldexp(np.ones(len(scores), np.float32), exponent - 16)[:, None]
    return np.asarray(np.round(scores / step) * step, dtype=np.float32)


def _ranks(value: Floats, customer: Ints, starts: Ints) -> Floats:
    """1 for a customer's highest value, equal ones alike; NaN where there is none."""
    key = -np.nan_to_num(value, nan=-np.inf)
    order = np.lexsort((key, customer))
    new = np.ones(len(value), bool)
    new[1:] = (np.diff(customer[order]) != 0) | (key[order][1:] != key[order][:-1])
    first = np.maximum.accumulate(np.where(new, np.arange(len(value)), 0))
    found = np.empty(len(value))
    found[order] = first - starts[customer[order]] + 1
    return np.where(np.isnan(value), np.nan, found)


def columns_of(names: tuple[str, ...]) -> tuple[str, ...]:
    """All that the trees look at, in order."""
    return (*(f"{name}_{kind}" for name in names for kind in ("rank", "score")), *OWN)


def learn(history: History, bought: Any, scorers: Mapping[str, Scorer], job: Job) -> Ranker:
    """Learn from what was bought after a history which candidates are.

    Args:
        history: What was known before.
        bought: What was bought then, shape (customers, products).
        scorers: Methods learnt from the same history.
        job: Whether only new products are candidates.

    Raises:
        NotEnoughDataError: Hardly any candidate was bought.
    """
    bought = bought.tocsr()
    buyers = np.flatnonzero(np.diff(bought.indptr))
    if len(buyers) > LEARNT_FROM:
        rng = np.random.default_rng(SEED)
        buyers = np.sort(rng.choice(buyers, LEARNT_FROM, replace=False))
    known = Features(history)
    features, labels = [], []
    for part in Stage.parts_of(len(buyers), history.shape[1]):
        found = candidates(history, known, scorers, buyers[part], job)
        features.append(found.features)
        labels.append(_at(bought, buyers[part][found.customer], found.product) > 0)
    label = np.concatenate(labels) if labels else np.empty(0, bool)
    if label.sum() < 50 or (~label).sum() < 50:
        raise NotEnoughDataError(
            f"Only {int(label.sum())} of the products named were bought afterwards.",
            "Use another method until there are more orders.",
        )
    matrix = np.concatenate(features)
    # The library's trees fail on a column without any value.
    matrix[0, np.isnan(matrix).all(axis=0)] = 0.0
    model = HistGradientBoostingClassifier(
        learning_rate=0.06,
        max_iter=150,
        max_leaf_nodes=15,
        min_samples_leaf=60,
        l2_regularization=5.0,
        early_stopping=False,
        random_state=SEED,
    )
    # On few rows several threads only wait for each other.
    with threadpool_limits(limits=1 if len(matrix) < ONE_THREAD else None, user_api="openmp"):
        model.fit(matrix, label)
    names = tuple(scorers)
    return Ranker(model, names, columns_of(names))


class Stage(Scorer):
    """Two stages: the methods' candidates in the order of the trees. Scores are log-odds."""

    def __init__(
        self, history: History, scorers: Mapping[str, Scorer], ranker: Ranker, job: Job
    ) -> None:
        self.history, self.scorers, self.ranker, self.job = history, scorers, ranker, job
        self.known = Features(history)
        self.chosen = f"candidates from {', '.join(scorers)}"

    @property
    def products(self) -> int:
        return self.history.shape[1]

    @staticmethod
    def parts_of(count: int, products: int) -> list[slice]:
        """Parts of so many customers for which several methods' scores fit into memory."""
        size = max(1, min(1_000, 4_000_000 // max(products, 1)))
        return [slice(start, min(start + size, count)) for start in range(0, count, size)]

    def scores(self, rows: Ints) -> Scores:
        found = np.full((len(rows), self.products), NOTHING, dtype=np.float32)
        for part in self.parts_of(len(rows), self.products):
            named = candidates(self.history, self.known, self.scorers, rows[part], self.job)
            if len(named.customer):
                few = len(named.customer) < ONE_THREAD
                with threadpool_limits(limits=1 if few else None, user_api="openmp"):
                    odds = self.ranker.model.decision_function(named.features)
                found[part.start + named.customer, named.product] = odds
        return found

    def column(self, product: int) -> Scores:
        """The log-odds of the customers to whom the methods would sooner name it than others do.

        Only those whose mean rank among all customers is among the first 5,000 are looked at.
        """
        ranks = np.zeros(self.history.shape[0])
        for scorer in self.scorers.values():
            ranks += stats.rankdata(-scorer.column(product))
        near = np.sort(np.argsort(ranks, kind="stable")[:LEARNT_FROM])
        found = np.full(len(ranks), NOTHING, dtype=np.float32)
        for part in self.parts_of(len(near), self.products):
            found[near[part]] = self.scores(near[part])[:, product]
        return found

    def similar(self, product: int) -> Scores | None:
        for scorer in self.scorers.values():
            near = scorer.similar(product)
            if near is not None:
                return near
        return None

    def shares(self, row: int, products: Ints) -> pd.DataFrame:
        """What each feature adds to the log-odds of some of a customer's candidates.

        At each split of each tree, the mean of the part that the pair falls into, less that of
        both parts, goes to the feature that splits (Saabas 2014).

        Returns:
            DataFrame, a row a product: base and the columns of the ranker; a row adds up to the
            product's score.
        """
        named = candidates(self.history, self.known, self.scorers, np.array([row]), self.job)
        places = np.searchsorted(named.product, products)
        chosen = named.features[places].astype(float)
        found = np.zeros((len(products), len(self.ranker.columns)))
        base = np.full(len(products), float(np.ravel(self.ranker.model._baseline_prediction)[0]))
        for (tree,) in self.ranker.model._predictors:
            nodes = tree.nodes
            means = _means(nodes)
            base += means[0]
            for place, line in enumerate(chosen):
                node = 0
                while not nodes["is_leaf"][node]:
                    split = nodes["feature_idx"][node]
                    value = line[split]
                    left = (
                        bool(nodes["missing_go_to_left"][node])
                        if np.isnan(value)
                        else value <= nodes["num_threshold"][node]
                    )
                    step = int(nodes["left" if left else "right"][node])
                    found[place, split] += means[step] - means[node]
                    node = step
        return pd.DataFrame(found, columns=list(self.ranker.columns)).assign(base=base)


def _means(nodes: npt.NDArray[Any]) -> Floats:
    """The mean of the leaves below each node of a tree, by how many fell into each."""
    means = nodes["value"].astype(float)
    for place in range(len(nodes) - 1, -1, -1):
        if not nodes["is_leaf"][place]:
            left, right = int(nodes["left"][place]), int(nodes["right"][place])
            counts = nodes["count"][[left, right]].astype(float)
            means[place] = float(np.dot(counts, means[[left, right]]) / counts.sum())
    return means
