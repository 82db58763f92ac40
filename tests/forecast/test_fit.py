"""A forecast as a whole: what it uses and says, and intervals that hold."""

import importlib
import threading

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import forecast
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.forecast import backtest, kinds, rivals
from analytics.forecast.arma import Floats

fit_module = importlib.import_module("analytics.forecast.fit")


def daily(days: int, seed: int = 0, first: str = "2025-01-06") -> "pd.Series[float]":
    """A week's rhythm of 100, 80, 90, 100, 120, 150, 60 with noise of 5."""
    index = pd.period_range(first, periods=days, freq="D")
    rhythm = np.array([100.0, 80, 90, 100, 120, 150, 60])
    noise = np.random.default_rng(seed).normal(0, 5, days)
    return pd.Series(rhythm[index.day_of_week] + noise, index=index)


def test_a_rhythm_of_the_week_is_forecast_and_beats_last_time() -> None:
    found = forecast.fit(daily(140), 14)
    truth = [100, 80, 90, 100, 120, 150, 60] * 2
    assert found.points["mean"].to_numpy() == pytest.approx(truth, abs=8)
    assert found.points["period"].iloc[0] == pd.Period("2025-05-26", "D")
    assert found.method == "combined"
    ratio = found.scores.set_index("method").loc["combined", "error_ratio"]
    # As last time is wrong by sqrt(2) times the noise, the mean by little more than it.
    assert 0.65 < ratio < 0.9
    assert f"{1 - ratio:.0%} less" in found.verdict
    assert found.scores["origins"].iloc[0] == 6


def test_where_last_time_is_better_from_every_start_it_is_used() -> None:
    # A level that jumps every week and stays there for the week: only last week's day knows it.
    rng = np.random.default_rng(3)
    weeks = np.repeat(rng.integers(50, 150, 24), 7).astype(float)
    rhythm = np.tile([0.0, 40, 0, 40, 0, 40, 0], 24)
    y = pd.Series(weeks + rhythm, pd.period_range("2025-01-06", periods=168, freq="D"))
    found = forecast.fit(y, 7)
    wrong = found.backtest.assign(
        wrong=(found.backtest["actual"] - found.backtest["mean"]).abs()
    ).pivot_table("wrong", "origin", "method", "sum")
    every = bool((wrong["rule"] < wrong["combined"]).all())
    worse = wrong["combined"].sum() > wrong["rule"].sum()
    assert (found.method == "rule") == every
    assert ("may be chance" in found.verdict) == (worse and not every)


@pytest.mark.parametrize(
    ("ours", "rule", "used", "words"),
    [
        ([3.0] * 6, [2.0] * 6, True, "better from each of 6 earlier starts"),
        ([3.0] * 5 + [1.0], [2.0] * 6, False, "33% more than “as last time”, but not from all"),
        ([3.0] * 4, [2.0] * 4, False, "may be chance"),
        ([1.0] * 6, [2.0] * 6, False, "50% less"),
        ([1.0] * 6, [0.0] * 6, False, "A."),
    ],
)
def test_the_rule_must_have_been_better_from_every_start(
    ours: list[float], rule: list[float], used: bool, words: str
) -> None:
    told, is_rule = fit_module._verdict(pd.Series(ours), pd.Series(rule), "A")
    assert is_rule is used
    assert words in told


def test_intervals_hold_on_what_comes() -> None:
    inside80, inside95, widths = [], [], []
    for seed in range(12):
        y = daily(120, seed)
        found = forecast.fit(y.iloc[:106], 14).points
        actual = y.iloc[106:].to_numpy()
        inside80.append(((actual >= found["lo80"]) & (actual <= found["hi80"])).mean())
        inside95.append(((actual >= found["lo95"]) & (actual <= found["hi95"])).mean())
        widths.append((found["hi80"] - found["lo80"]).mean())
    assert np.mean(inside80) == pytest.approx(0.80, abs=0.08)
    assert np.mean(inside95) == pytest.approx(0.95, abs=0.04)
    # Noise alone has 2 x 1.28 x 5 = 12.8; wide would be no answer.
    assert np.mean(widths) < 17


