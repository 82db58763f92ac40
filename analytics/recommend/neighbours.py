"""Products and customers that resemble each other: item-kNN, user-kNN and EASE.

Item-kNN after Sarwar et al. (Item-based collaborative filtering, 2001), user-kNN after Resnick et
al. (GroupLens, 1994), EASE after Steck (Embarrassingly shallow autoencoders for sparse data, 2019).
Where there are fewer customers than products, EASE is solved by its exact dual: with X the matrix,
(X'X + λI)⁻¹ = (I - X'(XX' + λI)⁻¹X) / λ, so that only customers by customers are inverted.
"""

from collections.abc import Iterator
from typing import Any, Literal, get_args

import numpy as np
from scipy import linalg, sparse

from analytics.errors import AnalyticsError
from analytics.recommend.history import Floats, Ints, Scores
from analytics.recommend.scorer import Scorer, bm25, logged, or_nothing

Similarity = Literal["cosine", "pearson", "euclidean", "bm25", "jaccard"]
SIMILARITIES = get_args(Similarity)
NEIGHBOURS = 100
BLOCK = 500
COMPARED_WITH = 20_000
"""User-kNN looks for neighbours among so many customers, those with most purchases first."""
INVERTED = 8_000
"""EASE inverts a matrix of at most so many customers or products a side."""


def neighbours(matrix: Any, similarity: Similarity, count: int = NEIGHBOURS) -> Any:
    """The most similar columns of each column, itself among them.

    Args:
        matrix: Sparse, shape (n, products); what a customer showed for a product.
        similarity: How similarity is measured. Only positive ones are kept.
        count: How many of each.

    Returns:
        Sparse matrix (products, products): in column i the similarities of the others to i.
    """
    columns = _prepared(matrix, similarity)
    turned = columns.T.tocsr()
    size = columns.shape[1]
    found: list[Any] = []
    statistics = _statistics(matrix, columns, similarity)
    for start in range(0, size, BLOCK):
        stop = min(start + BLOCK, size)
        near = (turned[start:stop] @ columns).toarray()
        if similarity not in ("cosine", "bm25"):
            near = _similarities(near.astype(float), slice(start, stop), statistics, similarity)
        if count < size:
            least = np.partition(near, size - count, axis=1)[:, size - count]
            near[near < np.maximum(least, 1e-12)[:, None]] = 0.0
        near[near < 0] = 0.0
        found.append(sparse.csr_matrix(near.astype(np.float32)))
    return sparse.vstack(found).T.tocsr()


def near_one(matrix: Any, product: int) -> Scores:
    """The cosine of each column with one, itself left out, shape (products,)."""
    columns = logged(matrix).tocsr()
    products = np.asarray((columns.T @ columns[:, [product]]).todense(), dtype=float).ravel()
    lengths = np.sqrt(np.asarray(columns.multiply(columns).sum(axis=0), dtype=float).ravel())
    below = lengths * lengths[product]
    near = np.divide(products, below, out=np.zeros(len(products)), where=below > 0)
    near[product] = 0.0
    return or_nothing(near)


def _prepared(matrix: Any, similarity: Similarity) -> Any:
    """The columns whose products the similarity is made of."""
    if similarity not in SIMILARITIES:
        raise AnalyticsError(
            f"There is no similarity “{similarity}”.", f"Choose among {', '.join(SIMILARITIES)}."
        )
    if similarity == "bm25":
        return bm25(matrix).tocsr()
    if similarity == "jaccard":
        return (matrix > 0).astype(np.float32).tocsr()
    if similarity == "cosine":
        return _unit(logged(matrix).T).T.tocsr().astype(np.float32)
    return logged(matrix).tocsr().astype(np.float64)


def _statistics(matrix: Any, columns: Any, similarity: Similarity) -> tuple[int, Floats, Floats]:
    """How many customers there are, each column's sum and its sum of squares."""
    if similarity == "jaccard":
        held = np.bincount(matrix.tocsr().indices, minlength=matrix.shape[1]).astype(float)
        return matrix.shape[0], held, held
    sums = np.asarray(columns.sum(axis=0)).ravel().astype(float)
    squares = np.asarray(columns.multiply(columns).sum(axis=0)).ravel().astype(float)
    return matrix.shape[0], sums, squares


