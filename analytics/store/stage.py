"""Bring a table in: as UTF-8 text with one record a line, its records counted.

The store reads only from its own stage folder, so every table is copied there first, or linked if
it is ready as it is. On the way it is unpacked and put into UTF-8, line ends become one newline,
blank lines go, and the records are counted apart from the reader that will convert them, so that
the two counts can be held against each other.
"""

import csv
import hashlib
import itertools
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from analytics.errors import FileError, ImportCancelledError
from analytics.store import encodings, sources

LONGEST_LINE_BYTES = 1 << 20
HEAD_BYTES = 1 << 20


@dataclass(frozen=True)
class Origin:
    """Where a table comes from and how its text is to be read.

    Attributes:
        path: The file.
        name: What the user calls it.
        part: The file within a zip or the sheet within a workbook.
        encoding: One of `encodings.ENCODINGS`.
        squeeze: Whether runs of spaces part its columns; they become one tab.
    """

    path: Path
    name: str
    part: str = ""
    encoding: str = "utf-8"
    squeeze: bool = False


@dataclass(frozen=True)
class Staged:
    """A table as it lies in the stage folder: UTF-8 text with newline line ends.

    Attributes:
        path: Where it lies.
        name: What the user calls it.
        sha256: Of the unpacked bytes as they came.
        records: Lines that hold something, quoted line breaks not counted, header included.
        quoted: Whether it holds quotation marks.
    """

    path: Path
    name: str
    sha256: str
    records: int
    quoted: bool

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


def raw_head(path: Path, name: str, part: str = "") -> bytes:
    """The first megabyte of a table, unpacked, as it came."""
    data = b""
    for chunk in sources.read(path, name, part):
        data += chunk
        if len(data) > HEAD_BYTES:
            break
    return data[: HEAD_BYTES + 1]


def head(origin: Origin) -> str:
    """The first megabyte of a table as text, whole lines only.

    Raises:
        FileError: As for `bring_in`, as far as the first megabyte shows it.
    """
    raw = raw_head(origin.path, origin.name, origin.part)
    data, whole = b"", len(raw) <= HEAD_BYTES
    for chunk in _clean(iter([raw]), origin, hashlib.sha256()):
        data += _drop_blank_lines(chunk, False, after=data[-1:] or b"\n")[0]
    if not whole:
        data = data[: data.rfind(b"\n") + 1]
    if not data.strip():
        raise _empty(origin.name)
    return data.decode("utf-8")


def bring_in(origin: Origin, folder: Path, stopped: Callable[[], bool] = lambda: False) -> Staged:
    """Copy a table into the stage folder.

    Args:
        origin: Where it comes from and how it is read.
        folder: The stage folder.
        stopped: Asked between chunks, whether to leave off.

    Raises:
        ImportCancelledError: `stopped` said so.
        FileError: The file is missing, empty, no text, not in that encoding, or unpacks to too
            much.
    """
    target = folder / f"{uuid4().hex}.csv"
    try:
        return _linked(origin, target, stopped) or _copied(origin, target, stopped)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _linked(origin: Origin, target: Path, stopped: Callable[[], bool]) -> Staged | None:
    """The file itself under a second name, where it needs no change and lies on the same disk.

    Most files are like that, and writing a large one again takes longer than checking it.
    """
    path = origin.path.resolve()
    if (
        origin.encoding != "utf-8"
        or origin.squeeze
        or sources.kind_of(path, origin.name) != "text"
        or path.stat().st_dev != target.parent.stat().st_dev
    ):
        return None
    digest = hashlib.sha256()
    came, kept, records, changed, quoted = 0, 0, 0, False, False

    def raw() -> Iterator[bytes]:
        nonlocal came, changed
        for chunk in sources.read(path, origin.name):
            came += len(chunk)
            changed |= b"\r" in chunk
            yield chunk

    for piece, count in _records(raw(), origin, digest, stopped):
        kept += len(piece)
        records += count
        quoted |= b'"' in piece
        # Pieces may lag behind by a line; one that lags further has lost something.
        if changed or came - kept > 2 * LONGEST_LINE_BYTES:
            return None
    if kept != came:
        return None
    try:
        os.link(path, target)
    except OSError:
        return None
    return Staged(target, origin.name, digest.hexdigest(), records, quoted)


def _copied(origin: Origin, target: Path, stopped: Callable[[], bool]) -> Staged:
    """A copy of the table, put right on the way."""
    digest = hashlib.sha256()
    records, quoted = 0, False
    with target.open("wb") as out:
        raw = sources.read(origin.path, origin.name, origin.part)
        for piece, count in _records(raw, origin, digest, stopped):
            records += count
            quoted |= b'"' in piece
            out.write(piece)
    return Staged(target, origin.name, digest.hexdigest(), records, quoted)


