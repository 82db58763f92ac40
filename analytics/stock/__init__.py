"""How much to hold and to order: levels that keep their promise on the shop's own past."""

from analytics.stock.expected import cover_days, expected
from analytics.stock.formulas import (
    Newsvendor,
    at_most,
    expected_shortage,
    newsvendor,
    reorder_point,
    summed_error_sd,
)
from analytics.stock.orders import order_file, order_list
from analytics.stock.plan import IDLE_DAYS, Plan, plan, verdict

__all__ = [
    "IDLE_DAYS",
    "Newsvendor",
    "Plan",
    "at_most",
    "cover_days",
    "expected",
    "expected_shortage",
    "newsvendor",
    "order_file",
    "order_list",
    "plan",
    "reorder_point",
    "summed_error_sd",
    "verdict",
]
