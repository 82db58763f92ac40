"""Paths and carts as the page shows them."""

import pandas as pd
import streamlit as st

import ui
import ui.tables
from analytics import charts, journeys
from ui import plain
from ui.journeys import Period

NAMED = 5
PATH_COLUMNS = ["customer_id", "name", "email", "sessions_with_it", "last_day"]
CART_COLUMNS = ["customer_id", "name", "email", "cart_at", "products", "value", "dearest"]
FATES = {
    "left": "Left it and has not bought since",
    "later": "Bought, but only later",
    "bought": "Bought in time",
}


def paths(frame: ui.Frame, days: Period) -> None:
    """Where visits go from an event, or come from to one."""
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    places: list[str | None] = [None, *days.events]
    usual = next((each for each in ("view", "click") if each in days.events), None)
    start = row.selectbox(
        "From", places, places.index(usual), key="paths_start", persist_state="session", width=220,
        format_func=lambda name: "the first event of a visit" if name is None else name,
    )  # fmt: skip
    end = row.selectbox(
        "To", places, key="paths_end", persist_state="session", width=220,
        format_func=lambda name: "anywhere" if name is None else name,
        help="With a beginning and an end only visits that get there are shown; with “the first "
        "event of a visit” as the beginning, what led to the end.",
    )  # fmt: skip
    steps = row.slider("Steps", 1, 10, 4, key="paths_steps", persist_state="session", width=200)
    kept = journeys.keep_paths(
        frame.store, start, end, steps, from_day=days.from_day, as_of=days.as_of
    )
    found = journeys.moves(frame.store, kept)
    if found.empty:
        st.info(f"No visit goes that way{days.words}.", icon=":material/info:")
        return
    near = found[found["step"].abs() == 1].reset_index(drop=True)
    far, anchor = ("from_event", end) if kept.backwards else ("to_event", start)
    first = near.iloc[0]
    many = f"**{first['sessions']:,}** visits, {first['share']:.0%}"
    is_edge = pd.isna(first[far])
    begins = "" if anchor else f"they begin with “{plain(first['from_event'])}”, and "
    if is_edge:
        told = "nothing came before it" if kept.backwards else "nothing follows"
    else:
        told = f"“{plain(first[far])}” {'came before it' if kept.backwards else 'follows'}"
    on = near[near[far].notna()]
    going = (
        f" Of the others, most {'come from' if kept.backwards else 'go on to'} "
        f"“{plain(on.iloc[0][far])}”: {on.iloc[0]['sessions']:,} visits."
        if is_edge and len(on)
        else ""
    )
    having = f"have “{plain(str(anchor))}”" if anchor else "are known"
    st.markdown(
        f"**{kept.sessions:,}** visits {having}{days.words}. Most often {begins}{told}: {many}."
        f"{going}"
    )
    shown = journeys.gathered(found, NAMED)
    st.plotly_chart(
        charts.paths(shown), key="paths_chart",
        alt="Moves of visits from event to event; rarer events are put together as other",
    )  # fmt: skip
    table = found.assign(
        from_event=found["from_event"].fillna("(began here)"),
        to_event=found["to_event"].fillna("(left)"),
    ).rename(columns={"share": "of_visits_share", "sessions": "visits", "step": "move"})
    st.caption("Select a row to see the people behind it.")
    picked = ui.tables.table(
        table, "Moves", on_select="rerun", selection_mode="single-row", key="paths_rows"
    ).selection.rows
    ui.tables.frame_download(found, f"paths-{frame.as_of}")
    row_no = picked[0] if picked and picked[0] < len(found) else 0
    move = found.iloc[row_no]
    ends = [None if pd.isna(move[name]) else move[name] for name in ("from_event", "to_event")]
    event, after = (ends[1], ends[0]) if kept.backwards else (ends[0], ends[1])
    ui.tables.people(
        frame, f"{ends[0] or '(began here)'} → {ends[1] or '(left)'}, move {move['step']}",
        "path_list", PATH_COLUMNS, tables={"moves": kept.table}, order_by="sessions_with_it",
        place=int(abs(move["step"])) - 1, event=event, next_event=after,
    )  # fmt: skip


def carts(frame: ui.Frame, days: Period) -> None:
    """Who left something in the cart, and what it is worth."""
    if "cart" not in days.events:
        st.info(
            "There are no events of the kind “cart”: what people put into the cart is not known. "
            "Import events of that kind on the Data page.",
            icon=":material/info:",
        )
        return
    within = st.number_input(
        "Days to buy in", 1, 365, 7, key="carts_within", persist_state="session", width=160,
        help="Who put something into the cart later than so many days ago still has time.",
    )  # fmt: skip
    found = journeys.carts(frame.store, int(within), from_day=days.from_day, as_of=days.as_of)
    at_stake = (
        f" At today’s prices what lies in {found.with_value:,} of these carts is worth "
        f"**{frame.money(found.value)}**."
        if found.value is not None
        else " What it is worth is not known: import a product file with prices."
        if found.left
        else ""
    )
    st.markdown(
        f"**{found.left:,}** of {found.customers:,} people who put something into the cart "
        f"({found.left / found.customers:.0%}) have not bought since{days.words}.{at_stake}"
    )
    fates = pd.DataFrame(
        {"fate": list(FATES.values()), "people": [found.left, found.later, found.bought]}
    )
    fates["customer_share"] = fates["people"] / found.customers
    st.plotly_chart(
        charts.fates(fates.assign(fate=["Not bought since", "Bought later", "Bought in time"])),
        key="carts_chart", alt="What became of what people put into the cart",
    )  # fmt: skip
    ui.tables.table(fates.rename(columns={"fate": "what became of it"}), "Carts")
    ui.tables.frame_download(fates, f"carts-{frame.as_of}")
    fate = st.selectbox(
        "Show the people who", list(FATES), format_func=FATES.__getitem__, key="carts_fate"
    )
    ui.tables.people(
        frame, FATES[fate], "cart_list", CART_COLUMNS, tables={"carts": found.table},
        order_by="value", fate=fate,
    )  # fmt: skip
