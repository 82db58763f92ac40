"""Audiences beside each other."""

import textwrap

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.charts.look import TEAL, plain


def overlap(pairs: pd.DataFrame) -> go.Figure:
    """Audiences against each other, shaded by the share of the row's that is in the column's.

    Args:
        pairs: first, second, customers, first_share (0 to 1), a row an ordered pair.
    """
    names = list(dict.fromkeys(pairs["first"]))
    shares = pairs["first_share"].to_numpy(dtype=float).reshape(len(names), len(names))
    counts = pairs["customers"].to_numpy().reshape(len(names), len(names))
    labels = [
        "<br>".join(textwrap.wrap(name, 24))
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace("&lt;br>", "<br>")
        for name in names
    ]
    figure = go.Figure(
        go.Heatmap(
            x=list(range(len(names))),
            y=list(range(len(names))),
            z=shares,
            zmin=0,
            zmax=1,
            colorscale=[[0, "#e6f2f0"], [1, TEAL]],
            showscale=False,
            text=[
                [f"{count:,}<br>{'–' if np.isnan(share) else f'{share:.0%}'}"
                 for count, share in zip(*row, strict=True)]
                for row in zip(counts, shares, strict=True)
            ],
            texttemplate="%{text}",
            hoverinfo="skip",
            xgap=3,
            ygap=3,
        )
    )  # fmt: skip
    places = {
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": labels,
        "showgrid": False,
        "zeroline": False,
    }
    figure.update_xaxes(side="top", tickangle=0, **places)
    figure.update_yaxes(autorange="reversed", **places)
    return plain(figure, 140 + 70 * len(names)).update_layout(margin_t=72)
