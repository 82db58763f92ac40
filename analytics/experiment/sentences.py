"""A result in one sentence that a marketer can repeat."""

from collections.abc import Callable
from math import floor, isfinite, isnan, log10

from analytics.experiment.comparison import Comparison

__all__ = ["called", "percent_of_plan", "sentence", "within"]

Amount = Callable[[float], str]
POINTS = " points"
"""Of a percentage; said once of a range."""


def sentence(
    comparison: Comparison,
    *,
    label: str = "",
    unit: str = "",
    money: Amount | None = None,
) -> str:
    """What a comparison says, with the range of the true effect and the best guess.

    Args:
        comparison: The result.
        label: What the metric is called, as in "average order value"; by default as at `compare`.
        unit: What is counted, as in "orders": then the effect is told for each 100 customers.
            "money" for amounts, "share" for what is read in percentage points.
        money: How an amount is written, as in "12.50 EUR"; the values are then amounts.
    """
    label = within(label or comparison.label or comparison.metric.replace("_", " "))
    unit = unit or comparison.unit
    who = called(comparison.treatment)
    match comparison.verdict:
        case "do not trust":
            return f"Do not trust this result: {comparison.reason}"
        case "keep running":
            return _keep_running(comparison)
        case "cannot tell" if isnan(comparison.lo) or isnan(comparison.hi):
            return f"Cannot tell: {comparison.reason}"
    write, counted = _wording(comparison, unit, money)
    lo, hi, guess = comparison.lo, comparison.hi, comparison.difference
    best = f"(best guess {_signed(guess, write, counted, lo, hi)})"
    if comparison.verdict == "cannot tell":
        subject = f"with {who} there may be" if counted else f"with {who} its {label} may be"
        said = f"Cannot tell yet: {subject} {_anything(lo, hi, write, counted)} {best}."
        if lo > 0 or hi < 0:
            said += " So few customers did it that chance alone may explain the difference."
        return said
    said = _range(lo, hi, write, counted)
    said = said if counted else f"its {label} is {said}"
    return f"{who} is {comparison.verdict}: {said} {best}."


def called(variant: str) -> str:
    """A variant's name in a sentence.

    >>> called("B"), called("Free delivery")
    ('Variant B', 'Free delivery')
    """
    return f"Variant {variant}" if len(variant) <= 2 else variant


def within(label: str) -> str:
    """A metric's label inside a sentence.

    >>> within("Revenue per visitor"), within("CTR")
    ('revenue per visitor', 'CTR')
    """
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def percent_of_plan(n: int, planned_n: int) -> int:
    """How much of the plan is reached, rounded down: it is 100 only when all are there."""
    return 100 * n // planned_n


def _keep_running(comparison: Comparison) -> str:
    n = comparison.control_n + comparison.treatment_n
    planned = comparison.planned_n or n
    said = (
        f"Keep running: {n:,} of the planned {planned:,} customers are in it, "
        f"{percent_of_plan(n, planned)}% of the plan."
    )
    if comparison.mode == "fixed":
        said += " Whoever stops at the first good day finds winners that are none."
    return said


def _wording(comparison: Comparison, unit: str, money: Amount | None) -> tuple[Amount, str]:
    """How a value is written, and what is counted where it is counted for so many customers."""
    lo, hi = comparison.lo, comparison.hi
    ends = [abs(each) for each in (lo, hi) if isfinite(each)]
    width = hi - lo if isfinite(hi - lo) else 2 * abs(comparison.difference - min(lo, hi, key=abs))
    if money is not None or unit == "money":
        return money or (lambda value: f"{value:,.2f}"), ""
    if unit and unit != "share" and comparison.kind != "ratio":
        each = next((n for n in (100, 1_000, 10_000) if max(ends) * n >= 1), 100_000)
        return _writer(width, each), f"{unit} per {each:,} customers"
    if unit == "share" or comparison.kind == "proportion":
        plain = _writer(width, 100)
        return lambda value: f"{plain(value)}{POINTS}", ""
    return _writer(width, 1), ""


def _writer(width: float, factor: int) -> Amount:
    """Numbers with as many decimals as the width of the range deserves."""
    size = width * factor
    decimals = min(max(1 - floor(log10(size)), 0), 6) if size > 0 else 2
    return lambda value: f"{value * factor:,.{decimals}f}"


def _range(lo: float, hi: float, write: Amount, counted: str) -> str:
    """A range on one side of zero."""
    more, fewer = ("more", "fewer") if counted else ("higher", "lower")
    word = more if lo + hi > 0 else fewer
    near, far = sorted((abs(lo), abs(hi)))
    if not isfinite(far):
        said = f"at least {write(near)}"
    elif counted:
        said = f"between {write(near)} and {write(far)}"
    else:
        said = f"{write(near).removesuffix(POINTS)} to {write(far)}"
    return f"{said} {word} {counted}".rstrip()


def _anything(lo: float, hi: float, write: Amount, counted: str) -> str:
    """A range with zero in it."""
    if lo > 0 or hi < 0:
        return f"{_range(lo, hi, write, counted)}"
    more, fewer = ("more", "fewer") if counted else ("higher", "lower")
    if not isfinite(lo):
        return f"at most {write(hi)} {more} {counted}".rstrip()
    if not isfinite(hi):
        return f"at most {write(-lo)} {fewer} {counted}".rstrip()
    return f"anything from {write(-lo)} {fewer} to {write(hi)} {more} {counted}".rstrip()


def _signed(value: float, write: Amount, counted: str, lo: float, hi: float) -> str:
    """The best guess; with its direction where the range has both."""
    if lo > 0 or hi < 0:
        return write(abs(value))
    words = ("more", "fewer") if counted else ("higher", "lower")
    return f"{write(abs(value))} {words[value < 0]}"
