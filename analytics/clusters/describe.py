"""What the clusters are like: traits against the whole shop, names, rules, and a map.

A trait's strength is the standardised difference: the cluster's mean less the shop's, over the
shop's standard deviation, on the prepared features. The rules come from a shallow decision tree
(CART, Breiman et al. 1984) on the features in their own units; its fidelity says how many customers
it puts into their cluster. The map is the first two principal components (Pearson 1901), each named
for the two features that weigh most on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.tree import DecisionTreeClassifier

from analytics.clusters.group import Labels
from analytics.clusters.prepare import Matrix, Preparation, label, numbers
from analytics.profile.catalogue import BY_NAME

WORDS: dict[str, tuple[str, str]] = {
    "recency_days": ("recent buyers", "long silent"),
    "orders": ("few orders", "many orders"),
    "tenure_days": ("new customers", "customers of old"),
    "revenue": ("small spenders", "big spenders"),
    "average_order_value": ("small orders", "large orders"),
    "mean_gap_days": ("quick to reorder", "slow to reorder"),
    "categories": ("few categories", "many categories"),
    "products": ("few products", "many products"),
    "events_90_days": ("quiet on the site", "active on the site"),
    "events_30_days": ("quiet this month", "active this month"),
    "views_90_days": ("look little", "look a lot"),
    "sessions_90_days": ("rare visitors", "frequent visitors"),
    "carts_90_days": ("seldom fill a cart", "often fill a cart"),
    "discount_order_share": ("full-price buyers", "discount buyers"),
    "refund_share": ("return little", "return a lot"),
    "items_per_order": ("few items an order", "many items an order"),
    "weekend_order_share": ("weekday buyers", "weekend buyers"),
    "evening_order_share": ("daytime buyers", "evening buyers"),
    "store_orders": ("seldom in the store", "often in the store"),
    "online_orders": ("seldom online", "often online"),
    "age_years": ("younger", "older"),
    "days_since_signup": ("signed up lately", "signed up long ago"),
    "mean_session_minutes": ("short visits", "long visits"),
    "favourite_category_share": ("of many tastes", "of one taste"),
}
"""What a cluster is called that lies low, or high, in a feature."""
OUTSIDE = "Unlike any group"
"""What customers are called whom a density method puts into no cluster."""

CROWD = "The crowd"
"""What the only cluster is called."""

TREE_ON = 20_000
TREE_DEPTH = 4
PURE_ENOUGH = 0.5


@dataclass(frozen=True)
class Axes:
    """A flat map of the customers.

    Attributes:
        directions: The two principal components, shape (2, features).
        names: What each axis shows, low end and high end.
        explained: The share of all variance each shows.
    """

    directions: Matrix
    names: tuple[str, str]
    explained: tuple[float, float]

    def place(self, matrix: Matrix) -> Matrix:
        """Where customers stand on the map, shape (customers, 2)."""
        where: Matrix = matrix @ self.directions.T
        return where


def traits(
    frame: pd.DataFrame, matrix: Matrix, labels: Labels, preparation: Preparation
) -> pd.DataFrame:
    """Each cluster's features against the whole shop's.

    Returns:
        DataFrame, a row a cluster and feature: cluster, feature, label, unit, median (in the
        feature's unit; NaN where it is unknown for all), shop_median, difference (standardised).
    """
    rows = []
    clusters = np.unique(labels)
    members = {cluster: labels == cluster for cluster in clusters}
    for place, name in enumerate(preparation.features):
        values = numbers(frame, name)
        shop = _median(values)
        prepared = matrix[:, place]
        overall, spread = prepared.mean(), prepared.std()
        rows += [
            {
                "cluster": int(cluster),
                "feature": name,
                "label": label(name),
                "unit": BY_NAME[name].unit if name in BY_NAME else "",
                "median": _median(values[inside]),
                "shop_median": shop,
                "difference": float((prepared[inside].mean() - overall) / spread),
            }
            for cluster, inside in members.items()
        ]
    found = pd.DataFrame(rows)
    order = found["cluster"].where(found["cluster"] > 0, found["cluster"].max() + 1)
    return found.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)


def _median(values: Matrix) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else float("nan")


def names(found: pd.DataFrame) -> dict[int, str]:
    """A name for each cluster from its two strongest traits, a third where two would be alike.

    Args:
        found: The traits.
    """
    named: dict[int, str] = {}
    if set(found["cluster"]) <= {-1, 1}:
        return {one: CROWD if one > 0 else OUTSIDE for one in sorted(set(found["cluster"]))[::-1]}
    ranked = {
        int(str(cluster)): _in_words(group)
        for cluster, group in found.groupby("cluster")
        if int(str(cluster)) > 0
    }
    for cluster, words in ranked.items():
        for length in range(2, len(words) + 1):
            name = ", ".join(words[:length])
            if all(", ".join(other[:length]) != name
                   for rival, other in ranked.items() if rival != cluster):  # fmt: skip
                break
        else:
            name = f"{', '.join(words[:2])} {cluster}"
        named[cluster] = name[0].upper() + name[1:]
    return named | ({-1: OUTSIDE} if -1 in set(found["cluster"]) else {})


def _in_words(group: pd.DataFrame) -> list[str]:
    """A cluster's traits in words, the strongest first."""
    strongest = group.reindex(group["difference"].abs().sort_values(ascending=False).index)
    return [
        said(str(feature), high=difference > 0)
        for feature, difference in zip(strongest["feature"], strongest["difference"], strict=True)
    ]


def said(feature: str, *, high: bool) -> str:
    """A feature's low or high end in words.

    >>> said("recency_days", high=False), said("net_weight", high=True)
    ('recent buyers', 'high net weight')
    """
    if feature in WORDS:
        return WORDS[feature][int(high)]
    return f"{'high' if high else 'low'} {label(feature).lower()}"


def rules(
    frame: pd.DataFrame, labels: Labels, preparation: Preparation, seed: int
) -> tuple[pd.DataFrame, float]:
    """The clusters as rules that can be said aloud.

    Returns:
        DataFrame, a row a rule: cluster, rule, customers (of those looked at, at most 20,000),
        fidelity (share of them that belong to the cluster); and the share of all those customers
        whose rule names their cluster.
    """
    places = np.arange(len(frame))
    if len(places) > TREE_ON:
        places = np.sort(np.random.default_rng(seed).choice(places, TREE_ON, replace=False))
    values = np.column_stack(
        [
            np.where(np.isnan(column), fill, column)
            for column, fill in (
                (numbers(frame, name)[places], preparation.fill[place])
                for place, name in enumerate(preparation.features)
            )
        ]
    )
    truth = labels[places]
    clusters = len(np.unique(truth))
    tree = DecisionTreeClassifier(
        max_depth=TREE_DEPTH, max_leaf_nodes=max(2 * clusters, 4),
        min_samples_leaf=max(1, len(truth) // 200), random_state=seed,
    ).fit(values, truth)  # fmt: skip
    whole = [bool((column == np.rint(column)).all()) for column in values.T]
    leaf = tree.apply(values)
    rows = []
    for end, path in _paths(tree).items():
        here = truth[leaf == end]
        cluster = int(tree.classes_[int(tree.tree_.value[end].argmax())])
        rows.append(
            {
                "cluster": cluster,
                "rule": _sentence(path, preparation.features, whole),
                "customers": len(here),
                "fidelity": float((here == cluster).mean()),
            }
        )
    found = pd.DataFrame(rows).sort_values(
        ["cluster", "customers"], ascending=[True, False], kind="stable", ignore_index=True
    )
    return found, float((tree.predict(values) == truth).mean())


def _paths(tree: DecisionTreeClassifier) -> dict[int, dict[int, list[float]]]:
    """For each leaf the limits on its way: per feature the lowest and the highest value."""
    nodes = tree.tree_
    ends: dict[int, dict[int, list[float]]] = {}
    waiting: list[tuple[int, dict[int, list[float]]]] = [(0, {})]
    while waiting:
        node, path = waiting.pop()
        if nodes.children_left[node] == -1:
            ends[node] = path
            continue
        feature, limit = int(nodes.feature[node]), float(nodes.threshold[node])
        low, high = path.get(feature, [-np.inf, np.inf])
        waiting.append((int(nodes.children_left[node]), path | {feature: [low, min(high, limit)]}))
        waiting.append((int(nodes.children_right[node]), path | {feature: [max(low, limit), high]}))
    return ends


def _sentence(
    path: dict[int, list[float]], features: tuple[str, ...], whole: Sequence[bool]
) -> str:
    """The limits of a leaf in words; of whole numbers, as the whole numbers they let pass."""
    parts = []
    for feature, (low, high) in path.items():
        name, unit = label(features[feature]), BY_NAME.get(features[feature])
        share = unit is not None and unit.unit == "0 to 1"
        least, above = low, "above"
        if whole[feature]:
            least, high, above = np.floor(low) + 1, np.floor(high), "at least"
        if np.isinf(low):
            parts.append(f"{name} at most {_figure(high, share)}")
        elif np.isinf(high):
            parts.append(f"{name} {above} {_figure(least, share)}")
        else:
            parts.append(f"{name} from {_figure(least, share)} to {_figure(high, share)}")
    return " and ".join(parts) if parts else "everyone"


def _figure(value: float, share: bool) -> str:
    """A limit as people say it: three digits, shares in per cent."""
    if share:
        return f"{value:.0%}"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def axes(matrix: Matrix, preparation: Preparation) -> Axes:
    """The two directions in which customers differ most, with a steady sign."""
    centred_on = matrix.mean(axis=0)
    covariance = (matrix.T @ matrix) / len(matrix) - np.outer(centred_on, centred_on)
    strength, directions = np.linalg.eigh(covariance)
    top = directions[:, ::-1][:, :2].T
    top = np.array([row * np.sign(row[np.abs(row).argmax()]) for row in top])
    shares = strength[::-1][:2] / strength.sum()
    return Axes(
        top,
        (_axis_name(top[0], preparation.features), _axis_name(top[1], preparation.features)),
        (float(shares[0]), float(shares[1])),
    )


def _axis_name(direction: npt.NDArray[np.float64], features: tuple[str, ...]) -> str:
    first, second = np.argsort(-np.abs(direction))[:2]
    low, high = (
        ", ".join(said(features[i], high=(direction[i] > 0) == up) for i in (first, second))
        for up in (False, True)
    )
    return f"← {low}   ·   {high} →"


def inside(polygon: npt.ArrayLike, points: Matrix) -> npt.NDArray[np.bool_]:
    """Which points lie within a polygon, by the even-odd rule.

    Args:
        polygon: Its corners in order, shape (corners, 2).
        points: Shape (n, 2).

    >>> inside([(0, 0), (2, 0), (2, 2), (0, 2)], np.array([[1.0, 1.0], [3.0, 1.0]])).tolist()
    [True, False]
    """
    corners = np.asarray(polygon, dtype=float)
    x, y = points[:, 0], points[:, 1]
    within = np.zeros(len(points), dtype=bool)
    for (x1, y1), (x2, y2) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y1 == y2:
            continue
        crosses = (y1 > y) != (y2 > y)
        within ^= crosses & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    return within
