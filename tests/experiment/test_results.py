"""A whole test at once: several variants, its words, its list of customers and its report."""

import re
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from math import inf, nan, sqrt
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from analytics import experiment
from analytics.errors import NotEnoughDataError
from analytics.experiment import moments
from analytics.experiment.metrics import BUILT_IN, HEADLINE
from analytics.experiment.report import report
from analytics.experiment.results import Results, results
from analytics.experiment.telling import beliefs, figures, monthly, p_value_words, revenue_of
from analytics.experiment.units import Unit, chance, percent, unit_of
from analytics.experiment.usual import keep_groups, usual
from analytics.store import Store, inspect, load
from tests.experiment import shops

NO_CHECKS = pd.DataFrame({"check": [], "level": [], "sentence": [], "value": []})
RATE, REVENUE = BUILT_IN["conversion_rate"], BUILT_IN[HEADLINE]


def rates(**buyers: int) -> pd.DataFrame:
    """Arms of 1,000 customers each."""
    return moments.frame(
        moments.row(name, RATE.name, "proportion", 1_000, successes=n) for name, n in buyers.items()
    )


def spending(**means: float) -> pd.DataFrame:
    """Arms of 1,000 customers each, with a variance of 100."""
    return moments.frame(
        moments.row(name, HEADLINE, "mean", 1_000, value_mean=mean, value_variance=100.0)
        for name, mean in means.items()
    )


def judged(frame: pd.DataFrame, metric: object = RATE, **more: object) -> Results:
    made: Results = results(frame, [metric], "A", NO_CHECKS, **more)  # type: ignore[arg-type, list-item]
    return made


def test_several_variants_are_corrected_for_their_number() -> None:
    """Holm by hand: the smaller p-value counts twice, the larger once, and never less than that."""
    found = judged(rates(A=100, B=150, C=128))
    bare = found.table["p_value"].to_numpy()
    z = (0.128 - 0.1) / sqrt((0.1 * 0.9 + 0.128 * 0.872) / 1_000)
    assert bare[1] == pytest.approx(2 * NormalDist().cdf(-z), rel=1e-6)
    assert bare[0] < 0.001 < 0.04 < bare[1] < 0.05
    assert found.table["adjusted_p_value"].tolist() == pytest.approx([2 * bare[0], bare[1]])
    assert [one.verdict for one in found.judged] == ["better", "better"]


def test_a_variant_that_wins_only_without_the_correction_is_not_called_better() -> None:
    found = judged(rates(A=100, B=129, C=128))
    assert (found.table["p_value"] < 0.05).all()
    assert (found.table["adjusted_p_value"] > 0.05).any()
    verdicts = dict(zip(found.treatments, found.judged, strict=True))
    for name, p_value in zip(found.treatments, found.table["adjusted_p_value"], strict=True):
        assert (verdicts[name].verdict == "better") == (p_value < 0.05)
    assert "of several variants" in verdicts["C"].sentence


def test_a_red_check_is_the_verdict_of_every_variant() -> None:
    red = pd.DataFrame({"check": ["Sizes"], "level": ["red"], "sentence": ["Sizes are off."]})
    found = results(rates(A=100, B=150), [RATE], "A", red)
    [one] = found.judged
    assert one.verdict == "do not trust"
    assert one.sentence == "Do not trust this result: Sizes are off."
    assert beliefs(one, Unit("share")) == []


def test_a_plan_for_all_variants_is_shared_between_the_pairs() -> None:
    some = judged(rates(A=100, B=150, C=100), planned_n=6_000)
    assert {one.verdict for one in some.judged} == {"keep running"}
    assert "2,000 of the planned 4,000 customers" in some.judged[0].sentence
    done = judged(rates(A=100, B=150, C=100), planned_n=3_000)
    assert [one.verdict for one in done.judged] == ["better", "cannot tell"]


