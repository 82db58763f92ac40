"""What sold as series: zeros filled, part periods left out, gaps and stock-outs not known."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import forecast
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store, inspect, load, load_folder

SAMPLE = Path(__file__).parents[2] / "sample_data"
HEADER = "order_id,customer_id,ordered_at,product_id,quantity,amount,channel,country\n"
MONDAY = date(2024, 1, 1)
Fill = Callable[..., Store]


@pytest.fixture
def fill(store: Store, tmp_path: Path) -> Fill:
    """Put lines (day, product, quantity, amount) into the store, each an order of its own."""

    def into(lines: list[tuple[date, str, float, float]], products: str = "") -> Store:
        body = "".join(
            f"o{n},c{n % 5},{day} 12:00:00,{product},{quantity},{amount:.2f},web,DE\n"
            for n, (day, product, quantity, amount) in enumerate(lines)
        )
        for table, text in {"orders": HEADER + body, "products": products}.items():
            if text:
                file = tmp_path / f"{table}.csv"
                file.write_text(text, encoding="utf-8")
                load(store, file, inspect(file, table=table), import_day=date(2030, 1, 1))
        return store

    return into


@pytest.fixture(scope="session")
def sample_shop() -> Iterator[Store]:
    """The sample shop; read from it only."""
    with Store() as filled:
        load_folder(filled, SAMPLE)
        yield filled


def daily(
    days: int, amount: float = 10.0, start: date = MONDAY
) -> list[tuple[date, str, float, float]]:
    return [(start + timedelta(days=n), "tea", 1, amount) for n in range(days)]


def test_days_without_a_sale_are_zero(fill: Fill) -> None:
    shop = fill(
        [(MONDAY, "tea", 2, 9.0), (MONDAY, "cup", 1, 7.25), (date(2024, 1, 4), "tea", 1, 4.5)]
    )
    found = forecast.series(shop)
    assert found.freq == "D"
    assert found.of("total").tolist() == [16.25, 0.0, 0.0, 4.5]
    assert forecast.series(shop, measure="units").of("total").tolist() == [3, 0, 0, 1]
    assert forecast.series(shop, measure="orders").of("total").tolist() == [2, 0, 0, 1]


def test_a_return_is_taken_off_and_a_day_may_be_negative(fill: Fill) -> None:
    shop = fill([*daily(3), (date(2024, 1, 2), "tea", -3, -30.0)])
    assert forecast.series(shop).of("total").tolist() == [10.0, -20.0, 10.0]


def test_weeks_run_from_monday_and_part_weeks_are_left_out(fill: Fill) -> None:
    shop = fill(daily(7 * 5, start=date(2024, 1, 3)))
    found = forecast.series(shop, freq="W")
    y = found.of("total")
    assert [period.start_time.date() for period in y.index] == [
        date(2024, 1, 8) + timedelta(weeks=n) for n in range(4)
    ]
    assert y.tolist() == [70.0] * 4
    assert "The week of 3 January 2024, in which the data begin, is left out." in found.left_out
    assert "The week of 6 February 2024 is left out: it is not over." in found.left_out


def test_months_are_calendar_months(fill: Fill) -> None:
    y = forecast.series(fill(daily(31 + 29 + 10)), freq="M").of("total")
    assert [str(period) for period in y.index] == ["2024-01", "2024-02"]
    assert y.tolist() == [310.0, 290.0]


@pytest.mark.parametrize("extra", range(1, 6))
@pytest.mark.parametrize("by", ["total", "product"])
def test_part_of_a_week_changes_nothing(fill: Fill, extra: int, by: forecast.By) -> None:
    rng = np.random.default_rng(1)
    lines = [
        (MONDAY + timedelta(days=n), str(rng.choice(["tea", "cup"])), 1, float(rng.gamma(2, 9)))
        for n in range(7 * 40)
        if n % 7 < 6
    ]
    shop = fill(lines)
    before = forecast.series(shop, by)
    assert before.freq == "W"
    more = [(MONDAY + timedelta(days=280 + n), "cup", 9, 999.0) for n in range(extra)]
    after = forecast.series(fill([*lines, *more]), by)
    pd.testing.assert_frame_equal(before.frame, after.frame, check_exact=True)
    assert (before.freq, before.closed) == (after.freq, after.closed) == ("W", ("Sunday",))
    assert "is not over" in after.left_out


def test_a_week_whose_last_day_is_closed_is_over_before_it(fill: Fill) -> None:
    lines = [line for line in daily(7 * 12) if line[0].weekday() != 6]
    found = forecast.series(fill(lines), freq="W")
    assert found.closed == ("Sunday",)
    assert found.left_out == ""
    assert found.of("total").tolist() == [60.0] * 12


def test_days_are_taken_for_short_histories_and_weeks_for_long_ones(fill: Fill) -> None:
    assert forecast.series(fill(daily(181))).freq == "D"
    assert forecast.series(fill(daily(7 * 26))).freq == "W"


def test_parts_come_with_most_revenue_first_and_begin_with_their_first_sale(fill: Fill) -> None:
    lines = [*daily(14), (date(2024, 1, 10), "pot", 1, 500.0), (date(2024, 1, 12), "", 1, 1.0)]
    names = "product_id,name,category,brand\ntea,Green tea,drinks,A\npot,Pot,ware,B\n"
    shop = fill(lines, names)
    found = forecast.series(shop, "product", "D")
    assert found.names == {"pot": "Pot", "tea": "Green tea", "not given": "not given"}
    assert found.of("pot").tolist() == [500.0, 0, 0, 0, 0]
    assert len(found.of("tea")) == 14
    assert list(forecast.series(shop, "category", "D").names) == ["ware", "drinks", "not given"]
    assert list(forecast.series(shop, "brand", "D").names) == ["B", "A", "not given"]
    assert forecast.series(shop, "channel", "D").of("web").sum() == 641.0
    assert list(forecast.series(shop, "country", "D").names) == ["DE"]


def test_parts_add_up_to_the_whole(sample_shop: Store) -> None:
    for measure in ("revenue", "units"):
        whole = forecast.series(sample_shop, measure=measure).of("total").sum()
        for by in ("category", "brand", "channel", "country", "product"):
            parts = forecast.series(sample_shop, by, measure=measure).frame["value"].sum()
            assert parts == pytest.approx(whole, abs=0.01)


def test_only_what_was_before_the_day_counts(sample_shop: Store) -> None:
    earlier = forecast.series(sample_shop, as_of=date(2026, 1, 1)).of("total")
    later = forecast.series(sample_shop).of("total")
    assert earlier.index[-1].end_time.date() == date(2025, 12, 28)
    pd.testing.assert_series_equal(earlier, later.loc[: earlier.index[-1]], check_exact=True)


def test_a_day_far_ahead_adds_no_zeros(fill: Fill) -> None:
    found = forecast.series(fill(daily(10)), as_of=date(2025, 1, 1))
    assert found.of("total").tolist() == [10.0] * 10


def test_a_gap_of_a_year_is_not_known_instead_of_zero(fill: Fill) -> None:
    shop = fill(daily(200) + daily(100, start=MONDAY + timedelta(days=560)))
    found = forecast.series(shop, freq="W")
    y = found.of("total")
    assert y.isna().sum() == 52
    assert y.dropna().eq(70.0).all()
    assert "No order at all from 19 July 2024 to 13 July 2025" in found.notes[0]


def test_a_small_shop_s_quiet_weeks_are_zeros(fill: Fill) -> None:
    lines = [(MONDAY + timedelta(days=20 * n), "tea", 1, 10.0) for n in range(20)]
    found = forecast.series(fill(lines), freq="W")
    assert not found.of("total").isna().any()
    assert found.closed == ()


def test_one_day(fill: Fill) -> None:
    shop = fill(daily(1))
    assert forecast.series(shop).of("total").tolist() == [10.0]
    with pytest.raises(NotEnoughDataError, match="no whole week"):
        forecast.series(shop, freq="W")


def test_all_zeros_are_a_series_of_zeros(fill: Fill) -> None:
    assert forecast.series(fill(daily(5, amount=0.0))).of("total").tolist() == [0.0] * 5


def test_orders_of_the_same_moment_are_added(fill: Fill) -> None:
    lines = [(MONDAY, "tea", 1, 10.0)] * 3 + [(date(2024, 1, 2), "tea", 1, 5.0)]
    assert forecast.series(fill(lines)).of("total").tolist() == [30.0, 5.0]


def test_a_day_with_a_changed_clock_is_one_day(fill: Fill) -> None:
    y = forecast.series(fill(daily(10, start=date(2024, 3, 26)))).of("total")
    assert y.tolist() == [10.0] * 10  # the clock went forward on 31 March


def test_an_order_dated_ahead_is_no_part_of_it(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(
        HEADER + "1,a,2024-01-01 10:00:00,tea,1,5.00,web,DE\n"
        "2,a,2024-01-02 10:00:00,tea,1,5.00,web,DE\n3,a,2099-01-01 10:00:00,tea,1,5.00,web,DE\n",
        encoding="utf-8",
    )
    load(store, file, inspect(file, table="orders"), import_day=date(2024, 2, 1))
    assert len(forecast.series(store).of("total")) == 2


def test_nothing_is_said_in_words(store: Store, fill: Fill) -> None:
    with pytest.raises(NotEnoughDataError, match="There are no orders yet"):
        forecast.series(store)
    shop = fill(daily(5))
    with pytest.raises(NotEnoughDataError, match="Nothing was sold before 1 January 2024"):
        forecast.series(shop, as_of=MONDAY)
    with pytest.raises(AnalyticsError, match="“cup” sold nothing"):
        forecast.series(shop, "product").of("cup")


def test_units_that_no_file_tells(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("order_id,customer_id,ordered_at,amount\n1,a,2024-01-01,5.00\n")
    load(store, file, inspect(file, table="orders"), import_day=date(2024, 2, 1))
    with pytest.raises(AnalyticsError, match="do not say how many units"):
        forecast.series(store, measure="units")


@settings(deadline=None, max_examples=12)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=40), st.sampled_from(["D", "W", "M"]))
def test_no_sale_of_a_known_period_is_lost(offsets: list[int], freq: forecast.Freq) -> None:
    days = sorted(MONDAY + timedelta(days=n) for n in offsets)
    with Store() as shop:
        file = shop.stage_file("csv")
        file.write_text(
            HEADER + "".join(f"{n},a,{day},tea,1,1.00,web,DE\n" for n, day in enumerate(days))
        )
        load(shop, file, inspect(file, table="orders"), import_day=date(2030, 1, 1))
        try:
            y = forecast.series(shop, freq=freq).of("total")
        except NotEnoughDataError:
            return
    index = pd.PeriodIndex(y.index)
    assert (np.diff(index.asi8) == 1).all()
    # A period that a long silence of the whole shop reaches into is not known as a whole.
    spans = [(one.start_time.date(), one.end_time.date()) for one in index[y.notna()]]
    inside = [day for day in days if any(first <= day <= last for first, last in spans)]
    assert np.nansum(y) + 0.0 == len(inside)


class TestStockOuts:
    """Runs of days without a sale: suspected, marked, not known."""

    def test_the_sample_shop_s_empty_shelf_is_suspected(self, sample_shop: Store) -> None:
        found = forecast.suspected_stock_outs(sample_shop)
        assert found["product_id"].tolist() == ["P110"]
        row = found.iloc[0]
        assert abs((row["first_day"] - pd.Timestamp("2026-02-02")).days) <= 2
        assert abs((row["last_day"] - pd.Timestamp("2026-03-15")).days) <= 2
        assert not row["marked"]

    def test_marking_makes_days_not_known_and_lifts_the_forecast(self, fill: Fill) -> None:
        rng = np.random.default_rng(3)
        out = range(7 * 22, 7 * 29)
        lines = [
            (MONDAY + timedelta(days=n), "tea", 1, float(rng.uniform(2, 18)))
            for n in range(7 * 30)
            if n not in out
        ]
        shop = fill(lines + [(day, "cup", 1, 1.0) for day, *_ in daily(7 * 30)])
        suspected = forecast.suspected_stock_outs(shop).iloc[0]
        first, last = suspected["first_day"].date(), suspected["last_day"].date()
        assert (first, last) == (MONDAY + timedelta(days=154), MONDAY + timedelta(days=202))
        before = forecast.series(shop, "product", "W").of("tea")
        assert before.iloc[22:29].tolist() == [0.0] * 7
        version = shop.version
        forecast.mark_out_of_stock(shop, "tea", first, last)
        assert shop.version != version
        after = forecast.series(shop, "product", "W").of("tea")
        assert after.iloc[22:29].isna().all()
        assert not forecast.series(shop, "product", "W").of("cup").isna().any()
        assert forecast.suspected_stock_outs(shop)["marked"].tolist() == [True]
        low, high = (forecast.fit(y, 4, method="recent_mean") for y in (before, after))
        assert high.points["mean"].mean() == pytest.approx(70, rel=0.2)
        assert low.points["mean"].mean() < high.points["mean"].mean()
        forecast.unmark_out_of_stock(shop, "tea")
        assert not forecast.series(shop, "product", "W").of("tea").isna().any()

    def test_rare_sales_and_seasons_are_not_suspected(self, fill: Fill) -> None:
        rng = np.random.default_rng(5)
        lines = [(day, "cup", 1, 1.0) for day, *_ in daily(730)]
        lines += [line for line in daily(730) if rng.random() < 0.05]
        lines += [
            (day, "ice", 1, 3.0) for day, *_ in daily(730) if 120 < day.timetuple().tm_yday < 270
        ]
        assert forecast.suspected_stock_outs(fill(lines)).empty

    def test_the_last_day_may_not_be_before_the_first(self, store: Store) -> None:
        with pytest.raises(AnalyticsError, match="before the first"):
            forecast.mark_out_of_stock(store, "tea", date(2024, 2, 1), date(2024, 1, 1))


def test_days_without_stock_in_a_file_of_levels_are_not_known(store: Store, tmp_path: Path) -> None:
    texts = {
        "orders": "order_id,customer_id,ordered_at,product_id,quantity,amount\n"
        + "".join(
            f"{n},c{n % 7},{MONDAY + timedelta(days=n)},{'tea' if n < 30 else 'cup'},1,5\n"
            for n in range(42)
        ),
        "stock_levels": "product_id,day,stock\n"
        "tea,2024-01-30,3\ntea,2024-01-31,0\ntea,2024-02-02,0\n",
    }
    for table, text in texts.items():
        file = tmp_path / f"{table}.csv"
        file.write_text(text, encoding="utf-8")
        load(store, file, inspect(file, table=table), import_day=date(2030, 1, 1))
    tea = forecast.series(store, "product", "D").of("tea")
    assert tea[tea.isna()].index.strftime("%d").tolist() == ["31", "02"]
    weeks = forecast.series(store, "product", "W").of("tea")
    assert weeks.isna().tolist() == [False] * 4 + [True, False]
    assert forecast.series(store, "total", "D").of("total").notna().all()
