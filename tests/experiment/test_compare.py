"""Comparisons by hand: figures, verdicts, sentences, and what cannot be tested."""

from dataclasses import replace
from math import inf, isnan, nan

import numpy as np
import pandas as pd
import pytest

from analytics import experiment
from analytics.errors import AnalyticsError
from analytics.experiment import moments
from tests.experiment.arms import mean, rate, ratio

RNG = np.random.default_rng(20240229)
A, B = rate(100, 1000), rate(130, 1000, "B")


def test_two_rates_by_hand() -> None:
    """√(.1 × .9 ÷ 1000 + .13 × .87 ÷ 1000) = .0142513; .03 ÷ it = 2.10507, p = .03529."""
    found = experiment.compare(A, B, "conversion_rate")
    assert found.difference == pytest.approx(0.03)
    assert found.standard_error == pytest.approx(0.0142513, abs=1e-7)
    assert found.p_value == pytest.approx(0.03529, abs=1e-5)
    assert (found.lo, found.hi) == pytest.approx((0.002068, 0.057932), abs=1e-6)
    assert found.relative_difference == pytest.approx(0.3)
    assert found.test == "z test of two rates"
    assert found.verdict == "better"
    assert found.sentence == (
        "Variant B is better: its conversion rate is 0.2 to 5.8 points higher "
        "(best guess 3.0 points)."
    )


def test_the_relative_interval_by_hand() -> None:
    """ln 1.3 ± 1.959964 × √(.9 ÷ 100 + .87 ÷ 130) = .262364 ± .245523."""
    found = experiment.compare(A, B, "conversion_rate")
    ends = np.expm1([0.2623643 - 0.2455226, 0.2623643 + 0.2455226])
    assert (found.relative_lo, found.relative_hi) == pytest.approx(tuple(ends), abs=1e-6)


def test_a_sentence_in_orders_and_in_money() -> None:
    found = experiment.compare(A, B, "conversion_rate", unit="buyers")
    assert found.sentence == (
        "Variant B is better: between 0.2 and 5.8 more buyers per 100 customers (best guess 3.0)."
    )
    worse = experiment.compare(B, A, "conversion_rate", unit="buyers")
    assert worse.sentence == (
        "Variant A is worse: between 0.2 and 5.8 fewer buyers per 100 customers (best guess 3.0)."
    )
    spent = experiment.compare(
        mean([10.0, 12.0] * 50), mean([20.0, 22.0] * 50, "Free delivery"), "revenue_per_visitor"
    )
    said = experiment.sentence(
        spent, label="Revenue per visitor", money=lambda value: f"{value:,.2f} EUR"
    )
    assert said == (
        "Free delivery is better: its revenue per visitor is 9.72 EUR to 10.28 EUR higher "
        "(best guess 10.00 EUR)."
    )


def test_what_cannot_be_told_says_between_what() -> None:
    found = experiment.compare(A, rate(108, 1000, "B"), "conversion_rate", label="Conversion rate")
    assert found.verdict == "cannot tell"
    assert found.sentence == (
        "Cannot tell yet: with Variant B its conversion rate may be anything from 1.9 points lower "
        "to 3.5 points higher (best guess 0.8 points higher)."
    )


def test_a_rare_rate_is_told_of_more_customers() -> None:
    found = experiment.compare(
        rate(100, 1_000_000), rate(200, 1_000_000, "B"), "conversion_rate", unit="buyers"
    )
    assert "per 10,000 customers" in found.sentence


def test_a_metric_that_should_fall() -> None:
    found = experiment.compare(A, B, "conversion_rate", higher_is_better=False)
    other = experiment.compare(A, B, "conversion_rate")
    assert found.verdict == "worse"
    assert found.chance_to_win == pytest.approx(1 - other.chance_to_win)
    assert found.expected_loss == other.expected_loss_of_keeping
    assert "higher" in found.sentence


