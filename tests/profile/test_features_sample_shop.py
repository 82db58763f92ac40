"""What is planted in the sample shop shows in the features of its customers."""

import math
from pathlib import Path

import pandas as pd
import pytest

from analytics import profile, rfm
from analytics.store import Store

SAMPLE = Path(__file__).parents[2] / "sample_data"
SIGMAS = 4.0


@pytest.fixture(scope="module")
def found(sample_shop: Store) -> pd.DataFrame:
    types = pd.read_csv(SAMPLE / "truth_types.csv", dtype=str)
    return profile.features(sample_shop).merge(types, on="customer_id", validate="one_to_one")


def test_money_orders_and_recency_are_those_of_the_scores(
    sample_shop: Store, found: pd.DataFrame
) -> None:
    both = rfm.score(sample_shop).merge(found, on="customer_id", suffixes=("_s", ""))
    assert len(both) > 3_700
    assert (both["monetary"] == both["revenue"]).all()
    assert (both["frequency"] == both["orders"]).all()
    assert (both["recency_days_s"] == both["recency_days"]).all()


def test_every_customer_of_the_shop_is_known(found: pd.DataFrame) -> None:
    assert len(found) == 4_000
    assert found["days_since_signup"].notna().all()


def test_planted_coupons_are_found(found: pd.DataFrame) -> None:
    # Bargain hunters use a coupon in 85 of 100 orders of ordinary days, regulars in 4; on the four
    # peaks every second order of anyone has one, which moves the 4 to at most 10.
    buyers = found[found["orders"] > 0]
    reduced = buyers["discount_order_share"] * buyers["orders"]
    by_type = pd.DataFrame(
        {"type": buyers["type"], "reduced": reduced, "orders": buyers["orders"]}
    ).groupby("type")
    rate = by_type["reduced"].sum() / by_type["orders"].sum()
    spread = SIGMAS * math.sqrt(0.85 * 0.15 / by_type["orders"].sum()["bargain_hunter"])
    assert abs(rate["bargain_hunter"] - 0.85) < spread
    assert 0.03 < rate["regular"] < 0.10


def test_stores_weekends_and_evenings_are_those_of_the_file(found: pd.DataFrame) -> None:
    lines = pd.read_csv(SAMPLE / "orders.csv", dtype=str, keep_default_na=False)
    lines = lines[(lines["status"] != "cancelled") & (lines["customer_id"] != "")]
    orders = lines.drop_duplicates("order_id")
    times = pd.to_datetime(orders["ordered_at"])
    assert found["orders"].sum() == len(orders)
    assert found["store_orders"].sum() == (orders["channel"] == "store").sum() > 0
    assert found["online_orders"].sum() == (orders["channel"] != "store").sum()
    weekend = (found["weekend_order_share"] * found["orders"]).sum()
    assert weekend == pytest.approx((times.dt.day_of_week >= 5).sum())
    evening = (found["evening_order_share"] * found["orders"]).sum()
    assert evening == pytest.approx((times.dt.hour >= 18).sum())


def test_events_are_those_of_the_file(found: pd.DataFrame) -> None:
    events = pd.read_csv(SAMPLE / "events.csv", dtype=str, keep_default_na=False)
    events = events[events["customer_id"] != ""]
    # The day after the last order, 31 August 2026.
    ago = (
        pd.Timestamp("2026-09-01") - pd.to_datetime(events["occurred_at"]).dt.normalize()
    ).dt.days
    for days in profile.WINDOWS_DAYS:
        inside = events[(ago <= days) & (ago >= 1)]
        assert found[f"events_{days}_days"].sum() == len(inside)
        assert found[f"carts_{days}_days"].sum() == (inside["event"] == "cart").sum()
    named = events[(ago <= 90) & (ago >= 1) & (events["session_id"] != "")]
    sessions = named.drop_duplicates(["customer_id", "session_id"])
    assert found["sessions_90_days"].sum() >= len(sessions)
    assert found["mean_session_minutes"].notna().sum() == sessions["customer_id"].nunique()


def test_newcomers_look_and_the_lapsed_do_not(found: pd.DataFrame) -> None:
    # Newcomers signed up in the last 130 days and look a lot; of the lapsed all but 12 are gone.
    median = found.groupby("type")["events_90_days"].median()
    assert median["newcomer"] > median["lapsed"]
    recency = found.groupby("type")["recency_days"].median()
    assert recency["newcomer"] < recency["lapsed"]
