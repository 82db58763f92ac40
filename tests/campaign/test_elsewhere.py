"""Campaigns without a holdout: a planted effect is found again, and nothing is called proven."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics import campaign
from analytics.campaign.elsewhere import FEATURES
from analytics.campaign.matching import NEIGHBOURS, balance, estimate, pair
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store, inspect, load
from analytics.store.privacy import suppress
from tests.campaign import simulate
from tests.campaign.conftest import IMPORT_DAY, START, orders_of

EFFECT = 5.0


def test_a_planted_effect_is_recovered_where_the_naive_difference_misses_it() -> None:
    """Twenty shops: the naive difference is far off in each, the matched one near the truth."""
    found, naive, covered = [], [], 0
    for seed in range(20):
        shop = simulate.chosen_by_hand(3_000, EFFECT, np.random.default_rng(seed))
        got = estimate(pair(shop.features, shop.contacted), shop.sales)
        found.append(got.difference)
        naive.append(shop.sales[shop.contacted].mean() - shop.sales[~shop.contacted].mean())
        covered += got.lo <= EFFECT <= got.hi
    assert min(naive) > EFFECT + 4
    assert np.abs(np.array(found) - EFFECT).max() < 3
    assert abs(np.mean(found) - EFFECT) < 0.7
    assert covered >= 17


def test_no_effect_is_not_found() -> None:
    said = 0
    for seed in range(20):
        shop = simulate.chosen_by_hand(1_500, 0.0, np.random.default_rng(100 + seed))
        got = estimate(pair(shop.features, shop.contacted), shop.sales)
        said += got.lo > 0 or got.hi < 0
    assert said <= 3


def test_matching_makes_the_groups_alike() -> None:
    shop = simulate.chosen_by_hand(3_000, EFFECT, np.random.default_rng(1))
    pairs = pair(shop.features, shop.contacted)
    before, after = balance(shop.features, shop.contacted, pairs)
    assert np.abs(before).max() > 0.5
    assert np.abs(after).max() < 0.1
    assert not shop.contacted[pairs.others].any()
    assert shop.contacted[pairs.contacted].all()
    assert pairs.others.shape == (len(pairs.contacted), NEIGHBOURS)
    assert len(pairs.contacted) + pairs.unmatched == shop.contacted.sum()


def test_exact_twins_by_hand() -> None:
    """Each contacted has four twins: the effect is the difference to their mean, exactly."""
    kinds = np.repeat(np.arange(40), 5)
    features = np.column_stack([kinds % 8, kinds // 8]).astype(float)
    contacted = np.tile([True, False, False, False, False], 40)
    sales = kinds * 2.0 + np.where(contacted, 3.0, np.tile([9.0, 1.0, -1.0, 1.0, -1.0], 40))
    got = estimate(pair(features, contacted), sales)
    assert got.difference == pytest.approx(3.0)
    assert got.others_mean == pytest.approx((kinds[contacted] * 2.0).mean())


def test_those_with_nobody_like_them_are_left_out() -> None:
    rng = np.random.default_rng(1)
    features = rng.normal(size=(600, 2))
    contacted = rng.random(600) < 1 / (1 + np.exp(1 - features[:, 0]))
    features[:5], contacted[:5] = 40.0, True
    pairs = pair(features, contacted)
    assert pairs.unmatched >= 5
    assert not set(range(5)) & set(pairs.contacted)


# Through the store


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Six hundred customers; frequent ones were contacted, and buy more in May anyway."""
    rng = np.random.default_rng(6)
    folder = tmp_path_factory.mktemp("elsewhere")
    lines, contacted = [], []
    for number in range(600):
        one = f"c{number:03d}"
        orders = 1 + rng.poisson(2)
        for place in range(orders):
            day = pd.Timestamp("2024-01-01") + pd.Timedelta(days=int(rng.integers(0, 120)))
            worth = f"{rng.lognormal(3, 0.4):.2f}"
            lines.append((f"b{number}-{place}", one, f"{day:%Y-%m-%d}", worth))
        if rng.random() < 1 / (1 + np.exp(3 - orders)):
            contacted.append(one)
        extra = 15 if one in contacted else 0
        worth = f"{5 * orders + extra + rng.lognormal(1, 0.5):.2f}"
        lines.append((f"n{number}", one, "2024-05-10", worth))
    lines.append(("z", "late", "2024-06-20", "1"))
    path = folder / "orders.csv"
    path.write_text(orders_of(lines))
    with Store() as store:
        load(store, path, inspect(path, table="orders"), import_day=IMPORT_DAY)
        yield store, contacted


