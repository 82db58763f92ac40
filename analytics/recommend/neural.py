"""A small neural network that reads a customer's baskets one after the other: what comes next?

A basket is the mean of its products' vectors; a gated recurrent unit goes through the baskets in
the order of time, and its state after the last one, times a product's vector, is how likely that
product is in the next (Yu, Liu, Wu, Wang & Tan, A dynamic recurrent model for next basket
recommendation, 2016; Hidasi, Karatzoglou, Baltrunas & Tikk, Session-based recommendations with
recurrent neural networks, 2016). We differ from them in the loss, the cross-entropy over all
products or, of many products, over some drawn by how often they are bought and weighed accordingly
(Jean, Cho, Memisevic & Bengio, On using very large target vocabulary, 2015), and in starting from
how often each product is bought.

It needs PyTorch, which is not installed with the rest; where it is absent the method takes no part.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics import pytorch
from analytics.errors import AnalyticsError
from analytics.recommend.factors import Factors, Vectors, threads
from analytics.recommend.history import History, Ints, Scores
from analytics.recommend.scorer import or_nothing

ADD = ".venv/bin/pip install torch"
LABEL = "What follows what (a recurrent neural network)"
BASKETS = 50
"""Of each customer so many last moments of purchase are read."""
LEARN_FROM = 20_000
"""Of more customers, it learns from so many drawn at random; lists are for all."""
BATCH = 32
STEPS = 1_200
FEWEST_ROUNDS, MOST_ROUNDS = 3, 60
"""How often it goes through its customers: about `STEPS` steps in all, within these."""
RATE = 5e-3
DROPOUT = 0.2
DRAWN = 1_024
"""Of more products, each step compares with so many drawn ones."""
SEED = 0


def check_available() -> None:
    """Refuse the method where its library is missing.

    Raises:
        AnalyticsError: It is.
    """
    if not pytorch.available():
        raise AnalyticsError(
            "The neural network needs PyTorch, which is not installed.",
            f"Add it with {ADD} (or make neural) and start again, or choose another method.",
        )


@dataclass(frozen=True)
class Sequences:
    """Baskets in a row: those of one customer stand together, oldest first.

    Attributes:
        products: The products of all baskets, shape (lines,).
        starts: Where each basket begins in `products`, and the end, shape (baskets + 1,).
        first: The first basket of each customer, and the end, shape (customers + 1,).
    """

    products: Ints
    starts: Ints
    first: Ints

    @property
    def lengths(self) -> Ints:
        """How many baskets each customer has, shape (customers,)."""
        return np.diff(self.first)


def sequences(history: History, baskets: int = BASKETS) -> Sequences:
    """What each customer of a history bought, one basket after the other."""
    assert history.sequence is not None, "a history read from a store knows the order"
    table = history.sequence(baskets)
    customer, product, basket = (
        table.column(name).to_numpy().astype(np.int64) for name in ("customer", "product", "basket")
    )
    new = np.ones(len(customer), bool)
    new[1:] = (customer[1:] != customer[:-1]) | (basket[1:] != basket[:-1])
    starts = np.flatnonzero(new)
    counts = np.bincount(customer[starts], minlength=history.shape[0])
    return Sequences(
        product, np.append(starts, len(product)), np.concatenate([[0], np.cumsum(counts)])
    )


class Neural(Factors):
    """The network, once it has learnt: a state for each customer, a vector for each product.

    The last number of a product's vector is how often it is bought by anyone, of which every
    customer's state takes one part.

    Args:
        history: Who bought what, in what order.
        size: The length of the vectors.
        learnt: What was learnt before from the same.
    """

    def __init__(self, history: History, size: int = 64, learnt: Vectors | None = None) -> None:
        self.chosen = f"{size} numbers, the last {BASKETS} baskets"
        if learnt:
            self.customer_vectors, self.product_vectors = learnt
            return
        check_available()
        self.customer_vectors, self.product_vectors = _alone(
            sequences(history), history.shape[1], size
        )

    def similar(self, product: int) -> Scores | None:
        vectors = self.product_vectors[:, :-1]
        lengths = np.linalg.norm(vectors, axis=1)
        near = or_nothing(
            vectors @ vectors[product] / np.maximum(lengths * lengths[product], 1e-12)
        )
        near[product] = -np.inf
        return near


@dataclass(frozen=True)
class _Network:
    """The parts of the network; `state` has the shape (customers, moments, size)."""

    table: Any
    unit: Any
    turn: Any
    bias: Any

    def parameters(self) -> list[Any]:
        parts = (self.table, self.unit, self.turn)
        return [*(each for part in parts for each in part.parameters()), self.bias]

    def states(self, told: Sequences, rows: Ints, last: int, dropout: float) -> tuple[Any, Ints]:
        """The state after each basket but the last so many, one after the other.

        Returns:
            Shape (baskets, size), and which basket each is after.
        """
        import torch

        lengths = told.lengths[rows] - last
        basket = _ranges(told.first[rows], lengths)
        sizes = np.diff(told.starts)[basket]
        lines = _ranges(told.starts[basket], sizes)
        offsets = torch.from_numpy(np.cumsum(sizes) - sizes)
        bags = torch.nn.functional.embedding_bag(
            torch.from_numpy(told.products[lines]), self.table.weight, offsets, mode="mean"
        )
        bags = torch.nn.functional.dropout(bags, dropout, dropout > 0)
        row = torch.from_numpy(np.repeat(np.arange(len(rows)), lengths))
        moment = torch.from_numpy(_ranges(np.zeros(len(rows), np.int64), lengths))
        whole = torch.zeros(len(rows), int(lengths.max()), bags.shape[1])
        found, _ = self.unit(whole.index_put((row, moment), bags))
        return self.turn(found[row, moment]), basket


def _alone(told: Sequences, products: int, size: int) -> Vectors:
    """Let the network learn, with the library's random numbers and threads as they were after."""
    # Steps on little are faster on one thread: several only wait for each other.
    with pytorch.turn(SEED, threads(len(told.products))):
        return _trained(told, products, size)


