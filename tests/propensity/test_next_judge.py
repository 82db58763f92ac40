"""Measures of foretold actions, by hand."""

import numpy as np
import pytest

from analytics.propensity import next_judge
from analytics.propensity.next_judge import Judged, measures

ACTIONS = ("view", "buy", "leave")
FOLLOWS = np.array([0, 0, 1, 0])
CHANCES = np.array([[0.7, 0.2, 0.1], [0.3, 0.6, 0.1], [0.4, 0.5, 0.1], [0.5, 0.3, 0.2]])


def test_by_hand() -> None:
    panel = Judged.make(ACTIONS, np.array([3, 3, 8, 8]), FOLLOWS)
    row = measures(panel, {"a": CHANCES}).iloc[0]
    assert row["log_loss"] == pytest.approx(-np.log([0.7, 0.3, 0.5, 0.5]).mean())
    # Named: view, buy, buy, view. View: 2 of 3 named, all named right; buy: 1 of 1, one too many.
    assert row["recall_view"] == pytest.approx(2 / 3)
    assert row["recall_buy"] == pytest.approx(1)
    assert row["macro_f1"] == pytest.approx((2 * 2 / (3 + 2) + 2 * 1 / (1 + 2)) / 2)
    assert row["accuracy"] == pytest.approx(3 / 4)
    # Buy: .5 against .2, .6 and .3; the likeliest one (.6) was none.
    assert row["auc_buy"] == pytest.approx(2 / 3)
    assert row["found_buy"] == 0
    # The three likeliest views are .7, .5 and .4: two were.
    assert row["found_view"] == pytest.approx(2 / 3)
    assert "recall_leave" not in row.index  # It never came.
    assert np.isnan(row["log_loss_lo"])  # Of two customers nothing can be told of others.
    assert list(row.index)[-3:] == ["accuracy", "accuracy_lo", "accuracy_hi"]


def test_equal_chances_share_the_last_places() -> None:
    chances = np.tile([0.6, 0.3, 0.1], (4, 1))
    panel = Judged.make(ACTIONS, np.arange(4), FOLLOWS)
    row = measures(panel, {"a": chances}).iloc[0]
    assert row["auc_buy"] == pytest.approx(0.5)
    assert row["found_buy"] == pytest.approx(1 / 4)


def test_ranges_lie_around_the_figures() -> None:
    """Also where many customers differ and the action is rare."""
    rng = np.random.default_rng(2)
    customer = np.repeat(np.arange(150), 20)
    tilt = np.repeat(rng.normal(size=150), 20)
    chance = 1 / (1 + np.exp(4 - tilt))
    follows = (rng.random(3_000) < chance).astype(np.int64)
    chances = np.column_stack([1 - chance, chance, np.zeros(3_000)])
    row = measures(Judged.make(ACTIONS, customer, follows), {"a": chances}).iloc[0]
    for name in ("auc_buy", "found_buy", "log_loss", "accuracy"):
        assert row[f"{name}_lo"] < row[name] < row[f"{name}_hi"]
        assert row[f"{name}_hi"] - row[f"{name}_lo"] < 0.35


def test_customers_are_drawn_with_all_their_steps() -> None:
    """Forty steps of one kind each customer: the interval is that of the mean of 20 customers."""
    rng = np.random.default_rng(0)
    right = rng.random(20) < 0.5
    customer = np.repeat(np.arange(20), 40)
    follows = np.repeat(np.where(right, 0, 1), 40)
    chances = np.tile([0.9, 0.05, 0.05], (800, 1))
    row = measures(Judged.make(ACTIONS, customer, follows), {"a": chances}).iloc[0]
    half = 1.96 * np.sqrt(right.mean() * (1 - right.mean()) / 20)
    assert row["accuracy"] == pytest.approx(right.mean())
    assert row["accuracy_hi"] - row["accuracy_lo"] == pytest.approx(2 * half, rel=0.2)


def of(better: float, customers: int) -> tuple[Judged, np.ndarray, np.ndarray]:
    """A model that gives every other customer's step so much more than a half, and the rule."""
    rng = np.random.default_rng(1)
    follows = rng.integers(0, 2, customers)
    model = np.full((customers, 3), 0.001)
    model[np.arange(customers), follows] = 0.5 + better
    model[np.arange(customers), 1 - follows] = 0.499 - better
    rule = np.tile([0.4995, 0.4995, 0.001], (customers, 1))
    return Judged.make(ACTIONS, np.arange(customers), follows), model, rule


@pytest.mark.parametrize(
    ("better", "customers", "winner", "words"),
    [
        (0.2, 50, "model", "so the model is used"),
        (-0.2, 50, "rule", "so the rule is used"),
        (0.2, 5, "neither", "too few customers to be sure"),
    ],
)
def test_only_a_clear_lead_wins(better: float, customers: int, winner: str, words: str) -> None:
    panel, model, rule = of(better, customers)
    found = next_judge.verdict(panel, model, rule, of_model="the net", of_rule="the chain")
    assert found.winner == winner
    assert words in found.sentence
    assert found.model_score == pytest.approx(np.log(0.5 + better))
    assert f"the net gave a chance of {0.5 + better:.1%}" in found.sentence
