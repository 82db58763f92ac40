"""The plan on small shops reckoned by hand, on bad input, and on the sample shop."""

import io
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics import stock
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store, inspect, load, load_folder
from analytics.store.stock_outs import write_stock_out

Write = Callable[..., Path]
FIRST = date(2025, 1, 6)
ROOT = Path(__file__).parents[2]


def orders_of(units: dict[str, list[int]], price: float = 5.0) -> str:
    rows = ["order_id,customer_id,ordered_at,product_id,quantity,unit_price,currency"]
    for product, days in units.items():
        for place, count in enumerate(days):
            if count:
                day = FIRST + timedelta(days=place)
                rows.append(f"{product}-{place},c1,{day} 10:00:00,{product},{count},{price},EUR")
    return "\n".join(rows) + "\n"


def fill(store: Store, write: Write, **texts: str) -> None:
    for table, text in texts.items():
        path = write(f"{table}.csv", text)
        load(store, path, inspect(path, table=table))


STEADY = {"tea": [2] * 140, "cup": [1, 0] * 70, "old": [3] * 30 + [0] * 110}
PRODUCTS = """product_id,name,category,brand,price,cost,stock,lead_time_days
tea,Green tea,drinks,Leaf,5.00,2.00,10,14
cup,Cup,ware,Clay,5.00,3.00,200,14
old,Old pot,ware,Clay,5.00,4.00,25,14
new,New pot,ware,Clay,5.00,4.00,8,14
"""


@pytest.fixture
def shop(store: Store, write: Write) -> Store:
    fill(store, write, orders=orders_of(STEADY), products=PRODUCTS)
    return store


def test_levels_quantities_and_money_by_hand(shop: Store) -> None:
    made = stock.plan(shop)
    rows = made.table.set_index("product_id")
    tea = rows.loc["tea"]
    assert tea["daily_demand"] == pytest.approx(2)
    assert tea["safety_stock"] == pytest.approx(tea["reorder_point"] - 2 * 21)
    assert tea["order_up_to"] == tea["reorder_point"] + 14
    assert tea["order_quantity"] == tea["order_up_to"] - 10
    assert tea["order_money"] == pytest.approx(tea["order_quantity"] * 2.00)
    assert tea["days_of_cover"] == pytest.approx(5)
    assert tea["runs_out_on"] == pd.Timestamp(FIRST + timedelta(days=140 + 5))
    assert tea["lost_units"] == pytest.approx(32, abs=0.5)
    assert tea["lost_sales"] == pytest.approx(tea["lost_units"] * 5, rel=1e-6)
    cup = rows.loc["cup"]
    assert cup["order_quantity"] == 0
    assert cup["overstock_units"] == 200 - cup["order_up_to"]
    assert cup["overstock_money"] == pytest.approx(cup["overstock_units"] * 3)
    assert made.table["product_id"].iloc[0] == "tea"


def test_what_stopped_selling_is_dead_and_not_ordered(shop: Store) -> None:
    rows = stock.plan(shop).table.set_index("product_id")
    assert rows.loc["old", "order_quantity"] == 0
    assert rows.loc["old", "dead_stock_units"] == 25
    assert rows.loc["old", "dead_stock_money"] == 100
    assert rows.loc["old", "lost_units"] == 0
    assert rows.loc["new", "dead_stock_money"] == 32
    assert rows.loc["tea", "dead_stock_money"] == 0


def test_the_answer_is_a_sentence_with_its_sums(shop: Store) -> None:
    made = stock.plan(shop)
    ordered = stock.order_list(made)
    assert made.verdict == (
        f"Order {ordered['order_quantity'].sum():,} units of 1 product for "
        f"{ordered['order_money'].sum():,.2f} EUR now; 1 is out or will run out this week."
    )


def test_the_order_list_is_the_plans_by_category_and_brand(shop: Store) -> None:
    made = stock.plan(shop)
    assert list(stock.order_list(made)["product_id"]) == ["tea"]
    assert list(stock.order_list(made, category="drinks", brand="Leaf")["product_id"]) == ["tea"]
    assert stock.order_list(made, category="ware").empty
    ordered = stock.order_list(made)
    read = pd.read_csv(io.BytesIO(stock.order_file(ordered)), encoding="utf-8-sig")
    assert read["order_quantity"].tolist() == ordered["order_quantity"].tolist()
    assert read["order_money"].tolist() == ordered["order_money"].tolist()
    assert stock.order_file(ordered, "xlsx")[:2] == b"PK"
    assert stock.order_file(stock.order_list(made, category="ware"), "xlsx")[:2] == b"PK"


def test_a_name_that_looks_like_a_formula_stays_text(store: Store, write: Write) -> None:
    named = PRODUCTS.replace("Green tea", "=1+1")
    fill(store, write, orders=orders_of(STEADY), products=named)
    file = stock.order_file(stock.order_list(stock.plan(store)))
    assert b"'=1+1" in file


