"""Planning, launching and judging campaigns on the Campaigns page, without a browser."""

import io
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

import ui
from analytics import audience, campaign, profile, rfm
from analytics.audience import All, Feature
from analytics.store import Store, inspect, load
from ui.rule_builder import node_of

ROOT = Path(__file__).parents[2]
HEADER = "order_id,customer_id,ordered_at,product_id,quantity,unit_price,currency\n"
START = date(2025, 3, 1)
IMPORT_DAY = date(2025, 12, 31)
PEOPLE = [f"C{number:03d}" for number in range(300)]
OUT = PEOPLE[::20]
ODD = "<b>Tea</b> *now* ![x](http://example.com/x.png) $5 & $6"


def earlier_orders() -> str:
    """One or two orders each; the last one on 28 February."""
    rng = np.random.default_rng(5)
    lines = [
        f"{one}-{n},{one},2025-{1 + n}-{1 + rng.integers(27):02d} 10:00:00,tea,1,20,EUR"
        for one in PEOPLE
        for n in range(int(rng.integers(1, 3)))
    ]
    return HEADER + "\n".join([*lines, "last,C000,2025-02-28 12:00:00,tea,1,20,EUR", ""])


def later_orders(contacted: set[str], until: str = "2025-03-31") -> str:
    """Of the contacted two in three buy, of the others one in three."""
    lines = [
        f"n{place},{one},2025-03-{1 + place % 9:02d} 10:00:00,tea,1,{20 + place % 7},EUR"
        for place, one in enumerate(PEOPLE)
        if (place % 3 > 0 if one in contacted else place % 3 == 0)
    ]
    return HEADER + "\n".join([*lines, f"end,C000,{until} 12:00:00,tea,1,20,EUR", ""])


def bring(store: Store, folder: Path, table: str, text: str) -> None:
    file = folder / f"{table}-{len(text)}.csv"
    file.write_text(text, encoding="utf-8")
    load(store, file, inspect(file, table=table), import_day=IMPORT_DAY)


