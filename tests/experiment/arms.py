"""Arms frames for tests, from counts, moments or customers."""

from typing import Any

import numpy as np
import pandas as pd

from analytics.experiment import moments

__all__ = ["mean", "rate", "ratio"]


def rate(successes: int, n: int, variant: str = "A") -> pd.DataFrame:
    """A conversion rate."""
    return moments.frame(
        [moments.row(variant, "conversion_rate", "proportion", n, successes=successes)]
    )


def mean(
    values: Any, variant: str = "A", before: Any = None, metric: str = "revenue_per_visitor"
) -> pd.DataFrame:
    """A mean of customers' values, perhaps with what they did before."""
    y = np.asarray(values, dtype=float)
    found: dict[str, float] = {"value_mean": y.mean(), "value_variance": y.var(ddof=1)}
    if before is not None:
        x = np.asarray(before, dtype=float)
        found |= {"before_mean": x.mean(), "before_variance": x.var(ddof=1)}
        found["covariance_value_before"] = np.cov(y, x)[0, 1]
    return moments.frame([moments.row(variant, metric, "mean", len(y), **found)])


def ratio(values: Any, below: Any, variant: str = "A") -> pd.DataFrame:
    """An average order value of customers' revenue and orders."""
    y, d = np.asarray(values, dtype=float), np.asarray(below, dtype=float)
    row = moments.row(
        variant, "average_order_value", "ratio", len(y),
        value_mean=y.mean(), value_variance=y.var(ddof=1),
        denominator_mean=d.mean(), denominator_variance=d.var(ddof=1),
        covariance_value_denominator=np.cov(y, d)[0, 1],
    )  # fmt: skip
    return moments.frame([row])
