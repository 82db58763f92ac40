"""Next orders: counted by hand, planted rhythms beside the rules, who is overdue and who lapsed."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from analytics import propensity, rfm
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.propensity.overdue import OVERDUE_SHARE
from analytics.store import Store
from tests.propensity.conftest import BEGIN, fill

HEADER = "order_id,customer_id,ordered_at,product_id,quantity,unit_price\n"
DAYS = 500
END = BEGIN + timedelta(days=DAYS)
SILENT_OVERDUE, SILENT_LAPSED = 15, 200


def rows(customer: str, days: list[int], price: int = 5) -> list[str]:
    return [
        f"{customer}-{n},{customer},{BEGIN + timedelta(days=day)} 10:00:00,p1,1,{price}"
        for n, day in enumerate(days)
    ]


def rhythmic(seed: int, customers: int = 300) -> list[str]:
    """Own usual gaps from 4 to 60 days; half or twice as long is common; few leave."""
    rng = np.random.default_rng(seed)
    lines = []
    for who, usual in enumerate(np.exp(rng.uniform(np.log(4), np.log(60), customers))):
        day, days = float(rng.integers(0, 30)), []
        while day < DAYS:
            days.append(round(day))
            if rng.random() < 0.01:
                break
            day += max(float(np.exp(rng.normal(np.log(usual), 0.6))), 1.0)
        lines += rows(f"c{who:03}", sorted(set(days)))
    return lines


@pytest.fixture(scope="module")
def found_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    week = [7 * n + n % 2 for n in range(80)]
    lines = rhythmic(1)
    lines += rows("overdue", [day for day in week if day < DAYS - SILENT_OVERDUE], 90)
    lines += rows("lapsed", [day for day in week if day < DAYS - SILENT_LAPSED], 90)
    lines += rows("once", [DAYS - 100])
    with Store() as store:
        yield fill(store, tmp_path_factory.mktemp("rhythm"), orders=HEADER + "\n".join(lines))


@pytest.fixture(scope="module")
def found(found_store: Store) -> propensity.NextOrders:
    return propensity.next_order(found_store, END, days=60)


def test_gaps_are_counted_by_hand(shop_of: Callable[..., Store]) -> None:
    text = (
        "a1,anna,2024-01-01 10:00:00,p1,1,5\na2,anna,2024-01-01 18:00:00,p1,1,5\n"
        "a3,anna,2024-01-11 10:00:00,p1,1,5\na4,anna,2024-01-31 10:00:00,p1,1,5\n"
        "a5,anna,2024-02-05 10:00:00,p1,-1,5\nb1,ben,2024-02-02 10:00:00,p1,2,5\n"
        "a6,anna,2024-02-10 10:00:00,p1,1,5\n"
    )
    store = shop_of(orders=HEADER + text)
    anna, ben = store.query("next_order_rhythm", as_of=date(2024, 2, 10)).to_dict("records")
    assert (anna["gaps"], anna["gap_days"], anna["wait_days"]) == (2, 30, 10)
    assert anna["log_gaps"] == pytest.approx(np.log(10) + np.log(20), abs=1e-8)
    assert anna["squared_log_gaps"] == pytest.approx(np.log(10) ** 2 + np.log(20) ** 2, abs=1e-7)
    assert (anna["orders"], float(anna["revenue"])) == (4, 15.0)
    assert (ben["gaps"], ben["gap_days"], ben["log_gaps"], ben["wait_days"]) == (0, 0, 0, 8)
    came = store.query("next_order_came", from_day=date(2024, 2, 3), until_day=date(2024, 2, 11))
    assert came.to_dict("records") == [{"customer_id": "anna", "left_days": 7}]


def test_own_rhythms_beat_both_rules_and_the_shops_rhythm(found: propensity.NextOrders) -> None:
    assert found.winner == "rhythm"
    table = found.table.set_index("method")
    for column in ("mean_error_days", "everyone_error_days", "log_loss"):
        assert table.loc["rhythm", column] < table.loc[["all_alike", "shop", "own"], column].min()
    assert table.loc["rhythm", "within_share"] == pytest.approx(0.8, abs=0.12)
    assert found.verdict.lo > 0
    assert "the day told by their own rhythm was" in found.verdict.sentence


def test_usual_gaps_and_days_are_the_planted_ones(found: propensity.NextOrders) -> None:
    rng = np.random.default_rng(1)
    usual = np.exp(rng.uniform(np.log(4), np.log(60), 300))
    own = found.dates.set_index("customer_id")
    steady = own[own["gaps"] >= 5].drop(["overdue", "lapsed"])
    planted = usual[[int(name[1:]) for name in steady.index]]
    assert np.abs(np.log(steady["expected_gap_days"] / planted)).mean() < 0.15
    known = own.dropna(subset=["next_order_day"])
    for one, other in (("lo_day", "next_order_day"), ("next_order_day", "hi_day")):
        assert (known[one] <= known[other]).all()
    assert (known["lo_day"] >= END).all()
    assert (known["hi_day"] < END + timedelta(days=60)).all()
    assert own.loc["once", "expected_gap_days"] == pytest.approx(found.usual_gap_days)


def test_the_silent_are_overdue_and_the_long_silent_lapsed(
    found: propensity.NextOrders, found_store: Store
) -> None:
    own = found.dates.set_index("customer_id")
    assert 2 < own.loc["overdue", "overdue_times"] < own.loc["lapsed", "overdue_times"]
    assert own.loc["overdue", "chance_share"] >= propensity.LAPSED_CHANCE
    assert own.loc["lapsed", "chance_share"] < propensity.LAPSED_CHANCE
    assert pd.isna(own.loc["lapsed", "next_order_day"])
    kept = propensity.keep_next_order(found_store, END, days=60)
    tables = {"next_orders": kept.table, "scores": rfm.keep(found_store, END).table}
    params = {
        "overdue_times": 2.0, "shorter_share": OVERDUE_SHARE, "chance_share": 0.1,
        "least_revenue": found.middle_revenue,
    }  # fmt: skip
    for good in ("segments", "revenue", "all"):
        listed = found_store.query("overdue_list", tables=tables, good=good, **params)
        sums = found_store.query("overdue_sums", tables=tables, good=good, **params)
        late = sums[sums["state"] == "overdue"]
        assert late["customers"].sum() == len(listed)
        assert float(late["revenue"].sum()) == pytest.approx(float(listed["revenue"].sum()))
        assert "overdue" in set(listed["customer_id"])
        assert not {"lapsed", "once"} & set(listed["customer_id"])
    everyone = found_store.query("overdue_sums", tables=tables, good="all", **params)
    assert everyone["customers"].sum() == (found.dates["gaps"] > 0).sum()


def test_what_is_kept_is_what_was_found(found: propensity.NextOrders, found_store: Store) -> None:
    kept = propensity.keep_next_order(found_store, END, days=60)
    again = propensity.keep_next_order(found_store, END, days=60)
    assert again.table == kept.table
    for name, value in vars(again.report).items():
        if isinstance(value, pd.DataFrame):
            pd.testing.assert_frame_equal(value, getattr(found, name), check_dtype=False)
        else:
            assert (
                value == pytest.approx(getattr(found, name))
                if name.endswith(("days", "revenue"))
                else value == getattr(found, name)
            ), name


def test_a_chance_to_be_overdue_comes_true(found: propensity.NextOrders) -> None:
    """Customers of each state ordered about as often as told."""
    large = found.fates[found.fates["customers"] >= 50]
    assert len(large)
    assert np.abs(large["foretold_share"] - large["ordered_share"]).max() < 0.1


def test_where_all_order_alike_the_rule_is_used(shop_of: Callable[..., Store]) -> None:
    lines = [line for who in range(40) for line in rows(f"c{who}", [*range(who % 10, 300, 10)])]
    day = BEGIN + timedelta(days=300)
    found = propensity.next_order(shop_of(orders=HEADER + "\n".join(lines)), day, days=30)
    assert found.winner in ("shop", "own")
    assert found.dates["expected_gap_days"].tolist() == pytest.approx([10.0] * 40)
    due = found.dates["next_order_day"] - found.dates["last_order_day"]
    assert set(due) == {timedelta(days=10)}
    assert found.dates["lo_day"].isna().all()


def test_too_little_says_what_is_missing(shop_of: Callable[..., Store]) -> None:
    once = shop_of(orders=HEADER + "\n".join(rows("anna", [0, 5, 30, 90])))
    with pytest.raises(NotEnoughDataError, match="Only 1 customers ordered on two days or more"):
        propensity.next_order(once)
    with pytest.raises(AnalyticsError, match="0 days are not possible"):
        propensity.next_order(once, days=0)
    quiet = shop_of(
        orders=HEADER + "\n".join(line for n in range(30) for line in rows(f"c{n}", [0, 9 + n]))
    )
    with pytest.raises(NotEnoughDataError, match="known customers ordered in the last 60 days"):
        propensity.next_order(quiet, BEGIN + timedelta(days=200))
