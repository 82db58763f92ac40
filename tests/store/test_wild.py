"""One shop written in the ways of the wild: the store must come out the same."""

import csv
import io
import random
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from analytics.errors import FileError
from analytics.store import (
    Policy,
    Store,
    as_before,
    belong_together,
    inspect,
    join,
    load,
    parts,
    receipt,
)

HEADER = ["订单编号", "买家会员名", "订单创建时间", "商品ID", "数量", "单价"]
TOTAL = "买家实际支付金额"
Row = list[str]


def make_shop() -> list[Row]:
    dice = random.Random(7)
    rows: list[Row] = []
    for order in range(1, 301):
        customer = f"{dice.choice(['小红', '王伟', '张敏', '李娜', '刘洋'])}{dice.randint(1, 60)}"
        moment = datetime(2024, 1, 1) + timedelta(minutes=dice.randint(0, 300_000))
        for product in dice.sample(range(1, 50), dice.randint(1, 4)):
            price = Decimal(dice.randint(100, 300_000)) / 100
            rows.append(
                [str(order), customer, str(moment), f"商品{product}", str(dice.randint(1, 5)),
                 str(price)]
            )  # fmt: skip
    return rows


ROWS = make_shop()
TOTALS: dict[str, Decimal] = {}
for row in ROWS:
    TOTALS[row[0]] = TOTALS.get(row[0], Decimal(0)) + Decimal(row[4]) * Decimal(row[5])


def text(rows: list[Row], header: Row = HEADER, delimiter: str = ",") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def european(number: str) -> str:
    return f"{Decimal(number):,.2f}".translate(str.maketrans(",.", ".,"))


def with_totals(*, first_only: bool) -> list[Row]:
    """Each line with its order's total; or only the first, whose day and customer it alone has."""
    seen: set[str] = set()
    rows = []
    for row in ROWS:
        further = first_only and row[0] in seen
        seen.add(row[0])
        rows.append([row[0], "", "", *row[3:], ""] if further else [*row, str(TOTALS[row[0]])])
    return rows


