"""What kinds of customers there are: groups found in how they behave.

K-means (MacQueen 1967; Lloyd 1982) by default, DBSCAN (Ester et al. 1996) and HDBSCAN (Campello et
al. 2013) where groups are of odd shapes or most people belong to none. We differ from the textbook
in three ways: features are prepared as `prepare` says, K is chosen by silhouette and stability
together, and the result is judged, against shuffled features (is there anything?) and against the
RFM segments on later revenue (is it of use?).
"""

from analytics.clusters.describe import OUTSIDE, Axes, inside
from analytics.clusters.fitting import CHOICES, DEFAULTS, METHODS, Clusters, fit, fit_frame
from analytics.clusters.group import MOST_CLUSTERS, Method
from analytics.clusters.kept import Kept, keep, pick, reasons, summary

__all__ = [
    "CHOICES",
    "DEFAULTS",
    "METHODS",
    "MOST_CLUSTERS",
    "OUTSIDE",
    "Axes",
    "Clusters",
    "Kept",
    "Method",
    "fit",
    "fit_frame",
    "inside",
    "keep",
    "pick",
    "reasons",
    "summary",
]
