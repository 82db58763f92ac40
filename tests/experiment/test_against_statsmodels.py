"""Random inputs: the same figures as statsmodels and scipy, where both define the quantity."""

from math import comb, inf, sqrt

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats import power as sm_power
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportions_ztest,
)
from statsmodels.stats.proportion import (
    test_proportions_2indep as two_proportions,
)
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from analytics import experiment
from analytics.experiment import bayes, differences, multiplicity, power, proportions, sequential
from analytics.experiment.moments import Arm
from tests.experiment.arms import mean, rate

ALTERNATIVES: dict[differences.Alternative, tuple[str, str]] = {
    "two-sided": ("two-sided", "two-sided"),
    "greater": ("larger", "greater"),
    "less": ("smaller", "less"),
}
"""Ours; statsmodels', scipy's."""
alternatives = st.sampled_from(list(ALTERNATIVES))
alphas = st.floats(0.001, 0.3)


@st.composite
def counts(draw: st.DrawFn, least: int = 0) -> tuple[int, int]:
    n = draw(st.integers(max(2 * least, 1), 5_000))
    return draw(st.integers(least, n - least)), n


@settings(deadline=None, max_examples=200)
@given(counts(10), counts(10), alphas)
def test_rates(control: tuple[int, int], treatment: tuple[int, int], alpha: float) -> None:
    (a, n), (b, m) = control, treatment
    assume(n >= 30 and m >= 30)
    found = experiment.compare(rate(a, n), rate(b, m, "B"), "conversion_rate", confidence=1 - alpha)
    theirs = two_proportions(b, m, a, n, method="wald", compare="diff", correction=False)
    assert found.p_value == pytest.approx(theirs.pvalue, abs=1e-9)
    ends = confint_proportions_2indep(b, m, a, n, method="wald", alpha=alpha, correction=False)
    assert (found.lo, found.hi) == pytest.approx(ends, abs=1e-9)
    assert (found.p_value < alpha) == (not found.lo <= 0 <= found.hi)


@settings(deadline=None)
@given(counts(1), counts(1), alternatives)
def test_rates_pooled(
    control: tuple[int, int], treatment: tuple[int, int], alternative: differences.Alternative
) -> None:
    (a, n), (b, m) = control, treatment
    found = proportions.z_test(control, treatment, pooled=True, alternative=alternative)
    z, p_value = proportions_ztest([b, a], [m, n], alternative=ALTERNATIVES[alternative][0])
    assert (found.statistic, found.p_value) == pytest.approx((z, p_value), abs=1e-9)
    if alternative == "two-sided":
        table = [[a, n - a], [b, m - b]]
        for corrected in (False, True):
            ours = proportions.z_test(control, treatment, pooled=True, corrected=corrected)
            square = stats.chi2_contingency(table, correction=corrected)
            assert ours.p_value == pytest.approx(square.pvalue, abs=1e-9)


@settings(deadline=None, max_examples=200)
@given(counts(), counts(), alphas)
def test_newcombe(control: tuple[int, int], treatment: tuple[int, int], alpha: float) -> None:
    (a, n), (b, m) = control, treatment
    ours = proportions.newcombe(control, treatment, alpha=alpha)
    theirs = confint_proportions_2indep(b, m, a, n, method="newcomb", alpha=alpha)
    assert ours == pytest.approx(theirs, abs=1e-9)


@settings(deadline=None, max_examples=200)
@given(counts(), counts(), alternatives)
def test_fisher(
    control: tuple[int, int], treatment: tuple[int, int], alternative: differences.Alternative
) -> None:
    (a, n), (b, m) = control, treatment
    theirs = stats.fisher_exact(
        [[b, m - b], [a, n - a]], alternative=ALTERNATIVES[alternative][1]
    ).pvalue
    ours = proportions.fisher(control, treatment, alternative=alternative)
    assert ours == pytest.approx(theirs, rel=1e-6, abs=1e-12)


values = st.lists(st.floats(-1e3, 1e3), min_size=30, max_size=60).filter(
    lambda each: np.ptp(each) > 0.1
)