def test_more_service_holds_more(shop: Store) -> None:
    low, high = (stock.plan(shop, service_level=level) for level in (0.8, 0.99))
    both = low.table.merge(high.table, on="product_id")
    assert (both["reorder_point_y"] >= both["reorder_point_x"]).all()
    assert both["reorder_point_y"].sum() > both["reorder_point_x"].sum()


def test_a_cost_ratio_is_the_newsvendors_service(shop: Store) -> None:
    by_ratio = stock.plan(shop, cost_ratio=19)
    assert by_ratio.service_level == pytest.approx(0.95)
    pd.testing.assert_frame_equal(by_ratio.table, stock.plan(shop, service_level=0.95).table)


def test_a_range_of_lead_times_widens_the_stock(store: Store, write: Write) -> None:
    without = "\n".join(line.rsplit(",", 1)[0] for line in PRODUCTS.splitlines())
    fill(store, write, orders=orders_of(STEADY), products=without)
    with pytest.raises(AnalyticsError, match="how long a delivery takes"):
        stock.plan(store)
    fixed, varied = (stock.plan(store, lead_time_days=days) for days in (14, (4, 24)))
    tea, wider = (made.table.set_index("product_id").loc["tea"] for made in (fixed, varied))
    assert tea["reorder_point"] - tea["safety_stock"] == pytest.approx(42)
    assert wider["reorder_point"] - wider["safety_stock"] == pytest.approx(42)
    assert wider["safety_stock"] > tea["safety_stock"] + 5
    assert "4 to 24 days are assumed" in " ".join(varied.notes)


def test_only_some_lead_times_known(store: Store, write: Write) -> None:
    some = PRODUCTS.replace("8,14", "8,").replace("25,14", "25,")
    fill(store, write, orders=orders_of(STEADY), products=some)
    made = stock.plan(store)
    assert made.table["lead_time_days"].tolist() == [14] * 4
    assert "The lead time of 2 products is not known; 14 days are assumed." in made.notes


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"service_level": 1.0}, "service level of 100.0%"),
        ({"service_level": 0.2}, "service level of 20.0%"),
        ({"cost_ratio": 0.5}, "1 to 999 times"),
        ({"review_days": 0}, "every 1 to 365 days"),
    ],
)
def test_settings_that_make_no_sense(shop: Store, settings: dict[str, float], said: str) -> None:
    with pytest.raises(AnalyticsError, match=said):
        stock.plan(shop, **settings)  # type: ignore[arg-type]


def test_without_a_product_file_there_are_levels_and_no_quantities(
    store: Store, write: Write
) -> None:
    fill(store, write, orders=orders_of(STEADY))
    made = stock.plan(store, lead_time_days=14)
    assert made.table["reorder_point"].notna().all()
    assert made.table["order_quantity"].isna().all()
    assert "does not say what is in stock" in made.verdict
    assert stock.order_list(made).empty


def test_an_empty_store_and_an_early_day_say_what_to_do(store: Store, write: Write) -> None:
    with pytest.raises(NotEnoughDataError, match="no orders"):
        stock.plan(store)
    fill(store, write, orders=orders_of(STEADY), products=PRODUCTS)
    with pytest.raises(NotEnoughDataError, match="No product was sold before 6 January 2025"):
        stock.plan(store, as_of=FIRST)


def test_one_product_a_negative_stock_and_no_cost(store: Store, write: Write) -> None:
    fill(
        store, write, orders=orders_of({"tea": [2] * 60}),
        products="product_id,name,stock,lead_time_days\ntea,Green tea,-6,7\n",
    )  # fmt: skip
    made = stock.plan(store)
    row = made.table.iloc[0]
    assert row["order_quantity"] == row["order_up_to"] + 6
    assert row["days_of_cover"] == 0
    assert row["lost_units"] == pytest.approx(28 + 6, abs=0.5)
    assert np.isnan(row["order_money"])
    assert made.verdict.startswith(f"Order {row['order_quantity']:,.0f} units of 1 product now")
    assert "1 product has a stock below zero" in " ".join(made.notes)
    assert "no cost" in " ".join(made.notes)


def test_one_day_of_sales(store: Store, write: Write) -> None:
    fill(store, write, orders=orders_of({"tea": [4]}), products=PRODUCTS)
    made = stock.plan(store)
    tea = made.table.set_index("product_id").loc["tea"]
    assert tea["daily_demand"] == pytest.approx(4)
    assert np.isnan(made.reached)
    assert "too short" in " ".join(made.notes)


def test_classes_by_revenue_and_variation(store: Store, write: Write) -> None:
    units = {"a": [8] * 140, "b": [1] * 140, "c": [0] * 139 + [1]}
    fill(store, write, orders=orders_of(units))
    rows = stock.plan(store, lead_time_days=7).table.set_index("product_id")
    assert rows["abc"].to_dict() == {"a": "A", "b": "B", "c": "C"}
    assert rows.loc["a", "xyz"] == "X"


