"""What lies in an uploaded file: plain text, gzip, a zip of files, Excel sheets or Parquet.

Whatever it is, it comes out as the bytes of one delimited text; a zip or a workbook has several
parts, each a file or sheet of its own. Nothing is ever unpacked to a path that a file names.
"""

import csv
import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path, PurePosixPath
from typing import IO, Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import python_calamine

from analytics.errors import FileError

CHUNK_BYTES = 1 << 19
"""Read at once: small enough to stay in the processor's own memory while it is checked."""
HARMLESS_BYTES = 4 << 20
LARGEST_RATIO = 100
LARGEST_UNPACKED_BYTES = 4 << 30
SHEET_ROWS_AT_ONCE = 5_000

PICTURE = ("a picture", "Choose the file with the orders.")
FOREIGN = (
    (b"%PDF", "a PDF document", "Export the table as CSV or Excel and upload that."),
    (b"\x89PNG", *PICTURE),
    (b"\xff\xd8\xff", *PICTURE),
    (b"GIF8", *PICTURE),
    (b"7z\xbc\xaf", "a 7z archive", "Unpack it, or pack it as zip, and upload that."),
    (b"Rar!", "a RAR archive", "Unpack it, or pack it as zip, and upload that."),
    (b"BZh", "a bzip2 archive", "Unpack it, or pack it as zip, and upload that."),
)
OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def kind_of(path: Path, name: str) -> str:
    """`text`, `gzip`, `zip`, `excel` or `parquet`, by what the file begins with.

    Raises:
        FileError: The file is missing, or of a kind that holds no table.
    """
    if not path.is_file():
        raise FileError(f"There is no file “{name}”.", "Check the path and try again.")
    with path.open("rb") as file:
        magic = file.read(8)
    for prefix, what, fix in FOREIGN:
        if magic.startswith(prefix):
            raise FileError(f"“{name}” is {what}, not a table.", fix)
    if magic.startswith(b"\x1f\x8b"):
        return "gzip"
    if magic.startswith(OLD_EXCEL):
        return "excel"
    if magic.startswith(b"PAR1"):
        return "parquet"
    if magic.startswith(b"PK\x03\x04"):
        with _zip(path, name) as archive:
            return "excel" if "[Content_Types].xml" in archive.namelist() else "zip"
    return "text"


def parts(path: Path, name: str | None = None) -> list[str]:
    """The tables in a file: the files of a zip, the filled sheets of a workbook, else one, "".

    Raises:
        FileError: There is none, or a zip names a path outside itself.
    """
    name = name or path.name
    kind = kind_of(path, name)
    if kind == "excel":
        book = _workbook(path, name)
        found = [sheet for sheet in book.sheet_names if book.get_sheet_by_name(sheet).height]
    elif kind == "zip":
        with _zip(path, name) as archive:
            found = [entry.filename for entry in archive.infolist() if _is_table(entry, name)]
    else:
        return [""]
    if not found:
        raise FileError(f"“{name}” holds no table.", "Check the file and upload it again.")
    return found


def main_part(path: Path, name: str) -> str:
    """The part that most likely is meant: the largest file of a zip, the longest sheet."""
    found = parts(path, name)
    if len(found) == 1:
        return found[0]
    if kind_of(path, name) == "zip":
        with _zip(path, name) as archive:
            return max(found, key=lambda part: archive.getinfo(part).file_size)
    book = _workbook(path, name)
    return max(found, key=lambda part: book.get_sheet_by_name(part).height)


def read(path: Path, name: str, part: str = "") -> Iterator[bytes]:
    """The bytes of one table of a file as delimited text, unpacked, in pieces."""
    match kind_of(path, name):
        case "excel":
            yield from _sheet(_workbook(path, name), part or main_part(path, name))
        case "parquet":
            yield from _parquet(path, name)
        case "zip":
            chosen = part or main_part(path, name)
            with _zip(path, name) as archive:
                packed_bytes = archive.getinfo(chosen).compress_size
                with archive.open(chosen) as member:
                    yield from _within_limits(_unpacked(member, name), packed_bytes, name)
        case "gzip":
            with gzip.open(path) as member:
                yield from _within_limits(_unpacked(member, name), path.stat().st_size, name)
        case _:
            with path.open("rb") as file:
                yield from iter(lambda: file.read(CHUNK_BYTES), b"")


