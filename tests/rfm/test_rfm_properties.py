"""What holds of the scores of any shop, beside a slow reference in fractions."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import floor
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from analytics import rfm

quick = settings(
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
MONEY = st.integers(-(10**11), 10**12).map(lambda units: Decimal(units).scaleb(-4))
FEW_MONEY = st.sampled_from([Decimal("0.10"), Decimal("0.20"), Decimal("0.30"), Decimal("-1")])
CUSTOMERS = st.lists(
    st.tuples(
        st.one_of(st.integers(1, 5), st.integers(1, 4000)),
        st.one_of(st.integers(1, 3), st.integers(1, 300)),
        st.one_of(FEW_MONEY, MONEY),
    ),
    min_size=10,
    max_size=60,
)
BINS = st.integers(3, 10)


def named(customers: list[tuple[int, int, Decimal]]) -> list[tuple[str, int, int, Decimal]]:
    return [(f"c{place:03}", *each) for place, each in enumerate(customers)]


def reference(values: list[Any], bins: int) -> list[int]:
    """1 + floor(bins × strictly worse ÷ all), by counting."""
    return [
        1 + floor(Fraction(bins * sum(other < value for other in values), len(values)))
        for value in values
    ]


def half_up(first: int, second: int) -> int:
    return floor(Fraction(first + second, 2) + Fraction(1, 2))


@quick
@given(CUSTOMERS, BINS)
def test_scores_are_the_share_of_customers_strictly_worse(
    totals: Any, customers: list[tuple[int, int, Decimal]], bins: int
) -> None:
    scores = rfm.score(totals(named(customers)), bins=bins)
    recency, frequency, monetary = map(list, zip(*customers, strict=True))
    assert list(scores["r"]) == reference([-days for days in recency], bins)
    assert list(scores["f"]) == reference(frequency, bins)
    assert list(scores["m"]) == reference(monetary, bins)


@quick
@given(CUSTOMERS, BINS)
def test_equal_values_score_equally_better_ones_no_less_and_all_within_bounds(
    totals: Any, customers: list[tuple[int, int, Decimal]], bins: int
) -> None:
    scores = rfm.score(totals(named(customers)), bins=bins)
    for measure, letter, sign in (
        ("recency_days", "r", -1),
        ("frequency", "f", 1),
        ("monetary", "m", 1),
    ):
        values = [sign * value for value in scores[measure]]
        pairs = sorted(zip(values, scores[letter], strict=True))
        for (worse, low), (better, high) in pairwise(pairs):
            assert low == high if worse == better else low <= high
        assert pairs[0][1] == 1
        assert 1 <= pairs[-1][1] <= bins


@quick
@given(CUSTOMERS, BINS, st.randoms(use_true_random=False), st.sampled_from(["eleven", "eight"]))
def test_the_order_of_rows_changes_nothing(
    totals: Any, customers: list[tuple[int, int, Decimal]], bins: int, random: Any, names: Any
) -> None:
    straight = named(customers)
    shuffled = random.sample(straight, len(straight))
    pd.testing.assert_frame_equal(
        rfm.score(totals(shuffled), bins=bins, names=names).sort_values(
            "customer_id", ignore_index=True
        ),
        rfm.score(totals(straight), bins=bins, names=names),
    )


@quick
@given(CUSTOMERS, BINS, st.sampled_from(["eleven", "six"]))
def test_the_name_follows_from_r_and_the_mean_of_f_and_m_rounded_half_up(
    totals: Any, customers: list[tuple[int, int, Decimal]], bins: int, names: Any
) -> None:
    scores = rfm.score(totals(named(customers)), bins=bins, names=names)
    vocabulary = rfm.VOCABULARIES[names]
    for r, f, m, segment in scores[["r", "f", "m", "segment"]].itertuples(index=False):
        fm = half_up(f, m)
        # The middle of the score's share, as the fifth it lies in.
        row, column = (floor(5 * Fraction(2 * score - 1, 2 * bins)) for score in (r, fm))
        assert segment == vocabulary.segments[vocabulary.cells[row][column]].name


@quick
@given(CUSTOMERS, st.lists(MONEY, min_size=2, max_size=9, unique=True), st.data())
def test_own_limits_count_the_limits_reached(
    totals: Any, customers: list[tuple[int, int, Decimal]], monetary: list[Decimal], data: Any
) -> None:
    # Some limits are some customer's own value, so that exactly reached ones occur.
    monetary = sorted({*monetary[1:], data.draw(st.sampled_from(customers))[2]})
    rising = st.lists(
        st.integers(1, 40), min_size=len(monetary), max_size=len(monetary), unique=True
    ).map(sorted)
    assume(len(monetary) > 1)
    recency, frequency = data.draw(rising), data.draw(rising)
    scores = rfm.score(
        totals(named(customers)),
        thresholds={
            "recency_days": recency,
            "frequency": frequency,
            "monetary": [float(limit) for limit in monetary],
        },
    )
    for place, (days, orders, worth) in enumerate(customers):
        assert scores["r"][place] == 1 + sum(days <= limit for limit in recency)
        assert scores["f"][place] == 1 + sum(orders >= limit for limit in frequency)
        assert scores["m"][place] == 1 + sum(worth >= limit for limit in monetary)


@quick
@given(CUSTOMERS, st.integers(1, 5))
def test_customers_without_an_order_move_nobody(
    totals: Any, customers: list[tuple[int, int, Decimal]], returners: int
) -> None:
    known = named(customers)
    more = [(f"x{place}", None, 0, Decimal(-5 - place)) for place in range(returners)]
    with_them = rfm.score(totals([*more, *known]))
    pd.testing.assert_frame_equal(
        with_them[returners:].reset_index(drop=True), rfm.score(totals(known))
    )
    assert with_them[:returners][["recency_days", "r", "f", "m"]].isna().all(axis=None)
    assert set(with_them["segment"][:returners]) == {"Returns only"}


@quick
@given(st.dictionaries(st.integers(1, 5000), st.integers(1, 9), min_size=1, max_size=30))
def test_a_median_over_value_counts_is_the_median_of_the_values(counts: dict[int, int]) -> None:
    values, weights = pd.Series(list(counts)), pd.Series(list(counts.values()))
    assert rfm._weighted_median(values, weights) == np.median(np.repeat(values, weights))


@pytest.mark.parametrize(
    ("values", "weights", "median"),
    [
        ([3], [1], 3),
        ([9, 1], [1, 1], 5),
        ([9, 1], [2, 1], 9),
        ([1, 2, 3], [1, 1, 2], 2.5),
        ([4, 2, 8], [1, 3, 1], 2),
    ],
)
def test_medians_by_hand(values: list[int], weights: list[int], median: float) -> None:
    assert rfm._weighted_median(pd.Series(values), pd.Series(weights)) == median
