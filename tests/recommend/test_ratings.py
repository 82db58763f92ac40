"""Ratings from 1 to 5: read, learnt, judged on the latest of them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import recommend
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.recommend import explicit
from analytics.recommend.explicit import Known
from analytics.store import Store, inspect, load

IMPORT_DAY = date(2024, 12, 31)
AS_OF = date(2024, 6, 1)
Fill = Callable[[pd.DataFrame | str], Store]


@pytest.fixture
def fill(store: Store, write: Callable[..., Path]) -> Fill:
    """Load events, as a frame or as text, into an empty store."""

    def filled(events: pd.DataFrame | str) -> Store:
        text = events if isinstance(events, str) else events.to_csv(index=False)
        path = write("events.csv", text)
        load(store, path, inspect(path, table="events"), import_day=IMPORT_DAY)
        return store

    return filled


def events(customer: np.ndarray, product: np.ndarray, rating: np.ndarray) -> pd.DataFrame:
    """Ratings a minute apart, in this order."""
    return pd.DataFrame(
        {
            "customer_id": [f"c{one}" for one in customer],
            "product_id": [f"p{one}" for one in product],
            "occurred_at": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(np.arange(len(customer)), "min"),
            "event": "rating",
            "value": np.round(rating, 3),
        }
    )


def planted(
    seed: int, factors: int, noise: float, customers: int = 150, products: int = 60, each: int = 30
) -> pd.DataFrame:
    """Ratings that are a sum of biases, so many factors and noise, in an order by chance."""
    rng = np.random.default_rng(seed)
    own = rng.normal(0, 0.25, customers)[:, None] + rng.normal(0, 0.25, products)[None, :]
    left, right = rng.normal(size=(customers, factors)), rng.normal(size=(products, factors))
    truth = np.clip(3 + own + 0.5 * left @ right.T, 1.2, 4.8)
    customer = np.repeat(np.arange(customers), each)
    product = np.concatenate([rng.permutation(products)[:each] for _ in range(customers)])
    rating = np.clip(truth[customer, product] + rng.normal(0, noise, len(customer)), 1, 5)
    order = rng.permutation(len(customer))
    return events(customer[order], product[order], rating[order])


def matrix(rows: list[list[float]]) -> Known:
    """Known ratings of a small table; NaN where there is none."""
    table = np.array(rows)
    customer, product = np.nonzero(~np.isnan(table))
    return Known(customer, product, table[customer, product], table.shape)


# By hand

NONE = float("nan")
ADDITIVE = [[5, 4, 3], [4, 3, 2], [3, 2, NONE]]
"""A customer's and a product's part each: what is missing must be 1."""


def test_three_customers_and_three_products_by_hand() -> None:
    known = matrix(ADDITIVE)
    everyone, corner = np.array([0, 1, 2]), np.array([2, 2, 2])
    assert explicit.mean(known).predict(everyone, corner) == pytest.approx([26 / 8] * 3)
    # The third product was rated 3 and 2; the first 5, 4 and 3.
    assert explicit.product_mean(known).predict(everyone, corner) == pytest.approx([2.5] * 3)
    assert explicit.product_mean(known).predict(everyone, everyone) == pytest.approx([4, 3, 2.5])
    unshrunk = explicit.biases(known, penalty=1e-9)
    assert unshrunk.predict(everyone, corner) == pytest.approx([3, 2, 1], abs=0.02)


def test_a_bias_is_shrunk_by_hand() -> None:
    """One product, 5 and 3: mean 4, the customers' differences 1 and -1 at 1 / (1 + penalty)."""
    found = explicit.biases(matrix([[5], [3]]), penalty=1.0)
    assert found.customers == pytest.approx([0.5, -0.5])
    assert found.products == pytest.approx([0])
    assert found.predict(np.array([0, 1]), np.array([0, 0])) == pytest.approx([4.5, 3.5])


def test_a_half_step_of_als_by_hand() -> None:
    """A customer who rated one product: (A + λI)⁻¹ b with the vector (1, 2) and the rest 3.

    A = [[1, 2], [2, 4]], b = (3, 6), λ = 1: (1 + |v|²)⁻¹ × b = (3, 6) / 6.
    """
    found = explicit.ridge(
        np.array([0]), np.array([0]), np.array([3.0]), np.array([[0.0, 2.0]]), 2, 1.0
    )
    np.testing.assert_allclose(found, [[0.5, 1.0], [0, 0]])


def test_one_factor_that_is_there_is_found() -> None:
    """3 ± 1 by the sign of both sides; the corner that is missing must be 4."""
    sides = np.array([1, -1, 1, -1, 1, -1])
    table = 3.0 + np.outer(sides, sides)
    table[4, 4] = np.nan
    known = matrix(table.tolist())
    for found in (explicit.als(known, 1, 0.05), explicit.svd(known, 1, 0.01)):
        assert found.predict(np.array([4]), np.array([4]))[0] == pytest.approx(4, abs=0.3)


