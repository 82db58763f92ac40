"""Finding people by a text, as it is typed."""

from datetime import date
from pathlib import Path

import pytest

from analytics import profile
from analytics.store import Store, inspect, load
from analytics.store.privacy import suppress

AS_OF = date(2024, 6, 1)


def ids(store: Store, text: str, limit: int = 20) -> list[str]:
    return list(profile.search(store, text, limit)["customer_id"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("anna", ["anna"]),
        ("ANNA", ["anna"]),
        # Gus Anders by a word of his name that begins so, before those that only hold it.
        ("an", ["anna", "gus"]),
        # Dora, Carl, Ida, … by what their ids hold; Anna begins with it.
        ("a", ["anna", "gus", "ben", "carl", "dora", "fay", "hal", "ida"]),
        ("hill", ["anna"]),
        ("a hill", ["anna"]),
        ("gus@", ["gus"]),
        # Bought, but is in no customer file; only a cancelled and a test order are known of Hal.
        ("kim", ["kim"]),
        ("hal", ["hal"]),
        ("carl", ["carl"]),
        # What means something to a database is a letter like any other here.
        ("%", ["ben"]),
        ("100%_", ["ben"]),
        ("_b", ["ben"]),
        ("o'n", ["ben"]),
        ("' OR 1=1 --", []),
        ("%%", []),
        ("", []),
        ("   ", []),
        ("  anna ", ["anna"]),
        ("nobody", []),
    ],
)
def test_search(by_hand: Store, text: str, expected: list[str]) -> None:
    assert ids(by_hand, text) == expected


def test_an_exact_id_comes_before_longer_ones(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("customer_id,name\n" + "".join(f"{n},Person {n}\n" for n in range(1, 200)))
    load(store, path, inspect(path, table="customers"))
    assert ids(store, "19", 4) == ["19", "190", "191", "192"]
    assert len(ids(store, "1", 200)) == 119
    found = profile.search(store, "19", 1)
    assert found.columns.tolist() == ["customer_id", "name", "email"]
    assert found["name"].tolist() == ["Person 19"]


def test_those_worth_a_look(store: Store, tmp_path: Path) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text(
        "order_id,customer_id,ordered_at,amount\n"
        # Every ten days, and then 30 without: overdue. The same and 20 without: not yet.
        "1,late,2024-01-01,10\n2,late,2024-01-11,10\n3,late,2024-01-21,10\n"
        "4,punctual,2024-01-11,20\n5,punctual,2024-01-21,20\n6,punctual,2024-01-31,20\n"
        # Two orders are no habit.
        "7,rare,2023-01-01,99\n8,rare,2023-01-02,99\n"
        "9,refuses,2024-01-01,999\n"
        "10,today,2024-02-19,1\n"
    )
    load(store, orders, inspect(orders, table="orders"), import_day=date(2024, 12, 31))
    suppress(store, ["refuses"], "asked")
    kept = profile.keep(store)
    assert kept.as_of == date(2024, 2, 20)
    found = profile.worth_a_look(store, kept.table, 3)
    assert found.groupby("reason")["customer_id"].agg(list).to_dict() == {
        "overdue": ["late"],
        "revenue": ["rare", "punctual", "late"],
    }
