"""The sample shop is reproducible, exact to the cent, and holds the truths that TRUTH.md lists.

Tolerances are multiples of the sampling error of each estimate, never of its observed error: four
standard errors where a test looks at one number, which a correct shop fails once in 16,000 times.
"""

import math
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, cached_property
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

FOLDER = Path(__file__).parents[2] / "sample_data"
sys.path.insert(0, str(FOLDER))

import make  # noqa: E402
import world  # noqa: E402

TABLES = ("orders", "events", "customers", "products", "assignments", "spend")
CENT = Decimal("0.01")
SIGMAS = 4.0
OTHER_SEEDS = (101, 102, 103)


@dataclass(frozen=True)
class Estimate:
    """A number with its standard error."""

    value: float
    error: float

    def agrees_with(self, truth: float) -> bool:
        """Returns whether the truth is within four standard errors."""
        return abs(self.value - truth) < SIGMAS * self.error


def share(hits: float, count: float) -> Estimate:
    value = hits / count
    return Estimate(value, math.sqrt(value * (1 - value) / count))


@dataclass(frozen=True, eq=False)
class Shop:
    """The tables as data frames, and the planted type of each customer."""

    orders: pd.DataFrame
    events: pd.DataFrame
    customers: pd.DataFrame
    products: pd.DataFrame
    assignments: pd.DataFrame
    spend: pd.DataFrame
    types: pd.Series

    def lines_of(self, product: str) -> pd.DataFrame:
        ids = self.products.loc[self.products["name"] == product, "product_id"]
        return self.orders[self.orders["product_id"].isin(ids)]

    @cached_property
    def heads(self) -> pd.DataFrame:
        """Returns one row an order, with the type of its customer and its day number."""
        heads = self.orders.drop_duplicates("order_id")
        return heads.assign(
            type=heads["customer_id"].map(self.types).fillna("guest"),
            day=(heads["ordered_at"] - pd.Timestamp(world.FIRST_DAY)) // pd.Timedelta(days=1),
        )


def read_shop(folder: Path) -> Shop:
    times = {
        "orders": ["ordered_at"],
        "events": ["occurred_at"],
        "customers": ["signed_up_at"],
        "products": ["launched_at"],
        "assignments": ["assigned_at"],
        "spend": ["day"],
    }
    frames = {name: pd.read_csv(folder / f"{name}.csv", parse_dates=times[name]) for name in TABLES}
    types = pd.read_csv(folder / "truth_types.csv", index_col="customer_id")["type"]
    return Shop(**frames, types=types)


@pytest.fixture(scope="module")
def shop() -> Shop:
    return read_shop(FOLDER)


@pytest.fixture(scope="module", params=OTHER_SEEDS)
def other_shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp(f"seed_{request.param}")
    make.write(make.generate(request.param), folder)
    return read_shop(folder)


# ------------------------------------------------------------------------------------ estimates
def orders_by_weekday(shop: Shop) -> list[Estimate]:
    days = shop.heads["day"]
    days = days[~days.isin([peak.day for peak in world.PEAKS])]
    counts = np.bincount((days + 6) % 7, minlength=7)
    return [
        Estimate(7 * count / counts.sum(), 7 * math.sqrt(count) / counts.sum()) for count in counts
    ]


def peak_uplift(shop: Shop, coupon: str) -> Estimate:
    """Returns the orders of the peaks, as a multiple of those a week before and after."""
    counts = np.bincount(shop.heads["day"], minlength=world.DAYS)
    peaks = [peak.day for peak in world.PEAKS if peak.coupon == coupon]
    on_day = sum(counts[day] for day in peaks)
    beside = sum(counts[day - 7] + counts[day + 7] for day in peaks)
    uplift = 2 * on_day / beside
    return Estimate(uplift, uplift * math.sqrt(1 / on_day + 1 / beside))


