"""The sample shop's world: every planted parameter.

Days are counted from `FIRST_DAY` (day 0, a Sunday) to `LAST_DAY`, seconds from the start of day 0.
Rates are per 30 days, shares and probabilities are 0 to 1, money is whole cents. TRUTH.md says how
each parameter is found again.
"""

from dataclasses import dataclass

import numpy as np

DEFAULT_SEED = 3
FIRST_DAY = np.datetime64("2024-09-01")
LAST_DAY = np.datetime64("2026-08-31")
DAYS = int((LAST_DAY - FIRST_DAY).astype(int)) + 1
SECONDS = 86_400  # a day


def day_number(date: str) -> int:
    """Returns the day number of an ISO date; negative before `FIRST_DAY`."""
    return int((np.datetime64(date) - FIRST_DAY).astype(int))


# ------------------------------------------------------------------------------------- calendar
GROWTH_PER_YEAR = 1.40  # of the active regulars and bargain hunters, and of guest orders
SEASON_AMPLITUDE = 0.18  # a cosine over the year ...
SEASON_PEAK_DAY = day_number("2024-12-01")  # ... which is highest on 1 December
WEEKDAY_FACTORS = (1.00, 0.92, 0.94, 1.00, 1.12, 1.18, 0.84)  # Monday to Sunday


@dataclass(frozen=True)
class Peak:
    """A day with `factor` times its ordinary orders, and the coupon that half of them use."""

    day: int
    factor: float
    coupon: str


PEAKS = (
    Peak(day=day_number("2024-11-11"), factor=2.5, coupon="SINGLES11"),
    Peak(day=day_number("2024-11-29"), factor=3.0, coupon="BLACKFRIDAY"),
    Peak(day=day_number("2025-11-11"), factor=2.5, coupon="SINGLES11"),
    Peak(day=day_number("2025-11-28"), factor=3.0, coupon="BLACKFRIDAY"),
)
PEAK_COUPON_PROBABILITY = 0.50
PEAK_COUPON_PERCENT = 15
# Orders by the hour of the day, from midnight on.
# fmt: off
ONLINE_HOURS = (
    2, 1, 1, 1, 1, 2, 4, 7, 10, 12, 13, 13, 15, 14, 13, 13, 14, 16, 19, 23, 26, 22, 13, 6,
)
STORE_HOURS = (0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 9, 11, 12, 10, 9, 10, 12, 15, 14, 8, 0, 0, 0, 0)
# fmt: on


# ------------------------------------------------------------------------------------ customers
@dataclass(frozen=True)
class CustomerType:
    """How one planted type of customer behaves.

    Attributes:
        customers: How many there are.
        existing: Share who signed up, and were active, before the first day.
        joins: First and last day on which the others sign up.
        orders: Orders per 30 days of an active customer, after the first.
        churn: Probability per 30 days of becoming inactive for good.
        never_orders: Share who only look.
        lines: Mean number of ordinary products drawn for an order.
        quantity: Mean quantity of an ordinary line.
        coupon: Probability that an order uses a coupon on an ordinary day.
        sessions: Weight per 30 active days in sharing out the sessions without a purchase.
        treated: Probability that the experiment which works brings one order more.
        loyalty_card: Share who hold the card.
    """

    name: str
    customers: int
    existing: float
    joins: tuple[int, int]
    orders: float
    churn: float
    never_orders: float
    lines: float
    quantity: float
    coupon: float
    sessions: float
    treated: float
    loyalty_card: float


