"""Tests in a real browser: plan one, read one that was run elsewhere, and two of the shop's own."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Page

from tests.e2e.conftest import menu, settle

USERS, BEFORE, AFTER = 4_000, 0.10, 0.14


def rows_of_users() -> str:
    """A landing-page test with a planted lift of four points."""
    rng = np.random.default_rng(20250401)
    lines = ["user_id,group,converted,revenue"]
    for group, rate in (("control", BEFORE), ("treatment", AFTER)):
        for n in range(USERS):
            bought = rng.random() < rate
            money = f"{rng.gamma(4, 10):.2f}" if bought else "0"
            lines.append(f"{group[0]}{n},{group},{int(bought)},{money}")
    return "\n".join([*lines, ""])


def part(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).click()
    settle(page)


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).first.click()
    page.get_by_role("option", name=option, exact=True).click()
    settle(page)


def test_a_test_is_planned_and_read(
    open_page: Callable[..., Page], outside: list[str], tmp_path: Path
) -> None:
    page = open_page("experiments")
    part(page, "Plan a test")
    page.get_by_text("is found 80% of the time").wait_for()
    name = page.get_by_label("Name of the experiment")
    name.fill("free_delivery_bar")
    name.press("Enter")
    settle(page)
    page.get_by_role("button", name="Save the plan").click()
    page.get_by_text("Saved the plan of").wait_for()

    file = tmp_path / "landing page.csv"
    file.write_text(rows_of_users(), encoding="utf-8")
    part(page, "Run elsewhere")
    part(page, "Upload one row a user")
    page.locator("input[type=file]").first.set_input_files(file)
    page.get_by_role("heading", name="Treatment is better: its revenue per user is").wait_for()
    settle(page)
    choose(page, "Judged by", "Converted rate")
    verdict = page.get_by_role("heading", name="Treatment is better: its converted rate is")
    verdict.wait_for()
    lo, hi = (float(each) for each in verdict.inner_text().split(" is ")[2].split()[0:3:2])
    assert lo < 100 * (AFTER - BEFORE) < hi
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the report").click()
    report = tmp_path / "report.html"
    download.value.save_as(report)
    text = report.read_text(encoding="utf-8")
    assert "Treatment is better: its converted rate is" in text
    assert "<svg" in text

    part(page, "Results")
    page.get_by_role("button", name="Load the sample shop").click()
    page.get_by_text("Can it be trusted?").wait_for()
    settle(page)
    page.get_by_role("heading", name="Cannot tell yet: with treatment its revenue").wait_for()
    choose(page, "Experiment", "free_delivery_bar")
    page.get_by_role("heading", name="Keep running: 3,000 of the planned").wait_for()
    part(page, "Plan a test")
    page.get_by_role("button", name="Delete the plan").click()
    settle(page)
    part(page, "Results")
    page.get_by_role("heading", name="Treatment is better: its revenue per visitor is").wait_for()
    choose(page, "Judged by", "Conversion rate")
    page.get_by_role("heading", name="Treatment is better: its conversion rate is").wait_for()
    page.get_by_role("tab", name="Customers").click()
    page.get_by_role("heading", name="free_delivery_bar, control:").wait_for()
    settle(page)
    assert page.get_by_role("button", name="Download the list").count() == 1

    menu(page, "Overview")
    menu(page, "Experiments")
    page.get_by_role("heading", name="Treatment is better: its conversion rate is").wait_for()
    assert page.get_by_test_id("stException").count() == 0
    assert page.get_by_test_id("stAlertContentError").count() == 0
    assert outside == []
