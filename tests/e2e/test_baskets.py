"""From a rule to a list, in a real browser."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
from playwright.sync_api import Page

from tests.e2e.conftest import ROOT, click_row, downloaded, settle

KIT, COFFEE = "Harbour Pour-over Kit", "Harbour Filter Coffee"


def expected() -> set[str]:
    """Who bought the kit and never the coffee, from the files; refusals left out."""
    orders = pd.read_csv(ROOT / "sample_data" / "orders.csv", dtype=str)
    products = pd.read_csv(ROOT / "sample_data" / "products.csv", dtype=str)
    customers = pd.read_csv(ROOT / "sample_data" / "customers.csv", dtype=str)
    number = dict(zip(products["name"], products["product_id"], strict=True))
    counted = orders[orders["status"].ne("cancelled") & orders["customer_id"].notna()]
    bought = {
        name: set(counted.loc[counted["product_id"] == number[name], "customer_id"])
        for name in (KIT, COFFEE)
    }
    refused = set(customers.loc[customers["consent"] == "no", "customer_id"])
    return bought[KIT] - bought[COFFEE] - refused


def test_a_rule_becomes_a_list(
    open_page: Callable[..., Page], outside: list[str], tmp_path: Path
) -> None:
    page = open_page("baskets")
    page.get_by_role("button", name="Load the sample shop").click()
    page.get_by_text("rules hold").wait_for()
    settle(page)
    click_row(page, "What goes together", 0)
    people = expected()
    page.get_by_text(f"{KIT}, but never {COFFEE}: {len(people):,} customers").wait_for()
    settle(page)
    listed = downloaded(page, tmp_path)
    assert set(listed["customer_id"]) == people
    assert len(listed) == len(people) > 0
    page.get_by_role("tab", name="Cart").click()
    page.get_by_text("one item was hidden").wait_for()
    assert page.get_by_test_id("stException").count() == 0
    assert outside == []
