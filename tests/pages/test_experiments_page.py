"""The results on the Experiments page without a browser, good and bad input."""

import re
from collections.abc import Callable

import pytest

from tests.pages.experiment_pages import assignments, box, orders, said, spenders, verdicts, visit

NASTY = "B ![x](http://example.com/x.png) <b>*bold*</b> $1$"


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


@pytest.mark.parametrize(
    ("sizes", "day", "expected"),
    [
        ({"only": 50}, "2024-03-01", "one variant only, “only”: there is nothing to compare."),
        ({"A": 50, "B": 50}, "2024-05-30", "Nobody in “bar” has had 14 whole days"),
        ({"A": 50, "B": 50}, "2024-07-01", "were assigned after the last day of the data"),
        ({"A": 50, "B": 20}, "2024-03-01", "only 20 customers"),
        ({"A": 50, "B": 50}, "2024-03-01", "No customer of “A” or “B” is found among the orders"),
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


def test_a_window_before_the_first_order_does_not_blame_the_numbers(
    fill: Callable[..., None],
) -> None:
    """All order on the fifth day: on the first there is nothing, but the customers are known."""
    fill(
        orders=orders(spenders("control", 12, 18) | spenders("new", 30, 18)),
        assignments=assignments({"control": 100, "new": 100}),
    )
    at = visit(experiment_window_bar_0=1)
    assert verdicts(at)[0] == "Cannot tell: The revenue per visitor is 0 in both variants."
    text = said(at)
    assert "same customer numbers" not in text
    assert "judged by what each did in the 24 hours from then on" in text
    assert "judged by what each did up to 31 May 2024" in said(visit(experiment_window_bar_0=0))


def test_customers_who_are_all_in_several_variants(fill: Callable[..., None]) -> None:
    both = assignments({"A": 50}) + assignments({"A": 50}).split("\n", 1)[1].replace('"A"', '"B"')
    fill(orders=orders({"x": 5}), assignments=both)
    assert "is in several variants, so that nobody counts" in said(visit())


def test_a_result_that_is_not_trusted_says_nothing_else(fill: Callable[..., None]) -> None:
    fill(
        orders=orders(spenders("control", 12, 18) | spenders("new", 60, 18)),
        assignments=assignments({"control": 100, "new": 200}),
    )
    at = visit()
    assert "Nothing can be said of what it would bring" in said(at)
    assert "buyers cut down" not in said(at)
    assert not any("verdict" in one.value for one in at.dataframe if "day" in one.value)


def test_a_result_read_any_day_is_not_told_to_be_read_so(fill: Callable[..., None]) -> None:
    fill(
        orders=orders(spenders("control", 12, 18) | spenders("new", 30, 18)),
        assignments=assignments({"control": 100, "new": 100}),
    )
    text = said(visit(experiment_reading="Any day (always valid)"))
    assert "The range stays right however often it is read." in text
    assert "read it by" not in text
    at = visit(experiment_metric="retention_rate:7")
    assert verdicts(at) == ["Cannot tell: The retention after 7 days is 0 in both variants."]
    at = visit(experiment_metric="own_ratio")
    box(at, "selectbox", "over the sum of").set_value("Orders").run()
    assert at.dataframe[0].value["metric"].iloc[0] == "Revenue per order"
