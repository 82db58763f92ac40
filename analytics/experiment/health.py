"""Whether a test itself was sound, in red, amber and green sentences.

A red check means that the result is not to be believed before its cause is found; an amber one that
it is to be read with care. Limits: sizes of the arms and what they did before are red below a
p-value of .001 and amber below .01 (Fabijan et al., "Diagnosing Sample Ratio Mismatch", KDD 2019):
a test is checked far more often than it is broken.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from math import isnan, nan, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from analytics.experiment import checks, shelf
from analytics.experiment.arms import Readout, arm, guess_control, read
from analytics.experiment.checks import Check, day_words, level_of, percent
from analytics.experiment.compare import Comparison, Mode, compare
from analytics.experiment.metrics import Metric
from analytics.experiment.outside import Outside
from analytics.experiment.sums import has_cap
from analytics.store import Store

__all__ = ["health", "outside_health"]

ONE_CUSTOMER = 0.25
"""The share of a difference that one customer may carry without a word."""
FEW_KNOWN = 0.5


def health(
    store: Store,
    name: str,
    metrics: Sequence[str | Metric] | None = None,
    window_days: int | None = None,
    *,
    control: str | None = None,
    shares: Mapping[str, float] | None = None,
    planned_n: int | None = None,
    mode: Mode = "fixed",
    as_of: date | None = None,
    readout: Readout | None = None,
) -> pd.DataFrame:
    """Check a test.

    Args:
        store: The shop.
        name: The experiment.
        metrics: As for `arms`.
        window_days: As for `arms`.
        control: The variant to compare with; by default as its name tells.
        shares: The share of customers each variant should have, in any unit; by default equal.
        planned_n: Customers of all variants planned; by default those of the saved plan, if any.
        mode: As for `compare`: an always-valid result may be read before the plan is full.
        as_of: As for `arms`.
        readout: The result of `read`, if it is there already; then nothing is counted again.

    Returns:
        DataFrame, the worst first: check, level (green, amber or red), sentence, value (the check's
        own number, a p-value, a share or a count; NaN where it has none).

    Raises:
        AnalyticsError, NotEnoughDataError: As for `arms`.
    """
    found = readout or read(store, name, metrics, window_days, as_of=as_of)
    first = control or guess_control(found.variants)
    arm(found.arms, first)
    if planned_n is None and (saved := shelf.plan_of(store, name)) is not None:
        planned_n = saved.total_n
    made = [
        checks.sizes(found),
        checks.split(found, shares),
        checks.switched(found),
        checks.peeking(found, planned_n, mode),
        checks.whole_weeks(found),
        checks.window(found),
        _before(found, first),
        _tracking(store, found),
        _dates(store, found),
        checks.nobody(found),
        _outlier(found, first),
    ]
    return checks.in_order(made)


def outside_health(
    found: Outside,
    *,
    shares: Mapping[str, float] | None = None,
    planned_n: int | None = None,
    mode: Mode = "fixed",
) -> pd.DataFrame:
    """The same of a test that was run elsewhere, as far as its numbers tell.

    Args:
        found: The test.
        shares: As for `health`.
        planned_n: As for `health`.
        mode: As for `health`.
    """
    return checks.in_order(
        [
            checks.sizes(found),
            checks.split(found, shares),
            checks.switched(found),
            checks.peeking(found, planned_n, mode),
            checks.nobody(found),
        ]
    )


def _before(found: Readout, control: str) -> Check | None:
    """An A/A test on the time before: no treatment can have had an effect there."""
    p_values = []
    for metric in found.metrics:
        if metric.kind == "ratio":
            continue
        rows = found.arms[found.arms["metric"] == metric.name].set_index("variant")
        by_variant: dict[Any, dict[Any, Any]] = rows.to_dict("index")
        for variant in found.variants:
            one = by_variant[variant]
            if variant != control and not isnan(one["before_mean"]):
                p_values.append(_p_before(by_variant[control], one))
    p_values = [p for p in p_values if not isnan(p)]
    if not p_values:
        return None
    p_value = min(1.0, min(p_values) * len(p_values))
    level = level_of(p_value)
    sentence = {
        "green": "Before the test the variants did alike.",
        "amber": "Already before the test the variants did somewhat differently.",
        "red": "Already before the test the variants did differently, so that customers were not "
        "put into them at random. Check how they were assigned.",
    }[level]
    return "Alike before", level, sentence, p_value


def _p_before(control: Mapping[Any, Any], treatment: Mapping[Any, Any]) -> float:
    error = sqrt(
        control["before_variance"] / control["n"] + treatment["before_variance"] / treatment["n"]
    )
    if not error > 0:
        return nan
    apart = abs(treatment["before_mean"] - control["before_mean"])
    return float(2 * special.ndtr(-apart / error))


def _tracking(store: Store, found: Readout) -> Check | None:
    counts = found.counts[found.counts["customers"] > 0]
    known, customers = counts["known"], counts["customers"]
    if not known.sum():
        return _silent(store, found) if (counts["active"] == 0).any() else None
    share = known.sum() / customers.sum()
    apart = _p_same(known.to_numpy(float), customers.to_numpy(float))
    told = " and ".join(
        f"{percent(k / n)} in “{name}”"
        for name, k, n in zip(counts["variant"], known, customers, strict=True)
    )
    level = level_of(apart)
    if level == "green" and share < FEW_KNOWN:
        sentence = (
            f"Only {percent(share)} of the assigned are known customers, in each variant alike. "
            "Where all of them should be, check that the assignments use the same customer numbers."
        )
        return "Customers found", "amber", sentence, share
    if level == "green":
        sentence = f"{percent(share)} of the assigned are known customers, in each variant alike."
        return "Customers found", "green", sentence, share
    sentence = f"The variants differ in how many of the assigned are known customers: {told}. "
    return "Customers found", level, sentence + "Something is recorded in one variant only.", apart


def _silent(store: Store, found: Readout) -> Check | None:
    """Whether a variant has nobody who ever ordered or did anything, though all are of one shop."""
    seen = store.query("experiment_found", experiment=found.experiment)
    silent = seen[seen["found"] == 0]["variant"]
    if silent.empty:
        return None
    named = " or ".join(f"“{name}”" for name in silent)
    sentence = (
        f"No customer of {named} is found among the orders and events. Check that the assignments "
        "use the same customer numbers."
    )
    # Of few who act at all, chance may put nobody in one variant.
    apart = _p_same(seen["found"].to_numpy(float), seen["assigned"].to_numpy(float))
    nobody = not seen["found"].any()
    return (
        "Customers found",
        "red" if nobody or level_of(apart) == "red" else "amber",
        sentence,
        0.0,
    )


def _p_same(successes: npt.NDArray[np.float64], n: npt.NDArray[np.float64]) -> float:
    """Chi-square of equal rates; 1 where all or none succeed."""
    rate = successes.sum() / n.sum()
    if rate in (0, 1):
        return 1.0
    statistic = ((successes - n * rate) ** 2 / (n * rate * (1 - rate))).sum()
    return float(special.chdtrc(len(n) - 1, statistic))


def _dates(store: Store, found: Readout) -> Check:
    late = int(found.counts["late"].sum())
    begins = _first_order_day(store)
    span = found.window_days or (found.as_of - found.first_day).days
    if late:
        last = found.as_of - timedelta(days=1)
        sentence = (
            f"{late:,} customers were assigned after {day_words(last)}, the last day of the data, "
            "and do not count. Import the orders since then."
        )
        return "Dates", "amber", sentence, float(late)
    acts = found.arms[found.arms["kind"] != "ratio"]
    if not acts["value_mean"].any() and acts["before_mean"].fillna(0).any():
        sentence = (
            "Nobody did anything after they were assigned, but many did before. The dates look "
            "like those of the export, not of the assignment."
        )
        return "Dates", "red", sentence, nan
    if begins is not None and begins > found.first_day:
        sentence = (
            f"The test began on {day_words(found.first_day)}, before the first order in the data. "
            "Import the orders from its first day on."
        )
        return "Dates", "red", sentence, nan
    if begins is not None and begins > found.first_day - timedelta(days=span):
        sentence = (
            f"The orders begin on {day_words(begins)}, so that what customers did "
            "before the test is known in part only."
        )
        return "Dates", "amber", sentence, nan
    return "Dates", "green", "The test lies within the days of the orders.", nan


def _first_order_day(store: Store) -> date | None:
    day: Any = store.query("experiment_first_order")["day"].iloc[0]
    return None if pd.isna(day) else pd.Timestamp(day).date()


def _outlier(found: Readout, control: str) -> Check | None:
    metric = next((one for one in found.metrics if has_cap(one)), None)
    if metric is None or found.top.empty:
        return None
    base = arm(found.arms, control)
    worst = _carried(found, metric)
    for variant in found.variants:
        if variant == control:
            continue
        result = compare(base, arm(found.arms, variant), metric.name, cuped=False)
        if isnan(result.p_value) or result.lo <= 0 <= result.hi:
            continue
        share = max(_share_of(one, found, result) for one in (control, variant))
        if result.capped_lo <= 0 <= result.capped_hi:
            sentence = (
                f"The difference of “{variant}” rests on a few very large buyers: with the largest "
                "0.1% of buyers cut down it can no longer be told. Look at them first."
            )
            return "No single customer", "red", sentence, share
        if share > ONE_CUSTOMER:
            sentence = (
                f"One customer carries {percent(share)} of the difference of “{variant}”. See "
                "whether it is a real order."
            )
            worst = ("No single customer", "amber", sentence, share)
    return worst


def _carried(found: Readout, metric: Metric) -> Check:
    """Whether one customer brings much of what a whole variant brings."""
    rows = found.arms[found.arms["metric"] == metric.name].set_index("variant")
    for variant, revenue in zip(found.top["variant"], found.top["revenue"], strict=True):
        total = rows.loc[variant, "n"] * rows.loc[variant, "value_mean"]
        if total > 0 and revenue / total > ONE_CUSTOMER:
            sentence = (
                f"One customer carries {percent(revenue / total)} of the revenue of “{variant}”. "
                "See whether it is a real order."
            )
            return "No single customer", "amber", sentence, float(revenue / total)
    return "No single customer", "green", "No single customer decides the result.", nan


def _share_of(variant: str, found: Readout, result: Comparison) -> float:
    """The share of a difference that the largest buyer of a variant carries."""
    top = found.top[found.top["variant"] == variant]
    toward = 1 if variant == result.treatment else -1
    if top.empty or result.difference * toward < 0:
        return 0.0
    n = result.treatment_n if variant == result.treatment else result.control_n
    return float(top["revenue"].iloc[0] / n / abs(result.difference))
