"""Any rule gives the same customers as a slow reading of it, and its query stays portable."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings

from analytics import audience
from analytics.audience import All, AnyOf, Bought, Feature, InAudience, Not, Rule
from analytics.store import compile
from tests.audience.rules import HOSTILE, RULES, SEQUENCES
from tests.audience.slow import Shop
from tests.portable_sql import faults, parameters, to_spark

QUICK = settings(max_examples=60, deadline=None)


@pytest.fixture(scope="module")
def full(shop: Shop) -> Iterator[Shop]:
    """The shop with two lists and two audiences, one of which refers to the other."""
    for name in ("vip", HOSTILE[2]):
        ids = sorted(shop.people)[:: 2 if name == "vip" else 3]
        shop.lists[name] = set(ids)
        audience.save_ids(shop.store, "list", [*ids, "nobody"])
        with shop.store.transaction(new_version=False) as cursor:
            cursor.execute("UPDATE id_lists SET name = $1 WHERE name = 'list'", [name])
    shop.audiences = {"inner": Feature("orders", "at_least", (2,))}
    shop.audiences["outer"] = Not(audience.All((InAudience("inner"), Bought("product", "tea"))))
    for name, rule in shop.audiences.items():
        audience.save(shop.store, name, rule)
    yield shop
    shop.lists, shop.audiences = {}, {}
    for name in ("outer", "inner"):
        audience.delete(shop.store, name)


@settings(max_examples=300, deadline=None)
@given(rule=RULES)
def test_a_rule_finds_whom_a_slow_reading_finds(full: Shop, rule: Rule) -> None:
    found = audience.members(full.store, rule, full.as_of, **full.tables)
    assert found["customer_id"].tolist() == full.members(rule)


@settings(max_examples=160, deadline=None)
@given(rule=SEQUENCES)
def test_a_sequence_finds_whom_a_slow_reading_finds(full: Shop, rule: Rule) -> None:
    found = audience.members(full.store, rule, full.as_of, **full.tables)
    assert found["customer_id"].tolist() == full.members(rule)


@QUICK
@given(rule=RULES)
def test_its_query_is_portable_and_holds_no_text_of_the_user(full: Shop, rule: Rule) -> None:
    rules = {name: audience.rule(full.store, name) for name in full.audiences}
    columns = dict.fromkeys(full.people[min(full.people)], "DOUBLE")
    query = compile.compile_rule(rule, rules, columns, full.as_of)
    assert faults(query.text) == []
    assert to_spark(query.text)
    assert parameters(query.text) == set(query.params)
    assert "DROP" not in query.text
    assert "xxxx" not in query.text


@settings(max_examples=300, deadline=None)
@given(rule=RULES)
def test_a_rule_comes_back_from_its_text_and_can_be_said(rule: Rule) -> None:
    assert audience.from_json(audience.to_json(rule)) == rule
    assert audience.describe(rule).startswith("Customers: ")
    assert len(audience.describe(rule)) < 20_000


@settings(max_examples=12, deadline=None)
@given(a=RULES, b=RULES)
def test_groups_obey_the_algebra_of_sets(full: Shop, a: Rule, b: Rule) -> None:
    tables, rules = full.tables, full.audiences

    def found(rule: Rule) -> set[str]:
        members = audience.members(full.store, rule, full.as_of, **tables)["customer_id"]
        assert compile.count(full.store, rule, tables, full.as_of, rules) == len(members)
        return set(members)

    first, second = found(a), found(b)
    assert found(AnyOf((a, b))) == first | second
    assert found(All((a, b))) == first & second
    assert found(Not(AnyOf((a, Not(b))))) == second - first
