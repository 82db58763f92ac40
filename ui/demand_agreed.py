"""Forecasts of all parts that agree with the whole shop's, made once for everybody who looks."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

import ui
from analytics import forecast

MOST_HELD = 12
AHEAD = {"D": 28, "W": 8, "M": 6}
"""So many periods are forecast unless asked otherwise."""
AT_ONCE = 12
"""More parts than this are forecast in a job, with a bar and a Cancel."""
Own = tuple[tuple[str, tuple[date, ...]], ...]
Work = Callable[[Callable[[float, str], None], threading.Event], forecast.Agreed]


@dataclass(frozen=True)
class Wanted:
    """Which forecasts: what of, by which period, how far, and by which method of the whole shop."""

    by: forecast.By
    freq: forecast.Freq
    measure: forecast.Measure
    horizon: int
    method: Any = "auto"


def events_chosen() -> tuple[str, Own]:
    """The country and the own dates that the user gave."""
    own: Own = st.session_state.get("demand_own_dates", ())
    return str(st.session_state.get("demand_country") or ""), own


def calendar_of(frame: ui.Frame, index: pd.PeriodIndex, horizon: int) -> forecast.Calendar:
    """The events over some periods and those to come."""
    country, own = events_chosen()
    days = {name: list(dates) for name, dates in own}
    return forecast.calendar(frame.store, index, horizon, country or None, days)


@st.cache_data(max_entries=40, show_spinner="Adding up what sold …")
def _sold(
    version: str,  # noqa: ARG001  # part of the key: an import makes what is held stale
    as_of: date,
    by: forecast.By,
    freq: Any,
    measure: forecast.Measure,
    _frame: ui.Frame,
) -> forecast.Series:
    return forecast.series(_frame.store, by, freq, measure, as_of)


def sold(frame: ui.Frame, by: forecast.By, freq: Any, measure: forecast.Measure) -> forecast.Series:
    """What sold, by part and period."""
    return _sold(frame.store.version, frame.as_of, by, freq, measure, frame)


@st.cache_data(max_entries=60, show_spinner="Forecasting …")
def _alone(
    version: str,  # noqa: ARG001  # part of the key
    as_of: date,  # noqa: ARG001
    wanted: Wanted,
    key: str,
    events: tuple[str, Own],  # noqa: ARG001  # part of the key
    _frame: ui.Frame,
) -> tuple[forecast.Forecast, forecast.Calendar]:
    y = sold(_frame, wanted.by, wanted.freq, wanted.measure).of(key)
    calendar = calendar_of(_frame, pd.PeriodIndex(y.index), wanted.horizon)
    made = forecast.with_events(y, wanted.horizon, calendar, method=wanted.method)
    return forecast.in_cents(made), calendar


def alone(frame: ui.Frame, wanted: Wanted, key: str) -> tuple[forecast.Forecast, forecast.Calendar]:
    """The forecast of one series by itself, and the events it knows of."""
    return _alone(frame.store.version, frame.as_of, wanted, key, events_chosen(), frame)


def whole(frame: ui.Frame, wanted: Wanted) -> tuple[forecast.Forecast, forecast.Calendar]:
    """The forecast of the whole shop, to which the parts add up."""
    return alone(frame, replace(wanted, by="total"), "total")


@st.cache_resource
def _all_held() -> dict[tuple[Any, ...], forecast.Agreed]:
    return {}


def key_of(frame: ui.Frame, wanted: Wanted) -> tuple[Any, ...]:
    """What the forecasts of all parts follow from."""
    return frame.store.version, frame.as_of, wanted, events_chosen()


def held(frame: ui.Frame, wanted: Wanted) -> forecast.Agreed | None:
    """The forecasts of all parts, if they are made already."""
    return _all_held().get(key_of(frame, wanted))


def work(frame: ui.Frame, wanted: Wanted) -> Work:
    """What makes and holds the forecasts of all parts, to be run here or in a job."""
    total, calendar = whole(frame, wanted)
    key, everything = key_of(frame, wanted), _all_held()

    def run(report: Callable[[float, str], None], cancel: threading.Event) -> forecast.Agreed:
        made = forecast.agreed(
            frame.store, wanted.by, total, calendar, wanted.freq, wanted.measure, frame.as_of,
            progress=report, cancel=cancel,
        )  # fmt: skip
        while len(everything) >= MOST_HELD:
            everything.pop(next(iter(everything)), None)
        everything[key] = made
        return made

    return run


def at_once(frame: ui.Frame, wanted: Wanted) -> forecast.Agreed | None:
    """The forecasts of all parts if they are made already, or are few enough to make now."""
    found = held(frame, wanted)
    names = sold(frame, wanted.by, wanted.freq, wanted.measure).names
    if found is None and len(names) <= AT_ONCE:
        with st.spinner(f"Forecasting {len(names):,} parts that add up …"):
            found = work(frame, wanted)(lambda *_: None, threading.Event())
    return found
