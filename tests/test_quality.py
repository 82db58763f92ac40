"""Data quality: reckoned by hand, planted and found again, and as published."""

import math
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from analytics import quality
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import TABLES, Store, inspect, load, load_folder

ROOT = Path(__file__).parent.parent
AFTER = date(2030, 1, 1)
Write = Callable[..., Path]
Line = tuple[str, str, datetime, str, int, str]
"""order_id, customer_id, ordered_at, product_id, quantity, unit_price."""


def fill_store(store: Store, path: Path, table: str = "orders") -> Store:
    load(store, path, inspect(path, table=table), import_day=AFTER)
    return store


def orders_file(write: Write, lines: list[Line]) -> Path:
    body = "".join(f"{','.join(str(part) for part in line)}\n" for line in lines)
    return write(
        "orders.csv", f"order_id,customer_id,ordered_at,product_id,quantity,unit_price\n{body}"
    )


def flat_shop(days: int, orders_a_day: float, seed: int = 0) -> list[Line]:
    """One line an order, independent orders, the same in every week."""
    rng = np.random.default_rng(seed)
    start = datetime(2024, 1, 1, 9)
    lines: list[Line] = []
    for place in range(days):
        for _ in range(rng.poisson(orders_a_day)):
            product = int(rng.integers(20))
            at = start + timedelta(days=place, minutes=int(rng.integers(600)))
            quantity = int(rng.integers(1, 4))
            lines.append(
                (f"o{len(lines)}", f"c{rng.integers(300)}", at, f"p{product}", quantity,
                 f"{5 + 2 * product}.00")
            )  # fmt: skip
    return lines


@pytest.fixture(scope="session")
def sample_shop() -> Iterator[Store]:
    """The sample shop; read from it only."""
    with Store() as filled:
        load_folder(filled, ROOT / "sample_data")
        yield filled


# The report, by hand

REPORTED = {
    "orders": """order_id,customer_id,ordered_at,product_id,quantity,unit_price,status,coupon
1,anna,2024-01-05 10:00:00,tea,2,4.50,paid,
1,anna,2024-01-05 10:00:00,tea,2,4.50,paid,
1,anna,2024-01-05 10:00:00,tea,2,4.50,paid,
2,ben,2024-01-06 10:00:00,cup,1,7.25,paid,
2,ben,2024-01-06 10:00:00,cup,1,7.25,paid,X
3,,2024-01-07 10:00:00,jug,1,30.00,paid,
4,eve,2024-01-08 10:00:00,jug,2,30.00,cancelled,
4,eve,2024-01-08 10:00:00,jug,2,30.00,cancelled,
5,carl,2024-01-09 10:00:00,,1,1.00,paid,
""",
    "events": """customer_id,session_id,occurred_at,event,product_id
anna,s1,2024-01-05 09:55:00,view,tea
anna,s1,2024-01-05 09:55:00,view,tea
zoe,s2,2024-01-06 20:00:00,view,mug
""",
    "customers": "customer_id,city\nanna,Lyon\nben,\n",
    "products": "product_id,name\ntea,Tea\ncup,Cup\n",
}
"""Anna's tea is there three times, Eve's cancelled line counts for nothing."""


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[quality.Report]:
    folder = tmp_path_factory.mktemp("reported")
    with Store() as store:
        for table, text in REPORTED.items():
            path = folder / f"{table}.csv"
            path.write_text(text, encoding="utf-8")
            fill_store(store, path, table)
        yield quality.report(store)


