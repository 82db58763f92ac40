"""Curves, markdowns and price tests: by the textbook's closed form, and by simulation."""

from collections.abc import Callable

import numpy as np
import pytest

from analytics import pricing
from analytics.errors import AnalyticsError
from analytics.pricing.elasticity import noise
from analytics.store import Store
from tests.pricing.conftest import lines_of, shuffled, table_row

PRICES = [7.0, 8.0, 9.0, 10.0, 11.5, 13.0, 15.0]
COSTS = "product_id,name,category,cost\ntea,Green tea,drinks,5.00\npot,Pot,ware,4.00\n"
Sell = Callable[..., Store]


@pytest.fixture
def elastic(sell: Sell, others: list[str]) -> pricing.Elasticities:
    """Tea with elasticity −2 and a cost of 5, at many units, so that chance is small."""
    tea = lines_of("tea", shuffled(PRICES, 3), elasticity=-2, units=4_000, weeks=104, seed=3)
    return pricing.elasticity(sell(others, tea, products=COSTS))


def test_the_best_price_is_the_textbooks(elastic: pricing.Elasticities) -> None:
    """With elasticity e and cost c profit is highest at c e / (e + 1): here 10."""
    found = pricing.curve(elastic, "tea")
    row = table_row(elastic, "tea")
    exact = 5 * row["elasticity"] / (row["elasticity"] + 1)
    assert found.goal == "profit"
    assert found.best_price == pytest.approx(exact, abs=(15 - 7) / 60)
    assert found.best_price == pytest.approx(10, abs=0.7)
    assert found.best_lo <= found.best_price <= found.best_hi
    assert not found.at_edge


def test_units_follow_the_price_by_hand(elastic: pricing.Elasticities) -> None:
    points = pricing.curve(elastic, "tea").points
    near = points[np.isclose(points["price"], 10, atol=0.07)].iloc[0]
    assert near["units"] == pytest.approx(4_000 * (near["price"] / 10) ** -2, rel=0.05)
    assert near["revenue"] == pytest.approx(near["units"] * near["price"], rel=1e-6)
    assert near["profit"] == pytest.approx(near["units"] * (near["price"] - 5), rel=1e-6)


def test_nothing_is_said_beyond_the_prices_seen(elastic: pricing.Elasticities) -> None:
    points = pricing.curve(elastic, "tea").points
    assert points["price"].min() == 7
    assert points["price"].max() == 15
    for name in ("units", "revenue", "profit"):
        assert (points[f"{name}_lo"] <= points[name] + 1e-9).all()
        assert (points[name] <= points[f"{name}_hi"] + 1e-9).all()


def test_an_inelastic_product_is_best_at_the_highest_price_seen(
    sell: Sell, others: list[str]
) -> None:
    tea = lines_of("tea", shuffled(PRICES, 3), elasticity=-0.5, units=2_000, weeks=104, seed=3)
    found = pricing.curve(pricing.elasticity(sell(others, tea)), "tea", "EUR")
    assert found.goal == "revenue"
    assert found.best_price == 15
    assert found.at_edge
    assert "highest price seen" in found.verdict
    assert "EUR" in found.verdict
    assert np.isnan(found.points["profit"]).all()


def test_a_markdown_sells_in_time_at_the_highest_price_that_does(
    elastic: pricing.Elasticities,
) -> None:
    now = table_row(elastic, "tea")["price_now"]
    usual = pricing.curve(elastic, "tea").points
    a_week = float(np.interp(now, usual["price"], usual["units"]))
    assert pricing.markdown(elastic, "tea", a_week, 2).price == now
    twice = pricing.markdown(elastic, "tea", a_week * 8 * 1.2, 8)
    options = twice.options.set_index("price")
    assert options.loc[twice.price, "weeks_to_sell"] <= 8
    dearer = options[options.index > twice.price]
    assert (dearer["weeks_to_sell"] > 8).all()
    assert twice.price < now
    never = pricing.markdown(elastic, "tea", 1e7, 4)
    assert np.isnan(never.price)
    assert "Lower ones have not been tried" in never.verdict
    assert twice.options["price"].min() == 7


def test_what_is_not_identified_gets_no_curve(elastic: pricing.Elasticities) -> None:
    for ask in (
        lambda: pricing.curve(elastic, "pot"),
        lambda: pricing.markdown(elastic, "pot", 10, 4),
    ):
        with pytest.raises(AnalyticsError, match=r"not known\. It had one price"):
            ask()
    with pytest.raises(AnalyticsError, match="has not been sold"):
        pricing.curve(elastic, "nothing")
    with pytest.raises(AnalyticsError, match="nothing to sell off"):
        pricing.markdown(elastic, "tea", 0, 4)


def test_a_price_test_says_prices_weeks_and_what_it_tells(elastic: pricing.Elasticities) -> None:
    test = pricing.price_test(elastic, "pot")
    assert len(test.prices) == 3
    assert test.prices[1] == 10
    assert test.prices[0] == pytest.approx(10 * (1 - test.swing))
    assert len(test.schedule) == test.weeks
    assert (test.schedule["price"].value_counts() == test.weeks / 3).all()
    assert (test.schedule["price"].to_numpy().reshape(-1, 2).std(1) == 0).all()
    assert test.schedule["from_day"].iloc[0].weekday() == 0
    assert test.detectable <= 1.0
    stronger = pricing.price_test(elastic, "pot", 2.0)
    assert stronger.weeks <= test.weeks


def test_the_test_tells_as_often_as_it_promises(sell: Sell, others: list[str]) -> None:
    """Simulated: log units with the product's noise at the schedule's prices, 4,000 times."""
    tea = lines_of("tea", lambda _: 10.0, elasticity=0, units=60, weeks=104, seed=8)
    found = pricing.elasticity(sell(others, tea))
    test = pricing.price_test(found, "tea")
    frame = found.weeks.frame
    usual = noise(frame[frame["product_id"] == "tea"])
    x = np.log(test.schedule["price"].to_numpy(float))
    x = x - x.mean()
    rng = np.random.default_rng(0)
    y = -test.detectable * x + rng.normal(0, usual, (4_000, len(x)))
    y = y - y.mean(1, keepdims=True)
    slope = y @ x / (x @ x)
    error = np.sqrt(((y - slope[:, None] * x) ** 2).sum(1) / (len(x) - 2) / (x @ x))
    told = (np.abs(slope / error) > 1.96).mean()
    assert 0.78 <= told <= 0.93


def test_a_rare_seller_is_told_that_no_test_would_do(sell: Sell, others: list[str]) -> None:
    rare = lines_of("rare", lambda _: 10.0, elasticity=0, units=0.5, weeks=104, seed=8)
    test = pricing.price_test(pricing.elasticity(sell(others, rare)), "rare")
    assert test.weeks == 0
    assert test.schedule.empty
    assert "it sells too little" in test.verdict
    with pytest.raises(AnalyticsError, match=r"0\.1 to 10"):
        pricing.price_test(pricing.elasticity(sell(others, rare)), "rare", 0)


def test_no_test_goes_below_cost(sell: Sell, others: list[str]) -> None:
    costs = "product_id,name,cost\npot,Pot,8.80\ncup,Cup,9.90\n"
    found = pricing.elasticity(sell(others, products=costs))
    assert pricing.price_test(found, "pot").options["swing_share"].tolist() == [0.10]
    assert "too close to its cost" in pricing.price_test(found, "cup").verdict


def test_everybody_pays_one_price() -> None:
    assert "never show different people different prices" in pricing.GUARD
