"""Rows of the arms frame from the sizes of the arms and the store's sums."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from analytics.experiment.metrics import Metric
from analytics.experiment.passes import Sums
from analytics.experiment.sums import added, cap_of, capped, has_cap, row, zero

__all__ = ["by_day", "counts", "in_all"]


def in_all(asked: Sequence[Metric], counted: pd.DataFrame, sums: Sums) -> list[dict[str, Any]]:
    """The rows of the arms frame, not by day."""
    cap = cap_of(sums.top["revenue"].tolist(), sums.buyers)
    rows = []
    sizes = counted.groupby(["segment", "variant"], sort=True, as_index=False)["customers"].sum()
    for segment, variant, n in sizes.to_numpy().tolist():
        for place, metric in enumerate(asked):
            totals = sums.totals.get((variant, segment, place, None), zero(metric))
            made = row(metric, variant, int(n), totals, has_before=place in sums.with_before)
            if has_cap(metric):
                own = (sums.top["variant"] == variant) & (sums.top["segment"] == segment)
                made |= capped(int(n), totals, sums.top.loc[own, "revenue"].tolist(), cap)
            rows.append({"segment": segment} | made)
    return rows


def by_day(
    asked: Sequence[Metric], counted: pd.DataFrame, sums: Sums, days: Sequence[date]
) -> list[dict[str, Any]]:
    """The rows of the arms frame as they stood at the end of each day."""
    rows = []
    for _, group in counted.groupby(["segment", "variant"], sort=True):
        segment, variant = str(group["segment"].iloc[0]), str(group["variant"].iloc[0])
        new = group.groupby(pd.to_datetime(group["day"]))["customers"].sum()
        sizes = new.reindex(pd.to_datetime(list(days)), fill_value=0).cumsum()
        for place, metric in enumerate(asked):
            totals = zero(metric)
            for day, n in zip(days, sizes, strict=True):
                more = sums.totals.get((variant, segment, place, day))
                totals = totals if more is None else added(totals, more)
                made = row(metric, variant, int(n), totals, has_before=place in sums.with_before)
                rows.append({"segment": segment, "day": pd.Timestamp(day)} | made)
    return rows


def counts(counted: pd.DataFrame, sums: Sums) -> pd.DataFrame:
    """What there is of each variant; see `arms.Readout`."""
    found = counted.groupby("variant", sort=True)[["assigned", "customers", "late", "known"]].sum()
    found.insert(2, "not_yet", found["assigned"] - found["customers"])
    found["active"] = [
        max((n for (name, _), n in sums.active.items() if name == variant), default=0)
        for variant in found.index
    ]
    return found.reset_index()
