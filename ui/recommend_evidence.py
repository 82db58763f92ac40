"""How the methods fared on the shop's own last weeks, and what variety costs."""

import pandas as pd
import streamlit as st

import ui
import ui.tables
from analytics import charts, recommend
from analytics.errors import NotEnoughDataError
from ui import plain
from ui.recommend_limits import Limits, Models, job_control

MEASURES = {
    "label": "method", "parameters": "settings", "ndcg": "order_of_list_ndcg",
    "hit_rate": "lists_with_a_hit_share", "precision": "list_that_was_bought_share",
    "recall": "bought_that_was_listed_share", "f1": "f1",
    "average_precision": "average_precision", "catalogue_share": "catalogue_shown_share",
    "novelty_bits": "novelty_bits",
}  # fmt: skip
"""The measures of the table of methods, by what they are called there."""
VARIETY = {
    "spread": "variety_share", "ndcg": "order_of_list_ndcg",
    "catalogue_share": "catalogue_shown_share", "best_seller_share": "places_of_top_ten_share",
    "categories_per_list": "categories_in_a_list",
}  # fmt: skip


RATED = {
    "label": "method", "parameters": "settings", "rmse": "rmse_points", "rmse_lo": "rmse_from",
    "rmse_hi": "rmse_to", "mae": "mean_error_points",
}  # fmt: skip


def show(frame: ui.Frame, models: Models, limits: Limits) -> None:  # noqa: ARG001 - as all rooms
    """The verdict, the leads as a chart, the measures as a table, the cost of variety, ratings."""
    _race(frame, models[job_control()])
    if recommend.is_rated(frame.store, frame.as_of):
        _ratings(frame)
    if "neural" not in recommend.METHODS:
        st.caption(
            "A neural network that learns what follows what can be tried, too, once PyTorch is "
            "there: `.venv/bin/pip install torch`, then start Regulars again."
        )


@st.cache_data(max_entries=4, show_spinner="Foretelling the latest ratings …")
def _rated(version: str, _frame: ui.Frame, day: str) -> tuple[str, int, pd.DataFrame]:  # noqa: ARG001
    found = recommend.rate(_frame.store, as_of=_frame.as_of)
    return found.verdict, found.left_out, found.table


def _ratings(frame: ui.Frame) -> None:
    """How well the ratings that customers give can be foretold."""
    st.markdown("#### What customers would rate")
    try:
        verdict, left_out, table = _rated(frame.store.version, frame, str(frame.as_of))
    except NotEnoughDataError as error:
        st.info(f"{plain(error.problem)} {plain(error.fix)}", icon=":material/info:")
        return
    st.markdown(plain(verdict))
    st.caption(
        "Ratings from 1 to 5, learnt from the earlier ones and judged by the latest: how many "
        "points each method was off. RMSE counts large errors more."
        + (f" {left_out:,} ratings are not from 1 to 5 and left out." if left_out else "")
    )
    shown = table[list(RATED)].rename(columns=RATED).round(3)
    ui.tables.table(shown, "Methods by how far off their ratings are")
    ui.tables.frame_download(table, f"ratings-{frame.as_of}")


def _race(frame: ui.Frame, model: recommend.Model) -> None:
    st.markdown(f"**{plain(model.label)}.** {plain(model.verdict)}")
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
    st.markdown("#### What more variety costs")
    st.caption(
        "The same lists with more variety, as “Show more variety” sets it: how good they still "
        "were, how much of the catalogue they showed, and how many places the ten products shown "
        "most took."
    )
    varied = found.spread[list(VARIETY)].rename(columns=VARIETY).round(4)
    ui.tables.table(varied, "What more variety costs")
    ui.tables.frame_download(found.spread, f"variety-{model.job}-{frame.as_of}")
