"""What customers will bring: errors by hand, a planted truth, too little data."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest

from analytics.errors import NotEnoughDataError
from analytics.propensity.spending import _scale, errors, revenue
from analytics.store import Store
from tests.propensity.conftest import BEGIN, END

HEADER = "order_id,customer_id,ordered_at,product_id,quantity,unit_price\n"


def test_errors_by_hand() -> None:
    found = errors(np.array([0.0, 10.0, 20.0]), np.array([3.0, 10.0, 11.0]))
    assert found["mean_error"] == pytest.approx(4.0)
    assert found["root_mean_square_error"] == pytest.approx(np.sqrt(30))
    assert found["total_off_share"] == pytest.approx(-0.2)
    assert found["gini"] == pytest.approx(1.0)
    assert np.isnan(errors(np.zeros(2), np.ones(2))["total_off_share"])


def test_lookers_bring_more_and_the_model_knows(planted_shop: Store) -> None:
    found = revenue(planted_shop, 7, END)
    assert found.verdict.winner == "model"
    table = found.table.set_index("method")
    assert table.loc[found.winner, "mean_error"] < table.loc["same", "mean_error"]
    # Orders of a week vary by a tenth or so; the total is scaled to the latest known week.
    assert abs(table.loc[found.winner, "total_off_share"]) < 0.25
    # 0.3 look at a time: 0.3 * 0.6 + 0.7 * 0.05 orders of 5 each.
    assert found.scores["expected_revenue"].mean() == pytest.approx(5 * 0.215, rel=0.25)
    assert found.scores["expected_revenue"].is_monotonic_decreasing


def test_who_spends_the_same_every_month_is_foretold_by_the_rule(
    shop_of: Callable[..., Store],
) -> None:
    lines = [
        f"{who}-{step},c{who},{BEGIN + timedelta(days=10 * step)} 10:00:00,p1,1,{1 + who}"
        for step in range(30)
        for who in range(60)
    ]
    found = revenue(shop_of(orders=HEADER + "\n".join(lines)), 30, BEGIN + timedelta(days=300))
    assert found.winner == "same"
    assert found.table.set_index("method").loc["same", "mean_error"] == 0
    assert found.scores["expected_revenue"].iloc[0] == 3 * 60


def test_too_few_buyers_say_so(shop_of: Callable[..., Store]) -> None:
    lines = [f"{n},c{n % 3},{BEGIN + timedelta(days=n)} 10:00:00,p1,1,5" for n in range(200)]
    with pytest.raises(NotEnoughDataError, match="Fewer than 20 customers brought anything"):
        revenue(shop_of(orders=HEADER + "\n".join(lines)), 30)
    with pytest.raises(NotEnoughDataError, match="go back"):
        revenue(shop_of(orders=HEADER + "\n".join(lines)), 30, date(2020, 1, 1))


def test_a_total_is_scaled_within_reason() -> None:
    came = np.array([10.0, 20.0])
    assert _scale(came, np.array([10.0, 10.0])) == pytest.approx(1.5)
    assert _scale(came, np.array([0.1, 0.1])) == 2.0
    assert _scale(came, np.array([300.0, 0.0])) == 0.5
    assert _scale(np.zeros(2), np.ones(2)) == 1.0


def test_a_shop_that_halves_is_noticed(shop_of: Callable[..., Store]) -> None:
    """From day 200 on everyone orders half as much at a time, with chances that tell them apart."""
    rng = np.random.default_rng(4)
    lines = []
    for who in range(200):
        for day in range(who % 5, 330, 5):
            if rng.random() < 0.2 + 0.5 * (who % 2):
                price = 10 if day < 200 else 5
                lines.append(
                    f"{len(lines)},c{who},{BEGIN + timedelta(days=day)} 10:00:00,p1,1,{price}"
                )
    store = shop_of(orders=HEADER + "\n".join(lines))
    found = revenue(store, 30, BEGIN + timedelta(days=330)).table.set_index("method")
    assert abs(found.loc["boosting", "total_off_share"]) < 0.1
