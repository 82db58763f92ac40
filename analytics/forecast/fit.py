"""A forecast of one series: its methods, their record on its own past, intervals that hold."""

from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.forecast import backtest, kinds
from analytics.forecast.arma import Floats
from analytics.forecast.backtest import POINTS, Made
from analytics.forecast.kinds import Kind

Method = Literal[
    "auto", "arima", "ets", "theta", "recent_mean", "naive", "seasonal_naive", "intermittent"
]
LABELS: dict[str, str] = {
    "combined": "Median of ARIMA, theta and the recent mean",
    "arima": "ARIMA",
    "ets": "Exponential smoothing (damped trend)",
    "theta": "Theta",
    "recent_mean": "Mean of the recent periods",
    "rule": "As last time",
    "tsb": "Size and chance of rare sales (TSB)",
    "sba": "Size over interval of rare sales (SBA)",
}
SEASONS = {"D": 7, "W": 52, "M": 12, "Q": 4}
FEWEST = 3
FEWEST_ORIGINS = 3
FEWEST_WON = 5
"""From so many starts and all the rule must have been better: by chance once in 32 times."""


@dataclass(frozen=True)
class Forecast:
    """What will sell.

    Attributes:
        points: A row a period to come: period, mean, lo80, hi80, lo95, hi95; never below 0 unless
            the history is.
        method: The method in use: combined, arima, ets, theta, recent_mean, rule, sba or tsb.
        label: The same in words.
        model: The ARIMA model in words; empty where there is none.
        order: (p, d, q) of the ARIMA model.
        seasonal_order: (P, D, Q, m) of it.
        drift: Whether it has a constant.
        aicc: Its corrected Akaike criterion; NaN where there is none.
        log_likelihood: Of the differenced series.
        model_variance: Variance of each step by the ARIMA model alone, shape (horizon,).
        backtest: A row an origin, step and method: origin (the last period seen), period, step,
            method, actual, mean, and lo80, hi80, lo95, hi95 of the method in use.
        scores: A row a method (exponential smoothing, the slowest, only when asked for), the
            best first: method, error, error_ratio, coverage_80,
            coverage_95, origins.
        verdict: Which method is used and why.
        kind: The class of the series.
        notes: What a reader should know: outliers, a change of level, gaps filled.
    """

    points: pd.DataFrame
    method: str
    label: str
    model: str
    order: tuple[int, int, int] | None
    seasonal_order: tuple[int, int, int, int] | None
    drift: bool
    aicc: float
    log_likelihood: float
    model_variance: Floats
    backtest: pd.DataFrame
    scores: pd.DataFrame
    verdict: str
    kind: Kind
    notes: tuple[str, ...]
    _covariance: Floats = field(repr=False)
    _floor: float = field(repr=False)
    _without: "Forecast | None" = field(default=None, repr=False)
    """The same without events and season, if those were put on it."""

    def total(self, steps: int | None = None) -> "pd.Series[float]":
        """The sum of the first periods: mean, lo80, hi80, lo95, hi95.

        Its interval comes from the variance of the summed error, scaled by the sums that the method
        would have missed in the past; adding up the ends of the periods' intervals would give one
        far too wide, adding up variances as if they were independent one far too narrow.
        """
        count = len(self.points) if steps is None else steps
        mean = float(self.points["mean"].iloc[:count].sum())
        # Without events and season all of the past is of one size; with them a gift season's
        # misses would speak for a calm month.
        told = self._without or self
        past = told.backtest[told.backtest["method"] == told.method]
        past = past[past["step"] <= count]
        missed = (past["actual"] - past["mean"]).groupby(past["origin"]).sum().to_numpy(float)
        usual = told._summed(count)
        scaled = np.abs(missed) / usual if usual > 0 else np.empty(0)
        spread = self._summed(count)
        prior = 3.0
        factor = np.sqrt((float(scaled @ scaled) + prior) / (len(scaled) + prior))
        narrow, wide = (1.2816 * spread * factor, 1.96 * spread * factor)
        ends = [mean - narrow, mean + narrow, mean - wide, mean + wide]
        return pd.Series([mean, *np.maximum(ends, self._floor)], index=list(POINTS))

    def _summed(self, steps: int) -> float:
        """The standard deviation of the summed error of the first periods, by the model."""
        return float(np.sqrt(max(self._covariance[:steps, :steps].sum(), 0.0)))


