"""What is known of each customer on a day, and how it becomes numbers a model can use.

Beside the house's features (`analytics.profile`) stand counts of the last 30, 90 and 365 days, and
of the category or product that is asked about. Left out is what files tell without saying since
when: consent, further columns of the customers table, and the share given back. A refund changes
the line it belongs to without a day of its own; the little it tells of revenue stays.

Amounts and counts go in as the logarithm of one more; what is unknown gets the middle value and a
column of its own that says so; of texts the ten most frequent values get a column each.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics import profile
from analytics.errors import AnalyticsError
from analytics.profile import Feature
from analytics.propensity.targets import Target
from analytics.store import Store

Matrix = npt.NDArray[np.float64]

LEFT_OUT = {"consent", "refund_share", "favourite_category"}
PERSONAL = ("gender", "age_years", "city", "country")
"""What a customer is rather than does; may be left out of what the models see."""
VALUES_OF_TEXT = 10
FURTHEST = 8.0
"""Standard deviations from the mean beyond which a value counts no further."""


def _own(name: str, label: str, meaning: str, unit: str, kind: Any = "number") -> Feature:
    return Feature(name, label, meaning, unit, kind, "Lately")


OWN = (
    *(
        _own(f"orders_{days}_days", f"Orders in {days} days",
             f"different orders in the {days} days before the day", "orders")
        for days in (30, 90, 365)
    ),
    *(
        _own(f"revenue_{days}_days", f"Revenue in {days} days",
             f"less returns and refunds, in the {days} days before the day", "money", "money")
        for days in (30, 90, 365)
    ),
)  # fmt: skip
WANTED = (
    _own("wanted_orders", "Orders of it so far", "different orders with it", "orders"),
    _own("wanted_orders_30_days", "Orders of it in 30 days", "different orders with it", "orders"),
    _own("wanted_orders_90_days", "Orders of it in 90 days", "different orders with it", "orders"),
    _own("wanted_recency_days", "Days since it was last bought",
         "missing where never bought", "days"),
    _own("wanted_events_30_days", "Looked at it in 30 days", "events with it", "events"),
    _own("wanted_events_90_days", "Looked at it in 90 days", "events with it", "events"),
)  # fmt: skip
BY_NAME = {each.name: each for each in (*profile.FEATURES, *OWN, *WANTED)}


def used(target: Target, without: Collection[str] = ()) -> list[Feature]:
    """The features the models see.

    Args:
        target: What is asked.
        without: Features to leave out.

    Raises:
        AnalyticsError: One of `without` is no feature.
    """
    if unknown := sorted(set(without) - set(BY_NAME)):
        raise AnalyticsError(
            f"“{unknown[0]}” is no feature.", "Name features as the customer's profile does."
        )
    wanted = WANTED if target.of is not None else ()
    return [
        each
        for each in (*profile.FEATURES, *OWN, *wanted)
        if each.kind != "day" and each.name not in LEFT_OUT and each.name not in set(without)
    ]


def frame(store: Store, target: Target, cut_off: date) -> pd.DataFrame:
    """Everyone who is asked about on a day, and what was known of them then.

    A person of the customers table without a day of sign-up and without a past counts only once
    they have ordered or been seen: that they are in the table at all may be known from later.

    Returns:
        DataFrame customer_id and every feature, numbers as floats, texts as texts or missing,
        sorted by customer_id; only active customers for `lapse`.
    """
    found = profile.features(store, cut_off)
    counts = store.query("propensity_counts", as_of=cut_off, **target.filters)
    found = found.merge(counts, on="customer_id", how="left", indicator="seen")
    met = (found["seen"] == "both") | found["days_since_signup"].notna()
    if target.kind == "lapse":
        recency = pd.to_numeric(found["recency_days"]).astype("Float64")
        met &= (recency <= target.active_days).fillna(False).astype(bool)
    found = found.loc[met.to_numpy()].reset_index(drop=True)
    columns: dict[str, Any] = {"customer_id": found["customer_id"]}
    counted = {each.name for each in (*OWN, *WANTED)} - {"wanted_recency_days"}
    for feature in (*profile.FEATURES, *OWN, *WANTED):
        if feature.kind == "day":
            continue
        column = found[feature.name]
        if feature.kind == "text":
            columns[feature.name] = column
        else:
            numbers = column.astype("float64").to_numpy(copy=True)
            if feature.name in counted:
                numbers[np.isnan(numbers)] = 0.0
            columns[feature.name] = numbers
    return pd.DataFrame(columns)


@dataclass(frozen=True)
class Encoder:
    """How features become numbers, learnt from the rows a model learns from.

    Attributes:
        columns: For each column of the matrix its feature, and what it holds: `number`, `missing`,
            or the value of a text.
        middle: The middle value of each number, put where it is unknown.
        mean: Of each column.
        spread: Its standard deviation.
    """

    columns: tuple[tuple[str, str], ...]
    middle: dict[str, float]
    mean: Matrix
    spread: Matrix

    @classmethod
    def learn(cls, rows: pd.DataFrame, features: Sequence[Feature]) -> "Encoder":
        """Look at the rows; columns that never change are left out."""
        columns: list[tuple[str, str]] = []
        middle: dict[str, float] = {}
        for feature in features:
            if feature.kind == "text":
                frequent = rows[feature.name].value_counts().head(VALUES_OF_TEXT).index
                columns += [(feature.name, str(value)) for value in frequent]
                continue
            values = rows[feature.name].to_numpy(dtype=float)
            known = values[~np.isnan(values)]
            if not len(known):
                continue
            middle[feature.name] = float(np.median(known))
            columns.append((feature.name, "number"))
            if len(known) < len(values):
                columns.append((feature.name, "missing"))
        raw = cls(tuple(columns), middle, np.zeros(len(columns)), np.ones(len(columns)))
        matrix = raw._raw(rows)
        mean, spread = matrix.mean(axis=0), matrix.std(axis=0)
        kept = spread > 1e-9
        # Of columns that are the same one is enough; most flags of what is unknown are.
        first: dict[bytes, int] = {}
        for place in np.flatnonzero(kept):
            first.setdefault(matrix[:, place].tobytes(), int(place))
        places = np.array(sorted(first.values()), dtype=np.int64)
        return cls(tuple(columns[place] for place in places), middle, mean[places], spread[places])

    def matrix(self, rows: pd.DataFrame) -> Matrix:
        """The rows as standardised numbers, shape (rows, columns)."""
        return np.clip((self._raw(rows) - self.mean) / self.spread, -FURTHEST, FURTHEST)

    def _raw(self, rows: pd.DataFrame) -> Matrix:
        made = np.empty((len(rows), len(self.columns)))
        for place, (name, holds) in enumerate(self.columns):
            if name in self.middle:
                values = rows[name].to_numpy(dtype=float)
                unknown = np.isnan(values)
                if holds == "missing":
                    made[:, place] = unknown
                else:
                    values = np.where(unknown, self.middle[name], values)
                    made[:, place] = np.sign(values) * np.log1p(np.abs(values))
            else:
                made[:, place] = (rows[name] == holds).fillna(False).to_numpy(dtype=float)
        return made
