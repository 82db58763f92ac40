"""What sold, what will sell, what would have been forecast, and when the seasons are."""

import textwrap

import pandas as pd
import plotly.graph_objects as go

from analytics.charts.look import AMBER, GREY, TEAL, plain

BANDS = {"95": "rgba(15,118,110,.13)", "80": "rgba(15,118,110,.27)"}
LEGEND = {"orientation": "h", "y": 1.04, "yanchor": "bottom", "x": 0}
INK = "#0f172a"
FAR_BELOW_TO_FAR_ABOVE = [[0, "#f0a868"], [0.5, "#f8fafc"], [1, "#5bb8ad"]]
"""Light enough that dark figures can be read in every cell, whatever the theme."""
DAY = "%{x|%-d %b %Y}"


def demand(
    history: pd.DataFrame,
    points: pd.DataFrame,
    last_year: pd.DataFrame,
    marks: pd.DataFrame,
    unit: str,
    word: str,
) -> go.Figure:
    """History, forecast with its bands, last year's line, and marks for events.

    Args:
        history: day (the first of the period), value (NaN: not known).
        points: day, mean, lo80, hi80, lo95, hi95.
        last_year: day (as if it were this year), value; may be empty.
        marks: day, event: promotions and festivals; may be empty.
        unit: What a value is, as in `Revenue in EUR`.
        word: What a period is called, as in `week`.
    """
    figure = go.Figure()
    begin = history.dropna().tail(1).rename(columns={"value": "mean"})
    for name in ("lo80", "hi80", "lo95", "hi95"):
        begin[name] = begin["mean"]
    joined = pd.concat([begin, points], ignore_index=True)
    for band, title in (("95", "19 of 20 cases"), ("80", "8 of 10 cases")):
        figure.add_scatter(
            x=joined["day"], y=joined[f"hi{band}"], mode="lines", line={"width": 0},
            hoverinfo="skip", showlegend=False,
        )  # fmt: skip
        figure.add_scatter(
            x=joined["day"], y=joined[f"lo{band}"], mode="lines", line={"width": 0},
            fill="tonexty", fillcolor=BANDS[band], hoverinfo="skip", name=title,
        )  # fmt: skip
    if len(last_year):
        figure.add_scatter(
            x=last_year["day"], y=last_year["value"], mode="lines", name="A year earlier",
            line={"color": GREY, "width": 1.5, "dash": "dot"},
            hovertemplate="a year before " + DAY + "<br>%{y:,.0f}<extra></extra>",
        )  # fmt: skip
    figure.add_scatter(
        x=history["day"], y=history["value"], mode="lines", name="Sold", connectgaps=False,
        line={"color": "#64748b", "width": 2},
        hovertemplate=f"{word} of {DAY}<br>%{{y:,.0f}}<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=points["day"], y=points["mean"], mode="lines+markers", name="Forecast",
        line={"color": TEAL, "width": 2.5}, marker={"size": 5},
        customdata=points[["lo80", "hi80"]],
        hovertemplate=f"{word} of {DAY}<br>%{{y:,.0f}} (between %{{customdata[0]:,.0f}} and "
        "%{customdata[1]:,.0f})<extra></extra>",
    )  # fmt: skip
    if len(marks):
        top = _top(history, points)
        figure.add_scatter(
            x=marks["day"], y=[top] * len(marks), mode="markers", name="Promotion or festival",
            marker={"symbol": "triangle-down", "size": 11, "color": AMBER},
            customdata=[_safe(str(event)) for event in marks["event"]],
            hovertemplate="%{customdata}<br>" + DAY + "<extra></extra>",
        )  # fmt: skip
    figure.update_yaxes(title=_safe(unit), tickformat=",", rangemode="tozero",
                        range=_range(history, points))  # fmt: skip
    figure.update_xaxes(tickformat="%b %Y", nticks=10)
    return plain(figure, 400).update_layout(showlegend=True, legend=LEGEND, margin_t=56)


