"""From the sample shop to an order list and a price, in a real browser."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
from playwright.sync_api import Page

from analytics import forecast, pricing, stock
from analytics.store import Store
from tests.e2e.conftest import Server, settle


def test_the_order_list_is_the_apis_and_a_price_has_its_curve(
    open_page: Callable[..., Page], server: Server, outside: list[str], tmp_path: Path
) -> None:
    page = open_page("stock")
    page.get_by_role("button", name="Load the sample shop").click()
    page.get_by_text("lie beyond what is needed").wait_for()
    # By what sold lately until every product's forecast is made, then by that.
    page.get_by_text("forecast of their units").first.wait_for(timeout=180_000)
    settle(page)
    said = page.get_by_test_id("stMain").inner_text()
    files = {}
    for kind in ("CSV", "Excel"):
        page.get_by_role("radio", name=kind).click()
        settle(page)
        with page.expect_download() as download:
            page.get_by_role("button", name="Download the order list").click()
        files[kind] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[kind])
    page.get_by_role("tab", name="Price").click()
    page.get_by_text("1% dearer sells").wait_for()
    settle(page)
    priced = page.get_by_test_id("stMain").inner_text()
    assert page.get_by_test_id("stException").count() == 0
    assert page.get_by_test_id("stAlertContentError").count() == 0
    page.context.close()
    server.stop()
    with Store(server.store) as store:
        y = forecast.series(store, "total", "W", "units").of("total")
        calendar = forecast.calendar(store, pd.PeriodIndex(y.index), 8)
        total = forecast.with_events(y, 8, calendar)
        points = forecast.agreed(store, "product", total, calendar, "W", "units").many.points
        daily = stock.expected(points, stock.cover_days(store), store.default_as_of())
        made = stock.plan(store, expected=daily)
        curve = pricing.curve(pricing.elasticity(store), "P001", "EUR")
    assert made.verdict in said
    assert curve.verdict in priced
    expected = stock.order_list(made)
    listed = pd.read_csv(files["CSV"], encoding="utf-8-sig")
    assert listed["product_id"].tolist() == expected["product_id"].tolist()
    assert listed["order_quantity"].tolist() == expected["order_quantity"].tolist()
    assert listed["order_money"].tolist() == expected["order_money"].tolist()
    rows = list(openpyxl.load_workbook(files["Excel"]).active.values)
    assert list(rows[0]) == list(expected.columns)
    assert [row[0] for row in rows[1:]] == expected["product_id"].tolist()
    assert [row[4] for row in rows[1:]] == expected["order_quantity"].tolist()
    assert outside == []
