"""Coming back as the page shows it: one curve, the cohorts behind it, the people behind a cell."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

import ui
import ui.tables
from analytics import charts, cohorts

STARTS: dict[cohorts.Start, str] = {
    "first_order": "First order", "first_event": "First visit", "signed_up": "Sign-up",
}  # fmt: skip
EVERY: dict[cohorts.Every, str] = {"month": "Months", "week": "Weeks", "day": "Days"}
MEASURES: dict[cohorts.Measure, str] = {
    "customers": "Customers", "orders": "Orders", "revenue": "Revenue",
    "revenue_so_far": "Revenue so far",
}  # fmt: skip
COUNTS: dict[cohorts.Counts, str] = {
    "orders": "An order", "lines": "An order or a return", "events": "Any visit or event",
}  # fmt: skip
BY: dict[cohorts.By, str] = {
    "none": "Nothing", "category": "First category", "product": "First product",
    "channel": "First channel", "discount": "First order with or without a discount",
}  # fmt: skip
IN_GRID: dict[cohorts.Every, int] = {"month": 24, "week": 26, "day": 31}
PARTS_IN_CHART = 6
NOT_KNOWN = "Not known"
ALL = "All customers"
MARK = " …"
LIST_COLUMNS = ["customer_id", "name", "email", "started_day", "orders", "revenue", "orders_then"]
MARKS = {"first_order": "their first order", "first_event": "their first visit",
         "signed_up": "signing up"}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What the tab was asked, and the activity it is answered from."""

    kept: cohorts.Kept
    measure: cohorts.Measure
    or_later: bool
    by: cohorts.By

    @property
    def word(self) -> str:
        """What a period is called."""
        return str(self.kept.every)

    @property
    def is_share(self) -> bool:
        """Whether rates are shares of customers."""
        return self.measure == "customers"

    def written(self, rate: float) -> str:
        """A rate as people read it."""
        return f"{rate:.0%}" if self.is_share else f"{rate:,.2f}"

    def cells(self, frame: ui.Frame, kept: cohorts.Kept) -> pd.DataFrame:
        """The cohorts' cells."""
        return cohorts.table(frame.store, kept, self.measure, or_later=self.or_later)


def show(frame: ui.Frame) -> None:
    """The choices, the answer, the curve, the cohorts, the people."""
    asked = _choose(frame)
    cells = asked.cells(frame, asked.kept)
    curve = cohorts.curve(cells, shares=asked.is_share)
    st.markdown(_answer(frame, asked, cells, curve))
    part = _curves(frame, asked, curve)
    kept, shown = asked.kept, cells
    if part is not None:
        kept = _kept(frame, asked.kept.start, asked.kept.every, asked.kept.counts, asked.by)
        shown = asked.cells(frame, kept)
        shown = shown[shown["part"] == part].drop(columns=["part"])
    picked = _grid(asked, shown)
    ui.tables.frame_download(cells, f"cohorts-{frame.as_of}", "Download all cohorts")
    if picked is not None:
        _people(frame, asked, kept, part, *picked)
    ui.tables.explain(
        "Customers who started in the same period are a cohort. A cell says what became of them so "
        "many periods later: the share who came back, or orders or revenue a customer who started. "
        f"Cells marked “{MARK.strip()}” are of a period that is not over yet; the curve leaves "
        "them out, together with their customers. The range around the curve is Wilson's 95% "
        "interval. The oldest cohort also holds everyone who had bought before the data begin.",
        "Wilson, Probable inference, the law of succession (1927).",
        "cohort_activity", "cohort_cells", "cohort_list",
    )  # fmt: skip


def _choose(frame: ui.Frame) -> Asked:
    rows = frame.store.tables().set_index("table")["rows"]
    has_orders, has_events = bool(rows["orders"]), bool(rows["events"])
    starts = [
        start for start in STARTS
        if {"first_order": has_orders, "first_event": has_events,
            "signed_up": bool(rows["customers"])}[start]
    ]  # fmt: skip
    counts = [one for one in COUNTS if (has_events if one == "events" else has_orders)]
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    start: Any = row.selectbox(
        "Start", starts, key="cohort_start", persist_state="session", width=150,
        format_func=STARTS.__getitem__,
    )  # fmt: skip
    every: Any = row.segmented_control(
        "By", list(EVERY), default="month", required=True, key="cohort_every",
        persist_state="session", format_func=EVERY.__getitem__, width="content",
    )  # fmt: skip
    measures = list(MEASURES) if has_orders else ["customers"]
    measure: Any = row.segmented_control(
        "Show", measures, default="customers", required=True, key="cohort_measure",
        persist_state="session", format_func=lambda one: MEASURES[one], width="content",
    )  # fmt: skip
    by: Any = row.selectbox(
        "Split by", list(BY) if has_orders else ["none"], key="cohort_by", persist_state="session",
        width=220, format_func=BY.__getitem__,
    )  # fmt: skip
    with row.popover("More", icon=":material/tune:"):
        counted: Any = st.radio(
            "Coming back is", counts, key="cohort_counts", persist_state="session",
            format_func=COUNTS.__getitem__,
        )  # fmt: skip
        or_later = st.checkbox(
            f"In that {every} or any later one", key="cohort_later", persist_state="session",
            disabled=measure != "customers",
            help="Who came back then or later is not lost. The latest periods may still rise.",
        )  # fmt: skip
    kept = _kept(frame, start, every, counted if measure == "customers" else "orders", "none")
    return Asked(kept, measure, or_later and measure == "customers", by)


