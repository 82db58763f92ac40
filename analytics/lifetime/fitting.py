"""Fit the models to a shop or a frame, and say whether they may be used."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import pandas as pd

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.lifetime.history import DAY, Past, read
from analytics.lifetime.model import Model, learn
from analytics.lifetime.testing import FEWEST_TESTED, NAMES, Method, Test, hold_out
from analytics.store import Store

Period = Literal["day", "week", "month"]

DAYS: dict[Period, float] = {"day": 1.0, "week": 7.0, "month": 365.25 / 12}
UNTESTED = (
    "The model was not tested: a frame does not say what came afterwards. Fit the shop itself to "
    "see it beside the rules."
)


@dataclass(frozen=True)
class Lifetime:
    """What was learnt of a shop's customers.

    Attributes:
        model: Both models.
        period: The unit of time.
        until: The last day that counts; None for a frame.
        customers: How many it was learnt from.
        repeat_customers: How many of them had come back.
        method: What is used: the model, or the rule that it does not beat.
        verdict: How the model fared against the rules, in words.
        test: The same in figures; None where it could not be tested.
        past: The customers' histories; None for a frame.
    """

    model: Model
    period: Period
    until: date | None
    customers: int
    repeat_customers: int
    method: Method
    verdict: str
    test: Test | None
    past: Past | None

    @property
    def r(self) -> float:
        """Shape of the rates of purchase."""
        return self.model.purchasing.r

    @property
    def alpha(self) -> float:
        """Scale of the rates, in periods."""
        return self.model.purchasing.alpha

    @property
    def a(self) -> float:
        """First parameter of the probability to leave after a purchase."""
        return self.model.purchasing.a

    @property
    def b(self) -> float:
        """The second."""
        return self.model.purchasing.b

    @property
    def p(self) -> float:
        """Shape of what one customer spends; NaN where money is unknown."""
        return self.model.spending.p

    @property
    def q(self) -> float:
        """Shape of how customers' means vary; NaN where money is unknown."""
        return self.model.spending.q

    @property
    def gamma(self) -> float:
        """Scale of how customers' means vary, money; NaN where money is unknown."""
        return self.model.spending.gamma

    @property
    def log_likelihood(self) -> float:
        """Of BG/NBD."""
        return self.model.purchasing.log_likelihood


def fit(data: Store | pd.DataFrame, period: Period = "week", until: date | None = None) -> Lifetime:
    """Learn how often customers buy, when they leave, and what they spend.

    Args:
        data: The shop, or a row a customer: frequency (purchases after the first), recency (when
            the last of them was, in periods after the first), age (how long the customer was
            observed since the first) and, where known, monetary (the mean of the purchases after
            the first).
        period: The unit of time, which α is in: `day`, `week` or `month`.
        until: The last day that counts; by default the day of the last order. For a shop only.

    Raises:
        NotEnoughDataError: There are too few customers, or nobody has come back.
        AnalyticsError: The figures contradict each other, or there is no such period.
    """
    if period not in DAYS:
        raise AnalyticsError(f"There is no period “{period}”.", "Choose day, week or month.")
    if isinstance(data, pd.DataFrame):
        model = learn(data)
        came_back = int((data["frequency"] > 0).sum())
        return Lifetime(model, period, None, len(data), came_back, "model", UNTESTED, None, None)
    as_of = until + DAY if until else data.default_as_of()
    past = read(data, as_of, as_of, DAYS[period])
    model = learn(past.frame, past.kept_share)
    first_day = pd.Timestamp(past.frame["first_day"].min()).date()
    test = hold_out(data, as_of, first_day, DAYS[period])
    verdict = (
        test.sentence
        if test
        else (
            f"The rule “{NAMES['own_rate']}” is used: the model could not be tested, for which "
            f"the first two thirds of the time need at least {FEWEST_TESTED} customers, some of "
            "whom came back."
        )
    )
    return Lifetime(
        model, period, as_of - DAY, len(past.frame), int((past.frame["frequency"] > 0).sum()),
        test.winner if test else "own_rate", verdict, test, past,
    )  # fmt: skip


def needs_past(found: Lifetime) -> Past:
    """The customers' histories.

    Raises:
        NotEnoughDataError: It was fitted to a frame.
    """
    if found.past is None:
        raise NotEnoughDataError(
            "A frame's customers have no names.", "Fit the shop itself to list its customers."
        )
    return found.past
