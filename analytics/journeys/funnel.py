"""Funnels: how many went from step to step within a window, who did, and how long it took.

A person enters with any occurrence of the first step, and gets as far as their furthest attempt.
The time to a step is that of the first time it was reached, from the latest beginning that led
there. Rates carry Wilson's interval (Journal of the American Statistical Association 22, 1927).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analytics.evaluate import wilson
from analytics.journeys import steps as asking
from analytics.journeys.steps import Asked, Exclusion, Order, Step, Unit
from analytics.store import Store

CODE_VERSION = 1
DAY_US, HOUR_US = 86_400_000_000, 3_600_000_000
WITHIN_HOURS = {
    "1 minute": 1 / 60,
    "10 minutes": 1 / 6,
    "1 hour": 1.0,
    "6 hours": 6.0,
    "1 day": 24.0,
    "3 days": 72.0,
    "7 days": 168.0,
    "14 days": 336.0,
    "30 days": 720.0,
    "90 days": 2160.0,
}


@dataclass(frozen=True)
class Kept:
    """A funnel's customers, kept in the store.

    Attributes:
        table: The name to hand to `store.query(tables={"reached": …})`.
        asked: What was asked.
    """

    table: str
    asked: Asked


def ask(
    steps: Sequence[str | Step],
    window_days: float = 7,
    order: Order = "sequential",
    unit: Unit = "customer",
    by: str | None = None,
    *,
    attribution: Literal["first", "last", "all"] = "first",
    exclude: Sequence[str | Step | Exclusion] = (),
    from_day: date | None = None,
    as_of: date | None = None,
) -> Asked:
    """A funnel to ask for; the arguments are those of `funnel`.

    Raises:
        AnalyticsError: It makes no sense.
    """
    asked = Asked(
        tuple(asking.as_step(step) for step in steps),
        window_days,
        order,
        unit,
        by,
        attribution,
        tuple(
            each if isinstance(each, Exclusion) else Exclusion(asking.as_step(each))
            for each in exclude
        ),
        from_day,
        as_of,
    )
    asking.check(asked)
    return asked


def funnel(
    store: Store,
    steps: Sequence[str | Step],
    window_days: float = 7,
    order: Order = "sequential",
    unit: Unit = "customer",
    by: str | None = None,
    *,
    attribution: Literal["first", "last", "all"] = "first",
    exclude: Sequence[str | Step | Exclusion] = (),
    from_day: date | None = None,
    as_of: date | None = None,
) -> pd.DataFrame:
    """How many persons, or sessions, reached each step within the window.

    Args:
        store: The shop.
        steps: Events by name, or with filters (`Step`); `purchase` is an order where the shop has
            orders (see `steps.purchases`).
        window_days: The most days from the first step to a later one; exactly so many still count.
        order: `sequential` (other events may lie between), `strict` (none may) or `any` (a step
            is reached once it and all those before it lie within one window). Events of one
            moment count in the order asked, and a kind asked for again must come strictly later.
        unit: `customer`, or `session`: by the shop's ids, else ended by 30 minutes of silence.
        by: Break it down by `channel`, `campaign`, `product_id` or `category` of the first step,
            or by `city`, `country` or `gender` of the person.
        attribution: With `by`: by the value of the `first` or `last` such event of the person, or
            by `all`, each with the attempts that began with it; then a person may count in several.
        exclude: What must not lie strictly between two steps.
        from_day: Only what happened on or after this day counts.
        as_of: Only what happened before this day counts; by default everything.

    Returns:
        DataFrame, a row a step, and a part of the breakdown, the largest first, whose name stands
        in a column named like `by` (missing where unknown): step, customers (sessions where these
        are counted), rate_previous and rate_overall (0 to 1, of those of the step before and of
        the first), lo, hi (95% interval of rate_overall), lo_previous, hi_previous (of
        rate_previous), median_hours (from the beginning). Missing where undefined.

    Raises:
        AnalyticsError: What is asked makes no sense.
        NotEnoughDataError: There is neither an event nor an order.
    """
    asked = ask(
        steps, window_days, order, unit, by,
        attribution=attribution, exclude=exclude, from_day=from_day, as_of=as_of,
    )  # fmt: skip
    return _rates(_reached(store, asked), asked)


def keep(store: Store, asked: Asked) -> Kept:
    """Who reached which step as a kept table of the store, made only if it is not there yet.

    Raises:
        NotEnoughDataError: There is neither an event nor an order.
    """
    stamp = f"{store.version}_{asked!r}_{CODE_VERSION}"
    table = store.kept("funnel", stamp)
    if table is None:
        reached = _reached(store, asked)
        labels = pa.array([step.label for step in asked.steps], pa.string())
        moments = {name: reached[f"{name}_us"].cast(pa.timestamp("us")) for name in ("start", "at")}
        frame = pa.table(
            {
                **{name: reached[name] for name in ("customer_id", "session", "value", "place")},
                "step": labels.take(pc.subtract(reached["place"], 1)),
                "started_at": moments["start"],
                "reached_at": moments["at"],
                "hours": reached["hours"],
            }
        )
        table = store.keep("funnel", stamp, frame)
    return Kept(table, asked)


def rates(store: Store, kept: Kept) -> pd.DataFrame:
    """What `funnel` returns, of a kept one."""
    return _rates(store.arrow("funnel_kept", tables={"reached": kept.table}), kept.asked)


def durations(store: Store, kept: Kept) -> pd.DataFrame:
    """How many of those who reached a step had reached it within how long.

    Returns:
        DataFrame, a row a step but the first and a time: step, within, within_hours, customers,
        reached_share (of those who reached it, 0 to 1); no times beyond the one that holds all.
    """
    told = store.arrow("funnel_kept", tables={"reached": kept.table})
    places, hours = (told[name].to_numpy() for name in ("place", "hours"))
    rows: list[dict[str, Any]] = []
    for place, step in enumerate(kept.asked.steps[1:], start=2):
        took = hours[places == place]
        for within, limit in WITHIN_HOURS.items():
            customers = int((took <= limit).sum())
            rows.append(
                {
                    "step": step.label,
                    "within": within,
                    "within_hours": limit,
                    "customers": customers,
                    "reached_share": customers / len(took) if len(took) else np.nan,
                }
            )
            if customers == len(took):
                break
    columns = ["step", "within", "within_hours", "customers", "reached_share"]
    return pd.DataFrame(rows, columns=columns)


def _reached(store: Store, asked: Asked) -> pa.Table:
    """A row a person or session and step: customer_id, session, value, place, start_us, at_us."""
    found = store.query("journey_kinds", until_day=asked.as_of)
    asking.check_known(found)
    source = asking.purchases(found, asked.unit)
    reached = store.arrow(
        "funnel",
        tables={"steps": asking.table(asked, found)},
        unit=asked.unit,
        named=asked.unit == "customer" or source == "event",
        purchases=source,
        order=asked.order,
        from_day=asked.from_day,
        until_day=asked.as_of,
        window_us=round(asked.window_days * DAY_US),
        by=asked.by,
        attribution=asked.attribution if asked.by else "none",
    )
    took = pc.subtract(reached["at_us"], reached["start_us"])
    hours = pc.divide(took.cast(pa.float64()), float(HOUR_US))
    return reached.append_column("hours", hours)


def _rates(reached: pa.Table, asked: Asked) -> pd.DataFrame:
    places, hours = (reached[name].to_numpy() for name in ("place", "hours"))
    if asked.by is None:
        return pd.DataFrame(_rows(places, hours, asked))
    parts = reached["value"].combine_chunks().dictionary_encode()
    numbers = parts.indices.to_numpy(zero_copy_only=False)
    entered = np.bincount(numbers[places == 1], minlength=len(parts.dictionary))
    names = parts.dictionary.to_pylist()
    frames = []
    for number in sorted(range(len(names)), key=lambda each: (-entered[each], names[each])):
        chosen = numbers == number
        frame = pd.DataFrame(_rows(places[chosen], hours[chosen], asked))
        frame.insert(0, asked.by, names[number] or None)
        frames.append(frame)
    if not frames:
        frames = [pd.DataFrame(_rows(places, hours, asked)).assign(**{asked.by: None}).head(0)]
    return pd.concat(frames, ignore_index=True).astype({asked.by: "str"})


def _rows(
    places: npt.NDArray[np.int64], hours: npt.NDArray[np.float64], asked: Asked
) -> list[dict[str, Any]]:
    """The rows of one part of the breakdown, a row a step."""
    customers = np.bincount(places, minlength=len(asked.steps) + 1)[1:].tolist()
    rows = []
    for place, step in enumerate(asked.steps):
        reached, before = customers[place], customers[max(place - 1, 0)]
        rate = _rate(reached, before) if place else (np.nan,) * 3
        overall = (
            _rate(reached, customers[0]) if place else (_rate(reached, reached)[0], np.nan, np.nan)
        )
        took = hours[places == place + 1]
        rows.append(
            {
                "step": step.label,
                "customers": reached,
                "rate_previous": rate[0],
                "rate_overall": overall[0],
                "lo": overall[1],
                "hi": overall[2],
                "lo_previous": rate[1],
                "hi_previous": rate[2],
                "median_hours": float(np.median(took)) if place and len(took) else np.nan,
            }
        )
    return rows


def _rate(reached: int, of: int) -> tuple[float, float, float]:
    """A rate and its 95% interval; missing where there is nobody."""
    return (reached / of, *wilson(reached, of)) if of else (np.nan, np.nan, np.nan)
