"""All campaigns in one table: predicted, proven, and what those of a kind prove together."""

from dataclasses import dataclass
from math import isfinite, nan, sqrt
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from analytics.campaign import shelf, words
from analytics.campaign.pooling import pool
from analytics.campaign.results import outcome
from analytics.campaign.shelf import Campaign
from analytics.errors import NotEnoughDataError
from analytics.store import Store

NO_KIND = "No kind given"
COLUMNS = (
    *("campaign_id", "name", "kind", "channel", "start_day", "end_day", "status"),
    *("treated", "held_out", "predicted_lift", "lift", "lift_lo", "lift_hi", "standard_error"),
    *("relative_lift", "relative_lift_lo", "relative_lift_hi"),
    *("revenue", "revenue_lo", "revenue_hi", "cost", "profit", "profit_lo", "profit_hi"),
    *("return_on_spend", "proven", "verdict", "margin", "pooled_lift", "pooled_lo", "pooled_hi"),
)


@dataclass(frozen=True)
class Totals:
    """What all campaigns that are over brought together.

    Attributes:
        campaigns: How many they are.
        treated: Contacts made.
        revenue: Incremental (money), with its interval; NaN without a campaign.
        revenue_lo, revenue_hi: Ends of the interval.
        cost: Of all (money).
        profit: Incremental margin less the cost.
        profit_lo, profit_hi: Ends of its interval.
        return_on_spend: Profit over cost; NaN where nothing was spent.
        sentence: The same in words.
    """

    campaigns: int
    treated: int
    revenue: float
    revenue_lo: float
    revenue_hi: float
    cost: float
    profit: float
    profit_lo: float
    profit_hi: float
    return_on_spend: float
    sentence: str


def ledger(store: Store, *, confidence: float = 0.95) -> pd.DataFrame:
    """All launched campaigns with what was predicted and what was proven of each.

    Args:
        store: The shop.
        confidence: Of the intervals.

    Returns:
        DataFrame, a row a campaign, the earliest start first: `COLUMNS`. A lift is revenue per
        contacted customer (money) more than without the campaign; relative_lift is it over the
        held-out's (0 to 1); revenue and profit are totals. status is `complete`, `running` or
        `not started`; proven says whether sales rose or fell for sure in a complete one. The
        pooled lift is drawn towards that of complete campaigns of its kind. NaN where there is
        nothing yet.
    """
    rows = [_row(store, one, confidence) for one in shelf.every(store).values()]
    found = pd.DataFrame(rows, columns=list(COLUMNS))
    over = found["status"] == "complete"
    drawn = pool(
        found["lift"].where(over), found["standard_error"].where(over), found["kind"].tolist(),
        confidence,
    ).campaigns  # fmt: skip
    for column, source in (("pooled_lift", "pooled"), ("pooled_lo", "lo"), ("pooled_hi", "hi")):
        found[column] = drawn[source]
    texts = ("campaign_id", "name", "kind", "channel", "status", "verdict")
    numbers = [name for name in COLUMNS if name not in {*texts, "start_day", "end_day", "proven"}]
    found = found.astype(dict.fromkeys(numbers, "float64") | {"proven": "bool"})
    return found.astype({"treated": "int64", "held_out": "int64"})


def _row(store: Store, one: Campaign, confidence: float) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(COLUMNS, nan)
    row |= {
        "campaign_id": one.campaign_id, "name": one.name, "kind": one.kind or NO_KIND,
        "channel": one.channel, "start_day": one.start_day, "end_day": one.end_day,
        "status": "not started", "treated": one.treated, "held_out": one.held_out,
        "predicted_lift": one.predicted_lift, "cost": float(one.cost), "margin": one.margin,
        "proven": False, "verdict": "",
    }  # fmt: skip
    try:
        found = outcome(store, one, confidence=confidence)
    except NotEnoughDataError:
        return row
    sales, profit = found.of("revenue"), found.of("profit")
    reach = float(special.ndtri((1 + confidence) / 2))
    half = (sales["difference_hi"] - sales["difference_lo"]) / 2
    error = half / reach if isfinite(half) and half > 0 else nan
    row |= {
        "status": "complete" if found.complete else "running", "verdict": found.verdict,
        "treated": found.treated, "held_out": found.held_out, "cost": float(found.cost),
        "lift": sales["difference"], "lift_lo": sales["difference_lo"],
        "lift_hi": sales["difference_hi"], "standard_error": error,
        "relative_lift": sales["relative_lift"], "relative_lift_lo": sales["relative_lo"],
        "relative_lift_hi": sales["relative_hi"],
        "revenue": sales["total"], "revenue_lo": sales["lo"], "revenue_hi": sales["hi"],
        "profit": profit["total"], "profit_lo": profit["lo"], "profit_hi": profit["hi"],
        "return_on_spend": found.of("return_on_spend")["total"],
        "proven": bool(found.complete and sales["proven"]),
    }  # fmt: skip
    return row


