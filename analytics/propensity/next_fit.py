"""What will this customer do next: every way is judged, the one that foretold best answers.

The last quarter of the steps judges, and nothing that was known only then teaches; settings are
tried on the last quarter of what is before. The model that gave most to what came answers where it
clearly gives more than the rule. As so many models are held against the rule, each lead must be the
surer (Bonferroni). Then the winner learns from the judged part, too.
"""

import json
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from analytics.errors import NotEnoughDataError
from analytics.propensity import next_category as category
from analytics.propensity import next_judge, next_network
from analytics.propensity.next_chain import Floats
from analytics.propensity.next_features import Singles, matrix
from analytics.propensity.next_models import RULE, WAYS, Learnt, loss, ways
from analytics.propensity.next_moments import Flags, Ints, Steps, read
from analytics.propensity.next_report import NextAction
from analytics.store import Store

LEARN_FROM = 100_000
"""Steps that are learnt from and judged; of more, all those of customers drawn at random."""
AT_ONCE = 200_000
"""Steps that are worked on at a time when everybody's next action is foretold."""
FEWEST, FEWEST_JUDGED = 100, 25
TUNED_BELOW = 20_000
"""From so many steps to learn from settings hardly matter, and trying them takes time."""
LAST_PART = 0.75
BASE = "marginal"


Settings = dict[str, dict[str, Any]]


def next_action(store: Store, as_of: date | None = None) -> NextAction:
    """What every customer will do next, and how well that can be foretold.

    Args:
        store: The shop; it needs events.
        as_of: Only what happened before this day counts; by default the day after the last order.

    Raises:
        NotEnoughDataError: There are no events, or too few to learn from and to judge by.
    """
    day = as_of or store.default_as_of()
    every = read(store, day)
    part = every.some(LEARN_FROM)
    known = part.follows >= 0
    cut = int(np.quantile(part.at_us[known], LAST_PART)) if known.any() else 0
    taught, judged = known & (part.known_us < cut), known & (part.at_us >= cut)
    _check(part, taught, judged)
    told, _ = matrix(part)
    settings = _settings(part, told, taught)
    chances = {
        name: way.learn(part, told, taught, **settings[name]).chances(part, told, judged)
        for name, way in ways().items()
    }
    follows = part.follows[judged]
    panel = next_judge.Judged.make(part.actions, part.customer[judged], follows)
    models = [name for name in chances if name not in (BASE, RULE)]
    model = min(models, key=lambda name: loss(chances[name], follows))
    verdict = next_judge.verdict(
        panel, chances[model], chances[RULE], of_model=WAYS[model].short,
        of_rule=WAYS[RULE].short, models=len(models),
    )  # fmt: skip
    winner = model if verdict.winner == "model" else RULE
    answering = WAYS[winner].learn(part, told, known, **settings[winner])
    categories, way = category.judge(part, cut)
    states = _states(every, answering, category.foretell(every, way, category.usual_of(part)))
    return NextAction(
        as_of=day,
        actions=part.actions,
        winner=winner,
        label=WAYS[winner].label,
        verdict=verdict,
        table=_table(panel, chances, settings, winner),
        moves=_moves(part, known),
        categories=categories,
        notes=_notes(every, part, panel),
        customers=len(every.customers),
        learnt_steps=int(taught.sum()),
        judged_steps=len(follows),
        judged_customers=panel.draws.shape[1],
        judged_from=pd.Timestamp(cut, unit="us").date(),
        states=states,
    )


def _check(steps: Steps, taught: Flags, judged: Flags) -> None:
    if taught.sum() < FEWEST or judged.sum() < FEWEST_JUDGED:
        raise NotEnoughDataError(
            f"Of {len(steps):,} actions and leaves before this day, {taught.sum():,} could be "
            f"learnt from and {judged.sum():,} later ones could judge.",
            f"At least {FEWEST} and {FEWEST_JUDGED} are needed: import events of a longer time, or "
            "choose a later day.",
        )
    if len(np.unique(steps.follows[taught])) < 2:
        raise NotEnoughDataError(
            "In what could be learnt from, the same always comes next.",
            "Import events of more than one kind, or of a longer time.",
        )


