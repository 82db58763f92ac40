"""What will sell: forecasts with intervals that hold, beside the shopkeeper's rule."""

from analytics.forecast import arima
from analytics.forecast.agreed import Agreed, agreed, in_cents
from analytics.forecast.calendar import Calendar, calendar
from analytics.forecast.events import with_events
from analytics.forecast.fit import LABELS, Forecast, fit
from analytics.forecast.many import Many, many
from analytics.forecast.parts import parts
from analytics.forecast.promotions import Effect, effect, promotions, what_if
from analytics.forecast.reconcile import reconcile
from analytics.forecast.seasons import Seasons, seasons
from analytics.forecast.series import By, Freq, Measure, Series, series
from analytics.forecast.stock_outs import (
    mark_out_of_stock,
    suspected_stock_outs,
    unmark_out_of_stock,
)

__all__ = [
    "LABELS",
    "Agreed",
    "By",
    "Calendar",
    "Effect",
    "Forecast",
    "Freq",
    "Many",
    "Measure",
    "Seasons",
    "Series",
    "agreed",
    "arima",
    "calendar",
    "effect",
    "fit",
    "in_cents",
    "many",
    "mark_out_of_stock",
    "parts",
    "promotions",
    "reconcile",
    "seasons",
    "series",
    "suspected_stock_outs",
    "unmark_out_of_stock",
    "what_if",
    "with_events",
]
