"""What came out of a test: verdict, picture, money, checks, table and report."""

from collections.abc import Sequence
from typing import Any, Literal

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import ui
import ui.tables
from analytics import charts
from analytics.experiment import Comparison, Mode
from analytics.experiment.report import report
from analytics.experiment.results import Results
from analytics.experiment.telling import (
    VERDICTS,
    beliefs,
    figures,
    monthly,
    revenue_of,
    sensitivity,
)
from analytics.experiment.units import percent, unit_of
from ui import plain

Colour = Literal["green", "red", "orange", "blue", "gray"]
BADGES: dict[str, tuple[Colour, str]] = {
    "better": ("green", ":material/trophy:"),
    "worse": ("orange", ":material/trending_down:"),
    "cannot tell": ("gray", ":material/help:"),
    "do not trust": ("red", ":material/block:"),
    "keep running": ("blue", ":material/hourglass_top:"),
}
LIGHTS = {
    "red": ":red[:material/error:]",
    "amber": ":orange[:material/warning:]",
    "green": ":green[:material/check_circle:]",
}
READINGS: dict[str, Mode] = {
    "Once, at the end": "fixed",
    "Any day (always valid)": "always_valid",
}
METHOD = (
    "Every assigned customer counts on the side they were put on, those who did nothing as zero.",
    "Rates are compared by a z test, or Fisher's exact test with fewer than ten buyers; means by "
    "Welch's t test; money an order by the delta method with the customer as unit.",
    "The range holds the true effect 95 times of 100. What customers did before the test is "
    "allowed for where that makes the range narrower (CUPED).",
    "A P value says how often chance alone makes so large a difference; below 0.05 counts.",
)


def show(
    frame: ui.Frame,
    title: str,
    found: Results,
    checks: pd.DataFrame,
    *,
    facts: Sequence[str],
    customers: int,
    key: str,
    method: Sequence[str] = (),
) -> None:
    """All of a result, the verdict first.

    Args:
        frame: The page's frame.
        title: The test's name.
        found: Its results.
        checks: Its checks.
        facts: What was tested, in sentences.
        customers: Customers a month who would get it, unless the user says otherwise.
        key: What tells this test's boxes from another's.
        method: Further sentences of how it was worked out.
    """
    for one in found.judged:
        _verdict(one, several=len(found.treatments) > 1)
    if found.empty:
        left = ", ".join(f"“{name}”" for name in found.empty)
        st.caption(plain(f"Left out, since no customer of it counts yet: {left}."))
    if len(found.treatments) > 1:
        st.caption(
            "Each is compared with "
            f"{plain(found.control)}. To compare two of them, choose one under “Compared with”."
        )
    for fact in facts:
        st.caption(plain(fact))
    _pictures(frame, found, key)
    meaning = _meaning(frame, found, customers, key)
    _checks(checks)
    _table(frame, found, key)
    name = "".join(c if c.isalnum() else "-" for c in title.lower()).strip("-") or "test"
    st.download_button(
        "Download the report",
        lambda: report(
            title, found, checks, currency=frame.currency,
            facts=[*facts, f"Compared with “{found.control}”, as of {ui.day(frame.as_of)}."],
            meaning=meaning, method=[*METHOD, *method],
        ),
        f"{name}-{frame.as_of}.html", "text/html", on_click="ignore", type="primary",
        icon=":material/description:", key=f"report_{key}",
        help="One page to pass on: a file of its own that opens in any browser and prints well.",
    )  # fmt: skip


def _verdict(one: Comparison, *, several: bool) -> None:
    colour, icon = BADGES[one.verdict]
    with st.container(border=True):
        name = VERDICTS[one.verdict] + (f": {one.treatment}" if several else "")
        # A badge puts its own backslashes before brackets.
        label = plain(name).replace("\\[", "[").replace("\\]", "]")
        st.badge(label, icon=icon, color=colour)
        st.subheader(plain(one.sentence[:1].upper() + one.sentence[1:]), anchor=False)


