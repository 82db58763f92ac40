"""How long stock lasts beside how long a delivery takes, and what a price brings."""

import pandas as pd
import plotly.graph_objects as go

from analytics.charts.look import AMBER, GREY, TEAL, plain


def stock_cover(products: pd.DataFrame) -> go.Figure:
    """How many days the stock of each product lasts, and when a delivery could be there.

    Args:
        products: name, days_of_cover, lead_time_days; the most urgent first.
    """
    shown = products.iloc[::-1]
    labels = [
        (text if len(text) <= 40 else f"{text[:39]}…").replace("&", "&amp;").replace("<", "&lt;")
        for text in shown["name"]
    ]
    places = list(range(len(shown)))
    late = shown["days_of_cover"] < shown["lead_time_days"]
    figure = go.Figure(
        go.Bar(
            x=shown["lead_time_days"], y=places, orientation="h", name="a delivery takes",
            marker={"color": GREY}, offsetgroup="delivery",
            hovertemplate="a delivery takes %{x:,.0f} days<extra></extra>",
        )
    )  # fmt: skip
    kinds = ((~late, "stock lasts", TEAL), (late, "stock runs out before a delivery", AMBER))
    for mask, name, color in kinds:
        if mask.any():
            figure.add_bar(
                x=shown["days_of_cover"].where(mask), y=places, orientation="h", name=name,
                marker={"color": color}, offsetgroup="stock", cliponaxis=False,
                text=[f"{days:,.0f}" for days in shown["days_of_cover"]], textposition="outside",
                textfont={"size": 12}, constraintext="none",
                hovertemplate="lasts %{x:,.0f} days<extra></extra>",
            )  # fmt: skip
    figure.update_xaxes(title="Days", rangemode="tozero")
    figure.update_yaxes(
        tickmode="array", tickvals=places, ticktext=labels, showgrid=False, automargin=True
    )
    return plain(figure, 120 + 32 * len(shown)).update_layout(
        barmode="group", bargap=0.3, margin_t=48, showlegend=True,
        legend={
            "orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "reversed"
        },
    )  # fmt: skip


def price_curve(
    points: pd.DataFrame, goal: str, price_now: float, best_price: float, currency: str
) -> go.Figure:
    """What each price seen brings a week, with its band.

    Args:
        points: price, and the goal with `_lo` and `_hi`.
        goal: `profit` or `revenue`.
        price_now: Today's price.
        best_price: The price at which the goal is highest.
        currency: The shop's currency, or nothing.
    """
    unit = f", {currency}" if currency else ""
    low, high = points[f"{goal}_lo"], points[f"{goal}_hi"]
    figure = go.Figure(
        [
            go.Scatter(
                x=[*points["price"], *points["price"][::-1]], y=[*high, *low[::-1]],
                fill="toself", mode="none", fillcolor="rgba(15, 118, 110, 0.18)",
                hoverinfo="skip", name="in 95 of 100 cases",
            ),
            go.Scatter(
                x=points["price"], y=points[goal], mode="lines", name=f"{goal} a week",
                line={"color": TEAL, "width": 3},
                hovertemplate="%{x:,.2f}: %{y:,.2f} a week<extra></extra>",
            ),
        ]
    )  # fmt: skip
    marks = ((price_now, "today", GREY, "circle"), (best_price, "best seen", AMBER, "diamond"))
    for price, name, color, symbol in marks:
        nearest = int((points["price"] - price).abs().to_numpy().argmin())
        figure.add_scatter(
            x=[points["price"].iloc[nearest]], y=[points[goal].iloc[nearest]], mode="markers",
            name=name,
            marker={"color": color, "size": 13, "symbol": symbol}, cliponaxis=False,
            hovertemplate=f"{name} %{{x:,.2f}}: %{{y:,.2f}} a week<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title=f"Price{unit}", tickformat=",.2f")
    figure.update_yaxes(title=f"{goal.capitalize()} a week{unit}", tickformat=",.0f")
    return plain(figure, 380).update_layout(
        showlegend=True, margin_t=48,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )  # fmt: skip
