"""What overlapping imports add up to.

Identical lines count at their greatest multiplicity in any one import. Where a later import
holds a known line of a known order with other values (paid, then refunded), the later one
stands. Both follow from one rule, which looks only at the set of imports and so gives the same
answer however it was reached: among all different lines of one order and product, those of the
newest imports stand, as many as any one import has.
"""

import duckdb

from analytics.store import layout, same_person
from analytics.store.schema import TABLES, Table

SCOPE = {
    "orders": "order_id",
    "events": "day",
    "assignments": "customer_id",
    "spend": "day",
    "stock_levels": "day",
    "matches": "other_id",
}
"""Rows of different scope never meet."""


def settle_batch(cursor: duckdb.DuckDBPyConnection, table: Table, batch_id: int) -> tuple[int, int]:
    """Fit a new import into what is there.

    Returns:
        How many of its lines are new, and how many known lines they replaced. Lines that
        replaced another are not counted as new.
    """
    if table.name not in SCOPE:
        return _settle_latest(cursor, table)
    if table.name == "orders":
        settle_currency(cursor)
    touched = _touch(cursor, table, batch_id)
    before = _count(cursor, table, f"batch_id <> {batch_id} AND current") if touched else 0
    if touched:
        _settle(cursor, table)
    if table.name == "matches":
        _settle_people(cursor)
    fresh = _count(cursor, table, f"batch_id = {batch_id} AND current")
    gone = before - _count(cursor, table, f"batch_id <> {batch_id} AND current") if touched else 0
    updated = min(fresh, gone)
    return fresh - updated, updated


def remove(cursor: duckdb.DuckDBPyConnection, batch_id: int) -> None:
    """Take an import out and let the others count as if it had never been."""
    name = cursor.execute(
        "SELECT table_name FROM batches WHERE batch_id = $1", [batch_id]
    ).fetchall()[0][0]
    table = TABLES[name]
    touched = table.name in SCOPE and _touch(cursor, table, batch_id)
    cursor.execute(f"DELETE FROM {table.lines} WHERE batch_id = $1", [batch_id])
    cursor.execute("DELETE FROM batches WHERE batch_id = $1", [batch_id])
    if touched:
        _settle(cursor, table)
    elif table.name not in SCOPE:
        rebuild(cursor, table)
    if table.name == "matches":
        _settle_people(cursor)
    for told, _ in table.also:
        cursor.execute(f"DELETE FROM {TABLES[told].lines} WHERE batch_id = $1", [batch_id])
        rebuild(cursor, TABLES[told])
    settle_currency(cursor)


