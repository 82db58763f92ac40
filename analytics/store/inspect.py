"""What is this file: its header, delimiter, styles, table and mapping, each with the reason.

Everything is guessed from the first megabyte and can be corrected with `Look.replace`.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import duckdb
import pandas as pd
import pyarrow as pa

from analytics.errors import FileError
from analytics.store import encodings, match, sources, stage, styles
from analytics.store.also import Also
from analytics.store.convert import Style
from analytics.store.frames import to_frame
from analytics.store.grain import GRAINS, SPREAD, WORDS, grain_of
from analytics.store.records import Reading, records_sql
from analytics.store.schema import TABLES

MOST_COLUMNS = 2_000
SAMPLE_ROWS = 200
GRAIN_ROWS = 5_000
FAR_FUTURE = "9000-01-01"
WORKED_OUT = ("amount", "order_id")


@dataclass(frozen=True)
class Choices:
    """What the user decided about a file; everything else is guessed.

    Attributes:
        table: Read it as this table.
        mapping: For each field the column that holds it.
        also: For `products` and `customers`: field to column, of what else the file tells.
        part: The file within a zip or the sheet within a workbook.
        encoding: One of `encodings.ENCODINGS`.
        delimiter: One of comma, semicolon, tab, pipe; a space for runs of spaces.
        header: Whether the first line names the columns.
        decimal: The decimal mark, `.` or `,`.
        times: Field to date style (see `convert.Style`).
        zone: The shop's time zone, as in `Asia/Shanghai`.
        grain: What one record is, one of `grain.GRAINS`.
    """

    table: str | None = None
    mapping: Mapping[str, str] | None = None
    also: Also | None = None
    part: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header: bool | None = None
    decimal: str | None = None
    times: Mapping[str, str] = field(default_factory=dict)
    zone: str | None = None
    grain: str | None = None

    def check(self) -> None:
        """Complain of what does not exist.

        Raises:
            FileError: A choice is none of the possible ones.
        """
        possible: dict[str, list[str]] = {
            "table": list(TABLES),
            "encoding": list(encodings.ENCODINGS),
            "grain": list(GRAINS),
            "decimal": [".", ","],
        }
        for name, options in possible.items():
            chosen = getattr(self, name)
            if chosen is not None and chosen not in options:
                raise FileError(
                    f"There is no {name} “{chosen}”.", f"Choose one of {', '.join(options)}."
                )
        if self.zone is not None and self.zone not in available_timezones():
            raise FileError(
                f"There is no time zone “{self.zone}”.", "Choose one such as Europe/London."
            )


@dataclass(frozen=True)
class Look:
    """What a file was found to be.

    Attributes:
        path: The file.
        name: What the user calls it.
        part: The file within a zip or the sheet within a workbook; empty for a file of its own.
        parts: All of them.
        table: The table it is read as, one of `orders events customers products assignments spend
            stock_levels matches`.
        mapping: For each field of the table the column that holds it.
        also: For `products` and `customers`: field to column, of what else the file tells.
        reasons: For each mapped field why that column.
        columns: The file's columns in order, made unique.
        header: Whether its first line names them.
        encoding: One of `encodings.ENCODINGS`.
        delimiter: What parts its columns; a space for runs of spaces.
        style: How it writes numbers and dates.
        grain: What one record is, one of `grain.GRAINS`.
        problems: What a user should look at, in sentences.
        chosen: What the user decided.
        records: DataFrame, the first records as they came, all text.
        sample: DataFrame, the first records as they will be read, with `reason` where they cannot.
    """

    path: Path
    name: str
    part: str
    parts: list[str]
    table: str
    mapping: dict[str, str]
    also: Also
    reasons: dict[str, str]
    columns: list[str]
    header: bool
    encoding: str
    delimiter: str
    style: Style
    grain: str
    problems: list[str]
    chosen: Choices
    records: pd.DataFrame = field(repr=False)
    sample: pd.DataFrame = field(repr=False)

    @property
    def origin(self) -> stage.Origin:
        """Where the table comes from and how its text is read."""
        return stage.Origin(self.path, self.name, self.part, self.encoding, self.delimiter == " ")

    @property
    def places(self) -> dict[str, int]:
        """For each mapped field the place of its column."""
        return {name: self.columns.index(column) for name, column in self.mapping.items()}

    @property
    def reading(self) -> Reading:
        """How its records are read."""
        return Reading(
            TABLES[self.table],
            self.places,
            self.columns,
            self.style,
            "\t" if self.delimiter == " " else self.delimiter,
            self.grain,
        )

    def missing(self) -> list[str]:
        """What the table needs and no column gives, in a marketer's words."""
        return [need.label for need in TABLES[self.table].missing(set(self.mapping))]

    def replace(self, **corrections: Any) -> "Look":
        """The same file with some guesses corrected (see `Choices`); the others are made anew.

        Raises:
            FileError: A table, field, column or other choice of that name does not exist.
        """
        kept: dict[str, Any] = {"table": self.table, "part": self.part}
        same_columns = not corrections.keys() & {"part", "encoding", "delimiter", "header"}
        if same_columns and corrections.get("table", self.table) == self.table:
            kept |= {"mapping": self.mapping}
        kept |= {"delimiter": self.delimiter} if "encoding" not in corrections else {}
        times = {**self.chosen.times, **(corrections.pop("times", None) or {})}
        chosen = {name: value for name, value in vars(self.chosen).items() if value is not None}
        if "part" in corrections:
            kept, chosen = {}, {}
        merged = {**chosen, **kept, **corrections, "times": times}
        if not same_columns:
            merged.pop("mapping", None) if "mapping" not in corrections else None
            merged.pop("also", None) if "also" not in corrections else None
        return inspect(self.path, name=self.name, **merged)


