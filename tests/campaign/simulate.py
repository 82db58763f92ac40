"""Campaigns whose truth is known, for tests and for `benchmarks/campaign.py`."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.campaign import split
from analytics.campaign.estimate import effect

SEGMENTS = np.array(["Champions", "Loyal", "At risk", "Lost"], dtype=object)
RATES = np.array([0.30, 0.18, 0.08, 0.03])
"""Who orders in the window without a campaign, by segment."""


@dataclass(frozen=True)
class Audience:
    """People with a segment and a value that tell something of what they will buy."""

    frame: pd.DataFrame
    rate: np.ndarray
    size: np.ndarray


def audience(people: int, rng: np.random.Generator) -> Audience:
    """Draw an audience: heavy-tailed values, rates by segment, order sizes that follow value."""
    segment = rng.choice(len(SEGMENTS), people, p=[0.15, 0.25, 0.3, 0.3])
    value = rng.lognormal(4 - 0.4 * segment, 1.0)
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{number:06d}" for number in range(people)],
            "segment": SEGMENTS[segment],
            "value": value,
        }
    )
    return Audience(frame, RATES[segment], 20 + value / 4)


def campaign_sums(
    people: Audience, holdout_share: float, extra_rate: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Launch a campaign and let its window pass: what `campaign_sums.sql` would return.

    Each contacted person orders with a chance higher by `extra_rate`, relative to their own, and
    orders are log-normal around what the person usually spends.
    """
    sides = split(people.frame, holdout_share, int(rng.integers(2**31)))
    chance = people.rate * (1 + extra_rate * sides["treated"].to_numpy())
    buys = rng.random(len(sides)) < chance
    orders = np.where(buys, 1 + rng.poisson(0.3, len(sides)), 0)
    # Whole cents, so that sums are exact.
    cents = np.round(100 * orders * people.size * rng.lognormal(-0.32, 0.8, len(sides)))
    frame = sides.assign(
        customers=1, buyers=buys.astype(int), orders=orders, squared_orders=orders**2,
        revenue=cents.astype(np.int64), squared_revenue=cents.astype(np.int64) ** 2,
    )  # fmt: skip
    found = frame.groupby(["stratum", "treated"], as_index=False).sum(numeric_only=True)
    return found.drop(columns=[name for name in ("customer_id", "segment") if name in found])


def true_lift(people: Audience, extra_rate: float) -> float:
    """Expected cents a contacted person brings more: the audience's mean."""
    return float(100 * (extra_rate * people.rate * 1.3 * people.size).mean())


@dataclass(frozen=True)
class Coverage:
    """How often intervals hold the truth.

    Attributes:
        covered: Share of runs by measure: orders, buyers, revenue.
        too_high: Share of runs whose interval of revenue lies wholly above the truth.
        bias_in_errors: Mean error of the lift over its standard error in these runs.
    """

    covered: "pd.Series[float]"
    too_high: float
    bias_in_errors: float


def coverage(
    people: int, holdout_share: float, extra_rate: float, *, runs: int, seed: int
) -> Coverage:
    """Run a campaign many times on one audience and hold its intervals against the truth."""
    rng = np.random.default_rng(seed)
    drawn = audience(people, rng)
    buyers = extra_rate * drawn.rate
    truth = {
        "orders": float((1.3 * buyers).mean()),
        "buyers": float(buyers.mean()),
        "revenue": true_lift(drawn, extra_rate),
    }
    found = [
        {
            measure: effect(sums, measure)  # type: ignore[arg-type]
            for measure in truth
        }
        for sums in (campaign_sums(drawn, holdout_share, extra_rate, rng) for _ in range(runs))
    ]
    covered = {
        measure: np.mean([one[measure].lo <= value <= one[measure].hi for one in found])
        for measure, value in truth.items()
    }
    lifts = np.array([one["revenue"].difference for one in found])
    return Coverage(
        pd.Series(covered),
        float(np.mean([one["revenue"].lo > truth["revenue"] for one in found])),
        float((lifts.mean() - truth["revenue"]) / (lifts.std(ddof=1) / np.sqrt(runs))),
    )


def plays(
    campaigns: int, people: int, rng: np.random.Generator, spread: float = 0.05
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Campaigns of one kind, each too small to prove anything: true lifts, estimates, errors.

    Their true extra rates scatter around 15% with a standard deviation of `spread`.
    """
    truths, lifts, errors = [], [], []
    for _ in range(campaigns):
        drawn = audience(people, rng)
        extra = rng.normal(0.15, spread)
        found = effect(campaign_sums(drawn, 0.2, extra, rng), "revenue")
        truths.append(true_lift(drawn, extra))
        lifts.append(found.difference)
        errors.append((found.hi - found.lo) / 2 / 1.959964)
    return np.array(truths), np.array(lifts), np.array(errors)


@dataclass(frozen=True)
class Elsewhere:
    """A campaign whose contacted were chosen for what they were like.

    Attributes:
        features: What was known before the start, shape (people, 4).
        contacted: Who was, shape (people,).
        sales: What each brought afterwards.
    """

    features: np.ndarray
    contacted: np.ndarray
    sales: np.ndarray


def chosen_by_hand(people: int, effect_each: float, rng: np.random.Generator) -> Elsewhere:
    """Good customers are contacted far more often, and buy more anyway."""
    features = rng.normal(size=(people, 4))
    logit = -1.6 + 0.9 * features[:, 0] + 0.6 * features[:, 1] - 0.4 * features[:, 2]
    contacted = rng.random(people) < 1 / (1 + np.exp(-logit))
    usual = 20 + 8 * features[:, 0] + 8 * np.maximum(features[:, 1], 0) + 3 * features[:, 2]
    noise = 12 * (rng.lognormal(0, 0.8, people) - np.exp(0.32))
    return Elsewhere(features, contacted, usual + effect_each * contacted + noise)
