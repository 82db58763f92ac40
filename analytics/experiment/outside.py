"""Tests that were run elsewhere, from a file of one row a user (of typed totals: `totals`).

They become the same arms frame as a test of the shop's own, without what customers did before and
without a cap on the largest values.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from analytics.errors import AnalyticsError
from analytics.experiment import moments, sums
from analytics.experiment.metrics import Measure, Metric
from analytics.store import TABLES, Store
from analytics.store.match import plain
from analytics.store.outside import RowsLook, RowsSums, look_at_rows, sum_rows

__all__ = ["Outside", "RowsMapping", "check_variants", "from_rows", "guess", "look_at_rows"]

VARIANT_NAMES = (
    *("variant", "variation", "group", "testgroup", "abgroup", "experimentgroup", "arm", "cell"),
    *("segment", "treatment", "bucket", "版本", "组", "组别", "分组", "实验组", "实验分组", "变体"),
)
"""Headers of a column of variants, the surest first."""
OUTCOME = re.compile(
    r"visit|conver|spen[dt]|revenue|sales|amount|order|purchase|bought|click|open|retention"
    r"|unsubscri|subscri|signup|register|score|rating|outcome|转化|收入|金额|订单|购买|点击|消费"
)
MONEY = re.compile(r"spen[dt]|revenue|sales|amount|price|金额|收入|消费")
MOST_VARIANTS = 12
MOSTLY = 0.9


@dataclass(frozen=True)
class RowsMapping:
    """What the columns of a file of users mean.

    Attributes:
        variant: Which variant.
        outcomes: What is compared: columns of yes or no, or of numbers.
        customer: Which user, where one may have several rows.
        must_match: A column that should go with the variant, such as the page that was shown; rows
            in which it does not are left out.
    """

    variant: str
    outcomes: tuple[str, ...]
    customer: str | None = None
    must_match: str | None = None


@dataclass(frozen=True)
class Outside:
    """A test that was run elsewhere.

    Attributes:
        arms: DataFrame, as `arms`.
        metrics: What was counted.
        counts: DataFrame, a row a variant: variant, assigned, customers (both: users that count).
        switched: Users in several variants, who are left out.
        left_out: DataFrame reason, rows: records of the file that count nowhere.
        notes: What a user should know, in sentences.
    """

    arms: pd.DataFrame = field(repr=False)
    metrics: tuple[Metric, ...]
    counts: pd.DataFrame = field(repr=False)
    switched: int = 0
    left_out: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["reason", "rows"]), repr=False
    )
    notes: tuple[str, ...] = ()

    @property
    def variants(self) -> list[str]:
        """The variants, by name."""
        found: list[str] = self.counts["variant"].tolist()
        return found


def check_variants(variants: Sequence[str]) -> None:
    """Complain of variants without a name, there twice, or alone."""
    if any(not name for name in variants):
        raise AnalyticsError("A variant has no name.", "Give each one.")
    if len(set(variants)) < len(variants):
        twice = next(name for name in variants if variants.count(name) > 1)
        raise AnalyticsError(f"The variant “{twice}” is there twice.", "Add its rows up.")
    if len(variants) < 2:
        only = f"There is one variant only, “{variants[0]}”" if variants else "There is no variant"
        raise AnalyticsError(f"{only}: there is nothing to compare.", "Add the other variant.")


# One row a user


def guess(look: RowsLook) -> RowsMapping:
    """What the columns most likely mean, for the user to correct.

    Raises:
        AnalyticsError: No column looks like variants, or none like an outcome.
    """
    records = look.records
    names = {column: plain(column) for column in look.columns}
    distinct = {column: records[column].str.strip().nunique() for column in look.columns}
    few = [column for column in look.columns if 2 <= distinct[column] <= MOST_VARIANTS]
    variant = _first(
        few,
        *(lambda c, known=known: names[c] == known for known in VARIANT_NAMES),
        *(lambda c, known=known: known in names[c] for known in VARIANT_NAMES),
        lambda c: not _numeric(records[c]),
    )
    if variant is None:
        raise AnalyticsError(
            f"No column of “{look.name}” looks like variants.",
            "Choose the column that says which variant each user was in.",
        )
    ids = {"userid", "visitorid", "clientid", *TABLES["customers"].field("customer_id").synonyms}
    customer = _first(look.columns, lambda c: names[c] in ids)
    must_match = _first(
        few,
        lambda c: (
            c != variant
            and distinct[c] == distinct[variant]
            and not _numeric(records[c])
            and _goes_with(records[variant], records[c])
        ),
    )
    numbers = [c for c in look.columns if c not in (variant, customer) and _numeric(records[c])]
    right = [c for c in numbers if look.columns.index(c) > look.columns.index(variant)]
    outcomes = [c for c in numbers if OUTCOME.search(names[c])] or right or numbers
    if not outcomes:
        raise AnalyticsError(
            f"No column of “{look.name}” holds numbers, or yes and no.",
            "Choose the columns that say what each user did.",
        )
    return RowsMapping(variant, tuple(outcomes), customer, must_match)


def from_rows(
    store: Store, file: str | Path | RowsLook, mapping: RowsMapping | None = None
) -> Outside:
    """A test from a file of one row a user.

    Args:
        store: Its stage folder is used; nothing of the file is kept.
        file: The file, or what `look_at_rows` found.
        mapping: What its columns mean; by default as `guess` finds it.

    Returns:
        A metric for each outcome: a rate where it is only ever yes or no (or 1 and 0), else a mean.

    Raises:
        FileError: The file cannot be read.
        AnalyticsError: The mapping names what is not there, or there is one variant only.
    """
    look = file if isinstance(file, RowsLook) else look_at_rows(file)
    chosen = mapping or guess(look)
    _check_mapping(look, chosen)
    found = sum_rows(
        store,
        look,
        variant=chosen.variant,
        outcomes=list(chosen.outcomes),
        customer=chosen.customer,
        must_match=None
        if chosen.must_match is None
        else (chosen.must_match, _pages(look, chosen.variant, chosen.must_match)),
    )
    counts = found.sums.drop_duplicates("variant")[["variant", "n"]]
    if counts.empty and len(found.left_out):
        raise AnalyticsError(
            f"No row can be used: {found.left_out['reason'].iloc[0]}.", "Choose other columns."
        )
    if counts.empty and found.switched:
        raise AnalyticsError(
            f"Every user of “{look.name}” was in several variants, so that nobody counts.",
            "Check how variants were given, or choose other columns.",
        )
    if len(counts) > MOST_VARIANTS:
        raise AnalyticsError(
            f"“{chosen.variant}” has {len(counts):,} different values, too many for variants.",
            "Choose the column that says which variant each user was in.",
        )
    check_variants(counts["variant"].tolist())
    metrics = [
        _metric(str(name), bool(group["is_flag"].iloc[0]))
        for name, group in found.sums.groupby("outcome", sort=False)
    ]
    by_name = {one.name: one for one in metrics}
    rows = [_row(by_name[one["outcome"]], one) for one in found.sums.to_dict("records")]
    sizes = counts.rename(columns={"n": "assigned"}).assign(customers=counts["n"])
    return Outside(
        moments.frame(rows),
        tuple(metrics),
        sizes.reset_index(drop=True),
        found.switched,
        found.left_out,
        tuple(_notes(found)),
    )


def _check_mapping(look: RowsLook, chosen: RowsMapping) -> None:
    named = [chosen.variant, *chosen.outcomes, chosen.customer, chosen.must_match]
    for column in named:
        if column is not None and column not in look.columns:
            raise AnalyticsError(
                f"There is no column “{column}”.", f"Choose among {', '.join(look.columns)}."
            )
    if not chosen.outcomes:
        raise AnalyticsError("No outcome is chosen.", "Choose what each user did.")
    if chosen.variant in chosen.outcomes:
        raise AnalyticsError(
            "The column of variants is chosen as an outcome too.", "Choose another outcome."
        )


def _metric(outcome: str, is_flag: bool) -> Metric:
    unit = "share" if is_flag else "money" if MONEY.search(plain(outcome)) else outcome
    label = outcome.replace("_", " ")
    kind: moments.Kind = "proportion" if is_flag else "mean"
    return Metric(outcome, label, kind, unit, Measure("event", outcome))


def _row(metric: Metric, one: Mapping[Any, Any]) -> dict[str, Any]:
    totals: dict[str, int | None] = {
        **sums.zero(metric),
        "value": sums.whole(one["total"], "value"),
        "value_squared": sums.whole(one["squared"], "value_squared"),
    }
    return sums.row(metric, str(one["variant"]), int(one["n"]), totals, has_before=False)


def _notes(found: RowsSums) -> list[str]:
    notes = [f"{reason}: {_rows(rows)} left out." for reason, rows in found.left_out.to_numpy()]
    if found.switched:
        were = "1 user was" if found.switched == 1 else f"{found.switched:,} users were"
        notes.append(f"{were} in several variants and left out.")
    if found.repeated:
        many = f"{found.repeated:,} further {'row' if found.repeated == 1 else 'rows'}"
        notes.append(f"{many} of users who were there already: each user counts once.")
    notes += [
        f"“{outcome}” is empty in {_rows(rows)}: counted as 0."
        for outcome, rows in found.blank.items()
        if rows
    ]
    return notes


def _rows(n: int) -> str:
    return "1 row" if n == 1 else f"{n:,} rows"


def _pages(look: RowsLook, variant: str, column: str) -> dict[str, str]:
    """For each variant what most often stands in another column."""
    texts = look.records[[variant, column]].apply(lambda cells: cells.str.strip())
    commonest = texts.groupby(variant)[column].agg(lambda cells: cells.value_counts().index[0])
    return {str(name): str(page) for name, page in commonest.items()}


def _goes_with(variant: pd.Series, other: pd.Series) -> bool:
    """Whether each variant nearly always has a text of its own in the other column."""
    table = pd.crosstab(variant.str.strip(), other.str.strip())
    commonest = table.idxmax(axis=1)
    share = table.max(axis=1).sum() / table.to_numpy().sum()
    return bool(commonest.is_unique and share >= MOSTLY)


def _numeric(cells: pd.Series) -> bool:
    """Whether the texts of a column are numbers, or yes and no."""
    filled = cells.str.strip()
    filled = filled[filled != ""]
    words = {"yes", "no", "true", "false", "是", "否"}
    fits = filled.str.fullmatch(r"[-+]?[\d.,]*\d[\d.,]*") | filled.str.lower().isin(words)
    return len(filled) > 0 and bool(fits.mean() >= MOSTLY)


def _first(columns: Sequence[str], *conditions: Callable[[str], bool]) -> str | None:
    """The first column that fulfils the first condition that any fulfils."""
    for fulfils in conditions:
        for column in columns:
            if fulfils(column):
                return column
    return None
