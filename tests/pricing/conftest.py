"""A shop whose prices and elasticities are planted."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analytics.store import Store, inspect, load

FIRST = date(2024, 1, 1)
"""A Monday."""

Price = Callable[[int], float]


def lines_of(
    product: str, price: Price, *, elasticity: float, units: float, weeks: int, seed: int,
    reduced: Callable[[int], bool] = lambda _: False, season: float = 0.0,
    share_off: float = 0.1,
) -> list[str]:  # fmt: skip
    """One order line a day: Poisson units that follow the price with the elasticity given."""
    rng = np.random.default_rng(seed)
    found = []
    for week in range(weeks):
        tag = price(week)
        level = units * np.exp(season * np.cos(2 * np.pi * week / 52.1786))
        count = rng.poisson(level * (tag / 10) ** elasticity / 7, 7)
        for place in range(7):
            if not count[place]:
                continue
            day = FIRST + timedelta(days=7 * week + place)
            off = share_off * tag * count[place] if reduced(week) else 0.0
            found.append(
                f"{product}{week}-{place},c1,{day} 10:00:00,{product},{count[place]},{tag:.2f},"
                f"{off:.2f},{tag * count[place] - off:.2f},EUR"
            )
    return found


HEADER = "order_id,customer_id,ordered_at,product_id,quantity,unit_price,discount,amount,currency"


def shuffled(prices: list[float], seed: int, hold: int = 3) -> Price:
    """Each price for some weeks, in a random order."""
    order = np.random.default_rng(seed).permutation(np.resize(prices, 60))

    def price(week: int) -> float:
        return float(order[week // hold])

    return price


@pytest.fixture
def sell(store: Store, write: Callable[..., Path]) -> Callable[..., Store]:
    """Put lines, and a product file, into the store."""

    def sold(*parts: list[str], products: str = "") -> Store:
        body = "\n".join([HEADER, *(line for part in parts for line in part)]) + "\n"
        for table, text in {"orders": body, "products": products}.items():
            if text:
                path = write(f"{table}.csv", text)
                load(store, path, inspect(path, table=table))
        return store

    return sold


@pytest.fixture
def others() -> list[str]:
    """The rest of the shop: three products at one price each."""
    return [
        line
        for place, name in enumerate(("pot", "cup", "jar"))
        for line in lines_of(name, lambda _: 10.0, elasticity=0, units=60, weeks=104, seed=place)
    ]


def table_row(found: Any, key: str) -> Any:
    """The row of a product."""
    return found.table.set_index("key").loc[key]
