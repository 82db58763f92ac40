"""All that the store holds of one customer, as a file to hand to them."""

import io
import zipfile
from datetime import date

import pandas as pd

from analytics.errors import NotEnoughDataError
from analytics.profile import words
from analytics.profile.catalogue import BY_NAME
from analytics.profile.record import Record, known, record
from analytics.store import Store, frame_csv

HELD = {
    "person": "what each import tells of the person",
    "orders": "every line of every order, whether it counts or not, and what becomes of it",
    "events": "everything they did",
    "experiments": "the experiments they were put into",
    "suppressions": "why they are left out of every list",
    "lists": "the uploaded lists they are on",
    "campaigns": "the campaigns they were chosen for, contacted or held out to compare with",
    "rounds": "what was recommended to them in each round, shown to them or kept back",
    "feedback": "what they, or the shop for them, said of products that were recommended",
    "matches": "which other ids are theirs, as matches say",
}
"""The tables of the file, each a query of its own, and what they hold."""
SAME_TIME = (1980, 1, 1, 0, 0, 0)
"""The date of every part of the archive, so that the same data give the same file."""


def export(
    store: Store,
    customer_id: str,
    as_of: date | None = None,
    *,
    scores: str | None = None,
    unit: str = "",
) -> bytes:
    """A zip file with everything the store holds of one customer, for a request of access.

    It has a readable `record.txt`, and complete, spreadsheet-safe CSV files of all records of
    the customer in any import, those that do not count included.

    Args:
        store: The shop.
        customer_id: Who.
        as_of: The day of the features and the segment; by default the day after the last order.
            The records are complete whatever the day.
        scores: The kept table of the RFM scores of that day, for the segment.
        unit: What money is called, or empty.

    Raises:
        AnalyticsError: The store holds nothing of such a customer.
    """
    known(store, customer_id)
    files = {
        f"{name}.csv": store.query(f"profile_held_{name}", customer_id=customer_id) for name in HELD
    }
    try:
        found = record(store, customer_id, as_of, scores=scores, unit=unit)
    except NotEnoughDataError:
        found = None
    if found is not None:
        files["features.csv"] = found.features[["name", "label", "value", "unit", "meaning"]]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        parts = {"record.txt": _readable(customer_id, found, files, unit).encode("utf-8")}
        parts |= {name: frame_csv(frame) for name, frame in files.items()}
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, SAME_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return packed.getvalue()


def _readable(
    customer_id: str, found: Record | None, files: dict[str, pd.DataFrame], unit: str
) -> str:
    """The record in words."""
    lines = [f"What the shop holds of customer {customer_id}", ""]
    if found is not None:
        lines += [f"{label}: {value}" for label, value in _said(found.person, unit)]
        lines += ["May be contacted: no, asked not to be"] if found.opted_out else []
        lines += ["", f"As of {words.day(found.as_of)}"]
        lines += [f"Segment: {found.segment}"] if found.segment else []
        lines += [f"{label}: {value}" for label, value in _said(found.features, unit)]
        lines += [""]
    lines += ["The files beside this one"]
    lines += [
        f"{name}.csv: {about} ({words.count(len(files[f'{name}.csv']), 'record')})"
        for name, about in HELD.items()
    ]
    if found is not None:
        lines += ["features.csv: what was worked out from them, with how"]
    return "\r\n".join([*lines, ""])


def _said(table: pd.DataFrame, unit: str) -> list[tuple[str, str]]:
    """Labels and values of a table of the record, in words."""
    return [
        (
            row["label"],
            words.say(BY_NAME[row["name"]], row["value"], unit)
            if "name" in table
            else str(row["value"]),
        )
        for _, row in table.iterrows()
    ]
