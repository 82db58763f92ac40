"""Chains of actions, counted by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.propensity.next_chain import LEAN, Chain, contexts
from analytics.propensity.next_moments import steps
from tests.propensity.next_logs import moments

V, C, B, LEAVE = range(4)


def test_counts_and_back_off_are_those_of_the_formula() -> None:
    """view view cart view cart buy, then silence: seven steps, the last tells nothing."""
    names = ["view", "view", "cart", "view", "cart", "purchase"]
    log = [("ann", place, name) for place, name in enumerate(names)]
    found = steps(moments([*log, ("zoe", 500, "view")]))
    taught = found.follows >= 0
    assert taught.sum() == 6
    chain = Chain.learn(found, taught, 2)
    # What followed: view cart view cart buy leave: 2, 2, 1, 1, each once more, of 10.
    np.testing.assert_allclose(chain.shares, [0.3, 0.3, 0.2, 0.2])
    one, two = chain.seen
    assert one.tolist() == [V + 1, C + 1, B + 1]
    np.testing.assert_array_equal(chain.counts[0], [[1, 2, 0, 0], [1, 0, 1, 0], [0, 0, 0, 1]])
    assert two.tolist() == sorted(
        own + 1 + 5 * before for before, own in [(0, V), (V + 1, V), (V + 1, C), (C + 1, V),
                                                 (C + 1, B)]
    )  # fmt: skip
    chances = chain.chances(found)
    # After the first view, of which nothing came before: seen once, a view followed.
    after_view = (np.array([1, 2, 0, 0]) + LEAN * np.array([0.3, 0.3, 0.2, 0.2])) / (3 + LEAN)
    expected = (np.array([1, 0, 0, 0]) + LEAN * after_view) / (1 + LEAN)
    np.testing.assert_allclose(chances[0], expected)
    # After view, cart: a view once, a buy once.
    after_cart = (np.array([1, 0, 1, 0]) + LEAN * np.array([0.3, 0.3, 0.2, 0.2])) / (2 + LEAN)
    expected = (np.array([1, 0, 1, 0]) + LEAN * after_cart) / (2 + LEAN)
    np.testing.assert_allclose(chances[2], expected)


def test_an_unseen_context_leans_on_the_shorter_memory() -> None:
    log = [("ann", place, name) for place, name in enumerate(["view", "cart", "view", "view"])]
    found = steps(moments(log))
    taught = np.array([True, True, False, False])
    long, short = (Chain.learn(found, taught, order).chances(found) for order in (5, 1))
    np.testing.assert_allclose(long[3], short[3])  # cart, view, view was never followed.
    unseen = Chain.learn(found, np.array([True, False, False, False]), 1)
    np.testing.assert_allclose(unseen.chances(found)[1], unseen.shares)


def test_contexts_do_not_reach_into_another_customer() -> None:
    found = steps(moments([("ann", 0, "view"), ("ann", 1, "cart"), ("ben", 2, "cart")]))
    assert contexts(found, 2).tolist() == [1, 2 + 4 * 1, 2]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.sampled_from(["view", "cart", "purchase"]), min_size=2, max_size=40),
    st.integers(0, 5),
)
def test_probabilities_add_up_to_one(names: list[str], order: int) -> None:
    log = [(f"c{place % 3}", 9 * place, name) for place, name in enumerate(names)]
    found = steps(moments(log))
    chances = Chain.learn(found, found.follows >= 0, order).chances(found)
    assert chances.sum(axis=1) == pytest.approx(1)
    assert (chances > 0).all()
