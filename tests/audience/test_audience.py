"""Saved audiences, uploaded lists, what audiences are worth and whom they share."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from analytics import audience, profile
from analytics.audience import (
    All,
    AnyOf,
    Bought,
    Feature,
    InAudience,
    InList,
    Not,
    Rule,
    Segment,
)  # fmt: skip
from analytics.errors import AnalyticsError
from analytics.store import Store, inspect, load, preview_list
from tests.audience.slow import Shop, frame_of

BUYERS, TEA = Feature("orders", "at_least", (1,)), Bought("product", "tea")


def found(shop: Shop, rule: Rule) -> set[str]:
    members = audience.members(shop.store, rule, shop.as_of, **shop.tables)
    assert list(members.columns) == ["customer_id"]
    assert members["customer_id"].is_monotonic_increasing
    return set(members["customer_id"])


# Saving


def test_what_is_saved_comes_back(own_shop: Shop) -> None:
    store, version = own_shop.store, own_shop.store.version
    audience.save(store, "  Buyers ", BUYERS)
    audience.save(store, "O'Brien \"; DROP TABLE audiences; --", TEA)
    assert audience.saved(store)["name"].tolist() == [
        "Buyers", "O'Brien \"; DROP TABLE audiences; --",
    ]  # fmt: skip
    assert audience.rule(store, "Buyers") == BUYERS
    assert store.version == version
    with pytest.raises(AnalyticsError, match="already is an audience “Buyers”"):
        audience.save(store, "Buyers", TEA)
    audience.save(store, "Buyers", TEA, replace=True)
    assert audience.rule(store, "Buyers") == TEA
    gone = audience.delete(store, "Buyers")
    assert gone == TEA
    with pytest.raises(AnalyticsError, match="no audience “Buyers”"):
        audience.rule(store, "Buyers")
    audience.save(store, "Buyers", gone)
    assert audience.rule(store, "Buyers") == TEA


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\nb", "a\x00b", "\u202eabc"])
def test_a_name_must_make_sense(own_shop: Shop, name: str) -> None:
    with pytest.raises(AnalyticsError, match="name"):
        audience.save(own_shop.store, name, BUYERS)
    assert audience.saved(own_shop.store).empty


def test_audiences_may_not_go_round_in_circles(own_shop: Shop) -> None:
    store = own_shop.store
    with pytest.raises(AnalyticsError, match="no audience “a”"):
        audience.save(store, "b", InAudience("a"))
    with pytest.raises(AnalyticsError, match="“a” would refer to itself"):
        audience.save(store, "a", Not(InAudience("a")))
    audience.save(store, "a", BUYERS)
    audience.save(store, "b", Not(InAudience("a")))
    audience.save(store, "c", AnyOf((InAudience("b"), InAudience("a"))))
    with pytest.raises(AnalyticsError, match="“a” would refer to itself, by way of “c”"):
        audience.save(store, "a", All((BUYERS, InAudience("c"))), replace=True)
    assert audience.rule(store, "a") == BUYERS
    assert found(own_shop, InAudience("c")) == set(own_shop.people)


def test_what_others_refer_to_cannot_be_deleted_but_renamed(own_shop: Shop) -> None:
    store = own_shop.store
    audience.save(store, "a", TEA)
    audience.save(store, "b", Not(All((InAudience("a"), BUYERS))))
    before = found(own_shop, InAudience("b"))
    with pytest.raises(AnalyticsError, match="“b” refers to “a”"):
        audience.delete(store, "a")
    audience.rename(store, "a", "tea drinkers")
    assert audience.rule(store, "b") == Not(All((InAudience("tea drinkers"), BUYERS)))
    assert found(own_shop, InAudience("b")) == before
    with pytest.raises(AnalyticsError, match="already is an audience “b”"):
        audience.rename(store, "tea drinkers", "b")
    with pytest.raises(AnalyticsError, match="no audience “a”"):
        audience.rename(store, "a", "c")
    audience.rename(store, "b", "b")
    assert audience.saved(store)["name"].tolist() == ["b", "tea drinkers"]


def test_a_rule_of_a_newer_version_is_explained(own_shop: Shop) -> None:
    with own_shop.store.transaction(new_version=False) as cursor:
        cursor.execute(
            "INSERT INTO audiences VALUES ('new', $1, NULL)", ['{"version": 9, "rule": {}}']
        )
    with pytest.raises(AnalyticsError, match="newer version"):
        audience.rule(own_shop.store, "new")
    assert audience.saved(own_shop.store)["name"].tolist() == ["new"]


# Uploaded lists


@pytest.mark.parametrize(
    "body",
    [
        b"c00\nc01\nnobody\nc00\n",
        b"customer_id\nc00\nc01\nnobody\n",
        b"\xef\xbb\xbfCustomer ID,name\r\nc00,A\r\nc01,B\r\nnobody,\r\n",
        b"name;customer no\n\"A; B\";c00\nB;c01\n;nobody\n",
        "姓名\t用户ID\n甲\tc00\n乙\tc01\n丙\tnobody\n".encode("gb18030"),
        "customer_id\nc00\nc01\nnobody\n".encode("utf-16"),
        b" c00 \n\n c01\n,\nnobody",
    ],
)  # fmt: skip
def test_a_file_of_numbers_is_read(own_shop: Shop, body: bytes) -> None:
    done = audience.save_ids(own_shop.store, "vip", body)
    assert done == audience.IdList("vip", 3, 2)
    assert found(own_shop, InList("vip")) == {"c00", "c01"}


@pytest.mark.parametrize(
    ("body", "header", "customers", "unknown"),
    [
        ("Klubkarte\nc00\nc01\n", "Klubkarte", 2, []),
        ("Who?;Name\nc00;A\nc01;B\n", "Who?", 2, []),
        ("Who\n" + "".join(f"c{n:02d}\n" for n in range(9)) + "x\n", "Who", 10, ["x"]),
        ("Who\nc00\nx\n", "", 3, ["Who", "x"]),
        ("Who\nc00\nWho\n", "", 2, ["Who"]),
        ("99\nc00\nc01\n", "", 3, ["99"]),
        ("c01\nc00\n", "", 2, []),
        ("Who\n", "", 1, ["Who"]),
        ("Who\nx\ny\n", "", 3, ["Who", "x", "y"]),
        ("customer_id\nWho\nc00\nc01\n", "", 3, ["Who"]),
    ],
)  # fmt: skip
def test_a_first_line_that_is_nobody_is_a_header(
    own_shop: Shop, body: str, header: str, customers: int, unknown: list[str]
) -> None:
    done = audience.save_ids(own_shop.store, "vip", body.encode())
    assert done == audience.IdList("vip", customers, customers - len(unknown), header)
    assert audience.unknown_ids(own_shop.store, "vip") == unknown


def test_lists_are_replaced_and_kept_while_used(own_shop: Shop) -> None:
    store = own_shop.store
    assert audience.save_ids(store, "vip", ["c00", " c01", "", "c00"]).customers == 2
    audience.save(store, "of the list", InList("vip"))
    with pytest.raises(AnalyticsError, match="already is a list “vip”"):
        audience.save_ids(store, " vip ", ["c02"])
    assert found(own_shop, InAudience("of the list")) == {"c00", "c01"}
    done = audience.save_ids(store, "vip", ["c02"], replace=True)
    assert done == audience.IdList("vip", 1, 1)
    assert found(own_shop, InAudience("of the list")) == {"c02"}
    with pytest.raises(AnalyticsError, match="“of the list” refers to the list “vip”"):
        audience.delete_ids(store, "vip")
    audience.delete(store, "of the list")
    assert audience.delete_ids(store, "vip") == ["c02"]
    assert audience.lists_of(store) == []
    with pytest.raises(AnalyticsError, match="no uploaded list “vip”"):
        found(own_shop, InList("vip"))
    for empty in (b"", b"\n\n", b"customer_id\n", []):
        with pytest.raises(AnalyticsError, match="no customer number"):
            audience.save_ids(store, "vip", empty)


# What they are worth


def test_the_summary_is_exact(shop: Shop) -> None:
    for rule in (All(), BUYERS, TEA, Not(BUYERS), Feature("orders", "less_than", (0,))):
        people = shop.members(rule)
        got = audience.summary(shop.store, rule, shop.as_of, **shop.tables)
        worth = sum(((shop.people[one]["revenue"] or Decimal(0)) for one in people), Decimal(0))
        lines = sum(
            (line["revenue"] for line in shop.orders if line["customer_id"] in people), Decimal(0)
        )
        assert got.customers == len(people)
        assert got.revenue == worth == lines
        assert got.opted_out == sum(shop.people[one]["consent"] is False for one in people)
        assert got.share == len(people) / len(shop.people)
        assert got.all_customers == len(shop.people)


def test_the_list_holds_the_members_who_may_be_addressed(shop: Shop) -> None:
    tables = {"features": shop.features, "scores": None}
    kept = audience.keep(shop.store, TEA, shop.as_of, **tables)
    listed = preview_list(
        shop.store, "audience_list", tables={"members": kept.table, "features": shop.features}
    )
    people = shop.members(TEA)
    willing = [one for one in people if shop.people[one]["consent"] is not False]
    assert 0 < len(willing) < len(people)
    assert listed.frame["customer_id"].tolist() == willing
    assert listed.opted_out == len(people) - len(willing)
    assert listed.frame["segment"].isna().all()


def test_a_kept_audience_knows_the_segments(own_shop: Shop) -> None:
    store = own_shop.store
    scores = store.keep("rfm", "test", frame_of(own_shop.scores, "segment"))
    rule = Segment(("Lost", "Loyal"))
    kept = audience.keep(store, rule, own_shop.as_of, features=own_shop.features, scores=scores)
    with store.reading({"members": kept.table}) as cursor:
        rows = dict(cursor.execute("SELECT customer_id, segment FROM members").fetchall())
    assert rows == {one: name for one, name in own_shop.scores.items() if name in ("Lost", "Loyal")}


def test_kept_members_are_made_again_only_when_they_may_differ(
    own_shop: Shop, tmp_path: Path
) -> None:
    store, features = own_shop.store, own_shop.features
    audience.save_ids(store, "vip", ["c00"])
    audience.save(store, "inner", InList("vip"))
    rule = AnyOf((InAudience("inner"), TEA))

    def stamp(rule: Rule = rule, day: date = own_shop.as_of) -> str:
        return audience.stamp(store, rule, day, features=features)

    first = stamp()
    assert stamp() == first
    assert audience.keep(store, rule, own_shop.as_of, features=features) == audience.keep(
        store, rule, own_shop.as_of, features=features
    )
    seen = {first, stamp(TEA), stamp(day=date(2024, 4, 1))}
    audience.save_ids(store, "vip", ["c01"], replace=True)
    seen.add(stamp())
    audience.save(store, "inner", Not(InList("vip")), replace=True)
    seen.add(stamp())
    path = tmp_path / "more.csv"
    path.write_text("order_id,customer_id,ordered_at,product_id,amount\nn1,c25,2024-04-30,tea,1\n")
    load(store, path, inspect(path, table="orders"), import_day=date(2024, 12, 31))
    seen.add(stamp())
    assert len(seen) == 6
    now = profile.keep(store, own_shop.as_of).table
    assert "c25" not in own_shop.members(TEA)
    later = audience.members(store, TEA, own_shop.as_of, features=now)
    assert "c25" in later["customer_id"].tolist()


# Together


def test_combinations_obey_the_algebra_of_sets(own_shop: Shop) -> None:
    audience.save(own_shop.store, "a", TEA)
    audience.save(own_shop.store, "b", Feature("city", "known"))
    a, b = found(own_shop, InAudience("a")), found(own_shop, InAudience("b"))
    assert min(len(a - b), len(b - a), len(a & b)) > 0
    assert found(own_shop, audience.combine("a", "b", "union")) == a | b
    assert found(own_shop, audience.combine("a", "b", "intersection")) == a & b
    assert found(own_shop, audience.combine("a", "b", "difference")) == a - b
    assert found(own_shop, audience.combine("a", "a", "difference")) == set()


def test_the_overlap_counts_every_customer_once(own_shop: Shop) -> None:
    rules = {
        "customers": TEA,
        "known city": Feature("city", "known"),
        "nobody": Feature("orders", "less_than", (0,)),
        "buyers": BUYERS,
    }
    for name, rule in rules.items():
        audience.save(own_shop.store, name, rule)
    sets = {name: found(own_shop, rule) for name, rule in rules.items()}
    got = audience.overlap(own_shop.store, list(rules), own_shop.as_of, **own_shop.tables)
    for row in got.pairs.itertuples(index=False):
        assert row.customers == len(sets[row.first] & sets[row.second])
        if sets[row.first]:
            assert row.first_share == row.customers / len(sets[row.first])
        else:
            assert pd.isna(row.first_share)
    assert len(got.pairs) == 16
    expected: dict[tuple[str, ...], int] = {}
    for one in own_shop.people:
        inside = tuple(name for name in rules if one in sets[name])
        if inside:
            expected[inside] = expected.get(inside, 0) + 1
    assert dict(zip(got.regions["audiences"], got.regions["customers"], strict=True)) == expected

    audience.save(own_shop.store, "fifth", All())
    five = audience.overlap(own_shop.store, [*rules, "fifth"], own_shop.as_of, **own_shop.tables)
    assert len(five.pairs) == 25
    assert five.regions.empty
    for names in ([], ["buyers"], ["buyers", "buyers"]):
        with pytest.raises(AnalyticsError, match="Choose two to 20"):
            audience.overlap(own_shop.store, names, own_shop.as_of, **own_shop.tables)


def test_an_empty_shop_has_nobody(store: Store) -> None:
    features = pd.DataFrame({"customer_id": ["a"], "orders": [1], "revenue": [Decimal("1.0000")]})
    got = audience.summary(store, All(), date(2024, 1, 1), features=features.iloc[:0])
    assert (got.customers, got.revenue) == (0, Decimal(0))
    assert pd.isna(got.share)
    assert pd.isna(got.revenue_share)
