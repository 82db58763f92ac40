"""Saved audiences and uploaded lists of customer numbers: keep them, find them, change them."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import replace as replaced
from typing import Literal

import pandas as pd
import pyarrow as pa

from analytics.audience.checks import check
from analytics.audience.rules import from_json, to_json
from analytics.errors import AnalyticsError
from analytics.store import TABLES, Store
from analytics.store.compile import id_lists, references
from analytics.store.compile import saved as kept
from analytics.store.compile.rule import All, AnyOf, InAudience, Not, Rule
from analytics.store.encodings import detect

LONGEST_NAME = 80
NEARLY_ALL = 0.9
"""The share of a list that is known from which an unknown first line is a header."""
HEADERS = {"customerid", "customernumber", *TABLES["customers"].field("customer_id").synonyms}


@dataclass(frozen=True)
class IdList:
    """An uploaded list of customer numbers.

    Attributes:
        name: What it is called.
        customers: Different numbers in it.
        known: How many of them the shop knows.
        header: The first line of the file, where it was taken for a header though it is none of
            the known ones.
    """

    name: str
    customers: int
    known: int
    header: str = ""


def saved(store: Store) -> pd.DataFrame:
    """The saved audiences, by name: DataFrame name, rule (its JSON), saved_at."""
    return store.query("audience_saved")


def rule(store: Store, name: str) -> Rule:
    """The rule of a saved audience.

    Raises:
        AnalyticsError: There is none of that name, or it cannot be read.
    """
    return from_json(_texts(store, name)[name])


def save(store: Store, name: str, rule: Rule, *, replace: bool = False) -> None:
    """Save an audience.

    Args:
        store: The shop.
        name: What to call it.
        rule: Its rule, evaluated anew with each version of the data.
        replace: Whether it may take the place of one of that name.

    Raises:
        AnalyticsError: The name is taken or makes no sense, or the rule refers to what there is
            not or, in however many steps, to the audience itself.
    """
    name = _checked(name)
    taken = _taken(store)
    if name in taken and not replace:
        raise AnalyticsError(
            f"There already is an audience “{name}”.", "Choose another name, or replace it."
        )
    check(rule)
    needed(store, rule, {name: rule})
    kept.write_audiences(store, {name: to_json(rule)})


def delete(store: Store, name: str) -> Rule:
    """Delete a saved audience and return its rule, so that it can be saved again.

    Raises:
        AnalyticsError: There is none of that name, or another audience refers to it.
    """
    gone = rule(store, name)
    users = [other for other, text in _taken(store).items() if name in _references(text)]
    if users:
        raise AnalyticsError(
            f"The audience “{users[0]}” refers to “{name}”.", f"Change “{users[0]}” first."
        )
    kept.write_audiences(store, {}, gone=[name])
    return gone


def rename(store: Store, old: str, new: str) -> None:
    """Give a saved audience another name; what refers to it follows.

    Raises:
        AnalyticsError: There is none of the old name, or the new one is taken or makes no sense.
    """
    new = _checked(new)
    texts = _taken(store)
    _texts(store, old)
    if new != old and new in texts:
        raise AnalyticsError(f"There already is an audience “{new}”.", "Choose another name.")
    changed = {new: texts[old]}
    for name, text in texts.items():
        if name != old and old in _references(text):
            changed[name] = to_json(_renamed(from_json(text), old, new))
    kept.write_audiences(store, changed, gone=[old])


def combine(a: str, b: str, how: Literal["union", "intersection", "difference"] = "union") -> Rule:
    """The rule of those in either of two saved audiences, in both, or in the first alone."""
    first, second = InAudience(a), InAudience(b)
    if how == "union":
        return AnyOf((first, second))
    return All((first, second if how == "intersection" else Not(second)))


def needed(store: Store, asked: Rule, instead: Mapping[str, Rule] | None = None) -> dict[str, Rule]:
    """The rules of all audiences a rule refers to, in however many steps.

    Args:
        store: The shop.
        asked: The rule.
        instead: Rules that stand for saved ones.

    Raises:
        AnalyticsError: One is not there, an uploaded list is not there, or one refers to itself.
    """
    texts: dict[str, str] | None = None
    found: dict[str, Rule] = {}

    def follow(one: Rule, path: tuple[str, ...]) -> None:
        nonlocal texts
        asked_lists = id_lists(one)
        for missing in sorted(asked_lists - set(list_names(store) if asked_lists else ())):
            raise AnalyticsError(
                f"There is no uploaded list “{missing}”.", "Upload it, or choose another."
            )
        for name in sorted(references(one)):
            if name in path:
                way = " and ".join(f"“{step}”" for step in path[path.index(name) + 1 :])
                raise AnalyticsError(
                    f"The audience “{name}” would refer to itself"
                    f"{f', by way of {way}' if way else ''}.",
                    "Take that condition out.",
                )
            if name in found:
                continue
            texts = _taken(store) if texts is None else texts
            if name in (instead or {}):
                inner = (instead or {})[name]
            elif name in texts:
                inner = from_json(texts[name])
            else:
                raise AnalyticsError(
                    f"There is no audience “{name}”.", "Choose another, or take it out."
                )
            follow(inner, (*path, name))
            found[name] = inner

    follow(asked, tuple(instead or {}))
    return found


# Uploaded lists


def save_ids(
    store: Store, name: str, ids: bytes | Iterable[str], *, replace: bool = False
) -> IdList:
    """Save a list of customer numbers.

    Args:
        store: The shop.
        name: What to call it.
        ids: The numbers, or a file of them: one a line, or a CSV with a column of them, which is
            found by its header; without a known header it is the first column. Its first line
            then counts as a header where it is no known customer and nearly all others are.
        replace: Whether it may take the place of one of that name.

    Raises:
        AnalyticsError: The name is taken or makes no sense, or there is no number in the list.
    """
    name = _checked(name)
    if not replace and name in list_names(store):
        raise AnalyticsError(
            f"There already is a list “{name}”.", "Choose another name, or replace it."
        )
    header = ""
    if isinstance(ids, bytes):
        numbers, headed = _read_ids(ids)
        if not headed and _is_header(store, numbers):
            header, *numbers = numbers
    else:
        numbers = [str(one).strip() for one in ids]
    different = sorted({number for number in numbers if number})
    if not different:
        raise AnalyticsError("There is no customer number in the list.", "Choose another file.")
    kept.write_ids(store, name, different)
    return replaced(next(one for one in lists_of(store) if one.name == name), header=header)


def unknown_ids(store: Store, name: str) -> list[str]:
    """The numbers of an uploaded list that are no known customer's, sorted."""
    asked = store.query("audience_ids", list_name=name)
    return _unknown(store, asked["customer_id"].tolist())


