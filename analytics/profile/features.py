"""Features of every customer as of a day, in one query over orders, events and persons.

Nothing on or after the as-of day goes into them, so that a model can be tested on what came next;
only what the shop says of a person (city, gender, consent, further columns) is as of the last
import, since files do not say since when it holds.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
import pyarrow as pa

from analytics.profile.catalogue import FEATURES
from analytics.store import Store
from analytics.store.frames import to_frame

CODE_VERSION = 1
STORES = re.compile(
    r"\b(stores?|shop ?floor|pos|point of sale|retail|in ?store|offline|outlets?|branch(es)?"
    r"|filialen?|laden|magasins?|boutiques?|tiendas?)\b|门店|线下|店铺|实体"
)
"""What a channel's name says where it is a place one walks into; dashes and such are spaces."""
ONLINE = re.compile(
    r"\b(online|web|app|e|play|internet|www|amazon|ebay|etsy)\b|线上|网店|网上|天猫|淘宝"
)
"""What it says where it is none all the same: an app store, an online shop."""
SATURDAY = 5


@dataclass(frozen=True)
class Kept:
    """Features of all customers, kept in the store.

    Attributes:
        table: The name to hand to `store.query(tables={"features": …})`.
        as_of: The day they are as of.
    """

    table: str
    as_of: date


def features(store: Store, as_of: date | None = None) -> pd.DataFrame:
    """The features of every customer known as of a day.

    Args:
        store: The shop.
        as_of: Only what happened before this day counts; by default the day after the last order.

    Returns:
        DataFrame, a row a customer with a line that counts, an event or a row in the customers
        table, sorted by customer_id: customer_id; the columns of `FEATURES` in their order (money
        exact; days as datetimes; whole numbers as integers, nullable where they may be missing;
        shares and means as floats with NaN for missing); attributes (JSON text, or missing).

    Raises:
        NotEnoughDataError: There are neither orders nor events.
    """
    found = to_frame(_query(store, as_of or store.default_as_of()))
    for feature in FEATURES:
        name, column = feature.name, found[feature.name]
        if feature.kind == "day":
            found[name] = pd.to_datetime(column)
        elif feature.kind == "flag":
            found[name] = column.astype("boolean" if name == "consent" else "bool")
        elif feature.kind == "text":
            found[name] = column.astype("str")
    whole = ("recency_days", "tenure_days", "days_since_event", "days_since_signup", "age_years")
    return found.astype(dict.fromkeys(whole, "Int64") | {"attributes": "str"})


def keep(store: Store, as_of: date | None = None) -> Kept:
    """The same features as a kept table of the store, made only if it is not there yet.

    Raises:
        NotEnoughDataError: As for `features`.
    """
    day = as_of or store.default_as_of()
    stamp = f"{store.version}_{day}_{CODE_VERSION}"
    table = store.kept("features", stamp) or store.keep("features", stamp, _query(store, day))
    return Kept(table, day)


def is_store(channel: str) -> bool:
    """Whether a channel is a place one walks into, as far as its name says so.

    >>> [is_store(name) for name in ("Retail store", "in-store", "门店", "web", "App Store")]
    [True, True, True, False, False]
    """
    words = re.sub(r"[\W_]+", " ", channel).casefold()
    return bool(STORES.search(words)) and not ONLINE.search(words)


def _query(store: Store, as_of: date) -> pa.Table:
    """The rows of the query, as an Arrow table."""
    tables = {"calendar": _calendar(store, as_of), "channel_kinds": _channel_kinds(store)}
    return store.arrow("customer_features", tables=tables, as_of=as_of)


def _calendar(store: Store, as_of: date) -> pa.Table:
    """Every day from the first order to the as-of day, and whether it is at a weekend."""
    first = store.tables().set_index("table")["first_day"]["orders"]
    start = as_of if pd.isna(first) else pd.Timestamp(first).date()
    days = [start + timedelta(days=place) for place in range((as_of - start).days)]
    weekend = [day.weekday() >= SATURDAY for day in days]
    return pa.table({"day": pa.array(days, pa.date32()), "weekend": pa.array(weekend, pa.bool_())})


def _channel_kinds(store: Store) -> pa.Table:
    """The channels of orders, and which of them are stores."""
    names = store.query("profile_channels")["channel"].tolist()
    kinds = [is_store(name) for name in names]
    return pa.table(
        {"channel": pa.array(names, pa.string()), "is_store": pa.array(kinds, pa.bool_())}
    )
