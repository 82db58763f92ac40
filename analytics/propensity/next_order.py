"""When each customer's next order is due, and who is overdue by their own rhythm.

What `analytics.propensity.rhythm` learns from gaps between orders is judged on the last so many
days, which it has not seen, beside two rules: the shop's mean gap after the last order, and the
customer's own mean gap (the shop's, where they have none yet). A rule's day that has passed counts
as today. Judged are the days of those who did order, as all methods are told that they would; and
everyone, those without an order until the end counting as the end. Where the rhythm is not better
at both, the better rule gives the days.
"""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import scipy

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.evaluate import Verdict
from analytics.propensity.overdue import ENDS, LAPSED_CHANCE, fates, judge, late, rule_gaps
from analytics.propensity.rhythm import Floats, Gaps, Rhythm
from analytics.store import Store

CODE_VERSION = 1
LONGEST_DAYS = 365
FEWEST = 20
"""Customers with two days of orders before the judged days, and customers who ordered in them."""


@dataclass(frozen=True)
class NextOrdersReport:
    """All about next orders but the customers' own days.

    Attributes:
        as_of: Only what happened before this day counts.
        days: How far ahead is looked, and how many days were judged.
        winner: `rhythm`, or the rule whose days are used.
        verdict: The rhythm beside the better rule by days off, of those who ordered.
        table: DataFrame method, label, used; mean_error_days and median_error_days (of those who
            ordered in the judged days), everyone_error_days, log_loss (how surprising what happened
            was, of everyone; the lower the better), within_share (ordered between the ends of 8 of
            10; missing for rules).
        fates: DataFrame state (on time, overdue, lapsed: on the judged day), customers,
            foretold_share and ordered_share (0 to 1, in the judged days).
        customers: How many have ordered so far.
        usual_gap_days: The shop's, the middle one.
        middle_revenue: Of those with two orders or more, the middle one's (money).
    """

    as_of: date
    days: int
    winner: str
    verdict: Verdict
    table: pd.DataFrame
    fates: pd.DataFrame
    customers: int
    usual_gap_days: float
    middle_revenue: float


@dataclass(frozen=True)
class NextOrders(NextOrdersReport):
    """The same with every customer's days.

    Attributes:
        dates: DataFrame customer_id, expected_gap_days (their usual one), gaps (their own, known),
            last_order_day, wait_days, overdue_times (wait over usual gap), shorter_share (of their
            gaps, how many would have ended by now), chance_share (that they order in the days
            ahead), next_order_day (where they do; missing for who most likely
            never will), lo_day and hi_day (8 of 10 lie between; missing where a rule is used),
            orders, revenue (money).
    """

    dates: pd.DataFrame


@dataclass(frozen=True)
class KeptNextOrders:
    """Next orders kept in the store.

    Attributes:
        table: The name to hand to `store.query(tables={"next_orders": …})`; columns as of
            `NextOrders.dates`.
        report: How well it went.
    """

    table: str
    report: NextOrdersReport


