"""Groups of people by how they are treated, reckoned by hand."""

import numpy as np
import pandas as pd
import pytest

from analytics.propensity import fairness


def test_rates_and_errors_by_hand() -> None:
    people = pd.DataFrame({"gender": ["f", "f", "m", "m"], "city": ["Graz"] * 4})
    did = np.array([1.0, 0.0, 1.0, 0.0])
    chances = np.array([0.9, 0.6, 0.4, 0.1])  # two are expected: the first two are addressed
    found = fairness.table(people, did, chances).set_index("group")
    assert list(found["attribute"]) == ["Gender", "Gender"]  # one city is no comparison
    assert found.loc["f", "happened_share"] == 0.5
    assert found.loc["f", "foretold_share"] == pytest.approx(0.75)
    assert found["addressed_share"].to_dict() == {"f": 1.0, "m": 0.0}
    assert found["found_share"].to_dict() == {"f": 1.0, "m": 0.0}
    assert found.loc["f", "wrongly_share"] == 0.5
    assert np.isnan(found.loc["m", "wrongly_share"])


def test_those_of_equal_probability_share_what_is_left() -> None:
    assert fairness.addressed(np.array([1.0, 0.5, 0.5])).tolist() == [1.0, 0.5, 0.5]
    assert fairness.addressed(np.array([0.25] * 4)).tolist() == [0.25] * 4
    assert fairness.addressed(np.array([1.0, 1.0])).tolist() == [1.0, 1.0]


def test_ages_come_in_bands_and_rare_cities_together() -> None:
    ages = fairness.groups_of(pd.Series([24.0, 25.0, 70.0, np.nan]))
    assert list(ages) == ["under 25", "25 to 34", "65 or more", "unknown"]
    cities = fairness.groups_of(pd.Series([*"aabbccddeeffgghh", "i", None]))
    assert list(cities[-2:]) == ["others", "unknown"]


def groups(**changed: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "attribute": "Gender", "group": ["f", "m"], "customers": [500, 500],
            "happened_share": [0.2, 0.2], "foretold_share": [0.2, 0.2],
            "addressed_share": [0.2, 0.2],
        } | changed
    )  # fmt: skip


def test_only_large_and_certain_differences_are_named() -> None:
    assert fairness.warnings(groups()) == []
    assert fairness.warnings(groups(addressed_share=[0.2, 0.17])) == []
    (said,) = fairness.warnings(groups(addressed_share=[0.2, 0.1]))
    assert "“m” would be addressed less often than “f”, 10% against 20%" in said
    assert fairness.warnings(groups(addressed_share=[0.2, 0.1], customers=[500, 20])) == []
    (said,) = fairness.warnings(groups(foretold_share=[0.3, 0.1]))
    assert "foretold worse than others (and so are 1 more groups)" in said
    # All off by the same is no difference between groups.
    assert fairness.warnings(groups(foretold_share=[0.3, 0.3])) == []
