"""What is said of recommended products, and rounds of recommendations: what is written of them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import duckdb
import pyarrow as pa

from analytics.errors import AnalyticsError, StoreError
from analytics.store.kept import quote
from analytics.store.store import Store

ROUND_COLUMNS = (
    *("round_id", "name", "job", "label", "n", "start_day", "window_days", "left_out_share"),
    *("seed", "opted_out", "same_address", "started_at"),
)
"""What is kept of a round beside its members and their lists."""


def write_feedback(
    store: Store,
    customer_id: str,
    product_id: str,
    verdict: str | None,
    day: date | None = None,
    given_at: datetime | None = None,
) -> None:
    """Write down what is said of a product for a customer, in the place of what was said before.

    Args:
        store: The shop.
        customer_id: Who; what was said under another id of theirs is replaced, too.
        product_id: What.
        verdict: `up`, `down` or `never`; None takes back what was said.
        day: The shop's day.
        given_at: The moment.
    """
    with store.transaction(new_version=False) as cursor:
        cursor.execute(
            """
            DELETE FROM feedback
            WHERE product_id = $2 AND customer_id IN (
                SELECT $1
                UNION SELECT customer_id FROM same_person WHERE other_id = $1
                UNION SELECT other_id FROM same_person
                WHERE customer_id = $1 OR customer_id IN (
                    SELECT customer_id FROM same_person WHERE other_id = $1))
            """,
            [customer_id, product_id],
        )
        if verdict is not None:
            cursor.execute(
                "INSERT INTO feedback VALUES ($1, $2, $3, $4, $5)",
                [customer_id, product_id, verdict, day, given_at],
            )


def write_round(
    store: Store, facts: Mapping[str, Any], members: pa.Table, recommendations: str
) -> None:
    """Keep a round, its members and their lists as they are, or nothing.

    Args:
        store: The shop.
        facts: A value for each of `ROUND_COLUMNS`.
        members: customer_id, shown.
        recommendations: The kept table of everyone's recommendations.

    Raises:
        AnalyticsError: Its name is taken.
        StoreError: Newer recommendations have taken the place of these.
    """
    marks = ", ".join(f"${place + 1}" for place in range(len(ROUND_COLUMNS)))
    with store.transaction(new_version=False) as cursor:
        named = "SELECT 1 FROM rounds WHERE name = $1"
        if cursor.execute(named, [facts["name"]]).fetchall():
            raise AnalyticsError(
                f"There already is a round “{facts['name']}”.", "Choose another name."
            )
        cursor.execute(
            f"INSERT INTO rounds ({', '.join(ROUND_COLUMNS)}) VALUES ({marks})",
            [facts[name] for name in ROUND_COLUMNS],
        )
        cursor.register("incoming_members", members)
        try:
            cursor.execute(
                "INSERT INTO round_members SELECT $1, customer_id, shown FROM incoming_members",
                [facts["round_id"]],
            )
            cursor.execute(
                'INSERT INTO round_lists SELECT $1, r.customer_id, r."rank", r.product_id, '
                f"r.score, r.source FROM {quote(recommendations)} AS r "
                "JOIN incoming_members AS m ON m.customer_id = r.customer_id",
                [facts["round_id"]],
            )
        except duckdb.CatalogException as error:
            raise StoreError(
                "Newer results have taken the place of these.", "Reload the page."
            ) from error
        finally:
            cursor.unregister("incoming_members")


def delete_round(store: Store, round_id: str) -> None:
    """Take a round, its members and their lists away."""
    with store.transaction(new_version=False) as cursor:
        for table in ("round_lists", "round_members", "rounds"):
            cursor.execute(f"DELETE FROM {table} WHERE round_id = $1", [round_id])
