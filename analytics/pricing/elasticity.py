"""How demand answers to price, where the shop's own past can tell.

log units = a + e log price + c log (units of all other products) + promotion + season + trend: a
log-log regression with the week's level, whose slope e is the elasticity. A week's level and the
promotions matter: without them a grocer's elasticity came out at −.55, with week effects at −1.40,
with promotion flags at −1.00. Errors are clustered by runs of weeks at one price, since that is
what was varied (Cameron & Miller, Journal of Human Resources 50, 2015), and never taken as smaller
than the plain ones; estimates are shrunk towards their common mean (DerSimonian & Laird, Controlled
Clinical Trials 7, 1986). Where prices did not vary on their own, nothing is estimated, and said.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from analytics.errors import AnalyticsError
from analytics.pricing.weeks import Floats, Weeks, weeks
from analytics.store import Store

By = Literal["product", "category"]

FEWEST_PRICES = 3
WEEKS_AT_A_PRICE = 2
LEAST_SD = 0.08
"""Standard deviation of log prices below which the price hardly varied."""
FEWEST_WEEKS = 26
FEWEST_SPELLS = 5
LEAST_SOLD_SHARE = 0.9
LEAST_OWN_SHARE = 0.3
"""Of the variance of log prices, what season, trend and promotions must leave unexplained."""
MOST_BY_DISCOUNTS = 0.5
"""Variance of what discounts left of a price over that of the price: at more, discounts are what
buyers answered to."""
LEAST_AT_ONE_PRICE = 0.8
"""Share of a week's units at one price, in the middle week."""
WIDEST = 2.0
"""Half of an interval beyond which an estimate is no use."""
FEWEST_TO_SHRINK = 5
FEWEST_IN_CATEGORY = 3
YEAR_WEEKS = 52.1786


@dataclass(frozen=True)
class Elasticities:
    """What is known of each product or category.

    Attributes:
        table: A row each, the identified ones first: key (product_id or category), name, category,
            elasticity, lo, hi (95%; NaN where not identified), identified, why (a sentence), prices
            (how many held for two weeks or more), lowest_price, highest_price (of these), weeks
            (with a sale), price_now, units_a_week (of the last 13 weeks), cost, alone (the estimate
            before it was shrunk), standard_error, freedom (degrees of freedom).
        by: What a row is.
        weeks: The weeks behind it.
        verdict: A sentence.
    """

    table: pd.DataFrame
    by: By
    weeks: Weeks
    verdict: str

    def of(self, key: str) -> "pd.Series[Any]":
        """The row of a product or category.

        Raises:
            AnalyticsError: There is no such one.
        """
        rows = self.table[self.table["key"] == key]
        if rows.empty:
            raise AnalyticsError(f"“{key}” has not been sold.", "Choose another one.")
        return rows.iloc[0]


def elasticity(store: Store, by: By = "product", as_of: date | None = None) -> Elasticities:
    """The price elasticity of each product or category, where it can be told.

    Args:
        store: The shop.
        by: `product`, or `category`: one elasticity for all products of a category.
        as_of: Only what was sold before this day counts; by default the day after the last order.

    Raises:
        NotEnoughDataError: Nothing was sold before that day.
        AnalyticsError: The files do not tell products and prices.
    """
    known = weeks(store, as_of)
    table = _facts(known)
    moved = table.loc[table["prices"] >= FEWEST_PRICES, "key"]
    frame = known.frame[known.frame["product_id"].isin(moved)]
    groups = {str(key): part for key, part in frame.groupby("product_id", sort=True)}
    told = {key: _of_product(part, known) for key, part in groups.items()}
    found_by_key = pd.DataFrame.from_dict(told, orient="index", columns=list(_nothing("")))
    few = [_few(count) for count in table["prices"]]
    for name, usual in _nothing("").items():
        values = table["key"].map(found_by_key[name])
        table[name] = values.where(table["key"].isin(moved), few if name == "why" else usual)
    table["identified"] = table["identified"].astype(bool)
    if by == "category":
        table = _by_category(table, groups)
    table = _shrunk(table)
    order = ["identified", "units_a_week"]
    table = table.sort_values(order, ascending=False, kind="stable").reset_index(drop=True)
    many, found = len(table), int(table["identified"].sum())
    word = "products" if by == "product" else "categories"
    verdict = (
        f"The shop's own prices tell how demand answers for {found:,} of {many:,} {word}."
        if found
        else f"The shop's own prices tell for none of {many:,} {word} how demand answers."
    )
    return Elasticities(table, by, known, verdict)


