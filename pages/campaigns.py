"""Campaigns: whom to address."""

import streamlit as st

import ui
import ui_audiences
import ui_clusters
import ui_tables

with ui.page("Campaigns", needs=("orders", "events"), choose_day=True) as frame:
    groups = ui_clusters.usual(frame)
    now = ui_audiences.known(frame, groups.table if groups else None)
    ui_audiences.say()
    build, saved, overlap, lists = st.tabs(
        ["Build", "Saved audiences", "Overlap", "Uploaded lists"],
        on_change="rerun", key="campaigns_tab",
    )  # fmt: skip
    if build.open:
        with build:
            ui_audiences.build(frame, now)
    if saved.open:
        with saved, ui.errors_shown():
            ui_audiences.show_saved(frame, now)
    if overlap.open:
        with overlap, ui.errors_shown():
            ui_audiences.show_overlap(frame, now)
    if lists.open:
        with lists, ui.errors_shown():
            ui_audiences.show_lists(frame)
    ui_tables.explain(
        "A rule is asked of every known customer, with what was known before the as-of day. A "
        "comparison with something missing is not fulfilled, and its negation is. “Did, and then” "
        "looks at each first step whose days to react were over by then; an order counts as a "
        "purchase, one without a time of day as the last moment of its day, and of two steps of "
        "the same kind the second counts from the next day on. “Bought” counts orders, not "
        "returns. A saved audience keeps its rule, not its people: whenever the data change, it "
        "is counted anew. People who asked not to be contacted are counted, and left out of "
        "every list.",
        "Rules become one query with bound values; nothing typed is ever part of its text.",
        "audience_summary", "audience_list",
    )  # fmt: skip