def rebuild(cursor: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Make a table of newest values anew from all imports."""
    names = layout.public_columns(table)
    counts = cursor.execute(
        f"SELECT {', '.join(f'count({name})' for name in names)} "
        f"FROM {table.lines} WHERE reason IS NULL"
    ).fetchall()[0]
    filled = {name for name, count in zip(names, counts, strict=True) if count}
    cursor.execute(layout.latest_sql(table, filled))
    if table.name == "customers":
        same_person.unite_customers(cursor)


def _settle_people(cursor: duckdb.DuckDBPyConnection) -> None:
    """Unite the ids that the matches say are one person, and none that they do not."""
    same_person.settle(cursor)
    rebuild(cursor, TABLES["customers"])


def settle_currency(cursor: duckdb.DuckDBPyConnection) -> None:
    """Analyse in the chosen currency, or in the commonest while none is chosen or it is gone."""
    cursor.execute(
        """
        UPDATE policy SET currency = (
            SELECT currency FROM orders_lines
            WHERE reason IS NULL AND currency IS NOT NULL
            GROUP BY currency ORDER BY count(*) DESC, currency LIMIT 1)
        WHERE currency IS NULL
            OR currency NOT IN (SELECT currency FROM orders_lines WHERE currency IS NOT NULL)
        """
    )


def _count(cursor: duckdb.DuckDBPyConnection, table: Table, condition: str) -> int:
    rows = cursor.execute(f"SELECT count(*) FROM {table.lines} WHERE {condition}").fetchall()
    return int(rows[0][0])


def _touch(cursor: duckdb.DuckDBPyConnection, table: Table, batch_id: int) -> bool:
    """Note which scopes an import shares with others; whether there are any."""
    scope = SCOPE[table.name]
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE touched AS "
        f"SELECT DISTINCT {scope} AS scope FROM {table.lines} "
        f"WHERE batch_id = {batch_id} AND reason IS NULL AND {scope} IN "
        f"(SELECT {scope} FROM {table.lines} WHERE batch_id <> {batch_id} AND reason IS NULL)"
    )
    return bool(cursor.execute("SELECT count(*) FROM touched").fetchall()[0][0])


def _settle(cursor: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Mark which rows of the touched scopes stand."""
    scope = SCOPE[table.name]
    content = ", ".join(name for name in table.names if name != "line_no")
    if table.name == "orders":
        key = (
            "CASE WHEN bool_and(line_no IS NOT NULL) OVER (PARTITION BY order_id) "
            "THEN '#' || line_no ELSE COALESCE(product_id, '') END"
        )
    elif table.key:
        key = (
            "concat_ws(chr(31), "
            + ", ".join(f"COALESCE(CAST({k} AS VARCHAR), '')" for k in table.key)
            + ")"
        )
    else:
        key = (
            "md5(concat_ws(chr(31), "
            + ", ".join(f"COALESCE(CAST({k} AS VARCHAR), chr(30))" for k in table.names)
            + "))"
        )
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE standing AS
        WITH touching AS (
            SELECT rowid AS row_id, batch_id, record_no, {scope} AS scope, {key} AS key, {content}
            FROM {table.lines}
            WHERE reason IS NULL AND {scope} IN (SELECT scope FROM touched)
        ), numbered AS (
            SELECT *, row_number() OVER (
                PARTITION BY batch_id, scope, key, {content} ORDER BY record_no) AS occurrence
            FROM touching
        ), different AS (
            SELECT scope, key, occurrence,
                min(batch_id) AS first_batch, max(batch_id) AS last_batch,
                arg_min(row_id, batch_id) AS row_id, arg_min(record_no, batch_id) AS record_no
            FROM numbered
            GROUP BY scope, key, occurrence, {content}
        ), most AS (
            SELECT scope, key, max(lines) AS lines
            FROM (SELECT scope, key, batch_id, count(*) AS lines FROM touching GROUP BY ALL)
            GROUP BY ALL
        ), ranked AS (
            SELECT row_id, lines, row_number() OVER (
                PARTITION BY scope, key
                ORDER BY last_batch DESC, first_batch DESC, occurrence, record_no) AS place
            FROM different JOIN most USING (scope, key)
        )
        SELECT row_id FROM ranked WHERE place <= lines
        """
    )
    cursor.execute(
        f"UPDATE {table.lines} SET current = rowid IN (SELECT row_id FROM standing) "
        f"WHERE reason IS NULL AND {scope} IN (SELECT scope FROM touched)"
    )


def _settle_latest(cursor: duckdb.DuckDBPyConnection, table: Table) -> tuple[int, int]:
    """Rebuild a table of newest values; count its new and its changed keys."""
    columns = ", ".join(layout.public_columns(table))
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE former AS SELECT * FROM {table.name}")
    rebuild(cursor, table)
    key = table.key[0]
    rows = cursor.execute(
        f"SELECT count(*) FILTER ({key} NOT IN (SELECT {key} FROM former)), count(*) "
        f"FROM (SELECT {columns} FROM {table.name} EXCEPT SELECT {columns} FROM former)"
    ).fetchall()
    return int(rows[0][0]), int(rows[0][1] - rows[0][0])
