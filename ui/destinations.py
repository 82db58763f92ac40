"""Where a list goes: what a program would take of it, and the file for it."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

import ui
from analytics import destinations
from analytics.destinations import DESTINATIONS, Report

SPREADSHEET = "Spreadsheet"
NO_COUNTRY = "–"


def choose(key: str) -> str | None:
    """The box that asks what the list is for; nothing for a spreadsheet.

    Args:
        key: What tells this list's box from another's on the page.
    """
    chosen = st.selectbox(
        "For", [SPREADSHEET, *DESTINATIONS], key=f"for_{key}", persist_state="session",
        format_func=lambda name: DESTINATIONS[name].title if name in DESTINATIONS else name,
        help="A spreadsheet holds the columns you choose. A file for a program holds what that "
        "program asks for, checked before you download it.",
    )  # fmt: skip
    return None if chosen == SPREADSHEET else chosen


def offer(
    frame: ui.Frame,
    name: str,
    query: str,
    destination: str,
    *,
    tables: Mapping[str, str],
    **params: Any,
) -> None:
    """What the program would take of the list, and the download of its file.

    Args:
        frame: The page's frame.
        name: How the file is called, without its ending.
        query: A file of `store/sql` that returns people.
        destination: A key of `DESTINATIONS`.
        tables: Kept results the query reads.
        **params: Values bound to `$name` in the query.
    """
    chosen = DESTINATIONS[destination]
    about, where = st.columns([2, 1], vertical_alignment="bottom")
    about.caption(
        f"{chosen.purpose} Columns: {', '.join(chosen.columns)}. The file is for the program: do "
        "not open it in a spreadsheet, which may change it."
    )
    countries = {NO_COUNTRY: "not known", **destinations.country_names()}
    picked = where.selectbox(
        "Phones without a country are of", list(countries), key=f"phones_{query}",
        persist_state="session", format_func=countries.__getitem__,
        help="A person's own country counts first. A number like 0151 23456789 can only be "
        "dialled where its country is known.",
    )  # fmt: skip
    country = None if picked == NO_COUNTRY else picked
    found = _checked(
        frame.store.version, query, destination, tuple(sorted(tables.items())), country,
        tuple(sorted(params.items())),
    )  # fmt: skip
    st.markdown("\n".join(f"- {sentence}" for sentence in found.sentences))
    for warning in found.warnings:
        st.warning(warning, icon=":material/rule:")
    if not found.usable:
        return

    def contents() -> bytes:
        written = destinations.write(
            ui.store(), query, destination, tables=tables, country=country, **params
        )
        try:
            return written.path.read_bytes()
        finally:
            written.path.unlink()

    st.download_button(
        "Download the file", contents, f"{name}-{destination}-{frame.as_of}.csv",
        "text/csv", on_click="ignore", type="primary", icon=":material/download:",
        key=f"download_for_{query}",
    )  # fmt: skip


@st.cache_data(max_entries=50, show_spinner="Checking every person of the list …")
def _checked(
    version: str,  # noqa: ARG001 - a new import makes the report stale
    query: str,
    destination: str,
    tables: tuple[tuple[str, str], ...],
    country: str | None,
    params: tuple[tuple[str, Any], ...],
) -> Report:
    """The report, kept while the data stay as they are."""
    return destinations.check(
        ui.store(), query, destination, tables=dict(tables), country=country, **dict(params)
    )
