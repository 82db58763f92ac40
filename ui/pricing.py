"""Prices as the page shows them: whether demand answers, the best price seen, a test otherwise."""

from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

import ui
import ui.stock
import ui.tables
from analytics import charts, pricing

BY: dict[str, str] = {"product": "Products", "category": "Categories"}
MONEY = pd.ArrowDtype(pa.decimal128(18, 2))


def show(frame: ui.Frame) -> None:
    """Everything on prices."""
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    by: Any = row.segmented_control(
        "Look at", list(BY), default="product", required=True, format_func=BY.__getitem__,
        key="price_by", persist_state="session", width="content",
    )  # fmt: skip
    found = _found(frame.store.version, str(frame.as_of), by, frame)
    if by == "product":
        names = _names(found.table)
        key = row.selectbox(
            "Product", list(names), format_func=names.__getitem__, key="price_product", width=420,
            help="Those whose own prices tell come first.",
        )  # fmt: skip
        st.markdown(f"{found.verdict}")
        with ui.errors_shown():
            _one(frame, found, str(key))
    else:
        st.markdown(f"**{found.verdict}**")
    st.caption(pricing.GUARD)
    st.subheader("All products" if by == "product" else "All categories", anchor=False)
    ui.tables.table(_shown(found.table, by), "Elasticities")
    ui.tables.frame_download(found.table, f"elasticities-{by}-{frame.as_of}")
    ui.tables.explain(
        "Elasticity −2 means: 1% dearer sells 2% less. The logarithm of weekly units is set "
        "against the logarithm of the price before discounts, beside the units of all other "
        "products that week, the share sold with a discount or coupon, trend and season. Weeks "
        "of one price stand together when its error is reckoned. It is told only where a price "
        "had at least three levels, moved by 8% or more, in 26 weeks or more, and not only with "
        "promotions, discounts, season or time; estimates of five products or more are drawn "
        "towards their mean. Curves end at the lowest and the highest price seen. Revenue and "
        "profit are after the discounts usual in the last 13 weeks; taxes in the price count as "
        "revenue.",
        "After Cameron & Miller (2015), DerSimonian & Laird (1986).",
        "price_weeks",
    )


@st.cache_data(max_entries=10, show_spinner="Comparing weeks and prices …")
def _found(
    version: str,  # noqa: ARG001
    day: str,  # noqa: ARG001
    by: Any,
    _frame: ui.Frame,
) -> pricing.Elasticities:
    return pricing.elasticity(_frame.store, by, _frame.as_of)


def _names(table: pd.DataFrame) -> dict[str, str]:
    """What products are called, with a mark where prices tell and the id where names repeat."""
    twice = table["name"].duplicated(keep=False)
    return {
        str(key): f"{name} ({key})" if again else str(name)
        for key, name, again in zip(table["key"], table["name"], twice, strict=True)
    }


def _one(frame: ui.Frame, found: pricing.Elasticities, key: str) -> None:
    """One product: its curve and best price, or the test that would tell."""
    row = found.of(key)
    if row["identified"]:
        _known(frame, found, key)
    else:
        st.info(
            f"**{ui.plain(str(row['name']))}: how demand answers is not known.** {row['why']}",
            icon=":material/help:",
        )
        _test(frame, found, key)


def _known(frame: ui.Frame, found: pricing.Elasticities, key: str) -> None:
    row = found.of(key)
    curve = pricing.curve(found, key, frame.currency)
    answers = (
        f"1% dearer sells **{-row['elasticity']:.1f}% less** ({-row['hi']:.1f} to {-row['lo']:.1f})"
        if row["hi"] < 0
        else f"no clear effect of price (elasticity {row['lo']:.1f} to {row['hi']:.1f})"
    )
    st.markdown(
        f"**{ui.plain(str(row['name']))}**: {answers}, from {row['why']} "
        f"**{ui.plain(curve.verdict)}**"
    )
    st.plotly_chart(
        charts.price_curve(
            curve.points, curve.goal, curve.price_now, curve.best_price, frame.currency
        ),
        key="price_curve",
        alt=f"{curve.goal.capitalize()} a week at each price seen, with its band",
    )  # fmt: skip
    st.caption(
        f"In 80 of 100 cases the best price seen lies from {frame.money(curve.best_lo)} to "
        f"{frame.money(curve.best_hi)}."
        + ("" if curve.goal == "profit" else " Without its cost, revenue is shown, not profit.")
    )
    ui.tables.frame_download(curve.points, f"price-curve-{key}", "Download this curve")
    with st.expander("Sell what lies too long", icon=":material/sell:"):
        line = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
        too_many = ui.stock.overstock_units(frame, key)
        units = line.number_input(
            "Units too many", 1, None, too_many or 100, width=180,
            key=f"markdown_units_{key}",
            help=f"The Stock tab counts {too_many:,} beyond what is needed.",
        )  # fmt: skip
        weeks = line.number_input(
            "Gone within weeks", 1, 104, 8, key="markdown_weeks", width=180
        )  # fmt: skip
        sale = pricing.markdown(found, key, float(units), int(weeks), frame.currency)
        st.markdown(f"**{ui.plain(sale.verdict)}**")
        money = ["price", "revenue", "profit", "extra_revenue"]
        shown = sale.options.round({"units_a_week": 1, "weeks_to_sell": 1, "sold": 0})
        shown[money] = shown[money].round(2).astype(MONEY)
        ui.tables.table(shown, "Markdowns")
        ui.tables.frame_download(sale.options, f"markdown-{key}")


def _test(frame: ui.Frame, found: pricing.Elasticities, key: str) -> None:
    """The smallest test that would tell."""
    detect = st.slider(
        "Weakest answer to be told: 1% dearer sells so many per cent less", 0.5, 3.0, 1.0, 0.1,
        key="price_detect", persist_state="session", width=420,
        help="At 1, what a price rise brings by unit it loses by units: revenue stays the same.",
    )  # fmt: skip
    test = pricing.price_test(found, key, detect)
    st.markdown(f"**{ui.plain(test.verdict)}**")
    if not test.options.empty:
        options = pd.DataFrame(
            {
                "prices_apart": [f"± {swing:.0%}" for swing in test.options["swing_share"]],
                "prices": test.options["prices"],
                "weeks": test.options["weeks"],
                "weakest_elasticity_told": -test.options["detectable"].round(2),
            }
        )
        st.caption("Wider steps need fewer weeks; without weeks, a year would not do.")
        ui.tables.table(options, "Price tests")
        ui.tables.frame_download(options, f"price-tests-{key}")
    if len(test.schedule):
        with st.expander("Which price in which week", icon=":material/calendar_month:"):
            schedule = test.schedule.assign(
                from_day=pd.to_datetime(test.schedule["from_day"]),
                price=test.schedule["price"].astype(MONEY),
            )
            ui.tables.table(schedule, "Weeks of the price test")
            ui.tables.frame_download(test.schedule, f"price-test-{key}-{frame.as_of}")


def _shown(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """The table as the page shows it."""
    shown = pd.DataFrame(
        {
            by: table["name"],
            "known": table["identified"],
            "elasticity": table["elasticity"].round(2),
            "at_least": table["lo"].round(2),
            "at_most": table["hi"].round(2),
            "why": table["why"],
            "prices": table["prices"],
            "price_now": table["price_now"].round(2).astype(MONEY),
            "units_a_week": table["units_a_week"].round(1),
        }
    ).rename(columns={"known": "can_be_told", "at_least": "from", "at_most": "to"})
    return shown.drop(columns=["price_now"]) if by == "category" else shown
