"""From a search to a customer's record, in a real browser and by keyboard."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from playwright.sync_api import Page

from analytics import clusters, profile, rfm
from analytics.store import Store
from tests.e2e.conftest import Server, settle


def test_from_a_search_to_the_record(
    open_page: Callable[..., Page], server: Server, outside: list[str], tmp_path: Path
) -> None:
    page = open_page("customers")
    page.get_by_role("button", name="Load the sample shop").click()
    page.get_by_text("Highest revenue").wait_for()
    settle(page)

    page.get_by_label("Find a customer").click()
    page.keyboard.type("simon.neumann.3@")
    match = page.get_by_role("radio")
    match.first.wait_for(state="attached")
    settle(page)
    assert match.count() == 1
    match.first.focus()
    page.keyboard.press("Space")
    page.get_by_role("heading", name="Simon Neumann (C0003)").wait_for()
    settle(page)
    assert page.url.endswith("customer=C0003")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download their record").click()
    saved = tmp_path / "record.zip"
    download.value.save_as(saved)
    revenue = page.get_by_test_id("stMetricValue").first.inner_text()

    page.get_by_text("List all customers of their group").click()
    page.get_by_role("button", name="Download the list").wait_for()
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the list").click()
    download.value.save_as(tmp_path / "group.csv")
    listed = pd.read_csv(tmp_path / "group.csv", dtype=str, encoding="utf-8-sig")
    assert outside == []

    page.reload()
    page.get_by_role("heading", name="Simon Neumann (C0003)").wait_for()
    server.stop()
    with Store(server.store) as store:
        kept = rfm.keep(store)
        expected = profile.export(store, "C0003", scores=kept.table, unit="EUR")
        row = rfm.score(store).set_index("customer_id").loc["C0003"]
        labels = clusters.fit(store).labels.set_index("customer_id")["cluster"]
        out = set(store.query("opted_out")["customer_id"])
    alike = labels[labels == labels["C0003"]]
    assert set(listed["customer_id"]) == set(alike.index) - out
    assert saved.read_bytes() == expected
    assert revenue == f"{row['monetary']:,.2f}"
    with zipfile.ZipFile(io.BytesIO(expected)) as archive:
        assert f"Segment: {row['segment']}" in archive.read("record.txt").decode()
