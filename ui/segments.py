"""Segments by recency, frequency and value: how large, where, who moved, and their lists."""

from datetime import timedelta
from typing import Any

import streamlit as st

import ui
import ui.tables
from analytics import charts, overview, rfm

LIST_COLUMNS = ["customer_id", "name", "email", "recency_days", "frequency", "monetary", "segment"]


def show(frame: ui.Frame) -> None:
    """Everything by recency, frequency and value."""
    names_box, bins_box = st.columns(2)
    names: Any = names_box.selectbox(
        "Names", list(rfm.VOCABULARIES), key="rfm_names", persist_state="session",
        format_func=lambda name: rfm.VOCABULARIES[name].title,
    )  # fmt: skip
    bins = bins_box.slider(
        "Scores from 1 to", 3, 10, 5, key="rfm_bins", persist_state="session",
        help="Into how many steps customers are ranked by recency, frequency and value.",
    )  # fmt: skip
    kept = rfm.keep(frame.store, frame.as_of, bins, names=names)
    found = rfm.segments(frame.store, kept)
    vocabulary = kept.vocabulary
    slipping = {segment.name for segment in vocabulary.segments if segment.slipping}
    lost = found[found["segment"].isin(slipping)]
    st.markdown(
        f"**{lost['customers'].sum():,}** of {found['customers'].sum():,} customers are slipping "
        f"away. They have brought **{frame.money(lost['revenue'].sum())}**, "
        f"**{lost['revenue_share'].sum():.1%}** of the revenue of known customers, "
        f"{frame.money(found['revenue'].sum())}."
    )
    st.plotly_chart(
        charts.treemap(found[found["customers"] > 0], slipping, frame.currency),
        alt="Segments by number of customers; amber ones are slipping away", key="treemap",
    )  # fmt: skip
    by_segment, by_score, moved = st.tabs(
        ["Segments", "Recency × value", "Who moved"], on_change="rerun", key="segments_tab"
    )
    chosen: dict[str, Any] = {"segment": None, "r": None, "fm": None}
    title = ""
    if by_segment.open:
        by_segment.caption("Select a row to see its customers and download the list.")
        with by_segment:
            picked = ui.tables.table(
                found.drop(columns=["rule", "advice"]), "Segments", on_select="rerun",
                selection_mode="single-row", key="segment_rows",
            ).selection.rows  # fmt: skip
            ui.tables.frame_download(found, f"segments-{kept.as_of}")
        if picked:
            row = found.iloc[picked[0]]
            title = chosen["segment"] = str(row["segment"])
            st.info(f"**{title}** ({row['rule']}). {row['advice']}", icon=":material/lightbulb:")
    if by_score.open:
        by_score.caption(
            "Customers by recency (R, down: latest first) and the mean of frequency and value "
            "(FM, across: best first). Select a cell to see its customers."
        )
        cells = by_score.dataframe(
            ui.tables.score_grid(rfm.grid(frame.store, kept), kept.bins), on_select="rerun",
            selection_mode="single-cell", key="grid_cells", alt="Customers by R and FM",
        ).selection.cells  # fmt: skip
        if cells and str(cells[0][1]).startswith("FM "):
            chosen |= {"r": kept.bins - cells[0][0], "fm": int(str(cells[0][1])[3:])}
            title = f"R {chosen['r']}, {cells[0][1]}"
    if moved.open:
        middle = kept.as_of - (kept.as_of - overview.first_and_last_day(frame.store)[0]) / 2
        earlier_day = moved.date_input(
            "Compare with", max(kept.as_of - timedelta(days=90), middle), max_value=kept.as_of,
            key="rfm_earlier", persist_state="session",
        )  # fmt: skip
        with moved, ui.errors_shown():
            earlier = rfm.keep(frame.store, earlier_day, bins, names=names)
            moves = rfm.moves(frame.store, earlier, kept)
            order = found["segment"].tolist()
            st.plotly_chart(
                charts.flow(moves, order, slipping), key="flow",
                alt="Where customers of each segment went; amber leads to slipping segments",
            )  # fmt: skip
            st.dataframe(
                ui.tables.crosstab(moves, order), alt="Customers by earlier and later segment",
                height="content",
            )  # fmt: skip
            ui.tables.frame_download(moves, f"moves-{earlier_day}-{kept.as_of}")
    if title:
        ui.tables.people(
            frame, title, "rfm_list", LIST_COLUMNS, tables={"scores": kept.table},
            order_by="monetary", **chosen,
        )  # fmt: skip
    ui.tables.explain(
        "Customers are ranked by days since the last order (R), number of orders (F) and revenue "
        "less returns (M). A score is 1 + floor(scores × customers strictly worse ÷ all "
        "customers), so equal values always get equal scores. FM is the mean of F and M, "
        "rounded half up; the names follow from R and FM as the rules in the table say.",
        "After Hughes, Strategic Database Marketing (1994).",
        "customer_totals",
    )  # fmt: skip
