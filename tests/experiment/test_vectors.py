"""Published and independently computed cases of A/B statistics, each with its source.

Not compared: Boschloo's test, which is not offered (seconds at real sizes, where Fisher's serves),
and a relative interval that takes the control's rate as known, which the case itself warns of.
"""

import json
from collections.abc import Callable
from math import inf, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import special

from analytics import experiment
from analytics.experiment import (
    bayes,
    differences,
    moments,
    multiplicity,
    power,
    proportions,
    sequential,
)
from analytics.experiment.adjusting import adjust_arms
from analytics.experiment.moments import Arm

CASES = {
    case["name"]: case
    for case in json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))
}
Check = Callable[[dict[str, Any], Callable[..., None]], None]
CHECKS: dict[str, Check] = {}


def checks(*names: str) -> Callable[[Check], Check]:
    """Says which cases a function checks."""

    def register(check: Check) -> Check:
        CHECKS.update(dict.fromkeys(names, check))
        return check

    return register


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    case = CASES[name]

    def same(field: str, found: Any, expected: Any = None) -> None:
        tolerance = case["tolerance"].get(field, case["tolerance"]["default"])
        wanted = case["expected"][field] if expected is None else expected
        assert found == pytest.approx(wanted, **({"rel": 0, "abs": 0} | tolerance)), field

    CHECKS[name](case["inputs"], same)


def arm(given: dict[str, Any], name: str = "") -> Arm:
    """An arm from sums, counts or moments."""
    n = given["n"]
    if "conversions" in given:
        rate = given["conversions"] / n
        return Arm(n, rate, rate * (1 - rate))
    if "sum" in given:
        mean = given["sum"] / n
        return Arm(n, mean, (given["sum_squares"] - n * mean**2) / (n - 1))
    return Arm(n, given["mean"][name], given["var"][name])


def arms(inputs: dict[str, Any]) -> tuple[Arm, Arm]:
    return arm(inputs["control"]), arm(inputs["treatment"])


def counts(given: dict[str, Any]) -> tuple[int, int]:
    return given["conversions"], given["n"]


def frame(
    given: dict[str, Any], variant: str, kind: moments.Kind, parts: dict[str, str]
) -> pd.DataFrame:
    """Moments by name as an arms frame: `parts` says which is the value and so on."""
    found: dict[str, float] = {}
    for part, name in parts.items():
        found[f"{part}_mean"], found[f"{part}_variance"] = given["mean"][name], given["var"][name]
        for other, second in parts.items():
            key = "|".join(sorted([name, second]))
            if part != other and f"covariance_{part}_{other}" in moments.COLUMNS:
                found[f"covariance_{part}_{other}"] = given["cov"][key]
    return moments.frame([moments.row(variant, "m", kind, given["n"], **found)])


