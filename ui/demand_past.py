"""How good forecasts were in the past, and what a promotion would bring."""

from typing import Any

import pandas as pd
import streamlit as st

import ui
import ui.tables
from analytics import charts, forecast
from analytics.errors import NotEnoughDataError
from ui import plain
from ui.demand import IN_CHART, Asked, made
from ui.demand_agreed import alone


def look_back(frame: ui.Frame, asked: Asked) -> None:
    """What would have been forecast from earlier days, beside what came."""
    found, _ = alone(frame, asked.wanted, asked.key)
    if found.backtest.empty:
        st.info(
            f"There are too few {asked.word}s to try a forecast on the past. Come back when there "
            "are more, or look at shorter periods.",
            icon=":material/hourglass_empty:",
        )
        return
    own = found.scores[found.scores["method"] == found.method].iloc[0]
    st.markdown(
        f"From **{int(own['origins'])}** earlier days on, forecasts of {asked.ahead} were wrong by "
        f"**{own['error']:.0%}** on average, **{own['error_ratio']:.0%}** of the error of “as last "
        f"time”. What came lay within the range said to hold in 8 of 10 cases in "
        f"**{own['coverage_80']:.0%}**, and within the wider one in **{own['coverage_95']:.0%}**."
    )
    y = asked.series.of(asked.key)
    past = found.backtest[found.backtest["method"] == found.method].copy()
    past["day"] = pd.PeriodIndex(past["period"]).start_time
    past["origin"] = pd.PeriodIndex(past["origin"]).end_time.strftime("%Y-%m-%d")
    history = pd.DataFrame({"day": pd.PeriodIndex(y.index).start_time, "value": y.to_numpy()})
    history = history.tail(IN_CHART[asked.series.freq])
    st.plotly_chart(
        charts.look_back(history, past, asked.unit), key="demand_past",
        alt="What would have been forecast from earlier days, over what sold",
    )  # fmt: skip
    scores = found.scores.assign(
        method=[forecast.LABELS.get(name, name) for name in found.scores["method"]]
    ).rename(columns={
        "error": "error_share", "error_ratio": "error_against_rule_share",
        "coverage_80": "within_8_of_10_share", "coverage_95": "within_19_of_20_share",
    })  # fmt: skip
    st.caption(
        "All methods from the same days, the best first. The error is the sum of all misses over "
        "all that sold; the ranges are those of the method in use."
        + ("" if asked.series.by == "total" else f" Here {plain(asked.name)} is forecast alone.")
    )
    ui.tables.table(scores, "Methods on the past")
    ui.tables.frame_download(scores, f"demand-methods-{frame.as_of}")
    tried = found.backtest.assign(
        period=pd.PeriodIndex(found.backtest["period"]).start_time,
        origin=pd.PeriodIndex(found.backtest["origin"]).end_time.normalize(),
    )
    ui.tables.frame_download(tried, f"demand-past-{frame.as_of}", "Download every past forecast")


def what_if(frame: ui.Frame, asked: Asked) -> None:
    """What a promotion in one of the periods to come would bring, from past ones."""
    found = made(frame, asked)[0].forecast
    periods = list(found.points["period"])
    y = asked.series.of(asked.key)
    until = (pd.PeriodIndex(y.index)[-1] + 1).start_time.date()
    past = forecast.promotions(frame.store, until)
    try:
        learnt = forecast.effect(y, past)
    except NotEnoughDataError as error:
        st.info(f"**{plain(error.problem)}** {plain(error.fix)}", icon=":material/info:")
        _past(frame, past)
        return
    chosen: Any = st.selectbox(
        f"A promotion in the {asked.word} of", periods, key=f"what_if_{asked.series.freq}",
        format_func=lambda period: ui.day(period.start_time.date()), width=260,
    )  # fmt: skip
    with_it = forecast.what_if(found.points, chosen, learnt)
    row = with_it[with_it["period"] == chosen].iloc[0]
    more, low, high = (row[name] - row["without"] for name in ("with_promotion", "lo", "hi"))
    st.markdown(
        f"A promotion in the {asked.word} of {ui.day(chosen.start_time.date())} would bring about "
        f"**{asked.amount(more)}** more (between {asked.amount(low)} and {asked.amount(high)} in 8 "
        f"of 10 cases). {learnt.sentence} What it costs is not taken off."
    )
    drawn = with_it.assign(day=pd.PeriodIndex(with_it["period"]).start_time)
    st.plotly_chart(
        charts.with_promotion(drawn, asked.unit, asked.word), key="demand_what_if",
        alt="The forecast without and with the promotion",
    )  # fmt: skip
    ui.tables.frame_download(
        drawn.drop(columns="period"), f"demand-what-if-{frame.as_of}", "Download the forecast"
    )
    _past(frame, learnt.past)


def _past(frame: ui.Frame, past: pd.DataFrame) -> None:
    if past.empty:
        return
    st.caption("Past promotions: days with far more coupons or discounts than usual, campaigns.")
    ui.tables.table(past, "Past promotions")
    ui.tables.frame_download(past, f"promotions-{frame.as_of}")
