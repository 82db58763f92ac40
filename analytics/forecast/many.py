"""Hundreds to thousands of series at once, each class of them decided and calibrated as a whole.

What one series' own past says of methods is mostly chance: choosing for each the last winner was
worse than the plain median of methods on real shops. So series are classed, the method of a class
is the one that was best on the past of all its series together, and their intervals come from the
errors of the class, by horizon.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.forecast import backtest, kinds
from analytics.forecast.arma import Floats
from analytics.forecast.fit import FEWEST, LABELS, SEASONS
from analytics.forecast.widths import widths

Progress = Callable[[float, str], None]

RARE_KINDS = ("intermittent", "lumpy")
ARIMA_FOR = 500
AT_A_TIME = 20
NO_PAST = pd.DataFrame(columns=["series", *backtest.PAST]).astype(
    dict.fromkeys(("step", "actual", "mean", "spread"), float)
)


@dataclass(frozen=True)
class Many:
    """Forecasts of many series.

    Attributes:
        points: A row a series and period to come: series, period, mean, lo80, hi80, lo95, hi95.
        table: A row a series: series, kind, method, total, total_lo80, total_hi80 (of all periods
            to come), before (what the same number of periods brought last), growth (of the total
            over that; NaN where nothing sold).
        classes: A row a kind: kind, series, method, error_ratio (of its method to the rule's, over
            all its series), coverage_80, coverage_95, verdict.
        left_out: A sentence on series that could not be forecast, or got a simpler method; empty
            where there are none.
        past: A row a series, origin and step of its past: series, origin, period, step, actual,
            mean (of the method in use).
    """

    points: pd.DataFrame
    table: pd.DataFrame
    classes: pd.DataFrame
    left_out: str
    past: pd.DataFrame


@dataclass(frozen=True)
class _Studied:
    name: str
    kind: kinds.Kind
    made: backtest.Made
    past: pd.DataFrame
    last: Any
    before: float
    floor: float


def many(
    frame: pd.DataFrame,
    horizon: int,
    season: int | None = None,
    *,
    arima_for: int = ARIMA_FOR,
    jobs: int = 2,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> Many:
    """Forecast many series.

    Args:
        frame: Columns series, period and value, a row a series and period; the periods of a series
            follow each other without gaps. NaN where a value is not known.
        horizon: How many periods.
        season: Periods a season; by default that of the periods' length.
        arima_for: Of more series only so many, those with the largest sums, get an ARIMA model
            among their methods.
        jobs: How many at a time.
        progress: Called with the share done and what is being done.
        cancel: Set it to stop.

    Raises:
        NotEnoughDataError: No series has three periods.
        AnalyticsError: It was stopped.
    """
    sums = frame.groupby("series", sort=False)["value"].sum().sort_values(ascending=False)
    with_arima = set(sums.index[:arima_for])
    tasks = [
        (str(name), part.set_index("period")["value"], name in with_arima)
        for name, part in frame.groupby("series", sort=False)
        if int(part["value"].notna().sum()) >= FEWEST
    ]
    if not tasks:
        raise NotEnoughDataError(
            "No series has three known periods.", "Choose shorter periods, or wait."
        )
    studied = []
    # Matrices are small: several threads would only wait for each other, nine times as long.
    with threadpool_limits(limits=1, user_api="blas"):
        for one in _run(tasks, horizon, season, jobs):
            if cancel is not None and cancel.is_set():
                raise AnalyticsError("The forecast was stopped.", "Start it again when you like.")
            studied.append(one)
            if progress is not None:
                progress(len(studied) / len(tasks), f"Forecasting {len(tasks):,} series")
    return _pooled(studied, horizon, len(sums), arima_for)


def _run(
    tasks: list[tuple[str, "pd.Series[float]", bool]], horizon: int, season: int | None, jobs: int
) -> Iterator[_Studied]:
    """The studied series, as they are ready, in order."""
    batches = [tasks[start : start + AT_A_TIME] for start in range(0, len(tasks), AT_A_TIME)]
    if jobs == 1 or len(batches) == 1:
        for task in tasks:
            yield _study(*task, horizon, season)
        return
    run = joblib.Parallel(n_jobs=jobs, return_as="generator")
    for done in run(joblib.delayed(_studied)(batch, horizon, season) for batch in batches):
        yield from done


def _studied(
    tasks: list[tuple[str, "pd.Series[float]", bool]], horizon: int, season: int | None
) -> list[_Studied]:
    return [_study(*task, horizon, season) for task in tasks]


def _study(
    name: str, y: "pd.Series[float]", with_arima: bool, horizon: int, season: int | None
) -> _Studied:
    """One series: its class, all methods' forecasts, and their past."""
    if season is None:
        period = y.index[0]
        season = SEASONS.get(str(period.freqstr)[0], 1) if isinstance(period, pd.Period) else 1
    values = np.asarray(y, dtype=np.float64)
    first = int(np.argmax(values != 0))
    if len(values) - first >= FEWEST:
        # Before its first sale a product was not there to be bought.
        y, values = y.iloc[first:], values[first:]
    clean = kinds.filled(values, season).copy()
    if strange := kinds.outliers(clean, season):
        clean[strange] = np.nan
        clean = kinds.filled(clean, season)
    kind = kinds.kind(np.maximum(clean, 0))
    rare = kind in RARE_KINDS
    model = with_arima and kind in ("smooth", "erratic")
    made = backtest.make(clean, horizon, season, rare=rare, with_arima=model, with_ets=False)
    past = backtest.look_back(
        y, clean, horizon, season, rare=rare, with_arima=model, with_ets=False
    )
    floor = 0.0 if clean.min() >= 0 else -np.inf
    return _Studied(name, kind, made, past, y.index[-1], float(clean[-horizon:].sum()), floor)


