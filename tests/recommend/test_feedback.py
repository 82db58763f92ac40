"""Feedback: what was said is kept, "never" holds at once everywhere, thumbs count from then on."""

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import profile, recommend
from analytics.errors import AnalyticsError
from analytics.recommend.history import read
from analytics.store import Store, inspect, load
from tests.conftest import IMPORT_DAY, SMALL_SHOP
from tests.recommend import shops

AT = datetime(2024, 6, 1, 9, 30)
DAY = shops.AS_OF
Write = Callable[..., Path]


@pytest.fixture(scope="module")
def exploring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with shops.shop(tmp_path_factory.mktemp("exploring"), shops.exploring()) as store:
        yield store


@pytest.fixture
def shop(exploring: Store) -> Iterator[Store]:
    """The shop without any feedback."""
    yield exploring
    said = recommend.feedback(exploring)
    for one, product in zip(said["customer_id"], said["product_id"], strict=True):
        recommend.take_back(exploring, one, product)


def say(store: Store, customer: str, product: str, verdict: recommend.Verdict) -> None:
    recommend.give_feedback(store, customer, product, verdict, day=DAY, at=AT)


def everyones(store: Store, kept: recommend.Kept) -> pd.DataFrame:
    return store.query("recommend_list", tables={"recommendations": kept.table})


def pairs(frame: pd.DataFrame) -> set[tuple[str, str]]:
    return set(zip(frame["customer_id"], frame["product_id"], strict=True))


# What is kept


def test_the_last_word_stands_and_can_be_taken_back(shop: Store) -> None:
    version = shop.version
    say(shop, "c1", "p5", "up")
    say(shop, "c1", "p6", "never")
    say(shop, "c1", "p5", "down")
    found = recommend.feedback(shop)
    assert found[["customer_id", "product_id", "verdict"]].to_numpy().tolist() == [
        ["c1", "p5", "down"],
        ["c1", "p6", "never"],
    ]
    assert pd.to_datetime(found["given_at"]).tolist() == [pd.Timestamp(AT)] * 2
    recommend.take_back(shop, "c1", "p5")
    recommend.take_back(shop, "c1", "p99")
    assert pairs(recommend.feedback(shop)) == {("c1", "p6")} == pairs(recommend.never_shown(shop))
    assert shop.version == version, "no imported data changed"


def test_what_is_no_feedback_is_refused(shop: Store) -> None:
    with pytest.raises(AnalyticsError, match="no feedback “maybe”"):
        say(shop, "c1", "p5", "maybe")  # type: ignore[arg-type]
    with pytest.raises(AnalyticsError, match="needs a customer and a product"):
        say(shop, "c1", " ", "up")
    assert recommend.feedback(shop).empty


# Never


@settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))
@given(
    refused=st.sets(st.tuples(st.integers(0, 249), st.integers(0, 199)), min_size=1, max_size=40),
    job=st.sampled_from(["discover", "again"]),
    spread=st.sampled_from([0.0, 0.5]),
)
def test_never_holds_in_every_row_of_everyones(
    shop: Store,
    models: dict[str, recommend.Model],
    refused: set[tuple[int, int]],
    job: recommend.Job,
    spread: float,
) -> None:
    """Also what a model that learnt before knows nothing of."""
    for one, product in pairs(recommend.feedback(shop)):
        recommend.take_back(shop, one, product)
    model = models[job]
    best = model.for_customers(n=3, reasons=False)
    wanted = [(f"c{one}", f"p{product}") for one, product in refused]
    wanted += list(pairs(best.iloc[::37]))
    for one, product in wanted:
        say(shop, one, product, "never")
    kept = recommend.keep(shop, job, 10, "als", found=model, spread=spread)
    listed = everyones(shop, kept)
    assert len(listed) == 250 * 10
    assert not pairs(listed) & set(wanted)
    exclude = recommend.never_shown(shop)
    assert not pairs(model.for_customers(n=10, exclude=exclude, reasons=False)) & set(wanted)
    told = model.for_product("p45", exclude=exclude)
    assert not {(one, "p45") for one in told["customer_id"]} & set(wanted)


@pytest.fixture(scope="module")
def models(exploring: Store) -> dict[str, recommend.Model]:
    return {job: recommend.fit(exploring, job, "als") for job in recommend.JOBS}


