"""An arm of a test as sums tell it: means, variances and covariances per assigned customer.

Everything that is compared later follows from these few numbers, so that a million customers cost
one aggregate in the store. A ratio (average order value, click-through rate) is a quotient of two
means; its variance per customer follows by the delta method (Deng, Knoblich & Lu, "Applying the
Delta Method in Metric Analytics", KDD 2018), with the customer as unit, since orders of one
customer are not independent of each other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite, nan
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["COLUMNS", "Arm", "Kind", "Moments", "cap", "capped", "frame", "ratio_variance", "row"]

Kind = Literal["proportion", "mean", "ratio"]
Numbers = npt.NDArray[np.float64]

COLUMNS = (
    *("variant", "metric", "kind", "n", "mean", "variance", "successes"),
    *("value_mean", "value_variance", "denominator_mean", "denominator_variance"),
    *("before_mean", "before_variance"),
    *("denominator_before_mean", "denominator_before_variance"),
    *("covariance_value_denominator", "covariance_value_before"),
    *("covariance_value_denominator_before", "covariance_denominator_before"),
    *("covariance_denominator_denominator_before", "covariance_before_denominator_before"),
    *("capped_mean", "capped_variance", "cap"),
)
"""The columns of the arms frame, a row a variant and metric."""
PARTS = ("value", "denominator", "before", "denominator_before")
"""What is measured of each customer; a covariance is named after its two parts, in this order."""


@dataclass(frozen=True)
class Arm:
    """The mean of one arm.

    Attributes:
        n: Customers assigned to it.
        mean: The metric's value.
        variance: Its variance per customer: the mean's standard error is √(variance ÷ n).
    """

    n: int
    mean: float
    variance: float


@dataclass(frozen=True)
class Moments:
    """Means and covariances of an arm's `PARTS`; zeros where the metric has no such part.

    Attributes:
        n: Customers.
        mean: Four means.
        covariance: Their covariances between customers (n − 1), four by four.
    """

    n: int
    mean: Numbers
    covariance: Numbers

    @classmethod
    def of(cls, one: Mapping[str, Any]) -> "Moments":
        """Those of a row of the arms frame."""
        spread = np.zeros((4, 4))
        for first, name in enumerate(PARTS):
            spread[first, first] = _number(one[f"{name}_variance"])
            for second in range(first):
                both = _number(one[f"covariance_{PARTS[second]}_{name}"])
                spread[first, second] = spread[second, first] = both
        mean = np.array([_number(one[f"{name}_mean"]) for name in PARTS])
        return cls(int(one["n"]), mean, spread)

    def __add__(self, other: "Moments") -> "Moments":
        """Those of the customers of both arms together."""
        n = self.n + other.n
        apart = self.mean - other.mean
        spread = (self.n - 1) * self.covariance + (other.n - 1) * other.covariance
        spread = spread + self.n * other.n / n * np.outer(apart, apart)
        return Moments(n, (self.n * self.mean + other.n * other.mean) / n, spread / (n - 1))


def row(
    variant: str,
    metric: str,
    kind: Kind,
    n: int,
    *,
    successes: float = nan,
    value_mean: float = nan,
    value_variance: float = nan,
    **more: float,
) -> dict[str, Any]:
    """One row of the arms frame, made complete.

    Args:
        variant: The arm.
        metric: The metric's name.
        kind: How it is compared.
        n: Customers assigned to the arm, with those who did nothing.
        successes: Of a proportion, how many customers did it; else `value_mean` tells.
        value_mean: Mean of the outcome per customer; of a ratio, of its numerator.
        value_variance: Its variance between customers (n − 1); of a proportion it follows.
        **more: Any other of `COLUMNS`; what is not given is NaN.

    Returns:
        A value for each of `COLUMNS`; `mean` and `variance` are the metric's own: p(1 − p) of a
        proportion, by the delta method of a ratio, NaN of a ratio without a denominator.
    """
    if unknown := set(more) - set(COLUMNS):
        raise TypeError(f"No such columns: {sorted(unknown)}")
    if kind == "proportion":
        if not isfinite(successes):
            successes = round(value_mean * n) if n and isfinite(value_mean) else nan
        value_mean = successes / n if n else nan
        sample = value_mean * (1 - value_mean) * n / (n - 1) if n > 1 else nan
        value_variance = value_variance if isfinite(value_variance) else sample
    made: dict[str, Any] = dict.fromkeys(COLUMNS, nan) | more
    made |= {"variant": variant, "metric": metric, "kind": kind, "n": int(n)}
    made |= {"successes": successes, "value_mean": value_mean, "value_variance": value_variance}
    made |= {"mean": value_mean, "variance": value_variance}
    if kind == "proportion":
        made["variance"] = value_mean * (1 - value_mean)
    if kind == "ratio":
        below = made["denominator_mean"]
        made["mean"] = value_mean / below if below and isfinite(below) else nan
        made["variance"] = ratio_variance(
            value_mean,
            value_variance,
            below,
            made["denominator_variance"],
            made["covariance_value_denominator"],
        )
    return made


def frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows made by `row` as the arms frame: what else they have first, then `COLUMNS`."""
    found = pd.DataFrame(list(rows))
    return found[[*(name for name in found if name not in COLUMNS), *COLUMNS]]


