"""Files and stores that cannot be used: each is refused in words, and nothing has changed."""

import gzip
import random
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from analytics.errors import AnalyticsError, FileError, StoreError
from analytics.store import Store, inspect, load

Write = Callable[..., Path]
DAY = date(2024, 12, 31)
HEADER = "order_id,customer_id,ordered_at,amount\n"
ROW = "1,anna,2024-01-01,5.00\n"


@pytest.fixture
def filled(write: Write) -> Iterator[Store]:
    """A store that holds one order."""
    with Store(threads=1) as store:
        load(store, write("first.csv", HEADER + ROW), import_day=DAY)
        yield store


@contextmanager
def refused(store: Store, kind: type[AnalyticsError] = FileError) -> Iterator[None]:
    """An error that says what to do, a store as before, and no file left in the stage."""
    version, tables, batches = store.version, store.tables(), store.batches()
    with pytest.raises(kind) as caught:
        yield
    assert len(caught.value.problem) > 10
    assert len(caught.value.fix) > 10
    assert store.version == version
    pd.testing.assert_frame_equal(store.tables(), tables)
    pd.testing.assert_frame_equal(store.batches(), batches)
    assert [path for path in store.stage.iterdir() if path.is_file()] == []


def noise(size: int) -> bytes:
    return random.Random(7).randbytes(size)


