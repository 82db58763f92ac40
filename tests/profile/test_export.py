"""The file for a request of access: complete, safe to open, and the same for the same data."""

import io
import zipfile
from datetime import date
from pathlib import Path

import pandas as pd

from analytics import profile, rfm
from analytics.store import Store, inspect, load
from analytics.store.privacy import suppress

AS_OF = date(2024, 6, 1)


def unpack(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def table(parts: dict[str, bytes], name: str) -> pd.DataFrame:
    return pd.read_csv(
        io.BytesIO(parts[f"{name}.csv"]), dtype=str, keep_default_na=False, encoding="utf-8-sig"
    )


def test_it_holds_every_record_whatever_the_day(by_hand: Store) -> None:
    parts = unpack(profile.export(by_hand, "anna", AS_OF, unit="EUR"))
    assert sorted(parts) == [
        "campaigns.csv", "events.csv", "experiments.csv", "features.csv", "feedback.csv",
        "lists.csv", "matches.csv", "orders.csv", "person.csv", "record.txt", "rounds.csv",
        "suppressions.csv",
    ]  # fmt: skip
    orders = table(parts, "orders")
    # The order of the day itself is held, too, though it is in no figure.
    assert orders["order_id"].tolist() == ["A1", "A1", "A2", "A3", "A4", "A5"]
    assert orders["amount"].tolist()[4] == "-5.0000"
    assert table(parts, "experiments")["variant"].tolist() == ["treatment"]
    assert table(parts, "person")["email"].tolist() == ["anna@example.com"]
    assert table(parts, "features")["name"].tolist() == [one.name for one in profile.FEATURES]
    readable = parts["record.txt"].decode()
    for line in ("E-mail: anna@example.com", "Loyalty card: gold", "Orders: 3",
                 "Revenue: 43.00 EUR", "Share of the favourite category: 50%"):  # fmt: skip
        assert f"{line}\r\n" in readable


def test_lines_that_do_not_count_and_those_not_read_are_in_it(store: Store, tmp_path: Path) -> None:
    head = "order_id,customer_id,ordered_at,amount,status\n"
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text(
        head + "1,anna,2024-01-01,5,paid\n2,anna,2024-01-02,5,test\n3,anna,2024-13-45,5,paid\n"
        "4,ben,2024-01-02,5,paid\n"
    )
    second.write_text(head + "1,anna,2024-01-01,5,refunded\n5,ben,2024-01-03,1,paid\n")
    for path in (first, second):
        load(store, path, inspect(path, table="orders"), import_day=date(2024, 12, 31))
    suppress(store, ["anna"], "=asked")
    parts = unpack(profile.export(store, "anna"))
    orders = table(parts, "orders")
    assert orders[["file_name", "order_id", "fate"]].to_numpy().tolist() == [
        ["first.csv", "1", "elsewhere"],
        ["first.csv", "2", "test"],
        ["first.csv", "3", "rejected"],
        ["second.csv", "1", "analysed"],
    ]
    assert "2024-13-45" in orders["raw"][2]
    assert orders["reason"][2]
    # A spreadsheet must not take the reason for a formula.
    assert table(parts, "suppressions")["reason"].tolist() == ["'=asked"]
    assert b"asked not to be" in parts["record.txt"]
    assert b"ben" not in b"".join(parts.values())


def test_the_same_data_give_the_same_file(by_hand: Store) -> None:
    kept = rfm.keep(by_hand, AS_OF)
    files = {profile.export(by_hand, "jon", AS_OF, scores=kept.table) for _ in range(2)}
    assert len(files) == 1
    assert b"Segment: Loyal\r\n" in unpack(files.pop())["record.txt"]


def test_a_shop_of_persons_alone_can_answer(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("customer_id,email\nanna,anna@example.com\n")
    load(store, path, inspect(path, table="customers"))
    parts = unpack(profile.export(store, "anna"))
    assert table(parts, "person")["email"].tolist() == ["anna@example.com"]
    assert "features.csv" not in parts


def test_five_thousand_orders_are_all_there(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    times = pd.date_range("2020-01-01", periods=5_000, freq="5h")
    path.write_text(
        "order_id,customer_id,ordered_at,amount\n"
        + "".join(f"{place},anna,{at},{place % 90 + 1}\n" for place, at in enumerate(times))
        + "last,ben,2023-01-01,5\n"
    )
    load(store, path, inspect(path, table="orders"), import_day=date(2024, 12, 31))
    assert len(table(unpack(profile.export(store, "anna")), "orders")) == 5_000
    found = profile.timeline(store, "anna", limit=50, offset=4_975)
    assert (found.rows, len(found.frame)) == (5_000, 25)
    assert found.frame["what"].tolist()[-1] == "0"
    assert len(profile.record(store, "anna").orders) == 5_000


def test_records_under_another_id_of_theirs_and_the_match_itself_are_in_it(
    store: Store, tmp_path: Path
) -> None:
    files = {
        "orders": "order_id,customer_id,ordered_at,amount\n"
        "1,web-anna,2024-01-01,5\n2,card-anna,2024-02-01,7\n3,ben,2024-02-02,1\n",
        "events": "customer_id,occurred_at,event\ncard-anna,2024-01-31 10:00:00,view\n",
        "matches": "customer_id,other_id\nweb-anna,card-anna\nben,card-ben\n",
    }
    for name, text in files.items():
        path = tmp_path / f"{name}.csv"
        path.write_text(text)
        load(store, path, inspect(path, table=name), import_day=date(2024, 12, 31))
    suppress(store, ["card-anna"], "asked")
    parts = unpack(profile.export(store, "web-anna"))
    assert table(parts, "orders")["order_id"].tolist() == ["1", "2"]
    assert table(parts, "events")["event"].tolist() == ["view"]
    assert table(parts, "suppressions")["customer_id"].tolist() == ["card-anna"]
    held = table(parts, "matches")
    assert held[["customer_id", "other_id"]].to_numpy().tolist() == [["web-anna", "card-anna"]]
    found = profile.record(store, "web-anna")
    assert (found.feature("orders"), str(found.feature("revenue"))) == (2, "12.0000")
    assert profile.timeline(store, "web-anna").rows == 3
    assert profile.search(store, "card-anna")["customer_id"].tolist() == ["web-anna"]
