"""What the Demand page forecasts of each product, as units a day over the time to cover."""

from datetime import date

import numpy as np
import pandas as pd

from analytics.stock.lead import LeadTime, lead_times
from analytics.store import Store


def cover_days(
    store: Store, review_days: int = 7, lead_time_days: LeadTime | None = None
) -> "pd.Series[float]":
    """Lead time plus review of each product, in days, by product_id.

    Args:
        store: The shop.
        review_days: Days between two looks at the stock.
        lead_time_days: As for `plan`.

    Raises:
        AnalyticsError: No lead time is known.
    """
    items = store.query("stock_products")
    own = np.asarray(items["lead_time_days"].astype(float), dtype=np.float64)
    lead, _, _ = lead_times(own, lead_time_days)
    return pd.Series(lead + review_days, index=items["product_id"].to_numpy())


def expected(points: pd.DataFrame, cover: "pd.Series[float]", as_of: date) -> pd.DataFrame:
    """Units a day to expect of each product until the delivery after the next.

    Args:
        points: The forecast of units: series (product_id), period (days, weeks or months), mean.
            Where it does not reach as far as a product's cover, its days count for the rest.
        cover: Days to cover by product_id.
        as_of: The first of these days.

    Returns:
        DataFrame product_id, daily_demand (units), of the products that are in both.
    """
    known = points[points["series"].isin(cover.index)]
    periods = pd.PeriodIndex(known["period"])
    day = np.datetime64(as_of)
    first = periods.start_time.to_numpy().astype("datetime64[D]")
    after = (periods + 1).start_time.to_numpy().astype("datetime64[D]")
    days = np.maximum(np.rint(known["series"].map(cover).to_numpy(dtype=float)), 1).astype(int)
    inside = np.minimum(after, day + days) - np.maximum(first, day)
    both = pd.DataFrame(
        {
            "product_id": known["series"].to_numpy(),
            "days": np.maximum(inside.astype(int), 0),
            "rate": known["mean"].to_numpy(dtype=float) / (after - first).astype(int),
        }
    )
    both["units"] = both["days"] * both["rate"]
    sums = both.groupby("product_id")[["units", "days"]].sum()
    sums["daily_demand"] = sums["units"] / sums["days"].where(sums["days"] > 0)
    return sums[["daily_demand"]].dropna().reset_index()
