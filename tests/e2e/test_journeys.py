"""From a drop-off in the funnel to a downloaded list, in a real browser."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
from playwright.sync_api import Page

from tests.e2e.conftest import ROOT, downloaded, settle


def expected() -> set[str]:
    """Who viewed something and never put anything into the cart within seven days after, by the
    files; refusals left out."""
    events = pd.read_csv(ROOT / "sample_data" / "events.csv", parse_dates=["occurred_at"])
    customers = pd.read_csv(ROOT / "sample_data" / "customers.csv", dtype=str)
    views = events.loc[events["event"] == "view", ["customer_id", "occurred_at"]]
    carts = events.loc[events["event"] == "cart", ["customer_id", "occurred_at"]]
    pairs = views.merge(carts, on="customer_id", suffixes=("", "_cart"))
    gap = pairs["occurred_at_cart"] - pairs["occurred_at"]
    in_time = gap.between(pd.Timedelta(0), pd.Timedelta(days=7))
    refused = set(customers.loc[customers["consent"] == "no", "customer_id"])
    left = set(events.loc[events["event"] == "unsubscribe", "customer_id"])
    assert left <= refused
    return set(views["customer_id"]) - set(pairs.loc[in_time, "customer_id"]) - refused


def test_a_drop_off_becomes_a_list(
    open_page: Callable[..., Page], outside: list[str], tmp_path: Path
) -> None:
    page = open_page("journeys")
    page.get_by_role("button", name="Load the sample shop").click()
    page.get_by_text("Most drop out between").wait_for()
    settle(page)
    box = page.get_by_role("combobox", name="Show the people who")
    box.scroll_into_view_if_needed()  # the list of options closes where the page moves under it
    settle(page)
    box.click()
    page.get_by_role("option", name="Got to 1. view, not to 2. cart").click()
    people = expected()
    page.get_by_text(f"Got to 1. view, not to 2. cart: {len(people):,} customers").wait_for()
    settle(page)
    listed = downloaded(page, tmp_path)
    assert set(listed["customer_id"]) == people
    assert len(listed) == len(people) > 0
    for tab, words in (
        ("Paths", "Most often"),
        ("Carts", "have not bought since"),
        ("Channels", "is credited with most orders"),
    ):
        page.get_by_role("tab", name=tab).click()
        page.get_by_text(words).first.wait_for()
        settle(page)
        assert page.get_by_test_id("stException").count() == 0
    assert outside == []
