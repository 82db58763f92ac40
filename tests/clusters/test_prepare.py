"""Features become comparable, and nothing is filled, capped or left out in silence."""

import numpy as np
import pandas as pd
import pytest

from analytics.clusters.prepare import CAP, learn
from analytics.errors import AnalyticsError, NotEnoughDataError


def test_by_hand() -> None:
    """Even ages stay as they are; skewed money becomes log(1 + money); a gap takes the median."""
    frame = pd.DataFrame({"age": [20.0, 30, np.nan, 50, 60], "money": [0.0, 1, 3, 7, 1023]})
    preparation, matrix = learn(frame, ["age", "money"])
    ages = np.array([20, 30, 40, 50, 60])
    logs = np.log([1.0, 2, 4, 8, 1024])
    assert matrix[:, 0] == pytest.approx((ages - 40) / np.sqrt(200))
    assert matrix[:, 1] == pytest.approx((logs - logs.mean()) / logs.std())
    notes = preparation.notes.set_index("feature")
    assert notes["missing"].to_dict() == {"age": 1, "money": 0}
    assert notes.loc["age", "filled_with"] == 40
    assert notes["logged"].to_dict() == {"age": False, "money": True}


def test_others_are_prepared_as_those_it_was_learnt_on() -> None:
    frame = pd.DataFrame({"a": [0.0, 2, 4], "b": [1.0, 3, 2]})
    preparation, _ = learn(frame, ["a", "b"])
    other = preparation.apply(pd.DataFrame({"a": [2.0, np.nan], "b": [2.0, 2]}))
    assert other == pytest.approx(np.zeros((2, 2)))


def test_extremes_are_capped_and_counted() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=2_000)
    values[:3] = 50.0
    preparation, matrix = learn(pd.DataFrame({"a": -values, "b": rng.normal(size=2_000)}), "ab")
    assert preparation.notes.set_index("feature").loc["a", "capped"] == 3
    assert matrix[:3, 0] == pytest.approx([-CAP] * 3)
    assert np.abs(matrix).max() == CAP


def test_what_says_nothing_is_left_out_and_said() -> None:
    frame = pd.DataFrame(
        {
            "a": [1.0, 2, 3, 4], "b": [4.0, 1, 3, 2], "same": [7.0] * 4,
            "unknown": [np.nan, np.nan, np.nan, 1.0],
        }
    )  # fmt: skip
    preparation, matrix = learn(frame, ["a", "b", "same", "unknown"])
    assert preparation.features == ("a", "b")
    assert matrix.shape == (4, 2)
    assert preparation.notes["left_out"].tolist() == [
        "", "", "the same for all customers", "unknown for most customers",
    ]  # fmt: skip


def test_a_returning_customer_may_have_cost_more_than_they_brought() -> None:
    """Negative revenue keeps its sign under the logarithm: sign(x) × log(1 + |x|)."""
    money = np.array([-3.0, 0, 1, 3, 7, 15, 31, 20_000])
    _, matrix = learn(pd.DataFrame({"money": money, "b": range(8)}), ["money", "b"])
    logs = np.sign(money) * np.log1p(np.abs(money))
    assert matrix[:, 0] == pytest.approx((logs - logs.mean()) / logs.std())


def test_errors_say_what_to_do() -> None:
    frame = pd.DataFrame({"a": [1.0, 2, 3], "b": [5.0, 5, 5]})
    with pytest.raises(NotEnoughDataError, match="Fewer than two"):
        learn(frame, ["a", "b"])
    with pytest.raises(AnalyticsError, match="no feature “c”"):
        learn(frame, ["a", "c"])
