"""What usually comes next: chains of actions, from none remembered to the last five.

A chain of order k counts what followed the same last k actions. Where these were seen seldom it
leans on the shorter memory: P_k(b | h) = (n(h, b) + m P_{k-1}(b | h')) / (n(h) + m), where h' is h
without its oldest action and m is `LEAN` (MacKay & Peto, A hierarchical Dirichlet language model,
1995); P_0 is how often each action comes at all, each counted once more than it was seen.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.propensity.next_moments import Flags, Ints, Steps

Floats = npt.NDArray[np.float64]

LEAN = 5.0
"""How many seen steps the shorter memory is worth."""


def contexts(steps: Steps, order: int) -> Ints:
    """A number for the last so many actions of each step, its own included; shape (n,).

    Actions before a customer's first are an action of their own.
    """
    base = len(steps.actions) + 1
    first, places = steps.first, np.arange(len(steps))
    found = np.zeros(len(steps), np.int64)
    for back in range(order):
        at = places - back
        kinds = np.where(at >= first, steps.kind[np.maximum(at, 0)] + 1, 0)
        found += kinds * base**back
    return found


@dataclass(frozen=True)
class Chain:
    """A chain that has learnt.

    Attributes:
        order: How many last actions it goes by; 0: none.
        shares: How often each action comes at all, shape (actions,).
        seen: For each order from 1, the contexts seen, rising.
        counts: For each order from 1, what followed them, shape (contexts, actions).
    """

    order: int
    shares: Floats
    seen: tuple[Ints, ...]
    counts: tuple[Floats, ...]

    @classmethod
    def learn(cls, steps: Steps, taught: Flags, order: int) -> "Chain":
        """From the steps that are marked."""
        actions = len(steps.actions)
        follows = steps.follows[taught]
        shares = (np.bincount(follows, minlength=actions) + 1) / (len(follows) + actions)
        seen, counts = [], []
        for length in range(1, order + 1):
            known, code = np.unique(contexts(steps, length)[taught], return_inverse=True)
            cells = np.bincount(code * actions + follows, minlength=len(known) * actions)
            seen.append(known)
            counts.append(cells.reshape(len(known), actions).astype(float))
        return cls(order, shares, tuple(seen), tuple(counts))

    def chances(self, steps: Steps) -> Floats:
        """The probability of each action to come next, shape (n, actions)."""
        found = np.tile(self.shares, (len(steps), 1))
        for length, (seen, counts) in enumerate(zip(self.seen, self.counts, strict=True), start=1):
            if not len(seen):
                continue
            context = contexts(steps, length)
            place = np.minimum(np.searchsorted(seen, context), len(seen) - 1)
            cells = np.where((seen[place] == context)[:, None], counts[place], 0.0)
            found = (cells + LEAN * found) / (cells.sum(axis=1, keepdims=True) + LEAN)
        return found
