"""What sold, as series without holes: by day, week or month, of the shop and of its parts.

A day without a sale is zero, with two exceptions that are not known instead: days on which a
product was out of stock (marked, or by a file of stock levels), and long stretches in which the
whole shop has no line at all (more likely a missing file than a shop that sold nothing). Only whole
periods count: the one in which the data begin and the one that is not over yet are left out, and
said.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store

By = Literal["total", "category", "brand", "channel", "country", "product"]
Freq = Literal["D", "W", "M"]
Measure = Literal["revenue", "units", "orders"]
Days = npt.NDArray[np.int64]

PERIODS: dict[str, str] = {"D": "D", "W": "W-SUN", "M": "M"}
"""Weeks run from Monday to Sunday."""
WORDS: dict[str, str] = {"D": "day", "W": "week", "M": "month"}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKS_FROM_DAYS = 182
"""From so many days on (in whole weeks) it is looked at by week; before, weeks are too few."""
LEAST_WEEKS_TO_BE_CLOSED = 8
CLOSED_SHARE = 0.02
SHORTEST_GAP_DAYS = 14
BY_CHANCE = 1e-4


@dataclass(frozen=True)
class Series:
    """What sold, by part and period.

    Attributes:
        frame: series, period, value (money, units or orders; NaN where not known), the part with
            most revenue first, without holes from a part's first sale on.
        freq: `D`, `W` (Monday to Sunday) or `M`.
        by: What the parts are.
        measure: What the values are.
        names: What each part is called, by its key, in the order of the frame.
        first_day: The first day that counts.
        until_day: The day after the last one that counts.
        left_out: Which periods at the ends are not whole, in words; empty where all are.
        closed: Weekdays on which the shop sells nothing.
        notes: What else a reader should know, in sentences.
    """

    frame: pd.DataFrame
    freq: Freq
    by: By
    measure: Measure
    names: dict[str, str]
    first_day: date
    until_day: date
    left_out: str
    closed: tuple[str, ...]
    notes: tuple[str, ...]

    def of(self, key: str) -> "pd.Series[float]":
        """The values of one part over its periods.

        Raises:
            AnalyticsError: There is no such part.
        """
        rows = self.frame[self.frame["series"] == key]
        if rows.empty:
            raise AnalyticsError(
                f"“{key}” sold nothing in any whole {WORDS[self.freq]}.",
                "Choose another one, or a later day.",
            )
        index = pd.PeriodIndex(rows["period"], name="period")
        return pd.Series(rows["value"].to_numpy(dtype=float), index=index, name=key)


def series(
    store: Store,
    by: By = "total",
    freq: Freq | Literal["auto"] = "auto",
    measure: Measure = "revenue",
    as_of: date | None = None,
) -> Series:
    """What sold before a day, by period and part of the shop.

    Args:
        store: The shop.
        by: The whole shop (`total`), or each category, brand, channel, country or product.
        freq: Periods: days, weeks from Monday to Sunday, months; `auto` takes weeks, but days
            where the data span less than 26 weeks.
        measure: Revenue (less returns and refunds), units (less returned ones) or orders.
        as_of: Only what happened before this day counts; by default the day after the last order.

    Raises:
        NotEnoughDataError: Nothing was sold before that day, or in no whole period.
        AnalyticsError: The files do not tell units.
    """
    until = _until(store, as_of)
    sold = store.query("demand_days", by=by, until_day=until)
    if sold.empty:
        raise NotEnoughDataError(
            f"Nothing was sold before {until.day} {until:%B %Y}.", "Choose a later day."
        )
    if sold[measure].isna().all():
        raise AnalyticsError(
            f"The files do not say how many {measure} were sold.",
            "Map the quantity column of the order file on the Data page, or look at revenue.",
        )
    days = _ordinals(sold["day"])
    shop_days = np.unique(days)
    first = _day(shop_days[0])
    span = _ordinal(until) - (until.weekday()) - _ordinal(first)
    chosen: Freq = freq if freq != "auto" else "W" if span >= WEEKS_FROM_DAYS else "D"
    closed = _closed(shop_days, until)
    start, end, left_out = _whole(chosen, first, until, closed)
    whole_days = shop_days[shop_days < _ordinal((end + 1).start_time.date())]
    gaps = _gaps(whole_days, closed) if len(whole_days) else []
    values = np.round(sold[measure].to_numpy(dtype=np.float64, na_value=np.nan), 4)
    worth = np.round(sold["revenue"].to_numpy(dtype=np.float64, na_value=np.nan), 4)
    names = _names(store, by)
    frame = _filled(sold["series"], days, values, chosen, start, end)
    revenue = _filled(sold["series"], days, worth, chosen, start, end)
    if frame.empty:
        raise NotEnoughDataError(
            f"There is no whole {WORDS[chosen]} with a sale before {until.day} {until:%B %Y}.",
            "Choose a later day, or look at days.",
        )
    sums = revenue.groupby("series")["value"].sum()
    ranked = sorted(sums.index, key=lambda key: (-sums[key], key))
    frame["value"] = _known(frame, chosen, gaps, _stock_outs(store) if by == "product" else {})
    places = {key: place for place, key in enumerate(ranked)}
    order = frame["series"].map(places).to_numpy()
    frame = frame.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)
    return Series(
        frame=frame, freq=chosen, by=by, measure=measure,
        names={key: names.get(key, key) for key in ranked},
        first_day=first, until_day=until, left_out=left_out,
        closed=tuple(WEEKDAYS[place] for place in closed), notes=_notes(closed, gaps),
    )  # fmt: skip


def _until(store: Store, as_of: date | None) -> date:
    """The day after the last one that the data tell of, or the as-of day where that is earlier."""
    last = store.tables().set_index("table")["last_day"]["orders"]
    if pd.isna(last):
        raise NotEnoughDataError(
            "There are no orders yet.", "Import an order file on the Data page first."
        )
    after = (pd.Timestamp(last) + timedelta(days=1)).date()
    return min(as_of, after) if as_of else after


def _ordinals(days: "pd.Series[Any]") -> Days:
    """Days since 1 January 1970."""
    return pd.to_datetime(days).to_numpy().astype("datetime64[D]").astype(np.int64)


def _day(ordinal: int) -> date:
    return date(1970, 1, 1) + timedelta(days=int(ordinal))


def _ordinal(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _weekdays(ordinals: Days) -> Days:
    """0 for Monday to 6 for Sunday."""
    return (ordinals + 3) % 7  # 1 January 1970 was a Thursday


def _closed(shop_days: Days, until: date) -> tuple[int, ...]:
    """Weekdays on which the shop sells nothing, judged on whole weeks only.

    Part of a week at the end must not change what is taken for a closed day.
    """
    start = int(shop_days[0] + (-(shop_days[0] + 3)) % 7)
    end = _ordinal(until) - (_ordinal(until) + 3) % 7
    weeks = (end - start) // 7
    if weeks < LEAST_WEEKS_TO_BE_CLOSED:
        return ()
    whole = shop_days[(shop_days >= start) & (shop_days < end)]
    open_weeks = len(np.unique((whole + 3) // 7))
    counts = np.bincount(_weekdays(whole), minlength=7)
    usual = float(np.median(counts)) / max(open_weeks, 1)
    never_by_chance = (1 - min(usual, 1)) ** open_weeks < BY_CHANCE
    if not never_by_chance:
        return ()
    return tuple(int(day) for day in np.flatnonzero(counts <= CLOSED_SHARE * open_weeks))


def _whole(
    freq: Freq, first: date, until: date, closed: tuple[int, ...]
) -> tuple[pd.Period, pd.Period, str]:
    """The first and the last whole period, and what is left out in words."""
    word, kind = WORDS[freq], PERIODS[freq]
    start, end = pd.Period(first, freq=kind), pd.Period(until - timedelta(days=1), freq=kind)
    said = []
    if _any_open(start.start_time.date(), first, closed):
        said.append(f"The {word} of {_words(first)}, in which the data begin, is left out.")
        start += 1
    if _any_open(until, (end + 1).start_time.date(), closed):
        said.append(
            f"The {word} of {_words(until - timedelta(days=1))} is left out: it is not over."
        )
        end -= 1
    return start, end, " ".join(said)


def _any_open(from_day: date, until: date, closed: tuple[int, ...]) -> bool:
    days = (until - from_day).days
    return any((from_day + timedelta(days=n)).weekday() not in closed for n in range(days))


def _words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _gaps(shop_days: Days, closed: tuple[int, ...]) -> list[tuple[int, int]]:
    """Stretches without any line in the whole shop that chance hardly explains: first, last day."""
    steps = np.diff(shop_days)
    found = []
    for place in np.flatnonzero(steps > SHORTEST_GAP_DAYS):
        missing = int(steps[place]) - 1
        open_days = missing * (7 - len(closed)) / 7
        others = int(shop_days[-1] - shop_days[0]) + 1 - missing
        usual = min(len(shop_days) / max(others * (7 - len(closed)) / 7, 1), 1.0)
        if open_days * (1 - usual) ** open_days < BY_CHANCE:
            found.append((int(shop_days[place]) + 1, int(shop_days[place + 1]) - 1))
    return found


def _periods(ordinals: Days, freq: Freq) -> Days:
    """The ordinal of the period that each day lies in."""
    moments = pd.DatetimeIndex(ordinals.astype("datetime64[D]"))
    return moments.to_period(PERIODS[freq]).asi8.astype(np.int64)


def _filled(
    keys: "pd.Series[str]", days: Days, values: npt.NDArray[np.float64], freq: Freq,
    start: pd.Period, end: pd.Period,
) -> pd.DataFrame:  # fmt: skip
    """The sums by part and period, zero where nothing sold, from each part's first sale on."""
    codes, names = pd.factorize(keys, sort=True)
    places = _periods(days, freq) - start.ordinal
    count = end.ordinal - start.ordinal + 1
    begun = np.full(len(names), np.iinfo(np.int64).max)
    np.minimum.at(begun, codes, np.maximum(places, 0))
    lengths = np.maximum(count - begun, 0)
    ends = np.cumsum(lengths)
    sums = np.zeros(int(ends[-1]) if len(ends) else 0)
    inside = (places >= 0) & (places < count)
    at = (ends - lengths)[codes] + places - begun[codes]
    np.add.at(sums, at[inside], np.nan_to_num(values[inside]))
    within = np.arange(len(sums)) - np.repeat(ends - lengths, lengths)
    every = pd.period_range(start, end, freq=PERIODS[freq])
    return pd.DataFrame(
        {
            "series": np.repeat(np.asarray(names, dtype=object), lengths),
            "period": every[np.repeat(begun, lengths) + within],
            "value": np.round(sums, 4),
        }
    ).astype({"series": "str"})


