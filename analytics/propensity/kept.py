"""Everyone's probabilities and reasons, kept in the store for lists, downloads and other pages."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa
import sklearn

from analytics import profile
from analytics.propensity.contributions import OTHERS, START, say
from analytics.propensity.features import BY_NAME
from analytics.propensity.fitting import fit
from analytics.propensity.report import Fitted, Report, from_text, to_text, told
from analytics.propensity.targets import Asked
from analytics.store import Store

CODE_VERSION = 2
NAMES = ("propensity", "propensity_why", "propensity_report")
REASONS_NAMED = 3


@dataclass(frozen=True)
class Kept:
    """A fit, kept in the store.

    Attributes:
        table: The name to hand to `store.query(tables={"predictions": …})`: customer_id,
            probability (0 to 1), place (1: the likeliest), because (what speaks for it most;
            missing far down a long list).
        why: The kept reasons, to be handed over as `reasons`.
        features: The kept features of today, to be handed over as `features`.
        report: How the fit did.
    """

    table: str
    why: str
    features: str
    report: Report


def keep(
    store: Store,
    target: Asked = "order",
    days: int = 30,
    as_of: date | None = None,
    *,
    without: Collection[str] = (),
) -> Kept:
    """What `fit` finds as kept tables of the store, made only if they are not there yet.

    Raises:
        NotEnoughDataError, AnalyticsError: As for `fit`.
    """
    if held := find(store, target, days, as_of, without=without):
        return held
    day = as_of or store.default_as_of()
    stamp = _stamp(store, target, days, day, without)
    found = fit(store, target, days, day, without=without)
    frames = (_scores(found), found.why, pd.DataFrame({"content": [to_text(found)]}))
    table, why, _ = (
        store.keep(name, stamp, pa.Table.from_pandas(frame, preserve_index=False))
        for name, frame in zip(NAMES, frames, strict=True)
    )
    return Kept(table, why, profile.keep(store, day).table, found)


def find(
    store: Store,
    target: Asked = "order",
    days: int = 30,
    as_of: date | None = None,
    *,
    without: Collection[str] = (),
) -> Kept | None:
    """The same where it is kept already, else None."""
    day = as_of or store.default_as_of()
    stamp = _stamp(store, target, days, day, without)
    table, why, report = (store.kept(name, stamp) for name in NAMES)
    if table is None or why is None or report is None:
        return None
    text = store.query("propensity_report", tables={"report": report})["content"].iloc[0]
    return Kept(table, why, profile.keep(store, day).table, from_text(str(text)))


def reasons(store: Store, kept: Kept, customer_id: str) -> pd.DataFrame:
    """What makes one customer likely or not, as `Fitted.reasons` tells it.

    Raises:
        AnalyticsError: There are no reasons for that customer.
    """
    found = store.query("propensity_why", tables={"reasons": kept.why}, customer_id=customer_id)
    return told(found, kept.report.importance, customer_id)


def expected(store: Store, kept: Kept, budget: int) -> tuple[int, float]:
    """Of the likeliest who may be addressed, at most so many: how many, and how many will do it."""
    found = store.query("propensity_chances", tables={"predictions": kept.table}, limit=budget)
    return len(found), float(found["probability"].sum())


def choices(store: Store, as_of: date | None = None) -> pd.DataFrame:
    """What can be asked about: DataFrame kind (category, product), of, name, buyers."""
    return store.query("propensity_choices", as_of=as_of or store.default_as_of())


def _stamp(store: Store, target: Asked, days: int, day: date, without: Collection[str]) -> str:
    asked: list[Any] = [target, days, str(day), sorted(without)]
    return json.dumps([store.version, asked, CODE_VERSION, sklearn.__version__])


def _scores(found: Fitted) -> pd.DataFrame:
    because = _because(found.why)
    return found.scores.merge(because, on="customer_id", how="left").sort_values("place")


def _because(why: pd.DataFrame) -> pd.DataFrame:
    """The strongest reasons for it, of each customer: customer_id, because."""
    named = why[~why["feature"].isin([START, OTHERS]) & (why["log_odds"] > 0)]
    named = named[named.groupby("customer_id").cumcount() < REASONS_NAMED]
    words = []
    for name, value, text in zip(named["feature"], named["value"], named["text"], strict=True):
        feature = BY_NAME[str(name)]
        if feature.kind == "text":
            told_value = "unknown" if pd.isna(text) else str(text)
        else:
            told_value = say(feature, float(value))
        words.append(f"{feature.label}: {told_value}")
    told_of = named[["customer_id"]].assign(because=pd.array(words, dtype="str"))
    joined = told_of.groupby("customer_id")["because"].agg("; ".join)
    return pd.DataFrame({"customer_id": joined.index, "because": joined.to_numpy()})
