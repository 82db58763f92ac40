"""The forecasts of other libraries, for `benchmarks/forecast.py`.

    python benchmarks/forecast_rivals.py series.json found.json

runs in an environment of its own, since those libraries do not install beside pandas 3. The first
file is a list of {"y": [...], "season": m, "horizon": h, "slow": whether pmdarima tries it too};
for each series the second holds the CPU seconds, AICc, orders, coefficients and forecast of
statsforecast's AutoARIMA, the forecast of its theta, and the seconds and AICc of pmdarima.
"""

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pmdarima
from statsforecast.models import AutoARIMA, Theta


def _once(one: dict) -> dict:
    y, season, horizon = np.array(one["y"], float), one["season"], one["horizon"]
    start = time.process_time()
    model = AutoARIMA(season_length=season).fit(y)
    p, q, seasonal_p, seasonal_q, _, d, seasonal_d = (int(v) for v in model.model_["arma"])
    found = {
        "cpu_s": time.process_time() - start,
        "aicc": float(model.model_["aicc"]),
        "orders": [p, d, q, seasonal_p, seasonal_d, seasonal_q],
        "coefficients": {name: float(v) for name, v in model.model_["coef"].items()},
        "arima": [float(v) for v in model.predict(h=horizon)["mean"]],
        "theta": [float(v) for v in Theta(season_length=season).forecast(y, h=horizon)["mean"]],
    }
    if one["slow"]:
        start = time.process_time()
        usable = season if len(y) >= 2 * season + 2 else 1
        other = pmdarima.auto_arima(y, m=usable, suppress_warnings=True, error_action="ignore")
        found |= {"pmdarima_cpu_s": time.process_time() - start, "pmdarima_aicc": other.aicc()}
    return found


def main() -> None:
    """Compile first, then time."""
    warnings.simplefilter("ignore")
    _once({"y": np.arange(40.0) % 7, "season": 7, "horizon": 2, "slow": False})
    series = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    Path(sys.argv[2]).write_text(json.dumps([_once(one) for one in series]), encoding="utf-8")


if __name__ == "__main__":
    main()
