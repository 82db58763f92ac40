"""A real server on a store of its own, and a real browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Server:
    """A running app: its address, its store, and how to stop it."""

    url: str
    store: Path
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """End the app, so that its store can be opened here."""
        self.process.terminate()
        self.process.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    port, store = _free_port(), tmp_path / "shop.duckdb"
    with (tmp_path / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "streamlit",
                "run",
                "app.py",
                "--server.port",
                str(port),
                "--server.headless",
                "true",
            ],
            cwd=ROOT,
            env=os.environ | {"REGULARS_STORE": str(store)},
            stdout=log,
            stderr=log,
        )
    url = f"http://localhost:{port}"
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=2).close()
            break
        except (urllib.error.URLError, ConnectionError):
            assert process.poll() is None, (tmp_path / "server.log").read_text()
            time.sleep(0.1)
    running = Server(url, store, process)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("REGULARS_CHROMIUM") or next(
        (found for name in BROWSERS if (found := shutil.which(name))), None
    )
    if path is None:
        pytest.fail(
            "The browser tests need Chromium: install it (Debian: apt-get install chromium) "
            "or name it in REGULARS_CHROMIUM."
        )
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def outside() -> list[str]:
    """Addresses other than the server's that a page asked for; must stay empty."""
    return []


@pytest.fixture
def open_page(
    browser: Browser, server: Server, outside: list[str]
) -> Iterator[Callable[..., Page]]:
    contexts = []

    def opener(path: str = "", *, width: int = 1440, dark: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((server.url, "data:", "blob:"))
                else outside.append(request.url)
            ),
        )
        page.goto(f"{server.url}/{path}")
        settle(page)
        return page

    yield opener
    for context in contexts:
        context.close()


def downloaded(page: Page, folder: Path) -> pd.DataFrame:
    """The list of people that the page gives away."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the list").click()
    target = folder / "list.csv"
    download.value.save_as(target)
    return pd.read_csv(target, dtype=str, encoding="utf-8-sig")


def settle(page: Page) -> None:
    """Wait until the page's script has run and stays at rest."""
    for _ in range(3):
        page.wait_for_selector('[data-test-script-state="notRunning"]')
        page.wait_for_timeout(300)


def menu(page: Page, title: str) -> None:
    """Open a page by the menu."""
    page.get_by_test_id("stSidebar").get_by_role("link", name=title).click()
    page.get_by_role("heading", name=title, exact=True).wait_for()
    settle(page)


def click_row(page: Page, alt: str, row: int) -> None:
    """Tick the box of a row of a table; rows count from 0."""
    table = page.locator(f'[data-testid="stDataFrame"][aria-label="{alt}"]')
    if not table.count():
        table = page.locator('[data-testid="stDataFrame"]', has=page.get_by_label(alt))
    table.first.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    box = table.first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 15, box["y"] + 35 * (row + 1) + 17)
    settle(page)
