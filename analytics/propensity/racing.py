"""Let every method learn from earlier days and be judged on later ones.

Settings are tried on the last two cut-offs before the judged one, each time with what was known
before it (time-ordered cross-validation). The same predictions teach how scores become
probabilities, and choose which model and which rule stand for the others; the judged days are
looked at once, by those two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from analytics.evaluate import auc
from analytics.profile import Feature
from analytics.propensity.features import Encoder
from analytics.propensity.models import METHODS, Floats, Method, Platt, score

TRAINED_ON = 60_000
"""Rows a model learns from; of more a random part, as many of each cut-off."""
JUDGED_ON = 60_000
"""Customers of the judged day; of more a random part."""
TUNED_ON = 6_000
"""Rows that settings are tried on."""
FOLDS = 2
SEED = 0


@dataclass(frozen=True)
class Rows:
    """Customers on their cut-offs.

    Attributes:
        features: DataFrame of features, one row a customer and cut-off.
        did: 1 or 0 for each, shape (n,).
        cut_off: The cut-off of each, shape (n,).
        days: How long their windows are.
    """

    features: pd.DataFrame
    did: Floats
    cut_off: "pd.Series[Any]"
    days: int

    def where(self, chosen: Any) -> "Rows":
        """Some of the rows, by their places or a mask."""
        return Rows(
            self.features.loc[chosen].reset_index(drop=True),
            self.did[np.asarray(chosen)],
            self.cut_off.loc[chosen].reset_index(drop=True),
            self.days,
        )

    def until(self, day: date) -> "Rows":
        """Those whose window had ended by a day."""
        ended = [cut + timedelta(days=self.days) <= day for cut in self.cut_off]
        return self.where(np.asarray(ended, dtype=bool))

    def at(self, day: date) -> "Rows":
        """Those of one cut-off."""
        return self.where((self.cut_off == day).to_numpy(dtype=bool))

    def some(self, most: int) -> "Rows":
        """At most so many, at random."""
        if len(self.did) <= most:
            return self
        drawn = np.random.default_rng(SEED).choice(len(self.did), most, replace=False)
        return self.where(np.sort(drawn))

    @property
    def both(self) -> bool:
        """Whether some did it and some did not."""
        return bool(0 < self.did.sum() < len(self.did))


@dataclass(frozen=True)
class Learnt:
    """A model that has learnt, with all it takes to score customers.

    Attributes:
        method: Which.
        settings: Those that did best.
        encoder: How features become numbers.
        model: What was learnt.
        platt: How scores become probabilities.
        earlier_auc: How well it ordered customers of the earlier days it was tried on; NaN where
            there were none.
    """

    method: Method
    settings: dict[str, Any]
    encoder: Encoder
    model: Any
    platt: Platt
    earlier_auc: float

    def scores(self, rows: pd.DataFrame) -> Floats:
        """Log-odds before they are fitted to how often it happens, shape (n,)."""
        return score(self.model, self.encoder.matrix(rows))

    def chances(self, rows: pd.DataFrame) -> Floats:
        """Probabilities, shape (n,)."""
        return self.platt.chance(self.scores(rows))


def sample(frame: pd.DataFrame, most: int) -> pd.DataFrame:
    """At most so many customers at random, in their order."""
    if len(frame) <= most:
        return frame
    drawn = np.random.default_rng(SEED).choice(len(frame), most, replace=False)
    return frame.iloc[np.sort(drawn)].reset_index(drop=True)


def folds(rows: Rows) -> list[tuple[Rows, Rows]]:
    """Rows to learn from and later ones to try on, the latest cut-offs first."""
    found = []
    for day in sorted(rows.cut_off.unique(), reverse=True):
        past, tried = rows.until(day), rows.at(day)
        if past.both and tried.both:
            found.append((past, tried))
        if len(found) == FOLDS:
            break
    return found


def race(rows: Rows, features: Sequence[Feature], names: Sequence[str]) -> dict[str, Learnt]:
    """Every method with its best settings, learnt from all rows.

    Args:
        rows: What to learn from; some did it and some did not.
        features: What the models see.
        names: The methods, of `METHODS`.
    """
    tried = []
    for past, later in folds(rows):
        past, later = past.some(TUNED_ON), later.some(TUNED_ON)
        encoder = Encoder.learn(past.features, features)
        tried.append((encoder.matrix(past.features), past.did, encoder.matrix(later.features),
                      later.did))  # fmt: skip
    part = rows.some(TRAINED_ON)
    encoder = Encoder.learn(part.features, features)
    matrix = encoder.matrix(part.features)
    found = {}
    for name in names:
        method = METHODS[name]
        best: tuple[float, int, list[Floats]] = (-np.inf, 0, [])
        for place, settings in enumerate(method.grid if tried else ()):
            scores = [
                score(method.learn(past, did, settings), later) for past, did, later, _ in tried
            ]
            reached = float(
                np.mean([auc(did, each) for each, (*_, did) in zip(scores, tried, strict=True)])
            )
            if reached > best[0]:
                best = (reached, place, scores)
        settings = dict(method.grid[best[1]])
        model = method.learn(matrix, part.did, settings)
        if tried:
            held, did = np.concatenate(best[2]), np.concatenate([each[3] for each in tried])
            platt = Platt.learn(held, did).moved(best[2][0], tried[0][3])
        else:  # With one cut-off nothing is held back: better than no probabilities at all.
            platt = Platt.learn(score(model, matrix), part.did)
        found[name] = Learnt(
            method, settings, encoder, model, platt,
            best[0] if tried else float("nan"),
        )  # fmt: skip
    return found


def again(learnt: Learnt, rows: Rows, features: Sequence[Feature], judged: Rows) -> Learnt:
    """The same method and settings, learnt from the judged days, too.

    Args:
        learnt: What has learnt from the earlier days.
        rows: All rows.
        features: What the model sees.
        judged: Those of the judged days, whose scores by `learnt` teach the probabilities anew.
    """
    part = rows.some(TRAINED_ON)
    encoder = Encoder.learn(part.features, features)
    model = learnt.method.learn(encoder.matrix(part.features), part.did, learnt.settings)
    platt = Platt.learn(learnt.scores(judged.features), judged.did)
    return Learnt(learnt.method, learnt.settings, encoder, model, platt, learnt.earlier_auc)
