"""Data: what the shop's files hold, whether they were read right, and what is in the store."""

import streamlit as st

import ui
import ui_files
import ui_quality
import ui_receipts
import ui_tables

with ui.page("Data", needs=()) as frame:
    if job := st.session_state.get("job"):
        ui.show_job(job)
        st.stop()
    bring, hold, quality = st.tabs(
        ["Import", "What the store holds", "Quality"], on_change="rerun", key="data_tab"
    )
    if bring.open:
        with bring:
            for upload in ui_files.uploads(frame.store):
                with st.container(border=True, key=f"card_{upload.key}"):
                    ui_files.card(frame, upload)
            for done in ui_receipts.ended_receipts():
                title = f"Receipt: {ui.plain(done.file_name)}"
                with st.expander(title, expanded=done.table == "orders"):
                    ui_receipts.show(frame, done)
            batches = frame.store.batches()
            if len(batches):
                ui_receipts.history(frame, batches)
            else:
                ui.offer_sample(frame.store)
    if hold.open:
        with hold:
            ui_tables.table(frame.store.tables(), "Tables of the shop")
            ui_receipts.settings(frame)
            ui_receipts.keeping(frame)
    if quality.open:
        with quality:
            ui_quality.show(frame)
