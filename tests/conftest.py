"""What the tests share: a store in memory, a small shop in it, a file written from text."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from analytics.store import Store, inspect, load

IMPORT_DAY = date(2024, 12, 31)
"""The day on which the tests' files are imported."""

SMALL_SHOP = {
    "orders": """order_id,customer_id,ordered_at,product_id,quantity,unit_price,amount,status
1,anna,2024-01-05 10:00:00,tea,2,4.50,9.00,paid
1,anna,2024-01-05 10:00:00,cup,1,7.25,7.25,paid
2,ben,2024-02-10 18:30:00,tea,1,4.50,4.50,refunded
3,,2024-02-11 09:15:00,pot,1,30.00,30.00,paid
4,anna,2024-03-01 12:00:00,pot,1,30.00,30.00,paid
5,carl,2024-03-02 23:59:59,cup,-1,7.25,-7.25,paid
6,dora,2024-03-03 00:00:00,tea,1,0.00,0.00,paid
""",
    "events": """customer_id,session_id,occurred_at,event,product_id
anna,s1,2024-01-05 09:55:00,view,tea
anna,s1,2024-01-05 09:58:00,cart,tea
,s2,2024-01-06 20:00:00,view,pot
ben,s3,2024-02-10 18:20:00,view,tea
""",
    "customers": """customer_id,email,city,consent,loyalty card
anna,anna@example.com,Lyon,yes,gold
ben,ben@example.com,Graz,no,
""",
    "products": """product_id,name,category,price,cost,stock
tea,Green tea,drinks,4.50,2.00,40
cup,Cup,ware,7.25,3.10,12
pot,Pot,ware,30.00,14.00,3
""",
    "assignments": """experiment,customer_id,variant,assigned_at
spring,anna,treatment,2024-02-01 00:00:00
spring,ben,control,2024-02-01 00:00:00
""",
    "spend": """day,channel,campaign,cost
2024-02-01,search,spring,12.50
2024-02-02,search,spring,11.00
""",
}
"""A shop small enough to reckon by hand: one file a table."""


@pytest.fixture
def store() -> Iterator[Store]:
    """An empty store in memory."""
    with Store() as opened:
        yield opened


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file: `write("a.csv", "text or bytes")`."""

    def written(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return path

    return written


@pytest.fixture(scope="session")
def small_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """`SMALL_SHOP` in a store; read from it only."""
    folder = tmp_path_factory.mktemp("small_shop")
    with Store() as filled:
        for table, text in SMALL_SHOP.items():
            path = folder / f"{table}.csv"
            path.write_text(text, encoding="utf-8")
            load(filled, path, inspect(path, table=table), import_day=IMPORT_DAY)
        yield filled
