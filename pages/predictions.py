"""Predictions: who will buy, who will leave, who is overdue, and what they will do next."""

import streamlit as st

import ui
import ui.next_action
import ui.overdue
import ui.predictions
import ui.tables

with ui.page("Predictions", needs=("orders", "events"), choose_day=True) as frame:
    will, overdue, following = st.tabs(
        ["Who will", "Overdue", "Next action"], on_change="rerun", key="predictions_tab"
    )
    if will.open:
        with will:
            with ui.errors_shown():
                ui.predictions.show(frame)
            ui.tables.explain(*ui.predictions.EXPLAINED)
    if overdue.open:
        with overdue:
            with ui.errors_shown():
                ui.overdue.show(frame)
            ui.tables.explain(*ui.overdue.EXPLAINED)
    if following.open:
        with following, ui.errors_shown():
            ui.next_action.show(frame)
