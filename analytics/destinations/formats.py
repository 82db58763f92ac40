"""A person as a row of each program's file, by the rules the program publishes.

Where a program wants hashes they are SHA-256 as lower-case hexadecimal digits of the UTF-8 text,
without salt, so that both sides get the same digits for the same person. What is not known stays
empty: the hash of nothing would be somebody, too.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

GMAIL = frozenset({"gmail.com", "googlemail.com"})


@dataclass(frozen=True)
class Person:
    """Somebody to be addressed; texts are empty where nothing is known.

    Attributes:
        customer_id: The shop's own id.
        email: An address, trimmed and in lower case.
        phone: A phone in E.164, with its plus.
        first: First name as written.
        last: Last name as written.
        city: City as written.
        country: Two letters of ISO 3166-1.
        post_code: As written.
        consent: Whether the person is known to have agreed.
        value: Money the person brought.
    """

    customer_id: str
    email: str
    phone: str
    first: str
    last: str
    city: str
    country: str
    post_code: str
    consent: bool
    value: Decimal | None


Row = Callable[[Person], tuple[str, ...]]


def sha256(text: str) -> str:
    """The hash of a text as 64 hexadecimal digits; empty for nothing.

    >>> sha256("abc")[:16], sha256("")
    ('ba7816bf8f01cfea', '')
    """
    return hashlib.sha256(text.encode("utf-8")).hexdigest() if text else ""


def google_mailbox(email: str) -> str:
    """The mailbox behind an address: at Gmail neither dots nor what follows a plus matter.

    >>> google_mailbox("cloudy.sanfrancisco+shopping@gmail.com")
    'cloudysanfrancisco@gmail.com'
    >>> google_mailbox("a.b+c@example.com")
    'a.b+c@example.com'
    """
    local, _, domain = email.partition("@")
    if domain not in GMAIL:
        return email
    return f"{local.partition('+')[0].replace('.', '')}@{domain}"


def google(person: Person) -> tuple[str, ...]:
    """Email, Phone, First Name, Last Name, Country, Zip; the last two not hashed.

    Source: support.google.com/google-ads/answer/7476159 (headers; Country and Zip are not hashed)
    and developers.google.com/data-manager/api/devguides/concepts/formatting (lower case, no spaces
    around; at gmail.com and googlemail.com no dots and nothing from a plus on; E.164 with plus).
    """
    return (
        sha256(google_mailbox(person.email)),
        sha256(person.phone),
        sha256(person.first.lower()),
        sha256(person.last.lower()),
        person.country,
        person.post_code,
    )


def meta(person: Person) -> tuple[str, ...]:
    """email, phone, fn, ln, ct, country, value; only the value is not hashed.

    Source: developers.facebook.com/docs/marketing-api/conversions-api/parameters/
    customer-information-parameters (phone: digits with country code, no plus, no leading zeros;
    names: lower case, no punctuation, UTF-8; city: letters only, without spaces; country: two
    letters in lower case) and the help page on customer lists (headers; value: a number, of which
    only a positive one says that somebody is worth finding others like).
    """
    worth = f"{person.value or 0:.2f}"
    return (
        sha256(person.email),
        sha256(person.phone.lstrip("+")),
        sha256(meta_name(person.first)),
        sha256(meta_name(person.last)),
        sha256(re.sub(r"[\W\d_]+", "", person.city.lower())),
        sha256(person.country.lower()),
        worth if Decimal(worth) > 0 else "",
    )


def meta_name(name: str) -> str:
    """A name in lower case without punctuation.

    >>> meta_name("Mary-Anne"), meta_name("O’Brien Smith"), meta_name("정")
    ('maryanne', 'obrien smith', '정')
    """
    return " ".join(re.sub(r"[^\w\s]|_", "", name.lower()).split())


def tiktok(person: Person) -> tuple[str, ...]:
    """Email_SHA256, Phone_SHA256.

    Source: ads.tiktok.com/help/article/how-to-create-a-custom-audience-with-a-customer-file
    (e-mail in lower case without spaces; phone in E.164 with plus is recommended, without it is
    supported, too; at least 1,000 entries).
    """
    return sha256(person.email), sha256(person.phone)


def klaviyo(person: Person) -> tuple[str, ...]:
    """Email, Phone Number, First Name, Last Name, City, Country, Email Marketing Consent.

    Nothing is hashed. Source: help.klaviyo.com/hc/en-us/articles/360043841811 and 115005078967
    (headers; phones in E.164; the consent columns; at most 50 MB). SMS needs a consent of its own,
    which the shop's one answer is not: that column is left out, so Klaviyo takes it as not given.
    """
    return (
        person.email,
        person.phone,
        person.first,
        person.last,
        person.city,
        person.country,
        "Subscribed" if person.email and person.consent else "",
    )


def plain(person: Person) -> tuple[str, ...]:
    """customer_id, email, phone, first_name, last_name, city, country, consent; not hashed."""
    return (
        person.customer_id,
        person.email,
        person.phone,
        person.first,
        person.last,
        person.city,
        person.country,
        "yes" if person.consent else "",
    )
