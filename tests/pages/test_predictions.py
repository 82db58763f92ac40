"""The Predictions page without a browser: what it shows is what the API says."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

import ui
from analytics import propensity, rfm
from analytics.propensity import fitting
from analytics.propensity.overdue import OVERDUE_SHARE
from analytics.store import Store, preview_list
from tests.propensity.conftest import END, fill, planted

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """One model instead of seven."""
    monkeypatch.setattr(fitting, "METHODS", {"logistic": fitting.METHODS["logistic"]})


@pytest.fixture(scope="module")
def shop_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop whose truth is planted; two customers refuse, one has an awkward number."""
    folder = tmp_path_factory.mktemp("shop")
    texts = planted(1)
    texts["customers"] = texts["customers"].replace("f,yes\n", "f,no\n", 2)
    texts["orders"] = texts["orders"].replace(",c007,", ",c*7*,")
    with Store(folder / "shop.duckdb") as store:
        fill(store, folder, **texts)
    return folder / "shop.duckdb"


@pytest.fixture
def shop(shop_file: Path, store_path: Path) -> Path:
    shutil.copy(shop_file, store_path)
    return store_path


def visit() -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    at.switch_page("pages/predictions.py").run()
    assert not at.exception, at.exception
    return at


def said(at: AppTest) -> str:
    boxes = (*at.markdown, *at.caption, *at.info, *at.success, *at.warning, *at.error)
    return "\n".join(str(box.value) for box in boxes).replace("\\", "")


def foretell(at: AppTest) -> AppTest:
    at.button(key="prediction_go").click().run()
    assert not at.exception, at.exception
    return at


@pytest.mark.usefixtures("shop")
def test_the_answer_the_table_and_the_list_are_the_apis() -> None:
    at = visit()
    assert "Models learn from your own past days" in said(at)
    assert not at.get("plotly_chart")
    at.segmented_control(key="prediction_days").set_value(7).run()
    at.number_input(key="prediction_budget").set_value(40).run()
    foretell(at)
    words = said(at)
    charts, downloads = len(at.get("plotly_chart")), len(at.get("download_button"))
    table, headings = at.dataframe[0].value, [str(box.value) for box in at.subheader]
    at.text_input(key="prediction_customer").set_value("c*7*").run()
    about_one = said(at)
    at.text_input(key="prediction_customer").set_value("nobody").run()
    about_nobody = said(at)
    again = visit()
    again.segmented_control(key="prediction_days").set_value(7).run()  # kept: shown at once
    assert "are expected to order in the next 7 days" in said(again)
    store = ui.store()
    kept = propensity.find(store, "order", 7, END)
    assert kept is not None
    report = kept.report
    count, expected = propensity.expected(store, kept, 40)
    handed = {"predictions": kept.table, "features": kept.features}
    listed = preview_list(store, "propensity_list", tables=handed, limit=40)
    told = propensity.reasons(store, kept, "c*7*")
    assert f"About {report.expected:,.0f} of {report.customers:,} customers are expected" in words
    assert f"Of the {count:,} likeliest who may be contacted about {expected:,.0f} will" in words
    assert report.verdict.sentence in words
    assert f"{report.judged_did:,} did it" in words
    assert listed.rows == count == 40
    assert "Likeliest to order in the next 7 days: 40 customers" in headings
    assert charts == 3
    assert list(table["method"]) == list(report.table["label"])
    assert table["right_pairs_share"].tolist() == pytest.approx(
        (100 * report.table["auc"]).tolist()
    )
    assert downloads >= 6
    assert f"with a chance of **{told['probability'].iloc[-1]:.1%}**" in about_one
    assert "There are no reasons for customer “nobody”" in about_nobody