def _unknown(store: Store, numbers: list[str]) -> list[str]:
    """Those of the numbers that are no known customer's, sorted."""
    picked = pa.table({"customer_id": pa.array(sorted(set(numbers)), pa.string())})
    unknown: list[str] = store.query("audience_unknown_ids", tables={"picked": picked})[
        "customer_id"
    ].tolist()
    return unknown


def _is_header(store: Store, numbers: list[str]) -> bool:
    """Whether the first of these is a header: no digits, unknown, and nearly all others known."""
    if not numbers or not numbers[0] or numbers[0].isdigit():
        return False
    others = {number for number in numbers[1:] if number}
    unknown = set(_unknown(store, numbers))
    known = len(others - unknown)
    return numbers[0] in unknown - others and known > 0 and known >= NEARLY_ALL * len(others)


def delete_ids(store: Store, name: str) -> list[str]:
    """Delete an uploaded list and return its numbers, so that it can be saved again.

    Raises:
        AnalyticsError: An audience refers to it.
    """
    for user, text in _taken(store).items():
        if name in id_lists(from_json(text)):
            raise AnalyticsError(
                f"The audience “{user}” refers to the list “{name}”.", f"Change “{user}” first."
            )
    gone: list[str] = store.query("audience_ids", list_name=name)["customer_id"].tolist()
    kept.write_ids(store, name, [])
    return gone


def list_names(store: Store) -> list[str]:
    """The names of the uploaded lists."""
    names: list[str] = store.query("audience_list_names")["name"].tolist()
    return names


def lists_of(store: Store) -> list[IdList]:
    """The uploaded lists, by name."""
    found = store.query("audience_id_lists")
    columns = [found[name].tolist() for name in ("name", "customers", "known")]
    return [IdList(*row) for row in zip(*columns, strict=True)]


def _read_ids(body: bytes) -> tuple[list[str], bool]:
    """The customer numbers of a file, and whether they stood under a known header."""
    text = body.decode(detect(body[:1_000_000]), errors="replace").removeprefix("\ufeff")
    first_line = text.partition("\n")[0]
    delimiter = max(",;\t|", key=first_line.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    except csv.Error as error:
        raise AnalyticsError(
            "The file is no list of customer numbers.", "Save it as CSV or text."
        ) from error
    heads = ["".join(c for c in cell.lower() if c.isalnum()) for cell in rows[0]] if rows else []
    place = next((at for at, head in enumerate(heads) if head in HEADERS), None)
    numbers = [row[place or 0].strip() for row in rows if len(row) > (place or 0)]
    return (numbers, False) if place is None else (numbers[1:], True)


def _checked(name: str) -> str:
    """A name without blanks around it."""
    name = name.strip()
    if not name:
        raise AnalyticsError("It has no name yet.", "Give it one.")
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise AnalyticsError(
            "The name is too long, or has line breaks or characters that cannot be seen.",
            f"Give one of at most {LONGEST_NAME} letters.",
        )
    return name


def _taken(store: Store) -> dict[str, str]:
    found = saved(store)
    return dict(zip(found["name"], found["rule"], strict=True))


def _texts(store: Store, name: str) -> dict[str, str]:
    texts = _taken(store)
    if name not in texts:
        raise AnalyticsError(f"There is no audience “{name}”.", "Reload the page.")
    return texts


def _references(text: str) -> set[str]:
    return references(from_json(text))


def _renamed(one: Rule, old: str, new: str) -> Rule:
    match one:
        case All(parts):
            return All(tuple(_renamed(part, old, new) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(_renamed(part, old, new) for part in parts))
        case Not(part):
            return Not(_renamed(part, old, new))
        case InAudience(name) if name == old:
            return InAudience(new)
    return one
