"""The Journeys page without a browser: what it says of small shops, and what is missing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]
Fill = Callable[..., None]
HEADER = "customer_id,session_id,occurred_at,event,product_id,channel,campaign\n"


def event(customer: str, minute: int, kind: str, channel: str = "mail") -> str:
    hour, minute = divmod(minute, 60)
    return (
        f"{customer},s{customer},2024-03-01 {hour:02d}:{minute:02d}:00,{kind},tea,{channel},may\n"
    )


def events(*rows: str) -> str:
    return HEADER + "".join(rows)


EVENTS = events(
    *(event(customer, 0, "view", "mail" if customer in "abc" else "ads") for customer in "abcde"),
    *(event(customer, 5, "cart") for customer in "abc"),
    event("a", 10, "purchase"),
)
ORDERS = """order_id,customer_id,ordered_at,product_id,amount,currency
o1,a,2024-03-01 00:10:00,tea,4.50,EUR
o2,b,2024-03-20 13:00:00,tea,4.50,EUR
"""
PRODUCTS = "product_id,name,price\ntea,Green *tea*,4.50\n"
SPEND = "day,channel,campaign,cost\n2024-03-01,mail,may,9.00\n"


def visit(tab: str = "Funnel", **state: object) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.session_state["journeys_tab"] = tab
    for key, value in state.items():
        at.session_state[key] = value
    at.run()
    at.switch_page("pages/journeys.py").run()
    assert not at.exception
    return at


def said(at: AppTest) -> str:
    boxes = (*at.markdown, *at.caption, *at.info, *at.error, *at.subheader)
    return "\n".join(str(box.value) for box in boxes).replace("\\", "")


def test_the_answer_is_the_funnels(fill: Fill) -> None:
    """B's order came nineteen days after, so one of five bought."""
    fill(events=EVENTS, orders=ORDERS)
    at = visit()
    shown = said(at)
    assert "Of **5** people with “view”, **1** got to “purchase” within 7 days: **20.0%**" in shown
    assert "Most drop out between “view” and “cart”: **2** people, 40%" in shown
    assert "Got to 1. view, not to 2. cart: 2 customers" in shown
    assert at.dataframe[0].value["people"].tolist() == [5, 3, 1]
    assert at.dataframe[-1].value["customer_id"].tolist() == ["d", "e"]
    next(box for box in at.number_input if box.label == "Within days").set_value(30).run()
    assert "**2** got to “purchase” within 30 days" in said(at)


def test_it_can_be_broken_down(fill: Fill) -> None:
    fill(events=EVENTS, orders=ORDERS)
    at = visit(journeys_by="channel")
    table = at.dataframe[0].value
    assert table["channel"].tolist() == ["mail"] * 3 + ["ads"] * 2 + ["ads"]
    assert table["people"].tolist() == [3, 3, 1, 2, 0, 0]
    next(box for box in at.selectbox if box.label == "Of which channel").set_value("ads").run()
    assert not at.exception
    assert "not to 2. cart, channel ads: 2 customers" in said(at)


def test_visits_and_other_orders_of_steps(fill: Fill) -> None:
    fill(events=EVENTS, orders=ORDERS)
    assert "Of **5** visits" in said(visit(journeys_unit="session"))
    assert "**1** got to “purchase”" in said(visit(journeys_order="any"))
    assert "Of **3** people with “view (channel mail)”" in said(
        visit(journeys_field="channel", journeys_value="mail")
    )
    assert "Nobody did “view (channel tv)”" in said(
        visit(journeys_field="channel", journeys_value="tv")
    )


def test_paths_lead_to_people(fill: Fill) -> None:
    fill(events=EVENTS, orders=ORDERS)
    at = visit("Paths")
    shown = said(at)
    assert "**5** visits have “view”. Most often “cart” follows: **3** visits, 60%" in shown
    assert "view → cart, move 1: 3 customers" in shown
    backwards = said(visit("Paths", paths_start=None, paths_end="cart"))
    assert "**3** visits have “cart”. Most often “view” came before it" in backwards
    whole = said(visit("Paths", paths_start=None))
    assert "**5** visits are known. Most often they begin with “view”, and “cart” follows" in whole
    assert "No visit goes that way" in said(visit("Paths", paths_start="cart", paths_end="view"))


def test_carts_say_what_is_at_stake(fill: Fill) -> None:
    """A bought in time, B later, C not; a day after the last order all have had their time."""
    fill(events=EVENTS, orders=ORDERS, products=PRODUCTS)
    shown = said(visit("Carts"))
    assert "**1** of 3 people who put something into the cart (33%) have not bought" in shown
    assert "is worth **4.50 EUR**" in shown
    assert "Left it and has not bought since: 1 customers" in shown
    late = visit("Carts", carts_within=60)
    assert "Nobody known put anything into a cart that long" in said(late)


