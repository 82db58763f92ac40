"""One customer under several ids: matches unite them, and removing the matches parts them again."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import quality, rfm
from analytics.store import Store, inspect, load
from analytics.store.privacy import suppress
from analytics.store.same_person import resolve
from analytics.store.schema import TABLES

ONLINE = """order_id,customer_id,ordered_at,product_id,amount
W1,web-anna,2024-01-05 10:00:00,tea,9.00
W2,web-anna,2024-02-05 10:00:00,cup,7.25
W3,web-ben,2024-01-20 12:00:00,tea,4.50
"""
IN_STORE = """order_id,customer_id,ordered_at,product_id,amount
S1,card-anna,2024-03-01 15:00:00,pot,30.00
S2,card-carl,2024-01-02 15:00:00,cup,7.25
"""
CUSTOMERS = """customer_id,email,phone,name,city,consent
web-anna,anna@example.com,,Anna,Lyon,yes
card-anna,,+442071838750,Anna M.,,
web-ben,ben@example.com,,Ben,Graz,yes
"""
EVENTS = """customer_id,session_id,occurred_at,event,product_id
card-anna,s1,2024-01-04 09:00:00,view,tea
web-anna,s2,2024-01-05 09:55:00,view,tea
"""
ASSIGNMENTS = """experiment,customer_id,variant,assigned_at
spring,card-anna,treatment,2024-02-01 00:00:00
"""
MATCHES = "customer_id,other_id\nweb-anna,card-anna\n"
FILES = {
    "online.csv": ("orders", ONLINE),
    "store.csv": ("orders", IN_STORE),
    "customers.csv": ("customers", CUSTOMERS),
    "events.csv": ("events", EVENTS),
    "assignments.csv": ("assignments", ASSIGNMENTS),
}
AS_OF = date(2024, 4, 1)

Import = Callable[..., int]


def fill(store: Store, folder: Path, name: str, table: str, text: str) -> int:
    """Import a text as a file; returns its batch."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return load(store, path, inspect(path, table=table)).batch_id


@pytest.fixture
def shop(store: Store, tmp_path: Path) -> Store:
    for name, (table, text) in FILES.items():
        fill(store, tmp_path, name, table, text)
    return store


@pytest.fixture
def match(shop: Store, tmp_path: Path) -> Import:
    """Import matches, given as lines “id to keep,other id”."""

    def matcher(*lines: str) -> int:
        text = "\n".join(["customer_id,other_id", *lines, ""])
        return fill(shop, tmp_path, f"matches-{abs(hash(text))}.csv", "matches", text)

    return matcher


def answers(store: Store) -> dict[str, list[Any]]:
    """All that a query can see of the shop's own data, sorted."""
    with store.reading() as cursor:
        seen = {
            name: sorted(cursor.execute(f"SELECT * FROM {name}").fetchall(), key=str)
            for name in (*TABLES, "order_fates", "sales", "opted_out", "same_person")
            if name != "matches"
        }
    totals = store.query("customer_totals", as_of=AS_OF)
    seen["totals"] = totals.astype(str).to_numpy().tolist()
    return seen


def totals(store: Store) -> dict[str, tuple[int, int, Decimal]]:
    frame = store.query("customer_totals", as_of=AS_OF)
    return {
        row.customer_id: (int(row.recency_days), int(row.frequency), Decimal(row.monetary))
        for row in frame.itertuples(index=False)
    }


def column(store: Store, query: str) -> list[Any]:
    with store.reading() as cursor:
        return [row[0] for row in cursor.execute(query).fetchall()]


def test_two_ids_become_one_customer(shop: Store, match: Import) -> None:
    assert totals(shop)["web-anna"] == (56, 2, Decimal("16.25"))
    match("web-anna,card-anna")
    assert totals(shop) == {
        "web-anna": (31, 3, Decimal("46.25")),  # 9.00 + 7.25 + 30.00, the last on 1 March
        "web-ben": (72, 1, Decimal("4.50")),
        "card-carl": (90, 1, Decimal("7.25")),
    }
    scores = rfm.score(shop, AS_OF, bins=3).set_index("customer_id")
    assert scores.loc["web-anna", ["recency_days", "frequency"]].tolist() == [31, 3]
    assert str(scores.loc["web-anna", "monetary"]) == "46.2500"


def test_events_assignments_and_customers_follow(shop: Store, match: Import) -> None:
    """The id to keep says who somebody is; the other tells what that one does not."""
    match("web-anna,card-anna")
    assert set(column(shop, "SELECT customer_id FROM events")) == {"web-anna"}
    assert column(shop, "SELECT customer_id FROM assignments") == ["web-anna"]
    with shop.reading() as cursor:
        rows = cursor.execute(
            "SELECT customer_id, email, phone, name, city, consent FROM customers ORDER BY 1"
        ).fetchall()
    assert rows == [
        ("web-anna", "anna@example.com", "+442071838750", "Anna", "Lyon", True),
        ("web-ben", "ben@example.com", None, "Ben", "Graz", True),
    ]


