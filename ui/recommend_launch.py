"""Whom to tell about a new product: one that hardly anybody has bought, or one yet to come."""

from datetime import date, timedelta
from typing import Any

import pandas as pd
import streamlit as st

import ui
import ui.tables
from analytics import charts, recommend
from ui import plain

FEW, NEW_DAYS = 20, 182
MOST_TOLD = 1_000
TYPED = "A product that is not in the files yet"
CHOSEN = "A product of the shop"
LIST_COLUMNS = ["rank", "customer_id", "name", "email", "why"]
EVIDENCE = {
    "label": "list_by", "lift_top_5": "buyers_in_first_5_percent_times_chance",
    "lift_top_5_lo": "at_least_times", "lift_top_5_hi": "at_most_times",
    "auc": "buyer_above_other_share", "auc_lo": "at_least_share", "auc_hi": "at_most_share",
    "products": "new_products_tried", "buyers": "buyers",
}  # fmt: skip
"""The columns of the evidence, by what they are called there."""
EXPLAINED = (
    "What customers bought of the like (words of the name, category, brand, price range) and how "
    "much and how lately they bought is weighed as the shop's earlier new products taught: each "
    "from what was known before its first week, and who bought it in its first four. Each quarter "
    "of them is judged by what the ones before it taught. Where that does not clearly find buyers "
    "better, the RFM score is used, or how much they bought lately where that is clearly better."
)


@st.cache_resource(max_entries=4, show_spinner="Looking at earlier new products …")
def _past(version: str, _frame: ui.Frame, day: str) -> recommend.PastLaunches:  # noqa: ARG001
    return recommend.past_launches(_frame.store, _frame.as_of)


@st.cache_resource(max_entries=8, show_spinner="Looking for the likeliest buyers …")
def _found(
    version: str,
    _frame: ui.Frame,
    product: str | recommend.NewProduct,
    day: str,
    said: str,  # noqa: ARG001 - new feedback makes it stale
) -> recommend.Launch:
    past = _past(version, _frame, day)
    return recommend.launch(_frame.store, product, MOST_TOLD, _frame.as_of, past=past)


def show(frame: ui.Frame) -> None:
    """Choose or describe a product, then see whom to tell, and what such lists were worth."""
    st.caption("Nobody has bought a new product yet. Who is likely to?")
    kind = st.segmented_control(
        "Which product", [CHOSEN, TYPED], default=CHOSEN, required=True, key="launch_kind",
        persist_state="session",
    )  # fmt: skip
    product, title = _typed(frame) if kind == TYPED else _chosen(frame)
    if product is None:
        return
    said = recommend.feedback_version(recommend.feedback(frame.store, frame.as_of))
    found = _found(frame.store.version, frame, product, str(frame.as_of), said)
    st.markdown(_answer(found, title))
    if found.customers.empty:
        st.info("Nobody is left to tell: all known customers have it.", icon=":material/info:")
    else:
        stamp = f"{frame.store.version}_{frame.as_of}_{said}_{product!r}"
        table = frame.store.kept("launch", stamp) or frame.store.keep(
            "launch", stamp, found.customers
        )
        ui.tables.people(
            frame, f"Whom to tell about {title}", "launch_list", LIST_COLUMNS, order_by="score",
            tables={"launch": table},
        )  # fmt: skip
    st.subheader("How good such lists were", anchor=False)
    st.caption(plain(found.verdict))
    if len(found.evidence):
        _evidence(frame, found.evidence)
    with st.expander("How are they found?", icon=":material/function:"):
        st.markdown(EXPLAINED)


