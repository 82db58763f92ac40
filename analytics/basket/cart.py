"""What to add to a cart, and how often such advice would have been right.

Each item of the cart speaks for what is bought with it: confidence × log2(lift), from items that
at least three orders hold together; what is offered first has the highest sum. Ranked by lift
alone, rarities come first, and half as many carts would have been completed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from analytics.basket.count import frequent_sets
from analytics.basket.find import LEAST_TOGETHER, usefulness
from analytics.basket.read import CODE_VERSION, Baskets, By, Whole, read
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store

CARTS_AT_ONCE = 200
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
        DataFrame, the best first, at most n rows: item, score, because_of (the item of the cart
        that speaks for it most), confidence (share of the orders with that one that hold this
        item, 0 to 1), lift, count (orders that hold both). Fewer rows, or none, where less was
        bought with the cart at least three times and more often than by chance.

    Raises:
        AnalyticsError: The cart is empty.
    """
    if not cart:
        raise AnalyticsError("The cart is empty.", "Choose at least one product.")
    found = store.query(
        "basket_partners",
        tables={
            "lines": keep(store, by, as_of),
            "cart": pa.table({"item": pa.array(sorted(set(cart)), pa.string())}),
        },
        least=LEAST_TOGETHER,
    )
    together = found["baskets"].to_numpy(dtype=np.int64)
    confidence = together / found["item_baskets"].to_numpy(dtype=float)
    lift = confidence * found["all_baskets"].to_numpy() / found["partner_baskets"].to_numpy()
    found = found.assign(
        confidence=confidence, lift=lift, score=usefulness(confidence, lift, together)
    )
    found = found[(found["score"] > 0) & ~found["partner"].isin(cart)]
    strongest = found.sort_values(["score", "item"], ascending=[False, True])
    best = strongest.drop_duplicates("partner").set_index("partner")
    total = found.groupby("partner")["score"].sum()
    shown = pd.DataFrame(
        {
            "item": best.index.astype("str"),
            "score": total.reindex(best.index).to_numpy(),
            "because_of": best["item"].to_numpy(),
            "confidence": best["confidence"].to_numpy(),
            "lift": best["lift"].to_numpy(),
            "count": best["baskets"].to_numpy(),
        }
    )
    return shown.sort_values(["score", "item"], ascending=[False, True], ignore_index=True).head(n)


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
    hits = np.zeros(2, dtype=np.int64)
    for start in range(0, len(left_out), CARTS_AT_ONCE):
        part = carts[start : start + CARTS_AT_ONCE]
        wanted = left_out[start : start + CARTS_AT_ONCE]
        within = part.toarray() > 0
        for place, offered in enumerate(
            ((part @ scores).toarray(), np.tile(learned.counts.astype(float), (len(wanted), 1)))
        ):
            hits[place] += int(_is_hit(offered, within, wanted, n).sum())
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
    confidence = both / learned.counts[before]
    lift = confidence * learned.baskets / learned.counts[after]
    score = usefulness(confidence, lift, both)
    told, many = score > 0, len(learned.items)
    return sparse.csr_array((score[told], (before[told], after[told])), shape=(many, many))


def _is_hit(offered: np.ndarray, within: np.ndarray, wanted: Whole, n: int) -> np.ndarray:
    """Whether the item left out is among the first n that score more than nothing."""
    offered = np.where(within, 0.0, offered)
    own = offered[np.arange(len(wanted)), wanted]
    before = (offered > own[:, None]).sum(axis=1)
    ties_first = ((offered == own[:, None]) & (np.arange(offered.shape[1]) < wanted[:, None])).sum(
        axis=1
    )
    return (own > 0) & (before + ties_first < n)
