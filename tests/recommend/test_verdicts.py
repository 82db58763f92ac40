"""On shops whose truth is known, the verdict names what is truly best."""

from pathlib import Path

import pytest

from analytics import recommend
from tests.recommend import shops

RACE = ("popular", "again", "als", "ease", "item_knn", "two_stage")


def test_where_everyone_buys_their_own_staples_buying_again_wins(tmp_path: Path) -> None:
    with shops.shop(tmp_path, shops.replenishing()) as store:
        found = recommend.compare(store, "again", RACE, as_of=shops.AS_OF)
    assert (found.winner, found.rule) == ("again", "again")
    assert "buying again what they bought is used" in found.verdict
    reached = found.table.set_index("method")["ndcg"]
    assert reached["again"] > 5 * reached["popular"]


def test_where_tastes_are_shared_a_method_wins(tmp_path: Path) -> None:
    with shops.shop(tmp_path, shops.exploring()) as store:
        found = recommend.compare(store, "discover", RACE, as_of=shops.AS_OF)
    assert found.winner not in recommend.RULES
    assert "better than recent best sellers" in found.verdict
    best = found.table.iloc[0]
    assert best["lead_popular_lo"] > 0
    assert best["lead_popular_lo"] < best["lead_popular"] < best["lead_popular_hi"]


def test_where_fashion_rules_recent_best_sellers_win(tmp_path: Path) -> None:
    with shops.shop(tmp_path, shops.fashion()) as store:
        found = recommend.compare(
            store, "discover", ("als", "ease", "item_knn", "svd"), as_of=shops.AS_OF
        )
    assert found.winner == "popular"
    assert "recent best sellers are used" in found.verdict


def test_where_there_is_nothing_to_learn_the_rule_stays(tmp_path: Path) -> None:
    with shops.shop(tmp_path, shops.random()) as store:
        for job in recommend.JOBS:
            found = recommend.compare(store, job, RACE, as_of=shops.AS_OF)
            assert found.winner == found.rule
            assert "clearly better" in found.verdict


def test_a_tiny_shop_gets_the_rule_and_is_told_why(tmp_path: Path) -> None:
    with shops.shop(tmp_path, shops.tiny()) as store:
        again, discover = (recommend.fit(store, job) for job in ("again", "discover"))
    assert (again.method, discover.method) == ("again", "popular")
    for model in (again, discover):
        assert model.comparison is None
        assert "until then the rule is used" in model.verdict


@pytest.mark.parametrize("job", recommend.JOBS)
def test_what_is_used_is_what_won(job: recommend.Job, tmp_path: Path) -> None:
    lines = shops.exploring() if job == "discover" else shops.replenishing()
    with shops.shop(tmp_path, lines) as store:
        model = recommend.fit(store, job)
    assert model.comparison is not None
    assert model.method == model.comparison.winner
    assert model.verdict == model.comparison.verdict
