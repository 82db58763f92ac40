"""Overview: how the shop is doing, for a period beside earlier ones."""

import streamlit as st

import ui
import ui.overview
import ui.tables
from analytics import charts, overview

SPANS = {"30 days": 30, "90 days": 90, "12 months": None, "All time": None}

with ui.page("Overview") as frame:
    first, last = overview.first_and_last_day(frame.store)
    choices = st.container(horizontal=True, vertical_alignment="bottom")
    span = choices.segmented_control(
        "Period", [*SPANS, "Own dates"], default="12 months", required=True, key="span",
        persist_state="session", wrap=True,
    )  # fmt: skip
    until_day = last + overview.DAY
    from_day = first
    if span == "12 months":
        from_day = overview.a_year_earlier(until_day, end=True)
    elif days := SPANS.get(span or ""):
        from_day = until_day - days * overview.DAY
    elif span == "Own dates":
        chosen = choices.date_input(
            "From and to", (first, last), key="dates", persist_state="session", width=260
        )
        if not (isinstance(chosen, tuple) and len(chosen) == 2):
            st.info("Choose the last day as well.", icon=":material/date_range:")
            st.stop()
        from_day, until_day = chosen[0], chosen[1] + overview.DAY
    step = choices.selectbox(
        "Show by", ["automatic", "day", "week", "month"], key="step", persist_state="session",
        format_func=str.capitalize, width=160,
    )  # fmt: skip

    found, steps, sentences = ui.overview.figures(
        frame.store, frame.store.version, from_day, until_day,
        None if step == "automatic" else step, frame.currency,
    )  # fmt: skip
    st.markdown(f"**{ui.day(from_day)} to {ui.day(until_day - overview.DAY)}**")
    for sentence in sentences:
        st.markdown(ui.plain(sentence))
    ui.overview.cards(frame, found, steps)
    st.caption(ui.overview.comparisons(found))

    st.subheader("Revenue over time", anchor=False)
    st.plotly_chart(
        charts.revenue_over_time(steps, frame.currency),
        alt="Revenue over time; pale bars are steps that the period cuts off",
        key="revenue_over_time",
    )
    if not steps["complete"].all():
        st.caption("Pale bars are not complete: the period begins or ends within them.")
    with st.expander("The figures as a table"):
        ui.overview.table(steps.assign(start=steps["start"].dt.date), "The figures over time")
        ui.tables.frame_download(steps, "revenue-over-time")

    st.subheader("What sold best", anchor=False)
    names = {name: by for by, (name, _) in ui.overview.PARTS.items()}
    for tab, by in zip(
        st.tabs(list(names), on_change="rerun", key="parts_tab"), names.values(), strict=True
    ):
        if tab.open:
            with tab:
                ui.overview.parts(frame, found, by)

    st.caption(
        f"Known customers {frame.money(found.now.identified_revenue)} + guests "
        f"{frame.money(found.now.guest_revenue)} = {frame.money(found.now.revenue)}."
    )
    ui.tables.explain(
        "Revenue is the total of every order line that counts, less what was refunded; which lines "
        "count is chosen on the Data page. An order is an order number with at least one line that "
        "is no return, and belongs to the day of its first line. Customers are known customers who "
        "placed an order in the period: new ones had never ordered before, as far as the data "
        "reach; returning ones had. The repeat rate is the share of them with at least two orders "
        "by the period's end; its changes are in percentage points (pts).\n\n"
        "The period before is as long and ends the day before this one begins; a year earlier are "
        "the same dates. New and returning customers are compared only where the data hold as "
        "many days again before the earlier period. Revenue is orders × average order, so the "
        "logarithms of their changes add up to that of revenue: the larger is named as the cause.",
        "Every figure rests on the one definition of revenue, the first query below.",
        "sales",
        "overview",
        "overview_parts",
    )  # fmt: skip
