"""Recommendations: what to offer whom."""

import ui
import ui.recommendations
import ui.tables

with ui.page("Recommendations", choose_day=True) as frame:
    with ui.errors_shown():
        ui.recommendations.show(frame)
    ui.tables.explain(*ui.recommendations.EXPLAINED)
