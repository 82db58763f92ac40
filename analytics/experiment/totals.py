"""A test that was run elsewhere, from its totals: customers, conversions and revenue a variant."""

from collections.abc import Mapping
from math import inf, isfinite, nan
from typing import Any

import pandas as pd

from analytics.errors import AnalyticsError
from analytics.experiment import moments
from analytics.experiment.metrics import BUILT_IN, HEADLINE
from analytics.experiment.outside import Outside, check_variants

__all__ = ["from_totals"]


def from_totals(frame: pd.DataFrame) -> Outside:
    """A test from its totals.

    Args:
        frame: A row a variant: variant, customers, conversions, and, if known, revenue (all of it)
            and revenue_sd (standard deviation of the revenue a customer, non-buyers as zero).

    Returns:
        Conversion rate, and revenue per visitor where its standard deviation is known.

    Raises:
        AnalyticsError: A number is missing, negative, infinite or impossible, a variant is there
            twice, or there is only one.
    """
    rows = frame.dropna(how="all")
    needed = ["variant", "customers", "conversions"]
    if missing := [name for name in needed if name not in rows]:
        raise AnalyticsError(
            f"The totals have no {' and no '.join(missing)}.", "Give them for each variant."
        )
    variants = rows["variant"].map(lambda cell: "" if pd.isna(cell) else str(cell).strip()).tolist()
    check_variants(variants)
    made, notes = [], []
    numbers = [
        _totals_of(name, row) for name, row in zip(variants, rows.to_dict("records"), strict=True)
    ]
    for name, one in zip(variants, numbers, strict=True):
        made.append(
            moments.row(name, "conversion_rate", "proportion", one["customers"],
                        successes=one["conversions"])
        )  # fmt: skip
    metrics = [BUILT_IN["conversion_rate"]]
    with_revenue = [one for one in numbers if not pd.isna(one["revenue"])]
    if with_revenue and all(
        isfinite(one["revenue_sd"]) and isfinite(one["revenue"]) for one in numbers
    ):
        metrics.append(BUILT_IN[HEADLINE])
        for name, one in zip(variants, numbers, strict=True):
            made.append(
                moments.row(name, HEADLINE, "mean", one["customers"],
                            value_mean=one["revenue"] / one["customers"],
                            value_variance=one["revenue_sd"] ** 2)
            )  # fmt: skip
    elif with_revenue:
        told = " and ".join(
            f"{one['revenue'] / one['customers']:,.2f} in “{name}”"
            for name, one in zip(variants, numbers, strict=True)
            if not pd.isna(one["revenue"])
        )
        notes.append(
            f"Revenue per visitor is {told}, but it cannot be tested without the standard "
            "deviation of the revenue a customer in each variant. Add it, or upload one row a user."
        )
    sizes = [one["customers"] for one in numbers]
    counts = pd.DataFrame({"variant": variants, "assigned": sizes, "customers": sizes})
    return Outside(moments.frame(made), tuple(metrics), counts, notes=tuple(notes))


def _totals_of(name: str, row: Mapping[Any, Any]) -> dict[str, Any]:
    """The numbers of one variant, checked."""
    found: dict[str, Any] = {}
    for column in ("customers", "conversions", "revenue", "revenue_sd"):
        number = pd.to_numeric(pd.Series([row.get(column)]), errors="coerce").iloc[0]
        given = row.get(column) is not None and not pd.isna(row.get(column))
        label = column.replace("_", " ").replace("sd", "standard deviation")
        if given and (pd.isna(number) or abs(number) == inf):
            raise AnalyticsError(
                f"“{name}”: {label} “{row[column]}” is no number.", "Type digits only."
            )
        if given and number < 0 and column != "revenue":
            raise AnalyticsError(f"“{name}”: {label} is negative.", "Give 0 or more.")
        found[column] = float(number) if given else nan
    for column in ("customers", "conversions"):
        if pd.isna(found[column]):
            raise AnalyticsError(f"“{name}”: {column} are missing.", "Type them in.")
        if found[column] % 1:
            raise AnalyticsError(f"“{name}”: {column} is no whole number.", "Give whole numbers.")
        found[column] = int(found[column])
    if not found["customers"]:
        raise AnalyticsError(f"“{name}” has no customers.", "Leave the variant out, or correct it.")
    if found["conversions"] > found["customers"]:
        raise AnalyticsError(
            f"“{name}” has more conversions than customers.",
            "Count each customer once, however many orders they placed.",
        )
    return found
