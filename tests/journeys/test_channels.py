"""Channels reckoned by hand: who is credited with what, and what it cost."""

from collections.abc import Callable
from datetime import date

import pandas as pd
import pytest

from analytics import journeys
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.journeys import channels
from analytics.store import Store
from tests.journeys.conftest import FIRST, Event, Fill, Line, write

DAY = 24 * 60


@pytest.fixture
def spend(shared: Store) -> Callable[..., None]:
    """Write costs: `spend(("mail", "may", 10.0), …)`; the day is the first of March."""

    def into(*rows: tuple[str | None, str | None, float]) -> None:
        columns = list(zip(*rows, strict=True)) or [(), (), ()]
        frame = pd.DataFrame(
            {
                "day": pd.Series([FIRST.date()] * len(rows), dtype="object"),
                "channel": pd.Series(columns[0], dtype="str"),
                "campaign": pd.Series(columns[1], dtype="str"),
                "cost": pd.Series(columns[2], dtype="float"),
            }
        )
        if rows:
            write(shared, "spend", frame)
        else:
            with shared.transaction() as cursor:
                cursor.execute("DELETE FROM spend_lines")

    return into


def orders_by(found: pd.DataFrame, model: str) -> dict[str, float]:
    """What each channel is credited with by one rule; those with nothing left out."""
    rows = found[(found["model"] == model) & (found["orders"] > 0)]
    names = rows[rows.columns[1]].fillna("nothing")
    return dict(zip(names, rows["orders"].round(6), strict=True))


def test_five_rules_share_one_order(fill: Fill) -> None:
    """Mail 14 days, search 7 days and ads at the moment of the order.

    Halved with every seven days they weigh 1/4, 1/2 and 1, in all 7/4.
    """
    store = fill(
        [
            Event("a", 600, "click", channel="mail"),
            Event("a", 600 + 7 * DAY, "view", channel="search"),
            Event("a", 600 + 14 * DAY, "view", channel="ads"),
        ],
        [Line("a", 600 + 14 * DAY, "o1", amount=70.0)],
    )
    found = journeys.attribution(store)
    assert orders_by(found, "first") == {"mail": 1.0}
    assert orders_by(found, "last") == {"ads": 1.0}
    third = round(1 / 3, 6)
    assert orders_by(found, "linear") == {"mail": third, "search": third, "ads": third}
    assert orders_by(found, "position") == {"mail": 0.4, "search": 0.2, "ads": 0.4}
    assert orders_by(found, "time_decay") == pytest.approx(
        {"mail": 1 / 7, "search": 2 / 7, "ads": 4 / 7}, abs=1e-6
    )
    decay = found[found["model"] == "time_decay"].set_index("channel")["revenue"]
    assert decay.to_dict() == pytest.approx({"mail": 10.0, "search": 20.0, "ads": 40.0} | {
        name: 0.0 for name in decay.index if name not in ("mail", "search", "ads")
    }, nan_ok=True)  # fmt: skip


@pytest.mark.parametrize(
    ("touches", "shares"),
    [
        ("m", {"m": 1.0}),
        ("ms", {"m": 0.5, "s": 0.5}),
        ("mssn", {"m": 0.4, "s": 0.2, "n": 0.4}),
        ("mxyn", {"m": 0.4, "x": 0.1, "y": 0.1, "n": 0.4}),
        ("mnm", {"m": 0.8, "n": 0.2}),
    ],
)
def test_forty_twenty_forty(fill: Fill, touches: str, shares: dict[str, float]) -> None:
    events = [Event("a", n * DAY, "view", channel=name) for n, name in enumerate(touches)]
    store = fill(events, [Line("a", 9 * DAY + 600, "o1")])
    assert orders_by(journeys.attribution(store), "position") == pytest.approx(shares)


def test_a_visit_is_one_touch_of_each_channel(fill: Fill) -> None:
    """Three views of one session are one touch; without sessions, those of one day."""
    named = [Event("a", n, "view", "s1", channel="mail") for n in range(3)]
    unnamed = [Event("a", 60 + n, "view", channel="ads") for n in range(3)]
    store = fill([*named, *unnamed], [Line("a", 700, "o1")])
    assert orders_by(journeys.attribution(store), "linear") == {"mail": 0.5, "ads": 0.5}


