"""Rules by hand, beside a brute-force count of every set, and of data that is not as it should."""

from collections.abc import Callable
from itertools import combinations
from math import comb, inf, isnan, log2

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics import basket
from analytics.basket import count
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store

TEN = ["ab", "ab", "ab", "ac", "a", "b", "c", "c", "cd", "d"]
"""Ten baskets: a in 5, b in 4, c in 4, d in 2; a with b in 3, a with c in 1, c with d in 1."""


def frame(baskets: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        [(place, item) for place, items in enumerate(baskets) for item in items],
        columns=["basket_id", "item"],
    )


def rule(rules: pd.DataFrame, before: tuple[str, ...], after: str) -> pd.Series:
    found = rules[(rules["antecedent"] == before) & (rules["consequent"] == after)]
    assert len(found) == 1
    return found.iloc[0]


def test_a_rule_by_hand() -> None:
    rules = basket.rules(frame(TEN), 0.1, 0.0)
    found = rule(rules, ("a",), "b")
    assert found["count"] == 3
    assert (found["antecedent_count"], found["consequent_count"]) == (5, 4)
    assert found["support"] == pytest.approx(0.3)
    assert found["confidence"] == pytest.approx(0.6)
    assert found["lift"] == pytest.approx(1.5)
    assert found["leverage"] == pytest.approx(0.3 - 0.5 * 0.4)
    assert found["conviction"] == pytest.approx(0.6 / 0.4)
    assert found["usefulness"] == pytest.approx(0.6 * log2(1.5))
    # Of the 210 ways to place b's four baskets, 5!/(3!2!) × 5 + 5 hold a three times or more.
    assert found["p_value"] == pytest.approx((10 * 5 + 5) / 210)
    assert len(rules) == 6
    assert isnan(rule(rules, ("c",), "d")["usefulness"])


def test_the_family_is_every_rule_that_could_be_made() -> None:
    rules = basket.rules(frame(TEN), 0.1, 0.0)
    best = rules["p_value"].min()
    # Four items make 12 rules of two; both directions of the best pair have its p-value.
    first_two = rules[rules["p_value"] == best]
    assert len(first_two) == 2
    assert first_two["q_value"].tolist() == pytest.approx([min(1.0, best * 12 / 2)] * 2)
    kept = basket.rules(frame(TEN), 0.1, 0.55)
    again = rule(kept, ("a",), "b")["q_value"]
    assert again == rule(rules, ("a",), "b")["q_value"]


def test_conviction_of_a_certain_rule_has_no_bound() -> None:
    rules = basket.rules(frame(["ab", "ab", "b", "c"]), 0.1, 0.0)
    assert rule(rules, ("a",), "b")["conviction"] == inf


def reference(baskets: list[frozenset[str]], least: int, least_confidence: float, size: int) -> set:
    """Every rule, by counting all subsets."""
    items = sorted(set().union(*baskets))
    holding = {
        frozenset(each): sum(set(each) <= held for held in baskets)
        for many in range(1, size + 1)
        for each in combinations(items, many)
    }
    return {
        (tuple(sorted(each - {after})), after, many, holding[each - {after}])
        for each, many in holding.items()
        if len(each) >= 2 and many >= least
        for after in each
        if many >= least_confidence * holding[each - {after}] - 1e-9
    }


BASKETS = st.lists(st.frozensets(st.sampled_from("abcdef"), min_size=1), min_size=2, max_size=25)


@settings(deadline=None, max_examples=40)
@given(BASKETS, st.integers(1, 4), st.sampled_from([0.0, 0.3, 0.5, 1.0]), st.integers(2, 5))
def test_rules_are_those_of_a_count_of_every_set(
    baskets: list[frozenset[str]], least: int, least_confidence: float, size: int
) -> None:
    if max(map(len, baskets)) < 2:
        return
    least = min(least, len(baskets))
    table = frame(["".join(sorted(held)) for held in baskets])
    rules = basket.rules(table, least / len(baskets), least_confidence, size)
    found = {
        (each.antecedent, each.consequent, each.count_, each.antecedent_count)
        for each in rules.rename(columns={"count": "count_"}).itertuples()
    }
    assert found == reference(baskets, least, least_confidence, size)
    assert rules["q_value"].between(0, 1).all()
    assert (rules["q_value"] >= rules["p_value"] - 1e-12).all()


@settings(deadline=None, max_examples=20)
@given(BASKETS, st.randoms(use_true_random=False))
def test_order_and_repeated_lines_make_no_difference(
    baskets: list[frozenset[str]], random: object
) -> None:
    if max(map(len, baskets)) < 2:
        return
    table = frame(["".join(sorted(held)) for held in baskets])
    twice = pd.concat([table, table.head(5)])
    mixed = twice.sample(frac=1, random_state=random.randrange(1000))  # type: ignore[attr-defined]
    pd.testing.assert_frame_equal(
        basket.rules(table, 0.01, 0.0), basket.rules(mixed, 0.01, 0.0), check_exact=True
    )


def test_p_values_are_those_of_fishers_exact_test() -> None:
    rng = np.random.default_rng(5)
    table = frame(["".join(item for item in "abcde" if rng.random() < 0.4) for _ in range(80)])
    for each in basket.rules(table, 0.05, 0.0, 2).itertuples():
        n = table["basket_id"].nunique()
        k, a, c = each[6], each.antecedent_count, each.consequent_count
        other = [[k, a - k], [c - k, n - a - c + k]]
        expected = stats.fisher_exact(other, alternative="greater").pvalue
        assert each.p_value == pytest.approx(expected)


