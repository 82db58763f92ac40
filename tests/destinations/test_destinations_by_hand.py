"""A list small enough to count by hand: who is in each file, and why the others are not."""

import csv
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from analytics import destinations
from analytics.destinations import people
from analytics.destinations.formats import sha256
from analytics.errors import AnalyticsError
from analytics.store import Store, load
from tests.destinations.conftest import ANYBODY, keep

BY_HAND = Path(__file__).parent / "by_hand.csv"
"""Seventeen people; the last column says what should become of each in a file for ads."""

FOR_ADS = {
    "people": 17,
    "opted_out": 2,  # 12 by the file, 13 by phone
    "no_consent": 2,  # 10, 11
    "no_identifier": 3,  # 08: both wrong; 09: neither; 17: only what 10, who never agreed, has
    "usable": 10,
    "bad_emails": 4,  # 03, 04, 05, 08
    "bad_phones": 2,  # 07: of a country that is not known; 08
    "shared": 2,  # the e-mails of 16, who has 12's, and 17, who has 10's
    "duplicates": 2,  # 14 has the e-mail of 02, 15 its phone
    "unknown_countries": 1,  # 07
    "unknown_consent": 0,
}
FOR_ANY = FOR_ADS | {
    "no_consent": 0,
    "no_identifier": 2,  # 08, 09
    "usable": 13,
    "shared": 1,  # the e-mail of 16
    "duplicates": 3,  # 14, 15, and 17 after 10
    "unknown_consent": 2,
}
PHONES = {
    "01": "+442071838750",
    "02": "+442071838751",
    "03": "+442071838752",
    "04": "+442071838753",
    "05": "+442071838754",
    "06": "+442071838755",
    "15": "+442071838751",
    "16": "+442071838758",
}
EMAILS = {
    "01": "anna@example.com",
    "02": "bob@example.com",
    "07": "finn@example.com",
    "14": "bob@example.com",
    "15": "lea@example.com",
}
IN_FILE = sorted({*PHONES, *EMAILS})


@pytest.fixture
def listed(filled: Callable[..., str]) -> dict[str, str]:
    with BY_HAND.open(encoding="utf-8", newline="") as file:
        rows = [
            {name: value for name, value in row.items() if name != "expected"}
            for row in csv.DictReader(file)
        ]
    return {"scores": filled(rows, suppressed=("13",))}


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("key", destinations.DESTINATIONS)
def test_everybody_is_counted_once(store: Store, listed: dict[str, str], key: str) -> None:
    found = destinations.check(store, "rfm_list", key, tables=listed, **ANYBODY)
    expected = FOR_ANY if key == "csv" else FOR_ADS
    assert {name: getattr(found, name) for name in expected} == expected
    written = destinations.write(store, "rfm_list", key, tables=listed, **ANYBODY)
    rows = read(written.path)
    assert tuple(rows[0]) == destinations.DESTINATIONS[key].columns
    assert len(rows) - 1 == written.rows == written.report.usable == expected["usable"]
    assert written.opted_out == 2
    assert written.report == found


def test_the_chosen_country_reads_numbers_without_one(store: Store, listed: dict[str, str]) -> None:
    found = destinations.check(store, "rfm_list", "google", tables=listed, country="GB", **ANYBODY)
    assert found.bad_phones == 1
    assert found.unknown_countries == 1