def _known(
    frame: pd.DataFrame,
    freq: Freq,
    gaps: list[tuple[int, int]],
    stock_outs: dict[str, list[tuple[int, int]]],
) -> npt.NDArray[np.float64]:
    """The values, NaN in periods of which a day is not known."""
    values = frame["value"].to_numpy(dtype=float).copy()
    ordinals = pd.PeriodIndex(frame["period"]).asi8
    for first, last in gaps:
        from_period, until_period = _periods(np.array([first, last]), freq)
        values[(ordinals >= from_period) & (ordinals <= until_period)] = np.nan
    places = frame.groupby("series", sort=False).indices if stock_outs else {}
    for key in stock_outs.keys() & places.keys():
        spans = np.array(stock_outs[key])
        own = places[key]
        begins = np.searchsorted(ordinals[own], _periods(spans[:, 0], freq))
        ends = np.searchsorted(ordinals[own], _periods(spans[:, 1], freq), side="right")
        for begin, end in zip(begins, ends, strict=True):
            values[own[begin:end]] = np.nan
    return values


def _stock_outs(store: Store) -> dict[str, list[tuple[int, int]]]:
    """The days of each product on which it was out of stock, in order."""
    found: dict[str, list[tuple[int, int]]] = {}
    marked = store.query("demand_stock_outs")
    spans = zip(_ordinals(marked["first_day"]), _ordinals(marked["last_day"]), strict=True)
    for key, (first, last) in zip(marked["product_id"], spans, strict=True):
        found.setdefault(str(key), []).append((int(first), int(last)))
    return found


def _names(store: Store, by: By) -> dict[str, str]:
    """What parts are called where their key is not their name."""
    if by == "total":
        return {"total": "Whole shop"}
    if by != "product":
        return {}
    known = store.query("demand_products").dropna(subset=["name"])
    return dict(zip(known["product_id"], known["name"], strict=True))


def _notes(closed: tuple[int, ...], gaps: list[tuple[int, int]]) -> tuple[str, ...]:
    notes = []
    if closed:
        days = " and ".join(f"{WEEKDAYS[place]}s" for place in closed)
        notes.append(f"The shop sells nothing on {days}.")
    for first, last in gaps:
        notes.append(
            f"No order at all from {_words(_day(first))} to {_words(_day(last))}: those days count "
            "as not known, not as zero. If a file is missing, import it on the Data page."
        )
    return tuple(notes)
