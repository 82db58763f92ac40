"""Whom to tell about a new product: by hand, and in shops whose truth is known."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analytics import recommend, rfm
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.evaluate import auc
from analytics.recommend.launches import EVIDENCE, interval, lift
from analytics.recommend.moments import rfm_scores
from analytics.store import Store, inspect, load, preview_list
from tests.recommend import shops

CUSTOMERS, KINDS, LAUNCHES = 200, 5, 24
DAYS = 300
AS_OF = shops.FIRST_DAY + timedelta(days=DAYS)
PEOPLE = 60
"""What is sold from the first day on, and its buyers' tastes: product n is of kind n % 5."""


def products() -> pd.DataFrame:
    """Sixty old products, then 24 new ones and one that nobody has bought: kind n % 5 each."""
    count = PEOPLE + LAUNCHES + 1
    return pd.DataFrame(
        {
            "product_id": [f"p{n}" for n in range(count)],
            "name": [f"Thing {n}" for n in range(count)],
            "category": [f"Kind {n % KINDS}" for n in range(count)],
            "brand": "Oak",
            "price": 10.0,
        }
    )


def shop_lines(of_kind: bool, seed: int = 11) -> list[shops.Line]:
    """Customer n orders the oftener the higher n is, of the kind n % 5, from 60 old products.

    A new product comes every eight days from day 90 on. Some ten customers buy it in its first
    fortnight: of its kind, however active, or the most active, whatever their kind.
    """
    rng = np.random.default_rng(seed)
    lines: list[shops.Line] = []
    for customer in range(CUSTOMERS):
        orders = 6 if of_kind else 4 + customer // 5
        for day in rng.choice(DAYS, orders, replace=False):
            kind = customer % KINDS if of_kind else int(rng.integers(KINDS))
            lines.append((customer, int(day), KINDS * int(rng.integers(PEOPLE // KINDS)) + kind))
    for launch in range(LAUNCHES):
        product, first = PEOPLE + launch, 90 + 8 * launch
        if of_kind:
            among = np.arange(product % KINDS, CUSTOMERS, KINDS)
        else:
            among = np.arange(CUSTOMERS - 40, CUSTOMERS)
        for customer in rng.choice(among, 10, replace=False):
            lines.append((int(customer), first + int(rng.integers(14)), product))
        lines.append((int(among[0]), first, product))
    return lines


@pytest.fixture(scope="module")
def of_kind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A shop where new products are bought by those who buy their kind; read from it only."""
    with shops.shop(tmp_path_factory.mktemp("kind"), shop_lines(True), products()) as store:
        yield store


@pytest.fixture(scope="module")
def of_activity(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A shop where the most active buy whatever is new; read from it only."""
    with shops.shop(tmp_path_factory.mktemp("active"), shop_lines(False), products()) as store:
        yield store


# The measures


def test_auc_and_lift_by_hand() -> None:
    bought = np.array([True, False, True, False, False])
    # Buyers at 5 and 3, others at 4, 3 and 1: 3 + (0 + 1/2 + 1) of 6 pairs.
    assert auc(bought, np.array([5.0, 4.0, 3.0, 3.0, 1.0])) == pytest.approx(4.5 / 6)
    # Of the first two fifths one of two buyers: 1/2 ÷ 2/5.
    assert lift(bought, np.array([5.0, 4.0, 3.0, 3.0, 1.0]), 0.4) == pytest.approx(1.25)
    # The third place is shared by one buyer and one other: 1.5 of 2 buyers ÷ 3/5.
    assert lift(bought, np.array([5.0, 4.0, 3.0, 3.0, 1.0]), 0.6) == pytest.approx(1.25)
    assert auc(bought, np.zeros(5)) == 0.5
    assert lift(bought, np.zeros(5), 0.4) == pytest.approx(1.0)


def test_an_interval_is_students() -> None:
    values = np.array([0.6, 0.8, 0.7, 0.9])
    mean, lo, hi = interval(values)
    theirs = stats.t.interval(0.95, 3, values.mean(), stats.sem(values))
    assert (mean, lo, hi) == pytest.approx((0.75, *theirs))


def test_rfm_scores_are_those_of_the_segments_page(of_activity: Store) -> None:
    day = AS_OF - timedelta(days=40)
    theirs = rfm.score(of_activity, day).set_index("customer_id")
    customers = pd.Index([*theirs.index, "nobody"])
    own = rfm_scores(of_activity.query("customer_totals", as_of=day), customers)
    assert own[:-1].tolist() == (theirs["r"] + theirs["f"] + theirs["m"]).tolist()
    assert own[-1] == 0


# Known truths


def test_where_kind_tells_buyers_the_blend_finds_them(of_kind: Store) -> None:
    """Product p84, which nobody has bought, is of kind 84 % 5 = 4."""
    past = recommend.past_launches(of_kind, AS_OF)
    assert past.used == "blend"
    found = past.evidence.set_index("method")
    # A fifth of the customers are of the kind, so chance within the kind is the best possible:
    # .9 on average over the other four fifths and half of the own.
    assert found.loc["blend", "auc"] > 0.85
    assert found.loc["rfm", "auc_lo"] < 0.6
    assert found.loc["blend", "lift_top_5_lo"] > found.loc["rfm", "lift_top_5_hi"]
    told = recommend.launch(of_kind, "p84", 30, AS_OF, past=past)
    assert told.method == "blend"
    assert told.customers["rank"].tolist() == list(range(1, 31))
    assert told.customers["score"].is_monotonic_decreasing
    assert (told.customers["customer_id"].str[1:].astype(int) % KINDS == 4).mean() > 0.9
    assert told.customers["reason"].str.contains("Kind 4 products").mean() > 0.9
    assert "told buyers best" in told.verdict


def test_where_the_active_buy_anything_new_a_rule_is_used(of_activity: Store) -> None:
    past = recommend.past_launches(of_activity, AS_OF)
    assert past.used in ("rfm", "activity")
    assert past.weights is None
    assert "did not tell buyers clearly better" in past.verdict
    told = recommend.launch(of_activity, "p84", 30, AS_OF, past=past)
    assert told.method == past.used
    assert told.customers["customer_id"].str[1:].astype(int).min() > 80
    assert told.evidence.equals(past.evidence)


def test_a_product_that_is_in_no_file_gets_the_list_of_its_like(of_kind: Store) -> None:
    past = recommend.past_launches(of_kind, AS_OF)
    typed = recommend.NewProduct("Thing 84", "Kind 4", "Oak", 10.0)
    of_file, by_hand = (
        recommend.launch(of_kind, product, 50, AS_OF, past=past).customers
        for product in ("p84", typed)
    )
    pd.testing.assert_frame_equal(of_file, by_hand)


def test_who_has_it_or_does_not_want_it_is_not_told(tmp_path: Path) -> None:
    with shops.shop(tmp_path, shop_lines(True), products()) as store:
        newest = f"p{PEOPLE + LAUNCHES - 1}"
        past = recommend.past_launches(store, AS_OF)
        everyone = recommend.launch(store, newest, 1000, AS_OF, past=past).customers
        buyers = {f"c{c}" for c, _, p in shop_lines(True) if f"p{p}" == newest}
        assert buyers
        assert not buyers & set(everyone["customer_id"])
        assert len(everyone) == CUSTOMERS - len(buyers)
        first = str(everyone["customer_id"].iloc[0])
        recommend.give_feedback(
            store, first, newest, "never", day=AS_OF, at=datetime(2024, 12, 30, 12)
        )
        told = recommend.launch(store, newest, 1000, AS_OF, past=past).customers
        assert first not in set(told["customer_id"])
        assert len(told) == len(everyone) - 1


def test_the_opted_out_are_left_out_of_the_list(tmp_path: Path, write: Callable[..., Path]) -> None:
    with shops.shop(tmp_path, shop_lines(True), products()) as store:
        told = recommend.launch(store, "p84", 30, AS_OF)
        first = told.customers["customer_id"].iloc[0]
        path = write("customers.csv", f"customer_id,email,consent\n{first},one@example.com,no\n")
        load(store, path, inspect(path, table="customers"), import_day=date(2024, 12, 31))
        table = store.keep("launch", "test", told.customers)
        listed = preview_list(store, "launch_list", tables={"launch": table})
    assert listed.opted_out == 1
    assert listed.rows == 29
    assert first not in set(listed.frame["customer_id"])
    assert {"why", "rank"} <= set(listed.frame.columns)


def test_nothing_later_is_learnt_from(tmp_path: Path) -> None:
    lines = shop_lines(True)
    cut = shops.FIRST_DAY + timedelta(days=230)
    found = []
    for name, chosen in (("all", lines), ("known", [line for line in lines if line[1] < 230])):
        (tmp_path / name).mkdir()
        with shops.shop(tmp_path / name, chosen, products()) as store:
            found.append(recommend.past_launches(store, cut))
    pd.testing.assert_frame_equal(found[0].evidence, found[1].evidence)
    assert found[0].verdict == found[1].verdict


# Too little, and bad input


def test_too_few_new_products_are_told_of(tmp_path: Path) -> None:
    with shops.shop(tmp_path, shops.exploring()) as store:
        told = recommend.launch(store, recommend.NewProduct("Thing"), 10)
    assert told.method == "rfm"
    assert "it takes some ten" in told.verdict
    assert told.evidence.empty
    assert told.evidence.columns.tolist() == list(EVIDENCE)
    assert len(told.customers) == 10
    # All have twenty orders of the same worth, so F and M are 1 and the latest have R 5.
    assert told.customers["reason"].str.fullmatch(r"RFM score 7 of 15\.").all()


def test_a_product_of_which_nothing_is_known_gets_the_rule(of_kind: Store) -> None:
    past = recommend.past_launches(of_kind, AS_OF)
    bare = recommend.launch(of_kind, recommend.NewProduct(price=10.0), 10, AS_OF, past=past)
    odd = recommend.NewProduct("Unheard", category="Elsewhere")
    strange = recommend.launch(of_kind, odd, 10, AS_OF, past=past)
    assert bare.method in ("rfm", "activity")
    assert bare.method == strange.method
    assert "Neither name, category nor brand of this product is known" in bare.verdict
    assert "nothing that shares the name or category" in strange.verdict
    assert len(bare.customers) == len(strange.customers) == 10


def test_no_product_table_is_no_obstacle(tmp_path: Path) -> None:
    """Nothing tells what products are like, so the rule is used."""
    with shops.shop(tmp_path, shop_lines(True)) as store:
        past = recommend.past_launches(store, AS_OF)
        told = recommend.launch(store, "p83", 10, AS_OF, past=past)
    assert past.used in ("rfm", "activity")
    assert len(told.customers) == 10


def test_unknown_products_and_lengths_are_sentences(of_kind: Store, store: Store) -> None:
    with pytest.raises(AnalyticsError, match="“p999” is neither in the products file"):
        recommend.launch(of_kind, "p999")
    with pytest.raises(AnalyticsError, match="0 customers"):
        recommend.launch(of_kind, "p84", 0)
    with pytest.raises(NotEnoughDataError, match="no orders yet"):
        recommend.launch(store, "p84")


def test_orders_that_name_no_product(store: Store, write: Callable[..., Path]) -> None:
    path = write("orders.csv", "order_id,customer_id,ordered_at,amount\n1,anna,2024-05-01,4.00\n")
    load(store, path, inspect(path, table="orders"), import_day=date(2024, 12, 31))
    with pytest.raises(NotEnoughDataError, match="do not say what was bought"):
        recommend.launch(store, recommend.NewProduct("Tea"))


def test_the_products_query_by_hand(small_shop: Store) -> None:
    """Ben's tea was refunded, and dora's was free: both are orders; the guest is no customer."""
    found = small_shop.query("launch_products", as_of=date(2024, 3, 2)).set_index("product_id")
    assert found.index.tolist() == ["pot", "cup", "tea"]
    assert found["first_day"].tolist() == [
        date(2024, 2, 11), date(2024, 1, 5), date(2024, 1, 5)
    ]  # fmt: skip
    assert found["buyers"].tolist() == [1, 1, 2]
    earlier = small_shop.query("launch_products", as_of=date(2024, 1, 5)).set_index("product_id")
    assert earlier["first_day"].isna().all()
    assert earlier["buyers"].tolist() == [0, 0, 0]
