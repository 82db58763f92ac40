"""The Experiments page without a browser: results, tests run elsewhere, plans, and bad input."""

import gzip
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import ui
from analytics.experiment import shelf
from analytics.store import Store, inspect, load

ROOT = Path(__file__).parents[2]
NASTY = "B ![x](http://example.com/x.png) <b>*bold*</b> $1$"


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


def orders(buyers: dict[str, float], day: str = "2024-03-05") -> str:
    """An order of each buyer, and two of a stranger: the data go from January to the end of May."""
    lines = [f"{who},{who},{day} 15:00:00,tea,1,{price},EUR" for who, price in buyers.items()]
    head = "order_id,customer_id,ordered_at,product_id,quantity,unit_price,currency\n"
    stranger = [f"{day},zoe,{day} 10:00:00,tea,1,1,EUR" for day in ("2024-01-02", "2024-05-31")]
    return head + "\n".join([*lines, *stranger, ""])


def assignments(sizes: dict[str, int], name: str = "bar", day: str = "2024-03-01") -> str:
    rows = [
        f'{name},{variant[0]}{n},"{variant}",{day} 12:00:00'
        for variant, size in sizes.items()
        for n in range(size)
    ]
    return "experiment,customer_id,variant,assigned_at\n" + "\n".join([*rows, ""])


@pytest.fixture
def fill(store_path: Path, tmp_path: Path) -> Callable[..., None]:
    def into(**texts: str) -> None:
        with Store(store_path) as store:
            for table, text in texts.items():
                file = tmp_path / f"{table}.csv"
                file.write_text(text, encoding="utf-8")
                load(store, file, inspect(file, table=table))

    return into


def visit(part: str = "Results", **state: Any) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    at.session_state["experiments_part"] = part
    for name, value in state.items():
        at.session_state[name] = value
    at.switch_page("pages/experiments.py").run()
    assert not at.exception, at.exception
    return at


def said(at: AppTest) -> str:
    boxes = (*at.subheader, *at.markdown, *at.caption, *at.info, *at.warning, *at.error,
             *at.success)  # fmt: skip
    text = "\n".join(str(box.value) for box in boxes).replace("\\", "")
    assert "nan" not in text.split()
    assert "None" not in text.split()
    return text


def verdicts(at: AppTest) -> list[str]:
    return [str(box.value).replace("\\", "") for box in at.subheader]


def press(at: AppTest, label: str) -> AppTest:
    next(button for button in at.button if button.label == label).click()
    at.run()
    assert not at.exception, at.exception
    return at


def box(at: AppTest, kind: str, label: str) -> Any:
    return next(one for one in getattr(at, kind) if one.label == label)


def typed(**arms: tuple[int, int] | tuple[int, int, float, float]) -> pd.DataFrame:
    rows = [(name, *(*numbers, None, None)[:4]) for name, numbers in arms.items()]
    columns = ["variant", "customers", "conversions", "revenue", "revenue_sd"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"revenue": "Float64", "revenue_sd": "Float64"})


# Results


def spenders(variant: str, buyers: int, price: float) -> dict[str, float]:
    """Some customers of a variant with an order, at prices that differ a little."""
    return {f"{variant[0]}{n}": price + n % 5 for n in range(buyers)}


def test_a_shop_without_experiments_says_what_to_import(fill: Callable[..., None]) -> None:
    fill(orders=orders({"a": 5}))
    at = visit()
    assert "There is no experiment in the data yet" in said(at)
    assert not at.subheader


def test_the_verdict_by_hand(fill: Callable[..., None]) -> None:
    """12 of 100 against 30 of 100: 18 points ± 1.96 × √(.12 × .88 + .3 × .7) ÷ 10 = 7.0 to 29.0."""
    fill(
        orders=orders(spenders("control", 12, 18) | spenders("new", 30, 18)),
        assignments=assignments({"control": 100, "new": 100}),
    )
    at = visit(experiment_metric="conversion_rate")
    assert verdicts(at)[0] == (
        "New is better: its conversion rate is 7 to 29 points higher (best guess 18 points)."
    )
    table = at.dataframe[0].value.set_index("metric")
    assert table.loc["Conversion rate", ["control", "with_the_change"]].tolist() == [
        "12.0%", "30.0%",
    ]  # fmt: skip
    assert table.loc["Conversion rate", "difference"] == "+18.0 points (+7.0 to +29.0 points)"
    # 12 buyers bring 237 in all, 30 bring 600.
    assert table.loc["Revenue per visitor", ["control", "with_the_change"]].tolist() == [
        "2.37 EUR", "6.00 EUR",
    ]  # fmt: skip
    text = said(at)
    assert "more revenue a month (best guess 726 EUR) if new went to 200 customers" in text
    assert "200 customers count, assigned on 1 March 2024" in text
    assert "No size was planned beforehand" in text
    assert "Download the report" in [one.label for one in at.get("download_button")]


