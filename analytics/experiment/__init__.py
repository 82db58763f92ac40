"""Experiments: which variant won, and whether it may be believed.

`arms` counts every assigned customer of a test and what they did in the window after they were
first exposed; `compare` turns two arms into a difference with its interval and a verdict; `health`
says whether the test itself was sound; `plan` says beforehand how many customers it takes.

The unit is always the assigned customer. Rates are compared by the unpooled z test (Newcombe's
interval and Fisher's exact test where an arm has under ten buyers), means by Welch's t test, ratios
by the delta method, each made narrower by what the customers did before the test (CUPED) where that
helps. A result to be read every day has an always-valid interval.
"""

from analytics.experiment.arms import Readout, arm, arms, guess_control, names, read
from analytics.experiment.compare import (
    Comparison,
    Mode,
    Verdict,
    compare,
    reversed_in_parts,
    trust,
)
from analytics.experiment.health import health, outside_health
from analytics.experiment.metrics import Measure, Metric
from analytics.experiment.multiplicity import adjust
from analytics.experiment.outside import Outside, RowsMapping, from_rows
from analytics.experiment.power import Plan, plan
from analytics.experiment.sample_ratio import sample_ratio
from analytics.experiment.segments import Segments, segments
from analytics.experiment.sentences import sentence
from analytics.experiment.timeline import Timeline, timeline
from analytics.experiment.totals import from_totals

__all__ = [
    "Comparison",
    "Measure",
    "Metric",
    "Mode",
    "Outside",
    "Plan",
    "Readout",
    "RowsMapping",
    "Segments",
    "Timeline",
    "Verdict",
    "adjust",
    "arm",
    "arms",
    "compare",
    "from_rows",
    "from_totals",
    "guess_control",
    "health",
    "names",
    "outside_health",
    "plan",
    "read",
    "reversed_in_parts",
    "sample_ratio",
    "segments",
    "sentence",
    "timeline",
    "trust",
]