def look_back(history: pd.DataFrame, past: pd.DataFrame, unit: str) -> go.Figure:
    """What would have been forecast from earlier days, a line a day, over what came.

    Args:
        history: day, value.
        past: origin, day, mean, lo80, hi80: of one method.
        unit: What a value is.
    """
    figure = go.Figure()
    for place, (origin, part) in enumerate(past.groupby("origin", sort=True)):
        figure.add_scatter(
            x=pd.concat([part["day"], part["day"][::-1]]),
            y=pd.concat([part["hi80"], part["lo80"][::-1]]),
            fill="toself", fillcolor="rgba(15,118,110,.14)", line={"width": 0}, hoverinfo="skip",
            name="8 of 10 cases", showlegend=place == 0, mode="lines",
        )  # fmt: skip
        figure.add_scatter(
            x=part["day"], y=part["mean"], mode="lines", line={"color": TEAL, "width": 2},
            name="Forecast then", showlegend=place == 0,
            hovertemplate=f"forecast on {_safe(str(origin))} for {DAY}<br>%{{y:,.0f}}"
            "<extra></extra>",
        )  # fmt: skip
    figure.add_scatter(
        x=history["day"], y=history["value"], mode="lines", name="Sold",
        line={"color": "#64748b", "width": 2}, connectgaps=False,
        hovertemplate=DAY + "<br>%{y:,.0f}<extra></extra>",
    )  # fmt: skip
    figure.update_yaxes(title=_safe(unit), tickformat=",", rangemode="tozero")
    figure.update_xaxes(tickformat="%b %Y", nticks=10)
    return plain(figure, 360).update_layout(showlegend=True, legend=LEGEND, margin_t=56)


def with_promotion(points: pd.DataFrame, unit: str, word: str) -> go.Figure:
    """The forecast without and with a promotion.

    Args:
        points: day, without, with_promotion, lo, hi (NaN but for the promotion's period).
        unit: What a value is.
        word: What a period is called.
    """
    promoted = points["hi"].notna()
    figure = go.Figure(
        [
            go.Bar(
                x=points["day"], y=points["without"], name="Without", marker_color=GREY,
                hovertemplate=f"{word} of {DAY}<br>%{{y:,.0f}} without<extra></extra>",
            ),
            go.Bar(
                x=points["day"], y=points["with_promotion"] - points["without"],
                name="More by the promotion", marker_color=TEAL,
                error_y={
                    "type": "data", "symmetric": False, "color": AMBER,
                    "array": (points["hi"] - points["with_promotion"]).where(promoted),
                    "arrayminus": (points["with_promotion"] - points["lo"]).where(promoted),
                },
                hovertemplate="%{y:+,.0f}<extra></extra>",
            ),
        ]
    )  # fmt: skip
    figure.update_yaxes(title=_safe(unit), tickformat=",")
    figure.update_xaxes(tickformat="%-d %b", nticks=10)
    return plain(figure, 320).update_layout(
        barmode="stack", showlegend=True, legend=LEGEND, margin_t=56
    )


def season_grid(wide: pd.DataFrame) -> go.Figure:
    """How much more or less each part sells in each month or week than usual.

    Args:
        wide: A row a part (its name as index), a column a month or week, values the index (1 is
            usual).
    """
    shown = wide.iloc[::-1]
    labels = [_safe("<br>".join(textwrap.wrap(str(name), 26))) for name in shown.index]
    figure = go.Figure(
        go.Heatmap(
            z=shown.to_numpy(dtype=float) - 1, x=[str(name) for name in shown.columns], y=labels,
            zmid=0, zmin=-1, zmax=1, colorscale=FAR_BELOW_TO_FAR_ABOVE,
            xgap=2, ygap=2,
            colorbar={
                "orientation": "h", "y": -0.02, "yanchor": "top", "tickformat": "+.0%",
                "thickness": 10, "outlinewidth": 0,
            },
            hovertemplate="%{y}, %{x}<br>%{z:+.0%} of usual<extra></extra>",
        )
    )  # fmt: skip
    if shown.shape[1] <= 12:
        figure.update_traces(
            text=[[f"{100 * value - 100:+.0f}" for value in row] for row in shown.to_numpy(float)],
            texttemplate="%{text}", textfont={"size": 10, "color": INK},
        )  # fmt: skip
    figure.update_yaxes(tickmode="linear", showgrid=False)
    figure.update_xaxes(side="top", showgrid=False, type="category")
    return plain(figure, 130 + 34 * max(len(shown), 1)).update_layout(margin_t=40, margin_b=60)


def _top(history: pd.DataFrame, points: pd.DataFrame) -> float:
    """Where marks stand: above all that is drawn in full."""
    return 1.06 * max(float(history["value"].max()), float(points["hi80"].max()))


def _range(history: pd.DataFrame, points: pd.DataFrame) -> list[float]:
    """The widest band is cut where it would press all else flat."""
    low = min(0.0, float(history["value"].min()), float(points["lo80"].min()))
    return [low, 1.12 * max(float(history["value"].max()), float(points["hi80"].max()), 1e-9)]


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("&lt;br>", "<br>")
