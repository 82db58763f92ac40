"""A test taken apart: by day, by group of customers, and the customers themselves."""

from datetime import date
from math import isnan
from typing import Any

import pandas as pd
import streamlit as st

import ui
import ui.tables
from analytics import charts, experiment, rfm
from analytics.experiment import Metric, Readout
from analytics.experiment.arms import GROUPS
from analytics.experiment.results import Results
from analytics.experiment.telling import VERDICTS, p_value_words
from analytics.experiment.units import Unit, percent, unit_of
from analytics.experiment.usual import keep_groups
from ui import plain

SEGMENT = "rfm_segment"
LIST_COLUMNS = ["customer_id", "name", "email", "variant", "assigned_day", "orders", "revenue"]
EVERY_VARIANT = "All variants"


def show(
    frame: ui.Frame, name: str, found: Results, counted: Readout, planned_n: int | None
) -> None:
    """Three tabs; only the open one is worked out."""
    st.markdown("#### Look closer")
    treatment = found.treatments[0]
    if len(found.treatments) > 1:
        treatment = st.selectbox(
            "Variant", found.treatments, key=f"experiment_treatment_{name}", width=320
        )
    by_day, by_group, people = st.tabs(
        ["By day", "By group", "Customers"], on_change="rerun", key="experiment_tab"
    )
    metric = found.metrics[0]
    pair = found.control, treatment
    one = next(each for each in found.judged if each.treatment == treatment)
    unit = unit_of(metric, frame.currency, one)
    with ui.errors_shown():
        if by_day.open:
            with by_day:
                _by_day(frame, counted, metric, pair, unit, planned_n,
                        is_trusted=one.verdict != "do not trust")  # fmt: skip
        if by_group.open:
            with by_group:
                _by_group(frame, counted, metric, pair, unit)
        if people.open:
            with people:
                _people(frame, counted)


def _by_day(
    frame: ui.Frame, counted: Readout, metric: Metric, pair: tuple[str, str], unit: Unit,
    planned_n: int | None, *, is_trusted: bool,
) -> None:  # fmt: skip
    found = _timeline(
        frame.store.version, counted.experiment, metric, counted.window_days, pair, planned_n,
        counted.as_of,
    )  # fmt: skip
    days = found.days
    if days["lo"].isna().all():
        st.info("On no day there was enough to be tested.", icon=":material/info:")
        return
    drawn = days[["day"]].assign(
        **{name: days[name] * unit.factor for name in ("difference", "lo", "hi")},
        raw=days["difference"], raw_lo=days["lo"], raw_hi=days["hi"],
    )  # fmt: skip
    st.caption(
        "The difference of all that was done by the end of each day. The band is the range that "
        "stays right however often it is read; it is wider than that of a single reading."
    )
    st.plotly_chart(
        charts.effect_by_day(drawn, unit.axis(metric.label), unit.change),
        key="experiment_by_day", alt="The difference from day to day, with its band",
    )  # fmt: skip
    with st.expander("Day by day as a table", icon=":material/table:"):
        ui.tables.table(
            _in_words(days, "day", unit, with_verdict=is_trusted), "The difference day by day"
        )
        ui.tables.frame_download(days, f"days-{counted.experiment}-{frame.as_of}")
    st.markdown(f"**First half against second half.** {plain(found.sentence)}")
    if not found.halves.empty:
        ui.tables.table(
            _in_words(found.halves, "half", unit, with_verdict=is_trusted),
            "Both halves of the test",
        )
        ui.tables.frame_download(found.halves, f"halves-{counted.experiment}-{frame.as_of}")


def _in_words(
    rows: pd.DataFrame, first: str, unit: Unit, *, with_verdict: bool = False
) -> pd.DataFrame:
    """Rows of a timeline or of segments as text."""
    said = rows.to_dict("records")
    made = {
        first: [str(row[first]) if first != "day" else ui.day(row["day"]) for row in said],
        "customers": [int(row["control_n"]) + int(row["treatment_n"]) for row in said],
        "control": [unit.value(row["control_mean"]) for row in said],
        "with_the_change": [unit.value(row["treatment_mean"]) for row in said],
        "difference": [unit.span(row["difference"], row["lo"], row["hi"]) for row in said],
        "in_per_cent": [percent(row["relative_difference"], signed=True) for row in said],
        "p_value": [p_value_words(row["p_value"]) for row in said],
    }
    if "adjusted_p_value" in rows:
        made["corrected_p_value"] = [p_value_words(row["adjusted_p_value"]) for row in said]
    if with_verdict:
        made["verdict"] = [VERDICTS[row["verdict"]] for row in said]
    return pd.DataFrame(made)