@cache
def season_amplitude(shop: Shop) -> Estimate:
    """Returns the amplitude of the year in the orders of guests, regulars and bargain hunters.

    Peaks and the growth there was are weighed out; over two whole years, what is left has the
    amplitude of twice its mean cosine.
    """
    heads = shop.heads
    heads = heads[heads["type"].isin(["regular", "bargain_hunter", "guest"])]
    peaks = {peak.day: peak.factor for peak in world.PEAKS}
    yearly = (heads["day"] >= 365).sum() / (heads["day"] < 365).sum()
    weight = yearly ** (-heads["day"] / 365) / heads["day"].map(peaks).fillna(1)
    cosine = np.cos(2 * np.pi * (heads["day"] - world.SEASON_PEAK_DAY) / 365)
    amplitude = 2 * (weight * cosine).sum() / weight.sum()
    scores = weight * (2 * cosine - amplitude)
    buyer = heads["customer_id"].fillna(heads["order_id"])
    return Estimate(amplitude, math.sqrt((scores.groupby(buyer).sum() ** 2).sum()) / weight.sum())


@cache
def growth(shop: Shop) -> Estimate:
    """Returns the second year's orders over the first's, with customers as the sampled units."""
    heads = shop.heads
    heads = heads[heads["type"].isin(["regular", "bargain_hunter"])]
    years = pd.crosstab(heads["customer_id"], heads["day"] >= 365)
    first, second = years[False], years[True]
    ratio = second.sum() / first.sum()
    return Estimate(ratio, math.sqrt(((second - ratio * first) ** 2).sum()) / first.sum())


def curvature(
    loss: Callable[[np.ndarray], float], at: np.ndarray, step: float = 1e-2
) -> np.ndarray:
    """Returns the second derivatives of a function of two numbers, by central differences."""
    steps = step * np.eye(2)
    return np.array(
        [
            [
                (loss(at + i + j) - loss(at + i - j) - loss(at - i + j) + loss(at - i - j))
                / (4 * step**2)
                for j in steps
            ]
            for i in steps
        ]
    )


@cache
def life(shop: Shop, kind: str) -> tuple[Estimate, Estimate]:
    """Returns the rate of repeat orders and the churn, both per 30 days.

    The likelihood of Schmittlein, Morrison and Colombo (1987) for customers of one rate each:
    of a customer who made x repeat orders up to t of T periods,
    rate^x (churn exp(-(rate + churn) t) + rate exp(-(rate + churn) T)) / (rate + churn).
    """
    heads = shop.heads
    heads = heads[heads["type"] == kind]
    by_customer = heads.groupby("customer_id")["ordered_at"]
    members = shop.customers.set_index("customer_id").loc[shop.types[shop.types == kind].index]
    start, end = pd.Timestamp(world.FIRST_DAY), pd.Timestamp(world.LAST_DAY + 1)
    is_existing = members["signed_up_at"] < start - pd.Timedelta(days=1)
    orders = by_customer.size().reindex(members.index, fill_value=0)
    begin = by_customer.min().reindex(members.index).where(~is_existing, start)
    last = by_customer.max().reindex(members.index).fillna(start)
    month = pd.Timedelta(days=30)
    repeats = (orders - ~is_existing).to_numpy(float)
    recency, age = ((last - begin) / month).to_numpy(), ((end - begin) / month).to_numpy()

    def loss(logs: np.ndarray) -> float:
        rate, churn = np.exp(logs)
        both = rate + churn
        ends = np.logaddexp(logs[1] - both * recency, logs[0] - both * age)
        return float(-(repeats * logs[0] + ends - math.log(both)).sum())

    best = minimize(loss, np.log([0.5, 0.05]), method="Nelder-Mead").x
    errors = np.sqrt(np.diag(np.linalg.inv(curvature(loss, best))))
    rate, hazard = np.exp(best)
    churn = 1 - math.exp(-hazard)
    # Customers differ around the rate of their type, which the likelihood does not know of.
    spread = world.TASTE_SPREAD / math.sqrt(len(members))
    rate_error = rate * math.hypot(errors[0], spread)
    return Estimate(rate, rate_error), Estimate(churn, hazard * math.exp(-hazard) * errors[1])


@cache
def elasticity(shop: Shop, product: str) -> Estimate:
    """Returns the slope of log units on log price, of whole weeks, beside all other products."""
    orders = shop.orders.assign(week=shop.orders["ordered_at"].dt.to_period("W"))
    weeks = orders["week"].unique()[1:-1]  # the period begins on a Sunday and ends on a Monday
    of_product = orders.loc[shop.lines_of(product).index].groupby("week")
    units, price = of_product["quantity"].sum(), of_product["unit_price"].mean()
    rest = orders.groupby("week")["quantity"].sum() - units
    y = np.log(units / rest).loc[weeks].to_numpy()
    x = np.log(price).loc[weeks].to_numpy()
    x = x - x.mean()
    slope = (x * y).sum() / (x**2).sum()
    residual = y - y.mean() - slope * x
    error = math.sqrt((residual**2).sum() / (len(y) - 2) / (x**2).sum())
    return Estimate(slope, error)


