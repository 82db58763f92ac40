"""The models and the rules beside them, each giving every customer a score.

Models are scikit-learn's: logistic regression, naive Bayes (Gaussian), a decision tree, a random
forest, a linear support vector machine, a multilayer perceptron and gradient boosting on
histograms. Their scores are log-odds, which Platt's method (Probabilistic outputs for support
vector machines, 1999) turns into probabilities on days the model has not seen. It keeps the order
of customers, and log-odds remain a sum of what each feature adds. Rules have no log-odds: their
scores become probabilities by isotonic regression (Zadrozny & Elkan 2002).
"""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit, logit
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from analytics import rfm
from analytics.propensity.features import Matrix
from analytics.propensity.targets import Target

Floats = npt.NDArray[np.float64]
SEED = 0
MOVES_BY = 0.2
"""By how much log-odds of all customers move from one window to a later one, about."""
SURE = 1e-3
"""Trees that have seen no exception are not believed beyond one in a thousand."""
RFM_SCORES = 5


@dataclass(frozen=True)
class Method:
    """A way to learn.

    Attributes:
        name: What code calls it.
        label: What a marketer reads.
        make: A new model of given settings.
        grid: The settings tried.
    """

    name: str
    label: str
    make: Callable[..., Any]
    grid: tuple[Mapping[str, Any], ...]

    def learn(self, matrix: Matrix, did: Floats, settings: Mapping[str, Any]) -> Any:
        """A model that has learnt from rows.

        Args:
            matrix: Prepared customers, shape (n, columns).
            did: 1 or 0 for each.
            settings: One of the grid.
        """
        # On tables this small a second thread waits more than it works.
        with warnings.catch_warnings(), threadpool_limits(1):
            warnings.simplefilter("ignore", ConvergenceWarning)
            return self.make(**settings).fit(matrix, did)


def _tree(leaf: int) -> Any:
    return DecisionTreeClassifier(min_samples_leaf=leaf, max_depth=8, random_state=SEED)


def _forest(leaf: int) -> Any:
    # Shallow trees: deeper ones order customers no better and take ten times as long to explain.
    return RandomForestClassifier(
        60, max_depth=6, min_samples_leaf=leaf, max_samples=0.4, random_state=SEED
    )  # fmt: skip


def _boosting(leaves: int) -> Any:
    return HistGradientBoostingClassifier(
        learning_rate=0.06, max_iter=90, max_leaf_nodes=leaves, min_samples_leaf=30, max_bins=64,
        l2_regularization=1.0, early_stopping=False, random_state=SEED,
    )  # fmt: skip


def _perceptron(alpha: float) -> Any:
    return MLPClassifier(
        (16,), alpha=alpha, learning_rate_init=0.005, max_iter=20, random_state=SEED,
    )  # fmt: skip


METHODS = {
    each.name: each
    for each in (
        Method(
            "logistic", "Logistic regression", lambda c: LogisticRegression(C=c, max_iter=300),
            ({"c": 0.003}, {"c": 0.03}, {"c": 0.3}),
        ),
        Method(
            "bayes", "Naive Bayes", lambda smooth: GaussianNB(var_smoothing=smooth),
            ({"smooth": 0.01}, {"smooth": 0.3}),
        ),
        Method("tree", "Decision tree", _tree, ({"leaf": 50}, {"leaf": 200})),
        Method("forest", "Random forest", _forest, ({"leaf": 15}, {"leaf": 50})),
        Method(
            "svm", "Support vector machine", lambda c: LinearSVC(C=c, dual=False, tol=0.003),
            ({"c": 0.001}, {"c": 0.03}),
        ),
        Method("perceptron", "Neural network", _perceptron, ({"alpha": 0.1}, {"alpha": 3.0})),
        Method("boosting", "Boosted trees", _boosting, ({"leaves": 6}, {"leaves": 14})),
    )
}  # fmt: skip
"""What is tried, and what each is called."""


def score(model: Any, matrix: Matrix) -> Floats:
    """Log-odds of each customer, not yet fitted to how often it happens; shape (n,)."""
    with threadpool_limits(1):
        if isinstance(model, GaussianNB):
            joint: Floats = model.predict_joint_log_proba(matrix)
            return joint[:, 1] - joint[:, 0]
        if hasattr(model, "decision_function"):
            found: Floats = model.decision_function(matrix)
            return found
        chance: Floats = model.predict_proba(matrix)[:, 1]
    return np.asarray(logit(np.clip(chance, SURE, 1 - SURE)))


