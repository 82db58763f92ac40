"""Whom to make which offer: equal to trying everything, and better than greed."""

import time
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.campaign import allocate
from analytics.campaign import offers as module
from analytics.errors import AnalyticsError, NotEnoughDataError

OFFERS = ("tea", "cup", "pot")


def frame_of(margins: list[list[float]], costs: list[list[float]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"customer_id": f"c{one}", "offer": offer, "expected_margin": margin, "cost": cost}
            for one, (of_one, paid) in enumerate(zip(margins, costs, strict=True))
            for offer, margin, cost in zip(OFFERS, of_one, paid, strict=False)
        ]
    )


def try_everything(
    frame: pd.DataFrame, budget: float | None, stock: dict[str, int], contacts: int | None
) -> float:
    """The most margin of all choices within the limits."""
    best = 0.0
    people = [part.to_dict("records") for _, part in frame.groupby("customer_id")]
    for choice in product(*([None, *candidates] for candidates in people)):
        made = [one for one in choice if one is not None]
        if budget is not None and sum(one["cost"] for one in made) > budget + 1e-9:
            continue
        if contacts is not None and len(made) > contacts:
            continue
        counts = {offer: sum(one["offer"] == offer for one in made) for offer in stock}
        if any(counts[offer] > most for offer, most in stock.items()):
            continue
        best = max(best, sum(one["expected_margin"] for one in made))
    return best


whole = st.integers(-20, 100).map(float)
paid = st.integers(0, 30).map(float)
cases = st.integers(1, 5).flatmap(
    lambda people: st.tuples(
        st.lists(st.lists(whole, min_size=3, max_size=3), min_size=people, max_size=people),
        st.lists(st.lists(paid, min_size=3, max_size=3), min_size=people, max_size=people),
    )
)


@given(
    cases,
    st.none() | st.integers(0, 60).map(float),
    st.dictionaries(st.sampled_from(OFFERS), st.integers(0, 3)),
    st.none() | st.integers(0, 5),
)
@settings(deadline=None, max_examples=120)
def test_it_equals_trying_everything(
    case: tuple[list[list[float]], list[list[float]]],
    budget: float | None,
    stock: dict[str, int],
    contacts: int | None,
) -> None:
    frame = frame_of(*case)
    found = allocate(frame, budget=budget, stock=stock, contacts=contacts)
    assert found.expected_margin == pytest.approx(try_everything(frame, budget, stock, contacts))
    check_limits(found.chosen, budget, stock, contacts)
    assert found.gap == 0
    assert found.by_offer["customers"].sum() == len(found.chosen)
    assert found.by_offer["expected_margin"].sum() == pytest.approx(found.expected_margin)


def check_limits(
    chosen: pd.DataFrame, budget: float | None, stock: dict[str, int], contacts: int | None
) -> None:
    assert chosen["customer_id"].is_unique
    assert (chosen["expected_margin"] > 0).all()
    assert budget is None or chosen["cost"].sum() <= budget + 1e-6
    assert contacts is None or len(chosen) <= contacts
    counts = chosen["offer"].value_counts()
    assert all(counts.get(offer, 0) <= most for offer, most in stock.items())


