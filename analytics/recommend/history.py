"""What each customer bought and looked at before a day, as sparse matrices.

Rows are customers and columns are products, in the order of their ids. Everything is as of a day:
nothing that happened on or after it is in, so that a later window can judge what is made of it.
Feedback of the day itself is in, too: it is given by those who look at the shop as of that day.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from scipy import sparse

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.recommend.feedback import THUMB_UP, feedback, feedback_version
from analytics.store import Store

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Scores = npt.NDArray[np.float32]
Job = Literal["discover", "again"]

SIGNALS: Mapping[str, float] = {"purchase": 1.0, "cart": 0.5, "view": 0.1}
"""What a purchase, and each kind of event, tells of a customer's taste, beside each other."""
RECENT_DAYS = 28
"""What sold in so many days is a recent best seller."""
DECAY_DAYS = 112
"""A purchase so long ago counts for 1/e of one today."""
JOBS: Mapping[Job, str] = {
    "discover": "Something new: only what a customer never bought",
    "again": "What they will buy next, what they bought before among it",
}
LONG_AGO = date(1, 1, 1)


@dataclass(frozen=True)
class History:
    """Who bought and liked what before a day.

    Attributes:
        as_of: The day.
        customers: DataFrame customer_id, baskets (orders); a row of the matrices each.
        products: DataFrame product_id, name, category, brand, price, cost, stock; a column each.
        strength: How much a customer showed for a product: purchases and events by their weights.
        purchases: Orders of it.
        decayed: Orders of it, each at exp(-days / 112).
        days_since: Days since the last order of it, at least 1, where there is one.
        recent: Customers who bought each product in the last 28 days, shape (products,).
        unwanted: Non-zero where a customer has given a product a thumb down or wants it never, so
            that no list of theirs names it; None where nobody has.
        feedback: What was said of products, as a short text that changes with it.
        sequence: Reads what each customer bought one after the other: their last so many moments
            of purchase, as the query `recommend_sequence` has them. None where nobody knows.
    """

    as_of: date
    customers: pd.DataFrame
    products: pd.DataFrame
    strength: Any
    purchases: Any
    decayed: Any
    days_since: Any
    recent: Floats
    unwanted: Any = None
    feedback: str = ""
    sequence: Callable[[int], pa.Table] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Customers and products."""
        return len(self.customers), len(self.products)

    @property
    def buyers(self) -> Floats:
        """Customers who ever bought each product, shape (products,)."""
        return np.bincount(self.purchases.indices, minlength=self.shape[1]).astype(float)


def check_job(job: str) -> None:
    """Refuse what is no job.

    Raises:
        AnalyticsError: It is neither `discover` nor `again`.
    """
    if job not in get_args(Job):
        raise AnalyticsError(f"There is no job “{job}”.", "Choose discover or again.")


def check_signals(signals: Mapping[str, float] | None) -> dict[str, float]:
    """The weight of each signal, a purchase's among them.

    Raises:
        AnalyticsError: A weight is negative, or none is positive.
    """
    weights = {"purchase": 0.0, **(SIGNALS if signals is None else signals)}
    for name, weight in weights.items():
        if not 0 <= weight < 1e6:
            raise AnalyticsError(
                f"The signal “{name}” has the weight {weight:g}.", "Choose a weight of 0 or more."
            )
    if not any(weights.values()):
        raise AnalyticsError("No signal has any weight.", "Give a purchase the weight 1.")
    return weights


def read(
    store: Store,
    as_of: date,
    signals: Mapping[str, float] | None = None,
    *,
    customers: pd.DataFrame | None = None,
) -> History:
    """What the store's customers did before a day, and what they said of products up to it.

    A thumb up counts as `THUMB_UP` beside the signals. For what a customer does not want, nothing
    they did counts as liking it; that they bought it stays known.

    Args:
        store: The shop.
        as_of: The day.
        signals: The weight of purchases and of each kind of event; `SIGNALS` by default.
        customers: Only these, rows of the query `recommend_customers`; all by default.

    Raises:
        NotEnoughDataError: No product is known, or nobody bought any.
        AnalyticsError: A weight is not possible.
    """
    weights = check_signals(signals)
    people = store.query("recommend_customers", as_of=as_of) if customers is None else customers
    products = store.query("recommend_products", as_of=as_of)
    if products.empty:
        raise NotEnoughDataError(
            f"No product is known before {as_of.day} {as_of:%B %Y}: the orders do not say what was "
            "bought.",
            "Import an order file that has a column with the product, or choose a later day.",
        )
    pairs = _pairs(store, people, products, weights, LONG_AGO, as_of)
    shape = (len(people), len(products))

    def matrix(values: npt.NDArray[Any], among: npt.NDArray[np.bool_]) -> Any:
        places = (pairs["customer"][among], pairs["product"][among])
        return sparse.csr_matrix((values[among], places), shape=shape)

    bought = pairs["purchases"] > 0
    if not bought.any():
        raise NotEnoughDataError(
            f"Nobody bought a product before {as_of.day} {as_of:%B %Y}.",
            "Import orders that name the customer and the product, or choose a later day.",
        )
    liked = pairs["strength"] > 0
    lately = pairs["recent"] > 0
    said = feedback(store, as_of)
    strength = matrix((pairs["strength"] / 1000).astype(np.float32), liked)
    unwanted = None
    if len(said):
        strength, unwanted = _told(said, people, products, strength)
    return History(
        as_of=as_of,
        customers=people,
        products=products,
        strength=strength,
        purchases=matrix(pairs["purchases"].astype(np.float32), bought),
        decayed=matrix(pairs["decayed"] / 1e9, bought),
        days_since=matrix(np.maximum(pairs["days_since_last"], 1).astype(np.float32), bought),
        recent=np.bincount(pairs["product"][lately], minlength=shape[1]).astype(float),
        unwanted=unwanted,
        feedback=feedback_version(said),
        sequence=partial(_sequence, store, people, products, as_of),
    )


def _told(
    said: pd.DataFrame, people: pd.DataFrame, products: pd.DataFrame, strength: Any
) -> tuple[Any, Any]:
    """What is liked once feedback counts, and where a product is not wanted (None: nowhere)."""
    customer = pd.Index(people["customer_id"]).get_indexer(pd.Index(said["customer_id"]))
    product = pd.Index(products["product_id"]).get_indexer(pd.Index(said["product_id"]))
    known = (customer >= 0) & (product >= 0)
    up = known & (said["verdict"] == "up").to_numpy()
    other = known & ~up

    def ones(among: npt.NDArray[np.bool_]) -> Any:
        places = (customer[among], product[among])
        return sparse.csr_matrix((np.ones(among.sum(), np.float32), places), shape=strength.shape)

    unwanted = ones(other)
    liked = (strength + ones(up) * np.float32(THUMB_UP)).tocsr()
    liked = (liked - liked.multiply(unwanted)).tocsr()
    liked.eliminate_zeros()
    return liked, unwanted if unwanted.nnz else None


def bought_between(store: Store, history: History, until: date) -> Any:
    """What the history's customers bought of its products from its day to the day before another.

    Products that nobody knew before are left out: no method could have named them.

    Returns:
        Matrix of 1 where a customer bought a product, shape (customers, products).
    """
    pairs = _pairs(
        store, history.customers, history.products, {"purchase": 1.0}, history.as_of, until
    )
    bought = pairs["purchases"] > 0
    places = (pairs["customer"][bought], pairs["product"][bought])
    return sparse.csr_matrix((np.ones(len(places[0]), np.float32), places), shape=history.shape)


def _pairs(
    store: Store,
    people: pd.DataFrame,
    products: pd.DataFrame,
    weights: Mapping[str, float],
    from_day: date,
    as_of: date,
) -> dict[str, npt.NDArray[Any]]:
    """The columns of the query `recommend_pairs`."""
    thousandths = [round(1000 * weight) for weight in weights.values()]
    tables = {
        "people": _placed("customer_id", people),
        "things": _placed("product_id", products),
        "signals": pa.table(
            {"signal": list(weights), "thousandths": pa.array(thousandths, pa.int64())}
        ),
    }
    found = store.arrow("recommend_pairs", tables=tables, from_day=from_day, as_of=as_of)
    return {
        name: found.column(name).combine_chunks().fill_null(0).to_numpy(zero_copy_only=False)
        for name in found.column_names
    }


def _sequence(
    store: Store, people: pd.DataFrame, products: pd.DataFrame, as_of: date, baskets: int
) -> pa.Table:
    """The rows of the query `recommend_sequence`."""
    tables = {"people": _placed("customer_id", people), "things": _placed("product_id", products)}
    return store.arrow("recommend_sequence", tables=tables, as_of=as_of, baskets=baskets)


def _placed(key: str, frame: pd.DataFrame) -> pa.Table:
    """Ids and their places."""
    ids = pa.array(frame[key], pa.string())
    return pa.table({key: ids, "place": pa.array(np.arange(len(frame)), pa.int64())})


def days_before(day: date, days: int) -> date:
    """The day so many days earlier."""
    return day - timedelta(days=days)