def test_carts_without_prices(fill: Fill) -> None:
    fill(events=EVENTS, orders=ORDERS)
    assert "import a product file with prices" in said(visit("Carts"))


def test_channels_with_and_without_costs(fill: Fill) -> None:
    fill(events=EVENTS, orders=ORDERS)
    shown = said(visit("Channels"))
    assert "**mail** is credited with most orders: **2** of 2" in shown
    assert "What each channel cost is not known" in shown
    assert "None of these rules proves" in shown
    assert "Ordered through mail: 2 customers" in shown
    assert "looked at most, **tea**, has **2** orders" in said(
        visit("Channels", channels_by="product_id")
    )


def test_channels_with_costs(fill: Fill) -> None:
    fill(events=EVENTS, orders=ORDERS, spend=SPEND)
    at = visit("Channels", channels_by="campaign")
    assert "Per EUR spent, **may** brings most: 1.00 EUR of revenue" in said(at)
    assert at.dataframe[0].value["cost_per_order"].tolist() == [4.5]


def test_orders_alone_say_what_is_missing(fill: Fill) -> None:
    fill(orders=ORDERS)
    shown = said(visit())
    assert "There are orders, but no events" in shown
    assert "orders of one kind, “purchase”" in shown
    assert "no events of the kind “cart”" in said(visit("Carts"))
    assert "No event tells its channel" in said(visit("Channels"))
    assert not visit("Paths").error


def test_events_alone_need_no_orders(fill: Fill) -> None:
    fill(events=EVENTS)
    assert "**1** got to “purchase” within 7 days" in said(visit())
    assert "Nobody known put anything into a cart that long" in said(visit("Carts"))
    assert "**mail** is credited with most orders" in said(visit("Channels"))


def test_one_kind_of_event_is_no_funnel(fill: Fill) -> None:
    fill(events=events(event("a", 0, "view"), event("b", 1, "view")))
    at = visit()
    assert "events of one kind, “view”" in said(at)
    assert "**2** people did “view”" in said(at)
    for tab in ("Paths", "Carts", "Channels"):
        visit(tab)
    assert "Nobody has bought anything" in said(visit("Channels"))


@pytest.mark.parametrize(
    ("file", "answer"),
    [
        (events(event("a", 0, "view"), event("a", 5, "cart")), "Of **1** people"),
        (
            events(*(event(each, 0, kind) for each in "ab" for kind in ("cart", "view"))),
            "**2** got to “cart” within 7 days",
        ),
        (
            events(*EVENTS.splitlines(keepends=True)[:0:-1], *EVENTS.splitlines(keepends=True)[1:]),
            "Of **5** people with “view”, **1** got to “purchase”",
        ),
    ],
    ids=["one customer", "all at one instant", "unsorted and twice"],
)
def test_odd_events(fill: Fill, file: str, answer: str) -> None:
    fill(events=file)
    for tab in ("Funnel", "Paths", "Carts", "Channels"):
        at = visit(tab)
        if tab == "Funnel":
            assert answer in said(at)


def test_events_after_the_last_order_are_told(fill: Fill) -> None:
    late = event("z", 0, "view").replace("2024-03-01", "2024-03-25")
    fill(events=EVENTS + late, orders=ORDERS)
    assert "There are events up to 25 March 2024; only those before 21 March 2024" in said(visit())


def test_the_usual_steps_follow_the_shops_own_events(fill: Fill) -> None:
    fill(events=EVENTS, orders=ORDERS)
    at = visit()
    steps = next(box for box in at.multiselect if box.label == "Steps, in order")
    assert steps.value == ["view", "cart", "purchase"]


def test_steps_that_are_gone_do_not_stop_the_page(fill: Fill) -> None:
    """Chosen before, and no longer there after an import was taken out or the day moved."""
    fill(events=EVENTS, orders=ORDERS)
    at = visit(journeys_steps=["view", "wish"], journeys_exclude=["wish"], paths_start="wish")
    assert "view" in said(at)
    at.session_state["journeys_tab"] = "Paths"
    at.run()
    assert not at.exception


def test_who_did_something_in_between_is_left_out(fill: Fill) -> None:
    """A searched between view and cart."""
    fill(events=EVENTS + event("a", 2, "search"), orders=ORDERS)
    assert "**3** got to “cart”" in said(visit(journeys_steps=["view", "cart"]))
    left_out = visit(journeys_steps=["view", "cart"], journeys_exclude=["search"])
    assert "**2** got to “cart”" in said(left_out)
