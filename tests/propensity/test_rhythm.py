"""Gaps between orders: by hand, chances that add up, and planted rhythms that are found again."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from analytics.propensity.rhythm import Gaps, Rhythm

SHOP = Rhythm(mu=np.log(20.0), kappa=2.0, alpha=3.0, beta=1.0, a=1.0, b=4.0)


def gaps_of(*days: list[float], wait: float = 5.0) -> Gaps:
    return Gaps(
        np.array([float(len(each)) for each in days]),
        np.array([float(np.log(each).sum()) for each in days]),
        np.array([float((np.log(each) ** 2).sum()) for each in days]),
        np.full(len(days), wait),
    )


def test_usual_gaps_lie_between_the_shops_and_their_own() -> None:
    usual = SHOP.usual(gaps_of([], [5.0, 5.0], [5.0] * 98))
    # The shop's weighs two gaps: (2 ln 20 + n ln 5) / (2 + n).
    assert usual == pytest.approx([20.0, 10.0, 20.0**0.02 * 5.0**0.98])


def test_the_chance_to_have_stayed_by_hand() -> None:
    gaps = gaps_of([10.0, 40.0], wait=30.5)
    # Middle of the logarithm: the mean of two of the shop's and ln 10, ln 40, that is ln 20.
    around = np.log(2) ** 2 * 2
    scale = np.sqrt((1 + around / 2) * 5 / (4 * 4))
    longer = student.sf((np.log(30) - np.log(20)) / scale, df=8)
    assert SHOP.shorter(gaps) == pytest.approx([1 - longer])
    # Of customers with two gaps a further order follows with b + 2 to a, if silence tells nothing.
    assert SHOP.stays(gaps) == pytest.approx([6 * longer / (1 + 6 * longer)])


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.integers(1, 400), max_size=8),
    st.integers(1, 500),
    st.integers(1, 60),
    st.floats(0.05, 3.0),
)
def test_all_that_can_happen_adds_up_to_one(
    days: list[int], wait: int, ahead: int, beta: float
) -> None:
    shop = Rhythm(3.0, 1.5, 2.0, beta, 0.7, 3.0)
    one = gaps_of([float(each) for each in days], wait=float(wait))
    every = Gaps(*(np.repeat(each, ahead + 1) for each in vars(one).values()))
    left = np.r_[np.arange(ahead, dtype=float), np.nan]
    chance = np.exp(shop.log_chance(every, left, ahead))
    assert chance.sum() == pytest.approx(1.0, abs=1e-6)
    assert 1 - chance[-1] == pytest.approx(shop.comes(one, ahead)[0], abs=1e-6)
    assert shop.comes(one, ahead)[0] <= shop.stays(one)[0] + 1e-12
    ends = [shop.left(one, share, ahead)[0] for share in (0.1, 0.5, 0.9)]
    assert 0 <= ends[0] <= ends[1] <= ends[2] <= ahead - 1
    # The middle day really has half of the chance on each side.
    if chance[-1] < 0.999:
        before = np.cumsum(chance[:-1]) / chance[:-1].sum()
        middle = int(ends[1])
        assert before[middle] >= 0.5 - 1e-6
        assert (before[middle - 1] if middle else 0.0) <= 0.5 + 1e-6


def planted(seed: int, customers: int = 3000, days: int = 700) -> Gaps:
    """Own middles N(ln 25, 0.5), spread 0.4, and 10 of 100 orders are a customer's last."""
    rng = np.random.default_rng(seed)
    rows = []
    for own in rng.normal(np.log(25), 0.5, customers):
        day, logs = float(rng.integers(0, days)), []
        while rng.random() > 0.1:
            gap = max(round(float(np.exp(rng.normal(own, 0.4)))), 1)
            if day + gap >= days:
                break
            day += gap
            logs.append(np.log(gap))
        rows.append((len(logs), sum(logs), sum(each**2 for each in logs), days - day))
    return Gaps(*np.array(rows, dtype=float).T)


def test_what_was_planted_is_learnt() -> None:
    found = Rhythm.learn(planted(3))
    assert found.mu == pytest.approx(np.log(25), abs=0.06)
    assert found.beta / found.alpha == pytest.approx(0.4**2, rel=0.1)  # within a customer
    assert found.beta / found.alpha / found.kappa == pytest.approx(0.5**2, rel=0.15)  # between
    assert found.a / (found.a + found.b) == pytest.approx(0.1, abs=0.02)


def test_nothing_breaks_where_silence_is_endless() -> None:
    gaps = gaps_of([7.0] * 50, wait=100_000.0)
    assert SHOP.comes(gaps, 60) == pytest.approx([0.0], abs=1e-3)
    assert np.isfinite(SHOP.left(gaps, 0.5, 60)).all()
    assert SHOP.left_or_none(gaps, 60).tolist() == [60.0]
