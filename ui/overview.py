"""What the Overview shows: the figures as cards, and what revenue is made of."""

from datetime import date

import pandas as pd
import streamlit as st

import ui
from analytics import overview
from analytics.store import Store, frame_csv

MISSING = "–"
MOST_ROWS = 10
PARTS: dict[overview.By, tuple[str, str]] = {
    "category": ("Categories", "Import a product file with categories on the Data page"),
    "product": ("Products", "Import an order file with a product column on the Data page"),
    "channel": ("Channels", "Import an order file with a channel column on the Data page"),
}
"""Each tab's name, and what to do where the data do not tell of it."""
HELP = {
    "revenue": "All order lines that count, less returns and refunds.",
    "orders": "Orders placed in the period. Returns are no orders.",
    "average_order_value": "Revenue divided by orders.",
    "customers": "Known customers who placed an order in the period; guests are not among them.",
    "new_customers": "Customers whose first order of all lies in the period.",
    "returning_customers": "Customers who had ordered before the period and did again in it.",
    "repeat_rate": "Of the period's customers, the share with at least two orders by its end.",
}


@st.cache_data(show_spinner="Adding up …", max_entries=64)
def figures(
    _store: Store,
    version: str,  # noqa: ARG001  # part of the key: an import makes what is held stale
    from_day: date,
    until_day: date,
    every: overview.Every | None,
    unit: str,
) -> tuple[overview.Summary, pd.DataFrame, list[str]]:
    """The period beside earlier ones, its steps, and what happened in sentences."""
    found = overview.summary(_store, from_day, until_day)
    steps = overview.over_time(_store, from_day, until_day, every)
    said = overview.sentences(found, overview.leading_parts(_store, found), unit)
    return found, steps, said


@st.cache_data(show_spinner="Adding up …", max_entries=64)
def best_parts(
    _store: Store,
    version: str,  # noqa: ARG001  # part of the key: an import makes what is held stale
    found: overview.Summary,
    by: overview.By,
) -> pd.DataFrame:
    """The best parts of a period, all others in one row."""
    return overview.parts(_store, found, by, MOST_ROWS)


def cards(frame: ui.Frame, found: overview.Summary, steps: pd.DataFrame) -> None:
    """The seven figures, each with its course and its change against both earlier periods."""
    now = found.now
    shown = {
        "revenue": (frame.in_unit("Revenue"), f"{now.revenue:,.2f}"),
        "orders": ("Orders", f"{now.orders:,}"),
        "average_order_value": (frame.in_unit("Average order"), f"{now.average_order_value:,.2f}"),
        "customers": ("Customers", f"{now.customers:,}"),
        "new_customers": ("New customers", f"{now.new_customers:,}"),
        "returning_customers": (
            "Returning customers",
            f"{now.returning_customers:,}" if now.from_day > found.first_day else MISSING,
        ),
        "repeat_rate": ("Repeat rate", f"{now.repeat_rate:.1%}"),
    }
    whole = steps[steps["complete"]]
    row = st.container(horizontal=True)
    for measure, (name, value) in shown.items():
        course = whole[measure].astype(float)
        change = found.change(measure)
        card = row.container(border=True, width=226, gap="xxsmall")
        card.metric(
            name, MISSING if value.startswith("nan") else value, changed(change, measure),
            help=HELP[measure],
            delta_description="vs year before" if found.is_a_year else "vs before",
            delta_color="normal" if tells(change) else "off",
            delta_arrow="auto" if tells(change) else "off",
            chart_data=course.where(course.notna(), None).tolist() if len(course) > 1 else None,
        )  # fmt: skip
        if not found.is_a_year:
            year = found.change(measure, "year_before")
            colour = "gray" if not tells(year) else "green" if year > 0 else "red"
            card.caption(f":{colour}[**{changed(year, measure)}**] vs a year earlier")


def before(found: overview.Summary) -> str:
    """What the period before is called."""
    days = found.now.length.days
    name = "day" if days == 1 else f"{days:,} days"
    return "year before" if found.is_a_year else f"{name} before"


def tells(change: float) -> bool:
    """Whether there is a change to speak of."""
    return abs(change) >= 0.0005


