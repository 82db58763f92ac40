"""Recommendations for all customers, kept in the store for lists and downloads."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.recommend.feedback import feedback, feedback_version, never_shown
from analytics.recommend.fitting import fit
from analytics.recommend.history import Job, check_job, check_signals
from analytics.recommend.lists import SOURCES
from analytics.recommend.model import Model
from analytics.store import Store

CODE_VERSION = 2
AT_A_TIME = 50_000


@dataclass(frozen=True)
class Kept:
    """Recommendations of all customers, kept in the store.

    Attributes:
        table: The name to hand to `store.query(tables={"recommendations": …})`: customer_id, rank,
            product_id, score (NULL where another filled the place), source (one of `SOURCES`).
        job: What they are for.
        method: The method in use.
        label: The same in words.
        verdict: Why this method.
        as_of: The day they are as of.
        n: How many there are for each customer, at most.
    """

    table: str
    job: Job
    method: str
    label: str
    verdict: str
    as_of: date
    n: int


def keep(
    store: Store,
    job: Job = "discover",
    n: int = 10,
    method: str = "auto",
    as_of: date | None = None,
    signals: Mapping[str, float] | None = None,
    *,
    found: Model | None = None,
    include: Collection[str] | None = None,
    exclude: Collection[str] | pd.DataFrame | None = None,
    rest_days: int = 0,
    spread: float = 0.0,
) -> Kept:
    """Everyone's recommendations as a kept table, made only if it is not there yet.

    What a customer is never to be shown is left out, as of the call. Those who must not be
    addressed are in it, as in all kept results: lists leave them out.

    Args:
        store: The shop.
        job: As for `fit`.
        n: How many for each customer.
        method: As for `fit`.
        as_of: As for `fit`.
        signals: As for `fit`.
        found: What `fit` returned for the same, where it has just been called.
        include: As for `Model.for_customers`.
        exclude: As for `Model.for_customers`, beside what was said to be never shown.
        rest_days: As for `Model.for_customers`.
        spread: As for `Model.for_customers`.
    """
    check_job(job)
    day = as_of or store.default_as_of()
    never = never_shown(store)
    if isinstance(exclude, pd.DataFrame):
        never = pd.concat([never, exclude[["customer_id", "product_id"]].astype("str")])
        exclude = None
    if exclude is not None:
        include = _without(store, day, include, exclude)
    said = found.history.feedback if found else feedback_version(feedback(store, day))
    given = json.dumps(
        [
            *(method, n, check_signals(signals), _digest(include), rest_days, spread),
            *(said, feedback_version(never)),
        ]
    )
    stamp = f"{store.version}_{day}_{given}_{CODE_VERSION}"
    names = (f"recommendations_{job}", f"recommended_by_{job}")
    table, about = (store.kept(name, stamp) for name in names)
    if table is None or about is None:
        model = found or fit(store, job, method, day, signals)
        facts = pa.table(
            {"method": [model.method], "label": [model.label], "verdict": [model.verdict]}
        )
        rows = everyone(model, n, include, never, rest_days, spread)
        table = store.keep(names[0], stamp, rows)
        about = store.keep(names[1], stamp, facts)
    row = store.query("recommended_by", tables={"recommended_by": about}).iloc[0]
    return Kept(table, job, str(row["method"]), str(row["label"]), str(row["verdict"]), day, n)


def everyone(
    model: Model,
    n: int,
    include: Collection[str] | None = None,
    exclude: pd.DataFrame | None = None,
    rest_days: int = 0,
    spread: float = 0.0,
) -> pa.Table:
    """The recommendations of all customers.

    Returns:
        Arrow table customer_id, rank, product_id, score, source.
    """
    customers = pa.array(model.history.customers["customer_id"], pa.string())
    products = pa.array(model.history.products["product_id"], pa.string())
    parts = []
    for start in range(0, len(customers), AT_A_TIME):
        rows = np.arange(start, min(start + AT_A_TIME, len(customers)))
        found = model.lists(rows, n, include, exclude, rest_days, spread)
        place, rank = np.nonzero(found.products >= 0)
        scores = pd.Series(found.scores[place, rank].astype(float))
        parts.append(
            pa.table(
                {
                    "customer_id": customers.take(pa.array(rows[place])),
                    "rank": pa.array(rank + 1, pa.int64()),
                    "product_id": products.take(pa.array(found.products[place, rank])),
                    "score": pa.array(scores, pa.float64(), from_pandas=True),
                    "source": pa.array(np.array(SOURCES)[found.source[place, rank]], pa.string()),
                }
            )
        )
    return pa.concat_tables(parts)


def _without(
    store: Store, day: date, include: Collection[str] | None, exclude: Collection[str]
) -> list[str]:
    """The product ids that may be recommended, less some."""
    known = (
        store.query("recommend_products", as_of=day)["product_id"] if include is None else include
    )
    gone = {str(one) for one in exclude}
    return [str(one) for one in known if str(one) not in gone]


def _digest(ids: Collection[str] | None) -> str | None:
    """A short text for a set of ids; None for all."""
    if ids is None:
        return None
    joined = json.dumps(sorted({str(one) for one in ids}))
    return hashlib.sha256(joined.encode()).hexdigest()[:16]
