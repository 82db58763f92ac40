"""The measures by hand, and beside scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.metrics import ndcg_score

from analytics.recommend import judge


def test_by_hand() -> None:
    """Three named, the first and the third bought, of four bought in all."""
    bought = sparse.csr_matrix(np.array([[1, 0, 1, 1, 1, 0]]))
    found = judge.per_customer(np.array([[0, 1, 2]]), bought).iloc[0]
    discounts = 1 + 1 / np.log2(3) + 1 / 2
    assert found["ndcg"] == pytest.approx((1 + 1 / 2) / discounts)
    assert found["precision"] == pytest.approx(2 / 3)
    assert found["recall"] == pytest.approx(2 / 4)
    assert found["f1"] == pytest.approx(2 * (2 / 3) * (2 / 4) / (2 / 3 + 2 / 4))
    assert found["average_precision"] == pytest.approx((1 + 2 / 3) / 3)
    assert found["hit"] == 1


def test_a_list_that_misses_and_a_short_one() -> None:
    bought = sparse.csr_matrix(np.array([[0, 0, 1], [1, 0, 0]]))
    found = judge.per_customer(np.array([[0, 1], [0, -1]]), bought)
    assert found.iloc[0].tolist() == [0.0] * 6
    assert found["ndcg"].iloc[1] == 1
    assert found["precision"].iloc[1] == 0.5


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), k=st.integers(1, 8))
def test_ndcg_is_scikit_learns(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    truth = (rng.random((6, 12)) < 0.3).astype(float)
    truth[:, 0] = 1
    scores = rng.random((6, 12))
    top = np.argsort(-scores, axis=1)[:, :k]
    found = judge.per_customer(top, sparse.csr_matrix(truth))["ndcg"]
    expected = [ndcg_score(truth[[row]], scores[[row]], k=k) for row in range(6)]
    np.testing.assert_allclose(found, expected)


def test_catalogue_share_and_novelty() -> None:
    top = np.array([[0, 1], [0, -1]])
    assert judge.catalogue_share(top, 4) == 0.5
    # Half of 8 customers bought product 0 (1 bit), a quarter product 1 (2 bits).
    assert judge.novelty(top, np.array([4.0, 2.0, 0.0, 0.0]), 8) == pytest.approx((1 + 2 + 1) / 3)
    assert np.isnan(judge.novelty(np.array([[-1]]), np.array([1.0]), 8))


def test_a_lead_has_an_interval() -> None:
    rng = np.random.default_rng(3)
    rule = rng.random(400)
    lead, lo, hi = judge.lead(rule + rng.normal(0.1, 0.2, 400), rule)
    # The standard error of the mean is 0.2 / 20; the interval is about 1.96 of them each way.
    assert lead == pytest.approx(0.1, abs=0.03)
    assert lo == pytest.approx(lead - 0.0196, abs=0.003)
    assert hi == pytest.approx(lead + 0.0196, abs=0.003)
    wider = judge.lead(rule + 0.1 * rng.normal(size=400), rule, compared=8)
    assert wider[2] - wider[1] > 2.5 * 2 * 0.1 / 20
