"""Data: what the shop's files hold, whether they were read right, and what is in the store."""

import streamlit as st

import ui
import ui.files
import ui.quality
import ui.receipts
import ui.tables

with ui.page("Data", needs=()) as frame:
    if job := st.session_state.get("job"):
        ui.show_job(job)
        st.stop()
    bring, hold, quality = st.tabs(
        ["Import", "What the store holds", "Quality"], on_change="rerun", key="data_tab"
    )
    if bring.open:
        with bring:
            for upload in ui.files.uploads(frame.store):
                with st.container(border=True, key=f"card_{upload.key}"):
                    ui.files.card(frame, upload)
            for done in ui.receipts.ended_receipts():
                title = f"Receipt: {ui.plain(done.file_name)}"
                with st.expander(title, expanded=done.table == "orders"):
                    ui.receipts.show(frame, done)
            batches = frame.store.batches()
            if len(batches):
                ui.receipts.history(frame, batches)
            else:
                ui.offer_sample(frame.store)
    if hold.open:
        with hold:
            ui.tables.table(frame.store.tables(), "Tables of the shop")
            ui.receipts.settings(frame)
            ui.receipts.keeping(frame)
    if quality.open:
        with quality:
            ui.quality.show(frame)
