"""Customers who behave exactly as the models say, with everything about them known."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Truth:
    """Parameters of both models; periods are those of α."""

    r: float = 0.8
    alpha: float = 6.0
    a: float = 0.7
    b: float = 3.0
    p: float = 4.0
    q: float = 4.0
    gamma: float = 30.0


def simulate(
    truth: Truth, customers: int, length: float, ahead: float, seed: int
) -> tuple[pd.DataFrame, list[list[tuple[float, float]]]]:
    """Histories by the day `length`, what came in the `ahead` after it, and every purchase.

    Each customer starts at random in the first two thirds of the time.
    """
    rng = np.random.default_rng(seed)
    rows, everything = [], []
    for _ in range(customers):
        rate = rng.gamma(truth.r, 1 / truth.alpha)
        leaves = rng.beta(truth.a, truth.b)
        scale = rng.gamma(truth.q, 1 / truth.gamma)
        start = rng.uniform(0, length * 2 / 3)
        moments = [start]
        while True:
            following = moments[-1] + rng.exponential(1 / rate)
            if following > length + ahead:
                break
            moments.append(following)
            if rng.random() < leaves:
                break
        spent = rng.gamma(truth.p, 1 / scale, len(moments))
        known = np.array(moments) <= length
        x = int(known.sum()) - 1
        rows.append(
            {
                "frequency": x,
                "recency": moments[x] - start,
                "age": length - start,
                "monetary": spent[1 : x + 1].mean() if x else np.nan,
                "later_orders": len(moments) - x - 1,
                "later_revenue": spent[x + 1 :].sum(),
            }
        )
        everything.append(list(zip(moments, spent, strict=True)))
    return pd.DataFrame(rows), everything


def write_orders(
    path: Path, everything: list[list[tuple[float, float]]], first_day: date, until: float
) -> Path:
    """The purchases up to a day as an order file; a period is a day."""
    lines = ["order_id,customer_id,ordered_at,amount,currency"]
    for customer, purchases in enumerate(everything):
        for place, (moment, spent) in enumerate(purchases):
            if moment < until:
                day = first_day + timedelta(days=int(moment))
                lines.append(f"{customer}-{place},c{customer},{day},{spent:.2f},EUR")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
