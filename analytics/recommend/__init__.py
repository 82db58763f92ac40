"""What to offer whom: what customers will buy again, and what they may discover.

There are two jobs, and a method good at one may be useless at the other: for `again` a customer's
own rhythm of purchases is hard to beat, for `discover` only what they never bought counts. Each
method is held against the shopkeeper's rules, recent best sellers and buying again, on weeks none
of them has seen, and is used only where it clearly wins.
"""

from analytics.recommend.feedback import (
    THUMB_UP,
    VERDICTS,
    Verdict,
    feedback,
    feedback_version,
    give_feedback,
    never_shown,
    take_back,
)
from analytics.recommend.filters import allowed
from analytics.recommend.fitting import fit
from analytics.recommend.history import JOBS, SIGNALS, Job
from analytics.recommend.kept import Kept, keep
from analytics.recommend.launch import Launch, NewProduct, launch
from analytics.recommend.launches import PastLaunches, past_launches
from analytics.recommend.methods import METHODS, RULES, Method
from analytics.recommend.model import Model
from analytics.recommend.neighbours import SIMILARITIES, Similarity
from analytics.recommend.newcomers import Newcomers, newcomers
from analytics.recommend.race import Comparison, compare
from analytics.recommend.ratings import (
    RATING_METHODS,
    RATING_RULES,
    RatingMethod,
    Ratings,
    is_rated,
    rate,
)
from analytics.recommend.round_results import RoundResult, round_result
from analytics.recommend.rounds import (
    Round,
    find_round,
    forget_round,
    round_lists,
    rounds,
    start_round,
)

__all__ = [
    "JOBS",
    "METHODS",
    "RATING_METHODS",
    "RATING_RULES",
    "RULES",
    "SIGNALS",
    "SIMILARITIES",
    "THUMB_UP",
    "VERDICTS",
    "Comparison",
    "Job",
    "Kept",
    "Launch",
    "Method",
    "Model",
    "NewProduct",
    "Newcomers",
    "PastLaunches",
    "RatingMethod",
    "Ratings",
    "Round",
    "RoundResult",
    "Similarity",
    "Verdict",
    "allowed",
    "compare",
    "feedback",
    "feedback_version",
    "find_round",
    "fit",
    "forget_round",
    "give_feedback",
    "is_rated",
    "keep",
    "launch",
    "never_shown",
    "newcomers",
    "past_launches",
    "rate",
    "round_lists",
    "round_result",
    "rounds",
    "start_round",
    "take_back",
]
