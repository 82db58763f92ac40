"""Which offers may be made to whom, from a file of what each is expected to bring."""

import csv
import hashlib
import io
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.campaign.offers import Allocation
from analytics.errors import FileError
from analytics.store import Store

COLUMNS = ("customer_id", "offer", "expected_margin", "cost")
NUMBERS = ("expected_margin", "cost", "propensity")


@dataclass(frozen=True)
class Candidates:
    """Offers that may be made.

    Attributes:
        frame: DataFrame for `allocate`: customer_id, offer, expected_margin, cost, and propensity
            where the file has it; whoever must not be addressed is not in it.
        customers: People in the file.
        opted_out: Those of them left out because they asked not to be contacted.
        unknown: Those left out because the shop does not know them.
        repeated: Records left out because an earlier one names the same offer for the same person.
    """

    frame: pd.DataFrame
    customers: int
    opted_out: int
    unknown: int
    repeated: int


def read_candidates(store: Store, contents: bytes, features: str) -> Candidates:
    """Read a CSV file of offers and leave out whoever must not get one.

    Args:
        store: The shop.
        contents: A UTF-8 CSV with a header: customer_id, offer, expected_margin, cost, and
            optionally propensity (0 to 1). A cost may be empty: none.
        features: The kept table of `profile.keep`.

    Raises:
        FileError: It is no such file, or a figure in it cannot be read.
    """
    found = _read(contents)
    ids = found["customer_id"]
    picked = pa.table({"customer_id": pa.array(sorted(set(ids)), pa.string())})
    people = store.query("offer_people", tables={"picked": picked, "features": features}).set_index(
        "given_id"
    )
    own = people.loc[ids]
    each = people.drop_duplicates("customer_id")
    may = (own["known"] & ~own["opted_out"]).to_numpy(dtype=bool)
    frame = found.assign(customer_id=own["customer_id"].to_numpy())[may]
    allowed = len(frame)
    frame = frame.drop_duplicates(["customer_id", "offer"], ignore_index=True)
    refused = each["opted_out"].to_numpy(dtype=bool)
    unknown = ~each["known"].to_numpy(dtype=bool) & ~refused
    return Candidates(
        frame, len(each), int(refused.sum()), int(unknown.sum()), allowed - len(frame)
    )


def keep_chosen(store: Store, found: Allocation) -> str:
    """Keep who gets what, for lists; the name to hand to `offer_list` as `chosen`."""
    digest = hashlib.sha256(found.chosen.to_csv(index=False).encode()).hexdigest()
    stamp = f"{store.version}_{digest}"
    return store.kept("offers", stamp) or store.keep("offers", stamp, found.chosen)


def _read(contents: bytes) -> pd.DataFrame:
    """The file's columns, numbers as numbers."""
    try:
        text = contents.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(
            "The file of offers is not in UTF-8.", "Save it as “CSV UTF-8” and upload it again."
        ) from error
    rows = [row for row in csv.reader(io.StringIO(text)) if row]
    header = [name.strip().lower().replace(" ", "_") for name in rows[0]] if rows else []
    missing = [name for name in COLUMNS if name not in header]
    if missing or len(set(header)) < len(header):
        raise FileError(
            f"The file of offers has no column {', '.join(f'“{name}”' for name in missing)}."
            if missing
            else "The file of offers has two columns of one name.",
            f"Name its columns {', '.join(COLUMNS)}, and propensity where it is known.",
        )
    wrong = next((at for at, row in enumerate(rows, 1) if len(row) != len(header)), None)
    if wrong:
        raise FileError(
            f"Record {wrong:,} of the file of offers has {len(rows[wrong - 1])} values, not "
            f"{len(header)}.",
            "Mend it and upload the file again.",
        )
    frame = pd.DataFrame(rows[1:], columns=header).map(str.strip)
    if frame.empty or (frame[["customer_id", "offer"]] == "").any(axis=None):
        raise FileError(
            "The file of offers has no record."
            if frame.empty
            else "A record of the file of offers names no customer or no offer.",
            "Mend it and upload the file again.",
        )
    frame["cost"] = frame["cost"].replace("", "0")
    kept = [*COLUMNS, *(["propensity"] if "propensity" in header else [])]
    for name in NUMBERS:
        if name in kept:
            frame[name] = _numbers(frame[name], name)
    return frame[kept]


def _numbers(texts: "pd.Series[str]", name: str) -> "pd.Series[float]":
    """A column of numbers.

    Raises:
        FileError: One is none.
    """
    values = pd.to_numeric(texts, errors="coerce").astype(float)
    wrong = ~np.isfinite(values.to_numpy())
    if wrong.any():
        at = int(np.argmax(wrong))
        raise FileError(
            f"Record {at + 2:,} of the file of offers: “{texts.iloc[at][:40]}” in {name} is no "
            "number.",
            "Write numbers as in 12.50, without currency signs.",
        )
    return values
