"""A small shop with missing values, ties, guests, returns, orders without a time, and events."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from analytics.store import Store, inspect, load
from tests.audience.slow import Shop

AS_OF = date(2024, 5, 1)
PRODUCTS = {
    "tea": "drinks", "mate": "drinks", "cup": "ware", "pot": "ware", "soap": "",
    "rum": "O'Neil \"x\"",
}  # fmt: skip
EVENTS = ("view", "cart", "search", "purchase", "favourite")
CHANNELS = ("web", "app", "")
HOURS = (0, 0, 9, 18)
"""Few moments of the day, so that many things happen at the same one."""
CITIES = ("Lyon", "Graz", 'O\'Brien "x"; --', "Łódź 東京", "")


def write_shop(seed: int = 7, people: int = 26) -> dict[str, str]:
    """The shop's files as text: orders, events, customers, products."""
    draw = random.Random(seed)
    ids = [f"c{number:02d}" for number in range(people)]
    orders = ["order_id,line_no,customer_id,ordered_at,product_id,quantity,amount,status,channel"]
    for number in range(90):
        who = draw.choice([*ids[:-4], ""])
        moment = datetime(2024, 3, 12) + timedelta(days=draw.randrange(50))
        moment += timedelta(hours=draw.choice(HOURS))
        channel = draw.choice(CHANNELS)
        for line in range(draw.choice((1, 1, 2))):
            quantity = draw.choice((1, 1, 1, 2, -1))
            orders.append(
                f"o{number},{line},{who},{moment},{draw.choice([*PRODUCTS, 'unlisted'])},"
                f"{quantity},{quantity * draw.choice((5, 10, 12.5))},paid,{channel}"
            )
    events = ["customer_id,session_id,occurred_at,event,product_id,channel"]
    for number in range(240):
        who = draw.choice([*ids[3:], ""])
        moment = datetime(2024, 3, 12) + timedelta(days=draw.randrange(50))
        moment += timedelta(hours=draw.choice(HOURS))
        events.append(
            f"{who},s{number},{moment},{draw.choice(EVENTS)},"
            f"{draw.choice([*PRODUCTS, ''])},{draw.choice(CHANNELS)}"
        )
    customers = ['customer_id,city,consent,birth_date,loyalty,"we""ird; $.name"']
    for one in ids:
        city = draw.choice(CITIES).replace('"', '""')
        customers.append(
            f'{one},"{city}",{draw.choice(("yes", "no", ""))},'
            f"{draw.choice(('1980-05-01', '1999-12-31', ''))},"
            f"{draw.choice(('gold', 'silver', ''))},{draw.choice(('3', '3.0', ' 12', 'many', ''))}"
        )
    products = ["product_id,name,category"]
    for one, category in PRODUCTS.items():
        quoted = category.replace('"', '""')
        products.append(f'{one},{one},"{quoted}"')
    texts = {"customers": customers, "products": products, "orders": orders, "events": events}
    return {name: "\n".join(lines) + "\n" for name, lines in texts.items()}


def fill(store: Store, folder: Path) -> Store:
    """The shop in a store."""
    for table, text in write_shop().items():
        path = folder / f"{table}.csv"
        path.write_text(text, encoding="utf-8")
        load(store, path, inspect(path, table=table), import_day=date(2024, 12, 31))
    return store


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The shop, with what a slow reading of rules needs; read from it only."""
    with Store() as store:
        fill(store, tmp_path_factory.mktemp("audiences"))
        yield Shop.of(store, AS_OF)


@pytest.fixture
def own_shop(store: Store, tmp_path: Path) -> Shop:
    """The same, to change."""
    return Shop.of(fill(store, tmp_path), AS_OF)