def test_the_imports_own_rows_keep_their_ids(shop: Store, match: Import) -> None:
    match("web-anna,card-anna")
    for table in ("orders", "events", "customers", "assignments"):
        assert "card-anna" in column(shop, f"SELECT customer_id FROM {table}_lines"), table


def test_removing_the_matches_restores_every_answer(shop: Store, match: Import) -> None:
    before = answers(shop)
    first = match("web-anna,card-anna", "web-ben,card-carl")
    assert answers(shop) != before
    second = match("web-ben,web-anna")
    assert set(totals(shop)) == {"web-ben"}
    shop.remove(second)
    assert set(totals(shop)) == {"web-anna", "web-ben"}
    shop.remove(first)
    assert answers(shop) == before


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [3, 5, 0, 4, 1, 2]])
def test_it_does_not_matter_what_is_imported_first(
    shop: Store, match: Import, tmp_path: Path, order: list[int]
) -> None:
    match("web-anna,card-anna")
    files = [*FILES.items(), ("matches.csv", ("matches", MATCHES))]
    with Store() as other:
        for place in order:
            name, (table, text) = files[place]
            fill(other, tmp_path, name, table, text)
        found, expected = answers(other), answers(shop)
    for seen in (found, expected):
        seen["order_fates"] = sorted(row[1:] for row in seen["order_fates"])  # without the batch
    assert found == expected


@pytest.mark.parametrize("refused", ["web-anna", "card-anna"])
def test_who_refuses_under_one_id_is_left_out_under_each(
    shop: Store, match: Import, refused: str
) -> None:
    batch = match("web-anna,card-anna")
    suppress(shop, [refused], "asked by phone")
    assert set(column(shop, "SELECT customer_id FROM opted_out")) == {"web-anna", "card-anna"}
    shop.remove(batch)
    assert column(shop, "SELECT customer_id FROM opted_out") == [refused]


def test_a_refusal_in_the_file_of_either_id_stands(
    shop: Store, match: Import, tmp_path: Path
) -> None:
    match("web-anna,card-anna")
    fill(shop, tmp_path, "no.csv", "customers", "customer_id,consent\ncard-anna,no\n")
    assert column(shop, "SELECT consent FROM customers WHERE customer_id = 'web-anna'") == [False]
    fill(shop, tmp_path, "yes.csv", "customers", "customer_id,consent\nweb-anna,yes\n")
    assert column(shop, "SELECT consent FROM customers WHERE customer_id = 'web-anna'") == [False]
    assert set(column(shop, "SELECT customer_id FROM opted_out")) == {"web-anna", "card-anna"}
    fill(shop, tmp_path, "again.csv", "customers", "customer_id,consent\ncard-anna,yes\n")
    assert column(shop, "SELECT customer_id FROM opted_out") == []


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], {}),
        ([("a", "a")], {}),
        ([("b", "a")], {"b": "a"}),
        ([("c", "b"), ("b", "a")], {"b": "a", "c": "a"}),  # a chain: its end
        ([("b", "a"), ("a", "b")], {"b": "a"}),  # a ring: the first by name
        ([("a", "c"), ("b", "a"), ("c", "b")], {"b": "a", "c": "a"}),
        ([("x", "b"), ("x", "a")], {"b": "a", "x": "a"}),  # matched to two: all three are one
        ([("a", "z"), ("b", "z")], {"a": "z", "b": "z"}),  # the kept one, not the first by name
        ([("1", "b"), ("b", "c"), ("c", "b")], {"1": "b", "c": "b"}),  # a ring with a tail
        ([("b", "a"), ("d", "c")], {"b": "a", "d": "c"}),
    ],
)
def test_chains_rings_and_contradictions_resolve(
    pairs: list[tuple[str, str]], expected: dict[str, str]
) -> None:
    assert resolve(pairs) == expected
    assert resolve(reversed(pairs)) == expected


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        (["m,card-anna", "web-anna,m"], "web-anna"),
        (["card-anna,web-anna", "web-anna,card-anna"], "card-anna"),
        (["web-anna,card-anna", "web-ben,card-anna"], "web-anna"),
    ],
)
def test_chains_and_rings_in_the_store(
    shop: Store, match: Import, lines: list[str], kept: str
) -> None:
    match(*lines)
    expected = Decimal("46.25") + (Decimal("4.50") if "web-ben" in str(lines) else 0)
    assert totals(shop)[kept][2] == expected


def test_a_match_of_an_id_nobody_has_changes_nothing(shop: Store, match: Import) -> None:
    before = answers(shop)
    match("web-anna,ghost", "phantom,spectre", "web-ben,web-ben")
    known_to_nobody = [("ghost", "web-anna"), ("spectre", "phantom")]
    assert answers(shop) == before | {"same_person": known_to_nobody}


def test_ids_count_as_known_if_either_has_a_record(
    shop: Store, match: Import, tmp_path: Path
) -> None:
    fill(shop, tmp_path, "late.csv", "orders",
         "order_id,customer_id,ordered_at,amount\nS9,card-ben,2024-03-05,5.00\n")  # fmt: skip

    def unknown() -> int:
        found = quality.report(shop, ()).unknown.set_index(["kind", "table"])["ids"]
        return int(found.get(("customer", "orders"), 0))

    assert unknown() == 2  # card-carl and card-ben
    match("web-ben,card-ben")
    assert unknown() == 1