def test_what_is_missing_by_hand(reported: quality.Report) -> None:
    found = {
        (row.table, row.field): (row.rows, row.missing) for row in reported.missing.itertuples()
    }
    assert found == {
        ("orders", "order_id"): (9, 0),
        ("orders", "customer_id"): (9, 1),
        ("orders", "ordered_at"): (9, 0),
        ("orders", "product_id"): (9, 1),
        ("orders", "quantity"): (9, 0),
        ("orders", "unit_price"): (9, 0),
        ("orders", "amount"): (9, 0),
        ("orders", "status"): (9, 0),
        ("orders", "coupon"): (9, 8),
        ("events", "customer_id"): (3, 0),
        ("events", "session_id"): (3, 0),
        ("events", "occurred_at"): (3, 0),
        ("events", "event"): (3, 0),
        ("events", "product_id"): (3, 0),
        ("customers", "customer_id"): (2, 0),
        ("customers", "city"): (2, 1),
        ("products", "product_id"): (2, 0),
        ("products", "name"): (2, 0),
    }
    shares = reported.missing.set_index(["table", "field"])["missing_share"]
    assert shares["orders", "coupon"] == pytest.approx(8 / 9)


def test_what_is_repeated_by_hand(reported: quality.Report) -> None:
    found = reported.duplicates.set_index("table")
    assert found.loc["orders", "rows"] == 2
    assert found.loc["orders", "amount"] == Decimal("18.00")
    assert found.loc["events", "rows"] == 1
    assert pd.isna(found.loc["events", "amount"])


def test_who_is_unknown_by_hand(reported: quality.Report) -> None:
    found = {(row.kind, row.table): row for row in reported.unknown.itertuples()}
    figures = {key: (row.ids, row.rows) for key, row in found.items()}
    assert figures == {
        ("customer", "orders"): (1, 1),  # carl; Eve's order is cancelled
        ("product", "orders"): (1, 1),  # the guest's jug
        ("customer", "events"): (1, 1),
        ("product", "events"): (1, 1),
    }
    assert found["customer", "orders"].amount == Decimal("1.00")
    assert found["product", "orders"].amount == Decimal("30.00")
    assert pd.isna(found["customer", "events"].amount)


def test_too_few_lines_for_outliers_leave_the_figures_open(reported: quality.Report) -> None:
    assert reported.outliers["method"].tolist() == list(quality.METHODS)
    assert reported.outliers[["lines", "amount", "share", "looked_at"]].isna().all().all()


def test_unknown_ids_are_said_only_where_there_is_a_file(store: Store, write: Write) -> None:
    fill_store(store, write("orders.csv", REPORTED["orders"]))
    assert quality.report(store, ()).unknown.empty
    fill_store(store, write("products.csv", REPORTED["products"]), "products")
    unknown = quality.report(store, ()).unknown
    assert unknown[["kind", "table"]].to_numpy().tolist() == [["product", "orders"]]


def test_every_field_of_every_table_is_counted(store: Store) -> None:
    found = store.query("quality_filled")
    fields = [(table.name, name) for table in TABLES.values() for name in table.names]
    assert list(zip(found["table"], found["field"], strict=True)) == fields


@settings(deadline=None, max_examples=8)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("12"), st.sampled_from(["", "a", "b"]), st.sampled_from(["", "x", "y"]),
            st.sampled_from(["1.00", "2.50"]),
        ),
        min_size=1,
        max_size=25,
    )
)  # fmt: skip
def test_the_report_adds_up(tmp_path_factory: pytest.TempPathFactory, lines: list[Any]) -> None:
    lines = [("0", "z", "z", "9.99"), *lines]
    path = tmp_path_factory.mktemp("sums") / "orders.csv"
    body = "".join(f"{o},{c},2024-01-05,{p},{a}\n" for o, c, p, a in lines)
    path.write_text(f"order_id,customer_id,ordered_at,product_id,amount\n{body}", encoding="utf-8")
    with Store() as store:
        found = quality.report(fill_store(store, path), ())
    missing = found.missing.set_index("field")
    assert (missing["rows"] == len(lines)).all()
    assert missing.loc["customer_id", "missing"] == sum(line[1] == "" for line in lines)
    assert found.duplicates["rows"].sum() == len(lines) - len(set(lines))
    total = sum(Decimal(line[3]) for line in lines)
    different = sum(Decimal(line[3]) for line in set(lines))
    assert found.duplicates["amount"].iloc[0] == total - different


