"""Everyone's recommendations as a list, and the start of a round with a left-out group."""

from datetime import datetime

import streamlit as st

import ui
import ui.tables
from analytics import recommend
from ui import plain
from ui.recommend_limits import JOB_WORDS, WIDE, Limits, Models, job_control

ROW_COLUMNS = ["customer_id", "name", "email", "rank", "product_id", "product", "category"]
LAYOUTS = {"rows": "A row for each product", "columns": "A row for each customer"}
MOST = 10
"""As many places as the list in columns has."""


def show(frame: ui.Frame, models: Models, limits: Limits) -> None:
    """How many for each, the list, and the round."""
    job = job_control()
    model = models[job]
    st.markdown(f"**{plain(model.label)}.** {plain(model.verdict)}")
    n = int(
        st.number_input(
            "Products for each customer", 1, MOST, 5, key="recommend_n", width=WIDE,
            persist_state="session",
        )
    )  # fmt: skip
    with st.spinner("Recommending to every customer …"):
        kept = recommend.keep(frame.store, job, n, as_of=frame.as_of, found=model, **limits.options)
    batch(frame, JOB_WORDS[job], kept.table, n)
    st.divider()
    with ui.errors_shown():
        _start(frame, kept)


def batch(frame: ui.Frame, title: str, table: str, n: int) -> None:
    """Recommendations as a list, as rows or as columns.

    Args:
        frame: The page's frame.
        title: What the list is.
        table: The kept table of recommendations.
        n: The longest list in it.
    """
    layout = st.segmented_control(
        "The file has", list(LAYOUTS), default="rows", required=True, key="recommend_layout",
        persist_state="session", format_func=LAYOUTS.__getitem__,
        help="A row for each customer suits mailings: product 1, product 2 … are columns.",
    )  # fmt: skip
    handed = {"recommendations": table}
    if layout == "columns":
        columns = ["customer_id", "name", "email", *(f"product_{place + 1}" for place in range(n))]
        if st.session_state.get("recommend_columns_n") != n:
            st.session_state["recommend_columns_n"] = n
            st.session_state.pop("columns_recommend_columns", None)
        ui.tables.people(frame, title, "recommend_columns", columns, tables=handed)
    else:
        ui.tables.people(
            frame, title, "recommend_list", ROW_COLUMNS, counted="recommendations", tables=handed
        )


def _start(frame: ui.Frame, kept: recommend.Kept) -> None:
    """Start a round: who gets this list, who is left out to compare with."""
    st.markdown("#### Will it work? Start a round")
    st.caption(
        "A part of the customers, drawn by chance, is not shown their list. Once later orders are "
        "imported, “Did it work?” says how much more the others bought of theirs."
    )
    row = st.container(horizontal=True, vertical_alignment="bottom")
    name = row.text_input(
        "Name of the round", key="round_name", persist_state="session", max_chars=80, width=WIDE,
        placeholder="for example June newsletter",
    ).strip()  # fmt: skip
    share = row.slider(
        "Left out, % of the customers", 5, 50, 10, 5, key="round_share", width=WIDE,
        persist_state="session",
    )  # fmt: skip
    window = int(
        row.number_input(
            "Judged by the orders of … days", 1, 366, 28, key="round_window", width=WIDE,
            persist_state="session",
        )
    )  # fmt: skip
    if frame.as_of < frame.store.default_as_of():
        st.warning(
            f"The orders from {ui.day(frame.as_of)} on are here already, from before anybody was "
            "left out: they would count as this round’s. Set “As of” to after the last order.",
            icon=":material/event_busy:",
        )
    if st.button(
        "Start the round", icon=":material/rocket_launch:", disabled=not name, type="primary",
        help=None if name else "Give the round a name first.", key="round_start",
    ):  # fmt: skip
        with st.spinner("Drawing who is left out …"):
            made = recommend.start_round(
                frame.store, name, kept, at=datetime.now().replace(microsecond=0),
                left_out_share=share / 100, window_days=window,
            )  # fmt: skip
        st.session_state["round_chosen"] = made.name
        st.success(
            f"Started “{plain(made.name)}”: **{made.contacted:,}** people to show their list, "
            f"**{made.left_out:,}** left out by chance. The list of those to contact is under "
            "“Did it work?”.",
            icon=":material/check:",
        )
