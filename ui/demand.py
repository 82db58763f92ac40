"""Demand as the page shows it: what is asked, the forecast of one series, its events."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

import ui
import ui.tables
from analytics import charts, forecast
from analytics.errors import AnalyticsError
from ui import plain
from ui.demand_agreed import AHEAD, Own, Wanted, alone, at_once, sold

MEASURES: dict[forecast.Measure, str] = {"revenue": "Revenue", "units": "Units", "orders": "Orders"}
BY: dict[forecast.By, str] = {
    "total": "Whole shop", "category": "Category", "brand": "Brand", "channel": "Channel",
    "country": "Country", "product": "Product",
}  # fmt: skip
PERIODS = {"auto": "Best fit", "D": "Days", "W": "Weeks", "M": "Months"}
METHODS: dict[Any, str] = {"auto": "Best combination", "arima": "ARIMA alone"}
WORDS = {"D": "day", "W": "week", "M": "month"}
MOST_AHEAD = {"D": 120, "W": 52, "M": 18}
A_YEAR = {"D": 364, "W": 52, "M": 12}
IN_CHART = {"D": 180, "W": 80, "M": 48}
FELT = 0.5
"""From so much more or less than usual on, an event that was seen once is worth a word."""
OWN_COLUMNS = ["event", "day"]
ADDS_UP = "It is made to add up with all others to the forecast of the whole shop."
ON_ITS_OWN = "By this method it stands on its own and does not add up with the others."
NOT_YET = (
    "Forecast on its own: choose “Categories and products” to forecast all of them together, so "
    "that they add up to the whole shop. Its figure then changes a little."
)


@dataclass(frozen=True)
class Asked:
    """What the page was asked.

    Attributes:
        measure: Revenue, units or orders.
        series: What sold, by part and period.
        key: The part in sight.
        horizon: How many periods to come.
        method: `auto` or `arima`.
        unit: What a value is, as in `Revenue, EUR`.
    """

    measure: forecast.Measure
    series: forecast.Series
    key: str
    horizon: int
    method: Any
    unit: str

    @property
    def name(self) -> str:
        """What the part in sight is called."""
        return self.series.names[self.key]

    @property
    def wanted(self) -> Wanted:
        """The forecasts of all parts that this one is of."""
        series = self.series
        return Wanted(series.by, series.freq, self.measure, self.horizon, self.method)

    @property
    def word(self) -> str:
        """What a period is called."""
        return WORDS[self.series.freq]

    @property
    def ahead(self) -> str:
        """The periods to come in words, as in `8 weeks`."""
        return f"{self.horizon:,} {self.word}{'s' if self.horizon > 1 else ''}"

    def amount(self, value: float) -> str:
        """A figure as people write it, with the currency where it is money."""
        return f"{value:,.0f} {self.currency}".strip()

    @property
    def currency(self) -> str:
        """The currency where it is money; else empty."""
        return self.unit.partition(", ")[2]


@dataclass(frozen=True)
class Shown:
    """A forecast as the page shows it.

    Attributes:
        forecast: Of the part in sight; its points agree with those of all others.
        total: Of all periods: mean, lo80, hi80.
        note: How it goes together with the others; empty for the whole shop.
    """

    forecast: forecast.Forecast
    total: "pd.Series[float]"
    note: str


def choose(frame: ui.Frame) -> Asked:
    """The page's inputs."""
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    measure: Any = row.segmented_control(
        "Measure", list(MEASURES), default="revenue", required=True, key="demand_measure",
        persist_state="session", format_func=MEASURES.__getitem__, width="content",
    )  # fmt: skip
    by: Any = row.selectbox(
        "Of", list(BY), key="demand_by", persist_state="session", format_func=BY.__getitem__,
        width=150,
    )  # fmt: skip
    freq: Any = row.segmented_control(
        "By", list(PERIODS), default="auto", required=True, key="demand_freq",
        persist_state="session", format_func=PERIODS.__getitem__, width="content",
    )  # fmt: skip
    found = sold(frame, by, freq, measure)
    keys = list(found.names)
    wanted = st.session_state.get(f"demand_part_{by}")
    if wanted is not None and wanted not in keys:
        del st.session_state[f"demand_part_{by}"]
    key = keys[0]
    if by != "total":
        key = row.selectbox(
            BY[by], keys, key=f"demand_part_{by}", persist_state="session", width=260,
            format_func=lambda one: found.names.get(one, one),
        )  # fmt: skip
    word = WORDS[found.freq]
    horizon = row.number_input(
        f"{word.capitalize()}s ahead", 1, MOST_AHEAD[found.freq], AHEAD[found.freq],
        key=f"demand_ahead_{found.freq}", persist_state="session", width=120,
    )  # fmt: skip
    method = row.segmented_control(
        "Method", list(METHODS), default="auto", required=True, key="demand_method",
        persist_state="session", format_func=METHODS.__getitem__, width="content",
        help="The best combination is the median of several methods, or the shopkeeper’s rule "
        "where nothing beats it.",
    )  # fmt: skip
    unit = frame.in_unit("Revenue") if measure == "revenue" else MEASURES[measure]
    return Asked(measure, found, str(key), int(horizon), method, unit)


