"""Reading a result more than once.

Looking at a test every day and stopping at the first "significant" one finds a winner in a fifth of
tests of nothing. An always-valid interval (Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, "Time-
uniform central limit theory and asymptotic confidence sequences", arXiv:2103.06476, equation 14,
one-sided 134) holds at all times at once, so that it may be read any day. It is wider than the
fixed one, least so near `tuning_n` customers. The classical boundaries allow a few looks fixed
beforehand.
"""

from math import exp, expm1, log, nan, sqrt
from typing import Literal

import numpy as np
from scipy import optimize

from analytics.experiment.differences import Alternative

__all__ = ["TUNING_N", "always_valid_p", "boundaries", "reach"]

TUNING_N = 5_000
"""Customers of both arms at which the interval is narrowest, where no plan says otherwise. It must
not follow from the data."""


def reach(
    n: int,
    *,
    alpha: float = 0.05,
    tuning_n: float = TUNING_N,
    alternative: Alternative = "two-sided",
) -> float:
    """How many standard errors the always-valid interval goes to each side.

    Args:
        n: Customers of both arms so far.
        alpha: 1 − confidence, over all days together.
        tuning_n: Customers at which it is to be narrowest.
        alternative: Which side is asked for.
    """
    scale = n * _rho_squared(alpha, tuning_n, alternative)
    if alternative == "two-sided":
        outside = log(sqrt(scale + 1) / alpha)
    else:
        outside = log(1 + sqrt(scale + 1) / (2 * alpha))
    return sqrt(2 * (scale + 1) / scale * outside)


def always_valid_p(
    statistic: float,
    n: int,
    *,
    alpha: float = 0.05,
    tuning_n: float = TUNING_N,
    alternative: Alternative = "two-sided",
) -> float:
    """The level at which the interval just touches zero: below alpha exactly where it excludes it.

    Args:
        statistic: Difference ÷ standard error.
        n: Customers of both arms so far.
        alpha: The level the interval is made for.
        tuning_n: Customers at which it is narrowest.
        alternative: Which side is asked for.
    """
    scale = n * _rho_squared(alpha, tuning_n, alternative)
    outside = statistic**2 * scale / (2 * (scale + 1))
    if alternative == "two-sided":
        return min(1.0, sqrt(scale + 1) * exp(-outside))
    if (statistic > 0) != (alternative == "greater") or not outside:
        return 1.0
    return 0.0 if outside > 700 else min(1.0, sqrt(scale + 1) / (2 * expm1(outside)))


def _rho_squared(alpha: float, tuning_n: float, alternative: Alternative) -> float:
    """The paper's ρ², which makes the interval narrowest at `tuning_n`."""
    level = alpha if alternative == "two-sided" else 2 * alpha
    if level >= 1:
        return nan
    return (-2 * log(level) + log(-2 * log(level) + 1)) / tuning_n


def boundaries(
    looks: int, alpha: float = 0.05, shape: Literal["pocock", "obrien_fleming"] = "obrien_fleming"
) -> list[float]:
    """How many standard errors from zero a difference must be at each of equally spaced looks.

    By numerical integration (Armitage, McPherson & Rowe, JRSS A 1969; tables in Jennison &
    Turnbull, Group Sequential Methods, 2000): Pocock's are equal, O'Brien and Fleming's fall with
    the root of the data seen.

    Args:
        looks: How many, 1 or more.
        alpha: The chance of a false winner over all looks, two-sided.
        shape: Whose.
    """
    power = 0.0 if shape == "pocock" else 0.5
    steps = np.arange(1, looks + 1)

    def limits(constant: float) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        found: np.ndarray[tuple[int], np.dtype[np.float64]] = constant * (looks / steps) ** power
        return found

    constant = optimize.brentq(lambda c: _ever_outside(limits(c)) - alpha, 0.5, 8.0, xtol=1e-8)
    return [float(each) for each in limits(constant)]


def _ever_outside(limits: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> float:
    """Chance that a random walk of unit steps leaves ±limit × √step at any of the steps."""
    nodes, weights = np.polynomial.legendre.leggauss(80)
    inside = limits * np.sqrt(np.arange(1, len(limits) + 1))
    points = nodes * inside[0]
    density = np.exp(-(points**2) / 2) / sqrt(2 * np.pi)
    mass = weights * inside[0] * density
    for edge in inside[1:]:
        following = nodes * edge
        steps = np.exp(-((following[:, None] - points) ** 2) / 2) / sqrt(2 * np.pi)
        mass = weights * edge * (steps @ mass)
        points = following
    return 1 - float(mass.sum())
