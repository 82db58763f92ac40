"""Audiences: rules over everything known of customers, and who fulfils them.

A rule is data: conditions joined by and, or, not (`analytics.store.compile.rule`). It is saved
under a name and evaluated anew whenever the data change. Everybody with a row in the kept customer
features may fulfil it. A comparison with a missing value is not fulfilled, and its negation is.
"""

import hashlib
from collections.abc import Mapping
from collections.abc import Sequence as Many
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.audience.checks import OPERATORS, check
from analytics.audience.rules import from_json, to_json
from analytics.audience.shelf import (
    IdList,
    combine,
    delete,
    delete_ids,
    list_names,
    lists_of,
    needed,
    rename,
    rule,
    save,
    save_ids,
    saved,
    unknown_ids,
)
from analytics.audience.templates import Template, templates
from analytics.audience.wording import describe, operator_words
from analytics.errors import AnalyticsError
from analytics.store import Store, compile, money
from analytics.store.compile import Table, attribute_names, texts
from analytics.store.compile.rule import (
    All,
    AnyOf,
    Attribute,
    Bought,
    Cluster,
    Did,
    Feature,
    InAudience,
    InList,
    Not,
    Operator,
    Rule,
    Segment,
    Sequence,
    Step,
)  # fmt: skip

CODE_VERSION = 1
MOST_REGIONS, MOST_PAIRS = 4, 20

__all__ = [
    "OPERATORS", "All", "AnyOf", "Attribute", "Bought", "Cluster", "Did", "Feature", "IdList",
    "InAudience", "InList", "Kept", "Not", "Operator", "Overlap", "Rule", "Segment", "Sequence",
    "Step", "Summary", "Template", "attribute_names", "check", "combine", "delete",
    "delete_ids", "describe", "from_json", "keep", "list_names", "lists_of", "members",
    "operator_words", "overlap", "query", "rename", "rule", "save", "save_ids", "saved",
    "stamp", "summary", "templates", "texts", "to_json", "unknown_ids",
]  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """The customers of an audience, kept in the store.

    Attributes:
        table: The name to hand to `store.query(tables={"members": …})`: customer_id, segment.
        as_of: The day they are as of.
    """

    table: str
    as_of: date


@dataclass(frozen=True)
class Summary:
    """What an audience is worth.

    Attributes:
        customers: How many people it has.
        opted_out: How many of them must not be addressed.
        revenue: What they have brought before the as-of day (money, exact).
        share: Their share of all customers, 0 to 1; NaN where there is nobody.
        revenue_share: Their share of the revenue of all customers; NaN where that is not positive.
        all_customers: How many customers there are.
    """

    customers: int
    opted_out: int
    revenue: Decimal
    share: float
    revenue_share: float
    all_customers: int


@dataclass(frozen=True)
class Overlap:
    """Who is in several audiences at once.

    Attributes:
        pairs: DataFrame, a row an ordered pair, an audience with itself included: first, second,
            customers (in both), first_share (of the first, 0 to 1; NaN where it is empty).
        regions: DataFrame, a row an exact combination: audiences (a tuple of their names),
            customers (in these and no others); those in none are not counted. Empty for more
            than four audiences.
    """

    pairs: pd.DataFrame
    regions: pd.DataFrame


def members(
    store: Store,
    rule: Rule,
    as_of: date | None = None,
    *,
    features: Table,
    scores: Table | None = None,
    clusters: Table | None = None,
) -> pd.DataFrame:
    """The customers who fulfil a rule.

    Args:
        store: The shop.
        rule: The rule.
        as_of: Only what happened before this day counts; by default the day after the last order.
        features: The kept table of `profile.keep`.
        scores: The kept table of `rfm.keep`, for conditions on segments.
        clusters: The kept table of clusters, for conditions on them.

    Returns:
        DataFrame, a row a customer, sorted: customer_id.

    Raises:
        AnalyticsError: The rule makes no sense, or asks for what there is not.
    """
    tables = _tables(features, scores, clusters)
    frame: pd.DataFrame = _members(store, rule, as_of, tables).to_pandas()
    return frame


def keep(
    store: Store,
    rule: Rule,
    as_of: date | None = None,
    *,
    features: str,
    scores: str | None = None,
    clusters: str | None = None,
) -> Kept:
    """The same customers as a kept table of the store, with their segment, for lists.

    Raises:
        AnalyticsError: As for `members`.
    """
    day = as_of or store.default_as_of()
    tables = _tables(features, scores, clusters)
    made_from = stamp(store, rule, day, features=features, scores=scores, clusters=clusters)
    table = store.kept("audience", made_from)
    if table is None:
        nobody = pa.table(dict.fromkeys(("customer_id", "segment"), pa.array([], pa.string())))
        found = store.arrow(
            "audience_members",
            tables={
                "members": _members(store, rule, day, tables),
                "scores": scores or nobody,
            },
        )
        table = store.keep("audience", made_from, found)
    return Kept(table, day)


