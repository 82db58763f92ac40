"""Variety in lists: by hand, against a slow reference, and its cost where the truth is known."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import recommend
from analytics.errors import AnalyticsError
from analytics.recommend.history import Floats, Ints, Scores
from analytics.recommend.lists import Lists
from analytics.recommend.spread import (
    DRAW,
    LEAST_SUITS,
    SPREADS,
    categories_per_list,
    draws,
    pick,
    suits,
)
from analytics.store import Store
from tests.recommend import shops

MEASURED = ["spread", "ndcg", "ndcg_lost", "ndcg_lost_lo", "ndcg_lost_hi", "catalogue_share",
            "best_seller_share", "categories_per_list"]  # fmt: skip


@pytest.fixture(scope="module")
def exploring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A shop of five tastes with four categories each; read from it only."""
    products = pd.DataFrame(
        {
            "product_id": [f"p{n}" for n in range(200)],
            "name": [f"Thing {n}" for n in range(200)],
            "category": [f"Taste {n // 40}, kind {n % 4}" for n in range(200)],
        }
    )
    with shops.shop(tmp_path_factory.mktemp("exploring"), shops.exploring(), products) as store:
        yield store


@pytest.fixture(scope="module")
def model(exploring: Store) -> recommend.Model:
    return recommend.fit(exploring, "discover", "als")


def longer(scores: list[list[float]], products: list[list[int]]) -> Lists:
    return Lists(
        np.array(products, np.int64),
        np.array(scores, np.float32),
        np.zeros(np.shape(products), np.int64),
    )


# By hand


def test_how_well_products_suit_by_hand() -> None:
    """Three scores from 2 to 6: the lowest at 1 / log2(5), what the next place would have."""
    lowest = 1 / np.log2(5)
    found = suits(longer([[6, 4, 2, np.nan]], [[0, 1, 2, 3]]))
    expected = [1, lowest + (1 - lowest) / 2, lowest, lowest]
    np.testing.assert_allclose(found[0], expected, rtol=1e-6)


def test_places_where_rules_filled_fall_as_gains_do() -> None:
    found = suits(longer([[np.nan, np.nan, np.nan]], [[0, 1, 2]]))
    np.testing.assert_allclose(found[0], [1, 1 / np.log2(3), 1 / 2], rtol=1e-6)


def test_the_second_place_goes_to_another_category_once_variety_counts_enough() -> None:
    """Worth at 1: .1 + 1/2, then .0715 + 1/4 of the same category against .0431 + 1/2."""
    pool = longer([[6, 4, 2]], [[0, 1, 2]])
    category, free = np.array([0, 0, 1]), np.zeros(3)
    none = np.zeros((1, 3), np.float32)
    assert pick(pool, category, free, none, 3, 1.0).tolist() == [[0, 2, 1]]
    assert pick(pool, category, free, none, 3, 0.2).tolist() == [[0, 1, 2]]


def test_what_everyone_is_shown_costs_its_place() -> None:
    """At 1 the best is worth .1 + 1/2 - 1/2, the next .0715 + 1/2."""
    pool = longer([[6, 4, 2]], [[0, 1, 2]])
    apart, prices = np.array([0, 1, 2]), np.array([1.0, 0, 0])
    none = np.zeros((1, 3), np.float32)
    assert pick(pool, apart, prices, none, 2, 1.0).tolist() == [[1, 2]]
    assert pick(pool, apart, prices, none, 2, 0.0).tolist() == [[0, 1]]


def test_what_is_missing_is_never_picked() -> None:
    pool = longer([[6, np.nan, np.nan]], [[0, -1, -1]])
    none = np.zeros((1, 3), np.float32)
    assert pick(pool, np.array([0]), np.zeros(1), none, 3, 1.0).tolist() == [[0, -1, -1]]


def test_categories_of_lists_by_hand() -> None:
    category = np.array([0, 0, 1, -1])
    assert categories_per_list(np.array([[0, 1, 2], [0, 1, -1], [3, 0, -1]]), category) == 4 / 3
    assert np.isnan(categories_per_list(np.array([[0, 1]]), np.array([-1, -1])))


