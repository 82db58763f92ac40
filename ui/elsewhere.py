"""Campaigns sent from elsewhere, without a holdout: the contacted beside customers like them."""

from datetime import timedelta

import pandas as pd
import streamlit as st

import ui
import ui.ledger
import ui.tables
from analytics import audience, campaign, charts

EXPLAINED = (
    "Each contacted customer is held against the one most alike among those who were not "
    "contacted, by what was known of both before the first day: orders, revenue, recency, "
    "discounts, visits. What still differs between the two is allowed for. This is weaker than a "
    "holdout: it cannot see why somebody was chosen.",
    "Nearest-neighbour matching with bias correction (Abadie & Imbens 2006, 2011).",
    "campaign_comparison",
)  # fmt: skip
"""How the comparison is made, for the foot of the page."""


def show(frame: ui.Frame) -> None:
    """Say who was contacted and when; see what it may have brought, and what that cannot tell."""
    lists = audience.list_names(frame.store)
    st.markdown(
        "A campaign went out without a holdout? Say who was contacted: they are compared with "
        "customers like them who were not. That **suggests** what it brought; it never proves it."
    )
    if not lists:
        st.info(
            "Upload the numbers of the contacted customers first, under “Audiences”, “Uploaded "
            "lists”.",
            icon=":material/info:",
        )
        return
    whom, start_box, window_box = st.columns(3, vertical_alignment="bottom")
    name = whom.selectbox("Contacted", lists, key="elsewhere_list", persist_state="session")
    start = start_box.date_input(
        "First day", frame.as_of - timedelta(days=30), key=f"elsewhere_start_{frame.as_of}",
        persist_state="session", required=True,
    )  # fmt: skip
    window = window_box.number_input(
        "Judged by the orders of … days", 1, 365, 30, key="elsewhere_days",
        persist_state="session",
    )  # fmt: skip
    margin_box, cost_box, _ = st.columns(3, vertical_alignment="bottom")
    margin = margin_box.number_input(
        "Margin, % of revenue", 1, 100, 40, key="elsewhere_margin", persist_state="session",
        help="What is left of a sale after goods and delivery: profit is counted with it.",
    )  # fmt: skip
    cost = cost_box.number_input(
        frame.in_unit("Cost of the campaign"), 0.0, step=10.0, key="elsewhere_cost",
        persist_state="session",
    )  # fmt: skip
    ids = frame.store.query("audience_ids", list_name=name)["customer_id"].tolist()
    with st.spinner("Looking for customers like them …"):
        found = campaign.matched(
            frame.store, ids, start, window, margin=margin / 100, cost=cost, unit=frame.currency
        )
    st.markdown(f"**{found.sentence}**")
    st.warning(found.cannot_rule_out, icon=":material/gavel:")
    for text in found.warnings:
        st.caption(f":material/warning: {text}")
    table = found.effects.assign(measure=found.effects["measure"].map(ui.ledger.MEASURES))
    money = table[table["measure"].isin(["Revenue", "Profit"])]
    st.plotly_chart(
        charts.intervals(
            pd.DataFrame(
                {
                    "label": money["measure"], "value": money["total"],
                    "lo": money["total_lo"], "hi": money["total_hi"],
                }
            ),
            frame.in_unit("May have been gained"), frame.money,
        ),
        key="elsewhere_gain", alt="Revenue and profit that may have been gained",
    )  # fmt: skip
    st.caption(
        f"{found.matched:,} of {found.contacted:,} contacted customers have somebody like them; "
        f"{found.compared:,} customers are held against them."
    )
    words = ui.ledger.effects_in_words(
        frame, table, ("contacted_per_customer", "others_per_customer"),
        "a_customer_not_contacted", ("lo", "hi"),
    )  # fmt: skip
    ui.tables.table(words, "Contacted beside customers like them")
    ui.tables.frame_download(words, f"compared-{frame.as_of}")
    with st.expander("How alike the two groups are", icon=":material/balance:"):
        st.caption(
            "How far the contacted lie from the others on average, measured by how much customers "
            "differ anyway (standard deviations): 0 is alike, more than 0.1 either way is not."
        )
        alike = found.balance.drop(columns="feature").rename(
            columns={
                "label": "known_before",
                "before": "from_everybody",
                "after": "from_those_like_them",
            }
        )
        ui.tables.table(alike, "Differences before and after")
        ui.tables.frame_download(alike, f"alike-{frame.as_of}")
