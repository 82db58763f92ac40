"""Query results as DataFrames whose money stays exact."""

from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa


def plain(table: pa.Table) -> pa.Table:
    """The same with words instead of the numbers that stand for them."""
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            words = table.column(place).cast(field.type.value_type)
            table = table.set_column(place, field.name, words)
    return table


def to_frame(table: pa.Table) -> pd.DataFrame:
    """An Arrow table as a DataFrame that keeps decimals exact."""
    frame: pd.DataFrame = table.to_pandas(
        types_mapper=lambda kind: pd.ArrowDtype(kind) if pa.types.is_decimal(kind) else None
    )
    return frame


def money(value: Any) -> Decimal:
    """A money value of a frame as an exact Decimal, zero for none."""
    return Decimal(0) if pd.isna(value) else Decimal(str(value))
