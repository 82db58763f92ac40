"""Baskets: what goes together, what to add to a cart, what follows what, what to bundle."""

import ui
import ui_baskets
import ui_tables

with ui.page("Baskets", choose_day=True) as frame:
    chosen = ui_baskets.choose(frame)
    found = ui_baskets.found(frame, chosen)
    ui_baskets.answer(frame, found)
    ui_baskets.tabs(frame, chosen, found)
    ui_tables.explain(
        "For each pair of products the orders that hold both are counted, and set against what "
        "chance would give: the share of the orders with the first that hold the second, over "
        "the share of all orders that hold it. The list is sorted by share × log2(times chance), "
        "which completes more carts than either alone. A rule “holds on later weeks” if it shows "
        "in the first 70% of the time (at most 5% false finds among all rules the products could "
        "make) and again in the last 30%, which had no say in finding it (exact one-sided test, "
        "again at most 5%).",
        "After Agrawal & Srikant (VLDB 1994), Hahsler & Hornik (2007), Benjamini & Hochberg "
        "(1995).",
        "basket_lines",
        "basket_pairs",
    )
