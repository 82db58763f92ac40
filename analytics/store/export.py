"""Lists of people as files: complete whatever their length, opted-out people left out and counted.

Spreadsheet-safe files follow OWASP ASVS 1.2.10: text that a spreadsheet might run as a formula gets
an apostrophe in front. That also changes phone numbers such as +44…, so a raw file exists
beside it, for programs that read files as they are.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import duckdb
import pandas as pd
import xlsxwriter

from analytics.errors import AnalyticsError
from analytics.store.convert import literal
from analytics.store.frames import to_frame
from analytics.store.kept import quote
from analytics.store.store import Store, sql_text

EXCEL_ROWS = 1_048_576
EXCEL_TEXT = 32_767
FORMULA_START = r"^[=+\-@＝＋－＠\t\r\n\x00]"
BATCH_ROWS = 50_000


@dataclass(frozen=True)
class ListFile:
    """A written list.

    Attributes:
        path: Where it lies; the caller deletes it.
        kind: `csv` or `xlsx`: what it became, which for a list too long for Excel is CSV.
        rows: People in it.
        opted_out: People left out because they must not be addressed.
    """

    path: Path
    kind: str
    rows: int
    opted_out: int


def write_list(
    store: Store,
    query: str,
    columns: Sequence[str],
    *,
    kind: Literal["csv", "xlsx"] = "csv",
    safe: bool = True,
    order_by: str = "customer_id",
    descending: bool = False,
    tables: Mapping[str, str] | None = None,
    excel_rows: int = EXCEL_ROWS,
    **params: Any,
) -> ListFile:
    """Write the people a query returns to a file in the stage folder.

    Args:
        store: The shop.
        query: A file of `store/sql` that returns people, with a column `opted_out`.
        columns: Which of its columns, in order.
        kind: `csv` or `xlsx`; what Excel cannot hold, more than 1,048,576 rows or a text of more
            than 32,767 characters, becomes `csv`.
        safe: Spreadsheet-safe, with a byte order mark; else raw UTF-8.
        order_by: The column to sort by, then by customer.
        descending: Highest first.
        tables: Kept results the query reads.
        excel_rows: The most rows an Excel sheet holds, its header included.
        **params: Values bound to `$name` in the query.

    Raises:
        AnalyticsError: A column does not exist, or none is chosen.
    """
    with _people(store, query, tables, params) as (cursor, kinds):
        _check_known((*columns, order_by), kinds)
        if not columns:
            raise AnalyticsError("No column is chosen.", "Choose at least one.")
        rows, opted_out = _counts(cursor)
        if kind == "xlsx" and (rows + 1 > excel_rows or _longest(cursor, columns) > EXCEL_TEXT):
            kind = "csv"
        path = store.stage_file(kind)
        written = [
            f"{_csv_text(quote(name), kinds[name], safe=safe)} AS {quote(name)}"
            if kind == "csv"
            else quote(name)
            for name in columns
        ]
        listed = (
            f"SELECT {', '.join(written)} FROM people WHERE NOT opted_out "
            f"ORDER BY people.{quote(order_by)}{_direction(descending)}, people.customer_id, "
            "people.rowid"
        )
        if kind == "csv":
            _write_csv(cursor, listed, path, mark=safe)
        else:
            _write_xlsx(cursor, listed, columns, path)
    return ListFile(path, kind, rows, opted_out)


@dataclass(frozen=True)
class Preview:
    """The beginning of a list.

    Attributes:
        frame: DataFrame of its first people.
        rows: How many people it has in all.
        opted_out: How many more are left out because they must not be addressed.
    """

    frame: pd.DataFrame
    rows: int
    opted_out: int


def preview_list(
    store: Store,
    query: str,
    *,
    first: int = 100,
    order_by: str = "customer_id",
    descending: bool = False,
    tables: Mapping[str, str] | None = None,
    **params: Any,
) -> Preview:
    """The first people of the list that `write_list` would write, and how long it is.

    Raises:
        AnalyticsError: There is no such column to sort by.
    """
    with _people(store, query, tables, params) as (cursor, kinds):
        _check_known([order_by], kinds)
        rows, opted_out = _counts(cursor)
        order = f"{quote(order_by)}{_direction(descending)}, customer_id, rowid"
        frame = to_frame(
            cursor.sql(
                f"SELECT * EXCLUDE (opted_out) FROM people WHERE NOT opted_out "
                f"ORDER BY {order} LIMIT {int(first)}"
            ).to_arrow_table()
        )
    return Preview(frame, rows, opted_out)


@contextmanager
def _people(
    store: Store, query: str, tables: Mapping[str, str] | None, params: dict[str, Any]
) -> Iterator[tuple[duckdb.DuckDBPyConnection, dict[str, str]]]:
    """The people a query returns as the temporary table `people`, and its columns' types."""
    with store.reading(tables) as cursor:
        cursor.execute(f"CREATE TEMP TABLE people AS {sql_text(query)}", params or None)
        described = cursor.execute("DESCRIBE people").fetchall()
        yield cursor, {row[0]: row[1] for row in described}


