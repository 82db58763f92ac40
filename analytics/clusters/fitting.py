"""Find, name, describe and judge the groups."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics import profile
from analytics.clusters import describe, group, judge, prepare
from analytics.clusters.describe import Axes
from analytics.clusters.group import DENSITY_ON, MOST_CLUSTERS, TRAINED_ON, Method
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.evaluate import Verdict
from analytics.store import Store

SEED = 0
FEWEST_CUSTOMERS = 20
METHODS: dict[Method, str] = {
    "kmeans": "Everyone in one group (K-means)",
    "dbscan": "Crowds of any shape (DBSCAN)",
    "hdbscan": "Crowds, some denser (HDBSCAN)",
}
DEFAULTS = (
    "recency_days", "orders", "revenue", "average_order_value", "mean_gap_days", "categories",
    "events_90_days", "discount_order_share",
)  # fmt: skip
CHOICES = (
    *DEFAULTS, "tenure_days", "refund_share", "items_per_order", "products",
    "favourite_category_share", "store_orders", "online_orders", "weekend_order_share",
    "evening_order_share", "events_30_days", "views_90_days", "carts_90_days", "sessions_90_days",
    "mean_session_minutes", "age_years", "days_since_signup",
)  # fmt: skip
"""The customer features that clusters can be made of."""


@dataclass(frozen=True)
class Clusters:
    """Groups of customers.

    Attributes:
        labels: DataFrame customer_id, cluster (1 is the one with the highest median revenue, or
            the largest; -1: in none), name, confidence (0 on the border to 1), x, y (the map).
        profiles: DataFrame cluster, name, customers, customer_share, confidence (mean), rule (the
            rule that most of its customers follow).
        traits: DataFrame cluster, feature, label, unit, median, shop_median, difference.
        k: How many clusters there are.
        silhouette: -1 to 1; NaN for fewer than two clusters.
        shuffled_silhouette: The same where features have nothing to do with each other: the mean.
        structured: Whether the clusters are more than chance.
        stability: Adjusted Rand index with the clusters of bootstrap samples, 1 at best.
        choice: DataFrame k, inertia, silhouette, stability, score; empty where k was given.
        rules: DataFrame cluster, rule, customers, fidelity.
        fidelity: Share of customers whose rule names their cluster.
        axes: The map's axes.
        preparation: DataFrame feature, label, missing, filled_with, logged, capped, left_out.
        looked_at: How many customers the groups were learnt from; all are labelled.
        verdict: What it is good for, in a sentence or two.
        future: Beside the RFM segments on later revenue; None where that cannot be told.
    """

    labels: pd.DataFrame
    profiles: pd.DataFrame
    traits: pd.DataFrame
    k: int
    silhouette: float
    shuffled_silhouette: float
    structured: bool
    stability: float
    choice: pd.DataFrame
    rules: pd.DataFrame
    fidelity: float
    axes: Axes
    preparation: pd.DataFrame
    looked_at: int
    verdict: str
    future: Verdict | None


def fit(
    store: Store,
    k: int | None = None,
    features: Sequence[str] | None = None,
    method: Method = "kmeans",
    as_of: date | None = None,
) -> Clusters:
    """Group the customers who ordered before the as-of day.

    Args:
        store: The shop.
        k: For K-means how many groups, 2 to 10; by default the number the data support best.
        features: Which of `CHOICES`; by default eight of them.
        method: `kmeans`, `dbscan` or `hdbscan`.
        as_of: Only what happened before this day counts; by default the day after the last order.

    Raises:
        NotEnoughDataError: Fewer than 20 customers ordered, or their features hardly vary.
        AnalyticsError: K or a feature is not possible.
    """
    day = as_of or store.default_as_of()
    of_features = profile.keep(store, day).table
    found = group_kept(store, of_features, features or DEFAULTS, k, method)
    return _judged(store, day, found, method)


def group_kept(
    store: Store, of_features: str, features: Sequence[str], k: int | None, method: Method
) -> Clusters:
    """The same from kept features, without a judgement on the future."""
    frame = store.query("cluster_inputs", tables={"features": of_features})
    return fit_frame(frame, features, k, method)


def fit_frame(
    frame: pd.DataFrame,
    features: Sequence[str],
    k: int | None = None,
    method: Method = "kmeans",
    seed: int = SEED,
) -> Clusters:
    """The same for any table of customers, without a judgement on the future.

    Args:
        frame: A row a customer: customer_id and the features as columns.
        features: Which columns.
        k: As for `fit`.
        method: As for `fit`.
        seed: For samples and starts; the same data and seed give the same clusters.
    """
    _check(frame, k, method)
    preparation, matrix = prepare.learn(frame, features)
    choice = pd.DataFrame(columns=["k", "inertia", "silhouette", "stability", "score"])
    if method == "kmeans" and k is None:
        k, choice = group.choose_k(matrix, seed)
    grouping = group.group(matrix, method, k or 0, seed)
    raw_labels, sure = grouping.assign(matrix)
    order = _order(frame, raw_labels)
    labels = order[raw_labels]
    traits = describe.traits(frame, matrix, labels, preparation)
    names = describe.names(traits)
    rules, fidelity = describe.rules(frame, labels, preparation, seed)
    axes = describe.axes(matrix, preparation)
    places = axes.place(matrix)
    reached = group.silhouette(matrix, labels, seed)
    by_chance = group.shuffled_silhouettes(matrix, method, grouping.k, seed)
    found = Clusters(
        labels=pd.DataFrame(
            {
                "customer_id": frame["customer_id"],
                "cluster": labels,
                "name": pd.Series(names).reindex(labels).to_numpy(),
                "confidence": sure,
                "x": places[:, 0],
                "y": places[:, 1],
            }
        ),
        profiles=_profiles(labels, sure, names, rules),
        traits=traits,
        k=grouping.k,
        silhouette=reached,
        shuffled_silhouette=float(np.mean(by_chance)),
        structured=_is_structured(reached, by_chance),
        stability=group.stability(matrix, grouping, seed) if grouping.k > 1 else float("nan"),
        choice=choice,
        rules=rules,
        fidelity=fidelity,
        axes=axes,
        preparation=preparation.notes,
        looked_at=min(len(frame), TRAINED_ON if method == "kmeans" else DENSITY_ON),
        verdict="",
        future=None,
    )
    return replace(found, verdict=_about_structure(found))


def _check(frame: pd.DataFrame, k: int | None, method: Method) -> None:
    if method not in get_args(Method):
        raise AnalyticsError(
            f"There is no method “{method}”.", f"Choose among {', '.join(METHODS)}."
        )
    if k is not None and not 2 <= k <= MOST_CLUSTERS:
        raise AnalyticsError(f"{k} clusters are not possible.", f"Choose 2 to {MOST_CLUSTERS}.")
    if len(frame) < FEWEST_CUSTOMERS:
        raise NotEnoughDataError(
            f"Only {len(frame)} customers have ordered.",
            f"Clusters need at least {FEWEST_CUSTOMERS}; the segments work with fewer.",
        )


def _order(frame: pd.DataFrame, labels: group.Labels) -> group.Labels:
    """For each raw label its number: highest median revenue first, else the largest; -1 stays."""
    clusters = np.unique(labels[labels >= 0])
    worth = {
        cluster: float(frame.loc[labels == cluster, "revenue"].astype(float).median())
        if "revenue" in frame
        else float((labels == cluster).sum())
        for cluster in clusters
    }
    numbers = np.full(int(labels.max(initial=0)) + 2, -1, dtype=np.int64)
    for number, cluster in enumerate(sorted(clusters, key=lambda one: (-worth[one], one)), start=1):
        numbers[cluster] = number
    return numbers


def _profiles(
    labels: group.Labels, sure: npt.NDArray[np.float64], names: dict[int, str], rules: pd.DataFrame
) -> pd.DataFrame:
    rows = []
    for cluster in sorted(names, key=lambda one: (one < 0, one)):
        inside_it = labels == cluster
        own = rules[(rules["cluster"] == cluster) & (rules["fidelity"] >= describe.PURE_ENOUGH)]
        rows.append(
            {
                "cluster": cluster,
                "name": names[cluster],
                "customers": int(inside_it.sum()),
                "customer_share": float(inside_it.mean()),
                "confidence": float(sure[inside_it].mean()),
                "rule": own["rule"].iloc[0] if len(own) else "",
            }
        )
    return pd.DataFrame(rows)


def _is_structured(reached: float, by_chance: list[float]) -> bool:
    """Whether the silhouette lies clearly above those of shuffled features."""
    lead = reached - float(np.mean(by_chance))
    return bool(lead > max(3 * float(np.std(by_chance, ddof=1)), 0.03))


def _about_structure(found: Clusters) -> str:
    if found.k < 2:
        return (
            "No groups stand apart: almost everyone lies in one crowd. "
            "Groups for everyone can still cut it into parts, and the segments work as always."
        )
    figures = f"silhouette {found.silhouette:.2f} against {found.shuffled_silhouette:.2f}"
    if not found.structured:
        return (
            "There is no structure: groups as clear as these also appear by chance, when each "
            f"feature is shuffled on its own ({figures}). Use the segments instead."
        )
    steady = (
        "and steady: other samples of the customers give the same groups"
        if found.stability >= 0.8
        else "but not steady: other samples of the customers give somewhat different groups"
    )
    return (
        f"The groups are real: they lie further apart than chance would have it, {steady} "
        f"({figures}; agreement {found.stability:.2f} of 1)."
    )


def _judged(store: Store, day: date, found: Clusters, method: Method) -> Clusters:
    """The same with the judgement on later revenue."""
    if found.k < 2:
        return found
    features = found.preparation.loc[found.preparation["left_out"] == "", "feature"].tolist()

    def fitted(before: pd.DataFrame) -> Callable[[pd.DataFrame], group.Labels]:
        preparation, matrix = prepare.learn(before, features)
        grouping = group.group(matrix, method, found.k, SEED)
        return lambda customers: grouping.assign(preparation.apply(customers))[0]

    try:
        future = judge.judge(store, day, fitted, SEED)
    except NotEnoughDataError as error:
        return replace(found, verdict=f"{found.verdict} {error.problem} {error.fix}")
    advice = {
        "model": "So they are also of use for deciding whom to address.",
        "rule": "So decide whom to address by the segments, and what to say by the clusters.",
        "neither": "So use the simpler segments for deciding whom to address.",
    }[future.winner]
    return replace(found, verdict=f"{found.verdict} {future.sentence} {advice}", future=future)
