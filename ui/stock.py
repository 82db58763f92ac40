"""Stock as the page shows it: what to order, what runs out, what lies too long."""

from typing import Any, Literal

import pandas as pd
import pyarrow as pa
import streamlit as st

import ui
import ui.stock_expected
import ui.tables
from analytics import charts, stock
from analytics.errors import AnalyticsError
from ui.demand_agreed import Wanted, key_of

AIMS = {"service": "How often demand is met", "costs": "What a missing unit costs"}
IN_CHART = 12
MONEY = pd.ArrowDtype(pa.decimal128(18, 2))
ALL = "All"
SELLS = {
    "smooth": "evenly", "erratic": "unevenly", "intermittent": "rarely",
    "lumpy": "rarely and unevenly", "short": "too few sales to say", "dead": "no longer",
}  # fmt: skip
"""Kinds of demand in a marketer's words."""


def show(frame: ui.Frame) -> None:
    """Everything on stock."""
    settings = _settings()
    wanted = ui.stock_expected.wanted(frame, settings)
    if wanted is not None:
        ui.stock_expected.offer(frame, wanted)
    made = _made(frame, settings, wanted)
    table = made.table
    row = st.container(horizontal=True, gap="medium")
    category = _one_of(row, "Category", table["category"])
    brand = _one_of(row, "Brand", table["brand"])
    if category is not None:
        table = table[table["category"] == category]
    if brand is not None:
        table = table[table["brand"] == brand]
    st.markdown(f"**{ui.plain(stock.verdict(table, frame.currency))}**")
    _too_much(frame, table)
    urgent = table[table["days_of_cover"].notna() & (table["order_quantity"] > 0)].head(IN_CHART)
    if len(urgent):
        st.plotly_chart(
            charts.stock_cover(urgent.assign(name=urgent["name"].fillna(urgent["product_id"]))),
            key="stock_cover",
            alt="How many days the stock of the most urgent products lasts, and how many days a "
            "delivery takes",
        )
    to_order, everything, too_long = st.tabs(
        ["To order", "All products", "Lies too long"], on_change="rerun", key="stock_lists"
    )
    if to_order.open:
        with to_order:
            _orders(frame, made, category, brand)
    if everything.open:
        with everything:
            st.caption(f"{len(table):,} products, the most urgent first.")
            ui.tables.table(_shown(table), "All products")
            ui.tables.frame_download(table, f"stock-{frame.as_of}")
    if too_long.open:
        with too_long:
            _lying(frame, table)
    for note in made.notes:
        st.caption(ui.plain(note))
    _explain(made)


def _settings() -> dict[str, Any]:
    """The page's inputs, in one place."""
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    aim = row.segmented_control(
        "Aim by", list(AIMS), default="service", required=True, format_func=AIMS.__getitem__,
        key="stock_aim", persist_state="session", width="content",
    )  # fmt: skip
    found: dict[str, Any] = {}
    if aim == "costs":
        found["cost_ratio"] = row.number_input(
            "Times as much as one left over", 1.0, 999.0, 19.0, 1.0,
            key="stock_ratio", persist_state="session", width=250,
            help="A missing unit costs its margin, and perhaps the customer; one left over costs "
            "storage and money tied up. 19 times aims at meeting demand in 95 of 100 cases.",
        )  # fmt: skip
    else:
        percent = row.slider(
            "Of 100 times, stock should do", 50.0, 99.5, 95.0, 0.5,
            key="stock_service", persist_state="session", width=210, format="%.1f",
            help="In so many of 100 cases nothing should run out before the next delivery. The "
            "last few need most stock.",
        )  # fmt: skip
        found["service_level"] = percent / 100
    found["review_days"] = row.number_input(
        "Days between two looks", 1, 365, 7, key="stock_review", persist_state="session", width=160,
        help="How often you look at the stock and order.",
    )  # fmt: skip
    with row.popover("Lead time", icon=":material/local_shipping:"):
        st.caption("For products whose file does not say how many days a delivery takes.")
        shortest = st.number_input(
            "Shortest, days", 0, 730, None, key="stock_lead_from", persist_state="session",
            placeholder="Not given",
        )  # fmt: skip
        longest = st.number_input(
            "Longest, days", 0, 730, None, key="stock_lead_to", persist_state="session",
            placeholder="The same",
        )  # fmt: skip
    if shortest is not None:
        found["lead_time_days"] = (shortest, shortest if longest is None else longest)
    return found


@st.cache_data(max_entries=20, show_spinner="Working out the stock …")
def _planned(
    version: str,  # noqa: ARG001
    day: str,  # noqa: ARG001
    settings: tuple[tuple[str, Any], ...],
    forecast: Any,  # noqa: ARG001  # part of the key: which forecast, if any
    _expected: pd.DataFrame | None,
    _frame: ui.Frame,
) -> stock.Plan:
    return stock.plan(_frame.store, as_of=_frame.as_of, expected=_expected, **dict(settings))


def _made(frame: ui.Frame, settings: dict[str, Any], wanted: Wanted | None) -> stock.Plan:
    """The plan, by the Demand page's forecast where that is made."""
    known = ui.stock_expected.daily(frame, settings, wanted) if wanted is not None else None
    key = key_of(frame, wanted) if wanted is not None and known is not None else None
    day = str(frame.as_of)
    return _planned(frame.store.version, day, tuple(settings.items()), key, known, frame)