def test_draws_are_even_and_stay_the_same() -> None:
    rows = np.arange(300)
    products = np.tile(np.arange(200), (300, 1))
    found = draws(rows, products)
    assert np.array_equal(found[7:8], draws(rows[7:8], products[7:8]))
    counts = np.bincount((found.ravel() * 10).astype(int), minlength=10)
    expected = found.size / 10
    # The 99.9th percentile of chi-squared with 9 degrees of freedom is 27.88.
    assert ((counts - expected) ** 2 / expected).sum() < 27.88
    assert abs(np.corrcoef(found[:, 0], found[:, 1])[0, 1]) < 0.2


# Against a slow reference


def slowly(
    pool: Lists, category: Ints, prices: Floats, drawn: Scores, n: int, spread: float
) -> list[list[int]]:
    """One place after the other, one candidate after the other."""
    well = suits(pool)
    found = []
    for row, products in enumerate(pool.products):
        kept: list[int] = []
        for _ in range(n):
            worth = {
                at: np.float32(1 - spread * (1 - LEAST_SUITS)) * well[row, at]
                + np.float32(spread * DRAW) * drawn[row, at]
                - np.float32(spread / 2 * prices[product])
                + np.float32(spread / 2)
                / (1 + sum(category[products[one]] == category[product] for one in kept))
                for at, product in enumerate(products)
                if product >= 0 and at not in kept
            }
            if worth:
                kept.append(max(worth, key=lambda at: (round(float(worth[at]), 5), -at)))
        found.append(kept + [-1] * (n - len(kept)))
    return found


@given(st.data())
@settings(deadline=None, max_examples=60)
def test_places_are_filled_as_a_slow_reference_fills_them(data: st.DataObject) -> None:
    length = data.draw(st.integers(1, 8))
    seed = data.draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    held = data.draw(st.integers(0, length))
    products = np.array([rng.permutation(10)[:length] for _ in range(3)])
    products[:, held:] = -1
    scores = np.sort(rng.normal(size=(3, length)).astype(np.float32))[:, ::-1].copy()
    scores[products < 0] = np.nan
    pool = Lists(products, scores, np.zeros_like(products))
    category, prices = rng.integers(0, 4, 10), rng.random(10)
    drawn = rng.random((3, length)).astype(np.float32)
    spread = data.draw(st.floats(0, 1))
    n = data.draw(st.integers(1, 5))
    found = pick(pool, category, prices, drawn, n, spread)
    assert found.tolist() == slowly(pool, category, prices, drawn, n, spread)


# In lists


def test_without_variety_lists_are_the_methods_own(model: recommend.Model) -> None:
    rows = np.arange(250)
    found, own = model.lists(rows, 10, spread=0.0), model.lister.lists(rows, 10)
    for name in ("products", "scores", "source"):
        np.testing.assert_array_equal(getattr(found, name), getattr(own, name))
    plain = model.for_customers(n=10, reasons=False)
    same = model.for_customers(n=10, reasons=False, spread=0.0)
    pd.testing.assert_frame_equal(plain, same)


@given(st.data())
@settings(deadline=None, max_examples=25)
def test_conditions_hold_at_any_variety(model: recommend.Model, data: st.DataObject) -> None:
    """What may be shown, "never", what was bought lately or ever, and no product twice."""
    spread = data.draw(st.floats(0, 1))
    n = data.draw(st.sampled_from([1, 5, 12]))
    rest = data.draw(st.sampled_from([0, 30]))
    ids = data.draw(st.lists(st.sampled_from([f"c{i}" for i in range(250)]), min_size=1, max_size=9,
                             unique=True))  # fmt: skip
    include = [f"p{i}" for i in data.draw(st.lists(st.integers(0, 199), min_size=5, unique=True))]
    never = pd.DataFrame(
        {
            "customer_id": data.draw(st.lists(st.sampled_from(ids), min_size=1, max_size=20)),
        }
    )
    never["product_id"] = [include[i % len(include)] for i in range(len(never))]
    found = model.for_customers(
        ids, n, include, never, rest_days=rest, reasons=False, spread=spread
    )
    assert set(found["product_id"]) <= set(include)
    assert not found.duplicated(["customer_id", "product_id"]).any()
    assert found.merge(never, on=["customer_id", "product_id"]).empty
    row, column = model.history.purchases.nonzero()
    bought = pd.DataFrame(
        {
            "customer_id": model.history.customers["customer_id"].to_numpy()[row],
            "product_id": model.history.products["product_id"].to_numpy()[column],
        }
    )
    assert found.merge(bought, on=["customer_id", "product_id"]).empty
    plain = model.for_customers(ids, n, include, never, rest_days=rest, reasons=False)
    assert found.groupby("customer_id").size().equals(plain.groupby("customer_id").size())
    ranks = found.groupby("customer_id")["rank"]
    assert ranks.apply(lambda one: one.tolist() == list(range(1, len(one) + 1))).all()


