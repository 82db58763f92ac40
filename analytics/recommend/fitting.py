"""Let a method learn from a shop: the one asked for, or the one that is best on its last weeks.

What was decided and learnt is kept in the store, so that it takes minutes but once for the same
data, day, feedback and wishes.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, get_args

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.recommend import methods, neural, saved
from analytics.recommend.history import (
    History,
    Job,
    bought_between,
    check_job,
    check_signals,
    days_before,
    read,
)
from analytics.recommend.lists import lister
from analytics.recommend.methods import METHODS, RULES, Choice, Method
from analytics.recommend.model import Model
from analytics.recommend.neighbours import Similarity
from analytics.recommend.newcomers import listed, newcomers
from analytics.recommend.race import TEST_DAYS, race
from analytics.recommend.saved import Decision
from analytics.recommend.scorer import Scorer
from analytics.store import Store


def fit(
    store: Store,
    job: Job = "discover",
    method: str = "auto",
    as_of: date | None = None,
    signals: Mapping[str, float] | None = None,
    *,
    similarity: Similarity | None = None,
) -> Model:
    """Learn what to offer whom.

    Args:
        store: The shop.
        job: `discover` (only what a customer never bought) or `again` (whatever they buy next).
        method: One of `METHODS`, or `auto`: the winner of `compare` on the shop's last four weeks,
            or the rule where nothing beats it.
        as_of: Only what happened before this day counts; by default the day after the last order.
        signals: The weight of purchases and events; `SIGNALS` by default.
        similarity: For item-kNN only this similarity; by default the better of two.

    Raises:
        NotEnoughDataError: No product is known, nobody bought any, or there is too little for the
            two stages.
        AnalyticsError: A method, job or weight is not possible, or the method's library is not
            installed.
    """
    check_job(job)
    if method != "auto" and method not in get_args(Method):
        raise AnalyticsError(
            f"There is no method “{method}”.", f"Choose auto or one of {', '.join(METHODS)}."
        )
    if method == "neural":
        neural.check_available()
    day = as_of or store.default_as_of()
    history = read(store, day, signals)
    stamp = saved.stamp_of(store, history, check_signals(signals), similarity)
    kept = saved.find(store, f"{job}_{method}", stamp)
    decision = kept or _decided(store, history, job, method, signals, similarity)
    scorer = _learnt(history, job, decision)
    if kept is None and method not in RULES:
        saved.keep(store, f"{job}_{method}", stamp, decision, scorer)
    name: Method = next(each for each in METHODS if each == decision.method)
    return Model(
        job=job,
        method=name,
        label=METHODS[name],
        parameters=scorer.chosen,
        as_of=history.as_of,
        verdict=decision.verdict,
        comparison=decision.comparison,
        lister=replace(
            lister(history, job, name, scorer),
            newcomers=(
                () if method in RULES else listed(store, history, newcomers(store, day, signals))
            ),
        ),
    )


def _learnt(history: History, job: Job, decision: Decision) -> Scorer:
    """What was decided on, learnt from all that is known."""
    scorers = {
        name: methods.make(name, history, choice) for name, choice in decision.choices.items()
    }
    if decision.ranker is None:
        return scorers[decision.method]
    return methods.stage(history, scorers, decision.ranker, job)


def _decided(
    store: Store,
    history: History,
    job: Job,
    method: str,
    signals: Mapping[str, float] | None,
    similarity: Similarity | None,
) -> Decision:
    """What to learn: what was asked for, the winner of a race, or where there is none the rule."""
    if method != "auto":
        return _asked(store, history, job, method, signals, similarity)
    try:
        found = race(store, job, tuple(METHODS), TEST_DAYS, history.as_of, signals, similarity)
    except NotEnoughDataError as error:
        rule = "again" if job == "again" else "popular"
        return Decision(rule, f"{error.problem} {error.fix}", None, {rule: {}})
    compared, choices = found.comparison, found.choices
    if compared.winner != "two_stage":
        won = {compared.winner: choices.get(compared.winner, {})}
        return Decision(compared.winner, compared.verdict, compared, won)
    among = {name: found.scorers[name] for name in methods.bases(job, tuple(found.scorers))}
    ranker = methods.rank(found.history, found.bought, among, job)
    assert ranker is not None, "the test window has enough purchases to be judged"
    used = {name: choices[name] for name in ranker.names}
    return Decision("two_stage", compared.verdict, compared, used, ranker)


def _asked(
    store: Store,
    history: History,
    job: Job,
    method: str,
    signals: Mapping[str, float] | None,
    similarity: Similarity | None,
) -> Decision:
    """A method with its parameters chosen on the last four weeks."""
    verdict = "This method was asked for."
    if method not in methods.GRIDS and method != "two_stage":
        return Decision(method, verdict, None, {method: {}})
    earlier: tuple[History, Any] | None = None
    try:
        before = read(store, days_before(history.as_of, TEST_DAYS), signals)
        earlier = (before, bought_between(store, before, history.as_of))
    except NotEnoughDataError:
        if method == "two_stage":
            raise
    if method != "two_stage":
        choice: Choice = methods.first(method, similarity)
        if earlier:
            choice = methods.tune(method, *earlier, job, similarity).choice
        return Decision(method, verdict, None, {method: choice})
    assert earlier is not None
    learnt = {name: methods.tune(name, *earlier, job, similarity) for name in methods.bases(job)}
    scorers = {name: each.scorer for name, each in learnt.items()}
    ranker = methods.rank(*earlier, scorers, job)
    if ranker is None:
        raise NotEnoughDataError(
            "Too few of the products that the methods name were bought in the last four weeks.",
            "Choose another method until there are more orders.",
        )
    used = {name: each.choice for name, each in learnt.items()}
    return Decision("two_stage", verdict, None, used, ranker)
