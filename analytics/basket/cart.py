"""What to add to a cart, and how often such advice would have been right.

Each item of the cart speaks for what is bought with it: confidence × log2(lift), where at least
three orders hold both and chance is ruled out (Fisher's exact test, one-sided, at 1% over all items
that the cart's item could have been bought with: Bonferroni). What is offered first has the highest
sum; best sellers fill the rest. Ranked by lift alone, rarities would come first and fewer carts
would be completed; without the test, luck would crowd out best sellers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse, stats

from analytics.basket.count import frequent_sets
from analytics.basket.find import LEAST_TOGETHER, Floats, usefulness
from analytics.basket.read import CODE_VERSION, Baskets, By, Whole, read
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store

LEVEL = 0.01
MOST_CARTS = 5_000
"""Of more later orders so many, drawn at random, are tried."""


@dataclass(frozen=True)
class HitRate:
    """How often one of the items offered was the one left out of a cart.

    Attributes:
        carts: Later orders of two items or more that were tried, at most 5,000 of them.
        n: How many items were offered for each.
        hit_rate: Share of carts completed by what goes together, 0 to 1.
        best_seller_hit_rate: The same by the best sellers that are not in the cart.
        split_day: The first day of the later orders.
    """

    carts: int
    n: int
    hit_rate: float
    best_seller_hit_rate: float
    split_day: date


def keep(store: Store, by: By = "product_id", as_of: date | None = None) -> str:
    """What each order held, as a kept table of the store, made only if it is not there yet.

    Args:
        store: The shop.
        by: Whether items are products or categories.
        as_of: Only orders before this day; by default all.

    Returns:
        The name to hand to `store.query(tables={"lines": …})`: basket_id, customer_id, day, item.
    """
    day = as_of or store.default_as_of()
    stamp = f"{store.version}_{day}_{by}_{CODE_VERSION}"
    return store.kept("basket_lines", stamp) or store.keep(
        "basket_lines", stamp,
        store.arrow("basket_lines", by=by, from_day=None, until_day=day),
    )  # fmt: skip


def complete(
    store: Store,
    cart: Sequence[str],
    n: int = 10,
    by: By = "product_id",
    as_of: date | None = None,
) -> pd.DataFrame:
    """What to add to a cart.

    Args:
        store: The shop.
        cart: The items in it.
        n: How many to offer at most.
        by: Whether items are products or categories.
        as_of: Only orders before this day count; by default all.

    Returns:
        DataFrame, the best first, at most n rows: item, because_of (the item of the cart that
        speaks for it most; missing for a best seller), score, confidence (share of the orders with
        that one that hold this item, 0 to 1), lift, count (orders that hold both; these four NaN
        for a best seller), order_share (share of all orders that hold this item, 0 to 1).

    Raises:
        AnalyticsError: The cart is empty.
        NotEnoughDataError: No order says what was bought.
    """
    if not cart:
        raise AnalyticsError("The cart is empty.", "Choose at least one product.")
    lines = {"lines": keep(store, by, as_of)}
    orders, items, _ = store.query("basket_count", tables=lines).iloc[0].astype(int)
    if not orders:
        raise NotEnoughDataError(
            "No order says which product was bought.",
            "Map the product column of the order file on the Data page.",
        )
    asked = pa.table({"item": pa.array(sorted(set(cart)), pa.string())})
    found = store.query("basket_partners", tables=lines | {"cart": asked}, least=LEAST_TOGETHER)
    both, own, other = (
        found[name].to_numpy(dtype=np.int64)
        for name in ("baskets", "item_baskets", "partner_baskets")
    )
    found["confidence"], found["lift"] = both / own, both * orders / (own * other)
    found["score"] = _spoken_for(orders, items, own, other, both)
    found = found[(found["score"] > 0) & ~found["partner"].isin(cart)]
    found = found.sort_values(["score", "item"], ascending=[False, True])
    total = found.groupby("partner")["score"].sum()
    told = found.drop_duplicates("partner").assign(
        score=lambda best: best["partner"].map(total),
        order_share=lambda best: best["partner_baskets"] / orders,
    )
    told = told.rename(columns={"item": "because_of", "partner": "item", "baskets": "count"})
    told = told.sort_values(["score", "item"], ascending=[False, True]).head(n)
    sellers = store.query("basket_items", tables=lines, limit=n + len(set(cart)) + len(told))
    sellers = sellers[~sellers["item"].isin([*cart, *told["item"]])].head(n - len(told))
    filled = pd.DataFrame({"item": sellers["item"], "order_share": sellers["baskets"] / orders})
    columns = ["item", "because_of", "score", "confidence", "lift", "count", "order_share"]
    parts = [part.reindex(columns=columns) for part in (told, filled) if len(part)]
    if not parts:
        return told.reindex(columns=columns)
    return pd.concat([part.astype({"count": "Int64"}) for part in parts], ignore_index=True)


def _spoken_for(orders: int, items: int, own: Whole, other: Whole, both: Whole) -> Floats:
    """What one item says for another; NaN where chance is not ruled out.

    Args:
        orders: All of them.
        items: Different ones in all.
        own: Orders that hold the one, shape (pairs,).
        other: Orders that hold the other.
        both: Orders that hold both.
    """
    score = usefulness(both / own, both * orders / (own * other.astype(float)), both)
    p_value = stats.hypergeom.sf(both - 1, orders, own, other)
    return np.where(p_value <= LEVEL / max(items, 1), score, np.nan)


def hit_rate(
    store: Store,
    n: int = 10,
    by: By = "product_id",
    *,
    test_days: int = 28,
    as_of: date | None = None,
    seed: int = 0,
) -> HitRate:
    """How often the advice would have been right on the last days, beside best sellers.

    What goes together, and what sells best, is learned from the orders before; from each later
    order of two items or more one item, drawn at random, is left out and has to be found.

    Args:
        store: The shop.
        n: How many items are offered.
        by: Whether items are products or categories.
        test_days: How many days are left for the test.
        as_of: Only orders before this day count; by default all.
        seed: For the draw.

    Raises:
        NotEnoughDataError: There are no orders of two items on one of the sides.
    """
    day = as_of or store.default_as_of()
    split = day - timedelta(days=test_days)
    with read(store, by, until_day=day) as baskets:
        is_later = pc.greater_equal(baskets.table["day"], pa.scalar(split, pa.date32()))
        carts, left_out = _carts(baskets.table.filter(is_later), len(baskets.items), seed)
        learned = baskets.within(pc.invert(is_later))
        if not len(left_out) or not learned.baskets:
            raise NotEnoughDataError(
                f"There are too few orders of two {baskets.noun[1]} or more before and after "
                f"{split.day} {split:%B %Y}.",
                "Leave more days for the test, or wait for more orders.",
            )
        scores = _scores(learned)
    place = np.empty(len(learned.items), dtype=np.int64)
    place[np.lexsort((np.arange(len(place)), -learned.counts))] = np.arange(len(place))
    spoken = sparse.csr_array(carts @ scores)
    hits = np.zeros(2, dtype=np.int64)
    for row, wanted in enumerate(left_out):
        cart = _row(carts, row)[0]
        hits += [
            _ahead(_row(spoken, row), cart, place, wanted) < n,
            _ahead((cart[:0], np.zeros(0)), cart, place, wanted) < n,
        ]
    of_rules, of_sellers = (hits / len(left_out)).tolist()
    return HitRate(len(left_out), n, of_rules, of_sellers, split)


def _carts(later: pa.Table, items: int, seed: int) -> tuple[sparse.csr_array, Whole]:
    """Later orders without one item, and the items left out."""
    rng = np.random.default_rng(seed)
    lines = pd.DataFrame({name: later[name].to_numpy() for name in ("basket", "item")})
    lines = lines.sort_values(["basket", "item"], ignore_index=True)
    lines["drawn"] = rng.random(len(lines))
    lines = lines[lines.groupby("basket")["item"].transform("size") >= 2]
    is_out = lines["drawn"] == lines.groupby("basket")["drawn"].transform("max")
    row, _ = pd.factorize(lines.loc[~is_out, "basket"])
    held = lines.loc[~is_out, "item"].to_numpy()
    left_out: Whole = lines.loc[is_out, "item"].to_numpy(dtype=np.int64)
    carts = sparse.csr_array(
        (np.ones(len(row)), (row, held)), shape=(len(left_out), items), dtype=float
    )
    if len(left_out) > MOST_CARTS:
        tried = np.sort(rng.choice(len(left_out), MOST_CARTS, replace=False))
        carts, left_out = carts[tried], left_out[tried]
    return carts, left_out


def _scores(learned: Baskets) -> sparse.csr_array:
    """What each item of a cart (row) says for each other (column)."""
    pairs = frequent_sets(learned, LEAST_TOGETHER, 2)[0]
    one, other, together = (pairs[name].to_numpy() for name in ("item_1", "item_2", "baskets"))
    before, after = np.concatenate([one, other]), np.concatenate([other, one])
    both = np.concatenate([together, together])
    score = _spoken_for(
        learned.baskets, int((learned.counts > 0).sum()), learned.counts[before],
        learned.counts[after], both,
    )  # fmt: skip
    told, many = score > 0, len(learned.items)
    return sparse.csr_array((score[told], (before[told], after[told])), shape=(many, many))


def _row(matrix: sparse.csr_array, row: int) -> tuple[Whole, Floats]:
    """The columns of a row that are not zero, and what they hold."""
    within = slice(matrix.indptr[row], matrix.indptr[row + 1])
    return matrix.indices[within], matrix.data[within]


def _ahead(told: tuple[Whole, Floats], cart: Whole, place: Whole, wanted: int) -> int:
    """How many items are offered before the wanted one.

    Args:
        told: The items that the cart speaks for, and their scores.
        cart: The items in it.
        place: Each item's place among the best sellers, from 0.
        wanted: The item.
    """
    items, score = told
    fresh = ~np.isin(items, cart)
    items, score = items[fresh], score[fresh]
    own = score[items == wanted]
    if len(own):
        ahead = (score > own[0]) | ((score == own[0]) & (items < wanted))
        return int(ahead.sum())
    taken = np.concatenate([items, cart])
    return len(items) + int(place[wanted]) - int((place[taken] < place[wanted]).sum())
