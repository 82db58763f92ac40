"""The Demand page’s forecast of every product, as the Stock page uses it."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

import ui
import ui.demand_agreed
from analytics import stock
from analytics.errors import AnalyticsError
from ui.demand_agreed import AHEAD, Wanted, at_once, held, key_of, sold, work

PERIOD_DAYS = {"D": 1, "W": 7, "M": 28}
MOST_AHEAD_DAYS = 364
UNASKED = 150
"""Of more products than this the forecast is made only when asked for: it takes minutes."""


def wanted(frame: ui.Frame, settings: dict[str, Any]) -> Wanted | None:
    """The forecast that the plan needs; nothing where units or lead times are not known.

    It reaches as far as the Demand page’s does unasked, or farther where deliveries take longer.
    """
    try:
        series = sold(frame, "product", "auto", "units")
        cover = stock.cover_days(
            frame.store, settings["review_days"], settings.get("lead_time_days")
        )
    except AnalyticsError:
        return None
    # One more period than days need: the first one may be nearly over.
    farthest = min(float(cover.max()), MOST_AHEAD_DAYS)
    periods = int(np.ceil(farthest / PERIOD_DAYS[series.freq])) + 1
    return Wanted("product", series.freq, "units", max(periods, AHEAD[series.freq]))


def daily(frame: ui.Frame, settings: dict[str, Any], asked: Wanted) -> pd.DataFrame | None:
    """Units a day to expect by product, if the forecast is made or can be made in a moment."""
    try:
        found = at_once(frame, asked)
    except AnalyticsError:
        return None
    if found is None:
        return None
    cover = stock.cover_days(frame.store, settings["review_days"], settings.get("lead_time_days"))
    return stock.expected(found.many.points, cover, frame.as_of)


def offer(frame: ui.Frame, asked: Wanted) -> None:
    """Begin the forecast of all products, or show how far it is, where it takes a while."""
    names = sold(frame, "product", asked.freq, "units").names
    if held(frame, asked) is not None or len(names) <= ui.demand_agreed.AT_ONCE:
        return
    if running := st.session_state.get("job"):
        st.caption(
            "So far by what each product sold lately; once its forecast is made, the figures "
            "below follow that."
        )
        ui.show_job(running)
        return
    tried = st.session_state.get("stock_forecast_tried") == key_of(frame, asked)
    if (len(names) <= UNASKED and not tried) or st.button(
        f"Use the forecasts of all {len(names):,} products", icon=":material/play_arrow:",
        help="As on the Demand page. Until then the plan goes by what each product sold lately.",
    ):  # fmt: skip
        st.session_state["stock_forecast_tried"] = key_of(frame, asked)
        ui.start(work(frame, asked))