def test_marked_days_out_of_stock_do_not_lower_the_demand(store: Store, write: Write) -> None:
    fill(store, write, orders=orders_of({"tea": [4] * 110 + [0] * 30, "cup": [1] * 140}),
         products=PRODUCTS)  # fmt: skip
    before = stock.plan(store).table.set_index("product_id").loc["tea", "daily_demand"]
    write_stock_out(store, "tea", FIRST + timedelta(days=110), FIRST + timedelta(days=139))
    after = stock.plan(store).table.set_index("product_id").loc["tea", "daily_demand"]
    assert before < 3.5
    assert after == pytest.approx(4, rel=0.01)


def test_a_forecast_takes_the_place_of_the_level(shop: Store) -> None:
    better = pd.DataFrame({"product_id": ["tea"], "daily_demand": [20.0]})
    rows = stock.plan(shop, expected=better).table.set_index("product_id")
    assert rows.loc["tea", "daily_demand"] == pytest.approx(20)
    assert rows.loc["cup", "daily_demand"] == pytest.approx(0.5, rel=0.05)


@pytest.fixture(scope="module")
def sample() -> Iterator[Store]:
    with Store() as filled:
        load_folder(filled, ROOT / "sample_data")
        yield filled


def test_the_sample_shop_reaches_its_service_on_its_past(sample: Store) -> None:
    made = stock.plan(sample)
    assert len(made.table) == 120
    assert made.reached == pytest.approx(0.95, abs=0.03)
    assert made.tried > 1_000
    file = pd.read_csv(ROOT / "sample_data" / "products.csv").set_index("product_id")
    shown = made.table.set_index("product_id")
    assert (shown["stock"] == file["stock"].reindex(shown.index)).all()
    assert (shown["lead_time_days"] == file["lead_time_days"].reindex(shown.index)).all()
    ordered = shown[shown["order_quantity"] > 0]
    exact = (ordered["order_quantity"] * file["cost"].reindex(ordered.index)).sum()
    assert f"{exact:,.2f} EUR" in made.verdict


def test_five_thousand_products_take_less_than_a_minute(store: Store, write: Write) -> None:
    rng = np.random.default_rng(1)
    product = rng.integers(0, 5_000, 250_000)
    day = rng.integers(0, 730, 250_000)
    when = pd.Timestamp("2024-01-01") + pd.to_timedelta(day, unit="D")
    lines = pd.DataFrame(
        {"order_id": np.arange(250_000), "customer_id": "c", "ordered_at": when,
         "product_id": product, "quantity": 1, "unit_price": 2.5}
    )  # fmt: skip
    path = write("orders.csv", lines.to_csv(index=False))
    load(store, path, inspect(path, table="orders"))
    begun = time.process_time()
    made = stock.plan(store, lead_time_days=14)
    assert time.process_time() - begun < 60
    assert len(made.table) == 5_000


LEVELS = "product_id,day,stock\n"


def levels(product: str, stocks: dict[int, int]) -> str:
    days = (f"{product},{FIRST + timedelta(days=day)},{left}" for day, left in stocks.items())
    return "\n".join(days) + "\n"


def test_the_newest_stock_level_counts_where_the_product_file_has_none(
    store: Store, write: Write
) -> None:
    bare = PRODUCTS.replace(",10,14", ",,14")
    fill(
        store, write, orders=orders_of(STEADY), products=bare,
        stock_levels=LEVELS + levels("tea", {100: 44, 139: 6}) + levels("cup", {139: 1}),
    )  # fmt: skip
    made = stock.plan(store)
    rows = made.table.set_index("product_id")
    assert rows.loc["tea", "stock"] == 6
    assert rows.loc["cup", "stock"] == 200
    assert "1 product has no stock in the product file: the newest of the stock levels counts, of "
    assert any("of 25 May 2025 or before" in note for note in made.notes)


def test_several_places_of_one_day_add_up(store: Store, write: Write) -> None:
    file = LEVELS + levels("tea", {139: 6}) + levels("tea", {139: 5})
    fill(store, write, orders=orders_of({"tea": [2] * 140}), stock_levels=file)
    made = stock.plan(store, lead_time_days=7)
    assert made.table["stock"].tolist() == [11]


def test_days_without_stock_are_not_days_without_demand(store: Store, write: Write) -> None:
    sold = {"tea": [4] * 110 + [0] * 30, "cup": [1] * 140}
    empty = levels("tea", dict.fromkeys(range(109, 140), 0)) + levels("cup", {50: 0})
    fill(store, write, orders=orders_of(sold), products=PRODUCTS, stock_levels=LEVELS + empty)
    tea = stock.plan(store).table.set_index("product_id").loc["tea"]
    assert tea["daily_demand"] == pytest.approx(4, rel=0.01)
    assert tea["stock"] == 10
    days = store.query("demand_stock_outs")
    # On day 109 tea sold and was gone by the evening; the cup sold on its day.
    assert set(days["product_id"]) == {"tea"}
    assert pd.Timestamp(days["first_day"].min()).date() == FIRST + timedelta(days=110)
    assert len(days) == 30
    batch = store.query("batches").set_index("table_name").loc["stock_levels", "batch_id"]
    store.remove(int(batch))
    after = stock.plan(store).table.set_index("product_id").loc["tea"]
    assert after["daily_demand"] < 3.5