@cache
def together(shop: Shop, products: tuple[str, ...]) -> tuple[Estimate, Estimate]:
    """Returns lift (all products over independence) and confidence (all, given the first)."""
    baskets = [set(shop.lines_of(product)["order_id"]) for product in products]
    orders, all_of_them = shop.orders["order_id"].nunique(), len(set.intersection(*baskets))
    lift = all_of_them / orders / math.prod(len(basket) / orders for basket in baskets)
    confidence = share(all_of_them, len(baskets[0]))
    parts = 1 / all_of_them + sum(1 / len(basket) for basket in baskets)
    return Estimate(lift, lift * math.sqrt(parts)), confidence


def planted_together(bundle: world.Bundle) -> tuple[float, float]:
    each = bundle.together + (1 - bundle.together) * bundle.alone
    everything = bundle.together + (1 - bundle.together) * bundle.alone ** len(bundle.products)
    return everything / each ** len(bundle.products), everything / each


@dataclass(frozen=True)
class Conversions:
    """Conversion within 14 days by variant, and the z value of their difference."""

    control: float
    treatment: float
    z: float


@cache
def conversions(shop: Shop, experiment: str) -> Conversions:
    assigned = shop.assignments[shop.assignments["experiment"] == experiment]
    pairs = assigned.merge(shop.heads[["customer_id", "ordered_at"]], on="customer_id")
    waited = pairs["ordered_at"] - pairs["assigned_at"]
    in_time = (waited > pd.Timedelta(0)) & (waited < pd.Timedelta(days=world.OUTCOME_DAYS))
    converts = assigned["customer_id"].isin(pairs.loc[in_time, "customer_id"])
    rates = converts.groupby(assigned["variant"]).mean()
    pooled, arm = converts.mean(), len(assigned) / 2
    z = (rates["treatment"] - rates["control"]) / math.sqrt(2 * pooled * (1 - pooled) / arm)
    return Conversions(rates["control"], rates["treatment"], z)


@cache
def default_truth() -> make.Truth:
    return make.generate().truth


def caused_lift(shop: Shop, truth: make.Truth) -> float:
    """Returns the lift in conversion by the planted orders: who would not have ordered else."""
    extra = shop.customers.loc[truth.extra_order, "customer_id"]
    assigned = shop.assignments[shop.assignments["experiment"] == world.EXPERIMENTS[0].name]
    pairs = assigned.merge(shop.heads[["customer_id", "ordered_at"]], on="customer_id")
    waited = pairs["ordered_at"] - pairs["assigned_at"]
    in_time = (waited > pd.Timedelta(0)) & (waited < pd.Timedelta(days=world.OUTCOME_DAYS))
    orders = pairs.loc[in_time, "customer_id"].value_counts().reindex(extra)
    assert orders.notna().all()  # each planted order is in the table, and in time
    return float((orders == 1).sum() / world.EXPERIMENTS[0].customers_per_arm)


@cache
def funnel(shop: Shop) -> list[Estimate]:
    """Returns the rate of each step among the sessions that did the earlier ones in order."""
    steps = shop.events[shop.events["event"].isin(world.FUNNEL_STEPS)]
    first = steps.pivot_table(
        index="session_id", columns="event", values="occurred_at", aggfunc="min"
    )
    reached = first["view"].notna()
    counts = [reached.sum()]
    for before, after in pairwise(world.FUNNEL_STEPS):
        reached &= first[after] > first[before]
        counts.append(reached.sum())
    return [share(after, before) for before, after in pairwise(counts)]


