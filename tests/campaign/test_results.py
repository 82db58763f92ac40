"""What a campaign earned, through the store: by hand, with merged ids, too early, and in words."""

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics import campaign
from analytics.campaign.results import judged
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store, inspect, load
from analytics.store.privacy import suppress
from tests.campaign import simulate
from tests.campaign.conftest import IMPORT_DAY, PEOPLE, START, Bring, features, members, orders_of
from tests.campaign.test_estimate import HILLSTROM, hillstrom, row
from tests.campaign.test_launching import launch, sides

AFTER = ("last", "c00", "2024-07-01", "1")
"""An order of nobody in the campaign, which closes its window."""


def hand(store: Store, bring: Bring, amounts: tuple[str, str]) -> campaign.Campaign:
    """All of the contacted buy once for the first amount, all held-out for the second."""
    made = launch(store, cost_per_contact=0.5, fixed_cost=10, margin=0.5, window_days=30)
    treated, held = (sorted(side) for side in sides(store, made))
    lines = [(f"t{one}", one, "2024-05-01", amounts[0]) for one in treated]
    lines += [(f"h{one}", one, "2024-05-30", amounts[1]) for one in held]
    # The day before the start and the day after the window do not count.
    lines += [("e1", treated[0], "2024-04-30", "900"), ("e2", treated[0], "2024-05-31", "900")]
    bring("orders", orders_of([*lines, AFTER]))
    return made


def test_by_hand(shop: Store, bring: Bring) -> None:
    made = hand(shop, bring, ("30", "20"))
    treated, held = sides(shop, made)
    # One contacted buys a second time, so that sides vary.
    more = sorted(treated)[1]
    bring("orders", orders_of([("x1", more, "2024-05-10", "12.34")]))
    found = campaign.outcome(shop, "Spring", unit="EUR")
    assert (found.treated, found.held_out) == (len(treated), len(held))
    assert (found.first_day, found.last_day, found.days) == (START, date(2024, 5, 30), 30)
    assert found.complete
    assert found.treated_revenue == 30 * len(treated) + Decimal("12.34")
    assert found.held_out_revenue == 20 * len(held)
    assert found.cost == 10 + Decimal("0.5") * len(treated)
    sales, profit = found.of("revenue"), found.of("profit")
    assert sales["total"] == pytest.approx(10 * len(treated) + 12.34)
    assert sales["held_out_per_customer"] == pytest.approx(20)
    assert profit["total"] == pytest.approx(0.5 * sales["total"] - float(found.cost))
    assert found.of("return_on_spend")["total"] == pytest.approx(
        profit["total"] / float(found.cost)
    )
    assert found.of("orders")["total"] == pytest.approx(1)
    assert found.of("buyers")["total"] == 0


def test_money_may_be_large(shop: Store, bring: Bring) -> None:
    """A shop in rupiah: what it sold, and the squares of that, do not outgrow their numbers."""
    made = hand(shop, bring, ("30000000", "20000000"))
    treated, held = sides(shop, made)
    bring("orders", orders_of([("x1", sorted(treated)[1], "2024-05-10", "12340000.5")]))
    found = campaign.outcome(shop, "Spring")
    assert found.of("revenue")["total"] == pytest.approx(10_000_000 * len(treated) + 12_340_000.5)
    # All but one of the contacted bought for the same: Σ(x − mean)² = extra² (1 − 1/n).
    base = campaign.baseline(shop, members(shop), 30, date(2024, 6, 1))
    # From 2 May on: the held-out, the one more, and what came after the window.
    assert base.mean * base.customers == pytest.approx(20_000_000 * len(held) + 12_340_000.5 + 900)
    assert base.variance > 0


def test_orders_of_people_outside_do_not_count(shop: Store, bring: Bring) -> None:
    made = hand(shop, bring, ("30", "20"))
    before = campaign.outcome(shop, made)
    bring("orders", orders_of([("z1", "stranger", "2024-05-03", "500")]))
    bring("orders", orders_of([("z2", "c00", "2024-05-03", "500")]))
    pd.testing.assert_frame_equal(campaign.outcome(shop, made).effects, before.effects)


def test_the_opted_out_stay_in_the_result(shop: Store, bring: Bring) -> None:
    made = hand(shop, bring, ("30", "20"))
    before = campaign.outcome(shop, made)
    suppress(shop, sorted(sides(shop, made)[0])[:5], "asked")
    after = campaign.outcome(shop, made)
    assert (after.treated, after.treated_revenue) == (before.treated, before.treated_revenue)


