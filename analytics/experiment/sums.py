"""From the store's exact sums to rows of the arms frame.

The sums of squares and products come as decimals, and variance and covariance are taken of them in
whole numbers before anything becomes a float: (n Σxy − Σx Σy) ÷ n(n − 1). In floats the two terms
of that difference may agree in all their digits where values are large and hardly differ.
"""

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from math import ceil, floor, nan
from typing import Any

from analytics.experiment import moments
from analytics.experiment.metrics import REVENUE, Metric
from analytics.experiment.moments import PARTS

__all__ = ["CAP_SHARE", "Totals", "cap_of", "capped", "row", "whole", "zero"]

Totals = Mapping[str, int | None]
"""Sums of an arm and metric, in ten-thousandths; of squares and products, in their squares."""

EXACT = Context(prec=80)
CAP_SHARE = Fraction(999, 1000)
SCALE, SQUARE_SCALE = 10**4, 10**8
PRODUCTS = {
    (first, second): f"{first}_by_{second}" if first != second else f"{first}_squared"
    for place, first in enumerate(PARTS)
    for second in PARTS[place:]
}
"""For each pair of parts the column with the sum of their products."""
SUMS = (*PARTS, *PRODUCTS.values())


def whole(value: Decimal | None, name: str) -> int | None:
    """A sum of the store in whole ten-thousandths, or their squares.

    >>> whole(Decimal("1.5000"), "value"), whole(Decimal("2.25"), "value_squared")
    (15000, 225000000)
    """
    if value is None:
        return None
    return int(EXACT.scaleb(value, 4 if name in PARTS else 8))


def zero(metric: Metric) -> dict[str, int | None]:
    """The sums of an arm in which nobody did anything."""
    absent = "denominator" if metric.denominator is None else "-"
    return {name: None if absent in name else 0 for name in SUMS}


def added(one: Totals, more: Totals) -> dict[str, int | None]:
    """Both together."""
    return {name: None if (old := one[name]) is None else old + (more[name] or 0) for name in SUMS}


def row(
    metric: Metric, variant: str, n: int, totals: Totals, *, has_before: bool
) -> dict[str, Any]:
    """One row of the arms frame.

    Args:
        metric: What was counted.
        variant: The arm.
        n: Customers assigned to it.
        totals: Sums over them.
        has_before: Whether anybody of any arm did it before; else there is nothing to allow for.
    """
    absent = {name for name in PARTS if totals[name] is None}
    absent |= set() if has_before else {"before", "denominator_before"}
    found: dict[str, float] = {}
    for name in PARTS:
        found[f"{name}_mean"] = nan if name in absent else _mean(totals[name], n)
    for (first, second), name in PRODUCTS.items():
        column = f"{first}_variance" if first == second else f"covariance_{first}_{second}"
        if {first, second} & absent:
            found[column] = nan
        else:
            found[column] = _covariance(n, totals[first], totals[second], totals[name])
    if metric.kind == "proportion":
        found["successes"] = round((totals["value"] or 0) / SCALE)
    return moments.row(variant, metric.name, metric.kind, n, **found)


def _mean(total: int | None, n: int) -> float:
    return (total or 0) / (SCALE * n) if n else nan


def _covariance(n: int, first: int | None, second: int | None, product: int | None) -> float:
    if n < 2:
        return nan
    above = n * (product or 0) - (first or 0) * (second or 0)
    return above / (SQUARE_SCALE * n * (n - 1))


def cap_of(values: Sequence[Decimal], buyers: int) -> Fraction | None:
    """Where the largest values are cut off: the 99.9th percentile of the non-zero ones.

    Args:
        values: The largest of them, falling, as many as the percentile needs.
        buyers: How many non-zero values there are.

    Returns:
        None where there are none.
    """
    if not values or not buyers:
        return None
    place = CAP_SHARE * (buyers - 1)
    low, high = (Fraction(values[buyers - 1 - at(place)]) for at in (floor, ceil))
    return low + (place - floor(place)) * (high - low)


def capped(
    n: int, totals: Totals, largest: Sequence[Decimal], cap: Fraction | None
) -> dict[str, float]:
    """Mean and variance of a metric of money with the largest values cut off.

    Args:
        n: Customers of the arm.
        totals: Its sums.
        largest: Its values that may lie above the cap; only those above it change the sums.
        cap: The cap.
    """
    if cap is None or not n:
        return {}
    above = [Fraction(value) for value in largest if value > cap]
    total = Fraction(totals["value"] or 0, SCALE) - sum(above) + len(above) * cap
    squared = Fraction(totals["value_squared"] or 0, SQUARE_SCALE)
    squared += len(above) * cap**2 - sum(value**2 for value in above)
    spread = n * squared - total**2
    return {
        "capped_mean": float(total / n),
        "capped_variance": float(spread / (n * (n - 1))) if n > 1 else nan,
        "cap": float(cap),
    }


def has_cap(metric: Metric) -> bool:
    """Whether the metric is money a customer, where one buyer can outweigh a thousand."""
    return metric.kind == "mean" and metric.value == REVENUE
