"""Planted truth: false winners, coverage, power and CUPED's gain, in a tenth of the runs.

`benchmarks/experiment.py` runs them whole; here the tolerance is widened by the chance of fewer.
"""

import pytest

from tests.experiment import simulate
from tests.experiment.simulate import COVERAGE, FALSE_WINNERS, POWER, Shop

RUNS = 200


def test_a_test_of_nothing_wins_one_time_in_twenty() -> None:
    found = simulate.no_effect(RUNS)
    assert len(found) == 6
    for name, share in found.items():
        assert share.within(FALSE_WINNERS, 0.015), (name, share)


def test_an_always_valid_test_of_nothing_may_be_read_daily() -> None:
    metrics = ("conversion_rate", "revenue_per_visitor")
    for name, share in simulate.peeking(RUNS, metrics=metrics, modes=["always_valid"]).items():
        assert share.at_most(FALSE_WINNERS), (name, share)


def test_a_fixed_test_read_daily_finds_false_winners() -> None:
    """About a fifth of the time: this is what the always-valid interval is for."""
    found = simulate.peeking(40, metrics=["conversion_rate"], modes=["fixed"])
    assert found["conversion_rate, fixed"].share > 0.10


def test_intervals_hold_the_true_effect() -> None:
    for name, share in simulate.coverage(RUNS).items():
        if "relative" not in name:
            assert share.within(COVERAGE, 0.015), (name, share)


@pytest.mark.parametrize("sizes", [(400, 3_600), (3_600, 400)])
def test_so_they_do_with_a_thin_arm(sizes: tuple[int, int]) -> None:
    """20 buyers in a tenth of the customers, where Welch's interval holds it 9 times in 10."""
    found = simulate.coverage(RUNS, sizes, Shop(), lift=0.0)
    for name in ("conversion_rate", "revenue_per_visitor"):
        assert found[name].within(COVERAGE, 0.015), (name, found[name])


def test_a_planned_test_finds_its_effect_four_times_in_five() -> None:
    for name, share in simulate.power(RUNS).items():
        assert share.within(POWER, 0.04), (name, share)


def test_cuped_shortens_the_interval_as_the_correlation_says() -> None:
    found = simulate.shortening()
    assert found["rho"].max() > 0.5
    assert (found["shorter"] / found["expected"] - 1).abs().max() < 0.01