def test_a_planted_effect_comes_out_of_the_store(shop: Any) -> None:
    store, contacted = shop
    found = campaign.matched(store, contacted, START, 30, margin=0.5, cost=100, unit="EUR")
    sales = found.effects.set_index("measure").loc["revenue"]
    assert sales["lo"] < 15 < sales["hi"]
    assert sales["naive_difference"] > 20
    assert found.suggests == "more sales"
    assert found.complete
    assert (found.contacted, found.days) == (len(contacted), 30)
    profit = found.effects.set_index("measure").loc["profit"]
    assert profit["difference"] == pytest.approx(0.5 * sales["difference"] - 100 / len(contacted))
    assert profit["total"] == pytest.approx(found.matched * profit["difference"])
    orders = found.balance.set_index("feature").loc["orders"]
    assert orders["before"] > 0.5
    assert abs(orders["after"]) < 0.1
    assert set(found.balance["feature"]) <= {*FEATURES, *(f"{one}_unknown" for one in FEATURES)}


def test_it_is_never_called_proven(shop: Any) -> None:
    store, contacted = shop
    found = campaign.matched(store, contacted, START, 30)
    said = " ".join([found.sentence, *found.warnings]).lower()
    assert "prove" not in said
    assert "proof" not in said
    assert "nan" not in said.split()
    assert found.cannot_rule_out.startswith("This is no proof.")
    assert "proven" not in found.effects.columns


def test_ids_of_one_person_count_once(shop: Any, tmp_path: Any) -> None:
    store, contacted = shop
    path = tmp_path / "matches.csv"
    path.write_text(f"customer_id,other_id\n{contacted[0]},card-7\n")
    before = campaign.matched(store, contacted, START, 30)
    batch = load(store, path, inspect(path, table="matches"), import_day=IMPORT_DAY).batch_id
    found = campaign.matched(store, [*contacted[1:], "card-7", "nobody"], START, 30)
    store.remove(batch)
    assert found.contacted == before.contacted
    assert found.unknown == 1
    pd.testing.assert_frame_equal(found.effects, before.effects)


def test_the_opted_out_are_nobody_to_compare_with(shop: Any) -> None:
    store, contacted = shop
    others = sorted({f"c{number:03d}" for number in range(600)} - set(contacted))
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM suppressed")
    before = campaign.matched(store, contacted, START, 30)
    suppress(store, others[:40], "asked")
    after = campaign.matched(store, contacted, START, 30)
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM suppressed")
    assert after.contacted == before.contacted
    assert after.balance["before"].tolist() != before.balance["before"].tolist()
    sales = [one.effects.set_index("measure").loc["revenue"] for one in (before, after)]
    assert sales[0]["naive_difference"] != sales[1]["naive_difference"]


@pytest.mark.parametrize(
    ("ids", "options", "said"),
    [
        ([], {}, "Nobody was contacted"),
        (["x"], {}, "Only 0 of the contacted customers were known before 1 May 2024"),
        (None, {"start": date(2024, 1, 1)}, "no orders before"),
        (None, {"start": date(2024, 7, 1)}, "no orders from 1 July 2024 on"),
        (None, {"margin": 0}, "margin"),
        (None, {"cost": -1}, "cost"),
        (None, {"window_days": 0}, "days"),
    ],
)
def test_what_makes_no_sense_is_refused(
    shop: Any, ids: list[str] | None, options: dict[str, Any], said: str
) -> None:
    store, contacted = shop
    given: dict[str, Any] = {"start": START, "window_days": 30} | options
    with pytest.raises(AnalyticsError, match=said):
        campaign.matched(store, contacted if ids is None else ids, **given)


def test_everybody_contacted_leaves_nobody_to_compare_with(shop: Any) -> None:
    store, _ = shop
    everybody = [f"c{number:03d}" for number in range(600)]
    with pytest.raises(NotEnoughDataError, match="other customers were known"):
        campaign.matched(store, everybody, START, 30)


def test_an_open_window_is_said(shop: Any) -> None:
    store, contacted = shop
    found = campaign.matched(store, contacted, START, 90)
    assert not found.complete
    assert any("51 days of the window" in one for one in found.warnings)