def _similarities(
    products: Floats, own: slice, statistics: tuple[int, Floats, Floats], similarity: Similarity
) -> Floats:
    """Similarities from inner products, shape (block, products)."""
    rows, sums, squares = statistics
    with np.errstate(divide="ignore", invalid="ignore"):
        if similarity == "pearson":
            spread = np.sqrt(np.maximum(squares - sums**2 / rows, 0.0))
            near = (products - np.outer(sums[own], sums) / rows) / np.outer(spread[own], spread)
        elif similarity == "jaccard":
            near = products / (sums[own][:, None] + sums[None, :] - products)
        else:
            apart = squares[own][:, None] + squares[None, :] - 2 * products
            near = 1 / (1 + np.sqrt(np.maximum(apart, 0.0)))
            # Any two products that nobody bought together have a distance too; it tells nothing.
            near[products <= 0] = 0.0
    return np.asarray(np.nan_to_num(near, nan=0.0, posinf=0.0, neginf=0.0), dtype=float)


class ItemNeighbours(Scorer):
    """What resembles what a customer bought: the sum of similarities to it."""

    def __init__(
        self, strength: Any, similarity: Similarity = "bm25", count: int = NEIGHBOURS
    ) -> None:
        self.weights = logged(strength).tocsr()
        self.near = neighbours(strength, similarity, count)
        self.chosen = f"{similarity} similarity, {count} neighbours"

    @property
    def products(self) -> int:
        return int(self.near.shape[1])

    def scores(self, rows: Ints) -> Scores:
        return or_nothing((self.weights[rows] @ self.near).toarray())

    def column(self, product: int) -> Scores:
        return or_nothing((self.weights @ self.near[:, [product]]).toarray().ravel())

    def parts(self, row: int, product: int) -> Floats | None:
        own = self.weights[row].toarray().ravel()
        return np.asarray(own * self.near[:, [product]].toarray().ravel(), dtype=float)

    def similar(self, product: int) -> Scores | None:
        near = self.near[:, [product]].toarray().ravel()
        near[product] = 0.0
        return or_nothing(near)


