"""Demand by category, product and the like, and days on which a product was out of stock."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

import ui
import ui.tables
from analytics import forecast
from ui import plain
from ui.demand import A_YEAR, BY, Asked
from ui.demand_agreed import Wanted, held, key_of, sold, whole, work

PARTS: dict[forecast.By, str] = {
    "category": "Categories", "product": "Products", "brand": "Brands", "channel": "Channels",
    "country": "Countries",
}  # fmt: skip
UNASKED = 30
"""More parts than this are forecast only when asked for, with a bar and a Cancel."""
SHORT = {"combined": "Best combination", "tsb": "For rare sales", "sba": "For rare sales"}
SURE, FAIR = 0.15, 0.4
"""Up to these shares of the forecast its ± makes it a sure, or a fair one."""


def show(frame: ui.Frame, asked: Asked) -> None:
    """A row a part: what will sell, how sure, against last year; a row leads to its forecast."""
    by: Any = st.segmented_control(
        "Table of", list(PARTS), default="category", required=True, key="demand_parts_by",
        persist_state="session", format_func=PARTS.__getitem__,
    )  # fmt: skip
    found = sold(frame, by, asked.series.freq, asked.measure)
    wanted = Wanted(by, found.freq, asked.measure, asked.horizon, asked.method)
    agreed = held(frame, wanted)
    if agreed is None:
        if running := st.session_state.get("job"):
            ui.show_job(running)
            return
        _offer(frame, found, asked, wanted)
        return
    made = agreed.many
    table = _table(frame, made, found, asked)
    best = table.dropna(subset=["against_last_year_share"])
    if len(best):
        most = best.sort_values("against_last_year_share", ascending=False).iloc[0]
        st.markdown(
            f"**{plain(str(most['part']))}** grows most: "
            f"**{most['against_last_year_share']:+.0%}** against last year over the next "
            f"{asked.ahead}."
        )
    st.caption(
        f"{_together(frame, agreed, wanted, asked)} The largest forecast comes first. Select a row "
        "to see its course."
    )
    st.session_state["demand_listed"] = (by, table["key"].tolist())
    ui.tables.table(
        table.drop(columns="key"), f"Forecast of {PARTS[by].lower()}", on_select=_drill,
        selection_mode="single-row", key="demand_rows",
    )  # fmt: skip
    if made.left_out:
        st.caption(plain(made.left_out))
    left, right = st.columns(2)
    with left:
        ui.tables.frame_download(table, f"demand-by-{by}-{frame.as_of}")
    with right:
        ui.tables.frame_download(
            _all_series(made, found), f"demand-series-by-{by}-{frame.as_of}",
            "Download all series, past and forecast",
        )  # fmt: skip
    with st.expander("How each kind of series is forecast", icon=":material/rule:"):
        st.caption(
            "Tried on the past on what is left without events and the season of the year. The best "
            f"combination is the {forecast.LABELS['combined'].lower().replace('arima', 'ARIMA')}."
        )
        classes = made.classes.assign(method=made.classes["method"].map(forecast.LABELS))
        classes["within_8_of_10_share"] = classes.pop("coverage_80")
        classes["within_19_of_20_share"] = classes.pop("coverage_95")
        classes["error_against_rule_share"] = classes.pop("error_ratio")
        shown = ["kind", "series", "method", "error_against_rule_share", "within_8_of_10_share",
                 "within_19_of_20_share", "verdict"]  # fmt: skip
        ui.tables.table(classes[shown], "Kinds of series")
        ui.tables.frame_download(classes[shown], f"demand-kinds-by-{by}-{frame.as_of}")


def _offer(frame: ui.Frame, found: forecast.Series, asked: Asked, wanted: Wanted) -> None:
    """Begin forecasting all parts: at once where they are few, else when asked."""
    parts, key = PARTS[wanted.by].lower(), key_of(frame, wanted)
    st.caption(f"{len(found.names):,} {parts} over the next {asked.ahead}.")
    # What failed once would fail again: it is tried anew only when asked.
    tried = st.session_state.get("demand_many_tried") == key
    unasked = len(found.names) <= UNASKED and not tried
    if unasked or st.button(
        f"Forecast all {len(found.names):,} {parts}", type="primary", icon=":material/play_arrow:"
    ):
        st.session_state["demand_many_tried"] = key
        ui.start(work(frame, wanted))


def _together(frame: ui.Frame, agreed: forecast.Agreed, wanted: Wanted, asked: Asked) -> str:
    """What the parts come to, and how sure that is."""
    if not agreed.adds_up:
        return agreed.note
    total = whole(frame, wanted)[0].total()
    sums = agreed.many.table["total"].sum()
    how = f" {agreed.note}" if wanted.by == "product" else ""
    return (
        f"Together {sums:,.2f} {asked.currency}".strip() + ": the forecast of the whole shop. In 8 "
        f"of 10 cases it lies between {asked.amount(total['lo80'])} and "
        f"{asked.amount(total['hi80'])}, which is not the sum of its parts’ ranges.{how}"
    )


def _table(
    frame: ui.Frame, made: forecast.Many, found: forecast.Series, asked: Asked
) -> pd.DataFrame:
    rows = made.table
    year = A_YEAR[found.freq]
    last = found.frame["period"].max()
    since, until = last + 1 - year, last + asked.horizon - year
    inside = found.frame[found.frame["period"].between(since, until)]
    counted = inside.groupby("series")["value"].agg(["sum", "count"])
    before = rows["series"].map(counted["sum"].where(counted["count"] == asked.horizon))
    reach = (rows["total_hi80"] - rows["total"]) / rows["total"].where(rows["total"] > 0)
    table = pd.DataFrame(
        {
            "key": rows["series"],
            "part": rows["series"].map(found.names),
            "forecast": rows["total"],
            "low_8_of_10": rows["total_lo80"],
            "high_8_of_10": rows["total_hi80"],
            "against_last_year_share": rows["total"] / before.where(before > 0) - 1,
            "against_before_share": rows["growth"],
            "confidence": np.select(
                [reach <= SURE, reach <= FAIR, reach > FAIR], ["good", "fair", "low"], "none"
            ),
            "method": rows["method"].map(lambda method: SHORT.get(method, forecast.LABELS[method])),
        }
    )
    if found.by == "product":
        known = frame.store.query("demand_products").set_index("product_id")["category"]
        table.insert(2, "category", table["key"].map(known))
    return table


def _drill() -> None:
    """Show the forecast of the row that was chosen."""
    rows = st.session_state["demand_rows"].selection.rows
    by, keys = st.session_state["demand_listed"]
    if rows and rows[0] < len(keys):
        st.session_state["demand_by"] = by
        st.session_state[f"demand_part_{by}"] = keys[rows[0]]
        st.session_state["demand_tab"] = "Forecast"


def _all_series(made: forecast.Many, found: forecast.Series) -> pd.DataFrame:
    """Every part's history and forecast, a row a part and period."""
    past = found.frame.rename(columns={"value": "sold"})
    both = pd.concat([past, made.points.rename(columns={"mean": "forecast"})], ignore_index=True)
    both = both.sort_values(["series", "period"], kind="stable")
    both.insert(1, "name", both["series"].map(found.names))
    both["period"] = pd.PeriodIndex(both["period"]).start_time.strftime("%Y-%m-%d")
    return both.rename(columns={"period": "start"})


