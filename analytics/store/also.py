"""What an order or event file also tells of its products and customers."""

import duckdb

from analytics.store import layout
from analytics.store.convert import text
from analytics.store.grain import SPREAD
from analytics.store.records import Reading
from analytics.store.schema import TABLES

Also = dict[str, dict[str, str]]
"""For `products` and `customers`: which of their fields stand in which column."""


def insert(
    cursor: duckdb.DuckDBPyConnection, reading: Reading, also: Also, batch_id: int, source: str
) -> None:
    """Add what a file tells of products and customers to their lines, the newest of each.

    Args:
        cursor: The writer, in its transaction.
        reading: How the file is read.
        also: Which columns describe products and customers.
        batch_id: The import.
        source: A relation with `record_no` and the text columns `c0`, `c1`, ….
    """
    for target, columns in also.items():
        key = TABLES[target].key[0]
        id_text = text(f"c{reading.places[key]}")
        if key in reading.style.float_ids:
            id_text = f"regexp_replace({id_text}, '\\.0+$', '')"
        values = {
            name: text(f"c{reading.columns.index(column)}") for name, column in columns.items()
        }
        told_by = source
        if _stand_in_lines(reading, columns):
            id_text, values = key, {name: name for name in columns}
            told_by = f"{reading.table.lines} WHERE batch_id = {batch_id}"
        texts = ", ".join(f"{sql} AS {name}" for name, sql in values.items())
        newest = ", ".join(
            f"arg_max({name}, record_no) FILTER ({name} IS NOT NULL) AS {name}" for name in values
        )
        layout.make_room(cursor, TABLES[target], values)
        known = " OR ".join(f"{name} IS NOT NULL" for name in values)
        cursor.execute(
            f"INSERT INTO {TABLES[target].lines} BY NAME "
            f"SELECT {batch_id} AS batch_id, TRUE AS current, FALSE AS rounded, TRUE AS derived, * "
            f"FROM (SELECT {key}, max(record_no) AS record_no, {newest} "
            f"FROM (SELECT record_no, {id_text} AS {key}, {texts} FROM {told_by}) GROUP BY {key}) "
            f"WHERE {key} IS NOT NULL AND length({key}) <= 200 AND ({known})"
        )


def _stand_in_lines(reading: Reading, columns: dict[str, str]) -> bool:
    """Whether the file's own lines hold all of it already, so that it need not be read again.

    Such as an order's country. Where totals are spread, lines hold what was filled down, too.
    """
    return reading.grain not in SPREAD and all(
        name in reading.places and reading.columns[reading.places[name]] == column
        for name, column in columns.items()
    )
