"""The Demand page without a browser: its answer, its refusals, and what it says of thin data."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from analytics import forecast
from analytics.errors import AnalyticsError
from analytics.store import Store, inspect, load
from ui.demand import own_dates

ROOT = Path(__file__).parents[2]
PAGE = "pages/demand.py"
HEADER = "order_id,customer_id,ordered_at,product_id,quantity,amount,currency\n"
PRODUCTS = "product_id,name,category\ntea,Green *tea* $5,drinks_\ncup,Cup,ware\n"
START = date(2024, 1, 1)
TABS = ("Forecast", "Categories and products", "Backtest", "What if", "Season calendar")


def fill(path: Path, tmp_path: Path, lines: list[str], products: str = PRODUCTS) -> None:
    with Store(path) as store:
        for table, text in {
            "orders": HEADER + "\n".join(lines) + "\n",
            "products": products,
        }.items():
            if text:
                file = tmp_path / f"{table}.csv"
                file.write_text(text, encoding="utf-8")
                load(store, file, inspect(file, table=table), import_day=date(2030, 1, 1))


def shop(days: int, amount: float | None = None) -> list[str]:
    """Each day tea and a cup."""
    rng = np.random.default_rng(4)
    lines = []
    for n in range(days):
        day = START + timedelta(days=n)
        money = rng.uniform(8, 12, 2) if amount is None else (amount, amount)
        lines += [
            f"t{n},c{n % 9},{day} 10:00:00,tea,1,{money[0]:.2f},EUR",
            f"u{n},d{n % 5},{day} 11:00:00,cup,2,{money[1]:.2f},EUR",
        ]
    return lines


def visit(tab: str = TABS[0], **state: object) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    at.session_state["demand_tab"] = tab
    for name, value in state.items():
        at.session_state[name] = value
    at.switch_page(PAGE).run()
    assert not at.exception
    return at


def said(at: AppTest) -> str:
    return "\n".join(str(box.value) for box in (*at.markdown, *at.caption, *at.info, *at.error))


def test_it_answers_with_a_figure_its_range_and_last_year(store_path: Path, tmp_path: Path) -> None:
    fill(store_path, tmp_path, shop(7 * 70 + 3))
    at = visit()
    assert not at.error
    text = said(at)
    assert "Next 8 weeks: **1,1" in text  # 8 weeks of 7 × 20
    assert " EUR** ± " in text
    assert "last year" in text
    assert "is left out\\: it is not over" in text
    assert not any("Warning" in line for line in text.splitlines())


def test_a_part_is_named_as_it_is(store_path: Path, tmp_path: Path) -> None:
    fill(store_path, tmp_path, shop(7 * 30))
    text = said(visit(demand_by="product", demand_part_product="tea"))
    assert "Green \\*tea\\* \\$5, next 8 weeks: " in text
    assert "the 8 weeks before" in text
    assert "drinks\\_, next 8 weeks: " in said(
        visit(demand_by="category", demand_part_category="drinks_")
    )


def test_arima_alone_is_shown_with_its_own_score(store_path: Path, tmp_path: Path) -> None:
    fill(store_path, tmp_path, shop(7 * 40))
    text = said(visit(demand_method="arima"))
    assert "ARIMA\\(" in text
    assert "earlier starts it was wrong by" in text
    assert "“as last time”" in text


@pytest.mark.parametrize("measure", ["units", "orders"])
def test_other_measures_have_no_currency(store_path: Path, tmp_path: Path, measure: str) -> None:
    fill(store_path, tmp_path, shop(60))
    text = said(visit(demand_measure=measure))
    assert "Next 28 days: **" in text
    assert "EUR" not in text


def test_the_backtest_tells_the_error_beside_the_rule_s(store_path: Path, tmp_path: Path) -> None:
    fill(store_path, tmp_path, shop(7 * 40))
    at = visit("Backtest")
    assert "of the error of “as last time”" in said(at)
    assert not at.error
    assert len(at.dataframe[0].value) >= 4


def test_what_if_refuses_without_a_past_promotion(store_path: Path, tmp_path: Path) -> None:
    fill(store_path, tmp_path, shop(7 * 40))
    at = visit("What if")
    assert not at.error
    assert "No past promotion shows in the data" in at.info[0].value


def test_what_if_tells_what_a_promotion_would_bring(store_path: Path, tmp_path: Path) -> None:
    header = HEADER.replace("currency", "coupon")
    lines = []
    for n in range(7 * 40):
        on = n // 7 in (8, 16, 26, 32)
        for k in range(30 if on else 20):
            coupon = "SALE" if on and k % 2 else ""
            lines.append(f"{n}-{k},c{k},{START + timedelta(days=n)},tea,1,{5 + k % 3},{coupon}")
    with Store(store_path) as store:
        file = tmp_path / "orders.csv"
        file.write_text(header + "\n".join(lines) + "\n", encoding="utf-8")
        load(store, file, inspect(file, table="orders"), import_day=date(2030, 1, 1))
    text = said(visit("What if"))
    assert "4 past promotions sold 1.5" in text
    assert "in 8 of 10 cases" in text


def test_seasons_need_a_year_and_say_so(store_path: Path, tmp_path: Path) -> None:
    fill(store_path, tmp_path, shop(200))
    at = visit("Season calendar")
    assert "A season shows after a whole year of orders" in at.error[0].value


def test_seasons_lead_to_the_buyers_of_a_category(store_path: Path, tmp_path: Path) -> None:
    fill(store_path, tmp_path, shop(400))
    at = visit("Season calendar", season_buyers="ware")
    assert not at.error
    assert "Buyers of ware: 5 customers" in [head.value for head in at.subheader]


def test_the_table_of_categories_is_made_and_kept(store_path: Path, tmp_path: Path) -> None:
    fill(store_path, tmp_path, shop(7 * 30))
    at = visit("Categories and products")
    for _ in range(60):
        if at.dataframe:
            break
        at.run()
    assert not at.exception
    table = at.dataframe[0].value
    assert set(table["part"]) == {"drinks_", "ware"}
    assert table["forecast"].to_numpy() == pytest.approx(560, rel=0.1)
    assert set(table["confidence"]) <= {"good", "fair", "low", "none"}


def test_one_number_on_every_tab_and_in_every_table(store_path: Path, tmp_path: Path) -> None:
    fill(store_path, tmp_path, shop(7 * 30))
    first = visit().dataframe[0].value
    total = round(float(first["forecast"].sum()) * 100)
    assert f"Together {total / 100:,.2f} EUR" in said(visit())
    for by in ("category", "product"):
        at = visit(TABS[1], demand_parts_by=by)
        for _ in range(60):
            if at.dataframe:
                break
            at.run()
        table = at.dataframe[0].value
        assert round(float(table["forecast"].sum()) * 100) == total
        assert f"Together {total / 100:,.2f} EUR: the forecast of the whole shop" in said(at)
    for by, key, name in (("category", "ware", "ware"), ("product", "cup", "Cup")):
        at = visit(demand_by=by, **{f"demand_part_{by}": key})
        own = float(at.dataframe[0].value["forecast"].sum())
        row = table[table["part"] == "Cup"].iloc[0]
        assert own == pytest.approx(row["forecast"], abs=0.005)
        assert f"{name}, next 8 weeks: " in said(at)
        assert "made to add up with all others" in said(at)
    assert "stands on its own" in said(visit(demand_by="product", demand_method="arima"))


def test_a_suspected_empty_shelf_is_offered_and_marked(store_path: Path, tmp_path: Path) -> None:
    lines = [line for n, line in enumerate(shop(7 * 40)) if n % 2 or not 7 * 20 <= n // 2 < 7 * 24]
    fill(store_path, tmp_path, lines)
    at = visit(demand_by="product", demand_part_product="tea")
    button = next(button for button in at.button if "as out of stock" in button.label)
    assert "Green \\*tea\\* \\$5 as out of stock, 20 May 2024 to 16 June 2024" in button.label
    button.click().run()
    assert not at.exception
    assert not [button for button in at.button if "as out of stock" in button.label]
    assert "4 periods out of stock" in said(at)


LATER = ["v" + line.replace("2024", "2026") for line in shop(60)]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (shop(1), "Only 1 periods are known"),
        (shop(2), "Only 2 periods are known"),
        (shop(3), "Next 28 days"),
        (shop(40, amount=0.0), "Next 28 days: **0 EUR**"),
        (shop(40, amount=5.0), "Next 28 days: **280 EUR**"),
        ([*shop(40), f"r,c1,{START + timedelta(days=39)},tea,-9,-99.00,EUR"], "Next 28 days"),
        (
            [*shop(60), *("v" + line.replace("2024", "2026") for line in shop(60))],
            "No order at all from",
        ),
    ],
)
def test_thin_and_strange_data_are_answered_in_words(
    store_path: Path, tmp_path: Path, lines: list[str], words: str
) -> None:
    fill(store_path, tmp_path, lines)
    for tab in TABS:
        at = visit(tab)
        assert not at.exception
        if tab == "Forecast":
            text = said(at)
            assert words in text
            assert "nan" not in text
            assert "inf " not in text


def test_own_dates_are_read_or_refused_in_words() -> None:
    found = own_dates("\ufeffEvent, Day \nFair,2024-05-01\nFair,2024-05-02\n".encode())
    assert found == (("Fair", (date(2024, 5, 1), date(2024, 5, 2))),)
    for content, words in (
        (b"name,when\na,b\n", "lacks a column"),
        (b"event,day\nFair,1.5.2024\n", "“1.5.2024” is no day"),
        (b"", "cannot be read"),
        (b"\xff\xfe\x00", "cannot be read"),
    ):
        with pytest.raises(AnalyticsError, match=words):
            own_dates(content)


def test_the_page_says_what_the_api_says(store_path: Path, tmp_path: Path) -> None:
    fill(store_path, tmp_path, shop(60))
    with Store(store_path) as store:
        y = forecast.series(store).of("total")
        calendar = forecast.calendar(store, y.index, 28)  # type: ignore[arg-type]
        expected = forecast.with_events(y, 28, calendar).points
    at = visit()
    shown = at.dataframe[0].value
    assert shown["forecast"].to_numpy() == pytest.approx(expected["mean"].round(2).to_numpy())
