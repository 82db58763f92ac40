"""Shopping festivals and public holidays, year by year.

The library knows Spring Festival and the days moved for it, but not the days that shops made:
11.11, 6.18, 12.12, Black Friday and Cyber Monday stand in a small table here.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

Occurrences = list[list[date]]
"""The days of each time that an event took place."""
FIXED = {"Singles’ Day (11.11)": (11, 11), "618 Festival (6.18)": (6, 18), "12.12": (12, 12)}
CHINESE_NEW_YEAR = "Chinese New Year"


@cache
def festivals(years: range) -> dict[str, Occurrences]:
    """Shopping festivals of some years: each one's days, an entry a year."""
    found: dict[str, Occurrences] = {
        name: [[date(year, month, day)] for year in years] for name, (month, day) in FIXED.items()
    }
    friday = [_black_friday(year) for year in years]
    found["Black Friday"] = [[day] for day in friday]
    found["Cyber Monday"] = [[day + timedelta(days=3)] for day in friday]
    chinese = public_holidays("CN", years)
    found["Spring Festival"] = runs(
        [day for day, name in chinese.items() if CHINESE_NEW_YEAR in name]
    )
    return found


def _black_friday(year: int) -> date:
    """The day after the fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 22)


@cache
def public_holidays(code: str, years: range) -> dict[date, str]:
    """Public holidays of a country by day; several on one day are parted by semicolons."""
    import holidays

    found = holidays.country_holidays(code, years=list(years), language="en_US")
    return {day: str(name) for day, name in sorted(found.items())}


def runs(days: Sequence[date]) -> Occurrences:
    """Days in a row as one occurrence; up to two days between them do not part it."""
    ordered = sorted(set(days))
    if not ordered:
        return []
    runs = [[ordered[0]]]
    for before, day in pairwise(ordered):
        if (day - before).days <= 3:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs
