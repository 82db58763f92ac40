"""Tests of a shop whose truth is known, run many times.

A customer has a leaning to buy that lasts, so that what they did before the test tells of what they
do in it. One in twenty buys in the window; order values are log-normal (σ = 1: the largest of a
thousand orders is about twenty times the typical one); some buyers order more than once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, sqrt
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analytics import experiment
from analytics.experiment import moments

LOOKS = 14
FALSE_WINNERS, COVERAGE, POWER = 0.05, 0.95, 0.80


@dataclass(frozen=True)
class Shop:
    """What one arm is like.

    Attributes:
        rate: Share of the customers who buy in the window.
        sigma: Spread of the logarithm of order values.
        leaning: How much of the logarithm of an order value lasts, 0 to 1, as does who buys.
        value: Typical order value, relative to the control's.
    """

    rate: float = 0.05
    sigma: float = 1.0
    leaning: float = 0.8
    value: float = 1.0

    def customers(self, rng: np.random.Generator, n: int, base: float | None = None) -> "Drawn":
        """So many customers, before and in the test; `base` is the rate before."""
        regular = rng.random(n) < 0.2
        taste = rng.normal(0, self.sigma * sqrt(self.leaning), n)
        rest = self.sigma * sqrt(1 - self.leaning)

        def period(rate: float, value: float) -> tuple[np.ndarray, np.ndarray]:
            often = np.where(regular, 4.2 * rate, 0.2 * rate)
            often = (1 - self.leaning) * rate + self.leaning * often
            orders = np.where(rng.random(n) < often, 1 + rng.poisson(0.5, n), 0)
            bought = np.flatnonzero(orders)
            who = np.repeat(bought, orders[bought])
            amounts = value * np.exp(taste[who] + rng.normal(0, rest, len(who)))
            return orders.astype(float), np.bincount(who, amounts, minlength=n)

        before = period(base or self.rate, 1.0)
        return Drawn(*period(self.rate, self.value), *before)

    @property
    def truth(self) -> dict[str, float]:
        """The metrics' true values."""
        order = self.value * exp(self.sigma**2 / 2)
        return {
            "conversion_rate": self.rate,
            "revenue_per_visitor": self.rate * 1.5 * order,
            "average_order_value": order,
        }


@dataclass(frozen=True)
class Drawn:
    """Orders and revenue of each customer, in the window and before."""

    orders: np.ndarray
    revenue: np.ndarray
    orders_before: np.ndarray
    revenue_before: np.ndarray

    def head(self, n: int) -> "Drawn":
        """The first customers of it."""
        return Drawn(*(each[:n] for each in vars(self).values()))


METRICS: dict[str, moments.Kind] = {
    "conversion_rate": "proportion",
    "revenue_per_visitor": "mean",
    "average_order_value": "ratio",
}


def frame(variant: str, drawn: Drawn, metrics: Sequence[str] = tuple(METRICS)) -> pd.DataFrame:
    """The arms frame of one arm, from its customers."""
    bought, before = (drawn.orders > 0).astype(float), (drawn.orders_before > 0).astype(float)
    parts = {
        "conversion_rate": {"value": bought, "before": before},
        "revenue_per_visitor": {"value": drawn.revenue, "before": drawn.revenue_before},
        "average_order_value": {
            "value": drawn.revenue, "denominator": drawn.orders,
            "before": drawn.revenue_before, "denominator_before": drawn.orders_before,
        },
    }  # fmt: skip
    rows = []
    for metric in metrics:
        given = parts[metric]
        names = list(given)
        spread = np.cov(np.array(list(given.values())))
        found: dict[str, Any] = {f"{name}_mean": given[name].mean() for name in names}
        for place, name in enumerate(names):
            found[f"{name}_variance"] = spread[place, place]
            for other in range(place + 1, len(names)):
                found[f"covariance_{name}_{names[other]}"] = spread[place, other]
        rows.append(moments.row(variant, metric, METRICS[metric], len(drawn.orders), **found))
    return moments.frame(rows)


@dataclass(frozen=True)
class Share:
    """How often something came out, of how many."""

    times: int
    of: int

    @property
    def share(self) -> float:
        return self.times / self.of

    def within(self, expected: float, tolerance: float) -> bool:
        """Whether it fits a true share within the tolerance, or the chance of fewer runs.

        The tolerance is meant for two thousand runs. With fewer, the result need only lie where
        all but one in ten thousand series of a share at the tolerance's edge would.
        """
        low = stats.binom.ppf(5e-5, self.of, max(expected - tolerance, 0.0))
        high = stats.binom.ppf(1 - 5e-5, self.of, min(expected + tolerance, 1.0))
        if self.of >= 2_000:
            return abs(self.share - expected) <= tolerance
        return bool(low <= self.times <= high)

    def at_most(self, expected: float) -> bool:
        """Whether it fits a true share of at most so much, or the chance of fewer runs."""
        if self.of >= 2_000:
            return self.share <= expected
        return bool(self.times <= stats.binom.ppf(1 - 1e-4, self.of, expected))


def count(hits: list[bool]) -> Share:
    return Share(sum(hits), len(hits))


