"""Experiments: which variant won, and can we trust it?"""

import streamlit as st

import ui
import ui_experiment_outside
import ui_experiment_plan
import ui_experiments
import ui_tables

PARTS = ["Results", "Run elsewhere", "Plan a test"]
EXPLAINED = {
    PARTS[0]: ui_experiments.EXPLAINED,
    PARTS[1]: ui_experiment_outside.EXPLAINED,
    PARTS[2]: ui_experiment_plan.EXPLAINED,
}

with ui.page("Experiments", needs=(), choose_day=True) as frame:
    part = st.segmented_control(
        "Part", PARTS, default=PARTS[0], required=True, key="experiments_part",
        persist_state="session", label_visibility="collapsed",
    )  # fmt: skip
    with ui.errors_shown():
        if part == "Results":
            ui_experiments.show(frame)
        elif part == "Run elsewhere":
            ui_experiment_outside.show(frame)
        elif part == "Plan a test":
            ui_experiment_plan.show(frame)
    ui_tables.explain(*EXPLAINED[part or PARTS[0]])
