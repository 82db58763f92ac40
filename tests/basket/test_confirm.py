"""Rules on later weeks: what holds by hand, planted bundles found, nothing in a shuffled shop."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest

from analytics import basket
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store

BUNDLES = [
    ("Harbour Pour-over Kit", "Harbour Filter Coffee"),
    ("Meadow Seed Mix", "Meadow Plant Pot"),
    ("Classic Notebook", "Classic Fountain Pen"),
    ("Classic Notebook", "Classic Letter Paper"),
    ("Classic Fountain Pen", "Classic Letter Paper"),
]
"""The pairs that the sample shop's truth says go together."""


def sets(rules: pd.DataFrame) -> list[frozenset[str]]:
    return [
        frozenset((*before, after))
        for before, after in zip(rules["antecedent"], rules["consequent"], strict=True)
    ]


def test_what_held_before_and_after_is_confirmed_and_what_held_only_before_is_not(
    fill: Callable[..., Store],
) -> None:
    early, late = range(60), range(60, 100)
    orders = [(day, None, "ab" if day % 2 else "cd") for day in early]
    orders += [(day, None, "e") for day in early]
    orders += [(day, None, ["ab", "c", "d", "e"][day % 4]) for day in late]
    shop = fill(orders)
    rules = basket.rules(shop, 0.05, 0.2)
    judged = basket.confirm(shop, rules, share=0.6)
    assert judged.split_day == date(2024, 3, 1)
    assert (judged.earlier_baskets, judged.later_baskets) == (120, 40)
    confirmed = judged.rules[judged.rules["confirmed"]]
    assert set(sets(confirmed)) == {frozenset("ab")}
    assert confirmed["later_count"].tolist() == [10, 10]
    refuted = judged.rules[~judged.rules["confirmed"]]
    assert set(sets(refuted)) == {frozenset("cd")}
    assert refuted["later_count"].tolist() == [0, 0]
    assert (refuted["earlier_q_value"] <= 0.05).all()
    assert judged.sentence == (
        "2 of 4 rules hold: they show in the 120 orders before 1 March 2024 and again in the 40 "
        "since."
    )


def test_the_later_part_is_so_many_weeks(fill: Callable[..., Store]) -> None:
    shop = fill([(day, None, "ab") for day in range(70)])
    judged = basket.confirm(shop, basket.rules(shop), weeks=3)
    assert judged.later_baskets == 21


@pytest.mark.parametrize("wrong", [{"share": 0.0}, {"share": 1.0}, {"weeks": 0}])
def test_parts_that_make_no_sense_are_refused(
    fill: Callable[..., Store], wrong: dict[str, float]
) -> None:
    shop = fill([(day, None, "ab") for day in range(10)])
    with pytest.raises(AnalyticsError):
        basket.confirm(shop, basket.rules(shop), **wrong)  # type: ignore[arg-type]


def test_one_day_cannot_be_parted(fill: Callable[..., Store]) -> None:
    shop = fill([(0, None, "ab")] * 9)
    with pytest.raises(NotEnoughDataError, match="wait for more orders"):
        basket.confirm(shop, basket.rules(shop))


def test_the_planted_bundles_are_the_top_rules_and_hold(
    sample_shop: Store, number_of: dict[str, str]
) -> None:
    rules = basket.rules(sample_shop, max_items=2)
    judged = basket.confirm(sample_shop, rules)
    planted = {frozenset(number_of[name] for name in pair) for pair in BUNDLES}
    top = judged.rules.head(2 * len(planted))
    assert set(sets(top)) == planted
    assert top["confirmed"].all()


def test_the_planted_bundles_have_the_lift_and_confidence_of_the_truth(
    sample_shop: Store, number_of: dict[str, str]
) -> None:
    rules = basket.rules(sample_shop, max_items=3)
    kit = rules[
        (rules["antecedent"] == (number_of["Harbour Pour-over Kit"],))
        & (rules["consequent"] == number_of["Harbour Filter Coffee"])
    ].iloc[0]
    # The truth counts all orders, this the ones that were paid.
    assert kit["lift"] == pytest.approx(19.1, rel=0.02)
    assert kit["confidence"] == pytest.approx(0.77, abs=0.01)
    three = [number_of[f"Classic {name}"] for name in ("Notebook", "Fountain Pen", "Letter Paper")]
    assert sets(rules)[:3] == [frozenset(three)] * 3


def test_a_shuffled_shop_confirms_nothing(sample_shop: Store, fill: Callable[..., Store]) -> None:
    lines = sample_shop.query(
        "basket_lines", by="product_id", from_day=None, until_day=date(2026, 9, 1)
    ).sort_values(["basket_id", "item"], ignore_index=True)
    rng = np.random.default_rng(20260901)
    lines = lines[lines["basket_id"] < "R08000"]
    shuffled = lines.assign(item=rng.permutation(lines["item"].to_numpy()))
    first = lines["day"].min()
    orders = [
        ((group["day"].iloc[0] - first).days, None, sorted(set(group["item"])))
        for _, group in shuffled.groupby("basket_id", sort=True)
    ]
    shop = fill(orders)
    rules = basket.rules(shop, None, 0.0, min_count=3)
    assert len(rules) > 5_000
    assert basket.confirm(shop, rules).confirmed == 0


def test_luck_is_confirmed_in_at_most_one_shop_of_twenty(fill: Callable[..., Store]) -> None:
    rng = np.random.default_rng(7)
    orders = [
        (day, None, [f"p{item}" for item in np.flatnonzero(rng.random(30) < 0.12)])
        for day in range(400)
        for _ in range(3)
    ]
    shop = fill(orders)
    tried, wrong = 20, 0
    for start in range(tried):
        rules = basket.rules(shop, min_count=3, min_confidence=0.0, max_items=2)
        judged = basket.confirm(shop, rules, share=0.3 + 0.02 * start)
        wrong += judged.confirmed > 0
    assert wrong <= 1
