"""Retention: do they come back, and what are they worth?"""

import streamlit as st

import ui
import ui.lifetime
import ui.retention

with ui.page("Retention", needs=("orders", "events"), choose_day=True) as frame:
    back, worth = st.tabs(
        ["Coming back", "What they are worth"], on_change="rerun", key="retention_tab"
    )
    if back.open:
        with back, ui.errors_shown():
            ui.retention.show(frame)
    if worth.open:
        with worth, ui.errors_shown():
            ui.lifetime.show(frame)
