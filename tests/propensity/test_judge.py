"""Measures worked by hand, measures of scikit-learn as the oracle, and what always holds."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    f1_score,
    log_loss,
    precision_score,
    recall_score,
    roc_auc_score,
)

from analytics.propensity import judge
from analytics.propensity.judge import Draws

DID = np.array([1, 0, 1, 0, 0], dtype=float)
SCORES = np.array([0.9, 0.8, 0.7, 0.2, 0.1])


def once(did: np.ndarray) -> Draws:
    return Draws(did, np.ones((1, len(did))))


def test_order_by_hand() -> None:
    # Of the six pairs only (0.7 who did, 0.8 who did not) is wrong; hits at places 1 and 3.
    auc, precision = judge.order_measures(once(DID), SCORES)
    assert auc[0] == pytest.approx(5 / 6)
    assert precision[0] == pytest.approx((1 + 2 / 3) / 2)


def test_equal_scores_are_half_right() -> None:
    auc, precision = judge.order_measures(once(DID), np.full(5, 0.3))
    assert (auc[0], precision[0]) == (0.5, 0.4)


def test_probabilities_by_hand() -> None:
    loss, gap = judge.chance_measures(once(np.array([1.0, 0.0])), np.array([0.8, 0.4]))
    assert loss[0] == pytest.approx(-(np.log(0.8) + np.log(0.6)) / 2)
    assert gap[0] == pytest.approx((0.2 + 0.4) / 2)  # two groups of one


def test_a_group_that_is_right_on_average_is_calibrated() -> None:
    did = np.array([1.0, 0.0, 0.0, 0.0])
    assert judge.chance_measures(once(did), np.full(4, 0.25))[1][0] == pytest.approx(0)


def test_at_a_budget_by_hand() -> None:
    curve = judge.gains(DID, {"a": SCORES})
    found = judge.at_budget(curve, 0.6, 5, 2).iloc[0]
    # The first three hold both who did it and one who did not.
    assert found["recall"] == pytest.approx(1.0)
    assert found["precision"] == pytest.approx(2 / 3)
    assert found["f1"] == pytest.approx(0.8)
    assert found["accuracy"] == pytest.approx(0.8)
    assert found["lift"] == pytest.approx(1 / 0.6)


def test_customers_of_equal_score_share_the_places_left() -> None:
    curve = judge.gains(DID, {"a": np.array([2.0, 1.0, 1.0, 1.0, 1.0])})
    # One is sure, half of the other four are addressed: half of their one hit.
    assert judge.at_budget(curve, 0.6, 5, 2).iloc[0]["recall"] == pytest.approx(0.75)


def test_the_verdict_needs_more_than_chance() -> None:
    rng = np.random.default_rng(0)
    did = (rng.random(2000) < 0.3).astype(float)
    better, worse = did + rng.normal(0, 1, 2000), did + rng.normal(0, 3, 2000)
    names = {"of_model": "a", "of_rule": "b", "words": "order"}
    assert judge.verdict(did, better, worse, **names).winner == "model"
    assert judge.verdict(did, worse, better, **names).winner == "rule"
    same = judge.verdict(did, better, better, **names)
    assert (same.winner, same.lo, same.hi) == ("neither", 0.0, 0.0)
    assert "so the rule is used" in same.sentence


def test_intervals_hold_the_truth() -> None:
    # Normal scores one apart: the AUC is Phi(1 / sqrt(2)) = 0.760.
    rng = np.random.default_rng(3)
    did = np.repeat([0.0, 1.0], 600)
    found = judge.measures(did, {"a": rng.normal(did)}, {"a": np.full(1200, 0.5)}).iloc[0]
    assert found["auc_lo"] < 0.760 < found["auc_hi"]
    assert 0.02 < found["auc_hi"] - found["auc_lo"] < 0.08
    assert found["calibration_error"] == pytest.approx(0)


def test_calibration_counts_everybody() -> None:
    rng = np.random.default_rng(0)
    chances = rng.random(1000)
    did = (rng.random(1000) < chances).astype(float)
    found = judge.calibration(did, chances)
    assert list(found["customers"]) == [100] * 10
    weights = found["customers"] / 1000
    assert (found["happened_share"] * weights).sum() == pytest.approx(did.mean())
    assert (found["lo"] <= found["happened_share"]).all()
    assert (
        (found["foretold_share"] > found["lo"]) & (found["foretold_share"] < found["hi"])
    ).sum() >= 8


outcomes = st.lists(st.tuples(st.booleans(), st.integers(0, 8)), min_size=4, max_size=60).filter(
    lambda rows: 0 < sum(did for did, _ in rows) < len(rows)
)


@given(outcomes)
@settings(deadline=None, max_examples=40)
def test_measures_agree_with_scikit_learn(rows: list[tuple[bool, int]]) -> None:
    did = np.array([float(each) for each, _ in rows])
    scores = np.array([each for _, each in rows], dtype=float)
    auc, precision = judge.order_measures(once(did), scores)
    assert auc[0] == pytest.approx(roc_auc_score(did, scores))
    assert precision[0] == pytest.approx(average_precision_score(did, scores))
    chances = (scores + 0.5) / 9
    assert judge.chance_measures(once(did), chances)[0][0] == pytest.approx(log_loss(did, chances))
    # At a budget that splits no customers of equal score.
    named = scores >= np.median(scores)
    curve = judge.gains(did, {"a": scores})
    exact = pd.concat(
        [curve, pd.DataFrame({"method": ["a"], "share": [named.mean()],
                              "found_share": [did[named].sum() / did.sum()], "lo": 0.0, "hi": 1.0})]
    ).sort_values("share")  # fmt: skip
    found = judge.at_budget(exact, float(named.mean()), len(did), int(did.sum())).iloc[0]
    for name, oracle in (("precision", precision_score), ("recall", recall_score),
                         ("f1", f1_score), ("accuracy", accuracy_score)):  # fmt: skip
        assert found[name] == pytest.approx(oracle(did, named))


@given(outcomes)
@settings(deadline=None, max_examples=20)
def test_a_larger_budget_never_finds_fewer(rows: list[tuple[bool, int]]) -> None:
    did = np.array([float(each) for each, _ in rows])
    scores = np.array([each for _, each in rows], dtype=float)
    curve = judge.gains(did, {"a": scores})
    found = [
        judge.at_budget(curve, share, len(did), int(did.sum())).iloc[0]["recall"]
        for share in np.linspace(0.05, 1, 15)
    ]
    assert (np.diff(found) >= -1e-12).all()
    assert found[-1] == pytest.approx(1)
    assert (curve["lo"] <= curve["hi"] + 1e-12).all()


@given(outcomes, st.floats(0.1, 5))
@settings(deadline=None, max_examples=40)
def test_only_the_order_of_scores_matters(rows: list[tuple[bool, int]], factor: float) -> None:
    did = np.array([float(each) for each, _ in rows])
    scores = np.array([each for _, each in rows], dtype=float)
    assert judge.order_measures(once(did), scores)[0] == pytest.approx(
        judge.order_measures(once(did), np.exp(factor * scores))[0]
    )
    assert judge.order_measures(once(did), -scores)[0][0] == pytest.approx(
        1 - judge.order_measures(once(did), scores)[0][0]
    )