def test_only_touches_within_the_days_before_the_order_count(fill: Fill) -> None:
    """Exactly thirty days before counts; after the order does not; guests have no touch."""
    store = fill(
        [
            Event("a", 600, "view", channel="mail"),
            Event("a", 601 + 30 * DAY, "view", channel="ads"),
            Event("b", 599, "view", channel="mail"),
        ],
        [
            Line("a", 600 + 30 * DAY, "o1"),
            Line("b", 600 + 30 * DAY, "o2"),
            Line(None, 600, "o3"),
        ],
    )
    assert orders_by(journeys.attribution(store), "last") == {"mail": 1.0, "nothing": 2.0}
    assert orders_by(journeys.attribution(store, lookback_days=31), "last") == {
        "mail": 2.0, "nothing": 1.0,
    }  # fmt: skip


def test_costs_per_order_and_per_new_customer(fill: Fill, spend: Callable[..., None]) -> None:
    """A orders twice through mail, 10 and 30: 20 of cost are 10 an order, 20 a new customer."""
    spend(("mail", "may", 12.0), ("mail", "june", 8.0), ("radio", None, 5.0), ("web", None, 0.0))
    store = fill(
        [
            Event("a", 600, "click", channel="mail", campaign="may"),
            Event("a", 600 + DAY, "click", channel="mail", campaign="june"),
            Event("b", 600, "view", channel="direct"),
            Event("c", 600, "view", channel="web"),
        ],
        [
            Line("a", 601, "o1", amount=10.0),
            *(Line("a", 601 + DAY, "o2", each, 15.0) for each in ("tea", "cup")),
            *(Line("b", 601, "o3", amount=7.0), Line("c", 601, "o4", amount=7.0)),
        ],
    )
    last = journeys.attribution(store).query("model == 'last'").set_index("channel")
    assert last.loc["mail", ["orders", "new_customers", "revenue", "cost"]].tolist() == [
        2.0, 1.0, 40.0, 20.0,
    ]  # fmt: skip
    paid = ["return_on_spend", "cost_per_order", "cost_per_new_customer"]
    assert last.loc["mail", paid].tolist() == [2.0, 10.0, 20.0]
    assert last.loc["direct", ["cost", *paid]].isna().all()
    assert last.loc["radio", ["orders", "return_on_spend"]].tolist() == [0.0, 0.0]
    assert last.loc["radio", ["cost_per_order", "cost_per_new_customer"]].isna().all()
    assert last.loc["web", paid].isna().all()
    june = journeys.attribution(store, "campaign").query("model == 'last'").set_index("campaign")
    assert june.loc["june", ["orders", "new_customers", "cost", "cost_per_order"]].tolist() == [
        1.0, 0.0, 8.0, 8.0,
    ]  # fmt: skip
    assert pd.isna(june.loc["june", "cost_per_new_customer"])
    spend()


def test_every_rule_adds_up_to_the_shop(fill: Fill) -> None:
    events = [Event(f"c{n % 7}", n * 301.0, "view", channel="abc"[n * n % 3]) for n in range(60)]
    lines = [Line(f"c{n % 9}", n * 533.0 + 300, f"o{n}", amount=n + 0.25) for n in range(30)]
    found = journeys.attribution(fill(events, lines))
    sums = found.groupby("model")[["orders", "new_customers", "revenue"]].sum()
    assert list(sums.index) == sorted(channels.MODELS)
    for row in sums.itertuples(index=False):
        assert tuple(row) == pytest.approx((30, 9, sum(n + 0.25 for n in range(30))))


