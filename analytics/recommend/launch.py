"""Whom to tell about a new product, one that nobody or hardly anybody has bought yet.

What customers bought of the like (words of the name, category, brand, price) and how active they
are, weighed as the shop's earlier new products taught; or the shopkeeper's rule, where that told
buyers as well.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from analytics.errors import AnalyticsError
from analytics.recommend.content import PARTS, Kin
from analytics.recommend.history import Floats, History, Ints, read
from analytics.recommend.launches import LABELS, WORDS, PastLaunches, past_launches
from analytics.recommend.moments import Moment, features, moment_of, rfm_scores
from analytics.store import Store

KINDRED = PARTS.index("price")
"""The parts before it can be pointed at; of a price range everyone buys something."""
COLUMNS = ("name", "category", "brand", "price")


@dataclass(frozen=True)
class NewProduct:
    """A product that is in no file yet.

    Attributes:
        name: Its name.
        category: As in the products file; empty where it has none.
        brand: Likewise.
        price: In money; None where not known.
    """

    name: str = ""
    category: str = ""
    brand: str = ""
    price: float | None = None


@dataclass(frozen=True)
class Launch:
    """Whom to tell about a new product.

    Attributes:
        customers: DataFrame customer_id, rank (from 1), score, reason; without those who bought
            it, do not want it, or of whom nothing is known.
        method: What their order follows: blend, rfm or activity.
        label: The same in words.
        verdict: Why, and what such lists were worth in the past.
        evidence: As in `PastLaunches`.
    """

    customers: pd.DataFrame
    method: str
    label: str
    verdict: str
    evidence: pd.DataFrame


def launch(
    store: Store,
    product: str | NewProduct,
    n: int = 1000,
    as_of: date | None = None,
    *,
    past: PastLaunches | None = None,
) -> Launch:
    """Choose the customers to tell about a new product, the likeliest buyers first.

    Args:
        store: The shop.
        product: Its id, or what is known of one that is in no file yet.
        n: How many customers, at most.
        as_of: Only what happened before this day counts; by default the day after the last order.
        past: What `past_launches` returned for the same day, where it has just been called.

    Raises:
        AnalyticsError: The product is not known, or `n` is not possible.
        NotEnoughDataError: No product is known, or nobody bought any.
    """
    if n < 1:
        raise AnalyticsError(f"A list of {n} customers is not possible.", "Choose 1 or more.")
    day = as_of or store.default_as_of()
    history = read(store, day)
    known = past or past_launches(store, day)
    new = _new(store, product, day)
    place = pd.Index(history.products["product_id"].astype(str)).get_indexer(
        pd.Index(new["product_id"])
    )[0]
    others = history.products[list(COLUMNS)].astype(object)
    near = Kin(pd.concat([others, new[list(COLUMNS)]], ignore_index=True)).to(len(others))[:-1]
    if place >= 0:
        near[place] = 0.0
    method, verdict = known.used, known.verdict
    moment = moment_of(history)
    if method == "blend" and not (moment.strength @ near[:, :-1]).any():
        method, verdict = known.rule, _nothing_alike(new, known.rule)
    scores = _scores(store, history, moment, near, method, known, day)
    active = (moment.bought > 0) | (np.asarray(moment.strength.sum(axis=1)).ravel() > 0)
    scores[~active] = -np.inf
    if method == "rfm":
        scores[scores == 0] = -np.inf
    if place >= 0:
        scores[_column(history.purchases, place) > 0] = -np.inf
        if history.unwanted is not None:
            scores[_column(history.unwanted, place) > 0] = -np.inf
    order = np.lexsort((-moment.lately, -scores))[:n]
    order = order[scores[order] > -np.inf]
    telling = _Telling(history, moment, near, new.iloc[0])
    return Launch(
        customers=pd.DataFrame(
            {
                "customer_id": history.customers["customer_id"].astype(str).to_numpy()[order],
                "rank": np.arange(1, len(order) + 1),
                "score": scores[order],
                "reason": pd.Series(
                    telling.reasons(order, method, known.weights, scores), dtype="str"
                ),
            }
        ),
        method=method,
        label=LABELS[method],
        verdict=verdict,
        evidence=known.evidence,
    )


def _new(store: Store, product: str | NewProduct, day: date) -> pd.DataFrame:
    """The product as one row: product_id (missing where typed), name, category, brand, price."""
    if isinstance(product, NewProduct):
        texts = {name: getattr(product, name).strip() or None for name in COLUMNS[:3]}
        price = np.nan if product.price is None else float(product.price)
        return pd.DataFrame([{"product_id": None, **texts, "price": price}]).astype(object)
    products = store.query("launch_products", as_of=day)
    found = products[products["product_id"].astype(str) == str(product)]
    if found.empty:
        raise AnalyticsError(
            f"The product “{product}” is neither in the products file nor in the orders.",
            "Choose another, or describe it by its name, category, brand and price.",
        )
    return found[["product_id", *COLUMNS]].astype(object)


def _column(matrix: Any, place: int) -> Floats:
    return np.asarray(matrix[:, [place]].toarray(), dtype=float).ravel()


def _nothing_alike(new: pd.DataFrame, rule: str) -> str:
    row = new.iloc[0]
    said = [name for name in COLUMNS[:3] if pd.notna(row[name]) and row[name]]
    if said:
        problem = (
            f"Customers have bought nothing that shares the {' or '.join(said)} of this product"
        )
        fix = "Use the words, category and brand that the products file uses"
    else:
        problem = "Neither name, category nor brand of this product is known"
        fix = "Add them to the products file, or type them"
    return f"{problem}. So customers come by {WORDS[rule]}. {fix} to find those who like the like."


def _scores(
    store: Store,
    history: History,
    moment: Moment,
    near: Floats,
    method: str,
    known: PastLaunches,
    day: date,
) -> Floats:
    if method == "blend" and known.weights is not None:
        return np.asarray(features(moment, near) @ known.weights, dtype=float)
    if method == "rfm":
        ids = pd.Index(history.customers["customer_id"].astype(str))
        return rfm_scores(store.query("customer_totals", as_of=day), ids)
    return moment.lately.copy()


class _Telling:
    """Says why a customer is on the list."""

    def __init__(self, history: History, moment: Moment, near: Floats, new: Any) -> None:
        self.history, self.moment, self.near, self.new = history, moment, near, new
        ids = history.products["product_id"].astype(str)
        names = history.products["name"].astype(object)
        self.names = names.where(names.notna() & (names != ""), ids).astype(str).to_numpy()
        self.like = np.asarray(history.purchases @ near, dtype=float)

    def reasons(self, rows: Ints, method: str, weights: Floats | None, scores: Floats) -> list[str]:
        """A sentence for each of some customers."""
        if method == "rfm":
            return [f"RFM score {scores[row]:.0f} of 15." for row in rows]
        if method == "activity" or weights is None:
            return [self._activity(int(row)) for row in rows]
        adds = (features(self.moment, self.near) * weights)[rows]
        return [self._why(int(row), line) for row, line in zip(rows, adds, strict=True)]

    def _why(self, row: int, adds: Floats) -> str:
        """What of the like speaks most for the customer; else how much they buy."""
        for place in np.argsort(-adds[:KINDRED], kind="stable"):
            text = self._of_part(row, int(place)) if adds[place] > 0 else ""
            if text:
                return text
        return self._activity(row)

    def _of_part(self, row: int, place: int) -> str:
        part, times = PARTS[place], self.like[row, place]
        if part == "words":
            own = self.history.strength[row].multiply(self.near[:, 0]).tocsr()
            if not own.nnz:
                return ""
            product = int(own.indices[np.argmax(own.data)])
            verb = "bought" if self.history.purchases[row, product] > 0 else "looked at"
            return f"They {verb} {self.names[product]}, which has a name like it."
        what = {
            "category": f"{self.new['category']} products",
            "brand": f"products of {self.new['brand']}",
            "category_and_brand": f"{self.new['category']} products of {self.new['brand']}",
        }[part]
        if times:
            often = "once" if times == 1 else "twice" if times == 2 else f"{times:,.0f} times"
            return f"They bought {what} {often}."
        return f"They looked at {what}." if self.history.strength[row] @ self.near[:, place] else ""

    def _activity(self, row: int) -> str:
        since = self.history.days_since[row].data
        if not len(since):
            return "They looked at products, and have not ordered yet."
        days = int(since.min())
        ago = "yesterday" if days == 1 else f"{days:,} days ago"
        count = self.moment.bought[row]
        if count == 1:
            return f"They bought one product so far, {ago}."
        return f"They bought {count:,.0f} products so far, the last one {ago}."
