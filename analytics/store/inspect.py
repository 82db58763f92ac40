"""What is this file: its header, delimiter, styles, table and mapping, each with the reason.

Everything is guessed from the first megabyte and can be corrected with `Look.replace`.
"""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from analytics.errors import FileError
from analytics.store import stage, styles
from analytics.store.convert import Style
from analytics.store.frames import to_frame
from analytics.store.records import records_sql
from analytics.store.schema import TABLES, Table

MOST_COLUMNS = 2_000
SAMPLE_ROWS = 200
TABLE_WEIGHTS = {"orders": 0.2, "events": 0.1}
"""Between tables that fit equally well, the commoner one."""


@dataclass(frozen=True)
class Look:
    """What a file was found to be.

    Attributes:
        path: The file.
        name: What the user calls it.
        table: The table it is read as, one of `orders events customers products assignments spend`.
        mapping: For each field of the table the column that holds it.
        reasons: For each mapped field why that column.
        columns: The file's columns in order, made unique.
        header: Whether its first line names them.
        encoding: Always `utf-8`.
        delimiter: What parts its columns.
        style: How it writes numbers and dates.
        decimal: The decimal mark, where the user chose it.
        times: The date styles that the user chose, by field.
        grain: What one record is.
        problems: What a user should look at, in sentences.
        sample: DataFrame, the first records as they will be read, with `reason` where they cannot.
    """

    path: Path
    name: str
    table: str
    mapping: dict[str, str]
    reasons: dict[str, str]
    columns: list[str]
    header: bool
    encoding: str
    delimiter: str
    style: Style
    decimal: str | None
    times: dict[str, str]
    grain: str
    problems: list[str]
    sample: pd.DataFrame = field(repr=False)

    @property
    def places(self) -> dict[str, int]:
        """For each mapped field the place of its column."""
        return {name: self.columns.index(column) for name, column in self.mapping.items()}

    def missing(self) -> list[str]:
        """What the table needs and no column gives, in a marketer's words."""
        return [need.label for need in TABLES[self.table].missing(set(self.mapping))]

    def replace(
        self,
        *,
        table: str | None = None,
        mapping: Mapping[str, str] | None = None,
        delimiter: str | None = None,
        header: bool | None = None,
        decimal: str | None = None,
        times: Mapping[str, str] | None = None,
    ) -> "Look":
        """The same file with some guesses corrected; the others are made again from there.

        Raises:
            FileError: A table, field or column of that name does not exist.
        """
        same_table = table in (None, self.table)
        same_columns = delimiter in (None, self.delimiter) and header in (None, self.header)
        if mapping is None and same_table and same_columns:
            mapping = self.mapping
        return inspect(
            self.path,
            name=self.name,
            table=table or self.table,
            mapping=mapping,
            delimiter=delimiter or self.delimiter,
            header=self.header if header is None else header,
            decimal=decimal or self.decimal,
            times={**self.times, **(times or {})},
        )


def inspect(
    path: str | Path,
    *,
    name: str | None = None,
    table: str | None = None,
    mapping: Mapping[str, str] | None = None,
    delimiter: str | None = None,
    header: bool | None = None,
    decimal: str | None = None,
    times: Mapping[str, str] | None = None,
) -> Look:
    """Look at the first megabyte of a CSV file, plain or gzipped.

    Args:
        path: The file.
        name: What the user calls it; by default its own name.
        table: Read it as this table; by default the one that fits best.
        mapping: Field to column, instead of the guess.
        delimiter: One of comma, semicolon, tab, pipe.
        header: Whether the first line names the columns.
        decimal: The decimal mark, `.` or `,`.
        times: Field to date style (see `convert.Style`), where the guess is wrong.

    Raises:
        FileError: It is no table, or a correction names what does not exist.
    """
    path = Path(path)
    name = name or path.name
    text = stage.head(path, name)
    delimiter = delimiter or styles.delimiter_of(text)
    rows = _rows(text, delimiter, name)
    if header is None:
        header = _has_header(rows)
    columns = _column_names(rows[0], header)
    body = rows[1:] if header else rows
    if not body:
        raise FileError(
            f"“{name}” has a header but no records.", "Export it again with its rows included."
        )
    values = {
        column: [row[place].strip() for row in body if place < len(row)]
        for place, column in enumerate(columns)
    }
    if table is not None and table not in TABLES:
        raise FileError(f"There is no table “{table}”.", f"Choose one of {', '.join(TABLES)}.")
    guesses = {
        shape.name: _map(shape, columns, values)
        for shape in TABLES.values()
        if table in (None, shape.name)
    }
    table = max(guesses, key=lambda shape: _fit(TABLES[shape], guesses[shape]))
    chosen, reasons = dict(guesses[table]), {}
    for target, column in chosen.items():
        reasons[target] = f"The column is called “{column}”."
    if mapping is not None:
        _check_mapping(TABLES[table], mapping, columns)
        for target in mapping:
            if mapping[target] != chosen.get(target):
                reasons[target] = "You chose it."
        chosen = dict(mapping)
    shape = TABLES[table]
    problems: list[str] = []
    times = {target: style for target, style in (times or {}).items() if target in chosen}
    style = styles.style_of(shape, chosen, values, decimal, times, problems)
    if not header:
        problems.append("The file has no header line; please check which column is which.")
    if mixed := sum(len(row) != len(columns) for row in body):
        problems.append(
            f"{mixed} of the first {len(body):,} records have more or fewer columns "
            "than the first line."
        )
    sample = _sample(shape, chosen, columns, body[:SAMPLE_ROWS], style, delimiter)
    return Look(
        path=path,
        name=name,
        table=table,
        mapping=chosen,
        reasons={target: reasons[target] for target in chosen},
        columns=columns,
        header=header,
        encoding="utf-8",
        delimiter=delimiter,
        style=style,
        decimal=decimal,
        times=times,
        grain="line",
        problems=problems,
        sample=sample,
    )