TYPES = (
    CustomerType(
        name="regular",
        customers=740,
        existing=0.49,
        joins=(0, DAYS - 60),
        orders=0.75,
        churn=0.006,
        never_orders=0.0,
        lines=2.3,
        quantity=1.25,
        coupon=0.04,
        sessions=2.2,
        treated=0.25,
        loyalty_card=0.75,
    ),
    CustomerType(
        name="bargain_hunter",
        customers=900,
        existing=0.45,
        joins=(0, DAYS - 60),
        orders=0.33,
        churn=0.012,
        never_orders=0.0,
        lines=2.1,
        quantity=1.20,
        coupon=0.85,
        sessions=2.0,
        treated=0.30,
        loyalty_card=0.40,
    ),
    CustomerType(
        name="gift_buyer",
        customers=800,
        existing=0.0,
        joins=(0, DAYS),
        orders=0.0,
        churn=0.0,
        never_orders=0.0,
        lines=5.2,
        quantity=2.60,
        coupon=0.03,
        sessions=6.0,
        treated=0.0,
        loyalty_card=0.05,
    ),
    CustomerType(
        name="lapsed",
        customers=760,
        existing=0.0,
        joins=(0, day_number("2025-08-31")),
        orders=1.40,
        churn=0.22,
        never_orders=0.0,
        lines=1.9,
        quantity=1.25,
        coupon=0.05,
        sessions=2.0,
        treated=0.0,
        loyalty_card=0.20,
    ),
    CustomerType(
        name="newcomer",
        customers=800,
        existing=0.0,
        joins=(DAYS - 130, DAYS - 8),
        orders=0.20,
        churn=0.05,
        never_orders=0.30,
        lines=1.5,
        quantity=1.10,
        coupon=0.05,
        sessions=9.0,
        treated=0.0,
        loyalty_card=0.15,
    ),
)
TYPE_NAMES = tuple(kind.name for kind in TYPES)
GIFT = TYPE_NAMES.index("gift_buyer")
GIFT_SEASONS = (
    (day_number("2024-11-20"), day_number("2024-12-21")),
    (day_number("2025-11-20"), day_number("2025-12-21")),
)
GIFT_ACTIVE_DAYS = 20  # a gift buyer looks around for so long after the order
GIFT_RETURN_PROBABILITY = 0.20  # in the second season, of the first season's buyers
TASTE_CONCENTRATION = 0.6  # of the Dirichlet shares of categories in a customer's taste
TASTE_SPREAD = 0.25  # sigma of the log-normal spread of customers around their type's rates
GUEST_ORDER_SHARE = 0.03
BLANK_SHARE = 0.06  # of e-mail addresses, phone numbers and dates of birth
CONSENT_SHARES = (0.70, 0.13, 0.17)  # yes, no and blank
STORE_COUNTRY = "DE"

# --------------------------------------------------------------------------------------- orders
CHANNELS = ("web", "app", "store")
CHANNEL_SHARES = (0.38, 0.27, 0.35)  # guests buy in the store
CANCELLED_ORDER_SHARE = 0.01
REFUNDED_LINE_SHARE = 0.04
PARTLY_REFUNDED_LINE_SHARE = 0.01
FAVOURITE_PROBABILITY = 0.30  # that an ordinary line is one of the customer's favourites
FAVOURITES = 4
ADD_ON_QUANTITY = 1.20  # mean quantity of the planted products below


@dataclass(frozen=True)
class Elastic:
    """A product whose chance to be in an order is `share * (price / reference) ** elasticity`."""

    product: str
    elasticity: float
    share: float


@dataclass(frozen=True)
class Bundle:
    """Products which an order holds all together, or each on its own by a separate chance."""

    products: tuple[str, ...]
    together: float
    alone: float


@dataclass(frozen=True)
class StockOut:
    """A product in `share` of all orders, and in none from the first to the last day."""

    product: str
    share: float
    first_day: str
    last_day: str


ELASTICS = (
    Elastic(product="Classic Espresso Beans", elasticity=-2.0, share=0.130),
    Elastic(product="Classic Hand Soap", elasticity=-0.8, share=0.140),
)
ELASTIC_PRICE_LEVELS = (0.70, 0.78, 0.88, 1.00, 1.10, 1.20, 1.30)
ELASTIC_PRICE_WEEKS = (3, 5)  # a price holds for three to five weeks
BUNDLES = (
    Bundle(
        products=("Harbour Pour-over Kit", "Harbour Filter Coffee"), together=0.030, alone=0.010
    ),
    Bundle(products=("Meadow Seed Mix", "Meadow Plant Pot"), together=0.015, alone=0.020),
    Bundle(
        products=("Classic Notebook", "Classic Fountain Pen", "Classic Letter Paper"),
        together=0.012,
        alone=0.012,
    ),
)
STOCK_OUT = StockOut(
    product="Nordic Candle", share=0.155, first_day="2026-02-02", last_day="2026-03-15"
)
PLANTED_PRODUCTS = (
    *(elastic.product for elastic in ELASTICS),
    *(name for bundle in BUNDLES for name in bundle.products),
    STOCK_OUT.product,
)
PLANTED_VIEW_SHARE = (
    0.25  # of sessions without a purchase; the other views are of ordinary products
)


# ---------------------------------------------------------------------------------- experiments
@dataclass(frozen=True)
class Experiment:
    """Customers assigned over a fortnight; only where it `works` does treatment bring orders."""

    name: str
    first_day: str
    works: bool
    days: int = 14
    customers_per_arm: int = 1500


EXPERIMENTS = (
    Experiment(name="free_delivery_bar", first_day="2026-04-13", works=True),
    Experiment(name="larger_photos", first_day="2026-06-08", works=False),
)
OUTCOME_DAYS = 14

