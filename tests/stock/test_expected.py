"""Forecasts by period become units a day over the time to cover: by hand."""

from datetime import date

import pandas as pd
import pytest

from analytics import stock


def points(product: str, means: list[float]) -> pd.DataFrame:
    periods = pd.period_range("2026-03-02", periods=len(means), freq="W-SUN")
    return pd.DataFrame({"series": product, "period": periods, "mean": means})


def test_days_count_by_the_week_they_lie_in() -> None:
    both = pd.concat([points("tea", [7.0, 14.0, 70.0]), points("cup", [7.0, 14.0, 70.0])])
    cover = pd.Series({"tea": 7.0, "cup": 14.0, "pot": 7.0})
    # From Thursday 5 March: four days at 1 a day, three at 2; then four more at 2, three at 10.
    found = stock.expected(both, cover, date(2026, 3, 5)).set_index("product_id")["daily_demand"]
    assert found["tea"] == pytest.approx((4 * 1 + 3 * 2) / 7)
    assert found["cup"] == pytest.approx((4 * 1 + 7 * 2 + 3 * 10) / 14)
    assert "pot" not in found.index


def test_beyond_the_forecast_its_days_count_for_the_rest() -> None:
    cover = pd.Series({"tea": 70.0})
    found = stock.expected(points("tea", [7.0, 21.0]), cover, date(2026, 3, 2))
    assert found["daily_demand"].tolist() == [2.0]
    assert stock.expected(points("tea", [7.0]), cover, date(2026, 6, 1)).empty
