"""Who will buy and who will leave: the question, the answer, the list, and how sure it is."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

import ui
import ui.prediction_reasons
import ui.spending
import ui.tables
from analytics import charts, propensity
from ui import plain

QUESTIONS = {
    "order": "Buy anything",
    "category": "Buy from a category",
    "product": "Buy a product",
    "lapse": "Order nothing any more",
    "revenue": "Bring revenue",
}
DAYS = (7, 30, 90)
USUAL_BUDGET = 500
LIST_COLUMNS = [
    "place", "customer_id", "name", "email", "chance_share", "because", "recency_days", "orders",
    "revenue",
]  # fmt: skip
PERSONAL = {"gender": "Gender", "age_years": "Age", "city": "City", "country": "Country"}
EXPLAINED = (
    "Each customer of earlier days is asked the same question, whose answer is known by now: what "
    "was known of them before such a day, and whether they did it in the days after it. Seven "
    "models learn from up to seven such days, with settings tried on the later of them, and are "
    "judged by the last whole window, which none of them has seen, beside three rules: who ordered "
    "last, the sum of the scores for recency, frequency and value, and the customer's own orders "
    "of the last 90 days. The model answers only where it orders customers better than the best "
    "rule by more than chance; then it learns from the judged days, too. Before that, every "
    "feature is worked out a second time without anything that came later, and must be the same. "
    "Consent, further columns of your customer file and refunds are not used, as files do not say "
    "since when they hold. To be lost is asked of those who ordered in the last 90 days, or twice "
    "the days asked for, where that is longer. Probabilities are moved to how often it happened in "
    "the latest window, and expected revenue to the total of that window, as both move with the "
    "season.",
    "Hanley & McNeil (1982), right pairs (AUC); Platt (1999) and Zadrozny & Elkan (2002), "
    "probabilities; Efron & Tibshirani (1993), paired resampling; Lundberg et al. (2020), reasons; "
    "scikit-learn's models.",
    "propensity_counts", "propensity_outcomes", "propensity_list",
)  # fmt: skip
"""How predictions are made, for the foot of the page."""


@dataclass(frozen=True)
class Asked:
    """What the page is asked.

    Attributes:
        target: As `propensity.fit` takes it.
        days: Within how many days.
        budget: How many can be addressed.
        without: Features the models are not to see.
    """

    target: Any
    days: int
    budget: int
    without: tuple[str, ...]


def show(frame: ui.Frame) -> None:
    """The question, the answer, and all that stands behind it."""
    asked = _asked(frame)
    if asked is None:
        return
    if asked.target == "revenue":
        ui.spending.show(frame, asked.days, asked.budget, asked.without)
        return
    kept = _kept(frame, asked)
    if kept is None:
        return
    report = kept.report
    budget = min(asked.budget, report.customers)
    _answer(frame, kept, asked, budget)
    _gains(frame, report, budget)
    st.subheader("Models beside rules", anchor=False)
    _table(frame, report, budget)
    ui.tables.people(
        frame, f"Likeliest to {report.target.words}", "propensity_list", LIST_COLUMNS,
        tables={"predictions": kept.table, "features": kept.features}, order_by="chance_share",
        limit=budget,
    )  # fmt: skip
    ui.prediction_reasons.show(frame, kept)
    _probabilities(frame, report)
    _fairness(frame, report)


def _asked(frame: ui.Frame) -> Asked | None:
    """The choices at the top; None where nothing can be asked about."""
    kind = st.segmented_control(
        "Who will …", list(QUESTIONS), default="order", required=True,
        format_func=lambda each: QUESTIONS[each], key="prediction_kind", persist_state="session",
    )  # fmt: skip
    of_what = kind in ("category", "product")
    *left, middle, right = st.columns(3 if of_what else 2)
    target: Any = kind
    if of_what:
        sold = propensity.choices(frame.store, frame.as_of)
        sold = sold[sold["kind"] == kind]
        if sold.empty:
            st.info(
                f"No {kind} is known of what was ordered. Import a product file with categories, "
                "or ask who will buy anything.",
                icon=":material/lightbulb:",
            )
            return None
        names = {
            str(of): str(name) if of == name else f"{name} ({of})"
            for of, name in zip(sold["of"], sold["name"], strict=True)
        }
        of = left[0].selectbox(
            "Which category" if kind == "category" else "Which product", list(names),
            format_func=lambda each: names.get(each, each), key=f"prediction_{kind}",
        )  # fmt: skip
        target = (kind, of)
    days = middle.segmented_control(
        "In the next … days", DAYS, default=30, required=True, key="prediction_days",
        persist_state="session",
    )  # fmt: skip
    budget = right.number_input(
        "How many can you address?", 1, 100_000_000, USUAL_BUDGET, 50, key="prediction_budget",
        persist_state="session", help="The list holds so many, the likeliest first.",
    )  # fmt: skip
    without = st.multiselect(
        "Leave out of the models", list(PERSONAL), format_func=lambda name: PERSONAL[name],
        key="prediction_without", persist_state="session",
        help="What customers are rather than do. Further down you see how groups are treated.",
    )  # fmt: skip
    return Asked(target, int(days or 30), int(budget), tuple(without))


def _kept(frame: ui.Frame, asked: Asked) -> propensity.Kept | None:
    """The answer, if it is there or asked for."""
    store, day = frame.store, frame.as_of
    return ui.when_asked(
        propensity.find(store, asked.target, asked.days, day, without=asked.without),
        "prediction_go",
        "Models learn from your own past days and are judged by the last ones. That takes half a "
        "minute for a small shop, some minutes for a large one",
        "Learning from earlier days, and judging by the last ones …",
        lambda: propensity.keep(store, asked.target, asked.days, day, without=asked.without),
    )


def _answer(frame: ui.Frame, kept: propensity.Kept, asked: Asked, budget: int) -> None:
    report = kept.report
    listed, likely = propensity.expected(frame.store, kept, budget)
    rate = report.expected / report.customers
    of_whom = "active customers" if report.target.kind == "lapse" else "customers"
    st.markdown(
        f"**About {report.expected:,.0f} of {report.customers:,} {of_whom} are expected to "
        f"{plain(report.target.words)}.** "
        + (
            f"Of the {listed:,} likeliest who may be contacted about {likely:,.0f} will "
            f"({likely / listed:.0%}); of {listed:,} drawn by chance it would be about "
            f"{listed * rate:,.0f}."
            if listed
            else "Nobody among them may be contacted."
        )
    )
    st.markdown(plain(report.verdict.sentence))
    for note in report.notes:
        st.warning(plain(note), icon=":material/warning:")
    if asked.budget > report.customers:
        st.caption(f"There are only {report.customers:,} {of_whom}; the list holds them all.")


def _gains(frame: ui.Frame, report: propensity.Report, budget: int) -> None:
    model, rule = _stand_for(report)
    first, second = (rule, model) if report.winner == rule else (model, rule)
    names = {name: propensity.label(name) for name in (first, second)}
    share = budget / report.customers
    at: dict[Any, Any] = {row.method: row for row in report.at(budget).itertuples(index=False)}
    st.subheader("What the list would have found", anchor=False)
    st.caption(
        f"Judged by {report.judged_customers:,} customers from {ui.day(report.cut_offs[-1])} on, "
        f"of whom {report.judged_did:,} did it. The first {share:.0%} of the list held "
        f"{at[first].recall:.0%} of them "
        f"({names[first].lower()}; between {at[first].recall_lo:.0%} and "
        f"{at[first].recall_hi:.0%}); by {names[second].lower()} it was "
        f"{at[second].recall:.0%}."
    )
    st.plotly_chart(
        charts.gains(report.curve, names, share), key="prediction_gains",
        alt="Share found by share addressed, for the model and the rule",
    )  # fmt: skip
    ui.tables.frame_download(report.curve, f"gains-{frame.as_of}")


def _stand_for(report: propensity.Report) -> tuple[str, str]:
    """The model and the rule that stood for their kinds."""
    stood = report.table[report.table["stood_for_its_kind"]].set_index("kind")["method"]
    return str(stood["model"]), str(stood["rule"])


def _table(frame: ui.Frame, report: propensity.Report, budget: int) -> None:
    at = report.at(budget).drop(columns=["label", "kind", "used"])
    every = report.table.merge(at, on="method")
    shown = pd.DataFrame(
        {
            "method": every["label"],
            "kind": every["kind"],
            "in_use": every["used"].map({True: "✓", False: ""}),
            "right_pairs_share": every["auc"],
            "range": [
                f"{100 * lo:.1f} to {100 * hi:.1f}%"
                for lo, hi in zip(every["auc_lo"], every["auc_hi"], strict=True)
            ],
            "did_who_were_addressed_share": every["recall"],
            "addressed_who_did_share": every["precision"],
            "f1": every["f1"].round(3),
            "right_share": every["accuracy"],
            "times_chance": every["lift"].round(2),
            "hits_down_the_list": every["average_precision"].round(3),
            "calibration_error_share": every["calibration_error"],
            "log_loss": every["log_loss"].round(3),
        }
    )
    ui.tables.table(shown, "Models and rules by how well they did on the judged days")
    st.caption(
        "Right pairs: of one who did it and one who did not, how often the first is put first; 50% "
        "is chance. Which model and which rule stand for the others was settled on earlier days, "
        "so the one in use is not always the top row. Accuracy flatters where few do it."
    )
    ui.tables.frame_download(every, f"models-{frame.as_of}", "Download this table, with ranges")


def _probabilities(frame: ui.Frame, report: propensity.Report) -> None:
    with st.expander("Can the probabilities be believed?", icon=":material/percent:"):
        own = report.table.loc[report.table["used"]].iloc[0]
        st.markdown(
            f"On the judged days they were **{100 * own['calibration_error']:.1f} points** off on "
            "average. Each point is a tenth of the customers; on the line it came as foretold."
        )
        st.plotly_chart(
            charts.calibration(report.calibration), key="prediction_calibration",
            alt="Share that did it by the probability foretold",
        )  # fmt: skip
        ui.tables.table(
            report.calibration.rename(columns={"lo": "low_share", "hi": "high_share"}),
            "Foretold and happened, by tenths of the customers",
        )
        ui.tables.frame_download(report.calibration, f"calibration-{frame.as_of}")


def _fairness(frame: ui.Frame, report: propensity.Report) -> None:
    warnings = propensity.unequal(report.fairness)
    title = "Are groups of people treated alike?"
    if warnings:
        title += f" {len(warnings)} to look at"
    with st.expander(title, icon=":material/balance:"):
        if report.fairness.empty:
            st.markdown("Nothing is known of gender, age, city or country, so nothing can be said.")
            return
        st.markdown(
            "Had as many been addressed on the judged days as were expected to do it. A difference "
            "is no wrong by itself, as groups may buy differently; compare what happened."
        )
        for warning in warnings:
            st.warning(plain(warning), icon=":material/warning:")
        ui.tables.table(report.fairness, "Groups of customers by how they are treated")
        ui.tables.frame_download(report.fairness, f"groups-{frame.as_of}")
