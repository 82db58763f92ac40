"""What became of the people of a list on the way into a program's file."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Report:
    """What a check of a list found.

    people = opted_out + no_consent + no_identifier + usable, always.

    Attributes:
        destination: Its key in `DESTINATIONS`.
        title: What it is called.
        people: People in the list.
        opted_out: Of them, left out because they asked not to be addressed.
        no_consent: Left out because it is not known whether they agreed; 0 where that is not asked.
        no_identifier: Left out of the rest, because neither e-mail nor phone can be used.
        usable: Rows of the file.
        bad_emails: People who have agreed and whose e-mail is no address.
        bad_phones: People who have agreed and whose phone cannot be dialled.
        shared: E-mails and phones left empty because somebody who has not agreed has the same.
        duplicates: Rows of the file with an e-mail or phone that an earlier row has, too.
        unknown_countries: Rows whose country is written in a way that is not known.
        unknown_consent: Rows of people of whom no consent is known, where it is not asked.
        warnings: What else a user should know before the upload, in sentences.
    """

    destination: str
    title: str
    people: int
    opted_out: int
    no_consent: int
    no_identifier: int
    usable: int
    bad_emails: int
    bad_phones: int
    shared: int
    duplicates: int
    unknown_countries: int
    unknown_consent: int
    warnings: tuple[str, ...] = ()

    @property
    def sentences(self) -> list[str]:
        """The findings that are not zero, the size of the file first."""
        said = [f"**{_people(self.usable)}** will be in the file."]
        if self.opted_out:
            said.append(f"{self.opted_out:,} left out: they asked not to be contacted.")
        if self.no_consent:
            said.append(f"{self.no_consent:,} left out: no consent known.")
        if self.no_identifier:
            said.append(f"{self.no_identifier:,} left out: no e-mail or phone that can be used.")
        if self.bad_emails:
            are = ("e-mail is no address and stays", "e-mails are no addresses and stay")
            said.append(f"{_many(self.bad_emails, *are)} empty.")
        if self.bad_phones:
            stay = "stays" if self.bad_phones == 1 else "stay"
            said.append(
                f"{_many(self.bad_phones, 'phone', 'phones')} cannot be dialled and {stay} empty."
            )
        if self.shared:
            said.append(
                f"{_many(self.shared, 'e-mail or phone is', 'e-mails and phones are')} left empty: "
                "somebody who has not agreed has the same."
            )
        if self.duplicates:
            said.append(
                f"{_people(self.duplicates)} in the file "
                f"{'shares' if self.duplicates == 1 else 'share'} an e-mail or phone with an "
                "earlier one and will be counted once."
            )
        if self.unknown_countries:
            said.append(
                f"The country of {_people(self.unknown_countries)} is not one we know and stays "
                "empty."
            )
        if self.unknown_consent:
            said.append(
                f"Of {_people(self.unknown_consent)} in the file no consent is known; the consent "
                "column is empty there."
            )
        return said


def _many(count: int, one: str, more: str) -> str:
    return f"{count:,} {one if count == 1 else more}"


def _people(count: int) -> str:
    return _many(count, "person", "people")
