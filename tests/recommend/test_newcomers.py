"""Customers of whom little is known: by what they looked at, by what past newcomers taught."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics import recommend
from analytics.store import Store, inspect, load
from tests.recommend import shops

KINDS, KIND = 5, 40


def products() -> pd.DataFrame:
    """Two hundred, forty of each kind, whose names share a word."""
    words = ("amber", "birch", "cedar", "denim", "ebony")
    return pd.DataFrame(
        {
            "product_id": [f"p{n}" for n in range(KINDS * KIND)],
            "name": [f"{words[n // KIND]} no {n}" for n in range(KINDS * KIND)],
            "category": [words[n // KIND] for n in range(KINDS * KIND)],
        }
    )


def add(store: Store, folder: Path, table: str, frame: pd.DataFrame) -> None:
    path = folder / f"{table}.csv"
    frame.to_csv(path, index=False)
    load(store, path, inspect(path, table=table), import_day=pd.Timestamp("2024-12-31").date())


@pytest.fixture(scope="module")
def looking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Five tastes, and three people without an order: one looked around, two are only known."""
    folder = tmp_path_factory.mktemp("looking")
    with shops.shop(folder, shops.exploring(), products()) as store:
        events = pd.DataFrame(
            {
                "customer_id": ["vera"] * 3,
                "occurred_at": [f"2024-05-{day} 10:00:00" for day in (10, 11, 12)],
                "event": ["view", "view", "cart"],
                "product_id": ["p81", "p82", "p83"],
            }
        )
        people = pd.DataFrame({"customer_id": ["nils", "olga"], "country": ["NO", "RU"]})
        add(store, folder, "events", events)
        add(store, folder, "customers", people)
        yield store


