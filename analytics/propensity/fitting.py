"""Ask a question of every customer: models and rules are judged, the better one answers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import logit

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.evaluate import auc
from analytics.propensity import contributions, fairness, features, judge, leakage, targets
from analytics.propensity.models import METHODS, RULES, Floats, Steps, label, rule_scores
from analytics.propensity.racing import (
    JUDGED_ON,
    TRAINED_ON,
    Learnt,
    Rows,
    again,
    folds,
    race,
    sample,
)
from analytics.propensity.report import Fitted
from analytics.propensity.targets import Asked, Target
from analytics.store import Store

FEWEST = 10
"""Fewer customers who did it, or who did not, are nothing to learn from."""
FEWEST_JUDGED = 5
REASONS_FOR = 20_000
"""Reasons are worked out for so many customers, the likeliest first."""
AVERAGE_OF = 2_000
WELL_CALIBRATED = 0.04


@dataclass(frozen=True)
class Race:
    """Models and rules on the judged days: who has learnt, scores, probabilities."""

    learnt: dict[str, Learnt]
    steps: dict[str, Steps]
    scores: dict[str, Floats]
    chances: dict[str, Floats]
    model: str
    rule: str


def fit(
    store: Store,
    target: Asked = "order",
    days: int = 30,
    as_of: date | None = None,
    *,
    without: Collection[str] = (),
    methods: Sequence[str] | None = None,
) -> Fitted:
    """How likely every customer is to do something, by the method that foretold the past best.

    Args:
        store: The shop.
        target: `order` (anything), `lapse` (a customer active so far who does not order),
            `("category", name)` or `("product", product_id)`.
        days: Within how many days.
        as_of: Only what happened before this day counts; by default the day after the last order.
        without: Features the models are not to see, such as `gender`.
        methods: The models to try, of `METHODS`; by default all.

    Raises:
        NotEnoughDataError: Too few days, or too few customers who did it or who did not.
        AnalyticsError: There is no such target, feature or method; or a feature knows the future.
    """
    methods = tuple(METHODS) if methods is None else methods
    if unknown := sorted(set(methods) - set(METHODS)) or (not methods and [""]):
        raise AnalyticsError(
            f"There is no method “{unknown[0]}”.", f"Choose from {', '.join(METHODS)}."
        )
    day = as_of or store.default_as_of()
    asked = targets.parse(store, target, days, day)
    chosen = features.used(asked, without)
    cut_offs = targets.cut_offs(store, asked, day)
    rows, known, whole = _rows(store, asked, cut_offs)
    judged, past = rows.at(cut_offs[-1]), rows.until(cut_offs[-1])
    _check(asked, past, judged)
    leakage.audit(store, cut_offs[-1], lambda shop, on: features.frame(shop, asked, on), whole)
    raced = _race(asked, past, judged, chosen, methods)
    verdict = judge.verdict(
        judged.did, raced.scores[raced.model], raced.scores[raced.rule],
        of_model=label(raced.model).lower(), of_rule=label(raced.rule).lower(),
        words=asked.words,
    )  # fmt: skip
    winner = raced.model if verdict.winner == "model" else raced.rule
    now = features.frame(store, asked, day)
    if now.empty:
        raise NotEnoughDataError(
            f"Nobody is left to be asked about on {day.day} {day:%B %Y}.", "Choose an earlier day."
        )
    chances, why, importance = _answer(asked, raced, winner, rows, judged, chosen, now)
    order = np.argsort(-chances, kind="stable")
    scores = pd.DataFrame(
        {
            "customer_id": now["customer_id"].to_numpy()[order],
            "probability": chances[order],
            "place": np.arange(1, len(now) + 1),
        }
    )
    table = _table(judged.did, raced, winner)
    return Fitted(
        target=asked, as_of=day, cut_offs=tuple(cut_offs), without=tuple(sorted(without)),
        winner=winner, label=label(winner),
        verdict=verdict, table=table, curve=judge.gains(judged.did, raced.scores),
        calibration=judge.calibration(judged.did, raced.chances[winner]), importance=importance,
        fairness=fairness.table(judged.features, judged.did, raced.chances[winner]),
        notes=tuple(_notes(table, winner, past, known, len(now))),
        customers=len(now), expected=float(chances.sum()),
        judged_customers=len(judged.did), judged_did=int(judged.did.sum()), scores=scores, why=why,
    )  # fmt: skip


def _rows(store: Store, target: Target, cut_offs: Sequence[date]) -> tuple[Rows, int, pd.DataFrame]:
    """The customers of every cut-off, or a part of very many; how many rows there are to learn
    from; and all customers of the judged day."""
    frames, did, days, known = [], [], [], 0
    for cut_off in cut_offs:
        every = features.frame(store, target, cut_off)
        is_last = cut_off == cut_offs[-1]
        known += 0 if is_last else len(every)
        frame = sample(every, JUDGED_ON if is_last else TRAINED_ON // (len(cut_offs) - 1))
        frames.append(frame)
        did.append(targets.outcomes(store, target, cut_off, frame["customer_id"]))
        days += [cut_off] * len(frame)
    rows = Rows(
        pd.concat(frames, ignore_index=True), np.concatenate(did), pd.Series(days, dtype=object),
        target.days,
    )  # fmt: skip
    return rows, known, every


def _check(target: Target, past: Rows, judged: Rows) -> None:
    """Complain where there is too little to learn from or to judge by."""
    for rows, fewest, when in (
        (past, FEWEST, "the days to learn from"),
        (judged, FEWEST_JUDGED, f"the last {target.days} days"),
    ):
        did = int(rows.did.sum())
        rest = len(rows.did) - did
        if min(did, rest) < fewest:
            fewer = f"{did:,} customers did" if did <= rest else f"only {rest:,} customers did not"
            raise NotEnoughDataError(
                f"Of {len(rows.did):,} customers asked about in {when}, {fewer} “"
                f"{target.words}”; to learn what tells them apart takes at least {fewest}.",
                "Choose more days or a broader question, or import more orders."
                if did <= rest
                else "Choose fewer days, or import more orders.",
            )


def _race(
    target: Target, past: Rows, judged: Rows, chosen: Sequence[Any], methods: Sequence[str]
) -> Race:
    learnt = race(past, chosen, methods)
    scores = {name: each.scores(judged.features) for name, each in learnt.items()}
    chances = {name: each.platt.chance(scores[name]) for name, each in learnt.items()}
    tried = [later for _, later in folds(past)] or [past]
    earlier = {name: each.earlier_auc for name, each in learnt.items()}
    model = max(methods, key=lambda name: np.nan_to_num(earlier[name], nan=0.5))
    so_far = rule_scores(past.features, target)
    on_judged = rule_scores(judged.features, target)
    steps = {}
    for name in RULES:
        steps[name] = Steps.learn(so_far[name], past.did)
        scores[name] = on_judged[name]
        chances[name] = steps[name].chance(on_judged[name])
    rule = max(
        RULES,
        key=lambda name: np.mean(
            [auc(each.did, rule_scores(each.features, target)[name]) for each in tried]
        ),
    )
    return Race(learnt, steps, scores, chances, model, rule)


def _answer(
    target: Target, raced: Race, winner: str, rows: Rows, judged: Rows, chosen: Sequence[Any],
    now: pd.DataFrame,
) -> tuple[Floats, pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """Probabilities of today's customers, their reasons, and what matters overall."""
    if winner in raced.learnt:
        last = again(raced.learnt[winner], rows, chosen, judged)
        matrix = last.encoder.matrix(now)
        chances = last.chances(now)
        likeliest = np.sort(np.argsort(-chances, kind="stable")[:REASONS_FOR])
        drawn = np.random.default_rng(0).permutation(len(now))[:AVERAGE_OF]
        begin, columns = contributions.parts(
            winner, last.model, last.platt, matrix[likeliest], matrix[np.sort(drawn)]
        )
        names, parts = contributions.by_feature(last.encoder.columns, columns)
    else:
        steps = Steps.learn(rule_scores(rows.features, target)[winner], rows.did)
        chances = steps.chance(rule_scores(now, target)[winner])
        likeliest = np.sort(np.argsort(-chances, kind="stable")[:REASONS_FOR])
        begin = float(logit(np.clip(chances.mean(), 1e-9, 1 - 1e-9)))
        parts = (logit(chances[likeliest]) - begin)[:, None]
        names = [_told_by(target, winner)]
    asked = now.iloc[likeliest].reset_index(drop=True)
    why = contributions.longest(asked, begin, names, parts)
    importance = pd.DataFrame(
        {
            "feature": names,
            "label": [features.BY_NAME[name].label for name in names],
            "usual": [contributions.middle_of(now, name) for name in names],
            "mean_log_odds": np.abs(parts).mean(axis=0),
            "direction": [_direction(asked, name, parts[:, place])
                          for place, name in enumerate(names)],
        }
    )  # fmt: skip
    importance = importance.sort_values("mean_log_odds", ascending=False, ignore_index=True)
    return chances, why, importance


