"""What is asked of each customer, of whom, and on which days the past can answer it.

A cut-off is a day on which the question could have been asked: features from before it, the answer
from the `days` from it on. The last whole window before the as-of day is kept for judging; those
for learning end where it begins, so that nothing of the judged days is known. Rows are never split
at random, because a customer's rows of several days are much alike.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store

Kind = Literal["order", "lapse", "category", "product"]
Asked = Literal["order", "lapse"] | tuple[str, str]

LONGEST_DAYS = 365
APART_DAYS = 30
"""Days between cut-offs, where the data go back far enough; else the days asked for, if fewer."""
LEARNT_FROM = 7
"""Cut-offs to learn from, at most."""
FEWEST_LEARNT_FROM = 4
ACTIVE_DAYS = 90
"""Who ordered in the last so many days, or twice the days asked for, counts as active."""


@dataclass(frozen=True)
class Target:
    """A question about each customer.

    Attributes:
        kind: `order` (anything), `category`, `product`, or `lapse` (an active customer who does
            not order).
        of: Which category or product.
        days: Within how many days.
    """

    kind: Kind
    of: str | None
    days: int

    @property
    def words(self) -> str:
        """What they do, in words, as in `buy “Coffee” in the next 30 days`."""
        what = {
            "order": "order",
            "lapse": "order nothing",
            "category": f"buy from “{self.of}”",
            "product": f"buy “{self.of}”",
        }[self.kind]
        return f"{what} in the next {self.days} days"

    @property
    def filters(self) -> dict[str, Any]:
        """The parameters of the queries that count what is asked for."""
        return {
            "category": self.of if self.kind == "category" else None,
            "product_id": self.of if self.kind == "product" else None,
        }

    @property
    def active_days(self) -> int:
        """How long ago the last order of an active customer may lie."""
        return max(ACTIVE_DAYS, 2 * self.days)


def parse(store: Store, asked: Asked, days: int, as_of: date) -> Target:
    """The question, checked.

    Raises:
        AnalyticsError: There is no such question, category or product.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise AnalyticsError(f"{days} days are not possible.", f"Choose 1 to {LONGEST_DAYS}.")
    if asked == "order" or asked == "lapse":
        return Target(asked, None, days)
    if not (isinstance(asked, tuple) and len(asked) == 2 and asked[0] in ("category", "product")):
        raise AnalyticsError(
            f"“{asked}” cannot be foretold.",
            "Ask for “order”, “lapse”, a category or a product.",
        )
    kind, of = asked
    sold = store.query("propensity_choices", as_of=as_of)
    if of not in set(sold.loc[sold["kind"] == kind, "of"]):
        raise AnalyticsError(
            f"Nobody has bought from a {kind} called “{of}” so far.",
            f"Choose a {kind} with orders before {as_of.day} {as_of:%B %Y}.",
        )
    return Target("category" if kind == "category" else "product", of, days)


def cut_offs(store: Store, target: Target, as_of: date) -> list[date]:
    """The days to learn from, earliest first, and last the day to judge by.

    Raises:
        NotEnoughDataError: There are no orders, or too few days of them.
    """
    tables = store.tables().set_index("table")
    first = tables["first_day"]["orders"]
    if pd.isna(first):
        raise NotEnoughDataError(
            "There are no orders, so nobody can be seen to buy.",
            "Import an order file on the Data page.",
        )
    seen = [day for day in (first, tables["first_day"]["events"]) if not pd.isna(day)]
    begin = pd.Timestamp(min(seen)).date()
    window = timedelta(days=target.days)
    judged = as_of - window
    # A customer needs a past to be known by: as long as the window, but no longer than a season.
    earliest = begin + timedelta(days=min(target.days, APART_DAYS))
    for apart in (APART_DAYS, min(target.days, APART_DAYS)):
        latest = judged - window
        places = ((latest - earliest).days // apart) + 1 if latest >= earliest else 0
        if places >= FEWEST_LEARNT_FROM:
            break
    if places < 1:
        known = max((as_of - begin).days, 0)
        needed = 2 * target.days + min(target.days, APART_DAYS)
        raise NotEnoughDataError(
            f"The data go back {known:,} {'day' if known == 1 else 'days'} before {as_of.day} "
            f"{as_of:%B %Y}; to learn and to judge what comes in {target.days} days takes "
            f"{needed:,}.",
            "Choose fewer days, a later day, or import earlier orders.",
        )
    learnt = [latest - timedelta(days=apart * place) for place in range(min(places, LEARNT_FROM))]
    return [*sorted(learnt), judged]


def outcomes(
    store: Store, target: Target, cut_off: date, customers: "pd.Series[Any]"
) -> npt.NDArray[np.float64]:
    """Whether each customer did it in the window from the cut-off on: 1 or 0, shape (n,)."""
    found = store.query(
        "propensity_outcomes",
        from_day=cut_off,
        until_day=cut_off + timedelta(days=target.days),
        **target.filters,
    )
    ordered = set(found.loc[found["orders"] > 0, "customer_id"])
    did = customers.isin(ordered).to_numpy()
    return (~did if target.kind == "lapse" else did).astype(float)