def _kept(
    frame: ui.Frame,
    start: cohorts.Start,
    every: cohorts.Every,
    counts: cohorts.Counts,
    by: cohorts.By,
) -> cohorts.Kept:
    with st.spinner("Putting customers together by their start …"):
        return cohorts.keep(frame.store, start, every, as_of=frame.as_of, counts=counts, by=by)


def _answer(frame: ui.Frame, asked: Asked, cells: pd.DataFrame, curve: pd.DataFrame) -> str:
    """The first period after the start, and the furthest that half of the cohorts have reached."""
    size = int(cells.loc[cells["period"] == 0, "size"].sum())
    later = curve[curve["period"] > 0].reset_index(drop=True)
    since = MARKS[asked.kept.start]
    if later.empty:
        return (
            f"**{size:,}** customer{'s have' if size > 1 else ' has'} started. No {asked.word} "
            "after their start is over yet: come back later, or choose shorter periods."
        )
    first = later.iloc[0]
    far = later[later["size"] >= later["size"].max() / 2].iloc[-1]
    when = f"{asked.word} {int(far['period'])} after it"
    if asked.is_share:
        verb = {"orders": "order", "lines": "order or return something", "events": "come by"}
        did = f"{verb[asked.kept.counts]}{'' if asked.kept.start != 'first_order' else ' again'}"
        then = "or later " if asked.or_later else ""
        return (
            f"**{first['rate']:.1%}** of customers {did} in the {asked.word} after "
            f"{since} {then}({first['lo']:.1%} to {first['hi']:.1%}), and **{far['rate']:.1%}** in "
            f"{when} {then}({far['lo']:.1%} to {far['hi']:.1%}). {size:,} customers in all."
        )

    def brought(rate: float) -> str:
        return f"{rate:,.2f} orders" if asked.measure == "orders" else frame.money(rate)

    brings = "has brought" if asked.measure == "revenue_so_far" else "brings"
    link = "by the end of" if asked.measure == "revenue_so_far" else "in"
    return (
        f"A customer {brings} **{brought(first['rate'])}** {link} the {asked.word} after "
        f"{since}, and **{brought(far['rate'])}** {link} {when}. {size:,} customers in all."
    )


def _curves(frame: ui.Frame, asked: Asked, curve: pd.DataFrame) -> str | None:
    """The curve, or one a part; returns the part whose cohorts are asked for, if any."""
    title = {
        "customers": "Of those who started", "orders": "Orders a customer",
        "revenue": frame.in_unit("Revenue a customer"),
        "revenue_so_far": frame.in_unit("Revenue a customer so far"),
    }[asked.measure]  # fmt: skip
    shown, part = curve, None
    if asked.by != "none":
        kept = _kept(frame, asked.kept.start, asked.kept.every, asked.kept.counts, asked.by)
        cells = asked.cells(frame, kept)
        sizes = cells[cells["period"] == 0].groupby("part", dropna=False)["size"].sum()
        sizes = sizes.sort_values(ascending=False)
        known = [str(name) for name in sizes.index if not pd.isna(name)]
        shown = cohorts.curve(
            cells.assign(part=cells["part"].fillna(NOT_KNOWN)), shares=asked.is_share
        )
        largest = [NOT_KNOWN if pd.isna(name) else name for name in sizes.index[:PARTS_IN_CHART]]
        table = shown
        shown = shown[shown["part"].isin(largest)]
        shown = (
            shown.set_index("part")
            .loc[[name for name in largest if name in set(shown["part"])]]
            .reset_index()
        )
        if len(sizes) > PARTS_IN_CHART:
            st.caption(
                f"The {PARTS_IN_CHART} with most customers of {len(sizes):,} are drawn; the "
                "download holds all."
            )
    reached = curve[curve["size"] >= curve.loc[curve["period"] == 1, "size"].max() / 2]["period"]
    later = shown[(shown["period"] > 0) & (shown["period"] <= reached.max())]
    if later.empty:
        return None
    st.plotly_chart(
        charts.retention_curve(later, asked.word, title, share=asked.is_share),
        key="retention_curve",
        alt=f"{title} by {asked.word}s after the start",
    )
    if curve["period"].max() > reached.max():
        st.caption(
            f"Drawn as far as half of the customers have come, to {asked.word} {reached.max()}: "
            "beyond, the curve would be one of the oldest customers only. The download holds all."
        )
    ui.tables.frame_download(
        curve if asked.by == "none" else table, f"retention-{frame.as_of}", "Download the curve"
    )
    if asked.by != "none" and known:
        chosen = st.selectbox(
            "Cohorts of", [ALL, *known], key=f"cohort_part_{asked.by}", width=300,
        )  # fmt: skip
        part = None if chosen == ALL else chosen
    return part


