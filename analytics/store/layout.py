"""The tables of the store file, made once at the start."""

from collections.abc import Collection

import duckdb

from analytics.errors import StoreError
from analytics.store.schema import CHOICES, TABLES, Table, choice_type, stored_type

LAYOUT = 4
"""Raised with every change of the tables; a store with a higher number is from a newer version."""

OWN_TABLES = (
    "CREATE TABLE meta (layout INTEGER, store_id VARCHAR, version BIGINT)",
    """CREATE TABLE policy (
        returns VARCHAR, zero_price VARCHAR, guests VARCHAR, currency VARCHAR, zone VARCHAR)""",
    "INSERT INTO policy VALUES ('take_off', 'keep', 'keep', NULL, NULL)",
    "CREATE TABLE rates (currency VARCHAR, rate DECIMAL(18, 8))",
    """CREATE TABLE batches (
        batch_id INTEGER, table_name VARCHAR, file_name VARCHAR, sha256 VARCHAR, choices VARCHAR,
        origin VARCHAR, imported_at TIMESTAMP, records BIGINT, rejected BIGINT, added BIGINT,
        updated BIGINT, known BIGINT, rounded BIGINT)""",
    "CREATE TABLE suppressed (customer_id VARCHAR, reason VARCHAR)",
    "CREATE TABLE kept (table_name VARCHAR, name VARCHAR, stamp VARCHAR, place BIGINT)",
)
ADDED_TABLES = (
    "CREATE TABLE IF NOT EXISTS audiences (name VARCHAR, rule VARCHAR, saved_at TIMESTAMP)",
    "CREATE TABLE IF NOT EXISTS id_lists (name VARCHAR, customer_id VARCHAR)",
    "CREATE TABLE IF NOT EXISTS same_person (other_id VARCHAR, customer_id VARCHAR)",
    "CREATE TABLE IF NOT EXISTS experiment_plans (name VARCHAR, plan VARCHAR, saved_at TIMESTAMP)",
    "CREATE TABLE IF NOT EXISTS outside_tests (name VARCHAR, arms VARCHAR, saved_at TIMESTAMP)",
    "CREATE TABLE IF NOT EXISTS stock_outs (product_id VARCHAR, first_day DATE, last_day DATE)",
    """CREATE TABLE IF NOT EXISTS campaigns (
        campaign_id VARCHAR, name VARCHAR, kind VARCHAR, channel VARCHAR, offer VARCHAR,
        coupon VARCHAR, start_day DATE, window_days INTEGER, holdout_share DOUBLE, seed BIGINT,
        margin DOUBLE, cost_per_contact DECIMAL(18, 4), fixed_cost DECIMAL(18, 4),
        rest_days INTEGER, most_contacts INTEGER, cap_days INTEGER, predicted_lift DOUBLE,
        predicted_from VARCHAR, opted_out INTEGER, same_address INTEGER, contacted INTEGER,
        capped INTEGER, launched_at TIMESTAMP)""",
    """CREATE TABLE IF NOT EXISTS campaign_members (
        campaign_id VARCHAR, customer_id VARCHAR, treated BOOLEAN, segment VARCHAR,
        stratum VARCHAR)""",
    """CREATE OR REPLACE VIEW campaign_people AS
        SELECT campaign_id, customer_id, treated, segment, stratum, on_both_sides
        FROM (SELECT m.campaign_id, COALESCE(s.customer_id, m.customer_id) AS customer_id,
                m.treated, m.segment, m.stratum,
                MIN(m.treated) OVER person <> MAX(m.treated) OVER person AS on_both_sides,
                row_number() OVER (person ORDER BY m.customer_id) AS place
            FROM campaign_members AS m
            LEFT JOIN same_person AS s ON s.other_id = m.customer_id
            WINDOW person AS (
                PARTITION BY m.campaign_id, COALESCE(s.customer_id, m.customer_id))) AS members
        WHERE place = 1""",
    """CREATE TABLE IF NOT EXISTS feedback (
        customer_id VARCHAR, product_id VARCHAR, verdict VARCHAR, day DATE, given_at TIMESTAMP)""",
    """CREATE TABLE IF NOT EXISTS rounds (
        round_id VARCHAR, name VARCHAR, job VARCHAR, label VARCHAR, n INTEGER, start_day DATE,
        window_days INTEGER, left_out_share DOUBLE, seed BIGINT, opted_out INTEGER,
        same_address INTEGER, started_at TIMESTAMP)""",
    """CREATE TABLE IF NOT EXISTS round_members (
        round_id VARCHAR, customer_id VARCHAR, shown BOOLEAN)""",
    """CREATE TABLE IF NOT EXISTS round_lists (
        round_id VARCHAR, customer_id VARCHAR, "rank" BIGINT, product_id VARCHAR, score DOUBLE,
        source VARCHAR)""",
    """CREATE OR REPLACE VIEW round_people AS
        SELECT round_id, customer_id, drawn_id, shown, on_both_sides
        FROM (SELECT m.round_id, COALESCE(s.customer_id, m.customer_id) AS customer_id,
                m.customer_id AS drawn_id, m.shown,
                MIN(m.shown) OVER person <> MAX(m.shown) OVER person AS on_both_sides,
                row_number() OVER (person ORDER BY m.customer_id) AS place
            FROM round_members AS m
            LEFT JOIN same_person AS s ON s.other_id = m.customer_id
            WINDOW person AS (
                PARTITION BY m.round_id, COALESCE(s.customer_id, m.customer_id))) AS members
        WHERE place = 1""",
)
"""Tables that stores of layout 1 lack; made at the next start.

A person who turns out to have been in a campaign, or a round, under several ids counts once, on
the side of the first of those ids by name: chance alone put that id there, so that the two sides
stay comparable, which they would not be if such people were left out or all counted as contacted.
"""


