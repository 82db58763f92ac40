"""Experiments: which variant won, and can we trust it?"""

import streamlit as st

import ui
import ui.experiment_outside
import ui.experiment_plan
import ui.experiments
import ui.tables

PARTS = ["Results", "Run elsewhere", "Plan a test"]

with ui.page("Experiments", needs=(), choose_day=True) as frame:
    part = st.segmented_control(
        "Part", PARTS, default=PARTS[0], required=True, key="experiments_part",
        persist_state="session", label_visibility="collapsed",
    )  # fmt: skip
    with ui.errors_shown():
        if part == "Results":
            ui.experiments.show(frame)
        elif part == "Run elsewhere":
            ui.experiment_outside.show(frame)
        elif part == "Plan a test":
            ui.experiment_plan.show(frame)
    explained = {
        "Results": ui.experiments.EXPLAINED,
        "Run elsewhere": ui.experiment_outside.EXPLAINED,
        "Plan a test": ui.experiment_plan.EXPLAINED,
    }
    ui.tables.explain(*explained[part or PARTS[0]])