def fit(
    y: "pd.Series[float] | Floats | list[float]",
    horizon: int,
    season: int | None = None,
    calendar: pd.DataFrame | None = None,
    method: Method = "auto",
) -> Forecast:
    """Forecast a series.

    Args:
        y: Sales a period, the earliest first; a Series with a PeriodIndex of days, weeks or months
            without gaps, or plain numbers. NaN where they are not known (out of stock).
        horizon: How many periods to forecast.
        season: Periods a season; by default 7 days, 52 weeks or 12 months, and none for plain
            numbers.
        calendar: Events, a column each, indexed like `y` and on through the horizon. Those that
            did not happen at least twice are left out, since one time tells no effect from chance.
        method: `auto`: the median of ARIMA, theta and the recent mean, TSB where sales are rare,
            or the shopkeeper's rule where that was better; or one of the methods.

    Raises:
        NotEnoughDataError: Fewer than three periods are known.
        AnalyticsError: The horizon or method is not possible, or the calendar ends too early.
    """
    if method not in get_args(Method):
        raise AnalyticsError(
            f"There is no method “{method}”.", f"Choose one of {', '.join(get_args(Method))}."
        )
    if not 1 <= horizon <= 1_000:
        raise AnalyticsError(f"{horizon} periods are not possible.", "Choose 1 to 1,000.")
    given = y if isinstance(y, pd.Series) else pd.Series(np.asarray(y, dtype=float))
    values: Floats = np.asarray(given, dtype=np.float64)
    if np.isinf(values).any():
        raise AnalyticsError("A value of the series is infinite.", "Correct it.")
    if int((~np.isnan(values)).sum()) < FEWEST:
        raise NotEnoughDataError(
            f"Only {int((~np.isnan(values)).sum())} periods are known.",
            f"A forecast needs at least {FEWEST}; choose days instead of weeks, or wait.",
        )
    step = _season(given, season)
    regressors, future, left_out = _events(given, calendar, horizon)
    clean, notes = _cleaned(given, values, step)
    kind = kinds.kind(np.maximum(clean, 0))
    rare = method == "intermittent" or (method == "auto" and kind in ("intermittent", "lumpy"))
    floor = 0.0 if clean.min() >= 0 else -np.inf
    with_ets = method == "ets"
    judged = given.mask(values != clean)
    # Matrices are small: several threads would only wait for each other.
    with threadpool_limits(limits=1, user_api="blas"):
        now = backtest.make(clean, horizon, step, regressors, future, rare=rare, with_ets=with_ets)
        past = backtest.look_back(
            judged, clean, horizon, step, regressors, rare=rare, with_ets=with_ets
        )
    chosen, verdict, past, quantiles = _chosen(method, now, past, floor)
    points = now.points(chosen, np.column_stack(quantiles), floor)
    points.insert(0, "period", _to_come(given, horizon))
    arima = now.model
    orders = arima.model if arima else None
    return Forecast(
        points=points,
        method=chosen,
        label=LABELS[chosen],
        model=str(orders) if orders else "",
        order=(orders.p, orders.d, orders.q) if orders else None,
        seasonal_order=(
            (orders.seasonal_p, orders.seasonal_d, orders.seasonal_q, orders.season)
            if orders
            else None
        ),
        drift=bool(orders and orders.constant),
        aicc=arima.aicc if arima else np.nan,
        log_likelihood=arima.log_likelihood if arima else np.nan,
        model_variance=np.diag(now.covariance),
        backtest=past,
        scores=backtest.scores(past) if len(past) else _no_scores(),
        verdict=verdict,
        kind=kind,
        notes=(*notes, *left_out),
        _covariance=now.covariance,
        _floor=floor,
    )


def _season(y: "pd.Series[float]", season: int | None) -> int:
    if season is not None:
        if season < 1:
            raise AnalyticsError(
                f"A season of {season} periods is not possible.", "Give 1 or more."
            )
        return season
    if isinstance(y.index, pd.PeriodIndex):
        return SEASONS.get(str(y.index.freqstr)[0], 1)
    return 1


def _events(
    y: "pd.Series[float]", calendar: pd.DataFrame | None, horizon: int
) -> tuple[Floats | None, Floats | None, tuple[str, ...]]:
    """Events that happened twice or more, in the history and to come; and what is left out."""
    if calendar is None or not len(calendar.columns):
        return None, None, ()
    if len(calendar) < len(y) + horizon:
        raise AnalyticsError(
            "The calendar ends before the forecast does.",
            f"Give it for {len(y) + horizon} periods.",
        )
    values = calendar.to_numpy(dtype=float)
    history, future = values[: len(y)], values[len(y) : len(y) + horizon]
    twice = (history != 0).sum(axis=0) >= 2
    left_out = tuple(
        f"“{name}” is left out: it happened {count} times before, and its effect can be told from "
        "two on."
        for name, count in zip(calendar.columns, (history != 0).sum(axis=0), strict=True)
        if count < 2
    )
    if not twice.any():
        return None, None, left_out
    return history[:, twice], future[:, twice], left_out


