"""Baskets as numbers: what each order held, read from the shop or from a frame.

Items are numbered from the rarest to the most frequent, so that a set of items in ascending order
begins with its rarest, and the fewest baskets need to be looked into for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store

By = Literal["product_id", "category"]
Whole = npt.NDArray[np.int64]

NOUNS: dict[str, tuple[str, str]] = {
    "product_id": ("product", "products"),
    "category": ("category", "categories"),
}
DECIMAL_ID = r"-?\d+\.0+"
CODE_VERSION = 1


@dataclass(frozen=True)
class Baskets:
    """What each basket held.

    Attributes:
        store: Where its numbers are counted.
        table: basket, item (numbers), each pair once; of a shop also customer (a number, NULL for
            guests) and day.
        items: The items' names by number, the rarest first.
        counts: How many baskets hold each item, shape (items,).
        baskets: How many baskets there are.
        sizes: How many different items each basket holds, shape (baskets,).
        ids: The baskets' names by number.
        customers: The customers' names by number; empty for a frame.
        noun: What items are called: one, several.
    """

    store: Store
    table: pa.Table
    items: npt.NDArray[np.object_]
    counts: Whole
    baskets: int
    sizes: Whole
    ids: pa.Array
    customers: pa.Array
    noun: tuple[str, str]

    def within(self, lines: pa.ChunkedArray) -> "Baskets":
        """Some of the lines, with items and baskets numbered as before.

        Args:
            lines: Whether each line of the table is among them.
        """
        table = self.table.filter(lines)
        sizes = np.bincount(table["basket"].to_numpy(), minlength=len(self.ids))
        counts = np.bincount(table["item"].to_numpy(), minlength=len(self.items))
        return replace(
            self, table=table, counts=counts, baskets=int((sizes > 0).sum()), sizes=sizes
        )


@contextmanager
def read(
    source: Store | pd.DataFrame,
    by: By = "product_id",
    *,
    from_day: date | None = None,
    until_day: date | None = None,
    largest_basket: int | None = None,
    together: bool = True,
) -> Iterator[Baskets]:
    """The baskets of a shop's orders, or of a frame.

    Args:
        source: The shop; or a frame with the columns basket_id and item.
        by: Of a shop: whether items are products or categories.
        from_day: Of a shop: only orders from this day on.
        until_day: Of a shop: only orders before this day; by default all.
        largest_basket: Leave out baskets of more different items than that, such as a
            wholesaler's; by default none.
        together: Whether at least one basket must hold two items.

    Raises:
        AnalyticsError: A frame lacks a column, or `by` is neither.
        NotEnoughDataError: No basket, no product column, one product, or only baskets of one item.
    """
    if by not in get_args(By):
        raise AnalyticsError(
            f"Baskets cannot be compared by “{by}”.", "Choose product_id or category."
        )
    if isinstance(source, Store):
        lines = source.arrow(
            "basket_lines",
            by=by,
            from_day=from_day,
            until_day=until_day or source.default_as_of(),
        )
        yield _checked(source, lines, by, largest_basket, together=together)
        return
    if missing := [name for name in ("basket_id", "item") if name not in source.columns]:
        raise AnalyticsError(
            f"The table has no column “{missing[0]}”.",
            "Give a table with a row an item in a basket: basket_id and item.",
        )
    lines = pa.table({name: _words(source[name]) for name in ("basket_id", "item")})
    with Store() as scratch:
        yield _checked(scratch, lines, by, largest_basket, together=together)


def _words(column: "pd.Series[Any]") -> pa.DictionaryArray:
    """Ids as texts, each different one once; whole numbers that became `17.0` without decimals."""
    found = pa.array(column, from_pandas=True)
    if isinstance(found, pa.ChunkedArray):
        found = found.combine_chunks()
    codes = found.dictionary_encode()
    words = codes.dictionary
    if pa.types.is_floating(words.type) and pc.all(pc.equal(words, pc.floor(words))).as_py():
        words = words.cast(pa.int64())
    texts = words.cast(pa.string())
    if pc.all(pc.match_substring_regex(texts, rf"^({DECIMAL_ID}|-?\d+)$")).as_py():
        texts = pc.replace_substring_regex(texts, r"\.0+$", "")
    # Texts that were different before may be the same now.
    again = texts.dictionary_encode()
    return pa.DictionaryArray.from_arrays(again.indices.take(codes.indices), again.dictionary)


def _checked(
    store: Store, lines: pa.Table, by: By, largest_basket: int | None, *, together: bool
) -> Baskets:
    """The lines as numbers, or a sentence where nothing can go together in them."""
    found = _numbered(store, lines, by)
    if largest_basket is not None and found.baskets and found.sizes.max() > largest_basket:
        small = found.sizes[found.table["basket"].to_numpy()] <= largest_basket
        found = _numbered(store, _named(found).filter(pa.array(small)), by)
    one, several = found.noun
    if not found.baskets:
        raise NotEnoughDataError(
            f"No order says which {one} was bought.",
            "Map the product column of the order file on the Data page"
            + (", and import a product file with categories." if by == "category" else "."),
        )
    if len(found.items) == 1:
        raise NotEnoughDataError(
            f"All orders hold the same {one}, “{found.items[0]}”.",
            f"What goes together needs at least two {several}"
            + (": look at products instead." if by == "category" else "."),
        )
    if together and found.sizes.max() < 2:
        raise NotEnoughDataError(
            f"Every order holds only one {one}, so nothing was bought together.",
            "Look at products instead of categories."
            if by == "category"
            else "Look at “In sequence” for what is bought after what; or check on the Data page "
            "that the order number, not the line number, was read as the order.",
        )
    return found


def _numbered(store: Store, lines: pa.Table, by: By) -> Baskets:
    both = pc.and_(pc.is_valid(lines["basket_id"]), pc.is_valid(lines["item"]))
    if not pc.all(both).as_py():
        lines = lines.filter(both)
    basket, ids = _encoded(lines["basket_id"])
    item, names = _encoded(lines["item"])
    lines = lines.drop_columns(["basket_id", "item"])
    alone = _first_of_each(basket, item, len(names))
    if alone is not None:
        lines, basket, item = lines.take(pa.array(alone)), basket[alone], item[alone]
    counts = np.bincount(item, minlength=len(names))
    texts = np.asarray(names.to_pylist(), dtype=object)
    order = np.lexsort((pc.rank(names, tiebreaker="first").to_numpy(), counts))
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    columns = {"basket": pa.array(basket), "item": pa.array(number[item])}
    customers = pa.array([], pa.string())
    if "customer_id" in lines.column_names:
        codes = lines["customer_id"].combine_chunks().dictionary_encode()
        customers = codes.dictionary
        columns |= {"customer": codes.indices.cast(pa.int64()), "day": lines["day"]}
    return Baskets(
        store, pa.table(columns), texts[order], counts[order], len(ids),
        np.bincount(basket, minlength=len(ids)), ids, customers, NOUNS[by],
    )  # fmt: skip


def _named(found: Baskets) -> pa.Table:
    """The lines with names in the place of numbers, as `_numbered` takes them."""
    columns = {
        "basket_id": found.ids.take(found.table["basket"]),
        "item": pa.array(found.items[found.table["item"].to_numpy()], pa.string()),
    }
    if "customer" in found.table.column_names:
        columns |= {
            "customer_id": found.customers.take(found.table["customer"]),
            "day": found.table["day"],
        }
    return pa.table(columns)


def _encoded(column: pa.ChunkedArray) -> tuple[Whole, pa.Array]:
    """A column of texts as numbers, and the texts by number, each in use."""
    codes = column.combine_chunks()
    if not pa.types.is_dictionary(codes.type):
        codes = codes.dictionary_encode()
    numbers: Whole = codes.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    words = codes.dictionary
    used = np.bincount(numbers, minlength=len(words)) > 0
    if not used.all():
        numbers, words = (np.cumsum(used) - 1)[numbers], words.filter(pa.array(used))
    return numbers, words


def _first_of_each(basket: Whole, item: Whole, items: int) -> Whole | None:
    """The places of the lines that say something new; nothing where all do."""
    lines = basket * max(items, 1) + item
    if (np.diff(np.sort(lines)) > 0).all():
        return None
    _, first = np.unique(lines, return_index=True)
    return np.sort(first)


def least_of(baskets: int, min_support: float | None) -> int:
    """How many baskets a set must be in: at least 5 and one in a thousand, or a share of all.

    Args:
        baskets: How many there are.
        min_support: The share, 0 to 1.

    Raises:
        AnalyticsError: The share is no share.

    >>> least_of(500, None), least_of(20_000, None), least_of(9_835, 0.001)
    (5, 20, 10)
    """
    if min_support is None:
        return max(5, -(-baskets // 1000))
    if not 0 < min_support <= 1:
        raise AnalyticsError(
            f"A smallest share of {min_support} of the orders is not possible.",
            "Choose more than 0 and at most 1.",
        )
    return max(1, int(np.ceil(min_support * baskets - 1e-9)))
