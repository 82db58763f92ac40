"""Ratings from 1 to 5 as numbers to be foretold: means, biases, and factors on top of those.

Unlike purchases, a rating that is missing says nothing, so only the known ones are fitted. Each
method is a sum: the overall mean, how much above it a customer rates and a product is rated (their
biases; Koren, Bell & Volinsky, Matrix factorization techniques for recommender systems, 2009), and
for the two factorisations the product of a customer's and a product's vector.

ALS alternates between exact ridge regressions for customers and for products, each with its bias,
whose penalty grows with the number of ratings (Zhou, Wilkinson, Schreiber & Pan, Large-scale
parallel collaborative filtering for the Netflix prize, 2008). SVD takes what the biases leave over,
and again and again fills in what is missing by its own truncated and softened decomposition
(Mazumder, Hastie & Tibshirani, Spectral regularization algorithms for learning large incomplete
matrices, 2010); we stop after a fixed number of rounds.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, svds

from analytics.recommend.history import Floats, Ints

LEAST, MOST = 1.0, 5.0
BIAS_ROUNDS = 10
ALS_ROUNDS = 15
SVD_ROUNDS = 30
SEED = 0
AT_A_TIME = 8_000_000
"""Numbers of outer products that are held at a time."""
DENSE_CELLS = 250_000
"""Up to so many cells a matrix is decomposed as it is; larger ones are kept sparse."""


@dataclass(frozen=True)
class Known:
    """Ratings that are known.

    Attributes:
        customer: The place of who gave each, shape (n,).
        product: The place of what it was given to, shape (n,).
        rating: 1 to 5, shape (n,).
        shape: How many customers and products there are, rated or not.
    """

    customer: Ints
    product: Ints
    rating: Floats
    shape: tuple[int, int]

    def among(self, chosen: npt.NDArray[Any]) -> "Known":
        """Some of them, by mask or place."""
        return replace(
            self,
            customer=self.customer[chosen],
            product=self.product[chosen],
            rating=self.rating[chosen],
        )


@dataclass(frozen=True)
class Sum:
    """What has been learnt: mean + bias of the customer + bias of the product + vectors' product.

    Attributes:
        mean: The overall mean.
        customers: Biases of the customers; 0 for whom nothing is known.
        products: Biases of the products.
        customer_vectors: Shape (customers, factors); no factors for means and biases.
        product_vectors: Shape (products, factors).
    """

    mean: float
    customers: Floats
    products: Floats
    customer_vectors: Floats
    product_vectors: Floats

    def predict(self, customer: Ints, product: Ints) -> Floats:
        """Ratings 1 to 5 of pairs; -1 stands for a customer or product that is not known."""
        who, what = np.maximum(customer, 0), np.maximum(product, 0)
        is_who, is_what = customer >= 0, product >= 0
        found = self.mean + np.where(is_who, self.customers[who], 0.0)
        found = found + np.where(is_what, self.products[what], 0.0)
        fit = np.einsum("ij,ij->i", self.customer_vectors[who], self.product_vectors[what])
        return np.clip(found + np.where(is_who & is_what, fit, 0.0), LEAST, MOST)


def mean(known: Known) -> Sum:
    """The mean of all ratings, for everyone."""
    return _biased(known, np.zeros(known.shape[0]), np.zeros(known.shape[1]))


def product_mean(known: Known) -> Sum:
    """The mean of each product's ratings; the overall mean where it has none."""
    counts = np.bincount(known.product, minlength=known.shape[1])
    sums = np.bincount(known.product, known.rating - known.rating.mean(), known.shape[1])
    return _biased(known, np.zeros(known.shape[0]), sums / np.maximum(counts, 1))


def biases(known: Known, penalty: float = 5.0) -> Sum:
    """How a customer and a product differ from the mean.

    Args:
        known: The ratings.
        penalty: As many ratings of no difference are added to each customer and product, so that
            one rating alone says little.
    """
    customers, products = np.zeros(known.shape[0]), np.zeros(known.shape[1])
    counts = [
        np.bincount(places, minlength=size) + penalty
        for places, size in zip((known.customer, known.product), known.shape, strict=True)
    ]
    rest = known.rating - known.rating.mean()
    for _ in range(BIAS_ROUNDS):
        left = rest - customers[known.customer]
        products = np.bincount(known.product, left, known.shape[1]) / counts[1]
        left = rest - products[known.product]
        customers = np.bincount(known.customer, left, known.shape[0]) / counts[0]
    return _biased(known, customers, products)


