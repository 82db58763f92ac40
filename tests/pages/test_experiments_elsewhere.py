"""Tests that were run elsewhere, on the Experiments page without a browser."""

import gzip
import io
import re
import zipfile

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

import ui
from analytics.experiment import shelf
from tests.pages.experiment_pages import box, press, said, verdicts, visit


def typed(**arms: tuple[int, int] | tuple[int, int, float, float]) -> pd.DataFrame:
    rows = [(name, *(*numbers, None, None)[:4]) for name, numbers in arms.items()]
    columns = ["variant", "customers", "conversions", "revenue", "revenue_sd"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"revenue": "Float64", "revenue_sd": "Float64"})


@pytest.mark.usefixtures("store_path")
def test_typed_totals_by_hand() -> None:
    """100 and 150 of 1,000: 5 points ± 1.96 × √(.1 × .9 + .15 × .85) ÷ √1000 = 2.1 to 7.9."""
    at = visit("Run elsewhere")
    assert "Type the customers and conversions of at least two variants" in said(at)
    at = visit("Run elsewhere", outside_typed=typed(A=(1000, 100), B=(1000, 150)))
    assert verdicts(at) == [
        "Variant B is better: its conversion rate is 2.1 to 7.9 points higher (best guess 5.0 "
        "points)."
    ]
    assert at.dataframe[-1].value["p_value"].tolist() == ["0.0007"]


@pytest.mark.usefixtures("store_path")
def test_typed_revenue_needs_its_spread() -> None:
    """4 and 5 a customer with a spread of 10: 1 ± 1.961 × 10 × √(2 ÷ 1,000) = 0.12 to 1.88."""
    at = visit(
        "Run elsewhere", outside_typed=typed(A=(1000, 100, 4000, 10), B=(1000, 99, 5000, 10))
    )
    assert verdicts(at) == [
        "Variant B is better: its revenue per visitor is 0.12 to 1.88 higher (best guess 1.00)."
    ]
    assert "if B went to 1,000 customers a month" in said(at)
    frame = typed(A=(1000, 100), B=(1000, 150))
    frame["revenue"] = [4000.0, 5000.0]
    at = visit("Run elsewhere", outside_typed=frame)
    assert "cannot be tested without the standard deviation" in said(at)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (typed(A=(100, 120), B=(100, 10)), "more conversions than customers"),
        (typed(A=(10, 5), B=(10, 1)), "only 10 customers"),
        (typed(A=(100, 0), B=(100, 0)), "Cannot tell: The conversion rate is 0 in both variants."),
        (typed(A=(1000, 100), B=(3000, 300)), "Do not trust this result"),
    ],
)
@pytest.mark.usefixtures("store_path")
def test_impossible_totals_are_explained(frame: pd.DataFrame, expected: str) -> None:
    assert expected in said(visit("Run elsewhere", outside_typed=frame))


def upload(name: str, content: bytes) -> AppTest:
    at = visit("Run elsewhere", outside_source="Upload one row a user")
    at.file_uploader[0].upload(name, content, "application/octet-stream")
    at.run()
    assert not at.exception, at.exception
    return at


def landing_pages() -> bytes:
    """A zip as one comes from a Mac: 120 and 180 of 1,000, and rows whose page is another's."""
    lines = ["user_id,timestamp,group,landing_page,converted"]
    for group, page, buyers in (("control", "old_page", 120), ("treatment", "new_page", 180)):
        lines += [
            f"{group[0]}{n},2017-01-02 10:00:00,{group},{page},{int(n < buyers)}"
            for n in range(1000)
        ]
    lines += [f"x{n},2017-01-02 10:00:00,control,new_page,1" for n in range(30)]
    lines.append("c0,2017-01-03 10:00:00,control,old_page,0")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("ab_data.csv", "\n".join(lines) + "\n")
        packed.writestr("__MACOSX/._ab_data.csv", b"\x00\x05\x16\x07")
    return made.getvalue()


