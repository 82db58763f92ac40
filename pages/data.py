"""Data: what the shop's files hold, whether they were read right, and what is in the store."""

import streamlit as st

import ui
import ui_files
import ui_tables
from analytics.store import Policy

with ui.page("Data", needs_orders=False) as frame:
    if job := st.session_state.get("job"):
        ui.show_job(job)
        st.stop()
    with st.container(border=True):
        for upload in ui_files.uploads(frame.store):
            with st.container(border=True, key=f"card_{upload.key}"):
                ui_files.card(frame, upload)
    for done in ui_files.ended_receipts():
        with st.expander(f"Receipt: {done.file_name}", expanded=done.table == "orders"):
            ui_files.show_receipt(frame, done)

    st.subheader("What counts as revenue", anchor=False)
    policy = frame.store.policy
    returns, zero, guests = st.columns(3)
    chosen = Policy(
        "take_off" if returns.radio(
            "Returns and cancelled invoices", ["are taken off revenue", "are left out"],
            index=int(policy.returns == "leave_out"),
        ) == "are taken off revenue" else "leave_out",
        "keep" if zero.radio(
            "Lines without a price", ["belong to their order", "are left out"],
            index=int(policy.zero_price == "leave_out"),
        ) == "belong to their order" else "leave_out",
        "keep" if guests.radio(
            "Lines without a customer", ["count as guest sales", "are left out"],
            index=int(policy.guests == "leave_out"),
        ) == "count as guest sales" else "leave_out",
    )  # fmt: skip
    if chosen != policy:
        frame.store.set_policy(chosen)
        st.rerun()

    batches = frame.store.batches()
    st.subheader("What the store holds", anchor=False)
    ui_tables.table(frame.store.tables(), "Tables of the shop")
    if len(batches):
        ui_files.history(frame, batches)
    else:
        ui.offer_sample(frame.store)
