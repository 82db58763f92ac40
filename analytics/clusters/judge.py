"""Do the clusters say more of the future than the simple segments do?

Clusters are found as of 180 days before the as-of day, and each is given the mean revenue that its
customers brought in the next 90. Ninety days later every customer is put into a cluster anew, and
the ranking by those means is held against what really came in the last 90 days, which nothing has
seen. The rule is the same with the RFM segments in the place of the clusters.
"""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics import profile, rfm
from analytics.clusters.group import Labels
from analytics.clusters.prepare import Matrix
from analytics.errors import NotEnoughDataError
from analytics.evaluate import Verdict, compare
from analytics.store import Store

DAYS = 90
FEWEST_BUYERS = 30
"""Customers who bought in the window that judges; with fewer nothing can be told."""

Assign = Callable[[pd.DataFrame], Labels]


def judge(
    store: Store, as_of: date, fitted: Callable[[pd.DataFrame], Assign], seed: int
) -> Verdict:
    """Hold the clusters' ranking of customers against the RFM segments'.

    Args:
        store: The shop.
        as_of: The day the future ends.
        fitted: Finds clusters in customers' features and returns what puts any customers into them.
        seed: For the resampling.

    Raises:
        NotEnoughDataError: The shop is too young, or too few bought in the window that judges.
    """
    learnt_on, judged_on = (as_of - timedelta(days=days) for days in (2 * DAYS, DAYS))
    try:
        before, now = (_buyers(store, day) for day in (learnt_on, judged_on))
        segments = [
            rfm.score(store, day).set_index("customer_id") for day in (learnt_on, judged_on)
        ]
        assign = fitted(before)
    except NotEnoughDataError as error:
        raise NotEnoughDataError(
            "Whether the clusters say anything of the future cannot be told yet: there are too few "
            f"orders before {learnt_on.day} {learnt_on:%B %Y}.",
            f"It takes {2 * DAYS} days of orders after the first ones.",
        ) from error
    earlier, later = (
        _revenue(store, start, start + timedelta(days=DAYS), frame["customer_id"])
        for start, frame in ((learnt_on, before), (judged_on, now))
    )
    if (buyers := int((later > 0).sum())) < FEWEST_BUYERS:
        raise NotEnoughDataError(
            "Whether the clusters say anything of the future cannot be told yet: only "
            f"{buyers} known customers bought again in the last {DAYS} days.",
            f"It takes {FEWEST_BUYERS}.",
        )
    by_cluster = pd.Series(earlier).groupby(assign(before)).mean()
    of_segment = segments[0].loc[before["customer_id"], "segment"].to_numpy()
    by_segment = pd.Series(earlier).groupby(of_segment).mean()
    expected = by_cluster.reindex(assign(now)).fillna(earlier.mean()).to_numpy()
    by_rule = by_segment.reindex(segments[1].loc[now["customer_id"], "segment"])
    return compare(
        later, expected, by_rule.fillna(earlier.mean()).to_numpy(),
        model="These clusters", rule="the RFM segments",
        outcome=f"revenue of the next {DAYS} days", seed=seed,
    )  # fmt: skip


def _buyers(store: Store, day: date) -> pd.DataFrame:
    found = profile.features(store, day)
    buyers: pd.DataFrame = found[found["orders"] > 0].reset_index(drop=True)
    if len(buyers) < FEWEST_BUYERS:
        raise NotEnoughDataError("Too few customers had ordered.", "Choose a later day.")
    return buyers


def _revenue(store: Store, start: date, end: date, customers: "pd.Series[str]") -> Matrix:
    """What each of these customers brought from one day to before another, 0 for nothing."""
    brought = store.query("revenue_between", start=start, end=end).set_index("customer_id")
    revenue = brought["revenue"].astype(float).reindex(customers).fillna(0.0)
    return np.asarray(revenue, dtype=np.float64)
