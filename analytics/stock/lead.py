"""How long a delivery takes, product by product."""

import numpy as np

from analytics.errors import AnalyticsError
from analytics.stock.formulas import Floats

LeadTime = float | tuple[float, float]


def lead_times(own: Floats, given: LeadTime | None) -> tuple[Floats, Floats, str]:
    """Lead time of each product, its variance, and a sentence on those that are assumed.

    Args:
        own: Days, as the product file says; NaN where it does not.
        given: Days, or the shortest and the longest, for the others; by default their median.

    Raises:
        AnalyticsError: None is known and none is given, or it makes no sense.
    """
    missing = np.isnan(own) | (own < 0)
    lead, variance = np.where(missing, 0.0, own), np.zeros(len(own))
    if not missing.any():
        return lead, variance, ""
    if given is None and missing.all():
        raise AnalyticsError(
            "The product file does not say how long a delivery takes.",
            "Enter the lead time in days, or map its column on the Data page.",
        )
    shortest, longest = (
        given if isinstance(given, tuple)
        else (given, given) if given is not None
        else (float(np.median(own[~missing])),) * 2
    )  # fmt: skip
    if not 0 <= shortest <= longest <= 730:
        raise AnalyticsError(
            "A delivery takes 0 to 730 days, and the shortest no longer than the longest.",
            "Correct the lead time.",
        )
    lead[missing] = (shortest + longest) / 2
    variance[missing] = ((longest - shortest + 1) ** 2 - 1) / 12
    assumed = f"{shortest:g}" if shortest == longest else f"{shortest:g} to {longest:g}"
    note = f"The lead time of {missing.sum():,} products is not known; {assumed} days are assumed."
    return lead, variance, note