def _unpacked(member: IO[bytes] | gzip.GzipFile, name: str) -> Iterator[bytes]:
    try:
        yield from iter(lambda: member.read(CHUNK_BYTES), b"")
    except (EOFError, gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, RuntimeError) as error:
        raise FileError(
            f"“{name}” is damaged or locked with a password.",
            "Download or pack it again, without a password, and upload that.",
        ) from error


def _within_limits(chunks: Iterator[bytes], packed_bytes: int, name: str) -> Iterator[bytes]:
    unpacked_bytes = 0
    for chunk in chunks:
        unpacked_bytes += len(chunk)
        if unpacked_bytes > LARGEST_UNPACKED_BYTES or (
            unpacked_bytes > HARMLESS_BYTES and unpacked_bytes > LARGEST_RATIO * packed_bytes
        ):
            raise FileError(
                f"“{name}” unpacks to far more than an export would.",
                "Unpack it yourself, check it, and upload the table in it.",
            )
        yield chunk


def _zip(path: Path, name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, struct.error) as error:
        raise FileError(
            f"“{name}” is a damaged zip file.", "Download or pack it again and upload that."
        ) from error


def _is_table(entry: zipfile.ZipInfo, name: str) -> bool:
    """Whether an entry is a file to read, and not one of the system's own."""
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        raise FileError(
            f"“{name}” holds a file that wants to lie outside it, “{entry.filename[:80]}”.",
            "Do not trust this zip; pack the tables anew and upload that.",
        )
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return not entry.is_dir() and not hidden and entry.file_size > 0


def _workbook(path: Path, name: str) -> python_calamine.CalamineWorkbook:
    try:
        return python_calamine.CalamineWorkbook.from_path(str(path))
    except (python_calamine.CalamineError, python_calamine.PasswordError) as error:
        raise FileError(
            f"“{name}” is a damaged Excel file, or locked with a password.",
            "Open it in Excel, save it anew without a password, and upload that.",
        ) from error


def _sheet(book: python_calamine.CalamineWorkbook, sheet: str) -> Iterator[bytes]:
    if sheet not in book.sheet_names:
        raise FileError(
            f"There is no sheet “{sheet}”.", f"Choose among {', '.join(book.sheet_names)}."
        )
    rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=True)
    for start in range(0, len(rows), SHEET_ROWS_AT_ONCE):
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows(
            [_cell(cell) for cell in row] for row in rows[start : start + SHEET_ROWS_AT_ONCE]
        )
        yield text.getvalue().encode("utf-8")


def _cell(value: Any) -> str:
    """A cell as a person would type it.

    >>> [_cell(x) for x in (17850.0, 2.55, datetime(2010, 12, 1, 8, 26), date(2010, 12, 1), True)]
    ['17850', '2.55', '2010-12-01 08:26:00', '2010-12-01', 'true']
    """
    match value:
        case bool():
            return str(value).lower()
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime():
            return value.isoformat(" ")
        case date() | time() | timedelta():
            return str(value)
        case _:
            return str(value)


def _parquet(path: Path, name: str) -> Iterator[bytes]:
    try:
        file = pq.ParquetFile(path)
        header = True
        for batch in file.iter_batches():
            columns = [_as_text(column, name) for column in batch.columns]
            table = pa.table(columns, names=batch.schema.names)
            out = io.BytesIO()
            pa_csv.write_csv(table, out, pa_csv.WriteOptions(include_header=header))
            header = False
            yield out.getvalue()
    except (pa.ArrowInvalid, OSError) as error:
        raise FileError(
            f"“{name}” is a damaged Parquet file.", "Export it again and upload that."
        ) from error


def _as_text(column: pa.Array, name: str) -> pa.Array:
    try:
        return column.cast(pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid) as error:
        raise FileError(
            f"“{name}” has a column of lists or structures, which is no table of values.",
            "Export it with one value in each cell.",
        ) from error
