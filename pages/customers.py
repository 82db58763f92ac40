"""Customers: who one customer is, why they stand where they stand, what happened to them."""

import ui
import ui.clusters
import ui.customers
import ui.tables
from analytics import profile

with ui.page("Customers", needs=("orders", "events"), choose_day=True) as frame:
    chosen = ui.customers.search(frame)
    if chosen is None:
        ui.customers.begin(frame)
    else:
        kept, groups = ui.customers.scored(frame), ui.clusters.usual(frame)
        found = profile.record(
            frame.store, chosen, frame.as_of, unit=frame.currency,
            scores=kept.table if kept else None,
            name=ui.customers.segment_name(frame, kept) if kept else None,
            clusters=groups.table if groups else None,
        )  # fmt: skip
        ui.customers.header(frame, found)
        ui.customers.cards(frame, found)
        ui.customers.reasons(frame, found, kept, groups)
        ui.customers.habits(frame, found)
        ui.customers.history(frame, found)
        ui.customers.details(frame, found, kept.table if kept else None)
        if groups:
            ui.clusters.like_them(frame, groups, chosen)
    ui.tables.explain(
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
