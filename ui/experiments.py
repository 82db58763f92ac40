"""Tests in the shop's own data: choose one, see whether it worked, when, for whom, and who."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import streamlit as st

import ui
import ui.experiment_parts
import ui.experiment_verdict
from analytics import experiment
from analytics.experiment import Measure, Metric, Readout, shelf
from analytics.experiment.metrics import BUILT_IN, DEFAULT, available, metric, ratio
from analytics.experiment.results import results
from analytics.experiment.sentences import within
from ui import plain

OWN_RATIO = "own_ratio"
USUAL_WINDOW_DAYS = 14
EXPLAINED = (
    "Every assigned customer counts, those who did nothing as zero, from the moment they first got "
    "their variant for the same number of days. Rates are compared by a z test (Fisher's exact "
    "test with few buyers), means by Welch's t test, ratios by the delta method with the customer "
    "as unit; what customers did before the test is allowed for where it helps (CUPED). A result "
    "that may be read any day has an always-valid range, which is wider.",
    "Newcombe 1998; Deng, Xu, Kohavi & Walker 2013 (CUPED); Deng, Knoblich & Lu 2018; Howard, "
    "Ramdas, McAuliffe & Sekhon 2021; Fabijan et al. 2019 (sizes).",
    "experiment_moments", "experiment_list",
)  # fmt: skip
"""How results are computed, for the foot of the page."""
ONE = {"Revenue": "revenue", "Orders": "order", "Buyers": "buyer"}
"""What one of a measure is called."""
MEASURES: dict[str, Measure] = {
    "Revenue": Measure("revenue"),
    "Orders": Measure("orders"),
    "Buyers": Measure("buyer"),
}


def show(frame: ui.Frame) -> None:
    """Choose a test and see what came out of it."""
    known = experiment.names(frame.store)
    if known.empty:
        _begin(frame)
        return
    name_box, control_box, metric_box = st.columns(3)
    name = name_box.selectbox(
        "Experiment",
        known.sort_values("last_day", ascending=False, kind="stable")["experiment"].tolist(),
        key="experiment_name", persist_state="session",
    )  # fmt: skip
    variants = list(known.set_index("experiment").loc[name, "variants"])
    if len(variants) < 2:
        experiment.arms(frame.store, name, as_of=frame.as_of)  # says what is wrong
    control = control_box.selectbox(
        "Compared with", variants, variants.index(experiment.guess_control(variants)),
        key=f"experiment_control_{name}", help="The variant without the change.",
    )  # fmt: skip
    there = _available(frame.store.version)
    judged = _metric(there, metric_box)
    plan = shelf.plan_of(frame.store, name)
    window, mode, planned_n, shares = _how(name, control, variants, plan)
    if plan and plan.metric in BUILT_IN and plan.metric != judged.name:
        st.warning(
            f"The saved plan judges this test by {within(BUILT_IN[plan.metric].label)}: its size "
            f"was worked out for that, not for {plain(within(judged.label))}.",
            icon=":material/warning:",
        )
    usual = [one for one in DEFAULT if one in there and one != judged.name]
    asked = (judged, *(there[one] for one in usual))
    counted = _read(frame.store.version, name, asked, window, frame.as_of)
    checks = experiment.health(
        frame.store, name, asked, window, control=control, shares=shares, planned_n=planned_n,
        mode=mode, as_of=frame.as_of, readout=counted,
    )  # fmt: skip
    found = results(
        counted.arms, asked, control, checks, currency=frame.currency, mode=mode,
        planned_n=planned_n,
    )  # fmt: skip
    ui.experiment_verdict.show(
        frame, name, found, checks, facts=_facts(counted), customers=pace(counted), key=name,
        method=["The range may be read on any day."] if mode == "always_valid" else [],
    )  # fmt: skip
    ui.experiment_parts.show(frame, name, found, counted, planned_n)


def _begin(frame: ui.Frame) -> None:
    """What there would be to see, and the ways to it."""
    days = frame.store.tables().set_index("table")["last_day"]
    if days[["orders", "events"]].isna().all():
        ui.begin(frame.store, "Which variant won, and can we trust it?")
        return
    st.info(
        "There is no experiment in the data yet. Import a file that says who was in which variant: "
        "experiment, customer number, variant, and when they were assigned. Was the test run in "
        "another program? See “Run elsewhere”. Not begun yet? See “Plan a test”.",
        icon=":material/info:",
    )
    st.page_link("pages/data.py", label="Go to Data", icon=":material/upload:")


@st.cache_data(max_entries=4, show_spinner=False)
def _available(version: str) -> dict[str, Metric]:  # noqa: ARG001 - a new import may bring more
    return {one.name: one for one in available(ui.store())}


def _metric(there: dict[str, Metric], box: Any) -> Metric:
    """What the test is judged by."""
    chosen = box.selectbox(
        "Judged by", [*there, OWN_RATIO], key="experiment_metric", persist_state="session",
        format_func=lambda name: there[name].label if name in there else "A ratio of your own",
        help="Choose it before the test, and only one: of twenty, one differs by chance.",
    )  # fmt: skip
    if chosen == OWN_RATIO:
        return _own_ratio(there)
    one = there[chosen]
    if one.retention_days:
        days = box.number_input("Retention after … days", 1, 365, one.retention_days,
                                key="experiment_retention")  # fmt: skip
        one = metric(f"retention_rate:{days}")
    if one.name.startswith(("event_count:", "satisfaction_score:")) and box.checkbox(
        "Less is better", key=f"experiment_less_{one.name}"
    ):
        one = replace(one, higher_is_better=False)
    box.caption(plain(one.about))
    return one


def _own_ratio(there: dict[str, Metric]) -> Metric:
    """The sum of one thing over the sum of another."""
    events = {
        f"“{one.value.event}”": one.value
        for name, one in there.items()
        if name.startswith("event_count:")
    }
    parts = MEASURES | events
    above_box, below_box, less = st.columns(3, vertical_alignment="bottom")
    above = above_box.selectbox("The sum of", list(parts), key="experiment_above")
    others = [name for name in parts if name != above]
    below = below_box.selectbox("over the sum of", others, key="experiment_below")
    label = f"{above} per {ONE.get(below, below)}"
    return ratio(
        parts[above], parts[below], OWN_RATIO, label,
        higher_is_better=not less.checkbox("Less is better", key="experiment_less"),
    )  # fmt: skip


def _how(
    name: str, control: str, variants: list[str], plan: shelf.SavedPlan | None
) -> tuple[int | None, experiment.Mode, int | None, Any]:
    """Window, reading, planned size and split."""
    window_box, mode_box, size_box, split_box = st.columns(4, vertical_alignment="bottom")
    key = f"{name}_{plan.total_n if plan else 0}"
    usual = (plan.window_days or 0) if plan else USUAL_WINDOW_DAYS
    window = window_box.number_input(
        "Judged by the first … days", 0, 365, usual, key=f"experiment_window_{key}",
        help="Days from a customer's first exposure that count, the same for everybody. 0: "
        "everything up to the last day of the data.",
    )  # fmt: skip
    mode = ui.experiment_verdict.reading(mode_box, "experiment_reading")
    others = len(variants) - 1
    size = size_box.number_input(
        "Customers planned", 0, 1_000_000_000,
        plan.n_control + plan.n_treatment * others if plan else 0, 100,
        key=f"experiment_planned_{key}",
        help="Of all variants together, as planned beforehand. 0: none was planned. Plans saved "
        "under the experiment's name are taken over.",
    )  # fmt: skip
    planned = None
    if plan:
        total = plan.n_control + plan.n_treatment * others
        planned = {
            one: 100 * (plan.n_control if one == control else plan.n_treatment) / total
            for one in variants
        }
    with split_box:
        shares = ui.experiment_verdict.split(variants, planned, f"{key}_{control}")
    return window or None, mode, size or None, shares


@st.cache_data(max_entries=60, show_spinner="Counting what each customer did …")
def _read(
    version: str,  # noqa: ARG001 - a new import makes what was counted stale
    name: str,
    metrics: tuple[Metric, ...],
    window_days: int | None,
    as_of: date,
) -> Readout:
    return experiment.read(ui.store(), name, metrics, window_days, as_of=as_of)


def _facts(counted: Readout) -> list[str]:
    """What was tested, in sentences."""
    n = int(counted.counts["customers"].sum())
    days = counted.window_days
    until = (
        f"up to {ui.day(counted.as_of - timedelta(days=1))}"
        if days is None
        else f"in the {'24 hours' if days == 1 else f'{days} days'} from then on"
    )
    when = (
        f"on {ui.day(counted.first_day)}"
        if counted.first_day == counted.last_day
        else f"from {ui.day(counted.first_day)} to {ui.day(counted.last_day)}"
    )
    return [f"{n:,} customers count, assigned {when}; judged by what each did {until}."]


def pace(counted: Readout) -> int:
    """Customers a month at the pace of the test; of less than a week, all it had."""
    customers = int(counted.counts["assigned"].sum())
    days = (counted.last_day - counted.first_day).days + 1
    return round(customers / days * 30) if days >= 7 else customers
