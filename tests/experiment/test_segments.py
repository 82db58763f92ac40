"""Tests told apart by groups: a published paradox, planted interactions, and sizes by hand."""

from math import isnan

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analytics.errors import NotEnoughDataError
from analytics.experiment import moments
from analytics.experiment.metrics import BUILT_IN
from analytics.experiment.segments import segments_of

RATE = BUILT_IN["conversion_rate"]


def rates(parts: dict[str, tuple[int, int, int, int]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Arms by segment and in all; for each segment successes and customers of both variants."""
    rows, total = [], np.sum(list(parts.values()), axis=0)
    for name, (a, n, b, m) in parts.items():
        for variant, successes, size in (("control", a, n), ("treatment", b, m)):
            row = moments.row(variant, RATE.name, "proportion", size, successes=successes)
            rows.append({"segment": name} | row)
    both = [("control", total[0], total[1]), ("treatment", total[2], total[3])]
    return moments.frame(rows), moments.frame(
        [
            moments.row(variant, RATE.name, "proportion", int(n), successes=int(k))
            for variant, k, n in both
        ]
    )


def test_simpsons_paradox_of_crook_and_others_2009() -> None:
    # Table 1: on each day the treatment is better, in all it is worse.
    parts, total = rates(
        {
            "Friday": (20_000, 990_000, 230, 10_000),
            "Saturday": (5_000, 500_000, 6_000, 500_000),
        }
    )
    found = segments_of(parts, total, RATE, "segment")
    assert found.overall.control_mean == pytest.approx(0.0168, abs=6e-5)
    assert found.overall.treatment_mean == pytest.approx(0.0122, abs=6e-5)
    assert found.overall.difference < 0
    assert (found.table["difference"] > 0).all()
    assert found.is_reversed
    assert "Do not trust the total" in found.sentence


def test_cochrans_q_by_hand() -> None:
    # Differences .10 and 0; variances (.1 · .9 + .2 · .8) ÷ 1000 and 2 · .1 · .9 ÷ 1000.
    parts, total = rates({"new": (100, 1000, 200, 1000), "old": (100, 1000, 100, 1000)})
    found = segments_of(parts, total, RATE, "segment")
    q = 0.1**2 / (0.00025 + 0.00018)
    assert found.interaction_p_value == pytest.approx(stats.chi2.sf(q, 1), rel=1e-9)
    assert "differs between the groups" in found.sentence
    assert found.table["significant"].tolist() == [True, False]
    assert not found.is_reversed


def test_benjamini_and_hochberg_over_the_groups() -> None:
    parts, total = rates(
        {
            name: (100, 1000, 100 + more, 1000)
            for name, more in {"a": 33, "b": 30, "c": 5, "d": 0}.items()
        }
    )
    found = segments_of(parts, total, RATE, "segment")
    expected = stats.false_discovery_control(found.table["p_value"])
    assert found.table["adjusted_p_value"].tolist() == pytest.approx(expected.tolist(), rel=1e-12)


def test_equal_groups_are_rarely_called_different() -> None:
    rng = np.random.default_rng(5)
    called = 0
    for _ in range(200):
        numbers = {
            f"g{place}": (
                int(rng.binomial(1000, 0.1)), 1000, int(rng.binomial(1000, 0.12)), 1000,
            )
            for place in range(5)
        }  # fmt: skip
        called += segments_of(*rates(numbers), RATE, "segment").interaction_p_value < 0.05
    # 10 expected; more than 20 has a probability under .002.
    assert called <= 20


def test_a_group_in_one_variant_only_is_left_out() -> None:
    parts, total = rates({"both": (10, 100, 20, 100), "one": (5, 50, 0, 0)})
    found = segments_of(parts, total, RATE, "segment")
    assert found.left_out == ("one",)
    assert found.table["segment"].tolist() == ["both"]
    assert isnan(found.interaction_p_value)
    assert "too few groups" in found.sentence


def test_no_group_in_both_variants() -> None:
    parts, total = rates({"one": (5, 50, 0, 0), "other": (0, 0, 6, 50)})
    with pytest.raises(NotEnoughDataError, match="No group by segment"):
        segments_of(parts, total, RATE, "segment")
