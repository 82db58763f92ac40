"""The tab Next action of Predictions without a browser: what it shows is what the API says."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

import ui
from analytics import propensity
from analytics.store import preview_list
from tests.propensity.next_logs import csv, second_order

ROOT = Path(__file__).parents[2]
AS_OF = date(2024, 3, 5)
Fill = Callable[..., None]


def log() -> pd.DataFrame:
    """Some categories, awkward names, and half of the people gone before the log ends."""
    events = second_order(24, 160)
    gone = events["customer_id"].isin([f"c{who:02}" for who in range(12)])
    late = events["at_us"] > events["at_us"].max() - 60 * 60_000_000
    events = events[~(gone & late)].reset_index(drop=True)
    events["product_id"] = [("tea", "cup")[(row // 7) % 2] for row in range(len(events))]
    return events


def the_tab() -> None:
    """The tab alone, however the page around it is cut."""
    import ui
    import ui.next_action

    shop = ui.store()
    with ui.errors_shown():
        ui.next_action.show(ui.Frame(shop, shop.default_as_of(), ""))


def visit() -> AppTest:
    at = AppTest.from_function(the_tab, default_timeout=120).run()
    assert not at.exception, at.exception
    return at


def said(at: AppTest) -> str:
    boxes = (*at.markdown, *at.caption, *at.info, *at.success, *at.warning, *at.error)
    return "\n".join(str(box.value) for box in boxes).replace("\\", "")


def foretell(at: AppTest) -> AppTest:
    at.button(key="next_go").click().run()
    assert not at.exception, at.exception
    return at


@pytest.fixture
def shop(fill: Fill) -> None:
    fill(
        events=csv(log()),
        products="product_id,name,category\ntea,Tea,drinks *hot*\ncup,Cup,ware\n",
        customers="customer_id,name,consent\nc03,Cy *3*,yes\nc04,Dan,no\n",
    )


@pytest.mark.usefixtures("shop")
def test_the_answer_the_tables_and_the_list_are_the_apis() -> None:
    at = visit()
    assert "It is learnt from your own events" in said(at)
    assert not at.get("plotly_chart")
    foretell(at)
    words = said(at)
    tables = [box.value for box in at.dataframe]
    headings = [str(box.value) for box in at.subheader]
    at.selectbox(key="next_wanted").set_value("view").run()
    assert "Likeliest to view next: 5 customers" not in [str(box.value) for box in at.subheader]
    at.number_input(key="next_budget").set_value(5).run()
    assert "Likeliest to view next: 5 customers" in [str(box.value) for box in at.subheader]
    store = ui.store()
    kept = propensity.find_next(store, AS_OF)
    assert kept is not None
    report = kept.report
    states = propensity.next_action(store, AS_OF).predict()
    away = states[states["away"]]
    assert f"{len(away)} of 24 customers have left by now" in words
    assert 10 <= len(away) <= 12
    assert f"“cart” {away['cart'].mean():.1%} (about {away['cart'].sum():,.0f})" in words
    assert report.verdict.sentence in words
    assert len(at.get("plotly_chart")) == 1
    methods, actions, categories, people = tables[:4]
    assert list(methods["method"]) == list(report.table["label"])
    assert methods["right_share"].dropna().tolist() == pytest.approx(
        (100 * report.table["accuracy"]).dropna().tolist()
    )
    assert list(actions["action"]) == [
        each for each in report.actions if f"auc_{each}" in report.table
    ]
    assert list(categories["method"]) == list(report.categories["label"])
    assert any(heading.startswith("Likeliest to cart next: 23 customers") for heading in headings)
    listed = preview_list(
        store, "next_action_list", tables={"next_actions": kept.table}, order_by="chance_share",
        descending=True, action="cart", limit=500,
    )  # fmt: skip
    assert list(people["customer_id"]) == list(listed.frame["customer_id"])
    assert "c04" not in set(people["customer_id"])
    assert len(at.get("download_button")) >= 5
    again = visit()  # Kept: shown at once.
    assert report.verdict.sentence in said(again)


def test_orders_alone_say_what_is_needed(fill: Fill) -> None:
    fill(
        orders="order_id,customer_id,ordered_at,product_id,quantity,unit_price\n"
        + "".join(f"{n},c{n % 3},2024-03-0{1 + n % 4} 10:00:00,tea,1,5\n" for n in range(9))
    )
    at = visit()
    assert "What a customer does next is learnt from what people look at" in said(at)
    assert "Import the shop's event file on the Data page" in said(at).replace("’", "'")


def test_too_few_events_are_said(fill: Fill) -> None:
    fill(events=csv(second_order(2, 30)))
    at = foretell(visit())
    assert "could be learnt from" in said(at)
    assert "import events of a longer time" in said(at)


def test_what_is_foretold_nearly_surely_is_explained() -> None:
    def tell() -> None:
        import pandas as pd

        import ui.next_action

        ui.next_action._nearly_sure(
            pd.DataFrame({"action": ["buy", "view"], "pairs_share": [0.99, 0.8]}),
            pd.DataFrame(
                {
                    "action": ["checkout", "view", "cart"],
                    "next_action": ["buy", "buy", "view"],
                    "steps": [90, 10, 50],
                    "share": [0.9, 0.1, 1.0],
                }
            ),
        )

    at = AppTest.from_function(tell).run()
    assert not at.exception
    assert "“buy” comes after “checkout” in 90% of its times" in said(at)
    assert "view” comes" not in said(at)
