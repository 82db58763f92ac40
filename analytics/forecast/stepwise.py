"""The orders of an ARIMA model, found automatically.

Searched stepwise by the corrected Akaike criterion (Hyndman & Khandakar, Automatic time series
forecasting, Journal of Statistical Software 27(3), 2008), differences chosen as there. We differ in
speed: each model is estimated by its conditional sum of squares, compared by the exact likelihood
at that estimate, and only the starting models, the best three and the neighbours of the best one
are refined to the maximum of the likelihood.
"""

import numpy as np

from analytics.errors import NotEnoughDataError
from analytics.forecast import arma, differencing
from analytics.forecast.arima import Arima, Model, checked, design, difference, maximise, quick
from analytics.forecast.arma import Floats

MOST = 5
MOST_SEASONAL = 2
REFINED = 3
HOPELESS = 10.0
"""A starting model whose criterion is so much above the best one's is not refined."""
NEAR = 2.0
"""A neighbour of the best model whose quick criterion is at most so much above its is refined."""
NEAREST_ROOT = 1.01
"""Models with a root nearer to the unit circle are left out: they are on the edge of another."""


def search(y: Floats, season: int = 1, *, regressors: Floats | None = None) -> Arima:
    """Find the orders and fit the model.

    Args:
        y: The series, shape (n,), without gaps.
        season: Periods a season; 1 for none.
        regressors: Shape (n, k).

    Raises:
        NotEnoughDataError: There are fewer than three periods.
    """
    y, regressors = checked(y, regressors)
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
    if np.ptp(arma.moving(difference(base), y[:, None])) < 1e-9 * (1 + np.abs(y).max()):
        return maximise(base, np.empty(0), design(base, y, regressors), y, regressors)
    return _Search(base, y, regressors).best()


def _starts(base: Model) -> list[Model]:
    seasonal = int(base.season > 1)
    shapes = ((2, 2, 1, 1), (0, 0, 0, 0), (1, 0, 1, 0), (0, 1, 0, 1))
    starts = [
        base._replace(p=p, q=q, seasonal_p=sp * seasonal, seasonal_q=sq * seasonal)
        for p, q, sp, sq in shapes
    ]
    return [*starts, base._replace(constant=False)] if base.constant else starts


class _Search:
    """The models tried on a series: quickly estimated, and the most promising refined."""

    def __init__(self, base: Model, y: Floats, regressors: Floats) -> None:
        self.base, self.y, self.regressors = base, y, regressors
        self.most = min(MOST, (len(y) - 1) // 3)
        self.tried: dict[Model, tuple[Floats, float]] = {}
        self.refined: dict[Model, Arima] = {}

    def criterion(self, model: Model) -> float:
        """That of a model at its quick estimate."""
        if model not in self.tried:
            self.tried[model] = quick(model, design(model, self.y, self.regressors))
        return self.tried[model][1]

    def aicc(self, model: Model) -> float:
        """That of a refined model, infinity if it is on the edge of another."""
        if model not in self.refined:
            columns = design(model, self.y, self.regressors)
            start = self.tried[model][0]
            self.refined[model] = maximise(model, start, columns, self.y, self.regressors)
        one = self.refined[model]
        return one.aicc if one.arma.smallest_root() > NEAREST_ROOT else np.inf

    def neighbours(self, model: Model) -> list[Model]:
        """Those that the search may go on to."""
        return _neighbours(model, self.base, self.most)

    def best(self) -> Arima:
        """The stepwise search, and from the best of what it found on by the exact likelihood."""
        starts = [one for one in _starts(self.base) if max(one.p, one.q) <= self.most]
        best = min(starts, key=self.criterion)
        while True:
            better = (
                one for one in self.neighbours(best)
                if one not in self.tried and self.criterion(one) < self.criterion(best)
            )  # fmt: skip
            found = next(better, None)
            if found is None:
                break
            best = found
        promising = sorted(self.tried, key=self.criterion)[:REFINED]
        limit = self.criterion(promising[0]) + HOPELESS
        promising += [one for one in starts if self.criterion(one) < limit]
        best = min(dict.fromkeys(promising), key=self.aicc)
        while True:
            limit = self.criterion(best) + NEAR
            near = [one for one in self.neighbours(best) if self.criterion(one) < limit]
            found = min([best, *near], key=self.aicc)
            if found == best:
                break
            best = found
        if np.isinf(self.aicc(best)):
            return min(self.refined.values(), key=lambda one: one.aicc)
        return self.refined[best]


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