def next_order(store: Store, as_of: date | None = None, *, days: int = 60) -> NextOrders:
    """When every customer's next order is due.

    Args:
        store: The shop.
        as_of: Only what happened before this day counts; by default the day after the last order.
        days: How far ahead to look; the last so many days are kept for judging.

    Raises:
        NotEnoughDataError: Fewer than 20 customers with two days of orders before the judged days,
            or fewer than 20 who ordered in them.
        AnalyticsError: The days make no sense.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise AnalyticsError(f"{days} days are not possible.", f"Choose 1 to {LONGEST_DAYS}.")
    day = as_of or store.default_as_of()
    cut_off = day - timedelta(days=days)
    past = store.query("next_order_rhythm", as_of=cut_off)
    came = store.query("next_order_came", from_day=cut_off, until_day=day)
    left = came.set_index("customer_id")["left_days"].astype("float64")
    left_days = np.asarray(left.reindex(past["customer_id"]), dtype=np.float64)
    _check(past, left_days, days, day)
    earlier = Rhythm.learn(Gaps.of(past))
    table, verdict, winner = judge(earlier, past, left_days, days)
    now = store.query("next_order_rhythm", as_of=day)
    rhythm = Rhythm.learn(Gaps.of(now), earlier)
    return NextOrders(
        as_of=day, days=days, winner=winner, verdict=verdict, table=table,
        fates=fates(earlier, past, left_days, days), customers=len(now),
        usual_gap_days=float(np.exp(rhythm.mu)),
        middle_revenue=float(now.loc[now["orders"] > 1, "revenue"].astype("float64").median()),
        dates=_dates(rhythm, now, winner, day, days),
    )  # fmt: skip


def keep_next_order(store: Store, as_of: date | None = None, *, days: int = 60) -> KeptNextOrders:
    """The same as kept tables of the store, made only if they are not there yet.

    Raises:
        NotEnoughDataError, AnalyticsError: As for `next_order`.
    """
    day = as_of or store.default_as_of()
    stamp = json.dumps([store.version, str(day), days, CODE_VERSION, scipy.__version__])
    table, report = (store.kept(name, stamp) for name in ("next_order", "next_order_report"))
    if table is None or report is None:
        found = next_order(store, day, days=days)
        table, report = (
            store.keep(name, stamp, pa.Table.from_pandas(frame, preserve_index=False))
            for name, frame in (
                ("next_order", found.dates),
                ("next_order_report", pd.DataFrame({"content": [_to_text(found)]})),
            )
        )
    text = store.query("propensity_report", tables={"report": report})["content"].iloc[0]
    return KeptNextOrders(table, _from_text(str(text)))


def _check(past: pd.DataFrame, left: Floats, days: int, day: date) -> None:
    """Complain where there is too little to learn from or to judge by."""
    repeat, ordered = int((past["gaps"] > 0).sum()), int((~np.isnan(left)).sum())
    if repeat < FEWEST:
        raise NotEnoughDataError(
            f"Only {repeat:,} customers ordered on two days or more until {days} days before "
            f"{day.day} {day:%B %Y}, too few to know how often people order.",
            "Look fewer days ahead, choose a later day, or import earlier orders.",
        )
    if ordered < FEWEST:
        raise NotEnoughDataError(
            f"Only {ordered:,} known customers ordered in the last {days} days, too few to judge "
            "by.",
            "Look more days ahead, or choose an earlier day.",
        )


def _dates(rhythm: Rhythm, now: pd.DataFrame, winner: str, day: date, days: int) -> pd.DataFrame:
    gaps = Gaps.of(now)
    chance = rhythm.comes(gaps, days)
    if winner == "rhythm":
        usual = rhythm.usual(gaps)
        left = [rhythm.left(gaps, share, days) for share in (0.5, *ENDS)]
    else:
        usual = rule_gaps(now)[winner]
        unknown = np.full(len(now), np.nan)
        left = [np.maximum(np.round(usual - gaps.wait), 0.0), unknown, unknown]
    times = gaps.wait / usual
    shorter = rhythm.shorter(gaps)
    never = late(times, shorter) & (chance < LAPSED_CHANCE)
    on = [pd.Timestamp(day) + pd.to_timedelta(np.where(never, np.nan, each), "D") for each in left]
    return pd.DataFrame(
        {
            "customer_id": now["customer_id"],
            "expected_gap_days": usual,
            "gaps": now["gaps"],
            "last_order_day": now["last_order_day"],
            "wait_days": now["wait_days"],
            "overdue_times": times,
            "shorter_share": shorter,
            "chance_share": chance,
            "next_order_day": _days(on[0]),
            "lo_day": _days(on[1]),
            "hi_day": _days(on[2]),
            "orders": now["orders"],
            "revenue": now["revenue"],
        }
    )


def _days(moments: pd.DatetimeIndex) -> "pd.Series[Any]":
    """As days of the store, missing where unknown."""
    return pd.Series(moments).astype(pd.ArrowDtype(pa.date32()))


def _to_text(report: NextOrdersReport) -> str:
    frames = {
        name: json.loads(getattr(report, name).to_json(orient="split", index=False))
        for name in ("table", "fates")
    }
    kept = ("days", "winner", "customers", "usual_gap_days", "middle_revenue")
    said = {name: getattr(report, name) for name in kept}
    return json.dumps(
        said | frames | {"as_of": report.as_of.isoformat(), "verdict": vars(report.verdict)}
    )


def _from_text(text: str) -> NextOrdersReport:
    said = json.loads(text)
    frames = {name: pd.DataFrame(**said[name]) for name in ("table", "fates")}
    frames["table"]["within_share"] = frames["table"]["within_share"].astype("float64")
    return NextOrdersReport(
        **said
        | frames
        | {"as_of": date.fromisoformat(said["as_of"]), "verdict": Verdict(**said["verdict"])}
    )
