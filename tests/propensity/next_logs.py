"""Logs of events whose truth is known, for the tests of next actions.

All customers go on until the log ends, so that nobody leaves.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

MINUTE_US = 60_000_000
BEGIN = pd.Timestamp("2024-03-04 09:00")
BEGIN_US = BEGIN.value // 1000
COLUMNS = ["customer_id", "at_us", "event", "product_id", "category"]
Done = tuple[str, float, str] | tuple[str, float, str, str] | tuple[str, float, str, str, str]


def moments(done: Iterable[Done]) -> pd.DataFrame:
    """Customer, minutes after the beginning, event, and where known product and category."""
    rows = [
        (who, BEGIN_US + round(minute * MINUTE_US), event, *rest, *[None] * (2 - len(rest)))
        for who, minute, event, *rest in done
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def csv(log: pd.DataFrame) -> str:
    """The same as an event file."""
    told = log.assign(occurred_at=pd.to_datetime(log["at_us"], unit="us"))
    return told[["customer_id", "occurred_at", "event", "product_id"]].to_csv(
        index=False, date_format="%Y-%m-%d %H:%M:%S"
    )


def second_order(customers: int = 60, minutes: int = 420, seed: int = 1) -> pd.DataFrame:
    """What comes next depends on whether the last two actions were the same.

    After two of a kind the other comes in 9 of 10, else the same again in 9 of 10: of the last
    action alone nothing can be told.
    """
    rng = np.random.default_rng(seed)
    done: list[Done] = []
    for who in range(customers):
        names, minute = ["view", "view"], 20 * rng.random()
        while minute < minutes:
            usual = "view" if (names[-1] == "view") != (names[-1] == names[-2]) else "cart"
            other = "cart" if usual == "view" else "view"
            names.append(usual if rng.random() < 0.9 else other)
            minute += 1 + 5 * rng.random()
            done.append((f"c{who:02}", minute, names[-1]))
    return moments(done)


def by_pace(customers: int = 60, minutes: int = 300, seed: int = 2) -> pd.DataFrame:
    """Who took less than two minutes puts it into the cart next, who took longer looks on.

    Which actions came before does not matter, so that no chain can know.
    """
    rng = np.random.default_rng(seed)
    done: list[Done] = []
    for who in range(customers):
        minute, quick = 20 * rng.random(), False
        while minute < minutes:
            minute += (gap := 0.5 + 6 * rng.random() ** 2)
            usual = "cart" if quick else "view"
            other = "view" if quick else "cart"
            done.append((f"c{who:02}", minute, usual if rng.random() < 0.9 else other))
            quick = gap < 2
    return moments(done)


def circle(
    customers: int = 40, minutes: int = 1_800, length: int = 8, seed: int = 3
) -> pd.DataFrame:
    """After so many looks one thing goes into the cart, always: only who counts can tell."""
    rng, length = np.random.default_rng(seed), 8
    done: list[Done] = []
    for who in range(customers):
        minute, place = 20 * rng.random(), int(rng.integers(length))
        while minute < minutes:
            minute += 1 + 20 * rng.random()
            place += 1
            done.append((f"c{who:02}", minute, "view" if place % length else "cart"))
    return moments(done)
