"""Does the model foresee better than a shopkeeper's rules, on time that neither has seen?

Two rules stand against it. “Same as so far”: everybody goes on at their own rate. “Recent ones go
on”: who has not ordered for a while is given up, the others go on at their own rate; managers used
it as well as models in Wübben & Wangenheim, Instant customer base analysis, Journal of Marketing 72
(2008). How long a while is, the shop's own buyers say: nine of ten orders came within it of the
order before.

What decides is the squared error of the orders foreseen for each customer, because it is least for
the right expectation; the mean absolute error favours whoever foresees nothing for everybody who
will rarely buy.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from analytics import evaluate
from analytics.errors import AnalyticsError
from analytics.lifetime.history import Past, read
from analytics.lifetime.model import EDGE, Foreseen, Model, foresee, learn
from analytics.store import Store

Floats = npt.NDArray[np.float64]
Method = Literal["model", "own_rate", "recent"]

NAMES: dict[Method, str] = {
    "model": "The model (BG/NBD and gamma-gamma)",
    "own_rate": "Same as so far",
    "recent": "Recent ones go on, others are given up",
}
LONGEST_TEST_DAYS = 365
HELD_OUT_SHARE = 1 / 3
FEWEST_TESTED = 50
"""Of fewer customers, a difference in errors is mostly chance."""
GROUPS = 10


@dataclass(frozen=True)
class Test:
    """How model and rules fared on the last part of the time.

    Attributes:
        from_day: The first day of the test; learnt from what came before.
        until_day: The day after its last.
        customers: Customers who had ordered before it.
        orders: Orders they placed in it; several on one day count as one.
        revenue: What they brought in it.
        methods: DataFrame method, mean_error (orders a customer, absolute), typical_error (root of
            the mean square), expected_orders, expected_revenue, orders_share, revenue_share
            (expected over what came, less 1), order_of_customers (normalised Gini of the revenue).
        groups: DataFrame group (1 to 10 by what the model expected), customers, expected, came
            (orders a customer): whether what the model expects comes.
        winner: The method used.
        ranking: Model and better rule by how they rank customers by revenue; None where all
            brought the same.
        sentence: The verdict in words.
    """

    from_day: date
    until_day: date
    customers: int
    orders: int
    revenue: float
    methods: pd.DataFrame
    groups: pd.DataFrame
    winner: Method
    ranking: evaluate.Verdict | None
    sentence: str

    @property
    def missed_orders(self) -> float:
        """By what share the winner's total of orders was off; NaN where none came."""
        return self._missed("orders_share")

    @property
    def missed_revenue(self) -> float:
        """By what share the winner's total of revenue was off."""
        return self._missed("revenue_share")

    def _missed(self, column: str) -> float:
        return float(self.methods.set_index("method")[column][self.winner])


def hold_out(store: Store, as_of: date, first_day: date, days: float) -> Test | None:
    """Learn from the first two thirds of the time, foresee the rest; None with too little of it.

    Args:
        store: The shop.
        as_of: The end of the test.
        first_day: Of the orders.
        days: The period, in days.
    """
    ahead = min(int((as_of - first_day).days * HELD_OUT_SHARE), LONGEST_TEST_DAYS)
    if ahead < 1:
        return None
    split = as_of - timedelta(days=ahead)
    try:
        past = read(store, split, as_of, days)
        model = learn(past.frame, past.kept_share)
    except AnalyticsError:
        return None
    if len(past.frame) < FEWEST_TESTED:
        return None
    return compare(past, model, ahead / days, split, as_of)


def compare(past: Past, model: Model, ahead: float, from_day: date, until_day: date) -> Test:
    """Model and rules beside what came."""
    frame = past.frame
    foreseen: dict[Method, Foreseen] = {
        "model": foresee(model, frame, ahead),
        "own_rate": by_rule(past, ahead),
        "recent": by_rule(past, ahead, pause=usual_pause(past)),
    }
    came, brought = (frame[name].to_numpy(float) for name in ("later_orders", "later_revenue"))
    rows, missed = [], {}
    for method, each in foreseen.items():
        orders, revenue = (each.each[name].to_numpy(float) for name in ("orders", "revenue"))
        missed[method] = (orders - came) ** 2
        rows.append(
            {
                "method": method,
                "mean_error": np.abs(orders - came).mean(),
                "typical_error": np.sqrt(missed[method].mean()),
                "expected_orders": orders.sum(),
                "expected_revenue": revenue.sum(),
                "orders_share": orders.sum() / came.sum() - 1 if came.any() else np.nan,
                "revenue_share": revenue.sum() / brought.sum() - 1 if brought.sum() else np.nan,
                "order_of_customers": evaluate.normalised_gini(brought, revenue),
            }
        )
    methods = pd.DataFrame(rows)
    typical = methods.set_index("method")["typical_error"]
    rule: Method = "own_rate" if typical["own_rate"] <= typical["recent"] else "recent"
    wins = evaluate.paired_lead(missed["model"], missed[rule])[1] > 0
    winner: Method = "model" if wins else rule
    ranking = None
    if not np.isnan(evaluate.normalised_gini(brought, brought)):
        ranking = evaluate.compare(
            brought, foreseen["model"].each["revenue"], foreseen[rule].each["revenue"],
            model="The model's expectations", rule=f"those of the rule “{NAMES[rule]}”",
            outcome=f"revenue of the following {(until_day - from_day).days} days",
        )  # fmt: skip
    return Test(
        from_day, until_day, len(frame), int(came.sum()), float(brought.sum()), methods,
        _groups(foreseen["model"].each["orders"].to_numpy(float), came), winner, ranking,
        _sentence(methods, winner, rule, int(came.sum()), (until_day - from_day).days),
    )  # fmt: skip


