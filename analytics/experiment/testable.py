"""What can be tested at all, and what a user must mend first."""

from collections.abc import Mapping
from math import inf, isfinite, isnan
from typing import Any

import numpy as np
import pandas as pd

from analytics.errors import AnalyticsError
from analytics.experiment.sentences import called

__all__ = ["FEWEST", "check_question", "one_row", "why_not"]

FEWEST = 30
"""Customers in each arm below which nothing is tested, and what a ratio is counted for."""


def check_question(confidence: float, mode: str, alternative: str, planned_n: int | None) -> None:
    if not 0 < confidence < 1:
        raise AnalyticsError(
            f"A confidence of {confidence:g} is not possible.",
            "Choose one between 0 and 1, as 0.95.",
        )
    if mode not in ("fixed", "always_valid"):
        raise AnalyticsError(f"There is no way of reading {mode}.", "Choose fixed or always_valid.")
    if alternative not in ("two-sided", "greater", "less"):
        raise AnalyticsError(
            f"There is no side {alternative}.", "Choose two-sided, greater or less."
        )
    if alternative != "two-sided" and confidence <= 0.5:
        raise AnalyticsError("One side needs more confidence.", "Choose more than 0.5, as 0.95.")
    if planned_n is not None and planned_n < 1:
        raise AnalyticsError(
            f"A plan of {planned_n} customers is not possible.", "Plan one customer or more."
        )


def one_row(rows: pd.DataFrame, metric: str, side: str) -> Mapping[str, Any]:
    """The metric's one row of an arm, checked."""
    if rows.empty:
        raise AnalyticsError(
            f"The {side} has no customers.", "Choose a variant that customers were assigned to."
        )
    found = np.flatnonzero((rows["metric"] == metric).to_numpy())
    name = str(rows["variant"].iloc[0])
    if not len(found):
        raise AnalyticsError(
            f"{metric} was not measured for {called(name)}.",
            f"Choose one of: {', '.join(map(str, rows['metric'].unique()))}.",
        )
    if len(found) > 1:
        raise AnalyticsError(
            f"{metric} has {len(found)} rows in the {side}.",
            "Compare one variant with one other, and one segment or day at a time.",
        )
    one: dict[str, Any] = {str(key): value for key, value in rows.iloc[found[0]].items()}
    if not one["n"] >= 1:
        raise AnalyticsError(
            f"{called(name)} has no customers.", "Choose a variant that customers were assigned to."
        )
    _possible(one, metric, called(name))
    return one


def _possible(one: Mapping[str, Any], metric: str, who: str) -> None:
    """Complain of numbers that no customers can have."""
    numbers = {
        name: float(value)
        for name, value in one.items()
        if name.endswith(("mean", "variance")) and value is not None
    }
    wrong = [name for name, value in numbers.items() if abs(value) == inf]
    wrong += [name for name, value in numbers.items() if name.endswith("variance") and value < 0]
    if one["kind"] == "proportion" and not 0 <= one["mean"] <= 1:
        raise AnalyticsError(
            f"{who} has more customers who did it than customers, or fewer than none.",
            f"Check the numbers behind {metric}.",
        )
    missing = one["kind"] != "ratio" and isnan(numbers["mean"])
    if wrong or missing or (one["n"] > 1 and isnan(numbers["value_variance"])):
        raise AnalyticsError(
            f"{metric} of {who} has infinite, negative or missing numbers in it.",
            "Check the file: a mean must be a number, and a variance at least 0.",
        )


def why_not(control: Mapping[str, Any], treatment: Mapping[str, Any], label: str) -> str:
    """Why the two cannot be tested, in a sentence, or empty."""
    for one in (control, treatment):
        who = called(str(one["variant"]))
        if one["n"] < FEWEST:
            many = "one customer" if one["n"] == 1 else f"{int(one['n']):,} customers"
            return f"{who} has only {many}, and a result takes at least {FEWEST} in each variant."
        if one["kind"] == "ratio":
            if not isfinite(one["mean"]):
                return f"There is no {label} in {who}, where nobody did what it is counted for."
            if one["n"] * abs(one["denominator_mean"]) < FEWEST:
                return (
                    f"{who} has fewer than {FEWEST} of what the {label} is counted for, "
                    "too few for a result."
                )
    if not control["variance"] + treatment["variance"] > 0:
        if control["mean"] == treatment["mean"] == 0:
            return f"The {label} is 0 in both variants."
        return "All customers of a variant have the same value, so that there is nothing to test."
    return ""
