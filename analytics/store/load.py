"""A file into the store: read as text, converted with reasons, merged, in one transaction."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path

import duckdb

from analytics.errors import FileError, ImportCancelledError, StoreError
from analytics.store import also, layout, merge, stage
from analytics.store.convert import literal
from analytics.store.inspect import Look, inspect
from analytics.store.receipt import Receipt, receipt
from analytics.store.records import filled, records_sql
from analytics.store.schema import TABLES, Table
from analytics.store.store import Store

Progress = Callable[[float, str], None]

MALFORMED = {
    "MISSING COLUMNS": "The record has too few columns",
    "TOO MANY COLUMNS": "The record has too many columns",
    "UNQUOTED VALUE": "A quotation mark is opened and not closed",
    "LINE SIZE OVER MAXIMUM": "The record is longer than a million characters",
}
"""What the reader says of records it cannot split, in a marketer's words."""


def load(
    store: Store,
    path: str | Path,
    look: Look | None = None,
    *,
    duplicates: str = "keep",
    origin: str = "upload",
    import_day: date | None = None,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> Receipt:
    """Import a file as one batch: all of it or nothing.

    Args:
        store: Where to.
        path: The file.
        look: How to read it; by default as `inspect` finds it.
        duplicates: `keep` lines that repeat another in every field (two equal lines in an order
            may be real), or `drop` all but the first.
        origin: `upload` or `sample`.
        import_day: Nothing after this day can have happened; by default today.
        progress: Called with the share done (0 to 1) and what is being done.
        cancel: Set it to stop; the store stays as it was.

    Raises:
        FileError: The file cannot be read that way, or no record of it can.
        StoreError: Another import is running, or disk or memory do not suffice.
        ImportCancelledError: `cancel` was set.
    """
    look = look or inspect(path)
    if len(look.parts) > 1 and look.chosen.part is None:
        raise FileError(
            f"“{look.name}” holds {len(look.parts)} tables: {', '.join(look.parts)}.",
            "Choose one of them, and import the others after it.",
        )
    if look.style.zone is None and (zone := store.policy.zone):
        look = look.replace(zone=zone)
    table = TABLES[look.table]
    if missing := look.missing():
        raise FileError(
            f"No column is chosen for {', '.join(f'“{label}”' for label in missing)}.",
            f"Choose the column that holds it, or another table than {table.name}.",
        )
    cancel = cancel or threading.Event()
    report = progress or (lambda _share, _doing: None)
    report(0.0, "Copying the file")
    try:
        staged = stage.bring_in(replace(look.origin, path=Path(path)), store.stage, cancel.is_set)
    except OSError as error:
        raise StoreError(
            "The disk is full or cannot be written to.", "Free some space and try again."
        ) from error
    try:
        if cancel.is_set():
            raise ImportCancelledError
        choices = _choices(look, duplicates)
        if (known := _same_import(store, staged.sha256, look.table, choices)) is not None:
            return receipt(store, known, repeated=True)
        today = import_day or date.today()
        with store.transaction(wait=False) as cursor, _watched(cursor, report, cancel):
            batch_id = _next_batch(cursor)
            source = _source(staged, look)
            records, rejected = _read(cursor, staged, look, source, batch_id, today)
            also.insert(cursor, look.reading, look.also, batch_id, source)
            if duplicates == "drop":
                rejected += _drop_duplicates(cursor, table, batch_id)
            added, updated = merge.settle_batch(cursor, table, batch_id)
            for told in look.also:
                merge.rebuild(cursor, TABLES[told])
            rounded = _count(cursor, table, f"batch_id = {batch_id} AND rounded AND reason IS NULL")
            cursor.execute(
                "INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    batch_id, table.name, look.name, staged.sha256, choices, origin,
                    datetime.now().replace(microsecond=0), records, rejected, added, updated,
                    records - rejected - added - updated, rounded,
                ],
            )  # fmt: skip
            # Asked before the commit: an import whose receipt cannot be made is none.
            done = receipt(store, batch_id, query=partial(store.ask, cursor))
        report(1.0, "Done")
    finally:
        staged.path.unlink(missing_ok=True)
    return done


def _choices(look: Look, duplicates: str) -> str:
    """How a file is read, as JSON: the same file read the same way adds nothing."""
    return json.dumps(
        {
            "table": look.table,
            "columns": look.columns,
            "part": look.part,
            "encoding": look.encoding,
            "delimiter": look.delimiter,
            "header": look.header,
            "mapping": look.mapping,
            "also": look.also,
            "decimal": look.style.decimal,
            "times": dict(look.style.times),
            "zone": look.style.zone,
            "grain": look.grain,
            "duplicates": duplicates,
        },
        ensure_ascii=False,
        sort_keys=True,
    )


def _same_import(store: Store, sha256: str, table: str, choices: str) -> int | None:
    batches = store.batches()
    same = batches[
        (batches["sha256"] == sha256)
        & (batches["table_name"] == table)
        & (batches["choices"] == choices)
    ]
    return int(same["batch_id"].iloc[-1]) if len(same) else None


def _next_batch(cursor: duckdb.DuckDBPyConnection) -> int:
    return int(
        cursor.execute("SELECT COALESCE(max(batch_id), 0) + 1 FROM batches").fetchall()[0][0]
    )


def _count(cursor: duckdb.DuckDBPyConnection, table: Table, condition: str) -> int:
    rows = cursor.execute(f"SELECT count(*) FROM {table.lines} WHERE {condition}").fetchall()
    return int(rows[0][0])


