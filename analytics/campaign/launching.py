"""Launching a campaign: who may be addressed, who is held out, and what is kept of it."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from math import isfinite, nan
from uuid import uuid4

import pandas as pd

from analytics.campaign import shelf, words
from analytics.campaign.holdout import split
from analytics.campaign.ledger import ledger, predicted
from analytics.campaign.planning import check_share, check_window
from analytics.campaign.shelf import LONGEST_NAME, Campaign, left_out_words
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store

DAYS_AHEAD = 366
"""How long after the data's last day a campaign may start; later is taken for a slip."""
MOST = Decimal(10) ** 12
LARGEST_SEED = 2**62


@dataclass(frozen=True)
class Eligible:
    """Who of an audience a campaign may address.

    Attributes:
        frame: DataFrame of them, by customer_id: customer_id, segment, value (money, exact).
        people: How many the audience has.
        opted_out: Left out because they asked not to be contacted.
        same_address: Left out because another person in it has the same e-mail or phone: one
            address cannot be contacted and held out at once.
        contacted: Left out because an earlier campaign contacted them within the days of rest.
        capped: Left out because earlier campaigns contacted them as often as is allowed.
        left_out_sentence: Whom it left out, in words; empty where it is nobody.
        sentence: All of it in words.
    """

    frame: pd.DataFrame
    people: int
    opted_out: int
    same_address: int
    contacted: int
    capped: int
    left_out_sentence: str
    sentence: str

    @property
    def left_out(self) -> int:
        """How many people were left out."""
        return self.people - len(self.frame)


def eligible(
    store: Store,
    members: str,
    features: str,
    *,
    start: date,
    rest_days: int | None = None,
    most_contacts: int | None = None,
    cap_days: int = 30,
) -> Eligible:
    """Who of an audience may be addressed, and why the others not; each counts for one reason.

    Args:
        store: The shop.
        members: The kept table of `audience.keep`.
        features: The kept table of `profile.keep`.
        start: The day of the campaign.
        rest_days: Leave out whom another campaign contacted on that day or up to so many days
            before; None for no such rule.
        most_contacts: Leave out whom other campaigns contacted that often within
        cap_days: so many days, the start's own included; None for no such rule.

    Raises:
        AnalyticsError: A rule makes no sense.
    """
    _check_rules(rest_days, most_contacts, cap_days)
    found = store.query(
        "campaign_candidates",
        tables={"members": members, "features": features},
        start=start,
        cap_days=cap_days,
    )
    opted_out = found["opted_out"].astype(bool)
    nobody = pd.Series(False, index=found.index)
    contacted = capped = nobody
    if rest_days is not None:
        contacted = ~opted_out & (found["last_contact_days"] <= rest_days)
    if most_contacts is not None:
        capped = ~opted_out & ~contacted & (found["contacts"] >= most_contacts)
    may = found[~(opted_out | contacted | capped)]
    again = pd.Series(False, index=may.index)
    for address in ("email", "phone"):
        again |= may[address].notna() & may[address].duplicated()
    counts = int(opted_out.sum()), int(again.sum()), int(contacted.sum()), int(capped.sum())
    frame = may.loc[~again, ["customer_id", "segment", "value"]].reset_index(drop=True)
    left_out = left_out_words(*counts, rest_days, most_contacts, cap_days)
    sentence = f"{len(frame):,} of {words.people(len(found))} can be addressed. {left_out}".strip()
    return Eligible(frame, len(found), *counts, left_out, sentence)


