"""What goes together, beside what chance would put together."""

import textwrap

import pandas as pd
import plotly.graph_objects as go

from analytics.charts.look import GREY, TEAL, plain


def together(rules: pd.DataFrame) -> go.Figure:
    """How often the second is bought, with the first and in all orders, a row a rule.

    Args:
        rules: label, confidence (0 to 1), lift; the most useful first.
    """
    shown = rules.iloc[::-1]
    usual = shown["confidence"] / shown["lift"]
    labels = [
        "<br>".join(
            line.replace("&", "&amp;").replace("<", "&lt;") for line in textwrap.wrap(text, 44)
        )
        for text in shown["label"]
    ]
    places = list(range(len(shown)))
    lines_x: list[float | None] = []
    lines_y: list[int | None] = []
    for place, low, high in zip(places, usual, shown["confidence"], strict=True):
        lines_x += [low, high, None]
        lines_y += [place, place, None]
    figure = go.Figure(
        [
            go.Scatter(
                x=lines_x, y=lines_y, mode="lines", line={"color": GREY, "width": 2},
                hoverinfo="skip", showlegend=False,
            ),
            go.Scatter(
                x=usual, y=places, mode="markers", name="of all orders",
                marker={"color": GREY, "size": 10}, cliponaxis=False,
                hovertemplate="%{x:.1%} of all orders<extra></extra>",
            ),
            go.Scatter(
                x=shown["confidence"], y=places, mode="markers+text",
                name="of the orders with the first", marker={"color": TEAL, "size": 12},
                text=[f"{share:.0%}" for share in shown["confidence"]],
                textposition="middle right", cliponaxis=False,
                hovertemplate="%{x:.1%} of the orders with the first<extra></extra>",
            ),
        ]
    )  # fmt: skip
    figure.update_xaxes(
        tickformat=".0%", title="Orders that hold the second",
        range=[-0.02, min(1.15, 1.2 * max(shown["confidence"].max(), 0.01))],
    )  # fmt: skip
    figure.update_yaxes(
        tickmode="array", tickvals=places, ticktext=labels, showgrid=False, zeroline=False,
        automargin=True,
    )  # fmt: skip
    return plain(figure, 120 + 34 * len(shown)).update_layout(
        showlegend=True, legend={"orientation": "h", "y": 1.08, "yanchor": "bottom", "x": 0},
        margin_t=48,
    )  # fmt: skip
