"""Whom to make which offer, so that most margin is to be expected within limits.

Choosing among offers is a 0-1 programme: at most one offer a customer, so much budget, so many
pieces of each offer, so many contacts. Small ones are solved exactly by HiGHS (Huangfu & Hall,
Mathematical Programming Computation 2018). Of large ones the linear relaxation is solved: a vertex
of it splits at most as many customers between offers as there are limits; those get a whole offer
if one is left, and the distance to the relaxation's value, which nothing can exceed, is reported.
(By the interior point method with crossover: on 100,000 customers with 3 offers ten times faster
than the simplex.)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize, sparse

from analytics.campaign import words
from analytics.errors import AnalyticsError, NotEnoughDataError

MOST_EXACT = 2_000
"""Candidate offers up to which the exact answer is looked for."""
WHOLE = 1e-6
SAID_GAP = 0.0001
"""A smaller gap is not worth a word."""
LONGEST_SECONDS = 10.0
"""After so long the exact search stops at the best it has, and its gap is reported."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Allocation:
    """Who gets what, beside the naive choice.

    Attributes:
        chosen: DataFrame, a row a customer with an offer, by customer_id: customer_id, offer,
            expected_margin, cost.
        by_offer: DataFrame, a row an offer: offer, customers, expected_margin, cost,
            naive_customers, naive_expected_margin.
        expected_margin: Of all chosen offers (money).
        naive_expected_margin: Of those the naive choice makes: highest propensity first, or highest
            expected margin where there are no propensities, as long as the limits allow.
        cost: Of the chosen offers.
        naive_cost: Of the naive ones.
        bound: More cannot be had by any choice (money).
        gap: How far the choice may be below the best, over that bound, 0 to 1; 0 is exact.
        sentence: The same in words.
    """

    chosen: pd.DataFrame
    by_offer: pd.DataFrame
    expected_margin: float
    naive_expected_margin: float
    cost: float
    naive_cost: float
    bound: float
    gap: float
    sentence: str


@dataclass(frozen=True)
class _Problem:
    """The candidates as arrays, and what limits them."""

    customer: npt.NDArray[np.int64]
    offer: npt.NDArray[np.int64]
    margin: Floats
    cost: Floats
    propensity: Floats
    budget: float
    stock: Floats
    contacts: float


def allocate(
    frame: pd.DataFrame,
    *,
    budget: float | None = None,
    stock: Mapping[str, int] | None = None,
    contacts: int | None = None,
    unit: str = "",
) -> Allocation:
    """Choose at most one offer a customer, so that most margin is to be expected.

    Args:
        frame: A row a customer and offer that may be made to them: customer_id, offer,
            expected_margin (money the offer is expected to bring in addition, its own cost taken
            off already), cost (money it takes out of the budget, 0 or more), and if known
            propensity (chance that they take it, for the naive choice). Only offers with an
            expected margin above 0 are ever chosen.
        budget: The most that all may cost; None for no limit.
        stock: How many times each offer may be made; offers not named have no limit.
        contacts: How many customers may be contacted in all.
        unit: What money is called, or empty.

    Raises:
        AnalyticsError: A limit or the frame makes no sense.
        NotEnoughDataError: There is no candidate.
    """
    offers, customers, problem = _read(frame, budget, stock or {}, contacts)
    useful = problem.margin > 0
    picked, bound = _choose(problem, np.flatnonzero(useful))
    naive = _naive(problem)
    margin, naive_margin = (float(problem.margin[one].sum()) for one in (picked, naive))
    cost, naive_cost = (float(problem.cost[one].sum()) for one in (picked, naive))
    bound = max(bound, margin)
    gap = (bound - margin) / bound if bound > 0 else 0.0
    gap = gap if gap > 1e-9 else 0.0
    chosen = pd.DataFrame(
        {
            "customer_id": customers[problem.customer[picked]],
            "offer": offers[problem.offer[picked]],
            "expected_margin": problem.margin[picked],
            "cost": problem.cost[picked],
        }
    ).sort_values("customer_id", ignore_index=True)
    by_offer = pd.DataFrame({"offer": offers})
    for prefix, rows in (("", picked), ("naive_", naive)):
        of = problem.offer[rows]
        by_offer[f"{prefix}customers"] = np.bincount(of, minlength=len(offers))
        by_offer[f"{prefix}expected_margin"] = np.bincount(
            of, problem.margin[rows], minlength=len(offers)
        )
        if not prefix:
            by_offer["cost"] = np.bincount(of, problem.cost[rows], minlength=len(offers))
    sentence = _sentence(
        len(picked), margin, naive_margin, gap, unit, worthwhile=bool(useful.any()),
        likely="propensity" in frame,
    )  # fmt: skip
    return Allocation(
        chosen, by_offer, margin, naive_margin, cost, naive_cost, bound, gap, sentence
    )


