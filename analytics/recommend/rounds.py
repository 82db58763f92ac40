"""Rounds of recommendations with a left-out group, and what they brought.

At the start everyone's lists are kept as they are, and a part of the people, drawn by chance, is
not shown theirs. What both sides buy of their own lists afterwards is compared: the left-out tell
what would have been bought anyway, and only the difference is what showing them brought. Everybody
counts on the side chance put them on, whether or not they looked at anything.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.profile import words
from analytics.recommend.feedback import feedback_version, never_shown
from analytics.recommend.kept import Kept
from analytics.store import Store
from analytics.store.feedback import delete_round, write_round

LEFT_OUT_SHARE = 0.1
WINDOW_DAYS = 28
LONGEST_NAME = 80
FEWEST = 20
"""People there must be on each side; fewer prove nothing."""
DAYS_AHEAD = 366
"""How long after the data's last day a round may start; later is taken for a slip."""


@dataclass(frozen=True)
class Round:
    """A round as it was started.

    Attributes:
        round_id: What tells it from all others.
        name: What it is called.
        job: What its lists are for.
        label: The method that made them, in words.
        n: Products in a list, at most.
        start_day: The first day whose orders count.
        window_days: How many days count.
        left_out_share: The share left out that was asked for.
        seed: Of the draw.
        opted_out: Not in it, because they asked not to be contacted.
        same_address: Not in it, because another person in it has the same e-mail or phone.
        started_at: When.
        contacted: People who are shown their list; who turned out to be one person counts once.
        left_out: People who are not.
    """

    round_id: str
    name: str
    job: str
    label: str
    n: int
    start_day: date
    window_days: int
    left_out_share: float
    seed: int
    opted_out: int
    same_address: int
    started_at: datetime
    contacted: int
    left_out: int

    @property
    def end_day(self) -> date:
        """The first day after the window."""
        return self.start_day + timedelta(days=self.window_days)


def start_round(
    store: Store,
    name: str,
    kept: Kept,
    *,
    at: datetime,
    left_out_share: float = LEFT_OUT_SHARE,
    window_days: int = WINDOW_DAYS,
    start_day: date | None = None,
    seed: int | None = None,
) -> Round:
    """Draw who is left out and keep everyone's lists with the round.

    Args:
        store: The shop.
        name: What to call it.
        kept: Everyone's recommendations, as `keep` returned them.
        at: The moment.
        left_out_share: The share of people who are not shown theirs, between 0 and 1.
        window_days: How many days of orders count.
        start_day: The first of them; by default the day the recommendations are as of.
        seed: Of the draw; by default one that follows from the name, so that the same people are
            not left out again and again.

    Raises:
        AnalyticsError: The name is taken, or something about it makes no sense.
        NotEnoughDataError: There are too few people for two sides.
        StoreError: Newer recommendations have taken the place of these.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise AnalyticsError(
            "The round has no name yet, or one that is too long.",
            f"Give it one of at most {LONGEST_NAME} letters.",
        )
    if not 0 < left_out_share < 1:
        raise AnalyticsError(
            "The share left out must lie between 0% and 100%.", "Choose one such as 10%."
        )
    if not 1 <= window_days <= 366:
        raise AnalyticsError(
            f"A window of {window_days} days is not possible.", "Choose 1 to 366 days."
        )
    first = start_day or kept.as_of
    if not kept.as_of <= first <= kept.as_of + timedelta(days=DAYS_AHEAD):
        raise AnalyticsError(
            f"The lists are as of {words.day(kept.as_of)}, so the round cannot start on "
            f"{words.day(first)}.",
            "Start it on that day or in the year after it.",
        )
    people = store.query("round_candidates", tables={"recommendations": kept.table})
    may, opted_out, same_address = _addressable(people)
    drawn = _seed_of(name) if seed is None else seed
    shown = draw(len(may), left_out_share, drawn)
    facts = {
        "round_id": uuid4().hex, "name": name, "job": kept.job, "label": kept.label, "n": kept.n,
        "start_day": first, "window_days": int(window_days),
        "left_out_share": float(left_out_share), "seed": drawn, "opted_out": opted_out,
        "same_address": same_address, "started_at": at,
    }  # fmt: skip
    members = pa.table({"customer_id": pa.array(may, pa.string()), "shown": pa.array(shown)})
    write_round(store, facts, members, kept.table)
    return find_round(store, name)


def draw(people: int, left_out_share: float, seed: int) -> Any:
    """Who is shown their list: everybody but a share, drawn by chance.

    Returns:
        Array of True (shown) and False (left out), shape (people,).

    Raises:
        NotEnoughDataError: A side would have fewer than 20 people.
    """
    left_out = round(people * left_out_share)
    if min(left_out, people - left_out) < FEWEST:
        raise NotEnoughDataError(
            f"Of {people:,} people {left_out:,} would be left out: too few on one side to prove "
            "anything.",
            f"Choose a share that leaves at least {FEWEST} on each side.",
        )
    shown = np.ones(people, dtype=bool)
    shown[np.random.default_rng(seed).permutation(people)[:left_out]] = False
    return shown


def rounds(store: Store) -> list[Round]:
    """All rounds, the latest start first."""
    return [Round(**row) for row in reversed(store.arrow("rounds").to_pylist())]


def find_round(store: Store, name: str) -> Round:
    """A round by its name.

    Raises:
        AnalyticsError: There is none of that name.
    """
    for one in rounds(store):
        if one.name == name:
            return one
    raise AnalyticsError(f"There is no round “{name[:LONGEST_NAME]}”.", "Reload the page.")


def forget_round(store: Store, one: Round) -> None:
    """Delete a round with its lists."""
    delete_round(store, one.round_id)


def round_lists(store: Store, one: Round) -> str:
    """The lists of those who are shown theirs, as a kept table.

    They are as they were at the start, less what a customer is never to be shown by now.

    Returns:
        The name to hand to `store.query("recommend_list", tables={"recommendations": …})`.
    """
    stamp = f"{one.round_id}_{store.version}_{feedback_version(never_shown(store))}"
    kept = store.kept("round_lists", stamp)
    if kept is None:
        found = store.arrow("round_lists", round_id=one.round_id)
        kept = store.keep("round_lists", stamp, found)
    return kept


def _addressable(people: pd.DataFrame) -> tuple[list[str], int, int]:
    """Who can be in a round, and how many cannot: opted out, or another's e-mail or phone."""
    opted_out = people["opted_out"].astype(bool)
    may = people[~opted_out]
    again = pd.Series(False, index=may.index)
    for address in ("email", "phone"):
        again |= may[address].notna() & may[address].duplicated()
    return may.loc[~again, "customer_id"].tolist(), int(opted_out.sum()), int(again.sum())


def _seed_of(name: str) -> int:
    """A seed that follows from a round's name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:6], "big")