def _settings(steps: Steps, told: Singles, taught: Flags) -> Settings:
    """Try settings, where there are several, on the last part of what teaches."""
    settings: Settings = {name: dict(way.grid[0]) for name, way in ways().items()}
    cut = int(np.quantile(steps.at_us[taught], LAST_PART))
    earlier, tried = taught & (steps.known_us < cut), taught & (steps.at_us >= cut)
    enough = tried.any() and len(np.unique(steps.follows[earlier])) > 1
    if taught.sum() >= TUNED_BELOW or not enough:
        return settings
    for name, way in ways().items():
        if len(way.grid) > 1:
            reached = [
                loss(
                    way.learn(steps, told, earlier, **given).chances(steps, told, tried),
                    steps.follows[tried],
                )
                for given in way.grid
            ]
            settings[name] = dict(way.grid[int(np.argmin(reached))])
    return settings


def _table(
    panel: next_judge.Judged, chances: dict[str, Floats], settings: Settings, winner: str
) -> pd.DataFrame:
    """Every way's measures, the best first; those that take no part last."""
    found = next_judge.measures(panel, chances).sort_values("log_loss", ignore_index=True)
    absent = [name for name in WAYS if name not in chances]
    found = found.reindex(range(len(found) + len(absent)))
    found.loc[len(chances) :, "method"] = absent
    labels = [
        WAYS[name].label if name in chances else f"{WAYS[name].label} {next_network.ADD}"
        for name in found["method"]
    ]
    found.insert(1, "label", labels)
    found.insert(2, "kind", np.where(found["method"].isin([BASE, RULE]), "rule", "model"))
    found.insert(3, "used", found["method"] == winner)
    found["settings"] = [json.dumps(settings.get(name, {})) for name in found["method"]]
    return found


def _moves(steps: Steps, known: Flags) -> pd.DataFrame:
    """What followed each action, how often."""
    actions = len(steps.actions)
    cells = np.bincount(
        steps.kind[known] * actions + steps.follows[known], minlength=actions**2
    ).reshape(actions, actions)
    rows = np.repeat(np.arange(actions), actions)
    whole = np.maximum(cells.sum(axis=1), 1)
    frame = pd.DataFrame(
        {
            "action": [steps.actions[row] for row in rows],
            "next_action": list(steps.actions) * actions,
            "steps": cells.ravel(),
            "share": (cells / whole[:, None]).ravel(),
        }
    )
    return frame[np.repeat(cells.sum(axis=1) > 0, actions)].reset_index(drop=True)


def _states(steps: Steps, answering: Learnt, liked: Ints) -> pd.DataFrame:
    """Everybody as of now: what they did last, and what comes next."""
    last = steps.last
    chances = np.empty((len(last), len(steps.actions)))
    begin = 0
    ends = last + 1
    while begin < len(last):
        start = 0 if begin == 0 else int(ends[begin - 1])
        end = max(int(np.searchsorted(ends, start + AT_ONCE, side="right")), begin + 1)
        some = steps.where(slice(start, int(ends[end - 1])))
        told, _ = matrix(some)
        wanted = np.zeros(len(some), bool)
        wanted[ends[begin:end] - 1 - start] = True
        chances[begin:end] = answering.chances(some, told, wanted)
        begin = end
    away = steps.kind[last] == len(steps.actions) - 1
    acted = last - away
    names = np.array(steps.actions, dtype=object)
    of = steps.customer[last]
    named = np.array([*steps.categories, None], dtype=object)
    return pd.DataFrame(
        {
            "customer_id": steps.customers[of].to_numpy(),
            **{name: chances[:, code] for code, name in enumerate(steps.actions)},
            "next_action": names[chances.argmax(axis=1)],
            "next_category": named[liked[of]],
            "last_action": names[steps.kind[acted]],
            "last_at": pd.to_datetime(steps.at_us[acted], unit="us"),
            "away": away,
        }
    )


def _notes(every: Steps, part: Steps, panel: next_judge.Judged) -> tuple[str, ...]:
    found = []
    if len(part) < len(every):
        found.append(
            f"Learnt and judged on {len(part):,} of {len(every):,} actions and leaves, those of "
            "customers drawn at random; everybody's next action is foretold."
        )
    if not panel.enough:
        found.append(
            f"Only {panel.draws.shape[1]} customers did anything in the judged part: how far the "
            "figures may be off cannot be said."
        )
    return tuple(found)
