"""What goes together: in one order, on later weeks too, one after the other, in a cart.

`rules` finds what is bought together, `confirm` says which of it holds on later weeks, `sequences`
what is bought after what, `complete` what to add to a cart and `hit_rate` how often that would have
been right, `bundles` what two products would bring at a common price. Each module says what its
method is and where it is from.
"""

from analytics.basket.bundles import bundles
from analytics.basket.cart import HitRate, complete, hit_rate, keep
from analytics.basket.confirm import LEVEL, Confirmed, confirm
from analytics.basket.find import rules
from analytics.basket.read import By, least_of
from analytics.basket.sequence import sequences

__all__ = [
    "LEVEL",
    "By",
    "Confirmed",
    "HitRate",
    "bundles",
    "complete",
    "confirm",
    "hit_rate",
    "keep",
    "least_of",
    "rules",
    "sequences",
]