def stamp(
    store: Store,
    rule: Rule,
    as_of: date,
    *,
    features: str,
    scores: str | None = None,
    clusters: str | None = None,
) -> str:
    """All that the answer to a rule depends on: it changes whenever the answer may."""
    check(rule)
    rules = needed(store, rule)
    parts = [to_json(rule), *(f"{name}\n{to_json(one)}" for name, one in sorted(rules.items()))]
    lists = {name for one in (rule, *rules.values()) for name in compile.id_lists(one)}
    for name in sorted(lists):
        parts += [name, *store.query("audience_ids", list_name=name)["customer_id"]]
    digest = hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
    return f"{store.version}_{as_of}_{digest}_{features}_{scores}_{clusters}_{CODE_VERSION}"


def summary(
    store: Store,
    rule: Rule,
    as_of: date | None = None,
    *,
    features: Table,
    scores: Table | None = None,
    clusters: Table | None = None,
) -> Summary:
    """How many people an audience has, how many opted out, and what they have brought.

    Raises:
        AnalyticsError: As for `members`.
    """
    tables = _tables(features, scores, clusters)
    found = _members(store, rule, as_of, tables)
    row: Any = next(
        store.query("audience_summary", tables={"members": found, "features": features}).itertuples(
            index=False
        )
    )
    customers, revenue = int(row.customers), money(row.revenue)
    everybody, whole = int(row.all_customers), money(row.all_revenue)
    return Summary(
        customers,
        int(row.opted_out),
        revenue,
        customers / everybody if everybody else np.nan,
        float(revenue / whole) if whole > 0 else np.nan,
        everybody,
    )


def query(
    store: Store,
    rule: Rule,
    as_of: date | None = None,
    *,
    features: Table,
    scores: Table | None = None,
    clusters: Table | None = None,
) -> str:
    """The query that finds the customers of a rule, for the reader; its values are not in it."""
    check(rule)
    day = as_of or store.default_as_of()
    tables = _tables(features, scores, clusters)
    return compile.text(store, rule, tables, day, needed(store, rule))


def overlap(
    store: Store,
    names: Many[str],
    as_of: date | None = None,
    *,
    features: Table,
    scores: Table | None = None,
    clusters: Table | None = None,
) -> Overlap:
    """How many customers saved audiences share.

    Args:
        store: The shop.
        names: The audiences, two to twenty.
        as_of, features, scores, clusters: As for `members`.

    Raises:
        AnalyticsError: Too few or too many are chosen; else as for `members`.
    """
    names = list(dict.fromkeys(names))
    if not 2 <= len(names) <= MOST_PAIRS:
        raise AnalyticsError(
            "The overlap of so many audiences cannot be shown.",
            f"Choose two to {MOST_PAIRS} audiences.",
        )
    tables = _tables(features, scores, clusters)
    coded = []
    for place, name in enumerate(names):
        found = _members(store, rule(store, name), as_of, tables).to_pandas()
        coded.append(found.assign(code=1 << place))
    codes = pd.concat(coded).groupby("customer_id")["code"].sum().value_counts().sort_index()
    sets = codes.index.to_numpy(dtype=np.int64)[:, None] >> np.arange(len(names)) & 1
    shared = sets.T @ (sets * codes.to_numpy()[:, None])
    sizes = np.diag(shared)
    pairs = pd.DataFrame(
        {
            "first": np.repeat(names, len(names)),
            "second": names * len(names),
            "customers": shared.reshape(-1),
            "first_share": (shared / np.where(sizes, sizes, np.nan)[:, None]).reshape(-1),
        }
    )
    combined = [
        tuple(name for name, inside in zip(names, row, strict=True) if inside) for row in sets
    ]
    regions = pd.DataFrame({"audiences": combined, "customers": codes.to_numpy()})
    return Overlap(pairs, regions if len(names) <= MOST_REGIONS else regions.iloc[:0])


def _tables(features: Table, scores: Table | None, clusters: Table | None) -> Mapping[str, Table]:
    given = {"features": features, "scores": scores, "clusters": clusters}
    return {name: table for name, table in given.items() if table is not None}


def _members(store: Store, rule: Rule, as_of: date | None, tables: Mapping[str, Table]) -> pa.Table:
    check(rule)
    day = as_of or store.default_as_of()
    return compile.members(store, rule, tables, day, needed(store, rule))
