"""Plans on the Experiments page without a browser, and results that are held to them."""

from collections.abc import Callable

import pytest

import ui
from analytics.experiment import shelf
from tests.pages.experiment_pages import (
    assignments,
    box,
    orders,
    press,
    said,
    spenders,
    verdicts,
    visit,
)


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
    assert "takes about four times as many customers, 53 weeks" in said(at)
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


@pytest.mark.usefixtures("store_path")
def test_a_plan_beyond_all_bounds_is_explained() -> None:
    at = visit("Plan a test", plan_metric="revenue_per_visitor")
    box(at, "number_input", "Revenue per customer today").set_value(0.01)
    box(at, "number_input", "Spread between customers (standard deviation)").set_value(1e9).run()
    assert not at.exception, at.exception
    assert "more than a hundred years" in said(at)


def test_a_result_judged_by_something_else_than_planned(fill: Callable[..., None]) -> None:
    fill(
        orders=orders(spenders("control", 12, 18) | spenders("new", 30, 18)),
        assignments=assignments({"control": 100, "new": 100}),
    )
    at = visit("Plan a test", plan_given="the weeks there are")
    box(at, "text_input", "Name of the experiment").set_value("bar").run()
    press(at, "Save the plan")
    assert "The saved plan judges this test by conversion rate" in said(visit())
    assert "The saved plan" not in said(visit(experiment_metric="conversion_rate"))
