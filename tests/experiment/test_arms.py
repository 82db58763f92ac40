"""Arms of a shop reckoned by hand, and of random shops against a slow reading line by line."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from math import isnan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics import experiment
from analytics.errors import AnalyticsError
from analytics.experiment import metrics
from analytics.experiment.arms import arm, guess_control, names, read
from analytics.store import Store
from tests.experiment.shops import (
    AS_OF,
    BY_HAND,
    WINDOW_DAYS,
    csv_of,
    fill,
    random_shop,
    slow_outcomes,
)

ALL = (
    *("revenue_per_visitor", "conversion_rate", "average_order_value", "orders_per_visitor"),
    *("click_through_rate", "open_rate", "unsubscribe_rate", "retention_rate:2"),
    *("event_count:impression", "satisfaction_score:rating"),
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store() as filled:
        yield fill(filled, tmp_path_factory.mktemp("shop"), BY_HAND)


def cells(frame: pd.DataFrame, metric: str, variant: str) -> pd.Series:
    found = frame[(frame["metric"] == metric) & (frame["variant"] == variant)]
    assert len(found) == 1
    row: pd.Series = found.iloc[0]
    return row


@pytest.fixture(scope="module")
def found(shop: Store) -> pd.DataFrame:
    return experiment.arms(shop, "bar", ALL, WINDOW_DAYS, as_of=AS_OF)


class TestByHand:
    """Revenue after: anna 20 + 5.50, ben 30, gus 0; carl 8 − 3, dora 0. Before: anna 7, dora 50."""

    @pytest.mark.parametrize(
        ("metric", "control", "treatment"),
        [
            ("revenue_per_visitor", 55.5 / 3, 2.5),
            ("conversion_rate", 2 / 3, 1 / 2),
            ("average_order_value", 55.5 / 3, 5.0),
            ("orders_per_visitor", 1.0, 1 / 2),
            ("click_through_rate", 1 / 4, None),
            ("open_rate", 1 / 3, 0.0),
            ("unsubscribe_rate", 0.0, 0.0),
            ("retention_rate:2", 2 / 3, 0.0),
            ("event_count:impression", 4 / 3, 0.0),
            ("satisfaction_score:rating", 4.5, None),
        ],
    )
    def test_values(
        self, found: pd.DataFrame, metric: str, control: float, treatment: float | None
    ) -> None:
        assert cells(found, metric, "control")["mean"] == pytest.approx(control, rel=1e-12)
        mean = cells(found, metric, "treatment")["mean"]
        assert isnan(mean) if treatment is None else mean == pytest.approx(treatment, rel=1e-12)

    def test_customers_that_count(self, found: pd.DataFrame) -> None:
        assert cells(found, "conversion_rate", "control")["n"] == 3
        assert cells(found, "conversion_rate", "treatment")["n"] == 2
        assert cells(found, "conversion_rate", "control")["successes"] == 2

    def test_variances_and_covariances(self, found: pd.DataFrame) -> None:
        control = cells(found, "revenue_per_visitor", "control")
        # 25.5, 30 and 0 around 18.5: 49 + 132.25 + 342.25, over 2.
        assert control["value_variance"] == pytest.approx(261.75, rel=1e-12)
        assert control["before_mean"] == pytest.approx(7 / 3, rel=1e-12)
        assert control["before_variance"] == pytest.approx(49 / 3, rel=1e-12)
        # (25.5 · 7 − 3 · 18.5 · 7/3) ÷ 2.
        assert control["covariance_value_before"] == pytest.approx(24.5, rel=1e-12)
        # Carl is 2.5 above and 25 below, dora 2.5 below and 25 above.
        treatment = cells(found, "revenue_per_visitor", "treatment")
        assert treatment["value_variance"] == pytest.approx(12.5, rel=1e-12)
        assert treatment["before_mean"] == 25
        assert treatment["covariance_value_before"] == pytest.approx(-125, rel=1e-12)

    def test_a_ratio_has_its_parts(self, found: pd.DataFrame) -> None:
        control = cells(found, "average_order_value", "control")
        assert control["denominator_mean"] == 1
        # Orders 2, 1, 0: revenue · orders is 51 + 30, less 3 · 18.5 · 1, over 2.
        assert control["covariance_value_denominator"] == pytest.approx(12.75, rel=1e-12)
        assert control["denominator_before_mean"] == pytest.approx(1 / 3, rel=1e-12)

    def test_nothing_before_is_no_covariate(self, found: pd.DataFrame) -> None:
        assert isnan(cells(found, "open_rate", "control")["before_mean"])

    def test_the_cap_lies_between_the_two_largest_of_all_arms(self, found: pd.DataFrame) -> None:
        # Non-zero values 5, 25.5, 30: the 99.9th percentile is 30 − 0.002 · 4.5.
        cap = 30 - 0.002 * 4.5
        control = cells(found, "revenue_per_visitor", "control")
        assert control["cap"] == pytest.approx(cap, rel=1e-12)
        values = np.array([25.5, cap, 0])
        assert control["capped_mean"] == pytest.approx(values.mean(), rel=1e-12)
        assert control["capped_variance"] == pytest.approx(values.var(ddof=1), rel=1e-12)
        assert isnan(cells(found, "conversion_rate", "control")["cap"])

    def test_who_is_left_out(self, shop: Store) -> None:
        found = read(shop, "bar", ALL, WINDOW_DAYS, as_of=AS_OF)
        assert found.switched == 1
        assert found.counts[["variant", "assigned", "customers", "not_yet", "known"]].to_numpy(
            object
        ).tolist() == [["control", 3, 3, 0, 2], ["treatment", 3, 2, 1, 2]]
        assert found.counts["active"].tolist() == [2, 2]
        assert found.top["customer_id"].tolist() == ["ben", "anna"]

    def test_without_a_window_all_counts_until_the_last_day(self, shop: Store) -> None:
        found = experiment.arms(shop, "bar", as_of=AS_OF)
        assert cells(found, "revenue_per_visitor", "control")["value_mean"] == pytest.approx(
            (125.5 + 30) / 3, rel=1e-12
        )
        assert cells(found, "revenue_per_visitor", "treatment")["n"] == 3

    def test_told_apart_by_gender(self, shop: Store) -> None:
        found = experiment.arms(
            shop, "bar", ["orders_per_visitor"], WINDOW_DAYS, ("gender",), as_of=AS_OF
        )
        assert found[["gender", "variant", "n", "mean"]].to_numpy().tolist() == [
            ["f", "control", 1, 2.0],
            ["f", "treatment", 1, 0.0],
            ["m", "control", 1, 1.0],
            ["m", "treatment", 1, 1.0],
            ["not known", "control", 1, 0.0],
            ["not known", "treatment", 0, pytest.approx(float("nan"), nan_ok=True)],
        ]

    def test_told_apart_by_whether_they_bought_before(self, shop: Store) -> None:
        found = experiment.arms(
            shop, "bar", ["orders_per_visitor"], WINDOW_DAYS, ("buyer",), as_of=AS_OF
        )
        sizes = found[found["n"] > 0].set_index(["buyer", "variant"])["n"].to_dict()
        assert sizes == {
            ("bought before", "control"): 1,
            ("bought before", "treatment"): 1,
            ("new", "control"): 2,
            ("new", "treatment"): 1,
        }

    def test_told_apart_by_groups_of_ones_own(self, shop: Store) -> None:
        groups = pd.DataFrame({"customer_id": ["anna", "carl"], "segment": ["x", "x"]})
        found = experiment.arms(
            shop, "bar", ["orders_per_visitor"], WINDOW_DAYS, ("mine",), as_of=AS_OF, groups=groups
        )
        assert found["mine"].tolist() == ["not known", "not known", "x", "x"]
        assert found["n"].tolist() == [2, 1, 1, 1]


def test_the_experiments_of_a_shop(shop: Store) -> None:
    found = names(shop).set_index("experiment")
    assert found["customers"].to_dict() == {"alone": 1, "bar": 7}
    assert found.loc["bar", "variants"] == ("control", "treatment")
    assert [pd.Timestamp(found.loc["bar", day]).date() for day in ("first_day", "last_day")] == [
        date(2024, 3, 10),
        date(2024, 3, 30),
    ]


@pytest.mark.parametrize(
    ("variants", "control"),
    [
        (["blue", "control"], "control"),
        (["Mens E-Mail", "No E-Mail", "Womens E-Mail"], "No E-Mail"),
        (["B", "A"], "A"),
        (["new_page", "old_page"], "old_page"),
        (["red", "blue"], "red"),
        (["holdout", "contacted"], "holdout"),
    ],
)
def test_the_control_is_known_by_its_name(variants: list[str], control: str) -> None:
    assert guess_control(variants) == control


PARTS = {
    "revenue_per_visitor": ("revenue", None),
    "conversion_rate": ("buyer", None),
    "average_order_value": ("revenue", "orders"),
    "orders_per_visitor": ("orders", None),
    "click_through_rate": ("clicks", "impressions"),
    "open_rate": ("opened", None),
    "retention_rate:2": ("returned", None),
    "event_count:impression": ("impressions", None),
    "satisfaction_score:rating": ("points", "answers"),
}
"""For each metric the columns of the slow reading."""


def check(found: pd.DataFrame, slow: pd.DataFrame) -> None:
    """Every moment of the frame as numpy makes it of the customers."""
    for metric, (value, denominator) in PARTS.items():
        for variant in sorted(set(found["variant"])):
            own = slow[slow["variant"] == variant] if len(slow) else slow
            row = cells(found, metric, variant)
            assert row["n"] == len(own)
            if len(own) < 2:
                continue
            columns = {"value": value, "before": f"{value}_before"}
            if denominator:
                columns |= {
                    "denominator": denominator,
                    "denominator_before": f"{denominator}_before",
                }
            if isnan(row["before_mean"]):
                columns = {name: one for name, one in columns.items() if "before" not in name}
            spread = own[list(columns.values())].astype(float).cov().to_numpy()
            for place, (name, column) in enumerate(columns.items()):
                assert row[f"{name}_mean"] == pytest.approx(own[column].mean(), abs=1e-9)
                assert row[f"{name}_variance"] == pytest.approx(spread[place, place], abs=1e-8)
                for other, second in enumerate(columns):
                    pair = f"covariance_{name}_{second}"
                    if pair in row.index:
                        assert row[pair] == pytest.approx(spread[place, other], abs=1e-8), pair


@pytest.mark.parametrize("window_days", [None, 5])
@pytest.mark.parametrize("seed", range(4))
def test_the_store_adds_up_what_a_slow_reading_does(
    seed: int, window_days: int | None, store: Store, tmp_path: Path
) -> None:
    shop = random_shop(seed)
    fill(store, tmp_path, {table: csv_of(frame) for table, frame in shop.items()})
    as_of = datetime(2024, 4, 5)
    found = read(store, "test", list(PARTS), window_days, as_of=as_of.date())
    slow = slow_outcomes(shop, as_of, window_days, 2)
    assert not slow.empty
    check(found.arms, slow)
    switched = shop["assignments"].groupby("customer_id")["variant"].nunique() > 1
    assert found.switched == switched.sum()
    best = slow["revenue"][slow["revenue"] != 0]
    cap = np.percentile(best, 99.9)
    capped = slow.assign(revenue=slow["revenue"].clip(upper=cap))
    for variant, own in capped.groupby("variant"):
        row = cells(found.arms, "revenue_per_visitor", str(variant))
        assert row["cap"] == pytest.approx(cap, rel=1e-12)
        if len(own) > 1:
            assert row["capped_mean"] == pytest.approx(own["revenue"].mean(), abs=1e-9)
            assert row["capped_variance"] == pytest.approx(own["revenue"].var(), abs=1e-8)


@pytest.mark.parametrize("window_days", [None, 5])
def test_each_day_stands_as_it_stood(window_days: int | None, store: Store, tmp_path: Path) -> None:
    shop = random_shop(11)
    fill(store, tmp_path, {table: csv_of(frame) for table, frame in shop.items()})
    as_of = datetime(2024, 4, 5)
    days = experiment.arms(store, "test", list(PARTS), window_days, ("day",), as_of=as_of.date())
    for day, frame in days.groupby("day"):
        until = pd.Timestamp(str(day)).to_pydatetime() + timedelta(days=1)
        if until.day % 3:
            continue
        check(frame, slow_outcomes(shop, as_of, window_days, 2, until))
    total = experiment.arms(store, "test", list(PARTS), window_days, as_of=as_of.date())
    last = days[days["day"] == days["day"].max()].drop(columns="day").reset_index(drop=True)
    same = [column for column in total if not column.startswith("cap")]
    pd.testing.assert_frame_equal(last[same], total[same])


def test_no_digit_is_lost_where_values_hardly_differ(store: Store, tmp_path: Path) -> None:
    rows = [
        (f"{variant}{place}", variant, 10_000_000 + place % 2 / 100)
        for variant in ("a", "b")
        for place in range(40)
    ]
    people = pd.DataFrame(rows, columns=["customer_id", "variant", "amount"])
    at = {"ordered_at": "2024-03-02 10:00:00", "order_id": people["customer_id"]}
    fill(
        store,
        tmp_path,
        {
            "orders": csv_of(people[["customer_id", "amount"]].assign(**at)),
            "assignments": csv_of(
                people[["customer_id", "variant"]].assign(
                    experiment="big", assigned_at="2024-03-01 10:00:00"
                )
            ),
        },
    )
    found = experiment.arms(store, "big", ["revenue_per_visitor"])
    # Half of 40 values lie a cent above the others: 0.005² · 40 / 39.
    assert found["value_variance"].tolist() == pytest.approx([0.000025 * 40 / 39] * 2, rel=1e-12)


def test_one_person_under_two_ids_counts_once(store: Store, tmp_path: Path) -> None:
    texts = dict(BY_HAND) | {"matches": "customer_id,other_id\nanna,gus\nanna,carl\n"}
    fill(store, tmp_path, texts)
    found = read(store, "bar", ["revenue_per_visitor"], WINDOW_DAYS, as_of=AS_OF)
    # Anna is gus too, and carl, who was in the other variant.
    assert found.switched == 2
    assert found.counts["customers"].tolist() == [1, 1]


def test_an_arm_that_does_not_exist(shop: Store) -> None:
    found = experiment.arms(shop, "bar", as_of=AS_OF)
    with pytest.raises(AnalyticsError, match="no variant “x”"):
        arm(found, "x")


def test_own_ratio(shop: Store) -> None:
    mine = metrics.ratio(metrics.REVENUE, metrics.Measure("event", "impression"), "worth")
    found = experiment.arms(shop, "bar", [mine], WINDOW_DAYS, as_of=AS_OF)
    assert cells(found, "worth", "control")["mean"] == pytest.approx(55.5 / 4, rel=1e-12)
