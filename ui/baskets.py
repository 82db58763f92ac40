"""Baskets as the page shows them: rules and the people they lead to."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

import ui
import ui.tables
from analytics import basket, charts
from analytics.errors import NotEnoughDataError
from ui import plain

BY: dict[basket.By, str] = {"product_id": "Products", "category": "Categories"}
LIST_COLUMNS = ["customer_id", "name", "email", "phone", "orders_with", "last_bought_day"]
IN_CHART = 8


@dataclass(frozen=True)
class Chosen:
    """What the page was asked, and what there is.

    Attributes:
        by: Products or categories.
        least: The fewest orders that hold a rule.
        share: The smallest share of the orders with the first that hold the second, 0 to 1.
        size: The most items of a rule.
        largest: The most different items of an order that counts; nothing where all do.
        orders: How many orders say what was bought.
        names: What each item is called, the best seller first.
    """

    by: basket.By
    least: int
    share: float
    size: int
    largest: int | None
    orders: int
    names: dict[str, str]

    def all_of(self, items: tuple[str, ...]) -> str:
        """Several items by name."""
        return " and ".join(self.names.get(item, item) for item in items)


def choose(frame: ui.Frame) -> Chosen:
    """The page's inputs; what is usual follows from the number of orders."""
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    by: Any = row.segmented_control(
        "Compare", list(BY), default="product_id", required=True, format_func=BY.__getitem__,
        key="baskets_by", persist_state="session", width="content",
    )  # fmt: skip
    orders, names = _offered(frame.store.version, str(frame.as_of), by, frame)
    if not orders:
        raise NotEnoughDataError(
            f"No order says which {'product' if by == 'product_id' else 'category'} was bought.",
            "Map the product column of the order file on the Data page"
            + ("." if by == "product_id" else ", and import a product file with categories."),
        )
    least = row.number_input(
        "Fewest orders with both", 2, None, basket.least_of(orders, None),
        key=f"baskets_least_{by}", persist_state="session",
        help="Fewer orders find more, but also more that is luck.", width=190,
    )  # fmt: skip
    percent = row.slider(
        "Of 100 orders with one, fewest with the other", 1, 100, 5,
        key="baskets_share", persist_state="session", width=330,
        help="Of 100 orders with the first product, at least so many must hold the second.",
    )  # fmt: skip
    size = row.segmented_control(
        "Together", [2, 3], default=2, required=True, key="baskets_size",
        persist_state="session", format_func=lambda many: {2: "Two", 3: "Up to three"}[many],
        width="content",
    )  # fmt: skip
    with row.popover("Very large orders", icon=":material/tune:"):
        largest = st.number_input(
            "Leave out orders of more than so many different items", 2, None, None,
            key="baskets_largest", persist_state="session", placeholder="None is left out",
            help="A wholesaler’s order of everything says little about what goes together.",
        )  # fmt: skip
    return Chosen(by, int(least), percent / 100, int(size or 2), largest, orders, names)


@st.cache_data(max_entries=20, show_spinner=False)
def _offered(
    version: str,  # noqa: ARG001
    day: str,  # noqa: ARG001
    by: basket.By,
    _frame: ui.Frame,
) -> tuple[int, dict[str, str]]:
    """How many orders say what was bought, and what the items are called."""
    store, as_of = _frame.store, _frame.as_of
    lines = {"lines": basket.keep(store, by, as_of)}
    orders, items, _ = store.query("basket_count", tables=lines).iloc[0].astype(int)
    ranked = store.query("basket_items", tables=lines, limit=max(int(items), 1))["item"]
    if by == "category":
        return int(orders), {item: item for item in ranked}
    sold = store.query("basket_products", from_day=None, until_day=as_of)
    known = sold.set_index("product_id")["name"].dropna()
    twice = set(known[known.duplicated(keep=False)])
    names = {item: f"{name} ({item})" if name in twice else name for item, name in known.items()}
    return int(orders), {item: names.get(item, item) for item in ranked}


