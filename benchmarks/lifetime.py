"""How fast BG/NBD is fitted to a million customers, beside the likelihood customer by customer.

    python benchmarks/lifetime.py

makes a million customers who behave as the model says (ages in whole days), fits the model as the
product does, on customers of equal figures with counts as weights, and foresees a year of each. The
naive way takes the likelihood of every customer and leaves the slope to differences; it is given
the same start. It ends with 1 if fitting takes longer than 20 seconds, or if both find different
parameters.
"""

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize, special

sys.path.insert(0, str(Path(__file__).parents[1]))
from analytics import lifetime

LONGEST_SECONDS = 20.0
PLANTED = (0.8, 60.0, 0.8, 2.5)
DAYS = 730


def customers(number: int, seed: int) -> pd.DataFrame:
    """Histories in days, all customers at once, purchase by purchase."""
    rng = np.random.default_rng(seed)
    r, alpha, a, b = PLANTED
    rate, leaves = rng.gamma(r, 1 / alpha, number), rng.beta(a, b, number)
    age = rng.integers(1, DAYS, number).astype(float)
    frequency, recency = np.zeros(number), np.zeros(number)
    going, moment = np.arange(number), np.zeros(number)
    while len(going):
        moment[going] += rng.exponential(1 / np.maximum(rate[going], 1e-12))
        going = going[moment[going] <= age[going]]
        frequency[going] += 1
        recency[going] = np.floor(moment[going])
        going = going[rng.random(len(going)) >= leaves[going]]
    monetary = np.where(frequency > 0, rng.gamma(4.0, 10.0, number), np.nan)
    return pd.DataFrame(
        {"frequency": frequency, "recency": recency, "age": age, "monetary": monetary}
    )


def naive(frame: pd.DataFrame) -> tuple[npt.NDArray[np.float64], int]:
    """The parameters by the likelihood of every customer; how often it was taken."""
    x, t_x, age = (frame[name].to_numpy() for name in ("frequency", "recency", "age"))

    def loss(logs: npt.NDArray[np.float64]) -> float:
        r, alpha, a, b = np.exp(logs)
        either = np.logaddexp(
            -(r + x) * np.log(alpha + age),
            np.where(x > 0, np.log(a) - np.log(b + np.maximum(x - 1, 0)), -np.inf)
            - (r + x) * np.log(alpha + t_x),
        )
        each = (
            special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha)
            + special.betaln(a, b + x) - special.betaln(a, b) + either
        )  # fmt: skip
        return float(-each.mean())

    start = np.log([0.3, age.mean() / 2, 0.7, 2.0])
    found = optimize.minimize(loss, start, method="L-BFGS-B", options={"ftol": 1e-12})
    return np.exp(found.x), int(found.nfev)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=1_000_000)
    asked = parser.parse_args()
    frame = customers(asked.customers, seed=1)
    groups = len(frame.drop_duplicates(["frequency", "recency", "age"]))
    print(f"{len(frame):,} customers, {groups:,} different histories; planted {PLANTED}")
    began = time.perf_counter()
    found = lifetime.fit(frame, "day")
    seconds = time.perf_counter() - began
    ours = np.array([found.r, found.alpha, found.a, found.b])
    print(f"grouped, both models: {seconds:.1f} s, {np.round(ours, 3)}")
    began = time.perf_counter()
    lifetime.foresee(found.model, frame, 365.0)
    print(f"a year of each, with ranges: {time.perf_counter() - began:.1f} s")
    began = time.perf_counter()
    theirs, taken = naive(frame)
    print(
        f"customer by customer, BG/NBD alone: {time.perf_counter() - began:.1f} s, "
        f"{np.round(theirs, 3)}, {taken} likelihoods"
    )
    same = bool(np.allclose(ours, theirs, rtol=0.02))
    print("the same parameters" if same else "DIFFERENT PARAMETERS")
    return int(not same or seconds > LONGEST_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
