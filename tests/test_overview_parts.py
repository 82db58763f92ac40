"""What revenue is made of: adds up to the cent in the sample shop and in any small one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import overview
from analytics.store import Store, inspect, load

SAMPLE = Path(__file__).parents[1] / "sample_data"
IMPORT_DAY = date(2026, 12, 31)
NOTHING = Decimal(0)
ORDERS = """order_id,customer_id,ordered_at,product_id,quantity,amount,refunded,channel
1,anna,2024-01-03,tea,2,9.00,,web
1,anna,2024-01-03,pot,1,30.00,,web
2,ben,2024-01-05,cup,4,29.00,,
3,anna,2024-01-11,tea,4,18.00,4.50,app
3,anna,2024-01-11,cup,1,7.25,,app
4,,2024-01-12,tea,1,4.50,,web
C5,ben,2024-01-13,cup,-1,-7.25,,
6,ben,2024-01-14,mug,1,1.0001,,web
"""
PRODUCTS = """product_id,name,category
tea,Green tea,Drinks
pot,Pot,Ware
cup,Cup,Ware
"""


def total(values: Any) -> Decimal:
    return sum(values, NOTHING)


def fill(store: Store, folder: Path, **texts: str) -> list[int]:
    batches = []
    for table, text in texts.items():
        path = folder / f"{table}.csv"
        path.write_text(text, encoding="utf-8")
        look = inspect(path, table=table)
        batches.append(load(store, path, look, import_day=IMPORT_DAY).batch_id)
    return batches


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The shop above; read from it only."""
    with Store() as filled:
        fill(filled, tmp_path_factory.mktemp("parts"), orders=ORDERS, products=PRODUCTS)
        yield filled


def week(store: Store) -> overview.Summary:
    """10 to 16 January beside 3 to 9 January."""
    return overview.summary(store, date(2024, 1, 10), date(2024, 1, 17))


def test_categories_by_hand(shop: Store) -> None:
    found = overview.parts(shop, week(shop), "category")
    # Drinks: 18.00 − 4.50 + 4.50; mugs are in no product file; Ware: 7.25 − 7.25.
    assert found["label"].tolist() == ["Drinks", "not given", "Ware"]
    assert found["part"].fillna("").tolist() == ["Drinks", "", "Ware"]
    assert found["revenue"].tolist() == [Decimal("18.00"), Decimal("1.0001"), Decimal("0.00")]
    assert found["orders"].tolist() == [2, 1, 1]
    assert found["units"].tolist() == [5, 1, 0]
    assert found["revenue_share"].tolist() == pytest.approx([18 / 19.0001, 1.0001 / 19.0001, 0])
    assert found["earlier_revenue"].tolist() == [Decimal(9), 0, Decimal(59)]
    assert found["revenue_change"].tolist() == [Decimal(9), Decimal("1.0001"), Decimal(-59)]
    np.testing.assert_allclose(found["change"], [1, np.nan, -1])


def test_products_go_by_their_names_and_the_rest_is_one_row(shop: Store) -> None:
    found = overview.parts(shop, week(shop), "product", top=2)
    assert found["label"].tolist() == ["Green tea", "mug", "all others (2)"]
    assert found["part"].fillna("").tolist() == ["tea", "mug", ""]
    assert found["revenue"].tolist() == [Decimal("18.00"), Decimal("1.0001"), 0]
    # Orders of the rest are counted once each: only 3 has a cup, C5 is a return.
    assert found["orders"].tolist() == [2, 1, 1]
    assert found["earlier_revenue"].tolist() == [Decimal(9), 0, Decimal(59)]


def test_channels(shop: Store) -> None:
    found = overview.parts(shop, week(shop), "channel")
    assert found["label"].tolist() == ["app", "web", "not given"]
    assert found["revenue"].tolist() == [Decimal("20.75"), Decimal("5.5001"), Decimal("-7.25")]
    assert found["orders"].tolist() == [1, 2, 0]


def test_without_earlier_data_nothing_is_compared(shop: Store) -> None:
    found = overview.parts(
        shop, overview.summary(shop, date(2024, 1, 3), date(2024, 1, 17)), "product"
    )
    assert found["change"].isna().all()
    assert found["revenue_change"].isna().all()
    assert found["earlier_revenue"].isna().all()


def test_products_of_one_name_are_told_apart(store: Store, tmp_path: Path) -> None:
    fill(
        store,
        tmp_path,
        orders="order_id,customer_id,ordered_at,product_id,amount\n1,a,2024-01-01,p,2\n2,a,2024-01-02,q,1\n",
        products="product_id,name\np,Mug\nq,Mug\n",
    )
    found = overview.summary(store, date(2024, 1, 1), date(2024, 1, 3))
    parts = overview.parts(store, found, "product")
    assert parts["label"].tolist() == ["Mug (p)", "Mug (q)"]
    assert parts["units"].isna().all()
    led = overview.leading_parts(store, found)
    assert led is not None
    assert led[0] == "product"


