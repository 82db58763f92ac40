"""What may be recommended, in one place for customers, products and everyone; and how varied."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

import ui
from analytics import recommend
from ui import plain

Models = dict[recommend.Job, recommend.Model]
JOB_WORDS: dict[str, str] = {
    "discover": "Something new", "again": "What they will buy next",
}  # fmt: skip
WIDE = 200
"""Pixels of a box: four stand side by side on a desk, two on a tablet."""


@dataclass(frozen=True)
class Limits:
    """What may be recommended, as a model's lists take it.

    Attributes:
        include: The products that may; None for all.
        rest_days: Nothing a customer bought within so many days.
        spread: How much variety counts, 0 to 1.
        sentence: The same in words; empty where nothing is asked.
    """

    include: tuple[str, ...] | None
    rest_days: int
    spread: float
    sentence: str

    @property
    def options(self) -> dict[str, Any]:
        """What lists are handed."""
        return {"include": self.include, "rest_days": self.rest_days, "spread": self.spread}


def choose(frame: ui.Frame, models: Models) -> Limits:
    """The conditions on products that the shop's data allow to ask about, and the variety."""
    products = next(iter(models.values())).history.products
    with st.expander("What may be recommended", icon=":material/tune:", key="recommend_limits"):
        asked, said = _conditions(frame, products)
        row = st.container(horizontal=True, vertical_alignment="bottom")
        rest = int(
            row.number_input(
                "Not bought in … days", 0, 730, 0, key="recommend_rest", width=WIDE,
                persist_state="session",
                help="Leaves out what a customer bought within so many days. 0: no such rule.",
            )
        )  # fmt: skip
        spread = (
            row.slider(
                "Show more variety, %", 0, 100, 0, 25, key="recommend_spread", width=2 * WIDE,
                persist_state="session",
                help="More categories in each list, and not the same best sellers for everyone. "
                "What it costs in accuracy is said below.",
            )
            / 100
        )  # fmt: skip
        if spread:
            for job, model in models.items():
                st.caption(f"{JOB_WORDS[job]}: {_cost(model, spread)}")
    include = None
    if asked:
        include = tuple(recommend.allowed(products, **asked))
        said.insert(0, f"only {len(include):,} of {len(products):,} products")
    said += [f"nothing bought within {rest:,} days"] if rest else []
    said += [f"{spread:.0%} variety"] if spread else []
    sentence = "; ".join(said)
    if sentence:
        st.caption(f":material/tune: {plain(sentence[0].upper() + sentence[1:])}.")
    return Limits(include, rest, spread, sentence)


def _conditions(frame: ui.Frame, products: pd.DataFrame) -> tuple[dict[str, Any], list[str]]:
    """What `recommend.allowed` is asked, and in words."""
    asked: dict[str, Any] = {}
    said: list[str] = []
    boxes = st.container(horizontal=True, vertical_alignment="bottom")

    def texts(key: str, label: str, column: str, words: str, **options: Any) -> None:
        choices = sorted(products[column].dropna().unique())
        if len(choices) < 2:
            return
        chosen = boxes.multiselect(
            label, choices, key=f"recommend_{key}", persist_state="session", width=300,
            placeholder="All" if key != "not_brands" else "None", **options,
        )  # fmt: skip
        if chosen:
            asked[key] = chosen
            said.append(f"{words} {', '.join(chosen)}")

    texts("categories", "Only these categories", "category", "of")
    texts("brands", "Only these brands", "brand", "by")
    texts("not_brands", "None of these brands", "brand", "not by")
    numbers = st.container(horizontal=True, vertical_alignment="bottom")
    if products["price"].notna().any():
        for key, label, words in (
            ("least_price", "Price from", "from"), ("most_price", "Price up to", "up to"),
        ):  # fmt: skip
            value = numbers.number_input(
                frame.in_unit(label), 0.0, value=None, step=1.0, key=f"recommend_{key}",
                persist_state="session", width=WIDE, placeholder="Any",
            )  # fmt: skip
            if value is not None:
                asked[key] = value
                said.append(f"{words} {frame.money(value)}")
    if products["cost"].notna().any():
        margin = numbers.number_input(
            "Margin at least, %", 0, 95, 0, 5, key="recommend_least_margin", width=WIDE,
            persist_state="session", help="What is left of the price after the cost. 0: any.",
        )  # fmt: skip
        if margin:
            asked["least_margin"] = margin / 100
            said.append(f"a margin of {margin}% or more")
    if products["stock"].notna().any() and numbers.toggle(
        "In stock only", key="recommend_in_stock", persist_state="session"
    ):
        asked["in_stock"] = True
        said.append("in stock")
    return asked, said


def _cost(model: recommend.Model, spread: float) -> str:
    """What so much variety costs, as it was on the last four weeks."""
    if model.comparison is None:
        return "what it costs cannot be said, there are too few orders to try it on."
    found = model.comparison.spread.set_index("spread")
    none, much = found.loc[0.0], found.loc[spread]
    lost = 1 - much["ndcg"] / none["ndcg"] if none["ndcg"] > 0 else 0.0
    change = f"{abs(lost):.0%} {'less' if lost > 0 else 'more'} accurate"
    if f"{abs(lost):.0%}" == "0%":
        change = "as accurate"
    said = (
        f"on the last four weeks lists of ten were {change} this way; they showed "
        f"{much['catalogue_share']:.0%} of all products instead of {none['catalogue_share']:.0%}, "
        f"and the ten shown most took {much['best_seller_share']:.0%} of the places instead of "
        f"{none['best_seller_share']:.0%}."
    )
    if much["ndcg_lost_lo"] <= 0 <= much["ndcg_lost_hi"]:
        said += " The difference in accuracy may be chance."
    return said


def job_control() -> recommend.Job:
    """What the lists are for."""
    chosen: Any = st.segmented_control(
        "What for", list(JOB_WORDS), default="discover", required=True, key="recommend_job",
        persist_state="session", format_func=JOB_WORDS.__getitem__,
        help="Something new: only products a customer never bought. What they will buy next: also "
        "what they buy again and again.",
    )  # fmt: skip
    return chosen or "discover"
