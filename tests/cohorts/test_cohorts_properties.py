"""Any small shop: the SQL agrees exactly with plain loops."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import cohorts
from analytics.errors import NotEnoughDataError
from analytics.store import Store, inspect, load
from tests.cohorts.slow import Line, retention

START = date(2023, 12, 20)
LINES = st.lists(
    st.tuples(
        st.integers(1, 12),
        st.sampled_from(["anna", "ben", "carl", "dora"]),
        st.integers(0, 120),
        st.sampled_from(["-5.25", "0.00", "3.10", "19.99"]),
    ),
    min_size=1,
    max_size=25,
)


def filled(store: Store, lines: list[Line]) -> None:
    rows = ["order_id,customer_id,ordered_at,product_id,quantity,unit_price,amount"]
    for place, line in enumerate(lines):
        sign = -1 if line.amount < 0 else 1
        rows.append(
            f"{line.order_id},{line.customer},{line.day} 12:00:00,p{place},{sign},"
            f"{abs(line.amount)},{line.amount}"
        )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        load(store, path, inspect(path, table="orders"), import_day=date(2024, 12, 31))


@settings(deadline=None, max_examples=30)
@given(
    LINES,
    st.integers(1, 130),
    st.sampled_from(["month", "week", "day"]),
    st.sampled_from(["orders", "lines"]),
)
def test_cohorts_agree_with_plain_loops(
    drawn: list[tuple[int, str, int, str]], until: int, every: str, counts: str
) -> None:
    lines = [
        Line(f"{order}{who[0]}{'r' if amount[0] == '-' else ''}", who,
             START + timedelta(days=after), Decimal(amount))
        for order, who, after, amount in drawn
    ]  # fmt: skip
    as_of = START + timedelta(days=until)
    with Store() as store:
        filled(store, lines)
        for measure, or_later in (
            ("customers", False), ("customers", True), ("orders", False), ("revenue", False),
            ("revenue_so_far", False),
        ):  # fmt: skip
            expected = retention(lines, as_of, every, measure, counts, or_later=or_later)
            agree(store, expected, as_of, every, measure, counts, or_later=or_later)


def agree(
    store: Store, expected: list[Any], as_of: date, every: Any, measure: Any, counts: Any,
    *, or_later: bool,
) -> None:  # fmt: skip
    if not expected:
        with pytest.raises(NotEnoughDataError):
            cohorts.retention(store, as_of=as_of, period=every, counts=counts)
        return
    found = cohorts.retention(
        store, period=every, measure=measure, as_of=as_of, counts=counts, or_later=or_later
    )
    rows = [
        (row.cohort.date(), row.period, row.size, row.value, row.complete)
        for row in found[["cohort", "period", "size", "value", "complete"]]
        .rename(columns={"size": "people"})
        .assign(size=found["size"])
        .itertuples(index=False)
    ]
    assert rows == expected
    shares = np.array([float(row[3]) / row[2] for row in expected])
    assert found["rate"].to_numpy() == pytest.approx(shares)


@given(st.dates(date(1969, 1, 1), date(2100, 1, 1)), st.sampled_from(["day", "week", "month"]))
def test_a_day_lies_in_its_period(day: date, every: Any) -> None:
    number = cohorts.number_of(day, every)
    assert cohorts.start_of(number, every) <= day < cohorts.start_of(number + 1, every)