@cache
def rand_index(shop: Shop) -> float:
    """Returns the agreement of K-means with the planted types, over customers who ordered."""
    end = pd.Timestamp(world.LAST_DAY + 1)
    lines = shop.orders[shop.orders["customer_id"].notna() & (shop.orders["status"] != "cancelled")]
    lines = lines.merge(shop.products[["product_id", "category"]], on="product_id")
    lines = lines.assign(gross=lines["amount"] + lines["discount"])
    by_customer = lines.groupby("customer_id")
    first, last = by_customer["ordered_at"].min(), by_customer["ordered_at"].max()
    frequency, monetary = by_customer["order_id"].nunique(), by_customer["amount"].sum()
    gap = ((last - first).dt.days / (frequency - 1)).where(frequency > 1)
    recent = shop.events[shop.events["occurred_at"] >= end - pd.Timedelta(days=90)]
    events = recent.groupby("customer_id").size().reindex(frequency.index, fill_value=0)
    features = pd.DataFrame(
        {
            "recency": np.log1p((end - last).dt.days),
            "frequency": np.log(frequency),
            "monetary": np.log(monetary),
            "order_value": np.log(monetary / frequency),
            "discount": by_customer["discount"].sum() / by_customer["gross"].sum(),
            "gap": np.log1p(gap.fillna(gap.median())),
            "categories": np.log(by_customer["category"].nunique()),
            "events": np.log1p(events),
        }
    )
    standardised = (features - features.mean()) / features.std()
    fit = KMeans(len(world.TYPES), n_init=5, random_state=0).fit(standardised)
    return float(adjusted_rand_score(shop.types[features.index], fit.labels_))


def spend_factor(shop: Shop, channel: str) -> Estimate:
    """Returns the spend of a channel over the planted course of its mean."""
    cost = shop.spend.loc[shop.spend["channel"] == channel, "cost"].to_numpy()
    days = np.arange(world.DAYS)
    season = 1 + world.SEASON_AMPLITUDE * np.cos(2 * np.pi * (days - world.SEASON_PEAK_DAY) / 365)
    course = world.DAILY_SPEND[channel] / 100 * season * world.GROWTH_PER_YEAR ** (days / 365)
    logs = np.log(cost / course)
    return Estimate(float(logs.mean()), float(logs.std() / math.sqrt(len(logs))))


# ---------------------------------------------------------------------------------------- files
def test_the_files_are_what_the_default_seed_makes(tmp_path: Path) -> None:
    make.write(make.generate(), tmp_path)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert sorted(written) == sorted(path.name for path in FOLDER.glob("*.csv"))
    for name, content in written.items():
        assert content == (FOLDER / name).read_bytes(), name


def test_another_seed_makes_another_shop() -> None:
    one, other = make.generate(1).orders, make.generate(2).orders
    assert len(one) != len(other)


def test_the_files_are_small_utf8_and_have_unix_line_ends() -> None:
    packed = BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for path in FOLDER.glob("*.csv"):
            content = path.read_bytes()
            assert b"\r" not in content
            content.decode("utf-8")
            archive.add(path, path.name)
    assert len(packed.getvalue()) < 4_000_000


HEADERS = {
    "orders": "order_id,line_no,customer_id,ordered_at,product_id,quantity,unit_price,discount,"
    "amount,refunded,status,currency,channel,coupon,country",
    "events": "customer_id,session_id,occurred_at,event,product_id,channel,campaign,value",
    "customers": "customer_id,email,phone,name,signed_up_at,birth_date,gender,city,country,consent,"
    "loyalty_card",
    "products": "product_id,name,category,brand,price,cost,stock,lead_time_days,launched_at",
    "assignments": "experiment,customer_id,variant,assigned_at",
    "spend": "day,channel,cost",
}


@pytest.mark.parametrize("table", TABLES)
def test_headers(table: str) -> None:
    with (FOLDER / f"{table}.csv").open(encoding="utf-8") as file:
        assert file.readline() == HEADERS[table] + "\n"


def test_sizes(shop: Shop) -> None:
    assert len(shop.customers) == len(shop.types) == 4000
    assert len(shop.products) == 120
    assert shop.products["category"].nunique() == 8
    assert 55_000 < len(shop.orders) < 70_000
    assert 140_000 < len(shop.events) < 170_000
    assert len(shop.spend) == world.DAYS * len(world.DAILY_SPEND) == 730 * 4


def test_the_period_is_two_years(shop: Shop) -> None:
    for times in (shop.orders["ordered_at"], shop.events["occurred_at"]):
        assert times.min().date() == world.FIRST_DAY.item()
        assert times.max().date() == world.LAST_DAY.item()


