"""A test looked at more closely on the Experiments page: by day, by group, by other metrics."""

from collections.abc import Callable

import pytest

from tests.pages.experiment_pages import assignments, box, orders, said, spenders, verdicts, visit


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