def test_one_side() -> None:
    """1.644854 × .0142513 = .023441."""
    up = experiment.compare(A, B, "conversion_rate", alternative="greater")
    assert (up.lo, up.hi) == pytest.approx((0.006559, inf), abs=1e-6)
    assert up.p_value == pytest.approx(0.017642, abs=1e-5)
    assert "at least 0.7 points higher" in up.sentence
    down = experiment.compare(A, B, "conversion_rate", alternative="less")
    assert down.lo == -inf
    assert down.p_value == pytest.approx(1 - up.p_value)
    assert down.verdict == "cannot tell"


def test_the_chance_to_win_and_what_a_choice_costs() -> None:
    """By a million draws from both Beta posteriors, which know nothing of the integral."""
    found = experiment.compare(A, B, "conversion_rate")
    p, q = RNG.beta(101, 901, 1_000_000), RNG.beta(131, 871, 1_000_000)
    assert found.chance_to_win == pytest.approx((q > p).mean(), abs=0.001)
    assert found.expected_loss == pytest.approx(np.maximum(p - q, 0).mean(), abs=1e-5)
    assert found.expected_loss_of_keeping == pytest.approx(np.maximum(q - p, 0).mean(), abs=1e-4)


# Few buyers


def test_an_arm_without_buyers_has_no_relative_effect_but_a_test() -> None:
    found = experiment.compare(rate(0, 1000), rate(12, 1000, "B"), "conversion_rate")
    assert found.test == "Fisher's exact test, with Newcombe's interval"
    assert isnan(found.relative_difference)
    assert found.verdict == "better"
    assert 0 < found.lo < 0.012 < found.hi


def test_where_exact_test_and_interval_disagree_nothing_is_claimed() -> None:
    found = experiment.compare(rate(0, 1000), rate(5, 1000, "B"), "conversion_rate")
    assert found.lo > 0
    assert found.p_value > 0.05
    assert found.verdict == "cannot tell"
    assert found.sentence.endswith("chance alone may explain the difference.")


@pytest.mark.parametrize("buyers", [9, 991])
def test_few_means_under_ten_buyers_or_non_buyers(buyers: int) -> None:
    few = experiment.compare(rate(buyers, 1000), rate(500, 1000, "B"), "conversion_rate")
    assert few.test.startswith("Fisher")
    more = buyers + (1 if buyers < 500 else -1)
    enough = experiment.compare(rate(more, 1000), rate(500, 1000, "B"), "conversion_rate")
    assert enough.test == "z test of two rates"


def test_few_buyers_are_not_read_every_day() -> None:
    found = experiment.compare(
        rate(3, 1000), rate(30, 1000, "B"), "conversion_rate", mode="always_valid"
    )
    assert found.verdict == "cannot tell"
    assert isnan(found.p_value)
    assert "Fewer than 10" in found.reason


# What cannot be tested

NOTHING = np.zeros(100)
UNTESTABLE = {
    "under 30": (rate(10, 29), rate(20, 100, "B"), "Variant A has only 29 customers"),
    "one": (rate(10, 100), rate(1, 1, "B"), "Variant B has only one customer"),
    "nobody bought": (rate(0, 100), rate(0, 100, "B"), "is 0 in both"),
    "all bought": (rate(100, 100), rate(100, 100, "B"), "same value"),
    "no revenue": (mean(NOTHING), mean(NOTHING, "B"), "is 0 in both"),
    "all equal": (mean(NOTHING + 5), mean(NOTHING + 5, "B"), "same value"),
    "equal but different": (mean(NOTHING + 5), mean(NOTHING + 6, "B"), "same value"),
    "no orders": (ratio(NOTHING, NOTHING), ratio(NOTHING + 5, NOTHING + 1, "B"), "There is no"),
    "few orders": (
        ratio([20.0] * 9 + [0] * 91, [1] * 9 + [0] * 91),
        ratio(NOTHING + 5, NOTHING + 1, "B"),
        "fewer than 30",
    ),
}