def test_keys(shop: Shop) -> None:
    assert not shop.orders.duplicated(["order_id", "line_no"]).any()
    assert not shop.orders.duplicated(["order_id", "product_id"]).any()
    assert not shop.events.duplicated().any()
    assert shop.customers["customer_id"].is_unique
    assert shop.customers["phone"].dropna().is_unique
    assert shop.customers["email"].dropna().is_unique
    assert set(shop.orders["customer_id"].dropna()) <= set(shop.customers["customer_id"])
    assert set(shop.events["customer_id"]) <= set(shop.customers["customer_id"])
    assert set(shop.customers["customer_id"]) == set(shop.types.index)
    extras = {"impression", "click", "search", "favourite", "open", "unsubscribe"}
    assert set(shop.events["event"]) == set(world.FUNNEL_STEPS) | extras


def test_people_are_made_up(shop: Shop) -> None:
    fictional = r"\+44 7700 900\d{3}|\+44 20 7946 0\d{3}|\+33 6 39 98 \d{4}|\+1 \d{3} 555 01\d\d"
    german = r"\+49 30 23125 \d{3}|\+49 40 66969 \d{3}|\+49 89 99998 \d{3}"
    assert shop.customers["phone"].dropna().str.fullmatch(f"{fictional}|{german}").all()
    assert shop.customers["email"].dropna().str.endswith(("@example.com", "@example.org")).all()
    unsubscribed = shop.events.loc[shop.events["event"] == "unsubscribe", "customer_id"]
    consent = shop.customers.set_index("customer_id")["consent"]
    assert set(consent[unsubscribed]) == {"no"}


# ----------------------------------------------------------------------------------------- money
def assert_exact_money(folder: Path) -> None:
    text = pd.read_csv(folder / "orders.csv", dtype=str, keep_default_na=False)
    percents = {"": 0, "SAVE10": 10, "SAVE15": 15, "SAVE20": 20, "SAVE25": 25}
    percents |= {peak.coupon: world.PEAK_COUPON_PERCENT for peak in world.PEAKS}
    columns = ["quantity", "unit_price", "discount", "amount", "refunded", "status", "coupon"]
    for quantity, *money, status, coupon in text[columns].itertuples(index=False):
        assert all(value[-3] == "." for value in money)
        price, discount, amount, refunded = map(Decimal, money)
        gross = int(quantity) * price
        assert discount == (gross * percents[coupon] / 100).quantize(CENT, ROUND_HALF_UP)
        assert amount == gross - discount > 0
        assert 0 <= refunded <= amount
        assert (status == "refunded") == (refunded == amount)
        assert status != "cancelled" or refunded == 0


def test_money_is_exact() -> None:
    assert_exact_money(FOLDER)


def test_cancellations_refunds_and_guests(shop: Shop) -> None:
    orders, heads = shop.orders, shop.heads
    cancelled = (orders["status"] == "cancelled").groupby(orders["order_id"]).mean()
    assert cancelled.isin([0, 1]).all()
    assert share(cancelled.sum(), len(heads)).agrees_with(world.CANCELLED_ORDER_SHARE)
    kept = orders[orders["status"] != "cancelled"]
    refunded = share((kept["status"] == "refunded").sum(), len(kept))
    assert refunded.agrees_with(world.REFUNDED_LINE_SHARE)
    partly = (kept["status"] == "paid") & (kept["refunded"] > 0)
    assert share(partly.sum(), len(kept)).agrees_with(world.PARTLY_REFUNDED_LINE_SHARE)
    guests = heads["customer_id"].isna()
    assert guests.mean() == pytest.approx(world.GUEST_ORDER_SHARE, abs=1 / len(heads))
    assert set(heads.loc[guests, "channel"]) == {"store"}