def create(
    connection: duckdb.DuckDBPyConnection,
    *,
    order_fates: str,
    sales: str,
    opted_out: str,
    moments: str,
) -> None:
    """Make the tables of a new store, and the views of any.

    Raises:
        StoreError: The store is of a newer layout, or not ours.
    """
    present = {
        name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    }
    if present and not {"meta", "batches", "policy"} <= present:
        raise StoreError(
            "The file is another program's database.", "Set REGULARS_STORE to another file."
        )
    connection.execute("BEGIN")
    if present:
        layout = connection.execute("SELECT layout FROM meta").fetchall()[0][0]
        if layout > LAYOUT:
            raise StoreError(
                "The store was written by a newer version of Regulars.",
                "Update Regulars, or set REGULARS_STORE to another file.",
            )
        if layout == 1:
            for table in TABLES.values():
                if table.lines in present:
                    _lay_anew(connection, table)
    else:
        for statement in OWN_TABLES:
            connection.execute(statement)
        connection.execute(
            "INSERT INTO meta VALUES ($1, substr(CAST(uuid() AS VARCHAR), 1, 8), 0)", [LAYOUT]
        )
    for statement in ADDED_TABLES:
        connection.execute(statement)
    for table in TABLES.values():
        connection.execute(lines_ddl(table, optional_columns(table)))
        if table.is_latest and table.name not in present:
            connection.execute(latest_sql(table))
    connection.execute("UPDATE meta SET layout = $1", [LAYOUT])
    for table in TABLES.values():
        if not table.is_latest:
            connection.execute(f"CREATE OR REPLACE VIEW {table.name} AS {standing_sql(table)}")
    connection.execute(f"CREATE OR REPLACE VIEW order_fates AS {order_fates}")
    connection.execute(f"CREATE OR REPLACE VIEW sales AS {sales}")
    connection.execute(f"CREATE OR REPLACE VIEW opted_out AS {opted_out}")
    connection.execute(f"CREATE OR REPLACE VIEW moments AS {moments}")
    connection.execute("COMMIT")


