"""Journeys: where people drop out, by which ways they come, what they leave in the cart."""

import streamlit as st

import ui
import ui.journey_channels
import ui.journey_paths
import ui.journeys
import ui.tables

with ui.page("Journeys", needs=("orders", "events"), choose_day=True) as frame:
    period = ui.journeys.period(frame)
    by_step, by_path, by_cart, by_channel = st.tabs(
        ["Funnel", "Paths", "Carts", "Channels"], on_change="rerun", key="journeys_tab"
    )
    if by_step.open:
        with by_step, ui.errors_shown():
            ui.journeys.funnel(frame, period)
    if by_path.open:
        with by_path, ui.errors_shown():
            ui.journey_paths.paths(frame, period)
    if by_cart.open:
        with by_cart, ui.errors_shown():
            ui.journey_paths.carts(frame, period)
    if by_channel.open:
        with by_channel, ui.errors_shown():
            ui.journey_channels.show(frame, period)
    ui.tables.explain(
        "A person, or a visit, enters with any occurrence of the first step and counts for the "
        "furthest step that follows within the days chosen; a step after exactly so many days "
        "still counts. Events of one moment count in the order of the steps, except that a kind "
        "of event asked for a second time must come strictly later. The time to a step is that "
        "of the first time it was reached, from the latest beginning that led there. Who entered "
        "in the last days may still get further. A purchase is an order wherever the shop has "
        "orders, and else an event, never both; of visits it is an event where there are any. "
        "A visit goes by the shop’s own session, else it ends after 30 minutes of silence. "
        "Rates lie between the ends given 19 times in 20 (Wilson). A cart is left where nothing "
        "was bought since the latest cart event; its value is what the products cost now. A touch "
        "is the first event of a visit through a channel and campaign; an order’s credit is "
        "shared among the touches before it: all to the first, all to the last, equally, 40% "
        "each to first and last, or halved with every seven days before the order.",
        "After Wilson, Journal of the American Statistical Association 22 (1927).",
        "moments",
        "funnel",
        "path_moves",
        "cart_people",
        "touches",
    )
