"""Elasticities: planted ones are found, what cannot be told is refused with its reason."""

import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from analytics import pricing
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.pricing.elasticity import slope
from analytics.store import Store, inspect, load, load_folder
from tests.pricing.conftest import lines_of, shuffled, table_row

ROOT = Path(__file__).parents[2]
PRICES = [8.0, 9.0, 10.0, 11.5, 13.0]
Sell = Callable[..., Store]


@pytest.mark.parametrize("planted", [-2.5, -1.0, 0.0])
def test_a_planted_elasticity_is_found(sell: Sell, others: list[str], planted: float) -> None:
    tea = lines_of("tea", shuffled(PRICES, 1), elasticity=planted, units=120, weeks=104, seed=11)
    found = pricing.elasticity(sell(others, tea))
    row = table_row(found, "tea")
    assert row["identified"]
    assert row["lo"] <= planted <= row["hi"]
    assert row["hi"] - row["lo"] < 0.8
    assert row["prices"] == 5
    assert (row["lowest_price"], row["highest_price"]) == (8.0, 13.0)
    assert not found.table.set_index("key").drop(index="tea")["identified"].any()
    assert found.verdict == ("The shop's own prices tell how demand answers for 1 of 4 products.")


def test_the_slope_is_that_of_one_regression(sell: Sell, others: list[str]) -> None:
    """Beside statsmodels' ordinary least squares with clustered errors on the same columns."""
    tea = lines_of("tea", shuffled(PRICES, 1), elasticity=-1.5, units=120, weeks=104, seed=4)
    found = pricing.elasticity(sell(others, tea))
    rows = found.weeks.frame[found.weeks.frame["product_id"] == "tea"]
    time = rows["week"] / 52.1786
    columns = pd.DataFrame(
        {
            "price": np.log(rows["price"]), "others": np.log(rows["others"]),
            "reduced": rows["reduced_share"], "time": time - time.mean(),
            "sin": np.sin(2 * np.pi * time), "cos": np.cos(2 * np.pi * time),
        }
    ).drop(columns="reduced")  # fmt: skip
    other = sm.OLS(np.log(rows["units"]), sm.add_constant(columns)).fit()
    clustered = other.get_robustcov_results("cluster", groups=rows["spell"])
    row = table_row(found, "tea")
    assert row["alone"] == pytest.approx(other.params["price"], abs=1e-6)
    place = list(other.params.index).index("price")
    assert row["standard_error"] == pytest.approx(
        max(clustered.bse[place], other.bse["price"]), rel=0.02
    )


@pytest.mark.parametrize("lasting", [0.0, 0.5])
def test_intervals_hold_the_truth_as_often_as_they_say(lasting: float) -> None:
    """300 products of two years, also where good and bad weeks follow each other."""
    week = np.arange(104)
    inside = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        price = shuffled(PRICES, seed)
        tag = np.array([price(int(each)) for each in week])
        luck = np.zeros(104)
        for each in week[1:]:
            luck[each] = lasting * luck[each - 1] + rng.normal(0, 0.15)
        part = pd.DataFrame(
            {
                "week": 2800 + week, "price": tag, "others": rng.poisson(180, 104),
                "units": np.maximum(rng.poisson(60 * np.exp(luck) / (tag / 10)), 1),
                "reduced_share": 0.0, "spell": np.cumsum(np.diff(tag, prepend=0) != 0),
            }
        )  # fmt: skip
        found: Any = slope([part])
        half = stats.t.ppf(0.975, found["freedom"]) * found["standard_error"]
        inside.append(abs(found["alone"] + 1) <= half)
    assert 0.90 <= np.mean(inside) <= 0.985


