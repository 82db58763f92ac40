"""The Overview page without a browser: its figures, and what it says where there is little."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

import ui
from analytics import overview
from analytics.store import Store, inspect, load

ROOT = Path(__file__).parents[2]
HEADER = "order_id,customer_id,ordered_at,product_id,quantity,unit_price,currency,channel\n"
PRODUCTS = "product_id,name,category\n" + "".join(
    f"p{n},Product *{n}*,{'Tea' if n % 2 else 'Ware'}\n" for n in range(14)
)
SHOP = "".join(
    f"{n},{'' if n % 7 == 0 else f'c{n % 23}'},{date(2023, 1, 1) + timedelta(days=n)},p{n % 14},"
    f"{n % 3 + 1},{n % 14}.05,EUR,{'web' if n % 5 else ''}\n"
    for n in range(800)
)


def fill(path: Path, tmp_path: Path, orders: str, products: str = "") -> None:
    with Store(path) as store:
        for name, text in (("products", products), ("orders", HEADER + orders)):
            if text:
                file = tmp_path / f"{name}.csv"
                file.write_text(text, encoding="utf-8")
                look = inspect(file, table=name)
                header = text.splitlines()[0].split(",")
                load(store, file, look.replace(mapping={field: field for field in header}))


def visit(span: str = "") -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    if span:
        at.segmented_control(key="span").set_value(span).run()
    assert not at.exception
    assert not at.error
    return at


def said(at: AppTest) -> str:
    boxes = (*at.markdown, *at.caption, *at.info)
    return "\n".join(str(box.value) for box in boxes).replace("\\", "")


def figures(at: AppTest) -> dict[str, tuple[str, str]]:
    return {metric.label: (metric.value, metric.delta) for metric in at.metric}


def test_the_figures_are_those_of_the_module(store_path: Path, tmp_path: Path) -> None:
    fill(store_path, tmp_path, SHOP, PRODUCTS)
    at = visit("90 days")
    shown, words = figures(at), said(at)
    tables = [box.value for box in at.dataframe]
    store = ui.store()
    until = overview.first_and_last_day(store)[1] + timedelta(days=1)
    found = overview.summary(store, until - timedelta(days=90), until)
    expected = overview.sentences(found, overview.leading_parts(store, found), "EUR")
    now = found.now
    assert shown == {
        "Revenue, EUR": (f"{now.revenue:,.2f}", f"{found.change('revenue'):+.1%}"),
        "Orders": (f"{now.orders:,}", "unchanged"),
        "Average order, EUR": (
            f"{now.average_order_value:,.2f}",
            f"{found.change('average_order_value'):+.1%}",
        ),
        "Customers": (f"{now.customers:,}", "unchanged"),
        "New customers": ("0", "–"),
        "Returning customers": (f"{now.returning_customers:,}", "unchanged"),
        "Repeat rate": ("100.0%", "unchanged"),
    }
    assert len(expected) == 3
    for sentence in expected:
        assert sentence in words
    year = f"{abs(found.change('revenue', 'year_before')):.1%}"
    assert f"{year}**] vs a year earlier" in words
    # The categories add up to the revenue of the page, and so do the steps.
    assert "Together " + f"{now.revenue:,.2f} EUR, the revenue above" in words
    for table in tables:
        assert round(sum(table["revenue"]), 2) == float(now.revenue)


@pytest.mark.parametrize(("tab", "rows"), [("Products", 11), ("Channels", 2), ("Categories", 2)])
def test_each_tab_adds_up(store_path: Path, tmp_path: Path, tab: str, rows: int) -> None:
    fill(store_path, tmp_path, SHOP, PRODUCTS)
    at = visit()
    at.session_state["parts_tab"] = tab
    at.run()
    assert not at.exception
    table: pd.DataFrame = at.dataframe[-1].value
    assert len(table) == rows
    revenue = at.metric[0].value.replace(",", "")
    assert Decimal(str(round(sum(table["revenue"]), 2))) == Decimal(revenue)
    assert {"Products": "all others (4)", "Channels": "not given", "Categories": "Ware"}[
        tab
    ] in table["label"].tolist()


def test_an_empty_store_says_what_it_would_show(store_path: Path) -> None:
    at = visit()
    assert "How is the shop doing?" in said(at)
    assert "Load the sample shop" in [button.label for button in at.button]
    assert not at.metric
    assert not store_path.with_suffix(".csv").exists()


def test_nothing_to_compare_with(store_path: Path, tmp_path: Path) -> None:
    fill(store_path, tmp_path, "1,ann,2024-03-01,p1,1,2.50,EUR,\n2,ben,2024-03-02,p1,1,2.50,EUR,\n")
    at = visit("All time")
    assert figures(at)["Revenue, EUR"] == ("5.00", "–")
    assert figures(at)["Returning customers"] == ("–", "–")
    words = said(at)
    assert "No comparison with the 2 days before or a year earlier" in words
    assert "The shop took 5.00 EUR in 2 orders" in words
    assert "all 2 known customers count as new" in words
    assert "Import a product file with categories" in words


def test_only_guests(store_path: Path, tmp_path: Path) -> None:
    guests = "".join(f"{n},,2024-03-{n:02d},p1,1,2.50,EUR,web\n" for n in range(1, 9))
    fill(store_path, tmp_path, guests)
    at = visit("All time")
    assert figures(at)["Customers"] == ("0", "–")
    assert figures(at)["Repeat rate"] == ("–", "–")
    assert "All orders were guests’" in said(at)
    assert "Known customers 0.00 EUR + guests 20.00 EUR = 20.00 EUR." in said(at)


def test_own_dates_without_sales(store_path: Path, tmp_path: Path) -> None:
    fill(store_path, tmp_path, SHOP)
    at = visit("Own dates")
    dates: Any = at.date_input(key="dates")
    dates.set_value((date(2030, 1, 1), date(2030, 1, 31))).run()
    assert not at.exception
    assert figures(at)["Revenue, EUR"][0] == "0.00"
    assert figures(at)["Average order, EUR"][0] == "–"
    assert "No order was placed" in said(at)


@pytest.mark.parametrize("step", ["day", "week", "month"])
def test_every_step(store_path: Path, tmp_path: Path, step: str) -> None:
    fill(store_path, tmp_path, SHOP, PRODUCTS)
    at = visit("90 days")
    at.selectbox(key="step").set_value(step).run()
    assert not at.exception
    rows = {"day": 90, "week": (13, 14), "month": (3, 4)}[step]
    assert len(at.dataframe[0].value) in (rows if isinstance(rows, tuple) else (rows,))
