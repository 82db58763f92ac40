"""Journeys: where people drop out, by which ways they come, and what they leave in the cart."""

from analytics.journeys import channels
from analytics.journeys.carts import Carts, carts
from analytics.journeys.channels import attribution
from analytics.journeys.funnel import Kept, ask, durations, funnel, keep, rates
from analytics.journeys.paths import KeptPaths, gathered, keep_paths, moves, paths
from analytics.journeys.steps import BREAKDOWNS, PURCHASE, Asked, Exclusion, Step, kinds

__all__ = [
    "BREAKDOWNS",
    "PURCHASE",
    "Asked",
    "Carts",
    "Exclusion",
    "Kept",
    "KeptPaths",
    "Step",
    "ask",
    "attribution",
    "carts",
    "channels",
    "durations",
    "funnel",
    "gathered",
    "keep",
    "keep_paths",
    "kinds",
    "moves",
    "paths",
    "rates",
]
