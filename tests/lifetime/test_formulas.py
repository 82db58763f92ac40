"""The models' formulas against published figures, and against the integrals they stand for."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, special, stats

from analytics.lifetime import bgnbd, spending

CDNOW = (0.243, 4.414, 0.793, 2.426)
"""Fader, Hardie & Lee (2005), table 2, in weeks."""
MONEY = spending.Spending(6.25, 3.74, 15.44, 946, np.zeros((3, 3)))
"""Fader & Hardie (2013)."""


def one(value: float) -> bgnbd.Floats:
    return np.array([float(value)])


def test_expected_purchases_as_published() -> None:
    """The paper's worked customer: x = 2, t_x = 30.43, T = 38.86, 39 weeks ahead."""
    found = bgnbd.expected(CDNOW, one(2), one(30.43), one(38.86), 39.0)
    assert found[0] == pytest.approx(1.226, abs=0.0005)


def test_expected_spending_as_published() -> None:
    """Of the data's first customers: two later purchases of 22.35, one of 11.77, and none."""
    found = MONEY.mean(np.array([2.0, 1.0, 0.0]), np.array([22.35, 11.77, np.nan]))
    assert found == pytest.approx([24.66, 18.91, 35.17], abs=0.06)


def density(x: int, t_x: float, age: float, rate: float, leaves: float) -> float:
    """Equation 3: the likelihood of a customer whose rate and probability to leave are known."""
    stays = (1 - leaves) ** x * rate**x * np.exp(-rate * age)
    left = leaves * (1 - leaves) ** (x - 1) * rate**x * np.exp(-rate * t_x) if x else 0.0
    return float(stays + left)


def averaged(
    parameters: tuple[float, float, float, float], value: Callable[[float, float], float]
) -> float:
    """The mean over all customers, by Gauss's rules for the gamma and the beta distribution."""
    r, alpha, a, b = parameters
    rates, of_rate = special.roots_genlaguerre(40, r - 1)
    shares, of_share = special.roots_sh_jacobi(40, a + b - 1, a)
    total = sum(
        heavy * light * value(rate / alpha, leaves)
        for rate, heavy in zip(rates, of_rate, strict=True)
        for leaves, light in zip(shares, of_share, strict=True)
    )
    return float(total / of_rate.sum() / of_share.sum())


CASES = [(0, 0.0, 10.0), (1, 4.0, 10.0), (3, 9.5, 10.0)]
SMOOTH = (2.0, 4.0, 1.5, 3.0)


@pytest.mark.parametrize(("x", "t_x", "age"), CASES)
def test_the_likelihood_is_the_average_over_all_customers(x: int, t_x: float, age: float) -> None:
    value, _ = bgnbd.log_likelihood(SMOOTH, one(x), one(t_x), one(age), one(1))
    direct = averaged(SMOOTH, lambda rate, leaves: density(x, t_x, age, rate, leaves))
    assert value == pytest.approx(np.log(direct), abs=1e-6)


@pytest.mark.parametrize(("x", "t_x", "age"), CASES)
def test_alive_is_what_of_the_likelihood_has_stayed(x: int, t_x: float, age: float) -> None:
    stayed = averaged(
        SMOOTH, lambda rate, leaves: (1 - leaves) ** x * rate**x * np.exp(-rate * age)
    )
    every = averaged(SMOOTH, lambda rate, leaves: density(x, t_x, age, rate, leaves))
    found = bgnbd.alive(SMOOTH, one(x), one(t_x), one(age))
    assert found[0] == pytest.approx(stayed / every, abs=1e-6)


PARAMETERS = st.tuples(
    st.floats(0.05, 20), st.floats(0.05, 200), st.floats(0.02, 50), st.floats(0.1, 900)
)


@settings(deadline=None, max_examples=60)
@given(PARAMETERS, st.integers(0, 60), st.floats(0, 100), st.floats(0.5, 60))
def test_the_expectation_is_the_mean_of_the_chances(
    parameters: tuple[float, float, float, float], x: int, age: float, ahead: float
) -> None:
    r, alpha, _, _ = parameters
    if (r + x) / (alpha + age) * ahead > 300:
        return
    most = int(bgnbd.most_purchases(parameters, one(x), one(age), ahead)[0])
    chances = bgnbd.chances_if_alive(parameters, one(x), one(age), ahead, most)[0]
    assert (chances >= 0).all()
    assert chances.sum() == pytest.approx(1, abs=1e-4)
    found = bgnbd.expected_if_alive(parameters, one(x), one(age), ahead)[0]
    assert found == pytest.approx(chances @ np.arange(most + 1), rel=2e-3, abs=1e-6)


@pytest.mark.parametrize("a", [1.0, 1.0 + 1e-9, 1.0 + 4e-5])
def test_nothing_jumps_where_a_is_one(a: float) -> None:
    near = bgnbd.expected_if_alive((0.8, 6.0, 1.001, 3.0), one(2), one(30), 20.0)
    assert bgnbd.expected_if_alive((0.8, 6.0, a, 3.0), one(2), one(30), 20.0) == pytest.approx(
        near, rel=1e-3
    )


@pytest.mark.parametrize("parameters", [(0.5, 4.3, 54.0, 970.0), (1.0, 2.0, 0.5, 0.5)])
def test_poles_and_slow_series_are_summed(parameters: tuple[float, float, float, float]) -> None:
    """Where ₂F₁ has a pole (a + b = 1, x = 0) or does not converge."""
    for x, age in ((0, 0.0), (40, 100.0)):
        found = bgnbd.expected_if_alive(parameters, one(x), one(age), 52.0)[0]
        _, alpha, a, b = parameters
        count = np.arange(1, 4000)
        still = np.exp(special.betaln(a, b + x + count - 1) - special.betaln(a, b + x))
        share = (alpha + age) / (alpha + age + 52)
        direct = still @ stats.nbinom.sf(count - 1, parameters[0] + x, share)
        assert found == pytest.approx(direct, rel=1e-4)


def test_the_slope_is_the_likelihoods() -> None:
    rng = np.random.default_rng(1)
    x = rng.integers(0, 9, 40).astype(float)
    age = rng.uniform(20, 60, 40)
    t_x = np.where(x > 0, age * rng.uniform(0, 1, 40), 0.0)
    weight = rng.integers(1, 5, 40).astype(float)
    point = np.array([0.6, 5.0, 0.9, 2.5])
    _, slope = bgnbd.log_likelihood(tuple(point), x, t_x, age, weight)
    direct = optimize.approx_fprime(
        point, lambda at: bgnbd.log_likelihood(tuple(at), x, t_x, age, weight)[0], 1e-7
    )
    assert slope == pytest.approx(direct, rel=1e-4)


def test_gamma_gamma_likelihood_is_the_average_over_all_customers() -> None:
    """Equation 1a from its parts: a sum of gammas, averaged over the scale's gamma."""
    p, q, gamma, x, mean = 3.0, 2.5, 20.0, 4.0, 9.0
    direct, _ = integrate.quad(
        lambda scale: stats.gamma.pdf(mean, p * x, scale=1 / (x * scale))
        * stats.gamma.pdf(scale, q, scale=1 / gamma),
        0, 5,
    )  # fmt: skip
    found = spending.log_likelihood((p, q, gamma), one(x), one(mean), one(1))
    assert found == pytest.approx(np.log(direct), abs=1e-7)
    pieces = spending.log_likelihood((p, q, gamma), one(x), one(mean), one(7))
    assert pieces == pytest.approx(7 * found)