@pytest.mark.parametrize("case", UNTESTABLE)
@pytest.mark.parametrize("mode", ["fixed", "always_valid"])
def test_no_p_value_for_what_cannot_be_tested(case: str, mode: experiment.Mode) -> None:
    control, treatment, words = UNTESTABLE[case]
    metric = control["metric"].iloc[0]
    found = experiment.compare(control, treatment, metric, mode=mode)
    assert isnan(found.p_value)
    assert isnan(found.lo)
    assert isnan(found.chance_to_win)
    assert found.verdict == "cannot tell"
    assert words in found.reason
    assert found.sentence == f"Cannot tell: {found.reason}"
    assert "nan" not in found.sentence


def test_an_arm_where_nobody_bought_is_tested_by_the_other_ones_spread() -> None:
    spent = np.repeat([0.0, 10.0, 30.0], [900, 50, 50])
    found = experiment.compare(mean(np.zeros(1000)), mean(spent, "B"), "revenue_per_visitor")
    assert found.verdict == "better"
    assert isnan(found.relative_difference)


def bad(**change: object) -> pd.DataFrame:
    return mean(np.arange(100.0), "B").assign(**change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("treatment", "words"),
    [
        (bad().iloc[:0], "has no customers"),
        (bad(n=0), "has no customers"),
        (bad(metric="orders_per_visitor"), "was not measured"),
        (bad(value_variance=-1.0), "negative"),
        (bad(variance=inf), "infinite"),
        (bad(mean=-inf), "infinite"),
        (bad(mean=nan), "missing"),
        (bad(value_variance=nan), "missing"),
        (bad(before_variance=inf), "infinite"),
        (bad(capped_variance=-1.0), "negative"),
        (bad(kind="ratio"), "another kind"),
        (pd.concat([bad(), bad()]), "2 rows"),
    ],
)
def test_impossible_arms_are_named(treatment: pd.DataFrame, words: str) -> None:
    with pytest.raises(AnalyticsError, match=words) as caught:
        experiment.compare(mean(np.arange(100.0)), treatment, "revenue_per_visitor")
    assert caught.value.fix


def test_more_buyers_than_customers() -> None:
    with pytest.raises(AnalyticsError, match="than customers"):
        experiment.compare(A, rate(101, 100, "B"), "conversion_rate")


@pytest.mark.parametrize(
    "how",
    [
        {"confidence": 0.0},
        {"confidence": 1.0},
        {"confidence": 95},
        {"confidence": 0.4, "alternative": "less"},
        {"mode": "daily"},
        {"alternative": "both"},
        {"planned_n": 0},
    ],
)
def test_impossible_questions(how: dict[str, object]) -> None:
    with pytest.raises(AnalyticsError):
        experiment.compare(A, B, "conversion_rate", **how)  # type: ignore[arg-type]


# Running and trusting


def test_a_fixed_test_is_not_read_before_its_end() -> None:
    found = experiment.compare(A, rate(200, 1000, "B"), "conversion_rate", planned_n=4600)
    assert found.p_value < 1e-6
    assert found.verdict == "keep running"
    assert found.sentence.startswith(
        "Keep running: 2,000 of the planned 4,600 customers are in it, 43% of the plan."
    )
    there = experiment.compare(A, rate(200, 1000, "B"), "conversion_rate", planned_n=2000)
    assert there.verdict == "better"


def test_an_always_valid_test_may_end_any_day() -> None:
    sure = experiment.compare(
        A, rate(200, 1000, "B"), "conversion_rate", mode="always_valid", planned_n=4600
    )
    assert sure.verdict == "better"
    assert sure.p_value < 0.05
    open_ = experiment.compare(A, B, "conversion_rate", mode="always_valid", planned_n=4600)
    assert open_.verdict == "keep running"
    ended = experiment.compare(A, B, "conversion_rate", mode="always_valid", planned_n=2000)
    assert ended.verdict == "cannot tell"
    assert ended.hi - ended.lo > experiment.compare(A, B, "conversion_rate").hi


