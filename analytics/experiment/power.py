"""How many customers a test takes, or what the customers there are can prove.

The power is that of the tests used here: unpooled rates by the normal distribution, means by the
noncentral t. It is searched with a root finder on the power itself.
"""

from dataclasses import dataclass
from math import ceil, inf, isfinite, nan, sqrt

import numpy as np
import pandas as pd
from scipy import optimize, special

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.experiment.testable import FEWEST

__all__ = [
    "Design",
    "Plan",
    "minimum_detectable_effect",
    "plan",
    "power_at",
    "sample_size",
    "sample_size_from_baseline",
]

FARTHEST_WEEKS = 5_200
"""A hundred years, beyond which there is nothing to plan."""
LONGEST_WEEKS = 52
"""A test that takes longer is not worth planning: the shop it ends in is another one."""


@dataclass(frozen=True)
class Design:
    """What a test is to find.

    Attributes:
        baseline: The metric today: a rate from 0 to 1, or a mean.
        variance: Per customer, of a mean; None of a rate, which tells its own.
        split: The treatment's share of the customers.
        alpha: How often a test of nothing may win.
        power: How often a true effect of the size asked for is to be found.
    """

    baseline: float
    variance: float | None = None
    split: float = 0.5
    alpha: float = 0.05
    power: float = 0.8


@dataclass(frozen=True)
class Plan:
    """How large a test must be.

    Attributes:
        n_control: Customers without the change.
        n_treatment: Customers with it.
        total_n: Both.
        weeks: Whole weeks until they are there.
        minimum_detectable_effect: Smallest true effect found with the asked power, in the metric's
            unit.
        relative_minimum_detectable_effect: The same ÷ baseline; NaN where that is 0.
        curve: DataFrame weeks, total_n, minimum_detectable_effect,
            relative_minimum_detectable_effect; NaN where so few customers can prove nothing.
        sentence: The plan in plain words.
    """

    n_control: int
    n_treatment: int
    total_n: int
    weeks: int
    minimum_detectable_effect: float
    relative_minimum_detectable_effect: float
    curve: pd.DataFrame
    sentence: str


def plan(
    baseline: float,
    *,
    variance: float | None = None,
    weekly_visitors: float,
    mde: float | None = None,
    weeks: int | None = None,
    split: float = 0.5,
    alpha: float = 0.05,
    power: float = 0.8,
) -> Plan:
    """Plan a test: give the effect to find and learn the weeks, or the weeks and learn the effect.

    Args:
        baseline: The metric today: a rate from 0 to 1, or a mean.
        variance: Per customer, of a mean or a ratio; left out of a rate.
        weekly_visitors: New customers a week, of both arms.
        mde: Smallest effect worth finding, in the metric's unit (0.01 of a rate is one point);
            negative for a fall.
        weeks: How long it may run.
        split: The treatment's share of the customers.
        alpha: How often a test of nothing may win.
        power: How often a true effect of that size is to be found.

    Raises:
        AnalyticsError: A number makes no sense, or not just one of `mde` and `weeks` is given.
        NotEnoughDataError: So few customers can prove nothing, or not within a hundred years.
    """
    design = Design(baseline, variance, split, alpha, power)
    _check(design, weekly_visitors)
    if (mde is None) == (weeks is None):
        raise AnalyticsError(
            "A plan needs either the effect or the weeks.", "Give one of them; the other follows."
        )
    if mde is not None:
        total = sample_size(design, mde)
        if total > weekly_visitors * FARTHEST_WEEKS:
            raise NotEnoughDataError(
                f"So small a change takes about {total:,} customers, more than a hundred years.",
                "Look for a larger effect, or test where more come by.",
            )
        weeks = max(1, ceil(total / weekly_visitors - 1e-9))
        effect = mde
    else:
        if weeks is None or weeks < 1:
            raise AnalyticsError(f"{weeks} weeks are not possible.", "Plan one week or more.")
        total = int(weekly_visitors * weeks)
        effect = minimum_detectable_effect(design, total)
        if not isfinite(effect):
            raise NotEnoughDataError(
                f"{total:,} customers can prove nothing, however large the effect.",
                "Let it run longer, or take in more customers.",
            )
    treated = round(total * split)
    relative = effect / baseline if baseline else nan
    return Plan(
        total - treated, treated, total, weeks, effect, relative,
        _curve(design, weekly_visitors, weeks),
        _sentence(design, total, weeks, effect, relative),
    )  # fmt: skip


def power_at(design: Design, total_n: float, effect: float) -> float:
    """How often a true effect is found with so many customers in all, 0 to 1."""
    error = _standard_error(design, total_n, effect)
    if not error > 0:
        return nan
    away = effect / error
    if design.variance is None:
        reach = special.ndtri(1 - design.alpha / 2)
        return float(special.ndtr(away - reach) + special.ndtr(-away - reach))
    freedom = total_n - 2
    reach = special.stdtrit(freedom, 1 - design.alpha / 2)
    lost = special.nctdtr(freedom, away, reach) - special.nctdtr(freedom, away, -reach)
    # The noncentral t fails where the effect is far beyond doubt.
    return float(1 - lost) if isfinite(lost) else float(special.ndtr(abs(away) - reach))


