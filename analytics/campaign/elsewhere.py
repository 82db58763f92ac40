"""Campaigns run elsewhere without a holdout: the contacted beside customers like them.

Who is like whom is told by what was known before the start (`matching`). That makes up for what the
features know, and for nothing else: who was chosen for something they do not know differs still.
So nothing found here is ever called proven.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import nan
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics import profile
from analytics.campaign import words
from analytics.campaign.matching import Estimate, Floats, balance, estimate, pair
from analytics.campaign.planning import check_window
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store

FEWEST = 30
"""Customers each group must have."""
UNLIKE = 0.1
"""A standardised difference above this is one to warn of (Austin 2011)."""
FEATURES = (
    *("recency_days", "orders", "tenure_days", "revenue", "average_order_value"),
    *("discount_order_share", "categories", "days_since_event", "events_30_days"),
    *("events_90_days", "carts_30_days", "days_since_signup"),
)
"""What customers are alike in; all but the share on a log scale, where few have much more."""
CANNOT_RULE_OUT = (
    "This is no proof. The two groups are alike in what the data know of them before the start; "
    "whoever chose the contacted may have known more, and customers who were going to buy anyway "
    "may have been chosen for that very reason. No comparison of this kind can rule that out; "
    "only a part of the audience held out by chance can."
)


@dataclass(frozen=True)
class Matched:
    """The contacted of a campaign beside customers like them.

    Attributes:
        contacted: People contacted and known before the start.
        unknown: Contacted ids of whom nothing was known before the start, and others of a person
            already counted.
        matched: Contacted who have somebody like them; all figures are of these.
        compared: Different customers they are held against.
        days: Days of orders that count and lie in the data.
        complete: Whether the whole window lies in the data.
        effects: DataFrame, a row a measure (orders, buyers, revenue, profit): measure,
            contacted_per_customer, others_per_customer, difference, lo, hi (per contacted
            customer), naive_difference (against all not contacted), total, total_lo, total_hi.
        balance: DataFrame, a row a feature: feature, label, before, after (standardised differences
            of the means; about 0 is alike, above 0.1 is not).
        suggests: Which way the figures point; never proof.
        sentence: The same in words.
        cannot_rule_out: What this comparison cannot rule out, to be shown with it.
        warnings: What makes it weaker still, each a sentence.
    """

    contacted: int
    unknown: int
    matched: int
    compared: int
    days: int
    complete: bool
    effects: pd.DataFrame
    balance: pd.DataFrame
    suggests: Literal["more sales", "fewer sales", "nothing clear"]
    sentence: str
    cannot_rule_out: str
    warnings: tuple[str, ...]


def matched(
    store: Store,
    contacted_ids: Iterable[str],
    start: date,
    window_days: int = 30,
    *,
    features: str | None = None,
    margin: float = 1.0,
    cost: Decimal | float = 0,
    confidence: float = 0.95,
    unit: str = "",
) -> Matched:
    """Compare the contacted of a campaign run elsewhere with customers like them.

    Args:
        store: The shop.
        contacted_ids: Who was contacted, under any of their ids.
        start: The first day on which orders count.
        window_days: How many days count.
        features: The kept table of `profile.keep` as of the start; made if it is not given.
        margin: What is left of a unit of revenue, above 0 and up to 1.
        cost: Of the campaign (money).
        confidence: Of the intervals.
        unit: What money is called, or empty.

    Raises:
        AnalyticsError: Nobody was contacted, or something makes no sense.
        NotEnoughDataError: The data do not reach around the start, or a group is too small.
    """
    check_window(window_days)
    if not 0 < margin <= 1 or not 0 <= cost < float("inf"):
        raise AnalyticsError(
            "The margin or the cost makes no sense.", "Give a margin up to 100% and a cost from 0."
        )
    ids = sorted({str(one).strip() for one in contacted_ids} - {""})
    if not ids:
        raise AnalyticsError("Nobody was contacted.", "Name the customers who were.")
    end, complete = _window(store, start, window_days)
    found = store.query(
        "campaign_comparison",
        tables={
            "features": features or profile.keep(store, start).table,
            "picked": pa.table({"customer_id": pa.array(ids, pa.string())}),
        },
        start=start,
        end=end,
    )
    reached = found["contacted"].to_numpy(dtype=bool)
    for count, group in ((int(reached.sum()), "contacted"), (int((~reached).sum()), "others")):
        if count < FEWEST:
            who = "of the contacted customers" if group == "contacted" else "other customers"
            raise NotEnoughDataError(
                f"Only {count:,} {who} were known before {words.day(start)}.",
                f"It takes at least {FEWEST} of both, contacted and not.",
            )
    matrix, names, labels = _matrix(found)
    pairs = pair(matrix, reached)
    if len(pairs.contacted) < FEWEST:
        raise NotEnoughDataError(
            f"Only {len(pairs.contacted):,} of the contacted have anybody like them who was not "
            "contacted.",
            "The two groups cannot be compared; hold out a part by chance next time.",
        )
    sales = found["window_revenue"].astype(float).to_numpy()
    orders = found["window_orders"].to_numpy(dtype=float)
    outcomes = {"orders": orders, "buyers": (orders > 0).astype(float), "revenue": sales}
    results = {name: estimate(pairs, values, confidence) for name, values in outcomes.items()}
    naive = {
        name: float(values[reached].mean() - values[~reached].mean())
        for name, values in outcomes.items()
    }
    count = len(pairs.contacted)
    before, after = balance(matrix, reached, pairs)
    shown = pd.DataFrame({"feature": names, "label": labels, "before": before, "after": after})
    suggests, sentence = _say(results["revenue"], naive["revenue"], unit)
    return Matched(
        int(reached.sum()), len(ids) - int(reached.sum()), count,
        len(np.unique(pairs.others)), (end - start).days, complete,
        _effects(results, naive, count, margin, float(cost) / int(reached.sum())), shown,
        suggests, sentence, CANNOT_RULE_OUT,
        _warnings(shown, int(reached.sum()), pairs.unmatched, complete, (end - start).days),
    )  # fmt: skip


def _window(store: Store, start: date, window_days: int) -> tuple[date, bool]:
    """The day after the last that counts, and whether the whole window lies in the data."""
    known_until = store.default_as_of()
    first = store.tables().set_index("table")["first_day"]["orders"]
    if pd.isna(first) or pd.Timestamp(first).date() >= start:
        raise NotEnoughDataError(
            f"There are no orders before {words.day(start)}.",
            "Import earlier orders, or choose a later start.",
        )
    if known_until <= start:
        raise NotEnoughDataError(
            f"There are no orders from {words.day(start)} on.",
            "Import orders from after the campaign's start.",
        )
    end = start + timedelta(days=window_days)
    return min(end, known_until), end <= known_until


def _matrix(found: pd.DataFrame) -> tuple[Floats, list[str], list[str]]:
    """What customers are alike in: features without gaps, their names and labels.

    Where a value is missing the median stands for it, and a column of its own says that it does.
    """
    columns: dict[str, Floats] = {}
    labels: dict[str, str] = {}
    for name in FEATURES:
        values: Floats = np.array(found[name].astype(float), dtype=np.float64)
        missing = np.isnan(values)
        if missing.all():
            continue
        values[missing] = np.median(values[~missing])
        scaled: Floats = values if name.endswith("_share") else np.log1p(np.maximum(values, 0))
        label = profile.BY_NAME[name].label
        for key, column, said in (
            (name, scaled, label),
            (f"{name}_unknown", missing.astype(float), f"{label}: unknown"),
        ):
            new = not any(np.array_equal(column, other) for other in columns.values())
            if column.std() > 0 and new:
                columns[key], labels[key] = column, said
    if not columns:
        raise NotEnoughDataError(
            "All customers were alike before the start, so there is nothing to match them on.",
            "Choose a later start, when more is known of them.",
        )
    return np.column_stack(list(columns.values())), list(columns), list(labels.values())


def _effects(
    results: dict[str, Estimate], naive: dict[str, float], count: int, margin: float, spent: float
) -> pd.DataFrame:
    """A row a measure; profit is margin of revenue less what each contact cost."""
    rows: list[dict[str, Any]] = [
        {
            "measure": name,
            "contacted_per_customer": one.contacted_mean,
            "others_per_customer": one.others_mean,
            "difference": one.difference,
            "lo": one.lo,
            "hi": one.hi,
            "naive_difference": naive[name],
        }
        for name, one in results.items()
    ]
    sales = results["revenue"]
    rows.append(
        {
            "measure": "profit",
            "contacted_per_customer": nan,
            "others_per_customer": nan,
            "difference": margin * sales.difference - spent,
            "lo": margin * sales.lo - spent,
            "hi": margin * sales.hi - spent,
            "naive_difference": margin * naive["revenue"] - spent,
        }
    )
    frame = pd.DataFrame(rows)
    for column, source in (("total", "difference"), ("total_lo", "lo"), ("total_hi", "hi")):
        frame[column] = frame[source] * count
    return frame


def _say(
    sales: Estimate, naive: float, unit: str
) -> tuple[Literal["more sales", "fewer sales", "nothing clear"], str]:
    beside = (
        f"Against everybody who was not contacted, whoever they are, it would look like "
        f"{words.amount(abs(naive), unit)} {'less' if naive < 0 else 'more'} each."
    )
    if sales.lo > 0:
        lead = f"The contacted bought for {words.between(sales.lo, sales.hi, unit)} more each"
        return "more sales", f"{lead} than customers like them who were not contacted. {beside}"
    if sales.hi < 0:
        lead = f"The contacted bought for {words.between(-sales.hi, -sales.lo, unit)} less each"
        return "fewer sales", f"{lead} than customers like them who were not contacted. {beside}"
    return (
        "nothing clear",
        "The contacted did not clearly buy more or less than customers like them who were not "
        f"contacted: the difference lies {words.between(sales.lo, sales.hi, unit)} each. {beside}",
    )


def _warnings(
    shown: pd.DataFrame, contacted: int, unmatched: int, complete: bool, days: int
) -> tuple[str, ...]:
    said = []
    unlike = shown[shown["after"].abs() > UNLIKE]["label"].tolist()
    if unlike:
        said.append(
            f"Even after matching, the two groups are still unlike in {', '.join(unlike[:5])}."
        )
    if unmatched:
        said.append(
            f"{unmatched:,} of {contacted:,} contacted have nobody like them and are left out."
        )
    if not complete:
        said.append(f"Only {words.count(days, 'day')} of the window are in the data so far.")
    return tuple(said)
