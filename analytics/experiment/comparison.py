"""What comes out of comparing two arms."""

from dataclasses import dataclass
from typing import Literal

from analytics.experiment.moments import Kind

__all__ = ["Comparison", "Mode", "Verdict"]

Mode = Literal["fixed", "always_valid"]
Verdict = Literal["better", "worse", "cannot tell", "do not trust", "keep running"]


@dataclass(frozen=True)
class Comparison:
    """What a treatment did to a metric, beside a control.

    Attributes:
        metric: The metric's name.
        kind: proportion, mean or ratio.
        control: Variant compared with.
        treatment: Variant that is judged.
        control_n: Customers assigned to it.
        treatment_n: Customers assigned to it.
        control_mean: The metric's value; where `cuped`, as if both arms had been alike before.
        treatment_mean: The same of the treatment.
        difference: Treatment − control, in the metric's unit.
        lo: Lower end of its interval; NaN where it cannot be tested.
        hi: Upper end.
        relative_difference: Treatment ÷ control − 1; NaN unless both are above 0.
        relative_lo: Lower end of its interval.
        relative_hi: Upper end.
        standard_error: Of the difference.
        p_value: NaN where it cannot be tested.
        test: Which test, in words; empty where there is none.
        cuped: Whether what customers did before was allowed for.
        rho: Correlation with what they did before; NaN where nothing is known of it.
        variance_reduction: Share of the variance that it took away, 0 to 1.
        chance_to_win: That the treatment is truly the better one, 0 to 1.
        expected_loss: Of taking the treatment, in the metric's unit, at least 0.
        expected_loss_of_keeping: Of keeping the control.
        capped_difference: With the largest values cut off; NaN where the metric has no cap.
        capped_lo: Lower end of its interval.
        capped_hi: Upper end.
        confidence: Of the intervals.
        mode: `fixed` (to be read once, at the planned size) or `always_valid` (any day).
        planned_n: Customers of both arms that were planned.
        verdict: What follows.
        sentence: The verdict in plain words.
        reason: Why it cannot be tested or trusted, or empty.
        higher_is_better: Whether a higher value is the better one.
        label: What the metric is called in the sentence.
        unit: What it counts, as for `sentences.sentence`.
    """

    metric: str
    kind: Kind
    control: str
    treatment: str
    control_n: int
    treatment_n: int
    control_mean: float
    treatment_mean: float
    difference: float
    lo: float
    hi: float
    relative_difference: float
    relative_lo: float
    relative_hi: float
    standard_error: float
    p_value: float
    test: str
    cuped: bool
    rho: float
    variance_reduction: float
    chance_to_win: float
    expected_loss: float
    expected_loss_of_keeping: float
    capped_difference: float
    capped_lo: float
    capped_hi: float
    confidence: float
    mode: Mode
    planned_n: int | None
    verdict: Verdict
    sentence: str
    reason: str
    higher_is_better: bool = True
    label: str = ""
    unit: str = ""
