"""Baskets: what goes together, what to add to a cart, what is bought next, what to bundle."""

import pandas as pd
import streamlit as st

import ui
import ui.basket_offers
import ui.baskets
import ui.tables

with ui.page("Baskets", choose_day=True) as frame:
    chosen = ui.baskets.choose(frame)
    rules = pd.DataFrame()
    with ui.errors_shown():
        rules = ui.baskets.found(frame, chosen)
    by_rule, by_cart, by_time, by_price = st.tabs(
        ["Pairs and rules", "Cart", "In sequence", "Bundles"],
        on_change="rerun",
        key="baskets_tab",
    )
    if by_rule.open:
        with by_rule, ui.errors_shown():
            ui.baskets.pairs(frame, chosen, rules)
    if by_cart.open:
        with by_cart, ui.errors_shown():
            ui.basket_offers.cart(frame, chosen)
    if by_time.open:
        with by_time, ui.errors_shown():
            ui.basket_offers.sequence(frame, chosen)
    if by_price.open:
        with by_price, ui.errors_shown():
            ui.basket_offers.bundles(frame, chosen, rules)
    ui.tables.explain(
        "The orders that hold two products are counted and set against chance: the share of the "
        "orders with the first that hold the second, over the share of all orders that do. The "
        "table is sorted by share × log2(times chance), which completes more carts than either "
        "alone; a rule of three is shown where each of its first two adds something. A rule holds "
        "on later weeks if it shows in the first 70% of the time (at most 5% false finds among "
        "all rules the products could make) and again in the rest, which had no say in finding it "
        "(Fisher’s exact test, again at most 5%). What is bought next is set against what "
        "customers buy after orders followed by as many purchases. What a bundle brings rests on "
        "the share you assume; one unit of each is reckoned an order.",
        "After Agrawal & Srikant (1994), Hahsler & Hornik (2007), Benjamini & Hochberg (1995).",
        "basket_lines",
        "basket_pairs",
        "basket_sequences",
    )
