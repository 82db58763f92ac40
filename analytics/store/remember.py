"""The mapping of a file layout, remembered for the next file of that layout."""

import json
from dataclasses import replace

from analytics.store.inspect import Look
from analytics.store.store import Store


def as_before(store: Store, look: Look) -> Look:
    """The look with what was chosen when a file with the same columns was last imported."""
    for choices in reversed(store.batches()["choices"].tolist()):
        then = json.loads(choices)
        if then["columns"] != look.columns or then["header"] != look.header:
            continue
        before = look.replace(
            table=then["table"], mapping=then["mapping"], also=then["also"], grain=then["grain"]
        )
        same = (before.table, before.mapping, before.also, before.grain) == (
            look.table, look.mapping, look.also, look.grain
        )  # fmt: skip
        if same:
            return look
        note = "Read as the last file with these columns was; please check."
        return replace(before, problems=[*before.problems, note])
    return look
