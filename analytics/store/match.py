"""Which column is which: a file's columns matched to a table's fields, by name or by values."""

import re
from collections.abc import Callable, Mapping

from analytics.errors import FileError
from analytics.store.also import Also
from analytics.store.convert import EVENT_WORDS, STATUS_WORDS
from analytics.store.schema import TABLES, Table
from analytics.store.styles import time_shape
from analytics.store.synonyms import ALSO

TABLE_WEIGHTS = {"orders": 0.2, "events": 0.1}
"""Between tables that fit equally well, the commoner one."""

Values = dict[str, list[str]]
"""For each column the texts of the first records."""


def plain(header: str) -> str:
    """A header in lower case with everything but letters and digits removed.

    >>> plain("Invoice No. "), plain("订单 编号")
    ('invoiceno', '订单编号')
    """
    return re.sub(r"[\W_]+", "", header.lower())


def has_header(rows: list[list[str]]) -> bool:
    """Whether the first line names the columns: it holds known names, or only words."""
    known = {word for table in TABLES.values() for item in table.fields for word in item.synonyms}
    first = rows[0]
    if any(plain(cell) in known for cell in first):
        return True
    looks_like_data = [bool(re.search(r"\d", cell)) or not cell.strip() for cell in first]
    return not any(looks_like_data)


def column_names(first: list[str], *, header: bool) -> list[str]:
    """The columns' names, made unique; numbered where there are none."""
    names: list[str] = []
    for place, cell in enumerate(first):
        base = cell.strip() if header and cell.strip() else f"column {place + 1}"
        name, again = base, 2
        while name in names:
            name, again = f"{base} ({again})", again + 1
        names.append(name)
    return names


def table_and_mapping(
    chosen_table: str | None,
    chosen_mapping: Mapping[str, str] | None,
    columns: list[str],
    values: Values,
    *,
    header: bool,
) -> tuple[str, dict[str, str], dict[str, str]]:
    """The table, its mapping, and for each mapped field the reason.

    Raises:
        FileError: The chosen mapping names a field or column that does not exist.
    """
    if not header and chosen_table in (None, "events") and (log := _behaviour_log(columns, values)):
        chosen_table, mapping = "events", log
        reasons = dict.fromkeys(mapping, "Its values look like it.")
    else:
        guesses = {
            shape.name: _by_name(shape, columns, values)
            for shape in TABLES.values()
            if chosen_table in (None, shape.name)
        }
        chosen_table = max(guesses, key=lambda name: _fit(TABLES[name], guesses[name], values))
        mapping = dict(guesses[chosen_table])
        reasons = {name: f"The column is called “{column}”." for name, column in mapping.items()}
    if chosen_mapping is not None:
        _check(TABLES[chosen_table], chosen_mapping, columns)
        for target, column in chosen_mapping.items():
            if column != mapping.get(target):
                reasons[target] = "You chose it."
        mapping = dict(chosen_mapping)
    return chosen_table, mapping, reasons


def also(
    table: Table, mapping: dict[str, str], columns: list[str], values: Values, *, header: bool
) -> Also:
    """Which columns also describe products and customers."""
    found: Also = {}
    if not header:
        rest = [column for column in columns if column not in mapping.values()]
        if table.name == "events" and "product_id" in mapping and len(rest) == 1:
            found["products"] = {"category": rest[0]}
        return found
    by_name = {plain(column): column for column in reversed(columns)}
    shared = {mapping.get(name) for name in ("city", "country")}
    taken = set(mapping.values()) - shared
    for target, fields in table.also:
        if TABLES[target].key[0] not in mapping:
            continue
        for name in fields:
            options = [by_name[word] for word in ALSO[f"{target}.{name}"] if word in by_name]
            free = [one for one in options if one not in taken or name == "email"]
            if free and any(values[free[0]]):
                found.setdefault(target, {})[name] = free[0]
    return found


def _behaviour_log(columns: list[str], values: Values) -> dict[str, str] | None:
    """A log without header, told by a column of known events and a column of moments.

    The columns before them are taken as customer, then product, as such logs have them.
    """
    words = {word for known in EVENT_WORDS.values() for word in known} | set(EVENT_WORDS)
    event = next(
        (one for one in columns if _mostly(values[one], lambda v: v.lower() in words)), None
    )
    moment = next((one for one in columns if _mostly(values[one], _is_moment)), None)
    rest = [column for column in columns if column not in (event, moment)]
    if event is None or moment is None or not rest:
        return None
    mapping = {"customer_id": rest[0], "occurred_at": moment, "event": event}
    if len(rest) > 1:
        mapping["product_id"] = rest[1]
    return {name: mapping[name] for name in TABLES["events"].names if name in mapping}


def _is_moment(text: str) -> bool:
    return time_shape(text) not in (None, "excel")


def _mostly(texts: list[str], condition: Callable[[str], bool]) -> bool:
    filled = [text for text in texts if text]
    return bool(filled) and sum(map(condition, filled)) >= 0.95 * len(filled)


def _by_name(table: Table, columns: list[str], values: Values) -> dict[str, str]:
    """For each field the column whose name is the first of its synonyms to occur."""
    free = {plain(column): column for column in reversed(columns)}
    chosen: dict[str, str] = {}
    for target in sorted(table.fields, key=lambda item: not item.required):
        words = (*target.synonyms, "id") if table.key == (target.name,) else target.synonyms
        for word in words:
            if word in free and _plausible(target.name, values[free[word]]):
                chosen[target.name] = free.pop(word)
                break
    return {target: chosen[target] for target in table.names if target in chosen}


def _plausible(field: str, texts: list[str]) -> bool:
    """Whether a column that is called like a field also holds what the field does."""
    filled = [text.lower().replace(" ", "").replace("_", "") for text in texts if text]
    if field == "status":
        known = {word for words in STATUS_WORDS.values() for word in words}
        return _mostly(filled, lambda text: text in known)
    if field == "discount":
        numbers = [float(text) for text in filled if re.fullmatch(r"\d*\.?\d+", text)]
        return bool(filled) and not (numbers and max(numbers) <= 1 and min(numbers) < max(numbers))
    return bool(filled)


def _fit(table: Table, mapping: dict[str, str], values: Values) -> float:
    """How well a file fits a table: what it gives of what the table needs, then of the rest.

    A table with one row an id does not fit a file that says nothing but the id, or in which most
    ids come again and again; nor do matches, where a column such as the store's number does so.
    """
    missing = len(table.missing(set(mapping)))
    needed = sum(target.required for target in table.fields)
    fit = (needed - missing) / needed * 10 + len(mapping) / 3 + TABLE_WEIGHTS.get(table.name, 0)
    if table.key == (table.names[0],) and table.key[0] in mapping:
        ids = [text for text in values[mapping[table.key[0]]] if text]
        if len(mapping) == 1 or len(set(ids)) < len(ids) / 2:
            fit -= 9
    if "other_id" in mapping:
        others = [text for text in values[mapping["other_id"]] if text]
        if len(set(others)) < 0.9 * len(others):
            fit -= 10
    return fit


def _check(table: Table, mapping: Mapping[str, str], columns: list[str]) -> None:
    for target, column in mapping.items():
        if target not in table.names:
            raise FileError(
                f"{table.name} has no field “{target}”.", f"Choose among {', '.join(table.names)}."
            )
        if column not in columns:
            raise FileError(
                f"There is no column “{column}”.", f"Choose among {', '.join(columns)}."
            )
