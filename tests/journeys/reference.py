"""Journeys by the slow way: every attempt of every person followed step by step."""

from collections import defaultdict
from collections.abc import Sequence

from tests.journeys.conftest import Event

MINUTES_A_DAY = 24 * 60


def reached(
    events: Sequence[Event],
    steps: Sequence[str],
    window_days: float,
    order: str,
    exclude: Sequence[tuple[str, int]] = (),
    unit: str = "customer",
) -> dict[str, dict[int, tuple[float, float]]]:
    """For each unit and step reached: when it was first reached, and its latest beginning."""
    found: dict[str, dict[int, tuple[float, float]]] = {}
    for name, theirs in units(events, unit).items():
        follow = _any if order == "any" else _in_order
        places = follow(theirs, steps, window_days * MINUTES_A_DAY, order == "strict", exclude)
        if places:
            found[name] = places
    return found


def units(events: Sequence[Event], unit: str) -> dict[str, list[Event]]:
    """The events of each person, or of each of their sessions."""
    people: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.customer is not None:
            people[event.customer].append(event)
    if unit == "customer":
        return people
    sessions: dict[str, list[Event]] = defaultdict(list)
    for customer, theirs in people.items():
        last, number = None, 0
        for event in sorted(theirs, key=lambda each: each.minute):
            if event.session is not None:
                sessions[f"{customer}/{event.session}"].append(event)
                continue
            if last is None or event.minute - last > 30:
                number += 1
            last = event.minute
            sessions[f"{customer}#{number}"].append(event)
    return sessions


def _in_order(
    events: list[Event],
    steps: Sequence[str],
    window: float,
    strict: bool,
    exclude: Sequence[tuple[str, int]],
) -> dict[int, tuple[float, float]]:
    best: dict[int, tuple[float, float]] = {}
    for start in {event.minute for event in events if event.event == steps[0]}:
        here = {start}
        for place, step in enumerate(steps, start=1):
            if place > 1:
                later = step in steps[: place - 1]
                here = {
                    event.minute
                    for event in events
                    if event.event == step
                    and event.minute - start <= window
                    and any(
                        (before < event.minute or (before == event.minute and not later))
                        and not any(
                            before < other.minute < event.minute
                            and (strict or (other.event, place - 1) in exclude)
                            for other in events
                        )
                        for before in here
                    )
                }
            if not here:
                break
            first = min(here)
            known = best.get(place)
            if known is None or (first, -start) < (known[0], -known[1]):
                best[place] = (first, start)
    return best


def _any(
    events: list[Event],
    steps: Sequence[str],
    window: float,
    strict: bool,  # noqa: ARG001
    exclude: Sequence[tuple[str, int]],  # noqa: ARG001
) -> dict[int, tuple[float, float]]:
    best: dict[int, tuple[float, float]] = {}
    moments = sorted({event.minute for event in events})
    for place in range(1, len(steps) + 1):
        spans = [
            (last, first)
            for first in moments
            for last in moments
            if first <= last <= first + window
            and set(steps[:place])
            <= {event.event for event in events if first <= event.minute <= last}
        ]
        if spans:
            soonest = min(last for last, _ in spans)
            best[place] = (soonest, max(first for last, first in spans if last == soonest))
    return best
