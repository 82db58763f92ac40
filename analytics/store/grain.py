"""What one record of an order file is: a line, a whole order, or a line that repeats the order.

Many exports write an order's total on each of its lines, or only on the first. Counting it as the
line's own would overstate revenue; here it is counted once and spread over the lines by their
quantity × price (else by quantity, else evenly), to the fourth decimal, the first line taking
what rounding leaves.
"""

from collections import defaultdict
from typing import Literal, get_args

Grain = Literal["line", "order", "total_repeated", "total_first"]
GRAINS: tuple[Grain, ...] = get_args(Grain)
WORDS: dict[str, str] = {
    "line": "one order line, with its own amount",
    "order": "one whole order",
    "total_repeated": "one order line, with the order's total repeated on each",
    "total_first": "one order line, with the order's total on the first only",
}
"""What a record is, in a marketer's words."""

SPREAD = ("total_repeated", "total_first")
ORDER_FIELDS = (
    "customer_id", "ordered_at", "status", "currency", "channel", "coupon", "city", "country",
)  # fmt: skip
"""What belongs to the order, and may stand on its first line only."""


def grain_of(records: list[dict[str, str]]) -> Grain:
    """The grain, judged from records that give each mapped field its text.

    Args:
        records: The first records of the file, in order.
    """
    orders: dict[str, list[dict[str, str]]] = defaultdict(list)
    for record in records:
        if record.get("order_id"):
            orders[record["order_id"]].append(record)
    several = [lines for lines in orders.values() if len(lines) > 1]
    if not several:
        whole = len(orders) >= 20 and not any(record.get("product_id") for record in records)
        return "order" if whole else "line"
    if not any(record.get("amount") for record in records):
        return "line"
    first_only = sum(
        bool(lines[0].get("amount")) and not any(line.get("amount") for line in lines[1:])
        for lines in several
    )
    if first_only >= 0.9 * len(several):
        return "total_first"
    repeated = [lines for lines in several if _same_total(lines)]
    if len(repeated) < 0.95 * len(several) or all(_fits_the_line(record) for record in records):
        return "line"
    if any(_amount(line, "unit_price") is not None for line in several[0]):
        own = sum(all(_fits_the_line(line) for line in lines) for lines in several)
        return "line" if own > len(several) / 2 else "total_repeated"
    return "total_repeated" if len(several) >= 5 else "line"


def _same_total(lines: list[dict[str, str]]) -> bool:
    return bool(lines[0].get("amount")) and len({line.get("amount") for line in lines}) == 1


def _fits_the_line(record: dict[str, str]) -> bool:
    """Whether a line's amount is its own quantity × price, less its discount."""
    amount, price = _amount(record, "amount"), _amount(record, "unit_price")
    quantity = _amount(record, "quantity")
    if amount is None or price is None or quantity is None:
        return False
    discount = _amount(record, "discount") or 0.0
    return min(abs(quantity * price - amount), abs(quantity * price - discount - amount)) < 0.011


def _amount(record: dict[str, str], field: str) -> float | None:
    """A number of a record as far as it is plainly written; only for judging the grain."""
    kept = "".join(letter for letter in record.get(field, "") if letter in "0123456789.,-")
    if kept.count(",") == 1 and "." not in kept:
        kept = kept.replace(",", ".")
    try:
        return float(kept.replace(",", ""))
    except ValueError:
        return None


def fill_down_sql(texts: str, mapped: set[str]) -> str:
    """Give an order's further lines what only its first line says.

    Args:
        texts: A query with record_no and the text `t_f` of each mapped field f.
        mapped: The fields the file has.
    """
    filled = ", ".join(
        f"first_value(t_{name} IGNORE NULLS) OVER (PARTITION BY t_order_id ORDER BY record_no "
        f"ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS t_{name}"
        for name in ORDER_FIELDS
        if name in mapped
    )
    if not filled or "order_id" not in mapped:
        return texts
    return f"SELECT * REPLACE ({filled}) FROM ({texts})"


def spread_sql(values: str, mapped: set[str]) -> str:
    """Give each line its part of the order's total, as `v_amount` and `v_refunded`.

    Args:
        values: A query with record_no and the value `v_f` of each mapped field f.
        mapped: The fields the file has.
    """
    order = "(PARTITION BY v_order_id)"
    everywhere = (
        "(PARTITION BY v_order_id ORDER BY record_no "
        "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
    )
    weight = "1"
    if "quantity" in mapped:
        weight = "greatest(COALESCE(v_quantity, 0), 0)"
        if "unit_price" in mapped:
            weight = f"CAST({weight} AS DOUBLE) * greatest(COALESCE(v_unit_price, 0), 0)"
    moneys = [name for name in ("amount", "refunded") if name in mapped]
    totals = ", ".join(
        f"first_value(v_{name} IGNORE NULLS) OVER {everywhere} AS of_order_{name}"
        for name in moneys
    )
    share = (
        f"CASE WHEN sum(weight) OVER {order} > 0 THEN weight / sum(weight) OVER {order} "
        f"ELSE 1.0 / count(*) OVER {order} END"
    )
    parts = ", ".join(
        f"CAST(round(CAST(of_order_{name} AS DOUBLE) * share, 4) AS DECIMAL(18,4)) AS part_{name}"
        for name in moneys
    )
    settled = ", ".join(
        f"part_{name} + CASE WHEN row_number() OVER (PARTITION BY v_order_id ORDER BY record_no) "
        f"= 1 THEN of_order_{name} - sum(part_{name}) OVER {order} ELSE 0 END AS v_{name}"
        for name in moneys
    )
    return f"""
        SELECT * REPLACE ({settled})
        FROM (SELECT *, {parts}
            FROM (SELECT *, {share} AS share
                FROM (SELECT *, {totals}, CAST({weight} AS DOUBLE) AS weight FROM ({values}))))
    """
