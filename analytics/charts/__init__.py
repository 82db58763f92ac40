"""The only Plotly: a small frame in, a figure out."""

from analytics.charts.audiences import overlap
from analytics.charts.baskets import together
from analytics.charts.clusters import cluster_choice, cluster_map, cluster_traits, figure_in
from analytics.charts.demand import demand, look_back, season_grid, with_promotion
from analytics.charts.experiments import detectable_by_weeks, effect_by_day, effects
from analytics.charts.intervals import intervals
from analytics.charts.journeys import credit, fates, funnel, funnel_parts, paths
from analytics.charts.next_action import moves
from analytics.charts.predictions import bars, calibration, gains, waits
from analytics.charts.profile import favourites, orders_by_month
from analytics.charts.retention import foreseen_and_came, retention_curve
from analytics.charts.revenue import revenue_over_time, waterfall
from analytics.charts.segments import flow, treemap
from analytics.charts.stock import price_curve, stock_cover

__all__ = [
    "bars",
    "calibration",
    "cluster_choice",
    "cluster_map",
    "cluster_traits",
    "credit",
    "demand",
    "detectable_by_weeks",
    "effect_by_day",
    "effects",
    "fates",
    "favourites",
    "figure_in",
    "flow",
    "foreseen_and_came",
    "funnel",
    "funnel_parts",
    "gains",
    "intervals",
    "look_back",
    "moves",
    "orders_by_month",
    "overlap",
    "paths",
    "price_curve",
    "retention_curve",
    "revenue_over_time",
    "season_grid",
    "stock_cover",
    "together",
    "treemap",
    "waits",
    "waterfall",
    "with_promotion",
]
