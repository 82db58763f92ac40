"""The season calendar, and what to promote next month to whom."""

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

import ui
import ui.tables
from analytics import charts, forecast
from ui import plain
from ui.demand import Asked

BY: dict[forecast.By, str] = {"category": "Categories", "total": "Whole shop", "brand": "Brands"}
STEPS = {"months": "By month", "weeks": "By week"}
MONTHS = [f"{date(2000, month, 1):%b}" for month in range(1, 13)]
LIST_COLUMNS = ["customer_id", "name", "email", "orders_with", "last_bought_day", "revenue"]


@st.cache_data(max_entries=10, show_spinner="Comparing the years …")
def _seasons(
    version: str,  # noqa: ARG001  # part of the key
    as_of: date,
    by: forecast.By,
    measure: forecast.Measure,
    _frame: ui.Frame,
) -> forecast.Seasons:
    return forecast.seasons(_frame.store, as_of, by, measure)


def show(frame: ui.Frame, asked: Asked) -> None:
    """When each part sells, festivals, next month, and the people to tell."""
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    by: Any = row.segmented_control(
        "Seasons of", list(BY), default="category", required=True, key="seasons_by",
        persist_state="session", format_func=BY.__getitem__, width="content",
    )  # fmt: skip
    step: Any = row.segmented_control(
        "Step", list(STEPS), default="months", required=True, key="seasons_step",
        persist_state="session", format_func=STEPS.__getitem__, width="content",
    )  # fmt: skip
    found = _seasons(frame.store.version, frame.as_of, by, asked.measure, frame)
    st.markdown(f"**{plain(found.sentence)}**")
    shown = found.months if step == "months" else found.weeks
    number = "month" if step == "months" else "week"
    if shown.empty:
        st.info("There is no whole year of weeks yet.", icon=":material/hourglass_empty:")
        return
    order = list(dict.fromkeys(shown["series"]))
    wide = shown.pivot_table("index", "series", number).reindex(order)
    wide.index = [found.names.get(str(key), str(key)) for key in order]
    numbers = [int(str(n)) for n in wide.columns]
    wide.columns = [MONTHS[n - 1] if step == "months" else str(n) for n in numbers]
    st.plotly_chart(
        charts.season_grid(wide), key="season_grid",
        alt="How much more or less than usual each part sells over the year",
    )  # fmt: skip
    named = shown.assign(series=shown["series"].map(found.names)).rename(columns={"series": "part"})
    with st.expander("The years compared", icon=":material/compare_arrows:"):
        st.caption(
            "1 is a usual day of the year; growth is taken off. A column a year, by its last day."
        )
        years = named.select_dtypes("number").round(2)
        named[years.columns] = years
        ui.tables.table(named, "Season index by year")
        ui.tables.frame_download(named, f"seasons-by-{number}-{frame.as_of}")
    festivals = found.festivals.rename(columns={"series": "part", "index": "times_usual"})
    festivals["part"] = festivals["part"].map(found.names)
    if len(festivals):
        with st.expander("Festivals", icon=":material/celebration:"):
            st.caption("What a festival’s days sold, over the same weekdays around it.")
            ui.tables.table(festivals.round(2), "Festivals")
            ui.tables.frame_download(festivals, f"festivals-{frame.as_of}")
    if by == "category":
        _whom(frame, found)


def _whom(frame: ui.Frame, found: forecast.Seasons) -> None:
    """Next month's parts, and the buyers of one of them as a list."""
    st.subheader(f"What to promote in {found.month:%B}, to whom", anchor=False)
    st.caption("Most above usual first. Choose a category to see its buyers.")
    coming = found.next_month
    table = pd.DataFrame(
        {
            "part": coming["series"].map(found.names),
            "above_usual_share": coming["index"] - 1,
            "lowest_year_share": coming["lowest"] - 1,
            "highest_year_share": coming["highest"] - 1,
            "years_seen": coming["seen"],
        }
    )
    ui.tables.table(table, "Next month")
    ui.tables.frame_download(table, f"next-month-{frame.as_of}")
    keys = found.next_month["series"].tolist()
    chosen = st.selectbox(
        "Buyers of", keys, index=None, key="season_buyers", placeholder="Choose a category",
        format_func=lambda key: found.names.get(key, key), width=260,
    )  # fmt: skip
    if chosen is not None:
        ui.tables.people(
            frame, f"Buyers of {found.names.get(str(chosen), str(chosen))}", "demand_people",
            LIST_COLUMNS, tables={}, order_by="revenue", category=str(chosen), as_of=frame.as_of,
        )  # fmt: skip
