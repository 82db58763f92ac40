"""From a shop's files to lists: who gets what and why, filters, bad input, what is kept."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics import recommend
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.recommend.history import read
from analytics.recommend.two_stage import Stage
from analytics.store import Store, inspect, load, preview_list
from tests.recommend import shops

LISTED = ["customer_id", "rank", "product_id", "score", "reason"]


@pytest.fixture(scope="module")
def exploring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A shop of five tastes; read from it only."""
    products = pd.DataFrame(
        {
            "product_id": [f"p{n}" for n in range(200)],
            "name": [f"Thing {n}" for n in range(200)],
            "category": [f"Taste {n // 40}" for n in range(200)],
            "stock": [n % 3 for n in range(200)],
        }
    )
    folder = tmp_path_factory.mktemp("exploring")
    with shops.shop(folder, shops.exploring(), products) as store:
        yield store


@pytest.fixture
def small(store: Store, write: Callable[..., Path]) -> Callable[[str], Store]:
    """Load orders given as text into an empty store."""

    def filled(text: str) -> Store:
        path = write("orders.csv", text)
        load(store, path, inspect(path, table="orders"), import_day=date(2024, 12, 31))
        return store

    return filled


BY_HAND = """order_id,customer_id,ordered_at,product_id,quantity,amount
1,anna,2024-05-01,tea,1,4.00
1,anna,2024-05-01,tea,1,4.00
2,anna,2024-05-29,tea,1,4.00
2,anna,2024-05-29,cup,1,7.00
3,ben,2024-05-30,pot,1,30.00
4,ben,2024-05-31,cup,-1,-7.00
5,,2024-05-31,cup,1,7.00
6,carl,2024-06-01,hat,1,9.00
"""


# What a history holds


def test_a_history_by_hand(small: Callable[[str], Store]) -> None:
    """Lines of one order count once; returns, guests and what came later do not."""
    found = read(small(BY_HAND), date(2024, 6, 1))
    assert found.customers["customer_id"].tolist() == ["anna", "ben"]
    assert found.customers["baskets"].tolist() == [2, 1]
    assert found.products["product_id"].tolist() == ["cup", "pot", "tea"]
    assert found.purchases.toarray().tolist() == [[1, 0, 2], [0, 1, 0]]
    assert found.days_since.toarray().tolist() == [[3, 0, 3], [0, 2, 0]]
    decayed = found.decayed.toarray()[0, 2]
    assert decayed == pytest.approx(np.exp(-31 / 112) + np.exp(-3 / 112), abs=1e-8)
    assert found.recent.tolist() == [1, 1, 1]
    assert found.buyers.tolist() == [1, 1, 1]


def test_signals_weigh_events_beside_purchases(small_shop: Store) -> None:
    found = read(small_shop, date(2024, 6, 1), {"purchase": 1, "cart": 0.5, "view": 0.1})
    strength = pd.DataFrame(
        found.strength.toarray(),
        index=found.customers["customer_id"],
        columns=found.products["product_id"],
    )
    assert strength.loc["anna", "tea"] == pytest.approx(1.6)
    assert strength.loc["anna", "pot"] == pytest.approx(1.0)
    assert strength.loc["carl", "cup"] == 0
    only_views = read(small_shop, date(2024, 6, 1), {"view": 1})
    assert only_views.strength.sum() == pytest.approx(2)


def test_purchase_events_count_where_there_are_no_orders(
    store: Store, write: Callable[..., Path]
) -> None:
    path = write(
        "events.csv",
        "customer_id,occurred_at,event,product_id\n"
        "anna,2024-05-01 10:00:00,purchase,tea\nanna,2024-05-02 10:00:00,purchase,tea\n"
        "ben,2024-05-02 11:00:00,view,cup\n",
    )
    load(store, path, inspect(path, table="events"), import_day=date(2024, 12, 31))
    found = read(store, date(2024, 6, 1))
    assert found.purchases.toarray().tolist() == [[0, 2], [0, 0]]
    assert found.customers["baskets"].tolist() == [2, 0]
    again = recommend.fit(store, "again", "again", date(2024, 6, 1))
    assert again.for_customers(["anna"])["reason"].tolist() == [
        "They ordered it twice, last 30 days ago."
    ]


# Lists


@pytest.mark.parametrize("method", [name for name in recommend.METHODS if name != "again"])
def test_discover_names_nothing_bought_before(exploring: Store, method: str) -> None:
    model = recommend.fit(exploring, "discover", method)
    found = model.for_customers([f"c{n}" for n in range(0, 250, 25)], 10)
    assert found.columns.tolist() == LISTED
    assert found.groupby("customer_id")["rank"].apply(list).tolist() == [list(range(1, 11))] * 10
    bought = {
        (model.history.customers["customer_id"].iloc[row], f"p{product}")
        for row, product in zip(*model.history.purchases.nonzero(), strict=True)
        for product in [model.history.products["product_id"].iloc[product][1:]]
    }
    named = set(zip(found["customer_id"], found["product_id"], strict=True))
    assert len(named) == len(found)
    assert not named & bought
    assert (found["reason"].str.len() > 10).all()
    scores = found[found["score"].notna()].groupby("customer_id")["score"]
    assert scores.apply(lambda one: one.is_monotonic_decreasing).all()


