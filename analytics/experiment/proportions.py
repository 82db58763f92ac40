"""Two rates: the z test, and what holds where an arm has only a few buyers.

Newcombe's interval joins Wilson's of both rates (Newcombe, Statistics in Medicine 1998, method 10);
Fisher's test is exact, so that it errs on the side of finding nothing.
"""

from math import inf, sqrt

import numpy as np
from scipy import special

from analytics.evaluate import wilson
from analytics.experiment.differences import Alternative, Difference, p_value_of, student, tail

__all__ = ["FEW", "fisher", "is_small", "newcombe", "wilson", "z_test"]

FEW = 10
"""Below so many buyers or non-buyers in an arm the normal distribution is not good enough."""


def is_small(control: tuple[int, int], treatment: tuple[int, int]) -> bool:
    """Whether a cell has fewer than `FEW` customers; each arm is successes and customers."""
    return min(*_cells(*control), *_cells(*treatment)) < FEW


def _cells(successes: int, n: int) -> tuple[int, int]:
    return successes, n - successes


def z_test(
    control: tuple[int, int],
    treatment: tuple[int, int],
    *,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
    pooled: bool = False,
    corrected: bool = False,
) -> Difference:
    """The z test of two rates.

    Args:
        control: Successes and customers.
        treatment: Successes and customers.
        alpha: 1 − confidence.
        alternative: Which side is asked for.
        pooled: One rate for both arms in the standard error, as Pearson's chi-square has it, whose
            root this then is; otherwise each arm's own, so that test and interval agree.
        corrected: Yates' correction of the statistic.
    """
    (a, n), (b, m) = control, treatment
    p, q = a / n, b / m
    variance = p * (1 - p) / n + q * (1 - q) / m
    if pooled:
        both = (a + b) / (n + m)
        variance = both * (1 - both) * (1 / n + 1 / m)
    found = student(q - p, sqrt(variance), inf, alpha, alternative)
    if not corrected:
        return found
    less = max(abs(q - p) - (1 / n + 1 / m) / 2, 0.0) / found.standard_error
    statistic = less if q > p else -less
    return Difference(
        found.difference, found.standard_error, found.lo, found.hi,
        p_value_of(statistic, inf, alternative), statistic,
    )  # fmt: skip


def newcombe(
    control: tuple[int, int],
    treatment: tuple[int, int],
    *,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
) -> tuple[float, float]:
    """Newcombe's interval of the difference of two rates; defined for any counts."""
    reach = tail(alpha, inf, alternative)
    p, q = control[0] / control[1], treatment[0] / treatment[1]
    (low_p, high_p), (low_q, high_q) = wilson(*control, reach), wilson(*treatment, reach)
    lo = q - p - sqrt((q - low_q) ** 2 + (high_p - p) ** 2)
    hi = q - p + sqrt((high_q - q) ** 2 + (p - low_p) ** 2)
    return -inf if alternative == "less" else lo, inf if alternative == "greater" else hi


def fisher(
    control: tuple[int, int],
    treatment: tuple[int, int],
    *,
    alternative: Alternative = "two-sided",
) -> float:
    """Fisher's exact p-value; two-sided it adds all tables no likelier than the one seen."""
    (a, n), (b, m) = control, treatment
    buyers = a + b
    possible = np.arange(max(0, buyers - n), min(m, buyers) + 1)
    logs = (
        _log_choose(m, possible)
        + _log_choose(n, buyers - possible)
        - _log_choose(n + m, np.array([buyers]))
    )
    chances = np.exp(logs)
    seen = chances[b - possible[0]]
    match alternative:
        case "greater":
            counted = chances[possible >= b]
        case "less":
            counted = chances[possible <= b]
        case _:
            counted = chances[chances <= seen * (1 + 1e-7)]
    return min(1.0, float(counted.sum()))


def _log_choose(n: int, k: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> np.ndarray:
    found: np.ndarray = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    return found
