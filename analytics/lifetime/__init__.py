"""Lifetime value: how often customers will order, and what they will be worth.

BG/NBD (Fader, Hardie & Lee 2005) says how often and whether still, gamma-gamma (Fader & Hardie
2013) how much. Both are tested on the last part of the time against the shopkeeper's rules, and
where they do not win, the rule is used.
"""

from analytics.lifetime.fitting import DAYS, Lifetime, Period, fit
from analytics.lifetime.model import LEVEL, Foreseen, Model, foresee, learn
from analytics.lifetime.testing import NAMES, Method, Test
from analytics.lifetime.worth import AHEAD_DAYS, Worth, keep

__all__ = [
    "AHEAD_DAYS",
    "DAYS",
    "LEVEL",
    "NAMES",
    "Foreseen",
    "Lifetime",
    "Method",
    "Model",
    "Period",
    "Test",
    "Worth",
    "fit",
    "foresee",
    "keep",
    "learn",
]
