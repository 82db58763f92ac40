"""What an import did: every record and every cent from the file to the analysis."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from analytics.errors import StoreError
from analytics.store.frames import money
from analytics.store.store import Store

Query = Callable[..., pd.DataFrame]

FATES = {
    "rejected": "Could not be read",
    "duplicate": "Identical lines left out",
    "elsewhere": "Counted in another import",
    "other_currency": "In another currency, without a rate",
    "test": "Test orders",
    "cancelled": "Cancelled orders",
    "cancelled_invoice": "Cancelled invoices left out",
    "return": "Returns left out",
    "free": "Lines without a price left out",
    "guest": "Lines without a customer left out",
}
"""Why a line is not analysed, in the order of the waterfall."""


@dataclass(frozen=True)
class Receipt:
    """What an import did.

    Attributes:
        batch_id: Its number, for `store.remove`.
        table: The table it went to.
        file_name: What the user calls the file.
        records: Records in the file, header left out.
        added: Records that are new.
        updated: Known records whose values it replaced.
        known: Records the store already had.
        rejected: Records that cannot be used.
        rounded: Records whose money had more than four decimals.
        repeated: True if this very file had been imported in this very way before, so that
            nothing was done; the figures are those of then.
        waterfall: DataFrame step, rows, amount: from the file's records to the analysed ones,
            each step what it takes away, so that the column adds up to its last row.
    """

    batch_id: int
    table: str
    file_name: str
    records: int
    added: int
    updated: int
    known: int
    rejected: int
    rounded: int
    repeated: bool
    waterfall: pd.DataFrame
    _store: Store = field(repr=False)

    @cached_property
    def facts(self) -> pd.DataFrame:
        """What an order file holds: fact, rows, amount; no rows for other tables.

        Read when it is asked for: counting the different orders, customers and products of ten
        million lines takes a tenth of the time of their import.
        """
        if self.table != "orders":
            return pd.DataFrame(columns=["fact", "rows", "amount"])
        return _facts(self._store.query, self.batch_id)

    @property
    def rejects(self) -> pd.DataFrame:
        """The records that are not used: line_no (header counted), reason, raw."""
        return self._store.query("rejects", batch_id=self.batch_id)

    @property
    def days(self) -> tuple[date, date] | None:
        """The first and the last day of its orders; None for other tables."""
        if self.table != "orders":
            return None
        row = self._store.query("batch_facts", batch_id=self.batch_id).iloc[0]
        return pd.Timestamp(row["first_day"]).date(), pd.Timestamp(row["last_day"]).date()


def receipt(
    store: Store, batch_id: int, *, repeated: bool = False, query: Query | None = None
) -> Receipt:
    """What an import did, with its waterfall as the shop's policy stands today.

    Args:
        store: The shop.
        batch_id: The import.
        repeated: Whether the same file had been imported before, so that nothing was done.
        query: How to ask, where the import is not committed yet; by default `store.query`.

    Raises:
        StoreError: There is no such import.
    """
    query = query or store.query
    batches = query("batches")
    found = batches[batches["batch_id"] == batch_id]
    if found.empty:
        raise StoreError(f"There is no import {batch_id}.", "Reload the page.")
    batch = found.iloc[0]
    is_orders = batch["table_name"] == "orders"
    return Receipt(
        batch_id=batch_id,
        table=str(batch["table_name"]),
        file_name=str(batch["file_name"]),
        **{
            name: int(batch[name])
            for name in ("records", "added", "updated", "known", "rejected", "rounded")
        },
        repeated=repeated,
        waterfall=_order_waterfall(query, batch_id) if is_orders else _plain_waterfall(batch),
        _store=store,
    )


def _order_waterfall(query: Query, batch_id: int) -> pd.DataFrame:
    """From the file's lines to the analysed ones, in rows and money, to the last digit."""
    fates = query("waterfall", batch_id=batch_id).set_index("fate")
    by_fate: dict[str, dict[str, Any]] = fates.to_dict("index")  # type: ignore[assignment]
    zero = Decimal("0.0000")
    rows = sum(int(part["rows"]) for part in by_fate.values())
    steps = [("In the file", rows, sum((money(p["amount"]) for p in by_fate.values()), zero))]
    for fate, words in FATES.items():
        if fate in by_fate:
            part = by_fate[fate]
            steps.append((words, -int(part["rows"]), -money(part["amount"])))
    if "analysed" in by_fate and (back := money(by_fate["analysed"]["taken_back"])):
        steps.append(("Refunded", 0, -back))
    steps.append(
        ("Analysed", sum(rows for _, rows, _ in steps), sum((amount for *_, amount in steps), zero))
    )
    return pd.DataFrame(steps, columns=["step", "rows", "amount"])