def overstock_units(frame: ui.Frame, product_id: str) -> int:
    """What one product has beyond its needs, by the usual settings; 0 where that is not known."""
    usual = {"service_level": 0.95, "review_days": 7}
    try:
        table = _made(frame, usual, ui.stock_expected.wanted(frame, usual)).table
    except AnalyticsError:
        return 0
    found = table.loc[table["product_id"] == product_id, "overstock_units"].fillna(0.0)
    return int(found.sum())


def _one_of(row: Any, title: str, values: "pd.Series[str]") -> str | None:
    """A choice among what occurs; nothing for all, or where there is nothing to choose."""
    known = sorted(values.dropna().unique())
    if not known:
        return None
    chosen: Any = row.selectbox(
        title, ["", *known], format_func=lambda one: one or ALL, key=f"stock_{title.lower()}",
        width=240,
    )  # fmt: skip
    return str(chosen) or None


def _too_much(frame: ui.Frame, table: pd.DataFrame) -> None:
    """What lies beyond what is needed, in a sentence."""
    over, dead = table["overstock_units"].sum(), table["dead_stock_units"].sum()
    if table["stock"].isna().all():
        return
    if not over:
        st.markdown("Nothing lies beyond what is needed.")
        return
    tied = table["overstock_money"]
    worth = f", **{frame.money(tied.sum())}** at cost" if tied.notna().any() else ""
    st.markdown(
        f"**{over:,.0f}** units lie beyond what is needed{worth}; {dead:,.0f} of them belong to "
        f"products that have not sold for {stock.IDLE_DAYS} days."
    )


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """The plan as the page shows it."""
    classes = table["abc"].fillna("–") + table["xyz"].fillna("–")
    found = pd.DataFrame(
        {
            "product": table["name"].fillna(table["product_id"]),
            "order": table["order_quantity"],
            "order_cost": table["order_money"].round(2).astype(MONEY),
            "runs_out_on": table["runs_out_on"],
            "stock": table["stock"],
            "days_of_cover": table["days_of_cover"].round(0),
            "sells_a_day": table["daily_demand"].round(2),
            "reorder_point": table["reorder_point"],
            "order_up_to": table["order_up_to"],
            "expected_lost_sales": table["lost_sales"].round(2).astype(MONEY),
            "class": classes,
            "sells": table["kind"].map(SELLS),
        }
    )
    empty = [name for name in found.columns if found[name].isna().all()]
    return found.drop(columns=empty)


def _orders(frame: ui.Frame, made: stock.Plan, category: str | None, brand: str | None) -> None:
    """The order list and its files."""
    listed = stock.order_list(made, category, brand)
    if listed.empty:
        st.info("There is nothing to order.", icon=":material/check:")
        return
    st.caption(f"{len(listed):,} products to order, the most urgent first.")
    rows = made.table[made.table["product_id"].isin(listed["product_id"])]
    ui.tables.table(_shown(rows), "Products to order")
    kinds: dict[str, Literal["csv", "xlsx"]] = {"CSV": "csv", "Excel": "xlsx"}
    kind, button = st.columns(2, vertical_alignment="bottom")
    chosen = kind.segmented_control(
        "File", list(kinds), default="CSV", required=True, key="stock_kind"
    )
    ending = kinds[chosen or "CSV"]
    button.download_button(
        "Download the order list", lambda: stock.order_file(listed, ending),
        f"order-{frame.as_of}.{ending}", on_click="ignore", type="primary",
        icon=":material/download:", width="stretch",
    )  # fmt: skip


def _lying(frame: ui.Frame, table: pd.DataFrame) -> None:
    """What is more than needed, most money first."""
    over = table[table["overstock_units"] > 0]
    over = over.sort_values(["overstock_money", "overstock_units"], ascending=False)
    if over.empty:
        st.info("Nothing lies beyond what is needed.", icon=":material/check:")
        return
    st.caption(
        f"{len(over):,} products with more than the level to order up to. The Price tab plans a "
        "markdown for those whose price is known to matter."
    )
    shown = pd.DataFrame(
        {
            "product": over["name"].fillna(over["product_id"]),
            "too_many": over["overstock_units"],
            "tied_up": over["overstock_money"].round(2).astype(MONEY),
            "stock": over["stock"],
            "days_of_cover": over["days_of_cover"].round(0),
            "last_sold_on": over["last_sold_on"],
            "does_not_sell": over["dead_stock_units"] > 0,
        }
    )
    ui.tables.table(shown, "Products that lie too long")
    ui.tables.frame_download(over, f"overstock-{frame.as_of}")


def _explain(made: stock.Plan) -> None:
    ui.tables.explain(
        "Each product’s demand over its lead time and the days to the next look is what the Demand "
        "page forecasts, else a smoothed level, with the shop’s season where two years are known "
        "and it helps. How far that level was off the whole sum in the past gives the spread (on "
        "past weeks of 1,000 products of a large retailer the forecast met demand in 95.6% and the "
        "level in 95.9% of cases where 95% were asked for); counts are "
        "taken as negative binomial, and the level is raised until the shop’s own past would "
        f"have met the demand as often as asked ({made.service_level:.1%}). The reorder point is "
        "that level; the safety stock is what it has beyond the expected demand; an order fills "
        "up to the reorder point plus what sells until the next look. Lost sales are those "
        "expected over the same time if nothing is ordered. Class: A brings the first 80% of a "
        "year’s revenue, B up to 95%, C the rest; X sells evenly from week to week, Y less so, "
        "Z unevenly. The stock is that of the product file, else the newest of the "
        "file of stock levels, whatever the day.",
        "After Silver, Pyke & Thomas (2017), Snyder & Shen (2019), Syntetos, Boylan & Croston "
        "(2005).",
        "stock_sold",
        "stock_products",
    )
