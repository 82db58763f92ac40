"""Audiences as the Campaigns page shows them: build one, keep it, compare several."""

from functools import partial
from typing import Literal

import pandas as pd
import streamlit as st

import ui
import ui.overlap
import ui.rule_builder
import ui.tables
from analytics import audience
from ui import plain
from ui.conditions import Choices
from ui.id_lists import show_lists
from ui.known import Known, choices, group_names, summary

EXPLAINED = (
    "A rule is asked of every known customer, with what was known before the as-of day. A "
    "comparison with something missing is not fulfilled, and its negation is. “Did, and then” "
    "looks at each first step whose days to react were over by then; an order counts as a "
    "purchase, one without a time of day as the last moment of its day, and of two steps of "
    "the same kind the second counts from the next day on. “Bought” counts orders, not "
    "returns. A saved audience keeps its rule, not its people: whenever the data change, it "
    "is counted anew. People who asked not to be contacted are counted, and left out of "
    "every list.",
    "Rules become one query with bound values; nothing typed is ever part of its text.",
    "audience_summary", "audience_list",
)  # fmt: skip
"""How audiences are computed, for the foot of the page."""
LIST_COLUMNS = ["customer_id", "name", "email", "phone", "city", "revenue", "orders", "segment"]
HOWS: dict[Literal["union", "intersection", "difference"], str] = {
    "union": "or: in either", "intersection": "and: in both", "difference": "but not",
}  # fmt: skip


def show(frame: ui.Frame, now: Known) -> None:
    """Build audiences, keep them, compare them, upload lists for them."""
    build_tab, saved_tab, overlap_tab, lists_tab = st.tabs(
        ["Build", "Saved audiences", "Overlap", "Uploaded lists"],
        on_change="rerun", key="campaigns_tab",
    )  # fmt: skip
    if build_tab.open:
        with build_tab:
            build(frame, now)
    if saved_tab.open:
        with saved_tab, ui.errors_shown():
            show_saved(frame, now)
    if overlap_tab.open:
        with overlap_tab, ui.errors_shown():
            ui.overlap.show(frame, now)
    if lists_tab.open:
        with lists_tab, ui.errors_shown():
            show_lists(frame)


def load(rule: audience.Rule, name: str = "") -> None:
    """Put a rule into the builder, to be saved under that name."""
    st.session_state["audience_tree"] = ui.rule_builder.node_of(rule)
    st.session_state["audience_name"] = st.session_state["audience_loaded"] = name
    st.session_state["audience_show"] = False
    st.session_state["campaigns_tab"] = "Build"


@st.fragment
def build(frame: ui.Frame, now: Known) -> None:
    """The builder, whom its rule finds, and what to do with them."""
    offered = choices(frame, now)
    answer = st.container()
    _start_from(frame, now, offered)
    tree = st.session_state.setdefault("audience_tree", ui.rule_builder.node_of(audience.All()))
    ui.rule_builder.show_group(tree, offered)
    rule, missing = ui.rule_builder.rule_of(tree), ui.rule_builder.incomplete(tree)
    if missing:
        answer.warning(plain(missing), icon=":material/edit_note:")
        _save(frame, rule, offered.audiences, missing)
        return
    with answer, ui.errors_shown():
        found = summary(frame, rule, now)
        share = "" if pd.isna(found.revenue_share) else f", **{found.revenue_share:.1%}** of all"
        st.markdown(
            f"**{found.customers:,}** of {found.all_customers:,} customers fit. They have brought "
            f"**{frame.money(found.revenue)}**{share}. {found.opted_out:,} of them asked not to "
            "be contacted and are left out of every list."
        )
        st.text(audience.describe(rule, offered.clusters))
    _save(frame, rule, offered.audiences)
    with ui.errors_shown():
        if st.toggle(
            "Show and download these customers", key="audience_show", persist_state="session"
        ):
            title = st.session_state.get("audience_loaded") or "Audience"
            show_list(frame, rule, now, title)
        with st.expander("The query of this rule", icon=":material/database:"):
            st.code(audience.query(frame.store, rule, **now.tables), language="sql")


def _start_from(frame: ui.Frame, now: Known, offered: Choices) -> None:
    """Rules to begin with: the shop's templates and what is saved."""
    begin = {
        one.title: one.rule
        for one in audience.templates(now.slipping, offered.categories, offered.events)
    }
    names = [*begin, *(f"Saved: {name}" for name in offered.audiences)]
    box, button = st.columns([4, 1], vertical_alignment="bottom")
    chosen = box.selectbox("Start from", names, key="audience_start", persist_state="session")
    button.button(
        "Start", icon=":material/play_arrow:", key="audience_use", width="stretch",
        on_click=partial(_start, frame, begin, chosen),
    )  # fmt: skip


def _start(frame: ui.Frame, begin: dict[str, audience.Rule], chosen: str) -> None:
    """Put the chosen rule into the builder; runs before the page does."""
    with ui.errors_shown():
        name = chosen.removeprefix("Saved: ")
        if chosen in begin:
            load(begin[chosen])
        else:
            load(audience.rule(frame.store, name), name)