def _plain_waterfall(batch: "pd.Series[Any]") -> pd.DataFrame:
    """The same for tables without money."""
    steps = [
        ("In the file", int(batch["records"])),
        ("Could not be read", -int(batch["rejected"])),
        ("Already in the store", -int(batch["known"])),
    ]
    kept = [step for step in steps if step[1]]
    kept.append(("Used", sum(rows for _, rows in kept)))
    return pd.DataFrame([(*step, None) for step in kept], columns=["step", "rows", "amount"])


def _facts(query: Query, batch_id: int) -> pd.DataFrame:
    """What an order file holds, whatever of it counts."""
    found = query("batch_facts", batch_id=batch_id).iloc[0]
    same = query(
        "identical_lines", batch_id=batch_id, tables={"again": _repeated(query, batch_id)}
    ).iloc[0]
    rows = [
        ("Customers", found["customers"], None),
        ("Orders", found["orders"], None),
        ("Products", found["products"], None),
        ("Lines without a customer", found["guest_rows"], money(found["guest_amount"])),
        (
            "Lines of cancelled invoices",
            found["cancelled_invoice_rows"],
            money(found["cancelled_invoice_amount"]),
        ),
        ("Other returned lines", found["return_rows"], money(found["return_amount"])),
        ("Lines without a price", found["free_rows"], Decimal(0)),
        ("Lines identical to an earlier one", same["rows"], money(same["amount"])),
        ("Analysed revenue of known customers", None, money(found["identified_revenue"])),
        ("Analysed revenue of guests", None, money(found["guest_revenue"])),
    ]
    facts = pd.DataFrame(rows, columns=["fact", "rows", "amount"])
    return facts.astype({"rows": "Int64"})


def _repeated(query: Query, batch_id: int) -> pd.DataFrame:
    """The fingerprints that several lines of an import have: DataFrame fingerprint.

    Sorting them takes a sixth of the time that the database takes to group them.
    """
    prints = query("line_fingerprints", batch_id=batch_id)["fingerprint"].to_numpy()
    ordered = np.sort(prints)
    return pd.DataFrame({"fingerprint": np.unique(ordered[1:][ordered[1:] == ordered[:-1]])})


def explain_difference(done: Receipt, known: Decimal) -> str:
    """Where the difference between the analysed revenue and a figure known elsewhere may come from.

    Looks for the steps of the waterfall and the facts of the file that, alone or two together,
    make up the difference to the cent.

    Args:
        done: The receipt of an order file.
        known: The revenue the user knows.

    Returns:
        A sentence.
    """
    gap = money(done.waterfall["amount"].iloc[-1]) - known
    parts = [
        (str(step), money(amount))
        for step, amount in zip(
            done.waterfall["step"][1:-1], done.waterfall["amount"][1:-1], strict=True
        )
    ]
    parts += [
        (str(fact), money(amount))
        for fact, amount in zip(done.facts["fact"], done.facts["amount"], strict=True)
        if amount is not None and not str(fact).startswith("Analysed revenue of known")
    ]
    parts = [(name, amount) for name, amount in parts if amount]
    candidates = [((name,), amount) for name, amount in parts] + [
        ((one, two), first + second)
        for (one, first), (two, second) in itertools.combinations(parts, 2)
    ]
    for names, amount in candidates:
        if min(abs(gap - amount), abs(gap + amount)) < Decimal("0.005"):
            return f"That is to the cent: {' and '.join(name.lower() for name in names)}."
    return (
        "No single step explains it: compare the period, taxes and shipping, and whether returns "
        "and cancelled orders count in the figure you know."
    )