@pytest.mark.usefixtures("shop")
def test_a_category_and_who_leaves_can_be_asked_for() -> None:
    at = visit()
    at.segmented_control(key="prediction_days").set_value(7).run()
    at.segmented_control(key="prediction_kind").set_value("category").run()
    assert set(at.selectbox(key="prediction_category").options) == {"drinks", "ware"}
    at.selectbox(key="prediction_category").set_value("ware").run()
    foretell(at)
    assert "expected to buy from “ware” in the next 7 days" in said(at)
    assert "Leave out" in at.multiselect(key="prediction_without").label
    at.multiselect(key="prediction_without").set_value(["gender"]).run()
    assert at.button(key="prediction_go")  # another question, not asked yet
    at.segmented_control(key="prediction_kind").set_value("lapse").run()
    foretell(at)
    assert "active customers are expected to order nothing in the next 7 days" in said(at)


def test_too_little_is_said_where_the_answer_would_be(store_path: Path, tmp_path: Path) -> None:
    rows = [(n, f"c{n}", f"2024-03-0{n} 10:00:00", "p1", 1, 5) for n in range(1, 8)]
    columns = ["order_id", "customer_id", "ordered_at", "product_id", "quantity", "unit_price"]
    with Store(store_path) as store:
        fill(store, tmp_path, orders=pd.DataFrame(rows, columns=columns).to_csv(index=False))
    at = foretell(visit())
    assert "The data go back 7 days before 8 March 2024" in said(at)
    assert "Choose fewer days" in said(at)
    at.segmented_control(key="prediction_kind").set_value("category").run()
    assert "No category is known of what was ordered" in said(at)


@pytest.mark.usefixtures("shop")
def test_overdue_customers_are_the_apis_and_become_a_list() -> None:
    at = visit()
    at.session_state["predictions_tab"] = "Overdue"
    at.run()
    assert not at.exception, at.exception
    at.segmented_control(key="overdue_times").set_value(1.5).run()
    at.selectbox(key="overdue_good").set_value("all").run()
    assert not at.exception, at.exception
    words, headings = said(at), [str(box.value) for box in at.subheader]
    frames = [each.value for each in at.dataframe]
    store = ui.store()
    kept = propensity.keep_next_order(store, END, days=60)
    tables = {"next_orders": kept.table, "scores": rfm.keep(store, END).table}
    params = {
        "overdue_times": 1.5, "shorter_share": OVERDUE_SHARE, "chance_share": 0.1, "good": "all",
        "least_revenue": kept.report.middle_revenue,
    }  # fmt: skip
    listed = preview_list(store, "overdue_list", tables=tables, **params)
    late = listed.rows + listed.opted_out
    assert late > 0
    assert f"**{late:,} of " in words
    assert "are overdue:** they have waited at least 1.5 times as long as usual" in words
    assert "A usual order of theirs is worth **5.00" in words  # every order costs 5
    assert f"Overdue customers: {listed.rows:,} customers" in headings
    assert kept.report.verdict.sentence in words
    assert any(list(each.get("method", [])) == list(kept.report.table["label"]) for each in frames)
    at.button(key="campaign_keep_overdue_list").click().run()
    assert f"Kept “Overdue customers”: {late:,} customers" in said(at)


@pytest.mark.usefixtures("shop")
def test_expected_revenue_is_the_apis() -> None:
    at = visit()
    at.segmented_control(key="prediction_kind").set_value("revenue").run()
    at.segmented_control(key="prediction_days").set_value(7).run()
    at.number_input(key="prediction_budget").set_value(30).run()
    at.button(key="spending_go").click().run()
    assert not at.exception, at.exception
    words, headings = said(at), [str(box.value) for box in at.subheader]
    store = ui.store()
    kept = propensity.find_revenue(store, 7, END, ())
    assert kept is not None
    found = propensity.revenue(store, 7, END)
    assert kept.report.total == pytest.approx(found.scores["expected_revenue"].sum())
    assert f"{found.customers:,} customers are expected to bring about {found.total:,.0f}" in words
    assert found.verdict.sentence in words
    assert "Who will bring most in the next 7 days: 30 customers" in headings
