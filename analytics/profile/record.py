"""One customer: who they are, where they stand and why, and all that happened, newest first."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from analytics.errors import AnalyticsError
from analytics.profile.catalogue import FEATURES
from analytics.profile.features import keep
from analytics.profile.moves import Name, limits, moves, standing, why
from analytics.store import TABLES, Store

EVERY_ROW = 2**62


@dataclass(frozen=True)
class Record:
    """What is known of one customer as of a day.

    Attributes:
        customer_id: Who.
        as_of: Only what happened before this day counts.
        name: Their name, or None.
        person: DataFrame field, label, value: what the shop says of them, further columns last.
        opted_out: Whether they must not be addressed.
        opted_out_because: The reason, where one was given.
        features: DataFrame name, label, value, meaning, unit, kind, group in the order of
            `FEATURES`; empty where nothing is known of them before the day.
        segment: Their segment; None without scores or without a line that counts.
        scores: DataFrame of one row r, f, m; empty without scores.
        why: The three traits that put them there, as of `moves.why`.
        beside: DataFrame measure, own, segment_median: revenue (money), orders,
            average_order_value (money), recency_days, beside their segment's median.
        moves: What would move them, as of `moves.moves`.
        categories: DataFrame category (missing: not known), lines, orders, revenue (money), the
            favourite first.
        orders: DataFrame order_id, day, hour, revenue (money): the orders that count, by day.
        cluster: The name of their cluster; None without.
        cluster_confidence: How clearly they belong to it, 0 to 1; NaN without.
    """

    customer_id: str
    as_of: date
    name: str | None
    person: pd.DataFrame
    opted_out: bool
    opted_out_because: str | None
    features: pd.DataFrame
    segment: str | None
    scores: pd.DataFrame
    why: pd.DataFrame
    beside: pd.DataFrame
    moves: pd.DataFrame
    categories: pd.DataFrame
    orders: pd.DataFrame
    cluster: str | None
    cluster_confidence: float

    def feature(self, name: str) -> Any:
        """The value of a feature; missing where nothing is known of them before the day."""
        found = self.features.loc[self.features["name"] == name, "value"]
        return found.iloc[0] if len(found) else pd.NA


@dataclass(frozen=True)
class Timeline:
    """One page of what happened to a customer.

    Attributes:
        frame: DataFrame, newest first: happened_at (shop time), kind (order, return, event,
            campaign, sign-up, experiment), what (order number, event or experiment), product,
            products, items (pieces), revenue (money that counts), channel, detail (campaign or
            variant), status, fate (of an order: analysed, or why it does not count).
        rows: How many there are on all pages.
    """

    frame: pd.DataFrame
    rows: int


def record(
    store: Store,
    customer_id: str,
    as_of: date | None = None,
    *,
    scores: str | None = None,
    name: Name | None = None,
    clusters: str | None = None,
    unit: str = "",
) -> Record:
    """What is known of one customer.

    Args:
        store: The shop.
        customer_id: Who.
        as_of: Only what happened before this day counts; by default the day after the last order.
        scores: The kept table of the RFM scores of that day, for segment, why and beside.
        name: The segment of scores r, f and m, for moves.
        clusters: The kept table of clusters: customer_id, cluster, name, confidence.
        unit: What money is called, or empty.

    Raises:
        AnalyticsError: The store holds nothing of such a customer.
        NotEnoughDataError: There are neither orders nor events.
    """
    person = known(store, customer_id)
    day = as_of or store.default_as_of()
    values = _features(store, customer_id, day)
    row = _one(store, "profile_scores", {"scores": scores}, customer_id) if scores else None
    segment = None if row is None else str(row["segment"])
    beside, moved = _no_beside(), pd.DataFrame()
    if scores is not None and row is not None:
        beside = _beside(store, scores, row, values)
    if scores is not None and name is not None:
        moved = moves(standing(row), limits(store, scores), name, day, unit)
    cluster = (
        _one(store, "profile_cluster", {"clusters": clusters}, customer_id) if clusters else None
    )
    return Record(
        customer_id=customer_id,
        as_of=day,
        name=None if pd.isna(person["name"]) else str(person["name"]),
        person=_person(person),
        opted_out=bool(person["opted_out"]),
        opted_out_because=None
        if pd.isna(person["suppressed_because"])
        else str(person["suppressed_because"]),
        features=values,
        segment=segment,
        scores=pd.DataFrame([] if row is None else [row[["r", "f", "m"]]], columns=["r", "f", "m"]),
        why=pd.DataFrame() if row is None else why(row, unit),
        beside=beside,
        moves=moved,
        categories=store.query("profile_categories", customer_id=customer_id, as_of=day),
        orders=store.query("profile_orders", customer_id=customer_id, as_of=day),
        cluster=None if cluster is None else str(cluster["name"]),
        cluster_confidence=np.nan if cluster is None else float(cluster["confidence"]),
    )


def timeline(
    store: Store,
    customer_id: str,
    as_of: date | None = None,
    *,
    kind: str | None = None,
    limit: int = EVERY_ROW,
    offset: int = 0,
) -> Timeline:
    """What happened to a customer, newest first.

    Args:
        store: The shop.
        customer_id: Who.
        as_of: Only what happened before this day; by default the day after the last order.
        kind: Only this kind, such as `order`.
        limit: The rows of a page; by default all.
        offset: The rows of the pages before.
    """
    found = store.query(
        "profile_timeline",
        customer_id=customer_id,
        as_of=as_of or store.default_as_of(),
        kind=kind,
        limit=limit,
        offset=offset,
    )
    rows = int(found["all_rows"].iloc[0]) if len(found) else 0
    return Timeline(found.drop(columns="all_rows"), rows)


def known(store: Store, customer_id: str) -> "pd.Series[Any]":
    """A customer's row of `profile_person`.

    Raises:
        AnalyticsError: The store holds nothing of such a customer.
    """
    row: pd.Series[Any] = store.query("profile_person", customer_id=customer_id).iloc[0]
    if not row["records"]:
        raise AnalyticsError(
            f"There is no customer “{customer_id}”.",
            "Search for them by customer number, e-mail or name.",
        )
    return row


def _one(
    store: Store, query: str, tables: dict[str, str], customer_id: str
) -> "pd.Series[Any] | None":
    """The row of one customer in a kept table, or nothing."""
    found = store.query(query, tables=tables, customer_id=customer_id)
    return found.astype(object).iloc[0] if len(found) else None


def _features(store: Store, customer_id: str, day: date) -> pd.DataFrame:
    row = _one(store, "profile_features", {"features": keep(store, day).table}, customer_id)
    rows = [
        (one.name, one.label, row[one.name], one.meaning, one.unit, one.kind, one.group)
        for one in FEATURES
        if row is not None
    ]
    return pd.DataFrame(
        rows, columns=["name", "label", "value", "meaning", "unit", "kind", "group"]
    ).astype({"value": object})


def _person(row: "pd.Series[Any]") -> pd.DataFrame:
    """The fields that are filled, then the further columns the shop uploaded."""
    filled = [
        (field.name, field.label, row[field.name])
        for field in TABLES["customers"].fields
        if not pd.isna(row[field.name])
    ]
    further = {} if pd.isna(row["attributes"]) else json.loads(row["attributes"])
    filled += [
        (name, name.replace("_", " ").capitalize(), value) for name, value in further.items()
    ]
    return pd.DataFrame(filled, columns=["field", "label", "value"]).astype({"value": object})


def _no_beside() -> pd.DataFrame:
    return pd.DataFrame(columns=["measure", "own", "segment_median"])


def _beside(store: Store, scores: str, row: "pd.Series[Any]", values: pd.DataFrame) -> pd.DataFrame:
    """The customer's own figures beside the medians of those in their segment."""
    peers = store.query("profile_segment", tables={"scores": scores}, segment=row["segment"])
    worth = peers["monetary"].astype(object).astype(float)
    columns = {
        "revenue": worth,
        "orders": peers["frequency"],
        "average_order_value": worth / peers["frequency"],
        "recency_days": peers["recency_days"],
    }
    own = dict(zip(values["name"], values["value"], strict=True))
    return pd.DataFrame(
        [
            {
                "measure": measure,
                "own": own.get(measure),
                "segment_median": float(column.median()) if len(column) else np.nan,
            }
            for measure, column in columns.items()
        ]
    )