# ------------------------------------------------------------------------------- orders and events
def assert_sessions_tell_of_orders(shop: Shop) -> None:
    online = shop.orders[shop.orders["channel"] != "store"]
    heads = online.groupby("order_id").agg(
        customer_id=("customer_id", "first"),
        time=("ordered_at", "first"),
        cents=("amount", "sum"),
    )
    heads["cents"] = (100 * heads["cents"]).round()
    purchases = shop.events[shop.events["event"] == "purchase"]
    told = purchases["customer_id"], purchases["occurred_at"], (100 * purchases["value"]).round()
    assert sorted(zip(*told, strict=True)) == sorted(heads.itertuples(index=False, name=None))
    steps = shop.events[shop.events["event"].isin(world.FUNNEL_STEPS)]
    first = steps.pivot_table(index="session_id", columns="event", values="occurred_at")
    for before, after in pairwise(world.FUNNEL_STEPS):
        both = first[first[after].notna()]
        assert (both[before] < both[after]).all()


def test_sessions_tell_of_orders(shop: Shop) -> None:
    assert_sessions_tell_of_orders(shop)


def test_nothing_happens_before_its_time(shop: Shop) -> None:
    joined = shop.customers.set_index("customer_id")["signed_up_at"]
    orders = shop.orders.dropna(subset=["customer_id"])
    assert (orders["ordered_at"] > orders["customer_id"].map(joined)).all()
    assert (shop.events["occurred_at"] > shop.events["customer_id"].map(joined)).all()
    launched = shop.products.set_index("product_id")["launched_at"]
    assert (orders["ordered_at"] >= orders["product_id"].map(launched)).all()
    views = shop.events.dropna(subset=["product_id"])
    day = views["occurred_at"].dt.normalize() + pd.Timedelta(days=1)  # past a midnight
    assert (day >= views["product_id"].map(launched)).all()
    assert (launched > pd.Timestamp(world.FIRST_DAY)).sum() == world.LAUNCHES
    assigned = shop.assignments
    for experiment in world.EXPERIMENTS:
        mine = assigned[assigned["experiment"] == experiment.name]
        assert (mine["customer_id"].map(joined) < experiment.first_day).all()
        assert mine["assigned_at"].min() >= pd.Timestamp(experiment.first_day)
        assert mine["customer_id"].is_unique
        assert mine["variant"].value_counts().to_dict() == {"control": 1500, "treatment": 1500}


# ---------------------------------------------------------------------------------------- truths
def test_types_can_be_clustered(shop: Shop) -> None:
    assert shop.types.value_counts().to_dict() == {
        kind.name: kind.customers for kind in world.TYPES
    }
    assert rand_index(shop) >= 0.6


@pytest.mark.parametrize("kind", ["regular", "bargain_hunter", "lapsed"])
def test_order_rate_and_churn_of_a_type(shop: Shop, kind: str) -> None:
    planted = world.TYPES[world.TYPE_NAMES.index(kind)]
    rate, churn = life(shop, kind)
    assert rate.agrees_with(planted.orders)
    assert churn.agrees_with(planted.churn)


def test_weekdays(shop: Shop) -> None:
    planted = np.array(world.WEEKDAY_FACTORS) / np.mean(world.WEEKDAY_FACTORS)
    for estimate, truth in zip(orders_by_weekday(shop), planted, strict=True):
        assert estimate.agrees_with(truth)


@pytest.mark.parametrize(("coupon", "factor"), [("SINGLES11", 2.5), ("BLACKFRIDAY", 3.0)])
def test_peaks(shop: Shop, coupon: str, factor: float) -> None:
    uplift = peak_uplift(shop, coupon)
    assert uplift.agrees_with(factor)
    assert uplift.value - SIGMAS * uplift.error > 1


def test_season_and_growth(shop: Shop) -> None:
    assert season_amplitude(shop).agrees_with(world.SEASON_AMPLITUDE)
    assert growth(shop).agrees_with(world.GROWTH_PER_YEAR)


@pytest.mark.parametrize("planted", world.ELASTICS, ids=lambda planted: planted.product)
def test_elasticities(shop: Shop, planted: world.Elastic) -> None:
    lines = shop.lines_of(planted.product)
    estimate = elasticity(shop, planted.product)
    assert estimate.agrees_with(planted.elasticity)
    assert estimate.error < 0.25
    assert lines["quantity"].sum() >= 2500
    assert lines["unit_price"].nunique() >= 6
    by_week = lines.groupby(lines["ordered_at"].dt.to_period("W"))["unit_price"]
    assert (by_week.nunique() == 1).all()
    weeks_held = (by_week.first().diff() != 0).cumsum().iloc[1:].value_counts()
    assert weeks_held.sort_index().iloc[:-1].min() >= 2


