"""The weighted sum: what it adds up to, and that it finds what no part finds alone."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from analytics import recommend
from analytics.recommend.content import Content
from analytics.recommend.factors import Als
from analytics.recommend.history import Job
from analytics.recommend.hybrid import WEIGHTS, Hybrid, Own, Sales, choose
from analytics.recommend.scorer import Again
from tests.recommend import shops
from tests.recommend.test_methods import counts, history


def test_the_sum_by_hand() -> None:
    matrix = counts(20, 8)
    known = history(matrix, recent=[4, 2, 0, 0, 0, 0, 0, 0])
    known.products["category"] = [f"k{n % 3}" for n in range(8)]
    rows = np.arange(20)
    found = Hybrid(known, regularisation=2.0, own=0.5, content=0.2, popular=0.4)
    als = Als(matrix, regularisation=2.0).scores(rows)
    content = Content(matrix, known.products).scores(rows)
    buyers = (matrix.toarray() > 0).sum(axis=0)
    sells = np.array([4, 2, 0, 0, 0, 0, 0, 0]) / 4 + buyers / buyers.max() / 1000
    expected = (
        np.where(np.isfinite(als), als, 0)
        + 0.5 * matrix.toarray() * np.exp(-28 / 112)
        + 0.2 * np.where(np.isfinite(content), content, 0)
        + 0.4 * sells
    )
    np.testing.assert_allclose(found.scores(rows), expected, rtol=1e-4, atol=1e-5)
    for product in range(8):
        active = np.asarray(matrix.sum(axis=1)).ravel() > 0
        np.testing.assert_allclose(
            found.column(product)[active], expected[active, product], rtol=1e-4, atol=1e-5
        )


@settings(deadline=None, max_examples=15)
@given(
    seed=st.integers(0, 10_000),
    customers=st.integers(8, 30),
    products=st.integers(6, 30),
    own=st.sampled_from(WEIGHTS["own"]),
    content=st.sampled_from(WEIGHTS["content"]),
    popular=st.sampled_from(WEIGHTS["popular"]),
)
def test_parts_and_what_is_beside_add_up_to_the_score(
    seed: int, customers: int, products: int, own: float, content: float, popular: float
) -> None:
    matrix = counts(customers, products, seed)
    known = history(matrix, recent=list(range(products)))
    known.products["category"] = [f"k{n % 4}" for n in range(products)]
    found = Hybrid(known, regularisation=1.0, own=own, content=content, popular=popular)
    scores = found.scores(np.arange(customers))
    for row in range(0, customers, 5):
        for product in range(0, products, 4):
            parts = found.parts(row, product)
            assert parts is not None
            total = parts.sum() + sum(found.beside(row, product).values())
            assert total == pytest.approx(float(scores[row, product]), rel=1e-3, abs=1e-4)


def test_own_and_sales_by_hand() -> None:
    matrix = counts(6, 4)
    own = Own(matrix)
    dense = matrix.toarray()
    found = own.scores(np.arange(6))
    np.testing.assert_array_equal(np.where(np.isfinite(found), found, 0), dense)
    assert own.parts(2, 1).tolist() == [0, dense[2, 1], 0, 0]  # type: ignore[union-attr]
    sales = Sales(history(matrix, recent=[0, 3, 6, 0]))
    assert sales.scores(np.array([0]))[0].round(2).tolist() == [0, 0.5, 1, 0]


PEOPLE, CIRCLE, FIRST, KIND = 80, 40, 80, 40
"""Customers of each half, products of a circle, the first product of a kind, products of a kind."""


def halves(seed: int = 7) -> tuple[list[shops.Line], pd.DataFrame]:
    """For half of the customers only who buys tells what they buy next, for half what it is like.

    Customers 0 to 79 are of two circles, each with forty products of which nothing is known. Each
    of customers 80 to 159 likes a kind that nobody else does; its products have been sold once
    before, to people who buy of many kinds.
    """
    rng = np.random.default_rng(seed)
    lines: list[shops.Line] = []
    for customer in range(2 * PEOPLE):
        start = CIRCLE * (customer % 2)
        if customer >= PEOPLE:
            start = FIRST + KIND * (customer - PEOPLE)
        wanted = start + rng.permutation(KIND)
        days = np.sort(rng.choice(np.arange(1, shops.DAYS), 14, replace=False))
        for place, day in enumerate(days):
            lines += [(customer, int(day), int(one)) for one in wanted[2 * place : 2 * place + 2]]
    shuffled = FIRST + rng.permutation(PEOPLE * KIND)
    lines += [(900 + place // KIND, 0, int(product)) for place, product in enumerate(shuffled)]
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = [f"kind{letters[n // 26]}{letters[n % 26]}" for n in range(PEOPLE)]
    kinds = [
        None if n < FIRST else words[(n - FIRST) // KIND] for n in range(FIRST + len(shuffled))
    ]
    products = pd.DataFrame(
        {
            "product_id": [f"p{n}" for n in range(len(kinds))],
            "name": kinds,
            "category": kinds,
            "price": rng.integers(1, 100, len(kinds)),
        }
    )
    return lines, products


def test_half_told_by_others_and_half_by_likeness_is_found_only_by_the_sum(tmp_path: Path) -> None:
    lines, products = halves()
    with shops.shop(tmp_path, lines, products) as store:
        found = recommend.compare(store, "discover", ("als", "content", "hybrid"))
        lists = {
            name: recommend.fit(store, "discover", name).for_customers(
                [f"c{n}" for n in range(2 * PEOPLE)], 10, reasons=False
            )
            for name in ("als", "content", "hybrid")
        }

    def right(frame: pd.DataFrame) -> tuple[float, float]:
        """The share of places that name the own circle, in the one half, and kind, in the other."""
        number = frame["product_id"].str[1:].astype(int)
        customer = frame["customer_id"].str[1:].astype(int)
        first = customer < PEOPLE
        of_circle = number // CIRCLE == customer % 2
        of_kind = (number - FIRST) // KIND == customer - PEOPLE
        return float(of_circle[first].mean()), float(of_kind[~first].mean())

    by_als, by_content, by_sum = (right(lists[name]) for name in ("als", "content", "hybrid"))
    assert by_als[0] > 0.9
    assert by_als[1] < 0.1
    assert by_content[0] < 0.3
    assert by_content[1] > 0.9
    assert min(by_sum) > 0.9
    reached = found.table.set_index("method")["ndcg"]
    assert reached["hybrid"] > 1.1 * max(reached["als"], reached["content"])
    assert found.winner == "hybrid"


@pytest.mark.parametrize(("job", "alone"), [("discover", "als"), ("again", "again")])
def test_weights_are_those_of_the_better_lists(job: Job, alone: str) -> None:
    """Where what is bought next is exactly the taste, or the habit, it weighs most."""
    matrix = counts(60, 12, seed=3, density=0.5)
    known = history(matrix, recent=[9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    als = Als(matrix, factors=6, regularisation=1.0)
    rows = np.arange(60)
    scorer = als if alone == "als" else Again(known)
    barred = known.purchases if job == "discover" else None
    top, _ = scorer.top(rows, 2, barred, None)
    wanted = np.zeros((60, 12), np.float32)
    wanted[np.repeat(rows, 2), top.ravel()] = 1
    found = choose(known, rows, sparse.csr_matrix(wanted), job, als)
    if alone == "als":
        assert (found["popular"], found["content"], found["own"]) == (0.0, 0.1, 0.0)
    else:
        assert found["own"] == max(WEIGHTS["own"])
