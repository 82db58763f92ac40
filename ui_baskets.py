"""Baskets as the page shows them: rules and their people, a cart, sequences, bundles."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

import ui
import ui_tables
from analytics import basket, charts
from analytics.errors import NotEnoughDataError
from ui_conditions import plain

BY: dict[basket.By, str] = {"product_id": "Products", "category": "Categories"}
LIST_COLUMNS = ["customer_id", "name", "email", "phone", "orders_with", "last_bought_day"]
IN_CHART = 8


@dataclass(frozen=True)
class Chosen:
    """What the page was asked.

    Attributes:
        by: Products or categories.
        least: The fewest orders that hold a rule.
        share: The smallest share of the orders with the first that hold the second, 0 to 1.
        size: The most items of a rule.
        largest: The most items of an order that counts; nothing where all do.
    """

    by: basket.By
    least: int
    share: float
    size: int
    largest: int | None


@dataclass(frozen=True)
class Found:
    """What the page found.

    Attributes:
        rules: What `basket.confirm` says of each rule; not confirmed where it could not be tested.
        sentence: How many hold on later weeks, or why that could not be tested.
        names: What each item is called.
    """

    rules: pd.DataFrame
    sentence: str
    names: dict[str, str]


def choose(frame: ui.Frame) -> Chosen:
    """The page's inputs; what is usual follows from the number of orders."""
    box, least_box, share_box, size_box = st.columns([3, 3, 3, 2], vertical_alignment="bottom")
    by: Any = box.segmented_control(
        "Compare", list(BY), default="product_id", required=True, format_func=BY.__getitem__,
        key="baskets_by", persist_state="session",
    )  # fmt: skip
    orders = _orders(frame.store.version, by, frame)
    usual = basket.least_of(orders, None)
    least = least_box.number_input(
        "Bought together in at least … orders", 2, max(orders, usual, 2), usual,
        key=f"baskets_least_{by}", persist_state="session",
        help="Fewer finds more, but also more that is luck.",
    )  # fmt: skip
    percent = share_box.slider(
        "Of 100 who buy the first, at least … buy the second", 1, 100, 5,
        key="baskets_share", persist_state="session",
    )  # fmt: skip
    size = size_box.segmented_control(
        "Together", [2, 3], default=2, required=True, key="baskets_size",
        persist_state="session", format_func=lambda many: {2: "Two", 3: "Up to three"}[many],
    )  # fmt: skip
    with st.expander("Very large orders", icon=":material/tune:"):
        largest = st.number_input(
            "Leave out orders of more than … different items", 2, None, None,
            key="baskets_largest", persist_state="session", placeholder="none is left out",
            help="A wholesaler’s order of everything says little about what goes together.",
        )  # fmt: skip
    return Chosen(by, int(least), percent / 100, int(size or 2), largest)


@st.cache_data(max_entries=20, show_spinner=False)
def _orders(version: str, by: basket.By, _frame: ui.Frame) -> int:  # noqa: ARG001
    """How many orders say what was bought."""
    found = _frame.store.query("basket_count", tables={"lines": _lines(_frame, by)})
    return int(found["baskets"].iloc[0])
