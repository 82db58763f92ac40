"""Kept scores: made once, made again when the data change, and what is read from them."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics import rfm
from analytics.store import Policy, Store, inspect, load, preview_list

ANYONE: dict[str, Any] = {"segment": None, "r": None, "fm": None}
MORE = "order_id,customer_id,ordered_at,amount\n20,gus,2024-03-01,500.00\n"
EARLIER = date(2026, 3, 1)


def listed(store: Store, kept: rfm.Kept) -> pd.DataFrame:
    """The people of a kept table, as a list shows them."""
    preview = preview_list(store, "rfm_list", tables={"scores": kept.table}, **ANYONE)
    assert preview.rows == len(preview.frame)
    return preview.frame


def total(column: "pd.Series[Any]") -> Decimal:
    return sum((Decimal(value) for value in column), Decimal(0))


def add(store: Store, folder: Path, text: str = MORE) -> int:
    path = folder / "more.csv"
    path.write_text(text, encoding="utf-8")
    look = inspect(path, table="orders")
    return load(store, path, look, import_day=date(2024, 12, 31)).batch_id


def test_kept_scores_are_the_scores(shop: Store) -> None:
    scores, kept = rfm.score(shop, bins=4), rfm.keep(shop, bins=4)
    found = listed(shop, kept)[list(scores.columns)]
    assert len(found) == 6
    for left, right in zip(
        found.itertuples(index=False), scores.itertuples(index=False), strict=True
    ):
        assert [None if pd.isna(value) else value for value in left] == [
            None if pd.isna(value) else value for value in right
        ]


def test_kept_says_what_it_is(shop: Store) -> None:
    kept = rfm.keep(shop, names="six")
    assert (kept.as_of, kept.bins, kept.vocabulary.title) == (
        date(2024, 3, 2),
        5,
        "Six segments",
    )
    limits = {"recency_days": [2, 6], "frequency": [1, 2], "monetary": [1, 2]}
    assert rfm.keep(shop, thresholds=limits).bins == 3


def test_the_same_question_is_answered_from_what_is_kept(
    own_shop: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = rfm.keep(own_shop)
    version = own_shop.version

    def fail(*_: Any, **__: Any) -> None:
        raise AssertionError("the scores are made again")

    monkeypatch.setattr(rfm, "_score", fail)
    assert rfm.keep(own_shop) == first
    assert rfm.keep(own_shop, as_of=date(2024, 3, 2), bins=5, names="eleven") == first
    assert own_shop.version == version
    with pytest.raises(AssertionError, match="made again"):
        rfm.keep(own_shop, bins=4)


LIMITS = {"recency_days": [2.0, 6.0], "frequency": [1.0, 2.0], "monetary": [5.0, 10.0]}


@pytest.mark.parametrize(
    "other",
    [
        {"as_of": date(2024, 3, 1)},
        {"bins": 3},
        {"names": "six"},
        {"thresholds": None},
        {"thresholds": LIMITS | {"monetary": [-5.0, 10.0]}},
        {"thresholds": LIMITS | {"recency_days": [2.6, 60]}},
        {"thresholds": LIMITS | {"recency_days": [1.2, 3.4]}},
        {"thresholds": {name: [1, 2, 3, 4] for name in LIMITS}},
        {"thresholds": {name: [1.2, 3.4] for name in LIMITS}},
    ],
    ids=str,
)
def test_another_question_has_another_answer(shop: Store, other: dict[str, Any]) -> None:
    question: dict[str, Any] = {"thresholds": LIMITS}
    if other.keys() & {"bins"}:
        question = {}
    different = rfm.keep(shop, **question | other)
    assert different.table != rfm.keep(shop, **question).table


def test_limits_that_look_alike_are_kept_apart(shop: Store) -> None:
    two = {name: [1.2, 3.4] for name in LIMITS}
    four = {name: [1, 2, 3, 4] for name in LIMITS}
    below, above = LIMITS | {"monetary": [-5, 10]}, LIMITS | {"monetary": [5, 10]}
    tables = [rfm.keep(shop, thresholds=limits).table for limits in (two, four, below, above)]
    assert len(set(tables)) == 4


def test_an_import_a_removal_and_a_policy_make_it_anew(own_shop: Store, tmp_path: Path) -> None:
    def customers() -> set[str]:
        return set(listed(own_shop, rfm.keep(own_shop))["customer_id"])

    five = {"anna", "ben", "carl", "dora", "fay"}
    tables = [rfm.keep(own_shop).table]
    assert customers() == five | {"emil"}
    batch = add(own_shop, tmp_path)
    tables.append(rfm.keep(own_shop).table)
    assert customers() == five | {"emil", "gus"}
    own_shop.remove(batch)
    tables.append(rfm.keep(own_shop).table)
    assert customers() == five | {"emil"}
    own_shop.set_policy(Policy(returns="leave_out"))
    tables.append(rfm.keep(own_shop).table)
    assert customers() == five
    assert len(set(tables)) == 4


def test_segments_of_a_small_shop(shop: Store) -> None:
    found = rfm.segments(shop, rfm.keep(shop)).set_index("segment")
    # Best first; the scores are reckoned in test_rfm_by_hand.
    assert list(found.index) == [
        "Champions",
        "Potential loyalists",
        "About to sleep",
        "At risk",
        "Hibernating",
        "Returns only",
    ]
    assert list(found["customers"]) == [1, 1, 1, 1, 1, 1]
    assert list(found["revenue"]) == [
        Decimal(worth) for worth in ("64.50", "0.30", "25.25", "40.00", "10.00", "-12.00")
    ]
    assert found["customer_share"].tolist() == pytest.approx([1 / 6] * 6)
    # 128.05 in all.
    assert found["revenue_share"]["Champions"] == pytest.approx(64.5 / 128.05)
    assert found["average_order_value"]["Champions"] == pytest.approx(32.25)
    assert np.isnan(found["average_order_value"]["Returns only"])
    assert found["median_recency_days"]["At risk"] == 47
    assert np.isnan(found["median_recency_days"]["Returns only"])
    assert found["rule"]["Champions"] == "R 5, FM 4 to 5"
    assert found["advice"].str.len().min() > 10


@pytest.mark.parametrize("names", ["eleven", "six", "eight"])
@pytest.mark.parametrize("bins", [3, 5, 10])
def test_segments_add_up_and_their_medians_are_numpys(
    sample_shop: Store, names: Any, bins: int
) -> None:
    scores = rfm.score(sample_shop, bins=bins, names=names)
    kept = rfm.keep(sample_shop, bins=bins, names=names)
    found = rfm.segments(sample_shop, kept)
    assert found["customers"].sum() == len(scores)
    assert found["customer_share"].sum() == pytest.approx(1)
    assert found["revenue_share"].sum() == pytest.approx(1)
    assert total(found["revenue"]) == total(scores["monetary"])
    known = [segment.name for segment in kept.vocabulary.segments]
    assert list(found["segment"]) == [
        name for name in [*known, "Returns only"] if name in set(scores["segment"])
    ]
    for row in found.itertuples():
        people = scores[scores["segment"] == row.segment]
        assert row.customers == len(people)
        assert row.revenue == total(people["monetary"])
        assert row.median_recency_days == np.median(people["recency_days"])
        assert row.median_orders == np.median(people["frequency"])
        assert row.average_order_value == pytest.approx(
            float(total(people["monetary"])) / people["frequency"].sum()
        )


def test_the_grid_holds_everyone_with_a_score(sample_shop: Store, shop: Store) -> None:
    for store in (sample_shop, shop):
        scores, kept = rfm.score(store), rfm.keep(store)
        scores = scores[scores["r"].notna()]
        scores = scores.assign(
            fm=[
                floor(Fraction(int(f) + int(m), 2) + Fraction(1, 2))
                for f, m in zip(scores["f"], scores["m"], strict=True)
            ]
        )
        found = rfm.grid(store, kept)
        assert found["customers"].sum() == len(scores)
        assert total(found["revenue"]) == total(scores["monetary"])
        cells = scores.groupby(["r", "fm"])
        assert len(found) == len(cells)
        for r, fm, customers, revenue in found.itertuples(index=False):
            people = cells.get_group((r, fm))
            assert (customers, revenue) == (len(people), total(people["monetary"]))
            cell = preview_list(
                store,
                "rfm_list",
                first=len(people),
                tables={"scores": kept.table},
                **ANYONE | {"r": int(r), "fm": int(fm)},
            )
            assert cell.rows + cell.opted_out == len(people)
            assert set(cell.frame["customer_id"]) <= set(people["customer_id"])


def test_who_moved_in_a_small_shop(own_shop: Store, tmp_path: Path) -> None:
    add(own_shop, tmp_path)
    earlier, later = rfm.keep(own_shop, date(2024, 2, 29), 3), rfm.keep(own_shop)
    before = listed(own_shop, earlier).set_index("customer_id")["segment"]
    after = listed(own_shop, later).set_index("customer_id")
    assert set(after.index) - set(before.index) == {"fay", "gus"}
    expected: dict[tuple[str, str], tuple[int, Decimal]] = {}
    for customer, row in after.iterrows():
        way = (before.get(customer, "Not yet a customer"), row["segment"])
        people, worth = expected.get(way, (0, Decimal(0)))
        expected[way] = (people + 1, worth + row["monetary"])
    found = rfm.moves(own_shop, earlier, later)
    assert {
        (start, end): (customers, revenue)
        for start, end, customers, revenue in found.itertuples(index=False)
    } == expected


def test_moves_add_up_to_both_days(sample_shop: Store) -> None:
    earlier, later = rfm.keep(sample_shop, EARLIER), rfm.keep(sample_shop)
    found = rfm.moves(sample_shop, earlier, later)
    now = rfm.segments(sample_shop, later).set_index("segment")
    ends = found.groupby("to_segment")
    assert ends["customers"].sum().to_dict() == now["customers"].to_dict()
    assert {name: total(part["revenue"]) for name, part in ends} == now["revenue"].to_dict()
    starts = found.groupby("from_segment")["customers"].sum().to_dict()
    new = starts.pop("Not yet a customer")
    then = rfm.segments(sample_shop, earlier).set_index("segment")["customers"]
    assert starts == then.to_dict()
    assert new == now["customers"].sum() - then.sum()
    assert new > 0


def test_the_order_of_a_files_lines_changes_nothing(
    shop: Store, store: Store, write: Callable[..., Path]
) -> None:
    head, *lines = Path(__file__).with_name("by_hand.csv").read_text("utf-8").splitlines()
    path = write("orders.csv", "\n".join([head, *reversed(lines)]) + "\n")
    load(store, path, inspect(path, table="orders"), import_day=date(2024, 12, 31))
    pd.testing.assert_frame_equal(rfm.score(store), rfm.score(shop))
