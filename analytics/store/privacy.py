"""Who must not be addressed."""

from collections.abc import Iterable

from analytics.store.store import Store


def suppress(store: Store, customer_ids: Iterable[str], reason: str) -> None:
    """Leave these customers out of every list from now on."""
    with store.transaction() as cursor:
        cursor.executemany(
            "INSERT INTO suppressed VALUES ($1, $2)", [(one, reason) for one in customer_ids]
        )
