"""A customer's recommendations for both jobs, why, and what is said of them."""

from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

import ui
import ui.customers
import ui.tables
from analytics import profile, recommend
from ui import plain
from ui.recommend_limits import JOB_WORDS, Limits, Models

SAID: dict[str, str] = {
    "up": ":material/thumb_up: Good", "down": ":material/thumb_down: Not for them",
    "never": ":material/block: Never",
}  # fmt: skip
SAID_WORDS = {"up": "good", "down": "not for them", "never": "never show"}
WIDE = 450
"""Pixels of a column: both jobs stand side by side on a desk, one above the other on a tablet."""


def show(frame: ui.Frame, models: Models, limits: Limits) -> None:
    """Find a customer; what to offer them, with reasons and thumbs."""
    who = _find(frame)
    if who is None:
        return
    _who(frame, who)
    history = models["discover"].history
    if who not in set(history.customers["customer_id"]):
        st.info(
            f"Nothing is known of this customer before {ui.day(frame.as_of)}.",
            icon=":material/event_busy:",
        )
        return
    length = st.segmented_control(
        "How many of each", [5, 10, 20], default=5, required=True, key="recommend_length",
        persist_state="session",
    )  # fmt: skip
    said = recommend.feedback(frame.store)
    own = said[said["customer_id"] == who].set_index("product_id")["verdict"]
    never = recommend.never_shown(frame.store)
    row, parts = st.container(horizontal=True, gap="medium"), []
    for job, model in models.items():
        with row.container(width=WIDE), ui.errors_shown():
            st.markdown(f"#### {JOB_WORDS[job]}")
            st.caption(f"By: {plain(model.label)}")
            found = model.for_customers([who], length or 5, exclude=never, **limits.options)
            found = with_products(model, found)
            parts.append(found.assign(job=JOB_WORDS[job]))
            _rows(frame, who, job, found, own)
    _said(frame, who, own, history.products)
    if parts:
        table = pd.concat(parts)[
            ["job", "rank", "product_id", "product", "category", "price", "reason"]
        ]
        ui.tables.frame_download(
            table.rename(columns={"reason": "why"}), f"recommendations-{who}-{frame.as_of}",
            "Download both lists",
        )  # fmt: skip


def with_products(model: recommend.Model, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with their products' names, categories, prices and stock."""
    products = model.history.products.set_index("product_id")
    found = products.reindex(rows["product_id"]).reset_index(drop=True)
    names = found["name"].astype(object)
    rows = rows.reset_index(drop=True)
    names = names.where(names.notna() & (names != ""), rows["product_id"])
    return rows.assign(product=names, **found[["category", "price", "stock"]])


def _find(frame: ui.Frame) -> str | None:
    text = st.text_input(
        "Find a customer", key="recommend_customer", persist_state="session",
        placeholder="Customer number, e-mail or name",
    ).strip()  # fmt: skip
    if not text:
        _begin(frame)
        return None
    found = profile.search(frame.store, text)
    if found.empty:
        st.info("No customer's number, e-mail or name holds that.", icon=":material/person_off:")
        return None
    ids = found["customer_id"].tolist()
    if len(ids) == 1 or ids[0] == text:
        return str(ids[0])
    labels = {
        one: f"{name} ({one})" if isinstance(name, str) and name else one
        for one, name in zip(ids, found["name"], strict=True)
    }
    chosen: str | None = st.selectbox(
        "Customer", ids, key=f"recommend_who_{text}", format_func=labels.__getitem__,
        persist_state="session",
    )  # fmt: skip
    return chosen


def _begin(frame: ui.Frame) -> None:
    """A few customers to begin with."""
    st.caption("Find a customer to see what to offer them, and why. Or begin with one of these:")
    features = profile.keep(frame.store, frame.as_of).table
    found = profile.worth_a_look(frame.store, features)
    names = found.drop_duplicates("customer_id").set_index("customer_id")["name"]
    with st.container(horizontal=True):
        for one, name in names.items():
            label = f"{name} ({one})" if isinstance(name, str) and name else str(one)
            st.button(
                plain(label), key=f"recommend_begin_{one}", type="tertiary",
                icon=":material/person:", on_click=_open, args=(one,),
            )  # fmt: skip


def _open(who: str) -> None:
    """Look at a customer; runs before the page does."""
    st.session_state["recommend_customer"] = who


def _who(frame: ui.Frame, who: str) -> None:
    """Who they are in a line."""
    scored = ui.customers.scored(frame)
    found = profile.record(
        frame.store, who, frame.as_of, scores=scored.table if scored else None, unit=frame.currency
    )
    name = who if found.name is None else f"{found.name} ({who})"
    segment = f"{found.segment}. " if found.segment else ""
    st.markdown(f"**{plain(name)}.** {plain(segment + profile.headline(found, frame.currency))}")
    if found.opted_out:
        st.warning(
            "Must not be contacted: left out of every list.", icon=":material/do_not_disturb_on:"
        )


def _rows(frame: ui.Frame, who: str, job: str, found: pd.DataFrame, own: "pd.Series[Any]") -> None:
    """A card a product: its name, why, and what is said of it."""
    items: list[Any] = list(found.itertuples(index=False))
    for item in items:
        with st.container(border=True, gap="xsmall"):
            facts = [
                str(item.category) if pd.notna(item.category) else "",
                frame.money(item.price) if pd.notna(item.price) else "",
                "out of stock" if pd.notna(item.stock) and item.stock <= 0 else "",
            ]
            beside = " · ".join(fact for fact in facts if fact)
            st.markdown(f"{item.rank}\\. **{plain(str(item.product))}** {plain(beside)}".strip())
            st.caption(plain(str(item.reason)))
            key = f"said_{job}_{who}_{item.product_id}"
            st.session_state[key] = own.get(item.product_id)
            st.segmented_control(
                f"What is said of {plain(str(item.product))}", list(SAID), key=key,
                label_visibility="collapsed", format_func=SAID.__getitem__, on_change=_say,
                args=(frame, who, item.product_id, key),
            )  # fmt: skip


def _say(frame: ui.Frame, who: str, product: str, key: str) -> None:
    """Write down what was pressed, or take it back; runs before the page does."""
    verdict = st.session_state.get(key)
    if verdict is None:
        recommend.take_back(frame.store, who, product)
    else:
        recommend.give_feedback(
            frame.store, who, product, verdict, day=frame.as_of,
            at=datetime.now().replace(microsecond=0),
        )  # fmt: skip


def _said(frame: ui.Frame, who: str, own: "pd.Series[Any]", products: pd.DataFrame) -> None:
    """All that is said for this customer, each with its undo."""
    if own.empty:
        return
    names = products.set_index("product_id")["name"]
    st.markdown("#### Said so far")
    rows = st.container(gap="xxsmall")
    for product, verdict in own.items():
        name = names.get(product)
        shown = name if isinstance(name, str) and name else product
        with rows.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(str(shown))}**: {SAID_WORDS[verdict]}", width="content")
            st.button(
                "Undo", key=f"undo_{who}_{product}", type="tertiary", icon=":material/undo:",
                help=f"Take back what was said of {plain(str(shown))}",
                on_click=recommend.take_back, args=(frame.store, who, product),
            )  # fmt: skip
