"""What the shop decided: which lines count, in which currency, by which clock."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Literal

import duckdb

from analytics.errors import StoreError


@dataclass(frozen=True)
class Policy:
    """Which lines count, for the whole shop; the lines themselves are never lost.

    Attributes:
        returns: Lines of cancelled invoices and lines with a negative quantity or amount are
            taken off revenue (`take_off`) or not looked at (`leave_out`).
        zero_price: Lines without a price count as part of their order or are left out.
        guests: Lines without a customer count in sales or are left out.
        currency: The currency figures are in; lines in another count where it has a rate. Chosen
            by the commonest until someone chooses; None where the files name none.
        zone: The shop's time zone, as in `Asia/Shanghai`, for files whose moments are in UTC.
    """

    returns: Literal["take_off", "leave_out"] = "take_off"
    zero_price: Literal["keep", "leave_out"] = "keep"
    guests: Literal["keep", "leave_out"] = "keep"
    currency: str | None = None
    zone: str | None = None


def read_policy(cursor: duckdb.DuckDBPyConnection) -> Policy:
    """The policy as it stands."""
    rows = cursor.execute(
        "SELECT returns, zero_price, guests, currency, zone FROM policy"
    ).fetchall()
    return Policy(*rows[0])


def write_policy(cursor: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    """Put a policy in place of the one that stands."""
    cursor.execute(
        "UPDATE policy SET returns = $returns, zero_price = $zero_price, guests = $guests, "
        "currency = $currency, zone = $zone",
        asdict(policy),
    )


def read_rates(cursor: duckdb.DuckDBPyConnection) -> dict[str, Decimal]:
    """The rates as they stand, by currency."""
    rows = cursor.execute("SELECT currency, rate FROM rates ORDER BY currency").fetchall()
    return {str(currency): rate for currency, rate in rows}


def write_rates(cursor: duckdb.DuckDBPyConnection, rates: Mapping[str, Decimal]) -> None:
    """Put rates in place of those that stand.

    Raises:
        StoreError: A rate is not positive.
    """
    if wrong := [currency for currency, rate in rates.items() if rate <= 0]:
        raise StoreError(
            f"The rate of {wrong[0]} is not positive.", "Type what one unit of it is worth."
        )
    cursor.execute("DELETE FROM rates")
    for currency, rate in rates.items():
        cursor.execute("INSERT INTO rates VALUES ($1, $2)", [currency.upper(), rate])
