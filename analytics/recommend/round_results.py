"""What a round of recommendations brought: the contacted beside the left-out.

Shares are compared by Newcombe's interval (Statistics in Medicine 1998, method 10), which also
holds for few buyers. Products and money per person are compared by Student's t with one variance
for both sides: a small left-out group that happens to have no large spender has a mean and a
variance too low at once, so that intervals from its own variance would prove too much.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import sqrt
from typing import Any, Literal

import pandas as pd
from scipy import special

from analytics.errors import NotEnoughDataError
from analytics.experiment.proportions import newcombe
from analytics.profile import words
from analytics.recommend.history import days_before
from analytics.recommend.rounds import Round
from analytics.store import Store, money

MEASURES = ("buyers", "products", "revenue")
RoundVerdict = Literal["proven", "worse", "cannot tell", "too early"]


@dataclass(frozen=True)
class RoundResult:
    """What a round brought so far.

    Attributes:
        round: The round.
        last_day: The last day that counts and lies in the data.
        days: How many that are.
        complete: Whether the whole window lies in the data.
        sides: DataFrame, a row a side: shown, customers, buyers (bought at least one of their
            list), products (of their lists bought, each once a customer), revenue (money from them,
            exact), both_sides (people put on both sides under two ids).
        effects: DataFrame, a row a measure (buyers: the share of customers; products and revenue:
            per customer): measure, contacted, left_out, difference, difference_lo, difference_hi
            (95% interval), proven (whether it leaves out 0).
        verdict: What the share of buyers proves.
        sentence: The same in words.
    """

    round: Round
    last_day: date
    days: int
    complete: bool
    sides: pd.DataFrame
    effects: pd.DataFrame
    verdict: RoundVerdict
    sentence: str


def round_result(store: Store, one: Round) -> RoundResult:
    """What both sides of a round bought of what was recommended to each of them.

    Raises:
        NotEnoughDataError: No orders of its window are in the store yet, or a side has nobody left.
    """
    known_until = store.default_as_of()
    if known_until <= one.start_day:
        raise NotEnoughDataError(
            f"“{one.name}” starts on {words.day(one.start_day)}, and the orders end on "
            f"{words.day(days_before(known_until, 1))}.",
            "Import orders from after its start on the Data page.",
        )
    end = min(one.end_day, known_until)
    sums = store.query("round_sums", round_id=one.round_id, start=one.start_day, end=end)
    if set(sums["shown"]) != {True, False}:
        raise NotEnoughDataError(
            f"“{one.name}” has nobody left on one of its sides.",
            "Look whether imported matches have joined its people.",
        )
    left_out, shown = (sums[sums["shown"] == side].iloc[0] for side in (False, True))
    effects = pd.DataFrame([_effect(name, shown, left_out) for name in MEASURES])
    complete = end >= one.end_day
    days = (end - one.start_day).days
    verdict, sentence = _judged(one, effects.iloc[0], shown, left_out, days)
    if not complete:
        verdict = "too early"
        sentence = (
            f"Too early to tell: {days:,} of {one.window_days:,} days are in the data. So far: "
            f"{sentence}"
        )
    columns = ["shown", "customers", "buyers", "products", "revenue", "both_sides"]
    return RoundResult(
        one, days_before(end, 1), days, complete, sums[columns], effects, verdict, sentence
    )


def _effect(measure: str, shown: Any, left_out: Any) -> dict[str, Any]:
    """One measure on both sides, with the interval of the difference."""
    sides = [(int(side["customers"]), Fraction(money(side[measure]))) for side in (shown, left_out)]
    means = [float(total / people) for people, total in sides]
    if measure == "buyers":
        (people, buyers), (others, other_buyers) = sides
        lo, hi = newcombe((int(other_buyers), others), (int(buyers), people))
    else:
        squares = [Fraction(money(side[f"squared_{measure}"])) for side in (shown, left_out)]
        lo, hi = _student(sides, squares, means[0] - means[1])
    return {
        "measure": measure, "contacted": means[0], "left_out": means[1],
        "difference": means[0] - means[1], "difference_lo": lo, "difference_hi": hi,
        "proven": bool(lo > 0 or hi < 0),
    }  # fmt: skip


def _student(
    sides: list[tuple[int, Fraction]], squares: list[Fraction], difference: float
) -> tuple[float, float]:
    """Student's interval with one variance for both sides; NaN where nobody differs."""
    within = sum(
        square - total**2 / people for (people, total), square in zip(sides, squares, strict=True)
    )
    freedom = sum(people for people, _ in sides) - 2
    if freedom < 1 or within <= 0:
        return float("nan"), float("nan")
    error = sqrt(float(within / freedom) * sum(1 / people for people, _ in sides))
    reach = float(special.stdtrit(freedom, 0.975)) * error
    return difference - reach, difference + reach


def _judged(
    one: Round, buyers: Any, shown: Any, left_out: Any, days: int
) -> tuple[RoundVerdict, str]:
    """What the shares of buyers prove, and the sentence that says so."""
    lo, hi = float(buyers["difference_lo"]), float(buyers["difference_hi"])
    both = (
        f"Of {int(shown['customers']):,} people who were shown their {one.n} products "
        f"{buyers['contacted']:.1%} bought at least one of them within {days:,} days, of "
        f"{int(left_out['customers']):,} left out {buyers['left_out']:.1%} of theirs."
    )
    ends = sorted((abs(100 * lo), abs(100 * hi)))
    points = f"between {ends[0]:.1f} and {ends[1]:.1f} in a hundred people"
    if lo > 0:
        return "proven", f"{both} Proven: showing them brought {points} more to buy one."
    if hi < 0:
        return "worse", f"{both} Worse: showing them kept {points} from buying one."
    return "cannot tell", (
        f"{both} Cannot tell yet: the true difference lies between {100 * lo:+.1f} and "
        f"{100 * hi:+.1f} in a hundred people, so it may be chance."
    )
