"""Questions and shops that make no sense: each a sentence that says what to do."""

from collections.abc import Iterator
from datetime import date
from math import isnan
from pathlib import Path

import pytest

from analytics import experiment
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.experiment.metrics import metric, retention_rate
from analytics.store import Store
from tests.experiment.shops import AS_OF, BY_HAND, fill


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store() as filled:
        yield fill(filled, tmp_path_factory.mktemp("shop"), BY_HAND)


def test_an_experiment_that_does_not_exist(shop: Store) -> None:
    with pytest.raises(AnalyticsError, match="no experiment “x”") as caught:
        experiment.arms(shop, "x", as_of=AS_OF)
    assert "“alone”, “bar”" in caught.value.fix


def test_a_shop_without_assignments(store: Store) -> None:
    with pytest.raises(AnalyticsError, match="Import a file of assignments"):
        experiment.arms(store, "x", as_of=AS_OF)


def test_a_shop_without_anything(store: Store) -> None:
    with pytest.raises(NotEnoughDataError, match="no orders yet"):
        experiment.arms(store, "x")
    assert experiment.names(store).empty


def test_one_arm(shop: Store) -> None:
    with pytest.raises(AnalyticsError, match="one variant only, “only”"):
        experiment.arms(shop, "alone", as_of=AS_OF)


def test_a_control_that_does_not_exist(shop: Store) -> None:
    with pytest.raises(AnalyticsError, match="no variant “old”") as caught:
        experiment.health(shop, "bar", control="old", as_of=AS_OF)
    assert "“control”, “treatment”" in caught.value.fix


def test_arms_under_thirty(shop: Store) -> None:
    arms = experiment.arms(shop, "bar", window_days=7, as_of=AS_OF)
    found = experiment.compare(
        experiment.arm(arms, "control"), experiment.arm(arms, "treatment"), "revenue_per_visitor"
    )
    assert found.verdict == "cannot tell"
    assert isnan(found.p_value)
    assert "nan" not in found.sentence
    checks = experiment.health(shop, "bar", window_days=7, as_of=AS_OF).set_index("check")
    assert checks.loc["Size", "level"] == "red"
    assert "“treatment” has only 2 customers" in checks.loc["Size", "sentence"]


def test_nobody_has_had_the_window(shop: Store) -> None:
    with pytest.raises(NotEnoughDataError, match="has had 60 whole days") as caught:
        experiment.arms(shop, "bar", window_days=60, as_of=AS_OF)
    assert "shorter window" in caught.value.fix


def test_all_were_assigned_after_the_last_day(shop: Store) -> None:
    with pytest.raises(NotEnoughDataError, match="after the last day of the data"):
        experiment.arms(shop, "bar", as_of=date(2024, 3, 5))


@pytest.mark.parametrize("window_days", [0, -3])
def test_a_window_that_is_none(shop: Store, window_days: int) -> None:
    with pytest.raises(AnalyticsError, match="is not possible"):
        experiment.arms(shop, "bar", window_days=window_days, as_of=AS_OF)


def test_a_return_later_than_the_window(shop: Store) -> None:
    with pytest.raises(AnalyticsError, match="more than 7 days"):
        experiment.arms(shop, "bar", ["retention_rate:7"], window_days=7, as_of=AS_OF)


@pytest.mark.parametrize("name", ["x", "retention_rate:", "retention_rate:x", "event_count:"])
def test_a_metric_that_does_not_exist(name: str) -> None:
    with pytest.raises(AnalyticsError, match="no metric"):
        metric(name)


def test_a_return_within_a_day() -> None:
    with pytest.raises(AnalyticsError, match="less than a day"):
        retention_rate(0)


def test_groups_that_do_not_exist(shop: Store) -> None:
    with pytest.raises(AnalyticsError, match="cannot be told apart by “shoe size”"):
        experiment.arms(shop, "bar", by=("shoe size",), as_of=AS_OF)
    with pytest.raises(AnalyticsError, match="one thing at a time"):
        experiment.arms(shop, "bar", by=("gender", "city"), as_of=AS_OF)


def test_all_values_are_equal(store: Store, tmp_path: Path) -> None:
    people = [f"k{place}" for place in range(80)]
    texts = {
        "orders": "order_id,customer_id,ordered_at,amount\n"
        + "".join(f"{who},{who},2024-03-02,10.00\n" for who in people),
        "assignments": "experiment,customer_id,variant,assigned_at\n"
        + "".join(f"e,{who},{'ab'[at % 2]},2024-03-01\n" for at, who in enumerate(people)),
    }
    fill(store, tmp_path, texts)
    arms = experiment.arms(store, "e")
    for name in ("revenue_per_visitor", "conversion_rate", "average_order_value"):
        found = experiment.compare(experiment.arm(arms, "a"), experiment.arm(arms, "b"), name)
        assert found.verdict == "cannot tell"
        assert isnan(found.p_value)
        assert found.reason
        assert "nan" not in found.sentence
    checks = experiment.health(store, "e")
    assert not checks["sentence"].str.contains("nan").any()
