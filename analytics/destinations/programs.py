"""The programs that take lists of people."""

from collections.abc import Callable
from dataclasses import dataclass

from analytics.destinations import formats


@dataclass(frozen=True)
class Destination:
    """A program that takes lists of people.

    Attributes:
        key: Its short name.
        title: What it is called.
        purpose: What it is for, in a sentence.
        columns: The headers of its file, in order.
        smallest: The fewest people with whom a list is of use there.
        needs_consent: Whether only people who are known to have agreed go into it.
        row: A person as a row of the file; its docstring names the source of the rules.
        mailbox: Addresses that are one to the program become equal.
        largest_megabytes: The largest file it takes, if the file is not hashed and it says so.
    """

    key: str
    title: str
    purpose: str
    columns: tuple[str, ...]
    smallest: int
    needs_consent: bool
    row: formats.Row
    mailbox: Callable[[str], str] = str
    largest_megabytes: int | None = None


DESTINATIONS: dict[str, Destination] = {
    one.key: one
    for one in (
        Destination(
            "google", "Google Ads", "A Customer Match list for Search, YouTube, Gmail and Display.",
            ("Email", "Phone", "First Name", "Last Name", "Country", "Zip"),
            100, True, formats.google, formats.google_mailbox,
        ),
        Destination(
            "meta", "Meta", "A custom audience for Facebook and Instagram, with each customer's "
            "revenue as value for lookalikes.",
            ("email", "phone", "fn", "ln", "ct", "country", "value"), 100, True, formats.meta,
        ),
        Destination(
            "tiktok", "TikTok", "A custom audience from a customer file.",
            ("Email_SHA256", "Phone_SHA256"), 1_000, True, formats.tiktok,
        ),
        Destination(
            "klaviyo", "Klaviyo", "Profiles for e-mails, not hashed.",
            ("Email", "Phone Number", "First Name", "Last Name", "City", "Country",
             "Email Marketing Consent"),
            1, True, formats.klaviyo, largest_megabytes=50,
        ),
        Destination(
            "csv", "Another program", "Checked e-mails and phones, names and country codes, not "
            "hashed.",
            ("customer_id", "email", "phone", "first_name", "last_name", "city", "country",
             "consent"),
            1, False, formats.plain,
        ),
    )
}  # fmt: skip
