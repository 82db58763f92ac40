"""Rounds: who is left out, what is kept, what both sides bought of their lists."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

from analytics import profile, recommend
from analytics.errors import AnalyticsError, NotEnoughDataError, StoreError
from analytics.experiment.proportions import newcombe
from analytics.recommend.rounds import draw
from analytics.store import Store, inspect, load, preview_list
from tests.recommend import shops

AT = datetime(2024, 6, 1, 9, 30)
START = date(2024, 6, 1)
Write = Callable[..., Path]


def put(store: Store, path: Path, table: str) -> None:
    load(store, path, inspect(path, table=table), import_day=date(2024, 12, 31))


@pytest.fixture
def fifty(store: Store, write: Write) -> Store:
    """Fifty customers who have each bought a mug; c00 refuses, c02 has the e-mail of c01."""
    people = [f"c{n:02}" for n in range(52)]
    put(
        store,
        write(
            "orders.csv",
            "order_id,customer_id,ordered_at,product_id,quantity,amount\n"
            + "".join(f"{one},{one},2024-05-20,mug,1,5.00\n" for one in people),
        ),
        "orders",
    )
    put(
        store,
        write(
            "customers.csv",
            "customer_id,email,consent\nc00,zero@example.com,no\nc01,one@example.com,yes\n"
            "c02, ONE@example.com,yes\n",
        ),
        "customers",
    )
    return store


def kept_by_hand(store: Store) -> recommend.Kept:
    """Tea, then a cup, for everyone."""
    people = [f"c{n:02}" for n in range(52)]
    frame = pd.DataFrame(
        {
            "customer_id": np.repeat(people, 2),
            "rank": [1, 2] * len(people),
            "product_id": ["tea", "cup"] * len(people),
            "score": 0.5,
            "source": "method",
        }
    )
    table = store.keep("recommendations_discover", "by hand", frame)
    return recommend.Kept(table, "discover", "als", "ALS", "It won.", START, 2)


def start(store: Store, share: float = 0.4) -> recommend.Round:
    return recommend.start_round(
        store, "June", kept_by_hand(store), at=AT, left_out_share=share, window_days=10
    )


def sides(store: Store, one: recommend.Round) -> tuple[list[str], list[str]]:
    with store.reading() as cursor:
        rows = cursor.execute(
            "SELECT customer_id, shown FROM round_members WHERE round_id = $1 ORDER BY 1",
            [one.round_id],
        ).fetchall()
    return [who for who, shown in rows if shown], [who for who, shown in rows if not shown]


def buy(store: Store, write: Write, lines: list[tuple[str, str, str, str]]) -> None:
    """Later orders: customer, day of June, product, amount; a last one ends the data."""
    text = "order_id,customer_id,ordered_at,product_id,quantity,amount,status\n"
    for place, (who, day, product, amount) in enumerate(lines):
        pieces = -1 if amount.startswith("-") else 1
        text += f"x{place},{who},2024-06-{day},{product},{pieces},{amount},paid\n"
    put(store, write("later.csv", text + "end,,2024-07-31,mug,1,5.00,paid\n"), "orders")


# Starting


def test_a_round_is_kept_with_the_lists_as_they_were(fifty: Store) -> None:
    one = start(fifty)
    assert (one.contacted, one.left_out) == (30, 20)
    assert (one.opted_out, one.same_address) == (1, 1)
    assert (one.name, one.n, one.start_day, one.end_day) == ("June", 2, START, date(2024, 6, 11))
    assert one.started_at == AT
    shown, left_out = sides(fifty, one)
    assert sorted(shown + left_out) == ["c01", *(f"c{n:02}" for n in range(3, 52))]
    for place in range(4):
        fifty.keep("recommendations_discover", f"newer {place}", pd.DataFrame({"a": [1]}))
    listed = preview_list(
        fifty, "recommend_list", tables={"recommendations": recommend.round_lists(fifty, one)}
    )
    assert listed.frame["customer_id"].unique().tolist() == shown
    assert listed.frame["product_id"].tolist() == ["tea", "cup"] * 30
    assert [each.name for each in recommend.rounds(fifty)] == ["June"]
    recommend.forget_round(fifty, one)
    assert recommend.rounds(fifty) == []


def test_the_draw_follows_from_the_stored_seed(fifty: Store) -> None:
    one = start(fifty)
    first = sides(fifty, one)
    assert first[1] == [
        who for who, shown in zip(sorted(first[0] + first[1]), draw(50, 0.4, one.seed), strict=True)
        if not shown
    ]  # fmt: skip
    kept = kept_by_hand(fifty)
    again = recommend.start_round(fifty, "Again", kept, at=AT, left_out_share=0.4, seed=one.seed)
    assert sides(fifty, again) == first
    other = recommend.start_round(fifty, "Other", kept, at=AT, left_out_share=0.4)
    assert sides(fifty, other) != first


def test_everybody_is_left_out_as_often_as_asked() -> None:
    times = sum((~draw(200, 0.1, seed)).astype(int) for seed in range(2000))
    assert times.sum() == 2000 * 20
    expected = 200.0  # each with a standard deviation of sqrt(2000 × .1 × .9) = 13.4
    assert abs(times - expected).max() < 5 * 13.4


def test_what_is_no_round_is_refused(fifty: Store) -> None:
    kept = kept_by_hand(fifty)
    with pytest.raises(NotEnoughDataError, match="Of 50 people 5 would be left out"):
        recommend.start_round(fifty, "Small", kept, at=AT)
    for share in (0.0, 1.0, -0.1):
        with pytest.raises(AnalyticsError, match="share left out"):
            recommend.start_round(fifty, "None", kept, at=AT, left_out_share=share)
    with pytest.raises(AnalyticsError, match="window of 0 days"):
        recommend.start_round(fifty, "None", kept, at=AT, window_days=0)
    with pytest.raises(AnalyticsError, match="no name"):
        recommend.start_round(fifty, " ", kept, at=AT, left_out_share=0.4)
    with pytest.raises(AnalyticsError, match="cannot start on 31 May 2024"):
        recommend.start_round(
            fifty, "Early", kept, at=AT, left_out_share=0.4, start_day=date(2024, 5, 31)
        )
    start(fifty)
    with pytest.raises(AnalyticsError, match="already is a round “June”"):
        start(fifty)
    with pytest.raises(AnalyticsError, match="no round “May”"):
        recommend.find_round(fifty, "May")
    for place in range(4):
        fifty.keep("recommendations_discover", f"newer {place}", pd.DataFrame({"a": [1]}))
    with pytest.raises(StoreError):
        recommend.start_round(fifty, "Late", kept, at=AT, left_out_share=0.4)
    assert [each.name for each in recommend.rounds(fifty)] == ["June"]


# Results


def test_a_result_by_hand(fifty: Store, write: Write) -> None:
    one = start(fifty)
    with pytest.raises(NotEnoughDataError, match="starts on 1 June 2024"):
        recommend.round_result(fifty, one)
    shown, left_out = sides(fifty, one)
    lines = [(who, "01", "tea", "10.00") for who in shown[:12]]
    lines += [(who, "10", "cup", "7.50") for who in shown[:3]]
    lines += [(shown[0], "05", "tea", "10.00"), (shown[1], "06", "tea", "-10.00")]
    lines += [(shown[20], "03", "pot", "99.00"), (shown[21], "11", "tea", "10.00")]
    lines += [(shown[22], "04", "tea", "-10.00")]
    lines += [(who, "02", "tea", "10.00") for who in left_out[:2]]
    lines += [("c00", "02", "tea", "10.00")]
    buy(fifty, write, lines)
    found = recommend.round_result(fifty, one)
    assert found.complete
    assert (found.days, found.last_day) == (10, date(2024, 6, 10))
    by_side = found.sides.set_index("shown")
    assert by_side["customers"].to_dict() == {False: 20, True: 30}
    assert by_side["buyers"].to_dict() == {False: 2, True: 12}
    assert by_side["products"].to_dict() == {False: 2, True: 15}
    assert {side: Decimal(str(value)) for side, value in by_side["revenue"].items()} == {
        False: Decimal("20.0000"), True: Decimal("142.5000"),
    }  # fmt: skip
    effects = found.effects.set_index("measure")
    buyers = effects.loc["buyers"]
    assert (buyers["contacted"], buyers["left_out"]) == (0.4, 0.1)
    lo, hi = confint_proportions_2indep(12, 30, 2, 20, compare="diff", method="newcomb")
    assert (buyers["difference_lo"], buyers["difference_hi"]) == pytest.approx((lo, hi))
    own = [27.5, 7.5, 17.5, *[10.0] * 9, *[0.0] * 18]
    oracle = stats.ttest_ind(own, [10.0] * 2 + [0.0] * 18).confidence_interval()
    money = effects.loc["revenue"]
    assert (money["difference_lo"], money["difference_hi"]) == pytest.approx(tuple(oracle))
    oracle = stats.ttest_ind([2] * 3 + [1] * 9 + [0] * 18, [1] * 2 + [0] * 18)
    ends = oracle.confidence_interval()
    pieces = effects.loc["products"]
    assert (pieces["difference_lo"], pieces["difference_hi"]) == pytest.approx(tuple(ends))
    assert found.verdict == "proven"
    assert "Of 30 people who were shown their 2 products 40.0% bought" in found.sentence
    assert "of 20 left out 10.0%" in found.sentence


def test_half_a_window_is_too_early(fifty: Store, write: Write) -> None:
    one = start(fifty)
    shown, _ = sides(fifty, one)
    text = "order_id,customer_id,ordered_at,product_id,quantity,amount\n"
    put(
        fifty,
        write("a.csv", text + "".join(f"y{who},{who},2024-06-04,tea,1,9\n" for who in shown)),
        "orders",
    )
    found = recommend.round_result(fifty, one)
    assert (found.verdict, found.complete, found.days) == ("too early", False, 4)
    assert found.sentence.startswith("Too early to tell: 4 of 10 days are in the data.")


def test_nobody_buying_proves_nothing(fifty: Store, write: Write) -> None:
    one = start(fifty)
    buy(fifty, write, [])
    found = recommend.round_result(fifty, one)
    assert found.verdict == "cannot tell"
    assert not found.effects["proven"].any()
    assert found.effects.set_index("measure").loc["revenue", ["difference_lo"]].isna().all()


def test_newcombes_published_interval() -> None:
    """Newcombe (1998), table II, contrast (a), method 10: 56 of 70 against 48 of 80."""
    assert newcombe((48, 80), (56, 70)) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert newcombe((3, 10), (9, 10)) == pytest.approx((0.1705, 0.8090), abs=5e-5)
    assert newcombe((0, 20), (0, 10)) == pytest.approx((-0.1611, 0.2775), abs=5e-5)


def test_chance_alone_is_rarely_proven() -> None:
    rng = np.random.default_rng(3)
    bought = rng.random(300) < 0.12
    proven = 0
    for seed in range(2000):
        shown = draw(300, 0.1, seed)
        lo, hi = newcombe((int(bought[~shown].sum()), 30), (int(bought[shown].sum()), 270))
        proven += lo > 0 or hi < 0
    assert proven / 2000 < 0.06


@pytest.mark.parametrize(("effect", "verdict"), [(0.35, "proven"), (0.0, "cannot tell")])
def test_a_planted_effect_is_found_and_none_is_not(
    tmp_path: Path, write: Write, effect: float, verdict: str
) -> None:
    """One in ten buys of their list anyway; where showing it works, another third does."""
    with shops.shop(tmp_path, shops.exploring()) as store:
        kept = recommend.keep(store, "discover", 5, "ease")
        one = recommend.start_round(store, "Summer", kept, at=AT, left_out_share=0.2)
        lists = store.query("recommend_list", tables={"recommendations": kept.table})
        shown = set(sides(store, one)[0])
        rng = np.random.default_rng(8)
        text = "order_id,customer_id,ordered_at,product_id,quantity,amount\n"
        for who, own in lists.groupby("customer_id")["product_id"]:
            if rng.random() < 0.1 + (effect if who in shown else 0):
                text += f"s{who},{who},2024-05-25,{own.iloc[0]},1,10.00\n"
            text += f"t{who},{who},2024-05-26,p{rng.integers(200)},1,10.00\n"
        put(store, write("later.csv", text + "end,c1,2024-07-01,p1,1,10.00\n"), "orders")
        found = recommend.round_result(store, one)
        assert found.verdict == verdict
        assert found.effects["proven"].tolist() == [effect > 0] * 3
        lo, hi = found.effects.loc[0, ["difference_lo", "difference_hi"]]
        assert lo < effect < hi
        assert found.sides["customers"].tolist() == [50, 200]


def test_lists_that_put_people_off_are_called_worse(fifty: Store, write: Write) -> None:
    one = start(fifty)
    shown, left_out = sides(fifty, one)
    buy(fifty, write, [(who, "02", "tea", "10.00") for who in [*left_out[:12], *shown[:2]]])
    found = recommend.round_result(fifty, one)
    assert found.verdict == "worse"
    assert "Worse: showing them kept between" in found.sentence


# People


def test_people_who_turn_out_to_be_one_count_once(fifty: Store, write: Write) -> None:
    one = start(fifty)
    shown, left_out = sides(fifty, one)
    put(
        fifty,
        write("matches.csv", f"other_id,customer_id\n{shown[0]},{left_out[0]}\n"),
        "matches",
    )
    buy(fifty, write, [(shown[0], "02", "tea", "10.00"), (left_out[0], "03", "cup", "7.00")])
    found = recommend.round_result(fifty, recommend.find_round(fifty, "June"))
    assert found.sides["customers"].sum() == 49
    assert found.sides["both_sides"].sum() == 1
    assert found.sides["products"].sum() == 2
    first_is_shown = shown[0] < left_out[0]
    assert found.sides.loc[found.sides["shown"] == first_is_shown, "buyers"].tolist() == [1]
    with zipfile.ZipFile(io.BytesIO(profile.export(fifty, left_out[0]))) as archive:
        held = pd.read_csv(io.BytesIO(archive.read("rounds.csv")))
    listed = zip(held["customer_id"], held["shown"], held["product_id"], strict=True)
    assert set(listed) == {
        (who, who == shown[0], product)
        for who in (shown[0], left_out[0])
        for product in ("tea", "cup")
    }
    assert len(held) == 4


def test_who_opts_out_later_or_says_never_is_not_listed(fifty: Store, write: Write) -> None:
    one = start(fifty)
    shown, _ = sides(fifty, one)
    put(fifty, write("c.csv", f"customer_id,consent\n{shown[1]},no\n"), "customers")
    recommend.give_feedback(fifty, shown[2], "tea", "never", day=START, at=AT)
    listed = preview_list(
        fifty, "recommend_list", tables={"recommendations": recommend.round_lists(fifty, one)}
    )
    assert shown[1] not in set(listed.frame["customer_id"])
    assert listed.opted_out == 2
    own = listed.frame[listed.frame["customer_id"] == shown[2]]
    assert own[["rank", "product_id"]].to_numpy().tolist() == [[1, "cup"]]
    assert recommend.find_round(fifty, "June").contacted == 30, (
        "they count on their side all the same"
    )
