"""One file, many readers, one writer; kept results; opening and closing."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from analytics.errors import NotEnoughDataError
from analytics.store import Store, load

Write = Callable[..., Path]
DAY = date(2024, 12, 31)
HEADER = "order_id,customer_id,ordered_at,amount\n"
LINES, IMPORTS, READERS, QUERIES = 15_000, 4, 4, 1_000


def test_readers_never_see_half_an_import(write: Write) -> None:
    """Each import adds as many lines, each of 1.00: rows, revenue and version must agree."""
    files = [
        write(
            f"{n}.csv",
            HEADER + "".join(f"{n}-{k},c{k % 99},2024-01-01,1.00\n" for k in range(LINES)),
        )
        for n in range(IMPORTS)
    ]
    with Store() as store:
        base = int(store.version.rsplit("-", 1)[1])
        writing = threading.Event()
        writing.set()
        seen: set[int] = set()

        def read(_: int) -> int:
            asked = 0
            while writing.is_set() or asked < QUERIES // READERS // 3 + 1:
                before = store.version
                rows = int(store.tables().set_index("table").loc["orders", "rows"])
                overview = store.query(
                    "overview", from_day=date(2024, 1, 1), until_day=date(2024, 1, 2)
                ).iloc[0]
                after = store.version
                asked += 1
                assert rows % LINES == 0
                assert overview["lines"] % LINES == 0
                assert overview["revenue"] == Decimal(int(overview["lines"]))
                if before == after:
                    imports = int(after.rsplit("-", 1)[1]) - base
                    assert rows == overview["lines"] == LINES * imports
                    seen.add(imports)
            return 3 * asked

        with ThreadPoolExecutor(READERS) as pool:
            readers = [pool.submit(read, n) for n in range(READERS)]
            try:
                for path in files:
                    load(store, path, import_day=DAY)
            finally:
                writing.clear()
            assert sum(reader.result() for reader in readers) >= QUERIES
        assert len(seen) >= 2
        assert store.tables().set_index("table").loc["orders", "rows"] == LINES * IMPORTS


def test_money_leaves_the_store_exact(store: Store, write: Write) -> None:
    text = HEADER + "".join(f"{n},c,2024-01-01,0.1\n" for n in range(10))
    load(store, write("a.csv", text), import_day=DAY)
    frame = store.query("customer_totals", as_of=date(2024, 1, 11))
    assert frame["monetary"].tolist() == [Decimal("1.0000")]
    assert frame["recency_days"].tolist() == [10]
    assert frame["frequency"].tolist() == [10]


def test_the_as_of_day_is_the_day_after_the_last_order_or_event(store: Store, write: Write) -> None:
    with pytest.raises(NotEnoughDataError) as caught:
        store.default_as_of()
    assert caught.value.fix
    events = "customer_id,occurred_at,event\na,2024-05-01 23:00:00,view\n"
    load(store, write("e.csv", events), import_day=DAY)
    assert store.default_as_of() == date(2024, 5, 2)
    load(store, write("o.csv", HEADER + "1,a,2024-02-28 10:00:00,1\n"), import_day=DAY)
    assert store.default_as_of() == date(2024, 2, 29)


def test_every_change_of_the_data_changes_the_version(store: Store, write: Write) -> None:
    versions = [store.version]
    done = load(store, write("a.csv", HEADER + "1,a,2024-01-01,1\n"), import_day=DAY)
    versions.append(store.version)
    store.remove(done.batch_id)
    versions.append(store.version)
    store.remove()
    assert store.version == versions[-1]
    assert len(set(versions)) == 3


def test_two_stores_never_share_a_version() -> None:
    with Store() as one, Store() as other:
        assert one.version != other.version


def test_a_failed_transaction_changes_nothing(store: Store, write: Write) -> None:
    load(store, write("a.csv", HEADER + "1,a,2024-01-01,1\n"), import_day=DAY)
    version = store.version

    def fail() -> None:
        with store.transaction() as cursor:
            cursor.execute("DELETE FROM orders_lines")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert store.version == version
    assert store.tables().set_index("table").loc["orders", "rows"] == 1


# Kept results


def scores(rows: int) -> pd.DataFrame:
    return pd.DataFrame({"customer_id": [f"c{n}" for n in range(rows)], "score": range(rows)})


def rows_of(store: Store, table: str) -> int:
    with store.reading({"kept_rows": table}) as cursor:
        rows = cursor.execute("SELECT count(*) FROM kept_rows").fetchall()
    return int(rows[0][0])


def test_the_latest_three_results_are_held_of_each_name(store: Store) -> None:
    version = store.version
    for n in range(1, 6):
        store.keep("rfm", f"stamp-{n}", scores(n))
    store.keep("clusters", "stamp-1", scores(9))
    assert [store.kept("rfm", f"stamp-{n}") is not None for n in range(1, 6)] == [
        False,
        False,
        True,
        True,
        True,
    ]
    for n in (3, 4, 5):
        table = store.kept("rfm", f"stamp-{n}")
        assert table is not None
        assert rows_of(store, table) == n
    other = store.kept("clusters", "stamp-1")
    assert other is not None
    assert rows_of(store, other) == 9
    assert store.version == version


def test_keeping_under_the_same_stamp_replaces(store: Store) -> None:
    first = store.keep("rfm", "same", scores(2))
    for n in range(3):
        assert store.keep("rfm", "same", pa.Table.from_pandas(scores(5 + n))) == first
    assert rows_of(store, first) == 7


def test_a_kept_result_survives_reopening(tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    with Store(path) as store:
        store.keep("rfm", "2024-01-01, 5 bins", scores(4))
        version = store.version
    with Store(path) as store:
        table = store.kept("rfm", "2024-01-01, 5 bins")
        assert table is not None
        assert rows_of(store, table) == 4
        assert store.kept("rfm", "another stamp") is None
        assert store.version == version


def test_results_can_be_kept_while_an_import_runs(write: Write) -> None:
    path = write("a.csv", HEADER + "".join(f"{n},c,2024-01-01,1\n" for n in range(60_000)))
    with Store() as store:
        with ThreadPoolExecutor(4) as pool:
            importing = pool.submit(load, store, path, import_day=DAY)
            keeping = [
                pool.submit(store.keep, f"name{n % 3}", f"stamp{n}", scores(n + 1))
                for n in range(12)
            ]
            tables = [kept.result() for kept in keeping]
            assert importing.result().added == 60_000
        assert rows_of(store, tables[-1]) == 12


# Opening and closing


def test_the_stage_is_empty_after_opening_and_gone_after_closing(tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    with Store(path) as store:
        folder = store.stage
        store.stage_file("csv").write_text("left over", encoding="utf-8")
        left = store.stage_file("csv")
        left.write_text("left over", encoding="utf-8")
    assert not folder.exists()
    folder.mkdir()
    (folder / "crash.csv").write_text("left over", encoding="utf-8")
    with Store(path) as store:
        assert [each for each in store.stage.iterdir() if each.is_file()] == []


def test_data_and_policy_survive_reopening(tmp_path: Path, write: Write) -> None:
    path = tmp_path / "a folder, made" / "my shop's.duckdb"
    with Store(path) as store:
        load(store, write("a.csv", HEADER + "1,a,2024-01-01,1\n"), import_day=DAY)
        version, tables = store.version, store.tables()
    with Store(path) as store:
        assert store.version == version
        pd.testing.assert_frame_equal(store.tables(), tables)


def test_the_database_reads_no_file_beyond_its_stage(store: Store, write: Write) -> None:
    secret = write("secret.csv", "a\n1\n")
    with (
        store.reading() as cursor,
        pytest.raises(Exception, match=r"disabled by configuration|external access"),
    ):
        cursor.execute(f"SELECT * FROM read_csv('{secret}')")
    with store.reading() as cursor, pytest.raises(Exception, match="locked"):
        cursor.execute("SET GLOBAL enable_external_access=true")