def test_no_other_product_has_more_than_two_prices(shop: Shop) -> None:
    elastic = pd.concat([shop.lines_of(planted.product) for planted in world.ELASTICS])
    others = shop.orders.drop(elastic.index)
    assert others.groupby("product_id")["unit_price"].nunique().max() == 2


@pytest.mark.parametrize("bundle", world.BUNDLES, ids=lambda bundle: bundle.products[0])
def test_bundles(shop: Shop, bundle: world.Bundle) -> None:
    for estimate, truth in zip(
        together(shop, bundle.products), planted_together(bundle), strict=True
    ):
        assert estimate.agrees_with(truth)


def test_experiments(shop: Shop) -> None:
    real, null = (conversions(shop, experiment.name) for experiment in world.EXPERIMENTS)
    assert real.z > 3.5
    lift = real.treatment - real.control
    assert Estimate(lift, lift / real.z).agrees_with(caused_lift(shop, default_truth()))
    assert abs(null.z) < 1.96  # the one test that asks for luck: the sample shop is for showing


def test_funnel(shop: Shop) -> None:
    for estimate, truth in zip(funnel(shop), world.FUNNEL_RATES, strict=True):
        assert estimate.agrees_with(truth)


def test_stock_out(shop: Shop) -> None:
    lines = shop.lines_of(world.STOCK_OUT.product)
    out = slice(world.STOCK_OUT.first_day, world.STOCK_OUT.last_day)
    days = pd.date_range(world.FIRST_DAY, world.LAST_DAY)
    units = lines.groupby(lines["ordered_at"].dt.normalize())["quantity"].sum()
    units = units.reindex(days, fill_value=0)
    assert units[out].sum() == 0
    weekly = units.drop(units[out].index).resample("W").sum().iloc[1:-1]
    assert weekly[: world.STOCK_OUT.first_day].min() >= 15
    assert weekly[world.STOCK_OUT.last_day :].iloc[1:].min() >= 15
    product = lines["product_id"].iloc[0]
    views = shop.events.loc[shop.events["product_id"] == product, "occurred_at"]
    assert not views.between(out.start, pd.Timestamp(out.stop) + pd.Timedelta(hours=23)).any()
    assert shop.products.set_index("product_id").loc[product, "stock"] > 0


@pytest.mark.parametrize("channel", world.DAILY_SPEND)
def test_spend(shop: Shop, channel: str) -> None:
    assert spend_factor(shop, channel).agrees_with(0)


def test_sources_of_purchases(shop: Shop) -> None:
    purchases = shop.events.loc[shop.events["event"] == "purchase", "channel"]
    for source, truth in zip(world.SOURCES, world.PURCHASE_SOURCE_SHARES, strict=True):
        assert share((purchases == source).sum(), len(purchases)).agrees_with(truth)


