"""The simple forecasts, by hand and beside a library's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.forecasting.theta import ThetaModel

from analytics.forecast import rivals


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(12, 80), st.floats(0.0, 2.0))
def test_theta_is_that_of_statsmodels(seed: int, n: int, roughness: float) -> None:
    rng = np.random.default_rng(seed)
    y = 100 + roughness * np.cumsum(rng.normal(size=n)) + rng.normal(size=n) + 0.3 * np.arange(n)
    ours = rivals.theta(y, 6)
    theirs = ThetaModel(y, period=1, deseasonalize=False).fit().forecast(6)
    # Where the sum of squares is flat, their smoothing parameter stops a little earlier.
    assert ours == pytest.approx(np.asarray(theirs), rel=0.01)


def test_theta_goes_on_with_half_the_slope() -> None:
    # A straight line is followed at once: smoothing takes the last value, and half its slope of 2
    # comes on top for each period to come (Hyndman & Billah 2003).
    y = 10.0 + 2.0 * np.arange(20)
    ahead = rivals.theta(y, 3)
    assert np.diff(ahead) == pytest.approx([1.0, 1.0])
    assert ahead[0] == pytest.approx(y[-1] + 1.0, abs=0.02)


def test_rules_by_hand() -> None:
    y = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    assert rivals.naive(y, 2) == pytest.approx([6, 6])
    assert rivals.seasonal_naive(y, 4, 3) == pytest.approx([4, 5, 6, 4])
    assert rivals.seasonal_naive(y, 2, 7) == pytest.approx([6, 6])
    assert rivals.recent_mean(y, 2) == pytest.approx([4.5, 4.5])
    assert rivals.recent_mean(y, 3, 3) == pytest.approx([2.5, 3.5, 4.5])


def test_rare_sales_by_hand() -> None:
    # Sizes 4 and 2, after 2 and then 2 periods: size 4 + .1 (2 - 4) = 3.8, interval 2; less bias.
    assert rivals.sba(np.array([0.0, 4.0, 0.0, 2.0]), 1) == pytest.approx([0.95 * 3.8 / 2])
    # From the mean size 3 and the chance .5: chances .45, .505, .4545, .50905; sizes 3.1, 2.99.
    assert rivals.tsb(np.array([0.0, 4.0, 0.0, 2.0]), 1) == pytest.approx([2.99 * 0.50905])
