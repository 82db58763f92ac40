"""Shops for the tests of RFM: one reckoned by hand, the sample shop, and totals without a store."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from analytics.store import Store, inspect, load

SAMPLE = Path(__file__).parents[2] / "sample_data"

BY_HAND = Path(__file__).with_name("by_hand.csv")
"""Returns, refunds, guests, cancelled and test orders; see `test_rfm_by_hand`."""


class Totals:
    """What `rfm.score` asks of a store, answered from a frame of customers' totals."""

    def __init__(self, rows: Sequence[tuple[str, int | None, int, Decimal]]) -> None:
        columns = list(zip(*rows, strict=True))
        self.frame = pd.DataFrame(
            {
                "customer_id": pd.Series(columns[0], dtype="str"),
                "recency_days": pd.Series(columns[1]),
                "frequency": pd.Series(columns[2], dtype="int64"),
                "monetary": pd.Series(
                    pa.array(columns[3], pa.decimal128(38, 4)),
                    dtype=pd.ArrowDtype(pa.decimal128(38, 4)),
                ),
            }
        )

    def default_as_of(self) -> date:
        return date(2024, 1, 1)

    def query(self, name: str, **_: Any) -> pd.DataFrame:
        assert name == "customer_totals"
        return self.frame.copy()


@pytest.fixture
def totals() -> type[Totals]:
    """Make a stand-in for a store: `totals([(customer_id, recency, frequency, monetary), …])`."""
    return Totals


def fill(store: Store) -> Store:
    load(store, BY_HAND, inspect(BY_HAND, table="orders"), import_day=date(2024, 12, 31))
    return store


@pytest.fixture(scope="session")
def shop() -> Iterator[Store]:
    """The shop reckoned by hand; read from it only."""
    with Store() as filled:
        yield fill(filled)


@pytest.fixture
def own_shop(store: Store) -> Store:
    """The same, to change."""
    return fill(store)


@pytest.fixture(scope="session")
def sample_shop() -> Iterator[Store]:
    """The sample shop's orders and customers; read from it only."""
    with Store() as filled:
        for table in ("orders", "customers"):
            path = SAMPLE / f"{table}.csv"
            load(filled, path, inspect(path, table=table), import_day=date(2026, 12, 31))
        yield filled
