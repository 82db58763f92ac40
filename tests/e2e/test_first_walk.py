"""The first walk through the house, in a real browser on a real store."""

import csv
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd
from playwright.sync_api import Page

from analytics import rfm
from analytics.store import Store, load
from tests.e2e.conftest import ROOT, click_row, menu, settle

ORDERS, CUSTOMERS = ROOT / "sample_data" / "orders.csv", ROOT / "sample_data" / "customers.csv"


def upload(page: Page, path: Path) -> None:
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Import", exact=True).wait_for()
    settle(page)


def import_file(page: Page, path: Path) -> None:
    upload(page, path)
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text(f"Receipt: {path.name}").wait_for()
    settle(page)


def test_from_an_order_file_to_a_list(
    open_page: Callable[..., Page], outside: list[str], tmp_path: Path
) -> None:
    page = open_page("data")
    import_file(page, CUSTOMERS)
    import_file(page, ORDERS)
    with ORDERS.open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert page.get_by_text(f"{len(lines):,} new").count() == 1

    menu(page, "Segments")
    with Store() as own:
        load(own, CUSTOMERS)
        load(own, ORDERS)
        scores = rfm.score(own)
    with CUSTOMERS.open(encoding="utf-8") as file:
        refused = {row["customer_id"] for row in csv.DictReader(file) if row["consent"] == "no"}
    at_risk = scores[scores["segment"] == "At risk"]
    names = [segment.name for segment in rfm.VOCABULARIES["eleven"].segments]
    present = [name for name in names if name in set(scores["segment"])]
    click_row(page, "Segments", present.index("At risk"))
    expected = at_risk[~at_risk["customer_id"].isin(refused)]
    page.get_by_text(f"At risk: {len(expected):,} customers").wait_for()
    assert page.get_by_text(f"{len(at_risk) - len(expected):,} more are left out").count() == 1
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the list").click()
    target = tmp_path / "list.csv"
    download.value.save_as(target)

    got = pd.read_csv(target, dtype=str, encoding="utf-8-sig").set_index("customer_id")
    assert set(got.index) == set(expected["customer_id"])
    wanted = expected.set_index("customer_id")
    for customer, row in got.iterrows():
        assert int(row["recency_days"]) == wanted.loc[customer, "recency_days"]
        assert int(row["frequency"]) == wanted.loc[customer, "frequency"]
        assert Decimal(row["monetary"]) == Decimal(str(wanted.loc[customer, "monetary"]))
        assert row["segment"] == "At risk"
    assert outside == []


def test_one_click_loads_the_sample_shop_and_one_removes_it(open_page: Callable[..., Page]) -> None:
    page = open_page("segments")
    assert page.get_by_text("There are no orders yet").count() == 1
    page.get_by_role("button", name="Load the sample shop").click()
    page.get_by_text("customers are slipping away").wait_for()
    menu(page, "Data")
    page.get_by_role("button", name="Remove the sample shop").click()
    page.get_by_role("button", name="Load the sample shop").wait_for()
    menu(page, "Overview")
    assert page.get_by_text("There are no orders yet").count() == 1


def test_cancel_leaves_nothing_and_a_removed_import_is_gone(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    big = tmp_path / "big.csv"
    start = datetime(2024, 1, 1)
    with big.open("w", encoding="utf-8") as out:
        out.write("order_id,customer_id,ordered_at,product_id,quantity,unit_price\n")
        for order in range(1_200_000):
            moment = start + timedelta(minutes=order % 500_000)
            out.write(f"{order},c{order % 9000},{moment},p{order % 300},2,9.99\n")
    page = open_page("data")
    upload(page, big)
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("The import was cancelled").wait_for()
    settle(page)
    assert page.get_by_role("button", name="Load the sample shop").count() == 1

    small = tmp_path / "small.csv"
    small.write_text(
        "order_id,customer_id,ordered_at,amount\n"
        + "".join(f"{n},c{n},{date(2024, 1, n)},10\n" for n in range(1, 8))
    )
    page.wait_for_function("document.querySelectorAll('[class*=st-key-close_]').length == 1")
    page.locator('[class*="st-key-close_"] button').click()
    settle(page)
    import_file(page, small)
    click_row(page, "Imports", 0)
    page.get_by_role("button", name="Remove small.csv").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    page.get_by_role("button", name="Load the sample shop").wait_for()


def test_a_picture_named_csv_is_explained(open_page: Callable[..., Page], tmp_path: Path) -> None:
    page = open_page("data")
    picture = tmp_path / "orders.csv"
    picture.write_bytes((ROOT / "assets" / "icon.png").read_bytes())
    page.locator("input[type=file]").set_input_files(picture)
    page.get_by_text("is a picture, not a table").wait_for()
