"""On the sample shop the planted types are found, kept, summed and judged."""

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from analytics import clusters, profile, rfm
from analytics.clusters import judge
from analytics.store import Store, load_folder, money, write_list

FOLDER = Path(__file__).parents[2] / "sample_data"
sys.path.insert(0, str(FOLDER))

import make  # noqa: E402

SEEDS = (101, 102)
"""A tenth of the twenty seeds that `benchmarks/clusters.py` runs."""


@pytest.fixture(scope="module")
def shop() -> Iterator[Store]:
    with Store() as store:
        load_folder(store, FOLDER, origin="sample")
        yield store


@pytest.fixture(scope="module")
def found(shop: Store) -> clusters.Clusters:
    return clusters.fit(shop)


def agreement(found: clusters.Clusters, folder: Path) -> float:
    types = pd.read_csv(folder / "truth_types.csv").set_index("customer_id")["type"]
    return float(adjusted_rand_score(types[found.labels["customer_id"]], found.labels["cluster"]))


def test_the_planted_types_are_found(found: clusters.Clusters) -> None:
    assert agreement(found, FOLDER) >= 0.6
    assert found.structured
    assert found.stability > 0.8


@pytest.mark.parametrize("seed", SEEDS)
def test_also_in_other_shops(seed: int, tmp_path: Path) -> None:
    make.write(make.generate(seed), tmp_path)
    with Store() as store:
        load_folder(store, tmp_path, origin="sample")
        assert agreement(clusters.fit(store), tmp_path) >= 0.6


def test_the_rules_can_be_said_aloud(found: clusters.Clusters) -> None:
    assert found.fidelity > 0.85
    for rule in found.profiles["rule"]:
        assert 1 <= len(rule.split(" and ")) <= 4
        assert "_" not in rule


def test_sums_agree_with_the_segments(shop: Store, found: clusters.Clusters) -> None:
    """Groups hold everyone with an order; segments also those with returns only."""
    kept = clusters.keep(shop, found=found)
    worth = clusters.summary(shop, kept, found)
    scores = rfm.score(shop)
    buyers = scores[scores["frequency"] > 0]
    assert worth["customers"].sum() == len(buyers)
    assert sum(map(money, worth["revenue"])) == sum(map(money, buyers["monetary"]))
    assert worth["revenue_share"].sum() == pytest.approx(1)


def test_kept_is_what_fit_returns_and_is_made_once(shop: Store, found: clusters.Clusters) -> None:
    kept = clusters.keep(shop)
    assert clusters.keep(shop) == kept
    held = shop.query("cluster_points", tables={"clusters": kept.table})
    pd.testing.assert_frame_equal(
        held, found.labels.sort_values("customer_id", ignore_index=True), check_dtype=False
    )


def test_what_is_drawn_picks_among_all_customers(shop: Store, found: clusters.Clusters) -> None:
    kept = clusters.keep(shop)
    points = found.labels
    right = points[points["x"] > 0]
    box = [(0, -99), (99, -99), (99, 99), (0, 99)]
    assert sorted(clusters.pick(shop, kept, [box])["customer_id"]) == sorted(right["customer_id"])
    twice = clusters.pick(shop, kept, [box, box])
    assert len(twice) == len(right)


def test_the_list_of_a_group_is_complete(shop: Store, found: clusters.Clusters) -> None:
    kept = clusters.keep(shop)
    tables = {"clusters": kept.table, "features": kept.features, "picked": kept.table}
    for cluster, customers in found.profiles[["cluster", "customers"]].itertuples(index=False):
        written = write_list(
            shop, "cluster_list", ["customer_id"], tables=tables, cluster=int(cluster)
        )
        listed = pd.read_csv(written.path)["customer_id"]
        assert written.rows + written.opted_out == customers
        members = found.labels.loc[found.labels["cluster"] == cluster, "customer_id"]
        assert set(listed) <= set(members)
        written.path.unlink()


def test_the_verdict_says_what_the_groups_are_good_for(found: clusters.Clusters) -> None:
    assert found.future is not None
    assert found.future.model_score > 0.3
    assert found.future.rule_score > 0.3
    assert found.future.sentence in found.verdict


def test_groups_drawn_by_lot_lose_against_the_segments(shop: Store) -> None:
    rng = np.random.default_rng(5)

    def by_lot(_: pd.DataFrame) -> Any:
        return lambda customers: rng.integers(0, 5, len(customers))

    verdict = judge.judge(shop, shop.default_as_of(), by_lot, 0)
    assert verdict.winner == "rule"
    assert abs(verdict.model_score) < 0.1


def test_a_young_shop_cannot_tell_of_the_future(shop: Store) -> None:
    first = pd.Timestamp(shop.tables().set_index("table").loc["orders", "first_day"]).date()
    young = clusters.fit(shop, as_of=first + timedelta(days=100))
    assert young.future is None
    assert "cannot be told yet" in young.verdict


def test_later_orders_change_nothing(shop: Store, tmp_path: Path) -> None:
    """As of a day in the past the groups are those of a store that ends there."""
    day = shop.default_as_of() - timedelta(days=200)
    orders = pd.read_csv(FOLDER / "orders.csv", dtype=str)
    events = pd.read_csv(FOLDER / "events.csv", dtype=str)
    orders[orders["ordered_at"] < str(day)].to_csv(tmp_path / "orders.csv", index=False)
    events[events["occurred_at"] < str(day)].to_csv(tmp_path / "events.csv", index=False)
    for name in ("customers", "products"):
        (tmp_path / f"{name}.csv").write_bytes((FOLDER / f"{name}.csv").read_bytes())
    with Store() as store:
        load_folder(store, tmp_path, origin="sample")
        then = clusters.fit(store, as_of=day)
    now = clusters.fit(shop, as_of=day)
    pd.testing.assert_frame_equal(then.labels, now.labels)
    assert then.verdict == now.verdict


def test_the_reasons_are_the_clusters_strongest_traits(
    shop: Store, found: clusters.Clusters
) -> None:
    kept = clusters.keep(shop, found=found)
    one = found.labels[found.labels["cluster"] == 1].iloc[0]
    traits = found.traits[found.traits["cluster"] == 1]
    strongest = traits.reindex(traits["difference"].abs().sort_values(ascending=False).index)
    got = clusters.reasons(shop, kept, one["customer_id"])
    assert got["feature"].tolist() == strongest["feature"].tolist()[:3]
    own = profile.features(shop).set_index("customer_id").loc[one["customer_id"]]
    assert got["value"].tolist() == [float(own[name]) for name in got["feature"]]
    assert clusters.reasons(shop, kept, "nobody").empty
