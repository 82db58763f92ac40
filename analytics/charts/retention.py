"""Who comes back as time goes by, and whether what was foreseen came."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.charts.look import AMBER, GREY, TEAL, plain

BAND = "rgba(15,118,110,.16)"
LINES = (TEAL, AMBER, "#2563eb", "#be185d", "#64748b", "#4d7c0f")
"""Colours that can be told apart side by side."""


def retention_curve(curve: pd.DataFrame, word: str, title: str, *, share: bool) -> go.Figure:
    """A line over the periods after the start, with the range it is sure to; one a part.

    Args:
        curve: period, size, rate, lo, hi, and part where split.
        word: What a period is called, as in `month`.
        title: What the rate is.
        share: Whether the rate is a share of customers.
    """
    figure = go.Figure()
    split = "part" in curve
    groups = list(curve.groupby("part", sort=False)) if split else [("", curve)]
    for place, (part, rows) in enumerate(groups):
        name, colour = _safe(str(part)), LINES[place % len(LINES)]
        if not split and rows["lo"].notna().all():
            figure.add_scatter(
                x=pd.concat([rows["period"], rows["period"][::-1]]),
                y=pd.concat([rows["hi"], rows["lo"][::-1]]),
                fill="toself", fillcolor=BAND, line={"width": 0}, hoverinfo="skip", mode="lines",
            )  # fmt: skip
        written = ".1%" if share else ",.2f"
        between = (
            "<br>between %{customdata[1]:.1%} and %{customdata[2]:.1%}"
            if rows["lo"].notna().all()
            else ""
        )
        figure.add_scatter(
            x=rows["period"], y=rows["rate"], name=name, mode="lines+markers",
            line={"color": colour, "width": 2}, marker={"size": 7},
            customdata=rows[["size", "lo", "hi"]],
            hovertemplate=f"{name + '<br>' if name else ''}{word} %{{x}}<br>%{{y:{written}}}"
            f"{between}<br>of %{{customdata[0]:,}} customers<extra></extra>",
        )  # fmt: skip
    most = int(curve["period"].max())
    figure.update_xaxes(
        title=f"{word.capitalize()}s after the start",
        range=[0.5, most + 0.5],
        tickangle=0,
        dtick=max(1, -(-most // 9)),
        tick0=1,
    )
    figure.update_yaxes(title=title, rangemode="tozero", tickformat=".0%" if share else ",.4~f")
    return plain(figure, 320).update_layout(
        showlegend=split, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"}
    )


def foreseen_and_came(groups: pd.DataFrame) -> go.Figure:
    """Orders a customer as expected and as they came, in groups by what was expected.

    Args:
        groups: group, customers, expected, came.
    """
    figure = go.Figure()
    places = np.arange(1, len(groups) + 1)
    for name, column, colour in (("Expected", "expected", TEAL), ("Came", "came", GREY)):
        figure.add_bar(
            x=places, y=groups[column], name=name, marker_color=colour,
            customdata=groups["customers"],
            hovertemplate=f"{name}: %{{y:.2f}} orders a customer<br>of %{{customdata:,}} customers"
            "<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title="Groups of customers, least expected to most", dtick=1)
    figure.update_yaxes(title="Orders a customer")
    return plain(figure, 300).update_layout(
        showlegend=True,
        barmode="group",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
