"""The methods by name, and how each one's parameters are chosen on a window it has not seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from analytics import pytorch
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.recommend import judge, neural
from analytics.recommend.content import Content
from analytics.recommend.factors import Als, Nmf, Svd
from analytics.recommend.history import History, Ints, Job
from analytics.recommend.hybrid import Hybrid, choose
from analytics.recommend.lists import FEWEST_BASKETS, lister
from analytics.recommend.neighbours import Ease, ItemNeighbours, Similarity, UserNeighbours
from analytics.recommend.scorer import Again, Popular, Scorer
from analytics.recommend.two_stage import Ranker, Stage, learn

Method = Literal[
    "popular",
    "again",
    "als",
    "ease",
    "item_knn",
    "user_knn",
    "svd",
    "nmf",
    "content",
    "hybrid",
    "neural",
    "two_stage",
]
METHODS: Mapping[Method, str] = {
    "popular": "Best sellers of the last 28 days",
    "again": "Buy again: own orders, the latest first",
    "als": "Matrix factorisation (ALS)",
    "ease": "Bought together (EASE)",
    "item_knn": "Similar products (item-kNN)",
    "user_knn": "Similar customers (user-kNN)",
    "svd": "Matrix factorisation (SVD)",
    "nmf": "Matrix factorisation (NMF)",
    "content": "Alike by category, brand, price and name",
    "hybrid": "Taste, habit, likeness and fashion in one sum",
    **({"neural": neural.LABEL} if pytorch.available() else {}),
    "two_stage": "Several methods, put in order by learnt trees",
}
"""The methods that can be used here: the neural network only where its library is installed."""
RULES: tuple[Method, ...] = ("popular", "again")
K = 10

Choice = Mapping[str, Any]
GRIDS: Mapping[str, Sequence[Choice]] = {
    "als": (
        {"regularisation": 20.0},
        {"regularisation": 10.0},
        {"regularisation": 10.0, "weighting": "bm25"},
        {"regularisation": 30.0, "weighting": "bm25"},
    ),
    "ease": ({"regularisation": 100.0}, {"regularisation": 300.0}, {"regularisation": 1000.0}),
    "item_knn": ({"similarity": "cosine", "count": 100}, {"similarity": "bm25", "count": 20}),
    "hybrid": ({},),
}
"""What is tried; of other methods one setting is enough. The first is used where none can be
tried. Of the hybrid, ALS's and the weights of its parts."""


@dataclass(frozen=True)
class Learnt:
    """A method with its parameters, chosen.

    Attributes:
        scorer: What it learnt.
        choice: The parameters it was made with.
    """

    scorer: Scorer
    choice: Choice


def check_methods(methods: Sequence[str]) -> tuple[Method, ...]:
    """The methods asked for, in the order of `METHODS`.

    Raises:
        AnalyticsError: One is unknown, or its library is not installed.
    """
    for name in methods:
        if name == "neural":
            neural.check_available()
        if name not in get_args(Method):
            raise AnalyticsError(
                f"There is no method “{name}”.", f"Choose among {', '.join(METHODS)}."
            )
    return tuple(name for name in METHODS if name in methods)


def make(method: str, history: History, choice: Choice) -> Scorer:
    """Let a method other than `two_stage` learn from a history."""
    with threadpool_limits(limits=1, user_api="blas"):
        return _made(method, history, choice)


def _made(method: str, history: History, choice: Choice) -> Scorer:
    match method:
        case "popular":
            return Popular(history)
        case "again":
            return Again(history)
        case "als":
            return Als(history.strength, **choice)
        case "ease":
            return Ease(history.strength, **choice)
        case "item_knn":
            return ItemNeighbours(history.strength, **choice)
        case "user_knn":
            return UserNeighbours(history.strength, **choice)
        case "svd":
            return Svd(history.strength, **choice)
        case "nmf":
            return Nmf(history.strength, **choice)
        case "hybrid":
            return Hybrid(history, **choice)
        case "neural":
            return neural.Neural(history, **choice)
    return Content(history.strength, history.products)


