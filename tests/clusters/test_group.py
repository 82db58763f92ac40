"""Planted groups are found, odd shapes by density, and shuffled features show no structure."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_iris, make_blobs, make_moons
from sklearn.metrics import adjusted_rand_score

from analytics import clusters
from analytics.clusters import group
from analytics.errors import AnalyticsError, NotEnoughDataError


def shop(points: np.ndarray, names: str = "abcdefgh") -> tuple[pd.DataFrame, list[str]]:
    """Customers whose features are the points."""
    features = list(names[: points.shape[1]])
    frame = pd.DataFrame(points, columns=features)
    return frame.assign(customer_id=[f"c{n:05}" for n in range(len(frame))]), features


@pytest.mark.parametrize(("groups", "seed"), [(3, 1), (4, 2), (6, 3)])
def test_planted_groups_are_found_and_counted(groups: int, seed: int) -> None:
    corners = np.array(list(np.ndindex(2, 2, 2, 2)))[[0, 15, 5, 10, 3, 12]] * 6.0
    points, truth = make_blobs(900, 4, centers=corners[:groups], cluster_std=0.6, random_state=seed)
    found = clusters.fit_frame(*shop(points))
    assert found.k == groups
    assert adjusted_rand_score(truth, found.labels["cluster"]) > 0.97
    assert found.structured
    assert found.stability > 0.95
    assert found.choice["k"].tolist() == list(range(2, 11))
    assert found.fidelity > 0.9


def test_iris() -> None:
    """K-means with K = 3 on standardised iris: adjusted Rand index 0.62 (scikit-learn's user guide
    and many textbooks; 0.73 without standardising)."""
    points, truth = load_iris(return_X_y=True)
    found = clusters.fit_frame(*shop(points), k=3)
    assert adjusted_rand_score(truth, found.labels["cluster"]) == pytest.approx(0.62, abs=0.03)
    assert found.silhouette == pytest.approx(0.46, abs=0.01)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_moons_are_for_density(seed: int) -> None:
    points, truth = make_moons(1_500, noise=0.06, random_state=seed)
    by_method = {
        method: adjusted_rand_score(
            truth, clusters.fit_frame(*shop(points), k=2, method=method).labels["cluster"]
        )
        for method in clusters.METHODS
    }
    assert by_method["kmeans"] < 0.6
    assert by_method["dbscan"] > 0.8
    assert by_method["hdbscan"] > 0.95


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_who_belongs_nowhere_is_left_outside_by_density(seed: int) -> None:
    rng = np.random.default_rng(seed)
    crowds, truth = make_blobs(
        [400, 600, 800], 2, centers=[(0, 0), (7, 1), (2, 8)], cluster_std=0.7, random_state=seed
    )
    stray = rng.uniform(-5, 13, (200, 2))
    near = np.min(np.linalg.norm(stray[:, None] - [[0, 0], [7, 1], [2, 8]], axis=2), axis=1)
    stray = stray[near > 3.5]
    points, truth = np.vstack([crowds, stray]), np.r_[truth, [-1] * len(stray)]
    dense = clusters.fit_frame(*shop(points), method="dbscan")
    assert dense.k == 3
    outside = dense.labels["cluster"].to_numpy() == -1
    assert outside[truth == -1].mean() > 0.85
    assert outside[truth >= 0].mean() < 0.1
    assert (dense.labels.loc[outside, "name"] == clusters.OUTSIDE).all()
    assert dense.labels.loc[outside, "confidence"].isna().all()
    round_ones = clusters.fit_frame(*shop(points), k=3)
    assert (round_ones.labels["cluster"] > 0).all()


@pytest.mark.parametrize("seed", [4, 5])
def test_shuffled_features_show_no_structure(seed: int) -> None:
    points, _ = make_blobs(800, 5, centers=4, cluster_std=0.7, random_state=seed)
    rng = np.random.default_rng(seed)
    shuffled = np.column_stack([rng.permutation(column) for column in points.T])
    assert clusters.fit_frame(*shop(points)).structured
    found = clusters.fit_frame(*shop(shuffled))
    assert not found.structured
    assert "There is no structure" in found.verdict


def test_one_even_crowd_is_one() -> None:
    points = np.random.default_rng(0).normal(size=(800, 3))
    dense = clusters.fit_frame(*shop(points), method="dbscan")
    assert dense.k == 1
    assert "No groups stand apart" in dense.verdict
    assert not clusters.fit_frame(*shop(points)).structured


def test_sureness_by_hand() -> None:
    """Centres at 0 and 4: at 1 the distances are 1 and 3, so 1 - 1/3; on the border 0."""
    grouping = group.Grouping("kmeans", np.array([[0.0], [4.0]]), np.arange(2), np.inf, 2)
    labels, sure = grouping.assign(np.array([[0.0], [1.0], [2.0], [5.0]]))
    assert labels.tolist()[:2] == [0, 0]
    assert labels[3] == 1
    assert sure == pytest.approx([1, 2 / 3, 0, 1 - 1 / 5])


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(2, 5), st.integers(20, 120))
def test_whatever_the_customers(seed: int, features: int, customers: int) -> None:
    """Everyone has a group, sizes and shares add up, and the same data give the same groups."""
    rng = np.random.default_rng(seed)
    points = np.round(rng.gamma(1, 3, (customers, features)), 1)
    points[rng.random(points.shape) < 0.1] = np.nan
    frame, names = shop(points)
    found = clusters.fit_frame(frame, names, k=3)
    again = clusters.fit_frame(frame, names, k=3)
    pd.testing.assert_frame_equal(found.labels, again.labels)
    assert found.labels["customer_id"].tolist() == frame["customer_id"].tolist()
    assert found.profiles["customers"].sum() == customers
    assert found.profiles["customer_share"].sum() == pytest.approx(1)
    assert found.labels["confidence"].between(0, 1).all()
    assert found.profiles["name"].is_unique
    assert (found.traits["cluster"].value_counts() == found.traits["feature"].nunique()).all()


def test_errors_say_what_to_do() -> None:
    frame, names = shop(np.random.default_rng(0).normal(size=(30, 2)))
    with pytest.raises(AnalyticsError, match="11 clusters are not possible"):
        clusters.fit_frame(frame, names, k=11)
    with pytest.raises(AnalyticsError, match="no method “median”"):
        clusters.fit_frame(frame, names, method="median")  # type: ignore[arg-type]
    with pytest.raises(NotEnoughDataError, match="Only 19 customers"):
        clusters.fit_frame(frame.head(19), names)
