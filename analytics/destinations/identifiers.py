"""What a person is known by, written in the one way that all programs understand.

An e-mail address is trimmed and in lower case. A phone is a number that can be dialled, in the
form of ITU-T E.164, by the numbering plans in `phonenumbers`, a port of Google's libphonenumber.
A name is split into first and last.
"""

import re
import unicodedata
from functools import lru_cache

import phonenumbers

UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
COMMON_EMAIL = re.compile(
    r"[a-z0-9_%+'-]+(?:\.[a-z0-9_%+'-]+)*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}"
)
"""What most addresses look like, so that most are read at once."""
LOCAL = re.compile(r"[^\s@\"(),:;<>\[\]\\]+")
LABEL = re.compile(r"[^\W_](?:[^\W_]|-)*(?<!-)")
PLAIN_PHONE = re.compile(r"[+\d\s().\-/–]+")
WORDS: dict[str, frozenset[str]] = {
    kind: frozenset(words.split())
    for kind, words in {
        "title": """
            mr mrs ms miss mx dr prof sir herr frau hr fr mme mlle monsieur madame sr sra srta
        """,
        "suffix": "jr sr ii iii iv phd md esq",
        "particle": """
            af al bin da das de del della den der di do dos du el ibn la le ten ter van vom von y
            zu zum zur
        """,
        "double surname": """
            欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 司徒 东方 東方 皇甫 尉迟 公孙 公孫 慕容 令狐 夏侯
            长孙 宇文 端木 轩辕 南宫 百里 东郭 남궁 황보 제갈 선우 독고 사공
        """,
    }.items()
}
"""Parts of names; a particle belongs to the last name that follows it."""
HAN_OR_HANGUL = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3·]+")


def email(text: str | None) -> str | None:
    """The address, trimmed and in lower case, or nothing where it is none.

    A space within is a mistake, not something to take out: without it the address may be
    somebody else's.

    >>> email("  Anna.Bell@Example.COM "), email("anna@localhost"), email("anna bell@example.com")
    ('anna.bell@example.com', None, None)
    """
    if not text:
        return None
    if len(text) <= 64 and text.isascii():
        address = text.strip().strip("'").lower()
        if COMMON_EMAIL.fullmatch(address):
            return address
    else:
        address = unicodedata.normalize("NFKC", text).translate(UNSEEN)
        address = address.strip().strip("'").lower()
    local, at, domain = address.rpartition("@")
    labels = domain.split(".")
    good = (
        at
        and len(local) <= 64
        and len(address) <= 254
        and LOCAL.fullmatch(local)
        and ".." not in local
        and not local.startswith(".")
        and not local.endswith(".")
        and len(labels) > 1
        and all(len(label) <= 63 and LABEL.fullmatch(label) for label in labels)
        and len(labels[-1]) > 1
        and not labels[-1].isdigit()
    )
    return address if good else None


@lru_cache(maxsize=200_000)
def phone(text: str | None, country: str | None) -> str | None:
    """The number in E.164 with its plus, or nothing where nobody can be reached by it.

    Args:
        text: As it was written; an extension is left off, as nobody can be called by it abroad.
        country: Two letters; where numbers without a country code belong. Without it such a
            number is nothing.

    >>> phone("(020) 7183-8750", "GB"), phone("0044 20 7183 8750", None)
    ('+442071838750', '+442071838750')
    >>> phone("020 7183 8750", None) is None
    True
    """
    if not text:
        return None
    written = unicodedata.normalize("NFKC", text).strip().lstrip("'").strip()
    tries: list[tuple[str, str | None]] = [(written, country)]
    if re.match(r"[\s(]*00", written):
        tries.append(("+" + written.lstrip(" (")[2:], None))
    for one, region in tries:
        try:
            number = phonenumbers.parse(one, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None


def last_digits(text: str) -> str | None:
    """The last six digits of a phone, which E.164 keeps, or nothing where that is not sure.

    Sure are digits with spaces, brackets, dots, dashes and slashes between them: they hold no
    extension and no letters in the place of digits.

    >>> last_digits("(020) 7183-8750"), last_digits("020 7183 8750 ext. 12"), last_digits("112")
    ('838750', None, None)
    """
    written = unicodedata.normalize("NFKC", text).strip().lstrip("'")
    if not PLAIN_PHONE.fullmatch(written):
        return None
    digits = re.sub(r"\D", "", written)
    if not digits.isascii():
        digits = "".join(str(unicodedata.digit(c)) for c in digits)
    return digits[-6:] if len(digits) >= 6 else None


def names(text: str | None) -> tuple[str, str]:
    """First and last name of a name written in one; empty where there is none.

    A comma parts the last name from the first. Chinese and Korean names have the family name in
    front, one character unless it is a known double one. Else the last word, with the small
    words before it, is the last name. Titles and suffixes belong to neither.

    >>> names("Dr. Ludwig van Beethoven"), names("Müller, Anna"), names("欧阳娜娜"), names("Cher")
    (('Ludwig', 'van Beethoven'), ('Anna', 'Müller'), ('娜娜', '欧阳'), ('Cher', ''))
    """
    written = " ".join(unicodedata.normalize("NFC", text or "").split())
    if "," in written:
        last, _, first = written.partition(",")
        return " ".join(_words(first)), " ".join(_words(last))
    words = _words(written)
    if not words:
        return "", ""
    if all(HAN_OR_HANGUL.fullmatch(word) for word in words):
        if len(words) > 1:
            return " ".join(words[1:]), words[0]
        whole = words[0]
        family = 2 if whole[:2] in WORDS["double surname"] and len(whole) > 2 else 1
        return (whole[family:], whole[:family]) if len(whole) > 1 else (whole, "")
    start = len(words) - 1
    while start > 1 and words[start - 1].casefold() in WORDS["particle"]:
        start -= 1
    return (" ".join(words[:start]), " ".join(words[start:])) if start else (words[0], "")


def _words(text: str) -> list[str]:
    """The words of a name without titles in front and suffixes behind."""
    words = text.split()
    while len(words) > 1 and words[0].rstrip(".").casefold() in WORDS["title"]:
        words = words[1:]
    while len(words) > 1 and words[-1].strip(".").casefold() in WORDS["suffix"]:
        words = words[:-1]
    return words
