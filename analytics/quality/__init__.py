"""How sound the shop's data are: what is missing, repeated, unknown, and unlike the rest.

Nothing here changes the store: outliers are shown and never taken out, missing values are filled
only in a copy.
"""

from analytics.quality.days import gaps, unusual_days
from analytics.quality.extremes import LIMITS, METHODS, By, Method, Outliers, outliers
from analytics.quality.filling import FillMethod, fill
from analytics.quality.summary import Report, report

__all__ = [
    "LIMITS",
    "METHODS",
    "By",
    "FillMethod",
    "Method",
    "Outliers",
    "Report",
    "fill",
    "gaps",
    "outliers",
    "report",
    "unusual_days",
]
