"""The checks of a test that need its sizes and dates only, as red, amber or green sentences.

Limits: sizes are red below a p-value of .001 and amber below .01 (Fabijan et al., "Diagnosing
Sample Ratio Mismatch", KDD 2019): a test is checked far more often than it is broken.
"""

from collections.abc import Mapping
from datetime import date
from math import nan
from typing import Literal, Protocol

import pandas as pd

from analytics.experiment.arms import Readout
from analytics.experiment.comparison import Mode
from analytics.experiment.metrics import Metric
from analytics.experiment.sample_ratio import sample_ratio
from analytics.experiment.testable import FEWEST

__all__ = [
    "Check",
    "day_words",
    "in_order",
    "level_of",
    "nobody",
    "peeking",
    "percent",
    "sizes",
    "split",
    "switched",
    "whole_weeks",
    "window",
]

Level = Literal["green", "amber", "red"]
Check = tuple[str, Level, str, float]
"""Its name, level, sentence and own number."""

RED, AMBER = 0.001, 0.01
MANY_SWITCHED = 0.05
"""The share of customers in several variants from which the rest are no longer a random sample."""
WEEK = 7


class Counted(Protocol):
    """A test of the shop's own, or one that was run elsewhere."""

    @property
    def arms(self) -> pd.DataFrame:
        """The arms frame."""

    @property
    def counts(self) -> pd.DataFrame:
        """A row a variant: variant, assigned, customers."""

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What was counted."""

    @property
    def switched(self) -> int:
        """Customers in several variants."""

    @property
    def variants(self) -> list[str]:
        """The variants."""


def in_order(found: list[Check | None]) -> pd.DataFrame:
    """The checks that could be made, the worst first: DataFrame check, level, sentence, value."""
    order = {"red": 0, "amber": 1, "green": 2}
    rows = sorted((one for one in found if one is not None), key=lambda one: order[one[1]])
    return pd.DataFrame(rows, columns=["check", "level", "sentence", "value"])


def level_of(p_value: float) -> Level:
    """How bad a p-value is."""
    return "red" if p_value < RED else "amber" if p_value < AMBER else "green"


def sizes(found: Counted) -> Check:
    """Whether every variant has customers enough."""
    smallest = found.counts.sort_values("customers").iloc[0]
    n = int(smallest["customers"])
    if n >= FEWEST:
        return "Size", "green", f"Every variant has at least {n:,} customers.", n
    return (
        "Size",
        "red",
        f"“{smallest['variant']}” has only {n:,} customers that count; a result takes at least "
        f"{FEWEST} in each variant. Let the test run on.",
        n,
    )


def split(found: Counted, shares: Mapping[str, float] | None) -> Check:
    """Whether the variants have the sizes they should have."""
    sizes = found.counts["assigned"].tolist()
    weights = [1.0 if shares is None else shares.get(name, 0.0) for name in found.variants]
    p_value = sample_ratio(sizes, weights)
    if any(size and not weight for size, weight in zip(sizes, weights, strict=True)):
        p_value = 0.0  # customers in a variant that was to have none
    level = level_of(p_value)
    told = " and ".join(
        f"{size:,} in “{name}”" for name, size in zip(found.variants, sizes, strict=True)
    )
    planned = "an equal split" if shares is None else "the planned split"
    sentence = {
        "green": f"The variants have the sizes that {planned} gives: {told}.",
        "amber": f"The sizes are somewhat off {planned}: {told}. See whether some assignments are "
        "missing from the file.",
        "red": f"The sizes cannot come of {planned}: {told}. Assignments are missing or counted in "
        "one variant only; find out why before you use the result.",
    }[level]
    return "Sizes as planned", level, sentence, p_value


def switched(found: Counted) -> Check:
    """Whether customers were in several variants."""
    n, of = found.switched, found.switched + int(found.counts["assigned"].sum())
    share = n / of
    if not n:
        return "One variant each", "green", "Every customer was in one variant only.", 0.0
    were = "1 customer was" if n == 1 else f"{n:,} customers were"
    sentence = f"{were} in several variants ({percent(share)}) and left out."
    if share > MANY_SWITCHED:
        sentence += (
            " That is too many: who is left is no fair sample. Check how variants are given."
        )
        return "One variant each", "red", sentence, share
    return "One variant each", "amber", sentence, share


def peeking(found: Counted, planned_n: int | None, mode: Mode = "fixed") -> Check:
    """Whether it is read when it was meant to be."""
    n = int(found.counts["customers"].sum())
    if mode == "always_valid" and (planned_n is None or n < planned_n):
        so_far = "" if planned_n is None else f" {n:,} of {planned_n:,} planned customers count."
        return (
            "Read as planned",
            "green",
            f"The range stays right however often it is read.{so_far}",
            nan if planned_n is None else n / planned_n,
        )
    if planned_n is None:
        return (
            "Read as planned",
            "amber",
            "No size was planned beforehand. If the result is read again and again until it wins, "
            "a false winner becomes likely: read it by “Any day”.",
            nan,
        )
    if n < planned_n:
        return (
            "Read as planned",
            "amber",
            f"{n:,} of {planned_n:,} planned customers count so far ({percent(n / planned_n)}). "
            "Wait for the rest, or read it by “Any day”.",
            n / planned_n,
        )
    return "Read as planned", "green", f"All {planned_n:,} planned customers count.", n / planned_n


def whole_weeks(found: Readout) -> Check:
    """Whether it ran whole weeks."""
    days = (found.last_day - found.first_day).days + 1
    ran = "1 day" if days == 1 else f"{days:,} days"
    if days < WEEK:
        sentence = f"Customers were assigned on {ran} only; weekdays differ, so run whole weeks."
        return "Whole weeks", "amber", sentence, days
    if days % WEEK:
        sentence = f"Customers were assigned on {ran}, not whole weeks: some weekdays weigh more."
        return "Whole weeks", "amber", sentence, days
    return "Whole weeks", "green", f"Customers were assigned over {days // WEEK} whole weeks.", days


def window(found: Readout) -> Check | None:
    """Whether everybody has had the whole window."""
    if found.window_days is None:
        return None
    n = int(found.counts["not_yet"].sum())
    length = "1 day" if found.window_days == 1 else f"{found.window_days:,} days"
    if not n:
        return "Time to act", "green", f"Every customer has had the whole {length}.", 0.0
    have = "1 customer has" if n == 1 else f"{n:,} customers have"
    sentence = f"{have} not had the whole {length} yet, and will count later."
    return "Time to act", "amber", sentence, float(n)


def nobody(found: Counted) -> Check | None:
    """Whether in each variant somebody did it."""
    rates = found.arms[(found.arms["kind"] == "proportion") & (found.arms["successes"] == 0)]
    rates = rates[rates["n"] > 0]
    if rates.empty:
        return None
    labels = {one.name: one.label for one in found.metrics}
    one = rates.iloc[0]
    sentence = (
        f"{labels[one['metric']]}: not one customer of “{one['variant']}” did it, so that there is "
        "no difference in per cent. Check that the data are complete."
    )
    return "Somebody did it", "amber", sentence, 0.0


def percent(share: float) -> str:
    """A share in words."""
    return f"{share:.1%}" if share < 0.1 else f"{share:.0%}"


def day_words(day: date) -> str:
    """A day in words."""
    return f"{day.day} {day:%B %Y}"