def test_a_red_check_ends_trust() -> None:
    found = experiment.compare(A, B, "conversion_rate")
    checks = pd.DataFrame(
        {
            "check": ["sample ratio", "peeking"],
            "level": ["red", "amber"],
            "sentence": ["The variants are of uneven size.", "Read early."],
        }
    )
    doubted = experiment.trust(found, checks)
    assert doubted.verdict == "do not trust"
    assert doubted.sentence == "Do not trust this result: The variants are of uneven size."
    assert doubted.p_value == found.p_value
    assert experiment.trust(found, checks[checks["level"] != "red"]) == found


def test_the_largest_values_are_looked_at_apart() -> None:
    values = np.concatenate([np.zeros(900), RNG.exponential(20, 99), [5_000.0]])
    small = np.concatenate([np.zeros(900), RNG.exponential(20, 100)])
    cap = moments.cap(np.concatenate([values, small]), share=0.99)
    arms = []
    for name, each in (("A", small), ("B", values)):
        middle, spread = moments.capped(each, cap)
        arms.append(mean(each, name).assign(capped_mean=middle, capped_variance=spread, cap=cap))
    found = experiment.compare(*arms, "revenue_per_visitor")
    assert found.capped_difference < found.difference / 3
    assert found.capped_hi - found.capped_lo < (found.hi - found.lo) / 3
    without = experiment.compare(mean(small), mean(values, "B"), "revenue_per_visitor")
    assert isnan(without.capped_difference)
    assert replace(found, capped_difference=0.0, capped_lo=0.0, capped_hi=0.0) == replace(
        without, capped_difference=0.0, capped_lo=0.0, capped_hi=0.0
    )


# What customers did before


def test_cuped_by_hand() -> None:
    """θ, the adjusted means and their variances from the customers themselves."""
    x = RNG.gamma(2, 10, 400)
    y = 3 + 0.5 * x + RNG.normal(0, 4, 400)
    y[200:] += 1
    found = experiment.compare(
        mean(y[:200], before=x[:200]), mean(y[200:], "B", x[200:]), "revenue_per_visitor"
    )
    theta = np.cov(y, x)[0, 1] / x.var(ddof=1)
    rest = y - theta * (x - x.mean())
    assert found.cuped
    assert found.rho == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert found.control_mean == pytest.approx(rest[:200].mean())
    assert found.difference == pytest.approx(rest[200:].mean() - rest[:200].mean())
    expected = (rest[:200].var(ddof=1) + rest[200:].var(ddof=1)) / 200
    assert found.standard_error == pytest.approx(np.sqrt(expected))
    usual = (y[:200].var(ddof=1) + y[200:].var(ddof=1)) / 200
    assert found.variance_reduction == pytest.approx(1 - expected / usual)


def test_cuped_only_where_it_helps() -> None:
    x, y = RNG.normal(size=(2, 1000))
    weak = mean(y, before=x), mean(y + 0.1, "B", x)
    assert abs(experiment.compare(*weak, "revenue_per_visitor").rho) < 0.1
    assert not experiment.compare(*weak, "revenue_per_visitor").cuped
    assert experiment.compare(*weak, "revenue_per_visitor", cuped=True).cuped
    strong = mean(x + y, before=x), mean(x + y, "B", x)
    assert experiment.compare(*strong, "revenue_per_visitor").cuped
    off = experiment.compare(*strong, "revenue_per_visitor", cuped=False)
    assert not off.cuped
    assert isnan(off.rho)


@pytest.mark.parametrize("before", [np.zeros(100), np.full(100, 3.0)])
def test_nothing_before_is_nothing_to_allow_for(before: np.ndarray) -> None:
    y = RNG.normal(10, 1, 100)
    found = experiment.compare(
        mean(y, before=before), mean(y + 1, "B", before), "revenue_per_visitor", cuped=True
    )
    assert not found.cuped
    assert found.difference == pytest.approx(1)


