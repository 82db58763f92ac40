"""A shop that has uploaded nothing but events still has customers and audiences."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from analytics.store import Store, inspect, load

ROOT = Path(__file__).parents[2]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "shop.duckdb"
    monkeypatch.setenv("REGULARS_STORE", str(path))
    monkeypatch.chdir(ROOT)
    st.cache_resource.clear()
    events = tmp_path / "events.csv"
    first = date(2024, 3, 1)
    lines = [
        f"gus{n % 7},s{n},{first + timedelta(days=n % 20)} 10:00:00,view,tea" for n in range(60)
    ]
    events.write_text(
        "\n".join(["customer_id,session_id,occurred_at,event,product_id", *lines, ""])
    )
    with Store(path) as store:
        load(store, events, inspect(events, table="events"), import_day=date(2024, 12, 31))
    yield path
    st.cache_resource.clear()


def visit(page: str, customer: str | None = None) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    at.switch_page(page)
    if customer is not None:
        at.query_params["customer"] = customer
    at.run()
    assert not at.exception, at.exception
    assert not at.error, [error.value for error in at.error]
    return at


def said(at: AppTest) -> str:
    return " ".join(str(one.value) for one in (*at.markdown, *at.caption, *at.info))


@pytest.mark.usefixtures("shop")
def test_a_customer_who_has_only_looked_has_a_profile() -> None:
    assert "Nobody has ordered before this day" in said(visit("pages/customers.py"))
    at = visit("pages/customers.py", "gus3")
    assert "gus3" in at.subheader[0].value
    assert [metric.value for metric in at.metric][1:2] == ["0"]


@pytest.mark.usefixtures("shop")
def test_people_who_have_only_looked_make_an_audience() -> None:
    at = visit("pages/campaigns.py")
    assert "**7** of 7 customers fit" in said(at)
