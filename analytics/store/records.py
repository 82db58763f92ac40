"""A whole record in SQL: its fields, what follows from them, and why it cannot be used."""

from dataclasses import dataclass

from analytics.store import grain
from analytics.store.convert import Style, choice, literal, text, value
from analytics.store.schema import Field, Table, stored_type


@dataclass(frozen=True)
class Reading:
    """How a file is read.

    Attributes:
        table: What it is read as.
        places: For each mapped field the place of its column.
        columns: The file's column names.
        style: How it writes its values.
        delimiter: What parts its columns, for showing a record as it came.
        grain: What one record of an order file is.
    """

    table: Table
    places: dict[str, int]
    columns: list[str]
    style: Style
    delimiter: str
    grain: str = "line"


WORDS: dict[str, str] = {
    "money": "an amount",
    "number": "a number",
    "integer": "a whole number",
    "time": "a date",
    "date": "a date",
    "flag": "yes or no",
}


def reason(table: Table, mapped: set[str], import_day: str) -> str:
    """Why a record cannot be used, NULL where it can.

    Expects for each mapped field `f` its text as `t_f` and its value as `v_f`.

    Args:
        table: What the file is read as.
        mapped: The fields it has.
        import_day: ISO day after which nothing can have happened yet.
    """
    cases = []
    for field in table.fields:
        if field.name not in mapped:
            continue
        label, raw, read = literal(field.label), f"t_{field.name}", f"v_{field.name}"
        if field.required and not may_be_empty(table, field):
            cases.append(f"WHEN {raw} IS NULL THEN {label} || ' is empty'")
        if field.kind in WORDS:
            cases.append(
                f"WHEN {raw} IS NOT NULL AND {read} IS NULL THEN {label} || ': “' || "
                f"left({raw}, 60) || '” is not {WORDS[field.kind]}'"
            )
        if field.kind == "id":
            cases.append(
                f"WHEN length({read}) > 200 THEN {label} || ' is longer than 200 characters'"
            )
        if field.name == table.clock:
            cases.append(
                f"WHEN {read} >= CAST({literal(import_day)} AS DATE) + 1 "
                f"THEN {label} || ' lies after the day of the import'"
            )
            cases.append(f"WHEN {read} < DATE '1970-01-01' THEN {label} || ' lies before 1970'")
    if table.name == "orders":
        cases.append("WHEN total IS NULL THEN 'Line total is empty'")
    if table.name == "events":
        nobody = " AND ".join(
            f"t_{name} IS NULL" for name in ("customer_id", "session_id") if name in mapped
        )
        if nobody:
            cases.append(f"WHEN {nobody} THEN 'neither customer nor session'")
    return f"CASE {' '.join(cases)} END" if cases else "NULL"


def may_be_empty(table: Table, field: Field) -> bool:
    """A guest's order has no customer, a session may be nobody's, an amount may be worked out."""
    return (table.name, field.name) in {
        ("orders", "customer_id"),
        ("events", "customer_id"),
        ("orders", "amount"),
    }


def records_sql(reading: Reading, import_day: str, source: str) -> str:
    """The SQL that turns text records into rows of the table's own lines.

    Args:
        reading: How the file is read.
        import_day: ISO day after which nothing can have happened yet.
        source: A relation with `record_no` and the text columns `c0`, `c1`, ….

    Returns:
        A query with record_no, reason, raw, rounded and the `filled` columns.
    """
    table, places, columns = reading.table, reading.places, reading.columns
    mapped, style, delimiter = set(places), reading.style, reading.delimiter
    raw = f"concat_ws({literal(delimiter)}, " + (
        ", ".join(f"COALESCE(c{place}, '')" for place in range(len(columns))) + ")"
    )
    total = _line_total(mapped) if table.name == "orders" else "NULL"
    typed = ", ".join(f"{sql} AS {name}" for name, sql in filled(reading).items())
    money = [f"t_{name}" for name in places if table.field(name).kind == "money"]
    rounded = " OR ".join(_more_than_four_decimals(column, style.decimal) for column in money)
    return f"""
        SELECT record_no, reason, CASE WHEN reason IS NOT NULL THEN {raw} END AS raw,
            {f"COALESCE({rounded}, FALSE)" if rounded else "FALSE"} AS rounded, {typed}
        FROM (SELECT *, {reason(table, mapped, import_day)} AS reason
            FROM (SELECT *, {total} AS total FROM ({_values(reading, source)})))
    """


