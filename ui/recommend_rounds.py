"""Rounds of recommendations: the list of those to contact, and what the round brought."""

import pandas as pd
import streamlit as st

import ui
import ui.recommend_everyone
import ui.tables
from analytics import charts, recommend
from analytics.errors import NotEnoughDataError
from ui import plain
from ui.recommend_limits import JOB_WORDS, Limits, Models

ICONS = {
    "proven": (st.success, ":material/check:"), "worse": (st.warning, ":material/trending_down:"),
    "cannot tell": (st.info, ":material/help:"), "too early": (st.info, ":material/hourglass:"),
}  # fmt: skip
MEASURES = {
    "buyers": "Bought at least one of their list, in a hundred people",
    "products": "Products of their list bought, by a hundred people",
}


def show(frame: ui.Frame, models: Models, limits: Limits) -> None:  # noqa: ARG001 - as all rooms
    """Choose a round; what it brought, and its list."""
    every = {one.name: one for one in recommend.rounds(frame.store)}
    if not every:
        st.info(
            "No round has been started yet. Start one under “For everyone”: a part of the "
            "customers is left out by chance, and later orders say whether the lists worked.",
            icon=":material/science:",
        )
        return
    if st.session_state.get("round_chosen") not in every:
        st.session_state["round_chosen"] = next(iter(every))
    one = every[st.selectbox("Round", list(every), key="round_chosen")]
    words = JOB_WORDS[one.job].lower()
    left_out = [
        f"{count:,} {why}"
        for count, why in (
            (one.opted_out, "asked not to be contacted"),
            (one.same_address, "with another person’s e-mail or phone"),
        )
        if count
    ]
    st.markdown(
        f"{one.n} products each, {plain(words)}, from **{ui.day(one.start_day)}** on for "
        f"{one.window_days:,} days: **{one.contacted:,}** people to show their list, "
        f"**{one.left_out:,}** left out by chance."
        + (f" Not in the round: {'; '.join(left_out)}." if left_out else "")
    )
    try:
        _result(frame, recommend.round_result(frame.store, one))
    except NotEnoughDataError as error:
        st.info(f"{plain(error.problem)} {plain(error.fix)}", icon=":material/hourglass:")
    table = recommend.round_lists(frame.store, one)
    ui.recommend_everyone.batch(frame, f"To contact in {one.name}", table, one.n)
    with st.popover("Delete the round", icon=":material/delete:"):
        st.caption("The lists and who was left out are gone then, and with them the result.")
        st.button(
            "Delete it", key="round_delete", on_click=recommend.forget_round,
            args=(frame.store, one), icon=":material/delete:",
        )  # fmt: skip


def _result(frame: ui.Frame, found: recommend.RoundResult) -> None:
    """The sentence, the differences as a chart, both sides as a table."""
    box, icon = ICONS[found.verdict]
    box(plain(found.sentence), icon=icon)
    both = int(found.sides["both_sides"].sum())
    if both:
        st.caption(
            f"{both:,} people turned out to be on both sides under two numbers; each counts once."
        )
    effects = found.effects.set_index("measure")
    sides = found.sides.set_index("shown")
    rows = effects.loc[list(MEASURES)]
    shown = pd.DataFrame(
        {
            "label": list(MEASURES.values()),
            "value": 100 * rows["difference"].to_numpy(),
            "lo": 100 * rows["difference_lo"].to_numpy(),
            "hi": 100 * rows["difference_hi"].to_numpy(),
        }
    )
    st.plotly_chart(
        charts.intervals(
            shown, "More among those who were shown their list", lambda value: f"{value:+,.1f}"
        ),
        key="round_effects", alt="What those who were shown their list bought more of it",
    )  # fmt: skip
    money = effects.loc["revenue"]
    ends = (
        f" The true difference lies between {money['difference_lo']:+,.2f} and "
        f"{frame.money(money['difference_hi'])}."
        if pd.notna(money["difference_lo"])
        else ""
    )
    st.caption(
        plain(
            f"Revenue from the products of their list: {frame.money(money['contacted'])} a person "
            f"shown theirs, {frame.money(money['left_out'])} a person left out.{ends}"
        )
    )
    table = pd.DataFrame(
        {
            "side": ["Shown their list", "Left out"],
            **{
                name: [sides.loc[side, name] for side in (True, False)]
                for name in ("customers", "buyers", "products", "revenue")
            },
            "bought_share": [effects.loc["buyers", side] for side in ("contacted", "left_out")],
        }
    )
    ui.tables.table(table, "What both sides bought of their lists")
    ui.tables.frame_download(table, f"round-{found.round.start_day}")
