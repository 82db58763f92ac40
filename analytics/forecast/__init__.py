"""What will sell: forecasts with intervals that hold, beside the shopkeeper's rule."""

from analytics.forecast import arima
from analytics.forecast.fit import LABELS, Forecast, fit

__all__ = ["LABELS", "Forecast", "arima", "fit"]
