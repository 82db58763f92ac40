"""Uploaded lists of customer numbers: upload one, see whom the shop does not know, delete one."""

import pandas as pd
import streamlit as st

import ui
import ui.tables
from analytics import audience
from analytics.errors import AnalyticsError
from ui import plain

MOST_NAMED = 10


def show_lists(frame: ui.Frame) -> None:
    """Upload lists of customer numbers, for conditions to ask about."""
    st.caption(
        "A text or CSV file with customer numbers, one a line, or in a column named Customer "
        "number."
    )
    _upload(frame)
    _show_saved(frame)
    _show_undo(frame)
    lists = audience.lists_of(frame.store)
    if not lists:
        return
    table = pd.DataFrame(
        {
            "list": [one.name for one in lists],
            "numbers": [one.customers for one in lists],
            "known_customers": [one.known for one in lists],
        }
    )
    ui.tables.table(table, "Uploaded lists")
    ui.tables.frame_download(table, "uploaded-lists")
    box, button = st.columns([4, 1], vertical_alignment="bottom")
    gone = box.selectbox("List", [one.name for one in lists], key="list_gone")
    if button.button("Delete the list", icon=":material/delete:", width="stretch"):
        with ui.errors_shown():
            st.session_state["list_deleted"] = (gone, audience.delete_ids(frame.store, gone))
            st.rerun()


def _upload(frame: ui.Frame) -> None:
    """The form; a list of the same name is replaced only if asked for."""
    with st.form("id_list", border=True):
        name = st.text_input("Name", max_chars=80)
        file = st.file_uploader("File", ["csv", "txt"], max_upload_size=200)
        again = st.checkbox("Replace a list of the same name")
        if not st.form_submit_button("Save the list", icon=":material/upload:"):
            return
        st.session_state.pop("list_saved", None)
        with ui.errors_shown():
            if not again and name.strip() in audience.list_names(frame.store):
                raise AnalyticsError(
                    f"There already is a list “{name.strip()}”.",
                    "Choose another name, or tick “Replace a list of the same name”.",
                )
            body = file.getvalue() if file is not None else b""
            done = audience.save_ids(frame.store, name, body, replace=again)
            st.session_state["list_saved"] = done


def _show_saved(frame: ui.Frame) -> None:
    """What became of the list saved last: how many are known, and the numbers that are not."""
    done: audience.IdList | None = st.session_state.get("list_saved")
    if done is None or done.name not in audience.list_names(frame.store):
        return
    st.success(
        f"{done.customers:,} numbers, {done.known:,} of them known customers.",
        icon=":material/check:",
    )
    if done.header:
        st.info(
            f"The first line, “{plain(done.header[:80])}”, is taken for a heading and left out.",
            icon=":material/info:",
        )
    unknown = audience.unknown_ids(frame.store, done.name)
    if not unknown:
        return
    named = ", ".join(f"“{plain(number[:80])}”" for number in unknown[:MOST_NAMED])
    more = len(unknown) - MOST_NAMED
    st.warning(
        f"Not known in this shop: {named}{f' and {more:,} more' if more > 0 else ''}. They stay "
        "in the list and count once they become customers.",
        icon=":material/person_off:",
    )
    ui.tables.frame_download(
        pd.DataFrame({"customer_id": unknown}), "unknown-numbers", "Download the unknown numbers"
    )


def _show_undo(frame: ui.Frame) -> None:
    """Offer the list that was deleted last, until it is taken back or another is deleted."""
    if (gone := st.session_state.get("list_deleted")) is None:
        return
    name, numbers = gone
    said, button = st.columns([4, 1], vertical_alignment="center")
    said.info(f"Deleted the list “{plain(name)}”.", icon=":material/delete:")
    if button.button("Undo", icon=":material/undo:", width="stretch", key="list_undo"):
        with ui.errors_shown():
            audience.save_ids(frame.store, name, numbers)
            del st.session_state["list_deleted"]
            st.rerun()
