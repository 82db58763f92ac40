"""Whether rules hold on later weeks.

Among thousands of rules some look strong by luck. So the orders are cut in two by a day: what shows
in the earlier part with a q-value of at most 5% is tested anew on the later part, which had no say
in finding it, and is confirmed if there, too, the items come together more often than by chance
(one-sided Fisher test), at a false-discovery rate of at most 5% over all that were tested
(Benjamini & Hochberg 1995).
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analytics.basket.count import count_sets
from analytics.basket.find import LEAST_TOGETHER, adjusted, family_size, measures
from analytics.basket.read import Baskets, By, Whole, read
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store

LEVEL = 0.05


@dataclass(frozen=True)
class Confirmed:
    """Rules judged on later weeks.

    Attributes:
        rules: The rules as given, in their order, with earlier_lift, earlier_q_value (in the
            earlier part), later_count, later_confidence, later_lift, later_p_value,
            later_q_value (in the later part; NaN where not tested there), confirmed.
        split_day: The first day of the later part.
        earlier_baskets: Orders before it.
        later_baskets: Orders from it on.
        tested: Rules that showed in the earlier part and were tested in the later.
    """

    rules: pd.DataFrame
    split_day: date
    earlier_baskets: int
    later_baskets: int
    tested: int

    @property
    def confirmed(self) -> int:
        """How many were confirmed."""
        return int(self.rules["confirmed"].sum())

    @property
    def sentence(self) -> str:
        """The same in words."""
        return (
            f"{self.confirmed:,} of {len(self.rules):,} rules hold: they show in the "
            f"{self.earlier_baskets:,} orders before {self.split_day.day} "
            f"{self.split_day:%B %Y} and again in the {self.later_baskets:,} since."
        )


def confirm(
    store: Store,
    rules: pd.DataFrame,
    *,
    share: float = 0.7,
    weeks: int | None = None,
    by: By = "product_id",
    from_day: date | None = None,
    until_day: date | None = None,
    largest_basket: int | None = None,
) -> Confirmed:
    """Judge rules on later weeks.

    Args:
        store: The shop.
        rules: What `rules` returned, found on all orders or only on those before the cut.
        share: How much of the time is the earlier part, 0 to 1.
        weeks: Instead: how many weeks the later part is long.
        by: As for `rules`.
        from_day: As for `rules`.
        until_day: As for `rules`.
        largest_basket: As for `rules`.

    Raises:
        NotEnoughDataError: One of the parts is without orders.
        AnalyticsError: The share or the weeks make no sense.
    """
    with read(
        store, by, from_day=from_day, until_day=until_day, largest_basket=largest_basket
    ) as baskets:
        split = _split_day(baskets, share, weeks)
        is_later = pc.greater_equal(baskets.table["day"], pa.scalar(split, pa.date32()))
        parts = [baskets.within(pc.invert(is_later)), baskets.within(is_later)]
        if not all(part.baskets for part in parts):
            raise NotEnoughDataError(
                f"There are no orders on one side of {split.day} {split:%B %Y}.",
                "Rules are confirmed on later weeks: wait for more orders.",
            )
        earlier, later = (_judged(part, rules) for part in parts)
        shown = rules.copy()
        shown["earlier_lift"] = earlier["lift"]
        shown["earlier_q_value"] = earlier["q_value"] = _earlier_q(parts[0], rules, earlier)
        tested = (earlier["q_value"] <= LEVEL).to_numpy()
        for name in ("count", "confidence", "lift", "p_value"):
            shown[f"later_{name}"] = later[name]
        shown.loc[~tested, "later_p_value"] = np.nan
        q_value = np.full(len(rules), np.nan)
        q_value[tested] = adjusted(later["p_value"].to_numpy()[tested], int(tested.sum()))
        shown["later_q_value"] = q_value
        shown["confirmed"] = tested & (q_value <= LEVEL)
        return Confirmed(shown, split, parts[0].baskets, parts[1].baskets, int(tested.sum()))


def _split_day(baskets: Baskets, share: float, weeks: int | None) -> date:
    """The first day of the later part."""
    bounds = pc.min_max(baskets.table["day"]).as_py()
    first: date = bounds["min"]
    last: date = bounds["max"]
    if weeks is None and not 0 < share < 1:
        raise AnalyticsError(
            f"A share of {share} of the time is not possible.", "Choose between 0 and 1."
        )
    if weeks is not None and weeks < 1:
        raise AnalyticsError(f"{weeks} weeks are not possible.", "Choose 1 or more.")
    if weeks is not None:
        return last + timedelta(days=1 - 7 * weeks)
    return first + timedelta(days=round(share * ((last - first).days + 1)))


def _judged(part: Baskets, rules: pd.DataFrame) -> pd.DataFrame:
    """What judges each rule in one part, in the rules' order."""
    number = {name: place for place, name in enumerate(part.items)}
    unknown = len(part.items)
    antecedents = [
        tuple(sorted(number.get(item, unknown) for item in each)) for each in rules["antecedent"]
    ]
    consequents = np.array([number.get(item, unknown) for item in rules["consequent"]], dtype=int)
    wholes = [
        tuple(sorted((*each, int(after))))
        for each, after in zip(antecedents, consequents, strict=True)
    ]
    counted = _counts(part, {*antecedents, *wholes, *((int(each),) for each in consequents)})
    a, k = (np.array([counted[each] for each in sets], dtype=int) for sets in (antecedents, wholes))
    c = np.array([counted[(int(each),)] for each in consequents], dtype=int)
    return measures(part.baskets, a, c, k).set_axis(rules.index, axis="index")


def _counts(part: Baskets, sets: set[tuple[int, ...]]) -> dict[tuple[int, ...], int]:
    """How many baskets hold each set of items; none where an item is not known."""
    unknown = len(part.items)
    counted = dict.fromkeys(sets, 0)
    known = sorted(each for each in sets if unknown not in each)
    for size in {len(each) for each in known}:
        of_size = [each for each in known if len(each) == size]
        rows: Whole = np.array(of_size, dtype=np.int64)
        many = part.counts[rows[:, 0]] if size == 1 else count_sets(part, rows)
        counted |= dict(zip(of_size, many.tolist(), strict=True))
    return counted


def _earlier_q(part: Baskets, rules: pd.DataFrame, judged: pd.DataFrame) -> "pd.Series[float]":
    """q-values in the earlier part, over all rules of a size that its items could make.

    The rules given may have been chosen by looking at all orders; as the family is every rule
    that could be made of the items in enough earlier baskets, that choice flatters none.
    """
    items = int((part.counts >= LEAST_TOGETHER).sum())
    sizes = rules["antecedent"].map(len) + 1
    q_value = pd.Series(1.0, index=rules.index)
    enough = judged["count"] >= LEAST_TOGETHER
    for size in sizes.unique():
        these = (sizes == size) & enough
        q_value[these] = adjusted(
            judged.loc[these, "p_value"].to_numpy(), family_size(items, int(size))
        )
    return q_value
