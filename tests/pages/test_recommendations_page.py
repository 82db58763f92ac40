"""The Recommendations page without a browser: what it shows is what the API says."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import ui
import ui.recommendations
from analytics import recommend
from analytics.store import Store, load, preview_list
from tests.recommend import shops

ROOT = Path(__file__).parents[2]
HEADER = "order_id,customer_id,ordered_at,product_id,quantity,unit_price\n"


def visit() -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300).run()
    at.switch_page("pages/recommendations.py").run()
    assert not at.exception
    return at


def find(at: AppTest) -> AppTest:
    next(one for one in at.button if one.label == "Find what to recommend").click().run()
    assert not at.exception, at.exception
    return at


def open_tab(at: AppTest, name: str) -> AppTest:
    at.session_state["recommend_tab"] = name
    at.run()
    assert not at.exception, at.exception
    return at


def said(at: AppTest) -> str:
    boxes = (*at.markdown, *at.caption, *at.info, *at.success, *at.warning, *at.error)
    return "\n".join(str(box.value) for box in boxes).replace("\\", "")


def choose_customer(at: AppTest, who: str) -> AppTest:
    at.text_input(key="recommend_customer").set_value(who).run()
    assert not at.exception, at.exception
    return at


def cards(at: AppTest, job: str, who: str) -> list[str]:
    """The products offered for a job, in order."""
    start = f"said_{job}_{who}_"
    return [
        str(one.key).removeprefix(start)
        for one in at.segmented_control
        if str(one.key).startswith(start)
    ]


@pytest.fixture(scope="module")
def shop_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five tastes, with names, brands, prices and stock; one customer refuses."""
    folder = tmp_path_factory.mktemp("shop")
    numbers = range(200)
    products = pd.DataFrame(
        {
            "product_id": [f"p{n}" for n in numbers],
            "name": [f"Thing *{n}*" for n in numbers],
            "category": [f"Taste {n // 40}" for n in numbers],
            "brand": [("Alder", "Birch")[n % 2] for n in numbers],
            "price": [5 + n % 20 for n in numbers],
            "cost": [2 + n % 10 for n in numbers],
            "stock": [n % 3 for n in numbers],
        }
    )
    customers = pd.DataFrame(
        {
            "customer_id": [f"c{n}" for n in range(250)],
            "name": [f"Name {n}" for n in range(250)],
            "email": [f"{n}@example.com" for n in range(250)],
            "consent": ["no" if n == 9 else "yes" for n in range(250)],
        }
    )
    lines = shops.exploring()
    orders = pd.DataFrame(lines, columns=["customer", "day", "product"])
    orders = pd.DataFrame(
        {
            "order_id": [f"{customer}-{day}" for customer, day, _ in lines],
            "customer_id": "c" + orders["customer"].astype("str"),
            "ordered_at": [
                (pd.Timestamp(shops.FIRST_DAY) + pd.Timedelta(days=int(d))).date()
                for _, d, _ in lines
            ],
            "product_id": "p" + orders["product"].astype("str"),
            "quantity": 1,
            "amount": "10.00",
        }
    )
    path = folder / "shop.duckdb"
    with Store(path) as store:
        for name, frame in (("products", products), ("customers", customers), ("orders", orders)):
            file = folder / f"{name}.csv"
            frame.to_csv(file, index=False)
            load(store, file)
        for job in recommend.JOBS:
            recommend.fit(store, job)  # kept in the store, so that the page need not race again
    return path


@pytest.fixture
def shop(store_path: Path, shop_file: Path) -> AppTest:
    store_path.write_bytes(shop_file.read_bytes())
    return find(visit())


def models() -> dict[str, recommend.Model]:
    return {job: recommend.fit(ui.store(), job) for job in recommend.JOBS}


def test_a_customer_gets_both_jobs_with_reasons(shop: AppTest) -> None:
    at = choose_customer(shop, "c7")
    told = said(at)
    assert "Name 7 (c7)." in told
    assert "20 orders" in told
    assert not at.dataframe
    for job, model in models().items():
        expected = model.for_customers(["c7"], 5)
        assert cards(at, job, "c7") == expected["product_id"].tolist()
        for product, reason in zip(expected["product_id"], expected["reason"], strict=True):
            assert f"Thing *{product[1:]}*" in told
            assert reason in told
    at.segmented_control(key="recommend_length").set_value(10).run()
    assert len(cards(at, "discover", "c7")) == 10


def test_customers_to_begin_with_open(shop: AppTest) -> None:
    first = next(one for one in shop.button if str(one.key).startswith("recommend_begin_"))
    first.click().run()
    who = str(first.key).removeprefix("recommend_begin_")
    assert cards(shop, "discover", who)


