"""Journeys: funnels, paths, and what channels are credited with."""

import pandas as pd
import plotly.graph_objects as go

from analytics.charts.look import AMBER, GREY, SHADES, TEAL, plain

IN_CHART = 6
BELOW = {"orientation": "h", "y": -0.3, "yanchor": "top", "x": 0}
"""Where a legend never lies over the bars, however narrow the page."""


def funnel(found: pd.DataFrame, counted: str) -> go.Figure:
    """A bar a step: how many got there, and of the step before how many in a hundred.

    Args:
        found: step, customers, rate_previous (0 to 1).
        counted: What is counted, in the plural.
    """
    labels = [f"{place}. {_safe(step)}" for place, step in enumerate(found["step"], start=1)]
    lost = (found["customers"].shift() - found["customers"]).fillna(0)
    worst = lost.idxmax() if lost.max() > 0 else None
    said = [
        f"<b>{count:,}</b>" + ("" if pd.isna(rate) else f" ({rate:.0%})")
        for count, rate in zip(found["customers"], found["rate_previous"], strict=True)
    ]
    rates = [
        "" if pd.isna(rate) else f", {rate:.1%} of the step before"
        for rate in found["rate_previous"]
    ]
    figure = go.Figure(
        go.Bar(
            x=found["customers"], y=labels, orientation="h", text=said, textposition="outside",
            marker={"color": [AMBER if place == worst else TEAL for place in found.index]},
            cliponaxis=False, customdata=rates,
            hovertemplate=f"%{{x:,}} {counted}%{{customdata}}<extra></extra>",
        )
    )  # fmt: skip
    most = max(int(found["customers"].max()), 1)
    figure.update_xaxes(range=[0, most * 1.4], visible=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, automargin=True)
    return plain(figure, 70 + 46 * len(found))


def funnel_parts(found: pd.DataFrame, by: str) -> go.Figure:
    """For each part of a breakdown, how many in a hundred of its first step got to each other.

    Args:
        found: The column named by `by`, step, customers, rate_overall (0 to 1); the largest part
            first. Only the six largest are drawn.
        by: What it is broken down by.
    """
    figure = go.Figure()
    parts = found[by].fillna("unknown")
    for place, part in enumerate(list(dict.fromkeys(parts))[:IN_CHART]):
        rows = found[(parts == part) & found["rate_overall"].notna()].iloc[1:]
        figure.add_bar(
            x=[_safe(step) for step in rows["step"]], y=rows["rate_overall"], name=_safe(part),
            marker={"color": SHADES[place % len(SHADES)]},
            hovertemplate=f"{_safe(part)}: %{{y:.1%}} got to %{{x}}<extra></extra>",
        )  # fmt: skip
    figure.update_yaxes(tickformat=".0%", title="Of the first step", rangemode="tozero")
    return plain(figure, 400).update_layout(
        barmode="group", showlegend=True, legend=BELOW,
    )  # fmt: skip


def paths(found: pd.DataFrame) -> go.Figure:
    """Moves from event to event, left to right.

    Args:
        found: step (1, 2, …; or -1, -2, … towards an end), from_event, to_event (missing: the
            session began or ended there), sessions.
    """
    backwards = bool((found["step"] < 0).any())
    deepest = int(found["step"].abs().max())
    left = found["step"] + deepest if backwards else found["step"] - 1
    names: dict[tuple[int, str], int] = {}
    ends: list[tuple[int, int]] = []
    edge = "began here" if backwards else "left"
    for at, start, end in zip(left, found["from_event"], found["to_event"], strict=True):
        pair = (
            (int(at), edge if pd.isna(start) else start),
            (int(at) + 1, edge if pd.isna(end) else end),
        )
        ends.append((names.setdefault(pair[0], len(names)), names.setdefault(pair[1], len(names))))
    figure = go.Figure(
        go.Sankey(
            node={
                "label": [_safe(name) for _, name in names],
                "color": [GREY if name in (edge, "other") else TEAL for _, name in names],
                "x": [min(0.999, max(0.001, place / deepest)) for place, _ in names],
                "y": _heights(names, ends, found["sessions"].tolist()),
                "pad": 12, "thickness": 14,
            },
            arrangement="snap",
            link={
                "source": [start for start, _ in ends],
                "target": [end for _, end in ends],
                "value": found["sessions"],
                "color": "rgba(100,116,139,.28)",
                "hovertemplate": "%{source.label} → %{target.label}"
                "<br>%{value:,} sessions<extra></extra>",
            },
        )
    )  # fmt: skip
    return plain(figure, 420)


def _heights(
    names: dict[tuple[int, str], int], ends: list[tuple[int, int]], sessions: list[int]
) -> list[float]:
    """Where nodes stand from top to bottom, the largest of each place first."""
    sizes = [0.0] * len(names)
    for place in range(len(names)):
        flows = [sum(n for end, n in zip(ends, sessions, strict=True) if end[side] == place)
                 for side in (0, 1)]  # fmt: skip
        sizes[place] = max(flows)
    heights = [0.5] * len(names)
    for column in {at for at, _ in names}:
        nodes = sorted(
            (number for (at, _), number in names.items() if at == column),
            key=lambda number: -sizes[number],
        )
        total, reached = sum(sizes[number] for number in nodes) or 1.0, 0.0
        for number in nodes:
            share = 0.8 * sizes[number] / total + 0.2 / len(nodes)
            heights[number] = min(0.999, max(0.001, reached + share / 2))
            reached += share
    return heights


def credit(found: pd.DataFrame, by: str, titles: dict[str, str]) -> go.Figure:
    """How many orders each channel is credited with by each rule, side by side.

    Args:
        found: model, the column named by `by`, orders; those without a name are left out.
        by: `channel` or `campaign`.
        titles: What each rule is called.
    """
    named = found[found[by].notna()]
    largest = named.groupby(by)["orders"].max().sort_values(ascending=False).index[:IN_CHART]
    figure = go.Figure()
    for place, (model, title) in enumerate(titles.items()):
        orders = named[named["model"] == model].set_index(by)["orders"].reindex(largest)
        figure.add_bar(
            x=[_safe(name) for name in largest], y=orders, name=title,
            marker={"color": SHADES[place % len(SHADES)]},
            hovertemplate=f"{title}: %{{y:,.0f}} orders<extra>%{{x}}</extra>",
        )  # fmt: skip
    figure.update_yaxes(title="Orders", tickformat=",")
    return plain(figure, 400).update_layout(
        barmode="group", showlegend=True, legend=BELOW,
    )  # fmt: skip


def fates(found: pd.DataFrame) -> go.Figure:
    """What became of carts, a bar each; the first, what was left, is amber.

    Args:
        found: fate, people, customer_share (0 to 1).
    """
    figure = go.Figure(
        go.Bar(
            x=found["people"], y=found["fate"], orientation="h", textposition="outside",
            text=[
                f"<b>{people:,}</b> ({share:.0%})"
                for people, share in zip(found["people"], found["customer_share"], strict=True)
            ],
            marker={"color": [AMBER, GREY, TEAL]}, cliponaxis=False,
            hovertemplate="%{x:,} people<extra></extra>",
        )
    )  # fmt: skip
    figure.update_xaxes(range=[0, max(int(found["people"].max()), 1) * 1.4], visible=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, automargin=True)
    return plain(figure, 190)


def _safe(text: str) -> str:
    return str(text).replace("&", "&amp;").replace("<", "&lt;")
