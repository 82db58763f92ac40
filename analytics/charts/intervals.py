"""Effects with the ranges they lie in, one above the other."""

import textwrap
from collections.abc import Callable

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.charts.look import AMBER, GREY, TEAL, plain


def intervals(
    found: pd.DataFrame,
    title: str,
    write: Callable[[float], str],
    *,
    mark: float | None = None,
    mark_words: str = "",
    tickformat: str = ",",
) -> go.Figure:
    """A line a row: the best guess as a point, the range it lies in as a bar, and where nothing is.

    Teal where the whole range is above nothing, amber where it is below, else grey.

    Args:
        found: label, value, lo, hi (NaN where unknown: then there is no bar).
        title: What the axis shows, with its unit.
        write: A figure as people read it.
        mark: A figure to be marked, such as what the campaign cost.
        mark_words: What it is.
        tickformat: How the axis is written.
    """
    names = ["<br>".join(textwrap.wrap(_safe(str(label)), 34)) or " " for label in found["label"]]
    places = list(range(len(names)))
    values, lows, highs = (found[name].to_numpy(dtype=float) for name in ("value", "lo", "hi"))
    colours = [
        TEAL if low > 0 else AMBER if high < 0 else GREY
        for low, high in zip(lows, highs, strict=True)
    ]
    known = ~np.isnan(lows) & ~np.isnan(highs)
    figure = go.Figure()
    for place in places:
        if known[place]:
            figure.add_scatter(
                x=[lows[place], highs[place]], y=[place, place], mode="lines",
                line={"width": 9, "color": colours[place]}, opacity=0.45, hoverinfo="skip",
            )  # fmt: skip
    said = [
        f"{write(value)} (between {write(low)} and {write(high)})" if is_known else write(value)
        for value, low, high, is_known in zip(values, lows, highs, known, strict=True)
    ]
    figure.add_scatter(
        x=values, y=places, mode="markers", marker={"size": 12, "color": colours},
        customdata=said, hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    figure.add_vline(x=0, line={"color": GREY, "width": 1})
    if mark is not None:
        figure.add_vline(
            x=mark, line={"color": AMBER, "width": 2, "dash": "dot"},
            annotation={"text": _safe(mark_words), "yanchor": "bottom", "y": 1},
        )  # fmt: skip
    figure.update_xaxes(title=title, zeroline=False, tickformat=tickformat)
    figure.update_yaxes(
        tickmode="array", tickvals=places, ticktext=names, range=[len(names) - 0.5, -0.5],
        showgrid=False, zeroline=False,
    )  # fmt: skip
    return plain(figure, 96 + 44 * len(names))


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
