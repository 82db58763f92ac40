"""What the Customers page shows: the search, and one customer's profile."""

from math import ceil
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

import ui
import ui.tables
from analytics import charts, clusters, profile, rfm
from analytics.errors import NotEnoughDataError
from analytics.store import frame_csv
from ui import plain

MISSING = "–"
MATCHES = 20
PAGE_ROWS = 50
MOST_CATEGORIES = 8
AT_THE_EDGE = 0.35
"""How clearly someone belongs to a group, 0 to 1, below which it is said that they hardly do."""
KINDS = {
    "Everything": None, "Orders": "order", "Returns": "return", "Events": "event",
    "Campaigns": "campaign", "Experiments": "experiment",
}  # fmt: skip
BESIDE = {
    "revenue": "Revenue", "orders": "Orders", "average_order_value": "Average order",
    "recency_days": "Days since order",
}  # fmt: skip


def search(frame: ui.Frame) -> str | None:
    """The search box with its matches; the customer whom the address or a choice names."""
    text = st.text_input(
        "Find a customer", key="customer_search", type="search", live="300ms",
        placeholder="Customer number, e-mail or name",
    )  # fmt: skip
    if text and text.strip():
        found = profile.search(frame.store, text, MATCHES + 1)
        if found.empty:
            st.info(
                f"No customer’s number, e-mail or name holds “{plain(text.strip())}”.",
                icon=":material/search_off:",
            )
        else:
            _matches(found)
    return st.query_params.get("customer")


def open_profile(customer_id: str) -> None:
    """Show a customer from now on; their address can be kept as a bookmark."""
    st.query_params["customer"] = customer_id
    st.session_state["customer_search"] = ""


def close_profile() -> None:
    """Back to the search and the customers to begin with."""
    st.query_params.pop("customer", None)


def _matches(found: pd.DataFrame) -> None:
    shown = found.head(MATCHES)
    labels = {
        row.customer_id: " · ".join(
            plain(str(part)) for part in (row.customer_id, row.name, row.email) if pd.notna(part)
        )
        for row in _rows(shown)
    }

    def chosen() -> None:
        if one := st.session_state.get("customer_match"):
            open_profile(one)

    st.radio(
        "Matches", list(labels), index=None, key="customer_match", format_func=labels.__getitem__,
        on_change=chosen,
    )  # fmt: skip
    if len(found) > MATCHES:
        st.caption(f"These are the first {MATCHES}; type more to narrow them down.")


def begin(frame: ui.Frame) -> None:
    """How to search, and a few customers to begin with."""
    st.markdown(
        "Type a part of a customer number, an e-mail or a name. Or begin with one of these, as of "
        f"{ui.day(frame.as_of)}:"
    )
    kept = profile.keep(frame.store, frame.as_of)
    found = profile.worth_a_look(frame.store, kept.table)
    reasons = {
        "revenue": ("Highest revenue", "Nobody has ordered before this day."),
        "overdue": (
            "Overdue",
            "Nobody with three orders or more is overdue: that is when more than twice their usual "
            "days between orders have passed.",
        ),
    }
    for column, (reason, (title, nobody)) in zip(st.columns(2), reasons.items(), strict=True):
        column.markdown(f"**{title}**")
        rows = found[found["reason"] == reason]
        if rows.empty:
            column.caption(nobody)
        for row in _rows(rows):
            name = row.customer_id if pd.isna(row.name) else f"{row.name} ({row.customer_id})"
            known = (
                frame.money(row.revenue)
                if reason == "revenue"
                else f"{row.recency_days:,} days since the last order, usually every "
                f"{row.mean_gap_days:,.0f}"
            )
            column.button(
                f"{plain(name)}: {plain(known)}", key=f"{reason}_{row.customer_id}",
                type="tertiary", icon=":material/person:", on_click=open_profile,
                args=(row.customer_id,),
            )  # fmt: skip


def scored(frame: ui.Frame) -> rfm.Kept | None:
    """The segments as they are chosen on the Segments page; None where there is too little."""
    names = st.session_state.get("rfm_names", "eleven")
    try:
        return rfm.keep(frame.store, frame.as_of, st.session_state.get("rfm_bins", 5), names=names)
    except NotEnoughDataError as error:
        st.caption(f"No segments: {error.problem} {error.fix}")
        return None


