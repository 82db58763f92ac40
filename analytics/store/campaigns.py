"""Launched campaigns and their members: what is written of them."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from analytics.errors import AnalyticsError
from analytics.store.store import Store

COLUMNS = (
    *("campaign_id", "name", "kind", "channel", "offer", "coupon", "start_day", "window_days"),
    *("holdout_share", "seed", "margin", "cost_per_contact", "fixed_cost", "rest_days"),
    *("most_contacts", "cap_days", "predicted_lift", "predicted_from", "opted_out"),
    *("same_address", "contacted", "capped", "launched_at"),
)
"""What is kept of a campaign beside its members."""


def write_campaign(store: Store, campaign: Mapping[str, Any], members: pa.Table) -> None:
    """Keep a campaign and the members of both its sides, or nothing.

    Args:
        store: The shop.
        campaign: A value for each of `COLUMNS`.
        members: customer_id, treated, segment, stratum.

    Raises:
        AnalyticsError: Its name is taken.
    """
    marks = ", ".join(f"${place + 1}" for place in range(len(COLUMNS)))
    with store.transaction(new_version=False) as cursor:
        named = "SELECT 1 FROM campaigns WHERE name = $1"
        if cursor.execute(named, [campaign["name"]]).fetchall():
            raise AnalyticsError(
                f"There already is a campaign “{campaign['name']}”.", "Choose another name."
            )
        cursor.execute(
            f"INSERT INTO campaigns ({', '.join(COLUMNS)}) VALUES ({marks})",
            [campaign[name] for name in COLUMNS],
        )
        cursor.register("incoming_members", members)
        cursor.execute(
            "INSERT INTO campaign_members SELECT $1, customer_id, treated, segment, stratum "
            "FROM incoming_members",
            [campaign["campaign_id"]],
        )
        cursor.unregister("incoming_members")


def delete_campaign(store: Store, campaign_id: str) -> None:
    """Take a campaign and its members away."""
    with store.transaction(new_version=False) as cursor:
        for table in ("campaign_members", "campaigns"):
            cursor.execute(f"DELETE FROM {table} WHERE campaign_id = $1", [campaign_id])