def excel(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "读我"
    book.active.append(["Exported for you"])
    sheet = book.create_sheet("订单")
    sheet.append(HEADER)
    for row in ROWS:
        moment = datetime.fromisoformat(row[2])
        sheet.append([int(row[0]), row[1], moment, row[3], int(row[4]), float(row[5])])
    book.save(path)
    book.close()


def zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("export/orders.csv", text(ROWS))
        archive.writestr("__MACOSX/export/._orders.csv", "stray")


def written(content: str | bytes, encoding: str = "utf-8") -> Callable[[Path], None]:
    data = content if isinstance(content, bytes) else content.encode(encoding)
    return lambda path: path.write_bytes(data) and None


WAYS: dict[str, Callable[[Path], None]] = {
    "gbk.csv": written(text(ROWS), "gbk"),
    "gb18030.txt": written(text(ROWS, delimiter="\t"), "gb18030"),
    "utf-16.csv": written(text(ROWS), "utf-16"),
    "utf-16-be-no-mark.csv": written(text(ROWS), "utf-16-be"),
    "mark.csv": written(text(ROWS), "utf-8-sig"),
    "crlf.csv": written(text(ROWS).replace("\n", "\r\n")),
    "mixed-ends.csv": written(text(ROWS).replace("\n", "\r\n", 100)),
    "european.csv": written(text([[*row[:5], european(row[5])] for row in ROWS], delimiter=";")),
    "pipe.csv": written(text(ROWS, delimiter="|")),
    "yuan.csv": written(text([[*row[:5], f"¥{Decimal(row[5]):,.2f}"] for row in ROWS])),
    "line-totals.csv": written(
        text([[*row, str(Decimal(row[4]) * Decimal(row[5]))] for row in ROWS], [*HEADER, TOTAL])
    ),
    "totals-repeated.csv": written(text(with_totals(first_only=False), [*HEADER, TOTAL])),
    "totals-first.csv": written(text(with_totals(first_only=True), [*HEADER, TOTAL]), "gbk"),
    "workbook.xlsx": excel,
    "table.parquet": lambda path: pd.DataFrame(ROWS, columns=HEADER).to_parquet(path),
    "packed.zip": zipped,
}


def lines(store: Store) -> list[tuple[object, ...]]:
    with store.reading() as cursor:
        found = cursor.execute(
            "SELECT order_id, customer_id, ordered_at, product_id, quantity, unit_price, amount "
            "FROM orders"
        ).fetchall()
    return sorted(found, key=str)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    path = tmp_path_factory.mktemp("plain") / "orders.csv"
    path.write_text(text(ROWS), encoding="utf-8")
    with Store() as store:
        load(store, path)
        return lines(store)


def test_the_plain_file_is_read_as_it_was_written(plain: list[tuple[object, ...]]) -> None:
    expected = [
        (row[0], row[1], datetime.fromisoformat(row[2]), row[3], Decimal(row[4]), Decimal(row[5]),
         Decimal(row[4]) * Decimal(row[5]))
        for row in ROWS
    ]  # fmt: skip
    assert sorted(tuple(map(str, (*row[:4],))) for row in plain) == sorted(
        tuple(map(str, (*row[:4],))) for row in expected
    )
    assert sorted(row[6] for row in plain) == sorted(row[6] for row in expected)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_writing_gives_the_same_store(
    way: str, plain: list[tuple[object, ...]], tmp_path: Path
) -> None:
    path = tmp_path / way
    WAYS[way](path)
    look = inspect(path)
    if way == "workbook.xlsx":
        assert look.parts == ["读我", "订单"]
        look = look.replace(part="订单")
    with Store(tmp_path / "shop.duckdb") as store:
        done = load(store, path, look)
        assert lines(store) == plain
        assert done.waterfall["amount"].iloc[-1] == sum(TOTALS.values())
        store.remove(done.batch_id)
        assert lines(store) == []
        assert store.tables()["rows"].sum() == 0


def test_headers_and_lines_in_two_files_of_a_zip_are_joined(
    plain: list[tuple[object, ...]], tmp_path: Path
) -> None:
    path = tmp_path / "two.zip"
    heads = {row[0]: row[:3] for row in ROWS}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("heads.csv", text(list(heads.values()), HEADER[:3]).encode("gbk"))
        goods = [[row[0], *row[3:]] for row in ROWS]
        archive.writestr("goods.csv", text(goods, [HEADER[0], *HEADER[3:]]))
    assert parts(path) == ["heads.csv", "goods.csv"]
    with Store() as store:
        with pytest.raises(FileError, match="holds 2 tables"):
            load(store, path)
        looks = [inspect(path, part=part) for part in parts(path)]
        assert belong_together(*looks)
        assert not belong_together(*reversed(looks))
        load(store, join(store, *looks))
        assert lines(store) == plain


def test_files_that_do_not_belong_together_are_not_joined(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("order_id,customer_id,ordered_at\n1,anna,2024-01-05\n")
    (tmp_path / "b.csv").write_text("order_id,product_id,quantity,unit_price\n2,tea,1,5\n")
    (tmp_path / "c.csv").write_text(
        "order_id,customer_id,ordered_at\n1,anna,2024-01-05\n1,ben,2024-01-05\n"
    )
    looks = {name: inspect(tmp_path / f"{name}.csv", table="orders") for name in "abc"}
    with Store() as store:
        with pytest.raises(FileError, match="No order number"):
            join(store, looks["a"], looks["b"])
        with pytest.raises(FileError, match="stands twice"):
            join(store, looks["c"], looks["b"])
        with pytest.raises(FileError, match="do not belong together"):
            join(store, looks["b"], looks["a"])


def test_a_file_tells_of_products_and_customers_and_its_own_files_outrank_it(
    tmp_path: Path,
) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text(
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
        "1,tea,Old tea,1,2024-01-05,2,anna,France\n"
        "2,tea,Green tea,1,2024-01-06,2,anna,Spain\n"
        "3,mug,,1,2024-01-06,2,,Spain\n"
    )
    products = tmp_path / "products.csv"
    products.write_text("product_id,name,price\ntea,Tea,3\n")
    with Store() as store:
        first = load(store, orders)

        def told() -> tuple[list[object], list[object]]:
            with store.reading() as cursor:
                goods = cursor.execute("SELECT product_id, name FROM products").fetchall()
                people = cursor.execute("SELECT customer_id, country FROM customers").fetchall()
            return goods, people

        assert told() == ([("tea", "Green tea")], [("anna", "Spain")])
        load(store, products)
        assert told()[0] == [("tea", "Tea")]
        store.remove(first.batch_id)
        assert told() == ([("tea", "Tea")], [])


def test_without_an_order_number_a_customers_day_is_an_order(tmp_path: Path) -> None:
    path = tmp_path / "cds.txt"
    path.write_text(
        " customer_id  date number_of_cds  dollar_value\n"
        " 00001 19970101  1   11.77\n 00001 19970101  2    5.00\n 00002 19970112  1   12.00\n"
    )
    look = inspect(path)
    assert look.delimiter == " "
    assert any("no order number" in problem for problem in look.problems)
    with Store() as store:
        load(store, path, look)
        assert {row[0] for row in lines(store)} == {"00001 19970101", "00002 19970112"}
        assert store.query("batch_facts", batch_id=1)["orders"].tolist() == [2]


def test_without_customers_orders_count_as_sales_only(tmp_path: Path) -> None:
    path = tmp_path / "till.csv"
    path.write_text("order_id,ordered_at,amount\n1,2024-01-05,5\n2,2024-01-06,7.50\n")
    with Store() as store:
        done = load(store, path)
        facts = done.facts.set_index("fact")
        assert facts.loc["Lines without a customer", "rows"] == 2
        assert facts.loc["Analysed revenue of guests", "amount"] == Decimal("12.5")


def test_a_behaviour_log_without_header_is_told_by_its_values(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        "1,2268318,2520377,pv,1511544070\n1,2333346,2520771,fav,1511561733\n"
        "2,2576651,149192,buy,1511572885\n2,2576651,1491"
    )
    look = inspect(path).replace(zone="Asia/Shanghai")
    assert look.table == "events"
    with Store() as store:
        done = load(store, path, look)
        assert (done.records, done.added, done.rejected) == (4, 3, 1)
        assert done.rejects["line_no"].tolist() == [4]
        with store.reading() as cursor:
            found = cursor.execute(
                "SELECT customer_id, event, occurred_at, product_id FROM events ORDER BY at_us"
            ).fetchall()
            goods = cursor.execute("SELECT product_id, category FROM products").fetchall()
    # 1511544070 s is 2017-11-24 17:21:10 UTC, eight hours later in Shanghai.
    assert found[0] == ("1", "view", datetime(2017, 11, 25, 1, 21, 10), "2268318")
    assert [event for _, event, *_ in found] == ["view", "favourite", "purchase"]
    assert ("2576651", "149192") in goods


def test_the_shops_zone_is_asked_once(tmp_path: Path) -> None:
    path = tmp_path / "web.csv"
    path.write_text("order_id,customer_id,ordered_at,amount\n1,anna,2024-07-01T22:30:00Z,5\n")
    with Store() as store:
        store.set_policy(Policy(zone="Europe/Paris"))
        load(store, path)
        assert lines(store)[0][2] == datetime(2024, 7, 2, 0, 30)
    with Store() as store:
        load(store, path)
        assert lines(store)[0][2] == datetime(2024, 7, 1, 22, 30)


def test_currencies_are_kept_apart_until_they_have_a_rate(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(
        "order_id,customer_id,ordered_at,amount,currency\n"
        "1,anna,2024-01-05,10,eur\n2,ben,2024-01-05,20,EUR\n3,cem,2024-01-06,100,USD\n"
    )
    with Store() as store:
        done = load(store, path)
        assert store.policy.currency == "EUR"
        steps = done.waterfall.set_index("step")
        assert steps.loc["Analysed", "amount"] == Decimal(30)
        assert steps.loc["In another currency, without a rate", "rows"] == -1
        store.set_rates({"USD": Decimal("0.9")})
        assert receipt(store, 1).waterfall["amount"].iloc[-1] == Decimal(120)
        store.remove(done.batch_id)
        assert store.policy.currency is None


def test_a_layout_is_remembered(tmp_path: Path) -> None:
    header = "who,when,what,paid much\n"
    (tmp_path / "a.csv").write_text(header + "anna,2024-01-05,tea,5\nben,2024-01-06,tea,7\n")
    (tmp_path / "b.csv").write_text(header + "cem,2024-02-05,tea,6\n")
    mapping = {
        "customer_id": "who", "ordered_at": "when", "product_id": "what", "amount": "paid much",
    }  # fmt: skip
    with Store() as store:
        first = as_before(store, inspect(tmp_path / "a.csv"))
        assert first.mapping != mapping
        load(store, tmp_path / "a.csv", first.replace(table="orders", mapping=mapping))
        second = as_before(store, inspect(tmp_path / "b.csv"))
        assert (second.table, second.mapping) == ("orders", mapping)
        assert any("Read as the last file" in problem for problem in second.problems)
        assert load(store, tmp_path / "b.csv", second).added == 1


@pytest.mark.parametrize("name", ["../evil.csv", "/etc/evil.csv", "C:\\evil.csv", "a/../../b.csv"])
def test_a_zip_that_points_outside_itself_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "order_id,customer_id,ordered_at,amount\n1,a,2024-01-05,5\n")
    with pytest.raises(FileError, match="outside"):
        inspect(path)


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("orders.csv", "order_id,customer_id\n" + "1,anna\n" * 4_000_000)
    with Store() as store, pytest.raises(FileError, match="unpacks to far more"):
        load(
            store,
            path,
            inspect(path).replace(table="customers", mapping={"customer_id": "customer_id"}),
        )


def test_western_and_japanese_text_is_told_apart(tmp_path: Path) -> None:
    for encoding, city in (("cp1252", "München"), ("shift_jis", "とうきょう"), ("big5", "臺北")):
        path = tmp_path / f"{encoding}.csv"
        rows = "".join(f"{n},a{n % 9},2024-01-0{n % 9 + 1},{n},{city}\n" for n in range(1, 60))
        path.write_bytes(("order_id,customer_id,ordered_at,amount,city\n" + rows).encode(encoding))
        look = inspect(path)
        assert look.encoding == encoding
        assert set(look.sample["city"]) == {city}


QUOTED = {
    "commas": ('a,b\n"x, y",1\n', [{"a": "x, y", "b": "1"}]),
    "doubled quotes": ('a,b\n1,"say ""hi"" now"\n', [{"a": "1", "b": 'say "hi" now'}]),
    "line breaks": (
        'a,b\n"one\ntwo",1\n3,4\n',
        [{"a": "one\ntwo", "b": "1"}, {"a": "3", "b": "4"}],
    ),
    "line breaks in a file with carriage returns": (
        'a,b\r\n"one\r\ntwo",1\r\n3,4\r\n',
        [{"a": "one\r\ntwo", "b": "1"}, {"a": "3", "b": "4"}],
    ),
    "empty quotes, no last line end": (
        'a,b\n"",""\n3,4',
        [{"a": "", "b": ""}, {"a": "3", "b": "4"}],
    ),
    "JSON in a cell": (
        'a,b\n1,"{""type"": ""Point"", ""xy"": [1, 2]}"\n',
        [{"a": "1", "b": '{"type": "Point", "xy": [1, 2]}'}],
    ),
}


@pytest.mark.parametrize("case", QUOTED)
def test_quoted_values_come_as_they_were_written(case: str, tmp_path: Path) -> None:
    content, expected = QUOTED[case]
    (tmp_path / "a.csv").write_bytes(content.encode())
    assert inspect(tmp_path / "a.csv").records.to_dict("records") == expected


def test_a_quoted_line_break_survives_the_import(tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    path.write_bytes(b'product_id,name\r\np1,"one\r\ntwo"\r\np2,three\r\n')
    with Store() as store:
        assert load(store, path).added == 2
        with store.reading() as cursor:
            names = cursor.execute("SELECT name FROM products ORDER BY product_id").fetchall()
    assert names == [("one\r\ntwo",), ("three",)]
