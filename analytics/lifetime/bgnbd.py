"""How often customers buy and when they stay away for good: the BG/NBD model.

While a customer is with the shop, purchases come at random at their own rate λ; after each one
they leave for good with their own probability p. Rates vary over customers by a gamma distribution
(r, α), probabilities by a beta distribution (a, b). Source: Fader, Hardie & Lee, “Counting your
customers” the easy way, Marketing Science 24 (2005), whose equations the functions name.

Of each customer only three figures matter: x purchases after the first, the last of them t_x after
the first, observed for T. Customers of equal figures count as one with a weight, and the functions
of x alone are taken once for each x. Powers and beta functions are taken as logarithms.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, special
from threadpoolctl import threadpool_limits

Floats = npt.NDArray[np.float64]

BOUNDS = [(-9.0, 6.0), (-9.0, 9.0), (-9.0, 4.0), (-9.0, 7.0)]
"""Of the logarithms of r, α ÷ mean T, a, b: beyond them the likelihood is flat."""
STARTS = [(0.3, 0.5, 0.7, 2.0), (1.0, 0.5, 0.1, 3.0), (3.0, 1.0, 1.0, 1.0)]
MANY = 40_000
"""Of more different customers, the start is found on a part of them."""
RARE = 1e-6
"""Chances below this are left out of sums."""
BLOCK = 1000
NEAR_ONE = 1e-5
"""How near a may come to 1, where equation 10 is nothing by nothing."""


@dataclass(frozen=True)
class Purchasing:
    """The fitted parameters.

    Attributes:
        r: Shape of the rates.
        alpha: Scale of the rates, in periods.
        a: Of the probability to leave, the first parameter.
        b: The second.
        log_likelihood: Of all customers.
        covariance: Of the logarithms of the four, shape (4, 4).
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    covariance: Floats

    @property
    def parameters(self) -> tuple[float, float, float, float]:
        """r, α, a, b."""
        return self.r, self.alpha, self.a, self.b


def log_likelihood(
    parameters: tuple[float, float, float, float],
    x: Floats,
    t_x: Floats,
    age: Floats,
    weight: Floats,
) -> tuple[float, Floats]:
    """Equation 6 as a sum over customers, with its slope.

    Args:
        parameters: r, α, a, b.
        x: Purchases after the first, shape (n,).
        t_x: When the last of them was, in periods after the first.
        age: T, how long they were observed since the first, in periods.
        weight: How many customers have these figures.

    Returns:
        The logarithm of the likelihood, and its derivatives by r, α, a and b, shape (4,).
    """
    r, alpha, a, b = parameters
    values, place, by_x = _by_count(x, weight)
    later = np.maximum(values - 1.0, 0.0)  # x - 1 where there was a purchase
    of_x = (
        special.gammaln(r + values) - special.gammaln(r)
        + special.betaln(a, b + values) - special.betaln(a, b)
    )  # fmt: skip
    left_odds = np.where(values > 0, np.log(a) - np.log(b + later), -np.inf)
    staying = -(r + x) * np.log(alpha + age)
    leaving = -(r + x) * np.log(alpha + t_x) + left_odds[place]
    either = np.logaddexp(staying, leaving)
    total = by_x @ of_x + weight.sum() * r * np.log(alpha) + weight @ either
    gone = np.exp(leaving - either)
    gone_by_x = np.bincount(place, weight * gone, len(values))
    digamma_all = special.digamma(a + b) - special.digamma(a + b + values)
    slope = np.array([
        by_x @ (special.digamma(r + values) - special.digamma(r))
        + weight.sum() * np.log(alpha)
        - weight @ ((1 - gone) * np.log(alpha + age) + gone * np.log(alpha + t_x)),
        weight.sum() * r / alpha
        - weight @ ((r + x) * ((1 - gone) / (alpha + age) + gone / (alpha + t_x))),
        by_x @ digamma_all + gone_by_x.sum() / a,
        by_x @ (digamma_all + special.digamma(b + values) - special.digamma(b))
        - gone_by_x @ (1 / (b + later)),
    ])  # fmt: skip
    return float(total), slope


