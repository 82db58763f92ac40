"""What a campaign earned: the contacted beside the held-out, from the orders since its start."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import nan
from typing import Any, Literal

import pandas as pd

from analytics.campaign import shelf, words
from analytics.campaign.estimate import MEASURES, Effect, effect
from analytics.campaign.shelf import Campaign
from analytics.errors import NotEnoughDataError
from analytics.store import Store, money

Verdict = Literal[
    "paid", "sales rose, did not pay", "sales rose", "sales fell", "cannot tell", "too early"
]
FEW_BUYERS = 10
"""With fewer buyers on a side no effect on money counts as proven: one order more would move it."""


@dataclass(frozen=True)
class Outcome:
    """What a campaign brought, by intent to treat.

    Attributes:
        campaign: The campaign.
        treated: People contacted, each counted once whatever their ids.
        held_out: People held out.
        first_day: The first day that counts.
        last_day: The last one that counts and lies in the data.
        days: How many that are.
        complete: Whether the whole window lies in the data.
        treated_revenue: What the contacted bought (money, exact).
        held_out_revenue: What the held-out bought.
        cost: What the campaign cost (money, exact).
        effects: DataFrame, a row a measure (orders, buyers, revenue, profit, return_on_spend):
            measure, treated_per_customer, held_out_per_customer, difference, difference_lo,
            difference_hi (per contacted customer), relative_lift, relative_lo, relative_hi (over
            the held-out), total, lo, hi (over all contacted; of return_on_spend: profit over cost),
            proven (whether the interval leaves out 0). NaN where something is undefined.
        verdict: What was proven.
        sentence: The same in words.
        notes: What else must be known to read it, each a sentence.
    """

    campaign: Campaign
    treated: int
    held_out: int
    first_day: date
    last_day: date
    days: int
    complete: bool
    treated_revenue: Decimal
    held_out_revenue: Decimal
    cost: Decimal
    effects: pd.DataFrame
    verdict: Verdict
    sentence: str
    notes: tuple[str, ...]

    def of(self, measure: str) -> "pd.Series[Any]":
        """The row of one measure."""
        return row_of(self.effects, measure)


def outcome(
    store: Store, campaign: str | Campaign, *, confidence: float = 0.95, unit: str = ""
) -> Outcome:
    """What a campaign brought, from the orders of both sides since its start.

    Args:
        store: The shop.
        campaign: The campaign, or its name.
        confidence: Of the intervals.
        unit: What money is called, or empty.

    Raises:
        AnalyticsError: There is no such campaign.
        NotEnoughDataError: Its window has not begun in the data, or a side has nobody left.
    """
    one = shelf.find(store, campaign) if isinstance(campaign, str) else campaign
    known_until = store.default_as_of()
    if known_until <= one.start_day:
        raise NotEnoughDataError(
            f"“{one.name}” starts on {words.day(one.start_day)}, and the orders end on "
            f"{words.day(known_until - timedelta(days=1))}.",
            "Import orders from after its start on the Data page.",
        )
    end = min(one.end_day, known_until)
    sums = store.query("campaign_sums", campaign_id=one.campaign_id, start=one.start_day, end=end)
    if set(sums["treated"]) != {True, False}:
        raise NotEnoughDataError(
            f"“{one.name}” has nobody left on one of its sides.",
            "Look whether imported matches have joined its people.",
        )
    return judged(one, sums, end, confidence, unit)


def judged(
    one: Campaign, sums: pd.DataFrame, end: date, confidence: float = 0.95, unit: str = ""
) -> Outcome:
    """The outcome from the sums of both sides up to a day.

    Args:
        one: The campaign.
        sums: As `campaign_sums.sql` returns them.
        end: The day after the last that counts.
        confidence: Of the intervals.
        unit: What money is called, or empty.
    """
    found = {measure: effect(sums, measure, confidence) for measure in MEASURES}
    treated, held_out = found["revenue"].treated, found["revenue"].held_out
    days = (end - one.start_day).days
    complete = end >= one.end_day
    cost = one.fixed_cost + one.cost_per_contact * treated
    buyers = sums.groupby("treated")["buyers"].sum()
    few = int(buyers.min()) < FEW_BUYERS
    effects = _frame(found, one.margin, cost, may_prove=not few)
    revenue = {
        side: sum((money(value) for value in sums.loc[sums["treated"] == side, "revenue"]),
                  Decimal(0))
        for side in (True, False)
    }  # fmt: skip
    verdict, sentence = _judge(effects, cost, unit, few=few)
    if not complete:
        verdict = "too early"
        sentence = (
            f"Too early to tell: {days:,} of {words.count(one.window_days, 'day')} are in the "
            f"data; the result counts from {words.day(one.end_day)} on. So far: {sentence}"
        )
    both = int(sums["both_sides"].sum()) if "both_sides" in sums else 0
    return Outcome(
        one, treated, held_out, one.start_day, end - timedelta(days=1), days, complete,
        revenue[True], revenue[False], cost, effects, verdict, sentence,
        _notes(one, buyers, both, treated + held_out),
    )  # fmt: skip


def row_of(effects: pd.DataFrame, measure: str) -> "pd.Series[Any]":
    """The row of one measure."""
    row: pd.Series[Any] = effects[effects["measure"] == measure].iloc[0]
    return row


def _frame(
    found: dict[Any, Effect], margin: float, cost: Decimal, *, may_prove: bool
) -> pd.DataFrame:
    rows: list[dict[str, Any]] = [
        {
            "measure": measure,
            "treated_per_customer": one.treated_mean,
            "held_out_per_customer": one.held_out_mean,
            "difference": one.difference,
            "difference_lo": one.lo,
            "difference_hi": one.hi,
            "relative_lift": one.relative,
            "relative_lo": one.relative_lo,
            "relative_hi": one.relative_hi,
            "total": float(one.total),
            "lo": one.total_lo,
            "hi": one.total_hi,
        }
        for measure, one in found.items()
    ]
    sales, spent = found["revenue"], float(cost)
    brought = float(sales.total), sales.total_lo, sales.total_hi
    ends = [margin * value - spent for value in brought]
    each = [value / sales.treated for value in ends]
    differences = dict(zip(("difference", "difference_lo", "difference_hi"), each, strict=True))
    totals = dict(zip(("total", "lo", "hi"), ends, strict=True))
    rows.append({"measure": "profit"} | differences | totals)
    quotients = [value / spent if spent > 0 else nan for value in ends]
    rows.append({"measure": "return_on_spend"} | dict(zip(totals, quotients, strict=True)))
    frame = pd.DataFrame(rows)
    apart = (frame["lo"] > 0) | (frame["hi"] < 0)
    frame["proven"] = apart & (may_prove | (frame["measure"] == "buyers"))
    return frame


def _judge(effects: pd.DataFrame, cost: Decimal, unit: str, *, few: bool) -> tuple[Verdict, str]:
    sales, profit = row_of(effects, "revenue"), row_of(effects, "profit")
    if not words.known(sales["lo"], sales["hi"]):
        return "cannot tell", "Nothing can be told: nobody bought, or too few people are on a side."
    change = words.between(sales["lo"], sales["hi"], unit)
    if few:
        return (
            "cannot tell",
            f"Nothing is proven: on one side fewer than {FEW_BUYERS} people bought. A rough guess "
            f"of the effect on sales is {change}.",
        )
    earned = words.between(profit["lo"], profit["hi"], unit)
    if sales["lo"] > 0:
        rose = f"Sales rose by {change}"
        if cost == 0:
            return "paid", f"{rose}; that is {earned} of margin, at no cost."
        if profit["lo"] > 0:
            return "paid", f"{rose}. After its costs the campaign earned {earned}: it paid off."
        if profit["hi"] < 0:
            lost = words.between(-profit["hi"], -profit["lo"], unit)
            return (
                "sales rose, did not pay",
                f"{rose}, but did not pay for the campaign: it lost {lost}.",
            )
        return (
            "sales rose",
            f"{rose}. Whether that paid for the campaign cannot be told: after its costs it "
            f"brought {earned}.",
        )
    if sales["hi"] < 0:
        fell = words.between(-sales["hi"], -sales["lo"], unit)
        return "sales fell", f"Sales fell by {fell}: the campaign did harm."
    sentence = f"It cannot be told whether sales rose: the effect lies {change}."
    if profit["hi"] < 0:
        sentence += " Even at best the campaign did not pay for itself."
    return "cannot tell", sentence


def _notes(one: Campaign, buyers: "pd.Series[int]", both: int, people: int) -> tuple[str, ...]:
    said = []
    joined = one.treated + one.held_out - people
    if both:
        said.append(
            f"{words.people(both)} turned out to have ids on both sides. Each counts once, on the "
            "side of the first of their ids; those counted as held out may have been contacted, "
            "which makes the effect look smaller, never larger."
        )
    elif joined > 0:
        said.append(f"{joined:,} ids turned out to be other people’s here; everybody counts once.")
    if not int(buyers[False]):
        said.append("None of the held-out bought anything, so that no lift in % can be given.")
    return tuple(said)