@pytest.mark.usefixtures("store_path")
def test_rows_of_users_are_guessed_and_can_be_corrected() -> None:
    """60 of 1,000 more: 6 points ± 1.96 × √(.12 × .88 + .18 × .82) ÷ √1000 = 2.9 to 9.1."""
    at = upload("ab_data.csv.zip", landing_pages())
    assert verdicts(at) == [
        "Treatment is better: its converted rate is 2.9 to 9.1 points higher (best guess 6.0 "
        "points)."
    ]
    text = said(at)
    assert "landing_page does not fit the variant: 30 rows left out." in text
    assert "1 further row of users who were there already" in text
    assert box(at, "selectbox", "User").value == "user_id"
    box(at, "selectbox", "Must go with the variant").set_value("–").run()
    assert not at.exception
    assert at.dataframe[-1].value["control"].tolist() == ["14.6%"]  # 150 of 1,030


def mailing() -> bytes:
    """Three variants with visit, conversion and spend, and other columns that are no outcome."""
    rng = np.random.default_rng(11)
    lines = ["recency,history,newbie,channel,segment,visit,conversion,spend"]
    for segment, rate in (("Mens E-Mail", 0.20), ("No E-Mail", 0.10), ("Womens E-Mail", 0.11)):
        for n in range(2000):
            bought = n < 2000 * rate
            spend = f"{rng.integers(2000, 6000) / 100:.2f}" if bought else "0"
            lines.append(f"{n % 12},{n / 7:.2f},{n % 2},Web,{segment},1,{int(bought)},{spend}")
    return gzip.compress(("\n".join(lines) + "\n").encode())


@pytest.mark.usefixtures("store_path")
def test_an_outside_test_is_saved_shown_again_and_deleted() -> None:
    at = upload("hillstrom.csv.gz", mailing())
    assert box(at, "selectbox", "Compared with").value == "No E-Mail"
    assert box(at, "selectbox", "Judged by").value == "spend"
    before = verdicts(at)
    assert before[0].startswith("Mens E-Mail is better: its spend per user is")
    assert before[1].startswith("Cannot tell yet: with Womens E-Mail its spend per user")
    press(at, "Save the test")
    assert "Saved “hillstrom”: see it under “Saved”." in said(at)
    press(at, "Save the test")
    assert "There already is a test “hillstrom”" in said(at)
    at = visit("Run elsewhere", outside_source="Saved")
    assert verdicts(at) == before
    press(at, "Delete")
    assert "Deleted “hillstrom”" in said(at)
    assert shelf.outside_tests(ui.store()) == {}


@pytest.mark.usefixtures("store_path")
def test_a_file_that_is_no_test_is_explained() -> None:
    at = upload("x.csv", b"just one column\n1\n2\n")
    assert "is no table with one row a user" in said(at)
    at = upload("y.csv", b"who,comment\na,fine\nb,good\n")
    assert "Choose" in said(at)


@pytest.mark.usefixtures("store_path")
def test_amounts_that_are_blank_or_have_decimal_commas() -> None:
    """0 to 6 in turn, and nothing for every third user: both variants have the same mean."""
    rows = "".join(f"u{n};{'AB'[n % 2]};{f'{n % 7},50' if n % 3 else ''}\n" for n in range(840))
    at = upload("shop.csv", f"user_id;variant;revenue\n{rows}".encode())
    assert at.dataframe[0].value["revenue"].tolist()[:3] == ["", "1,50", "2,50"]
    assert verdicts(at)[0].startswith("Cannot tell yet: with Variant B its revenue per user")
    assert "“revenue” is empty in 280 rows: counted as 0." in said(at)


@pytest.mark.usefixtures("store_path")
def test_users_who_are_all_in_several_variants() -> None:
    rows = "".join(f"u{n % 51},{'AB'[n % 2]},1\n" for n in range(102))
    at = upload("x.csv", f"user_id,variant,converted\n{rows}".encode())
    assert "Every user of “x.csv” was in several variants, so that nobody counts" in said(at)


@pytest.mark.usefixtures("store_path")
def test_a_test_elsewhere_can_be_read_any_day() -> None:
    """5 points as in the fixed reading (2.1 to 7.9), with a range wider on both sides."""
    totals = typed(A=(1000, 100), B=(1000, 150))
    once = visit("Run elsewhere", outside_typed=totals)
    assert "read it by “Any day”" in said(once)
    daily = visit("Run elsewhere", outside_typed=totals, outside_reading="Any day (always valid)")
    assert "The range stays right however often it is read." in said(daily)
    [said_so] = daily.dataframe[-1].value["difference"]
    best, lo, hi = (float(one) for one in re.findall(r"[-+][\d.]+", said_so.replace("−", "-")))
    assert best == 5
    assert lo < 2.1 < 7.9 < hi