def made(frame: ui.Frame, asked: Asked) -> tuple[Shown, forecast.Calendar]:
    """The forecast of the part in sight, as it agrees with all others, and its events."""
    found, calendar = alone(frame, asked.wanted, asked.key)
    total = found.total()
    if asked.series.by == "total" or asked.method != "auto":
        note = "" if asked.series.by == "total" else ON_ITS_OWN
        return Shown(found, total, note), calendar
    agreed = at_once(frame, asked.wanted)
    if agreed is None:
        return Shown(found, total, NOT_YET), calendar
    points = agreed.many.points
    points = points[points["series"] == asked.key].drop(columns="series")
    row = agreed.many.table.set_index("series").loc[asked.key]
    total = pd.Series(
        {"mean": row["total"], "lo80": row["total_lo80"], "hi80": row["total_hi80"]}, dtype=float
    )
    kinds = agreed.many.classes.set_index("kind")["verdict"]
    verdict = (
        f"For all series of its kind: {kinds[row['kind']]}"
        if row["kind"] in kinds
        else "Too new to try a forecast on the past."
    )
    found = replace(found, points=points.reset_index(drop=True), verdict=verdict)
    return Shown(found, total, ADDS_UP if agreed.adds_up else agreed.note), calendar


def show(frame: ui.Frame, asked: Asked) -> None:
    """The answer, the chart, the figures, and which events are in it."""
    shown, calendar = made(frame, asked)
    found = shown.forecast
    y = asked.series.of(asked.key)
    st.markdown(answer(asked, shown, y))
    history = _drawn(y).tail(IN_CHART[asked.series.freq])
    points = found.points.assign(day=_days(found.points["period"]))
    marks = calendar.marks.merge(calendar.told[["event", "used"]], on="event")
    marks = marks[marks["used"] | marks["kind"].isin(["Promotion", "Campaign", "Own date"])]
    inside = marks["day"].between(history["day"].iloc[0], points["day"].iloc[-1])
    st.plotly_chart(
        charts.demand(
            history, points, _last_year(y, found.points, asked), marks[inside], asked.unit,
            asked.word,
        ),
        key="demand_chart", alt="What sold, what will sell with its range, and a year earlier",
    )  # fmt: skip
    st.caption(" ".join(filter(None, (*_said(asked, found, calendar), shown.note))))
    table = points[["mean", "lo80", "hi80", "lo95", "hi95"]].round(2)
    table.insert(0, "day", points["day"])
    table.insert(1, "a_year_earlier", _year_before(y, found.points, asked).round(2))
    table = table.rename(columns=NAMES)
    with st.expander(f"The figures by {asked.word}", icon=":material/table:"):
        ui.tables.table(table, f"Forecast by {asked.word}")
        st.caption(f"Together {shown.total['mean']:,.2f} {asked.currency}".strip() + ".")
        ui.tables.frame_download(table, f"demand-{asked.measure}-{frame.as_of}")
    events(frame, calendar)


NAMES = {
    "day": "start", "mean": "forecast", "lo80": "low_8_of_10", "hi80": "high_8_of_10",
    "lo95": "low_19_of_20", "hi95": "high_19_of_20",
}  # fmt: skip


def answer(asked: Asked, shown: Shown, y: "pd.Series[float]") -> str:
    """The forecast in one sentence."""
    found, total = shown.forecast, shown.total
    mean, reach = float(total["mean"]), float(total["hi80"] - total["mean"])
    who = "" if asked.series.by == "total" else f"{plain(asked.name)}, n"
    before = _year_before(y, found.points, asked)
    against, value = "last year", float(np.sum(before))
    if not np.isfinite(value):
        against = f"the {asked.ahead} before"
        value = float(y.tail(asked.horizon).sum()) if len(y) >= asked.horizon else np.nan
    step = 10 ** max(0, int(np.floor(np.log10(max(reach, 1)))) - 1)
    said = (
        f"{who or 'N'}ext {asked.ahead}: **{asked.amount(round(mean / step) * step)}** ± "
        f"{round(reach / step) * step:,.0f}"
    )
    if np.isfinite(value) and value > 0:
        change = mean / value - 1
        direction = "above" if change >= 0 else "below"
        compared = f"{abs(change):.0%} {direction} {against}"
        said += f", {compared}" if abs(change) >= 0.005 else f", as much as {against}"
    return said + ". In 8 of 10 cases the true figure lies within that ±."