def usual_pause(past: Past) -> float:
    """Within how many periods of the order before nine of ten orders come, on average a customer.

    Only the mean pause of each customer is known here, so it is taken over customers, weighted by
    their orders.
    """
    frequency, recency = (past.frame[name].to_numpy(float) for name in ("frequency", "recency"))
    known = frequency > 0
    pauses, weights = recency[known] / frequency[known], frequency[known]
    order = np.argsort(pauses)
    place = int(np.searchsorted(np.cumsum(weights[order]), 0.9 * weights.sum()))
    return float(pauses[order][min(place, len(order) - 1)])


def by_rule(past: Past, ahead: float, pause: float = np.inf) -> Foreseen:
    """What a rule expects of each customer.

    Everybody goes on at the rate of their purchases after the first; who has paused for longer
    than `pause` periods is given up. A purchase brings what the customer's did so far. Ranges: of
    purchases that come at random, at a rate of which the past says no more than so many in so long.
    """
    frame = past.frame
    frequency, age = frame["frequency"].to_numpy(float), frame["age"].to_numpy(float)
    goes_on = age - frame["recency"].to_numpy(float) <= pause
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.where(frequency > 0, frequency / age, 0.0)
    orders = np.where(goes_on, rate * ahead, 0.0)
    each = frame["spent"].to_numpy(float) / (frequency + 1) * past.kept_share
    longest = np.maximum(age, 1 / past.days)
    share = longest / (longest + ahead)
    low = np.where(goes_on, stats.nbinom.ppf(EDGE, frequency + 0.5, share), 0.0)
    high = stats.nbinom.ppf(1 - EDGE, frequency + 0.5, share)
    orders_spread = float(np.sqrt(np.sum(orders * (1 + ahead / longest))))
    revenue_spread = float(np.sqrt(np.sum(each**2 * orders * (1 + ahead / longest))))
    frame = pd.DataFrame(
        {
            "orders": orders, "orders_low": np.minimum(low, np.floor(orders)),
            "orders_high": np.maximum(high, np.ceil(orders)), "revenue": orders * each,
            "revenue_low": np.minimum(low, orders) * each,
            "revenue_high": np.maximum(high, orders) * each,
        }
    )  # fmt: skip
    return Foreseen(frame, orders_spread, revenue_spread)


def _groups(expected: Floats, came: Floats) -> pd.DataFrame:
    """Customers in ten groups by what was expected, equal where ties allow."""
    rank = pd.Series(expected).rank(method="average", pct=True).to_numpy()
    group = np.minimum((rank * GROUPS).astype(np.int64), GROUPS - 1)
    table = pd.DataFrame({"group": group, "expected": expected, "came": came})
    found = table.groupby("group").agg(
        customers=("came", "size"), expected=("expected", "mean"), came=("came", "mean")
    )
    return (
        found.reset_index(drop=True)
        .rename_axis("group")
        .reset_index()
        .assign(group=lambda frame: frame["group"] + 1)
    )


def _sentence(methods: pd.DataFrame, winner: Method, rule: Method, came: int, days: int) -> str:
    of = methods.set_index("method")
    model, other = of.loc["model"], of.loc[rule]
    verdict = (
        "The model foresees better than the rules, so it is used."
        if winner == "model"
        else f"The model does not beat the rule “{NAMES[rule]}”, so the rule is used."
    )
    return (
        f"{verdict} On the last {days:,} days, which neither had seen, its typical error was "
        f"{model['typical_error']:.2f} orders a customer against {other['typical_error']:.2f} by "
        f"“{NAMES[rule]}”; in all it expected {model['expected_orders']:,.0f} orders, the rule "
        f"{other['expected_orders']:,.0f}, and {came:,} came."
    )
