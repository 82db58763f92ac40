"""The season of the year, where two whole years show the same one.

Each year's index is what a period sold over the year's mean; a period has one only where all years
agree that it is unlike usual. It is used where the years before would have foretold the last one:
they must miss its periods by clearly less than its own mean does.
What a year sold is then divided by the index of the *other* years, so that what is left holds the
error of the index too, and intervals learnt from it are as wide as they must be (cross-fitting).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
A_YEAR = {"D": 364, "W": 52, "M": 12}
"""So many periods; days by whole weeks, so that a Saturday is set against Saturdays."""
BETTER = 0.8
LEAST_INDEX = 0.05
LEAST_KNOWN_SHARE = 0.8


@dataclass(frozen=True)
class Yearly:
    """A season that repeats.

    Attributes:
        history: The index of each period of the history by the other years, shape (n,).
        ahead: The index of the periods to come by all years, shape (horizon,).
        known_from: From this place of the history on, earlier years tell the index.
        miss: What earlier years miss of the last one, over what its own mean misses.
    """

    history: Floats
    ahead: Floats
    known_from: int
    miss: float


def yearly(y: "pd.Series[float]", horizon: int) -> Yearly | None:
    """The season of the year, or nothing where there is none that repeats.

    Args:
        y: The series, with a PeriodIndex.
        horizon: How many periods to come.
    """
    freq = str(pd.PeriodIndex(y.index).freqstr)[0]
    length = A_YEAR.get(freq, 0)
    years = len(y) // length if length else 0
    if years < 2:
        return None
    smooth = y.rolling(7, center=True, min_periods=4).mean() if freq == "D" else y
    values = np.asarray(smooth, dtype=np.float64)
    used = values[-years * length :].reshape(years, length)
    if np.isfinite(used).mean(axis=1).min() < LEAST_KNOWN_SHARE or np.nanmin(used) < 0:
        return None
    means = np.nanmean(used, axis=1)
    if means.min() <= 0:
        return None
    index = used / means[:, None]
    index, last = _agreed(index), index[-1]
    before = _mean_of(index[:-1])
    flat = np.nansum(np.abs(last - 1))
    miss = float(np.nansum(np.abs(last - before)) / flat) if flat > 0 else np.inf
    if miss >= BETTER:
        return None
    every = _mean_of(index)
    others = [_mean_of(np.delete(index, year, axis=0)) for year in range(years)]
    early = len(values) - years * length
    history = np.concatenate([np.resize(every[::-1], early)[::-1], *others])
    return Yearly(history, np.resize(every, horizon), len(values) - length, miss)


def _agreed(index: Floats) -> Floats:
    """Each year's index where all years agree that a period is unlike usual, else its usual level.

    Usual is a year's median. Without this, a first year that began slowly would make a dip of the
    season in which it began.
    """
    usual = np.nanmedian(index, axis=1, keepdims=True)
    apart = np.where(np.isfinite(index), index - usual, 0.0)
    same_side = (apart > 0).all(axis=0) | (apart < 0).all(axis=0)
    clear = same_side & (np.abs(apart.mean(axis=0)) > 2 * apart.std(axis=0))
    return np.where(clear, index, usual)


def _mean_of(index: Floats) -> Floats:
    """The mean over years; 1 where none of them is known."""
    known = np.isfinite(index)
    mean = np.where(known, index, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return np.where(known.any(axis=0), np.maximum(mean, LEAST_INDEX), 1.0)
