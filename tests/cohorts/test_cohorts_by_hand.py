"""Cohorts of a shop small enough to reckon by hand, as of 5 April 2024."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from analytics import cohorts, overview
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store
from tests.cohorts.conftest import CUSTOMERS, EVENTS, ORDERS, Fill

DAY = date(2024, 4, 5)


def values(store: Store, **choices: Any) -> dict[str, list[Any]]:
    """By cohort, its size and then the value of each period."""
    found = cohorts.retention(store, as_of=DAY, **choices)
    return {
        str(cohort.date()): [rows["size"].iloc[0], *rows["value"]]
        for cohort, rows in found.groupby("cohort")
    }


def test_customers_who_come_back(shop: Store) -> None:
    """Anna orders in February and April; ben only returns something in April; carl never again."""
    assert values(shop) == {"2024-01-01": [2, 2, 1, 0, 1], "2024-02-01": [1, 1, 0, 0]}


def test_a_return_counts_where_it_is_asked_for(shop: Store) -> None:
    assert values(shop, counts="lines")["2024-01-01"] == [2, 2, 1, 0, 2]


def test_in_that_period_or_later(shop: Store) -> None:
    assert values(shop, or_later=True) == {
        "2024-01-01": [2, 2, 1, 1, 1],
        "2024-02-01": [1, 1, 0, 0],
    }


def test_orders_count_once_whatever_their_lines(shop: Store) -> None:
    assert values(shop, measure="orders")["2024-01-01"] == [2, 2, 1, 0, 2]


def test_revenue_is_exact_and_less_returns(shop: Store) -> None:
    money = values(shop, measure="revenue")
    assert money["2024-01-01"] == [2, *map(Decimal, ("21", "30", "0", "13"))]
    assert money["2024-02-01"] == [1, *map(Decimal, ("20", "0", "0"))]


def test_revenue_so_far_adds_up(shop: Store) -> None:
    found = cohorts.retention(shop, measure="revenue_so_far", as_of=DAY)
    january = found[found["cohort"] == "2024-01-01"]
    assert january["value"].tolist() == [Decimal(each) for each in ("21", "51", "51", "64")]
    assert january["rate"].tolist() == [10.5, 25.5, 25.5, 32.0]


def test_a_period_that_is_not_over_is_not_complete(shop: Store) -> None:
    found = cohorts.retention(shop, as_of=DAY)
    assert found["complete"].tolist() == [True, True, True, False, True, True, False]
    assert cohorts.retention(shop, as_of=date(2024, 5, 1))["complete"].all()


def test_the_curve_leaves_out_what_is_not_complete(shop: Store) -> None:
    curve = cohorts.curve(cohorts.retention(shop, as_of=DAY)).set_index("period")
    assert curve["size"].to_dict() == {0: 3, 1: 3, 2: 2}
    assert curve["value"].to_dict() == {0: 3, 1: 1, 2: 0}
    # Wilson's interval of 1 in 3 and of 0 in 2, by hand with z = 1.96
    assert (curve.loc[1, "lo"], curve.loc[1, "hi"]) == pytest.approx((0.0615, 0.7923), abs=5e-4)
    assert (curve.loc[2, "lo"], curve.loc[2, "hi"]) == pytest.approx((0.0, 0.6576), abs=5e-4)


def test_weeks_begin_on_monday(shop: Store) -> None:
    """Ben's Wednesday and carl's Thursday lie in the week of Monday 29 January."""
    found = cohorts.retention(shop, period="week", as_of=DAY)
    assert found.groupby("cohort")["size"].first().to_dict() == {
        **dict.fromkeys(found["cohort"].unique()[:1], 1),
        found["cohort"].unique()[1]: 2,
    }
    assert [str(each.date()) for each in found["cohort"].unique()] == ["2024-01-01", "2024-01-29"]
    anna = found[(found["cohort"] == "2024-01-01") & (found["value"] > 0)]
    assert anna["period"].tolist() == [0, 8, 13]


def test_by_day(shop: Store) -> None:
    found = cohorts.retention(shop, period="day", as_of=DAY)
    anna = found[(found["cohort"] == "2024-01-05") & (found["value"] > 0)]
    assert anna["period"].tolist() == [0, 55, 89, 90]  # 2024 has a 29 February


def test_from_sign_up_to_orders(shop: Store) -> None:
    """Dora signed up but has not ordered; what anna ordered before is never asked for."""
    assert values(shop, start="signed_up") == {
        "2023-12-01": [1, 0, 1, 1, 0, 1],
        "2024-01-01": [1, 1, 0, 0, 0],
        "2024-02-01": [1, 0, 0, 0],
    }


def test_from_the_first_visit_to_orders_or_visits(shop: Store) -> None:
    assert values(shop, start="first_event") == {"2024-01-01": [2, 1, 1, 0, 1]}
    assert values(shop, start="first_event", counts="events") == {"2024-01-01": [2, 2, 0, 1, 0]}


@pytest.mark.parametrize(
    ("by", "sizes"),
    [
        ("product", {"Green tea": 2, "Pot": 1}),
        ("category", {"drinks": 2, "ware": 1}),
        ("channel", {"web": 2, "app": 1}),
        ("discount", {"With a discount": 1, "Without a discount": 2}),
    ],
)
def test_split_by_the_first_order(shop: Store, by: Any, sizes: dict[str, int]) -> None:
    """Of anna's first order, the tea of 9 outweighs the cup of 7."""
    found = cohorts.retention(shop, by=by, as_of=DAY)
    first = found[found["period"] == 0]
    assert first.groupby("part")["size"].sum().to_dict() == sizes
    whole = cohorts.retention(shop, as_of=DAY).groupby(["cohort", "period"])["value"].sum()
    assert (found.groupby(["cohort", "period"])["value"].sum() == whole).all()


