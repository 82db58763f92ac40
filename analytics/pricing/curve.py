"""What a price makes of revenue and profit, between the lowest and the highest price seen.

units(p) = u (p / p₀)^e from where the product stands now, for every elasticity its interval holds.
Beyond the prices that were seen nothing is said: the slope there is not known.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analytics.errors import AnalyticsError
from analytics.pricing.elasticity import Elasticities
from analytics.pricing.weeks import Floats

GUARD = (
    "One price for everybody at a time: never show different people different prices. It is "
    "unfair, customers find out, and by personal data or protected groups it is often against the "
    "law. "
    "Whom to give a coupon is another question; it is asked under Campaigns."
)
GRID = 61
DRAWS = 401
RECENT_WEEKS = 13


@dataclass(frozen=True)
class Curve:
    """What a product would sell and bring a week at each price seen.

    Attributes:
        points: price, units, units_lo, units_hi, revenue, revenue_lo, revenue_hi, profit,
            profit_lo, profit_hi (a week; 95% bands; profit NaN where the cost is not known).
        goal: `profit`, or `revenue` where the cost is not known.
        price_now: The price it has.
        best_price: The price at which the goal is highest, among those between the ones seen.
        best_lo, best_hi: Where it lies in 80 of 100 cases.
        gain, gain_lo, gain_hi: What it brings a week more than now (95%).
        at_edge: Whether the best price is the lowest or highest seen, so that better ones may lie
            beyond.
        verdict: A sentence.
    """

    points: pd.DataFrame
    goal: str
    price_now: float
    best_price: float
    best_lo: float
    best_hi: float
    gain: float
    gain_lo: float
    gain_hi: float
    at_edge: bool
    verdict: str


@dataclass(frozen=True)
class Markdown:
    """How to sell what lies too long.

    Attributes:
        options: A row a price: price, units_a_week, weeks_to_sell, sold (units within the time),
            revenue (of them), profit (of them; NaN without a cost), extra_revenue (over what
            today's price would sell in the same time).
        price: The highest price that sells all in time; NaN where none seen does.
        verdict: A sentence.
    """

    options: pd.DataFrame
    price: float
    verdict: str


@dataclass(frozen=True)
class _Now:
    """Where a product stands: units at p are scale × p^e, kept is what remains of the tag."""

    draws: Floats
    scale: Floats
    kept: float


def curve(elasticities: Elasticities, key: str, currency: str = "") -> Curve:
    """Revenue and profit over the prices seen, and the best of them.

    Args:
        elasticities: Those of products.
        key: The product.
        currency: For the sentence.

    Raises:
        AnalyticsError: The product's elasticity is not identified, or it sold nothing lately.
    """
    row, now = _now(elasticities, key)
    prices = np.unique(
        np.append(
            np.linspace(row["lowest_price"], row["highest_price"], GRID),
            np.clip(row["price_now"], row["lowest_price"], row["highest_price"]),
        )
    )
    units = _units(now, prices)
    revenue = units * prices[:, None] * now.kept
    cost = float(row["cost"])
    profit = units * (prices[:, None] * now.kept - cost)
    worth = revenue if np.isnan(cost) else profit
    goal = "revenue" if np.isnan(cost) else "profit"
    middle = DRAWS // 2
    best = int(np.argmax(worth[:, middle]))
    at_now = int(np.argmin(np.abs(prices - row["price_now"])))
    best_each = prices[np.argmax(worth, 0)]
    best_lo, best_hi = np.quantile(best_each, [0.1, 0.9], method="nearest")
    more = worth[best] - worth[at_now]
    gain_lo, gain_hi = np.quantile(more, [0.025, 0.975])
    points = pd.DataFrame({"price": prices})
    for name, values in (("units", units), ("revenue", revenue), ("profit", profit)):
        points[name] = values[:, middle]
        points[f"{name}_lo"], points[f"{name}_hi"] = np.quantile(values, [0.025, 0.975], axis=1)
    at_edge = best in (0, len(prices) - 1)
    found = {
        "best_price": float(prices[best]), "gain": float(more[middle]), "gain_lo": float(gain_lo),
        "gain_hi": float(gain_hi), "price_now": float(row["price_now"]),
    }  # fmt: skip
    return Curve(
        points=points, goal=goal, best_lo=float(best_lo), best_hi=float(best_hi), at_edge=at_edge,
        verdict=_verdict(goal, currency, at_edge, best == 0, **found), **found,
    )  # fmt: skip


def markdown(
    elasticities: Elasticities, key: str, units: float, weeks: int, currency: str = ""
) -> Markdown:
    """The smallest markdown that sells so many units in time, among the prices seen.

    Args:
        elasticities: Those of products.
        key: The product.
        units: What lies too long.
        weeks: How soon it should be gone.
        currency: For the sentence.

    Raises:
        AnalyticsError: The product's elasticity is not identified, or the numbers make no sense.
    """
    if units <= 0 or weeks < 1:
        raise AnalyticsError(
            "There is nothing to sell off.",
            "Enter the units that are too many, and one week or more.",
        )
    row, now = _now(elasticities, key)
    tags = elasticities.weeks.frame
    seen = np.unique(tags.loc[tags["product_id"] == key, "tag"])
    inside = (seen >= row["lowest_price"]) & (seen <= min(row["price_now"], row["highest_price"]))
    prices = np.unique(np.append(seen[inside], row["price_now"]))[::-1]
    a_week = _units(now, prices)[:, DRAWS // 2]
    sold = np.minimum(a_week * weeks, units)
    revenue = sold * prices * now.kept
    options = pd.DataFrame(
        {
            "price": prices, "units_a_week": a_week, "weeks_to_sell": units / a_week, "sold": sold,
            "revenue": revenue, "profit": sold * (prices * now.kept - float(row["cost"])),
            "extra_revenue": revenue - revenue[0],
        }
    )  # fmt: skip
    enough = options[options["weeks_to_sell"] <= weeks]
    if enough.empty:
        last = options.iloc[-1]
        return Markdown(
            options, np.nan,
            f"No price seen sells {units:,.0f} units in {weeks} weeks: the lowest, "
            f"{_money(last['price'], currency)}, sells {last['sold']:,.0f}. Lower ones "
            "have not been tried, so nothing is said about them.",
        )  # fmt: skip
    price = float(enough["price"].iloc[0])
    if price == options["price"].iloc[0]:
        said = f"Today’s price sells {units:,.0f} units in {weeks} weeks; no markdown is needed."
    else:
        said = (
            f"{_money(price, currency)} is the highest price seen that sells {units:,.0f} units in "
            f"{weeks} weeks."
        )
    return Markdown(options, price, said)


def _now(elasticities: Elasticities, key: str) -> "tuple[pd.Series[Any], _Now]":
    """The row of a product, and its units by price for every elasticity of its interval."""
    row = elasticities.of(key)
    if elasticities.by != "product" or not row["identified"]:
        raise AnalyticsError(
            f"How demand for “{row['name']}” answers to price is not known. {row['why']}",
            "Run the price test that is proposed.",
        )
    frame = elasticities.weeks.frame
    recent = frame[
        (frame["product_id"] == key) & (frame["week"] > elasticities.weeks.last - RECENT_WEEKS)
    ]
    if recent.empty:
        raise AnalyticsError(
            f"“{row['name']}” sold nothing in the last {RECENT_WEEKS} weeks.",
            "Choose a product that sells.",
        )
    share = (np.arange(DRAWS) + 0.5) / DRAWS
    draws = row["elasticity"] + row["standard_error"] * stats.t.ppf(share, row["freedom"])
    price, units = recent["price"].to_numpy(float), recent["units"].to_numpy(float)
    weeks = min(RECENT_WEEKS, elasticities.weeks.last - elasticities.weeks.first + 1)
    usual = np.exp(np.log(price[:, None]) * draws[None, :]).mean(0)
    kept = float(recent["revenue"].sum() / (units * price).sum())
    return row, _Now(draws, units.sum() / weeks / usual, min(max(kept, 0.0), 1.0))


def _money(amount: float, currency: str) -> str:
    return f"{amount:,.2f} {currency}".strip()


def _units(now: _Now, prices: Floats) -> Floats:
    """Units a week, shape (prices, draws)."""
    return np.asarray(now.scale * np.exp(np.log(prices)[:, None] * now.draws[None, :]))


def _verdict(
    goal: str, currency: str, at_edge: bool, lowest: bool, best_price: float, price_now: float,
    gain: float, gain_lo: float, gain_hi: float,
) -> str:  # fmt: skip
    """The answer in a sentence."""
    best, today = _money(best_price, currency), _money(price_now, currency)
    edge = ""
    if at_edge:
        side = "lowest" if lowest else "highest"
        edge = f" It is the {side} price seen: whether one beyond is better, nobody has tried."
    if abs(best_price / price_now - 1) < 0.01:
        return f"Today’s {today} is the best of the prices seen.{edge}"
    if gain_lo <= 0:
        return (
            f"No price seen is surely better than today’s {today}; the best guess is {best}.{edge}"
        )
    return (
        f"{best} instead of {today} brings about {_money(gain, currency)} more {goal} a week "
        f"({gain_lo:,.2f} to {gain_hi:,.2f}).{edge}"
    )
