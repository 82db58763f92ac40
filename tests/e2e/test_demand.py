"""From the whole shop's forecast to a category and a product, in a real browser."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page

from analytics import forecast
from analytics.store import Store
from tests.e2e.conftest import Server, click_row, settle


def test_a_forecast_leads_to_a_product(
    server: Server, open_page: Callable[..., Page], outside: list[str], tmp_path: Path
) -> None:
    page = open_page("demand")
    page.get_by_role("button", name="Load the sample shop").click()
    page.get_by_text("Next 8 weeks:").wait_for()
    settle(page)
    page.get_by_role("tab", name="Categories and products").click()
    page.get_by_text("Select a row to see its course").wait_for()
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download all series").click()
    target = tmp_path / "series.csv"
    download.value.save_as(target)
    click_row(page, "Forecast of categories", 0)
    page.get_by_text("Home, next 8 weeks:").wait_for()
    settle(page)
    page.get_by_role("combobox", name="Of").click()
    page.get_by_role("option", name="Product", exact=True).click()
    page.get_by_text("Amber Plant Pot, next 8 weeks:").wait_for()
    settle(page)
    page.get_by_role("tab", name="Backtest").click()
    page.get_by_text("of the error of").wait_for()
    settle(page)
    page.get_by_role("tab", name="Season calendar").click()
    page.get_by_text("What to promote in September, to whom").wait_for()
    settle(page)
    assert page.get_by_test_id("stException").count() == 0
    assert page.get_by_test_id("stAlertContentError").count() == 0
    assert outside == []
    page.context.close()
    server.stop()
    written = pd.read_csv(target, encoding="utf-8-sig", parse_dates=["start"])
    with Store(server.store) as store:
        expected = forecast.series(store, "category")
    past = written.dropna(subset=["sold"]).set_index(["series", "start"])["sold"]
    known = expected.frame.assign(start=pd.PeriodIndex(expected.frame["period"]).start_time)
    known = known.set_index(["series", "start"])["value"]
    pd.testing.assert_series_equal(
        past.sort_index(), known.sort_index(), check_names=False, check_index_type=False
    )
    ahead = written.dropna(subset=["forecast"])
    assert ahead.groupby("series").size().eq(8).all()
    assert set(ahead["series"]) == set(expected.names)
    assert ahead["forecast"].to_numpy() == pytest.approx(
        ahead["forecast"].clip(ahead["lo95"], ahead["hi95"]).to_numpy()
    )
