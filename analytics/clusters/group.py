"""Customers into groups: K-means with K chosen on evidence, and the density methods.

K is the number from 2 to 10 with the greatest silhouette (Rousseeuw 1987) times stability, which is
the mean adjusted Rand index (Hubert & Arabie 1985) between the grouping and those of bootstrap
samples (Hennig, Cluster-wise assessment of cluster stability, 2007). Neither alone will do: the
silhouette likes two big halves, stability likes few groups.

Whether there is any structure is judged against the same customers with each feature shuffled on
its own, which keeps every feature's spread and breaks what they have to do with one another.
"""

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.cluster import DBSCAN, HDBSCAN, KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.neighbors import NearestNeighbors
from threadpoolctl import threadpool_limits

from analytics.clusters.prepare import Matrix

Method = Literal["kmeans", "dbscan", "hdbscan"]
Labels = npt.NDArray[np.int64]

MOST_CLUSTERS = 10
TRAINED_ON = 50_000
"""Customers that K-means learns its centres from; every customer is then put to a centre."""
DENSITY_ON = 10_000
"""Customers that the density methods look at; the others join the nearest dense one's cluster."""
BEYOND_THE_KNEE = 1.3
"""Reach over the distance where the curve of nearest neighbours bends: at the bend itself a crowd's
own thin places cut it in two."""
SMALLEST_SHARE = 0.02
"""Dense spots with a smaller share of the customers count as none."""
CHOSEN_ON = 4_000
SILHOUETTE_ON = 2_000
BOOTSTRAPS = 10
SHUFFLES = 5
ROWS_AT_ONCE = 65_536


@dataclass(frozen=True)
class Grouping:
    """Where the clusters lie, so that any customer can be put into one.

    Attributes:
        method: `kmeans`, `dbscan` or `hdbscan`.
        points: The centres, or for the density methods the dense customers, shape (n, features).
        point_labels: The cluster of each, from 0.
        reach: For the density methods how far from a dense customer its cluster ends.
        k: How many clusters there are.
    """

    method: Method
    points: Matrix
    point_labels: Labels
    reach: float
    k: int

    def assign(self, matrix: Matrix) -> tuple[Labels, npt.NDArray[np.float64]]:
        """The cluster of each customer, -1 for none, and how sure it is, 0 (border) to 1.

        For K-means sureness is 1 - own distance / next distance (the simplified silhouette of
        Hruschka, de Castro & Campello 2004), for the density methods 1 - distance to the nearest
        dense customer / reach.
        """
        if self.method == "kmeans":
            return self._nearest_centre(matrix)
        distance, nearest = (
            NearestNeighbors(n_neighbors=1).fit(self.points).kneighbors(matrix)
        )  # fmt: skip
        near = distance[:, 0] <= self.reach
        labels = np.where(near, self.point_labels[nearest[:, 0]], -1)
        return labels, np.where(near, 1 - distance[:, 0] / self.reach, np.nan)

    def _nearest_centre(self, matrix: Matrix) -> tuple[Labels, npt.NDArray[np.float64]]:
        labels = np.empty(len(matrix), dtype=np.int64)
        sure = np.empty(len(matrix))
        lengths = (self.points**2).sum(axis=1)
        for start in range(0, len(matrix), ROWS_AT_ONCE):
            rows = matrix[start : start + ROWS_AT_ONCE]
            squares = lengths - 2 * rows @ self.points.T
            squares += (rows**2).sum(axis=1)[:, None]
            two = np.sqrt(np.maximum(np.partition(squares, 1, axis=1)[:, :2], 0))
            labels[start : start + len(rows)] = squares.argmin(axis=1)
            sure[start : start + len(rows)] = 1 - two[:, 0] / np.maximum(two[:, 1], 1e-12)
        return labels, sure


def choose_k(matrix: Matrix, seed: int) -> tuple[int, pd.DataFrame]:
    """The number of clusters the data support best.

    Args:
        matrix: Prepared customers.
        seed: For the sample and the starts.

    Returns:
        K, and DataFrame k, inertia (mean squared distance to the centre), silhouette (-1 to 1),
        stability (adjusted Rand index, 1 at best), score (their product).
    """
    rng = np.random.default_rng(seed)
    part = sample(matrix, CHOSEN_ON, seed)
    most = min(MOST_CLUSTERS, len(np.unique(part, axis=0)) - 1)
    rows = []
    for k in range(2, most + 1):
        _, labels, inertia = _kmeans(part, k, seed, starts=5)
        agreements = []
        for place in range(BOOTSTRAPS):
            again = part[rng.integers(0, len(part), len(part))]
            other, _, _ = _kmeans(again, k, seed + 1 + place, starts=2)
            agreements.append(adjusted_rand_score(labels, _grouped(other).assign(part)[0]))
        rows.append(
            {
                "k": k,
                "inertia": inertia / len(part),
                "silhouette": silhouette(part, labels, seed),
                "stability": float(np.mean(agreements)),
            }
        )
    choice = pd.DataFrame(rows)
    choice["score"] = choice["silhouette"] * choice["stability"]
    return int(choice["k"].to_numpy()[choice["score"].to_numpy().argmax()]), choice


