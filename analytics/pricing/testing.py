"""The smallest price test that would tell.

Three prices, today's and one below and above, alternate by two weeks for everybody, in a shuffled
order that gives each as many weeks. The error of an elasticity after n weeks is s / (d √n), with s
the noise of weekly log units and d the standard deviation of the log prices; an elasticity of
2.80 errors is told from none in 80 of 100 tests (two-sided, 5%).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from analytics.errors import AnalyticsError
from analytics.pricing.elasticity import Elasticities, noise
from analytics.pricing.weeks import monday

SWINGS = (0.10, 0.15, 0.20)
SPELL_WEEKS = 2
ROUND_WEEKS = 3 * SPELL_WEEKS
LONGEST_WEEKS = 52
CONVENIENT_WEEKS = 24
CONTROLS = 3
"""Coefficients that are estimated beside the elasticity in a short test."""
SEED = 7


@dataclass(frozen=True)
class PriceTest:
    """A test of prices.

    Attributes:
        options: A row a swing: swing_share (how far the prices lie from today's, 0 to 1), prices
            (in words), weeks (NaN: more than a year), detectable (the weakest elasticity it tells
            from none, in that time or in a year).
        swing: The chosen one's swing, 0 to 1; NaN where no test of a year tells.
        weeks: How long it runs.
        prices: Its prices.
        detectable: The weakest elasticity it would tell from none in 80 of 100 tests.
        schedule: week (1, 2, …), from_day (if it began the week after the data), price.
        verdict: A sentence.
    """

    options: pd.DataFrame
    swing: float
    weeks: int
    prices: tuple[float, ...]
    detectable: float
    schedule: pd.DataFrame
    verdict: str


def price_test(elasticities: Elasticities, key: str, detect: float = 1.0) -> PriceTest:
    """The shortest test with the smallest swing that would tell an elasticity.

    Args:
        elasticities: Those of products.
        key: The product.
        detect: The elasticity that should be told from none, as a positive number; at 1 revenue
            does not change with the price.

    Raises:
        AnalyticsError: The product is not sold, or the number makes no sense.
    """
    if not 0.1 <= detect <= 10:
        raise AnalyticsError(
            "A test can look for elasticities of 0.1 to 10.", "Choose one of them."
        )
    row = elasticities.of(key)
    if elasticities.by != "product":
        raise AnalyticsError("Prices are tested by product.", "Choose a product.")
    cost, price = float(row["cost"]), float(row["price_now"])
    frame = elasticities.weeks.frame
    usual = noise(frame[frame["product_id"] == key])
    rows = []
    for swing in SWINGS:
        tags = _tags(price, swing)
        if not np.isnan(cost) and tags[0] <= cost:
            continue
        weeks = _weeks(usual, tags, detect)
        length = weeks if weeks <= LONGEST_WEEKS else LONGEST_WEEKS
        rows.append(
            {"swing_share": swing, "prices": " · ".join(f"{tag:,.2f}" for tag in tags),
             "weeks": float(weeks) if weeks <= LONGEST_WEEKS else np.nan,
             "detectable": _detectable(usual, tags, length)}
        )  # fmt: skip
    options = pd.DataFrame(rows, columns=["swing_share", "prices", "weeks", "detectable"])
    possible = options.dropna(subset=["weeks"])
    if possible.empty:
        why = (
            "its price is too close to its cost" if options.empty
            else "it sells too little, or too unevenly"
        )  # fmt: skip
        return PriceTest(
            options, np.nan, 0, (), np.nan, pd.DataFrame({"week": [], "from_day": [], "price": []}),
            f"No test of a year would tell: {why}. Test a product that sells more.",
        )  # fmt: skip
    short = possible[possible["weeks"] <= CONVENIENT_WEEKS]
    chosen = short.iloc[0] if len(short) else possible.sort_values("weeks").iloc[0]
    tags, weeks = _tags(price, float(chosen["swing_share"])), int(chosen["weeks"])
    return PriceTest(
        options=options, swing=float(chosen["swing_share"]), weeks=weeks, prices=tags,
        detectable=float(chosen["detectable"]),
        schedule=_schedule(tags, weeks, elasticities.weeks.last),
        verdict=(
            f"{weeks} weeks at {chosen['prices']}, two weeks each in shuffled order and for "
            f"everybody, would tell an elasticity of −{chosen['detectable']:.1f} or stronger from "
            "none in 80 of 100 tests."
        ),
    )  # fmt: skip


def _tags(price: float, swing: float) -> tuple[float, ...]:
    return tuple(round(price * (1 + side * swing), 2) for side in (-1, 0, 1))


def _detectable(spread_of_weeks: float, tags: tuple[float, ...], weeks: int) -> float:
    spread = float(np.std(np.log(tags)))
    reach = float(special.ndtri(0.975) + special.ndtri(0.8))
    return float(reach * spread_of_weeks / (spread * np.sqrt(max(weeks - CONTROLS - 1, 1))))


def _weeks(spread_of_weeks: float, tags: tuple[float, ...], detect: float) -> int:
    """Whole rounds of three prices; two rounds at the least."""
    spread = float(np.std(np.log(tags)))
    if spread == 0:
        return LONGEST_WEEKS + 1
    reach = float(special.ndtri(0.975) + special.ndtri(0.8))
    needed = (reach * spread_of_weeks / (spread * detect)) ** 2 + CONTROLS + 1
    return max(2, int(np.ceil(needed / ROUND_WEEKS))) * ROUND_WEEKS


def _schedule(tags: tuple[float, ...], weeks: int, last: int) -> pd.DataFrame:
    """Which price holds in which week; each round holds each price once."""
    rng = np.random.default_rng(SEED)
    order = [tags[place] for _ in range(weeks // ROUND_WEEKS) for place in rng.permutation(3)]
    price = np.repeat(order, SPELL_WEEKS)
    number = np.arange(1, weeks + 1)
    return pd.DataFrame(
        {"week": number, "from_day": [monday(last + int(week)) for week in number], "price": price}
    )
