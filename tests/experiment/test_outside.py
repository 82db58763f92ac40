"""Tests run elsewhere: typed totals, and files in the shape of two published ones."""

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics import experiment
from analytics.errors import AnalyticsError, FileError
from analytics.experiment import shelf
from analytics.experiment.outside import guess, look_at_rows
from analytics.store import Store

Write = Callable[..., Path]

MAILS = """recency,history_segment,history,mens,zip_code,newbie,channel,segment,visit,conversion,\
spend
10,2) $100 - $200,142.44,1,Surburban,0,Phone,Womens E-Mail,0,0,0
6,3) $200 - $350,329.08,1,Rural,1,Web,No E-Mail,0,0,0
7,2) $100 - $200,180.65,0,Surburban,1,Web,Womens E-Mail,1,1,29.99
9,5) $500 - $750,675.83,1,Rural,1,Web,Mens E-Mail,1,0,0
2,1) $0 - $100,45.34,1,Urban,0,Web,Womens E-Mail,1,0,0
6,2) $100 - $200,134.83,0,Surburban,0,Phone,Mens E-Mail,1,1,100.01
9,3) $200 - $350,280.20,1,Surburban,1,Phone,No E-Mail,0,0,0
9,1) $0 - $100,46.42,0,Urban,0,Phone,No E-Mail,1,1,50.00
"""

PAGES = """user_id,timestamp,group,landing_page,converted
1,2017-01-21 22:11:48.556739,control,old_page,0
2,2017-01-12 08:01:45.159739,control,old_page,1
3,2017-01-11 16:55:06.154213,treatment,new_page,0
4,2017-01-08 18:28:03.143765,treatment,new_page,0
5,2017-01-21 01:52:26.210827,control,old_page,1
6,2017-01-10 15:20:49.083499,treatment,new_page,1
7,2017-01-09 03:26:46.940749,control,old_page,0
8,2017-01-09 03:26:46.940749,treatment,new_page,0
9,2017-01-19 03:26:46.940749,control,old_page,0
10,2017-01-29 03:26:46.940749,treatment,new_page,1
1,2017-01-22 03:26:46.940749,treatment,old_page,1
4,2017-01-14 02:55:59.590927,treatment,new_page,0
"""