def test_what_was_just_bought_rests_at_any_variety(exploring: Store) -> None:
    again = recommend.fit(exploring, "again", "again")
    for spread in SPREADS:
        found = again.lists(np.arange(250), 10, rest_days=40, spread=spread).products
        days = again.history.days_since[np.repeat(np.arange(250), 10), found.ravel()]
        days = np.asarray(days).ravel()[found.ravel() >= 0]
        assert not ((days > 0) & (days <= 40)).any()
        assert (found >= 0).any()


def test_a_list_does_not_depend_on_who_else_is_asked_for(model: recommend.Model) -> None:
    everyone = model.for_customers(n=10, reasons=False, spread=0.6)
    few = model.for_customers(["c9", "c77"], 10, spread=0.6)
    both = everyone[everyone["customer_id"].isin(["c9", "c77"])]
    merged = few.merge(both, on=["customer_id", "rank", "product_id"], validate="1:1")
    assert len(merged) == len(few) == 20
    np.testing.assert_allclose(merged["score_x"], merged["score_y"], rtol=1e-5)
    assert (few["reason"].str.len() > 10).all()


def test_best_sellers_are_shared_out(exploring: Store) -> None:
    """Without variety all customers get the same ten; with it, nobody is left with fewer."""
    popular = recommend.fit(exploring, "again", "popular")
    rows = np.arange(250)
    same, spread = (popular.lists(rows, 10, spread=one).products for one in (0.0, 1.0))
    assert len(np.unique(same)) == 10
    assert len(np.unique(spread)) >= 40
    assert (spread >= 0).all()
    assert np.bincount(spread.ravel()).max() < 200


def test_without_categories_what_the_same_customers_bought_counts_as_alike(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with shops.shop(tmp_path_factory.mktemp("bare"), shops.exploring()) as store:
        bare = recommend.fit(store, "discover", "ease")
    groups = bare._spreader.groups
    taste = bare.history.products["product_id"].str[1:].astype(int) // 40
    assert 5 <= len(np.unique(groups)) <= 20
    assert (taste.groupby(groups).nunique() == 1).mean() > 0.9
    assert (bare.lists(np.arange(250), 10, spread=0.5).products >= 0).all()


# What it costs


def test_what_variety_costs_is_measured(exploring: Store) -> None:
    compared = recommend.compare(exploring, "discover", ["ease", "als"])
    found = compared.spread
    assert found.columns.tolist() == MEASURED
    assert tuple(found["spread"]) == SPREADS
    won = compared.table.set_index("method").loc[compared.winner]
    assert found["ndcg"].iloc[0] == won["ndcg"]
    assert found["catalogue_share"].iloc[0] == won["catalogue_share"]
    assert found["ndcg_lost"].iloc[0] == 0
    np.testing.assert_allclose(found["ndcg"] + found["ndcg_lost"], won["ndcg"])
    assert (found["ndcg_lost_lo"] <= found["ndcg_lost"]).all()
    assert (found["ndcg_lost"] <= found["ndcg_lost_hi"]).all()
    assert found["categories_per_list"].is_monotonic_increasing
    assert found["best_seller_share"].is_monotonic_decreasing
    # Each taste has four categories, so a list that names every taste's could hold ten.
    assert found["categories_per_list"].iloc[0] < 5 < found["categories_per_list"].iloc[-1] <= 10
    assert found["ndcg_lost"].iloc[-1] > 0


@pytest.mark.parametrize("spread", [-0.1, 1.1, float("nan")])
def test_a_variety_that_is_no_share_is_refused(model: recommend.Model, spread: float) -> None:
    with pytest.raises(AnalyticsError, match="variety of"):
        model.for_customers(["c1"], spread=spread)
