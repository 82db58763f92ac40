"""The shelf of saved audiences and uploaded lists: what is written there."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import pyarrow as pa

from analytics.store.store import Store


def write_audiences(store: Store, rules: Mapping[str, str], gone: Iterable[str] = ()) -> None:
    """Save rules under their names, in place of what had those names; take others away.

    Args:
        store: The shop.
        rules: The text of a rule for each name.
        gone: Names to take away.
    """
    now = datetime.now().replace(microsecond=0)
    with store.transaction(new_version=False) as cursor:
        for name in {*rules, *gone}:
            cursor.execute("DELETE FROM audiences WHERE name = $1", [name])
        for name, rule in rules.items():
            cursor.execute("INSERT INTO audiences VALUES ($1, $2, $3)", [name, rule, now])


def write_ids(store: Store, name: str, ids: Iterable[str]) -> None:
    """Save a list of customer numbers in place of what had its name; without any, take it away."""
    rows = pa.table({"customer_id": pa.array(list(ids), pa.string())})
    with store.transaction(new_version=False) as cursor:
        cursor.execute("DELETE FROM id_lists WHERE name = $1", [name])
        cursor.register("incoming_ids", rows)
        cursor.execute("INSERT INTO id_lists SELECT $1, customer_id FROM incoming_ids", [name])
        cursor.unregister("incoming_ids")
