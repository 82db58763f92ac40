"""The Customers page without a browser: search, and profiles of all kinds."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import ui
from analytics import clusters, profile, rfm
from analytics.store import Store, inspect, load, load_folder

ROOT = Path(__file__).parents[2]
PAGE = "pages/customers.py"
ORDERS = """order_id,customer_id,ordered_at,product_id,quantity,amount,currency
1,anna,2024-01-05 10:00:00,tea,2,9.00,EUR
2,anna,2024-02-05 10:00:00,cup,1,7.00,EUR
3,ben,2024-03-01 18:30:00,tea,1,4.50,EUR
4,carl,2024-03-02 18:30:00,tea,1,14.50,EUR
5,dora,2024-03-03 18:30:00,pot,1,30.00,EUR
6,emil,2024-03-04 18:30:00,pot,2,60.00,EUR
7,fay,2024-03-04 19:30:00,cup,-1,-7.00,EUR
8,,2024-03-04 20:00:00,cup,1,7.00,EUR
"""
EVENTS = "customer_id,occurred_at,event\ngus,2024-03-01 10:00:00,view\n"
CUSTOMERS = """customer_id,name,email,consent
anna,Anna *Hill* $5,anna@example.com,no
ben,Ben Snow,ben@example.com,yes
"""


@pytest.fixture
def shop(store_path: Path, tmp_path: Path) -> Path:
    with Store(store_path) as store:
        for table, text in {"orders": ORDERS, "events": EVENTS, "customers": CUSTOMERS}.items():
            path = tmp_path / f"{table}.csv"
            path.write_text(text, encoding="utf-8")
            load(store, path, inspect(path, table=table), import_day=date(2024, 12, 31))
    return store_path


def visit(customer: str | None = None) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    at.switch_page(PAGE)
    if customer is not None:
        at.query_params["customer"] = customer
    at.run()
    assert not at.exception
    return at


def said(at: AppTest) -> str:
    boxes = (*at.subheader, *at.markdown, *at.caption, *at.info, *at.warning, *at.error)
    return "\n".join(str(box.value) for box in boxes).replace("\\", "")


def figures(at: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


def labels(at: AppTest) -> list[str]:
    return [button.label.replace("\\", "") for button in at.button]


def downloads(at: AppTest) -> list[Any]:
    return list(at.get("download_button"))


def test_an_empty_store_offers_the_ways_to_begin(store_path: Path) -> None:
    assert "Load the sample shop" in labels(visit())
    assert store_path.exists()


@pytest.mark.usefixtures("shop")
def test_it_begins_with_those_worth_a_look_who_may_be_addressed() -> None:
    at = visit()
    names = labels(at)
    assert names[0] == "emil: 60.00 EUR"
    assert not any("Anna" in name for name in names)
    assert "is overdue" in said(at)
    at.button[0].click().run()
    assert at.query_params["customer"] == "emil"
    assert at.subheader[0].value == "emil"


@pytest.mark.usefixtures("shop")
def test_a_search_leads_to_a_profile() -> None:
    at = visit()
    at.text_input(key="customer_search").set_value("SNOW").run()
    matches = at.radio(key="customer_match")
    assert [option.replace("\\", "") for option in matches.options] == [
        "ben · Ben Snow · ben@example.com"
    ]
    matches.set_value("ben").run()
    assert not at.exception
    assert at.subheader[0].value == "Ben Snow \\(ben\\)"
    assert at.text_input(key="customer_search").value == ""
    at.text_input(key="customer_search").set_value("zz").run()
    assert "holds “zz”" in said(at)
    next(button for button in at.button if button.label == "Close").click().run()
    assert "customer" not in at.query_params


@pytest.mark.usefixtures("shop")
def test_a_profile_shows_figures_reasons_and_that_they_refuse() -> None:
    at = visit("anna")
    assert figures(at) == {
        "Revenue, EUR": "16.00", "Orders": "2", "Average order, EUR": "8.00",
        "Days since order": "29",
    }  # fmt: skip
    text = said(at)
    # What a name says is shown, not obeyed.
    assert at.subheader[0].value == "Anna \\*Hill\\* \\$5 \\(anna\\)"
    assert "Must not be contacted" in text
    assert "Ordered 29 days ago: longer ago than 80% of customers." in text
    assert "2 orders: more than 80% of customers." in text
    assert "What would move them" in text
    assert {button.label for button in downloads(at)} >= {
        "Download their record", "Download the timeline",
    }  # fmt: skip


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("customer", "sentence", "orders"),
    [
        ("ben", "1 order and 4.50 EUR of revenue; the last order was 4 days ago", "1"),
        ("fay", "their returns come to −7.00 EUR", "0"),
        ("gus", "Has not ordered yet; was last seen 4 days ago", "0"),
    ],
)
def test_customers_of_all_kinds(customer: str, sentence: str, orders: str) -> None:
    at = visit(customer)
    assert sentence in said(at)
    assert figures(at)["Orders"] == orders
    if orders == "0":
        assert figures(at)["Average order, EUR"] == figures(at)["Days since order"] == "–"
    assert not at.error


@pytest.mark.usefixtures("shop")
def test_an_unknown_customer_is_explained() -> None:
    at = visit("nobody")
    assert "There is no customer “nobody”" in at.error[0].value
    assert at.text_input(key="customer_search").value == ""


def test_too_few_customers_for_segments_still_have_a_profile(
    store_path: Path, tmp_path: Path
) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("\n".join(ORDERS.splitlines()[:4]) + "\n")
    with Store(store_path) as store:
        load(store, path, inspect(path, table="orders"), import_day=date(2024, 12, 31))
    at = visit("anna")
    assert figures(at)["Revenue, EUR"] == "16.00"
    assert "No segments: Only 2 customers ordered" in said(at)


def test_the_segment_is_that_of_the_segments_page(shop: Path) -> None:
    with Store(shop) as store:
        row = rfm.score(store, bins=3, names="eight").set_index("customer_id").loc["emil"]
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    at.switch_page("pages/segments.py").run()
    at.selectbox(key="rfm_names").set_value("eight").run()
    at.slider(key="rfm_bins").set_value(3).run()
    at.switch_page(PAGE)
    at.query_params["customer"] = "emil"
    at.run()
    assert not at.exception
    assert f"Why {row['segment']}" in said(at)
    assert f"Recency {row['r']} of 3." in said(at)


def test_many_orders_come_in_pages(store_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(
        "order_id,customer_id,ordered_at,amount\n"
        + "".join(f"{n},anna,2023-{n % 12 + 1:02}-{n % 28 + 1:02} {n % 24:02}:00:00,5\n"
                  for n in range(5_000))
    )  # fmt: skip
    with Store(store_path) as store:
        load(store, path, inspect(path, table="orders"), import_day=date(2024, 12, 31))
    at = visit("anna")
    assert "1 to 50 of 5,000; the file holds all." in said(at)
    at.number_input[0].set_value(100).run()
    assert not at.exception
    assert "4,951 to 5,000 of 5,000" in said(at)


def test_the_sample_shops_profiles_agree_with_their_segment(store_path: Path) -> None:
    with Store(store_path) as store:
        load_folder(store, ROOT / "sample_data")
        kept = rfm.keep(store)
        scores = rfm.score(store)
        row = scores[scores["segment"] == "At risk"].iloc[0]
        medians = rfm.segments(store, kept).set_index("segment").loc["At risk"]
        assert profile.search(store, row["customer_id"], 1)["customer_id"][0] == row["customer_id"]
    at = visit(str(row["customer_id"]))
    shown = figures(at)
    assert shown["Revenue, EUR"] == f"{row['monetary']:,.2f}"
    assert shown["Orders"] == f"{row['frequency']:,}"
    beside = {metric.label: metric.delta for metric in at.metric}
    assert beside["Days since order"] == f"{medians['median_recency_days']:,.10g}"
    assert beside["Orders"] == f"{medians['median_orders']:,.10g}"


def test_another_id_of_theirs_is_named(store_path: Path, tmp_path: Path) -> None:
    with Store(store_path) as store:
        load_folder(store, ROOT / "sample_data")
        path = tmp_path / "matches.csv"
        path.write_text("customer_id,other_id\nC0003,C0010\n")
        load(store, path, inspect(path, table="matches"))
    at = visit("C0003")
    assert "Also known as C0010" in said(at)
    assert "Simon Neumann" in at.subheader[0].value


def test_a_group_can_be_kept_for_a_campaign(store_path: Path) -> None:
    with Store(store_path) as store:
        load_folder(store, ROOT / "sample_data")
    at = visit("C0003")
    at.toggle(key="cluster_like_them").set_value(True).run()
    at.button(key="campaign_keep_cluster_list").click().run()
    assert not at.exception
    assert not at.error
    title = at.subheader[-1].value.rsplit(":", 1)[0]
    assert title in at.success[0].value
    at.button(key="campaign_keep_cluster_list").click().run()
    assert f"There already is a list “{title}”" in at.error[0].value
    store = ui.store()
    labels = clusters.fit(store).labels.set_index("customer_id")["cluster"]
    kept = store.query("audience_ids", list_name=title)["customer_id"]
    assert sorted(kept) == sorted(labels[labels == labels["C0003"]].index)
