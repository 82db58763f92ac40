"""The closed loop in a real browser: hold out, download, import later orders, read the proof."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from playwright.sync_api import Page

from tests.e2e.conftest import click_row, downloaded, menu, settle

CUSTOMERS, BEFORE, AFTER, PRICE = 800, 0.25, 0.6, 30
HEADER = "order_id,customer_id,ordered_at,product_id,quantity,unit_price,currency\n"
DAYS = pd.date_range("2025-01-01", "2025-02-28")
LATER = pd.date_range("2025-03-01", "2025-03-30")


def earlier_orders() -> str:
    """Two months of orders; the last one on 28 February."""
    rng = np.random.default_rng(20250301)
    lines = [
        f"{number}-{n},C{number:04d},{DAYS[rng.integers(len(DAYS))]:%Y-%m-%d} 10:00:00,tea,1,20,EUR"
        for number in range(CUSTOMERS)
        for n in range(int(rng.integers(1, 4)))
    ]
    return HEADER + "\n".join([*lines, "last,C0000,2025-02-28 12:00:00,tea,1,20,EUR", ""])


def later_orders(contacted: set[str]) -> str:
    """A month in which the contacted order more often than the others; the last one on 31 March."""
    rng = np.random.default_rng(20250331)
    everyone = [f"C{number:04d}" for number in range(CUSTOMERS)]
    lines = [
        f"n{number},{customer},{LATER[rng.integers(30)]:%Y-%m-%d} 10:00:00,tea,1,{PRICE},EUR"
        for number, customer in enumerate(everyone)
        if rng.random() < (AFTER if customer in contacted else BEFORE)
    ]
    return HEADER + "\n".join([*lines, "end,C0000,2025-03-31 12:00:00,tea,1,20,EUR", ""])


def bring_in(page: Page, path: Path) -> None:
    page.locator("input[type=file]").first.set_input_files(path)
    page.get_by_role("button", name="Import", exact=True).wait_for()
    settle(page)
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text(f"Receipt: {path.name}").wait_for()
    settle(page)


def fill(page: Page, label: str, text: str) -> None:
    box = page.get_by_label(label, exact=True)
    box.fill(text)
    box.press("Enter")
    settle(page)


def test_a_holdout_proves_what_a_campaign_brought(
    open_page: Callable[..., Page], outside: list[str], tmp_path: Path
) -> None:
    first, second = tmp_path / "before.csv", tmp_path / "after.csv"
    first.write_text(earlier_orders(), encoding="utf-8")
    page = open_page("data")
    bring_in(page, first)

    menu(page, "Campaigns")
    fill(page, "Name", "Everyone who bought")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved “Everyone who bought”").wait_for()
    page.get_by_role("radio", name="New campaign").click()
    page.get_by_text("is proven in 80% of all cases").wait_for()
    settle(page)
    fill(page, "Name of the campaign", "Spring tea")
    fill(page, "Cost per contact, EUR", "0.10")
    page.get_by_role("button", name="Launch the campaign").click()
    page.get_by_text("160 held out by chance").wait_for()
    settle(page)
    listed = downloaded(page, tmp_path)
    contacted = set(listed["customer_id"])
    assert len(listed) == len(contacted) == 640

    second.write_text(later_orders(contacted), encoding="utf-8")
    menu(page, "Data")
    bring_in(page, second)
    menu(page, "Campaigns")
    page.get_by_role("radio", name="Results").click()
    page.get_by_text("Select a campaign to see its result").wait_for()
    settle(page)
    click_row(page, "Campaigns", 0)
    said = page.get_by_text(re.compile("Sales rose by between")).first.inner_text()
    lo, hi = (
        float(part.replace(",", ""))
        for part in re.findall(r"by between ([\d,.]+) and ([\d,.]+) EUR", said)[0]
    )
    assert lo < (AFTER - BEFORE) * PRICE * len(contacted) < hi
    assert "it paid off" in said

    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_text("Deleted “Spring tea”").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Select a campaign to see its result").wait_for()
    assert page.get_by_test_id("stException").count() == 0
    assert outside == []