def inspect(path: str | Path, *, name: str | None = None, **decided: Any) -> Look:
    """Look at the first megabyte of a table file.

    Args:
        path: A CSV or other delimited text, plain, gzipped or in a zip; an Excel workbook; or a
            Parquet file.
        name: What the user calls it; by default its own name.
        **decided: What is known already (see `Choices`), instead of the guess.

    Raises:
        FileError: It is no table, or a choice names what does not exist.
    """
    path, chosen = Path(path), Choices(**decided)
    chosen.check()
    name = name or path.name
    parts = sources.parts(path, name)
    part = sources.main_part(path, name) if chosen.part is None else chosen.part
    if part not in parts:
        raise FileError(f"“{name}” holds no “{part}”.", f"Choose among {', '.join(parts)}.")
    problems: list[str] = []
    encoding = chosen.encoding or _encoding(path, name, part, problems)
    text = stage.head(stage.Origin(path, name, part, encoding))
    delimiter = chosen.delimiter or styles.delimiter_of(text)
    if delimiter == " ":
        text = stage.head(stage.Origin(path, name, part, encoding, squeeze=True))
    rows = _rows(text, "\t" if delimiter == " " else delimiter, name)
    header = match.has_header(rows) if chosen.header is None else chosen.header
    columns = match.column_names(rows[0], header=header)
    body = rows[1:] if header else rows
    if not body:
        raise FileError(
            f"“{name}” has a header but no records.", "Export it again with its rows included."
        )
    values = {
        column: [row[place].strip() for row in body if place < len(row)]
        for place, column in enumerate(columns)
    }
    table, mapping, reasons = match.table_and_mapping(
        chosen.table, chosen.mapping, columns, values, header=header
    )
    shape = TABLES[table]
    if chosen.also is None:
        also = match.also(shape, mapping, columns, values, header=header)
    else:
        also = dict(chosen.also)
    times = {target: style for target, style in chosen.times.items() if target in mapping}
    style = styles.style_of(shape, mapping, values, chosen.decimal, times, problems)
    style = replace(style, zone=chosen.zone)
    grain: str = "line"
    if table == "orders":
        grain = chosen.grain or _grain(mapping, columns, body, problems)
        _say_what_is_missing(mapping, problems)
    _say_how_lines_look(header, columns, body, problems)
    delimited = "\t" if delimiter == " " else delimiter
    places = {target: columns.index(column) for target, column in mapping.items()}
    reading = Reading(shape, places, columns, style, delimited, grain)
    return Look(
        path=path,
        name=name,
        part=part,
        parts=parts,
        table=table,
        mapping=mapping,
        also=also,
        reasons={target: reasons[target] for target in mapping},
        columns=columns,
        header=header,
        encoding=encoding,
        delimiter=delimiter,
        style=style,
        grain=grain,
        problems=problems,
        chosen=chosen,
        records=pd.DataFrame(
            [row for row in body[:SAMPLE_ROWS] if len(row) == len(columns)], columns=columns
        ),
        sample=_sample(reading, body[:SAMPLE_ROWS]),
    )