def test_the_receipt_says_how_many_ids_are_how_many_customers(shop: Store, match: Import) -> None:
    batch = match("web-anna,card-anna", "web-anna,app-anna", "web-ben,card-carl")
    row = shop.query("matched", batch_id=batch).iloc[0]
    assert row.tolist() == [5, 2, 4]


@pytest.mark.parametrize(
    ("text", "mapping"),
    [
        (MATCHES, {"customer_id": "customer_id", "other_id": "other_id"}),
        (
            "Customer ID;Same as\nw1;c1\nw2;c2\n",
            {"customer_id": "Customer ID", "other_id": "Same as"},
        ),
        (
            "online_id,store_id\nw1,c1\nw2,c2\n",
            {"customer_id": "online_id", "other_id": "store_id"},
        ),
        ("member_id,alias\nw1,c1\nw2,c2\n", {"customer_id": "member_id", "other_id": "alias"}),
        ("用户ID,会员号\nw1,c1\nw2,c2\n", {"customer_id": "用户ID", "other_id": "会员号"}),
        ("会员ID,关联ID\nw1,c1\nw2,c2\n", {"customer_id": "会员ID", "other_id": "关联ID"}),
    ],
)
def test_a_file_of_matches_is_recognised(
    write: Callable[..., Path], text: str, mapping: dict[str, str]
) -> None:
    look = inspect(write("ids.csv", text))
    assert (look.table, look.mapping) == ("matches", mapping)


@pytest.mark.parametrize(
    "text",
    [
        "customer_id,store_id\nc1,7\nc2,7\nc3,7\nc4,8\n",
        "customer_id,member_id,email,name\nc1,m1,a@b.de,A\nc2,m2,b@b.de,B\n",
        "order_id,customer_id,store_id,date,total\n1,c1,s1,2024-01-01,5\n",
    ],
)
def test_other_files_with_two_ids_are_not(write: Callable[..., Path], text: str) -> None:
    assert inspect(write("ids.csv", text)).table != "matches"


def test_records_without_an_id_are_rejected_with_a_reason(
    store: Store, write: Callable[..., Path]
) -> None:
    path = write("ids.csv", "customer_id,other_id\na,b\n,c\nd,\n")
    receipt = load(store, path, inspect(path))
    assert (receipt.added, receipt.rejected) == (1, 2)
    assert set(receipt.rejects["reason"]) == {
        "Id to keep is empty", "Other id of the same person is empty"
    }  # fmt: skip


def test_an_older_store_learns_of_matches(tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    with Store(path) as store:
        fill(store, tmp_path, "online.csv", *FILES["online.csv"])
        with store.transaction() as cursor:
            for kind, name in (
                *(("VIEW", view) for view in ("sales", "order_fates", "opted_out", *TABLES)),
                ("TABLE", "same_person"),
                ("TABLE", "matches_lines"),
            ):
                if name not in ("customers", "products"):
                    cursor.execute(f"DROP {kind} {name}")
    with Store(path) as store:
        fill(store, tmp_path, "store.csv", *FILES["store.csv"])
        fill(store, tmp_path, "matches.csv", "matches", MATCHES)
        assert totals(store)["web-anna"] == (31, 3, Decimal("46.25"))


IDS = ["web-anna", "web-ben", "card-anna", "card-carl", "m"]
pair = st.tuples(st.sampled_from(IDS), st.sampled_from(IDS))


@settings(deadline=None, max_examples=4)
@given(
    st.lists(pair, min_size=1, max_size=4),
    st.lists(pair, min_size=1, max_size=4),
    st.permutations(range(len(FILES) + 2)),
)
def test_any_order_of_imports_gives_the_same_store(
    tmp_path_factory: pytest.TempPathFactory,
    some: list[tuple[str, str]],
    more: list[tuple[str, str]],
    order: list[int],
) -> None:
    folder = tmp_path_factory.mktemp("orders")
    files = list(FILES.items())
    files += [
        (f"{name}.csv", ("matches", "\n".join(["customer_id,other_id", *map(",".join, pairs), ""])))
        for name, pairs in (("some", some), ("more", [*more, ("web-ben", f"only {len(some)}")]))
    ]

    def filled(places: list[int]) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
        with Store() as store:
            batches = {
                files[place][0]: fill(store, folder, files[place][0], *files[place][1])
                for place in places
            }
            united = answers(store)
            store.remove(batches["some.csv"], batches["more.csv"])
            parted = answers(store)
        for seen in (united, parted):
            seen["order_fates"] = sorted(row[1:] for row in seen["order_fates"])
        return united, parted

    united, parted = filled(list(range(len(files))))
    assert filled(order) == (united, parted)
    assert parted["same_person"] == []
    assert {row[1] for row in parted["sales"]} == {"web-anna", "web-ben", "card-anna", "card-carl"}
