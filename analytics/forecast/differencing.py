"""How often a series must be differenced before its models are compared.

The KPSS test (Kwiatkowski et al. 1992) tells for the trend; the strength of the season (Wang, Smith
& Hyndman, Data Mining and Knowledge Discovery 13, 2006) for the season.
"""

import numpy as np

from analytics.forecast.arma import Floats

KPSS_5_PERCENT = 0.463
SEASONAL_STRENGTH = 0.64


def is_seasonal(y: Floats, season: int) -> bool:
    """Whether the season is strong enough to be differenced away."""
    return season > 1 and seasonal_strength(y, season) > SEASONAL_STRENGTH


def trend(y: Floats, most: int) -> int:
    """How often a series must be differenced until the KPSS test no longer rejects."""
    d = 0
    while d < most and len(y) > 4 and np.ptp(y) > 0 and kpss(y) > KPSS_5_PERCENT:
        y = np.diff(y)
        d += 1
    return d


def kpss(y: Floats) -> float:
    """The KPSS statistic around a level (Kwiatkowski et al. 1992), with ⌊3√n / 13⌋ lags."""
    n = len(y)
    errors = y - y.mean()
    lags = int(3 * np.sqrt(n) / 13)
    variance = float(errors @ errors) / n
    for lag in range(1, lags + 1):
        variance += 2 / n * (1 - lag / (lags + 1)) * float(errors[lag:] @ errors[:-lag])
    return float((np.cumsum(errors) ** 2).sum()) / (n**2 * max(variance, 1e-300))


def seasonal_strength(y: Floats, season: int) -> float:
    """How much of the variation around the trend is season, 0 to 1 (Wang, Smith & Hyndman 2006)."""
    from statsmodels.tsa.seasonal import STL

    parts = STL(y, period=season, seasonal=13).fit()
    both = float(np.var(parts.resid + parts.seasonal))
    return max(0.0, 1 - float(np.var(parts.resid)) / both) if both > 0 else 0.0