def segment_name(frame: ui.Frame, kept: rfm.Kept) -> Any:
    """What names the segment of scores r, f, m, beside all other customers as they stand.

    Where names follow from lying above the mean score, the others make the mean; adding the one
    asked about moves it towards their score, never across it.
    """
    found = profile.limits(frame.store, kept.table)
    others = [
        np.repeat(part["score"].to_numpy(dtype=np.int64), part["customers"])
        if not kept.vocabulary.cells
        else np.empty(0, dtype=np.int64)
        for part in (found[found["measure"] == measure] for measure in rfm.MEASURES)
    ]

    def name(r: int, f: int, m: int) -> str:
        rs, fs, ms = (np.append(rest, own) for rest, own in zip(others, (r, f, m), strict=True))
        return str(kept.vocabulary.name(rs, fs, ms, kept.bins)[-1])

    return name


def header(frame: ui.Frame, found: profile.Record) -> None:
    """Who it is, in a sentence, and whether they may be contacted."""
    who = found.customer_id if found.name is None else f"{found.name} ({found.customer_id})"
    title, back = st.columns([4, 1], vertical_alignment="center")
    title.subheader(plain(who), anchor=False)
    back.button("Close", icon=":material/close:", on_click=close_profile, width="stretch")
    if found.opted_out:
        because = found.opted_out_because or "they did not agree to be contacted"
        st.warning(
            f"Must not be contacted ({plain(because)}): left out of every list.",
            icon=":material/do_not_disturb_on:",
        )
    segment = f"**{plain(found.segment)}.** " if found.segment else ""
    st.markdown(segment + plain(profile.headline(found, frame.currency)))
    said = [
        f"{row.label}: {row.value:%Y-%m-%d}" if hasattr(row.value, "strftime")
        else f"{row.label}: {row.value}"
        for row in _rows(found.person)
        if row.field not in ("customer_id", "name", "consent")
    ]  # fmt: skip
    others = frame.store.query("profile_other_ids", customer_id=found.customer_id)["other_id"]
    if len(others):
        said.append(f"Also known as {', '.join(others)}, as the imported matches say")
    if said:
        st.caption(plain(" · ".join(said)))


def cards(frame: ui.Frame, found: profile.Record) -> None:
    """Their figures beside the median of their segment."""
    medians = found.beside.set_index("measure")["segment_median"]
    row = st.container(horizontal=True)
    for measure, label in BESIDE.items():
        is_money = measure in ("revenue", "average_order_value")
        own, median = found.feature(measure), medians.get(measure, np.nan)
        row.metric(
            frame.in_unit(label) if is_money else label,
            MISSING if pd.isna(own) else f"{own:,.2f}" if is_money else f"{own:,}",
            None if pd.isna(median) else f"{median:,.2f}" if is_money else f"{median:,.10g}",
            delta_color="off", delta_arrow="off", border=True, width=226,
            delta_description=None if pd.isna(median) else "segment median",
            help="Missing: they have no order before this day." if pd.isna(own) else None,
        )  # fmt: skip


def reasons(
    frame: ui.Frame, found: profile.Record, kept: rfm.Kept | None, groups: clusters.Kept | None
) -> None:
    """Why they are in their segment and group, and what would move them."""
    if kept is None:
        return
    why, moved = st.columns(2)
    why.markdown(f"#### Why {plain(found.segment or 'no segment')}")
    rules = {one.name: one for one in (*kept.vocabulary.segments, rfm.NO_ORDER)}
    if found.why.empty:
        why.write("Only customers with an order of their own have scores.")
    for row in _rows(found.why):
        why.markdown(f"- **{row.trait} {row.score} of {kept.bins}.** {plain(row.sentence)}")
    if found.segment:
        why.caption(f"{plain(found.segment)}: {rules[found.segment].rule}.")
    if found.segment and not found.opted_out:
        why.info(plain(rules[found.segment].advice), icon=":material/lightbulb:")
    if found.cluster and groups is not None:
        with why:
            _group(frame, found, groups)
    moved.markdown("#### What would move them")
    if found.moves.empty:
        moved.write("No next order and no wait changes their segment.")
    for row in _rows(found.moves):
        moved.markdown(f"- {plain(row.sentence)} → **{plain(row.segment)}**")
    moved.caption("By today’s scores, with every other customer staying where they are.")


def _group(frame: ui.Frame, found: profile.Record, groups: clusters.Kept) -> None:
    """The group they are in by behaviour, and the three traits that put them there."""
    st.markdown(f"#### By behaviour: {plain(found.cluster or '')}")
    if found.cluster_confidence < AT_THE_EDGE:
        st.caption("They stand at the edge of this group, almost as near to another.")
    for row in _rows(clusters.reasons(frame.store, groups, found.customer_id)):
        own, group, shop = (
            charts.figure_in(value, row.unit) for value in (row.value, row.median, row.shop_median)
        )
        st.markdown(
            f"- **{row.label}: {own}.** The middle of the group is {group}, of the shop {shop}."
        )


