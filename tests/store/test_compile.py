"""Each kind of condition on a shop small enough to reckon by hand."""

from collections.abc import Iterator
from datetime import date

import pandas as pd
import pytest

from analytics import profile
from analytics.errors import AnalyticsError
from analytics.store import Store, compile, inspect, load
from analytics.store.compile.rule import (
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
from tests.portable_sql import faults, parameters, to_spark

AS_OF = date(2024, 4, 1)
FILES = {
    "orders": """order_id,line_no,customer_id,ordered_at,product_id,quantity,amount,channel
1,1,anna,2024-01-10 10:00:00,tea,1,10.00,web
1,2,anna,2024-01-10 10:00:00,cup,1,5.50,web
2,1,anna,2024-03-20 09:00:00,tea,1,10.00,store
3,1,ben,2024-03-31 23:59:59,tea,2,20.00,web
4,1,ben,2024-04-01 00:00:00,cup,1,5.50,web
5,1,cleo,2024-03-02,cup,1,5.50,
5,2,cleo,2024-03-05 08:00:00,tea,-1,-10.00,
6,1,,2024-03-01 08:00:00,tea,1,10.00,web
""",
    "events": """customer_id,session_id,occurred_at,event,product_id,channel
anna,a,2024-03-20 08:00:00,view,tea,web
anna,a,2024-03-20 08:00:00,favourite,tea,web
ben,b,2024-03-30 12:00:00,view,tea,web
ben,b,2024-03-30 12:05:00,view,cup,app
cleo,c,2024-03-02 07:00:00,view,cup,web
dora,d,2024-03-10 07:00:00,view,cup,app
dora,d,2024-03-10 07:01:00,cart,cup,app
dora,d,2024-03-17 07:01:00,purchase,cup,app
emil,e,2024-03-25 00:00:00,view,tea,web
,x,2024-03-25 10:00:00,view,tea,web
""",
    "customers": """customer_id,city,consent,birth_date,loyalty,visits
anna,Lyon,yes,1990-04-01,gold,12
ben,Graz,no,,silver,3
cleo,,,1990-04-02,,many
dora,Lyon,yes,,gold,
""",
    "products": """product_id,name,category
tea,Tea,drinks
cup,Cup,ware
""",
}
"""Emil has no row in customers; one order and one view belong to guests; one row is a return."""

EVERYONE = ["anna", "ben", "cleo", "dora", "emil"]
SCORES = pd.DataFrame({"customer_id": ["anna", "ben"], "segment": ["Loyal", "At risk"]})
CLUSTERS = pd.DataFrame({"customer_id": ["anna", "ben", "dora"], "cluster": [0, 1, 1]})


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("compile")
    with Store() as store:
        for table, text in FILES.items():
            path = folder / f"{table}.csv"
            path.write_text(text, encoding="utf-8")
            load(store, path, inspect(path, table=table), import_day=date(2024, 12, 31))
        with store.transaction(new_version=False) as cursor:
            cursor.execute(
                "INSERT INTO id_lists VALUES ('vip', 'ben'), ('vip', 'ben'), ('vip', 'x'), "
                "('old numbers', 'd-0')"
            )
            cursor.execute("INSERT INTO same_person VALUES ('d-0', 'dora')")
        yield store


AUDIENCES: dict[str, Rule] = {
    "lyon": Feature("city", "is", ("Lyon",)),
    "not lyon": Not(InAudience("lyon")),
}


def found(shop: Store, rule: Rule, as_of: date = AS_OF) -> list[str]:
    tables = {
        "features": profile.keep(shop, as_of).table, "scores": SCORES, "clusters": CLUSTERS
    }  # fmt: skip
    members = compile.members(shop, rule, tables, as_of, AUDIENCES)
    assert members.column_names == ["customer_id"]
    names: list[str] = members.column("customer_id").to_pylist()
    assert compile.count(shop, rule, tables, as_of, AUDIENCES) == len(names)
    text = compile.text(shop, rule, tables, as_of, AUDIENCES)
    assert faults(text) == []
    assert to_spark(text)
    return names


CASES: list[tuple[Rule, str]] = [
    (All(), "anna ben cleo dora emil"),
    # features: numbers, money, texts, flags, days; missing is never fulfilled
    (Feature("orders", "at_least", (1,)), "anna ben cleo"),
    (Feature("orders", "is", (2,)), "anna"),
    (Feature("orders", "is_not", (2,)), "ben cleo dora emil"),
    (Feature("recency_days", "less_than", (12,)), "ben"),
    (Feature("recency_days", "at_most", (12,)), "anna ben"),
    (Feature("recency_days", "between", (12, 30)), "anna cleo"),
    (Feature("recency_days", "more_than", (1,)), "anna cleo"),
    (Feature("recency_days", "unknown"), "dora emil"),
    (Not(Feature("recency_days", "more_than", (1,))), "ben dora emil"),
    (Feature("recency_days", "one_of", (1, 30)), "ben cleo"),
    (Feature("recency_days", "not_one_of", (1, 30)), "anna"),
    (Feature("revenue", "is", (25.5,)), "anna"),
    (Feature("revenue", "less_than", (0,)), "cleo"),
    (Feature("revenue", "between", (-4.5, 20)), "ben cleo dora emil"),
    (Feature("city", "is", ("Lyon",)), "anna dora"),
    (Feature("city", "is_not", ("Lyon",)), "ben"),
    (Feature("city", "one_of", ("Graz", "Rome")), "ben"),
    (Feature("city", "not_one_of", ("Graz", "Rome")), "anna dora"),
    (Feature("city", "contains", ("yo",)), "anna dora"),
    (Feature("city", "starts_with", ("yo",)), ""),
    (Feature("city", "starts_with", ("L",)), "anna dora"),
    (Feature("city", "known"), "anna ben dora"),
    (Feature("city", "unknown"), "cleo emil"),
    (Feature("consent", "is", (False,)), "ben"),
    (Feature("consent", "is", (True,)), "anna dora"),
    (Not(Feature("consent", "is", (True,))), "ben cleo emil"),
    (Feature("last_order_day", "at_least", (date(2024, 3, 20),)), "anna ben"),
    (Feature("first_order_day", "is", (date(2024, 1, 10),)), "anna"),
    (Feature("age_years", "at_least", (34,)), "anna"),
    # attributes, as texts and as numbers
    (Attribute("loyalty", "is", ("gold",)), "anna dora"),
    (Attribute("loyalty", "is_not", ("gold",)), "ben"),
    (Attribute("loyalty", "unknown"), "cleo emil"),
    (Attribute("visits", "at_least", (4,)), "anna"),
    (Attribute("visits", "less_than", (12,)), "ben"),
    (Attribute("visits", "known"), "anna ben cleo"),
    (Attribute("nothing", "known"), ""),
    # segments, clusters, lists, audiences
    (Segment(("Loyal",)), "anna"),
    (Not(Segment(("Loyal",))), "ben cleo dora emil"),
    (Cluster((1, 7)), "ben dora"),
    (InList("vip"), "ben"),
    (InList("old numbers"), "dora"),
    (InAudience("not lyon"), "ben cleo emil"),
    # bought: orders, not lines; returns are none; the as-of day itself does not count
    (Bought(), "anna ben cleo"),
    (Bought(times=2), "anna"),
    (Bought("product", "tea"), "anna ben"),
    (Bought("product", "tea", times=2), "anna"),
    (Bought("category", "ware"), "anna cleo"),
    (Not(Bought("category", "ware")), "ben dora emil"),
    (Bought(days=1), "ben"),
    (Bought(days=12), "anna ben"),
    (Bought(days=11), "ben"),
    (Bought(first_day=date(2024, 3, 2), last_day=date(2024, 3, 20)), "anna cleo"),
    (Bought(first_day=date(2024, 3, 21)), "ben"),
    (Bought(last_day=date(2024, 1, 10)), "anna"),
    # did
    (Did(Step("view")), "anna ben cleo dora emil"),
    (Did(Step("view"), times=2), "ben"),
    (Did(Step("view", product="cup")), "ben cleo dora"),
    (Did(Step("view", category="drinks")), "anna ben emil"),
    (Did(Step("view", channel="app")), "ben dora"),
    (Did(Step("view", category="ware", channel="web")), "cleo"),
    (Did(Step("view"), days=2), "ben"),
    (Did(Step("view"), days=7), "ben emil"),
    (Did(Step("cart")), "dora"),
    # sequences: anna bought an hour after, cleo's order of that day has no time, dora's purchase
    # came exactly 7 days and 1 minute after her view; ben's came a day and a half after his, and of
    # his and emil's views 7 days are not over
    (Sequence(Step("view"), Step("purchase"), 7, happened=False), "dora"),
    (Sequence(Step("view"), Step("purchase"), 7, happened=True), "anna cleo"),
    (Sequence(Step("cart"), Step("purchase"), 7, happened=True), "dora"),
    (Sequence(Step("view"), Step("purchase"), 8, happened=True), "anna cleo dora"),
    (Sequence(Step("view"), Step("purchase"), 1, happened=False), "ben dora emil"),
    (Sequence(Step("view"), Step("purchase"), 6, happened=False), "dora emil"),
    (Sequence(Step("view"), Step("purchase"), 1, happened=True), "anna cleo"),
    (Sequence(Step("view"), Step("purchase"), 1, happened=False, days=20), "ben emil"),
    (Sequence(Step("view"), Step("purchase"), 1, happened=False, days=22), "ben dora emil"),
    (Sequence(Step("view", product="tea"), Step("purchase"), 1, happened=True), "anna"),
    (Sequence(Step("view"), Step("purchase", "tea"), 1, happened=False), "ben cleo dora emil"),
    # what happened at the same moment counts as after; of one kind only from the next day on
    (Sequence(Step("view"), Step("favourite"), 1, happened=True), "anna"),
    (Sequence(Step("favourite"), Step("view"), 1, happened=False), ""),
    (Sequence(Step("view"), Step("view"), 1, happened=True), ""),
    (Sequence(Step("purchase"), Step("purchase"), 70, happened=True), "anna"),
    (Sequence(Step("purchase"), Step("purchase"), 69, happened=True), ""),
    (Sequence(Step("purchase"), Step("purchase"), 9, happened=False), "anna cleo dora"),
    # groups
    (All((Bought(), Not(Feature("city", "is", ("Lyon",))))), "ben cleo"),
    (AnyOf((Segment(("Loyal",)), Cluster((1,)))), "anna ben dora"),
    (Not(AnyOf((Segment(("Loyal",)), All((Cluster((1,)), Bought()))))), "cleo dora emil"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "expected"),
    CASES,
    ids=[f"{at}-{type(one[0]).__name__}" for at, one in enumerate(CASES)],
)
def test_a_condition_finds(shop: Store, rule: Rule, expected: str) -> None:
    assert found(shop, rule) == expected.split()


def test_the_day_looked_from_is_the_day_after(shop: Store) -> None:
    assert found(shop, Bought("product", "cup"), date(2024, 4, 2)) == ["anna", "ben", "cleo"]
    assert found(shop, Bought(), date(2024, 1, 10)) == []
    assert found(shop, Bought(days=36_500), date(2024, 4, 1)) == ["anna", "ben", "cleo"]


@pytest.mark.parametrize(
    "text",
    ["'", '"; DROP TABLE orders; --', "x" * 10_000, "\x00", "a\x00b", "東京", "$p0", "%", "\\"],
)
def test_hostile_text_is_only_compared(shop: Store, text: str) -> None:
    tables = shop.tables().set_index("table")["rows"].to_dict()
    for rule in (
        Feature("city", "is", (text,)),
        Feature("city", "one_of", (text, "Lyon")),
        Feature("city", "contains", (text,)),
        Attribute(text, "is", ("gold",)),
        Attribute("loyalty", "is", (text,)),
        Bought("product", text),
        Bought("category", text),
        Segment((text,)),
        InList(text),
        Did(Step(text)),
        Did(Step("view", text, text, text)),
        Sequence(Step(text), Step("view", category=text), 7, happened=True),
    ):
        expected = ["anna", "dora"] if "Lyon" in getattr(rule, "values", ()) else []
        assert found(shop, rule) == expected
    query = compile.text(
        shop, Feature("city", "is", (text,)), {"features": profile.keep(shop).table}, AS_OF
    )
    assert query.count("$") == 1
    assert parameters(query) == {"p0"}
    assert shop.tables().set_index("table")["rows"].to_dict() == tables


@pytest.mark.parametrize(
    "name", ["customer_id", "attributes", "nothing", 'orders" OR 1=1 --', "orders; DROP TABLE x"]
)
def test_only_features_may_be_compared(shop: Store, name: str) -> None:
    with pytest.raises(AnalyticsError, match="is not known of customers"):
        found(shop, Feature(name, "is", (1,)))
    with pytest.raises(AnalyticsError, match="is not known of customers"):
        compile.texts(shop, profile.keep(shop, AS_OF).table, name, 5)


def test_what_is_not_there_is_said(shop: Store) -> None:
    features = {"features": profile.keep(shop, AS_OF).table}
    with pytest.raises(AnalyticsError, match="no segments yet"):
        compile.members(shop, Not(Segment(("Loyal",))), features, AS_OF)
    with pytest.raises(AnalyticsError, match="no groups yet"):
        compile.members(shop, InAudience("a"), features, AS_OF, {"a": Cluster((1,))})
    with pytest.raises(AnalyticsError, match="no audience “b”"):
        compile.members(shop, InAudience("b"), features, AS_OF)


def test_an_audience_used_twice_is_asked_once(shop: Store) -> None:
    text = compile.text(
        shop, AnyOf((InAudience("lyon"), InAudience("not lyon"))),
        {"features": profile.keep(shop, AS_OF).table}, AS_OF, AUDIENCES,
    )  # fmt: skip
    assert text.count("FROM features") == 3


def test_the_texts_of_a_feature_come_most_frequent_first(shop: Store) -> None:
    features = profile.keep(shop, AS_OF).table
    assert compile.texts(shop, features, "city", 5) == ["Lyon", "Graz"]
    assert compile.texts(shop, features, "city", 1) == ["Lyon"]
    assert compile.attribute_names(shop, features) == ["loyalty", "visits"]
    assert found(shop, All()) == EVERYONE
