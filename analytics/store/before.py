"""The shop as it was before a day: the same store, read as if later rows had never come.

Nothing is copied. Views of the same names stand before the store's own for the queries of this
reader, so that any query can be asked what it would have said then.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date

import duckdb
import pandas as pd
import pyarrow as pa

from analytics.store.convert import literal
from analytics.store.kept import quote
from analytics.store.store import Store

DATED = {"order_fates": "day", "sales": "day", "events": "day", "customers": "signed_up_at"}
"""What is cut, and by which column; persons without a day of sign-up stay."""


class Before(Store):
    """A reader of a store that sees nothing dated on or after a day.

    Args:
        store: The shop; it stays open when this reader is let go.
        day: The first day that is not seen.
    """

    def __init__(self, store: Store, day: date) -> None:
        self.path, self.stage, self.day = store.path, store.stage, day
        self._root = store._root
        self._keep_lock, self._write_lock = store._keep_lock, store._write_lock
        self._writer = store._writer

    @contextmanager
    def reading(
        self, tables: Mapping[str, pd.DataFrame | pa.Table | str] | None = None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor that sees only what came before the day, with the given tables in sight."""
        with super().reading(tables) as cursor:
            ((shop,),) = cursor.execute("SELECT current_database()").fetchall()
            for name, column in DATED.items():
                cursor.execute(
                    f"CREATE TEMP VIEW {name} AS SELECT * FROM {quote(shop)}.main.{name} "
                    f"WHERE {column} IS NULL OR {column} < CAST({literal(str(self.day))} AS DATE)"
                )
            yield cursor

    def close(self) -> None:
        """Nothing to close: the store is another's."""
