"""What to offer whom: a customer's recommendations with reasons, whom to tell, and the evidence."""

from typing import Any

import pandas as pd
import streamlit as st

import ui
import ui.tables
from analytics import charts, profile, recommend
from ui import plain

JOB_WORDS: dict[str, str] = {"discover": "Something new", "again": "What they will buy next"}
MEASURES = {
    "label": "method", "parameters": "settings", "ndcg": "order_of_list_ndcg",
    "hit_rate": "lists_with_a_hit_share", "precision": "list_that_was_bought_share",
    "recall": "bought_that_was_listed_share", "f1": "f1",
    "average_precision": "average_precision", "catalogue_share": "catalogue_shown_share",
    "novelty_bits": "novelty_bits",
}  # fmt: skip
"""The measures of the table of methods, by what they are called there."""
LIST_COLUMNS = ["customer_id", "name", "email", "rank", "product_id", "product", "category"]
MOST_TOLD = 1_000
EXPLAINED = (
    "Ten methods are tried on the shop's own last four weeks, which none of them has seen: best "
    "sellers and buying again, the shopkeeper's rules, beside factor models (ALS, SVD, NMF), "
    "neighbours of customers and products, EASE, the products' own words, and trees that re-rank "
    "what the others name. A list of ten is the better the more of it was bought and the higher "
    "up it stands (NDCG). A method is used only where it beats the rule by more than chance; "
    "customers with fewer than three orders get the rule.",
    "Hu, Koren & Volinsky (2008), ALS; Steck (2019), EASE; Järvelin & Kekäläinen (2002), NDCG.",
    "recommend_pairs", "recommend_list",
)  # fmt: skip
"""How recommendations are made, for the foot of the page."""


@st.cache_resource(max_entries=4, show_spinner=False)
def _model(
    version: str,  # noqa: ARG001 - a new import makes it stale
    _frame: ui.Frame,
    job: Any,
    day: str,  # noqa: ARG001
) -> recommend.Model:
    return recommend.fit(_frame.store, job, as_of=_frame.as_of)


def show(frame: ui.Frame) -> None:
    """Choose the job, let the methods race, then look at customers, products and the evidence."""
    chosen = st.segmented_control(
        "What for", list(JOB_WORDS), default="discover", required=True, key="recommend_job",
        persist_state="session", format_func=JOB_WORDS.__getitem__,
        help="Something new: only products a customer never bought. What they will buy next: also "
        "what they buy again and again.",
    )  # fmt: skip
    job: Any = chosen or "discover"
    key = f"recommend_{frame.store.version}_{frame.as_of}_{job}"
    if not st.session_state.get(key):
        st.info(
            "Ten ways to recommend are tried on your own last four weeks, and the one that wins is "
            "used. That takes half a minute for a small shop, some minutes for a large one.",
            icon=":material/timer:",
        )
        if not st.button("Find what to recommend", type="primary", icon=":material/play_arrow:"):
            return
    with st.spinner("Trying ten methods on the last four weeks …"):
        model = _model(frame.store.version, frame, job, str(frame.as_of))
    st.session_state[key] = True
    st.markdown(f"**{plain(model.label)}.** {plain(model.verdict)}")
    by_customer, by_product, everyone, evidence = st.tabs(
        ["For a customer", "For a product", "For everyone", "Evidence"],
        on_change="rerun", key="recommend_tab",
    )  # fmt: skip
    if by_customer.open:
        with by_customer, ui.errors_shown():
            _for_a_customer(frame, model)
    if by_product.open:
        with by_product, ui.errors_shown():
            _for_a_product(frame, model)
    if everyone.open:
        with everyone, ui.errors_shown():
            _for_everyone(frame, model)
    if evidence.open:
        with evidence, ui.errors_shown():
            _evidence(frame, model)


def _named(model: recommend.Model, rows: pd.DataFrame) -> pd.DataFrame:
    """Recommendations with the products' names."""
    products = model.history.products.set_index("product_id")
    names = products["name"].reindex(rows["product_id"])
    rows = rows.assign(product=names.fillna("").to_numpy())
    if "reason" not in rows:
        return rows[["rank", "product_id", "product", "score"]]
    rows = rows[["rank", "product_id", "product", "reason"]]
    return rows.rename(columns={"reason": "why"})