def ratio_variance(
    mean: float, variance: float, below_mean: float, below_variance: float, covariance: float
) -> float:
    """Variance per customer of a ratio of two means, by the delta method; NaN where below is 0.

    Args:
        mean: Mean of the numerator.
        variance: Its variance between customers.
        below_mean: Mean of the denominator.
        below_variance: Its variance.
        covariance: Of the two.

    >>> ratio_variance(2.0, 1.0, 4.0, 0.0, 0.0)
    0.0625
    """
    if not below_mean or not isfinite(below_mean):
        return nan
    ratio = mean / below_mean
    together = variance + ratio**2 * below_variance
    left = together - 2 * ratio * covariance
    # Where every order has the same value nothing is left but the rounding of the sums.
    return (left if abs(left) > 1e-12 * together else 0.0) / below_mean**2


def cap(values: npt.ArrayLike, counts: npt.ArrayLike | None = None, share: float = 0.999) -> float:
    """Where the largest values are cut off: a percentile of the non-zero values of all arms.

    Most customers of a test buy nothing, so that a percentile of all values is often zero.

    Args:
        values: Values per customer, of all arms together.
        counts: How many customers have each; by default one.
        share: Of the non-zero values at most so many lie at or below it, 0 to 1; between two values
            it is interpolated.

    Returns:
        The value to clamp at; NaN where all are zero.
    """
    amounts = np.asarray(values, dtype=float)
    many = np.ones(len(amounts)) if counts is None else np.asarray(counts, dtype=float)
    amounts, many = amounts[(amounts != 0) & (many > 0)], many[(amounts != 0) & (many > 0)]
    if not len(amounts):
        return nan
    order = np.argsort(amounts)
    amounts, reached = amounts[order], np.cumsum(many[order])
    place = share * (reached[-1] - 1)
    low, high = np.searchsorted(reached, [np.floor(place), np.ceil(place)], side="right")
    return float(amounts[low] + (place - np.floor(place)) * (amounts[high] - amounts[low]))


def capped(
    values: npt.ArrayLike, limit: float, counts: npt.ArrayLike | None = None
) -> tuple[float, float]:
    """Mean and variance (n − 1) of the values where those above the limit count as the limit."""
    amounts = np.minimum(np.asarray(values, dtype=float), limit)
    many = np.ones(len(amounts)) if counts is None else np.asarray(counts, dtype=float)
    n = many.sum()
    mean = float(amounts @ many / n)
    return mean, float(((amounts - mean) ** 2) @ many / (n - 1))


def _number(value: Any) -> float:
    """A part's moment; 0 where the metric has no such part."""
    return 0.0 if value is None or not isfinite(value) else float(value)
