"""What follows from baskets: what to add to a cart, what is bought next, what to bundle."""

import pandas as pd
import streamlit as st

import ui
import ui.tables
from analytics import basket
from ui import plain
from ui.baskets import Chosen, people_without

LISTED = 2_000


def cart(frame: ui.Frame, chosen: Chosen) -> None:
    """For a cart typed or chosen: what to add, and how often such advice would have been right."""
    listed = list(chosen.names)[:LISTED]
    held = st.multiselect(
        "In the cart", listed, key=f"cart_{chosen.by}", persist_state="session",
        format_func=lambda item: chosen.names.get(item, item),
        placeholder="Choose what is in the cart",
    )  # fmt: skip
    if len(chosen.names) > LISTED:
        typed = st.text_input(
            "Or their numbers, with commas between", key="cart_typed",
            help=f"The {LISTED:,} best sellers are listed above; any other goes by its number.",
        )  # fmt: skip
        numbers = [part.strip() for part in typed.split(",") if part.strip()]
        if unknown := [number for number in numbers if number not in chosen.names]:
            st.warning(f"Nobody has ordered “{plain(unknown[0])}” yet; it is left aside.")
        held = [*held, *(number for number in numbers if number in chosen.names)]
    if not held:
        st.info("Choose at least one, to see what to add.", icon=":material/shopping_cart:")
    else:
        _to_add(frame, chosen, held)
    with ui.errors_shown():
        rate = _hit_rate(frame.store.version, str(frame.as_of), chosen.by, frame)
        better = rate.hit_rate > rate.best_seller_hit_rate
        st.caption(
            f"How good is this? From {rate.carts:,} orders since {ui.day(rate.split_day)} one item "
            f"was hidden: it was among the ten offered in {rate.hit_rate:.1%} of them, and among "
            f"the ten best sellers in {rate.best_seller_hit_rate:.1%}."
            + ("" if better else " So in this shop the best sellers do as well.")
        )


def _to_add(frame: ui.Frame, chosen: Chosen, held: list[str]) -> None:
    found = basket.complete(frame.store, held, 10, chosen.by, frame.as_of)
    told = found["because_of"].notna()
    if told.any():
        best = found.iloc[0]
        st.markdown(
            f"Offer **{plain(chosen.all_of((best['item'],)))}**: **{best['confidence']:.0%}** of "
            f"the orders with {plain(chosen.all_of((best['because_of'],)))} hold it, against "
            f"{best['order_share']:.1%} of all orders."
        )
    else:
        st.markdown("Nothing clearly goes with this cart, so these are the **best sellers**.")
    shown = pd.DataFrame(
        {
            "offer": [chosen.all_of((item,)) for item in found["item"]],
            "because_of": [
                chosen.all_of((item,)) if known else "best seller"
                for item, known in zip(found["because_of"], told, strict=True)
            ],
            "orders": found["count"],
            "with_that_share": found["confidence"],
            "of_all_share": found["order_share"],
            "times_chance": found["lift"].astype(float).round(1),
        }
    )
    ui.tables.table(shown, "What to add to the cart")
    ui.tables.frame_download(found.assign(name=shown["offer"]), f"cart-{frame.as_of}")


@st.cache_data(max_entries=20, show_spinner="Trying the advice on the last four weeks …")
def _hit_rate(
    version: str,  # noqa: ARG001
    day: str,  # noqa: ARG001
    by: basket.By,
    _frame: ui.Frame,
) -> basket.HitRate:
    """How often the advice would have been right."""
    return basket.hit_rate(_frame.store, 10, by, as_of=_frame.as_of)


@st.cache_data(max_entries=20, show_spinner="Looking at what was bought next …")
def _sequences(
    version: str,  # noqa: ARG001
    day: str,  # noqa: ARG001
    asked: tuple[basket.By, int],
    _frame: ui.Frame,
) -> pd.DataFrame:
    """What is bought after what, more often than expected."""
    by, days = asked
    found = basket.sequences(_frame.store, days, by=by, until_day=_frame.as_of)
    return found[found["lift"] > 1].reset_index(drop=True)


