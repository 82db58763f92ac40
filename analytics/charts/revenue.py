"""Revenue over time, and where a file's money went."""

import textwrap

import pandas as pd
import plotly.graph_objects as go

from analytics.charts.look import AMBER, GREY, TEAL, plain


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
    return plain(figure, 320)


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
    return plain(figure, 380).update_layout(margin_t=56)