def changed(change: float, measure: str) -> str:
    """A change as people write it, or a dash where it cannot be said.

    >>> changed(-0.0312, "revenue"), changed(0.0312, "repeat_rate"), changed(1.5, "orders")
    ('-3.1%', '+3.1 pts', '+150%')
    """
    if change != change:
        return MISSING
    if not tells(change):
        return "unchanged"
    if measure == "repeat_rate":
        return f"{change * 100:+,.1f} pts"
    return f"{change:+,.{0 if abs(change) >= 1 else 1}%}"


def comparisons(found: overview.Summary) -> str:
    """Which days the changes are against, and why some cannot be said."""
    named = [(f"the {before(found)}", found.before)]
    if not found.is_a_year:
        named.append(("a year earlier", found.year_before))
    there = [
        f"{name}, {ui.day(one.from_day)} to {ui.day(one.until_day - overview.DAY)}"
        for name, one in named
        if one
    ]
    missing = [name for name, one in named if not one]
    begin = f"the data begin on {ui.day(found.first_day)}"
    said = [f"Compared with {'; and with '.join(there)}."] if there else []
    if missing:
        said.append(f"No comparison with {' or '.join(missing)}: {begin} and do not reach back.")
    if any(one and not found.has_history(one) for _, one in named):
        said.append(
            "Who was new or returning in the earlier days cannot be told well enough to compare, "
            f"as {begin}."
        )
    return " ".join(said)


def parts(frame: ui.Frame, found: overview.Summary, by: overview.By) -> None:
    """The best parts, all others in one row, and the complete table to download."""
    rows = best_parts(frame.store, frame.store.version, found, by)
    if rows["part"].isna().all():
        st.info(
            f"The data do not say which {by} a sale belongs to. {PARTS[by][1]}, and this table "
            "shows what each brought.",
            icon=":material/lightbulb:",
        )
        return
    columns = ["label", "revenue", "revenue_share", "change", "orders", "units"]
    if found.base is None:
        columns.remove("change")
    if rows["units"].isna().all():
        columns.remove("units")
    table(rows[columns], f"{PARTS[by][0]} by revenue", {"label": by.capitalize()})
    st.caption(
        f"Together {frame.money(found.now.revenue)}, the revenue above. An order with several "
        f"{PARTS[by][0].lower()} counts in each of their rows."
    )
    name = PARTS[by][0].lower()
    st.download_button(
        f"Download all {name}", lambda: frame_csv(overview.parts(ui.store(), found, by, None)),
        f"{name}-{found.now.from_day}-{found.now.until_day - overview.DAY}.csv", "text/csv",
        on_click="ignore", icon=":material/download:", key=f"download_{by}",
    )  # fmt: skip


LABELS: dict[str, str] = {
    "revenue": "Revenue", "revenue_share": "Share", "change": "Change", "orders": "Orders",
    "units": "Units", "start": "From", "average_order_value": "Average order",
    "customers": "Customers", "new_customers": "New", "returning_customers": "Returning",
    "repeat_rate": "Repeat rate", "complete": "Complete",
}  # fmt: skip


def table(rows: pd.DataFrame, alt: str, labels: dict[str, str] | None = None) -> None:
    """A table of figures: money with two decimals, shares and changes in per cent."""
    numbers = st.column_config.NumberColumn
    labels = LABELS | (labels or {})
    shown, config = rows.copy(), {}
    for name in rows.columns:
        if name in ("revenue", "average_order_value"):
            shown[name] = rows[name].astype(float)
            config[name] = numbers(labels[name], format="%,.2f", width=98)
        elif name in ("revenue_share", "repeat_rate", "change"):
            shown[name] = rows[name] * 100
            form = "%+,.1f%%" if name == "change" else "%.1f%%"
            config[name] = numbers(labels[name], format=form, width=72)
        elif pd.api.types.is_numeric_dtype(rows[name]) and rows[name].dtype != bool:
            config[name] = numbers(labels[name], format="localized", width=66)
        else:
            width = 165 if name == "label" else None
            config[name] = st.column_config.Column(labels[name], width=width)
    st.dataframe(
        shown, column_config=config, alt=alt, hide_index=True, placeholder=MISSING,
        height="content" if len(rows) <= MOST_ROWS + 1 else "auto",
    )  # fmt: skip