def test_before_and_during_the_window(shop: Store, bring: Bring) -> None:
    made = launch(shop, window_days=30)
    with pytest.raises(NotEnoughDataError, match="starts on 1 May 2024, and the orders end"):
        campaign.outcome(shop, made)
    assert campaign.ledger(shop)["status"].tolist() == ["not started"]
    treated, held = (sorted(side) for side in sides(shop, made))
    lines = [(f"t{one}", one, "2024-05-02", "50") for one in treated]
    lines += [(f"h{one}", one, "2024-05-12", "10") for one in held]
    bring("orders", orders_of(lines))
    found = campaign.outcome(shop, made, unit="EUR")
    assert (found.complete, found.days, found.verdict) == (False, 12, "too early")
    assert found.sentence.startswith("Too early to tell: 12 of 30 days are in the data")
    assert campaign.ledger(shop)["status"].tolist() == ["running"]
    assert campaign.totals(campaign.ledger(shop)).campaigns == 0
    assert campaign.pools(campaign.ledger(shop)).empty


def test_later_merges_put_nobody_on_two_sides(shop: Store, bring: Bring) -> None:
    made = hand(shop, bring, ("30", "20"))
    treated, held = (sorted(side) for side in sides(shop, made))
    # Two ids of one person on both sides: once the held-out id is first by name, once the other.
    late = next((t, h) for t in treated for h in held if h < t)
    early = next((t, h) for t in treated for h in held if t < h and t != late[0] and h != late[1])
    same_side = [one for one in treated if one not in (late[0], early[0])][:2]
    bring(
        "matches",
        "customer_id,other_id\n"
        f"card-1,{late[0]}\ncard-1,{late[1]}\n{early[1]},{early[0]}\n{same_side[0]},{same_side[1]}\n",
    )
    found = campaign.outcome(shop, made)
    assert found.treated + found.held_out == len(treated) + len(held) - 3
    # late counts as held out, early as contacted, the other two once.
    assert (found.treated, found.held_out) == (len(treated) - 2, len(held) - 1)
    # Every order is counted once, on the side of its person.
    assert found.treated_revenue == 30 * (len(treated) - 1) + 20
    assert found.held_out_revenue == 20 * (len(held) - 1) + 30
    assert found.cost == 10 + Decimal("0.5") * found.treated
    assert any("2 people turned out to have ids on both sides" in note for note in found.notes)
    rows = shop.query(
        "campaign_list", campaign_id=made.campaign_id, tables={"features": features(shop)}
    )["customer_id"]
    assert rows.is_unique
    assert len(rows) == found.treated
    assert "card-1" not in set(rows)
    assert early[1] in set(rows)  # the id that is kept, on the contacted side
    # Whoever was reached under any id has been contacted.
    rested = campaign.eligible(
        shop, members(shop, ["card-1"]), features(shop), start=date(2024, 5, 3), rest_days=5
    )
    assert rested.contacted == 1


def test_merges_that_are_taken_back_part_them_again(shop: Store, bring: Bring) -> None:
    made = hand(shop, bring, ("30", "20"))
    before = campaign.outcome(shop, made)
    treated, held = (sorted(side) for side in sides(shop, made))
    batch = bring("matches", f"customer_id,other_id\n{treated[0]},{held[0]}\n")
    assert campaign.outcome(shop, made).treated + campaign.outcome(shop, made).held_out == 37
    shop.remove(batch)
    pd.testing.assert_frame_equal(campaign.outcome(shop, made).effects, before.effects)


def test_what_is_held_of_a_customer_tells_of_their_campaigns(shop: Store, bring: Bring) -> None:
    made = launch(shop, kind="win-back")
    treated, held = (sorted(side) for side in sides(shop, made))
    for one, contacted in ((treated[0], True), (held[0], False)):
        found = shop.query("profile_held_campaigns", customer_id=one)
        assert found["name"].tolist() == ["Spring"]
        assert found["contacted"].tolist() == [contacted]
    bring("matches", f"customer_id,other_id\ncard-9,{held[0]}\n")
    merged = shop.query("profile_held_campaigns", customer_id="card-9")
    assert merged["customer_id"].tolist() == [held[0]]
    records = shop.query("profile_person", customer_id="card-9")["records"].iloc[0]
    # An order, a customer row, and the campaign.
    assert records == 3


def test_a_side_without_anybody_left_is_said(shop: Store, bring: Bring) -> None:
    people = PEOPLE[2:4]
    made = launch(shop, ids=people, holdout_share=0.5, seed=1)
    bring("matches", "customer_id,other_id\nc02,c03\n")
    bring("orders", orders_of([AFTER]))
    with pytest.raises(NotEnoughDataError, match="nobody left on one of its sides"):
        campaign.outcome(shop, made)
    assert campaign.ledger(shop)["status"].tolist() == ["not started"]
    with pytest.raises(AnalyticsError, match="no campaign"):
        campaign.outcome(shop, "Autumn")


# What is said