def _lay_anew(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """The imports' own rows of layout 1, which held what is now worked out on reading."""
    former = f"{table.lines}_of_layout_1"
    connection.execute(f"ALTER TABLE {table.lines} RENAME TO {former}")
    connection.execute(lines_ddl(table))
    columns = ", ".join(all_columns(table))
    connection.execute(f"INSERT INTO {table.lines} BY NAME SELECT {columns} FROM {former}")
    connection.execute(f"DROP TABLE {former}")


def standing_sql(table: Table) -> str:
    """The lines that stand, each person's under one id (see `same_person`)."""
    if "customer_id" not in table.names or table.name == "matches":
        return f"SELECT {', '.join(public_columns(table))} FROM {table.lines} WHERE current"
    columns = ", ".join(
        "COALESCE(s.customer_id, l.customer_id) AS customer_id"
        if name == "customer_id"
        else f"l.{name}"
        for name in public_columns(table)
    )
    return (
        f"SELECT {columns} FROM {table.lines} AS l "
        "LEFT JOIN same_person AS s ON s.other_id = l.customer_id WHERE l.current"
    )


def derived_columns(table: Table) -> dict[str, str]:
    """Columns the store works out of a row's own, with their types."""
    extra = {}
    if table.name == "orders":
        extra["state"] = "VARCHAR"
    if table.attributes:
        extra["attributes"] = "VARCHAR"
    return extra | {name: kind for name, (kind, _) in dated_columns(table).items()}


def dated_columns(table: Table) -> dict[str, tuple[str, str]]:
    """What follows from a row's moment: type and SQL.

    They are worked out on reading: storing them made an import a tenth slower, and the database
    turns a filter on them into one on the moment.
    """
    if table.clock is None or table.field(table.clock).kind != "time":
        return {}
    return {
        "day": ("DATE", f"CAST({table.clock} AS DATE)"),
        "hour": ("SMALLINT", f"CAST(hour({table.clock}) AS SMALLINT)"),
        "at_us": ("BIGINT", f"epoch_us({table.clock})"),
    }


def public_columns(table: Table) -> list[str]:
    """What a query sees of a table."""
    return [*table.names, *derived_columns(table)]


def all_columns(table: Table) -> dict[str, str]:
    """The columns of the imports' own rows that are, or may have to be, written; their types."""
    return {
        "batch_id": "INTEGER",
        "record_no": "BIGINT",
        "current": "BOOLEAN",
        "reason": "VARCHAR",
        "raw": "VARCHAR",
        "rounded": "BOOLEAN",
        "fingerprint": "UBIGINT",
        **({"derived": "BOOLEAN"} if table.is_latest else {}),
        **{field.name: stored_type(field) for field in table.fields},
        **{
            name: choice_type(name) if name in CHOICES else kind
            for name, kind in derived_columns(table).items()
            if name not in dated_columns(table)
        },
    }


def optional_columns(table: Table) -> set[str]:
    """Columns that no row may hold anything in; those that others are worked out from stay."""
    required = {field.name for field in table.fields if field.required}
    always = {"product_id", "customer_id", *required, *table.key}
    return ({*table.names, "attributes", "fingerprint"} & set(all_columns(table))) - always


def lines_ddl(table: Table, empty: Collection[str] = ()) -> str:
    """The table of the imports' own rows.

    Args:
        table: The table.
        empty: Columns in which no row holds anything of its own yet. They are not written, which
            would take as long as for any other, but worked out on reading (see `make_room`).
    """
    columns = [
        f"{name} {kind}" + (_worked_out(_of_itself(table, name, kind)) if name in empty else "")
        for name, kind in all_columns(table).items()
    ]
    columns += [
        f"{name} {kind}{_worked_out(sql)}" for name, (kind, sql) in dated_columns(table).items()
    ]
    return f"CREATE TABLE IF NOT EXISTS {table.lines} ({', '.join(columns)})"


def _of_itself(table: Table, name: str, kind: str) -> str:
    """What a column reads as while no file has said anything of it."""
    if (table.name, name) == ("orders", "fingerprint"):
        return "hash(order_id, product_id)"
    return f"CAST(NULL AS {kind})"


def _worked_out(sql: str) -> str:
    return f" GENERATED ALWAYS AS ({sql}) VIRTUAL"


def make_room(cursor: duckdb.DuckDBPyConnection, table: Table, columns: Collection[str]) -> None:
    """Let the imports' own rows hold what none of them has held so far.

    Args:
        cursor: The writer, in its transaction, before it writes to the table.
        table: The table.
        columns: Columns that are going to hold something.
    """
    kinds = all_columns(table)
    generated = cursor.execute(
        "SELECT column_name FROM duckdb_columns() WHERE table_name = $1 AND is_generated",
        [table.lines],
    ).fetchall()
    for (name,) in generated:
        if name in columns and name in kinds:
            cursor.execute(f"ALTER TABLE {table.lines} DROP COLUMN {name}")
            cursor.execute(f"ALTER TABLE {table.lines} ADD COLUMN {name} {kinds[name]}")
            if not (known := _of_itself(table, name, kinds[name])).startswith("CAST(NULL"):
                cursor.execute(f"UPDATE {table.lines} SET {name} = {known}")


NEWNESS = (
    "CASE WHEN derived THEN 0 ELSE 4611686018427387904 END + batch_id * 4294967296 + record_no"
)
"""A table's own files outrank what order files tell of it; then the newest record stands."""


def latest_sql(table: Table, filled: Collection[str] | None = None) -> str:
    """Rebuild a table that holds the newest known value of each field for each key.

    Args:
        table: Such a table.
        filled: The columns that hold anything, if known: looking for the newest value of one that
            holds nothing takes as long as for any other.
    """
    key = table.key[0]
    types = {field.name: field.sql_type for field in table.fields} | derived_columns(table)
    newest = ", ".join(
        f"arg_max({name}, {NEWNESS}) FILTER ({name} IS NOT NULL) AS {name}"
        if filled is None or name in filled
        else f"CAST(NULL AS {types[name]}) AS {name}"
        for name in public_columns(table)
        if name != key
    )
    return (
        f"CREATE OR REPLACE TABLE {table.name} AS SELECT {key}, {newest} "
        f"FROM {table.lines} WHERE reason IS NULL GROUP BY {key} ORDER BY {key}"
    )