def _trained(told: Sequences, products: int, size: int) -> Vectors:
    """Let the network learn, and read everyone's state off it."""
    import torch

    counts = np.bincount(told.products, minlength=products).astype(np.float32)
    often = np.log(counts + 1) - np.log(counts + 1).mean()
    network = _Network(
        torch.nn.Embedding(products, size),
        torch.nn.GRU(size, size, batch_first=True),
        torch.nn.Linear(size, size),
        torch.nn.Parameter(torch.from_numpy(often)),
    )
    torch.nn.init.normal_(network.table.weight, std=size**-0.5)
    rng = np.random.default_rng(SEED)
    learners = np.flatnonzero(told.lengths > 1)
    if len(learners) > LEARN_FROM:
        learners = np.sort(rng.choice(learners, LEARN_FROM, replace=False))
    if len(learners):
        _learn(network, told, learners, counts, rng)
    with torch.no_grad():
        return _vectors(network, told, size)


def _learn(
    network: _Network, told: Sequences, learners: Ints, counts: npt.NDArray[Any], rng: Any
) -> None:
    import torch

    steps = -(-len(learners) // BATCH)
    rounds = int(np.clip(STEPS // steps, FEWEST_ROUNDS, MOST_ROUNDS))
    optimiser = torch.optim.Adam(network.parameters(), lr=RATE)
    slower = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.05, rounds * steps)
    odds = (counts + 1) ** 0.75
    odds = torch.from_numpy(odds / odds.sum())
    for _ in range(rounds):
        # Customers of about as many baskets go together, so that little is empty.
        order = learners[np.argsort(told.lengths[learners] * rng.uniform(0.8, 1.25, len(learners)))]
        parts = np.array_split(order, steps)
        for place in rng.permutation(len(parts)):
            optimiser.zero_grad()
            _loss(network, told, parts[place], odds).backward()
            optimiser.step()
            slower.step()


def _loss(network: _Network, told: Sequences, rows: Ints, odds: Any) -> Any:
    """The cross-entropy of the products of each next basket."""
    import torch

    states, basket = network.states(told, rows, 1, DROPOUT)
    sizes = np.diff(told.starts)[basket + 1]
    wanted = torch.from_numpy(told.products[_ranges(told.starts[basket + 1], sizes)])
    after = torch.from_numpy(np.repeat(np.arange(len(basket)), sizes))
    table, bias = network.table.weight, network.bias
    if len(odds) <= DRAWN:
        scores = states @ table.T + bias
        return (scores.logsumexp(1)[after] - scores[after, wanted]).mean()
    drawn = torch.multinomial(odds, DRAWN, replacement=True)
    others = states @ table[drawn].T + bias[drawn] - torch.log(odds[drawn] * DRAWN)
    own = (states[after] * table[wanted]).sum(1) + bias[wanted]
    return (torch.logaddexp(others.logsumexp(1)[after], own) - own).mean()


def _vectors(network: _Network, told: Sequences, size: int) -> Vectors:
    known = np.flatnonzero(told.lengths > 0)
    customers = np.zeros((len(told.lengths), size + 1), np.float32)
    order = known[np.argsort(told.lengths[known], kind="stable")]
    for start in range(0, len(order), 8 * BATCH):
        rows = order[start : start + 8 * BATCH]
        states, _ = network.states(told, rows, 0, 0.0)
        ends = np.cumsum(told.lengths[rows]) - 1
        customers[rows, :size] = states.numpy()[ends]
        customers[rows, size] = 1
    products = np.column_stack([network.table.weight.numpy(), network.bias.numpy()])
    return customers, np.ascontiguousarray(products, dtype=np.float32)


def _ranges(starts: Ints, lengths: Ints) -> Ints:
    """start, start + 1, … of each, so many, one after the other.

    >>> _ranges(np.array([5, 0]), np.array([2, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    before = np.cumsum(lengths) - lengths
    found: Ints = np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths)
    return found