def sequence(frame: ui.Frame, chosen: Chosen) -> None:
    """After x, within so many days, y; a row leads to those who have x and not yet y."""
    days = st.slider("Within so many days", 7, 90, 30, key="sequence_days", persist_state="session")
    found = _sequences(frame.store.version, str(frame.as_of), (chosen.by, days), frame)
    clear = found["q_value"] <= basket.LEVEL
    found = found.assign(clear=clear).sort_values("clear", ascending=False, kind="stable")
    found = found.reset_index(drop=True)
    if found.empty:
        st.info(
            "Nothing was bought after something else by enough customers.", icon=":material/info:"
        )
        return
    if clear.any():
        best = found.iloc[0]
        st.markdown(
            f"After **{plain(chosen.all_of((best['antecedent'],)))}**, "
            f"**{best['confidence']:.0%}** buy **{plain(chosen.all_of((best['consequent'],)))}** "
            f"within {days} days: **{best['lift']:.1f} times** as many as by how much they buy "
            f"anyway. {int(clear.sum()):,} of {len(found):,} such sequences are clear of luck."
        )
    else:
        st.markdown(
            "**Nothing** is bought after something else clearly more often than luck would have it."
        )
    shown = pd.DataFrame(
        {
            "after_buying": [chosen.all_of((item,)) for item in found["antecedent"]],
            "they_buy": [chosen.all_of((item,)) for item in found["consequent"]],
            "clear_of_luck": found["clear"],
            "customers": found["count"],
            "of_customers_share": found["confidence"],
            "times_expected": found["lift"].round(1),
            "days_later": found["mean_days"].round().astype(int),
        }
    )
    st.caption("Select a row to see who bought the first and never the second.")
    picked = ui.tables.table(
        shown, "What is bought next", on_select="rerun", selection_mode="single-row",
        key="sequence_rows",
    ).selection.rows  # fmt: skip
    ui.tables.frame_download(
        found.assign(antecedent_name=shown["after_buying"], consequent_name=shown["they_buy"]),
        f"sequences-{frame.as_of}",
    )
    if picked and picked[0] < len(found):
        row = found.iloc[picked[0]]
        one, other = row["antecedent"], row["consequent"]
        people_without(frame, chosen, (one,), other)


def bundles(frame: ui.Frame, chosen: Chosen, rules: pd.DataFrame) -> None:
    """What two products would bring at a common price."""
    if chosen.by == "category":
        st.info("Bundles are made of products: compare products above.", icon=":material/info:")
        return
    off_box, share_box = st.columns(2)
    off = off_box.slider(
        "Discount on the two together, %", 0, 50, 10, key="bundle_off", persist_state="session"
    )
    share = share_box.slider(
        "Of 100 who buy only one, so many take the bundle", 1, 50, 5, key="bundle_share",
        persist_state="session",
        help="An assumption: no bundle was offered yet. The table says how many it takes at least.",
    )  # fmt: skip
    found = basket.bundles(
        frame.store, off / 100, share / 100, as_of=frame.as_of, largest_basket=chosen.largest
    )
    confirmed = {
        frozenset((*before, after))
        for before, after, holds in zip(
            rules.get("antecedent", []), rules.get("consequent", []), rules.get("confirmed", []),
            strict=True,
        )
        if holds
    }  # fmt: skip
    found["holds_later"] = [
        frozenset(pair) in confirmed for pair in zip(found["first"], found["second"], strict=True)
    ]
    found = found.sort_values("holds_later", ascending=False, kind="stable", ignore_index=True)
    if found.empty:
        st.info("No two products were bought together often enough.", icon=":material/info:")
        return
    best = found.iloc[0]
    has_cost = not pd.isna(best["extra_margin"])
    worth = best["extra_margin"] if has_cost else best["extra_revenue"]
    st.markdown(
        f"**{plain(chosen.all_of((best['first'],)))}** with "
        f"**{plain(chosen.all_of((best['second'],)))}** for "
        f"**{frame.money(best['bundle_price'])}** instead of {frame.money(best['price'])} would "
        f"have brought **{frame.money(worth)}** {'margin' if has_cost else 'revenue'} more in the "
        f"last 12 months, if {share} of 100 who bought only one had taken it. "
        + (
            "No number of them would pay for the discount."
            if pd.isna(best["break_even_share"])
            else f"It pays from {100 * best['break_even_share']:.1f} of 100 on."
        )
    )
    shown = found.assign(
        first=[chosen.all_of((item,)) for item in found["first"]],
        second=[chosen.all_of((item,)) for item in found["second"]],
    )
    columns = ["first", "second", "holds_later", "both_count", "one_count", "price",
               "bundle_price", "extra_revenue", "extra_margin", "break_even_share"]  # fmt: skip
    ui.tables.table(shown[columns], "Bundles")
    ui.tables.frame_download(
        found.assign(first_name=shown["first"], second_name=shown["second"]),
        f"bundles-{frame.as_of}",
    )