def _for_a_customer(frame: ui.Frame, model: recommend.Model) -> None:
    text = st.text_input(
        "Customer number, e-mail or name", key="recommend_customer", persist_state="session",
        placeholder="for example C0182",
    ).strip()  # fmt: skip
    if not text:
        st.caption("Type a customer's number, e-mail or name to see what to offer them, and why.")
        return
    found = profile.search(frame.store, text)
    if found.empty:
        st.info("No customer's number, e-mail or name holds that.", icon=":material/person_off:")
        return
    ids = found["customer_id"].tolist()
    who = ids[0] if len(ids) == 1 else st.selectbox("Customer", ids, key="recommend_who")
    rows = _named(model, model.for_customers([who], 10))
    st.markdown(
        f"**{plain(who)}**: the best {len(rows)} of {len(model.history.products):,} products."
    )
    ui.tables.table(rows, f"Recommendations for {who}")
    ui.tables.frame_download(rows, f"recommendations-{who}-{frame.as_of}")


def _for_a_product(frame: ui.Frame, model: recommend.Model) -> None:
    products = model.history.products
    labels = {
        one: f"{name} ({one})" if isinstance(name, str) and name else one
        for one, name in zip(products["product_id"], products["name"], strict=True)
    }
    product = st.selectbox(
        "Product", sorted(labels, key=labels.__getitem__), format_func=labels.__getitem__,
        key="recommend_product", index=None, placeholder="Choose a product",
    )  # fmt: skip
    if product is None:
        st.caption("Choose a product to see what is like it, and whom to tell about it.")
        return
    similar = _named(model, model.similar(product, 10))
    st.caption(f"What goes with {plain(labels[product])}, the closest first.")
    ui.tables.table(similar, f"Products like {product}")
    ui.tables.frame_download(similar, f"like-{product}-{frame.as_of}")
    told = model.for_product(product, MOST_TOLD).assign(product_id=product, source="method")
    stamp = f"{frame.store.version}_{frame.as_of}_{model.job}_{product}"
    table = frame.store.kept("told", stamp) or frame.store.keep("told", stamp, told)
    ui.tables.people(
        frame, f"Whom to tell about {labels[product]}", "recommend_list",
        LIST_COLUMNS, order_by="score", tables={"recommendations": table},
    )  # fmt: skip


def _for_everyone(frame: ui.Frame, model: recommend.Model) -> None:
    st.caption("The best five for every customer, a row each, the best first.")
    with st.spinner("Recommending to every customer …"):
        kept = recommend.keep(frame.store, model.job, 5, as_of=frame.as_of, found=model)
    ui.tables.people(
        frame, JOB_WORDS[model.job], "recommend_list", LIST_COLUMNS, counted="recommendations",
        tables={"recommendations": kept.table},
    )  # fmt: skip


def _evidence(frame: ui.Frame, model: recommend.Model) -> None:
    found = model.comparison
    if found is None:
        st.info(
            "There is too little to try the methods on; the rule is used.", icon=":material/info:"
        )
        return
    st.caption(
        f"Judged by what {found.customers:,} customers bought from {ui.day(found.from_day)} on, in "
        "lists of ten that were made before. The bar is the range in which a method's lead over "
        "best sellers lies."
    )
    rows = found.table[found.table["method"] != "popular"]
    st.plotly_chart(
        charts.intervals(
            pd.DataFrame(
                {
                    "label": rows["label"], "value": rows["lead_popular"],
                    "lo": rows["lead_popular_lo"], "hi": rows["lead_popular_hi"],
                }
            ),
            "Lead over best sellers (NDCG)", lambda value: f"{value:+.3f}", tickformat="+.2f",
        ),
        key="recommend_lead", alt="Lead of each method over best sellers",
    )  # fmt: skip
    shown = found.table[list(MEASURES)].rename(columns=MEASURES).round(4)
    ui.tables.table(shown, "Methods by how good their lists are")
    ui.tables.frame_download(found.table, f"methods-{model.job}-{frame.as_of}")
