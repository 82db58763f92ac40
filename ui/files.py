"""Files on their way into the store: the upload box and a card for each table found in it."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import available_timezones

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import ui
import ui.tables
from analytics.errors import AnalyticsError
from analytics.store import (
    ENCODINGS,
    GRAIN_WORDS,
    TABLES,
    Look,
    Store,
    as_before,
    belong_together,
    inspect,
    join,
    load,
    parts,
)

NOTHING = "–"
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", " ": "spaces"}
CLOCKED_IN_UTC = ("offset", "unix_s", "unix_ms", "unix_us")


@dataclass(frozen=True)
class Upload:
    """A table of an uploaded file, copied out of the browser session to the stage folder."""

    key: str
    name: str
    path: Path
    part: str | None = None

    @property
    def title(self) -> str:
        """What the user calls it."""
        return f"{self.name} › {self.part}" if self.part else self.name


def uploads(store: Store) -> list[Upload]:
    """The upload box, and the files given so far; they survive going to another page and back."""
    turn = st.session_state.setdefault("upload_turn", 0)
    given = st.file_uploader(
        "Order, event, customer, product, assignment, spend or stock-level files, or "
        "matches of customer ids: "
        "CSV or other text, Excel, Parquet, also in gzip or zip",
        accept_multiple_files=True, key=f"uploads_{turn}",
    )  # fmt: skip
    held: list[Upload] = st.session_state.setdefault("uploads", [])
    if given:
        for file in given:
            path = store.stage_file("upload")
            with path.open("wb") as out:
                shutil.copyfileobj(file, out, 4 << 20)
            held.extend(_tables_in(path, file.name))
        st.session_state["upload_turn"] = turn + 1
        st.rerun()
    return held


def _tables_in(path: Path, name: str) -> list[Upload]:
    """One upload for each file of a zip; a workbook stays one, its sheet is chosen in the card."""
    found = [""]
    if name.lower().endswith(".zip"):
        try:
            found = parts(path, name)
        except AnalyticsError:
            found = [""]  # the card says what is wrong with it
    return [
        Upload(f"{path.stem[:8]}{place}", name, path, part or None)
        for place, part in enumerate(found)
    ]


def _forget(*gone: Upload) -> None:
    """Drop tables that have been imported or are not wanted."""
    held: list[Upload] = st.session_state["uploads"]
    for upload in gone:
        held.remove(upload)
        st.session_state.pop(f"look_{upload.key}", None)
        if upload.path not in {other.path for other in held}:
            upload.path.unlink(missing_ok=True)


def card(frame: ui.Frame, upload: Upload) -> None:
    """One table: what it was found to be, how it will be read, and Import."""
    said, close = st.columns([5, 1])
    if close.button("Drop", icon=":material/close:", key=f"close_{upload.key}", width="stretch"):
        _forget(upload)
        st.rerun()
    with ui.errors_shown():
        _card(frame, upload, said)


def _look(frame: ui.Frame, upload: Upload) -> Look:
    key = f"look_{upload.key}"
    if key not in st.session_state:
        with st.spinner(f"Looking at {ui.plain(upload.title)} …"):
            look = inspect(upload.path, name=upload.name, part=upload.part)
            st.session_state[key] = as_before(frame.store, look)
    found: Look = st.session_state[key]
    return found


def _card(frame: ui.Frame, upload: Upload, said: DeltaGenerator) -> None:
    look, key = _look(frame, upload), upload.key
    said.markdown(
        f"**{ui.plain(upload.title)}** looks like **{look.table}**: {len(look.columns)} columns, "
        f"{'with' if look.header else 'without'} a header line."
    )
    corrections: dict[str, object] = {}
    if len(look.parts) > 1 and not upload.part:
        part = st.selectbox("Sheet", look.parts, look.parts.index(look.part), key=f"part_{key}")
        if part != look.part or look.chosen.part is None:
            _look_again(upload, look.replace(part=part))
    table = st.selectbox(
        "Read it as", list(TABLES), list(TABLES).index(look.table), key=f"table_{key}",
        format_func=lambda name: f"{TABLES[name].title}: {TABLES[name].about} a row",
    )  # fmt: skip
    if table != look.table:
        corrections["table"] = table
    with st.expander("Which column is which", expanded=bool(look.missing())):
        mapping = _mapping(look, key)
        if mapping != look.mapping:
            corrections["mapping"] = mapping
    with st.expander("How the file is written"):
        corrections |= _writing(frame.store, look, key)
    if corrections:
        _look_again(upload, look.replace(**corrections))
    for problem in look.problems:
        st.warning(ui.plain(problem), icon=":material/visibility:")
    if told := ui.also_told(look.also):
        wanted = st.checkbox(
            f"Also fill other tables from it: {ui.plain(told)}", True, key=f"also_{key}"
        )
        if not wanted:
            _look_again(upload, look.replace(also={}))
    if missing := look.missing():
        st.warning(f"Still to choose: {', '.join(missing)}.", icon=":material/rule:")
    unreadable = look.sample["reason"].notna() if len(look.sample) else pd.Series(dtype=bool)
    st.caption(
        f"The first records as they will be read; {int(unreadable.sum())} of {len(unreadable)} "
        "cannot be read."
    )
    ui.tables.table(look.sample.head(20), f"First records of {upload.title}")
    duplicates = "keep"
    if look.table == "orders":
        keep = st.radio(
            "Lines identical to another in every column", ["are real", "are mistakes: leave out"],
            horizontal=True, key=f"same_{key}", help="Two equal lines in one order may be real. "
            "The receipt says how many there are and what they are worth.",
        )  # fmt: skip
        duplicates = "keep" if keep == "are real" else "drop"
    if _offer_join(frame, upload, look):
        return
    if st.button("Import", type="primary", key=f"import_{key}", disabled=bool(missing)):
        ui.start(
            lambda report, cancel: [
                load(
                    frame.store, look.path, look,
                    duplicates=duplicates, progress=report, cancel=cancel,
                )
            ],
            on_success=lambda: _forget(upload),
        )  # fmt: skip


def _mapping(look: Look, key: str) -> dict[str, str]:
    """A box for each field of the table, with the reason for the guess as its help."""
    mapping: dict[str, str] = {}
    for place, target in enumerate(TABLES[look.table].fields):
        if place % 3 == 0:
            row = st.columns(3)
        options = [NOTHING, *look.columns]
        guess = look.mapping.get(target.name, NOTHING)
        column = row[place % 3].selectbox(
            target.label + (" *" if target.required else ""), options, options.index(guess),
            key=f"map_{key}_{look.table}_{look.part}_{target.name}",
            help=ui.plain(look.reasons.get(target.name, "")) or None,
        )  # fmt: skip
        if column != NOTHING:
            mapping[target.name] = column
    st.caption(
        "\\* needed. The line total may be left out where quantity and price are there, the order "
        "number where customer and day are."
    )
    return mapping


def _writing(store: Store, look: Look, key: str) -> dict[str, object]:
    """Encoding, delimiter, decimal mark, grain and clock, as far as they were changed."""
    changed: dict[str, object] = {}
    boxes = st.columns(3)
    names, marks = list(ENCODINGS), list(DELIMITERS)
    encoding = boxes[0].selectbox(
        "Encoding", names, names.index(look.encoding), key=f"encoding_{key}",
        format_func=ENCODINGS.__getitem__,
    )  # fmt: skip
    delimiter = boxes[1].selectbox(
        "Columns are parted by", marks, marks.index(look.delimiter),
        key=f"delimiter_{key}_{look.encoding}", format_func=DELIMITERS.__getitem__,
    )  # fmt: skip
    decimal = boxes[2].selectbox(
        "Decimal mark", [".", ","], [".", ","].index(look.style.decimal),
        key=f"decimal_{key}_{look.style.decimal}",
        format_func=lambda mark: "point, as in 1,234.56" if mark == "." else "comma: 1.234,56",
    )  # fmt: skip
    now = {"encoding": look.encoding, "delimiter": look.delimiter, "decimal": look.style.decimal}
    for name, value in (("encoding", encoding), ("delimiter", delimiter), ("decimal", decimal)):
        if value != now[name]:
            changed[name] = value
    header = st.checkbox("The first line names the columns", look.header, key=f"header_{key}")
    if header != look.header:
        changed["header"] = header
    if look.table == "orders":
        grains = list(GRAIN_WORDS)
        grain = st.selectbox(
            "One record is", grains, grains.index(look.grain), key=f"grain_{key}_{look.grain}",
            format_func=GRAIN_WORDS.__getitem__,
        )  # fmt: skip
        if grain != look.grain:
            changed["grain"] = grain
    if any(style in CLOCKED_IN_UTC for _, style in look.style.times):
        zones = ["UTC", *sorted(available_timezones() - {"UTC"})]
        known = look.style.zone or store.policy.zone or "UTC"
        zone = st.selectbox(
            "The shop's time zone", zones, zones.index(known), key=f"zone_{key}",
            help="Moments in this file are written in UTC, or with their distance from it. The "
            "shop's days and hours follow from its own clock.",
        )  # fmt: skip
        if zone != (look.style.zone or "UTC"):
            changed["zone"] = zone
    return changed


def _look_again(upload: Upload, look: Look) -> None:
    """Take a correction over and show the file anew."""
    st.session_state[f"look_{upload.key}"] = look
    st.rerun()


def _offer_join(frame: ui.Frame, upload: Upload, look: Look) -> bool:
    """Where another file brings the days and customers of these lines: join the two."""
    others = [other for other in st.session_state["uploads"] if other.key != upload.key]
    for other in others:
        headers: Look | None = st.session_state.get(f"look_{other.key}")
        if headers is None or not belong_together(headers, look):
            continue
        st.info(
            f"“{ui.plain(other.title)}” has the days and customers of these orders. Joined on "
            "the order number, the two are read as one file.",
            icon=":material/join:",
        )
        if st.button("Join the two", type="primary", key=f"join_{upload.key}"):
            path = join(frame.store, headers, look)
            _forget(upload, other)
            name = f"{other.name} + {upload.name}"
            st.session_state["uploads"].append(Upload(path.stem[:8], name, path))
            st.rerun()
        return True
    return False
