"""The data quality report: what is missing, repeated, unknown, out of line, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

from analytics.errors import NotEnoughDataError
from analytics.quality.days import gaps
from analytics.quality.extremes import METHODS, Method, outliers
from analytics.store import TABLES, Store, money


@dataclass(frozen=True)
class Report:
    """How sound the shop's data are. Nothing in it changes the store.

    Attributes:
        missing: DataFrame table, field, rows (of the table), missing (rows without a value),
            missing_share (0 to 1), for tables with rows and fields that are required or that at
            least one row has.
        duplicates: DataFrame table, rows (lines identical in every field to an earlier one),
            amount (money, exact: their line totals; missing for events): orders, of which the
            lines that count, and events.
        gaps: DataFrame first_day, last_day (timestamps), days: runs of days without an order that
            are longer than usual for the shop, see `quality.gaps`.
        unknown: DataFrame kind (`customer`, `product`), table (`orders`, `events`), ids
            (different ones that the table of customers or products does not know), rows (lines
            they stand in), amount (money, exact; missing for events); a row, if need be with 0,
            for what could be checked because both tables have rows.
        outliers: DataFrame method, lines (flagged), amount (money, exact: their line totals),
            share (of the lines looked at, 0 to 1), looked_at; see `quality.outliers`.
    """

    missing: pd.DataFrame
    duplicates: pd.DataFrame
    gaps: pd.DataFrame
    unknown: pd.DataFrame
    outliers: pd.DataFrame


def report(store: Store, methods: Sequence[Method] = METHODS) -> Report:
    """How sound the shop's data are.

    Args:
        store: The shop.
        methods: By which methods to look for outliers, which takes longest; empty for none.

    Raises:
        NotEnoughDataError: The store is empty.
        AnalyticsError: There is no such method.
    """
    rows = store.tables().set_index("table")["rows"]
    present = set(rows.index[rows > 0])
    if not present:
        raise NotEnoughDataError(
            "There are no data yet.", "Import an order file on the Data page first."
        )
    duplicates = store.query("quality_duplicates")
    unknown = store.query("quality_unknown")
    subject = unknown["kind"].map({"customer": "customers", "product": "products"})
    could = unknown["table"].isin(present) & subject.isin(present)
    return Report(
        missing=_missing(store, present),
        duplicates=duplicates[duplicates["table"].isin(present)].reset_index(drop=True),
        gaps=_gaps(store),
        unknown=unknown[could].reset_index(drop=True),
        outliers=_outliers(store, methods),
    )


def _missing(store: Store, present: set[str]) -> pd.DataFrame:
    found = store.query("quality_filled")
    required = np.array(
        [
            TABLES[table].field(field).required
            for table, field in zip(found["table"], found["field"], strict=True)
        ]
    )
    found = found[found["table"].isin(present) & ((found["filled"] > 0) | required)]
    found = found.reset_index(drop=True)
    found["missing"] = found["rows"] - found["filled"]
    found["missing_share"] = found["missing"] / found["rows"]
    return found.drop(columns="filled")


def _gaps(store: Store) -> pd.DataFrame:
    try:
        return gaps(store)
    except NotEnoughDataError:
        return pd.DataFrame({"first_day": [], "last_day": [], "days": []}).astype(
            {"first_day": "datetime64[us]", "last_day": "datetime64[us]", "days": "int64"}
        )


def _outliers(store: Store, methods: Sequence[Method]) -> pd.DataFrame:
    """What each method flags; missing figures where there are too few lines to compare."""
    rows: list[tuple[str, int | None, Decimal | None, float, int | None]] = []
    for method in methods:
        try:
            found = outliers(store, method)
        except NotEnoughDataError:
            rows.append((method, None, None, np.nan, None))
            continue
        lines = len(found.frame)
        total = sum((money(amount) for amount in found.frame["amount"]), Decimal("0.0000"))
        rows.append((method, lines, total, lines / found.looked_at, found.looked_at))
    frame = pd.DataFrame(rows, columns=["method", "lines", "amount", "share", "looked_at"])
    return frame.astype({"lines": "Int64", "looked_at": "Int64", "share": float})
