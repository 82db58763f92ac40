"""Groups of all customers, kept in the store: their lists, their sums, and who was drawn around."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from analytics import profile
from analytics.clusters.describe import inside
from analytics.clusters.fitting import DEFAULTS, Clusters, group_kept
from analytics.clusters.group import Method
from analytics.store import Store, money

CODE_VERSION = 1


@dataclass(frozen=True)
class Kept:
    """Clusters of all customers who ordered, kept in the store.

    Attributes:
        table: The name to hand to `store.query(tables={"clusters": …})`: customer_id, cluster,
            name, confidence, x, y.
        traits: The kept traits of the clusters: cluster, feature, label, unit, median,
            shop_median, difference.
        features: The kept features they were made from.
        as_of: The day they are as of.
    """

    table: str
    traits: str
    features: str
    as_of: date


def keep(
    store: Store,
    k: int | None = None,
    features: Sequence[str] | None = None,
    method: Method = "kmeans",
    as_of: date | None = None,
    *,
    found: Clusters | None = None,
) -> Kept:
    """The clusters as a kept table of the store, made only if it is not there yet.

    Args:
        store: The shop.
        k: As for `fit`.
        features: As for `fit`.
        method: As for `fit`.
        as_of: As for `fit`.
        found: What `fit` returned for the same, where it has just been called.
    """
    day = as_of or store.default_as_of()
    chosen = list(features or DEFAULTS)
    stamp = f"{store.version}_{day}_{json.dumps([k, chosen, method])}_{CODE_VERSION}"
    of_features = profile.keep(store, day).table
    table, traits = (store.kept(name, stamp) for name in ("clusters", "cluster_traits"))
    if table is None or traits is None:
        if found is None:
            found = group_kept(store, of_features, chosen, k, method)
        table, traits = (
            store.keep(name, stamp, pa.Table.from_pandas(frame, preserve_index=False))
            for name, frame in (("clusters", found.labels), ("cluster_traits", found.traits))
        )
    return Kept(table, traits, of_features, day)


def reasons(store: Store, kept: Kept, customer_id: str, first: int = 3) -> pd.DataFrame:
    """What puts a customer into their cluster: the traits in which it differs most from the shop.

    Returns:
        DataFrame, the strongest first: feature, label, unit, value (the customer's own; NaN where
        unknown), median (the cluster's), shop_median, difference. Empty for a customer in none.
    """
    found = store.query(
        "cluster_reasons",
        tables={"clusters": kept.table, "traits": kept.traits},
        customer_id=customer_id,
    ).head(first)
    own = store.query(
        "profile_features", tables={"features": kept.features}, customer_id=customer_id
    )
    values = [float("nan") if pd.isna(own[name].iloc[0]) else float(own[name].iloc[0])
              for name in found["feature"]]  # fmt: skip
    return found.drop(columns=["name"]).assign(value=values)


def summary(store: Store, kept: Kept, found: Clusters) -> pd.DataFrame:
    """What each cluster is worth.

    Returns:
        DataFrame cluster, name, customers, customer_share (0 to 1), revenue (money, exact),
        revenue_share (0 to 1), average_order_value (money), confidence (0 to 1), rule.
    """
    sums = store.query("cluster_sums", tables={"clusters": kept.table, "features": kept.features})
    shown = found.profiles.drop(columns=["customers"]).merge(sums, on="cluster")
    worth = [money(value) for value in shown["revenue"]]
    total = sum(worth)
    shown["revenue_share"] = [float(value / total) if total else np.nan for value in worth]
    shown["average_order_value"] = [
        float(value) / orders if orders else np.nan
        for value, orders in zip(worth, shown["orders"], strict=True)
    ]
    columns = [
        "cluster", "name", "customers", "customer_share", "revenue", "revenue_share",
        "average_order_value", "confidence", "rule",
    ]  # fmt: skip
    return shown[columns]


def pick(store: Store, kept: Kept, polygons: Sequence[npt.ArrayLike]) -> pd.DataFrame:
    """All customers within what was drawn on the map, whether or not they were shown on it.

    Args:
        store: The shop.
        kept: The clusters.
        polygons: The corners of each shape in the map's units, shape (corners, 2).

    Returns:
        DataFrame customer_id.
    """
    points = store.query("cluster_points", tables={"clusters": kept.table})
    places = points[["x", "y"]].to_numpy(dtype=float)
    within = np.zeros(len(places), dtype=bool)
    for polygon in polygons:
        within |= inside(polygon, places)
    return points.loc[within, ["customer_id"]].reset_index(drop=True)
