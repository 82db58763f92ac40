"""Forecasts that add up: the total is the sum of its categories, a category of its products.

Minimum trace reconciliation (Wickramasuriya, Athanasopoulos & Hyndman, Journal of the American
Statistical Association 114, 2019) with the covariance of past errors shrunk towards its diagonal
(Schäfer & Strimmer 2005). Where that would leave a part below 0, it is 0, and the sums follow.
"""

import numpy as np
import pandas as pd

from analytics.errors import AnalyticsError
from analytics.forecast.arma import Floats

CENTS = 100


def reconcile(
    forecasts: pd.DataFrame, hierarchy: pd.DataFrame, errors: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Make forecasts of sums and of their parts agree, to the cent.

    Args:
        forecasts: A row a series and period: series, period, mean.
        hierarchy: A row a series that is part of another: series, parent. Each series has one
            parent at most, and what has parts is their sum.
        errors: Past errors, a column a series, a row a moment; by default all series count alike.

    Returns:
        `forecasts` with the mean replaced: never negative, parts adding up exactly in cents.

    Raises:
        AnalyticsError: The hierarchy names a series without forecast, or goes round in circles.
    """
    wide = forecasts.pivot(index="series", columns="period", values="mean")
    names = wide.index.astype(str).tolist()
    sums = _summing(names, hierarchy)
    weights = np.eye(len(names))
    if errors is not None:
        missing = [name for name in names if name not in errors.columns]
        if missing:
            raise AnalyticsError(
                f"There are no past errors of “{missing[0]}”.", "Give them for every series."
            )
        weights = shrunk(errors[names].to_numpy(dtype=float))
    inverse = np.linalg.pinv(weights)
    projected = np.linalg.solve(sums.T @ inverse @ sums, sums.T @ inverse @ wide.to_numpy(float))
    parts = np.round(np.maximum(projected, 0) * CENTS)
    found = pd.DataFrame(sums @ parts / CENTS, index=wide.index, columns=wide.columns)
    mean = found.reset_index().melt("series", value_name="mean")
    return forecasts.drop(columns="mean").merge(mean, on=["series", "period"], how="left")


def shrunk(errors: Floats) -> Floats:
    """The covariance of errors, its correlations shrunk towards 0.

    Args:
        errors: Shape (moments, series).
    """
    n = len(errors)
    centred = errors - errors.mean(axis=0)
    spread = centred.std(axis=0)
    spread = np.where(spread > 0, spread, max(float(spread.max(initial=0.0)), 1.0) * 1e-3)
    scaled = centred / spread
    correlation = scaled.T @ scaled / n
    variance = ((scaled**2).T @ scaled**2 / n - correlation**2) / max(n - 1, 1)
    off = ~np.eye(len(correlation), dtype=bool)
    squares = float((correlation[off] ** 2).sum())
    share = min(1.0, max(0.0, float(variance[off].sum()) / squares)) if squares > 0 else 1.0
    correlation = np.where(off, (1 - share) * correlation, 1.0)
    return np.asarray(correlation * np.outer(spread, spread))


def _summing(names: list[str], hierarchy: pd.DataFrame) -> Floats:
    """A row a series, a column a series without parts; 1 where the one holds the other."""
    parent = dict(
        zip(hierarchy["series"].astype(str), hierarchy["parent"].astype(str), strict=True)
    )
    for name in {*parent, *parent.values()} - set(names):
        raise AnalyticsError(f"There is no forecast of “{name}”.", "Forecast it, or leave it out.")
    bottom = [name for name in names if name not in set(parent.values())]
    place = {name: row for row, name in enumerate(names)}
    sums = np.zeros((len(names), len(bottom)))
    for column, name in enumerate(bottom):
        above: str | None = name
        for _ in range(len(names)):
            if above is None:
                break
            sums[place[above], column] = 1.0
            above = parent.get(above)
        if above is not None:
            raise AnalyticsError(
                f"“{name}” is a part of itself.", "Give each series a parent above it."
            )
    return sums
