"""Whether a feature knows the future: it must be the same when the future is taken away.

Features are worked out twice for a cut-off, from the whole store and from the store without
anything dated on or after that day. A feature that differs for anybody knows something it could
not have known then, however little it tells.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.errors import AnalyticsError
from analytics.store import Store
from analytics.store.before import Before

Build = Callable[[Store, date], pd.DataFrame]
TOO_GOOD_AUC = 0.97


def audit(store: Store, cut_off: date, build: Build, built: pd.DataFrame | None = None) -> None:
    """Build features from the whole shop and from its past alone, and compare.

    Args:
        store: The shop.
        cut_off: The day they are as of.
        build: Makes the features, a row a customer with customer_id.
        built: What it made of the whole shop, where that is at hand.

    Raises:
        AnalyticsError: A feature differs, or other customers are there; names the feature.
    """
    found = build(store, cut_off) if built is None else built
    compare(found, build(Before(store, cut_off), cut_off), cut_off)


def compare(found: pd.DataFrame, before: pd.DataFrame, cut_off: date) -> None:
    """Complain where features of the whole shop differ from those of its past.

    Args:
        found: Made from everything, a row a customer with customer_id.
        before: Made from what came before the cut-off.
        cut_off: The day.

    Raises:
        AnalyticsError: As for `audit`.
    """
    day = f"{cut_off.day} {cut_off:%B %Y}"
    fix = "Work them out from what came before that day only; nothing was scored."
    one, other = (
        each.sort_values("customer_id", ignore_index=True) for each in (found, before)
    )  # fmt: skip
    if one["customer_id"].tolist() != other["customer_id"].tolist():
        raise AnalyticsError(
            f"Who is asked about on {day} depends on what happened later: "
            f"{len(one):,} customers with it, {len(other):,} without.",
            fix,
        )
    missing = sorted(set(one.columns) ^ set(other.columns))
    knowing = missing + [
        str(name)
        for name in one.columns
        if name in other.columns and not _same(one[name], other[name]).all()
    ]
    if knowing:
        named = ", ".join(f"“{name}”" for name in knowing)
        raise AnalyticsError(f"Features know what happened on or after {day}: {named}.", fix)


def _same(one: "pd.Series[Any]", other: "pd.Series[Any]") -> npt.NDArray[np.bool_]:
    both_missing = one.isna().to_numpy() & other.isna().to_numpy()
    if pd.api.types.is_numeric_dtype(one) and pd.api.types.is_numeric_dtype(other):
        values = one.to_numpy(dtype=float), other.to_numpy(dtype=float)
        same = np.isclose(*values, rtol=1e-9, atol=1e-9)
    else:
        same = (one == other).fillna(False).to_numpy(dtype=bool)
    return np.asarray(same | both_missing)


def too_good(auc: float) -> str:
    """A warning where the order is better than people can be foretold; empty otherwise."""
    if not auc > TOO_GOOD_AUC:
        return ""
    return (
        f"In {100 * auc:.1f} of 100 pairs the right customer is put first. People are seldom that "
        "predictable: check whether something in the data is written only once they have done it "
        "(such as a city that only buyers have), or whether nearly everyone answered the same way."
    )
