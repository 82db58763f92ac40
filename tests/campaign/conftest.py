"""A shop for campaigns: forty customers before the start, and orders to import after it."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from analytics import profile
from analytics.store import Store, inspect, load

IMPORT_DAY = date(2024, 12, 31)
START = date(2024, 5, 1)
PEOPLE = [f"c{number:02d}" for number in range(40)]
ORDERS = "order_id,customer_id,ordered_at,product_id,quantity,amount\n" + "".join(
    f"a{number},{one},2024-04-{1 + number % 30:02d} {8 + number % 4}:00:00,"
    f"{'tea' if number % 2 else 'pot'},1,{10 + number}.00\n"
    for number, one in enumerate(PEOPLE)
)
CUSTOMERS = "customer_id,email,phone,name,consent\n" + "".join(
    f"{one},{one}@example.com,,Person {one},{'no' if one in ('c00', 'c01') else 'yes'}\n"
    for one in PEOPLE
)
PRODUCTS = "product_id,name,category\ntea,Green tea,drinks\npot,Pot,ware\n"

Bring = Callable[[str, str], int]


def fill(store: Store, folder: Path) -> Store:
    for table, text in (("orders", ORDERS), ("customers", CUSTOMERS), ("products", PRODUCTS)):
        path = folder / f"{table}.csv"
        path.write_text(text, encoding="utf-8")
        load(store, path, inspect(path, table=table), import_day=IMPORT_DAY)
    return store


@pytest.fixture
def shop(store: Store, tmp_path: Path) -> Store:
    """The shop on the eve of the campaign, to change."""
    return fill(store, tmp_path)


@pytest.fixture(scope="session")
def eve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The same, read from it only."""
    with Store() as filled:
        yield fill(filled, tmp_path_factory.mktemp("eve"))


@pytest.fixture
def bring(shop: Store, tmp_path: Path) -> Bring:
    """Import more: `bring("orders", "order_id,…")` returns the import's number."""

    def brought(table: str, text: str) -> int:
        path = tmp_path / f"{table}-{abs(hash(text))}.csv"
        path.write_text(text, encoding="utf-8")
        return load(shop, path, inspect(path, table=table), import_day=IMPORT_DAY).batch_id

    return brought


def members(store: Store, ids: list[str] = PEOPLE) -> str:
    """An audience as `audience.keep` leaves it in the store."""
    table = pa.table(
        {
            "customer_id": pa.array(ids, pa.string()),
            "segment": pa.array(["Loyal" if one < "c20" else None for one in ids], pa.string()),
        }
    )
    return store.keep("audience", f"{store.version}-{len(ids)}-{hash(tuple(ids))}", table)


def features(store: Store) -> str:
    """The kept features as of the start."""
    return profile.keep(store, START).table


def orders_of(lines: list[tuple[str, str, str, str]]) -> str:
    """An order file: order, customer, day, amount."""
    return "order_id,customer_id,ordered_at,amount\n" + "".join(
        f"{','.join(line)}\n" for line in lines
    )
