"""Too little, or contradicting, data: each a sentence with what to do."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics import lifetime
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store, load

HEADER = "order_id,customer_id,ordered_at,amount\n"
Write = Callable[..., Path]


def frame(rows: list[tuple[float, float, float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["frequency", "recency", "age"])


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([], "Nobody has ordered"),
        ([(1, 2, 5)], "Only one customer"),
        ([(0, 0, 0), (0, 0, 0)], "All orders are of one day"),
        ([(0, 0, 5), (0, 0, 3)], "Nobody has ordered on a second day"),
        ([(1, 9, 5), (0, 0, 3)], "contradict themselves"),
        ([(0, 1, 5), (1, 1, 3)], "contradict themselves"),
        ([(-1, 0, 5), (1, 1, 3)], "contradict themselves"),
        ([(1.5, 1, 5), (1, 1, 3)], "no whole numbers"),
        ([(1, np.nan, 5), (1, 1, 3)], "missing"),
    ],
)
def test_frames_that_tell_nothing(rows: list[tuple[float, float, float]], problem: str) -> None:
    with pytest.raises(AnalyticsError, match=problem) as caught:
        lifetime.fit(frame(rows))
    assert caught.value.fix


def test_a_column_is_missing_and_a_period_is_unknown() -> None:
    with pytest.raises(AnalyticsError, match="no column “recency”"):
        lifetime.fit(pd.DataFrame({"frequency": [1], "age": [2]}))
    with pytest.raises(AnalyticsError, match="no period “year”"):
        lifetime.fit(frame([(1, 2, 5), (0, 0, 3)]), "year")  # type: ignore[arg-type]


def test_without_money_its_parameters_are_unknown() -> None:
    found = lifetime.fit(frame([(1, 2, 5), (0, 0, 3), (2, 3, 9)]))
    assert np.isnan([found.p, found.q, found.gamma]).all()
    assert np.isfinite([found.r, found.alpha, found.a, found.b, found.log_likelihood]).all()
    assert "not tested" in found.verdict
    each = lifetime.foresee(found.model, frame([(1, 2, 5), (0, 0, 3)]), 4.0).each
    assert each["orders"].gt(0).all()
    assert each["revenue"].isna().all()


def shop(store: Store, write: Write, body: str) -> Store:
    load(store, write("orders.csv", HEADER + body), import_day=date(2024, 12, 31))
    return store


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("1,anna,2024-01-05,9\n2,anna,2024-03-05,9\n", "Only one customer"),
        ("1,anna,2024-01-05,9\n2,ben,2024-03-05,9\n", "Nobody has ordered on a second day"),
        ("1,anna,2024-01-05,9\n2,ben,2024-01-05,9\n", "All orders are of one day"),
        ("1,,2024-01-05,9\n2,,2024-01-09,9\n", "No known customer had ordered"),
    ],
)
def test_shops_that_tell_too_little(store: Store, write: Write, body: str, problem: str) -> None:
    with pytest.raises(NotEnoughDataError, match=problem):
        lifetime.keep(shop(store, write, body))


def test_a_cut_before_the_first_order(store: Store, write: Write) -> None:
    shop(store, write, "1,anna,2024-01-05,9\n2,anna,2024-03-05,9\n3,ben,2024-02-05,9\n")
    with pytest.raises(NotEnoughDataError, match="had ordered by 1 January 2024"):
        lifetime.fit(store, until=date(2024, 1, 1))


def test_a_few_customers_still_get_an_answer_by_the_rule(store: Store, write: Write) -> None:
    """Too few to test the model, so the rule is used, and the sentence says why."""
    days = [date(2024, 1, 1) + timedelta(days=7 * place) for place in range(12)]
    body = "".join(f"{place},c{place % 3},{day},10\n" for place, day in enumerate(days))
    worth = lifetime.keep(shop(store, write, body))
    assert worth.found.method == "own_rate"
    assert worth.found.test is None
    assert "could not be tested" in worth.found.verdict
    # c2 has ordered every 21 days up to the last day, 63 days: 3 later orders in 63 days
    each = store.query("lifetime_list", tables={"worth": worth.table}, days=365, still=None)
    last = each.set_index("customer_id").loc["c2"]
    assert last["expected_orders"] == pytest.approx(3 / 63 * 365)
    assert last["expected_revenue"] == pytest.approx(30 / 63 * 365)
    low, high = (last[f"orders_{edge}"] for edge in ("at_least", "at_most"))
    assert low < 3 / 63 * 365 < high


def test_refunds_and_returns_are_taken_off_what_is_expected(store: Store, write: Write) -> None:
    """A tenth of the shop's order money comes back as returns."""
    days = [date(2024, 1, 1) + timedelta(days=7 * place) for place in range(12)]
    body = "".join(f"{place},c{place % 3},{day},10\n" for place, day in enumerate(days))
    whole = lifetime.keep(shop(store, write, body)).totals["revenue"]
    with Store() as other:
        text = "order_id,customer_id,ordered_at,quantity,amount\n" + "".join(
            f"{place},c{place % 3},{day},1,10\n" for place, day in enumerate(days)
        )
        path = write("returns.csv", text + "r,c0,2024-03-18,-1,-12\n")
        load(other, path, import_day=date(2024, 12, 31))
        less = lifetime.keep(other).totals["revenue"]
    assert less.to_numpy() == pytest.approx(0.9 * whole)


def test_orders_that_bring_nothing_are_worth_nothing(store: Store, write: Write) -> None:
    """Samples, say: how often is foreseen all the same."""
    rng = np.random.default_rng(4)
    rows = [
        f"{place}-{step},c{place},{date(2024, 1, 1) + timedelta(days=int(day))},0"
        for place in range(120)
        for step, day in enumerate(np.sort(rng.integers(0, 300, rng.integers(1, 6))))
    ]
    worth = lifetime.keep(shop(store, write, "\n".join(rows) + "\n"))
    assert worth.found.test is not None
    assert (worth.totals["orders"] > 0).all()
    assert (worth.totals[["revenue", "revenue_at_least", "revenue_at_most"]] == 0).all(axis=None)
