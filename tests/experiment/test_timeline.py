"""A result from day to day: a planted effect that wears off, and one day reckoned by hand."""

from datetime import date, datetime, timedelta
from math import isnan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics import experiment
from analytics.store import Store
from tests.experiment.shops import csv_of, fill

START = datetime(2024, 3, 4)


def shop(rates: tuple[float, float], n: int = 2_000, seed: int = 3) -> dict[str, pd.DataFrame]:
    """A test over ten days whose treatment buys at one rate in the first half and at another then.

    The control buys at 10%; who buys, buys a day after they were assigned.
    """
    rng = np.random.default_rng(seed)
    people = pd.DataFrame(
        {
            "customer_id": [f"k{place:04}" for place in range(n)],
            "variant": np.where(np.arange(n) % 2, "control", "treatment"),
            "day": np.arange(n) * 10 // n,
        }
    )
    treated = people["variant"] == "treatment"
    rate = np.where(treated, np.where(people["day"] < 5, *rates), 0.1)
    buyers = people[rng.random(n) < rate]
    noon = START + timedelta(hours=12)
    return {
        "assignments": people[["customer_id", "variant"]].assign(
            experiment="new", assigned_at=[noon + timedelta(days=int(d)) for d in people["day"]]
        ),
        "orders": buyers[["customer_id"]].assign(
            order_id=buyers["customer_id"],
            ordered_at=[noon + timedelta(days=int(d) + 1) for d in buyers["day"]],
            amount=20.0,
        ),
    }


@pytest.mark.parametrize(
    ("rates", "words"),
    [((0.35, 0.1), "changed during the run"), ((0.25, 0.25), "do not differ by more than chance")],
)
def test_the_halves(rates: tuple[float, float], words: str, store: Store, tmp_path: Path) -> None:
    tables = shop(rates)
    fill(store, tmp_path, {table: csv_of(frame) for table, frame in tables.items()})
    found = experiment.timeline(
        store, "new", "conversion_rate", window_days=3, as_of=date(2024, 3, 20)
    )
    assert words in found.sentence
    assert found.halves[["control_n", "treatment_n"]].to_numpy().tolist() == [[500, 500]] * 2
    for place, rate in enumerate(rates):
        low, high = found.halves[["lo", "hi"]].iloc[place]
        assert low < rate - 0.1 < high


def test_days_add_up(store: Store, tmp_path: Path) -> None:
    tables = shop((0.3, 0.3))
    fill(store, tmp_path, {table: csv_of(frame) for table, frame in tables.items()})
    days = experiment.timeline(
        store, "new", "conversion_rate", window_days=3, as_of=date(2024, 3, 20)
    ).days
    # Ten days of assignments and three after; 100 customers a variant are assigned each day.
    assert len(days) == 13
    assert days["control_n"].tolist() == [*range(100, 1_001, 100), *[1_000] * 3]
    assert days["treatment_mean"].iloc[0] == 0
    orders = pd.to_datetime(tables["orders"]["ordered_at"])
    control = tables["assignments"].set_index("customer_id")["variant"] == "control"
    bought = orders[control[tables["orders"]["customer_id"]].to_numpy()]
    for place, row in enumerate(days.itertuples()):
        until = START + timedelta(days=place + 1)
        assert row.control_mean == pytest.approx((bought < until).sum() / row.control_n)
    # The band is not there before anything can be tested, and only then narrows.
    assert isnan(days["lo"].iloc[0])
    width = (days["hi"] - days["lo"]).dropna()
    assert len(width) > 5
    assert width.iloc[-1] < width.iloc[0]