def test_customers_who_repeat_themselves_exactly_are_compared_as_they_are() -> None:
    y = RNG.normal(10, 1, 100)
    found = experiment.compare(mean(y, before=y), mean(y, "B", y), "revenue_per_visitor")
    assert found.standard_error > 0
    assert found.verdict == "cannot tell"


def test_both_arms_together_are_as_if_counted_at_once() -> None:
    one, two = RNG.gamma(2, 3, (2, 2, 300))
    parts = [moments.Moments.of(mean(y, before=x).iloc[0].to_dict()) for y, x in (one, two)]
    total = parts[0] + parts[1]
    both = np.concatenate([one, two], axis=1)
    assert total.mean[[0, 2]] == pytest.approx(both.mean(axis=1))
    assert total.covariance[np.ix_([0, 2], [0, 2])] == pytest.approx(np.cov(both))


# A small arm in which few bought


def buyers(n: int, some: int, variant: str) -> pd.DataFrame:
    return mean(np.concatenate([np.zeros(n - some), RNG.lognormal(3, 1, some)]), variant)


def test_a_thin_holdout_borrows_the_others_variance() -> None:
    held, sent = buyers(500, 12, "holdout"), buyers(4_500, 110, "A")
    found = experiment.compare(held, sent, "revenue_per_visitor")
    assert found.test == "t test, with one variance for both variants"
    variance = (499 * held["variance"].iloc[0] + 4_499 * sent["variance"].iloc[0]) / 4_998
    assert found.standard_error == pytest.approx(np.sqrt(variance * (1 / 500 + 1 / 4_500)))


@pytest.mark.parametrize(("sizes", "some"), [((1000, 1200), 12), ((1000, 9000), 900)])
def test_even_or_well_known_arms_keep_welchs_test(sizes: tuple[int, int], some: int) -> None:
    arms = buyers(sizes[0], some, "A"), buyers(sizes[1], some, "B")
    assert experiment.compare(*arms, "revenue_per_visitor").test == "Welch's t test"


def test_a_total_that_contradicts_its_parts() -> None:
    up = experiment.compare(A, B, "conversion_rate")
    down = experiment.compare(B, A, "conversion_rate")
    assert experiment.reversed_in_parts(down, [up, up])
    assert not experiment.reversed_in_parts(down, [up, down])
    assert not experiment.reversed_in_parts(up, [up, up])
    assert not experiment.reversed_in_parts(down, [up])


# Rows


def test_a_row_says_what_follows() -> None:
    row = moments.row("A", "conversion_rate", "proportion", 200, value_mean=0.1)
    assert row["successes"] == 20
    assert row["variance"] == pytest.approx(0.09)
    assert row["value_variance"] == pytest.approx(0.09 * 200 / 199)
    assert isnan(row["cap"])
    assert tuple(moments.frame([row | {"day": 1}])) == ("day", *moments.COLUMNS)
    with pytest.raises(TypeError, match="befor"):
        moments.row("A", "m", "mean", 10, value_mean=1.0, value_variance=1.0, befor_mean=1.0)


def test_a_cap_where_nobody_bought() -> None:
    assert isnan(moments.cap(np.zeros(5)))
    assert moments.cap([0.0, 7.0]) == 7.0


@pytest.mark.parametrize("nearly_nothing", [1e-12, 1e-60, 1e-200])
def test_a_quotient_by_nearly_nothing_is_not_given(nearly_nothing: float) -> None:
    """Sums that all but cancel leave a mean above 0 by rounding alone; the rest is still said."""
    values = np.array([400.0, -400.0] * 20)
    control, treatment = mean(values), mean(values, "B")
    control["value_mean"] = control["mean"] = nearly_nothing
    treatment["value_mean"] = treatment["mean"] = nearly_nothing
    found = experiment.compare(control, treatment, "revenue_per_visitor")
    assert isnan(found.relative_hi)
    assert found.lo < 0 < found.hi
    assert found.verdict == "cannot tell"
