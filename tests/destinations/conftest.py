"""Lists of people in a store, for the tests of files for other programs."""

import csv
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from analytics.store import Store, inspect, load
from analytics.store.privacy import suppress

People = list[dict[str, str]]
FIELDS = ["customer_id", "email", "phone", "name", "city", "country", "consent", "zip"]

ANYBODY = {"segment": None, "r": None, "fm": None}
"""Parameters of the query `rfm_list` for everybody in the kept scores."""


def fill(store: Store, folder: Path, people: People, *, suppressed: tuple[str, ...] = ()) -> str:
    """Import people, suppress some, and keep them all as a list; returns its kept table."""
    path = folder / "customers.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        file = csv.DictWriter(out, FIELDS, restval="")
        file.writeheader()
        file.writerows(people)
    load(store, path, inspect(path, table="customers"))
    if suppressed:
        suppress(store, suppressed, "asked by phone")
    return keep(store, {person["customer_id"]: Decimal("10.00") for person in people})


def keep(store: Store, worth: dict[str, Decimal]) -> str:
    """A list of people with what each has brought, as a kept table like RFM scores."""
    ones = pa.array([1] * len(worth), pa.int64())
    listed = {"customer_id": list(worth), "recency_days": ones, "frequency": ones}
    listed |= {"monetary": pa.array(worth.values(), pa.decimal128(38, 4))}
    listed |= dict.fromkeys("rfm", ones) | {"fm": ones, "segment": ["All"] * len(worth)}
    return store.keep("rfm", "a list", pa.table(listed))


@pytest.fixture
def filled(store: Store, tmp_path: Path) -> Callable[..., str]:
    def filler(people: People, *, suppressed: tuple[str, ...] = ()) -> str:
        return fill(store, tmp_path, people, suppressed=suppressed)

    return filler
