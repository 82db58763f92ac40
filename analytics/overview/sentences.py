"""What happened in a period, in up to three sentences.

Revenue is orders times the average order, so that the logarithms of their changes add up to that
of revenue; what contributes most of it is named as the cause.
"""

from datetime import date
from decimal import Decimal
from math import expm1, log

import pandas as pd

from analytics.overview.parts import By
from analytics.overview.periods import Period, Summary

MOSTLY = 0.6
"""From which share of the change on one cause is named as the main one."""


def sentences(
    found: Summary, leading: tuple[By, pd.DataFrame] | None = None, unit: str = ""
) -> list[str]:
    """What happened: to revenue and why, in which part, and with whom; plain text.

    Args:
        found: The period and what it is compared with.
        leading: What its parts are and all of them, as of `leading_parts`; None where none is
            known.
        unit: What money is called, as in `EUR`, or empty.

    Returns:
        One to three sentences; what the data do not tell is left out.
    """
    said = [_of_revenue(found, unit), _of_customers(found)]
    if leading is not None:
        said.insert(1, _of_parts(found, *leading, unit))
    return [sentence for sentence in said if sentence]


def _of_revenue(found: Summary, unit: str) -> str:
    now, base = found.now, found.base
    if base is None:
        reason = f"the data begin on {_day(found.first_day)}, so nothing earlier compares"
        return f"{_took(now, unit)}; {reason}."
    then = _name(found, base)
    if now.orders and now.revenue > 0 and base.orders and base.revenue > 0:
        return _of_change(now, base, then, unit)
    if base.revenue == 0 and base.orders == 0:
        return f"{_took(now, unit)}; in {then} there was no order."
    return f"{_took(now, unit)}, after {_money(base.revenue, unit)} in {then}."


def _took(now: Period, unit: str) -> str:
    """What came in, where it is compared with nothing."""
    amount = _money(now.revenue, unit)
    if now.orders == 0:
        rest = f"; returns and lines of earlier orders come to {amount}" if now.revenue else ""
        return f"No order was placed{rest}"
    if now.revenue < 0:
        return (
            f"Returns and refunds outweighed the sales of {_count(now.orders, 'order')}: {amount}"
        )
    if now.orders == 1:
        return f"The shop took {amount} in one order"
    average = _money(now.revenue / now.orders, unit)
    return f"The shop took {amount} in {now.orders:,} orders, {average} each on average"


def _of_change(now: Period, base: Period, then: str, unit: str) -> str:
    more, orders = now.revenue > base.revenue, log(now.orders / base.orders)
    change = float(now.revenue / base.revenue)
    average = log(change) - orders
    why = _cause(log(change), orders, average)
    if _percent(change - 1) == "0.0%":
        return f"Revenue stayed at {_money(now.revenue, unit)} against {then}{why}."
    return (
        f"Revenue {'rose' if more else 'fell'} by {_percent(change - 1)} against {then}, by "
        f"{_money(abs(now.revenue - base.revenue), unit)} to {_money(now.revenue, unit)}{why}."
    )


def _cause(whole: float, orders: float, average: float) -> str:
    """Orders or the average order: log changes that add up to that of revenue."""
    signed = {"orders": _signed(orders), "average": _signed(average)}
    causes = {
        "orders": f"{'more' if orders > 0 else 'fewer'} orders ({signed['orders']})",
        "average": f"a {'larger' if average > 0 else 'smaller'} average order "
        f"({signed['average']})",
    }
    verbs = {
        "orders": f"orders {'rose' if orders > 0 else 'fell'} by {_percent(_rate(orders))}",
        "average": f"the average order {'grew' if average > 0 else 'fell'} by "
        f"{_percent(_rate(average))}",
    }
    if _percent(_rate(whole)) == "0.0%":
        if _percent(_rate(orders)) == "0.0%":
            return ""
        return f": {causes['orders']} and {causes['average']} cancel out"
    first, second = ("orders", "average") if orders / whole >= 0.5 else ("average", "orders")
    changes = {"orders": orders, "average": average}
    if _percent(_rate(changes[second])) == "0.0%":
        same = "the average order" if second == "average" else "the number of orders"
        return f": because of {causes[first]}; {same} stayed the same"
    if changes[second] / whole < 0:
        return f": because of {causes[first]}, although {verbs[second]}"
    if changes[first] / whole < MOSTLY:
        return f": because of both {causes[first]} and {causes[second]}"
    return f": mostly because of {causes[first]}; {verbs[second]}"