def _records(
    raw: Iterator[bytes], origin: Origin, digest: "hashlib._Hash", stopped: Callable[[], bool]
) -> Iterator[tuple[bytes, int]]:
    """The text as it is to be read, in pieces, with how many records end in each."""
    ended, inside, last = 0, False, b"\n"
    for piece in _clean(raw, origin, digest):
        if stopped():
            raise ImportCancelledError
        chunk, count, inside = _drop_blank_lines(piece, inside, after=last)
        ended += count
        last = chunk[-1:] or last
        yield chunk, count
    if ended == 0 and last == b"\n":
        raise _empty(origin.name)
    if last != b"\n":
        yield b"", 1


def _empty(name: str) -> FileError:
    return FileError(f"“{name}” is empty.", "Export it again and upload the new file.")


def _clean(chunks: Iterator[bytes], origin: Origin, digest: "hashlib._Hash") -> Iterator[bytes]:
    """UTF-8 text with newline line ends; pieces end between characters."""
    text = encodings.to_utf8(_digested(chunks, digest), origin.encoding, origin.name)
    lines = _short_lines(_newlines(text, origin.name), origin.name)
    return _squeezed(lines) if origin.squeeze else lines


def _digested(chunks: Iterator[bytes], digest: "hashlib._Hash") -> Iterator[bytes]:
    for chunk in chunks:
        digest.update(chunk)
        yield chunk


def _newlines(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    """Every record ends in one newline; line breaks within quotes stay as they are."""
    held, inside = b"", False
    for chunk in chunks:
        if b"\x00" in chunk:
            raise FileError(
                f"“{name}” holds NUL bytes, so it is not a text file.",
                "Export it again as “CSV UTF-8”.",
            )
        text = held + chunk
        held = b"\r" if text.endswith(b"\r") else b""
        text = text[: len(text) - len(held)]
        # Looking for the first one is ten times as fast as counting, and most files have none.
        quotes = text.count(b'"') if b'"' in text else 0
        if b"\r" in text:
            if quotes or inside:
                text = _newlines_outside_quotes(text, inside)
            else:
                text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        inside ^= bool(quotes % 2)
        yield text
    if held:
        yield b"\n"


def _newlines_outside_quotes(text: bytes, inside: bool) -> bytes:
    codes = np.frombuffer(text, dtype=np.uint8).copy()
    ends = (codes == ord("\r")) & ~_within_quotes(codes, inside)
    before_newline = ends & np.append(codes[1:] == ord("\n"), False)
    codes[ends] = ord("\n")
    kept: bytes = codes[~before_newline].tobytes()
    return kept


def _within_quotes(codes: npt.NDArray[np.uint8], inside: bool) -> npt.NDArray[np.bool_]:
    """For each character whether it lies within quotes."""
    quotes = (codes == ord('"')).view(np.uint8)
    return (np.bitwise_xor.accumulate(quotes) ^ np.uint8(inside)).astype(bool)


def _short_lines(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    since_newline = 0
    for chunk in chunks:
        newline = chunk.find(b"\n")
        if since_newline + (len(chunk) if newline < 0 else newline) > LONGEST_LINE_BYTES:
            raise FileError(
                f"“{name}” has a line of more than a million characters.",
                "Check that it is a table with one record a line.",
            )
        rest = len(chunk) - chunk.rfind(b"\n") - 1
        since_newline = since_newline + len(chunk) if newline < 0 else rest
        yield chunk


def _squeezed(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Runs of spaces within a line as one tab, those at its ends left out."""
    held = b""
    for chunk in itertools.chain(chunks, [None]):
        text = held if chunk is None else held + chunk
        end = len(text) if chunk is None else text.rfind(b"\n") + 1
        held, text = text[end:], text[:end]
        text = re.sub(rb"(?m)^[ \t]+|[ \t]+$", b"", text)
        yield re.sub(rb"[ \t]+", b"\t", text)


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
        newlines = np.flatnonzero(np.frombuffer(chunk, dtype=np.uint8) == ord("\n"))
        if not (np.diff(newlines) == 1).any():
            return chunk, len(newlines), False
        chunk = re.sub(rb"\n\n+", b"\n", chunk)
        return chunk, chunk.count(b"\n"), False
    codes = np.frombuffer(chunk, dtype=np.uint8)
    if not len(codes):
        return chunk, 0, inside
    within = _within_quotes(codes, inside)
    ends = (codes == ord("\n")) & ~within
    blank = ends & np.concatenate(([after == b"\n" and not inside], ends[:-1]))
    return codes[~blank].tobytes(), int(ends.sum() - blank.sum()), bool(within[-1])