def filled(reading: Reading) -> dict[str, str]:
    """The columns that a file says something of, and the SQL of each.

    Returns:
        The table's fields and derived columns, and where some columns are no field, the fingerprint
        of those, order and product.
    """
    table, places, columns = reading.table, reading.places, reading.columns
    mapped = set(places)
    outputs = {name: f"v_{name}" for name in table.names if name in mapped}
    if table.name == "orders":
        if "order_id" not in mapped and {"customer_id", "ordered_at"} <= mapped:
            outputs["order_id"] = _own_order_id()
        outputs |= {"amount": "total", "state": _state(mapped)}
        if refunded := _refunded(mapped):
            outputs["refunded"] = refunded
        if "currency" in mapped:
            outputs["currency"] = "upper(v_currency)"
    if table.name == "spend" and "channel" not in mapped and "campaign" in mapped:
        outputs["channel"] = "v_campaign"
    outputs = {
        name: f"CAST({sql} AS {stored_type(table.field(name))})" if name in table.names else sql
        for name, sql in outputs.items()
    }
    others = {
        f"c{place}": column for place, column in enumerate(columns) if place not in places.values()
    }
    if others:
        keys = [f"c{places[name]}" for name in ("order_id", "product_id") if name in mapped]
        outputs["fingerprint"] = f"hash({', '.join([*keys, *others])})"
    if table.attributes and others:
        pairs = ", ".join(
            f"{literal(column)}, NULLIF(trim({place}), '')" for place, column in others.items()
        )
        outputs["attributes"] = f"CAST(json_object({pairs}) AS VARCHAR)"
    return outputs


def _values(reading: Reading, source: str) -> str:
    """Each mapped field f's text as `t_f` and value as `v_f`, totals of orders spread."""
    mapped = set(reading.places)
    texts = ", ".join(f"{text(f'c{place}')} AS t_{name}" for name, place in reading.places.items())
    values = ", ".join(
        f"{value(reading.table.field(name), f't_{name}', reading.style)} AS v_{name}"
        for name in reading.places
    )
    query = f"SELECT *, {texts} FROM {source}"
    spread = reading.grain in grain.SPREAD and {"order_id", "amount"} <= mapped
    if spread:
        query = grain.fill_down_sql(query, mapped)
    query = f"SELECT *, {values} FROM ({query})"
    return grain.spread_sql(query, mapped) if spread else query


def _own_order_id() -> str:
    """An order number for files without: one order a customer and day, one a line for guests."""
    day = "strftime(v_ordered_at, '%Y%m%d')"
    return f"COALESCE(v_customer_id, 'guest ' || record_no) || ' ' || {day}"


def _line_total(mapped: set[str]) -> str:
    """The line's total as the file gives it, else worked out from quantity and price."""
    parts = []
    if "amount" in mapped:
        parts.append("v_amount")
    if {"quantity", "unit_price"} <= mapped:
        parts.append(_product("discount" in mapped))
    return f"COALESCE({', '.join(parts)})" if parts else "NULL"


def _product(with_discount: bool) -> str:
    """Quantity × price less the discount, exactly, rounded to four decimals.

    Everyday figures fit into decimals of 64 bits, which are several times as fast as the wide ones.
    """
    quantity, price = "CAST(v_quantity AS DECIMAL(8,4))", "CAST(v_unit_price AS DECIMAL(9,4))"
    everyday = "abs(v_quantity) < 10000 AND abs(v_unit_price) < 100000"
    narrow, wide = f"{quantity} * {price}", "CAST(v_quantity AS DECIMAL(38,4)) * v_unit_price"
    if with_discount:
        everyday += " AND (v_discount IS NULL OR abs(v_discount) < 100000)"
        narrow += " - COALESCE(CAST(v_discount AS DECIMAL(9,4)), CAST(0 AS DECIMAL(9,4)))"
        wide += " - COALESCE(v_discount, 0)"
    return (
        f"CASE WHEN {everyday} THEN CAST({narrow} AS DECIMAL(18,4)) "
        f"ELSE TRY_CAST({wide} AS DECIMAL(18,4)) END"
    )


def _refunded(mapped: set[str]) -> str:
    """What was paid back on the line: as the file says, else all of it where its status says so.

    Empty where the file says neither.
    """
    parts = ["abs(v_refunded)"] if "refunded" in mapped else []
    if "status" in mapped:
        parts.append(f"CASE WHEN v_status = {choice('status', 'refunded')} THEN total END")
    return f"COALESCE({', '.join(parts)})" if parts else ""


def _state(mapped: set[str]) -> str:
    """What kind of line it is; the shop's policy decides later which kinds count."""
    positive = "COALESCE(v_quantity, 0) >= 0" if "quantity" in mapped else "TRUE"
    status = (
        f"WHEN v_status = {choice('status', 'cancelled')} THEN {choice('state', 'cancelled')} "
        f"WHEN v_status = {choice('status', 'test')} THEN {choice('state', 'test')}"
        if "status" in mapped
        else ""
    )
    credit = "regexp_full_match(v_order_id, '[Cc]-?[0-9]+')" if "order_id" in mapped else "FALSE"
    return f"""CASE WHEN reason IS NOT NULL THEN {choice("state", "rejected")} {status}
        WHEN total > 0 AND {positive} THEN {choice("state", "sale")}
        WHEN total = 0 AND {positive} THEN {choice("state", "free")}
        WHEN {credit} THEN {choice("state", "cancelled_invoice")}
        ELSE {choice("state", "return")} END"""


def _more_than_four_decimals(column: str, decimal: str) -> str:
    """Whether an amount has a fifth decimal; only long ones with an early mark are searched."""
    return (
        f"CASE WHEN strlen({column}) > 5 THEN CASE "
        f"WHEN strpos({column}, {literal(decimal)}) BETWEEN 1 AND strlen({column}) - 5 "
        f"THEN regexp_matches({column}, '[{decimal}][0-9]{{5}}') ELSE FALSE END ELSE FALSE END"
    )
