"""The Stock page without a browser: what it says of small shops, and where it refuses."""

import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import ui
from analytics import forecast, stock

ROOT = Path(__file__).parents[2]
Fill = Callable[..., None]
PRICES = [8.0, 9.0, 10.0, 11.5, 13.0, 9.0, 11.5, 8.0, 10.0, 13.0]


def orders(days: int = 420) -> str:
    """Tea at prices that move, cups at one price, two of each a day or so."""
    rows = ["order_id,customer_id,ordered_at,product_id,quantity,unit_price,currency"]
    for place in range(days):
        day = date(2024, 1, 1) + timedelta(days=place)
        tag = PRICES[place // 21 % len(PRICES)]
        units = round(90 / tag) + place % 3
        rows.append(f"t{place},c1,{day},tea,{units},{tag},EUR")
        rows.append(f"c{place},c2,{day},cup,{1 + place % 2},7.00,EUR")
    return "\n".join(rows) + "\n"


PRODUCTS = """product_id,name,category,brand,price,cost,stock,lead_time_days
tea,Tea *best*,drinks,Leaf,10.00,4.00,20,10
cup,Cup,ware,Clay,7.00,3.00,900,10
"""


def visit(**state: object) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for key, value in state.items():
        at.session_state[key] = value
    at.run()
    at.switch_page("pages/stock.py").run()
    assert not at.exception
    return at


def said(at: AppTest) -> str:
    boxes = (*at.markdown, *at.caption, *at.info, *at.error)
    return "\n".join(str(box.value) for box in boxes).replace("\\", "")


def test_the_answer_is_the_plans(fill: Fill) -> None:
    fill(orders=orders(), products=PRODUCTS)
    at = visit()
    shown = said(at)
    assert "units of 1 product for" in shown
    assert "1 is out or will run out this week" in shown
    assert "lie beyond what is needed" in shown
    assert at.dataframe[0].value["product"].tolist() == ["Tea *best*"]


def test_the_order_is_that_of_the_chosen_brand(fill: Fill) -> None:
    fill(orders=orders(), products=PRODUCTS)
    at = visit()
    next(box for box in at.selectbox if box.label == "Brand").set_value("Clay").run()
    assert not at.exception
    assert "Nothing has to be ordered now" in said(at)
    assert "There is nothing to order." in said(at)


def test_without_lead_times_the_page_asks_for_one(fill: Fill) -> None:
    bare = "\n".join(line.rsplit(",", 1)[0] for line in PRODUCTS.splitlines()) + "\n"
    fill(orders=orders(100), products=bare)
    at = visit()
    assert "does not say how long a delivery takes" in said(at)
    next(box for box in at.number_input if box.label == "Shortest, days").set_value(10).run()
    assert not at.error
    assert "10 days are assumed" in said(at)


def test_without_a_product_file_there_are_levels(fill: Fill) -> None:
    fill(orders=orders(100))
    at = visit(stock_lead_from=7)
    next(box for box in at.number_input if box.label == "Shortest, days").set_value(7).run()
    assert not at.exception
    assert "does not say what is in stock" in said(at)


def test_a_known_price_has_a_curve_and_an_unknown_one_a_test(fill: Fill) -> None:
    fill(orders=orders(), products=PRODUCTS)
    at = visit(stock_tab="Price")
    shown = said(at)
    assert "for 1 of 2 products" in shown
    assert "1% dearer sells" in shown
    assert any("Tea \\*best\\*" in str(box.value) for box in at.markdown)
    assert "never show different people different prices" in shown
    next(box for box in at.selectbox if box.label == "Product").set_value("cup").run()
    assert not at.exception
    shown = said(at)
    assert "Cup: how demand answers is not known." in shown
    assert "would tell" in shown


def test_categories_say_why_not(fill: Fill) -> None:
    fill(orders=orders(), products=PRODUCTS)
    at = visit(stock_tab="Price", price_by="category")
    assert "for none of 2 categories" in said(at)


def test_every_list_opens(fill: Fill) -> None:
    fill(orders=orders(), products=PRODUCTS)
    for tab in ("All products", "Lies too long"):
        at = visit(stock_lists=tab)
        assert not at.error
        assert len(at.dataframe) == 1


@pytest.mark.parametrize("aim", ["service", "costs"])
def test_both_aims_give_the_plan_of_the_api(fill: Fill, aim: str) -> None:
    fill(orders=orders(), products=PRODUCTS)
    at = visit(stock_aim=aim)
    shown = said(at)
    store = ui.store()
    y = forecast.series(store, "total", "W", "units").of("total")
    calendar = forecast.calendar(store, y.index, 8)  # type: ignore[arg-type]
    total = forecast.with_events(y, 8, calendar)
    points = forecast.agreed(store, "product", total, calendar, "W", "units").many.points
    day = store.default_as_of()
    known = stock.expected(points, stock.cover_days(store), day)
    made = stock.plan(store, expected=known, **({"cost_ratio": 19.0} if aim == "costs" else {}))
    assert made.verdict in shown
    assert "Demand page's forecast of their units" in shown


def test_many_products_go_by_their_level_until_their_forecast_is_made(
    fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(orders=orders(), products=PRODUCTS)
    monkeypatch.setattr("ui.demand_agreed.AT_ONCE", 0)
    monkeypatch.setattr("ui.stock_expected.UNASKED", 0)
    at = visit()
    assert stock.plan(ui.store()).verdict in said(at)
    next(box for box in at.button if "forecasts of all 2 products" in box.label).click().run()
    for _ in range(120):
        if "Demand page's forecast" in said(at):
            break
        time.sleep(0.25)
        at.run()
    assert not at.exception
    assert "Demand page's forecast of their units" in said(at)