def _by_count(x: Floats, weight: Floats) -> tuple[Floats, npt.NDArray[np.intp], Floats]:
    """The different x, where each customer's stands among them, and how many customers each has."""
    values, inverse = np.unique(x, return_inverse=True)
    place: npt.NDArray[np.intp] = np.asarray(inverse, dtype=np.intp)
    return values, place, np.asarray(np.bincount(place, weight, len(values)), dtype=np.float64)


def fit(x: Floats, t_x: Floats, age: Floats, weight: Floats) -> Purchasing:
    """The parameters of the greatest likelihood, found from several starts.

    Args:
        x: As for `log_likelihood`, and so are the others; some x must be above 0.
        t_x: In periods.
        age: In periods.
        weight: Customers.
    """
    unit = float(weight @ age / weight.sum()) or 1.0
    people = weight.sum()

    def loss(logs: Floats) -> tuple[float, Floats]:
        now = np.exp(logs)
        value, slope = log_likelihood(tuple(now), x, t_x / unit, age / unit, weight)
        return -value / people, -slope * now / people

    starts = [np.log(start) for start in STARTS]
    if (rows := some_of(len(x))) is not None:
        few = fit(x[rows], t_x[rows], age[rows], weight[rows])
        starts = [np.log([few.r, few.alpha / unit, few.a, few.b])]
    logs, least = minimise(loss, starts, BOUNDS)
    r, alpha, a, b = (float(value) for value in np.exp(logs))
    value = -least * people - weight @ x * np.log(unit)
    sure = covariance(lambda at: loss(at)[1] * people, logs)
    return Purchasing(r, alpha * unit, a, b, float(value), sure)


