"""What kind of series it is, and what in it is out of the ordinary.

Classes by the mean interval between sales and the squared variation of their sizes (Syntetos,
Boylan & Croston, Journal of the Operational Research Society 56, 2005).
"""

from typing import Literal

import numpy as np

from analytics.forecast.arma import Floats

Kind = Literal["smooth", "erratic", "intermittent", "lumpy", "short", "dead"]

INTERVAL = 1.32
VARIATION = 0.49
FEWEST_PERIODS = 8
FEWEST_SALES = 3
DEAD_SHARE = 0.25
"""Without a sale in the last quarter of its history (and eight periods) a series is dead."""
OUTLIER_SPREADS = 15.0
OUTLIER_TIMES = 10.0
SHIFT_SPREADS = 3.0


def kind(y: Floats) -> Kind:
    """The class of a series, shape (n,), of sales from the first one on."""
    active = np.flatnonzero(y > 0)
    if len(active) and len(y) - 1 - active[-1] >= max(FEWEST_PERIODS, DEAD_SHARE * len(y)):
        return "dead"
    if len(y) < FEWEST_PERIODS or len(active) < FEWEST_SALES:
        return "short"
    sizes = y[active]
    interval = (active[-1] - active[0]) / max(len(active) - 1, 1)
    variation = float(np.var(sizes) / np.mean(sizes) ** 2)
    if interval < INTERVAL:
        return "smooth" if variation < VARIATION else "erratic"
    return "intermittent" if variation < VARIATION else "lumpy"


def outliers(y: Floats, season: int) -> list[int]:
    """Places of values that can be no ordinary sale: a thousand-fold order, a slip of the pen.

    Beyond 15 spreads (of the median absolute deviation) of the values in the same place of the
    season, and ten times as large; peaks of a sale or a festival are far smaller.
    """
    step = season if 1 < season <= len(y) // 4 else 1
    found = []
    for start in range(step):
        values = y[start::step]
        middle = float(np.median(values))
        spread = 1.4826 * float(np.median(np.abs(values - middle)))
        limit = max(OUTLIER_SPREADS * spread, OUTLIER_TIMES * abs(middle))
        if limit > 0:
            found += [
                start + step * int(i) for i in np.flatnonzero(np.abs(values - middle) > limit)
            ]
    return sorted(found)


def level_shift(y: Floats, season: int) -> int | None:
    """Where the level changed for good, if by more than three spreads of what is left around it."""
    n, edge = len(y), max(FEWEST_PERIODS, season if season <= 12 else 0)
    if n < 3 * edge:
        return None
    sums = np.cumsum(y)
    places = np.arange(edge, n - edge)
    before = sums[places - 1] / places
    after = (sums[-1] - sums[places - 1]) / (n - places)
    best = int(np.argmax(places * (n - places) * (after - before) ** 2))
    place = int(places[best])
    left = np.concatenate([y[:place] - before[best], y[place:] - after[best]])
    drift = abs(np.corrcoef(np.arange(n), y)[0, 1]) if np.ptp(y) > 0 else 0.0
    steep = abs(after[best] - before[best]) > SHIFT_SPREADS * left.std()
    return place if steep and drift < 0.95 else None


def filled(y: Floats, season: int) -> Floats:
    """The series with its gaps closed by what was known nearest before and after.

    In a season by the same place of it, so that a Saturday is filled by Saturdays.
    """
    if not np.isnan(y).any():
        return y
    found = y.copy()
    step = season if 1 < season <= len(y) // 2 else 1
    for start in range(step):
        values = found[start::step]
        known = np.flatnonzero(~np.isnan(values))
        if len(known):
            found[start::step] = np.interp(np.arange(len(values)), known, values[known])
    known = np.flatnonzero(~np.isnan(found))
    return np.interp(np.arange(len(found)), known, found[known])
