"""Why: what each feature adds to a customer's log-odds, against the average customer's.

The parts add up to the log-odds of the customer's probability, always. They are exact for logistic
regression and the support vector machine (weight × distance from the mean) and naive Bayes (log of
the likelihood ratio); for boosted trees they are Shapley values of the log-odds (TreeExplainer,
Lundberg et al. 2020); for a single tree and the forest, whose Shapley values are of the
probability, these are stretched along the line from the average to the customer's log-odds. For
the neural network features are put in place of the average's one after the other, in one order and
in its reverse (two permutations of Štrumbelj & Kononenko 2010).
"""

import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import logit

from analytics.profile import Feature
from analytics.propensity.features import BY_NAME, Matrix
from analytics.propensity.models import SURE, Floats, Platt, score

ROWS_AT_ONCE = 2_000
START, OTHERS = "start", "others"


def parts(
    name: str, model: Any, platt: Platt, matrix: Matrix, average: Matrix
) -> tuple[float, Matrix]:
    """What each column adds to each customer's log-odds.

    Args:
        name: The method.
        model: What it has learnt.
        platt: How its scores become log-odds.
        matrix: Prepared customers, shape (n, columns).
        average: The customers they are compared with, shape (m, columns).

    Returns:
        The log-odds at the start, and the parts, shape (n, columns); `start + parts.sum(axis=1)`
        are the log-odds of `platt`.
    """
    match name:
        case "logistic" | "svm":
            weights, middle = model.coef_[0], average.mean(axis=0)
            begin = float(np.ravel(model.intercept_)[0] + middle @ weights)
            found = (matrix - middle) * weights
        case "bayes":
            ratios = _likelihoods(model, matrix)
            middle = _likelihoods(model, average).mean(axis=0)
            prior = np.log(model.class_prior_)
            begin = float(prior[1] - prior[0] + middle.sum())
            found = ratios - middle
        case "boosting":
            begin, found = _shapley(model, matrix)
        case "tree" | "forest":
            begin, found = _stretched(model, matrix)
        case _:
            begin, found = _in_turn(model, matrix, average.mean(axis=0))
    return platt.start + platt.slope * begin, platt.slope * found


def _likelihoods(model: Any, matrix: Matrix) -> Matrix:
    """Log of how much likelier each value is among those who do it."""
    spread, mean = model.var_, model.theta_
    logs = [
        -0.5 * np.log(2 * np.pi * spread[c]) - (matrix - mean[c]) ** 2 / (2 * spread[c])
        for c in (0, 1)
    ]
    return np.asarray(logs[1] - logs[0])


def _shapley(model: Any, matrix: Matrix) -> tuple[float, Matrix]:
    # Loaded only here: it takes two seconds, and most methods need none of it.
    shap = importlib.import_module("shap")
    explainer = shap.TreeExplainer(model)
    found = np.asarray(explainer.shap_values(matrix))
    begin = np.ravel(explainer.expected_value)
    return float(begin[-1]), found[..., -1] if found.ndim == 3 else found


def _stretched(model: Any, matrix: Matrix) -> tuple[float, Matrix]:
    average, found = _shapley(model, matrix)
    middle = float(np.clip(average, SURE, 1 - SURE))
    begin = float(logit(middle))
    total = score(model, matrix) - begin
    moved = found.sum(axis=1)
    flat = np.abs(moved) < 1e-9
    slope = np.where(flat, 1 / (middle * (1 - middle)), total / np.where(flat, 1.0, moved))
    return begin, found * slope[:, None]


def _in_turn(model: Any, matrix: Matrix, average: Matrix) -> tuple[float, Matrix]:
    columns = matrix.shape[1]
    order = np.random.default_rng(0).permutation(columns)
    begin = float(score(model, average[None, :])[0])
    found = np.zeros_like(matrix)
    for turn in (order, order[::-1]):
        mixed = np.tile(average, (len(matrix), 1))
        so_far = np.full(len(matrix), begin)
        for column in turn:
            mixed[:, column] = matrix[:, column]
            reached = score(model, mixed)
            found[:, column] += (reached - so_far) / 2
            so_far = reached
    return begin, found


def by_feature(columns: Sequence[tuple[str, str]], found: Matrix) -> tuple[list[str], Matrix]:
    """The parts of a feature's columns as one: the names, and the parts, shape (n, features)."""
    names = list(dict.fromkeys(name for name, _ in columns))
    summed = np.zeros((len(found), len(names)))
    for place, (name, _) in enumerate(columns):
        summed[:, names.index(name)] += found[:, place]
    return names, summed


def longest(
    rows: pd.DataFrame, begin: float, names: Sequence[str], found: Matrix, first: int = 10
) -> pd.DataFrame:
    """The strongest reasons of each customer.

    Args:
        rows: The customers, with their features.
        begin: The log-odds at the start.
        names: The features.
        found: Their parts, shape (customers, features).
        first: How many reasons are named.

    Returns:
        DataFrame customer_id, place (0: the start; 1, 2, …: reasons, the strongest first; the last:
        all others together), feature, log_odds, value (a number or missing), text (or missing).
    """
    first = min(first, found.shape[1])
    strongest = np.argsort(-np.abs(found), axis=1, kind="stable")[:, :first]
    frames = [
        _one(rows, 0, np.full(len(rows), START), np.full(len(rows), begin)),
    ]
    named = np.asarray(names, dtype=object)
    rest = found.sum(axis=1)
    for place in range(first):
        chosen = strongest[:, place]
        added = found[np.arange(len(rows)), chosen]
        rest = rest - added
        frames.append(_one(rows, place + 1, named[chosen], added))
    frames.append(_one(rows, first + 1, np.full(len(rows), OTHERS), rest))
    return pd.concat(frames, ignore_index=True).sort_values(
        ["customer_id", "place"], ignore_index=True
    )


def _one(rows: pd.DataFrame, place: int, features: npt.NDArray[Any], added: Floats) -> pd.DataFrame:
    value = np.full(len(rows), np.nan)
    text: npt.NDArray[Any] = np.full(len(rows), None, dtype=object)
    for name in set(features) & set(rows.columns):
        own = features == name
        if BY_NAME[name].kind == "text":
            told = rows.loc[own, name].astype(object)
            text[own] = told.where(told.notna(), None)
        else:
            value[own] = rows.loc[own, name]
    return pd.DataFrame(
        {
            "customer_id": rows["customer_id"].to_numpy(),
            "place": place,
            "feature": features.astype(object),
            "log_odds": added,
            "value": value,
            "text": pd.array(text, dtype="str"),
        }
    )


def middle_of(rows: pd.DataFrame, name: str) -> str:
    """The middle customer's value, in words; of a text the most frequent one."""
    known = rows[name].dropna()
    if not len(known):
        return "unknown"
    feature = BY_NAME[name]
    if feature.kind == "text":
        return str(known.value_counts().index[0])
    return say(feature, float(known.median()))


def say(feature: Feature, value: float) -> str:
    """A number of a feature, with its unit."""
    if np.isnan(value):
        return "unknown"
    if feature.kind == "flag":
        return "yes" if value else "no"
    if feature.kind == "share":
        return f"{value:.0%}"
    if feature.kind == "money" or feature.unit == "money":
        return f"{value:,.2f}"
    number = f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"
    unit = feature.unit.removesuffix("s") if number == "1" else feature.unit
    return f"{number} {unit}".strip()
