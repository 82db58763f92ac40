"""From the sample shop to the people behind a cohort's cell, and to those worth most."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
from playwright.sync_api import Page

from analytics import cohorts, lifetime
from analytics.store import Store
from tests.e2e.conftest import Server, settle

ROW, CELL_HEIGHT, STARTED_AND_NAME, CELL = 3, 35, 96 + 58, 58


def download(page: Page, to: Path) -> pd.DataFrame:
    with page.expect_download() as found:
        page.get_by_role("button", name="Download the list").click()
    found.value.save_as(to)
    return pd.read_csv(to, encoding="utf-8-sig")


def test_lists_are_the_cells_and_the_expectations(
    open_page: Callable[..., Page], server: Server, outside: list[str], tmp_path: Path
) -> None:
    page = open_page("retention")
    page.get_by_role("button", name="Load the sample shop").click()
    page.get_by_text("of customers order again in the month after").wait_for()
    settle(page)
    grid = page.get_by_test_id("stDataFrame").first
    grid.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    box = grid.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + STARTED_AND_NAME + 2.5 * CELL, box["y"] + (ROW + 1.5) * CELL_HEIGHT)
    settle(page)
    page.get_by_role("heading", name="Dec 2024, month 2: who came back").wait_for()
    came = download(page, tmp_path / "came.csv")
    page.get_by_role("tab", name="What they are worth").click()
    page.get_by_role("heading", name="Worth most in the next 90 days").wait_for()
    settle(page)
    said = page.get_by_test_id("stMain").inner_text()
    best = download(page, tmp_path / "best.csv")
    assert page.get_by_test_id("stException").count() == 0
    assert page.get_by_test_id("stAlertContentError").count() == 0
    page.context.close()
    server.stop()
    with Store(server.store) as store:
        cells = cohorts.retention(store)
        worth = lifetime.keep(store)
        opted_out = set(store.query("opted_out")["customer_id"])
        listed = store.query("lifetime_list", tables={"worth": worth.table}, days=90, still=None)
    cell = cells[(cells["cohort"] == "2024-12-01") & (cells["period"] == 2)]["value"].iloc[0]
    assert 0 < len(came) <= cell
    assert not set(came["customer_id"]) & opted_out
    total = worth.totals.set_index("days").loc[90, "revenue"]
    assert f"{total:,.0f} EUR in the next 90 days" in said
    may = listed[~listed["opted_out"]]
    assert len(best) == len(may)
    assert best["expected_revenue"].iloc[0] == may["expected_revenue"].max()
    assert outside == []
