"""What a test means, in sentences and tables that a marketer can repeat."""

from collections.abc import Mapping
from math import isfinite, isnan

import pandas as pd

from analytics.experiment.comparison import Comparison
from analytics.experiment.metrics import Metric
from analytics.experiment.results import Results
from analytics.experiment.units import Unit, chance, percent, unit_of

__all__ = [
    "VERDICTS",
    "beliefs",
    "figures",
    "monthly",
    "p_value_words",
    "revenue_of",
    "sensitivity",
]

VERDICTS: Mapping[str, str] = {
    "better": "Better",
    "worse": "Worse",
    "cannot tell": "Cannot tell",
    "do not trust": "Do not trust",
    "keep running": "Keep running",
}
"""What a verdict is called."""


def revenue_of(found: Results) -> Metric | None:
    """The metric that money a month follows from: money a customer, not money an order."""
    fitting = [one for one in found.metrics if one.unit == "money" and one.kind == "mean"]
    return fitting[0] if fitting else None


def monthly(one: Comparison, currency: str, customers: int) -> str:
    """What a difference in revenue a customer would mean for so many customers a month.

    Args:
        one: A comparison of money a customer.
        currency: What money is called.
        customers: Customers a month who would get it.

    Returns:
        A sentence; empty where the result cannot be tested or trusted.
    """
    lo, best, hi = (each * customers for each in (one.lo, one.difference, one.hi))
    if one.verdict == "do not trust" or not (isfinite(lo) and isfinite(hi)):
        return ""

    def amount(value: float) -> str:
        return Unit("money", currency, 0 if abs(hi - lo) >= 10 else 2).value(abs(value))

    if lo < 0 < hi:
        said = f"anything from {amount(lo)} less to {amount(hi)} more"
        guess = f"{amount(best)} {'more' if best > 0 else 'less'}"
    else:
        near, far = sorted((lo, hi), key=abs)
        said = f"between {amount(near)} and {amount(far)} {'more' if hi > 0 else 'less'}"
        guess = amount(best)
    so_far = "So far it looks as if that" if one.verdict == "keep running" else "That"
    return (
        f"{so_far} would mean {said} revenue a month (best guess {guess}) if {one.treatment} went "
        f"to {customers:,} customers a month like those in the test."
    )


def beliefs(one: Comparison, unit: Unit) -> list[str]:
    """The chance to win and what a wrong choice costs; nothing where it cannot be told."""
    if isnan(one.chance_to_win) or one.verdict == "do not trust":
        return []
    taking, keeping = one.expected_loss, one.expected_loss_of_keeping
    each = "a customer on average" if one.kind == "mean" else "on average"
    counted = f" {one.unit}" if unit.kind == "number" and one.unit not in ("", "ratio") else ""

    def size(loss: float) -> str:
        said = unit.change(loss)[1:]
        is_small = loss < 1e-3 * (one.hi - one.lo) or not any(
            digit in said for digit in "123456789"
        )
        return "next to nothing" if is_small else said + counted

    return [
        f"The chance that {one.treatment} is truly the better one is {chance(one.chance_to_win)}.",
        f"The risk, over all that may be true: choosing {one.treatment} costs {size(taking)} "
        f"{each}, staying with {one.control} {size(keeping)}.",
    ]


def sensitivity(one: Comparison, unit: Unit) -> str:
    """The difference with the largest buyers cut down; empty without a cap, or where untrusted."""
    if isnan(one.capped_lo) or isnan(one.capped_hi) or one.verdict == "do not trust":
        return ""
    said = unit.span(one.capped_difference, one.capped_lo, one.capped_hi)
    return (
        f"With the largest 0.1% of buyers cut down the difference of {one.treatment} would be "
        f"{said}."
    )


def p_value_words(p_value: float) -> str:
    """A p-value without false digits.

    >>> p_value_words(1e-9), p_value_words(0.0312), p_value_words(float("nan"))
    ('< 0.0001', '0.031', '–')
    """
    if isnan(p_value):
        return "–"
    if p_value < 0.0001:
        return "< 0.0001"
    return f"{p_value:.2g}" if p_value < 0.1 else f"{p_value:.2f}"


def figures(found: Results, currency: str) -> pd.DataFrame:
    """All metrics as text, a row a metric and variant.

    Returns:
        DataFrame: metric, variant (only with several), control, with_the_change, difference,
        in_per_cent, p_value, corrected_p_value (only with several variants), verdict.
    """
    by_name = {metric.name: metric for metric in found.metrics}
    rows = []
    for one, row in zip(found.found, found.table.to_dict("records"), strict=True):
        unit = unit_of(by_name[one.metric], currency, one)
        relative = percent(one.relative_difference, signed=True)
        if isfinite(one.relative_lo) and isfinite(one.relative_hi):
            ends = [percent(each, signed=True) for each in (one.relative_lo, one.relative_hi)]
            relative += f" ({ends[0]} to {ends[1]})"
        rows.append(
            {
                "metric": row["label"],
                "variant": one.treatment,
                "control": unit.value(row["control_value"]),
                "with_the_change": unit.value(row["treatment_value"]),
                "difference": unit.span(one.difference, one.lo, one.hi),
                "in_per_cent": relative,
                "p_value": p_value_words(one.p_value),
                "corrected_p_value": p_value_words(row["adjusted_p_value"]),
                "verdict": VERDICTS[one.verdict],
            }
        )
    made = pd.DataFrame(rows)
    return (
        made if len(found.treatments) > 1 else made.drop(columns=["variant", "corrected_p_value"])
    )
