"""Segments: how large, and who moved where."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.charts.look import AMBER, SHADES, TEAL, plain


def treemap(segments: pd.DataFrame, slipping: set[str], unit: str) -> go.Figure:
    """A tile a segment: its area is its customers, amber where good customers slip away.

    Args:
        segments: segment, customers, revenue, customer_share, revenue_share.
        slipping: The segments that are drifting away.
        unit: What money is called, or empty.
    """
    places = iter(SHADES * 2)
    colours = [AMBER if name in slipping else next(places) for name in segments["segment"]]
    figure = go.Figure(
        go.Treemap(
            labels=segments["segment"],
            parents=[""] * len(segments),
            values=segments["customers"],
            marker={"colors": colours, "line": {"width": 2, "color": "rgba(255,255,255,.6)"}},
            customdata=[
                [f"{float(revenue):,.0f} {unit}".strip(), f"{share:.0%}"]
                for revenue, share in zip(
                    segments["revenue"], segments["revenue_share"], strict=True
                )
            ],
            texttemplate="<b>%{label}</b><br>%{value:,} customers<br>%{customdata[1]} of revenue",
            hovertemplate="%{label}<br>%{value:,} customers<br>%{customdata[0]}<extra></extra>",
            textfont={"color": "white", "size": 14},
            tiling={"pad": 2},
            pathbar={"visible": False},
            hoverlabel={"font": {"color": "white"}},
        )
    )
    figure.update_layout(uniformtext={"minsize": 11, "mode": "hide"})
    return plain(figure, 340).update_layout(margin={"l": 0, "r": 0, "t": 0, "b": 0})


def flow(moves: pd.DataFrame, order: list[str], slipping: set[str]) -> go.Figure:
    """Who moved where: bands from the earlier segments (left) to the later ones (right).

    Args:
        moves: from_segment, to_segment, customers.
        order: The segments, best first.
        slipping: The segments that are drifting away.
    """
    left = [name for name in [*order, "Not yet a customer"] if name in set(moves["from_segment"])]
    right = [name for name in order if name in set(moves["to_segment"])]
    place = {("from", name): at for at, name in enumerate(left)}
    place |= {("to", name): len(left) + at for at, name in enumerate(right)}
    colours = [AMBER if name in slipping else TEAL for name in [*left, *right]]
    bands = [
        "rgba(180,83,9,.35)" if name in slipping else "rgba(100,116,139,.28)"
        for name in moves["to_segment"]
    ]
    figure = go.Figure(
        go.Sankey(
            arrangement="fixed",
            node={
                "label": [*left, *right],
                "color": colours,
                "pad": 10,
                "thickness": 14,
                "x": [0.001] * len(left) + [0.999] * len(right),
                "y": [
                    *_centres(moves.groupby("from_segment")["customers"].sum(), left),
                    *_centres(moves.groupby("to_segment")["customers"].sum(), right),
                ],
            },
            link={
                "source": [place["from", name] for name in moves["from_segment"]],
                "target": [place["to", name] for name in moves["to_segment"]],
                "value": moves["customers"],
                "color": bands,
                "hovertemplate": "%{source.label} → %{target.label}"
                "<br>%{value:,} customers<extra></extra>",
            },
        )
    )
    return plain(figure, 520)


def _centres(customers: "pd.Series[int]", order: list[str]) -> list[float]:
    """Where the nodes of one side stand from top to bottom (0 to 1), in the given order."""
    sizes = customers[order].to_numpy(dtype=float)
    shares = 0.7 * sizes / sizes.sum() + 0.3 / len(sizes)
    return list(np.clip(np.cumsum(shares) - shares / 2, 0.001, 0.999))


DAY_MS = 86_400_000
