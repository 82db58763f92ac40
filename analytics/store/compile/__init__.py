"""Audience rules as parameterised queries, and who fulfils them."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any, TypeAlias

import duckdb
import pandas as pd
import pyarrow as pa
from sqlglot import exp

from analytics.errors import AnalyticsError
from analytics.store.compile.rule import (
    All,
    AnyOf,
    Attribute,
    Cluster,
    InAudience,
    InList,
    Not,
    Rule,
    Segment,
)
from analytics.store.compile.tree import Query, compile_rule
from analytics.store.store import Store

__all__ = [
    "Query",
    "attribute_names",
    "compile_rule",
    "conditions",
    "count",
    "id_lists",
    "members",
    "references",
    "text",
    "texts",
]

Table: TypeAlias = str | pd.DataFrame | pa.Table
NO_FEATURE = ("customer_id", "attributes")
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
NEEDED: dict[type, tuple[str, str]] = {
    Segment: ("scores", "There are no segments yet."),
    Cluster: ("clusters", "There are no groups yet."),
}


def members(
    store: Store,
    rule: Rule,
    tables: Mapping[str, Table],
    as_of: date,
    audiences: Mapping[str, Rule] | None = None,
) -> pa.Table:
    """The customers who fulfil a rule.

    Args:
        store: The shop.
        rule: The rule.
        tables: `features`, and where the rule asks for them `scores` and `clusters`.
        as_of: Only what happened before this day counts.
        audiences: The rules of the audiences it refers to, in however many steps.

    Returns:
        Arrow table, a row a customer, sorted: customer_id.

    Raises:
        AnalyticsError: The rule asks for what there is not.
    """
    with _compiled(store, rule, tables, as_of, audiences or {}) as (cursor, query):
        return cursor.sql(query.text, params=query.params or None).to_arrow_table()


def count(
    store: Store,
    rule: Rule,
    tables: Mapping[str, Table],
    as_of: date,
    audiences: Mapping[str, Rule] | None = None,
) -> int:
    """How many customers fulfil a rule; as `members`."""
    with _compiled(store, rule, tables, as_of, audiences or {}) as (cursor, query):
        counted = f"SELECT count(*) FROM ({query.text}) AS found"
        rows = cursor.execute(counted, query.params or None).fetchall()
        return int(rows[0][0])


def text(
    store: Store,
    rule: Rule,
    tables: Mapping[str, Table],
    as_of: date,
    audiences: Mapping[str, Rule] | None = None,
) -> str:
    """The query of a rule, for the reader."""
    with _compiled(store, rule, tables, as_of, audiences or {}) as (_, query):
        return query.text


def conditions(rule: Rule) -> Iterator[Rule]:
    """Every condition of a rule, without the groups they stand in."""
    match rule:
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from conditions(part)
        case Not(part):
            yield from conditions(part)
        case _:
            yield rule


def references(rule: Rule) -> set[str]:
    """The audiences a rule refers to by itself."""
    return {one.name for one in conditions(rule) if isinstance(one, InAudience)}


def id_lists(rule: Rule) -> set[str]:
    """The uploaded lists a rule refers to by itself."""
    return {one.name for one in conditions(rule) if isinstance(one, InList)}


def attribute_names(store: Store, features: Table) -> list[str]:
    """The further columns the shop uploaded of its customers, by name."""
    with store.reading({"features": features}) as cursor:
        uploaded = cursor.execute(
            "SELECT DISTINCT attributes FROM features WHERE attributes IS NOT NULL"
        ).fetchall()
    return sorted({name for (body,) in uploaded for name in json.loads(body)})


def texts(store: Store, features: Table, name: str, first: int) -> list[str]:
    """The most frequent texts of a feature, the most frequent first.

    Raises:
        AnalyticsError: There is no such feature.
    """
    with store.reading({"features": features}) as cursor:
        if name not in _columns(cursor):
            raise AnalyticsError(f"“{name}” is not known of customers.", "Choose another field.")
        column = exp.column(name, quoted=True)
        query = (
            exp.select(column).from_("features").where(column.is_(exp.null()).not_())
            .group_by(column).order_by(exp.Count(this=exp.Star()).desc(), column).limit(first)
        )  # fmt: skip
        return [value for (value,) in cursor.execute(query.sql("duckdb")).fetchall()]


@contextmanager
def _compiled(
    store: Store,
    rule: Rule,
    tables: Mapping[str, Table],
    as_of: date,
    audiences: Mapping[str, Rule],
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Query]]:
    """A cursor that sees what the rule reads, and the rule's query."""
    asked = [one for used in (rule, *audiences.values()) for one in conditions(used)]
    for kind, (table, problem) in NEEDED.items():
        if table not in tables and any(isinstance(one, kind) for one in asked):
            raise AnalyticsError(problem, "Take the condition out, or make them first.")
    with store.reading(tables) as cursor:
        query = compile_rule(rule, audiences, _columns(cursor), as_of)
        names = {one.name for one in asked if isinstance(one, Attribute)}
        if names:
            cursor.register("attributes", _attributes(cursor, names))
        yield cursor, query


def _columns(cursor: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The features there are, with their types."""
    described = cursor.execute("DESCRIBE features").fetchall()
    return {name: kind for name, kind, *_ in described if name not in NO_FEATURE}


def _attributes(cursor: duckdb.DuckDBPyConnection, names: Iterable[str]) -> pa.Table:
    """Attributes of those names, a row a customer and name; `number` where the text is one."""
    found = cursor.sql(
        "SELECT customer_id, attributes FROM features WHERE attributes IS NOT NULL"
    ).to_arrow_table()
    bodies = found.column("attributes").combine_chunks().dictionary_encode()
    read = [json.loads(body) for body in bodies.dictionary.to_pylist()]
    rows: dict[str, list[Any]] = {"customer_id": [], "name": [], "value": [], "number": []}
    places = bodies.indices.to_pylist()
    for customer, place in zip(found.column("customer_id").to_pylist(), places, strict=True):
        for name in names:
            value = read[place].get(name)
            if value is None:
                continue
            rows["customer_id"].append(customer)
            rows["name"].append(name)
            rows["value"].append(str(value))
            rows["number"].append(number(str(value)))
    kinds = pa.schema(
        {
            "customer_id": pa.string(),
            "name": pa.string(),
            "value": pa.string(),
            "number": pa.float64(),
        }
    )
    return pa.table(rows, schema=kinds)


def number(text: str) -> float | None:
    """What a text reads as a number, nothing where it is none.

    >>> [number(text) for text in (" 3.50", "-2", "1e3", "3,5", "gold", "nan")]
    [3.5, -2.0, 1000.0, None, None, None]
    """
    stripped = text.strip()
    if not NUMBER.fullmatch(stripped):
        return None
    value = float(stripped)
    return value if abs(value) != float("inf") else None