def both(
    inputs: dict[str, Any], kind: moments.Kind, parts: dict[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    return (
        frame(inputs["control"], "A", kind, parts),
        frame(inputs["treatment"], "B", kind, parts),
    )


@checks("welch_mean_relative_delta", "proportion_relative_small")
def relative_by_delta(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    control, treatment = arms(inputs)
    lift, error = differences.relative_delta(control, treatment)
    freedom = differences.degrees_of_freedom(control, treatment)
    found = differences.student(lift, error, freedom, 0.05, "two-sided")
    same("rel_lift", lift)
    same("se", error)
    same("ci", [found.lo, found.hi])
    same("p_value", found.p_value)


@checks("welch_mean_absolute")
def welch(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    found = differences.welch(*arms(inputs))
    same("diff", found.difference)
    same("se", found.standard_error)
    same("ci", [found.lo, found.hi])
    same("p_value", found.p_value)


@checks("welch_one_sided_greater_absolute")
def welch_one_sided(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    found = differences.welch(*arms(inputs), alternative="greater")
    same("diff", found.difference)
    same("se", found.standard_error)
    same("ci_lower", found.lo)
    same("p_value", found.p_value)
    assert found.hi == inf


@checks("always_valid_proportion_N5000")
def always_valid(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    control, treatment = arms(inputs)
    lift, error = differences.relative_delta(control, treatment)
    n, tuning = control.n + treatment.n, inputs["tuning_n"]
    half = error * sequential.reach(n, alpha=inputs["alpha"], tuning_n=tuning)
    same("rel_lift", lift)
    same("se", error)
    same("ci", [lift - half, lift + half])
    same("p_value", sequential.always_valid_p(lift / error, n, tuning_n=tuning))


@checks("always_valid_one_sided_lower_bound")
def always_valid_one_sided(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    control, treatment = arms(inputs)
    found = differences.welch(control, treatment)
    n = control.n + treatment.n
    reach = sequential.reach(n, tuning_n=inputs["tuning_n"], alternative="greater")
    same("diff", found.difference)
    same("ci_lower", found.difference - reach * found.standard_error)


@checks("bayes_mean_flat", "bayes_mean_informative_prior")
def posterior(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    prior = inputs.get("prior")
    found = bayes.gaussian(
        *differences.relative_delta(*arms(inputs)),
        prior=(prior["mean"], prior["variance"]) if prior else None,
    )
    reach = special.ndtri(0.975) * found.standard_deviation
    same("mean", found.mean)
    same("sd", found.standard_deviation)
    same("ci", [found.mean - reach, found.mean + reach])
    same("chance_to_win", found.chance_to_win)
    same("risk_keep_control", found.loss_of_control)
    same("risk_ship_treatment", found.loss_of_treatment)


@checks("bayes_beta_binomial_closed_form")
def beta_binomial(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    a, b = inputs["prior"]
    found = bayes.rates(counts(inputs["control"]), counts(inputs["treatment"]), (a, b))
    same("chance_to_win", found.chance_to_win)


@checks(
    "srm_growthbook_1", "srm_growthbook_3", "srm_growthbook_4", "srm_growthbook_6",
    "srm_kohavi_book",
)  # fmt: skip
def sample_ratio(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    same("p_value", experiment.sample_ratio(inputs["observed"], inputs["weights"]))


@checks("tt_sample_ratio")
def sample_ratio_corrected(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    observed = [inputs["control"], inputs["treatment"]]
    weights = [1.0, inputs["expected_ratio"]]
    same("p_value", experiment.sample_ratio(observed, weights, corrected=True))


def compared(found: experiment.Comparison, same: Callable[..., None], interval: str) -> None:
    same("control", found.control_mean)
    same("treatment", found.treatment_mean)
    same(interval, [found.lo, found.hi])
    same("rel_lift", found.relative_difference)
    same("rel_ci", [found.relative_lo, found.relative_hi])
    same("p_value", found.p_value)


@checks("tt_mean_orders_welch")
def mean_orders(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    found = experiment.compare(*both(inputs, "mean", {"value": "orders"}), "m")
    compared(found, same, "ci")
    same("diff", found.difference)
    same("statistic", found.difference / found.standard_error)


@checks("tt_readme_revenue_per_user")
def revenue_per_user(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    compared(experiment.compare(*both(inputs, "mean", {"value": "revenue"}), "m"), same, "diff_ci")


RATIO = {"value": "orders", "denominator": "sessions"}


@checks("tt_readme_orders_per_session")
def orders_per_session(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    compared(experiment.compare(*both(inputs, "ratio", RATIO), "m"), same, "diff_ci")


@checks("tt_userguide_cuped_orders_per_session")
def cuped(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    parts = RATIO | {"before": "orders_covariate", "denominator_before": "sessions_covariate"}
    control, treatment = both(inputs, "ratio", parts)
    found = experiment.compare(control, treatment, "m")
    compared(found, same, "diff_ci")
    assert found.cuped
    same("theta", adjust_arms(control.iloc[0].to_dict(), treatment.iloc[0].to_dict()).theta)


@checks("tt_ratio_delta_one_sided_pooled")
def ratio_pooled(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    rows = [each.iloc[0] for each in both(inputs, "ratio", RATIO)]
    control, treatment = (Arm(int(one["n"]), one["mean"], one["variance"]) for one in rows)
    found = differences.welch(control, treatment, alternative="greater", equal_variance=True)
    same("control", control.mean)
    same("treatment", treatment.mean)
    same("diff", found.difference)
    same("ci_lower", found.lo)
    same("p_value", found.p_value)
    same("statistic", found.statistic)


@checks("proportion_fisher_pearson")
def exact(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    control, treatment = counts(inputs["control"]), counts(inputs["treatment"])
    same("fisher", proportions.fisher(control, treatment))
    yates = proportions.z_test(control, treatment, pooled=True, corrected=True)
    same("pearson_yates", yates.p_value)


@checks("power_mean_total_n")
def power_of_means(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    made = experiment.plan(
        inputs["mean"], variance=inputs["variance"], weekly_visitors=1_000,
        mde=inputs["effect_abs"], alpha=inputs["alpha"], power=inputs["power"],
    )  # fmt: skip
    same("total_n", made.total_n)
    made = experiment.plan(
        inputs["mean"], variance=inputs["variance"], weekly_visitors=1_000, weeks=10
    )
    same("mde_abs_at_10000", made.minimum_detectable_effect)
    same("mde_rel_at_10000", made.relative_minimum_detectable_effect)


@checks("multiplicity_bh1995")
def many_tests(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    frame = pd.DataFrame({"p_value": inputs["p_values"]})
    short = {"holm": "n_holm", "bonferroni": "n_bonferroni", "benjamini_hochberg": "n_bh"}
    for method in multiplicity.METHODS:
        found = experiment.adjust(frame, method, alpha=inputs["alpha"])
        same(short[method], int(found["significant"].sum()))


@checks("spotify_chi_squared_us")
def chi_square(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    control, treatment = counts(inputs["control"]), counts(inputs["treatment"])
    same("p_value", proportions.z_test(control, treatment, pooled=True).p_value)
    wald = proportions.z_test(control, treatment)
    same("diff", wald.difference)
    same("ci", [wald.lo, wald.hi])
    same("rel_naive", differences.relative_delta(*arms(inputs))[0])


@checks("sample_size_gpower")
def sizes(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    for name, given in inputs.items():
        made = experiment.plan(
            given.get("baseline", 1.0), variance=given.get("variance"), weekly_visitors=1_000,
            mde=given["mde_abs"], alpha=given["alpha"], power=given["power"],
        )  # fmt: skip
        same(f"{name}_total", made.total_n)


@checks("sample_size_evan_miller")
def evan_miller(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    same(
        "n_per_variation",
        power.sample_size_from_baseline(
            inputs["baseline"], inputs["mde_abs"], inputs["alpha"], inputs["power"]
        ),
    )


@checks("group_sequential_pocock_obf_K5")
def group_sequential(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    looks, alpha = inputs["K"], inputs["alpha"]
    pocock = sequential.boundaries(looks, alpha, "pocock")
    same("pocock", pocock, [2.413] * looks)
    falling = sequential.boundaries(looks, alpha, "obrien_fleming")
    same("obf_final", falling[-1])
    same("obf_final", falling, [2.040 * sqrt(looks / k) for k in range(1, looks + 1)])


@checks("real_udacity_ab_data")
def udacity(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    control, treatment = counts(inputs["control"]), counts(inputs["treatment"])
    found = proportions.z_test(control, treatment, pooled=True)
    same("z", found.statistic)
    same("p_value", found.p_value)
    shown = experiment.compare(*rates(inputs["control"], inputs["treatment"]), "m")
    same("rate_control", shown.control_mean)
    same("rate_treatment", shown.treatment_mean)
    assert shown.p_value == pytest.approx(0.1899, abs=5e-5)
    assert shown.verdict == "cannot tell"


def rates(control: dict[str, Any], treatment: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counts as an arms frame each."""
    first, second = (
        moments.frame([
            moments.row(name, "m", "proportion", given["n"], successes=given["conversions"])
        ])
        for name, given in (("A", control), ("B", treatment))
    )  # fmt: skip
    return first, second


@checks("real_hillstrom_holdout_incremental")
def hillstrom(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    def arms_of(name: str) -> pd.DataFrame:
        given = inputs[name]
        return moments.frame([
            moments.row(name, "spend", "mean", given["n"], value_mean=given["mean_spend"],
                        value_variance=given["var_spend"]),
            moments.row(name, "conversion", "proportion", given["n"],
                        successes=given["conversions"]),
        ])  # fmt: skip

    for name in ("mens", "womens"):
        found = experiment.compare(arms_of("control"), arms_of(name), "spend")
        same(f"{name}_inc_per_customer", found.difference)
        same(f"{name}_ci", [found.lo, found.hi])
        same(f"{name}_p", found.p_value)
        assert found.verdict == "better"
    found = experiment.compare(arms_of("control"), arms_of("mens"), "spend")
    revenue, n = found.difference * found.treatment_n, found.treatment_n
    cost = inputs["cost_per_contact"] * n
    same("mens_incremental_revenue", revenue)
    same("mens_roi", (revenue * inputs["gross_margin"] - cost) / cost)
    bought = experiment.compare(arms_of("control"), arms_of("mens"), "conversion")
    same("mens_inc_conversions", bought.difference * n)
    sizes = [inputs[name]["n"] for name in ("control", "mens", "womens")]
    same("srm_p", experiment.sample_ratio(sizes, [1, 1, 1]))


@checks("real_udacity_free_trial_screener")
def free_trial(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    for name, count in (("gross", "enrollments"), ("net", "payments")):
        control, treatment = (
            (inputs[side][count], inputs[side]["clicks"]) for side in ("control", "treatment")
        )
        found = proportions.z_test(control, treatment, pooled=True)
        same(f"{name}_diff", found.difference)
        same(f"{name}_ci", [found.lo, found.hi])


@checks("simpsons_paradox_crook2009")
def simpson(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    days = {
        day["name"].lower(): experiment.compare(*rates(day["control"], day["treatment"]), "m")
        for day in inputs["days"]
    }
    total = {
        side: {key: sum(day[side][key] for day in inputs["days"]) for key in ("n", "conversions")}
        for side in ("control", "treatment")
    }
    pooled = experiment.compare(*rates(total["control"], total["treatment"]), "m")
    same("pooled_control", pooled.control_mean)
    same("pooled_treatment", pooled.treatment_mean)
    for name, found in days.items():
        same(name, [found.control_mean, found.treatment_mean])
    assert pooled.verdict == "worse"
    assert all(day.difference > 0 for day in days.values())
    assert experiment.reversed_in_parts(pooled, list(days.values()))


@checks("zero_conversions_guard")
def zero_conversions(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    found = experiment.compare(*rates(inputs["control"], inputs["treatment"]), "m")
    assert np.isnan([found.relative_difference, found.relative_lo, found.relative_hi]).all()
    same("fisher_p", found.p_value)
    same("newcombe", [found.lo, found.hi])
    assert found.verdict == "cannot tell"


@checks("aov_delta_method")
def average_order_value(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    revenue, orders = np.array(inputs["revenue"]), np.array(inputs["orders"])
    row = moments.row(
        "A", "average_order_value", "ratio", len(orders),
        value_mean=revenue.mean(), value_variance=revenue.var(ddof=1),
        denominator_mean=orders.mean(), denominator_variance=orders.var(ddof=1),
        covariance_value_denominator=np.cov(revenue, orders)[0, 1],
    )  # fmt: skip
    same("aov", row["mean"])
    same("se", sqrt(row["variance"] / row["n"]))


@checks("winsorise_positive_pooled")
def winsorise(inputs: dict[str, Any], same: Callable[..., None]) -> None:
    values, each = [0, 10, 20, 30, 40, 5000], [95, 1, 1, 1, 1, 1]
    limit = moments.cap(values, each, inputs["percentile_of_nonzero"])
    mean, variance = moments.capped(values, limit, each)
    same("cap", limit)
    same("mean", mean)
    same("var", variance)
    everyone = np.repeat(values, each)
    assert moments.cap(everyone, share=0.8) == limit
    assert moments.capped(everyone, limit) == pytest.approx((mean, variance))
