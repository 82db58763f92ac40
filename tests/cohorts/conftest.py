"""Shops for the tests of cohorts."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from analytics.store import Store, inspect, load

ORDERS = """\
order_id,customer_id,ordered_at,product_id,quantity,unit_price,amount,status,channel,coupon
1,anna,2024-01-05 10:00:00,tea,1,9.00,9.00,paid,web,
1,anna,2024-01-05 10:00:00,cup,1,7.00,7.00,paid,web,
2,ben,2024-01-31 23:59:59,tea,1,5.00,5.00,paid,app,SPRING
3,anna,2024-02-29 12:00:00,pot,1,30.00,30.00,paid,web,
4,carl,2024-02-01 00:00:00,pot,1,20.00,20.00,paid,web,
5,,2024-02-11 09:15:00,pot,1,30.00,30.00,paid,web,
6,ben,2024-04-02 09:00:00,tea,-1,5.00,-5.00,paid,app,
7,anna,2024-04-03 09:00:00,tea,1,9.00,9.00,paid,web,
8,anna,2024-04-04 09:00:00,tea,1,9.00,9.00,paid,web,
9,dora,2024-04-10 09:00:00,cup,1,7.00,7.00,cancelled,web,
"""
"""As of 5 April: anna and ben start in January, carl in February; dora never really ordered."""

EVENTS = """customer_id,session_id,occurred_at,event,product_id
anna,s1,2024-01-02 09:55:00,view,tea
dora,s2,2024-01-20 20:00:00,view,pot
dora,s3,2024-03-05 18:20:00,view,tea
,s4,2024-03-06 18:20:00,view,tea
"""

CUSTOMERS = """customer_id,email,consent,signed_up_at
anna,anna@example.com,yes,2023-12-30
ben,ben@example.com,no,2024-01-15
dora,dora@example.com,yes,2024-02-02
"""

PRODUCTS = """product_id,name,category,price
tea,Green tea,drinks,9.00
cup,Cup,ware,7.00
pot,Pot,ware,30.00
"""

Fill = Callable[..., Store]


def load_texts(store: Store, folder: Path, texts: dict[str, str]) -> Store:
    for table, text in texts.items():
        path = folder / f"{table}.csv"
        path.write_text(text, encoding="utf-8")
        load(store, path, inspect(path, table=table), import_day=date(2024, 12, 31))
    return store


@pytest.fixture
def fill(store: Store, tmp_path: Path) -> Fill:
    """Load texts, one a table, into an empty store."""
    return lambda **texts: load_texts(store, tmp_path, texts)


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The shop reckoned by hand; read from it only."""
    texts = {"orders": ORDERS, "events": EVENTS, "customers": CUSTOMERS, "products": PRODUCTS}
    with Store() as filled:
        yield load_texts(filled, tmp_path_factory.mktemp("cohorts"), texts)
