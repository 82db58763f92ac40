"""What a fit found: who answers, how well it did, what it says of whom, and why."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from analytics.errors import AnalyticsError
from analytics.evaluate import Verdict
from analytics.propensity import judge
from analytics.propensity.contributions import OTHERS, START, say
from analytics.propensity.features import BY_NAME
from analytics.propensity.targets import Target

FRAMES = ("table", "curve", "calibration", "importance", "fairness")


@dataclass(frozen=True)
class Report:
    """All of a fit but the customers' own figures.

    Attributes:
        target: What was asked.
        as_of: Only what happened before this day counted.
        cut_offs: The days learnt from, earliest first, and last the judged one.
        without: Features the models did not see.
        winner: The method or rule in use.
        label: The same in words.
        verdict: The best model beside the best rule, both chosen on earlier days.
        table: DataFrame, models before rules, best first: method, label, kind, used,
            stood_for_its_kind, and auc, average_precision, log_loss, calibration_error, each with
            _lo and _hi (95%); settings.
        curve: DataFrame method, share, found_share, lo, hi: what the first of each list found.
        calibration: DataFrame foretold_share, happened_share, lo, hi, customers, of the method in
            use.
        importance: DataFrame feature, label, usual (of the middle customer), mean_log_odds (how
            much it moves a customer's log-odds on average), direction; what matters most first.
        fairness: As `fairness.table` returns it, of the method in use.
        notes: What to know before believing it, in sentences.
        customers: How many were asked about today.
        expected: How many of them are expected to do it.
        judged_customers: How many were asked about on the judged day.
        judged_did: How many of them did it.
    """

    target: Target
    as_of: date
    cut_offs: tuple[date, ...]
    without: tuple[str, ...]
    winner: str
    label: str
    verdict: Verdict
    table: pd.DataFrame
    curve: pd.DataFrame
    calibration: pd.DataFrame
    importance: pd.DataFrame
    fairness: pd.DataFrame
    notes: tuple[str, ...]
    customers: int
    expected: float
    judged_customers: int
    judged_did: int

    def at(self, budget: int) -> pd.DataFrame:
        """What each list would have been worth had so many of today's customers been addressed.

        Args:
            budget: How many are addressed, at least 1; the same share of the judged ones counts.

        Returns:
            DataFrame method, label, kind, used; precision (share of the addressed who did it),
            recall (share of those who did it who were addressed), f1, accuracy, each with _lo and
            _hi; lift.

        Raises:
            AnalyticsError: Fewer than one.
        """
        if budget < 1:
            raise AnalyticsError("Nobody is addressed.", "Address at least one customer.")
        share = min(budget / self.customers, 1.0)
        found = judge.at_budget(self.curve, share, self.judged_customers, self.judged_did)
        return self.table[["method", "label", "kind", "used"]].merge(found, on="method")


@dataclass(frozen=True)
class Fitted(Report):
    """A fit with every customer's figures.

    Attributes:
        scores: DataFrame customer_id, probability (0 to 1), place (1: the likeliest).
        why: As `contributions.longest` returns it, for the likeliest 20,000.
    """

    scores: pd.DataFrame
    why: pd.DataFrame

    def reasons(self, customer_id: str) -> pd.DataFrame:
        """What makes one customer likely or not; see `told`.

        Raises:
            AnalyticsError: The customer was not asked about, or is not among the likeliest 20,000.
        """
        return told(self.why[self.why["customer_id"] == customer_id], self.importance, customer_id)


def told(why: pd.DataFrame, importance: pd.DataFrame, customer_id: str) -> pd.DataFrame:
    """One customer's reasons in words.

    Args:
        why: Their rows, as `contributions.longest` returns them.
        importance: As of `Report`.
        customer_id: Whose they are.

    Returns:
        DataFrame, where they start from first, then the strongest reason, last all others
        together: feature, label, own (their value), usual (the middle customer's), log_odds (what
        it adds; the sum are the log-odds of their probability), odds_times (what it multiplies
        their odds by), probability (0 to 1, with the reasons so far).

    Raises:
        AnalyticsError: There are none.
    """
    if why.empty:
        raise AnalyticsError(
            f"There are no reasons for customer “{customer_id}”.",
            "Check the number; those not asked about, or far down a long list, have none.",
        )
    usual = dict(zip(importance["feature"], importance["usual"], strict=True))
    words = {START: "The average customer", OTHERS: "All other features together"}
    rows = []
    ordered = why.sort_values("place")
    for name, added, value, text in zip(
        *(ordered[each] for each in ("feature", "log_odds", "value", "text")), strict=True
    ):
        feature = BY_NAME.get(name)
        if feature is None:
            own = ""
        elif feature.kind == "text":
            own = "unknown" if pd.isna(text) else str(text)
        else:
            own = say(feature, float(value))
        label = words.get(name) or (feature.label if feature else name)
        rows.append((name, label, own, usual.get(name, ""), float(added)))
    found = pd.DataFrame(rows, columns=["feature", "label", "own", "usual", "log_odds"])
    found["odds_times"] = np.exp(found["log_odds"]).where(found["feature"] != START)
    found["probability"] = expit(found["log_odds"].cumsum())
    return found


def to_text(report: Report) -> str:
    """A report as JSON."""
    said: dict[str, Any] = {
        name: {"columns": list(frame.columns), "rows": _rows(frame)}
        for name in FRAMES
        for frame in [getattr(report, name)]
    }
    said |= {
        "target": [report.target.kind, report.target.of, report.target.days],
        "as_of": report.as_of.isoformat(),
        "cut_offs": [day.isoformat() for day in report.cut_offs],
        "verdict": vars(report.verdict),
    }
    for name in ("without", "winner", "label", "notes", "customers", "expected",
                 "judged_customers", "judged_did"):  # fmt: skip
        said[name] = getattr(report, name)
    return json.dumps(said)


def from_text(text: str) -> Report:
    """The report that was written as JSON."""
    said = json.loads(text)
    kind, of, days = said.pop("target")
    frames = {
        name: pd.DataFrame(said[name]["rows"], columns=said[name]["columns"]) for name in FRAMES
    }
    return Report(
        **{
            **said,
            **frames,
            "target": Target(kind, of, days),
            "as_of": date.fromisoformat(said["as_of"]),
            "cut_offs": tuple(date.fromisoformat(day) for day in said["cut_offs"]),
            "verdict": Verdict(**said["verdict"]),
            "notes": tuple(said["notes"]),
            "without": tuple(said["without"]),
        }
    )


def _rows(frame: pd.DataFrame) -> list[list[Any]]:
    """Rows of plain numbers and texts; JSON writes what is missing as NaN."""
    return [
        [each.item() if isinstance(each, np.generic) else each for each in row]
        for row in frame.itertuples(index=False, name=None)
    ]
