"""The plan: what to order now, what runs out, what lies too long.

Stock is looked at every `review_days`; what falls to its reorder point by then is ordered, up to
that point plus what sells until the next look (an (R, s, S) policy: Silver, Pyke & Thomas,
Inventory and Production Management in Supply Chains, 4th edition, 2017, section 6.10). The reorder
point is the demand of lead time and review that is met with the service asked for.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.stock.demand import YEAR_DAYS, Demand, demand
from analytics.stock.formulas import Floats, expected_shortage, reorder_point
from analytics.stock.lead import LeadTime, lead_times
from analytics.store import Store

IDLE_DAYS = 90
"""Stock without a sale for so long is dead."""
ABC = ((0.80, "A"), (0.95, "B"))
"""Products that bring the first 80% of revenue are A, up to 95% B, the rest C."""
XYZ = ((0.5, "X"), (1.0, "Y"))
"""Weekly demand that varies by up to half its mean is X, up to its mean Y, more Z."""
ABC_DAYS = 364
COLUMNS = [
    *("product_id", "name", "category", "brand", "stock", "daily_demand", "lead_time_days"),
    *("reorder_point", "safety_stock", "order_up_to", "order_quantity", "order_money"),
    *("days_of_cover", "runs_out_on", "lost_units", "lost_sales", "overstock_units"),
    *("overstock_money", "dead_stock_units", "dead_stock_money", "last_sold_on", "abc", "xyz"),
    "kind",
]


@dataclass(frozen=True)
class Plan:
    """What to order.

    Attributes:
        table: A row a product, the most urgent first: product_id, name, category, brand, stock
            (units), daily_demand (units), lead_time_days, reorder_point, safety_stock, order_up_to,
            order_quantity (units), order_money (at cost), days_of_cover, runs_out_on (the first
            day that is not covered; NaT: does not sell), lost_units and lost_sales (units, and
            money at their price, expected to be missed over lead time and review if nothing is
            ordered), overstock_units and
            overstock_money (beyond the level to order up to, at cost), dead_stock_units and
            dead_stock_money (of products that have not sold for 90 days, at cost), last_sold_on,
            abc (by revenue of the last year), xyz (by variation of weekly demand), kind. NaN where
            the data do not say.
        service_level: How often demand is to be met in full until the next delivery, 0 to 1.
        review_days: Days between two looks at the stock.
        reached: How often that was reached on the shop's own past, 0 to 1; NaN: too short.
        tried: On how many past windows.
        as_of: The day of the plan.
        verdict: The answer in a sentence.
        notes: What a reader should know, in sentences.
    """

    table: pd.DataFrame
    service_level: float
    review_days: int
    reached: float
    tried: int
    as_of: date
    verdict: str
    notes: tuple[str, ...]


def plan(
    store: Store,
    *,
    service_level: float = 0.95,
    cost_ratio: float | None = None,
    review_days: int = 7,
    lead_time_days: LeadTime | None = None,
    as_of: date | None = None,
    expected: pd.DataFrame | None = None,
) -> Plan:
    """What to order now, product by product.

    Args:
        store: The shop.
        service_level: How often demand until the next delivery should be met in full, 0.5 to 0.999.
        cost_ratio: Instead: how many times dearer a missing unit is than one left over; the service
            level is then ratio / (1 + ratio), the newsvendor's.
        review_days: Days between two looks at the stock.
        lead_time_days: Days from order to delivery of products whose file does not say: a number,
            or the shortest and the longest.
        as_of: Only what was ordered before this day counts; by default the day after the last
            order. The stock is that of the product file.
        expected: The forecast of each product that takes the place of the smoothed level, such as
            `expected` makes of the Demand page's: product_id, daily_demand (units). How far off
            demand may be is still learnt from the level's past.

    Raises:
        NotEnoughDataError: Nothing with a product was sold before that day.
        AnalyticsError: No lead time is known, or a setting makes no sense.
    """
    service = _service(service_level, cost_ratio)
    if not 1 <= review_days <= 365:
        raise AnalyticsError("The stock must be looked at every 1 to 365 days.", "Choose fewer.")
    day = as_of or store.default_as_of()
    sold = store.query("stock_sold", until_day=day)
    if sold.empty:
        raise NotEnoughDataError(
            f"No product was sold before {day.day} {day:%B %Y}.",
            "Choose a later day, or map the product column of the order file on the Data page.",
        )
    items = store.query("stock_products")
    for name in ("price", "cost", "stock", "lead_time_days"):
        items[name] = items[name].astype(float)
    lead, spread, lead_note = lead_times(items["lead_time_days"].to_numpy(float), lead_time_days)
    places = pd.Series(np.arange(len(items)), index=items["product_id"])
    days = pd.to_datetime(sold["day"])
    first = days.min()
    long = (pd.Timestamp(day) - first).days
    history = pd.DataFrame(
        {
            "product": sold["product_id"].map(places).to_numpy(int),
            "day": (days - first).dt.days.to_numpy(int),
            "units": sold["units"].astype(float).to_numpy(),
            "revenue": sold["revenue"].astype(float).to_numpy(),
        }
    )
    known = None
    if expected is not None:
        by_product = expected.set_index("product_id")["daily_demand"]
        known = items["product_id"].map(by_product).to_numpy(float)
    found = demand(
        history, list(items["product_id"]), long, lead + review_days,
        np.full(len(items), service), unknown=_unknown(store, places, first), daily=known,
    )  # fmt: skip
    table = _table(items, history, found, lead, spread, review_days, day, long)
    forecast_note = _forecast_note(known) if known is not None else ""
    notes = tuple(
        note for note in (forecast_note, *_notes(items, table, found, long), lead_note) if note
    )
    return Plan(
        table=table, service_level=service, review_days=review_days, reached=found.reached,
        tried=found.tried, as_of=day, verdict=verdict(table, store.policy.currency or ""),
        notes=notes,
    )  # fmt: skip


def verdict(table: pd.DataFrame, currency: str = "") -> str:
    """What to order and what runs out, of all products or some, in a sentence."""
    if table["stock"].isna().all():
        return (
            "How much to order cannot be said: the product file does not say what is in stock. The "
            "levels to hold are below; map the stock column, or add a file of stock levels, on the "
            "Data page for the rest."
        )
    orders = table[table["order_quantity"] > 0]
    soon = int(((table["days_of_cover"] < 7) & (table["daily_demand"] > 0)).sum())
    runs = (
        "nothing will run out this week"
        if not soon
        else f"{soon:,} {'is out or' if soon == 1 else 'are out or'} will run out this week"
    )
    if orders.empty:
        return f"Nothing has to be ordered now; {runs}."
    units = f"{orders['order_quantity'].sum():,.0f} units"
    priced = orders["order_money"].notna()
    worth = f"{orders['order_money'].sum():,.2f} {currency}".strip()
    many = f"{len(orders):,} product{'s' if len(orders) > 1 else ''}"
    if not priced.any():
        return f"Order {units} of {many} now; {runs}."
    partly = f" (the cost of {(~priced).sum():,} is not known)" if not priced.all() else ""
    return f"Order {units} of {many} for {worth} now{partly}; {runs}."


def _service(service_level: float, cost_ratio: float | None) -> float:
    if cost_ratio is not None:
        if not 1 <= cost_ratio <= 999:
            raise AnalyticsError(
                "A missing unit must cost 1 to 999 times what one left over costs.",
                "Choose a ratio in that range.",
            )
        return cost_ratio / (1 + cost_ratio)
    if not 0.5 <= service_level <= 0.999:
        raise AnalyticsError(
            f"A service level of {service_level:.1%} is not possible.", "Choose 50% to 99.9%."
        )
    return service_level


def _unknown(store: Store, places: "pd.Series[int]", first: pd.Timestamp) -> pd.DataFrame | None:
    """When products were out of stock, as marked or by a file of stock levels."""
    marked = store.query("demand_stock_outs")
    marked = marked[marked["product_id"].isin(places.index)]
    if marked.empty:
        return None
    return pd.DataFrame(
        {
            "product": marked["product_id"].map(places).to_numpy(int),
            "first": (pd.to_datetime(marked["first_day"]) - first).dt.days.to_numpy(int),
            "last": (pd.to_datetime(marked["last_day"]) - first).dt.days.to_numpy(int),
        }
    )


def _table(
    items: pd.DataFrame,
    history: pd.DataFrame,
    found: Demand,
    lead: Floats,
    lead_variance: Floats,
    review_days: int,
    day: date,
    long: int,
) -> pd.DataFrame:
    """The plan's table."""
    variance = found.variance + found.daily**2 * lead_variance
    point = reorder_point(found.mean, variance, found.level)
    up_to = point + np.ceil(found.daily * review_days)
    stock = items["stock"].to_numpy(float)
    sums = history.groupby("product")[["units", "revenue"]].sum().reindex(range(len(items)))
    last_day = history.groupby("product")["day"].max().reindex(range(len(items))).to_numpy(float)
    idle = np.where(np.isnan(last_day), np.inf, long - last_day) > IDLE_DAYS
    launched = pd.to_datetime(items["launched_day"]).to_numpy("datetime64[D]")
    young = (np.datetime64(day) - launched).astype(float) <= IDLE_DAYS
    dead = idle & ~(young & ~np.isnat(launched))
    due = (stock <= point) & (found.daily > 0) & ~dead
    quantity = np.where(np.isnan(stock), np.nan, np.where(due, np.ceil(up_to - stock), 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        cover = np.where(found.daily > 0, np.maximum(stock, 0) / found.daily, np.nan)
        realised = sums["revenue"].to_numpy(float) / sums["units"].to_numpy(float)
    price = np.where(np.isnan(realised), items["price"].to_numpy(float), realised)
    cost = items["cost"].to_numpy(float)
    lost = np.where(dead, 0.0, expected_shortage(np.nan_to_num(stock), found.mean, variance))
    lost = np.where(np.isnan(stock), np.nan, lost)
    there = np.where(np.isnan(stock), np.nan, np.maximum(stock, 0.0))
    over = np.maximum(np.where(dead, there, there - up_to), 0.0)
    ends = pd.Timestamp(day) + pd.to_timedelta(np.minimum(np.floor(cover), 36_500), unit="D")
    table = items[["product_id", "name", "category", "brand", "stock"]].assign(
        daily_demand=found.daily, lead_time_days=lead, reorder_point=point,
        safety_stock=np.maximum(point - found.mean, 0.0), order_up_to=up_to,
        order_quantity=quantity, order_money=np.round(quantity * cost, 4), days_of_cover=cover,
        runs_out_on=ends, lost_units=lost, lost_sales=np.round(lost * price, 4),
        overstock_units=over, overstock_money=np.round(over * cost, 4),
        dead_stock_units=np.where(dead, there, 0.0),
        dead_stock_money=np.round(np.where(dead, there, 0.0) * cost, 4),
        last_sold_on=pd.Timestamp(day) - pd.to_timedelta(long - last_day, unit="D"),
        abc=_abc(history, long, len(items)), xyz=_letters(found.variation, XYZ, "Z"),
        kind=found.kind,
    )  # fmt: skip
    slack = pd.Series(cover - lead).fillna(np.inf)
    order = np.lexsort((items["product_id"], -np.nan_to_num(lost * price), slack, ~due))
    return table.iloc[order].reset_index(drop=True)[COLUMNS]


def _abc(history: pd.DataFrame, long: int, count: int) -> "pd.Series[str]":
    """A, B or C by the revenue of the last year; nothing where nothing was sold."""
    recent = history[history["day"] >= long - ABC_DAYS]
    revenue = recent.groupby("product")["revenue"].sum().reindex(range(count)).to_numpy(float)
    worth = np.maximum(np.nan_to_num(revenue), 0.0)
    order = np.argsort(-worth, kind="stable")
    before = np.empty(count)
    before[order] = np.cumsum(worth[order]) - worth[order]
    share = before / max(worth.sum(), 1e-12)
    share[np.isnan(revenue)] = np.nan
    return _letters(share, tuple((limit - 1e-9, letter) for limit, letter in ABC), "C")


def _letters(
    values: Floats, limits: tuple[tuple[float, str], ...], beyond: str
) -> "pd.Series[str]":
    """The first letter whose limit holds each value; nothing for NaN."""
    letters = [
        None
        if np.isnan(value)
        else next((letter for limit, letter in limits if value <= limit), beyond)
        for value in values
    ]
    return pd.Series(letters, dtype="str")


def _forecast_note(daily: Floats) -> str:
    count = int((~np.isnan(daily)).sum())
    rest = " The others go by their recent level." if count < len(daily) else ""
    return (
        f"For {count:,} product{'s' if count != 1 else ''} demand is the Demand page's forecast of "
        f"their units, over the lead time and the days to the next look.{rest}"
    )


def _products(many: int) -> str:
    return f"{many:,} products have" if many != 1 else "1 product has"


def _notes(items: pd.DataFrame, table: pd.DataFrame, found: Demand, long: int) -> list[str]:
    """What the plan cannot know, in sentences."""
    said = []
    known = items["stock"].notna()
    if known.any() and not known.all():
        said.append(
            f"{_products(int((~known).sum()))} no known stock: levels, but no order quantity."
        )
    dated = items["stock_day"].dropna()
    if len(dated):
        newest = pd.Timestamp(dated.max())
        said.append(
            f"{_products(len(dated))} no stock in the product file: the newest of the stock levels "
            f"counts, of {newest.day} {newest:%B %Y} or before."
        )
    if negative := int((items["stock"] < 0).sum()):
        said.append(
            f"{_products(negative)} a stock below zero: those units count as owed and are ordered "
            "too. Check them."
        )
    if known.any() and items["cost"].isna().all():
        said.append("The product file has no cost, so orders and overstock have no money.")
    if not np.isnan(found.reached):
        said.append(
            f"On the shop's own past such levels met the demand in {found.reached:.1%} of "
            f"{found.tried:,} past cases."
        )
    else:
        said.append("The history is too short to try the levels on the past.")
    if 2 * YEAR_DAYS > long > YEAR_DAYS // 2:
        said.append(
            "Less than two years are known, so the season is not used: its peaks raise the levels "
            "of all months."
        )
    if (table["order_quantity"] > 0).any():
        said.append("Orders on their way are not in the files: take them off the quantities.")
    return said
