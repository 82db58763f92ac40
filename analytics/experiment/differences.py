"""The difference of two means, absolute and relative, with its standard error and interval.

Means and ratios are compared by Welch's t test (Welch, Biometrika 1947), rates by the normal
distribution. The relative difference has its interval on the logarithm of the quotient, where it is
nearer to symmetric, and which keeps it above −100 %; that of the absolute difference decides.
"""

from dataclasses import dataclass
from math import expm1, inf, log, nan, sqrt
from typing import Literal

from scipy import special

from analytics.experiment.moments import Arm

__all__ = [
    "Alternative",
    "Difference",
    "Relative",
    "bounds",
    "degrees_of_freedom",
    "log_ratio",
    "normal",
    "p_value_of",
    "relative_delta",
    "student",
    "tail",
    "welch",
]

Alternative = Literal["two-sided", "greater", "less"]


@dataclass(frozen=True)
class Difference:
    """Treatment minus control.

    Attributes:
        difference: In the metric's unit.
        standard_error: Of the difference.
        lo: Lower end of the interval; −inf where only "less" is asked.
        hi: Upper end; inf where only "greater" is asked.
        p_value: Of no difference; NaN where the standard error is 0.
        statistic: Difference ÷ standard error.
    """

    difference: float
    standard_error: float
    lo: float
    hi: float
    p_value: float
    statistic: float


@dataclass(frozen=True)
class Relative:
    """Treatment ÷ control − 1 with its interval; all NaN unless both means are above 0."""

    difference: float = nan
    lo: float = nan
    hi: float = nan


def welch(
    control: Arm,
    treatment: Arm,
    *,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
    equal_variance: bool = False,
) -> Difference:
    """Welch's t test; Student's, with one variance for both arms, where `equal_variance`.

    Args:
        control: The arm compared with.
        treatment: The arm that is judged.
        alpha: 1 − confidence.
        alternative: Which side is asked for; one-sided bounds have all of alpha on theirs.
        equal_variance: Whether both arms vary alike.
    """
    if equal_variance:
        freedom = float(control.n + treatment.n - 2)
        both = (control.n - 1) * control.variance + (treatment.n - 1) * treatment.variance
        error = sqrt(both / freedom * (1 / control.n + 1 / treatment.n))
        return student(treatment.mean - control.mean, error, freedom, alpha, alternative)
    freedom = degrees_of_freedom(control, treatment)
    error = sqrt(control.variance / control.n + treatment.variance / treatment.n)
    return student(treatment.mean - control.mean, error, freedom, alpha, alternative)


def normal(
    control: Arm,
    treatment: Arm,
    *,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
) -> Difference:
    """The same by the normal distribution: for rates, whose mean tells their variance."""
    error = sqrt(control.variance / control.n + treatment.variance / treatment.n)
    return student(treatment.mean - control.mean, error, inf, alpha, alternative)


def student(
    difference: float, error: float, freedom: float, alpha: float, alternative: Alternative
) -> Difference:
    """A difference and its standard error by Student's t; infinite freedom is the normal one."""
    if not error > 0:
        return Difference(difference, error, nan, nan, nan, nan)
    statistic = difference / error
    lo, hi = bounds(difference, tail(alpha, freedom, alternative) * error, alternative)
    return Difference(
        difference, error, lo, hi, p_value_of(statistic, freedom, alternative), statistic
    )


def degrees_of_freedom(control: Arm, treatment: Arm) -> float:
    """Welch's and Satterthwaite's; NaN where neither arm varies."""
    a, b = control.variance / control.n, treatment.variance / treatment.n
    if not a + b > 0:
        return nan
    return (a + b) ** 2 / (a**2 / (control.n - 1) + b**2 / (treatment.n - 1))


def tail(alpha: float, freedom: float, alternative: Alternative) -> float:
    """How many standard errors the interval reaches."""
    share = 1 - alpha / 2 if alternative == "two-sided" else 1 - alpha
    return float(special.ndtri(share) if freedom == inf else special.stdtrit(freedom, share))


def bounds(middle: float, reach: float, alternative: Alternative) -> tuple[float, float]:
    """Both ends, or one and infinity."""
    lo = -inf if alternative == "less" else middle - reach
    hi = inf if alternative == "greater" else middle + reach
    return lo, hi


def p_value_of(statistic: float, freedom: float, alternative: Alternative) -> float:
    """How likely a difference at least so many standard errors from zero is where there is none."""
    if alternative == "two-sided":
        return 2 * _below(-abs(statistic), freedom)
    return _below(-statistic if alternative == "greater" else statistic, freedom)


def _below(statistic: float, freedom: float) -> float:
    if freedom == inf:
        return float(special.ndtr(statistic))
    return float(special.stdtr(freedom, statistic))


LARGEST_LOG = 50.0
"""A quotient that may be beyond e to this says nothing, and is not given."""
NEAREST = 1e-50
"""A mean below this is nothing but rounding."""


def log_ratio(
    control: Arm, treatment: Arm, *, reach: float, alternative: Alternative = "two-sided"
) -> Relative:
    """The relative difference with its interval on the log scale.

    Args:
        control: The arm compared with.
        treatment: The arm that is judged.
        reach: How many standard errors the interval goes to each side.
        alternative: Which side is asked for.
    """
    if not has_quotient(control, treatment):
        return Relative()
    logs = _logs(control), _logs(treatment)
    error = sqrt(logs[0].variance / control.n + logs[1].variance / treatment.n)
    middle = logs[1].mean - logs[0].mean
    lo, hi = bounds(middle, reach * error, alternative)
    if middle > LARGEST_LOG or LARGEST_LOG < hi < inf:
        return Relative()
    return Relative(expm1(middle), expm1(lo), expm1(hi))


def has_quotient(control: Arm, treatment: Arm) -> bool:
    """Whether both means are above 0, and not so near to it that nothing can be divided by them."""
    return min(control.mean, treatment.mean) > NEAREST


def log_freedom(control: Arm, treatment: Arm) -> float:
    """Welch's degrees of freedom on the log scale; NaN where it is undefined."""
    if not has_quotient(control, treatment):
        return nan
    return degrees_of_freedom(_logs(control), _logs(treatment))


def _logs(arm: Arm) -> Arm:
    """The logarithm of a mean, by the delta method."""
    return Arm(arm.n, log(arm.mean), arm.variance / arm.mean**2)


def relative_delta(control: Arm, treatment: Arm) -> tuple[float, float]:
    """The relative difference and its standard error by the delta method on the quotient itself.

    What many tools show; its interval may fall below −100 %, so that `log_ratio` is the one shown
    here, and this one serves where a symmetric error is needed, as beside a prior.

    Returns:
        Treatment ÷ control − 1 and its standard error; both NaN where the control's mean is 0.
    """
    if not control.mean:
        return nan, nan
    quotient = treatment.mean / control.mean
    variance = treatment.variance / treatment.n + quotient**2 * control.variance / control.n
    return quotient - 1, sqrt(variance) / abs(control.mean)
