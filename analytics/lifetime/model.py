"""The two models together: learnt from customers' histories, and what they foresee of each."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.lifetime import bgnbd, spending
from analytics.lifetime.bgnbd import RARE, Purchasing
from analytics.lifetime.spending import Spending

Floats = npt.NDArray[np.float64]

LEVEL = 0.9
"""The ranges hold in nine of ten cases."""
EDGE = (1 - LEVEL) / 2
WIDE = float(special.ndtri(1 - EDGE))
CHUNK = 4_000_000
"""Chances worked out at a time."""


@dataclass(frozen=True)
class Model:
    """What was learnt of how often, and how much.

    Attributes:
        purchasing: BG/NBD.
        spending: Gamma-gamma; NaN where unknown.
        kept_share: What remains of the money of orders once returns are taken off.
    """

    purchasing: Purchasing
    spending: Spending
    kept_share: float = 1.0


@dataclass(frozen=True)
class Foreseen:
    """What a model expects of the days ahead.

    Attributes:
        each: DataFrame in the histories' order: orders, orders_low, orders_high, revenue,
            revenue_low, revenue_high (NaN where money is unknown).
        orders_spread: Standard error of all orders together, by chance and by parameters.
        revenue_spread: Of all revenue.
    """

    each: pd.DataFrame
    orders_spread: float
    revenue_spread: float


def learn(history: pd.DataFrame, kept_share: float = 1.0) -> Model:
    """Fit both models.

    Args:
        history: A row a customer: frequency (purchases after the first), recency (when the last of
            them was, in periods after the first), age (how long the customer was observed since
            the first), and, where known, monetary (the mean of the purchases after the first).
        kept_share: As in `Model`.

    Raises:
        AnalyticsError: The figures contradict each other.
        NotEnoughDataError: There are too few customers, or nobody has come back.
    """
    _check(history)
    columns = ["frequency", "recency", "age"]
    groups = history.groupby(columns, sort=True).size().reset_index(name="customers")
    x, t_x, age, weight = (groups[name].to_numpy(dtype=float) for name in groups.columns)
    spent = spending.NOTHING
    if "monetary" in history:
        frequency, monetary = (history[name].to_numpy(float) for name in ("frequency", "monetary"))
        spent = spending.fit(frequency, monetary, np.ones(len(history)))
    return Model(bgnbd.fit(x, t_x, age, weight), spent, kept_share)


def _check(history: pd.DataFrame) -> None:
    if missing := {"frequency", "recency", "age"} - set(history.columns):
        raise AnalyticsError(
            f"The frame has no column “{min(missing)}”.",
            "Give frequency, recency and age, a row a customer; monetary is optional.",
        )
    x, t_x, age = (history[name].to_numpy(float) for name in ("frequency", "recency", "age"))
    if not np.isfinite(np.concatenate([x, t_x, age])).all():
        raise AnalyticsError(
            "Some customers' frequency, recency or age is missing.", "Leave these customers out."
        )
    if (x != np.rint(x)).any():
        raise AnalyticsError(
            "Some frequencies are no whole numbers.", "Frequency counts purchases after the first."
        )
    if (x < 0).any() or (t_x < 0).any() or (t_x > age).any() or ((x == 0) & (t_x > 0)).any():
        raise AnalyticsError(
            "Some histories contradict themselves.",
            "Recency counts from the first purchase to the last, so it is 0 for those who bought "
            "once and never more than age, which counts from the first purchase to the end.",
        )
    if len(x) < 2:
        raise NotEnoughDataError(
            "Only one customer has ordered." if len(x) else "Nobody has ordered.",
            "Import more orders, or choose a later day.",
        )
    if not age.any():
        raise NotEnoughDataError(
            "All orders are of one day.", "Import orders of at least a few weeks."
        )
    if not x.any():
        raise NotEnoughDataError(
            "Nobody has ordered on a second day yet, so what they will be worth cannot be told.",
            "Come back when some have, or import older orders.",
        )


def alive(model: Model, history: pd.DataFrame) -> Floats:
    """The probability that each customer has not left for good, 0 to 1, shape (n,)."""
    x, t_x, age = (history[name].to_numpy(float) for name in ("frequency", "recency", "age"))
    return bgnbd.alive(model.purchasing.parameters, x, t_x, age)


def foresee(model: Model, history: pd.DataFrame, ahead: float) -> Foreseen:
    """Purchases and revenue of each customer in the next `ahead` periods, with ranges.

    The range of one customer is of chance alone, given the parameters; the spread of the totals
    adds how unsure the parameters are (delta method on their logarithms).

    Args:
        model: What `learn` returned.
        history: As for `learn`.
        ahead: Periods.
    """
    x, age = (history[name].to_numpy(float) for name in ("frequency", "age"))
    living = alive(model, history)
    pairs, place = _pairs(x, age)
    coming = _Coming.of(model.purchasing, pairs, ahead)
    orders = living * coming.mean[place]
    squared = living * coming.squared[place]
    none = 1 - living * (1 - coming.none[place])
    low, high = coming.edges(place, living)
    each, varied, within = _of_a_purchase(model, history, x)
    revenue = orders * each
    revenue_squared = each**2 * (1 + varied) * (orders * within + squared)
    revenue_low, revenue_high = _money_edges(none, revenue, revenue_squared)
    frame = pd.DataFrame(
        {
            "orders": orders, "orders_low": low, "orders_high": high,
            "revenue": revenue, "revenue_low": revenue_low, "revenue_high": revenue_high,
        }
    )  # fmt: skip
    by_orders, by_revenue = _doubt(model, history, ahead, orders, each)
    return Foreseen(
        frame,
        float(np.sqrt(np.sum(squared - orders**2) + by_orders)),
        float(np.sqrt(np.sum(revenue_squared - revenue**2) + by_revenue)),
    )


def _of_a_purchase(model: Model, history: pd.DataFrame, x: Floats) -> tuple[Floats, Floats, float]:
    """What a customer's coming purchases bring: mean, and squared variation of it and around it.

    Where too few later purchases brought anything to learn from, all customers' mean stands in,
    with a variation as large as itself.
    """
    if not np.isnan(model.spending.p):
        each = model.spending.mean(x, history["monetary"].to_numpy(float))
        return each * model.kept_share, model.spending.variation(x), 1 / model.spending.p
    typical = history["spent"].sum() / (x + 1).sum() if "spent" in history else np.nan
    return np.full(len(x), typical * model.kept_share), np.ones(len(x)), 1.0


def _pairs(x: Floats, age: Floats) -> tuple[Floats, npt.NDArray[np.intp]]:
    """The different pairs of frequency and age, and where each customer's stands among them."""
    table = pd.DataFrame({"x": x, "age": age})
    place: npt.NDArray[np.intp] = np.asarray(
        table.groupby(["x", "age"], sort=True).ngroup(), dtype=np.intp
    )
    pairs = np.empty((int(place.max()) + 1, 2))
    pairs[place] = table.to_numpy()
    return pairs, place