def tune(
    method: str,
    history: History,
    bought: Any,
    job: Job,
    similarity: Similarity | None = None,
    als: Learnt | None = None,
) -> Learnt:
    """The parameters whose lists from a history were best in the window after it.

    Args:
        method: Which, other than `two_stage`.
        history: What was known before the window.
        bought: What was bought in it.
        job: What the lists are for.
        similarity: For `item_knn`, only this one.
        als: For `hybrid`, what this returned for `als` and the same history.
    """
    if method == "hybrid":
        return _tuned_hybrid(history, bought, job, als or tune("als", history, bought, job))
    choices = _tried(method, similarity)
    if len(choices) == 1:
        return Learnt(make(method, history, choices[0]), choices[0])
    kept: Learnt | None = None
    highest = -1.0
    rows, wanted = judged(history, bought, job)
    if not len(rows):
        return Learnt(make(method, history, choices[0]), choices[0])
    for choice in choices:
        learnt = Learnt(make(method, history, choice), choice)
        top = lister(history, job, method, learnt.scorer).lists(rows, K).products
        reached = float(judge.per_customer(top, wanted)["ndcg"].mean())
        if reached > highest:
            kept, highest = learnt, reached
    assert kept is not None
    return kept


def _tuned_hybrid(history: History, bought: Any, job: Job, als: Learnt) -> Learnt:
    """The weights of the hybrid's parts, on the customers whose lists a method makes."""
    assert isinstance(als.scorer, Als)
    rows, wanted = judged(history, bought, job)
    seasoned = history.customers["baskets"].to_numpy()[rows] >= FEWEST_BASKETS
    choice: Choice = dict(als.choice)
    if seasoned.any():
        with threadpool_limits(limits=1, user_api="blas"):
            weights = choose(history, rows[seasoned], wanted[seasoned], job, als.scorer)
        choice = {**als.choice, **weights}
    return Learnt(Hybrid(history, **choice, als=als.scorer), choice)


def first(method: str, similarity: Similarity | None = None) -> Choice:
    """The parameters where none can be tried."""
    return _tried(method, similarity)[0]


def _tried(method: str, similarity: Similarity | None) -> list[Choice]:
    if method == "item_knn" and similarity is not None:
        return [{"similarity": similarity, "count": count} for count in (100, 20)]
    return list(GRIDS.get(method, ({},)))


def judged(history: History, bought: Any, job: Job) -> tuple[Ints, Any]:
    """The customers that a window can judge, and what each bought in it that counts.

    For `discover` only what they had never bought before counts.
    """
    wanted = bought.tocsr()
    if job == "discover":
        wanted = (wanted - wanted.multiply(history.purchases > 0)).tocsr()
        wanted.eliminate_zeros()
    rows = np.flatnonzero(np.diff(wanted.indptr))
    return rows, wanted[rows]


UNUSED = ("two_stage", "hybrid", "content", "nmf", "neural", *RULES)
"""What the two stages take no candidates from, but for the rules. Without the neural network they
are the same whether or not its library is installed."""


def bases(job: Job, methods: Sequence[str] = ()) -> tuple[str, ...]:
    """The methods whose candidates the two stages use: all at hand, or a good few."""
    rules = RULES if job == "again" else ("popular",)
    at_hand = [name for name in methods if name not in UNUSED]
    return (*rules, *(at_hand if len(at_hand) >= 2 else ("als", "ease", "item_knn", "svd")))


def stage(history: History, scorers: Mapping[str, Scorer], ranker: Ranker, job: Job) -> Stage:
    """Two stages on a history, put in order by what was learnt on an earlier one."""
    return Stage(history, {name: scorers[name] for name in ranker.names}, ranker, job)


def rank(history: History, bought: Any, scorers: Mapping[str, Scorer], job: Job) -> Ranker | None:
    """What the trees learn from a window; None where it holds too little."""
    wanted = judged(history, bought, job)
    try:
        full = bought.tocsr() if job == "again" else _spread(wanted, history.shape)
        return learn(history, full, scorers, job)
    except NotEnoughDataError:
        return None


def _spread(wanted: tuple[Ints, Any], shape: tuple[int, int]) -> Any:
    """The rows that count, back at their places."""
    rows, matrix = wanted
    entries = matrix.tocoo()
    return sparse.csr_matrix((entries.data, (rows[entries.row], entries.col)), shape=shape)
