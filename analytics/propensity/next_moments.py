"""What customers did, one thing after the other, and what came next.

Kinds of event become actions: `purchase` is called `buy`, a `click` is a `view` in shops that know
no views, and messages (shown, opened, clicked, unsubscribed from) are none, as nobody is in the
shop then. A purchase is an event where there are purchase events, else an order, never both (see
`journeys`). Kinds that hardly occur are one, `other`.

To leave is an action, too: where nothing follows within `SILENCE` the customer has left when that
time is over. So `leave` comes after a visit's last action, and what comes after a `leave` is how
the next visit begins. The log ends with its last moment: what follows an action is not known where
neither anything came nor the silence was over by then, nor what follows a leave where the customer
has not come back. Such steps teach nothing and judge nobody.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.errors import NotEnoughDataError
from analytics.journeys import steps as journey
from analytics.store import Store

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

SILENCE_US = 30 * 60 * 1_000_000
"""So much silence ends a visit, as in `journeys`: half an hour."""
LEAVE, OTHER, BUY = "leave", "other", "buy"
MESSAGES = ("impression", "open", "unsubscribe")
TAKEN = (
    *(LEAVE, OTHER, BUY, "customer_id", "next_action", "next_category", "last_action", "last_at"),
    "away",
)
"""Names that mean something else here; a shop's own kind of that name is an `… event`."""
MOST_KINDS = 8
RARE = 0.001
"""Kinds with fewer than one action in a thousand are `other`."""
UNKNOWN = -1


@dataclass(frozen=True)
class Steps:
    """What customers did; a customer's steps stand together, in the order of time.

    Attributes:
        actions: What each kind is called; `leave` is the last.
        customers: The customers' numbers, by code.
        categories: The categories' names, by code.
        customer: Code of the customer of each step, rising, shape (n,).
        at_us: When it was, microseconds since 1970, shop time; of a leave, when the silence was
            over.
        kind: Which action, shape (n,).
        product: Code of the product, `UNKNOWN` where there is none.
        category: Code of the category, likewise.
        follows: Which action came next, `UNKNOWN` where that is not known.
        known_us: When that was known.
    """

    actions: tuple[str, ...]
    customers: "pd.Index[Any]"
    categories: "pd.Index[Any]"
    customer: Ints
    at_us: Ints
    kind: Ints
    product: Ints
    category: Ints
    follows: Ints
    known_us: Ints

    @property
    def first(self) -> Ints:
        """Where each step's customer begins, shape (n,)."""
        return np.searchsorted(self.customer, self.customer)

    @property
    def last(self) -> Ints:
        """The places of the customers' last steps."""
        return np.flatnonzero(np.r_[self.customer[1:] != self.customer[:-1], True][: len(self)])

    def __len__(self) -> int:
        return len(self.customer)

    def where(self, chosen: Any) -> "Steps":
        """Some of the steps; those of a customer must stay in their order."""
        names = ("customer", "at_us", "kind", "product", "category", "follows", "known_us")
        return replace(self, **{name: getattr(self, name)[chosen] for name in names})

    def some(self, most: int, seed: int = 0) -> "Steps":
        """All steps of customers drawn at random, about so many in all."""
        if len(self) <= most:
            return self
        counts = np.bincount(self.customer, minlength=len(self.customers))
        order = np.random.default_rng(seed).permutation(len(counts))
        enough = int(np.searchsorted(np.cumsum(counts[order]), most)) + 1
        drawn = np.zeros(len(counts), bool)
        drawn[order[:enough]] = True
        return self.where(drawn[self.customer])


def read(store: Store, as_of: date) -> Steps:
    """What the shop's known customers did before a day.

    Raises:
        NotEnoughDataError: There are no events, or none of known customers.
    """
    kinds = store.query("journey_kinds", until_day=as_of)
    if not (kinds["source"] == "event").any():
        raise NotEnoughDataError(
            "What a customer does next is learnt from what people look at, put into the cart and "
            "buy; of that nothing is known before this day.",
            "Import the shop's event file on the Data page; orders alone do not tell it.",
        )
    table = store.arrow("next_moments", as_of=as_of, purchases=journey.purchases(kinds, "session"))
    return steps(table.to_pandas())


