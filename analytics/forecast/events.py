"""A forecast that knows of the events to come, and of the season of the year.

The effect of an event is measured on days, against the same weekdays around it, and taken off the
history before a method sees it, then put on what is forecast. As a regressor of weeks it would be
told from the season around it only by chance: a festival that stands before a gift season looks
like a dip. The season of the year is taken off and put on likewise, where two years show the same.
The past is tried as it would have been: without what was not known yet, against the rule as the
shopkeeper would have used it.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from threadpoolctl import threadpool_limits

from analytics.errors import AnalyticsError
from analytics.forecast import backtest, kinds
from analytics.forecast.calendar import LEAST_LIFT, Calendar
from analytics.forecast.fit import SEASONS, Forecast, Method, fit
from analytics.forecast.yearly import Yearly, yearly

Floats = npt.NDArray[np.float64]
SCALED = list(backtest.POINTS)


def with_events(
    y: "pd.Series[float]",
    horizon: int,
    calendar: Calendar,
    season: int | None = None,
    method: Method = "auto",
) -> Forecast:
    """Forecast a series whose events are known.

    Args:
        y: The series, with a PeriodIndex; NaN where it is not known.
        horizon: How many periods to come.
        calendar: Events over its history and at least that horizon.
        season: Periods a season, by default as `fit` takes it.
        method: As for `fit`.

    Raises:
        NotEnoughDataError: As `fit` does.
        AnalyticsError: As `fit` does, or the calendar is of other periods.
    """
    lift = calendar.lift
    if not lift.index[: len(y)].equals(pd.Index(y.index)) or len(lift) < len(y) + horizon:
        raise AnalyticsError(
            "The calendar is not of the same periods.", "Make it for the series and its forecast."
        )
    found = yearly(y / lift.iloc[: len(y)], horizon)
    # Matrices are small: several threads would only wait for each other, nine times as long.
    with threadpool_limits(limits=1, user_api="blas"):
        if found is not None:
            made = _made(y, horizon, calendar, found, season, method)
            error = made.scores.set_index("method")["error"]
            worse = error.get(made.method, 0.0) > error.get("rule", np.inf)
            if made.method != "rule" and not worse:
                return made
        return _made(y, horizon, calendar, None, season, method)


def _made(
    y: "pd.Series[float]",
    horizon: int,
    calendar: Calendar,
    year: Yearly | None,
    season: int | None,
    method: Method,
) -> Forecast:
    """The forecast of what is left without events and season, with both put on again."""
    lifts = calendar.lift.to_numpy(dtype=np.float64)
    lift, ahead = lifts[: len(y)], lifts[len(y) : len(y) + horizon]
    if year is not None:
        lift, ahead = lift * year.history, ahead * year.ahead
    # What the year's season was taken off has only the week's left.
    weekly = str(pd.PeriodIndex(y.index).freqstr).startswith("D")
    left = season if year is None or weekly else 1
    made = fit(y / lift, horizon, left, method=method)
    if (lift == 1).all() and (ahead == 1).all():
        return made
    points = made.points.copy()
    points[SCALED] = points[SCALED].to_numpy(dtype=float) * ahead[:, None]
    past, scores = made.backtest.copy(), made.scores
    if len(past):
        places = pd.PeriodIndex(past["period"]).asi8 - pd.PeriodIndex(y.index)[0].ordinal
        past["actual"] = y.to_numpy(dtype=float)[places]
        scale = _known_then(past, calendar, year, places)
        past[SCALED] = past[SCALED].to_numpy(dtype=float) * scale[:, None]
        _shopkeeper(past, y, horizon, season)
        scores = backtest.scores(past)
    verdict = made.verdict
    if method == "auto" and len(scores) and made.method != "rule":
        own = scores[scores["method"] == made.method]
        ratio, origins = float(own["error_ratio"].iloc[0]) - 1, int(own["origins"].iloc[0])
        known = "the season of earlier years" if year is not None else "events"
        verdict = (
            f"{made.label}, with {known}: over {origins} earlier starts it was wrong "
            f"by {abs(ratio):.0%} {'more' if ratio > 0 else 'less'} than “as last time”."
        )
    return replace(
        made, points=points, backtest=past, scores=scores, verdict=verdict,
        model_variance=made.model_variance * ahead**2,
        _covariance=made._covariance * np.outer(ahead, ahead), _without=made,
    )  # fmt: skip


def _known_then(
    past: pd.DataFrame, calendar: Calendar, year: Yearly | None, places: npt.NDArray[np.int64]
) -> Floats:
    """What was put on each forecast of the past by what was known at its origin."""
    origins = pd.PeriodIndex(past["origin"])
    known_from = calendar.told.set_index("event")["known_from"]
    found = np.ones(len(past))
    for name in calendar.lifts.columns:
        lifts = calendar.lifts[name].to_numpy(dtype=np.float64)[places]
        found *= np.where(origins.end_time >= known_from[name], lifts, 1.0)
    if year is not None:
        seen = origins.asi8 - calendar.lifts.index[0].ordinal + 1
        found *= np.where(seen >= year.known_from, year.history[places], 1.0)
    return np.maximum(found, LEAST_LIFT)


def _shopkeeper(
    past: pd.DataFrame, y: "pd.Series[float]", horizon: int, season: int | None
) -> None:
    """Put in the rule as it would have been used: on what sold, whatever the event or season."""
    index = pd.PeriodIndex(y.index)
    step = season or SEASONS.get(str(index.freqstr)[0], 1)
    values = kinds.filled(np.array(y, dtype=np.float64), step)
    mine = past["method"] == "rule"
    for origin in past.loc[mine, "origin"].unique():
        cut = origin.ordinal - index[0].ordinal + 1
        rows = mine & (past["origin"] == origin)
        ruled = backtest.rule(values[:cut], horizon, step)
        past.loc[rows, "mean"] = ruled[past.loc[rows, "step"].to_numpy(dtype=int) - 1]
