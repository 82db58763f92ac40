"""What is bought after what: within so many days of first buying one item, customers buy another.

A case is a customer's first purchase of an item that has all those days after it. What they would
buy in these days anyway depends on how much they buy, so the expected number of cases is taken
from all orders after which as much was bought (in steps of about a quarter, on a logarithmic
scale): E = Σ over steps of cases × share of such orders followed by the item. What follows is part
of how much is bought, which errs on the safe side. Lift is observed over expected. As a customer is
one case at most, cases are independent, and the one-sided p-value is the tail of a Poisson
distribution with mean E, which for sums of yes-or-no cases errs on the safe side (Hoeffding, On the
distribution of the number of successes, 1956). The q-value is Benjamini & Hochberg's over all
ordered pairs of items that enough customers bought.

Those who like one item may like another, and then buy it after the first, but before it as well:
taste is no sequence. So what seems clear is also counted with each customer's days of orders
shuffled, which keeps what they buy and how often and takes away what comes after what. If the order
does not matter, the count is one among such counts, so that given their sum it is binomial, and the
larger of both p-values and of both expected counts stands.
"""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scipy import stats

from analytics.basket.confirm import LEVEL
from analytics.basket.find import Floats, adjusted, usefulness
from analytics.basket.read import Baskets, By, Whole, least_of, read
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store

MOST_LOOKS = 200_000_000
"""The most purchases that are looked at after first ones, as often as they are."""
SHUFFLES = 30
SEED = 0
COLUMNS = [
    "antecedent", "consequent", "support", "confidence", "lift", "count", "antecedent_count",
    "mean_days", "p_value", "q_value", "usefulness",
]  # fmt: skip


def sequences(
    store: Store,
    within_days: int = 30,
    min_support: float | None = None,
    min_confidence: float = 0.05,
    by: By = "product_id",
    *,
    from_day: date | None = None,
    until_day: date | None = None,
) -> pd.DataFrame:
    """After x, within so many days, y.

    Args:
        store: The shop.
        within_days: How many days, 1 or more; the day of the purchase itself does not count.
        min_support: The smallest share of customers who bought x and then y, 0 to 1; by default at
            least 5 customers and one in a thousand.
        min_confidence: The smallest share of those who bought x and had the days.
        by: Whether items are products or categories.
        from_day: Only orders from this day on.
        until_day: Only orders before this day; by default all.

    Returns:
        DataFrame, the most useful first: antecedent, consequent (items), support (share of all
        customers), confidence (share of the customers who first bought x early enough), lift,
        count (customers who did), antecedent_count (customers who could), mean_days (from x to the
        next y), p_value, q_value (0 to 1; nothing is filtered by them), usefulness.

    Raises:
        NotEnoughDataError: There are no products, no known customers or too few days.
        AnalyticsError: An argument makes no sense, or there is too much to count.
    """
    if within_days < 1:
        raise AnalyticsError(f"{within_days} days are not possible.", "Choose 1 or more.")
    last_day = (until_day or store.default_as_of()) - timedelta(days=1 + within_days)
    with read(store, by, from_day=from_day, until_day=until_day, together=False) as baskets:
        known = pc.is_valid(baskets.table["customer"])
        table = baskets.table.filter(known)
        customers = len(baskets.customers)
        least = least_of(customers, min_support)
        if not table.num_rows or pc.min(table["day"]).as_py() > last_day:
            raise NotEnoughDataError(
                f"No known customer ordered {within_days} days or more before the end of the data.",
                "Choose fewer days, or wait for more orders.",
            )
        frequent = _frequent(table, len(baskets.items), least)
        asked = {"within_days": within_days, "last_day": last_day}
        held = table.filter(pa.array(frequent[table["item"].to_numpy()]))
        firsts = store.query("basket_firsts", tables={"baskets": held}, **asked)
        looks = int(firsts.loc[firsts["item"].notna(), "lines"].sum())
        if looks > MOST_LOOKS:
            raise AnalyticsError(
                f"{looks:,} purchases would have to be looked at after others, which is more than "
                "this machine can count.",
                "Ask for more customers, fewer days, or compare categories.",
            )
        followed = store.query("basket_followed", tables={"baskets": held}, **asked)
        found = store.query("basket_sequences", tables={"baskets": held}, least=least, **asked)
        could, expected = _expected(len(baskets.items), found, firsts, followed)
        count = found["customers"].to_numpy()
        p_value = stats.poisson.sf(count - 1, expected)
        family = max(int(frequent.sum() * (frequent.sum() - 1)), len(found))
        seems = adjusted(p_value, family) <= LEVEL
        if seems.any():
            by_taste = _shuffled(store, held, found[seems], asked)
            expected[seems] = np.maximum(expected[seems], by_taste / SHUFFLES)
            among = stats.binom.sf(count[seems] - 1, count[seems] + by_taste, 1 / (SHUFFLES + 1))
            p_value[seems] = np.maximum(p_value[seems], among)
        result = _named(baskets, found, could, expected, customers)
        result["p_value"], result["q_value"] = p_value, adjusted(p_value, family)
        result = result[result["confidence"] >= min_confidence - 1e-12]
        return result.sort_values(
            ["usefulness", "count", "antecedent", "consequent"],
            ascending=[False, False, True, True], ignore_index=True,
        )[COLUMNS]  # fmt: skip


