"""The sample shop's two experiments: one was planted, the other has nothing to find."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from analytics import experiment
from analytics.experiment.metrics import available
from analytics.store import Store, load_folder

SAMPLE = Path(__file__).parents[2] / "sample_data"


@pytest.fixture(scope="module")
def shop() -> Iterator[Store]:
    with Store() as filled:
        load_folder(filled, SAMPLE)
        yield filled


def compared(shop: Store, name: str, metric: str) -> experiment.Comparison:
    arms = experiment.arms(shop, name, [metric], window_days=14)
    return experiment.compare(
        experiment.arm(arms, "control"), experiment.arm(arms, "treatment"), metric, cuped=False
    )


def test_the_planted_experiment_is_better(shop: Store) -> None:
    found = compared(shop, "free_delivery_bar", "conversion_rate")
    assert found.verdict == "better"
    # The truth: 8.0% and 18.1% of all orders; cancelled ones (1%) do not count here.
    assert found.control_mean == pytest.approx(0.080, abs=0.002)
    assert found.treatment_mean == pytest.approx(0.181, abs=0.004)
    assert found.difference / found.standard_error == pytest.approx(8.2, abs=0.3)
    assert found.lo < 0.097 < found.hi
    assert compared(shop, "free_delivery_bar", "revenue_per_visitor").verdict == "better"


def test_of_the_null_experiment_nothing_can_be_told(shop: Store) -> None:
    found = compared(shop, "larger_photos", "conversion_rate")
    assert found.verdict == "cannot tell"
    assert found.control_mean == pytest.approx(0.075, abs=0.002)
    assert found.treatment_mean == pytest.approx(0.070, abs=0.002)
    assert found.difference / found.standard_error == pytest.approx(-0.5, abs=0.2)
    for metric in ("revenue_per_visitor", "average_order_value", "orders_per_visitor"):
        assert compared(shop, "larger_photos", metric).verdict == "cannot tell"


@pytest.mark.parametrize("name", ["free_delivery_bar", "larger_photos"])
def test_both_are_sound(shop: Store, name: str) -> None:
    found = experiment.health(shop, name, window_days=14, planned_n=3_000)
    assert set(found["level"]) == {"green"}


def test_the_effect_builds_up_from_day_to_day(shop: Store) -> None:
    found = experiment.timeline(shop, "free_delivery_bar", "conversion_rate", 14)
    # 14 days of assignments and 14 days after the last of them.
    assert len(found.days) == 28
    assert found.days["day"].iloc[0].date() == date(2026, 4, 13)
    assert found.days["control_n"].iloc[-1] == 1_500
    assert found.days["verdict"].iloc[-1] == "better"
    assert found.halves["half"].tolist() == ["first half", "second half"]
    assert found.halves["control_n"].sum() == 1_500
    assert found.halves_p_value > 0.05
    last = found.days.iloc[-1]
    fixed = compared(shop, "free_delivery_bar", "conversion_rate")
    assert last["hi"] - last["lo"] > fixed.hi - fixed.lo


def test_the_always_valid_band_never_calls_the_null_a_winner(shop: Store) -> None:
    found = experiment.timeline(shop, "larger_photos", "conversion_rate", 14)
    assert set(found.days["verdict"]) == {"cannot tell"}


def test_by_gender(shop: Store) -> None:
    found = experiment.segments(shop, "free_delivery_bar", "conversion_rate", "gender", 14)
    assert found.table["segment"].tolist() == ["female", "male", "not known"]
    assert found.table[["control_n", "treatment_n"]].to_numpy().sum() == 3_000
    assert found.table["significant"].all()


def test_what_can_be_measured(shop: Store) -> None:
    names = [one.name for one in available(shop)]
    assert names[0] == "revenue_per_visitor"
    assert {"click_through_rate", "open_rate", "event_count:cart"} <= set(names)
    arms = experiment.arms(shop, "larger_photos", names, window_days=14)
    assert set(arms["metric"]) == set(names)
    assert (arms["n"] == 1_500).all()