def generated(people: int, seed: int) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Offers whose takers are not those whom they move: propensity says little of the margin."""
    rng = np.random.default_rng(seed)
    propensity = rng.beta(2, 5, 3 * people)
    margin = rng.lognormal(1, 0.8, 3 * people) * (1.2 - propensity) - 1
    frame = pd.DataFrame(
        {
            "customer_id": np.repeat([f"c{number:06d}" for number in range(people)], 3),
            "offer": np.tile(OFFERS, people),
            "expected_margin": margin,
            "cost": np.tile([0.5, 1.0, 2.0], people) * rng.uniform(0.5, 1.5, 3 * people),
            "propensity": propensity,
        }
    )
    limits = {
        "budget": 0.35 * people, "stock": {"tea": people // 5, "pot": people // 10},
        "contacts": int(0.4 * people),
    }  # fmt: skip
    return frame, limits


@pytest.mark.parametrize("seed", range(20))
def test_it_beats_highest_propensity_first(seed: int) -> None:
    frame, limits = generated(150, seed)
    found = allocate(frame, **limits)
    check_limits(found.chosen, **limits)
    # Taking the best margin first is greedy, too, and no better than the choice.
    greedy = allocate(frame.drop(columns="propensity"), **limits).naive_expected_margin
    assert found.expected_margin >= greedy > found.naive_expected_margin
    assert found.expected_margin > 1.5 * found.naive_expected_margin
    assert found.expected_margin <= found.bound + 1e-9
    assert f"{found.naive_expected_margin:,.2f}" in found.sentence


def test_at_scale_the_gap_is_small_and_true(monkeypatch: pytest.MonkeyPatch) -> None:
    frame, limits = generated(600, 3)
    exact = allocate(frame, **limits)
    monkeypatch.setattr(module, "MOST_EXACT", 0)
    relaxed = allocate(frame, **limits)
    check_limits(relaxed.chosen, **limits)
    assert relaxed.expected_margin <= exact.expected_margin + 1e-9 <= relaxed.bound + 1e-6
    assert 0 <= relaxed.gap < 0.003


@given(cases, st.integers(0, 60).map(float), st.integers(0, 5))
@settings(deadline=None, max_examples=60)
def test_the_relaxation_keeps_the_limits(
    case: tuple[list[list[float]], list[list[float]]], budget: float, contacts: int
) -> None:
    frame = frame_of(*case)
    before = module.MOST_EXACT
    module.MOST_EXACT = 0
    try:
        found = allocate(frame, budget=budget, stock={"tea": 1}, contacts=contacts)
    finally:
        module.MOST_EXACT = before
    check_limits(found.chosen, budget, {"tea": 1}, contacts)
    best = try_everything(frame, budget, {"tea": 1}, contacts)
    assert found.expected_margin <= best + 1e-9 <= found.bound + 1e-6


def test_without_limits_everybody_gets_the_best() -> None:
    frame = frame_of([[1, 2, 3], [5, -1, 0], [-1, -2, -3]], [[9, 9, 9]] * 3)
    found = allocate(frame)
    assert found.chosen[["customer_id", "offer"]].to_numpy().tolist() == [
        ["c0", "pot"], ["c1", "tea"],
    ]  # fmt: skip
    assert (found.expected_margin, found.cost, found.gap) == (8, 18, 0)


def test_nothing_is_worth_an_offer() -> None:
    found = allocate(frame_of([[-1, -2, -3]], [[1, 1, 1]]), budget=5)
    assert found.chosen.empty
    assert "No offer is worth making" in found.sentence
    none = allocate(frame_of([[1, 2, 3]], [[1, 1, 1]]), budget=0)
    assert none.chosen.empty
    assert none.sentence == "Within these limits no offer can be made."
    assert "nan" not in none.sentence.lower()


@pytest.mark.parametrize(
    ("change", "limits", "said"),
    [
        ({}, {"budget": -1}, "“budget” is negative"),
        ({}, {"budget": float("nan")}, "“budget” is negative or no number"),
        ({}, {"contacts": -1}, "“number of contacts” is negative"),
        ({}, {"stock": {"tea": -1}}, "“tea” is negative"),
        ({}, {"stock": {"rum": 1}}, "no offer “rum”"),
        ({"cost": -1.0}, {}, "cost is negative"),
        ({"expected_margin": float("nan")}, {}, "missing or infinite"),
        ({"cost": float("inf")}, {}, "missing or infinite"),
        ({"offer": "tea"}, {}, "twice"),
    ],
)
def test_what_makes_no_sense_is_refused(
    change: dict[str, Any], limits: dict[str, Any], said: str
) -> None:
    frame = frame_of([[1, 2, 3]], [[1, 1, 1]]).assign(**change)
    with pytest.raises(AnalyticsError, match=said):
        allocate(frame, **limits)


def test_a_column_or_all_rows_are_missing() -> None:
    frame = frame_of([[1, 2, 3]], [[1, 1, 1]])
    with pytest.raises(AnalyticsError, match="no column “cost”"):
        allocate(frame.drop(columns="cost"))
    with pytest.raises(NotEnoughDataError, match="no offer"):
        allocate(frame.iloc[:0])


def test_twenty_thousand_customers_take_seconds() -> None:
    frame, limits = generated(20_000, 1)
    start = time.process_time()
    found = allocate(frame, **limits)
    assert time.process_time() - start < 10
    assert found.gap < 1e-4
    check_limits(found.chosen, **limits)