def test_longest_rules_come_from_extended_pairs() -> None:
    rules = basket.rules(frame(["abcdef"] * 3 + ["a"]), 0.5, 0.0, 10)
    assert len(rules) == sum(size * comb(6, size) for size in range(2, 7))


def test_an_item_that_adds_nothing_to_a_rule_is_told() -> None:
    """b follows a; z is anywhere; c comes only with a and b together."""
    rng = np.random.default_rng(3)
    table = ["ab" if place % 2 else "de" for place in range(400)]
    table += ["ac", "bc", "a", "b"] * 50 + ["fgh"] * 30 + ["f", "g", "h"] * 60
    with_z = frame([items + ("z" if rng.random() < 0.3 else "") for items in table])
    rules = basket.rules(with_z, min_count=5, min_confidence=0.0)
    assert rule(rules, ("a", "z"), "b")["adds_p_value"] > 0.05
    assert rule(rules, ("f", "g"), "h")["adds_p_value"] < 1e-6
    # 90 baskets hold f, 30 of them g, 30 h, 30 both: one way in many to place them so.
    expected = 1 / comb(90, 30)
    assert rule(rules, ("f", "g"), "h")["adds_p_value"] == pytest.approx(expected)
    assert isnan(rule(rules, ("a",), "b")["adds_p_value"])


@pytest.mark.parametrize("ids", [[17.0, 18.0], ["17.0", "18.0"], [17, 18], ["17", "18"]])
def test_numbers_that_a_program_gave_decimals_are_the_same_items(ids: list[object]) -> None:
    table = pd.DataFrame({"basket_id": [1.0, 1.0, 2.0, 2.0], "item": ids * 2})
    rules = basket.rules(table, 0.5)
    assert set(rules["consequent"]) == {"17", "18"}


def test_missing_items_and_baskets_are_left_out() -> None:
    table = pd.DataFrame({"basket_id": ["x", "x", "x", None], "item": ["a", "b", None, "c"]})
    assert basket.rules(table, 0.5)["support"].tolist() == [1.0, 1.0]


def test_products_and_categories_of_a_shop(fill: Callable[..., Store]) -> None:
    products = "product_id,name,category\na,Ale,drink\nb,Bun,food\nc,Cola,drink\n"
    shop = fill([(0, "x", "ab"), (1, "y", "ac"), (2, None, "abc"), (3, "x", "c")], None, products)
    found = rule(basket.rules(shop, 0.5, 0.0), ("a",), "b")
    assert (found["count"], found["support"]) == (2, 0.5)
    by_category = rule(basket.rules(shop, 0.5, 0.0, by="category"), ("drink",), "food")
    assert (by_category["count"], by_category["antecedent_count"]) == (2, 4)


SENTENCES = [
    (frame(["a", "b", "a"]), "Every order holds only one product"),
    (frame(["a", "a", "a"]), "All orders hold the same product, “a”."),
    (frame([]), "No order says which product was bought."),
    (pd.DataFrame({"basket_id": [1]}), "The table has no column “item”."),
]


@pytest.mark.parametrize(("table", "sentence"), SENTENCES)
def test_what_cannot_go_together_is_said(table: pd.DataFrame, sentence: str) -> None:
    with pytest.raises(AnalyticsError, match=sentence):
        basket.rules(table)


def test_a_shop_without_products_is_told_what_to_map(
    store: Store, write: Callable[..., object]
) -> None:
    from analytics.store import load

    path = write("orders.csv", "order_id,customer_id,ordered_at,amount\n1,a,2024-01-01,5\n")
    load(store, path)
    with pytest.raises(NotEnoughDataError, match="Map the product column"):
        basket.rules(store)


@pytest.mark.parametrize(
    "wrong",
    [
        {"min_support": 0.0},
        {"min_support": 1.5},
        {"min_confidence": -0.1},
        {"max_items": 1},
        {"max_items": 11},
        {"by": "brand"},
    ],
)
def test_arguments_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(AnalyticsError):
        basket.rules(frame(TEN), **wrong)  # type: ignore[arg-type]


def test_ten_thousand_products_in_one_basket() -> None:
    whole = pd.DataFrame({"basket_id": 0, "item": [f"p{n}" for n in range(10_000)]})
    others = pd.DataFrame({"basket_id": [1, 1, 2, 2], "item": ["p1", "p2"] * 2})
    table = pd.concat([whole, others])
    with pytest.raises(AnalyticsError, match="alone holds 10,000 different products"):
        basket.rules(table, 0.3)
    assert len(basket.rules(table, 0.6)) == 2
    assert basket.rules(table, 0.3, largest_basket=100)["support"].tolist() == [1.0, 1.0]


def test_too_much_work_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    table = frame(["abcdefgh"] * 4)
    monkeypatch.setattr(count, "MOST_CANDIDATES", 10)
    with pytest.raises(AnalyticsError, match="too many sets of 3 products"):
        basket.rules(table, 0.5)
    monkeypatch.undo()
    monkeypatch.setattr(count, "MOST_LOOKS", 10)
    with pytest.raises(AnalyticsError, match="more than this machine can count"):
        basket.rules(table, 0.5)
    assert len(basket.rules(table, 0.5, max_items=2)) == 56
