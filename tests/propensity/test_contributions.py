"""Reasons add up to the log-odds, of every method and every customer."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.propensity import contributions
from analytics.propensity.features import BY_NAME, Encoder
from analytics.propensity.models import METHODS, Platt, score


def rows_of(seed: int, count: int = 400) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    recency = rng.exponential(40, count)
    recency[::7] = np.nan
    orders = rng.poisson(3, count).astype(float)
    log_odds = 1.2 * np.log1p(orders) - 0.03 * np.nan_to_num(recency, nan=60.0) - 0.5
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{n}" for n in range(count)],
            "recency_days": recency,
            "orders": orders,
            "gender": rng.choice(["f", "m"], count),
        }
    )
    return frame, (rng.random(count) < 1 / (1 + np.exp(-log_odds))).astype(float)


FEATURES = [BY_NAME[name] for name in ("recency_days", "orders", "gender")]


@pytest.mark.parametrize("name", METHODS)
def test_parts_add_up_to_the_log_odds(name: str) -> None:
    rows, did = rows_of(0)
    encoder = Encoder.learn(rows, FEATURES)
    matrix = encoder.matrix(rows)
    model = METHODS[name].learn(matrix, did, METHODS[name].grid[0])
    platt = Platt.learn(score(model, matrix), did)
    begin, parts = contributions.parts(name, model, platt, matrix, matrix)
    expected = platt.log_odds(score(model, matrix))
    assert begin + parts.sum(axis=1) == pytest.approx(expected, abs=1e-6)
    names, grouped = contributions.by_feature(encoder.columns, parts)
    assert names == ["recency_days", "orders", "gender"]
    assert grouped.sum(axis=1) == pytest.approx(parts.sum(axis=1))
    # What decides is told to decide, what does not is not.
    weight = np.abs(grouped).mean(axis=0)
    assert weight[names.index("gender")] < min(weight[:2])


def test_linear_parts_by_hand() -> None:
    # Log-odds 2 x - 1 stretched by 3: from the mean 0.5 to 1 the customer gains 3 * 2 * 0.5.
    class Line:
        coef_, intercept_ = np.array([[2.0]]), np.array([-1.0])

    begin, parts = contributions.parts(
        "logistic", Line(), Platt(0.0, 3.0), np.array([[1.0]]), np.array([[0.0], [1.0]])
    )
    assert (begin, parts.tolist()) == (0.0, [[3.0]])


@given(st.integers(1, 4), st.integers(1, 6), st.integers(0, 2**31))
@settings(deadline=None, max_examples=30)
def test_what_is_named_and_the_rest_add_up(first: int, features: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = ["orders", "revenue", "items", "products", "categories", "events_7_days"][:features]
    parts = rng.normal(size=(3, features))
    rows = pd.DataFrame({"customer_id": ["a", "b", "c"]} | {name: rng.random(3) for name in names})
    found = contributions.longest(rows, -1.0, names, parts, first)
    for place, who in enumerate(["a", "b", "c"]):
        own = found[found["customer_id"] == who]
        assert own["log_odds"].sum() == pytest.approx(-1 + parts[place].sum())
        named = own["log_odds"].abs().to_numpy()[1:-1]
        assert (np.diff(named) <= 1e-12).all()
        assert len(own) == 2 + min(first, features)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("orders", 1.0, "1 order"),
        ("orders", 1200.0, "1,200 orders"),
        ("mean_gap_days", 12.34, "12.3 days"),
        ("revenue", 12.5, "12.50"),
        ("discount_order_share", 0.25, "25%"),
        ("cart_without_purchase", 1.0, "yes"),
        ("recency_days", float("nan"), "unknown"),
    ],
)
def test_values_in_words(name: str, value: float, words: str) -> None:
    assert contributions.say(BY_NAME[name], value) == words