def test_the_interval_of_a_sum_is_no_sum_of_intervals() -> None:
    inside, ratio = [], []
    for seed in range(8):
        y = daily(120, seed)
        found = forecast.fit(y.iloc[:106], 14)
        total = found.total()
        actual = y.iloc[106:].sum()
        inside.append(total["lo80"] <= actual <= total["hi80"])
        ratio.append(
            (total["hi80"] - total["lo80"]) / (found.points["hi80"] - found.points["lo80"]).sum()
        )
        assert total["mean"] == pytest.approx(found.points["mean"].sum())
    assert np.mean(inside) >= 0.65
    assert np.mean(ratio) < 0.6


def test_an_event_counts_from_its_second_time_on() -> None:
    y = daily(400, 1)
    index = pd.period_range(y.index[0], periods=430, freq="D")
    calendar = pd.DataFrame({"sale": 0.0}, index=index)
    calendar.loc[["2025-11-11", "2026-02-20"], "sale"] = 1.0
    y["2025-11-11"] += 200
    once = forecast.fit(y, 30, calendar=calendar)
    assert any("“sale” is left out: it happened 1 times" in note for note in once.notes)
    assert once.points["mean"].max() < 180
    calendar.loc["2025-06-18", "sale"] = 1.0
    y["2025-06-18"] += 200
    twice = forecast.fit(y, 30, calendar=calendar).points.set_index("period")["mean"]
    assert twice[pd.Period("2026-02-20", "D")] == pytest.approx(120 + 200, abs=30)
    with pytest.raises(AnalyticsError, match="ends before"):
        forecast.fit(y, 30, calendar=calendar.iloc[:410])


def test_days_out_of_stock_do_not_lower_the_forecast() -> None:
    y = daily(140)
    gone = y.copy()
    gone.iloc[100:135] = 0.0
    marked = gone.where(gone > 0)
    level = forecast.fit(marked, 7).points["mean"].sum()
    assert level == pytest.approx(700, abs=40)
    assert any("35 periods out of stock" in note for note in forecast.fit(marked, 7).notes)


def test_an_order_of_a_thousand_times_is_set_aside_and_said() -> None:
    y = daily(140)
    y.iloc[70] = 100_000.0
    found = forecast.fit(y, 7)
    assert found.points["hi95"].max() < 250
    assert any("outliers" in note and "100,000" in note for note in found.notes)


@settings(deadline=None, max_examples=15)
@given(
    st.lists(st.sampled_from([0.0, 0.0, 1.0, 2.0, 5.0, 40.0, 1e6, -3.0]), min_size=3, max_size=40)
)
def test_whatever_the_series_the_answer_is_finite_and_ordered(values: list[float]) -> None:
    found = forecast.fit(values, 5)
    points = found.points[["lo95", "lo80", "mean", "hi80", "hi95"]].to_numpy()
    assert np.isfinite(points).all()
    assert (np.diff(points, axis=1) >= -1e-9).all()
    if min(values) >= 0:
        assert (points >= 0).all()


def test_what_cannot_be_forecast_is_said() -> None:
    with pytest.raises(NotEnoughDataError, match="Only 2 periods"):
        forecast.fit([1.0, 2.0], 4)
    with pytest.raises(AnalyticsError, match="no method"):
        forecast.fit([1.0, 2.0, 3.0], 4, method="oracle")  # type: ignore[arg-type]
    with pytest.raises(AnalyticsError, match="0 periods"):
        forecast.fit([1.0, 2.0, 3.0], 0)
    assert "too short to try" in forecast.fit([1.0, 2.0, 3.0], 4).verdict


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([5.0, 6, 5, 7, 5, 6, 5, 6, 7, 5], "smooth"),
        ([1.0, 30, 2, 1, 25, 1, 1, 40, 2, 1], "erratic"),
        ([5.0, 0, 0, 5, 0, 0, 6, 0, 0, 5, 0, 5], "intermittent"),
        ([1.0, 0, 0, 30, 0, 0, 2, 0, 0, 40, 0, 1], "lumpy"),
        ([1.0, 2.0], "short"),
        ([5.0, 6, 5, 6, 5, 6, 5, 6] + [0.0] * 10, "dead"),
    ],
)
def test_classes(values: list[float], kind: str) -> None:
    assert kinds.kind(np.array(values)) == kind


