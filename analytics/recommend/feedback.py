"""What customers, or the shop for them, say of recommended products, and what follows from it.

A thumb up weighs as much as a purchase, a thumb down takes the product out of that customer's lists
and what they showed for it weighs nothing: both from the next time a method learns as of that day
or a later one. "Never" does the same and holds at once, whatever the day.
"""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal, get_args

import pandas as pd

from analytics.errors import AnalyticsError
from analytics.store import Store
from analytics.store.feedback import write_feedback

Verdict = Literal["up", "down", "never"]
VERDICTS: Mapping[Verdict, str] = {
    "up": "Good: more like this",
    "down": "Not for them: left out from the next time on",
    "never": "Never show: left out at once and for good",
}
THUMB_UP = 1.0
"""What a thumb up tells of a customer's taste, beside `SIGNALS`: as much as a purchase."""


def give_feedback(
    store: Store,
    customer_id: str,
    product_id: str,
    verdict: Verdict,
    *,
    day: date,
    at: datetime,
) -> None:
    """Write down what is said of a product for a customer; it replaces what was said before.

    Args:
        store: The shop.
        customer_id: Who.
        product_id: What was, or might be, recommended to them.
        verdict: `up`, `down` or `never`.
        day: The shop's day it is said on: thumbs count for what is learnt as of this day or later.
        at: The moment.

    Raises:
        AnalyticsError: There is no such verdict, or an id is empty.
    """
    if verdict not in get_args(Verdict):
        raise AnalyticsError(
            f"There is no feedback “{verdict}”.", f"Choose one of {', '.join(VERDICTS)}."
        )
    if not (str(customer_id).strip() and str(product_id).strip()):
        raise AnalyticsError("Feedback needs a customer and a product.", "Give the number of both.")
    write_feedback(store, str(customer_id), str(product_id), verdict, day, at)


def take_back(store: Store, customer_id: str, product_id: str) -> None:
    """Undo what was said of a product for a customer, under whatever id of theirs."""
    write_feedback(store, str(customer_id), str(product_id), None)


def feedback(store: Store, as_of: date | None = None) -> pd.DataFrame:
    """What stands of each customer and product.

    Args:
        store: The shop.
        as_of: Only what was said on this day or before; by default all.

    Returns:
        DataFrame customer_id, product_id, verdict, day, given_at. Of a person with several ids
        that were matched, `never` stands whatever was said beside it, else what was said last.
    """
    found = store.query("recommend_feedback")
    if as_of is not None:
        found = found[pd.to_datetime(found["day"]) <= pd.Timestamp(as_of)]
    return found.reset_index(drop=True)


def never_shown(store: Store) -> pd.DataFrame:
    """What must not be shown to whom, for `exclude` of a model's lists.

    Returns:
        DataFrame customer_id, product_id.
    """
    found = feedback(store)
    never = found.loc[found["verdict"] == "never", ["customer_id", "product_id"]]
    return never.reset_index(drop=True)


def feedback_version(said: pd.DataFrame) -> str:
    """A short text that changes with what is said, and is the same again once that is undone."""
    columns = [name for name in ("customer_id", "product_id", "verdict") if name in said]
    rows = said[columns].astype(str).to_numpy().tolist()
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:12] if rows else ""
