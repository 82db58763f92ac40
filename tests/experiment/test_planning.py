"""Plans by hand, published intervals and boundaries, and what planning refuses."""

from math import isnan

import numpy as np
import pytest
from scipy import stats

from analytics import experiment
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.experiment import power, proportions, sequential


def test_weeks_for_an_effect_by_hand() -> None:
    """(1.959964 + .841621)² × (.10 × .90 + .12 × .88) ÷ .02² = 3,838.1 an arm."""
    made = experiment.plan(0.10, mde=0.02, weekly_visitors=1_000)
    assert made.total_n == pytest.approx(2 * 3_838.1, abs=2)
    assert made.n_control + made.n_treatment == made.total_n
    assert made.weeks == 8
    assert made.relative_minimum_detectable_effect == pytest.approx(0.2)
    assert made.sentence == (
        f"With about {made.total_n:,} customers, 8 weeks, a true rise of 2 points (20.0% of "
        "today's) is found 80% of the time."
    )


def test_a_fall_is_planned_like_a_rise() -> None:
    made = experiment.plan(0.10, mde=-0.02, weekly_visitors=1_000)
    assert "a true fall of 2 points" in made.sentence
    assert made.total_n < experiment.plan(0.10, mde=0.02, weekly_visitors=1_000).total_n


