"""What each method would have forecast in the past, and how wide intervals must be to hold.

From several origins each method forecasts what came after, having seen only what came before
(rolling origins, Tashman 2000). Errors of the method in use, over the standard deviations that the
ARIMA model gives, say how far to stretch its intervals (split conformal prediction, Vovk et al.
2005, per horizon pooled with its neighbours), since a model's own are too narrow: they leave out
that its form is a guess.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from analytics.forecast import arima, rivals, stepwise
from analytics.forecast.arima import Arima
from analytics.forecast.arma import Floats

ORIGINS = 6
LEAST_PERIODS = 10
LEVELS = (0.8, 0.95)
PRIOR = 2.0
"""So many origins' worth of the normal distribution's quantiles are mixed in."""
COMBINED = ("arima", "theta", "recent_mean")
RARE = ("sba", "tsb")
POINTS = ("mean", "lo80", "hi80", "lo95", "hi95")
PAST = ["origin", "period", "step", "method", "actual", "mean", "spread"]


@dataclass(frozen=True)
class Made:
    """All methods' forecasts from one origin.

    Attributes:
        means: Method to its forecast, shape (horizon,).
        covariance: Of the errors, by the ARIMA model, shape (horizon, horizon).
        model: That model; None for rare sales.
    """

    means: dict[str, Floats]
    covariance: Floats
    model: Arima | None

    def points(self, method: str, widths: Floats, floor: float) -> pd.DataFrame:
        """One method's forecast with its intervals.

        Args:
            method: One of `means`, or `combined`.
            widths: For each step how many standard deviations hold 80% and 95% of errors, shape
                (horizon, 2).
            floor: Nothing is below it.

        Returns:
            DataFrame mean, lo80, hi80, lo95, hi95.
        """
        mean = combine(self.means) if method == "combined" else self.means[method]
        narrow, wide = (widths * np.sqrt(np.diag(self.covariance))[:, None]).T
        ends = (mean, mean - narrow, mean + narrow, mean - wide, mean + wide)
        return pd.DataFrame(
            {name: np.maximum(end, floor) for name, end in zip(POINTS, ends, strict=True)}
        )


def rule(y: Floats, horizon: int, season: int) -> Floats:
    """The shopkeeper's: last week's same day, last year's same week or month, or the last one."""
    if season <= rivals.LONGEST_SHORT_SEASON or len(y) >= 2 * season:
        return rivals.seasonal_naive(y, horizon, season)
    return rivals.naive(y, horizon)


def make(
    y: Floats,
    horizon: int,
    season: int,
    regressors: Floats | None = None,
    future: Floats | None = None,
    *,
    rare: bool = False,
    like: Arima | None = None,
    with_arima: bool = True,
    with_ets: bool = True,
) -> Made:
    """Every method's forecast from the end of a series.

    Events are taken off by their coefficients in the ARIMA model before the others see the series,
    and put back on, so that a median of methods does not average them away.

    Args:
        y: The series, without gaps.
        horizon: How many periods.
        season: Periods a season.
        regressors: Events of the history, shape (n, k).
        future: Their values to come, shape (horizon, k).
        rare: Whether sales are rare, so that ARIMA and theta make no sense.
        like: A model whose orders are taken instead of a search.
        with_arima: Whether to fit one.
        with_ets: Whether to try exponential smoothing beside.
    """
    smooth = ("recent_mean", "theta", *(("ets",) if with_ets else ()))
    if rare or not with_arima:
        names = ("recent_mean", *RARE) if rare else smooth
        means = {name: rivals.RIVALS[name](y, horizon, season) for name in names}
        means["rule"] = rule(y, horizon, season)
        changes = np.diff(y) if len(y) > 1 else np.zeros(1)
        spread = float(np.std(y)) if rare else float(np.std(changes)) / np.sqrt(2)
        return Made(means, np.eye(horizon) * spread**2, None)
    if like is None:
        model = stepwise.search(y, season, regressors=regressors)
    else:
        model = arima.follow(like, y, regressors)
    mean, covariance = model.forecast(horizon, future)
    effect, effect_ahead = np.zeros(len(y)), np.zeros(horizon)
    if regressors is not None and future is not None:
        beta = model.beta[int(model.model.constant) :]
        effect, effect_ahead = regressors @ beta, future @ beta
    plain = y - effect
    means = {"arima": mean}
    for name in smooth:
        means[name] = rivals.RIVALS[name](plain, horizon, season) + effect_ahead
    if season > rivals.LONGEST_SHORT_SEASON and len(y) >= 2 * season:
        means["recent_mean"] = rivals.seasonal_naive(plain, horizon, season) + effect_ahead
    means["rule"] = rule(y, horizon, season)
    return Made(means, covariance, model)


