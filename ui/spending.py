"""What customers will bring in the days to come: the total, who brings most, how sure it is."""

import streamlit as st

import ui
import ui.tables
from analytics import profile, propensity
from ui import plain

LIST_COLUMNS = [
    "customer_id", "name", "email", "expected_revenue", "recency_days", "orders", "revenue",
]  # fmt: skip


def show(frame: ui.Frame, days: int, budget: int, without: tuple[str, ...]) -> None:
    """The answer, models beside the rule, the list."""
    kept = _kept(frame, days, without)
    if kept is None:
        return
    report = kept.report
    used = report.table.loc[report.table["used"]].iloc[0]
    st.markdown(
        f"**{report.customers:,} customers are expected to bring about "
        f"{plain(frame.money(report.total, 0))} in the next {days} days.** On the last {days} "
        f"days, kept for judging, the total was {100 * abs(used['total_off_share']):.0f}% too "
        f"{'high' if used['total_off_share'] > 0 else 'low'}. New customers come on top."
    )
    st.markdown(plain(report.verdict.sentence))
    ui.tables.people(
        frame, f"Who will bring most in the next {days} days", "spending_list", LIST_COLUMNS,
        tables={"spending": kept.table, "features": profile.keep(frame.store, frame.as_of).table},
        order_by="expected_revenue", limit=budget,
    )  # fmt: skip
    st.subheader("Models beside the rule", anchor=False)
    shown = report.table.drop(columns=["method", "used"]).rename(
        columns={"label": "method", "gini": "order_of_list"}
    )
    shown.insert(1, "in_use", report.table["used"].map({True: "✓", False: ""}))
    shown["order_of_list"] = shown["order_of_list"].round(3)
    ui.tables.table(shown, "Ways to foretell revenue by how far off they were")
    st.caption(
        "Off by, of a customer, on average and with large misses counting more; of all together; "
        "and how well the list was in order (1 is best, 0 is chance)."
    )
    ui.tables.frame_download(report.table, f"revenue-{frame.as_of}")


def _kept(frame: ui.Frame, days: int, without: tuple[str, ...]) -> propensity.KeptRevenue | None:
    """The answer, if it is there or asked for."""
    return ui.when_asked(
        propensity.find_revenue(frame.store, days, frame.as_of, without),
        "spending_go",
        "Models learn from your own past days and are judged by the last ones. That takes half a "
        "minute for a small shop",
        "Learning from earlier days, and judging by the last ones …",
        lambda: propensity.keep_revenue(frame.store, days, frame.as_of, without=without),
    )
