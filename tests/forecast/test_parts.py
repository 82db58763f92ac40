"""All parts of the shop with events and season: the same season is on each that shows it."""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pytest

from analytics import forecast
from analytics.store import Store, inspect, load

START = date(2022, 1, 3)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Two years and 44 weeks; toys sell three times as much from week 47 to 51, tea never."""
    rng = np.random.default_rng(3)
    lines = ["order_id,customer_id,ordered_at,product_id,amount"]
    for week in range(52 * 2 + 44):
        for product, times in (("toy", 3.0 if week % 52 in range(46, 51) else 1.0), ("tea", 1.0)):
            amount = 100 * times * rng.lognormal(0, 0.05)
            day = START + timedelta(days=7 * week + 6)
            lines.append(f"{product}{week},c{week % 9},{day},{product},{amount:.2f}")
    file = tmp_path_factory.mktemp("parts") / "orders.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with Store() as filled:
        load(filled, file, inspect(file, table="orders"), import_day=date(2030, 1, 1))
        yield filled


def test_a_season_is_on_the_part_that_shows_it(shop: Store) -> None:
    whole = forecast.series(shop, freq="W").of("total")
    calendar = forecast.calendar(shop, whole.index, 8)  # type: ignore[arg-type]
    sold = forecast.series(shop, "product", "W")
    made = forecast.parts(sold, whole, 8, calendar, jobs=1)
    points = {key: part["mean"].to_numpy() for key, part in made.points.groupby("series")}
    assert points["toy"][:2] == pytest.approx(100, rel=0.15)
    assert points["toy"][2:7] == pytest.approx(300, rel=0.15)
    assert points["tea"] == pytest.approx(100, rel=0.15)
    table = made.table.set_index("series")
    assert table.loc["toy", "total"] == pytest.approx(points["toy"].sum())
    assert table.loc["toy", "total_lo80"] < table.loc["toy", "total"] < 1900
    assert table.loc["tea", "before"] == pytest.approx(sold.of("tea").tail(8).sum())