def plain(header: str) -> str:
    """A header in lower case with everything but letters and digits removed.

    >>> plain("Invoice No. "), plain("订单 编号")
    ('invoiceno', '订单编号')
    """
    return re.sub(r"[\W_]+", "", header.lower())


def _rows(text: str, delimiter: str, name: str) -> list[list[str]]:
    csv.field_size_limit(stage.LONGEST_LINE_BYTES)
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    if len(rows[0]) > MOST_COLUMNS:
        raise FileError(
            f"“{name}” has {len(rows[0]):,} columns.",
            f"Regulars reads up to {MOST_COLUMNS:,}; export only the columns you need.",
        )
    return rows


def _has_header(rows: list[list[str]]) -> bool:
    """Whether the first line names the columns: it holds known names, or only words."""
    known = {word for table in TABLES.values() for item in table.fields for word in item.synonyms}
    first = rows[0]
    if any(plain(cell) in known for cell in first):
        return True
    looks_like_data = [bool(re.search(r"\d", cell)) or not cell.strip() for cell in first]
    return not any(looks_like_data)


def _column_names(first: list[str], header: bool) -> list[str]:
    """The columns' names, made unique; numbered where there are none."""
    names: list[str] = []
    for place, cell in enumerate(first):
        base = cell.strip() if header and cell.strip() else f"column {place + 1}"
        name, again = base, 2
        while name in names:
            name, again = f"{base} ({again})", again + 1
        names.append(name)
    return names


def _map(table: Table, columns: list[str], values: dict[str, list[str]]) -> dict[str, str]:
    """For each field the column whose name is the first of its synonyms to occur."""
    free = {plain(column): column for column in reversed(columns)}
    chosen: dict[str, str] = {}
    for target in sorted(table.fields, key=lambda item: not item.required):
        words = (*target.synonyms, "id") if table.key == (target.name,) else target.synonyms
        for word in words:
            if word in free and any(values[free[word]]):
                chosen[target.name] = free.pop(word)
                break
    return {target: chosen[target] for target in table.names if target in chosen}


def _fit(table: Table, mapping: dict[str, str]) -> float:
    """How well a file fits a table: what it gives of what the table needs, then of the rest."""
    missing = len(table.missing(set(mapping)))
    needed = sum(target.required for target in table.fields)
    return (needed - missing) / needed * 10 + len(mapping) / 3 + TABLE_WEIGHTS.get(table.name, 0)


def _check_mapping(table: Table, mapping: Mapping[str, str], columns: list[str]) -> None:
    for target, column in mapping.items():
        if target not in table.names:
            raise FileError(
                f"{table.name} has no field “{target}”.", f"Choose among {', '.join(table.names)}."
            )
        if column not in columns:
            raise FileError(
                f"There is no column “{column}”.", f"Choose among {', '.join(columns)}."
            )


def _sample(
    table: Table,
    mapping: dict[str, str],
    columns: list[str],
    body: list[list[str]],
    style: Style,
    delimiter: str,
) -> pd.DataFrame:
    """The first records, converted by the very SQL that the import runs."""
    if not mapping:
        return pd.DataFrame()
    width = len(columns)
    whole = [(place, row) for place, row in enumerate(body, start=1) if len(row) == width]
    arrays: dict[str, Any] = {"record_no": pa.array([place for place, _ in whole], pa.int64())}
    for place in range(width):
        arrays[f"c{place}"] = pa.array([row[place] for _, row in whole], pa.string())
    places = {target: columns.index(column) for target, column in mapping.items()}
    query = records_sql(
        table, places, columns, style, delimiter, date.max.replace(year=9000).isoformat(), "records"
    )
    with duckdb.connect(":memory:") as connection:
        connection.register("records", pa.table(arrays))
        read = connection.sql(query).to_arrow_table()
    shown = read.select(
        ["reason", *(name for name in table.names if name in mapping or name == "amount")]
    )
    return to_frame(shown)
