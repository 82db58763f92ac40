"""Tables and lists as every page shows them, each with its download."""

from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd
import streamlit as st

import ui
import ui.destinations
from analytics import audience
from analytics.store import frame_csv, preview_list, sql_text, write_list


def people(
    frame: ui.Frame,
    title: str,
    query: str,
    columns: list[str],
    *,
    tables: Mapping[str, str],
    order_by: str = "",
    counted: str = "customers",
    **params: Any,
) -> None:
    """A list of people: how many, where it goes, the first of them, the columns, the download.

    Args:
        frame: The page's frame.
        title: What the list is.
        query: A file of `store/sql` that returns people.
        columns: Those shown at first.
        tables: Kept results the query reads.
        order_by: The column that puts the highest first; by default by customer.
        counted: What a row is, in the plural.
        **params: Values bound to `$name` in the query.
    """
    order: dict[str, Any] = {"order_by": order_by, "descending": True} if order_by else {}
    preview = preview_list(frame.store, query, tables=tables, **order, **params)
    st.subheader(f"{ui.plain(title)}: {preview.rows:,} {counted}", anchor=False)
    if preview.opted_out:
        st.caption(
            f"{preview.opted_out:,} more are left out: they asked not to be contacted."
            if counted == "customers"
            else f"{preview.opted_out:,} more {counted} are left out, of people who asked not to "
            "be contacted."
        )
    name = "".join(c if c.isalnum() else "-" for c in title.lower()).strip("-")
    destination = ui.destinations.choose(query)
    if destination:
        ui.destinations.offer(frame, name, query, destination, tables=tables, **params)
        return
    chosen = st.multiselect(
        "Columns", list(preview.frame.columns), columns, key=f"columns_{query}",
        persist_state="session", format_func=label,
    )  # fmt: skip
    if not chosen:
        st.warning("Choose at least one column.")
        return
    table(preview.frame[chosen], f"First {counted} of {title}")
    if preview.rows > len(preview.frame):
        st.caption(
            f"The first {len(preview.frame)} are shown; the file holds all {preview.rows:,}."
        )
    kinds: dict[str, tuple[Literal["csv", "xlsx"], bool]] = {
        "CSV": ("csv", True),
        "Excel": ("xlsx", True),
        "CSV, raw": ("csv", False),
    }
    kind, button = st.columns([3, 2], vertical_alignment="bottom")
    format_name = kind.segmented_control(
        "File", list(kinds), default="CSV", required=True, key=f"kind_{query}",
        help="CSV and Excel files are safe to open in a spreadsheet. The raw file keeps every "
        "character as it is, for programs; do not open it in a spreadsheet.",
    )  # fmt: skip
    ending, safe = kinds[format_name or "CSV"]
    if ending == "xlsx" and preview.rows >= 1_048_576:
        st.caption("Excel holds 1,048,576 rows at most, so this list comes as CSV.")
        ending = "csv"

    def contents() -> bytes:
        written = write_list(
            ui.store(), query, chosen, kind=ending, safe=safe, tables=tables, **order, **params
        )
        try:
            return written.path.read_bytes()
        finally:
            written.path.unlink()

    button.download_button(
        "Download the list", contents, f"{name}-{frame.as_of}.{ending}", on_click="ignore",
        type="primary", icon=":material/download:", width="stretch",
    )  # fmt: skip
    if query not in ("audience_list", "campaign_list"):
        _for_a_campaign(title, query, tables, params)


def _for_a_campaign(
    title: str, query: str, tables: Mapping[str, str], params: dict[str, Any]
) -> None:
    """Keep a list by name, so that audiences can be built from it."""
    with st.popover("Use in a campaign", icon=":material/campaign:"):
        st.caption(
            "Keeps these people as a list that audiences can be built from, also when later data "
            "move them elsewhere."
        )
        name = st.text_input("Name of the list", title, key=f"campaign_name_{query}_{title}")
        if not st.button("Keep the list", key=f"campaign_keep_{query}"):
            return
        with ui.errors_shown():
            listed = ui.store().arrow(query, tables=tables, **params)["customer_id"].to_pylist()
            kept = audience.save_ids(ui.store(), name, listed)
            st.success(
                f"Kept “{ui.plain(kept.name)}”: {kept.customers:,} customers. Ask for it on "
                "Campaigns as “Uploaded list”, or choose it under “New campaign”."
            )
            st.page_link("pages/campaigns.py", label="Go to Campaigns", icon=":material/campaign:")