@dataclass(frozen=True)
class Platt:
    """Log-odds as they should be: `start + slope × score`."""

    start: float
    slope: float

    @classmethod
    def learn(cls, scores: Floats, did: Floats) -> "Platt":
        """From scores of rows the model has not learnt from; shapes (n,)."""
        spread = float(scores.std())
        rate = (did.sum() + 1) / (len(did) + 2)
        if not spread > 0 or len(np.unique(did)) < 2:
            return cls(float(logit(rate)), 0.0)
        middle = float(scores.mean())
        found = LogisticRegression(C=100.0).fit(((scores - middle) / spread)[:, None], did)
        slope = float(found.coef_[0, 0]) / spread
        if slope <= 0:  # Worse than chance on later days: then only the rate is known.
            return cls(float(logit(rate)), 0.0)
        return cls(float(found.intercept_[0]) - slope * middle, slope)

    def moved(self, scores: Floats, did: Floats) -> "Platt":
        """The same, moved to how often it happened in the latest window.

        How often it happens moves with the season, and the latest window is nearest to the next.
        What may be chance is not believed: the move is shrunk by its sampling error.

        Args:
            scores: Of customers of the latest window alone, shape (n,).
            did: Whether they did it.
        """
        told = self.log_odds(scores)
        move, weight = 0.0, 0.0
        if not 0 < did.sum() < len(did):
            return self
        for _ in range(20):  # Newton's steps towards as many as did it; a few are enough.
            chance = expit(told + move)
            weight = float((chance * (1 - chance)).sum()) + 1e-9
            move += float(np.clip((did.sum() - chance.sum()) / weight, -1, 1))
        believed = MOVES_BY**2 / (MOVES_BY**2 + 1 / weight)
        return Platt(self.start + believed * move, self.slope)

    def log_odds(self, scores: Floats) -> Floats:
        """Log-odds that fit how often it happens, shape (n,)."""
        return self.start + self.slope * scores

    def chance(self, scores: Floats) -> Floats:
        """Probabilities, shape (n,)."""
        return np.asarray(expit(self.log_odds(scores)))


RULES = {
    "recency": "Who ordered last",
    "rfm": "Recency, frequency and value",
    "count": "Own orders of 90 days",
}
"""What a shopkeeper would go by, and what it is called."""


def label(name: str) -> str:
    """What a method or a rule is called."""
    return METHODS[name].label if name in METHODS else RULES[name]


def rule_scores(rows: pd.DataFrame, target: Target) -> dict[str, Floats]:
    """Each rule's score of customers, the higher the likelier; shape (n,) each.

    For `lapse` all are turned round. The RFM score is the sum of three scores of 1 to 5 among
    those asked about, 0 for who never ordered.
    """
    recency = rows["recency_days"].to_numpy(dtype=float)
    ordered = ~np.isnan(recency)
    summed = np.zeros(len(rows))
    for name, sign in (("recency_days", -1), ("orders", 1), ("revenue", 1)):
        values = sign * rows.loc[ordered, name].to_numpy(dtype=float)
        if len(values):
            summed[ordered] += rfm.steps(values, RFM_SCORES)
    longest = float(np.nanmax(recency)) if ordered.any() else 0.0
    lately = np.where(ordered, -recency, -longest - 1)
    wanted = rows["wanted_orders_90_days"] if target.of is not None else rows["orders_90_days"]
    turned = -1.0 if target.kind == "lapse" else 1.0
    found = {"recency": lately, "rfm": summed, "count": wanted.to_numpy(dtype=float)}
    return {name: turned * values for name, values in found.items()}


@dataclass(frozen=True)
class Steps:
    """How often it happened at each score of a rule."""

    model: Any
    rows: int

    @classmethod
    def learn(cls, scores: Floats, did: Floats) -> "Steps":
        """From earlier rows; shapes (n,)."""
        return cls(IsotonicRegression(out_of_bounds="clip").fit(scores, did), len(did))

    def chance(self, scores: Floats) -> Floats:
        """Probabilities, never quite 0 or 1, shape (n,)."""
        least = 0.5 / (self.rows + 1)
        return np.asarray(np.clip(self.model.predict(scores), least, 1 - least))
