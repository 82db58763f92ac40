"""Files in and out of the store, as the Data page shows them: cards, receipts, history."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import ui
import ui_tables
from analytics import charts
from analytics.store import TABLES, Look, Receipt, Store, inspect, load, receipt

NOTHING = "–"


@dataclass(frozen=True)
class Upload:
    """An uploaded file, copied out of the browser session to the stage folder."""

    key: str
    name: str
    path: Path


def uploads(store: Store) -> list[Upload]:
    """The upload box, and the files given so far; they survive going to another page and back."""
    turn = st.session_state.setdefault("upload_turn", 0)
    given = st.file_uploader(
        "Order, event, customer, product, assignment or spend files (CSV, plain or gzipped)",
        accept_multiple_files=True, key=f"uploads_{turn}",
    )  # fmt: skip
    held: list[Upload] = st.session_state.setdefault("uploads", [])
    if given:
        for file in given:
            path = store.stage_file("upload")
            with path.open("wb") as out:
                shutil.copyfileobj(file, out, 4 << 20)
            held.append(Upload(path.stem[:8], file.name, path))
        st.session_state["upload_turn"] = turn + 1
        st.rerun()
    return held


def _forget(upload: Upload) -> None:
    """Drop a file that has been imported or is not wanted."""
    upload.path.unlink(missing_ok=True)
    st.session_state["uploads"].remove(upload)
    st.session_state.pop(f"look_{upload.key}", None)


def card(frame: ui.Frame, upload: Upload) -> None:
    """One file: what it was found to be, how it will be read, and Import."""
    said, close = st.columns([5, 1])
    if close.button("Drop", icon=":material/close:", key=f"close_{upload.key}", width="stretch"):
        _forget(upload)
        st.rerun()
    with ui.errors_shown():
        _card(frame, upload, said)


def _card(frame: ui.Frame, upload: Upload, said: DeltaGenerator) -> None:
    key = upload.key
    if f"look_{key}" not in st.session_state:
        with st.spinner(f"Looking at {upload.name} …"):
            st.session_state[f"look_{key}"] = inspect(upload.path, name=upload.name)
    look: Look = st.session_state[f"look_{key}"]
    said.markdown(
        f"**{look.name}** looks like **{look.table}**: {len(look.columns)} columns, "
        f"{'with' if look.header else 'without'} a header line, numbers with a decimal "
        f"{'point' if look.style.decimal == '.' else 'comma'}."
    )
    table = st.selectbox(
        "Read it as", list(TABLES), list(TABLES).index(look.table), key=f"table_{key}",
        format_func=lambda name: f"{name.capitalize()}: {TABLES[name].about} a row",
    )  # fmt: skip
    if table != look.table:
        _look_again(upload, look.replace(table=table))
    with st.expander("Which column is which", expanded=bool(look.missing())):
        mapping: dict[str, str] = {}
        for place, target in enumerate(TABLES[look.table].fields):
            if place % 3 == 0:
                row = st.columns(3)
            options = [NOTHING, *look.columns]
            guess = look.mapping.get(target.name, NOTHING)
            column = row[place % 3].selectbox(
                target.label + (" *" if target.required else ""), options, options.index(guess),
                key=f"map_{key}_{look.table}_{target.name}", help=look.reasons.get(target.name),
            )  # fmt: skip
            if column != NOTHING:
                mapping[target.name] = column
        st.caption("\\* needed. The line total may be left out where quantity and price are there.")
    if mapping != look.mapping:
        _look_again(upload, look.replace(mapping=mapping))
    for problem in look.problems:
        st.warning(problem, icon=":material/visibility:")
    if missing := look.missing():
        st.warning(f"Still to choose: {', '.join(missing)}.", icon=":material/rule:")
    unreadable = look.sample["reason"].notna() if len(look.sample) else pd.Series(dtype=bool)
    st.caption(
        f"The first records as they will be read; {int(unreadable.sum())} of {len(unreadable)} "
        "cannot be read."
    )
    ui_tables.table(look.sample.head(20), f"First records of {look.name}")
    duplicates = "keep"
    if look.table == "orders":
        keep = st.radio(
            "Lines identical to another in every column", ["are real", "are mistakes: leave out"],
            horizontal=True, key=f"same_{key}", help="Two equal lines in one order may be real. "
            "The receipt says how many there are and what they are worth.",
        )  # fmt: skip
        duplicates = "keep" if keep == "are real" else "drop"
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


def _look_again(upload: Upload, look: Look) -> None:
    """Take a correction over and show the file anew."""
    st.session_state[f"look_{upload.key}"] = look
    st.rerun()


def show_receipt(frame: ui.Frame, done: Receipt) -> None:
    """What an import did, to the last record and cent."""
    if done.repeated:
        st.info(f"{done.file_name} had been imported before, in this way. Nothing was changed.")
    counts = [
        f"{done.records:,} records read", f"**{done.added:,} new**", f"{done.updated:,} updated",
        f"{done.known:,} already there", f"{done.rejected:,} not used",
    ]  # fmt: skip
    st.markdown(f"**{done.file_name}** → {done.table}: {', '.join(counts)}.")
    if done.rounded:
        st.caption(f"{done.rounded:,} records had money with more than four decimals, rounded.")
    if done.table == "orders":
        st.plotly_chart(
            charts.waterfall(done.waterfall, frame.currency), key=f"waterfall_{done.batch_id}",
            alt="From the money in the file to the analysed revenue",
        )  # fmt: skip
    steps, facts = st.columns(2)
    with steps:
        ui_tables.table(done.waterfall.dropna(axis=1, how="all"), "From the file to the analysis")
        ui_tables.frame_download(done.waterfall, f"waterfall-{done.batch_id}")
    if len(done.facts):
        with facts:
            there = done.facts["rows"].ne(0).fillna(True)
            ui_tables.table(done.facts[there], "What the file holds")
    if done.rejected:
        rejects = done.rejects
        st.markdown(f"**{len(rejects):,} records are not used**, for these reasons:")
        ui_tables.table(rejects.head(500), "Records that are not used")
        ui_tables.frame_download(rejects, f"not-used-{done.batch_id}", "Download all of them")


def ended_receipts() -> list[Receipt]:
    """The receipts of the last import, until another page is opened or another import runs."""
    done = ui.ended_job()
    if done is not None:
        st.session_state["receipts"] = [(one.batch_id, one.repeated) for one in done]
    known = set(ui.store().batches()["batch_id"])
    return [
        receipt(ui.store(), batch_id, repeated=repeated)
        for batch_id, repeated in st.session_state.get("receipts", [])
        if batch_id in known
    ]


def history(frame: ui.Frame, batches: pd.DataFrame) -> None:
    """The imports, latest first, each with its receipt and a way to take it out again."""
    st.subheader("Imports", anchor=False)
    st.caption("Select an import to see its receipt or to remove it.")
    shown = batches.iloc[::-1].reset_index(drop=True)
    columns = [
        "file_name",
        "table_name",
        "imported_at",
        "records",
        "added",
        "updated",
        "known",
        "rejected",
    ]
    picked = ui_tables.table(
        shown[columns], "Imports", on_select="rerun", selection_mode="single-row",
        key=f"history_{frame.store.version}",
    ).selection.rows  # fmt: skip
    if picked:
        batch = shown.iloc[picked[0]]
        if st.button(f"Remove {batch['file_name']}", icon=":material/delete:"):
            _confirm_removal(frame.store, [int(batch["batch_id"])], str(batch["file_name"]))
        show_receipt(frame, receipt(frame.store, int(batch["batch_id"])))
    sample = batches.loc[batches["origin"] == "sample", "batch_id"]
    if len(sample) and st.button("Remove the sample shop", icon=":material/delete:"):
        frame.store.remove(*(int(batch) for batch in sample))
        st.rerun()


@st.dialog("Remove this import?")
def _confirm_removal(store: Store, batch_ids: list[int], name: str) -> None:
    st.write(
        f"What only **{name}** holds leaves the store. The file itself stays where you have it, "
        "and can be imported again."
    )
    if st.button("Remove", type="primary"):
        store.remove(*batch_ids)
        st.rerun()
