"""The funnel as the page shows it: its inputs, what it says, and the people it leads to."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd
import streamlit as st

import ui
import ui.tables
from analytics import charts, journeys
from ui import plain

PERIODS = {"All days": None, "Last 30 days": 30, "Last 90 days": 90, "Last 365 days": 365}
UNITS = {"customer": "People", "session": "Visits"}
ORDERS = {
    "sequential": "In this order",
    "strict": "In this order, nothing between",
    "any": "In any order",
}
ATTRIBUTIONS = {"first": "The first one", "last": "The last one", "all": "Every one"}
LIST_COLUMNS = ["customer_id", "name", "email", "last_step", "last_step_at"]


@dataclass(frozen=True)
class Period:
    """The days that count, and what happened on them.

    Attributes:
        from_day: The first; nothing for all.
        as_of: The day after the last.
        kinds: What `journeys.kinds` returns of all days before `as_of`.
        words: The days as they end a sentence.
    """

    from_day: date | None
    as_of: date
    kinds: pd.DataFrame
    words: str

    @property
    def events(self) -> list[str]:
        """The kinds of event, purchases among them, in the order they usually come."""
        return list(self.kinds["event"])


def period(frame: ui.Frame) -> Period:
    """Ask for the days, and say what is missing.

    Raises:
        NotEnoughDataError: Nothing happened before the as-of day.
    """
    chosen = st.segmented_control(
        "Days", list(PERIODS), default="All days", required=True, key="journeys_days",
        persist_state="session", label_visibility="collapsed",
    )  # fmt: skip
    days = PERIODS[chosen or "All days"]
    from_day = None if days is None else frame.as_of - timedelta(days=days)
    found = _kinds(frame.store.version, frame.as_of, frame)
    last = frame.store.tables().set_index("table")["last_day"]["events"]
    if not pd.isna(last) and pd.Timestamp(last).date() >= frame.as_of:
        st.caption(
            f"There are events up to {ui.day(pd.Timestamp(last))}; only those before "
            f"{ui.day(frame.as_of)} count. Choose a later day at the side to see them all."
        )
    if not (found["source"] == "event").any():
        st.info(
            "There are orders, but no events before this day: what people looked at and put "
            "into the cart is not known. Import the shop’s event file on the Data page.",
            icon=":material/info:",
        )
    words = "" if from_day is None else f", in the {days} days before {ui.day(frame.as_of)}"
    return Period(from_day, frame.as_of, found, words)


@st.cache_data(max_entries=20, show_spinner=False)
def _kinds(version: str, day: date, _frame: ui.Frame) -> pd.DataFrame:  # noqa: ARG001
    return journeys.kinds(_frame.store, day)


def usual_steps(kinds: pd.DataFrame) -> list[str]:
    """The steps a shop would ask for first: what is seen, the cart, the checkout, the purchase.

    An impression is a step only where there are more of them than of what follows: in many logs
    only one channel tells them.
    """
    many = dict(zip(kinds["event"], kinds["moments"], strict=True))
    looks = [event for event in ("click", "view") if event in many]
    steps = [max(looks, key=many.__getitem__)] if looks else []
    if steps and many.get("impression", 0) >= many[steps[0]]:
        steps = ["impression", *steps]
    return [*steps, *(each for each in ("cart", "checkout", journeys.PURCHASE) if each in many)]


def duration(hours: float) -> str | None:
    """How long something takes, in the unit people would use; nothing where unknown.

    >>> duration(0.058), duration(30.0), duration(200.0), duration(0.0)
    ('3.5 minutes', '30 hours', '8.3 days', 'at once')
    """
    if pd.isna(hours):
        return None
    if hours == 0:
        return "at once"
    for unit, size, most in (("second", 1 / 3600, 90), ("minute", 1 / 60, 90), ("hour", 1, 48)):
        if hours / size < most:
            return f"{hours / size:.2g} {unit}s"
    return f"{hours / 24:,.1f} days"


def funnel(frame: ui.Frame, days: Period) -> None:
    """The funnel: inputs, answer, chart, table, times, lists."""
    asked = _ask(days)
    if asked is None:
        return
    kept = journeys.keep(frame.store, asked)
    found = _rates(frame.store.version, asked, frame, kept)
    counted = "visits" if asked.unit == "session" else "people"
    whole = found
    if asked.by:
        unsplit = journeys.ask(
            asked.steps, asked.window_days, asked.order, asked.unit,
            exclude=asked.exclude, from_day=asked.from_day, as_of=asked.as_of,
        )  # fmt: skip
        whole = _rates(frame.store.version, unsplit, frame, None)
    if not whole["customers"].iloc[0]:
        st.info(f"Nobody did “{plain(asked.steps[0].label)}”{days.words}.", icon=":material/info:")
        return
    st.markdown(_answer(whole, asked, counted, days))
    if asked.by:
        st.plotly_chart(
            charts.funnel_parts(found, asked.by), key="funnel_chart",
            alt=f"How many of each {ui.tables.label(asked.by)} got to each step",
        )  # fmt: skip
    else:
        st.plotly_chart(
            charts.funnel(whole, counted), key="funnel_chart",
            alt=f"How many {counted} got to each step; the largest loss is amber",
        )  # fmt: skip
        if len(whole) > 1:
            st.caption("In brackets: of those who got to the step before.")
    shown = found.drop(columns=["lo_previous", "hi_previous"]).rename(
        columns={
            **{name: f"{name}_share" for name in ("rate_previous", "rate_overall", "lo", "hi")},
            "customers": counted,
        }
    )
    shown["typical_time"] = [duration(hours) for hours in shown.pop("median_hours")]
    ui.tables.table(shown, "The funnel")
    ui.tables.frame_download(found, f"funnel-{frame.as_of}")
    if len(asked.steps) > 1:
        with st.expander("How long does it take?", icon=":material/timer:"):
            times = journeys.durations(frame.store, kept)
            wide = times.pivot_table(
                "reached_share", "within", "step", sort=False, aggfunc="first"
            ).reset_index()
            steps = [name for name in wide.columns if name != "within"]
            shares = wide.rename(columns={name: f"{name}_share" for name in steps})
            ui.tables.table(shares, "Of those who got to a step, how many within how long")
            ui.tables.frame_download(times, f"times-{frame.as_of}")
    _people(frame, kept, whole, found)


def _ask(days: Period) -> journeys.Asked | None:
    """The page's inputs as a funnel; nothing where there is nothing to ask for."""
    events = days.events
    if len(events) < 2:
        st.info(
            f"All there is are {'orders' if events == [journeys.PURCHASE] else 'events'} of one "
            f"kind, “{plain(events[0])}”: nobody can drop out between one step and the next. A "
            "funnel needs events of at least two kinds, such as views and carts.",
            icon=":material/info:",
        )
    usual = usual_steps(days.kinds)
    steps = st.multiselect(
        "Steps, in order", events, usual or events[:3], key="journeys_steps",
        persist_state="session", max_selections=8, placeholder="Choose what people do, in order",
    )  # fmt: skip
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    unit: Any = row.segmented_control(
        "Count", list(UNITS), default="customer", required=True, key="journeys_unit",
        persist_state="session", format_func=UNITS.__getitem__, width="content",
    )  # fmt: skip
    window = row.number_input(
        "Within days", 1, 3650, 7, key="journeys_window", persist_state="session", width=130,
        help="The most days from the first step to a later one.",
    )  # fmt: skip
    by = row.selectbox(
        "Broken down by", [None, *journeys.BREAKDOWNS], key="journeys_by",
        persist_state="session", width=190,
        format_func=lambda name: "nothing" if name is None else _by(name),
    )  # fmt: skip
    attribution: Any = "first"
    if by in ("channel", "campaign", "product_id", "category"):
        attribution = row.selectbox(
            f"Which {_by(by)} counts", list(ATTRIBUTIONS), key="journeys_attribution",
            persist_state="session", format_func=ATTRIBUTIONS.__getitem__, width=170,
            help="Of several first steps of one person: the first, the last, or each with what "
            "followed it; then a person may count in several.",
        )  # fmt: skip
    with row.popover("More", icon=":material/tune:"):
        order: Any = st.radio(
            "Order of the steps", list(ORDERS), key="journeys_order", persist_state="session",
            format_func=ORDERS.__getitem__,
        )  # fmt: skip
        left_out = st.multiselect(
            "Leave out those who in between did", events, key="journeys_exclude",
            persist_state="session", disabled=order == "any", placeholder="nothing",
        )  # fmt: skip
        field: Any = st.selectbox(
            "Only first steps of one", [None, "channel", "campaign", "category", "product_id"],
            key="journeys_field", persist_state="session",
            format_func=lambda name: "anything" if name is None else _by(name),
        )  # fmt: skip
        value = st.text_input(
            "Which one, exactly as in the data", key="journeys_value", persist_state="session",
            disabled=field is None,
        ).strip()  # fmt: skip
    if not steps:
        st.info("Choose at least one step.", icon=":material/info:")
        return None
    first = journeys.Step(steps[0], **({field: value} if field and value else {}))
    return journeys.ask(
        [first, *steps[1:]], window, order, unit, by, attribution=attribution,
        exclude=[] if order == "any" else left_out, from_day=days.from_day, as_of=days.as_of,
    )  # fmt: skip


