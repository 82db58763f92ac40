"""Paths: what people do next after an event, or did before it, session by session.

A session goes by the shop's own id, else 30 minutes of silence end it. Repeats of an event in a row
count as one. Events of one moment stand in the order in which they usually come, the asked start
first and the asked end last, so that the figures agree with the funnel's.
"""

from dataclasses import dataclass
from datetime import date

import pandas as pd
import pyarrow as pa

from analytics.errors import AnalyticsError
from analytics.journeys import steps as asking
from analytics.store import Store

CODE_VERSION = 1
MOST_STEPS = 10
OTHER = "other"


@dataclass(frozen=True)
class KeptPaths:
    """The moves of all sessions, kept in the store.

    Attributes:
        table: The name to hand to `store.query(tables={"moves": …})`.
        backwards: Whether they are counted backwards from the end.
        sessions: How many sessions the paths are of.
    """

    table: str
    backwards: bool
    sessions: int


def paths(
    store: Store,
    start: str | None = None,
    end: str | None = None,
    steps: int = 5,
    *,
    from_day: date | None = None,
    as_of: date | None = None,
) -> pd.DataFrame:
    """Where sessions go from an event, or come from to it.

    Args:
        store: The shop.
        start: From the first such event of a session; by default from its first event.
        end: Up to the first such event after the start, in those sessions that have one; without
            a start, backwards from the last one.
        steps: Moves at most, 1 to 10.
        from_day: Only what happened on or after this day counts.
        as_of: Only what happened before this day counts; by default everything.

    Returns:
        DataFrame, a row a move, the most frequent of each step first: step (1 for the move from
        the start, 2 for the next; -1 for the move to the end where that alone is asked for),
        from_event (missing: the session began), to_event (missing: it ended), sessions, share (of
        all sessions with the path, 0 to 1).

    Raises:
        AnalyticsError: Start and end are the same, or there are too many steps.
        NotEnoughDataError: There is neither an event nor an order.
    """
    return moves(store, keep_paths(store, start, end, steps, from_day=from_day, as_of=as_of))


def keep_paths(
    store: Store,
    start: str | None = None,
    end: str | None = None,
    steps: int = 5,
    *,
    from_day: date | None = None,
    as_of: date | None = None,
) -> KeptPaths:
    """The moves behind `paths` as a kept table of the store, made only if it is not there yet.

    Raises:
        AnalyticsError, NotEnoughDataError: As for `paths`.
    """
    if not 1 <= steps <= MOST_STEPS:
        raise AnalyticsError(f"{steps} steps are not possible.", f"Choose 1 to {MOST_STEPS}.")
    if start is not None and start == end:
        raise AnalyticsError(
            f"A path from “{start}” to “{end}” goes nowhere.", "Choose another end, or none."
        )
    stamp = f"{store.version}_{start!r}_{end!r}_{steps}_{from_day}_{as_of}_{CODE_VERSION}"
    table = store.kept("paths", stamp)
    if table is None:
        found = store.query("journey_kinds", until_day=as_of)
        asking.check_known(found)
        source = asking.purchases(found, "session")
        events = sorted(found["event"].unique(), key=asking.usual_place)
        made = store.arrow(
            "path_moves",
            tables={
                "usual": pa.table(
                    {"event": pa.array(events), "place": pa.array(range(len(events)), pa.int64())}
                )
            },
            from_event=start,
            to_event=end,
            steps=steps,
            named=source == "event",
            purchases=source,
            from_day=from_day,
            until_day=as_of,
        )
        day = made["at_us"].cast(pa.timestamp("us")).cast(pa.date32(), safe=False)
        table = store.keep("paths", stamp, made.drop_columns(["at_us"]).append_column("day", day))
    sums = store.query("path_sums", tables={"moves": table})
    anchored = int(sums.loc[sums["place"] == 0, "sessions"].sum())
    return KeptPaths(table, start is None and end is not None, anchored)


def moves(store: Store, kept: KeptPaths) -> pd.DataFrame:
    """What `paths` returns, of kept ones."""
    sums = store.query("path_sums", tables={"moves": kept.table})
    step = (sums["place"] + 1).astype("int64")
    ends = ["next_event", "event"] if kept.backwards else ["event", "next_event"]
    return pd.DataFrame(
        {
            "step": -step if kept.backwards else step,
            "from_event": sums[ends[0]],
            "to_event": sums[ends[1]],
            "sessions": sums["sessions"].astype("int64"),
            "share": sums["sessions"] / kept.sessions if kept.sessions else sums["sessions"] * 1.0,
        }
    )


def gathered(found: pd.DataFrame, top: int = 5) -> pd.DataFrame:
    """The same with the rarer events of each place on the path as one, `other`.

    Args:
        found: What `paths` returns.
        top: How many events a place keeps by name.

    Returns:
        DataFrame with the columns of `found`; the sessions of each step add up to the same.
    """
    if found.empty:
        return found
    backwards = bool((found["step"] < 0).any())
    near, far = ("to_event", "from_event") if backwards else ("from_event", "to_event")
    distance = found["step"].abs()
    places = pd.concat(
        [
            pd.DataFrame({"place": distance, "event": found[far], "sessions": found["sessions"]}),
            pd.DataFrame(
                {"place": distance - 1, "event": found[near], "sessions": found["sessions"]}
            )[distance == 1],
        ]
    ).dropna(subset="event")
    totals: pd.DataFrame = places.groupby(["place", "event"])[["sessions"]].sum().reset_index()
    ranked = totals.sort_values(["place", "sessions", "event"], ascending=[True, False, True])
    named = set(ranked.groupby("place").head(top)[["place", "event"]].itertuples(index=False))
    shown = found.copy()
    for column, place in ((near, distance - 1), (far, distance)):
        shown[column] = [
            event if pd.isna(event) or (at, event) in named else OTHER
            for at, event in zip(place, found[column], strict=True)
        ]
    keys = ["step", "from_event", "to_event"]
    sums: pd.DataFrame = (
        shown.groupby(keys, dropna=False)[["sessions", "share"]].sum().reset_index()
    )
    sums["distance"] = sums["step"].abs()
    rows = sums.sort_values(
        by=["distance", "sessions", *keys], ascending=[True, False, True, True, True]
    )
    return rows.drop(columns="distance").reset_index(drop=True)
