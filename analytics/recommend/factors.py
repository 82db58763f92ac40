"""Customers and products as short vectors whose product is the score: ALS, SVD and NMF.

ALS is the weighted factorisation of Hu, Koren & Volinsky (Collaborative filtering for implicit
feedback datasets, 2008) by the library implicit: what was not bought counts as 0 with confidence
1, what was as 1 with its weight as confidence. We differ from its defaults in logged or BM25
weights, in the regularisation, chosen on a validation window, and in one exact last step for the
customers, so that a score is exactly what its explanation adds up to.
"""

import warnings
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from implicit.cpu.als import AlternatingLeastSquares
from implicit.cpu.topk import topk
from scipy import linalg, sparse
from sklearn.decomposition import NMF
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.extmath import randomized_svd
from threadpoolctl import threadpool_limits

from analytics.recommend.history import Floats, Ints, Scores
from analytics.recommend.scorer import Scorer, bm25, logged, or_nothing

Weighting = Literal["log", "bm25"]
ITERATIONS = 15
SEED = 0
AT_A_TIME = 10_000
ONE_THREAD = 300_000
"""Up to so many entries, several threads only wait for each other."""


def threads(size: int) -> int:
    """How many threads the library should use; 0: all cores."""
    return 1 if size <= ONE_THREAD else 0


def weigh(strength: Any, weighting: Weighting) -> Any:
    """The confidences ALS learns from; BM25's are brought to a mean of 1."""
    found = (logged(strength) if weighting == "log" else bm25(strength)).tocsr()
    if weighting == "bm25" and found.nnz:
        found.data = np.maximum(found.data / (np.abs(found.data).mean() or 1.0), 1e-3)
    return found.astype(np.float32)


Vectors = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]
"""Those of the customers, shape (customers, factors), and of the products."""


