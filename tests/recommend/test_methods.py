"""Methods on small matrices: by hand, and beside implicit, scikit-learn and slow numpy."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from implicit.cpu.als import AlternatingLeastSquares
from implicit.nearest_neighbours import ItemItemRecommender, bm25_weight
from scipy import sparse
from sklearn.decomposition import NMF, TruncatedSVD
from sklearn.metrics.pairwise import cosine_similarity, euclidean_distances

from analytics.errors import AnalyticsError
from analytics.recommend import neighbours as near
from analytics.recommend.content import Content, price_bands, traits
from analytics.recommend.factors import Als, Nmf, Svd
from analytics.recommend.history import History
from analytics.recommend.scorer import Again, Popular, Scorer, best, bm25, logged


def counts(customers: int = 30, products: int = 12, seed: int = 0, density: float = 0.4) -> Any:
    rng = np.random.default_rng(seed)
    dense = rng.poisson(2, (customers, products)) * (rng.random((customers, products)) < density)
    return sparse.csr_matrix(dense.astype(np.float32))


def history(matrix: Any, recent: list[int] | None = None) -> History:
    """A history whose purchases all lie 28 days back."""
    customers, products = matrix.shape
    bought = matrix.tocsr()
    since = bought.copy()
    since.data[:] = 28
    return History(
        as_of=date(2024, 6, 1),
        customers=pd.DataFrame({"customer_id": [f"c{n}" for n in range(customers)], "baskets": 5}),
        products=pd.DataFrame(
            {
                "product_id": [f"p{n}" for n in range(products)],
                "name": [None] * products,
                "category": None,
                "brand": None,
                "price": np.nan,
            }
        ),
        strength=bought,
        purchases=bought,
        decayed=bought * np.exp(-28 / 112),
        days_since=since,
        recent=np.array(recent or [0] * products, dtype=float),
    )


def everyone(matrix: Any) -> np.ndarray:
    return np.arange(matrix.shape[0])


# The rules


def test_best_sellers_are_what_most_bought_lately_then_ever() -> None:
    matrix = sparse.csr_matrix(np.array([[1, 1, 0, 9], [0, 1, 0, 0]], dtype=np.float32))
    found = Popular(history(matrix, recent=[1, 0, 0, 0]))
    places, _ = found.top(np.array([0, 1]), 4, None, None)
    assert places.tolist() == [[0, 1, 3, -1], [0, 1, 3, -1]]
    barred = sparse.csr_matrix(np.array([[1, 0, 0, 0], [0, 1, 0, 1]], dtype=np.float32))
    places, _ = found.top(np.array([0, 1]), 2, barred, np.array([True, True, True, False]))
    assert places.tolist() == [[1, -1], [0, -1]]


def test_buy_again_counts_each_order_by_its_age() -> None:
    matrix = sparse.csr_matrix(np.array([[3, 0, 1], [0, 0, 0]], dtype=np.float32))
    places, scores = Again(history(matrix)).top(np.array([0, 1]), 3, None, None)
    assert places.tolist() == [[0, 2, -1], [-1, -1, -1]]
    assert scores[0, :2] == pytest.approx([3 * np.exp(-0.25), np.exp(-0.25)])


# Neighbours


@pytest.mark.parametrize("similarity", near.SIMILARITIES)
def test_similarities_are_the_textbooks(similarity: near.Similarity) -> None:
    matrix = counts()
    found = near.neighbours(matrix, similarity, count=12).toarray()
    logs = np.log1p(matrix.toarray().astype(float))
    held = matrix.toarray() > 0
    together = logs.T @ logs
    if similarity == "cosine":
        expected = cosine_similarity(logs.T)
    elif similarity == "pearson":
        expected = np.corrcoef(logs.T)
    elif similarity == "euclidean":
        expected = np.where(together > 0, 1 / (1 + euclidean_distances(logs.T)), 0.0)
    elif similarity == "jaccard":
        expected = np.array(
            [[(a & b).sum() / (a | b).sum() for a in held.T] for b in held.T], dtype=float
        )
    else:
        weighted = bm25_weight(matrix, K1=100, B=0.8).toarray()
        expected = weighted.T @ weighted
    np.testing.assert_allclose(found, np.maximum(expected, 0), rtol=1e-3, atol=1e-5)


def test_item_neighbours_are_those_of_implicit() -> None:
    matrix = counts(60, 20)
    theirs = ItemItemRecommender(K=6, num_threads=1)
    theirs.fit(bm25_weight(matrix, K1=100, B=0.8).tocsr(), show_progress=False)
    own = near.neighbours(matrix, "bm25", count=6)
    np.testing.assert_allclose(own.toarray().T, theirs.similarity.toarray(), rtol=1e-3, atol=1e-3)


def test_user_neighbours_are_slow_numpys() -> None:
    matrix = counts(25, 10)
    logs = np.log1p(matrix.toarray())
    similar = cosine_similarity(logs)
    np.fill_diagonal(similar, 0.0)
    for row in similar:
        row[row < np.sort(row)[-4]] = 0.0  # of equal ones all count
    found = near.UserNeighbours(matrix, count=4).scores(everyone(matrix))
    expected = similar @ logs
    np.testing.assert_allclose(np.where(np.isinf(found), 0, found), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", [(40, 12), (12, 40), (20, 20)])
def test_ease_is_the_papers_formula(shape: tuple[int, int]) -> None:
    matrix = counts(*shape, density=0.5)
    logs = np.log1p(matrix.toarray().astype(float))
    inverse = np.linalg.inv(logs.T @ logs + 7.0 * np.eye(shape[1]))
    weights = np.eye(shape[1]) - inverse / np.diag(inverse)
    found = near.Ease(matrix, 7.0)
    assert found.dual == (shape[0] <= shape[1])
    np.testing.assert_allclose(found.scores(everyone(matrix)), logs @ weights, rtol=1e-3, atol=1e-4)
    for product in range(shape[1]):
        np.testing.assert_allclose(found.weights_to(product), weights[:, product], atol=1e-6)


def test_ease_takes_the_most_bought_products_where_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(near, "INVERTED", 5)
    matrix = counts(40, 12)
    held = (matrix.toarray() > 0).sum(axis=0)
    found = near.Ease(matrix, 7.0)
    taking_part = np.sort(np.argsort(-held, kind="stable")[:5])
    assert found.taking_part.tolist() == taking_part.tolist()
    assert "the 5 products bought by most" in found.chosen
    scores = found.scores(everyone(matrix))
    inside = near.Ease(matrix[:, taking_part], 7.0).scores(everyone(matrix))
    np.testing.assert_allclose(scores[:, taking_part], inside, rtol=1e-5)
    assert np.isneginf(np.delete(scores, taking_part, axis=1)).all()


def test_an_unknown_similarity_is_a_sentence() -> None:
    with pytest.raises(AnalyticsError, match="no similarity “manhattan”"):
        near.neighbours(counts(), "manhattan")  # type: ignore[arg-type]


# Factors


def test_als_is_implicits_with_an_exact_last_step() -> None:
    matrix = counts(50, 20)
    own = Als(matrix, factors=5, regularisation=2.0, iterations=8)
    theirs = AlternatingLeastSquares(5, 2.0, alpha=1.0, iterations=7, random_state=0)
    theirs.fit(logged(matrix), show_progress=False)
    np.testing.assert_allclose(own.product_vectors, theirs.item_factors, rtol=1e-5, atol=1e-6)
    weights = np.log1p(matrix.toarray().astype(float))
    vectors = own.product_vectors.astype(float)
    for row in range(5):
        confidence = np.where(weights[row] > 0, weights[row], 1.0)
        left = (vectors.T * confidence) @ vectors + 2.0 * np.eye(5)
        right = vectors.T @ weights[row]
        np.testing.assert_allclose(
            own.customer_vectors[row], np.linalg.solve(left, right), rtol=1e-3, atol=1e-5
        )


def test_als_explains_as_implicit_does() -> None:
    matrix = counts(50, 20)
    own = Als(matrix, factors=5, regularisation=2.0)
    for row, product in [(0, 3), (7, 11), (20, 0)]:
        total, parts, _ = own.model.explain(0, own.weights[row], product, N=20)
        found = own.parts(row, product)
        assert found is not None
        assert found.sum() == pytest.approx(total, rel=1e-4, abs=1e-6)
        for place, part in parts:
            assert found[place] == pytest.approx(part, rel=1e-3, abs=1e-5)


def test_als_names_no_barred_product_and_nothing_for_who_bought_nothing() -> None:
    matrix = counts(20, 6)
    matrix = sparse.vstack([matrix, sparse.csr_matrix((1, 6), dtype=np.float32)]).tocsr()
    als = Als(matrix, factors=3, regularisation=1.0)
    allowed = np.array([True, True, True, True, False, True])
    places, scores = als.top(everyone(matrix), 8, matrix, allowed)
    for row in everyone(matrix):
        named = places[row][places[row] >= 0]
        assert not set(named) & set(matrix[row].indices)
        assert 4 not in named
        assert np.isnan(scores[row][places[row] < 0]).all()
    assert (places[-1] == -1).all()
    np.testing.assert_array_equal(places, best(als.scores(everyone(matrix)), 8, matrix, allowed)[0])


def test_svd_is_scikit_learns() -> None:
    matrix = counts(40, 15)
    theirs = TruncatedSVD(4, algorithm="arpack", random_state=0).fit(logged(matrix))
    expected = theirs.inverse_transform(theirs.transform(logged(matrix)))
    found = Svd(matrix, factors=4).scores(everyone(matrix))
    np.testing.assert_allclose(found, expected, atol=0.02)


def test_nmf_comes_as_near_as_scikit_learns() -> None:
    matrix = counts(40, 15)
    logs = logged(matrix).toarray()
    theirs = NMF(4, init="nndsvda", max_iter=2000, random_state=0).fit(logs)
    own = Nmf(matrix, factors=4)
    apart = np.linalg.norm(logs - own.customer_vectors @ own.product_vectors.T)
    assert apart <= 1.05 * theirs.reconstruction_err_


def test_bm25_is_implicits() -> None:
    matrix = counts(40, 15)
    expected = bm25_weight(matrix, K1=100, B=0.8).toarray()
    np.testing.assert_allclose(bm25(matrix).toarray(), expected, rtol=1e-4)


# Content


def catalogue() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "product_id": ["a", "b", "c", "d"],
            "name": ["Green tea", "Black tea", "Steel pot", "绿茶"],
            "category": ["Drinks", "Drinks", "Ware", None],
            "brand": [None, "Oak", "Oak", None],
            "price": [4.0, 5.0, 30.0, np.nan],
        }
    )


def test_products_that_share_words_and_category_are_alike() -> None:
    matrix = sparse.csr_matrix(np.array([[2, 0, 0, 0]], dtype=np.float32))
    found = Content(matrix, catalogue())
    scores = found.scores(np.array([0]))[0]
    assert scores[0] == pytest.approx(1.0)
    assert scores[1] > 0.1
    assert np.isneginf(scores[2:]).all()
    similar = found.similar(1)
    assert similar is not None
    assert np.argsort(-similar)[0] == 0
    assert np.isneginf(similar[1])


def test_traits_are_rare_ones_first() -> None:
    found = traits(catalogue())
    lengths = np.asarray(found.multiply(found).sum(axis=1)).ravel()
    assert lengths == pytest.approx(np.ones(4))
    assert found[3].nnz == 2  # two characters; nothing else is known of it
    assert price_bands(catalogue()) == ["1", "3", "5", ""]


# What an explanation adds up to

LINEAR: dict[str, Any] = {
    "als": lambda matrix: Als(matrix, factors=4, regularisation=1.0),
    "als bm25": lambda matrix: Als(matrix, factors=4, regularisation=1.0, weighting="bm25"),
    "svd": lambda matrix: Svd(matrix, factors=4),
    "ease": lambda matrix: near.Ease(matrix, 3.0),
    "user_knn": lambda matrix: near.UserNeighbours(matrix, count=5),
    **{
        name: (lambda matrix, name=name: near.ItemNeighbours(matrix, name, count=5))
        for name in near.SIMILARITIES
    },
}


@pytest.mark.parametrize("name", LINEAR)
@settings(deadline=None, max_examples=8)
@given(seed=st.integers(0, 10_000), customers=st.integers(8, 30), products=st.integers(6, 30))
def test_parts_add_up_to_the_score(name: str, seed: int, customers: int, products: int) -> None:
    matrix = counts(customers, products, seed)
    scorer: Scorer = LINEAR[name](matrix)
    scores = scorer.scores(everyone(matrix))
    for row in range(0, customers, 5):
        for product in range(0, products, 4):
            parts = scorer.parts(row, product)
            assert parts is not None
            assert set(np.flatnonzero(parts)) <= set(matrix[row].indices)
            score = float(scores[row, product])
            assert parts.sum() == pytest.approx(
                score if np.isfinite(score) else 0.0, rel=1e-3, abs=1e-4
            )
        assert scorer.column(2)[row] == pytest.approx(float(scores[row, 2]), rel=1e-3, abs=1e-4)


def test_the_best_are_the_best() -> None:
    scores = np.array([[1, 5, 5, 2], [-np.inf, 0, -np.inf, -1]], dtype=np.float32)
    places, reached = best(scores, 3, None, None)
    assert places.tolist() == [[1, 2, 3], [1, 3, -1]]
    assert reached[0].tolist() == [5, 5, 2]
    assert np.isnan(reached[1, 2])
    assert best(scores, 0, None, None)[0].shape == (2, 0)
