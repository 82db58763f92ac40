"""The shop at a glance: a period beside earlier ones, over time, by its parts, in sentences.

A period is compared with the one of the same length just before it and with the same dates a year
earlier; where the period is itself a year, both are one. An order belongs to the day of its first
line, so that the orders of days, weeks and months add up to those of the period.
"""

from analytics.overview.parts import By, leading_parts, parts
from analytics.overview.periods import (
    DAY,
    Against,
    Every,
    Period,
    Summary,
    a_year_earlier,
    first_and_last_day,
    over_time,
    period,
    summary,
)
from analytics.overview.sentences import sentences

__all__ = [
    "DAY",
    "Against",
    "By",
    "Every",
    "Period",
    "Summary",
    "a_year_earlier",
    "first_and_last_day",
    "leading_parts",
    "over_time",
    "parts",
    "period",
    "sentences",
    "summary",
]