@pytest.mark.parametrize(("total", "points"), [(5_000, 2.4), (20_000, 1.15), (100_000, 0.5)])
def test_what_a_holdout_of_a_fifth_can_prove(total: int, points: float) -> None:
    """At a rate of 5%, worked out apart from this code, for a test that pools both rates."""
    made = experiment.plan(0.05, weekly_visitors=total, weeks=1, split=0.8)
    assert made.minimum_detectable_effect * 100 == pytest.approx(points, rel=0.1)
    assert (made.n_control, made.n_treatment) == (total // 5, total - total // 5)


def test_a_small_plan_holds_what_it_promises() -> None:
    """The power of the test with 400 and 1,600 customers, over all numbers of buyers possible."""
    made = experiment.plan(0.05, weekly_visitors=2_000, weeks=1, split=0.8)
    n, m = made.n_control, made.n_treatment
    after = 0.05 + made.minimum_detectable_effect
    a, b = np.arange(n + 1)[:, None], np.arange(m + 1)
    chances = stats.binom.pmf(a, n, 0.05) * stats.binom.pmf(b, m, after)
    p, q = a / n, b / m
    error = np.sqrt(p * (1 - p) / n + q * (1 - q) / m)
    found = q - p > stats.norm.ppf(0.975) * error
    assert chances[found & (a >= 10)].sum() == pytest.approx(0.80, abs=0.04)


def test_the_curve_falls_with_the_root_of_the_weeks() -> None:
    made = experiment.plan(20.0, variance=2_500.0, weekly_visitors=4_000, weeks=4)
    curve = made.curve.set_index("weeks")
    assert curve.index[0] == 1
    assert curve["total_n"].tolist() == [4_000 * week for week in curve.index]
    effects = curve["minimum_detectable_effect"]
    assert effects[4] == pytest.approx(made.minimum_detectable_effect)
    assert effects[1] / effects[4] == pytest.approx(2, rel=0.001)
    assert curve["relative_minimum_detectable_effect"].to_numpy() == pytest.approx(effects / 20)


def test_a_curve_begins_where_something_can_be_proven() -> None:
    curve = experiment.plan(0.1, weekly_visitors=20, weeks=12).curve
    assert isnan(curve["minimum_detectable_effect"].iloc[0])
    assert curve["minimum_detectable_effect"].iloc[-1] > 0


def test_more_than_a_year_is_said() -> None:
    made = experiment.plan(0.02, mde=0.001, weekly_visitors=1_000)
    assert made.weeks > 52
    assert "more than a year" in made.sentence
    assert made.curve["weeks"].max() >= made.weeks


@pytest.mark.parametrize(
    "given",
    [
        {"mde": 0.01, "weeks": 2},
        {},
        {"mde": 0.0},
        {"mde": 0.95},
        {"mde": 0.01, "baseline": 0.0},
        {"mde": 0.01, "baseline": 1.2},
        {"mde": 0.01, "baseline": float("nan")},
        {"mde": 0.01, "weekly_visitors": 0},
        {"mde": 0.01, "split": 1.0},
        {"mde": 0.01, "alpha": 0.0},
        {"mde": 0.01, "power": 1.0},
        {"mde": 0.01, "power": 0.01},
        {"mde": 0.01, "variance": 0.0},
        {"mde": 0.01, "variance": float("inf")},
        {"weeks": 0},
    ],
)
def test_impossible_plans(given: dict[str, float]) -> None:
    with pytest.raises(AnalyticsError) as caught:
        experiment.plan(**({"baseline": 0.1, "weekly_visitors": 100.0} | given))  # type: ignore[arg-type]
    assert caught.value.fix


def test_too_few_can_prove_nothing() -> None:
    with pytest.raises(NotEnoughDataError, match="40 customers can prove nothing"):
        experiment.plan(0.1, weekly_visitors=40, weeks=1)
    with pytest.raises(NotEnoughDataError):
        experiment.plan(0.95, weekly_visitors=100, weeks=1, alpha=0.001)


def test_power_reaches_alpha_without_an_effect_and_one_with_a_large_one() -> None:
    for design in (power.Design(0.1), power.Design(5.0, 4.0)):
        assert power.power_at(design, 1_000, 1e-9) == pytest.approx(0.05, abs=1e-6)
        assert power.power_at(design, 100_000, 0.8) == pytest.approx(1)


@pytest.mark.parametrize(
    ("treatment", "control", "expected"),
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((6, 7), (2, 7), (0.0582, 0.8062)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
        ((0, 10), (0, 20), (-0.1611, 0.2775)),
        ((0, 10), (0, 10), (-0.2775, 0.2775)),
        ((10, 10), (0, 20), (0.6791, 1.0)),
        ((10, 10), (0, 10), (0.6075, 1.0)),
    ],
)
def test_newcombes_table(
    treatment: tuple[int, int], control: tuple[int, int], expected: tuple[float, float]
) -> None:
    """Newcombe, Statistics in Medicine 1998, table II, method 10."""
    found = proportions.newcombe(control, treatment)
    assert found == pytest.approx(expected, abs=1e-4)


def test_the_lady_tasting_tea() -> None:
    """Fisher, The Design of Experiments, 1935: 3 of 4 cups right, 17 ÷ 70 one-sided."""
    assert proportions.fisher((1, 4), (3, 4), alternative="greater") == pytest.approx(17 / 70)
    assert proportions.fisher((1, 4), (3, 4)) == pytest.approx(34 / 70)


@pytest.mark.parametrize(
    ("looks", "pocock", "obrien_fleming"),
    [
        (1, 1.960, 1.960),
        (2, 2.178, 1.977),
        (3, 2.289, 2.004),
        (4, 2.361, 2.024),
        (10, 2.555, 2.087),
    ],
)
def test_boundaries_of_a_few_looks(looks: int, pocock: float, obrien_fleming: float) -> None:
    """Jennison & Turnbull (2000), tables 2.1 and 2.3."""
    assert sequential.boundaries(looks, shape="pocock")[0] == pytest.approx(pocock, abs=0.001)
    assert sequential.boundaries(looks)[-1] == pytest.approx(obrien_fleming, abs=0.001)


def test_the_always_valid_interval_is_narrowest_where_it_is_tuned() -> None:
    """Of the interval's width, √n out: narrower there than with any other tuning."""
    there = sequential.reach(8_000, tuning_n=8_000)
    assert there < sequential.reach(8_000, tuning_n=2_000)
    assert there < sequential.reach(8_000, tuning_n=32_000)


def test_sizes_that_cannot_be_compared() -> None:
    assert isnan(experiment.sample_ratio([100, 50], [1, 0]))
    assert isnan(experiment.sample_ratio([0, 0], [1, 1]))
    assert experiment.sample_ratio(np.array([500, 500]), [1, 1]) == 1
    for weights in ([1.0], [1, -1], [1, float("nan")]):
        with pytest.raises(AnalyticsError):
            experiment.sample_ratio([1, 2], weights)


def test_a_plan_of_more_than_a_hundred_years_is_none() -> None:
    for baseline, variance, mde in ((0.0001, None, 1e-7), (0.01, 1e18, 0.001)):
        with pytest.raises(NotEnoughDataError, match="more than a hundred years"):
            experiment.plan(baseline, variance=variance, weekly_visitors=1_000, mde=mde)
    with pytest.raises(AnalyticsError, match=r"From 99\.99% a rate cannot change by 9\.999 points"):
        experiment.plan(0.9999, weekly_visitors=1_000, mde=0.09999)


def test_a_plan_is_told_without_exponents() -> None:
    found = experiment.plan(0.5, weekly_visitors=10**9, mde=0.00002)
    assert "a true rise of 0.002 points" in found.sentence
    assert "e-" not in found.sentence


def test_there_are_three_corrections() -> None:
    with pytest.raises(AnalyticsError, match="no correction sidak"):
        experiment.adjust([], "sidak")  # type: ignore[arg-type]
    assert experiment.adjust([]).empty
