"""What is known at each step, as numbers: nothing of it comes later than the step itself."""

import numpy as np
import numpy.typing as npt

from analytics.propensity.next_chain import contexts
from analytics.propensity.next_moments import UNKNOWN, Flags, Ints, Steps

Singles = npt.NDArray[np.float32]

BACK = 5
"""So many last actions are told one by one."""
GAPS = 3
DAY_US, HOUR_US = 86_400_000_000, 3_600_000_000


def pairs(actions: int) -> int:
    """How many of the last features tell the last two actions together."""
    return actions**2


def matrix(steps: Steps) -> tuple[Singles, tuple[str, ...]]:
    """Features of each step, and what they are called; shape (n, features).

    They are the last actions one by one; the time since the steps before, since the
    visit began and since each kind of action (logarithms of seconds; 0 and a mark of its own where
    there was none); how often each was done in all, in this visit and lately; hour and day of the
    week; and whether product and category are the ones before and how often they were met.
    Last, the last two actions together, of which trees know without being told (see `pairs`).
    """
    count, actions = len(steps), len(steps.actions)
    first, places = steps.first, np.arange(count)
    columns: dict[str, npt.NDArray[np.generic]] = {}
    names = steps.actions
    done = np.eye(actions, dtype=np.float32)[steps.kind]
    for back in range(BACK):
        at = places - back
        inside = at >= first
        earlier = np.where(inside[:, None], done[np.maximum(at, 0)], 0)
        for code, name in enumerate(names):
            columns[f"{name} {back} back"] = earlier[:, code]
    for back in range(1, GAPS + 1):
        at = places - back
        gap = steps.at_us - steps.at_us[np.maximum(at, 0)]
        columns[f"seconds since {back} back"] = np.where(at >= first, _log_seconds(gap), 0)
    visit = _visit_starts(steps)
    columns["seconds of visit"] = _log_seconds(steps.at_us - steps.at_us[visit])
    columns["steps of visit"] = np.log1p(places - visit)
    columns["steps in all"] = np.log1p(places - first)
    so_far = np.cumsum(done, axis=0, dtype=np.float64)
    before_all = so_far[first] - done[first]
    before_visit = so_far[visit] - done[visit]
    recent = np.maximum(places - 19, first)
    before_recent = so_far[recent] - done[recent]
    for code, name in enumerate(names):
        times = so_far[:, code] - before_all[:, code]
        columns[f"{name}, times"] = np.log1p(times)
        columns[f"{name}, share"] = (times + 1) / (places - first + 1 + actions)
        columns[f"{name}, times in visit"] = np.log1p(so_far[:, code] - before_visit[:, code])
        columns[f"{name}, times of 20"] = so_far[:, code] - before_recent[:, code]
        latest = np.maximum.accumulate(np.where(steps.kind == code, places, UNKNOWN))
        met = latest >= first
        since = steps.at_us - steps.at_us[np.maximum(latest, 0)]
        columns[f"{name}, seconds since"] = np.where(met, _log_seconds(since), 0)
        columns[f"{name}, never"] = ~met
    hour = (steps.at_us % DAY_US) / HOUR_US
    for turns in (1, 2, 3):
        angle = 2 * np.pi * turns * hour / 24
        columns[f"hour, sine {turns}"] = np.sin(angle)
        columns[f"hour, cosine {turns}"] = np.cos(angle)
    columns["weekend"] = (steps.at_us // DAY_US + 3) % 7 >= 5  # 1 January 1970 was a Thursday.
    for name, thing in (("product", steps.product), ("category", steps.category)):
        columns |= _met(steps, name, thing, first)
    pair = contexts(steps, 2)
    for before in range(actions):
        for last in range(actions):
            number = last + 1 + (before + 1) * (actions + 1)
            columns[f"{names[before]}, {names[last]}"] = pair == number
    whole = np.column_stack([np.asarray(each, np.float32) for each in columns.values()])
    return whole, tuple(columns)


def _log_seconds(microseconds: Ints) -> npt.NDArray[np.float64]:
    return np.asarray(np.log1p(np.maximum(microseconds, 0) / 1e6))  # Others' are left out later.


def _visit_starts(steps: Steps) -> Ints:
    """Where each step's visit begins; a leave still belongs to the visit it ends."""
    before = np.r_[UNKNOWN, steps.kind[:-1]] == len(steps.actions) - 1
    begins = before | np.r_[True, steps.customer[1:] != steps.customer[:-1]]
    return np.maximum.accumulate(np.where(begins, np.arange(len(steps)), 0))


def _met(steps: Steps, name: str, thing: Ints, first: Ints) -> dict[str, npt.NDArray[np.generic]]:
    """How the product or category of a step relates to those before it."""
    known: Flags = thing != UNKNOWN
    places = np.arange(len(steps))
    found: dict[str, npt.NDArray[np.generic]] = {f"{name} known": known}
    # The place before this one at which the customer met any: leaves tell none.
    latest = np.maximum.accumulate(np.where(known, places, UNKNOWN))
    before = np.r_[UNKNOWN, latest[:-1]]
    met = before >= first
    found[f"same {name}"] = known & met & (thing[np.maximum(before, 0)] == thing)
    again = known & met
    again &= np.r_[False, found[f"same {name}"][:-1].astype(bool)] & found[f"same {name}"]
    found[f"same {name} twice"] = again
    met_times = _times_before(steps.customer, thing, np.ones(len(steps), np.float64), known)
    found[f"{name} met before, times"] = np.log1p(met_times)
    for code, action in enumerate(steps.actions[:-1]):
        own = (steps.kind == code).astype(np.float64)
        found[f"{name} met before, {action}"] = _times_before(steps.customer, thing, own, known) > 0
    return found


def _times_before(
    customer: Ints, thing: Ints, counted: npt.NDArray[np.float64], known: Flags
) -> npt.NDArray[np.float64]:
    """How much was counted of the same customer and thing at earlier steps; 0 where unknown."""
    order = np.lexsort((thing, customer))  # A stable sort: steps of a pair stay in time's order.
    begins = np.r_[
        True,
        (customer[order][1:] != customer[order][:-1]) | (thing[order][1:] != thing[order][:-1]),
    ]
    before = np.cumsum(counted[order]) - counted[order]
    start = np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))
    found = np.empty(len(order))
    found[order] = before - before[start]
    return np.where(known, found, 0.0)
