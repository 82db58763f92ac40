"""What comes after what."""

import pandas as pd
import plotly.graph_objects as go

from analytics.charts.look import TEAL, plain


def moves(found: pd.DataFrame) -> go.Figure:
    """What follows each action, in per cent: a row an action, a column what comes next.

    Args:
        found: action, next_action, steps, share (of what follows the action, 0 to 1), each pair
            once, in the order to be shown.
    """
    down = list(dict.fromkeys(found["action"]))
    across = list(dict.fromkeys(found["next_action"]))
    wide = found.pivot_table("share", "action", "next_action").loc[down, across]
    counts = found.pivot_table("steps", "action", "next_action").loc[down, across]
    figure = go.Figure(
        go.Heatmap(
            z=wide.to_numpy(), x=[_safe(each) for each in across], y=[_safe(each) for each in down],
            customdata=counts.to_numpy(), colorscale=[[0, "rgba(15,118,110,0)"], [1, TEAL]],
            zmin=0, zmax=1, showscale=False, xgap=2, ygap=2, texttemplate="%{z:.0%}",
            hovertemplate="after %{y}: %{x} %{z:.1%}, %{customdata:,} times<extra></extra>",
        )
    )  # fmt: skip
    figure.update_xaxes(title="… comes next", side="bottom", tickangle=-40, showgrid=False)
    figure.update_yaxes(title="After …", autorange="reversed", showgrid=False, automargin=True)
    return plain(figure, 130 + 40 * len(down))


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
