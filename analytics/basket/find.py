"""Rules: who has these products in the basket also has that one.

For a rule antecedent → consequent over n baskets, of which a hold the antecedent, c the consequent
and k both: support = k / n; confidence = k / a; lift = confidence ÷ (c / n); leverage = k / n −
(a / n)(c / n); conviction = (1 − c / n) ÷ (1 − confidence), infinite where confidence is 1 (Brin et
al., Dynamic itemset counting, SIGMOD 1997; Piatetsky-Shapiro 1991).

The p-value is Fisher's exact one, one-sided: how likely k or more baskets would hold both if the
consequent were spread over the baskets by chance (Hahsler & Hornik, New probabilistic interest
measures for association rules, 2007). The q-value is Benjamini & Hochberg's (1995). Its family is
every rule of that many items that could be made of the items in enough baskets, found or not: what
was found was chosen for its count, and a correction over the chosen alone would flatter it.

Whatever is added to the left of a strong rule gives another strong one. So each longer rule is also
tested, by the same test, against the rules with one item less on its left: only where every item
adds something does it say more than they do (Webb's productive rules, Discovering significant
patterns, Machine Learning 68, 2007).
"""

from datetime import date
from math import comb

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from analytics.basket.count import columns, frequent_sets
from analytics.basket.read import Baskets, By, Whole, least_of, read
from analytics.errors import AnalyticsError
from analytics.store import Store

Floats = npt.NDArray[np.float64]

MOST_ITEMS = 10
LEAST_TOGETHER = 3
"""Of what was bought together fewer times, usefulness is not told: it would be luck."""


def rules(
    source: Store | pd.DataFrame,
    min_support: float | None = None,
    min_confidence: float = 0.1,
    max_items: int = 3,
    by: By = "product_id",
    *,
    from_day: date | None = None,
    until_day: date | None = None,
    largest_basket: int | None = None,
    min_count: int | None = None,
) -> pd.DataFrame:
    """What is bought together, as rules with one item on the right.

    Nothing is filtered by p- or q-values; that is the reader's to do.

    Args:
        source: The shop; or a frame with the columns basket_id and item.
        min_support: The smallest share of baskets that hold the whole rule, 0 to 1; by default at
            least 5 baskets and one in a thousand.
        min_confidence: The smallest confidence, 0 to 1.
        max_items: The most items of a rule, both sides together, 2 to 10.
        by: Of a shop: whether items are products or categories.
        from_day: Of a shop: only orders from this day on.
        until_day: Of a shop: only orders before this day; by default all.
        largest_basket: Leave out baskets of more different items than that.
        min_count: In the place of `min_support`: the fewest baskets, 1 or more.

    Returns:
        DataFrame, the most useful first: antecedent (tuple of items), consequent (item), support,
        confidence (0 to 1), lift, count (baskets that hold all of it), antecedent_count,
        consequent_count (baskets), p_value, q_value (0 to 1), leverage, conviction (infinite
        where confidence is 1), usefulness (see `usefulness`), adds_p_value (of three items or more:
        the largest p-value of an item on the left, one-sided, for the consequent being as frequent
        without it; NaN for two items).

    Raises:
        NotEnoughDataError: There are no products, only one, or none bought together.
        AnalyticsError: An argument makes no sense, or there is too much to count.
    """
    if not 2 <= max_items <= MOST_ITEMS:
        raise AnalyticsError(
            f"Rules of {max_items} items are not possible.", f"Choose 2 to {MOST_ITEMS}."
        )
    if not 0 <= min_confidence <= 1:
        raise AnalyticsError(
            f"A smallest confidence of {min_confidence} is not possible.", "Choose 0 to 1."
        )
    with read(
        source, by, from_day=from_day, until_day=until_day, largest_basket=largest_basket
    ) as baskets:
        least = min_count or least_of(baskets.baskets, min_support)
        found = frequent_sets(baskets, least, max_items)
        parts = [
            _rules_of(baskets, found, size, least, min_confidence - 1e-12)
            for size in range(2, len(found) + 2)
        ]
        return named(baskets, ordered(pd.concat(parts, ignore_index=True)))


