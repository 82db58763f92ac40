"""Lists as files: everyone who may be addressed, nobody else, and every value as it is."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from analytics import rfm
from analytics.errors import AnalyticsError
from analytics.store import (
    Preview,
    Store,
    inspect,
    load,
    preview_list,
    write_list,
)
from analytics.store.privacy import suppress

SAMPLE = Path(__file__).parents[1] / "sample_data"
ANYONE: dict[str, Any] = {"segment": None, "r": None, "fm": None}
BOM = b"\xef\xbb\xbf"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
FORMULAS = ["=1+1", "+44 7700 900123", "-2", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1", "＝1+1"]
PLAIN = ["1=1", "a+b", "O’Neil", "Ana-Maria", "a@b.example", "'=1", "{=1+1}", " =1"]


def keep_people(
    store: Store, ids: Sequence[str], monetary: Sequence[Decimal] | None = None
) -> dict[str, str]:
    """A kept table of scores for these customers, to hand to a list."""
    size = len(ids)
    ones = pa.array([1] * size, pa.int64())
    scores = pa.table(
        {
            "customer_id": pa.array(ids, pa.string()),
            "recency_days": pa.array(range(size), pa.int64()),
            "frequency": ones,
            "monetary": pa.array(monetary or [Decimal(1)] * size, pa.decimal128(38, 4)),
            **dict.fromkeys(("r", "f", "m", "fm"), ones),
            "segment": pa.array(["Lost"] * size),
        }
    )
    return {"scores": store.keep("rfm", "test", scores)}


def set_names(store: Store, names: dict[str, str | None]) -> None:
    """Make these the customers, with just these names."""
    people = pa.table(
        {
            "customer_id": pa.array(names.keys(), pa.string()),
            "name": pa.array(names.values(), pa.string()),
        }
    )
    with store.transaction() as cursor:
        cursor.register("people", people)
        cursor.execute("DELETE FROM customers")
        cursor.execute("INSERT INTO customers BY NAME SELECT * FROM people")
        cursor.unregister("people")


def written(store: Store, tables: dict[str, str], columns: list[str], **options: Any) -> Any:
    return write_list(store, "rfm_list", columns, tables=tables, **ANYONE | options)


def shown(store: Store, tables: dict[str, str], **options: Any) -> Preview:
    return preview_list(store, "rfm_list", tables=tables, **ANYONE | options)


def read_csv(path: Path, encoding: str = "utf-8-sig") -> list[list[str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.reader(file))


def read_xlsx(path: Path) -> list[list[tuple[str, str]]]:
    """Each cell as its type (`text`, `number` or `none`) and its text, read from the bare XML."""
    with zipfile.ZipFile(path) as book:
        assert [name for name in book.namelist() if "worksheets/" in name] == [
            "xl/worksheets/sheet1.xml"
        ], "one sheet, and no links"
        sheet = ElementTree.parse(io.BytesIO(book.read("xl/worksheets/sheet1.xml")))
    assert not list(sheet.iter(f"{MAIN}f")), "there is a formula"
    assert not list(sheet.iter(f"{MAIN}hyperlink")), "there is a link"
    found = []
    for row in sheet.iter(f"{MAIN}row"):
        cells = []
        for cell in row:
            if cell.get("t") == "inlineStr":
                text = "".join(part.text or "" for part in cell.iter(f"{MAIN}t"))
                cells.append(
                    ("text", re.sub("_x([0-9A-F]{4})_", lambda m: chr(int(m[1], 16)), text))
                )
            else:
                value = cell.find(f"{MAIN}v")
                assert cell.get("t") in (None, "n")
                cells.append(("none", "") if value is None else ("number", value.text or ""))
        found.append(cells)
    return found


@pytest.fixture(scope="module")
def crowd() -> Iterator[tuple[Store, dict[str, str]]]:
    """120,000 people; every 40th is suppressed, every 50th has refused consent."""
    with Store() as filled:
        ids = [f"c{place:06}" for place in range(120_000)]
        suppress(filled, ids[::40], "asked")
        with filled.transaction() as cursor:
            cursor.register("refused", pa.table({"customer_id": ids[::50]}))
            cursor.execute(
                "INSERT INTO customers BY NAME "
                "SELECT customer_id, 'Nö' AS name, FALSE AS consent FROM refused"
            )
            cursor.unregister("refused")
        money = [Decimal(place * 7 % 100_003).scaleb(-4) for place in range(120_000)]
        yield filled, keep_people(filled, ids[::-1], money)


STAY = [f"c{place:06}" for place in range(120_000) if place % 40 and place % 50]
OUT = 120_000 - len(STAY)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_list_is_complete_and_leaves_out_who_must_not_be_addressed(
    crowd: tuple[Store, dict[str, str]], kind: Any
) -> None:
    # 3,000 suppressed and 2,400 without consent, 600 of them both (every 200th).
    assert OUT == 3_000 + 2_400 - 600
    file = written(*crowd, ["customer_id"], kind=kind)
    assert (file.kind, file.rows, file.opted_out) == (kind, len(STAY), OUT)
    assert file.path.suffix == f".{kind}"
    found = (
        [row[0] for row in read_csv(file.path)]
        if kind == "csv"
        else [row[0][1] for row in read_xlsx(file.path)]
    )
    assert found == ["customer_id", *STAY]


def test_a_file_holds_the_rows_of_the_api_in_its_order(crowd: tuple[Store, dict[str, str]]) -> None:
    columns = ["customer_id", "recency_days", "monetary"]
    for order_by, descending in (("customer_id", False), ("monetary", True), ("monetary", False)):
        order: dict[str, Any] = {"order_by": order_by, "descending": descending}
        preview = shown(*crowd, first=10**6, **order)
        assert (preview.rows, preview.opted_out, len(preview.frame)) == (len(STAY), OUT, len(STAY))
        _, *found = read_csv(written(*crowd, columns, **order).path)
        assert [(one, int(days), Decimal(worth)) for one, days, worth in found] == list(
            preview.frame[columns].itertuples(index=False, name=None)
        )
        values = preview.frame[order_by].tolist()
        assert values == sorted(values, reverse=descending)


def test_a_preview_shows_the_beginning_and_says_how_many(
    crowd: tuple[Store, dict[str, str]],
) -> None:
    preview = shown(*crowd, first=3)
    assert list(preview.frame["customer_id"]) == STAY[:3]
    assert (preview.rows, preview.opted_out) == (len(STAY), OUT)
    assert "opted_out" not in preview.frame
    assert len(shown(*crowd).frame) == 100


def test_opting_out_takes_effect_at_once(store: Store) -> None:
    tables = keep_people(store, ["ann", "bob", "cid"])
    assert written(store, tables, ["customer_id"]).opted_out == 0
    suppress(store, ["bob"], "asked by mail")
    suppress(store, ["bob", "nobody"], "asked again")
    file = written(store, tables, ["customer_id"])
    assert (file.rows, file.opted_out) == (2, 1)
    assert read_csv(file.path) == [["customer_id"], ["ann"], ["cid"]]


def test_consent_yes_and_unknown_may_be_addressed(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("customer_id,consent\nann,yes\nbob,no\ncid,\n", encoding="utf-8")
    load(store, path, inspect(path, table="customers"))
    tables = keep_people(store, ["ann", "bob", "cid", "unknown"])
    found = read_csv(written(store, tables, ["customer_id"]).path)
    assert found[1:] == [["ann"], ["cid"], ["unknown"]]


def test_a_list_of_nobody_has_its_header(store: Store) -> None:
    tables = keep_people(store, ["ann"])
    suppress(store, ["ann"], "asked")
    for kind in ("csv", "xlsx"):
        file = written(store, tables, ["customer_id", "name"], kind=kind)
        assert (file.rows, file.opted_out) == (0, 1)
    assert read_xlsx(file.path) == [[("text", "customer_id"), ("text", "name")]]


@pytest.fixture(scope="module")
def values() -> Iterator[tuple[Store, dict[str, str], dict[str, str]]]:
    """People whose names look like formulas, and some whose names do not."""
    with Store() as filled:
        names = {f"c{place:02}": name for place, name in enumerate([*FORMULAS, *PLAIN])}
        tables = keep_people(filled, list(names))
        set_names(filled, dict(names))
        yield filled, tables, names


def test_a_safe_file_holds_no_formula(values: tuple[Store, dict[str, str], Any]) -> None:
    store, tables, _ = values
    file = written(store, tables, ["customer_id", "name"])
    assert file.path.read_bytes().startswith(BOM + b"customer_id,name\n")
    found = [name for _, name in read_csv(file.path)[1:]]
    assert found == [*("'" + name for name in FORMULAS), *PLAIN]


def test_a_raw_file_holds_the_values_as_they_are(values: tuple[Store, dict[str, str], Any]) -> None:
    store, tables, names = values
    file = written(store, tables, ["customer_id", "name"], safe=False)
    assert file.path.read_bytes().startswith(b"customer_id,name\n")
    assert dict(read_csv(file.path, "utf-8")[1:]) == names


def test_an_excel_cell_is_text_and_no_formula_or_link(store: Store) -> None:
    names = [
        *(name for name in [*FORMULAS, *PLAIN] if "\r" not in name),
        *("https://shop.example", "mailto:a@b.example", "internal:List!A1", "external:c:\\a.xlsx"),
        *("007", "1e5", "_x0041_", "<b>&amp;</b>", "TRUE"),
    ]
    by_id = {f"c{place:02}": name for place, name in enumerate(names)}
    tables = keep_people(store, list(by_id))
    set_names(store, dict(by_id))
    file = written(store, tables, ["customer_id", "name", "frequency", "email"], kind="xlsx")
    head, *found = read_xlsx(file.path)
    assert head == [("text", name) for name in ("customer_id", "name", "frequency", "email")]
    assert len(found) == len(names)
    for (_, one), name, orders, *rest in found:
        assert (name, orders) == (("text", by_id[one]), ("number", "1"))
        assert all(kind == "none" for kind, _ in rest)


MONEY = {
    "0": "0.00",
    "100": "100.00",
    "12.5": "12.50",
    "12.05": "12.05",
    "12.345": "12.345",
    "12.3456": "12.3456",
    "12.3450": "12.345",
    "0.0001": "0.0001",
    "0.0100": "0.01",
    "-0.1": "-0.10",
    "-1000": "-1000.00",
    "1234567890123456.7801": "1234567890123456.7801",
}
"""Money, and how a file writes it."""


@pytest.mark.parametrize("safe", [True, False])
def test_money_is_exact_with_two_to_four_decimals(store: Store, safe: bool) -> None:
    ids = [f"c{place:02}" for place in range(len(MONEY))]
    tables = keep_people(store, ids, [Decimal(worth) for worth in MONEY])
    found = read_csv(written(store, tables, ["customer_id", "monetary"], safe=safe).path)
    assert [worth for _, worth in found[1:]] == list(MONEY.values())


def test_money_is_a_number_in_excel(store: Store) -> None:
    amounts = ["0.10", "19.99", "1234567.8901", "-3.50"]
    tables = keep_people(store, ["a", "b", "c", "d"], [Decimal(worth) for worth in amounts])
    _, *found = read_xlsx(written(store, tables, ["monetary"], kind="xlsx").path)
    assert [(kind, Decimal(value)) for ((kind, value),) in found] == [
        ("number", Decimal(worth)) for worth in amounts
    ]


NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.one_of(st.none(), NAMES, st.sampled_from(FORMULAS)), min_size=1, max_size=12))
@example(['say "hi"', "a,b", "two\nlines", "two\r\nlines", '"', '""', ",", "\n", "", None])
@example(
    ["Zoë Müller", "王小明", "Ольга", "نور", "👩‍👩‍👧 family", "e\u0301", "\ufeffBOM", "\u2028"]
)
def test_any_name_comes_back_from_a_file(store: Store, names: list[str | None]) -> None:
    by_id = {f"c{place:02}": name for place, name in enumerate(names)}
    tables = keep_people(store, list(by_id))
    set_names(store, by_id)
    raw = read_csv(written(store, tables, ["customer_id", "name"], safe=False).path, "utf-8")
    assert raw[1:] == [[one, name or ""] for one, name in by_id.items()]
    safe = read_csv(written(store, tables, ["customer_id", "name"]).path)
    for (_, name), (_, guarded) in zip(raw[1:], safe[1:], strict=True):
        assert guarded in (name, "'" + name)
        assert not guarded.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        assert (guarded == name) == (not name.startswith(tuple("=+-@\t\r\n＝＋－＠")))
    preview = shown(store, tables)
    assert [None if pd.isna(name) else name for name in preview.frame["name"]] == names


def test_columns_are_written_in_the_order_chosen(values: tuple[Store, dict[str, str], Any]) -> None:
    store, tables, _ = values
    found = read_csv(written(store, tables, ["segment", "frequency", "customer_id"]).path)
    assert found[:2] == [["segment", "frequency", "customer_id"], ["Lost", "1", "c00"]]


@pytest.mark.parametrize(
    ("columns", "options", "problem", "fix"),
    [
        (["customer_id", "shoe_size"], {}, "“shoe_size”", "customer_id, name, email"),
        (["customer_id"], {"order_by": "shoe_size"}, "“shoe_size”", "customer_id, name, email"),
        (['name" FROM people --'], {}, "name", "customer_id"),
        ([], {}, "No column is chosen.", "at least one"),
    ],
)
def test_a_list_that_cannot_be_written_says_why(
    values: Any, columns: list[str], options: dict[str, Any], problem: str, fix: str
) -> None:
    store, tables, _ = values
    before = set(store.stage.iterdir())
    with pytest.raises(AnalyticsError) as caught:
        written(store, tables, columns, **options)
    assert problem in caught.value.problem
    assert fix in caught.value.fix
    assert set(store.stage.iterdir()) == before


def test_a_preview_by_an_unknown_column_says_so(values: Any) -> None:
    store, tables, _ = values
    with pytest.raises(AnalyticsError, match="There is no column “shoe_size”"):
        shown(store, tables, order_by="shoe_size")


@pytest.mark.parametrize(("most", "kind"), [(4, "xlsx"), (3, "csv"), (2, "csv")])
def test_what_excel_cannot_hold_becomes_csv_and_says_so(store: Store, most: int, kind: str) -> None:
    # Three people and the header are four rows; a fourth person is left out and takes none.
    tables = keep_people(store, ["ann", "bob", "cid", "dan"])
    suppress(store, ["dan"], "asked")
    file = written(store, tables, ["customer_id"], kind="xlsx", excel_rows=most)
    assert (file.kind, file.path.suffix, file.rows) == (kind, f".{kind}", 3)
    if kind == "csv":
        assert read_csv(file.path) == [["customer_id"], ["ann"], ["bob"], ["cid"]]


@pytest.mark.parametrize(("length", "kind"), [(32_767, "xlsx"), (32_768, "csv")])
def test_a_text_too_long_for_an_excel_cell_is_not_lost(
    store: Store, length: int, kind: str
) -> None:
    tables = keep_people(store, ["ann"])
    set_names(store, {"ann": "x" * length})
    file = written(store, tables, ["name"], kind="xlsx")
    assert file.kind == kind
    found = read_csv(file.path)[1][0] if kind == "csv" else read_xlsx(file.path)[1][0][1]
    assert len(found) == length
    # Chosen columns only.
    assert written(store, tables, ["customer_id"], kind="xlsx").kind == "xlsx"


def test_a_list_of_the_sample_shop_holds_the_people_of_the_api() -> None:
    with Store() as store:
        for table in ("orders", "customers"):
            look = inspect(SAMPLE / f"{table}.csv", table=table)
            load(store, look.path, look, import_day=date(2026, 12, 31))
        kept = rfm.keep(store)
        scores = rfm.score(store).set_index("customer_id")
        consent = pd.read_csv(SAMPLE / "customers.csv", dtype=str).set_index("customer_id")
        refused = set(consent.index[consent["consent"] == "no"])
        champions = scores[scores["segment"] == "Champions"]
        may = champions[~champions.index.isin(refused)]
        file = write_list(
            store,
            "rfm_list",
            ["customer_id", "name", "monetary"],
            tables={"scores": kept.table},
            **ANYONE | {"segment": "Champions"},
        )
        assert (file.rows, file.opted_out) == (len(may), len(champions) - len(may))
        assert file.opted_out > 0
        assert [(one, name, Decimal(worth)) for one, name, worth in read_csv(file.path)[1:]] == [
            (one, consent["name"][one], worth) for one, worth in may["monetary"].items()
        ]