def test_results_are_held_to_the_saved_plan(fill: Callable[..., None]) -> None:
    fill(
        orders=orders(spenders("control", 12, 18) | spenders("new", 30, 18)),
        assignments=assignments({"control": 100, "new": 100}),
    )
    at = visit("Plan a test", plan_given="the weeks there are")
    box(at, "text_input", "Name of the experiment").set_value("bar").run()
    press(at, "Save the plan")
    saved = shelf.plan_of(ui.store(), "bar")
    assert saved is not None
    assert (saved.total_n, saved.weeks, saved.window_days) == (4_000, 4, 14)
    assert at.dataframe[-1].value["experiment"].tolist() == ["bar"]
    at = visit()
    assert box(at, "number_input", "Customers planned").value == 4_000
    assert verdicts(at)[0].startswith(
        "Keep running: 200 of the planned 4,000 customers are in it, 5% of the plan."
    )
    assert "So far it looks as if that would mean" in said(at)
    box(at, "number_input", "Customers planned").set_value(200).run()
    assert verdicts(at)[0].startswith("New is better")


def test_uneven_sizes_are_not_trusted_unless_they_were_planned(fill: Callable[..., None]) -> None:
    fill(
        orders=orders(spenders("control", 12, 18) | spenders("new", 60, 18)),
        assignments=assignments({"control": 100, "new": 200}),
    )
    at = visit()
    assert verdicts(at)[0].startswith("Do not trust this result: The sizes cannot come of")
    assert "revenue a month" not in said(at)
    assert "Was another split planned?" in said(at)
    box(at, "number_input", "control").set_value(33.3)
    box(at, "number_input", "new").set_value(66.7).run()
    assert not at.exception
    assert verdicts(at)[0].startswith("New is better")


def test_names_are_shown_as_they_are_and_nothing_else(fill: Callable[..., None]) -> None:
    fill(
        orders=orders(spenders("A", 12, 18) | spenders(NASTY, 60, 18)),
        assignments=assignments({"A": 200, NASTY: 200}),
    )
    at = visit(experiment_tab="Customers")
    shown = [str(one.value) for one in (*at.subheader, *at.markdown, *at.caption)]
    assert any("best guess" in one for one in shown)
    assert not any(re.search(r"!\[x|(?<!\\)(<b>|\*bold|\$1)", one) for one in shown)
    assert any("200 customers" in one for one in shown)


def test_several_variants_are_each_beside_the_control(fill: Callable[..., None]) -> None:
    fill(
        orders=orders(
            spenders("control", 12, 18) | spenders("new", 60, 18) | spenders("third", 13, 18)
        ),
        assignments=assignments({"control": 200, "new": 200, "third": 200}),
    )
    at = visit()
    found = verdicts(at)
    assert found[0].startswith("New is better")
    assert found[1].startswith("Cannot tell yet: with third")
    assert "corrected_p_value" in at.dataframe[0].value
    assert box(at, "selectbox", "Variant").options == ["new", "third"]