def plan(**more: Any) -> campaign.Campaign:
    """A campaign that was never launched, to judge sums by."""
    given: dict[str, Any] = {
        "campaign_id": "1", "name": "Spring", "kind": "", "channel": "", "offer": "", "coupon": "",
        "start_day": START, "window_days": 14, "holdout_share": 0.5, "seed": 1, "margin": 0.4,
        "cost_per_contact": Decimal("0.1"), "fixed_cost": Decimal(0), "rest_days": None,
        "most_contacts": None, "cap_days": 30, "predicted_lift": float("nan"),
        "predicted_from": "", "opted_out": 0, "same_address": 0, "contacted": 0, "capped": 0,
        "launched_at": None, "treated": 100, "held_out": 100,
    }  # fmt: skip
    return campaign.Campaign(**(given | more))


END = date(2024, 5, 15)


def test_the_return_of_the_e_mail_test_of_hillstrom() -> None:
    found = judged(plan(treated=HILLSTROM["mens"][0]), hillstrom("mens"), END, unit="USD")
    assert found.of("return_on_spend")["total"] == pytest.approx(2.07930862357815, rel=1e-6)
    assert found.of("revenue")["total"] == pytest.approx(16402.707210644912, rel=1e-7)
    assert found.verdict == "paid"
    assert found.sentence.startswith("Sales rose by between 10,337 and 22,469 USD.")
    assert found.of("revenue")["proven"]


@pytest.mark.parametrize(
    ("lift", "cost", "verdict", "said"),
    [
        (20.0, "1", "paid", "it paid off"),
        (20.0, "30", "sales rose, did not pay", "but did not pay for the campaign: it lost"),
        (20.0, "8", "sales rose", "Whether that paid for the campaign cannot be told"),
        (20.0, "0", "paid", "at no cost"),
        (0.0, "0", "cannot tell", "It cannot be told whether sales rose"),
        (0.0, "30", "cannot tell", "Even at best the campaign did not pay"),
        (-20.0, "1", "sales fell", "the campaign did harm"),
    ],
)
def test_the_verdict_names_what_was_proven(lift: float, cost: str, verdict: str, said: str) -> None:
    spread = [40.0, 60.0, 50.0, 45.0, 55.0] * 10
    sums = pd.DataFrame([row("a", True, [one + lift for one in spread]), row("a", False, spread)])
    found = judged(plan(cost_per_contact=Decimal(cost)), sums, END, unit="EUR")
    assert found.verdict == verdict
    assert said in found.sentence
    assert "nan" not in found.sentence.lower()
    assert found.of("revenue")["proven"] == (lift != 0)


def test_a_few_buyers_prove_nothing() -> None:
    sums = pd.DataFrame([row("a", True, [50.0] * 30 + [0] * 70), row("a", False, [0.0] * 50)])
    found = judged(plan(), sums, END)
    assert found.verdict == "cannot tell"
    assert "fewer than 10 people bought" in found.sentence
    assert not found.of("revenue")["proven"]
    assert found.of("buyers")["proven"]  # 30 of 100 against none of 50, by Newcombe's interval
    assert any("no lift in %" in note for note in found.notes)


def test_nobody_bought() -> None:
    sums = pd.DataFrame([row("a", True, [0.0] * 50), row("a", False, [0.0] * 50)])
    found = judged(plan(), sums, END)
    assert found.verdict == "cannot tell"
    assert "Nothing can be told" in found.sentence
    assert "nan" not in (found.sentence + "".join(found.notes)).lower()


def test_a_planted_lift_comes_out_of_the_store(tmp_path: Any) -> None:
    """Five hundred people with planted sales: the store's sums are those of the simulation."""
    rng = np.random.default_rng(8)
    ids = [f"c{number:03d}" for number in range(500)]
    with Store() as store:
        path = tmp_path / "before.csv"
        path.write_text(orders_of([(f"b{one}", one, "2024-04-30", "5") for one in ids]))
        load(store, path, inspect(path, table="orders"), import_day=IMPORT_DAY)
        made = launch(store, ids=ids, window_days=10, holdout_share=0.3)
        treated, _ = sides(store, made)
        spent = {
            one: round(rng.lognormal(3, 0.6) + (25 if one in treated else 0), 2)
            for one in ids
            if rng.random() < 0.6
        }
        lines = [(f"n{one}", one, "2024-05-04", f"{worth:.2f}") for one, worth in spent.items()]
        path = tmp_path / "after.csv"
        path.write_text(orders_of([*lines, ("z", "x", "2024-06-01", "1")]))
        load(store, path, inspect(path, table="orders"), import_day=IMPORT_DAY)
        found = campaign.outcome(store, made)
    mine = [Decimal(str(spent.get(one, 0))) for one in ids if one in treated]
    assert found.treated_revenue == sum(mine)
    sales = found.of("revenue")
    # Six in ten buy, each for 25 more.
    assert sales["difference_lo"] < 15 < sales["difference_hi"]
    assert found.verdict == "paid"


def test_money_of_strata_adds_up() -> None:
    drawn = simulate.audience(800, np.random.default_rng(1))
    sums = simulate.campaign_sums(drawn, 0.3, 0.2, np.random.default_rng(2))
    found = judged(plan(), sums, END)
    assert found.treated_revenue + found.held_out_revenue == int(sums["revenue"].sum())
