"""ARIMA with seasonal terms, drift and regressors, its orders found automatically.

Orders are searched stepwise by the corrected Akaike criterion (Hyndman & Khandakar, Automatic time
series forecasting, Journal of Statistical Software 27(3), 2008). We differ from it in speed: the
search runs on conditional sums of squares, and only the starting models and the best three of the
search are refined by the exact likelihood. Differences are chosen as there.
"""

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.optimize import leastsq

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.forecast import arma, differencing
from analytics.forecast.arma import Arma, Floats, Orders

MOST = 5
MOST_SEASONAL = 2
REFINED = 3
HOPELESS = 10.0
"""A starting model whose criterion is so much above the best one's is not refined."""
STARTS = 6
"""The likelihood of given orders may have several maxima; it is climbed from so many points."""
NEAREST_ROOT = 1.01
"""Models with a root nearer to the unit circle are left out: they are on the edge of another."""


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
        columns = _columns(self.model, self.series, self.regressors)
        errors = columns[:, 0] - columns[:, 1:] @ self.beta
        found, covariance = arma.predict(self.arma, errors, horizon)
        exog = arma.moving(_difference(self.model), np.vstack([self.regressors, future]))[-horizon:]
        if self.model.constant:
            exog = np.column_stack([np.ones(horizon), exog])
        mean = _integrated(self.model, self.series, found + exog @ self.beta)
        weights = arma.psi_weights(_difference(self.model), np.ones(1), horizon)
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
    y, regressors = _checked(y, regressors)
    columns = _columns(model, y, regressors)
    if len(columns) < model.orders.parameters + columns.shape[1] + 1:
        raise NotEnoughDataError(
            f"{len(y)} periods are too few for {model}.", "Choose a simpler model."
        )
    draws = np.random.default_rng(0).normal(size=(STARTS, model.orders.parameters))
    starts = [
        _css(model, columns)[0],
        *(arma.from_partial(model.orders, one).values for one in draws),
    ]
    fitted = [_refined(model, values, columns, y, regressors) for values in starts]
    return max(fitted, key=lambda one: one.log_likelihood)


def follow(like: Arima, y: Floats, regressors: Floats | None = None) -> Arima:
    """The orders of a fitted model on a longer or shorter history, climbing from its parameters.

    Args:
        like: The model.
        y: The series, shape (n,), without gaps.
        regressors: Shape (n, k).
    """
    y, regressors = _checked(y, regressors)
    columns = _columns(like.model, y, regressors)
    return _refined(like.model, like.arma.values, columns, y, regressors)


def search(y: Floats, season: int = 1, *, regressors: Floats | None = None) -> Arima:
    """Find the orders and fit the model.

    Args:
        y: The series, shape (n,), without gaps.
        season: Periods a season; 1 for none.
        regressors: Shape (n, k).

    Raises:
        NotEnoughDataError: There are fewer than three periods.
    """
    y, regressors = _checked(y, regressors)
    if len(y) < 3:
        raise NotEnoughDataError(
            f"There are only {len(y)} periods.", "A model needs at least three."
        )
    if len(y) < 2 * season + 2 or season < 2:
        season = 1
    seasonal_d = int(differencing.is_seasonal(y, season))
    left = y[season:] - y[:-season] if seasonal_d else y
    d = differencing.trend(left, 2 if not seasonal_d else 1)
    base = Model(0, d, 0, 0, seasonal_d, 0, season, d + seasonal_d <= 1)
    columns = partial(_columns, y=y, regressors=regressors)
    if np.ptp(arma.moving(_difference(base), y[:, None])) < 1e-9 * (1 + np.abs(y).max()):
        return _refined(base, np.empty(0), columns(base), y, regressors)
    found = _stepwise(base, y, regressors)
    tried = sorted(found, key=lambda model: found[model][1])
    worst = found[tried[0]][1] + HOPELESS
    starts = (one for one in _starts(base) if one in found and found[one][1] < worst)
    kept = [*tried[:REFINED], *starts]
    fitted = [
        _refined(model, found[model][0], columns(model), y, regressors)
        for model in dict.fromkeys(kept)
    ]
    inside = [one for one in fitted if one.arma.smallest_root() > NEAREST_ROOT]
    return min(inside or fitted, key=lambda one: one.aicc)


def _starts(base: Model) -> list[Model]:
    seasonal = int(base.season > 1)
    shapes = ((2, 2, 1, 1), (0, 0, 0, 0), (1, 0, 1, 0), (0, 1, 0, 1))
    return [
        base._replace(p=p, q=q, seasonal_p=sp * seasonal, seasonal_q=sq * seasonal)
        for p, q, sp, sq in shapes
    ]


