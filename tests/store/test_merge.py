"""What overlapping imports add up to, beside a slow reference that follows the rule."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.store import Receipt, Store, inspect, load
from analytics.store.layout import public_columns
from analytics.store.schema import TABLES

DAY = date(2024, 12, 31)


class Line(NamedTuple):
    """One order line as an export writes it."""

    order_id: str
    line_no: str
    customer_id: str
    ordered_at: str
    product_id: str
    quantity: str
    amount: str
    status: str


def text_of(lines: list[Line], *, numbered: bool) -> str:
    fields = [name for name in Line._fields if numbered or name != "line_no"]
    rows = [",".join(getattr(line, name) for name in fields) for line in lines]
    return "\n".join([",".join(fields), *rows])


def standing(imports: list[list[Line]], *, numbered: bool) -> Counter[tuple[str, ...]]:
    """Among all different lines of one order and product (or of one order and line number):
    those of the newest imports, as many as any one import has."""
    by_key: dict[tuple[str, str], list[list[tuple[str, ...]]]] = defaultdict(
        lambda: [[] for _ in imports]
    )
    for place, lines in enumerate(imports):
        for line in lines:
            key = (line.order_id, line.line_no if numbered else line.product_id)
            by_key[key][place].append(tuple(line._replace(line_no="")))
    result: Counter[tuple[str, ...]] = Counter()
    for per_import in by_key.values():
        held = [Counter(lines) for lines in per_import]
        room = max(sum(counts.values()) for counts in held)
        copies = []
        for content in {line for lines in per_import for line in lines}:
            for again in range(1, max(counts[content] for counts in held) + 1):
                places = [place for place, counts in enumerate(held) if counts[content] >= again]
                first = per_import[places[0]]
                position = [at for at, line in enumerate(first) if line == content][again - 1]
                copies.append((-places[-1], -places[0], again, position, content))
        result.update(content for *_, content in sorted(copies)[:room])
    return result


def held_orders(store: Store) -> Counter[tuple[str, ...]]:
    """The orders that stand, in the words of the files."""
    with store.reading() as cursor:
        rows = cursor.execute(
            "SELECT order_id, '', COALESCE(customer_id, ''), strftime(ordered_at, '%Y-%m-%d'), "
            "product_id, CAST(CAST(quantity AS INTEGER) AS VARCHAR), "
            "CAST(CAST(amount AS DECIMAL(10, 2)) AS VARCHAR), status FROM orders"
        ).fetchall()
    return Counter(rows)


def load_text(store: Store, folder: Path, name: str, text: str, table: str = "orders") -> Receipt:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return load(store, path, inspect(path, table=table), import_day=DAY)


lines_of_a_shop = st.lists(
    st.builds(
        Line,
        order_id=st.sampled_from(["1", "2", "3"]),
        line_no=st.just(""),
        customer_id=st.sampled_from(["anna", "ben", ""]),
        ordered_at=st.sampled_from(["2024-01-01", "2024-02-02"]),
        product_id=st.sampled_from(["tea", "cup"]),
        quantity=st.sampled_from(["1", "2"]),
        amount=st.sampled_from(["1.00", "2.50"]),
        status=st.just("paid"),
    ),
    min_size=2,
    max_size=12,
)


@st.composite
def overlapping_exports(draw: st.DrawFn) -> list[list[Line]]:
    """Up to three exports of one shop: each a stretch of it, later ones with changed statuses."""
    shop = draw(lines_of_a_shop)
    counts: Counter[str] = Counter()
    for place, line in enumerate(shop):
        counts[line.order_id] += 1
        shop[place] = line._replace(line_no=str(counts[line.order_id]))
    exports = []
    for _ in range(draw(st.integers(2, 3))):
        start = draw(st.integers(0, len(shop) - 1))
        end = draw(st.integers(start + 1, len(shop)))
        exports.append(shop[start:end])
        changed = draw(st.sets(st.integers(0, len(shop) - 1), max_size=3))
        shop = [
            line._replace(status="refunded") if place in changed else line
            for place, line in enumerate(shop)
        ]
    return exports


@pytest.fixture(scope="module")
def reused() -> Iterator[Store]:
    """A store that each example leaves empty."""
    with Store(threads=1) as store:
        yield store


@pytest.mark.parametrize("numbered", [True, False])
@settings(deadline=None, max_examples=20)
@given(exports=overlapping_exports(), gone=st.integers(0, 2))
def test_overlapping_exports_add_up_by_the_rule(
    reused: Store,
    tmp_path_factory: pytest.TempPathFactory,
    numbered: bool,
    exports: list[list[Line]],
    gone: int,
) -> None:
    path = tmp_path_factory.getbasetemp() / "export.csv"
    taken: dict[int, list[Line]] = {}
    try:
        for lines in exports:
            path.write_text(text_of(lines, numbered=numbered), encoding="utf-8")
            fields = [name for name in Line._fields if numbered or name != "line_no"]
            look = inspect(path, table="orders", mapping={name: name for name in fields})
            done = load(reused, path, look, import_day=DAY)
            if done.repeated:
                continue
            before = standing(list(taken.values()), numbered=numbered).total()
            taken[done.batch_id] = lines
            now = standing(list(taken.values()), numbered=numbered)
            assert held_orders(reused) == now
            assert done.added == now.total() - before
            assert done.records == done.added + done.updated + done.known
        removed = list(taken)[gone % len(taken)]
        reused.remove(removed)
        del taken[removed]
        assert held_orders(reused) == standing(list(taken.values()), numbered=numbered)
    finally:
        reused.remove(*reused.batches()["batch_id"])


def test_a_refund_in_a_later_export_replaces_the_sale(store: Store, tmp_path: Path) -> None:
    paid = Line("1", "", "anna", "2024-01-01", "tea", "1", "9.00", "paid")
    cup = paid._replace(product_id="cup", amount="4.00")
    refunded = paid._replace(status="refunded")
    first = load_text(store, tmp_path, "a.csv", text_of([paid, cup], numbered=False))
    second = load_text(store, tmp_path, "b.csv", text_of([refunded, cup], numbered=False))
    assert (first.added, first.updated, first.known) == (2, 0, 0)
    assert (second.added, second.updated, second.known) == (0, 1, 1)
    assert held_orders(store) == Counter({tuple(refunded): 1, tuple(cup): 1})
    store.remove(second.batch_id)
    assert held_orders(store) == Counter({tuple(paid): 1, tuple(cup): 1})


def test_identical_lines_count_at_their_greatest_multiplicity(store: Store, tmp_path: Path) -> None:
    line = Line("1", "", "anna", "2024-01-01", "tea", "1", "9.00", "paid")
    other = line._replace(order_id="2")
    for place, lines in enumerate([[line] * 3, [line, other], [line] * 2]):
        load_text(store, tmp_path, f"{place}.csv", text_of(lines, numbered=False))
    assert held_orders(store) == Counter({tuple(line): 3, tuple(other): 1})


def test_an_export_with_line_numbers_meets_one_without(store: Store, tmp_path: Path) -> None:
    one = Line("1", "1", "anna", "2024-01-01", "tea", "1", "9.00", "paid")
    changed = one._replace(line_no="2")
    receipts = [
        load_text(store, tmp_path, "a.csv", text_of([one], numbered=True)),
        load_text(store, tmp_path, "b.csv", text_of([changed], numbered=True)),
        load_text(store, tmp_path, "c.csv", text_of([one._replace(amount="8.00")], numbered=False)),
    ]
    for done in receipts:
        assert min(done.added, done.updated, done.known) >= 0
        assert done.records == done.added + done.updated + done.known


# Every table: removing one import gives what the other alone gives

PARTS = {
    "orders": (
        "order_id,customer_id,ordered_at,product_id,amount,status",
        ["1,a,2024-01-01,tea,5,paid", "1,a,2024-01-01,tea,5,paid", "2,b,2024-01-02,cup,7,paid"],
        ["2,b,2024-01-02,cup,7,refunded", "1,a,2024-01-01,tea,5,paid", "3,,2024-01-03,pot,9,paid"],
    ),
    "events": (
        "customer_id,session_id,occurred_at,event,product_id",
        ["a,s1,2024-01-01 10:00:00,view,tea", "a,s1,2024-01-01 10:00:00,view,tea"],
        ["a,s1,2024-01-01 10:00:00,view,tea", "a,s1,2024-01-01 10:01:00,cart,tea"],
    ),
    "customers": (
        "customer_id,email,city,consent,tier",
        ["a,a@example.com,Lyon,yes,gold", "b,b@example.com,,no,"],
        ["a,a2@example.com,,yes,silver", "c,c@example.com,Graz,,"],
    ),
    "products": (
        "product_id,name,price,cost,shelf",
        ["tea,Tea,4.50,2.00,A1", "cup,Cup,7.00,3.00,"],
        ["tea,Green tea,4.80,,A2", "pot,Pot,30.00,14.00,B1"],
    ),
    "assignments": (
        "experiment,customer_id,variant,assigned_at",
        ["spring,a,treatment,2024-02-01", "spring,b,control,2024-02-01"],
        ["spring,b,control,2024-02-01", "spring,c,control,2024-02-02"],
    ),
    "spend": (
        "day,channel,campaign,cost",
        ["2024-02-01,search,x,12.50", "2024-02-02,search,x,11.00"],
        ["2024-02-02,search,x,11.75", "2024-02-02,mail,x,1.00"],
    ),
    "stock_levels": (
        "product_id,day,stock",
        ["tea,2024-02-01,5", "tea,2024-02-02,0"],
        ["tea,2024-02-02,2", "cup,2024-02-02,7"],
    ),
}
TOGETHER = {"orders": 4, "events": 3, "customers": 3, "products": 3, "assignments": 3, "spend": 3,
            "stock_levels": 3}  # fmt: skip
"""Rows of both parts, counted by hand."""


def content(store: Store, table: str) -> Counter[tuple[object, ...]]:
    columns = ", ".join(public_columns(TABLES[table]))
    with store.reading() as cursor:
        return Counter(cursor.execute(f"SELECT {columns} FROM {table}").fetchall())


@pytest.mark.parametrize("table", PARTS)
@pytest.mark.parametrize("removed", [0, 1])
def test_removing_an_import_gives_what_the_other_alone_gives(
    tmp_path: Path, table: str, removed: int
) -> None:
    header, *parts = PARTS[table]
    texts = ["\n".join([header, *part]) for part in parts]
    with Store() as both, Store() as alone:
        done = [
            load_text(both, tmp_path, f"{place}.csv", text, table)
            for place, text in enumerate(texts)
        ]
        load_text(alone, tmp_path, "other.csv", texts[1 - removed], table)
        assert content(both, table).total() == TOGETHER[table]
        assert content(both, table) != content(alone, table)
        both.remove(done[removed].batch_id)
        assert content(both, table) == content(alone, table)
        both.remove(done[1 - removed].batch_id)
        assert content(both, table).total() == 0


@pytest.mark.parametrize("table", PARTS)
def test_loading_the_same_rows_again_changes_nothing(tmp_path: Path, table: str) -> None:
    header, part, _ = PARTS[table]
    with Store() as store:
        load_text(store, tmp_path, "a.csv", "\n".join([header, *part]), table)
        before = content(store, table)
        again = load_text(store, tmp_path, "b.csv", "\n".join([header, *part]) + "\n", table)
        assert content(store, table) == before
        assert not again.repeated
        assert (again.added, again.updated, again.known) == (0, 0, len(part))


def test_newer_values_of_a_customer_win_and_gaps_do_not(store: Store, tmp_path: Path) -> None:
    header, *parts = PARTS["customers"]
    for place, part in enumerate(parts):
        load_text(store, tmp_path, f"{place}.csv", "\n".join([header, *part]), "customers")
    with store.reading() as cursor:
        rows = cursor.execute(
            "SELECT customer_id, email, city, consent FROM customers ORDER BY customer_id"
        ).fetchall()
    assert rows == [
        ("a", "a2@example.com", "Lyon", True),
        ("b", "b@example.com", None, False),
        ("c", "c@example.com", "Graz", None),
    ]


def test_a_changed_cost_of_a_day_replaces_the_former(store: Store, tmp_path: Path) -> None:
    header, *parts = PARTS["spend"]
    for place, part in enumerate(parts):
        done = load_text(store, tmp_path, f"{place}.csv", "\n".join([header, *part]), "spend")
    assert (done.added, done.updated, done.known) == (1, 1, 0)
    with store.reading() as cursor:
        rows = cursor.execute("SELECT CAST(SUM(cost) AS VARCHAR) FROM spend").fetchall()
    assert rows == [("25.2500",)]
