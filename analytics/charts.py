"""The only Plotly: a small frame in, a figure out."""

import textwrap

import numpy as np
import pandas as pd
import plotly.graph_objects as go

TEAL, AMBER, GREY = "#0f766e", "#b45309", "#94a3b8"
SHADES = ("#0f766e", "#0d9488", "#2563eb", "#4f46e5", "#7c3aed", "#64748b", "#475569", "#334155")


def _plain(figure: go.Figure, height: int) -> go.Figure:
    """The house's look: no frame, little margin; the page's theme brings fonts and background."""
    return figure.update_layout(
        height=height, margin={"l": 8, "r": 8, "t": 24, "b": 8}, showlegend=False
    )


def revenue_over_time(steps: pd.DataFrame, unit: str) -> go.Figure:
    """Bars of revenue; steps that are cut off by the period's ends are pale.

    Args:
        steps: start, revenue, orders, complete.
        unit: What money is called, as in `EUR`, or empty.
    """
    colours = [TEAL if complete else GREY for complete in steps["complete"]]
    figure = go.Figure(
        go.Bar(
            x=steps["start"],
            y=steps["revenue"].astype(float),
            customdata=steps[["orders", "complete"]].assign(
                note=["" if complete else " (not complete)" for complete in steps["complete"]]
            )[["orders", "note"]],
            marker_color=colours,
            hovertemplate="%{x|%-d %b %Y}%{customdata[1]}<br>%{y:,.2f} "
            + unit
            + "<br>%{customdata[0]:,} orders<extra></extra>",
        )
    )
    figure.update_yaxes(title=f"Revenue{f' in {unit}' if unit else ''}", tickformat=",.4~s")
    return _plain(figure, 320)


def waterfall(steps: pd.DataFrame, unit: str) -> go.Figure:
    """From the file's money to the analysed money, step by step.

    Args:
        steps: step, rows, amount; the first and the last row are totals.
        unit: What money is called, or empty.
    """
    last = len(steps) - 1
    amounts = steps["amount"].astype(float)
    figure = go.Figure(
        go.Waterfall(
            x=["<br>".join(textwrap.wrap(step, 18)) for step in steps["step"]],
            y=amounts,
            measure=["absolute" if place == 0 else "total" if place == last else "relative"
                     for place in range(len(steps))],
            text=[f"{amount:+,.2f}<br>{rows:+,} rows" if 0 < place < last
                  else f"{amount:,.2f}<br>{rows:,} rows"
                  for place, (amount, rows) in enumerate(zip(amounts, steps["rows"], strict=True))],
            textposition="outside",
            cliponaxis=False,
            totals_marker_color=TEAL,
            increasing_marker_color="#0ea5e9",
            decreasing_marker_color=AMBER,
            connector_line_color=GREY,
            hovertemplate="%{x}<br>%{text}<extra></extra>",
        )
    )  # fmt: skip
    figure.update_yaxes(title=f"Line totals{f' in {unit}' if unit else ''}", tickformat=",.4~s")
    figure.update_xaxes(tickangle=0)
    return _plain(figure, 380).update_layout(margin_t=56)


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
    return _plain(figure, 340).update_layout(margin={"l": 0, "r": 0, "t": 0, "b": 0})


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
    return _plain(figure, 520)


def _centres(customers: "pd.Series[int]", order: list[str]) -> list[float]:
    """Where the nodes of one side stand from top to bottom (0 to 1), in the given order."""
    sizes = customers[order].to_numpy(dtype=float)
    shares = 0.7 * sizes / sizes.sum() + 0.3 / len(sizes)
    return list(np.clip(np.cumsum(shares) - shares / 2, 0.001, 0.999))
