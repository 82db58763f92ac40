"""How good lists of recommendations are, by what the customers bought afterwards.

The measures are the usual ones (Järvelin & Kekäläinen, Cumulated gain-based evaluation, 2002, for
NDCG; Herlocker et al., Evaluating collaborative filtering recommender systems, 2004). What counts
as right is a product bought in the test window, each as much as another. Only customers who bought
something that could have been named are judged. Intervals of a method's lead come from resampling
those customers (paired bootstrap, Efron & Tibshirani 1993).
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.recommend.history import Floats, Ints

RESAMPLES = 2_000
MEASURES = ("ndcg", "precision", "recall", "f1", "average_precision", "hit")


def per_customer(top: Ints, bought: Any) -> pd.DataFrame:
    """The measures of each list.

    Args:
        top: Places of the products named, best first, -1 for none; shape (customers, k).
        bought: Sparse, non-zero where a customer bought a product; shape (customers, products).
            Each must have bought something.

    Returns:
        DataFrame ndcg, precision, recall, f1, average_precision, hit (each 0 to 1).
    """
    k = top.shape[1]
    right = hits(top, bought)
    total = np.diff(bought.tocsr().indptr).astype(float)
    gains = 1 / np.log2(np.arange(2, k + 2))
    at_best = np.cumsum(gains)[np.minimum(k, total.astype(int)) - 1]
    found = right.sum(axis=1)
    precision, recall = found / k, found / total
    both = precision + recall
    so_far = np.cumsum(right, axis=1) / np.arange(1, k + 1)
    return pd.DataFrame(
        {
            "ndcg": right @ gains / at_best,
            "precision": precision,
            "recall": recall,
            "f1": np.divide(2 * precision * recall, both, out=np.zeros(len(both)), where=both > 0),
            "average_precision": (so_far * right).sum(axis=1) / np.minimum(k, total),
            "hit": (found > 0).astype(float),
        }
    )


def hits(top: Ints, bought: Any) -> npt.NDArray[np.float64]:
    """1 where a product named was bought, shape (customers, k)."""
    rows = np.repeat(np.arange(len(top)), top.shape[1])
    looked_up = np.asarray(bought.tocsr()[rows, np.maximum(top, 0).ravel()]).reshape(top.shape)
    return ((looked_up > 0) & (top >= 0)).astype(float)


def catalogue_share(top: Ints, products: int) -> float:
    """The share of the products that anybody is shown, 0 to 1."""
    return len(np.unique(top[top >= 0])) / products


def novelty(top: Ints, buyers: Floats, customers: int) -> float:
    """How little known what is shown is, in bits: the mean of -log2 of the share who bought it.

    Zhou et al. (Solving the apparent diversity-accuracy dilemma, 2010). A product that nobody
    bought counts as bought by one.
    """
    shown = top[top >= 0]
    if not len(shown):
        return float("nan")
    return float(np.mean(-np.log2(np.maximum(buyers[shown], 1) / max(customers, 1))))


def lead(
    of_method: npt.ArrayLike, of_rule: npt.ArrayLike, *, compared: int = 1, seed: int = 0
) -> tuple[float, float, float]:
    """A method's mean lead over a rule on the same customers, and its 95% interval.

    Args:
        of_method: A measure of each customer's list, shape (n,).
        of_rule: The same of the rule's.
        compared: How many methods are in the race; the interval is widened so that all of them
            hold together (Bonferroni).
        seed: For the resampling.
    """
    difference = np.asarray(of_method, float) - np.asarray(of_rule, float)
    count = len(difference)
    rng = np.random.default_rng(seed)
    means = np.empty(RESAMPLES)
    size = max(1, 4_000_000 // max(count, 1))
    for start in range(0, RESAMPLES, size):
        stop = min(start + size, RESAMPLES)
        drawn = rng.integers(0, count, (stop - start, count))
        means[start:stop] = difference[drawn].mean(axis=1)
    tail = 2.5 / max(compared, 1)
    lo, hi = np.percentile(means, [tail, 100 - tail])
    return float(difference.mean()), float(lo), float(hi)