def _facts(known: Weeks) -> pd.DataFrame:
    """What each product's weeks say without any estimate."""
    frame = known.frame
    counts = frame.groupby(["product_id", "tag"]).size()
    lasting = counts[counts >= WEEKS_AT_A_PRICE].reset_index()
    held = lasting.groupby("product_id")["tag"]
    recent = frame[frame["week"] > known.last - 13].groupby("product_id")["units"].sum()
    by_product = frame.groupby("product_id", sort=True)
    facts = pd.DataFrame({"weeks": by_product.size(), "price_now": by_product["tag"].last()})
    facts["prices"] = held.count().reindex(facts.index).fillna(0).astype(int)
    facts["lowest_price"], facts["highest_price"] = held.min(), held.max()
    span = min(13, known.last - known.first + 1)
    facts["units_a_week"] = recent.reindex(facts.index).fillna(0.0) / span
    named = known.products.set_index("product_id").reindex(facts.index)
    facts["name"] = [_text(name) or str(key) for key, name in named["name"].items()]
    facts["category"] = [_text(category) for category in named["category"]]
    facts["cost"] = named["cost"].astype(float)
    return facts.rename_axis("key").reset_index()


def _few(prices: int) -> str:
    held = {0: "no price", 1: "one price"}.get(prices, f"{prices} prices")
    return f"It had {held} for two weeks or more; three are the fewest that tell."


def _of_product(part: pd.DataFrame, known: Weeks) -> dict[str, object]:
    """The estimate of a product with enough prices, or why there is none."""
    why = _refusal(part, known)
    return _nothing(why) if why else slope([part])


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _nothing(why: str) -> dict[str, object]:
    return {
        "alone": np.nan, "standard_error": np.nan, "freedom": np.nan, "identified": False,
        "why": why,
    }  # fmt: skip


def _points(part: pd.DataFrame) -> list[float]:
    """The prices that held for two weeks or more."""
    counts = part["tag"].value_counts()
    return sorted(counts.index[counts >= WEEKS_AT_A_PRICE])


def _refusal(part: pd.DataFrame, known: Weeks) -> str:
    """Why the price of a product tells nothing; empty where it may."""
    plain = part[~part["promoted"]]
    if np.log(part["price"]).std() < LEAST_SD:
        return "Its price moved too little: by less than 8% around its mean."
    if len(_points(plain)) < FEWEST_PRICES or np.log(plain["price"]).std() < LEAST_SD:
        return "Its price moved only with promotions, so that the two cannot be told apart."
    if part["tag_share"].median() < LEAST_AT_ONE_PRICE:
        return "It had several prices in the same week, by store or by buyer, not one at a time."
    kept = np.log(part["kept_share"].to_numpy(float))
    if kept.var() > MOST_BY_DISCOUNTS * np.log(part["price"]).var():
        return "What people paid moved mostly by discounts and coupons, hardly by its own price."
    since = known.last - int(part["week"].iloc[0]) + 1
    if len(part) < FEWEST_WEEKS:
        return f"It sold in {len(part)} weeks; {FEWEST_WEEKS} are the fewest that tell."
    if len(part) < LEAST_SOLD_SHARE * since:
        return f"It sells too rarely: in {len(part)} of {since} weeks."
    if part["spell"].nunique() < FEWEST_SPELLS:
        return (
            f"Its price changed {part['spell'].nunique() - 1} times; four are the fewest that tell."
        )
    price = np.log(part["price"].to_numpy(float))
    own = _residual(price, _controls(part)[:, 1:])
    if own.var() < LEAST_OWN_SHARE * price.var() or own.std() < LEAST_SD / 2:
        return "Its price moved with season, time or promotions, so that they cannot be told apart."
    return ""


def _controls(part: pd.DataFrame) -> Floats:
    """Log level of the week, promotion, and from a year on trend and season; centred."""
    time = part["week"].to_numpy(float)
    columns = [
        np.log(np.maximum(part["others"].to_numpy(float), 1.0)),
        part["reduced_share"].to_numpy(float),
    ]
    if np.ptp(time) >= YEAR_WEEKS:
        turn = 2 * np.pi * time / YEAR_WEEKS
        columns += [time / YEAR_WEEKS, np.sin(turn), np.cos(turn)]
    made = np.column_stack(columns)
    return np.asarray(made - made.mean(0))


def _residual(y: Floats, x: Floats) -> Floats:
    """What the columns of x do not explain of y."""
    y = y - y.mean()
    slope, *_ = np.linalg.lstsq(x, y, rcond=None)
    return np.asarray(y - x @ slope)


def noise(part: pd.DataFrame) -> float:
    """How much weekly log units vary around what is explained; chance (Poisson) at the least."""
    units = part["units"].to_numpy(float)
    least = float(np.sqrt(1 / max(units.mean(), 0.1)))
    if len(part) < 13:
        return least
    price = np.log(part["price"].to_numpy(float))
    controls = np.column_stack([_controls(part), price - price.mean()])
    left = _residual(np.log(units), controls)
    return max(least, float(np.sqrt((left**2).sum() / max(len(part) - controls.shape[1] - 1, 1))))