def test_never_is_gone_at_once_for_them_alone_and_can_be_undone(shop: AppTest) -> None:
    model = models()["discover"]
    at = choose_customer(shop, "c7")
    first, second, *_ = cards(at, "discover", "c7")
    at.segmented_control(key=f"said_discover_c7_{first}").set_value("never").run()
    assert not at.exception, at.exception
    assert first not in cards(at, "discover", "c7") + cards(at, "again", "c7")
    assert cards(at, "discover", "c7")[0] == second
    assert f"**Thing *{first[1:]}***: never show" in said(at)
    open_tab(at, "For everyone")
    n = int(at.number_input(key="recommend_n").value or 0)
    kept = recommend.keep(ui.store(), "discover", n, found=model)
    rows = ui.store().query("recommend_list", tables={"recommendations": kept.table})
    own = rows[rows["customer_id"] == "c7"]["product_id"].tolist()
    assert first not in own
    assert len(own) == n
    open_tab(at, "For a product")
    at.selectbox(key="recommend_product").set_value(first).run()
    assert "c7" not in set(at.dataframe[-1].value["customer_id"])

    st.session_state.clear()
    at = choose_customer(visit(), "c7")
    assert first not in cards(at, "discover", "c7"), "also in a new session, without asking again"
    at.button(key=f"undo_c7_{first}").click().run()
    assert cards(at, "discover", "c7")[0] == first
    assert recommend.feedback(ui.store()).empty


def test_thumbs_stay_pressed_and_count_once_it_learns_again(shop: AppTest) -> None:
    at = choose_customer(shop, "c7")
    first, second, *_ = cards(at, "discover", "c7")
    assert "Thumbs were given" not in said(at)
    at.segmented_control(key=f"said_discover_c7_{first}").set_value("down").run()
    at.segmented_control(key=f"said_discover_c7_{second}").set_value("up").run()
    assert cards(at, "discover", "c7")[:2] == [first, second]
    assert at.segmented_control(key=f"said_discover_c7_{first}").value == "down"
    found = recommend.feedback(ui.store())
    assert dict(zip(found["product_id"], found["verdict"], strict=True)) == {
        first: "down", second: "up",
    }  # fmt: skip
    assert "Thumbs were given or taken back" in said(at)
    at.button(key="recommend_again").click().run()
    assert not at.exception, at.exception
    assert first not in cards(at, "discover", "c7")
    assert "Thumbs were given" not in said(at)
    at.button(key=f"undo_c7_{first}").click().run()
    assert "Thumbs were given or taken back" in said(at)


def test_limits_hold_for_customers_products_and_everyone(shop: AppTest) -> None:
    at = choose_customer(shop, "c7")
    at.toggle(key="recommend_in_stock").set_value(True)
    at.multiselect(key="recommend_not_brands").set_value(["Birch"])
    at.number_input(key="recommend_most_price").set_value(12.0)
    at.number_input(key="recommend_least_margin").set_value(30)
    at.number_input(key="recommend_rest").set_value(30)
    at.run()
    assert not at.exception, at.exception
    products = models()["discover"].history.products
    free = recommend.allowed(
        products, in_stock=True, not_brands=["Birch"], most_price=12.0, least_margin=0.3
    )
    assert f"Only {len(free):,} of 200 products; not by Birch; up to 12.00;" in said(at)
    for job, model in models().items():
        expected = model.for_customers(["c7"], 5, free, rest_days=30)["product_id"].tolist()
        assert cards(at, job, "c7") == expected
    open_tab(at, "For a product")
    box = at.selectbox(key="recommend_product")
    assert len(box.options) == len(free)
    box.set_value(free[0]).run()
    assert set(at.dataframe[0].value["product_id"]) <= set(free)
    open_tab(at, "For everyone")
    kept = recommend.keep(
        ui.store(), "discover", 5, found=models()["discover"], include=free, rest_days=30
    )
    listed = preview_list(ui.store(), "recommend_list", tables={"recommendations": kept.table})
    assert at.subheader[0].value == f"Something new: {listed.rows:,} recommendations"
    shown = at.dataframe[0].value
    assert shown["product_id"].tolist() == listed.frame["product_id"].tolist()
    at.number_input(key="recommend_most_price").set_value(0.5).run()
    assert "No product fulfils all conditions" in said(at)


def test_variety_says_what_it_costs_and_changes_the_lists(shop: AppTest) -> None:
    at = choose_customer(shop, "c7")
    at.slider(key="recommend_spread").set_value(75).run()
    assert not at.exception, at.exception
    told = said(at)
    for job, model in models().items():
        assert model.comparison is not None
        table = model.comparison.spread.set_index("spread")
        assert f"instead of {table.loc[0.0, 'catalogue_share']:.0%}" in told
        expected = model.for_customers(["c7"], 5, spread=0.75)["product_id"].tolist()
        assert cards(at, job, "c7") == expected