LABELS = {
    "customer_id": "Customer", "recency_days": "Days since order", "frequency": "Orders",
    "monetary": "Revenue", "email": "E-mail", "r": "R", "f": "F", "m": "M", "line_no": "Line",
    "raw": "As it came", "median_recency_days": "Median days since order",
    "median_orders": "Median orders", "average_order_value": "Average order",
    "customer_share": "% of customers", "revenue_share": "% of revenue", "file_name": "File",
    "table_name": "Table", "known": "Already there", "rejected": "Not used", "reason": "Problem",
    "start": "From", "complete": "Complete", "how_clearly_share": "How clearly in it",
    "in_this_group_share": "In this group", "campaign_or_variant": "Campaign or variant",
    "cluster_name": "Group", "bought": "Who buys", "also": "also buys",
    "with_first_share": "Of orders with the first", "of_all_share": "Of all orders",
    "times_chance": "× chance", "holds_later": "Holds on later weeks",
    "because_of": "Because of", "with_that_share": "Of orders with that",
    "of_customers_share": "Of those who bought the first",
    "times_expected": "× expected", "both_count": "Orders with both",
    "one_count": "Orders with one", "break_even_share": "Pays from (of those with one)",
    "orders_with": "Orders with it", "last_bought_day": "Last bought",
    "order_of_list_ndcg": "Order of list (NDCG)", "lists_with_a_hit_share": "Lists with a hit",
    "list_that_was_bought_share": "Of the list, bought",
    "bought_that_was_listed_share": "Of what was bought, listed",
    "catalogue_shown_share": "Of the catalogue, shown",
    "places_of_top_ten_share": "Places taken by the top ten", "variety_share": "Variety",
    "bought_share": "Bought one or more", "product_id": "Product number",
    "novelty_bits": "Novelty, bits", "f1": "F1",
    "against_last_year_share": "Against last year",
    "against_before_share": "Against just before", "low_8_of_10": "At least (8 of 10)",
    "high_8_of_10": "At most (8 of 10)", "low_19_of_20": "At least (19 of 20)",
    "high_19_of_20": "At most (19 of 20)", "error_share": "Error",
    "error_against_rule_share": "Error against the rule", "within_8_of_10_share": "Within 8 of 10",
    "within_19_of_20_share": "Within 19 of 20", "above_usual_share": "Against usual",
    "lowest_year_share": "Lowest year", "highest_year_share": "Highest year",
    "sales_days_share": "Days with a sale around it",
    "rate_previous_share": "Of the step before", "rate_overall_share": "Of the first step",
    "lo_share": "At least (19 of 20)", "hi_share": "At most (19 of 20)",
    "typical_time": "Half took at most", "from_event": "From", "to_event": "To",
    "click_rate_share": "Clicks per impression",
    "conversion_rate_share": "Orders per click or view",
    "return_on_spend": "Revenue per money spent", "dearest": "Dearest in the cart",
    "last_step_at": "Last step at", "cart_at": "Last cart at", "per": "Orders per",
    "sessions_with_it": "Visits with it", "of_visits_share": "Of visits",
    "chance_share": "Chance", "because": "What speaks for it",
    "low_share": "At least", "high_share": "At most",
    "foretold_share": "Foretold", "happened_share": "Happened", "addressed_share": "Addressed",
    "found_share": "Found, of those who did it", "wrongly_share": "Addressed in vain",
    "right_pairs_share": "Right pairs (AUC)", "range_share": "Range",
    "hits_down_the_list": "Average precision", "addressed_who_did_share": "Of those addressed, did",
    "did_who_were_addressed_share": "Of those who did, addressed",
    "right_share": "Right in all (accuracy)", "calibration_error_share": "Probabilities off by",
    "log_loss": "Log-loss", "in_use": "In use",
    "given_to_what_came_share": "Given to what came", "f1_of_all_actions": "F1, mean of actions",
    "pairs_buy_share": "Right pairs: buy", "pairs_cart_share": "Right pairs: cart",
    "pairs_leave_share": "Right pairs: leave", "found_by_rule_share": "Found by the rule",
    "pairs_share": "Right pairs (AUC)", "pairs_by_rule_share": "Right pairs by the rule",
    "likeliest_share": "Was the likeliest (recall)", "hit_1_share": "Is the first named",
    "hit_3_share": "Among three named", "hit_5_share": "Among five named",
    "next_category": "Category, likely", "is_here": "Still on a visit", "last_at": "Last seen",
    "wait_days": "Days since order", "expected_gap_days": "Usual days between orders",
    "overdue_times": "× usual", "next_order_day": "Likeliest day",
    "lo_day": "From (8 of 10)", "hi_day": "To (8 of 10)", "usual_order": "Usual order",
    "mean_error_days": "Days off on average", "median_error_days": "Days off, middle one",
    "everyone_error_days": "Days off, everyone", "within_share": "Within 8 of 10",
    "ordered_share": "Ordered", "expected_revenue": "Expected revenue",
    "mean_error": "Off by, of a customer", "root_mean_square_error": "Large misses count more",
    "total_off_share": "Total off by", "order_of_list": "Order of the list",
    "reduced_share": "Lines with a coupon or discount", "times_usual": "× usual", "part": "Name",
    "started_day": "Started", "orders_then": "Orders then", "revenue_then": "Revenue then",
    "first_order_day": "First order", "last_order_day": "Last order",
    "orders_so_far": "Days with an order",
    "spent_so_far": "Spent so far", "still_customer_share": "Chance still a customer",
    "next_days": "Next days",
    "mean_error_orders": "Mean error, orders a customer",
    "typical_error": "Typical error, orders a customer",
    "orders_share": "Orders, against what came", "revenue_off_share": "Revenue, against what came",
    "order_of_customers": "Order of customers (0 chance, 1 best)",
}  # fmt: skip
"""Column headings where the name alone would not do."""


