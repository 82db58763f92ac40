"""Saved plans and saved tests that were run elsewhere: keep them, find them, take them away."""

import json
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

import pandas as pd

from analytics.errors import AnalyticsError
from analytics.experiment.power import Plan
from analytics.store import Store
from analytics.store.experiments import write_test

__all__ = [
    "SavedPlan",
    "delete_outside",
    "delete_plan",
    "outside_tests",
    "plan_of",
    "plans",
    "save_outside",
    "save_plan",
]

LONGEST_NAME = 80


@dataclass(frozen=True)
class SavedPlan:
    """What was decided before a test began.

    Attributes:
        metric: What it is to be judged by.
        n_control: Customers without the change.
        n_treatment: Customers with it.
        weeks: How long it is to run.
        minimum_detectable_effect: The smallest effect it is to find, in the metric's unit.
        window_days: Days from the first exposure that count; None: up to the day of reading.
    """

    metric: str
    n_control: int
    n_treatment: int
    weeks: int
    minimum_detectable_effect: float
    window_days: int | None = None

    @property
    def total_n(self) -> int:
        """Customers of both arms."""
        return self.n_control + self.n_treatment


def save_plan(
    store: Store, name: str, plan: Plan, metric: str, window_days: int | None = None
) -> None:
    """Save a plan under an experiment's name, in place of an earlier one.

    Raises:
        AnalyticsError: The name makes no sense.
    """
    saved = SavedPlan(
        metric,
        plan.n_control,
        plan.n_treatment,
        plan.weeks,
        plan.minimum_detectable_effect,
        window_days,
    )
    write_test(store, "experiment_plans", _checked(name), json.dumps(asdict(saved)))


def plans(store: Store) -> pd.DataFrame:
    """The saved plans: DataFrame name, saved_at and the fields of `SavedPlan`, by name."""
    found = store.query("experiment_plans")
    rows = [
        {"name": name, "saved_at": at} | json.loads(text)
        for name, text, at in zip(found["name"], found["plan"], found["saved_at"], strict=True)
    ]
    return pd.DataFrame(rows, columns=["name", "saved_at", *SavedPlan.__dataclass_fields__])


def plan_of(store: Store, name: str) -> SavedPlan | None:
    """The saved plan of an experiment, if there is one."""
    found = store.query("experiment_plans")
    texts = found.loc[found["name"] == name, "plan"]
    return SavedPlan(**json.loads(texts.iloc[0])) if len(texts) else None


def delete_plan(store: Store, name: str) -> None:
    """Take a plan away."""
    write_test(store, "experiment_plans", name, None)


# Tests run elsewhere


def save_outside(store: Store, name: str, arms: pd.DataFrame, *, replace: bool = False) -> None:
    """Save the arms frame of a test that was run elsewhere.

    Raises:
        AnalyticsError: The name is taken or makes no sense.
    """
    name = _checked(name)
    if not replace and name in set(store.query("outside_tests")["name"]):
        raise AnalyticsError(
            f"There already is a test “{name}”.", "Choose another name, or replace it."
        )
    rows = [
        {column: _plain(value) for column, value in row.items()} for row in arms.to_dict("records")
    ]
    write_test(store, "outside_tests", name, json.dumps(rows, ensure_ascii=False))


def outside_tests(store: Store) -> dict[str, pd.DataFrame]:
    """The saved tests that were run elsewhere: for each name its arms frame."""
    found = store.query("outside_tests")
    return {
        name: pd.DataFrame(json.loads(text)).fillna(float("nan"))
        for name, text in zip(found["name"], found["arms"], strict=True)
    }


def delete_outside(store: Store, name: str) -> None:
    """Take a saved test away."""
    write_test(store, "outside_tests", name, None)


def _plain(value: Any) -> Any:
    """A value as JSON holds it; what is not defined as null."""
    if isinstance(value, str):
        return value
    number = value.item() if hasattr(value, "item") else value
    return number if isinstance(number, int) or isfinite(number) else None


def _checked(name: str) -> str:
    """A name without blanks around it."""
    name = name.strip()
    if not name:
        raise AnalyticsError("The test has no name yet.", "Give it one.")
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise AnalyticsError(
            "The name is too long, or has line breaks or characters that cannot be seen.",
            f"Give one of at most {LONGEST_NAME} letters.",
        )
    return name