def test_a_seasonal_price_cannot_be_told_apart(sell: Sell, others: list[str]) -> None:
    def summer(week: int) -> float:
        return float(np.round(10 + 3 * np.cos(2 * np.pi * (week // 2 * 2) / 52.1786), 1))

    tea = lines_of("tea", summer, elasticity=-2, units=120, weeks=104, seed=5, season=0.5)
    row = table_row(pricing.elasticity(sell(others, tea)), "tea")
    assert not row["identified"]
    assert "season" in row["why"]
    assert np.isnan(row["elasticity"])


def test_a_price_that_only_rises_cannot_be_told_apart(sell: Sell, others: list[str]) -> None:
    tea = lines_of(
        "tea", lambda week: 8.0 + week // 10, elasticity=-1, units=120, weeks=104, seed=5
    )
    row = table_row(pricing.elasticity(sell(others, tea)), "tea")
    assert not row["identified"]
    assert "time" in row["why"]


def test_a_price_that_moves_with_promotions_only(sell: Sell, others: list[str]) -> None:
    def price(week: int) -> float:
        return [7.0, 8.0, 9.0][week // 4 % 3] if week % 4 == 0 else 10.0

    tea = lines_of("tea", price, elasticity=-1, units=120, weeks=104, seed=5,
                   reduced=lambda week: week % 4 == 0)  # fmt: skip
    row = table_row(pricing.elasticity(sell(others, tea)), "tea")
    assert not row["identified"]
    assert "only with promotions" in row["why"]


def test_several_prices_in_one_week_are_no_price(sell: Sell, others: list[str]) -> None:
    """The same product at two tags at a time, as with prices by store."""
    low, high = (
        lines_of("tea", lambda week, times=times: times * shuffled(PRICES, 1)(week),
                 elasticity=-1, units=60, weeks=104, seed=seed)
        for times, seed in ((1.0, 5), (1.2, 6))
    )  # fmt: skip
    renamed = [f"h{line}" for line in high]
    row = table_row(pricing.elasticity(sell(others, low, renamed)), "tea")
    assert not row["identified"]
    assert "several prices in the same week" in row["why"]


def test_discounts_that_move_more_than_the_price(sell: Sell, others: list[str]) -> None:
    tea = lines_of(
        "tea", shuffled(PRICES, 1), elasticity=-1, units=120, weeks=104, seed=5, share_off=0.5,
        reduced=lambda week: week % 5 < 3,
    )  # fmt: skip
    row = table_row(pricing.elasticity(sell(others, tea)), "tea")
    assert not row["identified"]
    assert "mostly by discounts" in row["why"]


@pytest.mark.parametrize(
    ("price", "units", "weeks", "why"),
    [
        (lambda week: 10.0 + week // 6 % 2 * 2, 120, 104, "It had 2 prices"),
        (lambda _: 10.0, 120, 104, "It had one price"),
        (lambda week: [9.8, 10.0, 10.2][week // 3 % 3], 120, 104, "too little"),
        (lambda week: [8.0, 10.0, 13.0][week // 3 % 3], 120, 20, "sold in 20 weeks"),
        (lambda week: [8.0, 10.0, 13.0][week // 3 % 3], 0.7, 104, "too rarely"),
    ],
)
def test_too_little_is_refused(
    sell: Sell, others: list[str], price: Any, units: float, weeks: int, why: str
) -> None:
    tea = lines_of("tea", price, elasticity=-1, units=units, weeks=weeks, seed=6)
    early = [line for line in others if int(line.split(",")[0][3:].split("-")[0]) < weeks]
    row = table_row(pricing.elasticity(sell(early, tea)), "tea")
    assert not row["identified"]
    assert why in row["why"]


def test_estimates_are_drawn_together_and_the_uncertain_ones_most(
    sell: Sell, others: list[str]
) -> None:
    rng = np.random.default_rng(2)
    truth = rng.normal(-1.5, 0.1, 8)
    sizes = [20, 20, 20, 20, 300, 300, 300, 300]
    parts = [
        lines_of(f"a{n}", shuffled(PRICES, n), elasticity=truth[n], units=sizes[n], weeks=104,
                 seed=20 + n)
        for n in range(8)
    ]  # fmt: skip
    table = pricing.elasticity(sell(others, *parts)).table
    known = table[table["identified"]].set_index("key")
    assert len(known) == 8
    assert known["elasticity"].std() < known["alone"].std()
    moved = (known["elasticity"] - known["alone"]).abs()
    assert moved[["a0", "a1", "a2", "a3"]].mean() > moved[["a4", "a5", "a6", "a7"]].mean()
    planted = pd.Series(truth, index=[f"a{n}" for n in range(8)])
    planted = planted.reindex(known.index)
    assert ((known["lo"] <= planted) & (planted <= known["hi"])).sum() >= 7


def test_a_category_needs_three_products_that_tell(sell: Sell, others: list[str]) -> None:
    parts = [
        lines_of(f"t{n}", shuffled(PRICES, n), elasticity=-1.5, units=80, weeks=104, seed=40 + n)
        for n in range(3)
    ]
    products = "product_id,name,category\n" + "".join(
        f"{key},{key},{category}\n"
        for key, category in (
            ("t0", "tea"), ("t1", "tea"), ("t2", "tea"), ("pot", "ware"), ("cup", "ware"),
        )
    )  # fmt: skip
    found = pricing.elasticity(sell(others, *parts, products=products), by="category")
    tea, ware = table_row(found, "tea"), table_row(found, "ware")
    assert tea["identified"]
    assert tea["lo"] <= -1.5 <= tea["hi"]
    assert ware["why"] == "Of its 2 products 0 had prices that tell; 3 are the fewest."


def test_categories_need_a_product_file(sell: Sell, others: list[str]) -> None:
    with pytest.raises(AnalyticsError, match="No product has a category"):
        pricing.elasticity(sell(others), by="category")


def test_part_of_a_week_changes_nothing(sell: Sell, others: list[str]) -> None:
    tea = lines_of("tea", shuffled(PRICES, 1), elasticity=-2, units=120, weeks=104, seed=9)
    store = sell(others, tea)
    whole = pricing.elasticity(store, as_of=date(2025, 12, 1))
    more = pricing.elasticity(store, as_of=date(2025, 12, 4))
    pd.testing.assert_frame_equal(whole.table, more.table)


def test_an_empty_store_an_early_day_and_no_prices(
    store: Store, write: Callable[..., Path]
) -> None:
    with pytest.raises(NotEnoughDataError):
        pricing.elasticity(store)
    text = "order_id,customer_id,ordered_at,amount\n1,c,2024-01-01,5.00\n2,c,2024-01-20,5.00\n"
    path = write("orders.csv", text)
    load(store, path, inspect(path, table="orders"))
    with pytest.raises(NotEnoughDataError, match="Nothing was sold before 1 January 2024"):
        pricing.elasticity(store, as_of=date(2024, 1, 1))
    with pytest.raises(AnalyticsError, match="No order line tells a product"):
        pricing.elasticity(store)


def test_without_unit_prices_they_follow_from_the_line(
    store: Store, write: Callable[..., Path]
) -> None:
    rows = "".join(f"{n},c,2024-01-{n:02d},tea,2,1.00,19.00,EUR\n" for n in range(1, 29))
    path = write(
        "orders.csv",
        "order_id,customer_id,ordered_at,product_id,quantity,discount,amount,currency\n" + rows,
    )
    load(store, path, inspect(path, table="orders"))
    assert table_row(pricing.elasticity(store), "tea")["price_now"] == pytest.approx(10)


@pytest.fixture(scope="module")
def sample() -> Iterator[Store]:
    with Store() as filled:
        load_folder(filled, ROOT / "sample_data")
        yield filled


def test_the_sample_shops_truths_are_found_and_all_else_refused(sample: Store) -> None:
    found = pricing.elasticity(sample)
    for key, planted in {"P001": -2.0, "P046": -0.8}.items():
        row = table_row(found, key)
        assert row["identified"]
        assert row["lo"] <= planted <= row["hi"]
        assert (row["hi"] - row["lo"]) / 2 <= 0.6
    assert found.table["identified"].sum() == 2
    assert len(found.table) == 120
    by_category = pricing.elasticity(sample, by="category")
    assert not by_category.table["identified"].any()


@pytest.mark.parametrize("seed", [1, 8])
def test_other_seeds_truths_are_found(
    seed: int, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(ROOT / "sample_data"), *sys.path])
    import make

    shop = make.generate(seed)
    make.write(shop, tmp_path)
    path = tmp_path / "orders.csv"
    load(store, path, inspect(path, table="orders"))
    found = pricing.elasticity(store)
    for key, planted in shop.truth.elasticities.items():
        row = table_row(found, key)
        assert row["lo"] <= planted <= row["hi"]
        assert (row["hi"] - row["lo"]) / 2 <= 0.6
    assert found.table["identified"].sum() == 2
