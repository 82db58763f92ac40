"""The textbook formulas of stock, each checked on published values.

Notation of Snyder & Shen, Fundamentals of Supply Chain Theory (2nd edition, 2019), sections 4.3 and
4.4: h is what a unit left over costs, p what a missing unit costs, S the level to order up to.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from analytics.errors import AnalyticsError

Floats = npt.NDArray[np.float64]
LEAST_VARIANCE = 1.02
"""Variance over mean of counts at the least: sales spread no less than chance (Poisson) does."""
FURTHEST = 40.0
"""How many standard deviations above the mean a level is looked for."""


@dataclass(frozen=True)
class Newsvendor:
    """The level at which too much and too little cost the same at the margin.

    Attributes:
        level: What to have in stock (order-up-to level S*), in units.
        cost: What is expected to be lost a period at that level, g(S*), in money.
        service_level: The critical ratio p / (p + h): how often demand is met in full, 0 to 1.
    """

    level: float
    cost: float
    service_level: float


def newsvendor(
    holding_cost: float, stockout_cost: float, mean: float, sd: float, lead_time: float = 0
) -> Newsvendor:
    """How much to have for normal demand, by what too much and too little cost.

    S* = μ + z σ with z = Φ⁻¹(p / (p + h)), g(S*) = (h + p) φ(z) σ, where demand is that of the lead
    time and the period itself: μ (L + 1) and σ √(L + 1) (Snyder & Shen 2019, equations 4.24 and
    4.30; independent periods).

    Args:
        holding_cost: h, of a unit left over at the end of a period.
        stockout_cost: p, of a unit that was asked for and missing.
        mean: Demand a period.
        sd: Its standard deviation.
        lead_time: Periods between order and delivery.

    Raises:
        AnalyticsError: A cost or the deviation is not positive, or the lead time is negative.
    """
    if min(holding_cost, stockout_cost, sd) <= 0 or lead_time < 0:
        raise AnalyticsError(
            "The costs and the spread must be above zero, the lead time not below.",
            "Enter what a unit left over and a missing unit cost.",
        )
    ratio = stockout_cost / (stockout_cost + holding_cost)
    z = float(special.ndtri(ratio))
    spread = sd * np.sqrt(lead_time + 1)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    level = mean * (lead_time + 1) + z * spread
    cost = (holding_cost + stockout_cost) * density * spread
    return Newsvendor(float(level), float(cost), float(ratio))


def summed_error_sd(sigma: float, psi: npt.ArrayLike) -> float:
    """The standard deviation of the summed forecast error: σ √Σ(ψ₀ + … + ψⱼ)².

    Errors of later periods follow from earlier ones, so the sum over the lead time spreads wider
    than √L times one period's error (Hyndman, Koehler, Ord & Snyder, Forecasting with Exponential
    Smoothing, 2008, section 6.4).

    Args:
        sigma: Standard deviation of one period's error.
        psi: The weights ψ₀, ψ₁, … with which an error lives on, one for each period.
    """
    lasting = np.cumsum(np.asarray(psi, dtype=float))
    return float(sigma * np.sqrt((lasting**2).sum()))


def _shape(mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Size r and probability of the negative binomial with a mean and a variance."""
    spread = np.maximum(variance, mean * LEAST_VARIANCE)
    ratio = np.divide(mean, spread, out=np.ones_like(mean), where=spread > 0)
    size = np.divide(mean * ratio, 1 - ratio, out=np.ones_like(mean), where=ratio < 1)
    return size, ratio


def at_most(units: Floats, mean: Floats, variance: Floats) -> Floats:
    """The chance that demand is at most so many units; counts spread as a negative binomial."""
    size, ratio = _shape(mean, variance)
    whole = np.floor(units)
    found = special.betainc(np.maximum(size, 1e-12), np.maximum(whole, 0) + 1, ratio)
    return np.where(whole < 0, 0.0, np.where(mean <= 0, 1.0, found))


def reorder_point(mean: npt.ArrayLike, variance: npt.ArrayLike, service_level: Any) -> Floats:
    """The fewest units that meet demand with the chance asked for.

    The quantile of a negative binomial, found by halving: of counts, a normal distribution is wrong
    most where it matters, at slow sellers.

    Args:
        mean: Demand over the time to cover, in units.
        variance: Of the summed forecast error over that time.
        service_level: The chance of meeting it in full, 0 to 1.

    Returns:
        Whole units, shape of the inputs.
    """
    middle, spread, level = np.broadcast_arrays(
        np.asarray(mean, float), np.asarray(variance, float), np.asarray(service_level, float)
    )
    middle, spread = np.maximum(middle, 0.0), np.maximum(spread, 0.0)
    low = np.full(middle.shape, -1.0)
    high = np.ceil(middle + FURTHEST * np.sqrt(np.maximum(spread, middle)) + FURTHEST)
    while (high - low > 1).any():
        half = np.floor((low + high) / 2)
        enough = at_most(half, middle, spread) >= level
        high, low = np.where(enough, half, high), np.where(enough, low, half)
    return np.asarray(np.where(middle <= 0, 0.0, high), float)


def expected_shortage(units: npt.ArrayLike, mean: npt.ArrayLike, variance: npt.ArrayLike) -> Floats:
    """Units that will be asked for beyond those there: E[(D − x)⁺] of a negative binomial.

    E[(D − x)⁺] = μ P(D′ ≥ x) − x P(D > x), where D′ has a size larger by one (Snyder & Shen
    2019, appendix C); a stock below zero is owed in full.
    """
    there, middle, spread = np.broadcast_arrays(
        np.asarray(units, float), np.asarray(mean, float), np.asarray(variance, float)
    )
    middle = np.maximum(middle, 0.0)
    size, ratio = _shape(middle, spread)
    whole = np.maximum(np.floor(there), 0.0)
    beyond = 1 - at_most(whole, middle, spread)
    larger = np.where(whole < 1, 1.0, 1 - special.betainc(size + 1, np.maximum(whole, 1.0), ratio))
    short = np.where(middle > 0, middle * larger - whole * beyond, 0.0)
    return np.asarray(np.maximum(short, 0.0) + np.maximum(-there, 0.0), float)
