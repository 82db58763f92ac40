"""Overview: how the shop is doing, for a period beside the one before."""

from datetime import timedelta

import streamlit as st

import ui
import ui_tables
from analytics import charts, overview

DAY = timedelta(days=1)
SPANS = {"30 days": 30, "90 days": 90, "12 months": 365, "All time": None}

with ui.page("Overview") as frame:
    first, last = overview.first_and_last_day(frame.store)
    choices = st.container(horizontal=True, vertical_alignment="bottom")
    span = choices.segmented_control(
        "Period", [*SPANS, "Own dates"], default="12 months", required=True, key="span",
        persist_state="session", wrap=True,
    )  # fmt: skip
    until_day = last + DAY
    from_day = first if not SPANS.get(span or "") else until_day - timedelta(days=SPANS[span])
    if span == "Own dates":
        chosen = st.date_input("From and to", (first, last), key="dates", persist_state="session")
        if not (isinstance(chosen, tuple) and len(chosen) == 2):
            st.info("Choose the last day as well.")
            st.stop()
        from_day, until_day = chosen[0], chosen[1] + DAY
    step = choices.selectbox(
        "Show by", ["automatic", "day", "week", "month"], key="step", persist_state="session",
        width=160,
    )  # fmt: skip

    found = overview.summary(frame.store, from_day, until_day)
    now = found.now
    st.markdown(
        f"From **{ui.day(from_day)}** to **{ui.day(until_day - DAY)}** the shop "
        f"took **{frame.money(now.revenue)}** in **{now.orders:,}** orders of "
        f"**{now.customers:,}** known customers."
    )
    figures = [
        (frame.in_unit("Revenue"), "revenue", f"{now.revenue:,.2f}"),
        ("Orders", "orders", f"{now.orders:,}"),
        (frame.in_unit("Average order"), "average_order_value", f"{now.average_order_value:,.2f}"),
        ("Customers", "customers", f"{now.customers:,}"),
    ]
    row = st.container(horizontal=True)
    for name, measure, shown in figures:
        change = found.change(measure)
        row.metric(
            name, "–" if shown == "nan" else shown, None if change != change else f"{change:+.1%}",
            border=True, width=225,
        )  # fmt: skip
    if before := found.before:
        st.caption(f"Changes against {ui.day(before.from_day)} to {ui.day(from_day - DAY)}.")
    else:
        st.caption("The data do not reach back to the period before, so there is no comparison.")

    steps = overview.over_time(
        frame.store, from_day, until_day, None if step == "automatic" else step
    )
    st.plotly_chart(
        charts.revenue_over_time(steps, frame.currency),
        alt="Revenue over time; pale bars are steps that the period cuts off",
        key="revenue_over_time",
    )
    if not steps["complete"].all():
        st.caption("Pale bars are not complete: the period begins or ends within them.")
    with st.expander("The figures as a table"):
        ui_tables.table(steps.assign(start=steps["start"].dt.date), "Revenue and orders over time")
        ui_tables.frame_download(steps, "revenue-over-time")
    st.caption(
        f"Known customers {frame.money(now.identified_revenue)} + guests "
        f"{frame.money(now.guest_revenue)} = {frame.money(now.revenue)}."
    )
    ui_tables.explain(
        "Revenue is the total of every order line that counts, less what was refunded; which lines "
        "count is chosen on the Data page. An order is an order number with at least one line that "
        "is no return. Customers are known customers with an order in the period.",
        "The one definition of revenue is the first query below; every page uses it.",
        "sales",
        "overview",
    )  # fmt: skip
