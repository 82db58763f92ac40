"""What to offer customers of whom little is known: below three orders.

Three groups of them: who has not ordered yet but looked at products; who has ordered once or
twice; of whom nothing is known but perhaps where they live. What may take the place of best sellers
is tried on the shop's own past newcomers, those who were new at the beginning of one of the last
three windows of four weeks and bought something in it, and used only where its lead over best
sellers leaves out 0. On the dunnhumby households nothing did; on the UCI shop and a log of Taobao
what newcomers bought or looked at told far more than best sellers. So where too few newcomers can
be judged, those who have looked at products get those and their like, all others best sellers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from threadpoolctl import threadpool_limits

from analytics.errors import NotEnoughDataError
from analytics.recommend import judge
from analytics.recommend.content import Content
from analytics.recommend.history import (
    RECENT_DAYS,
    Floats,
    History,
    Ints,
    Scores,
    bought_between,
    check_signals,
    days_before,
    read,
)
from analytics.recommend.hybrid import Hybrid, Own, Sales, Sum
from analytics.recommend.lists import FEWEST_BASKETS, lister
from analytics.recommend.neighbours import ItemNeighbours
from analytics.recommend.scorer import NOTHING, Popular, Scorer, logged
from analytics.store import Store

CODE_VERSION = 1
WINDOW_DAYS, WINDOWS = 28, 3
FEWEST_JUDGED = 30
LOOKED_AT = 20_000
FEWEST_ALIKE = 30
"""Customers of a country or gender who bought lately, for best sellers of their own."""
K = 10
SEED = 0

GROUPS: Mapping[str, str] = {
    "looked": "Not ordered yet, but looked at products",
    "few": "Ordered once or twice",
    "unknown": "Nothing known of what they like",
}
LABELS: Mapping[str, str] = {
    "popular": "Best sellers of the last 28 days",
    "interest": "What they looked at, and the like",
    "hybrid": "Taste, likeness and fashion in one sum",
    "country": "Best sellers of their country",
    "gender": "Best sellers among their gender",
}
TRIED: Mapping[str, tuple[str, ...]] = {
    "looked": ("interest", "hybrid"),
    "few": ("interest", "hybrid"),
    "unknown": ("country", "gender"),
}
UNTRIED: Mapping[str, str] = {"looked": "interest", "few": "popular", "unknown": "popular"}
"""What is used where too few can be judged."""
EVIDENCE = ("group", "method", "label", "customers", "ndcg", "lead", "lead_lo", "lead_hi")


@dataclass(frozen=True)
class Newcomers:
    """What to offer customers below three orders.

    Attributes:
        as_of: Only what happened before this day counts.
        used: For each of `GROUPS` the method in use, one of `LABELS`.
        evidence: A row a group and method: group, method, label, customers (judged), ndcg (of the
            first ten, 0 to 1), lead, lead_lo, lead_hi (over best sellers, with 95% intervals).
        verdict: The same in words.
    """

    as_of: date
    used: Mapping[str, str]
    evidence: pd.DataFrame
    verdict: str


def newcomers(
    store: Store, as_of: date | None = None, signals: Mapping[str, float] | None = None
) -> Newcomers:
    """Find out on past newcomers what to offer those of today; kept in the store.

    Args:
        store: The shop.
        as_of: Only what happened before this day counts; by default the day after the last order.
        signals: The weight of purchases and events, as for `fit`.
    """
    day = as_of or store.default_as_of()
    weights = sorted(check_signals(signals).items())
    stamp = f"{store.version}_{day}_{weights}_{CODE_VERSION}"
    table = store.kept("newcomers", stamp)
    if table is None:
        table = store.keep("newcomers", stamp, _tried(store, day, signals))
    evidence = store.query("newcomers", tables={"newcomers": table})
    used = {group: _used(group, evidence[evidence["group"] == group]) for group in GROUPS}
    return Newcomers(day, used, evidence, _sentence(used, evidence))


def listed(store: Store, history: History, found: Newcomers) -> tuple[tuple[Scorer, Any], ...]:
    """What makes the lists of newcomers: methods, each with the customers it is for."""
    groups = _groups(history)
    methods = {method for method in found.used.values() if method != "popular"}
    made = {method: Later(partial(_make, store, history, method), history) for method in methods}
    return tuple(
        (made[method], groups[group])
        for group, method in found.used.items()
        if method in made and groups[group].any()
    )


class Later(Scorer):
    """A method that learns only once a newcomer's list is asked for.

    Args:
        make: Lets it learn.
        history: What it learns from.
    """

    def __init__(self, make: Callable[[], Scorer], history: History) -> None:
        self._make, self.history = make, history

    @cached_property
    def made(self) -> Scorer:
        """The method itself."""
        with threadpool_limits(limits=1, user_api="blas"):
            return self._make()

    @property
    def products(self) -> int:
        return self.history.shape[1]

    def scores(self, rows: Ints) -> Scores:
        return self.made.scores(rows)

    def column(self, product: int) -> Scores:
        return self.made.column(product)

    def parts(self, row: int, product: int) -> Floats | None:
        return self.made.parts(row, product)

    def beside(self, row: int, product: int) -> Mapping[str, float]:
        return self.made.beside(row, product)


class Alike(Scorer):
    """Best sellers among customers of the same country or gender, then those of everyone.

    Args:
        history: What to learn from.
        labels: Each customer's country or gender; missing: not known.
        what: What they share, in words.
    """

    def __init__(self, history: History, labels: "pd.Series[Any]", what: str) -> None:
        self.codes, names = pd.factorize(labels)
        self.what = f"bought by many {what} in the last {RECENT_DAYS} days"
        lately = history.days_since.copy()
        lately.data = (lately.data <= RECENT_DAYS).astype(float)
        lately.eliminate_zeros()
        held = self.codes >= 0
        groups = sparse.csr_matrix(
            (np.ones(held.sum()), (self.codes[held], np.flatnonzero(held))),
            shape=(len(names), history.shape[0]),
        )
        buyers = np.bincount(
            self.codes[held], np.diff(lately.indptr)[held] > 0, minlength=len(names)
        )
        shares = (groups @ lately).toarray()
        shares = shares / np.maximum(shares.max(axis=1, initial=0, keepdims=True), 1.0)
        shares[buyers < FEWEST_ALIKE] = 0.0
        self.shares = np.vstack([shares, np.zeros(history.shape[1])])

    @property
    def products(self) -> int:
        return int(self.shares.shape[1])

    def scores(self, rows: Ints) -> Scores:
        found = self.shares[self.codes[rows]]
        return np.where(found > 0, found, NOTHING).astype(np.float32)

    def column(self, product: int) -> Scores:
        found = self.shares[self.codes, product]
        return np.where(found > 0, found, NOTHING).astype(np.float32)

    def parts(self, row: int, product: int) -> Floats | None:  # noqa: ARG002
        return np.zeros(self.products)

    def beside(self, row: int, product: int) -> Mapping[str, float]:
        return {self.what: float(self.shares[self.codes[row], product])}


def _make(store: Store, history: History, method: str) -> Scorer:
    active = np.diff(history.strength.indptr) > 0
    if method == "interest":
        views: tuple[tuple[float, Scorer], ...] = (
            (1.0, Own(logged(history.strength))),
            (0.3, ItemNeighbours(history.strength)),
            (0.1, Content(history.strength, history.products)),
            (0.3, Sales(history)),
        )
        return Sum(views, active)
    if method == "hybrid":
        return Hybrid(history)
    known = store.query("newcomer_groups").set_index("customer_id")[method]
    labels = known.reindex(history.customers["customer_id"])
    return Alike(history, labels, f"of the same {method}")


def _groups(history: History) -> dict[str, npt.NDArray[np.bool_]]:
    """Which customers are in which group."""
    baskets = history.customers["baskets"].to_numpy()
    active = np.diff(history.strength.indptr) > 0
    bought = np.diff(history.purchases.indptr) > 0
    few = (baskets < FEWEST_BASKETS) & active
    return {
        "looked": few & ~bought,
        "few": few & bought,
        "unknown": (baskets < FEWEST_BASKETS) & ~active,
    }


def _tried(store: Store, day: date, signals: Mapping[str, float] | None) -> pd.DataFrame:
    """The evidence."""
    measured: dict[tuple[str, str], list[Floats]] = {}
    people = store.query("recommend_customers", as_of=day)["customer_id"]
    if len(people) > LOOKED_AT:
        people = people.sample(LOOKED_AT, random_state=SEED)
    attributes = store.query("newcomer_groups")
    for window in range(WINDOWS, 0, -1):
        before = days_before(day, window * WINDOW_DAYS)
        known = store.query("recommend_customers", as_of=before)
        known = known[known["customer_id"].isin(people)].reset_index(drop=True)
        try:
            history = read(store, before, signals, customers=known)
        except NotEnoughDataError:
            continue
        bought = bought_between(store, history, days_before(day, (window - 1) * WINDOW_DAYS))
        wanted = (bought - bought.multiply(history.purchases > 0)).tocsr()
        wanted.eliminate_zeros()
        buys = np.diff(wanted.indptr) > 0
        rule = lister(history, "discover", "als", Popular(history))
        made: dict[str, Scorer] = {"popular": rule.popular}
        for group, who in _groups(history).items():
            rows = np.flatnonzero(who & buys)
            if not len(rows):
                continue
            for method in ("popular", *TRIED[group]):
                if method in attributes and attributes[method].isna().all():
                    continue
                if method not in made:
                    made[method] = _make(store, history, method)
                tried = replace(rule, newcomers=((made[method], who),))
                top = tried.lists(rows, K).products
                ndcg = judge.per_customer(top, wanted[rows])["ndcg"].to_numpy()
                measured.setdefault((group, method), []).append(ndcg)
    return _table({key: np.concatenate(each) for key, each in measured.items()})


def _table(measured: Mapping[tuple[str, str], Floats]) -> pd.DataFrame:
    rows = []
    for (group, method), ndcg in measured.items():
        lead = (np.nan, np.nan, np.nan)
        if method != "popular":
            lead = judge.lead(ndcg, measured[group, "popular"], compared=len(TRIED[group]))
        rows.append((group, method, LABELS[method], len(ndcg), float(ndcg.mean()), *lead))
    table = pd.DataFrame(rows, columns=list(EVIDENCE))
    texts = dict.fromkeys(EVIDENCE[:3], "str")
    return table.astype({**texts, "customers": "int64", **dict.fromkeys(EVIDENCE[4:], "float64")})


def _used(group: str, evidence: pd.DataFrame) -> str:
    """What a group gets by its evidence."""
    tried = evidence[evidence["method"] != "popular"]
    if tried.empty or tried["customers"].iloc[0] < FEWEST_JUDGED:
        return UNTRIED[group]
    ahead = tried[tried["lead_lo"] > 0]
    if len(ahead):
        return str(ahead.sort_values("ndcg", ascending=False)["method"].iloc[0])
    return "popular"


def _sentence(used: Mapping[str, str], evidence: pd.DataFrame) -> str:
    said = []
    for group, method in used.items():
        rows = evidence[evidence["group"] == group].set_index("method")
        count = int(rows["customers"].iloc[0]) if len(rows) else 0
        label = LABELS[method][0].lower() + LABELS[method][1:]
        if count < FEWEST_JUDGED:
            why = f"only {count} past ones can be judged" if count else "no past one can be judged"
        elif method == "popular":
            why = f"nothing told {count:,} past ones clearly better"
        else:
            reached = rows["ndcg"].astype(float)
            why = (
                f"on {count:,} past ones it reached {reached[method]:.3f} against "
                f"{reached['popular']:.3f} by best sellers (NDCG)"
            )
        said.append(f"{GROUPS[group]}: {label} ({why}).")
    return " ".join(said)
