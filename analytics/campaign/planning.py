"""What a holdout can prove, before it is chosen.

For a rate this is the classic formula with the pooled variance under no effect (Fleiss, Levin &
Paik, Statistical Methods for Rates and Proportions, 2003, ch. 4), solved for the difference; for
money per customer the usual (z + z) × standard error.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from math import isfinite, nan, sqrt

import numpy as np
from scipy import optimize, special

from analytics.campaign import words
from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.store import Store

REALISTIC = 0.5
"""A campaign that makes half as much again is rare; from there on a warning is due."""


@dataclass(frozen=True)
class Baseline:
    """How an audience buys without a campaign.

    Attributes:
        customers: How many people it has.
        rate: The share of them who ordered within the window, 0 to 1.
        mean: Revenue per customer within the window (money).
        variance: Of that revenue over customers; NaN below two.
    """

    customers: int
    rate: float
    mean: float
    variance: float


@dataclass(frozen=True)
class Provable:
    """The smallest lift a holdout can prove.

    Attributes:
        customers: People on both sides.
        treated: Those contacted.
        held_out: Those held out.
        baseline: What comes without the campaign: a share of buyers, or money per customer.
        smallest_lift: The smallest lift that is proven in `power` of all cases, in the same unit;
            NaN where none is.
        smallest_relative_lift: The same over the baseline; NaN where that is 0.
        measure: `buyers` or `revenue`.
        warning: Why the holdout proves nothing of realistic size; empty where it may.
        sentence: The same in words.
    """

    customers: int
    treated: int
    held_out: int
    baseline: float
    smallest_lift: float
    smallest_relative_lift: float
    measure: str
    warning: str
    sentence: str


def baseline(
    store: Store, members: str, window_days: int = 30, as_of: date | None = None
) -> Baseline:
    """How an audience bought in the days before, as a guess of how it will without a campaign.

    Args:
        store: The shop.
        members: The kept table of `audience.keep`.
        window_days: As many days as the campaign is to be judged by.
        as_of: The day after the last that counts; by default the day after the last order.

    Raises:
        NotEnoughDataError: There are no orders, or nobody is in the audience.
        AnalyticsError: The window is no number of days.
    """
    check_window(window_days)
    end = as_of or store.default_as_of()
    row = store.query(
        "campaign_baseline",
        tables={"members": members},
        start=end - timedelta(days=window_days),
        end=end,
    ).iloc[0]
    customers = int(row["customers"])
    if not customers:
        raise NotEnoughDataError("Nobody is in this audience.", "Choose another, or widen it.")
    mean = float(row["revenue"]) / customers
    variance = nan
    if customers > 1:
        variance = max(float(row["squared_revenue"]) - customers * mean**2, 0) / (customers - 1)
    return Baseline(customers, int(row["buyers"]) / customers, mean, variance)


def provable(
    customers: int,
    holdout_share: float,
    *,
    baseline_rate: float | None = None,
    mean: float | None = None,
    variance: float | None = None,
    confidence: float = 0.95,
    power: float = 0.8,
    unit: str = "",
) -> Provable:
    """The smallest lift that a holdout of this size can prove.

    Args:
        customers: People in the audience who may be contacted.
        holdout_share: Share of them to hold out, between 0 and 1.
        baseline_rate: The share who buy without the campaign: the lift is one in buyers.
        mean: Or revenue per customer without it, with
        variance: its variance over customers: the lift is one in revenue per customer.
        confidence: Of the interval the result will be read by.
        power: In how many of all cases a lift of that size is to be proven.
        unit: What money is called, or empty.

    Raises:
        AnalyticsError: A share is none, or there is nobody on one side.
    """
    check_share(holdout_share)
    if not (0.5 < confidence < 1 and 0 < power < 1):
        raise AnalyticsError(
            "How sure the result is to be makes no sense.", "Give shares such as 0.95 and 0.8."
        )
    held_out = round(customers * holdout_share)
    treated = customers - held_out
    if min(held_out, treated) < 1:
        raise AnalyticsError(
            f"Of {words.people(customers)} nobody would be "
            f"{'held out' if held_out < 1 else 'contacted'}.",
            "Choose a larger audience or another share.",
        )
    z_two_sided, z_power = (float(special.ndtri(one)) for one in ((1 + confidence) / 2, power))
    if baseline_rate is not None:
        if not 0 <= baseline_rate <= 1:
            raise AnalyticsError("The share of buyers is none.", "Give one from 0 to 1.")
        measure, base = "buyers", float(baseline_rate)
        lift = _smallest_rate(base, treated, held_out, z_two_sided, z_power)
    else:
        if mean is None or variance is None or not (isfinite(mean) and isfinite(variance)):
            raise AnalyticsError(
                "It is not known how the audience buys without the campaign.",
                "Give the share of buyers, or the mean and variance of revenue.",
            )
        if variance < 0:
            raise AnalyticsError("A variance cannot be negative.", "Give another one.")
        measure, base = "revenue", float(mean)
        lift = (z_two_sided + z_power) * sqrt(variance * (1 / treated + 1 / held_out)) or nan
    relative = lift / base if base > 0 else nan
    warning = _warning(lift, relative, base, measure)
    return Provable(
        customers, treated, held_out, base, lift, relative, measure, warning,
        _sentence(customers, held_out, base, lift, relative, measure, power, unit),
    )  # fmt: skip


def _smallest_rate(base: float, treated: int, held_out: int, z: float, z_power: float) -> float:
    """The rise of a rate that is just proven; NaN where even everybody buying is not."""

    def short(lift: float) -> float:
        after = base + lift
        pooled = (held_out * base + treated * after) / (held_out + treated)
        null = sqrt(max(pooled * (1 - pooled), 0) * (1 / held_out + 1 / treated))
        real = sqrt(base * (1 - base) / held_out + max(after * (1 - after), 0) / treated)
        return lift - z * null - z_power * real

    most = 1 - base
    steps = np.linspace(0, most, 201)[1:]
    reached = next((step for step in steps if short(step) >= 0), None)
    if most <= 0 or reached is None:
        return nan
    below = reached - most / 200
    if short(max(below, 1e-12)) >= 0:
        return float(reached)
    return float(optimize.brentq(short, max(below, 1e-12), reached, xtol=1e-12))


def _warning(lift: float, relative: float, base: float, measure: str) -> str:
    if not isfinite(lift):
        if measure == "revenue":
            return (
                "Nobody bought anything in the days looked at, so nothing can be said of what "
                "this holdout can prove."
            )
        return "This holdout can prove nothing: there are too few people, whatever they do."
    if base <= 0:
        return (
            "Nobody bought in the days looked at, so it cannot be said whether a lift of that "
            "size is realistic."
        )
    if relative > REALISTIC:
        return (
            f"This holdout can prove nothing of realistic size: only a campaign that makes "
            f"{words.percent(relative, 0)} more would show. Choose a larger audience, a longer "
            "time or a larger share to hold out."
        )
    return ""


def _sentence(
    customers: int, held_out: int, base: float, lift: float, relative: float, measure: str,
    power: float, unit: str,
) -> str:  # fmt: skip
    start = f"With {customers:,} people, about {held_out:,} of them held out,"
    if not isfinite(lift):
        return f"{start} no lift can be proven."
    sure = f"in {words.percent(power, 0)} of all cases"
    if measure == "buyers":
        return (
            f"{start} a rise in the share who buy from {words.percent(base)} to at least "
            f"{words.percent(base + lift)} ({words.percent(lift, 2).removesuffix('%')} points "
            f"more) is proven {sure}."
        )
    more = f" ({words.percent(relative, 0)} more)" if isfinite(relative) else ""
    return (
        f"{start} a rise in revenue per customer from {words.amount(base)} to at least "
        f"{words.amount(base + lift, unit)}{more} is proven {sure}."
    )


def check_share(holdout_share: float) -> None:
    """A share to hold out lies between 0 and 1.

    Raises:
        AnalyticsError: It does not.
    """
    if not 0 < holdout_share < 1:
        raise AnalyticsError(
            "The share to hold out must lie between 0% and 100%: without anybody held out, or "
            "without anybody contacted, nothing can be proven.",
            "Choose a share such as 20%.",
        )


def check_window(window_days: int) -> None:
    """A window is a whole number of days.

    Raises:
        AnalyticsError: It is none, or longer than ten years.
    """
    if not 1 <= window_days <= 3_650 or window_days != int(window_days):
        raise AnalyticsError(
            "The campaign cannot be judged by that many days.", "Give 1 day or more, such as 30."
        )