def test_the_list_behind_a_cell_is_the_cell(shop: Store) -> None:
    kept = cohorts.keep(shop, as_of=DAY)
    january = cohorts.number_of(date(2024, 1, 1), "month")

    def listed(*, came: bool, later: bool = False, step: int = 3) -> list[str]:
        found = shop.query(
            "cohort_list", tables={"activity": kept.table}, cohort=january, part=None, step=step,
            came=came, later=later,
        )  # fmt: skip
        return sorted(found["customer_id"])

    assert listed(came=True) == ["anna"]
    assert listed(came=False) == ["ben"]
    assert listed(came=True, step=2) == []
    assert listed(came=True, step=2, later=True) == ["anna"]
    found = shop.query(
        "cohort_list", tables={"activity": kept.table}, cohort=january, part=None, step=3,
        came=True, later=False,
    ).iloc[0]  # fmt: skip
    assert (found["orders"], found["orders_then"]) == (4, 2)
    assert (found["revenue"], found["revenue_then"]) == (Decimal(64 + 5 - 5), Decimal(18))
    assert not found["opted_out"]


def test_all_cohorts_together_are_the_overview(shop: Store) -> None:
    period = overview.period(shop, date(2024, 1, 1), DAY)
    orders = cohorts.retention(shop, measure="orders", as_of=DAY)["value"].sum()
    revenue = cohorts.retention(shop, measure="revenue", as_of=DAY)["value"].sum()
    assert orders == period.orders - 1  # the guest's
    assert revenue == period.identified_revenue


def test_what_is_kept_is_found_again_until_the_data_change(fill: Fill) -> None:
    shop = fill(orders=ORDERS)
    kept = cohorts.keep(shop, as_of=DAY)
    assert cohorts.keep(shop, as_of=DAY).table == kept.table
    assert cohorts.keep(shop, period="week", as_of=DAY).table != kept.table
    fill(orders=ORDERS.splitlines()[0] + "\n20,eve,2024-03-01,tea,1,9.00,9.00,paid,web,\n")
    assert cohorts.keep(shop, as_of=DAY).table != kept.table


# Too little, or too much asked


def test_events_alone_give_visits(fill: Fill) -> None:
    shop = fill(events=EVENTS)
    found = cohorts.retention(shop, start="first_event")
    assert found["value"].tolist() == [2, 0, 1]
    with pytest.raises(NotEnoughDataError, match="No known customer ordered"):
        cohorts.retention(shop)
    with pytest.raises(AnalyticsError, match="Events bring neither orders nor revenue"):
        cohorts.retention(shop, start="first_event", measure="revenue")


def test_orders_alone_give_no_visits_and_no_sign_ups(fill: Fill) -> None:
    shop = fill(orders=ORDERS)
    assert len(cohorts.retention(shop, as_of=DAY)) == 7
    with pytest.raises(NotEnoughDataError, match="no event of a known customer before 5 April"):
        cohorts.retention(shop, start="first_event", as_of=DAY)
    with pytest.raises(NotEnoughDataError, match="No customer has a sign-up date"):
        cohorts.retention(shop, start="signed_up", as_of=DAY)


def test_nobody_had_ordered_by_then(shop: Store) -> None:
    with pytest.raises(NotEnoughDataError, match="No known customer ordered before 1 January 2024"):
        cohorts.retention(shop, as_of=date(2024, 1, 1))


def test_one_day_of_data(fill: Fill) -> None:
    header, first = ORDERS.splitlines()[:2]
    shop = fill(orders=f"{header}\n{first}\n", customers=CUSTOMERS)
    found = cohorts.retention(shop)
    assert found[["size", "value"]].to_numpy().tolist() == [[1, 1]]
    assert not found["complete"].any()
    assert cohorts.curve(found).empty


@pytest.mark.parametrize(
    "choice", [{"period": "year"}, {"start": "birth"}, {"measure": "joy"}, {"counts": "x"},
               {"by": "colour"}],
)  # fmt: skip
def test_what_is_no_choice_is_refused(shop: Store, choice: dict[str, Any]) -> None:
    with pytest.raises(AnalyticsError, match="There is no"):
        cohorts.retention(shop, **choice)