def test_a_variant_without_customers_is_left_out() -> None:
    empty = moments.frame([moments.row("C", RATE.name, "proportion", 0)])
    found = judged(pd.concat([rates(A=100, B=150), empty]))
    assert found.treatments == ["B"]
    assert found.empty == ("C",)
    with pytest.raises(NotEnoughDataError, match="beside the control"):
        judged(pd.concat([rates(A=100), empty]))


def test_money_a_month_is_the_difference_times_the_customers() -> None:
    """By hand: 0.5 ± 1.961 × √(100 ÷ 1,000 × 2) = −0.377 to 1.377 a customer."""
    found = judged(spending(A=5.0, B=5.5), REVENUE, currency="EUR")
    [one] = found.judged
    assert (one.lo, one.hi) == pytest.approx((-0.377, 1.377), abs=0.001)
    assert revenue_of(found) is REVENUE
    assert monthly(one, "EUR", 10_000) == (
        "That would mean anything from 3,771 EUR less to 13,771 EUR more revenue a month (best "
        "guess 5,000 EUR more) if B went to 10,000 customers a month like those in the test."
    )
    better = judged(spending(A=5.0, B=7.0), REVENUE).judged[0]
    assert "between 1,123 and 2,877 more revenue" in monthly(better, "", 1_000)
    worse = judged(spending(A=7.0, B=5.0), REVENUE).judged[0]
    assert "between 1,123 and 2,877 less revenue" in monthly(worse, "", 1_000)


def test_the_risk_is_told_in_the_unit_of_the_metric() -> None:
    found = judged(rates(A=100, B=105))
    first, second = beliefs(found.judged[0], unit_of(RATE, "", found.judged[0]))
    assert first.startswith("The chance that B is truly the better one is 6")
    assert re.search(r"choosing B costs [\d.]+ points on average, staying with A [\d.]+", second)


def test_figures_without_undefined_numbers() -> None:
    arms = pd.concat([rates(A=0, B=0), spending(A=0.0, B=0.4)])
    found = results(arms, [REVENUE, RATE], "A", NO_CHECKS, currency="EUR")
    shown = figures(found, "EUR")
    assert "nan" not in shown.to_csv().lower()
    assert "variant" not in shown
    assert shown["in_per_cent"].tolist() == ["–", "–"]
    assert shown["p_value"].tolist()[1] == "–"


@pytest.mark.parametrize(
    ("unit", "number", "expected"),
    [
        (Unit("money", "EUR", 2), -1234.5, "−1,234.50 EUR"),
        (Unit("share", decimals=2), 0.00123, "+0.12 points"),
        (Unit("number"), 0.01234, "+0.0123"),
        (Unit("number"), 0.0, "+0"),
        (Unit("money", "EUR"), nan, "–"),
        (Unit("share"), inf, "–"),
    ],
)
def test_differences_are_written_with_sign_and_unit(
    unit: Unit, number: float, expected: str
) -> None:
    assert unit.change(number) == expected


def test_small_words() -> None:
    assert percent(nan) == chance(nan) == p_value_words(nan) == "–"
    assert (percent(0.5, signed=True), chance(0.95), p_value_words(0.19)) == (
        "+50.0%", "95.0%", "0.19",
    )  # fmt: skip
    assert Unit("share").span(0.05, 0.021, 0.079) == "+5.0 points (+2.1 to +7.9 points)"


# The shop


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("window", [7, None])
def test_the_list_of_a_variant_adds_up_to_its_figures(
    store: Store, tmp_path: Path, seed: int, window: int | None
) -> None:
    shop = shops.random_shop(seed)
    shops.fill(store, tmp_path, {table: shops.csv_of(frame) for table, frame in shop.items()})
    members = keep_groups(store, "test", "buyer")
    assert keep_groups(store, "test", "buyer") == members
    day = store.default_as_of()
    arms = experiment.arms(store, "test", window_days=window, as_of=day)

    def listed(variant: str | None, segment: str | None = None) -> pd.DataFrame:
        return store.query(
            "experiment_list", tables={"members": members}, experiment="test", variant=variant,
            segment=segment, window_days=window, as_of=day,
        )  # fmt: skip

    by_name = arms.set_index(["variant", "metric"])
    for variant in ("a", "b", "c"):
        people, n = listed(variant), by_name.loc[(variant, HEADLINE), "n"]
        assert len(people) == people["customer_id"].nunique() == n
        revenue = float(sum(people["revenue"].map(Decimal), Decimal(0)))
        assert revenue == pytest.approx(by_name.loc[(variant, HEADLINE), "mean"] * n, abs=1e-6)
        assert people["orders"].sum() == pytest.approx(
            by_name.loc[(variant, "orders_per_visitor"), "mean"] * n
        )
        groups = [len(listed(variant, group)) for group in ("bought before", "new")]
        assert sum(groups) == n
    assert len(listed(None)) == arms[arms["metric"] == HEADLINE]["n"].sum()


