"""How many baskets hold which sets of items: pairs by a self-join, longer sets by extending them.

A set can only be frequent if all sets within it are (Agrawal & Srikant, Fast algorithms for mining
association rules, VLDB 1994), so sets of three are tried only where their three pairs were found,
and so on; and only the baskets that hold all but the last item are looked into for that one (their
AprioriTid). The counting itself is done in SQL; how much of it there will be is known beforehand,
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
MOST_HELD = 50_000_000
"""The most times sets of one size are held by baskets, where longer ones are made of them."""


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
    table = baskets.table.select(["basket", "item"])
    sets = found[0].rename(columns={"item_1": "shorter", "item_2": "item"})
    held = table.rename_columns(["basket", "shorter"])
    while len(found[-1]) > 2 and len(found) < max_items - 1:
        tried = _tried(baskets, found)
        if tried.empty:
            break
        _check_work(baskets, found[-1], tried, len(found) + 2)
        asked = {"baskets": table, "held": held, "longer": _numbered(sets)}
        held = baskets.store.arrow("basket_holding", tables=asked)
        asked = {"baskets": table, "held": held, "longer": _numbered(tried)}
        counted = baskets.store.query("basket_longer", tables=asked, least=least)
        if counted.empty:
            break
        counted = counted.sort_values("number")
        sets = tried.iloc[counted["number"]].reset_index(drop=True)
        whole = found[-1].iloc[sets["shorter"]].drop(columns="baskets").reset_index(drop=True)
        whole[columns(len(found) + 2)[-1]] = sets["item"]
        found.append(whole.assign(baskets=counted["baskets"].to_numpy()))
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
        raise _too_much(baskets, many, size)
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
    basket, item = (baskets.table[name].to_numpy() for name in ("basket", "item"))
    held = baskets.counts[item] >= least
    basket, item = basket[held], item[held]
    sizes = np.bincount(basket, minlength=len(baskets.ids))
    within = int((sizes * (sizes - 1) // 2).sum())
    if within > MOST_PAIRS or within // least > MOST_DIFFERENT:
        largest = int(sizes.argmax())
        raise AnalyticsError(
            "There are too many pairs within orders to count; order "
            f"“{baskets.ids[largest]}” alone holds {int(baskets.sizes[largest]):,} different "
            f"{baskets.noun[1]}.",
            "Ask for more orders together, compare categories, or leave out the largest orders.",
        )
    # Half as wide numbers are joined and grouped a quarter faster, and so are sorted ones.
    basket, item = np.divmod(np.sort(basket * len(baskets.items) + item), len(baskets.items))
    narrow = pa.table({"basket": basket.astype(np.int32), "item": item.astype(np.int32)})
    found = baskets.store.query("basket_pairs", tables={"baskets": narrow}, least=least)
    found = found.astype("int64")
    return found.sort_values(columns(2), ignore_index=True)


def _tried(baskets: Baskets, found: list[pd.DataFrame]) -> pd.DataFrame:
    """The sets with one item more that may be frequent.

    Returns:
        DataFrame shorter (the row of the largest sets found that holds all but the last item),
        item (the last); in the order of the items.
    """
    last, size = found[-1], len(found) + 1
    prefix, every = columns(size - 1), columns(size + 1)
    sharing = last.groupby(prefix).size().to_numpy()
    if int((sharing * (sharing - 1) // 2).sum()) > MOST_CANDIDATES:
        raise AnalyticsError(
            f"There are too many sets of {size + 1} {baskets.noun[1]} to try.",
            f"Ask for more orders together, or for sets of at most {size}.",
        )
    sets = last[columns(size)]
    numbered = sets.assign(shorter=np.arange(len(sets)))
    tried = numbered.merge(sets.rename(columns={f"item_{size}": every[-1]}), on=prefix)
    tried = tried[tried[f"item_{size}"] < tried[every[-1]]]
    for left_out in every[:-2]:
        within = [name for name in every if name != left_out]
        known = sets.set_axis(within, axis="columns")
        tried = tried.merge(known, on=within)
    tried = tried.sort_values(every, ignore_index=True)
    return tried[["shorter", every[-1]]].set_axis(["shorter", "item"], axis="columns")


def _numbered(sets: pd.DataFrame) -> pa.Table:
    """Sets as the queries take them: number (the row), shorter, item."""
    numbers = {"number": np.arange(len(sets))}
    return pa.table(numbers | {name: sets[name].to_numpy() for name in ("shorter", "item")})


def _check_work(baskets: Baskets, last: pd.DataFrame, tried: pd.DataFrame, size: int) -> None:
    """Refuse what is too much to count.

    Raises:
        AnalyticsError: It is.
    """
    looks = int(last["baskets"].to_numpy()[tried["shorter"]].sum())
    if looks > MOST_LOOKS or int(last["baskets"].sum()) > MOST_HELD:
        raise _too_much(baskets, len(tried), size)


def _too_much(baskets: Baskets, many: int, size: int) -> AnalyticsError:
    return AnalyticsError(
        f"{many:,} sets of {size} {baskets.noun[1]} would have to be looked for, "
        "which is more than this machine can count.",
        f"Ask for more orders together, or for sets of at most {max(size - 1, 2)}.",
    )
