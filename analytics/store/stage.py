"""Bring a file in: unpack it, refuse what is no table, count its records.

The store reads only from its own stage folder, so every file is copied there first. On the way
line ends become one newline, blank lines go, and the records are counted apart from the reader
that will convert them, so that the two counts can be held against each other.
"""

import codecs
import csv
import gzip
import hashlib
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from uuid import uuid4

import numpy as np

from analytics.errors import FileError, ImportCancelledError

CHUNK_BYTES = 4 << 20
LONGEST_LINE_BYTES = 1 << 20
LARGEST_RATIO = 100
LARGEST_UNPACKED_BYTES = 4 << 30

FOREIGN = (
    (b"%PDF", "a PDF document", "Export the table as CSV and upload that."),
    (b"\x89PNG", "a picture", "Choose the CSV file with the orders."),
    (b"\xff\xd8\xff", "a picture", "Choose the CSV file with the orders."),
    (b"GIF8", "a picture", "Choose the CSV file with the orders."),
    (b"PK\x03\x04", "a zip or Excel file", "Unpack it, or save the sheet as CSV, and upload that."),
    (b"PAR1", "a Parquet file", "Export the table as CSV and upload that."),
    (b"\xff\xfe", "text in UTF-16", "Save it as “CSV UTF-8” and upload that."),
    (b"\xfe\xff", "text in UTF-16", "Save it as “CSV UTF-8” and upload that."),
    (b"\xd0\xcf\x11\xe0", "an old Excel file", "Save the sheet as “CSV UTF-8” and upload that."),
)


@dataclass(frozen=True)
class Staged:
    """A file as it lies in the stage folder: UTF-8 text with newline line ends.

    Attributes:
        path: Where it lies.
        name: What the user calls it.
        sha256: Of the unpacked bytes as they came.
        records: Lines that hold something, quoted line breaks not counted, header included.
    """

    path: Path
    name: str
    sha256: str
    records: int

    def recount(self, delimiter: str) -> int:
        """The records once more, by Python's own CSV reader: slow, and the arbiter.

        Raises:
            FileError: A value runs on for a million characters.
        """
        csv.field_size_limit(LONGEST_LINE_BYTES)
        try:
            with self.path.open(encoding="utf-8", newline="") as file:
                return sum(1 for row in csv.reader(file, delimiter=delimiter) if row)
        except csv.Error as error:
            raise FileError(
                f"“{self.name}” has a quotation mark that is never closed.",
                "Find the line where it opens, close or remove it, and upload the file again.",
            ) from error


def head(source: Path, name: str | None = None, size: int = 1 << 20) -> str:
    """The first megabyte of a file as text, whole lines only.

    Raises:
        FileError: As for `bring_in`, as far as the first megabyte shows it.
    """
    name = name or source.name
    if not source.is_file():
        raise FileError(f"There is no file “{name}”.", "Check the path and try again.")
    data, whole = b"", True
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    for chunk in _clean(_chunks(source, name), name, hashlib.sha256(), decoder):
        data += _drop_blank_lines(chunk, False, after=data[-1:] or b"\n")[0]
        if len(data) > size:
            whole = False
            break
    if not whole:
        data = data[: data.rfind(b"\n", 0, size) + 1]
    if not data.strip():
        raise FileError(f"“{name}” is empty.", "Export it again and upload the new file.")
    return data.decode("utf-8")


