"""What each customer will bring in the days to come, beside “the same as in the days before”.

Two models learn from earlier cut-offs: boosted trees with a Poisson loss, which keeps the mean
right where most bring nothing, and a linear model of the logarithm, turned back by Duan's smearing
(1983). They are judged by the last whole window, by how far off they are for a customer, in all,
and by how well they order customers (normalised Gini, `analytics.evaluate`). What all customers
bring moves with the season, so that models are scaled to the total of the latest window they have
not learnt from; that leaves the order as it is.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import sklearn
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from threadpoolctl import threadpool_limits

from analytics import evaluate
from analytics.errors import NotEnoughDataError
from analytics.evaluate import Verdict
from analytics.propensity import features, leakage, targets
from analytics.propensity.features import Encoder, Matrix
from analytics.propensity.models import SEED, Floats
from analytics.propensity.racing import TRAINED_ON, Rows, sample
from analytics.store import Store

RULE = "same"
LABELS = {
    "boosting": "Boosted trees",
    "linear": "Linear model of the logarithm",
    RULE: "The same as in the days before",
}
FEWEST = 20
MOST = 2.0
"""A total is scaled up or down so many times at most."""
CODE_VERSION = 1
NAMES = ("spending", "spending_report")


@dataclass(frozen=True)
class RevenueReport:
    """All about what customers are expected to bring but their own figures.

    Attributes:
        winner: The model or the rule in use.
        verdict: The model that did best on earlier days beside the rule.
        table: DataFrame method, label, used, mean_error and root_mean_square_error (money, of a
            customer), total_off_share (of all revenue; 0.1: a tenth too much), gini.
        customers: How many were asked about today.
        total: What all of them are expected to bring (money).
    """

    winner: str
    verdict: Verdict
    table: pd.DataFrame
    customers: int
    total: float


@dataclass(frozen=True)
class Revenue(RevenueReport):
    """The same with every customer's figure.

    Attributes:
        scores: DataFrame customer_id, expected_revenue (money), in the order of the first.
    """

    scores: pd.DataFrame


@dataclass(frozen=True)
class KeptRevenue:
    """What customers are expected to bring, kept in the store.

    Attributes:
        table: The name to hand to `store.query(tables={"spending": …})`: customer_id,
            expected_revenue.
        report: How well it went.
    """

    table: str
    report: RevenueReport


def revenue(
    store: Store, days: int = 90, as_of: date | None = None, *, without: Collection[str] = ()
) -> Revenue:
    """What every customer is expected to bring in the days to come.

    Args:
        store: The shop.
        days: How many days.
        as_of: Only what happened before this day counts; by default the day after the last order.
        without: Features the models are not to see.

    Raises:
        NotEnoughDataError: Too few days, or too few customers who brought anything.
        AnalyticsError: The days or a feature make no sense.
    """
    day = as_of or store.default_as_of()
    target = targets.parse(store, "order", days, day)
    chosen = features.used(target, without)
    cut_offs = targets.cut_offs(store, target, day)
    part = TRAINED_ON // len(cut_offs)
    frames = [sample(features.frame(store, target, cut_off), part) for cut_off in cut_offs]
    came = [
        _brought(store, frame, cut_off, days)
        for frame, cut_off in zip(frames, cut_offs, strict=True)
    ]
    on = np.repeat(np.array(cut_offs, dtype=object), [len(frame) for frame in frames])
    # What came stands where others hold whether something was done.
    rows = Rows(pd.concat(frames, ignore_index=True), np.concatenate(came), pd.Series(on), days)
    past, judged = rows.until(cut_offs[-1]), rows.at(cut_offs[-1])
    if min((past.did > 0).sum(), (judged.did > 0).sum()) < FEWEST:
        raise NotEnoughDataError(
            f"Fewer than {FEWEST} customers brought anything in a window of {days} days.",
            "Choose more days, or import more orders.",
        )
    leakage.audit(store, cut_offs[-1], lambda shop, on: features.frame(shop, target, on))
    model, scales = _tried(past, chosen)
    raw = _learn(past, chosen, judged.features)
    foretold = {name: scales[name] * each for name, each in raw.items()}
    foretold[RULE] = _brought(store, judged.features, cut_offs[-1] - timedelta(days=days), days)
    verdict = evaluate.compare(
        judged.did, foretold[model], foretold[RULE], model=LABELS[model],
        rule="the revenue of the days before", outcome=f"revenue of the next {days} days",
    )  # fmt: skip
    winner = model if verdict.winner == "model" else RULE
    now = features.frame(store, target, day)
    expected = (
        _brought(store, now, day - timedelta(days=days), days)
        if winner == RULE
        else _scale(judged.did, raw[winner]) * _learn(rows, chosen, now)[winner]
    )
    scores = pd.DataFrame({"customer_id": now["customer_id"], "expected_revenue": expected})
    scores = scores.sort_values("expected_revenue", ascending=False, kind="stable")
    table = pd.DataFrame(
        [
            {"method": name, "label": LABELS[name], "used": name == winner}
            | errors(judged.did, foretold[name])
            for name in LABELS
        ]
    )
    return Revenue(
        winner, verdict, table, len(now), float(scores["expected_revenue"].sum()),
        scores.reset_index(drop=True),
    )  # fmt: skip


def find_revenue(
    store: Store, days: int, as_of: date, without: Collection[str]
) -> "KeptRevenue | None":
    """What is kept already, else None."""
    stamp = _stamp(store, days, as_of, without)
    table, report = (store.kept(name, stamp) for name in NAMES)
    if table is None or report is None:
        return None
    text = str(store.query("propensity_report", tables={"report": report})["content"].iloc[0])
    said = json.loads(text)
    frame = pd.DataFrame(**said.pop("table"))
    return KeptRevenue(
        table, RevenueReport(**said | {"table": frame, "verdict": Verdict(**said["verdict"])})
    )


def keep_revenue(
    store: Store, days: int = 90, as_of: date | None = None, *, without: Collection[str] = ()
) -> KeptRevenue:
    """What `revenue` finds as kept tables of the store, made only if they are not there yet.

    Raises:
        NotEnoughDataError, AnalyticsError: As for `revenue`.
    """
    day = as_of or store.default_as_of()
    if held := find_revenue(store, days, day, without):
        return held
    found = revenue(store, days, day, without=without)
    said = {
        "winner": found.winner, "verdict": vars(found.verdict), "customers": found.customers,
        "total": found.total,
        "table": json.loads(found.table.to_json(orient="split", index=False)),
    }  # fmt: skip
    stamp = _stamp(store, days, day, without)
    for name, frame in zip(
        NAMES, (found.scores, pd.DataFrame({"content": [json.dumps(said)]})), strict=True
    ):
        store.keep(name, stamp, pa.Table.from_pandas(frame, preserve_index=False))
    held = find_revenue(store, days, day, without)
    assert held is not None
    return held


def _stamp(store: Store, days: int, as_of: date, without: Collection[str]) -> str:
    asked = [store.version, days, str(as_of), sorted(without), CODE_VERSION, sklearn.__version__]
    return json.dumps(asked)


def errors(came: Floats, foretold: Floats) -> dict[str, float]:
    """How far off figures were.

    Args:
        came: What each customer brought, shape (n,).
        foretold: What was expected.

    Returns:
        mean_error, root_mean_square_error, total_off_share (NaN where nothing came), gini.

    >>> found = errors(np.array([0.0, 10.0]), np.array([2.0, 9.0]))
    >>> [round(value, 2) for value in found.values()]
    [1.5, 1.58, 0.1, 1.0]
    """
    off = foretold - came
    total = float(came.sum())
    return {
        "mean_error": float(np.abs(off).mean()),
        "root_mean_square_error": float(np.sqrt((off**2).mean())),
        "total_off_share": float(off.sum()) / total if total > 0 else float("nan"),
        "gini": evaluate.normalised_gini(came, foretold),
    }


def _brought(store: Store, frame: pd.DataFrame, begin: date, days: int) -> Floats:
    """What each customer brought in a window, shape (n,)."""
    found = store.query(
        "propensity_outcomes", from_day=begin, until_day=begin + timedelta(days=days),
        category=None, product_id=None,
    )  # fmt: skip
    money = found.set_index("customer_id")["revenue"].astype("float64")
    return np.asarray(money.reindex(frame["customer_id"]).fillna(0.0), dtype=np.float64)


def _tried(past: Rows, chosen: Any) -> tuple[str, dict[str, float]]:
    """The model that ordered customers best on the last of the earlier cut-offs, and by how much
    each fell short of the total there."""
    last = past.cut_off.max()
    earlier, tried = past.until(last), past.at(last)
    if not (earlier.did > 0).sum() >= FEWEST:
        return "boosting", dict.fromkeys(LABELS, 1.0)
    found = _learn(earlier, chosen, tried.features)
    best = max(found, key=lambda name: evaluate.normalised_gini(tried.did, found[name]))
    return best, {name: _scale(tried.did, each) for name, each in found.items()}


def _scale(came: Floats, foretold: Floats) -> float:
    """How much more came in all than was foretold, within reason."""
    total, told = float(came.sum()), float(foretold.sum())
    return float(np.clip(total / told, 1 / MOST, MOST)) if total > 0 and told > 0 else 1.0


def _learn(rows: Rows, chosen: Any, later: pd.DataFrame) -> dict[str, Floats]:
    """What each model expects of later customers."""
    part = rows.some(TRAINED_ON)
    encoder = Encoder.learn(part.features, chosen)
    matrix, ahead = encoder.matrix(part.features), encoder.matrix(later)
    gained = np.maximum(part.did, 0.0)
    with threadpool_limits(1):
        trees = HistGradientBoostingRegressor(
            loss="poisson", learning_rate=0.06, max_iter=90, max_leaf_nodes=8,
            min_samples_leaf=30, early_stopping=False, random_state=SEED,
        ).fit(matrix, gained)  # fmt: skip
        return {
            "boosting": np.asarray(trees.predict(ahead)),
            "linear": _linear(matrix, gained, ahead),
        }


def _linear(matrix: Matrix, gained: Floats, ahead: Matrix) -> Floats:
    logs = np.log1p(gained)
    model = Ridge(alpha=10.0).fit(matrix, logs)
    told = np.clip(model.predict(ahead), 0.0, logs.max())
    # Duan's smearing, with one factor: the mean of what came over the mean of what was told.
    learnt = np.expm1(np.clip(model.predict(matrix), 0.0, logs.max()))
    return np.asarray(np.expm1(told) * gained.mean() / max(float(learnt.mean()), 1e-9))
