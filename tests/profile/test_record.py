"""One customer's record: who, where and why, and all that happened."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics import profile, rfm
from analytics.errors import AnalyticsError
from analytics.store import Store, inspect, load
from analytics.store.privacy import suppress

AS_OF = date(2024, 6, 1)


def eleven(r: int, f: int, m: int) -> str:
    """The segment of scores of 1 to 5."""
    return str(rfm.VOCABULARIES["eleven"].name(np.array([r]), np.array([f]), np.array([m]), 5)[0])


def record(store: Store, customer: str) -> profile.Record:
    kept = rfm.keep(store, AS_OF)
    return profile.record(store, customer, AS_OF, scores=kept.table, name=eleven, unit="EUR")


# Five customers ordered, so each strictly worse one is worth a step. Days since the last order: Ben
# 1, Jon 26, Ida 27, Kim 28, Anna 63. Orders: Anna 3, Jon 2, the others 1. Revenue: Anna 43, Jon and
# Kim 20, Ben 8, Ida 0.


@pytest.mark.parametrize(
    ("customer", "segment", "scores", "why"),
    [
        (
            "anna", "Cannot lose them", [1, 5, 5],
            ["Ordered 63 days ago: longer ago than 80% of customers.",
             "3 orders: more than 80% of customers.",
             "43.00 EUR of revenue: more than 80% of customers."],
        ),
        (
            "jon", "Loyal", [4, 4, 3],
            ["Ordered 26 days ago: more recently than 60% of customers.",
             "2 orders: more than 60% of customers.",
             "20.00 EUR of revenue: more than 40% of customers."],
        ),
        (
            "ben", "Potential loyalists", [5, 1, 2],
            ["Ordered 1 day ago: more recently than 80% of customers.",
             "1 order: fewer than 40% of customers.",
             "8.00 EUR of revenue: less than 60% of customers."],
        ),
    ],
)  # fmt: skip
def test_the_three_traits(
    by_hand: Store, customer: str, segment: str, scores: list[int], why: list[str]
) -> None:
    found = record(by_hand, customer)
    assert found.segment == segment
    assert found.scores.iloc[0].tolist() == scores
    assert found.why["score"].tolist() == scores
    assert found.why["sentence"].tolist() == why


def test_what_would_move_them(by_hand: Store) -> None:
    # Jon's third order: R 5, as many orders as Anna (5), 30 of revenue, which reaches the worst of
    # score 3 (20) and not that of 5 (43): FM 4. His R falls to 2 once he is as late as Kim (28).
    jon = record(by_hand, "jon").moves
    told = ["change", "orders", "days", "segment", "sentence"]
    assert jon[told].fillna(0).to_numpy().tolist() == [
        ["order", 1, 0, "Champions", "One more order of about 10.00 EUR"],
        ["wait", 0, 2, "At risk", "No order in the next 2 days (up to 2 June 2024)"],
    ]  # fmt: skip
    # Kim, too, has R 5 and FM (4 + 3) / 2 after another order; tomorrow she is R 1, as Anna is.
    kim = record(by_hand, "kim").moves
    assert kim[["change", "segment"]].to_numpy().tolist() == [
        ["order", "Champions"], ["wait", "Lost"],
    ]  # fmt: skip
    # Anna is R 1 for good; an order makes her a champion.
    assert record(by_hand, "anna").moves["segment"].tolist() == ["Champions"]


def test_what_moves_those_who_never_ordered_or_spent_nothing(by_hand: Store) -> None:
    # A first order makes R 5 and F 1; FM follows from the money: the worst of M 1 is Ida's 0, of
    # 2 Ben's 8, of 3 Jon's 20, of 5 Anna's 43: FM 1, 2, 2, 3.
    found = record(by_hand, "carl")
    assert found.segment is None
    assert found.moves[["change", "segment", "sentence"]].to_numpy().tolist() == [
        ["amount", "New customers", "One order, however small"],
        ["amount", "Potential loyalists", "One order of at least 8.00 EUR"],
    ]
    # Dora's return of 12.50 is to be made good first: -12.50 is below the worst of M 1.
    dora = record(by_hand, "dora")
    assert dora.segment == rfm.NO_ORDER.name
    assert dora.why.empty
    assert dora.moves["sentence"].tolist() == [
        "One order of at least 12.50 EUR", "One order of at least 20.50 EUR",
    ]  # fmt: skip


def test_an_order_in_time_keeps_them() -> None:
    limits = pd.DataFrame(
        [
            ("recency_days", 1, 100, 400, 5), ("recency_days", 2, 1, 99, 5),
            ("frequency", 1, 1, 3, 5), ("frequency", 2, 4, 9, 5),
            ("monetary", 1, 1, 90, 5), ("monetary", 2, 100, 900, 5),
        ],
        columns=["measure", "score", "lowest", "highest", "customers"],
    )  # fmt: skip
    own = profile.Standing(90, 2, Decimal(20), "recent")
    names = {1: "gone", 2: "recent"}
    found = profile.moves(own, limits, lambda r, _f, m: names[r] + "!" * (m - 1), AS_OF)
    assert found[["change", "days", "segment"]].fillna(0).to_numpy().tolist() == [
        # Recency is 100 after ten days; an order by then keeps it below.
        ["stay", 10, "recent"],
        # Eight of their average of 10.00 bring 100; so does one of 80.00.
        ["order", 0, "recent!"],
        ["wait", 10, "gone"],
    ]
    assert found["orders"].tolist()[:2] == [1, 8]


def test_who_they_are(by_hand: Store) -> None:
    anna = record(by_hand, "anna")
    assert anna.name == "Anna Hill"
    assert dict(zip(anna.person["label"], anna.person["value"], strict=True)) == {
        "Customer": "anna", "E-mail": "anna@example.com", "Name": "Anna Hill",
        "Signed up at": pd.Timestamp("2024-01-01 12:00"), "Birth date": date(2000, 6, 1),
        "Gender": "f", "City": "Lyon", "Country": "FR", "May be contacted": True,
        "Loyalty card": "gold",
    }  # fmt: skip
    assert (anna.opted_out, anna.feature("orders")) == (False, 3)
    assert record(by_hand, "ben").opted_out
    assert record(by_hand, "kim").person["field"].tolist() == ["customer_id"]


def test_what_they_order_and_when(by_hand: Store) -> None:
    anna = record(by_hand, "anna")
    assert anna.categories.to_dict("records") == [
        {"category": "ware", "lines": 2, "orders": 2, "revenue": Decimal(35)},
        {"category": "drinks", "lines": 2, "orders": 2, "revenue": Decimal(13)},
    ]
    assert anna.orders["order_id"].tolist() == ["A1", "A2", "A3"]
    assert anna.orders["hour"].tolist() == [18, 9, 23]
    assert anna.orders["revenue"].tolist() == [Decimal(15), Decimal(3), Decimal(30)]
    assert profile.usual_time(anna.orders) == "They order most often on Saturdays (2 of 3 orders)."
    assert profile.months(anna.orders)[["orders", "revenue"]].to_numpy().tolist() == [[3, 48]]
    kim = record(by_hand, "kim").orders
    assert [f"{one:%Y-%m-%d}" for one in kim["day"]] == ["2024-05-03"]
    assert kim["hour"].tolist() == [23]
    assert pd.isna(record(by_hand, "ben").categories["category"].iloc[0])


@pytest.mark.parametrize(
    ("customer", "sentence"),
    [
        ("anna", "Customer since 2 March 2024: 3 orders and 43.00 EUR of revenue; the last order "
                 "was 63 days ago."),
        ("ben", "Customer since 31 May 2024: 1 order and 8.00 EUR of revenue; the last order was "
                "1 day ago."),
        ("carl", "Has not ordered yet; was last seen 7 days ago."),
        ("dora", "No order of theirs counts before this day; their returns come to −12.50 EUR."),
        ("gus", "Has not ordered yet, and nothing they did is recorded before this day."),
        ("fay", "Nothing is known of this customer before 1 June 2024."),
        ("hal", "Nothing is known of this customer before 1 June 2024."),
    ],
)  # fmt: skip
def test_the_sentence(by_hand: Store, customer: str, sentence: str) -> None:
    assert profile.headline(record(by_hand, customer), "EUR") == sentence


def test_the_timeline_is_newest_first_and_comes_in_pages(by_hand: Store) -> None:
    whole = profile.timeline(by_hand, "anna", AS_OF)
    assert whole.frame["kind"].tolist() == [
        "return", "order", "order", "order", "experiment", "sign-up",
    ]  # fmt: skip
    assert whole.frame["what"].tolist()[:5] == ["A4", "A3", "A2", "A1", "spring"]
    assert whole.rows == 6
    assert whole.frame["revenue"].dropna().tolist() == [
        Decimal(-5), Decimal(30), Decimal(3), Decimal(15),
    ]  # fmt: skip
    pages = [
        profile.timeline(by_hand, "anna", AS_OF, limit=4, offset=place).frame for place in (0, 4)
    ]
    assert pd.concat(pages, ignore_index=True).equals(whole.frame)
    assert profile.timeline(by_hand, "anna", AS_OF, kind="order", limit=1).rows == 3
    words = profile.readable(whole.frame)
    assert words["product"].tolist()[3] == "Cup and 1 more"
    assert words["counts"].tolist()[:4] == ["counts"] * 4


def test_the_timeline_has_events_campaigns_and_what_does_not_count(by_hand: Store) -> None:
    ben = profile.timeline(by_hand, "ben", AS_OF).frame
    assert ben["kind"].tolist() == ["order", "event", "campaign", "campaign", "event"]
    assert ben["detail"].dropna().tolist() == ["may", "march"]
    hal = profile.readable(profile.timeline(by_hand, "hal", AS_OF).frame)
    assert hal["counts"].tolist() == ["test order, does not count", "cancelled, does not count"]
    assert hal["revenue"].isna().all()


def test_an_unknown_customer_is_said_to_be_none(by_hand: Store) -> None:
    for ask in (profile.record, profile.export):
        with pytest.raises(AnalyticsError, match="There is no customer “nobody”"):
            ask(by_hand, "nobody", AS_OF)


def test_the_reason_for_leaving_them_out_is_told(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("order_id,customer_id,ordered_at,amount\n1,anna,2024-01-01,5\n")
    load(store, path, inspect(path, table="orders"))
    suppress(store, ["anna"], "asked by letter")
    found = profile.record(store, "anna")
    assert (found.opted_out, found.opted_out_because) == (True, "asked by letter")


def test_a_cluster_is_read_where_it_is_kept(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(
        "order_id,customer_id,ordered_at,amount\n1,anna,2024-01-01,5\n2,ben,2024-01-01,5\n"
    )
    load(store, path, inspect(path, table="orders"))
    table = store.keep(
        "clusters", "1",
        pd.DataFrame({"customer_id": ["anna"], "cluster": [3], "name": ["Night owls"],
                      "confidence": [0.75]}),
    )  # fmt: skip
    found = profile.record(store, "anna", clusters=table)
    assert (found.cluster, found.cluster_confidence) == ("Night owls", 0.75)
    assert profile.record(store, "ben", clusters=table).cluster is None


# The sample shop


def test_records_agree_with_scores_segments_and_features(sample_shop: Store) -> None:
    kept = rfm.keep(sample_shop)
    segments = rfm.segments(sample_shop, kept).set_index("segment")
    scores = rfm.score(sample_shop)
    for _, group in scores.groupby("segment"):
        row = group.iloc[len(group) // 2]
        found = profile.record(
            sample_shop, row["customer_id"], scores=kept.table, name=eleven, unit="EUR"
        )
        beside = found.beside.set_index("measure")
        assert found.segment == row["segment"]
        assert beside["own"]["revenue"] == row["monetary"] == found.feature("revenue")
        assert beside["own"]["orders"] == row["frequency"] == len(found.orders)
        assert beside["own"]["recency_days"] == row["recency_days"]
        of_segment = segments.loc[row["segment"]]
        assert beside["segment_median"]["recency_days"] == of_segment["median_recency_days"]
        assert beside["segment_median"]["orders"] == of_segment["median_orders"]
        timeline = profile.timeline(sample_shop, row["customer_id"], kept.as_of)
        counted = timeline.frame[timeline.frame["fate"] == "analysed"]
        assert sum(counted["revenue"], Decimal(0)) == row["monetary"]
        assert (counted["kind"] == "order").sum() == row["frequency"]
        # By the limits, where they stand now is where they are.
        assert found.segment not in set(found.moves["segment"][found.moves["change"] != "stay"])


def test_a_wait_that_is_foretold_comes_true(sample_shop: Store) -> None:
    # Somebody who does not order for so long has the segment then, as long as the limits hold:
    # recency alone grows, so the score is that of the present limits.
    kept = rfm.keep(sample_shop)
    limits = profile.limits(sample_shop, kept.table)
    recency = limits[limits["measure"] == "recency_days"].set_index("score")["highest"]
    scores = rfm.score(sample_shop)
    row = scores[(scores["r"] == 4) & (scores["f"] == 5) & (scores["m"] == 5)].iloc[0]
    found = profile.record(sample_shop, row["customer_id"], scores=kept.table, name=eleven)
    wait = found.moves[found.moves["change"] == "wait"].iloc[0]
    # R 3, FM 5 is still Loyal; R 2 is not.
    assert wait["segment"] == "Cannot lose them"
    assert wait["days"] == int(recency[3]) + 1 - row["recency_days"]
