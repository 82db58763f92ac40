"""What each product sold in each week, and at which price on the tag."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store

Floats = npt.NDArray[np.float64]

FIRST_MONDAY = date(1969, 12, 29)
COLUMNS = [
    *("product_id", "week", "price", "tag", "tag_share", "units", "others", "reduced_share"),
    *("kept_share", "promoted", "revenue", "spell"),
]
PROMOTED_SHARE = 0.5
PROMOTED_TIMES = 2.0


@dataclass(frozen=True)
class Weeks:
    """Weeks of products.

    Attributes:
        frame: A row a product and week with a sale, whole weeks only: product_id, week (number),
            price (mean of the units, before discounts), tag (the price most units had), tag_share
            (of units at it, 0 to 1), units,
            others (units of all other products), reduced_share (of units with a discount or
            coupon, 0 to 1), kept_share (of the price that was paid after them, 0 to 1), promoted
            (far more reduced units than usual), revenue, spell (number of the run of weeks with
            the same tag).
        products: A row a product: product_id, name, category, cost.
        first, last: The first and last whole week.
    """

    frame: pd.DataFrame
    products: pd.DataFrame
    first: int
    last: int


def monday(week: int) -> date:
    """The day a week begins on."""
    return FIRST_MONDAY + timedelta(days=7 * int(week))


def weeks(store: Store, as_of: date | None = None) -> Weeks:
    """Read the weeks before a day.

    Raises:
        NotEnoughDataError: Nothing was sold before that day, or in no whole week.
        AnalyticsError: The files do not tell products and quantities.
    """
    until = as_of or store.default_as_of()
    span = store.query("price_span", until_day=until).iloc[0]
    if pd.isna(span["first_day"]):
        raise NotEnoughDataError(
            f"Nothing was sold before {until.day} {until:%B %Y}.", "Choose a later day."
        )
    rows = store.query("price_weeks", until_day=until)
    if rows.empty:
        raise AnalyticsError(
            "No order line tells a product, a quantity and a price.",
            "Map these columns of the order file on the Data page.",
        )
    begun, ended = (pd.Timestamp(span[name]).date() for name in ("first_day", "last_day"))
    first = -(-(begun - FIRST_MONDAY).days // 7)
    last = (ended + timedelta(days=1) - FIRST_MONDAY).days // 7 - 1
    rows = rows[(rows["week"] >= first) & (rows["week"] <= last)]
    if rows.empty:
        raise NotEnoughDataError(
            f"There is no whole week with a sale before {until.day} {until:%B %Y}.",
            "Choose a later day.",
        )
    for name in ("price", "units", "reduced_units", "paid", "revenue"):
        rows[name] = rows[name].astype(float)
    products = store.query("price_products")
    products["cost"] = products["cost"].astype(float)
    return Weeks(_by_week(rows), products, int(first), int(last))


def _by_week(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.assign(worth=rows["price"] * rows["units"])
    most = rows.sort_values(["units", "price"], ascending=[False, True], kind="stable")
    tags = most.drop_duplicates(["product_id", "week"]).set_index(["product_id", "week"])
    sums = rows.groupby(["product_id", "week"], sort=True)[
        ["units", "reduced_units", "paid", "revenue", "worth"]
    ].sum()
    frame = sums.join(tags[["price", "units"]].set_axis(["tag", "at_tag"], axis=1)).reset_index()
    frame["tag_share"] = frame["at_tag"] / frame["units"]
    frame["price"] = frame["worth"] / frame["units"]
    total = frame.groupby("week")["units"].transform("sum")
    frame["others"] = total - frame["units"]
    frame["reduced_share"] = frame["reduced_units"] / frame["units"]
    frame["kept_share"] = (frame["paid"] / frame["worth"]).clip(0.01, 1.0)
    usual = frame.groupby("product_id")["reduced_share"].transform("median")
    frame["promoted"] = (frame["reduced_share"] >= PROMOTED_SHARE) & (
        frame["reduced_share"] > PROMOTED_TIMES * usual
    )
    new = (frame["product_id"] != frame["product_id"].shift()) | (
        frame["tag"] != frame["tag"].shift()
    )
    frame["spell"] = new.cumsum()
    return frame[COLUMNS]