FILES: dict[str, bytes] = {
    "empty": b"",
    "blank lines alone": b"\n\r\n\n",
    "a byte order mark alone": b"\xef\xbb\xbf",
    "a header alone": HEADER.encode(),
    "a picture": b"\x89PNG\r\n\x1a\n" + noise(500),
    "a photo": b"\xff\xd8\xff\xe0" + noise(500),
    "a PDF": b"%PDF-1.7\n" + noise(500),
    "a zip or Excel file": b"PK\x03\x04" + noise(500),
    "a Parquet file": b"PAR1" + noise(500),
    "noise": b"\x01" + noise(5000),
    "NUL bytes": (HEADER + ROW).encode() + b"\x00" * 10,
    "UTF-8 that breaks late": (HEADER + ROW * 250_000).encode() + b"2,\xe9,2024-01-01,5\n",
    "a damaged gzip": gzip.compress((HEADER + ROW * 1000).encode())[:-12],
    "a changed gzip": gzip.compress(noise(3000))[:1500] + b"\xff" * 8,
    "a gzip of noise": gzip.compress(b"\x01" + noise(3000)),
    "a gzip bomb": gzip.compress(b"1" * (40 << 20)),
    "a gzip bomb of short lines": gzip.compress((HEADER + ROW * 1_000_000).encode()),
    "every date unreadable": (HEADER + "1,a,soon,5\n2,b,later,6\n").encode(),
    "every amount unreadable": (HEADER + "1,a,2024-01-01,a lot\n").encode(),
    "every order to come": (HEADER + "1,a,2025-01-01,5\n").encode(),
    "required columns missing": b"order_id,amount\n1,5\n",
    "no column known": b"x,y\n1,2\n",
    "one column": b"order_id\n1\n2\n",
    "50,000 columns": b",".join(b"c%d" % n for n in range(50_000)) + b"\n" + b"1," * 49_999 + b"1",
    "a quotation mark open for megabytes": (HEADER + ROW + '2,"b,' + ROW * 100_000).encode(),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_table_is_refused(filled: Store, write: Write, name: str) -> None:
    path = write("bad.csv", FILES[name])
    with refused(filled):
        load(filled, path, import_day=DAY)
    assert load(filled, write("good.csv", HEADER + ROW + "2,b,2024-01-02,1\n")).added == 1


def test_a_file_that_is_not_there_is_refused(filled: Store, tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.csv", tmp_path):
        with refused(filled):
            load(filled, path)


def test_a_file_gone_or_changed_since_the_look_is_refused(filled: Store, write: Write) -> None:
    path = write("a.csv", HEADER + ROW)
    look = inspect(path)
    path.write_text("x\n1\n", encoding="utf-8")
    with refused(filled):
        load(filled, path, look, import_day=DAY)
    path.unlink()
    with refused(filled):
        load(filled, path, look, import_day=DAY)


@pytest.mark.parametrize("where", ["first", "after the first megabyte"])
def test_a_line_of_200_megabytes_is_refused_at_once(
    filled: Store, tmp_path: Path, where: str
) -> None:
    path = tmp_path / "long.csv"
    piece = b"x" * (4 << 20)
    with path.open("wb") as file:
        if where != "first":
            file.write((HEADER + ROW * 100_000).encode())
        for _ in range(50):
            file.write(piece)
    started = time.monotonic()
    with refused(filled):
        load(filled, path, import_day=DAY)
    assert time.monotonic() - started < 5
    path.unlink()


EVIL = '"; DROP TABLE orders; --'


def test_a_column_name_is_never_a_statement(filled: Store, write: Write) -> None:
    cell = '"' + EVIL.replace('"', '""') + '"'
    text = f"customer_id,{cell}\nanna,{cell}\nben,'); DROP TABLE orders; --\n"
    look = inspect(write("a.csv", text), table="customers", delimiter=",")
    assert look.columns == ["customer_id", EVIL]
    assert load(filled, look.path, look, import_day=DAY).added == 2
    assert filled.tables().set_index("table").loc["orders", "rows"] == 1
    right = look.replace(mapping={"customer_id": "customer_id", "name": EVIL})
    load(filled, look.path, right, import_day=DAY)
    with filled.reading() as cursor:
        rows = cursor.execute("SELECT name FROM customers ORDER BY customer_id").fetchall()
    assert rows == [(EVIL,), ("'); DROP TABLE orders; --",)]


def test_values_and_file_names_are_never_statements(filled: Store, tmp_path: Path) -> None:
    path = tmp_path / "a'; DROP TABLE orders; --.csv"
    path.write_text(HEADER + "1'); DROP TABLE orders; --,b,2024-01-01,5\n", encoding="utf-8")
    done = load(filled, path, import_day=DAY)
    assert done.file_name == path.name
    assert filled.tables().set_index("table").loc["orders", "rows"] == 2


def test_a_very_long_id_is_rejected_alone(filled: Store, write: Write) -> None:
    path = write("a.csv", HEADER + "2,b,2024-01-02,1\n" + "9" * 10_000 + ",c,2024-01-02,1\n")
    done = load(filled, path, import_day=DAY)
    assert done.added == 1
    assert done.rejects["line_no"].tolist() == [3]
    assert done.rejects["reason"].tolist() == ["Order number is longer than 200 characters"]


# The store


def test_too_little_memory_is_said_and_nothing_changed(write: Write) -> None:
    path = write("a.csv", HEADER + "".join(f"{n},c{n},2024-01-01,5\n" for n in range(200_000)))
    with Store(memory_limit="8MB", threads=1) as store:
        load(store, write("first.csv", HEADER + ROW), import_day=DAY)
        with refused(store, StoreError):
            load(store, path, import_day=DAY)
        assert load(store, write("b.csv", HEADER + "7,b,2024-01-02,1\n")).added == 1


FULL_DISK = """
    import resource, sys
    from contextlib import contextmanager
    from analytics.errors import StoreError
    from analytics.store import Store, load

    store_path, first, second, full = sys.argv[1:]
    store = Store(store_path, threads=1)
    load(store, first)
    version, tables = store.version, store.tables().to_dict("list")
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    begin = store.transaction

    @contextmanager
    def told(**how):
        with begin(**how) as cursor:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, most))
            yield cursor

    if full == "while the file is copied":
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, most))
    else:
        store.transaction = told
    try:
        load(store, second)
    except StoreError as error:
        assert error.problem and error.fix
        print(error)
    assert store.version == version
    assert store.tables().to_dict("list") == tables
    assert not [path for path in store.stage.iterdir() if path.is_file()]
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    store.transaction = begin
    assert load(store, second).added == 300_000
    store.close()
    print("mended")
"""
"""No file may grow beyond a megabyte, from the start or once the transaction is open."""


@pytest.mark.parametrize("full", ["while the file is copied", "while the store is written"])
def test_a_full_disk_is_said_and_nothing_changed(write: Write, tmp_path: Path, full: str) -> None:
    pytest.importorskip("resource")
    rows = "".join(f"{n},c{n},2024-01-{n % 28 + 1:02d},{n}.25\n" for n in range(2, 300_002))
    second = write("second.csv", HEADER + rows)
    done = run(
        FULL_DISK,
        tmp_path / "shop.duckdb",
        write("first.csv", HEADER + ROW),
        second,
        full,
    )
    assert "disk is full" in done
    assert "mended" in done
    with Store(tmp_path / "shop.duckdb") as store:
        assert store.tables().set_index("table").loc["orders", "rows"] == 300_001


def run(code: str, *arguments: object) -> str:
    """Run Python code in a process of its own and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


OPEN_STORE = """
    import sys
    from analytics.errors import StoreError
    from analytics.store import Store

    try:
        Store(sys.argv[1])
    except StoreError as error:
        print(error.problem, error.fix)
"""


def test_a_second_process_is_told_and_disturbs_nothing(write: Write, tmp_path: Path) -> None:
    with Store(tmp_path / "block" / "shop.duckdb") as store:
        held = store.stage_file("csv")
        held.write_text("in use", encoding="utf-8")
        assert "open in another program" in run(OPEN_STORE, store.path)
        assert held.exists()
        assert load(store, write("a.csv", HEADER + ROW), import_day=DAY).added == 1


def test_a_store_opened_twice_is_told(write: Write, tmp_path: Path) -> None:
    with Store(tmp_path / "shop.duckdb") as store:
        with refused(store, StoreError):
            Store(tmp_path / "shop.duckdb")
        assert load(store, write("a.csv", HEADER + ROW), import_day=DAY).added == 1


def refused_as_it_was(path: Path, words: str) -> None:
    before = path.read_bytes()
    with pytest.raises(StoreError, match=words) as caught:
        Store(path)
    assert "REGULARS_STORE" in caught.value.fix
    assert path.read_bytes() == before


def test_a_store_of_a_newer_version_is_refused(write: Write, tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    with Store(path) as store:
        load(store, write("a.csv", HEADER + ROW), import_day=DAY)
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE meta SET layout = layout + 1")
    refused_as_it_was(path, "newer version")


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    for name in ("orders", "notes", "meta"):
        path = tmp_path / f"{name}.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute(f"CREATE TABLE {name} (a INTEGER)")
        refused_as_it_was(path, "another program's")


@pytest.mark.parametrize("content", [b"hello", b"hello, world\n" * 1000, noise(20_000)])
def test_a_file_that_is_no_store_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "shop.duckdb"
    path.write_bytes(content)
    refused_as_it_was(path, "not a Regulars store")


def test_a_damaged_store_is_refused_in_words(write: Write, tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    with Store(path) as store:
        load(store, write("a.csv", HEADER + ROW), import_day=DAY)
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + noise(8192) + whole[12288:])
    with pytest.raises(StoreError) as caught:
        Store(path)
    assert caught.value.fix


def test_a_store_where_no_folder_can_be_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be written") as caught:
        Store(file / "shop.duckdb")
    assert "REGULARS_STORE" in caught.value.fix
