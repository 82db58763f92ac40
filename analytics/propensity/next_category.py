"""Which category a customer turns to next: four ways to list a few, judged by what came.

Own last ones (the rule), own most frequent ones, those that usually follow the last one (a Markov
chain over categories), and those most turned to by anyone. Each list is filled up by the last of
these, and a hit is a list that holds the category of the next action that has one.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.propensity.next_chain import Floats
from analytics.propensity.next_moments import UNKNOWN, Ints, Steps

LONGEST = 5
TOPS = (1, 3, 5)
WAYS = {
    "last": "The customer's own last categories",
    "frequent": "The customer's own most frequent categories",
    "chain": "What usually follows the last category (Markov chain)",
    "popular": "What everybody turns to",
}
RULE = "last"
JUDGED_ON = 20_000
"""Steps judged; of more a random part."""
RESAMPLES = 300
FEWEST, FEWEST_CUSTOMERS = 20, 10
SEED = 0
Lists = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Usual:
    """What usually follows a category.

    Attributes:
        popular: The categories most turned to, most first.
        after: For each category those that most often follow it, most first, shape (categories,
            `LONGEST`); `UNKNOWN` where fewer did.
    """

    popular: Ints
    after: Lists

    @classmethod
    def learn(cls, own: Ints, follows: Ints, categories: int) -> "Usual":
        """From categories and what followed each, shape (n,) each."""
        counts = np.bincount(follows, minlength=categories)
        popular = np.argsort(-counts, kind="stable")[:LONGEST]
        after = np.full((categories, LONGEST), UNKNOWN)
        moves, times = np.unique(own * categories + follows, return_counts=True)
        order = np.lexsort((moves, -times, moves // categories))
        before, then = moves[order] // categories, moves[order] % categories
        place = np.arange(len(order)) - np.searchsorted(before, before)
        kept = place < LONGEST
        after[before[kept], place[kept]] = then[kept]
        return cls(popular.astype(np.int64), after)


def following(steps: Steps) -> tuple[Steps, Ints, Ints]:
    """The steps with a category, that of the customer's next such step, and when it came.

    Returns:
        The steps; which category follows, `UNKNOWN` where none has; when, in microseconds.
    """
    told = steps.where(steps.category != UNKNOWN)
    same = np.r_[told.customer[1:] == told.customer[:-1], False][: len(told)]
    follows = np.where(same, np.r_[told.category[1:], 0][: len(told)], UNKNOWN)
    later = np.where(same, np.r_[told.at_us[1:], 0][: len(told)], np.iinfo(np.int64).max)
    return told, follows, later


def lists(told: Steps, wanted: Ints, usual: Usual) -> dict[str, Lists]:
    """Each way's list at some steps, by what was known there.

    Args:
        told: Steps that all have a category.
        wanted: The places of those asked about, rising.
        usual: What has been learnt.

    Returns:
        For each way its lists, best first, shape (wanted, `LONGEST`); `UNKNOWN` beyond their ends.
    """
    found = {name: np.full((len(wanted), LONGEST), UNKNOWN) for name in WAYS}
    popular = usual.popular.tolist()
    place, asked = 0, wanted.tolist()
    customer, category = told.customer.tolist(), told.category.tolist()
    recent: dict[int, None] = {}
    often: Counter[int] = Counter()
    for at, own in enumerate(category):
        if at == 0 or customer[at] != customer[at - 1]:
            recent, often = {}, Counter()
        recent.pop(own, None)
        recent[own] = None  # The newest stands last.
        often[own] += 1
        if place == len(asked) or asked[place] != at:
            continue
        newest = list(recent)[::-1]
        # Of equally frequent ones the newest is first: sorting keeps the order.
        frequent = sorted(newest, key=lambda each: -often[each])[:LONGEST]
        chain = [each for each in usual.after[own].tolist() if each != UNKNOWN]
        for name, listed in (
            ("last", newest[:LONGEST]), ("frequent", frequent),
            ("chain", [*chain, *newest[:LONGEST]]), ("popular", []),
        ):  # fmt: skip
            whole = list(dict.fromkeys([*listed, *popular]))[:LONGEST]
            found[name][place, : len(whole)] = whole
        place += 1
    return found


def hits(listed: Lists, follows: Ints, top: int) -> Floats:
    """1 where the first so many of a list hold what followed, else 0, shape (n,)."""
    return np.asarray((listed[:, :top] == follows[:, None]).any(axis=1), dtype=np.float64)


def judge(steps: Steps, cut_us: int) -> tuple[pd.DataFrame, str]:
    """All ways on the steps from a moment on, learnt from those before it.

    Args:
        steps: What customers did.
        cut_us: The moment, microseconds since 1970.

    Returns:
        DataFrame method, label, used, and for each of `TOPS` hit_1_share (lists of one that hold
        what came), …, with _lo and _hi (95%, customers drawn with replacement), steps; empty with
        too little. And the way in use: the best that leads the customer's own last categories by
        more than chance at lists of three, else those. Which is best is settled before the moment.
    """
    told, follows, later = following(steps)
    taught = (follows != UNKNOWN) & (later < cut_us)
    judged = np.flatnonzero((follows != UNKNOWN) & (told.at_us >= cut_us))
    if len(judged) < FEWEST or taught.sum() < FEWEST:
        return pd.DataFrame(), RULE
    categories = len(told.categories)
    inner = int(np.quantile(told.at_us[taught], 0.75))
    tried = np.flatnonzero(taught & (told.at_us >= inner))
    earlier = taught & (later < inner)
    chosen = "chain"
    if earlier.any() and len(tried):
        tried = _some(tried)
        usual = Usual.learn(told.category[earlier], follows[earlier], categories)
        reached = {
            name: hits(each, follows[tried], 3).mean()
            for name, each in lists(told, tried, usual).items() if name != RULE
        }  # fmt: skip
        chosen = max(reached, key=lambda name: float(reached[name]))
    judged = _some(judged)
    usual = Usual.learn(told.category[taught], follows[taught], categories)
    every = lists(told, judged, usual)
    folk, code = np.unique(told.customer[judged], return_inverse=True)
    rng, count = np.random.default_rng(SEED), len(folk)
    draws = np.array(
        [np.bincount(rng.integers(0, count, count), minlength=count) for _ in range(RESAMPLES)]
    )
    sizes = draws @ np.bincount(code, minlength=count)

    def drawn(values: Floats) -> tuple[float, float]:
        if count < FEWEST_CUSTOMERS:
            return np.nan, np.nan
        lo, hi = np.percentile(draws @ np.bincount(code, values, count) / sizes, [2.5, 97.5])
        return float(lo), float(hi)

    rows = []
    for name, listed in every.items():
        row: dict[str, object] = {"method": name, "label": WAYS[name]}
        for top in TOPS:
            right = hits(listed, follows[judged], top)
            lo, hi = drawn(right)
            row |= {f"hit_{top}_share": float(right.mean()), f"hit_{top}_lo": lo,
                    f"hit_{top}_hi": hi}  # fmt: skip
        rows.append(row)
    lead = [hits(every[name], follows[judged], 3) for name in (chosen, RULE)]
    used = chosen if drawn(lead[0] - lead[1])[0] > 0 else RULE
    table = pd.DataFrame(rows).assign(steps=len(judged))
    table.insert(2, "used", table["method"] == used)
    return table.sort_values("hit_3_share", ascending=False, ignore_index=True), used


def foretell(steps: Steps, way: str, usual: Usual) -> Ints:
    """The likeliest category of each customer, by code of customer; `UNKNOWN` where none is."""
    found = np.full(len(steps.customers), UNKNOWN)
    told, _, _ = following(steps)
    if len(told):
        places = told.last
        found[told.customer[places]] = lists(told, places, usual)[way][:, 0]
    return found


def usual_of(steps: Steps) -> Usual:
    """What usually follows, of all steps."""
    told, follows, _ = following(steps)
    known = follows != UNKNOWN
    return Usual.learn(told.category[known], follows[known], max(len(told.categories), 1))


def _some(places: Ints) -> Ints:
    if len(places) <= JUDGED_ON:
        return places
    return np.sort(np.random.default_rng(SEED).choice(places, JUDGED_ON, replace=False))
