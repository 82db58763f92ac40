"""Finding people: by a text, or because they are worth a look."""

import pandas as pd

from analytics.store import Store

FEW = 5


def search(store: Store, text: str, limit: int = 20) -> pd.DataFrame:
    """Customers whose id, e-mail or name holds a text, in any case and with no special signs.

    Args:
        store: The shop; everyone it holds is searched, whatever the as-of day.
        text: What was typed so far; spaces around it do not count.
        limit: The most rows; one more than is shown tells whether there are more.

    Returns:
        DataFrame customer_id, name, email: first those one of which is the text, then those one
        of which (or a word of the name) begins with it, then the rest; each by customer_id. Empty
        for an empty text.
    """
    wanted = text.strip()
    found = store.query("profile_search", text=wanted, limit=limit if wanted else 0)
    return found.drop(columns="place")


def worth_a_look(store: Store, features: str, limit: int = FEW) -> pd.DataFrame:
    """Customers to begin with: those of most revenue, and those of most who are overdue.

    Args:
        store: The shop.
        features: The kept table of the features.
        limit: The most rows for each reason.

    Returns:
        DataFrame, people who may be addressed only: reason (`revenue`, or `overdue`: at least
        three orders, and more than twice their usual days between orders have passed since the
        last), place, customer_id, name, revenue (money, exact), orders, recency_days (days),
        mean_gap_days (days).
    """
    return store.query("profile_worth_a_look", tables={"features": features}, limit=limit)
