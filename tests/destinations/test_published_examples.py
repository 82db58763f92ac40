"""The examples that the platforms publish, to the last digit of the hash."""

from dataclasses import replace

import pytest

from analytics.destinations import formats, identifiers
from analytics.destinations.formats import Person

NOBODY = Person("1", "", "", "", "", "", "", "", True, None)


def person(**texts: str) -> Person:
    """Somebody of whom only this is known, as the shop wrote it."""
    known = dict(texts)
    if "email" in known:
        known["email"] = identifiers.email(known["email"]) or ""
    if "phone" in known:
        known["phone"] = identifiers.phone(known["phone"], known.get("country")) or ""
    return replace(NOBODY, **known)


META = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"


@pytest.mark.parametrize(
    ("column", "texts", "published"),
    [
        (0, {"email": "John_Smith@gmail.com"}, META),
        (
            1,
            {"phone": "(650)555-1212", "country": "US"},
            "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176",
        ),
        (2, {"first": "Mary"}, "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec"),
        (2, {"first": "정"}, "8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14"),
        (
            2,
            {"first": "Valéry"},
            "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c",
        ),
        (
            5,
            {"country": "US"},
            "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621",
        ),
    ],
)
def test_meta(column: int, texts: dict[str, str], published: str) -> None:
    """Customer Information Parameters, “Expected SHA256 output”."""
    assert formats.meta(person(**texts))[column] == published


def test_meta_city() -> None:
    """The page names `newyork` as the form of a city; its hash is that of `sha256sum`."""
    expected = "350c754ba4d38897693aa077ef43072a859d23f613443133fecbbd90a3512ca5"
    assert formats.meta(person(city="New York"))[4] == expected


def test_tiktok_email() -> None:
    """How to create a Custom Audience with a customer file, example 2."""
    expected = "d6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69"
    assert formats.tiktok(person(email="JaneDoe@gmail.com"))[0] == expected


def test_tiktok_phone() -> None:
    """The page's form of a phone is +16577770000; its hash is that of `sha256sum`.

    The one hash of a phone on that page is of another form it supports, without the plus.
    """
    found = formats.tiktok(person(phone="(657)777-0000", country="US"))[1]
    assert found == "a6e82c2f4091baff57a4f33d01efb65bfbeacbbfbcfaa9d0ff9f57d28d78fedb"


@pytest.mark.parametrize(
    ("column", "texts", "hashed"),
    [
        # cloudysanfrancisco@gmail.com
        (
            0,
            {"email": "cloudy.sanfrancisco+shopping@gmail.com"},
            "223ebda6f6889b1494551ba902d9d381daf2f642bae055888e96343d53e9f9c4",
        ),
        # user.name+nyc@example.com
        (
            0,
            {"email": "user.name+NYC@Example.com"},
            "f109a2a632fbcea5fc82049f50beed3d8621bf9034399f437fb622222acccdac",
        ),
        # janedoe@googlemail.com
        (
            0,
            {"email": "Jane.Doe+Shopping@googlemail.com"},
            "338abf9ef1c8793cadc7bcf51ed595338eb727ed9e06ce3d91d566d60b975937",
        ),
        # the page's form of a phone, +18005550100, with a number that can be dialled
        (
            1,
            {"phone": "+16505551212"},
            "1e231c66011e7a2d867a9cfae267a6aff103cf4913640b6e71a99850fc0ffbc8",
        ),
        (3, {"last": "Smith"}, "6627835f988e2c5e50533d491163072d3f4f41f5c8b04630150debb3722ca2dd"),
        (4, {"country": "US"}, "US"),
    ],
)
def test_google(column: int, texts: dict[str, str], hashed: str) -> None:
    """Data Manager API, Format user data: its examples; hashes are those of `sha256sum`."""
    assert formats.google(person(**texts))[column] == hashed


def test_nothing_stays_empty() -> None:
    assert set(formats.google(NOBODY)) == {""}
    assert set(formats.meta(NOBODY)) == {""}
    assert set(formats.tiktok(NOBODY)) == {""}