def _said(asked: Asked, found: forecast.Forecast, calendar: forecast.Calendar) -> Sequence[str]:
    """How it was made, and what a reader should know."""
    said = [plain(found.verdict)]
    if asked.method == "arima":
        own = found.scores[found.scores["method"] == "arima"]
        said = [f"{plain(found.model or 'ARIMA')}."]
        if len(own):
            ratio = float(own["error_ratio"].iloc[0]) - 1
            word = "more" if ratio >= 0 else "less"
            said.append(
                f"Over {int(own['origins'].iloc[0])} earlier starts it was wrong by "
                f"{float(own['error'].iloc[0]):.0%} on average, {abs(ratio):.0%} {word} than “as "
                "last time”."
            )
    notes = (asked.series.left_out, *asked.series.notes, *found.notes)
    return [*said, *(plain(note) for note in (*_seen_once(calendar), *notes) if note)]


def _seen_once(calendar: forecast.Calendar) -> Sequence[str]:
    """Festivals to come that moved sales the one time they were seen, and so are not forecast."""
    told = calendar.told
    once = told[(told["past_occurrences"] == 1) & told["next_day"].notna() & ~told["used"]]
    rows: Any = once[once["kind"].isin(["Festival", "Own date"])].itertuples(index=False)
    return [
        f"{row.event} comes on {ui.day(row.next_day.date())}. It was seen only once, so it is not "
        "in the forecast yet."
        for row in rows
        if abs(row.effect_share) >= FELT
    ]


def events(frame: ui.Frame, calendar: forecast.Calendar) -> None:
    """Which events are in the forecast and why, with own dates to add."""
    used = calendar.told[calendar.told["used"]]["event"].tolist()
    known = ", ".join(plain(name) for name in used) or "none"
    with st.expander(f"Events in the forecast: {known}", icon=":material/event:"):
        st.caption(
            "An event is in the forecast once it was seen twice and sales clearly differed both "
            "times. Its effect is measured on the whole shop, by day."
        )
        told = calendar.told.rename(columns={"past_occurrences": "seen"})
        told["next"] = [None if pd.isna(day) else ui.day(day.date()) for day in told["next_day"]]
        columns = ["event", "kind", "seen", "used", "why", "next"]
        ui.tables.table(told[columns], "Events and whether they are used")
        ui.tables.frame_download(told, f"demand-events-{frame.as_of}")
        country, own = st.columns(2, vertical_alignment="bottom")
        country.text_input(
            "Public holidays of", key="demand_country", persist_state="session",
            placeholder=calendar.country or "Country code, as in DE or CN",
            help="By default the country with most revenue.",
        )  # fmt: skip
        upload = own.file_uploader(
            "Own dates (CSV with the columns event and day)", type="csv", key="demand_own_file",
            help="A trade fair, a shop’s birthday: past ones and those to come.",
        )  # fmt: skip
        dates = own_dates(upload.getvalue()) if upload else ()
        if dates != st.session_state.get("demand_own_dates", ()):
            st.session_state["demand_own_dates"] = dates
            st.rerun()


def own_dates(content: bytes) -> Own:
    """Events and their days of an uploaded file.

    Raises:
        AnalyticsError: It has not the two columns, or a day cannot be read.
    """
    try:
        frame = pd.read_csv(io.BytesIO(content), dtype=str, encoding="utf-8-sig").dropna(how="all")
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise AnalyticsError(
            "The file of own dates cannot be read.", "Save it as CSV with UTF-8 text."
        ) from error
    frame.columns = [str(name).strip().lower() for name in frame.columns]
    if not set(OWN_COLUMNS) <= set(frame.columns):
        raise AnalyticsError(
            "The file of own dates lacks a column.", "Give it the columns event and day."
        )
    days = pd.to_datetime(frame["day"], errors="coerce", format="%Y-%m-%d")
    if days.isna().any():
        wrong = frame["day"][days.isna()].iloc[0]
        raise AnalyticsError(f"“{wrong}” is no day.", "Write days like 2026-03-01.")
    frame = frame.assign(day=[moment.date() for moment in days])
    by_name: Any = frame.dropna(subset=["event"]).groupby("event")["day"].apply(tuple)
    return tuple((str(name), days) for name, days in by_name.items())


def _days(periods: "pd.Series[Any]") -> pd.DatetimeIndex:
    """The first day of each period."""
    return pd.PeriodIndex(periods).start_time


def _drawn(y: "pd.Series[float]") -> pd.DataFrame:
    return pd.DataFrame({"day": pd.PeriodIndex(y.index).start_time, "value": y.to_numpy()})


def _year_before(
    y: "pd.Series[float]", points: pd.DataFrame, asked: Asked
) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """What the same periods sold a year before; NaN where the data do not reach back."""
    wanted = pd.PeriodIndex(points["period"]) - A_YEAR[asked.series.freq]
    return np.asarray(y.reindex(wanted), dtype=np.float64)


def _last_year(y: "pd.Series[float]", points: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """Last year's line beside the forecast and the year before it."""
    shift = A_YEAR[asked.series.freq]
    index = pd.period_range(pd.PeriodIndex(y.index)[-1] - shift // 2, points["period"].iloc[-1])
    values = y.reindex(index - shift)
    found = pd.DataFrame({"day": index.start_time, "value": values.to_numpy(dtype=float)})
    return found.dropna()
