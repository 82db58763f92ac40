"""Whatever the list: everybody is counted once, and nobody is in a file who has not agreed."""

import csv
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import destinations
from analytics.destinations.formats import google_mailbox, sha256
from analytics.store import Store
from tests.destinations.conftest import ANYBODY, fill

EMAILS = {
    "anna@example.com": "anna@example.com",
    " ANNA@example.com": "anna@example.com",
    "an.na@gmail.com": "an.na@gmail.com",
    "anna+x@gmail.com": "anna+x@gmail.com",
    "bob@example.com": "bob@example.com",
    "bob@example": None,
    "": None,
}
"""As written, and as what programs know it by."""
PHONES = {
    "020 7183 8750": "+442071838750",
    "(020) 7183-8750 ext. 9": "+442071838750",
    "+44 20 7183 8750": "+442071838750",
    "020 7183 8751": "+442071838751",
    "0044 20 71838751": "+442071838751",
    "0207": None,
    "": None,
}

person = st.fixed_dictionaries(
    {
        "email": st.sampled_from(list(EMAILS)),
        "phone": st.sampled_from(list(PHONES)),
        "consent": st.sampled_from(["yes", "yes", "no", ""]),
        "suppressed": st.sampled_from([False, False, True]),
    }
)


def identifiers_of(people: list[dict[str, Any]], key: str) -> set[str]:
    """What these people are known by in the files of a destination."""
    emails = {found for one in people if (found := EMAILS[one["email"]])}
    phones = {found for one in people if (found := PHONES[one["phone"]])}
    if key == "google":
        emails = {google_mailbox(one) for one in emails}
    if key == "meta":
        phones = {one.lstrip("+") for one in phones}
    plain = emails | phones
    return plain if key in ("klaviyo", "csv") else {sha256(one) for one in plain}


@pytest.mark.parametrize("key", destinations.DESTINATIONS)
@settings(deadline=None, max_examples=8)
@given(st.lists(person, min_size=1, max_size=12))
def test_nobody_is_in_a_file_who_has_not_agreed(
    tmp_path_factory: pytest.TempPathFactory, key: str, people: list[dict[str, Any]]
) -> None:
    numbered = [{**one, "customer_id": f"c{place}"} for place, one in enumerate(people)]
    rows = [
        {"country": "GB"}
        | {name: one[name] for name in ("customer_id", "email", "phone", "consent")}
        for one in numbered
    ]
    out = tuple(one["customer_id"] for one in numbered if one["suppressed"])
    with Store() as store:
        tables = {"scores": fill(store, tmp_path_factory.mktemp("people"), rows, suppressed=out)}
        written = destinations.write(store, "rfm_list", key, tables=tables, **ANYBODY)
        found = written.report
        with written.path.open(encoding="utf-8", newline="") as file:
            cells = {cell for row in csv.reader(file) for cell in row}
    asks = destinations.DESTINATIONS[key].needs_consent
    refused = [one for one in numbered if one["suppressed"] or one["consent"] == "no"]
    unknown = [one for one in numbered if one not in refused and one["consent"] == ""]
    assert cells.isdisjoint(identifiers_of(refused + (unknown if asks else []), key))
    assert found.people == len(people)
    assert found.opted_out == len(refused)
    assert found.no_consent == (len(unknown) if asks else 0)
    left = [one for one in numbered if one not in refused and not (asks and one in unknown)]
    taken = identifiers_of(refused + (unknown if asks else []), key)
    usable = [one for one in left if identifiers_of([one], key) - taken]
    assert found.usable == written.rows == len(usable)
    assert found.people == (found.opted_out + found.no_consent + found.no_identifier + found.usable)
    assert found.duplicates <= max(found.usable - 1, 0)
    assert identifiers_of(usable, key) - taken <= cells
