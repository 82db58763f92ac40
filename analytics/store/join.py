"""Order headers in one file and their lines in another, joined on the order number.

The headers bring customer, day and status; the lines bring product, quantity and price. The two
become one file, which is then read like any other.
"""

from pathlib import Path

import duckdb

from analytics.errors import FileError
from analytics.store import stage
from analytics.store.convert import literal, text
from analytics.store.inspect import Look
from analytics.store.kept import quote
from analytics.store.store import Store


def belong_together(headers: Look, lines: Look) -> bool:
    """Whether both know the order, one of them its day and the other its goods."""
    return (
        "order_id" in headers.mapping
        and "order_id" in lines.mapping
        and "ordered_at" in headers.mapping
        and "ordered_at" not in lines.mapping
        and bool({"product_id", "quantity", "unit_price", "amount"} & set(lines.mapping))
    )


def join(store: Store, headers: Look, lines: Look) -> Path:
    """Write one file with a record for each line, and for each order without lines.

    Args:
        store: The shop, in whose stage folder the joined file is put; the caller deletes it.
        headers: One record an order.
        lines: One record an order line.

    Returns:
        The path of the joined file, a UTF-8 CSV with the columns of both.

    Raises:
        FileError: The files do not belong together, an order stands twice in the headers, or no
            order number is in both.
    """
    if not belong_together(headers, lines):
        raise FileError(
            f"“{headers.name}” and “{lines.name}” do not belong together.",
            "One must hold order numbers and days, the other order numbers and goods.",
        )
    staged = [stage.bring_in(look.origin, store.stage) for look in (headers, lines)]
    target = store.stage_file("csv")
    try:
        with store.reading() as cursor:
            for side, look, file in zip(("head", "line"), (headers, lines), staged, strict=True):
                cursor.execute(
                    f"CREATE TEMP TABLE {side}s AS SELECT *, {_order_id(look)} AS order_key "
                    f"FROM {_text_table(look, file)}"
                )
            _check(cursor, headers, lines)
            shared = [column for column in lines.columns if column in headers.columns]
            columns = [
                *(
                    f"COALESCE(h.{quote(column)}, l.{quote(column)}) AS {quote(column)}"
                    if column in shared
                    else f"h.{quote(column)}"
                    for column in headers.columns
                ),
                *(f"l.{quote(column)}" for column in lines.columns if column not in shared),
            ]
            cursor.execute(
                f"COPY (SELECT {', '.join(columns)} FROM heads AS h "
                f"FULL JOIN lines AS l ON l.order_key = h.order_key) "
                f"TO {literal(str(target))} (FORMAT csv, HEADER)"
            )
    finally:
        for file in staged:
            file.path.unlink(missing_ok=True)
    return target


def _order_id(look: Look) -> str:
    """The order number as it is compared, without the .0 of a spreadsheet."""
    read = text(quote(look.mapping["order_id"]))
    return f"regexp_replace({read}, '\\.0+$', '')" if "order_id" in look.style.float_ids else read


def _text_table(look: Look, file: stage.Staged) -> str:
    """A staged file as a relation of text columns under its own names."""
    names = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in look.columns)
    return (
        f"read_csv({literal(str(file.path))}, auto_detect=false, columns={{{names}}}, "
        f"delim={literal(look.reading.delimiter)}, quote='\"', escape='\"', "
        f"header={str(look.header).lower()}, new_line='\\n')"
    )


def _check(cursor: duckdb.DuckDBPyConnection, headers: Look, lines: Look) -> None:
    """Complain where the orders of the two files do not fit."""
    twice = cursor.execute(
        "SELECT order_key FROM heads WHERE order_key IS NOT NULL GROUP BY order_key "
        "HAVING count(*) > 1 LIMIT 1"
    ).fetchall()
    if twice:
        raise FileError(
            f"Order {twice[0][0]} stands twice in “{headers.name}”.",
            "Leave one of them, or import the file alone.",
        )
    both = cursor.execute("SELECT count(*) FROM heads JOIN lines USING (order_key)").fetchall()[0][
        0
    ]
    if not both:
        raise FileError(
            f"No order number of “{lines.name}” is in “{headers.name}”.",
            "Check that both come from the same export, and that the right column is chosen.",
        )