def test_clicks_and_orders_of_a_channel(fill: Fill) -> None:
    """Mail: 1 click of 4 impressions, 1 order. Direct: views only. Ads: clicks not recorded."""
    store = fill(
        [
            *(Event(f"i{n}", 0, "impression", channel="mail") for n in range(4)),
            Event("a", 600, "click", channel="mail"),
            *(Event("b", 600 + n, "view", "s", channel="direct") for n in range(2)),
            *(Event("c", 600, "impression", channel="ads"), Event("c", 601, "view", channel="ads")),
            Event("d", 600, "impression", channel="radio"),
        ],
        [Line("a", 700, "o1", channel="app"), Line("b", 700, "o2", channel="app")],
    )
    found = channels.rates(store, "channel", channels.keep_touches(store)).set_index("channel")
    assert sorted(found.index) == ["ads", "direct", "mail", "radio"]
    counts = ["impressions", "clicks", "views", "orders"]
    assert found.loc["mail", counts].tolist() == [4, 1, 0, 1]
    assert found.loc["mail", ["click_rate", "conversion_rate", "per"]].tolist() == [
        0.25, 1.0, "click",
    ]  # fmt: skip
    assert found.loc["direct", [*counts, "conversion_rate", "per"]].tolist() == [
        0, 0, 2, 1, 0.5, "view",
    ]  # fmt: skip
    assert pd.isna(found.loc["direct", "click_rate"])
    assert pd.isna(found.loc["ads", "click_rate"])
    assert found.loc["ads", "conversion_rate"] == 0.0
    assert found.loc["radio", "click_rate"] == 0.0
    assert pd.isna(found.loc["radio", "conversion_rate"])


def test_a_product_is_bought_per_view_of_it(fill: Fill) -> None:
    """Two lines of one order are one order."""
    store = fill(
        [*(Event(f"c{n}", n, "view", product="tea") for n in range(4)),
         Event("a", 9, "view", product="cup")],
        [Line("c1", 700, "o1", "tea"), Line("c1", 700, "o1", "tea"), Line("c2", 701, "o2", "pot")],
    )  # fmt: skip
    found = channels.rates(store, "product_id", channels.keep_touches(store))
    found = found.set_index("product_id")
    assert found["orders"].to_dict() == {"tea": 1, "pot": 1, "cup": 0}
    assert found.loc["tea", "conversion_rate"] == 0.25
    assert found.loc["cup", "conversion_rate"] == 0.0
    assert pd.isna(found.loc["pot", "conversion_rate"])


def test_who_ordered_through_a_channel_is_a_list(fill: Fill) -> None:
    store = fill(
        [Event("a", 600, "view", channel="mail"), Event("b", 600, "view", channel="ads")],
        [Line("a", 601, "o1"), Line("a", 602, "o2"), Line("b", 601, "o3"), Line("c", 601, "o4")],
    )
    kept = channels.keep_touches(store)
    listed = store.query(
        "touch_list", tables={"touched": kept.table}, channel="mail", campaign=None
    )
    assert listed[["customer_id", "orders", "first_orders"]].to_numpy().tolist() == [["a", 2, 1]]
    assert float(listed["revenue"][0]) == 20.0


def test_only_orders_of_the_days_asked_for_count(fill: Fill) -> None:
    """The second order is not the customer's first, though the first lies before the days."""
    store = fill(
        [Event("a", 600, "view", channel="mail")],
        [Line("a", 601, "o1"), Line("a", 601 + DAY, "o2"), Line("a", 601 + 2 * DAY, "o3")],
    )
    found = journeys.attribution(store, from_day=date(2024, 3, 2), as_of=date(2024, 3, 3))
    last = found[found["model"] == "last"].set_index("channel")
    assert last.loc["mail", ["orders", "new_customers"]].tolist() == [1.0, 0.0]


def test_what_makes_no_sense_is_refused(fill: Fill) -> None:
    store = fill([Event("a", 0, "view", channel="mail")])
    with pytest.raises(NotEnoughDataError, match="Nobody has bought"):
        journeys.attribution(store)
    with pytest.raises(AnalyticsError, match="look back"):
        journeys.attribution(store, lookback_days=0)
    store = fill([Event("a", 0, "view", channel="mail")], [Line("a", 600, "o1")])
    with pytest.raises(AnalyticsError, match="channel or campaign"):
        journeys.attribution(store, "shoe size")