def _sentence(
    count: int, margin: float, naive: float, gap: float, unit: str, *, worthwhile: bool,
    likely: bool,
) -> str:  # fmt: skip
    if not count and worthwhile:
        return "Within these limits no offer can be made."
    if not count:
        return "No offer is worth making: none is expected to bring more than it costs."
    start = (
        f"{words.people(count)} get{'s' if count == 1 else ''} an offer, expected to bring "
        f"{words.amount(margin, unit)} of margin in all. Taking "
        f"{'whoever is likeliest to accept' if likely else 'the largest margin'} first, as long as "
        f"the limits allow, would bring {words.amount(naive, unit)}"
    )
    if gap < SAID_GAP:
        return f"{start}."
    return f"{start}; the best choice of all may bring up to {words.percent(gap, 2)} more."


def _read(
    frame: pd.DataFrame, budget: float | None, stock: Mapping[str, int], contacts: int | None
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], _Problem]:
    """The names of offers and customers, and the problem."""
    needed = ("customer_id", "offer", "expected_margin", "cost")
    if missing := [name for name in needed if name not in frame]:
        raise AnalyticsError(
            f"The candidates have no column “{missing[0]}”.", f"Give {', '.join(needed)}."
        )
    if frame.empty:
        raise NotEnoughDataError("There is no offer to choose.", "Name at least one candidate.")
    if frame.duplicated(["customer_id", "offer"]).any():
        raise AnalyticsError(
            "An offer is named twice for a customer.", "Name each offer once a customer."
        )
    margin, cost = (_floats(frame[name]) for name in needed[2:])
    if not (np.isfinite(margin).all() and np.isfinite(cost).all()):
        raise AnalyticsError(
            "An expected margin or cost is missing or infinite.", "Give a number for each offer."
        )
    if (cost < 0).any():
        raise AnalyticsError("A cost is negative.", "Give 0 or more.")
    for label, limit in (("budget", budget), ("number of contacts", contacts), *stock.items()):
        if limit is not None and not limit >= 0:
            raise AnalyticsError(
                f"The limit of “{label}” is negative or no number.", "Give 0 or more."
            )
    offer, offers = pd.factorize(frame["offer"], sort=True)
    customer, customers = pd.factorize(frame["customer_id"], sort=True)
    if unknown := sorted(set(stock) - set(offers)):
        raise AnalyticsError(
            f"There is no offer “{unknown[0]}” among the candidates.",
            f"Name one of {', '.join(map(str, offers[:10]))}.",
        )
    propensity = margin
    if "propensity" in frame:
        propensity = _floats(frame["propensity"].fillna(-np.inf))
    unlimited = float("inf")
    return np.asarray(offers), np.asarray(customers), _Problem(
        customer.astype(np.int64), offer.astype(np.int64), margin, cost, propensity,
        unlimited if budget is None else float(budget),
        np.array([float(stock.get(name, unlimited)) for name in offers]),
        unlimited if contacts is None else float(contacts),
    )  # fmt: skip


def _floats(column: "pd.Series[Any]") -> Floats:
    return np.asarray(column.astype(float), dtype=np.float64)


