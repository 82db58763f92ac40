"""Stock: how much to buy, and at what price to sell it."""

import streamlit as st

import ui
import ui.pricing
import ui.stock

with ui.page("Stock", choose_day=True) as frame:
    buying, selling = st.tabs(["Stock", "Price"], on_change="rerun", key="stock_tab")
    if buying.open:
        with buying, ui.errors_shown():
            ui.stock.show(frame)
    if selling.open:
        with selling, ui.errors_shown():
            ui.pricing.show(frame)
