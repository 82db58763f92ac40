"""Campaigns of a kind judged together, by empirical Bayes.

Each campaign's lift is an estimate with a standard error around its own true lift, and the true
lifts of a kind of play scatter around the kind's mean. Their variance is that of Paule & Mandel
(1982; DerSimonian & Kacker, Contemporary Clinical Trials 2007), the mean's interval by Hartung &
Knapp (Statistics in Medicine 2001) with Student's t, never narrower than the plain one (Röver,
Knapp & Friede, BMC Medical Research Methodology 2015), so that it is honest for a few. A
campaign's own lift is drawn towards the mean, the more the less sure it is, with the factor and the
variance of Morris (Parametric empirical Bayes inference, JASA 1983): with k campaigns
B = (k − 3)/(k − 1) × v/(v + τ²). So up to three campaigns stand for themselves, and from four on
the drawn-in lifts have less squared error than the single ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize, special

from analytics.errors import AnalyticsError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Pooled:
    """Estimates of several kinds, pooled within each.

    Attributes:
        campaigns: DataFrame, a row an estimate, in the order they came: kind, estimate,
            standard_error, weight (of its own figure in the pooled one, 0 to 1), pooled, lo, hi.
        kinds: DataFrame, a row a kind, sorted: kind, campaigns, mean, standard_error, lo, hi,
            between_sd (standard deviation of the true lifts). The interval of one campaign is its
            own.
    """

    campaigns: pd.DataFrame
    kinds: pd.DataFrame


def pool(
    estimates: npt.ArrayLike,
    standard_errors: npt.ArrayLike,
    kind: Sequence[str],
    confidence: float = 0.95,
) -> Pooled:
    """Pool estimates within each kind.

    Args:
        estimates: Lifts, shape (n,); where one is NaN it has no part and its row is NaN.
        standard_errors: Of each, above 0, shape (n,); NaN as for the estimates.
        kind: The kind of each.
        confidence: Of the intervals.

    Raises:
        AnalyticsError: The lengths differ, or a standard error is not above 0.
    """
    lift, error = (np.array(one, dtype=float) for one in (estimates, standard_errors))
    kinds = np.array([str(one) for one in kind], dtype=object)
    if not len(lift) == len(error) == len(kinds):
        raise AnalyticsError(
            "There are not as many standard errors and kinds as estimates.", "Give one of each."
        )
    usable = np.isfinite(lift) & np.isfinite(error)
    if (error[usable] <= 0).any():
        raise AnalyticsError("A standard error must be above 0.", "Leave that campaign out.")
    frame = pd.DataFrame(
        {"kind": kinds, "estimate": lift, "standard_error": error, "weight": nan, "pooled": nan,
         "lo": nan, "hi": nan}
    )  # fmt: skip
    rows = []
    for name in sorted(set(kinds[usable])):
        own = usable & (kinds == name)
        mean, mean_error, lo, hi, between = _mean(lift[own], error[own], confidence)
        rows.append(
            {"kind": name, "campaigns": int(own.sum()), "mean": mean, "standard_error": mean_error,
             "lo": lo, "hi": hi, "between_sd": sqrt(between)}
        )  # fmt: skip
        shrunk = _shrunk(lift[own], error[own], mean, mean_error, between, confidence)
        for column, values in zip(("weight", "pooled", "lo", "hi"), shrunk, strict=True):
            frame.loc[own, column] = values
    columns = ["kind", "campaigns", "mean", "standard_error", "lo", "hi", "between_sd"]
    return Pooled(frame, pd.DataFrame(rows, columns=columns))


def between_variance(estimates: Floats, standard_errors: Floats) -> float:
    """Paule and Mandel's variance of the true values: the one at which they scatter as expected."""
    count = len(estimates)
    if count < 2:
        return 0.0

    def excess(between: float) -> float:
        weights = 1 / (standard_errors**2 + between)
        mean = np.sum(weights * estimates) / np.sum(weights)
        return float(np.sum(weights * (estimates - mean) ** 2)) - (count - 1)

    if excess(0.0) <= 0:
        return 0.0
    most = float(np.var(estimates, ddof=1)) * 2 + float(np.max(standard_errors)) ** 2
    while excess(most) > 0:
        most *= 2
    return float(optimize.brentq(excess, 0.0, most, xtol=1e-14 * most, rtol=1e-13))


def _mean(
    estimates: Floats, errors: Floats, confidence: float
) -> tuple[float, float, float, float, float]:
    """Mean, its standard error and interval, and the variance between."""
    count = len(estimates)
    between = between_variance(estimates, errors)
    weights = 1 / (errors**2 + between)
    mean = float(np.sum(weights * estimates) / np.sum(weights))
    error = float(1 / np.sqrt(np.sum(weights)))
    share = (1 + confidence) / 2
    reach = float(special.ndtri(share))
    if count > 1:
        spread = float(np.sum(weights * (estimates - mean) ** 2)) / (count - 1)
        error *= sqrt(max(spread, 1.0))
        reach = float(special.stdtrit(count - 1, share))
    return mean, error, mean - reach * error, mean + reach * error, between


def _shrunk(
    estimates: Floats, errors: Floats, mean: float, mean_error: float, between: float,
    confidence: float,
) -> tuple[Floats, Floats, Floats, Floats]:  # fmt: skip
    """Own weight, drawn-in estimate and interval of each."""
    count, variance = len(estimates), errors**2
    whole = variance + between
    drawn = max(count - 3, 0) / max(count - 1, 1) * variance / whole
    pooled = (1 - drawn) * estimates + drawn * mean
    spread = variance * (1 - drawn) + drawn**2 * mean_error**2
    if count > 3:
        unsure = 2 / (count - 3) * (variance.mean() + between) / whole
        spread = spread + unsure * drawn**2 * (estimates - mean) ** 2
    reach = float(special.ndtri((1 + confidence) / 2)) * np.sqrt(spread)
    return 1 - drawn, pooled, pooled - reach, pooled + reach
