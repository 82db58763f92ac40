"""One number: receipts, overview, segments and list files agree to the last digit."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from analytics import audience, campaign, overview, profile, rfm
from analytics.store import Policy, Store, inspect, load, preview_list, receipt, write_list
from analytics.store.privacy import suppress

SAMPLE = Path(__file__).parents[1] / "sample_data"
NOTHING = Decimal(0)
POLICIES = [
    Policy(*choice)
    for choice in product(("take_off", "leave_out"), ("keep", "leave_out"), ("keep", "leave_out"))
]
FIRST_DAY = date(2024, 1, 1)


def total(column: "pd.Series[Any]") -> Decimal:
    return sum((Decimal(value) for value in column), NOTHING)


def analysed(store: Store) -> tuple[int, Decimal]:
    """The lines and the money that all receipts together say are analysed."""
    lines, money = 0, NOTHING
    batches = store.batches()
    for batch_id in batches["batch_id"][batches["table_name"] == "orders"]:
        waterfall = receipt(store, int(batch_id)).waterfall
        last = waterfall.iloc[-1]
        assert last["step"] == "Analysed"
        assert waterfall["rows"][:-1].sum() == last["rows"]
        assert total(waterfall["amount"][:-1]) == last["amount"]
        lines, money = lines + int(last["rows"]), money + last["amount"]
    return lines, money


def whole(store: Store) -> overview.Period:
    """The shop over all time."""
    first, last = overview.first_and_last_day(store)
    return overview.period(store, first, last + timedelta(days=1))


def check_revenue(store: Store) -> overview.Period:
    """Receipts, overview and its steps agree."""
    found = whole(store)
    assert analysed(store)[1] == found.revenue
    assert found.identified_revenue + found.guest_revenue == found.revenue
    steps = overview.over_time(store, found.from_day, found.until_day, "week")
    assert total(steps["revenue"]) == found.revenue
    assert steps["orders"].sum() == found.orders
    return found


def check_segments(store: Store, found: overview.Period, out: set[str], names: Any) -> None:
    """Overview, segments, grid, scores and list files agree."""
    kept = rfm.keep(store, bins=3, names=names)
    scores = rfm.score(store, bins=3, names=names).set_index("customer_id")
    segments = rfm.segments(store, kept)
    assert total(segments["revenue"]) == found.identified_revenue == total(scores["monetary"])
    assert segments["customers"].sum() == len(scores)
    assert (scores["frequency"] > 0).sum() == found.customers
    grid, returns_only = rfm.grid(store, kept), scores["r"].isna()
    assert grid["customers"].sum() == (~returns_only).sum()
    assert total(grid["revenue"]) + total(scores["monetary"][returns_only]) == (
        found.identified_revenue
    )
    for name, customers, revenue in segments[["segment", "customers", "revenue"]].itertuples(
        index=False
    ):
        file = write_list(
            store,
            "rfm_list",
            ["customer_id", "monetary"],
            tables={"scores": kept.table},
            safe=False,
            segment=name,
            r=None,
            fm=None,
        )
        with file.path.open(encoding="utf-8", newline="") as lines:
            people = [(one, Decimal(worth)) for one, worth in list(csv.reader(lines))[1:]]
        file.path.unlink()
        left_out = scores[(scores["segment"] == name) & scores.index.isin(out)]
        assert not out & {one for one, _ in people}
        assert (len(people), len(left_out)) == (file.rows, file.opted_out)
        assert file.rows + file.opted_out == customers
        assert sum((worth for _, worth in people), NOTHING) + total(left_out["monetary"]) == revenue


# The sample shop


@pytest.fixture(scope="module")
def sample_shop() -> Iterator[Store]:
    with Store() as filled:
        for table in ("orders", "customers"):
            look = inspect(SAMPLE / f"{table}.csv", table=table)
            load(filled, look.path, look, import_day=date(2026, 12, 31))
        yield filled


def test_the_sample_shops_revenue_is_that_of_its_file(sample_shop: Store) -> None:
    # Reckoned from the file alone: every line but those of cancelled orders, less refunds.
    orders = pd.read_csv(SAMPLE / "orders.csv", dtype=str, keep_default_na=False)
    counts = orders[orders["status"] != "cancelled"]
    worth = [
        Decimal(amount) - Decimal(refunded or 0)
        for amount, refunded in zip(counts["amount"], counts["refunded"], strict=True)
    ]
    found = check_revenue(sample_shop)
    assert found.revenue == sum(worth, NOTHING)
    assert analysed(sample_shop) == (len(counts), found.revenue)
    assert found.orders == counts["order_id"].nunique()
    known = counts["customer_id"] != ""
    assert found.guest_revenue == sum(
        (one for one, is_known in zip(worth, known, strict=True) if not is_known), NOTHING
    )
    assert found.customers == counts["customer_id"][known].nunique()


@pytest.mark.parametrize("names", ["eleven", "six", "eight"])
def test_the_sample_shop_adds_up(sample_shop: Store, names: str) -> None:
    customers = pd.read_csv(SAMPLE / "customers.csv", dtype=str)
    out = set(customers["customer_id"][customers["consent"] == "no"])
    assert len(out) > 100
    check_segments(sample_shop, whole(sample_shop), out, names)


def test_a_campaign_contacts_as_many_everywhere(sample_shop: Store) -> None:
    start = sample_shop.default_as_of()
    features = profile.keep(sample_shop, start).table
    kept = audience.keep(
        sample_shop, audience.All(), as_of=start, features=features,
        scores=rfm.keep(sample_shop, start).table, clusters=None,
    )  # fmt: skip
    able = campaign.eligible(sample_shop, kept.table, features, start=start)
    made = campaign.launch(
        sample_shop, "One number", members=kept.table, features=features, start=start
    )
    try:
        assert made.treated + made.held_out == len(able.frame)
        assert len(able.frame) + able.left_out == able.people
        for found in (campaign.ledger(sample_shop), campaign.campaigns(sample_shop)):
            assert found["treated"].tolist() == [made.treated]
            assert found["held_out"].tolist() == [made.held_out]
        options: dict[str, Any] = {
            "tables": {"features": features}, "campaign_id": made.campaign_id,
        }  # fmt: skip
        listed = preview_list(sample_shop, "campaign_list", **options)
        assert (listed.rows, listed.opted_out) == (made.treated, 0)
        file = write_list(sample_shop, "campaign_list", ["customer_id"], **options)
        with file.path.open(encoding="utf-8", newline="") as lines:
            people = [one for (one,) in list(csv.reader(lines))[1:]]
        file.path.unlink()
        assert file.rows == len(people) == len(set(people)) == made.treated
    finally:
        campaign.delete(sample_shop, "One number")


# Small shops of all kinds


@dataclass(frozen=True)
class Line:
    """One order line of a file.

    Attributes:
        order: Its number; a `C` before it makes the line a credit note's.
        customer: Empty for a guest.
        day: Days after the first.
        units: The line total in ten-thousandths; negative for a return, zero for a gift.
        refunded: Ten-thousandths paid back; None where the file does not say.
        status: What the file says.
    """

    order: str
    customer: str
    day: int
    units: int
    refunded: int | None
    status: str

    @property
    def text(self) -> str:
        """The line as a file has it."""
        paid_back = "" if self.refunded is None else Decimal(self.refunded).scaleb(-4)
        day = FIRST_DAY + timedelta(days=self.day)
        worth = Decimal(self.units).scaleb(-4)
        return f"{self.order},{self.customer},{day},{worth:f},{paid_back},{self.status}"

    def counts(self, policy: Policy) -> bool:
        """Whether the line is analysed."""
        if self.status in ("cancelled", "test"):
            return False
        if self.units < 0 and policy.returns == "leave_out":
            return False
        if self.units == 0 and policy.zero_price == "leave_out":
            return False
        return bool(self.customer) or policy.guests == "keep"

    @property
    def worth(self) -> Decimal:
        """What it brings: its total less what was paid back."""
        paid_back = self.refunded
        if paid_back is None:
            paid_back = self.units if self.status == "refunded" else 0
        return Decimal(self.units - paid_back).scaleb(-4)


HEAD = "order_id,customer_id,ordered_at,amount,refunded,status"
BUYERS = [Line(f"b{place}", f"k{place}", place, 10_000, None, "paid") for place in range(3)]
"""Three who always count, so that there is something to score."""

LINES = st.lists(
    st.builds(
        Line,
        order=st.sampled_from([*"123456", "C7", "C8"]),
        customer=st.sampled_from(["ann", "bob", "cid", "dan", "k1", "", ""]),
        day=st.integers(0, 40),
        units=st.one_of(
            st.integers(-2_000_000, 5_000_000), st.sampled_from([0, 1, 100, -100, 199_900])
        ),
        refunded=st.one_of(st.none(), st.integers(0, 100_000)),
        status=st.sampled_from(["paid", "paid", "paid", "refunded", "cancelled", "test"]),
    ),
    min_size=1,
    max_size=14,
)
SLOW = settings(
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
"""Each example imports files, so a failing one is shown as it is found."""
OUT = {"ann", "k2"}


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Path]]:
    """A store to fill and empty again, two of whose customers are opted out."""
    with Store() as filled:
        suppress(filled, OUT, "asked")
        yield filled, tmp_path_factory.mktemp("shops")


def bring(store: Store, folder: Path, lines: list[Line]) -> int:
    path = folder / "orders.csv"
    path.write_text("\n".join([HEAD, *(line.text for line in lines)]) + "\n", encoding="utf-8")
    columns = {name: name for name in HEAD.split(",")}
    look = inspect(path, table="orders", mapping=columns, times={"ordered_at": "iso"}, decimal=".")
    return load(store, path, look, import_day=date(2025, 1, 1)).batch_id


@settings(SLOW, max_examples=18)
@given(LINES, st.sampled_from(POLICIES), st.sampled_from(["eleven", "six", "eight"]))
@example(
    [
        Line("1", "ann", 0, 500_000, 55_000, "paid"),
        Line("1", "ann", 1, 200_000, None, "refunded"),
        Line("C7", "bob", 2, -120_000, None, "paid"),
        Line("2", "", 3, 99_900, None, "paid"),
        Line("3", "cid", 4, 0, None, "paid"),
        Line("4", "cid", 5, 700_000, None, "cancelled"),
        Line("5", "dan", 6, -1, None, "paid"),
    ],
    Policy("leave_out", "leave_out", "leave_out"),
    "eleven",
)
def test_any_shop_adds_up(
    workshop: tuple[Store, Path], lines: list[Line], policy: Policy, names: str
) -> None:
    store, folder = workshop
    batch = bring(store, folder, [*BUYERS, *lines])
    try:
        store.set_policy(policy)
        found = check_revenue(store)
        counting = [line for line in [*BUYERS, *lines] if line.counts(policy)]
        assert analysed(store)[0] == len(counting)
        assert found.revenue == sum((line.worth for line in counting), NOTHING)
        assert found.guest_revenue == sum(
            (line.worth for line in counting if not line.customer), NOTHING
        )
        assert found.orders == len({line.order for line in counting if line.units >= 0})
        check_segments(store, found, OUT, names)
    finally:
        store.remove(batch)


@settings(SLOW, max_examples=6)
@given(LINES, LINES, st.sampled_from(POLICIES))
def test_imports_that_overlap_add_up(
    workshop: tuple[Store, Path], first: list[Line], second: list[Line], policy: Policy
) -> None:
    store, folder = workshop
    batches: list[int] = []
    try:
        for lines in ([*BUYERS, *first], [*first, *second], second):
            batch = bring(store, folder, lines)
            batches = sorted({*batches, batch})
        store.set_policy(policy)
        check_segments(store, check_revenue(store), OUT, "eleven")
    finally:
        store.remove(*batches)
