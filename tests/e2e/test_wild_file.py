"""A file of the wild in a real browser: Chinese headers in GBK, order totals on every line."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from tests.e2e.conftest import menu, settle

LINES = (
    "订单编号,买家会员名,订单创建时间,商品ID,数量,单价,买家实际支付金额\n"
    "1,小红,2024-03-01 10:00:00,杯子,2,10.00,35.00\n"
    "1,小红,2024-03-01 10:00:00,茶,1,15.00,35.00\n"
    "2,王伟,2024-03-02 11:00:00,茶,1,15.00,25.00\n"
    "2,王伟,2024-03-02 11:00:00,杯子,1,10.00,25.00\n"
    "3,张敏,2024-03-03 12:00:00,茶,2,15.00,30.00\n"
)


def test_totals_on_every_line_count_once(open_page: Callable[..., Page], tmp_path: Path) -> None:
    path = tmp_path / "订单.csv"
    path.write_bytes(LINES.encode("gbk"))
    page = open_page("data")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_text("The total is counted once").wait_for()
    settle(page)
    assert page.get_by_text("looks like Chinese, simplified").count() == 1
    menu(page, "Overview")
    menu(page, "Data")
    page.get_by_text("The total is counted once").wait_for()
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("Receipt: 订单.csv").wait_for()
    settle(page)
    box = page.get_by_role("textbox", name="The revenue you know from elsewhere")
    box.fill("90.00")
    box.press("Enter")
    page.get_by_text("They agree: 90.00").wait_for()
    box.fill("150.00")
    box.press("Enter")
    page.get_by_text("60.00 less").wait_for()

    page.get_by_role("tab", name="What the store holds").click()
    page.get_by_role("button", name="Back up the store").wait_for()
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Back up the store").click()
    saved = tmp_path / "saved.regulars"
    download.value.save_as(saved)
    page.get_by_role("tab", name="Import").click()
    settle(page)
    menu(page, "Overview")
    assert page.get_by_test_id("stMetricValue").first.inner_text() == "90.00"
    menu(page, "Data")
    page.get_by_role("tab", name="What the store holds").click()
    settle(page)
    page.locator("input[type=file]").last.set_input_files(saved)
    page.get_by_role("button", name="Put it in the present store's place").click()
    settle(page)
    menu(page, "Overview")
    page.get_by_test_id("stMetricValue").first.wait_for()
    assert page.get_by_test_id("stMetricValue").first.inner_text() == "90.00"
