"""How often each customer orders: their own gaps between orders, drawn towards the shop's.

The logarithm of a customer's gaps (days from one day with an order to the next) is normal, with a
middle and a spread of their own; middles and spreads of all customers follow a normal and inverse
gamma distribution, learnt from the shop (empirical Bayes; Gelman et al., Bayesian Data Analysis,
2013, section 3.3: mu, kappa, alpha, beta). So the next gap follows a Student t of the logarithm:
with many gaps of their own a customer is judged by those, with none by the shop's. After each order
a customer may leave for good, with a chance of their own that follows a beta distribution (Fader,
Hardie & Lee, Marketing Science 2005, BG/NBD: a, b); silence so far says how likely they have. The
wait since the last order counts as a gap at least that long.

A gap of whole days stands for half a day to each side of it.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, stdtr, stdtrit

Floats = npt.NDArray[np.float64]

LEARNT_FROM = 4_000
"""Customers whose gaps say how all are spread; of more a random part."""
SEED = 0
LIMITS = ((-2.0, 8.0), (-6.0, 6.0), (-2.0, 5.0), (-6.0, 6.0), (-6.0, 6.0), (-6.0, 8.0))
"""Of mu and of the logarithms of the five others: beyond, nothing changes that could be seen."""
LEAST = 1e-300


@dataclass(frozen=True)
class Gaps:
    """Customers' gaps between orders; arrays of shape (n,).

    Attributes:
        count: How many gaps.
        logs: The sum of their logarithms (days).
        squares: The sum of the squares of those.
        wait: Days since the last order, at least 1.
    """

    count: Floats
    logs: Floats
    squares: Floats
    wait: Floats

    @classmethod
    def of(cls, found: pd.DataFrame) -> Self:
        """From rows of `next_order_rhythm`."""
        names = ("gaps", "log_gaps", "squared_log_gaps", "wait_days")
        return cls(*(found[name].to_numpy(dtype=np.float64) for name in names))

    @property
    def without_own(self) -> "Gaps":
        """As if nothing were known of each but the wait."""
        nothing = np.zeros(len(self.wait))
        return Gaps(nothing, nothing, nothing, self.wait)

    def where(self, places: npt.NDArray[np.int64]) -> "Gaps":
        """Some of the customers."""
        return Gaps(*(each[places] for each in (self.count, self.logs, self.squares, self.wait)))

    def __len__(self) -> int:
        """How many customers."""
        return len(self.wait)


@dataclass(frozen=True)
class Rhythm:
    """What the shop's customers have in common.

    Attributes:
        mu: The middle of the logarithm of a gap (days).
        kappa: How many gaps the shop's middle weighs beside a customer's own.
        alpha: Half as many gaps weighs the shop's spread.
        beta: With `alpha`, how wide it is.
        a, b: Of every `a + b` orders, about `a` are a customer's last.
    """

    mu: float
    kappa: float
    alpha: float
    beta: float
    a: float
    b: float

    @classmethod
    def learn(cls, gaps: Gaps, start: "Rhythm | None" = None) -> "Rhythm":
        """The likeliest, from customers' gaps and waits.

        Args:
            gaps: At least two customers, some with gaps.
            start: Where to begin, such as what an earlier day taught.
        """
        if len(gaps) > LEARNT_FROM:
            drawn = np.random.default_rng(SEED).choice(len(gaps), LEARNT_FROM, replace=False)
            gaps = gaps.where(np.sort(drawn))
        if start is None:
            many = max(gaps.count.sum(), 1.0)
            middle = gaps.logs.sum() / many
            spread = max(gaps.squares.sum() / many - middle**2, 0.05)
            start = cls(float(middle), 1.0, 2.0, float(spread), 0.5, 3.0)
        begin = [start.mu, *np.log([start.kappa, start.alpha, start.beta, start.a, start.b])]
        begin = [float(np.clip(each, *ends)) for each, ends in zip(begin, LIMITS, strict=True)]

        def short_of(values: Floats) -> float:
            return -cls(float(values[0]), *np.exp(values[1:])).log_likelihood(gaps) / len(gaps)

        found = minimize(
            short_of, begin, method="L-BFGS-B", bounds=LIMITS, options={"ftol": 1e-7}
        ).x  # fmt: skip
        return cls(float(found[0]), *(float(each) for each in np.exp(found[1:])))

    def log_likelihood(self, gaps: Gaps) -> float:
        """Of all gaps and waits."""
        kappa, _, alpha, beta = self._own(gaps)
        own = (
            gammaln(alpha) - gammaln(self.alpha) + self.alpha * np.log(self.beta)
            - alpha * np.log(beta) + np.log(self.kappa / kappa) / 2
        )  # fmt: skip
        left = betaln(self.a + 1, self.b + gaps.count)
        stayed = betaln(self.a, self.b + gaps.count + 1)
        waited = self._longer(gaps, gaps.wait - 0.5)
        silent = np.logaddexp(left, stayed + np.log(np.maximum(waited, LEAST)))
        return float((own + silent - betaln(self.a, self.b)).sum())

    def usual(self, gaps: Gaps) -> Floats:
        """Each customer's usual gap, the middle one, in days."""
        return np.asarray(np.exp(self._own(gaps)[1]))

    def shorter(self, gaps: Gaps) -> Floats:
        """How many of each customer's gaps end sooner than they have waited, 0 to 1."""
        return np.asarray(1 - self._longer(gaps, gaps.wait - 0.5))

    def stays(self, gaps: Gaps) -> Floats:
        """The chance that each has not left for good, 0 to 1."""
        waited = (self.b + gaps.count) * self._longer(gaps, gaps.wait - 0.5)
        return np.asarray(waited / (self.a + waited))

    def comes(self, gaps: Gaps, days: float) -> Floats:
        """The chance that each orders within so many days from now on, 0 to 1."""
        so_far = np.maximum(self._longer(gaps, gaps.wait - 0.5), LEAST)
        longer = self._longer(gaps, gaps.wait + days - 0.5)
        return np.asarray(self.stays(gaps) * np.clip(1 - longer / so_far, 0.0, 1.0))

    def left(self, gaps: Gaps, share: float | Floats, days: float) -> Floats:
        """Days until each orders, where they do so within so many days.

        Args:
            gaps: The customers.
            share: How much of the chance lies before that day; 0.5 for the middle.
            days: Within how many days.

        Returns:
            Whole days from now, 0 to `days - 1`.
        """
        _, middle, alpha, _ = self._own(gaps)
        so_far = self._longer(gaps, gaps.wait - 0.5)
        longer = self._longer(gaps, gaps.wait + days - 0.5)
        rest = np.maximum(so_far - share * (so_far - longer), LEAST)
        log_gap = middle - self._width(gaps) * stdtrit(2 * alpha, rest)
        return np.asarray(np.clip(np.round(np.exp(log_gap) - gaps.wait), 0, days - 1))

    def left_or_none(self, gaps: Gaps, days: float) -> Floats:
        """The middle of the days until each orders; `days` where none is likelier than not."""
        chance = self.comes(gaps, days)
        share = np.clip(0.5 / np.maximum(chance, LEAST), 0.0, 1.0)
        return np.where(chance > 0.5, self.left(gaps, share, days), days)

    def log_chance(self, gaps: Gaps, left: Floats, days: float) -> Floats:
        """Logarithm of the chance of what happened.

        Args:
            gaps: The customers.
            left: Days until each ordered, NaN where they did not.
            days: Within how many days.
        """
        came = ~np.isnan(left)
        on = gaps.wait + np.where(came, left, 0.0)
        so_far = np.maximum(self._longer(gaps, gaps.wait - 0.5), LEAST)
        on_that_day = self._longer(gaps, on - 0.5) - self._longer(gaps, on + 0.5)
        chance = np.where(
            came, self.stays(gaps) * on_that_day / so_far, 1 - self.comes(gaps, days)
        )  # fmt: skip
        return np.asarray(np.log(np.maximum(chance, 1e-12)))

    def _own(self, gaps: Gaps) -> tuple[Floats, Floats, Floats, Floats]:
        """kappa, mu, alpha and beta of each customer, once their own gaps are known."""
        count = gaps.count
        mean = gaps.logs / np.maximum(count, 1)
        around = np.maximum(gaps.squares - count * mean**2, 0.0)
        kappa = self.kappa + count
        middle = (self.kappa * self.mu + gaps.logs) / kappa
        apart = self.kappa * count * (mean - self.mu) ** 2 / kappa
        return kappa, middle, self.alpha + count / 2, self.beta + (around + apart) / 2

    def _width(self, gaps: Gaps) -> Floats:
        """The scale of each customer's next gap's logarithm."""
        kappa, _, alpha, beta = self._own(gaps)
        return np.asarray(np.sqrt(beta * (kappa + 1) / (alpha * kappa)))

    def _longer(self, gaps: Gaps, days: Floats) -> Floats:
        """The chance that a gap is longer than so many days."""
        _, middle, alpha, _ = self._own(gaps)
        beyond = (middle - np.log(days)) / self._width(gaps)
        return np.asarray(stdtr(2 * alpha, beyond))
