"""Customers: who one customer is, why they stand where they stand, what happened to them."""

import ui
import ui_clusters
import ui_customers
import ui_tables
from analytics import profile

with ui.page("Customers", needs=("orders", "events"), choose_day=True) as frame:
    chosen = ui_customers.search(frame)
    if chosen is None:
        ui_customers.begin(frame)
    else:
        kept, groups = ui_customers.scored(frame), ui_clusters.usual(frame)
        found = profile.record(
            frame.store, chosen, frame.as_of, unit=frame.currency,
            scores=kept.table if kept else None,
            name=ui_customers.segment_name(frame, kept) if kept else None,
            clusters=groups.table if groups else None,
        )  # fmt: skip
        ui_customers.header(frame, found)
        ui_customers.cards(frame, found)
        ui_customers.reasons(frame, found, kept, groups)
        ui_customers.habits(frame, found)
        ui_customers.history(frame, found)
        ui_customers.details(frame, found, kept.table if kept else None)
        if groups:
            ui_clusters.like_them(frame, groups, chosen)
    ui_tables.explain(
        "Revenue, orders and days since the last order are those of every other page, as of the "
        "chosen day. The segment is that of the Segments page, with the names and scores chosen "
        "there; the reasons count the customers who stand strictly worse or better. What would "
        "move someone is found by scoring this one customer anew with further orders of their "
        "average value, or without any, against the worst value that has each score today. The "
        "group is that of the Segments page with its usual choices.",
        "After Hughes, Strategic Database Marketing (1994); features as in the table of them.",
        "customer_features",
        "profile_scores",
        "profile_limits",
    )  # fmt: skip
