"""The formulas of stock on published values, by hand, and against scipy's distributions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics import stock
from analytics.errors import AnalyticsError
from analytics.forecast import arima, arma

AIR_PASSENGERS = """
112 118 132 129 121 135 148 148 136 119 104 118 115 126 141 135 125 149 170 170 158 133 114 140
145 150 178 163 172 178 199 199 184 162 146 166 171 180 193 181 183 218 230 242 209 191 172 194
196 196 236 235 229 243 264 272 237 211 180 201 204 188 235 227 234 264 302 293 259 229 203 229
242 233 267 269 270 315 364 347 312 274 237 278 284 277 317 313 318 374 413 405 355 306 271 306
315 301 356 348 355 422 465 467 404 347 305 336 340 318 362 348 363 435 491 505 404 359 310 337
360 342 406 396 420 472 548 559 463 407 362 405 417 391 419 461 472 535 622 606 508 461 390 432
"""
"""Thousands of airline passengers by month, 1949 to 1960 (Box & Jenkins, 1976)."""


def test_the_newsvendor_is_that_of_the_textbook() -> None:
    """Example 4.3 of Snyder & Shen (2019), the published test values of stockpyl."""
    found = stock.newsvendor(0.18, 0.70, 50, 8)
    assert found.level == pytest.approx(56.60395592743389, abs=1e-6)
    assert found.cost == pytest.approx(1.9976051931766445, abs=1e-6)
    assert found.service_level == pytest.approx(0.70 / 0.88)


def test_the_newsvendor_covers_a_lead_time() -> None:
    found = stock.newsvendor(0.18, 0.70, 50, 8, lead_time=4)
    assert found.level == pytest.approx(264.767, abs=1e-3)
    assert found.cost == pytest.approx(4.46678, abs=1e-5)


@pytest.mark.parametrize(
    "costs", [(0, 1, 5, 1, 0), (1, 0, 5, 1, 0), (1, 1, 5, 0, 0), (1, 1, 5, 1, -1)]
)
def test_the_newsvendor_refuses_what_makes_no_sense(costs: tuple[float, ...]) -> None:
    with pytest.raises(AnalyticsError, match="above zero"):
        stock.newsvendor(*costs)


def test_errors_of_a_random_walk_add_up() -> None:
    """All weights 1: the error of the sum over three steps is σ √(1 + 4 + 9)."""
    assert stock.summed_error_sd(2, [1, 0, 0]) == pytest.approx(2 * np.sqrt(3))
    assert stock.summed_error_sd(2, [1, 1, 1]) == pytest.approx(2 * np.sqrt(14))


def test_the_sum_of_four_months_spreads_twice_as_wide_as_independent_months_would() -> None:
    y = np.array(AIR_PASSENGERS.split(), float)
    model = arima.refit(y, (0, 1, 1), (0, 1, 2, 12))
    psi = arma.psi_weights(np.array([1.0, -1.0]), model.arma.ma, 4)
    sigma = np.sqrt(model.sigma2)
    assert stock.summed_error_sd(sigma, psi) == pytest.approx(47.5, abs=0.5)
    assert np.sqrt(4) * sigma == pytest.approx(22.8, abs=0.2)
    _, covariance = model.forecast(4)
    assert stock.summed_error_sd(sigma, psi) == pytest.approx(np.sqrt(covariance.sum()), rel=1e-4)


def test_a_reorder_point_by_hand() -> None:
    """Of Poisson demand with mean 2 (nearly), 5 meets 98.3% and 4 meets 94.7%."""
    assert stock.reorder_point(2.0, 2.0, 0.95) == 5
    assert stock.reorder_point(2.0, 2.0, 0.94) == 4
    assert stock.reorder_point(0.0, 0.0, 0.95) == 0


@settings(deadline=None, max_examples=60)
@given(
    mean=st.floats(0.01, 5_000), times=st.floats(1.05, 60), level=st.floats(0.5, 0.999),
    there=st.integers(0, 500),
)  # fmt: skip
def test_counts_are_scipys_negative_binomial(
    mean: float, times: float, level: float, there: int
) -> None:
    variance = mean * times
    other = stats.nbinom(mean / (times - 1), 1 / times)
    found = float(stock.reorder_point(mean, variance, level))
    assert other.cdf(found) >= level - 1e-9
    assert found == 0 or other.cdf(found - 1) < level + 1e-9
    if mean < 50:
        units = np.arange(there, max(there, int(other.ppf(1 - 1e-13))) + 2)
        shortage = ((units - there) * other.pmf(units)).sum()
        assert float(stock.expected_shortage(there, mean, variance)) == pytest.approx(
            shortage, rel=1e-6, abs=1e-6
        )


@settings(deadline=None, max_examples=60)
@given(
    mean=st.floats(0, 1e5), variance=st.floats(0, 1e8), level=st.floats(0.5, 0.998)
)  # fmt: skip
def test_more_service_or_more_spread_never_needs_less_of_common_levels(
    mean: float, variance: float, level: float
) -> None:
    low = stock.reorder_point(mean, variance, level)
    assert low >= 0
    assert np.isfinite(low)
    assert stock.reorder_point(mean, variance, level + 0.001) >= low


def test_what_is_owed_is_short_in_full() -> None:
    none_left = float(stock.expected_shortage(0, 3.0, 4.0))
    assert none_left == pytest.approx(3.0)
    assert float(stock.expected_shortage(-2, 3.0, 4.0)) == pytest.approx(5.0)
    assert float(stock.expected_shortage(100, 3.0, 4.0)) == pytest.approx(0.0, abs=1e-9)