def test_shared_tastes_are_found(exploring: Store) -> None:
    """Customer n has taste n % 5, which is products 40 × taste to 40 × taste + 39."""
    found = recommend.fit(exploring, "discover", "ease").for_customers(n=5)
    taste = found["customer_id"].str[1:].astype(int) % 5
    assert (found["product_id"].str[1:].astype(int) // 40 == taste).mean() > 0.95
    assert found["reason"].str.contains("They bought Thing").mean() > 0.95


def test_filters_hold_for_every_row_of_everyone(exploring: Store) -> None:
    model = recommend.fit(exploring, "discover", "als")
    in_stock = model.history.products.loc[
        model.history.products["stock"].astype(float) > 0, "product_id"
    ]
    free = model.for_customers(n=3, reasons=False)
    never = free[free["rank"] == 1][["customer_id", "product_id"]]
    found = model.for_customers(n=10, include=in_stock, exclude=["p1", "p2"], reasons=False)
    assert set(found["product_id"]) <= set(in_stock) - {"p1", "p2"}
    found = model.for_customers(n=10, exclude=never, reasons=False)
    assert found.merge(never).empty
    assert len(found) == 250 * 10
    assert (found["reason"] == "").all()


def test_rest_days_keep_what_was_just_bought_off_the_list(small: Callable[[str], Store]) -> None:
    model = recommend.fit(small(BY_HAND), "again", "again", date(2024, 6, 1))
    assert model.for_customers(["anna"])["product_id"].tolist() == ["tea", "cup", "pot"]
    rested = model.for_customers(["anna"], rest_days=5)
    assert rested["product_id"].tolist() == ["pot"]
    assert rested["score"].isna().all()
    assert rested["reason"].tolist() == ["A best seller: 1 bought it in the last 28 days."]


def test_below_three_baskets_the_rules_are_used(tmp_path: Path) -> None:
    lines = shops.exploring()
    lines += [(900, 5, 41), (900, 6, 42), (901, 5, 43), (901, 6, 44), (901, 7, 45)]
    with shops.shop(tmp_path, lines) as store:
        model = recommend.fit(store, "discover", "ease")
        new, known = (model.for_customers([name], 5) for name in ("c900", "c901"))
    assert new["score"].isna().all()
    assert new["reason"].str.startswith("A best seller").all()
    assert known["score"].notna().all()
    assert set(known["product_id"].str[1:].astype(int) // 40) == {1}


def test_whom_to_tell_about_a_product(exploring: Store) -> None:
    for method in ("ease", "popular", "two_stage"):
        model = recommend.fit(exploring, "discover", method)
        found = model.for_product("p45", n=20)
        assert found["rank"].tolist() == list(range(1, 21))
        assert (found["customer_id"].str[1:].astype(int) % 5 == 1).mean() >= 0.95
        held = (
            model.history.purchases[
                :, int(np.flatnonzero(model.history.products["product_id"] == "p45")[0])
            ]
            .toarray()
            .ravel()
        )
        buyers = set(model.history.customers["customer_id"][held > 0])
        assert buyers
        assert not buyers & set(found["customer_id"])


def test_similar_products_share_their_buyers(exploring: Store) -> None:
    for method in ("als", "item_knn", "popular", "user_knn", "two_stage"):
        found = recommend.fit(exploring, "discover", method).similar("p100", n=10)
        assert "p100" not in set(found["product_id"])
        assert (found["product_id"].str[1:].astype(int) // 40 == 2).mean() >= 0.9


@pytest.mark.parametrize("method", ["als", "ease", "item_knn", "user_knn", "svd", "content"])
def test_an_explanation_adds_up(exploring: Store, method: str) -> None:
    model = recommend.fit(exploring, "discover", method)
    shown = model.for_customers(["c7"], 3)
    for product, score in zip(shown["product_id"], shown["score"], strict=True):
        parts = model.explain("c7", product)
        assert parts["part"].sum() == pytest.approx(score, rel=1e-3)
        assert parts["what"].str.startswith("Thing").all()


@pytest.mark.parametrize("job", recommend.JOBS)
def test_the_trees_explain_their_log_odds(exploring: Store, job: recommend.Job) -> None:
    model = recommend.fit(exploring, job, "two_stage")
    assert isinstance(model.lister.scorer, Stage)
    shown = model.for_customers(["c7", "c8"], 5)
    for row in shown[shown["score"].notna()].itertuples():
        parts = model.explain(str(row.customer_id), str(row.product_id))
        assert parts["part"].sum() == pytest.approx(float(str(row.score)), rel=1e-4, abs=1e-4)
        assert "base" in set(parts["what"])


# Kept


def test_everyones_are_kept_and_lists_leave_out_who_opted_out(
    tmp_path: Path, write: Callable[..., Path]
) -> None:
    with shops.shop(tmp_path, shops.exploring()) as store:
        path = write("customers.csv", "customer_id,email,consent\nc1,one@example.com,no\n")
        load(store, path, inspect(path, table="customers"), import_day=date(2024, 12, 31))
        kept = recommend.keep(store, "discover", 5, "ease")
        assert recommend.keep(store, "discover", 5, "ease") == kept
        assert (kept.method, kept.verdict) == ("ease", "This method was asked for.")
        listed = store.query("recommend_list", tables={"recommendations": kept.table})
        same = recommend.fit(store, "discover", "ease").for_customers(n=5)
        both = listed.merge(same, on=["customer_id", "rank"], validate="1:1")
        assert len(both) == len(same) == 250 * 5
        assert (both["product_id_x"] == both["product_id_y"]).all()
        np.testing.assert_allclose(both["score_x"], both["score_y"])
        preview = preview_list(store, "recommend_list", tables={"recommendations": kept.table})
        assert "c1" not in set(preview.frame["customer_id"])
        assert recommend.keep(store, "discover", 4, "ease").table != kept.table


# Bad input


NO_PRODUCTS = """order_id,customer_id,ordered_at,amount
1,anna,2024-05-01,4.00
2,ben,2024-05-02,5.00
"""


def test_orders_without_products_say_what_is_missing(small: Callable[[str], Store]) -> None:
    store = small(NO_PRODUCTS)
    for call in (recommend.fit, recommend.compare):
        with pytest.raises(NotEnoughDataError, match="orders do not say what was bought"):
            call(store, "discover")


@pytest.mark.parametrize("job", recommend.JOBS)
@pytest.mark.parametrize(
    "lines",
    [
        [(customer, day, 0) for customer in range(40) for day in range(0, 140, 9)],
        [(0, day, day % 7) for day in range(140)],
        [(customer, customer, customer % 9) for customer in range(140)],
        [(0, 0, 0)],
    ],
    ids=["one product", "one customer", "baskets of one", "one line"],
)
def test_a_poor_shop_still_gets_an_answer(
    job: recommend.Job, lines: list[shops.Line], tmp_path: Path
) -> None:
    with shops.shop(tmp_path, lines) as store:
        model = recommend.fit(store, job)
        found = model.for_customers()
        assert model.method in recommend.RULES
        assert model.verdict.endswith(".")
        assert set(found.columns) == set(LISTED)
        for method in ("als", "ease", "item_knn", "user_knn", "svd", "nmf", "content"):
            found = recommend.fit(store, job, method).for_customers()
            assert not found.duplicated(["customer_id", "product_id"]).any()


def test_unknown_names_are_sentences(exploring: Store) -> None:
    model = recommend.fit(exploring, "discover", "popular")
    with pytest.raises(AnalyticsError, match="customer “nobody” is not in the store"):
        model.for_customers(["c1", "nobody"])
    with pytest.raises(AnalyticsError, match="product “nothing” is not known"):
        model.for_product("nothing")
    with pytest.raises(AnalyticsError, match="0 recommendations"):
        model.for_customers(["c1"], 0)
    with pytest.raises(NotEnoughDataError, match="No product is left"):
        model.for_customers(["c1"], include=["nothing"])
    with pytest.raises(AnalyticsError, match="no method “magic”"):
        recommend.fit(exploring, "discover", "magic")
    with pytest.raises(AnalyticsError, match="no method “magic”"):
        recommend.compare(exploring, "discover", ["magic"])
    with pytest.raises(AnalyticsError, match="no job “both”"):
        recommend.fit(exploring, "both")  # type: ignore[arg-type]
    with pytest.raises(AnalyticsError, match="window of 0 days"):
        recommend.compare(exploring, "discover", ["als"], test_days=0)
    with pytest.raises(AnalyticsError, match="“view” has the weight -1"):
        recommend.fit(exploring, "discover", "als", signals={"view": -1})
    with pytest.raises(AnalyticsError, match="No signal has any weight"):
        recommend.fit(exploring, "discover", "als", signals={"view": 0})


def test_nothing_of_the_test_window_is_learnt_from(tmp_path: Path) -> None:
    """Orders after the as-of day change nothing; those of the window do not reach the lists."""
    lines = shops.exploring()
    later = lines + [(customer, 139, 199) for customer in range(250)]
    cut = date(2024, 4, 20)
    for name, content in (("a", lines), ("b", later)):
        (tmp_path / name).mkdir()
        with shops.shop(tmp_path / name, content) as store:
            table = recommend.compare(store, "discover", ["als", "ease"], as_of=cut).table
            if name == "a":
                first = table.drop(columns="seconds")
            else:
                pd.testing.assert_frame_equal(first, table.drop(columns="seconds"))
