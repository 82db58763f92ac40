"""Cohorts reckoned in plain loops over days, as a marketer would by hand."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Line:
    """An order line, or a return where the amount is negative."""

    order_id: str
    customer: str
    day: date
    amount: Decimal

    @property
    def is_order(self) -> bool:
        return self.amount >= 0


def first_day(day: date, every: str) -> date:
    """The first day of the period a day lies in."""
    if every == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if every == "week" else day


def following(start: date, every: str) -> date:
    """The first day of the next period."""
    if every == "month":
        return (start + timedelta(days=32)).replace(day=1)
    return start + timedelta(days=7 if every == "week" else 1)


def order_days(lines: Iterable[Line]) -> dict[str, list[date]]:
    """The day of each order of a customer: that of its first line."""
    placed: dict[tuple[str, str], date] = {}
    for line in lines:
        if line.is_order:
            key = (line.customer, line.order_id)
            placed[key] = min(placed.get(key, line.day), line.day)
    found: dict[str, list[date]] = defaultdict(list)
    for (customer, _), day in placed.items():
        found[customer].append(day)
    return found


def retention(
    lines: list[Line], as_of: date, every: str, measure: str, counts: str, *, or_later: bool
) -> list[tuple[date, int, int, Any, bool]]:
    """cohort, period, size, value, complete: what `cohorts.retention` says, by first order."""
    known = [line for line in lines if line.day < as_of]
    placed = order_days(known)
    came = placed
    if counts == "lines":
        came = defaultdict(list)
        for line in known:
            came[line.customer].append(line.day)
    starts = {customer: min(days) for customer, days in came.items() if days}
    rows = []
    for cohort in sorted({first_day(day, every) for day in starts.values()}):
        members = [one for one, day in starts.items() if first_day(day, every) == cohort]
        start, period, so_far = cohort, 0, Decimal(0)
        while start < as_of:
            end = following(start, every)
            brought = sum(
                (
                    line.amount
                    for line in known
                    if line.customer in members
                    and start <= line.day < end
                    and line.day >= starts[line.customer]
                ),
                Decimal(0),
            )
            so_far += brought
            orders = sum(start <= day < end for one in members for day in placed.get(one, []))
            there = sum(
                any(start <= day and (or_later or day < end) for day in came[one])
                for one in members
            )
            value = {"customers": there, "orders": orders, "revenue": brought,
                     "revenue_so_far": so_far}[measure]  # fmt: skip
            rows.append((cohort, period, len(members), value, end <= as_of))
            start, period = end, period + 1
    return rows
