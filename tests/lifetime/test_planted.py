"""Parameters, ranges and verdicts on customers who behave exactly as planted."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics import lifetime
from analytics.lifetime import bgnbd, spending
from analytics.store import Store, load
from tests.lifetime.simulate import Truth, simulate, write_orders

TRUTH = Truth()
PLANTED = (TRUTH.r, TRUTH.alpha, TRUTH.a, TRUTH.b)


@pytest.fixture(scope="module")
def many() -> pd.DataFrame:
    return simulate(TRUTH, 4000, 100.0, 50.0, seed=3)[0]


def test_the_planted_parameters_are_found(many: pd.DataFrame) -> None:
    found = lifetime.fit(many)
    sure = np.sqrt(np.diag(found.model.purchasing.covariance))
    away = np.abs(np.log([found.r, found.alpha, found.a, found.b]) - np.log(PLANTED)) / sure
    assert (away < 3).all()
    assert (sure < 0.4).all()
    spent = found.model.spending
    assert (found.p, found.q, found.gamma) == (spent.p, spent.q, spent.gamma)
    planted = np.log([TRUTH.p, TRUTH.q - spending.LEAST_Q, TRUTH.gamma])
    assert (np.abs(spent.logs - planted) < 3 * np.sqrt(np.diag(spent.covariance))).all()
    assert found.customers == 4000
    assert found.repeat_customers == (many["frequency"] > 0).sum()


def test_no_other_parameters_are_likelier(many: pd.DataFrame) -> None:
    found = lifetime.fit(many)
    x, t_x, age = (many[name].to_numpy(float) for name in ("frequency", "recency", "age"))
    ones = np.ones(len(x))
    assert found.log_likelihood == pytest.approx(
        bgnbd.log_likelihood(found.model.purchasing.parameters, x, t_x, age, ones)[0]
    )
    rng = np.random.default_rng(5)
    for _ in range(30):
        other = np.exp(np.log(found.model.purchasing.parameters) + rng.normal(0, 0.1, 4))
        assert bgnbd.log_likelihood(tuple(other), x, t_x, age, ones)[0] < found.log_likelihood


def test_ranges_of_customers_hold_in_nine_of_ten_cases(many: pd.DataFrame) -> None:
    model = lifetime.learn(many)
    each = lifetime.foresee(model, many, 50.0).each
    came, brought = many["later_orders"], many["later_revenue"]
    orders = (came >= each["orders_low"]) & (came <= each["orders_high"])
    assert 0.9 <= orders.mean() < 0.99  # whole numbers, so rather more
    revenue = (brought >= each["revenue_low"] - 1e-9) & (brought <= each["revenue_high"])
    assert 0.88 <= revenue.mean() < 0.99
    often = many["frequency"] >= 5
    assert 0.85 <= orders[often].mean() < 0.98
    assert 0.85 <= revenue[often].mean() < 0.98


def test_expectations_hold_in_each_group(many: pd.DataFrame) -> None:
    each = lifetime.foresee(lifetime.learn(many), many, 50.0).each
    groups = pd.qcut(each["orders"].rank(method="first"), 5, labels=False)
    for group in range(5):
        chosen = groups == group
        came = many["later_orders"][chosen]
        error = came.std() / np.sqrt(chosen.sum())
        assert abs(each["orders"][chosen].mean() - came.mean()) < 4 * error + 0.02


def test_ranges_of_totals_hold_in_nine_of_ten_shops() -> None:
    """Small shops, where the parameters are unsure: chance alone would be far too narrow."""
    held = np.zeros(3)
    shops = 20
    for seed in range(shops):
        frame, _ = simulate(TRUTH, 250, 60.0, 60.0, seed=100 + seed)
        found = lifetime.foresee(lifetime.learn(frame), frame, 60.0)
        chance = np.sqrt(found.each["orders"].sum())
        for place, (name, spread, came) in enumerate((
            ("orders", found.orders_spread, frame["later_orders"].sum()),
            ("revenue", found.revenue_spread, frame["later_revenue"].sum()),
            ("orders", chance, frame["later_orders"].sum()),
        )):  # fmt: skip
            held[place] += abs(found.each[name].sum() - came) < 1.645 * spread
    assert held[0] >= 0.75 * shops
    assert held[1] >= 0.75 * shops
    assert held[2] < held[0]


def test_the_unit_of_time_changes_alpha_only(many: pd.DataFrame) -> None:
    some = many.head(800)
    weeks = some.assign(recency=some["recency"] / 7, age=some["age"] / 7)
    days, by_week = lifetime.fit(some, "day"), lifetime.fit(weeks, "week")
    assert by_week.alpha == pytest.approx(days.alpha / 7, rel=1e-3)
    for name in ("r", "a", "b"):
        assert getattr(by_week, name) == pytest.approx(getattr(days, name), rel=1e-3)
    ahead = lifetime.foresee(days.model, some, 70.0), lifetime.foresee(by_week.model, weeks, 10.0)
    assert ahead[0].each["orders"].to_numpy() == pytest.approx(ahead[1].each["orders"], rel=1e-3)


def filled(store: Store, path: Path, everything: list[list[tuple[float, float]]]) -> date:
    first = date(2024, 1, 1)
    write_orders(path, everything, first, 300.0)
    load(store, path, import_day=date(2025, 12, 31))
    return first


def test_the_model_wins_where_customers_behave_like_it(store: Store, tmp_path: Path) -> None:
    truth = Truth(alpha=20.0, a=1.0, b=4.0)
    _, everything = simulate(truth, 700, 300.0, 0.0, seed=8)
    filled(store, tmp_path / "orders.csv", everything)
    found = lifetime.fit(store, "day")
    assert found.test is not None
    assert found.test.winner == found.method == "model"
    assert found.verdict.startswith("The model foresees better than the rules, so it is used.")
    of = found.test.methods.set_index("method")
    assert of.loc["model", "typical_error"] < of.loc[["own_rate", "recent"], "typical_error"].min()
    assert found.test.methods["expected_orders"].iloc[0] == pytest.approx(
        (found.test.groups["expected"] * found.test.groups["customers"]).sum()
    )
    assert found.test.groups["customers"].sum() == found.test.customers
    assert (found.test.groups["came"] * found.test.groups["customers"]).sum() == pytest.approx(
        found.test.orders
    )


def clockwork(customers: int, days: int) -> list[list[tuple[float, float]]]:
    """Everybody orders every so many days, for the same money, and nobody ever leaves."""
    return [
        [(float(day), 10.0) for day in range(place % 7, days, 5 + 3 * (place % 9))]
        for place in range(customers)
    ]


def test_the_rule_is_used_where_it_foresees_better(store: Store, tmp_path: Path) -> None:
    filled(store, tmp_path / "orders.csv", clockwork(90, 300))
    worth = lifetime.keep(store)
    found = worth.found
    assert found.method == "own_rate"
    assert found.verdict.startswith("The model does not beat the rule “Same as so far”")
    each = store.query("lifetime_list", tables={"worth": worth.table}, days=90, still=None)
    assert each["still_customer_share"].isna().all()
    past = found.past
    assert past is not None
    rate = past.frame["frequency"] / past.frame["age"]
    assert each["expected_orders"].to_numpy() == pytest.approx(rate * 90 / 7)
    assert each["expected_revenue"].to_numpy() == pytest.approx(rate * 90 / 7 * 10.0)
    assert worth.totals["orders"].to_numpy() == pytest.approx(
        [
            store.query("lifetime_list", tables={"worth": worth.table}, days=days, still=None)[
                "expected_orders"
            ].sum()
            for days in (30, 90, 365)
        ]
    )


def test_what_is_kept_is_what_the_model_foresees(store: Store, tmp_path: Path) -> None:
    truth = Truth(alpha=20.0, a=1.0, b=4.0)
    _, everything = simulate(truth, 500, 300.0, 0.0, seed=9)
    first = filled(store, tmp_path / "orders.csv", everything)
    worth = lifetime.keep(store)
    assert worth.found.method == "model"
    each = store.query("lifetime_list", tables={"worth": worth.table}, days=90, still=None)
    past = worth.found.past
    assert past is not None
    direct = lifetime.foresee(worth.found.model, past.frame, 90 / 7)
    assert each["expected_orders"].to_numpy() == pytest.approx(direct.each["orders"])
    assert worth.totals["revenue"][1] == pytest.approx(direct.each["revenue"].sum())
    assert (worth.totals["orders_at_least"] < worth.totals["orders"]).all()
    assert (worth.totals["orders_at_most"] > worth.totals["orders"]).all()
    still = store.query("lifetime_list", tables={"worth": worth.table}, days=90, still=True)
    gone = store.query("lifetime_list", tables={"worth": worth.table}, days=90, still=False)
    assert len(still) + len(gone) == len(each)
    assert still["still_customer_share"].min() >= 0.5 > gone["still_customer_share"].max()
    assert lifetime.keep(store).table == worth.table
    earlier = lifetime.keep(store, first + timedelta(days=150))
    assert earlier.table != worth.table
    assert earlier.found.until == first + timedelta(days=149)