class TestRows:
    """One row a user."""

    def test_mails(self, store: Store, write: Write) -> None:
        path = write("mails.csv.gz", gzip.compress(MAILS.encode()))
        look = look_at_rows(path)
        found = guess(look)
        assert (found.variant, found.outcomes) == ("segment", ("visit", "conversion", "spend"))
        test = experiment.from_rows(store, look)
        assert test.counts.to_numpy(object).tolist() == [
            ["Mens E-Mail", 2, 2], ["No E-Mail", 3, 3], ["Womens E-Mail", 3, 3],
        ]  # fmt: skip
        rows = test.arms.set_index(["metric", "variant"])
        assert rows.loc[("visit", "Womens E-Mail"), "mean"] == pytest.approx(2 / 3)
        assert rows.loc[("conversion", "No E-Mail"), "successes"] == 1
        assert rows.loc[("spend", "No E-Mail"), "mean"] == pytest.approx(50 / 3, rel=1e-12)
        assert rows.loc[("spend", "No E-Mail"), "variance"] == pytest.approx(2500 / 3, rel=1e-12)
        assert rows.loc[("spend", "Mens E-Mail"), "variance"] == pytest.approx(
            100.01**2 / 2, rel=1e-12
        )
        assert rows.loc["spend"]["kind"].unique().tolist() == ["mean"]
        assert [one.unit for one in test.metrics] == ["share", "share", "money"]
        assert experiment.guess_control(test.variants) == "No E-Mail"

    def test_pages(self, store: Store, tmp_path: Path) -> None:
        path = tmp_path / "pages.csv.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("pages.csv", PAGES)
            archive.writestr("__MACOSX/._pages.csv", "x")
        found = guess(look_at_rows(path))
        assert (found.variant, found.customer) == ("group", "user_id")
        assert (found.must_match, found.outcomes) == ("landing_page", ("converted",))
        test = experiment.from_rows(store, path)
        # User 1 saw the wrong page once, which is left out; user 4 came twice and counts once.
        assert test.left_out["rows"].tolist() == [1]
        assert "landing_page does not fit" in test.left_out["reason"].iloc[0]
        assert test.counts["customers"].tolist() == [5, 5]
        assert test.arms["successes"].tolist() == [2, 2]
        assert any("1 further row" in note for note in test.notes)
        assert not list(store.stage.iterdir())

    def test_a_user_in_both_variants_is_left_out(self, store: Store, write: Write) -> None:
        path = write("a.csv", "user_id,variant,bought\n1,a,1\n1,b,0\n2,a,1\n3,b,0\n4,b,1\n")
        test = experiment.from_rows(store, path)
        assert test.switched == 1
        assert test.counts["customers"].tolist() == [1, 2]
        checks = experiment.outside_health(test).set_index("check")
        assert checks.loc["One variant each", "level"] == "red"

    def test_what_is_no_number_is_left_out_and_what_is_blank_counts_as_zero(
        self, store: Store, write: Write
    ) -> None:
        text = "variant;spend\na;1,50\na;inf\na;\nb;-2,25\nb;abc\nb;1.000,00\n;3,00\n"
        mapping = experiment.RowsMapping("variant", ("spend",))
        test = experiment.from_rows(store, write("a.csv", text), mapping)
        assert test.left_out.to_numpy().tolist() == [
            ["spend is neither a number nor yes or no", 2],
            ["No variant is given", 1],
        ]
        assert test.arms["value_mean"].tolist() == [0.75, (1000 - 2.25) / 2]
        assert any("empty in 1 row" in note for note in test.notes)

    def test_yes_and_no_and_chinese(self, store: Store, write: Write) -> None:
        text = "用户ID,实验组,购买\n1,对照,是\n2,对照,否\n3,新版,是\n4,新版,是\n"
        test = experiment.from_rows(store, write("a.csv", text.encode("gb18030")))
        assert test.variants == ["对照", "新版"]
        assert test.arms["successes"].tolist() == [1, 2]
        assert experiment.guess_control(test.variants) == "对照"

    @pytest.mark.parametrize("seed", range(3))
    def test_sums_are_those_of_pandas(self, seed: int, store: Store, write: Write) -> None:
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame(
            {
                "arm": rng.choice(["x", "y", "z"], 500),
                "orders": rng.poisson(0.3, 500),
                "revenue": np.round(rng.gamma(0.2, 80, 500), 2),
                "clicked": rng.integers(0, 2, 500),
            }
        )
        path = write("a.csv", frame.to_csv(index=False))
        test = experiment.from_rows(store, path)
        rows = test.arms.set_index(["metric", "variant"])
        for metric in ("orders", "revenue", "clicked"):
            for variant, own in frame.groupby("arm")[metric]:
                row = rows.loc[(metric, str(variant))]
                assert row["n"] == len(own)
                assert row["value_mean"] == pytest.approx(own.mean(), rel=1e-12)
                assert row["value_variance"] == pytest.approx(own.var(), rel=1e-9)

    def test_columns_of_ones_own_choice(self, store: Store, write: Write) -> None:
        path = write("mails.csv", MAILS)
        mapping = experiment.RowsMapping("channel", ("visit",))
        assert experiment.from_rows(store, path, mapping).variants == ["Phone", "Web"]

    @pytest.mark.parametrize(
        ("mapping", "problem"),
        [
            (experiment.RowsMapping("nothing", ("visit",)), "no column “nothing”"),
            (experiment.RowsMapping("segment", ()), "No outcome is chosen"),
            (experiment.RowsMapping("visit", ("visit",)), "as an outcome too"),
            (experiment.RowsMapping("segment", ("channel",)), "No row can be used"),
        ],
    )
    def test_a_mapping_that_makes_no_sense(
        self, mapping: experiment.RowsMapping, problem: str, store: Store, write: Write
    ) -> None:
        with pytest.raises(AnalyticsError, match=problem):
            experiment.from_rows(store, write("mails.csv", MAILS), mapping)

    def test_files_that_are_no_test(self, store: Store, write: Write) -> None:
        with pytest.raises(AnalyticsError, match="one variant only"):
            experiment.from_rows(
                store,
                write("a.csv", "variant,bought\na,1\na,0\n"),
                experiment.RowsMapping("variant", ("bought",)),
            )
        with pytest.raises(AnalyticsError, match="looks like variants"):
            experiment.from_rows(store, write("b.csv", "when,who\n1,2\n1,2\n1,2\n"))
        with pytest.raises(FileError):
            experiment.from_rows(store, write("c.csv", "only\n1\n2\n"))