class Factors(Scorer):
    """Scores that are products of a customer's and a product's vector.

    Each takes `learnt`: vectors that it learnt before from the same, instead of learning anew.
    """

    customer_vectors: npt.NDArray[np.float32]
    product_vectors: npt.NDArray[np.float32]

    @property
    def products(self) -> int:
        return len(self.product_vectors)

    def scores(self, rows: Ints) -> Scores:
        found = self.customer_vectors[rows] @ self.product_vectors.T
        found[~self.customer_vectors[rows].any(axis=1)] = -np.inf
        return np.asarray(found, dtype=np.float32)

    def column(self, product: int) -> Scores:
        found = self.customer_vectors @ self.product_vectors[product]
        found[~self.customer_vectors.any(axis=1)] = -np.inf
        return np.asarray(found, dtype=np.float32)

    def similar(self, product: int) -> Scores | None:
        lengths = np.linalg.norm(self.product_vectors, axis=1)
        own = self.product_vectors @ self.product_vectors[product]
        below = np.maximum(lengths * lengths[product], 1e-12)
        near = or_nothing(own / below)
        near[product] = -np.inf
        return near

    def top(
        self, rows: Ints, n: int, barred: Any, allowed: npt.NDArray[np.bool_] | None
    ) -> tuple[Ints, Scores]:
        known = np.asarray(self.customer_vectors[rows].any(axis=1))
        vectors, kept = self.product_vectors, np.arange(self.products)
        if allowed is not None:
            kept = np.flatnonzero(allowed)
            vectors = vectors[kept]
            barred = None if barred is None else barred[:, kept]
        count = min(n, len(kept))
        places = np.full((len(rows), n), -1, np.int64)
        scores = np.full((len(rows), n), np.nan, np.float32)
        if count == 0:
            return places, scores
        for start in range(0, len(rows), AT_A_TIME):
            part = slice(start, min(start + AT_A_TIME, len(rows)))
            hidden = None if barred is None else sparse.csr_matrix(barred[part])
            found, reached = topk(
                vectors,
                self.customer_vectors[rows[part]],
                count,
                filter_query_items=hidden,
                num_threads=threads((part.stop - part.start) * len(vectors) // 10),
            )
            # The library goes on with barred products, at a very low score, when it runs out.
            good = (reached > -1e37) & known[part][:, None]
            places[part, :count] = np.where(good, kept[found], -1)
            scores[part, :count] = np.where(good, reached, np.nan)
        return places, scores


class Als(Factors):
    """ALS by implicit.

    Args:
        strength: Sparse, shape (customers, products).
        factors: Length of the vectors.
        regularisation: How strongly they are kept short; not scaled by counts.
        weighting: `log` or `bm25`.
        iterations: Of alternating steps, the last of them exact and only for the customers.
        learnt: What was learnt before from the same.
    """

    def __init__(
        self,
        strength: Any,
        factors: int = 64,
        regularisation: float = 30.0,
        weighting: Weighting = "log",
        iterations: int = ITERATIONS,
        learnt: Vectors | None = None,
    ) -> None:
        self.weights = weigh(strength, weighting)
        self.chosen = f"{factors} factors, regularisation {regularisation:g}, {weighting} weights"
        # The library runs on all cores itself; threads of the algebra below it get in its way.
        with threadpool_limits(limits=1, user_api="blas"):
            self.model = AlternatingLeastSquares(
                factors=factors,
                regularization=regularisation,
                alpha=1.0,
                iterations=iterations - 1,
                num_threads=threads(self.weights.nnz),
                random_state=SEED,
            )
            if learnt:
                self.customer_vectors, self.product_vectors = learnt
                self.model.user_factors, self.model.item_factors = learnt
                return
            self.model.fit(self.weights, show_progress=False)
            rows = np.arange(self.weights.shape[0])
            self.customer_vectors = self.model.recalculate_user(rows, self.weights)
        self.product_vectors = self.model.item_factors

    def parts(self, row: int, product: int) -> Floats | None:
        """Section 5 of the paper: each purchase's part of the score, by its confidence."""
        own = self.weights[row]
        vectors = self.product_vectors[own.indices].astype(float)
        matrix = (
            self.model.YtY
            + self.model.regularization * np.eye(self.model.factors)
            + (vectors.T * (own.data - 1)) @ vectors
        )
        solved = linalg.cho_solve(linalg.cho_factor(matrix), self.product_vectors[product])
        found = np.zeros(self.products)
        found[own.indices] = (vectors @ solved) * own.data
        return found


class Svd(Factors):
    """The truncated singular value decomposition of logged counts (Sarwar et al. 2000; PureSVD)."""

    def __init__(self, strength: Any, factors: int = 64, learnt: Vectors | None = None) -> None:
        self.weights = logged(strength).tocsr()
        size = max(1, min(factors, min(self.weights.shape) - 1))
        self.chosen = f"{size} factors"
        if learnt:
            self.customer_vectors, self.product_vectors = learnt
            return
        _, _, turned = randomized_svd(self.weights, size, random_state=SEED)
        self.product_vectors = np.ascontiguousarray(turned.T, dtype=np.float32)
        self.customer_vectors = np.asarray(self.weights @ self.product_vectors, dtype=np.float32)

    def parts(self, row: int, product: int) -> Floats | None:
        own = self.weights[row]
        found = np.zeros(self.products)
        vectors = self.product_vectors[own.indices].astype(float)
        found[own.indices] = own.data * (vectors @ self.product_vectors[product].astype(float))
        return found


class Nmf(Factors):
    """Non-negative factors of logged counts (Lee & Seung 1999), by scikit-learn."""

    def __init__(self, strength: Any, factors: int = 32, learnt: Vectors | None = None) -> None:
        weights = logged(strength).tocsr()
        size = max(1, min(factors, min(weights.shape)))
        self.chosen = f"{size} factors"
        if learnt:
            self.customer_vectors, self.product_vectors = learnt
            return
        model = NMF(size, init="nndsvda", solver="cd", max_iter=60, tol=1e-3, random_state=SEED)
        # Where it fits perfectly, the library takes the root of a tiny negative number.
        with warnings.catch_warnings(), np.errstate(invalid="ignore"):
            # Sixty rounds are meant to be enough: more do not rank better.
            warnings.simplefilter("ignore", ConvergenceWarning)
            found = model.fit_transform(weights)
        self.customer_vectors = np.ascontiguousarray(found, dtype=np.float32)
        self.product_vectors = np.ascontiguousarray(model.components_.T, dtype=np.float32)
