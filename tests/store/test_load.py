"""What an import does: it reconciles with its file, to the line and to the cent."""

import gzip
import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from analytics.errors import ImportCancelledError, StoreError
from analytics.store import Policy, Receipt, Store, inspect, load, receipt

Write = Callable[..., Path]
DAY = date(2024, 12, 31)
HEADER = "order_id,customer_id,ordered_at,product_id,quantity,amount,status\n"


def steps(done: Receipt) -> dict[str, tuple[int, Decimal]]:
    """The waterfall by step."""
    return {
        str(row["step"]): (int(row["rows"]), Decimal(str(row["amount"])))
        for row in done.waterfall.to_dict("records")
    }


def reconciles(done: Receipt) -> bool:
    """Whether everything the receipt says adds up."""
    *parts, last = done.waterfall.to_dict("records")
    return (
        sum(part["rows"] for part in parts) == last["rows"]
        and sum(Decimal(str(part["amount"])) for part in parts) == Decimal(str(last["amount"]))
        and parts[0]["rows"] == done.records
        and done.records == done.added + done.updated + done.known + done.rejected
        and len(done.rejects) == done.rejected
    )


MIXED = (
    HEADER
    + """1,anna,2024-01-01,tea,1,10.10,paid
1,anna,2024-01-01,cup,2,20.20,paid
2,,2024-01-02,tea,1,30.30,paid
3,ben,2024-01-03,tea,1,40.40,cancelled
4,ben,2024-01-04,tea,1,50.50,test
5,carl,2024-01-05,tea,1,60.60,refunded
C6,carl,2024-01-06,tea,-1,-7.70,paid
7,carl,2024-01-07,tea,-1,-8.80,paid
8,dora,2024-01-08,tea,1,0.00,paid
9,dora,soon,tea,1,99.99,paid
10,dora,2024-01-10,tea,1,much,paid
"""
)
"""One line of each kind; the figures below are reckoned from it by hand."""


def test_the_waterfall_names_every_line_and_every_cent(store: Store, write: Write) -> None:
    done = load(store, write("a.csv", MIXED), import_day=DAY)
    assert steps(done) == {
        "In the file": (11, Decimal("295.59")),
        "Could not be read": (-2, Decimal("-99.99")),
        "Test orders": (-1, Decimal("-50.50")),
        "Cancelled orders": (-1, Decimal("-40.40")),
        "Refunded": (0, Decimal("-60.60")),
        "Analysed": (7, Decimal("44.10")),
    }
    assert reconciles(done)
    overview = store.query("overview", from_day=date(2024, 1, 1), until_day=date(2025, 1, 1))
    assert overview["revenue"].iloc[0] == Decimal("44.10")
    assert overview["guest_revenue"].iloc[0] == Decimal("30.30")


def test_a_policy_changes_what_is_analysed_and_loses_nothing(store: Store, write: Write) -> None:
    done = load(store, write("a.csv", MIXED), import_day=DAY)
    before, rows = store.version, len(store.query("order_fates"))
    store.set_policy(Policy(returns="leave_out", zero_price="leave_out", guests="leave_out"))
    assert store.version != before
    strict = receipt(store, done.batch_id)
    assert steps(strict) == {
        "In the file": (11, Decimal("295.59")),
        "Could not be read": (-2, Decimal("-99.99")),
        "Test orders": (-1, Decimal("-50.50")),
        "Cancelled orders": (-1, Decimal("-40.40")),
        "Cancelled invoices left out": (-1, Decimal("7.70")),
        "Returns left out": (-1, Decimal("8.80")),
        "Lines without a price left out": (-1, Decimal(0)),
        "Lines without a customer left out": (-1, Decimal("-30.30")),
        "Refunded": (0, Decimal("-60.60")),
        "Analysed": (3, Decimal("30.30")),
    }
    assert reconciles(strict)
    assert len(store.query("order_fates")) == rows
    store.set_policy(Policy())
    pd.testing.assert_frame_equal(receipt(store, done.batch_id).waterfall, done.waterfall)


