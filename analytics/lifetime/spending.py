"""What customers spend each time: the gamma-gamma model.

A customer's purchases vary around their own mean by a gamma distribution of shape p, and the means
vary over customers (q, γ). Source: Fader & Hardie, The gamma-gamma model of monetary value (2013),
whose equations the functions name. The model takes what is spent to have nothing to do with how
often; the first purchase, which tells least of the later ones, is left out as in the source.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import special

from analytics.lifetime.bgnbd import covariance, minimise, some_of

Floats = npt.NDArray[np.float64]

BOUNDS = [(-7.0, 9.0)] * 3
STARTS = [(5.0, 2.0, 0.5), (1.0, 1.0, 1.0), (20.0, 9.0, 1.0)]
LEAST_Q = 1.05
"""The mean of all customers is finite for q above 1 only."""


@dataclass(frozen=True)
class Spending:
    """The fitted parameters; NaN where nobody's later purchases are known.

    Attributes:
        p: Shape of one customer's purchases.
        q: Shape of the customers' scale.
        gamma: Its scale, money.
        customers: How many they were fitted to.
        covariance: Of the logarithms of p, q - LEAST_Q and γ, shape (3, 3).
    """

    p: float
    q: float
    gamma: float
    customers: int
    covariance: Floats

    @property
    def logs(self) -> Floats:
        """What `covariance` is of."""
        return np.log([self.p, self.q - LEAST_Q, self.gamma])

    def at(self, logs: Floats) -> "Spending":
        """The same with other parameters."""
        p, above, gamma = (float(value) for value in np.exp(logs))
        return replace(self, p=p, q=above + LEAST_Q, gamma=gamma)

    def mean(self, x: Floats, monetary: Floats) -> Floats:
        """Equation 5: what a customer's coming purchases are expected to cost, shape (n,).

        Args:
            x: Known purchases after the first.
            monetary: Their mean, money; whatever it is where x is 0.
        """
        spent = np.where(x > 0, x * monetary, 0.0)
        expected: Floats = self.p * (self.gamma + spent) / (self.p * x + self.q - 1)
        return expected

    def variation(self, x: Floats) -> Floats:
        """Squared coefficients of variation: of the customer's mean, given what is known of it.

        The scale's reciprocal follows an inverse gamma of shape p x + q, whose spread is finite
        above 2 only; below, that of 2.1 stands in.
        """
        spread: Floats = 1 / (np.maximum(self.p * x + self.q, 2.1) - 2)
        return spread


NOTHING = Spending(float("nan"), float("nan"), float("nan"), 0, np.zeros((3, 3)))


def log_likelihood(
    parameters: tuple[float, float, float], x: Floats, monetary: Floats, weight: Floats
) -> float:
    """Equation 1a as a sum over customers.

    Args:
        parameters: p, q, γ.
        x: Purchases, above 0, shape (n,).
        monetary: Their mean, above 0.
        weight: How many customers have these figures.
    """
    p, q, gamma = parameters
    each = (
        special.gammaln(p * x + q) - special.gammaln(p * x) - special.gammaln(q)
        + q * np.log(gamma) + (p * x - 1) * np.log(monetary) + p * x * np.log(x)
        - (p * x + q) * np.log(gamma + x * monetary)
    )  # fmt: skip
    return float(weight @ each)


def fit(x: Floats, monetary: Floats, weight: Floats) -> Spending:
    """The parameters of the greatest likelihood; only purchases of some money are looked at.

    Args:
        x: Purchases after the first, shape (n,).
        monetary: Their mean, money.
        weight: How many customers have these figures.
    """
    known = (x > 0) & (monetary > 0) & np.isfinite(monetary)
    x, monetary, weight = x[known], monetary[known], weight[known]
    if weight.sum() < 2:
        return NOTHING
    unit = float(weight @ monetary / weight.sum())
    people = weight.sum()
    values, place = np.unique(x, return_inverse=True)
    by_x = np.bincount(place, weight, len(values))
    log_money, money = np.log(monetary / unit), monetary / unit
    weighted_logs = weight @ log_money
    x_logs = (weight * x) @ log_money

    def loss(logs: Floats) -> tuple[float, Floats]:
        p, above, gamma = np.exp(logs)
        q = above + LEAST_Q
        pooled = np.log(gamma + x * money)
        sums = p * values
        value = (
            by_x @ (
                special.gammaln(sums + q) - special.gammaln(sums) - special.gammaln(q)
                + q * np.log(gamma) + sums * np.log(values)
            )
            + p * x_logs - weighted_logs - (weight * (p * x + q)) @ pooled
        )  # fmt: skip
        both = special.digamma(sums + q)
        slope = np.array([
            by_x @ (values * (both - special.digamma(sums) + np.log(values))) + x_logs
            - (weight * x) @ pooled,
            by_x @ (both - special.digamma(q) + np.log(gamma)) - weight @ pooled,
            people * q / gamma - weight @ ((p * x + q) / (gamma + x * money)),
        ])  # fmt: skip
        return -value / people, -slope * np.array([p, above, gamma]) / people

    starts = [np.log(start) for start in STARTS]
    if (rows := some_of(len(x))) is not None:
        few = fit(x[rows], monetary[rows], weight[rows])
        starts = [few.logs - [0.0, 0.0, np.log(unit)]]
    logs, _ = minimise(loss, starts, BOUNDS)
    p, above, gamma = (float(value) for value in np.exp(logs))
    sure = covariance(lambda at: loss(at)[1] * people, logs)
    return Spending(p, above + LEAST_Q, gamma * unit, int(people), sure)
