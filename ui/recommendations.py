"""What to offer whom: let the methods learn, then look at customers, products, everyone."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

import ui
import ui.recommend_customer
import ui.recommend_everyone
import ui.recommend_evidence
import ui.recommend_launch
import ui.recommend_limits
import ui.recommend_product
import ui.recommend_rounds
from analytics import recommend
from ui.recommend_limits import Limits, Models

TABS = (
    "For a customer", "For a product", "For everyone", "New products", "Did it work?", "Evidence",
)  # fmt: skip
EXPLAINED = (
    "All methods are tried on the shop's own last four weeks, which none of them has seen: best "
    "sellers and buying again, the shopkeeper's rules, beside factor models (ALS, SVD, NMF), "
    "neighbours of customers and products, EASE, the products' own words, a sum of several, and "
    "trees that re-rank what the others name. A list of ten is the better the more of it was "
    "bought and the higher up it stands (NDCG). A method is used only where it beats the rule by "
    "more than chance; customers with fewer than three orders get the rule, or what did better for "
    "past newcomers. A thumb up counts like "
    "a purchase, and what got a thumb down leaves that customer's lists, both from the next time "
    "the methods learn; “never” holds at once. In a round a part of the people, drawn by chance, "
    "is not shown its list, so that what the others buy more can be read as what the lists "
    "brought.",
    "Hu, Koren & Volinsky (2008), ALS; Steck (2019), EASE; Järvelin & Kekäläinen (2002), NDCG; "
    "Carbonell & Goldstein (1998), variety; Newcombe (1998), difference of two shares.",
    "recommend_pairs", "recommend_feedback", "recommend_list", "recommend_columns", "round_sums",
)  # fmt: skip
"""How recommendations are made, for the foot of the page."""


@dataclass
class Learnt:
    """What the page's models have learnt from, the same for all who look at this shop and day.

    Attributes:
        said: The feedback it was.
        asked: Whether somebody has asked for it yet.
    """

    said: str = ""
    asked: bool = False


@st.cache_resource(max_entries=8, show_spinner=False)
def _learnt(version: str, day: str) -> Learnt:  # noqa: ARG001 - one for each
    return Learnt()


@st.cache_resource(max_entries=8, show_spinner=False)
def _model(
    version: str,  # noqa: ARG001 - a new import makes it stale
    _frame: ui.Frame,
    job: Any,
    day: str,  # noqa: ARG001
    said: str,  # noqa: ARG001 - so does learning from new feedback
) -> recommend.Model:
    return recommend.fit(_frame.store, job, as_of=_frame.as_of)


def show(frame: ui.Frame) -> None:
    """Let the methods race for both jobs, then look at customers, products and the evidence."""
    models = _learn(frame)
    if models is None:
        return
    limits = ui.recommend_limits.choose(frame, models)
    tabs = dict(zip(TABS, st.tabs(list(TABS), on_change="rerun", key="recommend_tab"), strict=True))
    rooms: dict[str, Any] = {
        "For a customer": ui.recommend_customer.show,
        "For a product": ui.recommend_product.show,
        "For everyone": ui.recommend_everyone.show,
        "New products": _launch,
        "Did it work?": ui.recommend_rounds.show,
        "Evidence": ui.recommend_evidence.show,
    }
    for name, tab in tabs.items():
        if tab.open:
            with tab, ui.errors_shown():
                rooms[name](frame, models, limits)


def _launch(frame: ui.Frame, models: Models, limits: Limits) -> None:  # noqa: ARG001 - as all rooms
    ui.recommend_launch.show(frame)


def _learn(frame: ui.Frame) -> Models | None:
    """The model of each job; nothing before they are asked for."""
    version, day = frame.store.version, str(frame.as_of)
    learnt = _learnt(version, day)
    said = recommend.feedback_version(recommend.feedback(frame.store, frame.as_of))
    if not learnt.asked:
        st.info(
            "Many ways to recommend are tried on your own last four weeks, and the winner is used: "
            "one for what is new to a customer, one for what they buy again. That takes a minute "
            "for a small shop, some minutes for a large one.",
            icon=":material/timer:",
        )
        st.button(
            "Find what to recommend", type="primary", icon=":material/play_arrow:",
            on_click=_ask, args=(learnt, said), key="recommend_find",
        )  # fmt: skip
        return None
    models: Models = {}
    for place, job in enumerate(recommend.JOBS):
        with st.spinner(f"Trying all methods on the last four weeks … {place + 1} of 2"):
            models[job] = _model(version, frame, job, day, learnt.said)
    if learnt.said != said:
        _offer_to_learn(learnt, said)
    return models


def _offer_to_learn(learnt: Learnt, said: str) -> None:
    """Thumbs count at the next fit, which an import brings, or this button."""
    note, button = st.columns([4, 1], vertical_alignment="center")
    note.caption(
        "Thumbs were given or taken back since the methods learnt. They count from the next import "
        "on, or once the methods learn again. “Never” holds already."
    )
    button.button(
        "Learn again", on_click=_ask, args=(learnt, said), icon=":material/model_training:",
        width="stretch", key="recommend_again",
    )  # fmt: skip


def _ask(learnt: Learnt, said: str) -> None:
    """Let the methods learn from what is said by now; runs before the page does."""
    learnt.asked, learnt.said = True, said
