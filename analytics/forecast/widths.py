"""How wide the intervals of many series must be to hold.

The errors of a class's series over the standard deviations that its models gave, pooled by step
with its neighbours, say how many of these hold 80% and 95% (split conformal prediction, Vovk et al.
2005). Two things are mixed in. A series that was missed by more than others of its class has wider
intervals, as far as so few errors tell. And the widths go halfway to those of a normal error made
wider, since models are known to be surer than they may be (Makridakis, Hibon, Lusk & Belhadjali,
International Journal of Forecasting 3, 1987): what was missed in one past is no whole truth either.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtri

from analytics.forecast.arma import Floats

LEVELS = (0.8, 0.95)
SURER = (1.3, 1.45)
"""By so much models' intervals are too narrow before anything is known of a class; the wider one by
more, since large errors are more frequent than a normal distribution has them."""
TRUST = 0.5
"""How far to go from there to what the errors say, where there are many."""
PRIOR = 2.0
"""So many origins' worth of errors are needed to go half as far."""
OWN = 6.0
"""So many origins' worth of the class's errors are mixed into each series' own."""


def widths(past: pd.DataFrame, names: Sequence[str], horizon: int) -> dict[str, Floats]:
    """How many standard deviations hold 80% and 95% of the errors of each series of a class.

    Args:
        past: Their errors: series, origin, step, actual, mean, spread, the origins of a series in
            the order of time; the later half of them is used, as the nearer to now.
        names: The series; some may have no past.
        horizon: How many steps.

    Returns:
        Series to shape (horizon, 2).
    """
    usual = np.array(SURER) * ndtri(0.5 + np.array(LEVELS) / 2)
    known = _scaled(past)
    if known.empty:
        return {name: np.tile(usual, (horizon, 1)) for name in names}
    squares = (known["scaled"] ** 2).groupby(known["series"]).mean()
    origins = known.groupby("series")["origin"].nunique()
    whole = float((known["scaled"] ** 2).mean()) or 1.0
    own = np.sqrt((origins * squares + OWN * whole) / ((origins + OWN) * whole))
    step = known["step"].to_numpy(dtype=int)
    scaled = known["scaled"].to_numpy(dtype=float) / known["series"].map(own).to_numpy(dtype=float)
    trust = TRUST * float(origins.sum()) / (float(origins.sum()) + PRIOR)
    pooled = np.empty((horizon, 2))
    for place in range(horizon):
        pooled[place] = _quantiles(scaled[np.abs(step - place - 1) <= 1], usual)
    return {
        name: (1 - trust) * usual + trust * pooled * float(own.get(name, 1.0)) for name in names
    }


def _scaled(past: pd.DataFrame) -> pd.DataFrame:
    """The absolute errors of each series' later origins over their standard deviations."""
    starts = past[["series", "origin"]].drop_duplicates()
    grouped = starts.groupby("series", sort=False)["origin"]
    late = starts[grouped.cumcount() >= grouped.transform("size") // 2]
    used = past[past["spread"] > 0].merge(late, on=["series", "origin"])
    scaled = (used["actual"] - used["mean"]).abs() / used["spread"]
    return used[["series", "origin", "step"]].assign(scaled=scaled)


def _quantiles(scaled: Floats, usual: Floats) -> Floats:
    if not len(scaled):
        return usual
    shares = np.minimum(1.0, np.array(LEVELS) * (1 + 1 / len(scaled)))
    return np.asarray(np.quantile(scaled, shares), dtype=float)