def _save(frame: ui.Frame, rule: audience.Rule, taken: list[str], missing: str = "") -> None:
    """Keep the rule under a name; under the name it came from it takes that one's place.

    Args:
        frame: The page's frame.
        rule: The rule.
        taken: The names of the saved audiences.
        missing: Why the rule is not complete, if it is not: then it cannot be saved.
    """
    box, button = st.columns([4, 1], vertical_alignment="bottom")
    name = box.text_input(
        "Name", key="audience_name", persist_state="session", max_chars=80,
        placeholder="for example Spring win-back",
    ).strip()  # fmt: skip
    pressed = button.button(
        "Save", type="primary", icon=":material/save:", width="stretch", disabled=bool(missing),
        help=plain(missing) or None,
    )  # fmt: skip
    if missing:
        return
    own = name == st.session_state.get("audience_loaded")
    if pressed:
        st.session_state["audience_clash"] = name if name in taken and not own else None
        if st.session_state["audience_clash"] is None:
            _keep(frame, name, rule, replace=own)
    if name and name == st.session_state.get("audience_clash"):
        said, replace = st.columns([4, 1], vertical_alignment="center")
        said.error(
            f"There already is an audience “{plain(name)}”. Choose another name, or replace it.",
            icon=":material/error:",
        )
        if replace.button("Replace it", icon=":material/sync:", width="stretch"):
            _keep(frame, name, rule, replace=True)


def _keep(frame: ui.Frame, name: str, rule: audience.Rule, *, replace: bool) -> None:
    """Save the rule and say so, or say what is wrong and let the page go on."""
    with ui.errors_shown():
        audience.save(frame.store, name, rule, replace=replace)
        st.session_state["audience_loaded"], st.session_state["audience_clash"] = name, None
        _say(f"Saved “{plain(name)}”.")
        st.rerun()


def show_list(frame: ui.Frame, rule: audience.Rule, now: Known, title: str) -> None:
    """The customers of a rule, the first of them and the whole list to download."""
    kept = audience.keep(frame.store, rule, **now.tables)
    ui.tables.people(
        frame, title, "audience_list", LIST_COLUMNS, order_by="revenue",
        tables={"members": kept.table, "features": now.features},
    )  # fmt: skip


def show_saved(frame: ui.Frame, now: Known) -> None:
    """The saved audiences with their figures; select one to change it and to list its people."""
    _show_undo(frame)
    found = audience.saved(frame.store)
    if found.empty:
        st.info("No audience is saved yet. Build one and give it a name.", icon=":material/info:")
        return
    groups = group_names(frame, now)
    rows = []
    for name, saved_at in zip(found["name"], found["saved_at"], strict=True):
        with ui.errors_shown():
            rule = audience.rule(frame.store, name)
            worth = summary(frame, rule, now)
            rows.append(
                {
                    "audience": name,
                    "customers": worth.customers,
                    "customer_share": worth.share,
                    "opted_out": worth.opted_out,
                    "revenue": worth.revenue,
                    "saved_at": saved_at,
                    "rule": audience.describe(rule, groups),
                }
            )
    if not rows:
        return
    table = pd.DataFrame(rows)
    st.caption(
        "Counted anew from the data as they are now. Select a row to change an audience "
        "and to list its customers."
    )
    picked = ui.tables.table(
        table, "Saved audiences", on_select="rerun", selection_mode="single-row", key="saved_rows"
    ).selection.rows
    ui.tables.frame_download(table, f"audiences-{frame.as_of}")
    if picked and picked[0] < len(table):
        name = str(table["audience"].iloc[picked[0]])
        with ui.errors_shown():
            _change(frame, name)
        with ui.errors_shown():
            show_list(frame, audience.rule(frame.store, name), now, name)
    if len(table) > 1:
        _combine(table["audience"].tolist())


def _change(frame: ui.Frame, name: str) -> None:
    """Edit, rename or delete one audience."""
    box, rename, edit, delete = st.columns([3, 1, 1, 1], vertical_alignment="bottom")
    new = box.text_input("New name", name, key=f"rename_{name}", max_chars=80)
    if rename.button("Rename", icon=":material/edit:", width="stretch"):
        audience.rename(frame.store, name, new)
        st.rerun()
    edit.button(
        "Edit", icon=":material/tune:", width="stretch", key="audience_edit",
        on_click=partial(load, audience.rule(frame.store, name), name),
    )  # fmt: skip
    if delete.button("Delete", icon=":material/delete:", width="stretch"):
        st.session_state["audience_gone"] = (name, audience.delete(frame.store, name))
        st.rerun()


def _show_undo(frame: ui.Frame) -> None:
    """Offer the audience that was deleted last, until it is taken back or the page is left."""
    if (gone := st.session_state.get("audience_gone")) is None:
        return
    name, rule = gone
    said, button = st.columns([4, 1], vertical_alignment="center")
    said.info(f"Deleted “{plain(name)}”.", icon=":material/delete:")
    if button.button("Undo", icon=":material/undo:", width="stretch"):
        with ui.errors_shown():
            audience.save(frame.store, name, rule)
            del st.session_state["audience_gone"]
            st.rerun()


def _combine(names: list[str]) -> None:
    """A new rule from two saved audiences."""
    st.subheader("Combine two", anchor=False)
    first, how, second, button = st.columns([3, 2, 3, 1], vertical_alignment="bottom")
    a = first.selectbox("First", names, key="combine_a")
    way = how.selectbox("How", list(HOWS), format_func=HOWS.__getitem__, key="combine_how")
    b = second.selectbox("Second", names, index=1, key="combine_b")
    button.button(
        "Build", icon=":material/join_inner:", width="stretch", key="combine_build",
        on_click=lambda: load(audience.combine(a, b, way)),
    )  # fmt: skip


def _say(text: str) -> None:
    """Say something briefly after the page has run again."""
    st.session_state["audience_said"] = text


def say() -> None:
    """What was to be said."""
    if text := st.session_state.pop("audience_said", None):
        st.toast(text, icon=":material/check:")