@settings(deadline=None)
@given(values, values, alphas, alternatives)
def test_means(
    one: list[float], two: list[float], alpha: float, alternative: differences.Alternative
) -> None:
    x, y = np.array(one), np.array(two)
    control, treatment = (Arm(len(v), v.mean(), v.var(ddof=1)) for v in (x, y))
    theirs = CompareMeans(DescrStatsW(y), DescrStatsW(x))
    for equal, name in ((False, "unequal"), (True, "pooled")):
        found = differences.welch(
            control, treatment, alpha=alpha, alternative=alternative, equal_variance=equal
        )
        side = ALTERNATIVES[alternative][0]
        ends = theirs.tconfint_diff(alpha=alpha, alternative=side, usevar=name)
        assert (found.lo, found.hi) == pytest.approx(ends, rel=1e-7, abs=1e-7)
        assert found.p_value == pytest.approx(
            theirs.ttest_ind(alternative=side, usevar=name)[1], abs=1e-9
        )
    if max(len(x), len(y)) < 1.5 * min(len(x), len(y)):
        shown = experiment.compare(mean(x), mean(y, "B"), "revenue_per_visitor")
        assert shown.p_value == pytest.approx(theirs.ttest_ind(usevar="unequal")[1], abs=1e-9)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.sampled_from(multiplicity.METHODS))
def test_adjusted_p_values(p_values: list[float], method: multiplicity.Method) -> None:
    name = {"benjamini_hochberg": "fdr_bh"}.get(method, method)
    found = experiment.adjust(pd.DataFrame({"p_value": p_values}), method)
    rejected, adjusted = multipletests(p_values, method=name)[:2]
    assert found["adjusted_p_value"].to_numpy() == pytest.approx(adjusted)
    sure = np.abs(adjusted - 0.05) > 1e-9
    assert (found["significant"].to_numpy() == rejected)[sure].all()


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=20), st.randoms())
def test_the_order_of_results_does_not_matter(p_values: list[float], random: object) -> None:
    order = np.argsort([random.random() for _ in p_values])  # type: ignore[attr-defined]
    for method in multiplicity.METHODS:
        p = np.array(p_values)
        assert multiplicity.adjusted(p[order], method) == pytest.approx(
            multiplicity.adjusted(p, method)[order]
        )


@settings(deadline=None)
@given(st.floats(0.05, 1), st.integers(70, 20_000), st.floats(0.2, 0.8), st.floats(0.01, 0.2))
def test_power_of_means(effect: float, total: int, split: float, alpha: float) -> None:
    design = power.Design(0.0, 1.0, split, alpha)
    theirs = sm_power.TTestIndPower().power(
        effect, total * (1 - split), alpha, ratio=split / (1 - split)
    )
    ours = power.power_at(design, total, effect)
    if theirs < 0.999:
        assert ours == pytest.approx(theirs, abs=1e-7)
    else:  # Both noncentral t give up somewhere beyond doubt; ours is then the normal one.
        assert 0.998 < ours <= 1


@settings(deadline=None)
@given(st.floats(0.01, 0.5), st.floats(0.005, 0.2), st.integers(200, 100_000), st.floats(0.2, 0.8))
def test_power_of_rates(baseline: float, effect: float, total: int, split: float) -> None:
    after = baseline + effect
    spread = sqrt(baseline * (1 - baseline) / (1 - split) + after * (1 - after) / split)
    theirs = sm_power.normal_power_het(effect, total, 0.05, spread, spread)
    assert power.power_at(power.Design(baseline, split=split), total, effect) == pytest.approx(
        theirs, abs=1e-9
    )


@settings(deadline=None)
@given(
    st.floats(0.02, 0.5), st.floats(0.05, 0.5), st.floats(0.2, 0.8), st.floats(0.01, 0.1),
    st.floats(0.5, 0.95), st.booleans(),
)  # fmt: skip
def test_weeks_and_effect_are_each_others_inverse(
    baseline: float, relative: float, split: float, alpha: float, wanted: float, is_mean: bool
) -> None:
    design = power.Design(baseline, 1.0 if is_mean else None, split, alpha, wanted)
    effect = baseline * relative
    total = power.sample_size(design, effect)
    assert power.power_at(design, total, effect) >= wanted - 1e-9
    if total * min(split, 1 - split) > 31:
        assert power.power_at(design, total - 1, effect) < wanted
        found = power.minimum_detectable_effect(design, total)
        assert found == pytest.approx(effect, rel=2 / total + 1e-6)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10_000), st.floats(0.1, 5)), min_size=2, max_size=6))
