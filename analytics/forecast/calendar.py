"""Events that move sales: public holidays, shopping festivals, promotions, own dates.

A history of a few years holds each event a few times only: as a regressor it then learns chance
(measured on a large retailer, holidays seen once made forecasts worse). So an event is used only
after two past occurrences, and only where sales were felt to differ: each time in the same
direction from the same weekdays one and two weeks before and after, and on the whole by more than
ordinary days do by chance (1%).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.errors import AnalyticsError
from analytics.forecast.festivals import (
    CHINESE_NEW_YEAR,
    Occurrences,
    festivals,
    public_holidays,
    runs,
)
from analytics.forecast.promotions import days_of, promotions
from analytics.forecast.series import _ordinal, _ordinals, _words
from analytics.store import Store

FEWEST = 2
BEYOND_CHANCE = 2.58
LEAST_LIFT = 0.05
"""So that a day on which the shop was closed can be divided by it."""
PERIODS_AN_EVENT = 10
"""A history bears one event for so many periods."""


@dataclass(frozen=True)
class Calendar:
    """Events over the history of a series and its forecast.

    Attributes:
        regressors: DataFrame over history and horizon, indexed by period, a column a used event:
            on how many days of the period it took place.
        lifts: DataFrame like it: by how much each used event multiplies what sells in a period, 1
            for not at all: the effect on a day by the share of its weekday in the period.
        told: DataFrame event, kind (Festival, Public holiday, Promotion, Campaign, Own date),
            past_occurrences, effect_share (sales on its days over the same weekdays around, less
            one; NaN where never seen), used, why, next_day (NaT: none known), known_from (the day
            after the second occurrence; NaT before it).
        marks: DataFrame event, kind, day: the first day of each occurrence, past and to come.
        country: Whose public holidays were taken; empty where it is not known.
    """

    regressors: pd.DataFrame
    lifts: pd.DataFrame
    told: pd.DataFrame
    marks: pd.DataFrame
    country: str

    @property
    def lift(self) -> "pd.Series[float]":
        """By how much all used events multiply what sells in each period."""
        return self.lifts.prod(axis=1).clip(lower=LEAST_LIFT)


def calendar(
    store: Store,
    index: pd.PeriodIndex,
    horizon: int,
    country: str | None = None,
    own: Mapping[str, Sequence[date]] | None = None,
) -> Calendar:
    """Events over a history and the periods to come.

    Args:
        store: The shop.
        index: The periods of the history.
        horizon: How many periods to come.
        country: Whose public holidays count, as a code such as `DE`; by default the country with
            most revenue.
        own: Further events: each name's days, past and to come; days in a row are one occurrence.

    Raises:
        AnalyticsError: There are no public holidays of that country.
    """
    first, until = index[0].start_time.date(), (index[-1] + 1).start_time.date()
    last = (index[-1] + horizon).end_time.date()
    code = _code(store, country, until)
    years = range(first.year, last.year + 1)
    events = {("Festival", name): found for name, found in festivals(years).items()}
    events |= {("Public holiday", name): found for name, found in _holidays(code, years).items()}
    past = promotions(store, until)
    for kind in ("Promotion", "Campaign"):
        events[kind, f"{kind}s"] = days_of(past, kind)
    events |= {("Own date", name): runs(days) for name, days in (own or {}).items()}
    deviations, spread, weekdays = _deviations(store, first, until)
    whole = pd.period_range(index[0], periods=len(index) + horizon, freq=index.freq)
    columns: dict[str, npt.NDArray[np.float64]] = {}
    lifts: dict[str, npt.NDArray[np.float64]] = {}
    rows, marks = [], []
    for (kind, name), found in events.items():
        inside = [days for days in found if days and first <= days[0] and days[-1] <= last]
        seen = [days for days in inside if days[-1] < until]
        ahead = [days for days in inside if days[-1] >= until]
        if not inside:
            continue
        felt = [deviations.get(_ordinal(day), np.nan) for days in seen for day in days]
        times = [_mean([deviations.get(_ordinal(day), np.nan) for day in days]) for days in seen]
        column = _column(whole, inside)
        why = _why(index, seen, times, spread, column[: len(index)], columns)
        if not why:
            columns[name] = column
            lifts[name] = 1 + _mean(felt) * _column(whole, inside, weekdays)
        second = seen[FEWEST - 1][-1] + timedelta(days=1) if len(seen) >= FEWEST else None
        rows.append(
            (name, kind, len(seen), _mean(felt), not why, why or _used(seen, times),
             pd.Timestamp(ahead[0][0]) if ahead else pd.NaT,
             pd.Timestamp(second) if second else pd.NaT)
        )  # fmt: skip
        marks += [(name, kind, pd.Timestamp(days[0])) for days in inside]
    names = [
        "event",
        "kind",
        "past_occurrences",
        "effect_share",
        "used",
        "why",
        "next_day",
        "known_from",
    ]
    found_out = pd.DataFrame(rows, columns=names).astype(
        {"used": bool, "next_day": "datetime64[s]", "known_from": "datetime64[s]"}
    )
    told = found_out.sort_values(["used", "next_day"], ascending=[False, True], kind="stable")
    return Calendar(
        pd.DataFrame(columns, index=whole, dtype=float),
        pd.DataFrame(lifts, index=whole, dtype=float),
        told.reset_index(drop=True),
        pd.DataFrame(marks, columns=["event", "kind", "day"]).astype({"day": "datetime64[s]"}),
        code,
    )


def _holidays(code: str, years: range) -> dict[str, Occurrences]:
    """Public holidays of a country by name; Spring Festival is a festival already."""
    by_name: dict[str, list[date]] = {}
    for day, names in (public_holidays(code, years) if code else {}).items():
        for name in names.split("; "):
            plain = name.removesuffix(" (observed)").removesuffix(" (estimated)")
            if CHINESE_NEW_YEAR not in plain and not plain.startswith("Day off"):
                by_name.setdefault(plain, []).append(day)
    return {name: runs(days) for name, days in by_name.items()}


def _code(store: Store, country: str | None, until: date) -> str:
    """The country's code; of the one with most revenue where none is asked for."""
    import holidays

    known = holidays.list_supported_countries()
    words = {name.replace("_", ""): codes[1] for name, codes in holidays.registry.COUNTRIES.items()}
    sold = [country] if country else store.query("demand_countries", until_day=until)["country"]
    for name in list(sold)[:1]:
        text = str(name).strip()
        code = words.get("".join(c for c in text.lower() if c.isalpha()), text.upper())
        if code in known:
            return str(code)
        if country:
            raise AnalyticsError(
                f"There are no public holidays of “{country}”.", "Choose a code such as DE or CN."
            )
    return ""