def _cleaned(y: "pd.Series[float]", values: Floats, season: int) -> tuple[Floats, tuple[str, ...]]:
    """Gaps filled and impossible values set aside, with a note on each."""
    notes = []
    if gaps := int(np.isnan(values).sum()):
        notes.append(f"{gaps} periods out of stock are filled by those around them.")
    known = kinds.filled(values, season)
    strange = kinds.outliers(known, season)
    if strange:
        shown = ", ".join(f"{y.index[place]} ({known[place]:,.0f})" for place in strange[:3])
        notes.append(
            f"Set aside as outliers, {len(strange)} in all: {shown}. They are no part of what the "
            "forecast learns from."
        )
        known = known.copy()
        known[strange] = np.nan
        known = kinds.filled(known, season)
    if (shift := kinds.level_shift(known, season)) is not None:
        notes.append(f"The level changed for good around {y.index[shift]}.")
    return known, tuple(notes)


def _chosen(
    method: str, now: Made, past: pd.DataFrame, floor: float
) -> tuple[str, str, pd.DataFrame, tuple[Floats, Floats]]:
    """The method in use, why, the past with its intervals, and the intervals' widths by step."""
    horizon = len(now.covariance)
    best = "tsb" if "tsb" in now.means else "combined"
    words = {"naive": "rule", "seasonal_naive": "rule", "intermittent": "tsb", "auto": best}
    chosen = words.get(method, method)
    origins = past["origin"].nunique() if len(past) else 0
    verdict = f"{LABELS[chosen]}: the method asked for."
    if method == "auto":
        if origins < FEWEST_ORIGINS:
            verdict = (
                f"{LABELS[chosen]}: the history is too short to try it on the past, so its "
                "interval is a guess."
            )
        else:
            tried = past.assign(wrong=(past["actual"] - past["mean"]).abs())
            wrong = tried.pivot_table("wrong", "origin", "method", "sum")
            verdict, lost = _verdict(wrong[chosen], wrong["rule"], LABELS[chosen])
            if lost:
                chosen = "rule"
    mine = past[past["method"] == chosen] if len(past) else past
    narrow, wide = np.empty(horizon), np.empty(horizon)
    for step in range(1, horizon + 1):
        near = mine.loc[(mine["step"] - step).abs() <= max(1, horizon // 4)] if len(mine) else mine
        scaled = np.empty(0)
        if len(near):
            spread = near["spread"].to_numpy(float)
            error = (near["actual"] - near["mean"]).abs().to_numpy(float)
            scaled = (error / np.where(spread > 0, spread, np.nan))[spread > 0]
        narrow[step - 1], wide[step - 1] = backtest.quantiles(scaled, origins)
    if len(past):
        past = _with_intervals(past, chosen, narrow, wide, floor)
    return chosen, verdict, past, (narrow, wide)


def _verdict(
    wrong: "pd.Series[float]", of_rule: "pd.Series[float]", label: str
) -> tuple[str, bool]:
    """Which method is used and why, and whether it is the rule.

    A few starts of one series hardly tell which method is better: on real shops the combination
    kept everywhere was wrong by .80 of the rule's error, by .86 where each series took whichever
    won on its own past. So the rule must have been better from every start.

    Args:
        wrong: The sum of absolute errors of the method from each origin.
        of_rule: That of the rule.
        label: The method in words.
    """
    if not of_rule.sum() > 0:
        return f"{label}.", False
    ratio = float(wrong.sum() / of_rule.sum())
    starts = f"{len(wrong)} earlier starts"
    if ratio <= 1:
        told = f"over {starts} it was wrong by {1 - ratio:.0%} less than “as last time”."
        return f"{label}: {told}", False
    if len(wrong) >= FEWEST_WON and bool((of_rule < wrong).all()):
        told = (
            f"it was better from each of {starts}, the best method wrong by {ratio - 1:.0%} more."
        )
        return f"As last time: {told}", True
    told = f"over {starts} it was wrong by {ratio - 1:.0%} more than “as last time”, "
    return f"{label}: {told}but not from all of them, which may be chance.", False


def _with_intervals(
    past: pd.DataFrame, chosen: str, narrow: Floats, wide: Floats, floor: float
) -> pd.DataFrame:
    place = past["step"].to_numpy(int) - 1
    spread = past["spread"].to_numpy(float)
    mean = past["mean"].to_numpy(float)
    found = past.drop(columns="spread")
    for name, sign, widths in (
        ("lo80", -1, narrow), ("hi80", 1, narrow), ("lo95", -1, wide), ("hi95", 1, wide)
    ):  # fmt: skip
        ends = np.maximum(mean + sign * widths[place] * spread, floor)
        found[name] = np.where(past["method"] == chosen, ends, np.nan)
    return found


def _to_come(y: "pd.Series[float]", horizon: int) -> pd.Index:
    if isinstance(y.index, pd.PeriodIndex):
        return pd.period_range(y.index[-1] + 1, periods=horizon, freq=y.index.freq)
    return pd.RangeIndex(len(y), len(y) + horizon)


def _no_scores() -> pd.DataFrame:
    columns = ["method", "error", "error_ratio", "coverage_80", "coverage_95", "origins"]
    return pd.DataFrame(columns=columns)
