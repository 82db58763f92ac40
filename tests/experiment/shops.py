"""Shops for the tests of experiments: one reckoned by hand, and random ones with a slow reading."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analytics.store import Store, inspect, load

AS_OF = date(2024, 4, 1)
WINDOW_DAYS = 7

BY_HAND = {
    "orders": """order_id,customer_id,ordered_at,amount,status
1,anna,2024-03-10 09:00:00,10.00,paid
2,anna,2024-03-10 10:00:00,20.00,paid
3,anna,2024-03-17 09:59:59,5.50,paid
4,anna,2024-03-17 10:00:00,100.00,paid
5,anna,2024-03-03 00:00:00,7.00,paid
6,anna,2024-03-02 23:59:59,9.00,paid
7,ben,2024-03-10 00:00:00,12.00,paid
7,ben,2024-03-10 00:00:00,18.00,paid
8,carl,2024-03-11 00:00:00,8.00,paid
9,carl,2024-03-12 15:00:00,-3.00,paid
10,carl,2024-03-12 15:00:00,40.00,cancelled
11,dora,2024-03-05 11:00:00,50.00,paid
12,eve,2024-03-12 11:00:00,70.00,paid
13,fay,2024-03-31 11:00:00,90.00,paid
14,ina,2024-03-12 11:00:00,60.00,paid
""",
    "events": """customer_id,occurred_at,event,value
anna,2024-03-10 09:59:00,click,
anna,2024-03-11 10:00:00,impression,
anna,2024-03-11 10:01:00,impression,
anna,2024-03-11 10:02:00,impression,
anna,2024-03-11 10:03:00,click,
anna,2024-03-12 08:00:00,rating,4
anna,2024-03-12 08:01:00,rating,
ben,2024-03-13 09:00:00,open,
ben,2024-03-13 09:30:00,open,
ben,2024-03-13 09:31:00,impression,
ben,2024-03-16 09:30:00,rating,5
carl,2024-03-08 09:30:00,impression,
""",
    "customers": """customer_id,gender,city
anna,f,Lyon
ben,m,Graz
carl,m,Lyon
dora,f,
eve,f,Lyon
""",
    "assignments": """experiment,customer_id,variant,assigned_at