def test_sample_ratio(arms: list[tuple[int, float]]) -> None:
    sizes, weights = (np.array(each, dtype=float) for each in zip(*arms, strict=True))
    assume(sizes.sum() > 0)
    theirs = stats.chisquare(sizes, sizes.sum() * weights / weights.sum()).pvalue
    assert experiment.sample_ratio(sizes, weights) == pytest.approx(theirs, abs=1e-12)
    with_none = experiment.sample_ratio([*sizes, 99.0], [*weights, 0.0])
    assert with_none == pytest.approx(theirs, abs=1e-12)


def evan_miller(a: int, b: int, c: int, d: int) -> float:
    """P(q > p) of q ~ Beta(a, b), p ~ Beta(c, d) by the sum of his equation 6."""

    def beta(x: int, y: int) -> float:
        return 1 / ((x + y - 1) * comb(x + y - 2, x - 1))

    return sum(beta(c + i, b + d) / ((b + i) * beta(1 + i, b) * beta(c, d)) for i in range(a))


small = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(deadline=None)
@given(small, small)
def test_chance_to_win(control: tuple[int, int], treatment: tuple[int, int]) -> None:
    (s, n), (t, m) = control, treatment
    found = bayes.rates(control, treatment)
    assert found.chance_to_win == pytest.approx(
        evan_miller(1 + t, 1 + m - t, 1 + s, 1 + n - s), abs=1e-9
    )
    assert found.loss_of_control - found.loss_of_treatment == pytest.approx(found.mean, abs=1e-9)
    other = bayes.rates(treatment, control)
    assert other.chance_to_win == pytest.approx(1 - found.chance_to_win, abs=1e-9)
    assert other.loss_of_treatment == pytest.approx(found.loss_of_control, abs=1e-9)


@settings(deadline=None)
@given(st.floats(-5, 5), st.integers(60, 100_000), st.floats(0.01, 0.2), alternatives)
def test_an_always_valid_p_value_and_its_interval_agree(
    z: float, n: int, alpha: float, alternative: differences.Alternative
) -> None:
    p_value = sequential.always_valid_p(z, n, alpha=alpha, alternative=alternative)
    reach = sequential.reach(n, alpha=alpha, alternative=alternative)
    assert reach > differences.tail(alpha, inf, alternative)
    lo, hi = differences.bounds(z, reach, alternative)
    assume(min(abs(lo), abs(hi)) > 1e-6)
    assert (p_value < alpha) == (not lo <= 0 <= hi)
    assert 0 <= p_value <= 1


@settings(deadline=None)
@given(values, values, st.floats(0.1, 100), st.sampled_from(["fixed", "always_valid"]))
def test_swapped_arms_and_other_money(
    one: list[float], two: list[float], factor: float, mode: experiment.Mode
) -> None:
    def compared(x: np.ndarray, y: np.ndarray) -> experiment.Comparison:
        return experiment.compare(mean(x), mean(y, "B"), "revenue_per_visitor", mode=mode)

    x, y = np.array(one) + 2e3, np.array(two) + 2e3
    found, swapped, scaled = compared(x, y), compared(y, x), compared(x * factor, y * factor)
    assert (swapped.lo, swapped.hi) == pytest.approx((-found.hi, -found.lo), abs=1e-9)
    assert swapped.p_value == pytest.approx(found.p_value, abs=1e-9)
    assert swapped.chance_to_win == pytest.approx(1 - found.chance_to_win)
    assert swapped.expected_loss == pytest.approx(found.expected_loss_of_keeping, abs=1e-9)
    assert (1 + swapped.relative_lo) * (1 + found.relative_hi) == pytest.approx(1)
    turned = {"better": "worse", "worse": "better"}
    assert swapped.verdict == turned.get(found.verdict, found.verdict)
    rounding = 1e-9 * factor
    assert scaled.difference == pytest.approx(found.difference * factor, abs=rounding)
    assert (scaled.lo, scaled.hi) == pytest.approx(
        (found.lo * factor, found.hi * factor), abs=rounding
    )
    assert scaled.expected_loss == pytest.approx(found.expected_loss * factor, abs=rounding)
    assert scaled.relative_lo == pytest.approx(found.relative_lo, abs=1e-9)
    assert scaled.p_value == pytest.approx(found.p_value, abs=1e-9)
