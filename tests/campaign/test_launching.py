"""Launching: whom it leaves out and says so, what it keeps, and what it refuses."""

import io
import zipfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import isnan
from typing import Any, Literal

import pytest

from analytics import campaign, destinations
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store, preview_list, write_list
from analytics.store.privacy import suppress
from tests.campaign.conftest import PEOPLE, START, Bring, features, members, orders_of


def launch(store: Store, name: str = "Spring", **more: Any) -> campaign.Campaign:
    """A campaign to all of the shop's customers, unless `ids` names others."""
    people = more.pop("ids", PEOPLE)
    options: dict[str, Any] = {"start": START, "holdout_share": 0.25} | more
    return campaign.launch(
        store, name, members=members(store, people), features=features(store), **options
    )


def sides(store: Store, one: campaign.Campaign) -> tuple[set[str], set[str]]:
    found = store.query("campaign_members", campaign_id=one.campaign_id)
    return (
        set(found["customer_id"][found["treated"]]), set(found["customer_id"][~found["treated"]])
    )  # fmt: skip


def listed(store: Store, one: campaign.Campaign, columns: list[str]) -> list[list[str]]:
    written = write_list(
        store, "campaign_list", columns, safe=False, campaign_id=one.campaign_id,
        tables={"features": features(store)},
    )  # fmt: skip
    try:
        return [line.split(",") for line in written.path.read_text("utf-8").splitlines()[1:]]
    finally:
        written.path.unlink()


def test_both_sides_are_kept_with_the_campaign(shop: Store) -> None:
    version = shop.version
    made = launch(
        shop, kind="win-back", channel="E-mail", offer="10% off", coupon="BACK10",
        cost_per_contact=0.15, fixed_cost=Decimal("20.50"), margin=0.4, window_days=14,
        predicted_lift=1.25, seed=7,
    )  # fmt: skip
    # Two of forty opted out; a quarter of 38 is 9.5.
    assert made.opted_out == 2
    assert made.held_out in (9, 10)
    assert made.treated + made.held_out == 38
    assert made.left_out_sentence == "Left out: 2 asked not to be contacted."
    treated, held = sides(shop, made)
    assert (len(treated), len(held)) == (made.treated, made.held_out)
    assert not treated & held
    assert treated | held == set(PEOPLE) - {"c00", "c01"}
    assert made.cost == Decimal("20.50") + Decimal("0.15") * made.treated
    assert made.end_day == date(2024, 5, 15)
    assert campaign.find(shop, "Spring") == made
    assert isinstance(made.launched_at, datetime)
    assert campaign.campaigns(shop)["name"].tolist() == ["Spring"]
    assert shop.version == version


def test_the_same_seed_holds_out_the_same_people(shop: Store) -> None:
    one, other, third = (
        launch(shop, name, seed=seed) for name, seed in (("a", 5), ("b", 5), ("c", 6))
    )
    assert sides(shop, one) == sides(shop, other) != sides(shop, third)
    assert campaign.default_seed("a") != campaign.default_seed("b")


def test_the_held_out_are_in_no_file(shop: Store) -> None:
    made = launch(shop, coupon="X1")
    treated, held = sides(shop, made)
    assert {row[0] for row in listed(shop, made, ["customer_id"])} == treated
    for key in destinations.DESTINATIONS:
        written = destinations.write(
            shop, "campaign_list", key, campaign_id=made.campaign_id,
            tables={"features": features(shop)},
        )  # fmt: skip
        text = written.path.read_text("utf-8")
        written.path.unlink()
        assert written.rows == made.treated
        assert not [one for one in held if f"{one}@" in text]


def test_the_message_has_its_columns(shop: Store, bring: Bring) -> None:
    bring(
        "events",
        "customer_id,occurred_at,event\n"
        "c05,2024-04-03 21:30:00,view\nc05,2024-04-04 21:10:00,view\n",
    )
    made = launch(shop, ids=PEOPLE, seed=1, coupon="X1", offer="tea for two")
    columns = [
        "customer_id", "name", "email", "segment", "favourite_category", "often_bought_product",
        "offer", "coupon", "usual_hour",
    ]  # fmt: skip
    rows = {row[0]: row[1:] for row in listed(shop, made, columns)}
    for one, row in rows.items():
        number = int(one[1:])
        product, hour = ("Green tea" if number % 2 else "Pot"), 8 + number % 4
        segment = "Loyal" if number < 20 else ""
        if one == "c05":
            hour = 21  # two views at nine in the evening against one order at nine in the morning
        category = "drinks" if number % 2 else "ware"
        assert row == [
            f"Person {one}", f"{one}@example.com", segment, category, product, "tea for two", "X1",
            str(hour),
        ]  # fmt: skip


