"""The Campaigns page without a browser: build a rule, see its count, keep it, compare, upload."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

import ui
from analytics import audience, profile
from analytics.audience import All, AnyOf, Bought, Feature, InAudience, InList, Not, Rule
from analytics.store import Store, inspect, load
from ui.rule_builder import incomplete, node_of, rule_of

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
    return "\n".join(
        str(box.value) for box in (*at.markdown, *at.text, *at.info, *at.warning, *at.error)
    )


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
    assert "Whom do we address, and did it work?" in [caption.value for caption in at.caption]
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
    assert "customers fit" not in said(at)
    next(box for box in at.selectbox if box.label == "Category").set_value("ware").run()
    assert "customers fit" in said(at)
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
    assert "Show and download these customers" in [box.label for box in at.toggle]
    assert audience.rule(ui.store(), "Good") == GOOD
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
def test_nothing_is_counted_or_saved_while_a_condition_is_incomplete() -> None:
    rule = AnyOf((GOOD, Feature("favourite_category", "is", ("",))))
    at = visit(audience_tree=node_of(rule), audience_show=True, audience_name="Half")
    warned = [str(box.value).replace("\\", "") for box in at.warning]
    assert warned == ["Not counted yet: the value of “Favourite category” is missing."]
    assert "customers fit" not in said(at)
    assert "Every customer" not in said(at)
    save = next(button for button in at.button if button.label == "Save")
    assert save.disabled
    assert not at.toggle
    assert not at.get("download_button")
    value = next(box for box in at.selectbox if box.label == "Value")
    value.set_value("drinks").run()
    assert not at.warning
    assert counted(AnyOf((GOOD, Feature("favourite_category", "is", ("drinks",))))) in said(at)
    press(at, "Save")
    saved = audience.rule(ui.store(), "Half")
    assert saved == AnyOf((GOOD, Feature("favourite_category", "is", ("drinks",))))


@pytest.mark.usefixtures("shop")
def test_a_group_left_empty_is_incomplete() -> None:
    at = press(press(visit(audience_name="Empty"), "Add a group"), "Remove")
    assert incomplete(at.session_state["audience_tree"]) == ""
    at = press(visit(), "Add a group")
    [group] = at.session_state["audience_tree"].parts
    next(box for box in at.button if box.key == f"remove_{group.parts[0].key}").click().run()
    assert "a group has no condition." in said(at).replace("\\", "")
    assert next(button for button in at.button if button.label == "Save").disabled
    press(at, "Remove")
    assert "**9** of 9 customers fit" in said(at)


@pytest.mark.usefixtures("shop")
def test_a_name_that_is_taken_can_be_replaced() -> None:
    at = visit(audience_tree=node_of(LYON), audience_name="Good")
    assert "Replace it" not in [button.label for button in at.button]
    press(at, "Save")
    press(at, "Replace it")
    assert audience.rule(ui.store(), "Good") == LYON
    assert "already is an audience" not in said(at)


@pytest.mark.parametrize(
    ("name", "problem"), [("", "has no name yet"), ("Good", "would refer to itself")]
)
@pytest.mark.usefixtures("shop")
def test_the_page_goes_on_after_a_failed_save(name: str, problem: str) -> None:
    at = visit(
        audience_tree=node_of(All((LYON, InAudience("Good")))), audience_name=name,
        audience_loaded=name, audience_show=True,
    )  # fmt: skip
    press(at, "Save")
    assert problem in said(at)
    assert "**4** of 9 customers fit" in said(at)
    assert [box.label for box in at.toggle] == ["Show and download these customers"]
    assert at.get("download_button")
    assert audience.rule(ui.store(), "Good") == GOOD


@pytest.mark.usefixtures("shop")
def test_the_list_of_a_saved_audience_is_shown_where_it_is_selected() -> None:
    at = visit("Saved audiences")
    assert at.dataframe[0].value.columns[-1] == "rule"
    assert not at.subheader or "Good" not in str(at.subheader[0].value)
    at.session_state["saved_rows"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    at.run()
    assert not at.exception, at.exception
    assert "Good: 8 customers" in [str(head.value) for head in at.subheader]
    assert "Download the list" in [one.label for one in at.get("download_button")]
    assert set(at.dataframe[1].value["customer_id"]) == {f"c{n}" for n in range(9)} - {"c1"}
    next(box for box in at.text_input if box.label == "New name").set_value("").run()
    press(at, "Rename")
    assert "has no name yet" in said(at)
    assert "Good: 8 customers" in [str(head.value) for head in at.subheader]


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
    assert at.dataframe[0].value["known_customers"].tolist() == [2]
    assert "Not known in this shop: “stranger”. They stay" in said(at)
    assert "Download the unknown numbers" in [one.label for one in at.get("download_button")]
    at = visit(audience_tree=node_of(InList("vip")))
    assert "**2** of 9 customers fit" in said(at)


@pytest.mark.usefixtures("shop")
def test_a_heading_is_left_out_and_only_ten_unknown_numbers_are_named() -> None:
    at = visit("Uploaded lists")
    at.text_input[0].set_value("vip")
    at.file_uploader[0].upload("vip.csv", b"Karte\nc1\nc2\n", "text/csv")
    press(at, "Save the list")
    assert [box.value for box in at.success] == ["2 numbers, 2 of them known customers."]
    assert "The first line, “Karte”, is taken for a heading and left out." in said(at)
    assert not at.warning
    at.text_input[0].set_value("many")
    strangers = "".join(f"x{n:02d}\n" for n in range(12))
    at.file_uploader[0].upload("many.csv", f"c1\n{strangers}".encode(), "text/csv")
    press(at, "Save the list")
    assert "“x09” and 2 more" in said(at)
    assert "x10" not in said(at)
    assert "Karte" not in said(at)


@pytest.mark.usefixtures("shop")
def test_a_list_is_replaced_only_if_asked_for_and_its_deletion_taken_back() -> None:
    audience.save_ids(ui.store(), "vip", ["c1", "c2"])
    at = visit("Uploaded lists")

    def numbers() -> list[str]:
        return ui.store().query("audience_ids", list_name="vip")["customer_id"].tolist()

    at.text_input[0].set_value("vip")
    at.file_uploader[0].upload("vip.csv", b"customer_id\nc3\n", "text/csv")
    press(at, "Save the list")
    assert "There already is a list “vip”" in said(at)
    assert not at.success
    assert numbers() == ["c1", "c2"]
    next(box for box in at.checkbox if box.label.startswith("Replace")).check()
    press(at, "Save the list")
    assert numbers() == ["c3"]
    press(at, "Delete the list")
    assert numbers() == []
    assert "Deleted the list “vip”" in said(at)
    press(at, "Undo")
    assert numbers() == ["c3"]
    assert "Deleted the list" not in said(at)


@pytest.mark.usefixtures("shop")
def test_groups_of_customers_are_called_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    clusters = pa.table(
        {"customer_id": [f"c{n}" for n in range(9)], "cluster": [1] * 4 + [2] * 5,
         "name": ["Regulars"] * 4 + ["One-timers"] * 5}
    )  # fmt: skip
    table = ui.store().keep("clusters", "test", clusters)
    monkeypatch.setattr("ui.clusters.usual", lambda _: SimpleNamespace(table=table))
    audience.save(ui.store(), "Best", audience.Cluster((1,)))
    assert "Customers: is in the group “Regulars”." in (
        visit("Saved audiences").dataframe[0].value["rule"].tolist()
    )
    at = visit(audience_tree=node_of(audience.Cluster((1,))))
    assert "**4** of 9 customers fit" in said(at)
    assert "Customers: is in the group “Regulars”." in said(at)
    about = next(box for box in at.selectbox if box.label == "About")
    assert "Group (by behaviour)" in about.options
    assert "The groups are those of the Segments page with its usual choices." in [
        caption.value for caption in at.caption
    ]


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
