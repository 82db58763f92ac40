"""Names, rules and the map say what is there."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import clusters
from analytics.clusters import describe


def two_kinds() -> pd.DataFrame:
    """Forty loyal customers and forty who were here once, long ago."""
    rng = np.random.default_rng(1)
    kinds = np.repeat([0, 1], 40)
    return pd.DataFrame(
        {
            "customer_id": [f"c{n}" for n in range(80)],
            "recency_days": np.where(kinds == 0, 10, 300) + rng.integers(0, 9, 80),
            "orders": np.where(kinds == 0, 20, 1) + rng.integers(0, 3, 80),
            "revenue": np.where(kinds == 0, 900, 30) + rng.integers(0, 20, 80),
            "discount_order_share": 0.2 + 0.1 * rng.random(80),
        }
    )


def test_a_name_and_a_rule_by_hand() -> None:
    features = ["recency_days", "orders", "revenue", "discount_order_share"]
    found = clusters.fit_frame(two_kinds(), features, k=2)
    assert found.profiles["cluster"].tolist() == [1, 2]
    assert found.profiles["customers"].tolist() == [40, 40]
    words = {part.lower() for name in found.profiles["name"] for part in name.split(", ")}
    assert words <= {
        "recent buyers", "many orders", "big spenders",
        "long silent", "few orders", "small spenders",
    }  # fmt: skip
    assert found.fidelity == 1.0
    assert len(found.rules) == 2
    best = found.rules.set_index("cluster").loc[1, "rule"]
    assert best.startswith(
        ("Days since the last order at most", "Orders at least", "Revenue at least")
    )
    traits = found.traits.set_index(["cluster", "feature"])
    loyal = two_kinds().head(40)
    assert traits.loc[(1, "orders"), "median"] == loyal["orders"].median()
    assert traits.loc[(1, "orders"), "shop_median"] == two_kinds()["orders"].median()
    assert traits.loc[(1, "orders"), "difference"] == pytest.approx(1, abs=0.05)
    assert abs(traits.loc[(1, "discount_order_share"), "difference"]) < 0.35


def test_names_stay_apart() -> None:
    """Three groups alike in their two strongest traits take the third to be told apart."""
    rows = [
        {"cluster": cluster, "feature": feature, "difference": difference}
        for cluster, third in ((1, 1.0), (2, -1.0))
        for feature, difference in (("orders", 3.0), ("revenue", 2.0), ("recency_days", third))
    ]
    assert describe.names(pd.DataFrame(rows)) == {
        1: "Many orders, big spenders, long silent",
        2: "Many orders, big spenders, recent buyers",
    }
    alike = pd.DataFrame(rows)
    alike["difference"] = alike["difference"].abs()
    assert describe.names(alike) == {
        1: "Many orders, big spenders 1",
        2: "Many orders, big spenders 2",
    }


def test_the_map_shows_the_widest_directions() -> None:
    """x spreads widest, then y, z hardly: the axes are x and y, with the longest end positive."""
    rng = np.random.default_rng(2)
    matrix = rng.normal(size=(5_000, 3)) * [3.0, 1.0, 0.1]

    class Prepared:
        features = ("orders", "revenue", "recency_days")

    axes = describe.axes(matrix, Prepared())  # type: ignore[arg-type]
    assert axes.directions == pytest.approx(np.eye(3)[:2], abs=0.05)
    assert axes.explained == pytest.approx((9 / 10.01, 1 / 10.01), abs=0.02)
    assert axes.names[0].endswith("many orders, " + axes.names[0].split("many orders, ")[1])


CORNER = st.tuples(st.integers(-8, 8), st.integers(-8, 8))


@settings(deadline=None, max_examples=100)
@given(st.lists(CORNER, min_size=3, max_size=8), st.lists(CORNER, min_size=1, max_size=20))
def test_inside_a_drawn_shape(
    corners: list[tuple[int, int]], points: list[tuple[int, int]]
) -> None:
    """A point off the grid's lines is inside if a ray to the right crosses the outline oddly often.

    The reference walks along the ray in Python with exact fractions.
    """
    from fractions import Fraction

    places = [(x + Fraction(1, 3), y + Fraction(2, 7)) for x, y in points]
    expected = []
    for x, y in places:
        crossings = 0
        for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True):
            if min(y1, y2) < y < max(y1, y2):
                crossings += x1 + (y - y1) * Fraction(x2 - x1, y2 - y1) > x
        expected.append(crossings % 2 == 1)
    found = describe.inside(corners, np.array(places, dtype=float))
    assert found.tolist() == expected


def test_one_crowd_is_called_one() -> None:
    rows = [{"cluster": one, "feature": "orders", "difference": 0.1} for one in (1, -1)]
    assert describe.names(pd.DataFrame(rows)) == {1: "The crowd", -1: describe.OUTSIDE}


def test_limits_of_whole_numbers_are_whole() -> None:
    path = {0: [0.5, np.inf], 1: [-np.inf, 252.5], 2: [0.3, np.inf]}
    features = ("events_90_days", "recency_days", "discount_order_share")
    assert describe._sentence(path, features, [True, True, False]) == (
        "Events in 90 days at least 1 and Days since the last order at most 252 and "
        "Orders on discount above 30%"
    )
