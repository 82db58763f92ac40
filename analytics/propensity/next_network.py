"""A recurrent neural network that reads a customer's actions one after the other.

A gated recurrent unit (Cho et al., Learning phrase representations using RNN encoder-decoder, 2014)
goes through the steps in the order of time; its state, beside what is known of the step itself,
tells what comes next. It starts as the logistic regression on the same features and learns what
that misses, so that it needs few rounds.

It needs PyTorch, which is not installed with the rest; where it is absent the network takes no
part.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics import pytorch
from analytics.propensity.next_chain import Floats
from analytics.propensity.next_features import Singles
from analytics.propensity.next_moments import Ints

LABEL = "A recurrent neural network"
ADD = "(add it with make neural)"
SIZE = 48
"""The length of its state."""
STRETCH = 100
"""It learns from stretches of so many steps; reading, it goes through all."""
BATCH = 16
MOST_AT_ONCE = 60_000
"""Steps read at a time, empty places included."""
RATE, DROPOUT, SEED = 3e-3, 0.3, 0


@dataclass(frozen=True)
class Network:
    """What has learnt: the unit, and what it and the step itself add to each action's score."""

    unit: Any
    of_state: Any
    of_step: Any

    def parameters(self) -> list[Any]:
        """All that is learnt."""
        parts = (self.unit, self.of_state, self.of_step)
        return [each for part in parts for each in part.parameters()]

    def scores(self, told: Any, dropout: float) -> Any:
        """Scores of each action after each step, shape (sequences, steps, actions)."""
        import torch

        states, _ = self.unit(torch.nn.functional.dropout(told, dropout / 2, dropout > 0))
        states = torch.nn.functional.dropout(states, dropout, dropout > 0)
        return self.of_state(states) + self.of_step(told)

    def chances(self, customer: Ints, scaled: Singles) -> Floats:
        """The probability of each action to come next.

        Args:
            customer: Whose each step is, those of one together, shape (n,).
            scaled: The steps' features on a common scale, shape (n, features).

        Returns:
            Shape (n, actions).
        """
        import torch

        starts, lengths = _stretches(customer, len(customer))
        found = np.zeros((len(customer), self.of_step.out_features))
        order = np.argsort(lengths, kind="stable")
        with torch.no_grad():
            begin = 0
            while begin < len(order):
                end = begin + 1
                while end < len(order) and (end + 1 - begin) * lengths[order[end]] <= MOST_AT_ONCE:
                    end += 1
                rows, inside = _padded(starts[order[begin:end]], lengths[order[begin:end]])
                told = torch.from_numpy(scaled[rows])
                chances = torch.softmax(self.scores(told, 0.0), dim=2).numpy()
                found[rows[inside]] = chances[inside]
                begin = end
        return found


def learn(
    customer: Ints, scaled: Singles, follows: Ints, weights: Floats, bias: Floats, rounds: int
) -> Network:
    """A network that has learnt, the library's random numbers and settings as they were before.

    Args:
        customer: Whose each step is, those of one together, shape (n,).
        scaled: The steps' features on a common scale, shape (n, features).
        follows: What came next, -1 where the step teaches nothing, shape (n,).
        weights: Where it starts: what features add to each action's score, shape (actions,
            features).
        bias: The same of each action itself, shape (actions,).
        rounds: How often it goes through the steps.
    """
    import torch

    with pytorch.turn(SEED):
        network = Network(
            torch.nn.GRU(scaled.shape[1], SIZE, batch_first=True),
            torch.nn.Linear(SIZE, len(bias), bias=False),
            torch.nn.Linear(scaled.shape[1], len(bias)),
        )
        with torch.no_grad():
            network.of_state.weight.zero_()
            network.of_step.weight.copy_(torch.from_numpy(weights))
            network.of_step.bias.copy_(torch.from_numpy(bias))
        _train(network, customer, scaled, follows, rounds)
        return network


def _train(network: Network, customer: Ints, scaled: Singles, follows: Ints, rounds: int) -> None:
    import torch

    starts, lengths = _stretches(customer, STRETCH)
    teach = np.add.reduceat((follows >= 0).astype(np.int64), starts) > 0
    starts, lengths = starts[teach], lengths[teach]
    rng = np.random.default_rng(SEED)
    batches = -(-len(starts) // BATCH)
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=0.01)
    slower = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.05, rounds * batches)
    for _ in range(rounds):
        # Stretches of about a length go together, so that little is empty.
        order = np.argsort(lengths * rng.uniform(0.8, 1.25, len(lengths)))
        parts = np.array_split(order, batches)
        for place in rng.permutation(batches):
            rows, inside = _padded(starts[parts[place]], lengths[parts[place]])
            wanted = torch.from_numpy(np.where(inside, follows[rows], -1))
            optimiser.zero_grad()
            scores = network.scores(torch.from_numpy(scaled[rows]), DROPOUT)
            torch.nn.functional.cross_entropy(
                scores.flatten(0, 1), wanted.flatten(), ignore_index=-1
            ).backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            slower.step()


def _stretches(customer: Ints, most: int) -> tuple[Ints, Ints]:
    """Where stretches of one customer's steps begin, and how many steps each has.

    >>> [each.tolist() for each in _stretches(np.array([1, 1, 1, 2]), 2)]
    [[0, 2, 3], [2, 1, 1]]
    """
    first = np.searchsorted(customer, customer)
    starts = np.flatnonzero((np.arange(len(customer)) - first) % most == 0)
    return starts, np.diff(np.r_[starts, len(customer)])


def _padded(starts: Ints, lengths: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """The rows of stretches side by side, and which of the places are filled.

    >>> rows, inside = _padded(np.array([0, 5]), np.array([1, 2]))
    >>> rows.tolist(), inside.tolist()
    ([[0, 0], [5, 6]], [[True, False], [True, True]])
    """
    along = np.arange(int(lengths.max()))
    inside = along < lengths[:, None]
    return np.where(inside, starts[:, None] + along, starts[:, None]), inside
