"""The next action of a shop: planted truths are found, poor logs get an answer or a sentence."""

import importlib.util
from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest

from analytics import propensity, pytorch
from analytics.errors import NotEnoughDataError
from analytics.propensity import next_fit
from analytics.store import Store, preview_list
from tests.propensity.next_logs import Done, by_pace, csv, moments, second_order

AS_OF = date(2024, 3, 5)
ShopOf = Callable[..., Store]


@pytest.fixture(autouse=True)
def without_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has tests of its own, where it is installed."""
    monkeypatch.setattr(pytorch, "available", lambda: False)


def test_a_longer_memory_beats_a_short_one(shop_of: ShopOf) -> None:
    """Of the last action alone nothing can be told, of the last two 9 of 10 are known."""
    found = propensity.next_action(shop_of(events=csv(second_order())), AS_OF)
    losses = found.table.set_index("method")["log_loss"]
    certain = -(0.9 * np.log(0.9) + 0.1 * np.log(0.1))
    assert losses["chain_5"] == pytest.approx(certain, rel=0.1)
    assert losses["chain_1"] > np.log(2) * 0.95
    assert losses["logistic"] < 0.7 * losses["chain_1"]
    assert found.winner != "chain_1"
    assert found.verdict.winner == "model"
    assert "so the model is used" in found.verdict.sentence


def test_what_time_tells_no_chain_knows(shop_of: ShopOf) -> None:
    found = propensity.next_action(shop_of(events=csv(by_pace())), AS_OF)
    losses = found.table.set_index("method")["log_loss"]
    assert losses["logistic"] < 0.85 * losses[["chain_1", "chain_5"]].min()
    assert found.winner in ("logistic", "boosting")
    for action in ("view", "cart"):
        assert found.table.set_index("method").loc["logistic", f"auc_{action}"] > 0.8


@pytest.fixture
def small(shop_of: ShopOf) -> Store:
    return shop_of(
        events=csv(second_order(20, 140)),
        customers="customer_id,name,consent\nc03,Cy *3*,yes\nc04,Dan,no\n",
    )


def test_everybody_has_probabilities_and_the_table_tells_all(small: Store) -> None:
    found = propensity.next_action(small, AS_OF)
    everyone = found.predict()
    assert len(everyone) == found.customers == 20
    np.testing.assert_allclose(everyone[list(found.actions)].sum(axis=1), 1)
    assert found.actions == ("view", "cart", "leave")
    assert everyone.loc[everyone["away"], "leave"].eq(0).all()
    assert everyone["next_category"].isna().all()
    some = found.predict(["c05", "nobody", "c01"])
    assert some["customer_id"].tolist() == ["c05", "nobody", "c01"]
    assert some["view"].isna().tolist() == [False, True, False]
    table = found.table
    assert list(table["method"]) == [
        *table.dropna(subset="log_loss").sort_values("log_loss")["method"], "network",
    ]  # fmt: skip
    assert "make neural" in table["label"].iloc[-1]
    assert table["used"].sum() == 1
    columns = list(table.columns)
    assert columns.index("accuracy") > max(
        place for place, name in enumerate(columns) if name.startswith(("recall_", "auc_"))
    )
    for name in ("log_loss", "macro_f1", "auc_view", "recall_cart"):
        inside = table.dropna(subset=name)
        assert (inside[f"{name}_lo"] <= inside[name] + 1e-9).all()
    shares = found.moves.groupby("action")["share"].sum()
    np.testing.assert_allclose(shares, 1)


def test_it_is_kept_and_lists_are_read_from_it(small: Store) -> None:
    assert propensity.find_next(small, AS_OF) is None
    kept = propensity.keep_next(small, AS_OF)
    again = propensity.find_next(small, AS_OF)
    assert again is not None
    assert again.table == kept.table
    assert again.report.verdict == kept.report.verdict
    pd.testing.assert_frame_equal(again.report.table, kept.report.table, check_dtype=False)
    states = propensity.next_action(small, AS_OF).predict().set_index("customer_id")
    tables = {"next_actions": kept.table}
    sums = small.query("next_action_sums", tables=tables)
    carts = sums.loc[sums["action"] == "cart", "millionths"].sum() / 1e6
    assert carts == pytest.approx(states["cart"].sum(), abs=1e-4)
    listed = preview_list(small, "next_action_list", tables=tables, action="cart", limit=10)
    assert listed.rows == 10
    assert "c04" not in set(listed.frame["customer_id"])
    likeliest = states["cart"].drop("c04").nlargest(10)
    assert sorted(listed.frame["chance_share"]) == pytest.approx(sorted(likeliest))


def test_later_events_do_not_change_what_was_foretold_before(shop_of: ShopOf) -> None:
    log = second_order(20, 140)
    later = log.assign(at_us=log["at_us"] + 3 * 86_400_000_000, event="purchase")
    before = propensity.next_action(shop_of(events=csv(log)), AS_OF)
    after = propensity.next_action(shop_of(events=csv(later)), AS_OF)
    pd.testing.assert_frame_equal(before.states, after.states)
    pd.testing.assert_frame_equal(before.table, after.table)


def test_of_many_steps_some_are_learnt_from_and_everybody_is_foretold(
    shop_of: ShopOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(next_fit, "LEARN_FROM", 1_000)
    monkeypatch.setattr(next_fit, "AT_ONCE", 300)
    found = propensity.next_action(shop_of(events=csv(second_order(40, 210))), AS_OF)
    assert "those of customers drawn at random; everybody's next action" in found.notes[0]
    assert len(found.states) == 40
    assert found.learnt_steps + found.judged_steps <= 1_000 + 70
    monkeypatch.setattr(next_fit, "AT_ONCE", 1_000_000)
    store = shop_of(events=csv(second_order(40, 210)))  # Loaded again: nothing new.
    pd.testing.assert_frame_equal(propensity.next_action(store, AS_OF).states, found.states)


# Poor logs


def test_orders_alone_say_what_is_needed(shop_of: ShopOf) -> None:
    orders = "order_id,customer_id,ordered_at,product_id,quantity,unit_price\n" + "".join(
        f"{n},c{n % 3},2024-03-0{1 + n % 4} 10:00:00,tea,1,5\n" for n in range(9)
    )
    with pytest.raises(NotEnoughDataError, match="learnt from what people look at"):
        propensity.next_action(shop_of(orders=orders), AS_OF)


POOR: dict[str, list[Done]] = {
    "all at one instant": [(f"c{who}", 0, "view", f"p{n}") for who in range(20) for n in range(20)],
    "three events": [("ann", 0, "view"), ("ann", 1, "cart"), ("ben", 2, "view")],
    "one kind, nobody leaves": [("ann", place, "view") for place in range(400)],
}


@pytest.mark.parametrize("name", POOR)
def test_too_little_is_said_in_a_sentence(name: str, shop_of: ShopOf) -> None:
    with pytest.raises(NotEnoughDataError) as error:
        propensity.next_action(shop_of(events=csv(moments(POOR[name]))), AS_OF)
    assert error.value.fix


def test_one_customer_gets_an_answer_that_is_not_sure(shop_of: ShopOf) -> None:
    log = [("ann", 4 * place, ("view", "cart", "view")[place % 3]) for place in range(200)]
    found = propensity.next_action(shop_of(events=csv(moments(log))), AS_OF)
    assert found.winner == "chain_1"
    assert found.verdict.winner == "neither"
    assert "Only 1 customers did anything" in found.notes[0]
    assert len(found.predict(["ann"])) == 1


def test_one_kind_of_event_still_has_stays_and_leaves(shop_of: ShopOf) -> None:
    rng = np.random.default_rng(4)
    log: list[Done] = [
        (f"c{who}", float(minute), "view")
        for who in range(15)
        for minute in np.cumsum(rng.choice([2, 50], 60))
    ]
    events = csv(moments(log))
    header, *lines = events.splitlines()
    messy = "\n".join([header, *lines[::-1], *lines[:100], ""])  # Unsorted, and some twice.
    found = propensity.next_action(shop_of(events=messy), date(2024, 3, 7))
    assert found.actions == ("view", "leave")
    np.testing.assert_allclose(found.states[["view", "leave"]].sum(axis=1), 1)
    assert found.table.set_index("method").loc["chain_1", "log_loss"] < 0.7


def test_where_the_network_is_not_installed_the_table_says_how_to_add_it(
    small: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert not pytorch.available()
    row = propensity.next_action(small, AS_OF).table.set_index("method").loc["network"]
    assert np.isnan(row["log_loss"])
    assert "add it with make neural" in row["label"]
