"""A store of the former layout opens with all it held."""

from pathlib import Path
from typing import Any

import duckdb

from analytics.store import Store, inspect, load, receipt
from tests.conftest import IMPORT_DAY, SMALL_SHOP

PUBLIC = (
    "orders", "events", "customers", "products", "assignments", "spend", "sales", "order_fates",
    "opted_out", "orders_lines",
)  # fmt: skip


def everything(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    with Store(path) as store, store.reading() as cursor:
        found = {name: cursor.sql(f"SELECT * FROM {name}").to_arrow_table() for name in PUBLIC}
    return {
        name: sorted(
            (tuple(row.items()) for row in table.select(sorted(table.column_names)).to_pylist()),
            key=repr,
        )
        for name, table in found.items()
    }


def lay_as_before(path: Path) -> None:
    """Layout 1 held day, hour, at_us and words as columns of their own, and had no matches."""
    with duckdb.connect(str(path)) as connection:
        for table in ("orders", "events", "assignments"):
            words = (
                ", CAST(status AS VARCHAR) AS status, CAST(state AS VARCHAR) AS state"
                if table == "orders"
                else ""
            )
            left_out = ", status, state" if words else ""
            connection.execute(
                f"CREATE TABLE former AS SELECT * EXCLUDE (day, hour, at_us{left_out}){words}, "
                f"day, hour, at_us, CAST(NULL AS BOOLEAN) AS derived FROM {table}_lines"
            )
            connection.execute(f"DROP TABLE {table}_lines")
            connection.execute(f"ALTER TABLE former RENAME TO {table}_lines")
        for view in ("matches", "stock_levels"):
            connection.execute(f"DROP VIEW {view}")
        for gone in ("matches_lines", "stock_levels_lines", "same_person", "audiences", "id_lists"):
            connection.execute(f"DROP TABLE {gone}")
        connection.execute("UPDATE meta SET layout = 1")


def test_a_store_of_the_former_layout_is_laid_anew(tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    with Store(path) as store:
        for table, text in SMALL_SHOP.items():
            file = tmp_path / f"{table}.csv"
            file.write_text(text + ("7,eve,soon,tea,1,1,1,paid\n" if table == "orders" else ""))
            load(store, file, inspect(file, table=table), import_day=IMPORT_DAY)
        version = store.version
    before = everything(path)
    assert len(before["orders_lines"]) == 8
    lay_as_before(path)
    assert everything(path) == before
    with Store(path) as store:
        assert store.version == version
        again = load(
            store,
            tmp_path / "orders.csv",
            inspect(tmp_path / "orders.csv", table="orders"),
            import_day=IMPORT_DAY,
        )
        assert again.repeated
        store.remove(again.batch_id)
        assert store.tables().set_index("table")["rows"]["orders"] == 0


def test_a_column_that_no_file_filled_so_far_takes_what_a_later_one_says(tmp_path: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text(
        "order_id,customer_id,ordered_at,product_id,amount\n"
        "1,ann,2024-01-01,tea,5\n1,ann,2024-01-01,tea,5\n2,bob,2024-01-02,cup,7\n"
    )
    second.write_text(
        "order_id,customer_id,ordered_at,product_id,amount,coupon,note\n"
        "3,cyd,2024-01-03,tea,4,SPRING,a\n3,cyd,2024-01-03,tea,4,SPRING,b\n"
    )
    path = tmp_path / "shop.duckdb"
    asked = "SELECT order_id, coupon, city FROM orders ORDER BY order_id, coupon"
    with Store(path) as store:
        one = load(store, first, import_day=IMPORT_DAY)
        with store.reading() as cursor:
            assert cursor.execute(asked).fetchall() == [
                ("1", None, None), ("1", None, None), ("2", None, None)
            ]  # fmt: skip
    with Store(path) as store:
        two = load(store, second, import_day=IMPORT_DAY)
        with store.reading() as cursor:
            assert cursor.execute(asked).fetchall() == [
                ("1", None, None), ("1", None, None), ("2", None, None),
                ("3", "SPRING", None), ("3", "SPRING", None),
            ]  # fmt: skip
        # One line of the first file repeats another; of the second none, for its notes differ.
        same = [receipt(store, done.batch_id).facts.set_index("fact") for done in (one, two)]
        rows = [facts.loc["Lines identical to an earlier one", "rows"] for facts in same]
        assert rows == [1, 0]
        store.remove(two.batch_id)
        with store.reading() as cursor:
            assert len(cursor.execute(asked).fetchall()) == 3
