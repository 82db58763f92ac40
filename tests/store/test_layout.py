"""A store of the former layout opens with all it held."""

from pathlib import Path
from typing import Any

import duckdb

from analytics.store import Store, inspect, load
from tests.conftest import IMPORT_DAY, SMALL_SHOP

PUBLIC = (
    "orders", "events", "customers", "products", "assignments", "spend", "sales", "order_fates",
    "opted_out", "orders_lines",
)  # fmt: skip


def everything(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    with Store(path) as store, store.reading() as cursor:
        return {
            name: cursor.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in PUBLIC
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
        for view in ("matches",):
            connection.execute(f"DROP VIEW {view}")
        for gone in ("matches_lines", "same_person", "audiences", "id_lists"):
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