def some_of(number: int) -> npt.NDArray[np.int64] | None:
    """Rows drawn at random to find where to start from; None where all are quick enough."""
    if number <= MANY:
        return None
    return np.random.default_rng(0).choice(number, MANY // 2, replace=False)


def minimise(
    loss: Callable[[Floats], tuple[float, Floats]],
    starts: list[Floats],
    bounds: list[tuple[float, float]],
) -> tuple[Floats, float]:
    """Where a loss is least, and how little it is there.

    In one thread: the steps are too small to share, and waiting for each other takes longer.

    Args:
        loss: The loss a customer and its slope, by the logarithms of the parameters.
        starts: Logarithms to start from.
        bounds: Between which the logarithms lie.
    """
    with threadpool_limits(1, user_api="blas"):
        tried = [
            optimize.minimize(
                loss, np.clip(start, *np.transpose(bounds)), jac=True, method="L-BFGS-B",
                bounds=bounds, options={"ftol": 1e-14, "gtol": 1e-8, "maxiter": 500},
            )
            for start in starts
        ]  # fmt: skip
    best = min(tried, key=lambda found: found.fun)
    return best.x, float(best.fun)


def covariance(slope: Callable[[Floats], Floats], at: Floats, widest: float = 2.0) -> Floats:
    """How sure parameters are: the inverse of the loss's curvature, by differences of its slope.

    Args:
        slope: Of the loss, summed over customers.
        at: The logarithms of the parameters, shape (k,).
        widest: The standard error in directions that the data leave open.

    Returns:
        Of the logarithms, shape (k, k).
    """
    step = 1e-4
    square = np.array(
        [(slope(at + move) - slope(at - move)) / (2 * step) for move in np.eye(len(at)) * step]
    )
    values, vectors = np.linalg.eigh((square + square.T) / 2)
    spread: Floats = (vectors / np.maximum(values, widest**-2)) @ vectors.T
    return spread


def alive(
    parameters: tuple[float, float, float, float], x: Floats, t_x: Floats, age: Floats
) -> Floats:
    """The probability to be with the shop still, 0 to 1, shape (n,).

    Source: Fader, Hardie & Lee, Computing P(alive) using the BG/NBD model (2008). Who has bought
    but once is with the shop, as the model lets customers leave only after a later purchase.
    """
    r, alpha, a, b = parameters
    with np.errstate(divide="ignore"):
        odds = np.where(x > 0, np.log(a) - np.log(b + np.maximum(x - 1, 0)), -np.inf) + (r + x) * (
            np.log(alpha + age) - np.log(alpha + t_x)
        )
    probability: Floats = special.expit(-odds)
    return probability


def expected_if_alive(
    parameters: tuple[float, float, float, float], x: Floats, age: Floats, ahead: float
) -> Floats:
    """Expected purchases in the next `ahead` periods of customers who are with the shop still.

    Equation 10 without its denominator. By Euler's transformation of ₂F₁ the power of r + x, which
    overflows for frequent customers, cancels.

    Returns:
        Purchases, shape (n,).
    """
    r, alpha, a, b = parameters
    if abs(a - 1) < NEAR_ONE:
        below, above = (
            expected_if_alive((r, alpha, 1 + side * 2 * NEAR_ONE, b), x, age, ahead)
            for side in (-1, 1)
        )
        return (below + above) / 2
    share = ahead / (alpha + age + ahead)
    third = a + b + x - 1
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        staying = (1 - share) ** (a - 1) * special.hyp2f1(a + b - 1 - r, a - 1, third, share)
        expected: Floats = third / (a - 1) * (1 - staying)
    missing = np.flatnonzero(~np.isfinite(expected) | (expected < 0))
    for rows in np.array_split(missing, len(missing) // BLOCK + 1):
        expected[rows] = _summed(parameters, x[rows], age[rows], ahead)
    return expected


def _summed(
    parameters: tuple[float, float, float, float], x: Floats, age: Floats, ahead: float
) -> Floats:
    """The same as a sum over chances, for where ₂F₁ has a pole or does not converge."""
    if not len(x):
        return x
    most = int(most_purchases(parameters, x, age, ahead).max())
    chances = chances_if_alive(parameters, x, age, ahead, most)
    total: Floats = chances @ np.arange(most + 1.0)
    return total


def most_purchases(
    parameters: tuple[float, float, float, float], x: Floats, age: Floats, ahead: float
) -> npt.NDArray[np.int64]:
    """More purchases in the next `ahead` periods than these have hardly a chance, shape (n,)."""
    r, alpha, _, _ = parameters
    fastest = special.gammaincinv(r + x, 1 - RARE) / (alpha + age) * ahead
    most: npt.NDArray[np.int64] = np.ceil(fastest + 5 * np.sqrt(fastest) + 5).astype(np.int64)
    return most


def expected(
    parameters: tuple[float, float, float, float],
    x: Floats,
    t_x: Floats,
    age: Floats,
    ahead: float,
) -> Floats:
    """Equation 10: expected purchases in the next `ahead` periods, shape (n,)."""
    return alive(parameters, x, t_x, age) * expected_if_alive(parameters, x, age, ahead)


def chances_if_alive(
    parameters: tuple[float, float, float, float],
    x: Floats,
    age: Floats,
    ahead: float,
    most: int,
) -> Floats:
    """The chances of 0, 1, … purchases in the next `ahead` periods if with the shop still.

    Equation 8 with what the past says of the customer: of one who is with the shop after x
    purchases in T, rates follow gamma(r + x, α + T) and leaving beta(a, b + x).

    Returns:
        Probabilities, shape (n, most + 1); what they lack to 1 is the chance of more.
    """
    r, alpha, a, b = parameters
    shape, scale, stay = (r + x)[:, None], (alpha + age)[:, None], (b + x)[:, None]
    count = np.arange(most + 1)[None, :]
    counts = np.exp(
        special.gammaln(shape + count) - special.gammaln(shape) - special.gammaln(count + 1)
        + shape * np.log(scale / (scale + ahead)) + count * np.log(ahead / (scale + ahead))
    )  # fmt: skip
    at_least = 1 - np.concatenate([np.zeros((len(x), 1)), np.cumsum(counts, axis=1)[:, :-1]], 1)
    stayed = np.exp(special.betaln(a, stay + count) - special.betaln(a, stay))
    left = np.exp(
        special.betaln(a + 1, stay + np.maximum(count - 1, 0)) - special.betaln(a, stay)
    ) * (count > 0)
    chances: Floats = stayed * counts + left * np.maximum(at_least, 0.0)
    return chances