@st.cache_data(max_entries=10, show_spinner=False)
def _suspected(version: str, as_of: date, _frame: ui.Frame) -> pd.DataFrame:  # noqa: ARG001
    return forecast.suspected_stock_outs(_frame.store, as_of)


def stock_outs(frame: ui.Frame, asked: Asked) -> None:
    """Days without a sale that look like an empty shelf, and marks by hand."""
    found = _suspected(frame.store.version, frame.as_of, frame)
    open_ones = found[~found["marked"]]
    if found.empty and asked.series.by != "product":
        return
    title = f"Out of stock: {len(open_ones):,} suspected" if len(open_ones) else "Out of stock"
    with st.expander(title, icon=":material/production_quantity_limits:"):
        st.caption(
            "Days without a sale count as nothing sold, unless the product was out of stock: then "
            "they are not known, and do not lower its forecast. These runs of days look like an "
            "empty shelf; nothing is marked until you do. Days without stock in a file of stock "
            "levels count as out of stock by themselves."
        )
        if len(found):
            ui.tables.table(
                found.assign(lost_revenue=found["lost_revenue"].round()),
                "Suspected days out of stock",
            )
            ui.tables.frame_download(found, f"out-of-stock-{frame.as_of}")
        row: Any
        for row in open_ones.head(5).itertuples(index=False):
            name = row.name if isinstance(row.name, str) else row.product_id
            said = f"{ui.day(row.first_day.date())} to {ui.day(row.last_day.date())}"
            if st.button(
                f"Mark {plain(name)} as out of stock, {said}", key=f"mark_{row.product_id}_{said}",
                icon=":material/check:",
            ):  # fmt: skip
                forecast.mark_out_of_stock(
                    frame.store, row.product_id, row.first_day.date(), row.last_day.date()
                )
                st.rerun()
        if asked.series.by == "product":
            _by_hand(frame, asked)
        else:
            st.caption(f"To mark other days, choose {BY['product']} and the product above.")


def _by_hand(frame: ui.Frame, asked: Asked) -> None:
    row = st.container(horizontal=True, vertical_alignment="bottom")
    no_days: Any = ()  # an empty pair: nothing is chosen yet
    chosen: Any = row.date_input(
        f"{plain(asked.name)} was out of stock", no_days, max_value=frame.as_of,
        key="demand_out_days", width=260,
    )  # fmt: skip
    if row.button("Mark these days", disabled=len(chosen) != 2):
        forecast.mark_out_of_stock(frame.store, asked.key, *chosen)
        st.rerun()
    if row.button("Take its marks away"):
        forecast.unmark_out_of_stock(frame.store, asked.key)
        st.rerun()
