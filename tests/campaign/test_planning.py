"""What a holdout can prove, beside published sample sizes and figures known beforehand."""

from datetime import date
from math import isnan, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.power import NormalIndPower

from analytics.campaign import baseline, provable
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store
from tests.campaign.conftest import PEOPLE, START, members


@pytest.mark.parametrize(
    ("people", "points", "digits"),
    [(2_000, 4.1, 1), (5_000, 2.4, 1), (20_000, 1.15, 2), (100_000, 0.5, 1)],
)
def test_known_figures_at_five_per_cent(people: int, points: float, digits: int) -> None:
    found = provable(people, 0.2, baseline_rate=0.05)
    assert round(100 * found.smallest_lift, digits) == points
    assert (found.treated, found.held_out) == (people - people // 5, people // 5)
    assert f"{people:,}" in found.sentence


def test_equal_sides_beside_the_textbook() -> None:
    # Fleiss, Levin & Paik's n per group for 5% against 6%, α .05, power .8 (formula 4.14).
    z, power, mean = 1.959964, 0.841621, 0.055
    n = (z * sqrt(2 * mean * (1 - mean)) + power * sqrt(0.05 * 0.95 + 0.06 * 0.94)) ** 2 / 0.01**2
    found = provable(2 * round(n), 0.5, baseline_rate=0.05)
    assert found.smallest_lift == pytest.approx(0.01, abs=2e-6)


@given(st.integers(50, 10**6), st.floats(0.05, 0.95), st.floats(0.1, 100), st.floats(0.01, 1e4))
@settings(deadline=None, max_examples=60)
def test_money_agrees_with_statsmodels(
    people: int, share: float, mean: float, variance: float
) -> None:
    found = provable(people, share, mean=mean, variance=variance)
    size = found.smallest_lift / sqrt(variance)
    power = NormalIndPower().power(
        size, found.treated, 0.05, found.held_out / found.treated, "two-sided"
    )
    # Exact but for the chance of a proof of the contrary, which is nothing here.
    assert power == pytest.approx(0.8, abs=1e-4)


@given(st.floats(0.001, 0.6), st.integers(200, 10**6), st.floats(0.05, 0.6))
@settings(deadline=None, max_examples=60)
def test_the_lift_has_the_power_it_claims(base: float, people: int, share: float) -> None:
    found = provable(people, share, baseline_rate=base)
    if isnan(found.smallest_lift):
        assert found.warning
        return
    after = base + found.smallest_lift
    pooled = (found.held_out * base + found.treated * after) / people
    weight = 1 / found.held_out + 1 / found.treated
    null = sqrt(pooled * (1 - pooled) * weight)
    real = sqrt(base * (1 - base) / found.held_out + after * (1 - after) / found.treated)
    reached = stats.norm.cdf((found.smallest_lift - 1.959963985 * null) / real)
    assert reached == pytest.approx(0.8, abs=1e-3) or reached > 0.8


def test_a_warning_where_nothing_realistic_can_be_proven() -> None:
    assert "nothing of realistic size" in provable(2_000, 0.2, baseline_rate=0.05).warning
    assert provable(100_000, 0.2, baseline_rate=0.05).warning == ""
    tiny = provable(6, 0.2, baseline_rate=0.5)
    assert isnan(tiny.smallest_lift)
    assert "nan" not in (tiny.warning + tiny.sentence).lower()
    nobody = provable(500, 0.2, baseline_rate=0.0)
    assert "Nobody bought" in nobody.warning
    silent = provable(500, 0.2, mean=0.0, variance=0.0)
    assert "nan" not in (silent.warning + silent.sentence).lower()
    assert silent.warning


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((100, 0.0), "must lie between"),
        ((100, 1.0), "must lie between"),
        ((2, 0.2), "nobody would be held out"),
        ((3, 0.9), "nobody would be contacted"),
    ],
)
def test_shares_that_prove_nothing(arguments: tuple[int, float], said: str) -> None:
    with pytest.raises(AnalyticsError, match=said):
        provable(*arguments, baseline_rate=0.1)


def test_a_baseline_is_needed() -> None:
    with pytest.raises(AnalyticsError, match="not known"):
        provable(100, 0.2)
    with pytest.raises(AnalyticsError, match="share of buyers"):
        provable(100, 0.2, baseline_rate=1.5)
    with pytest.raises(AnalyticsError, match="negative"):
        provable(100, 0.2, mean=1.0, variance=-1.0)


def test_the_baseline_by_hand(eve: Store) -> None:
    # From 21 to 30 April: customers 20 to 29 (10 + number each), of forty.
    found = baseline(eve, members(eve), 10, START)
    assert (found.customers, found.rate) == (40, 0.25)
    amounts = [10 + number for number in range(20, 30)] + [0] * 30
    assert found.mean == pytest.approx(sum(amounts) / 40)
    mean = sum(amounts) / 40
    assert found.variance == pytest.approx(sum((one - mean) ** 2 for one in amounts) / 39)


def test_a_baseline_of_nobody(eve: Store) -> None:
    with pytest.raises(NotEnoughDataError, match="Nobody"):
        baseline(eve, members(eve, []), 10, START)
    with pytest.raises(AnalyticsError, match="days"):
        baseline(eve, members(eve, PEOPLE[:5]), 0, date(2024, 5, 1))
