"""A whole test: every other variant beside the control, on every metric, with its checks.

With more than one variant beside the control, one of them wins by chance more often than one test
would; the p-values of a metric are corrected for that (Holm), and a variant that is better or worse
only without the correction is not called so.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import isnan, nan

import numpy as np
import pandas as pd

from analytics.errors import NotEnoughDataError
from analytics.experiment.arms import arm
from analytics.experiment.compare import Comparison, Mode, compare, trust
from analytics.experiment.metrics import Metric
from analytics.experiment.multiplicity import adjusted
from analytics.experiment.sentences import sentence
from analytics.experiment.units import unit_of

__all__ = ["Results", "results"]


@dataclass(frozen=True)
class Results:
    """Every other variant beside the control.

    Attributes:
        control: The variant compared with.
        metrics: What was counted, that by which the test is judged first.
        found: A comparison a variant and metric; their sentences are with money where it is meant.
        adjusted: The corrected p-value of each, in the same order; NaN where there is none.
        table: DataFrame, a row a variant and metric: variant, metric (its name), label,
            control_value, treatment_value (as counted), control_n, treatment_n, control_mean,
            treatment_mean (where `cuped`, as if both had been alike before), difference, lo, hi,
            relative_difference, relative_lo, relative_hi (NaN where they would contradict lo and
            hi), p_value, adjusted_p_value,
            chance_to_win, expected_loss, expected_loss_of_keeping, capped_difference, capped_lo,
            capped_hi, cuped, variance_reduction, test, verdict.
        empty: Variants without a customer that counts, which are left out.
    """

    control: str
    metrics: tuple[Metric, ...]
    found: tuple[Comparison, ...]
    adjusted: tuple[float, ...]
    table: pd.DataFrame = field(repr=False)
    empty: tuple[str, ...] = ()

    @property
    def treatments(self) -> list[str]:
        """The variants beside the control."""
        return list(dict.fromkeys(one.treatment for one in self.found))

    def of(self, metric: str) -> list[Comparison]:
        """The comparisons of one metric, a variant each."""
        return [one for one in self.found if one.metric == metric]

    @property
    def judged(self) -> list[Comparison]:
        """Those by which the test is judged."""
        return self.of(self.metrics[0].name)


COLUMNS = (
    *("control_n", "treatment_n", "control_mean", "treatment_mean", "difference", "lo", "hi"),
    *("relative_difference", "relative_lo", "relative_hi", "p_value", "chance_to_win"),
    *("expected_loss", "expected_loss_of_keeping", "capped_difference", "capped_lo", "capped_hi"),
    *("cuped", "variance_reduction", "test", "verdict"),
)


def results(
    arms: pd.DataFrame,
    metrics: Sequence[Metric],
    control: str,
    checks: pd.DataFrame,
    *,
    currency: str = "",
    confidence: float = 0.95,
    mode: Mode = "fixed",
    planned_n: int | None = None,
) -> Results:
    """Compare every variant with the control.

    Args:
        arms: The arms frame.
        metrics: What to compare, that by which the test is judged first.
        control: The variant to compare with.
        checks: What `health` or `outside_health` found; where one is red no result is trusted.
        currency: What money is called in the sentences, or empty.
        confidence: Of the intervals.
        mode: As for `compare`.
        planned_n: Customers of all variants planned.

    Raises:
        NotEnoughDataError: Nobody counts in the control, or in none of the others.
        AnalyticsError: As for `compare`.
    """
    sizes = arms.groupby("variant", sort=False)["n"].max()
    arm(arms, control)
    others = [name for name in sizes.index if name != control and sizes[name] > 0]
    if not others or not sizes[control]:
        where = f"“{control}”" if others else "any variant beside the control"
        raise NotEnoughDataError(
            f"No customer of {where} counts yet.", "Choose a shorter window, or wait."
        )
    found: list[Comparison] = []
    for metric in metrics:
        for name in others:
            pair = sizes[control] + sizes[name]
            one = compare(
                arm(arms, control),
                arm(arms, name),
                metric.name,
                confidence=confidence,
                mode=mode,
                planned_n=planned_n and max(round(planned_n * pair / sizes.sum()), 1),
                higher_is_better=metric.higher_is_better,
                label=metric.label,
                unit=metric.unit,
            )
            found.append(trust(_worded(_agreeing(one), metric, currency), checks))
    corrected = _corrected(found, [metric.name for metric in metrics])
    shown = tuple(
        _with_correction(one, p_value) for one, p_value in zip(found, corrected, strict=True)
    )
    labels = {metric.name: metric.label for metric in metrics}
    counted = arms.set_index(["variant", "metric"])["mean"]
    table = pd.DataFrame(
        [
            {
                "variant": one.treatment,
                "metric": one.metric,
                "label": labels[one.metric],
                "control_value": counted[control, one.metric],
                "treatment_value": counted[one.treatment, one.metric],
            }
            | {name: getattr(one, name) for name in COLUMNS}
            for one in shown
        ]
    )
    table.insert(list(table.columns).index("p_value") + 1, "adjusted_p_value", corrected)
    empty = tuple(name for name in sizes.index if not sizes[name])
    return Results(control, tuple(metrics), shown, tuple(corrected), table, empty)


def _agreeing(one: Comparison) -> Comparison:
    """Without a relative range that says otherwise about zero than that of the difference.

    It is worked out on the logarithm, which is far from normal where one customer carries nearly
    all of an arm; then it may exclude zero while the difference may well be nothing.
    """
    sides = [np.sign(ends) for ends in ((one.lo, one.hi), (one.relative_lo, one.relative_hi))]
    if isnan(one.relative_lo) or isnan(one.lo) or abs(sides[0].sum()) == abs(sides[1].sum()):
        return one
    return replace(one, relative_lo=nan, relative_hi=nan)


def _worded(one: Comparison, metric: Metric, currency: str) -> Comparison:
    """With money in its sentence where money is compared."""
    if metric.unit != "money":
        return one
    unit = unit_of(metric, currency, one)
    write: Callable[[float], str] = unit.value
    return replace(one, sentence=sentence(one, money=write))


def _corrected(found: Sequence[Comparison], metrics: Sequence[str]) -> list[float]:
    """P-values that allow for the number of variants, metric by metric."""
    made: list[float] = []
    for name in metrics:
        p_values = np.array([one.p_value for one in found if one.metric == name], dtype=np.float64)
        made += adjusted(p_values, "holm").tolist()
    return made


def _with_correction(one: Comparison, p_value: float) -> Comparison:
    """Neither better nor worse where that holds only without the correction."""
    if one.verdict not in ("better", "worse") or p_value < 1 - one.confidence:
        return one
    said = (
        f"Cannot tell: of several variants one may differ from {one.control} as much as "
        f"{one.treatment} does by chance alone."
    )
    return replace(one, verdict="cannot tell", sentence=said, reason=said)