class TestTotals:
    """Numbers a variant."""

    def test_conversions_and_revenue(self) -> None:
        test = experiment.from_totals(
            pd.DataFrame(
                {
                    "variant": ["control", "new"],
                    "customers": [21_306, 21_307],
                    "conversions": [122, 267],
                    "revenue": [0.6527893551112363 * 21_306, 1.4226165110057738 * 21_307],
                    "revenue_sd": [134.28637185302105**0.5, 315.21179886555507**0.5],
                }
            )
        )
        control, new = (experiment.arm(test.arms, name) for name in test.variants)
        found = experiment.compare(control, new, "revenue_per_visitor")
        # The men's e-mail of Hillstrom's test.
        assert found.difference == pytest.approx(0.7698271558945375, rel=1e-9)
        assert (found.lo, found.hi) == pytest.approx(
            (0.48513973256840853, 1.0545145792206665), rel=1e-7
        )
        assert found.p_value == pytest.approx(1.1638149682254262e-07, rel=1e-6)
        assert not test.notes

    def test_revenue_without_its_spread_cannot_be_tested(self) -> None:
        test = experiment.from_totals(
            pd.DataFrame(
                {
                    "variant": ["a", "b"],
                    "customers": [100, 200],
                    "conversions": [5, 20],
                    "revenue": [250.0, 1_000.0],
                }
            )
        )
        assert test.arms["metric"].unique().tolist() == ["conversion_rate"]
        assert "2.50 in “a” and 5.00 in “b”" in test.notes[0]
        assert "cannot be tested" in test.notes[0]

    @pytest.mark.parametrize(
        ("rows", "problem"),
        [
            ([("a", 10, 1)], "one variant only, “a”"),
            ([("a", 10, 1), ("a", 10, 1)], "there twice"),
            ([("a", 10, 1), ("", 10, 1)], "no name"),
            ([("a", 10, 1), ("b", -10, 1)], "negative"),
            ([("a", 10, 1), ("b", 10, 11)], "more conversions than customers"),
            ([("a", 10, 1), ("b", float("inf"), 1)], "no number"),
            ([("a", 10, 1), ("b", 10, float("nan"))], "conversions are missing"),
            ([("a", 10, 1), ("b", 10, 1.5)], "no whole number"),
            ([("a", 10, 1), ("b", 0, 0)], "has no customers"),
            ([("a", 10, 1), ("b", "ten", 0)], "no number"),
            ([], "There is no variant"),
        ],
    )
    def test_impossible_numbers(self, rows: list[tuple[object, ...]], problem: str) -> None:
        frame = pd.DataFrame(rows, columns=["variant", "customers", "conversions"])
        with pytest.raises(AnalyticsError, match=problem):
            experiment.from_totals(frame)


def test_a_test_is_saved_and_found_again(store: Store) -> None:
    frame = pd.DataFrame({"variant": ["a", "b"], "customers": [90, 80], "conversions": [9, 12]})
    test = experiment.from_totals(frame)
    version = store.version
    shelf.save_outside(store, "Spring", test.arms)
    pd.testing.assert_frame_equal(
        shelf.outside_tests(store)["Spring"], test.arms, check_dtype=False
    )
    with pytest.raises(AnalyticsError, match="already is a test"):
        shelf.save_outside(store, "Spring", test.arms)
    shelf.save_outside(store, "Spring", test.arms, replace=True)
    shelf.delete_outside(store, "Spring")
    assert shelf.outside_tests(store) == {}
    assert store.version == version
    with pytest.raises(AnalyticsError, match="no name"):
        shelf.save_outside(store, "  ", test.arms)


def test_a_plan_is_saved_and_found_again(store: Store) -> None:
    plan = experiment.plan(0.1, weekly_visitors=1_000, mde=0.02)
    shelf.save_plan(store, "sale", plan, "conversion_rate", 14)
    found = shelf.plan_of(store, "sale")
    assert found is not None
    assert (found.total_n, found.weeks, found.window_days) == (plan.total_n, plan.weeks, 14)
    assert shelf.plans(store)["name"].tolist() == ["sale"]
    shelf.delete_plan(store, "sale")
    assert shelf.plan_of(store, "sale") is None


def test_amounts_of_an_uploaded_test_may_be_large(store: Store, write: Write) -> None:
    """4,000,000 and 6,000,000 in one variant: mean 5,000,000, variance 2 × 10¹²."""
    text = "variant,revenue\nA,4000000\nA,6000000.5\nB,1\nB,3\n"
    look = look_at_rows(write("yen.csv", text.encode()))
    arms = experiment.from_rows(store, look).arms.set_index("variant")
    assert arms.loc["A", "mean"] == pytest.approx(5_000_000.25)
    assert arms.loc["A", "variance"] == pytest.approx(2_000_000.5**2 / 2)
