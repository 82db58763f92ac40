"""How well next orders are told, and what became of those who were overdue.

The rhythm and the rules on days that none of them has seen; see `analytics.propensity.next_order`.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.evaluate import Verdict, paired_lead, winner
from analytics.propensity.rhythm import Floats, Gaps, Rhythm

OVERDUE_TIMES = 2.0
"""Who has waited so many times their usual gap is overdue, …"""
OVERDUE_SHARE = 0.8
"""… if so many of their gaps are shorter: of who orders irregularly, twice the usual is nothing."""
LAPSED_CHANCE = 0.1
"""Who is overdue and orders again in the days ahead with a smaller chance counts as lapsed."""
ENDS = (0.1, 0.9)
LABELS = {
    "rhythm": "Own rhythm, drawn to the shop's",
    "all_alike": "The shop's rhythm for everyone",
    "shop": "The shop's mean gap",
    "own": "The customer's own mean gap",
}
RULES = ("shop", "own")


def rule_gaps(found: pd.DataFrame) -> dict[str, Floats]:
    """Each rule's gap of every customer, in days."""
    gaps, days = (found[name].to_numpy(dtype=float) for name in ("gaps", "gap_days"))
    shop = np.full(len(found), days.sum() / gaps.sum())
    return {"shop": shop, "own": np.where(gaps > 0, days / np.maximum(gaps, 1), shop)}


def judge(
    rhythm: Rhythm, past: pd.DataFrame, left: Floats, days: int
) -> tuple[pd.DataFrame, Verdict, str]:
    """Every method on the judged days, the rhythm beside the better rule, and who is used."""
    gaps, came = Gaps.of(past), ~np.isnan(left)
    foretold, everyone, chances, within = {}, {}, {}, {}
    for name, told in (("rhythm", gaps), ("all_alike", gaps.without_own)):
        foretold[name] = rhythm.left(told, 0.5, days)
        everyone[name] = rhythm.left_or_none(told, days)
        chances[name] = rhythm.log_chance(told, left, days)
        lo, hi = (rhythm.left(told, end, days) for end in ENDS)
        within[name] = float(((left >= lo) & (left <= hi))[came].mean())
    for name, gap in rule_gaps(past).items():
        foretold[name] = np.clip(np.round(gap - gaps.wait), 0, days - 1)
        everyone[name] = np.clip(np.round(gap - gaps.wait), 0, days)
        # As if each day were as likely as any other: one in the mean gap.
        daily = np.clip(1 / gap, 1e-9, 1 - 1e-9)
        chances[name] = np.where(came, np.log(daily), 0) + np.log1p(-daily) * np.where(
            came, left, days
        )
        within[name] = float("nan")
    errors = {name: np.abs(each - left)[came] for name, each in foretold.items()}
    ended = np.where(came, left, days)
    overall = {name: float(np.abs(each - ended).mean()) for name, each in everyone.items()}
    rule = min(RULES, key=lambda name: float(errors[name].mean()))
    verdict = _verdict(errors["rhythm"], errors[rule], rule, days)
    wins = verdict.winner == "model" and overall["rhythm"] < overall[rule]
    used = "rhythm" if wins else rule
    table = pd.DataFrame(
        {
            "method": list(LABELS),
            "label": list(LABELS.values()),
            "used": [name == used for name in LABELS],
            "mean_error_days": [float(errors[name].mean()) for name in LABELS],
            "median_error_days": [float(np.median(errors[name])) for name in LABELS],
            "everyone_error_days": [overall[name] for name in LABELS],
            "log_loss": [float(-chances[name].mean()) for name in LABELS],
            "within_share": [within[name] for name in LABELS],
        }
    )
    return table, verdict, used


def _verdict(model: Floats, rule: Floats, name: str, days: int) -> Verdict:
    """Paired on the same customers; the interval by the standard error of their differences."""
    _, lo, hi = paired_lead(model, rule)
    told = {"shop": "the shop’s mean gap", "own": "the customer’s own mean gap"}[name]
    sentence = (
        f"Of {len(model):,} customers who ordered in the last {days} days, the day told by their "
        f"own rhythm was {model.mean():.1f} days off on average, by {told} {rule.mean():.1f} "
        f"(the difference lies between {lo:+.1f} and {hi:+.1f} days)."
    )
    return Verdict(
        LABELS["rhythm"], LABELS[name], "days off, as a negative number", -float(model.mean()),
        -float(rule.mean()), lo, hi, winner(lo, hi), sentence,
    )  # fmt: skip


def fates(rhythm: Rhythm, past: pd.DataFrame, left: Floats, days: int) -> pd.DataFrame:
    """Whether those who were on time, overdue and lapsed on the judged day ordered in it."""
    gaps = Gaps.of(past)
    chance = rhythm.comes(gaps, days)
    is_late = late(gaps.wait / rhythm.usual(gaps), rhythm.shorter(gaps))
    state = np.where(is_late, np.where(chance < LAPSED_CHANCE, "lapsed", "overdue"), "on time")
    rows = []
    for name in ("on time", "overdue", "lapsed"):
        own = state == name
        if own.any():
            rows.append((name, int(own.sum()), chance[own].mean(), (~np.isnan(left))[own].mean()))
    return pd.DataFrame(rows, columns=["state", "customers", "foretold_share", "ordered_share"])


def late(times: Floats, shorter: Floats) -> npt.NDArray[np.bool_]:
    """Who is overdue or lapsed: usual gaps waited, and how many of their gaps are shorter."""
    return (times >= OVERDUE_TIMES) & (shorter >= OVERDUE_SHARE)