def measures(n: int, a: Whole, c: Whole, k: Whole, p_value: Floats | None = None) -> pd.DataFrame:
    """What a rule is judged by, from counts of baskets.

    Args:
        n: All baskets.
        a: Those that hold the antecedent, shape (rules,).
        c: Those that hold the consequent.
        k: Those that hold both.
        p_value: The p-values, where they are known from elsewhere.

    Returns:
        DataFrame support, confidence, lift, count, antecedent_count, consequent_count, p_value,
        leverage, conviction, usefulness. NaN where the antecedent or consequent is in no basket.
    """
    total = float(n) if n else np.nan
    if p_value is None:
        p_value = np.clip(stats.hypergeom.sf(k - 1, n, a, c), 0.0, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        confidence = np.where(a > 0, k / np.where(a > 0, a, 1), np.nan)
        share = c / total
        lift = np.where(c > 0, confidence / share, np.nan)
        conviction = (1 - share) / (1 - confidence)
    return pd.DataFrame(
        {
            "support": k / total,
            "confidence": confidence,
            "lift": lift,
            "count": k,
            "antecedent_count": a,
            "consequent_count": c,
            "p_value": p_value,
            "leverage": k / total - (a / total) * share,
            "conviction": np.where(share < 1, conviction, np.nan),
            "usefulness": usefulness(confidence, lift, k),
        }
    )


def usefulness(confidence: Floats, lift: Floats, together: Whole) -> Floats:
    """What to offer first: confidence × log2(lift), NaN below three baskets together.

    Confidence alone offers best sellers to everyone; lift alone offers rarities. Ranked by this,
    carts of two real shops were completed most often.

    >>> usefulness(np.array([0.5, 0.5]), np.array([4.0, 4.0]), np.array([3, 2]))
    array([ 1., nan])
    """
    told = (together >= LEAST_TOGETHER) & (lift > 0)
    return np.where(told, confidence * np.log2(np.where(told, lift, 1.0)), np.nan)


def adjusted(p_value: Floats, family: int) -> Floats:
    """Benjamini & Hochberg's q-values of the p-values known of a family.

    Args:
        p_value: Those known; of all others in the family 1 is assumed.
        family: How many there are in all.

    >>> adjusted(np.array([0.01, 0.04, 0.03]), 4).round(4)
    array([0.04  , 0.0533, 0.0533])
    """
    order = np.argsort(p_value, kind="stable")
    scaled = p_value[order] * family / np.arange(1, len(p_value) + 1)
    rising = np.minimum.accumulate(scaled[::-1])[::-1]
    q_value = np.empty(len(p_value))
    q_value[order] = np.minimum(rising, 1.0)
    return q_value


def family_size(items: int, size: int) -> int:
    """How many rules of so many items can be made of so many.

    >>> family_size(4, 2), family_size(4, 3)
    (12, 12)
    """
    return comb(items, size) * size


def ordered(found: pd.DataFrame) -> pd.DataFrame:
    """Rules by number, the most useful first; what ties, as its items are numbered."""
    places = [name for name in found.columns if name.startswith("place_")]
    return found.sort_values(
        ["usefulness", "confidence", "count", *places], ignore_index=True,
        ascending=[False, False, False, *[True] * len(places)],
    )  # fmt: skip


def named(baskets: Baskets, found: pd.DataFrame) -> pd.DataFrame:
    """Rules with names in the place of numbers: place_0 is the consequent, the rest go before."""
    places = [name for name in found.columns if name.startswith("place_")]
    numbers = found[places].to_numpy(dtype=float, na_value=np.nan)
    missing = np.isnan(numbers)
    whole = np.where(missing, 0, numbers).astype(np.int64)
    used = np.unique(whole[~missing])
    order = np.argsort(baskets.items[used])
    by_rank = np.array([*baskets.items[used][order], None], dtype=object)
    rank = np.argsort(order)
    ranks = np.full(whole.shape, len(used))
    ranks[~missing] = rank[np.searchsorted(used, whole[~missing])]
    consequent = by_rank[ranks[:, 0]]
    columns_of_names = by_rank[np.sort(ranks[:, 1:], axis=1)].T
    antecedent = list(zip(*columns_of_names, strict=True))
    if missing.any():
        antecedent = [tuple(item for item in each if item is not None) for each in antecedent]
    shown = found.drop(columns=places)
    shown.insert(0, "consequent", pd.Series(consequent, dtype="str"))
    shown.insert(0, "antecedent", pd.Series(antecedent, dtype=object))
    shown_order = [
        "antecedent", "consequent", "support", "confidence", "lift", "count", "antecedent_count",
        "consequent_count", "p_value", "q_value", "leverage", "conviction", "usefulness",
        "adds_p_value",
    ]  # fmt: skip
    return shown[shown_order]


def _rules_of(
    baskets: Baskets, found: list[pd.DataFrame], size: int, least: int, min_confidence: float
) -> pd.DataFrame:
    """The rules of sets of one size: place_0 (the consequent), place_1 … , and what judges them."""
    sets = found[size - 2]
    every = columns(size)
    parts: list[pd.DataFrame] = []
    for consequent in every:
        before = [name for name in every if name != consequent]
        a, c = _holding(baskets, found, sets[before]), _holding(baskets, found, sets[[consequent]])
        # Fisher's test does not tell sides apart, so both rules of a pair share its p-value.
        known = parts[0]["p_value"].to_numpy() if size == 2 and parts else None
        part = measures(baskets.baskets, a, c, sets["baskets"].to_numpy(), known)
        part["place_0"] = sets[consequent].to_numpy()
        for place, name in enumerate(before, start=1):
            part[f"place_{place}"] = sets[name].to_numpy()
        parts.append(part)
    rules_of_size = pd.concat(parts, ignore_index=True)
    family = family_size(int((baskets.counts >= least).sum()), size)
    rules_of_size["q_value"] = adjusted(rules_of_size["p_value"].to_numpy(), family)
    chosen = rules_of_size[rules_of_size["confidence"] >= min_confidence]
    return chosen.assign(adds_p_value=_adds(baskets, found, chosen, size))


def _adds(baskets: Baskets, found: list[pd.DataFrame], chosen: pd.DataFrame, size: int) -> Floats:
    """The largest p-value of an item on the left of each rule; NaN for rules of two items."""
    largest = np.full(len(chosen), np.nan)
    before = [f"place_{place}" for place in range(1, size)]
    for left_out in before if size > 2 else ():
        rest = [name for name in before if name != left_out]
        within = _holding(baskets, found, chosen[rest])
        # With the consequent among them, the numbers are to ascend again.
        others = np.sort(chosen[["place_0", *rest]].to_numpy(dtype=np.int64), axis=1)
        with_other = _holding(baskets, found, pd.DataFrame(others))
        k, a = chosen["count"].to_numpy(), chosen["antecedent_count"].to_numpy()
        p_value = stats.hypergeom.sf(k - 1, within, a, with_other)
        largest = np.fmax(largest, p_value)
    return largest


def _holding(baskets: Baskets, found: list[pd.DataFrame], sets: pd.DataFrame) -> Whole:
    """How many baskets hold each set of one size, all of which are frequent."""
    size = sets.shape[1]
    if size == 1:
        of_items: Whole = baskets.counts[sets.iloc[:, 0].to_numpy()]
        return of_items
    asked = sets.set_axis(columns(size), axis="columns")
    joined = asked.merge(found[size - 2], on=columns(size), how="left")
    many: Whole = joined["baskets"].to_numpy(dtype=np.int64)
    return many