def group(matrix: Matrix, method: Method, k: int, seed: int) -> Grouping:
    """Find the clusters.

    Args:
        matrix: Prepared customers.
        method: `kmeans`, `dbscan` or `hdbscan`.
        k: For K-means how many.
        seed: For the sample and the starts.
    """
    if method == "kmeans":
        return _grouped(_kmeans(sample(matrix, TRAINED_ON, seed), k, seed, starts=4)[0])
    part = sample(matrix, DENSITY_ON, seed)
    smallest = max(2 * part.shape[1], 5)
    distances = (
        NearestNeighbors(n_neighbors=smallest).fit(part).kneighbors(part)[0][:, -1]
    )  # fmt: skip
    reach = BEYOND_THE_KNEE * _knee(np.sort(distances))
    if method == "dbscan":
        found = DBSCAN(eps=reach, min_samples=smallest).fit(part)
        dense = np.zeros(len(part), dtype=bool)
        dense[found.core_sample_indices_] = True
    else:
        size = max(smallest, int(SMALLEST_SHARE * len(part)))
        found = HDBSCAN(min_cluster_size=size, min_samples=smallest, copy=True).fit(part)
        dense = found.labels_ >= 0
    # A handful of people who happen to stand close together is no kind of customer.
    sizes = np.bincount(found.labels_[found.labels_ >= 0]) if dense.any() else np.zeros(0)
    kept = np.flatnonzero(sizes >= max(smallest, SMALLEST_SHARE * len(part)))
    dense &= np.isin(found.labels_, kept)
    labels = np.searchsorted(kept, found.labels_[dense])
    return Grouping(method, part[dense], labels, reach, len(kept))


def stability(matrix: Matrix, grouping: Grouping, seed: int) -> float:
    """Mean adjusted Rand index between the clusters and those of bootstrap samples."""
    rng = np.random.default_rng(seed)
    part = sample(matrix, CHOSEN_ON, seed)
    labels, _ = grouping.assign(part)
    agreements = []
    for place in range(BOOTSTRAPS):
        again = part[rng.integers(0, len(part), len(part))]
        other = group(again, grouping.method, grouping.k, seed + 1 + place)
        if other.k:
            agreements.append(adjusted_rand_score(labels, other.assign(part)[0]))
        else:
            agreements.append(0.0)
    return float(np.mean(agreements))


def shuffled_silhouettes(matrix: Matrix, method: Method, k: int, seed: int) -> list[float]:
    """What silhouette the same method finds where features have nothing to do with each other."""
    rng = np.random.default_rng(seed)
    part = sample(matrix, CHOSEN_ON, seed)
    found = []
    for place in range(SHUFFLES):
        shuffled = np.column_stack([rng.permutation(part[:, j]) for j in range(part.shape[1])])
        other = group(shuffled, method, k, seed + place)
        found.append(silhouette(shuffled, other.assign(shuffled)[0], seed) if other.k > 1 else 0.0)
    return found


def silhouette(matrix: Matrix, labels: Labels, seed: int) -> float:
    """Mean silhouette of the clustered among at most 2,000 customers; NaN for a single cluster."""
    rng = np.random.default_rng(seed)
    places = np.flatnonzero(labels >= 0)
    if len(places) > SILHOUETTE_ON:
        places = np.sort(rng.choice(places, SILHOUETTE_ON, replace=False))
    if not 2 <= len(np.unique(labels[places])) < len(places):
        return float("nan")
    return float(silhouette_score(matrix[places], labels[places]))


def sample(matrix: Matrix, most: int, seed: int) -> Matrix:
    """At most so many customers at random, in their order."""
    if len(matrix) <= most:
        return matrix
    rng = np.random.default_rng(seed)
    return matrix[np.sort(rng.choice(len(matrix), most, replace=False))]


def _kmeans(matrix: Matrix, k: int, seed: int, starts: int) -> tuple[Matrix, Labels, float]:
    # On matrices this small a second thread waits more than it works.
    with warnings.catch_warnings(), threadpool_limits(1):
        # Fewer different customers than clusters: the empty ones are dropped when labels are made.
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = KMeans(k, n_init=starts, random_state=seed).fit(matrix)
    return found.cluster_centers_, found.labels_.astype(np.int64), float(found.inertia_)


def _grouped(centres: Matrix) -> Grouping:
    return Grouping("kmeans", centres, np.arange(len(centres)), float("inf"), len(centres))


def _knee(rising: npt.NDArray[np.float64]) -> float:
    """Where a rising curve bends: the point furthest below the line between its ends."""
    across = np.linspace(0, 1, len(rising))
    height = rising[-1] - rising[0]
    if not height > 0:
        return float(max(rising[-1], 1e-9))
    up = (rising - rising[0]) / height
    return float(max(rising[int(np.argmax(across - up))], 1e-9))
