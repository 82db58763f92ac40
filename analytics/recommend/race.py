"""Which method is best for a shop, on its own last weeks.

All methods learn from what happened before the test window; their parameters, and the trees of the
two stages, come from the window before that one. A method is used only where the interval of its
lead over the shopkeeper's rules leaves out 0, widened for the number of methods in the race;
otherwise the rule is.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.recommend import judge, methods
from analytics.recommend.history import (
    History,
    Ints,
    Job,
    bought_between,
    check_job,
    days_before,
    read,
)
from analytics.recommend.lists import lister
from analytics.recommend.methods import METHODS, RULES, Choice, K, Learnt, Method, check_methods
from analytics.recommend.neighbours import Similarity
from analytics.recommend.scorer import Scorer
from analytics.recommend.spread import Spreader, measure
from analytics.store import Store

TEST_DAYS = 28
LOOKED_AT = 20_000
"""Of more customers, methods are compared on so many drawn at random."""
FEWEST_JUDGED = 30
SEED = 0


@dataclass(frozen=True)
class Comparison:
    """Methods beside the rules on the same customers.

    Attributes:
        job: `discover` or `again`.
        table: A row a method, the best first: method, label, parameters, ndcg, precision, recall,
            f1, average_precision (its mean is MAP), hit_rate, catalogue_share (each 0 to 1; the
            first ten products of each list), novelty_bits; lead_popular, lead_popular_lo,
            lead_popular_hi, lead_again, lead_again_lo, lead_again_hi (NDCG, with 95% intervals;
            NaN for `discover`, since nothing can be bought again there); seconds.
        winner: The method to use.
        rule: The rule it was held against.
        verdict: The same in words.
        k: How long a list is.
        from_day: First day of the test window.
        until_day: The day after its last.
        customers: How many customers were judged.
        looked_at: How many customers the methods learnt from.
        spread: What more variety in the winner's lists costs, a row each for 0, 0.25, 0.5, 0.75
            and 1: spread; ndcg; ndcg_lost, ndcg_lost_lo, ndcg_lost_hi (with 95% intervals);
            catalogue_share, best_seller_share (of all places, those of the ten products shown
            most); categories_per_list (NaN where no category is known).
    """

    job: Job
    table: pd.DataFrame
    winner: str
    rule: str
    verdict: str
    k: int
    from_day: date
    until_day: date
    customers: int
    looked_at: int
    spread: pd.DataFrame


@dataclass(frozen=True)
class Race:
    """A comparison and what was learnt for it, so that a fit need not learn it again."""

    comparison: Comparison
    history: History
    bought: Any
    scorers: Mapping[str, Scorer]
    choices: Mapping[str, Choice] = field(default_factory=dict)


def compare(
    store: Store,
    job: Job = "discover",
    methods: Sequence[str] = tuple(METHODS),
    test_days: int = TEST_DAYS,
    *,
    as_of: date | None = None,
    signals: Mapping[str, float] | None = None,
    similarity: Similarity | None = None,
) -> Comparison:
    """Compare methods on this shop's last weeks, which none of them has seen.

    Args:
        store: The shop.
        job: `discover` (only what a customer never bought) or `again` (whatever they buy next).
        methods: Which of `METHODS`; the rules always take part.
        test_days: The length of the test window, and of the one before it that chooses parameters.
        as_of: The day after the test window; by default the day after the last order.
        signals: The weight of purchases and events; `SIGNALS` by default.
        similarity: For item-kNN only this similarity; by default the better of two.

    Raises:
        NotEnoughDataError: Too few customers bought anything that could be judged.
        AnalyticsError: A method, job, weight or length is not possible.
    """
    day = as_of or store.default_as_of()
    return race(store, job, methods, test_days, day, signals, similarity).comparison


def race(
    store: Store,
    job: Job,
    names: Sequence[str],
    test_days: int,
    as_of: date,
    signals: Mapping[str, float] | None,
    similarity: Similarity | None,
) -> Race:
    """`compare`, with what was learnt on the way."""
    check_job(job)
    if not 1 <= test_days <= 366:
        raise AnalyticsError(
            f"A test window of {test_days} days is not possible.", "Choose 1 to 366 days."
        )
    asked = check_methods([*names, *RULES])
    if job == "discover":
        asked = tuple(name for name in asked if name != "again")
    from_day = days_before(as_of, test_days)
    people = _drawn(store.query("recommend_customers", as_of=from_day))
    history = read(store, from_day, signals, customers=people)
    bought = bought_between(store, history, as_of)
    rows, wanted = methods.judged(history, bought, job)
    if len(rows) < FEWEST_JUDGED:
        what = "bought anything new to them" if job == "discover" else "came back and bought"
        raise NotEnoughDataError(
            f"Only {len(rows)} customers {what} in the last {test_days} days.",
            f"Methods can be compared once {FEWEST_JUDGED} do; until then the rule is used.",
        )
    earlier = _earlier(store, days_before(from_day, test_days), people, signals, from_day)
    scorers: dict[str, Scorer] = {}
    before: dict[str, Scorer] = {}
    choices: dict[str, Choice] = {}
    tops: dict[str, tuple[Ints, float, str]] = {}
    learning: list[str] = [name for name in asked if name != "two_stage"]
    if "two_stage" in asked:
        learning = list(dict.fromkeys([*learning, *methods.bases(job, asked)]))
    for name in learning:
        start = time.perf_counter()
        als = Learnt(before["als"], choices["als"]) if "als" in before else None
        learnt = _learnt(name, earlier, job, similarity, als)
        choices[name] = learnt.choice if learnt else methods.first(name, similarity)
        if learnt:
            before[name] = learnt.scorer
        scorers[name] = methods.make(name, history, choices[name])
        tops[name] = _listed(history, job, name, scorers[name], rows, start)
    if "two_stage" in asked and earlier:
        start = time.perf_counter()
        among = {name: before[name] for name in methods.bases(job, asked)}
        ranker = methods.rank(*earlier, among, job)
        if ranker:
            scorers["two_stage"] = methods.stage(history, scorers, ranker, job)
            tops["two_stage"] = _listed(
                history, job, "two_stage", scorers["two_stage"], rows, start
            )
    table = _table(history, {name: tops[name] for name in asked if name in tops}, wanted)
    winner = _winner(job, table)
    spreader = Spreader(lister(history, job, winner, scorers[winner]))
    spread = measure(spreader, rows, wanted, K)
    comparison = Comparison(
        job=job,
        table=table,
        winner=winner,
        rule=_rule(job, table),
        verdict=_sentence(job, table, winner, len(rows)),
        k=K,
        from_day=from_day,
        until_day=as_of,
        customers=len(rows),
        looked_at=len(people),
        spread=spread,
    )
    return Race(comparison, history, bought, scorers, choices)


def _drawn(people: pd.DataFrame) -> pd.DataFrame:
    """At most 20,000 of the customers, in order."""
    if len(people) <= LOOKED_AT:
        return people
    return people.sample(LOOKED_AT, random_state=SEED).sort_index().reset_index(drop=True)


def _earlier(
    store: Store,
    day: date,
    people: pd.DataFrame,
    signals: Mapping[str, float] | None,
    until: date,
) -> tuple[History, Any] | None:
    """The window before the test, and what was known before that; None where there is nothing."""
    before = store.query("recommend_customers", as_of=day)
    before = before[before["customer_id"].isin(people["customer_id"])].reset_index(drop=True)
    try:
        history = read(store, day, signals, customers=before)
    except NotEnoughDataError:
        return None
    return history, bought_between(store, history, until)


def _learnt(
    name: str,
    earlier: tuple[History, Any] | None,
    job: Job,
    similarity: Similarity | None,
    als: Learnt | None,
) -> Learnt | None:
    return methods.tune(name, *earlier, job, similarity, als) if earlier else None


def _listed(
    history: History, job: Job, name: str, scorer: Scorer, rows: Ints, start: float
) -> tuple[Ints, float, str]:
    """A method's lists, the seconds since a moment, and its parameters in words."""
    top = lister(history, job, name, scorer).lists(rows, K).products
    return top, time.perf_counter() - start, scorer.chosen


