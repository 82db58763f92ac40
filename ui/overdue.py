"""Who is overdue by their own rhythm: how many good customers, when they are due, the list."""

from typing import Any

import pandas as pd
import streamlit as st

import ui
import ui.tables
from analytics import charts, propensity, rfm
from analytics.propensity.overdue import OVERDUE_SHARE
from ui import plain

DAYS = (30, 60, 90)
TIMES = (1.5, 2.0, 3.0)
GOOD = {
    "segments": "Best by frequency and value",
    "revenue": "More revenue than the middle repeat buyer",
    "all": "Everyone",
}
LIST_COLUMNS = [
    "customer_id", "name", "email", "wait_days", "expected_gap_days", "overdue_times",
    "next_order_day", "lo_day", "hi_day", "chance_share", "usual_order", "revenue",
]  # fmt: skip
EXPLAINED = (
    "A customer’s usual gap is the middle of the days from one day with an order to their next, "
    "drawn towards the shop’s: with few orders of their own it is nearly the shop’s, with many "
    "their own. Overdue is who has waited so many times their usual gap, and longer than four in "
    "five of their gaps, so that an irregular customer is not overdue by chance; only who ordered "
    "on two days or more can be. Lapsed instead of overdue is who will order again in the days "
    "ahead with a chance below 1 in 10: the longer the silence, by their own rhythm, the likelier "
    "they have left. The likeliest day holds if they order in the days ahead at all; how likely "
    "that is stands beside it. All of it is judged by the last days, which it has not seen.",
    "Gaps: a normal distribution of the logarithm, its middle and spread from customer to customer "
    "by normal and inverse gamma (Gelman et al., Bayesian Data Analysis, 2013, section 3.3; "
    "empirical Bayes). Leaving: Fader, Hardie & Lee (2005), BG/NBD.",
    "next_order_rhythm", "next_order_came", "overdue_list",
)  # fmt: skip
"""How days are told, for the foot of the tab."""


def show(frame: ui.Frame) -> None:
    """The choices, the answer, how long customers wait, the list, and how well days were told."""
    good, times, days = _asked()
    kept = propensity.keep_next_order(frame.store, frame.as_of, days=days)
    report = kept.report
    tables = {"next_orders": kept.table, "scores": rfm.keep(frame.store, frame.as_of).table}
    params: dict[str, Any] = {
        "overdue_times": times, "shorter_share": OVERDUE_SHARE,
        "chance_share": propensity.LAPSED_CHANCE, "good": good,
        "least_revenue": report.middle_revenue,
    }  # fmt: skip
    sums = frame.store.query("overdue_sums", tables=tables, **params)
    _answer(frame, report, sums, good, times)
    st.plotly_chart(
        charts.waits(sums), key="overdue_waits",
        alt="Customers by how many of their usual gaps they have waited",
    )  # fmt: skip
    ui.tables.frame_download(sums, f"waits-{frame.as_of}")
    ui.tables.people(
        frame, "Overdue customers", "overdue_list", LIST_COLUMNS, tables=tables,
        order_by="revenue", **params,
    )  # fmt: skip
    _evidence(frame, report)


def _asked() -> tuple[str, float, int]:
    """Who counts as good, from when they are overdue, how far ahead."""
    left, middle, right = st.columns(3)
    good = left.selectbox(
        "Whom to look at", list(GOOD), format_func=lambda each: GOOD[each], key="overdue_good",
        persist_state="session",
        help="Best by frequency and value: the segments with FM 4 or 5, such as Champions, Loyal, "
        "At risk and Cannot lose them.",
    )  # fmt: skip
    times = middle.segmented_control(
        "Overdue from … usual gaps", TIMES, default=2.0, required=True, key="overdue_times",
        format_func=lambda each: f"{each:g} ×", persist_state="session",
    )  # fmt: skip
    days = right.segmented_control(
        "Look ahead … days", DAYS, default=60, required=True, key="overdue_days",
        persist_state="session",
    )  # fmt: skip
    return str(good), float(times or 2.0), int(days or 60)


def _answer(
    frame: ui.Frame, report: propensity.NextOrdersReport, sums: pd.DataFrame, good: str,
    times: float,
) -> None:  # fmt: skip
    by_state = sums.groupby("state")[["customers", "orders", "revenue"]].sum()
    customers, lapsed = (
        int(by_state["customers"].get(state, 0)) for state in ("overdue", "lapsed")
    )
    known = "customers who ordered on two days or more" if good == "all" else "good customers"
    every = int(sums["customers"].sum())
    said = f"**{customers:,} of {every:,} {known} are overdue:** they "
    said += f"have waited at least {times:g} times as long as usual for them. "
    if customers:
        orders, revenue = (float(by_state[name]["overdue"]) for name in ("orders", "revenue"))
        said += f"A usual order of theirs is worth **{plain(frame.money(revenue / orders))}**. "
    said += f"{lapsed:,} more have lapsed: they will hardly come by themselves."
    st.markdown(said)
    if good == "revenue":
        st.caption(
            "Good is who brought at least "
            f"{plain(frame.money(report.middle_revenue))}, as the middle repeat buyer did."
        )


def _evidence(frame: ui.Frame, report: propensity.NextOrdersReport) -> None:
    st.subheader("How well are days told?", anchor=False)
    used = "So their own rhythm is used." if report.winner == "rhythm" else "So the rule is used."
    st.markdown(f"{plain(report.verdict.sentence)} {used}")
    shown = report.table.drop(columns=["method", "used"]).rename(columns={"label": "method"})
    shown.insert(1, "in_use", report.table["used"].map({True: "✓", False: ""}))
    days = ["mean_error_days", "median_error_days", "everyone_error_days"]
    shown[days] = shown[days].round(1)
    shown["log_loss"] = shown["log_loss"].round(3)
    ui.tables.table(shown, "Ways to tell the next order by how far off they were")
    st.caption(
        f"Judged by the last {report.days} days, which none of them had seen. The first two "
        "columns of days are of those who ordered; in “everyone”, no order counts as one at the "
        "end. Log-loss says how surprising it all was; lower is better."
    )
    ui.tables.frame_download(report.table, f"next-orders-{frame.as_of}")
    with st.expander("Did those who were overdue come?", icon=":material/fact_check:"):
        st.markdown(
            f"How it went for those who were on time, overdue (from "
            f"{propensity.OVERDUE_TIMES:g} usual gaps) and lapsed {report.days} days ago."
        )
        ui.tables.table(report.fates, "Customers by state and whether they ordered")
        ui.tables.frame_download(report.fates, f"came-{frame.as_of}")
