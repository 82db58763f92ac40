"""What a period's revenue is made of: categories, products or channels, and how they changed."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.overview.periods import Period, Summary
from analytics.store import Store, money

By = Literal["category", "product", "channel"]

NOT_GIVEN = "not given"
NOTHING = Decimal(0)


def parts(store: Store, found: Summary, by: By, top: int | None = 10) -> pd.DataFrame:
    """The parts of a period's revenue, the largest first; they add up to it exactly.

    Args:
        store: The shop.
        found: The period and what it is compared with.
        by: What the parts are.
        top: How many have a row of their own; the rest is one row. None: all of them.

    Returns:
        DataFrame, a row a part: label (what to call it: a product's name where it is known,
        `not given`, or `all others (12)`), part (the category, product or channel as in the data;
        missing for `not given` and all others), revenue (money, exact), revenue_share (0 to 1;
        NaN where the period's revenue is not above zero), orders (with a line of the part, so
        those with several parts are in several rows), units (returned ones taken off; missing
        where the files do not say), earlier_revenue (money of `found.base`; None without one),
        revenue_change (money; None without one), change (relative; NaN where the earlier revenue
        is not above zero).
    """
    rows = store.query(
        "overview_parts",
        tables={"calendar": _calendar(found.now, found.base)},
        by=by,
        limit=top,
    )
    rows["place"] = rows["place"].fillna(np.inf)
    step = {at: rows[rows["step"] == at].set_index("place") for at in (0, 1)}
    now, earlier = step[0], step[1]
    places = sorted({*now.index, *earlier.index})
    both = pd.concat([now, earlier])
    both = both[~both.index.duplicated()].loc[places]
    taken, taken_before = (
        {place: money(value) for place, value in zip(one.index, one["revenue"], strict=True)}
        for one in (now, earlier)
    )
    revenue = [taken.get(place, NOTHING) for place in places]
    before = [taken_before.get(place, NOTHING) for place in places]
    whole = float(found.now.revenue)
    compared = found.base is not None
    held = earlier["parts"].reindex(places).combine(now["parts"].reindex(places), np.fmax)
    return pd.DataFrame(
        {
            "label": pd.Series(_labels(both, held), dtype="str"),
            "part": pd.Series(both["part"].tolist(), dtype="str"),
            "revenue": revenue,
            "revenue_share": [float(one) / whole if whole > 0 else np.nan for one in revenue],
            "orders": now["orders"].reindex(places).fillna(0).astype(int).tolist(),
            "units": now["units"].astype(float).reindex(places).tolist(),
            "earlier_revenue": [one if compared else None for one in before],
            "revenue_change": [
                one - then if compared else None for one, then in zip(revenue, before, strict=True)
            ],
            "change": [
                float(one) / float(then) - 1 if compared and then > 0 else np.nan
                for one, then in zip(revenue, before, strict=True)
            ],
        }
    )


def leading_parts(store: Store, found: Summary) -> tuple[By, pd.DataFrame] | None:
    """All parts of the first kind the data tell of: categories, else products, else channels."""
    kinds: tuple[By, ...] = ("category", "product", "channel")
    for by in kinds:
        frame = parts(store, found, by, top=None)
        if frame["part"].notna().any():
            return by, frame
    return None


def _calendar(now: Period, earlier: Period | None) -> pa.Table:
    """The days of the period (step 0) and of the one it is compared with (step 1)."""
    steps: list[int] = []
    days: list[date] = []
    for step, shown in enumerate((now, earlier)):
        if shown is not None:
            days += [shown.from_day + timedelta(days=at) for at in range(shown.length.days)]
            steps += [step] * shown.length.days
    return pa.table({"step": pa.array(steps, pa.int64()), "day": pa.array(days, pa.date32())})


def _labels(rows: pd.DataFrame, held: "pd.Series[float]") -> list[str]:
    """What to call each part; products of the same name are told apart by their ids."""
    labels: list[str] = []
    often = rows["name"].value_counts()
    for place, part, name in zip(rows.index, rows["part"], rows["name"], strict=True):
        if np.isinf(place):
            labels.append(f"all others ({int(held[place]):,})")
        elif pd.isna(part):
            labels.append(NOT_GIVEN)
        elif pd.isna(name):
            labels.append(str(part))
        else:
            labels.append(str(name) if often[name] == 1 else f"{name} ({part})")
    return labels
