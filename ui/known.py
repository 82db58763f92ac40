"""What rules of audiences read, and what the shop has to ask about."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

import ui
from analytics import audience, profile, rfm
from analytics.errors import NotEnoughDataError
from ui.conditions import Choices

MOST_PRODUCTS, MOST_TEXTS = 500, 200


@dataclass(frozen=True)
class Known:
    """The kept tables that rules read, as of a day.

    Attributes:
        features: What is known of each customer.
        scores: Segments; nothing where there are too few customers for them.
        clusters: Clusters, if made.
        segments: The segments' names.
        slipping: Those of good customers who drift away.
        as_of: The day.
    """

    features: str
    scores: str | None
    clusters: str | None
    segments: tuple[str, ...]
    slipping: tuple[str, ...]
    as_of: date

    @property
    def tables(self) -> dict[str, Any]:
        """What `audience` is handed beside a rule."""
        return {
            "as_of": self.as_of, "features": self.features, "scores": self.scores,
            "clusters": self.clusters,
        }  # fmt: skip


def known(frame: ui.Frame, clusters: str | None = None) -> Known:
    """Make or find what rules read.

    Args:
        frame: The page's frame.
        clusters: The kept table of clusters, if there is one: conditions on clusters need it.
    """
    features = profile.keep(frame.store, frame.as_of).table
    try:
        kept = rfm.keep(frame.store, frame.as_of)
    except NotEnoughDataError:
        return Known(features, None, clusters, (), (), frame.as_of)
    segments = kept.vocabulary.segments
    names = tuple(one.name for one in segments)
    slipping = tuple(one.name for one in segments if one.slipping)
    return Known(features, kept.table, clusters, names, slipping, frame.as_of)


@st.cache_data(max_entries=500, show_spinner=False)
def _summary(
    stamp: str,  # noqa: ARG001
    _frame: ui.Frame,
    _rule: audience.Rule,
    _now: Known,
) -> audience.Summary:
    """What an audience is worth; the stamp changes whenever the answer may."""
    return audience.summary(_frame.store, _rule, **_now.tables)


def summary(frame: ui.Frame, rule: audience.Rule, now: Known) -> audience.Summary:
    """What an audience is worth, worked out once."""
    stamp = audience.stamp(frame.store, rule, **now.tables)
    return _summary(stamp, frame, rule, now)


@st.cache_data(max_entries=20, show_spinner=False)
def _offered(
    version: str,  # noqa: ARG001
    features: str,
    _frame: ui.Frame,
) -> tuple[pd.DataFrame, list[str]]:
    """What the shop has of each kind, and the fields it uploaded of its customers."""
    found = _frame.store.query("audience_choices", limit=MOST_PRODUCTS)
    return found, audience.attribute_names(_frame.store, features)


@st.cache_data(max_entries=100, show_spinner=False)
def _texts(
    version: str,  # noqa: ARG001
    features: str,
    name: str,
    _frame: ui.Frame,
) -> list[str]:
    """The most frequent texts of a feature."""
    return audience.texts(_frame.store, features, name, MOST_TEXTS)


def choices(frame: ui.Frame, now: Known) -> Choices:
    """What conditions can ask about in this shop."""
    version = frame.store.version
    found, attributes = _offered(version, now.features, frame)
    by_kind = {
        kind: found.loc[found["kind"] == kind, "choice"].tolist()
        for kind in ("category", "product", "event", "channel")
    }
    products = found[found["kind"] == "product"]
    labels = dict(zip(products["choice"], products["label"], strict=True))
    return Choices(
        by_kind["category"], labels, by_kind["event"], by_kind["channel"], attributes,
        list(now.segments), group_names(frame, now), audience.list_names(frame.store),
        audience.saved(frame.store)["name"].tolist(),
        lambda name: _texts(version, now.features, name, frame), frame.as_of,
    )  # fmt: skip


def group_names(frame: ui.Frame, now: Known) -> dict[int, str]:
    """The names of the groups of customers by number; empty where there are none."""
    if now.clusters is None:
        return {}
    named = frame.store.query("audience_clusters", tables={"clusters": now.clusters})
    return dict(zip(named["cluster"].astype(int), named["name"], strict=True))
