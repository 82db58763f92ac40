"""Channels as the page shows them: clicks, orders, costs, and to whom the credit goes."""

from typing import Any

import pandas as pd
import streamlit as st

import ui
import ui.tables
from analytics import charts
from analytics.journeys import channels
from ui import plain
from ui.journeys import Period

BY = {"channel": "Channels", "campaign": "Campaigns", "product_id": "Products"}
LIST_COLUMNS = ["customer_id", "name", "email", "orders", "first_orders", "revenue"]


def show(frame: ui.Frame, days: Period) -> None:
    """What each channel, campaign or product brings and costs."""
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    by: Any = row.segmented_control(
        "Compare", list(BY), default="channel", required=True, format_func=BY.__getitem__,
        key="channels_by", persist_state="session", width="content",
    )  # fmt: skip
    lookback = row.number_input(
        "Touches up to so many days before the order", 1, 365, 30, key="channels_lookback",
        persist_state="session", width=300,
    )  # fmt: skip
    kept = channels.keep_touches(
        frame.store, int(lookback), from_day=days.from_day, as_of=days.as_of
    )
    found = channels.rates(frame.store, by, kept)
    if found.empty:
        st.info(
            f"No event tells its {by.removesuffix('_id')}{days.words}. Map that column of the "
            "event file on the Data page.",
            icon=":material/info:",
        )
        return
    if by == "product_id":
        _clicks(frame, found, by)
        return
    credit = channels.credited(frame.store, kept, by)
    _credit(frame, credit, by, days)
    _clicks(frame, found, by)
    parts = list(found.loc[found["orders"] > 0, by])
    if not parts:
        return
    part = st.selectbox(
        f"Show the people whose order came last through the {by}", parts, key=f"channels_part_{by}"
    )
    asked: dict[str, Any] = {"channel": None, "campaign": None, by: part}
    ui.tables.people(
        frame, f"Ordered through {part}", "touch_list", LIST_COLUMNS,
        tables={"touched": kept.table}, order_by="revenue", **asked,
    )  # fmt: skip


def _credit(frame: ui.Frame, credit: pd.DataFrame, by: str, days: Period) -> None:
    """The five rules side by side, and what an order costs by the one chosen."""
    model = st.selectbox(
        "Credit for an order goes to", list(channels.MODELS), 1, key="channels_model",
        persist_state="session", format_func=channels.MODELS.__getitem__, width=260,
    )  # fmt: skip
    one = credit[credit["model"] == model].drop(columns="model")
    named = one[one[by].notna()].sort_values("orders", ascending=False)
    if not named["orders"].sum():
        st.info(
            f"No order has a touch before it that tells its {by}{days.words}, so nothing can be "
            "credited.",
            icon=":material/info:",
        )
        return
    best, orders = named.iloc[0], one["orders"].sum()
    paid = named[named["return_on_spend"].notna()].sort_values("return_on_spend", ascending=False)
    costs = (
        f" Per {frame.currency or 'unit of money'} spent, **{plain(paid.iloc[0][by])}** brings "
        f"most: {frame.money(paid.iloc[0]['return_on_spend'])} of revenue."
        if len(paid)
        else f" What each {by} cost is not known: import a file of costs by day and {by}."
    )
    st.markdown(
        f"**{plain(best[by])}** is credited with most orders{days.words}: "
        f"**{best['orders']:,.0f}** of {orders:,.0f}, by the rule "
        f"“{channels.MODELS[model].lower()}”.{costs}"
    )
    st.plotly_chart(
        charts.credit(credit, by, channels.MODELS), key=f"credit_{by}",
        alt=f"Orders credited to each {by} by five rules",
    )  # fmt: skip
    st.caption(channels.NOT_PROVED)
    shown = pd.concat([named, one[one[by].isna()]]).assign(
        **{by: lambda rows: rows[by].fillna("(no known touch)")}
    )
    for name in ("orders", "new_customers"):
        shown[name] = shown[name].round(1)
    ui.tables.table(shown, f"What each {by} brings and costs")
    ui.tables.frame_download(credit, f"credit-by-{by}-{frame.as_of}")


def _clicks(frame: ui.Frame, found: pd.DataFrame, by: str) -> None:
    """How many click and buy, per channel, campaign or product."""
    if by == "product_id":
        known = found[found["conversion_rate"].notna()]
        if len(known):
            first = known.sort_values("views", ascending=False).iloc[0]
            st.markdown(
                f"The product looked at most, **{plain(first[by])}**, has **{first['orders']:,}** "
                f"orders on {first['views']:,} views."
            )
    st.markdown("#### Clicks and orders")
    st.caption(
        "Orders are those of the last touch. “–” where it cannot be told, such as clicks per "
        "impression without impressions."
        if by != "product_id"
        else "Orders that hold the product, wherever they were placed, beside the views of it."
    )
    rates = {name: f"{name}_share" for name in ("click_rate", "conversion_rate")}
    ui.tables.table(found.rename(columns=rates), "Clicks and orders")
    ui.tables.frame_download(found, f"rates-by-{by}-{frame.as_of}")