def test_the_file_holds_the_checked_identifiers(
    store: Store, listed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(destinations, "BATCH_ROWS", 3)
    monkeypatch.setattr(people, "BATCH_ROWS", 4)
    written = destinations.write(store, "rfm_list", "tiktok", tables=listed, **ANYBODY)
    assert read(written.path)[1:] == [
        [sha256(EMAILS.get(one, "")), sha256(PHONES.get(one, ""))] for one in IN_FILE
    ]
    written = destinations.write(store, "rfm_list", "klaviyo", tables=listed, **ANYBODY)
    assert [(row[0], row[1], row[6]) for row in read(written.path)[1:]] == [
        (EMAILS.get(one, ""), PHONES.get(one, ""), "Subscribed" if one in EMAILS else "")
        for one in IN_FILE
    ]


def test_google_has_names_country_and_post_code(store: Store, listed: dict[str, str]) -> None:
    written = destinations.write(store, "rfm_list", "google", tables=listed, **ANYBODY)
    rows = dict(zip(IN_FILE, read(written.path)[1:], strict=True))
    assert rows["01"][2:] == [sha256("anna"), sha256("müller"), "GB", "EC1A 1BB"]
    assert rows["02"][2:] == [sha256("bob"), "", "GB", ""]
    assert rows["07"][4:] == ["", ""]


def test_the_file_for_another_program_is_as_it_is_written(
    store: Store, listed: dict[str, str]
) -> None:
    written = destinations.write(store, "rfm_list", "csv", tables=listed, **ANYBODY)
    rows = {row[0]: row[1:] for row in read(written.path)[1:]}
    assert rows["01"] == [
        "anna@example.com", "+442071838750", "Anna", "Müller", "New York", "GB", "yes"
    ]  # fmt: skip
    assert rows["07"][2:4] == ["=1+1", ""], "no apostrophe: programs take the name as it is"
    assert rows["10"][-1] == ""
    assert not written.path.read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.usefixtures("listed")
def test_only_a_positive_value_is_told_to_meta(store: Store) -> None:
    amounts = {"01": "12.30", "02": "0", "03": "-5", "04": "1200", "05": "0.004"}
    worth = {customer: Decimal(amount) for customer, amount in amounts.items()}
    tables = {"scores": keep(store, worth)}
    written = destinations.write(store, "rfm_list", "meta", tables=tables, **ANYBODY)
    rows = read(written.path)[1:]
    assert [row[6] for row in rows] == ["12.30", "", "", "1200.00", ""]
    assert rows[0][4:6] == [sha256("newyork"), sha256("gb")]


@pytest.mark.usefixtures("listed")
def test_a_list_without_money_takes_the_revenue_of_all_time(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text(
        "order_id,customer_id,ordered_at,amount\n1,01,2024-01-05,20.50\n2,01,2024-02-05,4.50\n"
    )
    load(store, orders)
    tables = {"scores": keep(store, {"01": Decimal(1), "02": Decimal(1)})}
    monkeypatch.setattr(people, "VALUE_COLUMNS", ())
    written = destinations.write(store, "rfm_list", "meta", tables=tables, **ANYBODY)
    assert [row[6] for row in read(written.path)[1:]] == ["25.00", ""]


def test_the_findings_are_said_in_words(store: Store, listed: dict[str, str]) -> None:
    found = destinations.check(store, "rfm_list", "google", tables=listed, **ANYBODY)
    assert found.sentences == [
        "**10 people** will be in the file.",
        "2 left out: they asked not to be contacted.",
        "2 left out: no consent known.",
        "3 left out: no e-mail or phone that can be used.",
        "4 e-mails are no addresses and stay empty.",
        "2 phones cannot be dialled and stay empty.",
        "2 e-mails and phones are left empty: somebody who has not agreed has the same.",
        "2 people in the file share an e-mail or phone with an earlier one and will be counted "
        "once.",
        "The country of 1 person is not one we know and stays empty.",
    ]
    assert found.warnings == ("Google Ads needs a list of at least 100 people; this one has 8.",)


def test_a_shop_without_consents_is_told_what_to_do(
    store: Store, filled: Callable[..., str]
) -> None:
    tables = {"scores": filled([{"customer_id": "a", "email": "a@example.com"}])}
    found = destinations.check(store, "rfm_list", "meta", tables=tables, **ANYBODY)
    assert (found.people, found.no_consent, found.usable) == (1, 1, 0)
    assert "Import a customer file" in found.warnings[0]


@pytest.mark.usefixtures("listed")
def test_people_without_a_customer_record_have_no_identifier(store: Store) -> None:
    tables = {"scores": keep(store, {"nobody knows": Decimal(5)})}
    found = destinations.check(store, "rfm_list", "csv", tables=tables, **ANYBODY)
    assert (found.people, found.no_identifier, found.usable) == (1, 1, 0)


def test_an_empty_list_becomes_a_file_with_headers_only(
    store: Store, listed: dict[str, str]
) -> None:
    nobody = ANYBODY | {"segment": "None such"}
    written = destinations.write(store, "rfm_list", "klaviyo", tables=listed, **nobody)
    assert read(written.path) == [list(destinations.DESTINATIONS["klaviyo"].columns)]
    assert written.rows == 0


def test_klaviyo_is_warned_of_large_files(
    store: Store, filled: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        {"customer_id": str(n), "email": f"person.{n}@example.com", "name": f"Person {n}",
         "consent": "yes"}
        for n in range(500)
    ]  # fmt: skip
    tables = {"scores": filled(rows)}
    monkeypatch.setattr(people, "MEGABYTE", 300)
    found = destinations.check(store, "rfm_list", "klaviyo", tables=tables, **ANYBODY)
    size = (
        destinations.write(store, "rfm_list", "klaviyo", tables=tables, **ANYBODY)
        .path.stat()
        .st_size
    )
    assert "takes files up to 50 MB" in found.warnings[0]
    said = int(found.warnings[0].split("about ")[1].split(" ")[0])
    assert said == pytest.approx(size / 300, rel=0.15)


def test_what_does_not_exist_is_complained_of(store: Store, listed: dict[str, str]) -> None:
    with pytest.raises(AnalyticsError, match="no destination “fax”"):
        destinations.check(store, "rfm_list", "fax", tables=listed, **ANYBODY)
    with pytest.raises(AnalyticsError, match="no country “Britain”"):
        destinations.check(store, "rfm_list", "meta", tables=listed, country="Britain", **ANYBODY)
