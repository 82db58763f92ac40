"""A table of one row a user of a test that was run elsewhere: looked at, and summed by variant.

The file is read like any other (packed or not, in any encoding, Excel too), but nothing of it is
kept: only the sums of each variant leave. Columns are known by their place, so that nothing a
header says becomes SQL. The sums are exact, as those of the shop's own experiments.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analytics.errors import FileError, StoreError
from analytics.store import encodings, match, sources, stage, styles
from analytics.store.convert import Style, literal, number, number_pattern, text, value
from analytics.store.frames import to_frame
from analytics.store.schema import Field
from analytics.store.store import Store

__all__ = ["RowsLook", "RowsSums", "look_at_rows", "sum_rows"]

FLAG = Field("flag", "flag", "Outcome")


@dataclass(frozen=True)
class RowsLook:
    """What a file of users was found to be.

    Attributes:
        path: The file.
        name: What the user calls it.
        part: The file within a zip or the sheet within a workbook.
        parts: All of them.
        columns: Its columns, made unique.
        header: Whether its first line names them.
        encoding: One of `encodings.ENCODINGS`.
        delimiter: What parts its columns.
        decimal: The decimal mark.
        records: DataFrame, the records of the first megabyte, all text.
    """

    path: Path
    name: str
    part: str
    parts: list[str]
    columns: list[str]
    header: bool
    encoding: str
    delimiter: str
    decimal: str
    records: pd.DataFrame


@dataclass(frozen=True)
class RowsSums:
    """What a file of users adds up to.

    Attributes:
        sums: DataFrame, a row a variant and outcome: variant, outcome (its column), n (users),
            total and squared (exact sums over users of the outcome and its square), is_flag
            (whether it is only ever yes or no, over all variants).
        left_out: DataFrame reason, rows: records that count nowhere.
        switched: Users in several variants, who are left out.
        repeated: Further rows of users that were there already.
        blank: For each outcome the rows that say nothing of it, which count as zero.
    """

    sums: pd.DataFrame
    left_out: pd.DataFrame
    switched: int
    repeated: int
    blank: dict[str, int]


def look_at_rows(
    path: str | Path,
    *,
    name: str | None = None,
    part: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> RowsLook:
    """Look at the first megabyte of a file.

    Args:
        path: A CSV or other delimited text, plain, gzipped or in a zip; an Excel workbook; Parquet.
        name: What the user calls it; by default its own name.
        part: The file within a zip or the sheet within a workbook; by default the largest.
        encoding: One of `encodings.ENCODINGS`, instead of the guess.
        delimiter: What parts its columns, instead of the guess.

    Raises:
        FileError: It is no table.
    """
    path = Path(path)
    name = name or path.name
    parts = sources.parts(path, name)
    part = sources.main_part(path, name) if part is None else part
    if part not in parts:
        raise FileError(f"“{name}” holds no “{part}”.", f"Choose among {', '.join(parts)}.")
    encoding = encoding or encodings.detect(stage.raw_head(path, name, part))
    head = stage.head(stage.Origin(path, name, part, encoding))
    delimiter = delimiter or styles.delimiter_of(head)
    if delimiter == " ":
        head = stage.head(stage.Origin(path, name, part, encoding, squeeze=True))
    csv.field_size_limit(stage.LONGEST_LINE_BYTES)
    reader = csv.reader(io.StringIO(head), delimiter="\t" if delimiter == " " else delimiter)
    rows = [row for row in reader if row]
    header = match.has_header(rows)
    columns = match.column_names(rows[0], header=header)
    body = [row for row in rows[int(header) :] if len(row) == len(columns)]
    if not body or len(columns) < 2:
        raise FileError(
            f"“{name}” is no table with one row a user.",
            "Upload a file with a column of variants and a column for each outcome.",
        )
    records = pd.DataFrame(body, columns=columns)
    return RowsLook(
        path, name, part, parts, columns, header, encoding, delimiter, _decimal(records), records
    )


def sum_rows(
    store: Store,
    look: RowsLook,
    *,
    variant: str,
    outcomes: list[str],
    customer: str | None = None,
    must_match: tuple[str, Mapping[str, str]] | None = None,
) -> RowsSums:
    """Sum the outcomes of each variant over its users.

    Args:
        store: Whose stage folder is used; nothing of the file stays there.
        look: The file.
        variant: The column that says which variant.
        outcomes: Columns of yes or no, or of numbers.
        customer: The column that says which user, where one may have several rows: such a user
            counts once, yes if any row says yes, and amounts of different rows added up.
        must_match: A column, and for each variant what must stand in it, such as the page that
            was shown; rows where something else does are left out.

    Raises:
        FileError: The file cannot be read that way.
        StoreError: The disk is full.
    """
    squeeze = look.delimiter == " "
    origin = stage.Origin(look.path, look.name, look.part, look.encoding, squeeze)
    try:
        staged = stage.bring_in(origin, store.stage)
    except OSError as error:
        raise StoreError(
            "The disk is full or cannot be written to.", "Free some space and try again."
        ) from error
    try:
        with store.reading() as cursor:
            cursor.execute(_users_sql(staged, look, variant, outcomes, customer, must_match))
            read = cursor.execute("SELECT COUNT(*) FROM outside_rows").fetchall()[0][0]
            reasons = to_frame(cursor.sql(LEFT_OUT).to_arrow_table())
            cursor.execute(_per_user_sql(len(outcomes)))
            facts = cursor.execute(FACTS).fetchall()[0]
            blank = cursor.execute(_blank_sql(len(outcomes))).fetchall()[0]
            sums = to_frame(cursor.sql(_sums_sql(outcomes)).to_arrow_table())
    finally:
        staged.path.unlink(missing_ok=True)
    if malformed := staged.records - look.header - read:
        cannot = pd.DataFrame({"reason": ["The row has too many or too few columns"]})
        reasons = pd.concat([reasons, cannot.assign(rows=malformed)], ignore_index=True)
    return RowsSums(
        sums, reasons, int(facts[0]), int(facts[1]), dict(zip(outcomes, blank, strict=True))
    )


LEFT_OUT = """
    SELECT reason, COUNT(*) AS rows FROM outside_rows WHERE reason IS NOT NULL
    GROUP BY reason ORDER BY rows DESC, reason