def _pictures(frame: ui.Frame, found: Results, key: str) -> None:
    """The effect in the metric's unit and in per cent, side by side."""
    metric, judged = found.metrics[0], found.judged
    unit = unit_of(metric, frame.currency, judged[0])
    rows = pd.DataFrame(
        [
            {
                "label": one.treatment, "verdict": one.verdict,
                "value": one.difference * unit.factor, "lo": one.lo * unit.factor,
                "hi": one.hi * unit.factor, "said": unit.span(one.difference, one.lo, one.hi),
                "relative": one.relative_difference * 100, "relative_lo": one.relative_lo * 100,
                "relative_hi": one.relative_hi * 100,
                "relative_said": f"{percent(one.relative_difference, signed=True)} (between "
                f"{percent(one.relative_lo, signed=True)} and "
                f"{percent(one.relative_hi, signed=True)})",
            }
            for one in judged
        ]
    )  # fmt: skip
    if rows["lo"].isna().all():
        return
    absolute, relative = st.columns(2)
    absolute.plotly_chart(
        charts.effects(rows, unit.axis(metric.label)), key=f"effect_{key}",
        alt=f"Difference from {found.control} with its range",
    )  # fmt: skip
    known = rows[rows["relative_lo"].notna()]
    if known.empty:
        relative.caption(
            "In per cent no range can be told: "
            + (
                "a few customers carry nearly all of it."
                if rows["relative"].notna().any()
                else "the control has nothing to compare with."
            )
        )
        return
    in_per_cent = known[["label", "verdict"]].assign(
        value=known["relative"], lo=known["relative_lo"], hi=known["relative_hi"],
        said=known["relative_said"],
    )  # fmt: skip
    relative.plotly_chart(
        charts.effects(in_per_cent, f"The same in per cent of {found.control}", ticksuffix="%"),
        key=f"relative_{key}", alt=f"Difference in per cent of {found.control} with its range",
    )  # fmt: skip
    st.caption(
        "The point is the best guess, the bar the range in which the true effect lies; a bar "
        "across zero may be nothing at all."
    )


def _meaning(frame: ui.Frame, found: Results, customers: int, key: str) -> list[str]:
    """Money a month, chance to win and what a wrong choice costs; returns the sentences."""
    st.markdown("#### What it would mean")
    money = revenue_of(found)
    said: list[str] = []
    if money is not None and any(monthly(one, "", 1) for one in found.of(money.name)):
        month = st.number_input(
            "Customers a month who would get it", 1, 1_000_000_000, max(customers, 1), 100,
            key=f"month_{key}", width=320,
            help="The money below is for so many customers like those in the test. At first it is "
            "the pace at which customers came into the test, or 1,000 where that is not known.",
        )  # fmt: skip
        said += [
            sentence
            for one in found.of(money.name)
            if (sentence := monthly(one, frame.currency, int(month)))
        ]
    for one in found.judged:
        unit = unit_of(found.metrics[0], frame.currency, one)
        said += [each for each in (*beliefs(one, unit), sensitivity(one, unit)) if each]
    if not said:
        said = ["Nothing can be said of what it would bring, as long as it cannot be told or "
                "trusted."]  # fmt: skip
    st.markdown("\n".join(f"- {plain(each)}" for each in said))
    return said


def _checks(checks: pd.DataFrame) -> None:
    st.markdown("#### Can it be trusted?")
    st.markdown(
        "  \n".join(
            f"{LIGHTS[level]} {plain(sentence)}"
            for level, sentence in zip(checks["level"], checks["sentence"], strict=True)
        )
    )
    sizes = checks[checks["check"] == "Sizes as planned"]
    if (sizes["level"] != "green").any():
        st.caption("Was another split planned? Say so above, under “Split”.")


def _table(frame: ui.Frame, found: Results, key: str) -> None:
    st.markdown("#### All figures")
    shown = figures(found, frame.currency)
    ui.tables.table(shown, "All figures of the test", key=f"figures_{key}")
    ui.tables.frame_download(found.table, f"test-{key}-{frame.as_of}")
    cuped = any(one.cuped for one in found.found)
    st.caption(
        plain(
            f"Judged by {found.metrics[0].label[:1].lower()}{found.metrics[0].label[1:]}; the "
            "other lines help to understand it. A P value says how often chance alone makes so "
            "large a difference; below 0.05 counts as a find."
            + (
                " With several variants it is corrected for their number."
                if len(found.treatments) > 1 else ""
            )
            + (
                " Differences allow for what customers did before the test, so that they are not "
                "just one value less the other." if cuped else ""
            )
        )
    )  # fmt: skip


def reading(box: DeltaGenerator, key: str) -> Mode:
    """Whether a result is read once or any day."""
    chosen = box.selectbox(
        "Read", list(READINGS), key=key, persist_state="session",
        help="“Once, at the end” is sharper, but only if you look once, at the planned size. "
        "Whoever looks every day needs “Any day”, which stays right however often it is read.",
    )  # fmt: skip
    return READINGS[chosen]


def split(variants: Sequence[str], planned: dict[str, float] | None, key: str) -> Any:
    """The planned share of each variant, where it was not an equal one.

    Args:
        variants: Their names.
        planned: Their shares (in any unit) as far as a plan tells.
        key: What tells this test's boxes from another's.

    Returns:
        A share a variant, or None for an equal split.
    """
    with st.popover("Split", icon=":material/call_split:", width="stretch"):
        st.caption("How many of 100 customers each variant was meant to get.")
        shares = {
            name: st.number_input(
                plain(name), 0.0, 100.0, (planned or {}).get(name, 100 / len(variants)), 5.0,
                key=f"split_{key}_{name}", format="%.1f",
            )
            for name in variants
        }  # fmt: skip
    values = list(shares.values())
    is_equal = max(values) - min(values) < 0.05
    return None if is_equal or not sum(values) else shares
