"""Segments: who is best and who is slipping away, and what kinds of customers there are."""

import streamlit as st

import ui
import ui.clusters
import ui.segments

with ui.page("Segments", choose_day=True) as frame:
    by_value, by_kind = st.tabs(
        ["By recency, frequency and value", "By behaviour"],
        on_change="rerun",
        key="segments_view",
    )
    if by_value.open:
        with by_value:
            ui.segments.show(frame)
    if by_kind.open:
        with by_kind:
            ui.clusters.show(frame)