def _stepwise(base: Model, y: Floats, regressors: Floats) -> dict[Model, tuple[Floats, float]]:
    """The models tried, with their parameters and criterion."""
    found: dict[Model, tuple[Floats, float]] = {}

    def attempt(model: Model) -> float:
        if model not in found:
            found[model] = _css(model, _columns(model, y, regressors))
        return found[model][1]

    most = min(MOST, (len(y) - 1) // 3)
    starts = _starts(base)
    if base.constant:
        starts.append(base._replace(constant=False))
    best = min((one for one in starts if one.p <= most and one.q <= most), key=attempt)
    improved = True
    while improved:
        improved = False
        for model in _neighbours(best, base, most):
            if model not in found and attempt(model) < found[best][1]:
                best, improved = model, True
                break
    return found


def _neighbours(best: Model, base: Model, most: int) -> list[Model]:
    """One more or less of each kind, of both plain or both seasonal kinds, or of the constant."""
    moves = [
        (0, 0, 1, 0), (0, 0, -1, 0), (0, 0, 0, 1), (0, 0, 0, -1), (0, 0, 1, 1), (0, 0, -1, -1),
        (1, 0, 0, 0), (-1, 0, 0, 0), (0, 1, 0, 0), (0, -1, 0, 0), (1, 1, 0, 0), (-1, -1, 0, 0),
    ]  # fmt: skip
    seasonal = MOST_SEASONAL if base.season > 1 else 0
    found = []
    for p, q, seasonal_p, seasonal_q in moves:
        model = best._replace(
            p=best.p + p, q=best.q + q, seasonal_p=best.seasonal_p + seasonal_p,
            seasonal_q=best.seasonal_q + seasonal_q,
        )  # fmt: skip
        plain = 0 <= model.p <= most and 0 <= model.q <= most
        if plain and 0 <= model.seasonal_p <= seasonal and 0 <= model.seasonal_q <= seasonal:
            found.append(model)
    if base.constant:
        found.append(best._replace(constant=not best.constant))
    return found


def _css(model: Model, columns: Floats) -> tuple[Floats, float]:
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
    with np.errstate(over="ignore", invalid="ignore"):
        left = residuals(fitted.values)
    if fitted.smallest_root() <= 1.001:
        return fitted.values, np.inf
    sigma2 = max(float(left @ left) / n, 1e-300)
    corrected = 2 * count + 2 * count * (count + 1) / (n - count - 1)
    return fitted.values, len(columns) * np.log(2 * np.pi * np.e * sigma2) + corrected


def _refined(model: Model, values: Floats, columns: Floats, y: Floats, regressors: Floats) -> Arima:
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
    penalty = 2 * count * (count + 1) / (n - count - 1) if n - count - 1 > 0 else np.inf
    return Arima(
        model=model,
        arma=fitted,
        beta=likelihood.beta * scale,
        sigma2=likelihood.sigma2 * scale**2,
        log_likelihood=value,
        aicc=-2 * value + 2 * count + penalty,
        series=y,
        regressors=regressors,
    )


def _checked(y: Floats, regressors: Floats | None) -> tuple[Floats, Floats]:
    y = np.asarray(y, dtype=float)
    if not np.isfinite(y).all():
        raise AnalyticsError("The series has gaps.", "Fill them, or choose another method.")
    found = np.empty((len(y), 0)) if regressors is None else np.asarray(regressors, dtype=float)
    return y, found


def _difference(model: Model) -> Floats:
    """(1 - B)ᵈ(1 - Bᵐ)ᴰ, from the power 0 on."""
    polynomial = np.ones(1)
    for _ in range(model.d):
        polynomial = np.convolve(polynomial, [1.0, -1.0])
    for _ in range(model.seasonal_d):
        step = np.zeros(model.season + 1)
        step[[0, -1]] = 1.0, -1.0
        polynomial = np.convolve(polynomial, step)
    return polynomial


def _columns(model: Model, y: Floats, regressors: Floats) -> Floats:
    """The differenced series, the constant and the differenced regressors."""
    found = arma.moving(_difference(model), np.column_stack([y, regressors]))
    if model.constant:
        found = np.insert(found, 1, 1.0, axis=1)
    return found


def _integrated(model: Model, y: Floats, changes: Floats) -> Floats:
    """The series whose differences go on as forecast."""
    polynomial = _difference(model)
    lost = len(polynomial) - 1
    whole = np.concatenate([y[len(y) - lost :], np.zeros(len(changes))])
    for place, change in enumerate(changes, start=lost):
        before = whole[place - lost : place][::-1]
        whole[place] = change - polynomial[1:] @ before
    return whole[lost:]
