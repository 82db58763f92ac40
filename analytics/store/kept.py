"""Per-customer results that stay in the store, beside the data they were made from."""

import hashlib

import duckdb

from analytics.errors import StoreError

KEPT_RESULTS = 3
"""Of each kind of result the latest so many are held."""


def quote(identifier: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def kept_name(name: str, stamp: str) -> str:
    """The table a result of that stamp is kept in."""
    return f"kept_{name}_{hashlib.sha256(stamp.encode()).hexdigest()[:16]}"


def write(cursor: duckdb.DuckDBPyConnection, name: str, stamp: str) -> str:
    """Keep the cursor's table `incoming` under a stamp; drop the oldest beyond the latest three."""
    table = kept_name(name, stamp)
    cursor.execute("BEGIN")
    try:
        cursor.execute(f"CREATE OR REPLACE TABLE {quote(table)} AS SELECT * FROM incoming")
        cursor.execute("DELETE FROM kept WHERE table_name = $1", [table])
        cursor.execute(
            "INSERT INTO kept SELECT $1, $2, $3, COALESCE(max(place), 0) + 1 FROM kept",
            [table, name, stamp],
        )
        old = cursor.execute(
            "SELECT table_name FROM kept WHERE name = $1 ORDER BY place DESC OFFSET $2",
            [name, KEPT_RESULTS],
        ).fetchall()
        for (gone,) in old:
            cursor.execute(f"DROP TABLE IF EXISTS {quote(gone)}")
            cursor.execute("DELETE FROM kept WHERE table_name = $1", [gone])
        cursor.execute("COMMIT")
    except BaseException:
        roll_back(cursor)
        raise
    return table


def find(cursor: duckdb.DuckDBPyConnection, name: str, stamp: str) -> str | None:
    """The table of a kept result, if it is held."""
    table = kept_name(name, stamp)
    held = cursor.execute("SELECT 1 FROM kept WHERE table_name = $1", [table]).fetchall()
    return table if held else None


def roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    """Undo; after a fatal error there is no transaction left to undo."""
    try:
        cursor.execute("ROLLBACK")
    except duckdb.TransactionException:
        return


def show(cursor: duckdb.DuckDBPyConnection, name: str, table: str) -> None:
    """Let a cursor see a kept result under a name.

    Raises:
        StoreError: Newer results have taken its place.
    """
    try:
        cursor.execute(f"CREATE TEMP VIEW {quote(name)} AS SELECT * FROM {quote(table)}")
    except duckdb.CatalogException as error:
        raise StoreError(
            "Newer results have taken the place of these.", "Reload the page."
        ) from error
