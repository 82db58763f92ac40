"""Makes the sample shop: six CSV files with the truths of TRUTH.md planted in them.

`python sample_data/make.py` rewrites the files beside it, byte for byte.
"""

import argparse
import csv
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import simulate
import world
from numpy.random import Generator
from numpy.typing import NDArray
from simulate import Bools, Catalogue, Ints, Lines, Orders, People, Round, Sessions, Text
from world import DAYS, FIRST_DAY, SECONDS

NONE = -1  # as an index, an empty id


@dataclass(frozen=True)
class Table:
    """One table: its columns by header, in the order of the file.

    Attributes:
        columns: Arrays of one length. Masked entries, NaT and empty text are blanks in the file.
        money: The columns that hold whole cents.
    """

    columns: Mapping[str, NDArray[Any]]
    money: frozenset[str] = frozenset()

    def __len__(self) -> int:
        """Returns the number of rows."""
        return len(next(iter(self.columns.values())))


@dataclass(frozen=True)
class Truth:
    """What was planted; the arrays follow the rows of the customers table.

    Attributes:
        customer_type: Name of the type.
        active_until: Day of becoming inactive for good; NaT for customers active to the end.
        extra_order: Whether the experiment which works brought the customer one order more.
        types: Parameters of each type.
        elasticities: Price elasticity by product id; no other product has more than two prices.
        bundles: Ids of the products bought together.
        stock_out_product: Id of the product that was out of stock for a time.
    """

    customer_type: Text
    active_until: NDArray[np.datetime64]
    extra_order: Bools
    types: tuple[world.CustomerType, ...]
    elasticities: Mapping[str, float]
    bundles: tuple[tuple[str, ...], ...]
    stock_out_product: str


@dataclass(frozen=True)
class Shop:
    """The sample shop: one table a file, and the truth behind them."""

    orders: Table
    events: Table
    customers: Table
    products: Table
    assignments: Table
    spend: Table
    truth: Truth


def generate(seed: int = world.DEFAULT_SEED) -> Shop:
    """Returns the shop of a seed; the same seed gives the same shop."""
    streams = iter(np.random.default_rng(seed).spawn(10))
    clock = simulate.make_clock()
    catalogue = simulate.make_catalogue(next(streams))
    people = simulate.make_people(next(streams), clock, catalogue)
    assigning = next(streams)
    rounds = [simulate.assign(assigning, people, each) for each in world.EXPERIMENTS]
    extra = [
        simulate.extra_orders(assigning, people, each) for each in rounds if each.experiment.works
    ]
    orders = simulate.make_orders(next(streams), clock, people, extra)
    lines = simulate.make_lines(next(streams), catalogue, people, orders)
    visiting = next(streams)
    sessions = simulate.make_sessions(visiting, clock, catalogue, people, orders, lines)
    events = _events_table(visiting, sessions)
    customers = _customers_table(next(streams), people, events)
    return Shop(
        orders=_orders_table(next(streams), orders, lines, customers),
        events=events,
        customers=customers,
        products=_products_table(next(streams), catalogue, orders, lines),
        assignments=_assignments_table(rounds),
        spend=_spend_table(next(streams)),
        truth=_truth(people, extra),
    )