def _deviations(
    store: Store, first: date, until: date
) -> tuple[dict[int, float], float, npt.NDArray[np.float64]]:
    """Each day's revenue over that of the same weekdays around, less one; and its usual spread.

    And the share of each weekday in a week's revenue.
    """
    sold = store.query("demand_days", by="total", until_day=until)
    days = _ordinals(sold["day"])
    start, count = _ordinal(first), _ordinal(until) - _ordinal(first)
    kept = days >= start
    values = np.zeros(count)
    values[days[kept] - start] = sold["revenue"].astype(float).to_numpy()[kept]
    padded = np.concatenate([np.full(14, np.nan), values, np.full(14, np.nan)])
    around = np.stack([padded[14 + shift : 14 + shift + count] for shift in (-14, -7, 7, 14)])
    known = (~np.isnan(around)).sum(axis=0) >= 2
    level = np.full(count, np.nan)
    level[known] = np.nanmedian(around[:, known], axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        deviation = np.where(level > 0, values / level - 1, np.nan)
    usual = deviation[~np.isnan(deviation)]
    spread = 1.4826 * float(np.median(np.abs(usual - np.median(usual)))) if len(usual) else np.nan
    places = np.flatnonzero(~np.isnan(deviation))
    weekdays = np.maximum(np.bincount((np.arange(count) + start + 3) % 7, values, minlength=7), 0)
    shares = weekdays / weekdays.sum() if weekdays.sum() > 0 else np.full(7, 1 / 7)
    return {int(start + place): float(deviation[place]) for place in places}, spread, shares


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else np.nan


def _column(
    whole: pd.PeriodIndex, found: Occurrences, weekdays: npt.NDArray[np.float64] | None = None
) -> npt.NDArray[np.float64]:
    """On how many days of each period the event takes place; or their share of what it sells."""
    moments = pd.DatetimeIndex([pd.Timestamp(day) for days in found for day in days])
    places = moments.to_period(whole.freqstr).asi8 - whole[0].ordinal
    inside = (places >= 0) & (places < len(whole))
    weights = np.ones(len(moments))
    if weekdays is not None and not str(whole.freqstr).startswith("D"):
        days_in_period = (whole[0].end_time - whole[0].start_time).days + 1
        weights = weekdays[moments.day_of_week.to_numpy()] * 7 / days_in_period
    return np.bincount(places[inside], weights[inside], minlength=len(whole)).astype(np.float64)


def _why(
    index: pd.PeriodIndex,
    seen: Occurrences,
    times: list[float],
    spread: float,
    column: npt.NDArray[np.float64],
    others: Mapping[str, npt.NDArray[np.float64]],
) -> str:
    """Why an event is not used; empty where it is."""
    if not seen:
        return "Never seen yet, so its effect is not known."
    if len(seen) < FEWEST:
        told = "" if np.isnan(times[0]) else f", when sales were {_times(times[0])} usual"
        return (
            f"Seen once, on {_words(seen[0][0])}{told}. One time cannot be told from chance, so it "
            "is not in the forecast yet."
        )
    if np.isnan(times).any():
        return "Too little was sold around it to tell."
    lengths = float(np.mean([len(days) for days in seen]))
    noise = spread / np.sqrt(len(seen) * lengths)
    mean = float(np.mean(times))
    if abs(mean) <= BEYOND_CHANCE * noise or any(each * mean <= 0 for each in times):
        return f"Seen {_often(len(seen))}: sales differed no more than they do by chance."
    if str(index.freqstr).startswith("M") and len({days[0].month for days in seen}) == 1:
        return "It always falls into the same month, which the season holds already."
    if len(others) >= len(index) // PERIODS_AN_EVENT:
        return "The history is too short for so many events."
    history = [np.ones(len(index)), *(other[: len(index)] for other in others.values())]
    before = np.linalg.matrix_rank(np.stack(history))
    if np.linalg.matrix_rank(np.stack([*history, column])) == before:
        return f"It always falls into the same {_unit(index)} as another event."
    return ""


def _used(seen: Occurrences, times: list[float]) -> str:
    return f"Seen {_often(len(seen))}: sales were {_times(float(np.mean(times)))} usual."


def _times(deviation: float) -> str:
    return f"{1 + deviation:.1f} times"


def _often(count: int) -> str:
    return "twice" if count == FEWEST else f"{count:,} times"


def _unit(index: pd.PeriodIndex) -> str:
    return {"D": "day", "W": "week", "M": "month"}[str(index.freqstr)[0]]