@pytest.mark.parametrize("reading", ["Once, at the end", "Any day (always valid)"])
def test_a_result_is_taken_apart(fill: Callable[..., None], reading: str) -> None:
    texts = [
        assignments({"control": 60, "new": 60}, day=f"2024-03-{day:02d}").split("\n", 1)[1]
        for day in range(1, 15)
    ]
    by_day = [
        text.replace(",c", f",c{day}x").replace(",n", f",n{day}x") for day, text in enumerate(texts)
    ]
    buyers = {f"c{day}x{n}": 20.0 + n for day in range(14) for n in range(6)} | {
        f"n{day}x{n}": 20.0 + n for day in range(14) for n in range(14)
    }
    everyone = [f"{side}{day}x{n}" for side in "cn" for day in range(14) for n in range(60)]
    fill(
        orders=orders(buyers, "2024-03-16"),
        assignments="experiment,customer_id,variant,assigned_at\n" + "".join(by_day),
        customers="customer_id,city,consent\n"
        + "".join(
            f"{who},{'Lyon' if place % 2 else 'Graz'},{'no' if place == 1 else 'yes'}\n"
            for place, who in enumerate(everyone)
        ),
    )
    at = visit(experiment_reading=reading, experiment_window_bar_0=30)
    assert verdicts(at)[0].startswith("New is better")
    assert "First half against second half" in said(at)
    assert len(at.get("plotly_chart")) == 3
    at = visit(experiment_tab="By group", experiment_by="city", experiment_window_bar_0=30)
    rows = next(one.value for one in at.dataframe if "segment" in one.value)
    assert rows.set_index("segment")["customers"].to_dict() == {"Graz": 840, "Lyon": 840}
    at = visit(experiment_tab="Customers", experiment_window_bar_0=30)
    assert any(str(one.value).endswith("control: 839 customers") for one in at.subheader)
    assert "1 more are left out" in said(at)


def test_other_metrics_and_a_ratio_of_ones_own(fill: Callable[..., None]) -> None:
    fill(
        orders=orders(spenders("control", 12, 18) | spenders("new", 60, 18)),
        assignments=assignments({"control": 200, "new": 200}),
        events="customer_id,occurred_at,event\n"
        + "".join(f"{who}{n},2024-03-04 10:00:00,view\n" for who in "cn" for n in range(150)),
    )
    at = visit(experiment_metric="event_count:view")
    assert verdicts(at)[0].startswith("Cannot tell yet: with new there may be anything")
    at = visit(experiment_metric="own_ratio")
    box(at, "selectbox", "over the sum of").set_value("“view”").run()
    assert not at.exception
    assert at.dataframe[0].value["metric"].iloc[0] == "Revenue per “view”"
    # 237 of money over 150 views.
    assert at.dataframe[0].value["control"].iloc[0] == "1.58 EUR"
    at = visit(experiment_metric="retention_rate:7", experiment_window_bar_0=7)
    assert "cannot be seen in a window of 7 days" in said(at)


def test_a_shop_with_events_only_is_judged_by_them(fill: Callable[..., None]) -> None:
    """90 of 100 against 60 of 100 opened: 30 points ± 1.96 × √(.9 × .1 + .6 × .4) ÷ 10."""
    opened = [*(f"c{n}" for n in range(60)), *(f"n{n}" for n in range(90)), "stranger"]
    days = ["2024-03-04"] * 150 + ["2024-05-31"]
    fill(
        assignments=assignments({"control": 100, "new": 100}),
        events="customer_id,occurred_at,event\nstranger,2024-01-02,open\n"
        + "".join(f"{who},{day} 10:00:00,open\n" for who, day in zip(opened, days, strict=True)),
    )
    at = visit(experiment_metric="open_rate")
    assert verdicts(at)[0] == (
        "New is better: its open rate is 19 to 41 points higher (best guess 30 points)."
    )
    assert at.dataframe[0].value["metric"].tolist() == ["Open rate"]
    assert "revenue a month" not in said(at)


def test_the_list_goes_into_a_file_for_a_program(fill: Callable[..., None]) -> None:
    fill(
        orders=orders(spenders("control", 12, 18) | spenders("new", 30, 18)),
        assignments=assignments({"control": 100, "new": 100}),
    )
    at = visit(experiment_tab="Customers")
    where = box(at, "selectbox", "For")
    where.set_value(where.options[1]).run()
    assert not at.exception, at.exception
    assert "100 left out: no consent known." in said(at)


@pytest.mark.parametrize(
    ("sizes", "day", "expected"),
    [
        ({"only": 50}, "2024-03-01", "one variant only, “only”: there is nothing to compare."),
        ({"A": 50, "B": 50}, "2024-05-30", "Nobody in “bar” has had 14 whole days"),
        ({"A": 50, "B": 50}, "2024-07-01", "were assigned after the last day of the data"),
        ({"A": 50, "B": 20}, "2024-03-01", "only 20 customers"),
        ({"A": 50, "B": 50}, "2024-03-01", "No customer of “A” is found among the orders"),
    ],
)
def test_what_cannot_be_told_is_said(
    fill: Callable[..., None], sizes: dict[str, int], day: str, expected: str
) -> None:
    fill(orders=orders({"x": 5}), assignments=assignments(sizes, day=day))
    at = visit()
    assert expected in said(at)
    for one in at.dataframe:
        assert "nan" not in one.value.to_csv(na_rep="").lower()


