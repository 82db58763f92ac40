"""The pages without a browser: what they say on empty, small and full stores."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from analytics.store import Store, load

ROOT = Path(__file__).parents[2]
PAGES = {
    "app.py": "Overview",
    "pages/data.py": "Data",
    "pages/segments.py": "Segments",
    "pages/customers.py": "Customers",
    "pages/journeys.py": "Journeys",
    "pages/predictions.py": "Predictions",
    "pages/retention.py": "Retention",
    "pages/demand.py": "Demand",
    "pages/stock.py": "Stock",
    "pages/baskets.py": "Baskets",
    "pages/recommendations.py": "Recommendations",
    "pages/campaigns.py": "Campaigns",
    "pages/experiments.py": "Experiments",
}
HEADER = "order_id,customer_id,ordered_at,product_id,quantity,unit_price,currency\n"


def fill(path: Path, tmp_path: Path, body: str) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(HEADER + body, encoding="utf-8")
    with Store(path) as store:
        load(store, file)


def visit(page: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    if page != "app.py":
        at.switch_page(page).run()
    assert not at.exception
    return at


def said(at: AppTest) -> str:
    return "\n".join(str(box.value) for box in (*at.markdown, *at.caption, *at.info, *at.error))


@pytest.mark.parametrize(("page", "title"), PAGES.items())
def test_an_empty_store_offers_the_ways_to_begin(store_path: Path, page: str, title: str) -> None:
    at = visit(page)
    assert at.title[0].value == title
    assert "Load the sample shop" in [button.label for button in at.button]
    assert not store_path.with_suffix(".csv").exists()


SEVEN = "".join(f"{n},c{n},2024-03-0{n} 10:00:00,p1,{n},2.50,EUR\n" for n in range(1, 8))


def test_overview_shows_the_money_of_the_file(store_path: Path, tmp_path: Path) -> None:
    fill(store_path, tmp_path, SEVEN)
    at = visit("app.py")
    figures = {metric.label: metric.value for metric in at.metric}
    expected = {
        "Revenue, EUR": "70.00",
        "Orders": "7",
        "Average order, EUR": "10.00",
        "Customers": "7",
    }
    assert expected.items() <= figures.items()
    assert "the data begin" in said(at)


def test_segments_need_as_many_customers_as_scores(store_path: Path, tmp_path: Path) -> None:
    fill(store_path, tmp_path, "".join(SEVEN.splitlines(keepends=True)[:3]))
    at = visit("pages/segments.py")
    assert [str(box.value).replace("\\", "") for box in at.error] == [
        "**Only 3 customers ordered before 4 March 2024.** "
        "Choose a later day: 5 scores need at least 5 customers."
    ]


def test_segments_without_anybody_slipping_away(store_path: Path, tmp_path: Path) -> None:
    twenty = "".join(f"{n},c{n},2024-03-{n:02d} 10:00:00,p1,1,2.50,EUR\n" for n in range(1, 21))
    fill(store_path, tmp_path, twenty)
    at = visit("pages/segments.py")
    assert not at.error
    assert "of 20 customers are slipping away" in said(at)


def test_what_counts_is_changed_on_the_data_page(store_path: Path, tmp_path: Path) -> None:
    fill(store_path, tmp_path, SEVEN + "C9,c1,2024-03-08 09:00:00,p1,-1,2.50,EUR\n")
    at = visit("pages/data.py")
    at.session_state["data_tab"] = "What the store holds"
    at.run()
    choice = next(radio for radio in at.radio if radio.label == "Returns and cancelled invoices")
    choice.set_value("are left out").run()
    assert not at.exception
    at.switch_page("app.py").run()
    assert at.metric[0].value == "70.00"
    st.cache_resource.clear()
    with Store(store_path) as store:
        assert store.policy.returns == "leave_out"


def test_a_store_that_is_open_elsewhere_is_explained(store_path: Path) -> None:
    import subprocess
    import sys

    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from analytics.store import Store; s = Store(sys.argv[1]); "
            "print('open', flush=True); sys.stdin.read()",
            str(store_path),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    try:
        assert holder.stdout.readline() == b"open\n"
        at = visit("app.py")
        assert [str(box.value).replace("\\", "") for box in at.error] == [
            "**The store is open in another program.** "
            "Close the other Regulars, or set REGULARS_STORE to another file."
        ]
    finally:
        holder.stdin.close()
        holder.wait(timeout=20)
        holder.stdout.close()


def _quoting() -> None:
    import ui
    from analytics.errors import AnalyticsError

    ui.show_error(AnalyticsError("No “![x](http://example.com/x.png)”.", "See **this**."))


def test_what_an_error_quotes_is_never_read_as_formatting() -> None:
    """An image would make the browser fetch its address, which tells the outside of the shop."""
    at = AppTest.from_function(_quoting, default_timeout=60).run()
    assert at.error[0].value == (
        "**No “\\!\\[x\\]\\(http\\://example\\.com/x\\.png\\)”\\.** See \\*\\*this\\*\\*\\."
    )
