"""How wide intervals must be, by hand and where the truth is known."""

import numpy as np
import pandas as pd
import pytest

from analytics.forecast import widths as module
from analytics.forecast.arma import Floats

NORMAL = np.array([1.2816, 1.9600])
"""So many standard deviations hold 80% and 95% of normal errors."""
WIDER = np.array([1.3, 1.45])


def past(errors: "np.typing.NDArray[np.float64]", spread: float = 1.0) -> pd.DataFrame:
    """Errors as a row an origin and step, shape (origins, steps)."""
    origins, steps = errors.shape
    return pd.DataFrame(
        {
            "origin": np.repeat(np.arange(origins), steps),
            "step": np.tile(np.arange(1, steps + 1), origins),
            "actual": 100 + errors.ravel(),
            "mean": 100.0,
            "spread": spread,
        }
    )


def widths(pasts: dict[str, pd.DataFrame], horizon: int) -> dict[str, Floats]:
    """The widths of several series, each with a past of its own."""
    told = pd.concat([one.assign(series=name) for name, one in pasts.items()])
    return module.widths(told, list(pasts), horizon)


def test_without_a_past_models_are_taken_to_be_too_sure() -> None:
    empty = past(np.empty((0, 2)))
    found = widths({"tea": empty}, 2)
    assert found["tea"] == pytest.approx(np.tile(WIDER * NORMAL, (2, 1)), abs=1e-3)


def test_one_error_by_hand() -> None:
    # One origin of one step, missed by 2: its quantiles are 2, and so is its own size. Trust is
    # half of 1 / (1 + 2), so a sixth of the way from the widened normal's.
    found = widths({"tea": past(np.array([[2.0]]))}, 1)["tea"][0]
    assert found == pytest.approx(WIDER * NORMAL * 5 / 6 + 2 / 6, abs=1e-3)


def test_the_later_half_of_the_origins_counts() -> None:
    errors = np.ones((4, 3))
    errors[:2] = 50.0
    assert widths({"a": past(errors)}, 3)["a"] == pytest.approx(
        widths({"a": past(errors[2:].repeat(2, axis=0))}, 3)["a"]
    )


def test_a_series_missed_by_more_than_others_is_wider() -> None:
    rng = np.random.default_rng(0)
    pasts = {str(place): past(rng.normal(size=(6, 4))) for place in range(40)}
    pasts["wild"] = past(4 * rng.normal(size=(6, 4)))
    found = widths(pasts, 4)
    assert (found["wild"] > 1.3 * found["7"]).all()


@pytest.mark.parametrize("size", [0.7, 1.0, 1.6])
def test_intervals_hold_whether_models_were_too_sure_or_not(size: float) -> None:
    rng = np.random.default_rng(1)
    pasts = {str(place): past(size * rng.normal(size=(6, 8))) for place in range(200)}
    found = widths(pasts, 8)
    coming = np.abs(size * rng.normal(size=(200, 8)))
    wide = np.array([found[str(place)] for place in range(200)])
    held = (coming[:, :, None] <= wide).mean(axis=(0, 1))
    # Halfway between the model's, widened, and what the errors say.
    halfway = (WIDER + size) / 2 / size * NORMAL
    expected = [(np.abs(rng.normal(size=200_000)) <= one).mean() for one in halfway]
    assert held == pytest.approx(expected, abs=0.025)