def _named(cohort: pd.Timestamp, every: cohorts.Every) -> str:
    return f"{cohort:%b %Y}" if every == "month" else f"{cohort.day} {cohort:%b %Y}"


def _grid(asked: Asked, cells: pd.DataFrame) -> tuple[pd.Timestamp, int] | None:
    """Cohorts (down) by periods after the start (across), shaded by the rate; a cell can be picked.

    Returns:
        The cohort and the period picked, if any.
    """
    every = asked.kept.every
    starts = sorted(cells["cohort"].unique())
    latest = starts[-IN_GRID[every] :]
    shown = cells[cells["cohort"].isin(latest)]
    some = (
        f"The latest {len(latest)} of {len(starts):,} cohorts are shown; the download holds all. "
        if len(latest) < len(starts) else ""
    )  # fmt: skip
    st.subheader("Cohorts", anchor=False)
    st.caption(
        f"A row is the customers who started in that {asked.word}, a column how many {asked.word}s "
        f"later it is. “{MARK.strip()}” marks a {asked.word} that is not over yet. {some}"
        "Select a cell to list who came back and who did not."
    )
    rates = shown.pivot(index="cohort", columns="period", values="rate")
    over = shown.pivot(index="cohort", columns="period", values="complete")
    sizes = shown.groupby("cohort")["size"].first()
    texts = rates.copy().astype(object)
    for period in rates.columns:
        texts[period] = [
            "" if pd.isna(rate) else asked.written(rate) + ("" if done is True else MARK)
            for rate, done in zip(rates[period], over[period].astype(object), strict=True)
        ]
    texts.columns = pd.Index([str(period) for period in rates.columns])
    texts.insert(0, "Started", [f"{size:,}" for size in sizes])
    texts.index = pd.Index([_named(pd.Timestamp(start), every) for start in rates.index], name="")
    most = float(np.nanmax(rates.drop(columns=[0], errors="ignore").to_numpy(), initial=0.0)) or 1.0

    def shades(_: pd.DataFrame) -> pd.DataFrame:
        css = pd.DataFrame("", index=texts.index, columns=texts.columns)
        for place, period in enumerate(rates.columns):
            css.iloc[:, place + 1] = [
                "" if pd.isna(rate)
                else "color: #64748b; font-style: italic" if done is not True
                else "background-color: rgba(15, 118, 110, "
                f"{0.05 + 0.55 * min(max(rate / most, 0.0), 1.0):.2f})"
                for rate, done in zip(rates[period], over[period].astype(object), strict=True)
            ]  # fmt: skip
        return css

    cells_picked = st.dataframe(
        texts.style.apply(shades, axis=None), on_select="rerun", selection_mode="single-cell",
        key="cohort_cells", alt="Cohorts by periods after the start", height="content",
        column_config={
            "_index": st.column_config.TextColumn("", width=96),
            **{name: st.column_config.TextColumn(name, width=58) for name in texts.columns},
        },
    ).selection.cells  # fmt: skip
    if not cells_picked or not str(cells_picked[0][1]).isdigit():
        return None
    row, column = int(cells_picked[0][0]), int(cells_picked[0][1])
    if row >= len(rates) or pd.isna(rates.iloc[row].get(column, np.nan)):
        return None
    return pd.Timestamp(rates.index[row]), column


def _people(
    frame: ui.Frame,
    asked: Asked,
    kept: cohorts.Kept,
    part: str | None,
    cohort: pd.Timestamp,
    period: int,
) -> None:
    """Those behind a cell."""
    choices = {True: "Who came back", False: "Who did not"}
    came: Any = st.segmented_control(
        "List", list(choices), default=True, required=True, key="cohort_came",
        format_func=choices.__getitem__, width="content",
    )  # fmt: skip
    later = " or later" if asked.or_later else ""
    title = (
        f"{_named(cohort, kept.every)}, {asked.word} {period}{later}: {choices[bool(came)].lower()}"
    )
    ui.tables.people(
        frame, title, "cohort_list", LIST_COLUMNS, tables={"activity": kept.table},
        order_by="revenue", cohort=cohorts.number_of(cohort.date(), kept.every), step=period,
        later=asked.or_later, came=bool(came), part=part,
    )  # fmt: skip
