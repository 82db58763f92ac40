"""Four views of a product in one score: a weighted sum.

What ALS expects (taste), a customer's own orders of it (habit), how like what they bought it is
(content), and how many bought it in the last 28 days (fashion). A weighted hybrid in the sense of
Burke (Hybrid recommender systems: survey and experiments, 2002). ALS has weight 1; the others'
weights are those whose lists were best on a window that the parts have not seen.
"""

from collections.abc import Mapping, Sequence
from itertools import product as every
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.recommend import judge
from analytics.recommend.content import Content
from analytics.recommend.factors import Als, Weighting
from analytics.recommend.history import RECENT_DAYS, Floats, History, Ints, Job, Scores
from analytics.recommend.scorer import NOTHING, Scorer, best, or_nothing

WEIGHTS: Mapping[str, tuple[float, ...]] = {
    "popular": (0.3, 0.1, 1.0, 0.0),
    "content": (0.1, 0.0, 0.3, 1.0),
    "own": (1.0, 0.3, 0.1, 3.0),
}
"""What is tried, beside 1 for ALS. The first are used where none can be tried."""
CANDIDATES = 100
"""Products that each part names for each customer while weights are tried."""
LOOKED_AT = 1_000
"""Customers on whom weights are tried."""
SEED = 0


class Sum(Scorer):
    """A weighted sum of what other methods say; where one has nothing to say, it adds 0.

    Args:
        views: The methods, each with its weight; none of weight 0 is asked.
        active: Whether anything is known of each customer, shape (customers,).
    """

    def __init__(
        self, views: Sequence[tuple[float, Scorer]], active: npt.NDArray[np.bool_]
    ) -> None:
        self.views = [(weight, view) for weight, view in views if weight]
        self.active = active

    @property
    def products(self) -> int:
        return self.views[0][1].products

    def scores(self, rows: Ints) -> Scores:
        found = np.zeros((len(rows), self.products), np.float32)
        for weight, view in self.views:
            found += np.float32(weight) * known(view.scores(rows))
        return found

    def column(self, product: int) -> Scores:
        found = np.zeros(len(self.active), np.float32)
        for weight, view in self.views:
            found += np.float32(weight) * known(view.column(product))
        return np.where(self.active, found, NOTHING).astype(np.float32)

    def parts(self, row: int, product: int) -> Floats | None:
        found = np.zeros(self.products)
        for weight, view in self.views:
            parts = view.parts(row, product)
            if parts is None:
                return None
            found += weight * parts
        return found

    def beside(self, row: int, product: int) -> Mapping[str, float]:
        return {
            what: weight * part
            for weight, view in self.views
            for what, part in view.beside(row, product).items()
        }

    def similar(self, product: int) -> Scores | None:
        return self.views[0][1].similar(product)


class Own(Scorer):
    """What a customer showed for a product itself.

    Args:
        matrix: Sparse, how much; shape (customers, products).
    """

    def __init__(self, matrix: Any) -> None:
        self.matrix = matrix.tocsr()

    @property
    def products(self) -> int:
        return int(self.matrix.shape[1])

    def scores(self, rows: Ints) -> Scores:
        return or_nothing(self.matrix[rows].toarray())

    def column(self, product: int) -> Scores:
        return or_nothing(self.matrix[:, [product]].toarray().ravel())

    def parts(self, row: int, product: int) -> Floats | None:
        found = np.zeros(self.products)
        found[product] = self.matrix[row, product]
        return found


class Sales(Scorer):
    """How well each product sells: 1 for what most customers bought in the last 28 days."""

    def __init__(self, history: History) -> None:
        self.customers = history.shape[0]
        ever = 1e-3 * history.buyers / max(history.buyers.max(initial=0), 1.0)
        self.share = history.recent / max(history.recent.max(initial=0), 1.0) + ever

    @property
    def products(self) -> int:
        return len(self.share)

    def scores(self, rows: Ints) -> Scores:
        return np.tile(self.share.astype(np.float32), (len(rows), 1))

    def column(self, product: int) -> Scores:
        return np.full(self.customers, self.share[product], np.float32)

    def parts(self, row: int, product: int) -> Floats | None:  # noqa: ARG002
        return np.zeros(self.products)

    def beside(self, row: int, product: int) -> Mapping[str, float]:  # noqa: ARG002
        return {f"bought by many in the last {RECENT_DAYS} days": float(self.share[product])}