def test_never_makes_kept_lists_stale_and_undoing_brings_them_back(
    shop: Store, models: dict[str, recommend.Model]
) -> None:
    model = models["discover"]
    before = recommend.keep(shop, "discover", 5, "als", found=model)
    first = everyones(shop, before)
    gone = first.iloc[0]
    say(shop, gone["customer_id"], gone["product_id"], "never")
    after = everyones(shop, recommend.keep(shop, "discover", 5, "als", found=model))
    kept = after["customer_id"] == gone["customer_id"]
    expected = model.for_customers([gone["customer_id"]], 6)["product_id"].tolist()[1:]
    assert after.loc[kept, "product_id"].tolist() == expected
    assert pairs(after[~kept]) == pairs(first[first["customer_id"] != gone["customer_id"]])
    recommend.take_back(shop, gone["customer_id"], gone["product_id"])
    again = recommend.keep(shop, "discover", 5, "als", found=model)
    assert again == before


def test_the_filters_are_in_the_stamp(shop: Store, models: dict[str, recommend.Model]) -> None:
    model = models["again"]
    some = [f"p{n}" for n in range(0, 200, 2)]
    given: list[dict[str, object]] = [
        {}, {"include": some}, {"include": some[1:]}, {"exclude": ["p3"]}, {"rest_days": 7},
        {"exclude": pd.DataFrame({"customer_id": ["c1"], "product_id": ["p7"]})}, {"spread": 0.4},
    ]  # fmt: skip
    seen = set()
    for options in given:
        kept = recommend.keep(shop, "again", 10, "als", found=model, **options)  # type: ignore[arg-type]
        seen.add(kept.table)
        direct = model.for_customers(n=10, reasons=False, **options)  # type: ignore[arg-type]
        listed = everyones(shop, kept)
        assert listed["product_id"].tolist() == direct["product_id"].tolist()
        assert listed["customer_id"].tolist() == direct["customer_id"].tolist()
    assert len(seen) == len(given)


def test_never_outlives_an_import_and_a_new_fit(tmp_path: Path, write: Write) -> None:
    with shops.shop(tmp_path, shops.exploring()) as store:
        model = recommend.fit(store, "discover", "ease")
        refused = pairs(model.for_customers(n=1, reasons=False))
        for one, product in refused:
            say(store, one, product, "never")
        path = write(
            "more.csv",
            "order_id,customer_id,ordered_at,product_id,quantity,amount\n"
            + "".join(f"n{n},c{n},2024-05-30,p{n % 200},1,10.00\n" for n in range(250)),
        )
        load(store, path, inspect(path, table="orders"), import_day=date(2024, 12, 31))
        later = recommend.fit(store, "discover", "ease")
        assert later.as_of > model.as_of
        assert not pairs(later.for_customers(n=20, reasons=False)) & refused
        assert not pairs(everyones(store, recommend.keep(store, "discover", 10, "ease"))) & refused
        product = next(iter(refused))[1]
        told = set(later.for_product(product)["customer_id"])
        assert told
        assert not told & {one for one, other in refused if other == product}


# Thumbs


def test_thumbs_weigh_in_the_history_by_hand(store: Store, write: Write) -> None:
    """Anna bought tea and put it into the cart (1 + .5 + .1 of a view), and bought cup and pot."""
    for table, text in SMALL_SHOP.items():
        path = write(f"{table}.csv", text)
        load(store, path, inspect(path, table=table), import_day=IMPORT_DAY)
    day = date(2024, 6, 1)
    for one, product, verdict, said in (
        ("anna", "pot", "up", day), ("anna", "tea", "down", day), ("carl", "tea", "up", day),
        ("anna", "cup", "never", date(2024, 6, 2)), ("nobody", "tea", "up", day),
        ("anna", "nothing", "down", day),
    ):  # fmt: skip
        recommend.give_feedback(store, one, product, verdict, day=said, at=AT)  # type: ignore[arg-type]
    found = read(store, day)
    strength = pd.DataFrame(
        found.strength.toarray(), found.customers["customer_id"], found.products["product_id"]
    )
    assert strength.loc["anna", "pot"] == pytest.approx(1.0 + recommend.THUMB_UP)
    assert strength.loc["anna", "tea"] == 0.0
    assert strength.loc["carl", "tea"] == pytest.approx(recommend.THUMB_UP)
    assert strength.loc["anna", "cup"] == pytest.approx(1.0), "it is said on a later day"
    bought = found.purchases.toarray()[found.customers["customer_id"].tolist().index("anna")]
    assert bought[found.products["product_id"].tolist().index("tea")] == 1, "a purchase stays one"
    later = read(store, date(2024, 6, 2))
    assert later.unwanted.sum() == 2
    assert found.unwanted.sum() == 1
    assert len({read(store, date(2024, 5, 1)).feedback, found.feedback, later.feedback}) == 3


