"""Rankings are judged as the formula says, and the rule stays where the model does not win."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from analytics.evaluate import compare, normalised_gini


def test_a_ranking_by_hand() -> None:
    """Money 6, 3, 1, 0, ranked 3, 6, 0, 1.

    Best order: shares .6, .9, 1, 1 at quarters; twice the area less 1 is
    (0 + .6 + .6 + .9 + .9 + 1 + 1 + 1) / 4 - 1 = .5. The order given: .3, .9, .9, 1, so
    (0 + .3 + .3 + .9 + .9 + .9 + .9 + 1) / 4 - 1 = .3. Together .3 / .5 = .6.
    """
    assert normalised_gini([6, 3, 1, 0], [3, 4, 1, 2]) == pytest.approx(0.6)


def test_the_best_the_reverse_and_no_order() -> None:
    money = [5.0, 0.0, 2.0, 9.0]
    assert normalised_gini(money, money) == pytest.approx(1)
    assert normalised_gini(money, [-one for one in money]) == pytest.approx(-1)
    assert normalised_gini(money, [3, 3, 3, 3]) == pytest.approx(0)


@pytest.mark.parametrize("money", [[2, 2, 2], [0, 0, 0], [-1, 0, -5]])
def test_nothing_to_rank_is_no_number(money: list[float]) -> None:
    assert np.isnan(normalised_gini(money, [1, 2, 3]))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 6)), min_size=4, max_size=60
    ).filter(lambda rows: 0 < sum(bought for bought, _ in rows) < len(rows))
)  # fmt: skip
def test_for_yes_and_no_it_is_twice_the_area_under_the_curve_less_one(
    rows: list[tuple[bool, int]],
) -> None:
    """Engelmann, Hayden & Tasche (2003), proposition 1: accuracy ratio = 2 AUC - 1."""
    bought, score = zip(*rows, strict=True)
    expected = 2 * roc_auc_score(bought, score) - 1
    assert normalised_gini(np.array(bought, float), score) == pytest.approx(expected, abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 5), st.integers(1, 4)), min_size=3, max_size=30
    ).filter(lambda rows: len({money for money, *_ in rows}) > 1)
)
def test_a_weight_counts_a_customer_so_often(rows: list[tuple[int, int, int]]) -> None:
    money, score, times = (np.array(column) for column in zip(*rows, strict=True))
    once = normalised_gini(np.repeat(money, times), np.repeat(score, times))
    assert normalised_gini(money, score, times) == pytest.approx(once, abs=1e-9)


def test_who_wins() -> None:
    rng = np.random.default_rng(3)
    taste = rng.normal(size=3_000)
    money = np.where(rng.random(3_000) < 0.4, np.exp(taste + 0.5 * rng.normal(size=3_000)), 0)
    noise = rng.normal(size=3_000)
    words = {"model": "The groups", "rule": "the segments", "outcome": "later revenue"}
    better = compare(money, taste, noise, **words)
    assert better.winner == "model"
    assert 0 < better.lo < better.model_score - better.rule_score < better.hi
    worse = compare(money, noise, taste, **words)
    assert worse.winner == "rule"
    assert worse.model_score == pytest.approx(better.rule_score)
    same = compare(money, taste, taste, **words)
    assert same.winner == "neither"
    assert "no better than" in same.sentence


def test_two_scores_without_skill_are_told_apart_in_one_case_of_twenty() -> None:
    """Both orders are chance: the interval leaves out nothing in about 5 of 100 shops."""
    rng = np.random.default_rng(8)
    decided = 0
    for _ in range(60):
        money = rng.exponential(size=300) * (rng.random(300) < 0.5)
        one, other = rng.normal(size=(2, 300))
        verdict = compare(money, one, other, model="A", rule="B", outcome="revenue")
        decided += verdict.winner != "neither"
    assert decided <= 9  # mean 3, four standard deviations above is 9.8
