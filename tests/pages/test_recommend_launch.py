"""The room “New products” without a browser: what it shows is what the API says."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import ui
from analytics import recommend
from analytics.store import Store, load_folder, preview_list
from tests.recommend.shops import FIRST_DAY
from tests.recommend.test_launch import products, shop_lines

ROOT = Path(__file__).parents[2]


def room() -> None:
    """The room alone, as a tab of the page holds it."""
    import ui
    import ui.recommend_launch

    shop = ui.store()
    with ui.errors_shown():
        ui.recommend_launch.show(ui.Frame(shop, shop.default_as_of(), "EUR"))


def visit() -> AppTest:
    at = AppTest.from_function(room, default_timeout=120).run()
    assert not at.exception, at.exception
    return at


def said(at: AppTest) -> str:
    return "\n".join(str(box.value) for box in [*at.markdown, *at.caption]).replace("\\", "")


@pytest.fixture
def kinds(fill: Callable[..., None]) -> None:
    """The shop whose new products are bought by those who buy their kind."""
    orders = "order_id,customer_id,ordered_at,product_id,quantity,amount\n" + "".join(
        f"{customer}-{day},c{customer},{FIRST_DAY + timedelta(days=day)},p{product},1,10.00\n"
        for customer, day, product in shop_lines(True)
    )
    fill(orders=orders, products=products().to_csv(index=False))


@pytest.mark.usefixtures("kinds")
def test_a_new_product_leads_to_its_people() -> None:
    at = visit()
    assert not at.dataframe, "nothing is worked out before a product is chosen"
    box = at.selectbox(key="launch_product")
    assert box.options[0] == "Thing 84 (p84): nobody bought it yet"
    box.select("p84").run()
    assert not at.exception, at.exception
    day = ui.store().default_as_of()
    told = recommend.launch(ui.store(), "p84", 1000, day)
    assert told.method == "blend"
    lift = float(told.evidence.set_index("method").loc["blend", "lift_top_5"])
    assert f"{len(told.customers):,} customers to tell about Thing 84 (p84)" in said(at)
    assert f"**{lift:.1f} times** as many buyers as by chance" in said(at)
    assert told.verdict in said(at)
    shown = at.dataframe[0].value
    assert shown["customer_id"].tolist()[:5] == told.customers["customer_id"].tolist()[:5]
    assert shown["why"].tolist()[:5] == told.customers["reason"].tolist()[:5]
    evidence = at.dataframe[1].value
    assert evidence["list_by"].tolist() == told.evidence["label"].tolist()
    assert at.get("plotly_chart")
    title = next(one for one in at.subheader if one.value.startswith("Whom to tell"))
    assert title.value.replace("\\", "").endswith(f"{len(told.customers):,} customers")


@pytest.mark.usefixtures("kinds")
def test_a_product_that_is_in_no_file_yet() -> None:
    at = visit()
    at.segmented_control(key="launch_kind").set_value(
        "A product that is not in the files yet"
    ).run()
    assert not at.dataframe
    at.text_input(key="launch_name").set_value("Thing *new*").run()
    at.selectbox(key="launch_category").select("Kind 2").run()
    at.selectbox(key="launch_brand").select("Oak").run()
    at.number_input(key="launch_price").set_value(10.0).run()
    assert not at.exception, at.exception
    new = recommend.NewProduct("Thing *new*", "Kind 2", "Oak", 10.0)
    told = recommend.launch(ui.store(), new, 1000, ui.store().default_as_of())
    assert "customers to tell about Thing *new***" in said(at)
    shown = at.dataframe[0].value
    assert shown["customer_id"].tolist()[:5] == told.customers["customer_id"].tolist()[:5]
    assert (shown["customer_id"].str[1:].astype(int).head(10) % 5 == 2).mean() > 0.8


def test_the_sample_shop_says_what_its_lists_were_worth(store_path: Path) -> None:
    with Store(store_path) as store:
        load_folder(store, ROOT / "sample_data")
    at = visit()
    newest = at.selectbox(key="launch_product").options[0]
    assert newest.startswith("Meadow Green Tea (P019): ")
    at.selectbox(key="launch_product").select("P019").run()
    assert not at.exception, at.exception
    shop = ui.store()
    past = recommend.past_launches(shop)
    assert past.verdict in said(at)
    told = recommend.launch(shop, "P019", 1000, past=past)
    table = shop.keep("launch_test", "test", told.customers)
    listed = preview_list(shop, "launch_list", tables={"launch": table})
    assert listed.opted_out > 0
    assert f"{listed.opted_out:,} more are left out: they asked not to be contacted." in said(at)


def test_a_shop_without_new_products(fill: Callable[..., None]) -> None:
    rows = "".join(f"{n},c{n % 60},2023-0{1 + n % 9}-11,p{n % 2},1,5\n" for n in range(1, 120))
    late = "200,c1,2024-06-01,p0,1,5\n"
    fill(orders=f"order_id,customer_id,ordered_at,product_id,quantity,amount\n{rows}{late}")
    at = visit()
    assert "sold for more than half a year" in str(at.info[0].value)
    at.segmented_control(key="launch_kind").set_value(
        "A product that is not in the files yet"
    ).run()
    at.text_input(key="launch_name").set_value("Tea").run()
    assert not at.exception, at.exception
    assert "customers to tell about Tea" in said(at)
    assert "it takes some ten" in said(at)
