"""One customer under several ids: what the imported matches add up to.

A match says that two ids are one person, and which of the two to keep. Matches form chains and
rings; all ids that hang together are one customer, under the id at the end of the chain: the one
that is kept by some match and replaced by none. Where there are several such ids, because an id was
matched to two people, all of them are one customer under the first by name; in a ring, which has
none, it is the first of those that are kept.

Nothing is written over. The imports' own rows keep their ids, the views read through the table
`same_person`, and `customers` is made anew, so that without the matches all is as it was.
"""

from collections.abc import Iterable

import duckdb
import pyarrow as pa

from analytics.store import layout
from analytics.store.schema import TABLES


def settle(cursor: duckdb.DuckDBPyConnection) -> None:
    """Work out anew which id is replaced by which; `customers` must be rebuilt afterwards."""
    cursor.execute("DELETE FROM same_person")
    pairs = cursor.execute("SELECT DISTINCT other_id, customer_id FROM matches").fetchall()
    replaced = resolve(pairs)
    if not replaced:
        return
    cursor.register(
        "replaced",
        pa.table({"other_id": list(replaced), "customer_id": list(replaced.values())}),
    )
    cursor.execute(
        "INSERT INTO same_person SELECT other_id, customer_id FROM replaced ORDER BY other_id"
    )
    cursor.unregister("replaced")


def resolve(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """For each id that is replaced the one that stands for the person.

    Args:
        pairs: Matches: the other id, the id to keep. Their order does not matter.

    >>> sorted(resolve([("b", "a"), ("c", "b"), ("y", "x"), ("x", "y")]).items())
    [('b', 'a'), ('c', 'a'), ('y', 'x')]
    """
    parent: dict[str, str] = {}

    def top(one: str) -> str:
        while (above := parent.setdefault(one, one)) != one:
            parent[one] = parent.setdefault(above, above)
            one = above
        return one

    others, kept = set(), set()
    for other, keep in pairs:
        if other == keep:
            continue
        others.add(other)
        kept.add(keep)
        parent[top(other)] = top(keep)
    first: dict[str, tuple[bool, bool, str]] = {}
    for one in parent:
        group, place = top(one), (one not in kept, one in others, one)
        first[group] = min(first.get(group, place), place)
    stands = {one: first[top(one)][2] for one in parent}
    return {one: keep for one, keep in stands.items() if one != keep}


def unite_customers(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make the rows of people with several ids one row each, in a `customers` of single ids.

    Each field has the newest value of the id that is kept, or where that has none, of the others;
    but a person who refuses under any id has refused.
    """
    if not cursor.execute("SELECT count(*) FROM same_person").fetchall()[0][0]:
        return
    table = TABLES["customers"]
    newest = ", ".join(
        f"COALESCE(arg_max({name}, {layout.NEWNESS}) "
        f"FILTER ({name} IS NOT NULL AND {table.lines}.customer_id = person), "
        f"arg_max({name}, {layout.NEWNESS}) FILTER ({name} IS NOT NULL)) AS {name}"
        for name in layout.public_columns(table)
        if name not in ("customer_id", "consent")
    )
    cursor.execute(
        """
        CREATE OR REPLACE TEMP TABLE persons AS
        SELECT other_id AS id, customer_id AS person FROM same_person
        UNION SELECT customer_id, customer_id FROM same_person
        """
    )
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE united AS
        SELECT person AS customer_id, {newest}, any_value(agreed) AS consent
        FROM {table.lines}
        JOIN persons ON id = customer_id
        JOIN (SELECT person, bool_and(consent) AS agreed FROM customers
            JOIN persons ON id = customer_id GROUP BY person) USING (person)
        WHERE reason IS NULL
        GROUP BY person
        """
    )
    cursor.execute("DELETE FROM customers WHERE customer_id IN (SELECT id FROM persons)")
    cursor.execute("INSERT INTO customers BY NAME SELECT * FROM united ORDER BY customer_id")