@contextmanager
def _watched(
    cursor: duckdb.DuckDBPyConnection, report: Progress, cancel: threading.Event
) -> Iterator[None]:
    """While the body runs: report how far the database is, and interrupt it on cancel."""
    finished = threading.Event()

    def watch() -> None:
        furthest = 0.02
        while not finished.wait(0.2):
            if cancel.is_set():
                cursor.interrupt()
            else:
                furthest = max(furthest, min(cursor.query_progress() / 100, 1.0) * 0.95)
                report(furthest, "Reading and checking every record")

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
        if cancel.is_set():
            raise ImportCancelledError
    except duckdb.InterruptException as error:
        raise ImportCancelledError from error
    finally:
        finished.set()
        watcher.join()


def _source(staged: stage.Staged, look: Look) -> str:
    """The staged file as a relation of numbered text records.

    They are numbered one after the other, so that reading ahead on other threads saves no time and
    costs a tenth more. But read by one thread alone a quotation mark that is never closed goes
    without a word.
    """
    names = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(look.columns)))
    return (
        f"(SELECT row_number() OVER () + {int(look.header)} AS record_no, * FROM read_csv("
        f"{literal(str(staged.path))}, auto_detect=false, columns={{{names}}}, "
        f"delim={literal(look.reading.delimiter)}, quote='\"', escape='\"', "
        f"header={str(look.header).lower()}, new_line='\\n', "
        f"parallel={str(staged.quoted).lower()}, store_rejects=true, rejects_limit=0, "
        f"max_line_size={stage.LONGEST_LINE_BYTES * 2}))"
    )


def _read(
    cursor: duckdb.DuckDBPyConnection,
    staged: stage.Staged,
    look: Look,
    source: str,
    batch_id: int,
    today: date,
) -> tuple[int, int]:
    """Read every record of a staged file into the table's lines; count all and the rejected."""
    table = TABLES[look.table]
    query = records_sql(look.reading, today.isoformat(), source)
    layout.make_room(cursor, table, filled(look.reading))
    cursor.execute(
        f"INSERT INTO {table.lines} BY NAME "
        f"SELECT {batch_id} AS batch_id, reason IS NULL AS current, * FROM ({query})"
    )
    _take_malformed(cursor, table, batch_id, staged.path)
    rejected = _count(cursor, table, f"batch_id = {batch_id} AND reason IS NOT NULL")
    records = _count(cursor, table, f"batch_id = {batch_id}")
    expected = staged.records - look.header
    if records != expected and records != staged.recount(look.reading.delimiter) - look.header:
        raise FileError(
            f"“{look.name}” has {expected:,} records by its line ends, "
            f"but {records:,} could be told apart.",
            "Look for quotation marks that are opened and never closed, and export it again.",
        )
    if rejected == records:
        worst = cursor.execute(
            f"SELECT reason FROM {table.lines} WHERE batch_id = $1 GROUP BY reason "
            "ORDER BY count(*) DESC, reason LIMIT 1",
            [batch_id],
        ).fetchall()
        raise FileError(
            f"Not one of the {records:,} records can be read; most often: {worst[0][0]}.",
            "Check which column is which, and how dates and numbers are written.",
        )
    return records, rejected


def _take_malformed(
    cursor: duckdb.DuckDBPyConnection, table: Table, batch_id: int, path: Path
) -> None:
    """Add the records that could not be split into columns, and number the others around them.

    The reader numbers only what it could split. If the i-th malformed record is line L of the
    file, L - i numbered lines lie before it, so every later one moves down by i.
    """
    words = " ".join(
        f"WHEN {literal(kind)} THEN {literal(text)}" for kind, text in MALFORMED.items()
    )
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE malformed AS
        SELECT line, row_number() OVER (ORDER BY line) AS place, any_value(csv_line) AS raw,
            CASE min(CAST(error_type AS VARCHAR)) {words}
            ELSE 'The record cannot be split into columns' END AS reason
        FROM reject_errors JOIN reject_scans USING (scan_id)
        WHERE file_path = {literal(str(path))} GROUP BY line
        """
    )
    if not cursor.execute("SELECT count(*) FROM malformed").fetchall()[0][0]:
        return
    cursor.execute(
        f"""
        UPDATE {table.lines} SET record_no = record_no + shift
        FROM (SELECT line - place AS before, place AS shift,
                  lead(line - place) OVER (ORDER BY place) AS until
              FROM malformed)
        WHERE batch_id = {batch_id} AND record_no > before
            AND (until IS NULL OR record_no <= until)
        """
    )
    state = ", 'rejected' AS state" if table.name == "orders" else ""
    cursor.execute(
        f"INSERT INTO {table.lines} BY NAME SELECT {batch_id} AS batch_id, line AS record_no, "
        f"FALSE AS current, reason, raw, FALSE AS rounded{state} FROM malformed"
    )


def _drop_duplicates(cursor: duckdb.DuckDBPyConnection, table: Table, batch_id: int) -> int:
    """Set aside lines that repeat an earlier one of the file in every field; return how many."""
    state = ", state = 'duplicate'" if table.name == "orders" else ""
    content = ", ".join([*table.names, "fingerprint"])
    cursor.execute(
        f"""
        UPDATE {table.lines} SET current = FALSE, reason = 'identical to line ' || first_no{state}
        FROM (SELECT rowid AS row_id, min(record_no) OVER same AS first_no,
                  row_number() OVER (same ORDER BY record_no) AS place
              FROM {table.lines} WHERE batch_id = {batch_id} AND reason IS NULL
              WINDOW same AS (PARTITION BY {content})) AS repeated
        WHERE {table.lines}.rowid = repeated.row_id AND repeated.place > 1
        """
    )
    return _count(
        cursor, table, f"batch_id = {batch_id} AND starts_with(reason, 'identical to line ')"
    )