def _by(name: str) -> str:
    return name.removesuffix("_id")


@st.cache_data(max_entries=40, show_spinner="Following every step …")
def _rates(
    version: str,  # noqa: ARG001
    asked: journeys.Asked,
    _frame: ui.Frame,
    _kept: journeys.Kept | None,
) -> pd.DataFrame:
    kept = _kept or journeys.keep(_frame.store, asked)
    return journeys.rates(_frame.store, kept)


def _answer(found: pd.DataFrame, asked: journeys.Asked, counted: str, days: Period) -> str:
    """What the funnel says, in a sentence or two."""
    first, last = found.iloc[0], found.iloc[-1]
    if len(found) == 1:
        return f"**{first['customers']:,}** {counted} did “{plain(first['step'])}”{days.words}."
    one = asked.window_days == 1
    said = (
        f"Of **{first['customers']:,}** {counted} with “{plain(first['step'])}”, "
        f"**{last['customers']:,}** got to “{plain(last['step'])}” within "
        f"{asked.window_days:g} day{'' if one else 's'}: **{last['rate_overall']:.1%}** "
        f"(between {last['lo']:.1%} and {last['hi']:.1%}){days.words}."
    )
    place = _worst(found)
    lost = int(found["customers"][place - 1] - found["customers"][place])
    if not lost:
        return f"{said} Nobody dropped out."
    return (
        f"{said} Most drop out between “{plain(found['step'][place - 1])}” and "
        f"“{plain(found['step'][place])}”: **{lost:,}** {counted}, "
        f"{lost / found['customers'][place - 1]:.0%} of those who got that far."
    )