def test_an_empty_store_has_no_report(store: Store) -> None:
    with pytest.raises(NotEnoughDataError):
        quality.report(store)
    with pytest.raises(NotEnoughDataError):
        quality.unusual_days(store)
    with pytest.raises(NotEnoughDataError):
        quality.outliers(store)
    with pytest.raises(NotEnoughDataError):
        quality.outliers(store, by="customer")
    with pytest.raises(NotEnoughDataError):
        quality.gaps(store)


def test_events_alone_make_a_report(store: Store, write: Write) -> None:
    fill_store(store, write("events.csv", REPORTED["events"]), "events")
    found = quality.report(store)
    assert found.duplicates["table"].tolist() == ["events"]
    assert found.gaps.empty
    assert found.unknown.empty


# Gaps


def spans(gaps: pd.DataFrame) -> list[tuple[str, str, int]]:
    return [
        (f"{row.first_day:%m-%d}", f"{row.last_day:%m-%d}", row.days) for row in gaps.itertuples()
    ]


def test_a_weekend_is_no_gap_and_a_missing_week_is(store: Store, write: Write) -> None:
    open_days = [
        day
        for place in range(140)
        if (day := datetime(2024, 1, 1, 9) + timedelta(days=place)).weekday() < 5
        and not date(2024, 3, 4) <= day.date() <= date(2024, 3, 8)
    ]
    lines: list[Line] = [
        (f"{n}-{k}", "c", day, "p", 1, "5.00") for n, day in enumerate(open_days) for k in range(3)
    ]
    fill_store(store, orders_file(write, lines))
    # From the Saturday before the missing week to the Sunday after it.
    assert spans(quality.gaps(store)) == [("03-02", "03-10", 9)]


def test_a_planted_outage_is_the_only_gap(store: Store, write: Write) -> None:
    dark = {date(2024, 4, 16), date(2024, 4, 17)}
    lines = [line for line in flat_shop(200, 12) if line[2].date() not in dark]
    fill_store(store, orders_file(write, lines))
    assert spans(quality.gaps(store)) == [("04-16", "04-17", 2)]


def test_a_day_off_is_no_longer_than_the_weekly_day_of_rest(store: Store, write: Write) -> None:
    lines = [
        line
        for line in flat_shop(140, 12)
        if line[2].weekday() != 6 and line[2].date() != date(2024, 3, 6)
    ]
    fill_store(store, orders_file(write, lines))
    assert quality.gaps(store).empty
    days = quality.unusual_days(store)
    assert days[days["reason"] == "no sales"]["day"].tolist() == [pd.Timestamp(2024, 3, 6)]


def test_dry_spells_of_a_quiet_shop_are_no_gaps(store: Store, write: Write) -> None:
    fill_store(store, orders_file(write, flat_shop(700, 0.4, seed=3)))
    ordered = store.query("quality_days")["day"]
    longest = pd.to_datetime(ordered).diff().dt.days.max() - 1
    assert longest >= 8, "there are dry spells to be mistaken"
    assert len(quality.gaps(store)) <= 1


def test_one_day_of_orders_has_no_gaps(store: Store, write: Write) -> None:
    fill_store(store, orders_file(write, [("1", "c", datetime(2024, 1, 1), "p", 1, "5.00")]))
    assert quality.gaps(store).empty
    assert quality.unusual_days(store).empty


# Unusual days


def test_the_sample_shop_has_its_peaks_and_few_other_unusual_days(sample_shop: Store) -> None:
    found = quality.unusual_days(sample_shop)
    days = {
        f"{day:%Y-%m-%d}": reason for day, reason in zip(found["day"], found["reason"], strict=True)
    }
    for peak in ("2024-11-11", "2024-11-29", "2025-11-11", "2025-11-28"):
        assert days.pop(peak) == "far above"
    assert len(days) <= 0.01 * 730


@pytest.mark.parametrize("orders_a_day", [3, 8, 40])
def test_a_flat_shop_has_hardly_an_unusual_day(
    store: Store, write: Write, orders_a_day: float
) -> None:
    fill_store(store, orders_file(write, flat_shop(400, orders_a_day, seed=11)))
    assert len(quality.unusual_days(store)) <= 0.01 * 400