# Beside slow references


def slow_ridge(
    known: Known, rest: np.ndarray, vectors: np.ndarray, count: int, penalty: float
) -> np.ndarray:
    """One regression at a time, as the paper writes it."""
    found = np.zeros((count, vectors.shape[1]))
    for row in range(count):
        own = known.customer == row
        if own.any():
            x = np.column_stack([np.ones(own.sum()), vectors[known.product[own], 1:]])
            y = rest[own] - vectors[known.product[own], 0]
            squares = x.T @ x + penalty * own.sum() * np.eye(x.shape[1])
            found[row] = np.linalg.inv(squares) @ x.T @ y
    return found


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), share=st.floats(0.05, 1))
def test_als_steps_are_those_of_a_slow_reference(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    table = np.where(rng.random((9, 7)) < share, rng.integers(1, 6, (9, 7)), np.nan)
    table[0, 0] = 3
    known = matrix(table.tolist())
    vectors = rng.normal(size=(7, 4))
    found = explicit.ridge(known.customer, known.product, known.rating - 3, vectors, 9, 0.2)
    np.testing.assert_allclose(found, slow_ridge(known, known.rating - 3, vectors, 9, 0.2))


def test_parts_of_a_large_step_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    table = np.where(rng.random((30, 7)) < 0.5, rng.integers(1, 6, (30, 7)), np.nan)
    known = matrix(table.tolist())
    vectors = rng.normal(size=(7, 3))
    whole = explicit.ridge(known.customer, known.product, known.rating - 3, vectors, 30, 0.2)
    monkeypatch.setattr(explicit, "AT_A_TIME", 30)
    parts = explicit.ridge(known.customer, known.product, known.rating - 3, vectors, 30, 0.2)
    np.testing.assert_allclose(parts, whole)


def test_svd_is_that_of_a_slow_reference() -> None:
    """Fill in what is missing, decompose, soften, and again."""
    rng = np.random.default_rng(2)
    table = np.where(rng.random((12, 9)) < 0.6, rng.integers(1, 6, (12, 9)), np.nan)
    known = matrix(table.tolist())
    base = explicit.biases(known)
    rest = table - base.mean - base.customers[:, None] - base.products[None, :]
    filled = np.where(np.isnan(rest), 0, rest)
    taken_off = 0.3 * np.linalg.norm(filled, 2)
    for _ in range(explicit.SVD_ROUNDS + 1):
        left, values, right = np.linalg.svd(filled, full_matrices=False)
        low = (left[:, :3] * np.maximum(values[:3] - taken_off, 0)) @ right[:3]
        filled = np.where(np.isnan(rest), low, rest)
    found = explicit.svd(known, 3, 0.3)
    np.testing.assert_allclose(found.customer_vectors @ found.product_vectors.T, low, atol=1e-8)


def test_svd_of_a_large_matrix_is_that_of_a_small_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without writing out what is missing."""
    rng = np.random.default_rng(3)
    table = np.where(rng.random((40, 30)) < 0.4, rng.integers(1, 6, (40, 30)), np.nan)
    known = matrix(table.tolist())
    places = np.repeat(np.arange(30), 30), np.tile(np.arange(30), 30)
    small = explicit.svd(known, 3, 0.3).predict(*places)
    monkeypatch.setattr(explicit, "DENSE_CELLS", 0)
    large = explicit.svd(known, 3, 0.3).predict(*places)
    np.testing.assert_allclose(large, small, atol=1e-3)


# From events to a verdict


def test_planted_tastes_are_foretold_close_to_the_noise(fill: Fill) -> None:
    store = fill(planted(1, factors=2, noise=0.3))
    found = recommend.rate(store, as_of=AS_OF)
    rmse = found.table.set_index("method")["rmse"]
    assert rmse["als"] < 0.4
    assert rmse["svd"] < 0.45
    assert rmse["bias"] > 0.6
    assert rmse["product"] < rmse["mean"] + 0.01
    assert found.winner in ("als", "svd")
    assert found.method == found.winner
    assert found.verdict.startswith("“Matrix factorisation of ratings")
    assert found.verdict.endswith("So it is used.")
    assert (found.ratings, found.judged, found.left_out) == (4_500, 900, 0)
    assert (found.table["rmse_lo"] < found.table["rmse"]).all()
    assert (found.table["rmse"] < found.table["rmse_hi"]).all()
    assert (found.table["mae"] < found.table["rmse"]).all()


def test_without_tastes_the_rule_is_used(fill: Fill) -> None:
    store = fill(planted(2, factors=0, noise=0.5, each=12))
    found = recommend.rate(store, as_of=AS_OF)
    assert found.winner == "bias"
    assert found.method == "bias"
    assert found.verdict.startswith("No factorisation foretells ratings clearly better")
    assert found.table["lead"].isna().sum() == 3


def test_the_test_is_the_latest_fifth(fill: Fill) -> None:
    """Everyone's ratings turn from 2 to 4 at the last fifth: no rule can know."""
    customer, product = np.repeat(np.arange(20), 10), np.tile(np.arange(10), 20)
    order = np.random.default_rng(4).permutation(200)
    rating = np.where(np.arange(200) >= 160, 4.0, 2.0)
    store = fill(events(customer[order], product[order], rating))
    found = recommend.rate(store, "mean", as_of=AS_OF)
    rows = found.table.set_index("method")
    assert rows.loc["mean", ["rmse", "mae"]].tolist() == pytest.approx([2, 2])
    assert found.judged == 40
    assert found.from_day == date(2024, 1, 1)
    # In the end all ratings are learnt from: 160 twos and 40 fours.
    assert found.predict("c1", ["p1", "p2"]) == pytest.approx([2.4, 2.4])


def test_predictions_are_ratings_of_pairs(fill: Fill) -> None:
    found = recommend.rate(fill(planted(3, 2, 0.3)), "als", as_of=AS_OF)
    assert (found.method, found.label) == ("als", recommend.RATING_METHODS["als"])
    everyone = [f"c{n}" for n in range(150)]
    values = found.predict(everyone, "p7")
    assert values.shape == (150,)
    assert ((values >= 1) & (values <= 5)).all()
    assert found.predict(["c3"], ["p7"])[0] == pytest.approx(values[3])
    assert found.predict([], []).shape == (0,)
    # Of strangers only what is known of the other side counts.
    stranger = found.predict(["nobody", "nobody"], ["p7", "p8"])
    assert stranger[0] != stranger[1]
    assert found.predict("nobody", "nothing")[0] == pytest.approx(found.learnt.mean)
    with pytest.raises(AnalyticsError, match="2 customers and 3 products make no pairs"):
        found.predict(["c1", "c2"], ["p1", "p2", "p3"])


def test_the_last_rating_of_a_pair_counts_whatever_it_is_called(fill: Fill) -> None:
    words = ["Rating", "rate", "review_score", "评分", "评价"]
    lines = [
        f"c{n % 10},2024-01-{1 + n // 10:02d} 10:{n:02d}:00,{words[n % 5]},p{n // 10},{1 + n % 5}"
        for n in range(60)
    ]
    lines += ["c0,2024-02-01 10:00:00,rating,p0,5", "c0,2024-02-01 10:00:00,rating,p5,9"]
    lines += ["c1,2024-02-01 10:00:00,view,p0,5", "c1,2024-07-01 10:00:00,rating,p1,5"]
    store = fill("customer_id,occurred_at,event,product_id,rating\n" + "\n".join(lines))
    found = store.query("ratings", as_of=AS_OF).set_index(["customer_id", "product_id"])["rating"]
    assert len(found) == 60
    assert found["c0", "p0"] == 5
    assert found["c1", "p1"] == 2
    rated = recommend.rate(store, as_of=AS_OF)
    assert (rated.ratings, rated.left_out) == (59, 1)


def test_too_few_ratings_are_a_sentence(fill: Fill, small_shop: Store) -> None:
    with pytest.raises(NotEnoughDataError, match="No customer has rated a product before 1 June"):
        recommend.rate(small_shop, as_of=AS_OF)
    few = planted(5, 1, 0.3).head(20)
    few.loc[0, "value"] = 10
    with pytest.raises(NotEnoughDataError, match=r"Only 19 ratings from 1 to 5 .* 1 more have"):
        recommend.rate(fill(few), as_of=AS_OF)


def test_ratings_that_cannot_be_judged_are_a_sentence(fill: Fill) -> None:
    one = events(np.zeros(60, int), np.arange(60), np.full(60, 3.0))
    with pytest.raises(NotEnoughDataError, match="by 1 customers only"):
        recommend.rate(fill(one), as_of=AS_OF)


def test_ratings_of_one_moment_are_a_sentence(fill: Fill) -> None:
    found = planted(6, 1, 0.3).head(100)
    found["occurred_at"] = "2024-01-01 10:00:00"
    with pytest.raises(NotEnoughDataError, match="same moment"):
        recommend.rate(fill(found), as_of=AS_OF)


def test_an_unknown_method_is_refused(small_shop: Store) -> None:
    with pytest.raises(AnalyticsError, match="no method “magic” for ratings"):
        recommend.rate(small_shop, "magic")


def test_everyone_who_gives_the_same_breaks_nothing(fill: Fill) -> None:
    customer, product = np.repeat(np.arange(10), 8), np.tile(np.arange(8), 10)
    order = np.random.default_rng(7).permutation(80)
    for method in ("auto", *recommend.RATING_METHODS):
        found = recommend.rate(
            fill(events(customer[order], product[order], np.full(80, 4.0))), method, AS_OF
        )
        assert found.predict("c1", "p1") == pytest.approx([4])
        assert found.table["rmse"].max() == pytest.approx(0, abs=1e-9)
        assert found.winner in recommend.RATING_RULES
