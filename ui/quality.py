"""The data quality report as a part of a page."""

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

import ui
import ui.tables
from analytics import quality
from analytics.store import TABLES, Store

FIRST_ROWS = 1_000
METHODS: dict[quality.Method, str] = {
    "interquartile": "Far from the middle half (interquartile range)",
    "isolation_forest": "Easily set apart (isolation forest)",
    "local_outlier_factor": "Far from their like (local outlier factor)",
}
UNITS: dict[quality.By, str] = {"line": "order lines", "customer": "customers"}


@st.cache_data(max_entries=4, show_spinner="Checking the data …")
def _report(_store: Store, version: str) -> quality.Report:  # noqa: ARG001
    return quality.report(_store, ())


@st.cache_data(max_entries=4, show_spinner=False)
def _days(_store: Store, version: str) -> pd.DataFrame:  # noqa: ARG001
    return quality.unusual_days(_store)


@st.cache_data(max_entries=6, show_spinner=False)
def _outliers(
    _store: Store,
    version: str,  # noqa: ARG001
    method: quality.Method,
    by: quality.By,
) -> quality.Outliers:
    return quality.outliers(_store, method, by)


def show(frame: ui.Frame) -> None:
    """What is missing, repeated, unknown and unlike the rest, with the lines behind it."""
    version = frame.store.version
    with ui.errors_shown():
        found = _report(frame.store, version)
        st.markdown(_finding(frame, found))
        _missing(found.missing)
        _unknown(found.unknown)
        _duplicates(found.duplicates)
        _gaps(found.gaps)
    with ui.errors_shown():
        _unusual_days(frame, version)
    with ui.errors_shown():
        _look_for_outliers(frame, version)


def unusual_days(frame: ui.Frame, from_day: date, until_day: date) -> None:
    """Point out the days of a period that break the shop's pattern."""
    days = _days(frame.store, frame.store.version)
    days = days[(days["day"].dt.date >= from_day) & (days["day"].dt.date <= until_day)]
    if days.empty:
        return
    worst = days.assign(far=(days["revenue"].astype(float) - days["expected"]).abs())
    named = [
        f"{ui.day(row.day.date())} ({frame.money(row.revenue)}, usual {row.expected:,.0f})"
        for row in _rows(worst.nlargest(3, "far"))
    ]
    st.caption(
        f"{len(days):,} of these days break the usual pattern, most of all {'; '.join(named)}. "
        "The Quality tab lists them."
    )


def _finding(frame: ui.Frame, found: quality.Report) -> str:
    """The report in a sentence or two, the gravest first."""
    facts = []
    unknown = found.unknown[found.unknown["ids"] > 0]
    for row in _rows(unknown):
        facts.append(f"**{row.ids:,}** {row.kind}s in {row.table} are not in the {row.kind}s file")
    for row in _rows(found.duplicates[found.duplicates["rows"] > 0]):
        worth = "" if pd.isna(row.amount) else f", worth {frame.money(row.amount)}"
        facts.append(f"**{row.rows:,}** lines of {row.table} repeat another exactly{worth}")
    if len(found.gaps):
        longest = max(_rows(found.gaps), key=lambda gap: gap.days)
        times = "Once" if len(found.gaps) == 1 else f"**{len(found.gaps):,}** times"
        facts.append(
            f"{times} there was no order for longer than usual, the longest time "
            f"{longest.days:,} days from {ui.day(longest.first_day)}"
        )
    required = [TABLES[row.table].field(row.field).required for row in _rows(found.missing)]
    gappy = found.missing[required]
    for row in _rows(gappy[gappy["missing"] > 0]):
        name = TABLES[row.table].field(row.field).label.lower()
        facts.append(f"**{row.missing_share:.1%}** of {row.table} have no {name}")
    if not facts:
        return "The data are sound: nothing required is missing, repeated, unknown or interrupted."
    return f"{'; '.join(facts)}."


def _rows(frame: pd.DataFrame) -> list[Any]:
    return list(frame.itertuples(index=False))


