"""Plan a test: how long it must run to find what is worth finding; save the plan."""

from datetime import date
from math import ceil, isfinite, isnan

import pandas as pd
import streamlit as st

import ui
import ui.tables
from analytics import charts, experiment
from analytics.experiment import Plan, shelf
from analytics.experiment.metrics import BUILT_IN, HEADLINE
from analytics.experiment.units import Unit, percent, unit_of
from analytics.experiment.usual import Usual, usual
from ui import plain

RATE, MONEY = "conversion_rate", HEADLINE
EFFECT, WEEKS = "the smallest change worth finding", "the weeks there are"
LONGEST_WEEKS = 104
USUAL_DAYS = 28
START: dict[str, float] = {"rate": 5.0, "mean": 5.0, "sd": 30.0, "weekly": 1_000}
"""What the boxes begin with, as nothing is known yet."""
EXPLAINED = (
    "A test is large enough when a true change of the size you ask for would be found in 80 of 100 "
    "such tests, while a change of nothing would win in 5 of 100. The smaller the change, the "
    "longer it takes: half the change takes about four times as long.",
    "Power of the z test of two rates and of the t test of two means.",
    "experiment_usual",
)  # fmt: skip
"""How plans are computed, for the foot of the page."""


def show(frame: ui.Frame) -> None:
    """The inputs, the answer, the curve, and the shelf of plans."""
    metric_box, given_box, window_box = st.columns(3)
    metric = metric_box.selectbox(
        "Judged by", [RATE, MONEY], key="plan_metric", persist_state="session",
        format_func=lambda name: BUILT_IN[name].label,
    )  # fmt: skip
    given = given_box.selectbox("I know", [EFFECT, WEEKS], key="plan_given",
                                persist_state="session")  # fmt: skip
    window = window_box.number_input(
        "Judged by the first … days", 0, 365, 14, key="plan_window", persist_state="session",
        help="Days from a customer's first exposure that count. 0: up to the day of reading.",
    )  # fmt: skip
    _offer(frame, window or USUAL_DAYS)
    baseline, variance = _today(frame, metric)
    weekly, share, power = _traffic()
    unit = unit_of(BUILT_IN[metric], frame.currency)
    mde_box, _ = st.columns(2)
    mde = weeks = None
    if given == EFFECT:
        percent_of = mde_box.number_input(
            "Smallest change worth finding, % of today's", 0.1, 1_000.0, 10.0, 1.0,
            key="plan_mde", persist_state="session",
            help="A smaller one would not pay for the work. The smaller, the longer the test.",
        )  # fmt: skip
        mde = baseline * percent_of / 100
    else:
        weeks = mde_box.number_input("Weeks there are", 1, LONGEST_WEEKS, 4, key="plan_weeks",
                                     persist_state="session")  # fmt: skip
    found = experiment.plan(
        baseline, variance=variance, weekly_visitors=weekly, mde=mde, weeks=weeks, split=share,
        power=power,
    )  # fmt: skip
    _answer(found, unit, window)
    _curve(found, unit)
    _save(frame, found, metric, window)
    _plans(frame)


@st.cache_data(max_entries=20, show_spinner="Looking at the last weeks …")
def _usual(
    version: str,  # noqa: ARG001 - a new import makes it stale
    as_of: date,
    days: int,
) -> Usual:
    return usual(ui.store(), as_of, days)


def _offer(frame: ui.Frame, days: int) -> None:
    """What the shop's own data say of the last days, to be taken over."""
    last = frame.store.tables().set_index("table")["last_day"]
    if pd.isna(last["orders"]):
        return
    found = _usual(frame.store.version, frame.as_of, days)
    if not found.customers:
        return
    who = "customers came by (an order or an event)" if found.is_seen else "customers are known"
    said, button = st.columns([3, 1], vertical_alignment="center")
    said.info(
        plain(
            f"In the {found.days} days before {ui.day(frame.as_of)}: {found.customers:,} {who}; "
            f"{percent(found.rate)} of them ordered, {frame.money(found.revenue)} a customer."
        ),
        icon=":material/storefront:",
    )
    button.button("Use these", icon=":material/download_done:", on_click=_use, args=(found,),
                  key="plan_use", width="stretch")  # fmt: skip


