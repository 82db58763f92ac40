"""The next category: lists by hand, a planted circle, and too little."""

import numpy as np

from analytics.propensity import next_category
from analytics.propensity.next_category import RULE, Usual, following, hits, judge, lists
from analytics.propensity.next_moments import UNKNOWN, steps
from tests.propensity.next_logs import Done, moments


def test_lists_by_hand() -> None:
    log: list[Done] = [
        ("ann", place, "view", f"p{name}", name) for place, name in enumerate("abacb")
    ]
    told, follows, _ = following(
        steps(moments([*log, ("ben", 1, "view", "pa", "a"), ("ben", 2, "view")]))
    )
    assert told.category.tolist() == [0, 1, 0, 2, 1, 0]  # a b a c b, and ben's a.
    assert follows.tolist() == [1, 0, 2, 1, UNKNOWN, UNKNOWN]
    known = follows != UNKNOWN
    usual = Usual.learn(told.category[known], follows[known], 3)
    assert usual.popular.tolist() == [1, 0, 2]
    assert usual.after[:, :2].tolist() == [[1, 2], [0, UNKNOWN], [1, UNKNOWN]]
    found = lists(told, np.array([3, 5]), usual)
    a, b, c = 0, 1, 2
    assert found["last"][0, :3].tolist() == [c, a, b]
    assert found["frequent"][0, :3].tolist() == [a, c, b]  # Of b and c the newer is first.
    assert found["chain"][0, :3].tolist() == [b, c, a]
    assert found["popular"][1].tolist() == [b, a, c, UNKNOWN, UNKNOWN]
    assert found["last"][1, :3].tolist() == [a, b, c]  # Filled up by what is usual.
    np.testing.assert_array_equal(hits(found["last"], np.array([b, a]), 1), [0, 1])
    np.testing.assert_array_equal(hits(found["last"], np.array([b, a]), 3), [1, 1])


def test_who_goes_round_in_circles_is_found_by_the_chain() -> None:
    """Eight categories in a circle: own last three never hold the next one."""
    log: list[Done] = [
        (f"c{who}", 3 * place + who / 30, "view", None, f"k{(who + place) % 8}")  # type: ignore[list-item]
        for who in range(30)
        for place in range(60)
    ]
    found = steps(moments(log))
    table, used = judge(found, int(np.quantile(found.at_us, 0.75)))
    assert used == "chain"
    by = table.set_index("method")
    assert by.loc["chain", "hit_1_share"] == 1
    assert by.loc[RULE, "hit_5_share"] == 0
    assert by.loc["chain", "used"]
    liked = next_category.foretell(found, "chain", next_category.usual_of(found))
    assert found.categories[liked[0]] == f"k{60 % 8}"
    assert table["hit_3_share"].is_monotonic_decreasing


def test_with_too_little_nothing_is_claimed() -> None:
    found = steps(moments([("ann", place, "view") for place in range(50)]))
    table, used = judge(found, int(np.quantile(found.at_us, 0.75)))
    assert table.empty
    assert used == RULE
    liked = next_category.foretell(found, used, next_category.usual_of(found))
    assert liked.tolist() == [UNKNOWN]
