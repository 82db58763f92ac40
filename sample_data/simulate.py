"""What happens in the sample shop: calendar, products, customers, orders and visits.

Every flow of orders and sessions is a Poisson process on the shop's own clock, on which a day lasts
as long as its calendar factor; so the days of any flow are uniform draws on that clock, turned back
into dates.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import world
from numpy.random import Generator
from numpy.typing import NDArray
from world import DAYS, SECONDS, TYPES

Bools: TypeAlias = NDArray[np.bool_]
Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Text: TypeAlias = NDArray[np.str_]

GUEST = -1  # as an index, the last row of the tables of tastes, which is the guests'


@dataclass(frozen=True)
class Clock:
    """Cumulative calendar weights: at the start of each day, and at the end of the last."""

    demand: Floats  # season, weekdays and peaks; runs to DAYS
    growing: Floats  # the same, growing
    gifts: Floats  # the growing one, in the weeks of gifts only


@dataclass(frozen=True)
class Catalogue:
    """The products, in the order of `world.PRODUCT_NAMES`; prices in cents."""

    category: Ints
    launched: Ints  # day number, negative before the period
    reference: Ints  # price
    price: Ints  # a row a product, a column a day
    chance: Floats  # cumulative within the category c, from c to c + 1


@dataclass(frozen=True)
class People:
    """The customers, in the order of signing up; an active life runs from `start` to `end`."""

    kind: Ints
    joined: Ints  # second, negative before the period
    start: Floats
    end: Floats
    existing: Bools
    rate: Floats  # the customer's own factor on the rates of the type
    categories: Floats  # cumulative chances; one row more, for guests
    favourites: Ints  # products; one row more, for guests


@dataclass(frozen=True)
class Round:
    """The assignments of one experiment, in the order of time."""

    experiment: world.Experiment
    customer: Ints
    treatment: Bools
    second: Ints


@dataclass(frozen=True)
class Orders:
    """Order heads, in the order of time."""

    customer: Ints
    second: Ints
    channel: Text
    coupon: Text
    percent: Ints


@dataclass(frozen=True)
class Lines:
    """Order lines, by order and line number; money in cents."""

    order: Ints
    number: Ints
    product: Ints
    quantity: Ints
    unit_price: Ints
    discount: Ints

    @property
    def amount(self) -> Ints:
        """Returns what was paid for the line."""
        return self.quantity * self.unit_price - self.discount


@dataclass(frozen=True)
class Sessions:
    """Visits to the online shop; `depth` steps of the funnel, the last one at `second`."""

    customer: Ints
    second: Ints
    depth: Ints
    product: Ints
    source: Text
    value: Ints  # cents, 0 without a purchase

    def __getitem__(self, rows: Ints | Bools) -> "Sessions":
        """Returns some of the sessions."""
        return Sessions(*(values[rows] for values in vars(self).values()))


# -------------------------------------------------------------------- clock, products, customers
def make_clock() -> Clock:
    """Returns the clock; it is the same for every seed."""
    days = np.arange(DAYS)
    demand = season(days) * np.array(world.WEEKDAY_FACTORS)[(days + 6) % 7]
    for peak in world.PEAKS:
        demand[peak.day] *= peak.factor
    demand *= DAYS / demand.sum()
    growing = demand * world.GROWTH_PER_YEAR ** (days / 365)
    is_gift_week = np.zeros(DAYS, dtype=bool)
    for first, last in world.GIFT_SEASONS:
        is_gift_week[first : last + 1] = True
    return Clock(*(np.append(0, np.cumsum(w)) for w in (demand, growing, growing * is_gift_week)))


def season(days: Ints) -> Floats:
    """Returns the factor of the time of the year."""
    return 1 + world.SEASON_AMPLITUDE * np.cos(2 * np.pi * (days - world.SEASON_PEAK_DAY) / 365)


def draw_days(rng: Generator, clock: Floats, start: Floats, end: Floats) -> Ints:
    """Returns a day for each pair of start and end, by the cumulative weights of a clock."""
    edges = np.arange(DAYS + 1, dtype=float)
    drawn = rng.uniform(np.interp(start, edges, clock), np.interp(end, edges, clock))
    days: Ints = np.minimum(np.interp(drawn, clock, edges).astype(np.int64), DAYS - 1)
    return days


def draw_seconds(rng: Generator, days: Ints, is_store: Bools) -> Ints:
    """Returns a time on each of the days, by the hours of the store or of the online shop."""
    online, store = (
        rng.choice(24, len(days), p=np.array(hours) / sum(hours))
        for hours in (world.ONLINE_HOURS, world.STORE_HOURS)
    )
    hour = np.where(is_store, store, online)
    second = days * SECONDS + hour * 3600 + rng.integers(0, 3600, len(days))
    # Two hours into the first day, so that no session begins before the period.
    later: Ints = np.maximum(second, 7200)
    return later


def draw_products(rng: Generator, catalogue: Catalogue, tastes: Floats, days: Ints) -> Ints:
    """Returns an ordinary product, launched by the day, for each row of category chances."""
    products = np.zeros(len(days), dtype=np.int64)
    pending = np.arange(len(days))
    while len(pending):
        category = (rng.random((len(pending), 1)) >= tastes[pending]).sum(axis=1)
        drawn = category + rng.random(len(pending))
        products[pending] = np.searchsorted(catalogue.chance, drawn, side="right")
        pending = pending[catalogue.launched[products[pending]] > days[pending]]
    return products


def of_type(field: str, kind: Ints) -> NDArray[Any]:
    """Returns one parameter of the customer types, a row for each customer."""
    return np.array([getattr(each, field) for each in TYPES])[kind]


def product_index(name: str) -> int:
    """Returns the row of a product in the catalogue."""
    return world.PRODUCT_NAMES.index(name)


def make_catalogue(rng: Generator) -> Catalogue:
    """Returns the products with their prices of each day."""
    nouns = [cents for category in world.CATEGORIES.values() for cents in category.values()]
    prices = np.outer(nouns, list(world.STYLES.values())).ravel()
    reference = (np.round(prices / 50) * 50 - 10).astype(np.int64)
    category = np.repeat(np.arange(len(world.CATEGORIES)), len(prices) // len(world.CATEGORIES))
    ordinary = np.flatnonzero(~np.isin(world.PRODUCT_NAMES, world.PLANTED_PRODUCTS))

    launched = -rng.integers(100, 1800, len(prices))
    launches = rng.permutation(ordinary)[: world.LAUNCHES]
    launched[launches] = rng.integers(60, DAYS - 60, world.LAUNCHES)
    popularity = np.zeros(len(prices))
    popularity[ordinary] = rng.lognormal(sigma=0.8, size=len(ordinary))
    chance = np.cumsum(popularity.reshape(len(world.CATEGORIES), -1), axis=1)
    chance = chance / chance[:, -1:] + np.arange(len(world.CATEGORIES))[:, None]
    price = _prices(rng, reference, ordinary)
    return Catalogue(category, launched, reference, price, chance.ravel())


def _prices(rng: Generator, reference: Ints, ordinary: Ints) -> Ints:
    price = np.repeat(reference[:, None], DAYS, axis=1)
    for product in rng.permutation(ordinary)[: round(world.PRICE_CHANGE_SHARE * len(ordinary))]:
        monday = 1 + 7 * rng.integers(10, 95)
        change = rng.choice([0.90, 0.95, 1.05, 1.10, 1.15])
        price[product, monday:] = np.round(reference[product] * change / 10) * 10
    for elastic in world.ELASTICS:
        product = product_index(elastic.product)
        price[product] = np.round(reference[product] * _elastic_levels(rng) / 10) * 10
    return price


def _elastic_levels(rng: Generator) -> Floats:
    shortest, longest = world.ELASTIC_PRICE_WEEKS
    rounds = 1 + DAYS // (7 * shortest * len(world.ELASTIC_PRICE_LEVELS))
    levels = [rng.permutation(world.ELASTIC_PRICE_LEVELS) for _ in range(rounds)]
    weeks = rng.integers(shortest, longest + 1, rounds * len(world.ELASTIC_PRICE_LEVELS))
    by_week: Floats = np.repeat(np.concatenate(levels), weeks)
    return by_week[(np.arange(DAYS) + 6) // 7]  # the first day is a Sunday, changes are on Mondays


def make_people(rng: Generator, clock: Clock, catalogue: Catalogue) -> People:
    """Returns the customers of all types, with their lives and tastes."""
    kind = np.repeat(np.arange(len(TYPES)), [each.customers for each in TYPES])
    is_gift = kind == world.GIFT
    existing = rng.random(len(kind)) < of_type("existing", kind)
    first, last = of_type("joins", kind).T
    day = draw_days(rng, clock.growing, first, last)
    day[is_gift] = draw_days(rng, clock.gifts, first[is_gift], last[is_gift])
    day[existing] = -rng.integers(0, 730, existing.sum())
    # Signing up is at least an hour, and at most a day, before the day of the first order.
    joined = day * SECONDS - rng.integers(3600, SECONDS, len(kind))
    start = np.where(existing, 0.0, day + 1.0)
    hazard = -np.log1p(-of_type("churn", kind)) / 30
    life = rng.exponential(size=len(kind)) / np.where(is_gift, 1, hazard)
    life[is_gift] = world.GIFT_ACTIVE_DAYS
    end = np.minimum(start + life, DAYS)
    rate = rng.lognormal(-(world.TASTE_SPREAD**2) / 2, world.TASTE_SPREAD, len(kind))
    categories, favourites = _tastes(rng, catalogue, len(kind))
    by_joining = np.argsort(joined, kind="stable")
    return People(
        kind=kind[by_joining],
        joined=joined[by_joining],
        start=start[by_joining],
        end=end[by_joining],
        existing=existing[by_joining],
        rate=rate[by_joining],
        categories=categories,
        favourites=favourites,
    )


def _tastes(rng: Generator, catalogue: Catalogue, customers: int) -> tuple[Floats, Ints]:
    shares = rng.dirichlet(np.full(len(world.CATEGORIES), world.TASTE_CONCENTRATION), customers)
    guest = np.full((1, len(world.CATEGORIES)), 1 / len(world.CATEGORIES))
    categories = np.cumsum(np.vstack([shares, guest]), axis=1)
    categories[:, -1] = 1
    each = np.repeat(categories, world.FAVOURITES, axis=0)
    favourites = draw_products(rng, catalogue, each, np.zeros(len(each), dtype=np.int64))
    return categories, favourites.reshape(-1, world.FAVOURITES)


# ---------------------------------------------------------------------------- experiments, orders
def assign(rng: Generator, people: People, experiment: world.Experiment) -> Round:
    """Returns the assignments of an experiment, of customers who had signed up before it."""
    first = world.day_number(experiment.first_day)
    count = 2 * experiment.customers_per_arm
    chosen = rng.permutation(np.flatnonzero(people.joined < first * SECONDS))[:count]
    second = rng.integers(first * SECONDS, (first + experiment.days) * SECONDS, count)
    treatment = rng.permutation(count) < experiment.customers_per_arm
    return Round(experiment, chosen, treatment, np.sort(second))


def extra_orders(rng: Generator, people: People, each: Round) -> tuple[Ints, Ints]:
    """Returns the customers and days of the orders that the treatment brings."""
    day = each.second // SECONDS + rng.integers(1, world.OUTCOME_DAYS, len(each.second))
    is_active = (people.start[each.customer] <= day) & (day < people.end[each.customer])
    answers = rng.random(len(day)) < of_type("treated", people.kind[each.customer])
    brings = each.treatment & is_active & answers
    return each.customer[brings], day[brings]


def make_orders(
    rng: Generator, clock: Clock, people: People, extra: Sequence[tuple[Ints, Ints]]
) -> Orders:
    """Returns the orders of all customers and guests; `extra` ones by customer and day."""
    buys = rng.random(len(people.kind)) >= of_type("never_orders", people.kind)
    first = np.flatnonzero(buys & ~people.existing)
    flows = [
        (first, people.start[first].astype(np.int64) - 1),
        _repeat_orders(rng, clock, people, buys),
        _returning_gift_orders(rng, clock, people),
        *extra,
    ]
    customer, day = (np.concatenate(each) for each in zip(*flows, strict=True))
    guests = round(len(customer) * world.GUEST_ORDER_SHARE / (1 - world.GUEST_ORDER_SHARE))
    customer = np.append(customer, np.full(guests, GUEST))
    guest_days = draw_days(rng, clock.growing, np.zeros(guests), np.full(guests, DAYS))
    day = np.append(day, guest_days)
    channel = rng.choice(world.CHANNELS, len(day), p=world.CHANNEL_SHARES)
    channel[customer == GUEST] = "store"
    second = draw_seconds(rng, day, channel == "store")
    by_time = np.argsort(second, kind="stable")
    customer, second = customer[by_time], second[by_time]
    return Orders(customer, second, channel[by_time], *_coupons(rng, people, customer, second))


def _repeat_orders(rng: Generator, clock: Clock, people: People, buys: Bools) -> tuple[Ints, Ints]:
    edges = np.arange(DAYS + 1)
    start, end = (np.interp(day, edges, clock.demand) for day in (people.start, people.end))
    mean = buys * people.rate * of_type("orders", people.kind) / 30 * (end - start)
    customer = np.repeat(np.arange(len(mean)), rng.poisson(mean))
    days = draw_days(rng, clock.demand, people.start[customer], people.end[customer])
    return customer, days


def _returning_gift_orders(rng: Generator, clock: Clock, people: People) -> tuple[Ints, Ints]:
    first, last = world.GIFT_SEASONS[1]
    earlier = np.flatnonzero((people.kind == world.GIFT) & (people.start < first))
    customer = earlier[rng.random(len(earlier)) < world.GIFT_RETURN_PROBABILITY]
    start, end = np.full(len(customer), float(first)), np.full(len(customer), last + 1.0)
    return customer, draw_days(rng, clock.gifts, start, end)


def _coupons(rng: Generator, people: People, customer: Ints, second: Ints) -> tuple[Text, Ints]:
    """Returns the code and the percentage off of each order; an empty code takes off nothing."""
    hunter = world.TYPE_NAMES.index("bargain_hunter")
    kind = np.append(people.kind, GUEST)[customer]
    habit = np.append([each.coupon for each in TYPES], 0.0)[kind]
    percent = np.where(kind == hunter, rng.choice([15, 20, 25], len(kind)), 10)
    percent *= rng.random(len(kind)) < habit
    coupon = np.where(percent > 0, np.char.add("SAVE", percent.astype(str)), "")
    takes_peak = rng.random(len(kind)) < world.PEAK_COUPON_PROBABILITY
    for peak in world.PEAKS:
        chosen = takes_peak & (second // SECONDS == peak.day)
        percent[chosen] = world.PEAK_COUPON_PERCENT
        coupon = np.where(chosen, peak.coupon, coupon)
    return coupon, percent


def make_lines(rng: Generator, catalogue: Catalogue, people: People, orders: Orders) -> Lines:
    """Returns what the orders hold: ordinary products by taste, planted ones by chance alone."""
    day = orders.second // SECONDS
    kind = np.append(people.kind, 0)[orders.customer]
    more = rng.poisson(of_type("lines", kind) - 1)
    order = np.repeat(np.arange(len(day)), 1 + more)
    product = _ordinary_products(rng, catalogue, people, orders.customer[order], day[order])
    quantity = 1 + rng.poisson(of_type("quantity", kind)[order] - 1)
    for add_on, chosen in _add_ons(rng, catalogue, day):
        order = np.append(order, np.flatnonzero(chosen))
        product = np.append(product, np.full(chosen.sum(), add_on))
        quantity = np.append(quantity, 1 + rng.poisson(world.ADD_ON_QUANTITY - 1, chosen.sum()))
    # A product has one line in an order; the lines of an order are in no particular order.
    _, kept = np.unique(order * len(catalogue.price) + product, return_index=True)
    kept = kept[np.lexsort((rng.random(len(kept)), order[kept]))]
    order, product, quantity = order[kept], product[kept], quantity[kept]
    number = 1 + np.arange(len(order)) - np.searchsorted(order, order)
    unit_price = catalogue.price[product, day[order]]
    discount = (quantity * unit_price * orders.percent[order] + 50) // 100
    return Lines(order, number, product, quantity, unit_price, discount)


def _ordinary_products(
    rng: Generator, catalogue: Catalogue, people: People, customer: Ints, day: Ints
) -> Ints:
    drawn = draw_products(rng, catalogue, people.categories[customer], day)
    which = rng.integers(0, world.FAVOURITES, len(customer))
    is_favourite = rng.random(len(customer)) < world.FAVOURITE_PROBABILITY * (customer != GUEST)
    return np.where(is_favourite, people.favourites[customer, which], drawn)


def _add_ons(rng: Generator, catalogue: Catalogue, day: Ints) -> Iterator[tuple[int, Bools]]:
    """Yields each planted product with the orders that hold it, whatever else they hold."""
    for elastic in world.ELASTICS:
        product = product_index(elastic.product)
        relative_price = catalogue.price[product, day] / catalogue.reference[product]
        yield product, rng.random(len(day)) < elastic.share * relative_price**elastic.elasticity
    for bundle in world.BUNDLES:
        together = rng.random(len(day)) < bundle.together
        for name in bundle.products:
            yield product_index(name), together | (rng.random(len(day)) < bundle.alone)
    takes = rng.random(len(day)) < world.STOCK_OUT.share
    yield product_index(world.STOCK_OUT.product), takes & ~_is_out_of_stock(day)


# ------------------------------------------------------------------------------------- sessions
def make_sessions(
    rng: Generator,
    clock: Clock,
    catalogue: Catalogue,
    people: People,
    orders: Orders,
    lines: Lines,
) -> Sessions:
    """Returns the sessions of the online orders, and those which ended at an earlier step."""
    online = np.flatnonzero(orders.channel != "store")
    value = np.bincount(lines.order, lines.amount).astype(np.int64)[online]
    bought = lines.product[np.searchsorted(lines.order, online)]
    # Of sessions that reach a step, those that stop there come before a success of the next one.
    reached, stopped = len(online), []
    for rate in reversed(world.FUNNEL_RATES):
        stopped.append(int(rng.negative_binomial(reached, rate)))
        reached += stopped[-1]
    depth = rng.permutation(np.repeat([3, 2, 1], stopped))
    customer, day = _visits(rng, clock, people, orders, len(depth))
    second = draw_seconds(rng, day, np.zeros(len(day), dtype=bool))
    looked_at = _viewed_products(rng, catalogue, people, customer, day)
    sources = [
        rng.choice(world.SOURCES, count, p=shares)
        for count, shares in (
            (len(online), world.PURCHASE_SOURCE_SHARES),
            (len(depth), world.OTHER_SOURCE_SHARES),
        )
    ]
    sessions = Sessions(
        customer=np.append(orders.customer[online], customer),
        second=np.append(orders.second[online], second),
        depth=np.append(np.full(len(online), 4), depth),
        product=np.append(bought, looked_at),
        source=np.concatenate(sources),
        value=np.append(value, np.zeros_like(depth)),
    )
    return sessions[np.argsort(sessions.second, kind="stable")]


def _viewed_products(
    rng: Generator, catalogue: Catalogue, people: People, customer: Ints, day: Ints
) -> Ints:
    ordinary = _ordinary_products(rng, catalogue, people, customer, day)
    planted = rng.choice([product_index(name) for name in world.PLANTED_PRODUCTS], len(day))
    is_gone = (planted == product_index(world.STOCK_OUT.product)) & _is_out_of_stock(day)
    takes_planted = (rng.random(len(day)) < world.PLANTED_VIEW_SHARE) & ~is_gone
    return np.where(takes_planted, planted, ordinary)


def _is_out_of_stock(day: Ints) -> Bools:
    first, last = map(world.day_number, (world.STOCK_OUT.first_day, world.STOCK_OUT.last_day))
    return (first <= day) & (day <= last)


def _visits(
    rng: Generator, clock: Clock, people: People, orders: Orders, count: int
) -> tuple[Ints, Ints]:
    """Returns customers and days; at first one of each customer who never ordered."""
    life = people.end - people.start
    weight = of_type("sessions", people.kind) * people.rate * life
    only_looks = np.setdiff1d(np.arange(len(life)), orders.customer)
    others = rng.choice(len(life), count - len(only_looks), p=weight / weight.sum())
    customer = np.append(only_looks, others)
    return customer, draw_days(rng, clock.demand, people.start[customer], people.end[customer])