def test_no_parts_at_all(store: Store, tmp_path: Path) -> None:
    fill(store, tmp_path, orders="order_id,customer_id,ordered_at,amount\n1,a,2024-01-01,2\n")
    found = overview.summary(store, date(2024, 1, 1), date(2024, 1, 2))
    assert overview.leading_parts(store, found) is None
    assert overview.parts(store, found, "category")["label"].tolist() == ["not given"]
    empty = overview.summary(store, date(2025, 1, 1), date(2025, 1, 2))
    assert overview.parts(store, empty, "category").empty


# The sample shop, reckoned from its files with pandas alone


@pytest.fixture(scope="module")
def sample_shop() -> Iterator[Store]:
    with Store() as filled:
        for table in ("orders", "products"):
            look = inspect(SAMPLE / f"{table}.csv", table=table)
            load(filled, look.path, look, import_day=IMPORT_DAY)
        yield filled


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    """The sample's lines that count, with their worth in whole cents."""
    orders = pd.read_csv(SAMPLE / "orders.csv", dtype=str, keep_default_na=False)
    orders = orders[orders["status"] != "cancelled"].copy()
    cents = [
        int((Decimal(amount) - Decimal(refunded or 0)) * 100)
        for amount, refunded in zip(orders["amount"], orders["refunded"], strict=True)
    ]
    orders["cents"] = cents
    orders["day"] = pd.to_datetime(orders["ordered_at"]).dt.date
    products = pd.read_csv(SAMPLE / "products.csv", dtype=str).set_index("product_id")
    orders["category"] = orders["product_id"].map(products["category"])
    orders["product"] = orders["product_id"]
    return orders


@pytest.mark.parametrize(
    ("from_day", "until_day"),
    [
        (date(2026, 8, 2), date(2026, 9, 1)),
        (date(2025, 9, 1), date(2026, 9, 1)),
        (date(2025, 11, 1), date(2025, 12, 25)),
    ],
)
def test_the_sample_shop_beside_pandas(
    sample_shop: Store, lines: pd.DataFrame, from_day: date, until_day: date
) -> None:
    found = overview.summary(sample_shop, from_day, until_day)
    first = lines[lines["customer_id"] != ""].groupby("customer_id")["day"].min()
    for shown in (found.now, found.before, found.year_before):
        if shown is None:
            continue
        inside = lines[(lines["day"] >= shown.from_day) & (lines["day"] < shown.until_day)]
        known = inside[inside["customer_id"] != ""]
        buyers = set(known["customer_id"])
        past = lines[(lines["day"] < shown.until_day) & lines["customer_id"].isin(buyers)]
        assert shown.revenue == Decimal(int(inside["cents"].sum())) / 100
        assert shown.identified_revenue == Decimal(int(known["cents"].sum())) / 100
        assert shown.orders == inside["order_id"].nunique()
        assert shown.customers == len(buyers)
        assert shown.new_customers == sum(first[one] >= shown.from_day for one in buyers)
        assert shown.returning_customers == sum(first[one] < shown.from_day for one in buyers)
        assert (
            shown.repeat_customers == (past.groupby("customer_id")["order_id"].nunique() > 1).sum()
        )
        old = known[known["customer_id"].map(first) < shown.from_day]
        assert shown.earlier_customers_revenue == Decimal(int(old["cents"].sum())) / 100
    inside = lines[(lines["day"] >= from_day) & (lines["day"] < until_day)]
    for by in get_args(overview.By):
        parts = overview.parts(sample_shop, found, by)
        assert total(parts["revenue"]) == found.now.revenue
        own = parts[parts["part"].notna()].set_index("part")
        expected = inside.groupby(by)["cents"].sum()
        assert (own["revenue"] * 100 == expected.loc[own.index]).all()
        assert (own["orders"] == inside.groupby(by)["order_id"].nunique().loc[own.index]).all()
        units = inside["quantity"].astype(float).groupby(inside[by]).sum()
        np.testing.assert_allclose(own["units"], units.loc[own.index])
        assert own["revenue"].is_monotonic_decreasing
        others = expected.drop(own.index).tolist()
        assert all(own["revenue"].iloc[-1] * 100 >= cents for cents in others)


# Small shops of all kinds


