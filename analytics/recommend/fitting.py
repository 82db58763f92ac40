"""Let a method learn from a shop: the one asked for, or the one that is best on its last weeks."""

from collections.abc import Mapping
from datetime import date
from typing import Any, get_args

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.recommend import methods
from analytics.recommend.history import (
    History,
    Job,
    bought_between,
    check_job,
    days_before,
    read,
)
from analytics.recommend.lists import lister
from analytics.recommend.methods import METHODS, Choice, Method
from analytics.recommend.model import Model
from analytics.recommend.neighbours import Similarity
from analytics.recommend.race import TEST_DAYS, Comparison, race
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
        AnalyticsError: A method, job or weight is not possible.
    """
    check_job(job)
    if method != "auto" and method not in get_args(Method):
        raise AnalyticsError(
            f"There is no method “{method}”.", f"Choose auto or one of {', '.join(METHODS)}."
        )
    day = as_of or store.default_as_of()
    history = read(store, day, signals)
    if method != "auto":
        asked = _asked(store, history, job, method, signals, similarity)
        return _model(job, method, history, asked, "This method was asked for.", None)
    try:
        found = race(store, job, tuple(METHODS), TEST_DAYS, day, signals, similarity)
    except NotEnoughDataError as error:
        rule = "again" if job == "again" else "popular"
        verdict = f"{error.problem} {error.fix}"
        return _model(job, rule, history, methods.make(rule, history, {}), verdict, None)
    scorer: Scorer
    winner, choices = found.comparison.winner, found.choices
    if winner == "two_stage":
        ranker = methods.rank(found.history, found.bought, _base(found.scorers, job), job)
        assert ranker is not None, "the test window has enough purchases to be judged"
        scorers = {name: methods.make(name, history, choices[name]) for name in ranker.names}
        scorer = methods.stage(history, scorers, ranker, job)
    else:
        scorer = methods.make(winner, history, choices.get(winner, {}))
    return _model(job, winner, history, scorer, found.comparison.verdict, found.comparison)


def _base(scorers: Mapping[str, Scorer], job: Job) -> dict[str, Scorer]:
    """Of what raced, the methods whose candidates the two stages use."""
    return {name: scorers[name] for name in methods.bases(job, tuple(scorers))}


def _asked(
    store: Store,
    history: History,
    job: Job,
    method: str,
    signals: Mapping[str, float] | None,
    similarity: Similarity | None,
) -> Scorer:
    """A method with its parameters chosen on the last four weeks."""
    if method not in methods.GRIDS and method != "two_stage":
        return methods.make(method, history, {})
    earlier: tuple[History, Any] | None = None
    try:
        before = read(store, days_before(history.as_of, TEST_DAYS), signals)
        earlier = (before, bought_between(store, before, history.as_of))
    except NotEnoughDataError:
        if method == "two_stage":
            raise
    choice: Choice = methods.first(method, similarity)
    if method != "two_stage":
        if earlier:
            choice = methods.tune(method, *earlier, job, similarity).choice
        return methods.make(method, history, choice)
    assert earlier is not None
    learnt = {name: methods.tune(name, *earlier, job, similarity) for name in methods.bases(job)}
    scorers = {name: each.scorer for name, each in learnt.items()}
    ranker = methods.rank(*earlier, scorers, job)
    if ranker is None:
        raise NotEnoughDataError(
            "Too few of the products that the methods name were bought in the last four weeks.",
            "Choose another method until there are more orders.",
        )
    now = {name: methods.make(name, history, each.choice) for name, each in learnt.items()}
    return methods.stage(history, now, ranker, job)


def _model(
    job: Job,
    method: str,
    history: History,
    scorer: Scorer,
    verdict: str,
    comparison: Comparison | None,
) -> Model:
    name: Method = next(each for each in METHODS if each == method)
    return Model(
        job=job,
        method=name,
        label=METHODS[name],
        parameters=scorer.chosen,
        as_of=history.as_of,
        verdict=verdict,
        comparison=comparison,
        lister=lister(history, job, name, scorer),
    )
