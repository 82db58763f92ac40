"""Who was assigned to what, and what they did: the arms of an experiment from the shop's data.

Every assigned customer counts, those without any activity as zero. Outcomes count from the moment
of the first exposure for a window of the same length for everybody; customers whose window is not
over by the as-of day do not count yet, and customers in several variants do not count at all. Both
are told. Without a window everything up to the as-of day counts; early customers then have longer
than late ones, in each variant alike. The covariate is the same outcome in as long a time before
the day of the first exposure.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeAlias

import pandas as pd
import pyarrow as pa

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.experiment import metrics as vocabulary
from analytics.experiment import moments, passes, tally
from analytics.experiment.metrics import DEFAULT, Metric
from analytics.experiment.passes import NOT_KNOWN
from analytics.store import Store

__all__ = [
    "GROUPS",
    "NOT_KNOWN",
    "Groups",
    "Readout",
    "arm",
    "arms",
    "guess_control",
    "names",
    "read",
]

GROUPS = {
    "gender": "Gender",
    "city": "City",
    "country": "Country",
    "consent": "May be contacted",
    "channel": "Channel of the last order before",
    "buyer": "Bought before, or new",
}
"""What customers can be told apart by without any other result, and what a marketer calls it."""
CONTROL = re.compile(
    r"control|hold.?out|base.?line|original|default|current|placebo|\bold\b|^no[ _-]|^none$|^a$|^0$"
    r"|对照|原版|旧版|空白",
    re.IGNORECASE,
)
Groups: TypeAlias = pd.DataFrame | pa.Table | str


@dataclass(frozen=True)
class Readout:
    """An experiment as it stands on a day.

    Attributes:
        experiment: Its name.
        as_of: Nothing on or after this day counts.
        window_days: Days from the first exposure that count; None: up to the as-of day.
        metrics: What was counted.
        arms: DataFrame, see `arms`.
        counts: DataFrame, a row a variant: variant, assigned (customers in no other variant),
            customers (those who count), not_yet (their window is not over), late (assigned on the
            as-of day or later), known (in the customers table), active (how many did, before or
            after, what most did of what was counted).
        switched: Customers in several variants, who are left out.
        first_day: Of the assignments.
        last_day: Of the assignments.
        top: DataFrame, the customers with the highest revenue, falling: variant, customer_id,
            revenue (money a customer, as a float); empty where no revenue was asked.
    """

    experiment: str
    as_of: date
    window_days: int | None
    metrics: tuple[Metric, ...]
    arms: pd.DataFrame = field(repr=False)
    counts: pd.DataFrame = field(repr=False)
    switched: int
    first_day: date
    last_day: date
    top: pd.DataFrame = field(repr=False)

    @property
    def variants(self) -> list[str]:
        """The variants, by name."""
        found: list[str] = self.counts["variant"].tolist()
        return found


def names(store: Store) -> pd.DataFrame:
    """The experiments in the shop's data.

    Returns:
        DataFrame, by name: experiment, variants (a tuple of names), customers (each once),
        first_day, last_day (dates of assignments).
    """
    found = store.query("experiment_names")
    rows = [
        (
            experiment,
            tuple(group["variant"]),
            int(group["all_customers"].iloc[0]),
            group["first_day"].min(),
            group["last_day"].max(),
        )
        for experiment, group in found.groupby("experiment", sort=True)
    ]
    columns = ["experiment", "variants", "customers", "first_day", "last_day"]
    return pd.DataFrame(rows, columns=columns)


def guess_control(variants: Sequence[str]) -> str:
    """The variant that most likely is the one to compare with: by its name, else the first.

    >>> guess_control(["new_page", "old page"]), guess_control(["B", "A"])
    ('old page', 'A')
    """
    return next((name for name in variants if CONTROL.search(name.replace("_", " "))), variants[0])


def arm(frame: pd.DataFrame, variant: str) -> pd.DataFrame:
    """The rows of one variant of the arms frame.

    Raises:
        AnalyticsError: There is no such variant.
    """
    found = frame[frame["variant"] == variant]
    if found.empty:
        there = ", ".join(f"“{name}”" for name in dict.fromkeys(frame["variant"]))
        raise AnalyticsError(f"There is no variant “{variant}”.", f"Choose one of {there}.")
    return found


def arms(
    store: Store,
    name: str,
    metrics: Sequence[str | Metric] | None = None,
    window_days: int | None = None,
    by: Sequence[str] = (),
    *,
    as_of: date | None = None,
    groups: Groups | None = None,
) -> pd.DataFrame:
    """What the customers of each variant did, a row a variant and metric.

    Args:
        store: The shop.
        name: The experiment.
        metrics: Names or `Metric`s; by default `metrics.DEFAULT`.
        window_days: Days from the first exposure that count; customers whose window is not over
            do not count yet. None: everything up to the as-of day.
        by: Told apart by one of `GROUPS` (as of the exposure, or as the shop says today), or by
            `groups`; and by `day`: as it stood at the end of each calendar day.
        as_of: Nothing on or after it counts; by default the day after the last order.
        groups: Own groups, under the name in `by`: a frame, or the name of a kept table, with
            customer_id and segment, such as the RFM scores of the day the experiment began.

    Returns:
        DataFrame: the columns of `by`, then `moments.COLUMNS`.

    Raises:
        AnalyticsError: There is no such experiment or metric, it has one variant only, or the
            window or groups make no sense.
        NotEnoughDataError: Nobody's window is over yet.
    """
    return read(store, name, metrics, window_days, by, as_of=as_of, groups=groups).arms


def read(
    store: Store,
    name: str,
    metrics: Sequence[str | Metric] | None = None,
    window_days: int | None = None,
    by: Sequence[str] = (),
    *,
    as_of: date | None = None,
    groups: Groups | None = None,
) -> Readout:
    """The same as `arms`, with what the health checks need beside it.

    Raises:
        AnalyticsError, NotEnoughDataError: As for `arms`.
    """
    asked = tuple(vocabulary.metric(one) for one in (DEFAULT if metrics is None else metrics))
    day = as_of or store.default_as_of()
    _check(asked, window_days, by, groups)
    told_apart = [one for one in by if one != "day"]
    members = _members(store, name, told_apart, groups)
    first_day, last_day = _dates(store, name)
    span = (day - first_day).days if window_days is None else window_days
    sums = passes.collect(
        store,
        asked,
        tables={"members": members},
        by_day="day" in by,
        experiment=name,
        window_days=window_days,
        as_of=day,
        from_day=first_day - timedelta(days=span),
    )
    counted = sums.sizes[sums.sizes["variant"].notna()]
    _check_found(name, counted, day, window_days)
    if "day" in by:
        until = day if window_days is None else min(day, last_day + timedelta(days=span + 1))
        days = [first_day + timedelta(days=at) for at in range((until - first_day).days)]
        rows = tally.by_day(asked, counted, sums, days)
    else:
        rows = tally.in_all(asked, counted, sums)
    frame = moments.frame(rows)
    keep = [*(["segment"] if told_apart else []), *(["day"] if "day" in by else [])]
    frame = frame[[*keep, *moments.COLUMNS]]
    if told_apart:
        frame = frame.rename(columns={"segment": told_apart[0]})
    return Readout(
        experiment=name,
        as_of=day,
        window_days=window_days,
        metrics=asked,
        arms=frame,
        counts=tally.counts(counted, sums),
        switched=int(sums.sizes["assigned"].sum() - counted["assigned"].sum()),
        first_day=first_day,
        last_day=last_day,
        top=sums.top[["variant", "customer_id", "revenue"]].astype({"revenue": "float64"}),
    )


def _check(
    asked: Sequence[Metric],
    window_days: int | None,
    by: Sequence[str],
    groups: Groups | None,
) -> None:
    """Complain of a question that makes no sense."""
    if window_days is not None and window_days < 1:
        raise AnalyticsError(
            f"A window of {window_days} days is not possible.", "Choose one day or more."
        )
    for one in asked:
        if one.retention_days and window_days is not None and one.retention_days >= window_days:
            raise AnalyticsError(
                f"“{one.label}” cannot be seen in a window of {window_days} days.",
                f"Choose a window of more than {one.retention_days} days.",
            )
    told_apart = [one for one in by if one != "day"]
    if len(told_apart) > 1:
        raise AnalyticsError(
            "Customers can be told apart by one thing at a time.", f"Choose “{told_apart[0]}” only."
        )
    if told_apart and groups is None and told_apart[0] not in GROUPS:
        raise AnalyticsError(
            f"Customers cannot be told apart by “{told_apart[0]}”.",
            f"Choose one of {', '.join(GROUPS)}, or hand over the groups.",
        )


def _members(store: Store, name: str, by: Sequence[str], groups: Groups | None) -> Groups:
    """Which customer is in which group; nobody where they are not told apart."""
    if not by:
        return pa.table(
            {column: pa.array([], pa.string()) for column in ("customer_id", "segment")}
        )
    if groups is not None:
        return groups
    return store.arrow("experiment_groups", experiment=name, by=by[0])


def _dates(store: Store, name: str) -> tuple[date, date]:
    """The first and last day of the assignments."""
    found = store.query("experiment_dates", experiment=name)
    if found.empty:
        there = [f"“{one}”" for one in names(store)["experiment"]]
        raise AnalyticsError(
            f"There is no experiment “{name}”.",
            f"Choose one of {', '.join(there)}."
            if there
            else "Import a file of assignments on the Data page first.",
        )
    first, last = (pd.Timestamp(found[column].iloc[0]) for column in ("first_day", "last_day"))
    return first.date(), last.date()


def _check_found(name: str, found: pd.DataFrame, day: date, window_days: int | None) -> None:
    """Complain of an experiment that cannot be read."""
    variants = found["variant"].unique()
    if not len(variants):
        raise AnalyticsError(
            f"Every customer of the experiment “{name}” is in several variants, so that nobody "
            "counts.",
            "Check how variants are given, and import each customer's own only.",
        )
    if len(variants) < 2:
        raise AnalyticsError(
            f"The experiment “{name}” has one variant only, “{variants[0]}”: there is nothing to "
            "compare.",
            "Import the assignments of the other variant too.",
        )
    if not found["customers"].sum():
        if found["late"].sum() == found["assigned"].sum():
            last = day - timedelta(days=1)
            raise NotEnoughDataError(
                f"All customers of “{name}” were assigned after the last day of the data, "
                f"{last.day} {last:%B %Y}.",
                "Import the orders since then.",
            )
        raise NotEnoughDataError(
            f"Nobody in “{name}” has had {window_days} whole days since they were assigned.",
            "Choose a shorter window, or import the orders since then.",
        )