def _missing(missing: pd.DataFrame) -> None:
    st.subheader("What is missing", anchor=False)
    gappy = missing[missing["missing"] > 0].sort_values("missing_share", ascending=False)
    if gappy.empty:
        st.write("Every field that your files fill is filled everywhere.")
        return
    shown = gappy.assign(field=[TABLES[row.table].field(row.field).label for row in _rows(gappy)])
    ui.tables.table(shown, "Fields with missing values")
    ui.tables.frame_download(missing, "missing-values")


def _unknown(unknown: pd.DataFrame) -> None:
    st.subheader("Who and what is unknown", anchor=False)
    if unknown.empty:
        st.write("There is no file of customers or products to compare with.")
    elif not (unknown["ids"] > 0).any():
        st.write("Every customer and product in orders and events is in its own file.")
    else:
        st.caption("Customers and products of orders and events that are not in their own file.")
        ui.tables.table(unknown, "Unknown customers and products")
        ui.tables.frame_download(unknown, "unknown-ids")


def _duplicates(duplicates: pd.DataFrame) -> None:
    st.subheader("What is repeated", anchor=False)
    if not (duplicates["rows"] > 0).any():
        st.write("No line repeats another in every field.")
        return
    st.caption(
        "Lines identical in every field to an earlier one. They count, as many shops write two of "
        "the same product in this way. Where they are mistakes, say so when you import the file."
    )
    ui.tables.table(duplicates, "Repeated lines")


def _gaps(gaps: pd.DataFrame) -> None:
    st.subheader("When there were no orders", anchor=False)
    if gaps.empty:
        st.write("There was never a longer time without orders than usual.")
        return
    ui.tables.table(gaps, "Runs of days without orders")
    ui.tables.frame_download(gaps, "days-without-orders")


def _unusual_days(frame: ui.Frame, version: str) -> None:
    st.subheader("Unusual days", anchor=False)
    days = _days(frame.store, version)
    if days.empty:
        st.write("No day was far from what its weekday brings in the weeks around.")
        return
    counts = days["reason"].value_counts()
    st.write(f"{', '.join(f'{count:,} {reason}' for reason, count in counts.items())}.")
    shown = days[["day", "reason", "revenue", "expected", "orders", "expected_orders"]]
    ui.tables.table(shown, "Unusual days")
    ui.tables.frame_download(days, "unusual-days")


def _look_for_outliers(frame: ui.Frame, version: str) -> None:
    st.subheader("Outliers", anchor=False)
    st.caption("Typing errors, wholesale orders, tests. They stay in the data; look at them first.")
    method_box, unit_box, button = st.columns([3, 2, 2], vertical_alignment="bottom")
    method = method_box.selectbox(
        "Method", list(METHODS), format_func=lambda name: METHODS[name],
        key="quality_method", persist_state="session",
    )  # fmt: skip
    by = unit_box.selectbox(
        "Among", list(UNITS), format_func=lambda name: UNITS[name],
        key="quality_by", persist_state="session",
    )  # fmt: skip
    if button.button("Look for outliers", icon=":material/search:", width="stretch"):
        st.session_state["quality_looked"] = version
    if st.session_state.get("quality_looked") != version:
        return
    with st.spinner(f"Comparing {UNITS[by]} …"):
        found = _outliers(frame.store, version, method, by)
    looked = f"Looked at {found.looked_at:,} of {found.of:,} {UNITS[by]}"
    if found.learned_from < found.of:
        looked += f"; what is usual was learned from an even sample of {found.learned_from:,}"
    st.caption(f"{looked}.")
    if found.frame.empty:
        st.write(f"None of these {UNITS[by]} is out of line.")
        return
    total = frame.money(sum(found.frame["amount"]))
    st.markdown(f"**{len(found.frame):,}** {UNITS[by]} are out of line, worth **{total}**.")
    ui.tables.table(found.frame.head(FIRST_ROWS), "Outliers, most money first")
    if len(found.frame) > FIRST_ROWS:
        st.caption(f"The first {FIRST_ROWS:,} are shown; the file holds all.")
    ui.tables.frame_download(found.frame, f"outliers-{found.by}-{found.method}")