def _encoding(path: Path, name: str, part: str, problems: list[str]) -> str:
    """The guessed encoding; a guess that is not certain goes to `problems`."""
    encoding = encodings.detect(stage.raw_head(path, name, part))
    if not encoding.startswith("utf"):
        problems.append(
            f"The text looks like {encodings.ENCODINGS[encoding]}; if names look wrong below, "
            "choose another encoding."
        )
    return encoding


def _grain(
    mapping: dict[str, str], columns: list[str], body: list[list[str]], problems: list[str]
) -> str:
    """What a record is; where totals are counted once, `problems` says so."""
    places = {target: columns.index(column) for target, column in mapping.items()}
    records = [
        {target: row[place].strip() for target, place in places.items()}
        for row in body[:GRAIN_ROWS]
        if len(row) == len(columns)
    ]
    grain = grain_of(records)
    if grain in SPREAD:
        problems.append(
            f"A record looks like {WORDS[grain]}. The total is counted once and spread over the "
            "order's lines."
        )
    return grain


def _say_what_is_missing(mapping: dict[str, str], problems: list[str]) -> None:
    if "order_id" not in mapping and {"customer_id", "ordered_at"} <= set(mapping):
        problems.append(
            "There is no order number: all lines of a customer on one day count as one order."
        )
    if "customer_id" not in mapping:
        problems.append(
            "There is no column with customers: these orders count in sales only, and pages "
            "about customers cannot use them."
        )


def _say_how_lines_look(
    header: bool, columns: list[str], body: list[list[str]], problems: list[str]
) -> None:
    if not header:
        problems.append("The file has no header line; please check which column is which.")
    if mixed := sum(len(row) != len(columns) for row in body):
        problems.append(
            f"{mixed} of the first {len(body):,} records have more or fewer columns "
            "than the first line."
        )


def _rows(text: str, delimiter: str, name: str) -> list[list[str]]:
    csv.field_size_limit(stage.LONGEST_LINE_BYTES)
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    if len(rows[0]) > MOST_COLUMNS:
        raise FileError(
            f"“{name}” has {len(rows[0]):,} columns.",
            f"Regulars reads up to {MOST_COLUMNS:,}; export only the columns you need.",
        )
    return rows


def _sample(reading: Reading, body: list[list[str]]) -> pd.DataFrame:
    """The first records, converted by the very SQL that the import runs."""
    if not reading.places:
        return pd.DataFrame()
    width, table = len(reading.columns), reading.table
    whole = [(place, row) for place, row in enumerate(body, start=1) if len(row) == width]
    arrays: dict[str, Any] = {"record_no": pa.array([place for place, _ in whole], pa.int64())}
    for place in range(width):
        arrays[f"c{place}"] = pa.array([row[place] for _, row in whole], pa.string())
    query = records_sql(reading, FAR_FUTURE, "records")
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone='UTC'")
        connection.register("records", pa.table(arrays))
        read = connection.sql(f"SELECT * FROM ({query}) ORDER BY record_no").to_arrow_table()
    shown = [name for name in table.names if name in reading.places or name in WORKED_OUT]
    if table.name != "orders":
        shown = [name for name in shown if name in reading.places]
    return to_frame(read.select(["reason", *(name for name in shown if name in read.column_names)]))
