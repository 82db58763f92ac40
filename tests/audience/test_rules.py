"""Rules as data and as sentences: what comes back, what is refused and in which words."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import audience
from analytics.audience import (
    All,
    AnyOf,
    Attribute,
    Bought,
    Cluster,
    Did,
    Feature,
    InAudience,
    InList,
    Not,
    Rule,
    Segment,
    Sequence,
    Step,
)  # fmt: skip
from analytics.errors import AnalyticsError

MANY = {"is": "feature", "name": "orders", "operator": "at_least", "values": [3]}


def text(rule: object, version: object = 1) -> str:
    return json.dumps({"version": version, "rule": rule})


def test_the_text_of_a_rule_is_this() -> None:
    rule = All((Feature("orders", "at_least", (3,)), Not(Bought("category", "Tea", days=90))))
    assert json.loads(audience.to_json(rule)) == {
        "version": 1,
        "rule": {
            "is": "all",
            "parts": [
                MANY,
                {
                    "is": "not",
                    "part": {
                        "is": "bought", "what": "category", "name": "Tea", "times": 1, "days": 90,
                    },
                },
            ],
        },
    }  # fmt: skip
    assert audience.from_json(audience.to_json(rule)) == rule


def test_days_come_back_as_days() -> None:
    rule = AnyOf(
        (
            Feature("last_order_day", "between", (date(2024, 1, 1), date(2024, 2, 1))),
            Bought(first_day=date(2024, 1, 1), last_day=date(2024, 2, 1)),
        )
    )
    assert audience.from_json(audience.to_json(rule)) == rule


def nested(depth: int) -> dict[str, object]:
    rule: dict[str, object] = dict(MANY)
    for _ in range(depth):
        rule = {"is": "not", "part": rule}
    return rule


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("", "cannot be read"),
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        (text(MANY, "1"), "cannot be read"),
        (text(MANY, True), "cannot be read"),
        (text(MANY, 0), "cannot be read"),
        (text(MANY, 2), "newer version"),
        (json.dumps({"version": 1, "rule": MANY, "more": 1}), "cannot be read"),
        ("1" * 5_000, "cannot be read"),
        (" " * 5_000_001, "too long"),
        (text(None), "“None” is no condition"),
        (text({"is": "sql", "text": "1 = 1"}), "“sql” is no condition"),
        (text({"is": ["all"]}), "is no condition"),
        (text({**MANY, "sql": "1"}), "has no “sql”"),
        (text({**MANY, "name": "shoe_size"}), "“shoe_size” is not known of customers"),
        (text({**MANY, "name": 3}), "is not what it should be"),
        (text({**MANY, "values": 3}), "is not what it should be"),
        (text({**MANY, "values": [[3]]}), "is not what it should be"),
        (text({**MANY, "values": ["3"]}), "“Orders” cannot be compared with “3”"),
        (text({**MANY, "values": [True]}), "“Orders” cannot be compared with “True”"),
        (text({**MANY, "values": []}), "compared with nothing"),
        (text({**MANY, "values": [1, 2]}), "compared with nothing"),
        (text({**MANY, "operator": "contains"}), "cannot be compared in this way"),
        (text({**MANY, "operator": "; DROP"}), "cannot be compared in this way"),
        (text({**MANY, "values": [10**400]}), "number without sense"),
        (text({**MANY, "values": [1e16]}), "number without sense"),
        (text(MANY).replace("[3]", "[Infinity]"), "number without sense"),
        (text(MANY).replace("[3]", "[1e999]"), "number without sense"),
        (text(MANY).replace("[3]", "[NaN]"), "number without sense"),
        (text({**MANY, "operator": "between", "values": [3, 2]}), "the first is the greater"),
        (text({**MANY, "operator": "one_of", "values": [1] * 1_001}), "more than 1,000 values"),
        (text({"is": "feature", "name": "orders"}), "is not complete"),
        (text({"is": "any"}), "is not complete"),
        (text({"is": "any", "parts": []}), "A group has no condition"),
        (text({"is": "not", "part": {"is": "all"}}), "A group has no condition"),
        (text({"is": "all", "parts": [MANY] * 101}), "more than 100 conditions"),
        (text(nested(25)), "more than 20 deep"),
        (text({"is": "step", "event": "view"}), "cannot be read|wrong place"),
        (text({"is": "not", "part": {"is": "step", "event": "view"}}), "wrong place"),
        (text({"is": "all", "parts": [{"is": "step", "event": "view"}]}), "wrong place"),
        (text({"is": "did", "step": MANY}), "wrong place"),
        (text({"is": "did", "step": {"is": "step", "event": ""}}), "The event is missing"),
        (text({"is": "bought", "times": 0}), "number of times makes no sense"),
        (text({"is": "bought", "times": 2.5}), "is not what it should be"),
        (text({"is": "bought", "days": 36_501}), "number of days makes no sense"),
        (text({"is": "bought", "what": "product"}), "The product is missing"),
        (text({"is": "bought", "what": "love"}), "“love” cannot be bought"),
        (text({"is": "bought", "first_day": "2024-02-30"}), "“2024-02-30” is no day"),
        (text({"is": "bought", "first_day": 3}), "“3” is no day"),
        (
            text({"is": "bought", "days": 3, "first_day": "2024-02-01"}),
            "both a number of days and a first or last day",
        ),
        (
            text({"is": "bought", "first_day": "2024-02-02", "last_day": "2024-02-01"}),
            "The first day lies after",
        ),
        (text({"is": "segment", "names": []}), "compared with nothing"),
        (text({"is": "segment", "names": [3]}), "The segment is missing"),
        (text({"is": "cluster", "numbers": ["1"]}), "whole number"),
        (text({"is": "cluster", "numbers": [True]}), "whole number"),
        (text({"is": "attribute", "name": "", "operator": "known"}), "name is missing"),
        (
            text({"is": "attribute", "name": "a", "operator": "one_of", "values": ["a", 1]}),
            "texts and numbers at once",
        ),
        (
            text({"is": "attribute", "name": "a", "operator": "at_least", "values": ["a"]}),
            "cannot be compared in this way",
        ),
        (text({"is": "in_list", "name": "x" * 100_001}), "longer than 100,000 characters"),
        (text({"is": "in_list", "name": "\ud800"}), "half a character"),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_plain_words(body: str, problem: str) -> None:
    with pytest.raises(AnalyticsError, match=problem) as refused:
        audience.from_json(body)
    assert len(refused.value.problem) < 300
    assert refused.value.fix


@settings(max_examples=200, deadline=None)
@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["is", "parts", "part", "name", "values", "step"]), inner)
    | st.fixed_dictionaries({"is": st.sampled_from(["all", "not", "feature", "did"])}, optional={
        "parts": inner, "part": inner, "name": inner, "values": inner, "step": inner,
        "operator": st.just("is"),
    }),
    max_leaves=8,
))  # fmt: skip
def test_any_other_text_is_refused_and_never_breaks(rule: object) -> None:
    try:
        found = audience.from_json(json.dumps({"version": 1, "rule": rule}))
    except AnalyticsError:
        return
    assert audience.from_json(audience.to_json(found)) == found


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (All(), "Every customer."),
        (
            Feature("recency_days", "between", (30, 1_000)),
            "Customers: “Days since the last order” is between 30 and 1,000.",
        ),
        (
            Not(Feature("city", "one_of", ("Graz", "Lyon", "Rome"))),
            "Customers: not (“City” is one of “Graz”, “Lyon” or “Rome”).",
        ),
        (
            Feature("first_order_day", "at_least", (date(2024, 3, 1),)),
            "Customers: “First order” is on or after 1 March 2024.",
        ),
        (Feature("age_years", "unknown"), "Customers: “Age” is not known."),
        (Feature("consent", "is", (True,)), "Customers: “May be contacted” is yes."),
        (Feature("refund_share", "at_most", (0.25,)), "Customers: “Given back” is at most 0.25."),
        (Attribute("loyalty", "is", ("gold",)), "Customers: “loyalty” is “gold”."),
        (
            AnyOf((Segment(("Lost",)), All((Cluster((2, 3)), Not(InList("vip")))))),
            "Customers: is in the segment “Lost” or (is in group 2 or 3 and is not in the "
            "uploaded list “vip”).",
        ),
        (
            Not(Bought("product", "P1", times=2, first_day=date(2024, 1, 2))),
            "Customers: did not buy the product “P1” at least 2 times from 2 January 2024.",
        ),
        (Bought(days=1), "Customers: bought anything on the last day."),
        (
            Not(Did(Step("view", "P1", "Tea", "web"), days=7)),
            "Customers: did not do “view” of the product “P1” of the category “Tea” through “web” "
            "in the last 7 days.",
        ),
        (
            Sequence(Step("view"), Step("purchase"), 7, happened=False, days=30),
            "Customers: did “view” in the last 30 days and then not “purchase” within 7 days.",
        ),
        (Not(InAudience("a")), "Customers: is not in the audience “a”."),
        (InList("x" * 100), f"Customers: is in the uploaded list “{'x' * 60}…”."),
        (
            Feature("orders", "one_of", tuple(range(13))),
            "Customers: “Orders” is one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 or 3 others.",
        ),
    ],
)  # fmt: skip
def test_a_rule_is_said_in_plain_words(rule: Rule, sentence: str) -> None:
    assert audience.describe(rule) == sentence


def test_groups_of_customers_are_said_by_name_where_it_is_known() -> None:
    names = {1: "Regulars", 2: "One-timers"}
    rule = All((Cluster((1, 2)), Not(Cluster((2,)))))
    assert audience.describe(rule, names) == (
        "Customers: is in the group “Regulars” or “One-timers” and is not in the group "
        "“One-timers”."
    )
    assert audience.describe(AnyOf((Not(Cluster((7,))),)), names) == (
        "Customers: is not in group 7."
    )


def test_the_rules_to_begin_with_fit_what_the_shop_has() -> None:
    few = [one.title for one in audience.templates()]
    assert few == ["Everybody", "Good customers slipping away", "New, one order so far"]
    every = audience.templates(["At risk"], ["Tea", "Cups"], ["view", "cart"])
    assert {
        "Left something in the cart",
        "Viewed but did not buy in 7 days",
        "Bought in one category, never in another",
    } <= {one.title for one in every}
    for one in (*audience.templates(), *every):
        assert audience.check(one.rule) == one.rule
