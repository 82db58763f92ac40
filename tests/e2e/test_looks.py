"""Every page, wide in light and narrow in dark: no error, nothing clipped, nothing from outside."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.e2e.conftest import settle

PAGES = {
    "": "Overview",
    "data": "Data",
    "segments": "Segments",
    "customers": "Customers",
    "journeys": "Journeys",
    "predictions": "Predictions",
    "retention": "Retention",
    "demand": "Demand",
    "stock": "Stock",
    "baskets": "Baskets",
    "recommendations": "Recommendations",
    "campaigns": "Campaigns",
    "experiments": "Experiments",
}


def test_every_page_shows_its_figures_unclipped(
    open_page: Callable[..., Page], outside: list[str]
) -> None:
    page = open_page("")
    page.get_by_role("button", name="Load the sample shop").click()
    page.get_by_test_id("stMetricValue").first.wait_for()
    for path, title in PAGES.items():
        page = open_page(path)
        page.get_by_role("heading", name=title, exact=True).wait_for()
        for dark, width in ((False, 1440), (True, 800)):
            page.emulate_media(color_scheme="dark" if dark else "light")
            page.set_viewport_size({"width": width, "height": 900})
            settle(page)
            assert page.get_by_test_id("stAlertContentError").count() == 0
            assert page.get_by_test_id("stException").count() == 0
            clipped = page.evaluate(
                "() => [...document.querySelectorAll('[data-testid=stMetricValue] *')]"
                ".filter(e => e.clientWidth && e.scrollWidth > e.clientWidth + 1)"
                ".map(e => e.innerText)"
            )
            assert clipped == [], (title, width)
        page.context.close()
    assert outside == []
