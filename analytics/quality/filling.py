"""Missing values filled in a frame of one's own; the store keeps what the files said.

Mean, median and mode are of the column's known values. Nearest neighbours (Troyanskaya et al.,
Missing value estimation methods for DNA microarrays, Bioinformatics 17, 2001) take the mean of
the rows that are alike in the other numeric columns, each standardised first, so that no column
counts for more because of its unit.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.errors import AnalyticsError

FillMethod = Literal["mean", "median", "mode", "nearest"]
MOST_PAIRS = 200_000_000
"""Rows with missing values times all rows, up to which neighbours are looked for."""


def fill(
    frame: pd.DataFrame,
    columns: Sequence[str] | None = None,
    method: FillMethod = "mean",
    neighbours: int = 5,
) -> pd.DataFrame:
    """A copy of a frame with missing values filled; the frame itself stays as it is.

    Args:
        frame: Any frame, such as a query's result.
        columns: Which columns to fill; by default all that have missing values and that the
            method can fill.
        method: `mean`, `median` or `nearest` (neighbours) for numbers; `mode`, the most frequent
            value and of equals the first in the frame, for anything.
        neighbours: How many neighbours `nearest` takes the mean of.

    Returns:
        The filled copy. Its `attrs["filled"]` says how many values of each column were filled.
        Exact money stays exact, at its number of decimals; whole numbers become floats.

    Raises:
        AnalyticsError: A column does not exist, holds no value at all, or is no number where
            the method needs one; or the frame is too large for neighbours.
    """
    chosen = _columns(frame, columns, method, neighbours)
    result = frame.copy()
    result.attrs["filled"] = {name: int(frame[name].isna().sum()) for name in chosen}
    gappy = [name for name in chosen if result.attrs["filled"][name]]
    near = _nearest(frame, gappy, neighbours) if method == "nearest" and gappy else None
    for name in gappy:
        column, missing = frame[name], frame[name].isna().to_numpy()
        if near is not None:
            values = near.loc[missing, name].to_list()
        elif method == "mode":
            counts = column.value_counts(sort=False)
            values = [counts.index[int(counts.to_numpy().argmax())]] * int(missing.sum())
        else:
            known = _floats(column)[~missing]
            value = float(np.mean(known) if method == "mean" else np.median(known))
            values = [value] * int(missing.sum())
        result[name] = _put(column, missing, values)
    return result


def _columns(
    frame: pd.DataFrame, columns: Sequence[str] | None, method: str, neighbours: int
) -> list[str]:
    """The columns to fill; complains about what cannot be."""
    if method not in get_args(FillMethod) or neighbours < 1:
        raise AnalyticsError(
            f"Values cannot be filled by “{method}” with {neighbours} neighbours.",
            f"Choose among {', '.join(get_args(FillMethod))}, with at least 1 neighbour.",
        )
    names = list(frame.columns)
    if len(set(names)) < len(names):
        raise AnalyticsError("Two columns have the same name.", "Rename one of them.")
    if unknown := [name for name in columns or () if name not in names]:
        raise AnalyticsError(f"There is no column “{unknown[0]}”.", f"Choose among {names}.")
    chosen = [name for name in (names if columns is None else columns) if frame[name].isna().any()]
    for name in chosen:
        if frame[name].isna().all():
            raise AnalyticsError(
                f"The column “{name}” holds no value at all.", "Leave it out, or fill it yourself."
            )
    if method == "mode":
        return chosen if columns is None else list(dict.fromkeys(columns))
    for name in () if columns is None else columns:
        if not _is_number(frame[name]):
            raise AnalyticsError(
                f"The column “{name}” holds no numbers.", "Fill it with the most frequent value."
            )
    numeric = [name for name in chosen if _is_number(frame[name])]
    for name in names if method == "nearest" else numeric:
        if _is_number(frame[name]) and np.isinf(_floats(frame[name])).any():
            raise AnalyticsError(
                f"The column “{name}” holds infinite values.", "Set them to missing first."
            )
    return numeric if columns is None else list(dict.fromkeys(columns))


def _is_number(column: "pd.Series[Any]") -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _floats(column: "pd.Series[Any]") -> "np.ndarray[Any, np.dtype[np.float64]]":
    return column.astype(object).where(column.notna(), np.nan).to_numpy(dtype=float)


def _nearest(frame: pd.DataFrame, gappy: list[str], neighbours: int) -> pd.DataFrame:
    """The numeric columns with every missing value replaced by its neighbours' mean."""
    from sklearn.impute import KNNImputer

    numeric = pd.DataFrame(
        {name: _floats(frame[name]) for name in frame.columns if _is_number(frame[name])}
    )
    numeric = numeric.loc[:, numeric.notna().any()]
    pairs = int(numeric[gappy].isna().any(axis="columns").sum()) * len(frame)
    if pairs > MOST_PAIRS:
        raise AnalyticsError(
            f"{len(frame):,} rows are too many to look for neighbours among.",
            "Fill with the median, or a part of the rows.",
        )
    middle, spread = numeric.mean(), numeric.std(ddof=0)
    spread = spread.where(spread > 0, 1.0)
    standard = ((numeric - middle) / spread).to_numpy()
    filled = KNNImputer(n_neighbors=neighbours).fit_transform(standard)
    return pd.DataFrame(filled, columns=numeric.columns) * spread + middle


def _put(column: "pd.Series[Any]", missing: Any, values: list[Any]) -> "pd.Series[Any]":
    """The column with the missing values replaced, in the nearest type that can hold them."""
    kind = column.dtype
    if isinstance(kind, pd.ArrowDtype) and pa.types.is_decimal(kind.pyarrow_dtype):
        unit = Decimal(1).scaleb(-kind.pyarrow_dtype.scale)
        values = [Decimal(str(value)).quantize(unit) for value in values]
    elif pd.api.types.is_integer_dtype(kind) and any(value != int(value) for value in values):
        column = column.astype("Float64")
    filled = column.copy()
    filled[missing] = values
    return filled
