"""The Campaigns page without a browser: build a rule, see its count, keep it, compare, upload."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import ui
from analytics import audience, profile
from analytics.audience import All, AnyOf, Bought, Feature, InAudience, InList, Not, Rule
from analytics.store import Store, inspect, load
from ui_rule_builder import node_of, rule_of

ROOT = Path(__file__).parents[2]
ORDERS = "order_id,customer_id,ordered_at,product_id,quantity,unit_price,currency\n" + "".join(
    f"{n},c{n % 9},2024-03-{n:02d} 10:00:00,p{n % 2},{n},2.50,EUR\n" for n in range(1, 20)
)
CUSTOMERS = "customer_id,city,consent,loyalty\n" + "".join(
    f"c{n},{'Lyon' if n % 2 else 'Graz'},{'no' if n == 1 else 'yes'},{'gold' if n < 4 else ''}\n"
    for n in range(9)
)
PRODUCTS = "product_id,name,category\np0,Tea,drinks\np1,Cup,ware\n"
EVENTS = "customer_id,occurred_at,event,product_id\nc1,2024-03-01,view,p0\nc2,2024-03-19,cart,p1\n"
LYON, GOOD = Feature("city", "is", ("Lyon",)), Feature("orders", "at_least", (2,))


@pytest.fixture
def store_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "shop.duckdb"
    monkeypatch.setenv("REGULARS_STORE", str(path))
    monkeypatch.chdir(ROOT)
    st.cache_resource.clear()
    st.cache_data.clear()
    yield path
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def shop(store_path: Path, tmp_path: Path) -> Path:
    texts = {"orders": ORDERS, "customers": CUSTOMERS, "products": PRODUCTS, "events": EVENTS}
    with Store(store_path) as store:
        for table, text in texts.items():
            file = tmp_path / f"{table}.csv"
            file.write_text(text, encoding="utf-8")
            load(store, file, inspect(file, table=table))
        audience.save(store, "Lyon *bold* ![x](http://example.com/x.png)", LYON)
        audience.save(store, "Good", GOOD)
    return store_path


def visit(tab: str = "Build", **state: Any) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    at.session_state["campaigns_tab"] = tab
    for name, value in state.items():
        at.session_state[name] = value
    at.switch_page("pages/campaigns.py").run()
    assert not at.exception, at.exception
    return at


def said(at: AppTest) -> str:
    return "\n".join(str(box.value) for box in (*at.markdown, *at.text, *at.info, *at.error))


def press(at: AppTest, label: str) -> AppTest:
    next(button for button in at.button if button.label == label).click()
    at.run()
    assert not at.exception, at.exception
    return at


def counted(rule: Rule) -> str:
    """The sentence that begins the answer, from the figures of the shop's own functions."""
    people = audience.members(ui.store(), rule, features=profile.keep(ui.store()).table)
    return f"**{len(people):,}** of 9 customers fit"


def test_an_empty_store_offers_the_ways_to_begin(store_path: Path) -> None:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    at.switch_page("pages/campaigns.py").run()
    assert not at.exception
    assert store_path.exists()
    assert "Whom do we address?" in [caption.value for caption in at.caption]
    assert "Load the sample shop" in [button.label for button in at.button]


@pytest.mark.usefixtures("shop")
def test_at_first_everybody_fits() -> None:
    at = visit()
    assert "**9** of 9 customers fit. They have brought **475.00 EUR**, **100.0%** of all." in said(
        at
    )
    assert "1 of them asked not to be contacted" in said(at)
    assert "Every customer." in said(at)
    assert counted(All()) in said(at)


RULES = [
    GOOD,
    Feature("orders", "between", (2, 3)),
    Feature("orders", "one_of", (2, 3)),
    Feature("weekend_order_share", "at_least", (0.29,)),
    Feature("first_order_day", "known"),
    Feature("consent", "is", (False,)),
    LYON,
    Feature("city", "contains", ("yo",)),
    Not(Bought("category", "ware", times=2, days=10)),
    Bought("product", "p1"),
    audience.Attribute("loyalty", "is", ("gold",)),
    audience.Did(audience.Step("view", product="p0"), days=60),
    audience.Did(audience.Step("view", "p0", "drinks")),
    audience.Sequence(audience.Step("view"), audience.Step("purchase"), 7, False, 30),
    InAudience("Good"),
    AnyOf((All((LYON, GOOD)), Not(All((GOOD, Not(LYON)))))),
]


@pytest.mark.parametrize("rule", [All(tuple(RULES)), AnyOf(tuple(RULES[:9])), *RULES[-2:]])
@pytest.mark.usefixtures("shop")
def test_the_builder_shows_each_condition_as_it_is(rule: Rule) -> None:
    at = visit(audience_tree=node_of(rule))
    assert rule_of(at.session_state["audience_tree"]) == rule
    assert audience.describe(rule) in said(at)
    assert not at.error
    assert counted(rule) in said(at)


