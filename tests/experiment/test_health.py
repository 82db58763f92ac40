"""Checks of tests with a planted fault each."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics import experiment
from analytics.experiment import shelf
from analytics.store import Store
from tests.experiment.shops import csv_of, fill

START = datetime(2024, 3, 4)
Filled = Callable[..., pd.DataFrame]


def sound(n: int = 400, seed: int = 1) -> dict[str, pd.DataFrame]:
    """A test without a fault: four weeks before it, two weeks of assignments, two after."""
    rng = np.random.default_rng(seed)
    ids = [f"k{place:04}" for place in range(n)]
    people = pd.DataFrame({"customer_id": ids, "gender": rng.choice(["f", "m"], n)})
    assigned = [START + timedelta(minutes=place * 14 * 1440 // n) for place in range(n)]
    assignments = pd.DataFrame(
        {
            "experiment": "sale",
            "customer_id": ids,
            "variant": ["control" if place % 2 else "treatment" for place in range(n)],
            "assigned_at": assigned,
        }
    )
    orders = n * 3
    lines = pd.DataFrame(
        {
            "order_id": [f"o{place}" for place in range(orders)],
            "customer_id": rng.choice(ids, orders),
            "ordered_at": [
                START + timedelta(minutes=int(minute))
                for minute in rng.integers(-28 * 1440, 28 * 1440, orders)
            ],
            "amount": rng.integers(1_000, 6_000, orders) / 100,
        }
    )
    return {"orders": lines, "customers": people, "assignments": assignments}


@pytest.fixture
def checked(store: Store, tmp_path: Path) -> Filled:
    """Checks of a shop: `checked(shop, window_days=…)`, by check."""

    def run(shop: dict[str, pd.DataFrame], **more: Any) -> pd.DataFrame:
        fill(store, tmp_path, {table: csv_of(frame) for table, frame in shop.items()})
        arguments: dict[str, Any] = {"window_days": 7, "as_of": (START + timedelta(28)).date()}
        return experiment.health(store, "sale", **(arguments | more)).set_index("check")

    return run


def test_a_sound_test_is_all_green(checked: Filled) -> None:
    found = checked(sound(), planned_n=400)
    assert found[found["level"] != "green"].empty
    assert set(found.index) >= {"Size", "Sizes as planned", "Alike before", "Customers found"}


def test_sizes_that_chance_does_not_give(checked: Filled) -> None:
    shop = sound()
    odd = shop["assignments"]["variant"] == "control"
    shop["assignments"] = shop["assignments"][~odd | (np.arange(400) % 4 == 1)]
    found = checked(shop)
    # 200 against 100: chi-square 33.3 with one degree of freedom.
    assert found.loc["Sizes as planned", "level"] == "red"
    assert found.loc["Sizes as planned", "value"] == pytest.approx(7.8e-9, rel=0.02)
    assert "100 in “control” and 200 in “treatment”" in found.loc["Sizes as planned", "sentence"]


def test_an_unequal_split_that_was_planned(checked: Filled) -> None:
    shop = sound()
    odd = shop["assignments"]["variant"] == "control"
    shop["assignments"] = shop["assignments"][~odd | (np.arange(400) % 4 == 1)]
    found = checked(shop, shares={"control": 1, "treatment": 2})
    assert found.loc["Sizes as planned", "level"] == "green"


@pytest.mark.parametrize(("several", "level"), [(4, "amber"), (40, "red")])
def test_customers_in_several_variants(checked: Filled, several: int, level: str) -> None:
    shop = sound()
    again = shop["assignments"].head(several).copy()
    again["variant"] = again["variant"].map({"control": "treatment", "treatment": "control"})
    shop["assignments"] = pd.concat([shop["assignments"], again])
    found = checked(shop)
    assert found.loc["One variant each", "level"] == level
    assert found.loc["One variant each", "value"] == several / 400
    assert f"{several} customers were in several" in found.loc["One variant each", "sentence"]


def test_read_before_the_planned_size(checked: Filled) -> None:
    found = checked(sound(), planned_n=1_000)
    assert found.loc["Read as planned", "level"] == "amber"
    assert "400 of 1,000" in found.loc["Read as planned", "sentence"]
    assert found.loc["Read as planned", "value"] == 0.4


def test_a_saved_plan_is_known(checked: Filled, store: Store) -> None:
    plan = experiment.plan(0.1, weekly_visitors=1_000, mde=0.05)
    shelf.save_plan(store, "sale", plan, "conversion_rate")
    found = checked(sound())
    assert f"of {plan.total_n:,} planned" in found.loc["Read as planned", "sentence"]


@pytest.mark.parametrize(("days", "words"), [(3, "on 3 days only"), (10, "10 days, not whole")])
def test_not_whole_weeks(checked: Filled, days: int, words: str) -> None:
    shop = sound()
    shop["assignments"]["assigned_at"] = [
        START + timedelta(minutes=place * days * 1440 // 400) for place in range(400)
    ]
    found = checked(shop)
    assert found.loc["Whole weeks", "level"] == "amber"
    assert words in found.loc["Whole weeks", "sentence"]


def test_windows_that_are_not_over(checked: Filled) -> None:
    found = checked(sound(), window_days=21)
    # Of 14 days of assignments the customers of the first seven have had 21 days by the 28th.
    assert found.loc["Time to act", "level"] == "amber"
    assert found.loc["Time to act", "value"] == pytest.approx(200, abs=2)


def test_variants_that_differed_before(checked: Filled) -> None:
    shop = sound()
    ids = shop["assignments"].loc[shop["assignments"]["variant"] == "treatment", "customer_id"]
    early = shop["orders"]["ordered_at"] < START
    shop["orders"].loc[early & shop["orders"]["customer_id"].isin(ids), "amount"] *= 3
    found = checked(shop, window_days=14)
    assert found.loc["Alike before", "level"] == "red"


def test_customers_unknown_in_one_variant(checked: Filled) -> None:
    shop = sound()
    treated = set(
        shop["assignments"].loc[shop["assignments"]["variant"] == "treatment", "customer_id"]
    )
    lost = shop["customers"]["customer_id"].isin(treated) & (np.arange(400) % 4 == 0)
    shop["customers"] = shop["customers"][~lost]
    found = checked(shop)
    assert found.loc["Customers found", "level"] == "red"
    assert "100% in “control” and 50% in “treatment”" in found.loc["Customers found", "sentence"]


def test_other_customer_numbers(checked: Filled) -> None:
    shop = sound()
    shop["customers"]["customer_id"] = "shop-" + shop["customers"]["customer_id"]
    shop["orders"]["customer_id"] = "shop-" + shop["orders"]["customer_id"]
    found = checked(shop)
    assert found.loc["Customers found", "level"] == "red"
    assert "same customer numbers" in found.loc["Customers found", "sentence"]


def test_assignments_dated_by_the_export(checked: Filled) -> None:
    shop = sound()
    shop["assignments"]["assigned_at"] = START + timedelta(days=20)
    shop["orders"] = shop["orders"][shop["orders"]["ordered_at"] < START + timedelta(days=19)]
    found = checked(shop)
    assert found.loc["Dates", "level"] == "red"
    assert "dates look like those of the export" in found.loc["Dates", "sentence"]


def test_assignments_after_the_last_day(checked: Filled) -> None:
    found = checked(sound(), as_of=(START + timedelta(days=10)).date(), window_days=2)
    assert found.loc["Dates", "level"] == "amber"
    # From the 11th of 14 days on.
    assert found.loc["Dates", "value"] == pytest.approx(400 * 4 / 14, abs=2)


def test_a_test_before_the_first_order(checked: Filled) -> None:
    shop = sound()
    shop["orders"] = shop["orders"][shop["orders"]["ordered_at"] > START + timedelta(days=5)]
    assert checked(shop).loc["Dates", "level"] == "red"


def test_one_customer_carries_the_difference(checked: Filled) -> None:
    shop = sound(n=4_000)
    ids = shop["assignments"].loc[shop["assignments"]["variant"] == "treatment", "customer_id"]
    late = shop["orders"]["ordered_at"] > START + timedelta(days=1)
    treated = late & shop["orders"]["customer_id"].isin(ids)
    shop["orders"].loc[treated, "amount"] *= 1.3
    first = shop["orders"][treated & (shop["orders"]["ordered_at"] > START + timedelta(days=18))]
    lucky = first.index[first["customer_id"] > "k2500"][0]
    shop["orders"].loc[lucky, "amount"] = 9_000.0
    found = checked(shop, window_days=None)
    assert found.loc["No single customer", "level"] in ("amber", "red")
    assert found.loc["No single customer", "value"] > 0.25


def test_nobody_in_a_variant_bought(checked: Filled) -> None:
    shop = sound()
    ids = shop["assignments"].loc[shop["assignments"]["variant"] == "treatment", "customer_id"]
    gone = shop["orders"]["customer_id"].isin(ids) & (shop["orders"]["ordered_at"] >= START)
    shop["orders"] = shop["orders"][~gone]
    found = checked(shop)
    assert found.loc["Somebody did it", "level"] == "amber"
    assert "“treatment”" in found.loc["Somebody did it", "sentence"]


def test_a_red_check_makes_the_verdict_one_not_to_be_trusted(store: Store, tmp_path: Path) -> None:
    shop = sound()
    odd = shop["assignments"]["variant"] == "control"
    shop["assignments"] = shop["assignments"][~odd | (np.arange(400) % 4 == 1)]
    fill(store, tmp_path, {table: csv_of(frame) for table, frame in shop.items()})
    readout = experiment.read(store, "sale", window_days=7)
    control, treatment = (experiment.arm(readout.arms, name) for name in readout.variants)
    result = experiment.compare(control, treatment, "conversion_rate")
    checks = experiment.health(store, "sale", readout=readout)
    judged = experiment.trust(result, checks)
    assert judged.verdict == "do not trust"
    assert "cannot come of an equal split" in judged.reason


def test_no_sentence_has_a_nan(checked: Filled) -> None:
    for sentence in checked(sound(n=8))["sentence"]:
        assert "nan" not in sentence.lower().split()


def test_customers_in_a_variant_that_was_to_have_none(checked: Filled) -> None:
    found = checked(sound(), shares={"treatment": 100})
    assert found.loc["Sizes as planned", "level"] == "red"


@pytest.mark.parametrize(
    ("buyers", "level"),
    [({}, "red"), ({"treatment": 3}, "amber"), ({"treatment": 40}, "red")],
)
def test_nobody_of_a_variant_is_in_the_orders(
    checked: Filled, buyers: dict[str, int], level: str
) -> None:
    """Of 200 and 200 that 3 and 0 act may be chance (Fisher's p: 0.25), that 40 and 0 do not."""
    shop = sound()
    assigned = shop["assignments"]
    bought = [
        who
        for variant, n in buyers.items()
        for who in assigned.loc[assigned["variant"] == variant, "customer_id"].head(n)
    ]
    days = [START - timedelta(days=28), *[START + timedelta(days=17)] * len(bought)]
    lines = pd.DataFrame(
        {
            "order_id": [f"o{place}" for place in range(len(days))],
            "customer_id": ["stranger", *bought],
            "ordered_at": days,
            "amount": 10.0,
        }
    )
    found = checked({"orders": lines, "assignments": assigned})
    assert found.loc["Customers found", "level"] == level
    named = "“control”" if buyers else "“control” or “treatment”"
    assert f"No customer of {named} is found" in found.loc["Customers found", "sentence"]


def test_customers_who_act_outside_the_window_only_are_known(checked: Filled) -> None:
    shop = sound()
    del shop["customers"]
    shop["orders"]["ordered_at"] = START + timedelta(days=25)
    found = checked(shop, window_days=1)
    assert "Customers found" not in found.index


def test_one_customer_who_brings_most_of_a_variant(checked: Filled) -> None:
    """However much it is, nothing can be told: one customer is no difference between variants."""
    shop = sound()
    last = shop["assignments"].iloc[0]
    bill = pd.DataFrame(
        [{"order_id": "big", "customer_id": last["customer_id"], "amount": 900_000.0,
          "ordered_at": last["assigned_at"] + timedelta(hours=1)}]
    )  # fmt: skip
    shop["orders"] = pd.concat([shop["orders"], bill])
    found = checked(shop)
    assert found.loc["No single customer", "level"] == "amber"
    assert "One customer carries" in found.loc["No single customer", "sentence"]
    assert "of the revenue of “treatment”" in found.loc["No single customer", "sentence"]


def test_a_result_that_may_be_read_any_day_is_read_as_planned(checked: Filled) -> None:
    assert checked(sound()).loc["Read as planned", "level"] == "amber"
    found = checked(sound(), mode="always_valid", planned_n=1_000).loc["Read as planned"]
    assert found["level"] == "green"
    assert "400 of 1,000 planned" in found["sentence"]
