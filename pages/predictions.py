"""Predictions: who will buy, and who will leave."""

import ui
import ui.predictions
import ui.tables

with ui.page("Predictions", choose_day=True) as frame:
    with ui.errors_shown():
        ui.predictions.show(frame)
    ui.tables.explain(*ui.predictions.EXPLAINED)