def _direction(descending: bool) -> str:
    return " DESC NULLS LAST" if descending else ""


def _check_known(columns: Sequence[str], kinds: Mapping[str, str]) -> None:
    if unknown := [name for name in columns if name not in kinds]:
        raise AnalyticsError(
            f"There is no column “{unknown[0]}”.", f"Choose among {', '.join(kinds)}."
        )


def _longest(cursor: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> int:
    """How many characters the longest text of the list has."""
    lengths = ", ".join(f"length(CAST({quote(name)} AS VARCHAR))" for name in columns)
    rows = cursor.execute(
        f"SELECT COALESCE(max(greatest({lengths}, 0)), 0) FROM people WHERE NOT opted_out"
    ).fetchall()
    return int(rows[0][0])


def _counts(cursor: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    counts = cursor.execute(
        "SELECT count(*) FILTER (NOT opted_out), count(*) FILTER (opted_out) FROM people"
    ).fetchall()[0]
    return int(counts[0]), int(counts[1])


def _csv_text(column: str, sql_type: str, *, safe: bool) -> str:
    """The column as it is written: money with two to four decimals, no formulas where safe."""
    if sql_type.endswith(",4)"):
        return f"regexp_replace(CAST({column} AS VARCHAR), '0{{1,2}}$', '')"
    if sql_type == "VARCHAR" and safe:
        return (
            f"CASE WHEN regexp_matches({column}, '{FORMULA_START}') "
            f"THEN '''' || {column} ELSE {column} END"
        )
    return column


def frame_csv(frame: pd.DataFrame) -> bytes:
    """A small table as a spreadsheet-safe CSV file, with a byte order mark."""
    safe = frame.copy()
    for name in safe.columns:
        if not (pd.api.types.is_string_dtype(safe[name]) or safe[name].dtype == object):
            continue
        safe[name] = [
            f"'{value}" if isinstance(value, str) and re.match(FORMULA_START, value) else value
            for value in safe[name]
        ]
    return safe.to_csv(index=False).encode("utf-8-sig")


def _write_csv(cursor: duckdb.DuckDBPyConnection, listed: str, path: Path, *, mark: bool) -> None:
    cursor.execute(f"COPY ({listed}) TO {literal(str(path))} (FORMAT csv, HEADER)")
    if mark:
        body = path.with_suffix(".body")
        path.rename(body)
        with path.open("wb") as out, body.open("rb") as source:
            out.write(b"\xef\xbb\xbf")
            while chunk := source.read(1 << 20):
                out.write(chunk)
        body.unlink()


def _write_xlsx(
    cursor: duckdb.DuckDBPyConnection, listed: str, columns: Sequence[str], path: Path
) -> None:
    """One sheet, written row by row; numbers as numbers, text never as a formula or link."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet("List")
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, list(columns), bold)
        cursor.execute(listed)
        place = 1
        while batch := cursor.fetchmany(BATCH_ROWS):
            for row in batch:
                sheet.write_row(place, 0, row)
                place += 1
