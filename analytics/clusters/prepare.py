"""Features made fit for distances: logarithms of skewed ones, gaps filled, all of one scale.

K-means and density methods measure distance, so a feature counts as much as its spread. Skewed
ones (sample skewness above 1) are taken as logarithms, log(1 + x) with the sign kept; then all are
standardised; then nothing lies further than four standard deviations from the mean. What was
filled, logged, capped or left out is told, never silent.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.profile.catalogue import BY_NAME

Matrix = npt.NDArray[np.float64]

SKEWED = 1.0
CAP = 4.0
"""Standard deviations beyond which a value counts as if it were there."""
MOST_MISSING = 0.5
LOOKED_AT = 50_000
"""About so many customers, evenly taken, decide what is skewed; means and spreads are of all."""


@dataclass(frozen=True)
class Preparation:
    """How features become a matrix; learnt once, applied to any customers.

    Attributes:
        features: The features used, in the order of the matrix's columns.
        logged: For each whether its logarithm is taken.
        fill: For each what stands in for a missing value, in the feature's own unit.
        mean: Of each prepared feature.
        spread: Standard deviation of each.
        notes: DataFrame feature, label, missing (customers), filled_with, logged, capped
            (customers), left_out (why, or empty), a row a feature that was asked for.
    """

    features: tuple[str, ...]
    logged: npt.NDArray[np.bool_]
    fill: Matrix
    mean: Matrix
    spread: Matrix
    notes: pd.DataFrame

    def apply(self, frame: pd.DataFrame) -> Matrix:
        """The matrix of these customers, shape (customers, features)."""
        matrix = np.empty((len(frame), len(self.features)))
        for place, name in enumerate(self.features):
            matrix[:, place] = self._column(numbers(frame, name), place)
        return matrix

    def _column(self, values: Matrix, place: int) -> Matrix:
        values = np.where(np.isnan(values), self.fill[place], values)
        if self.logged[place]:
            values = _log(values)
        values = (values - self.mean[place]) / self.spread[place]
        return np.clip(values, -CAP, CAP)


def numbers(frame: pd.DataFrame, name: str) -> Matrix:
    """A column as floats, NaN where missing."""
    return pd.to_numeric(frame[name]).to_numpy(dtype=float, na_value=np.nan)


def learn(frame: pd.DataFrame, features: Sequence[str]) -> tuple[Preparation, Matrix]:
    """Find out how to prepare these customers' features, and do it.

    Args:
        frame: A row a customer, with the features as columns.
        features: Which to use.

    Returns:
        The preparation and the matrix, shape (customers, features used).

    Raises:
        AnalyticsError: A feature does not exist, or none is named.
        NotEnoughDataError: Fewer than two features vary.
    """
    if unknown := [name for name in features if name not in frame.columns]:
        raise AnalyticsError(
            f"There is no feature “{unknown[0]}”.", f"Choose among {', '.join(frame.columns)}."
        )
    used: list[tuple[str, bool, float, float, float]] = []
    columns: list[Matrix] = []
    notes = []
    for name in dict.fromkeys(features):
        values = numbers(frame, name)
        missing = np.isnan(values)
        note = {
            "feature": name, "label": label(name), "missing": int(missing.sum()),
            "filled_with": np.nan, "logged": False, "capped": 0, "left_out": "",
        }  # fmt: skip
        notes.append(note)
        if missing.mean() > MOST_MISSING:
            note["left_out"] = "unknown for most customers"
            continue
        fill = float(np.median(values[~missing]))
        if missing.any():
            values = np.where(missing, fill, values)
            note["filled_with"] = fill
        logged = _is_skewed(values[:: max(len(values) // LOOKED_AT, 1)])
        if logged:
            values = _log(values)
        mean, spread = float(values.mean()), float(values.std())
        if not spread > 1e-12:
            note["left_out"] = "the same for all customers"
            continue
        values = (values - mean) / spread
        note["capped"] = int(np.count_nonzero(np.abs(values) > CAP))
        note["logged"] = logged
        columns.append(np.clip(values, -CAP, CAP))
        used.append((name, logged, fill, mean, spread))
    if len(used) < 2:
        raise NotEnoughDataError(
            "Fewer than two of the chosen features differ between customers.",
            "Choose more features, or import more orders and events.",
        )
    names, logs, fills, means, spreads = zip(*used, strict=True)
    preparation = Preparation(
        names, np.array(logs), np.array(fills), np.array(means), np.array(spreads),
        pd.DataFrame(notes),
    )  # fmt: skip
    return preparation, np.column_stack(columns)


def label(name: str) -> str:
    """What a marketer calls a feature."""
    return BY_NAME[name].label if name in BY_NAME else name.replace("_", " ").capitalize()


def _log(values: Matrix) -> Matrix:
    logs: Matrix = np.sign(values) * np.log1p(np.abs(values))
    return logs


def _is_skewed(values: Matrix) -> bool:
    """Whether the sample skewness is above 1 and a logarithm makes it smaller."""
    return _skewness(values) > SKEWED and abs(_skewness(_log(values))) < _skewness(values)


def _skewness(values: Matrix) -> float:
    spread = values.std()
    return float((((values - values.mean()) / spread) ** 3).mean()) if spread > 0 else 0.0
