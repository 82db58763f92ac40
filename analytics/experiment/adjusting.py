"""Less noise by what the customers did before the test (CUPED).

Deng, Xu, Kohavi & Walker, WSDM 2013: part of the difference between customers was there before, and
random assignment makes it no one's merit. Subtracting θ times it leaves the effect as it is and the
interval shorter by √(1 − ρ²). θ = cov(y, x) ÷ var(x) over both arms together. A ratio is taken as
its linear part, as in the delta method, of the outcome and of the covariate.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan, sqrt
from typing import Any, Literal

import numpy as np

from analytics.experiment.moments import Arm, Kind, Moments, Numbers

__all__ = ["WORTH_IT", "Adjusted", "When", "adjust_arms"]

When = bool | Literal["auto"]
WORTH_IT = 0.1
"""From which correlation on it is used: below, the interval gets no shorter by even 1%."""


@dataclass(frozen=True)
class Adjusted:
    """Both arms, as if they had been alike before the test.

    Attributes:
        control: The arm compared with.
        treatment: The arm that is judged.
        theta: What is subtracted for each unit of difference before.
        rho: Correlation of the outcome with what was before; NaN where nothing is known of it.
        used: Whether it was subtracted.
    """

    control: Arm
    treatment: Arm
    theta: float = nan
    rho: float = nan
    used: bool = False


def adjust_arms(
    control: Mapping[str, Any], treatment: Mapping[str, Any], when: When = "auto"
) -> Adjusted:
    """Adjust two rows of the arms frame.

    Args:
        control: The row of the arm compared with.
        treatment: The row of the arm that is judged.
        when: True, False, or `auto`: where |ρ| is at least `WORTH_IT`.
    """
    plain = Adjusted(arm(control), arm(treatment))
    kind: Kind = control["kind"]
    covariates = ["before_mean", "before_variance", "covariance_value_before"]
    if kind == "ratio":
        covariates.append("denominator_before_mean")
    if when is False or any(
        not np.isfinite(one[name]) for one in (control, treatment) for name in covariates
    ):
        return plain
    first, second = Moments.of(control), Moments.of(treatment)
    total = first + second
    if kind == "ratio" and not (
        total.mean[1] and min(abs(each.mean[3]) for each in (first, second, total))
    ):
        return plain
    _, slopes = _linear(total, kind)
    (spread, both), (_, before) = slopes @ total.covariance @ slopes.T
    if not (before > 0 and spread > 0):
        return plain
    theta, rho = both / before, both / sqrt(spread * before)
    if when == "auto" and not abs(rho) >= WORTH_IT:
        return Adjusted(plain.control, plain.treatment, theta, rho)
    usual = _linear(total, kind)[0][1]
    less = _less(first, kind, theta, usual), _less(second, kind, theta, usual)
    if not less[0].variance + less[1].variance > 0:
        return plain
    return Adjusted(*less, theta, rho, True)


def arm(one: Mapping[str, Any]) -> Arm:
    """The metric of a row, as it is."""
    return Arm(int(one["n"]), float(one["mean"]), float(one["variance"]))


def _less(one: Moments, kind: Kind, theta: float, usual: float) -> Arm:
    """An arm without what its customers did more, or less, than usual before the test."""
    (outcome, before), slopes = _linear(one, kind)
    weights = np.array([1.0, -theta])
    variance = weights @ slopes @ one.covariance @ slopes.T @ weights
    return Arm(one.n, float(outcome - theta * (before - usual)), max(float(variance), 0.0))


def _linear(one: Moments, kind: Kind) -> tuple[Numbers, Numbers]:
    """Outcome and covariate (2), and how they change with each part's mean (2 × 4)."""
    value, below, before, before_below = one.mean
    if kind != "ratio":
        return np.array([value, before]), np.array([[1.0, 0, 0, 0], [0, 0, 1.0, 0]])
    y, x = value / below, before / before_below
    slopes = np.array([[1 / below, -y / below, 0, 0], [0, 0, 1 / before_below, -x / before_below]])
    return np.array([y, x]), slopes
