"""Everybody's next action, kept in the store for lists and downloads."""

import json
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import sklearn

from analytics import pytorch
from analytics.propensity.next_fit import next_action
from analytics.propensity.next_report import NextAction, NextReport, from_text, to_text
from analytics.store import Store

CODE_VERSION = 1
NAMES = ("next_action", "next_action_report")


@dataclass(frozen=True)
class KeptNext:
    """What was found, kept in the store.

    Attributes:
        table: The name to hand to `store.query(tables={"next_actions": …})`, a row a customer and
            action: customer_id, action, probability (0 to 1), next_category (missing: unknown),
            last_action, last_at, away (whether they have left since).
        report: How well it is foretold.
    """

    table: str
    report: NextReport


def keep_next(store: Store, as_of: date | None = None) -> KeptNext:
    """What `next_action` finds as a kept table of the store, made only if it is not there yet.

    Raises:
        NotEnoughDataError: As for `next_action`.
    """
    if held := find_next(store, as_of):
        return held
    day = as_of or store.default_as_of()
    stamp = _stamp(store, day)
    found = next_action(store, day)
    table = store.keep(NAMES[0], stamp, _long(found))
    store.keep(NAMES[1], stamp, pa.table({"content": [to_text(found)]}))
    return KeptNext(table, found)


def find_next(store: Store, as_of: date | None = None) -> KeptNext | None:
    """The same where it is kept already, else None."""
    stamp = _stamp(store, as_of or store.default_as_of())
    table, report = (store.kept(name, stamp) for name in NAMES)
    if table is None or report is None:
        return None
    text = store.query("propensity_report", tables={"report": report})["content"].iloc[0]
    return KeptNext(table, from_text(str(text)))


def _stamp(store: Store, day: date) -> str:
    made_by = [CODE_VERSION, sklearn.__version__, pytorch.version()]
    return json.dumps([store.version, str(day), made_by])


def _long(found: NextAction) -> pa.Table:
    """A row a customer and action."""
    own = ["customer_id", "next_category", "last_action", "last_at", "away"]
    frame = found.states.melt(own, list(found.actions), "action", "probability")
    types = {"next_category": "string", "action": "string", "last_action": "string"}
    return pa.Table.from_pandas(frame.astype(types), preserve_index=False)
