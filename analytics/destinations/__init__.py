"""Where a list goes: ad platforms and mailers, each with a file in its own format, checked first.

A list of people becomes a file that a program takes as it is. Before that every person is
checked: opted out, consent, e-mail, phone; and each one left out is counted under one reason. An
e-mail or phone that also belongs to somebody who may not be addressed is in no file, whoever
else has it. The rules of each program stand with its format in `formats`.

These files are read by programs, so the apostrophes that make a spreadsheet safe are not in them:
they would change phones and hashes.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics.destinations import countries
from analytics.destinations.people import BATCH_ROWS, persons, prepare
from analytics.destinations.programs import DESTINATIONS, Destination
from analytics.destinations.report import Report
from analytics.errors import AnalyticsError
from analytics.store import Store

__all__ = ["DESTINATIONS", "Destination", "Report", "Written", "check", "country_names", "write"]


@dataclass(frozen=True)
class Written:
    """A written file.

    Attributes:
        path: Where it lies; the caller deletes it.
        kind: `csv`.
        rows: People in it.
        opted_out: People left out because they must not be addressed.
        report: What became of everybody.
    """

    path: Path
    kind: str
    rows: int
    opted_out: int
    report: Report


def country_names() -> dict[str, str]:
    """The countries phones may be of: two letters to English name, by name."""
    return countries.names()


def check(
    store: Store,
    query: str,
    destination: str,
    *,
    tables: Mapping[str, str] | None = None,
    country: str | None = None,
    **params: Any,
) -> Report:
    """Who of a list can go into a program's file, and why not the others.

    Args:
        store: The shop.
        query: A file of `store/sql` that returns people: customer_id, opted_out.
        destination: A key of `DESTINATIONS`.
        tables: Kept results the query reads.
        country: Two letters: where phones without a country code belong if the person's country
            is not known.
        **params: Values bound to `$name` in the query.

    Raises:
        AnalyticsError: There is no such destination or country.
    """
    chosen = _chosen(destination, country)
    return prepare(store, query, chosen, tables, country, params)[1]


def write(
    store: Store,
    query: str,
    destination: str,
    *,
    tables: Mapping[str, str] | None = None,
    country: str | None = None,
    **params: Any,
) -> Written:
    """Write the people of a list who can be addressed to a program's file in the stage folder.

    Args:
        store, query, destination, tables, country, **params: As for `check`.

    Raises:
        AnalyticsError: There is no such destination or country.
    """
    chosen = _chosen(destination, country)
    people, report = prepare(store, query, chosen, tables, country, params)
    path = store.stage_file("csv")
    with path.open("w", encoding="utf-8", newline="") as out:
        file = csv.writer(out, lineterminator="\n")
        file.writerow(chosen.columns)
        for batch in people.to_batches(max_chunksize=BATCH_ROWS):
            file.writerows(map(chosen.row, persons(batch)))
    return Written(path, "csv", report.usable, report.opted_out, report)


def _chosen(destination: str, country: str | None) -> Destination:
    if destination not in DESTINATIONS:
        raise AnalyticsError(
            f"There is no destination “{destination}”.", f"Choose among {', '.join(DESTINATIONS)}."
        )
    if country is not None and country not in countries.names():
        raise AnalyticsError(f"There is no country “{country}”.", "Choose one such as DE.")
    return DESTINATIONS[destination]
