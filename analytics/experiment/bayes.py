"""The chance that a variant is better, and what choosing it would cost if it is not.

Rates have a Beta posterior from a flat prior, compared exactly by integration (Evan Miller,
"Formulas for Bayesian A/B Testing"); everything else a normal one around the difference, whose
prior is flat unless one is given. Expected loss is what a choice gives up on average, counting only
the cases in which the other one is better (Stucchio, "Bayesian A/B Testing at VWO", 2015).
"""

from dataclasses import dataclass
from math import exp, pi, sqrt

import numpy as np
from scipy import special

__all__ = ["Posterior", "gaussian", "rates"]


@dataclass(frozen=True)
class Posterior:
    """What is believed of the difference, treatment minus control.

    Attributes:
        mean: Expected difference.
        standard_deviation: Of the belief.
        chance_to_win: That the treatment's value is higher, 0 to 1.
        loss_of_treatment: Expected loss of taking the treatment, in the metric's unit.
        loss_of_control: Expected loss of keeping the control.
    """

    mean: float
    standard_deviation: float
    chance_to_win: float
    loss_of_treatment: float
    loss_of_control: float


def gaussian(
    difference: float, standard_error: float, prior: tuple[float, float] | None = None
) -> Posterior:
    """From an estimate with its standard error.

    Args:
        difference: As seen.
        standard_error: Above 0.
        prior: Mean and variance of what was believed before; by default nothing was.
    """
    mean, variance = difference, standard_error**2
    if prior is not None:
        precision = 1 / variance + 1 / prior[1]
        mean = (difference / variance + prior[0] / prior[1]) / precision
        variance = 1 / precision
    deviation = sqrt(variance)
    z = mean / deviation
    win = float(special.ndtr(z))
    peak = deviation * exp(-z * z / 2) / sqrt(2 * pi)
    return Posterior(mean, deviation, win, peak - mean * float(special.ndtr(-z)), peak + mean * win)


def rates(
    control: tuple[int, int], treatment: tuple[int, int], prior: tuple[float, float] = (1.0, 1.0)
) -> Posterior:
    """From the counts of two arms, successes and customers each, with a Beta prior.

    P(q > p) = ∫ f_q F_p, E[(p − q)⁺] = ∫ F_q (1 − F_p), E[(q − p)⁺] = ∫ F_p (1 − F_q).
    """
    shapes = [(prior[0] + s, prior[1] + n - s) for s, n in (control, treatment)]
    means = [a / (a + b) for a, b in shapes]
    spreads = [sqrt(m * (1 - m) / (a + b + 1)) for m, (a, b) in zip(means, shapes, strict=True)]
    low = max(0.0, min(m - 30 * s for m, s in zip(means, spreads, strict=True)))
    high = min(1.0, max(m + 30 * s for m, s in zip(means, spreads, strict=True)))
    nodes, weights = np.polynomial.legendre.leggauss(16)
    # Several short pieces, since one rate may be known far better than the other.
    edges = np.unique(
        np.clip(
            [low, high, *(m + k * s for m, s in zip(means, spreads, strict=True)
                          for k in (-8, -4, -2, 0, 2, 4, 8, 16))],
            low, high,
        )
    )  # fmt: skip
    half = np.diff(edges)[:, None] / 2
    x = (edges[:-1, None] + half + half * nodes).ravel()
    w = (half * weights).ravel()
    (a, b), (c, d) = shapes
    below_p, below_q = special.betainc(a, b, x), special.betainc(c, d, x)
    density = np.exp((c - 1) * np.log(x) + (d - 1) * np.log1p(-x) - special.betaln(c, d))
    return Posterior(
        means[1] - means[0],
        sqrt(spreads[0] ** 2 + spreads[1] ** 2),
        float(w @ (density * below_p)),
        float(w @ (below_q * (1 - below_p))),
        float(w @ (below_p * (1 - below_q))),
    )
