"""How a file writes things: what parts its columns, its decimal mark, its dates, its ids."""

import csv
import io
import re
from collections import Counter

from analytics.store.convert import EMPTY_WORDS, Style
from analytics.store.schema import Table

DELIMITERS = (",", ";", "\t", "|")
JUDGED_ROWS = 200


def delimiter_of(text: str) -> str:
    """The delimiter that gives most records the same number of columns, more than one."""
    best, best_score = ",", 0.0
    for candidate in DELIMITERS:
        try:
            rows = [
                row for row in csv.reader(io.StringIO(text[:200_000]), delimiter=candidate) if row
            ]
        except csv.Error:
            continue
        widths = Counter(len(row) for row in rows[:JUDGED_ROWS])
        width, times = widths.most_common(1)[0]
        score = times / sum(widths.values()) * min(width - 1, 3)
        if score > best_score:
            best, best_score = candidate, score
    return best if best_score else _spaces_or_comma(text)


def _spaces_or_comma(text: str) -> str:
    """Runs of spaces, where they alone part every line into the same number of columns."""
    lines = [line.split() for line in text[:200_000].splitlines() if line.strip()]
    widths = {len(words) for words in lines[:JUDGED_ROWS]}
    return " " if len(widths) == 1 and widths.pop() > 1 else ","


def style_of(
    table: Table,
    mapping: dict[str, str],
    values: dict[str, list[str]],
    decimal: str | None,
    times: dict[str, str],
    problems: list[str],
) -> Style:
    """How the mapped columns write numbers, dates and ids."""
    filled = {
        target: [v for v in values[column] if v and v.lower() not in EMPTY_WORDS]
        for target, column in mapping.items()
    }
    numbers = [
        v
        for target, found in filled.items()
        if table.field(target).kind in ("money", "number")
        for v in found
    ]
    if decimal is None:
        with_comma = sum(
            bool(re.search(r"\d,\d{1,2}\D*$|\d,\d{4,}\D*$|\.\d{3},", v)) for v in numbers
        )
        with_point = sum(
            bool(re.search(r"\d\.\d{1,2}\D*$|\d\.\d{4,}\D*$|,\d{3}\.", v)) for v in numbers
        )
        decimal = "," if with_comma > with_point else "."
    times = dict(times)
    for target, found in filled.items():
        if table.field(target).kind in ("time", "date") and target not in times:
            times[target] = time_style(found, table.field(target).label, problems)
    float_ids = tuple(
        target
        for target, found in filled.items()
        if table.field(target).kind == "id"
        and found
        and all(re.fullmatch(r"\d+\.0+", v) for v in found)
    )
    return Style(decimal=decimal, times=tuple(sorted(times.items())), float_ids=float_ids)


def time_style(values: list[str], label: str, problems: list[str]) -> str:
    """How a column writes dates (see `convert.Style`); doubts go to `problems`."""
    if not values:
        return "iso"
    shapes = Counter(time_shape(value) or "iso" for value in values)
    shape = shapes.most_common(1)[0][0]
    if shape != "parts":
        return shape
    parts = [
        m
        for v in values
        if (m := re.match(r"(\d{1,2})([/.-])(\d{1,2})[/.-](\d{4}|\d{2})(?!\d)", v))
    ]
    separator = Counter(m[2] for m in parts).most_common(1)[0][0]
    year = "Y" if Counter(len(m[4]) for m in parts).most_common(1)[0][0] == 4 else "y"
    first, second = max(int(m[1]) for m in parts), max(int(m[3]) for m in parts)
    if first > 12 and second > 12:
        problems.append(f"{label}: some dates are day-first and some month-first.")
    elif first <= 12 and second <= 12:
        problems.append(
            f"{label}: dates such as “{values[0]}” may be day-first or month-first; "
            "they are read day-first. Please check."
        )
    order = "mdy" if second > 12 and first <= 12 else "dmy"
    return f"{order}{separator}{year}"


def time_shape(value: str) -> str | None:
    """How one text writes a date; None where it does not look like one."""
    if re.match(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}", value):
        return "offset" if re.search(r":\d\d.*(Z|UTC|[+-]\d\d:?\d\d)$", value) else "iso"
    if re.match(r"\d{4}\.\d{1,2}\.\d{1,2}", value):
        return "ymd.Y"
    if re.match(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}", value):
        return "parts"
    if re.fullmatch(r"(19|20)\d{6}(\d{4}|\d{6})?( .*)?", value):
        return "compact"
    if re.fullmatch(r"\d{9,10}(\.\d+)?", value):
        return "unix_s"
    if re.fullmatch(r"\d{13}", value):
        return "unix_ms"
    if re.fullmatch(r"\d{16}", value):
        return "unix_us"
    if re.fullmatch(r"[2-6]\d{4}(\.\d+)?", value):
        return "excel"
    return None
