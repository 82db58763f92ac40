"""What one customer orders, and when."""

import textwrap

import pandas as pd
import plotly.graph_objects as go

from analytics.charts.look import TEAL, plain

DAY_MS = 86_400_000


def orders_by_month(months: pd.DataFrame, unit: str) -> go.Figure:
    """One customer's orders over time: a bar a month, as high as what they brought.

    Args:
        months: month (its first day), orders, revenue.
        unit: What money is called, or empty.
    """
    figure = go.Figure(
        go.Bar(
            x=months["month"],
            y=months["revenue"].astype(float),
            customdata=months["orders"],
            width=24 * DAY_MS,
            marker_color=TEAL,
            hovertemplate="%{x|%B %Y}<br>%{y:,.2f} " + unit + "<br>%{customdata:,} orders"
            "<extra></extra>",
        )
    )
    figure.update_yaxes(title=f"Order value{f' in {unit}' if unit else ''}", tickformat=",.4~s")
    first, last = months["month"].min(), months["month"].max()
    around = pd.Timedelta(days=60)
    few = last - first < pd.Timedelta(days=300)
    figure.update_xaxes(
        range=[first - around, last + around], tickformat="%b %Y", dtick="M1" if few else None
    )
    return plain(figure, 260)


def favourites(categories: pd.DataFrame, unit: str) -> go.Figure:
    """What one customer orders: a bar a category, as long as it has order lines.

    Args:
        categories: category, lines, orders, revenue; the favourite first.
        unit: What money is called, or empty.
    """
    shown = categories.iloc[::-1]
    figure = go.Figure(
        go.Bar(
            x=shown["lines"],
            y=[textwrap.shorten(name, 32, placeholder=" …") for name in shown["category"]],
            customdata=[
                [f"{orders:,}", f"{float(revenue):,.2f} {unit}".strip()]
                for orders, revenue in zip(shown["orders"], shown["revenue"], strict=True)
            ],
            orientation="h",
            marker_color=TEAL,
            hovertemplate="%{y}<br>%{x:,} order lines in %{customdata[0]} orders"
            "<br>%{customdata[1]}<extra></extra>",
        )
    )
    whole = {"dtick": 1} if shown["lines"].max() <= 6 else {}
    figure.update_xaxes(title="Order lines", tickformat=",d", **whole)
    figure.update_yaxes(type="category")
    return plain(figure, 260)