def test_a_thumb_down_leaves_the_list_at_the_next_fit_only(shop: Store) -> None:
    model = recommend.fit(shop, "again", "again")
    best = model.for_customers(["c3"], 1)["product_id"].iloc[0]
    say(shop, "c3", best, "down")
    assert model.for_customers(["c3"], 1)["product_id"].iloc[0] == best
    later = recommend.fit(shop, "again", "again")
    assert best not in set(later.for_customers(["c3"], 50)["product_id"])
    earlier = recommend.fit(shop, "again", "again", date(2024, 5, 1))
    assert earlier.history.unwanted is None
    table = recommend.keep(shop, "again", 10, "again").table
    listed = shop.query("recommend_list", tables={"recommendations": table})
    assert ("c3", best) not in pairs(listed)


def test_thumbs_up_move_a_customer_to_another_taste(shop: Store) -> None:
    """Customer 7 has taste 2; with many thumbs up for taste 4, its products come to the top."""
    before = recommend.fit(shop, "discover", "ease").for_customers(["c7"], 10)
    assert set(before["product_id"].str[1:].astype(int) // 40) == {2}
    for number in range(160, 185):
        say(shop, "c7", f"p{number}", "up")
    after = recommend.fit(shop, "discover", "ease").for_customers(["c7"], 10)
    tastes = after["product_id"].str[1:].astype(int) // 40
    assert (tastes == 4).sum() >= 3


# People with several ids


def test_what_a_person_said_under_another_id_is_theirs(tmp_path: Path, write: Write) -> None:
    with shops.shop(tmp_path, shops.exploring()) as store:
        say(store, "c1", "p5", "never")
        recommend.give_feedback(store, "c2", "p5", "up", day=DAY, at=datetime(2024, 6, 2, 9, 30))
        say(store, "c1", "p8", "up")
        path = write("matches.csv", "other_id,customer_id\nc1,c2\n")
        load(store, path, inspect(path, table="matches"), import_day=date(2024, 12, 31))
        found = recommend.feedback(store)[["customer_id", "product_id", "verdict"]]
        assert found.to_numpy().tolist() == [["c2", "p5", "never"], ["c2", "p8", "up"]]
        model = recommend.fit(store, "discover", "ease")
        assert "p5" not in set(model.for_customers(["c2"], 100)["product_id"])
        with zipfile.ZipFile(io.BytesIO(profile.export(store, "c2"))) as archive:
            told = pd.read_csv(io.BytesIO(archive.read("feedback.csv")))
        assert sorted(told["customer_id"] + " " + told["verdict"]) == [
            "c1 never", "c1 up", "c2 up",
        ]  # fmt: skip
        recommend.take_back(store, "c2", "p5")
        assert pairs(recommend.feedback(store)) == {("c2", "p8")}


def test_somebody_known_only_by_feedback_has_a_record(store: Store) -> None:
    say(store, "zoe", "p1", "never")
    found = store.query("profile_person", customer_id="zoe")
    assert found["records"].tolist() == [1]


def test_feedback_survives_the_file(tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    with Store(path) as store:
        say(store, "anna", "tea", "never")
    with Store(path) as store:
        assert pairs(recommend.never_shown(store)) == {("anna", "tea")}


def test_columns_hold_what_rows_do(shop: Store, models: dict[str, recommend.Model]) -> None:
    kept = recommend.keep(shop, "discover", 4, "als", found=models["discover"])
    handed = {"recommendations": kept.table}
    rows = shop.query("recommend_list", tables=handed)
    wide = shop.query("recommend_columns", tables=handed)
    assert len(wide) == rows["customer_id"].nunique()
    long = wide.melt("customer_id", [f"product_{n}_id" for n in range(1, 11)]).dropna()
    ranks = long["variable"].str.extract(r"(\d+)")[0].astype(int)
    assert set(zip(long["customer_id"], ranks, long["value"], strict=True)) == set(
        zip(rows["customer_id"], rows["rank"], rows["product_id"], strict=True)
    )
    np.testing.assert_array_equal(wide["product_1"], wide["product_1_id"])
