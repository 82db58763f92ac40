"""How well the future was foretold, and why somebody is likely to do something."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.charts.look import AMBER, GREY, TEAL, plain


def gains(curve: pd.DataFrame, names: dict[str, str], share: float) -> go.Figure:
    """How many of those who did it are among the first of a list; the budget is marked.

    Args:
        curve: method, share, found_share, lo, hi (0 to 1).
        names: The methods to draw, and what they are called; the first is the one in use.
        share: The share of the customers that is addressed.
    """
    figure = go.Figure()
    for place, (method, label) in enumerate(names.items()):
        own = curve[curve["method"] == method]
        colour = (TEAL, AMBER)[min(place, 1)]
        if place == 0:
            figure.add_scatter(
                x=np.r_[own["share"], own["share"][::-1]], y=np.r_[own["lo"], own["hi"][::-1]],
                fill="toself", fillcolor=colour, opacity=0.15, line={"width": 0},
                hoverinfo="skip", showlegend=False,
            )  # fmt: skip
        figure.add_scatter(
            x=own["share"], y=own["found_share"], name=label, mode="lines",
            line={"color": colour, "width": 3 if place == 0 else 2},
            hovertemplate="first %{x:.0%} of the list: %{y:.0%} of them<extra></extra>",
        )  # fmt: skip
    figure.add_scatter(
        x=[0, 1], y=[0, 1], name="Drawn by chance", mode="lines", hoverinfo="skip",
        line={"color": GREY, "dash": "dot"},
    )  # fmt: skip
    figure.add_vline(
        x=share, line={"color": GREY, "width": 1},
        annotation={"text": "your budget", "yanchor": "bottom", "y": 1, "yref": "paper"},
    )  # fmt: skip
    figure.update_xaxes(title="Share of customers addressed", tickformat=".0%", range=[0, 1])
    figure.update_yaxes(title="Share found of those who did it", tickformat=".0%", range=[0, 1.02])
    return plain(figure, 380).update_layout(
        showlegend=True, legend={"orientation": "h", "y": -0.22, "yanchor": "top", "x": 0},
    )  # fmt: skip


def calibration(groups: pd.DataFrame) -> go.Figure:
    """What was foretold beside what happened; on the line it was right.

    Args:
        groups: foretold_share, happened_share, lo, hi (0 to 1), customers.
    """
    most = float(min(1.0, 1.08 * groups[["foretold_share", "hi"]].to_numpy().max()))
    figure = go.Figure()
    figure.add_scatter(
        x=[0, most], y=[0, most], mode="lines", line={"color": GREY, "dash": "dot"},
        hoverinfo="skip",
    )  # fmt: skip
    figure.add_scatter(
        x=groups["foretold_share"], y=groups["happened_share"], mode="markers",
        marker={"size": 10, "color": TEAL}, customdata=groups["customers"],
        error_y={
            "type": "data", "symmetric": False, "color": GREY,
            "array": groups["hi"] - groups["happened_share"],
            "arrayminus": groups["happened_share"] - groups["lo"],
        },
        hovertemplate="%{customdata:,} customers: %{x:.1%} foretold, %{y:.1%} did<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(title="Foretold", tickformat=".0%", range=[0, most])
    figure.update_yaxes(title="Happened", tickformat=".0%", range=[0, most], rangemode="tozero")
    return plain(figure, 340)


def bars(labels: list[str], values: list[float], said: list[str], title: str) -> go.Figure:
    """A bar for each reason, the first on top: teal where it makes it likelier, amber where less.

    Args:
        labels: What each is called.
        values: How long each bar is.
        said: What is shown on it.
        title: What the axis shows.
    """
    places = list(range(len(labels)))
    figure = go.Figure(
        go.Bar(
            x=values, y=places, orientation="h", text=said, textposition="auto",
            marker={"color": [TEAL if value >= 0 else AMBER for value in values]},
            hoverinfo="skip",
        )
    )  # fmt: skip
    figure.update_xaxes(title=title, zeroline=True, showticklabels=False)
    figure.update_yaxes(
        tickmode="array", tickvals=places,
        ticktext=[_safe(label) for label in labels],
        range=[len(labels) - 0.5, -0.5], showgrid=False, automargin=True,
    )  # fmt: skip
    return plain(figure, 90 + 34 * len(labels))


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def waits(sums: pd.DataFrame) -> go.Figure:
    """How many customers have waited how many of their usual gaps, by state.

    Args:
        sums: half_gaps (whole halves of a usual gap; the last holds all above), state (on time,
            overdue, lapsed), customers.
    """
    last = int(sums["half_gaps"].max()) if len(sums) else 0
    places = list(range(last + 1))
    figure = go.Figure()
    for state, colour in (("on time", TEAL), ("overdue", AMBER), ("lapsed", GREY)):
        own = sums[sums["state"] == state].set_index("half_gaps")["customers"]
        figure.add_bar(
            x=places, y=[int(own.get(place, 0)) for place in places], name=state.capitalize(),
            marker={"color": colour},
            hovertemplate=f"%{{y:,}} customers {state}<extra></extra>",
        )  # fmt: skip
    ticks = [place for place in places if place % 2 == 0]
    figure.update_xaxes(
        title="Usual gaps waited since the last order", tickmode="array", showgrid=False,
        tickvals=[place - 0.5 for place in ticks],
        ticktext=[f"{place // 2}" + ("+" if place == 10 else "") for place in ticks],
    )  # fmt: skip
    figure.update_yaxes(title="Customers", rangemode="tozero")
    return plain(figure, 320).update_layout(
        barmode="stack", showlegend=True,
        legend={"orientation": "h", "y": -0.25, "yanchor": "top", "x": 0},
    )  # fmt: skip
