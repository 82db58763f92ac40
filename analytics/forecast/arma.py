"""ARMA models with seasonal parts: polynomials, likelihoods, exact forecasts.

A series w with regressors X follows w = Xβ + η, φ(B)Φ(Bᵐ)η = θ(B)Θ(Bᵐ)ε. For given ARMA parameters
β and the variance of ε follow from least squares on the whitened series (Brockwell & Davis, Time
Series: Theory and Methods, 1991, §8.7), so that only the ARMA parameters are searched for.
"""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve, solve_toeplitz, toeplitz
from scipy.signal import lfilter

Floats = npt.NDArray[np.float64]

LONG = 60
"""With more lags than that the innovations algorithm is the faster one."""
LARGEST = 0.999
"""Partial autocorrelations of the searched models stay below, which keeps all roots outside the
unit circle."""


class Orders(NamedTuple):
    """How many parameters of each kind, and the length of the season."""

    ar: int
    ma: int
    seasonal_ar: int
    seasonal_ma: int
    season: int

    @property
    def parameters(self) -> int:
        """All of them."""
        return self.ar + self.ma + self.seasonal_ar + self.seasonal_ma


@dataclass(frozen=True)
class Arma:
    """Parameters of an ARMA model.

    Attributes:
        orders: How many of each kind.
        values: φ, θ, Φ, Θ in that order, shape (orders.parameters,).
    """

    orders: Orders
    values: Floats

    def _part(self, start: int, count: int, step: int, sign: float) -> Floats:
        polynomial = np.zeros(count * step + 1)
        polynomial[0] = 1.0
        if count:
            polynomial[step::step] = sign * self.values[start : start + count]
        return polynomial

    @property
    def ar(self) -> Floats:
        """φ(B)Φ(Bᵐ), from the power 0 on."""
        p, q, seasonal, _, season = self.orders
        plain = self._part(0, p, 1, -1.0)
        if not seasonal:
            return plain
        return np.convolve(plain, self._part(p + q, seasonal, season, -1.0))

    @property
    def ma(self) -> Floats:
        """θ(B)Θ(Bᵐ), from the power 0 on."""
        p, q, seasonal_ar, seasonal, season = self.orders
        plain = self._part(p, q, 1, 1.0)
        if not seasonal:
            return plain
        return np.convolve(plain, self._part(p + q + seasonal_ar, seasonal, season, 1.0))

    def smallest_root(self) -> float:
        """The least modulus of a root of either polynomial: above 1 if stationary, invertible."""
        least = np.inf
        for polynomial in (self.ar, self.ma):
            trimmed = np.trim_zeros(polynomial, "b")
            if len(trimmed) > 1:
                least = min(least, float(1 / np.abs(np.roots(trimmed)).max()))
        return least


def from_partial(orders: Orders, free: Floats) -> Arma:
    """A stationary and invertible model from any numbers.

    tanh makes partial autocorrelations of them, and the Durbin-Levinson recursion coefficients of
    those (Jones, Maximum likelihood fitting of ARMA models, Technometrics 22, 1980; Monahan 1984).
    """
    values = np.empty(orders.parameters)
    start = 0
    for count, sign in _blocks(orders):
        found = np.empty(0)
        for partial in LARGEST * np.tanh(free[start : start + count]):
            found = np.append(found - partial * found[::-1], partial)
        values[start : start + count] = sign * found
        start += count
    return Arma(orders, values)


def to_partial(model: Arma) -> Floats:
    """The numbers that give a model, or one near it where it is not stationary or invertible."""
    free = np.empty(model.orders.parameters)
    start = 0
    for count, sign in _blocks(model.orders):
        left = sign * model.values[start : start + count]
        for place in range(count - 1, -1, -1):
            partial = float(np.clip(left[-1], -0.97, 0.97))
            free[start + place] = np.arctanh(partial / LARGEST)
            left = (left[:-1] + partial * left[:-1][::-1]) / (1 - partial**2)
        start += count
    return free


def _blocks(orders: Orders) -> tuple[tuple[int, float], ...]:
    """Each kind's count; MA parts are AR parts with the sign turned."""
    return (
        (orders.ar, 1.0), (orders.ma, -1.0), (orders.seasonal_ar, 1.0), (orders.seasonal_ma, -1.0)
    )  # fmt: skip


