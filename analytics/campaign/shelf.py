"""Launched campaigns, each kept with the members of both its sides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import isfinite, nan
from typing import Any

import pandas as pd
import pyarrow as pa

from analytics.errors import AnalyticsError
from analytics.store import Store, money
from analytics.store.campaigns import COLUMNS, delete_campaign, write_campaign

LONGEST_NAME = 80


@dataclass(frozen=True)
class Campaign:
    """A launched campaign.

    Attributes:
        campaign_id: What tells it from every other, also from a later one of its name.
        name: What it is called.
        kind: The kind of play; campaigns of a kind are judged together.
        channel, offer, coupon: What is sent by which way; may be empty.
        start_day: The first day that counts.
        window_days: How many days count.
        holdout_share: The share that was to be held out, 0 to 1.
        seed: Of the draw.
        margin: What is left of a unit of revenue, 0 to 1.
        cost_per_contact, fixed_cost: Money.
        rest_days: Nobody was taken whom another campaign had contacted within so many days; None
            for no such rule.
        most_contacts, cap_days: Nobody was contacted more often in so many days; None likewise.
        predicted_lift: Revenue per contacted customer expected of it (money); NaN for none.
        predicted_from: `given`, `earlier campaigns`, or empty.
        opted_out, same_address, contacted, capped: People left out at the launch, by reason.
        launched_at: When it was launched.
        treated, held_out: People on either side.
    """

    campaign_id: str
    name: str
    kind: str
    channel: str
    offer: str
    coupon: str
    start_day: date
    window_days: int
    holdout_share: float
    seed: int
    margin: float
    cost_per_contact: Decimal
    fixed_cost: Decimal
    rest_days: int | None
    most_contacts: int | None
    cap_days: int
    predicted_lift: float
    predicted_from: str
    opted_out: int
    same_address: int
    contacted: int
    capped: int
    launched_at: datetime
    treated: int
    held_out: int

    @property
    def end_day(self) -> date:
        """The first day after the window."""
        return self.start_day + timedelta(days=self.window_days)

    @property
    def cost(self) -> Decimal:
        """All that was spent on it (money): the fixed cost, and each contact's."""
        return self.fixed_cost + self.cost_per_contact * self.treated

    @property
    def left_out_sentence(self) -> str:
        """Whom the launch left out, in words."""
        counts = self.opted_out, self.same_address, self.contacted, self.capped
        return left_out_words(*counts, self.rest_days, self.most_contacts, self.cap_days)


@dataclass(frozen=True)
class Deleted:
    """A deleted campaign, as it can be put back.

    Attributes:
        campaign: The campaign.
        members: DataFrame customer_id, treated, segment, stratum.
    """

    campaign: Campaign
    members: pd.DataFrame


def campaigns(store: Store) -> pd.DataFrame:
    """The launched campaigns, the latest start first, with all that `Campaign` says."""
    found = store.query("campaigns")
    return found.iloc[::-1].reset_index(drop=True)


def find(store: Store, name: str) -> Campaign:
    """A launched campaign by its name.

    Raises:
        AnalyticsError: There is none of that name.
    """
    found = every(store)
    if name not in found:
        raise AnalyticsError(
            f"There is no campaign “{str(name)[:LONGEST_NAME]}”.", "Reload the page."
        )
    return found[name]


def every(store: Store) -> dict[str, Campaign]:
    """All launched campaigns by name, the earliest start first."""
    return {row["name"]: _campaign(row) for row in store.arrow("campaigns").to_pylist()}


def delete(store: Store, name: str) -> Deleted:
    """Delete a campaign and return it, so that it can be put back.

    Raises:
        AnalyticsError: There is none of that name.
    """
    gone = find(store, name)
    members = store.query("campaign_members", campaign_id=gone.campaign_id)
    delete_campaign(store, gone.campaign_id)
    return Deleted(gone, members)


def restore(store: Store, deleted: Deleted) -> Campaign:
    """Put a deleted campaign back as it was.

    Raises:
        AnalyticsError: Another has its name by now.
    """
    write(store, deleted.campaign, deleted.members)
    return deleted.campaign


def write(store: Store, made: Campaign, members: pd.DataFrame) -> None:
    """Keep a campaign with both its sides.

    Raises:
        AnalyticsError: Its name is taken.
    """
    values = {name: getattr(made, name) for name in COLUMNS}
    if not isfinite(made.predicted_lift):
        values["predicted_lift"] = None
    columns = ["customer_id", "treated", "segment", "stratum"]
    table = pa.Table.from_pandas(members[columns], preserve_index=False)
    write_campaign(store, values, table)


def _campaign(row: dict[str, Any]) -> Campaign:
    lift = row["predicted_lift"]
    return Campaign(
        **row
        | {
            "predicted_lift": nan if lift is None else float(lift),
            "cost_per_contact": money(row["cost_per_contact"]),
            "fixed_cost": money(row["fixed_cost"]),
        }
    )


def left_out_words(
    opted_out: int, same_address: int, contacted: int, capped: int,
    rest_days: int | None, most_contacts: int | None, cap_days: int,
) -> str:  # fmt: skip
    """Whom a rule left out, in a sentence; empty where it is nobody.

    >>> left_out_words(35, 0, 120, 0, 14, None, 30)
    'Left out: 35 asked not to be contacted; 120 were contacted within 14 days.'
    """
    one_way = "another person’s e-mail or phone"
    said: Sequence[tuple[int, str, str]] = (
        (opted_out, "asked not to be contacted", "asked not to be contacted"),
        (contacted, f"was contacted within {rest_days} days",
         f"were contacted within {rest_days} days"),
        (capped, f"was contacted {most_contacts} times or more in {cap_days} days",
         f"were contacted {most_contacts} times or more in {cap_days} days"),
        (same_address, f"has {one_way}", f"have {one_way}"),
    )  # fmt: skip
    parts = [f"{count:,} {one if count == 1 else more}" for count, one, more in said if count]
    return f"Left out: {'; '.join(parts)}." if parts else ""
