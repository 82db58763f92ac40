"""One number: the forecasts of parts of the shop add up to that of the whole shop, to the cent.

The whole shop is forecast on its own, so that its intervals come from its own summed errors: adding
up those of its parts would give far too narrow ones, since parts err together. That forecast is
kept, and its parts are made to add up to it by minimum trace reconciliation with their past errors
(see `reconcile`). Products, of which there may be thousands, are scaled within their category,
whose forecast was made to add up that way.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from analytics.forecast.arma import Floats
from analytics.forecast.backtest import POINTS
from analytics.forecast.calendar import Calendar
from analytics.forecast.fit import Forecast
from analytics.forecast.many import Many
from analytics.forecast.parts import parts
from analytics.forecast.reconcile import in_proportion, to_total
from analytics.forecast.series import By, Freq, Measure, Series, series
from analytics.store import Store

Progress = Callable[[float, str], None]

ENDS = ("lo80", "hi80", "lo95", "hi95")
TOTALS = ("total_lo80", "total_hi80")
CENT = 0.005


@dataclass(frozen=True)
class Agreed:
    """Forecasts of all parts that agree with the whole shop's.

    Attributes:
        many: The parts; their means and totals are in whole cents.
        adds_up: Whether they add up to the whole shop.
        note: How, or why not, in a sentence.
    """

    many: Many
    adds_up: bool
    note: str


def in_cents(made: Forecast) -> Forecast:
    """A forecast of the whole shop as it is shown: in whole cents, never below 0."""
    points = made.points.copy()
    points[list(POINTS)] = np.maximum(np.round(points[list(POINTS)].to_numpy(dtype=float), 2), 0.0)
    return replace(made, points=points)


def agreed(
    store: Store,
    by: By,
    total: Forecast,
    calendar: Calendar,
    freq: Freq | Literal["auto"] = "auto",
    measure: Measure = "revenue",
    as_of: date | None = None,
    *,
    jobs: int = 2,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> Agreed:
    """Forecast all parts of the shop so that they add up to its own forecast.

    Args:
        store: The shop.
        by: What the parts are.
        total: The forecast of the whole shop, of the same periods, measure and day.
        calendar: Events over the whole shop's periods and the horizon.
        freq: As for `series`.
        measure: As for `series`. Orders that hold several parts count for each, so they do not add
            up and are left as they are.
        as_of: As for `series`.
        jobs: How many at a time.
        progress: Called with the share done and what is being done.
        cancel: Set it to stop.

    Raises:
        NotEnoughDataError: No part has three periods.
        AnalyticsError: It was stopped.
    """
    whole = series(store, "total", freq, measure, as_of).of("total")
    sold = series(store, by, freq, measure, as_of)
    horizon = len(total.points)
    kept = in_cents(total).points["mean"].to_numpy(dtype=float)

    def made(of: Series, start: float = 0.0, end: float = 1.0) -> Many:
        def report(share: float, doing: str) -> None:
            if progress is not None:
                progress(start + share * (end - start), doing)

        return parts(of, whole, horizon, calendar, jobs=jobs, progress=report, cancel=cancel)

    if not _adds_up(sold, whole):
        note = "An order may hold several of them and counts for each, so they do not add up."
        return Agreed(made(sold), False, note)
    if by != "product":
        note = "They add up to the forecast of the whole shop."
        return Agreed(_to_total(made(sold), kept), True, note)
    grouped = series(store, "category", freq, measure, as_of)
    share = len(grouped.names) / (len(grouped.names) + len(sold.names))
    categories = _to_total(made(grouped, 0.0, share), kept)
    known = store.query("demand_products").dropna(subset=["category"])
    group_of = dict(zip(known["product_id"], known["category"], strict=True))
    note = (
        "The products of a category add up to its forecast, the categories to that of the whole "
        "shop; each product is scaled within its category."
    )
    return Agreed(_within(made(sold, share), categories, group_of), True, note)


def _adds_up(sold: Series, whole: "pd.Series[float]") -> bool:
    """Whether the parts' history is the whole shop's: of orders only where none holds two parts."""
    if sold.measure != "orders":
        return True
    sums = sold.frame.groupby("period")["value"].sum().reindex(whole.index).to_numpy(dtype=float)
    known = whole.notna().to_numpy()
    return bool((np.abs(sums - whole.to_numpy(dtype=float))[known] < CENT).all())


def _means(made: Many, horizon: int) -> tuple[list[str], Floats]:
    """The parts' names and their forecasts, shape (parts, horizon)."""
    names = made.points["series"].iloc[::horizon].astype(str).tolist()
    return names, made.points["mean"].to_numpy(dtype=float).reshape(-1, horizon)


def _to_total(made: Many, total: Floats) -> Many:
    names, means = _means(made, len(total))
    # Errors of the same period from several origins are one moment: its mean.
    past = made.past.assign(error=made.past["actual"] - made.past["mean"])
    wide = past.pivot_table("error", "period", "series", "mean").reindex(columns=names)
    return _moved(made, to_total(total, means, wide.to_numpy(dtype=float)), scaled=False)


def _within(made: Many, groups: Many, group_of: dict[str, str]) -> Many:
    """Scale the parts of each group to it."""
    horizon = len(made.points) // len(made.table)
    names, means = _means(made, horizon)
    group_names, totals = _means(groups, horizon)
    own = np.array([group_of.get(name, "not given") for name in names])
    before = made.table.set_index("series")["before"].reindex(names).to_numpy(dtype=float)
    found = np.zeros_like(means)
    for name, total in zip(group_names, totals, strict=True):
        rows = own == name
        spare = np.maximum(np.nan_to_num(before[rows]), 0.0)
        found[rows] = in_proportion(total, np.maximum(means[rows], 0.0), spare)
    return _moved(made, found, scaled=True)


def _moved(made: Many, means: Floats, *, scaled: bool) -> Many:
    """The parts with other means; their intervals move along."""
    points, table = made.points.copy(), made.table.copy()
    was = points["mean"].to_numpy(dtype=float)
    now = means.ravel()
    for name in ENDS:
        points[name] = _end(points[name].to_numpy(dtype=float), was, now, scaled=scaled)
    points["mean"] = now
    names = points["series"].iloc[:: means.shape[1]].astype(str)
    sums = pd.Series(np.round(means.sum(axis=1), 2), index=names)
    total = table["series"].map(sums).to_numpy(dtype=float)
    was = table["total"].to_numpy(dtype=float)
    for name in TOTALS:
        table[name] = _end(table[name].to_numpy(dtype=float), was, total, scaled=scaled)
    table["total"] = total
    table["growth"] = table["total"] / table["before"].where(table["before"] > 0) - 1
    table = table.sort_values("total", ascending=False, kind="stable").reset_index(drop=True)
    return replace(made, points=points, table=table)


def _end(end: Floats, was: Floats, now: Floats, *, scaled: bool) -> Floats:
    """An end of an interval once its mean has moved: scaled with it, or moved by as much."""
    ratio = np.divide(now, was, out=np.ones_like(now), where=was > 0)
    moved = np.where(scaled & (was > 0), end * ratio, end + now - was)
    return np.asarray(np.round(np.maximum(moved, 0.0), 2))
