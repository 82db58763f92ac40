"""Does it work for everybody alike: a test told apart by groups of customers.

A difference between groups is asked first of all of them together (Cochran's Q, "The combination of
estimates from different experiments", 1954): of ten groups one often looks special by chance. What
each group's own test says is then corrected by Benjamini and Hochberg. Where the total points one
way and every group the other, the groups are mixed differently in the variants (Simpson's
paradox), and the total is wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from math import isnan, nan

import pandas as pd
from scipy import special

from analytics.errors import NotEnoughDataError
from analytics.experiment.arms import Groups, arm, arms, guess_control
from analytics.experiment.compare import Comparison, compare, reversed_in_parts
from analytics.experiment.metrics import HEADLINE, Metric
from analytics.experiment.metrics import metric as metric_named
from analytics.experiment.multiplicity import adjust
from analytics.store import Store

__all__ = ["Segments", "heterogeneity", "segments", "segments_of"]

UNLIKE = 0.05


@dataclass(frozen=True)
class Segments:
    """A test by group.

    Attributes:
        by: What customers are told apart by.
        table: DataFrame, a row a group: segment, control_n, treatment_n, control_mean,
            treatment_mean, difference, lo, hi, relative_difference, p_value, adjusted_p_value,
            significant (after the correction), verdict, sentence.
        overall: All groups together.
        interaction_p_value: How likely so different effects are by chance; NaN with fewer than two
            groups that can be tested.
        is_reversed: Whether the total points one way and every group the other.
        left_out: Groups without customers in one of the variants.
        sentence: What it says in plain words.
    """

    by: str
    table: pd.DataFrame = field(repr=False)
    overall: Comparison
    interaction_p_value: float
    is_reversed: bool
    left_out: tuple[str, ...]
    sentence: str


def segments(
    store: Store,
    name: str,
    metric: str | Metric = HEADLINE,
    by: str = "buyer",
    window_days: int | None = None,
    *,
    control: str | None = None,
    treatment: str | None = None,
    groups: Groups | None = None,
    confidence: float = 0.95,
    as_of: date | None = None,
) -> Segments:
    """Compare two variants in each group of customers.

    Args:
        store: The shop.
        name: The experiment.
        metric: What it is judged by.
        by: One of `arms.GROUPS`, or what `groups` tells.
        window_days: As for `arms`.
        control: By default as its name tells.
        treatment: By default the first other variant.
        groups: As for `arms`.
        confidence: Of the intervals.
        as_of: As for `arms`.

    Raises:
        AnalyticsError, NotEnoughDataError: As for `arms`; or no group has customers in both.
    """
    one = metric_named(metric)
    parts = arms(store, name, [one], window_days, (by,), as_of=as_of, groups=groups)
    total = arms(store, name, [one], window_days, as_of=as_of)
    return segments_of(
        parts, total, one, by, control=control, treatment=treatment, confidence=confidence
    )


def segments_of(
    parts: pd.DataFrame,
    total: pd.DataFrame,
    metric: Metric,
    by: str,
    *,
    control: str | None = None,
    treatment: str | None = None,
    confidence: float = 0.95,
) -> Segments:
    """The same of arms that were counted already: of each group, in the column `by`, and of all."""
    variants = list(dict.fromkeys(total["variant"]))
    first = control or guess_control(variants)
    second = treatment or next(name for name in variants if name != first)

    def compared(frame: pd.DataFrame) -> Comparison:
        return compare(
            arm(frame, first),
            arm(frame, second),
            metric.name,
            confidence=confidence,
            higher_is_better=metric.higher_is_better,
            label=metric.label[:1].lower() + metric.label[1:],
            unit=metric.unit,
        )

    overall = compared(total)
    found: dict[str, Comparison] = {}
    left_out = []
    for segment, frame in parts.groupby(by, sort=True):
        filled = set(frame.loc[frame["n"] > 0, "variant"])
        if {first, second} <= filled:
            found[str(segment)] = compared(frame)
        else:
            left_out.append(str(segment))
    if not found:
        raise NotEnoughDataError(
            f"No group by {by} has customers in both variants.", "Tell customers apart otherwise."
        )
    results = list(found.values())
    table = pd.DataFrame([{name: getattr(one, name) for name in COLUMNS} for one in results])
    table.insert(0, "segment", list(found))
    corrected = adjust(results, "benjamini_hochberg", alpha=1 - confidence)
    table.insert(len(table.columns) - 2, "adjusted_p_value", corrected["adjusted_p_value"])
    table.insert(len(table.columns) - 2, "significant", corrected["significant"])
    interaction = heterogeneity(results)
    is_reversed = reversed_in_parts(overall, results)
    sentence = _sentence(table, interaction, is_reversed)
    return Segments(by, table, overall, interaction, is_reversed, tuple(left_out), sentence)


COLUMNS = (
    *("control_n", "treatment_n", "control_mean", "treatment_mean", "difference", "lo", "hi"),
    *("relative_difference", "p_value", "verdict", "sentence"),
)


def heterogeneity(results: Sequence[Comparison]) -> float:
    """How likely effects at least so different are by chance, if all are alike: Cochran's Q.

    Returns:
        The p-value; NaN with fewer than two results that can be tested.
    """
    tested = [one for one in results if not isnan(one.p_value) and one.standard_error > 0]
    if len(tested) < 2:
        return nan
    weights = [1 / one.standard_error**2 for one in tested]
    pairs = list(zip(weights, tested, strict=True))
    mean = sum(weight * one.difference for weight, one in pairs) / sum(weights)
    q = sum(weight * (one.difference - mean) ** 2 for weight, one in pairs)
    return float(special.chdtrc(len(tested) - 1, q))


def _sentence(table: pd.DataFrame, interaction: float, is_reversed: bool) -> str:
    if is_reversed:
        return (
            "Do not trust the total: it points one way and every group the other. The groups are "
            "mixed differently in the variants; read the groups."
        )
    if isnan(interaction):
        return "There are too few groups with enough customers to say whether they differ."
    if interaction >= UNLIKE:
        return (
            "The groups do not differ by more than chance: what holds for all is the best guess "
            "for each of them."
        )
    special_ones = table.loc[table["significant"], "segment"].tolist()
    named = f" A difference is sure in: {', '.join(special_ones)}." if special_ones else ""
    return f"The effect differs between the groups by more than chance.{named}"
