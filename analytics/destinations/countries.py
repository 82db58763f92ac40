"""Countries as people write them, as the two letters of ISO 3166-1.

The names in many languages are those of the Unicode CLDR as the `phonenumbers` package carries
them; what shops write beside them stands in a small table here.
"""

import re
import unicodedata
from functools import cache, lru_cache

import phonenumbers

LANGUAGES = (
    "en", "zh", "zh_Hant", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da", "fi", "cs", "ja",
    "ko",
)  # fmt: skip

OTHER_NAMES = {
    "GB": "UK U.K. EIN-UK England Scotland Wales Northern-Ireland Great-Britain Britain 英国",
    "IE": "EIRE Republic-of-Ireland",
    "US": "United-States-of-America America U.S. U.S.A. 美国",
    "CN": "PRC P.R.China Mainland-China PR-China 中华人民共和国 中国大陆",
    "HK": "Hong-Kong HongKong-SAR Hong-Kong-SAR 香港 中国香港",
    "MO": "Macao Macau 澳门 中国澳门",
    "TW": "Taiwan 台湾 臺灣 中国台湾",
    "KR": "Korea South-Korea Republic-of-Korea 韩国",
    "NL": "Holland The-Netherlands",
    "ZA": "RSA",
    "AE": "UAE U.A.E. Emirates",
    "CZ": "Czech-Republic Czechia Tschechien",
    "RU": "Russia Russian-Federation",
    "VN": "Vietnam Viet-Nam",
    "TR": "Turkey Türkiye",
}
"""Further names, apart from each other by spaces; a hyphen stands for a space within one."""

THREE_LETTERS = """
AE:ARE AR:ARG AT:AUT AU:AUS BE:BEL BG:BGR BH:BHR BR:BRA CA:CAN CH:CHE CL:CHL CN:CHN CO:COL CY:CYP
CZ:CZE DE:DEU DK:DNK EE:EST EG:EGY ES:ESP FI:FIN FR:FRA GB:GBR GR:GRC HK:HKG HR:HRV HU:HUN ID:IDN
IE:IRL IL:ISR IN:IND IS:ISL IT:ITA JP:JPN KR:KOR KW:KWT LB:LBN LI:LIE LT:LTU LU:LUX LV:LVA MA:MAR
MC:MCO MO:MAC MT:MLT MX:MEX MY:MYS NG:NGA NL:NLD NO:NOR NZ:NZL PE:PER PH:PHL PK:PAK PL:POL PT:PRT
QA:QAT RO:ROU RS:SRB RU:RUS SA:SAU SE:SWE SG:SGP SI:SVN SK:SVK TH:THA TR:TUR TW:TWN UA:UKR US:USA
VN:VNM ZA:ZAF
"""


@lru_cache(maxsize=10_000)
def code(country: str | None) -> str | None:
    """The two letters of a country, or nothing where it is not known.

    >>> [code(one) for one in ("Germany", "EIRE", "中国", "gb", "UK", "USA", "Atlantis")]
    ['DE', 'IE', 'CN', 'GB', 'GB', 'US', None]
    """
    if not country:
        return None
    return _known().get(plain(country))


@cache
def names() -> dict[str, str]:
    """For each country that has phones: its two letters and its English name, by name."""
    english = {letters: _names_of(letters)["en"] for letters in phonenumbers.SUPPORTED_REGIONS}
    return dict(sorted(english.items(), key=lambda item: item[1]))


def plain(country: str) -> str:
    """Lower case, letters only, accents off."""
    apart = unicodedata.normalize("NFKD", country.casefold())
    return re.sub(r"[\W\d_]+", "", "".join(c for c in apart if not unicodedata.combining(c)))


@cache
def _known() -> dict[str, str]:
    """Plain names and codes to two letters; what two countries are called belongs to neither."""
    known: dict[str, str | None] = {}
    for letters in phonenumbers.SUPPORTED_REGIONS:
        for name in _names_of(letters).values():
            word = plain(name)
            known[word] = letters if known.get(word, letters) == letters else None
    for letters, words in OTHER_NAMES.items():
        for word in words.split():
            known[plain(word.replace("-", " "))] = letters
    for pair in THREE_LETTERS.split():
        letters, three = pair.split(":")
        known[three.lower()] = letters
    for letters in phonenumbers.SUPPORTED_REGIONS:
        known[letters.lower()] = letters
    return {word: letters for word, letters in known.items() if word and letters}


def _names_of(letters: str) -> dict[str, str]:
    """What a country is called in each language; an entry `*xx` says the same as language xx."""
    from phonenumbers.geodata.locale import LOCALE_DATA  # half a second, so only when needed

    entries = LOCALE_DATA.get(letters, {})
    found = {"en": letters}
    for language in LANGUAGES:
        name = entries.get(language, "")
        if name.startswith("*"):
            name = entries.get(name[1:], "")
        if name:
            found[language] = name
    return found