class Hybrid(Sum):
    """ALS + own × decayed orders + content × likeness + popular × recent sales.

    Args:
        history: What to learn from.
        regularisation: Of ALS.
        weighting: Of ALS.
        own: The weight of a customer's own orders of a product, each at exp(-days / 112).
        content: The weight of the likeness to what they bought, 0 to 1.
        popular: The weight of recent sales, 1 for the best seller.
        als: ALS, where it has just been learnt from the same history with the same parameters.
    """

    def __init__(
        self,
        history: History,
        regularisation: float = 20.0,
        weighting: Weighting = "log",
        own: float = WEIGHTS["own"][0],
        content: float = WEIGHTS["content"][0],
        popular: float = WEIGHTS["popular"][0],
        als: Als | None = None,
    ) -> None:
        super().__init__(
            (
                (1.0, als or Als(history.strength, 64, regularisation, weighting)),
                (own, Own(history.decayed)),
                (content, Content(history.strength, history.products)),
                (popular, Sales(history)),
            ),
            active=np.diff(history.strength.indptr) > 0,
        )
        self.chosen = (
            f"ALS (regularisation {regularisation:g}, {weighting} weights) + {own:g} × own orders "
            f"+ {content:g} × likeness + {popular:g} × recent sales"
        )


def choose(history: History, rows: Ints, wanted: Any, job: Job, als: Als) -> Mapping[str, float]:
    """The weights whose lists were best for some customers.

    Args:
        history: What was known before a window.
        rows: Places of customers, of whom at most 1,000 drawn at random are looked at.
        wanted: What each bought in it that counts.
        job: What the lists are for; for `discover` own orders do not matter.
        als: Learnt from the same history.
    """
    if len(rows) > LOOKED_AT:
        drawn = np.sort(np.random.default_rng(SEED).choice(len(rows), LOOKED_AT, replace=False))
        rows, wanted = rows[drawn], wanted[drawn]
    barred = history.purchases[rows] if job == "discover" else None
    views = {
        "als": known(als.scores(rows)),
        "popular": Sales(history).scores(rows),
        "content": known(Content(history.strength, history.products).scores(rows)),
    }
    if job == "again":
        views["own"] = history.decayed[rows].toarray().astype(np.float32)
    named = np.hstack([best(view, CANDIDATES, barred, None)[0] for view in views.values()])
    named = np.sort(named, axis=1)
    again = np.zeros(named.shape, bool)
    again[:, 1:] = named[:, 1:] == named[:, :-1]
    missing = again | (named < 0)
    values = {
        name: np.take_along_axis(view, np.maximum(named, 0), axis=1) for name, view in views.items()
    }
    tried = {name: WEIGHTS[name] for name in views if name != "als"}
    kept: dict[str, float] = {}
    highest = -1.0
    for weights in every(*tried.values()):
        score = np.where(missing, NOTHING, values["als"])
        for name, weight in zip(tried, weights, strict=True):
            score = score + np.float32(weight) * values[name]
        places, _ = best(score, 10, None, None)
        top = np.where(places >= 0, np.take_along_axis(named, np.maximum(places, 0), axis=1), -1)
        reached = float(judge.per_customer(top, wanted)["ndcg"].mean())
        if reached > highest + 1e-9:
            kept, highest = dict(zip(tried, weights, strict=True)), reached
    return {"own": 0.0, **kept}


def known(scores: Scores) -> Scores:
    """Scores with 0 where a part has nothing to say."""
    return np.where(np.isfinite(scores), scores, 0.0).astype(np.float32)
