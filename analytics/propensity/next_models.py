"""The ways to foretell the next action, each giving every step a probability of each action.

Beside the chains they are a logistic regression and gradient boosting on histograms
(scikit-learn), which see what `next_features` tells of a step, and a recurrent network
(`next_network`), which reads the steps one after the other and needs PyTorch.
"""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from analytics import pytorch
from analytics.propensity import next_network
from analytics.propensity.next_chain import Chain, Floats
from analytics.propensity.next_features import Singles, pairs
from analytics.propensity.next_moments import Flags, Steps

SEED = 0
BOOSTED_ON, REGRESSED_ON = 20_000, 60_000
"""Rows boosting and the regression learn from; of more a random part."""
DOUBT = 5e-4
"""Models are believed but for so much, which goes to what is usual: nothing is impossible."""
RULE = "chain_1"


class Learnt(Protocol):
    """What has learnt foretells."""

    def chances(self, steps: Steps, matrix: Singles, wanted: Flags) -> Floats:
        """The probability of each action after the wanted steps, shape (wanted, actions)."""


@dataclass(frozen=True)
class OfChain:
    """A chain, which needs no features."""

    chain: Chain

    def chances(self, steps: Steps, matrix: Singles, wanted: Flags) -> Floats:
        """The probability of each action after the wanted steps, shape (wanted, actions)."""
        del matrix
        found = self.chain.chances(steps)[wanted]
        return possible(found, steps, wanted) if self.chain.order else found


@dataclass(frozen=True)
class OfModel:
    """A model of scikit-learn's on features, which are first brought to a common scale."""

    model: Any
    features: int
    middle: Singles
    spread: Singles
    shares: Floats

    def chances(self, steps: Steps, matrix: Singles, wanted: Flags) -> Floats:
        """The probability of each action after the wanted steps, shape (wanted, actions)."""
        rows = matrix[wanted]
        found = np.zeros((len(rows), len(self.shares)))
        if len(rows):
            scaled = (rows[:, : self.features] - self.middle) / self.spread
            with threadpool_limits(1):
                found[:, self.model.classes_] = self.model.predict_proba(scaled)
        return possible(doubted(found, self.shares), steps, wanted)


@dataclass(frozen=True)
class OfNetwork:
    """The recurrent network, and what is usual."""

    network: next_network.Network
    middle: Singles
    spread: Singles
    shares: Floats

    def chances(self, steps: Steps, matrix: Singles, wanted: Flags) -> Floats:
        """The probability of each action after the wanted steps, shape (wanted, actions)."""
        scaled = (matrix - self.middle) / self.spread
        found = self.network.chances(steps.customer, scaled)[wanted]
        return possible(doubted(found, self.shares), steps, wanted)


def doubted(found: Floats, shares: Floats) -> Floats:
    """Probabilities that add up to 1 and are never quite 0, shape (n, actions)."""
    whole = found / found.sum(axis=1, keepdims=True)
    return np.asarray((1 - DOUBT) * whole + DOUBT * shares)


def possible(found: Floats, steps: Steps, wanted: Flags) -> Floats:
    """The same without what cannot be: nobody leaves twice in a row."""
    left = steps.kind[wanted] == len(steps.actions) - 1
    found[left, -1] = 0.0
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def loss(chances: Floats, follows: Any) -> float:
    """Log-loss: minus the mean logarithm of what was given to the action that came."""
    return float(-np.log(chances[np.arange(len(follows)), follows]).mean())


def some(taught: Flags, most: int) -> Flags:
    """At most so many of the marked rows, at random."""
    places = np.flatnonzero(taught)
    if len(places) <= most:
        return taught
    drawn = np.zeros(len(taught), bool)
    drawn[np.random.default_rng(SEED).choice(places, most, replace=False)] = True
    return drawn


def scales(matrix: Singles) -> tuple[Singles, Singles]:
    """The middle and the spread of each feature; a constant one's spread is 1."""
    spread = matrix.std(axis=0)
    return matrix.mean(axis=0), np.where(spread > 1e-6, spread, 1).astype(np.float32)


