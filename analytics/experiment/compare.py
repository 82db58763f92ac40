"""Two arms and one metric: the difference, how sure it is, and a verdict.

One test decides: the verdict follows the p-value and the interval of the same test. Rates with
under ten buyers or non-buyers in an arm have Newcombe's interval and Fisher's exact p-value, which
may disagree near the border; there both must exclude "no difference". The relative difference, the
chance to win and the capped difference stand beside the verdict and do not decide.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import nan
from typing import Any

import numpy as np
import pandas as pd

from analytics.errors import AnalyticsError
from analytics.experiment import bayes, proportions
from analytics.experiment.adjusting import Adjusted, When, adjust_arms
from analytics.experiment.comparison import Comparison, Mode, Verdict
from analytics.experiment.differences import Alternative, Difference
from analytics.experiment.judging import (
    Asked,
    few_successes,
    many,
    means,
    standard_error,
    untested,
)
from analytics.experiment.moments import Arm, Kind
from analytics.experiment.sentences import sentence, within
from analytics.experiment.sequential import TUNING_N
from analytics.experiment.testable import check_question, one_row, why_not
from analytics.experiment.thin import alike_in_variance

__all__ = ["Comparison", "Mode", "Verdict", "compare", "reversed_in_parts", "trust"]


def compare(
    control: pd.DataFrame,
    treatment: pd.DataFrame,
    metric: str,
    *,
    confidence: float = 0.95,
    cuped: When = "auto",
    mode: Mode = "fixed",
    planned_n: int | None = None,
    alternative: Alternative = "two-sided",
    higher_is_better: bool = True,
    label: str = "",
    unit: str = "",
) -> Comparison:
    """Compare two arms on one metric.

    Args:
        control: Its rows of the arms frame (one variant, any number of metrics).
        treatment: The rows of the arm that is judged.
        metric: Which of them.
        confidence: Of the intervals, between 0 and 1.
        cuped: Allow for what customers did before: True, False, or `auto` where it helps.
        mode: `fixed`, or `always_valid` for a result that may be read every day.
        planned_n: Customers of both arms planned; a fixed result is not read before, and an
            always-valid interval is narrowest there.
        alternative: `two-sided`; `greater` or `less` put all doubt on one side.
        higher_is_better: False of a metric like the unsubscribe rate.
        label: What the metric is called in the sentence; by default its name.
        unit: What it counts, as in "orders", "money" or "share".

    Raises:
        AnalyticsError: An arm is empty, lacks the metric or has impossible numbers; the confidence,
            the mode, the side or the plan makes no sense.
    """
    check_question(confidence, mode, alternative, planned_n)
    first, second = one_row(control, metric, "control"), one_row(treatment, metric, "treatment")
    if first["kind"] != second["kind"]:
        raise AnalyticsError(
            f"{metric} is of another kind in each variant.", "Count both variants alike."
        )
    kind: Kind = first["kind"]
    reason = why_not(first, second, within(label or metric.replace("_", " ")))
    counts = _counts(first), _counts(second)
    few = kind == "proportion" and not reason and proportions.is_small(*counts)
    if few and mode == "always_valid":
        reason = (
            f"Fewer than {proportions.FEW} customers of a variant did it, or did not: too few for "
            "a result that may be read every day."
        )
    plain = adjust_arms(first, second, False)
    arms = plain if few or reason else adjust_arms(first, second, cuped)
    asked = Asked(1 - confidence, mode, alternative, planned_n or TUNING_N)
    if reason:
        judged = untested(plain)
    elif few:
        judged = few_successes(*counts, asked)
    else:
        judged = many(arms, plain, kind, asked)
    found, relative = judged.absolute, judged.relative
    made = Comparison(
        metric=metric,
        kind=kind,
        control=str(first["variant"]),
        treatment=str(second["variant"]),
        control_n=arms.control.n,
        treatment_n=arms.treatment.n,
        control_mean=arms.control.mean,
        treatment_mean=arms.treatment.mean,
        difference=found.difference,
        lo=found.lo,
        hi=found.hi,
        relative_difference=relative.difference,
        relative_lo=relative.lo,
        relative_hi=relative.hi,
        standard_error=found.standard_error,
        p_value=found.p_value,
        test=judged.test,
        cuped=arms.used,
        rho=arms.rho,
        variance_reduction=(
            1 - (standard_error(arms) / standard_error(plain)) ** 2 if arms.used else nan
        ),
        **_beliefs(found, arms, counts, kind, higher_is_better, reason),
        **_capped(first, second, asked, reason),
        confidence=confidence,
        mode=mode,
        planned_n=planned_n,
        verdict=_verdict(found, arms, asked, planned_n, higher_is_better, reason),
        sentence="",
        reason=reason,
        higher_is_better=higher_is_better,
        label=label,
        unit=unit,
    )
    return replace(made, sentence=sentence(made))


def trust(comparison: Comparison, checks: pd.DataFrame) -> Comparison:
    """The comparison with the verdict "do not trust" where a check is red.

    Args:
        comparison: A result.
        checks: What `health` found: check, level, sentence.
    """
    red = checks.loc[checks["level"] == "red", "sentence"]
    if red.empty:
        return comparison
    made = replace(comparison, verdict="do not trust", reason=" ".join(red))
    return replace(made, sentence=sentence(made))


def reversed_in_parts(overall: Comparison, parts: Sequence[Comparison]) -> bool:
    """Whether the total points one way and each of its parts the other (Simpson's paradox).

    It comes of a split that differs between the parts, as where a test was widened on its second
    day; then the parts are right and the total is not.
    """
    sign = np.sign(overall.difference)
    return bool(len(parts) > 1 and sign and all(np.sign(p.difference) == -sign for p in parts))


def _counts(one: Mapping[str, Any]) -> tuple[int, int]:
    """Successes and customers; none where it is no proportion."""
    return int(one["successes"]) if one["kind"] == "proportion" else 0, int(one["n"])


def _beliefs(
    found: Difference,
    arms: Adjusted,
    counts: tuple[tuple[int, int], tuple[int, int]],
    kind: Kind,
    higher_is_better: bool,
    reason: str,
) -> dict[str, Any]:
    """Chance to win and both expected losses."""
    if reason:
        names = ("chance_to_win", "expected_loss", "expected_loss_of_keeping")
        return dict.fromkeys(names, nan)
    if kind == "proportion" and not arms.used:
        belief = bayes.rates(*counts)
    else:
        belief = bayes.gaussian(found.difference, found.standard_error)
    win, taking, keeping = belief.chance_to_win, belief.loss_of_treatment, belief.loss_of_control
    if not higher_is_better:
        win, taking, keeping = 1 - win, keeping, taking
    return {
        "chance_to_win": min(max(win, 0.0), 1.0),
        "expected_loss": max(taking, 0.0),
        "expected_loss_of_keeping": max(keeping, 0.0),
    }


def _capped(
    control: Mapping[str, Any], treatment: Mapping[str, Any], asked: Asked, reason: str
) -> dict[str, Any]:
    """The difference with the largest values cut off, as a line beside."""
    a, b = (
        Arm(int(one["n"]), float(one["capped_mean"]), float(one["capped_variance"]))
        for one in (control, treatment)
    )
    lo = hi = nan
    if not reason and a.variance + b.variance > 0:
        found = means(a, b, alike_in_variance(a, b), asked)
        lo, hi = found.lo, found.hi
    return {"capped_difference": b.mean - a.mean, "capped_lo": lo, "capped_hi": hi}


def _verdict(
    found: Difference,
    arms: Adjusted,
    asked: Asked,
    planned_n: int | None,
    higher_is_better: bool,
    reason: str,
) -> Verdict:
    short = planned_n is not None and arms.control.n + arms.treatment.n < planned_n
    if short and asked.mode == "fixed":
        return "keep running"
    sure = not reason and found.p_value < asked.alpha and not found.lo <= 0 <= found.hi
    if not sure:
        return "keep running" if short else "cannot tell"
    return "better" if (found.difference > 0) == higher_is_better else "worse"
