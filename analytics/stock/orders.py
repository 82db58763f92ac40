"""The order list as a file to send to a supplier."""

from io import BytesIO
from typing import Any, Literal

import pandas as pd
import xlsxwriter

from analytics.stock.plan import Plan
from analytics.store import frame_csv

COLUMNS = [
    *("product_id", "name", "category", "brand", "order_quantity", "order_money", "stock"),
    *("reorder_point", "order_up_to", "runs_out_on", "lead_time_days"),
]


def order_list(plan: Plan, category: str | None = None, brand: str | None = None) -> pd.DataFrame:
    """What to order, the most urgent first; of one category or brand, or of all.

    Returns:
        DataFrame product_id, name, category, brand, order_quantity (units), order_money (at cost),
        stock, reorder_point, order_up_to (units), runs_out_on (day), lead_time_days.
    """
    table = plan.table[plan.table["order_quantity"] > 0]
    if category is not None:
        table = table[table["category"] == category]
    if brand is not None:
        table = table[table["brand"] == brand]
    found = table[COLUMNS].reset_index(drop=True)
    found["order_quantity"] = found["order_quantity"].astype(int)
    return found


def order_file(orders: pd.DataFrame, kind: Literal["csv", "xlsx"] = "csv") -> bytes:
    """The list as a spreadsheet-safe CSV file or an Excel file; text never becomes a formula."""
    days = orders.assign(runs_out_on=orders["runs_out_on"].dt.strftime("%Y-%m-%d"))
    if kind == "csv":
        return frame_csv(days)
    out = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("Order")
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, list(days.columns), book.add_format({"bold": True}))
        for place, row in enumerate(days.itertuples(index=False), start=1):
            cells: list[Any] = [None if pd.isna(value) else value for value in row]
            sheet.write_row(place, 0, cells)
    return out.getvalue()