def truths(shop: Shop) -> list[tuple[str, ...]]:
    """Returns how rows of TRUTH.md begin: name, planted and realised; or a type's counts."""
    rows = [("Types found by K-means", "5 types", f"adjusted Rand index {rand_index(shop):.2f}")]
    for kind in world.TYPES:
        if kind.name in ("regular", "bargain_hunter", "lapsed"):
            rate, churn = life(shop, kind.name)
            rows.append((f"Order rate, {kind.name}", f"{kind.orders:.2f}", f"{rate.value:.2f}"))
            rows.append((f"Churn, {kind.name}", f"{kind.churn:.3f}", f"{churn.value:.4f}"))
    for bundle in world.BUNDLES:
        names = " + ".join(bundle.products)
        planted, found = planted_together(bundle), together(shop, bundle.products)
        texts = [
            f"lift {lift:.1f}, confidence {confidence:.2f}"
            for lift, confidence in (planted, [each.value for each in found])
        ]
        rows.append((names, *texts))
    for elastic in world.ELASTICS:
        found = elasticity(shop, elastic.product)
        text = f"{found.value:.2f} (standard error {found.error:.2f})"
        rows.append((f"Elasticity of {elastic.product}", f"{elastic.elasticity:.1f}", text))
    for experiment in world.EXPERIMENTS:
        found = conversions(shop, experiment.name)
        lift = caused_lift(shop, default_truth()) if experiment.works else 0
        planted = f"lift {100 * lift:.1f} points"
        text = f"{found.control:.1%} control, {found.treatment:.1%} treatment, z = {found.z:.1f}"
        rows.append((f"Experiment {experiment.name}", planted, text))
    steps = [f"{before} to {after}" for before, after in pairwise(world.FUNNEL_STEPS)]
    for step, planted, found in zip(steps, world.FUNNEL_RATES, funnel(shop), strict=True):
        rows.append((f"Funnel, {step}", f"{planted:.2f}", f"{found.value:.3f}"))
    weekdays = np.array(world.WEEKDAY_FACTORS) / np.mean(world.WEEKDAY_FACTORS)
    found = [f"{each.value:.2f}" for each in orders_by_weekday(shop)]
    rows.append(
        (
            "Weekdays, Monday to Sunday",
            " ".join(f"{each:.2f}" for each in weekdays),
            " ".join(found),
        )
    )
    for name, coupon, factor in (
        ("11 November", "SINGLES11", 2.5),
        ("Black Friday", "BLACKFRIDAY", 3),
    ):
        rows.append((name, f"{factor:.1f} times", f"{peak_uplift(shop, coupon).value:.2f} times"))
    found = season_amplitude(shop)
    rows.append(("Season", f"{world.SEASON_AMPLITUDE:.2f}", f"{found.value:.2f}"))
    rows.append(("Growth per year", f"{world.GROWTH_PER_YEAR:.2f}", f"{growth(shop).value:.2f}"))
    purchases = shop.events.loc[shop.events["event"] == "purchase", "channel"]
    for source, planted in zip(world.SOURCES, world.PURCHASE_SOURCE_SHARES, strict=True):
        found = (purchases == source).mean()
        rows.append((f"Purchases from {source}", f"{planted:.2f}", f"{found:.3f}"))
    for channel, cents in world.DAILY_SPEND.items():
        found = cents / 100 * math.exp(spend_factor(shop, channel).value)
        rows.append((f"Spend a day, {channel}", f"{cents / 100:.2f}", f"{found:.2f}"))
    kept = shop.orders[shop.orders["status"] != "cancelled"]
    partly = (kept["status"] == "paid") & (kept["refunded"] > 0)
    cancelled = 1 - kept["order_id"].nunique() / len(shop.heads)
    for name, planted, found in (
        ("Cancelled orders", world.CANCELLED_ORDER_SHARE, cancelled),
        ("Refunded lines", world.REFUNDED_LINE_SHARE, (kept["status"] == "refunded").mean()),
        ("Partly refunded lines", world.PARTLY_REFUNDED_LINE_SHARE, partly.mean()),
        ("Orders of guests", world.GUEST_ORDER_SHARE, shop.heads["customer_id"].isna().mean()),
    ):
        rows.append((name, f"{planted:.2f}", f"{found:.4f}"))
    for kind in world.TYPES:
        of_type = shop.heads[shop.heads["type"] == kind.name]
        counts = str(kind.customers), str(of_type["customer_id"].nunique()), f"{len(of_type):,}"
        rows.append((kind.name, *counts))
    return rows


def test_the_page_of_truths_tells_the_truth(shop: Shop) -> None:
    page = (FOLDER / "TRUTH.md").read_text(encoding="utf-8")
    rows = {"| " + " | ".join(row) + " |" for row in truths(shop)}
    assert {row for row in rows if row not in page} == set()


def test_other_seeds_hold_the_same_truths(other_shop: Shop) -> None:
    assert_sessions_tell_of_orders(other_shop)
    assert rand_index(other_shop) >= 0.6
    for planted in world.ELASTICS:
        assert elasticity(other_shop, planted.product).agrees_with(planted.elasticity)
    real, null = (conversions(other_shop, experiment.name).z for experiment in world.EXPERIMENTS)
    assert real > 3.5
    assert abs(null) < SIGMAS
    for estimate, truth in zip(funnel(other_shop), world.FUNNEL_RATES, strict=True):
        assert estimate.agrees_with(truth)


def test_money_of_another_seed_is_exact(tmp_path: Path) -> None:
    make.write(make.generate(OTHER_SEEDS[0]), tmp_path)
    assert_exact_money(tmp_path)
