"""Demand over the time to cover: planted rates, stock-outs and seasons, and the service reached."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics.stock.demand import Demand, demand


def long(units: Any) -> pd.DataFrame:
    """Units by product and day as rows, those without a sale left out."""
    product, day = np.nonzero(units)
    return pd.DataFrame(
        {"product": product, "day": day, "units": units[product, day].astype(float)}
    )


def of(units: Any, cover: float, level: float, **more: Any) -> Demand:
    count, days = units.shape
    return demand(
        long(units), [str(place) for place in range(count)], days, np.full(count, cover),
        np.full(count, level), **more,
    )  # fmt: skip


@pytest.fixture(scope="module")
def mixed() -> Any:
    """600 products of a year and more: fast, slow and lumpy sellers, steady all the time."""
    rng = np.random.default_rng(7)
    rates = np.exp(rng.uniform(np.log(0.05), np.log(4), 600))
    size = np.exp(rng.uniform(np.log(0.05), np.log(2), 600))
    shape = (600, 420)
    return rng.negative_binomial(size[:, None], (size / (size + rates))[:, None], shape)


@pytest.mark.parametrize(("cover", "level"), [(14, 0.95), (24, 0.95), (14, 0.9)])
def test_held_out_weeks_reach_the_service_asked_for(mixed: Any, cover: int, level: float) -> None:
    met = []
    for back in (cover, cover + 14, cover + 28):
        origin = mixed.shape[1] - back
        found = of(mixed[:, :origin], cover, level)
        came = mixed[:, origin : origin + cover].sum(1)
        met.append((came <= found.reorder_point).mean())
        assert found.reached == pytest.approx(level, abs=0.03)
    assert np.mean(met) == pytest.approx(level, abs=0.03)


def test_a_steady_seller_is_forecast_by_hand() -> None:
    """Two units every day: 42 in three weeks, and Poisson's spread at the least."""
    found = of(np.full((1, 140), 2), 21, 0.95)
    assert found.daily[0] == pytest.approx(2)
    assert found.mean[0] == pytest.approx(42)
    assert found.kind == ["smooth"]
    assert found.variation[0] == pytest.approx(0)
    assert 42 <= found.reorder_point[0] <= 60


def test_days_out_of_stock_are_no_demand() -> None:
    units = np.random.default_rng(3).poisson(3, (1, 280))
    hole = units.copy()
    hole[0, 250:280] = 0
    unknown = pd.DataFrame({"product": [0], "first": [250], "last": [279]})
    marked = of(hole, 14, 0.95, unknown=unknown)
    assert marked.daily[0] == pytest.approx(of(units[:, :250], 14, 0.95).daily[0], rel=0.1)
    assert marked.daily[0] > 2.5
    assert of(hole, 14, 0.95).daily[0] < 2.5


def test_the_season_of_two_years_is_seen_and_that_of_one_is_not() -> None:
    rng = np.random.default_rng(11)
    year = np.ones(364)
    year[60:100] = 5.0
    rates = rng.uniform(1, 4, (40, 1)) * np.tile(year, 2)[None, :]
    units = rng.poisson(rates)
    before_peak = units[:, : 364 + 56]
    twice = np.hstack([units[:, 364 - 308 :], units])[:, : 672 + 112]
    usual = of(before_peak, 28, 0.95)
    seasonal = of(np.hstack([units[:, :], units[:, :56]]), 28, 0.95)
    truth = units[:, 364 + 56 : 364 + 84].sum()
    assert abs(seasonal.mean.sum() / truth - 1) < 0.15
    assert usual.mean.sum() / truth < 0.6
    assert twice.shape[1] >= 728


def test_a_better_forecast_takes_the_place_of_the_level() -> None:
    units = np.random.default_rng(5).poisson(2, (3, 200))
    found = of(units, 10, 0.95, daily=np.array([9.0, np.nan, 0.0]))
    assert found.mean[0] == pytest.approx(90)
    assert found.mean[1] == pytest.approx(20, rel=0.3)
    assert found.reorder_point[2] == 0


@pytest.mark.parametrize("days", [1, 3, 7, 10, 29])
def test_a_short_history_still_gives_a_level(days: int) -> None:
    found = of(np.full((2, days), 1), 14, 0.95)
    assert np.isfinite(found.reorder_point).all()
    assert found.mean == pytest.approx(14, rel=0.01)
    assert (found.reorder_point >= 14).all()


def test_what_never_sold_needs_nothing() -> None:
    units = np.zeros((2, 100), int)
    units[0] = 1
    found = of(units, 14, 0.95)
    assert found.reorder_point[1] == 0
    assert np.isnan(found.variation[1])
