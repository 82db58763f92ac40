"""Forecasts that add up: the total is the sum of its categories, a category of its products.

Minimum trace reconciliation (Wickramasuriya, Athanasopoulos & Hyndman, Journal of the American
Statistical Association 114, 2019) with the covariance of past errors shrunk towards its diagonal
(Schäfer & Strimmer 2005). Where that would leave a part below 0, it is 0, and the sums follow.

A total that is forecast on its own can also be kept as it is, its error taken as 0 (immutable
forecasts: Zhang, Kang, Panagiotelis & Li, European Journal of Operational Research 308, 2023): it
was the surer one, and its intervals stay those of its own errors.
"""

import numpy as np
import pandas as pd

from analytics.errors import AnalyticsError
from analytics.forecast.arma import Floats

CENTS = 100
MOST_TOGETHER = 500
"""Of more parts only the spread of each one's errors counts, not how they go together."""


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


def to_total(total: Floats, parts: Floats, errors: Floats) -> Floats:
    """Parts that add up to a total that is kept, to the cent and never negative.

    The gap goes where errors were large: b + W1 (1ᵀW1)⁻¹ (total − 1ᵀb), W the shrunk covariance of
    the parts' past errors. A part that would fall below 0 is 0, and the others give way for it.

    Args:
        total: The forecast to keep, 0 or more, shape (periods,).
        parts: Their own forecasts, shape (parts, periods).
        errors: Their past errors, shape (moments, parts); NaN where one is not known.
    """
    if len(parts) > MOST_TOGETHER or len(errors) < 2:
        share = _centred(errors)[1] ** 2 if len(errors) > 1 else parts.mean(axis=1)
    else:
        share = shrunk(errors).sum(axis=1)
    # A part whose errors run against all others' would otherwise be moved away from the total.
    share = np.maximum(share, 0.0)
    if not share.sum() > 0:
        share = np.ones(len(parts))
    gap = total - parts.sum(axis=0)
    moved = np.maximum(parts + np.outer(share / share.sum(), gap), 0.0)
    return in_proportion(total, moved, share)


def in_proportion(total: Floats, parts: Floats, otherwise: Floats) -> Floats:
    """Parts scaled to a total, in whole cents that add up to it exactly.

    Args:
        total: Shape (periods,), 0 or more.
        parts: 0 or more, shape (parts, periods).
        otherwise: Shares, shape (parts,), for periods in which no part is above 0.
    """
    known = parts.sum(axis=0) > 0
    spare = otherwise if otherwise.sum() > 0 else np.ones(len(parts))
    shares = np.where(known, parts, spare[:, None])
    shares = shares / shares.sum(axis=0)
    cents = np.round(total * CENTS)
    exact = shares * cents
    whole = np.floor(exact)
    # The cents that rounding down left over go to the largest remainders.
    rank = np.argsort(np.argsort(whole - exact, axis=0, kind="stable"), axis=0)
    return np.asarray((whole + (rank < np.round(cents - whole.sum(axis=0)))) / CENTS)


def shrunk(errors: Floats) -> Floats:
    """The covariance of errors, its correlations shrunk towards 0.

    Args:
        errors: Shape (moments, series); NaN where one is not known, which then tells of no
            correlation.
    """
    n = len(errors)
    centred, spread = _centred(errors)
    spread = np.where(spread > 0, spread, max(float(spread.max(initial=0.0)), 1.0) * 1e-3)
    scaled = centred / spread
    correlation = scaled.T @ scaled / n
    variance = ((scaled**2).T @ scaled**2 / n - correlation**2) / max(n - 1, 1)
    off = ~np.eye(len(correlation), dtype=bool)
    squares = float((correlation[off] ** 2).sum())
    share = min(1.0, max(0.0, float(variance[off].sum()) / squares)) if squares > 0 else 1.0
    correlation = np.where(off, (1 - share) * correlation, 1.0)
    return np.asarray(correlation * np.outer(spread, spread))


def _centred(errors: Floats) -> tuple[Floats, Floats]:
    """Errors less each series' mean, 0 where one is not known; and each series' deviation."""
    known = ~np.isnan(errors)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, errors, 0.0).sum(axis=0) / count
    centred = np.where(known, errors - mean, 0.0)
    return centred, np.sqrt((centred**2).sum(axis=0) / count)


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