def test_what_is_usual_by_hand(store: Store, tmp_path: Path) -> None:
    """Of 4 known customers 2 ordered in the days: 30 and 10 EUR, mean 10, variance 200."""
    orders = "order_id,customer_id,ordered_at,product_id,quantity,unit_price\n" + "".join(
        f"{n},{who},{day} 10:00:00,tea,1,{price}\n"
        for n, (who, day, price) in enumerate(
            [("a", "2024-03-01", 20), ("a", "2024-03-07", 10), ("b", "2024-03-07", 10),
             ("c", "2024-01-01", 99), ("d", "2024-01-02", 99)]
        )
    )  # fmt: skip
    path = tmp_path / "orders.csv"
    path.write_text(orders, encoding="utf-8")
    load(store, path, import_day=date(2024, 12, 31))
    found = usual(store, days=7)
    assert (found.customers, found.buyers, found.rate, found.is_seen) == (4, 2, 0.5, False)
    assert (found.revenue, found.standard_deviation) == pytest.approx((10.0, sqrt(200)))
    assert np.isnan(found.weekly)
    events = tmp_path / "events.csv"
    events.write_text("customer_id,occurred_at,event\ne,2024-03-05,view\n", encoding="utf-8")
    load(store, events, inspect(events, table="events"), import_day=date(2024, 12, 31))
    found = usual(store, days=7)
    assert (found.customers, found.buyers, found.is_seen, found.weekly) == (3, 2, True, 3.0)
    assert found.revenue == pytest.approx(40 / 3)


def test_what_is_usual_may_be_large(store: Store, tmp_path: Path) -> None:
    """3,000,000 and 1,000,000 of two customers: mean 2,000,000, variance 2 × 10¹²."""
    path = tmp_path / "orders.csv"
    path.write_text(
        "order_id,customer_id,ordered_at,amount\n1,a,2024-03-07,3000000\n2,b,2024-03-07,1000000\n",
        encoding="utf-8",
    )
    load(store, path, import_day=date(2024, 12, 31))
    found = usual(store, days=7)
    assert (found.revenue, found.standard_deviation) == pytest.approx((2e6, sqrt(2e12)))


def test_nothing_is_usual_in_an_empty_store(store: Store) -> None:
    found = usual(store, date(2024, 1, 1))
    assert found.customers == 0
    assert np.isnan(found.rate)


# The report