def _use(found: Usual) -> None:
    """Fill the boxes from the shop; runs before the page does."""
    start = dict(st.session_state.get("plan_start", START))
    if 0 < found.rate < 1:
        start["rate"] = round(found.rate * 100, 2)
    if found.revenue > 0 and found.standard_deviation > 0:
        start["mean"] = round(found.revenue, 2)
        start["sd"] = round(found.standard_deviation, 2)
    if not isnan(found.weekly):
        start["weekly"] = max(round(found.weekly), 1)
    st.session_state["plan_start"] = start
    st.session_state["plan_turn"] = st.session_state.get("plan_turn", 0) + 1


def _begin_with(what: str) -> tuple[float, str]:
    """What a box begins with, and its key, which changes when the shop's figures are taken."""
    turn = st.session_state.get("plan_turn", 0)
    return st.session_state.get("plan_start", START)[what], f"plan_{what}_{turn}"


def _today(frame: ui.Frame, metric: str) -> tuple[float, float | None]:
    """Today's value and, of money, its variance between customers."""
    if metric == RATE:
        first, key = _begin_with("rate")
        rate = st.number_input(
            "Conversion rate today, %", 0.01, 99.99, first, 0.5, key=key,
            persist_state="session", width=320,
            help="Of 100 customers in the test, how many order without the change.",
        )  # fmt: skip
        return rate / 100, None
    mean_box, sd_box = st.columns(2)
    first, key = _begin_with("mean")
    mean = mean_box.number_input(
        frame.in_unit("Revenue per customer today"), 0.01, 1e9, first, 1.0, key=key,
        persist_state="session", help="Customers without an order included as zero.",
    )  # fmt: skip
    first, key = _begin_with("sd")
    sd = sd_box.number_input(
        frame.in_unit("Spread between customers (standard deviation)"), 0.01, 1e9, first, 1.0,
        key=key, persist_state="session",
        help="How much customers differ; often five to ten times the mean, as most buy nothing.",
    )  # fmt: skip
    return mean, sd**2


def _traffic() -> tuple[int, float, float]:
    """Customers a week, the share who get the change, and how sure it is to be found."""
    weekly_box, split_box, power_box = st.columns(3)
    first, key = _begin_with("weekly")
    weekly = weekly_box.number_input(
        "New customers in the test, a week", 1, 1_000_000_000, int(first), 100, key=key,
        persist_state="session", help="Of both variants together; each customer counts once.",
    )  # fmt: skip
    split = split_box.slider(
        "Get the change, % of them", 5, 95, 50, 5, key="plan_split", persist_state="session",
        help="Half and half is the quickest.",
    )  # fmt: skip
    power = power_box.selectbox(
        "Found if it is true, in … of 100 tests", [80, 90, 95], key="plan_power",
        persist_state="session",
    )  # fmt: skip
    return weekly, split / 100, power / 100


def _answer(found: Plan, unit: Unit, window: int) -> None:
    with st.container(border=True):
        st.subheader(plain(found.sentence), anchor=False)
        later = f" Read it {window} days after the last customer came in." if window else ""
        st.caption(
            plain(
                f"{found.n_control:,} customers without the change and {found.n_treatment:,} with "
                "it. Smallest change that is found: "
                f"{unit.change(found.minimum_detectable_effect)}. Decide beforehand by what it is "
                f"judged, and do not stop at the first good day.{later}"
            )
        )


