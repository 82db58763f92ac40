"""A file of offers: read as it is written, and nobody in it who must not be addressed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics import campaign, profile
from analytics.errors import FileError
from analytics.store import Store, inspect, load, preview_list

ORDERS = "order_id,customer_id,ordered_at,amount\n" + "".join(
    f"{n},{who},2024-03-0{n},10\n" for n, who in enumerate(("anna", "ben", "cara", "dora"), 1)
)
PEOPLE = "customer_id,consent\nanna,yes\nben,no\ncara,yes\ndora,yes\n"
MATCHES = "customer_id,other_id\nanna,anna2\n"
HEAD = "customer_id,offer,expected_margin,cost\n"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Store]:
    with Store() as store:
        for table, text in (("orders", ORDERS), ("customers", PEOPLE), ("matches", MATCHES)):
            path = tmp_path / f"{table}.csv"
            path.write_text(text, encoding="utf-8")
            load(store, path, inspect(path, table=table))
        yield store


def read(store: Store, text: str) -> campaign.Candidates:
    return campaign.read_candidates(store, text.encode(), profile.keep(store).table)


def test_who_may_not_be_addressed_or_is_not_known_is_left_out_and_counted(shop: Store) -> None:
    found = read(
        shop,
        "Offer,Customer ID,Expected margin,cost,propensity,note\n"
        "5 off,anna,3.5,5,0.2,a\n5 off,ben,9,5,0.9,b\ngift,cara,2,,0.1,c\n5 off,zoe,4,5,0.3,d\n",
    )
    assert found.frame.to_dict("list") == {
        "customer_id": ["anna", "cara"],
        "offer": ["5 off", "gift"],
        "expected_margin": [3.5, 2.0],
        "cost": [5.0, 0.0],
        "propensity": [0.2, 0.1],
    }
    assert (found.customers, found.opted_out, found.unknown) == (4, 1, 1)


def test_two_ids_of_one_person_are_one_candidate(shop: Store) -> None:
    found = read(shop, f"{HEAD}anna2,5 off,3,1\nanna,5 off,3,1\nanna,gift,2,1\n")
    assert found.frame["customer_id"].tolist() == ["anna", "anna"]
    assert found.frame["offer"].tolist() == ["5 off", "gift"]
    assert (found.customers, found.repeated) == (1, 1)


def test_the_list_of_offers_leaves_out_whoever_refuses_later(shop: Store, tmp_path: Path) -> None:
    found = read(shop, f"{HEAD}anna,5 off,3,1\ncara,5 off,3,1\ndora,gift,2,1\n")
    kept = campaign.keep_chosen(shop, campaign.allocate(found.frame))
    path = tmp_path / "later.csv"
    path.write_text("customer_id,consent\ncara,no\n", encoding="utf-8")
    load(shop, path, inspect(path, table="customers"))
    listed = preview_list(
        shop, "offer_list", tables={"chosen": kept, "features": profile.keep(shop).table}
    )
    assert sorted(listed.frame["customer_id"]) == ["anna", "dora"]
    assert (listed.rows, listed.opted_out) == (2, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column “customer_id”, “offer”"),
        ("customer_id,offer,cost\na,b,1\n", "no column “expected_margin”"),
        (HEAD, "no record"),
        (f"{HEAD}anna,5 off,3\n", "Record 2 of the file of offers has 3 values, not 4"),
        (f"{HEAD},5 off,3,1\n", "names no customer"),
        (f"{HEAD}anna,5 off,3,1\nanna,gift,three,1\n", "Record 3 of the file of offers: “three”"),
        (f"{HEAD}anna,5 off,inf,1\n", "“inf” in expected_margin is no number"),
        ("customer_id,offer,cost,cost,expected_margin\n", "two columns of one name"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(shop: Store, text: str, said: str) -> None:
    with pytest.raises(FileError, match=said):
        read(shop, text)


def test_a_file_in_another_encoding_says_so(shop: Store) -> None:
    with pytest.raises(FileError, match="UTF-8"):
        campaign.read_candidates(shop, "é".encode("latin-1"), profile.keep(shop).table)