class Tags(HTMLParser):
    """Every tag with its attributes, and all text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_report_stands_alone_and_runs_nothing() -> None:
    nasty = "<script>alert(1)</script>"
    arms = spending(A=5.0, B=7.0)
    arms["variant"] = arms["variant"].replace("B", nasty)
    checks = pd.DataFrame(
        {"check": ["a", "b"], "level": ["green", "amber"], "sentence": ["Fine.", f"See {nasty}."]}
    )
    found = results(arms, [REVENUE], "A", checks, currency="EUR")
    text = report(
        f"Bar {nasty}", found, checks, currency="EUR", facts=["2,000 customers."],
        meaning=[monthly(found.judged[0], "EUR", 1_000)], method=["By Welch's t test."],
    )  # fmt: skip
    page = Tags()
    page.feed(text)
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "img", "iframe", "object"}
    assert not any("src" in attrs or "href" in attrs for _, attrs in page.tags)
    assert "http" not in text.replace("http-equiv", "")
    assert "@media print" in text
    assert "default-src 'none'" in text
    assert sum(tag == "svg" for tag, _ in page.tags) == 2
    assert len(text) < 20_000
    assert page.text.count(nasty) >= 4
    for expected in ("its revenue per visitor is 1.12 EUR to 2.88 EUR higher", "+2.00 EUR",
                     "+40.0%", "2,000 customers.", "Fine.", "1,123 EUR"):  # fmt: skip
        assert expected in page.text
    assert "nan" not in page.text.lower().replace("finance", "")


def test_the_picture_of_the_report_keeps_its_marks_in_place() -> None:
    found = judged(spending(A=5.0, B=7.0), REVENUE)
    text = report("x", found, NO_CHECKS, currency="", facts=[], meaning=[], method=[])
    first = text[text.index("<svg") : text.index("</svg>")]
    zero = float(re.search(r'x1="([\d.]+)" x2="[\d.]+" y1="8" y2="\d+" stroke="#94a3b8"', first)[1])  # type: ignore[index]
    bar = re.search(r'x1="([\d.]+)" x2="([\d.]+)" y1="\d+" y2="\d+" stroke="#0f766e"', first)
    point = float(re.search(r'<circle cx="([\d.]+)"', first)[1])  # type: ignore[index]
    assert bar is not None
    low, high = float(bar[1]), float(bar[2])
    [one] = found.judged
    assert (low - zero) / (point - zero) == pytest.approx(one.lo / one.difference, abs=0.01)
    assert (high - zero) / (point - zero) == pytest.approx(one.hi / one.difference, abs=0.01)


def test_a_relative_range_never_contradicts_that_of_the_difference() -> None:
    """One customer of 1,000 spends 180,000, the others nothing, against 2 ± 10 each."""
    one_buyer = 180_000.0**2 / 1_000
    arms = moments.frame(
        [
            moments.row("A", HEADLINE, "mean", 1_000, value_mean=2.0, value_variance=100.0),
            moments.row("B", HEADLINE, "mean", 1_000, value_mean=180.0, value_variance=one_buyer),
        ]
    )
    found = judged(arms, REVENUE)
    [one] = found.judged
    assert one.lo < 0 < one.hi
    assert one.relative_difference == pytest.approx(89)
    assert np.isnan(found.table[["relative_lo", "relative_hi"]].to_numpy(float)).all()
    assert figures(found, "")["in_per_cent"].tolist() == ["+8,900.0%"]
    [sound] = judged(spending(A=5.0, B=7.0), REVENUE).judged
    assert 0 < sound.relative_lo < 0.4 < sound.relative_hi


def test_small_losses_and_what_is_counted() -> None:
    orders = BUILT_IN["orders_per_visitor"]
    arms = moments.frame(
        moments.row(name, orders.name, "mean", 1_000, value_mean=mean, value_variance=0.1)
        for name, mean in {"A": 0.10, "B": 0.12}.items()
    )
    [one] = judged(arms, orders).judged
    assert "orders a customer on average" in beliefs(one, unit_of(orders, "", one))[1]
    # Nothing that would be written as 0.00 is called a cost.
    assert "next to nothing" in beliefs(one, Unit("number", decimals=2))[1]


def test_figures_below_nothing_and_below_a_point() -> None:
    assert Unit("money", "EUR").value(-6.3) == "−6.30 EUR"
    assert Unit("share").change(0.00001) == "+0.0010 points"
    assert Unit("share").change(0.0039) == "+0.39 points"


def test_long_names_stay_in_the_report() -> None:
    arms = spending(A=5.0, B=7.0)
    arms["variant"] = arms["variant"].replace("B", "很长的变体名称" * 9)
    found = judged(arms, REVENUE)
    text = report("x", found, NO_CHECKS, currency="", facts=[], meaning=[], method=[])
    assert ">很长的变体名称很长的变…<" in text
    assert "overflow-wrap: anywhere" in text.split("</style>")[0].split("h1 {")[0]
