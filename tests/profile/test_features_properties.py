"""Features of random shops, against a slow reckoning in plain Python."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from math import isclose
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from analytics import profile
from analytics.store import Store, inspect, load

START = datetime(2024, 1, 1)
AS_OF = date(2024, 5, 1)
CATEGORIES = {"p0": "drinks", "p1": "drinks", "p2": "ware", "p3": None}
CHANNELS = {"web": False, "app": False, "store": True, "": None}
KINDS = ["view", "cart", "purchase", "search", "open"]
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Line:
    order: str
    customer: str
    minute: int
    product: str
    quantity: int
    cents: int
    refunded: int
    status: str
    channel: str
    coupon: str

    @property
    def at(self) -> datetime:
        return START + timedelta(minutes=self.minute)

    @property
    def is_order(self) -> bool:
        return self.quantity > 0 and self.cents >= 0

    @property
    def worth(self) -> Decimal:
        return Decimal(self.cents - self.refunded) / 100

    @property
    def text(self) -> str:
        return (
            f"{self.order},{self.customer},{self.at},{self.product},{self.quantity},"
            f"{self.cents / 100:.2f},{self.refunded / 100:.2f},{self.status},{self.channel},"
            f"{self.coupon}"
        )


@dataclass(frozen=True)
class Event:
    customer: str
    session: str
    minute: int
    kind: str

    @property
    def at(self) -> datetime:
        return START + timedelta(minutes=self.minute)

    @property
    def text(self) -> str:
        return f"{self.customer},{self.session},{self.at},{self.kind}"


MINUTES = st.one_of(
    st.integers(0, 130 * 1440),
    st.builds(lambda day, hour: day * 1440 + hour * 60, st.integers(115, 122), st.integers(0, 23)),
)
LINES = st.lists(
    st.builds(
        Line,
        order=st.sampled_from([f"o{number}" for number in range(6)]),
        customer=st.sampled_from(["ann", "bob", "cid", "dan"]),
        minute=MINUTES,
        product=st.sampled_from(list(CATEGORIES)),
        quantity=st.sampled_from([1, 1, 2, 3, -1]),
        cents=st.integers(0, 5000),
        refunded=st.sampled_from([0, 0, 0, 150]),
        status=st.sampled_from(["paid", "paid", "paid", "cancelled"]),
        channel=st.sampled_from(list(CHANNELS)),
        coupon=st.sampled_from(["", "", "SPRING"]),
    ).map(lambda line: line if line.quantity > 0 else _returned(line)),
    min_size=1,
    max_size=20,
)
EVENTS = st.lists(
    st.builds(
        Event,
        customer=st.sampled_from(["ann", "bob", "eve"]),
        session=st.sampled_from(["s1", "s2", ""]),
        minute=MINUTES,
        kind=st.sampled_from(KINDS),
    ),
    max_size=15,
)


def _returned(line: Line) -> Line:
    values = vars(line) | {"cents": -line.cents - 1, "refunded": 0}
    return Line(**values)


def favourite(rows: list[tuple[Any, str, Decimal]]) -> tuple[str | None, float | None]:
    """Of (what is counted, name, revenue) the commonest name and its share of what is counted."""
    counted, revenue = defaultdict(set), Counter[str]()
    for one, name, worth in rows:
        counted[name].add(one)
        revenue[name] += worth  # type: ignore[assignment]
    if not counted:
        return None, None
    best = min(counted, key=lambda name: (-len(counted[name]), -revenue[name], name))
    return best, len(counted[best]) / len(set().union(*counted.values()))


def reckoned(lines: list[Line], events: list[Event], clock: bool) -> dict[str, Any]:
    """The features of one customer with lines and events before the day, one by one."""
    bought = [line for line in lines if line.is_order]
    orders: dict[str, list[Line]] = defaultdict(list)
    for line in bought:
        orders[line.order].append(line)
    first = {order: min(line.at for line in parts) for order, parts in orders.items()}
    days = sorted({line.at.date() for line in bought})
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    revenue = sum((line.worth for line in lines), NOTHING)
    ordered = sum((Decimal(line.cents) / 100 for line in bought), NOTHING)
    many = len(orders)
    pieces = sum(line.quantity for line in bought)
    category, category_share = favourite(
        [(place, str(CATEGORIES[line.product]), line.worth)
         for place, line in enumerate(bought) if CATEGORIES[line.product]]
    )  # fmt: skip
    channel, channel_share = favourite(
        [(line.order, line.channel, line.worth) for line in bought if line.channel]
    )
    kinds = [{CHANNELS[line.channel] for line in parts} for parts in orders.values()]
    ago = [((AS_OF - event.at.date()).days, event) for event in events]
    recent = [event for days_ago, event in ago if days_ago <= 90]
    sessions: dict[str, list[datetime]] = defaultdict(list)
    for event in recent:
        if event.session:
            sessions[event.session].append(event.at)
    lengths = [(max(times) - min(times)).total_seconds() / 60 for times in sessions.values()]
    carts = [event.at for days_ago, event in ago if event.kind == "cart" and days_ago <= 30]
    since = [line.at for line in bought] + [
        event.at for event in events if event.kind == "purchase"
    ]
    found: dict[str, Any] = {
        "recency_days": (AS_OF - days[-1]).days if days else None,
        "orders": many,
        "tenure_days": (AS_OF - days[0]).days if days else None,
        "mean_gap_days": mean(gaps) if gaps else None,
        "gap_spread_days": stdev(gaps) if len(gaps) > 1 else None,
        "first_order_day": pd.Timestamp(days[0]) if days else None,
        "last_order_day": pd.Timestamp(days[-1]) if days else None,
        "revenue": revenue,
        "average_order_value": float(revenue) / many if many else None,
        "discount_order_share": (
            sum(any(line.coupon for line in parts) for parts in orders.values()) / many
            if many else None
        ),
        "refund_share": float((ordered - revenue) / ordered) if ordered else None,
        "items": pieces,
        "items_per_order": pieces / many if many else None,
        "products": len({line.product for line in bought}),
        "categories": len({CATEGORIES[line.product] for line in bought} - {None}),
        "favourite_category": category,
        "favourite_category_share": category_share,
        "favourite_channel": channel,
        "favourite_channel_share": channel_share,
        "store_orders": sum(True in one for one in kinds),
        "online_orders": sum(False in one for one in kinds),
        "buys_both_ways": any(True in one for one in kinds) and any(False in one for one in kinds),
        "weekend_order_share": (
            sum(at.weekday() >= 5 for at in first.values()) / many if many else None
        ),
        "evening_order_share": (
            sum(at.hour >= 18 for at in first.values()) / many if many and clock else None
        ),
        "days_since_event": min((days_ago for days_ago, _ in ago), default=None),
        "sessions_90_days": len(sessions) or len({event.at.date() for event in recent}),
        "mean_session_minutes": mean(lengths) if lengths else None,
        "cart_without_purchase": bool(carts) and not (
            any(at >= max(carts) for at in since)
            or (not clock and any(day >= max(carts).date() for day in days))
        ),
    }  # fmt: skip
    for within in profile.WINDOWS_DAYS:
        inside = Counter(event.kind for days_ago, event in ago if days_ago <= within)
        found[f"events_{within}_days"] = sum(inside.values())
        for kind, plural in profile.KINDS_OF_EVENT.items():
            found[f"{plural}_{within}_days"] = inside[kind]
    return found


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Path]]:
    folder = tmp_path_factory.mktemp("shops")
    products = folder / "products.csv"
    products.write_text(
        "product_id,category\n"
        + "".join(f"{name},{category or ''}\n" for name, category in CATEGORIES.items())
    )
    with Store() as filled:
        load(filled, products, inspect(products, table="products"))
        yield filled, folder


ORDERS_HEAD = (
    "order_id,customer_id,ordered_at,product_id,quantity,amount,refunded,status,channel,coupon"
)
EVENTS_HEAD = "customer_id,session_id,occurred_at,event"


def bring(store: Store, folder: Path, table: str, head: str, rows: list[Any]) -> list[int]:
    if not rows:
        return []
    path = folder / f"{table}.csv"
    path.write_text("\n".join([head, *(row.text for row in rows)]) + "\n", encoding="utf-8")
    clock = head.split(",")[2]
    look = inspect(
        path, table=table, mapping={name: name for name in head.split(",")},
        times={clock: "iso"}, decimal=".",
    )  # fmt: skip
    return [load(store, path, look, import_day=date(2025, 1, 1)).batch_id]


@settings(
    deadline=None,
    max_examples=15,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(LINES, EVENTS)
def test_the_query_agrees_with_a_slow_reckoning(
    workshop: tuple[Store, Path], lines: list[Line], events: list[Event]
) -> None:
    store, folder = workshop
    batches = bring(store, folder, "orders", ORDERS_HEAD, lines)
    batches += bring(store, folder, "events", EVENTS_HEAD, events)
    try:
        found = profile.features(store, AS_OF).set_index("customer_id")
    finally:
        store.remove(*batches)
    counted = [line for line in lines if line.status == "paid" and line.at.date() < AS_OF]
    before = [event for event in events if event.at.date() < AS_OF]
    clock = any(line.at.hour for line in counted)
    customers = {one.customer for one in [*counted, *before]}
    assert sorted(customers) == found.index.tolist()
    for customer in customers:
        expected = reckoned(
            [line for line in counted if line.customer == customer],
            [event for event in before if event.customer == customer],
            clock,
        )
        for name, value in expected.items():
            got = found.loc[customer, name]
            if value is None:
                assert pd.isna(got), name
            elif isinstance(value, float):
                assert isclose(got, value, rel_tol=1e-9, abs_tol=1e-9), name
            else:
                assert got == value, name
