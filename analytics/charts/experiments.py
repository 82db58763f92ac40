"""Tests: what a variant did, how that came about, and how long a test must run."""

import textwrap
from collections.abc import Callable

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.charts.look import AMBER, GREY, TEAL, plain

TONES = {"better": TEAL, "worse": AMBER}
BAND = "rgba(100,116,139,.25)"


def effects(found: pd.DataFrame, title: str, *, ticksuffix: str = "") -> go.Figure:
    """A line a variant: the best guess as a point, the range the truth lies in as a bar.

    Teal where a variant is better, amber where it is worse, else grey.

    Args:
        found: label, value, lo, hi (NaN where it cannot be tested), verdict, said (the figure with
            its range, in words).
        title: What the axis shows, with its unit.
        ticksuffix: What follows the axis' figures.
    """
    names = [
        "<br>".join(map(_safe, textwrap.wrap(str(one), 28, max_lines=2, placeholder=" …"))) or " "
        for one in found["label"]
    ]
    places = list(range(len(names)))
    colours = [TONES.get(verdict, GREY) for verdict in found["verdict"]]
    figure = go.Figure()
    for place, low, high in zip(places, found["lo"], found["hi"], strict=True):
        if np.isfinite(low) and np.isfinite(high):
            figure.add_scatter(
                x=[low, high], y=[place, place], mode="lines", opacity=0.45, hoverinfo="skip",
                line={"width": 11, "color": colours[place]},
            )  # fmt: skip
    figure.add_scatter(
        x=found["value"], y=places, mode="markers", marker={"size": 13, "color": colours},
        customdata=[_safe(str(said)) for said in found["said"]],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    figure.add_vline(x=0, line={"color": GREY, "width": 1, "dash": "dot"})
    ends = [0.0, *(each for name in ("value", "lo", "hi") for each in found[name])]
    low, high = min(filter(np.isfinite, ends)), max(filter(np.isfinite, ends))
    room = 0.08 * (high - low or 1.0)
    lines = [_safe(line) for line in textwrap.wrap(title, 20, max_lines=4, placeholder=" …")]
    figure.update_xaxes(
        title="<br>".join(lines), zeroline=False, ticksuffix=ticksuffix, nticks=5, tickformat=",",
        range=[low - room, high + room],
    )  # fmt: skip
    figure.update_yaxes(
        tickmode="array", tickvals=places, ticktext=names, range=[len(names) - 0.5, -0.5],
        showgrid=False, zeroline=False,
    )  # fmt: skip
    return plain(figure, 80 + 18 * len(lines) + 44 * len(names))


def effect_by_day(days: pd.DataFrame, title: str, write: Callable[[float], str]) -> go.Figure:
    """The difference of all that was done by each day, with the band that may be read daily.

    Args:
        days: day, difference, lo, hi (NaN where there is too little to test).
        title: What the axis shows, with its unit.
        write: A difference as people read it.
    """
    tested = days[np.isfinite(days["lo"]) & np.isfinite(days["hi"])]
    figure = go.Figure()
    for end, fill in (("hi", None), ("lo", "tonexty")):
        figure.add_scatter(
            x=tested["day"], y=tested[end], mode="lines", fill=fill, fillcolor=BAND,
            line={"width": 0}, hoverinfo="skip",
        )  # fmt: skip
    said = [
        f"{write(value)} (between {write(low)} and {write(high)})"
        for value, low, high in zip(tested["raw"], tested["raw_lo"], tested["raw_hi"], strict=True)
    ]
    figure.add_scatter(
        x=tested["day"], y=tested["difference"], mode="lines+markers",
        line={"color": TEAL, "width": 2}, marker={"size": 5}, customdata=said,
        hovertemplate="%{x|%-d %B %Y}<br>%{customdata}<extra></extra>",
    )  # fmt: skip
    figure.add_hline(y=0, line={"color": GREY, "width": 1, "dash": "dot"})
    figure.update_yaxes(title=_safe(title), zeroline=False, tickformat=",")
    figure.update_xaxes(tickformat="%-d %b", nticks=8)
    return plain(figure, 340)


def detectable_by_weeks(
    curve: pd.DataFrame, weeks: int, title: str, write: Callable[[float], str]
) -> go.Figure:
    """The smallest effect that is found after each week, with the plan marked.

    Args:
        curve: weeks, total_n, effect (as drawn), said (in words).
        weeks: How long the plan runs.
        title: What the axis shows, with its unit.
        write: Customers as people read them.
    """
    known = curve[np.isfinite(curve["effect"])]
    figure = go.Figure(
        go.Scatter(
            x=known["weeks"], y=known["effect"], mode="lines+markers",
            line={"color": TEAL, "width": 2}, marker={"size": 6},
            customdata=[
                [said, write(n)] for said, n in zip(known["said"], known["total_n"], strict=True)
            ],
            hovertemplate="After %{x} weeks and %{customdata[1]} customers: %{customdata[0]}"
            "<extra></extra>",
        )
    )  # fmt: skip
    figure.add_vline(
        x=weeks, line={"color": AMBER, "width": 2, "dash": "dot"},
        annotation={"text": "Plan", "yanchor": "bottom", "y": 1},
    )  # fmt: skip
    figure.update_xaxes(title="Weeks", rangemode="tozero", nticks=12, tickformat=",d")
    figure.update_yaxes(title=_safe(title), rangemode="tozero", tickformat=",")
    return plain(figure, 340)


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
