"""A feature that knows the future is named, however little it tells."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from analytics.errors import AnalyticsError
from analytics.propensity import features, leakage
from analytics.propensity.racing import auc
from analytics.propensity.targets import Target, outcomes
from analytics.store import Store
from analytics.store.before import Before
from tests.propensity.conftest import END

CUT_OFF = END - timedelta(days=14)
ORDER = Target("order", None, 14)
CUP = Target("product", "cup", 14)


@pytest.mark.parametrize("target", [ORDER, CUP])
def test_our_features_are_the_same_without_what_came_later(
    planted_shop: Store, target: Target
) -> None:
    leakage.audit(planted_shop, CUT_OFF, lambda shop, day: features.frame(shop, target, day))


def test_the_sample_shop_does_not_leak(sample_shop: Store) -> None:
    target = Target("lapse", None, 30)
    day = date(2026, 5, 1)
    leakage.audit(sample_shop, day, lambda shop, on: features.frame(shop, target, on))


def test_the_past_alone_holds_nothing_later(planted_shop: Store) -> None:
    past = Before(planted_shop, CUT_OFF)
    assert past.query("sales")["day"].max() < CUT_OFF
    assert planted_shop.query("sales")["day"].max() >= CUT_OFF


def test_a_feature_of_later_events_is_named_though_it_tells_little(planted_shop: Store) -> None:
    def build(shop: Store, day: date) -> pd.DataFrame:
        rows = features.frame(shop, ORDER, day)
        later = features.frame(shop, ORDER, day + timedelta(days=14))
        known = later.set_index("customer_id")["events_30_days"].reindex(rows["customer_id"])
        noise = np.random.default_rng(0).normal(0, 5, len(rows))
        return rows.assign(mood=known.fillna(0).to_numpy() + noise)

    rows = build(planted_shop, CUT_OFF)
    did = outcomes(planted_shop, ORDER, CUT_OFF, rows["customer_id"])
    assert abs(auc(did, rows["mood"].to_numpy()) - 0.5) < 0.12
    with pytest.raises(AnalyticsError, match=r"know what happened on or after .*: “mood”"):
        leakage.audit(planted_shop, CUT_OFF, build)


def test_a_feature_that_differs_for_one_customer_is_named() -> None:
    found = pd.DataFrame({"customer_id": ["b", "a"], "orders": [1.0, np.nan], "city": ["X", None]})
    before = pd.DataFrame({"customer_id": ["a", "b"], "orders": [np.nan, 1.0], "city": [None, "X"]})
    leakage.compare(found, before, date(2024, 1, 1))
    with pytest.raises(AnalyticsError, match="“orders”"):
        leakage.compare(found, before.assign(orders=[0.0, 1.0]), date(2024, 1, 1))
    with pytest.raises(AnalyticsError, match="“city”"):
        leakage.compare(found, before.assign(city=[None, "Y"]), date(2024, 1, 1))
    with pytest.raises(AnalyticsError, match="“orders”"):
        leakage.compare(found, before.drop(columns=["orders"]), date(2024, 1, 1))


def test_people_who_are_known_from_later_only_are_noticed() -> None:
    found = pd.DataFrame({"customer_id": ["a", "b"]})
    with pytest.raises(AnalyticsError, match="2 customers with it, 1 without"):
        leakage.compare(found, found.head(1), date(2024, 1, 1))


def test_too_good_to_be_true_is_said() -> None:
    assert leakage.too_good(0.97) == ""
    assert "98.0 of 100 pairs" in leakage.too_good(0.98)