@pytest.mark.usefixtures("shop")
def test_the_count_follows_the_rule() -> None:
    at = press(visit(), "Add a condition")
    assert "**9** of 9 customers fit" in said(at)
    next(box for box in at.number_input if box.label == "Value").set_value(3).run()
    rule = Feature("orders", "at_least", (3,))
    assert rule_of(at.session_state["audience_tree"]) == rule
    assert said(at).count("**1** of 9 customers fit") == 1
    next(box for box in at.checkbox if box.label == "Not").check().run()
    assert "**8** of 9 customers fit" in said(at)
    about = next(box for box in at.selectbox if box.label == "About")
    about.set_value(Bought).run()
    assert not at.exception
    next(box for box in at.selectbox if box.label == "What").set_value("category").run()
    assert "Not counted yet. The category is missing" in "\n".join(
        str(caption.value).replace("\\", "") for caption in at.caption
    )
    assert "**9** of 9 customers fit" in said(at)
    next(box for box in at.selectbox if box.label == "Category").set_value("ware").run()
    rule_now = rule_of(at.session_state["audience_tree"])
    assert rule_now == Not(Bought("category", "ware", days=90))
    press(at, "Remove")
    assert rule_of(at.session_state["audience_tree"]) == All()
    press(at, "Add a group")
    assert isinstance(at.session_state["audience_tree"].parts[0].parts[0].rule, Feature)


@pytest.mark.usefixtures("shop")
def test_a_rule_is_saved_and_loaded_again() -> None:
    at = visit(audience_tree=node_of(All((LYON, GOOD))))
    next(box for box in at.text_input if box.label == "Name").set_value("Good").run()
    press(at, "Save")
    assert "already is an audience “Good”" in said(at)
    next(box for box in at.text_input if box.label == "Name").set_value("Both").run()
    press(at, "Save")
    start = next(box for box in at.selectbox if box.label == "Start from")
    assert "Left something in the cart" in start.options
    start.set_value("Saved: Good").run()
    press(at, "Start")
    assert rule_of(at.session_state["audience_tree"]) == GOOD
    at.toggle[0].set_value(True).run()
    assert not at.exception
    assert any(str(head.value).startswith("Good: ") for head in at.subheader)
    assert audience.rule(ui.store(), "Both") == All((LYON, GOOD))
    assert audience.rule(ui.store(), "Good") == GOOD


@pytest.mark.usefixtures("shop")
def test_saved_audiences_are_counted_deleted_and_taken_back() -> None:
    at = visit("Saved audiences")
    table = at.dataframe[0].value
    assert table["audience"].tolist() == ["Good", "Lyon *bold* ![x](http://example.com/x.png)"]
    assert table["customers"].tolist() == [9, 4]
    assert table["opted_out"].tolist() == [1, 1]
    gone = ("Good", audience.delete(ui.store(), "Good"))
    at = visit("Saved audiences", audience_gone=gone)
    assert "Deleted “Good”" in said(at)
    press(at, "Undo")
    assert "Good" in at.dataframe[0].value["audience"].tolist()


@pytest.mark.usefixtures("shop")
def test_two_audiences_are_combined() -> None:
    at = visit("Saved audiences")
    next(box for box in at.selectbox if box.label == "How").set_value("difference").run()
    press(at, "Build")
    other = "Lyon *bold* ![x](http://example.com/x.png)"
    expected = All((InAudience("Good"), Not(InAudience(other))))
    assert rule_of(at.session_state["audience_tree"]) == expected


@pytest.mark.usefixtures("shop")
def test_the_overlap_of_saved_audiences() -> None:
    at = visit("Overlap")
    assert "share the most customers: **4**" in said(at)
    assert "![x](" not in said(at)
    assert at.dataframe[0].value["customers"].tolist() == [5, 4]
    at.multiselect[0].set_value(["Good"]).run()
    assert "Choose two to 20 audiences" in said(at)


@pytest.mark.usefixtures("shop")
def test_a_list_of_numbers_is_uploaded() -> None:
    at = visit("Uploaded lists")
    at.text_input[0].set_value("vip")
    at.file_uploader[0].upload("vip.csv", b"customer_id\nc1\nc2\nstranger\n", "text/csv")
    press(at, "Save the list")
    assert [box.value for box in at.success] == ["3 numbers, 2 of them known customers."]
    assert at.dataframe[0].value["known"].tolist() == [2]
    at = visit(audience_tree=node_of(InList("vip")))
    assert "**2** of 9 customers fit" in said(at)


def test_too_few_customers_for_segments_still_make_audiences(
    store_path: Path, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("".join(ORDERS.splitlines(keepends=True)[:3]))
    with Store(store_path) as store:
        load(store, file)
    at = visit()
    assert "**2** of 2 customers fit" in said(at)
    assert not at.error
    at.toggle[0].set_value(True).run()
    assert not at.exception
    assert any(str(head.value).startswith("Audience: 2") for head in at.subheader)
