"""Rules as data: their JSON.

The JSON of a rule is `{"version": 1, "rule": {"is": "all", "parts": […]}}`; each condition is an
object whose `is` says what it is and whose other keys are its fields.
"""

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from analytics.audience.checks import DEEPEST, check, too_deep
from analytics.errors import AnalyticsError
from analytics.profile.catalogue import BY_NAME
from analytics.store.compile.rule import (
    All,
    AnyOf,
    Attribute,
    Bought,
    Cluster,
    Did,
    Feature,
    InAudience,
    InList,
    Not,
    Rule,
    Segment,
    Sequence,
    Step,
)  # fmt: skip

VERSION = 1
NAMES: dict[str, type] = {
    "all": All, "any": AnyOf, "not": Not, "feature": Feature, "attribute": Attribute,
    "segment": Segment, "cluster": Cluster, "bought": Bought, "did": Did, "sequence": Sequence,
    "in_list": InList, "in_audience": InAudience, "step": Step,
}  # fmt: skip
LONGEST_JSON = 5_000_000


def to_json(rule: Rule) -> str:
    """A rule as the text it is saved as."""
    return json.dumps({"version": VERSION, "rule": _plain(rule)}, ensure_ascii=False)


def from_json(text: str) -> Rule:
    """The rule a text was saved from.

    Raises:
        AnalyticsError: It is none, is from a newer version, or asks for what makes no sense.
    """
    broken = AnalyticsError("The rule cannot be read.", "Build it anew.")
    if len(text) > LONGEST_JSON:
        raise AnalyticsError("The rule is too long.", "Use an uploaded list for many customers.")
    try:
        read = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise broken from error
    if not isinstance(read, dict) or type(read.get("version")) is not int:
        raise broken
    if read["version"] > VERSION:
        raise AnalyticsError(
            "The rule was saved by a newer version of Regulars.", "Update Regulars."
        )
    if set(read) != {"version", "rule"} or read["version"] < 1:
        raise broken
    rule: Rule = _part(read["rule"], 0)
    return check(rule)


def _plain(value: Any) -> Any:
    for name, kind in NAMES.items():
        if type(value) is kind:
            parts = {field.name: _plain(getattr(value, field.name)) for field in fields(kind)}
            return {"is": name} | {key: part for key, part in parts.items() if part is not None}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def _read(node: Any, depth: int) -> Any:
    """A node of the JSON as what it stands for, its fields' types checked."""
    if depth > DEEPEST:
        raise too_deep()
    asked = node.get("is") if isinstance(node, Mapping) else node
    if not isinstance(node, Mapping) or not isinstance(asked, str) or asked not in NAMES:
        raise AnalyticsError(f"“{str(asked)[:80]}” is no condition.", "Choose another condition.")
    kind = NAMES[node["is"]]
    known = {field.name: field for field in fields(kind)}
    if extra := set(node) - set(known) - {"is"}:
        raise AnalyticsError(
            f"A condition of the kind “{node['is']}” has no “{sorted(extra)[0][:80]}”.",
            "Build the condition anew.",
        )
    read: dict[str, Any] = {}
    for name in known:
        if name in node:
            read[name] = _field(kind, name, node, depth)
    try:
        return kind(**read)
    except TypeError as error:
        raise AnalyticsError(
            f"A condition of the kind “{node['is']}” is not complete.", "Fill in its fields."
        ) from error


def _field(kind: type, name: str, node: Mapping[str, Any], depth: int) -> Any:
    value = node[name]
    if name in ("part", "first", "then", "step"):
        return _part(value, depth + 1, step=name != "part")
    if name in ("parts", "values", "names", "numbers"):
        if not isinstance(value, list):
            raise _wrong_type(name)
        if name == "parts":
            return tuple(_part(one, depth + 1) for one in value)
        by_day = kind is Feature and _kind_of(node.get("name")) == "day"
        return tuple(_day(one) if by_day else _scalar(one) for one in value)
    if name in ("first_day", "last_day"):
        return _day(value)
    if name in ("times", "days", "within_days"):
        if type(value) is not int:
            raise _wrong_type(name)
        return value
    if name == "happened":
        if type(value) is not bool:
            raise _wrong_type(name)
        return value
    if not isinstance(value, str):
        raise _wrong_type(name)
    return value


def _part(node: Any, depth: int, *, step: bool = False) -> Any:
    """A part of a rule, or a step of a condition, where one or the other must stand."""
    found = _read(node, depth)
    if isinstance(found, Step) != step:
        raise AnalyticsError("A condition is in the wrong place.", "Build the rule anew.")
    return found


def _kind_of(name: object) -> str | None:
    feature = BY_NAME.get(name) if isinstance(name, str) else None
    return feature.kind if feature else None


def _scalar(value: Any) -> Any:
    if not isinstance(value, bool | int | float | str):
        raise _wrong_type("value")
    return value


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise AnalyticsError(f"“{str(value)[:80]}” is no day.", "Choose a day.") from error


def _wrong_type(name: str) -> AnalyticsError:
    return AnalyticsError(
        f"“{name.replace('_', ' ')}” of a condition is not what it should be.",
        "Build the condition anew.",
    )