@dataclass(frozen=True)
class Line:
    """One order line: its order, customer (empty: a guest), day and money in ten-thousandths."""

    order: str
    customer: str
    day: int
    units: int
    refunded: int
    product: str
    channel: str

    @property
    def text(self) -> str:
        """The line as a file has it."""
        moment = FIRST_DAY + timedelta(days=self.day)
        worth, paid_back = Decimal(self.units).scaleb(-4), Decimal(self.refunded).scaleb(-4)
        return (
            f"{self.order},{self.customer},{moment},{worth:f},{paid_back:f},"
            f"{self.product},{self.channel}"
        )

    @property
    def worth(self) -> Decimal:
        """What it brings."""
        return Decimal(self.units - self.refunded).scaleb(-4)


FIRST_DAY = date(2023, 12, 20)
HEAD = "order_id,customer_id,ordered_at,amount,refunded,product_id,channel"
LINES = st.lists(
    st.builds(
        Line,
        order=st.sampled_from(["1", "2", "3", "4", "5", "C6"]),
        customer=st.sampled_from(["ann", "bob", "cid", "", ""]),
        day=st.integers(0, 40),
        units=st.one_of(st.integers(-2_000_000, 5_000_000), st.sampled_from([0, 1, -100])),
        refunded=st.sampled_from([0, 0, 0, 1, 5_000, 120_000]),
        product=st.sampled_from(["tea", "cup", "pot", "mug", ""]),
        channel=st.sampled_from(["web", "app", ""]),
    ),
    min_size=1,
    max_size=12,
)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Path]]:
    """A store with products, to fill with orders and empty again."""
    folder = tmp_path_factory.mktemp("shops")
    with Store() as filled:
        fill(filled, folder, products=PRODUCTS)
        yield filled, folder


def check_period(shown: overview.Period, lines: list[Line]) -> None:
    """A period's figures beside those reckoned line by line."""
    start, end = ((day - FIRST_DAY).days for day in (shown.from_day, shown.until_day))
    inside = [line for line in lines if start <= line.day < end]
    assert shown.revenue == total(line.worth for line in inside)
    assert shown.guest_revenue == total(line.worth for line in inside if not line.customer)
    sales = [line for line in lines if line.units >= 0]
    placed: dict[str, int] = {}
    own: dict[str, dict[str, int]] = {}
    for line in sales:
        placed[line.order] = min(line.day, placed.get(line.order, line.day))
        if line.customer:
            days = own.setdefault(line.customer, {})
            days[line.order] = min(line.day, days.get(line.order, line.day))
    assert shown.orders == sum(start <= day < end for day in placed.values())
    buyers = {one for one, days in own.items() if any(start <= day < end for day in days.values())}
    assert shown.customers == len(buyers)
    assert shown.new_customers == sum(min(own[one].values()) >= start for one in buyers)
    assert shown.customers == shown.new_customers + shown.returning_customers
    repeat = {one for one in buyers if sum(day < end for day in own[one].values()) > 1}
    assert shown.repeat_customers == len(repeat)
    assert shown.returning_customers <= shown.repeat_customers <= shown.customers
    assert shown.earlier_customers_revenue == total(
        line.worth
        for line in inside
        if line.customer in own and min(own[line.customer].values()) < start
    )


@settings(deadline=None, max_examples=12)
@given(LINES, st.integers(0, 40), st.integers(1, 40), st.sampled_from([1, 2, 10, None]))
def test_any_shop_adds_up(
    workshop: tuple[Store, Path], lines: list[Line], start: int, days: int, top: int | None
) -> None:
    store, folder = workshop
    text = "\n".join([HEAD, *(line.text for line in lines)]) + "\n"
    path = folder / "orders.csv"
    path.write_text(text, encoding="utf-8")
    look = inspect(path, table="orders", times={"ordered_at": "iso"}, decimal=".")
    look = look.replace(mapping={field: field for field in HEAD.split(",")})
    batch = load(store, path, look, import_day=IMPORT_DAY).batch_id
    try:
        from_day = FIRST_DAY + timedelta(days=start)
        found = overview.summary(store, from_day, from_day + timedelta(days=days))
        for shown in {found.now, found.before, found.year_before} - {None}:
            assert shown
            check_period(shown, lines)
        for by in get_args(overview.By):
            parts = overview.parts(store, found, by, top)
            assert total(parts["revenue"]) == found.now.revenue
            if found.base:
                assert total(parts["earlier_revenue"]) == found.base.revenue
                assert total(parts["revenue_change"]) == found.now.revenue - found.base.revenue
            assert len(parts) <= (top or 10) + 1
            assert parts["label"].is_unique
            own = parts["revenue"][~parts["label"].str.startswith("all others")].tolist()
            assert all(one >= two for one, two in pairwise(own))
            assert (parts["orders"] <= found.now.orders).all()
        for sentence in overview.sentences(found, overview.leading_parts(store, found), "EUR"):
            assert sentence[0].isupper() or sentence[0].isdigit()
            assert sentence.endswith(".")
            assert "nan" not in sentence.lower().replace("channel", "")
    finally:
        store.remove(batch)