@pytest.fixture(scope="module")
def eve(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three hundred customers on the eve of a campaign; fifteen must not be contacted."""
    folder = tmp_path_factory.mktemp("eve")
    people = "customer_id,email,name,city,consent\n" + "".join(
        f"{one},{one.lower()}@example.com,Person {one},{'Lyon' if one < 'C100' else 'Graz'},"
        f"{'no' if one in OUT else 'yes'}\n"
        for one in PEOPLE
    )
    with Store(folder / "shop.duckdb") as store:
        bring(store, folder, "orders", earlier_orders())
        bring(store, folder, "customers", people)
        audience.save(store, "Lyon", Feature("city", "is", ("Lyon",)))
        audience.save_ids(store, "Posted", PEOPLE[1::3])
        launch(store, "To warm up")
        campaign.delete(store, "To warm up")
    return folder / "shop.duckdb"


@pytest.fixture
def shop(eve: Path, store_path: Path) -> Path:
    """The same, to change."""
    shutil.copy(eve, store_path)
    return store_path


def visit(part: str, **state: Any) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.session_state["campaigns_part"] = part
    for name, value in state.items():
        at.session_state[name] = value
    at.switch_page("pages/campaigns.py").run()
    assert not at.exception, at.exception
    return at


def said(at: AppTest) -> str:
    kinds = (
        at.markdown, at.text, at.info, at.warning, at.error, at.success, at.caption, at.subheader
    )  # fmt: skip
    return "\n".join(str(box.value) for kind in kinds for box in kind).replace("\\", "")


def box(at: AppTest, label: str) -> Any:
    kinds = at.text_input, at.number_input, at.date_input, at.selectbox, at.slider
    return next(one for kind in kinds for one in kind if one.label == label)


def press(at: AppTest, label: str) -> AppTest:
    next(button for button in at.button if button.label == label).click()
    at.run()
    assert not at.exception, at.exception
    return at


def plan(name: str, **state: Any) -> AppTest:
    return visit(
        "New campaign", **{"campaign_name": name, "campaign_audience": "Every customer"} | state
    )


def launch(store: Store, name: str, **more: Any) -> campaign.Campaign:
    """Launch by the functions the page uses, to all customers."""
    features = profile.keep(store, START).table
    kept = audience.keep(
        store, All(), as_of=START, features=features, scores=rfm.keep(store, START).table,
        clusters=None,
    )  # fmt: skip
    options: dict[str, Any] = {"start": START, "window_days": 30, "holdout_share": 0.3} | more
    return campaign.launch(
        store, name, members=kept.table, features=features, as_of=START, **options
    )


def sides(name: str) -> tuple[set[str], set[str]]:
    one = campaign.find(ui.store(), name)
    found = ui.store().query("campaign_members", campaign_id=one.campaign_id)
    treated = found["treated"].astype(bool)
    return set(found["customer_id"][treated]), set(found["customer_id"][~treated])


@pytest.fixture
def judged(shop: Path, tmp_path: Path) -> campaign.Campaign:
    """A campaign whose window is over."""
    with Store(shop) as store:
        one = launch(store, ODD, cost_per_contact=0.25, fixed_cost=10, margin=0.4, kind="Win-back")
        found = store.query("campaign_members", campaign_id=one.campaign_id)
        treated = set(found["customer_id"][found["treated"].astype(bool)])
        bring(store, tmp_path, "orders", later_orders(treated))
    return one


def select(at: AppTest, row: int = 0) -> AppTest:
    """Tick a row of the table of campaigns."""
    key = next(
        str(frame.key) for frame in at.dataframe if str(frame.key).startswith("campaign_rows")
    )
    at.session_state[key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    at.run()
    assert not at.exception, at.exception
    return at


def table_with(at: AppTest, column: str) -> pd.DataFrame:
    return next(frame.value for frame in at.dataframe if column in frame.value.columns)


# Planning and launching


@pytest.mark.usefixtures("shop")
def test_a_launch_says_who_is_contacted_held_out_and_left_out() -> None:
    at = plan("Spring")
    assert "285 of 300 people can be addressed. Left out: 15 asked not to be contacted." in said(at)
    press(at, "Launch the campaign")
    treated, held = sides("Spring")
    assert treated | held == set(PEOPLE) - set(OUT)
    assert f"**{len(treated):,}** people to contact, **{len(held):,}** held out" in said(at)
    assert "Left out: 15 asked not to be contacted." in said(at)
    assert f"Spring: {len(treated):,} customers" in said(at)
    assert "from 1 March 2025 on" in said(at)
    assert "up to and with 30 March 2025" in said(at)
    shown = table_with(at, "usual_hour")
    assert shown.columns.tolist() == [
        "customer_id", "name", "email", "favourite_category", "often_bought_product", "coupon",
        "usual_hour",
    ]  # fmt: skip
    assert set(shown["customer_id"]) <= treated
    assert not at.error
    # The same campaign is still shown after a change of part, and a new plan begins empty.
    at = press(at, "Plan another campaign")
    assert box(at, "Name of the campaign").value == ""
    assert len(campaign.campaigns(ui.store())) == 1


@pytest.mark.usefixtures("shop")
def test_everything_chosen_is_kept_with_the_campaign() -> None:
    at = plan(
        "Spring", campaign_kind="Newsletter", campaign_channel="Post", campaign_offer="5 off",
        campaign_coupon="TEA5", campaign_cost=0.85, campaign_fixed=120.0, campaign_margin=35,
        campaign_window=21, campaign_rest=14, campaign_most=3, campaign_holdout=40,
        campaign_expected=1.5, campaign_audience="Lyon",
    )  # fmt: skip
    box(at, "First day").set_value(START + timedelta(days=2)).run()
    press(at, "Launch the campaign")
    made = campaign.find(ui.store(), "Spring")
    assert (made.kind, made.channel, made.offer, made.coupon) == (
        "Newsletter", "Post", "5 off", "TEA5",
    )  # fmt: skip
    assert [str(made.cost_per_contact), str(made.fixed_cost)] == ["0.8500", "120.0000"]
    assert (made.margin, made.holdout_share, made.predicted_lift) == (0.35, 0.4, 1.5)
    assert (made.start_day, made.window_days) == (date(2025, 3, 3), 21)
    assert (made.rest_days, made.most_contacts, made.cap_days) == (14, 3, 30)
    assert made.treated + made.held_out == 95  # a hundred in Lyon, of whom five are opted out
    assert set(table_with(at, "usual_hour")["coupon"]) == {"TEA5"}


@pytest.mark.usefixtures("shop")
def test_a_campaign_goes_to_the_audience_being_built() -> None:
    built = Feature("city", "is", ("Graz",))
    at = visit("Audiences", audience_tree=node_of(All((built,))))
    press(at, "Plan a campaign to these customers")
    assert box(at, "Audience").value == "The audience being built"
    assert "190 of 200 people can be addressed" in said(at)
    at = visit("Audiences", audience_tree=node_of(Feature("city", "is", ("",))))
    press(at, "Plan a campaign to these customers")
    assert "the value of “City” is missing" in said(at)
    assert "Launch the campaign" not in [button.label for button in at.button]
    rule = audience.rule(ui.store(), "Lyon")
    at = visit("Audiences", audience_tree=node_of(rule), audience_loaded="Lyon")
    press(at, "Plan a campaign to these customers")
    assert "The audience being built" not in box(at, "Audience").options
    assert box(at, "Audience").value == "Lyon"
    at = visit("Audiences", campaign_audience="Lyon")
    press(at, "Plan a campaign to these customers")
    assert box(at, "Audience").value == "Every customer"


@pytest.mark.usefixtures("shop")
def test_an_uploaded_list_is_an_audience() -> None:
    at = plan("Spring", campaign_audience="Posted (uploaded list)")
    # A hundred, C001, C004, …, of whom five are opted out: C040, C100, C160, C220, C280.
    assert "95 of 100 people can be addressed" in said(at)


@pytest.mark.usefixtures("shop")
def test_too_small_a_holdout_is_warned_of_before_the_launch() -> None:
    at = plan("Spring", campaign_audience="Lyon", campaign_holdout=10)
    [warning] = [str(one.value) for one in at.warning]
    assert "can prove nothing of realistic size" in warning
    assert "With 95 people, about 10 of them held out" in warning
    features = profile.keep(ui.store(), START).table
    kept = audience.keep(
        ui.store(), audience.rule(ui.store(), "Lyon"), as_of=START, features=features,
        scores=rfm.keep(ui.store(), START).table, clusters=None,
    )  # fmt: skip
    usual = campaign.baseline(ui.store(), kept.table, 30, START)
    can = campaign.provable(95, 0.1, baseline_rate=usual.rate)
    assert warning == f"{can.warning}\n\n{can.sentence}"


@pytest.mark.usefixtures("shop")
def test_contacts_of_earlier_campaigns_are_counted_before_the_launch() -> None:
    one = launch(ui.store(), "First")
    at = plan("Second")
    assert f"{285 - one.treated} of 300 people can be addressed." in said(at)
    assert f"{one.treated} were contacted within 7 days" in said(at)


@pytest.mark.usefixtures("shop")
def test_a_name_is_given_once_and_is_never_formatting() -> None:
    launch(ui.store(), ODD)
    at = plan(ODD, campaign_rest=0)
    press(at, "Launch the campaign")
    [error] = [str(one.value) for one in at.error]
    assert "There already is a campaign" in error
    assert "![x](" not in error
    assert "*now*" not in error
    assert len(campaign.campaigns(ui.store())) == 1
    assert "campaign_launched" not in at.session_state
    without = plan("")
    assert [one.label for one in without.button if one.disabled] == ["Launch the campaign"]


@pytest.mark.parametrize(
    ("day", "problem"),
    [(START - timedelta(days=1), "would start before 1 March 2025"),
     (START + timedelta(days=400), "more than a year after the last data")],
)  # fmt: skip
@pytest.mark.usefixtures("shop")
def test_a_first_day_that_makes_no_sense_is_refused(day: date, problem: str) -> None:
    at = plan("Spring")
    box(at, "First day").set_value(day).run()
    press(at, "Launch the campaign")
    assert problem in said(at)
    assert campaign.campaigns(ui.store()).empty


@pytest.mark.usefixtures("shop")
def test_orders_from_before_the_holdout_are_warned_of() -> None:
    past = START - timedelta(days=20)
    at = plan("Spring", as_of=past)
    assert box(at, "First day").value == past
    assert "The orders from 9 February 2025 on are here already" in said(at)
    assert "are here already" not in said(plan("Spring"))


@pytest.mark.parametrize(
    ("ids", "problem"),
    [(["nobody"], "Nobody is in this audience. Choose another audience."),
     (OUT, "0 of 15 people can be addressed. Left out: 15 asked not to be contacted.")],
)  # fmt: skip
@pytest.mark.usefixtures("shop")
def test_an_audience_without_anybody_to_contact(ids: list[str], problem: str) -> None:
    audience.save_ids(ui.store(), "None", ids)
    at = plan("Spring", campaign_audience="None (uploaded list)")
    assert problem in said(at)
    assert "Launch the campaign" not in [button.label for button in at.button]
    assert not at.error


@pytest.mark.usefixtures("shop")
def test_an_audience_of_one_cannot_be_split() -> None:
    audience.save_ids(ui.store(), "One", PEOPLE[1:2])
    at = plan("Spring", campaign_audience="One (uploaded list)")
    press(at, "Launch the campaign")
    assert "nobody would be" in said(at)
    assert campaign.campaigns(ui.store()).empty


def test_events_alone_make_a_campaign(store_path: Path, tmp_path: Path) -> None:
    with Store(store_path) as store:
        bring(
            store, tmp_path, "events",
            "customer_id,occurred_at,event\n"
            + "".join(f"e{n:02d},2025-02-{1 + n % 28:02d} 09:00:00,view\n" for n in range(40)),
        )  # fmt: skip
    at = plan("Spring")
    assert "Nobody bought in the days looked at" in said(at)
    assert box(at, "Cost per contact").value == 0
    press(at, "Launch the campaign")
    treated, held = sides("Spring")
    assert (len(treated), len(held)) == (32, 8)
    at = select(visit("Results"))
    assert "There are no orders from its first day on yet" in said(at)
    assert "nan" not in said(at).lower()


# Results


@pytest.mark.usefixtures("shop")
def test_without_a_campaign_the_results_say_how_to_begin() -> None:
    at = visit("Results")
    assert "No campaign has been launched yet" in said(at)
    assert not at.dataframe


@pytest.mark.usefixtures("shop")
def test_a_campaign_that_has_not_begun_is_no_error() -> None:
    one = launch(ui.store(), "Spring")
    at = select(visit("Results"))
    assert table_with(at, "result")["result"].tolist() == ["Not begun"]
    assert "from 1 March 2025 up to and with 30 March 2025" in said(at)
    assert not at.error
    assert f"Spring: {one.treated} customers" in said(at)


def test_the_result_is_that_of_the_functions(judged: campaign.Campaign) -> None:
    at = select(visit("Results"))
    found = campaign.outcome(ui.store(), ODD, unit="EUR")
    assert found.sentence in said(at)
    assert found.verdict == "paid"
    ledger = campaign.ledger(ui.store())
    assert campaign.totals(ledger, unit="EUR").sentence in said(at)
    assert campaign.pools(ledger, unit="EUR")["sentence"].iloc[0] in said(at)
    [row] = table_with(at, "result").to_dict("records")
    assert (row["contacted"], row["held_out"]) == (judged.treated, judged.held_out)
    assert (row["result"], row["kind"]) == ("Paid off", "Win-back")
    for column, source in (("extra_per_contact", "lift"), ("at_least", "lift_lo"),
                           ("at_most", "lift_hi"), ("extra_profit", "profit")):  # fmt: skip
        assert row[column] == pytest.approx(ledger[source].iloc[0])
    effects = table_with(at, "a_held_out_customer").set_index("measure")
    sales = found.of("revenue")
    written = [f"{sales[name]:,.2f} EUR" for name in ("total", "lo", "hi")]
    assert effects.loc["Revenue", "in_all"] == f"{written[0]} ({written[1]} to {written[2]})"
    buyers = found.of("buyers")
    assert effects.loc["Buyers", "a_contacted_customer"] == f"{buyers['treated_per_customer']:.1%}"
    assert effects.loc["Buyers", "difference"].startswith(
        f"{100 * buyers['difference']:.1f} points"
    )
    assert "nan" not in effects.to_string().lower()


def test_names_are_shown_as_they_are(judged: campaign.Campaign) -> None:
    at = select(visit("Results"))
    assert judged.name == ODD
    for text in [str(one.value) for kind in (at.markdown, at.subheader) for one in kind]:
        assert "![x](" not in text
        assert "<b>" not in text.replace("\\<b", "")


def test_a_running_campaign_is_too_early(shop: Path, tmp_path: Path) -> None:
    with Store(shop) as store:
        launch(store, "Spring")
        treated = set(
            store.query("campaign_members", campaign_id=campaign.find(store, "Spring").campaign_id)
            .query("treated")["customer_id"]
        )  # fmt: skip
        bring(store, tmp_path, "orders", later_orders(treated, "2025-03-12"))
    at = select(visit("Results"))
    assert table_with(at, "result")["result"].tolist() == ["Too early"]
    assert "Too early to tell: 12 of 30 days are in the data" in said(at)
    assert "No campaign is over yet" in said(at)


def test_no_held_out_customer_is_on_any_part_of_the_page(judged: campaign.Campaign) -> None:
    _, held = sides(ODD)
    assert len(held) == judged.held_out > 50
    launched = visit("New campaign", campaign_launched=ODD)
    for at in (launched, select(visit("Results"))):
        for frame in at.dataframe:
            assert not held & set(frame.value.astype(str).to_numpy().ravel())
        assert not [one for one in held if one in said(at)]


def test_a_deleted_campaign_is_taken_back_and_no_other_is_selected_meanwhile(
    judged: campaign.Campaign,
) -> None:
    launch(ui.store(), "Another", start=date(2025, 2, 28) + timedelta(days=1), rest_days=None)
    at = visit("Results")
    names = table_with(at, "result")["campaign"].tolist()
    row = next(place for place, name in enumerate(names) if name != "Another")
    press(select(at, row), "Delete")
    assert campaign.campaigns(ui.store())["name"].tolist() == ["Another"]
    assert "Deleted “" in said(at)
    assert "Delete" not in [button.label for button in at.button]
    press(at, "Undo")
    assert campaign.find(ui.store(), ODD) == judged
    assert "Deleted “" not in said(at)


def test_results_say_that_they_ignore_the_day_chosen(judged: campaign.Campaign) -> None:
    assert judged.end_day > START
    assert "whatever day is chosen" in said(visit("Results", as_of=START))
    assert "whatever day is chosen" not in said(visit("Results"))


def test_twelve_campaigns_are_listed_the_latest_first(shop: Path, tmp_path: Path) -> None:
    with Store(shop) as store:
        for place in range(12):
            launch(store, f"no {place:02d}", window_days=9, start=START + timedelta(days=place))
        treated = set(PEOPLE[::2])
        bring(store, tmp_path, "orders", later_orders(treated))
    at = visit("Results")
    assert table_with(at, "result")["campaign"].tolist() == [
        f"no {n:02d}" for n in range(11, -1, -1)
    ]
    # Orders came on the first nine days of March: in the windows of the first nine campaigns.
    assert "The 9 finished campaigns together" in said(at)
    assert "Not counted: 3 more in whose days no order came." in said(at)


# Sent elsewhere


@pytest.mark.usefixtures("shop")
def test_without_a_list_the_comparison_says_how_to_begin() -> None:
    audience.delete_ids(ui.store(), "Posted")
    at = visit("Sent elsewhere")
    assert "Upload the numbers of the contacted customers first" in said(at)
    assert not at.error


def test_a_campaign_sent_elsewhere_is_never_called_proven(shop: Path, tmp_path: Path) -> None:
    with Store(shop) as store:
        bring(store, tmp_path, "orders", later_orders(set(PEOPLE[1::3])))
    at = visit("Sent elsewhere")
    box(at, "First day").set_value(START).run()
    assert not at.exception
    store = ui.store()
    found = campaign.matched(store, PEOPLE[1::3], START, 30, margin=0.4, unit="EUR")
    assert found.suggests == "more sales"
    assert found.sentence in said(at)
    assert found.cannot_rule_out in said(at)
    words = said(at).replace(found.cannot_rule_out, "").lower()
    assert words.count("prove") == 1
    assert "it never proves it" in words
    table = table_with(at, "a_customer_not_contacted").set_index("measure")
    sales = found.effects.set_index("measure").loc["revenue"]
    assert table.loc["Revenue", "in_all"].startswith(f"{sales['total']:,.2f} EUR (")
    assert "nan" not in table.to_string().lower()
    # What was typed is there again after a look at another part.
    box(at, "Cost of the campaign, EUR").set_value(50.0).run()
    at.session_state["campaigns_part"] = "Results"
    at.run()
    at.session_state["campaigns_part"] = "Sent elsewhere"
    at.run()
    assert box(at, "Cost of the campaign, EUR").value == 50
    assert box(at, "First day").value == START


@pytest.mark.usefixtures("shop")
def test_a_list_too_small_to_compare_says_so() -> None:
    audience.save_ids(ui.store(), "A few", PEOPLE[1:5])
    at = visit("Sent elsewhere", elsewhere_list="A few")
    [error] = [str(one.value) for one in at.error]
    assert "4 of the contacted customers were known" in error.replace("\\", "")


# Offers


OFFERS = "customer_id,offer,expected_margin,cost,propensity\n" + "".join(
    f"{one},{offer},{margin + place % 5},{cost},{(place % 10) / 10}\n"
    for place, one in enumerate(PEOPLE[:40])
    for offer, margin, cost in (("5 off", 3, 5), ("Free delivery", 2, 2))
)


def upload(at: AppTest, text: str) -> AppTest:
    at.file_uploader[0].upload("offers.csv", text.encode(), "text/csv")
    at.run()
    assert not at.exception, at.exception
    return at


@pytest.mark.usefixtures("shop")
def test_offers_are_shared_out_within_the_limits() -> None:
    at = visit("Share out offers")
    assert not at.dataframe
    upload(at, f"{OFFERS}stranger,5 off,3,5,0.5\nC001,5 off,9,5,0.5\n")
    assert "Customers: 41. Offers: 2. Left out: 2 asked not to be contacted; " in said(at)
    assert "; 1 is not known here; 1 record repeats an earlier one." in said(at)
    box(at, "Budget, EUR").set_value(30.0).run()
    box(at, "Customers to contact at most").set_value(10).run()
    candidates = pd.read_csv(io.StringIO(OFFERS))
    candidates = candidates[~candidates["customer_id"].isin(OUT)]
    best = campaign.allocate(candidates, budget=30, contacts=10, unit="EUR")
    assert best.sentence in said(at)
    assert best.expected_margin > best.naive_expected_margin
    listed = table_with(at, "expected_margin")
    assert "Offers: 10 customers" in said(at)
    by_offer = table_with(at, "customers_likeliest_first")
    assert by_offer["customers"].sum() == len(best.chosen) <= 10
    assert by_offer["cost"].sum() == best.cost <= 30
    assert "naive" not in " ".join(by_offer.columns)
    assert not set(OUT) & set(listed.astype(str).to_numpy().ravel())
    # The file and its limits are there again after a look at another part.
    at.session_state["campaigns_part"] = "Results"
    at.run()
    at.session_state["campaigns_part"] = "Share out offers"
    at.run()
    assert best.sentence in said(at)
    assert "Still from “offers.csv”" in said(at)
    press(at, "Take it out")
    assert best.sentence not in said(at)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("customer_id,offer\nC001,x\n", "no column “expected_margin”, “cost”"),
        ("customer_id,offer,expected_margin,cost\nC001,x,![y](http://example.com/y.png),1\n",
         "in expected_margin is no number"),
        ("customer_id,offer,expected_margin,cost\nC000,x,1,1\n",
         "Nobody in this file can get an offer. Left out: 1 asked not to be contacted."),
        ("customer_id,offer,expected_margin,cost\nC001,x,-1,1\n", "No offer is worth making"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("shop")
def test_a_file_of_offers_that_cannot_be_used_says_why(text: str, problem: str) -> None:
    at = upload(visit("Share out offers"), text)
    assert problem in said(at)
    assert "![y](" not in "\n".join(str(one.value) for one in at.error)
    assert "Download the list" not in [one.label for one in at.get("download_button")]
