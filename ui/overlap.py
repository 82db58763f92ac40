"""Whom saved audiences share."""

import streamlit as st

import ui
import ui.tables
from analytics import audience, charts
from ui import plain
from ui.known import Known


def show(frame: ui.Frame, now: Known) -> None:
    """How many customers saved audiences share: a picture, and the exact combinations."""
    names = audience.saved(frame.store)["name"].tolist()
    if len(names) < 2:
        st.info("Save two audiences to see whom they share.", icon=":material/info:")
        return
    chosen = st.multiselect("Audiences", names, names[:4], key="overlap_names")
    found = audience.overlap(frame.store, chosen, **now.tables)
    pairs = found.pairs[found.pairs["first"] < found.pairs["second"]]
    first, second, shared = (
        pairs.sort_values("customers", ascending=False, kind="stable")[name].tolist()[0]
        for name in ("first", "second", "customers")
    )
    st.markdown(
        f"“{plain(first)}” and “{plain(second)}” share the most customers: **{shared:,}**. Each "
        "cell says how many customers the two share, and which share of the row’s audience they "
        "are."
    )
    st.plotly_chart(
        charts.overlap(found.pairs), alt="Share of each audience that is also in another",
        key="overlap",
    )  # fmt: skip
    if len(found.regions):
        shown = found.regions.assign(
            audiences=[
                " and ".join(f"“{one}”" for one in row) for row in found.regions["audiences"]
            ]
        )
        st.caption("How many customers are in exactly these audiences and in no other of them.")
        ui.tables.table(shown, "Customers in exactly these audiences")
        ui.tables.frame_download(shown, f"overlap-exact-{frame.as_of}")
    ui.tables.frame_download(found.pairs, f"overlap-{frame.as_of}", "Download the pairs")