def slope(parts: list[pd.DataFrame]) -> dict[str, object]:
    """Slope of log units on log price with its clustered error; products have their own level."""
    x = np.concatenate(
        [_residual(np.log(part["price"].to_numpy(float)), _controls(part)) for part in parts]
    )
    y = np.concatenate(
        [_residual(np.log(part["units"].to_numpy(float)), _controls(part)) for part in parts]
    )
    spells = np.concatenate([part["spell"].to_numpy(int) for part in parts])
    of_product = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    used = sum(_controls(part).shape[1] + 1 for part in parts) + 1
    square = float(x @ x)
    slope = float(x @ y) / square
    left = y - slope * x
    n = len(x)
    plain = np.sqrt((left @ left) / max(n - used, 1) / square)
    clusters = [spells] if len(parts) < 10 else [spells, of_product]
    errors, freedom = [float(plain)], len(np.unique(spells)) - 1
    for cluster in clusters:
        _, code = np.unique(cluster, return_inverse=True)
        count = int(code.max()) + 1
        scores = np.bincount(code, x * left)
        small = count / (count - 1) * (n - 1) / max(n - used, 1)
        errors.append(float(np.sqrt(small * (scores**2).sum()) / square))
        freedom = min(freedom, count - 1)
    return {
        "alone": slope, "standard_error": max(errors), "freedom": float(freedom),
        "identified": True, "why": "",
    }  # fmt: skip


def _by_category(table: pd.DataFrame, groups: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One elasticity a category, from its products whose prices varied on their own."""
    rows = []
    for category, part in table.dropna(subset=["category"]).groupby("category", sort=True):
        telling = list(part.loc[part["identified"], "key"])
        facts: dict[str, object] = {
            "key": category, "name": category, "category": category, "cost": np.nan,
            "prices": int(part["prices"].max()), "lowest_price": np.nan, "highest_price": np.nan,
            "weeks": int(part["weeks"].max()), "price_now": np.nan,
            "units_a_week": float(part["units_a_week"].sum()),
        }  # fmt: skip
        if len(telling) >= FEWEST_IN_CATEGORY:
            facts |= slope([groups[key] for key in telling])
        else:
            facts |= _nothing(
                f"Of its {len(part):,} products {len(telling)} had prices that tell; "
                f"{FEWEST_IN_CATEGORY} are the fewest."
            )
        rows.append(facts)
    if not rows:
        raise AnalyticsError(
            "No product has a category.", "Import a product file with categories on the Data page."
        )
    return pd.DataFrame(rows)


def _shrunk(table: pd.DataFrame) -> pd.DataFrame:
    """Estimates drawn towards their common mean, as far as they are uncertain; then intervals."""
    table = table.assign(elasticity=table["alone"], lo=np.nan, hi=np.nan)
    known = table["identified"].to_numpy(bool)
    if known.sum() >= FEWEST_TO_SHRINK:
        own, variance = table.loc[known, "alone"], table.loc[known, "standard_error"] ** 2
        weight = 1 / variance
        mean = (weight * own).sum() / weight.sum()
        spread = (weight * (own - mean) ** 2).sum() - (known.sum() - 1)
        between = max(spread / (weight.sum() - (weight**2).sum() / weight.sum()), 0.0)
        overall = 1 / (variance + between)
        middle = (overall * own).sum() / overall.sum()
        keep = between / (between + variance)
        table.loc[known, "elasticity"] = keep * own + (1 - keep) * middle
        uncertain = keep * variance + (1 - keep) ** 2 / overall.sum()
        table.loc[known, "standard_error"] = np.sqrt(uncertain)
    half = stats.t.ppf(0.975, table["freedom"]) * table["standard_error"]
    table["lo"], table["hi"] = table["elasticity"] - half, table["elasticity"] + half
    wide = known & (half > WIDEST).to_numpy(bool)
    table.loc[wide, "why"] = [
        f"Sales vary too much: anything from {lo:.1f} to {hi:.1f} is possible."
        for lo, hi in zip(table.loc[wide, "lo"], table.loc[wide, "hi"], strict=True)
    ]
    table.loc[wide, "identified"] = False
    table.loc[~table["identified"], ["elasticity", "lo", "hi"]] = np.nan
    told = table["identified"]
    table.loc[told, "why"] = [
        f"{prices} prices in {number} weeks, moved apart from season and promotions."
        for prices, number in zip(table.loc[told, "prices"], table.loc[told, "weeks"], strict=True)
    ]
    return table
