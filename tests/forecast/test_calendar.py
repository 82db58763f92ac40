"""Events: which days they fall on, and that only those seen twice and felt are used."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics import forecast
from analytics.errors import AnalyticsError
from analytics.forecast.festivals import festivals, public_holidays, runs
from analytics.store import Store, inspect, load, load_folder

SAMPLE = Path(__file__).parents[2] / "sample_data"
HEADER = "order_id,customer_id,ordered_at,product_id,amount,coupon,country\n"
ELEVEN, FRIDAY = "Singles’ Day (11.11)", "Black Friday"
START = date(2022, 1, 3)


@pytest.fixture
def shop_of(store: Store, tmp_path: Path) -> Callable[..., Store]:
    """A shop that sells 100 a day with a little noise, times a factor on some days."""

    def made(days: int, factors: dict[date, float] | None = None, country: str = "DE") -> Store:
        rng = np.random.default_rng(7)
        lines = []
        for n in range(days):
            day = START + timedelta(days=n)
            amount = rng.normal(100, 6) * (factors or {}).get(day, 1.0)
            if amount:
                lines.append(f"o{n},c{n % 9},{day} 10:00:00,tea,{amount:.2f},,{country}\n")
        file = tmp_path / "orders.csv"
        file.write_text(HEADER + "".join(lines), encoding="utf-8")
        load(store, file, inspect(file, table="orders"), import_day=date(2030, 1, 1))
        return store

    return made


@pytest.fixture(scope="module")
def sample_shop() -> Iterator[Store]:
    """The sample shop; read from it only."""
    with Store() as filled:
        load_folder(filled, SAMPLE)
        yield filled


def told(store: Store, horizon: int = 20, **options: object) -> pd.DataFrame:
    y = forecast.series(store, freq="W").of("total")
    made = forecast.calendar(store, pd.PeriodIndex(y.index), horizon, **options)  # type: ignore[arg-type]
    return made.told.set_index("event")


def test_festivals_fall_on_the_days_that_are_known() -> None:
    found = festivals(range(2023, 2027))
    assert found["Black Friday"] == [  # as retailers announced them
        [date(2023, 11, 24)], [date(2024, 11, 29)], [date(2025, 11, 28)], [date(2026, 11, 27)],
    ]  # fmt: skip
    assert found["Cyber Monday"][1] == [date(2024, 12, 2)]
    assert found[ELEVEN][0] == [date(2023, 11, 11)]
    assert found["618 Festival (6.18)"][3] == [date(2026, 6, 18)]
    spring = found["Spring Festival"]
    assert len(spring) == 4
    first_days = (date(2023, 1, 22), date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17))
    for days, new_year in zip(spring, first_days, strict=True):
        assert new_year in days


def test_public_holidays_are_those_of_the_country() -> None:
    assert public_holidays("FR", range(2024, 2025))[date(2024, 7, 14)] == "National Day"
    assert date(2024, 7, 14) not in public_holidays("DE", range(2024, 2025))


def test_days_in_a_row_are_one_occurrence() -> None:
    days = [date(2024, 1, 2), date(2024, 1, 1), date(2024, 1, 4), date(2024, 2, 1)]
    assert runs(days) == [sorted(days)[:3], [date(2024, 2, 1)]]
    assert runs([]) == []


def peaks(*years: int, times: float = 2.5) -> dict[date, float]:
    return {date(year, 11, 11): times for year in years}


def test_an_event_is_used_after_the_second_time_only(shop_of: Callable[..., Store]) -> None:
    one = told(shop_of(330 + 90, peaks(2022, 2023)), horizon=40).loc[ELEVEN]
    assert one["past_occurrences"] == 1
    assert not one["used"]
    assert "Seen once, on 11 November 2022, when sales were 2." in one["why"]
    assert one["next_day"] == pd.Timestamp("2023-11-11")
    two = told(shop_of(365 * 2 + 90, peaks(2022, 2023)), horizon=40).loc[ELEVEN]
    assert two["past_occurrences"] == 2
    assert two["used"]
    assert two["effect_share"] == pytest.approx(1.5, abs=0.2)
    assert two["known_from"] == pd.Timestamp("2023-11-12")


def test_events_that_change_nothing_are_not_used(shop_of: Callable[..., Store]) -> None:
    found = told(shop_of(365 * 3, peaks(2022, 2023, 2024)))
    assert found[found["used"]].index.tolist() == [ELEVEN]
    assert found.loc["Labor Day", "why"].startswith("Seen 3 times: sales differed no more")


def test_an_event_that_once_rose_and_once_fell_is_not_used(shop_of: Callable[..., Store]) -> None:
    factors = {date(2022, 11, 11): 3.0, date(2023, 11, 11): 0.5}
    assert not told(shop_of(800, factors)).loc[ELEVEN, "used"]


def test_a_day_on_which_the_shop_is_closed(shop_of: Callable[..., Store]) -> None:
    shop = shop_of(800, {date(2022, 12, 25): 0.0, date(2023, 12, 25): 0.0})
    index = pd.PeriodIndex(forecast.series(shop, freq="D").of("total").index)
    made = forecast.calendar(shop, index, 300)
    row = made.told.set_index("event").loc["Christmas Day"]
    assert row["used"]
    assert row["effect_share"] == pytest.approx(-1)
    assert 0 < made.lift.loc[pd.Period("2024-12-25", "D")] <= 0.05


def test_own_dates_come_and_count_likewise(shop_of: Callable[..., Store]) -> None:
    fair = [date(2022, 5, 10), date(2022, 5, 11), date(2023, 6, 2), date(2023, 6, 3)]
    shop = shop_of(700, dict.fromkeys(fair, 2.0))
    row = told(shop, own={"Fair": [*fair, date(2024, 1, 5)]}).loc["Fair"]
    assert (row["kind"], row["past_occurrences"], row["used"]) == ("Own date", 2, True)
    assert row["next_day"] == pd.Timestamp("2024-01-05")


def test_the_country_is_that_of_the_sales_or_the_one_asked_for(
    shop_of: Callable[..., Store],
) -> None:
    shop = shop_of(800, country="United Kingdom")
    assert "Spring Bank Holiday" in told(shop).index
    assert "German Unity Day" in told(shop, country="DE").index
    with pytest.raises(AnalyticsError, match="no public holidays of “Atlantis”"):
        told(shop, country="Atlantis")


def test_a_country_nobody_knows_has_festivals_only(shop_of: Callable[..., Store]) -> None:
    assert set(told(shop_of(800, country="Atlantis"))["kind"]) == {"Festival"}


def test_months_hold_events_of_a_fixed_day_already(shop_of: Callable[..., Store]) -> None:
    shop = shop_of(365 * 3, peaks(2022, 2023, 2024, times=6.0))
    index = pd.PeriodIndex(forecast.series(shop, freq="M").of("total").index)
    made = forecast.calendar(shop, index, 12)
    row = made.told.set_index("event").loc[ELEVEN]
    assert not row["used"]
    assert "same month" in row["why"]
    assert made.lift.eq(1).all()


def test_regressors_count_days_over_history_and_horizon(shop_of: Callable[..., Store]) -> None:
    shop = shop_of(365 * 2 + 90, peaks(2022, 2023))
    index = pd.PeriodIndex(forecast.series(shop, freq="W").of("total").index)
    made = forecast.calendar(shop, index, 45)
    assert made.regressors.index.tolist() == [*index, *(index[-1] + n for n in range(1, 46))]
    column = made.regressors[ELEVEN]
    hits = [pd.Period(date(year, 11, 11), "W-SUN") for year in (2022, 2023, 2024)]
    assert column[column > 0].index.tolist() == hits
    assert made.lift[made.lift > 1].index.tolist() == hits
    assert made.lift[hits[0]] == pytest.approx(1 + 1.5 / 7, abs=0.04)


def test_a_forecast_rises_in_the_week_of_the_event(shop_of: Callable[..., Store]) -> None:
    shop = shop_of(365 * 2 + 300, peaks(2022, 2023))
    y = forecast.series(shop, freq="W").of("total")
    calendar = forecast.calendar(shop, pd.PeriodIndex(y.index), 8)
    made = forecast.with_events(y, 8, calendar)
    points = made.points.set_index("period")["mean"]
    peak = pd.Period(date(2024, 11, 11), "W-SUN")
    assert points[peak] == pytest.approx(700 * (1 + 1.5 / 7), rel=0.05)
    assert points.drop(peak).to_numpy() == pytest.approx(700, rel=0.05)
    assert made.total().loc["mean"] == pytest.approx(points.sum())
    with pytest.raises(AnalyticsError, match="not of the same periods"):
        forecast.with_events(y.iloc[:-1], 20, calendar)


def test_the_past_is_tried_without_what_was_not_known_yet(shop_of: Callable[..., Store]) -> None:
    shop = shop_of(365 * 2 - 10, peaks(2022, 2023))
    y = forecast.series(shop, freq="W").of("total")
    made = forecast.with_events(y, 8, forecast.calendar(shop, pd.PeriodIndex(y.index), 8))
    peak = pd.Period(date(2023, 11, 11), "W-SUN")
    at_peak = made.backtest[made.backtest["period"] == peak]
    assert len(at_peak)
    assert (at_peak["origin"] < peak).all()
    assert at_peak["actual"].to_numpy() == pytest.approx(y[peak])
    assert (at_peak["mean"] < 0.95 * y[peak]).all()


class TestSampleShop:
    """Its 11 November is forecast once two have been seen, and that is said before."""

    def peak(self, shop: Store, as_of: date, year: int) -> tuple[pd.Series, float]:  # type: ignore[type-arg]
        y = forecast.series(shop, freq="W", as_of=as_of).of("total")
        week = pd.Period(date(year, 11, 11), "W-SUN")
        horizon = (week - y.index[-1]).n + 1
        calendar = forecast.calendar(shop, pd.PeriodIndex(y.index), horizon)
        points = forecast.with_events(y, horizon, calendar).points.set_index("period")["mean"]
        return calendar.told.set_index("event").loc[ELEVEN], points[week] / points[week - 1]

    def test_before_the_second_time(self, sample_shop: Store) -> None:
        row, times = self.peak(sample_shop, date(2025, 11, 1), 2025)
        assert row["past_occurrences"] == 1
        assert "not in the forecast yet" in row["why"]
        assert times < 1.05

    def test_after_the_second_time(self, sample_shop: Store) -> None:
        row, times = self.peak(sample_shop, date(2026, 8, 31), 2026)
        assert row["past_occurrences"] == 2
        assert row["used"]
        assert times > 1.1
