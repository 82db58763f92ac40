"""Past promotions, and what another one would bring.

A promotion is a run of days on which the share of order lines with a coupon or a discount lies well
above that of the weeks around, or the first week of a launched campaign. Its effect is what sold in
its periods over the level of those around it. What another one would bring is the mean of the past
effects, with the interval in which a single new one lies (Student's t, on logarithms). One past
promotion tells no effect from chance, and one at a shopping festival cannot be told from the
festival, so nothing is learnt from those.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import stdtrit

from analytics.errors import NotEnoughDataError
from analytics.forecast.festivals import festivals
from analytics.forecast.series import _day, _ordinals, _words
from analytics.store import Store

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
ABOVE_USUAL_SHARE = 0.10
SPREADS = 4.0
USUAL_DAYS = 57
FEWEST_USUAL_DAYS = 7
CAMPAIGN_DAYS = 7
AROUND = 2
"""So many ordinary periods before and after give the level that a promotion is held against."""
LEVEL = 0.8


@dataclass(frozen=True)
class Effect:
    """What a promotion does to sales.

    Attributes:
        times: What sells in its period over what would have sold otherwise.
        lo: The lower end of where that lies for one new promotion, in 8 of 10 cases.
        hi: The upper end.
        past: DataFrame first_day, last_day, kind, times: the past promotions it is learnt from.
        sentence: The same in words.
    """

    times: float
    lo: float
    hi: float
    past: pd.DataFrame
    sentence: str


def promotions(store: Store, until: date) -> pd.DataFrame:
    """Promotions that began before a day, and campaigns planned for later.

    Returns:
        DataFrame first_day, last_day (dates, both within), kind (`Promotion` or `Campaign`),
        reduced_share (of its order lines, those with a coupon or discount; NaN for a campaign),
        festival (the shopping festival it was at; empty for none).
    """
    found = _reduced(store.query("demand_reduced_days", until_day=until))
    launched = store.query("campaigns")
    starts = pd.to_datetime(launched["start_day"])
    days = np.minimum(launched["window_days"].astype(float).to_numpy(), CAMPAIGN_DAYS)
    campaigns = pd.DataFrame(
        {
            "first_day": starts,
            "last_day": starts + pd.to_timedelta(np.maximum(days, 1) - 1, unit="D"),
            "kind": "Campaign",
            "reduced_share": np.nan,
        }
    )
    both = campaigns if found.empty else pd.concat([found, campaigns], ignore_index=True)
    both["festival"] = [
        _festival(first.date(), last.date())
        for first, last in zip(both["first_day"], both["last_day"], strict=True)
    ]
    return both.sort_values("first_day", kind="stable").reset_index(drop=True)


def effect(y: "pd.Series[float]", past: pd.DataFrame) -> Effect:
    """What a promotion does to a series, from the past ones.

    Args:
        y: The series, with a PeriodIndex.
        past: What `promotions` returns.

    Raises:
        NotEnoughDataError: Fewer than two past promotions lie within the series.
    """
    index = pd.PeriodIndex(y.index)
    measured = _measured(y, past)
    at = sorted(set(measured["festival"]) - {""})
    measured = measured[measured["festival"] == ""].reset_index(drop=True)
    if measured.empty and at:
        raise NotEnoughDataError(
            f"All past promotions fell on {' or '.join(at)}: what the promotion did cannot be told "
            "from what the day did.",
            "Run one at another time; after the second one this tells what another would bring.",
        )
    if measured.empty:
        raise NotEnoughDataError(
            "No past promotion shows in the data, so there is nothing to learn its effect from.",
            "Run one with a coupon, or launch a campaign; after the second one this tells what "
            "another would bring.",
        )
    if len(measured) == 1:
        only = measured.iloc[0]
        raise NotEnoughDataError(
            f"Only one past promotion shows in the data, of {_words(only['first_day'])}: one time "
            "cannot be told from chance.",
            "After a second one this tells what another would bring.",
        )
    logs = np.log(measured["times"].to_numpy(dtype=float))
    usual = _usual_spread(y, _in_promotion(index, past))
    spread = max(float(logs.std(ddof=1)), usual)
    reach = float(stdtrit(len(logs) - 1, 0.5 + LEVEL / 2)) * spread
    reach *= float(np.sqrt(1 + 1 / len(logs)))
    times, lo, hi = (float(np.exp(logs.mean() + side * reach)) for side in (0, -1, 1))
    sentence = (
        f"{len(logs)} past promotions sold {times:.2f} times what sold around them; one more would "
        f"lie between {lo:.2f} and {hi:.2f} times in 8 of 10 cases."
    )
    return Effect(times, lo, hi, measured, sentence)


def what_if(points: pd.DataFrame, period: pd.Period, found: Effect) -> pd.DataFrame:
    """The forecast with a promotion in one period.

    Args:
        points: A forecast's points: period, mean, ….
        period: The one with the promotion.
        found: Its effect.

    Returns:
        DataFrame period, without, with_promotion, lo, hi (where the period with the promotion lies
        by the effect's interval; elsewhere NaN).
    """
    mean = points["mean"].to_numpy(dtype=float)
    hit = (points["period"] == period).to_numpy()
    return pd.DataFrame(
        {
            "period": points["period"],
            "without": mean,
            "with_promotion": np.where(hit, mean * found.times, mean),
            "lo": np.where(hit, mean * found.lo, np.nan),
            "hi": np.where(hit, mean * found.hi, np.nan),
        }
    )


def _reduced(days: pd.DataFrame) -> pd.DataFrame:
    """Runs of days with many more reduced lines than usual; one day between does not part them."""
    columns = ["first_day", "last_day", "kind", "reduced_share"]
    if days.empty:
        return pd.DataFrame(columns=columns)
    lines = days["lines"].to_numpy(dtype=float)
    share = days["reduced_lines"].to_numpy(dtype=float) / lines
    rolling = pd.Series(share).rolling(USUAL_DAYS, center=True, min_periods=FEWEST_USUAL_DAYS)
    usual = np.nan_to_num(rolling.median().to_numpy(dtype=float), nan=1.0)
    by_chance = np.sqrt(np.maximum(usual * (1 - usual), 0.01) / lines)
    spread = np.maximum(1.4826 * float(np.median(np.abs(share - usual))), by_chance)
    ordinals = _ordinals(days["day"])
    above = np.flatnonzero(share > usual + np.maximum(SPREADS * spread, ABOVE_USUAL_SHARE))
    runs = np.split(above, np.flatnonzero(np.diff(ordinals[above]) > 2) + 1) if len(above) else []
    rows = [
        (
            pd.Timestamp(_day(ordinals[run[0]])), pd.Timestamp(_day(ordinals[run[-1]])),
            "Promotion",
            float(days["reduced_lines"].to_numpy()[run].sum() / lines[run].sum()),
        )
        for run in runs
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _festival(first: date, last: date) -> str:
    """The festival that one of the days belongs to."""
    for name, found in festivals(range(first.year, last.year + 1)).items():
        if any(first <= day <= last for days in found for day in days):
            return name
    return ""


def _in_promotion(index: pd.PeriodIndex, past: pd.DataFrame) -> Flags:
    """Which periods have a day of a promotion."""
    starts, ends = index.start_time, index.end_time
    hit = np.zeros(len(index), dtype=bool)
    for first, last in zip(past["first_day"], past["last_day"], strict=True):
        hit |= (starts <= last) & (ends >= first)
    return hit


def _levels(y: "pd.Series[float]", promoted: Flags) -> Floats:
    """The mean of the ordinary periods around each one; of the same weekday where it is days."""
    step = 7 if str(pd.PeriodIndex(y.index).freqstr).startswith("D") else 1
    values = np.where(promoted, np.nan, y.to_numpy(dtype=float))
    levels = np.full(len(values), np.nan)
    for place in range(len(values)):
        before = values[: max(place, 0)][::-1][step - 1 :: step]
        after = values[place + step :: step]
        near = [side[~np.isnan(side)][:AROUND] for side in (before, after)]
        both = np.concatenate(near)
        levels[place] = both.mean() if len(both) >= AROUND and both.mean() > 0 else np.nan
    return levels


def _measured(y: "pd.Series[float]", past: pd.DataFrame) -> pd.DataFrame:
    """The promotions that lie within the series, with what sold over the level around."""
    index = pd.PeriodIndex(y.index)
    levels = _levels(y, _in_promotion(index, past))
    values = y.to_numpy(dtype=float)
    rows = []
    row: Any
    for row in past.itertuples(index=False):
        hit = np.asarray((index.start_time <= row.last_day) & (index.end_time >= row.first_day))
        inside = row.first_day >= index[0].start_time and row.last_day <= index[-1].end_time
        with np.errstate(invalid="ignore"):
            times = (values[hit] / levels[hit])[levels[hit] > 0] if inside else np.empty(0)
        times = times[np.isfinite(times) & (times > 0)]
        if len(times):
            rows.append((row.first_day, row.last_day, row.kind, row.festival, float(times.mean())))
    return pd.DataFrame(rows, columns=["first_day", "last_day", "kind", "festival", "times"])


def _usual_spread(y: "pd.Series[float]", promoted: Flags) -> float:
    """How far ordinary periods lie from the level around them, as a logarithm."""
    values, levels = y.to_numpy(dtype=float), _levels(y, promoted)
    kept = ~promoted & (levels > 0) & (values > 0)
    if kept.sum() < AROUND:
        return 0.0
    logs = np.log(values[kept] / levels[kept])
    return float(1.4826 * np.median(np.abs(logs - np.median(logs))))


def days_of(past: pd.DataFrame, kind: str) -> list[list[date]]:
    """The days of each promotion of a kind that was at no festival."""
    rows = past[(past["kind"] == kind) & (past["festival"] == "")]
    return [
        [first.date() + timedelta(days=n) for n in range((last - first).days + 1)]
        for first, last in zip(rows["first_day"], rows["last_day"], strict=True)
    ]