# --------------------------------------------------------------------------- sessions, marketing
FUNNEL_STEPS = ("view", "cart", "checkout", "purchase")
FUNNEL_RATES = (0.42, 0.65, 0.75)  # of a session's going on to the next step
SEARCH_SHARE = 0.08  # of sessions, except those from e-mail
FAVOURITE_SHARE = 0.05  # of sessions
IMPRESSION_SHARE = 0.40  # of sessions from social ads
UNSUBSCRIBE_PROBABILITY = 0.06  # of customers who ever came from an e-mail
SOURCES = ("direct", "search_ads", "social_ads", "email", "affiliates")
PURCHASE_SOURCE_SHARES = (0.42, 0.24, 0.10, 0.16, 0.08)
OTHER_SOURCE_SHARES = (0.36, 0.24, 0.25, 0.08, 0.07)
DAILY_SPEND = {"search_ads": 15000, "social_ads": 11000, "email": 900, "affiliates": 4200}
SPEND_NOISE = 0.12  # sigma of a day's log-normal noise

# ------------------------------------------------------------------------------------- products
STYLES = {"Classic": 1.0, "Amber": 0.9, "Harbour": 1.1, "Meadow": 1.25, "Nordic": 0.8}
CATEGORIES = {
    "Coffee": {"Espresso Beans": 1490, "Filter Coffee": 1150, "Pour-over Kit": 3400},
    "Tea": {"Green Tea": 990, "Black Tea": 890, "Teapot": 3900},
    "Kitchen": {"Chef's Knife": 5900, "Cutting Board": 2900, "Storage Jar": 1600},
    "Bath": {"Hand Soap": 750, "Bath Towel": 2400, "Body Oil": 1900},
    "Garden": {"Seed Mix": 650, "Plant Pot": 2200, "Watering Can": 2700},
    "Stationery": {"Notebook": 1200, "Fountain Pen": 3200, "Letter Paper": 950},
    "Toys": {"Wooden Train": 3600, "Puzzle": 1800, "Picture Book": 1500},
    "Home": {"Candle": 1700, "Wool Blanket": 6900, "Picture Frame": 2100},
}
PRODUCT_NAMES = tuple(
    f"{style} {noun}" for nouns in CATEGORIES.values() for noun in nouns for style in STYLES
)
BRANDS = ("Aldera", "Bramble & Co", "Finchley", "Kornelia", "Lumo", "Tiderow")
LAUNCHES = 16  # ordinary products launched within the period
PRICE_CHANGE_SHARE = 0.40  # of ordinary products, once

# ---------------------------------------------------------------------------------- addresses
COUNTRIES = {"DE": 0.50, "FR": 0.25, "GB": 0.20, "US": 0.05}
CITIES = {
    "DE": ("Berlin", "Hamburg", "München", "Köln", "Leipzig", "Bremen"),
    "FR": ("Paris", "Lyon", "Nantes", "Lille", "Orléans", "Toulouse"),
    "GB": ("London", "Leeds", "Bristol", "Glasgow", "Cardiff", "York"),
    "US": ("Boston", "Seattle", "Chicago", "Denver", "Austin", "Portland"),
}
PHONES = {  # ranges which the regulators keep for fiction
    "DE": ("+49 30 23125 {:03d}", "+49 40 66969 {:03d}", "+49 89 99998 {:03d}"),
    "FR": ("+33 6 39 98 0{:03d}", "+33 6 39 98 1{:03d}", "+33 6 39 98 2{:03d}"),
    "GB": ("+44 7700 900{:03d}", "+44 20 7946 0{:03d}"),
    "US": ("+1 202 555 01{:02d}", "+1 212 555 01{:02d}", "+1 312 555 01{:02d}"),
}
# fmt: off
FIRST_NAMES = (
    "Anna", "Ben", "Chloé", "David", "Emma", "Félix", "Greta", "Hugo", "Ida", "Jonas", "Klara",
    "Leo", "Mia", "Noah", "Olivia", "Paul", "Rosa", "Simon", "Thea", "Zoë",
)
LAST_NAMES = (
    "Becker", "Brown", "Davies", "Dubois", "Fischer", "Garnier", "Hughes", "Keller", "Lambert",
    "Lefèvre", "Martin", "Müller", "Neumann", "Petit", "Richter", "Schäfer", "Taylor", "Walker",
    "Weber", "Wright",
)
# fmt: on


def fictional_phone(country: str, rank: int) -> str:
    """Returns the country's phone number of a rank; the ranges hold more than are customers."""
    size = 100 if country == "US" else 1000
    return PHONES[country][rank // size % len(PHONES[country])].format(rank % size)