def write(shop: Shop, folder: Path) -> None:
    """Writes the six tables, and the planted types beside them, as CSV files."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        "orders": shop.orders,
        "events": shop.events,
        "customers": shop.customers,
        "products": shop.products,
        "assignments": shop.assignments,
        "spend": shop.spend,
        "truth_types": Table(
            {
                "customer_id": shop.customers.columns["customer_id"],
                "type": shop.truth.customer_type,
            }
        ),
    }
    for name, table in tables.items():
        columns = [_as_text(values, name in table.money) for name, values in table.columns.items()]
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(table.columns)
            writer.writerows(zip(*columns, strict=True))


def _as_text(values: NDArray[Any], is_money: bool) -> list[str]:
    if values.dtype.kind == "M":
        is_day = values.dtype == np.dtype("datetime64[D]")
        texts = np.datetime_as_string(values, unit="D" if is_day else "s").tolist()
        return ["" if text == "NaT" else text.replace("T", " ") for text in texts]
    if is_money:  # a masked value becomes None
        cents = values.tolist()
        return ["" if c is None else f"{c // 100}.{c % 100:02d}" for c in cents]
    return [str(value) for value in values.tolist()]


# --------------------------------------------------------------------------------------- tables
def _ids(prefix: str, numbers: Ints, width: int) -> Text:
    """Returns ids counted from 1; negative numbers, which stand for none, give empty ids."""
    texts = np.char.add(prefix, np.char.zfill((numbers + 1).astype(str), width))
    return np.where(numbers < 0, "", texts)


def _customer_ids(customers: Ints) -> Text:
    return _ids("C", customers, 4)


def _product_ids(products: Ints) -> Text:
    return _ids("P", products, 3)


def _times(seconds: Ints) -> NDArray[np.datetime64]:
    times: NDArray[np.datetime64] = FIRST_DAY + seconds.astype("timedelta64[s]")
    return times


def _days(days: Ints) -> NDArray[np.datetime64]:
    return FIRST_DAY + days.astype("timedelta64[D]")


def _orders_table(rng: Generator, orders: Orders, lines: Lines, customers: Table) -> Table:
    of_order = lines.order
    cancelled = (rng.random(len(orders.second)) < world.CANCELLED_ORDER_SHARE)[of_order]
    drawn = rng.random(len(of_order))
    fully = ~cancelled & (drawn < world.REFUNDED_LINE_SHARE)
    partly = ~cancelled & (drawn > 1 - world.PARTLY_REFUNDED_LINE_SHARE)
    part = (lines.amount * rng.uniform(0.2, 0.8, len(of_order))).astype(np.int64)
    country = np.append(customers.columns["country"], world.STORE_COUNTRY)[orders.customer]
    columns = {
        "order_id": _ids("R", of_order, 5),
        "line_no": lines.number,
        "customer_id": _customer_ids(orders.customer)[of_order],
        "ordered_at": _times(orders.second)[of_order],
        "product_id": _product_ids(lines.product),
        "quantity": lines.quantity,
        "unit_price": lines.unit_price,
        "discount": lines.discount,
        "amount": lines.amount,
        "refunded": np.select([fully, partly], [lines.amount, part], 0),
        "status": np.select([cancelled, fully], ["cancelled", "refunded"], "paid"),
        "currency": np.full(len(of_order), "EUR"),
        "channel": orders.channel[of_order],
        "coupon": orders.coupon[of_order],
        "country": country[of_order],
    }
    return Table(columns, frozenset({"unit_price", "discount", "amount", "refunded"}))


@dataclass(frozen=True)
class Moments:
    """The events of one kind: their sessions and times."""

    event: str
    session: Ints
    second: Ints
    shows_product: bool = False


def _events_table(rng: Generator, sessions: Sessions) -> Table:
    moments = list(_moments(rng, sessions))
    session = np.concatenate([each.session for each in moments])
    second = np.concatenate([each.second for each in moments])
    counts = [len(each.session) for each in moments]
    event = np.repeat([each.event for each in moments], counts)
    shows_product = np.repeat([each.shows_product for each in moments], counts)
    by_time = np.lexsort((session, second))
    session, second, event = session[by_time], second[by_time], event[by_time]
    source = sessions.source[session]
    month = np.datetime_as_string(_times(second), unit="M")
    campaign = np.select(
        [source == "email", source == "social_ads"],
        [np.char.add("newsletter_", month), np.char.add("stories_", month)],
        "",
    )
    columns = {
        "customer_id": _customer_ids(sessions.customer[session]),
        "session_id": _ids("S", session, 5),
        "occurred_at": _times(second),
        "event": event,
        "product_id": _product_ids(
            np.where(shows_product[by_time], sessions.product[session], NONE)
        ),
        "channel": source,
        "campaign": campaign,
        "value": np.ma.masked_array(sessions.value[session], event != "purchase"),
    }
    return Table(columns, frozenset({"value"}))


def _moments(rng: Generator, sessions: Sessions) -> Iterator[Moments]:
    count = len(sessions.second)
    gaps = rng.integers(15, 400, (count, 3)) * (np.arange(1, 4) < sessions.depth[:, None])
    before_last = np.append(np.cumsum(gaps[:, ::-1], axis=1)[:, ::-1], np.zeros((count, 1), int), 1)
    second = sessions.second[:, None] - before_last
    for step, event in enumerate(world.FUNNEL_STEPS):
        chosen = np.flatnonzero(sessions.depth > step)
        yield Moments(event, chosen, second[chosen, step], shows_product=event != "checkout")

    view, drawn = second[:, 0], rng.random(count)
    is_email = sessions.source == "email"
    emails = np.flatnonzero(is_email)
    click = view[emails] - rng.integers(2, 11, len(emails))
    yield Moments("click", emails, click)
    yield Moments("open", emails, click - rng.integers(5, 900, len(emails)))
    seen = np.flatnonzero((sessions.source == "social_ads") & (drawn < world.IMPRESSION_SHARE))
    yield Moments("impression", seen, view[seen] - rng.integers(2, 30, len(seen)))
    searched = np.flatnonzero(~is_email & (drawn > 1 - world.SEARCH_SHARE))
    yield Moments("search", searched, view[searched] - rng.integers(30, 200, len(searched)))
    liked = np.flatnonzero(rng.random(count) < world.FAVOURITE_SHARE)
    yield Moments("favourite", liked, view[liked] + rng.integers(3, 15, len(liked)), True)
    # Who unsubscribes does so in the last session that an e-mail brought.
    _, from_end = np.unique(sessions.customer[emails][::-1], return_index=True)
    last = emails[::-1][from_end]
    left = last[rng.random(len(last)) < world.UNSUBSCRIBE_PROBABILITY]
    yield Moments("unsubscribe", left, np.minimum(sessions.second[left] + 30, DAYS * SECONDS - 1))


def _customers_table(rng: Generator, people: People, events: Table) -> Table:
    count = len(people.kind)
    numbers = np.arange(count)
    ids = _customer_ids(numbers)
    first, last = (rng.choice(names, count) for names in (world.FIRST_NAMES, world.LAST_NAMES))
    name = np.char.add(np.char.add(first, " "), last)
    country = rng.choice(list(world.COUNTRIES), count, p=list(world.COUNTRIES.values()))
    city, phone = np.zeros(count, "U20"), np.zeros(count, "U20")
    for code, cities in world.CITIES.items():
        there = np.flatnonzero(country == code)
        city[there] = rng.choice(cities, len(there))
        phone[there] = [world.fictional_phone(code, rank) for rank in range(len(there))]
    birth = np.datetime64("1984-07-01") + rng.normal(0, 4400, count).clip(-16000, 8000).astype(
        "timedelta64[D]"
    )
    birth[rng.random(count) < world.BLANK_SHARE] = np.datetime64("NaT")
    email = np.array([_email(*each) for each in zip(name.tolist(), numbers.tolist(), strict=True)])
    consent = rng.choice(["yes", "no", ""], count, p=world.CONSENT_SHARES)
    left = events.columns["customer_id"][events.columns["event"] == "unsubscribe"]
    holds_card = rng.random(count) < simulate.of_type("loyalty_card", people.kind)
    columns = {
        "customer_id": ids,
        "email": np.where(rng.random(count) < world.BLANK_SHARE, "", email),
        "phone": np.where(rng.random(count) < world.BLANK_SHARE, "", phone),
        "name": name,
        "signed_up_at": _times(people.joined),
        "birth_date": birth,
        "gender": rng.choice(["female", "male", ""], count, p=[0.55, 0.35, 0.10]),
        "city": city,
        "country": country,
        "consent": np.where(np.isin(ids, left), "no", consent),
        "loyalty_card": np.where(holds_card, "yes", "no"),
    }
    return Table(columns)


def _email(name: str, number: int) -> str:
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    domain = "org" if number % 4 == 0 else "com"
    return f"{ascii_name.lower().replace(' ', '.')}.{number + 1}@example.{domain}"


def _products_table(rng: Generator, catalogue: Catalogue, orders: Orders, lines: Lines) -> Table:
    count = len(catalogue.category)
    price = catalogue.price[:, -1]
    lead_time = rng.integers(5, 31, count)
    is_recent = orders.second[lines.order] >= (DAYS - 90) * SECONDS
    units = np.bincount(lines.product[is_recent], lines.quantity[is_recent], count)
    stock = (units / 90 * (lead_time + 14) * rng.uniform(0.4, 2.0, count)).astype(np.int64)
    columns = {
        "product_id": _product_ids(np.arange(count)),
        "name": np.array(world.PRODUCT_NAMES),
        "category": np.array(list(world.CATEGORIES))[catalogue.category],
        "brand": rng.choice(world.BRANDS, count),
        "price": price,
        "cost": (catalogue.reference * rng.uniform(0.40, 0.62, count)).astype(np.int64),
        "stock": stock + 5,
        "lead_time_days": lead_time,
        "launched_at": _days(catalogue.launched),
    }
    return Table(columns, frozenset({"price", "cost"}))


def _assignments_table(rounds: Sequence[Round]) -> Table:
    columns = {
        "experiment": np.repeat(
            [each.experiment.name for each in rounds], [len(each.customer) for each in rounds]
        ),
        "customer_id": _customer_ids(np.concatenate([each.customer for each in rounds])),
        "variant": np.where(
            np.concatenate([each.treatment for each in rounds]), "treatment", "control"
        ),
        "assigned_at": _times(np.concatenate([each.second for each in rounds])),
    }
    return Table(columns)


def _spend_table(rng: Generator) -> Table:
    days = np.arange(DAYS)
    mean = np.array(list(world.DAILY_SPEND.values()))
    noise = rng.lognormal(sigma=world.SPEND_NOISE, size=(DAYS, len(mean)))
    growth = world.GROWTH_PER_YEAR ** (days / 365)
    cost = mean * noise * (simulate.season(days) * growth)[:, None]
    columns = {
        "day": np.repeat(_days(days), len(mean)),
        "channel": np.tile(list(world.DAILY_SPEND), DAYS),
        "cost": np.round(cost).astype(np.int64).ravel(),
    }
    return Table(columns, frozenset({"cost"}))


def _truth(people: People, extra: Sequence[tuple[Ints, Ints]]) -> Truth:
    lives_on = (people.end >= DAYS) | (people.kind == world.GIFT)
    last_day = _days(people.end.astype(np.int64))
    ids = {
        name: str(_product_ids(np.array([row]))[0]) for row, name in enumerate(world.PRODUCT_NAMES)
    }
    return Truth(
        customer_type=np.array(world.TYPE_NAMES)[people.kind],
        active_until=np.where(lives_on, np.datetime64("NaT"), last_day),
        extra_order=np.isin(np.arange(len(people.kind)), extra[0][0]),
        types=world.TYPES,
        elasticities={ids[each.product]: each.elasticity for each in world.ELASTICS},
        bundles=tuple(tuple(ids[name] for name in each.products) for each in world.BUNDLES),
        stock_out_product=ids[world.STOCK_OUT.product],
    )


def main() -> None:
    """Writes the shop of a seed to a folder."""
    parser = argparse.ArgumentParser(description="Make the sample shop.")
    parser.add_argument("--seed", type=int, default=world.DEFAULT_SEED)
    parser.add_argument("--out", metavar="DIR", type=Path, default=Path(__file__).parent)
    arguments = parser.parse_args()
    write(generate(arguments.seed), arguments.out)


if __name__ == "__main__":
    main()
