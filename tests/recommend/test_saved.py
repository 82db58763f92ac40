"""What was learnt outlives the program: the same lists to the bit, without another race."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics import recommend
from analytics.recommend import fitting, methods
from analytics.recommend.factors import Als, Factors
from analytics.recommend.saved import CHUNK, _joined, _table
from analytics.recommend.two_stage import Stage
from analytics.store import Store, inspect, load
from tests.recommend import shops

LEARNING = [name for name in recommend.METHODS if name not in recommend.RULES]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a shop of five tastes."""
    folder = tmp_path_factory.mktemp("saved")
    with shops.shop(folder, shops.exploring(), store_path=folder / "shop.duckdb"):
        return folder / "shop.duckdb"


@pytest.fixture
def raced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was raced or tuned, by the names of what was called."""
    called: list[str] = []

    def watched(module: Any, name: str) -> None:
        own = getattr(module, name)

        def call(*given: Any, **named: Any) -> Any:
            called.append(name)
            return own(*given, **named)

        monkeypatch.setattr(module, name, call)

    watched(fitting, "race")
    watched(methods, "tune")
    watched(methods, "rank")
    return called


def assert_same(one: recommend.Model, other: recommend.Model) -> None:
    """The same model, to the bit."""
    rows = np.arange(len(one.history.customers))
    for spread in (0.0, 0.5):
        ours, theirs = (model.lists(rows, 10, spread=spread) for model in (one, other))
        for name in ("products", "scores", "source"):
            np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
    for name in ("job", "method", "label", "parameters", "as_of", "verdict"):
        assert getattr(one, name) == getattr(other, name)
    for ask in ("for_product", "similar"):
        pd.testing.assert_frame_equal(getattr(one, ask)("p7"), getattr(other, ask)("p7"))
    shown = one.for_customers(["c7"], 3)
    pd.testing.assert_frame_equal(shown, other.for_customers(["c7"], 3))
    for product in shown["product_id"]:
        pd.testing.assert_frame_equal(one.explain("c7", product), other.explain("c7", product))


@pytest.mark.parametrize("method", LEARNING)
def test_a_method_asked_for_is_the_same_after_a_restart(
    path: Path, method: str, raced: list[str]
) -> None:
    with Store(path) as store:
        first = recommend.fit(store, "discover", method)
    raced.clear()
    with Store(path) as store:
        again = recommend.fit(store, "discover", method)
    assert raced == []
    assert_same(first, again)


@pytest.mark.parametrize("job", recommend.JOBS)
def test_a_restart_needs_no_other_race(path: Path, job: recommend.Job, raced: list[str]) -> None:
    with Store(path) as store:
        first = recommend.fit(store, job)
    assert "race" in raced
    raced.clear()
    with Store(path) as store:
        again = recommend.fit(store, job)
        assert raced == []
        assert_same(first, again)
        assert first.comparison is not None
        assert again.comparison is not None
        for name in ("job", "winner", "rule", "verdict", "k", "from_day", "until_day",
                     "customers", "looked_at"):  # fmt: skip
            assert getattr(first.comparison, name) == getattr(again.comparison, name)
        for name in ("table", "spread"):
            pd.testing.assert_frame_equal(
                getattr(first.comparison, name), getattr(again.comparison, name)
            )


def test_another_question_or_another_import_makes_it_stale(
    path: Path, tmp_path: Path, raced: list[str]
) -> None:
    more = pd.DataFrame(
        {
            "order_id": [f"new-{n}" for n in range(3)],
            "customer_id": "c1",
            "ordered_at": "2024-05-18",
            "product_id": [f"p{190 + n}" for n in range(3)],
            "quantity": 1,
            "amount": "10.00",
        }
    )
    more.to_csv(tmp_path / "more.csv", index=False)
    with Store(path) as store:
        first = recommend.fit(store, "discover", "als")
        raced.clear()
        recommend.fit(store, "discover", "als", first.as_of, recommend.SIGNALS)
        assert raced == []
        others: list[dict[str, Any]] = [
            {"as_of": first.as_of - timedelta(days=1)}, {"signals": {"purchase": 2}},
            {"job": "again"}, {"similarity": "jaccard"},
        ]  # fmt: skip
        for count, other in enumerate(others, start=1):
            recommend.fit(store, **({"job": "discover", "method": "als"} | other))
            assert raced == ["tune"] * count
        raced.clear()
        look = inspect(tmp_path / "more.csv", table="orders")
        load(store, tmp_path / "more.csv", look, import_day=date(2024, 12, 31))
        after = recommend.fit(store, "discover", "als")
        assert raced == ["tune"]
        store.remove(int(store.batches()["batch_id"].max()))
    shown = after.for_customers(["c1"], 20)["product_id"]
    assert not set(shown) & set(more["product_id"])


def test_vectors_are_kept_and_not_learnt_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(path) as store:
        first = recommend.fit(store, "discover", "als").lister.scorer
        assert isinstance(first, Als)
        monkeypatch.setattr(type(first.model), "fit", None)
        again = recommend.fit(store, "discover", "als").lister.scorer
        two = recommend.fit(store, "again", "svd").lister.scorer
    assert isinstance(again, Factors)
    assert isinstance(two, Factors)
    assert again.customer_vectors.dtype == np.float32
    np.testing.assert_array_equal(first.customer_vectors, again.customer_vectors)
    np.testing.assert_array_equal(first.product_vectors, again.product_vectors)


def test_trees_are_kept_as_numbers(path: Path) -> None:
    with Store(path) as store:
        first = recommend.fit(store, "again", "two_stage").lister.scorer
        again = recommend.fit(store, "again", "two_stage").lister.scorer
    assert isinstance(first, Stage)
    assert isinstance(again, Stage)
    assert again.ranker.columns == first.ranker.columns
    seen = np.random.default_rng(1).normal(size=(500, len(first.ranker.columns)))
    seen[np.random.default_rng(2).random(seen.shape) < 0.2] = np.nan
    np.testing.assert_array_equal(
        first.ranker.model.decision_function(seen), again.ranker.model.decision_function(seen)
    )


def test_the_rules_need_no_keeping(tmp_path: Path) -> None:
    with shops.shop(tmp_path, shops.tiny()) as store:
        for rule in recommend.RULES:
            recommend.fit(store, "again", rule)
        with store.reading() as cursor:
            assert cursor.execute("SELECT count(*) FROM kept").fetchall() == [(0,)]
        model = recommend.fit(store, "again")
        assert recommend.fit(store, "again").verdict == model.verdict
        assert model.comparison is None


@pytest.mark.parametrize("size", [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_bytes_come_back_whole(size: int) -> None:
    """Through the store, beside another part."""
    content = np.random.default_rng(size).integers(0, 256, size).astype(np.uint8)
    parts = {"b": content, "a": content[::-1].copy()}
    with Store() as store:
        kept = store.keep("bytes", "now", _table(parts))
        for name, expected in parts.items():
            tables = {"recommend_model": kept}
            found = _joined(store.arrow("recommend_model", tables=tables, part=name))
            np.testing.assert_array_equal(found, expected)