def test_the_list_for_everyone_as_rows_and_as_columns(shop: AppTest) -> None:
    at = open_tab(shop, "For everyone")
    assert at.subheader[0].value == "Something new: 1,245 recommendations"
    at.segmented_control(key="recommend_layout").set_value("columns").run()
    assert at.subheader[0].value == "Something new: 249 customers"
    expected = models()["discover"].for_customers(["c0"], 7)
    at.number_input(key="recommend_n").set_value(7).run()
    shown = at.dataframe[0].value
    assert shown.columns.tolist() == [
        *("customer_id", "name", "email"), *(f"product_{n}" for n in range(1, 8)),
    ]  # fmt: skip
    own = shown.set_index("customer_id").loc["c0"].tolist()[2:]
    assert own == [f"Thing *{one[1:]}*" for one in expected["product_id"]]
    at.segmented_control(key="recommend_job").set_value("again").run()
    assert at.subheader[0].value == "What they will buy next: 249 customers"


def test_a_round_from_start_to_result(shop: AppTest, tmp_path: Path) -> None:
    at = open_tab(shop, "Did it work?")
    assert "No round has been started yet" in said(at)
    open_tab(at, "For everyone")
    assert at.button(key="round_start").disabled
    at.text_input(key="round_name").set_value("June *letter*")
    at.slider(key="round_share").set_value(20)
    at.run()
    at.button(key="round_start").click().run()
    assert not at.exception, at.exception
    assert "199 people to show their list, **50** left out" in said(at).replace("**199**", "199")
    at.button(key="round_start").click().run()
    assert "There already is a round" in said(at)
    open_tab(at, "Did it work?")
    assert "the orders end on" in said(at)
    (one,) = recommend.rounds(ui.store())
    assert (one.name, one.start_day, one.n) == ("June *letter*", shops.AS_OF, 5)
    kept = recommend.round_lists(ui.store(), one)
    contacted = ui.store().query("recommend_list", tables={"recommendations": kept})
    assert set(at.dataframe[0].value["customer_id"]) <= set(contacted["customer_id"])
    best = contacted[contacted["rank"] == 1].iloc[:80]
    file = tmp_path / "later.csv"
    file.write_text(
        HEADER
        + "".join(
            f"l{place},{who},2024-05-25,{product},1,10\n"
            for place, (who, product) in enumerate(
                zip(best["customer_id"], best["product_id"], strict=True)
            )
        )
        + "end,c1,2024-07-01,p1,1,10\n",
        encoding="utf-8",
    )
    load(ui.store(), file)
    at.run()
    find(at)
    open_tab(at, "Did it work?")
    found = recommend.round_result(ui.store(), one)
    assert found.verdict == "proven"
    assert found.sentence in said(at)
    sides = at.dataframe[0].value
    assert sides["buyers"].tolist() == [80, 0]
    assert sides["bought_share"].tolist() == pytest.approx([100 * 80 / 199, 0])
    at.button(key="round_delete").click().run()
    assert "No round has been started yet" in said(at)


def test_evidence_names_the_winner_first(shop: AppTest) -> None:
    at = open_tab(shop, "Evidence")
    best = models()["discover"].comparison
    assert best is not None
    assert at.dataframe[0].value["method"].iloc[0] == best.table["label"].iloc[0]
    assert best.verdict in said(at)
    np.testing.assert_allclose(at.dataframe[1].value["variety_share"], [0, 25, 50, 75, 100])


def test_a_shop_too_small_to_try_methods_on_still_gets_an_answer(
    store_path: Path, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(
        HEADER + "".join(f"{n},c{n % 4},2024-03-{n:02d},p{n % 3},1,5\n" for n in range(1, 25)),
        encoding="utf-8",
    )
    with Store(store_path) as store:
        load(store, file)
    at = visit()
    assert not at.tabs, "nothing is worked out before it is asked for"
    choose_customer(find(at), "c1")
    assert "best seller" in said(at).lower()
    assert not at.toggle, "nothing is known of stock, so nothing is asked about it"
    assert not at.multiselect
    at.slider(key="recommend_spread").set_value(50).run()
    assert "cannot be said" in said(at)
    open_tab(at, "For everyone")
    at.text_input(key="round_name").set_value("Try").run()
    at.button(key="round_start").click().run()
    assert "too few on one side" in said(at)
    open_tab(at, "Evidence")
    assert "too little to try the methods on" in said(at)


def test_every_tab_opens(shop: AppTest) -> None:
    for name in ui.recommendations.TABS:
        open_tab(shop, name)
        assert not shop.error, name