def test_who_opts_out_after_the_launch_is_left_out_and_counted(shop: Store) -> None:
    made = launch(shop)
    treated, _ = sides(shop, made)
    gone = sorted(treated)[:3]
    suppress(shop, gone, "asked")
    found = preview_list(
        shop, "campaign_list", campaign_id=made.campaign_id, tables={"features": features(shop)}
    )
    assert (found.rows, found.opted_out) == (made.treated - 3, 3)
    assert not {row[0] for row in listed(shop, made, ["customer_id"])} & set(gone)
    # Both sides stay as chance made them.
    assert campaign.find(shop, "Spring").treated == made.treated


def test_the_contact_rule_counts_the_contacted_of_earlier_campaigns(shop: Store) -> None:
    first = launch(shop, "first", start=START)
    treated, held = sides(shop, first)
    later = START + timedelta(days=14)
    rested = campaign.eligible(shop, members(shop), features(shop), start=later, rest_days=14)
    assert rested.contacted == len(treated)
    assert set(rested.frame["customer_id"]) == held
    assert f"{len(treated)} were contacted within 14 days" in rested.sentence
    assert "2 asked not to be contacted" in rested.sentence
    day_after = campaign.eligible(
        shop, members(shop), features(shop), start=later + timedelta(days=1), rest_days=14
    )
    assert day_after.contacted == 0
    before = campaign.eligible(
        shop, members(shop), features(shop), start=START - timedelta(days=1), rest_days=14
    )
    assert before.contacted == 0


def test_the_frequency_cap(shop: Store) -> None:
    people = PEOPLE[2:22]
    for place in range(2):
        launch(shop, f"no {place}", ids=people, start=START + timedelta(days=place), seed=3)
    treated, _ = sides(shop, campaign.find(shop, "no 0"))
    assert treated == sides(shop, campaign.find(shop, "no 1"))[0]
    third = START + timedelta(days=2)
    for most, days, out in ((2, 30, len(treated)), (3, 30, 0), (2, 2, 0), (1, 2, len(treated))):
        found = campaign.eligible(
            shop, members(shop, people), features(shop), start=third, most_contacts=most,
            cap_days=days,
        )  # fmt: skip
        assert found.capped == out
    made = launch(shop, "no 2", ids=PEOPLE, start=third, most_contacts=2)
    assert made.capped == len(treated)
    assert f"{len(treated)} were contacted 2 times or more in 30 days" in made.left_out_sentence


def test_one_address_is_on_one_side(shop: Store, bring: Bring) -> None:
    bring(
        "customers",
        "customer_id,email,phone\nc05, C04@Example.com ,\nc06,,+49 151 1\nc07,,+49 151 1\n",
    )
    made = launch(shop)
    treated, held = sides(shop, made)
    assert made.same_address == 2
    assert {"c05", "c07"}.isdisjoint(treated | held)
    assert "2 have another person’s e-mail or phone" in made.left_out_sentence


