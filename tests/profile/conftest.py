"""Shops for the tests of profiles: one reckoned by hand, and the sample shop."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from analytics.store import Store, inspect, load, load_folder

SAMPLE = Path(__file__).parents[2] / "sample_data"
AS_OF = date(2024, 6, 1)
"""A Saturday."""

BY_HAND = {
    "orders": """order_id,line_no,customer_id,ordered_at,product_id,quantity,discount,amount,\
refunded,status,channel,coupon
A1,1,anna,2024-03-02 18:00:00,tea,2,2.50,10.00,,paid,web,
A1,2,anna,2024-03-02 18:00:00,cup,1,,5.00,,paid,web,
A2,1,anna,2024-03-12 09:30:00,tea,1,0.00,5.00,2.00,paid,Retail store,
A3,1,anna,2024-03-30 23:59:59,pot,3,,30.00,,paid,web,SPRING
A4,1,anna,2024-04-05 10:00:00,tea,-1,,-5.00,,paid,web,
A5,1,anna,2024-06-01 00:00:00,tea,1,,99.00,,paid,web,
B1,1,ben,2024-05-31 17:59:59,odd,,,8.00,,paid,app,
D1,1,dora,2024-04-01 10:00:00,cup,-1,,-12.50,,paid,web,
H1,1,hal,2024-04-02 10:00:00,cup,1,,7.00,,cancelled,web,
H2,1,hal,2024-04-03 10:00:00,cup,1,,7.00,,test,web,
I1,1,ida,2024-05-05 12:00:00,cup,1,,0.00,,paid,,
J1,1,jon,2024-05-06 10:00:00,tea,1,,10.00,,paid,web,
J2,1,jon,2024-05-06 11:00:00,cup,1,,10.00,,paid,app,
K1,1,kim,2024-05-03 23:59:00,tea,1,,20.00,,refunded,web,
K1,2,kim,2024-05-04 00:01:00,tea,1,,20.00,,paid,store,
G1,1,,2024-05-04 12:00:00,tea,1,,4.00,,paid,web,
""",
    "events": """customer_id,session_id,occurred_at,event,product_id,campaign
ben,s1,2024-05-20 09:50:00,view,tea,may
ben,s1,2024-05-20 10:00:00,cart,tea,
ben,,2024-03-03 12:00:00,open,,march
ben,s0,2024-03-02 23:59:59,search,,
ben,s9,2024-06-01 00:00:00,view,tea,
carl,,2024-05-02 00:00:00,cart,tea,
carl,,2024-05-25 08:00:00,view,tea,
carl,,2024-05-01 23:59:59,purchase,tea,
jon,s2,2024-05-10 10:00:00,cart,cup,
jon,s2,2024-05-10 10:00:00,purchase,cup,
,s3,2024-05-11 10:00:00,view,cup,
""",
    "customers": """customer_id,email,name,signed_up_at,birth_date,age,gender,city,country,consent,\
loyalty card
anna,anna@example.com,Anna Hill,2024-01-01 12:00:00,2000-06-01,,f,Lyon,FR,yes,gold
ben,100%_ben@example.com,Ben O'Neil,,,33.9,,,,no,
dora,,,2024-06-01 00:00:00,1900-01-01,,,,,,
emil,,,2024-05-31 23:59:59,2000-06-02,,,,,,
fay,,,2024-06-01 09:00:00,,,,,,,
gus,gus@example.com,Gus Anders,,,,,,,,
""",
    "products": """product_id,name,category
tea,Green tea,drinks
cup,Cup,ware
pot,Pot,ware
""",
    "assignments": """experiment,customer_id,variant,assigned_at
spring,anna,treatment,2024-02-01 08:00:00
""",
}


def fill(store: Store, folder: Path, texts: dict[str, str] = BY_HAND) -> Store:
    """A shop from one CSV text a table."""
    for table, text in texts.items():
        path = folder / f"{table}.csv"
        path.write_text(text, encoding="utf-8")
        load(store, path, inspect(path, table=table), import_day=date(2024, 12, 31))
    return store


@pytest.fixture(scope="session")
def by_hand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The shop reckoned by hand; read from it only."""
    with Store() as filled:
        yield fill(filled, tmp_path_factory.mktemp("by_hand"))


@pytest.fixture(scope="session")
def sample_shop() -> Iterator[Store]:
    """The whole sample shop; read from it only."""
    with Store() as filled:
        load_folder(filled, SAMPLE)
        yield filled