def sample_size(design: Design, effect: float) -> int:
    """Customers of both arms that find the effect with the design's power.

    Raises:
        AnalyticsError: The effect is 0, or lifts a rate out of 0 to 1.
    """
    if not effect or not isfinite(effect):
        raise AnalyticsError(
            "An effect of 0 cannot be found by any test.", "Give an effect above 0."
        )
    if design.variance is None and not 0 < design.baseline + effect < 1:
        raise AnalyticsError(
            f"From {design.baseline * 100:.8g}% a rate cannot change by {effect * 100:.8g} points.",
            "Give a smaller effect: a rate stays between 0% and 100%.",
        )
    low = FEWEST / min(design.split, 1 - design.split)
    if power_at(design, low, effect) >= design.power:
        return ceil(low)
    high: float = 2 * low
    while power_at(design, high, effect) < design.power:
        high *= 2
    found = optimize.brentq(
        lambda n: power_at(design, n, effect) - design.power, high / 2, high, xtol=1e-6
    )
    return ceil(float(found) - 1e-6)


def sample_size_from_baseline(
    baseline: float, effect: float, alpha: float = 0.05, power: float = 0.8
) -> int:
    """Customers in each arm by the formula of the calculator most people know (Evan Miller's).

    It takes the variance without effect from the baseline alone, where the test used here takes
    each arm's own, so that `sample_size` asks for a few percent more where a rate is to rise.
    """
    after = baseline + effect
    without = sqrt(2 * baseline * (1 - baseline))
    with_effect = sqrt(baseline * (1 - baseline) + after * (1 - after))
    reach = special.ndtri(1 - alpha / 2) * without + special.ndtri(power) * with_effect
    return ceil(float(reach / effect) ** 2)


def minimum_detectable_effect(design: Design, total_n: float) -> float:
    """Smallest rise that so many customers of both arms prove with the design's power.

    Returns:
        In the metric's unit; NaN where even the largest possible one would not be found.
    """
    if total_n * min(design.split, 1 - design.split) < FEWEST:
        return nan
    high = _standard_error(design, total_n, 0.0)
    largest = 1 - design.baseline if design.variance is None else inf
    while high < largest and power_at(design, total_n, high) < design.power:
        high *= 1.5
    if high >= largest:
        high = largest * (1 - 1e-9)
        if not power_at(design, total_n, high) >= design.power:
            return nan
    return float(
        optimize.brentq(
            lambda effect: power_at(design, total_n, effect) - design.power,
            high / 1e6, high, xtol=1e-12, rtol=1e-12,
        )
    )  # fmt: skip


def _standard_error(design: Design, total_n: float, effect: float) -> float:
    """Of the difference, if the effect is true."""
    if design.variance is None:
        after = design.baseline + effect
        before = design.baseline * (1 - design.baseline)
        treated = after * (1 - after)
    else:
        before = treated = design.variance
    return sqrt((before / (1 - design.split) + treated / design.split) / total_n)


def _curve(design: Design, weekly_visitors: float, weeks: int) -> pd.DataFrame:
    """What can be found after each week, to some weeks beyond the plan."""
    last = min(max(12, weeks + 4), max(LONGEST_WEEKS, weeks))
    steps = np.unique(np.linspace(1, last, min(last, LONGEST_WEEKS)).round().astype(int))
    totals = (steps * weekly_visitors).astype(int)
    effects = np.array([minimum_detectable_effect(design, int(total)) for total in totals])
    return pd.DataFrame(
        {
            "weeks": steps,
            "total_n": totals,
            "minimum_detectable_effect": effects,
            "relative_minimum_detectable_effect": effects / (design.baseline or nan),
        }
    )


def _sentence(design: Design, total: int, weeks: int, effect: float, relative: float) -> str:
    if design.variance is None:
        size = f"{_digits(effect * 100)} points"
    else:
        size = f"{abs(effect):,.2f}" if abs(effect) >= 0.1 else _digits(effect)
    word = "rise" if effect > 0 else "fall"
    share = f" ({abs(relative):,.1%} of today's)" if isfinite(relative) else ""
    long = "1 week" if weeks == 1 else f"{weeks:,} weeks"
    said = (
        f"With about {total:,} customers, {long}, a true {word} of {size}{share} is found "
        f"{design.power:.0%} of the time."
    )
    if weeks > LONGEST_WEEKS:
        said += " That is more than a year: look for a larger effect, or test where more come by."
    return said


def _digits(size: float) -> str:
    """Two digits that say something, without an exponent."""
    return np.format_float_positional(abs(size), 2, fractional=False, trim="-")


def _check(design: Design, weekly_visitors: float) -> None:
    is_rate = design.variance is None
    if not isfinite(design.baseline) or (is_rate and not 0 < design.baseline < 1):
        raise AnalyticsError(
            f"A rate of {design.baseline:g} cannot be planned with." if is_rate
            else "Today's value is missing.",
            "Give today's rate, above 0 and below 1." if is_rate else "Give today's mean.",
        )  # fmt: skip
    if design.variance is not None and not 0 < design.variance < inf:
        raise AnalyticsError(
            "The variance between customers must be above 0.", "Take it from past orders."
        )
    if not 0 < weekly_visitors < inf:
        raise AnalyticsError(
            "Without customers there is no test.", "Give how many come by in a week."
        )
    for name, share in (("split", design.split), ("alpha", design.alpha), ("power", design.power)):
        if not 0 < share < 1:
            raise AnalyticsError(
                f"{name.capitalize()} cannot be {share:g}.", "Choose a share between 0 and 1."
            )
    if design.power <= design.alpha:
        raise AnalyticsError(
            "The power must be above alpha.", "Choose 0.8 for the power, 0.05 for alpha."
        )
