"""From a rule to a list, in a real browser: the count, the saved audience, the file's people."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
from playwright.sync_api import Page

from analytics import audience, profile
from analytics.audience import All, Feature, Rule, Sequence, Step
from analytics.store import Store, load_folder
from tests.e2e.conftest import ROOT, downloaded, settle

VIEWED = Sequence(Step("view"), Step("purchase"), within_days=7, happened=False, days=30)


def expected(rule: Rule) -> tuple[int, set[str]]:
    """How many people a rule finds in the sample shop, and those of them who may be addressed."""
    with Store() as own:
        load_folder(own, ROOT / "sample_data")
        found = audience.members(own, rule, features=profile.keep(own).table)["customer_id"]
    customers = pd.read_csv(ROOT / "sample_data" / "customers.csv", dtype=str)
    refused = set(customers.loc[customers["consent"] == "no", "customer_id"])
    return len(found), set(found) - refused


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).first.click()
    page.get_by_role("option", name=option).click()
    settle(page)


def test_a_rule_becomes_a_saved_audience_and_a_list(
    open_page: Callable[..., Page], outside: list[str], tmp_path: Path
) -> None:
    page = open_page("campaigns")
    page.get_by_role("button", name="Load the sample shop").click()
    page.get_by_text("of 4,000 customers fit").wait_for()
    choose(page, "Start from", "Viewed but did not buy in 7 days")
    page.get_by_role("button", name="Start", exact=True).click()
    alone, _ = expected(VIEWED)
    page.get_by_text(f"{alone:,} of 4,000 customers fit").wait_for()

    page.get_by_role("button", name="Add a condition").click()
    settle(page)
    value = page.get_by_label("Value", exact=True)
    value.fill("2")
    value.press("Enter")
    many, willing = expected(All((VIEWED, Feature("orders", "at_least", (2,)))))
    page.get_by_text(f"{many:,} of 4,000 customers fit").wait_for()
    name = page.get_by_role("textbox", name="Name")
    name.fill("Just looking")
    name.press("Enter")
    settle(page)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved “Just looking”").wait_for()
    settle(page)

    page.get_by_text("Show and download these customers").click()
    page.get_by_text(f"Just looking: {len(willing):,} customers").wait_for()
    settle(page)
    listed = downloaded(page, tmp_path)
    assert len(listed) == len(willing)
    assert set(listed["customer_id"]) == willing
    assert 0 < len(willing) < many

    page.get_by_role("tab", name="Saved audiences").click()
    page.get_by_text("Select a row to change an audience").wait_for()
    assert page.get_by_test_id("stException").count() == 0
    assert outside == []
