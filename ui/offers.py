"""Who gets which of several offers, within a budget and other limits."""

import zlib

import pandas as pd
import streamlit as st

import ui
import ui.known
import ui.tables
from analytics import campaign
from ui import plain

LIST_COLUMNS = ["customer_id", "name", "email", "offer", "expected_margin", "cost"]
TEMPLATE = pd.DataFrame(
    {
        "customer_id": ["C0001", "C0001", "C0002"],
        "offer": ["5 off", "Free delivery", "5 off"],
        "expected_margin": [3.2, 2.1, 4.0],
        "cost": [5.0, 3.5, 5.0],
        "propensity": [0.31, 0.22, 0.18],
    }
)
EXPLAINED = (
    "Every customer gets at most one offer. Among all ways to share them out within the limits, "
    "the one with the most expected margin is taken: small cases are solved exactly, large ones "
    "by their linear relaxation, and how far the answer can be from the best is said. The usual "
    "choice beside it takes whoever is likeliest to accept first, or the highest margin where the "
    "file does not say how likely. The expected margin is what an offer is expected to bring in "
    "addition, its own cost taken off already.",
    "0-1 programme, solved by HiGHS (Huangfu & Hall 2018).",
    "offer_people", "offer_list",
)  # fmt: skip
"""How offers are shared out, for the foot of the page."""


def show(frame: ui.Frame, now: ui.known.Known) -> None:
    """Upload what each offer is expected to bring, set the limits, get the list."""
    st.markdown(
        "You have several offers and not enough of each for everyone. Upload what each offer is "
        "expected to bring per customer; this chooses who gets what."
    )
    file = st.file_uploader(
        "File of offers: customer_id, offer, expected_margin, cost, and propensity (0 to 1: how "
        "likely they accept) where it is known",
        ["csv"], max_upload_size=200, key="offers_file", on_change=_uploaded,
    )  # fmt: skip
    ui.tables.frame_download(TEMPLATE, "offers-template", "Download a template")
    if (kept := st.session_state.get("offers_kept")) is None:
        return
    if file is None:
        said, button = st.columns([4, 1], vertical_alignment="center")
        said.caption(f"Still from “{plain(kept[0])}”, uploaded before.")
        button.button("Take it out", icon=":material/close:", width="stretch", on_click=_take_out)
    found = campaign.read_candidates(frame.store, kept[1], now.features)
    if found.frame.empty:
        st.warning("Nobody in this file can get an offer. " + _left_out(found))
        return
    offers = sorted(set(found.frame["offer"]))
    st.caption(f"Customers: {found.customers:,}. Offers: {len(offers):,}. {_left_out(found)}")
    budget, contacts = st.columns(2)
    money = budget.number_input(
        frame.in_unit("Budget"), 0.0, value=None, step=100.0, key="offers_budget",
        placeholder="no limit", persist_state="session",
    )  # fmt: skip
    most = contacts.number_input(
        "Customers to contact at most", 1, value=None, step=100, key="offers_contacts",
        placeholder="no limit", persist_state="session",
    )  # fmt: skip
    st.caption("How many of each offer there are; empty: no limit.")
    stock = st.data_editor(
        pd.DataFrame({"offer": offers, "pieces": pd.array([None] * len(offers), dtype="Int64")}),
        disabled=["offer"], hide_index=True, placeholder="no limit", width="stretch",
        key=f"offers_stock_{zlib.crc32('|'.join(offers).encode())}",
        column_config={
            "offer": "Offer", "pieces": st.column_config.NumberColumn("Pieces", min_value=0, step=1)
        },
    )  # fmt: skip
    limits = {
        str(offer): int(pieces)
        for offer, pieces in zip(stock["offer"], stock["pieces"], strict=True)
        if not pd.isna(pieces)
    }
    with st.spinner("Sharing out the offers …"):
        best = campaign.allocate(
            found.frame, budget=money, stock=limits, contacts=most, unit=frame.currency
        )
    spent = f" The offers cost {frame.money(best.cost)}." if len(best.chosen) else ""
    st.markdown(f"**{plain(best.sentence)}**{spent}")
    first = "likeliest_first" if "propensity" in found.frame else "largest_margin_first"
    by_offer = best.by_offer.rename(
        columns={
            "naive_customers": f"customers_{first}",
            "naive_expected_margin": f"margin_{first}",
        }
    ).round(2)
    ui.tables.table(by_offer, "Customers and expected margin by offer")
    ui.tables.frame_download(by_offer, f"offers-{frame.as_of}")
    if best.chosen.empty:
        return
    ui.tables.people(
        frame, "Offers", "offer_list", LIST_COLUMNS,
        tables={"chosen": campaign.keep_chosen(frame.store, best), "features": now.features},
    )  # fmt: skip


def _left_out(found: campaign.Candidates) -> str:
    """Whom the file names in vain, and why."""
    counts = (
        (found.opted_out, "asked not to be contacted", "asked not to be contacted"),
        (found.unknown, "is not known here", "are not known here"),
        (found.repeated, "record repeats an earlier one", "records repeat earlier ones"),
    )
    said = [f"{count:,} {one if count == 1 else more}" for count, one, more in counts if count]
    return f"Left out: {'; '.join(said)}." if said else ""


def _uploaded() -> None:
    """Keep the file beyond the next change of page; runs before the page does."""
    file = st.session_state["offers_file"]
    st.session_state["offers_kept"] = file and (file.name, file.getvalue())


def _take_out() -> None:
    """Forget the file; runs before the page does."""
    st.session_state["offers_kept"] = None
