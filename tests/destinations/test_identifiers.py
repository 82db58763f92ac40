"""E-mails, phones, names and countries in the one way that programs understand."""

import pytest

from analytics.destinations import countries, identifiers


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("anna@example.com", "anna@example.com"),
        ("\t Anna.Bell@EXAMPLE.com\u00a0", "anna.bell@example.com"),
        ("\ufeffanna@example.com\u200b", "anna@example.com"),
        ("ａｎｎａ＠example.com", "anna@example.com"),
        ("'anna@example.com", "anna@example.com"),
        ("anna+shop@mail.example.co.uk", "anna+shop@mail.example.co.uk"),
        ("o'brien@example.ie", "o'brien@example.ie"),
        ("anna@bücher.example", "anna@bücher.example"),
        ("用户@例子.公司", "用户@例子.公司"),
    ],
)
def test_addresses_are_written_in_one_way(written: str, address: str) -> None:
    assert identifiers.email(written) == address


@pytest.mark.parametrize(
    "written",
    [
        "", " ", "anna", "@example.com", "anna@", "anna@example", "anna@@example.com",
        "anna bell@example.com", "anna@exam ple.com", ".anna@example.com", "anna.@example.com",
        "an..na@example.com", "anna@.example.com", "anna@example..com", "anna@-example.com",
        "anna@example-.com", "anna@example.c", "anna@example.123", "anna@10.0.0.1",
        "anna@example.com, bob@example.com", "Anna <anna@example.com>", "anna@example.com;",
        "mailto:anna@example.com", "n/a", "anna(at)example.com", "x" * 65 + "@example.com",
        "a@" + "x" * 64 + ".com", "a@" + "long." * 51 + "com", "anna@exa_mple.com",
    ],
)  # fmt: skip
def test_what_is_no_address_is_nothing(written: str) -> None:
    assert identifiers.email(written) is None


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("020 7183 8750", "GB", "+442071838750"),
        ("(020) 7183-8750", "GB", "+442071838750"),
        ("020.7183.8750", "GB", "+442071838750"),
        ("+44 (0)20 7183 8750", None, "+442071838750"),
        ("+44 20 7183 8750", "CN", "+442071838750"),
        ("0044 20 7183 8750", None, "+442071838750"),
        ("0044 20 7183 8750", "US", "+442071838750"),
        ("00442071838750", "DE", "+442071838750"),
        ("020 7183 8750 ext. 12", "GB", "+442071838750"),
        ("020 7183 8750 x12", "GB", "+442071838750"),
        ("０２０　７１８３　８７５０", "GB", "+442071838750"),
        ("'+442071838750", None, "+442071838750"),
        ("442071838750", "GB", "+442071838750"),
        ("(650)555-1212", "US", "+16505551212"),
        ("138 0013 8000", "CN", "+8613800138000"),
        ("8613800138000", "CN", "+8613800138000"),
        ("0151 23456789", "DE", "+4915123456789"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("02 1234 5678", "IT", "+390212345678"),
    ],
)
def test_phones_are_written_in_one_way(written: str, country: str | None, number: str) -> None:
    assert identifiers.phone(written, country) == number


@pytest.mark.parametrize(
    ("written", "country"),
    [
        ("", "GB"), ("020 7183 8750", None), ("12345", "GB"), ("112", "DE"), ("none", "GB"),
        ("020 7183 8750 1234 5678", "GB"), ("000000000", "GB"), ("4.42072E+11", "GB"),
        ("+999 123456789", None), ("0000", None), ("anna@example.com", "GB"),
    ],
)  # fmt: skip
def test_what_cannot_be_dialled_is_nothing(written: str, country: str | None) -> None:
    assert identifiers.phone(written, country) is None


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("Anna Müller", "Anna", "Müller"),
        ("Müller, Anna", "Anna", "Müller"),
        ("  Anna   Maria  Müller ", "Anna Maria", "Müller"),
        ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
        ("María de la Cruz", "María", "de la Cruz"),
        ("Van Morrison", "Van", "Morrison"),
        ("Dr. Anna Müller", "Anna", "Müller"),
        ("Mrs Jane Smith", "Jane", "Smith"),
        ("Sammy Davis Jr.", "Sammy", "Davis"),
        ("Cher", "Cher", ""),
        ("王小明", "小明", "王"),
        ("欧阳娜娜", "娜娜", "欧阳"),
        ("王 小明", "小明", "王"),
        ("김민수", "민수", "김"),
        ("王", "王", ""),
        ("", "", ""),
        ("Dr.", "Dr.", ""),
        (",", "", ""),
    ],
)
def test_names_are_split(written: str, first: str, last: str) -> None:
    assert identifiers.names(written) == (first, last)


@pytest.mark.parametrize(
    ("written", "letters"),
    [
        ("Germany", "DE"), ("Deutschland", "DE"), ("de", "DE"), ("DEU", "DE"), ("德国", "DE"),
        ("United Kingdom", "GB"), ("UK", "GB"), ("U.K.", "GB"), ("Northern Ireland", "GB"),
        ("EIRE", "IE"), ("中国", "CN"), ("CHINA", "CN"), ("香港", "HK"), ("USA", "US"),
        ("United States of America", "US"), ("RSA", "ZA"), ("Holland", "NL"), ("日本", "JP"),
        ("Österreich", "AT"), ("Osterreich", "AT"), ("Czech Republic", "CZ"), ("España", "ES"),
        (" france ", "FR"), ("Korea, Republic of", None), ("Atlantis", None), ("", None),
        ("European Community", None), ("Unspecified", None), ("Channel Islands", None),
    ],
)  # fmt: skip
def test_countries_are_known_by_name_and_code(written: str, letters: str | None) -> None:
    assert countries.code(written) == letters


def test_every_code_is_itself_and_every_name_its_own() -> None:
    for letters, name in countries.names().items():
        assert countries.code(letters) == letters
        assert countries.code(name) in (letters, None), name
