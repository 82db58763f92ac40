"""How many baskets hold which sets of items: pairs by a self-join, longer sets by extending them.

A set can only be frequent if all sets within it are (Agrawal & Srikant, Fast algorithms for mining
association rules, VLDB 1994), so sets of three are tried only where their three pairs were found,
and so on. The counting itself is done in SQL; how much of it there will be is known beforehand,
and too much of it is refused with a sentence rather than cut short.
"""

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.basket.read import Baskets, Whole
from analytics.errors import AnalyticsError

MOST_PAIRS = 100_000_000
"""The most pairs within baskets, counted as often as they occur."""
MOST_DIFFERENT = 10_000_000
"""The most different pairs there can be: of those within baskets, one in each `least`."""
MOST_LOOKS = 200_000_000
"""The most times a basket is looked into for an item of a longer set."""
MOST_CANDIDATES = 3_000_000
"""The most sets of one size that are tried."""


def frequent_sets(baskets: Baskets, least: int, max_items: int) -> list[pd.DataFrame]:
    """All sets of two to `max_items` items that at least so many baskets hold.

    Args:
        baskets: The baskets.
        least: How many baskets, 1 or more.
        max_items: How many items at most.

    Returns:
        A DataFrame a size, as long as there are any: item_1 … item_n (numbers, ascending),
        baskets; sorted by the items.

    Raises:
        AnalyticsError: It would be more work than this can do.
    """
    found = [_pairs(baskets, least)]
    while len(found[-1]) > 2 and len(found) < max_items - 1:
        larger = _extended(baskets, found, least)
        if larger.empty:
            break
        found.append(larger)
    return found


def columns(size: int) -> list[str]:
    """The columns of a set of that many items.

    >>> columns(3)
    ['item_1', 'item_2', 'item_3']
    """
    return [f"item_{place}" for place in range(1, size + 1)]


def count_sets(baskets: Baskets, sets: Whole) -> Whole:
    """How many baskets hold each of the given sets.

    Args:
        baskets: The baskets.
        sets: Numbers of items, ascending within a row, shape (sets, items).

    Raises:
        AnalyticsError: It would be more work than this can do.
    """
    many, size = sets.shape
    counted = np.zeros(many, dtype=np.int64)
    if not many:
        return counted
    looks = int(baskets.counts[sets[:, 0]].sum()) * (size - 1)
    if looks > MOST_LOOKS:
        raise AnalyticsError(
            f"{many:,} sets of {size} {baskets.noun[1]} would have to be looked for, "
            "which is more than this machine can count.",
            f"Ask for more orders together, or for sets of at most {max(size - 1, 2)}.",
        )
    candidates = pa.table(
        {
            "candidate": np.repeat(np.arange(many), size),
            "place": np.tile(np.arange(1, size + 1), many),
            "item": sets.ravel(),
        }
    )
    found = baskets.store.query(
        "basket_sets",
        tables={"baskets": baskets.table, "candidates": candidates},
        others=size - 1,
    )
    counted[found["candidate"].to_numpy()] = found["baskets"].to_numpy()
    return counted


def _pairs(baskets: Baskets, least: int) -> pd.DataFrame:
    sizes = baskets.sizes
    if least > 1:
        frequent = baskets.counts >= least
        held = frequent[baskets.table["item"].to_numpy()]
        sizes = np.bincount(baskets.table["basket"].to_numpy()[held], minlength=baskets.baskets)
    within = int((sizes * (sizes - 1) // 2).sum())
    if within > MOST_PAIRS or within // least > MOST_DIFFERENT:
        largest = int(sizes.argmax())
        raise AnalyticsError(
            "There are too many pairs within orders to count; order "
            f"“{baskets.ids[largest]}” alone holds {int(baskets.sizes[largest]):,} different "
            f"{baskets.noun[1]}.",
            "Ask for more orders together, compare categories, or leave out the largest orders.",
        )
    # Half as wide numbers are joined and grouped a quarter faster.
    narrow = pa.table({name: baskets.table[name].cast(pa.int32()) for name in ("basket", "item")})
    found = baskets.store.query("basket_pairs", tables={"baskets": narrow}, least=least)
    found = found.astype("int64")
    return found.sort_values(columns(2), ignore_index=True)


def _extended(baskets: Baskets, found: list[pd.DataFrame], least: int) -> pd.DataFrame:
    """The frequent sets with one item more."""
    last, size = found[-1], len(found) + 1
    prefix, every = columns(size - 1), columns(size + 1)
    sharing = last.groupby(prefix).size().to_numpy()
    if int((sharing * (sharing - 1) // 2).sum()) > MOST_CANDIDATES:
        raise AnalyticsError(
            f"There are too many sets of {size + 1} {baskets.noun[1]} to try.",
            f"Ask for more orders together, or for sets of at most {size}.",
        )
    sets = last[columns(size)]
    pairs = sets.merge(sets.rename(columns={f"item_{size}": every[-1]}), on=prefix)
    pairs = pairs[pairs[f"item_{size}"] < pairs[every[-1]]]
    for left_out in every[:-2]:
        within = [name for name in every if name != left_out]
        known = sets.set_axis(within, axis="columns")
        pairs = pairs.merge(known, on=within)
    tried = pairs[every].sort_values(every, ignore_index=True)
    counted = count_sets(baskets, tried.to_numpy(dtype=np.int64))
    return tried.assign(baskets=counted)[counted >= least].reset_index(drop=True)