# Run elsewhere


@pytest.mark.usefixtures("store_path")
def test_typed_totals_by_hand() -> None:
    """100 and 150 of 1,000: 5 points ± 1.96 × √(.1 × .9 + .15 × .85) ÷ √1000 = 2.1 to 7.9."""
    at = visit("Run elsewhere")
    assert "Type the customers and conversions of at least two variants" in said(at)
    at = visit("Run elsewhere", outside_typed=typed(A=(1000, 100), B=(1000, 150)))
    assert verdicts(at) == [
        "Variant B is better: its conversion rate is 2.1 to 7.9 points higher (best guess 5.0 "
        "points)."
    ]
    assert at.dataframe[-1].value["p_value"].tolist() == ["0.0007"]


@pytest.mark.usefixtures("store_path")
def test_typed_revenue_needs_its_spread() -> None:
    """4 and 5 a customer with a spread of 10: 1 ± 1.961 × 10 × √(2 ÷ 1,000) = 0.12 to 1.88."""
    at = visit(
        "Run elsewhere", outside_typed=typed(A=(1000, 100, 4000, 10), B=(1000, 99, 5000, 10))
    )
    assert verdicts(at) == [
        "Variant B is better: its revenue per visitor is 0.12 to 1.88 higher (best guess 1.00)."
    ]
    assert "if B went to 1,000 customers a month" in said(at)
    frame = typed(A=(1000, 100), B=(1000, 150))
    frame["revenue"] = [4000.0, 5000.0]
    at = visit("Run elsewhere", outside_typed=frame)
    assert "cannot be tested without the standard deviation" in said(at)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (typed(A=(100, 120), B=(100, 10)), "more conversions than customers"),
        (typed(A=(10, 5), B=(10, 1)), "only 10 customers"),
        (typed(A=(100, 0), B=(100, 0)), "Cannot tell: The conversion rate is 0 in both variants."),
        (typed(A=(1000, 100), B=(3000, 300)), "Do not trust this result"),
    ],
)
@pytest.mark.usefixtures("store_path")
def test_impossible_totals_are_explained(frame: pd.DataFrame, expected: str) -> None:
    assert expected in said(visit("Run elsewhere", outside_typed=frame))


def upload(name: str, content: bytes) -> AppTest:
    at = visit("Run elsewhere", outside_source="Upload one row a user")
    at.file_uploader[0].upload(name, content, "application/octet-stream")
    at.run()
    assert not at.exception, at.exception
    return at


def landing_pages() -> bytes:
    """A zip as one comes from a Mac: 120 and 180 of 1,000, and rows whose page is another's."""
    lines = ["user_id,timestamp,group,landing_page,converted"]
    for group, page, buyers in (("control", "old_page", 120), ("treatment", "new_page", 180)):
        lines += [
            f"{group[0]}{n},2017-01-02 10:00:00,{group},{page},{int(n < buyers)}"
            for n in range(1000)
        ]
    lines += [f"x{n},2017-01-02 10:00:00,control,new_page,1" for n in range(30)]
    lines.append("c0,2017-01-03 10:00:00,control,old_page,0")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("ab_data.csv", "\n".join(lines) + "\n")
        packed.writestr("__MACOSX/._ab_data.csv", b"\x00\x05\x16\x07")
    return made.getvalue()


@pytest.mark.usefixtures("store_path")
def test_rows_of_users_are_guessed_and_can_be_corrected() -> None:
    """60 of 1,000 more: 6 points ± 1.96 × √(.12 × .88 + .18 × .82) ÷ √1000 = 2.9 to 9.1."""
    at = upload("ab_data.csv.zip", landing_pages())
    assert verdicts(at) == [
        "Treatment is better: its converted rate is 2.9 to 9.1 points higher (best guess 6.0 "
        "points)."
    ]
    text = said(at)
    assert "landing_page does not fit the variant: 30 rows left out." in text
    assert "1 further row of users who were there already" in text
    assert box(at, "selectbox", "User").value == "user_id"
    box(at, "selectbox", "Must go with the variant").set_value("–").run()
    assert not at.exception
    assert at.dataframe[-1].value["control"].tolist() == ["14.6%"]  # 150 of 1,030