def _choose(problem: _Problem, rows: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], float]:
    """The rows chosen among these, and what no choice can exceed."""
    if not len(rows):
        return rows, 0.0
    best = _best_of_each(problem, rows)
    if _fits(problem, best):
        return best, float(problem.margin[best].sum())
    limits, most = _limits(problem, rows)
    margin = problem.margin[rows]
    if len(rows) <= MOST_EXACT:
        found = optimize.milp(
            -margin, integrality=np.ones(len(rows)), bounds=optimize.Bounds(0, 1),
            constraints=optimize.LinearConstraint(limits, -np.inf, most),
            options={"mip_rel_gap": 0.0, "time_limit": LONGEST_SECONDS},
        )  # fmt: skip
        if found.x is not None:
            return rows[found.x > 0.5], float(-found.mip_dual_bound)
    found = optimize.linprog(-margin, A_ub=limits, b_ub=most, bounds=(0, 1), method="highs-ipm")
    kept = rows[found.x > 1 - WHOLE]
    return _filled(problem, kept, rows), float(-found.fun)


def _best_of_each(problem: _Problem, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The best offer of each customer, as if there were no other limit."""
    order = rows[np.lexsort((problem.offer[rows], -problem.margin[rows], problem.customer[rows]))]
    first = np.concatenate([[True], np.diff(problem.customer[order]) != 0])
    best: npt.NDArray[np.int64] = order[first]
    return best


def _fits(problem: _Problem, rows: npt.NDArray[np.int64]) -> bool:
    made = np.bincount(problem.offer[rows], minlength=len(problem.stock))
    return bool(
        problem.cost[rows].sum() <= problem.budget
        and len(rows) <= problem.contacts
        and (made <= problem.stock).all()
    )


def _limits(problem: _Problem, rows: npt.NDArray[np.int64]) -> tuple[sparse.csr_array, Floats]:
    """Every limit as a row of weights and the most they may come to."""
    count = len(rows)
    place = np.arange(count)
    _, customer = np.unique(problem.customer[rows], return_inverse=True)
    parts = [sparse.csr_array((np.ones(count), (customer, place)))]
    most = [np.ones(parts[0].shape[0])]
    if isfinite(problem.budget):
        parts.append(sparse.csr_array(problem.cost[rows][None, :]))
        most.append(np.array([problem.budget]))
    if isfinite(problem.contacts):
        parts.append(sparse.csr_array(np.ones((1, count))))
        most.append(np.array([problem.contacts]))
    scarce = np.isfinite(problem.stock)
    if scarce.any():
        shape = (len(problem.stock), count)
        by_offer = sparse.csr_array((np.ones(count), (problem.offer[rows], place)), shape=shape)
        parts.append(by_offer[np.flatnonzero(scarce)])
        most.append(problem.stock[scarce])
    return sparse.csr_array(sparse.vstack(parts)), np.concatenate(most)


def _naive(problem: _Problem) -> npt.NDArray[np.int64]:
    """Highest propensity first, as long as the limits allow; equal ones by customer and offer."""
    order = np.lexsort((problem.offer, problem.customer, -problem.propensity))
    return _taken(problem, order, np.empty(0, dtype=np.int64))


def _filled(
    problem: _Problem, kept: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """What is kept, with more offers, the greatest margin first, as long as the limits allow."""
    order = rows[np.lexsort((problem.customer[rows], -problem.margin[rows]))]
    return _taken(problem, order, kept)


def _taken(
    problem: _Problem, order: npt.NDArray[np.int64], kept: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Take candidates in an order, beside those kept, whoever is free and whatever fits."""
    served = np.zeros(int(problem.customer.max()) + 1, dtype=bool)
    served[problem.customer[kept]] = True
    left = problem.stock - np.bincount(problem.offer[kept], minlength=len(problem.stock))
    budget = problem.budget - float(problem.cost[kept].sum())
    contacts = problem.contacts - len(kept)
    taken = list(kept)
    columns = (problem.customer[order], problem.offer[order], problem.cost[order])
    for row, customer, offer, cost in zip(
        order.tolist(), *(column.tolist() for column in columns), strict=True
    ):
        if contacts < 1:
            break
        if served[customer] or left[offer] < 1 or cost > budget:
            continue
        served[customer] = True
        left[offer] -= 1
        budget -= cost
        contacts -= 1
        taken.append(row)
    return np.array(taken, dtype=np.int64)