def _of_parts(found: Summary, by: By, frame: pd.DataFrame, unit: str) -> str:
    if len(frame) < 2:
        return ""
    names = [
        f"what has no {by} given" if pd.isna(part) else f"the {by} “{label}”"
        for label, part in zip(frame["label"], frame["part"], strict=True)
    ]
    if found.base is None:
        if found.now.revenue <= 0:
            return ""
        first, second = frame.iloc[0], frame.iloc[1]
        return _capital(
            f"{names[0]} brought most, {_money(first['revenue'], unit)} or "
            f"{_share(first['revenue_share'])} of revenue, ahead of {names[1]} "
            f"with {_share(second['revenue_share'])}."
        )
    changes: list[Decimal] = list(frame["revenue_change"])
    gain, loss = max(changes), min(changes)
    if gain <= 0 and loss >= 0:
        return ""
    gainer, loser = names[changes.index(gain)], names[changes.index(loss)]
    gained = f"{gainer} gained most ({_plus(gain, unit)})" if gain > 0 else f"no {by} gained"
    lost = f"{loser} lost most ({_plus(loss, unit)})" if loss < 0 else f"no {by} lost"
    whole = found.now.revenue - found.base.revenue
    if gain > 0 and gain * 2 > whole > gain:
        return f"Most of the rise came from {gainer} ({_plus(gain, unit)}); {lost}."
    if loss < 0 and loss * 2 < whole < loss:
        return f"Most of the fall came from {loser} ({_plus(loss, unit)}); {gained}."
    first_said, then_said = (gained, lost) if whole >= 0 else (lost, gained)
    return _capital(f"{first_said}; {then_said}.")


def _of_customers(found: Summary) -> str:
    now = found.now
    if now.customers == 0:
        if now.orders == 0:
            return ""
        who = "The only order was a guest’s" if now.orders == 1 else "All orders were guests’"
        return f"{who}, so nobody can be told as new or returning."
    known = _count(now.customers, "known customer")
    if now.from_day <= found.first_day:
        if now.customers == 1:
            return "The data begin with this period, so its one known customer counts as new."
        return (
            f"The data begin with this period, so all {known} count as new; "
            f"{_share(now.repeat_rate)} of them ordered at least twice."
        )
    share = now.new_customers / now.customers
    were = "was" if now.new_customers == 1 else "were"
    new = f"{now.new_customers:,} of {known} {were} new ({_share(share)})"
    if now.identified_revenue > 0 and now.returning_customers:
        brought = float(now.earlier_customers_revenue / now.identified_revenue)
        if 0 <= brought <= 1:
            new += (
                "; customers who had ordered before brought "
                f"{_share(brought)} of the revenue of known customers"
            )
    if not found.has_history(now):
        new += f". The data begin only on {_day(found.first_day)}: some of the new may be older"
    return f"{new}."


def _name(found: Summary, base: Period) -> str:
    """What a period is compared with, in words."""
    if found.is_a_year:
        return "the year before"
    if base is not found.before:
        return "the same dates a year earlier"
    days = base.length.days
    return "the day before" if days == 1 else f"the {days:,} days before"


def _day(moment: date) -> str:
    return f"{moment.day} {moment:%B %Y}"


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _money(value: Decimal, unit: str) -> str:
    """An amount; from a thousand on without cents."""
    decimals = 0 if abs(value) >= 1000 else 2
    rounded = round(value, decimals) + 0
    return f"{rounded:,.{decimals}f} {unit}".strip().replace("-", "−")


def _plus(value: Decimal, unit: str) -> str:
    return ("+" if value > 0 else "") + _money(value, unit)


def _rate(logarithm: float) -> float:
    """A change of logarithms as a relative change."""
    return expm1(logarithm)


def _percent(rate: float) -> str:
    """A change without its sign; from 100% on without decimals."""
    return f"{abs(rate):,.{0 if abs(rate) >= 1 else 1}%}"


def _signed(logarithm: float) -> str:
    rate = _rate(logarithm)
    return f"{'−' if rate < 0 else '+'}{_percent(rate)}"


def _share(share: float) -> str:
    """A share: whole per cent from a tenth on; not quite nothing or all is told from it."""
    if 0 < share < 0.0005:
        return "under 0.1%"
    if 0.995 <= share < 1:
        return "over 99%"
    return f"{share:.1%}" if 0 < share < 0.0995 else f"{share:.0%}"


def _capital(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]
