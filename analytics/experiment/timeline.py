"""How a result came about: from day to day, and in the first half of the run against the second.

The band is always valid (see `sequential`): it may be read on any day. An effect that is there in
the first half and gone in the second is often the charm of the new.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from math import isnan

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analytics.experiment.arms import arm, guess_control, read
from analytics.experiment.compare import Comparison, compare
from analytics.experiment.metrics import HEADLINE, Metric
from analytics.experiment.metrics import metric as metric_named
from analytics.experiment.segments import heterogeneity
from analytics.store import Store

__all__ = ["Timeline", "timeline"]

UNLIKE = 0.05
FIRST, SECOND = "first half", "second half"
COLUMNS = (
    *("control_n", "treatment_n", "control_mean", "treatment_mean", "difference", "lo", "hi"),
    *("relative_difference", "relative_lo", "relative_hi", "p_value", "verdict"),
)


@dataclass(frozen=True)
class Timeline:
    """A result from day to day.

    Attributes:
        days: DataFrame, a row a day since the test began: day, control_n, treatment_n (assigned by
            then), control_mean, treatment_mean, difference (of all that was done by then), lo, hi
            (always valid; NaN where there is too little to test), relative_difference,
            relative_lo, relative_hi, p_value, verdict.
        halves: DataFrame, two rows: half, then the same columns for the customers assigned in
            either half of the run, each with a whole window; empty where a half lacks a variant.
        halves_p_value: How likely so different halves are by chance; NaN where not both can be
            tested.
        sentence: What the halves say.
    """

    days: pd.DataFrame = field(repr=False)
    halves: pd.DataFrame = field(repr=False)
    halves_p_value: float
    sentence: str


def timeline(
    store: Store,
    name: str,
    metric: str | Metric = HEADLINE,
    window_days: int | None = None,
    *,
    control: str | None = None,
    treatment: str | None = None,
    confidence: float = 0.95,
    planned_n: int | None = None,
    as_of: date | None = None,
) -> Timeline:
    """Follow a result from day to day.

    Args:
        store: The shop.
        name: The experiment.
        metric: What it is judged by.
        window_days: As for `arms`; on each day the customers of the final result count who were
            assigned by then.
        control: By default as its name tells.
        treatment: By default the first other variant.
        confidence: Of the band.
        planned_n: Customers of both arms planned; the band is narrowest there.
        as_of: As for `arms`.

    Raises:
        AnalyticsError, NotEnoughDataError: As for `arms`.
    """
    one = metric_named(metric)
    found = read(store, name, [one], window_days, ("day",), as_of=as_of)
    first = control or guess_control(found.variants)
    second = treatment or next(each for each in found.variants if each != first)

    def compared(frame: pd.DataFrame, *, daily: bool) -> Comparison:
        return compare(
            arm(frame, first),
            arm(frame, second),
            one.name,
            confidence=confidence,
            mode="always_valid" if daily else "fixed",
            planned_n=planned_n if daily else None,
            higher_is_better=one.higher_is_better,
            label=one.label[:1].lower() + one.label[1:],
            unit=one.unit,
        )

    rows = []
    for day, frame in found.arms.groupby("day", sort=True):
        if set(frame.loc[frame["n"] > 0, "variant"]) >= {first, second}:
            rows.append({"day": day} | _columns(compared(frame, daily=True)))
    arm(found.arms, first), arm(found.arms, second)
    halves = _halves(store, name, one, window_days, found.first_day, found.last_day, as_of)
    parts = {
        half: compared(frame, daily=False)
        for half, frame in halves.groupby("half", sort=True)
        if set(frame.loc[frame["n"] > 0, "variant"]) >= {first, second}
    }
    p_value = heterogeneity(list(parts.values()))
    return Timeline(
        days=pd.DataFrame(rows, columns=["day", *COLUMNS]),
        halves=pd.DataFrame(
            [{"half": half} | _columns(part) for half, part in parts.items()],
            columns=["half", *COLUMNS],
        ),
        halves_p_value=p_value,
        sentence=_sentence(p_value),
    )


def _columns(found: Comparison) -> dict[str, object]:
    return {name: getattr(found, name) for name in COLUMNS}


def _halves(
    store: Store,
    name: str,
    metric: Metric,
    window_days: int | None,
    first_day: date,
    last_day: date,
    as_of: date | None,
) -> pd.DataFrame:
    """The arms of those assigned in the first and in the second half of the run."""
    middle = first_day + timedelta(days=((last_day - first_day).days + 1) // 2)
    exposed = store.arrow("experiment_groups", experiment=name, by="first_day")
    is_early = pc.less(exposed["segment"], middle.isoformat())
    halves = pa.table(
        {"customer_id": exposed["customer_id"], "segment": pc.if_else(is_early, FIRST, SECOND)}
    )
    return read(store, name, [metric], window_days, ("half",), as_of=as_of, groups=halves).arms


def _sentence(p_value: float) -> str:
    if isnan(p_value):
        return "The halves of the run are too small to be compared."
    if p_value >= UNLIKE:
        return "The first and the second half of the run do not differ by more than chance."
    return (
        "The effect changed during the run by more than chance. Look for what changed, or run the "
        "test longer: the charm of the new may be wearing off."
    )
