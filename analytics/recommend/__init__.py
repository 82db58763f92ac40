"""What to offer whom: what customers will buy again, and what they may discover.

There are two jobs, and a method good at one may be useless at the other: for `again` a customer's
own rhythm of purchases is hard to beat, for `discover` only what they never bought counts. Each
method is held against the shopkeeper's rules, recent best sellers and buying again, on weeks none
of them has seen, and is used only where it clearly wins.
"""

from analytics.recommend.filters import allowed
from analytics.recommend.fitting import fit
from analytics.recommend.history import JOBS, SIGNALS, Job
from analytics.recommend.kept import Kept, keep
from analytics.recommend.methods import METHODS, RULES, Method
from analytics.recommend.model import Model
from analytics.recommend.neighbours import SIMILARITIES, Similarity
from analytics.recommend.race import Comparison, compare

__all__ = [
    "JOBS",
    "METHODS",
    "RULES",
    "SIGNALS",
    "SIMILARITIES",
    "Comparison",
    "Job",
    "Kept",
    "Method",
    "Model",
    "Similarity",
    "allowed",
    "compare",
    "fit",
    "keep",
]
