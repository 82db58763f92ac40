"""Recommendations: what to offer whom."""

import ui
import ui_recommendations
import ui_tables

with ui.page("Recommendations", choose_day=True) as frame:
    with ui.errors_shown():
        ui_recommendations.show(frame)
    ui_tables.explain(*ui_recommendations.EXPLAINED)
