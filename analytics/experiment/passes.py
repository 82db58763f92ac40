"""Which sums to ask of the store for which metrics, in as few passes over the data as it takes.

One pass over orders and events fills all measures of orders, two slots of events and one retention
rate; further kinds of events take further passes, which leave the orders out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa

from analytics.experiment.metrics import Measure, Metric
from analytics.experiment.sums import SUMS, Totals, whole
from analytics.store import Store

__all__ = ["Sums", "collect"]

NOT_KNOWN = "not known"
SLOTS = ("a", "b")
Key = tuple[str, str, int, date | None]


@dataclass(frozen=True)
class _Pass:
    """What one query is asked.

    Attributes:
        places: The metrics' places in what was asked.
        slots: For each slot the event and how it is counted.
        retention_days: Of the one retention rate among them, if any.
        with_orders: Whether a metric of them counts orders or revenue.
    """

    places: list[int] = field(default_factory=list)
    slots: dict[tuple[str, str], str] = field(default_factory=dict)
    retention_days: int | None = None
    with_orders: bool = False


@dataclass(frozen=True)
class Sums:
    """What the store answered.

    Attributes:
        totals: For each variant, segment, metric's place (and day) the sums over its customers;
            those in which nobody did anything are missing.
        active: For each variant and metric's place the customers who did any of it, or had before.
        with_before: The places of metrics that anybody of any arm had before.
        top: DataFrame, the customers with the highest revenue, falling: variant, segment,
            customer_id, revenue (exact).
        buyers: Customers of all arms whose revenue is not 0.
        sizes: DataFrame, a row a variant (None: several) and segment (and day of the first
            exposure): assigned, customers (those who count), late, known (not by day).
    """

    totals: dict[Key, Totals]
    active: dict[tuple[str, int], int]
    with_before: set[int]
    top: pd.DataFrame
    buyers: int
    sizes: pd.DataFrame


def collect(
    store: Store,
    asked: Sequence[Metric],
    *,
    tables: Mapping[str, pd.DataFrame | pa.Table | str],
    by_day: bool,
    **params: Any,
) -> Sums:
    """The sums of all metrics.

    Args:
        store: The shop.
        asked: The metrics.
        tables: `members`, which customer is in which segment.
        by_day: What each day adds, instead of all.
        **params: Of the queries `experiment_moments` and `experiment_days`.
    """
    totals: dict[Key, Totals] = {}
    active: dict[tuple[str, int], int] = {}
    with_before: set[int] = set()
    tops: list[dict[str, Any]] = []
    sizes: list[dict[str, Any]] = []
    for one in _passes(asked):
        found = store.arrow(
            "experiment_days" if by_day else "experiment_moments",
            tables={**tables, "measures": _measures(asked, one), "slots": _slots(store, one)},
            retention_days=one.retention_days,
            with_orders=one.with_orders,
            is_first=not sizes,
            **params,
        )
        for line in found.to_pylist():
            place, variant = line["metric"], line["variant"]
            segment = NOT_KNOWN if line["segment"] is None else line["segment"]
            if line["part"] == "buyer":
                tops.append(line | {"segment": segment, "revenue": line["value"]})
            if line["part"] == "sizes":
                sizes.append(line | {"segment": segment})
            if line["part"] != "sums":
                continue
            sums = {name: whole(line[name], name) for name in SUMS}
            totals[variant, segment, place, line.get("day")] = sums
            if sums["before_squared"] or sums["denominator_before_squared"]:
                with_before.add(place)
            if not by_day:
                active[variant, place] = active.get((variant, place), 0) + line["customers"]
    tops.sort(key=lambda line: line["place"])
    top = pd.DataFrame(tops, columns=["variant", "segment", "customer_id", "revenue"])
    columns = ["variant", "segment", "day", "assigned", "customers", "late", "known"]
    found_sizes = pd.DataFrame(sizes, columns=columns)
    buyers = tops[0]["buyers"] if tops else 0
    return Sums(totals, active, with_before, top, buyers, found_sizes)


def _passes(asked: Sequence[Metric]) -> list[_Pass]:
    """Metrics put together so that each pass has slots enough for its own."""
    made: list[_Pass] = []
    order = sorted(range(len(asked)), key=lambda at: not _parts(asked[at])[1])
    for place in order:
        metric = asked[place]
        events, counts_orders = _parts(metric)
        days = metric.retention_days
        fits = (
            one
            for one in made
            if len({*one.slots, *events}) <= len(SLOTS)
            and (days is None or one.retention_days in (None, days))
            and (one.with_orders or not counts_orders)
        )
        chosen = next(fits, None)
        if chosen is None:
            chosen = _Pass(with_orders=counts_orders)
            made.append(chosen)
        chosen.places.append(place)
        for event in events:
            if event not in chosen.slots:
                chosen.slots[event] = SLOTS[len(chosen.slots)]
        if days is not None:
            made[made.index(chosen)] = _Pass(chosen.places, chosen.slots, days, chosen.with_orders)
    return made


def _parts(metric: Metric) -> tuple[list[tuple[str, str]], bool]:
    """The kinds of events a metric counts, and whether it counts orders."""
    parts = [part for part in (metric.value, metric.denominator) if part is not None]
    events = [_slot(part) for part in parts if part.of == "event"]
    return list(dict.fromkeys(events)), any(part.of != "event" for part in parts)


def _slot(part: Measure) -> tuple[str, str]:
    """What of an event is added up; whether there is any follows from how many there are."""
    return part.event, "count" if part.counted == "whether" else part.counted


def _measures(asked: Sequence[Metric], one: _Pass) -> pa.Table:
    """Which measure each metric is made of, as the queries name them."""

    def named(part: Measure | None) -> str | None:
        if part is None or part.of != "event":
            return None if part is None else part.of
        return ("any_" if part.counted == "whether" else "") + one.slots[_slot(part)]

    return pa.table(
        {
            "metric": pa.array(one.places, pa.int64()),
            "value": pa.array([named(asked[at].value) for at in one.places], pa.string()),
            "denominator": pa.array(
                [named(asked[at].denominator) for at in one.places], pa.string()
            ),
        }
    )


def _slots(store: Store, one: _Pass) -> pa.Table:
    """Which events fill which slot; any event at all tells that somebody came back."""
    rows = [(event, slot, counted) for (event, counted), slot in one.slots.items()]
    if one.retention_days is not None:
        events = store.query("experiment_events")["event"]
        rows += [(event, "returned", "count") for event in events]
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    return pa.table(
        {
            name: pa.array(list(column), pa.string())
            for name, column in zip(("event", "slot", "counted"), columns, strict=True)
        }
    )