def test_setting_the_same_policy_changes_no_version(store: Store) -> None:
    before = store.version
    store.set_policy(Policy())
    assert store.version == before


def test_the_facts_say_what_the_file_holds(store: Store, write: Write) -> None:
    again = "1,anna,2024-01-01,tea,1,10.10,paid\n"
    done = load(store, write("a.csv", MIXED + again), import_day=DAY)
    facts = done.facts.set_index("fact")
    assert facts.loc["Customers", "rows"] == 4
    assert facts.loc["Orders", "rows"] == 8
    assert facts.loc["Products", "rows"] == 2
    assert facts.loc["Lines without a customer", "rows"] == 1
    assert facts.loc["Lines of cancelled invoices", "amount"] == Decimal("-7.70")
    assert facts.loc["Lines identical to an earlier one", "rows"] == 1
    assert facts.loc["Lines identical to an earlier one", "amount"] == Decimal("10.10")
    assert facts.loc["Analysed revenue of known customers", "amount"] == Decimal("23.90")


def test_money_is_rounded_to_four_decimals_and_counted(store: Store, write: Write) -> None:
    rows = "1,a,2024-01-01,t,1,1.00005,paid\n2,a,2024-01-01,t,1,1.0001,paid\n"
    done = load(store, write("a.csv", HEADER + rows), import_day=DAY)
    assert done.rounded == 1
    assert steps(done)["Analysed"] == (2, Decimal("2.0002"))


def test_a_line_total_is_worked_out_from_its_parts(store: Store, write: Write) -> None:
    text = (
        "order_id,customer_id,ordered_at,quantity,unit_price,discount\n"
        "1,a,2024-01-01,3,9.99,0.97\n2,a,2024-01-01,2,5,\n3,a,2024-01-01,,5,\n"
    )
    done = load(store, write("a.csv", text), import_day=DAY)
    assert steps(done)["Analysed"] == (2, Decimal("39.00"))
    assert done.rejects["reason"].tolist() == ["Line total is empty"]


def test_the_lines_not_used_are_numbered_as_in_the_file(store: Store, write: Write) -> None:
    """Records are counted, the header too; blank lines are none, a quoted line break ends none."""
    text = (
        "order_id,customer_id,ordered_at,amount\n"  # 1
        "1,a,2024-01-01,1\n"  # 2
        "\n"
        "2,b,2024-01-02\n"  # 3: too few columns
        '3,"c\nd",2024-01-03,3\n'  # 4
        "4,d,never,4\n"  # 5: no date
        "\n\n\n"
        "5,e,2024-01-05,5,5,5\n"  # 6: too many columns
        '6,"f\n\ng",nowhere,6\n'  # 7: no date
        "7,g,2024-01-07\n"  # 8: too few columns
        "8,h,2024-01-08,8\n"  # 9
        "9,i,2024-01-09,nine\n"  # 10: no amount
    )
    done = load(store, write("a.csv", text), import_day=DAY)
    assert done.rejects.to_dict("list") == {
        "line_no": [3, 5, 6, 7, 8, 10],
        "reason": [
            "The record has too few columns",
            "Ordered at: “never” is not a date",
            "The record has too many columns",
            "Ordered at: “nowhere” is not a date",
            "The record has too few columns",
            "Line total: “nine” is not an amount",
        ],
        "raw": [
            "2,b,2024-01-02",
            "4,d,never,4",
            "5,e,2024-01-05,5,5,5",
            "6,f\n\ng,nowhere,6",
            "7,g,2024-01-07",
            "9,i,2024-01-09,nine",
        ],
    }
    assert (done.records, done.added) == (9, 3)
    assert reconciles(done)