@pytest.mark.parametrize("method", ["ease", "auto"])
@pytest.mark.parametrize("job", recommend.JOBS)
def test_who_only_looked_gets_that_and_its_like(
    looking: Store, job: recommend.Job, method: str
) -> None:
    found = recommend.fit(looking, job, method).for_customers(["vera"], 10)
    assert found["product_id"].iloc[0] == "p83", "a cart tells more than a look"
    assert {"p81", "p82"} <= set(found["product_id"])
    assert found["reason"].iloc[0] == "They looked at it, and have not bought it yet."
    assert (found["product_id"].str[1:].astype(int) // KIND == 2).all()
    like = found[~found["product_id"].isin(["p81", "p82", "p83"])]
    assert like["reason"].str.startswith("They looked at or bought cedar no").all()
    assert found["score"].isna().all()


def test_of_whom_nothing_is_known_gets_best_sellers(looking: Store) -> None:
    found = recommend.fit(looking, "discover", "ease").for_customers(["nils", "olga"], 5)
    best = recommend.fit(looking, "discover", "popular").for_customers(["nils"], 5)
    for _, rows in found.groupby("customer_id"):
        assert rows["product_id"].tolist() == best["product_id"].tolist()
        assert rows["reason"].str.startswith("A best seller").all()


def test_best_sellers_asked_for_are_for_everyone(looking: Store) -> None:
    found = recommend.fit(looking, "discover", "popular").for_customers(["vera", "nils"], 5)
    first, second = (rows["product_id"].tolist() for _, rows in found.groupby("customer_id"))
    assert first == second


def test_what_is_never_to_be_shown_is_not(looking: Store) -> None:
    model = recommend.fit(looking, "discover", "ease")
    found = model.for_customers(["vera"], 10, exclude=["p83"])
    assert "p83" not in set(found["product_id"])
    assert (found["product_id"].str[1:].astype(int) // KIND == 2).all()


def joining(told: bool, seed: int = 5) -> list[shops.Line]:
    """Somebody new comes twice a day and orders every five days, of one taste or of anything."""
    rng = np.random.default_rng(seed)
    lines: list[shops.Line] = []
    for customer in range(2 * shops.DAYS):
        taste = KIND * (customer % KINDS)
        wanted = taste + rng.permutation(KIND) if told else rng.permutation(KINDS * KIND)
        days = range(customer // 2, shops.DAYS, 5)
        lines += [(customer, day, int(product)) for day, product in zip(days, wanted, strict=False)]
    return lines


def test_what_past_newcomers_told_is_used_for_those_of_today(tmp_path: Path) -> None:
    with shops.shop(tmp_path, joining(True), products()) as store:
        found = recommend.newcomers(store)
        model = recommend.fit(store, "discover", "ease")
        # They came five to nine days ago, so they have two baskets.
        today = [f"c{n}" for n in range(2 * shops.DAYS - 18, 2 * shops.DAYS - 10)]
        lists = model.for_customers(today, 5)
        assert recommend.newcomers(store).evidence.equals(found.evidence)
    assert found.used["few"] in ("interest", "hybrid")
    rows = found.evidence[found.evidence["group"] == "few"].set_index("method")
    assert rows.loc[found.used["few"], "lead_lo"] > 0
    assert rows["customers"].min() > 30
    assert "Ordered once or twice: " in found.verdict
    assert "against" in found.verdict
    baskets = model.history.customers.set_index("customer_id")["baskets"]
    assert set(baskets[today]) == {2}
    taste = lists["customer_id"].str[1:].astype(int) % KINDS
    assert (lists["product_id"].str[1:].astype(int) // KIND == taste).mean() > 0.9


def test_where_they_tell_nothing_best_sellers_stay(tmp_path: Path) -> None:
    with shops.shop(tmp_path, joining(False), products()) as store:
        found = recommend.newcomers(store)
        model = recommend.fit(store, "discover", "ease")
        lists = model.for_customers([f"c{2 * shops.DAYS - 12}"], 5)
    assert found.used["few"] == "popular"
    assert "clearly better" in found.verdict
    assert lists["reason"].str.startswith("A best seller").all()


def test_three_baskets_are_enough_for_a_taste_of_ones_own(tmp_path: Path) -> None:
    lines = [*shops.exploring(), (901, 5, 43), (901, 6, 44), (901, 7, 45)]
    with shops.shop(tmp_path, lines) as store:
        found = recommend.fit(store, "discover", "als").for_customers(["c901"], 5)
    assert set(found["product_id"].str[1:].astype(int) // KIND) == {1}
    assert found["score"].notna().all()


def test_best_sellers_of_a_country_where_countries_differ(tmp_path: Path) -> None:
    """Each country buys its own forty products; newcomers are known before they order."""
    rng = np.random.default_rng(3)
    lines: list[shops.Line] = []
    liked = rng.permutation(KIND)[:20]
    for customer in range(400):
        start = KIND * (customer % 2)
        first = int(rng.integers(shops.DAYS - 20))
        for day in (first, first + 10):
            lines += [(customer, day, start + int(one)) for one in rng.choice(liked, 2, False)]
    people = pd.DataFrame(
        {
            "customer_id": [f"c{n}" for n in range(400)] + ["pia", "quinn"],
            "country": [("AT", "BE")[n % 2] for n in range(400)] + ["AT", "BE"],
        }
    )
    with shops.shop(tmp_path, lines, products()) as store:
        add(store, tmp_path, "customers", people)
        found = recommend.newcomers(store)
        lists = recommend.fit(store, "discover", "ease").for_customers(["pia", "quinn"], 10)
    assert found.used["unknown"] == "country"
    assert "best sellers of their country" in found.verdict
    own = lists["product_id"].str[1:].astype(int) // KIND
    assert (own == lists["customer_id"].map({"pia": 0, "quinn": 1})).all()
    assert lists["reason"].str.startswith("A best seller").all()


def test_a_shop_of_one_order_has_no_newcomers_to_learn_from(tmp_path: Path) -> None:
    with shops.shop(tmp_path, [(0, 0, 0)]) as store:
        found = recommend.newcomers(store, shops.FIRST_DAY + timedelta(days=1))
    assert found.evidence.empty
    assert found.used == {"looked": "interest", "few": "popular", "unknown": "popular"}
    assert found.verdict.count("no past one can be judged") == 3
