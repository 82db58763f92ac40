"""What was found about next actions: who foretells them, how well, and what it says of whom."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from analytics.evaluate import Verdict

FRAMES = ("table", "moves", "categories")


@dataclass(frozen=True)
class NextReport:
    """All of it but the customers' own figures.

    Attributes:
        as_of: Only what happened before this day counts.
        actions: What can come next, as it usually does; `leave` is the last.
        winner: The way in use.
        label: The same in words.
        verdict: The best model beside the rule, a Markov chain over single actions; its interval
            allows for so many models having been tried.
        table: DataFrame, the best first: method, label, kind (model or rule), used; log_loss,
            macro_f1, and of each action recall_…, auc_…, found_…; last accuracy; each with _lo and
            _hi (95%); settings. The network's figures are missing where it is not installed.
        moves: DataFrame action, next_action, steps, share (of what follows the action, 0 to 1).
        categories: As `next_category.judge` returns it; empty with too little.
        notes: What to know before believing it, in sentences.
        customers: How many have ever done anything.
        learnt_steps: Steps learnt from.
        judged_steps: Steps judged.
        judged_customers: Whose they were.
        judged_from: The day from which on was judged.
    """

    as_of: date
    actions: tuple[str, ...]
    winner: str
    label: str
    verdict: Verdict
    table: pd.DataFrame
    moves: pd.DataFrame
    categories: pd.DataFrame
    notes: tuple[str, ...]
    customers: int
    learnt_steps: int
    judged_steps: int
    judged_customers: int
    judged_from: date


@dataclass(frozen=True)
class NextAction(NextReport):
    """It all, with every customer's figures.

    Attributes:
        states: DataFrame, a row a customer: customer_id, one column an action (the probability
            that it comes next, 0 to 1), next_action (the likeliest), next_category (missing:
            unknown), last_action, last_at, away (whether they have left since).
    """

    states: pd.DataFrame

    def predict(self, customer_ids: Iterable[str] | None = None) -> pd.DataFrame:
        """What customers will do next.

        Args:
            customer_ids: Whom to tell of, by default all.

        Returns:
            As `states`, in the order asked; missing values for those who have done nothing.
        """
        if customer_ids is None:
            return self.states.copy()
        asked = pd.Index(list(customer_ids), dtype=object, name="customer_id")
        return self.states.set_index("customer_id").reindex(asked).reset_index()


def to_text(report: NextReport) -> str:
    """A report as JSON."""
    said: dict[str, Any] = {}
    for field in fields(NextReport):
        value = getattr(report, field.name)
        if isinstance(value, pd.DataFrame):
            value = {"columns": list(value.columns), "rows": _rows(value)}
        elif isinstance(value, date):
            value = value.isoformat()
        elif isinstance(value, Verdict):
            value = vars(value)
        said[field.name] = value
    return json.dumps(said)


def from_text(text: str) -> NextReport:
    """The report that was written as JSON."""
    said = json.loads(text)
    frames = {
        name: pd.DataFrame(said[name]["rows"], columns=said[name]["columns"]) for name in FRAMES
    }
    days = {name: date.fromisoformat(said[name]) for name in ("as_of", "judged_from")}
    tuples = {name: tuple(said[name]) for name in ("actions", "notes")}
    return NextReport(**{**said, **frames, **days, **tuples, "verdict": Verdict(**said["verdict"])})


def _rows(frame: pd.DataFrame) -> list[list[Any]]:
    """Rows of plain numbers and texts; JSON writes what is missing as NaN."""
    return [
        [each.item() if isinstance(each, np.generic) else each for each in row]
        for row in frame.itertuples(index=False, name=None)
    ]