def reflect(model: Arma) -> Arma:
    """The same autocovariances with all roots of each MA part outside the unit circle."""
    p, q, seasonal_ar, seasonal_ma, _ = model.orders
    values = model.values.copy()
    for start, count in ((p, q), (p + q + seasonal_ar, seasonal_ma)):
        if not count:
            continue
        roots = np.roots(np.append(values[start : start + count][::-1], 1.0))
        if np.any(np.abs(roots) < 1):
            roots = np.where(np.abs(roots) < 1, 1 / np.conj(roots), roots)
            polynomial = np.array([1.0 + 0j])
            for root in roots:
                polynomial = np.convolve(polynomial, [1.0, -1 / root])
            found = np.real(polynomial[1:])
            values[start : start + count] = 0.0
            values[start : start + len(found)] = found
    return Arma(model.orders, values)


def css_residuals(model: Arma, columns: Floats) -> Floats:
    """Residuals of each column given that all was 0 before, without those that depend on it.

    Args:
        model: The ARMA model.
        columns: The series and the regressors, shape (n, 1 + k).

    Returns:
        Residuals, shape (n - p - mP, 1 + k).
    """
    return _recursive(model.ma, moving(model.ar, columns))


def moving(polynomial: Floats, columns: Floats) -> Floats:
    """A polynomial of the shift operator applied to each column, from where all lags are known."""
    lost = len(polynomial) - 1
    found: Floats = polynomial[0] * columns[lost:]
    for lag in np.flatnonzero(polynomial[1:]) + 1:
        found = found + polynomial[lag] * columns[lost - lag : len(columns) - lag]
    return found


def _recursive(ma: Floats, columns: Floats) -> Floats:
    """The inverse of a polynomial applied to each column, all being 0 before."""
    return columns if len(ma) == 1 else np.asarray(lfilter([1.0], ma, columns, axis=0), float)


def least_squares(whitened: Floats) -> tuple[Floats, Floats]:
    """Coefficients of the other columns for the first, and what remains of it."""
    if whitened.shape[1] == 1:
        return np.empty(0), whitened[:, 0]
    if whitened.shape[1] == 2:
        first, other = whitened[:, 0], whitened[:, 1]
        size = float(other @ other)
        one = float(first @ other) / size if size > 0 else 0.0
        return np.array([one]), first - one * other
    beta, *_ = np.linalg.lstsq(whitened[:, 1:], whitened[:, 0], rcond=None)
    return np.asarray(beta, float), np.asarray(whitened[:, 0] - whitened[:, 1:] @ beta, float)


class Likelihood(NamedTuple):
    """The exact likelihood at given ARMA parameters, and what it implies."""

    value: float
    sigma2: float
    beta: Floats


def whitened(model: Arma, columns: Floats) -> tuple[Floats, float]:
    """The columns with all dependence between periods taken out, and what that changes.

    Ljung & Box, The likelihood function of stationary autoregressive-moving average models
    (Biometrika 66, 1979): given the p values and q innovations before the series, u, the
    innovations are e + Zu, where e takes all of them as 0; u is what is likeliest.

    Args:
        model: A stationary model.
        columns: The series and the regressors, shape (n, 1 + k).

    Returns:
        Rows whose sums of squares and products are those of the exact likelihood, shape
        (n + p + q, 1 + k); and the logarithm of the determinant of the covariance over σ².
    """
    ar, ma = model.ar, model.ma
    lags = len(ar) + len(ma) - 2
    if not lags:
        return columns, 0.0
    if lags <= LONG:
        try:
            return _with_before(ar, ma, columns)
        except np.linalg.LinAlgError:  # so near a unit root that rounding decides
            return _innovations(ar, ma, columns)
    return _innovations(ar, ma, columns)


def _with_before(ar: Floats, ma: Floats, columns: Floats) -> tuple[Floats, float]:
    padded = np.vstack([np.zeros((len(ar) - 1, columns.shape[1])), columns])
    errors = _recursive(ma, moving(ar, padded))
    before = _effects_of_before(ar, ma, len(columns)) @ np.linalg.cholesky(
        _covariance_before(ar, ma)
    )
    factor = cho_factor(np.eye(before.shape[1]) + before.T @ before, check_finite=False)
    likeliest = -cho_solve(factor, before.T @ errors, check_finite=False)
    rows = np.vstack([errors + before @ likeliest, likeliest])
    return rows, 2 * float(np.log(np.diag(factor[0])).sum())