def test_a_campaign_can_be_deleted_and_put_back(shop: Store) -> None:
    made = launch(shop)
    before = sides(shop, made)
    gone = campaign.delete(shop, "Spring")
    assert campaign.campaigns(shop).empty
    assert sides(shop, made) == (set(), set())
    assert campaign.restore(shop, gone) == made
    assert campaign.find(shop, "Spring") == made
    assert sides(shop, made) == before
    with pytest.raises(AnalyticsError, match="already is"):
        campaign.restore(shop, gone)
    with pytest.raises(AnalyticsError, match="no campaign"):
        campaign.delete(shop, "Winter")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"name": " "}, "no name"),
        ({"name": "x" * 81}, "too long"),
        ({"offer": "two\nlines"}, "line breaks"),
        ({"holdout_share": 0}, "between 0% and 100%"),
        ({"holdout_share": 1}, "between 0% and 100%"),
        ({"holdout_share": float("nan")}, "between 0% and 100%"),
        ({"cost_per_contact": -1}, "cost is negative"),
        ({"fixed_cost": float("nan")}, "cost is negative or no number"),
        ({"fixed_cost": float("inf")}, "cost is negative or no number"),
        ({"margin": 0}, "margin"),
        ({"margin": 1.2}, "margin"),
        ({"window_days": 0}, "days"),
        ({"start": date(2024, 4, 1)}, "before 1 May 2024"),
        ({"start": date(2034, 4, 1)}, "more than a year after"),
        ({"rest_days": -1}, "rest"),
        ({"most_contacts": 0}, "nobody could be addressed"),
        ({"most_contacts": 1, "cap_days": 0}, "at least a day"),
        ({"seed": -1}, "seed"),
        ({"predicted_lift": float("inf")}, "predicted lift"),
        ({"ids": []}, "Nobody is in this audience"),
        ({"ids": ["c00", "c01"]}, "2 asked not to be contacted"),
        ({"ids": ["c05"], "holdout_share": 0.001}, "nobody would be held out"),
    ],
)
def test_what_makes_no_sense_is_refused(eve: Store, options: dict[str, Any], said: str) -> None:
    with pytest.raises(AnalyticsError, match=said) as caught:
        launch(eve, **options)
    assert "nan" not in str(caught.value).lower()
    assert campaign.campaigns(eve).empty


def test_a_name_is_taken_once(shop: Store) -> None:
    launch(shop)
    with pytest.raises(AnalyticsError, match="already is a campaign"):
        launch(shop, " Spring ")


def test_an_empty_shop_has_no_campaign(store: Store) -> None:
    assert campaign.ledger(store).empty
    with pytest.raises(NotEnoughDataError, match="no orders"):
        campaign.launch(store, "x", members="", features="", start=START)


def test_a_prediction_follows_from_earlier_campaigns_of_the_kind(shop: Store, bring: Bring) -> None:
    first = launch(shop, "first", kind="win-back", window_days=5, seed=1)
    assert isnan(first.predicted_lift)
    assert first.predicted_from == ""
    treated, held = (sorted(side) for side in sides(shop, first))
    lines = [(f"n{one}", one, "2024-05-02", "10") for one in treated[:20] + held[:10]]
    bring("orders", orders_of([*lines, ("last", "c00", "2024-05-20", "1")]))
    lift = campaign.ledger(shop)["lift"].iloc[0]
    second = campaign.launch(
        shop, "second", members=members(shop), features=features(shop), start=date(2024, 5, 21),
        kind="win-back",
    )  # fmt: skip
    assert second.predicted_lift == pytest.approx(lift)
    assert second.predicted_from == "earlier campaigns"
    third = campaign.launch(
        shop, "third", members=members(shop), features=features(shop), start=date(2024, 5, 21),
        kind="newsletter",
    )  # fmt: skip
    assert isnan(third.predicted_lift)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("safe", [True, False])
def test_every_column_of_every_list_is_free_of_the_held_out(
    shop: Store, ending: Literal["csv", "xlsx"], safe: bool
) -> None:
    made = launch(shop, coupon="X1")
    treated, held = sides(shop, made)
    tables = {"features": features(shop)}
    columns = preview_list(
        shop, "campaign_list", campaign_id=made.campaign_id, tables=tables
    ).frame.columns.tolist()
    written = write_list(
        shop, "campaign_list", columns, kind=ending, safe=safe, campaign_id=made.campaign_id,
        tables=tables,
    )  # fmt: skip
    try:
        contents = written.path.read_bytes()
    finally:
        written.path.unlink()
    if ending == "xlsx":
        with zipfile.ZipFile(io.BytesIO(contents)) as book:
            contents = b"\n".join(book.read(name) for name in book.namelist())
    text = contents.decode("utf-8", errors="replace")
    assert written.rows == len(treated)
    assert all(one in text for one in treated)
    assert not [one for one in held if one in text]
