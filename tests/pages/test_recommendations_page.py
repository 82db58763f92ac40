"""The Recommendations page without a browser: what it shows is what the API says."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

import ui
from analytics import recommend
from analytics.store import Store, load, load_folder, preview_list

ROOT = Path(__file__).parents[2]
HEADER = "order_id,customer_id,ordered_at,product_id,quantity,unit_price\n"


def visit() -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
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


def test_the_sample_shop_is_recommended_to_as_the_api_says(store_path: Path) -> None:
    with Store(store_path) as store:
        load_folder(store, ROOT / "sample_data")
    at = visit()
    assert not at.dataframe, "nothing is worked out before it is asked for"
    find(at)
    model = recommend.fit(ui.store(), "discover")
    said = "\n".join(str(box.value) for box in at.markdown).replace("\\", "")
    assert model.verdict in said
    busy = model.history.customers["customer_id"].iloc[0]
    next(one for one in at.text_input if one.label.startswith("Customer")).set_value(busy).run()
    shown = at.dataframe[0].value
    expected = model.for_customers([busy], 10)
    assert shown["product_id"].tolist() == expected["product_id"].tolist()
    assert shown["why"].tolist() == expected["reason"].tolist()

    open_tab(at, "For everyone")
    kept = recommend.keep(ui.store(), "discover", 5, found=model)
    listed = preview_list(ui.store(), "recommend_list", tables={"recommendations": kept.table})
    assert at.subheader[0].value == f"Something new: {listed.rows:,} recommendations"
    assert listed.opted_out > 0
    first = at.dataframe[0].value.head(5)
    assert first["customer_id"].nunique() == 1
    assert first["rank"].tolist() == [1, 2, 3, 4, 5]

    open_tab(at, "Evidence")
    best = model.comparison
    assert best is not None
    assert at.dataframe[0].value["method"].iloc[0] == best.table["label"].iloc[0]


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
    at = find(visit())
    assert at.error or any("best seller" in str(box.value).lower() for box in at.markdown)
