"""Every feature of a shop small enough to reckon by hand, as of Saturday, 1 June 2024."""

from datetime import date
from decimal import Decimal
from math import sqrt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics import profile, rfm
from analytics.errors import NotEnoughDataError
from analytics.store import Store, inspect, load

AS_OF = date(2024, 6, 1)
NONE = None

WINDOWS = [f"{kind}_{days}_days" for kind in ("events", *profile.KINDS_OF_EVENT.values())
           for days in profile.WINDOWS_DAYS]  # fmt: skip
NOTHING: dict[str, Any] = {
    "orders": 0, "revenue": Decimal(0), "items": 0, "products": 0, "categories": 0,
    "store_orders": 0, "online_orders": 0, "buys_both_ways": False, "sessions_90_days": 0,
    "cart_without_purchase": False, **dict.fromkeys(WINDOWS, 0),
}  # fmt: skip
"""Of someone who did nothing; every other feature is missing."""

EXPECTED: dict[str, dict[str, Any]] = {
    # Three orders: 18:00 on a Saturday, a Tuesday morning, the last second of a Saturday. What
    # happens on the day itself, an order of 99.00, is not yet known.
    "anna": {
        "recency_days": 1 + 30 + 31 + 1, "orders": 3, "tenure_days": 29 + 30 + 31 + 1,
        # Gaps of 10 and 18 days: mean 14, squares of 4 on both sides over 2 - 1.
        "mean_gap_days": 14, "gap_spread_days": sqrt(32),
        "first_order_day": date(2024, 3, 2), "last_order_day": date(2024, 3, 30),
        # 10 + 5 + (5 - 2) + 30, less the return of 5; ordered for 50, of which 2 + 5 came back.
        "revenue": Decimal(43), "average_order_value": 43 / 3, "refund_share": 7 / 50,
        # One has a discount, one a coupon; a discount of 0.00 is none.
        "discount_order_share": 2 / 3, "items": 7, "items_per_order": 7 / 3, "products": 3,
        # Two lines each; ware brought 5 + 30, drinks 10 + 3.
        "categories": 2, "favourite_category": "ware", "favourite_category_share": 2 / 4,
        "favourite_channel": "web", "favourite_channel_share": 2 / 3,
        "store_orders": 1, "online_orders": 2, "buys_both_ways": True,
        "weekend_order_share": 2 / 3, "evening_order_share": 2 / 3,
        # Her 24th birthday; January to May of a leap year.
        "days_since_signup": 31 + 29 + 31 + 30 + 31, "age_years": 24, "gender": "f",
        "city": "Lyon", "country": "FR", "consent": True,
    },
    # A line without a quantity is one piece; its product is in no product file. 17:59:59 is no
    # evening. The cart was followed by an order, eleven days on.
    "ben": {
        "recency_days": 1, "orders": 1, "tenure_days": 1, "revenue": Decimal(8),
        "first_order_day": date(2024, 5, 31), "last_order_day": date(2024, 5, 31),
        "average_order_value": 8, "discount_order_share": 0, "refund_share": 0, "items": 1,
        "items_per_order": 1, "products": 1, "favourite_channel": "app",
        "favourite_channel_share": 1, "online_orders": 1, "weekend_order_share": 0,
        "evening_order_share": 0,
        # 3 March is 90 days before, 2 March 91.
        "days_since_event": 12, "events_30_days": 2, "events_90_days": 3, "views_30_days": 1,
        "views_90_days": 1, "carts_30_days": 1, "carts_90_days": 1, "opens_90_days": 1,
        # One named session of ten minutes; what has no session is none beside it.
        "sessions_90_days": 1, "mean_session_minutes": 10, "age_years": 33, "consent": False,
    },
    # The cart is of the 30th day before, the view of the 7th; the purchase came before the cart.
    "carl": {
        "days_since_event": 7, "events_7_days": 1, "events_30_days": 2, "events_90_days": 3,
        "views_7_days": 1, "views_30_days": 1, "views_90_days": 1, "carts_30_days": 1,
        "carts_90_days": 1, "purchases_90_days": 1,
        # No session is named, so the days count.
        "sessions_90_days": 3, "cart_without_purchase": True,
    },
    # Only a return; she signs up on the day itself, and 124 years are no age.
    "dora": {"revenue": Decimal("-12.50")},
    # 23 until tomorrow.
    "emil": {"days_since_signup": 1, "age_years": 23},
    "gus": {},
    # A gift on a Sunday at noon: an order, but nothing was ordered for money.
    "ida": {
        "recency_days": 27, "orders": 1, "tenure_days": 27,
        "first_order_day": date(2024, 5, 5), "last_order_day": date(2024, 5, 5),
        "average_order_value": 0, "discount_order_share": 0, "items": 1, "items_per_order": 1,
        "products": 1, "categories": 1, "favourite_category": "ware",
        "favourite_category_share": 1, "weekend_order_share": 1, "evening_order_share": 0,
    },
    # Two orders of 10.00 on one day, so no gap; all else equal, the first by name is the favourite.
    # The purchase is of the very moment of the cart.
    "jon": {
        "recency_days": 26, "orders": 2, "tenure_days": 26,
        "first_order_day": date(2024, 5, 6), "last_order_day": date(2024, 5, 6),
        "revenue": Decimal(20), "average_order_value": 10, "discount_order_share": 0,
        "refund_share": 0, "items": 2, "items_per_order": 1, "products": 2, "categories": 2,
        "favourite_category": "drinks", "favourite_category_share": 0.5,
        "favourite_channel": "app", "favourite_channel_share": 0.5, "online_orders": 2,
        "weekend_order_share": 0, "evening_order_share": 0, "days_since_event": 22,
        "events_30_days": 2, "events_90_days": 2, "carts_30_days": 1, "carts_90_days": 1,
        "purchases_30_days": 1, "purchases_90_days": 1, "sessions_90_days": 1,
        "mean_session_minutes": 0,
    },
    # One order over midnight and over two channels: it is of Friday evening, by its first line;
    # its two days are one day apart, which is one gap and so no spread. The first line was refunded
    # whole, so the store brought more.
    "kim": {
        "recency_days": 28, "orders": 1, "tenure_days": 29, "mean_gap_days": 1,
        "first_order_day": date(2024, 5, 3), "last_order_day": date(2024, 5, 4),
        "revenue": Decimal(20), "average_order_value": 20, "discount_order_share": 0,
        "refund_share": 0.5, "items": 2, "items_per_order": 2, "products": 1, "categories": 1,
        "favourite_category": "drinks", "favourite_category_share": 1,
        "favourite_channel": "store", "favourite_channel_share": 1, "store_orders": 1,
        "online_orders": 1, "buys_both_ways": True, "weekend_order_share": 0,
        "evening_order_share": 1,
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def found(by_hand: Store) -> pd.DataFrame:
    return profile.features(by_hand, AS_OF)


def test_everyone_known_before_the_day_has_a_row_and_nobody_else(found: pd.DataFrame) -> None:
    # Fay signs up on the day; of Hal only a cancelled and a test order are known; guests are none.
    assert found["customer_id"].tolist() == sorted(EXPECTED)


@pytest.mark.parametrize("customer", EXPECTED)
def test_every_feature(found: pd.DataFrame, customer: str) -> None:
    row = found.set_index("customer_id").loc[customer]
    wanted = NOTHING | EXPECTED[customer]
    for feature in profile.FEATURES:
        value, expected = row[feature.name], wanted.get(feature.name)
        if feature.kind == "day" and expected is not None:
            value = value.date()
        if expected is None:
            assert pd.isna(value), feature.name
        elif isinstance(expected, float):
            assert value == pytest.approx(expected, rel=1e-12), feature.name
        else:
            assert value == expected, feature.name


def test_columns_are_the_catalogue_in_order(found: pd.DataFrame) -> None:
    names = [feature.name for feature in profile.FEATURES]
    assert found.columns.tolist() == ["customer_id", *names, "attributes"]
    assert found.set_index("customer_id")["attributes"]["anna"] == '{"loyalty card":"gold"}'
    kinds = {name: str(found[name].dtype) for name in names}
    assert kinds["revenue"] == "decimal128(38, 4)[pyarrow]"
    assert {kinds[name] for name in ("recency_days", "age_years")} == {"Int64"}
    assert {kinds[name] for name in ("orders", "products", *WINDOWS)} == {"int64"}
    assert {kinds[name] for name in ("items", "mean_gap_days", "refund_share")} == {"float64"}
    assert (kinds["buys_both_ways"], kinds["consent"]) == ("bool", "boolean")
    assert kinds["last_order_day"].startswith("datetime64")


def test_the_kept_table_holds_the_same_and_is_made_once(by_hand: Store) -> None:
    kept = profile.keep(by_hand, AS_OF)
    assert kept == profile.keep(by_hand, AS_OF)
    assert kept.as_of == AS_OF
    row = by_hand.query(
        "profile_features", tables={"features": kept.table}, customer_id="anna"
    ).iloc[0]
    assert (row["orders"], row["revenue"], row["country"]) == (3, Decimal(43), "FR")


def test_they_agree_with_the_scores_to_the_last_digit(by_hand: Store) -> None:
    for day in (AS_OF, date(2024, 4, 5), date(2024, 6, 2)):
        scores = by_hand.query("customer_totals", as_of=day)
        both = scores.merge(profile.features(by_hand, day), on="customer_id", suffixes=("_s", ""))
        assert len(both) == len(scores)
        assert (both["frequency"] == both["orders"]).all()
        assert (both["monetary"] == both["revenue"]).all()
        recency = both["recency_days_s"].astype("Int64")
        assert (recency.fillna(-1) == both["recency_days"].fillna(-1)).all()
    assert rfm.CODE_VERSION


def test_times_without_hours_leave_the_evening_and_the_cart_open(
    store: Store, tmp_path: Path
) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text(
        "order_id,customer_id,ordered_at,amount\n1,anna,2024-05-20,5\n2,ben,2024-05-19,5\n"
    )
    events = tmp_path / "events.csv"
    events.write_text(
        "customer_id,occurred_at,event\n"
        "anna,2024-05-20 15:00:00,cart\nben,2024-05-20 15:00:00,cart\n"
    )
    for path in (orders, events):
        load(store, path, inspect(path, table=path.stem), import_day=date(2024, 12, 31))
    found = profile.features(store, AS_OF).set_index("customer_id")
    assert found["evening_order_share"].isna().all()
    # Anna's order of that day may have come after the cart; Ben's cannot.
    assert found["cart_without_purchase"].to_dict() == {"anna": False, "ben": True}


def test_a_shop_of_events_alone_has_features(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("customer_id,occurred_at,event\nanna,2024-05-20 15:00:00,view\n")
    load(store, path, inspect(path, table="events"), import_day=date(2024, 12, 31))
    found = profile.features(store)
    assert found[["customer_id", "days_since_event"]].to_numpy().tolist() == [["anna", 1]]


def test_an_empty_store_says_what_is_missing(store: Store) -> None:
    with pytest.raises(NotEnoughDataError, match="no orders yet"):
        profile.features(store)


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("Store", True), ("shop floor", True), ("pos 2", True),
        ("In-Store", True), ("门店", True), ("上海线下店铺", True), ("Outlet Graz", True),
        ("branch 7", True), ("Retail", True), ("offline", True), ("online store", False),
        ("App Store", False), ("web", False), ("restored", False), ("compost", False),
        ("线上旗舰店铺", False),
    ],
)  # fmt: skip
def test_what_is_a_store(channel: str, expected: bool) -> None:
    assert profile.is_store(channel) is expected
