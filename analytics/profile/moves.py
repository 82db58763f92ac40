"""Why a customer is in their segment, and what would move them to another.

The scores are read from the kept table that the segments come from. A customer who changes is
scored anew by today's limits: a value has the highest score whose worst value it reaches. So a
value that nobody has counts as the next worse one that somebody has, and other customers are taken
to stay where they are.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from analytics.profile import words
from analytics.store import Store, money

Name = Callable[[int, int, int], str]
"""The segment of scores r, f and m."""

MOST_ORDERS = 12
"""So many more orders are looked ahead: a year of one a month."""
TRAITS = (
    ("Recency", "recency_days", "r", "more recently", "longer ago"),
    ("Frequency", "frequency", "f", "more", "fewer"),
    ("Revenue", "monetary", "m", "more", "less"),
)


@dataclass(frozen=True)
class Standing:
    """Where a customer stands before a change.

    Attributes:
        recency_days: Days since the last order; None without one.
        frequency: Orders.
        monetary: Revenue less returns and refunds.
        segment: The segment; None for someone who never bought.
    """

    recency_days: int | None
    frequency: int
    monetary: Decimal
    segment: str | None


def limits(store: Store, scores: str) -> pd.DataFrame:
    """Between which values the customers of each score lie.

    Args:
        store: The shop.
        scores: The kept table of the scores.

    Returns:
        DataFrame measure (recency_days, frequency, monetary), score, lowest, highest (days, orders
        or money, exact), customers.
    """
    return store.query("profile_limits", tables={"scores": scores})


def why(row: Any, unit: str = "") -> pd.DataFrame:
    """The three traits that put a customer in their segment.

    Args:
        row: Their row of `profile_scores`.
        unit: What money is called, or empty.

    Returns:
        DataFrame trait, score, worse_share, better_share (0 to 1: of the customers with scores,
        those strictly worse and strictly better), sentence; empty where there are no scores.
    """
    rows: list[dict[str, Any]] = []
    if not pd.isna(row["r"]):
        said = {
            "r": f"Ordered {words.count(int(row['recency_days']), 'day')} ago",
            "f": words.count(int(row["frequency"]), "order"),
            "m": f"{words.amount(row['monetary'], unit)} of revenue",
        }
        for trait, _, letter, better, worse in TRAITS:
            worse_share = int(row[f"worse_{letter}"]) / int(row["customers"])
            better_share = int(row[f"better_{letter}"]) / int(row["customers"])
            if worse_share >= better_share and worse_share > 0:
                beside = f"{better} than {words.percent(worse_share)} of customers"
            elif better_share > 0:
                beside = f"{worse} than {words.percent(better_share)} of customers"
            else:
                beside = "the same as all customers"
            rows.append(
                {
                    "trait": trait,
                    "score": int(row[letter]),
                    "worse_share": worse_share,
                    "better_share": better_share,
                    "sentence": f"{said[letter]}: {beside}.",
                }
            )
    return pd.DataFrame(rows, columns=["trait", "score", "worse_share", "better_share", "sentence"])


def moves(
    own: Standing, found: pd.DataFrame, name: Name, as_of: date, unit: str = ""
) -> pd.DataFrame:
    """What would move a customer to another segment, or keep them, by today's limits.

    Args:
        own: Where they stand.
        found: As of `limits`.
        name: The segment of scores.
        as_of: The day they stand there.
        unit: What money is called, or empty.

    Returns:
        DataFrame change (`order`: orders of their average; `amount`: one order of at least so
        much; `wait`: no order; `stay`: one order keeps them), orders, amount (money, each order's;
        missing where none is meant), days (until it happens; missing for orders), segment (the new
        one), sentence.
    """
    scales = {measure: _Scale(measure, found) for _, measure, *_ in TRAITS}
    waits = list(_waits(own, scales, name, as_of))
    rows = [*_orders(own, scales, name, waits, unit), *waits]
    return pd.DataFrame(rows, columns=["change", "orders", "amount", "days", "segment", "sentence"])


class _Scale:
    """From a value of one measure to its score."""

    def __init__(self, measure: str, found: pd.DataFrame) -> None:
        part = found[found["measure"] == measure].sort_values("score")
        self.falling = measure == "recency_days"
        edge = part["highest"] if self.falling else part["lowest"]
        self.worst = dict(zip(map(int, part["score"]), map(Decimal, edge), strict=True))

    def score(self, value: Decimal | int) -> int:
        reached = [
            score
            for score, worst in self.worst.items()
            if (value <= worst if self.falling else value >= worst)
        ]
        return max(reached, default=min(self.worst))


def _waits(
    own: Standing, scales: dict[str, _Scale], name: Name, as_of: date
) -> Iterator[dict[str, Any]]:
    """The segments they pass through without an order, and when."""
    if own.recency_days is None:
        return
    f = scales["frequency"].score(own.frequency)
    m = scales["monetary"].score(own.monetary)
    scale, last = scales["recency_days"], own.segment
    present = scale.score(own.recency_days)
    for score in sorted(scale.worst, reverse=True):
        until = int(scale.worst[score])
        if score > present or score == min(scale.worst):
            continue
        segment = name(scale.score(until + 1), f, m)
        if segment == last:
            continue
        last = segment
        days = until + 1 - own.recency_days
        by = words.day(as_of + timedelta(days=days - 1))
        yield {
            "change": "wait",
            "days": days,
            "segment": segment,
            "sentence": f"No order in the next {words.count(days, 'day')} (up to {by})",
        }


def _orders(
    own: Standing,
    scales: dict[str, _Scale],
    name: Name,
    waits: list[dict[str, Any]],
    unit: str,
) -> Iterator[dict[str, Any]]:
    """The segments that further orders lead to: of their average, then one of a larger value."""
    r = scales["recency_days"].score(1)
    named = {own.segment}
    reached = 0
    average = own.monetary / own.frequency if own.frequency else Decimal(0)
    for orders in range(1, MOST_ORDERS + 1) if average > 0 else ():
        m = scales["monetary"].score(own.monetary + orders * average)
        segment = name(r, scales["frequency"].score(own.frequency + orders), m)
        if orders == 1:
            reached = m
            if segment == own.segment and waits:
                yield {
                    "change": "stay",
                    "orders": 1,
                    "days": waits[0]["days"],
                    "segment": segment,
                    "sentence": f"One order within {words.count(waits[0]['days'], 'day')} "
                    "keeps them here",
                }
        if segment in named:
            continue
        named.add(segment)
        each = f"of about {words.amount(average, unit)}"
        yield {
            "change": "order",
            "orders": orders,
            "amount": round(average, 2),
            "segment": segment,
            "sentence": f"One more order {each}"
            if orders == 1
            else f"{orders} more orders {each} each",
        }
    f = scales["frequency"].score(own.frequency + 1)
    for m, lowest in sorted(scales["monetary"].worst.items()):
        segment, amount = name(r, f, m), words.at_least(lowest - own.monetary)
        if m <= reached or segment in named:
            continue
        named.add(segment)
        yield {
            "change": "amount",
            "orders": 1,
            "amount": max(amount, Decimal(0)),
            "segment": segment,
            "sentence": f"One order of at least {words.amount(amount, unit)}"
            if amount > 0
            else "One order, however small",
        }


def standing(row: Any) -> Standing:
    """Where a customer stands, by their row of `profile_scores`; None for one who never bought."""
    if row is None:
        return Standing(None, 0, Decimal(0), None)
    recency = None if pd.isna(row["recency_days"]) else int(row["recency_days"])
    return Standing(recency, int(row["frequency"]), money(row["monetary"]), str(row["segment"]))