def test_planted_days_are_found(store: Store, write: Write) -> None:
    lines = [line for line in flat_shop(150, 15) if line[2].date() != date(2024, 3, 20)]
    lines.append(("big", "c1", datetime(2024, 4, 10, 12), "p19", 200, "43.00"))
    fill_store(store, orders_file(write, lines))
    found = quality.unusual_days(store).set_index("day")
    outage, peak = found.loc["2024-03-20"], found.loc["2024-04-10"]
    assert (outage["reason"], outage["revenue"], outage["orders"]) == ("no sales", 0, 0)
    assert peak["reason"] == "far above"
    bought = sum(
        line[4] * Decimal(line[5]) for line in lines if line[2].date() == date(2024, 4, 10)
    )
    assert peak["revenue"] == bought
    assert float(bought) > peak["high"]
    assert len(found) <= 3


def test_expected_is_the_median_of_the_same_weekday_around(store: Store, write: Write) -> None:
    # One order a day of 10.00, but on nine Mondays of 1.00 to 9.00 and 90.00 in their midst.
    mondays = ["1.00", "2.00", "3.00", "4.00", "90.00", "6.00", "7.00", "8.00", "9.00"]
    lines: list[Line] = [
        (str(place), "c", datetime(2024, 1, 1, 9) + timedelta(days=place), "p", 1,
         mondays[place // 7] if place % 7 == 0 else "10.00")
        for place in range(63)
    ]  # fmt: skip
    found = quality.unusual_days(fill_store(store, orders_file(write, lines)))
    peak = found.set_index("day").loc["2024-01-29"]
    assert peak["expected"] == 5.0  # of 1, 2, 3, 4, 6, 7, 8, 9
    # Other days are as expected, so the spread is 0.05; five orders of 10.00 are added.
    assert peak["high"] == pytest.approx(55 * math.exp(3.5 * 0.05) - 50)


def test_days_before_two_weeks_of_neighbours_are_not_judged(store: Store, write: Write) -> None:
    lines = flat_shop(150, 15)
    for day in (datetime(2024, 1, 10, 12), datetime(2024, 1, 20, 12)):
        lines.append((f"big{day.day}", "c1", day, "p19", 200, "43.00"))
    fill_store(store, orders_file(write, lines))
    days = quality.unusual_days(store)["day"].tolist()
    assert pd.Timestamp(2024, 1, 20) in days
    assert pd.Timestamp(2024, 1, 10) not in days


def test_the_period_chooses_among_the_same_days(sample_shop: Store) -> None:
    every = quality.unusual_days(sample_shop)
    some = quality.unusual_days(sample_shop, date(2025, 11, 11), date(2025, 11, 28))
    inside = every[every["day"].between("2025-11-11", "2025-11-27")].reset_index(drop=True)
    pd.testing.assert_frame_equal(some, inside)
    assert len(some) < len(every)
    with pytest.raises(AnalyticsError, match="ends before"):
        quality.unusual_days(sample_shop, date(2025, 1, 1), date(2025, 1, 1))


# Outliers

NIST = [
    30, 171, 184, 201, 212, 250, 265, 270, 272, 289, 305, 306, 322, 322, 336, 346, 351, 370, 390,
    404, 409, 411, 436, 437, 439, 441, 444, 448, 451, 453, 470, 480, 482, 487, 494, 495, 499, 503,
    514, 521, 522, 527, 548, 550, 559, 560, 570, 572, 574, 578, 585, 592, 592, 607, 616, 618, 621,
    629, 637, 638, 640, 656, 668, 707, 709, 719, 737, 739, 752, 758, 766, 792, 792, 794, 802, 818,
    830, 832, 843, 858, 860, 869, 918, 925, 953, 991, 1000, 1005, 1068, 1441,
]  # fmt: skip
"""NIST/SEMATECH e-Handbook of Statistical Methods, 7.1.6, What are outliers in the data?"""


def test_tukeys_fences_find_the_published_outlier(store: Store, write: Write) -> None:
    # The handbook's data as logarithms of line totals: ln(amount) = value / 100.
    body = "".join(f"{n},c,2024-01-05,{math.exp(x / 100):.4f}\n" for n, x in enumerate(NIST))
    path = write("orders.csv", f"order_id,customer_id,ordered_at,amount\n{body}")
    found = quality.outliers(fill_store(store, path))
    assert found.frame["order_id"].tolist() == [str(NIST.index(1441))]
    assert (found.looked_at, found.of, found.learned_from) == (90, 90, 90)
    # Quartiles that occur: a quarter of 90 lines is the 23rd, three quarters the 68th.
    first, third = sorted(NIST)[22], sorted(NIST)[67]
    assert found.frame["score"].iloc[0] == pytest.approx((1441 - third) / (third - first), abs=1e-4)


def planted(write: Write, store: Store) -> Store:
    lines = flat_shop(60, 12, seed=5)
    lines.append(("typo", "c1", datetime(2024, 2, 2, 12), "p3", 2_000, "11.00"))
    lines.append(("cheap", "c2", datetime(2024, 2, 3, 12), "p19", 2, "0.43"))
    return fill_store(store, orders_file(write, lines))


@pytest.mark.parametrize("method", quality.METHODS)
def test_planted_lines_are_found_by_each_method(
    store: Store, write: Write, method: quality.Method
) -> None:
    found = quality.outliers(planted(write, store), method)
    frame = found.frame.set_index("order_id")
    assert found.frame["order_id"].iloc[0] == "typo", "most money first"
    assert frame.loc["typo", "amount"] == Decimal("22000.00")
    assert "cheap" in frame.index
    assert len(frame) <= 0.02 * found.of
    assert (frame["score"] > quality.LIMITS[method]).all()


def test_reasons_say_how_far_from_what(store: Store, write: Write) -> None:
    lines = flat_shop(60, 12, seed=5)
    usual = sorted(line[4] for line in lines if line[3] == "p3")
    median = usual[(len(usual) - 1) // 2]
    frame = quality.outliers(planted(write, store)).frame.set_index("order_id")
    assert frame.loc["typo", "reason"] == (
        f"quantity 2,000 is {2_000 / median:,.0f} times the usual {median} for this product"
    )
    assert frame.loc["cheap", "reason"] == (
        "unit price 0.43 is 100 times less than the usual 43.00 for this product"
    )


def test_a_tenfold_order_is_found_among_equal_ones(store: Store, write: Write) -> None:
    lines: list[Line] = [(str(n), "c", datetime(2024, 1, 1), "p", 1, "8.00") for n in range(40)]
    lines += [("twice", "c", datetime(2024, 1, 2), "p", 2, "8.00")]
    lines += [("tenfold", "c", datetime(2024, 1, 2), "p", 10, "8.00")]
    found = quality.outliers(fill_store(store, orders_file(write, lines)))
    assert found.frame["order_id"].tolist() == ["tenfold"]
    # The range is ln 3 where all are equal.
    assert found.frame["score"].iloc[0] == pytest.approx(math.log(10) / math.log(3))


def test_returns_and_free_lines_are_not_looked_at(store: Store, write: Write) -> None:
    lines: list[Line] = [(str(n), "c", datetime(2024, 1, 1), "p", 1, "8.00") for n in range(20)]
    lines += [("back", "c", datetime(2024, 1, 2), "p", -500, "8.00")]
    lines += [("gift", "c", datetime(2024, 1, 2), "p", 500, "0.00")]
    found = quality.outliers(fill_store(store, orders_file(write, lines)))
    assert found.of == 20
    assert found.frame.empty


@pytest.mark.parametrize("method", ["isolation_forest", "local_outlier_factor"])
def test_a_sample_is_said_and_still_finds_what_is_planted(
    store: Store, write: Write, method: quality.Method
) -> None:
    found = quality.outliers(planted(write, store), method, sample=200)
    assert found.learned_from < found.looked_at < found.of
    assert found.learned_from == pytest.approx(200, abs=5)
    assert found.frame["order_id"].iloc[0] == "typo"
    again = quality.outliers(store, method, sample=200)
    pd.testing.assert_frame_equal(found.frame, again.frame)


def test_the_answer_does_not_depend_on_the_order_of_the_file(write: Write) -> None:
    lines = flat_shop(60, 12, seed=5)
    frames = []
    for ordered in (lines, lines[::-1]):
        with Store() as store:
            fill_store(store, orders_file(write, ordered))
            frames.append(quality.outliers(store, "isolation_forest").frame)
    assert len(frames[0]) > 0
    pd.testing.assert_frame_equal(frames[0], frames[1])


def test_nothing_is_taken_out_of_the_store(store: Store, write: Write) -> None:
    planted(write, store)
    before, lines = store.version, store.tables()
    for method in quality.METHODS:
        quality.outliers(store, method)
    quality.report(store)
    assert store.version == before
    pd.testing.assert_frame_equal(store.tables(), lines)


@pytest.mark.parametrize("method", quality.METHODS)
def test_a_customer_unlike_the_rest_is_found(
    store: Store, write: Write, method: quality.Method
) -> None:
    lines = flat_shop(60, 12, seed=5)
    lines += [
        (f"w{n}", "wholesale", datetime(2024, 2, 2, 12), "p3", 400, "11.00") for n in range(60)
    ]
    found = quality.outliers(fill_store(store, orders_file(write, lines)), method, "customer")
    first = found.frame.iloc[0]
    assert (first["customer_id"], first["orders"]) == ("wholesale", 60)
    assert first["amount"] == Decimal(60 * 400 * 11)
    assert found.of == len({line[1] for line in lines})
    assert len(found.frame) <= 0.15 * found.of


def test_the_report_counts_what_each_method_flags(store: Store, write: Write) -> None:
    planted(write, store)
    counted = quality.report(store).outliers.set_index("method")
    for method in quality.METHODS:
        found = quality.outliers(store, method)
        assert counted.loc[method, "lines"] == len(found.frame) > 0
        assert counted.loc[method, "amount"] == sum(found.frame["amount"])
        assert counted.loc[method, "share"] == len(found.frame) / found.looked_at


def test_outliers_need_lines_and_a_known_method(store: Store, write: Write) -> None:
    fill_store(store, orders_file(write, flat_shop(1, 5)))
    with pytest.raises(NotEnoughDataError, match="only"):
        quality.outliers(store)
    with pytest.raises(AnalyticsError, match="guess"):
        quality.outliers(store, "guess")  # type: ignore[arg-type]
    with pytest.raises(AnalyticsError, match="too small"):
        quality.outliers(store, "isolation_forest", sample=3)


# Filling

GAPPY = pd.DataFrame(
    {"age": [20.0, 30.0, np.nan, 70.0], "city": ["Graz", None, "Lyon", "Graz"], "id": list("abcd")}
)


@pytest.mark.parametrize(("method", "value"), [("mean", 40.0), ("median", 30.0), ("mode", 20.0)])
def test_filling_by_hand(method: quality.FillMethod, value: float) -> None:
    before = GAPPY.copy()
    filled = quality.fill(GAPPY, ["age"], method)
    assert filled["age"].tolist() == [20.0, 30.0, value, 70.0]
    assert filled.attrs["filled"] == {"age": 1}
    pd.testing.assert_frame_equal(GAPPY, before)


def test_text_is_filled_with_the_most_frequent() -> None:
    filled = quality.fill(GAPPY, method="mode")
    assert filled["city"].tolist() == ["Graz", "Graz", "Lyon", "Graz"]
    assert filled.attrs["filled"] == {"age": 1, "city": 1}
    assert quality.fill(GAPPY).attrs["filled"] == {"age": 1}
    assert quality.fill(GAPPY)["city"].isna().sum() == 1


def test_nearest_neighbours_by_hand() -> None:
    # By orders, the two nearest to 11 are 10 and 12, whatever the unit of `cents`.
    frame = pd.DataFrame(
        {"orders": [1, 10, 11, 12, 30], "cents": [900.0, 200_000.0, np.nan, 300_000.0, 7.0]}
    )
    filled = quality.fill(frame, method="nearest", neighbours=2)
    assert filled["cents"].iloc[2] == pytest.approx(250_000)
    assert filled["orders"].tolist() == [1, 10, 11, 12, 30]


def test_exact_money_stays_exact() -> None:
    kind = pd.ArrowDtype(pa.decimal128(38, 4))
    frame = pd.DataFrame({"amount": pd.array([Decimal("1.10"), None, Decimal("2.25")], kind)})
    filled = quality.fill(frame)
    assert filled["amount"].dtype == kind
    assert filled["amount"].tolist() == [Decimal("1.10"), Decimal("1.675"), Decimal("2.25")]
    whole = pd.DataFrame({"orders": pd.array([1, None, 2], "Int64")})
    assert quality.fill(whole)["orders"].tolist() == [1.0, 1.5, 2.0]


CELLS = st.one_of(st.none(), st.integers(-1_000, 1_000).map(float))


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(CELLS, CELLS), min_size=2, max_size=20),
    st.sampled_from(["mean", "median", "mode", "nearest"]),
)
def test_filling_leaves_what_is_known(
    rows: list[tuple[float | None, float | None]], method: quality.FillMethod
) -> None:
    frame = pd.DataFrame(rows, columns=["a", "b"], dtype=float)
    frame.loc[0] = [1.0, 2.0]
    known = frame.notna()
    filled = quality.fill(frame, method=method)
    assert filled.notna().all().all()
    pd.testing.assert_frame_equal(filled.where(known), frame)
    counts = {name: int((~known[name]).sum()) for name in frame if not known[name].all()}
    assert filled.attrs["filled"] == counts
    for name in frame:
        assert filled[name].min() >= frame[name].min() - 1e-6
        assert filled[name].max() <= frame[name].max() + 1e-6


@pytest.mark.parametrize(
    ("frame", "options", "problem"),
    [
        (pd.DataFrame({"a": [None, None]}), {}, "no value at all"),
        (
            pd.DataFrame({"a": [np.nan, np.nan], "b": [1.0, np.nan]}),
            {"method": "nearest"},
            "no val",
        ),
        (GAPPY, {"columns": ["shoe"]}, "no column “shoe”"),
        (GAPPY, {"columns": ["city"]}, "holds no numbers"),
        (GAPPY, {"method": "guess"}, "cannot be filled"),
        (GAPPY, {"method": "nearest", "neighbours": 0}, "0 neighbours"),
        (pd.DataFrame({"a": [np.inf, np.nan]}), {}, "infinite"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), {}, "same name"),
    ],
)
def test_what_cannot_be_filled_is_said(
    frame: pd.DataFrame, options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(AnalyticsError, match=problem):
        quality.fill(frame, **options)


# The part of a page

SCRIPT = """
from datetime import date
import ui, ui.quality
ui.quality.show(ui.Frame(ui.store(), date(2024, 3, 1), "EUR"))
"""


def test_the_part_of_a_page_says_what_it_found(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    import streamlit

    monkeypatch.setenv("REGULARS_STORE", str(tmp_path / "shop.duckdb"))
    monkeypatch.syspath_prepend(str(ROOT))
    streamlit.cache_resource.clear()
    with Store(tmp_path / "shop.duckdb") as store:
        planted(write, store)
        fill_store(store, write("customers.csv", "customer_id,city\nc1,Graz\n"), "customers")
    at = AppTest.from_string(SCRIPT, default_timeout=60).run()
    assert not at.exception
    assert "customers in orders are not in the customers file" in at.markdown[0].value
    assert not any("out of line" in box.value for box in at.markdown)
    at.button[0].click().run()
    assert not at.exception
    assert any("out of line, worth" in box.value for box in at.markdown)
    assert at.dataframe[-1].value["order_id"].iloc[0] == "typo"
    streamlit.cache_resource.clear()
    streamlit.cache_data.clear()