def _told_by(target: Target, rule: str) -> str:
    """The feature that stands for a rule in reasons."""
    count = "wanted_orders_90_days" if target.of is not None else "orders_90_days"
    return {"recency": "recency_days", "rfm": "recency_days", "count": count}[rule]


def _direction(asked: pd.DataFrame, name: str, part: Floats) -> str:
    """Whether more of a feature makes it likelier, in words; empty for texts."""
    if features.BY_NAME[name].kind == "text":
        return ""
    values = asked[name].rank().to_numpy()
    known = ~np.isnan(values)
    if known.sum() < 3 or values[known].std() == 0 or part[known].std() == 0:
        return ""
    together = float(np.corrcoef(values[known], part[known])[0, 1])
    if abs(together) < 0.1:
        return ""
    return "the more, the likelier" if together > 0 else "the less, the likelier"


def _table(did: Floats, raced: Race, winner: str) -> pd.DataFrame:
    found = judge.measures(did, raced.scores, raced.chances)
    settings = {
        name: ", ".join(f"{key} {value:g}" for key, value in each.settings.items())
        for name, each in raced.learnt.items()
    }
    found.insert(1, "label", [label(name) for name in found["method"]])
    found.insert(2, "kind", ["model" if name in METHODS else "rule" for name in found["method"]])
    found.insert(3, "used", found["method"] == winner)
    found.insert(4, "stood_for_its_kind", found["method"].isin([raced.model, raced.rule]))
    found["settings"] = found["method"].map(settings).fillna("")
    return found.sort_values(["kind", "auc"], ascending=[True, False], ignore_index=True)


def _notes(table: pd.DataFrame, winner: str, past: Rows, known: int, customers: int) -> list[str]:
    """What a reader should know before believing it, in sentences."""
    own = table.loc[table["method"] == winner].iloc[0]
    notes = [leakage.too_good(float(own["auc"]))]
    error = float(own["calibration_error"])
    if error > WELL_CALIBRATED:
        notes.append(
            f"The probabilities were {100 * error:.0f} points off on average: trust the order of "
            "the list more than its numbers. Seasons do that, when few years are known."
        )
    if known > len(past.did):
        notes.append(
            f"Models learnt from a random part: {len(past.did):,} of {known:,} customers' days."
        )
    if past.cut_off.nunique() == 1:
        notes.append(
            "Only one earlier window could be learnt from, so settings were not tried out and "
            "probabilities are rough."
        )
    if customers > REASONS_FOR:
        notes.append(f"Reasons are kept for the {REASONS_FOR:,} likeliest customers.")
    return [note for note in notes if note]
