"""Campaigns: whom to address, and whether it worked."""

import streamlit as st

import ui
import ui_audiences
import ui_campaigns
import ui_clusters
import ui_elsewhere
import ui_ledger
import ui_offers
import ui_tables

PARTS = ["Audiences", "New campaign", "Results", "Sent elsewhere", "Share out offers"]
EXPLAINED = {
    PARTS[0]: ui_audiences.EXPLAINED,
    PARTS[3]: ui_elsewhere.EXPLAINED,
    PARTS[4]: ui_offers.EXPLAINED,
}

with ui.page("Campaigns", needs=("orders", "events"), choose_day=True) as frame:
    part = st.segmented_control(
        "Part", PARTS, default=PARTS[0], required=True, key="campaigns_part",
        persist_state="session", label_visibility="collapsed",
    )  # fmt: skip
    groups = ui_clusters.usual(frame) if part in PARTS[:2] else None
    now = ui_audiences.known(frame, groups.table if groups else None)
    ui_audiences.say()
    if part == "Audiences":
        ui_audiences.show(frame, now)
        ui_campaigns.plan_built(frame)
    with ui.errors_shown():
        if part == "New campaign":
            ui_campaigns.new(frame, now)
        elif part == "Results":
            ui_ledger.show(frame, now)
        elif part == "Sent elsewhere":
            ui_elsewhere.show(frame)
        elif part == "Share out offers":
            ui_offers.show(frame, now)
    ui_tables.explain(*EXPLAINED.get(part, ui_campaigns.EXPLAINED))
