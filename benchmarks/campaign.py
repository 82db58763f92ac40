"""Campaigns whose truth is known: intervals, pooling, matching and offers, and how long they take.

    python benchmarks/campaign.py --runs 500

First the intervals: so many campaigns with a known lift are launched on audiences of several sizes
and held-out shares, with heavy-tailed spending, and their intervals are held against the truth.
Then the ledger: ten campaigns too small to prove anything, a fifth as many times; the pooled lifts
are held against the single ones by squared error, and the kind's interval against the true mean.
Then campaigns without a holdout, whose contacted were chosen by hand. Last the time of a holdout
for 100,000 people and of 3 offers for 100,000 customers. It ends with 1 if the interval of revenue
holds the truth less than 92.5 or more than 97.5 times in 100 for the audience judged, if the pooled
lifts are worse than the single ones, if matching takes away less than four fifths of the naive
error, or if it takes too long. Five hundred runs take a minute.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parents[1]
sys.path[:0] = [str(HERE)]

from analytics import campaign  # noqa: E402
from analytics.campaign.matching import estimate, pair  # noqa: E402
from tests.campaign import simulate  # noqa: E402

AUDIENCES = ((1_000, 0.2), (3_000, 0.1), (3_000, 0.2), (10_000, 0.1))
JUDGED = (3_000, 0.2)
LEAST, MOST = 0.925, 0.975
EXTRA, EFFECT = 0.2, 5.0
SPLIT_SECONDS, OFFER_SECONDS = 1.0, 30.0


def intervals(runs: int) -> bool:
    """Coverage by audience; whether the judged one is within its limits."""
    good = True
    print(f"Intervals of 95%, {runs} campaigns each, lift {EXTRA:.0%}:")
    for people, share in AUDIENCES:
        found = simulate.coverage(people, share, EXTRA, runs=runs, seed=people)
        print(
            f"  {people:>6,} people, {share:.0%} held out: "
            + ", ".join(f"{name} {value:.1%}" for name, value in found.covered.items())
            + f"; sales wholly too high {found.too_high:.1%}"
        )
        if (people, share) == JUDGED:
            good = LEAST <= found.covered["revenue"] <= MOST
    return good


def ledger(runs: int) -> bool:
    """Squared error of pooled and single lifts, and coverage of the kind's mean and the total."""
    rng = np.random.default_rng(1)
    single = pooled = mean = alone = together = 0.0
    for _ in range(runs):
        truths, lifts, errors = simulate.plays(10, 2_000, rng)
        found = campaign.pool(lifts, errors, ["win-back"] * 10)
        kind = found.kinds.iloc[0]
        single += float(((lifts - truths) ** 2).sum())
        pooled += float(((found.campaigns["pooled"] - truths) ** 2).sum())
        mean += float(kind["lo"] <= truths.mean() <= kind["hi"])
        alone += float((lifts > 1.96 * errors).sum())
        together += float(kind["lo"] > 0)
    print(
        f"Ledgers of ten small campaigns, {runs} times: squared error pooled over single "
        f"{pooled / single:.2f}; proven alone {alone / runs / 10:.0%}, together "
        f"{together / runs:.0%}; the mean lies in its interval {mean / runs:.1%}"
    )
    return pooled < single


def elsewhere(runs: int) -> bool:
    """Matched and naive differences around a planted effect."""
    naive, matched, covered = [], [], 0
    for seed in range(runs):
        shop = simulate.chosen_by_hand(3_000, EFFECT, np.random.default_rng(seed))
        got = estimate(pair(shop.features, shop.contacted), shop.sales)
        matched.append(got.difference)
        covered += got.lo <= EFFECT <= got.hi
        naive.append(shop.sales[shop.contacted].mean() - shop.sales[~shop.contacted].mean())
    print(
        f"Without a holdout, {runs} shops, true effect {EFFECT}: naive {np.mean(naive):.2f}, "
        f"matched {np.mean(matched):.2f} (within its interval {covered / runs:.0%})"
    )
    return abs(float(np.mean(matched)) - EFFECT) < 0.2 * abs(float(np.mean(naive)) - EFFECT)


def speed() -> bool:
    """Seconds of CPU for a holdout, and for offers with their gap."""
    people = simulate.audience(100_000, np.random.default_rng(1)).frame
    start = time.process_time()
    campaign.split(people, 0.2, 1)
    split_s = time.process_time() - start
    rng, count = np.random.default_rng(1), 300_000
    frame = pd.DataFrame(
        {
            "customer_id": np.repeat(people["customer_id"], 3), "offer": ["a", "b", "c"] * 100_000,
            "expected_margin": rng.lognormal(0, 1, count) - 0.5,
            "cost": rng.uniform(0.5, 2, count), "propensity": rng.random(count),
        }
    )  # fmt: skip
    start = time.process_time()
    found = campaign.allocate(
        frame, budget=30_000, stock={"a": 20_000, "b": 10_000}, contacts=35_000
    )
    offers_s = time.process_time() - start
    print(
        f"100,000 people: holdout {split_s:.2f} s; 3 offers {offers_s:.1f} s, gap {found.gap:.1e}, "
        f"margin {found.expected_margin:,.0f} against {found.naive_expected_margin:,.0f} by "
        "highest propensity first"
    )
    return split_s < SPLIT_SECONDS and offers_s < OFFER_SECONDS


def main() -> int:
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--runs", type=int, default=500)
    runs = reader.parse_args().runs
    good = [intervals(runs), ledger(max(runs // 5, 1)), elsewhere(max(runs // 5, 1)), speed()]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
