"""Forecasts that add up."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import AnalyticsError
from analytics.forecast import reconcile
from analytics.forecast.reconcile import shrunk

SHOP = pd.DataFrame(
    {"series": ["a", "b", "a1", "a2", "b1"], "parent": ["all", "all", "a", "a", "b"]}
)


def forecasts(means: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [{"series": name, "period": period, "mean": mean} for name, mean in means.items()
         for period in (1, 2)]
    )  # fmt: skip


def test_two_parts_by_hand() -> None:
    # Parts 10 and 20, total 36: with equal weights each of the three gives way by a third of 6.
    found = reconcile(
        forecasts({"all": 36.0, "x": 10.0, "y": 20.0}),
        pd.DataFrame({"series": ["x", "y"], "parent": ["all", "all"]}),
    ).set_index(["series", "period"])["mean"]
    assert found["all", 1] == 34
    assert found["x", 1] == 12
    assert found["y", 2] == 22


def test_what_is_surer_gives_way_less() -> None:
    errors = pd.DataFrame(
        {"all": [1.0, -1, 1, -1], "x": [1.0, 1, -1, -1], "y": [10.0, -10, -10, 10]}
    )
    found = reconcile(
        forecasts({"all": 36.0, "x": 10.0, "y": 20.0}),
        pd.DataFrame({"series": ["x", "y"], "parent": ["all", "all"]}),
        errors,
    ).set_index(["series", "period"])["mean"]
    # Uncorrelated variances 1, 1 and 100: of the gap of 6, x takes 6/102, the total 6/102.
    assert found["x", 1] == pytest.approx(10 + 6 / 102, abs=0.01)
    assert found["all", 1] == pytest.approx(36 - 6 / 102, abs=0.011)
    assert found["all", 1] == pytest.approx(found["x", 1] + found["y", 1], abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(-50, 1e5), min_size=6, max_size=6), st.integers(0, 99))
def test_sums_agree_to_the_cent_and_nothing_is_negative(means: list[float], seed: int) -> None:
    names = ["all", "a", "b", "a1", "a2", "b1"]
    errors = pd.DataFrame(np.random.default_rng(seed).normal(size=(12, 6)), columns=names)
    found = reconcile(forecasts(dict(zip(names, means, strict=True))), SHOP, errors)
    cents = (found.set_index(["series", "period"])["mean"] * 100).round().astype(int)
    assert (cents >= 0).all()
    for period in (1, 2):
        assert cents["a", period] == cents["a1", period] + cents["a2", period]
        assert cents["b", period] == cents["b1", period]
        assert cents["all", period] == cents["a", period] + cents["b", period]


def test_forecasts_that_agree_stay() -> None:
    means = {"all": 60.0, "a": 30.0, "b": 30.0, "a1": 10.0, "a2": 20.0, "b1": 30.0}
    found = reconcile(forecasts(means), SHOP)
    assert found["mean"].tolist() == pytest.approx([m for m in means.values() for _ in (1, 2)])


def test_shrinking_keeps_variances_and_draws_correlations_in() -> None:
    errors = np.random.default_rng(1).normal(size=(15, 4)) * [1, 2, 3, 4]
    found, plain = shrunk(errors), np.cov(errors.T, bias=True)
    assert np.diag(found) == pytest.approx(np.diag(plain))
    off = ~np.eye(4, dtype=bool)
    assert (np.abs(found[off]) <= np.abs(plain[off]) + 1e-12).all()
    assert np.linalg.eigvalsh(found).min() > 0


def test_a_wrong_hierarchy_is_said() -> None:
    with pytest.raises(AnalyticsError, match="no forecast of"):
        reconcile(forecasts({"x": 1.0}), pd.DataFrame({"series": ["x"], "parent": ["all"]}))
    ring = pd.DataFrame({"series": ["x", "y", "z"], "parent": ["y", "x", "x"]})
    with pytest.raises(AnalyticsError, match="part of itself"):
        reconcile(forecasts({"x": 1.0, "y": 1.0, "z": 1.0}), ring)