def als(known: Known, factors: int = 8, regularisation: float = 0.1) -> Sum:
    """Biases and factors by alternating ridge regressions.

    Minimises the sum of (rating − mean − b_u − b_i − x_u·y_i)² over the known ratings plus
    regularisation × (Σ n_u (b_u² + |x_u|²) + Σ n_i (b_i² + |y_i|²)), n being numbers of ratings.

    Args:
        known: The ratings.
        factors: The length of the vectors.
        regularisation: λ of the paper.
    """
    rng = np.random.default_rng(SEED)
    centre = float(known.rating.mean())
    rest = known.rating - centre
    # The first number of a vector is the bias.
    rows = np.zeros((known.shape[0], factors + 1))
    columns = np.hstack(
        [np.zeros((known.shape[1], 1)), rng.normal(0, 0.3, (known.shape[1], factors))]
    )
    for _ in range(ALS_ROUNDS):
        rows = ridge(known.customer, known.product, rest, columns, known.shape[0], regularisation)
        columns = ridge(known.product, known.customer, rest, rows, known.shape[1], regularisation)
    return Sum(centre, rows[:, 0], columns[:, 0], rows[:, 1:], columns[:, 1:])


def ridge(
    own: Ints, other: Ints, rest: Floats, vectors: Floats, count: int, regularisation: float
) -> Floats:
    """One half step of ALS: the bias and vector of each customer (or product), the others held.

    Args:
        own: The place of whose vector is wanted, shape (n,).
        other: The place of the one on the other side, shape (n,).
        rest: Ratings less their mean, shape (n,).
        vectors: Bias and vector of those on the other side, shape (m, 1 + factors).
        count: How many vectors are wanted.
        regularisation: λ.

    Returns:
        Shape (count, 1 + factors); zeros where nothing is known.
    """
    size = vectors.shape[1]
    found = np.zeros((count, size))
    order = np.argsort(own, kind="stable")
    own, other, rest = own[order], other[order], rest[order]
    who, first = np.unique(own, return_index=True)
    ends = np.append(first[1:], len(own))
    step = max(1, AT_A_TIME // size**2)
    start = 0
    while start < len(who):
        # As many as fit, at least one.
        stop = max(start + 1, int(np.searchsorted(ends, first[start] + step, side="right")))
        part = slice(first[start], ends[stop - 1])
        predictors = vectors[other[part]].copy()
        predictors[:, 0] = 1.0
        target = rest[part] - vectors[other[part], 0]
        at = first[start:stop] - first[start]
        products = np.add.reduceat(predictors[:, :, None] * predictors[:, None, :], at, axis=0)
        sides = np.add.reduceat(predictors * target[:, None], at, axis=0)
        weight = regularisation * (ends[start:stop] - first[start:stop])
        products += weight[:, None, None] * np.eye(size)
        found[who[start:stop]] = np.linalg.solve(products, sides[:, :, None])[:, :, 0]
        start = stop
    return found


def svd(known: Known, factors: int = 8, softening: float = 0.3) -> Sum:
    """Factors of what the biases leave over.

    Args:
        known: The ratings.
        factors: The length of the vectors, at most.
        softening: What is taken off each singular value, as a share of the first one of the
            left-overs with zeros in the place of what is missing.
    """
    base = biases(known)
    # Unclipped, so that what is left over has no edge.
    guess = base.mean + base.customers[known.customer] + base.products[known.product]
    at, places = known.rating - guess, (known.customer, known.product)
    size = max(1, min(factors, min(known.shape) - 1))
    rest = sparse.csr_matrix((at, places), known.shape)
    left, values, right = _decomposed(rest, None, size)
    taken_off = softening * float(values[0])
    for _ in range(SVD_ROUNDS):
        values = np.maximum(values - taken_off, 0.0)
        if not values.any():
            break
        low = (left * values, right)
        fit = np.einsum("ij,ij->i", low[0][places[0]], right.T[places[1]])
        missing = sparse.csr_matrix((at - fit, places), known.shape)
        left, values, right = _decomposed(missing, low, size)
    values = np.maximum(values - taken_off, 0.0)
    return replace(base, customer_vectors=left * values, product_vectors=right.T.copy())


def _decomposed(
    entries: Any, low: tuple[Floats, Floats] | None, size: int
) -> tuple[Floats, Floats, Floats]:
    """The first singular vectors and values, largest first, of sparse entries and a product."""
    rows, columns = entries.shape
    if rows * columns <= DENSE_CELLS or size >= min(rows, columns):
        whole = entries.toarray() if low is None else entries.toarray() + low[0] @ low[1]
        left, values, right = np.linalg.svd(whole, full_matrices=False)
        return left[:, :size], values[:size], right[:size]

    def times(vector: Floats) -> Any:
        found = entries @ vector
        return found if low is None else found + low[0] @ (low[1] @ vector)

    def turned(vector: Floats) -> Any:
        found = entries.T @ vector
        return found if low is None else found + low[1].T @ (low[0].T @ vector)

    operator = LinearOperator(
        entries.shape, matvec=times, rmatvec=turned, matmat=times, rmatmat=turned, dtype=float
    )
    start = np.random.default_rng(SEED).normal(size=min(rows, columns))
    left, values, right = svds(operator, k=size, v0=start, tol=1e-4)
    order = np.argsort(-values)
    return left[:, order], values[order], right[order]


def _biased(known: Known, customers: Floats, products: Floats) -> Sum:
    none = [np.zeros((size, 0)) for size in known.shape]
    return Sum(float(known.rating.mean()), customers, products, *none)