class UserNeighbours(Scorer):
    """What those who bought much the same bought: cosine similarity, the nearest 100 customers."""

    def __init__(self, strength: Any, count: int = NEIGHBOURS) -> None:
        weights = logged(strength).tocsr()
        self.own = _unit(weights)
        busiest = np.argsort(-np.diff(weights.indptr), kind="stable")[:COMPARED_WITH]
        self.asked = np.sort(busiest)
        self.others, self.bought = self.own[self.asked], weights[self.asked]
        self.count = count
        self.chosen = f"{count} neighbours"

    @property
    def products(self) -> int:
        return int(self.own.shape[1])

    def near(self, rows: Ints) -> Any:
        """The similarity of each customer's neighbours, shape (n, customers asked)."""
        near = (self.own[rows] @ self.others.T).toarray()
        near[rows[:, None] == self.asked[None, :]] = 0.0
        size = near.shape[1]
        if self.count < size:
            least = np.partition(near, size - self.count, axis=1)[:, size - self.count]
            near[near < np.maximum(least, 1e-12)[:, None]] = 0.0
        return sparse.csr_matrix(near)

    def scores(self, rows: Ints) -> Scores:
        return or_nothing((self.near(rows) @ self.bought).toarray())

    def column(self, product: int) -> Scores:
        held = self.bought[:, [product]]
        parts = self.chunks(self.own.shape[0])
        rows = np.arange(self.own.shape[0])
        found = [(self.near(rows[part]) @ held).toarray().ravel() for part in parts]
        return or_nothing(np.concatenate(found) if found else np.empty(0))

    def chunks(self, count: int) -> Iterator[slice]:
        size = max(1, min(BLOCK, 12_000_000 // max(self.products, len(self.asked), 1)))
        return (slice(start, min(start + size, count)) for start in range(0, count, size))

    def parts(self, row: int, product: int) -> Floats | None:
        """Each product both bought makes the neighbour nearer; its share of that is its part."""
        near = self.near(np.array([row]))
        held = self.bought[:, [product]].toarray().ravel()
        counted = sparse.csr_matrix((near > 0).multiply(held))
        shared = np.asarray((counted @ self.others).todense()).ravel()
        return np.asarray(self.own[row].toarray().ravel() * shared, dtype=float)


def _unit(matrix: Any) -> Any:
    """Rows of length 1."""
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sparse.diags(1 / np.where(lengths > 0, lengths, 1.0)) @ matrix


class Ease(Scorer):
    """EASE: the weights by which what a customer bought best tells what else they bought.

    Of more than 8,000 products (and customers), only the most bought 8,000 take part.
    """

    def __init__(self, strength: Any, regularisation: float = 300.0) -> None:
        self.weights = logged(strength).tocsr().astype(np.float64)
        self.penalty = regularisation
        self.chosen = f"regularisation {regularisation:g}"
        customers, products = self.weights.shape
        self.dual = customers <= products and customers <= INVERTED
        held = np.bincount(self.weights.indices, minlength=products)
        self.taking_part = np.sort(np.argsort(-held, kind="stable")[:INVERTED])
        if self.dual:
            self.taking_part = np.arange(products)
            gram = (self.weights @ self.weights.T).toarray()
            gram[np.diag_indices(customers)] += regularisation
            self.inverse = linalg.cho_solve(
                linalg.cho_factor(gram, lower=True), np.eye(customers), overwrite_b=True
            )
            turned = self.weights.T.tocsr()
            self.turned = turned.astype(np.float32)
            self.of_customers = self.inverse.astype(np.float32)
            self.diagonal = np.empty(products)
            for start in range(0, products, BLOCK):
                part = turned[start : start + BLOCK]
                quadratic = np.asarray(part.multiply(part @ self.inverse).sum(axis=1)).ravel()
                self.diagonal[start : start + BLOCK] = (1 - quadratic) / regularisation
        else:
            own = self.weights[:, self.taking_part]
            gram = (own.T @ own).toarray()
            gram[np.diag_indices(len(gram))] += regularisation
            inverse = linalg.inv(gram, overwrite_a=True)
            self.matrix = inverse / -np.diag(inverse)
            self.matrix[np.diag_indices(len(gram))] = 0.0
        if not self.dual and products > INVERTED:
            self.chosen += f", the {INVERTED:,} products bought by most"

    @property
    def products(self) -> int:
        return int(self.weights.shape[1])

    def scores(self, rows: Ints) -> Scores:
        own = self.weights[rows]
        if self.dual:
            # For customers it learnt from, x(X'X + λI)⁻¹ is their row of (XX' + λI)⁻¹X.
            inverse = (self.turned @ self.of_customers[:, rows]).T
            return np.asarray(own.toarray() - inverse / self.diagonal, dtype=np.float32)
        found = np.full((len(rows), self.products), -np.inf, dtype=np.float32)
        found[:, self.taking_part] = own[:, self.taking_part] @ self.matrix
        return found

    def column(self, product: int) -> Scores:
        found = np.asarray(self.weights @ self.weights_to(product), dtype=np.float32)
        known = product in self.taking_part
        return found if known else np.full(len(found), -np.inf, dtype=np.float32)

    def weights_to(self, product: int) -> Floats:
        """How much each product bought tells for one, shape (products,): a column of B."""
        found = np.zeros(self.products)
        if self.dual:
            column = self.weights[:, [product]].toarray().ravel()
            inverse = self.weights.T @ (self.inverse @ column) / self.penalty
            found = np.asarray(inverse / self.diagonal[product]).ravel()
            found[product] = 0.0
            return found
        place = np.searchsorted(self.taking_part, product)
        if place < len(self.taking_part) and self.taking_part[place] == product:
            found[self.taking_part] = self.matrix[:, place]
        return found

    def parts(self, row: int, product: int) -> Floats | None:
        return np.asarray(self.weights[row].toarray().ravel() * self.weights_to(product))

    def similar(self, product: int) -> Scores | None:
        return or_nothing(self.weights_to(product))
