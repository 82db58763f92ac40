"""The store as one file, and back again."""

from decimal import Decimal
from pathlib import Path

import pytest

from analytics.errors import StoreError
from analytics.store import Receipt, Store, back_up, explain_difference, load, restore, template
from analytics.store.inspect import inspect
from analytics.store.schema import TABLES

HEADER = "order_id,customer_id,ordered_at,quantity,unit_price\n"


def import_rows(store: Store, folder: Path, rows: str) -> Receipt:
    path = folder / "orders.csv"
    path.write_text(HEADER + rows)
    return load(store, path)


def test_a_backup_brings_everything_back(tmp_path: Path) -> None:
    store = Store(tmp_path / "shop.duckdb")
    import_rows(store, tmp_path, "1,anna,2024-01-05,1,5\n")
    saved = tmp_path / "saved.regulars"
    back_up(store).rename(saved)
    version = store.version
    import_rows(store, tmp_path, "2,ben,2024-01-06,1,7\n")
    assert store.tables().set_index("table").loc["orders", "rows"] == 2
    store = restore(store, saved)
    assert store.tables().set_index("table").loc["orders", "rows"] == 1
    assert store.version == version
    import_rows(store, tmp_path, "3,cem,2024-01-07,1,9\n")
    store.close()
    with Store(tmp_path / "shop.duckdb") as again:
        assert len(again.batches()) == 2


@pytest.mark.parametrize("content", [b"", b"no store at all" * 100])
def test_a_file_that_is_no_backup_leaves_the_store_as_it_was(
    content: bytes, tmp_path: Path
) -> None:
    with Store(tmp_path / "shop.duckdb") as store:
        import_rows(store, tmp_path, "1,anna,2024-01-05,1,5\n")
        wrong = tmp_path / "wrong.regulars"
        wrong.write_bytes(content)
        with pytest.raises(StoreError) as caught:
            restore(store, wrong)
        assert caught.value.fix
        assert store.tables().set_index("table").loc["orders", "rows"] == 1
        assert not list(tmp_path.glob("*.restoring*"))


def test_a_store_in_memory_has_no_backup(tmp_path: Path) -> None:
    with Store() as store:
        with pytest.raises(StoreError, match="no file"):
            back_up(store)
        with pytest.raises(StoreError, match="no file"):
            restore(store, tmp_path / "any")


@pytest.mark.parametrize("name", TABLES)
def test_a_template_is_read_as_its_table(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.csv"
    path.write_text(template(name))
    look = inspect(path)
    assert look.table == name
    assert look.mapping == {field: field for field in TABLES[name].names}
    with Store() as store:
        assert load(store, path, look).added == 1


def test_the_difference_to_a_known_total_is_explained(tmp_path: Path) -> None:
    with Store() as store:
        done = import_rows(
            store,
            tmp_path,
            "1,anna,2024-01-05,2,5\n2,,2024-01-05,1,3.50\nC3,anna,2024-01-06,-1,5\n",
        )
        # 10 + 3.50 - 5 = 8.50; a system that leaves the cancelled invoice out says 13.50.
        assert "lines of cancelled invoices" in explain_difference(done, Decimal("13.50"))
        assert "lines without a customer" in explain_difference(done, Decimal("5.00"))
        both = explain_difference(done, Decimal("10.00"))
        assert "lines without a customer" in both
        assert "lines of cancelled invoices" in both
        assert "No single step explains it" in explain_difference(done, Decimal("8.49"))
