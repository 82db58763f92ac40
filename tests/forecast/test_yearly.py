"""The season of the year: found where it repeats, not where it does not; the past stays honest."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics import forecast
from analytics.forecast.calendar import Calendar
from analytics.forecast.yearly import yearly
from analytics.store import Store, load_folder

WEEKS = pd.period_range("2022-01-03", periods=52 * 3 + 26, freq="W-SUN")


def gift_season(seed: int = 0, times: float = 3.0, growth: float = 1.1) -> "pd.Series[float]":
    """100 a week with noise, growing, three times as much from week 47 to 51 of each year."""
    noise = np.random.default_rng(seed).lognormal(0, 0.08, len(WEEKS))
    place = np.arange(len(WEEKS))
    season = np.where(np.isin(place % 52, range(46, 51)), times, 1.0)
    return pd.Series(100 * season * noise * growth ** (place / 52), index=WEEKS)


def no_events(index: pd.PeriodIndex, horizon: int) -> Calendar:
    whole = pd.period_range(index[0], periods=len(index) + horizon, freq=index.freqstr)
    told = pd.DataFrame({"event": [], "known_from": []})
    return Calendar(pd.DataFrame(index=whole), pd.DataFrame(index=whole), told, told, "")


def test_a_season_that_repeats_is_found_and_one_that_does_not_is_not() -> None:
    found = yearly(gift_season().iloc[: 52 * 3], 52)
    assert found is not None
    mean = (47 + 5 * 3) / 52
    assert found.ahead[46:51] == pytest.approx(3 / mean, rel=0.1)
    assert found.ahead[:46] == pytest.approx(1 / mean, rel=0.2)
    assert found.miss < 0.5
    assert yearly(gift_season(times=1.0), 10) is None
    assert yearly(gift_season().iloc[:103], 10) is None
    nothing = pd.Series(np.zeros(60), index=pd.period_range("2020", periods=60, freq="M"))
    assert yearly(nothing, 3) is None


def test_what_one_year_alone_shows_is_no_season() -> None:
    y = gift_season().iloc[: 52 * 2]
    y.iloc[10] *= 4  # once, in the first year
    found = yearly(y, 52)
    assert found is not None
    usual = np.median(found.ahead)
    assert found.ahead[10] == pytest.approx(usual)
    assert found.ahead[46:51].min() > 2 * usual
    assert found.known_from == 52


def test_a_year_s_index_comes_from_the_other_years() -> None:
    y = gift_season().iloc[: 52 * 2]
    y.iloc[46:51] *= 1.5  # a stronger gift season in the first year
    found = yearly(y, 52)
    assert found is not None
    assert found.history[52 + 46 : 52 + 51].min() > 1.2 * found.history[46:51].max()


def test_the_season_is_in_the_forecast_with_an_interval_that_holds() -> None:
    covered = []
    for seed in range(4):
        y = gift_season(seed)
        known, ahead = y.iloc[: 52 * 3 - 8], y.iloc[52 * 3 - 8 : 52 * 3]
        made = forecast.with_events(known, 8, no_events(pd.PeriodIndex(known.index), 8))
        points = made.points
        assert points["mean"].to_numpy() == pytest.approx(ahead.to_numpy(), rel=0.35)
        total = made.total()
        assert total["mean"] == pytest.approx(points["mean"].sum())
        assert total["hi80"] - total["mean"] < 0.3 * total["mean"]
        covered.append(total["lo95"] <= ahead.sum() <= total["hi95"])
        assert "with the season of earlier years" in made.verdict
    assert sum(covered) >= 3


def test_the_rule_of_the_past_is_the_shopkeeper_s() -> None:
    y = gift_season().iloc[: 52 * 2 + 20]
    made = forecast.with_events(y, 6, no_events(pd.PeriodIndex(y.index), 6))
    past = made.backtest
    pd.testing.assert_series_equal(
        past["actual"], y.loc[pd.PeriodIndex(past["period"])].reset_index(drop=True),
        check_names=False,
    )  # fmt: skip
    ruled = past[past["method"] == "rule"]
    for row in ruled.itertuples(index=False):
        place = y.index.get_loc(row.origin)  # type: ignore[arg-type]
        same_week = y.iloc[place + row.step - 52]  # type: ignore[operator]
        expected = same_week if place + 1 >= 104 else y.iloc[place]
        assert row.mean == pytest.approx(expected)


def test_the_sample_shop_s_gift_season_is_forecast() -> None:
    with Store() as shop:
        load_folder(shop, Path(__file__).parents[2] / "sample_data")
        y = forecast.series(shop, freq="W", as_of=date(2026, 8, 31)).of("total")
        made = forecast.with_events(y, 16, forecast.calendar(shop, pd.PeriodIndex(y.index), 16))
    points = made.points.set_index("period")["mean"]
    december = points[pd.Period("2026-12-07", "W-SUN")]
    assert december > 1.8 * points.iloc[:8].mean()
