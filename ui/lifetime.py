"""What customers are worth, as the page shows it: the totals, the test, the people."""

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

import ui
import ui.tables
from analytics import charts, lifetime

WHICH: dict[str, bool | None] = {
    "Everyone": None, "Still customers (50% or more)": True, "Probably gone (below 50%)": False,
}  # fmt: skip
FAR_OFF = 0.15
"""From so much on, how far the total was off in the test is worth a word."""


def show(frame: ui.Frame) -> None:
    """The answer, the evidence, the list."""
    worth = _found(frame.store.version, frame.as_of, frame)
    st.markdown(_answer(frame, worth))
    _verdict(worth)
    totals = worth.totals.rename(columns={"days": "next_days"}).round(0)
    ui.tables.table(totals, "Expected orders and revenue of all customers")
    ui.tables.frame_download(totals, f"expected-{frame.as_of}")
    _test(frame, worth)
    _people(frame, worth)
    ui.tables.explain(
        "BG/NBD says how often each customer orders and whether they are still a customer, from "
        "how many orders they placed, when the last one was and since when they buy; gamma-gamma "
        "says how much an order brings. Orders of one day count as one; returns are taken off by "
        "their share of the shop's revenue. Ranges hold in nine of ten cases: a customer's from "
        "chance alone; the totals' also from how unsure the parameters are and how far the total "
        "was off in the test. In the test, model and rules foresee the last third of the time (at "
        "most a year) from what came before; the least squared error decides. The models know "
        "neither season nor growth, and customers yet to come are not in the figures."
        + _parameters(worth.found),
        "Fader, Hardie & Lee (2005), BG/NBD; Fader & Hardie (2013), gamma-gamma; Wübben & "
        "Wangenheim (2008), the rule by recency.",
        "lifetime_history", "lifetime_list",
    )  # fmt: skip


@st.cache_resource(max_entries=3, show_spinner="Working out what customers are worth …")
def _worth(version: str, as_of: date, _frame: ui.Frame) -> lifetime.Worth:  # noqa: ARG001
    return lifetime.keep(_frame.store, as_of)


def _found(version: str, as_of: date, frame: ui.Frame) -> lifetime.Worth:
    """What is held, made anew where the kept table has had to make room for later ones."""
    worth = _worth(version, as_of, frame)
    if not worth.is_held(frame.store):
        _worth.clear()
        worth = _worth(version, as_of, frame)
    return worth


def _answer(frame: ui.Frame, worth: lifetime.Worth) -> str:
    totals = worth.totals.set_index("days")

    def said(days: int) -> str:
        row = totals.loc[days]
        return (
            f"**{frame.money(row['revenue'], 0)}** in the next {days} days (nine times in ten "
            f"between {frame.money(row['revenue_at_least'], 0)} and "
            f"{frame.money(row['revenue_at_most'], 0)})"
        )

    return (
        f"The {worth.found.customers:,} customers so far are expected to bring {said(90)} and "
        f"{said(365)}."
    )


def _verdict(worth: lifetime.Worth) -> None:
    found = worth.found
    st.caption(ui.plain(found.verdict))
    missed = found.test.missed_orders if found.test else float("nan")
    if abs(missed) >= FAR_OFF:
        high = "more" if missed > 0 else "less"
        st.warning(
            f"In the test, {abs(missed):.0%} {high} orders were expected than came, so read the "
            "totals with their ranges. Who is worth more than whom "
            "does not depend on it.",
            icon=":material/warning:",
        )


def _test(frame: ui.Frame, worth: lifetime.Worth) -> None:
    test = worth.found.test
    if test is None:
        return
    st.subheader("Did what was expected come?", anchor=False)
    st.caption(
        f"From {ui.day(test.from_day)} on, {test.customers:,} customers placed {test.orders:,} "
        f"orders and brought {frame.money(test.revenue, 0)}. The model had seen only what came "
        "before."
    )
    st.plotly_chart(
        charts.foreseen_and_came(test.groups), key="lifetime_groups",
        alt="Orders a customer, expected and come, in ten groups by what was expected",
    )  # fmt: skip
    ui.tables.frame_download(test.groups, f"expected-and-came-{frame.as_of}", "Download the groups")
    names = test.methods["method"]
    shown = test.methods.rename(
        columns={"revenue_share": "revenue_off_share", "mean_error": "mean_error_orders"}
    ).assign(
        method=[lifetime.NAMES[name] for name in names],
        used=["yes" if name == test.winner else "" for name in names],
        expected_orders=test.methods["expected_orders"].round(),
    )
    shown = shown[["method", "used", *[name for name in shown if name not in ("method", "used")]]]
    ui.tables.table(shown, "Model and rules on time they had not seen")
    ui.tables.frame_download(shown, f"model-and-rules-{frame.as_of}")
    if test.ranking is not None:
        st.caption(ui.plain(test.ranking.sentence))


def _people(frame: ui.Frame, worth: lifetime.Worth) -> None:
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    days: Any = row.segmented_control(
        "Over the next", list(lifetime.AHEAD_DAYS), default=90, required=True,
        key="lifetime_days", persist_state="session", width="content",
        format_func=lambda each: f"{each} days",
    )  # fmt: skip
    which = "Everyone"
    if worth.found.method == "model":
        which = row.selectbox(
            "Who", list(WHICH), key="lifetime_which", persist_state="session", width=280
        )
    columns = [
        "customer_id", "name", "email", "last_order_day", "orders_so_far", "spent_so_far",
        *(["still_customer_share"] if worth.found.method == "model" else []),
        "expected_orders", "expected_revenue", "revenue_at_least", "revenue_at_most",
    ]  # fmt: skip
    title = (
        f"Worth most in the next {days} days" if WHICH[which] is None else which.partition(" (")[0]
    )
    gone = WHICH[which] is False
    ui.tables.people(
        frame, title, "lifetime_list", columns, tables={"worth": worth.table},
        order_by="spent_so_far" if gone else "expected_revenue", days=days, still=WHICH[which],
    )  # fmt: skip


def _parameters(found: lifetime.Lifetime) -> str:
    names = {"r": found.r, "α": found.alpha, "a": found.a, "b": found.b,
             "p": found.p, "q": found.q, "γ": found.gamma}  # fmt: skip
    shown = ", ".join(f"{name} {value:,.3f}" for name, value in names.items() if pd.notna(value))
    return f" In {found.period}s: {shown}."
