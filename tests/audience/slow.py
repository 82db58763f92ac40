"""What a rule means, read slowly in plain Python: one customer, one condition at a time."""

import json
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

import pandas as pd

from analytics import profile
from analytics.audience import (
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
    Rule,
    Segment,
    Sequence,
    Step,
)  # fmt: skip
from analytics.store import Store

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "is": operator.eq, "is_not": operator.ne, "at_least": operator.ge, "at_most": operator.le,
    "more_than": operator.gt, "less_than": operator.lt, "contains": lambda a, b: b in a,
    "starts_with": lambda a, b: a.startswith(b),
}  # fmt: skip


@dataclass
class Shop:
    """A shop read into lists.

    Attributes:
        store: The store they were read from.
        features: The kept table of features.
        as_of: The day everything is as of.
        people: A customer's features by customer_id.
        orders: Order lines that count.
        events: Events.
        categories: The category of each product.
        scores: A customer's segment, handed to the store as a table.
        clusters: A customer's cluster, likewise.
        lists: Uploaded lists.
        audiences: Saved rules.
    """

    store: Store
    features: str
    as_of: date
    people: dict[str, dict[str, Any]]
    orders: list[dict[str, Any]]
    events: list[dict[str, Any]]
    categories: dict[str, str | None]
    scores: dict[str, str]
    clusters: dict[str, int]
    lists: dict[str, set[str]] = field(default_factory=dict)
    audiences: dict[str, Rule] = field(default_factory=dict)

    @classmethod
    def of(cls, store: Store, as_of: date) -> "Shop":
        kept = profile.keep(store, as_of)
        with store.reading({"features": kept.table}) as cursor:

            def rows(query: str) -> list[dict[str, Any]]:
                found = cursor.execute(query)
                names = [column[0] for column in found.description]
                return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

            people = {row["customer_id"]: row for row in rows("SELECT * FROM features")}
            orders = rows("SELECT * FROM sales")
            events = rows("SELECT * FROM events")
            categories = {row["product_id"]: row["category"] for row in rows("FROM products")}
        ids = sorted(people)
        segments = ("At risk", "Loyal", "Lost", None)
        scores = {one: segments[place % 4] for place, one in enumerate(ids)}
        return cls(
            store, kept.table, as_of, people, orders, events, categories,
            {one: name for one, name in scores.items() if name},
            {one: place % 3 for place, one in enumerate(ids) if place % 5},
        )  # fmt: skip

    @cached_property
    def tables(self) -> dict[str, str]:
        """What `audience` is handed beside the rule."""
        return {
            "features": self.features,
            "scores": self.store.keep("scores", "test", frame_of(self.scores, "segment")),
            "clusters": self.store.keep("clusters", "test", frame_of(self.clusters, "cluster")),
        }

    def members(self, rule: Rule) -> list[str]:
        """The customers who fulfil a rule, sorted."""
        return [one for one in sorted(self.people) if self.fulfils(one, rule)]

    def fulfils(self, who: str, rule: Rule) -> bool:
        """Whether a customer fulfils a rule."""
        match rule:
            case All(parts):
                return all(self.fulfils(who, part) for part in parts)
            case AnyOf(parts):
                return any(self.fulfils(who, part) for part in parts)
            case Not(part):
                return not self.fulfils(who, part)
            case Feature(name, how, values):
                return compared(self.people[who][name], how, values)
            case Attribute(name, how, values):
                value = json.loads(self.people[who]["attributes"] or "{}").get(name)
                if value is not None and values and not isinstance(values[0], str):
                    value = read_number(value)
                return compared(value, how, values)
            case Segment(names):
                return self.scores.get(who) in names
            case Cluster(numbers):
                return self.clusters.get(who) in numbers
            case Bought():
                return len(self.bought(who, rule)) >= rule.times
            case Did(step, times, days):
                done = [row for row in self.events if self.is_step(row, who, step)]
                since = date.min if days is None else self.as_of - timedelta(days=days)
                return sum(since <= row["day"] < self.as_of for row in done) >= times
            case Sequence():
                return self.follows(who, rule)
            case InList(name):
                return who in self.lists[name]
            case InAudience(name):
                return self.fulfils(who, self.audiences[name])

    def bought(self, who: str, rule: Bought) -> set[str]:
        """The orders that count for a condition."""
        found = set()
        for line in self.orders:
            if line["customer_id"] != who or not line["is_order"] or line["day"] >= self.as_of:
                continue
            if rule.days is not None and (self.as_of - line["day"]).days > rule.days:
                continue
            if rule.first_day is not None and line["day"] < rule.first_day:
                continue
            if rule.last_day is not None and line["day"] > rule.last_day:
                continue
            if rule.what == "product" and line["product_id"] != rule.name:
                continue
            if rule.what == "category" and self.categories.get(line["product_id"]) != rule.name:
                continue
            found.add(line["order_id"])
        return found

    def is_step(self, row: Mapping[str, Any], who: str, step: Step) -> bool:
        """Whether a row of events, or of orders as purchases, is such a step of a customer."""
        category = self.categories.get(row["product_id"])
        return (
            row["customer_id"] == who
            and row.get("event", "purchase") == step.event
            and step.product in (None, row["product_id"])
            and step.channel in (None, row["channel"])
            and step.category in (None, category)
        )

    def follows(self, who: str, rule: Sequence) -> bool:
        """Whether any first step whose days are over was, or was not, followed by the second."""
        orders = [
            line | {"at": line["ordered_at"] if line["ordered_at"].time() != time.min else
                    datetime.combine(line["day"], time.max)}
            for line in self.orders if line["is_order"]
        ]  # fmt: skip
        acts = [row | {"at": row["occurred_at"]} for row in self.events] + orders
        acts = [row for row in acts if row["day"] < self.as_of]
        firsts = [row for row in acts if self.is_step(row, who, rule.first)]
        seconds = [row for row in acts if self.is_step(row, who, rule.then)]
        span = timedelta(days=rule.within_days)
        for first in firsts:
            if first["at"] + span >= datetime.combine(self.as_of, time.min):
                continue
            if rule.days is not None and (self.as_of - first["day"]).days > rule.days:
                continue
            followed = any(
                second["at"] <= first["at"] + span
                and (
                    second["day"] > first["day"]
                    if rule.first.event == rule.then.event
                    else second["at"] >= first["at"]
                )
                for second in seconds
            )
            if followed == rule.happened:
                return True
        return False


def compared(value: Any, how: str, values: tuple[Any, ...]) -> bool:
    """A comparison of one value; of a missing one only `unknown` holds."""
    if how in ("known", "unknown"):
        return (value is None) == (how == "unknown")
    if value is None:
        return False
    asked = [Decimal(str(one)) if isinstance(value, Decimal) else one for one in values]
    if how == "between":
        return bool(asked[0] <= value <= asked[1])
    if how in ("one_of", "not_one_of"):
        return (value in asked) == (how == "one_of")
    return COMPARE[how](value, asked[0])


def read_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def frame_of(values: Mapping[str, Any], name: str) -> pd.DataFrame:
    """A mapping of customers as a table."""
    return pd.DataFrame({"customer_id": list(values), name: list(values.values())})