def _chain(order: int) -> Callable[..., Learnt]:
    def learn(steps: Steps, matrix: Singles, taught: Flags) -> Learnt:
        del matrix
        return OfChain(Chain.learn(steps, taught, order))

    return learn


def _sklearn(
    make: Callable[..., Any], most: int, *, with_pairs: bool = True
) -> Callable[..., Learnt]:
    def learn(steps: Steps, matrix: Singles, taught: Flags, **settings: Any) -> Learnt:
        features = matrix.shape[1] - (0 if with_pairs else pairs(len(steps.actions)))
        rows = matrix[some(taught, most), :features]
        middle, spread = scales(rows)
        # On tables this small a second thread waits more than it works.
        with warnings.catch_warnings(), threadpool_limits(1):
            warnings.simplefilter("ignore", ConvergenceWarning)
            model = make(**settings).fit(
                (rows - middle) / spread, steps.follows[some(taught, most)]
            )
        return OfModel(model, features, middle, spread, Chain.learn(steps, taught, 0).shares)

    return learn


def _logistic(c: float) -> Any:
    return LogisticRegression(C=c, max_iter=100, tol=1e-3)


def _boosting(leaves: int) -> Any:
    return HistGradientBoostingClassifier(
        max_iter=20, learning_rate=0.2, max_leaf_nodes=leaves, min_samples_leaf=30, max_bins=63,
        l2_regularization=1.0, early_stopping=False, random_state=SEED,
    )  # fmt: skip


def _network(steps: Steps, matrix: Singles, taught: Flags, rounds: int) -> Learnt:
    middle, spread = scales(matrix[taught])
    scaled = (matrix - middle) / spread
    start = _sklearn(_logistic, REGRESSED_ON)(steps, matrix, taught, c=0.01)
    assert isinstance(start, OfModel)
    # The regression's weights on its own scale, brought to the network's.
    model = start.model
    weights = np.zeros((len(steps.actions), matrix.shape[1]))
    bias = np.full(len(steps.actions), -8.0)
    coefficients, intercepts = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        coefficients = np.vstack([-coefficients, coefficients]) / 2
        intercepts = np.r_[-intercepts, intercepts] / 2
    weights[model.classes_] = coefficients * (spread / start.spread)
    bias[model.classes_] = intercepts + coefficients @ ((middle - start.middle) / start.spread)
    network = next_network.learn(
        steps.customer, scaled, np.where(taught, steps.follows, -1), weights, bias, rounds
    )
    return OfNetwork(network, middle, spread, start.shares)


@dataclass(frozen=True)
class Way:
    """A way to foretell the next action.

    Attributes:
        label: What a marketer reads.
        short: The same within a sentence.
        learn: From steps, their features and which of them teach, with settings.
        grid: The settings tried; of many steps the first does.
    """

    label: str
    short: str
    learn: Callable[..., Learnt]
    grid: tuple[Mapping[str, Any], ...] = ({},)


WAYS: dict[str, Way] = {
    "marginal": Way("How often each action comes at all", "how often each comes", _chain(0)),
    "chain_1": Way(
        "What usually follows the last action (Markov chain)",
        "what usually follows the last action",
        _chain(1),
    ),
    "chain_5": Way(
        "What usually follows the last five actions (Markov chain)",
        "what usually follows the last five actions",
        _chain(5),
    ),
    "logistic": Way(
        "Logistic regression on what was done, when and with what",
        "the logistic regression",
        _sklearn(_logistic, REGRESSED_ON),
        ({"c": 0.01}, {"c": 0.1}, {"c": 1.0}),
    ),
    "boosting": Way(
        "Gradient boosting on the same",
        "gradient boosting",
        _sklearn(_boosting, BOOSTED_ON, with_pairs=False),
        ({"leaves": 8},),
    ),
    "network": Way(next_network.LABEL, "the neural network", _network, ({"rounds": 6},)),
}


def ways() -> dict[str, Way]:
    """Those that can be used here."""
    return {name: way for name, way in WAYS.items() if name != "network" or pytorch.available()}
