"""The season calendar: which parts of the shop sell when, and at which festival.

The index of a month is what it sold a day over the mean day of its year (twelve whole months ending
with the last one), so 1 is usual and 1.4 is 40% more. The growth from one year to the next is taken
off first, spread evenly over the months (ratio to trend, as in Hyndman & Athanasopoulos,
Forecasting: principles and practice, ch. 3). With one year only, a season cannot be told from
growth or chance, and the page says so. The index of a festival is what its days sold over the same
weekdays one and two weeks before and after.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.errors import NotEnoughDataError
from analytics.forecast.festivals import festivals
from analytics.forecast.series import By, Measure, _ordinal, series
from analytics.store import Store

Floats = npt.NDArray[np.float64]
A_YEAR = {"M": 12, "W": 52}
UNUSUAL = 1.1
"""From this index on a month counts as a season."""


@dataclass(frozen=True)
class Seasons:
    """Which parts of the shop sell when.

    Attributes:
        months: DataFrame series, month (1 to 12), index, then a column a year named by its last
            period, the latest last (each year's own index).
        weeks: The same with week (ISO, 1 to 53) instead of month.
        festivals: DataFrame series, festival, index, years (how often it was seen), lowest,
            highest (of the years).
        next_month: DataFrame series, index, lowest, highest, seen (years): the month to come, the
            part that gains most first.
        month: The first day of that month.
        years: How many whole years the index rests on.
        names: What each part is called, by its key.
        sentence: What to promote next month.
    """

    months: pd.DataFrame
    weeks: pd.DataFrame
    festivals: pd.DataFrame
    next_month: pd.DataFrame
    month: date
    years: int
    names: dict[str, str]
    sentence: str


def seasons(
    store: Store, as_of: date | None = None, by: By = "category", measure: Measure = "revenue"
) -> Seasons:
    """When the parts of the shop sell.

    Args:
        store: The shop.
        as_of: Only what happened before this day counts; by default the day after the last order.
        by: The parts.
        measure: Revenue, units or orders.

    Raises:
        NotEnoughDataError: There is no whole year of data.
        AnalyticsError: The files do not tell units.
    """
    monthly = series(store, by, "M", measure, as_of)
    months, years = _indices(monthly.frame, "M")
    if not years:
        raise NotEnoughDataError(
            "A season shows after a whole year of orders, and there is none yet.",
            "Import earlier orders on the Data page, or come back when a year is full.",
        )
    weeks, _ = _indices(series(store, by, "W", measure, as_of).frame, "W")
    daily = series(store, by, "D", measure, as_of)
    until = daily.until_day
    month = date(until.year + (until.month == 12), until.month % 12 + 1, 1)
    month = until if until.day == 1 else month
    own = [name for name in months.columns if name not in ("series", "month", "index")]
    coming = months[months["month"] == month.month].copy()
    coming["lowest"], coming["highest"] = coming[own].min(axis=1), coming[own].max(axis=1)
    coming["seen"] = coming[own].notna().sum(axis=1)
    coming = coming.dropna(subset=["index"]).sort_values(
        ["index", "series"], ascending=[False, True]
    )
    coming = coming[["series", "index", "lowest", "highest", "seen"]].reset_index(drop=True)
    return Seasons(
        months=months, weeks=weeks, festivals=_at_festivals(daily.frame), next_month=coming,
        month=month, years=years, names=monthly.names,
        sentence=_sentence(months, coming, month, years, monthly.names),
    )  # fmt: skip


def _indices(frame: pd.DataFrame, freq: str) -> tuple[pd.DataFrame, int]:
    """Each part's index by month or week, over all years and in each."""
    length = A_YEAR[freq]
    name = "month" if freq == "M" else "week"
    rows, most = [], 0
    for key, part in frame.groupby("series", sort=False):
        index = pd.PeriodIndex(part["period"])
        days = np.asarray((index.end_time - index.start_time).days, dtype=float) + 1
        values = part["value"].to_numpy(dtype=float) / days
        years = len(values) // length
        if not years:
            continue
        used = values[-years * length :].reshape(years, length)
        growth = _growth(_means(used))
        trend = growth ** ((np.arange(years * length) + 0.5) / length)
        level = used / trend.reshape(years, length)
        means = _means(level)
        each = level / np.where(means > 0, means, np.nan)[:, None]
        ends = [str(index[-1 - length * back].end_time.date()) for back in range(years)][::-1]
        last = index[-length:]
        numbers = last.month if freq == "M" else pd.DatetimeIndex(last.end_time).isocalendar().week
        for place, number in enumerate(numbers):
            seen = each[:, place][~np.isnan(each[:, place])]
            row = {"series": key, name: int(number), "index": seen.mean() if len(seen) else np.nan}
            rows.append(row | dict(zip(ends, each[:, place], strict=True)))
        most = max(most, int(np.isfinite(means).sum()))
    if not rows or not most:
        return pd.DataFrame(columns=["series", name, "index"]), 0
    found = pd.DataFrame(rows)
    own = sorted(set(found.columns) - {"series", name, "index"})
    found = found[["series", name, "index", *own]]
    places = {key: place for place, key in enumerate(frame["series"].unique())}
    found = found.assign(place=found["series"].map(places)).sort_values(["place", name])
    return found.drop(columns="place").reset_index(drop=True), most


def _means(used: Floats) -> Floats:
    """The mean of each year, NaN where less than half of it is known."""
    known = np.isfinite(used).sum(axis=1)
    means = np.nansum(used, axis=1) / np.maximum(known, 1)
    return np.where(known * 2 >= used.shape[1], means, np.nan)


def _growth(means: Floats) -> float:
    """By how much a year sells more than the one before, on the whole."""
    known = np.flatnonzero(means > 0)
    if len(known) < 2:
        return 1.0
    return float((means[known[-1]] / means[known[0]]) ** (1 / (known[-1] - known[0])))


def _at_festivals(daily: pd.DataFrame) -> pd.DataFrame:
    """What each part sold on the days of a festival over the same weekdays around."""
    rows = []
    for key, part in daily.groupby("series", sort=False):
        index = pd.PeriodIndex(part["period"])
        values = part["value"].to_numpy(dtype=float)
        first, count = index[0].ordinal, len(values)
        years = range(index[0].year, index[-1].year + 1)
        for name, found in festivals(years).items():
            times = []
            for days in found:
                places = np.array([_ordinal(day) - first for day in days])
                near = np.concatenate([places + shift for shift in (-14, -7, 7, 14)])
                if places[0] < 0 or places[-1] >= count or near.min() < 0 or near.max() >= count:
                    continue
                usual = np.nanmean(values[near]) if np.isfinite(values[near]).any() else np.nan
                sold = np.nanmean(values[places]) if np.isfinite(values[places]).any() else np.nan
                if usual > 0 and np.isfinite(sold):
                    times.append(float(sold / usual))
            if times:
                rows.append((key, name, float(np.mean(times)), len(times), min(times), max(times)))
    columns = ["series", "festival", "index", "years", "lowest", "highest"]
    return pd.DataFrame(rows, columns=columns)


def _sentence(
    months: pd.DataFrame, coming: pd.DataFrame, month: date, years: int, names: dict[str, str]
) -> str:
    """What to promote next month, in words; or when the next season is."""
    seen = "in the one year the data hold" if years == 1 else f"over {years} years"
    strong = coming[(coming["index"] >= UNUSUAL) & (coming["lowest"] > 1)]
    if len(strong):
        best = strong.iloc[0]
        return (
            f"Promote {names.get(best['series'], best['series'])} in {month:%B}: it sells "
            f"{best['index'] - 1:.0%} more then than in a usual month, {seen}."
        )
    said = f"In {month:%B} nothing sells clearly better than in other months, {seen}."
    own = [name for name in months.columns if name not in ("series", "month", "index")]
    later = months[(months["index"] >= UNUSUAL) & (months[own].min(axis=1) > 1)].copy()
    if later.empty:
        return said
    later["wait"] = (later["month"] - month.month) % 12
    first = later.sort_values(["wait", "index"], ascending=[True, False]).iloc[0]
    name = names.get(first["series"], first["series"])
    return (
        f"{said} The next season is {date(2000, int(first['month']), 1):%B}, when {name} sells "
        f"{first['index'] - 1:.0%} more than in a usual month."
    )