def test_rare_sales_by_hand() -> None:
    y = np.array([0.0, 4, 0, 0, 2])
    # Croston: size 4 -> 4 + .1 (2 - 4) = 3.8; interval 2 -> 2 + .1 (3 - 2) = 2.1; SBA takes 5% off.
    assert rivals.sba(y, 2) == pytest.approx([0.95 * 3.8 / 2.1] * 2)
    chance, size = 0.4, 3.0
    for value in y:
        chance += 0.1 * ((value > 0) - chance)
        size += 0.1 * (value - size) * (value > 0)
    assert rivals.tsb(y, 1) == pytest.approx([chance * size])
    assert rivals.recent_mean(np.arange(28.0), 7, 7) == pytest.approx(np.arange(7) + 10.5)
    assert rivals.seasonal_naive(np.arange(10.0), 9, 7) == pytest.approx(
        [3, 4, 5, 6, 7, 8, 9, 3, 4]
    )


def shop(count: int, seed: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    index = pd.period_range("2024-01-01", periods=80, freq="W-SUN")
    parts = []
    for place in range(count):
        values: Floats = rng.poisson(20 + place, 80) * 1.0
        if place % 3 == 0:
            values = rng.poisson(3, 80) * (rng.random(80) < 0.25) * 1.0
        parts.append(pd.DataFrame({"series": f"p{place}", "period": index, "value": values}))
    return pd.concat(parts, ignore_index=True)


def test_many_series_are_decided_and_calibrated_by_class() -> None:
    told: list[float] = []
    found = forecast.many(
        shop(9), 4, arima_for=3, jobs=1, progress=lambda share, _doing: told.append(share)
    )
    assert told[-1] == 1
    assert found.points.groupby("series").size().tolist() == [4] * 9
    classes = found.classes.set_index("kind")
    assert classes.loc["smooth", "method"] == "combined"
    # A little wide where the past was as calm as the model said: see `widths`.
    assert 0.78 <= classes.loc["smooth", "coverage_80"] <= 0.92
    assert set(classes.index) <= {"smooth", "intermittent", "lumpy"}
    assert found.table["method"].isin(["combined", "tsb", "rule"]).all()
    assert "Beyond the 3 largest" in found.left_out
    sums = found.points.groupby("series")["mean"].sum()
    assert found.table.set_index("series")["total"].to_dict() == pytest.approx(sums.to_dict())


def test_many_in_parallel_are_the_same() -> None:
    frame = shop(21)
    one, two = (forecast.many(frame, 4, arima_for=0, jobs=jobs) for jobs in (1, 2))
    pd.testing.assert_frame_equal(one.points, two.points)


def test_many_can_be_stopped() -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(AnalyticsError, match="stopped"):
        forecast.many(shop(3), 4, arima_for=0, jobs=1, cancel=cancel)
    short = shop(1).head(2)
    with pytest.raises(NotEnoughDataError, match="No series"):
        forecast.many(short, 4)


def test_origins_leave_enough_to_learn_from() -> None:
    assert backtest.cuts(100, 10, 7) == sorted(backtest.cuts(100, 10, 7))
    assert max(backtest.cuts(100, 10, 7)) == 90
    assert min(backtest.cuts(100, 10, 7)) >= 16
    assert backtest.cuts(15, 10, 7) == []