def steps(moments: pd.DataFrame) -> Steps:
    """Moments as steps.

    Args:
        moments: customer_id, at_us, event, product_id, category; in any order.

    Raises:
        NotEnoughDataError: Nobody did anything that counts.
    """
    named, actions = _actions(moments["event"])
    done = moments.assign(kind=named)[named >= 0]
    if done.empty:
        raise NotEnoughDataError(
            "The events tell of no known customer who did anything.",
            "Import events with customer numbers on the Data page.",
        )
    customer, customers = pd.factorize(done["customer_id"], sort=True)
    product, _ = pd.factorize(done["product_id"], sort=True)
    category, categories = pd.factorize(done["category"], sort=True)
    at_us, kind = done["at_us"].to_numpy(np.int64), done["kind"].to_numpy(np.int64)
    order = np.lexsort((product, kind, at_us, customer))
    coded = np.column_stack([customer, at_us, kind, product, category]).astype(np.int64)[order]
    unknown = np.full(len(order), UNKNOWN)
    bare = Steps(
        actions, pd.Index(customers), pd.Index(categories),
        customer=coded[:, 0], at_us=coded[:, 1], kind=coded[:, 2], product=coded[:, 3],
        category=coded[:, 4], follows=unknown, known_us=unknown,
    )  # fmt: skip
    return _with_leaves(bare)


def _actions(events: "pd.Series[Any]") -> tuple["pd.Series[Any]", tuple[str, ...]]:
    """Each event's action, -1 for none; and what actions are called, as they usually come."""
    counts = events.value_counts().drop(list(MESSAGES), errors="ignore")
    if "view" in counts:  # Else a click is what others call a view.
        counts = counts.drop("click", errors="ignore")
    counts = counts.rename({"click": "view"})
    named = sorted(counts.index, key=lambda name: (-counts[name], name))
    named = [name for name in named[:MOST_KINDS] if counts[name] >= RARE * counts.sum()]
    listed = sorted(named, key=journey.usual_place)
    codes = {name: place for place, name in enumerate(listed)}
    rare = [name for name in counts.index if name not in codes]
    codes |= dict.fromkeys(rare, len(listed))
    if "view" in codes and "view" not in set(events):
        codes["click"] = codes["view"]
    words = [
        BUY if name == journey.PURCHASE else f"{name} event" if name in TAKEN else str(name)
        for name in listed
    ]
    words += [OTHER] if rare else []
    return events.map(codes).fillna(-1).astype("int64"), (*words, LEAVE)


def _with_leaves(steps: Steps) -> Steps:
    """The same with the leaves in their places, and what followed each step."""
    leave, end = len(steps.actions) - 1, int(steps.at_us.max())
    same = np.r_[steps.customer[1:] == steps.customer[:-1], False]
    over = steps.at_us + SILENCE_US
    after = np.where(same, np.r_[steps.at_us[1:], 0], np.iinfo(np.int64).max)
    left = np.where(same, after > over, over <= end)
    places = np.flatnonzero(left)
    size = len(steps) + len(places)
    where = np.arange(len(steps)) + np.r_[0, np.cumsum(left)[:-1]]
    gone = where[places] + 1

    def merged(column: Ints, of_leaves: Any) -> Ints:
        whole = np.empty(size, np.int64)
        whole[where], whole[gone] = column, of_leaves
        return whole

    customer = merged(steps.customer, steps.customer[places])
    at_us = merged(steps.at_us, over[places])
    kind = merged(steps.kind, leave)
    goes_on = np.r_[customer[1:] == customer[:-1], False]
    return replace(
        steps,
        customer=customer,
        at_us=at_us,
        kind=kind,
        product=merged(steps.product, UNKNOWN),
        category=merged(steps.category, UNKNOWN),
        follows=np.where(goes_on, np.r_[kind[1:], 0], UNKNOWN),
        known_us=np.where(goes_on, np.r_[at_us[1:], 0], np.iinfo(np.int64).max),
    )