@dataclass(frozen=True)
class _Coming:
    """Purchases ahead by frequency and age, of customers who are with the shop still.

    Attributes:
        mean: Expected purchases, shape (pairs,).
        squared: Expected squares.
        none: The chance of none.
        sums: Chances of at most 0, 1, … purchases, each row raised by its place, so that one
            rising series holds all.
        starts: Where each row begins.
    """

    mean: Floats
    squared: Floats
    none: Floats
    sums: Floats
    starts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, purchasing: Purchasing, pairs: Floats, ahead: float) -> "_Coming":
        """Work out the chances in chunks of pairs that need about equally many."""
        most = bgnbd.most_purchases(purchasing.parameters, pairs[:, 0], pairs[:, 1], ahead)
        starts = np.concatenate([[0], np.cumsum(most + 1)])
        sums, squared = np.empty(starts[-1]), np.empty(len(pairs))
        none = np.empty(len(pairs))
        order = np.argsort(most, kind="stable")
        first = 0
        while first < len(order):
            widths = (most[order[first:]] + 1) * np.arange(1, len(order) - first + 1)
            last = first + max(1, int(np.searchsorted(widths, CHUNK)))
            rows = order[first:last]
            wide = int(most[rows].max())
            chances = bgnbd.chances_if_alive(
                purchasing.parameters, pairs[rows, 0], pairs[rows, 1], ahead, wide
            )
            squared[rows] = chances @ np.arange(wide + 1.0) ** 2
            none[rows] = chances[:, 0]
            summed = np.minimum(np.cumsum(chances, axis=1), 1.0)
            inside = np.arange(wide + 1)[None, :] <= most[rows][:, None]
            to = starts[rows][:, None] + np.arange(wide + 1)[None, :]
            sums[to[inside]] = (summed + 2.0 * rows[:, None])[inside]
            first = last
        mean = bgnbd.expected_if_alive(purchasing.parameters, pairs[:, 0], pairs[:, 1], ahead)
        return cls(mean, squared, none, sums, starts[:-1])

    def edges(
        self, place: npt.NDArray[np.intp], living: Floats
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The range in which a customer's purchases lie with `LEVEL` chance at least."""
        found = []
        for edge in (EDGE, 1 - EDGE):
            # P(at most n) = 1 - living + living × P(at most n, if alive)
            needed = np.clip((edge - (1 - living)) / np.maximum(living, RARE), 0.0, 1 - RARE)
            where = np.searchsorted(self.sums, needed + 2.0 * place) - self.starts[place]
            found.append(np.where(needed > 0, where, 0).astype(np.int64))
        return found[0], found[1]


def _money_edges(none: Floats, mean: Floats, squared: Floats) -> tuple[Floats, Floats]:
    """The range of a customer's revenue: nothing, or else log-normal with the right two moments."""
    some = np.maximum(1 - none, RARE)
    centre = mean / some
    spread = np.maximum(squared / some - centre**2, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        width = np.sqrt(np.log1p(np.where(centre > 0, spread / centre**2, 0.0)))
        middle = np.log(centre) - width**2 / 2
        low, high = (
            np.where(edge > none, np.exp(middle + width * special.ndtri((edge - none) / some)), 0.0)
            for edge in (EDGE, 1 - EDGE)
        )
    unknown = np.isnan(mean)
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)


def _doubt(
    model: Model, history: pd.DataFrame, ahead: float, orders: Floats, each: Floats
) -> tuple[float, float]:
    """Variance of total orders and total revenue that comes from the parameters."""
    frame = pd.DataFrame(
        {name: history[name].to_numpy(float) for name in ("frequency", "recency", "age")}
    ).assign(each=each, customers=1.0)
    groups = frame.groupby(["frequency", "recency", "age"], sort=True).sum().reset_index()
    x, t_x, age = (groups[name].to_numpy() for name in ("frequency", "recency", "age"))
    pairs, place = _pairs(x, age)
    sums = groups[["customers", "each"]].to_numpy()
    logs, step = np.log(model.purchasing.parameters), 1e-3

    def totals(at: Floats) -> Floats:
        r, alpha, a, b = (float(value) for value in np.exp(at))
        coming = bgnbd.expected_if_alive((r, alpha, a, b), pairs[:, 0], pairs[:, 1], ahead)
        total: Floats = (bgnbd.alive((r, alpha, a, b), x, t_x, age) * coming[place]) @ sums
        return total

    slopes = np.array(
        [(totals(logs + move) - totals(logs - move)) / (2 * step) for move in np.eye(4) * step]
    )
    by_orders, by_revenue = np.diag(slopes.T @ model.purchasing.covariance @ slopes)
    spent = model.spending
    if not np.isnan(spent.p):
        frequency, monetary = (history[name].to_numpy(float) for name in ("frequency", "monetary"))
        slope = np.array([
            orders @ (
                spent.at(spent.logs + move).mean(frequency, monetary)
                - spent.at(spent.logs - move).mean(frequency, monetary)
            )
            for move in np.eye(3) * step
        ]) / (2 * step) * model.kept_share  # fmt: skip
        by_revenue += slope @ spent.covariance @ slope
    return float(by_orders), float(by_revenue)