def pools(found: pd.DataFrame, confidence: float = 0.95, unit: str = "") -> pd.DataFrame:
    """What the complete campaigns of each kind prove together.

    Args:
        found: As of `ledger`.
        confidence: Of the intervals.
        unit: What money is called, or empty.

    Returns:
        DataFrame, a row a kind with a complete campaign: kind, campaigns, proven_alone (of them),
        mean (lift: revenue per contacted customer), lo, hi, between_sd, proven (whether the
        interval leaves out 0), sentence.
    """
    over = found[(found["status"] == "complete") & found["standard_error"].notna()]
    kinds = pool(over["lift"], over["standard_error"], over["kind"].tolist(), confidence).kinds
    alone = over.groupby("kind")["proven"].sum()
    kinds["proven_alone"] = [int(alone.get(name, 0)) for name in kinds["kind"]]
    kinds["proven"] = [
        bool(lo > 0 or hi < 0) if campaigns > 1 else bool(alone)
        for lo, hi, campaigns, alone in zip(
            *(kinds[name].tolist() for name in ("lo", "hi", "campaigns", "proven_alone")),
            strict=True,
        )
    ]
    kinds["sentence"] = [_of_kind(row, unit) for row in kinds.itertuples()]
    columns = ["kind", "campaigns", "proven_alone", "mean", "lo", "hi", "between_sd", "proven"]
    return kinds[[*columns, "sentence"]]


def _of_kind(row: Any, unit: str) -> str:
    each = words.between(row.lo, row.hi, unit)
    if row.campaigns == 1:
        start = f"{row.kind}: one campaign is over; a contact brought {each} of sales"
        if row.proven:
            return f"{start}, which proves it alone."
        if row.lo > 0 or row.hi < 0:
            return f"{start}, but too few people bought for that to prove anything."
        return f"{start}; that alone proves nothing."
    alone = "none of them" if not row.proven_alone else f"{row.proven_alone:,} of them"
    verb = "prove" if row.proven_alone > 1 else "proves"
    start = f"{row.kind}: {row.campaigns:,} campaigns together"
    if row.lo > 0 or row.hi < 0:
        also = "all" if row.proven_alone == row.campaigns else alone
        return (
            f"{start} prove that a contact {'brings' if row.lo > 0 else 'costs'} sales: {each}. "
            f"{also.capitalize()} {'prove' if also == 'all' else verb} it alone."
        )
    brings = f"a contact brings {each} of sales."
    if not row.proven_alone:
        return f"{start} prove nothing yet: {brings}"
    own = f"{alone.capitalize()} {verb} an effect alone."
    return f"{start} prove nothing of their kind yet: {brings} {own}"


def predicted(found: pd.DataFrame, kind: str) -> float:
    """What a campaign of a kind may be expected to bring: the mean of the complete ones, or NaN."""
    kinds = pools(found).set_index("kind")["mean"]
    return float(kinds[kind]) if kind in kinds.index else nan


def totals(found: pd.DataFrame, confidence: float = 0.95, unit: str = "") -> Totals:
    """What all complete campaigns brought together, each from its own holdout.

    Args:
        found: As of `ledger`.
        confidence: Of the intervals.
        unit: What money is called, or empty.
    """
    over = found[(found["status"] == "complete") & found["standard_error"].notna()]
    count, contacts = len(over), int(over["treated"].sum())
    cost = float(over["cost"].sum())
    silent = int((found["status"] == "complete").sum()) - count
    rest = f" Not counted: {silent:,} more in whose days no order came." if silent else ""
    if not count:
        why = "No order came in the days of a finished campaign" if silent else (
            "No campaign is over yet"
        )  # fmt: skip
        return Totals(
            0, 0, nan, nan, nan, 0.0, nan, nan, nan, nan,
            f"{why}, so nothing can be told of them together.",
        )  # fmt: skip
    reach = float(special.ndtri((1 + confidence) / 2))
    errors = over["standard_error"] * over["treated"]
    sales, profit = float(over["revenue"].sum()), float(over["profit"].sum())
    halves = [
        reach * sqrt(float(np.sum((errors * weight) ** 2))) for weight in (1.0, over["margin"])
    ]
    ends = sales - halves[0], sales + halves[0], profit - halves[1], profit + halves[1]
    many = (
        "The one finished campaign" if count == 1 else f"The {count:,} finished campaigns together"
    )
    earned = words.between(ends[2], ends[3], unit)
    after = f"after {words.amount(cost, unit)} of costs that is {earned} of profit"
    harm = "it did harm" if count == 1 else "they did harm"
    if ends[0] > 0:
        sentence = f"{many} raised sales by {words.between(ends[0], ends[1], unit)}; {after}.{rest}"
    else:
        sentence = (
            f"{many} changed sales by {words.between(ends[0], ends[1], unit)}, so that "
            f"{'a rise is not proven' if ends[1] > 0 else harm}; {after}.{rest}"
        )
    return Totals(
        count, contacts, sales, ends[0], ends[1], cost, profit, ends[2], ends[3],
        profit / cost if cost > 0 else nan, sentence,
    )  # fmt: skip
