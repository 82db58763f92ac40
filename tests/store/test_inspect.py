"""What a file is found to be, and how a wrong guess is corrected."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from analytics.errors import FileError
from analytics.store import inspect

Write = Callable[..., Path]

HEADERS = {
    "orders": [
        (
            "order_id,customer_id,ordered_at,amount",
            "1,anna,2024-01-05,9.00",
            {"order_id": 0, "customer_id": 1, "ordered_at": 2, "amount": 3},
        ),
        (
            "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
            "536365,85123A,WHITE HANGING HEART,6,12/1/2010 8:26,2.55,17850,United Kingdom",
            {
                "order_id": 0,
                "product_id": 1,
                "quantity": 3,
                "ordered_at": 4,
                "unit_price": 5,
                "customer_id": 6,
                "country": 7,
            },
        ),
        (
            "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country",
            "489434,85048,15CM CHRISTMAS GLASS,12,2009-12-01 07:45:00,6.95,13085.0,United Kingdom",
            {
                "order_id": 0,
                "product_id": 1,
                "quantity": 3,
                "ordered_at": 4,
                "unit_price": 5,
                "customer_id": 6,
                "country": 7,
            },
        ),
        (
            "买家会员名,订单编号,订单创建时间,买家实际支付金额",
            "小红,1001,2016/1/5 10:20,88.00",
            {"customer_id": 0, "order_id": 1, "ordered_at": 2, "amount": 3},
        ),
        (
            "订单号,客户ID,下单时间,商品编号,数量,单价,订单状态",
            "1001,u1,2016-01-05 10:20:00,p9,2,44.00,已完成",
            {
                "order_id": 0,
                "customer_id": 1,
                "ordered_at": 2,
                "product_id": 3,
                "quantity": 4,
                "unit_price": 5,
                "status": 6,
            },
        ),
    ],
    "events": [
        (
            "customer_id,session_id,occurred_at,event,product_id",
            "anna,s1,2024-01-05 10:00:00,view,tea",
            {"customer_id": 0, "session_id": 1, "occurred_at": 2, "event": 3, "product_id": 4},
        ),
        (
            "用户ID,商品ID,行为类型,时间戳",
            "1,2268318,pv,1511544070",
            {"customer_id": 0, "product_id": 1, "event": 2, "occurred_at": 3},
        ),
        (
            "visitorid,timestamp,event,itemid",
            "257597,1433221332117,view,355908",
            {"customer_id": 0, "occurred_at": 1, "event": 2, "product_id": 3},
        ),
    ],
    "customers": [
        (
            "Customer ID,E-mail,Phone,City,Accepts Marketing",
            "anna,anna@example.com,123,Lyon,yes",
            {"customer_id": 0, "phone": 2, "city": 3, "consent": 4},
        ),
        (
            "客户ID,姓名,手机号,性别,注册时间",
            "u1,小红,13800000000,女,2015-03-01",
            {"customer_id": 0, "name": 1, "phone": 2, "gender": 3, "signed_up_at": 4},
        ),
    ],
    "products": [
        (
            "product_id,name,category,price,cost,stock",
            "tea,Green tea,drinks,4.50,2.00,40",
            {"product_id": 0, "name": 1, "category": 2, "price": 3, "cost": 4, "stock": 5},
        ),
        (
            "商品ID,商品名称,类目,售价,成本,库存",
            "p1,绿茶,饮料,45,20,400",
            {"product_id": 0, "name": 1, "category": 2, "price": 3, "cost": 4, "stock": 5},
        ),
    ],
    "assignments": [
        (
            "experiment,customer_id,variant,assigned_at",
            "spring,anna,treatment,2024-02-01",
            {"experiment": 0, "customer_id": 1, "variant": 2, "assigned_at": 3},
        ),
        (
            "实验名称,用户ID,分组,分配时间",
            "春季,u1,对照组,2024-02-01",
            {"experiment": 0, "customer_id": 1, "variant": 2, "assigned_at": 3},
        ),
    ],
    "spend": [
        (
            "Day,Channel,Campaign,Amount Spent",
            "2024-02-01,search,spring,12.50",
            {"day": 0, "channel": 1, "campaign": 2, "cost": 3},
        ),
        (
            "日期,渠道,花费",
            "2024-02-01,百度,12.50",
            {"day": 0, "channel": 1, "cost": 2},
        ),
    ],
    "stock_levels": [
        ("product_id,day,stock", "tea,2024-02-01,12", {"product_id": 0, "day": 1, "stock": 2}),
        ("Date,SKU,Stock Level", "2024-02-01,tea,12", {"product_id": 1, "day": 0, "stock": 2}),
        ("日期,商品ID,库存", "2024-02-01,tea,12", {"product_id": 1, "day": 0, "stock": 2}),
    ],
}
CASES = [(table, *case) for table, cases in HEADERS.items() for case in cases]


@pytest.mark.parametrize(("table", "header", "row", "places"), CASES)
def test_a_header_tells_table_and_columns(
    write: Write, table: str, header: str, row: str, places: dict[str, int]
) -> None:
    look = inspect(write("a.csv", f"{header}\n{row}\n"))
    assert look.table == table
    found = look.places
    assert {field: found.get(field) for field in places} == places
    assert look.missing() == []
    assert set(look.reasons) == set(look.mapping)
    assert look.sample["reason"].isna().all()


def test_every_column_serves_one_field_only(write: Write) -> None:
    for place, (_, header, row, _) in enumerate(CASES):
        look = inspect(write(f"{place}.csv", f"{header}\n{row}\n"))
        assert len(set(look.mapping.values())) == len(look.mapping)


def test_spaces_case_and_marks_in_headers_do_not_matter(write: Write) -> None:
    look = inspect(
        write("a.csv", " Order-ID ,CUSTOMER id , Ordered_At,AMOUNT \n1,a,2024-01-05,9\n")
    )
    assert look.missing() == []
    assert look.columns == ["Order-ID", "CUSTOMER id", "Ordered_At", "AMOUNT"]


def test_columns_of_one_name_are_told_apart(write: Write) -> None:
    look = inspect(write("a.csv", "order_id,note,note,,\n1,x,y,z,w\n"), table="orders")
    assert look.columns == ["order_id", "note", "note (2)", "column 4", "column 5"]


def test_an_empty_column_gives_way_to_a_filled_one(write: Write) -> None:
    look = inspect(write("a.csv", "order_id,customer_id,buyer,date,amount\n1,,anna,2024-01-05,9\n"))
    assert look.mapping["customer_id"] == "buyer"


ROW = ["1", "anna", "2024-01-05 10:00:00", "9.00"]
NAMES = ["order_id", "customer_id", "ordered_at", "amount"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(write: Write, delimiter: str) -> None:
    lines = [delimiter.join(line) for line in (NAMES, ROW, ROW)]
    look = inspect(write("a.csv", "\n".join(lines)))
    assert look.delimiter == delimiter
    assert look.columns == NAMES


def test_commas_within_quotes_or_decimals_do_not_mislead(write: Write) -> None:
    text = (
        'order_id;customer_id;ordered_at;amount\n1;"a,b,c,d";2024-01-05;9,00\n2;b;2024-01-06;8,50\n'
    )
    look = inspect(write("a.csv", text))
    assert look.delimiter == ";"
    assert look.style.decimal == ","


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_marks_do_not_matter(write: Write, end: str, mark: str) -> None:
    look = inspect(write("a.csv", mark + end.join(",".join(line) for line in (NAMES, ROW, ROW))))
    assert look.columns == NAMES
    assert len(look.sample) == 2


def test_a_file_without_a_header_is_seen_as_one(write: Write) -> None:
    look = inspect(write("a.csv", "1,anna,2024-01-05,9.00\n2,ben,2024-01-06,8.50\n"))
    assert not look.header
    assert look.columns == ["column 1", "column 2", "column 3", "column 4"]
    assert any("no header" in problem for problem in look.problems)
    right = look.replace(
        table="orders",
        mapping=dict(zip(NAMES, look.columns, strict=True)),
    )
    assert right.missing() == []
    assert right.sample["order_id"].tolist() == ["1", "2"]


def test_what_is_missing_is_said_in_words(write: Write) -> None:
    look = inspect(write("a.csv", "order_id,ordered_at\n1,2024-01-05\n"), table="orders")
    assert look.missing() == ["Line total"]
    assert any("no column with customers" in problem for problem in look.problems)


@pytest.mark.parametrize("table", list(HEADERS))
def test_any_table_can_be_looked_at_with_any_one_column(write: Write, table: str) -> None:
    for _, header, row, places in CASES:
        path = write("a.csv", f"{header}\n{row}\n")
        for place in places.values():
            name, cell = header.split(",")[place], row.split(",")[place]
            look = inspect(write("one.csv", f"{name},note\n{cell},x\n"), table=table)
            assert look.table == table
        assert inspect(path, table=table).table == table


# Dates and numbers


def order_file(dates: list[str], amount: str = "9.00") -> str:
    rows = [f'{n},anna,"{day}","{amount}"' for n, day in enumerate(dates)]
    return "\n".join(["order_id,customer_id,ordered_at,amount", *rows])


@pytest.mark.parametrize(
    ("dates", "style", "first"),
    [
        (["2024-01-05", "2024-01-13"], "iso", "2024-01-05"),
        (["2016/1/5", "2016/1/13 8:05"], "iso", "2016-01-05"),
        (["05/01/2024", "13/01/2024"], "dmy/Y", "2024-01-05"),
        (["01/05/2024", "01/13/2024"], "mdy/Y", "2024-01-05"),
        (["12/1/2010 8:26", "12/13/2010 9:00"], "mdy/Y", "2010-12-01 08:26"),
        (["05.01.24", "13.01.24"], "dmy.y", "2024-01-05"),
        (["1-5-24", "1-13-24"], "mdy-y", "2024-01-05"),
        (["2024.01.05", "2024.01.13"], "ymd.Y", "2024-01-05"),
        (["20240105", "20240113"], "compact", "2024-01-05"),
        (["1704412800", "1705104000"], "unix_s", "2024-01-05"),
        (["1704412800000", "1705104000000"], "unix_ms", "2024-01-05"),
        (["1704412800000000", "1705104000000000"], "unix_us", "2024-01-05"),
        (["45296", "45304.5"], "excel", "2024-01-05"),
    ],
)
def test_the_way_dates_are_written_is_found(
    write: Write, dates: list[str], style: str, first: str
) -> None:
    look = inspect(write("a.csv", order_file(dates)), table="orders")
    assert look.style.time("ordered_at") == style
    assert look.sample["ordered_at"].iloc[0] == pd.Timestamp(first)
    assert look.problems == []


def test_doubt_about_day_and_month_is_stated(write: Write) -> None:
    look = inspect(write("a.csv", order_file(["05/01/2024", "06/02/2024"])))
    assert look.style.time("ordered_at") == "dmy/Y"
    assert any("day-first or month-first" in problem for problem in look.problems)
    assert look.sample["ordered_at"].iloc[0] == pd.Timestamp("2024-01-05")
    other = look.replace(times={"ordered_at": "mdy/Y"})
    assert other.sample["ordered_at"].iloc[0] == pd.Timestamp("2024-05-01")


def test_a_mixture_of_day_first_and_month_first_is_stated(write: Write) -> None:
    look = inspect(write("a.csv", order_file(["13/01/2024", "01/13/2024"])))
    assert any("some" in problem for problem in look.problems)


@pytest.mark.parametrize(
    ("amount", "decimal"), [("1,234.56", "."), ("1.234,56", ","), ("12.5", "."), ("12,5", ",")]
)
def test_the_decimal_mark_is_found(write: Write, amount: str, decimal: str) -> None:
    assert inspect(write("a.csv", order_file(["2024-01-05"], amount))).style.decimal == decimal


def test_ids_that_a_spreadsheet_made_floats_are_seen(write: Write) -> None:
    text = "order_id,customer_id,date,amount\n1,17850.0,2024-01-05,9\n2,,2024-01-05,9\n"
    look = inspect(write("a.csv", text))
    assert look.style.float_ids == ("customer_id",)
    assert look.sample["customer_id"].iloc[0] == "17850"


def test_records_of_another_width_are_counted(write: Write) -> None:
    text = "order_id,customer_id,date,amount\n1,a,2024-01-05,9\n2,a\n3,a,2024-01-05,9,9\n"
    look = inspect(write("a.csv", text))
    assert any(problem.startswith("2 of the first 3 records") for problem in look.problems)


# Corrections


def test_a_correction_keeps_the_rest(write: Write) -> None:
    text = "nr;who;when;what\n1;anna;05/01/2024;9,00\n"
    look = inspect(write("a.csv", text))
    right = look.replace(
        table="orders",
        mapping={"order_id": "nr", "customer_id": "who", "ordered_at": "when", "amount": "what"},
    )
    assert right.missing() == []
    assert right.reasons["order_id"] == "You chose it."
    again = right.replace(times={"ordered_at": "mdy/Y"})
    assert again.mapping == right.mapping
    assert again.style.decimal == right.style.decimal == ","
    assert again.sample["ordered_at"].iloc[0] == pd.Timestamp("2024-05-01")
    both = again.replace(decimal=".").replace(table="orders")
    assert both.style.decimal == "."
    assert both.style.time("ordered_at") == "mdy/Y"


def test_a_corrected_header_or_delimiter_is_looked_at_anew(write: Write) -> None:
    look = inspect(write("a.csv", "1,anna,2024-01-05,9.00\n2,ben,2024-01-06,8.50\n"))
    assert look.replace(header=True).columns == ["1", "anna", "2024-01-05", "9.00"]
    assert look.replace(delimiter=";").columns == ["column 1"]


def test_a_corrected_decimal_mark_reaches_the_sample(write: Write) -> None:
    look = inspect(write("a.csv", order_file(["2024-01-05"], "1.234")))
    assert look.sample["amount"].astype(str).tolist() == ["1.2340"]
    assert look.replace(decimal=",").sample["amount"].astype(str).tolist() == ["1234.0000"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"table": "invoices"},
        {"mapping": {"colour": "order_id"}},
        {"mapping": {"order_id": "colour"}},
    ],
)
def test_a_correction_that_names_nothing_is_refused(write: Write, wrong: dict[str, object]) -> None:
    look = inspect(write("a.csv", order_file(["2024-01-05"])))
    with pytest.raises(FileError) as caught:
        look.replace(**wrong)  # type: ignore[arg-type]
    assert caught.value.problem
    assert caught.value.fix
