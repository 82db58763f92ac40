"""The Retention page without a browser: what it says of shops of every size, and where it stops."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analytics import cohorts, lifetime
from analytics.store import Store

ROOT = Path(__file__).parents[2]
Fill = Callable[..., None]
HEADER = "order_id,customer_id,ordered_at,product_id,quantity,unit_price,currency,channel\n"
WORTH = "What they are worth"


def orders() -> str:
    """120 customers: a third buys every 20 days, a third for half a year, a third but once."""
    rows = []
    for place in range(120):
        first = date(2024, 1, 1) + timedelta(days=place % 60 * 3)
        last = {0: date(2024, 12, 20), 1: date(2024, 7, 31), 2: first}[place % 3]
        day, number = first, 0
        while day <= last:
            rows.append(
                f"{place}-{number},c{place},{day},p{number % 3},1,{10 + place % 7}.50,EUR,"
                f"{'web' if place % 2 else 'app *new*'}"
            )
            day, number = day + timedelta(days=20 + place % 5), number + 1
    return HEADER + "\n".join(rows) + "\n"


EVENTS = "customer_id,session_id,occurred_at,event,product_id\n" + "".join(
    f"c{place % 9},s{place},{date(2024, 3, 1) + timedelta(days=place * 4)} 10:00:00,view,tea\n"
    for place in range(60)
)


def visit(**state: object) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for key, value in state.items():
        at.session_state[key] = value
    at.run()
    at.switch_page("pages/retention.py").run()
    assert not at.exception, at.exception
    return at


def said(at: AppTest) -> str:
    boxes = (*at.markdown, *at.caption, *at.info, *at.warning, *at.error, *at.subheader)
    return "\n".join(str(box.value) for box in boxes).replace("\\", "")


def test_the_answer_is_the_cohorts(fill: Fill, store_path: Path) -> None:
    fill(orders=orders())
    with Store(store_path) as store:
        cells = cohorts.retention(store)
    curve = cohorts.curve(cells).set_index("period")
    at = visit()
    assert not at.error
    shown = said(at)
    grid = at.dataframe[0].value
    assert f"**{curve.loc[1, 'rate']:.1%}** of customers order again in the month after" in shown
    assert "120 customers in all" in shown
    january = cells[cells["cohort"] == "2024-01-01"]
    assert grid.loc["Jan 2024"].tolist()[:3] == [
        f"{january['size'].iloc[0]:,}",
        *[f"{rate:.0%}" for rate in january["rate"].iloc[:2]],
    ]
    assert str(grid.loc["Jan 2024"].iloc[-1]).endswith("…")  # December is not over
    at.segmented_control(key="cohort_measure").set_value("revenue_so_far").run()
    assert not at.exception
    assert "A customer has brought" in said(at)
    assert "EUR" in said(at)
    at.segmented_control(key="cohort_every").set_value("day").run()
    assert not at.exception
    assert "The latest 31 of 60 cohorts are shown" in said(at)


def test_a_cell_lists_who_came_back_and_who_did_not(fill: Fill, store_path: Path) -> None:
    fill(orders=orders())
    with Store(store_path) as store:
        cells = cohorts.retention(store)
    cell = cells[(cells["cohort"] == "2024-02-01") & (cells["period"] == 3)].iloc[0]
    picked = {"selection": {"rows": [], "columns": [], "cells": [(1, "3")]}}
    at = visit(cohort_cells=picked)
    assert f"Feb 2024, month 3: who came back: {cell['value']} customers" in said(at)
    others = cell["size"] - cell["value"]
    at = visit(cohort_cells=picked, cohort_came=False)
    assert f"Feb 2024, month 3: who did not: {others} customers" in said(at)


def test_cohorts_are_split_by_the_first_order(fill: Fill) -> None:
    fill(orders=orders())
    at = visit(cohort_by="channel")
    assert not at.error
    parts = at.selectbox(key="cohort_part_channel")
    assert sorted(parts.options) == ["All customers", "app *new*", "web"]
    before = at.dataframe[0].value["Started"].map(int).sum()
    parts.set_value("web").run()
    assert not at.exception
    assert at.dataframe[0].value["Started"].map(int).sum() == before / 2


def test_what_they_are_worth_is_the_models_or_the_rules(fill: Fill) -> None:
    fill(orders=orders())
    at = visit(retention_tab=WORTH)
    assert not at.error
    shown = said(at)
    totals = at.dataframe[0].value.set_index("next_days")
    assert totals.index.tolist() == [30, 90, 365]
    assert f"{totals.loc[90, 'revenue']:,.0f} EUR** in the next 90 days" in shown
    assert f"{totals.loc[365, 'revenue_at_most']:,.0f} EUR" in shown
    assert "so it is used" in shown or "so the rule is used" in shown
    tested = at.dataframe[1].value
    assert tested["used"].tolist().count("yes") == 1
    assert tested["method"].tolist() == list(lifetime.NAMES.values())
    listed = at.dataframe[2].value
    assert listed["expected_revenue"].is_monotonic_decreasing
    assert "Worth most in the next 90 days: 120 customers" in shown
    at.segmented_control(key="lifetime_days").set_value(365).run()
    assert not at.exception
    ahead = at.dataframe[2].value["expected_revenue"].head(10)
    assert (ahead > listed["expected_revenue"].head(10)).all()
    for early in (date(2024, 12, 1), date(2024, 11, 1), date(2024, 10, 1)):  # three are held
        assert not visit(retention_tab=WORTH, as_of=early).error
    again = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    again.session_state["retention_tab"] = WORTH
    again.run().switch_page("pages/retention.py").run()
    pd.testing.assert_frame_equal(again.dataframe[0].value, at.dataframe[0].value)


def test_a_shop_of_events_only_shows_visits_and_asks_for_orders(fill: Fill) -> None:
    fill(events=EVENTS)
    at = visit()
    assert not at.error
    assert "of customers come by in the month after their first visit" in said(at)
    assert at.segmented_control(key="cohort_measure").options == ["Customers"]
    at = visit(retention_tab=WORTH)
    assert "No known customer had ordered" in said(at)


@pytest.mark.parametrize(
    ("body", "back", "worth"),
    [
        ("1,anna,2024-03-01,p,1,9.00,EUR,web\n", "No month after their start", "Only one customer"),
        (
            "1,anna,2024-03-01,p,1,9.00,EUR,web\n2,ben,2024-05-01,p,1,9.00,EUR,web\n",
            "0.0%",
            "Nobody has ordered on a second day",
        ),
        ("1,,2024-03-01,p,1,9.00,EUR,web\n", "No known customer ordered", "No known customer"),
    ],
)
def test_shops_too_small_are_told_so(fill: Fill, body: str, back: str, worth: str) -> None:
    fill(orders=HEADER + body)
    assert back in said(visit())
    assert worth in said(visit(retention_tab=WORTH))


def test_a_day_before_the_first_order(fill: Fill) -> None:
    fill(orders=orders())
    early = date(2023, 12, 1)
    assert "No known customer ordered before 1 December 2023" in said(visit(as_of=early))
    late = said(visit(as_of=early, retention_tab=WORTH))
    assert "No known customer had ordered by 30 November 2023" in late
