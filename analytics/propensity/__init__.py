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
from analytics.propensity.next_report import NextAction, NextReport
from analytics.propensity.report import Fitted, Report
from analytics.propensity.spending import Revenue, revenue

__all__ = [
    "METHODS",
    "NEXT_RULE",
    "PERSONAL",
    "RULES",
    "Fitted",
    "Kept",
    "KeptNext",
    "NextAction",
    "NextReport",
    "Report",
    "Revenue",
    "choices",
    "expected",
    "find",
    "find_next",
    "fit",
    "keep",
    "keep_next",
    "label",
    "next_action",
    "reasons",
    "revenue",
    "unequal",
]
