"""Which encoding a text is in, and the same text in UTF-8.

Byte order marks and valid UTF-8 settle most files. Of the rest, text of the East Asian encodings
is told apart by how many of its two-byte characters are the everyday ones of each (GB 2312 and
Big5 both place them in a first level; Japanese shows by its kana); where none has many, accented
letters of Windows-1252 are the likelier reading. It stays a guess: the page shows it and lets it
be changed.
"""

import codecs
from collections.abc import Callable, Iterator

from analytics.errors import FileError

ENCODINGS = {
    "utf-8": "UTF-8",
    "gb18030": "Chinese, simplified (GB18030, GBK)",
    "big5": "Chinese, traditional (Big5)",
    "shift_jis": "Japanese (Shift-JIS)",
    "cp1252": "Western European (Windows-1252)",
    "latin-1": "Western European (Latin-1)",
    "utf-16-le": "UTF-16, little-endian",
    "utf-16-be": "UTF-16, big-endian",
}
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def detect(head: bytes) -> str:
    """The encoding of a text by its beginning, one of `ENCODINGS`."""
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return encoding
    zeros = head[:4096].count(0)
    if zeros > len(head[:4096]) / 4:
        return "utf-16-le" if head[1:4096:2].count(0) > zeros / 2 else "utf-16-be"
    if _decodes(head, "utf-8"):
        return "utf-8"
    shares = {name: _everyday_share(head, name) for name in EVERYDAY if _decodes(head, name)}
    if shares and max(shares.values()) > 0.5:
        return max(shares, key=shares.__getitem__)
    return "cp1252" if _decodes(head, "cp1252") else "latin-1"


def _decodes(head: bytes, encoding: str) -> bool:
    """Whether the bytes are valid, save for a character cut off at their end."""
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(head)
    except UnicodeDecodeError:
        return False
    return True


EVERYDAY: dict[str, Callable[[int, int], bool]] = {
    "gb18030": lambda first, second: 0xB0 <= first <= 0xD7 and second >= 0xA1,
    "big5": lambda first, second: 0xA4 <= first <= 0xC6 and (second < 0x7F or second >= 0xA1),
    "shift_jis": lambda first, second: first in (0x82, 0x83) and 0x40 <= second <= 0xF1,
}
"""For each East Asian encoding which two-byte characters are the everyday ones."""


def _everyday_share(head: bytes, encoding: str) -> float:
    """The share of two-byte characters that are everyday ones in that encoding."""
    everyday, pairs, place = 0, 0, 0
    while place < len(head) - 1:
        if head[place] < 0x80:
            place += 1
            continue
        pairs += 1
        everyday += EVERYDAY[encoding](head[place], head[place + 1])
        place += 2
    return everyday / pairs if pairs else 0.0


def to_utf8(chunks: Iterator[bytes], encoding: str, name: str) -> Iterator[bytes]:
    """The same text in UTF-8, in pieces that end between characters, without byte order mark.

    Raises:
        FileError: The text is not in that encoding.
    """
    if encoding == "utf-8":
        yield from _valid_utf8(chunks, name)
        return
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    first = True
    for chunk in chunks:
        text = _decoded(decoder, chunk, encoding, name)
        if first and text:
            text, first = text.removeprefix("\ufeff"), False
        yield text.encode("utf-8")
    if decoder.getstate()[0]:
        yield "\ufffd".encode()


def _valid_utf8(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    """UTF-8 as it came, once it has proved to be some: encoding it again would be work for nothing.

    Raises:
        FileError: It is not UTF-8.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    first, held = True, b""
    for chunk in chunks:
        text = held + chunk
        if held or not chunk.isascii():
            _decoded(decoder, chunk, "utf-8", name)
            held = decoder.getstate()[0]
            text = text[: len(text) - len(held)]
        if first and text:
            text, first = text.removeprefix(codecs.BOM_UTF8), False
        yield text
    if held:
        yield "\ufffd".encode()


def _decoded(decoder: codecs.IncrementalDecoder, chunk: bytes, encoding: str, name: str) -> str:
    try:
        return decoder.decode(chunk)
    except UnicodeDecodeError as error:
        raise FileError(
            f"“{name}” is not in {ENCODINGS.get(encoding, encoding)} throughout.",
            "Choose another encoding, or save the file as “CSV UTF-8” and upload that.",
        ) from error
