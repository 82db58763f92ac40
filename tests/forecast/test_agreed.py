"""One number: parts add up to the whole shop to the cent, and the whole's interval holds."""

import threading
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import forecast
from analytics.errors import AnalyticsError
from analytics.forecast import rivals
from analytics.forecast.many import many
from analytics.forecast.reconcile import in_proportion, to_total
from analytics.store import Store, inspect, load

START = date(2024, 1, 1)
WEEKS = 40
PRODUCTS = [f"p{n}" for n in range(7)]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Forty weeks of seven products in two categories and none; the last is two weeks old."""
    rng = np.random.default_rng(5)
    lines = ["order_id,customer_id,ordered_at,product_id,quantity,amount,channel"]
    for week in range(WEEKS):
        for place, product in enumerate(PRODUCTS):
            if place == 6 and week < WEEKS - 2:
                continue
            day = START + timedelta(days=7 * week + place)
            amount = rng.lognormal(3, 0.3) * (place + 1)
            channel = "web" if place % 2 else "shop"
            lines.append(
                f"{week}-{place // 2},c{week % 9},{day},{product},2,{amount:.2f},{channel}"
            )
    folder = tmp_path_factory.mktemp("agreed")
    named = "product_id,name,category\n" + "".join(
        f"{product},Name {product},{'tea' if place < 3 else 'ware'}\n"
        for place, product in enumerate(PRODUCTS[:5])
    )
    with Store() as filled:
        for table, text in (("orders", "\n".join(lines) + "\n"), ("products", named)):
            file = folder / f"{table}.csv"
            file.write_text(text, encoding="utf-8")
            load(filled, file, inspect(file, table=table), import_day=date(2030, 1, 1))
        yield filled


def cents(values: "pd.Series[float]") -> list[int]:
    return [round(float(value) * 100) for value in values]


@pytest.mark.parametrize("measure", ["revenue", "units"])
def test_the_total_is_the_sum_of_categories_of_products_and_of_channels(
    shop: Store, measure: forecast.Measure
) -> None:
    whole = forecast.series(shop, "total", "W", measure).of("total")
    calendar = forecast.calendar(shop, whole.index, 4)  # type: ignore[arg-type]
    total = forecast.in_cents(forecast.fit(whole, 4))
    made = {
        by: forecast.agreed(shop, by, total, calendar, "W", measure, jobs=1)
        for by in ("category", "product", "channel")
    }
    for one in made.values():
        assert one.adds_up
        points = one.many.points
        assert cents(points.groupby("period")["mean"].sum()) == cents(total.points["mean"])
        assert sum(cents(one.many.table["total"])) == sum(cents(total.points["mean"]))
        assert (points[["mean", "lo80", "hi80"]].fillna(0) >= 0).all(axis=None)
    products = made["product"].many
    assert set(products.table["series"]) == set(PRODUCTS)
    assert "1 with fewer than three known weeks" in products.left_out
    group = {product: "tea" if place < 3 else "ware" if place < 5 else "not given"
             for place, product in enumerate(PRODUCTS)}  # fmt: skip
    by_category = products.points.assign(of=products.points["series"].map(group))
    sums = by_category.groupby(["of", "period"])["mean"].sum()
    own = made["category"].many.points.set_index(["series", "period"])["mean"]
    assert cents(sums) == cents(own.reindex(sums.index))


def test_it_tells_how_far_it_is_and_stops_when_asked(shop: Store) -> None:
    whole = forecast.series(shop, "total", "W").of("total")
    calendar = forecast.calendar(shop, whole.index, 2)  # type: ignore[arg-type]
    total, stop = forecast.fit(whole, 2), threading.Event()
    seen: list[float] = []

    def report(share: float, doing: str) -> None:
        assert "series" in doing
        seen.append(share)
        if share > 0.6:
            stop.set()

    with pytest.raises(AnalyticsError, match="stopped"):
        forecast.agreed(shop, "product", total, calendar, "W", jobs=1, progress=report, cancel=stop)
    assert seen == sorted(seen)
    assert 0.6 < seen[-1] < 1


def test_orders_that_hold_several_products_are_left_as_they_are(shop: Store) -> None:
    whole = forecast.series(shop, "total", "W", "orders").of("total")
    calendar = forecast.calendar(shop, whole.index, 2)  # type: ignore[arg-type]
    total = forecast.fit(whole, 2)
    made = forecast.agreed(shop, "product", total, calendar, "W", "orders", jobs=1)
    assert not made.adds_up
    assert "do not add up" in made.note


def test_the_gap_goes_where_errors_were_large_by_hand() -> None:
    # Uncorrelated, variances 1 and 9: of a gap of 10 the second part takes nine tenths.
    errors = np.array([[1.0, 3], [1, -3], [-1, 3], [-1, -3]])
    found = to_total(np.array([40.0]), np.array([[10.0], [20.0]]), errors)
    assert found.ravel().tolist() == [11, 29]


def test_what_would_fall_below_zero_is_zero() -> None:
    errors = np.array([[10.0, 0.1], [-10, 0.1], [10, -0.1], [-10, -0.1]])
    found = to_total(np.array([5.0]), np.array([[1.0], [8.0]]), errors)
    assert found.ravel() == pytest.approx([0, 5])


@settings(deadline=None, max_examples=80)
@given(
    st.lists(st.floats(-50, 1e5), min_size=1, max_size=9),
    st.floats(0, 1e6),
    st.integers(0, 99),
    st.booleans(),
)
def test_parts_add_up_to_the_cent(means: list[float], total: float, seed: int, gaps: bool) -> None:
    rng = np.random.default_rng(seed)
    errors = rng.normal(size=(12, len(means)))
    if gaps:
        errors[rng.random(errors.shape) < 0.4] = np.nan
    parts = np.array(means)[:, None]
    for found in (
        to_total(np.array([total]), parts, errors),
        to_total(np.array([total]), parts, errors[:1]),
        in_proportion(np.array([total]), np.maximum(parts, 0), np.zeros(len(means))),
    ):
        assert (found >= 0).all()
        assert sum(cents(pd.Series(found.ravel()))) == round(total * 100)


def test_nothing_expected_is_shared_out_by_what_sold_before() -> None:
    found = in_proportion(np.array([10.0]), np.zeros((2, 1)), np.array([3.0, 1.0]))
    assert found.ravel().tolist() == [7.5, 2.5]


def test_the_interval_of_a_total_holds_and_parts_added_up_as_if_independent_do_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Forty shops of four parts that rise and fall together; truth is what comes."""
    # Theta takes most of the time and changes nothing here: the series have no trend.
    monkeypatch.setitem(rivals.RIVALS, "theta", rivals.recent_mean)
    rng = np.random.default_rng(8)
    shops, parts, weeks, ahead = 40, 4, 36, 4
    together = rng.normal(0, 9, (shops, 1, weeks + ahead))
    sold = 100 + together + rng.normal(0, 3, (shops, parts, weeks + ahead))
    periods = pd.period_range("2024-01-01", periods=weeks, freq="W-SUN")

    def frame(values: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> pd.DataFrame:
        return pd.DataFrame(
            {"series": np.repeat([f"{n:03d}" for n in range(len(values))], weeks),
             "period": np.tile(periods, len(values)), "value": values[:, :weeks].ravel()}
        )  # fmt: skip

    whole = sold.sum(axis=1)
    came = whole[:, weeks:].sum(axis=1)
    own = many(frame(whole), ahead, 1, arima_for=0, jobs=1).table.sort_values("series")
    held = (came >= own["total_lo80"]) & (came <= own["total_hi80"])
    assert float(held.mean()) == pytest.approx(0.8, abs=0.16)
    flat = sold.reshape(shops * parts, -1)
    each = many(frame(flat), ahead, 1, arima_for=0, jobs=1).table.sort_values("series")
    reach = (each["total_hi80"] - each["total"]).to_numpy(float).reshape(shops, parts)
    apart = np.sqrt((reach**2).sum(axis=1))
    middle = each["total"].to_numpy(float).reshape(shops, parts).sum(axis=1)
    assert float((np.abs(came - middle) <= apart).mean()) < 0.64
