"""Days on which a product was out of stock, as the shop marked them."""

from datetime import date

from analytics.errors import AnalyticsError
from analytics.store.store import Store


def write_stock_out(store: Store, product_id: str, first_day: date, last_day: date) -> None:
    """Mark a product as out of stock from one day to another, both within.

    It becomes a new data version, since forecasts follow from it.

    Raises:
        AnalyticsError: The last day is before the first.
    """
    if last_day < first_day:
        raise AnalyticsError("The last day is before the first.", "Choose a later last day.")
    with store.transaction() as cursor:
        cursor.execute(
            "DELETE FROM stock_outs WHERE product_id = $1 AND first_day <= $3 AND last_day >= $2",
            [product_id, first_day, last_day],
        )
        cursor.execute(
            "INSERT INTO stock_outs VALUES ($1, $2, $3)", [product_id, first_day, last_day]
        )


def delete_stock_outs(store: Store, product_id: str) -> None:
    """Take all marks of a product away."""
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM stock_outs WHERE product_id = $1", [product_id])