def _curve(found: Plan, unit: Unit) -> None:
    """The smallest effect that is found after each week, and what smaller ones cost in time."""
    curve = found.curve
    effects = curve["minimum_detectable_effect"]
    relative = curve["relative_minimum_detectable_effect"]
    said = [
        f"{unit.change(effect)} ({percent(share, signed=True)})"
        for effect, share in zip(effects, relative, strict=True)
    ]
    drawn = curve[["weeks", "total_n"]].assign(effect=relative * 100, said=said)
    if not drawn["effect"].notna().any():
        st.caption("So few customers come by that nothing can be found in a year.")
        return
    st.plotly_chart(
        charts.detectable_by_weeks(
            drawn, found.weeks, "Smallest change found, % of today's", "{:,.0f}".format,
        ),
        key="plan_curve", alt="The smallest change that is found after each week",
    )  # fmt: skip
    st.markdown(plain(_cost_in_time(found)))
    table = pd.DataFrame(
        {
            "weeks": curve["weeks"],
            "customers": curve["total_n"],
            "smallest_change_found": [
                text if isfinite(effect) else "nothing yet"
                for text, effect in zip(said, effects, strict=True)
            ],
        }
    )
    with st.expander("Week by week as a table", icon=":material/table:"):
        ui.tables.table(table, "The smallest change found after each week")
        ui.tables.frame_download(curve, "plan")


def _cost_in_time(found: Plan) -> str:
    """What a shorter test misses, and what a finer one takes."""
    curve = found.curve.set_index("weeks")["relative_minimum_detectable_effect"].dropna()
    found_share = abs(found.relative_minimum_detectable_effect)
    weekly = found.curve["total_n"].iloc[-1] / found.curve["weeks"].iloc[-1]
    said = (
        f"To find half the planned change, {percent(found_share / 2)} of today's, takes about four "
        f"times as many customers, {_weeks(max(1, ceil(4 * found.total_n / weekly)))}."
    )
    half = found.weeks // 2
    if half in curve.index:
        said = (
            f"Stopped after {_weeks(half)}, only a change of {percent(curve[half])} of today's or "
            f"more would be found. {said}"
        )
    return said


def _weeks(n: int) -> str:
    return "1 week" if n == 1 else f"{n:,} weeks"


def _save(frame: ui.Frame, found: Plan, metric: str, window: int) -> None:
    """Keep the plan under the experiment's name."""
    name_box, button = st.columns([3, 1], vertical_alignment="bottom")
    name = name_box.text_input(
        "Name of the experiment", key="plan_name", max_chars=shelf.LONGEST_NAME,
        placeholder="as it will be called in the file of assignments",
    )  # fmt: skip
    if button.button(
        "Save the plan", type="primary", icon=":material/save:", disabled=not name.strip(),
        help=None if name.strip() else "Give the experiment's name first.", key="plan_save",
    ):  # fmt: skip
        with ui.errors_shown():
            shelf.save_plan(frame.store, name, found, metric, window or None)
            st.success(
                plain(f"Saved the plan of “{name.strip()}”. Results of that name are held to it."),
                icon=":material/check:",
            )


def _plans(frame: ui.Frame) -> None:
    """The saved plans, and the way to take one away."""
    plans = shelf.plans(frame.store)
    if plans.empty:
        return
    st.markdown("#### Saved plans")
    shown = pd.DataFrame(
        {
            "experiment": plans["name"],
            "judged_by": [BUILT_IN[name].label if name in BUILT_IN else name
                          for name in plans["metric"]],
            "without_the_change": plans["n_control"],
            "with_the_change": plans["n_treatment"],
            "weeks": plans["weeks"],
            "smallest_change_found": [
                unit_of(BUILT_IN[name], frame.currency).change(effect) if name in BUILT_IN
                else f"{effect:,.3g}"
                for name, effect in zip(
                    plans["metric"], plans["minimum_detectable_effect"], strict=True
                )
            ],
        }
    )  # fmt: skip
    ui.tables.table(shown, "Saved plans")
    ui.tables.frame_download(plans, f"plans-{frame.as_of}")
    which, gone, _ = st.columns([2, 1, 1], vertical_alignment="bottom")
    name = which.selectbox("Plan", plans["name"].tolist(), key="plan_which")
    gone.button(
        "Delete the plan", icon=":material/delete:", key="plan_delete",
        on_click=shelf.delete_plan, args=(frame.store, name),
    )  # fmt: skip