def launch(
    store: Store,
    name: str,
    *,
    members: str,
    features: str,
    start: date,
    window_days: int = 30,
    kind: str = "",
    channel: str = "",
    offer: str = "",
    coupon: str = "",
    cost_per_contact: Decimal | float = 0,
    fixed_cost: Decimal | float = 0,
    margin: float = 1.0,
    rest_days: int | None = None,
    most_contacts: int | None = None,
    cap_days: int = 30,
    holdout_share: float = 0.2,
    seed: int | None = None,
    predicted_lift: float | None = None,
    as_of: date | None = None,
) -> Campaign:
    """Launch a campaign: draw who is held out and keep both sides with it.

    Args:
        store: The shop.
        name: What to call it.
        members: The kept table of `audience.keep`: customer_id, segment.
        features: The kept table of `profile.keep` of the same day, for the value of each customer.
        start: The first day on which orders count.
        window_days: How many days of orders count.
        kind: The kind of play, such as `win-back`; campaigns of a kind are judged together.
        channel, offer, coupon: What is sent by which way.
        cost_per_contact, fixed_cost: Money.
        margin: What is left of a unit of revenue, above 0 and up to 1.
        rest_days, most_contacts, cap_days: As for `eligible`.
        holdout_share: The share to hold out, between 0 and 1.
        seed: Of the draw; by default one that follows from the name, so that the same people are
            not held out again and again.
        predicted_lift: Revenue per contacted customer that it is expected to bring (money); by
            default what earlier campaigns of the kind brought together, if there are any.
        as_of: The day the audience is as of; by default the day after the last order.

    Raises:
        AnalyticsError: The name is taken, or something about it makes no sense.
        NotEnoughDataError: There are too few people for two sides, or no orders.
    """
    name = _checked("name", name)
    if name in shelf.every(store):
        raise AnalyticsError(f"There already is a campaign “{name}”.", "Choose another name.")
    given = {"kind": kind, "channel": channel, "offer": offer, "coupon": coupon}
    texts = {label: _checked(label, text) for label, text in given.items()}
    check_share(holdout_share)
    check_window(window_days)
    _check_start(store, start, as_of)
    costs = [_cost(one) for one in (cost_per_contact, fixed_cost)]
    if not 0 < margin <= 1:
        raise AnalyticsError(
            "The margin must be above 0% and at most 100% of revenue.", "Give one such as 40%."
        )
    if predicted_lift is not None and not isfinite(predicted_lift):
        raise AnalyticsError("The predicted lift is no number.", "Give one, or leave it empty.")
    drawn = default_seed(name) if seed is None else seed
    if not 0 <= drawn < LARGEST_SEED:
        raise AnalyticsError("The seed is negative or too large.", "Give a number from 0 up.")
    found = eligible(
        store, members, features, start=start, rest_days=rest_days,
        most_contacts=most_contacts, cap_days=cap_days,
    )  # fmt: skip
    if found.frame.empty:
        raise NotEnoughDataError(
            f"Nobody of this audience can be addressed. {found.left_out_sentence}"
            if found.people
            else "Nobody is in this audience.",
            "Choose another audience, or loosen its contact rule.",
        )
    sides = split(found.frame, holdout_share, drawn)
    lift = predicted(ledger(store), texts["kind"]) if predicted_lift is None else predicted_lift
    told = "given" if predicted_lift is not None else "earlier campaigns" if isfinite(lift) else ""
    made = Campaign(
        uuid4().hex, name, **texts, start_day=start, window_days=int(window_days),
        holdout_share=float(holdout_share), seed=drawn, margin=float(margin),
        cost_per_contact=costs[0], fixed_cost=costs[1], rest_days=rest_days,
        most_contacts=most_contacts, cap_days=cap_days,
        predicted_lift=float(lift) if isfinite(lift) else nan, predicted_from=told,
        opted_out=found.opted_out, same_address=found.same_address, contacted=found.contacted,
        capped=found.capped, launched_at=datetime.now().replace(microsecond=0),
        treated=int(sides["treated"].sum()), held_out=int((~sides["treated"]).sum()),
    )  # fmt: skip
    shelf.write(store, made, sides)
    return made


def default_seed(name: str) -> int:
    """A seed that follows from a campaign's name.

    >>> default_seed("Spring") == default_seed("Spring") != default_seed("Autumn")
    True
    """
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:6], "big")


def _checked(label: str, text: str) -> str:
    text = text.strip()
    if not text and label == "name":
        raise AnalyticsError("The campaign has no name yet.", "Give it one.")
    if len(text) > LONGEST_NAME or not (text.isprintable() or not text):
        raise AnalyticsError(
            f"The {label} is too long, or has line breaks or characters that cannot be seen.",
            f"Give one of at most {LONGEST_NAME} letters.",
        )
    return text


def _check_start(store: Store, start: date, as_of: date | None) -> None:
    """The start lies on or after the audience's day, and not far after the data's last one."""
    last = store.default_as_of()
    first = as_of or last
    if start < first:
        raise AnalyticsError(
            f"The campaign would start before {words.day(first)}, the day its audience is as of.",
            "Start it on that day or later, or choose an earlier as-of day.",
        )
    if start > last + timedelta(days=DAYS_AHEAD):
        raise AnalyticsError(
            f"The campaign would start more than a year after the last data, of "
            f"{words.day(last - timedelta(days=1))}.",
            "Choose an earlier day.",
        )


def _check_rules(rest_days: int | None, most_contacts: int | None, cap_days: int) -> None:
    if rest_days is not None and rest_days < 0:
        raise AnalyticsError("Days of rest cannot be negative.", "Give 0 or more.")
    if most_contacts is not None and most_contacts < 1:
        raise AnalyticsError(
            "With fewer than one contact allowed nobody could be addressed.", "Allow 1 or more."
        )
    if cap_days < 1:
        raise AnalyticsError("Contacts must be counted over at least a day.", "Give 1 day or more.")


def _cost(value: Decimal | float) -> Decimal:
    try:
        cost = Decimal(str(value))
    except InvalidOperation:
        cost = Decimal("NaN")
    if not cost.is_finite() or not 0 <= cost < MOST:
        raise AnalyticsError("A cost is negative or no number.", "Give 0 or more.")
    return round(cost, 4)