def _by_group(
    frame: ui.Frame, counted: Readout, metric: Metric, pair: tuple[str, str], unit: Unit
) -> None:
    labels = {**GROUPS, SEGMENT: "Segment when the test began"}
    by = st.selectbox(
        "Told apart by", list(labels), list(labels).index("buyer"), key="experiment_by",
        persist_state="session", format_func=lambda name: labels[name], width=320,
    )  # fmt: skip
    if by == SEGMENT:
        members = rfm.keep(frame.store, counted.first_day).table
    else:
        members = keep_groups(frame.store, counted.experiment, by)
    found = _segments(
        frame.store.version, counted.experiment, metric, by, counted.window_days, pair, members,
        counted.as_of,
    )  # fmt: skip
    if found.is_reversed:
        st.error(plain(found.sentence), icon=":material/error:")
    else:
        st.markdown(f"**{plain(found.sentence)}**")
    table = found.table
    drawn = pd.DataFrame(
        {
            "label": table["segment"],
            "value": table["difference"] * unit.factor,
            "lo": table["lo"] * unit.factor,
            "hi": table["hi"] * unit.factor,
            "verdict": [
                verdict if sure else "cannot tell"
                for verdict, sure in zip(table["verdict"], table["significant"], strict=True)
            ],
            "said": [
                unit.span(*each)
                for each in zip(table["difference"], table["lo"], table["hi"], strict=True)
            ],
        }
    )
    st.plotly_chart(
        charts.effects(drawn, unit.axis(metric.label)), key="experiment_groups",
        alt="The difference in each group with its range",
    )  # fmt: skip
    st.caption(
        "Coloured where a difference is sure even though several groups were looked at"
        + ("" if isnan(found.interaction_p_value) else
           "; groups so different come of chance alone with a P value of "
           f"{p_value_words(found.interaction_p_value)}")
        + ". Select a row to see its customers."
    )  # fmt: skip
    picked = ui.tables.table(
        _in_words(table, "segment", unit), "The difference by group", on_select="rerun",
        selection_mode="single-row", key=f"experiment_group_rows_{by}",
    ).selection.rows  # fmt: skip
    ui.tables.frame_download(table, f"groups-{counted.experiment}-{by}-{frame.as_of}")
    if found.left_out:
        left = ", ".join(f"“{name}”" for name in found.left_out)
        st.caption(plain(f"Left out, with customers in one variant only: {left}."))
    if picked and picked[0] < len(table):
        segment = str(table["segment"].iloc[picked[0]])
        _list(frame, counted, f"{counted.experiment}, {segment}", None, segment, members)


def _people(frame: ui.Frame, counted: Readout) -> None:
    variant = st.selectbox(
        "Customers of", [*counted.variants, EVERY_VARIANT],
        key=f"experiment_people_{counted.experiment}", width=320,
    )  # fmt: skip
    chosen = None if variant == EVERY_VARIANT else variant
    title = f"{counted.experiment}, {variant}" if chosen else counted.experiment
    members = keep_groups(frame.store, counted.experiment, "buyer")
    _list(frame, counted, title, chosen, None, members)


def _list(
    frame: ui.Frame, counted: Readout, title: str, variant: str | None, segment: str | None,
    members: str,
) -> None:  # fmt: skip
    st.caption("The customers that count, with what they ordered in the days that count.")
    ui.tables.people(
        frame, title, "experiment_list", LIST_COLUMNS, tables={"members": members},
        order_by="revenue", experiment=counted.experiment, variant=variant, segment=segment,
        window_days=counted.window_days, as_of=counted.as_of,
    )  # fmt: skip


@st.cache_data(max_entries=40, show_spinner="Following the test from day to day …")
def _timeline(
    version: str,  # noqa: ARG001 - a new import makes what was counted stale
    name: str,
    metric: Metric,
    window_days: int | None,
    pair: tuple[str, str],
    planned_n: int | None,
    as_of: date,
) -> experiment.Timeline:
    return experiment.timeline(
        ui.store(), name, metric, window_days, control=pair[0], treatment=pair[1],
        planned_n=planned_n, as_of=as_of,
    )  # fmt: skip


@st.cache_data(max_entries=40, show_spinner="Comparing group by group …")
def _segments(
    version: str,  # noqa: ARG001 - a new import makes what was counted stale
    name: str,
    metric: Metric,
    by: str,
    window_days: int | None,
    pair: tuple[str, str],
    members: Any,
    as_of: date,
) -> experiment.Segments:
    return experiment.segments(
        ui.store(), name, metric, by, window_days, control=pair[0], treatment=pair[1],
        groups=members, as_of=as_of,
    )  # fmt: skip
