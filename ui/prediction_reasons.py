"""Why: what moves the chances of all customers, and of one."""

import streamlit as st

import ui
import ui.tables
from analytics import charts, propensity
from analytics.propensity.contributions import OTHERS, START
from ui import plain

SHOWN = 12


def show(frame: ui.Frame, kept: propensity.Kept) -> None:
    """What matters overall, and for a customer of one's choice."""
    st.subheader("Why", anchor=False)
    overall, one = st.tabs(["Overall", "For one customer"], key="prediction_why")
    with overall:
        _overall(frame, kept)
    with one, ui.errors_shown():
        _one(frame, kept)


def _overall(frame: ui.Frame, kept: propensity.Kept) -> None:
    report = kept.report
    top = report.importance[report.importance["mean_log_odds"] > 0].head(SHOWN)
    if len(report.importance) == 1:
        st.markdown(f"The rule goes by one thing alone: {plain(report.label.lower())}.")
        return
    st.caption(
        "How far each feature moves a customer's odds, on average over all customers. That it goes "
        "with buying does not mean that it brings it about."
    )
    st.plotly_chart(
        charts.bars(
            list(top["label"]), list(top["mean_log_odds"]), list(top["direction"]),
            "How much it moves the odds",
        ),
        key="prediction_importance", alt="Features by how much they move the odds",
    )  # fmt: skip
    table = report.importance[["label", "usual", "direction", "mean_log_odds"]]
    ui.tables.frame_download(table, f"importance-{frame.as_of}")


def _one(frame: ui.Frame, kept: propensity.Kept) -> None:
    who = st.text_input(
        "Customer", key="prediction_customer", placeholder="Customer number"
    ).strip()
    if not who:
        st.caption("Type a customer number, such as one of the list above.")
        return
    found = propensity.reasons(frame.store, kept, who)
    chance = float(found["probability"].iloc[-1])
    start = float(found["probability"].iloc[0])
    st.markdown(
        f"Customer {plain(who)} will {plain(kept.report.target.words)} with a chance of "
        f"**{chance:.1%}**. The average customer starts at {start:.1%}; from there:"
    )
    named = found[found["feature"] != START]
    said = [
        f"odds × {times:.2f}" if feature == OTHERS else f"{own} (usual {usual}): odds × {times:.2f}"
        for feature, own, usual, times in zip(
            named["feature"], named["own"], named["usual"], named["odds_times"], strict=True
        )
    ]
    st.plotly_chart(
        charts.bars(
            list(named["label"]), list(named["log_odds"]), said, "Less likely ← → likelier"
        ),
        key="prediction_one", alt="What makes this customer likely or not",
    )  # fmt: skip
    ui.tables.frame_download(found, f"reasons-{who}-{frame.as_of}")