def test_line_numbers_hold_in_a_long_file_read_by_many_threads(write: Write) -> None:
    """Every 997th record is malformed, every 1,009th has no date; both say who they are."""
    lines = ["order_id,customer_id,ordered_at,amount,note"]
    malformed, undated = set(), set()
    for line_no in range(2, 60_002):
        if line_no % 997 == 0:
            malformed.add(line_no)
            lines.append(f"{line_no},c,2024-01-01,1")
        elif line_no % 1009 == 0:
            undated.add(line_no)
            lines.append(f'{line_no},c,never,1,"two\nlines"')
        else:
            lines.append(f'{line_no},c,2024-01-01,1,"{"two" if line_no % 3 else "x"}\nlines"')
    path = write("a.csv", "\n".join(lines))
    with Store(threads=4) as store:
        done = load(store, path, import_day=DAY)
        rejects = done.rejects
        assert set(rejects["line_no"]) == malformed | undated
        assert (rejects["raw"].str.split(",").str[0].astype(int) == rejects["line_no"]).all()
        assert done.records == 60_000
        assert reconciles(done)
        fates = store.query("order_fates")
        readable = fates[fates["fate"] == "analysed"]
        assert (readable["order_id"].astype(int) == readable["record_no"]).all()


def test_a_stray_quotation_mark_costs_at_most_its_own_lines(store: Store, write: Write) -> None:
    head = "order_id,customer_id,ordered_at,amount\n1,a,2024-01-01,1\n"
    text = head + '2,5" pipe,2024-01-02,2\n3,c,2024-01-03,3\n'
    done = load(store, write("a.csv", text), import_day=DAY)
    assert (done.records, done.added) == (3, 3)
    assert reconciles(done)


def test_a_quotation_mark_left_open_takes_the_rest_and_says_so(store: Store, write: Write) -> None:
    head = "order_id,customer_id,ordered_at,amount\n1,a,2024-01-01,1\n"
    text = head + '2,"b,2024-01-02,2\n3,c,2024-01-03,3\n'
    done = load(store, write("a.csv", text), import_day=DAY)
    assert done.rejects["reason"].tolist() == ["A quotation mark is opened and not closed"]
    assert (done.records, done.added, done.rejected) == (2, 1, 1)
    assert reconciles(done)


def test_a_last_line_cut_off_is_rejected_alone(store: Store, write: Write) -> None:
    text = "order_id,customer_id,ordered_at,amount\n1,a,2024-01-01,1\n2,b,2024-0"
    done = load(store, write("a.csv", text), import_day=DAY)
    assert done.rejects["line_no"].tolist() == [3]
    assert done.added == 1


@pytest.mark.parametrize("bytes_left", [1, 2])
def test_a_file_cut_off_within_a_character_is_read_up_to_there(
    store: Store, write: Write, bytes_left: int
) -> None:
    whole = b"order_id,customer_id,ordered_at,amount\n1,a,2024-01-01,1\n2,"
    path = write("a.csv", whole + "茶".encode()[:bytes_left])
    done = load(store, path, import_day=DAY)
    assert done.rejects.to_dict("list") == {
        "line_no": [3],
        "reason": ["The record has too few columns"],
        "raw": ["2,\ufffd"],
    }


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_every_line_end_gives_the_same(store: Store, write: Write, end: str) -> None:
    done = load(store, write("a.csv", MIXED.replace("\n", end)), import_day=DAY)
    assert (done.records, done.rejected) == (11, 2)
    assert reconciles(done)


