"""Whether the arms are as large as they should be.

A test whose arms differ in size by more than chance has lost or counted twice some of its
customers, and seldom evenly, so that its result is not to be believed (Fabijan et al., KDD 2019).
"""

from collections.abc import Sequence
from math import nan

import numpy as np
from scipy import special

from analytics.errors import AnalyticsError

__all__ = ["sample_ratio"]


def sample_ratio(
    observed: Sequence[float], weights: Sequence[float], *, corrected: bool = False
) -> float:
    """How likely sizes at least so uneven are by chance: chi-square of the planned shares.

    Args:
        observed: Customers of each arm.
        weights: The share each should have, in any unit; an arm with 0 is left out.
        corrected: Yates' correction, for two arms.

    Returns:
        The p-value; NaN with fewer than two arms or no customer.

    Raises:
        AnalyticsError: A share is negative or missing.
    """
    sizes, shares = np.asarray(observed, dtype=float), np.asarray(weights, dtype=float)
    if len(sizes) != len(shares) or not np.isfinite(shares).all() or (shares < 0).any():
        raise AnalyticsError(
            "The planned shares do not fit the variants.",
            "Give each variant a share of 0 or more.",
        )
    sizes, shares = sizes[shares > 0], shares[shares > 0]
    if len(sizes) < 2 or not sizes.sum():
        return nan
    planned = sizes.sum() * shares / shares.sum()
    apart = np.abs(sizes - planned)
    if corrected:
        apart = np.maximum(apart - 0.5, 0.0)
    return float(special.chdtrc(len(sizes) - 1, (apart**2 / planned).sum()))