bar,anna,control,2024-03-10 10:00:00
bar,anna,control,2024-03-15 10:00:00
bar,ben,control,2024-03-10 00:00:00
bar,carl,treatment,2024-03-11 12:00:00
bar,dora,treatment,2024-03-11 12:00:00
bar,eve,control,2024-03-11 12:00:00
bar,eve,treatment,2024-03-12 12:00:00
bar,fay,treatment,2024-03-30 00:00:00
bar,gus,control,2024-03-12 09:00:00
alone,anna,only,2024-03-10 10:00:00
""",
}
"""Whole windows of seven days have anna, ben and gus (control), carl and dora (treatment): eve was
in both variants, fay came too late, ina was not assigned."""

DAY = timedelta(days=1)


def fill(store: Store, folder: Path, texts: dict[str, str]) -> Store:
    """A shop from one CSV text a table."""
    for table, text in texts.items():
        path = folder / f"{table}.csv"
        path.write_text(text, encoding="utf-8")
        load(store, path, inspect(path, table=table), import_day=date(2024, 12, 31))
    return store


def csv_of(frame: pd.DataFrame) -> str:
    """A frame as the text of a CSV file."""
    return frame.to_csv(index=False, date_format="%Y-%m-%d %H:%M:%S")


def random_shop(seed: int, customers: int = 60) -> dict[str, pd.DataFrame]:
    """A shop in which anything may happen: moments at midnight, several variants, returns."""
    rng = np.random.default_rng(seed)
    start = datetime(2024, 3, 1)

    def moments(n: int, days: int) -> list[datetime]:
        at = [start + timedelta(seconds=int(s)) for s in rng.integers(0, days * 86_400, n)]
        return [
            one.replace(hour=0, minute=0, second=0) if whole else one
            for one, whole in zip(at, rng.random(n) < 0.3, strict=True)
        ]

    ids = np.array([f"k{place}" for place in range(customers)])
    exposures = int(customers * 1.1)
    orders, events = customers * 4, customers * 5
    assignments = pd.DataFrame(
        {
            "experiment": "test",
            "customer_id": rng.choice(ids[: customers * 9 // 10], exposures),
            "variant": rng.choice(["a", "b", "c"], exposures, p=[0.6, 0.3, 0.1]),
            "assigned_at": [one + 8 * DAY for one in moments(exposures, 16)],
        }
    )
    order_ids = rng.integers(0, orders * 2 // 3, orders)
    owner = rng.choice(ids, orders)
    lines = pd.DataFrame(
        {
            "order_id": [f"o{number}-{who}" for number, who in zip(order_ids, owner, strict=True)],
            "line_no": np.arange(orders),
            "customer_id": owner,
            "ordered_at": moments(orders, 40),
            "amount": rng.integers(-2_000, 20_000, orders) / 100,
        }
    )
    done = pd.DataFrame(
        {
            "customer_id": rng.choice(ids, events),
            "occurred_at": moments(events, 40),
            "event": rng.choice(["impression", "click", "open", "rating"], events),
            "value": np.where(rng.random(events) < 0.5, rng.integers(1, 6, events), np.nan),
        }
    )
    return {"orders": lines, "events": done, "assignments": assignments}


def slow_outcomes(
    shop: dict[str, pd.DataFrame],
    as_of: datetime,
    window_days: int | None,
    retention_days: int,
    until: datetime | None = None,
) -> pd.DataFrame:
    """What each customer did, read line by line as the words say.

    Args:
        shop: Of `random_shop`.
        as_of: Nothing from then on counts.
        window_days: Days that count.
        retention_days: Days after which somebody came back.
        until: If given, only what happened before it is seen, and who was assigned before it.

    Returns:
        DataFrame, a row a customer that counts: variant and outcomes, the latter twice: as they are
        and, with the ending `_before`, in the time before.
    """
    rows = []
    for who, own in shop["assignments"].groupby("customer_id"):
        if own["variant"].nunique() > 1:
            continue
        start = own["assigned_at"].min().to_pydatetime()
        span = as_of - start if window_days is None else window_days * DAY
        if start + span > as_of or start >= (until or as_of):
            continue
        row: dict[str, Any] = {"variant": own["variant"].iloc[0]}
        for ending, from_midnight in (("", False), ("_before", True)):
            row |= {
                name + ending: number
                for name, number in _did(
                    shop, str(who), start, span, retention_days, as_of, until, from_midnight
                ).items()
            }
        rows.append(row)
    return pd.DataFrame(rows)


def _did(
    shop: dict[str, pd.DataFrame],
    who: str,
    start: datetime,
    span: timedelta,
    retention_days: int,
    as_of: datetime,
    until: datetime | None,
    is_before: bool,
) -> dict[str, float]:
    midnight = start.replace(hour=0, minute=0, second=0)

    def since(at: datetime) -> timedelta | None:
        """How long after the start of the time looked at; None where it lies outside."""
        if at >= as_of:
            return None
        if is_before:
            gone = at - (midnight - span)
            return gone if timedelta(0) <= gone and at < midnight else None
        has_no_time = at == at.replace(hour=0, minute=0, second=0)
        gone = at - (midnight if has_no_time else start)
        return gone if timedelta(0) <= gone < span else None

    orders, revenue, returned = set(), 0.0, False
    days: dict[str, list[datetime]] = {}
    mine = shop["orders"][shop["orders"]["customer_id"] == who]
    for line in mine.to_dict("records"):
        gone = since(line["ordered_at"].to_pydatetime())
        if gone is not None:
            days.setdefault(line["order_id"], []).append(line["ordered_at"].to_pydatetime())
    for line in mine.to_dict("records"):
        gone = since(line["ordered_at"].to_pydatetime())
        if gone is None:
            continue
        first = min(days[line["order_id"]]).replace(hour=0, minute=0, second=0)
        if until is not None and not is_before and first >= until:
            continue
        revenue += line["amount"]
        if line["amount"] >= 0:
            orders.add(line["order_id"])
            returned |= gone >= retention_days * DAY
    counted = {"impression": 0, "click": 0, "open": 0, "rating": 0}
    points, answers = 0.0, 0
    for event in shop["events"][shop["events"]["customer_id"] == who].to_dict("records"):
        at = event["occurred_at"].to_pydatetime()
        gone = since(at)
        if gone is None or (until is not None and not is_before and at >= until):
            continue
        counted[event["event"]] += 1
        returned |= gone >= retention_days * DAY
        if event["event"] == "rating" and not np.isnan(event["value"]):
            points, answers = points + event["value"], answers + 1
    return {
        "revenue": round(revenue, 4),
        "orders": len(orders),
        "buyer": float(bool(orders)),
        "returned": float(returned),
        "clicks": counted["click"],
        "impressions": counted["impression"],
        "opened": float(counted["open"] > 0),
        "points": points,
        "answers": answers,
    }
