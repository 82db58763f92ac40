"""Amounts, days and ranges as people read them."""

from math import isfinite
from typing import Any

from analytics.profile import words

day = words.day
count = words.count


def amount(value: float, unit: str = "") -> str:
    """Money; from a thousand on without cents.

    >>> amount(-12.5, "EUR"), amount(12345.6), amount(-0.001)
    ('−12.50 EUR', '12,346', '0.00')
    """
    decimals = 0 if abs(value) >= 1000 else 2
    rounded = round(float(value), decimals) + 0.0
    return f"{rounded:,.{decimals}f} {unit}".strip().replace("-", "−")


def between(lo: float, hi: float, unit: str = "") -> str:
    """An interval of money.

    >>> between(-3, 1200, "EUR")
    'between −3.00 and 1,200 EUR'
    """
    return f"between {amount(lo)} and {amount(hi, unit)}"


def percent(share: float, decimals: int = 1) -> str:
    """A share in per cent.

    >>> percent(0.0412), percent(-0.5, 0)
    ('4.1%', '−50%')
    """
    return f"{round(100 * share, decimals) + 0.0:.{decimals}f}%".replace("-", "−")


def people(value: int) -> str:
    """So many people.

    >>> people(1), people(1200)
    ('1 person', '1,200 people')
    """
    return "1 person" if value == 1 else f"{value:,} people"


def known(*values: Any) -> bool:
    """Whether all of these are numbers that can be said."""
    return all(isfinite(float(value)) for value in values)