def bring_in(
    source: Path,
    folder: Path,
    name: str | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Staged:
    """Copy a plain or gzipped UTF-8 text file into the stage folder.

    Args:
        source: The file.
        folder: The stage folder.
        name: What the user calls it; by default its own name.
        stopped: Asked between chunks, whether to leave off.

    Raises:
        ImportCancelledError: `stopped` said so.
        FileError: The file is missing, empty, not text, not UTF-8, or unpacks to too much.
    """
    name = name or source.name
    if not source.is_file():
        raise FileError(f"There is no file “{name}”.", "Check the path and try again.")
    target = folder / f"{uuid4().hex}.csv"
    digest = hashlib.sha256()
    records, inside, last = 0, False, b"\n"
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    try:
        with target.open("wb") as out:
            for chunk in _clean(_chunks(source, name), name, digest, decoder):
                if stopped():
                    raise ImportCancelledError
                chunk, count, inside = _drop_blank_lines(chunk, inside, after=last)
                records += count
                out.write(chunk)
                last = chunk[-1:] or last
        if records == 0 and last == b"\n":
            raise FileError(f"“{name}” is empty.", "Export it again and upload the new file.")
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return Staged(target, name, digest.hexdigest(), records + (last != b"\n"))


def _chunks(source: Path, name: str) -> Iterator[bytes]:
    """The file's bytes, unpacked, in pieces."""
    with source.open("rb") as raw:
        magic = raw.read(8)
        raw.seek(0)
        for prefix, what, fix in FOREIGN:
            if magic.startswith(prefix):
                raise FileError(f"“{name}” is {what}, not a CSV file.", fix)
        if not magic.startswith(b"\x1f\x8b"):
            yield from iter(lambda: raw.read(CHUNK_BYTES), b"")
            return
        packed_bytes = source.stat().st_size
        unpacked_bytes = 0
        for chunk in _unzipped(raw, name):
            unpacked_bytes += len(chunk)
            if unpacked_bytes > LARGEST_UNPACKED_BYTES or (
                unpacked_bytes > CHUNK_BYTES and unpacked_bytes > LARGEST_RATIO * packed_bytes
            ):
                raise FileError(
                    f"“{name}” unpacks to far more than an export would.",
                    "Unpack it yourself, check it, and upload the CSV.",
                )
            yield chunk


def _unzipped(raw: IO[bytes], name: str) -> Iterator[bytes]:
    try:
        with gzip.open(raw) as unpacked:
            yield from iter(lambda: unpacked.read(CHUNK_BYTES), b"")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FileError(
            f"“{name}” is a damaged gzip file.", "Download or pack it again and upload that."
        ) from error


def _clean(
    chunks: Iterator[bytes],
    name: str,
    digest: "hashlib._Hash",
    decoder: codecs.IncrementalDecoder,
) -> Iterator[bytes]:
    """Check each piece to be text, and give it newline line ends.

    Pieces end between characters. A file that was cut off within its last character ends in �.
    """
    first, held, cut, since_newline = True, b"", b"", 0
    for chunk in chunks:
        digest.update(chunk)
        if b"\x00" in chunk:
            raise FileError(
                f"“{name}” holds NUL bytes, so it is not a text file.",
                "Export it again as “CSV UTF-8”.",
            )
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError as error:
            raise FileError(
                f"“{name}” is not in UTF-8.", "Save it as “CSV UTF-8” and upload that."
            ) from error
        text = held + cut + chunk
        cut = decoder.getstate()[0]
        text = text[: len(text) - len(cut)]
        if first:
            text, first = text.removeprefix(codecs.BOM_UTF8), False
        held = b"\r" if text.endswith(b"\r") else b""
        text = text[: len(text) - len(held)]
        if b"\r" in text:
            text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        newline = text.find(b"\n")
        if since_newline + (len(text) if newline < 0 else newline) > LONGEST_LINE_BYTES:
            raise FileError(
                f"“{name}” has a line of more than a million characters.",
                "Check that it is a table with one record a line.",
            )
        since_newline = since_newline + len(text) if newline < 0 else len(text) - text.rfind(b"\n")
        yield text
    if held or cut:
        yield b"\n" if held else "\ufffd".encode()


def _drop_blank_lines(chunk: bytes, inside: bool, after: bytes) -> tuple[bytes, int, bool]:
    """Leave out blank lines; count the line ends that end a record.

    Args:
        chunk: A piece of text.
        inside: Whether it begins within quotes.
        after: The character before it.

    Returns:
        The piece, the records that end in it, and whether it ends within quotes.
    """
    if b'"' not in chunk and not inside:
        if after == b"\n":
            chunk = chunk.lstrip(b"\n")
        if b"\n\n" in chunk:
            chunk = re.sub(rb"\n\n+", b"\n", chunk)
        return chunk, chunk.count(b"\n"), False
    codes = np.frombuffer(chunk, dtype=np.uint8)
    within = np.bitwise_xor.accumulate((codes == ord('"')).view(np.uint8)) ^ np.uint8(inside)
    ends = (codes == ord("\n")) & (within == 0)
    blank = ends & np.concatenate(([after == b"\n" and not inside], ends[:-1]))
    return codes[~blank].tobytes(), int(ends.sum() - blank.sum()), bool(within[-1])