def _frequent(table: pa.Table, items: int, least: int) -> np.ndarray:
    """Whether enough customers bought each item."""
    pairs = table["customer"].to_numpy() * items + table["item"].to_numpy()
    return np.bincount(np.unique(pairs) % items, minlength=items) >= least


def _expected(
    items: int, found: pd.DataFrame, firsts: pd.DataFrame, followed: pd.DataFrame
) -> tuple[Whole, Floats]:
    """How many customers could have bought the second item of each sequence, and would anyway."""
    steps = {step: place for place, step in enumerate(sorted(firsts["richness"].unique()))}
    cases, after = np.zeros((items, len(steps))), np.zeros((items, len(steps)))
    places = firsts["richness"].map(steps).to_numpy(dtype=np.int64)
    is_any = firsts["item"].isna().to_numpy()
    many = firsts["windows"].to_numpy(dtype=float)
    windows = np.bincount(places[is_any], many[is_any], minlength=len(steps))
    cases[firsts["item"].to_numpy(dtype=float)[~is_any].astype(int), places[~is_any]] = many[
        ~is_any
    ]
    places = followed["richness"].map(steps).to_numpy(dtype=np.int64)
    after[followed["item"].to_numpy(dtype=np.int64), places] = followed["windows"].to_numpy()
    share = after / np.maximum(windows, 1)
    one, two = (found[name].to_numpy(dtype=np.int64) for name in ("item_1", "item_2"))
    return cases[one].sum(axis=1).astype(np.int64), (cases[one] * share[two]).sum(axis=1)


def _shuffled(store: Store, held: pa.Table, found: pd.DataFrame, asked: dict[str, Any]) -> Whole:
    """How many customers show each sequence when days are shuffled, over all shuffles."""
    items = pa.array(np.unique(found[["item_1", "item_2"]].to_numpy()))
    pairs = pd.MultiIndex.from_frame(found[["item_1", "item_2"]])
    customer, day = (held[name].to_numpy() for name in ("customer", "day"))
    days = pd.DataFrame({"customer": customer, "day": day})
    place = days.groupby(["customer", "day"]).ngroup().to_numpy()
    first = np.unique(place, return_index=True)[1]
    among = pc.is_in(held["item"], items)
    rng = np.random.default_rng(SEED)
    total = np.zeros(len(found), dtype=np.int64)
    for _ in range(SHUFFLES):
        # Sorted by customer and a random number, a customer's days stand in a random order.
        other = np.lexsort((rng.random(len(first)), customer[first]))
        moved = held.set_column(
            held.column_names.index("day"), "day", pa.array(day[first][other][place])
        )
        counted = store.query(
            "basket_sequences", tables={"baskets": moved.filter(among)}, least=1, **asked
        ).set_index(["item_1", "item_2"])["customers"]
        total += counted.reindex(pairs, fill_value=0).to_numpy()
    return total


def _named(
    baskets: Baskets, found: pd.DataFrame, could: Whole, expected: Floats, customers: int
) -> pd.DataFrame:
    """The sequences by name, with their measures."""
    count = found["customers"].to_numpy()
    confidence, lift = count / could, count / expected
    one, two = (found[name].to_numpy(dtype=np.int64) for name in ("item_1", "item_2"))
    return pd.DataFrame(
        {
            "antecedent": pd.Series(baskets.items[one], dtype="str"),
            "consequent": pd.Series(baskets.items[two], dtype="str"),
            "support": count / customers,
            "confidence": confidence,
            "lift": lift,
            "count": count,
            "antecedent_count": could,
            "mean_days": found["days"].to_numpy() / count,
            "usefulness": usefulness(confidence, lift, count),
        }
    )
