"""The customers planted in the sample shop stand where their planted behaviour puts them."""

import math
from pathlib import Path

import pandas as pd
import pytest

from analytics import rfm
from analytics.store import Store

TYPES = Path(__file__).parents[2] / "sample_data" / "truth_types.csv"
SIGMAS = 4.0
LATE_GIFTS_DAY = 445
"""20 November 2025, by the sample shop's count of days: gift buyers of the second year begin."""


@pytest.fixture(scope="module")
def scored(sample_shop: Store) -> pd.DataFrame:
    """Every scored customer with the planted type."""
    types = pd.read_csv(TYPES, dtype=str)
    return rfm.score(sample_shop).merge(types, on="customer_id", validate="one_to_one")


def test_customers_who_left_score_low_on_recency(scored: pd.DataFrame) -> None:
    # The 760 lapsed sign up evenly over the first 364 days and leave with probability 0.22 per 30
    # days. Whoever left before the second season of gifts last ordered longer ago than its 530
    # gift buyers and the 1,900 who still order; only 1,300 of 3,730 can be as far back: the lapsed,
    # the first year's gift buyers who did not return (0.8 × 1 / 2.4 of 800), and the regulars and
    # bargain hunters who left (220) or happened to pause for nine months (4 in 100). That is less
    # than two fifths, so they score 1 or 2.
    hazard = -math.log(1 - 0.22) / 30
    gone = 1 - sum(math.exp(-hazard * (LATE_GIFTS_DAY - joined)) for joined in range(364)) / 364
    lapsed = scored[scored["type"] == "lapsed"]
    low = lapsed["r"] <= 2
    assert low.mean() > gone - SIGMAS * math.sqrt(gone * (1 - gone) / len(lapsed))
    assert gone > 0.8
    slipped = {"At risk", "Cannot lose them", "Hibernating", "Lost"}
    assert set(lapsed["segment"][low]) <= slipped
    assert not set(lapsed["segment"][~low]) & slipped


def test_regulars_are_most_of_the_best(scored: pd.DataFrame) -> None:
    best = scored[scored["segment"].isin({"Champions", "Loyal"})]
    shares = best["type"].value_counts(normalize=True)
    # 0.75 orders a month against the bargain hunters' 0.33, who are 1.2 times as many; the lapsed
    # are gone, gift buyers and newcomers order once.
    assert shares.index[0] == "regular"
    assert shares["regular"] > 0.5
    # Those who stay (9 in 10, at 0.006 a month over two years) and have been there for long enough.
    regulars = scored[scored["type"] == "regular"]
    assert regulars["segment"].isin({"Champions", "Loyal"}).mean() > 0.5


def test_newcomers_are_recent_and_no_champions(scored: pd.DataFrame) -> None:
    # They signed up in the last 130 days and order 0.2 times a month after the first.
    newcomers = scored[scored["type"] == "newcomer"]
    assert newcomers["recency_days"].max() <= 130
    assert (newcomers["r"] >= 3).all()
    assert (newcomers["segment"] == "Champions").mean() < 0.05