def mailing() -> bytes:
    """Three variants with visit, conversion and spend, and other columns that are no outcome."""
    rng = np.random.default_rng(11)
    lines = ["recency,history,newbie,channel,segment,visit,conversion,spend"]
    for segment, rate in (("Mens E-Mail", 0.20), ("No E-Mail", 0.10), ("Womens E-Mail", 0.11)):
        for n in range(2000):
            bought = n < 2000 * rate
            spend = f"{rng.integers(2000, 6000) / 100:.2f}" if bought else "0"
            lines.append(f"{n % 12},{n / 7:.2f},{n % 2},Web,{segment},1,{int(bought)},{spend}")
    return gzip.compress(("\n".join(lines) + "\n").encode())


@pytest.mark.usefixtures("store_path")
def test_an_outside_test_is_saved_shown_again_and_deleted() -> None:
    at = upload("hillstrom.csv.gz", mailing())
    assert box(at, "selectbox", "Compared with").value == "No E-Mail"
    assert box(at, "selectbox", "Judged by").value == "spend"
    before = verdicts(at)
    assert before[0].startswith("Mens E-Mail is better: its spend per user is")
    assert before[1].startswith("Cannot tell yet: with Womens E-Mail its spend per user")
    press(at, "Save the test")
    assert "Saved “hillstrom”: see it under “Saved”." in said(at)
    press(at, "Save the test")
    assert "There already is a test “hillstrom”" in said(at)
    at = visit("Run elsewhere", outside_source="Saved")
    assert verdicts(at) == before
    press(at, "Delete")
    assert "Deleted “hillstrom”" in said(at)
    assert shelf.outside_tests(ui.store()) == {}


@pytest.mark.usefixtures("store_path")
def test_a_file_that_is_no_test_is_explained() -> None:
    at = upload("x.csv", b"just one column\n1\n2\n")
    assert "is no table with one row a user" in said(at)
    at = upload("y.csv", b"who,comment\na,fine\nb,good\n")
    assert "Choose" in said(at)


# Plan a test


@pytest.mark.usefixtures("store_path")
def test_a_plan_in_an_empty_store() -> None:
    """Evan Miller's textbook case, unpooled: 20% to 22% takes about 6,500 in each variant."""
    at = visit("Plan a test")
    box(at, "number_input", "Conversion rate today, %").set_value(20.0)
    box(at, "number_input", "Smallest change worth finding, % of today's").set_value(10.0).run()
    assert not at.exception
    [answer] = verdicts(at)
    assert answer.startswith("With about 13,0")
    assert "a true rise of 2 points (10.0% of today's) is found 80% of the time" in answer
    assert "would take about four times as long, 56 weeks" in said(at)
    box(at, "selectbox", "Judged by").set_value("revenue_per_visitor").run()
    assert not at.exception
    assert verdicts(at)[0].startswith("With about")


def test_a_plan_starts_from_the_shop(fill: Callable[..., None]) -> None:
    """40 known customers of whom 5 ordered in the last 14 days: 41 EUR in all."""
    known = "customer_id,city\n" + "".join(f"k{n},Lyon\n" for n in range(39))
    fill(orders=orders({f"k{n}": 10.0 for n in range(4)}, "2024-05-25"), customers=known)
    at = visit("Plan a test", plan_metric="revenue_per_visitor")
    assert "40 customers are known; 12.5% of them ordered, 1.02 EUR a customer" in said(at)
    press(at, "Use these")
    assert box(at, "number_input", "Revenue per customer today, EUR").value == 1.02
    box(at, "selectbox", "Judged by").set_value("conversion_rate").run()
    assert box(at, "number_input", "Conversion rate today, %").value == 12.5


@pytest.mark.usefixtures("store_path")
def test_an_impossible_plan_is_explained_and_a_saved_one_deleted() -> None:
    at = visit("Plan a test", plan_given="the weeks there are")
    box(at, "number_input", "New customers in the test, a week").set_value(1).run()
    assert "4 customers can prove nothing" in said(at)
    box(at, "number_input", "New customers in the test, a week").set_value(500).run()
    box(at, "text_input", "Name of the experiment").set_value("bar").run()
    press(at, "Save the plan")
    press(at, "Delete the plan")
    assert shelf.plan_of(ui.store(), "bar") is None
