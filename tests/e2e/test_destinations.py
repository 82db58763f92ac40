"""From a segment to a file for an ad platform, in a real browser."""

import csv
import hashlib
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from analytics import rfm
from analytics.store import Store, load
from tests.e2e.conftest import ROOT, click_row, settle

SAMPLE = ROOT / "sample_data"


def test_from_a_segment_to_a_file_for_google(
    open_page: Callable[..., Page], outside: list[str], tmp_path: Path
) -> None:
    page = open_page("segments")
    page.get_by_role("button", name="Load the sample shop").click()
    page.get_by_text("customers are slipping away").wait_for()
    settle(page)
    with Store() as own:
        load(own, SAMPLE / "orders.csv")
        scores = rfm.score(own)
    names = [segment.name for segment in rfm.VOCABULARIES["eleven"].segments]
    present = [name for name in names if name in set(scores["segment"])]
    click_row(page, "Segments", present.index("At risk"))
    page.get_by_role("heading", name="At risk:").wait_for()
    box = page.get_by_label("For", exact=True)
    box.scroll_into_view_if_needed()  # the list of options closes where the page moves under it
    settle(page)
    box.click()
    page.get_by_role("option", name="Google Ads").click()
    page.get_by_text("will be in the file").wait_for()
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the file").click()
    target = tmp_path / "google.csv"
    download.value.save_as(target)

    at_risk = set(scores.loc[scores["segment"] == "At risk", "customer_id"])
    with (SAMPLE / "customers.csv").open(encoding="utf-8", newline="") as file:
        listed = [row for row in csv.DictReader(file) if row["customer_id"] in at_risk]
    agreed = {row["email"] for row in listed if row["consent"] == "yes" and row["email"]}
    unknown = sum(row["consent"] == "" for row in listed)
    with target.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["Email"] for row in rows if row["Email"]} == {
        hashlib.sha256(email.encode()).hexdigest() for email in agreed
    }
    assert set(rows[0]) == {"Email", "Phone", "First Name", "Last Name", "Country", "Zip"}
    assert page.get_by_text(f"{len(rows):,} people will be in the file").count() == 1
    assert page.get_by_text(f"{unknown:,} left out: no consent known").count() == 1
    assert outside == []