"""
FACTS = """
    SELECT COUNT(*) FILTER (variants > 1), COALESCE(SUM(records - 1) FILTER (variants = 1), 0)
    FROM outside_users
"""


def _decimal(records: pd.DataFrame) -> str:
    """The decimal mark: a comma only where more texts are numbers with it than with a point."""
    cells = records.head(500).stack()
    point, comma = (
        int(cells.str.strip().str.fullmatch(number_pattern(mark)).sum()) for mark in (".", ",")
    )
    return "," if comma > point else "."


def _users_sql(
    staged: stage.Staged,
    look: RowsLook,
    variant: str,
    outcomes: list[str],
    customer: str | None,
    must_match: tuple[str, Mapping[str, str]] | None,
) -> str:
    """Makes the table `outside_rows`: variant, customer, the outcomes' values, and a reason."""
    at = {column: f"c{place}" for place, column in enumerate(look.columns)}
    names = ", ".join(f"'{place}': 'VARCHAR'" for place in at.values())
    delimiter = "\t" if look.delimiter == " " else look.delimiter
    source = (
        f"read_csv({literal(str(staged.path))}, auto_detect=false, columns={{{names}}}, "
        f"delim={literal(delimiter)}, quote='\"', escape='\"', "
        f"header={str(look.header).lower()}, new_line='\\n', ignore_errors=true, "
        f"max_line_size={stage.LONGEST_LINE_BYTES * 2})"
    )
    style = Style(look.decimal)
    values, reasons = [], ["WHEN variant IS NULL THEN 'No variant is given'"]
    if customer is not None:
        reasons.append("WHEN customer IS NULL THEN 'No user is given'")
    for place, outcome in enumerate(outcomes):
        column = at[outcome]
        flag = value(FLAG, f"t{place}", style)
        values.append(f"{text(column)} AS t{place}")
        values.append(
            f"COALESCE({number(f't{place}', look.decimal)}, "
            f"CAST(CASE WHEN {flag} THEN 1 WHEN NOT {flag} THEN 0 END AS DECIMAL(18, 4))) "
            f"AS v{place}"
        )
        reasons.append(
            f"WHEN t{place} IS NOT NULL AND v{place} IS NULL "
            f"THEN {literal(outcome)} || ' is neither a number nor yes or no'"
        )
    if must_match is not None:
        column, pages = must_match
        fits = " ".join(
            f"WHEN {literal(which)} THEN {literal(page)}" for which, page in pages.items()
        )
        values.append(f"{text(at[column])} AS shown, CASE variant {fits} END AS meant")
        reasons.append(
            "WHEN shown IS DISTINCT FROM meant "
            f"THEN {literal(column)} || ' does not fit the variant'"
        )
    key = text(at[customer]) if customer is not None else "CAST(row_number() OVER () AS VARCHAR)"
    return (
        f"CREATE TEMP TABLE outside_rows AS SELECT *, CASE {' '.join(reasons)} END AS reason "
        f"FROM (SELECT {text(at[variant])} AS variant, {key} AS customer, "
        f"{', '.join(values)} FROM {source})"
    )


def _per_user_sql(outcomes: int) -> str:
    """Makes the table `outside_users`: a row a user; repeated rows put together."""
    sums = ", ".join(
        f"CAST(COALESCE(CASE WHEN (SELECT BOOL_AND(v{place} IN (0, 1)) FROM outside_rows "
        f"WHERE reason IS NULL AND v{place} IS NOT NULL) THEN MAX(v{place}) "
        f"ELSE SUM(v{place}) END, 0) AS DECIMAL(18, 4)) AS v{place}"
        for place in range(outcomes)
    )
    return (
        "CREATE TEMP TABLE outside_users AS SELECT customer, MIN(variant) AS variant, "
        f"COUNT(DISTINCT variant) AS variants, COUNT(*) AS records, {sums} "
        "FROM outside_rows WHERE reason IS NULL GROUP BY customer"
    )


def _blank_sql(outcomes: int) -> str:
    counts = ", ".join(f"COUNT(*) FILTER (t{place} IS NULL)" for place in range(outcomes))
    return f"SELECT {counts} FROM outside_rows WHERE reason IS NULL"


def _sums_sql(outcomes: list[str]) -> str:
    parts = [
        f"SELECT variant, {place} AS place, {literal(outcome)} AS outcome, COUNT(*) AS n, "
        f"CAST(SUM(v{place}) AS DECIMAL(38, 4)) AS total, "
        f"CAST(SUM(CAST(v{place} AS DECIMAL(19, 4)) * v{place}) "
        "AS DECIMAL(38, 8)) AS squared, "
        f"(SELECT BOOL_AND(v{place} IN (0, 1)) FROM outside_users WHERE variants = 1) AS is_flag "
        "FROM outside_users WHERE variants = 1 GROUP BY variant"
        for place, outcome in enumerate(outcomes)
    ]
    return f"SELECT * FROM ({' UNION ALL '.join(parts)}) ORDER BY place, variant"