def combine(means: dict[str, Floats]) -> Floats:
    """The median of ARIMA, theta and the recent mean; for rare sales TSB."""
    if "tsb" in means:
        return means["tsb"]
    return np.asarray(np.median([means[name] for name in COMBINED if name in means], axis=0))


def cuts(n: int, horizon: int, season: int) -> list[int]:
    """Where to look back from: up to six ends of a history, the earliest first."""
    short = season if season <= 12 else 1
    least = max(LEAST_PERIODS, 2 * short + 2, (n - horizon) // 2)
    last = n - horizon
    if last < least:
        return []
    count = min(ORIGINS, last - least + 1)
    return sorted({round(place) for place in np.linspace(least, last, count)})


def look_back(
    y: "pd.Series[float]",
    clean: Floats,
    horizon: int,
    season: int,
    regressors: Floats | None = None,
    *,
    rare: bool = False,
    with_arima: bool = True,
    with_ets: bool = True,
) -> pd.DataFrame:
    """Each method's forecasts from earlier origins, beside what came.

    Args:
        y: The series as it is; periods that are not known are not judged.
        clean: The series the methods see, without gaps.
        horizon: How many periods from each origin.
        season: Periods a season.
        regressors: Events of the history; from an origin only those seen twice by then are used.
        rare: As for `make`.
        with_arima: As for `make`.
        with_ets: As for `make`.

    Returns:
        DataFrame origin, period, step, method, actual, mean, spread (standard deviation by the
        ARIMA model); without rows where the history is too short.
    """
    parts = []
    like = None
    actual = y.to_numpy(dtype=float)
    for cut in cuts(len(clean), horizon, season):
        known = ahead = None
        if regressors is not None:
            twice = (regressors[:cut] != 0).sum(axis=0) >= 2
            known, ahead = regressors[:cut] * twice, regressors[cut : cut + horizon] * twice
        made = make(
            clean[:cut], horizon, season, known, ahead, rare=rare, like=like,
            with_arima=with_arima, with_ets=with_ets,
        )  # fmt: skip
        like = like or made.model
        means = made.means if rare else {**made.means, "combined": combine(made.means)}
        for name, mean in means.items():
            parts.append(
                pd.DataFrame(
                    {
                        "origin": y.index[cut - 1],
                        "period": y.index[cut : cut + horizon],
                        "step": np.arange(1, horizon + 1),
                        "method": name,
                        "actual": actual[cut : cut + horizon],
                        "mean": mean,
                        "spread": np.sqrt(np.diag(made.covariance)),
                    }
                )
            )
    if not parts:
        return pd.DataFrame(columns=PAST)
    found = pd.concat(parts, ignore_index=True)
    return found[found["actual"].notna()].reset_index(drop=True)


def quantiles(scaled: Floats, origins: int) -> tuple[float, float]:
    """How many standard deviations hold 80% and 95% of errors, pooled and shrunk to the normal's.

    Args:
        scaled: Absolute errors over their standard deviations, any shape.
        origins: From how many origins they come.
    """
    found = []
    for level in LEVELS:
        usual = float(ndtri(0.5 + level / 2))
        reached = usual
        if scaled.size:
            share = min(1.0, level * (1 + 1 / scaled.size))
            reached = float(np.quantile(scaled, share))
        found.append((origins * reached + PRIOR * usual) / (origins + PRIOR))
    return found[0], max(found[1], found[0])


def scores(table: pd.DataFrame) -> pd.DataFrame:
    """Each method's error beside the rule's.

    Args:
        table: A row an origin, step and method: method, actual, mean and, for the method in use,
            lo80, hi80, lo95, hi95.

    Returns:
        DataFrame method, error (sum of absolute errors over sales), error_ratio (to the rule's),
        coverage_80, coverage_95 (NaN but for the method in use), origins; the best first.
    """
    rows = []
    for method, part in table.groupby("method", sort=False):
        actual = part["actual"]
        inside = {
            f"coverage_{level}": float(
                ((actual >= part[f"lo{level}"]) & (actual <= part[f"hi{level}"])).mean()
            )
            if part[f"lo{level}"].notna().all()
            else np.nan
            for level in (80, 95)
        }
        total = float(actual.abs().sum())
        wrong = float((actual - part["mean"]).abs().sum())
        rows.append(
            {"method": method, "error": wrong / total if total else np.nan, **inside,
             "origins": part["origin"].nunique()}
        )  # fmt: skip
    found = pd.DataFrame(rows)
    of_rule = float(found.loc[found["method"] == "rule", "error"].iloc[0])
    found.insert(2, "error_ratio", found["error"] / of_rule if of_rule > 0 else np.nan)
    return found.sort_values("error", kind="stable").reset_index(drop=True)
