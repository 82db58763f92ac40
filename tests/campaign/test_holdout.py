"""Who is held out: exact shares, by chance, whatever the order of the rows."""

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.campaign import split
from analytics.errors import AnalyticsError, NotEnoughDataError
from tests.campaign import simulate

FRAMES = st.integers(4, 300).flatmap(
    lambda people: st.tuples(
        st.just(people),
        st.lists(st.sampled_from(["Loyal", "Lost", None, ""]), min_size=people, max_size=people),
        st.lists(st.sampled_from([0.0, 1.0, 5.5, 100.0, np.nan]), min_size=people, max_size=people),
    )
)


def frame_of(people: int, segments: list[str | None], values: list[float]) -> pd.DataFrame:
    ids = [f"c{number:03d}" for number in range(people)]
    return pd.DataFrame(
        {"customer_id": ids, "segment": pd.Series(segments, dtype=object), "value": values}
    )


@given(FRAMES, st.floats(0.05, 0.95), st.integers(0, 2**31))
@settings(deadline=None, max_examples=80)
def test_shares_are_exact_in_all_and_in_each_stratum(
    given_frame: tuple[int, list[str | None], list[float]], share: float, seed: int
) -> None:
    frame = frame_of(*given_frame)
    try:
        found = split(frame, share, seed)
    except NotEnoughDataError:
        assert min(len(frame) * share, len(frame) * (1 - share)) < 1
        return
    assert found["customer_id"].tolist() == frame["customer_id"].tolist()
    assert abs((~found["treated"]).sum() - share * len(frame)) < 1 + 1e-9
    for grouped in ("stratum", "segment"):
        for _, part in found.groupby(grouped, dropna=False):
            assert abs((~part["treated"]).sum() - share * len(part)) < 1 + 1e-9
            assert part["segment"].nunique(dropna=False) == 1


@given(FRAMES, st.integers(0, 2**31), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=40)
def test_the_order_of_rows_does_not_matter(
    given_frame: tuple[int, list[str | None], list[float]], seed: int, shuffler: object
) -> None:
    frame = frame_of(*given_frame)
    order = list(range(len(frame)))
    shuffler.shuffle(order)  # type: ignore[attr-defined]
    pd.testing.assert_frame_equal(
        split(frame, 0.3, seed), split(frame.iloc[order].reset_index(drop=True), 0.3, seed)
    )


def test_everybody_has_the_same_chance() -> None:
    frame = simulate.audience(37, np.random.default_rng(3)).frame
    draws, share = 2_000, 0.27
    held = np.zeros(len(frame))
    both = np.zeros((len(frame), len(frame)))
    for seed in range(draws):
        out = ~split(frame, share, seed)["treated"].to_numpy()
        held += out
        both += np.outer(out, out)
    # 37 binomial counts: none farther than 4 standard deviations from the share.
    assert np.abs(held / draws - share).max() < 4 * np.sqrt(share * (1 - share) / draws)
    # Nobody is always held out together with the same others, as at fixed steps in a fixed row:
    # by chance two are in about .27² = .07 of all draws.
    apart = both[~np.eye(len(frame), dtype=bool)] / draws
    assert apart.max() < 0.11


def test_another_seed_holds_out_others() -> None:
    frame = simulate.audience(1_000, np.random.default_rng(1)).frame
    one, other = (split(frame, 0.2, seed)["treated"] for seed in (1, 2))
    assert 30 <= (~one & ~other).sum() <= 55  # of 200 about a fifth by chance


def test_both_sides_are_alike_in_value() -> None:
    people = simulate.audience(20_000, np.random.default_rng(5))
    found = split(people.frame, 0.1, 9).assign(value=people.frame["value"])
    assert found["stratum"].nunique() == 16
    for _, stratum in found.groupby("segment"):
        bands = [
            side["stratum"].value_counts(normalize=True).sort_index()
            for _, side in stratum.groupby("treated")
        ]
        assert np.abs(bands[0] - bands[1]).max() < 0.01


def test_bad_input() -> None:
    frame = simulate.audience(10, np.random.default_rng(1)).frame
    for share in (0, 1, -0.2, float("nan")):
        with pytest.raises(AnalyticsError, match="between 0% and 100%"):
            split(frame, share, 1)
    with pytest.raises(NotEnoughDataError, match="nobody"):
        split(frame.iloc[:0], 0.2, 1)
    with pytest.raises(AnalyticsError, match="twice"):
        split(pd.concat([frame, frame]), 0.2, 1)
    with pytest.raises(NotEnoughDataError, match="held out"):
        split(frame.iloc[:1], 0.01, 1)


def test_a_hundred_thousand_people_take_less_than_a_second() -> None:
    frame = simulate.audience(100_000, np.random.default_rng(1)).frame.sample(
        frac=1, random_state=1
    )
    start = time.process_time()
    split(frame, 0.2, 1)
    assert time.process_time() - start < 1