def _pooled(studied: list[_Studied], horizon: int, given: int, arima_for: int) -> Many:
    points, rows, classes, pasts = [], [], [], []
    for kind in dict.fromkeys(one.kind for one in studied):
        group = [one for one in studied if one.kind == kind]
        pasts_of = [one.past.assign(series=one.name) for one in group if len(one.past)]
        past = pd.concat(pasts_of or [NO_PAST], ignore_index=True)
        method, ratio, verdict = _method(kind, past)
        mine = past[past["method"] == method]
        wide = widths(mine, [one.name for one in group], horizon)
        reach = _total_width(group, mine, horizon)
        for one in group:
            found = _points(one, method, wide[one.name])
            points.append(found)
            total = _total(one, found, reach)
            rows.append({"series": one.name, "kind": kind, "method": method, **total})
        pasts.append(mine[["series", "origin", "period", "step", "actual", "mean"]])
        coverage = _coverage(mine, wide)
        classes.append(
            {"kind": kind, "series": len(group), "method": method, "error_ratio": ratio,
             **coverage, "verdict": verdict}
        )  # fmt: skip
    said = []
    if given > len(studied):
        said.append(f"{given - len(studied):,} series have fewer than three periods.")
    if given > arima_for:
        said.append(
            f"Beyond the {arima_for:,} largest series the ARIMA model is not among the methods."
        )
    return Many(
        points=pd.concat(points, ignore_index=True),
        table=pd.DataFrame(rows).sort_values("total", ascending=False).reset_index(drop=True),
        classes=pd.DataFrame(classes),
        left_out=" ".join(said),
        past=pd.concat(pasts, ignore_index=True),
    )


def _usual(kind: str) -> str:
    return "tsb" if kind in RARE_KINDS else "combined"


def _method(kind: str, past: pd.DataFrame) -> tuple[str, float, str]:
    """The method of a class, its error beside the rule's, and a sentence.

    Rare sales are judged by their sums over the horizon: period by period the forecast “nothing”
    wins, which orders nothing.
    """
    method = _usual(kind)
    if past.empty:
        return method, np.nan, f"{LABELS[method]}: too little history to try it on the past."
    both = past[past["method"].isin([method, "rule"])]
    if kind in RARE_KINDS:
        both = both.groupby(["series", "origin", "method"])[["actual", "mean"]].sum().reset_index()
    wrong = (both["actual"] - both["mean"]).abs().groupby(both["method"]).sum()
    ratio = float(wrong[method] / wrong["rule"]) if wrong["rule"] > 0 else np.nan
    if ratio > 1:
        return "rule", 1.0, f"As last time: the best method was wrong by {ratio - 1:.0%} more."
    return method, ratio, f"{LABELS[method]}: wrong by {1 - ratio:.0%} less than “as last time”."


def _points(one: _Studied, method: str, widths: Floats) -> pd.DataFrame:
    found = one.made.points(method, widths, one.floor)
    found.insert(0, "period", [one.last + step for step in range(1, len(found) + 1)])
    found.insert(0, "series", one.name)
    return found


def _total_width(group: list[_Studied], past: pd.DataFrame, horizon: int) -> float:
    """How many standard deviations of the summed error hold 80% of the sums missed in the past."""
    sums = (
        past.assign(missed=past["actual"] - past["mean"], variance=past["spread"] ** 2)
        .groupby(["series", "origin"], sort=False)
        .agg(missed=("missed", "sum"), variance=("variance", "sum"), steps=("step", "size"))
    )
    # A sum of fewer periods, where some are not known, says nothing of the whole.
    whole = sums[sums["steps"] == horizon]
    together = whole.index.get_level_values("series").map(
        {one.name: _togetherness(one) for one in group}
    )
    usual = np.sqrt(whole["variance"].to_numpy(dtype=float) * np.asarray(together, dtype=float))
    missed = whole["missed"].abs().to_numpy(dtype=float)
    return backtest.quantiles(missed[usual > 0] / usual[usual > 0], len(sums))[0]


def _togetherness(one: _Studied) -> float:
    """By the model, the variance of the summed error over the sum of its periods' variances."""
    covariance = one.made.covariance
    apart = float(np.trace(covariance))
    return max(float(covariance.sum()), 0.0) / apart if apart > 0 else 1.0


def _total(one: _Studied, points: pd.DataFrame, reach: float) -> dict[str, float]:
    """The sum of all periods, its interval from past errors of such sums."""
    total = float(points["mean"].sum())
    spread = float(np.sqrt(max(one.made.covariance.sum(), 0.0))) * reach
    return {
        "total": total,
        "total_lo80": max(total - spread, one.floor),
        "total_hi80": total + spread,
        "before": one.before,
        "growth": total / one.before - 1 if one.before > 0 else np.nan,
    }


def _coverage(past: pd.DataFrame, wide: dict[str, Floats]) -> dict[str, float]:
    """How many past errors the intervals hold."""
    if past.empty:
        return {"coverage_80": np.nan, "coverage_95": np.nan}
    number, names = pd.factorize(past["series"])
    reach = np.stack([wide[name] for name in names])[number, past["step"].to_numpy(int) - 1]
    missed = (past["actual"] - past["mean"]).abs().to_numpy(float)
    share = (missed[:, None] <= reach * past["spread"].to_numpy(float)[:, None]).mean(axis=0)
    return {"coverage_80": float(share[0]), "coverage_95": float(share[1])}
