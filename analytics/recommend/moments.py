"""Earlier new products: what was known of customers before each, and who bought it.

Everything a launch is told by lies before its week, the seven days that hold its first order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from scipy import sparse

from analytics import rfm
from analytics.recommend.content import PARTS, Kin
from analytics.recommend.history import DECAY_DAYS, Floats, History, Ints
from analytics.store import Store

FIRST_DAYS = 28
"""Who buys a product within so many days of its first order is a buyer to be found."""
WARM_UP_DAYS = 84
"""What is first seen in the first weeks of the data may be old; it is no new product."""
STEP_DAYS = 7
FEWEST_BUYERS = 5
MOST_LAUNCHES = 400
LOOKED_AT = 20_000
SEED = 0
EPOCH = date(1970, 1, 1)

FEATURES = (*PARTS, "bought", "lately", "fresh")
"""What the blend looks at: the likeness of what they bought, and how much and how lately."""


@dataclass(frozen=True)
class Moment:
    """What was known of customers at a moment.

    Attributes:
        strength: Sparse, what each showed for each product; shape (customers, products).
        bought: Products each bought, orders of each counted; shape (customers,).
        lately: The same, each at exp(-days / 112).
        fresh: exp(-days / 112) of the last purchase; 0 without one.
    """

    strength: Any
    bought: Floats
    lately: Floats
    fresh: Floats


@dataclass(frozen=True)
class Launch:
    """A past launch: its moment's features, the rules' scores, and who bought it."""

    features: npt.NDArray[np.float32]
    rfm: Floats
    activity: Floats
    bought: npt.NDArray[np.bool_]


def features(moment: Moment, near: Floats) -> npt.NDArray[np.float32]:
    """What customers showed for the like of a product, and how active they are.

    Args:
        moment: What is known of the customers.
        near: What `Kin.to` gives, shape (products, parts).

    Returns:
        Shape (customers, features); mean 0 and spread 1 among those who bought anything, 0 where
        all are alike.
    """
    raw = np.column_stack([moment.strength @ near, moment.bought, moment.lately])
    raw = np.column_stack([np.log1p(np.maximum(raw, 0)), moment.fresh])
    among = raw[moment.bought > 0]
    if not len(among):
        return np.zeros(raw.shape, np.float32)
    spread = among.std(axis=0)
    steady = spread > 1e-9
    found = (raw - among.mean(axis=0)) / np.where(steady, spread, 1.0)
    return np.where(steady, found, 0.0).astype(np.float32)


def moment_of(history: History) -> Moment:
    """What a history tells of its customers."""
    since = history.days_since.tocsr()
    last = np.full(since.shape[0], np.inf)
    row = np.repeat(np.arange(since.shape[0]), np.diff(since.indptr))
    np.minimum.at(last, row, since.data.astype(float))
    bought, lately = (
        np.asarray(each.sum(axis=1), dtype=float).ravel()
        for each in (history.purchases, history.decayed)
    )
    return Moment(history.strength.astype(float), bought, lately, np.exp(-last / DECAY_DAYS))


def rfm_scores(totals: pd.DataFrame, customers: pd.Index) -> Floats:
    """R + F + M of each customer, 3 to 15, as the Segments page scores them; 0 without an order.

    Args:
        totals: What the query `customer_totals` returns.
        customers: Ids.
    """
    ordered = totals[totals["frequency"].to_numpy() > 0]
    found = np.zeros(len(customers))
    if ordered.empty:
        return found
    total = np.zeros(len(ordered), np.int64)
    for measure, sign in (("recency_days", -1), ("frequency", 1), ("monetary", 1)):
        values = sign * ordered[measure].to_numpy(dtype=float)
        total += rfm.steps(values, 5)
    places = customers.get_indexer(pd.Index(ordered["customer_id"].astype(str)))
    found[places[places >= 0]] = total[places >= 0]
    return found


def launches(
    store: Store, day: date, weights: Mapping[str, float]
) -> list[tuple[date, list[Launch]]]:
    """The earlier new products by week, the earliest first: the day all is known before, and each.

    A new product is one whose first order lies at least twelve weeks after the shop's first, and
    that at least five known customers bought within four weeks, all of them past. Of more than 400
    the latest count, and of more than 20,000 customers so many drawn at random.

    Args:
        store: The shop.
        day: Only what happened before it counts.
        weights: The weight of purchases and each kind of event.
    """
    products = store.query("launch_products", as_of=day)
    people = store.query("recommend_customers", as_of=day)
    if len(people) > LOOKED_AT:
        people = people.sample(LOOKED_AT, random_state=SEED).sort_index().reset_index(drop=True)
    first = pd.to_datetime(products["first_day"]).to_numpy(dtype="datetime64[D]")
    if np.isnat(first).all() or people.empty:
        return []
    lines = store.arrow(
        "recommend_days",
        tables={
            "people": _placed("customer_id", people),
            "things": _placed("product_id", products),
            "signals": pa.table(
                {
                    "signal": list(weights),
                    "thousandths": pa.array(
                        [round(1000 * weight) for weight in weights.values()], pa.int64()
                    ),
                }
            ),
        },
        as_of=day,
    )
    customer, product, purchases, strength = (
        lines.column(name).to_numpy().astype(np.int64)
        for name in ("customer", "product", "purchases", "strength")
    )
    when = lines.column("day").cast(pa.int32()).to_numpy().astype(np.int64)
    start = first.astype(np.int64)
    start[np.isnat(first)] = np.iinfo(np.int64).max // 2
    within = (purchases > 0) & (when < start[product] + FIRST_DAYS)
    pairs = np.unique(np.column_stack([product[within], customer[within]]), axis=0)
    buyers = np.bincount(pairs[:, 0], minlength=len(products))
    last = (day - timedelta(days=FIRST_DAYS) - EPOCH).days
    new = (start >= start.min() + WARM_UP_DAYS) & (start <= last) & (buyers >= FEWEST_BUYERS)
    chosen = np.flatnonzero(new)
    chosen = chosen[np.argsort(-start[chosen], kind="stable")][:MOST_LAUNCHES]
    kin, ids = Kin(products), pd.Index(people["customer_id"].astype(str))
    cuts = last - STEP_DAYS * (1 + (last - start) // STEP_DAYS) + 1
    steps = []
    for cut in np.unique(cuts[chosen]):
        before = when < cut
        moment = _moment(
            customer[before], product[before], cut - when[before], purchases[before],
            strength[before], (len(people), len(products)),
        )  # fmt: skip
        known = moment.bought > 0
        cut_day = EPOCH + timedelta(days=int(cut))
        rfm = rfm_scores(store.query("customer_totals", as_of=cut_day), ids)
        found = []
        for place in chosen[cuts[chosen] == cut]:
            bought = np.zeros(len(people), bool)
            bought[pairs[pairs[:, 0] == place, 1]] = True
            if 0 < bought[known].sum() < known.sum():
                parts = features(moment, kin.to(int(place)))
                found.append(Launch(parts[known], rfm[known], moment.lately[known], bought[known]))
        if found:
            steps.append((cut_day, found))
    return steps


def _moment(
    customer: Ints, product: Ints, days: Ints, purchases: Ints, strength: Ints, shape: Any
) -> Moment:
    """What lines tell that lie so many days back."""
    age = np.where(purchases > 0, np.exp(-days / DECAY_DAYS), 0.0)
    fresh = np.zeros(shape[0])
    np.maximum.at(fresh, customer, age)
    return Moment(
        sparse.csr_matrix((strength / 1000, (customer, product)), shape=shape),
        np.bincount(customer, purchases, shape[0]).astype(float),
        np.bincount(customer, purchases * age, shape[0]).astype(float),
        fresh,
    )


def _placed(key: str, frame: pd.DataFrame) -> pa.Table:
    ids = pa.array(frame[key], pa.string())
    return pa.table({key: ids, "place": pa.array(np.arange(len(frame)), pa.int64())})
