"""Campaigns: whom to address, and whether it worked."""

import streamlit as st

import ui
import ui.audiences
import ui.campaigns
import ui.clusters
import ui.elsewhere
import ui.known
import ui.ledger
import ui.offers
import ui.tables

PARTS = ["Audiences", "New campaign", "Results", "Sent elsewhere", "Share out offers"]

with ui.page("Campaigns", needs=("orders", "events"), choose_day=True) as frame:
    part = st.segmented_control(
        "Part", PARTS, default=PARTS[0], required=True, key="campaigns_part",
        persist_state="session", label_visibility="collapsed",
    )  # fmt: skip
    groups = ui.clusters.usual(frame) if part in PARTS[:2] else None
    now = ui.known.known(frame, groups.table if groups else None)
    ui.audiences.say()
    if part == "Audiences":
        ui.audiences.show(frame, now)
        ui.campaigns.plan_built(frame)
    with ui.errors_shown():
        if part == "New campaign":
            ui.campaigns.new(frame, now)
        elif part == "Results":
            ui.ledger.show(frame, now)
        elif part == "Sent elsewhere":
            ui.elsewhere.show(frame)
        elif part == "Share out offers":
            ui.offers.show(frame, now)
    explained = {
        "Audiences": ui.audiences.EXPLAINED,
        "Sent elsewhere": ui.elsewhere.EXPLAINED,
        "Share out offers": ui.offers.EXPLAINED,
    }
    ui.tables.explain(*explained.get(part or "", ui.campaigns.EXPLAINED))
