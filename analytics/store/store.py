"""One DuckDB file that holds the shop: run a query, keep a result, change it in one transaction."""

import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import duckdb
import pandas as pd
import pyarrow as pa

from analytics.errors import NotEnoughDataError, StoreError
from analytics.store import kept, layout, merge, settings
from analytics.store.convert import literal
from analytics.store.faults import plain_words
from analytics.store.frames import plain, to_frame
from analytics.store.settings import Policy

SQL = Path(__file__).parent / "sql"
MEMORY_LIMIT = "2GB"


@cache
def sql_text(name: str) -> str:
    """The text of one named query."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


class Store:
    """The shop's data in one file; safe to use from many threads.

    Args:
        path: The file, made if it is not there, or `:memory:`.
        memory_limit: The most memory the database may take, as in `2GB`.
        threads: The most threads it may use; all cores by default.

    Raises:
        StoreError: The file is open elsewhere, newer, damaged, or cannot be written.
    """

    def __init__(
        self,
        path: str | Path = ":memory:",
        *,
        memory_limit: str = MEMORY_LIMIT,
        threads: int | None = None,
    ) -> None:
        self.path = str(path)
        if self.path == ":memory:":
            self.stage = Path(tempfile.mkdtemp(prefix="regulars-"))
        else:
            file = Path(self.path).expanduser().absolute()
            self.path = str(file)
            self.stage = file.with_name(file.name + ".stage")
        self._write_lock = threading.Lock()
        self._keep_lock = threading.Lock()
        new_stage = not self.stage.exists()
        try:
            with plain_words():
                self._make_folders()
                self._root = duckdb.connect(self.path)
                try:
                    self._prepare(memory_limit, threads)
                except BaseException:
                    self._root.close()
                    raise
        except (OSError, StoreError) as error:
            if new_stage:
                shutil.rmtree(self.stage, ignore_errors=True)
            if isinstance(error, StoreError):
                raise
            raise StoreError(
                f"The store “{self.path}” cannot be written.",
                "Check the folder's permissions, or set REGULARS_STORE to another file.",
            ) from error

    def _make_folders(self) -> None:
        Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        self.stage.mkdir(parents=True, exist_ok=True)
        self.stage = self.stage.resolve()

    def _prepare(self, memory_limit: str, threads: int | None) -> None:
        """Set limits, make or migrate the tables, then lock the configuration."""
        before_lock = [
            f"SET GLOBAL memory_limit='{memory_limit}'",
            f"SET GLOBAL temp_directory={literal(str(self.stage / 'spill'))}",
            "SET GLOBAL ieee_floating_point_ops=false",
            "SET GLOBAL error_on_division_by_zero=false",
            "SET GLOBAL TimeZone='UTC'",
        ]
        if threads:
            before_lock.append(f"SET GLOBAL threads={int(threads)}")
        for statement in before_lock:
            self._root.execute(statement)
        self._writer = self._root.cursor()
        for statement in (
            "SET enable_progress_bar=true",
            "SET enable_progress_bar_print=false",
            "SET progress_bar_time=0",
        ):
            self._writer.execute(statement)
        self._root.execute("SET enable_progress_bar=false")
        layout.create(
            self._root,
            order_fates=sql_text("order_fates"),
            sales=sql_text("sales"),
            opted_out=sql_text("opted_out"),
            moments=sql_text("moments"),
        )
        for statement in (
            "SET GLOBAL python_enable_replacements=false",
            "SET GLOBAL autoinstall_known_extensions=false",
            "SET GLOBAL autoload_known_extensions=false",
            "SET GLOBAL allow_community_extensions=false",
            f"SET GLOBAL allowed_directories=[{literal(str(self.stage))}]",
            "SET GLOBAL enable_external_access=false",
            "SET GLOBAL lock_configuration=true",
        ):
            self._root.execute(statement)
        for leftover in self.stage.iterdir():
            if leftover.is_file():
                leftover.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        self._writer.close()
        self._root.close()
        shutil.rmtree(self.stage, ignore_errors=True)

    # Reading

    def query(
        self,
        name: str,
        *,
        tables: Mapping[str, pd.DataFrame | pa.Table | str] | None = None,
        **params: Any,
    ) -> pd.DataFrame:
        """Run a file of `store/sql` and return its rows.

        Args:
            name: The file's name without its ending.
            tables: Small tables the query reads by name: a frame, or the name of a kept result.
            **params: Values bound to `$name` in the query.

        Returns:
            DataFrame: Money columns hold exact decimals (`decimal128(38, 4)[pyarrow]`).
        """
        return to_frame(self.arrow(name, tables=tables, **params))

    def arrow(
        self,
        name: str,
        *,
        tables: Mapping[str, pd.DataFrame | pa.Table | str] | None = None,
        **params: Any,
    ) -> pa.Table:
        """Run a file of `store/sql` and return its rows as an Arrow table."""
        with self.reading(tables) as cursor:
            return _arrow(cursor, name, params)

    @staticmethod
    def ask(
        cursor: duckdb.DuckDBPyConnection,
        name: str,
        *,
        tables: Mapping[str, pd.DataFrame | pa.Table] | None = None,
        **params: Any,
    ) -> pd.DataFrame:
        """Run a file of `store/sql` by a cursor of one's own, such as the writer's."""
        for handed, table in (tables or {}).items():
            cursor.register(handed, table)
        try:
            return to_frame(_arrow(cursor, name, params))
        finally:
            for handed in tables or {}:
                cursor.unregister(handed)

    @contextmanager
    def reading(
        self, tables: Mapping[str, pd.DataFrame | pa.Table | str] | None = None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor of one's own, with the given tables in sight."""
        with plain_words(), self._root.cursor() as cursor:
            for name, table in (tables or {}).items():
                if isinstance(table, str):
                    kept.show(cursor, name, table)
                else:
                    cursor.register(name, table)
            yield cursor

    @property
    def version(self) -> str:
        """What data the store holds: changes with every committed import, removal or setting."""
        with self.reading() as cursor:
            rows = cursor.execute("SELECT store_id, version FROM meta").fetchall()
        return f"{rows[0][0]}-{rows[0][1]}"

    def tables(self) -> pd.DataFrame:
        """What the store holds: table, rows, first_day, last_day."""
        return self.query("tables")

    def batches(self) -> pd.DataFrame:
        """The imports, oldest first, with their counts."""
        return self.query("batches")

    def default_as_of(self) -> date:
        """The day after the last order in the store, or after the last event where none is.

        Raises:
            NotEnoughDataError: There are neither orders nor events.
        """
        last_days = self.tables().set_index("table")["last_day"]
        for table in ("orders", "events"):
            if not pd.isna(last_days[table]):
                return (pd.Timestamp(last_days[table]) + timedelta(days=1)).date()
        raise NotEnoughDataError(
            "There are no orders yet.", "Import an order file on the Data page first."
        )

    @property
    def policy(self) -> Policy:
        """Which lines count, in which currency, by which clock."""
        with self.reading() as cursor:
            return settings.read_policy(cursor)

    @property
    def rates(self) -> dict[str, Decimal]:
        """What one unit of each other currency is worth in the analysed one."""
        with self.reading() as cursor:
            return settings.read_rates(cursor)

    # Writing

    def set_policy(self, policy: Policy) -> None:
        """Change which lines count; every figure follows."""
        if policy == self.policy:
            return
        with self.transaction() as cursor:
            settings.write_policy(cursor, policy)
            merge.settle_currency(cursor)

    def set_rates(self, rates: Mapping[str, Decimal]) -> None:
        """Say what other currencies are worth; lines in them then count.

        Raises:
            StoreError: A rate is not positive.
        """
        with self.transaction() as cursor:
            settings.write_rates(cursor, rates)

    def remove(self, *batch_ids: int) -> None:
        """Take imports out again; what they had overlapped with counts in full again.

        Raises:
            StoreError: There is no such import.
        """
        known = set(self.batches()["batch_id"])
        if missing := [batch for batch in batch_ids if batch not in known]:
            raise StoreError(f"There is no import {missing[0]}.", "Reload the page.")
        if not batch_ids:
            return
        with self.transaction() as cursor:
            for batch_id in batch_ids:
                merge.remove(cursor, batch_id)

    @contextmanager
    def transaction(
        self, *, wait: bool = True, new_version: bool = True
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """The one writer, in a transaction that becomes a new data version or nothing.

        Args:
            wait: Whether to wait for another writer.
            new_version: False for what no analysis reads, such as a saved audience's name and rule.

        Raises:
            StoreError: With `wait=False`, another import is running.
        """
        if not self._write_lock.acquire(blocking=wait):
            raise StoreError("Another import is running.", "Wait until it has finished.")
        try:
            with plain_words():
                self._writer.execute("BEGIN")
                try:
                    yield self._writer
                    if new_version:
                        self._writer.execute("UPDATE meta SET version = version + 1")
                    self._writer.execute("COMMIT")
                except BaseException:
                    kept.roll_back(self._writer)
                    raise
        finally:
            self._write_lock.release()

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """No import runs meanwhile, and all that was written is in the store's file.

        Raises:
            StoreError: An import is running.
        """
        if not self._write_lock.acquire(blocking=False):
            raise StoreError("An import is running.", "Wait until it has finished.")
        try:
            with plain_words():
                self._writer.execute("CHECKPOINT")
                yield
        finally:
            self._write_lock.release()

    def keep(self, name: str, stamp: str, frame: pd.DataFrame | pa.Table) -> str:
        """Keep a per-customer result for lists and later queries; does not change the version.

        Args:
            name: What it is, such as `rfm`; the latest three are held.
            stamp: What it was made from: data version, as-of day, parameters, code version.
            frame: Its rows.

        Returns:
            The name to hand to `query(tables={...: name})`.
        """
        with self._keep_lock, self.reading({"incoming": frame}) as cursor:
            return kept.write(cursor, name, stamp)

    def kept(self, name: str, stamp: str) -> str | None:
        """The name of a kept result, if it is held."""
        with self.reading() as cursor:
            return kept.find(cursor, name, stamp)

    def stage_file(self, ending: str) -> Path:
        """A new path in the only folder the database may read and write."""
        return self.stage / f"{uuid4().hex}.{ending}"


def _arrow(cursor: duckdb.DuckDBPyConnection, name: str, params: dict[str, Any]) -> pa.Table:
    return plain(cursor.sql(sql_text(name), params=params or None).to_arrow_table())
