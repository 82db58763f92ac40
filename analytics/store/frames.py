"""Query results as DataFrames whose money stays exact."""

from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa


def to_frame(table: pa.Table) -> pd.DataFrame:
    """An Arrow table as a DataFrame that keeps decimals exact."""
    frame: pd.DataFrame = table.to_pandas(
        types_mapper=lambda kind: pd.ArrowDtype(kind) if pa.types.is_decimal(kind) else None
    )
    return frame


def money(value: Any) -> Decimal:
    """A money value of a frame as an exact Decimal, zero for none."""
    return Decimal(0) if pd.isna(value) else Decimal(str(value))