@st.cache_data(max_entries=20, show_spinner="Counting what was bought together …")
def _found(
    version: str,  # noqa: ARG001
    day: str,  # noqa: ARG001
    asked: tuple[Any, ...],
    _frame: ui.Frame,
) -> tuple[pd.DataFrame, str]:
    """The rules, those that hold on later weeks marked, and how many do."""
    by, least, share, size, largest = asked
    store, as_of = _frame.store, _frame.as_of
    rules = basket.rules(
        store, None, share, size, by, until_day=as_of, min_count=least, largest_basket=largest
    )
    adds = rules["adds_p_value"].isna() | (rules["adds_p_value"] <= basket.LEVEL)
    rules = rules[(rules["lift"] > 1) & adds].reset_index(drop=True)
    if rules.empty:
        return rules, ""
    try:
        judged = basket.confirm(store, rules, by=by, until_day=as_of, largest_basket=largest)
    except NotEnoughDataError as error:
        return rules.assign(confirmed=False), str(error)
    shown = judged.rules.sort_values("confirmed", ascending=False, kind="stable")
    return shown.reset_index(drop=True), judged.sentence


def found(frame: ui.Frame, chosen: Chosen) -> pd.DataFrame:
    """Say what goes together most clearly, show it, and return the rules.

    Returns:
        What `basket.confirm` returns of those above chance, those that hold on later weeks first.

    Raises:
        AnalyticsError: Nothing can go together, or there is too much to count.
    """
    asked = (chosen.by, chosen.least, chosen.share, chosen.size, chosen.largest)
    rules, sentence = _found(frame.store.version, str(frame.as_of), asked, frame)
    if rules.empty:
        st.info(
            f"Nothing was bought together in at least {chosen.least:,} orders and more often than "
            "by chance. Ask for fewer orders, or a smaller share.",
            icon=":material/info:",
        )
        return rules
    first = rules.iloc[0]
    st.markdown(
        f"Of the orders with **{plain(chosen.all_of(first['antecedent']))}**, "
        f"**{first['confidence']:.0%}** also hold "
        f"**{plain(chosen.all_of((first['consequent'],)))}**: **{first['lift']:.1f} times** what "
        f"chance would give, in {first['count']:,} of {chosen.orders:,} orders. {sentence}"
    )
    sets = [
        tuple(sorted((*before, after)))
        for before, after in zip(rules["antecedent"], rules["consequent"], strict=True)
    ]
    best = rules[~pd.Series(sets).duplicated()].head(IN_CHART)
    st.plotly_chart(
        charts.together(best.assign(label=_labels(best, chosen))), key="together",
        alt="How often the second is bought, with the first and in all orders",
    )  # fmt: skip
    return rules


def _labels(rules: pd.DataFrame, chosen: Chosen) -> list[str]:
    return [
        f"{chosen.all_of(before)} → {chosen.all_of((after,))}"
        for before, after in zip(rules["antecedent"], rules["consequent"], strict=True)
    ]


def pairs(frame: ui.Frame, chosen: Chosen, rules: pd.DataFrame) -> None:
    """The rules as a table; a rule leads to those who have the first and not the second."""
    if rules.empty:
        return
    st.caption(
        "Most useful first, those that hold on later weeks before the others. Select a row to see "
        "who bought the first and never the second."
    )
    shown = pd.DataFrame(
        {
            "bought": [chosen.all_of(each) for each in rules["antecedent"]],
            "also": [chosen.all_of((each,)) for each in rules["consequent"]],
            "holds_later": rules["confirmed"],
            "orders": rules["count"],
            "with_first_share": rules["confidence"],
            "of_all_share": rules["consequent_count"] / chosen.orders,
            "times_chance": rules["lift"].round(1),
        }
    )
    picked = ui.tables.table(
        shown, "What goes together", on_select="rerun", selection_mode="single-row",
        key="basket_rows",
    ).selection.rows  # fmt: skip
    whole = rules.assign(
        antecedent=[" + ".join(each) for each in rules["antecedent"]],
        antecedent_name=shown["bought"], consequent_name=shown["also"],
    )  # fmt: skip
    ui.tables.frame_download(whole, f"baskets-{frame.as_of}")
    if picked and picked[0] < len(rules):
        rule = rules.iloc[picked[0]]
        people_without(frame, chosen, rule["antecedent"], rule["consequent"])


def people_without(frame: ui.Frame, chosen: Chosen, before: tuple[str, ...], after: str) -> None:
    """Those who bought one or two items and never another."""
    ui.tables.people(
        frame, f"{chosen.all_of(before)}, but never {chosen.all_of((after,))}",
        "basket_people", LIST_COLUMNS,
        tables={"lines": basket.keep(frame.store, chosen.by, frame.as_of)},
        order_by="orders_with", item_1=before[0],
        item_2=before[1] if len(before) > 1 else None, without=after,
    )  # fmt: skip
