"""From who is overdue to a campaign, in a real browser: the answer, the kept list, the launch."""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from playwright.sync_api import Page

from analytics import propensity, rfm
from analytics.propensity.overdue import OVERDUE_SHARE
from analytics.store import Store, load_folder
from tests.e2e.conftest import ROOT, downloaded, menu, settle

FM_OF_GOOD = 4


def expected() -> tuple[set[str], set[str]]:
    """Good customers of the sample shop who are overdue, and those of them who may be addressed."""
    with Store() as own:
        load_folder(own, ROOT / "sample_data")
        dates = propensity.next_order(own).dates
        scores = own.query("rfm_grid", tables={"scores": rfm.keep(own).table})
        assert scores["fm"].max() == 5
        ranked = own.query(
            "rfm_list", tables={"scores": rfm.keep(own).table}, segment=None, r=None, fm=None
        )  # fmt: skip
    fm = (ranked["f"] + ranked["m"] + 1) // 2
    good = set(ranked.loc[fm >= FM_OF_GOOD, "customer_id"])
    late = dates[
        (dates["gaps"] > 0)
        & (dates["overdue_times"] >= propensity.OVERDUE_TIMES)
        & (dates["shorter_share"] >= OVERDUE_SHARE)
        & (dates["chance_share"] >= propensity.LAPSED_CHANCE)
    ]
    overdue = set(late["customer_id"]) & good
    customers = pd.read_csv(ROOT / "sample_data" / "customers.csv", dtype=str)
    return overdue, overdue - set(customers.loc[customers["consent"] == "no", "customer_id"])


def test_the_overdue_become_a_campaign(
    open_page: Callable[..., Page], outside: list[str], tmp_path: Path
) -> None:
    overdue, willing = expected()
    page = open_page("predictions")
    page.get_by_role("button", name="Load the sample shop").click()
    page.get_by_role("tab", name="Overdue").click()
    page.get_by_text(f"{len(overdue):,} of ").first.wait_for()
    settle(page)
    said = page.get_by_text("A usual order of theirs is worth").first.inner_text()
    assert re.match(rf"{len(overdue):,} of [\d,]+ good customers are overdue", said)
    assert re.search(r"worth [\d,.]+ EUR", said)
    page.get_by_text(f"Overdue customers: {len(willing):,} customers").wait_for()
    page.get_by_role("button", name="Use in a campaign").click()
    page.get_by_role("button", name="Keep the list").click()
    page.get_by_text(f"Kept “Overdue customers”: {len(overdue):,} customers").wait_for()

    page.get_by_role("link", name="Go to Campaigns").click()
    page.get_by_role("heading", name="Campaigns", exact=True).wait_for()
    settle(page)
    page.get_by_role("radio", name="New campaign").click()
    settle(page)
    page.get_by_role("combobox", name="Audience").first.click()
    page.get_by_role("option", name="Overdue customers (uploaded list)").click()
    page.get_by_text("is proven in 80% of all cases").wait_for()
    settle(page)
    name = page.get_by_label("Name of the campaign", exact=True)
    name.fill("We miss you")
    name.press("Enter")
    settle(page)
    page.get_by_role("button", name="Launch the campaign").click()
    page.get_by_text("held out by chance").first.wait_for()
    settle(page)
    listed = set(downloaded(page, tmp_path)["customer_id"])
    assert 0 < len(listed) < len(willing)
    assert listed < willing
    menu(page, "Predictions")
    page.get_by_role("tab", name="Who will").wait_for()
    assert page.get_by_test_id("stException").count() == 0
    assert outside == []
