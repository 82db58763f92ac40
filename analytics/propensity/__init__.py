"""Who will buy, and who will leave: the probability that a customer does something in some days.

Every customer of earlier days is asked the same question whose answer is known by now. Models
learn from what was known of them before each of those days, rules stand beside them, both are
judged by the last whole window, and the model answers only where it orders customers better than
the best rule by more than chance. After Bishop, Pattern Recognition and Machine Learning (2006) and
Hastie, Tibshirani & Friedman, The Elements of Statistical Learning (2009); we differ in splitting
by time alone.
"""

from analytics.propensity.fairness import warnings as unequal
from analytics.propensity.features import PERSONAL
from analytics.propensity.fitting import fit
from analytics.propensity.kept import Kept, choices, expected, find, keep, reasons
from analytics.propensity.models import METHODS, RULES, label
from analytics.propensity.next_fit import next_action
from analytics.propensity.next_kept import KeptNext, find_next, keep_next
from analytics.propensity.next_models import RULE as NEXT_RULE
from analytics.propensity.next_order import (
    KeptNextOrders,
    NextOrders,
    NextOrdersReport,
    keep_next_order,
    next_order,
)
from analytics.propensity.next_report import NextAction, NextReport
from analytics.propensity.overdue import LAPSED_CHANCE, OVERDUE_SHARE, OVERDUE_TIMES
from analytics.propensity.report import Fitted, Report
from analytics.propensity.spending import (
    KeptRevenue,
    Revenue,
    RevenueReport,
    find_revenue,
    keep_revenue,
    revenue,
)

__all__ = [
    "LAPSED_CHANCE",
    "METHODS",
    "NEXT_RULE",
    "OVERDUE_SHARE",
    "OVERDUE_TIMES",
    "PERSONAL",
    "RULES",
    "Fitted",
    "Kept",
    "KeptNext",
    "KeptNextOrders",
    "KeptRevenue",
    "NextAction",
    "NextOrders",
    "NextOrdersReport",
    "NextReport",
    "Report",
    "Revenue",
    "RevenueReport",
    "choices",
    "expected",
    "find",
    "find_next",
    "find_revenue",
    "fit",
    "keep",
    "keep_next",
    "keep_next_order",
    "keep_revenue",
    "label",
    "next_action",
    "next_order",
    "reasons",
    "revenue",
    "unequal",
]
