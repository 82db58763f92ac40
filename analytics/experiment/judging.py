"""Which test two arms get, and what it finds."""

from dataclasses import dataclass, replace
from math import inf, nan, sqrt

from analytics.experiment import proportions, sequential
from analytics.experiment.adjusting import Adjusted
from analytics.experiment.comparison import Mode
from analytics.experiment.differences import (
    Alternative,
    Difference,
    Relative,
    bounds,
    has_quotient,
    log_freedom,
    log_ratio,
    normal,
    tail,
    welch,
)
from analytics.experiment.moments import Arm, Kind
from analytics.experiment.thin import alike_in_variance, alike_in_variation, one_variation

__all__ = ["Asked", "Judged", "few_successes", "many", "means", "standard_error", "untested"]


@dataclass(frozen=True)
class Asked:
    """How a difference is to be judged.

    Attributes:
        alpha: 1 − confidence.
        mode: Whether it is read once or any day.
        alternative: Which side is asked for.
        tuning_n: Customers of both arms at which an always-valid interval is narrowest.
    """

    alpha: float
    mode: Mode
    alternative: Alternative
    tuning_n: float


@dataclass(frozen=True)
class Judged:
    """What a test found: the difference, the relative one beside it, and which test it was."""

    absolute: Difference
    relative: Relative
    test: str


def untested(arms: Adjusted) -> Judged:
    """The bare difference of what cannot be tested."""
    difference = arms.treatment.mean - arms.control.mean
    return Judged(Difference(difference, standard_error(arms), nan, nan, nan, nan), Relative(), "")


def few_successes(control: tuple[int, int], treatment: tuple[int, int], asked: Asked) -> Judged:
    """Rates with only a few buyers, or non-buyers: successes and customers of each arm."""
    side, alpha = asked.alternative, asked.alpha
    found = proportions.z_test(control, treatment, alpha=alpha, alternative=side)
    lo, hi = proportions.newcombe(control, treatment, alpha=alpha, alternative=side)
    p_value = proportions.fisher(control, treatment, alternative=side)
    rates = [
        Arm(n, successes / n, successes / n * (1 - successes / n))
        for successes, n in (control, treatment)
    ]
    relative = log_ratio(*rates, reach=tail(alpha, inf, side), alternative=side)
    words = "Fisher's exact test, with Newcombe's interval"
    return Judged(replace(found, lo=lo, hi=hi, p_value=p_value), relative, words)


def many(arms: Adjusted, plain: Adjusted, kind: Kind, asked: Asked) -> Judged:
    """Everything else.

    Args:
        arms: Both arms, adjusted where that was asked for.
        plain: The same as they are, which tell whether an arm is thin.
        kind: What is compared.
        asked: How.
    """
    control, treatment = arms.control, arms.treatment
    is_rate = kind == "proportion"
    alike = not is_rate and alike_in_variance(plain.control, plain.treatment)
    if is_rate:
        found = _read(normal(control, treatment, alpha=asked.alpha,
                             alternative=asked.alternative), control, treatment, asked)  # fmt: skip
    else:
        found = means(control, treatment, alike, asked)
    pair = control, treatment
    freedom = inf if is_rate else log_freedom(control, treatment)
    thin = not is_rate and alike_in_variation(plain.control, plain.treatment)
    if thin and has_quotient(control, treatment):
        pair, freedom = one_variation(control, treatment), control.n + treatment.n - 2
    if asked.mode == "always_valid":
        reach = _reach(control, treatment, asked)
    else:
        reach = tail(asked.alpha, freedom, asked.alternative)
    relative = log_ratio(*pair, reach=reach, alternative=asked.alternative)
    return Judged(found, relative, _words(kind, alike, asked.mode, arms.used))


def means(control: Arm, treatment: Arm, alike: bool, asked: Asked) -> Difference:
    """Two means or ratios; with one variance for both arms where they are `alike`."""
    found = welch(
        control,
        treatment,
        alpha=asked.alpha,
        alternative=asked.alternative,
        equal_variance=alike,
    )
    return _read(found, control, treatment, asked)


def standard_error(arms: Adjusted) -> float:
    """Of the difference, each arm with its own variance."""
    a, b = arms.control, arms.treatment
    return sqrt(a.variance / a.n + b.variance / b.n)


def _read(found: Difference, control: Arm, treatment: Arm, asked: Asked) -> Difference:
    """The difference as it is, or with the interval and p-value that hold on any day."""
    if asked.mode == "fixed":
        return found
    reach = _reach(control, treatment, asked)
    lo, hi = bounds(found.difference, reach * found.standard_error, asked.alternative)
    p_value = sequential.always_valid_p(
        found.statistic,
        control.n + treatment.n,
        alpha=asked.alpha,
        tuning_n=asked.tuning_n,
        alternative=asked.alternative,
    )
    return replace(found, lo=lo, hi=hi, p_value=p_value)


def _reach(control: Arm, treatment: Arm, asked: Asked) -> float:
    return sequential.reach(
        control.n + treatment.n,
        alpha=asked.alpha,
        tuning_n=asked.tuning_n,
        alternative=asked.alternative,
    )


def _words(kind: Kind, alike: bool, mode: Mode, cuped: bool) -> str:
    """The test's name."""
    if mode == "always_valid":
        said = "always-valid interval"
    elif kind == "proportion":
        said = "z test of two rates"
    else:
        said = "t test" if alike else "Welch's t test"
        said += " with the delta method" if kind == "ratio" else ""
    if alike:
        said += ", with one variance for both variants"
    return said + (", allowing for what customers did before (CUPED)" if cuped else "")