def _table(
    history: History, tops: Mapping[Method, tuple[Ints, float, str]], wanted: Any
) -> pd.DataFrame:
    each = {name: judge.per_customer(top, wanted) for name, (top, _, _) in tops.items()}
    entrants = max(len(set(tops) - set(RULES)), 1)
    rows = []
    for method, (top, seconds, chosen) in tops.items():
        measures = each[method]
        row: dict[str, Any] = {
            "method": method,
            "label": METHODS[method],
            "parameters": chosen,
            **{name: float(measures[name].mean()) for name in judge.MEASURES},
            "catalogue_share": judge.catalogue_share(top, history.shape[1]),
            "novelty_bits": judge.novelty(top, history.buyers, history.shape[0]),
        }
        for rule in RULES:
            lead, lo, hi = (
                judge.lead(measures["ndcg"], each[rule]["ndcg"], compared=entrants)
                if rule in each
                else (np.nan, np.nan, np.nan)
            )
            row |= {f"lead_{rule}": lead, f"lead_{rule}_lo": lo, f"lead_{rule}_hi": hi}
        rows.append(row | {"seconds": seconds})
    found = (
        pd.DataFrame(rows)
        .rename(columns={"hit": "hit_rate"})
        .sort_values("ndcg", ascending=False, kind="stable")
    )
    return found.reset_index(drop=True)