def test_line_ends_split_between_two_pieces_are_one(store: Store, write: Write) -> None:
    """The file is read in pieces of 4 MB: one here ends between \\r and \\n."""
    piece = 4 << 20
    head = b"order_id,customer_id,ordered_at,amount,note\r\n"
    row = b"1,a,2024-01-01,1," + b"x" * 80 + b"\r\n"
    body = head + row * ((piece - len(head)) // len(row))
    last = b"2,a,2024-01-01,1,"
    body += last + b"y" * (piece - len(body) - len(last) - 1) + b"\r\n"
    assert body[piece - 1 : piece + 1] == b"\r\n"
    done = load(store, write("a.csv", body + b"3,a,2024-01-01,1,z\r\n"), import_day=DAY)
    assert done.records == body.count(b"\n")
    assert done.rejected == 0


def test_a_gzipped_file_is_the_same_file_whatever_its_name(store: Store, write: Write) -> None:
    plain = load(store, write("a.csv", MIXED), import_day=DAY)
    packed = load(store, write("b.csv", gzip.compress(MIXED.encode())), import_day=DAY)
    assert packed.repeated
    assert packed.batch_id == plain.batch_id


def test_loading_a_file_twice_adds_nothing_and_says_so(store: Store, write: Write) -> None:
    path = write("a.csv", MIXED)
    first = load(store, path, import_day=DAY)
    version, tables = store.version, store.tables()
    second = load(store, path, import_day=DAY)
    assert not first.repeated
    assert second.repeated
    assert store.version == version
    pd.testing.assert_frame_equal(store.tables(), tables)
    pd.testing.assert_frame_equal(second.waterfall, first.waterfall)
    assert len(store.batches()) == 1


def test_a_file_with_one_more_line_adds_one(store: Store, write: Write) -> None:
    load(store, write("a.csv", MIXED), import_day=DAY)
    done = load(
        store, write("b.csv", MIXED + "11,eva,2024-01-11,tea,1,1.00,paid\n"), import_day=DAY
    )
    assert (done.added, done.updated, done.known, done.rejected) == (1, 0, 9, 2)
    assert steps(done)["Counted in another import"] == (-9, Decimal("-195.60"))
    assert steps(done)["Analysed"] == (1, Decimal("1.00"))
    assert reconciles(done)


def test_two_overlapping_parts_of_a_file_are_the_file(write: Write) -> None:
    """The first 3,000 and the last 4,000 of 5,000 lines; some lines are equal on purpose."""
    head, *lines = [
        "order_id,customer_id,ordered_at,product_id,amount",
        *(f"{n // 3},c{n % 50},2024-01-{n % 28 + 1:02d},p{n % 2},{n % 7}.50" for n in range(4_900)),
    ]
    lines[2_500:2_500] = lines[2_400:2_500]
    assert len(lines) == 5_000

    def sales(*parts: list[str]) -> tuple[Receipt, pd.DataFrame]:
        with Store() as store:
            done = [
                load(store, write(f"{place}.csv", "\n".join([head, *part])), import_day=DAY)
                for place, part in enumerate(parts)
            ]
            assert all(reconciles(each) for each in done)
            frame = store.query("sales")
        return done[-1], frame.sort_values(list(frame.columns)).reset_index(drop=True)

    second, together = sales(lines[:3_000], lines[1_000:])
    _, whole = sales(lines)
    pd.testing.assert_frame_equal(together, whole)
    assert (second.records, second.added, second.known) == (4_000, 2_000, 2_000)


def test_identical_lines_are_kept_or_dropped_as_chosen(store: Store, write: Write) -> None:
    line = "1,anna,2024-01-01,tea,1,10.10,paid\n"
    path = write("a.csv", HEADER + line * 3 + "2,ben,2024-01-01,tea,1,10.10,paid\n")
    kept = load(store, path, import_day=DAY)
    assert steps(kept)["Analysed"] == (4, Decimal("40.40"))
    store.remove(kept.batch_id)
    dropped = load(store, path, duplicates="drop", import_day=DAY)
    assert steps(dropped) == {
        "In the file": (4, Decimal("40.40")),
        "Identical lines left out": (-2, Decimal("-20.20")),
        "Analysed": (2, Decimal("20.20")),
    }
    assert dropped.rejects["line_no"].tolist() == [3, 4]
    assert dropped.rejects["reason"].tolist() == ["identical to line 2"] * 2
    assert reconciles(dropped)


def test_lines_that_differ_in_an_unmapped_column_are_not_identical(
    store: Store, write: Write
) -> None:
    text = "order_id,customer_id,date,amount,memo\n1,a,2024-01-01,5,x\n1,a,2024-01-01,5,y\n"
    assert load(store, write("a.csv", text), duplicates="drop", import_day=DAY).added == 2


def test_a_line_dated_after_the_import_is_rejected_and_moves_nothing(
    store: Store, write: Write
) -> None:
    text = HEADER + "1,a,2024-06-01,t,1,5,paid\n2,a,2099-01-01,t,1,5,paid\n"
    done = load(store, write("a.csv", text), import_day=date(2024, 6, 1))
    assert done.rejects["reason"].tolist() == ["Ordered at lies after the day of the import"]
    assert store.default_as_of() == date(2024, 6, 2)


def test_each_table_is_counted_and_unmapped_columns_are_kept(small_shop: Store) -> None:
    frame = small_shop.query("tables").set_index("table")
    assert frame["rows"].to_dict() == {
        "orders": 7,
        "events": 4,
        "customers": 2,
        "products": 3,
        "assignments": 2,
        "spend": 2,
        "stock_levels": 0,
        "matches": 0,
    }
    assert frame.loc["orders", "first_day"] == date(2024, 1, 5)
    assert frame.loc["orders", "last_day"] == date(2024, 3, 3)
    with small_shop.reading() as cursor:
        rows = cursor.execute(
            "SELECT customer_id, attributes->>'loyalty card' FROM customers ORDER BY 1"
        ).fetchall()
    assert rows == [("anna", "gold"), ("ben", None)]


# Progress and Cancel


def long_file(write: Write, lines: int = 60_000) -> Path:
    rows = "".join(
        f"{n},c{n % 997},2024-01-{n % 28 + 1:02d},p{n % 31},1,{n % 89}.25,paid\n"
        for n in range(lines)
    )
    return write("long.csv", HEADER + rows)


def test_progress_only_grows_and_reaches_the_end(store: Store, write: Write) -> None:
    told: list[float] = []
    load(
        store,
        long_file(write),
        import_day=DAY,
        progress=lambda share, _doing: told.append(share),
    )
    assert told[0] == 0
    assert told[-1] == 1
    assert told == sorted(told)
    assert all(0 <= share <= 1 for share in told)


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.1, 0.2])
def test_cancel_leaves_the_store_as_it_was(write: Write, seconds: float) -> None:
    with Store(threads=1) as store:
        load(store, write("a.csv", MIXED), import_day=DAY)
        version, tables, batches = store.version, store.tables(), store.batches()
        cancel = threading.Event()
        timer = threading.Timer(seconds, cancel.set)
        path = long_file(write, 300_000)
        look = inspect(path)
        timer.start()
        with pytest.raises(ImportCancelledError) as caught:
            load(store, path, look, import_day=DAY, cancel=cancel)
        timer.join()
        assert caught.value.fix
        assert store.version == version
        pd.testing.assert_frame_equal(store.tables(), tables)
        pd.testing.assert_frame_equal(store.batches(), batches)
        assert list(store.stage.glob("*.csv")) == []
        assert load(store, write("b.csv", MIXED + "12,eva,2024-01-11,tea,1,1,paid\n")).added == 1


def test_a_second_import_does_not_wait_for_the_first(store: Store, write: Write) -> None:
    path = write("a.csv", MIXED)
    with store.transaction(), pytest.raises(StoreError, match="Another import is running"):
        load(store, path, import_day=DAY)
    assert load(store, path, import_day=DAY).added == 9


def test_an_unknown_import_has_no_receipt(store: Store) -> None:
    with pytest.raises(StoreError, match="no import 7"):
        receipt(store, 7)
    with pytest.raises(StoreError, match="no import 7"):
        store.remove(7)
