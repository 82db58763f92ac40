"""Rules to begin with."""

from collections.abc import Sequence as Many
from dataclasses import dataclass

from analytics.store.compile.rule import (
    All,
    Bought,
    Feature,
    Not,
    Rule,
    Segment,
    Sequence,
    Step,
)  # fmt: skip


@dataclass(frozen=True)
class Template:
    """A rule to begin with.

    Attributes:
        title: What it is called.
        rule: The rule.
    """

    title: str
    rule: Rule


def templates(
    slipping: Many[str] = (), categories: Many[str] = (), events: Many[str] = ()
) -> list[Template]:
    """The rules to begin with that the shop's data can answer.

    Args:
        slipping: The segments of good customers who drift away, where there are segments.
        categories: The shop's categories, the most bought first.
        events: The kinds of event the shop has.
    """
    found = [Template("Everybody", All())]
    good = (
        Segment(tuple(slipping))
        if slipping
        else All((Feature("orders", "at_least", (3,)), Feature("recency_days", "at_least", (90,))))
    )
    found.append(Template("Good customers slipping away", good))
    if "cart" in events:
        left = Feature("cart_without_purchase", "is", (True,))
        found.append(Template("Left something in the cart", left))
    if "view" in events:
        seen = Sequence(Step("view"), Step("purchase"), within_days=7, happened=False, days=30)
        found.append(Template("Viewed but did not buy in 7 days", seen))
    if len(categories) > 1:
        first, second = (Bought("category", name) for name in categories[:2])
        never = All((first, Not(second)))
        found.append(Template("Bought in one category, never in another", never))
    found.append(
        Template(
            "New, one order so far",
            All(
                (
                    Feature("orders", "is", (1,)),
                    Feature("tenure_days", "at_most", (60,)),
                )
            ),
        )
    )
    return found
