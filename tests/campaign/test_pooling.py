"""Pooling beside statsmodels, published figures, and the squared error it is for."""

from math import isnan

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from statsmodels.stats.meta_analysis import combine_effects

from analytics.campaign import pool
from analytics.errors import AnalyticsError
from tests.campaign import simulate

finite = st.floats(-50, 50)
pairs = st.lists(st.tuples(finite, st.floats(0.2, 20)), min_size=2, max_size=12)


def expected_spread(lifts: np.ndarray, errors: np.ndarray, between: float) -> float:
    """Paule and Mandel's sum, which is one less than the number of campaigns at their variance."""
    weights = 1 / (errors**2 + between)
    return float(weights @ (lifts - np.average(lifts, weights=weights)) ** 2)


@given(pairs)
@settings(deadline=None, max_examples=60)
def test_mean_and_variance_between_agree_with_statsmodels(
    given_pairs: list[tuple[float, float]],
) -> None:
    lifts, errors = (np.array(one) for one in zip(*given_pairs, strict=True))
    assume(np.ptp(lifts) > 0.01)  # statsmodels divides by their spread
    found = pool(lifts, errors, ["a"] * len(lifts)).kinds.iloc[0]
    between = found["between_sd"] ** 2
    assert expected_spread(lifts, errors, between) == pytest.approx(len(lifts) - 1) or (
        between == 0 and expected_spread(lifts, errors, 0.0) < len(lifts) - 1
    )
    theirs = combine_effects(lifts, errors**2, method_re="iterated")
    # Their search for the variance sometimes stops at its start, 0.
    assume(theirs.tau2 == pytest.approx(between, rel=1e-5, abs=1e-9))
    assert found["mean"] == pytest.approx(theirs.mean_effect_re, rel=1e-4, abs=1e-5)
    # Theirs is not truncated: the interval of Hartung and Knapp, never narrower than the plain one.
    own = max(theirs.sd_eff_w_re_hksj, theirs.sd_eff_w_re)
    assert found["standard_error"] == pytest.approx(own, rel=1e-4)


def test_morris_baseball() -> None:
    """Batting averages of 18 players (Efron & Morris, JASA 1975; Morris 1983, table 1).

    Arcsine-transformed averages of the first 45 at-bats have variance 1; the estimator of
    Efron and Morris draws them towards their mean by 1 − .209 and cuts the squared error from 17.6
    to 5.0 or so.
    """
    hits = np.array([18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7])
    season = np.array([
        0.346, 0.298, 0.276, 0.222, 0.273, 0.270, 0.263, 0.210, 0.269, 0.230, 0.264, 0.256, 0.303,
        0.264, 0.226, 0.286, 0.316, 0.200,
    ])  # fmt: skip

    def scaled(average: np.ndarray) -> np.ndarray:
        return np.sqrt(45) * np.arcsin(2 * average - 1)

    single, truth = scaled(hits / 45), scaled(season)
    found = pool(single, np.ones(18), ["batting"] * 18).campaigns
    assert found["weight"].iloc[0] == pytest.approx(0.209, abs=0.01)
    error, plain = ((one - truth) @ (one - truth) for one in (found["pooled"], single))
    assert plain == pytest.approx(17.6, abs=0.15)
    assert error == pytest.approx(5.0, abs=0.2)
    inside = (found["lo"] <= truth) & (truth <= found["hi"])
    assert inside.sum() >= 17


def test_each_kind_stands_for_itself() -> None:
    lifts, errors = [1.0, 2.0, 3.0, 4.0, 5.0, 100.0], [1.0] * 6
    found = pool(lifts, errors, ["a"] * 5 + ["b"])
    assert found.kinds["kind"].tolist() == ["a", "b"]
    assert found.kinds["mean"].tolist() == pytest.approx([3.0, 100.0])
    alone = found.campaigns.iloc[5]
    assert (alone["pooled"], alone["weight"]) == (100.0, 1.0)
    assert (alone["lo"], alone["hi"]) == pytest.approx((98.040, 101.960), abs=1e-3)


def test_up_to_three_campaigns_are_not_drawn_in() -> None:
    found = pool([1.0, 5.0, 9.0], [2.0] * 3, ["a"] * 3).campaigns
    assert found["pooled"].tolist() == [1.0, 5.0, 9.0]


def test_campaigns_without_a_result_have_no_part() -> None:
    found = pool([1.0, np.nan, 3.0], [1.0, np.nan, 1.0], ["a"] * 3)
    assert found.kinds["campaigns"].tolist() == [2]
    assert isnan(found.campaigns["pooled"].iloc[1])
    nothing = pool([], [], [])
    assert nothing.kinds.empty
    assert nothing.campaigns.empty


def test_bad_input() -> None:
    with pytest.raises(AnalyticsError, match="as many"):
        pool([1.0], [1.0, 2.0], ["a"])
    with pytest.raises(AnalyticsError, match="above 0"):
        pool([1.0], [0.0], ["a"])


def test_pooled_lifts_beat_the_single_ones() -> None:
    """A tenth of the runs of `benchmarks/campaign.py`."""
    rng = np.random.default_rng(2)
    single = pooled = covered = 0.0
    for _ in range(20):
        truths, lifts, errors = simulate.plays(10, 400, rng)
        found = pool(lifts, errors, ["win-back"] * 10)
        single += float(((lifts - truths) ** 2).sum())
        pooled += float(((found.campaigns["pooled"] - truths) ** 2).sum())
        covered += float(found.kinds["lo"].iloc[0] <= truths.mean() <= found.kinds["hi"].iloc[0])
    assert pooled < 0.7 * single
    assert covered >= 17


def test_together_they_prove_what_none_proves_alone() -> None:
    lifts = np.array([0.9, 1.4, 0.5, 1.2, 1.1, 0.7, 1.6, 0.8, 1.0, 1.3])
    errors = np.full(10, 0.9)
    assert (lifts - 1.96 * errors < 0).all()
    kind = pool(lifts, errors, ["win-back"] * 10).kinds.iloc[0]
    assert kind["lo"] > 0
    assert isinstance(kind, pd.Series)
