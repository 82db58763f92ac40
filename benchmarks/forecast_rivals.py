"""The forecasts of other libraries, for `benchmarks/forecast.py`.

Runs in an environment of its own, since those libraries do not install beside pandas 3:

    rivals/bin/python benchmarks/forecast_rivals.py series.json found.json

where series.json is a list of {"y": [...], "season": m, "horizon": h}; for each series it writes
the CPU seconds, AICc and forecast of statsforecast's AutoARIMA, the forecast of its AutoTheta, and
with --pmdarima the seconds and AICc of pmdarima's auto_arima.
"""

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from statsforecast.models import AutoARIMA, Theta


def main() -> None:
    warnings.simplefilter("ignore")
    series = json.loads(Path(sys.argv[1]).read_text())
    AutoARIMA(season_length=1).forecast(np.arange(20.0) % 7, h=2)
    Theta(season_length=1).forecast(np.arange(20.0) % 7, h=2)
    found = []
    for one in series:
        y, season, horizon = np.array(one["y"], float), one["season"], one["horizon"]
        start = time.process_time()
        model = AutoARIMA(season_length=season).fit(y)
        cpu_s = time.process_time() - start
        row = {
            "cpu_s": cpu_s,
            "aicc": float(model.model_["aicc"]),
            "arima": [float(v) for v in model.predict(h=horizon)["mean"]],
            "theta": [float(v) for v in Theta(season_length=season).forecast(y, h=horizon)["mean"]],
        }
        if "--pmdarima" in sys.argv:
            import pmdarima

            start = time.process_time()
            other = pmdarima.auto_arima(y, m=season, suppress_warnings=True, error_action="ignore")
            row |= {"pmdarima_cpu_s": time.process_time() - start, "pmdarima_aicc": other.aicc()}
        found.append(row)
    Path(sys.argv[2]).write_text(json.dumps(found))


if __name__ == "__main__":
    main()
