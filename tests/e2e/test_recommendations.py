"""From a customer's recommendations to everyone's list, in a real browser."""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from playwright.sync_api import Page

from analytics import recommend
from analytics.store import Store
from tests.e2e.conftest import Server, settle

WHO = "C0320"


def look_at(page: Page, who: str) -> None:
    box = page.get_by_label("Find a customer")
    box.wait_for()
    box.fill(who)
    box.press("Enter")
    page.get_by_text(f"({who}).").wait_for()
    settle(page)


def offered(page: Page) -> list[str]:
    """What both jobs offer, by name, from the thumbs beneath each."""
    groups = page.get_by_role("radiogroup", name=re.compile("^What is said of "))
    names = groups.evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
    return [name.removeprefix("What is said of ") for name in names]


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()
    settle(page)


def download(page: Page, target: Path) -> pd.DataFrame:
    with page.expect_download() as got:
        page.get_by_role("button", name="Download the list").click()
    got.value.save_as(target)
    return pd.read_csv(target, dtype={"customer_id": str}, encoding="utf-8-sig")


def test_from_a_customer_to_everyones_list(
    open_page: Callable[..., Page], server: Server, outside: list[str], tmp_path: Path
) -> None:
    page = open_page("recommendations")
    page.get_by_role("button", name="Load the sample shop").click()
    page.get_by_role("button", name="Find what to recommend").click()
    page.get_by_role("tab", name="For a customer").wait_for(timeout=300_000)
    settle(page)

    look_at(page, WHO)
    first = offered(page)
    assert len(first) == 10
    assert page.get_by_text(re.compile("^They (bought|ordered) ")).count() >= 5
    never = first[0]
    group = page.get_by_role("radiogroup", name=f"What is said of {never}", exact=True).first
    group.get_by_role("radio", name="Never").focus()
    page.keyboard.press("Enter")
    page.get_by_text(f"{never}: never show").wait_for()
    settle(page)
    assert never not in offered(page)
    assert offered(page)[0] == first[1]
    page.reload()
    look_at(page, WHO)
    assert never not in offered(page)

    open_tab(page, "For a product")
    page.get_by_role("combobox", name="Product").fill(never)
    page.keyboard.press("Enter")
    page.get_by_text(f"Whom to tell about {never}").wait_for()
    settle(page)
    told = download(page, tmp_path / "told.csv")
    assert set(told["product"]) == {never}

    open_tab(page, "For everyone")
    page.get_by_text("Something new: ").wait_for()
    settle(page)
    listed = download(page, tmp_path / "everyone.csv")
    assert page.get_by_test_id("stException").count() == 0
    assert outside == []

    server.stop()
    with Store(server.store) as store:
        exclude = recommend.never_shown(store)
        assert exclude["customer_id"].tolist() == [WHO]
        product = exclude["product_id"].iloc[0]
        recommend.take_back(store, WHO, product)
        model = recommend.fit(store, "discover")
        refused = set(store.query("opted_out")["customer_id"])
        ids = [one for one in model.history.customers["customer_id"] if one not in refused]
        expected = model.for_customers(ids, 5, exclude=exclude, reasons=False)
        likely = model.for_product(product, 1000, exclude)
    columns = ["customer_id", "rank", "product_id"]
    pd.testing.assert_frame_equal(listed[columns], expected[columns], check_dtype=False)
    assert (WHO, product) not in set(zip(listed["customer_id"], listed["product_id"], strict=True))
    kept = likely[~likely["customer_id"].isin(refused)]
    assert told["customer_id"].tolist() == kept["customer_id"].tolist()
    assert WHO not in set(told["customer_id"])
