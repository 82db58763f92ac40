"""The people of a list, checked for a program: who can be addressed there, and by what."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from analytics.destinations import countries, identifiers
from analytics.destinations.formats import Person
from analytics.destinations.programs import Destination
from analytics.destinations.report import Report
from analytics.store import Store

BATCH_ROWS = 50_000
MEGABYTE = 1_000_000
VALUE_COLUMNS = ("monetary", "revenue")
"""What a list may call the money a person brought."""
POST_CODES = {
    *("zip", "zipcode", "postcode", "postalcode", "postal", "plz", "codepostal", "邮编", "邮政编码")
}
"""What a customer file may call the post code, plain."""


def prepare(
    store: Store,
    query: str,
    chosen: Destination,
    tables: Mapping[str, str] | None,
    country: str | None,
    params: dict[str, Any],
) -> tuple[pa.Table, Report]:
    """The people of the file with their identifiers put right, and what became of all."""
    everybody = _everybody(store, query, chosen, tables, params)
    opted_out = everybody["opted_out"]
    agreed = pc.fill_null(everybody["consent"], False)
    may = pc.invert(opted_out)
    allowed = everybody.filter(pc.and_(may, agreed) if chosen.needs_consent else may)
    refused = int(pc.sum(opted_out).as_py() or 0)
    people, counted = _identify(allowed, country)
    people, shared = _without_shared(store, chosen, people, country)
    people = people.filter(pc.or_(people["email"].is_valid(), people["phone"].is_valid()))
    duplicates = _duplicates(people, chosen)
    unknown_consent = people.num_rows - int(
        pc.sum(pc.fill_null(people["consent"], False)).as_py() or 0
    )
    report = Report(
        destination=chosen.key,
        title=chosen.title,
        people=everybody.num_rows,
        opted_out=refused,
        no_consent=everybody.num_rows - refused - allowed.num_rows,
        no_identifier=allowed.num_rows - people.num_rows,
        usable=people.num_rows,
        bad_emails=counted["email"],
        bad_phones=counted["phone"],
        shared=shared,
        duplicates=duplicates,
        unknown_countries=pc.sum(
            pc.and_(people["country"].is_valid(), people["letters"].is_null())
        ).as_py()
        or 0,
        unknown_consent=unknown_consent,
        warnings=_warnings(
            chosen,
            everybody.num_rows - refused,
            allowed.num_rows,
            people,
            people.num_rows - duplicates,
        ),
    )
    return people, report


def _everybody(
    store: Store,
    query: str,
    chosen: Destination,
    tables: Mapping[str, str] | None,
    params: dict[str, Any],
) -> pa.Table:
    """All people of the list with their contact data and, where asked for, what they brought."""
    listed = store.arrow(query, tables=tables, **params)
    worth = next((name for name in VALUE_COLUMNS if name in listed.column_names), None)
    listed = listed.select(["customer_id", "opted_out", *([worth] if worth else [])])
    if worth:
        listed = listed.rename_columns(["customer_id", "opted_out", "value"])
    elif "value" in chosen.columns:
        values = store.arrow("destination_values")
        listed = listed.join(values, "customer_id", join_type="left outer")
    else:
        listed = listed.append_column("value", pa.nulls(listed.num_rows, pa.decimal128(38, 4)))
    return store.arrow("destination_people", tables={"listed": listed})


def _identify(allowed: pa.Table, country: str | None) -> tuple[pa.Table, dict[str, int]]:
    """E-mails and phones put right, or missing where they are wrong; how many are wrong."""
    bad = {"email": 0, "phone": 0}
    found: dict[str, list[pa.Array]] = {"email": [], "phone": [], "letters": []}
    for batch in allowed.to_batches(max_chunksize=BATCH_ROWS):
        letters = [countries.code(one) for one in batch["country"].to_pylist()]
        written = {name: batch[name].to_pylist() for name in bad}
        right = {
            "email": [identifiers.email(one) for one in written["email"]],
            "phone": [
                identifiers.phone(one, own or country)
                for one, own in zip(written["phone"], letters, strict=True)
            ],
            "letters": letters,
        }
        for name in bad:
            bad[name] += sum(
                bool(before and before.strip()) and after is None
                for before, after in zip(written[name], right[name], strict=True)
            )
        for name, values in right.items():
            found[name].append(pa.array(values, pa.string()))
    columns = {name: pa.chunked_array(parts, pa.string()) for name, parts in found.items()}
    people = allowed.append_column("letters", columns["letters"])
    for name in bad:
        people = people.set_column(people.column_names.index(name), name, columns[name])
    return people, bad


def _without_shared(
    store: Store, chosen: Destination, people: pa.Table, country: str | None
) -> tuple[pa.Table, int]:
    """Empty the e-mails and phones that somebody who may not be addressed has, too; count them."""
    if not people.num_rows:
        return people, 0
    boxes = {chosen.mailbox(one) for one in people["email"].to_pylist() if one}
    numbers = {one for one in people["phone"].to_pylist() if one}
    taken = _taken(store, chosen, boxes, numbers, country)
    shared = 0
    for name in ("email", "phone") if taken else ():
        values = people[name].to_pylist()
        kept = [None if one and chosen.mailbox(one) in taken else one for one in values]
        shared += sum(map(bool, values)) - sum(map(bool, kept))
        place = people.column_names.index(name)
        people = people.set_column(place, name, pa.array(kept, pa.string()))
    return people, shared


def _taken(
    store: Store, chosen: Destination, boxes: set[str], numbers: set[str], country: str | None
) -> set[str]:
    """Which mailboxes and numbers also belong to somebody who may not be addressed.

    Of the many phones of such people only those are read in full that may be one of `numbers`: to
    read one takes forty microseconds.
    """
    others = store.arrow("destination_refused")
    if not chosen.needs_consent:
        others = others.filter(others["opted_out"])
    endings = {None, *(one[-6:] for one in numbers)}
    taken: set[str] = set()
    for batch in others.to_batches(max_chunksize=BATCH_ROWS):
        columns = (batch[name].to_pylist() for name in ("email", "phone", "country"))
        for email, phone, written in zip(*columns, strict=True):
            if address := identifiers.email(email):
                taken |= {chosen.mailbox(address)} & boxes
            if phone and identifiers.last_digits(phone) in endings:
                number = identifiers.phone(phone, countries.code(written) or country)
                taken |= {number} & numbers if number else set()
    return taken


def _duplicates(people: pa.Table, chosen: Destination) -> int:
    """How many rows have an e-mail or phone that an earlier one has."""
    seen: set[str] = set()
    again = 0
    for email, phone in zip(people["email"].to_pylist(), people["phone"].to_pylist(), strict=True):
        own = {chosen.mailbox(email)} if email else set()
        own |= {phone} if phone else set()
        again += not seen.isdisjoint(own)
        seen |= own
    return again


def _warnings(
    chosen: Destination, addressable: int, agreed: int, people: pa.Table, different: int
) -> tuple[str, ...]:
    """What a user should know before the upload.

    Args:
        chosen: The destination.
        addressable: People who have not opted out.
        agreed: Of them, those whose consent suffices.
        people: Those in the file.
        different: Of those, the ones with nobody's e-mail or phone but their own.
    """
    if addressable and not agreed:
        return (
            "Of nobody in this list it is known that they agreed. Import a customer file with a "
            "column that says who may be contacted.",
        )
    said = []
    if different < chosen.smallest:
        said.append(
            f"{chosen.title} needs a list of at least {chosen.smallest:,} people; this one has "
            f"{different:,}."
        )
    most = chosen.largest_megabytes
    if most and (size := _megabytes(people, chosen)) > most:
        said.append(
            f"{chosen.title} takes files up to {most} MB; this one has about {size:,.0f} MB, so "
            "split it before the upload."
        )
    return tuple(said)


def _megabytes(people: pa.Table, chosen: Destination) -> float:
    """About how large a file that is not hashed becomes: its texts and what stands around them."""
    texts = ("email", "phone", "name", "city")
    held = sum(pc.sum(pc.binary_length(people[name])).as_py() or 0 for name in texts)
    around = people.num_rows * (len(chosen.columns) + len("DE,Subscribed"))
    return float(held + around) / MEGABYTE


COLUMNS = (
    *("customer_id", "email", "phone", "name", "city", "letters", "attributes", "consent", "value"),
)


def persons(batch: pa.RecordBatch) -> Iterator[Person]:
    """The people of a prepared batch."""
    columns = [batch[name].to_pylist() for name in COLUMNS]
    for customer, email, phone, name, city, letters, more, consent, value in zip(
        *columns, strict=True
    ):
        first, last = identifiers.names(name)
        yield Person(
            customer, email or "", phone or "", first, last, (city or "").strip(), letters or "",
            _post_code(more), bool(consent), value,
        )  # fmt: skip


def _post_code(attributes: str | None) -> str:
    """The post code among the further columns of the customer file, if there is one."""
    if not attributes:
        return ""
    for name, value in json.loads(attributes).items():
        if value and _is_post_code(name):
            return str(value).strip()
    return ""


@cache
def _is_post_code(column: str) -> bool:
    return countries.plain(column) in POST_CODES
