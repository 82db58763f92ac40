"""The simple forecasts: the shopkeeper's rules, theta, exponential smoothing, and rare sales.

Each takes a series and gives the mean of the periods to come, shape (horizon,).
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.signal import lfilter

from analytics.forecast.arma import Floats

RECENT = 4
"""How many of the latest periods, or seasons of a short season, a recent mean looks at."""
LONGEST_SHORT_SEASON = 7
GRID = 11
"""So many values of a smoothing parameter are tried before the best is approached."""
SMOOTHING = 0.1
"""Of the size and the chance of rare sales; small, since each tells little (Teunter, Syntetos &
Babai 2011 and Syntetos & Boylan 2005 find .05 to .2 best)."""


def naive(y: Floats, horizon: int, season: int = 1) -> Floats:  # noqa: ARG001
    """As the last period."""
    return np.full(horizon, y[-1])


def seasonal_naive(y: Floats, horizon: int, season: int = 1) -> Floats:
    """As in the same period of the last season; as the last period where there is no whole one."""
    if len(y) < season:
        return naive(y, horizon)
    return np.resize(y[-season:], horizon)


def recent_mean(y: Floats, horizon: int, season: int = 1) -> Floats:
    """The mean of the last four periods; with a short season, of the same weekday."""
    if 1 < season <= LONGEST_SHORT_SEASON and len(y) >= season:
        seasons = min(RECENT, len(y) // season)
        same = y[-seasons * season :].reshape(seasons, season).mean(axis=0)
        return np.resize(same, horizon)
    return np.full(horizon, y[-RECENT:].mean())


def theta(y: Floats, horizon: int, season: int = 1) -> Floats:
    """The theta method (Assimakopoulos & Nikolopoulos 2000), its season taken off where tested.

    As shares of the level, as there, where every period sold something; else as amounts, since a
    share of nothing is none.
    """
    if len(y) < 4 or np.ptp(y) == 0:
        return naive(y, horizon)
    if season <= 1 or len(y) < 2 * season + 1:
        return _theta(y, horizon)
    from statsmodels.tsa.forecasting.theta import ThetaModel

    found = ThetaModel(
        y,
        period=season,
        deseasonalize=True,
        use_test=True,
        method="multiplicative" if y.min() > 0 else "additive",
    ).fit()
    return np.asarray(found.forecast(horizon), dtype=float)


def _theta(y: Floats, horizon: int) -> Floats:
    """Without a season: exponential smoothing with half the trend as drift (Hyndman & Billah 2003).

    statsmodels gives the same, but spends fifty times as long on the one parameter, which is most
    of the time that thousands of series take.
    """
    n = len(y)
    slope = float(np.polyfit(np.arange(n), y, 1)[0])

    def levels(alpha: float) -> Floats:
        return np.append(y[0], y[0] + lfilter([alpha], [1.0, alpha - 1.0], y[1:] - y[0]))

    def wrong(alpha: float) -> float:
        errors = y[1:] - levels(alpha)[:-1]
        return float(errors @ errors)

    grid = np.linspace(0.0, 1.0, GRID)
    best = int(np.argmin([wrong(alpha) for alpha in grid]))
    bounds = (grid[max(best - 1, 0)] + 1e-3, grid[min(best + 1, GRID - 1)] - 1e-3)
    alpha = float(minimize_scalar(wrong, bounds=bounds, method="bounded").x)
    ahead = np.arange(horizon) + (1 - (1 - alpha) ** n) / alpha
    return np.asarray(levels(alpha)[-1] + 0.5 * slope * ahead)


def ets(y: Floats, horizon: int, season: int = 1) -> Floats:
    """Exponential smoothing with a damped additive trend, and an additive season where it fits.

    Never multiplicative: on sales with zeros that explodes.
    """
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    if len(y) < 5 or np.ptp(y) == 0:
        return naive(y, horizon)
    seasonal = 1 < season <= 24 and len(y) >= 2 * season + 5
    found = ExponentialSmoothing(
        y, trend="add", damped_trend=True, seasonal="add" if seasonal else None,
        seasonal_periods=season if seasonal else None, initialization_method="estimated",
    ).fit()  # fmt: skip
    return np.asarray(found.forecast(horizon), dtype=float)


def sba(y: Floats, horizon: int, season: int = 1) -> Floats:  # noqa: ARG001
    """Croston's method without its bias (Syntetos & Boylan 2005): size over interval."""
    sold = np.flatnonzero(y > 0)
    if not len(sold):
        return np.zeros(horizon)
    size, interval = float(y[sold[0]]), float(sold[0] + 1)
    for before, place in pairwise(sold):
        size += SMOOTHING * (y[place] - size)
        interval += SMOOTHING * (place - before - interval)
    return np.full(horizon, (1 - SMOOTHING / 2) * size / interval)


def tsb(y: Floats, horizon: int, season: int = 1) -> Floats:  # noqa: ARG001
    """Size times chance of a sale (Teunter, Syntetos & Babai 2011), so that it may die out."""
    sold = y > 0
    if not sold.any():
        return np.zeros(horizon)
    size, chance = float(y[sold].mean()), float(sold.mean())
    for value, is_sold in zip(y, sold, strict=True):
        chance += SMOOTHING * (float(is_sold) - chance)
        if is_sold:
            size += SMOOTHING * (value - size)
    return np.full(horizon, size * chance)


RIVALS: dict[str, Callable[[Floats, int, int], Floats]] = {
    "naive": naive,
    "seasonal_naive": seasonal_naive,
    "recent_mean": recent_mean,
    "theta": theta,
    "ets": ets,
    "sba": sba,
    "tsb": tsb,
}
