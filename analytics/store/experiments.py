"""The shelf of planned tests and of tests run elsewhere: what is written there."""

from datetime import datetime
from typing import Literal

from analytics.store.store import Store

Shelf = Literal["experiment_plans", "outside_tests"]


def write_test(store: Store, shelf: Shelf, name: str, text: str | None) -> None:
    """Put a text under a name in place of what had it; without a text, take that away."""
    now = datetime.now().replace(microsecond=0)
    with store.transaction(new_version=False) as cursor:
        cursor.execute(f"DELETE FROM {shelf} WHERE name = $1", [name])
        if text is not None:
            cursor.execute(f"INSERT INTO {shelf} VALUES ($1, $2, $3)", [name, text, now])
