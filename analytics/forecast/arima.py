"""ARIMA with seasonal terms, drift and regressors (Box & Jenkins 1970): fits and forecasts.

Quickly by the conditional sum of squares, or at the maximum of the exact likelihood. The orders are
found by `stepwise`.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.optimize import leastsq

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.forecast import arma
from analytics.forecast.arma import Arma, Floats, Orders

STARTS = 6
"""The likelihood of given orders may have several maxima; it is climbed from so many points."""


class Model(NamedTuple):
    """The orders of an ARIMA model (p,d,q)(P,D,Q)ₘ and whether it has a constant."""

    p: int
    d: int
    q: int
    seasonal_p: int
    seasonal_d: int
    seasonal_q: int
    season: int
    constant: bool

    @property
    def orders(self) -> Orders:
        """Those of the ARMA part."""
        return Orders(self.p, self.q, self.seasonal_p, self.seasonal_q, self.season)

    def __str__(self) -> str:
        words = f"ARIMA({self.p},{self.d},{self.q})"
        if self.season > 1 and (self.seasonal_p or self.seasonal_d or self.seasonal_q):
            words += f"({self.seasonal_p},{self.seasonal_d},{self.seasonal_q})[{self.season}]"
        if self.constant:
            words += " with drift" if self.d + self.seasonal_d else " with mean"
        return words


@dataclass(frozen=True)
class Arima:
    """A fitted ARIMA model.

    Attributes:
        model: Its orders.
        arma: The parameters of the ARMA part.
        beta: Coefficients of the constant (if any) and the regressors.
        sigma2: Variance of the innovations.
        log_likelihood: The exact one, of the differenced series.
        aicc: The corrected Akaike criterion.
        series: What it was fitted to, shape (n,).
        regressors: Those of the history, shape (n, k).
    """

    model: Model
    arma: Arma
    beta: Floats
    sigma2: float
    log_likelihood: float
    aicc: float
    series: Floats
    regressors: Floats

    def forecast(self, horizon: int, regressors: Floats | None = None) -> tuple[Floats, Floats]:
        """The forecast, and the covariance of its errors.

        Args:
            horizon: How many periods.
            regressors: Their future values, shape (horizon, k).

        Returns:
            Mean, shape (horizon,), and covariance, shape (horizon, horizon).

        Raises:
            AnalyticsError: Future values of the regressors are missing.
        """
        wanted = self.regressors.shape[1]
        future = np.empty((horizon, 0)) if regressors is None else np.asarray(regressors, float)
        if future.shape != (horizon, wanted):
            raise AnalyticsError(
                f"The forecast needs {wanted} regressors for each of {horizon} periods to come.",
                "Give the calendar up to the end of the forecast.",
            )
        columns = design(self.model, self.series, self.regressors)
        errors = columns[:, 0] - columns[:, 1:] @ self.beta
        found, covariance = arma.predict(self.arma, errors, horizon)
        exog = arma.moving(difference(self.model), np.vstack([self.regressors, future]))[-horizon:]
        if self.model.constant:
            exog = np.column_stack([np.ones(horizon), exog])
        mean = _integrated(self.model, self.series, found + exog @ self.beta)
        weights = arma.psi_weights(difference(self.model), np.ones(1), horizon)
        spread = np.zeros((horizon, horizon))
        for lag, weight in enumerate(weights):
            spread += weight * np.eye(horizon, k=-lag)
        return mean, self.sigma2 * spread @ covariance @ spread.T


def refit(
    y: Floats,
    order: tuple[int, int, int],
    seasonal_order: tuple[int, int, int, int] = (0, 0, 0, 1),
    *,
    constant: bool = False,
    regressors: Floats | None = None,
) -> Arima:
    """Fit a model of given orders by exact maximum likelihood.

    Args:
        y: The series, shape (n,), without gaps.
        order: (p, d, q).
        seasonal_order: (P, D, Q, m).
        constant: Whether the differenced series has a mean of its own.
        regressors: Shape (n, k).

    Raises:
        NotEnoughDataError: The series is too short for so many parameters.
    """
    p, d, q = order
    seasonal_p, seasonal_d, seasonal_q, season = seasonal_order
    model = Model(p, d, q, seasonal_p, seasonal_d, seasonal_q, max(season, 1), constant)
    y, regressors = checked(y, regressors)
    columns = design(model, y, regressors)
    if len(columns) < model.orders.parameters + columns.shape[1] + 1:
        raise NotEnoughDataError(
            f"{len(y)} periods are too few for {model}.", "Choose a simpler model."
        )
    draws = np.random.default_rng(0).normal(size=(STARTS, model.orders.parameters))
    starts = [
        quick(model, columns)[0],
        *(arma.from_partial(model.orders, one).values for one in draws),
    ]
    fitted = [maximise(model, values, columns, y, regressors) for values in starts]
    return max(fitted, key=lambda one: one.log_likelihood)


def follow(like: Arima, y: Floats, regressors: Floats | None = None) -> Arima:
    """The orders of a fitted model on a longer or shorter history, climbing from its parameters.

    Args:
        like: The model.
        y: The series, shape (n,), without gaps.
        regressors: Shape (n, k).
    """
    y, regressors = checked(y, regressors)
    columns = design(like.model, y, regressors)
    return maximise(like.model, like.arma.values, columns, y, regressors)


def quick(model: Model, columns: Floats) -> tuple[Floats, float]:
    """Parameters by conditional sum of squares, and their criterion.

    A model that is not stationary, or has too many parameters, has the criterion infinity.
    """
    orders = model.orders
    used = orders.ar + orders.seasonal_ar * orders.season
    n = len(columns) - used
    count = orders.parameters + columns.shape[1]
    if n - count - 1 < 1:
        return np.zeros(orders.parameters), np.inf

    def residuals(values: Floats) -> Floats:
        left = arma.least_squares(arma.css_residuals(Arma(orders, values), columns))[1]
        return left if np.isfinite(left @ left) else np.full(len(left), 1e12)

    values = np.zeros(orders.parameters)
    if orders.parameters:
        with np.errstate(over="ignore", invalid="ignore"):
            values = leastsq(
                residuals, values, maxfev=40 * (orders.parameters + 1), full_output=True
            )[0]
    fitted = arma.reflect(Arma(orders, np.atleast_1d(values)))
    if fitted.smallest_root() <= 1.001:
        return fitted.values, np.inf
    # Sums of squares leave out as many periods as a model looks back, which would favour those that
    # look back a year; the exact likelihood at their estimate is fair to all.
    return fitted.values, criterion(arma.exact(fitted, columns).value, len(columns), count)


def criterion(log_likelihood: float, n: int, parameters: int) -> float:
    """The corrected Akaike criterion (Hurvich & Tsai 1989); infinity for too many parameters."""
    left = n - parameters - 1
    if left <= 0:
        return np.inf
    return -2 * log_likelihood + 2 * parameters + 2 * parameters * (parameters + 1) / left


def maximise(model: Model, values: Floats, columns: Floats, y: Floats, regressors: Floats) -> Arima:
    """The maximum of the exact likelihood near some parameters."""
    orders = model.orders
    scale = float(np.std(columns[:, 0])) or 1.0
    scaled = columns.copy()
    scaled[:, 0] /= scale

    def residuals(free: Floats) -> Floats:
        # Their sum of squares is what the likelihood depends on (Ansley, Biometrika 66, 1979).
        rows, log_determinant = arma.whitened(arma.from_partial(orders, free), scaled)
        stretch = float(np.exp(log_determinant / (2 * len(scaled))))
        return arma.least_squares(rows)[1] * stretch

    free = arma.to_partial(Arma(orders, values))
    if orders.parameters:
        found = leastsq(residuals, free, ftol=1e-9, xtol=1e-7, maxfev=1000, full_output=True)
        free = np.atleast_1d(found[0])
    fitted = arma.from_partial(orders, free)
    likelihood = arma.exact(fitted, scaled)
    n, count = len(columns), orders.parameters + columns.shape[1]
    value = likelihood.value - n * np.log(scale)
    return Arima(
        model=model,
        arma=fitted,
        beta=likelihood.beta * scale,
        sigma2=likelihood.sigma2 * scale**2,
        log_likelihood=value,
        aicc=criterion(value, n, count),
        series=y,
        regressors=regressors,
    )


def checked(y: Floats, regressors: Floats | None) -> tuple[Floats, Floats]:
    y = np.asarray(y, dtype=float)
    if not np.isfinite(y).all():
        raise AnalyticsError("The series has gaps.", "Fill them, or choose another method.")
    found = np.empty((len(y), 0)) if regressors is None else np.asarray(regressors, dtype=float)
    return y, found


def difference(model: Model) -> Floats:
    """(1 - B)ᵈ(1 - Bᵐ)ᴰ, from the power 0 on."""
    polynomial = np.ones(1)
    for _ in range(model.d):
        polynomial = np.convolve(polynomial, [1.0, -1.0])
    for _ in range(model.seasonal_d):
        step = np.zeros(model.season + 1)
        step[[0, -1]] = 1.0, -1.0
        polynomial = np.convolve(polynomial, step)
    return polynomial


def design(model: Model, y: Floats, regressors: Floats) -> Floats:
    """The differenced series, the constant and the differenced regressors."""
    found = arma.moving(difference(model), np.column_stack([y, regressors]))
    if model.constant:
        found = np.insert(found, 1, 1.0, axis=1)
    return found


def _integrated(model: Model, y: Floats, changes: Floats) -> Floats:
    """The series whose differences go on as forecast."""
    polynomial = difference(model)
    lost = len(polynomial) - 1
    whole = np.concatenate([y[len(y) - lost :], np.zeros(len(changes))])
    for place, change in enumerate(changes, start=lost):
        before = whole[place - lost : place][::-1]
        whole[place] = change - polynomial[1:] @ before
    return whole[lost:]
