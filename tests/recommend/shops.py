"""Generated shops, each with another truth about what its customers buy next."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from analytics.store import Store, inspect, load

FIRST_DAY = date(2024, 1, 1)
DAYS = 140
AS_OF = FIRST_DAY + timedelta(days=DAYS)
Line = tuple[int, int, int]
"""Customer, day, product."""


def shop(
    folder: Path,
    lines: list[Line],
    products: pd.DataFrame | None = None,
    store_path: str | Path = ":memory:",
) -> Store:
    """A store that holds the lines; a customer's lines of a day are one order."""
    frame = pd.DataFrame(lines, columns=["customer", "day", "product"])
    orders = pd.DataFrame(
        {
            "order_id": [f"{c}-{d}" for c, d in zip(frame["customer"], frame["day"], strict=True)],
            "customer_id": "c" + frame["customer"].astype("int64").astype("str"),
            "ordered_at": [FIRST_DAY + timedelta(days=int(day)) for day in frame["day"]],
            "product_id": "p" + frame["product"].astype("int64").astype("str"),
            "quantity": 1,
            "amount": "10.00",
        }
    )
    store = Store(store_path)
    tables = {"orders": orders} | ({} if products is None else {"products": products})
    for name, table in tables.items():
        path = folder / f"{name}.csv"
        table.to_csv(path, index=False)
        load(store, path, inspect(path, table=name), import_day=date(2024, 12, 31))
    return store


def replenishing(seed: int = 1) -> list[Line]:
    """Everyone has six staples of their own among 150 products, and buys only those, at random."""
    rng = np.random.default_rng(seed)
    lines = []
    for customer in range(150):
        staples = rng.choice(150, 6, replace=False)
        for day in range(DAYS):
            if rng.random() < 0.15:
                chosen = rng.choice(staples, 2, replace=False)
                lines += [(customer, day, int(product)) for product in chosen]
    return lines


def exploring(seed: int = 2) -> list[Line]:
    """Everyone has one of five tastes, of 40 products each, and buys no product twice."""
    rng = np.random.default_rng(seed)
    lines = []
    for customer in range(250):
        taste = customer % 5
        wanted = rng.permutation(np.arange(40 * taste, 40 * taste + 40))[:20]
        days = np.sort(rng.choice(DAYS, 20, replace=False))
        lines += [
            (customer, int(day), int(product)) for day, product in zip(days, wanted, strict=True)
        ]
    return lines


def fashion(seed: int = 3) -> list[Line]:
    """Ten products come every fortnight and everyone buys of those of the last four weeks, once.

    Which of them is a matter of how much each is in fashion, the same for all.
    """
    rng = np.random.default_rng(seed)
    liking = rng.exponential(size=10 * (DAYS // 14 + 1)) + 0.1
    lines = []
    for customer in range(250):
        had: set[int] = set()
        for day in np.sort(rng.choice(DAYS, 18, replace=False)):
            newest = 10 * (int(day) // 14 + 1)
            offered = np.array([p for p in range(max(0, newest - 20), newest) if p not in had])
            chosen = int(rng.choice(offered, p=liking[offered] / liking[offered].sum()))
            had.add(chosen)
            lines.append((customer, int(day), chosen))
    return lines


def tiny(seed: int = 4) -> list[Line]:
    """Twelve customers and five products."""
    rng = np.random.default_rng(seed)
    return [
        (customer, int(day), int(rng.integers(5)))
        for customer in range(12)
        for day in rng.choice(DAYS, 4, replace=False)
    ]


def random(seed: int = 5) -> list[Line]:
    """Everyone buys anything, each of 60 products as likely as another."""
    rng = np.random.default_rng(seed)
    return [
        (customer, int(day), int(rng.integers(60)))
        for customer in range(250)
        for day in rng.choice(DAYS, 14, replace=False)
    ]
