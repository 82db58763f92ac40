"""Shops for the tests of predictions: one reckoned by hand, one whose truth is planted."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.store import Store, inspect, load, load_folder

ROOT = Path(__file__).parents[2]
BEGIN = date(2024, 1, 1)
WEEKS = 30
LOOKERS_BUY, OTHERS_BUY = 0.6, 0.05
"""Chance to order in a week: of who looked around in the week before, and of who did not."""


def fill(store: Store, folder: Path, **texts: str) -> Store:
    for table, text in texts.items():
        path = folder / f"{table}.csv"
        path.write_text(text, encoding="utf-8")
        load(store, path, inspect(path, table=table), import_day=date(2026, 12, 31))
    return store


@pytest.fixture
def shop_of(store: Store, tmp_path: Path) -> Callable[..., Store]:
    """Fill a store from texts: `shop_of(orders="order_id,…", events="…")`."""
    return lambda **texts: fill(store, tmp_path, **texts)


def planted(seed: int, customers: int = 300) -> dict[str, str]:
    """A shop in which only last week's looking tells who orders this week."""
    rng = np.random.default_rng(seed)
    orders, events = [], []
    looked = np.zeros(customers, dtype=bool)
    for week in range(WEEKS):
        looks = rng.random(customers) < 0.3
        buys = rng.random(customers) < np.where(looked, LOOKERS_BUY, OTHERS_BUY)
        for who in np.flatnonzero(buys):
            day = BEGIN + timedelta(days=int(7 * week + rng.integers(7)))
            item = ("tea", "cup")[int(rng.random() < 0.5)]
            orders.append((f"o{len(orders)}", f"c{who:03}", f"{day} 12:00:00", item, 1, 5))
        for who in np.flatnonzero(looks):
            day = BEGIN + timedelta(days=int(7 * week + rng.integers(7)))
            events.append((f"c{who:03}", f"{day} 11:00:00", "view", "tea"))
        looked = looks
    columns = ["order_id", "customer_id", "ordered_at", "product_id", "quantity", "unit_price"]
    people = pd.DataFrame(
        {
            "customer_id": [f"c{who:03}" for who in range(customers)],
            "gender": rng.choice(["f", "m"], customers),
            "consent": ["yes"] * customers,
        }
    )
    return {
        "orders": pd.DataFrame(orders, columns=columns).to_csv(index=False),
        "events": pd.DataFrame(
            events, columns=["customer_id", "occurred_at", "event", "product_id"]
        ).to_csv(index=False),
        "products": "product_id,name,category\ntea,Green tea,drinks\ncup,Cup,ware\n",
        "customers": people.to_csv(index=False),
    }


END = BEGIN + timedelta(days=7 * WEEKS)


@pytest.fixture(scope="session")
def planted_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """`planted`, read from it only."""
    with Store() as filled:
        yield fill(filled, tmp_path_factory.mktemp("planted"), **planted(1))


@pytest.fixture(scope="session")
def sample_shop() -> Iterator[Store]:
    """The whole sample shop; read from it only."""
    with Store() as filled:
        load_folder(filled, ROOT / "sample_data")
        yield filled
