"""Clusters: their traits, how many there are, and where customers lie."""

import textwrap

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.charts.look import AMBER, GREY, TEAL, plain

COLOURS = (
    "#0f766e", "#b45309", "#2563eb", "#be185d", "#65a30d", "#7c3aed", "#0891b2", "#dc2626",
    "#a16207", "#475569",
)  # fmt: skip
STRONG = 1.5
"""Standard deviations from the shop at which a trait's colour is full."""


def cluster_traits(found: pd.DataFrame, names: dict[int, str]) -> go.Figure:
    """A cell a feature and cluster: teal above the shop, amber below, with the median in it.

    Args:
        found: cluster, label, unit, median, shop_median, difference.
        names: Of the clusters.
    """
    clusters = list(dict.fromkeys(found["cluster"]))
    labels = list(dict.fromkeys(found["label"]))
    wide = found.set_index(["cluster", "label"])
    cells = [[wide.loc[(cluster, label)] for cluster in clusters] for label in labels]
    width = max(12, 60 // len(clusters))
    figure = go.Figure(
        go.Heatmap(
            x=[_wrapped(names[cluster], width) for cluster in clusters],
            y=[_wrapped(label, 24) for label in labels],
            z=[[cell["difference"] for cell in row] for row in cells],
            zmin=-STRONG,
            zmax=STRONG,
            colorscale=[[0, AMBER], [0.5, "#e2e8f0"], [1, TEAL]],
            showscale=False,
            text=[[figure_in(cell["median"], cell["unit"]) for cell in row] for row in cells],
            customdata=[
                [[figure_in(cell["shop_median"], cell["unit"]), f"{cell['difference']:+.1f}"]
                 for cell in row] for row in cells
            ],
            texttemplate="%{text}",
            hovertemplate="%{x}<br>%{y}: half have at most %{text}"
            "<br>in the whole shop %{customdata[0]}"
            "<br>%{customdata[1]} standard deviations from the shop<extra></extra>",
            xgap=3,
            ygap=3,
        )
    )  # fmt: skip
    figure.update_xaxes(side="top", tickangle=0, showgrid=False)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return plain(figure, 130 + 38 * len(labels)).update_layout(margin_t=96)


def _wrapped(name: str, width: int) -> str:
    safe = name.replace("&", "&amp;").replace("<", "&lt;")
    return "<br>".join(textwrap.wrap(safe, width))


def figure_in(value: float, unit: str) -> str:
    """A figure in its unit, as short as it can be said.

    >>> figure_in(0.25, "0 to 1"), figure_in(1234.5, "money"), figure_in(2.0, "orders")
    ('25%', '1,234', '2')
    """
    if np.isnan(value):
        return "–"
    if unit == "0 to 1":
        return f"{value:.0%}"
    return f"{value:,.0f}" if abs(value) >= 10 or value == int(value) else f"{value:,.1f}"


def cluster_choice(found: pd.DataFrame, k: int) -> go.Figure:
    """Silhouette and stability for each number of clusters, the one in use marked.

    Args:
        found: k, silhouette, stability.
        k: How many are used.
    """
    figure = go.Figure()
    for name, words, colour in (
        ("silhouette", "How clearly apart", TEAL),
        ("stability", "How steady", GREY),
    ):
        figure.add_scatter(
            x=found["k"],
            y=found[name],
            name=words,
            mode="lines+markers",
            line={"color": colour},
            hovertemplate="%{x} groups<br>" + words.lower() + " %{y:.2f}<extra></extra>",
        )
    figure.add_vline(x=k, line={"color": AMBER, "dash": "dot"})
    figure.update_xaxes(title="Number of groups", dtick=1)
    figure.update_yaxes(title="1 is best", range=[0, 1.02])
    return plain(figure, 280).update_layout(
        showlegend=True, legend={"orientation": "h", "y": 1.15, "x": 0}
    )


def cluster_map(points: pd.DataFrame, axis_names: tuple[str, str]) -> go.Figure:
    """Customers on the map, a colour a cluster; made to be drawn on.

    Args:
        points: customer_id, cluster, name, x, y; a sample of at most some thousands.
        axis_names: What each axis shows.
    """
    figure = go.Figure()
    for place, (cluster, group) in enumerate(points.groupby("cluster")):
        name, outside = group["name"].iloc[0], int(str(cluster)) < 0
        figure.add_scattergl(
            x=group["x"],
            y=group["y"],
            mode="markers",
            name=str(name).replace("<", "&lt;"),
            marker={
                "size": 5,
                "opacity": 0.6,
                "color": GREY if outside else COLOURS[place % len(COLOURS)],
            },
            customdata=group["customer_id"],
            hovertemplate="%{customdata}<extra>%{fullData.name}</extra>",
        )
    figure.update_xaxes(title=axis_names[0], zeroline=False, showticklabels=False)
    figure.update_yaxes(title=axis_names[1], zeroline=False, showticklabels=False)
    return plain(figure, 560).update_layout(
        showlegend=True,
        legend={"orientation": "h", "y": -0.14, "x": 0, "itemsizing": "constant"},
        dragmode="lasso",
    )
