"""The neural network: it learns what follows what, and takes no part where it is not installed."""

import importlib.util
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analytics import pytorch, recommend
from analytics.errors import AnalyticsError
from analytics.recommend import neural
from analytics.recommend.history import History, bought_between, read
from analytics.recommend.judge import per_customer
from analytics.recommend.methods import METHODS, judged, make
from analytics.recommend.neural import Neural, sequences
from analytics.recommend.scorer import Popular
from analytics.store import Store
from tests.recommend import shops

NEXT = 16
"""Products in a circle: after each comes the one after it, always."""


def circle(seed: int = 1, days: int = shops.DAYS) -> list[shops.Line]:
    """Everyone starts somewhere and goes on to the next product, every five to nine days."""
    rng = np.random.default_rng(seed)
    lines = []
    for customer in range(120):
        product, day = int(rng.integers(NEXT)), int(rng.integers(8))
        while day < days:
            lines.append((customer, day, product))
            product, day = (product + 1) % NEXT, day + int(rng.integers(5, 10))
    return lines


def next_ones(store: Store) -> tuple[History, Any, Any]:
    """Who was known before the last week, and the first product each bought in it."""
    history = read(store, date(2024, 5, 13))
    bought = bought_between(store, history, shops.AS_OF)
    rows, wanted = judged(history, bought, "again")
    single = np.diff(wanted.indptr) == 1
    return history, rows[single], wanted[single]


# Without the library


def test_where_it_is_not_installed_it_is_a_sentence(
    small_shop: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert not pytorch.available()
    assert pytorch.version() == ""
    with pytest.raises(AnalyticsError, match="needs PyTorch, which is not installed") as error:
        recommend.fit(small_shop, "discover", "neural")
    assert ".venv/bin/pip install torch" in error.value.fix
    with pytest.raises(AnalyticsError, match="needs PyTorch"):
        recommend.compare(small_shop, "discover", ["als", "neural"])


def test_it_is_among_the_methods_only_where_it_is_installed() -> None:
    assert ("neural" in METHODS) == pytorch.available()


def test_a_folder_of_that_name_is_no_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "torchless").mkdir()
    monkeypatch.setattr(pytorch, "LIBRARY", "torchless")
    monkeypatch.syspath_prepend(tmp_path)
    assert not pytorch.available()


def test_baskets_stand_in_the_order_of_time(tmp_path: Path) -> None:
    lines = [(1, 9, 3), (1, 2, 5), (1, 2, 4), (2, 1, 3), (1, 9, 3), (1, 30, 5), (3, 200, 4)]
    with shops.shop(tmp_path, lines) as store:
        history = read(store, date(2024, 3, 1))
        told = sequences(history)
        last = sequences(history, 2)
    assert history.products["product_id"].tolist() == ["p3", "p4", "p5"]
    assert told.products.tolist() == [1, 2, 0, 2, 0]
    assert told.starts.tolist() == [0, 2, 3, 4, 5]
    assert told.first.tolist() == [0, 3, 4]
    assert told.lengths.tolist() == [3, 1]
    assert last.products.tolist() == [0, 2, 0]


# With it

needs_library = pytest.mark.skipif(
    not pytorch.available(), reason="the extra `neural` is not installed: make neural"
)


@needs_library
def test_a_strict_sequence_is_learnt(tmp_path: Path) -> None:
    """The next product is named first, where best sellers can only guess."""
    with shops.shop(tmp_path, circle()) as store:
        history, rows, wanted = next_ones(store)
        assert len(rows) > 60
        scorer = make("neural", history, {})
        top, _ = scorer.top(rows, 1, None, None)
        popular, _ = Popular(history).top(rows, 1, None, None)
        hit = per_customer(top, wanted)["hit"].mean()
        assert hit > 0.95
        assert per_customer(popular, wanted)["hit"].mean() < 0.3
        compared = recommend.compare(store, "again", ["neural", "als"], test_days=7)
        assert compared.winner == "neural"


@needs_library
def test_the_same_is_learnt_again(tmp_path: Path) -> None:
    with shops.shop(tmp_path, circle()) as store:
        first = recommend.fit(store, "again", "neural")
        once, twice = first.lister.scorer, Neural(first.history)
        assert isinstance(once, Neural)
        np.testing.assert_array_equal(once.customer_vectors, twice.customer_vectors)
        np.testing.assert_array_equal(once.product_vectors, twice.product_vectors)
        kept = recommend.fit(store, "again", "neural")
        lists = [model.for_customers(n=5) for model in (first, kept)]
        assert lists[0].equals(lists[1])
        assert (lists[0]["reason"].str.len() > 10).all()
        assert len(first.similar("p3", 5)) <= 5
        assert first.for_product("p3", 5)["rank"].tolist() == [1, 2, 3, 4, 5]


@needs_library
def test_of_many_products_some_are_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparing with a few drawn ones learns the same sequence."""
    monkeypatch.setattr(neural, "DRAWN", NEXT // 2)
    with shops.shop(tmp_path, circle(2)) as store:
        history, rows, wanted = next_ones(store)
        top, _ = Neural(history).top(rows, 1, None, None)
    assert per_customer(top, wanted)["hit"].mean() > 0.9


@needs_library
@pytest.mark.parametrize(
    "lines",
    [[(0, 0, 0)], [(n, 3, n % 4) for n in range(20)], [(0, day, day % 3) for day in range(40)]],
    ids=["one line", "one basket each", "one customer"],
)
def test_a_poor_shop_still_gets_an_answer(lines: list[shops.Line], tmp_path: Path) -> None:
    with shops.shop(tmp_path, lines) as store:
        scorer = Neural(read(store, shops.AS_OF))
        assert np.isfinite(scorer.customer_vectors).all()
        assert np.isfinite(scorer.product_vectors).all()
