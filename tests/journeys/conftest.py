"""Shops for the tests of journeys, written straight into a store in memory."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pandas as pd
import pytest

from analytics.store import TABLES, Store, layout

FIRST = datetime(2024, 3, 1)


class Event(NamedTuple):
    """One event: who, minutes since the first of March 2024, what."""

    customer: str | None
    minute: float
    event: str
    session: str | None = None
    channel: str | None = None
    product: str | None = None
    campaign: str | None = None

    @property
    def at(self) -> datetime:
        return FIRST + timedelta(minutes=self.minute)


class Line(NamedTuple):
    """One order line."""

    customer: str | None
    minute: float
    order: str
    product: str | None = None
    amount: float = 10.0
    channel: str | None = None


Fill = Callable[..., Store]


def write(store: Store, table: str, rows: pd.DataFrame) -> None:
    """Write rows as one import would have left them."""
    with store.transaction() as cursor:
        layout.make_room(cursor, TABLES[table], (*rows.columns, "fingerprint"))
        cursor.execute(f"DELETE FROM {TABLES[table].lines}")
        cursor.register("made", rows)
        cursor.execute(
            f"INSERT INTO {TABLES[table].lines} BY NAME SELECT 1 AS batch_id, "
            "row_number() OVER () AS record_no, TRUE AS current, FALSE AS rounded, "
            "row_number() OVER () AS fingerprint, * FROM made"
        )
        cursor.unregister("made")


@pytest.fixture(scope="session")
def shared() -> Iterator[Store]:
    """One store for many small shops, each written over the one before."""
    with Store() as opened:
        yield opened


@pytest.fixture
def fill(shared: Store) -> Fill:
    """Fill the store: `fill(events, lines)`."""

    def into(events: Sequence[Event], lines: Sequence[Line] = ()) -> Store:
        told: dict[str, Any] = {
            "customer_id": [each.customer for each in events],
            "session_id": [each.session for each in events],
            "occurred_at": [each.at for each in events],
            "event": [each.event for each in events],
            "product_id": [each.product for each in events],
            "channel": [each.channel for each in events],
            "campaign": [each.campaign for each in events],
        }
        texts = dict.fromkeys(set(told) - {"occurred_at"}, "str")
        write(shared, "events", _typed(told, "occurred_at", texts))
        ordered: dict[str, Any] = {
            "order_id": [each.order for each in lines],
            "customer_id": [each.customer for each in lines],
            "ordered_at": [FIRST + timedelta(minutes=each.minute) for each in lines],
            "product_id": [each.product for each in lines],
            "amount": [each.amount for each in lines],
            "channel": [each.channel for each in lines],
            "state": ["sale"] * len(lines),
        }
        texts = dict.fromkeys(set(ordered) - {"ordered_at", "amount"}, "str")
        write(shared, "orders", _typed(ordered, "ordered_at", texts | {"amount": "float"}))
        return shared

    return into


def _typed(columns: dict[str, Any], clock: str, kinds: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(columns).astype(kinds | {clock: "datetime64[us]"})