def _chosen(frame: ui.Frame) -> tuple[Any, str]:
    """A product of the files that hardly anybody has bought, or that is new."""
    products = frame.store.query("launch_products", as_of=frame.as_of)
    first = pd.to_datetime(products["first_day"])
    since = pd.Timestamp(frame.as_of - timedelta(days=NEW_DAYS))
    rows = products[first.isna() | (first >= since) | (products["buyers"] < FEW)]
    if rows.empty:
        st.info(
            f"Every product has been sold for more than half a year, to {FEW} customers or more. "
            f"Choose “{TYPED}” to see whom to tell about the next.",
            icon=":material/info:",
        )
        return None, ""
    titles = {row.product_id: _title(row) for row in rows.itertuples()}
    notes = {row.product_id: _note(row) for row in rows.itertuples()}
    product = st.selectbox(
        "Product", list(titles), key="launch_product", index=None, placeholder="Choose a product",
        format_func=lambda one: f"{titles[one]}: {notes[one]}",
        help="What nobody has bought yet first, then the newest.",
    )  # fmt: skip
    if product is None:
        st.caption("Choose a product to see whom to tell about it.")
        return None, ""
    return product, titles[product]


def _title(row: Any) -> str:
    named = isinstance(row.name, str) and row.name
    return f"{row.name} ({row.product_id})" if named else str(row.product_id)


def _note(row: Any) -> str:
    if pd.isna(row.first_day):
        return "nobody bought it yet"
    day: date = pd.Timestamp(row.first_day).date()
    buyers = "1 buyer" if row.buyers == 1 else f"{row.buyers:,} buyers"
    return f"{buyers}, first sold {ui.day(day)}"


def _typed(frame: ui.Frame) -> tuple[Any, str]:
    """A product described by hand."""
    products = frame.store.query("launch_products", as_of=frame.as_of)
    name, category, brand, price = st.columns([4, 3, 3, 2])
    with name:
        text = st.text_input("Name", key="launch_name", placeholder="for example Green tea")
    chosen = []
    for column, what in ((category, "category"), (brand, "brand")):
        known = sorted(products[what].dropna().astype(str).unique())
        with column:
            chosen.append(
                st.selectbox(
                    what.capitalize(), known, index=None, key=f"launch_{what}",
                    placeholder="Choose or type", accept_new_options=True,
                )
            )  # fmt: skip
    with price:
        value = st.number_input(
            frame.in_unit("Price"), min_value=0.0, value=None, key="launch_price", format="%.2f"
        )
    if not text.strip() and not any(chosen):
        st.caption("Type its name, or choose its category or brand, to see whom to tell about it.")
        return None, ""
    new = recommend.NewProduct(text.strip(), chosen[0] or "", chosen[1] or "", value)
    return new, new.name or " ".join(one for one in chosen if one)


def _answer(found: recommend.Launch, title: str) -> str:
    count = len(found.customers)
    begin = f"**{count:,} customers to tell about {plain(title)}**, the likeliest buyers first"
    rows = found.evidence[found.evidence["method"] == found.method]
    if rows.empty:
        return f"{begin}."
    row: Any = next(rows.itertuples())
    return (
        f"{begin}. Among the first 5% of such a list were **{row.lift_top_5:.1f} times** as many "
        f"buyers as by chance (between {max(row.lift_top_5_lo, 0):.1f} and "
        f"{row.lift_top_5_hi:.1f}; {row.products:,} earlier new products)."
    )


def _evidence(frame: ui.Frame, evidence: pd.DataFrame) -> None:
    st.plotly_chart(
        charts.intervals(
            pd.DataFrame(
                {
                    "label": evidence["label"],
                    **{
                        name: evidence[column].astype(float) - 1
                        for name, column in (
                            ("value", "lift_top_5"), ("lo", "lift_top_5_lo"),
                            ("hi", "lift_top_5_hi"),
                        )
                    },
                }
            ),
            "More buyers in the first 5% than by chance", lambda value: f"{value:+.0%}",
            tickformat="+.0%",
        ),
        key="launch_lift", alt="How many more buyers the first 5% of each list held than chance",
    )  # fmt: skip
    shown = evidence[list(EVIDENCE)].rename(columns=EVIDENCE)
    ui.tables.table(shown.round(3), "How good lists for earlier new products were")
    ui.tables.frame_download(evidence, f"earlier-new-products-{frame.as_of}")
