"""Several results at once: one in twenty tests of nothing "wins", unless that is allowed for.

Bonferroni and Holm (Scandinavian Journal of Statistics 1979) keep the chance of even one false
winner at alpha, Benjamini and Hochberg (JRSS B 1995) the share of false ones among the winners.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.errors import AnalyticsError
from analytics.experiment.comparison import Comparison

__all__ = ["METHODS", "adjust", "adjusted"]

Method = Literal["holm", "bonferroni", "benjamini_hochberg"]
METHODS: tuple[Method, ...] = ("holm", "bonferroni", "benjamini_hochberg")


def adjust(
    results: Sequence[Comparison] | pd.DataFrame, method: Method = "holm", *, alpha: float = 0.05
) -> pd.DataFrame:
    """P-values that allow for how many were asked.

    Args:
        results: Comparisons, or a frame with the column p_value.
        method: `holm` (any false winner is costly), `bonferroni`, or `benjamini_hochberg` (looking
            through many segments for some that are worth another look).
        alpha: How often it may go wrong.

    Returns:
        DataFrame, a row a result in the same order: metric, treatment (the frame's other columns
        where a frame was given), p_value, adjusted_p_value, significant. A result that could not be
        tested has none and does not count as one of them.

    Raises:
        AnalyticsError: No such method.
    """
    if method not in METHODS:
        raise AnalyticsError(f"There is no correction {method}.", f"Choose {', '.join(METHODS)}.")
    if isinstance(results, pd.DataFrame):
        found = results.copy()
    else:
        found = pd.DataFrame(
            [(each.metric, each.treatment, each.p_value) for each in results],
            columns=["metric", "treatment", "p_value"],
        )
    found["adjusted_p_value"] = adjusted(found["p_value"].to_numpy(dtype=float), method)
    found["significant"] = found["adjusted_p_value"] <= alpha
    return found


def adjusted(p_values: npt.NDArray[np.float64], method: Method = "holm") -> npt.NDArray[Any]:
    """The same on bare numbers; NaN stays NaN."""
    made = np.full(len(p_values), np.nan)
    tested = np.flatnonzero(~np.isnan(p_values))
    order = tested[np.argsort(p_values[tested], kind="stable")]
    ascending, m = p_values[order], len(order)
    match method:
        case "bonferroni":
            changed = ascending * m
        case "holm":
            changed = np.maximum.accumulate(ascending * (m - np.arange(m)))
        case "benjamini_hochberg":
            changed = ascending * m / (np.arange(m) + 1)
            changed = np.minimum.accumulate(changed[::-1])[::-1]
    made[order] = np.minimum(changed, 1.0)
    return made
