"""The season calendar: planted seasons are found, growth is no season, one year says so."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from analytics import forecast
from analytics.errors import NotEnoughDataError
from analytics.store import Store, inspect, load, load_folder

SAMPLE = Path(__file__).parents[2] / "sample_data"
HEADER = "order_id,customer_id,ordered_at,product_id,amount\n"
PRODUCTS = "product_id,name,category\nice,Ice,Frozen\ntea,Tea,Drinks\n"


@pytest.fixture
def shop_of(store: Store, tmp_path: Path) -> Callable[..., Store]:
    """Tea sells 10 a day and ice 10, but 30 in July; all times `growth` a year."""

    def made(days: int, growth: float = 1.0) -> Store:
        lines = []
        for n in range(days):
            day = date(2022, 1, 1) + timedelta(days=n)
            level = growth ** (n / 365)
            ice = 30 if day.month == 7 else 10
            lines.append(f"t{n},c{n % 7},{day} 10:00:00,tea,{10 * level:.2f}\n")
            lines.append(f"i{n},c{n % 3},{day} 10:00:00,ice,{ice * level:.2f}\n")
        for table, text in {"orders": HEADER + "".join(lines), "products": PRODUCTS}.items():
            file = tmp_path / f"{table}.csv"
            file.write_text(text, encoding="utf-8")
            load(store, file, inspect(file, table=table), import_day=date(2030, 1, 1))
        return store

    return made


def by_month(found: forecast.Seasons, part: str) -> dict[int, float]:
    rows = found.months[found.months["series"] == part]
    return dict(zip(rows["month"], rows["index"], strict=True))


def test_the_index_is_a_month_s_mean_day_over_the_year_s(shop_of: Callable[..., Store]) -> None:
    found = forecast.seasons(shop_of(365 * 2))
    frozen = by_month(found, "Frozen")
    mean = (11 * 10 + 30) / 12
    assert frozen[7] == pytest.approx(30 / mean)
    assert frozen[1] == pytest.approx(10 / mean)
    assert list(by_month(found, "Drinks").values()) == pytest.approx([1.0] * 12)
    assert found.years == 2
    assert found.months.columns.tolist() == [
        *("series", "month", "index"), "2022-12-31", "2023-12-31",
    ]  # fmt: skip


def test_growth_is_no_season(shop_of: Callable[..., Store]) -> None:
    found = forecast.seasons(shop_of(365 * 3, growth=1.5))
    assert list(by_month(found, "Drinks").values()) == pytest.approx([1.0] * 12, abs=0.02)
    weeks = found.weeks[found.weeks["series"] == "Drinks"]["index"]
    assert weeks.to_numpy() == pytest.approx(1.0, abs=0.03)


def test_one_year_is_said_to_be_one(shop_of: Callable[..., Store]) -> None:
    found = forecast.seasons(shop_of(365 + 20))
    assert found.years == 1
    assert "in the one year the data hold" in found.sentence


def test_less_than_a_year_says_what_is_missing(shop_of: Callable[..., Store]) -> None:
    with pytest.raises(NotEnoughDataError, match="after a whole year of orders"):
        forecast.seasons(shop_of(300))


def test_next_month_s_season_is_promoted(shop_of: Callable[..., Store]) -> None:
    shop = shop_of(365 * 2)
    before = forecast.seasons(shop, as_of=date(2023, 6, 20))
    assert before.month == date(2023, 7, 1)
    assert before.sentence == (
        "Promote Frozen in July: it sells 157% more then than in a usual month, in the one year "
        "the data hold."
    )
    assert before.next_month["series"].tolist() == ["Frozen", "Drinks"]
    later = forecast.seasons(shop, as_of=date(2024, 1, 1))
    assert later.month == date(2024, 1, 1)
    assert "In January nothing sells clearly better" in later.sentence
    assert "The next season is July, when Frozen sells 157% more" in later.sentence


def test_the_buyers_of_a_category_are_a_list(shop_of: Callable[..., Store]) -> None:
    shop = shop_of(60)
    found = shop.query("demand_people", category="Frozen", as_of=date(2022, 2, 1))
    assert set(found["customer_id"]) == {"c0", "c1", "c2"}
    assert found["orders_with"].sum() == 31
    assert float(found["revenue"].sum()) == 310.0


@pytest.fixture(scope="module")
def sample_shop() -> Iterator[Store]:
    """The sample shop; read from it only."""
    with Store() as filled:
        load_folder(filled, SAMPLE)
        yield filled


def test_the_sample_shop_sells_most_before_christmas(sample_shop: Store) -> None:
    found = forecast.seasons(sample_shop, by="total")
    months = by_month(found, "total")
    assert sorted(months, key=months.__getitem__)[-2:] == [11, 12]
    assert min(months[11], months[12]) > 1.5
    festivals = found.festivals.set_index("festival")
    assert festivals.loc["Black Friday", "years"] == 2
    # TRUTH.md: 3.26 and 2.36 times the orders of the same weekdays a week before and after.
    assert festivals.loc["Black Friday", "index"] == pytest.approx(3.26, abs=0.6)
    orders = forecast.seasons(sample_shop, by="total", measure="orders").festivals
    singles = orders.set_index("festival").loc["Singles’ Day (11.11)", "index"]
    assert singles == pytest.approx(2.36, abs=0.3)
    assert np.isfinite(found.weeks["index"]).all()
