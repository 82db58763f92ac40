"""Forecasts of all parts of the shop that know of the events and the season of the year.

As for one series: what events and the season did is taken off, what is left is forecast by `many`,
and both are put on again. A part has its own season where two of its years show the same, else the
whole shop's where that would have foretold the part's last year, else none. A part with fewer than
three known periods is taken to sell its mean so far, without a range, since the whole shop's
forecast holds it too.
"""

import threading
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from analytics.forecast.backtest import POINTS
from analytics.forecast.calendar import Calendar
from analytics.forecast.many import Many, many
from analytics.forecast.series import WORDS, Series
from analytics.forecast.yearly import A_YEAR, BETTER, yearly

ENDS = list(POINTS)


def parts(
    sold: Series,
    whole: "pd.Series[float]",
    horizon: int,
    calendar: Calendar,
    *,
    jobs: int = 2,
    progress: Callable[[float, str], None] | None = None,
    cancel: threading.Event | None = None,
) -> Many:
    """Forecast every part.

    Args:
        sold: What they sold.
        whole: What the whole shop sold over the same periods.
        horizon: How many periods to come.
        calendar: Events over the whole shop's periods and the horizon.
        jobs: How many at a time.
        progress: Called with the share done and what is being done.
        cancel: Set it to stop.

    Raises:
        NotEnoughDataError: No part has three periods.
        AnalyticsError: It was stopped.
    """
    lift = calendar.lift
    first, count = lift.index[0].ordinal, len(whole)
    lifts = lift.to_numpy(dtype=np.float64)
    shop = yearly(whole / lift.iloc[:count], horizon)
    left, ahead, raw = [], {}, {}
    for key, part in sold.frame.groupby("series", sort=False):
        start = part["period"].iloc[0].ordinal - first
        scale, coming = lifts[start:count], lifts[count : count + horizon].copy()
        y = pd.Series(part["value"].to_numpy(dtype=float), index=pd.PeriodIndex(part["period"]))
        plain = y / scale
        own = yearly(plain, horizon)
        if own is not None:
            scale, coming = scale * own.history, coming * own.ahead
        elif shop is not None and _foretold(plain, shop.history[start:]):
            scale, coming = scale * shop.history[start:], coming * shop.ahead
        left.append(part.assign(value=y.to_numpy(dtype=float) / scale))
        ahead[str(key)], raw[str(key)] = coming, float(y.tail(horizon).sum())
    made = many(
        pd.concat(left, ignore_index=True), horizon, season=None if sold.freq == "D" else 1,
        jobs=jobs, progress=progress, cancel=cancel,
    )  # fmt: skip
    points = made.points.copy()
    step = points.groupby("series").cumcount().to_numpy()
    on = np.array([ahead[key][n] for key, n in zip(points["series"], step, strict=True)])
    before = points.groupby("series")["mean"].sum()
    points[ENDS] = points[ENDS].to_numpy(dtype=float) * on[:, None]
    after = points.groupby("series")["mean"].sum()
    ratio = (after / before.where(before > 0)).fillna(1.0)
    table = made.table.copy()
    by = table["series"].map(ratio).to_numpy(dtype=float)
    for name in ("total", "total_lo80", "total_hi80"):
        table[name] = table[name].to_numpy(dtype=float) * by
    table["before"] = table["series"].map(raw)
    table["growth"] = table["total"] / table["before"].where(table["before"] > 0) - 1
    made = _with_new(replace(made, points=points, table=table), sold, horizon)
    table = made.table.sort_values("total", ascending=False, kind="stable").reset_index(drop=True)
    return replace(made, table=table)


def _with_new(made: Many, sold: Series, horizon: int) -> Many:
    """The parts that are too new to forecast, at their mean so far."""
    new = sold.frame[~sold.frame["series"].isin(made.table["series"])]
    if new.empty:
        return made
    means = new.groupby("series", sort=False)["value"].mean().fillna(0.0)
    last = sold.frame["period"].max()
    points = pd.DataFrame(
        {
            "series": np.repeat(means.index.to_numpy(), horizon),
            "period": [last + step for step in range(1, horizon + 1)] * len(means),
            "mean": np.repeat(means.to_numpy(dtype=float), horizon),
        }
    )
    before = new.groupby("series", sort=False)["value"].sum().to_numpy(dtype=float)
    table = pd.DataFrame(
        {"series": means.index, "kind": "short", "method": "recent_mean",
         "total": means.to_numpy(dtype=float) * horizon, "before": before}
    )  # fmt: skip
    said = f"{len(means):,} with fewer than three known {WORDS[sold.freq]}s are taken to sell "
    return replace(
        made,
        points=pd.concat([made.points, points], ignore_index=True),
        table=pd.concat([made.table, table], ignore_index=True),
        left_out=" ".join(
            filter(None, (made.left_out, f"{said}their mean so far, without range."))
        ),
    )


def _foretold(y: "pd.Series[float]", index: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> bool:
    """Whether the shop's season would have foretold the part's last year."""
    length = A_YEAR[str(pd.PeriodIndex(y.index).freqstr)[0]]
    last = y.to_numpy(dtype=float)[-length:]
    if len(last) < length or not np.nanmean(last) > 0:
        return False
    share = last / np.nanmean(last)
    return bool(np.nansum(np.abs(share - index[-length:])) < BETTER * np.nansum(np.abs(share - 1)))
