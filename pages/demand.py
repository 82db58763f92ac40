"""Demand: what will sell, part by part, how good such forecasts were, and when the seasons are."""

import streamlit as st

import ui
import ui.demand
import ui.demand_parts
import ui.demand_past
import ui.demand_seasons
import ui.tables

TABS = ["Forecast", "Categories and products", "Backtest", "What if", "Season calendar"]

with ui.page("Demand", choose_day=True) as frame:
    asked = ui.demand.choose(frame)
    ahead, parts, past, what_if, seasons = st.tabs(TABS, on_change="rerun", key="demand_tab")
    if ahead.open:
        with ahead, ui.errors_shown():
            ui.demand.show(frame, asked)
            ui.demand_parts.stock_outs(frame, asked)
    if parts.open:
        with parts, ui.errors_shown():
            ui.demand_parts.show(frame, asked)
    if past.open:
        with past, ui.errors_shown():
            ui.demand_past.look_back(frame, asked)
    if what_if.open:
        with what_if, ui.errors_shown():
            ui.demand_past.what_if(frame, asked)
    if seasons.open:
        with seasons, ui.errors_shown():
            ui.demand_seasons.show(frame, asked)
    ui.tables.explain(
        "Several methods forecast the series: ARIMA (orders searched by the corrected Akaike "
        "criterion, fitted by maximum likelihood), theta, the mean of the same recent days; the "
        "median of them is used, rare sales get a method of their own, and the shopkeeper’s rule "
        "“as last time” stands where the median did no better. Each was tried from earlier days on "
        "what came after, and the intervals are as wide as those errors were. A period that is not "
        "over counts for nothing. Festivals, holidays and promotions are in the forecast once they "
        "were seen twice. The whole shop is forecast on its own; categories, brands, channels and "
        "countries are made to add up to it, the more the worse they were forecast before, and "
        "products are scaled within their category.",
        "After Hyndman & Khandakar (2008), Assimakopoulos & Nikolopoulos (2000), Teunter, Syntetos "
        "& Babai (2011), Vovk et al. (2005), Wickramasuriya, Athanasopoulos & Hyndman (2019).",
        "demand_days",
    )