def _innovations(ar: Floats, ma: Floats, columns: Floats) -> tuple[Floats, float]:
    """The same by the innovations algorithm (Brockwell & Davis 1991, §5.2), in as many rows."""
    from statsmodels.tsa.innovations.arma_innovations import arma_innovations

    innovations, error = arma_innovations(columns, -ar[1:], ma[1:])
    spare = np.zeros((len(ar) + len(ma) - 2, columns.shape[1]))
    rows = np.vstack([innovations / np.sqrt(error)[:, None], spare])
    return rows, float(np.log(error).sum())


def exact(model: Arma, columns: Floats) -> Likelihood:
    """The exact Gaussian log-likelihood; β and σ² are at their maximum for the parameters.

    Args:
        model: A stationary model.
        columns: The series and the regressors, shape (n, 1 + k).
    """
    n = len(columns)
    rows, log_determinant = whitened(model, columns)
    beta, left = least_squares(rows)
    sigma2 = float(left @ left) / n
    if not sigma2 > 0:
        return Likelihood(-np.inf, 0.0, beta)
    value = -0.5 * (n * (np.log(2 * np.pi * sigma2) + 1) + log_determinant)
    return Likelihood(float(value), sigma2, beta)


def _effects_of_before(ar: Floats, ma: Floats, n: int) -> Floats:
    """How the innovations depend on the values and innovations before the series, shape (n, p+q).

    The latest comes first, values before innovations.
    """
    p, q = len(ar) - 1, len(ma) - 1
    inputs = np.zeros((max(n, p, q), p + q))
    for back in range(p):
        inputs[: p - back, back] = ar[back + 1 :]
    for back in range(q):
        inputs[: q - back, p + back] = -ma[back + 1 :]
    return _recursive(ma, inputs[:n])


def _covariance_before(ar: Floats, ma: Floats) -> Floats:
    """Covariance over σ² of the p values and q innovations before the series."""
    p, q = len(ar) - 1, len(ma) - 1
    found = np.eye(p + q)
    if p:
        psi = psi_weights(ar, ma, max(p, q) + 1)
        found[:p, :p] = toeplitz(_autocovariance(ar, ma, psi)[:p])
        lags = np.arange(q)[None, :] - np.arange(p)[:, None]
        found[:p, p:] = np.where(lags >= 0, psi[np.maximum(lags, 0)], 0.0)
        found[p:, :p] = found[:p, p:].T
    return found


@cache
def _lags(p: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Where φ_(k-j) and φ_(k+j) stand in a list padded to twice its length, shape (p+1, p+1)."""
    row, column = np.arange(p + 1)[:, None], np.arange(p + 1)[None, :]
    return np.where(row >= column, row - column, 2 * p), row + column


def _autocovariance(ar: Floats, ma: Floats, psi: Floats) -> Floats:
    """γ₀ … γ_p over σ² (Brockwell & Davis 1991, eq. 3.3.8 and 3.3.9)."""
    p, q = len(ar) - 1, len(ma) - 1
    padded = np.zeros(2 * p + 1)
    padded[: p + 1] = ar
    before, after = _lags(p)
    equations = padded[before] + padded[after]
    equations[:, 0] = ar
    right = np.zeros(p + 1)
    for lag in range(min(p, q) + 1):
        right[lag] = ma[lag:] @ psi[: q + 1 - lag]
    return np.asarray(np.linalg.solve(equations, right), float)


def psi_weights(ar: Floats, ma: Floats, count: int) -> Floats:
    """ψ₀ … of ma/ar, shape (count,)."""
    impulse = np.zeros(count)
    impulse[0] = 1.0
    return np.asarray(lfilter(ma, ar, impulse))


def predict(model: Arma, errors: Floats, horizon: int) -> tuple[Floats, Floats]:
    """The best forecast of a series of mean 0 from all of it, and the covariance of its errors.

    Args:
        model: A stationary model.
        errors: The series, shape (n,).
        horizon: How far.

    Returns:
        Forecast, shape (horizon,), and covariance over σ², shape (horizon, horizon).
    """
    from statsmodels.tsa.arima_process import arma_acovf

    n = len(errors)
    acovf = np.asarray(arma_acovf(model.ar, model.ma, nobs=n + horizon))
    steps = np.arange(1, horizon + 1)[:, None]
    across = acovf[steps + np.arange(n)[::-1][None, :]]
    solved = solve_toeplitz(acovf[:n], np.column_stack([errors, across.T]))
    ahead = acovf[np.abs(steps - steps.T)]
    return across @ solved[:, 0], ahead - across @ solved[:, 1:]
