"""What a bundle of two products would bring, under the shop's own prices and costs.

A bundle is offered at a discount on both. Whoever buys both anyway then pays less; of those who
buy only one, some take the other as well. With prices p, q, a discount d on their sum, B orders
that hold both, X and Y that hold only the first and only the second, and a share s of the latter
that takes the bundle, it brings over the period

    extra revenue = s (X (q − d (p + q)) + Y (p − d (p + q))) − B d (p + q),

and likewise extra margin, with the cost of what is sold more taken off. The share s is not in the
data, since no bundle was offered yet: it is an assumption, and stands beside the share at which
nothing is won or lost. One unit of each is reckoned an order.
"""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics.basket.find import rules
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store


def bundles(
    store: Store,
    discount: float = 0.1,
    uptake: float = 0.05,
    *,
    days: int = 365,
    min_count: int | None = None,
    largest_basket: int | None = None,
    as_of: date | None = None,
) -> pd.DataFrame:
    """What each pair of products bought together would bring as a bundle.

    Args:
        store: The shop.
        discount: Off the two prices together, 0 to 1.
        uptake: The share of those who buy only one that would take the bundle, 0 to 1.
        days: How many days up to the as-of day are looked at; the figures are for as many.
        min_count: The fewest orders that hold both; by default as for `rules`.
        largest_basket: As for `rules`.
        as_of: Only orders before this day count; by default all.

    Returns:
        DataFrame, a row a pair that comes together more often than by chance, the one that brings
        most first (by margin where all costs are known): first, second (products), both_count,
        one_count (orders that hold both, only one), lift, price (money, both together, as paid on
        average), bundle_price, extra_revenue, extra_margin (money over the days; NaN where a cost
        is not known), break_even_share (of those who buy only one, by margin where known, else by
        revenue; NaN where no share would do).

    Raises:
        NotEnoughDataError: As for `rules`, or there are no prices.
        AnalyticsError: Discount, uptake or days make no sense.
    """
    if not 0 <= discount < 1 or not 0 <= uptake <= 1 or days < 1:
        raise AnalyticsError(
            "The discount, the share or the days are not possible.",
            "Choose a discount from 0 to below 1, a share from 0 to 1, and at least a day.",
        )
    until_day = as_of or store.default_as_of()
    from_day = until_day - timedelta(days=days)
    found = rules(
        store, None, 0.0, 2, from_day=from_day, until_day=until_day, min_count=min_count,
        largest_basket=largest_basket,
    )  # fmt: skip
    first, second = found["antecedent"].str[0], found["consequent"]
    pairs = found.assign(first=first, second=second)[(first < second) & (found["lift"] > 1)]
    priced = store.query("basket_products", from_day=from_day, until_day=until_day)
    known = priced.set_index("product_id")[["revenue", "units", "cost"]].astype(float)
    price = known["revenue"] / known["units"].where(known["units"] > 0)
    if price.isna().all():
        raise NotEnoughDataError(
            "The orders do not say what products cost.",
            "Map quantity and line total of the order file on the Data page.",
        )
    p, q = (price.reindex(pairs[name]).to_numpy() for name in ("first", "second"))
    costs = [known["cost"].reindex(pairs[name]).to_numpy() for name in ("first", "second")]
    both = pairs["count"].to_numpy(dtype=float)
    only_first = pairs["antecedent_count"].to_numpy() - both
    only_second = pairs["consequent_count"].to_numpy() - both
    off = discount * (p + q)
    given_away = both * off
    won = only_first * (q - off) + only_second * (p - off)
    won_margin = won - only_first * costs[1] - only_second * costs[0]
    judged = np.where(np.isnan(won_margin), won, won_margin)
    with np.errstate(divide="ignore", invalid="ignore"):
        break_even = np.where(judged > 0, given_away / judged, np.nan)
    shown = pd.DataFrame(
        {
            "first": pairs["first"].to_numpy(),
            "second": pairs["second"].to_numpy(),
            "both_count": pairs["count"].to_numpy(),
            "one_count": (only_first + only_second).astype(np.int64),
            "lift": pairs["lift"].to_numpy(),
            "price": (p + q).round(2),
            "bundle_price": (p + q - off).round(2),
            "extra_revenue": (uptake * won - given_away).round(2),
            "extra_margin": (uptake * won_margin - given_away).round(2),
            "break_even_share": np.where(break_even <= 1, break_even, np.nan),
        }
    )
    best = "extra_revenue" if shown["extra_margin"].isna().any() else "extra_margin"
    return shown.sort_values([best, "first", "second"], ascending=[False, True, True],
                             ignore_index=True)  # fmt: skip