def _worst(found: pd.DataFrame) -> int:
    """The step before which most dropped out, from 1."""
    lost = found["customers"].shift() - found["customers"]
    return int(lost.iloc[1:].to_numpy().argmax()) + 1


def _people(frame: ui.Frame, kept: journeys.Kept, whole: pd.DataFrame, found: pd.DataFrame) -> None:
    """Who dropped out where, and who got where, as a list."""
    steps = list(whole["step"])
    groups = {
        **{
            (place, False): f"Got to {place - 1}. {steps[place - 2]}, not to {place}. {step}"
            for place, step in enumerate(steps, start=1)
            if place > 1
        },
        **{(place, True): f"Got to {place}. {step}" for place, step in enumerate(steps, start=1)},
    }
    usual = (_worst(whole) + 1, False) if len(steps) > 1 else (1, True)
    asked = kept.asked
    boxes = st.columns(2) if asked.by else [st.container()]
    chosen = boxes[0].selectbox(
        "Show the people who", list(groups), list(groups).index(usual),
        format_func=groups.__getitem__, key=f"journeys_group_{len(steps)}",
    )  # fmt: skip
    title, value = groups[chosen], None
    if asked.by:
        parts = list(dict.fromkeys(found[asked.by].dropna()))
        value = boxes[1].selectbox(
            f"Of which {_by(asked.by)}", [None, *parts], key=f"journeys_part_{asked.by}",
            format_func=lambda part: "all" if part is None else part,
        )  # fmt: skip
        title = title if value is None else f"{title}, {_by(asked.by)} {value}"
    if asked.unit == "session":
        st.caption(
            "Visits are counted above, known people below, each once by their furthest visit."
        )
    ui.tables.people(
        frame, title, "funnel_list", LIST_COLUMNS, tables={"reached": kept.table},
        place=chosen[0], completed=chosen[1], value=value,
    )  # fmt: skip
