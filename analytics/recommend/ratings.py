"""What customers would rate products, where the shop has ratings from 1 to 5.

Judged on the latest fifth of the ratings by RMSE, the root of the mean squared error, beside means
and biases, which are the rules here: a factorisation is used only where its lead over the better of
them is clear. Parameters are chosen on the fifth before that. Intervals come from resampling
customers, whose ratings hang together (Field & Welsh, Bootstrapping clustered data, 2007).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from threadpoolctl import threadpool_limits

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.recommend import explicit
from analytics.recommend.explicit import LEAST, MOST, Known, Sum
from analytics.recommend.history import Floats
from analytics.store import Store

RatingMethod = Literal["mean", "product", "bias", "als", "svd"]
RATING_METHODS: Mapping[RatingMethod, str] = {
    "mean": "The mean of all ratings",
    "product": "The mean of the product's ratings",
    "bias": "How the customer rates and the product is rated",
    "als": "Matrix factorisation of ratings (ALS)",
    "svd": "Matrix factorisation of ratings (SVD)",
}
"""What foretells ratings; the first three are the rules."""
RATING_RULES: tuple[RatingMethod, ...] = ("mean", "product", "bias")
FEWEST_RATINGS = 50
FEWEST_JUDGED = 5
"""Customers whose ratings judge."""
LAST_SHARE = 0.2
RESAMPLES = 2_000
SEED = 0
Learn = Callable[[Known], Sum]
GRIDS: Mapping[str, Mapping[str, Learn]] = {
    "mean": {"": explicit.mean},
    "product": {"": explicit.product_mean},
    "bias": {"": explicit.biases},
    "als": {
        f"{factors} factors, regularisation {penalty:g}": partial(
            explicit.als, factors=factors, regularisation=penalty
        )
        for factors in (2, 8)
        for penalty in (0.05, 0.1, 0.3)
    },
    "svd": {
        f"{factors} factors, softening {softening:g}": partial(
            explicit.svd, factors=factors, softening=softening
        )
        for factors in (2, 8)
        for softening in (0.1, 0.3, 0.6)
    },
}
"""What is tried of each method, by its parameters in words."""


@dataclass(frozen=True)
class Ratings:
    """What is foretold of ratings, and how well.

    Attributes:
        method: The method in use.
        label: The same in words.
        parameters: Its parameters in words.
        winner: The best method that clearly beats the rules, or the better rule.
        verdict: The same in words.
        table: A row a method, the best first: method, label, parameters; rmse, rmse_lo, rmse_hi,
            mae (points, of the ratings that judge; with 95% intervals); lead, lead_lo, lead_hi
            (how much lower its RMSE is than the better rule's; the intervals hold together; NaN
            for the rules).
        as_of: Only what was rated before this day counts.
        from_day: The first day of the ratings that judge.
        ratings: How many ratings it has learnt from in the end, all that are known.
        judged: How many of them judged.
        left_out: How many were no number from 1 to 5.
        customers: Who has rated, in the order of the ids.
        products: What was rated.
    """

    method: RatingMethod
    label: str
    parameters: str
    winner: RatingMethod
    verdict: str
    table: pd.DataFrame
    as_of: date
    from_day: date
    ratings: int
    judged: int
    left_out: int
    customers: pd.Index
    products: pd.Index
    learnt: Sum

    def predict(self, customer_ids: Any, product_ids: Any) -> Floats:
        """What customers would rate products.

        Args:
            customer_ids: Customers, shape (n,), or one for all products.
            product_ids: Products, shape (n,), or one for all customers.

        Returns:
            Ratings from 1 to 5, shape (n,). Of a customer or product without ratings only what is
            known of the other counts.

        Raises:
            AnalyticsError: There are neither as many customers as products, nor one of either.
        """
        who, what = _ids(customer_ids), _ids(product_ids)
        if len(who) != len(what) and 1 not in (len(who), len(what)):
            raise AnalyticsError(
                f"{len(who):,} customers and {len(what):,} products make no pairs.",
                "Give as many customers as products, or one customer or one product.",
            )
        size = max(len(who), len(what)) if len(who) and len(what) else 0
        rows, columns = self.customers.get_indexer(who), self.products.get_indexer(what)
        return self.learnt.predict(
            np.broadcast_to(rows, (size,)) if len(rows) <= 1 else rows,
            np.broadcast_to(columns, (size,)) if len(columns) <= 1 else columns,
        )


def is_rated(store: Store, as_of: date | None = None) -> bool:
    """Whether any customer has rated a product before a day, by default that after the last order.

    Whether that is enough to foretell ratings, `rate` says.
    """
    day = as_of or store.default_as_of()
    return bool(store.query("rating_count", as_of=day)["ratings"].iloc[0])


def rate(store: Store, method: str = "auto", as_of: date | None = None) -> Ratings:
    """Learn what customers would rate products.

    A customer's latest rating of a product counts: events called rating with a value from 1 to 5.

    Args:
        store: The shop.
        method: One of `RATING_METHODS`, or `auto`: the one that is best on the latest ratings, or
            the better rule where nothing clearly beats it.
        as_of: Only what was rated before this day counts; by default the day after the last order.

    Raises:
        NotEnoughDataError: There are no ratings, or too few to be judged.
        AnalyticsError: There is no such method.
    """
    if method != "auto" and method not in get_args(RatingMethod):
        raise AnalyticsError(
            f"There is no method “{method}” for ratings.",
            f"Choose auto or one of {', '.join(RATING_METHODS)}.",
        )
    day = as_of or store.default_as_of()
    found = store.query("ratings", as_of=day)
    good = found["rating"].between(LEAST, MOST)
    left_out, found = int((~good).sum()), found[good].reset_index(drop=True)
    _enough(found, left_out, day)
    who, customers = pd.factorize(found["customer_id"], sort=True)
    what, products = pd.factorize(found["product_id"], sort=True)
    known = Known(
        who.astype(np.int64),
        what.astype(np.int64),
        found["rating"].to_numpy(float),
        (len(customers), len(products)),
    )
    moment = found["at_us"].to_numpy(np.int64)
    test = _latest(moment)
    last = np.zeros(len(moment), bool)
    last[~test] = _latest(moment[~test])
    _judgeable(known, test)
    with threadpool_limits(limits=1, user_api="blas"):
        chosen = {name: _chosen(known, name, test, last) for name in RATING_METHODS}
        errors = pd.DataFrame(
            {
                name: _learnt(chosen[name], name, known.among(~test)).predict(
                    known.customer[test], known.product[test]
                )
                - known.rating[test]
                for name in RATING_METHODS
            }
        )
        table = _table(errors, known.customer[test], chosen)
        winner = _winner(table)
        used: RatingMethod = next(
            name for name in RATING_METHODS if name == (winner if method == "auto" else method)
        )
        learnt = _learnt(chosen[used], used, known)
    return Ratings(
        method=used,
        label=RATING_METHODS[used],
        parameters=chosen[used],
        winner=winner,
        verdict=_sentence(table, winner, int(test.sum())),
        table=table,
        as_of=day,
        from_day=pd.Timestamp(int(moment[test].min()), unit="us").date(),
        ratings=len(moment),
        judged=int(test.sum()),
        left_out=left_out,
        customers=pd.Index(customers),
        products=pd.Index(products),
        learnt=learnt,
    )


def _ids(given: Any) -> pd.Index:
    one = isinstance(given, str) or not np.iterable(given)
    return pd.Index([str(each) for each in ([given] if one else given)], dtype="str")


def _enough(found: pd.DataFrame, left_out: int, day: date) -> None:
    if len(found) >= FEWEST_RATINGS:
        return
    until = f"{day.day} {day:%B %Y}"
    if found.empty and not left_out:
        raise NotEnoughDataError(
            f"No customer has rated a product before {until}.",
            "Import events called rating that name the customer, the product and a value from 1 "
            "to 5.",
        )
    other = f" {left_out:,} more have a value that is not from 1 to 5." if left_out else ""
    raise NotEnoughDataError(
        f"Only {len(found):,} ratings from 1 to 5 are known before {until}.{other}",
        f"Ratings can be foretold once there are {FEWEST_RATINGS}, each from 1 to 5.",
    )


def _latest(moment: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """The latest fifth; what was rated at the same moment is not parted."""
    if not len(moment):
        return np.zeros(0, bool)
    edge = np.sort(moment)[int((1 - LAST_SHARE) * len(moment))]
    late: npt.NDArray[np.bool_] = moment >= edge
    return late


def _judgeable(known: Known, test: npt.NDArray[np.bool_]) -> None:
    if test.all():
        raise NotEnoughDataError(
            "All ratings are of the same moment, so the later cannot judge what the earlier say.",
            "Map the column with the time of each rating on the Data page.",
        )
    people = len(np.unique(known.customer[test]))
    if people < FEWEST_JUDGED:
        raise NotEnoughDataError(
            f"The latest fifth of the ratings is by {people} customers only.",
            f"Ratings can be foretold once {FEWEST_JUDGED} customers have rated lately.",
        )


def _learnt(chosen: str, name: str, known: Known) -> Sum:
    return GRIDS[name][chosen](known)


def _chosen(
    known: Known, name: str, test: npt.NDArray[np.bool_], last: npt.NDArray[np.bool_]
) -> str:
    """The parameters that foretold the fifth before the test best."""
    before = ~test & ~last
    if len(GRIDS[name]) == 1 or not before.any():
        return next(iter(GRIDS[name]))
    reached = {
        words: float(
            np.mean(
                (
                    learn(known.among(before)).predict(known.customer[last], known.product[last])
                    - known.rating[last]
                )
                ** 2
            )
        )
        for words, learn in GRIDS[name].items()
    }
    return min(reached, key=lambda words: reached[words])


def _table(
    errors: pd.DataFrame, customer: npt.NDArray[np.int64], chosen: Mapping[Any, str]
) -> pd.DataFrame:
    _, who = np.unique(customer, return_inverse=True)
    counts = np.bincount(who).astype(float)
    squares = {name: np.bincount(who, errors[name] ** 2) for name in errors}
    rng = np.random.default_rng(SEED)
    # How often each customer is drawn: the same draws for all methods, so that leads are paired.
    drawn = rng.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), RESAMPLES)
    total = drawn @ counts
    roots = {name: np.sqrt(drawn @ squares[name] / total) for name in squares}
    rmse = {name: float(np.sqrt((errors[name] ** 2).mean())) for name in errors}
    rule = min(RATING_RULES, key=lambda name: rmse[name])
    tail = 2.5 / (len(RATING_METHODS) - len(RATING_RULES))
    rows = []
    for name, label in RATING_METHODS.items():
        lo, hi = np.percentile(roots[name], [2.5, 97.5])
        lead = roots[rule] - roots[name]
        lead_lo, lead_hi = np.percentile(lead, [tail, 100 - tail])
        beside = (rmse[rule] - rmse[name], lead_lo, lead_hi)
        if name in RATING_RULES:
            beside = (np.nan, np.nan, np.nan)
        rows.append(
            {
                "method": name, "label": label, "parameters": chosen[name], "rmse": rmse[name],
                "rmse_lo": lo, "rmse_hi": hi, "mae": float(errors[name].abs().mean()),
                "lead": beside[0], "lead_lo": beside[1], "lead_hi": beside[2],
            }
        )  # fmt: skip
    return pd.DataFrame(rows).sort_values("rmse", kind="stable", ignore_index=True)


def _better_rule(table: pd.DataFrame) -> Any:
    return table[table["method"].isin(RATING_RULES)].iloc[0]


def _winner(table: pd.DataFrame) -> RatingMethod:
    """The best of the methods that are clearly ahead of the better rule, or that rule."""
    ahead = table[table["lead_lo"] > 0]
    best = str(ahead["method"].iloc[0] if len(ahead) else _better_rule(table)["method"])
    return next(name for name in RATING_METHODS if name == best)


def _sentence(table: pd.DataFrame, winner: RatingMethod, judged: int) -> str:
    rule = _better_rule(table)
    others = table[~table["method"].isin(RATING_RULES)]
    best = table[table["method"] == winner].iloc[0]
    if winner in RATING_RULES:
        best = others.iloc[0]
    figures = (
        f"it is off by {best['rmse']:.3f} points (RMSE) where “{rule['label']}” is off by "
        f"{rule['rmse']:.3f}; the difference lies between {best['lead_lo']:+.3f} and "
        f"{best['lead_hi']:+.3f}, on the latest {judged:,} ratings"
    )
    if winner in RATING_RULES:
        return (
            f"No factorisation foretells ratings clearly better than “{rule['label']}”: of the "
            f"best, “{best['label']}”, {figures}. So “{rule['label']}” is used."
        )
    return f"“{best['label']}” foretells ratings best: {figures}. So it is used."
