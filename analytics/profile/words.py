"""Values as people read them."""

from decimal import ROUND_CEILING, Decimal
from math import floor
from typing import Any

import pandas as pd

from analytics.profile.catalogue import Feature

MISSING = "–"
CENT = Decimal("0.01")


def say(feature: Feature, value: Any, unit: str = "") -> str:
    """A feature's value as people read it; `–` where it is missing.

    Args:
        feature: Which one.
        value: What it is.
        unit: What money is called, as in `EUR`, or empty.
    """
    if pd.isna(value):
        return MISSING
    match feature.kind:
        case "money":
            return amount(value, unit)
        case "share":
            return f"{float(value):.0%}"
        case "flag":
            return "yes" if value else "no"
        case "day":
            return day(value)
        case "text":
            return str(value)
    if feature.unit == "money":
        return amount(value, unit)
    return number(value)


def number(value: Any) -> str:
    """A number with thousands marks; one decimal where it is broken.

    >>> number(1234.0), number(2.25)
    ('1,234', '2.2')
    """
    whole = float(value).is_integer()
    return f"{float(value):,.0f}" if whole else f"{float(value):,.1f}"


def amount(value: Any, unit: str = "") -> str:
    """Money with two decimals.

    >>> amount(Decimal("1234.5"), "EUR")
    '1,234.50 EUR'
    """
    return f"{round(Decimal(str(value)), 2) + 0:,.2f} {unit}".strip().replace("-", "−")


def at_least(value: Decimal) -> Decimal:
    """Money rounded up to the cent."""
    return value.quantize(CENT, rounding=ROUND_CEILING)


def day(value: Any) -> str:
    """A day.

    >>> day(pd.Timestamp("2026-03-01"))
    '1 March 2026'
    """
    return f"{value.day} {value:%B %Y}"


def count(value: int, thing: str) -> str:
    """So many of a thing.

    >>> count(1, "order"), count(1200, "order")
    ('1 order', '1,200 orders')
    """
    return f"{value:,} {thing}{'' if value == 1 else 's'}"


def percent(share: float) -> str:
    """A share, rounded down, so that what is not all is never called all.

    >>> percent(0.999), percent(0.004), percent(0.0)
    ('99%', 'under 1%', '0%')
    """
    return "under 1%" if 0 < share < 0.01 else f"{floor(100 * share + 1e-9)}%"
