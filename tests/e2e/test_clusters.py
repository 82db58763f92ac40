"""From a group, and from a shape drawn on the map, to a downloaded list."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
from playwright.sync_api import Page

from analytics import clusters
from analytics.store import Store
from tests.e2e.conftest import Server, settle


def download(page: Page, target: Path) -> pd.DataFrame:
    with page.expect_download() as begun:
        page.get_by_role("button", name="Download the list").click()
    begun.value.save_as(target)
    return pd.read_csv(target, dtype=str, encoding="utf-8-sig").set_index("customer_id")


def drag(page: Page, corners: list[tuple[float, float]]) -> None:
    """Draw on the map; corners as shares of its width and height."""
    plot = page.locator(".st-key-cluster_map_0, .st-key-cluster_map_1").locator(".nsewdrag").first
    plot.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    box = plot.bounding_box()
    assert box is not None
    places = [
        (box["x"] + across * box["width"], box["y"] + down * box["height"])
        for across, down in corners
    ]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=8)
    page.mouse.up()


def test_groups_lead_to_lists(
    open_page: Callable[..., Page], server: Server, outside: list[str], tmp_path: Path
) -> None:
    page = open_page("segments")
    page.get_by_role("button", name="Load the sample shop").click()
    page.get_by_text("customers are slipping away").wait_for()
    settle(page)
    page.get_by_role("tab", name="By behaviour").click()
    page.get_by_text("groups of customers.").first.wait_for()
    settle(page)

    page.get_by_role("button", name="Show these customers").nth(1).click()
    page.get_by_role("button", name="Download the list").wait_for()
    settle(page)
    of_group = download(page, tmp_path / "group.csv")

    drag(page, [(0.45, 0.2), (0.75, 0.2), (0.75, 0.8), (0.45, 0.8), (0.45, 0.2)])
    page.get_by_role("heading", name="Drawn on the map").wait_for()
    settle(page)
    drawn = download(page, tmp_path / "drawn.csv")
    heading = page.get_by_role("heading", name="Drawn on the map").inner_text()
    assert outside == []
    server.stop()

    with Store(server.store) as store:
        found = clusters.fit(store)
        with store.reading() as cursor:
            rows = cursor.execute("SELECT customer_id FROM opted_out").fetchall()
    out = {row[0] for row in rows}
    labels = found.labels.set_index("customer_id")
    expected = labels[labels["cluster"] == 2]
    assert set(of_group.index) == set(expected.index) - out
    assert set(of_group["cluster_name"]) == {found.profiles["name"].iloc[1]}

    # The drawn shape is a rectangle, so everyone between its outermost members is a member too.
    assert len(drawn) > 300
    assert f"{len(drawn):,} customers" in heading
    places = labels.loc[drawn.index, ["x", "y"]]
    low, high = places.min(), places.max()
    inside = labels[
        labels["x"].between(low["x"], high["x"]) & labels["y"].between(low["y"], high["y"])
    ]
    assert set(drawn.index) == set(inside.index) - out
