"""Text to values: expected values are written out by hand, round trips are drawn at random."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.store.convert import Style, text, value
from analytics.store.records import Reading, records_sql
from analytics.store.schema import TABLES, Field

MONEY = Field("amount", "money", "Line total")
WHOLE = Field("line_no", "integer", "Line of the order")
MOMENT = Field("ordered_at", "time", "Ordered at")
DAY = Field("day", "date", "Day")
FLAG = Field("consent", "flag", "May be contacted")
STATUS = Field("status", "status", "Status")
ID = Field("customer_id", "id", "Customer")
DATABASE = duckdb.connect()


def read(field: Field, written: list[str], style: Style | None = None) -> list[Any]:
    """What each text is read as."""
    column = pa.table({"place": range(len(written)), "c0": pa.array(written, pa.string())})
    with DATABASE.cursor() as connection:
        connection.register("written", column)
        rows = connection.execute(
            f"SELECT {value(field, 't', style or Style())} "
            f"FROM (SELECT place, {text('c0')} AS t FROM written) ORDER BY place"
        ).fetchall()
    return [row[0] for row in rows]


def read_one(field: Field, written: str, style: Style | None = None) -> Any:
    return read(field, [written], style)[0]


@pytest.mark.parametrize(
    ("written", "decimal", "expected"),
    [
        ("12", ".", "12"),
        ("12.5", ".", "12.5"),
        ("1,234.56", ".", "1234.56"),
        ("1,234,567.8", ".", "1234567.8"),
        ("1 234.56", ".", "1234.56"),
        ("1\u00a0234.56", ".", "1234.56"),
        ("1,234", ".", "1234"),
        (".5", ".", "0.5"),
        ("5.", ".", "5"),
        ("-3.20", ".", "-3.2"),
        ("+3.20", ".", "3.2"),
        ("(12.00)", ".", "-12"),
        ("($1,200.00)", ".", "-1200"),
        ("$12.00", ".", "12"),
        ("-$12.00", ".", "-12"),
        ("$-12.00", ".", "-12"),
        ("£1,050.99", ".", "1050.99"),
        ("¥88", ".", "88"),
        ("￥88", ".", "88"),
        ("88元", ".", "88"),
        ("₹ 99.00", ".", "99"),
        ("12.00 EUR", ".", "12"),
        ("USD 12.00", ".", "12"),
        ("US$12.00", ".", "12"),
        ("R$ 12.00", ".", "12"),
        ("  7.25  ", ".", "7.25"),
        ("1e3", ".", "1000"),
        ("1.00005", ".", "1.0001"),
        ("1.234,56", ",", "1234.56"),
        ("1.234.567,8", ",", "1234567.8"),
        ("1 234,56", ",", "1234.56"),
        ("1\u202f234,56 €", ",", "1234.56"),
        ("1.234", ",", "1234"),
        ("12,50 €", ",", "12.5"),
        ("€ 12,50", ",", "12.5"),
        ("-12,50", ",", "-12.5"),
        ("(12,50)", ",", "-12.5"),
        ("R$ 12,50", ",", "12.5"),
        ("12", ",", "12"),
        ("0,00", ",", "0"),
    ],
)
def test_a_number_is_read(written: str, decimal: str, expected: str) -> None:
    assert read_one(MONEY, written, Style(decimal=decimal)) == Decimal(expected)


@pytest.mark.parametrize(
    ("written", "decimal"),
    [
        ("abc", "."),
        ("-", "."),
        ("$", "."),
        (".", "."),
        ("()", "."),
        ("1.234,56", "."),
        ("1,2", "."),
        ("1,23,4", "."),
        ("1.2.3", "."),
        ("12.00)", "."),
        ("(12.00", "."),
        ("12 pieces", "."),
        ("1,234.56", ","),
        ("12.50", ","),
        ("99999999999999999999", "."),
        ("0x10", "."),
    ],
)
def test_what_is_no_number_is_not_guessed(written: str, decimal: str) -> None:
    assert read_one(MONEY, written, Style(decimal=decimal)) is None


@pytest.mark.parametrize("word", ["", "   ", "nan", "NULL", "None", "N/A", "#N/A", "\\N", "NaT"])
def test_a_word_for_nothing_is_nothing(word: str) -> None:
    assert read_one(ID, word) is None
    assert read_one(STATUS, word) is None


def test_a_whole_number_is_not_rounded_from_another() -> None:
    assert read(WHOLE, ["3", "3.0", "1,000", "3.5", "x"]) == [3, 3, 1000, None, None]


AT = datetime(2011, 3, 4, 15, 6, 7)
MINUTE = AT.replace(second=0)
MIDNIGHT = datetime(2011, 3, 4)


@pytest.mark.parametrize(
    ("style", "written", "expected"),
    [
        ("iso", "2011-03-04 15:06:07", AT),
        ("iso", "2011-03-04T15:06:07", AT),
        ("iso", "2011-03-04T15:06:07.250", AT + timedelta(milliseconds=250)),
        ("iso", "2011-03-04", MIDNIGHT),
        ("iso", "2011/3/4", MIDNIGHT),
        ("iso", "2011/3/4 15:06", MINUTE),
        # The shop's own clock: what is written counts, whatever zone stands behind it.
        ("iso", "2011-03-04T15:06:07Z", AT),
        ("iso", "2011-03-04 15:06:07 -0500", AT),
        ("iso", "2011-03-04T15:06:07+08:00", AT),
        ("dmy/Y", "04/03/2011", MIDNIGHT),
        ("dmy/Y", "4/3/2011 15:06", MINUTE),
        ("dmy/Y", "04/03/2011 15:06:07", AT),
        ("dmy/Y", "04/03/2011 3:06 PM", MINUTE),
        ("dmy/Y", "04/03/2011 3:06:07 PM", AT),
        ("dmy/y", "04/03/11", MIDNIGHT),
        ("dmy-Y", "04-03-2011", MIDNIGHT),
        ("dmy.Y", "04.03.2011 15:06", MINUTE),
        ("dmy.y", "4.3.11", MIDNIGHT),
        ("mdy/Y", "3/4/2011 15:06", MINUTE),
        ("mdy/Y", "03/04/2011 03:06:07 PM", AT),
        ("mdy/y", "3/4/11 15:06", MINUTE),
        ("mdy-y", "03-04-11", MIDNIGHT),
        ("ymd.Y", "2011.03.04 15:06", MINUTE),
        ("compact", "20110304", MIDNIGHT),
        ("compact", "20110304150607", AT),
        ("compact", "201103041506", MINUTE),
        ("compact", "20110304 15:06:07", AT),
        ("unix_s", "1299251167", AT),
        ("unix_s", "1299251167.5", AT + timedelta(milliseconds=500)),
        ("unix_ms", "1299251167000", AT),
        ("unix_us", "1299251167000001", AT + timedelta(microseconds=1)),
        # 40606 days after 30 December 1899.
        ("excel", "40606", MIDNIGHT),
        ("excel", "40606.5", MIDNIGHT + timedelta(hours=12)),
    ],
)
def test_a_moment_is_read(style: str, written: str, expected: datetime) -> None:
    kept = Style(times=(("ordered_at", style), ("day", style)))
    assert read_one(MOMENT, written, kept) == expected
    assert read_one(DAY, written, kept) == expected.date()


@pytest.mark.parametrize(
    ("style", "written"),
    [
        ("iso", "2011-02-30"),
        ("iso", "04/03/2011"),
        ("iso", "yesterday"),
        ("dmy/Y", "13/13/2011"),
        ("dmy/Y", "31/02/2011"),
        ("dmy/Y", "03/31/2011"),
        ("mdy/Y", "31/03/2011"),
        ("dmy/Y", "2011-03-04"),
        ("dmy/Y", "04/03/2011 25:00"),
        ("compact", "20111304"),
        ("unix_s", "soon"),
        ("unix_ms", "99999999999999999999"),
        ("unix_us", "9223372036854775807"),
        ("excel", "1e300"),
        ("excel", "999999999"),
        ("excel", "-"),
    ],
)
def test_what_is_no_moment_is_not_guessed(style: str, written: str) -> None:
    kept = Style(times=(("ordered_at", style),))
    assert read_one(MOMENT, written, kept) is None


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("paid", "paid"),
        ("Completed", "paid"),
        ("交易成功", "paid"),
        ("Cancelled", "cancelled"),
        ("CANCELED", "cancelled"),
        ("voided", "cancelled"),
        ("交易关闭", "cancelled"),
        ("已取消", "cancelled"),
        ("等待买家付款", "cancelled"),
        ("Refunded", "refunded"),
        ("退款成功", "refunded"),
        ("已退款", "refunded"),
        ("Test order", "test"),
        ("test_order", "test"),
        ("测试", "test"),
    ],
)
def test_a_status_word_is_understood(written: str, status: str) -> None:
    assert read_one(STATUS, written) == status


def test_yes_and_no_are_understood_and_maybe_is_not() -> None:
    assert read(FLAG, ["Yes", "TRUE", "1", "是", "同意"]) == [True] * 5
    assert read(FLAG, ["no", "False", "0", "否", "拒绝"]) == [False] * 5
    assert read(FLAG, ["maybe", "2"]) == [None, None]


def test_an_id_keeps_its_text_unless_a_spreadsheet_made_it_a_float() -> None:
    floats = Style(float_ids=("customer_id",))
    assert read(ID, ["17850.0", "17850.00", "017850"], floats) == ["17850", "17850", "017850"]
    assert read(ID, ["17850.0", "00123", " x "]) == ["17850.0", "00123", "x"]


# Reasons


def reasons(table: str, header: list[str], *rows: list[str]) -> list[str | None]:
    """Why each row of a file whose headers are field names cannot be used."""
    shape = TABLES[table]
    columns = {f"c{place}": [row[place] for row in rows] for place in range(len(header))}
    source = pa.table({"record_no": range(1, len(rows) + 1), **columns})
    places = {name: place for place, name in enumerate(header)}
    query = records_sql(Reading(shape, places, header, Style(), ","), "2024-06-30", "written")
    with DATABASE.cursor() as connection:
        connection.register("written", source)
        found = connection.execute(f"SELECT reason FROM ({query}) ORDER BY record_no").fetchall()
    return [reason for (reason,) in found]


ORDER = ["order_id", "line_no", "customer_id", "ordered_at", "amount"]


def test_each_bad_value_has_its_reason() -> None:
    assert reasons(
        "orders",
        ORDER,
        ["1", "1", "anna", "2024-06-30 23:59:59", "5"],
        ["2", "", "", "2024-06-30", "5"],
        ["", "1", "anna", "2024-06-30", "5"],
        ["3", "1", "anna", "", "5"],
        ["3", "1", "anna", "2024-06-30", ""],
        ["3", "1", "anna", "soon", "5"],
        ["3", "1", "anna", "2024-06-30", "five"],
        ["3", "1.5", "anna", "2024-06-30", "5"],
        ["3", "1", "anna", "2024-07-01", "5"],
        ["3", "1", "anna", "1969-12-31", "5"],
        ["3", "1", "a" * 201, "2024-06-30", "5"],
        ["3", "1", "a" * 200, "2024-06-30", "5"],
    ) == [
        None,
        None,
        "Order number is empty",
        "Ordered at is empty",
        "Line total is empty",
        "Ordered at: “soon” is not a date",
        "Line total: “five” is not an amount",
        "Line of the order: “1.5” is not a whole number",
        "Ordered at lies after the day of the import",
        "Ordered at lies before 1970",
        "Customer is longer than 200 characters",
        None,
    ]


def test_the_other_tables_have_their_reasons() -> None:
    assert reasons(
        "events",
        ["customer_id", "session_id", "occurred_at", "event"],
        ["", "", "2024-06-01", "view"],
        ["", "s1", "2024-06-01", "view"],
        ["anna", "", "2024-06-01", ""],
    ) == ["neither customer nor session", None, "Event is empty"]
    assert reasons(
        "customers", ["customer_id", "consent", "age"], ["", "yes", ""], ["a", "maybe", ""]
    ) == ["Customer is empty", "May be contacted: “maybe” is not yes or no"]
    assert reasons("customers", ["customer_id", "age"], ["a", "old"]) == [
        "Age in years: “old” is not a number"
    ]


# Round trips

cents = st.integers(-(10**13), 10**13)


def grouped(amount: Decimal, thousands: str, mark: str) -> str:
    return f"{amount:,.2f}".replace(",", "\0").replace(".", mark).replace("\0", thousands)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(cents, min_size=1, max_size=50), st.sampled_from([(",", "."), (".", ","), (" ", ",")])
)
def test_money_survives_every_way_of_writing_it(drawn: list[int], marks: tuple[str, str]) -> None:
    amounts = [Decimal(amount) / 100 for amount in drawn]
    style = Style(decimal=marks[1])
    for before, after in (("", ""), ("€", ""), ("", " EUR")):
        written = [f"{before}{grouped(amount, *marks)}{after}" for amount in amounts]
        assert read(MONEY, written, style) == amounts
    booked = [
        f"({grouped(-amount, *marks)})" if amount < 0 else grouped(amount, *marks)
        for amount in amounts
    ]
    assert read(MONEY, booked, style) == amounts


moments = st.datetimes(datetime(1970, 1, 1), datetime(2068, 12, 31)).map(
    lambda at: at.replace(microsecond=0)
)


def as_excel(at: datetime) -> str:
    since = at - datetime(1899, 12, 30)
    return f"{since.days + since.seconds / 86400:.6f}"


def stamp(at: datetime) -> int:
    return int(at.replace(tzinfo=UTC).timestamp())


WRITERS = {
    "iso": lambda at: at.isoformat(sep=" "),
    "dmy/Y": lambda at: f"{at:%d/%m/%Y %H:%M:%S}",
    "dmy.Y": lambda at: f"{at.day}.{at.month}.{at:%Y %H:%M:%S}",
    "dmy-y": lambda at: f"{at:%d-%m-%y %H:%M:%S}",
    "mdy/Y": lambda at: f"{at:%m/%d/%Y %I:%M:%S %p}",
    "mdy/y": lambda at: f"{at.month}/{at.day}/{at:%y %H:%M:%S}",
    "ymd.Y": lambda at: f"{at:%Y.%m.%d %H:%M:%S}",
    "compact": lambda at: f"{at:%Y%m%d%H%M%S}",
    "unix_s": lambda at: str(stamp(at)),
    "unix_ms": lambda at: str(stamp(at) * 1000),
    "unix_us": lambda at: str(stamp(at) * 1_000_000),
    "excel": as_excel,
}


@pytest.mark.parametrize("style", WRITERS)
@settings(deadline=None, max_examples=15)
@given(drawn=st.lists(moments, min_size=1, max_size=50))
def test_a_moment_survives_every_way_of_writing_it(style: str, drawn: list[datetime]) -> None:
    written = [WRITERS[style](at) for at in drawn]
    assert read(MOMENT, written, Style(times=(("ordered_at", style),))) == drawn


def test_the_writers_write_what_they_should() -> None:
    assert WRITERS["excel"](datetime(1900, 3, 1)) == "61.000000"
    assert WRITERS["unix_s"](datetime(1970, 1, 2)) == "86400"
    assert date(1899, 12, 30) + timedelta(days=61) == date(1900, 3, 1)