def no_effect(runs: int, n: int = 2_000, seed: int = 1) -> dict[str, Share]:
    """How often a test of nothing has a winner, read once: a share a metric, and with CUPED."""
    rng, shop = np.random.default_rng(seed), Shop()
    hits: dict[str, list[bool]] = {}
    for _ in range(runs):
        arms = [frame(name, shop.customers(rng, n)) for name in "AB"]
        for metric in METRICS:
            for cuped in (False, True):
                found = experiment.compare(*arms, metric, cuped=cuped)
                name = metric + (", with CUPED" if cuped else "")
                hits.setdefault(name, []).append(found.verdict in ("better", "worse"))
    return {name: count(each) for name, each in hits.items()}


def peeking(
    runs: int,
    n: int = 3_500,
    metrics: Sequence[str] = tuple(METRICS),
    modes: Sequence[experiment.Mode] = ("fixed", "always_valid"),
    seed: int = 2,
) -> dict[str, Share]:
    """How often a test of nothing has a winner on any of 14 days: fixed, and always-valid."""
    rng, shop = np.random.default_rng(seed), Shop()
    hits: dict[str, list[bool]] = {}
    for _ in range(runs):
        drawn = [shop.customers(rng, n) for _ in range(2)]
        days = [
            [
                frame(name, each.head(n * day // LOOKS), metrics)
                for name, each in zip("AB", drawn, strict=True)
            ]
            for day in range(1, LOOKS + 1)
        ]
        for metric in metrics:
            for mode in modes:
                won = any(
                    experiment.compare(*arms, metric, mode=mode).verdict in ("better", "worse")
                    for arms in days
                )
                hits.setdefault(f"{metric}, {mode}", []).append(won)
    return {name: count(each) for name, each in hits.items()}


def coverage(
    runs: int,
    sizes: tuple[int, int] = (2_000, 2_000),
    shop: Shop | None = None,
    lift: float = 0.1,
    seed: int = 3,
) -> dict[str, Share]:
    """How often the interval holds the true effect: a share a metric, and with CUPED.

    The treatment has `lift` more buyers, whose orders are as much larger.
    """
    rng, shop = np.random.default_rng(seed), shop or Shop()
    better = replace(shop, rate=shop.rate * (1 + lift), value=shop.value * (1 + lift))
    hits: dict[str, list[bool]] = {}
    for _ in range(runs):
        control = frame("A", shop.customers(rng, sizes[0]))
        treatment = frame("B", better.customers(rng, sizes[1], base=shop.rate))
        for metric in METRICS:
            true = better.truth[metric] - shop.truth[metric]
            for cuped in (False, True):
                found = experiment.compare(control, treatment, metric, cuped=cuped)
                name = metric + (", with CUPED" if cuped else "")
                hits.setdefault(name, []).append(found.lo <= true <= found.hi)
                relative = better.truth[metric] / shop.truth[metric] - 1
                held = found.relative_lo <= relative <= found.relative_hi
                hits.setdefault(f"{name}, relative", []).append(held)
    return {name: count(each) for name, each in hits.items()}


def power(runs: int, seed: int = 4) -> dict[str, Share]:
    """How often an effect of the planned size is found with the planned customers."""
    rng, hits = np.random.default_rng(seed), {}
    shop = Shop(rate=0.1, sigma=0.6)
    for split in (0.5, 0.8):
        better = replace(shop, rate=0.13)
        made = experiment.plan(0.1, mde=0.03, weekly_visitors=1_000, split=split)
        hits[f"conversion_rate, {split:.0%} treated"] = _found(
            rng, runs, shop, better, made, "conversion_rate"
        )
    sample = frame("A", shop.customers(rng, 200_000)).set_index("metric")
    base = shop.truth["revenue_per_visitor"]
    better = replace(shop, value=1.2)
    made = experiment.plan(
        base,
        variance=float(sample.loc["revenue_per_visitor", "variance"]) * (1 + 1.2**2) / 2,
        mde=0.2 * base,
        weekly_visitors=1_000,
    )
    hits["revenue_per_visitor"] = _found(rng, runs, shop, better, made, "revenue_per_visitor")
    return hits


def _found(
    rng: np.random.Generator,
    runs: int,
    shop: Shop,
    better: Shop,
    made: experiment.Plan,
    metric: str,
) -> Share:
    hits = []
    for _ in range(runs):
        control = frame("A", shop.customers(rng, made.n_control))
        treatment = frame("B", better.customers(rng, made.n_treatment, base=shop.rate))
        found = experiment.compare(control, treatment, metric, cuped=False)
        hits.append(found.verdict == "better")
    return count(hits)


def shortening(n: int = 20_000, seed: int = 5) -> pd.DataFrame:
    """How much shorter CUPED makes the interval, beside √(1 − ρ²).

    Returns:
        DataFrame leaning (how much of a customer lasts), metric, rho, shorter (length with ÷
        length without), expected.
    """
    rng, rows = np.random.default_rng(seed), []
    for leaning in (0.3, 0.6, 0.9, 1.0):
        shop = Shop(rate=0.2, sigma=0.6, leaning=leaning)
        arms = [frame(name, shop.customers(rng, n)) for name in "AB"]
        for metric in METRICS:
            long, short = (experiment.compare(*arms, metric, cuped=c) for c in (False, True))
            shorter = (short.hi - short.lo) / (long.hi - long.lo)
            rows.append((leaning, metric, short.rho, shorter, sqrt(1 - short.rho**2)))
    return pd.DataFrame(rows, columns=["leaning", "metric", "rho", "shorter", "expected"])