MONEY = {
    "revenue", "amount", "monetary", "average_order_value", "cost", "profit", "expected_margin",
    "predicted_per_contact", "extra_per_contact", "at_least", "at_most", "with_others_of_its_kind",
    "extra_revenue", "extra_profit", "naive_expected_margin", "price", "bundle_price",
    "extra_margin", "lost_revenue", "forecast", "low_8_of_10", "high_8_of_10", "low_19_of_20",
    "high_19_of_20", "a_year_earlier", "cost_per_order", "cost_per_new_customer",
    "return_on_spend",
    "spent_so_far", "expected_revenue", "revenue_at_least", "revenue_at_most",
    "usual_order", "mean_error",
    "root_mean_square_error",
}  # fmt: skip
"""Columns shown with two decimals, beside all that hold exact decimals."""


def label(column: str) -> str:
    """A column's name as people read it."""
    return LABELS.get(column, column.replace("_", " ").capitalize())


def table(frame: pd.DataFrame, alt: str, **options: Any) -> Any:
    """A table with headings, thousands marks, two decimals of money, and shares in per cent."""
    shown = frame.copy()
    config: dict[str, Any] = {}
    for name in frame.columns:
        kind = frame[name]
        if name.endswith("_share"):
            shown[name] = kind * 100
            config[name] = st.column_config.NumberColumn(label(name), format="%.1f%%")
        elif name in MONEY or ("decimal" in str(kind.dtype)):
            shown[name] = pd.to_numeric(kind.astype(object).map(float, na_action="ignore"))
            config[name] = st.column_config.NumberColumn(label(name), format="%,.2f")
        elif pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind):
            config[name] = st.column_config.NumberColumn(label(name), format="localized")
        elif pd.api.types.is_datetime64_any_dtype(kind) and (kind == kind.dt.normalize()).all():
            config[name] = st.column_config.DateColumn(label(name))
        else:
            width = 270 if name in ("step", "fact") else None
            config[name] = st.column_config.Column(label(name), width=width)
    options.setdefault("hide_index", True)
    options.setdefault("height", "content" if len(frame) <= 15 else "auto")
    return st.dataframe(shown, column_config=config, alt=alt, placeholder="–", **options)


def frame_download(frame: pd.DataFrame, name: str, text: str = "Download this table") -> None:
    """A small table as a CSV file, made when the button is pressed."""
    st.download_button(
        text, lambda: frame_csv(frame), f"{name}.csv", "text/csv",
        on_click="ignore", icon=":material/download:", key=f"download_{name}",
    )  # fmt: skip


def explain(sentences: str, source: str, *queries: str) -> None:
    """How a page's figures are computed: the method, its source, the SQL."""
    with st.expander("How is this computed?", icon=":material/function:"):
        st.markdown(sentences)
        st.caption(source)
        for name in queries:
            st.code(sql_text(name), language="sql")


def score_grid(counts: pd.DataFrame, bins: int) -> Any:
    """Customers by R (rows, latest first) and FM (columns, best first), shaded by number.

    Args:
        counts: r, fm, customers.
        bins: The best score.
    """
    best_first = range(bins, 0, -1)
    wide = (
        counts.pivot_table("customers", "r", "fm", fill_value=0)
        .reindex(index=best_first, columns=best_first, fill_value=0)
        .astype(int)
        .rename(index=lambda r: f"R {r}", columns=lambda fm: f"FM {fm}")
    )
    most = max(int(wide.to_numpy().max()), 1)
    return wide.style.map(
        lambda count: f"background-color: rgba(15, 118, 110, {0.05 + 0.55 * count / most:.2f})"
    )


def crosstab(moves: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    """Customers by where they were (rows) and where they are (columns).

    Args:
        moves: from_segment, to_segment, customers.
        order: The segments, best first.
    """
    wide = moves.pivot_table("customers", "from_segment", "to_segment", fill_value=0).astype(int)
    rows = [name for name in [*order, "Not yet a customer"] if name in wide.index]
    columns = [name for name in order if name in wide.columns]
    return wide.loc[rows, columns].rename_axis(index="From ↓   to →", columns=None)
