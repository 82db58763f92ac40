"""The Baskets page without a browser: what it says of shops of all kinds, and whom a rule lists."""

from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics.store import Store, inspect, load, load_folder

ROOT = Path(__file__).parents[2]
PAGE = "pages/baskets.py"
HEADER = "order_id,customer_id,ordered_at,product_id,quantity,amount,currency\n"
TABS = ("Pairs and rules", "Cart", "In sequence", "Bundles")


def fill(path: Path, tmp_path: Path, lines: list[str], products: str = "") -> None:
    texts = {"orders": HEADER + "\n".join(lines) + "\n", "products": products}
    with Store(path) as store:
        for table, text in texts.items():
            if text:
                file = tmp_path / f"{table}.csv"
                file.write_text(text, encoding="utf-8")
                load(store, file, inspect(file, table=table), import_day=date(2030, 1, 1))


def visit(tab: str = TABS[0]) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    at.session_state["baskets_tab"] = tab
    at.switch_page(PAGE).run()
    assert not at.exception
    return at


def said(at: AppTest) -> str:
    return "\n".join(str(box.value) for box in (*at.markdown, *at.caption, *at.info, *at.error))


def shop(days: int = 40) -> list[str]:
    """Each day tea with a cup, in one order, and a pot in another."""
    lines = []
    for day in range(days):
        moment = f"2024-{1 + day // 28:02}-{1 + day % 28:02} 10:00:00"
        lines += [
            f"a{day},c{day % 7},{moment},tea,1,4.00,EUR",
            f"a{day},c{day % 7},{moment},cup,1,7.00,EUR",
            f"b{day},d{day % 5},{moment},pot,1,30.00,EUR",
        ]
    return lines


NAMES = "product_id,name,category,cost\ntea,Green *tea* $5,drinks,2\ncup,Cup_of_,ware,3\n"


def test_it_says_what_goes_together_with_its_numbers(store_path: Path, tmp_path: Path) -> None:
    fill(store_path, tmp_path, shop(), NAMES)
    text = said(visit())
    assert "**100%** also hold" in text
    assert "**2.0 times** what chance would give, in 40 of 80 orders" in text
    assert "2 of 2 rules hold" in text
    assert "Green \\*tea\\* \\$5" in text
    assert "Cup\\_of\\_" in text


@pytest.mark.parametrize("tab", TABS[1:])
def test_each_tab_opens(store_path: Path, tmp_path: Path, tab: str) -> None:
    fill(store_path, tmp_path, shop(), NAMES)
    at = visit(tab)
    assert not at.error
    expected = {
        "Cart": "Choose at least one, to see what to add.",
        "In sequence": "after something else",
        "Bundles": "would have brought",
    }
    assert expected[tab] in said(at)


def test_a_cart_is_completed(store_path: Path, tmp_path: Path) -> None:
    fill(store_path, tmp_path, shop(), NAMES)
    at = visit("Cart")
    box = next(each for each in at.multiselect if each.label == "In the cart")
    box.set_value(["tea"]).run()
    assert not at.exception
    assert "Offer **Cup\\_of\\_**: **100%** of the orders with" in said(at)
    assert "one item was hidden" in said(at)


def test_bundles_follow_the_discount(store_path: Path, tmp_path: Path) -> None:
    fill(store_path, tmp_path, shop(), NAMES)
    at = visit("Bundles")
    assert "for **9.90 EUR** instead of 11.00 EUR" in said(at)
    slider = next(each for each in at.slider if each.label.startswith("Discount"))
    slider.set_value(20).run()
    assert "for **8.80 EUR** instead of 11.00 EUR" in said(at)


def test_categories_where_no_product_has_one(store_path: Path, tmp_path: Path) -> None:
    fill(store_path, tmp_path, shop())
    at = visit()
    at.session_state["baskets_by"] = "category"
    at.run()
    assert [str(box.value).replace("\\", "") for box in at.error] == [
        "**No order says which category was bought.** Map the product column of the order file on "
        "the Data page, and import a product file with categories."
    ]


def test_orders_of_one_product_each_are_told_apart(store_path: Path, tmp_path: Path) -> None:
    lines = [f"o{n},c{n % 9},2024-03-{1 + n % 28:02} 10:00:00,p{n % 3},1,{n + 2}.00,EUR"
             for n in range(40)]  # fmt: skip
    fill(store_path, tmp_path, lines)
    at = visit()
    assert [str(box.value).replace("\\", "").split("**")[1] for box in at.error] == [
        "Every order holds only one product, so nothing was bought together."
    ]
    assert "In sequence" in said(at)


def test_a_shop_without_products(store_path: Path, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("order_id,customer_id,ordered_at,amount\n1,a,2024-01-01,5\n", encoding="utf-8")
    with Store(store_path) as store:
        load(store, file)
    at = visit()
    assert [str(box.value).replace("\\", "") for box in at.error] == [
        "**No order says which product was bought.** Map the product column of the order file on "
        "the Data page."
    ]


def test_nothing_often_enough_says_what_to_do(store_path: Path, tmp_path: Path) -> None:
    fill(store_path, tmp_path, shop(3))
    assert "Ask for fewer orders, or a smaller share." in said(visit())


def test_too_few_weeks_to_confirm_are_explained(store_path: Path, tmp_path: Path) -> None:
    lines = []
    for n in range(10):
        lines += [f"a{n},c{n},2024-03-01 10:00:00,{item},1,{worth},EUR"
                  for item, worth in (("tea", 4), ("cup", 7))]  # fmt: skip
        lines.append(f"b{n},c{n},2024-03-01 11:00:00,pot,1,30,EUR")
    fill(store_path, tmp_path, lines)
    at = visit()
    assert not at.error
    assert "wait for more orders" in said(at)


def test_the_sample_shop_shows_its_bundles(store_path: Path) -> None:
    with Store(store_path) as store:
        load_folder(store, ROOT / "sample_data")
    at = visit()
    text = said(at)
    assert "**Harbour Pour\\-over Kit**, **77%** also hold **Harbour Filter Coffee**" in text
    at.session_state["baskets_size"] = 3
    at.run()
    assert not at.exception
    assert "Classic Notebook" in said(at)