def habits(frame: ui.Frame, found: profile.Record) -> None:
    """What they order, when, and how much over time."""
    if found.orders.empty:
        return
    over_time, favourite = st.columns(2)
    over_time.markdown("#### Orders over time")
    over_time.plotly_chart(
        charts.orders_by_month(profile.months(found.orders), frame.currency), key="orders_by_month",
        alt="Value of this customer’s orders by month, before returns",
    )  # fmt: skip
    over_time.caption(
        plain(f"{profile.usual_time(found.orders)} Order values are before returns.".strip())
    )
    favourite.markdown("#### Favourite categories")
    known = found.categories[found.categories["category"].notna()]
    if known.empty:
        favourite.info(
            "No category is known of what they ordered. Import a product file with categories on "
            "the Data page.", icon=":material/category:",
        )  # fmt: skip
        return
    favourite.plotly_chart(
        charts.favourites(known.head(MOST_CATEGORIES), frame.currency), key="favourites",
        alt="Order lines of this customer by category",
    )  # fmt: skip
    with favourite.expander("All categories as a table"):
        ui.tables.table(
            found.categories.fillna({"category": "not known"}), "Categories they ordered from"
        )
        ui.tables.frame_download(found.categories, f"categories-{found.customer_id}")


def history(frame: ui.Frame, found: profile.Record) -> None:
    """All that happened, newest first, a page at a time; the file holds all of it."""
    st.markdown("#### Timeline")
    choice, place = st.columns([3, 1], vertical_alignment="bottom")
    kind = KINDS[
        choice.segmented_control(
            "Show", list(KINDS), default="Everything", required=True, key="timeline_kind", wrap=True
        )
        or "Everything"
    ]
    key = f"timeline_page_{found.customer_id}_{kind}"
    page = int(st.session_state.get(key, 1))
    shown = profile.timeline(
        frame.store, found.customer_id, frame.as_of, kind=kind, limit=PAGE_ROWS,
        offset=(page - 1) * PAGE_ROWS,
    )  # fmt: skip
    if not shown.rows:
        st.caption("Nothing of this kind happened before this day.")
        return
    pages = ceil(shown.rows / PAGE_ROWS)
    if pages > 1:
        place.number_input(f"Page of {pages:,}", 1, pages, key=key)
    ui.tables.table(profile.readable(shown.frame), "What happened, newest first")
    first = (page - 1) * PAGE_ROWS + 1
    st.caption(
        f"{first:,} to {first + len(shown.frame) - 1:,} of {shown.rows:,}; the file holds all."
    )
    st.download_button(
        "Download the timeline",
        lambda: frame_csv(
            profile.readable(
                profile.timeline(ui.store(), found.customer_id, frame.as_of, kind=kind).frame
            )
        ),
        f"timeline-{_file_name(found.customer_id)}.csv", "text/csv", on_click="ignore",
        icon=":material/download:", key="download_timeline",
    )  # fmt: skip


def details(frame: ui.Frame, found: profile.Record, scores: str | None) -> None:
    """Every feature with its meaning, and the file of all that is held of them."""
    if not found.features.empty:
        with st.expander("Everything worked out of this customer"):
            told = pd.DataFrame(
                {
                    "group": found.features["group"],
                    "feature": found.features["label"],
                    "value": [
                        profile.say(profile.BY_NAME[row.name], row.value, frame.currency)
                        for row in _rows(found.features)
                    ],
                    "meaning": found.features["meaning"],
                }
            )
            ui.tables.table(told, "Features of this customer")
            ui.tables.frame_download(told, f"features-{_file_name(found.customer_id)}")
    st.download_button(
        "Download their record",
        lambda: profile.export(
            ui.store(), found.customer_id, frame.as_of, scores=scores, unit=frame.currency
        ),
        f"record-{_file_name(found.customer_id)}.zip", "application/zip", on_click="ignore",
        icon=":material/folder_zip:", type="primary", key="download_record",
        help="Everything the store holds of this customer, complete: for requests of access.",
    )  # fmt: skip


def _rows(frame: pd.DataFrame) -> list[Any]:
    """The rows of a small table, with its columns as attributes."""
    return list(frame.itertuples(index=False))


def _file_name(customer_id: str) -> str:
    return "".join(sign if sign.isalnum() else "-" for sign in customer_id)
