"""Shops that are odd or nearly empty: every call gives an answer or a sentence."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics import recommend
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.recommend.history import read
from analytics.recommend.lists import lister
from analytics.recommend.methods import first, make
from analytics.store import Store, inspect, load
from tests.recommend import shops

Load = Callable[[str, str], Store]


@pytest.fixture
def put(store: Store, write: Callable[..., Path]) -> Load:
    """Load a table given as text into the store."""

    def loaded(table: str, text: str) -> Store:
        path = write(f"{table}.csv", text)
        load(store, path, inspect(path, table=table), import_day=shops.AS_OF)
        return store

    return loaded


NO_PRODUCTS = "order_id,customer_id,ordered_at,amount\n" + "".join(
    f"{n},c{n % 5},2024-03-{1 + n % 28:02d},5\n" for n in range(60)
)
CALLS: dict[str, Callable[[Store], object]] = {
    "fit": recommend.fit,
    "compare": recommend.compare,
    "keep": recommend.keep,
    "launch": lambda store: recommend.launch(
        store, recommend.NewProduct(name="Tea", category="drinks")
    ),
    "past_launches": recommend.past_launches,
    "newcomers": lambda store: recommend.newcomers(store, store.default_as_of()),
    "rate": recommend.rate,
}
"""What reads a shop's purchases."""


@pytest.mark.parametrize("name", ["fit", "compare", "keep", "launch", "rate"])
def test_without_a_products_column_it_is_a_sentence(name: str, put: Load) -> None:
    with pytest.raises(NotEnoughDataError) as error:
        CALLS[name](put("orders", NO_PRODUCTS))
    assert error.value.problem.endswith(".")
    assert error.value.fix.endswith(".")


@pytest.mark.parametrize(
    "lines",
    [
        [(customer, day, 0) for customer in range(40) for day in range(0, 140, 9)],
        [(0, day, day % 7) for day in range(140)],
        [(customer, customer, customer % 9) for customer in range(140)],
    ],
    ids=["one product", "one customer", "baskets of one"],
)
@pytest.mark.parametrize("name", ["compare", "launch", "past_launches", "newcomers"])
def test_a_poor_shop_gets_an_answer_or_a_sentence(
    name: str, lines: list[shops.Line], tmp_path: Path
) -> None:
    with shops.shop(tmp_path, lines) as store:
        told: AnalyticsError | None = None
        try:
            assert CALLS[name](store) is not None
        except AnalyticsError as error:
            told = error
    assert told is None or (told.problem.endswith(".") and told.fix.endswith("."))


def test_a_product_number_with_decimals_is_the_same_product(put: Load) -> None:
    """One program writes 17.0 where another writes 17."""
    store = put(
        "orders",
        "order_id,customer_id,ordered_at,product_id,quantity,amount\n"
        + "".join(f"{n},c{n % 6},2024-03-{1 + n % 28:02d},{17 + n % 3}.0,1,5\n" for n in range(60)),
    )
    put("products", "product_id,name,category\n17,Tea,drinks\n18,Cup,ware\n19,Pot,ware\n")
    put("events", "customer_id,occurred_at,event,product_id\nc9,2024-03-02 10:00:00,view,18.0\n")
    model = recommend.fit(store, "again", "again")
    assert model.history.products["product_id"].tolist() == ["17", "18", "19"]
    assert model.history.products["name"].tolist() == ["Tea", "Cup", "Pot"]
    assert set(model.for_customers(["c1"])["product_id"]) <= {"17", "18", "19"}
    assert model.similar("18") is not None


@pytest.fixture
def vanished(tmp_path: Path) -> Iterator[tuple[Store, recommend.Model]]:
    """A shop, and what was learnt there before all that is known of c5 left it."""
    with shops.shop(tmp_path, shops.tiny()) as store:
        path = tmp_path / "more.csv"
        path.write_text(
            "order_id,customer_id,ordered_at,product_id,quantity,amount\n"
            "x1,gone,2024-05-01,p1,1,9\nx2,gone,2024-05-08,p2,1,9\nx3,gone,2024-05-15,p1,1,9\n",
            encoding="utf-8",
        )
        receipt = load(store, path, import_day=shops.AS_OF)
        model = recommend.fit(store, "again", "als")
        recommend.keep(store, "again", 5, "als")
        recommend.give_feedback(
            store, "gone", "p1", "up", day=shops.AS_OF, at=datetime(2024, 5, 20, 10)
        )
        store.remove(receipt.batch_id)
        yield store, model


def test_a_customer_that_vanished_is_in_no_list(vanished: tuple[Store, recommend.Model]) -> None:
    store, before = vanished
    assert "gone" in set(before.history.customers["customer_id"])
    model = recommend.fit(store, "again", "als")
    with pytest.raises(AnalyticsError, match="customer “gone” is not in the store"):
        model.for_customers(["gone"])
    with pytest.raises(AnalyticsError, match="may have been erased"):
        model.explain("gone", "p1")
    assert "gone" not in set(model.for_product("p1")["customer_id"])
    kept = recommend.keep(store, "again", 5, "als")
    listed = store.query("recommend_list", tables={"recommendations": kept.table})
    assert len(listed)
    assert "gone" not in set(listed["customer_id"])


def test_when_all_products_are_out_of_stock_it_is_a_sentence(tmp_path: Path) -> None:
    products = pd.DataFrame({"product_id": [f"p{n}" for n in range(5)], "name": "Tea", "stock": 0})
    with shops.shop(tmp_path, shops.tiny(), products) as store:
        model = recommend.fit(store, "again", "again")
        with pytest.raises(NotEnoughDataError, match="All products are out of stock"):
            recommend.allowed(model.history.products, in_stock=True)
        for nothing in ([], ["p99"]):
            with pytest.raises(NotEnoughDataError, match="No product is left to recommend"):
                model.for_customers(include=nothing)


@pytest.fixture(scope="module")
def wholesaler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Sixty customers of fifty products, and one who bought 10,000 different ones at once."""
    rng = np.random.default_rng(1)
    lines = [
        (customer, int(day), int(product))
        for customer in range(60)
        for day in rng.choice(shops.DAYS, 6, replace=False)
        for product in rng.choice(50, 3, replace=False)
    ]
    lines += [(999, 50, product) for product in range(10_000)]
    lines += [(999, 20 + n, 3) for n in range(3)]
    with shops.shop(tmp_path_factory.mktemp("wholesaler"), lines) as store:
        yield store


@pytest.mark.parametrize("method", ["popular", "als", "ease", "user_knn", "svd", "content"])
def test_ten_thousand_products_in_one_basket(method: str, wholesaler: Store) -> None:
    """There is nothing new for whoever has bought everything."""
    history = read(wholesaler, shops.AS_OF)
    scorer = make(method, history, first(method))
    who = np.flatnonzero(history.customers["customer_id"].isin(["c1", "c999"]))
    for job, length in (("discover", 0), ("again", 10)):
        found = lister(history, job, method, scorer).lists(who, 10).products >= 0  # type: ignore[arg-type]
        assert found.sum(axis=1).tolist() == [10, length]
