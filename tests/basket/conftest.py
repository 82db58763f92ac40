"""Shops for the tests of baskets: made from lists of orders, and the sample shop."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from analytics.store import Store, inspect, load

SAMPLE = Path(__file__).parents[2] / "sample_data"
FIRST_DAY = date(2024, 1, 1)

Order = tuple[int, str | None, Sequence[str]]
"""The day, counted from the first of January 2024; the customer; what they bought."""


@pytest.fixture
def fill(store: Store, tmp_path: Path) -> Callable[..., Store]:
    """Fill a store: `fill([(day, customer, items), …], prices={…}, products=csv text)`."""

    def filled(
        orders: Sequence[Order], prices: dict[str, float] | None = None, products: str = ""
    ) -> Store:
        rows = [
            f"o{number},{customer or ''},{FIRST_DAY + timedelta(days=day)} 10:00:00,{item},1,"
            f"{(prices or {}).get(item, 1):.2f}"
            for number, (day, customer, items) in enumerate(orders)
            for item in items
        ]
        header = "order_id,customer_id,ordered_at,product_id,quantity,amount"
        texts = {"orders": "\n".join([header, *rows]) + "\n", "products": products}
        for table, text in texts.items():
            if text:
                path = tmp_path / f"{table}.csv"
                path.write_text(text, encoding="utf-8")
                load(store, path, inspect(path, table=table), import_day=date(2030, 1, 1))
        return store

    return filled


@pytest.fixture(scope="session")
def sample_shop() -> Iterator[Store]:
    """The sample shop's orders and products; read from it only."""
    with Store() as filled:
        for table in ("orders", "products"):
            path = SAMPLE / f"{table}.csv"
            load(filled, path, inspect(path, table=table), import_day=date(2026, 12, 31))
        yield filled


@pytest.fixture(scope="session")
def number_of() -> dict[str, str]:
    """The sample shop's products by name."""
    products = pd.read_csv(SAMPLE / "products.csv", dtype=str)
    return dict(zip(products["name"], products["product_id"], strict=True))