def _reached(table: pd.DataFrame) -> dict[str, float]:
    return dict(zip(table["method"], table["ndcg"].astype(float), strict=True))


def _rule(job: Job, table: pd.DataFrame) -> str:
    """The better rule."""
    reached = _reached(table)
    return "again" if job == "again" and reached["again"] >= reached["popular"] else "popular"


def _winner(job: Job, table: pd.DataFrame) -> str:
    """The best of the methods that are clearly ahead of the better rule, or that rule."""
    rule = _rule(job, table)
    ahead = table[~table["method"].isin(RULES) & (table[f"lead_{rule}_lo"] > 0)]
    return str(ahead["method"].iloc[0]) if len(ahead) else rule


TASKS: Mapping[Job, str] = {
    "discover": "what customers buy that is new to them",
    "again": "what customers buy next",
}
RULE_WORDS = {
    "popular": ("recent best sellers", "are"),
    "again": ("buying again what they bought", "is"),
}


def _sentence(job: Job, table: pd.DataFrame, winner: str, customers: int) -> str:
    rule = _rule(job, table)
    of_rule = _reached(table)[rule]
    words, verb = RULE_WORDS[rule]
    scale = "NDCG of the first ten, where 1 is perfect"
    others = table[~table["method"].isin(RULES)]
    if others.empty:
        return (
            f"Only the rules were compared: {words} reached {of_rule:.3f} ({scale}). "
            f"So {words} {verb} used."
        )
    best = (table[table["method"] == winner] if winner != rule else others).iloc[0]
    figures = (
        f"{float(best['ndcg']):.3f} against {of_rule:.3f} ({scale}; the difference lies between "
        f"{float(best[f'lead_{rule}_lo']):+.3f} and {float(best[f'lead_{rule}_hi']):+.3f}, "
        f"{customers:,} customers)"
    )
    if winner != rule:
        return (
            f"“{best['label']}” names {TASKS[job]} better than {words}: {figures}. So it is used."
        )
    return (
        f"No method names {TASKS[job]} clearly better than {words}: the best, “{best['label']}”, "
        f"reached {figures}. So {words} {verb} used."
    )
