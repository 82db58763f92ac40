"""ARIMA against published fits, statsmodels, and series whose model is known."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.innovations.arma_innovations import arma_loglike
from statsmodels.tsa.statespace.sarimax import SARIMAX

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.forecast import arima, arma, differencing, stepwise
from analytics.forecast.arma import Floats, Orders

# Box & Jenkins (1976), series G: passengers of international airlines, in thousands, 1949 to 1960.
AIR_PASSENGERS = np.fromstring(
    """
    112 118 132 129 121 135 148 148 136 119 104 118 115 126 141 135 125 149 170 170 158 133 114 140
    145 150 178 163 172 178 199 199 184 162 146 166 171 180 193 181 183 218 230 242 209 191 172 194
    196 196 236 235 229 243 264 272 237 211 180 201 204 188 235 227 234 264 302 293 259 229 203 229
    242 233 267 269 270 315 364 347 312 274 237 278 284 277 317 313 318 374 413 405 355 306 271 306
    315 301 356 348 355 422 465 467 404 347 305 336 340 318 362 348 363 435 491 505 404 359 310 337
    360 342 406 396 420 472 548 559 463 407 362 405 417 391 419 461 472 535 622 606 508 461 390 432
    """,
    sep=" ",
)


def test_the_airline_model_is_found_and_fitted_as_published() -> None:
    # R's auto.arima(log(AirPassengers)): ARIMA(0,1,1)(0,1,1)[12], ma1 -0.4018, sma1 -0.5569,
    # sigma^2 0.001371 (its divisor leaves out the parameters), AICc -483.2.
    found = stepwise.search(np.log(AIR_PASSENGERS), 12)
    assert str(found.model) == "ARIMA(0,1,1)(0,1,1)[12]"
    assert found.aicc == pytest.approx(-483.204, abs=0.02)
    assert found.arma.values == pytest.approx([-0.4018, -0.5569], abs=5e-4)
    assert found.sigma2 == pytest.approx(0.001348, abs=5e-6)


def test_on_the_raw_series_the_search_comes_near_the_best_known() -> None:
    # R's best is (2,1,1)(0,1,0)[12] with AICc 1018.17.
    assert stepwise.search(AIR_PASSENGERS, 12).aicc <= 1020.5
    assert arima.refit(AIR_PASSENGERS, (2, 1, 1), (0, 1, 0, 12)).aicc == pytest.approx(
        1018.17, abs=0.02
    )


def series(seed: int, n: int, season: int) -> Floats:
    rng = np.random.default_rng(seed)
    level = np.cumsum(rng.normal(size=n)) * rng.uniform(0.5, 3) + 50
    return level + rng.normal(size=n) + 5 * np.sin(2 * np.pi * np.arange(n) / max(season, 2))


@pytest.mark.parametrize("seed", range(10))
def test_fixed_orders_agree_with_sarimax(seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    season = (1, 4, 12)[seed % 3]
    order = (int(rng.integers(0, 3)), int(rng.integers(0, 2)), int(rng.integers(0, 2)))
    seasonal = (int(rng.integers(0, 2)), int(rng.integers(0, 2)), 0, season)
    if season == 1:
        seasonal = (0, 0, 0, 1)
    y = series(seed, int(rng.integers(60, 120)), season)
    constant = order[1] + seasonal[1] == 0
    ours = arima.refit(y, order, seasonal, constant=constant)
    theirs = SARIMAX(
        y - (ours.beta[0] if constant else 0.0), order=order,
        seasonal_order=seasonal if season > 1 else (0, 0, 0, 0), trend="n",
        simple_differencing=True,
    )  # fmt: skip
    values = np.append(ours.arma.values, ours.sigma2)
    same = theirs.smooth(values)
    assert ours.log_likelihood == pytest.approx(same.llf, abs=0.01)
    with np.errstate(all="ignore"):
        best = theirs.fit(disp=0, maxiter=200)
    assert ours.log_likelihood > best.llf - 0.01
    if constant:
        ahead = same.get_forecast(8)
        mean, covariance = ours.forecast(8)
        assert mean == pytest.approx(ahead.predicted_mean + ours.beta[0], abs=1e-3)
        assert np.diag(covariance) == pytest.approx(ahead.var_pred_mean, rel=1e-3)


def test_forecasts_of_a_differenced_model_agree_with_sarimax() -> None:
    y = series(3, 96, 12)
    ours = arima.refit(y, (1, 1, 1), (0, 1, 1, 12))
    theirs = SARIMAX(y, order=(1, 1, 1), seasonal_order=(0, 1, 1, 12)).smooth(
        np.append(ours.arma.values, ours.sigma2)
    )
    ahead = theirs.get_forecast(18)
    mean, covariance = ours.forecast(18)
    assert mean == pytest.approx(ahead.predicted_mean, rel=1e-3)
    assert np.diag(covariance) == pytest.approx(ahead.var_pred_mean, rel=1e-3)


@settings(deadline=None, max_examples=40)
@given(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 1), st.integers(0, 1)),
    st.sampled_from([4, 12]),
    st.integers(0, 1000),
)
def test_the_exact_likelihood_is_that_of_the_innovations_algorithm(
    counts: tuple[int, int, int, int], season: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    orders = Orders(*counts, season)
    model = arma.from_partial(orders, 0.8 * rng.normal(size=orders.parameters))
    y = rng.normal(size=60)
    found = arma.exact(model, y[:, None])
    slow = arma_loglike(y, -model.ar[1:], model.ma[1:], sigma2=found.sigma2)
    assert found.value == pytest.approx(float(slow), abs=1e-6)
    assert model.smallest_root() > 1
    back = arma.from_partial(orders, arma.to_partial(model))
    assert back.values == pytest.approx(model.values, abs=0.2)


def test_an_ar_1_by_hand() -> None:
    # The likelihood of AR(1): the first value has variance 1 / (1 - phi^2), the others 1.
    y, phi = np.array([1.0, 2.0, 1.5, 0.5]), 0.6
    model = arma.Arma(Orders(1, 0, 0, 0, 1), np.array([phi]))
    squares = y[0] ** 2 * (1 - phi**2) + sum((y[1:] - phi * y[:-1]) ** 2)
    sigma2 = squares / 4
    expected = -2 * (np.log(2 * np.pi * sigma2) + 1) + 0.5 * np.log(1 - phi**2)
    found = arma.exact(model, y[:, None])
    assert found.sigma2 == pytest.approx(sigma2)
    assert found.value == pytest.approx(expected)
    mean, covariance = arma.predict(model, y, 2)
    assert mean == pytest.approx([0.3, 0.18])
    assert covariance == pytest.approx(np.array([[1, 0.6], [0.6, 1.36]]))


def test_a_planted_effect_of_events_is_found() -> None:
    rng = np.random.default_rng(1)
    events = np.zeros((150, 1))
    events[[20, 60, 100, 140]] = 1
    errors = rng.normal(size=150)
    y = 100 + 30 * events[:, 0] + errors + np.append(0, 0.7 * errors[:-1])
    found = stepwise.search(y, 1, regressors=events)
    assert found.beta[-1] == pytest.approx(30, abs=2)
    ahead, _ = found.forecast(3, np.array([[0.0], [1.0], [0.0]]))
    assert ahead[1] - ahead[0] == pytest.approx(30, abs=3)
    with pytest.raises(AnalyticsError, match="regressors"):
        found.forecast(3)


def test_summed_errors_are_those_of_the_airline_series() -> None:
    # sigma sqrt(sum of squared cumulative psi weights) over four steps is about 47.5; taking the
    # errors as independent would give about 22.8.
    found = stepwise.search(AIR_PASSENGERS, 12)
    _, covariance = found.forecast(4)
    assert np.sqrt(covariance.sum()) == pytest.approx(47.5, rel=0.1)
    assert np.sqrt(4 * covariance[0, 0]) == pytest.approx(22.8, rel=0.1)


def test_kpss_against_statsmodels() -> None:
    from statsmodels.tsa.stattools import kpss

    y = series(5, 80, 1)
    lags = int(3 * np.sqrt(80) / 13)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the p-value, which lies outside its table
        expected = kpss(y, regression="c", nlags=lags, result_object=True).statistic
    assert differencing.kpss(y) == pytest.approx(expected)


def test_too_little_is_said() -> None:
    with pytest.raises(NotEnoughDataError, match="only 2 periods"):
        stepwise.search(np.array([1.0, 2.0]))
    with pytest.raises(NotEnoughDataError, match="too few"):
        arima.refit(np.arange(5.0), (3, 1, 3))
    with pytest.raises(AnalyticsError, match="gaps"):
        stepwise.search(np.array([1.0, np.nan, 2.0, 3.0]))


@pytest.mark.parametrize("value", [0.0, 5.0])
def test_a_constant_series_goes_on(value: float) -> None:
    mean, covariance = stepwise.search(np.full(30, value), 7).forecast(5)
    assert mean == pytest.approx(np.full(5, value))
    assert np.abs(covariance).max() < 1e-9
