"""The recurrent network: it counts where no chain can, and leaves the library as it was."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from analytics import propensity, pytorch
from analytics.propensity.next_features import matrix
from analytics.propensity.next_models import WAYS, loss
from analytics.propensity.next_moments import steps
from analytics.store import Store
from tests.propensity.next_logs import circle, csv, second_order

needs_library = pytest.mark.skipif(
    not pytorch.available(), reason="the extra `neural` is not installed: make neural"
)


@needs_library
def test_who_counts_knows_what_comes_next() -> None:
    """Every eighth action is another, without fail: beyond the reach of five actions."""
    found = steps(circle())
    told, _ = matrix(found)
    known = found.follows >= 0
    cut = int(np.quantile(found.at_us[known], 0.75))
    taught, judged = known & (found.known_us < cut), known & (found.at_us >= cut)
    reached = {
        name: loss(
            WAYS[name].learn(found, told, taught, **given).chances(found, told, judged),
            found.follows[judged],
        )
        for name, given in (("chain_5", {}), ("network", {"rounds": 25}))
    }
    assert reached["network"] < 0.5 * reached["chain_5"]


@needs_library
def test_the_same_is_learnt_again_and_random_numbers_go_on_as_before() -> None:
    import torch

    found = steps(second_order(10, 100))
    told, _ = matrix(found)
    known = found.follows >= 0
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    once, twice = (
        WAYS["network"].learn(found, told, known, rounds=2).chances(found, told, known)
        for _ in range(2)
    )
    np.testing.assert_array_equal(once, twice)
    assert once.sum(axis=1) == pytest.approx(1)
    torch.testing.assert_close(torch.rand(3), expected)


@needs_library
def test_it_stands_in_the_table(shop_of: Callable[..., Store]) -> None:
    found = propensity.next_action(shop_of(events=csv(second_order(20, 140))), date(2024, 3, 5))
    losses = found.table.set_index("method")["log_loss"]
    assert losses["network"] < losses["chain_1"]


@needs_library
def test_what_comes_later_does_not_change_what_it_says_before() -> None:
    found = steps(second_order(6, 100))
    told, _ = matrix(found)
    known = found.follows >= 0
    learnt = WAYS["network"].learn(found, told, known, rounds=2)
    whole = np.ones(len(found), bool)
    every = learnt.chances(found, told, whole)
    early = found.at_us < np.median(found.at_us)
    part = learnt.chances(found.where(early), told[early], whole[early])
    np.testing.assert_allclose(part, every[early], atol=1e-5)
