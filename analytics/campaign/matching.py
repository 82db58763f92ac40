"""Who of those not contacted is most like each contacted customer, and what differs since.

Nearest is by Mahalanobis distance among those whose chance to be contacted (a logistic regression
on the same features) is about equal, within 0.2 standard deviations of its logit (Rubin & Thomas,
JASA 2000; Austin, Pharmaceutical Statistics 2011). What difference is left is taken out by a
regression on those matched (Abadie & Imbens, JBES 2011). The interval is theirs for matching with
replacement (Econometrica 2006, theorem 7), where the variance of one customer's outcome is told by
its distance from that regression.
"""

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
import numpy.typing as npt
from scipy import special
from scipy.spatial import cKDTree
from sklearn.linear_model import LogisticRegression

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

NEIGHBOURS = 4
"""Nearest customers each is held against: Abadie & Imbens' choice."""
LOOKED_AT = 32
"""Nearest ones among which those within the caliper are looked for."""
CALIPER = 0.2
NEARLY = 0.3
"""A neighbour may be so much farther than the nearest one: the search is several times faster."""


@dataclass(frozen=True)
class Pairs:
    """Who is held against whom.

    Attributes:
        contacted: Places of the contacted who have somebody like them, shape (m,).
        others: Places of those they are held against, shape (m, neighbours).
        unmatched: How many contacted have nobody like them.
        propensity: Logit of the chance to be contacted, shape (n,).
        whitened: Features in which distance is Mahalanobis', shape (n, k).
    """

    contacted: Indices
    others: Indices
    unmatched: int
    propensity: Floats
    whitened: Floats


@dataclass(frozen=True)
class Estimate:
    """An average effect on the contacted that have somebody like them."""

    contacted_mean: float
    others_mean: float
    difference: float
    standard_error: float
    lo: float
    hi: float


def pair(features: Floats, contacted: npt.NDArray[np.bool_]) -> Pairs:
    """Find the nearest customers not contacted for each contacted one.

    Args:
        features: What was known before, without missing values or constant columns, shape (n, k).
        contacted: Who was, shape (n,).
    """
    centred = features - features.mean(axis=0)
    spread = np.atleast_2d(np.cov(centred, rowvar=False))
    values, vectors = np.linalg.eigh(spread)
    usable = values > 1e-9 * values.max()
    whitened = centred @ (vectors[:, usable] / np.sqrt(values[usable]))
    model = LogisticRegression(C=1e4, max_iter=1_000).fit(whitened, contacted)
    propensity: Floats = whitened @ model.coef_[0] + float(model.intercept_[0])
    limit = CALIPER * float(propensity.std())
    mine, others = np.flatnonzero(contacted), np.flatnonzero(~contacted)
    count = min(LOOKED_AT, len(others))
    _, near = cKDTree(whitened[others]).query(whitened[mine], k=count, eps=NEARLY)
    near = others[np.reshape(near, (len(mine), count))]
    apart = np.abs(propensity[near] - propensity[mine][:, None])
    within = apart <= limit
    kept = min(NEIGHBOURS, count)
    # Those within the caliper first, each kind in order of distance.
    order = np.argsort(~within, axis=1, kind="stable")[:, :kept]
    chosen = np.take_along_axis(near, order, axis=1)
    inside = np.take_along_axis(within, order, axis=1)
    matched = inside[:, 0]
    # Fewer than asked for within the caliper: the nearest stands for the rest as well.
    chosen = np.where(inside, chosen, chosen[:, :1])
    return Pairs(mine[matched], chosen[matched], int((~matched).sum()), propensity, whitened)


def estimate(pairs: Pairs, outcome: Floats, confidence: float = 0.95) -> Estimate:
    """The average effect on the matched contacted, with the regression's correction.

    Args:
        pairs: As of `pair`; with at least one.
        outcome: What each brought after the start, shape (n,).
        confidence: Of the interval.
    """
    mine, others = pairs.contacted, pairs.others
    count, each = others.shape
    used = np.bincount(others.ravel(), minlength=len(outcome)).astype(float)
    known = np.column_stack([np.ones(len(outcome)), pairs.whitened])
    controls = np.flatnonzero(used)
    weight = np.sqrt(used[controls])[:, None]
    slopes, *_ = np.linalg.lstsq(
        known[controls] * weight, outcome[controls] * weight[:, 0], rcond=None
    )
    told = known @ slopes
    expected = (outcome[others] + told[mine][:, None] - told[others]).mean(axis=1)
    apart = outcome[mine] - expected
    effect = float(apart.mean())
    noise = (outcome - told) ** 2
    own = float(np.sum((apart - effect) ** 2))
    again = float(np.sum(used[controls] * (used[controls] - 1) / each**2 * noise[controls]))
    error = sqrt(max(own + again, 0.0)) / count if count > 1 else nan
    reach = float(special.ndtri((1 + confidence) / 2)) * error
    return Estimate(
        float(outcome[mine].mean()), float(expected.mean()), effect, error,
        effect - reach, effect + reach,
    )  # fmt: skip


def balance(
    features: Floats, contacted: npt.NDArray[np.bool_], pairs: Pairs
) -> tuple[Floats, Floats]:
    """How unlike both groups are in each feature, before and after matching.

    Args:
        features: Shape (n, k).
        contacted: Who was, shape (n,).
        pairs: As of `pair`.

    Returns:
        Standardised differences of the means before and after, each of shape (k,): over the root
        of both groups' mean variance before, so that the two are on one scale; 0 where nobody
        varies.
    """
    groups = features[contacted], features[~contacted]
    spread = np.sqrt((groups[0].var(axis=0) + groups[1].var(axis=0)) / 2)
    matched = features[pairs.contacted], features[pairs.others.ravel()]
    found = [
        np.divide(
            one.mean(axis=0) - other.mean(axis=0), spread,
            out=np.zeros(features.shape[1]), where=spread > 0,
        )
        for one, other in (groups, matched)
    ]  # fmt: skip
    return found[0], found[1]
