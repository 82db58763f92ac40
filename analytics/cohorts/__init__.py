"""Cohorts: of those who started together, how many come back, how often, and what they bring.

Customers are put together by the day, week or month they started in, and looked at again in each
later one. A cell whose period was not over on the as-of day is not complete: what it lacks is not
a fall. Wilson's interval (1927) says how sure a share is.
"""

from analytics.cohorts.cells import Measure, curve, retention, table
from analytics.cohorts.kept import By, Counts, Every, Kept, Start, keep, number_of, start_of

__all__ = [
    "By",
    "Counts",
    "Every",
    "Kept",
    "Measure",
    "Start",
    "curve",
    "keep",
    "number_of",
    "retention",
    "start_of",
    "table",
]
