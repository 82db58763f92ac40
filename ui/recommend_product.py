"""A product: what is like it, what goes with it, and whom to tell."""

import pandas as pd
import streamlit as st

import ui
import ui.tables
from analytics import basket, recommend
from analytics.errors import NotEnoughDataError
from ui import plain
from ui.recommend_customer import WIDE, with_products
from ui.recommend_everyone import ROW_COLUMNS
from ui.recommend_limits import Limits, Models, job_control

MOST_TOLD = 1_000
NEAREST = 10


def show(frame: ui.Frame, models: Models, limits: Limits) -> None:
    """Choose a product; what is like it, what goes with it, the list of whom to tell."""
    job = job_control()
    model = models[job]
    products = model.history.products
    if limits.include is not None:
        products = products[products["product_id"].isin(limits.include)]
    labels = {
        one: f"{name} ({one})" if isinstance(name, str) and name else one
        for one, name in zip(products["product_id"], products["name"], strict=True)
    }
    product = st.selectbox(
        "Product", sorted(labels, key=labels.__getitem__), format_func=labels.__getitem__,
        key="recommend_product", index=None, placeholder="Choose a product",
    )  # fmt: skip
    if product is None:
        st.caption(
            "Choose a product to see what is like it, what goes with it, and whom to tell about it."
        )
        return
    row = st.container(horizontal=True, gap="medium")
    with row.container(width=WIDE), ui.errors_shown():
        _like(frame, model, product, limits)
    with row.container(width=WIDE), ui.errors_shown():
        _beside(frame, model, product, limits)
    _whom(frame, model, product, labels[product], limits)


def _like(frame: ui.Frame, model: recommend.Model, product: str, limits: Limits) -> None:
    st.markdown("#### Like it")
    found = model.similar(product, len(model.history.products))
    if limits.include is not None:
        found = found[found["product_id"].isin(limits.include)]
    found = found.head(NEAREST)
    if found.empty:
        st.caption("Too few people bought it to say what is like it.")
        return
    st.caption("Liked by the same customers, the closest first.")
    shown = with_products(model, found.assign(rank=range(1, len(found) + 1)))
    shown = shown[["rank", "product", "category", "price", "product_id"]]
    ui.tables.table(shown, f"Products like {product}")
    ui.tables.frame_download(shown, f"like-{product}-{frame.as_of}")


def _beside(frame: ui.Frame, model: recommend.Model, product: str, limits: Limits) -> None:
    st.markdown("#### Goes with it")
    try:
        found = basket.complete(frame.store, [product], 100, as_of=frame.as_of)
    except NotEnoughDataError as error:
        st.caption(plain(str(error)))
        return
    found = found[found["because_of"].notna()].rename(columns={"item": "product_id"})
    if limits.include is not None:
        found = found[found["product_id"].isin(limits.include)]
    found = found.head(NEAREST)
    if found.empty:
        st.caption("Nothing is clearly more often in one order with it than by chance.")
        return
    st.caption("In the same order, the clearest first. More of it on the page Baskets.")
    named = with_products(model, found)
    shown = pd.DataFrame(
        {
            "product": named["product"],
            "with_that_share": found["confidence"].to_numpy(),
            "times_chance": found["lift"].astype(float).round(1).to_numpy(),
            "product_id": named["product_id"],
        }
    )
    ui.tables.table(shown, f"What goes with {product}")
    ui.tables.frame_download(shown, f"with-{product}-{frame.as_of}")


def _whom(
    frame: ui.Frame, model: recommend.Model, product: str, label: str, limits: Limits
) -> None:
    never = recommend.never_shown(frame.store)
    told = model.for_product(product, MOST_TOLD, never, rest_days=limits.rest_days)
    if told.empty:
        st.info("Nothing speaks for telling anybody about it.", icon=":material/person_off:")
        return
    if len(told) == MOST_TOLD:
        st.caption(f"From the {MOST_TOLD:,} likeliest customers, the likeliest first.")
    stamp = "_".join(
        [
            *(frame.store.version, str(frame.as_of), model.job, product, str(limits.rest_days)),
            *(model.history.feedback, recommend.feedback_version(never)),
        ]
    )
    told = told.assign(product_id=product, source="method")
    table = frame.store.kept("told", stamp) or frame.store.keep("told", stamp, told)
    ui.tables.people(
        frame, f"Whom to tell about {label}", "recommend_list",
        ROW_COLUMNS, order_by="score", tables={"recommendations": table},
    )  # fmt: skip
