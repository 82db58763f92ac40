"""Features of steps: some by hand, and none knows what comes later."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.propensity.next_features import matrix
from analytics.propensity.next_moments import Steps, steps
from tests.propensity.next_logs import moments


def features(found: Steps) -> pd.DataFrame:
    values, names = matrix(found)
    return pd.DataFrame(values, columns=list(names))


def test_by_hand() -> None:
    found = steps(
        moments(
            [("ann", 0, "view", "tea", "drinks"), ("ann", 2, "view", "cup", "ware"),
             ("ann", 3, "cart", "tea", "drinks"), ("ann", 100, "view", "tea", "drinks"),
             ("ben", 101, "view", "tea", "drinks")]
        )
    )  # fmt: skip
    told = features(found)
    assert [found.actions[kind] for kind in found.kind] == [
        "view", "view", "cart", "leave", "view", "view",
    ]  # fmt: skip
    assert told["view, times"].tolist() == pytest.approx(np.log1p([1, 2, 2, 2, 3, 1]))
    assert told["view, times in visit"].tolist() == pytest.approx(np.log1p([1, 2, 2, 2, 1, 1]))
    assert told["cart, never"].tolist() == [1, 1, 0, 0, 0, 1]
    assert told["cart, seconds since"].tolist() == pytest.approx(
        [0, 0, 0, *np.log1p([1800, 97 * 60]), 0]
    )
    assert told["seconds since 1 back"].tolist() == pytest.approx(
        [0, *np.log1p([120, 60, 1800, 67 * 60]), 0]
    )
    assert told["same product"].tolist() == [0, 0, 0, 0, 1, 0]
    assert told["product met before, times"].tolist() == pytest.approx(np.log1p([0, 0, 1, 0, 2, 0]))
    assert told["product met before, cart"].tolist() == [0, 0, 0, 0, 1, 0]
    assert told["category known"].tolist() == [1, 1, 1, 0, 1, 1]
    assert told["view, cart"].tolist() == [0, 0, 1, 0, 0, 0]
    assert told["view 1 back"].tolist() == [0, 1, 1, 0, 0, 0]
    assert told["hour, sine 1"].iloc[0] == pytest.approx(np.sin(2 * np.pi * 9 / 24))
    assert told["weekend"].sum() == 0  # A Monday.


DONE = st.tuples(
    st.sampled_from(["ann", "ben"]),
    st.integers(0, 300),
    st.sampled_from(["view", "cart", "purchase"]),
    st.sampled_from(["tea", "cup"]),
    st.sampled_from(["drinks", "ware"]),
)


@settings(deadline=None, max_examples=25)
@given(st.lists(DONE, min_size=3, max_size=20, unique=True), st.integers(10, 290))
def test_nothing_is_known_of_what_comes_later(
    done: list[tuple[str, int, str, str, str]], until: int
) -> None:
    """The steps before a moment are told the same with all that came after it."""
    # All kinds occur before, so that the columns are the same.
    kinds = [("zoe", 0, kind, "tea", "drinks") for kind in ("view", "cart", "purchase")]
    early = [each for each in done if each[1] < until]
    less, more = steps(moments([*kinds, *early])), steps(moments([*kinds, *done]))
    short, long = (
        features(found).set_index(
            pd.MultiIndex.from_arrays([found.customers[found.customer], found.at_us, found.kind])
        )
        for found in (less, more)
    )
    end = int(less.at_us.max())
    known = short[less.at_us < end]
    # Of several actions of one moment the later may be of the other log only.
    single = known[~known.index.duplicated(keep=False)]
    same = long[~long.index.duplicated(keep=False)].reindex(single.index)
    pd.testing.assert_frame_equal(single, same, check_dtype=False)
