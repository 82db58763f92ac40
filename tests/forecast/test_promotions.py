"""Past promotions are found, and what another would bring is learnt from two or more."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics import forecast
from analytics.errors import NotEnoughDataError
from analytics.store import Store, inspect, load

HEADER = "order_id,customer_id,ordered_at,product_id,amount,discount,coupon\n"
START = date(2023, 1, 2)


@pytest.fixture
def shop_with(store: Store, tmp_path: Path) -> Callable[[list[date], float], Store]:
    """20 lines a day, two with a coupon; in a promotion's week `times` the lines, half with one."""

    def made(weeks: list[date], times: float) -> Store:
        rng = np.random.default_rng(11)
        rows = []
        for n in range(7 * 60):
            day = START + timedelta(days=n)
            on = any(0 <= (day - week).days < 7 for week in weeks)
            for k in range(round(20 * (times if on else 1) + rng.normal(0, 1))):
                coupon = "SALE" if (k % 2 == 0 if on else k < 2) else ""
                rows.append(f"{n}-{k},c{k},{day} 10:00:00,tea,5.00,0,{coupon}\n")
        file = tmp_path / "orders.csv"
        file.write_text(HEADER + "".join(rows), encoding="utf-8")
        load(store, file, inspect(file, table="orders"), import_day=date(2030, 1, 1))
        return store

    return made


WEEKS = [date(2023, 3, 6), date(2023, 7, 3), date(2023, 9, 18), date(2024, 1, 8)]


def learnt(shop: Store) -> forecast.Effect:
    y = forecast.series(shop, freq="W").of("total")
    until = (pd.PeriodIndex(y.index)[-1] + 1).start_time.date()
    return forecast.effect(y, forecast.promotions(shop, until))


def test_weeks_with_many_coupons_are_found_with_their_days(
    shop_with: Callable[[list[date], float], Store],
) -> None:
    found = forecast.promotions(shop_with(WEEKS, 1.6), date(2024, 3, 1))
    assert found["first_day"].dt.date.tolist() == WEEKS
    assert (found["last_day"] - found["first_day"]).dt.days.tolist() == [6] * 4
    assert found["kind"].eq("Promotion").all()
    assert found["reduced_share"].to_numpy() == pytest.approx(0.5, abs=0.03)
    assert forecast.promotions(shop_with(WEEKS, 1.6), START).empty


def test_the_planted_effect_lies_in_the_interval(
    shop_with: Callable[[list[date], float], Store],
) -> None:
    found = learnt(shop_with(WEEKS, 1.6))
    assert found.times == pytest.approx(1.6, abs=0.05)
    assert found.lo < 1.6 < found.hi
    assert len(found.past) == 4
    assert found.sentence.startswith("4 past promotions sold 1.")


def test_two_are_enough_and_say_less() -> None:
    y = pd.Series(
        100.0 + np.arange(40) % 3, index=pd.period_range("2023-01-02", periods=40, freq="W-SUN")
    )
    starts = [y.index[place].start_time for place in (8, 16, 24, 32)]
    y.iloc[[8, 16, 24, 32]] *= [1.5, 1.7, 1.55, 1.65]
    past = pd.DataFrame(
        {"first_day": starts, "last_day": [day + timedelta(days=2) for day in starts],
         "kind": "Promotion", "festival": ""}
    )  # fmt: skip
    four, two = forecast.effect(y, past), forecast.effect(y, past.head(2))
    # By hand: mean of logs, and t(.9) × sd × √(1 + 1/n) around it.
    logs = np.log([1.5 * 102 / 101, 1.7 * 101 / 101.25])
    assert two.times == pytest.approx(np.exp(logs.mean()), rel=0.01)
    reach = 3.0777 * logs.std(ddof=1) * np.sqrt(1.5)
    assert two.hi == pytest.approx(np.exp(logs.mean() + reach), rel=0.03)
    assert two.hi - two.lo > four.hi - four.lo


@pytest.mark.parametrize(
    ("weeks", "words"),
    [
        ([], "No past promotion shows"),
        ([WEEKS[0]], "Only one past promotion shows in the data, of 6 March 2023"),
        ([date(2023, 11, 6), date(2023, 6, 12)], "fell on 618 Festival .6.18. or Singles’ Day"),
    ],
)
def test_none_one_or_festivals_are_refused(
    shop_with: Callable[[list[date], float], Store], weeks: list[date], words: str
) -> None:
    with pytest.raises(NotEnoughDataError, match=words):
        learnt(shop_with(weeks, 1.6))


def test_a_shop_that_always_gives_coupons_has_no_promotion(store: Store, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    rows = [
        f"{n}-{k},c{k},{START + timedelta(days=n)},tea,5.00,0,{'S' if rng.random() < 0.4 else ''}\n"
        for n in range(300)
        for k in range(15)
    ]
    file = tmp_path / "orders.csv"
    file.write_text(HEADER + "".join(rows), encoding="utf-8")
    load(store, file, inspect(file, table="orders"), import_day=date(2030, 1, 1))
    assert forecast.promotions(store, date(2024, 3, 1)).empty


def test_a_promotion_changes_its_own_period_only() -> None:
    periods = pd.period_range("2024-01-01", periods=3, freq="W-SUN")
    points = pd.DataFrame({"period": periods, "mean": [100.0, 200.0, 300.0]})
    effect = forecast.Effect(1.5, 1.2, 1.9, pd.DataFrame(), "")
    found = forecast.what_if(points, periods[1], effect)
    assert found["with_promotion"].tolist() == [100.0, 300.0, 300.0]
    assert found["lo"].tolist()[1] == pytest.approx(240.0)
    assert found["hi"].tolist()[1] == pytest.approx(380.0)
    assert found[["lo", "hi"]].iloc[[0, 2]].isna().all(axis=None)
